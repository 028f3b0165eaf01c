#include "base/bytes.h"

#include "support.h"

static void views_are_equal_by_content(void **state)
{
    (void)state;
    char a[] = "same", b[] = "same";
    assert_true(bytes_equal(bytes_of(a, 4), bytes_of(b, 4)));
    assert_false(bytes_equal(bytes_of(a, 4), bytes_of(b, 3)));
    assert_false(bytes_equal(bytes_of_text("same"), bytes_of_text("samf")));
    assert_true(bytes_equal(bytes_of(NULL, 0), bytes_of(a, 0)));
    assert_true(bytes_equal(bytes_of_text(NULL), bytes_of_text("")));
}

static void a_view_is_a_text_only_as_a_whole(void **state)
{
    (void)state;
    assert_true(bytes_is(bytes_of("allowed", 7), "allowed"));
    assert_false(bytes_is(bytes_of("allowed\0secret", 14), "allowed"));
    assert_false(bytes_is(bytes_of("allow", 5), "allowed"));
    assert_true(bytes_begins(bytes_of_text("fedgate://x"), "fedgate://"));
    assert_true(bytes_begins(bytes_of_text("x"), ""));
    assert_true(bytes_begins(bytes_of_text("x"), "x"));
    assert_false(bytes_begins(bytes_of_text("fedgat"), "fedgate"));
    assert_false(bytes_begins(bytes_of(NULL, 0), "x"));
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void the_order_is_that_of_unsigned_bytes_with_the_shorter_first(void **state)
{
    (void)state;
    static const char *const sorted[] = {"", "a", "aa", "ab", "b", "\xc3", "\xff", "\xff\xff"};
    for (size_t i = 0; i < 8; i++)
        for (size_t k = 0; k < 8; k++)
            assert_int_equal(
                sign(bytes_compare(bytes_of_text(sorted[i]), bytes_of_text(sorted[k]))),
                (i > k) - (i < k));
}

static bool is_text(const char *text)
{
    return bytes_is_text(bytes_of_text(text));
}

static void korean_and_every_length_of_utf_8_are_text(void **state)
{
    (void)state;
    assert_true(is_text(""));
    assert_true(is_text("112 신고"));
    assert_true(is_text("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
    assert_true(is_text("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
}

/* RFC 3629, 3 and 10. */
static void overlong_forms_surrogates_and_torn_letters_are_not(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\x80",             /* a continuation alone */
                                        "\xc0\xaf",         /* '/' in two bytes */
                                        "\xc1\xbf",         /* another overlong one */
                                        "\xe0\x80\xaf",     /* '/' in three */
                                        "\xe0\x9f\xbf",     /* U+07FF in three */
                                        "\xf0\x80\x80\xaf", /* '/' in four */
                                        "\xf0\x8f\xbf\xbf", /* U+FFFF in four */
                                        "\xed\xa0\x80",     /* the first surrogate */
                                        "\xed\xbf\xbf",     /* the last */
                                        "\xf4\x90\x80\x80", /* above U+10FFFF */
                                        "\xf5\x80\x80\x80",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xff",
                                        "\xfe",
                                        "\xea\xb0",  /* a torn letter */
                                        "\xea\xb0x", /* and another behind it */
                                        "\xf0\x90\x80",
                                        "\xe4\xb8\xc0",
                                        "\xf0\x90\xc0\x80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(is_text(wrong[i]));
    assert_false(bytes_is_text(bytes_of("a\0b", 3)));
}

/* Every pair and triple of bytes against the definition by code points. */
static bool is_text_by_definition(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t k = p[i] < 0x80 ? 1 : p[i] >= 0xf0 ? 4 : p[i] >= 0xe0 ? 3 : p[i] >= 0xc0 ? 2 : 0;
        uint32_t code = k == 1 ? p[i] : k == 2 ? p[i] & 0x1fu : k == 3 ? p[i] & 0x0fu : p[i] & 7u;
        static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
        if (k == 0 || n - i < k || p[i] > 0xf7)
            return false;
        for (size_t j = 1; j < k; j++) {
            if ((p[i + j] & 0xc0) != 0x80)
                return false;
            code = code << 6 | (p[i + j] & 0x3fu);
        }
        if (code < least[k] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
        i += k;
    }
    return true;
}

static void utf_8_is_judged_as_the_definition_does(void **state)
{
    (void)state;
    struct chance c = {0};
    static const uint8_t edges[] = {0,    0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                    0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5};
    for (size_t i = 0; i < 1 << 16; i++) {
        uint8_t p[4] = {(uint8_t)(i >> 8), (uint8_t)i, 'x', 0x80};
        assert_int_equal(bytes_is_text(bytes_of(p, 2)), is_text_by_definition(p, 2));
        assert_int_equal(bytes_is_text(bytes_of(p, 3)), is_text_by_definition(p, 3));
    }
    for (size_t i = 0; i < 300000; i++) {
        uint8_t p[4];
        for (size_t k = 0; k < 4; k++)
            p[k] = edges[chance_below(&c, sizeof edges)];
        assert_int_equal(bytes_is_text(bytes_of(p, 4)), is_text_by_definition(p, 4));
    }
}

/* ASCII is read eight bytes at a time: every byte at every place of a text longer than that. */
static void a_long_text_is_judged_as_the_definition_does_wherever_a_byte_stands(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte <= 0xff; byte++)
        for (size_t at = 0; at < 19; at++) {
            uint8_t p[19];
            memset(p, at % 2 == 0 ? 0x01 : 0x7f, sizeof p);
            p[at] = (uint8_t)byte;
            bool good = byte > 0 && byte < 0x80;
            assert_int_equal(bytes_text_prefix(bytes_of(p, sizeof p)), good ? sizeof p : at);
            memset(p, at % 2 == 0 ? ' ' : '~', sizeof p);
            p[at] = (uint8_t)byte;
            good = byte >= ' ' && byte <= '~';
            assert_int_equal(bytes_printable_prefix(bytes_of(p, sizeof p)), good ? sizeof p : at);
        }
    assert_true(is_text("eight by신고eight bytes, ASCII고"));
    assert_int_equal(bytes_printable_prefix(bytes_of(NULL, 0)), 0);
}

static void a_short_text_is_judged_as_the_definition_does_wherever_a_byte_stands(void **state)
{
    (void)state;
    uint8_t p[20];
    for (size_t n = 1; n <= sizeof p; n++) {
        for (size_t at = 0; at < n; at++) {
            memset(p, 'q', n);
            for (int c = 0; c < 256; c++) {
                p[at] = (uint8_t)c;
                assert_int_equal(bytes_is_text(bytes_of(p, n)), is_text_by_definition(p, n));
            }
        }
    }
}

static void the_prefix_ends_before_the_first_wrong_letter(void **state)
{
    (void)state;
    assert_int_equal(bytes_text_prefix(bytes_of_text("신고\xff")), 6);
    assert_int_equal(bytes_text_prefix(bytes_of("ab\0c", 4)), 2);
    assert_int_equal(bytes_text_prefix(bytes_of_text("ab\xea\xb0")), 2);
    assert_int_equal(bytes_text_prefix(bytes_of_text("")), 0);
    assert_int_equal(bytes_text_prefix(bytes_of_text("abc")), 3);
}

static void characters_are_taken_one_by_one(void **state)
{
    (void)state;
    struct bytes rest = bytes_of_text("a\xc3\xa9가\xf0\x9f\x9a\x92\x7f");
    static const uint32_t expected[] = {'a', 0xe9, 0xac00, 0x1f692, 0x7f};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(bytes_take_character(&rest), expected[i]);
    assert_int_equal(rest.n, 0);
    rest = bytes_of_text("\xf4\x8f\xbf\xbf\xef\xbf\xbf\xdf\xbf");
    assert_int_equal(bytes_take_character(&rest), 0x10ffff);
    assert_int_equal(bytes_take_character(&rest), 0xffff);
    assert_int_equal(bytes_take_character(&rest), 0x7ff);
    /* What is no text is taken byte by byte. */
    rest = bytes_of("\xea\xb0\0", 3);
    assert_int_equal(bytes_take_character(&rest), 0xea);
    assert_int_equal(bytes_take_character(&rest), 0xb0);
    assert_int_equal(bytes_take_character(&rest), 0);
    assert_int_equal(rest.n, 0);
}

static void hexadecimal_goes_both_ways(void **state)
{
    (void)state;
    static const uint8_t raw[] = {0x00, 0x0f, 0xa5, 0xff};
    char text[9];
    uint8_t back[4];
    bytes_to_hex(bytes_of(raw, 4), text);
    assert_string_equal(text, "000fa5ff");
    assert_true(bytes_from_hex(bytes_of_text("000FA5fF"), back, 4));
    assert_memory_equal(back, raw, 4);
    bytes_to_hex(bytes_of(NULL, 0), text);
    assert_string_equal(text, "");
    assert_true(bytes_from_hex(bytes_of(NULL, 0), back, 0));
}

static void anything_but_the_right_number_of_digits_is_refused(void **state)
{
    (void)state;
    uint8_t out[4];
    static const char *const wrong[] = {
        "",         "0",        "00ff00f",  "00ff00ff0", "00ff00f ", "00ff00fg",
        "00ff00f/", "00ff00f:", "00ff00f@", "00ff00fG",  "00ff00f`", "0x00ff00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(bytes_from_hex(bytes_of_text(wrong[i]), out, 4));
    out[0] = '%';
    assert_false(bytes_from_hex(bytes_of_text("zz"), out, 1));
    assert_int_equal(out[0], '%'); /* no byte is written that was not there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_equal_by_content),
        cmocka_unit_test(a_view_is_a_text_only_as_a_whole),
        cmocka_unit_test(the_order_is_that_of_unsigned_bytes_with_the_shorter_first),
        cmocka_unit_test(korean_and_every_length_of_utf_8_are_text),
        cmocka_unit_test(overlong_forms_surrogates_and_torn_letters_are_not),
        cmocka_unit_test(utf_8_is_judged_as_the_definition_does),
        cmocka_unit_test(a_long_text_is_judged_as_the_definition_does_wherever_a_byte_stands),
        cmocka_unit_test(a_short_text_is_judged_as_the_definition_does_wherever_a_byte_stands),
        cmocka_unit_test(the_prefix_ends_before_the_first_wrong_letter),
        cmocka_unit_test(characters_are_taken_one_by_one),
        cmocka_unit_test(hexadecimal_goes_both_ways),
        cmocka_unit_test(anything_but_the_right_number_of_digits_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
