#include "report/page.h"
#include "report/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char *const title[2] = {"Small & plain", "작은 표"};
static const struct report_column columns[] = {{"index", {"index", "번호"}},
                                               {"text", {"text", "내용"}}};

static struct report_table *small(bool korean)
{
    struct report_table *t = table_new("small", title, columns, 2, korean);
    table_number(t, 7);
    table_text(t, "one \"quoted\", and\r\ntwo lines");
    table_number(t, 8);
    table_text(t, "<b>&'</b>");
    return t;
}

static void csv_is_that_of_rfc_4180_with_a_mark_for_spreadsheets(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4096);
    struct report_table *t = small(true);
    table_csv(t, &out);
    assert_string_equal(buf_c(&out), "\xef\xbb\xbf\"번호\",\"내용\"\r\n"
                                     "\"7\",\"one \"\"quoted\"\", and\r\ntwo lines\"\r\n"
                                     "\"8\",\"<b>&'</b>\"\r\n");
    table_free(t);
    buf_free(&out);
}

static void no_cell_is_a_formula(void **state)
{
    (void)state;
    static const char *const texts[] = {"=1+1",   "+1",  "-1",  "@SUM(A1)", "\tx",      "\r=1",
                                        "\n=1+1", "＝1", "＋1", "－1",      "＠SUM(A1)"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct buf out = BUF_INIT(4096), expected = BUF_INIT(64);
        struct report_table *t = table_new("small", title, columns, 2, false);
        table_number(t, 1);
        table_text(t, texts[i]);
        table_csv(t, &out);
        buf_printf(&expected, "\"1\",\"'%s\"\r\n", texts[i]);
        assert_non_null(strstr(buf_c(&out), buf_c(&expected)));
        table_free(t);
        buf_free(&out);
        buf_free(&expected);
    }
}

static void json_names_every_cell(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4096);
    struct report_table *t = small(false);
    table_note(t, "a note");
    table_json(t, &out);
    assert_string_equal(
        buf_c(&out),
        "{\"table\":\"small\",\"title\":\"Small & plain\",\"rows\":[{\"index\":\"7\",\"text\":"
        "\"one \\\"quoted\\\", and\\r\\ntwo lines\"},\n {\"index\":\"8\",\"text\":\"<b>&'</b>\"}],"
        "\"notes\":[\"a note\"]}");
    table_free(t);
    buf_free(&out);
}

/* What was not there is in the file itself, as a row like the others, and as a member. */
static void files_end_with_what_was_counted(void **state)
{
    (void)state;
    static const struct report_column three[] = {
        {"a", {"a", "가"}}, {"b", {"b", "나"}}, {"c", {"c", "다"}}};
    struct buf out = BUF_INIT(4096);
    struct report_table *t = table_new("small", title, three, 3, false);
    table_text(t, "1");
    table_text(t, "2");
    table_text(t, "3");
    table_count(t, "let_go", "entries let go", 12);
    table_csv(t, &out);
    assert_non_null(strstr(buf_c(&out), "\"3\"\r\n\"# entries let go\",\"12\",\r\n"));
    buf_clear(&out);
    table_json(t, &out);
    assert_non_null(strstr(buf_c(&out), ",\"notes\":[],\"counts\":{\"let_go\":12}}"));
    table_free(t);
    buf_free(&out);
}

static void pieces_of_a_file_are_the_file(void **state)
{
    (void)state;
    struct buf whole = BUF_INIT(4096), pieces = BUF_INIT(4096), piece = BUF_INIT(4096);
    struct report_table *t = small(false);
    for (unsigned is_csv = 0; is_csv < 2; is_csv++) {
        size_t row = 0, count = 0;
        bool is_whole = false;
        buf_clear(&whole);
        buf_clear(&pieces);
        (is_csv ? table_csv : table_json)(t, &whole);
        for (; !is_whole; count++) {
            buf_clear(&piece);
            is_whole = (is_csv ? table_csv_part : table_json_part)(t, &row, 1, &piece);
            buf_put(&pieces, piece.p, piece.n);
        }
        assert_int_equal(count, 2); /* a row each */
        assert_string_equal(buf_c(&pieces), buf_c(&whole));
    }
    table_free(t);
    buf_free(&whole);
    buf_free(&pieces);
    buf_free(&piece);
}

static void no_cell_is_markup(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1 << 16);
    struct report_table *t = small(false);
    const struct chart_bar bar = {bytes_of_text("<script>"), 3};
    table_note(t, "<i>");
    page_begin(&out, "<title>", "<sub>", false);
    table_html(t, &out);
    chart_bars(&out, "<svg>", &bar, 1);
    page_end(&out);
    const char *page = buf_c(&out);
    assert_non_null(strstr(page, "<td>&lt;b&gt;&amp;&#39;&lt;/b&gt;</td>"));
    assert_non_null(strstr(page, "<h2>Small &amp; plain</h2>"));
    assert_non_null(strstr(page, "&lt;script&gt;"));
    assert_null(strstr(page, "<script>"));
    assert_null(strstr(page, "<i>"));
    assert_null(strstr(page, "<sub>"));
    assert_non_null(strstr(page, "default-src 'none'"));
    table_free(t);
    buf_free(&out);
}

static void a_chart_of_nothing_is_none(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4096);
    const struct chart_bar bar[] = {{bytes_of_text("a"), 0}, {bytes_of_text("b"), 0}};
    chart_bars(&out, "nothing", bar, 2);
    chart_bars(&out, "nothing", bar, 0);
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

static void an_empty_table_says_so(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4096);
    struct report_table *t = table_new("small", title, columns, 2, true);
    table_html(t, &out);
    assert_non_null(strstr(buf_c(&out), "해당 없음"));
    table_free(t);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_that_of_rfc_4180_with_a_mark_for_spreadsheets),
        cmocka_unit_test(no_cell_is_a_formula),
        cmocka_unit_test(json_names_every_cell),
        cmocka_unit_test(files_end_with_what_was_counted),
        cmocka_unit_test(pieces_of_a_file_are_the_file),
        cmocka_unit_test(no_cell_is_markup),
        cmocka_unit_test(a_chart_of_nothing_is_none),
        cmocka_unit_test(an_empty_table_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
