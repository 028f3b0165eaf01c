#include "base/lanes.h"

#include "base/attr.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

/* ---- flows */

static struct bytes flow_key(const void *item)
{
    const struct lanes_flow *f = item;
    return bytes_of(f, offsetof(struct lanes_flow, party) + strlen(f->party));
}

void lanes_book_init(struct lanes_book *b, size_t (*bytes)(const struct lanes_item *i),
                     bool (*before)(const struct lanes_item *a, const struct lanes_item *b))
{
    *b = (struct lanes_book){map_new(flow_key), bytes, before};
}

void lanes_book_free(struct lanes_book *b)
{
    struct lanes_flow *f;
    size_t at;
    if (b->flows == NULL)
        return;
    MAP_FOREACH (f, b->flows, at)
        mem_free(f);
    map_free(b->flows);
    b->flows = NULL;
}

const struct lanes_flow *lanes_book_next(const struct lanes_book *b, size_t *at)
{
    return map_next(b->flows, at);
}

void lanes_init(struct lanes *l, struct lanes_book *b)
{
    *l = (struct lanes){.book = b};
    for (size_t i = 0; i < LANES; i++)
        TAILQ_INIT(&l->lane[i].turns);
}

/* The key of a flow, which has nothing else yet. */
static void name_flow(struct lanes_flow *f, struct lanes *l, unsigned lane, struct bytes party)
{
    *f = (struct lanes_flow){.of = l, .lane = (uint8_t)lane, .credit = LANES_QUANTUM};
    if (party.n > 0)
        memcpy(f->party, party.p, party.n);
    TAILQ_INIT(&f->waiting);
}

static struct bytes party_of(struct bytes name)
{
    const uint8_t *slash = name.n == 0 ? NULL : memchr(name.p, '/', name.n);
    size_t n = slash == NULL ? name.n : (size_t)(slash - name.p);
    return bytes_of(name.p, n > IDENT_WORD_MAX ? IDENT_WORD_MAX : n);
}

/* Mostly it is that of the one before. */
static struct lanes_flow *flow_for(struct lanes *l, unsigned lane, struct bytes party)
{
    struct lanes_flow *last = l->lane[lane].last, key;
    if (last != NULL && bytes_is(party, last->party))
        return last;
    name_flow(&key, l, lane, party);
    struct lanes_flow *f = map_get(l->book->flows, flow_key(&key));
    if (f == NULL) {
        if (last != NULL && last->items == 0)
            f = map_remove(l->book->flows, flow_key(last));
        else
            f = mem_new(sizeof *f);
        *f = key;
        TAILQ_INIT(&f->waiting);
        (void)map_add(l->book->flows, f);
    } else if (last != NULL && last->items == 0) {
        mem_free(map_remove(l->book->flows, flow_key(last)));
    }
    l->lane[lane].last = f;
    return f;
}

void lanes_join(struct lanes *l, unsigned lane, struct bytes party, struct lanes_item *i)
{
    i->flow = flow_for(l, lane, party_of(party));
    i->flow->items++;
    i->flow->bytes += l->book->bytes(i);
}

void lanes_leave(struct lanes_item *i, bool waits)
{
    struct lanes_flow *f = i->flow;
    if (waits)
        lanes_set_aside(i);
    i->flow = NULL;
    f->bytes -= f->of->book->bytes(i);
    if (--f->items > 0)
        return;
    f->credit = LANES_QUANTUM;
    if (f != f->of->lane[f->lane].last)
        mem_free(map_remove(f->of->book->flows, flow_key(f)));
}

void lanes_resized(struct lanes_item *i, size_t had)
{
    i->flow->bytes += i->flow->of->book->bytes(i);
    i->flow->bytes -= had;
}

/* ---- waiting */

/* Behind all others, it has waited for its turn as if it had been there. */
static void take_turns(struct lanes_flow *f)
{
    if (!TAILQ_EMPTY(&f->waiting))
        return;
    if (f->credit <= 0)
        f->credit += LANES_QUANTUM;
    TAILQ_INSERT_TAIL(&f->of->lane[f->lane].turns, f, in_turn);
}

void lanes_put(struct lanes_item *i)
{
    take_turns(i->flow);
    TAILQ_INSERT_TAIL(&i->flow->waiting, i, next);
}

void lanes_put_back(struct lanes_item *i)
{
    struct lanes_flow *f = i->flow;
    struct lanes_item *later;
    take_turns(f);
    TAILQ_FOREACH (later, &f->waiting, next) {
        if (f->of->book->before(i, later)) {
            TAILQ_INSERT_BEFORE(later, i, next);
            return;
        }
    }
    TAILQ_INSERT_TAIL(&f->waiting, i, next);
}

void lanes_set_aside(struct lanes_item *i)
{
    struct lanes_flow *f = i->flow;
    struct lanes_lane *lane = &f->of->lane[f->lane];
    if (f->restored == i)
        f->restored = TAILQ_PREV(i, lanes_items, next);
    TAILQ_REMOVE(&f->waiting, i, next);
    if (TAILQ_EMPTY(&f->waiting))
        TAILQ_REMOVE(&lane->turns, f, in_turn);
    if (TAILQ_EMPTY(&lane->turns))
        lane->passed = 0;
}

/* ---- recovery */

/* Behind the one before: what came while the snapshot was written stands behind all that it holds,
 * and nearly all of those come back in order. */
void lanes_restore(struct lanes_item *i)
{
    struct lanes_flow *f = i->flow;
    bool (*before)(const struct lanes_item *a, const struct lanes_item *b) = f->of->book->before;
    take_turns(f);
    if (f->restored == NULL)
        TAILQ_INSERT_HEAD(&f->waiting, i, next);
    else
        TAILQ_INSERT_AFTER(&f->waiting, f->restored, i, next);
    const struct lanes_item *next = TAILQ_NEXT(i, next);
    if ((f->restored != NULL && before(i, f->restored)) || (next != NULL && before(next, i)))
        f->disordered = true;
    f->restored = i;
}

/* Two halves, and then together (a merge sort): the list is all that it needs. */
static void sort_items(const struct lanes_book *b, struct lanes_items *list, size_t count)
{
    struct lanes_items left = TAILQ_HEAD_INITIALIZER(left);
    struct lanes_item *i;
    if (count < 2)
        return;
    for (size_t n = 0; n < count / 2; n++) {
        i = TAILQ_FIRST(list);
        TAILQ_REMOVE(list, i, next);
        TAILQ_INSERT_TAIL(&left, i, next);
    }
    sort_items(b, &left, count / 2);
    sort_items(b, list, count - count / 2);
    struct lanes_item *at = TAILQ_FIRST(list);
    while ((i = TAILQ_FIRST(&left)) != NULL) {
        while (at != NULL && b->before(at, i))
            at = TAILQ_NEXT(at, next);
        TAILQ_REMOVE(&left, i, next);
        if (at == NULL)
            TAILQ_INSERT_TAIL(list, i, next);
        else
            TAILQ_INSERT_BEFORE(at, i, next);
    }
}

static void sort_flow(const struct lanes_book *b, struct lanes_flow *f)
{
    const struct lanes_item *i;
    size_t count = 0;
    TAILQ_FOREACH (i, &f->waiting, next)
        count++;
    sort_items(b, &f->waiting, count);
}

void lanes_sort(struct lanes *l)
{
    struct lanes_flow *f;
    for (size_t k = 0; k < LANES; k++) {
        TAILQ_FOREACH (f, &l->lane[k].turns, in_turn) {
            if (f->disordered)
                sort_flow(l->book, f);
            f->disordered = false;
            f->restored = NULL;
        }
    }
}

/* ---- who is next */

static uint64_t price(const struct lanes_book *b, const struct lanes_item *i)
{
    const size_t n = b->bytes(i);
    return n < LANES_LEAST ? LANES_LEAST : n;
}

/* Each turn that is passed over pays for bytes that went before: so many are passed over as were
 * sent, whoever waits. */
static struct lanes_item *first_in(struct lanes_lane *lane)
{
    struct lanes_flow *f;
    while ((f = TAILQ_FIRST(&lane->turns)) != NULL && f->credit <= 0) {
        f->credit += LANES_QUANTUM;
        TAILQ_REMOVE(&lane->turns, f, in_turn);
        TAILQ_INSERT_TAIL(&lane->turns, f, in_turn);
    }
    return f == NULL ? NULL : TAILQ_FIRST(&f->waiting);
}

static uint64_t most_of(uint64_t most, bool urgent)
{
    return urgent ? most + most / 4 : most;
}

bool lanes_has_room(const struct lanes_window *w, bool urgent)
{
    return w->taken < most_of(w->most, urgent) && w->taken_bytes < most_of(w->most_bytes, urgent);
}

static bool fits(const struct lanes_item *i, const struct lanes_window *w)
{
    const bool urgent = i->flow->lane == 0;
    const uint64_t most = most_of(w->most, urgent), most_bytes = most_of(w->most_bytes, urgent);
    const size_t bytes = i->flow->of->book->bytes(i);
    return w->taken == 0 || (w->taken < most && w->taken_bytes <= most_bytes &&
                             bytes <= most_bytes - w->taken_bytes);
}

/* Whoever has been passed for long enough. Passed for twice as long, it is waited for: what goes
 * instead would else keep the window too full for it for ever. */
static struct lanes_item *due(struct lanes *l, bool *is_waited_for)
{
    for (size_t k = 1; k < LANES; k++) {
        struct lanes_item *i = first_in(&l->lane[k]);
        const uint64_t most = i == NULL ? UINT64_MAX : LANES_GUARD * price(l->book, i);
        if (l->lane[k].passed < most)
            continue;
        *is_waited_for = l->lane[k].passed / 2 >= most;
        return i;
    }
    return NULL;
}

struct lanes_item *lanes_next(struct lanes *l, const struct lanes_window *w)
{
    bool is_waited_for = false;
    struct lanes_item *i = due(l, &is_waited_for);
    if (i != NULL && (is_waited_for || fits(i, w)))
        return fits(i, w) ? i : NULL;
    i = NULL;
    for (size_t k = 0; i == NULL && k < LANES; k++)
        i = first_in(&l->lane[k]);
    return i != NULL && fits(i, w) ? i : NULL;
}

void lanes_serve(struct lanes_item *i, struct lanes_window *w)
{
    struct lanes *l = i->flow->of;
    const uint64_t paid = price(l->book, i);
    i->flow->credit -= (int64_t)paid;
    for (size_t k = 1; k < LANES; k++)
        if (!TAILQ_EMPTY(&l->lane[k].turns))
            l->lane[k].passed += paid;
    l->lane[i->flow->lane].passed = 0;
    lanes_set_aside(i);
    lanes_count(i, w);
}

void lanes_count(const struct lanes_item *i, struct lanes_window *w)
{
    w->taken++;
    w->taken_bytes += i->flow->of->book->bytes(i);
}

void lanes_done(const struct lanes_item *i, struct lanes_window *w)
{
    w->taken--;
    w->taken_bytes -= i->flow->of->book->bytes(i);
}

bool lanes_are_urgent(const struct lanes *l)
{
    return !TAILQ_EMPTY(&l->lane[0].turns);
}

bool lanes_are_empty(const struct lanes *l)
{
    for (size_t k = 0; k < LANES; k++)
        if (!TAILQ_EMPTY(&l->lane[k].turns))
            return false;
    return true;
}
