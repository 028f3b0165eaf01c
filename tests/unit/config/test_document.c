#include "config/document.h"

#include "base/limits.h"
#include "base/mem.h"
#include "support.h"

#include <stdio.h>

static void assert_text(const struct node *n, const char *text)
{
    assert_non_null(n);
    assert_int_equal(node_type(n), NODE_TEXT);
    assert_bytes(node_text(n), text);
    assert_string_equal(node_c(n), text);
}

static void assert_stands(const struct node *n, unsigned line, unsigned column, unsigned length)
{
    struct diagnose_place p = node_place(n);
    assert_string_equal(p.file, "set.yaml");
    assert_int_equal(p.line, line);
    assert_int_equal(node_line(n), line);
    assert_int_equal(p.column, column);
    assert_int_equal(p.length, length);
}

static void maps_lists_and_texts_are_read_and_know_where_they_stand(void **state)
{
    (void)state;
    struct told t = tell(bytes_of_text("mou: 대전-npa # a comment\n"
                                       "grants:\n"
                                       "  - grant: one\n"
                                       "    to: [a, \"b c\", 'd''e']\n"
                                       "  - {grant: two, when: {}}\n"
                                       "note: >\n"
                                       "  folded\n"
                                       "  text\n"
                                       "empty:\n"));
    assert_non_null(t.doc);
    assert_string_equal(document_file(t.doc), "set.yaml");
    const struct node *root = document_root(t.doc), *grants = node_member(root, "grants");
    assert_int_equal(node_type(root), NODE_MAP);
    assert_int_equal(node_count(root), 4);
    assert_text(node_key(root, 0), "mou");
    assert_text(node_value(root, 0), "대전-npa");
    assert_stands(node_value(root, 0), 1, 6, 6);
    assert_int_equal(node_type(grants), NODE_LIST);
    assert_int_equal(node_count(grants), 2);
    const struct node *to = node_member(node_item(grants, 0), "to");
    assert_text(node_item(to, 1), "b c");
    assert_stands(node_item(to, 1), 4, 13, 5);
    assert_text(node_item(to, 2), "d'e");
    assert_stands(to, 4, 9, 18); /* in brackets: all of it */
    assert_stands(node_item(grants, 0), 3, 5, 1);
    assert_stands(node_item(grants, 1), 5, 5, 22);
    assert_int_equal(node_count(node_member(node_item(grants, 1), "when")), 0);
    assert_text(node_member(root, "note"), "folded text\n");
    assert_stands(node_member(root, "note"), 6, 7, 1);
    assert_text(node_member(root, "empty"), "");
    told_free(&t);
}

static void what_is_not_there_is_null_and_empty(void **state)
{
    (void)state;
    struct told t = tell(bytes_of_text("a: [b]\n"));
    const struct node *root = document_root(t.doc), *list = node_member(root, "a");
    assert_null(node_member(root, "b"));
    assert_null(node_member(list, "a"));
    assert_null(node_member(node_item(list, 0), "a"));
    assert_null(node_member(NULL, "a"));
    assert_int_equal(node_text(list).n, 0);
    assert_string_equal(node_c(list), "");
    assert_int_equal(node_count(node_item(list, 0)), 0);
    told_free(&t);
    document_free(NULL);
}

static void every_scalar_is_text_whatever_it_looks_like(void **state)
{
    (void)state;
    struct told t = tell(bytes_of_text("[yes, NO, 0x10, 1e3, ~, null, 2026-11-21, .inf, \"<<\"]"));
    static const char *const text[] = {"yes",  "NO",         "0x10", "1e3", "~",
                                       "null", "2026-11-21", ".inf", "<<"};
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        assert_text(node_item(document_root(t.doc), i), text[i]);
    told_free(&t);
}

static void the_source_is_a_copy(void **state)
{
    (void)state;
    char source[] = "a: b\n";
    struct told t = tell(bytes_of_text(source));
    memset(source, 'x', 4);
    assert_bytes(document_source(t.doc), "a: b\n");
    assert_text(node_member(document_root(t.doc), "a"), "b");
    told_free(&t);
}

/* ---- what is not data */

static void anchors_aliases_tags_and_merge_keys_are_refused(void **state)
{
    (void)state;
    assert_refused("a: &x b\n", "set.yaml:1:4: error: anchors (&) are not allowed");
    assert_refused("a: &x [b]\n", "set.yaml:1:4: error: anchors (&)");
    assert_refused("a:\n  &x b: c\n", "set.yaml:2:3: error: anchors (&)");
    assert_refused("&x {a: b}\n", "set.yaml:1:1: error: anchors (&)");
    assert_refused("a: b\nc: *a\n", "set.yaml:2:4: error: aliases (*)");
    assert_refused("*a : b\n", "set.yaml:1:1: error: aliases (*)");
    assert_refused("a: !!str b\n", "set.yaml:1:4: error: tags (!)");
    assert_refused("a: ! b\n", "set.yaml:1:4: error: tags (!)");
    assert_refused("a: !\n", "set.yaml:1:4: error: tags (!)");
    assert_refused("- !<tag:x> [a]\n", "set.yaml:1:3: error: tags (!)");
    assert_refused("- a\n- !x {a: b}\n", "set.yaml:2:3: error: tags (!)");
    assert_refused("%TAG ! tag:example.com,2000:\n---\na: b\n", "set.yaml:1:1: error: tags (!)");
    assert_refused("a: b\n<<: {c: d}\n", "set.yaml:2:1: error: merge keys (<<)");
    assert_refused("- <<\n", "set.yaml:1:3: error: merge keys (<<)");
}

static void a_key_stands_once_in_its_map_and_is_text(void **state)
{
    (void)state;
    assert_refused(
        "a: 1\nb: 2\n\"a\": 3\n",
        "set.yaml:3:1: error: the key 'a' stands here a second time (first on line 1)\n");
    assert_refused("x: {b: 1, c: 2, b: 3}\n", "set.yaml:1:17: error: the key 'b'");
    assert_refused("? [a]\n: b\n", "set.yaml:1:3: error: a key must be plain text\n");
    assert_refused("{{a: b}: c}\n", "set.yaml:1:2: error: a key must be plain text\n");
    struct told t = tell(bytes_of_text("a: {k: 1}\nb: {k: 1}\nk: {K: 1, k: 2}\n"));
    assert_non_null(t.doc);
    told_free(&t);
}

static void a_file_holds_one_document(void **state)
{
    (void)state;
    assert_refused("a: b\n---\nc: d\n",
                   "set.yaml:2:1: error: one file holds one document; a second one begins here\n");
    assert_refused("---\n---\nc: d\n", "set.yaml:2:1: error: one file holds one document");
    assert_refused("a: b\n...\n---\nc: d\n", "set.yaml:3:1: error: one file holds one document");
    assert_refused("a: b\n...\nc: d\n",
                   "set.yaml:3:1: error: not valid YAML: did not find expected "
                   "<document start>");
    struct told t = tell(bytes_of_text("%YAML 1.1\n---\na: b\n...\n"));
    assert_non_null(t.doc);
    told_free(&t);
}

static void an_empty_file_is_said_to_be_empty(void **state)
{
    (void)state;
    assert_refused("", "set.yaml: error: the file is empty\n");
    assert_refused("\n\n", "set.yaml: error: the file is empty\n");
    assert_refused("# nothing but this\n", "set.yaml: error: the file is empty\n");
    assert_refused_n(bytes_of(NULL, 0), "set.yaml: error: the file is empty\n");
    assert_refused("\xef\xbb\xbf", "set.yaml: error: the file is empty\n");
}

/* ---- bytes and characters */

static void invalid_utf_8_and_nul_are_shown_where_they_stand(void **state)
{
    (void)state;
    assert_refused("a: b\n대전: \xff\n", "set.yaml:2:5: error: the text is not valid UTF-8");
    assert_refused_n(bytes_of("a: b\nc\0: d\n", 11), "set.yaml:2:2: error: the text is not valid");
    assert_refused("\xea\xb0", "set.yaml:1:1: error: the text is not valid UTF-8");
    assert_refused("# \xed\xa0\x80\n", "set.yaml:1:3: error: the text is not valid UTF-8");
    assert_refused_n(bytes_of("\xff\xfe"
                              "a\0:\0",
                              6),
                     "set.yaml:1:1: error: the text is not valid UTF-8");
}

static void text_of_windows_is_taken(void **state)
{
    (void)state;
    struct told t = tell(bytes_of_text("\xef\xbb\xbf"
                                       "a: b\r\nc:\r\n  - d\r\n"));
    assert_non_null(t.doc);
    const struct node *root = document_root(t.doc);
    assert_text(node_member(root, "a"), "b");
    assert_stands(node_member(root, "a"), 1, 4, 1);
    assert_text(node_item(node_member(root, "c"), 0), "d");
    assert_stands(node_item(node_member(root, "c"), 0), 3, 5, 1);
    told_free(&t);
}

/* A comment for the eye, a key for the parser: libyaml ends lines at these, editors do not. */
static void no_character_but_lf_ends_a_line(void **state)
{
    (void)state;
    assert_refused("# note\xe2\x80\xa8"
                   "evil: 1\n",
                   "set.yaml:1:7: error: the character U+2028 is not");
    assert_refused("# note\xe2\x80\xa9"
                   "evil: 1\n",
                   "set.yaml:1:7: error: the character U+2029 is not");
    assert_refused("# note\xc2\x85"
                   "evil: 1\n",
                   "set.yaml:1:7: error: the character U+0085 is not");
    assert_refused("a: 1\n# note\revil: 1\n", "set.yaml:2:7: error: the character U+000D is not");
    assert_refused("a: 1\r", "set.yaml:1:5: error: the character U+000D is not");
}

/* CVE-2021-42574 and its kin. */
static void nothing_hides_in_a_text_or_turns_it_around(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *name;
    } row[] = {{"\xe2\x80\x8b", "U+200B"},
               {"\xe2\x80\x8d", "U+200D"},
               {"\xe2\x80\xae", "U+202E"},
               {"\xe2\x81\xa0", "U+2060"},
               {"\xe2\x81\xa9", "U+2069"},
               {"\xd8\x9c", "U+061C"},
               {"\xef\xbb\xbf", "U+FEFF"},
               {"\xe3\x85\xa4", "U+3164"},
               {"\xef\xbe\xa0", "U+FFA0"},
               {"\xe1\x85\x9f", "U+115F"},
               {"\xc2\xad", "U+00AD"},
               {"\xef\xbf\xbd", "U+FFFD"},
               {"\xf3\xa0\x80\xa0", "U+E0020"},
               {"\x1b", "U+001B"},
               {"\x08", "U+0008"},
               {"\x7f", "U+007F"},
               {"\xc2\x9b", "U+009B"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char source[64], expected[64];
        (void)snprintf(source, sizeof source, "a: b\n목적: x%s\n", row[i].bytes);
        (void)snprintf(expected, sizeof expected, "set.yaml:2:6: error: the character %s is not",
                       row[i].name);
        assert_refused(source, expected);
    }
    struct told t = tell(bytes_of_text("a: 대전 ㄱㄴ 漢字 é \xf0\x9f\x9a\x92 a\tb\n"));
    assert_non_null(t.doc);
    told_free(&t);
}

static void an_escape_brings_in_nothing_that_the_file_may_not_hold(void **state)
{
    (void)state;
    assert_refused("a: \"x\\0y\"\n",
                   "set.yaml:1:4: error: the text is not valid UTF-8, or holds a NUL");
    assert_refused("a: \"\\x1b[2J\"\n", "set.yaml:1:4: error: the character U+001B is not");
    assert_refused("a: \"\\u202e\"\n", "set.yaml:1:4: error: the character U+202E is not");
    assert_refused("\"a\\r\": b\n", "set.yaml:1:1: error: the character U+000D is not");
    assert_refused("a: \"\\ud800\"\n",
                   "set.yaml:1:7: error: not valid YAML: found invalid Unicode");
    struct told t = tell(bytes_of_text("a: \"\\u00e9\\t\\n\\\\\"\n"));
    assert_text(node_member(document_root(t.doc), "a"), "é\t\n\\");
    told_free(&t);
}

/* ---- what is no YAML at all */

static void mistakes_are_shown_where_they_were_made(void **state)
{
    (void)state;
    assert_refused("a:\n\tb: c\n",
                   "set.yaml:2:1: error: not valid YAML: a tab cannot indent a line; use blanks\n"
                   "    2 | \tb: c\n"
                   "      | ^\n");
    assert_refused("a: @x\n", "set.yaml:1:4: error: not valid YAML: found character that cannot");
    assert_refused("a: b: c\n", "set.yaml:1:5: error: not valid YAML: a second ': ' in one line");
    assert_refused("a: 'b' c\n", "set.yaml:1:8: error: not valid YAML: this does not go on");
    assert_refused("a: [b, c\n", "set.yaml:2:1: error: not valid YAML: a bracket or a quotation");
    assert_refused("%YAML 3.0\n---\na: b\n",
                   "set.yaml:1:1: error: not valid YAML: found incompatible");
    /* What never ends is shown where it began. */
    assert_refused("a: b\nc: \"d\ne: f\n",
                   "set.yaml:2:4: error: not valid YAML: a bracket or a quotation mark is not "
                   "closed, or a comma is missing\n"
                   "    2 | c: \"d\n"
                   "      |    ^\n");
    assert_refused("- a\n-b\n", "set.yaml:2:1: error: not valid YAML: this does not go on");
    /* A tab is shown where it stands, not where the text before it began. */
    assert_refused("a:\n  b: c\n\td: e\n", "set.yaml:3:1: error: not valid YAML: a tab");
    assert_refused("a:\n  - b\n c: d\n",
                   "set.yaml:3:2: error: not valid YAML: this does not go on");
}

static void reading_ends_at_the_first_error(void **state)
{
    (void)state;
    assert_refused("a: &x !y b\nc: *x\n", "set.yaml:1:4: error: anchors (&)");
}

/* ---- bounds */

static char *repeat(const char *head, const char *piece, size_t times, const char *tail)
{
    size_t n = strlen(piece);
    char *text = mem_new(strlen(head) + times * n + strlen(tail) + 1), *at = text;
    at = stpcpy(at, head);
    for (size_t i = 0; i < times; i++)
        at = stpcpy(at, piece);
    (void)stpcpy(at, tail);
    return text;
}

static void assert_refused_long(const char *head, const char *piece, size_t times, const char *tail,
                                const char *beginning)
{
    char *text = repeat(head, piece, times, tail);
    assert_refused(text, beginning);
    mem_free(text);
}

static void assert_taken_long(const char *head, const char *piece, size_t times, const char *tail)
{
    char *text = repeat(head, piece, times, tail);
    struct told t = tell(bytes_of_text(text));
    if (t.doc == NULL)
        fail_msg("%s", buf_c(&t.text));
    told_free(&t);
    mem_free(text);
}

static void a_file_is_bounded_in_size(void **state)
{
    (void)state;
    assert_taken_long("a: b\n", "# 345678\n", (LIMIT_YAML_BYTES - 5) / 9, "");
    assert_refused_long("a: b\n", "#\n", LIMIT_YAML_BYTES / 2, "",
                        "set.yaml: error: the file is larger than 4194304 bytes\n");
    char *text = repeat("#", "x", LIMIT_YAML_BYTES, "");
    struct told t = tell(bytes_of(text, LIMIT_YAML_BYTES));
    assert_non_null(strstr(buf_c(&t.text), "the file is empty"));
    told_free(&t);
    mem_free(text);
}

static void maps_and_lists_are_bounded_in_depth(void **state)
{
    (void)state;
    assert_taken_long("", "[", LIMIT_YAML_DEPTH, "]]]]]]]]]]]]]]]]");
    assert_refused_long("", "[", LIMIT_YAML_DEPTH + 1, "]]]]]]]]]]]]]]]]]",
                        "set.yaml:1:17: error: nested deeper than 16 levels\n");
    assert_refused_long("", "- ", LIMIT_YAML_DEPTH + 1, "a\n",
                        "set.yaml:1:33: error: nested deeper");
    assert_refused_long("", "[", 1000000, "",
                        "set.yaml:1:17: error: nested deeper than 16 levels\n");
    assert_refused_long("", "{a: ", 1000000, "", "set.yaml:1:65: error: nested deeper");
}

static void a_map_is_bounded_in_its_keys(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(1 << 20);
    for (unsigned i = 0; i < LIMIT_YAML_KEYS; i++)
        buf_printf(&text, "k%u: v\n", i);
    struct told t = tell(buf_view(&text));
    assert_non_null(t.doc);
    assert_int_equal(node_count(document_root(t.doc)), LIMIT_YAML_KEYS);
    told_free(&t);
    buf_text(&text, "one-more: v\n");
    assert_refused_n(buf_view(&text), "set.yaml:1025:1: error: more than 1024 keys in one map\n");
    buf_free(&text);
}

static void a_file_is_bounded_in_its_values(void **state)
{
    (void)state;
    /* The list counts too. */
    assert_taken_long("", "- a\n", LIMIT_YAML_NODES - 1, "");
    assert_refused_long("", "- a\n", LIMIT_YAML_NODES, "",
                        "set.yaml:400000:3: error: more than 400000 values in one file\n");
}

/* Bytes changed at random in a good file: whatever comes, it is read or refused. */
static void no_bytes_do_any_harm(void **state)
{
    (void)state;
    static const char good[] = "mou: a\ntitle: {en: \"b\\tc\", ko: '다'}\ngrants:\n  - grant: x\n"
                               "    to: [a, b]\n  - |\n    text\n  - ? a\n    : b\n";
    static const char bits[] = "&*!{}[]<:-?|>'\"#%@`,\n\t \\\xea\xff";
    struct chance c = {0};
    for (size_t i = 0; i < 20000; i++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        for (size_t k = 1 + chance_below(&c, 4); k > 0; k--)
            text[chance_below(&c, sizeof good - 1)] = bits[chance_below(&c, sizeof bits - 1)];
        struct told t = tell(bytes_of(text, chance_below(&c, sizeof good)));
        assert_int_equal(t.doc == NULL, diagnose_errors(t.d) == 1);
        told_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_lists_and_texts_are_read_and_know_where_they_stand),
        cmocka_unit_test(what_is_not_there_is_null_and_empty),
        cmocka_unit_test(every_scalar_is_text_whatever_it_looks_like),
        cmocka_unit_test(the_source_is_a_copy),
        cmocka_unit_test(anchors_aliases_tags_and_merge_keys_are_refused),
        cmocka_unit_test(a_key_stands_once_in_its_map_and_is_text),
        cmocka_unit_test(a_file_holds_one_document),
        cmocka_unit_test(an_empty_file_is_said_to_be_empty),
        cmocka_unit_test(invalid_utf_8_and_nul_are_shown_where_they_stand),
        cmocka_unit_test(text_of_windows_is_taken),
        cmocka_unit_test(no_character_but_lf_ends_a_line),
        cmocka_unit_test(nothing_hides_in_a_text_or_turns_it_around),
        cmocka_unit_test(an_escape_brings_in_nothing_that_the_file_may_not_hold),
        cmocka_unit_test(mistakes_are_shown_where_they_were_made),
        cmocka_unit_test(reading_ends_at_the_first_error),
        cmocka_unit_test(a_file_is_bounded_in_size),
        cmocka_unit_test(maps_and_lists_are_bounded_in_depth),
        cmocka_unit_test(a_map_is_bounded_in_its_keys),
        cmocka_unit_test(a_file_is_bounded_in_its_values),
        cmocka_unit_test(no_bytes_do_any_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
