#include "spool/stored.h"

#include "base/mem.h"

void stored_round_init(struct stored_round *r)
{
    *r = (struct stored_round){.lap = 0};
    TAILQ_INIT(&r->turns);
}

struct stored *stored_new(struct stored_round *r, uint64_t index, int64_t at_us,
                          struct journal_place place, uint64_t refers)
{
    struct stored *s = mem_new(sizeof *s);
    *s = (struct stored){.index = index,
                         .at_us = at_us,
                         .place = place,
                         .refers = refers,
                         .holds = 1,
                         .lap = r->lap};
    LIST_INIT(&s->deliveries);
    TAILQ_INSERT_TAIL(&r->turns, s, in_turn);
    if (r->came == NULL)
        r->came = s;
    return s;
}

void stored_hold(struct stored *s)
{
    s->holds++;
}

void stored_drop(struct stored_round *r, struct stored *s)
{
    if (--s->holds > 0)
        return;
    if (r->came == s)
        r->came = TAILQ_NEXT(s, in_turn);
    TAILQ_REMOVE(&r->turns, s, in_turn);
    mem_free(s);
}

void stored_begin_lap(struct stored_round *r)
{
    r->lap++;
    r->came = NULL;
}

struct stored *stored_next(const struct stored_round *r)
{
    struct stored *s = TAILQ_FIRST(&r->turns);
    return s == NULL || stored_is_done(r, s) ? NULL : s;
}

bool stored_is_done(const struct stored_round *r, const struct stored *s)
{
    return s->lap == r->lap;
}

/* In front of those that came meanwhile, so that the next lap meets all in the order in which they
 * came: recovery finds the queues in order. */
void stored_done(struct stored_round *r, struct stored *s)
{
    s->lap = r->lap;
    TAILQ_REMOVE(&r->turns, s, in_turn);
    if (r->came == NULL)
        TAILQ_INSERT_TAIL(&r->turns, s, in_turn);
    else
        TAILQ_INSERT_BEFORE(r->came, s, in_turn);
}
