/* What waits for officers, for people and for programs: envelope facts only. */
#include "base/clock.h"
#include "cli/control.h"
#include "json/json.h"
#include "report/waiting.h"

#include <string.h>

enum { CELL = 2400 };

static void copy(struct bytes b, char out[CELL])
{
    (void)snprintf(out, CELL, "%.*s", (int)b.n, (const char *)b.p);
}

static void put_time(int64_t us, char out[CELL])
{
    out[0] = '\0';
    if (us != 0)
        time_text_s(us, zone_named("Asia/Seoul"), out);
}

/* ---- one item, with everything */

void control_row(struct cli_table *t, const char *name, struct bytes value)
{
    char text[CELL];
    if (value.n == 0)
        return;
    copy(value, text);
    cli_table_cell(t, name);
    cli_table_paint(t, CLI_FAINT);
    cli_table_cell(t, text);
}

static void put_row(void *arg, const char *name, struct bytes value)
{
    control_row(arg, name, value);
}

/* ---- JSON: an object a line, members in the order of their keys */

static void put_list(struct buf *out, const char *key, const struct bytes *list, size_t count)
{
    json_put_key(out, key);
    buf_text(out, "[");
    for (size_t k = 0; k < count; k++) {
        buf_text(out, k == 0 ? "" : ",");
        json_put_text(out, list[k]);
    }
    buf_text(out, "]");
}

void control_json_time(struct buf *out, const char *key, int64_t us)
{
    char text[CELL];
    put_time(us, text);
    if (us != 0)
        json_put_member_text(out, key, bytes_of_text(text));
}

void control_json_text(struct buf *out, const char *key, struct bytes value)
{
    if (value.n > 0)
        json_put_member_text(out, key, value);
}

/* Those of cases have an envelope. */
static bool is_of_cases(unsigned list)
{
    return list <= ROAD_EMERGENCY;
}

static void print_json(const struct control_item *i, unsigned list)
{
    const bool is_case = is_of_cases(list);
    struct buf out = BUF_INIT(1 << 16);
    char id[UUID_TEXT + 1];
    const struct road_envelope *e = &i->envelope;
    uuid_text(&e->id, id);
    buf_text(&out, "{");
    control_json_text(&out, "basis", e->basis);
    control_json_text(&out, "clause", i->clause);
    control_json_time(&out, "due", i->due_us);
    control_json_text(&out, "failed", i->failed);
    control_json_text(&out, "from", e->source);
    if (is_case)
        json_put_member_text(&out, "id", bytes_of_text(id));
    put_list(&out, "incidents", e->incident, e->incidents);
    control_json_text(&out, "kind", e->kind);
    put_list(&out, "officers", i->officer, i->officers);
    if (is_case)
        json_put_member_bool(&out, "overdue", i->overdue);
    put_list(&out, "parties", i->party, i->parties);
    json_put_member_integer(&out, "persons", i->persons);
    control_json_text(&out, "purpose", e->purpose);
    control_json_text(&out, "reason", i->reason);
    control_json_text(&out, "role", i->role);
    control_json_text(&out, "service", e->service);
    control_json_time(&out, "since", i->since_us);
    control_json_text(&out, "status", e->status);
    json_put_member_text(&out, "subject", i->subject);
    control_json_text(&out, "to", i->unit);
    if (is_case || list == CONTROL_HOLDS)
        json_put_member_bool(&out, is_case ? "wentAhead" : "inForce", i->went_ahead);
    buf_text(&out, "}");
    (void)puts(buf_c(&out));
    buf_free(&out);
}

/* ---- lists */

/* Where the answers' items go. */
struct sink {
    const struct control_print *p;
    struct cli_table *table;
    const enum waiting_column *column;
    size_t columns, count;
};

static void take(struct sink *s, const struct control_item *i)
{
    struct buf text = BUF_INIT(CELL);
    s->count++;
    if (s->p->json) {
        if (s->p->list == CONTROL_REQUESTS)
            request_print_json(i);
        else
            print_json(i, s->p->list);
        return;
    }
    for (size_t k = 0; k < s->columns; k++) {
        waiting_put(i, s->column[k], s->p->korean, &text);
        cli_table_cell(s->table, buf_c(&text));
        buf_clear(&text);
        if (i->overdue && s->column[k] == WAITING_DUE)
            cli_table_paint(s->table, CLI_BAD);
    }
    buf_free(&text);
}

/* One answer's items; the last subject is left in `after`, to go on from. */
static int take_answer(struct sink *s, struct bytes subject, char after[CONTROL_SUBJECT_MAX + 1],
                       bool *more)
{
    struct buf frame;
    struct control_answer a;
    struct control_item i;
    struct cursor items;
    const struct control_request r = {.ask = CONTROL_LIST,
                                      .list = (uint8_t)s->p->list,
                                      .after = bytes_of_text(after),
                                      .subject = subject};
    int code = control_ask(s->p->socket, &r, &frame, &a, &items) ? CLI_OK : CLI_FAILED;
    if (code == CLI_OK && a.code != CONTROL_CODE_DONE) {
        cli_error("%.*s: %s", (int)subject.n, (const char *)subject.p,
                  control_code_text(a.code, s->p->korean));
        code = CLI_NO;
    }
    *more = code == CLI_OK && a.more;
    for (size_t k = 0; code == CLI_OK && k < a.items; k++) {
        if (control_item_take(&items, &i) != RESULT_OK) {
            cli_error("%s: the answer is not one of this version", s->p->socket);
            code = CLI_FAILED;
            break;
        }
        (void)snprintf(after, CONTROL_SUBJECT_MAX + 1, "%.*s", (int)i.subject.n,
                       (const char *)i.subject.p);
        if (s->table != NULL && s->columns == 0)
            waiting_each(&i, s->p->list, s->p->korean, put_row, s->table);
        else
            take(s, &i);
    }
    buf_free(&frame);
    return code;
}

int control_print_list(const struct control_print *p)
{
    bool more = true;
    struct sink s = {.p = p};
    s.columns = waiting_columns(p->list, &s.column);
    char after[CONTROL_SUBJECT_MAX + 1] = "";
    int code = CLI_OK;
    s.table = cli_table_new(s.columns);
    for (size_t k = 0; k < s.columns; k++) {
        cli_table_cell(s.table, waiting_heading(s.column[k], p->korean));
        cli_table_paint(s.table, CLI_FAINT);
    }
    while (code == CLI_OK && more)
        code = take_answer(&s, bytes_of(NULL, 0), after, &more);
    if (!p->json && s.count > 0)
        cli_table_print(s.table, stdout);
    else if (!p->json && code == CLI_OK)
        (void)puts(p->korean ? "없음" : "nothing");
    cli_table_free(s.table);
    return code;
}

int control_print_one(const struct control_print *p, const char *subject)
{
    struct sink s = {.p = p};
    char after[CONTROL_SUBJECT_MAX + 1] = "";
    bool more;
    if (!p->json)
        s.table = cli_table_new(2);
    int code = take_answer(&s, bytes_of_text(subject), after, &more);
    if (s.table != NULL)
        cli_table_print(s.table, stdout);
    cli_table_free(s.table);
    return code;
}
