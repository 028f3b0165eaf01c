#include "standing/standing.h"

#include "support.h"

#include <stdlib.h>

static struct standing_change some_change(unsigned step)
{
    enum standing_step s = (enum standing_step)step;
    if (s == STANDING_ACTIVE || s == STANDING_ENDED)
        return region(s, "daejeon-seo");
    return for_purpose(for_purpose(consent(s, 17), 3), 4);
}

static void every_change_comes_back(void **state)
{
    (void)state;
    for (unsigned step = STANDING_ACTIVE; step <= STANDING_WITHDRAWN; step++) {
        struct standing_change c = some_change(step), back;
        struct buf b = BUF_INIT(1000);
        standing_change_put(&c, &b);
        struct cursor in = cursor_over(buf_view(&b));
        assert_int_equal(standing_change_take(&in, &back), RESULT_OK);
        assert_int_equal(in.left, 0);
        assert_int_equal(back.step, c.step);
        assert_int_equal(back.at_us, c.at_us);
        assert_true(bytes_equal(back.by, c.by) && bytes_equal(back.region, c.region));
        assert_memory_equal(back.consent, c.consent, STANDING_DIGEST);
        assert_int_equal(back.purposes, c.purposes);
        assert_memory_equal(back.purpose, c.purpose, sizeof c.purpose);
        for (size_t n = 0; n < b.n; n++) {
            in = cursor_over(bytes_of(b.p, n));
            assert_int_not_equal(standing_change_take(&in, &back), RESULT_OK);
        }
        buf_free(&b);
    }
}

static enum result taken(const struct standing_change *c)
{
    struct buf b = BUF_INIT(1000);
    struct standing_change back;
    standing_change_put(c, &b);
    struct cursor in = cursor_over(buf_view(&b));
    enum result r = standing_change_take(&in, &back);
    buf_free(&b);
    return r;
}

static void a_change_has_a_step_names_and_a_time(void **state)
{
    (void)state;
    struct standing_change c = region(STANDING_ACTIVE, "daejeon-seo");
    c.step = (enum standing_step)0;
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c.step = (enum standing_step)(STANDING_WITHDRAWN + 1);
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = region(STANDING_ENDED, "Not a word");
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = region(STANDING_ENDED, "");
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = consent(STANDING_SUSPENDED, 1);
    c.by = bytes_of_text("nobody");
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = consent(STANDING_SUSPENDED, 1);
    c.at_us = 0;
    assert_int_equal(taken(&c), RESULT_MALFORMED);
}

static void a_change_names_eight_purposes_at_most(void **state)
{
    (void)state;
    struct standing_change c = consent(STANDING_SUSPENDED, 1), back;
    struct buf b = BUF_INIT(1000);
    c.purposes = STANDING_PURPOSES_MAX;
    assert_int_equal(taken(&c), RESULT_OK);
    standing_change_put(&c, &b);
    size_t count_at = b.n - (size_t)STANDING_PURPOSES_MAX * STANDING_TAG - 1;
    assert_int_equal(b.p[count_at], STANDING_PURPOSES_MAX);
    b.p[count_at]++;
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(standing_change_take(&in, &back), RESULT_TOO_LARGE);
    buf_free(&b);
}

/* ---- the whole */

static struct standing *some_state(void)
{
    struct standing *s = standing_new();
    assert_int_equal(applied(s, region(STANDING_ACTIVE, "daejeon-seo")), STANDING_APPLIED);
    assert_int_equal(applied(s, region(STANDING_ACTIVE, "daejeon-dong")), STANDING_APPLIED);
    assert_int_equal(applied(s, consent(STANDING_SUSPENDED, 1)), STANDING_APPLIED);
    assert_int_equal(applied(s, for_purpose(consent(STANDING_RESUMED, 1), 9)), STANDING_APPLIED);
    assert_int_equal(applied(s, for_purpose(consent(STANDING_SUSPENDED, 2), 9)), STANDING_APPLIED);
    return s;
}

static void take_item(void *arg, struct bytes item)
{
    assert_int_equal(standing_take(arg, item), RESULT_OK);
    assert_int_equal(standing_take(arg, item), RESULT_MALFORMED); /* it is there now */
}

static void the_whole_comes_back_item_by_item(void **state)
{
    (void)state;
    struct standing *s = some_state(), *back = standing_new();
    standing_each(s, take_item, back);
    assert_true(is_active(back, "daejeon-seo") && is_active(back, "daejeon-dong"));
    assert_int_equal(standing_consents(back), 2);
    assert_true(is_gone(back, 1, 8) && is_gone(back, 2, 9));
    assert_false(is_gone(back, 1, 9) || is_gone(back, 2, 8));
    assert_int_equal(applied(back, consent(STANDING_RESUMED, 1)), STANDING_APPLIED);
    assert_int_equal(applied(back, consent(STANDING_RESUMED, 2)), STANDING_APPLIED);
    standing_free(s);
    standing_free(back);
}

static void try_broken(void *arg, struct bytes item)
{
    struct chance *chance = arg;
    uint8_t *copy = malloc(item.n);
    for (size_t n = 0; n < item.n; n++) {
        struct standing *s = standing_new();
        memcpy(copy, item.p, n);
        assert_int_not_equal(standing_take(s, bytes_of(copy, n)), RESULT_OK);
        standing_free(s);
    }
    for (size_t round = 0; round < 2000; round++) { /* no crash, no leak; whatever it says */
        struct standing *s = standing_new();
        memcpy(copy, item.p, item.n);
        for (size_t k = chance_below(chance, 4); k > 0; k--)
            copy[chance_below(chance, item.n)] = (uint8_t)chance_next(chance);
        if (standing_take(s, bytes_of(copy, item.n)) == RESULT_OK)
            assert_true(standing_region(s, 0) != NULL || standing_consents(s) == 1);
        standing_free(s);
    }
    free(copy);
}

static void a_broken_item_is_refused(void **state)
{
    (void)state;
    struct chance chance = {0};
    struct standing *s = some_state();
    standing_each(s, try_broken, &chance);
    standing_free(s);
}

static void a_consent_that_stands_is_no_item(void **state)
{
    (void)state;
    struct standing *s = standing_new();
    struct buf b = BUF_INIT(1000);
    static const uint8_t digest[STANDING_DIGEST];
    buf_u8(&b, 2);
    buf_put(&b, digest, sizeof digest);
    buf_bytes16(&b, bytes_of_text("carrier-hana"));
    buf_bool(&b, false);
    buf_u8(&b, 0);
    assert_int_equal(standing_take(s, buf_view(&b)), RESULT_MALFORMED);
    b.p[b.n - 2] = 1;
    assert_int_equal(standing_take(s, buf_view(&b)), RESULT_OK);
    buf_free(&b);
    standing_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_comes_back),
        cmocka_unit_test(a_change_has_a_step_names_and_a_time),
        cmocka_unit_test(a_change_names_eight_purposes_at_most),
        cmocka_unit_test(the_whole_comes_back_item_by_item),
        cmocka_unit_test(a_broken_item_is_refused),
        cmocka_unit_test(a_consent_that_stands_is_no_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
