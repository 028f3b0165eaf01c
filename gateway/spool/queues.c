#include "spool/queues.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/series.h"

/* The queues of one unit. */
struct unit {
    char name[IDENT_UNIT_MAX + 1];
    struct spool_queue *queue[SPOOL_QUEUES_A_UNIT];
    size_t queues;
};

struct spool_queues {
    struct map *units, *consumers;
    struct series *entries;             /* by id */
    TAILQ_HEAD(, spool_queue) awake[2]; /* those with something urgent, and the others */
    unsigned passed;                    /* how many of the first since one of the others */
    struct lanes_window offered;        /* what the edge has to decide */
    uint64_t next_entry;
    struct lanes_book book;
};

static struct bytes unit_name(const void *item)
{
    return bytes_of_text(((const struct unit *)item)->name);
}

static struct bytes consumer_id(const void *item)
{
    return bytes_of(&((const struct spool_queue *)item)->consumer.id, sizeof(uint64_t));
}

static size_t entry_bytes(const struct lanes_item *i)
{
    return entry_of(i)->delivery->size;
}

static bool came_before(const struct lanes_item *a, const struct lanes_item *b)
{
    return entry_of(a)->id < entry_of(b)->id;
}

struct spool_queues *spool_queues_new(void)
{
    struct spool_queues *q = mem_new(sizeof *q);
    q->units = map_new(unit_name);
    q->entries = series_new();
    q->consumers = map_new(consumer_id);
    TAILQ_INIT(&q->awake[0]);
    TAILQ_INIT(&q->awake[1]);
    q->offered =
        (struct lanes_window){.most = LIMIT_OFFERED_MESSAGES, .most_bytes = LIMIT_OFFERED_BYTES};
    lanes_book_init(&q->book, entry_bytes, came_before);
    q->next_entry = 1;
    return q;
}

static void free_texts(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(list[i]);
    mem_free(list);
}

void spool_queues_free(struct spool_queues *q)
{
    size_t at;
    struct series_walk walk = {0};
    struct unit *u;
    struct entry *e;
    if (q == NULL)
        return;
    while ((e = series_next(q->entries, &walk)) != NULL)
        mem_free(e);
    MAP_FOREACH (u, q->units, at) {
        for (size_t i = 0; i < u->queues; i++) {
            free_texts(u->queue[i]->kind, u->queue[i]->kinds);
            free_texts(u->queue[i]->incident, u->queue[i]->incidents);
            mem_free(u->queue[i]);
        }
        mem_free(u);
    }
    lanes_book_free(&q->book);
    map_free(q->units);
    series_free(q->entries);
    map_free(q->consumers);
    mem_free(q);
}

static struct unit *unit_for(struct spool_queues *q, struct bytes name, bool make)
{
    struct unit *u = map_get(q->units, name);
    if (u != NULL || !make || name.n > IDENT_UNIT_MAX)
        return u;
    u = mem_new(sizeof *u);
    memcpy(u->name, name.p, name.n);
    (void)map_add(q->units, u);
    return u;
}

struct spool_queue *spool_queue(struct spool_queues *q, struct bytes unit, struct bytes name,
                                bool make)
{
    struct unit *u = unit_for(q, unit, make);
    if (u == NULL || name.n > IDENT_WORD_MAX)
        return NULL;
    for (size_t i = 0; i < u->queues; i++)
        if (bytes_is(name, u->queue[i]->name))
            return u->queue[i];
    bool own = !bytes_is(name, "default") && !bytes_is(name, "exercise");
    if (!make || u->queues >= (own ? SPOOL_QUEUES_A_UNIT - 2 : SPOOL_QUEUES_A_UNIT))
        return NULL;
    struct spool_queue *queue = mem_new(sizeof *queue);
    memcpy(queue->name, name.p, name.n);
    memcpy(queue->unit, unit.p, unit.n);
    lanes_init(&queue->lanes, &q->book);
    TAILQ_INIT(&queue->hand);
    TAILQ_INIT(&queue->parked);
    u->queue[u->queues++] = queue;
    return queue;
}

static char **copy_texts(const struct bytes *list, size_t count)
{
    char **out = mem_new_array(count, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        out[i] = mem_text(list[i].p, list[i].n);
    return out;
}

void spool_queue_set_filter(struct spool_queue *queue, const struct road_subscribe *s)
{
    queue->kind = copy_texts(s->kind, s->kinds);
    queue->kinds = s->kinds;
    queue->incident = copy_texts(s->incident, s->incidents);
    queue->incidents = s->incidents;
}

static bool is_in(struct bytes word, char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_is(word, list[i]))
            return true;
    return count == 0;
}

static bool matches(const struct spool_queue *queue, const struct road_envelope *e)
{
    bool incident = queue->incidents == 0;
    for (size_t i = 0; i < e->incidents && !incident; i++)
        incident = is_in(e->incident[i], queue->incident, queue->incidents);
    return incident && is_in(e->kind, queue->kind, queue->kinds);
}

static void sleep_again(struct spool_queues *q, struct spool_queue *queue)
{
    if (queue->awake)
        TAILQ_REMOVE(&q->awake[queue->awake_in], queue, in_awake);
    queue->awake = false;
}

static void wake(struct spool_queues *q, struct spool_queue *queue)
{
    const uint8_t in = lanes_are_urgent(&queue->lanes) ? 0 : 1;
    if (!queue->has_consumer || (queue->awake && queue->awake_in == in))
        return;
    sleep_again(q, queue);
    queue->awake = true;
    queue->awake_in = in;
    TAILQ_INSERT_TAIL(&q->awake[in], queue, in_awake);
}

struct spool_queue *spool_take_awake(struct spool_queues *q)
{
    const unsigned first = q->passed >= LANES_GUARD ? 1 : 0;
    for (unsigned i = 0; i < 2; i++) {
        const unsigned in = first ^ i;
        struct spool_queue *queue = TAILQ_FIRST(&q->awake[in]);
        if (queue == NULL || !lanes_has_room(&q->offered, in == 0))
            continue;
        q->passed = in == 0 && !TAILQ_EMPTY(&q->awake[1]) ? q->passed + 1 : 0;
        sleep_again(q, queue);
        return queue;
    }
    return NULL;
}

bool spool_has_room(const struct spool_queues *q, const struct spool_queue *queue)
{
    return lanes_has_room(&q->offered, lanes_are_urgent(&queue->lanes));
}

void spool_stay_awake(struct spool_queues *q, struct spool_queue *queue)
{
    wake(q, queue);
}

static struct entry *new_entry(struct spool_queues *q, struct delivery *d, uint64_t id)
{
    struct entry *e = mem_new(sizeof *e);
    *e = (struct entry){.id = id, .delivery = d};
    (void)series_add(q->entries, id, e);
    TAILQ_INSERT_TAIL(&d->all, e, of_delivery);
    d->entries++;
    return e;
}

static void add_entry(struct spool_queues *q, struct spool_queue *queue, struct delivery *d,
                      struct bytes source)
{
    struct entry *e = new_entry(q, d, q->next_entry++);
    e->queue = queue;
    lanes_join(&queue->lanes, d->lane, source, &e->item);
    lanes_put(&e->item);
    wake(q, queue);
}

void spool_enqueue(struct spool_queues *q, struct delivery *d, struct bytes unit,
                   const struct road_envelope *envelope)
{
    struct bytes standard = bytes_of_text("default"), exercise = bytes_of_text("exercise");
    bool is_exercise = bytes_is(envelope->status, "exercise");
    const struct unit *u = unit_for(q, unit, true);
    for (size_t i = 0; !is_exercise && i < u->queues; i++) {
        struct spool_queue *queue = u->queue[i];
        if (!bytes_is(standard, queue->name) && !bytes_is(exercise, queue->name) &&
            matches(queue, envelope))
            add_entry(q, queue, d, envelope->source);
    }
    if (d->entries == 0)
        add_entry(q, spool_queue(q, unit, is_exercise ? exercise : standard, true), d,
                  envelope->source);
}

void spool_hold(struct spool_queues *q, struct delivery *d)
{
    new_entry(q, d, q->next_entry++)->state = ENTRY_HELD;
}

bool spool_is_held(const struct delivery *d)
{
    const struct entry *e = TAILQ_FIRST(&d->all);
    return e != NULL && e->state == ENTRY_HELD;
}

void spool_unhold(struct spool_queues *q, struct delivery *d, struct bytes unit,
                  const struct road_envelope *envelope)
{
    (void)spool_settle(q, TAILQ_FIRST(&d->all));
    spool_enqueue(q, d, unit, envelope);
}

void spool_restore(struct spool_queues *q, struct delivery *d, const struct spool_entry_kept *kept)
{
    struct entry *e = new_entry(q, d, kept->id);
    e->queue = kept->queue;
    e->sent_before = kept->sent_before;
    if (kept->queue == NULL) {
        e->state = ENTRY_HELD;
        return;
    }
    lanes_join(&kept->queue->lanes, d->lane, kept->source, &e->item);
    lanes_restore(&e->item);
}

uint64_t spool_next_number(const struct spool_queues *q)
{
    return q->next_entry;
}

void spool_set_next_number(struct spool_queues *q, uint64_t id)
{
    q->next_entry = id;
}

void spool_sort(struct spool_queues *q)
{
    struct spool_walk walk = {0};
    struct spool_queue *queue;
    while ((queue = spool_queues_next(q, &walk)) != NULL)
        lanes_sort(&queue->lanes);
}

struct entry *spool_entry(const struct spool_queues *q, uint64_t id)
{
    return series_get(q->entries, id);
}

size_t spool_entries(const struct spool_queues *q)
{
    return series_count(q->entries);
}

struct entry *spool_next(struct spool_queue *queue)
{
    return queue->has_consumer ? entry_of(lanes_next(&queue->lanes, &queue->consumer.window))
                               : NULL;
}

void spool_offer(struct spool_queues *q, struct entry *e)
{
    lanes_serve(&e->item, &e->queue->consumer.window);
    e->queue->consumer.hand[e->delivery->lane]++;
    lanes_count(&e->item, &q->offered);
    TAILQ_INSERT_TAIL(&e->queue->hand, &e->item, next);
    e->state = ENTRY_OFFERED;
}

void spool_release(struct spool_queues *q, struct entry *e)
{
    if (e->state == ENTRY_OFFERED)
        lanes_done(&e->item, &q->offered);
    e->state = ENTRY_IN_FLIGHT;
}

static void leave_hand(struct spool_queues *q, struct entry *e)
{
    if (e->state == ENTRY_OFFERED)
        lanes_done(&e->item, &q->offered);
    TAILQ_REMOVE(&e->queue->hand, &e->item, next);
    lanes_done(&e->item, &e->queue->consumer.window);
    e->queue->consumer.hand[e->delivery->lane]--;
}

static void into_lane(struct entry *e)
{
    e->state = ENTRY_QUEUED;
    lanes_put_back(&e->item);
}

static void put_back(struct spool_queues *q, struct entry *e)
{
    leave_hand(q, e);
    e->sent_before = e->sent_before || e->state != ENTRY_OFFERED;
    into_lane(e);
}

void spool_park(struct spool_queues *q, struct entry *e)
{
    if (e->state == ENTRY_QUEUED)
        lanes_set_aside(&e->item);
    else
        leave_hand(q, e);
    TAILQ_INSERT_TAIL(&e->queue->parked, &e->item, next);
    e->state = ENTRY_PARKED;
    wake(q, e->queue);
}

static void unpark(struct spool_queues *q, struct entry *e)
{
    TAILQ_REMOVE(&e->queue->parked, &e->item, next);
    into_lane(e);
    wake(q, e->queue);
}

void spool_unpark(struct spool_queues *q, struct delivery *d)
{
    struct entry *e;
    TAILQ_FOREACH (e, &d->all, of_delivery)
        if (e->state == ENTRY_PARKED)
            unpark(q, e);
}

void spool_unpark_all(struct spool_queues *q)
{
    struct spool_walk walk = {0};
    struct spool_queue *queue;
    struct entry *e;
    while ((queue = spool_queues_next(q, &walk)) != NULL)
        while ((e = entry_of(TAILQ_LAST(&queue->parked, lanes_items))) != NULL)
            unpark(q, e);
}

void spool_lose_consumer(struct spool_queues *q, struct spool_queue *queue)
{
    struct entry *e;
    if (!queue->has_consumer)
        return;
    while ((e = entry_of(TAILQ_LAST(&queue->hand, lanes_items))) != NULL)
        put_back(q, e);
    (void)map_remove(q->consumers, consumer_id(queue));
    queue->has_consumer = false;
    sleep_again(q, queue);
}

static void leave_queue(struct spool_queues *q, struct entry *e)
{
    if (e->queue == NULL)
        return; /* it is held */
    if (e->state == ENTRY_PARKED)
        TAILQ_REMOVE(&e->queue->parked, &e->item, next);
    else if (e->state != ENTRY_QUEUED)
        leave_hand(q, e);
    lanes_leave(&e->item, e->state == ENTRY_QUEUED);
    wake(q, e->queue);
}

void spool_keep(struct spool_queues *q, struct delivery *d)
{
    while (d->entries > 1)
        (void)spool_settle(q, TAILQ_LAST(&d->all, entry_list));
    struct entry *e = TAILQ_FIRST(&d->all);
    e->sent_before = e->sent_before || e->state == ENTRY_IN_FLIGHT || e->state == ENTRY_SETTLING;
    leave_queue(q, e);
    e->queue = NULL;
    e->state = ENTRY_HELD;
}

bool spool_settle(struct spool_queues *q, struct entry *e)
{
    struct delivery *d = e->delivery;
    leave_queue(q, e);
    TAILQ_REMOVE(&d->all, e, of_delivery);
    (void)series_remove(q->entries, e->id);
    mem_free(e);
    return --d->entries == 0;
}

struct spool_queue *spool_queues_next(const struct spool_queues *q, struct spool_walk *w)
{
    while (w->unit == NULL || w->queue == w->unit->queues) {
        w->unit = map_next(q->units, &w->at);
        w->queue = 0;
        if (w->unit == NULL)
            return NULL;
    }
    return w->unit->queue[w->queue++];
}

struct spool_queue *spool_queue_of(const struct spool_queues *q, uint64_t consumer)
{
    return map_get(q->consumers, bytes_of(&consumer, sizeof consumer));
}

void spool_set_consumer(struct spool_queues *q, struct spool_queue *queue,
                        const struct road_subscribe *s)
{
    queue->has_consumer = true;
    queue->consumer = (struct consumer){.id = s->consumer,
                                        .window = {.most = s->most, .most_bytes = s->most_bytes}};
    (void)map_add(q->consumers, queue);
    wake(q, queue);
}

bool spool_flows_next(const struct spool_queues *q, size_t *at, struct spool_flow *out)
{
    const struct lanes_flow *f = lanes_book_next(&q->book, at);
    if (f == NULL)
        return false;
    *out = (struct spool_flow){.queue = CONTAINER_OF(f->of, struct spool_queue, lanes),
                               .lane = f->lane,
                               .entries = f->items,
                               .first = entry_of(TAILQ_FIRST(&f->waiting))};
    return true;
}
