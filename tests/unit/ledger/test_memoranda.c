/* What is under a memorandum ends with it. */
#include "full_disk.h"

static int64_t until_us; /* of "molit-npa-2015"; every other one is over */

static bool is_over(void *arg, struct bytes mou, int64_t now_us)
{
    (void)arg;
    return !bytes_is(mou, "molit-npa-2015") || now_us >= until_us;
}

static void under_init(struct bench *b)
{
    bench_prepare(b, SEGMENT);
    until_us = NOON + US_PER_DAY;
    assert_int_equal(bench_open(b), RESULT_OK);
}

static void publish_under(struct bench *b, uint8_t id, const char *mou, int64_t lives_us)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.scope[0].mou = bytes_of_text(mou);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b->wall_us + lives_us;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

static void begin_to_look(struct bench *b)
{
    b->config.mou_is_over = is_over;
    bench_restart(b);
    advance(b, US_PER_S);
}

static void at_the_end_of_its_term_what_is_under_it_is_destroyed(void **state)
{
    (void)state;
    struct bench b;
    under_init(&b);
    publish_under(&b, 1, "molit-npa-2015", 30 * US_PER_DAY);
    publish_under(&b, 2, "", 30 * US_PER_DAY); /* the gateway's own */
    begin_to_look(&b);
    advance(&b, US_PER_DAY - 2 * US_PER_S);
    assert_int_equal(b.scopes, 2);
    assert_int_equal(count_leaves(&b, "ended-early"), 0);
    advance(&b, US_PER_S);
    confirm_wipe(&b);
    assert_null(kept(&b, 1));
    assert_non_null(kept(&b, 2));
    assert_int_equal(count_leaves(&b, "cause=mou-ended about=\\\"molit-npa-2015\\\" scopes=1"), 1);
    assert_int_equal(count_leaves(&b, "\"reason\":\"mou-not-in-force\""), 1);
    assert_int_equal(count_leaves(&b, "scope=1 cause=mou-ended method"), 1);
    advance(&b, US_PER_MINUTE);
    assert_int_equal(count_leaves(&b, "ended-early"), 1);
    bench_restart(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 1);
    bench_free(&b);
}

static void what_another_set_does_not_have_is_destroyed_when_it_comes(void **state)
{
    (void)state;
    struct bench b;
    under_init(&b);
    publish_under(&b, 1, "molit-mpss-2015", 30 * US_PER_DAY);
    publish_under(&b, 2, "molit-npa-2015", 30 * US_PER_DAY);
    turn(&b);
    assert_int_equal(b.scopes, 2); /* no set is known: nothing is taken for over */
    begin_to_look(&b);
    confirm_wipe(&b);
    assert_null(kept(&b, 1));
    assert_non_null(kept(&b, 2));
    bench_free(&b);
}

static void its_own_rule_ends_it_sooner(void **state)
{
    (void)state;
    struct bench b;
    under_init(&b);
    publish_under(&b, 1, "molit-npa-2015", US_PER_HOUR);
    begin_to_look(&b);
    advance(&b, US_PER_HOUR);
    confirm_wipe(&b);
    assert_null(kept(&b, 1));
    assert_int_equal(count_leaves(&b, "cause=deadline"), 1);
    bench_free(&b);
}

/* Its key is about to be erased: nothing is left to end. */
static void what_is_being_destroyed_ends_once(void **state)
{
    (void)state;
    struct bench b;
    under_init(&b);
    publish_under(&b, 1, "molit-npa-2015", US_PER_DAY - 2 * US_PER_S);
    begin_to_look(&b);
    advance(&b, US_PER_DAY - 3 * US_PER_S);
    assert_int_equal(count_said(&b, IPC_WIPE), 1); /* the edge has not answered yet */
    advance(&b, 2 * US_PER_S);
    assert_int_equal(count_leaves(&b, "ended-early"), 0);
    confirm_wipe(&b);
    assert_int_equal(count_leaves(&b, "cause=deadline"), 1);
    bench_free(&b);
}

static void without_room_for_its_entry_nothing_ends_yet(void **state)
{
    (void)state;
    struct bench b;
    under_init(&b);
    publish_under(&b, 1, "molit-npa-2015", 30 * US_PER_DAY);
    begin_to_look(&b);
    fill_disk(&b, 0);
    advance(&b, US_PER_DAY);
    assert_int_equal(spool_scopes_get(b.l->scopes, 1)->cause, SPOOL_NOT_ENDED);
    free_disk(&b);
    advance(&b, US_PER_S);
    assert_int_equal(spool_scopes_get(b.l->scopes, 1)->cause, SPOOL_MOU_ENDED);
    bench_free(&b);
}

static enum result apply_end(struct bench *b, uint8_t cause, int64_t at_us)
{
    struct buf record = BUF_INIT(100);
    buf_u8(&record, cause);
    buf_i64(&record, at_us);
    buf_u32(&record, 1);
    buf_u64(&record, 1);
    const enum result r = ends_apply(b->l, buf_view(&record));
    buf_free(&record);
    return r;
}

static void a_record_of_an_end_has_a_cause_and_a_time(void **state)
{
    (void)state;
    struct bench b;
    under_init(&b);
    publish_under(&b, 1, "", US_PER_DAY);
    assert_int_equal(apply_end(&b, SPOOL_NOT_ENDED, b.wall_us), RESULT_DAMAGED);
    assert_int_equal(apply_end(&b, SPOOL_MOU_ENDED + 1, b.wall_us), RESULT_DAMAGED);
    assert_int_equal(spool_scopes_get(b.l->scopes, 1)->cause, SPOOL_NOT_ENDED);
    const int64_t at_us = b.wall_us + US_PER_HOUR;
    assert_int_equal(apply_end(&b, SPOOL_UNLAWFUL, at_us), RESULT_OK);
    assert_int_equal(spool_scopes_get(b.l->scopes, 1)->cause, SPOOL_UNLAWFUL);
    assert_int_equal(ledger_now(b.l), at_us);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_end_of_its_term_what_is_under_it_is_destroyed),
        cmocka_unit_test(what_another_set_does_not_have_is_destroyed_when_it_comes),
        cmocka_unit_test(its_own_rule_ends_it_sooner),
        cmocka_unit_test(what_is_being_destroyed_ends_once),
        cmocka_unit_test(without_room_for_its_entry_nothing_ends_yet),
        cmocka_unit_test(a_record_of_an_end_has_a_cause_and_a_time),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
