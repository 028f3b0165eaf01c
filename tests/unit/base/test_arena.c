#include "base/arena.h"

#include "support.h"
#include "wiped.h"

#include <malloc.h>
#include <stdalign.h>

static void memory_is_aligned_zeroed_and_does_not_overlap(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct chance c = {0};
    uint8_t *piece[200];
    size_t size[200];
    for (size_t i = 0; i < 200; i++) {
        size[i] = chance_below(&c, 4000);
        piece[i] = arena_take(a, size[i]);
        assert_non_null(piece[i]);
        assert_int_equal((uintptr_t)piece[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < size[i]; k++)
            assert_int_equal(piece[i][k], 0);
        memset(piece[i], (int)(i + 1), size[i]);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t k = 0; k < size[i]; k++)
            assert_int_equal(piece[i][k], (uint8_t)(i + 1));
    arena_free(a);
}

static void the_budget_is_hard_and_comes_back_with_the_reset(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    assert_null(arena_take(a, 1001));
    assert_non_null(arena_take(a, 992));
    assert_int_equal(arena_used(a), 992);
    assert_null(arena_take(a, 9));
    assert_null(arena_take(a, 1)); /* rounded up to the alignment */
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    assert_non_null(arena_take(a, 992));
    arena_free(a);
}

static void nothing_is_taken_for_a_size_that_overflows(void **state)
{
    (void)state;
    struct arena *a = arena_new(SIZE_MAX);
    for (size_t n = SIZE_MAX; n > SIZE_MAX - 16; n--)
        assert_null(arena_take(a, n));
    assert_int_equal(arena_used(a), 0);
    arena_free(a);
}

static void empty_pieces_count_too_so_that_they_end(void **state)
{
    (void)state;
    struct arena *a = arena_new(1600);
    size_t pieces = 0;
    while (arena_take(a, 0) != NULL)
        pieces++;
    assert_int_equal(pieces, 100);
    arena_free(a);
}

static void a_copy_is_one_of_its_own(void **state)
{
    (void)state;
    char text[] = "hello";
    struct arena *a = arena_new(64);
    struct bytes b = arena_copy(a, bytes_of_text(text));
    text[0] = 'j';
    assert_bytes(b, "hello");
    assert_null(arena_copy(a, bytes_of(text, 100)).p);
    assert_int_equal(arena_copy(a, bytes_of(text, 100)).n, 0);
    assert_non_null(arena_copy(a, bytes_of(NULL, 0)).p);
    arena_free(a);
}

static void a_reset_wipes_what_was_taken(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    uint8_t *small = arena_take(a, 100), *large = arena_take(a, 200000),
            *more = arena_take(a, 60000);
    memset(small, 's', 100);
    memset(large, 'l', 200000);
    memset(more, 'm', 60000);
    wiped_forget();
    arena_reset(a);
    assert_true(was_wiped((uintptr_t)small, 100));
    assert_true(was_wiped((uintptr_t)large, 200000));
    assert_true(was_wiped((uintptr_t)more, 60000));
    /* The first block is used again, and is zero again. */
    uint8_t *again = arena_take(a, 100);
    assert_ptr_equal(again, small);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(again[i], 0);
    arena_free(a);
}

static void a_large_first_piece_goes_back_to_the_system(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    assert_non_null(arena_take(a, 300000));
    arena_reset(a);
    assert_non_null(arena_take(a, 100));
    arena_reset(a);
    assert_non_null(arena_take(a, 1 << 20));
    arena_free(a);
}

static void freeing_wipes_too(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    uint8_t *p = arena_take(a, 100);
    wiped_forget();
    arena_free(a);
    assert_true(was_wiped((uintptr_t)p, 100));
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_zeroed_and_does_not_overlap),
        cmocka_unit_test(the_budget_is_hard_and_comes_back_with_the_reset),
        cmocka_unit_test(nothing_is_taken_for_a_size_that_overflows),
        cmocka_unit_test(empty_pieces_count_too_so_that_they_end),
        cmocka_unit_test(a_copy_is_one_of_its_own),
        cmocka_unit_test(a_reset_wipes_what_was_taken),
        cmocka_unit_test(a_large_first_piece_goes_back_to_the_system),
        cmocka_unit_test(freeing_wipes_too),
    };
    (void)mallopt(M_PERTURB, 0xa5); /* fresh memory is not zero by chance */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
