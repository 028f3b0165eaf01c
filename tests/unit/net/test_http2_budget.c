#include "net/http2_budget.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static unsigned spend_all(struct http2_budget *b, int64_t now)
{
    unsigned n = 0;
    while (http2_budget_spend(b, now, 1))
        n++;
    return n;
}

static void a_burst_is_paid_once(void **state)
{
    struct http2_budget b;
    (void)state;
    http2_budget_init(&b, 5);
    assert_int_equal(spend_all(&b, 5), LIMIT_GLITCHES);
}

static void time_fills_it_at_its_rate_and_no_further(void **state)
{
    struct http2_budget b;
    (void)state;
    http2_budget_init(&b, 0);
    for (unsigned i = 0; i < LIMIT_GLITCHES; i++)
        assert_true(http2_budget_spend(&b, 0, 1));
    assert_true(http2_budget_spend(&b, US_PER_S, LIMIT_GLITCHES_A_SECOND));
    assert_false(http2_budget_spend(&b, US_PER_S, 1));
    assert_true(http2_budget_spend(&b, 1000 * US_PER_DAY, LIMIT_GLITCHES));
    assert_false(http2_budget_spend(&b, 1000 * US_PER_DAY, 1));
}

static void data_pays_for_control_frames(void **state)
{
    struct http2_budget b;
    (void)state;
    http2_budget_init(&b, 0);
    assert_true(http2_budget_spend(&b, 0, LIMIT_GLITCHES));
    http2_budget_earn(&b, 0);
    http2_budget_earn(&b, 1);
    http2_budget_earn(&b, 3 * LIMIT_BYTES_A_GLITCH);
    assert_true(http2_budget_spend(&b, 0, 2 * LIMIT_GLITCHES_A_FRAME + 3));
    assert_false(http2_budget_spend(&b, 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_paid_once),
        cmocka_unit_test(time_fills_it_at_its_rate_and_no_further),
        cmocka_unit_test(data_pays_for_control_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
