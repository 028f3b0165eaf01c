/* What the log says of the last day, on the page about now. */
#include "records.h"

#include "ipc/control.h"

/* Opens the page, with a ledger that has nothing to say but that it is there. */
static void open_now(struct records_bench *b)
{
    const struct control_answer a = {.code = CONTROL_CODE_DONE, .items = 1};
    const struct live_ledger ledger = {.set = B("set"), .serial = 7};
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    const struct web_request r = get_of("/en/now", "", "");
    struct buf frame = BUF_INIT(4096);
    control_answer_put(&a, &frame);
    live_ledger_put(&ledger, &frame);
    struct web_call *w = ask_as(&b->web, &v, &r, "");
    for (size_t i = 0; i < 10; i++)
        console_said(b->web.console, b->web.asked, buf_view(&frame));
    b->web.now_us += US_PER_S / 10;
    (void)console_turn(b->web.console);
    assert_int_equal(b->web.status, 200);
    assert_well_formed(&b->web);
    console_gone(w);
    buf_free(&frame);
}

static void refusals_are_counted_by_reason(void **state)
{
    (void)state;
    struct records_bench b;
    records_init(&b);
    for (size_t i = 0; i < 3; i++)
        (void)add_message(&b, POLICE, FIRE, "no-grant");
    for (size_t i = 0; i < 5; i++)
        (void)add_message(&b, POLICE, CENTRE, "purpose-unknown");
    (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    open_now(&b);
    const char *many = strstr(buf_c(&b.web.body), "/en/records?reason=purpose-unknown\"");
    const char *few = strstr(buf_c(&b.web.body), "/en/records?reason=no-grant\"");
    assert_true(many != NULL && few != NULL && many < few);
    assert_non_null(strstr(many, "<td>5</td>"));
    assert_non_null(strstr(few, "<td>3</td>"));
    assert_false(shows(&b.web, "reason=permitted"));
    records_free(&b);
}

static void add_witness(struct records_bench *b, enum audit_event e, const char *detail)
{
    (void)add_leaf(b, (struct leaf){.event = e, .detail = B(detail)});
}

static void a_witness_is_late_until_it_is_back(void **state)
{
    (void)state;
    struct records_bench b;
    records_init(&b);
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=one");
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=two");
    add_witness(&b, AUDIT_WITNESS_BACK, "witness=two");
    publish(&b);
    open_now(&b);
    assert_true(shows(&b.web, "This witness is late: one"));
    assert_false(shows(&b.web, "late: two") || shows(&b.web, "No witness is late"));
    add_witness(&b, AUDIT_WITNESS_BACK, "witness=one");
    publish(&b);
    b.web.now_us += 3 * US_PER_S;
    open_now(&b);
    assert_true(shows(&b.web, "No witness is late"));
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=one");
    publish(&b);
    b.web.now_us += 3 * US_PER_S;
    open_now(&b);
    assert_true(shows(&b.web, "This witness is late: one"));
    records_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_counted_by_reason),
        cmocka_unit_test(a_witness_is_late_until_it_is_back),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
