#include "spool/succession.h"

#include "base/map.h"
#include "base/mem.h"

/* By its tag and the first of the queues: whoever is in other queues too is looked at then. */
enum { KEY = ROAD_TAG + sizeof(struct spool_queue *) };

struct succession {
    uint8_t key[KEY];
    TAILQ_HEAD(, delivery) all;
};

struct successions {
    struct map *by_key;
};

static struct bytes key_of(const void *item)
{
    return bytes_of(((const struct succession *)item)->key, KEY);
}

struct successions *successions_new(void)
{
    struct successions *s = mem_new(sizeof *s);
    s->by_key = map_new(key_of);
    return s;
}

void successions_free(struct successions *s)
{
    if (s == NULL)
        return;
    map_free(s->by_key);
    mem_free(s);
}

void succession_join(struct successions *s, struct delivery *d, const uint8_t tag[ROAD_TAG])
{
    const struct spool_queue *queue = TAILQ_FIRST(&d->all)->queue;
    uint8_t key[KEY];
    memcpy(key, tag, ROAD_TAG);
    memcpy(key + ROAD_TAG, &queue, sizeof queue);
    struct succession *x = map_get(s->by_key, bytes_of(key, KEY));
    if (x == NULL) {
        x = mem_new(sizeof *x);
        memcpy(x->key, key, KEY);
        TAILQ_INIT(&x->all);
        (void)map_add(s->by_key, x);
    }
    d->succession = x;
    TAILQ_INSERT_TAIL(&x->all, d, of_succession);
}

void succession_leave(struct successions *s, struct delivery *d)
{
    struct succession *x = d->succession;
    if (x == NULL)
        return;
    d->succession = NULL;
    TAILQ_REMOVE(&x->all, d, of_succession);
    if (TAILQ_EMPTY(&x->all))
        mem_free(map_remove(s->by_key, key_of(x)));
}

struct bytes succession_tag(const struct delivery *d)
{
    return d->succession == NULL ? bytes_of(NULL, 0) : bytes_of(d->succession->key, ROAD_TAG);
}

/* ---- who may stand for whom */

static struct entry *entry_in(const struct delivery *d, const struct spool_queue *queue)
{
    struct entry *e;
    TAILQ_FOREACH (e, &d->all, of_delivery)
        if (e->queue == queue)
            return e;
    return NULL;
}

/* Wherever the older one is, the newer one is, in the same lane and of the same sender: whoever
 * makes tags is not asked. */
static bool covers(const struct delivery *newer, const struct delivery *older)
{
    const struct entry *e;
    TAILQ_FOREACH (e, &older->all, of_delivery) {
        const struct entry *own = e->queue == NULL ? NULL : entry_in(newer, e->queue);
        if (own == NULL || own->item.flow != e->item.flow)
            return false;
    }
    return true;
}

bool succession_may(const struct delivery *older, const struct delivery *newer)
{
    return older != newer && older->succession != NULL && older->succession == newer->succession &&
           older->scope->preserved == 0 && (older->duty == 0 || newer->duty != 0) &&
           covers(newer, older);
}

/* Nobody was offered any of it. */
static bool waits(const struct delivery *d)
{
    const struct entry *e;
    TAILQ_FOREACH (e, &d->all, of_delivery)
        if (e->state != ENTRY_QUEUED && e->state != ENTRY_PARKED)
            return false;
    return true;
}

struct delivery *succession_older(const struct delivery *newest)
{
    struct delivery *d;
    if (newest->succession == NULL)
        return NULL;
    TAILQ_FOREACH (d, &newest->succession->all, of_succession)
        if (waits(d) && succession_may(d, newest))
            return d;
    return NULL;
}

/* What waits already has another delivery, whose own entry is not needed. */
static void hand_over(struct spool_queues *q, struct entry *waiting, struct entry *own)
{
    struct delivery *older = waiting->delivery, *newer = own->delivery;
    TAILQ_REMOVE(&older->all, waiting, of_delivery);
    older->entries--;
    waiting->delivery = newer;
    lanes_resized(&waiting->item, older->size);
    TAILQ_INSERT_AFTER(&newer->all, own, waiting, of_delivery);
    newer->entries++;
    (void)spool_settle(q, own);
}

void succession_take_place(struct spool_queues *q, struct delivery *older, struct delivery *newer)
{
    struct entry *e, *next;
    spool_unpark(q, older);
    for (e = TAILQ_FIRST(&older->all); e != NULL; e = next) {
        struct entry *own = entry_in(newer, e->queue);
        next = TAILQ_NEXT(e, of_delivery);
        if (e->id < own->id) /* else it took the place of one that came earlier still */
            hand_over(q, e, own);
    }
}
