#include "keeper/scopes.h"

#include "support.h"

static const uint8_t one[ROAD_DIGEST] = "one", two[ROAD_DIGEST] = "two";
static const uint8_t key[ROAD_KEY] = "a key";

static void a_tuple_has_one_scope_with_a_key_of_its_own(void **state)
{
    (void)state;
    struct scopes *s = scopes_new();
    const struct scope *x = scopes_for(s, one), *y = scopes_for(s, two);
    assert_true(x->id != 0 && x->id <= INT64_MAX && x->id != y->id);
    assert_memory_not_equal(x->key, y->key, ROAD_KEY);
    assert_ptr_equal(scopes_for(s, one), x);
    assert_ptr_equal(scopes_get(s, x->id), x);
    assert_null(scopes_get(s, 0));
    scopes_free(s);
}

static void a_known_id_stays_as_it_is(void **state)
{
    (void)state;
    struct scopes *s = scopes_new();
    const struct scope *x = scopes_add(s, 5, one, key);
    assert_memory_equal(x->key, key, ROAD_KEY);
    assert_ptr_equal(scopes_add(s, 5, two, two), x);
    assert_memory_equal(x->key, key, ROAD_KEY);
    assert_ptr_equal(scopes_for(s, one), x);
    scopes_free(s);
}

static void what_begins_anew_while_the_old_one_is_doomed_gets_a_new_key(void **state)
{
    (void)state;
    struct scopes *s = scopes_new();
    struct scope *old = scopes_for(s, one);
    uint64_t old_id = old->id;
    old->doomed = true;
    struct scope *fresh = scopes_for(s, one);
    assert_int_not_equal(fresh->id, old_id);
    assert_memory_not_equal(fresh->key, old->key, ROAD_KEY);
    fresh->kept_for = 2;
    scopes_keep_only(s, 2);
    assert_null(scopes_get(s, old_id));
    assert_ptr_equal(scopes_for(s, one), fresh);
    scopes_free(s);
}

static void only_what_was_kept_for_a_generation_outlives_it(void **state)
{
    (void)state;
    struct scopes *s = scopes_new();
    for (uint64_t id = 1; id <= 1000; id++) {
        uint8_t tuple[ROAD_DIGEST] = {(uint8_t)id, (uint8_t)(id >> 8)};
        scopes_add(s, id, tuple, key)->kept_for = id % 3 == 0 ? 7 : 6;
    }
    scopes_keep_only(s, 7);
    for (uint64_t id = 1; id <= 1000; id++)
        assert_int_equal(scopes_get(s, id) != NULL, id % 3 == 0);
    scopes_forget_all(s);
    for (uint64_t id = 1; id <= 1000; id++)
        assert_null(scopes_get(s, id));
    scopes_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tuple_has_one_scope_with_a_key_of_its_own),
        cmocka_unit_test(a_known_id_stays_as_it_is),
        cmocka_unit_test(what_begins_anew_while_the_old_one_is_doomed_gets_a_new_key),
        cmocka_unit_test(only_what_was_kept_for_a_generation_outlives_it),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
