/* What a suspension or a revocation would cut at this moment. */
#include "cli/live.h"

#include <stdio.h>
#include <string.h>

static const struct live_column column[] = {
    {"subject", {"subject", "대상"}, LIVE_TEXT},
    {"sessions", {"sessions that end", "끊기는 접속"}, LIVE_NUMBER},
    {"streams", {"streams that end", "끝나는 영상 송출"}, LIVE_NUMBER},
    {"watching", {"streams not watched any more", "끝나는 영상 열람"}, LIVE_NUMBER},
    {"waiting", {"deliveries that wait on", "계속 대기할 제공"}, LIVE_NUMBER}};

struct reach {
    const char *name; /* of what would be cut */
    int64_t sessions, streams, watching, waiting;
};

/* The name behind a word such as "party ", or NULL. */
static const char *behind(const char *subject, const char *word)
{
    return strncmp(subject, word, strlen(word)) == 0 ? subject + strlen(word) : NULL;
}

static enum result add_session(void *reach, struct cursor *items, char after[LIVE_AFTER])
{
    struct reach *r = reach;
    struct live_session s;
    char hex[2 * LIVE_DIGEST + 1];
    TRY(live_session_take(items, &s));
    live_after_number(s.number, after);
    bytes_to_hex(bytes_of(s.certificate, LIVE_DIGEST), hex);
    if (strcmp(hex, r->name) != 0)
        return RESULT_OK;
    r->sessions++;
    r->streams += s.streams;
    r->watching += s.watchers;
    return RESULT_OK;
}

static enum result add_stream(void *reach, struct cursor *items, char after[LIVE_AFTER])
{
    struct reach *r = reach;
    struct live_stream s;
    TRY(live_stream_take(items, &s));
    live_after_number(s.index, after);
    r->streams += bytes_is(s.clause, r->name);
    return RESULT_OK;
}

static enum result add_waiting(void *reach, struct cursor *items, char after[LIVE_AFTER])
{
    struct reach *r = reach;
    struct live_party x;
    TRY(live_party_take(items, &x));
    (void)snprintf(after, LIVE_AFTER, "%.*s", (int)x.party.n, (const char *)x.party.p);
    if (bytes_is(x.party, r->name))
        r->waiting = (int64_t)(x.waiting + x.unacknowledged);
    return RESULT_OK;
}

/* A unit's sessions stay, a party's end. */
static int add_units(const struct control_print *p, bool is_party, struct reach *r)
{
    struct buf units = BUF_INIT(LIVE_UNITS_MAX);
    struct live_unit sum;
    int code = live_ask_units(p, &units);
    live_count(buf_view(&units), r->name, &sum);
    r->sessions = is_party ? sum.sessions : 0;
    r->streams = sum.streams;
    r->watching = sum.watchers;
    buf_free(&units);
    return code;
}

static int measure(const struct control_print *p, const char *subject, struct reach *r)
{
    if ((r->name = behind(subject, "certificate ")) != NULL)
        return live_walk(p, CONTROL_SESSIONS, add_session, r);
    if ((r->name = behind(subject, "grant ")) != NULL)
        return live_walk(p, CONTROL_STREAMS, add_stream, r);
    if ((r->name = behind(subject, "unit ")) != NULL)
        return add_units(p, false, r);
    if ((r->name = behind(subject, "party ")) != NULL) {
        const int code = add_units(p, true, r);
        return code != CLI_OK ? code : live_walk(p, CONTROL_PARTIES, add_waiting, r);
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
    live_print(p, column, value, ARRAY_LEN(column));
    return CLI_OK;
}
