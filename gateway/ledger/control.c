/* Requests of the control socket: bytes in, bytes out. */
#include "ledger/claims.h"
#include "ledger/clocks.h"
#include "ledger/due.h"
#include "ledger/live.h"
#include "ledger/operate.h"
#include "ledger/preservation.h"
#include "ledger/readings.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- lists */

static void name_case(const void *item, char out[CONTROL_SUBJECT_MAX + 1])
{
    act_subject(item, out);
}

static void put_case(const void *item, struct buf *out)
{
    const struct ledger_case *x = item;
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

static int by_key(const void *a, const void *b)
{
    return memcmp((*(struct ledger_case *const *)a)->key, (*(struct ledger_case *const *)b)->key,
                  CASE_KEY);
}

static void name_suspension(const void *item, char out[CONTROL_SUBJECT_MAX + 1])
{
    (void)snprintf(out, CONTROL_SUBJECT_MAX + 1, "%s", ((const struct suspension *)item)->subject);
}

static void put_suspension(const void *item, struct buf *out)
{
    const struct suspension *s = item;
    struct control_item i = {.subject = bytes_of_text(s->subject),
                             .reason = bytes_of_text(s->reason),
                             .officer = {bytes_of_text(s->officer), bytes_of_text(s->resumer)},
                             .officers = s->resumer[0] == '\0' ? 1 : 2,
                             .persons = 2,
                             .since_us = s->since_us};
    control_item_put(&i, out);
}

static int by_subject(const void *a, const void *b)
{
    return strcmp((*(struct suspension *const *)a)->subject,
                  (*(struct suspension *const *)b)->subject);
}

static void name_claim(const void *item, char out[CONTROL_SUBJECT_MAX + 1])
{
    (void)snprintf(out, CONTROL_SUBJECT_MAX + 1, "%s", ((const struct claim *)item)->number);
}

static void put_claim(const void *item, struct buf *out)
{
    struct control_item i;
    claim_show(item, &i);
    control_item_put(&i, out);
}

static int by_number(const void *a, const void *b)
{
    return strcmp((*(struct claim *const *)a)->number, (*(struct claim *const *)b)->number);
}

/* What stands in a map and is listed by names, in their order, over several answers. */
struct listing {
    void (*name)(const void *item, char out[CONTROL_SUBJECT_MAX + 1]);
    void (*put)(const void *item, struct buf *out);
    int (*order)(const void *a, const void *b);
};
static const struct listing cases = {name_case, put_case, by_key};
static const struct listing suspensions = {name_suspension, put_suspension, by_subject};
static const struct listing claims = {name_claim, put_claim, by_number};

/* What the request asks for; `from` receives the map that it stands in. */
static const struct listing *listing_of(const struct ledger *l, const struct control_request *r,
                                        const struct map **from)
{
    *from = r->list == CONTROL_SUSPENSIONS ? l->acts->suspensions
            : r->list == CONTROL_REQUESTS  ? l->acts->claims
                                           : l->cases;
    return r->list == CONTROL_SUSPENSIONS ? &suspensions
           : r->list == CONTROL_REQUESTS  ? &claims
                                          : &cases;
}

/* What a recipient keeps is approved as what is provided is. */
static bool is_in(const struct ledger_case *x, unsigned list)
{
    return x->is.kind == list || (x->is.kind == ROAD_KEEPING && list == ROAD_APPROVAL);
}

/* All that the request asks for, in order; the caller frees the array. */
static void **collect(const struct listing *of, const struct map *from,
                      const struct control_request *r, size_t *count)
{
    void **list = mem_new_array(map_count(from) + 1, sizeof *list), *item;
    size_t at;
    *count = 0;
    MAP_FOREACH (item, from, at) {
        const struct ledger_case *x = item;
        if (of != &cases || (is_in(x, r->list) && case_is_open(x)))
            list[(*count)++] = item;
    }
    qsort(list, *count, sizeof *list, of->order);
    return list;
}

static bool is_named(const struct listing *of, const void *item, struct bytes name)
{
    char text[CONTROL_SUBJECT_MAX + 1];
    of->name(item, text);
    return bytes_is(name, text);
}

/* So much in one answer; an item is shorter than the rest (ROAD_TEXT_MAX for each of its words). */
enum { LIST_FULL = CONTROL_ANSWER_MAX - (32 << 10) };

static void list(const struct ledger *l, const struct control_request *r, struct control_answer *a,
                 struct buf *items)
{
    const struct map *map;
    const struct listing *of = listing_of(l, r, &map);
    size_t count, from = 0;
    void **item = collect(of, map, r, &count);
    for (size_t i = 0; i < count && r->after.n > 0; i++)
        if (is_named(of, item[i], r->after))
            from = i + 1;
    for (size_t i = from; i < count && a->items < CONTROL_ITEMS_MAX && items->n < LIST_FULL; i++) {
        if (r->subject.n > 0 && !is_named(of, item[i], r->subject))
            continue;
        of->put(item[i], items);
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

static enum result control(struct ledger *l, struct bytes request, bool by_console,
                           struct buf *answer)
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
    else if (r.ask == CONTROL_LIST && r.list >= CONTROL_EDGE && r.list <= CONTROL_ROLES)
        a.code = CONTROL_CODE_NO_EDGE; /* whoever has one asked it (ledger_control_asks_edge) */
    else if (r.ask == CONTROL_LIST)
        list(l, &r, &a, &more);
    else if (result == RESULT_OK && r.ask == CONTROL_OPERATE)
        result = operate_record(l, &r, &a);
    else if (result == RESULT_OK && r.ask == CONTROL_PREPARE)
        result = acts_prepare(l, &r, by_console, &a, &more);
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

enum result ledger_control(struct ledger *l, struct bytes request, struct buf *answer)
{
    return control(l, request, false, answer);
}

enum result ledger_control_by_console(struct ledger *l, struct bytes request, struct buf *answer)
{
    return control(l, request, true, answer);
}
