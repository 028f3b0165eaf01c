/* XML as it is written: read again, it says the same. */
#include "xml/xml.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    static const char text[] = "<&>\"'\r\n\t 사]]>";
    struct buf out = BUF_INIT(4096);
    struct arena *a = arena_new(LIMIT_ARENA);
    struct xml_writer w;
    struct xml_node *root;
    char why[200];
    xml_begin(&w, &out);
    xml_open(&w, "urn:x", "a");
    xml_attribute(&w, "k", bytes_of_text(text));
    xml_element(&w, "urn:y", "b", bytes_of_text(text));
    xml_open(&w, "urn:x", "empty");
    xml_close(&w);
    xml_close(&w);
    assert_false(w.bad);
    if (xml_read(a, buf_view(&out), &root, why, sizeof why) != RESULT_OK)
        fail_msg("%s", why);
    assert_true(bytes_is(root->attribute->value, text));
    assert_true(bytes_is(root->child->text, text));
    assert_string_equal(root->child->space, "urn:y");
    assert_string_equal(root->child->next->space, "urn:x");
    assert_null(root->child->next->next);
    arena_free(a);
    buf_free(&out);
}

static void what_xml_cannot_hold_is_told(void **state)
{
    (void)state;
    static const char *const texts[] = {"a\x01", "\x1b[2J", "\xef\xbf\xbe", "\xff"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct buf out = BUF_INIT(4096);
        struct xml_writer w;
        xml_begin(&w, &out);
        xml_element(&w, "", "a", bytes_of_text(texts[i]));
        assert_true(w.bad);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read_again),
                                       cmocka_unit_test(what_xml_cannot_hold_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
