/* Parties that are suspended, and certificates that are revoked. */
#include "officers.h"

#include "ipc/offender.h"

#define PARTY       "party daejeon-fire"
#define CERTIFICATE "certificate 00ff"

static void lift(struct bench *b, const char *subject)
{
    bool done;
    assert_int_equal(act(b, CONTROL_RESUME, subject, KIM, &done), CONTROL_CODE_DONE);
    assert_false(done);
    assert_int_equal(act(b, CONTROL_RESUME, subject, LEE, &done), CONTROL_CODE_DONE);
    assert_true(done);
}

static void suspend(struct bench *b, const char *subject)
{
    bool done;
    assert_int_equal(act(b, CONTROL_SUSPEND, subject, YOON, &done), CONTROL_CODE_DONE);
    assert_true(done);
}

/* Whatever the edge thinks of it: a suspended party is offered nothing, and nothing of it is lost.
 */
static void what_waits_for_a_suspended_party_stays_until_that_is_lifted(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    publish(&b, 1);
    suspend(&b, PARTY);
    assert_int_equal(subscribe(&b, 7, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    bench_restart(&b); /* also after a new start */
    assert_int_equal(subscribe(&b, 8, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    lift(&b, PARTY);
    assert_int_equal(subscribe(&b, 9, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 1);
    bench_free(&b);
}

/* It was offered, and the edge heard of the suspension before it decided: that is no end of it. */
static void what_was_on_its_way_then_is_not_withheld_but_waits(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    assert_int_equal(subscribe(&b, 7, FIRE, "default"), RESULT_OK);
    publish(&b, 1);
    turn(&b);
    const struct road_deliver d = delivered(&b);
    suspend(&b, PARTY);
    send_release(&b, &d, false);
    turn(&b);
    assert_int_equal(count_leaves(&b, "withheld"), 0);
    lift(&b, PARTY);
    assert_int_equal(subscribe(&b, 8, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 2); /* once more */
    bench_free(&b);
}

static void a_deadline_goes_on_meanwhile(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    office_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b.wall_us + US_PER_HOUR;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    suspend(&b, PARTY);
    advance(&b, 2 * US_PER_HOUR);
    confirm_wipe(&b);
    assert_int_equal(count_leaves(&b, "destroyed"), 1);
    bench_free(&b);
}

static void only_a_certificate_is_revoked_and_nothing_else_of_it_suspended(void **state)
{
    (void)state;
    struct bench b;
    bool done;
    office_init(&b);
    assert_int_equal(act(&b, CONTROL_REVOKE, PARTY, YOON, NULL), CONTROL_CODE_SUBJECT_UNKNOWN);
    assert_int_equal(act(&b, CONTROL_SUSPEND, CERTIFICATE, YOON, NULL),
                     CONTROL_CODE_SUBJECT_UNKNOWN);
    assert_int_equal(act(&b, CONTROL_REVOKE, CERTIFICATE, CHOI, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_REVOKE, CERTIFICATE, YOON, &done), CONTROL_CODE_DONE);
    assert_true(done);
    assert_int_equal(act(&b, CONTROL_REVOKE, CERTIFICATE, KIM, NULL),
                     CONTROL_CODE_SUSPENDED_ALREADY);
    bench_restart(&b);
    assert_int_equal(listed(&b, CONTROL_SUSPENSIONS), 1);
    lift(&b, CERTIFICATE);
    assert_int_equal(listed(&b, CONTROL_SUSPENSIONS), 0);
    bench_free(&b);
}

/* ---- the console */

/* What it was told last, and how often. */
static struct {
    unsigned times;
    size_t n;
    uint8_t subjects[256];
} at_console;

static void tell_console(void *arg, enum ipc_type type, struct bytes body)
{
    (void)arg;
    assert_int_equal(type, IPC_CONSOLE_BARRED);
    assert_true(body.n <= sizeof at_console.subjects);
    at_console.times++;
    at_console.n = body.n;
    memcpy(at_console.subjects, body.p, body.n);
}

static bool heard_of(const char *subject)
{
    struct cursor in = cursor_over(bytes_of(at_console.subjects, at_console.n));
    struct bytes one;
    while (cursor_bytes16(&in, &one) == RESULT_OK)
        if (bytes_is(one, subject))
            return true;
    return false;
}

static void the_console_hears_of_what_is_suspended_when_it_comes_and_at_each_change(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    b.l->config.tell_console = tell_console;
    turn(&b);
    memset(&at_console, 0, sizeof at_console);
    assert_int_equal(act(&b, CONTROL_REVOKE, CERTIFICATE, YOON, NULL), CONTROL_CODE_DONE);
    turn(&b);
    assert_int_equal(at_console.times, 1);
    assert_true(heard_of(CERTIFICATE));
    turn(&b);
    assert_int_equal(at_console.times, 1); /* nothing changed */
    ledger_console_came(b.l);
    turn(&b);
    assert_int_equal(at_console.times, 2);
    assert_true(heard_of(CERTIFICATE));
    lift(&b, CERTIFICATE);
    turn(&b);
    assert_false(heard_of(CERTIFICATE));
    ledger_console_came(b.l); /* it is told, too, that there is none */
    turn(&b);
    assert_int_equal(at_console.n, 0);
    bench_free(&b);
}

/* ---- offenders */

#define OFFENDER "offender " FIRE

static void name_offender(struct bench *b, const char *unit)
{
    const struct road_offender o = {bytes_of_text(unit), OFFENCE_FLOOD};
    struct buf body = BUF_INIT(256);
    road_offender_put(&o, &body);
    assert_int_equal(tell(b, IPC_OFFENDER, buf_view(&body)), RESULT_OK);
    turn(b);
    buf_free(&body);
}

static void
an_offender_is_suspended_by_the_gateway_on_record_and_lifted_by_one_officer(void **state)
{
    (void)state;
    struct bench b;
    bool done;
    office_init(&b);
    publish(&b, 1);
    name_offender(&b, FIRE);
    assert_int_equal(count_leaves(&b, "unit-suspended"), 1);
    assert_int_equal(count_leaves(&b, "officer="), 0);
    assert_true(count_said(&b, IPC_SUSPENSIONS) > 0);
    assert_int_equal(subscribe(&b, 7, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    bench_restart(&b); /* it survives a new start */
    assert_int_equal(listed(&b, CONTROL_SUSPENSIONS), 1);
    assert_int_equal(act(&b, CONTROL_RESUME, OFFENDER, CHOI, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_RESUME, OFFENDER, YOON, &done), CONTROL_CODE_DONE);
    assert_true(done);
    assert_int_equal(listed(&b, CONTROL_SUSPENSIONS), 0);
    assert_int_equal(subscribe(&b, 8, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 1);
    bench_free(&b);
}

static void an_offender_is_suspended_once_and_a_unit_that_there_is_not_never(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    name_offender(&b, FIRE);
    name_offender(&b, FIRE);
    name_offender(&b, "nobody/nowhere");
    assert_int_equal(count_leaves(&b, "unit-suspended"), 1);
    assert_int_equal(listed(&b, CONTROL_SUSPENSIONS), 1);
    bench_free(&b);
}

/* An edge that was taken over must not be able to stop officers by naming units. */
static void no_officer_suspends_an_offender_and_a_unit_may_be_suspended_besides(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    assert_int_equal(act(&b, CONTROL_SUSPEND, OFFENDER, YOON, NULL), CONTROL_CODE_SUBJECT_UNKNOWN);
    name_offender(&b, FIRE);
    suspend(&b, "unit " FIRE);
    assert_int_equal(listed(&b, CONTROL_SUSPENSIONS), 2);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_console_hears_of_what_is_suspended_when_it_comes_and_at_each_change),
        cmocka_unit_test(what_waits_for_a_suspended_party_stays_until_that_is_lifted),
        cmocka_unit_test(what_was_on_its_way_then_is_not_withheld_but_waits),
        cmocka_unit_test(a_deadline_goes_on_meanwhile),
        cmocka_unit_test(only_a_certificate_is_revoked_and_nothing_else_of_it_suspended),
        cmocka_unit_test(
            an_offender_is_suspended_by_the_gateway_on_record_and_lifted_by_one_officer),
        cmocka_unit_test(an_offender_is_suspended_once_and_a_unit_that_there_is_not_never),
        cmocka_unit_test(no_officer_suspends_an_offender_and_a_unit_may_be_suspended_besides),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
