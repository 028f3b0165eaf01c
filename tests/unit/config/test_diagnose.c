#include "config/diagnose.h"

#include "base/limits.h"
#include "support.h"

#include <stdio.h>

static void assert_printed(const struct diagnose *d, enum diagnose_language language,
                           const char *expected)
{
    struct buf out = BUF_INIT(1 << 20);
    diagnose_print(d, language, &out);
    assert_string_equal(buf_c(&out), expected);
    buf_free(&out);
}

static struct diagnose_place at(const char *source, unsigned line, unsigned column, unsigned length)
{
    return (struct diagnose_place){"mou/a.yaml", bytes_of_text(source), line, column, length};
}

static void nothing_wrong_prints_nothing(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    assert_printed(d, DIAGNOSE_ENGLISH, "");
    assert_printed(d, DIAGNOSE_KOREAN, "");
    assert_int_equal(diagnose_errors(d) + diagnose_warnings(d), 0);
    diagnose_free(d);
    diagnose_free(NULL);
}

static void an_error_shows_its_line_with_the_word_underlined(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("grants:\n  - grnat: one\n  - two\n", 2, 5, 5);
    diagnose_add(d, DIAGNOSE_UNKNOWN_KEY, &p, "grnat", "a grant", NULL);
    diagnose_hint(d, "grant", "grant, kind, to");
    assert_printed(d, DIAGNOSE_ENGLISH,
                   "mou/a.yaml:2:5: error: unknown key 'grnat' in a grant\n"
                   "    2 |   - grnat: one\n"
                   "      |     ^~~~~\n"
                   "      = did you mean 'grant'?\n"
                   "      = valid here: grant, kind, to\n"
                   "1 error, 0 warnings\n");
    diagnose_free(d);
}

/* The arguments change places with the language. */
static void the_same_is_said_in_korean(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("grnat: one", 1, 1, 5);
    diagnose_add(d, DIAGNOSE_UNKNOWN_KEY, &p, "grnat", "허가", NULL);
    diagnose_hint(d, "grant", NULL);
    diagnose_hint(d, "too late", "grant, kind");
    p.line = 0;
    diagnose_add(d, DIAGNOSE_REVIEW_DUE, &p, "2027-03-01", NULL, NULL);
    assert_printed(d, DIAGNOSE_KOREAN,
                   "mou/a.yaml: 경고: 법률 검토 기한(2027-03-01)이 지났습니다\n"
                   "mou/a.yaml:1:1: 오류: 허가에 알 수 없는 키 'grnat'\n"
                   "    1 | grnat: one\n"
                   "      | ^~~~~\n"
                   "      = 혹시 'grant'입니까?\n"
                   "      = 쓸 수 있는 값: grant, kind\n"
                   "오류 1건, 경고 1건\n");
    assert_int_equal(diagnose_errors(d), 1);
    assert_int_equal(diagnose_warnings(d), 1);
    diagnose_free(d);
}

/* A terminal gives a Korean letter two columns. */
static void the_marks_stand_under_the_word_behind_and_below_korean_letters(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("목적: 범죄-대응 # é ｱ", 1, 5, 5);
    diagnose_add(d, DIAGNOSE_WANT_TEXT, &p, "x", NULL, NULL);
    p = at("\t- ㄱ漢Ａ: x", 1, 9, 1);
    diagnose_add(d, DIAGNOSE_WANT_LIST, &p, "x", NULL, NULL);
    p = at("가힣: x", 1, 5, 1);
    diagnose_add(d, DIAGNOSE_WANT_MAP, &p, "x", NULL, NULL);
    p = at("é ｱ: x", 1, 6, 1);
    diagnose_add(d, DIAGNOSE_WANT_MAP, &p, "x", NULL, NULL);
    struct buf out = BUF_INIT(10000);
    diagnose_print(d, DIAGNOSE_ENGLISH, &out);
    assert_non_null(strstr(buf_c(&out), "    1 | 목적: 범죄-대응 # é ｱ\n"
                                        "      |       ^~~~~~~~~\n"));
    assert_non_null(strstr(buf_c(&out), "    1 | \t- ㄱ漢Ａ: x\n"
                                        "      | \t          ^\n"));
    assert_non_null(strstr(buf_c(&out), "    1 | 가힣: x\n"
                                        "      |       ^\n"));
    assert_non_null(strstr(buf_c(&out), "    1 | é ｱ: x\n"
                                        "      |      ^\n"));
    buf_free(&out);
    diagnose_free(d);
}

static void marks_end_where_the_line_ends(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("ab", 1, 2, 50);
    diagnose_add(d, DIAGNOSE_YAML_TAG, &p, NULL, NULL, NULL);
    p = at("cd\r\nef\r\n", 2, 9, 1);
    diagnose_add(d, DIAGNOSE_YAML_TAG, &p, NULL, NULL, NULL);
    struct buf out = BUF_INIT(10000);
    diagnose_print(d, DIAGNOSE_ENGLISH, &out);
    assert_non_null(strstr(buf_c(&out), "    1 | ab\n      |  ^\n"));
    assert_non_null(strstr(buf_c(&out), "    2 | ef\n      |   ^\n"));
    buf_free(&out);
    diagnose_free(d);
}

static void a_line_that_is_not_there_or_too_long_is_not_shown(void **state)
{
    (void)state;
    char line[400];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at(line + 99, 1, 1, 1); /* of 300 bytes */
    struct buf shown = BUF_INIT(10000);
    diagnose_add(d, DIAGNOSE_YAML_TAG, &p, NULL, NULL, NULL);
    diagnose_print(d, DIAGNOSE_ENGLISH, &shown);
    assert_non_null(strstr(buf_c(&shown), "    1 | xxx"));
    buf_free(&shown);
    diagnose_free(d);
    d = diagnose_new();
    p = at(line + 98, 1, 1, 1);
    diagnose_add(d, DIAGNOSE_YAML_TAG, &p, NULL, NULL, NULL);
    p = at("a\n", 7, 1, 1);
    diagnose_add(d, DIAGNOSE_YAML_TAG, &p, NULL, NULL, NULL);
    p.source = bytes_of(NULL, 0);
    p.line = 1;
    diagnose_add(d, DIAGNOSE_YAML_TAG, &p, NULL, NULL, NULL);
    struct buf out = BUF_INIT(10000);
    diagnose_print(d, DIAGNOSE_ENGLISH, &out);
    assert_null(strstr(buf_c(&out), "|"));
    buf_free(&out);
    diagnose_free(d);
}

static void all_are_printed_in_the_order_of_files_and_places(void **state)
{
    (void)state;
    static const struct diagnose_place place[] = {
        {"b.yaml", {0}, 1, 1, 1},  {"a.yaml", {0}, 10, 2, 1}, {"a.yaml", {0}, 2, 9, 1},
        {"a.yaml", {0}, 10, 1, 1}, {"a.yaml", {0}, 2, 9, 1},  {"a.yaml", {0}, 0, 0, 0}};
    static const char *const order[] = {"a.yaml: error: expected a text for 5\n",
                                        "a.yaml:2:9: error: expected a text for 2\n",
                                        "a.yaml:2:9: error: expected a text for 4\n",
                                        "a.yaml:10:1: error: expected a text for 3\n",
                                        "a.yaml:10:2: error: expected a text for 1\n",
                                        "b.yaml:1:1: error: expected a text for 0\n",
                                        "6 errors, 0 warnings\n"};
    struct diagnose *d = diagnose_new();
    struct buf expected = BUF_INIT(10000);
    for (size_t i = 0; i < ARRAY_LEN(place); i++) {
        char number[8];
        (void)snprintf(number, sizeof number, "%zu", i);
        diagnose_add(d, DIAGNOSE_WANT_TEXT, &place[i], number, NULL, NULL);
    }
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        buf_text(&expected, order[i]);
    assert_printed(d, DIAGNOSE_ENGLISH, buf_c(&expected));
    buf_free(&expected);
    diagnose_free(d);
}

static void past_the_bound_they_are_counted_and_no_longer_kept(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("", 0, 0, 0);
    for (unsigned i = 0; i < LIMIT_DIAGNOSTICS + 20; i++) {
        diagnose_add(d, DIAGNOSE_WANT_TEXT, &p, "x", NULL, NULL);
        diagnose_hint(d, i < LIMIT_DIAGNOSTICS - 1 ? NULL : "late", NULL);
    }
    diagnose_add(d, DIAGNOSE_REVIEW_DUE, &p, "x", NULL, NULL);
    assert_int_equal(diagnose_errors(d), LIMIT_DIAGNOSTICS + 20);
    assert_int_equal(diagnose_warnings(d), 1);
    struct buf out = BUF_INIT(1 << 20);
    diagnose_print(d, DIAGNOSE_ENGLISH, &out);
    size_t lines = 0, hints = 0;
    for (const char *s = buf_c(&out); (s = strchr(s, '\n')) != NULL; s++)
        lines++;
    for (const char *s = buf_c(&out); (s = strstr(s, "did you mean")) != NULL; s++)
        hints++;
    assert_int_equal(lines, LIMIT_DIAGNOSTICS + 1 + 1);
    assert_int_equal(hints, 1);
    assert_non_null(strstr(buf_c(&out), "\n120 errors, 1 warning (the first 100 are shown)\n"));
    buf_free(&out);
    diagnose_free(d);
}

/* A hint that belongs to one past the bound is not given to the last that was kept. */
static void help_goes_to_the_newest_or_to_none(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("", 0, 0, 0);
    diagnose_hint(d, "nobody", "nothing");
    for (unsigned i = 0; i < LIMIT_DIAGNOSTICS + 1; i++)
        diagnose_add(d, DIAGNOSE_WANT_TEXT, &p, "x", NULL, NULL);
    diagnose_hint(d, "nobody", "nothing");
    struct buf out = BUF_INIT(1 << 20);
    diagnose_print(d, DIAGNOSE_ENGLISH, &out);
    assert_null(strstr(buf_c(&out), "nobody"));
    buf_free(&out);
    diagnose_free(d);
}

static void nothing_from_a_file_reaches_the_terminal_as_a_command(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("id\x1b[2J,\x07\xff,대전\xc2\x9b", 1, 1, 1);
    p.file = "x\n.csv";
    diagnose_add(d, DIAGNOSE_WANT_TEXT, &p, "a\x1b[31m\nb\xc2\x85\x7f %1 %2 \xea", NULL, NULL);
    assert_printed(d, DIAGNOSE_ENGLISH,
                   "x?.csv:1:1: error: expected a text for a?[31m?b?? %1 %2 ?\n"
                   "    1 | id?[2J,??,대전?\n"
                   "      | ^\n"
                   "1 error, 0 warnings\n");
    diagnose_free(d);
}

static void a_word_as_long_as_the_file_is_cut_between_letters(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("", 0, 0, 0);
    struct buf word = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
    buf_text(&word, "ab");
    for (size_t i = 0; i < 1000; i++)
        buf_text(&word, "가");
    diagnose_add(d, DIAGNOSE_WANT_TEXT, &p, buf_c(&word), NULL, NULL);
    diagnose_print(d, DIAGNOSE_ENGLISH, &out);
    const char *cut = strstr(buf_c(&out), "ab가");
    assert_non_null(cut);
    assert_int_equal(strcspn(cut, "."), 2 + 3 * 299);
    assert_memory_equal(cut + 899, "...\n", 4);
    buf_clear(&word);
    buf_clear(&out);
    for (size_t i = 0; i < 900; i++)
        buf_u8(&word, 'w');
    diagnose_add(d, DIAGNOSE_WANT_TEXT, &p, buf_c(&word), NULL, NULL);
    diagnose_print(d, DIAGNOSE_ENGLISH, &out);
    buf_text(&word, "\n");
    assert_non_null(strstr(buf_c(&out), buf_c(&word)));
    buf_free(&word);
    buf_free(&out);
    diagnose_free(d);
}

/* Each English text names the arguments that the Korean one names. */
static void both_languages_use_the_same_arguments(void **state)
{
    (void)state;
    static const struct {
        const char *en, *ko;
    } row[] = {
#define D(name, severity, en, ko) {en, ko},
#include "config/messages.def"
#undef D
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        for (char n = '1'; n <= '9'; n++) {
            const char mark[] = {'%', n, '\0'};
            bool en = strstr(row[i].en, mark) != NULL, ko = strstr(row[i].ko, mark) != NULL;
            assert_false(en && n > '3');
            assert_false(ko && !en);
        }
        assert_true(bytes_is_text(bytes_of_text(row[i].ko)));
        assert_true(strlen(row[i].ko) > 0);
    }
}

static const struct diagnose_law public_only = {
    .code = "kr/pipa/18-2/public-only",
    .file = "legal/kr.yaml",
    .line = 85,
    .status = DIAGNOSE_SECONDARY,
    .ground = {"PIPA 18(2)7", "개인정보 보호법 18조 2항 7호"},
    .text = {"A public institution may.", "공공기관은 할 수 있다."},
    .advice = {"take it out", "빼십시오"}};

/* The headline, the law and what to do about it change with the language; the places do not. */
static void a_law_that_is_broken_is_quoted_with_its_place(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("basis: x", 1, 8, 1);
    diagnose_add_both(d, DIAGNOSE_LAW_BROKEN, &p, (struct diagnose_both){"'a' may not", "'a' 불가"},
                      NULL);
    diagnose_law(d, &public_only);
    assert_printed(d, DIAGNOSE_ENGLISH,
                   "mou/a.yaml:1:8: error: 'a' may not\n"
                   "    1 | basis: x\n"
                   "      |        ^\n"
                   "      = the law: PIPA 18(2)7: \"A public institution may.\" "
                   "(kr/pipa/18-2/public-only, legal/kr.yaml:85, from commentary or a notice)\n"
                   "      = what to do: take it out\n"
                   "1 error, 0 warnings\n");
    assert_printed(d, DIAGNOSE_KOREAN,
                   "mou/a.yaml:1:8: 오류: 'a' 불가\n"
                   "    1 | basis: x\n"
                   "      |        ^\n"
                   "      = 법령: 개인정보 보호법 18조 2항 7호: \"공공기관은 할 수 있다.\" "
                   "(kr/pipa/18-2/public-only, legal/kr.yaml:85, 해설이나 고시에 따름)\n"
                   "      = 할 일: 빼십시오\n"
                   "오류 1건, 경고 0건\n");
    diagnose_free(d);
}

static void a_second_place_is_shown_with_its_line(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("a: 1", 1, 1, 1), other = at("x\nb: 2\n", 2, 4, 1);
    other.file = "mou/b.yaml";
    diagnose_add(d, DIAGNOSE_YAML_TAG, &p, NULL, NULL, NULL);
    diagnose_also(d, &other);
    diagnose_also(d, &p);
    struct buf out = BUF_INIT(10000);
    diagnose_print(d, DIAGNOSE_ENGLISH, &out);
    assert_non_null(strstr(buf_c(&out), "      | ^\n"
                                        "      = the other one is here: mou/b.yaml:2:4\n"
                                        "    2 | b: 2\n"
                                        "      |    ^\n"
                                        "1 error"));
    buf_free(&out);
    diagnose_free(d);
}

/* A key of the language stays as it is, and so does a word from a file that looks like a noun. */
static void nouns_of_ours_are_said_in_the_language_of_the_message(void **state)
{
    (void)state;
    struct diagnose *d = diagnose_new();
    struct diagnose_place p = at("grant: x", 1, 1, 5);
    diagnose_add(d, DIAGNOSE_UNKNOWN_KEY, &p, "grant", "a prohibition", NULL);
    diagnose_add(d, DIAGNOSE_WANT_TEXT, &p, "at_most_after_recording", NULL, NULL);
    struct buf out = BUF_INIT(10000);
    diagnose_print(d, DIAGNOSE_KOREAN, &out);
    assert_non_null(strstr(buf_c(&out), "오류: 금지에 알 수 없는 키 'grant'\n"));
    assert_non_null(strstr(buf_c(&out), "오류: at_most_after_recording에는 글이 와야 합니다\n"));
    buf_free(&out);
    diagnose_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_law_that_is_broken_is_quoted_with_its_place),
        cmocka_unit_test(a_second_place_is_shown_with_its_line),
        cmocka_unit_test(nouns_of_ours_are_said_in_the_language_of_the_message),
        cmocka_unit_test(nothing_wrong_prints_nothing),
        cmocka_unit_test(an_error_shows_its_line_with_the_word_underlined),
        cmocka_unit_test(the_same_is_said_in_korean),
        cmocka_unit_test(the_marks_stand_under_the_word_behind_and_below_korean_letters),
        cmocka_unit_test(marks_end_where_the_line_ends),
        cmocka_unit_test(a_line_that_is_not_there_or_too_long_is_not_shown),
        cmocka_unit_test(all_are_printed_in_the_order_of_files_and_places),
        cmocka_unit_test(past_the_bound_they_are_counted_and_no_longer_kept),
        cmocka_unit_test(help_goes_to_the_newest_or_to_none),
        cmocka_unit_test(nothing_from_a_file_reaches_the_terminal_as_a_command),
        cmocka_unit_test(a_word_as_long_as_the_file_is_cut_between_letters),
        cmocka_unit_test(both_languages_use_the_same_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
