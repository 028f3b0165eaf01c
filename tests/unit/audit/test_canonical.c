#include "audit/canonical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct buf out;

static int clear(void **state)
{
    (void)state;
    buf_free(&out);
    out = BUF_INIT(1024);
    return 0;
}

static void members_come_as_they_are_written_and_empty_ones_not_at_all(void **state)
{
    (void)state;
    struct canonical c;
    const struct bytes list[] = {bytes_of_text("x"), bytes_of_text("y")};
    canonical_begin(&c, &out);
    canonical_text(&c, "a", bytes_of_text("one \"two\""));
    canonical_text(&c, "b", bytes_of_text(""));
    canonical_texts(&c, "c", list, 2);
    canonical_texts(&c, "d", list, 0);
    canonical_integer(&c, "e", 0);
    canonical_count(&c, "f", 0);
    for (size_t i = 0; i < 2; i++) {
        canonical_item(&c, "g", i);
        canonical_count(&c, "h", i + 1);
        canonical_close(&c);
    }
    canonical_list_end(&c, 2);
    canonical_list_end(&c, 0);
    assert_int_equal(canonical_end(&c, 1024), RESULT_OK);
    assert_true(bytes_is(
        buf_view(&out),
        "{\"a\":\"one \\\"two\\\"\",\"c\":[\"x\",\"y\"],\"e\":0,\"g\":[{\"h\":1},{\"h\":2}]}"));
}

/* What stood in the buffer before stays. */
static void assert_refused(void (*put)(struct canonical *c), enum result expected)
{
    struct canonical c;
    buf_text(&out, "before");
    canonical_begin(&c, &out);
    put(&c);
    assert_int_equal(canonical_end(&c, 64), expected);
    assert_true(bytes_is(buf_view(&out), "before"));
    buf_clear(&out);
}

static void put_below_zero(struct canonical *c)
{
    canonical_integer(c, "a", -1);
    canonical_integer(c, "b", 1);
}

static void put_too_much(struct canonical *c)
{
    canonical_count(c, "a", UINT64_C(1) << 53);
}

static void put_no_text(struct canonical *c)
{
    canonical_text(c, "a", bytes_of_text("\xff"));
}

static void put_no_text_in_a_list(struct canonical *c)
{
    const struct bytes list[] = {bytes_of_text("x"), bytes_of_text("\xc0\x80")};
    canonical_texts(c, "a", list, 2);
}

static void put_a_long_text(struct canonical *c)
{
    canonical_text(c, "a",
                   bytes_of_text("0123456789012345678901234567890123456789012345678901234567"));
}

static void what_not_every_reader_holds_exactly_is_refused(void **state)
{
    (void)state;
    struct canonical c;
    assert_refused(put_below_zero, RESULT_RANGE);
    assert_refused(put_too_much, RESULT_RANGE);
    canonical_begin(&c, &out);
    canonical_count(&c, "a", (UINT64_C(1) << 53) - 1);
    assert_int_equal(canonical_end(&c, 64), RESULT_OK);
}

static void what_is_no_text_or_too_long_is_refused(void **state)
{
    (void)state;
    assert_refused(put_no_text, RESULT_MALFORMED);
    assert_refused(put_no_text_in_a_list, RESULT_MALFORMED);
    assert_refused(put_a_long_text, RESULT_TOO_LARGE);
}

static enum result same(const char *given, const char *written)
{
    struct buf again = BUF_INIT(64);
    buf_text(&again, written);
    return canonical_same(bytes_of_text(given), RESULT_OK, &again);
}

static void only_what_writing_gives_again_is_canonical(void **state)
{
    (void)state;
    struct buf again = BUF_INIT(64);
    assert_int_equal(same("{\"a\":1}", "{\"a\":1}"), RESULT_OK);
    assert_int_equal(same("{ \"a\":1}", "{\"a\":1}"), RESULT_MALFORMED);
    assert_int_equal(canonical_same(bytes_of_text(""), RESULT_RANGE, &again), RESULT_MALFORMED);
}

static void no_more_is_read_than_may_be_written(void **state)
{
    (void)state;
    struct canonical_reader r;
    struct buf room;
    assert_int_equal(canonical_read(&r, bytes_of_text("{\"a\":1}"), 7, &room), RESULT_OK);
    buf_free(&room);
    assert_int_equal(canonical_read(&r, bytes_of_text("{\"a\":1}"), 6, &room), RESULT_MALFORMED);
    assert_int_equal(room.n, 0);
    buf_free(&room);
}

static void members_are_taken_where_they_come_next_and_no_others(void **state)
{
    (void)state;
    struct canonical_reader r;
    struct buf room;
    struct bytes list[3];
    bool there;
    static const char text[] = "{\"a\":\"x\",\"ab\":[\"y\",\"z\\n\"],\"c\":0,\"d\":"
                               "[{\"e\":17},{}],\"f\":\"w\"}";
    assert_int_equal(canonical_read(&r, bytes_of_text(text), 100, &room), RESULT_OK);
    assert_true(bytes_is(canonical_take_text(&r, "ab"), "")); /* a list, and not next */
    assert_true(bytes_is(canonical_take_text(&r, "a"), "x"));
    assert_true(bytes_is(canonical_take_text(&r, "a"), "")); /* "ab" begins like it */
    assert_true(bytes_is(canonical_take_text(&r, "ab"), ""));
    assert_int_equal(canonical_take_texts(&r, "ab", list, 3), 2);
    assert_true(bytes_is(list[0], "y") && bytes_is(list[1], "z\n"));
    assert_int_equal(canonical_take_integer(&r, "b", &there), 0);
    assert_false(there);
    assert_int_equal(canonical_take_integer(&r, "c", &there), 0);
    assert_true(there);
    assert_true(canonical_take_item(&r, "d", 0));
    assert_int_equal(canonical_take_integer(&r, "e", NULL), 17);
    canonical_take_close(&r);
    assert_true(canonical_take_item(&r, "d", 1));
    canonical_take_close(&r);
    assert_false(canonical_take_item(&r, "d", 2));
    canonical_take_list_end(&r, 2);
    assert_true(bytes_is(canonical_take_text(&r, "f"), "w"));
    buf_free(&room);
}

/* Each as it was, also when all have been taken: nothing was moved. */
static void assert_read_back(const char *text, size_t count)
{
    struct canonical c;
    struct canonical_reader r;
    struct buf room;
    struct bytes item[16];
    buf_clear(&out);
    canonical_begin(&c, &out);
    for (size_t i = 0; i < count; i++) {
        canonical_item(&c, "a", i);
        canonical_text(&c, "b", bytes_of_text(text));
        canonical_close(&c);
    }
    canonical_list_end(&c, count);
    assert_int_equal(canonical_end(&c, 1024), RESULT_OK);
    assert_int_equal(canonical_read(&r, buf_view(&out), 1024, &room), RESULT_OK);
    for (size_t i = 0; i < count; i++) {
        assert_true(canonical_take_item(&r, "a", i));
        item[i] = canonical_take_text(&r, "b");
        canonical_take_close(&r);
    }
    for (size_t i = 0; i < count; i++)
        assert_true(bytes_is(item[i], text));
    buf_free(&room);
}

static void escapes_are_read_as_they_are_written(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 16; count++)
        assert_read_back("\"\\/\b\f\n\r\t\x01\x1f \x7f\xed\x95\x9c", count);
}

/* Texts without an end, what is no escape, numbers that do not end: nothing is read past them. */
static void what_is_broken_off_is_not_taken(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{",
                                        "{\"",
                                        "{\"a",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "{\"a\":\"",
                                        "{\"a\":\"x",
                                        "{\"a\":\"x\\",
                                        "{\"a\":\"x\\\"",
                                        "{\"a\":\"x\\u00",
                                        "{\"a\":\"x\\u0001",
                                        "{\"a\":12"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct canonical_reader r;
        struct buf room;
        assert_int_equal(canonical_read(&r, bytes_of_text(texts[i]), 64, &room), RESULT_OK);
        assert_int_equal(canonical_take_text(&r, "a").n, 0);
        assert_int_equal(canonical_take_texts(&r, "a", NULL, 0), 0);
        assert_false(canonical_take_item(&r, "a", 0));
        buf_free(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(members_come_as_they_are_written_and_empty_ones_not_at_all, clear),
        cmocka_unit_test_setup(what_not_every_reader_holds_exactly_is_refused, clear),
        cmocka_unit_test_setup(what_is_no_text_or_too_long_is_refused, clear),
        cmocka_unit_test_setup(only_what_writing_gives_again_is_canonical, clear),
        cmocka_unit_test(no_more_is_read_than_may_be_written),
        cmocka_unit_test(members_are_taken_where_they_come_next_and_no_others),
        cmocka_unit_test_setup(escapes_are_read_as_they_are_written, clear),
        cmocka_unit_test(what_is_broken_off_is_not_taken)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&out);
    return failed;
}
