/* Writing pages: whatever is put in stays text, and elements close in their order. */
#include "support.h"

#include "console/html.h"

static const char *put_and_get(struct buf *b, const char *text)
{
    buf_clear(b);
    struct html h = html_begin(b, false);
    html_open(&h, "p");
    html_attr_text(&h, "title", text);
    html_text(&h, text);
    html_close(&h);
    return buf_c(b);
}

static void texts_and_attributes_are_escaped(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    assert_string_equal(put_and_get(&b, "<a href='x'>&\""),
                        "<p title=\"&lt;a href=&#39;x&#39;&gt;&amp;&quot;\">"
                        "&lt;a href=&#39;x&#39;&gt;&amp;&quot;</p>");
    buf_free(&b);
}

static void what_misleads_is_shown_as_a_sign(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    assert_string_equal(put_and_get(&b, "a\xe2\x80\xae"
                                        "b\xff"
                                        "c\x01"),
                        "<p title=\"a\xef\xbf\xbd"
                        "b\xef\xbf\xbd"
                        "c\xef\xbf\xbd\">a\xef\xbf\xbd"
                        "b\xef\xbf\xbd"
                        "c\xef\xbf\xbd</p>");
    assert_string_equal(put_and_get(&b, "한국어"), "<p title=\"한국어\">한국어</p>");
    buf_free(&b);
}

static void elements_close_in_their_order_and_void_ones_are_xml(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct html h = html_begin(&b, true);
    html_open(&h, "ul");
    html_open(&h, "li");
    html_open(&h, "br");
    html_close(&h);
    html_number(&h, 7);
    html_close_to(&h, 0);
    assert_string_equal(buf_c(&b), "<ul><li><br/>7</li></ul>");
    assert_int_equal(buf_status(&b), RESULT_OK);
    buf_free(&b);
}

/* A page of ours that is in disorder is never sent (answer.c asks the buffer). */
static void disorder_fails_the_page(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct html h = html_begin(&b, false);
    html_close(&h);
    assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
    buf_clear(&b);
    h = html_begin(&b, false);
    html_open(&h, "p");
    html_text(&h, "x");
    html_attr_text(&h, "class", "late");
    assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
    buf_clear(&b);
    h = html_begin(&b, false);
    for (size_t i = 0; i <= HTML_DEPTH_MAX; i++)
        html_open(&h, "b");
    assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
    buf_free(&b);
}

static void times_are_of_seoul_and_say_so(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct html h = html_begin(&b, false);
    html_time(&h, TEN);
    html_time(&h, 0);
    assert_string_equal(buf_c(&b), "<time datetime=\"2025-11-21T10:00:00+09:00\" title=\"KST "
                                   "(+09:00)\">2025-11-21 10:00:00</time>");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_attributes_are_escaped),
        cmocka_unit_test(what_misleads_is_shown_as_a_sign),
        cmocka_unit_test(elements_close_in_their_order_and_void_ones_are_xml),
        cmocka_unit_test(disorder_fails_the_page),
        cmocka_unit_test(times_are_of_seoul_and_say_so),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
