/*
 * Units that offend again and again. One that has done so as often within a time as the settings
 * say is named to the ledger, which suspends it on record; suspended, it is barred (bar.c). Only
 * what was done over a unit's session, or with its key, counts against it, and no lost or slow
 * connection does: nobody can have another one suspended, and no bad line a unit of its own.
 */
#include "service/state.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>

/* More messages or handshakes than it may have are one offence in so long, however many. */
#define ONCE_IN (30 * US_PER_S)

struct offender {
    unsigned count, next;             /* of at_us: a ring of as many as make an offender */
    int64_t last_us[OFFENCES];        /* of each kind; 0: never */
    int64_t at_us[EDGE_OFFENCES_MAX]; /* steady clock */
    char unit[IDENT_UNIT_MAX + 1];
};

static struct bytes key(const void *item)
{
    return bytes_of_text(((const struct offender *)item)->unit);
}

void offences_init(struct edge *e)
{
    e->offences = map_new(key);
    if (e->config.offences == 0)
        log_line(e->config.log, LOG_NOTE, "offences-off",
                 "why=\"offences is 0: no unit is suspended for what it does again and again\"");
}

void offences_free(struct edge *e)
{
    size_t at = 0;
    while (map_next(e->offences, &at) != NULL)
        mem_free(map_take(e->offences, &at));
    map_free(e->offences);
    e->offences = NULL;
}

static struct offender *offender_of(struct edge *e, const char *unit)
{
    struct offender *r = map_get(e->offences, bytes_of_text(unit));
    if (r != NULL)
        return r;
    r = mem_new(sizeof *r);
    (void)snprintf(r->unit, sizeof r->unit, "%s", unit);
    (void)map_add(e->offences, r);
    return r;
}

/* Whether that makes as many as bear no more. */
static bool count(const struct edge *e, struct offender *r, int64_t now_us)
{
    const unsigned most = e->config.offences;
    r->at_us[r->next] = now_us;
    r->next = (r->next + 1) % most;
    r->count += r->count < most;
    return r->count == most && now_us - r->at_us[r->next] <= e->config.offences_within_us;
}

/* It is counted from the start then: whoever is let in again begins anew. */
static void name_offender(struct edge *e, struct offender *r, enum offence what)
{
    const struct road_offender o = {bytes_of_text(r->unit), (uint8_t)what};
    log_line(e->config.log, LOG_ALARM, "unit-offends", "unit=%s offence=%s count=%u", r->unit,
             offence_word(what), e->config.offences);
    buf_clear(&e->out);
    road_offender_put(&o, &e->out);
    edge_tell(e, IPC_OFFENDER, buf_view(&e->out));
    mem_free(map_remove(e->offences, key(r)));
}

void edge_offends(struct edge *e, const char *unit, enum offence what)
{
    const int64_t now_us = clock_steady_us(&e->config.clock);
    if (e->config.offences == 0 || edge_is_barred(e, unit))
        return;
    struct offender *r = offender_of(e, unit);
    const bool is_one =
        what == OFFENCE_FLOOD || r->last_us[what] == 0 || now_us - r->last_us[what] >= ONCE_IN;
    if (!is_one)
        return;
    r->last_us[what] = now_us;
    if (count(e, r, now_us) && e->has_ledger)
        name_offender(e, r, what);
}

void offences_tick(struct edge *e)
{
    const int64_t now_us = clock_steady_us(&e->config.clock);
    const unsigned most = e->config.offences;
    struct offender *r;
    size_t at = 0;
    while ((r = map_next(e->offences, &at)) != NULL)
        if (now_us - r->at_us[(r->next + most - 1) % most] > e->config.offences_within_us)
            mem_free(map_take(e->offences, &at));
}
