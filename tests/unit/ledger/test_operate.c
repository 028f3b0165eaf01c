/* What operators do over the control socket: judged, recorded, and only then told to whoever
 * carries it out. */
#include "officers.h"

static unsigned operate(struct bench *b, unsigned act, const char *subject, const char *name,
                        const char *reason, struct ledger_operation *out)
{
    const struct control_request r = {.ask = CONTROL_OPERATE,
                                      .act = (uint8_t)act,
                                      .subject = bytes_of_text(subject),
                                      .officer = bytes_of_text(name),
                                      .reason = bytes_of_text(reason)};
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    struct answered a;
    control_request_put(&r, &request);
    assert_int_equal(buf_status(&request), RESULT_OK);
    ask_bytes(b, buf_view(&request), &a);
    const bool told = ledger_operation(buf_view(&request), buf_view(&a.bytes), out);
    const unsigned code = a.is.code;
    assert_int_equal(told, code == CONTROL_CODE_DONE);
    out->subject = bytes_of(NULL, 0); /* a view into what goes now */
    buf_free(&request);
    buf_free(&a.bytes);
    return code;
}

static void an_order_is_on_record_with_who_ordered_it(void **state)
{
    (void)state;
    struct bench b;
    struct ledger_operation o;
    office_init(&b);
    assert_int_equal(operate(&b, CONTROL_RELOAD, "policy", "seo", "new cameras", &o),
                     CONTROL_CODE_DONE);
    assert_int_equal(o.act, CONTROL_RELOAD);
    assert_int_equal(o.index, ledger_entries(b.l) - 1);
    assert_int_equal(count_leaves(&b, "operated"), 1);
    bench_restart(&b); /* the record is applied again, and does nothing */
    assert_int_equal(count_leaves(&b, "operated"), 1);
    bench_free(&b);
}

/* Its reason was taken for an offence, and stood in the log. */
static void an_operator_who_is_named_as_the_gateway_is_an_operator(void **state)
{
    (void)state;
    struct bench b;
    struct ledger_operation o;
    struct buf entry = BUF_INIT(LEAF_MAX);
    char reason[CONTROL_REASON_MAX + 1];
    memset(reason, 'r', CONTROL_REASON_MAX);
    reason[CONTROL_REASON_MAX] = '\0';
    office_init(&b);
    assert_int_equal(operate(&b, CONTROL_CUT, "sessions a/b", ACTS_GATEWAY, reason, &o),
                     CONTROL_CODE_DONE);
    assert_int_equal(tiles_entry(b.l->tiles, o.index, &entry), RESULT_OK);
    assert_non_null(strstr(buf_c(&entry), "operator=" ACTS_GATEWAY " effect=done"));
    assert_null(strstr(buf_c(&entry), "rrr"));
    assert_int_equal(count_leaves(&b, "operated"), 1);
    buf_free(&entry);
    bench_free(&b);
}

static void a_drain_says_how_long_and_whether_it_stays(void **state)
{
    (void)state;
    struct bench b;
    struct ledger_operation o;
    office_init(&b);
    assert_int_equal(operate(&b, CONTROL_DRAIN, "within 60", "seo", "disk", &o), CONTROL_CODE_DONE);
    assert_true(o.within_us == 60 * US_PER_S && !o.stays);
    assert_int_equal(operate(&b, CONTROL_DRAIN, "within 0 stay", "seo", "disk", &o),
                     CONTROL_CODE_DONE);
    assert_true(o.within_us == 0 && o.stays);
    bench_free(&b);
}

static void what_is_not_an_order_is_refused_and_not_recorded(void **state)
{
    (void)state;
    static const struct {
        unsigned act;
        const char *subject, *name, *reason;
        enum control_code code;
    } wrong[] = {{CONTROL_RELOAD, "policies", "seo", "r", CONTROL_CODE_MALFORMED},
                 {CONTROL_DRAIN, "within", "seo", "r", CONTROL_CODE_MALFORMED},
                 {CONTROL_DRAIN, "within 60 stays", "seo", "r", CONTROL_CODE_MALFORMED},
                 {CONTROL_DRAIN, "within 86401", "seo", "r", CONTROL_CODE_MALFORMED},
                 {CONTROL_CUT, "sessions ", "seo", "r", CONTROL_CODE_MALFORMED},
                 {CONTROL_CUT, "sessions a/b/c", "seo", "r", CONTROL_CODE_MALFORMED},
                 {CONTROL_CUT, "sessions a/b", "two words", "r", CONTROL_CODE_BAD_OPERATOR},
                 {CONTROL_CUT, "sessions a/b", "", "r", CONTROL_CODE_BAD_OPERATOR},
                 {CONTROL_CUT, "sessions a/b", "seo", "", CONTROL_CODE_BAD_REASON},
                 {CONTROL_CUT, "sessions a/b", "seo", "two\nlines", CONTROL_CODE_BAD_REASON}};
    struct bench b;
    struct ledger_operation o;
    office_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(
            operate(&b, wrong[i].act, wrong[i].subject, wrong[i].name, wrong[i].reason, &o),
            wrong[i].code);
    assert_int_equal(count_leaves(&b, "operated"), 0);
    bench_free(&b);
}

/* An officer's act has no other way than a signature. */
static void nothing_that_takes_a_signature_is_an_operators(void **state)
{
    (void)state;
    for (unsigned act = 1; act < CONTROL_ACTS; act++) {
        struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
        control_request_put(&(struct control_request){.ask = CONTROL_OPERATE, .act = (uint8_t)act},
                            &request);
        const bool operates = act == CONTROL_RELOAD || act == CONTROL_DRAIN || act == CONTROL_CUT;
        assert_int_equal(buf_status(&request) == RESULT_OK, operates);
        buf_free(&request);
    }
}

static void what_can_be_delivered_is_what_connected_units_have_waiting(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    publish(&b, 1);
    assert_int_equal(ledger_deliverable(b.l), 0); /* nobody is there to have it */
    assert_int_equal(subscribe(&b, 7, FIRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(ledger_deliverable(b.l), 1);
    const struct road_deliver d = delivered(&b);
    send_release(&b, &d, true);
    turn(&b);
    assert_int_equal(ledger_deliverable(b.l), 1);
    acknowledge(&b, &d, 0);
    turn(&b);
    assert_int_equal(ledger_deliverable(b.l), 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_on_record_with_who_ordered_it),
        cmocka_unit_test(an_operator_who_is_named_as_the_gateway_is_an_operator),
        cmocka_unit_test(a_drain_says_how_long_and_whether_it_stays),
        cmocka_unit_test(what_is_not_an_order_is_refused_and_not_recorded),
        cmocka_unit_test(nothing_that_takes_a_signature_is_an_operators),
        cmocka_unit_test(what_can_be_delivered_is_what_connected_units_have_waiting),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
