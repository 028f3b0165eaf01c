/* What a suspension or a revocation would cut at this moment. */
#include "cli/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct live_column column[] = {
    {"subject", {"subject", "대상"}, LIVE_TEXT},
    {"sessions", {"sessions that end", "끊기는 접속"}, LIVE_NUMBER},
    {"streams", {"streams that end", "끝나는 영상 송출"}, LIVE_NUMBER},
    {"watching", {"streams not watched any more", "끝나는 영상 열람"}, LIVE_NUMBER},
    {"waiting", {"deliveries that wait on", "계속 대기할 제공"}, LIVE_NUMBER}};

struct reach {
    int64_t sessions, streams, watching, waiting;
};

/* The name behind a word such as "party ", or NULL. */
static const char *behind(const char *subject, const char *word)
{
    return strncmp(subject, word, strlen(word)) == 0 ? subject + strlen(word) : NULL;
}

/* Everything of a list, item by item: `add` takes one, and the number that the list goes on behind.
 */
static int walk(const struct control_print *p, unsigned list, const char *name,
                enum result (*add)(struct cursor *in, const char *name, uint64_t *number,
                                   struct reach *r),
                struct reach *r)
{
    char after[24] = "";
    bool more = true;
    int code = CLI_OK;
    while (code == CLI_OK && more) {
        struct buf frame;
        struct control_answer a;
        struct cursor items;
        uint64_t number = 0;
        code = live_ask_page(p, list, after, &frame, &a, &items);
        for (size_t i = 0; code == CLI_OK && i < a.items; i++)
            if (add(&items, name, &number, r) != RESULT_OK)
                code = live_wrong(p);
        more = code == CLI_OK && a.more && a.items > 0;
        (void)snprintf(after, sizeof after, "%" PRIu64, number);
        buf_free(&frame);
    }
    return code;
}

static enum result add_session(struct cursor *in, const char *name, uint64_t *number,
                               struct reach *r)
{
    struct live_session s;
    char hex[2 * LIVE_DIGEST + 1];
    TRY(live_session_take(in, &s));
    bytes_to_hex(bytes_of(s.certificate, LIVE_DIGEST), hex);
    *number = s.number;
    if (strcmp(hex, name) != 0)
        return RESULT_OK;
    r->sessions++;
    r->streams += s.streams;
    r->watching += s.watchers;
    return RESULT_OK;
}

static enum result add_stream(struct cursor *in, const char *name, uint64_t *number,
                              struct reach *r)
{
    struct live_stream s;
    TRY(live_stream_take(in, &s));
    *number = s.index;
    r->streams += bytes_is(s.clause, name);
    return RESULT_OK;
}

/* A unit's sessions stay, a party's end. */
static int reach_of_units(const struct control_print *p, const char *name, bool is_party,
                          struct reach *r)
{
    struct buf units = BUF_INIT(LIVE_UNITS_MAX);
    struct live_unit sum;
    int code = live_ask_units(p, &units);
    live_count(buf_view(&units), name, &sum);
    r->sessions = is_party ? sum.sessions : 0;
    r->streams = sum.streams;
    r->watching = sum.watchers;
    buf_free(&units);
    return code;
}

static int add_waiting(const struct control_print *p, const char *name, struct reach *r)
{
    char after[CONTROL_SUBJECT_MAX + 1] = "";
    bool more = true;
    int code = CLI_OK;
    while (code == CLI_OK && more) {
        struct buf frame;
        struct control_answer a;
        struct cursor items;
        struct live_party x = {0};
        code = live_ask_page(p, CONTROL_PARTIES, after, &frame, &a, &items);
        for (size_t i = 0; code == CLI_OK && i < a.items; i++) {
            if (live_party_take(&items, &x) != RESULT_OK)
                code = live_wrong(p);
            else if (bytes_is(x.party, name))
                r->waiting = (int64_t)(x.waiting + x.unacknowledged);
        }
        more = code == CLI_OK && a.more && a.items > 0;
        (void)snprintf(after, sizeof after, "%.*s", (int)x.party.n, (const char *)x.party.p);
        buf_free(&frame);
    }
    return code;
}

static int measure(const struct control_print *p, const char *subject, struct reach *r)
{
    const char *name;
    if ((name = behind(subject, "certificate ")) != NULL)
        return walk(p, CONTROL_SESSIONS, name, add_session, r);
    if ((name = behind(subject, "grant ")) != NULL)
        return walk(p, CONTROL_STREAMS, name, add_stream, r);
    if ((name = behind(subject, "unit ")) != NULL)
        return reach_of_units(p, name, false, r);
    if ((name = behind(subject, "party ")) != NULL) {
        const int code = reach_of_units(p, name, true, r);
        return code != CLI_OK ? code : add_waiting(p, name, r);
    }
    cli_error("%s: grant MOU#GRANT, unit PARTY/UNIT, party PARTY or certificate SHA-256", subject);
    return CLI_USAGE;
}

int live_print_reach(const struct control_print *p, const char *subject)
{
    struct reach r = {0};
    int code = measure(p, subject, &r);
    if (code != CLI_OK)
        return code;
    const struct live_value value[] = {{.text = bytes_of_text(subject)},
                                       {.number = r.sessions},
                                       {.number = r.streams},
                                       {.number = r.watching},
                                       {.number = r.waiting}};
    if (p->json) {
        struct buf out = BUF_INIT(4096);
        live_put_json(&out, column, value, ARRAY_LEN(column));
        (void)puts(buf_c(&out));
        buf_free(&out);
        return CLI_OK;
    }
    struct cli_table *t = cli_table_new(2);
    live_lines(t, column, value, ARRAY_LEN(column), p->korean);
    cli_table_print(t, stdout);
    cli_table_free(t);
    return CLI_OK;
}
