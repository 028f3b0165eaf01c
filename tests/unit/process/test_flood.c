/* A sender that never waits for receipts. */
#include "house.h"

#include "base/limits.h"
#include "base/shared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { WINDOW = 300, LATE = 60 };

struct sender {
    struct publisher *publisher;
    unsigned taken, receipts, rooms;
};

static enum result send_one(struct sender *s)
{
    struct shared *owner = shared_copy(bytes_of("\xff", 1));
    enum result r = publisher_take(s->publisher, owner, shared_view(owner));
    shared_drop(owner);
    s->taken++;
    return r;
}

/* A message that was still in HTTP/2's window comes in after the gateway asked to wait. */
static void on_receipt(void *arg, struct bytes receipt, uint64_t scope)
{
    (void)scope;
    struct sender *s = arg;
    (void)receipt;
    if (++s->receipts == LATE)
        (void)send_one(s);
}

static void on_room(void *arg)
{
    ((struct sender *)arg)->rooms++;
}

static void on_unavailable(void *arg, const char *why)
{
    (void)arg;
    fail_msg("%s", why);
}

/* It once forgot then that it had asked to wait, and never said that there is room: the call stood
 * still for ever. */
static void whoever_was_asked_to_wait_is_told_when_there_is_room(void **state)
{
    static const struct publisher_events events = {on_receipt, on_unavailable, on_room};
    struct house *h = house_new("policy", INT64_C(1795222800000000));
    struct session *session = session_open(
        house_edge(h),
        policy_unit(edge_policy(house_edge(h)), bytes_of_text("npa-daejeon/112-control")),
        "127.0.0.1");
    struct sender s = {0};
    bool asked = false;
    (void)state;
    house_settle(h);
    s.publisher = publisher_open(session, &events, &s);
    while (s.taken < WINDOW)
        asked = send_one(&s) == RESULT_AGAIN || asked;
    assert_true(asked);
    house_settle(h);
    assert_int_equal(s.receipts, WINDOW + 1);
    assert_int_equal(s.rooms, 1);
    publisher_close(s.publisher);
    session_close(session);
    house_free(h);
}

static struct session *session_of(struct house *h, const char *unit)
{
    return session_open(house_edge(h), policy_unit(edge_policy(house_edge(h)), bytes_of_text(unit)),
                        "127.0.0.1");
}

/* A refusal is on record: one unit once wrote 35 MB a second of them. */
static void refusals_beyond_a_burst_go_on_at_their_rate_and_hold_up_nobody_else(void **state)
{
    static const struct publisher_events events = {on_receipt, on_unavailable, on_room};
    enum { STEP = 100, ALL = LIMIT_REFUSALS + 10 * LIMIT_REFUSALS_A_SECOND };
    struct house *h = house_new("policy", INT64_C(1795222800000000));
    struct session *bad = session_of(h, "npa-daejeon/112-control"),
                   *other = session_of(h, "daejeon-fire/119-control");
    struct sender flood = {.receipts = LATE}, good = {.receipts = LATE};
    (void)state;
    house_settle(h);
    flood.publisher = publisher_open(bad, &events, &flood);
    good.publisher = publisher_open(other, &events, &good);
    while (flood.taken < ALL) {
        (void)send_one(&flood);
        if (flood.taken % STEP == 0)
            house_settle(h);
    }
    assert_int_equal(flood.receipts - LATE, LIMIT_REFUSALS);
    (void)send_one(&good);
    house_settle(h);
    assert_int_equal(good.receipts - LATE, 1);
    house_advance(h, 5 * US_PER_S);
    house_settle(h);
    assert_in_range(flood.receipts - LATE, LIMIT_REFUSALS + 4 * LIMIT_REFUSALS_A_SECOND,
                    LIMIT_REFUSALS + 5 * LIMIT_REFUSALS_A_SECOND);
    house_advance(h, 6 * US_PER_S);
    house_settle(h);
    assert_int_equal(flood.receipts - LATE, ALL);
    (void)send_one(&flood); /* rests: its place in line goes with its call */
    publisher_close(flood.publisher);
    publisher_close(good.publisher);
    session_close(bad);
    session_close(other);
    house_free(h);
}

/* As messages under way, sixteen thousand of each connection once took the time of others' alerts;
 * as bytes behind a shut window they take none. */
static void a_call_is_asked_to_wait_with_its_first_message_that_rests(void **state)
{
    static const struct publisher_events events = {on_receipt, on_unavailable, on_room};
    enum { STEP = 100 };
    struct house *h = house_new("policy", INT64_C(1795222800000000));
    struct session *bad = session_of(h, "npa-daejeon/112-control");
    struct sender flood = {.receipts = LATE};
    (void)state;
    house_settle(h);
    flood.publisher = publisher_open(bad, &events, &flood);
    while (flood.taken < LIMIT_REFUSALS) {
        assert_int_equal(send_one(&flood), RESULT_OK);
        if (flood.taken % STEP == 0)
            house_settle(h);
    }
    assert_int_equal(send_one(&flood), RESULT_AGAIN);
    house_settle(h);
    assert_int_equal(flood.receipts - LATE, LIMIT_REFUSALS);
    assert_int_equal(flood.rooms, 0);
    house_advance(h, US_PER_S);
    house_settle(h);
    assert_int_equal(flood.receipts - LATE, LIMIT_REFUSALS + 1);
    assert_int_equal(flood.rooms, 1);
    assert_int_equal(send_one(&flood), RESULT_OK);
    house_settle(h);
    publisher_close(flood.publisher);
    session_close(bad);
    house_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_beyond_a_burst_go_on_at_their_rate_and_hold_up_nobody_else),
        cmocka_unit_test(a_call_is_asked_to_wait_with_its_first_message_that_rests),
        cmocka_unit_test(whoever_was_asked_to_wait_is_told_when_there_is_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
