/* What waits for officers, for people and for programs: envelope facts only. */
#include "base/clock.h"
#include "cli/control.h"
#include "ipc/offender.h"
#include "json/json.h"

#include <string.h>

/* ---- words */

enum column {
    SUBJECT,
    RECEIVED,
    DUE,
    FROM,
    TO,
    KIND,
    STATUS,
    CLAUSE,
    PERSONS,
    SINCE,
    OFFICER,
    REASON,
    NUMBER,
    REQUESTER,
    STANDS
};

static const char *const headings[][2] = {[SUBJECT] = {"subject", "대상"},
                                          [RECEIVED] = {"received", "접수"},
                                          [DUE] = {"due", "기한"},
                                          [FROM] = {"from", "발신"},
                                          [TO] = {"to", "수신"},
                                          [KIND] = {"kind", "종류"},
                                          [STATUS] = {"status", "구분"},
                                          [CLAUSE] = {"clause", "조항"},
                                          [PERSONS] = {"persons", "담당관"},
                                          [SINCE] = {"since", "시각"},
                                          [OFFICER] = {"officer", "담당관"},
                                          [REASON] = {"reason", "사유"},
                                          [NUMBER] = {"number", "번호"},
                                          [REQUESTER] = {"asked by", "청구인"},
                                          [STANDS] = {"stands", "현황"}};

static const enum column of_cases[] = {SUBJECT, RECEIVED, DUE,    FROM,   TO,
                                       KIND,    STATUS,   CLAUSE, PERSONS};
static const enum column of_suspensions[] = {SUBJECT, SINCE, OFFICER, REASON};
static const enum column of_holds[] = {SUBJECT, SINCE, PERSONS, REASON};
static const enum column of_requests[] = {NUMBER, REQUESTER, RECEIVED, DUE, STANDS, REASON};

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

/* "1/2 npa-daejeon/kim": how many have acted, of how many, and who. */
static void put_persons(const struct control_item *i, char out[CELL])
{
    int n = snprintf(out, CELL, "%zu/%u", i->officers, i->persons);
    for (size_t k = 0; k < i->officers; k++)
        n += snprintf(out + n, (size_t)(CELL - n), " %.*s", (int)i->officer[k].n,
                      (const char *)i->officer[k].p);
}

/* What the gateway suspends by itself has a word of a table for a reason; officers write theirs. */
static void put_reason(const struct control_item *i, bool korean, char out[CELL])
{
    copy(i->reason, out);
    const char *meaning = bytes_is(i->officer[0], "gateway") ? offence_meaning(out, korean) : NULL;
    if (meaning != NULL)
        copy(bytes_of_text(meaning), out);
}

static void cell_text(const struct control_item *i, enum column c, bool korean, char out[CELL])
{
    switch (c) {
    case SUBJECT:
    case NUMBER: copy(i->subject, out); return;
    case REQUESTER: copy(i->role, out); return;
    case STANDS: request_stands(i, korean, out, CELL); return;
    case RECEIVED:
    case SINCE: put_time(i->since_us, out); return;
    case DUE: put_time(i->due_us, out); return;
    case FROM: copy(i->envelope.source, out); return;
    case TO: copy(i->unit, out); return;
    case KIND: copy(i->envelope.kind, out); return;
    case STATUS: copy(i->envelope.status, out); return;
    case CLAUSE: copy(i->clause, out); return;
    case PERSONS: put_persons(i, out); return;
    case OFFICER: copy(i->officer[0], out); return;
    case REASON: put_reason(i, korean, out); return;
    }
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

void control_row_time(struct cli_table *t, const char *name, int64_t us)
{
    char text[CELL];
    put_time(us, text);
    control_row(t, name, bytes_of_text(text));
}

static const char *state_text(const struct control_item *i, bool korean)
{
    static const char *const texts[][2] = {
        {"nobody has it yet", "아직 제공되지 않음"},
        {"went ahead at night on one approval; the second is owed",
         "야간에 한 사람의 승인으로 제공됨: 두 번째 승인 필요"},
        {"overdue", "기한이 지남"}};
    return texts[i->overdue ? 2 : i->went_ahead ? 1 : 0][korean];
}

static void print_facts(const struct control_item *i, const struct control_print *p,
                        struct cli_table *t)
{
    char id[UUID_TEXT + 1], persons[CELL];
    const struct road_envelope *e = &i->envelope;
    bool ko = p->korean;
    uuid_text(&e->id, id);
    put_persons(i, persons);
    control_row(t, headings[SUBJECT][ko], i->subject);
    control_row(t, ko ? "메시지" : "message", bytes_of_text(id));
    control_row(t, headings[KIND][ko], e->kind);
    control_row(t, headings[FROM][ko], e->source);
    control_row(t, headings[TO][ko], i->unit);
    control_row(t, ko ? "서비스" : "service", e->service);
    control_row(t, ko ? "이용 목적" : "purpose", e->purpose);
    control_row(t, ko ? "법적 근거" : "basis", e->basis);
    control_row(t, ko ? "상태" : "status", e->status);
    for (size_t k = 0; k < e->incidents; k++)
        control_row(t, ko ? "사건" : "incident", e->incident[k]);
    control_row(t, headings[CLAUSE][ko], i->clause);
    control_row(t, ko ? "까닭" : "because", i->failed);
    control_row_time(t, headings[RECEIVED][ko], i->since_us);
    control_row_time(t, headings[DUE][ko], i->due_us);
    control_row(t, ko ? "역할" : "role", i->role);
    for (size_t k = 0; k < i->parties; k++)
        control_row(t, ko ? "소속" : "of", i->party[k]);
    control_row(t, headings[PERSONS][ko], bytes_of_text(persons));
    if (p->list != ROAD_EMERGENCY || i->overdue)
        control_row(t, ko ? "현황" : "state", bytes_of_text(state_text(i, ko)));
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
    const enum column *column;
    size_t columns, count;
};

static void take(struct sink *s, const struct control_item *i)
{
    char text[CELL];
    s->count++;
    if (s->p->json) {
        if (s->p->list == CONTROL_REQUESTS)
            request_print_json(i);
        else
            print_json(i, s->p->list);
        return;
    }
    for (size_t k = 0; k < s->columns; k++) {
        cell_text(i, s->column[k], s->p->korean, text);
        cli_table_cell(s->table, text);
        if (i->overdue && s->column[k] == DUE)
            cli_table_paint(s->table, CLI_BAD);
    }
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
        if (s->table != NULL && s->columns == 0 && s->p->list == CONTROL_REQUESTS)
            request_print_facts(&i, s->p->korean, s->table);
        else if (s->table != NULL && s->columns == 0)
            print_facts(&i, s->p, s->table);
        else
            take(s, &i);
    }
    buf_free(&frame);
    return code;
}

/* The columns of a list; their count. */
static size_t columns_of(unsigned list, const enum column **out)
{
    switch (list) {
    case CONTROL_SUSPENSIONS: *out = of_suspensions; return ARRAY_LEN(of_suspensions);
    case CONTROL_HOLDS: *out = of_holds; return ARRAY_LEN(of_holds);
    case CONTROL_REQUESTS: *out = of_requests; return ARRAY_LEN(of_requests);
    default: *out = of_cases; return ARRAY_LEN(of_cases);
    }
}

int control_print_list(const struct control_print *p)
{
    bool more = true;
    struct sink s = {.p = p};
    s.columns = columns_of(p->list, &s.column);
    char after[CONTROL_SUBJECT_MAX + 1] = "";
    int code = CLI_OK;
    s.table = cli_table_new(s.columns);
    for (size_t k = 0; k < s.columns; k++) {
        cli_table_cell(s.table, headings[s.column[k]][p->korean]);
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
