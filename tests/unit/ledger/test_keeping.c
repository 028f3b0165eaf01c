/* What a recipient keeps under an Act, where an officer of its own has to approve that. */
#include "officers.h"

#include "ledger/owed.h"

#define UNTIL   (NOON + 30 * US_PER_DAY)
#define OF_FIRE "daejeon-fire"

/* FIRE has watched something, is ordered to destroy it, and says that it keeps it; the receipt's
 * subject among the approvals. */
struct kept {
    uint64_t item;
    struct uuid order;
    char subject[CONTROL_SUBJECT_MAX + 1];
};

static void say_kept(struct bench *b, uint8_t id, struct kept *k)
{
    struct road_commit c;
    struct buf settle = BUF_INIT(4096);
    const struct road_settle s = {
        .order = k->order,
        .retained = {{k->item, bytes_of_text("kr/pipa/21-1-proviso"), UNTIL}},
        .retains = 1};
    make_commit(b, id, 0, &c);
    c.envelope.source = bytes_of_text(FIRE);
    c.envelope.kind = bytes_of_text("destruction_receipt");
    c.bodies = 0;
    c.recipient[0].unit = bytes_of_text("gateway/self");
    c.recipient[0].failed = bytes_of_text("keep.approval");
    c.recipient[0].cases = 1;
    c.recipient[0].open[0] = (struct road_case){.kind = ROAD_KEEPING,
                                                .persons = 1,
                                                .role = bytes_of_text("privacy-officer"),
                                                .party = {bytes_of_text(OF_FIRE)},
                                                .parties = 1,
                                                .due_us = UNTIL};
    road_settle_put(&s, &settle);
    c.settle = buf_view(&settle);
    const struct road_committed out = commit(b, &c);
    assert_int_equal(out.answer, ROAD_ON_DISK);
    (void)snprintf(k->subject, sizeof k->subject, "%llu-0", (unsigned long long)out.index);
    buf_free(&settle);
}

static struct kept begin(struct bench *b)
{
    struct kept k;
    office_init(b);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
    k.item = watch_under(b, (struct road_scope){0}, 'w');
    advance(b, US_PER_HOUR);
    k.order = ordered_alone(b, k.item).id;
    say_kept(b, 1, &k);
    return k;
}

static void restart(struct bench *b)
{
    bench_restart(b);
    turn(b);
}

static size_t orders(struct bench *b)
{
    return count_leaves(b, "\"ordered\"");
}

static void what_is_kept_waits_for_an_officer_of_who_keeps_it(void **state)
{
    (void)state;
    struct bench b;
    bool done = false;
    const struct kept k = begin(&b);
    restart(&b);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1);
    assert_int_equal(act(&b, CONTROL_APPROVE, k.subject, KIM, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_REFUSE, k.subject, SEO, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_APPROVE, k.subject, PARK, &done), CONTROL_CODE_DONE);
    assert_true(done);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 0);
    assert_int_equal(act(&b, CONTROL_REFUSE, k.subject, PARK, NULL), CONTROL_CODE_NOT_WAITING);
    restart(&b);
    assert_int_equal(orders(&b), 1);
    advance(&b, UNTIL - b.wall_us);
    assert_int_equal(orders(&b), 2); /* when it may be kept no longer */
    assert_int_equal(count_leaves(&b, "review-overdue"), 0);
    bench_free(&b);
}

static void what_the_officer_refuses_is_ordered_destroyed_at_once(void **state)
{
    (void)state;
    struct bench b;
    const struct kept k = begin(&b);
    assert_int_equal(act(&b, CONTROL_REFUSE, k.subject, PARK, NULL), CONTROL_CODE_DONE);
    restart(&b);
    assert_int_equal(orders(&b), 2);
    assert_int_equal(count_leaves(&b, "about=\\\"keeping refused\\\" scopes=0 groups=1"), 1);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_memory_equal(ordered_alone(&b, k.item).id.b, k.order.b,
                        UUID_BYTES); /* not taken over yet */
    const struct road_order again = ordered_alone(&b, k.item);
    assert_int_equal(again.cause, SPOOL_PURPOSE_FULFILLED);
    assert_int_equal(again.due_us, b.wall_us);
    assert_int_equal(map_count(b.l->owing->groups), 0);
    bench_free(&b);
}

/* Of two who keep something, the other's stays. */
static void nothing_else_that_is_kept_is_ordered_with_it(void **state)
{
    (void)state;
    struct bench b;
    (void)begin(&b);
    struct kept other = {
        .item = watch_under(&b, (struct road_scope){0}, 'w')}; /* whose time is over already */
    turn(&b);
    other.order = ordered_alone(&b, other.item).id;
    say_kept(&b, 2, &other);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 2);
    assert_int_equal(act(&b, CONTROL_REFUSE, other.subject, PARK, NULL), CONTROL_CODE_DONE);
    turn(&b);
    assert_int_equal(orders(&b), 3);
    assert_int_equal(map_count(b.l->owing->groups), 1);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1);
    bench_free(&b);
}

static void what_nobody_approved_is_told_when_it_may_be_kept_no_longer(void **state)
{
    (void)state;
    struct bench b;
    (void)begin(&b);
    advance(&b, UNTIL - b.wall_us - 1);
    assert_int_equal(count_leaves(&b, "review-overdue"), 0);
    advance(&b, 1);
    assert_int_equal(count_leaves(&b, "review-overdue"), 1);
    assert_int_equal(count_leaves(&b, "kind=keeping"), 1);
    assert_int_equal(count_leaves(&b, "\"reason\":\"approval-pending\""), 1);
    assert_int_equal(orders(&b), 2);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_waits_for_an_officer_of_who_keeps_it),
        cmocka_unit_test(what_the_officer_refuses_is_ordered_destroyed_at_once),
        cmocka_unit_test(nothing_else_that_is_kept_is_ordered_with_it),
        cmocka_unit_test(what_nobody_approved_is_told_when_it_may_be_kept_no_longer),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
