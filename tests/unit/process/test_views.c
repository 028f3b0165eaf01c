/* Views of the console in a whole gateway: what the log has, what the register has, and who reads
 * that. */
#include "house.h"

#include "audit/fact.h"
#include "ipc/control.h"
#include "ipc/register.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define NINE    INT64_C(1795219200000000) /* 2026-11-21T09:00:00+09:00 */
#define AUDITOR "daejeon-audit-commission/inspection"
#define REASON  "민원 2026-118 확인"

static struct console_view view_of(const char *unit, const char *page, const char *reason)
{
    return (struct console_view){.ticket = 1,
                                 .unit = bytes_of_text(unit),
                                 .page = bytes_of_text(page),
                                 .form = bytes_of_text("html"),
                                 .reason = bytes_of_text(reason)};
}

static unsigned code_of(struct house *h, const char *unit, const char *page, const char *reason)
{
    const struct console_view v = view_of(unit, page, reason);
    const struct console_viewed said = house_view(h, &v);
    assert_int_equal(said.ticket, 1);
    return said.code;
}

static void the_units_of_the_example_set_that_have_the_console_may_look(void **state)
{
    struct house *h = house_new("policy", NINE);
    (void)state;
    assert_int_equal(code_of(h, AUDITOR, "now", ""), CONTROL_CODE_DONE);
    assert_int_equal(code_of(h, "daejeon-city-center/footage-desk", "records", REASON),
                     CONTROL_CODE_DONE);
    assert_int_equal(code_of(h, "daejeon-gateway-operator/operations", "now", ""),
                     CONTROL_CODE_DONE);
    assert_int_equal(code_of(h, "npa-daejeon/112-control", "now", ""), CONTROL_CODE_NO_CONSOLE);
    assert_int_equal(code_of(h, "gateway/self", "now", ""), CONTROL_CODE_NO_CONSOLE);
    assert_int_equal(code_of(h, "nobody/here", "now", ""), CONTROL_CODE_NO_CONSOLE);
    assert_int_equal(house_count_leaves(h, "viewed"), 3);
    assert_true(house_log_verifies(h));
    house_free(h);
}

/* ---- the reason */

static void find_reason(void *arg, const struct register_opened *o)
{
    struct fact f;
    struct buf room;
    uint64_t *index = arg;
    assert_int_not_equal(o->scope, 0);
    assert_int_equal(fact_read(o->fact, &f, &room), RESULT_OK);
    assert_true(bytes_is(f.reason, REASON));
    assert_true(*index == 0);
    *index = o->index;
    buf_free(&room);
}

static void look_for_reason(void *arg, struct bytes leaf)
{
    size_t *found = arg;
    *found += memmem(leaf.p, leaf.n, REASON, strlen(REASON)) != NULL;
}

static void a_reason_is_read_by_who_may_open_the_register_and_stands_in_no_leaf(void **state)
{
    struct house *h = house_new("policy", NINE);
    const struct console_view v = view_of(AUDITOR, "records", REASON);
    uint64_t index = 0;
    size_t found = 0;
    (void)state;
    const struct console_viewed said = house_view(h, &v);
    assert_int_equal(said.code, CONTROL_CODE_DONE);
    house_restart_keeper(h);
    house_restart_ledger(h);
    house_each_fact(h, find_reason, &index);
    assert_int_equal(index, said.index);
    house_each_leaf(h, look_for_reason, &found);
    assert_int_equal(found, 0);
    assert_int_equal(house_count_leaves(h, "viewed"), 1);
    assert_true(house_log_verifies(h));
    house_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_units_of_the_example_set_that_have_the_console_may_look),
        cmocka_unit_test(a_reason_is_read_by_who_may_open_the_register_and_stands_in_no_leaf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
