#include "base/heap.h"

#include "support.h"

#include "base/attr.h"

enum { ENTRIES = 300 };

struct timer {
    unsigned number;
    struct heap_entry due;
};

/* And every entry knows its place, none comes before the one above it. */
static void assert_first_is_earliest(const struct heap *h, const struct timer *t, size_t n)
{
    const struct heap_entry *first = heap_first(h);
    size_t in = 0;
    for (size_t i = 0; i < n; i++) {
        if (t[i].due.place == 0)
            continue;
        in++;
        assert_ptr_equal(h->entry[t[i].due.place - 1], &t[i].due);
        assert_true(first->due_us <= t[i].due.due_us);
    }
    for (size_t i = 1; i < h->count; i++)
        assert_true(h->entry[(i - 1) / 2]->due_us <= h->entry[i]->due_us);
    assert_int_equal(h->count, in);
    assert_true((first == NULL) == (in == 0));
}

static void an_empty_heap_has_no_first(void **state)
{
    (void)state;
    struct heap h = {0};
    struct heap_entry e = {0};
    assert_null(heap_first(&h));
    heap_remove(&h, &e);
    heap_free(&h);
}

static void entries_come_out_in_the_order_of_their_times(void **state)
{
    (void)state;
    static struct timer t[ENTRIES];
    struct heap h = {0};
    struct chance c = {0};
    memset(t, 0, sizeof t);
    for (size_t i = 0; i < ENTRIES; i++)
        heap_set(&h, &t[i].due, (int64_t)chance_below(&c, 100) - 50);
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < ENTRIES; i++) {
        struct heap_entry *e = heap_first(&h);
        assert_true(e->due_us >= last);
        last = e->due_us;
        heap_remove(&h, e);
        assert_int_equal(e->place, 0);
    }
    assert_null(heap_first(&h));
    heap_free(&h);
}

static void an_entry_can_be_moved_and_can_leave_early(void **state)
{
    (void)state;
    struct heap h = {0};
    struct timer a = {.number = 1}, b = {.number = 2};
    heap_set(&h, &a.due, 10);
    heap_set(&h, &b.due, 20);
    heap_set(&h, &b.due, 5);
    assert_ptr_equal(heap_first(&h), &b.due);
    heap_set(&h, &b.due, INT64_MAX);
    assert_int_equal(CONTAINER_OF(heap_first(&h), struct timer, due)->number, 1);
    heap_remove(&h, &a.due);
    heap_remove(&h, &a.due); /* nothing happens */
    assert_ptr_equal(heap_first(&h), &b.due);
    assert_int_equal(h.count, 1);
    heap_set(&h, &a.due, INT64_MIN);
    assert_ptr_equal(heap_first(&h), &a.due);
    heap_free(&h);
}

/* Against looking at all of them. */
static void the_first_is_the_earliest_after_any_changes(void **state)
{
    (void)state;
    static struct timer t[ENTRIES];
    struct heap h = {0};
    struct chance c = {0};
    memset(t, 0, sizeof t);
    for (size_t round = 0; round < 10000; round++) {
        struct timer *one = &t[chance_below(&c, ENTRIES)];
        if (chance_below(&c, 3) == 0)
            heap_remove(&h, &one->due);
        else
            heap_set(&h, &one->due, (int64_t)chance_below(&c, 1000));
        assert_first_is_earliest(&h, t, ENTRIES);
    }
    heap_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_heap_has_no_first),
        cmocka_unit_test(entries_come_out_in_the_order_of_their_times),
        cmocka_unit_test(an_entry_can_be_moved_and_can_leave_early),
        cmocka_unit_test(the_first_is_the_earliest_after_any_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
