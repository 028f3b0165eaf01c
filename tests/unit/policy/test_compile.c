#include "set.h"

static void a_valid_set_compiles_without_a_word(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    assert_string_equal(buf_c(&s.said), "");
    assert_int_equal(s.counts.parties, 5);
    assert_int_equal(s.counts.units, 7);
    assert_int_equal(s.counts.cameras, 4);
    assert_int_equal(s.counts.memoranda, 2);
    assert_int_equal(s.counts.grants, 7);
    assert_int_equal(s.counts.prohibitions, 1);
    assert_int_equal(s.counts.bases, 10);
    assert_int_equal(s.counts.without_root, 5);
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_valid_set_compiles_without_a_word)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
