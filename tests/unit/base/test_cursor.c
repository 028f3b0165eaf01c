#include "base/cursor.h"

#include "base/buf.h"
#include "support.h"

static void what_a_buffer_wrote_is_read_again(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(100);
    buf_u8(&b, 0xfe);
    buf_u16(&b, 0xfedc);
    buf_u32(&b, 0xfedcba98);
    buf_u64(&b, UINT64_C(0xfedcba9876543210));
    buf_i64(&b, INT64_MIN);
    buf_bool(&b, true);
    buf_bytes16(&b, bytes_of_text("short"));
    buf_bytes32(&b, bytes_of_text("long"));
    struct cursor c = cursor_over(buf_view(&b));
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    int64_t i64;
    bool yes;
    struct bytes s;
    assert_int_equal(cursor_u8(&c, &u8), RESULT_OK);
    assert_int_equal(cursor_u16(&c, &u16), RESULT_OK);
    assert_int_equal(cursor_u32(&c, &u32), RESULT_OK);
    assert_int_equal(cursor_u64(&c, &u64), RESULT_OK);
    assert_int_equal(cursor_i64(&c, &i64), RESULT_OK);
    assert_int_equal(cursor_bool(&c, &yes), RESULT_OK);
    assert_true(u8 == 0xfe && u16 == 0xfedc && u32 == 0xfedcba98 && i64 == INT64_MIN && yes);
    assert_true(u64 == UINT64_C(0xfedcba9876543210));
    assert_int_equal(cursor_bytes16(&c, &s), RESULT_OK);
    assert_bytes(s, "short");
    assert_int_equal(cursor_done(&c), RESULT_MALFORMED);
    assert_int_equal(cursor_bytes32(&c, &s), RESULT_OK);
    assert_bytes(s, "long");
    assert_int_equal(cursor_done(&c), RESULT_OK);
    buf_free(&b);
}

typedef enum result reader(struct cursor *c);

static enum result read_u8(struct cursor *c)
{
    uint8_t v;
    return cursor_u8(c, &v);
}

static enum result read_u16(struct cursor *c)
{
    uint16_t v;
    return cursor_u16(c, &v);
}

static enum result read_u32(struct cursor *c)
{
    uint32_t v;
    return cursor_u32(c, &v);
}

static enum result read_u64(struct cursor *c)
{
    uint64_t v;
    return cursor_u64(c, &v);
}

static enum result read_i64(struct cursor *c)
{
    int64_t v;
    return cursor_i64(c, &v);
}

static enum result read_bool(struct cursor *c)
{
    bool v;
    return cursor_bool(c, &v);
}

static enum result read_varint(struct cursor *c)
{
    uint64_t v;
    return cursor_varint(c, &v);
}

static enum result read_bytes16(struct cursor *c)
{
    struct bytes v;
    return cursor_bytes16(c, &v);
}

static enum result read_bytes32(struct cursor *c)
{
    struct bytes v;
    return cursor_bytes32(c, &v);
}

static void what_is_short_by_any_number_of_bytes_moves_nothing(void **state)
{
    (void)state;
    static const struct {
        reader *read;
        const char *whole;
        size_t n;
    } row[] = {{read_u8, "\1", 1},
               {read_u16, "\1\2", 2},
               {read_u32, "\1\2\3\4", 4},
               {read_u64, "\1\2\3\4\5\6\7\10", 8},
               {read_i64, "\1\2\3\4\5\6\7\10", 8},
               {read_bool, "\1", 1},
               {read_varint, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 10},
               {read_bytes16, "\0\3abc", 5},
               {read_bytes32, "\0\0\0\3abc", 7}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        for (size_t n = 0; n <= row[i].n; n++) {
            struct cursor c = cursor_over(bytes_of(row[i].whole, n)), before = c;
            bool whole = n == row[i].n;
            assert_int_equal(row[i].read(&c), whole ? RESULT_OK : RESULT_END);
            assert_int_equal(c.left, whole ? 0 : n);
            assert_ptr_equal(c.at, whole ? before.at + n : before.at);
        }
    }
}

static void a_length_beyond_the_input_is_no_reason_to_read_on(void **state)
{
    (void)state;
    static const uint8_t p[] = {0xff, 0xff, 0xff, 0xff, 'a'};
    struct cursor c = cursor_over(bytes_of(p, sizeof p));
    struct bytes b;
    uint8_t room[8];
    assert_int_equal(cursor_bytes16(&c, &b), RESULT_END);
    assert_int_equal(cursor_bytes32(&c, &b), RESULT_END);
    assert_int_equal(cursor_take(&c, SIZE_MAX, &b), RESULT_END);
    assert_int_equal(cursor_copy(&c, room, 6), RESULT_END);
    assert_int_equal(c.left, 5);
    assert_int_equal(cursor_copy(&c, room, 5), RESULT_OK);
    assert_memory_equal(room, p, 5);
}

static void a_truth_value_is_zero_or_one(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 256; v++) {
        uint8_t byte = (uint8_t)v;
        bool out = false;
        struct cursor c = cursor_over(bytes_of(&byte, 1));
        assert_int_equal(cursor_bool(&c, &out), v <= 1 ? RESULT_OK : RESULT_MALFORMED);
        assert_int_equal(c.left, v <= 1 ? 0 : 1);
        assert_int_equal(out, v == 1);
    }
}

static void every_varint_comes_back(void **state)
{
    (void)state;
    struct chance chance = {0};
    for (size_t i = 0; i < 20000; i++) {
        uint64_t v = chance_next(&chance) >> chance_below(&chance, 64), back;
        struct buf b = BUF_INIT(10);
        buf_varint(&b, v);
        struct cursor c = cursor_over(buf_view(&b));
        assert_int_equal(cursor_varint(&c, &back), RESULT_OK);
        assert_true(back == v);
        assert_int_equal(c.left, 0);
        buf_free(&b);
    }
}

static void a_varint_of_more_than_64_bits_is_malformed(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",    /* bit 65 */
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",    /* more of them */
        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01" /* eleven bytes */
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        uint64_t v;
        struct cursor c = cursor_over(bytes_of_text(wrong[i]));
        assert_int_equal(cursor_varint(&c, &v), RESULT_MALFORMED);
        assert_int_equal(c.left, strlen(wrong[i]));
    }
}

static void nothing_can_be_taken_from_nothing(void **state)
{
    (void)state;
    struct cursor c = cursor_over(bytes_of(NULL, 0));
    struct bytes b = {0};
    assert_int_equal(cursor_take(&c, 0, &b), RESULT_OK);
    assert_int_equal(cursor_copy(&c, NULL, 0), RESULT_OK);
    assert_int_equal(cursor_take(&c, 1, &b), RESULT_END);
    assert_int_equal(cursor_done(&c), RESULT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_buffer_wrote_is_read_again),
        cmocka_unit_test(what_is_short_by_any_number_of_bytes_moves_nothing),
        cmocka_unit_test(a_length_beyond_the_input_is_no_reason_to_read_on),
        cmocka_unit_test(a_truth_value_is_zero_or_one),
        cmocka_unit_test(every_varint_comes_back),
        cmocka_unit_test(a_varint_of_more_than_64_bits_is_malformed),
        cmocka_unit_test(nothing_can_be_taken_from_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
