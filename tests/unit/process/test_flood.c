/* A sender that never waits for receipts. */
#include "house.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_was_asked_to_wait_is_told_when_there_is_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
