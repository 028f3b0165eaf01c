/* Requests of the control socket: bytes in, bytes out. */
#include "ledger/clocks.h"
#include "ledger/due.h"
#include "ledger/live.h"
#include "ledger/operate.h"
#include "ledger/preservation.h"
#include "ledger/readings.h"

#include "base/mem.h"

#include <stdlib.h>

/* ---- lists */

static void put_case(const struct ledger_case *x, struct buf *out)
{
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct control_item i = {.envelope = x->envelope,
                             .unit = x->unit,
                             .clause = x->clause,
                             .failed = x->failed,
                             .role = x->is.role,
                             .parties = x->is.parties,
                             .officers = x->voters,
                             .persons = x->is.persons,
                             .since_us = x->received_us,
                             .due_us = x->due_us,
                             .went_ahead = x->state == CASE_WENT_AHEAD,
                             .overdue = x->is_overdue};
    act_subject(x, subject);
    i.subject = bytes_of_text(subject);
    for (size_t k = 0; k < x->is.parties; k++)
        i.party[k] = x->is.party[k];
    for (size_t k = 0; k < x->voters; k++)
        i.officer[k] = bytes_of_text(x->voter[k]);
    control_item_put(&i, out);
}

static void put_suspension(const struct suspension *s, struct buf *out)
{
    struct control_item i = {.subject = bytes_of_text(s->subject),
                             .reason = bytes_of_text(s->reason),
                             .officer = {bytes_of_text(s->officer), bytes_of_text(s->resumer)},
                             .officers = s->resumer[0] == '\0' ? 1 : 2,
                             .persons = 2,
                             .since_us = s->since_us};
    control_item_put(&i, out);
}

static int by_key(const void *a, const void *b)
{
    return memcmp((*(struct ledger_case *const *)a)->key, (*(struct ledger_case *const *)b)->key,
                  CASE_KEY);
}

static int by_subject(const void *a, const void *b)
{
    return strcmp((*(struct suspension *const *)a)->subject,
                  (*(struct suspension *const *)b)->subject);
}

/* What a recipient keeps is approved as what is provided is. */
static bool is_in(const struct ledger_case *x, unsigned list)
{
    return x->is.kind == list || (x->is.kind == ROAD_KEEPING && list == ROAD_APPROVAL);
}

/* All that the request asks for, in order; the caller frees the array. */
static void **collect(const struct ledger *l, const struct control_request *r, size_t *count)
{
    bool cases = r->list != CONTROL_SUSPENSIONS;
    const struct map *from = cases ? l->cases : l->acts->suspensions;
    void **list = mem_new_array(map_count(from) + 1, sizeof *list), *item;
    size_t at;
    *count = 0;
    MAP_FOREACH (item, from, at) {
        const struct ledger_case *x = item;
        if (!cases || (is_in(x, r->list) && case_is_open(x)))
            list[(*count)++] = item;
    }
    qsort(list, *count, sizeof *list, cases ? by_key : by_subject);
    return list;
}

static bool is_subject(const struct control_request *r, const void *item, struct bytes subject)
{
    char text[CONTROL_SUBJECT_MAX + 1];
    if (r->list == CONTROL_SUSPENSIONS)
        return bytes_is(subject, ((const struct suspension *)item)->subject);
    act_subject(item, text);
    return bytes_is(subject, text);
}

/* So much in one answer; an item is shorter than the rest (ROAD_TEXT_MAX for each of its words). */
enum { LIST_FULL = CONTROL_ANSWER_MAX - (32 << 10) };

static void list(const struct ledger *l, const struct control_request *r, struct control_answer *a,
                 struct buf *items)
{
    size_t count, from = 0;
    void **item = collect(l, r, &count);
    for (size_t i = 0; i < count && r->after.n > 0; i++)
        if (is_subject(r, item[i], r->after))
            from = i + 1;
    for (size_t i = from; i < count && a->items < CONTROL_ITEMS_MAX && items->n < LIST_FULL; i++) {
        if (r->subject.n > 0 && !is_subject(r, item[i], r->subject))
            continue;
        if (r->list == CONTROL_SUSPENSIONS)
            put_suspension(item[i], items);
        else
            put_case(item[i], items);
        a->items++;
        a->more = i + 1 < count;
    }
    mem_free(item);
    if (r->subject.n > 0) {
        a->more = false;
        a->code = a->items == 0 ? CONTROL_CODE_NOT_FOUND : CONTROL_CODE_DONE;
    }
}

static void show_clock(const struct ledger *l, struct control_answer *a, struct buf *items)
{
    struct buf room = BUF_INIT(1024);
    struct control_item i;
    clocks_show(l, &room, &i);
    control_item_put(&i, items);
    a->items = 1;
    buf_free(&room);
}

static void put_hold(const struct preservation *p, struct buf *out)
{
    const struct control_item i = {
        .subject = bytes_of_text(p->key + 1),
        .reason = bytes_of_text(p->reason),
        .officer = {bytes_of_text(p->officer[0]), bytes_of_text(p->officer[1])},
        .officers = p->officer[1][0] == '\0' ? 1 : 2,
        .persons = 2,
        .since_us = p->since_us,
        .went_ahead = p->placed};
    control_item_put(&i, out);
}

static int by_hold(const void *a, const void *b)
{
    return strcmp((*(struct preservation *const *)a)->key, (*(struct preservation *const *)b)->key);
}

_Static_assert((int)PRESERVATIONS_MAX <= (int)CONTROL_ITEMS_MAX, "all of them are in one answer");

static void list_holds(const struct ledger *l, struct control_answer *a, struct buf *items)
{
    struct preservation *list[PRESERVATIONS_MAX], *p;
    size_t count = 0, at;
    MAP_FOREACH (p, l->acts->preservations, at)
        if (p->key[0] == 'h')
            list[count++] = p;
    qsort(list, count, sizeof(struct preservation *), by_hold);
    for (; a->items < count; a->items++)
        put_hold(list[a->items], items);
}

static void show_named(struct ledger *l, const struct control_request *r, struct control_answer *a,
                       struct buf *items)
{
    struct buf text = BUF_INIT(256);
    struct control_item i = {.subject = r->subject};
    a->code = (uint8_t)preservation_measure(l, r->subject, &text, &i.since_us, &i.due_us);
    i.failed = buf_view(&text);
    if (a->code == CONTROL_CODE_DONE) {
        control_item_put(&i, items);
        a->items = 1;
    }
    buf_free(&text);
}

/* ---- one request */

enum result ledger_control(struct ledger *l, struct bytes request, struct buf *answer)
{
    struct cursor in = cursor_over(request);
    struct control_request r;
    struct control_answer a = {0};
    struct buf more = BUF_INIT(CONTROL_ANSWER_MAX);
    enum result result = ledger_make_frame_room(l, request.n);
    if (control_request_take(&in, &r) != RESULT_OK)
        a.code = CONTROL_CODE_MALFORMED;
    else if (r.ask == CONTROL_LIST && r.list == CONTROL_CLOCK)
        show_clock(l, &a, &more);
    else if (r.ask == CONTROL_LIST && r.list == CONTROL_HOLDS)
        list_holds(l, &a, &more);
    else if (r.ask == CONTROL_LIST && r.list == CONTROL_NAMED)
        show_named(l, &r, &a, &more);
    else if (r.ask == CONTROL_LIST && r.list == CONTROL_DUE)
        due_list(l, &r, &a, &more);
    else if (r.ask == CONTROL_LIST && r.list >= CONTROL_LEDGER && r.list <= CONTROL_INCIDENTS)
        live_list(l, &r, &a, &more);
    else if (r.ask == CONTROL_LIST && r.list >= CONTROL_EDGE)
        a.code = CONTROL_CODE_NO_EDGE; /* whoever has one asked it (ledger_control_asks_edge) */
    else if (r.ask == CONTROL_LIST)
        list(l, &r, &a, &more);
    else if (result == RESULT_OK && r.ask == CONTROL_OPERATE)
        result = operate_record(l, &r, &a);
    else if (result == RESULT_OK && r.ask == CONTROL_PREPARE)
        result = acts_prepare(l, &r, &a, &more);
    else if (result == RESULT_OK && r.ask == CONTROL_READ)
        result = readings_read(l, &r, &a, &more);
    else if (result == RESULT_OK)
        result = acts_submit(l, &r, &a);
    control_answer_put(&a, answer);
    if (a.items > 0)
        buf_put(answer, more.p, more.n);
    buf_free(&more);
    return result;
}
