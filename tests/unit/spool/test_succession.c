#include "spool/succession.h"

#include "support.h"

#include "base/limits.h"

enum { DELIVERIES = 16 };

static const uint8_t kim[ROAD_TAG] = {1}, lee[ROAD_TAG] = {2};

/* Queues of one unit, whose consumer takes all, and deliveries of one scope. */
struct bench {
    struct spool_queues *q;
    struct successions *s;
    struct stored stored;
    struct spool_scope scope;
    struct delivery d[DELIVERIES];
    size_t count;
};

static void bench_init(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->q = spool_queues_new();
    b->s = successions_new();
}

static void bench_free(struct bench *b)
{
    for (size_t i = 0; i < b->count; i++)
        succession_leave(b->s, &b->d[i]);
    successions_free(b->s);
    spool_queues_free(b->q);
}

static struct delivery *enqueue_from(struct bench *b, const char *source, uint32_t size)
{
    const struct road_envelope e = {.source = bytes_of_text(source),
                                    .kind = bytes_of_text("location_update"),
                                    .status = bytes_of_text("actual")};
    struct delivery *d = &b->d[b->count++];
    *d = (struct delivery){.stored = &b->stored, .scope = &b->scope, .size = size};
    TAILQ_INIT(&d->all);
    spool_enqueue(b->q, d, bytes_of_text(CAR), &e);
    return d;
}

/* Where somebody is; sizes tell positions apart. */
static struct delivery *position(struct bench *b, const uint8_t who[ROAD_TAG], uint32_t size)
{
    struct delivery *d = enqueue_from(b, CENTRE, size);
    succession_join(b->s, d, who);
    return d;
}

static struct spool_queue *queue_named(struct bench *b, const char *name)
{
    return spool_queue(b->q, bytes_of_text(CAR), bytes_of_text(name), true);
}

static void consume(struct bench *b, const char *name, uint64_t id)
{
    const struct road_subscribe s = {.consumer = id, .most = 100, .most_bytes = 1 << 20};
    spool_set_consumer(b->q, queue_named(b, name), &s);
}

/* Offers whatever waits; the sizes in order, as a number: 132 is sizes 1, 3, 2. */
static uint32_t offered(struct bench *b, const char *name)
{
    struct entry *e;
    uint32_t sizes = 0;
    while ((e = spool_next(queue_named(b, name))) != NULL) {
        sizes = sizes * 10 + e->delivery->size;
        spool_offer(b->q, e);
    }
    return sizes;
}

/* All that the newest may stand for give way to it, and are ended; how many. */
static size_t give_way(struct bench *b, struct delivery *newest)
{
    struct delivery *older;
    size_t count = 0;
    for (; (older = succession_older(newest)) != NULL; count++) {
        succession_take_place(b->q, older, newest);
        for (bool done = older->entries == 0; !done;)
            done = spool_settle(b->q, TAILQ_FIRST(&older->all));
        succession_leave(b->s, older);
    }
    return count;
}

static void a_newer_position_takes_the_place_of_the_one_that_waits(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t place = TAILQ_FIRST(&position(&b, kim, 1)->all)->id;
    (void)position(&b, lee, 2);
    (void)enqueue_from(&b, CENTRE, 3);
    struct delivery *newest = position(&b, kim, 4);
    assert_int_equal(give_way(&b, newest), 1);
    assert_int_equal(newest->entries, 1);
    assert_int_equal(TAILQ_FIRST(&newest->all)->id, place);
    assert_int_equal(spool_entries(b.q), 3);
    consume(&b, "default", 1);
    assert_int_equal(offered(&b, "default"), 423);
    bench_free(&b);
}

static void what_a_sender_has_in_a_lane_is_counted_with_the_size_of_the_newer_one(void **state)
{
    (void)state;
    struct bench b;
    struct spool_flow flow;
    size_t at = 0;
    bench_init(&b);
    (void)position(&b, kim, 5000);
    assert_int_equal(give_way(&b, position(&b, kim, 7)), 1);
    assert_true(spool_flows_next(b.q, &at, &flow));
    assert_int_equal(flow.entries, 1);
    assert_int_equal(flow.first->delivery->size, 7);
    assert_int_equal(TAILQ_FIRST(&flow.queue->lanes.lane[0].turns)->bytes, 7);
    bench_free(&b);
}

static void it_does_so_in_each_queue_of_the_unit(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)queue_named(&b, "wall");
    (void)queue_named(&b, "desk");
    (void)position(&b, kim, 1);
    (void)position(&b, lee, 2);
    struct delivery *newest = position(&b, kim, 3);
    assert_int_equal(give_way(&b, newest), 1);
    assert_int_equal(newest->entries, 2);
    consume(&b, "wall", 1);
    consume(&b, "desk", 2);
    assert_int_equal(offered(&b, "wall"), 32);
    assert_int_equal(offered(&b, "desk"), 32);
    bench_free(&b);
}

/* A filter that came meanwhile: whoever empties `default` would else get neither. */
static void nobody_loses_what_the_newer_one_does_not_bring_there(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)position(&b, kim, 1);
    (void)queue_named(&b, "desk");
    assert_int_equal(give_way(&b, position(&b, kim, 2)), 0);
    consume(&b, "default", 1);
    consume(&b, "desk", 2);
    assert_int_equal(offered(&b, "default"), 1);
    assert_int_equal(offered(&b, "desk"), 2);
    bench_free(&b);
}

static void what_the_consumer_was_offered_does_not_give_way_and_what_comes_back_does(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    consume(&b, "default", 1);
    (void)position(&b, kim, 1);
    assert_int_equal(offered(&b, "default"), 1);
    assert_int_equal(give_way(&b, position(&b, kim, 2)), 0);
    (void)position(&b, lee, 3);
    spool_lose_consumer(b.q, queue_named(&b, "default"));
    assert_int_equal(give_way(&b, position(&b, kim, 4)), 2); /* and has the place of the first */
    consume(&b, "default", 2);
    assert_int_equal(offered(&b, "default"), 43);
    bench_free(&b);
}

static void what_was_set_aside_gives_way_and_waits_again(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct delivery *older = position(&b, kim, 1);
    spool_park(b.q, TAILQ_FIRST(&older->all));
    assert_int_equal(give_way(&b, position(&b, kim, 2)), 1);
    consume(&b, "default", 1);
    assert_int_equal(offered(&b, "default"), 2);
    bench_free(&b);
}

static void what_may_be_asked_for_again_does_not_give_way(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct delivery *older = position(&b, kim, 1), *newest = position(&b, kim, 2);
    b.scope.preserved = 1; /* officers said so */
    assert_null(succession_older(newest));
    b.scope.preserved = 0;
    older->duty = 1; /* somebody has to attend to it, and to the newer one nobody has */
    assert_null(succession_older(newest));
    newest->duty = 1;
    assert_ptr_equal(succession_older(newest), older);
    bench_free(&b);
}

static void another_sender_s_position_never_gives_way_whatever_its_tag(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct delivery *theirs = enqueue_from(&b, "kt/guardian", 1);
    succession_join(b.s, theirs, kim);
    assert_null(succession_older(position(&b, kim, 2)));
    bench_free(&b);
}

static void what_left_gives_way_to_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct delivery *older = position(&b, kim, 1);
    assert_memory_equal(succession_tag(older).p, kim, ROAD_TAG);
    succession_leave(b.s, older);
    assert_int_equal(succession_tag(older).n, 0);
    assert_null(succession_older(position(&b, kim, 2)));
    assert_null(succession_older(older));
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newer_position_takes_the_place_of_the_one_that_waits),
        cmocka_unit_test(what_a_sender_has_in_a_lane_is_counted_with_the_size_of_the_newer_one),
        cmocka_unit_test(it_does_so_in_each_queue_of_the_unit),
        cmocka_unit_test(nobody_loses_what_the_newer_one_does_not_bring_there),
        cmocka_unit_test(what_the_consumer_was_offered_does_not_give_way_and_what_comes_back_does),
        cmocka_unit_test(what_was_set_aside_gives_way_and_waits_again),
        cmocka_unit_test(what_may_be_asked_for_again_does_not_give_way),
        cmocka_unit_test(another_sender_s_position_never_gives_way_whatever_its_tag),
        cmocka_unit_test(what_left_gives_way_to_nothing),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
