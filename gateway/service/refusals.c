/*
 * What a unit may send that is refused, or was answered before. Each refusal is on record, so a
 * unit that sends nothing else would fill the disk as fast as it can write; and each repeat's
 * receipt is read in the log again. Once it has used up LIMIT_REFUSALS or LIMIT_REPEATS, its
 * messages rest here, in order, the good ones too, and go on as time gives some back: nothing is
 * lost, and each of its calls is asked to wait with the first of its own.
 */
#include "service/intake.h"

#include "base/bucket.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>

static const struct bucket_size of_refused = {LIMIT_REFUSALS, LIMIT_REFUSALS_A_SECOND},
                                of_repeated = {LIMIT_REPEATS, LIMIT_REPEATS_A_SECOND},
                                of_ways = {LIMIT_WAYS, LIMIT_WAYS_A_SECOND};

struct refusals {
    struct bucket refused, repeated, ways;
    struct lanes_items resting; /* turns of publications */
    bool told;
    char unit[IDENT_UNIT_MAX + 1];
};

static struct bytes key(const void *item)
{
    return bytes_of_text(((const struct refusals *)item)->unit);
}

static struct refusals *find(const struct edge *e, const char *unit)
{
    return map_get(e->refusals, bytes_of_text(unit));
}

static int64_t now(const struct edge *e)
{
    return clock_steady_us(&e->config.clock);
}

void refusals_init(struct edge *e)
{
    e->refusals = map_new(key);
}

void refusals_free(struct edge *e)
{
    size_t at = 0;
    while (map_next(e->refusals, &at) != NULL)
        mem_free(map_take(e->refusals, &at));
    map_free(e->refusals);
    e->refusals = NULL;
}

static struct refusals *refusals_of(struct edge *e, const char *unit)
{
    struct refusals *r = find(e, unit);
    if (r != NULL)
        return r;
    r = mem_new(sizeof *r);
    (void)snprintf(r->unit, sizeof r->unit, "%s", unit);
    bucket_init(&r->refused, &of_refused, now(e));
    bucket_init(&r->repeated, &of_repeated, now(e));
    bucket_init(&r->ways, &of_ways, now(e));
    TAILQ_INIT(&r->resting);
    (void)map_add(e->refusals, r);
    return r;
}

/* What was on its way already makes no debt: time gives back at once. */
static void spend(const struct edge *e, struct bucket *b, const struct bucket_size *size)
{
    if (bucket_left(b, size, now(e)) > 0)
        (void)bucket_spend(b, size, now(e), 1);
}

void refusals_count(struct edge *e, const char *unit)
{
    spend(e, &refusals_of(e, unit)->refused, &of_refused);
}

void refusals_count_repeat(struct edge *e, const char *unit)
{
    spend(e, &refusals_of(e, unit)->repeated, &of_repeated);
}

uint32_t refusals_left_ways(struct edge *e, const char *unit)
{
    struct refusals *r = find(e, unit);
    return r == NULL ? LIMIT_WAYS : bucket_left(&r->ways, &of_ways, now(e));
}

void refusals_count_ways(struct edge *e, const char *unit, size_t ways)
{
    (void)bucket_spend(&refusals_of(e, unit)->ways, &of_ways, now(e),
                       ways < LIMIT_WAYS ? (uint32_t)ways : LIMIT_WAYS);
}

/* Whether it goes on at once. Who asks for a receipt waits only for other repeats. */
static bool may_pass(struct refusals *r, const struct publication *m)
{
    const bool has_repeats = bucket_left(&r->repeated, &of_repeated, now(m->edge)) > 0;
    if (m->owner == NULL)
        return has_repeats;
    return has_repeats && bucket_left(&r->refused, &of_refused, now(m->edge)) > 0 &&
           TAILQ_EMPTY(&r->resting);
}

bool refusals_rest(struct publication *m)
{
    struct refusals *r = map_count(m->edge->refusals) == 0 ? NULL : find(m->edge, m->sender);
    if (r == NULL || may_pass(r, m))
        return false;
    if (!r->told)
        log_line(m->edge->config.log, LOG_ALARM, "unit-slowed",
                 "unit=%s why=\"too many of its messages are refused, or sent again\"", m->sender);
    r->told = true;
    TAILQ_INSERT_TAIL(&r->resting, &m->turn, next);
    m->turn_is = TURN_RESTS;
    if (bucket_left(&r->refused, &of_refused, now(m->edge)) == 0)
        edge_offends(m->edge, m->sender, OFFENCE_REFUSED_MESSAGES);
    return true;
}

void refusals_leave(struct publication *m)
{
    TAILQ_REMOVE(&find(m->edge, m->sender)->resting, &m->turn, next);
}

static void let_go(struct refusals *r, uint32_t most)
{
    struct lanes_item *i;
    for (; most > 0 && (i = TAILQ_FIRST(&r->resting)) != NULL; most--) {
        TAILQ_REMOVE(&r->resting, i, next);
        publication_wait(CONTAINER_OF(i, struct publication, turn));
    }
}

void refusals_tick(struct edge *e)
{
    struct refusals *r;
    size_t at = 0;
    while ((r = map_next(e->refusals, &at)) != NULL) {
        const uint32_t refused = bucket_left(&r->refused, &of_refused, now(e)),
                       repeated = bucket_left(&r->repeated, &of_repeated, now(e));
        let_go(r, refused < repeated ? refused : repeated);
        if (refused == of_refused.most && repeated == of_repeated.most &&
            bucket_left(&r->ways, &of_ways, now(e)) == of_ways.most && TAILQ_EMPTY(&r->resting))
            mem_free(map_take(e->refusals, &at));
    }
    publications_take_turns(e);
}
