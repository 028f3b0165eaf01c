#include "support.h"

static struct standing_change active(const struct bench *b, enum standing_step step,
                                     const char *region)
{
    return (struct standing_change){.step = step,
                                    .by = bytes_of_text(CENTRE),
                                    .region = bytes_of_text(region),
                                    .at_us = b->wall_us};
}

static struct standing_change consent(const struct bench *b, enum standing_step step)
{
    struct standing_change c = {.step = step, .by = bytes_of_text(CENTRE), .at_us = b->wall_us};
    memset(c.consent, 'c', sizeof c.consent);
    return c;
}

/* A message to the gateway alone that makes this change; the answer. */
static enum road_answer change(struct bench *b, uint8_t id, const struct standing_change *change)
{
    struct road_commit c;
    struct buf room = BUF_INIT(4096);
    make_commit(b, id, 0, &c);
    c.bodies = 0;
    c.recipient[0].unit = bytes_of_text("gateway/self");
    standing_change_put(change, &room);
    c.standing = buf_view(&room);
    const struct road_committed out = commit(b, &c);
    buf_free(&room);
    return (enum road_answer)out.answer;
}

static enum road_answer turns(struct bench *b, uint8_t id, enum standing_step step,
                              const char *region)
{
    const struct standing_change c = active(b, step, region);
    return change(b, id, &c);
}

static bool is_active(const struct bench *b, const char *region)
{
    return standing_is_active(b->l->standing, bytes_of_text(region));
}

static void headquarters_and_consents_outlive_the_ledger(void **state)
{
    (void)state;
    struct bench b;
    static const uint8_t purpose[STANDING_TAG];
    bench_init(&b);
    const struct standing_change gone = consent(&b, STANDING_SUSPENDED);
    assert_int_equal(turns(&b, 1, STANDING_ACTIVE, "seo"), ROAD_ON_DISK);
    assert_int_equal(turns(&b, 2, STANDING_ACTIVE, "dong"), ROAD_ON_DISK);
    assert_int_equal(turns(&b, 3, STANDING_ENDED, "seo"), ROAD_ON_DISK);
    assert_int_equal(change(&b, 4, &gone), ROAD_ON_DISK);
    bench_restart(&b);
    assert_true(is_active(&b, "dong"));
    assert_false(is_active(&b, "seo"));
    assert_true(standing_is_gone(b.l->standing, gone.consent, purpose));
    assert_int_equal(count_leaves(&b, "headquarters-changed"), 3);
    assert_int_equal(count_leaves(&b, "consent-changed"), 1);
    bench_free(&b);
}

static void a_new_edge_is_told_all_of_it(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct standing_change gone = consent(&b, STANDING_SUSPENDED);
    assert_int_equal(turns(&b, 1, STANDING_ACTIVE, "seo"), ROAD_ON_DISK);
    assert_int_equal(change(&b, 2, &gone), ROAD_ON_DISK);
    assert_int_equal(tell(&b, IPC_VIEW, bytes_of(NULL, 0)), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_VIEW_STANDING), 2);
    struct standing *edges = standing_new();
    assert_int_equal(standing_take(edges, heard(&b, IPC_VIEW_STANDING)), RESULT_OK);
    assert_int_equal(standing_take(edges, heard(&b, IPC_VIEW_STANDING)), RESULT_OK);
    assert_string_equal(standing_region(edges, 0), "seo");
    assert_int_equal(standing_consents(edges), 1);
    standing_free(edges);
    bench_free(&b);
}

static void a_change_is_its_senders_of_now_and_whole(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    struct standing_change x = active(&b, STANDING_ACTIVE, "seo");
    x.by = bytes_of_text(FIRE);
    assert_int_equal(change(&b, 1, &x), ROAD_STALE);
    x = active(&b, STANDING_ACTIVE, "seo");
    x.at_us += 2 * US_PER_MINUTE;
    assert_int_equal(change(&b, 1, &x), ROAD_STALE);
    make_commit(&b, 1, 0, &c);
    c.recipients = c.bodies = 0;
    c.standing = bytes_of_text("no change");
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    assert_false(is_active(&b, "seo"));
    bench_free(&b);
}

/* ---- clocks that wait for a disaster's end */

/* A message whose scope waits for the end of these regions' headquarters. */
static void publish_for(struct bench *b, uint8_t id, const char *regions)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.scope[0].starts = 3;
    c.scope[0].regions = bytes_of_text(regions);
    c.scope[0].delay_us = US_PER_MINUTE;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

static int64_t ends_at(const struct bench *b, uint64_t scope)
{
    const struct spool_scope *x = spool_scopes_get(b->l->scopes, scope);
    assert_non_null(x);
    return x->ends_us;
}

static void the_end_of_the_last_headquarters_starts_the_clock(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(turns(&b, 1, STANDING_ACTIVE, "seo"), ROAD_ON_DISK);
    assert_int_equal(turns(&b, 2, STANDING_ACTIVE, "dong"), ROAD_ON_DISK);
    publish_for(&b, 10, "seo dong jung");
    publish_for(&b, 11, "jung seo");
    publish_for(&b, 12, "dong");
    assert_int_equal(turns(&b, 3, STANDING_ENDED, "seo"), ROAD_ON_DISK);
    assert_int_equal(ends_at(&b, 10), NOON + US_PER_HOUR);
    assert_int_equal(ends_at(&b, 11), NOON + US_PER_MINUTE);
    assert_int_equal(ends_at(&b, 12), NOON + US_PER_HOUR);
    assert_int_equal(turns(&b, 4, STANDING_ENDED, "dong"), ROAD_ON_DISK);
    assert_int_equal(ends_at(&b, 10), NOON + US_PER_MINUTE);
    bench_restart(&b);
    assert_int_equal(ends_at(&b, 10), NOON + US_PER_MINUTE);
    assert_int_equal(turns(&b, 5, STANDING_ACTIVE, "jung"), ROAD_ON_DISK); /* it goes on */
    assert_int_equal(ends_at(&b, 10), NOON + US_PER_HOUR);
    assert_int_equal(ends_at(&b, 12), NOON + US_PER_MINUTE);
    bench_free(&b);
}

/* It had been passed over meanwhile: no key could be erased, for the keeper was away. */
static void what_was_about_to_end_is_offered_when_a_headquarters_works_again(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(turns(&b, 1, STANDING_ACTIVE, "seo"), ROAD_ON_DISK);
    publish_for(&b, 10, "seo");
    publish_for(&b, 11, "dong");
    b.no_keeper = true;
    advance(&b, US_PER_MINUTE);
    confirm_wipe(&b); /* of the second, which goes on waiting */
    assert_int_equal(turns(&b, 2, STANDING_ENDED, "seo"), ROAD_ON_DISK);
    advance(&b, US_PER_MINUTE);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    assert_int_equal(turns(&b, 3, STANDING_ACTIVE, "seo"), ROAD_ON_DISK);
    assert_int_equal(delivered(&b).body.scope, 10);
    bench_free(&b);
}

/* The edge decided while the headquarters worked; its end was faster. */
static void what_comes_behind_the_end_is_not_kept_until_its_deadline(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish_for(&b, 10, "seo");
    assert_int_equal(ends_at(&b, 10), NOON + US_PER_MINUTE);
    bench_free(&b);
}

/* A message to gateway/self and to others left a delivery that nobody could fetch. */
static void the_gateway_keeps_no_copy_for_itself(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    bench_init(&b);
    make_commit(&b, 10, 10, &c);
    with_scope(&b, &c, 10);
    c.recipient[1] = c.recipient[0];
    c.recipient[1].unit = bytes_of_text("gateway/self");
    c.recipients = 2;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_int_equal(spool_entries(b.l->queues), 1);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headquarters_and_consents_outlive_the_ledger),
        cmocka_unit_test(a_new_edge_is_told_all_of_it),
        cmocka_unit_test(a_change_is_its_senders_of_now_and_whole),
        cmocka_unit_test(the_end_of_the_last_headquarters_starts_the_clock),
        cmocka_unit_test(what_was_about_to_end_is_offered_when_a_headquarters_works_again),
        cmocka_unit_test(what_comes_behind_the_end_is_not_kept_until_its_deadline),
        cmocka_unit_test(the_gateway_keeps_no_copy_for_itself),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
