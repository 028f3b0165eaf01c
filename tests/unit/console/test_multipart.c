/* Forms with files, as browsers send them and as an enemy does. */
#include "console/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define B(text) bytes_of_text(text)
static void every_part_is_found_by_its_name(void **state)
{
    (void)state;
    struct multipart m;
    struct multipart_part p;
    struct bytes value;
    const char *good = "--x\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nbring\r\n--x\r\n"
                       "CONTENT-DISPOSITION: form-data; name=file; filename=\"a;b.txt\"\r\n"
                       "Content-Type: text/plain\r\n\r\none\r\n-- two\r\n\r\n--x--\r\n";
    assert_int_equal(multipart_begin(&m, B(good)), RESULT_OK);
    assert_int_equal(multipart_get(&m, "file", &value), RESULT_OK);
    assert_true(bytes_is(value, "one\r\n-- two\r\n"));
    assert_int_equal(multipart_get(&m, "none", &value), RESULT_NOT_FOUND);
    assert_int_equal(multipart_next(&m, &p), RESULT_OK);
    assert_true(bytes_is(p.name, "do") && bytes_is(p.value, "bring") && p.file.n == 0);
    assert_int_equal(multipart_next(&m, &p), RESULT_OK);
    assert_true(bytes_is(p.file, "a;b.txt"));
    assert_int_equal(multipart_next(&m, &p), RESULT_END);
}

static void an_empty_file_is_an_empty_value(void **state)
{
    (void)state;
    struct multipart m;
    struct bytes value = B("x");
    const char *form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n"
                       "\r\n--x--\r\n";
    assert_int_equal(multipart_begin(&m, B(form)), RESULT_OK);
    assert_int_equal(multipart_get(&m, "file", &value), RESULT_OK);
    assert_int_equal(value.n, 0);
}

static void what_is_no_such_form_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        "--",
        "--\r\n",
        "--x",
        "a=b",
        "--x\r\n",
        "--x\r\n\r\nvalue\r\n--x--",
        "--x\r\nContent-Disposition: form-data\r\n\r\nvalue\r\n--x--",
        "--x\r\nContent-Disposition: attachment; name=\"file\"\r\n\r\nvalue\r\n--x--",
        "--x\r\nContent-Disposition: form-data; name=\"file\r\n\r\nvalue\r\n--x--",
        "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nvalue without end",
        "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n",
        "--0123456789012345678901234567890123456789012345678901234567890123456789x\r\n\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct multipart m;
        struct bytes value;
        enum result r = multipart_begin(&m, B(bad[i]));
        if (r == RESULT_OK)
            r = multipart_get(&m, "file", &value);
        assert_int_equal(r, RESULT_MALFORMED);
    }
}

/* Cut anywhere, it is read within its bytes, and is no whole form. */
static void a_form_that_was_cut_is_none(void **state)
{
    (void)state;
    static const char form[] =
        "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc\r\n--x--";
    for (size_t n = 0; n + 2 < sizeof form; n++) {
        struct multipart m;
        struct multipart_part p = {0};
        char *cut = test_malloc(n + 1);
        memcpy(cut, form, n);
        enum result r = multipart_begin(&m, bytes_of(cut, n));
        while (r == RESULT_OK)
            r = multipart_next(&m, &p);
        assert_int_equal(r, RESULT_MALFORMED);
        test_free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_part_is_found_by_its_name),
                                       cmocka_unit_test(an_empty_file_is_an_empty_value),
                                       cmocka_unit_test(what_is_no_such_form_is_refused),
                                       cmocka_unit_test(a_form_that_was_cut_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
