#include "base/ident.h"

#include "support.h"

#include <stdio.h>

#define UUID "019aa2b0-0000-7000-8000-00000000abcd"

static bool is_word(const char *text)
{
    return ident_is_word(bytes_of_text(text));
}

static void words_are_lower_case_letters_digits_and_hyphens(void **state)
{
    (void)state;
    assert_true(is_word("npa-daejeon"));
    assert_true(is_word("112-control"));
    assert_true(is_word("a"));
    assert_true(is_word("0"));
    assert_true(is_word("z9"));
    assert_true(is_word("a--b-"));
    static const char *const wrong[] = {"",    "-a",  "A",   "npa_daejeon", "npa daejeon",
                                        "a.b", "a/b", "a:b", "대전",        "\xff",
                                        "a\n", "a`",  "a{",  "@",           "["};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(is_word(wrong[i]));
    assert_false(ident_is_word(bytes_of("a\0b", 3)));
    assert_false(ident_is_word(bytes_of(NULL, 0)));
}

static void a_word_has_at_most_40_letters(void **state)
{
    (void)state;
    char text[42];
    memset(text, 'a', sizeof text);
    assert_true(ident_is_word(bytes_of(text, IDENT_WORD_MAX)));
    assert_false(ident_is_word(bytes_of(text, IDENT_WORD_MAX + 1)));
}

static void a_unit_is_split_at_its_slash(void **state)
{
    (void)state;
    struct bytes party, unit;
    assert_true(ident_split_unit(bytes_of_text("npa-daejeon/112-control"), &party, &unit));
    assert_bytes(party, "npa-daejeon");
    assert_bytes(unit, "112-control");
    assert_true(ident_split_unit(bytes_of_text("a/b"), NULL, NULL));
    static const char *const wrong[] = {"",    "a",   "/",    "a/",   "/b",    "a/b/c",
                                        "A/b", "a/B", "a//b", "a/b ", "a:b/c", "a/b:c"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(ident_split_unit(bytes_of_text(wrong[i]), &party, &unit));
}

static void an_incident_is_its_owner_and_a_uuid(void **state)
{
    (void)state;
    struct bytes owner;
    struct uuid id;
    assert_true(ident_split_incident(bytes_of_text("npa-daejeon/112-control:" UUID), &owner, &id));
    assert_bytes(owner, "npa-daejeon/112-control");
    assert_int_equal(id.b[15], 0xcd);
    assert_true(ident_split_incident(bytes_of_text("a/b:" UUID), NULL, NULL));
    static const char *const wrong[] = {"a/b",       "a/b:",          ":" UUID,
                                        "a:" UUID,   "a/b:" UUID "0", "a/b:" UUID ":" UUID,
                                        "a/b " UUID, "a/b:x"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(ident_split_incident(bytes_of_text(wrong[i]), &owner, &id));
}

static void the_longest_names_fit_their_bounds(void **state)
{
    (void)state;
    char word[IDENT_WORD_MAX + 1] = "", text[200];
    memset(word, 'x', IDENT_WORD_MAX);
    (void)snprintf(text, sizeof text, "%s/%s", word, word);
    assert_int_equal(strlen(text), IDENT_UNIT_MAX);
    assert_true(ident_split_unit(bytes_of_text(text), NULL, NULL));
    (void)snprintf(text, sizeof text, "%s/%s:%s", word, word, UUID);
    assert_int_equal(strlen(text), IDENT_INCIDENT_MAX);
    assert_true(ident_split_incident(bytes_of_text(text), NULL, NULL));
}

static void a_uuid_has_one_spelling(void **state)
{
    (void)state;
    struct uuid u;
    char text[UUID_TEXT + 1];
    assert_true(uuid_parse(bytes_of_text(UUID), &u));
    uuid_text(&u, text);
    assert_string_equal(text, UUID);
    static const char *const wrong[] = {"",
                                        "019AA2B0-0000-7000-8000-00000000ABCD",
                                        "019aa2b0-0000-7000-8000-00000000abcD",
                                        "019aa2b000007000800000000000abcd",
                                        "{019aa2b0-0000-7000-8000-00000000abcd}",
                                        "019aa2b0-0000-7000-8000-00000000abc",
                                        "019aa2b0-0000-7000-8000-00000000abcde",
                                        "019aa2b0-0000-7000-8000000000000-abcd",
                                        "019aa2b00-000-7000-8000-00000000abcd",
                                        "019aa2b0-0000-7000-8000-00000000abcg",
                                        "019aa2b0-0000-7000-8000-0000-000abcd",
                                        "019aa2b0 0000 7000 8000 00000000abcd"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(uuid_parse(bytes_of_text(wrong[i]), &u));
}

static void every_uuid_comes_back(void **state)
{
    (void)state;
    struct chance c = {0};
    for (size_t i = 0; i < 2000; i++) {
        struct uuid u, back;
        char text[UUID_TEXT + 1];
        chance_fill(&c, u.b, UUID_BYTES);
        memset(text, 'x', sizeof text);
        uuid_text(&u, text);
        assert_int_equal(text[UUID_TEXT], '\0');
        assert_true(uuid_parse(bytes_of(text, UUID_TEXT), &back));
        assert_memory_equal(&u, &back, sizeof u);
    }
}

/* They are looked at eight at a time: every byte at every place of every length. */
static void a_byte_counts_wherever_it_stands(void **state)
{
    (void)state;
    char text[IDENT_WORD_MAX];
    for (size_t n = 1; n <= IDENT_WORD_MAX; n++) {
        for (size_t at = 0; at < n; at++) {
            memset(text, 'q', n);
            for (int c = 0; c < 256; c++) {
                text[at] = (char)c;
                const bool good =
                    (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && at > 0);
                assert_int_equal(ident_is_word(bytes_of(text, n)), good);
            }
        }
    }
}

static void a_byte_of_a_uuid_counts_wherever_it_stands(void **state)
{
    (void)state;
    char text[UUID_TEXT + 1] = UUID;
    struct uuid u;
    for (size_t at = 0; at < UUID_TEXT; at++) {
        const char was = text[at];
        for (int c = 0; c < 256; c++) {
            text[at] = (char)c;
            const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            assert_int_equal(uuid_parse(bytes_of(text, UUID_TEXT), &u),
                             was == '-' ? c == '-' : digit);
        }
        text[at] = was;
    }
}

/* RFC 9562, appendix A.6. */
static void version_7_is_that_of_the_standard(void **state)
{
    (void)state;
    static const uint8_t random[10] = {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
    char text[UUID_TEXT + 1];
    struct uuid u = uuid_v7(INT64_C(0x017f22e279b0) * 1000 + 999, random);
    uuid_text(&u, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void a_resident_number_is_known_by_its_birthday(void **state)
{
    (void)state;
    static const char *const number[] = {"900101-1234567", "9001011234567", "151231-4000000"};
    static const char *const none[] = {"",
                                       "2026-0481",
                                       "900101-123456",
                                       "901301-1234567",
                                       "900132-1234567",
                                       "900101-9234567",
                                       "9001-011234567",
                                       "900101-12345678"};
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++)
        assert_true(ident_is_resident_number(bytes_of_text(number[i])));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(ident_is_resident_number(bytes_of_text(none[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_lower_case_letters_digits_and_hyphens),
        cmocka_unit_test(a_word_has_at_most_40_letters),
        cmocka_unit_test(a_unit_is_split_at_its_slash),
        cmocka_unit_test(an_incident_is_its_owner_and_a_uuid),
        cmocka_unit_test(the_longest_names_fit_their_bounds),
        cmocka_unit_test(a_uuid_has_one_spelling),
        cmocka_unit_test(every_uuid_comes_back),
        cmocka_unit_test(a_byte_counts_wherever_it_stands),
        cmocka_unit_test(a_byte_of_a_uuid_counts_wherever_it_stands),
        cmocka_unit_test(version_7_is_that_of_the_standard),
        cmocka_unit_test(a_resident_number_is_known_by_its_birthday),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
