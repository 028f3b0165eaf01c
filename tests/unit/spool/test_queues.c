#include "spool/queues.h"

#include "support.h"

#include "base/limits.h"

enum { DELIVERIES = 64 };

/* Queues, and deliveries for them that are freed with the bench. */
struct bench {
    struct spool_queues *q;
    struct stored stored;
    struct delivery d[DELIVERIES];
    size_t count;
};

static void bench_init(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->q = spool_queues_new();
}

static void bench_free(struct bench *b)
{
    spool_queues_free(b->q);
}

static struct delivery *enqueue_as(struct bench *b, const char *unit, uint8_t lane, uint32_t size,
                                   const struct road_envelope *e)
{
    struct delivery *d = &b->d[b->count++];
    *d = (struct delivery){.stored = &b->stored, .lane = lane, .size = size};
    TAILQ_INIT(&d->all);
    spool_enqueue(b->q, d, bytes_of_text(unit), e);
    return d;
}

static struct delivery *enqueue(struct bench *b, const char *kind, uint8_t lane, uint32_t size)
{
    const struct road_envelope e = {.source = bytes_of_text(CENTRE),
                                    .kind = bytes_of_text(kind),
                                    .status = bytes_of_text("actual")};
    return enqueue_as(b, CAR, lane, size, &e);
}

static struct spool_queue *queue_of(const struct bench *b, const char *name)
{
    return spool_queue(b->q, bytes_of_text(CAR), bytes_of_text(name), false);
}

static struct spool_queue *make_queue(struct bench *b, const char *name, const char *kind,
                                      const char *incident)
{
    struct spool_queue *q = spool_queue(b->q, bytes_of_text(CAR), bytes_of_text(name), true);
    const struct road_subscribe s = {.kind = {bytes_of_text(kind)},
                                     .kinds = kind != NULL,
                                     .incident = {bytes_of_text(incident)},
                                     .incidents = incident != NULL};
    spool_queue_set_filter(q, &s);
    return q;
}

static void consume(struct bench *b, struct spool_queue *q, uint64_t id, uint32_t most,
                    uint64_t most_bytes)
{
    const struct road_subscribe s = {.consumer = id, .most = most, .most_bytes = most_bytes};
    spool_set_consumer(b->q, q, &s);
}

static struct entry *entry_in(const struct delivery *d, const struct spool_queue *q)
{
    struct entry *e;
    TAILQ_FOREACH (e, &d->all, of_delivery)
        if (e->queue == q)
            return e;
    return NULL;
}

static size_t waiting(const struct spool_queue *q)
{
    const struct lanes_flow *f;
    const struct lanes_item *i;
    size_t count = 0;
    for (size_t k = 0; k < LANES; k++)
        TAILQ_FOREACH (f, &q->lanes.lane[k].turns, in_turn)
            TAILQ_FOREACH (i, &f->waiting, next)
                count++;
    return count;
}

static struct entry *first_in_hand(const struct spool_queue *q)
{
    return entry_of(TAILQ_FIRST(&q->hand));
}

/* Offers whatever may be offered; the sizes in order, as a number: 132 is sizes 1, 3, 2. */
static uint32_t offer_all(struct bench *b, struct spool_queue *q)
{
    struct entry *e;
    uint32_t sizes = 0;
    while ((e = spool_next(q)) != NULL) {
        sizes = sizes * 10 + e->delivery->size;
        spool_offer(b->q, e);
    }
    return sizes;
}

/* ---- which queue */

static void what_no_filter_matches_waits_in_default(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct spool_queue *alerts = make_queue(&b, "alerts", "guardian_alert", NULL);
    const struct delivery *d = enqueue(&b, "incident_report", 1, 1);
    assert_int_equal(d->entries, 1);
    assert_int_equal(waiting(alerts), 0);
    assert_int_equal(waiting(queue_of(&b, "default")), 1);
    bench_free(&b);
}

static void what_several_filters_match_is_in_each_of_them_and_not_in_default(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct spool_queue *alerts = make_queue(&b, "alerts", "guardian_alert", NULL);
    const struct spool_queue *all = make_queue(&b, "all", NULL, NULL);
    const struct spool_queue *of_incident = make_queue(&b, "one", NULL, INCIDENT);
    const struct road_envelope e = {.kind = bytes_of_text("guardian_alert"),
                                    .incident = {bytes_of_text(OTHER), bytes_of_text(INCIDENT)},
                                    .incidents = 2};
    assert_int_equal(enqueue_as(&b, CAR, 0, 1, &e)->entries, 3);
    assert_int_equal(enqueue(&b, "guardian_alert", 0, 1)->entries, 2);
    assert_int_equal(waiting(alerts), 2);
    assert_int_equal(waiting(all), 2);
    assert_int_equal(waiting(of_incident), 1);
    assert_null(queue_of(&b, "default"));
    bench_free(&b);
}

static void an_exercise_goes_to_its_own_queue_only(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct spool_queue *all = make_queue(&b, "all", NULL, NULL);
    const struct road_envelope e = {.kind = bytes_of_text("guardian_alert"),
                                    .status = bytes_of_text("exercise")};
    assert_int_equal(enqueue_as(&b, CAR, 0, 1, &e)->entries, 1);
    assert_int_equal(waiting(all), 0);
    assert_int_equal(waiting(queue_of(&b, "exercise")), 1);
    /* and nothing real does, whatever its filter */
    (void)make_queue(&b, "exercise", NULL, NULL);
    assert_int_equal(enqueue(&b, "guardian_alert", 0, 1)->entries, 1);
    assert_int_equal(waiting(queue_of(&b, "exercise")), 1);
    bench_free(&b);
}

static void a_unit_has_a_few_queues_and_always_its_two_own(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    char name[8] = "q-0";
    for (char c = 'a'; c < 'a' + SPOOL_QUEUES_A_UNIT - 2; c++) {
        name[2] = c;
        assert_non_null(spool_queue(b.q, bytes_of_text(CAR), bytes_of_text(name), true));
    }
    assert_null(spool_queue(b.q, bytes_of_text(CAR), bytes_of_text("more"), true));
    assert_non_null(spool_queue(b.q, bytes_of_text(CAR), bytes_of_text("default"), true));
    assert_non_null(spool_queue(b.q, bytes_of_text(CAR), bytes_of_text("exercise"), true));
    assert_non_null(queue_of(&b, "q-a"));
    assert_non_null(spool_queue(b.q, bytes_of_text(CENTRE), bytes_of_text("more"), true));
    assert_null(queue_of(&b, "more"));
    bench_free(&b);
}

static void the_walk_meets_every_queue_once(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct spool_walk walk = {0};
    size_t count = 0;
    (void)make_queue(&b, "one", NULL, NULL);
    (void)make_queue(&b, "two", NULL, NULL);
    (void)spool_queue(b.q, bytes_of_text(CENTRE), bytes_of_text("three"), true);
    while (spool_queues_next(b.q, &walk) != NULL)
        count++;
    assert_int_equal(count, 3);
    bench_free(&b);
}

/* ---- in which order, and how many */

static void urgent_leaves_before_normal_before_bulk_each_in_order(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)enqueue(&b, "k", 2, 1);
    (void)enqueue(&b, "k", 1, 2);
    (void)enqueue(&b, "k", 0, 3);
    (void)enqueue(&b, "k", 1, 4);
    (void)enqueue(&b, "k", 0, 5);
    struct spool_queue *q = queue_of(&b, "default");
    assert_null(spool_next(q)); /* nobody is there */
    consume(&b, q, 1, 10, 1000);
    assert_int_equal(offer_all(&b, q), 35241);
    bench_free(&b);
}

static void a_consumer_gets_no_more_at_once_than_it_asked_for(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    for (uint32_t i = 1; i <= 4; i++)
        (void)enqueue(&b, "k", 1, i);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 2, 1000);
    assert_int_equal(offer_all(&b, q), 12);
    (void)spool_settle(b.q, first_in_hand(q));
    assert_int_equal(offer_all(&b, q), 3);
    spool_lose_consumer(b.q, q);
    consume(&b, q, 1, 10, 5);
    assert_int_equal(offer_all(&b, q), 23);
    bench_free(&b);
}

static void a_consumer_gets_a_quarter_more_of_alerts(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    for (uint32_t i = 1; i <= 5; i++)
        (void)enqueue(&b, "k", 1, i);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 4, 1000);
    assert_int_equal(offer_all(&b, q), 1234);
    (void)enqueue(&b, "k", 0, 8);
    (void)enqueue(&b, "k", 0, 9);
    assert_int_equal(offer_all(&b, q), 8);
    bench_free(&b);
}

/* Other carriers' alerts went behind all that one of them had sent, when there was one list. */
static void a_sender_that_floods_does_not_stand_before_another_one_s_alert(void **state)
{
    (void)state;
    struct bench b;
    const struct road_envelope other = {.source = bytes_of_text("carrier-hana/alerts"),
                                        .kind = bytes_of_text("k"),
                                        .status = bytes_of_text("actual")};
    bench_init(&b);
    for (uint32_t i = 0; i < 50; i++)
        (void)enqueue(&b, "k", 0, 1);
    (void)enqueue_as(&b, CAR, 0, 2, &other);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 6, 1000);
    assert_int_equal(offer_all(&b, q), 1111211);
    bench_free(&b);
}

/* What was left of the bound once wrapped round behind one large message, and nothing was bounded
 * any more. */
static void one_message_larger_than_the_bound_goes_alone(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)enqueue(&b, "k", 1, 9);
    (void)enqueue(&b, "k", 1, 1);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 10, 5);
    assert_int_equal(offer_all(&b, q), 9);
    (void)spool_settle(b.q, first_in_hand(q));
    assert_int_equal(offer_all(&b, q), 1);
    bench_free(&b);
}

static void what_a_lost_consumer_held_comes_first_again_and_in_order(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct delivery *d[4];
    for (uint32_t i = 0; i < 4; i++)
        d[i] = enqueue(&b, "k", 1, i + 1);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 3, 1000);
    assert_int_equal(offer_all(&b, q), 123);
    spool_release(b.q, entry_in(d[0], q));
    spool_lose_consumer(b.q, q);
    assert_false(q->has_consumer);
    assert_null(spool_queue_of(b.q, 1));
    assert_true(entry_in(d[0], q)->sent_before);
    assert_false(entry_in(d[1], q)->sent_before); /* offered, but nothing had left */
    consume(&b, q, 2, 10, 1000);
    assert_int_equal(q->consumer.window.taken, 0);
    assert_int_equal(offer_all(&b, q), 1234);
    bench_free(&b);
}

static void an_entry_once_sent_is_a_redelivery_for_every_later_consumer(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct delivery *d = enqueue(&b, "k", 1, 1);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 3, 1000);
    (void)offer_all(&b, q);
    spool_release(b.q, entry_in(d, q));
    spool_lose_consumer(b.q, q);
    consume(&b, q, 2, 3, 1000);
    (void)offer_all(&b, q);
    spool_lose_consumer(b.q, q);
    assert_true(entry_in(d, q)->sent_before);
    bench_free(&b);
}

/* ---- done */

static void a_delivery_is_done_with_its_last_entry(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct spool_queue *one = make_queue(&b, "one", NULL, NULL);
    const struct spool_queue *two = make_queue(&b, "two", NULL, NULL);
    const struct delivery *d = enqueue(&b, "k", 1, 1);
    uint64_t id = entry_in(d, one)->id;
    assert_int_equal(spool_entries(b.q), 2);
    assert_false(spool_settle(b.q, entry_in(d, one)));
    assert_null(spool_entry(b.q, id));
    assert_true(spool_settle(b.q, entry_in(d, two)));
    assert_int_equal(spool_entries(b.q), 0);
    bench_free(&b);
}

static void what_is_held_stands_in_no_queue_until_it_may_leave(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct road_envelope e = {.kind = bytes_of_text("dispatch_request"),
                                    .status = bytes_of_text("actual")};
    struct spool_queue *own = make_queue(&b, "dispatches", "dispatch_request", NULL);
    struct delivery d = {.stored = &b.stored, .size = 1};
    consume(&b, own, 1, 10, 1000);
    TAILQ_INIT(&d.all);
    spool_hold(b.q, &d);
    assert_true(spool_is_held(&d));
    assert_int_equal(spool_entries(b.q), 1); /* records can name it */
    assert_null(spool_next(own));
    uint64_t held = TAILQ_FIRST(&d.all)->id;
    spool_unhold(b.q, &d, bytes_of_text(CAR), &e);
    assert_false(spool_is_held(&d));
    assert_null(spool_entry(b.q, held));
    assert_ptr_equal(spool_next(own)->delivery, &d);
    assert_int_equal(spool_entries(b.q), 1);
    bench_free(&b);
}

static void a_held_delivery_can_end_without_having_been_in_a_queue(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct delivery d = {.stored = &b.stored, .size = 1};
    TAILQ_INIT(&d.all);
    spool_hold(b.q, &d);
    assert_true(spool_settle(b.q, TAILQ_FIRST(&d.all)));
    assert_int_equal(spool_entries(b.q), 0);
    bench_free(&b);
}

static void entries_have_the_same_names_whenever_the_same_is_done_again(void **state)
{
    (void)state;
    uint64_t last[2];
    for (size_t round = 0; round < 2; round++) {
        struct bench b;
        bench_init(&b);
        const struct spool_queue *q = make_queue(&b, "one", "k", NULL);
        (void)spool_settle(b.q, entry_in(enqueue(&b, "k", 1, 1), q));
        (void)enqueue(&b, "other", 1, 1);
        last[round] = entry_in(enqueue(&b, "k", 1, 1), q)->id;
        assert_ptr_equal(spool_entry(b.q, last[round])->queue, q);
        bench_free(&b);
    }
    assert_int_equal(last[0], last[1]);
}

/* ---- recovery */

static struct delivery *restore(struct bench *b, uint64_t id, struct spool_queue *q)
{
    struct delivery *d = &b->d[b->count++];
    *d = (struct delivery){.stored = &b->stored, .lane = 1, .size = 1};
    TAILQ_INIT(&d->all);
    const struct spool_entry_kept kept = {.id = id, .queue = q, .source = bytes_of_text(CENTRE)};
    spool_restore(b->q, d, &kept);
    return d;
}

static void assert_order(const struct spool_queue *q, const uint64_t *id, size_t count)
{
    const struct lanes_flow *f = TAILQ_FIRST(&q->lanes.lane[1].turns);
    const struct lanes_item *i = TAILQ_FIRST(&f->waiting), *before = NULL;
    for (size_t k = 0; k < count; k++, before = i, i = TAILQ_NEXT(i, next)) {
        assert_non_null(i);
        assert_int_equal(entry_of(i)->id, id[k]);
        assert_ptr_equal(TAILQ_PREV(i, lanes_items, next), before);
    }
    assert_null(i);
    assert_null(TAILQ_NEXT(f, in_turn));
}

static void what_a_snapshot_holds_stands_before_what_came_while_it_was_written(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct spool_queue *q = make_queue(&b, "one", NULL, NULL);
    spool_set_next_number(b.q, 10);
    (void)restore(&b, 3, q);
    (void)enqueue(&b, "k", 1, 1); /* 10 */
    (void)restore(&b, 4, q);
    (void)enqueue(&b, "k", 1, 1); /* 11 */
    (void)restore(&b, 7, q);
    const uint64_t all[] = {3, 4, 7, 10, 11};
    assert_order(q, all, 5);
    assert_false(TAILQ_FIRST(&q->lanes.lane[1].turns)->disordered); /* nothing to be sorted */
    spool_sort(b.q);
    assert_order(q, all, 5);
    bench_free(&b);
}

static void what_comes_back_out_of_order_is_sorted(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct spool_queue *q = make_queue(&b, "one", NULL, NULL);
    spool_set_next_number(b.q, 10);
    (void)restore(&b, 7, q); /* written early, since a record was to change it */
    (void)enqueue(&b, "k", 1, 1);
    (void)restore(&b, 3, q);
    (void)restore(&b, 8, q);
    (void)restore(&b, 4, q);
    spool_sort(b.q);
    assert_order(q, (const uint64_t[]){3, 4, 7, 8, 10}, 5);
    bench_free(&b);
}

static void a_restored_entry_can_be_settled_before_the_next_is_restored(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct spool_queue *q = make_queue(&b, "one", NULL, NULL);
    spool_set_next_number(b.q, 10);
    assert_true(spool_settle(b.q, entry_in(restore(&b, 2, q), q)));
    (void)restore(&b, 3, q);
    (void)enqueue(&b, "k", 1, 1);
    assert_true(spool_settle(b.q, entry_in(restore(&b, 4, q), q)));
    (void)restore(&b, 5, q);
    spool_sort(b.q);
    assert_order(q, (const uint64_t[]){3, 5, 10}, 3);
    bench_free(&b);
}

/* ---- who is awake */

static void a_queue_wakes_for_a_consumer_for_a_message_and_for_an_acknowledgement(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)enqueue(&b, "k", 1, 1);
    assert_null(spool_take_awake(b.q)); /* nobody to offer it to */
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 1, 1000);
    assert_ptr_equal(spool_take_awake(b.q), q);
    assert_null(spool_take_awake(b.q));
    (void)offer_all(&b, q);
    (void)enqueue(&b, "k", 1, 2);
    (void)enqueue(&b, "k", 1, 3);
    assert_ptr_equal(spool_take_awake(b.q), q);
    assert_null(spool_take_awake(b.q));
    (void)spool_settle(b.q, first_in_hand(q));
    assert_ptr_equal(spool_take_awake(b.q), q);
    (void)enqueue(&b, "k", 1, 4);
    spool_lose_consumer(b.q, q);
    assert_null(spool_take_awake(b.q));
    bench_free(&b);
}

static struct spool_queue *ready_queue(struct bench *b, const char *name, uint64_t id)
{
    struct spool_queue *q = make_queue(b, name, name, NULL);
    consume(b, q, id, 1000, 1 << 30);
    while (spool_take_awake(b->q) != NULL)
        ;
    return q;
}

static void queues_with_an_alert_come_before_others_but_not_for_ever(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct spool_queue *photos = ready_queue(&b, "photos", 1);
    struct spool_queue *alerts = ready_queue(&b, "alerts", 2);
    (void)enqueue(&b, "photos", 1, 1);
    (void)enqueue(&b, "alerts", 0, 1);
    for (unsigned i = 0; i < LANES_GUARD; i++) {
        assert_ptr_equal(spool_take_awake(b.q), alerts);
        spool_stay_awake(b.q, alerts);
    }
    assert_ptr_equal(spool_take_awake(b.q), photos);
    (void)enqueue(&b, "photos", 0, 1); /* an alert comes to those that wait there */
    spool_stay_awake(b.q, photos);
    assert_ptr_equal(spool_take_awake(b.q), alerts);
    assert_ptr_equal(spool_take_awake(b.q), photos);
    assert_null(spool_take_awake(b.q));
    bench_free(&b);
}

/* All that waited went to the edge at once when its consumers came, and an alert behind it. */
static void the_edge_has_so_much_to_decide_at_once_whoever_waits(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct spool_queue *photos = ready_queue(&b, "photos", 1);
    struct spool_queue *alerts = ready_queue(&b, "alerts", 2);
    const struct delivery *first = NULL;
    for (unsigned i = 0; i < 6; i++) {
        const struct delivery *d = enqueue(&b, "photos", 1, 2 << 20);
        first = first == NULL ? d : first;
    }
    while (spool_take_awake(b.q) == photos)
        if (spool_has_room(b.q, photos)) {
            spool_offer(b.q, spool_next(photos));
            spool_stay_awake(b.q, photos);
        }
    assert_int_equal(photos->consumer.window.taken_bytes, LIMIT_OFFERED_BYTES);
    assert_int_equal(waiting(photos), 3);
    (void)enqueue(&b, "alerts", 0, 700);
    assert_ptr_equal(spool_take_awake(b.q), alerts);
    spool_offer(b.q, spool_next(alerts));
    assert_null(spool_take_awake(b.q));
    spool_release(b.q, entry_in(first, photos));
    assert_ptr_equal(spool_take_awake(b.q), photos);
    spool_lose_consumer(b.q, photos);
    assert_null(spool_take_awake(b.q));
    bench_free(&b);
}

/* What the consumer has of each lane, as a number: 201 is two, none, one. */
static uint32_t hand_of(const struct spool_queue *q)
{
    const uint32_t *n = q->consumer.hand;
    assert_int_equal(n[0] + n[1] + n[2], q->consumer.window.taken);
    return 100 * n[0] + 10 * n[1] + n[2];
}

static void what_a_consumer_has_is_counted_by_lane_however_it_leaves(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    for (uint8_t lane = 0; lane < LANES; lane++)
        for (uint32_t i = 0; i < 2; i++)
            (void)enqueue(&b, "k", lane, 1);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 10, 1000);
    (void)offer_all(&b, q);
    assert_int_equal(hand_of(q), 222);
    (void)spool_settle(b.q, entry_in(&b.d[0], q));
    assert_int_equal(hand_of(q), 122);
    spool_park(b.q, entry_in(&b.d[2], q));
    spool_park(b.q, entry_in(&b.d[4], q));
    assert_int_equal(hand_of(q), 111);
    spool_unpark_all(b.q);
    spool_lose_consumer(b.q, q);
    consume(&b, q, 2, 10, 1000);
    assert_int_equal(hand_of(q), 0);
    (void)offer_all(&b, q);
    assert_int_equal(hand_of(q), 122);
    bench_free(&b);
}

static void a_flow_has_what_is_first_of_those_that_wait(void **state)
{
    (void)state;
    struct bench b;
    struct spool_flow flow;
    size_t at = 0;
    bench_init(&b);
    const struct delivery *first = enqueue(&b, "k", 2, 7), *second = enqueue(&b, "k", 2, 8);
    struct spool_queue *q = queue_of(&b, "default");
    assert_true(spool_flows_next(b.q, &at, &flow));
    assert_true(flow.queue == q && flow.lane == 2 && flow.entries == 2);
    assert_ptr_equal(flow.first->delivery, first);
    assert_false(spool_flows_next(b.q, &at, &flow));
    consume(&b, q, 1, 1, 1000);
    (void)offer_all(&b, q);
    at = 0;
    assert_true(spool_flows_next(b.q, &at, &flow) && flow.entries == 2);
    assert_ptr_equal(flow.first->delivery, second);
    spool_park(b.q, entry_in(second, q));
    at = 0;
    assert_true(spool_flows_next(b.q, &at, &flow) && flow.entries == 2 && flow.first == NULL);
    bench_free(&b);
}

static void a_consumer_is_found_by_its_name_until_it_is_lost(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct spool_queue *q = make_queue(&b, "one", NULL, NULL);
    assert_null(spool_queue_of(b.q, 42));
    consume(&b, q, 42, 1, 1);
    assert_ptr_equal(spool_queue_of(b.q, 42), q);
    spool_lose_consumer(b.q, q);
    spool_lose_consumer(b.q, q);
    assert_null(spool_queue_of(b.q, 42));
    bench_free(&b);
}

/* ---- what is set aside */

static void what_is_set_aside_is_passed_and_comes_back_to_its_place(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct delivery *first = enqueue(&b, "incident_report", 1, 10);
    const struct delivery *second = enqueue(&b, "incident_report", 1, 10);
    const struct delivery *third = enqueue(&b, "incident_report", 1, 10);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 10, 1000);
    spool_park(b.q, spool_next(q)); /* that waited */
    assert_ptr_equal(spool_next(q), entry_in(second, q));
    spool_offer(b.q, spool_next(q));
    spool_park(b.q, entry_in(second, q)); /* that was offered */
    assert_int_equal(q->consumer.window.taken, 0);
    assert_int_equal(q->consumer.window.taken_bytes, 0);
    assert_ptr_equal(spool_next(q), entry_in(third, q));
    spool_lose_consumer(b.q, q);
    consume(&b, q, 2, 10, 1000);
    (void)spool_take_awake(b.q);
    assert_ptr_equal(spool_next(q), entry_in(third, q));
    spool_unpark(b.q, first);
    assert_ptr_equal(spool_take_awake(b.q), q);
    assert_ptr_equal(spool_next(q), entry_in(first, q));
    assert_false(entry_in(first, q)->sent_before);
    assert_true(spool_settle(b.q, entry_in(second, q))); /* it can end there */
    bench_free(&b);
}

/* A snapshot wrote what an officer has kept as never sent, and the whole journal said otherwise. */
static void what_is_kept_remembers_that_it_was_sent(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct delivery *sent = enqueue(&b, "incident_report", 1, 1);
    struct delivery *offered = enqueue(&b, "incident_report", 1, 2);
    struct spool_queue *q = queue_of(&b, "default");
    consume(&b, q, 1, 10, 1000);
    assert_int_equal(offer_all(&b, q), 12);
    spool_release(b.q, entry_in(sent, q));
    spool_keep(b.q, sent);
    spool_keep(b.q, offered);
    assert_true(TAILQ_FIRST(&sent->all)->sent_before);
    assert_false(TAILQ_FIRST(&offered->all)->sent_before);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_set_aside_is_passed_and_comes_back_to_its_place),
        cmocka_unit_test(what_no_filter_matches_waits_in_default),
        cmocka_unit_test(what_several_filters_match_is_in_each_of_them_and_not_in_default),
        cmocka_unit_test(an_exercise_goes_to_its_own_queue_only),
        cmocka_unit_test(a_unit_has_a_few_queues_and_always_its_two_own),
        cmocka_unit_test(the_walk_meets_every_queue_once),
        cmocka_unit_test(urgent_leaves_before_normal_before_bulk_each_in_order),
        cmocka_unit_test(a_consumer_gets_no_more_at_once_than_it_asked_for),
        cmocka_unit_test(a_consumer_gets_a_quarter_more_of_alerts),
        cmocka_unit_test(a_sender_that_floods_does_not_stand_before_another_one_s_alert),
        cmocka_unit_test(one_message_larger_than_the_bound_goes_alone),
        cmocka_unit_test(what_a_lost_consumer_held_comes_first_again_and_in_order),
        cmocka_unit_test(an_entry_once_sent_is_a_redelivery_for_every_later_consumer),
        cmocka_unit_test(a_delivery_is_done_with_its_last_entry),
        cmocka_unit_test(what_is_held_stands_in_no_queue_until_it_may_leave),
        cmocka_unit_test(a_held_delivery_can_end_without_having_been_in_a_queue),
        cmocka_unit_test(entries_have_the_same_names_whenever_the_same_is_done_again),
        cmocka_unit_test(what_a_snapshot_holds_stands_before_what_came_while_it_was_written),
        cmocka_unit_test(what_comes_back_out_of_order_is_sorted),
        cmocka_unit_test(a_restored_entry_can_be_settled_before_the_next_is_restored),
        cmocka_unit_test(what_is_kept_remembers_that_it_was_sent),
        cmocka_unit_test(a_queue_wakes_for_a_consumer_for_a_message_and_for_an_acknowledgement),
        cmocka_unit_test(queues_with_an_alert_come_before_others_but_not_for_ever),
        cmocka_unit_test(the_edge_has_so_much_to_decide_at_once_whoever_waits),
        cmocka_unit_test(what_a_consumer_has_is_counted_by_lane_however_it_leaves),
        cmocka_unit_test(a_flow_has_what_is_first_of_those_that_wait),
        cmocka_unit_test(a_consumer_is_found_by_its_name_until_it_is_lost),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
