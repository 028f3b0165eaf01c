#include "base/series.h"

#include "support.h"

enum { NUMBERS = 3000 };

static uint8_t item[NUMBERS]; /* of number i */

static void what_was_added_is_found_until_it_is_removed(void **state)
{
    (void)state;
    struct series *s = series_new();
    assert_null(series_get(s, 0));
    assert_null(series_remove(s, 7));
    assert_true(series_add(s, 7, &item[7]));
    assert_false(series_add(s, 7, &item[8]));
    assert_ptr_equal(series_get(s, 7), &item[7]);
    assert_null(series_get(s, 8));
    assert_null(series_get(s, 7 + 256)); /* the same place of another page */
    assert_null(series_get(s, UINT64_MAX));
    assert_int_equal(series_count(s), 1);
    assert_ptr_equal(series_remove(s, 7), &item[7]);
    assert_null(series_remove(s, 7));
    assert_null(series_get(s, 7));
    assert_int_equal(series_count(s), 0);
    assert_true(series_add(s, 8, &item[8]));
    assert_ptr_equal(series_get(s, 8), &item[8]);
    series_free(s);
    series_free(NULL);
}

/* Numbers come at one end and go anywhere; the walk meets what is there. */
static void it_is_as_the_model_whatever_is_removed(void **state)
{
    (void)state;
    struct series *s = series_new();
    bool in[NUMBERS] = {false};
    uint32_t x = 1;
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_true(series_add(s, i, &item[i]));
        in[i] = true;
        x = x * 1664525u + 1013904223u;
        size_t gone = x % (i + 1);
        assert_ptr_equal(series_remove(s, gone), in[gone] ? &item[gone] : NULL);
        in[gone] = false;
    }
    size_t count = 0, met = 0;
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_ptr_equal(series_get(s, i), in[i] ? &item[i] : NULL);
        count += in[i];
    }
    struct series_walk w = {0};
    for (const uint8_t *p; (p = series_next(s, &w)) != NULL; met++) {
        assert_true(in[p - item]);
        in[p - item] = false;
    }
    assert_int_equal(met, count);
    assert_int_equal(series_count(s), count);
    series_free(s);
}

static void a_short_queue_goes_on_for_ever(void **state)
{
    (void)state;
    struct series *s = series_new();
    struct series_walk w = {0};
    for (uint64_t i = 1; i < 100000; i++) {
        assert_true(series_add(s, i, &item[i % NUMBERS]));
        assert_ptr_equal(series_remove(s, i), &item[i % NUMBERS]);
    }
    assert_null(series_next(s, &w));
    assert_int_equal(series_count(s), 0);
    series_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found_until_it_is_removed),
        cmocka_unit_test(it_is_as_the_model_whatever_is_removed),
        cmocka_unit_test(a_short_queue_goes_on_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
