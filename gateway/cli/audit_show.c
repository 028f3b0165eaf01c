#include "cli/audit_log.h"

#include "base/nearest.h"
#include "message/message.h"
#include "message/reason.h"
#include "report/table.h"

#include <inttypes.h>
#include <string.h>

enum { TABLE_ROWS = 200, LINE_MAX = 1 << 20 };

struct show {
    const char *party, *incident, *event, *reason, *kind, *mou, *from, *until, *format, *language,
        *log;
    int64_t from_us, until_us;
    bool korean;
    const struct output *output;
    struct cli_table *table;
    size_t rows; /* in the table */
    struct buf line;
};

/* A way of printing leaves. */
struct output {
    const char *name;
    void (*begin)(struct show *s);
    void (*leaf)(struct show *s, const struct leaf *leaf);
    void (*end)(struct show *s);
};

/* ---- filters */

static bool concerns_party(const struct leaf *leaf, const char *who)
{
    bool concerns = audit_is_of(leaf->source, who);
    for (size_t i = 0; i < leaf->recipients; i++)
        concerns = concerns || audit_is_of(leaf->recipient[i].unit, who);
    return concerns;
}

static bool concerns_incident(const struct leaf *leaf, const char *incident)
{
    for (size_t i = 0; i < leaf->incidents; i++)
        if (bytes_is(leaf->incident[i], incident))
            return true;
    return false;
}

static bool has_reason(const struct leaf *leaf, const char *reason)
{
    for (size_t i = 0; i < leaf->recipients; i++)
        if (bytes_is(leaf->recipient[i].reason, reason))
            return true;
    return false;
}

/* "mou#grant" is of "mou", and of itself. */
static bool under_mou(const struct leaf *leaf, const char *mou)
{
    size_t n = strlen(mou);
    for (size_t i = 0; i < leaf->recipients; i++) {
        struct bytes clause = leaf->recipient[i].clause;
        if (bytes_is(clause, mou) ||
            (clause.n > n && bytes_begins(clause, mou) && clause.p[n] == '#'))
            return true;
    }
    return false;
}

static bool is_wanted(const struct show *s, const struct leaf *leaf)
{
    return (s->event == NULL || strcmp(audit_event_word(leaf->event), s->event) == 0) &&
           (s->kind == NULL || bytes_is(leaf->kind, s->kind)) && leaf->time_us >= s->from_us &&
           leaf->time_us < s->until_us && (s->party == NULL || concerns_party(leaf, s->party)) &&
           (s->incident == NULL || concerns_incident(leaf, s->incident)) &&
           (s->reason == NULL || has_reason(leaf, s->reason)) &&
           (s->mou == NULL || under_mou(leaf, s->mou));
}

/* ---- table */

static void heading(struct show *s)
{
    static const char *const words[2][6] = {
        {"index", "time (Asia/Seoul)", "event", "kind", "from", "what"},
        {"번호", "시각 (Asia/Seoul)", "내용", "종류", "발신", "상세"}};
    s->table = cli_table_new(6);
    s->rows = 0;
    for (size_t i = 0; i < 6; i++) {
        cli_table_cell(s->table, words[s->korean][i]);
        cli_table_paint(s->table, CLI_FAINT);
    }
}

static void flush(struct show *s)
{
    if (s->rows > 0)
        cli_table_print(s->table, stdout);
    cli_table_free(s->table);
    s->table = NULL;
}

static void add_word(struct buf *out, const char *before, struct bytes word)
{
    if (word.n == 0)
        return;
    buf_text(out, before);
    buf_put(out, word.p, word.n);
}

/* "npa-daejeon/112-control: permitted (mou#grant); ...", then incidents, size and detail. */
static void describe(const struct leaf *leaf, bool korean, struct buf *out)
{
    for (size_t i = 0; i < leaf->recipients; i++) {
        const struct leaf_recipient *r = &leaf->recipient[i];
        buf_text(out, out->n > 0 ? "; " : "");
        buf_put(out, r->unit.p, r->unit.n);
        buf_text(out, r->unit.n > 0 && r->reason.n > 0 ? ": " : "");
        audit_reason(out, r->reason, korean);
        add_word(out, " ", r->clause);
        add_word(out, " - ", r->failed);
        add_word(out, " + ", r->flags);
    }
    for (size_t i = 0; i < leaf->incidents; i++)
        add_word(out, out->n > 0 ? "; " : "", leaf->incident[i]);
    if (leaf->has_refers)
        buf_printf(out, "%s#%" PRIu64, out->n > 0 ? "; " : "", leaf->refers);
    if (leaf->size > 0)
        buf_printf(out, "%s%" PRIu64 " B", out->n > 0 ? "; " : "", leaf->size);
    if (leaf->event == AUDIT_POLICY_ACTIVATED)
        buf_printf(out, "serial=%" PRIu64 " ", leaf->policy);
    add_word(out, out->n > 0 && leaf->event != AUDIT_POLICY_ACTIVATED ? "; " : "", leaf->detail);
}

static void cell_of(struct show *s, struct bytes text)
{
    buf_clear(&s->line);
    buf_put(&s->line, text.p, text.n);
    cli_table_cell(s->table, buf_c(&s->line));
}

static void table_leaf(struct show *s, const struct leaf *leaf)
{
    char text[TIME_TEXT];
    const char *event =
        s->korean ? audit_event_text(leaf->event, true) : audit_event_word(leaf->event);
    if (s->rows == TABLE_ROWS) {
        flush(s);
        heading(s);
    }
    s->rows++;
    (void)snprintf(text, sizeof text, "%" PRIu64, leaf->index);
    cli_table_cell(s->table, text);
    time_text_s(leaf->time_us, zone_named("Asia/Seoul"), text);
    cli_table_cell(s->table, text);
    cli_table_cell(s->table, event);
    cell_of(s, leaf->kind);
    cell_of(s, leaf->source);
    buf_clear(&s->line);
    describe(leaf, s->korean, &s->line);
    cli_table_cell(s->table, buf_c(&s->line));
}

/* ---- jsonl: the entries, byte by byte as they are in the log */

static void jsonl_leaf(struct show *s, const struct leaf *leaf)
{
    buf_clear(&s->line);
    if (leaf_write(leaf, &s->line) == RESULT_OK)
        (void)printf("%.*s\n", (int)s->line.n, (const char *)s->line.p);
}

/* ---- csv (RFC 4180) */

static void csv_begin(struct show *s)
{
    (void)s;
    (void)printf("index,time,event,id,kind,service,purpose,basis,source,status,lane,incidents,"
                 "recipient,reason,clause,failed,flags,deadline,policy,size,refers,detail\r\n");
}

static void csv_text(struct buf *out, struct bytes text)
{
    buf_u8(out, ',');
    table_csv_cell(out, text);
}

static void csv_time(struct buf *out, int64_t us)
{
    char text[TIME_TEXT] = "";
    if (us != 0)
        time_text(us, zone_named("Asia/Seoul"), text);
    buf_printf(out, ",%s", text);
}

static void csv_number(struct buf *out, bool given, uint64_t value)
{
    if (given)
        buf_printf(out, ",%" PRIu64, value);
    else
        buf_u8(out, ',');
}

static void csv_row(struct show *s, const struct leaf *leaf, const struct leaf_recipient *r)
{
    const struct bytes envelope[] = {leaf->id,    leaf->kind,   leaf->service, leaf->purpose,
                                     leaf->basis, leaf->source, leaf->status,  leaf->lane};
    const struct bytes recipient[] = {r->unit, r->reason, r->clause, r->failed, r->flags};
    struct buf incidents = BUF_INIT(LINE_MAX);
    buf_clear(&s->line);
    buf_printf(&s->line, "%" PRIu64, leaf->index);
    csv_time(&s->line, leaf->time_us);
    csv_text(&s->line, bytes_of_text(audit_event_word(leaf->event)));
    for (size_t i = 0; i < ARRAY_LEN(envelope); i++)
        csv_text(&s->line, envelope[i]);
    for (size_t i = 0; i < leaf->incidents; i++)
        add_word(&incidents, i == 0 ? "" : " ", leaf->incident[i]);
    csv_text(&s->line, buf_view(&incidents));
    for (size_t i = 0; i < ARRAY_LEN(recipient); i++)
        csv_text(&s->line, recipient[i]);
    csv_time(&s->line, r->deadline_us);
    csv_number(&s->line, leaf->policy != 0, leaf->policy);
    csv_number(&s->line, leaf->size != 0, leaf->size);
    csv_number(&s->line, leaf->has_refers, leaf->refers);
    csv_text(&s->line, leaf->detail);
    (void)printf("%.*s\r\n", (int)s->line.n, (const char *)s->line.p);
    buf_free(&incidents);
}

static void csv_leaf(struct show *s, const struct leaf *leaf)
{
    static const struct leaf_recipient none;
    for (size_t i = 0; i < leaf->recipients; i++)
        csv_row(s, leaf, &leaf->recipient[i]);
    if (leaf->recipients == 0)
        csv_row(s, leaf, &none);
}

/* ---- the command */

static void nothing(struct show *s)
{
    (void)s;
}

static const struct output outputs[] = {{"table", heading, table_leaf, flush},
                                        {"jsonl", nothing, jsonl_leaf, nothing},
                                        {"csv", csv_begin, csv_leaf, nothing}};

static bool find_output(struct show *s)
{
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++)
        if (s->format == NULL || strcmp(s->format, outputs[i].name) == 0) {
            s->output = &outputs[i];
            return true;
        }
    cli_error("--format is table, jsonl or csv");
    return false;
}

static bool check_event(const char *word)
{
    const char *nearest = NULL;
    if (word == NULL || audit_event_of_word(bytes_of_text(word)) != AUDIT_EVENT_COUNT)
        return true;
    for (unsigned e = 0; e < AUDIT_EVENT_COUNT; e++)
        nearest_offer(bytes_of_text(word), audit_event_word((enum audit_event)e), &nearest);
    return cli_no_such("event", word, nearest);
}

static bool check_reason(const char *word)
{
    const char *nearest = NULL;
    if (word == NULL || reason_of_word(bytes_of_text(word)) != REASON_NONE)
        return true;
    for (size_t i = 0; reason_at(i) != NULL; i++)
        nearest_offer(bytes_of_text(word), reason_at(i)->word, &nearest);
    return cli_no_such("reason", word, nearest);
}

static bool read_arguments(struct show *s, int argc, char **argv)
{
    const struct cli_option options[] = {
        {"log", &s->log, NULL},           {"party", &s->party, NULL},
        {"incident", &s->incident, NULL}, {"event", &s->event, NULL},
        {"reason", &s->reason, NULL},     {"kind", &s->kind, NULL},
        {"mou", &s->mou, NULL},           {"from", &s->from, NULL},
        {"until", &s->until, NULL},       {"format", &s->format, NULL},
        {"lang", &s->language, NULL},     {0}};
    int rest = cli_options(options, argc, argv);
    if (rest > 0)
        cli_error("\"%s\" is one word too many; --help tells more", argv[1]);
    return rest == 0 && audit_log_needed(s->log) != NULL && find_output(s) &&
           cli_language(s->language, &s->korean) && check_event(s->event) &&
           check_reason(s->reason) && cli_is_kind(s->kind) &&
           audit_read_time("--from", s->from, &s->from_us) &&
           audit_read_time("--until", s->until, &s->until_us);
}

static void show_leaf(void *arg, const struct leaf *leaf)
{
    struct show *s = arg;
    if (is_wanted(s, leaf))
        s->output->leaf(s, leaf);
}

int audit_show_command(int argc, char **argv)
{
    struct show s = {.from_us = INT64_MIN, .until_us = INT64_MAX, .line = BUF_INIT(LINE_MAX)};
    struct audit_log log;
    if (!read_arguments(&s, argc, argv))
        return CLI_USAGE;
    if (!audit_log_open(s.log, &log))
        return CLI_FAILED;
    s.output->begin(&s);
    bool read = audit_log_each(&log, show_leaf, &s);
    s.output->end(&s);
    buf_free(&s.line);
    audit_log_close(&log);
    return read ? CLI_OK : CLI_FAILED;
}
