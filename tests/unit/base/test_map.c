#include "base/map.h"

#include "support.h"

#include <stdio.h>

enum { ITEMS = 400 };

struct thing {
    char name[16];
    bool in;       /* the model: whether it is in the map */
    unsigned seen; /* by the walk */
};

static struct bytes name_of(const void *item)
{
    return bytes_of_text(((const struct thing *)item)->name);
}

static struct thing things[ITEMS];

static void make_things(void)
{
    for (unsigned i = 0; i < ITEMS; i++) {
        things[i] = (struct thing){0};
        (void)snprintf(things[i].name, sizeof things[i].name, "thing-%u", i);
    }
}

static void assert_as_the_model(struct map *m)
{
    size_t in = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        assert_ptr_equal(map_get(m, name_of(&things[i])), things[i].in ? &things[i] : NULL);
        in += things[i].in;
    }
    assert_int_equal(map_count(m), in);
}

static void what_was_added_is_found_until_it_is_removed(void **state)
{
    (void)state;
    struct map *m = map_new(name_of);
    struct thing a = {.name = "a"}, same = {.name = "a"};
    assert_null(map_get(m, bytes_of_text("a")));
    assert_true(map_add(m, &a));
    assert_false(map_add(m, &same));
    assert_ptr_equal(map_get(m, bytes_of_text("a")), &a);
    assert_int_equal(map_count(m), 1);
    assert_null(map_remove(m, bytes_of_text("b")));
    assert_ptr_equal(map_remove(m, bytes_of_text("a")), &a);
    assert_null(map_remove(m, bytes_of_text("a")));
    assert_int_equal(map_count(m), 0);
    map_free(m);
    map_free(NULL);
}

static void keys_are_bytes_and_may_be_empty(void **state)
{
    (void)state;
    struct map *m = map_new(name_of);
    struct thing empty = {.name = ""};
    assert_true(map_add(m, &empty));
    assert_ptr_equal(map_get(m, bytes_of(NULL, 0)), &empty);
    assert_null(map_get(m, bytes_of("\0", 1)));
    map_free(m);
}

/* Small tables, and seeds that differ each time: clusters grow, and run over the end of the table.
 */
static void it_is_as_a_model_after_any_changes(void **state)
{
    (void)state;
    struct chance c = {0};
    for (size_t run = 0; run < 60; run++) {
        struct map *m = map_new(name_of);
        size_t range = 10 + chance_below(&c, ITEMS - 10);
        make_things();
        for (size_t round = 0; round < 2000; round++) {
            struct thing *t = &things[chance_below(&c, range)];
            map_expect(m, name_of(t)); /* which changes nothing */
            if (chance_below(&c, 2) == 0) {
                assert_int_equal(map_add(m, t), !t->in);
                t->in = true;
            } else {
                assert_ptr_equal(map_remove(m, name_of(t)), t->in ? t : NULL);
                t->in = false;
            }
            if (round % 50 == 0)
                assert_as_the_model(m);
        }
        assert_as_the_model(m);
        map_free(m);
    }
}

static void a_walk_meets_every_item_once(void **state)
{
    (void)state;
    struct map *m = map_new(name_of);
    struct thing *t;
    size_t at, met = 0;
    make_things();
    MAP_FOREACH (t, m, at)
        fail();
    for (size_t i = 0; i < ITEMS; i += 3)
        assert_true(map_add(m, &things[i]));
    MAP_FOREACH (t, m, at) {
        t->seen++;
        met++;
    }
    assert_int_equal(met, map_count(m));
    for (size_t i = 0; i < ITEMS; i++)
        assert_int_equal(things[i].seen, i % 3 == 0);
    assert_null(map_next(m, &at));
    map_free(m);
}

static void items_can_be_taken_out_while_walking(void **state)
{
    (void)state;
    struct chance c = {0};
    for (size_t run = 0; run < 300; run++) {
        struct map *m = map_new(name_of);
        struct thing *t;
        size_t at = 0, range = 1 + chance_below(&c, ITEMS), keep = chance_below(&c, 4);
        make_things();
        for (size_t i = 0; i < range; i++)
            things[i].in = map_add(m, &things[i]);
        while ((t = map_next(m, &at)) != NULL) {
            t->seen++;
            if ((size_t)(t - things) % 4 < keep)
                continue;
            assert_ptr_equal(map_take(m, &at), t);
            t->in = false;
        }
        for (size_t i = 0; i < range; i++) {
            assert_int_equal(things[i].in, i % 4 < keep);
            assert_true(things[i].seen >= 1);
        }
        assert_as_the_model(m);
        map_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found_until_it_is_removed),
        cmocka_unit_test(keys_are_bytes_and_may_be_empty),
        cmocka_unit_test(it_is_as_a_model_after_any_changes),
        cmocka_unit_test(a_walk_meets_every_item_once),
        cmocka_unit_test(items_can_be_taken_out_while_walking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
