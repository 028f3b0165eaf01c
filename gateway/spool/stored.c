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
    TAILQ_REMOVE(&r->turns, s, in_turn);
    mem_free(s);
}

void stored_begin_lap(struct stored_round *r)
{
    r->lap++;
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

void stored_done(struct stored_round *r, struct stored *s)
{
    s->lap = r->lap;
    TAILQ_REMOVE(&r->turns, s, in_turn);
    TAILQ_INSERT_TAIL(&r->turns, s, in_turn);
}
