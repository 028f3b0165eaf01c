/* XML from outside: what is read, and what is refused before it costs anything. */
#include "xml/xml.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

static char why[200];
static struct arena *arena;

static const struct xml_node *read_bytes(struct bytes text)
{
    struct xml_node *root;
    enum result r = xml_read(arena, text, &root, why, sizeof why);
    if (r != RESULT_OK)
        fail_msg("%s", why);
    return root;
}

static const struct xml_node *read_text(const char *text)
{
    return read_bytes(bytes_of_text(text));
}

static void assert_refused(struct bytes text, enum result expected, const char *says)
{
    struct xml_node *root;
    assert_int_equal(xml_read(arena, text, &root, why, sizeof why), expected);
    assert_null(root);
    if (strstr(why, says) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", says, why);
}

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new(LIMIT_ARENA);
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* `n` times `part`, between two texts. */
static struct bytes many(const char *before, const char *part, size_t n, const char *after)
{
    static struct buf out;
    buf_free(&out);
    buf_init(&out, 64u << 20);
    buf_text(&out, before);
    for (size_t i = 0; i < n; i++)
        buf_text(&out, part);
    buf_text(&out, after);
    return buf_view(&out);
}

static void names_texts_and_places_come_back(void **state)
{
    (void)state;
    const struct xml_node *root = read_text(
        "<?xml version='1.0' encoding='utf-8'?><!-- c -->\n"
        "<a xmlns='urn:x' id='1' xmlns:y='urn:y' y:k='2'>t<b>&lt;사&#x21;</b>u\n <y:c/></a>");
    assert_string_equal(root->space, "urn:x");
    assert_string_equal(root->name, "a");
    assert_true(bytes_is(root->text, "tu\n "));
    assert_string_equal(root->attribute->space, "");
    assert_true(bytes_is(root->attribute->value, "1"));
    assert_string_equal(root->attribute->next->space, "urn:y");
    assert_string_equal(root->attribute->next->name, "k");
    const struct xml_node *b = xml_child(root, "b");
    assert_true(bytes_is(b->text, "<사!"));
    assert_ptr_equal(b->parent, root);
    assert_int_equal(root->line, 2);
    assert_int_equal(b->line, 2);
    assert_int_equal(b->column, 50);
    assert_string_equal(b->next->space, "urn:y");
    assert_int_equal(b->next->line, 3);
    assert_null(xml_child(root, "c")); /* of another namespace */
}

static void a_document_type_is_refused_whatever_it_holds(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "<!DOCTYPE a><a/>", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1/x'> %p;]><a/>",
        ("<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'><!ENTITY d "
         "'&c;&c;&c;'>]><a>&d;</a>")};
    for (size_t i = 0; i < ARRAY_LEN(documents); i++)
        assert_refused(bytes_of_text(documents[i]), RESULT_MALFORMED, "DOCTYPE");
    assert_refused(bytes_of_text("<a>&e;</a>"), RESULT_MALFORMED, "undefined entity");
}

static void only_utf_8_is_read(void **state)
{
    (void)state;
    static const uint8_t wide[] = {0xff, 0xfe, '<', 0, 'a', 0, '/', 0, '>', 0};
    assert_refused(bytes_of(wide, sizeof wide), RESULT_MALFORMED, "line 1");
    assert_refused(bytes_of_text("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
                   RESULT_MALFORMED, "UTF-8");
    assert_refused(bytes_of_text("<?xml version='1.0' encoding='UTF-16'?><a/>"), RESULT_MALFORMED,
                   "UTF-8");
    assert_refused(bytes_of_text("<a>\xc0\x80</a>"), RESULT_MALFORMED, "line 1");
    assert_refused(bytes_of("<a>\0</a>", 8), RESULT_MALFORMED, "line 1");
}

static void what_is_not_one_element_is_refused(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "", "x", "<a>", "<a></b>", "<a/><b/>", "<a b='1' b='2'/>", "<y:a/>", "<a>&#0;</a>"};
    for (size_t i = 0; i < ARRAY_LEN(documents); i++)
        assert_refused(bytes_of_text(documents[i]), RESULT_MALFORMED, "line 1");
}

static void depth_count_and_size_have_an_end(void **state)
{
    (void)state;
    assert_refused(many("", "<a>", 100000, ""), RESULT_TOO_LARGE, "too deeply");
    assert_refused(many("<r>", "<a/>", LIMIT_XML_ELEMENTS, "</r>"), RESULT_TOO_LARGE,
                   "too many elements");
    assert_non_null(read_bytes(many("<r>", "<a/>", LIMIT_XML_ELEMENTS - 1, "</r>")));
    assert_refused(many("<r a='", "0123456789", 400000, "'/>"), RESULT_TOO_LARGE, "larger");
    arena_reset(arena);
    assert_non_null(read_bytes(many("<r a='", "0123456789", 200000, "'/>")));
}

static void attributes_of_one_element_are_counted(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(10000);
    buf_text(&out, "<r");
    for (unsigned i = 0; i <= LIMIT_XML_ATTRIBUTES; i++)
        buf_printf(&out, " a%u=''", i);
    buf_text(&out, "/>");
    assert_refused(buf_view(&out), RESULT_TOO_LARGE, "too many attributes");
    buf_free(&out);
}

static void a_small_arena_says_so(void **state)
{
    (void)state;
    struct arena *small = arena_new(4096);
    struct xml_node *root;
    assert_int_equal(xml_read(small, many("<r>", "<a/>", 1000, "</r>"), &root, why, sizeof why),
                     RESULT_NO_MEMORY);
    arena_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_texts_and_places_come_back, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(a_document_type_is_refused_whatever_it_holds, make_arena,
                                        free_arena),
        cmocka_unit_test_setup_teardown(only_utf_8_is_read, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(what_is_not_one_element_is_refused, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(depth_count_and_size_have_an_end, make_arena, free_arena),
        cmocka_unit_test_setup_teardown(attributes_of_one_element_are_counted, make_arena,
                                        free_arena),
        cmocka_unit_test_setup_teardown(a_small_arena_says_so, make_arena, free_arena)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    many("", "", 0, "");
    return failed;
}
