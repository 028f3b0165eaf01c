/* How far the roles are shut in, as the supervisor tells it: on record, once for each process. */
#include "support.h"

static const char shut_in[] = "landlock=7 calls=61 memory=locked";

static void tell_role(struct bench *b, enum ipc_role role, uint32_t pid, const char *attained)
{
    const struct live_role r = {.role = (uint8_t)role,
                                .pid = pid,
                                .since_us = pid == 0 ? 0 : NOON,
                                .attained = bytes_of_text(attained)};
    struct buf roles = BUF_INIT(4096);
    live_role_put(&r, &roles);
    assert_int_equal(ledger_roles(b->l, buf_view(&roles)), RESULT_OK);
    turn(b);
    buf_free(&roles);
}

static void each_process_is_on_record_once(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    tell_role(&b, ROLE_ID_EDGE, 5, shut_in);
    assert_int_equal(count_leaves(&b, "\"role=edge landlock=7 calls=61 memory=locked\""), 1);
    tell_role(&b, ROLE_ID_EDGE, 5, shut_in); /* another role has changed */
    tell_role(&b, ROLE_ID_KEEPER, 6, "landlock=7 calls=40 memory=hidden");
    assert_int_equal(count_leaves(&b, "role-shut-in"), 2);
    tell_role(&b, ROLE_ID_EDGE, 0, "");
    tell_role(&b, ROLE_ID_EDGE, 7, ""); /* it has begun, and is not shut in yet */
    assert_int_equal(count_leaves(&b, "role-shut-in"), 2);
    tell_role(&b, ROLE_ID_EDGE, 7, shut_in);
    assert_int_equal(count_leaves(&b, "role-shut-in"), 3);
    bench_free(&b);
}

static void a_ledger_that_begins_records_those_that_run(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    tell_role(&b, ROLE_ID_EDGE, 5, shut_in);
    bench_restart(&b);
    tell_role(&b, ROLE_ID_EDGE, 5, shut_in);
    assert_int_equal(count_leaves(&b, "role-shut-in"), 2);
    tell_role(&b, ROLE_ID_LEDGER, 8, shut_in); /* says so itself: gateway-started */
    assert_int_equal(count_leaves(&b, "role-shut-in"), 2);
    bench_free(&b);
}

/* The words come from the role: one that was taken over may tell the supervisor whatever it likes.
 */
static void other_words_do_not_come_into_the_log(void **state)
{
    (void)state;
    static const char *const wrong[] = {"landlock=7 calls=61 memory=safe",
                                        "landlock=7 calls=61 memory=locked officer=kim",
                                        "landlock=7 calls= memory=locked",
                                        "landlock=-1 calls=61 memory=locked",
                                        "calls=61 landlock=7 memory=locked",
                                        "landlock=7 calls=99999999999 memory=locked",
                                        "\"}"};
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        tell_role(&b, ROLE_ID_EDGE, 5, wrong[i]);
    assert_int_equal(ledger_roles(b.l, bytes_of_text("these are no roles")), RESULT_OK);
    assert_int_equal(count_leaves(&b, "role-shut-in"), 0);
    tell_role(&b, ROLE_ID_EDGE, 5, shut_in);
    assert_int_equal(count_leaves(&b, "role-shut-in"), 1);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_process_is_on_record_once),
        cmocka_unit_test(a_ledger_that_begins_records_those_that_run),
        cmocka_unit_test(other_words_do_not_come_into_the_log),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
