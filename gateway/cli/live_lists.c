/* fedgatectl sessions, streams, incidents, parties: who is connected, what runs, what is open. */
#include "base/status.h"
#include "cli/commands.h"
#include "cli/live.h"

#include <string.h>

/* What a line of a list is made of. */
struct live_line {
    struct live_value value[LIVE_COLUMNS_MAX];
    char key[LIVE_AFTER];        /* that the list goes on behind */
    struct bytes unit;           /* whose it is: party/unit, or a party */
    uint8_t digest[LIVE_DIGEST]; /* that a value points into */
    bool hidden;                 /* unless all are asked for */
};

/* A list: its columns, and how an item is taken; `units` are the connected ones, for parties. */
struct live_list {
    unsigned list;
    const struct live_column *column;
    size_t columns;
    enum result (*take)(struct cursor *in, struct bytes units, struct live_line *out);
};

/* ---- sessions */

static const struct live_column of_sessions[] = {
    {"session", {"session", "접속"}, LIVE_NUMBER},
    {"unit", {"unit", "단위"}, LIVE_TEXT},
    {"address", {"address", "주소"}, LIVE_TEXT},
    {"since", {"since", "시각"}, LIVE_TIME},
    {"queues", {"queues", "수신 큐"}, LIVE_NUMBER},
    {"streams", {"streams", "영상 송출"}, LIVE_NUMBER},
    {"watching", {"watching", "영상 열람"}, LIVE_NUMBER},
    {"certificate", {"certificate (SHA-256)", "인증서(SHA-256)"}, LIVE_HEX}};

static enum result take_sessions(struct cursor *in, struct bytes units, struct live_line *out)
{
    struct live_session s;
    (void)units;
    TRY(live_session_take(in, &s));
    const struct live_value value[] = {
        {.number = (int64_t)s.number}, {.text = s.unit},
        {.text = s.address},           {.number = s.since_us},
        {.number = s.subscribers},     {.number = s.streams},
        {.number = s.watchers},        {.text = bytes_of(out->digest, LIVE_DIGEST)}};
    memcpy(out->digest, s.certificate, LIVE_DIGEST);
    memcpy(out->value, value, sizeof value);
    live_after_number(s.number, out->key);
    out->unit = s.unit;
    return RESULT_OK;
}

/* ---- streams */

static const struct live_column of_streams[] = {
    {"record", {"record", "기록"}, LIVE_NUMBER},   {"unit", {"from", "송신"}, LIVE_TEXT},
    {"since", {"since", "시각"}, LIVE_TIME},       {"watchers", {"watchers", "열람"}, LIVE_NUMBER},
    {"frames", {"frames", "조각"}, LIVE_NUMBER},   {"bytes", {"carried", "전송량"}, LIVE_BYTES},
    {"status", {"status", "구분"}, LIVE_TEXT},     {"clause", {"clause", "조항"}, LIVE_TEXT},
    {"incident", {"incident", "사건"}, LIVE_TEXT}, {"stream", {"stream", "영상"}, LIVE_TEXT}};

static enum result take_streams(struct cursor *in, struct bytes units, struct live_line *out)
{
    struct live_stream s;
    (void)units;
    TRY(live_stream_take(in, &s));
    const struct live_value value[] = {{.number = (int64_t)s.index},
                                       {.text = s.unit},
                                       {.number = s.since_us},
                                       {.number = s.watchers},
                                       {.number = (int64_t)s.frames},
                                       {.number = (int64_t)s.bytes},
                                       {.text = bytes_of_text(status_word(s.status))},
                                       {.text = s.clause},
                                       {.text = s.incident},
                                       {.text = s.id}};
    memcpy(out->value, value, sizeof value);
    live_after_number(s.index, out->key);
    out->unit = s.unit;
    return RESULT_OK;
}

/* ---- incidents */

static const struct live_column of_incidents[] = {
    {"type", {"type", "종류"}, LIVE_TEXT},
    {"status", {"status", "구분"}, LIVE_TEXT},
    {"opened", {"opened", "개시"}, LIVE_TIME},
    {"ended", {"ended", "종료"}, LIVE_TIME},
    {"owner", {"owner", "담당"}, LIVE_TEXT},
    {"participants", {"units", "참여 단위"}, LIVE_NUMBER},
    {"assigned", {"assigned", "배정"}, LIVE_NUMBER},
    {"emergency", {"emergency", "긴급"}, LIVE_FLAG},
    {"incident", {"incident", "사건"}, LIVE_TEXT}};

static enum result take_incidents(struct cursor *in, struct bytes units, struct live_line *out)
{
    struct live_incident i;
    (void)units;
    TRY(live_incident_take(in, &i));
    const struct live_value value[] = {
        {.text = i.type},        {.text = bytes_of_text(status_word(i.status))},
        {.number = i.opened_us}, {.number = i.ended_us},
        {.text = i.owner},       {.number = i.participants},
        {.number = i.assigned},  {.number = i.emergency},
        {.text = i.id}};
    memcpy(out->value, value, sizeof value);
    (void)snprintf(out->key, sizeof out->key, "%.*s", (int)i.id.n, (const char *)i.id.p);
    out->unit = i.owner;
    out->hidden = i.ended_us != 0;
    return RESULT_OK;
}

/* ---- parties: what the ledger knows, and how many sessions the edge has of each */

static const struct live_column of_parties[] = {
    {"party", {"party", "기관"}, LIVE_TEXT},
    {"units", {"units", "단위"}, LIVE_NUMBER},
    {"sessions", {"sessions", "접속"}, LIVE_NUMBER},
    {"streams", {"streams", "영상 송출"}, LIVE_NUMBER},
    {"watching", {"watching", "영상 열람"}, LIVE_NUMBER},
    {"waiting", {"waiting", "대기"}, LIVE_NUMBER},
    {"urgent", {"of them urgent", "그중 긴급"}, LIVE_NUMBER},
    {"unacknowledged", {"unacknowledged", "미확인"}, LIVE_NUMBER},
    {"suspended", {"suspended since", "정지 시각"}, LIVE_TIME}};

static enum result take_parties(struct cursor *in, struct bytes units, struct live_line *out)
{
    struct live_party p;
    char name[IDENT_WORD_MAX + 1];
    struct live_unit sum;
    TRY(live_party_take(in, &p));
    (void)snprintf(name, sizeof name, "%.*s", (int)p.party.n, (const char *)p.party.p);
    live_count(units, name, &sum);
    const struct live_value value[] = {{.text = p.party},
                                       {.number = p.units},
                                       {.number = sum.sessions},
                                       {.number = sum.streams},
                                       {.number = sum.watchers},
                                       {.number = (int64_t)p.waiting},
                                       {.number = (int64_t)p.lane[0].waiting},
                                       {.number = (int64_t)p.unacknowledged},
                                       {.number = p.suspended_us}};
    memcpy(out->value, value, sizeof value);
    (void)snprintf(out->key, sizeof out->key, "%s", name);
    out->unit = p.party;
    return RESULT_OK;
}

/* ---- a list, page by page */

/* What is asked for, and where it goes. */
struct live_sink {
    const struct live_list *list;
    const struct control_print *p;
    struct bytes units;
    const char *of; /* a party or unit; NULL: everybody */
    bool all;
    struct cli_table *table;
    size_t count;
};

static void put_line(struct live_sink *s, const struct live_line *line)
{
    if ((line->hidden && !s->all) || (s->of != NULL && !live_is_of(line->unit, s->of)))
        return;
    s->count++;
    if (!s->p->json) {
        live_row(s->table, s->list->column, line->value, s->list->columns, s->p->korean);
        return;
    }
    struct buf out = BUF_INIT(1 << 16);
    live_put_json(&out, s->list->column, line->value, s->list->columns);
    (void)puts(buf_c(&out));
    buf_free(&out);
}

static enum result put_item(void *sink, struct cursor *items, char after[LIVE_AFTER])
{
    struct live_sink *s = sink;
    struct live_line line = {0};
    TRY(s->list->take(items, s->units, &line));
    put_line(s, &line);
    memcpy(after, line.key, LIVE_AFTER);
    return RESULT_OK;
}

static int put_list(struct live_sink *s)
{
    const struct live_list *l = s->list;
    s->table = cli_table_new(l->columns);
    for (size_t i = 0; i < l->columns; i++) {
        cli_table_cell(s->table, l->column[i].heading[s->p->korean]);
        cli_table_paint(s->table, CLI_FAINT);
    }
    const int code = live_walk(s->p, l->list, put_item, s);
    if (!s->p->json && s->count > 0)
        cli_table_print(s->table, stdout);
    else if (!s->p->json && code == CLI_OK)
        (void)puts(s->p->korean ? "없음" : "nothing");
    cli_table_free(s->table);
    return code;
}

/* ---- argv to calls */

const char live_list_help[] =
    "  --socket FILE   the gateway's control socket (control_socket of its configuration)\n"
    "  --of NAME       only of this party, or PARTY/UNIT\n"
    "  --json          an object a line\n"
    "  --lang en|ko    of headings and messages\n"
    "\n"
    "Never anything out of a message. Times are Korean.\n";

static int run(int argc, char **argv, const struct live_list *list, bool has_all)
{
    struct live_sink s = {.list = list};
    struct control_print p = {0};
    struct buf units = BUF_INIT(LIVE_UNITS_MAX);
    const char *language = NULL;
    const struct cli_option options[] = {{"socket", &p.socket, NULL},
                                         {"lang", &language, NULL},
                                         {"json", NULL, &p.json},
                                         {"of", &s.of, NULL},
                                         {has_all ? "all" : NULL, NULL, &s.all},
                                         {NULL, NULL, NULL}};
    int rest = cli_options(options, argc, argv);
    if (rest < 0 || !cli_language(language, &p.korean))
        return CLI_USAGE;
    if (rest != 0 || p.socket == NULL) {
        cli_error("%s needs --socket FILE, and no subject", argv[0]);
        return CLI_USAGE;
    }
    s.p = &p;
    int code = list->list == CONTROL_PARTIES ? live_ask_units(&p, &units) : CLI_OK;
    s.units = buf_view(&units);
    if (code == CLI_OK)
        code = put_list(&s);
    buf_free(&units);
    return code;
}

#define RUNS(name, kind, has_all)                                                                  \
    int name##_run(int argc, char **argv)                                                          \
    {                                                                                              \
        static const struct live_list list = {kind, of_##name, ARRAY_LEN(of_##name), take_##name}; \
        return run(argc, argv, &list, has_all);                                                    \
    }
RUNS(sessions, CONTROL_SESSIONS, false)
RUNS(streams, CONTROL_STREAMS, false)
RUNS(incidents, CONTROL_INCIDENTS, true)
RUNS(parties, CONTROL_PARTIES, false)
#undef RUNS
