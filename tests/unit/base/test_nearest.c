#include "base/nearest.h"

#include "support.h"

static size_t distance(const char *a, const char *b)
{
    size_t d = nearest_distance(bytes_of_text(a), bytes_of_text(b));
    assert_int_equal(d, nearest_distance(bytes_of_text(b), bytes_of_text(a)));
    return d;
}

static void changes_insertions_removals_and_swaps_count_one_each(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("video", "video"), 0);
    assert_int_equal(distance("", "abc"), 3);
    assert_int_equal(distance("video", "vidio"), 1);
    assert_int_equal(distance("video", "vdeo"), 1);
    assert_int_equal(distance("video", "viideo"), 1);
    assert_int_equal(distance("video", "vidoe"), 1);
    assert_int_equal(distance("ab", "ba"), 1);
    assert_int_equal(distance("abcd", "badc"), 2);
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("ca", "abc"), 3); /* a swapped pair is not changed again */
}

static void words_beyond_64_bytes_are_near_to_nothing(void **state)
{
    (void)state;
    char word[300];
    memset(word, 'a', sizeof word);
    struct bytes longest = bytes_of(word, 64), longer = bytes_of(word, 65);
    assert_int_equal(nearest_distance(longest, longest), 0);
    assert_int_equal(nearest_distance(longer, longest), SIZE_MAX);
    assert_int_equal(nearest_distance(longest, longer), SIZE_MAX);
    for (size_t n = 65; n < sizeof word; n++) {
        const char *best = NULL;
        nearest_offer(bytes_of(word, n), "video", &best);
        assert_null(best);
    }
}

static const char *best_of(const char *word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    for (size_t i = 0; i < count; i++)
        nearest_offer(bytes_of_text(word), candidates[i], &best);
    return best;
}

static void the_nearest_word_is_kept_and_of_equals_the_first(void **state)
{
    (void)state;
    static const char *const words[] = {"purpose", "services", "service", "servicer"};
    assert_string_equal(best_of("servise", words, 4), "service");
    assert_string_equal(best_of("service", words, 4), "service");
    assert_string_equal(best_of("servicex", words, 4), "services");
    assert_string_equal(best_of("porpuse", words, 4), "purpose");
}

static void what_is_too_far_is_not_meant(void **state)
{
    (void)state;
    static const char *const words[] = {"purpose", "recipient"};
    assert_null(best_of("camera", words, 2));
    assert_null(best_of("xyz", words, 2));
    assert_string_equal(best_of("purp", (const char *const[]){"purpo"}, 1), "purpo");
    assert_null(best_of("purp", words, 1)); /* three away from a word of four */
}

static void korean_words_have_near_ones_too(void **state)
{
    (void)state;
    static const char *const words[] = {"목적", "수신자", "보존기간"};
    assert_string_equal(best_of("보존기한", words, 3), "보존기간");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_insertions_removals_and_swaps_count_one_each),
        cmocka_unit_test(words_beyond_64_bytes_are_near_to_nothing),
        cmocka_unit_test(the_nearest_word_is_kept_and_of_equals_the_first),
        cmocka_unit_test(what_is_too_far_is_not_meant),
        cmocka_unit_test(korean_words_have_near_ones_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
