/* The ledger's desk at its socket (office.h). */
#include "office.h"

/* ---- how roles stand */

static void roles_are_told_as_the_supervisor_told_them_last(void **state)
{
    static struct answered a;
    struct office o;
    struct live_role r = {.role = ROLE_ID_KEEPER, .pid = 5, .end = bytes_of_text("signal 9")};
    struct buf roles = BUF_INIT(4096);
    (void)state;
    open_office(&o);
    int fd = ask_list(&o, CONTROL_ROLES); /* nothing was told */
    hear_and_turn(&o);
    assert_true(is_answered(fd, &a) && a.is.items == 0);
    live_role_put(&r, &roles);
    desk_roles(o.desk, buf_view(&roles));
    desk_roles(o.desk, bytes_of_text("these are no roles"));
    fd = ask_list(&o, CONTROL_ROLES);
    hear_and_turn(&o);
    assert_true(is_answered(fd, &a) && a.is.items == 1 && !a.is.more);
    assert_int_equal(live_role_take(&a.items, &r), RESULT_OK);
    assert_true(r.role == ROLE_ID_KEEPER && r.pid == 5 && bytes_is(r.end, "signal 9"));
    assert_int_equal(a.items.left, 0);
    buf_free(&roles);
    close_office(&o);
}

/* ---- what the edge is asked */

static void a_question_about_the_edge_is_the_edges(void **state)
{
    static struct answered a;
    struct office o;
    struct buf body = BUF_INIT(4096);
    struct live_ask asked;
    struct live_edge is = {.serves = true, .sessions = 3};
    (void)state;
    open_office(&o);
    int fd = ask_list(&o, CONTROL_EDGE);
    hear_and_turn(&o);
    assert_int_equal(said(o.edge, &body), IPC_LIVE_ASK);
    struct cursor in = cursor_over(buf_view(&body));
    assert_int_equal(live_ask_take(&in, &asked), RESULT_OK);
    assert_int_equal(asked.what, LIVE_EDGE);
    assert_false(is_answered(fd, &a));
    buf_clear(&body);
    live_said_put(&(struct live_said){asked.ticket, LIVE_EDGE, 1, false}, &body);
    live_edge_put(&is, &body);
    assert_int_equal(edge_says(&o, IPC_LIVE_SAID, bytes_of(body.p, body.n - 1)), RESULT_MALFORMED);
    assert_int_equal(edge_says(&o, IPC_LIVE_SAID, buf_view(&body)), RESULT_OK);
    turn(&o);
    assert_true(is_answered(fd, &a) && a.is.items == 1);
    assert_int_equal(live_edge_take(&a.items, &is), RESULT_OK);
    assert_true(is.serves && is.sessions == 3);
    buf_free(&body);
    close_office(&o);
}

static void without_an_edge_that_is_told(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    lose_edge(&o);
    int list = ask_list(&o, CONTROL_EDGE), cut = order(&o, CONTROL_CUT, "sessions npa-daejeon");
    hear_and_turn(&o);
    turn(&o);
    assert_code(list, CONTROL_CODE_NO_EDGE);
    assert_code(cut, CONTROL_CODE_NO_EDGE);
    close_office(&o);
}

/* ---- orders */

static void an_order_is_carried_out_when_it_is_on_disk_and_never_before(void **state)
{
    static struct answered a;
    struct office o;
    struct buf body = BUF_INIT(4096);
    struct bytes subject;
    uint64_t ticket;
    (void)state;
    open_office(&o);
    int fd = order(&o, CONTROL_CUT, "sessions npa-daejeon");
    hear(&o);
    assert_int_equal(channel_queued(o.peers.edge), 0);
    assert_int_equal(house_count_leaves(o.house, "operated"), 1);
    turn(&o);
    assert_int_equal(said(o.edge, &body), IPC_CUT);
    struct cursor in = cursor_over(buf_view(&body));
    assert_int_equal(cursor_u64(&in, &ticket), RESULT_OK);
    assert_int_equal(cursor_bytes16(&in, &subject), RESULT_OK);
    assert_true(bytes_is(subject, "npa-daejeon"));
    assert_false(is_answered(fd, &a));
    buf_clear(&body);
    buf_u64(&body, ticket + 1); /* nobody's: taken, and nothing comes of it */
    buf_u32(&body, 9);
    assert_int_equal(edge_says(&o, IPC_CUT_DONE, buf_view(&body)), RESULT_OK);
    assert_int_not_equal(edge_says(&o, IPC_CUT_DONE, bytes_of_text("cut")), RESULT_OK);
    turn(&o);
    assert_false(is_answered(fd, &a));
    buf_clear(&body);
    buf_u64(&body, ticket);
    buf_u32(&body, 3);
    assert_int_equal(edge_says(&o, IPC_CUT_DONE, buf_view(&body)), RESULT_OK);
    turn(&o);
    assert_true(is_answered(fd, &a));
    assert_true(a.is.code == CONTROL_CODE_DONE && a.is.done && bytes_is(a.is.text, "3"));
    buf_free(&body);
    close_office(&o);
}

static void an_order_that_nobody_answers_ends_all_the_same(void **state)
{
    static struct answered a;
    struct office o;
    (void)state;
    open_office(&o);
    int fd = order(&o, CONTROL_CUT, "sessions npa-daejeon");
    hear_and_turn(&o);
    o.now_us += 4 * US_PER_S;
    turn(&o);
    assert_false(is_answered(fd, &a));
    o.now_us += 2 * US_PER_S;
    turn(&o);
    assert_code(fd, CONTROL_CODE_TOO_LATE);
    close_office(&o);
}

static void a_reload_is_the_supervisors_and_its_word_is_passed_on(void **state)
{
    static struct answered a;
    struct office o;
    (void)state;
    open_office(&o);
    int good = order(&o, CONTROL_RELOAD, "policy");
    hear_and_turn(&o);
    assert_int_equal(type_said(o.supervisor), IPC_RELOAD_WANTED);
    desk_reload_ended(o.desk, bytes_of(NULL, 0));
    turn(&o);
    assert_code(good, CONTROL_CODE_DONE);
    int refused = order(&o, CONTROL_RELOAD, "policy");
    hear_and_turn(&o);
    desk_reload_ended(o.desk, bytes_of_text("stale: serial 1"));
    turn(&o);
    assert_true(is_answered(refused, &a) && a.is.code == CONTROL_CODE_RELOAD_REFUSED &&
                bytes_is(a.is.text, "stale: serial 1"));
    close_office(&o);
}

/* The second operator put another set there meanwhile, and would be told what became of the first.
 */
static void who_asks_during_a_reload_hears_of_the_next_one(void **state)
{
    static struct answered a;
    struct office o;
    (void)state;
    open_office(&o);
    int first = order(&o, CONTROL_RELOAD, "policy");
    hear_and_turn(&o);
    assert_int_equal(type_said(o.supervisor), IPC_RELOAD_WANTED);
    int second = order(&o, CONTROL_RELOAD, "policy"), third = order(&o, CONTROL_RELOAD, "policy");
    hear_and_turn(&o);
    assert_int_equal(type_said(o.supervisor), 0);
    desk_reload_ended(o.desk, bytes_of(NULL, 0));
    turn(&o);
    assert_code(first, CONTROL_CODE_DONE);
    assert_false(is_answered(second, &a) || is_answered(third, &a));
    assert_int_equal(type_said(o.supervisor), IPC_RELOAD_WANTED);
    assert_int_equal(type_said(o.supervisor), 0); /* one for both */
    desk_reload_ended(o.desk, bytes_of_text("errors"));
    turn(&o);
    assert_code(second, CONTROL_CODE_RELOAD_REFUSED);
    assert_code(third, CONTROL_CODE_RELOAD_REFUSED);
    close_office(&o);
}

/* ---- drain */

static void a_drain_ends_the_gateway_when_the_edge_takes_nothing_more(void **state)
{
    static struct answered a;
    struct office o;
    (void)state;
    open_office(&o);
    int fd = order(&o, CONTROL_DRAIN, "within 60");
    hear_and_turn(&o);
    assert_int_equal(type_said(o.edge), IPC_DRAIN);
    turn(&o);
    assert_int_equal(type_said(o.supervisor), 0);
    assert_false(is_answered(fd, &a));
    int again = order(&o, CONTROL_DRAIN, "within 60");
    hear_and_turn(&o);
    assert_code(again, CONTROL_CODE_BUSY);
    assert_int_equal(house_count_leaves(o.house, "operated"), 1);
    assert_int_equal(edge_says(&o, IPC_DRAINING, bytes_of(NULL, 0)), RESULT_OK);
    turn(&o);
    assert_code(fd, CONTROL_CODE_DONE);
    assert_int_equal(type_said(o.supervisor), IPC_DRAINED);
    turn(&o);
    assert_int_equal(type_said(o.supervisor), 0); /* once */
    close_office(&o);
}

static void an_edge_that_is_started_again_is_told_of_the_drain(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    desk_edge_came(o.desk, &o.peers); /* no drain yet */
    assert_int_equal(channel_queued(o.peers.edge), 0);
    int fd = order(&o, CONTROL_DRAIN, "within 60");
    hear_and_turn(&o);
    assert_int_equal(type_said(o.edge), IPC_DRAIN);
    assert_int_equal(edge_says(&o, IPC_DRAINING, bytes_of(NULL, 0)), RESULT_OK);
    desk_edge_came(o.desk, &o.peers); /* what the old one said is not the new one's */
    turn(&o);
    assert_int_equal(type_said(o.edge), IPC_DRAIN);
    assert_int_equal(type_said(o.supervisor), 0);
    assert_int_equal(close(fd), 0);
    close_office(&o);
}

static void a_drain_whose_time_is_over_ends_it_too_and_says_so(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    int fd = order(&o, CONTROL_DRAIN, "within 60");
    hear_and_turn(&o);
    o.now_us += 61 * US_PER_S;
    turn(&o);
    assert_code(fd, CONTROL_CODE_STILL_WAITING);
    assert_int_equal(type_said(o.supervisor), IPC_DRAINED);
    close_office(&o);
}

static void a_drain_that_stays_ends_nothing(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    lose_edge(&o); /* then nobody is connected, and nothing more is taken either */
    int fd = order(&o, CONTROL_DRAIN, "within 60 stay");
    hear_and_turn(&o);
    turn(&o);
    assert_code(fd, CONTROL_CODE_DONE);
    assert_int_equal(type_said(o.supervisor), 0);
    close_office(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_are_told_as_the_supervisor_told_them_last),
        cmocka_unit_test(a_question_about_the_edge_is_the_edges),
        cmocka_unit_test(without_an_edge_that_is_told),
        cmocka_unit_test(an_order_is_carried_out_when_it_is_on_disk_and_never_before),
        cmocka_unit_test(an_order_that_nobody_answers_ends_all_the_same),
        cmocka_unit_test(a_reload_is_the_supervisors_and_its_word_is_passed_on),
        cmocka_unit_test(who_asks_during_a_reload_hears_of_the_next_one),
        cmocka_unit_test(a_drain_ends_the_gateway_when_the_edge_takes_nothing_more),
        cmocka_unit_test(an_edge_that_is_started_again_is_told_of_the_drain),
        cmocka_unit_test(a_drain_whose_time_is_over_ends_it_too_and_says_so),
        cmocka_unit_test(a_drain_that_stays_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
