#include "crypto/base64.h"

#include "../base/support.h"
#include "crypto/init.h"

#include <stdlib.h>

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* RFC 4648, 10. */
static void the_vectors_of_the_standard_go_both_ways(void **state)
{
    (void)state;
    static const char *const vector[][2] = {{"", ""},
                                            {"f", "Zg=="},
                                            {"fo", "Zm8="},
                                            {"foo", "Zm9v"},
                                            {"foob", "Zm9vYg=="},
                                            {"fooba", "Zm9vYmE="},
                                            {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < ARRAY_LEN(vector); i++) {
        struct buf b = BUF_INIT(100);
        base64_put(&b, bytes_of_text(vector[i][0]));
        assert_string_equal(buf_c(&b), vector[i][1]);
        buf_clear(&b);
        assert_int_equal(base64_take(bytes_of_text(vector[i][1]), &b), RESULT_OK);
        assert_string_equal(buf_c(&b), vector[i][0]);
        buf_free(&b);
    }
}

static void any_bytes_come_back_behind_what_was_there(void **state)
{
    (void)state;
    struct chance c = {0};
    for (size_t n = 0; n < 200; n++) {
        uint8_t raw[200];
        struct buf text = BUF_INIT(400), back = BUF_INIT(400);
        chance_fill(&c, raw, n);
        buf_text(&text, "text ");
        base64_put(&text, bytes_of(raw, n));
        buf_text(&back, "bytes ");
        assert_int_equal(base64_take(bytes_of(text.p + 5, text.n - 5), &back), RESULT_OK);
        assert_int_equal(back.n, 6 + n);
        assert_true(n == 0 || memcmp(back.p + 6, raw, n) == 0);
        buf_free(&text);
        buf_free(&back);
    }
}

static void there_is_one_canonical_form(void **state)
{
    (void)state;
    static const char *const wrong[] = {"Zg",       /* no padding */
                                        "Zg=",      /* half of it */
                                        "Zg===",    /* too much */
                                        "Zh==",     /* bits behind the last byte */
                                        "Zm9=",     /* also */
                                        "Zm9v====", /* padding of nothing */
                                        "=",        "====",      "Zm9vYg==Zg==", /* two in one */
                                        "Zm 9v",    "Zm9v\n",    " Zm9v",
                                        "Zm9v ",    "Zm9_",      "Zm9-", /* the other alphabet */
                                        "Zm9*",     "Zm\xc3\xa9"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct buf b = BUF_INIT(100);
        if (base64_take(bytes_of_text(wrong[i]), &b) != RESULT_MALFORMED)
            fail_msg("taken: %s", wrong[i]);
        assert_int_equal(b.n, 0);
        buf_free(&b);
    }
    struct buf b = BUF_INIT(100);
    assert_int_equal(base64_take(bytes_of("Zm9v\0", 5), &b), RESULT_MALFORMED);
    assert_int_equal(base64_take(bytes_of("Zm\0v", 4), &b), RESULT_MALFORMED);
    buf_free(&b);
}

/* How many texts of four letters, two of them fixed, are taken; each must be what its bytes give.
 */
static size_t taken_with(char c, char d)
{
    size_t taken = 0;
    struct buf b = BUF_INIT(8), again = BUF_INIT(8);
    for (unsigned i = 0; i < 1 << 16; i++) {
        const char text[] = {(char)(i >> 8), (char)i, c, d};
        buf_clear(&b);
        buf_clear(&again);
        if (base64_take(bytes_of(text, 4), &b) != RESULT_OK)
            continue;
        base64_put(&again, buf_view(&b));
        assert_true(bytes_equal(buf_view(&again), bytes_of(text, 4)));
        taken++;
    }
    buf_free(&b);
    buf_free(&again);
    return taken;
}

static void every_text_but_the_one_for_its_bytes_is_refused(void **state)
{
    (void)state;
    assert_int_equal(taken_with('=', '='), 256);
    assert_int_equal(taken_with('A', '='), 64 * 64);
    assert_int_equal(taken_with('B', '='), 0);
    assert_int_equal(taken_with('/', '+'), 64 * 64);
    assert_int_equal(taken_with('\xc3', 'A'), 0);
}

static void a_buffer_may_be_filled_to_its_ceiling(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(8), back = BUF_INIT(6);
    base64_put(&text, bytes_of_text("foobar"));
    assert_int_equal(buf_status(&text), RESULT_OK);
    assert_int_equal(base64_take(buf_view(&text), &back), RESULT_OK);
    assert_bytes(buf_view(&back), "foobar");
    base64_put(&text, bytes_of_text("x"));
    assert_int_equal(buf_status(&text), RESULT_TOO_LARGE);
    assert_int_equal(base64_take(bytes_of_text("Zm9v"), &back), RESULT_TOO_LARGE);
    buf_free(&text);
    buf_free(&back);
}

static void exactly_as_many_bytes_as_are_wanted_or_none(void **state)
{
    (void)state;
    uint8_t out[6];
    assert_int_equal(base64_take_exactly(bytes_of_text("Zm9vYg=="), out, 4), RESULT_OK);
    assert_memory_equal(out, "foob", 4);
    static const char *const wrong[] = {"Zm9v", "Zm9vYmE=", "Zm9vYmFy", "Zm9vYh==", "Zm9vYg"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        memset(out, 'x', sizeof out);
        assert_int_equal(base64_take_exactly(bytes_of_text(wrong[i]), out, 4), RESULT_MALFORMED);
        assert_memory_equal(out, "\0\0\0\0xx", 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_standard_go_both_ways),
        cmocka_unit_test(any_bytes_come_back_behind_what_was_there),
        cmocka_unit_test(there_is_one_canonical_form),
        cmocka_unit_test(every_text_but_the_one_for_its_bytes_is_refused),
        cmocka_unit_test(exactly_as_many_bytes_as_are_wanted_or_none),
        cmocka_unit_test(a_buffer_may_be_filled_to_its_ceiling),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
