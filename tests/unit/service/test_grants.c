/* What a unit is told of itself: what it may send and receive now. */
#include "desk.h"

#include "message/facts.h"
#include "policy/tools.h"

struct told {
    unsigned passes;    /* of the last */
    enum reason closed; /* the same */
    size_t ways, shut;
};

static void hear(const struct session_flow *f, void *arg)
{
    struct told *t = arg;
    t->ways++;
    t->passes = f->passes;
    t->closed = f->closed;
    t->shut += f->passes == 0;
}

static struct told ask(struct session *s)
{
    struct told t = {0};
    assert_int_equal(session_flows(s, 0, hear, &t), 0);
    return t;
}

static void suspend(struct desk *d, const char *subject)
{
    struct buf body = BUF_INIT(256);
    if (subject != NULL)
        buf_bytes16(&body, bytes_of_text(subject));
    desk_say(d, IPC_SUSPENSIONS, &body);
}

static void what_may_pass_is_told_and_nothing_of_it_is_recorded(void **state)
{
    (void)state;
    struct desk d;
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    const uint64_t before = d.next_index;
    struct told t = ask(s);
    assert_true(t.ways > 3);
    assert_int_equal(t.shut, 0);
    assert_int_equal(t.passes, 1u << STATUS_ACTUAL);
    assert_int_equal(t.closed, REASON_NONE);
    assert_int_equal(d.next_index, before);
    desk_free(&d);
}

static void who_asks_too_much_has_to_wait_and_nobody_else(void **state)
{
    (void)state;
    struct desk d;
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE), *again = desk_session(&d, POLICE),
                   *other = desk_session(&d, CENTRE);
    unsigned asked = 0;
    while (session_may_ask_flows(s) && asked < LIMIT_WAYS) {
        (void)ask(s);
        asked++;
    }
    assert_in_range(asked, 100, LIMIT_WAYS / 10); /* each takes what it looks at, not one */
    assert_false(session_may_ask_flows(again));
    assert_true(session_may_ask_flows(other));
    desk_pass(&d, US_PER_S);
    assert_true(session_may_ask_flows(again));
    for (unsigned i = 0; session_may_ask_flows(again) && i < asked; i++)
        (void)ask(again);
    assert_false(session_may_ask_flows(s));
    desk_pass(&d, US_PER_S * LIMIT_WAYS / LIMIT_WAYS_A_SECOND + US_PER_S);
    assert_true(session_may_ask_flows(s));
    desk_free(&d);
}

static void what_officers_suspend_is_shut_until_they_resume_it(void **state)
{
    (void)state;
    struct desk d;
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    const size_t ways = ask(s).ways;
    suspend(&d, "unit " POLICE);
    struct told t = ask(s);
    assert_int_equal(t.shut, ways);
    assert_int_equal(t.closed, REASON_PARTY_SUSPENDED);
    suspend(&d, "grant molit-npa-2015#video-request");
    t = ask(s);
    assert_true(t.shut > 0 && t.shut < ways);
    suspend(&d, NULL);
    assert_int_equal(ask(s).shut, 0);
    desk_free(&d);
}

static void a_memorandum_that_has_ended_lets_nothing_pass(void **state)
{
    (void)state;
    struct desk d;
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    d.wall_us += 100 * 365 * US_PER_DAY;
    struct told t = ask(s);
    assert_true(t.ways > 3 && t.shut == t.ways);
    assert_int_equal(t.closed, REASON_MOU_NOT_IN_FORCE);
    desk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_pass_is_told_and_nothing_of_it_is_recorded),
        cmocka_unit_test(who_asks_too_much_has_to_wait_and_nobody_else),
        cmocka_unit_test(what_officers_suspend_is_shut_until_they_resume_it),
        cmocka_unit_test(a_memorandum_that_has_ended_lets_nothing_pass)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
