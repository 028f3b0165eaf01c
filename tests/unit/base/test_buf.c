#include "base/buf.h"

#include "support.h"
#include "wiped.h"

static void numbers_are_written_big_endian(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(100);
    buf_u8(&b, 0x01);
    buf_u16(&b, 0x0203);
    buf_u32(&b, 0x04050607);
    buf_u64(&b, UINT64_C(0x08090a0b0c0d0e0f));
    buf_i64(&b, -2);
    buf_bool(&b, true);
    buf_bool(&b, false);
    static const uint8_t expected[] = {1,    2,    3,    4,    5,    6,  7,    8,    9,
                                       10,   11,   12,   13,   14,   15, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xfe, 1,  0};
    assert_int_equal(b.n, sizeof expected);
    assert_memory_equal(b.p, expected, sizeof expected);
    buf_free(&b);
}

static void varints_are_protobufs(void **state)
{
    (void)state;
    static const struct {
        uint64_t v;
        const char *hex;
    } vector[] = {{0, "00"},
                  {1, "01"},
                  {127, "7f"},
                  {128, "8001"},
                  {150, "9601"},
                  {300, "ac02"},
                  {UINT32_MAX, "ffffffff0f"},
                  {UINT64_MAX, "ffffffffffffffffff01"}};
    for (size_t i = 0; i < ARRAY_LEN(vector); i++) {
        char hex[32];
        struct buf b = BUF_INIT(10);
        buf_varint(&b, vector[i].v);
        bytes_to_hex(buf_view(&b), hex);
        assert_string_equal(hex, vector[i].hex);
        buf_free(&b);
    }
}

static void strings_carry_their_length_in_front(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(100);
    buf_bytes16(&b, bytes_of_text("ab"));
    buf_bytes32(&b, bytes_of_text("c"));
    buf_bytes16(&b, bytes_of(NULL, 0));
    assert_int_equal(b.n, 11);
    assert_memory_equal(b.p, "\0\2ab\0\0\0\1c\0\0", 11);
    buf_free(&b);
}

static void a_string_too_long_for_its_length_fails(void **state)
{
    (void)state;
    static const uint8_t long_one[UINT16_MAX + 1];
    struct buf b = BUF_INIT(1 << 20);
    buf_bytes16(&b, bytes_of(long_one, UINT16_MAX));
    assert_int_equal(buf_status(&b), RESULT_OK);
    buf_bytes16(&b, bytes_of(long_one, UINT16_MAX + 1));
    assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
    assert_int_equal(b.n, UINT16_MAX + 2);
    buf_clear(&b);
    buf_bytes32(&b, bytes_of(long_one, (size_t)UINT32_MAX + 1));
    assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
    buf_free(&b);
}

static void a_buffer_takes_its_ceiling_and_not_one_byte_more(void **state)
{
    (void)state;
    for (size_t max = 0; max < 700; max += 23) {
        struct buf b = BUF_INIT(max);
        for (size_t i = 0; i < max; i++)
            buf_u8(&b, (uint8_t)i);
        assert_int_equal(buf_status(&b), RESULT_OK);
        buf_u8(&b, 1);
        assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
        assert_int_equal(b.n, max);
        assert_null(buf_extend(&b, 0));
        buf_put(&b, NULL, 0);
        buf_text(&b, "");
        assert_int_equal(buf_status(&b), RESULT_TOO_LARGE); /* until it is cleared */
        buf_clear(&b);
        assert_int_equal(buf_status(&b), RESULT_OK);
        assert_int_equal(b.n, 0);
        buf_free(&b);
    }
}

static void a_failed_buffer_swallows_what_follows(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4);
    buf_u64(&b, 1);
    buf_u8(&b, 1);
    buf_printf(&b, "%d", 1);
    buf_bytes16(&b, bytes_of_text("x"));
    assert_int_equal(b.n, 0);
    assert_null(buf_reserve(&b, 1));
    assert_null(buf_text_room(&b, 1));
    assert_string_equal(buf_c(&b), "");
    assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
    buf_free(&b);
}

static void a_size_that_overflows_is_too_large(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(SIZE_MAX / 2);
    buf_text(&b, "abc");
    assert_null(buf_extend(&b, SIZE_MAX));
    buf_clear(&b);
    buf_text(&b, "abc");
    assert_null(buf_reserve(&b, SIZE_MAX - 2));
    buf_free(&b);
}

static void a_text_may_fill_the_buffer_to_its_ceiling(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(5);
    buf_printf(&b, "%s", "12");
    buf_printf(&b, "%d", 345);
    assert_int_equal(buf_status(&b), RESULT_OK);
    assert_string_equal(buf_c(&b), "12345");
    buf_printf(&b, "%s", "");
    assert_int_equal(buf_status(&b), RESULT_OK);
    buf_printf(&b, "%c", 'x');
    assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
    assert_string_equal(buf_c(&b), "12345");
    buf_free(&b);
    char *room = buf_text_room(&b, 5);
    assert_non_null(room);
    memcpy(room, "abcde", 6);
    b.n += 5;
    assert_string_equal(buf_c(&b), "abcde");
    buf_free(&b);
}

static void the_c_string_ends_where_the_buffer_ends(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1000);
    assert_string_equal(buf_c(&b), "");
    for (size_t i = 1; i <= 1000; i++) {
        buf_u8(&b, 'x');
        assert_int_equal(strlen(buf_c(&b)), i);
    }
    assert_int_equal(b.n, 1000);
    buf_free(&b);
}

/* Against a plain array of the same ceiling. */
static void it_holds_what_was_put_whatever_the_order(void **state)
{
    (void)state;
    enum { CEILING = 3000 };
    uint8_t model[CEILING], piece[300];
    size_t n = 0;
    struct chance c = {0};
    struct buf b = BUF_INIT(CEILING);
    for (size_t round = 0; round < 5000; round++) {
        size_t k = chance_below(&c, sizeof piece);
        switch (chance_below(&c, 4)) {
        case 0:
        case 1:
            chance_fill(&c, piece, k);
            buf_put(&b, piece, k);
            if (k > CEILING - n) {
                assert_int_equal(buf_status(&b), RESULT_TOO_LARGE);
                buf_clear(&b);
                n = 0;
            } else {
                memcpy(model + n, piece, k);
                n += k;
            }
            break;
        case 2:
            k = k > n ? n : k;
            buf_drop(&b, k);
            n -= k;
            memmove(model, model + k, n);
            break;
        default: (void)buf_c(&b);
        }
        assert_int_equal(b.n, n);
        assert_true(n == 0 || memcmp(b.p, model, n) == 0);
        assert_true(b.n <= b.cap && b.cap <= CEILING + 1);
    }
    buf_free(&b);
}

static void what_was_dropped_cleared_or_freed_is_wiped(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(10000);
    buf_text(&b, "secret, not secret");
    uint8_t *p = b.p;
    buf_drop(&b, 8);
    assert_bytes(buf_view(&b), "not secret");
    for (size_t i = 10; i < 18; i++)
        assert_int_equal(p[i], 0);
    buf_clear(&b);
    for (size_t i = 0; i < 18; i++)
        assert_int_equal(p[i], 0);
    buf_text(&b, "secret");
    wiped_forget();
    buf_free(&b);
    assert_true(was_wiped((uintptr_t)p, 256));
    assert_null(b.p);
    buf_text(&b, "it may be used again");
    assert_bytes(buf_view(&b), "it may be used again");
    buf_free(&b);
}

static void what_is_used_again_keeps_its_place_until_that_is_too_large(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1 << 20);
    memset(buf_extend(&b, 300), 's', 300);
    const uint8_t *place = b.p;
    const size_t room = b.cap;
    wiped_forget();
    buf_reuse(&b, room);
    assert_int_equal(b.n, 0);
    assert_ptr_equal(b.p, place);
    assert_true(was_wiped((uintptr_t)place, 300));
    memset(buf_extend(&b, 300), 's', 300);
    buf_reuse(&b, room - 1);
    assert_null(b.p);
    assert_true(was_wiped((uintptr_t)place, room));
    buf_free(&b);
}

static void the_old_place_is_wiped_when_the_buffer_moves(void **state)
{
    (void)state;
    uint8_t filling[256];
    struct buf b = BUF_INIT(10000);
    memset(filling, 's', sizeof filling);
    buf_put(&b, filling, sizeof filling);
    uintptr_t old = (uintptr_t)b.p;
    wiped_forget();
    buf_u8(&b, 1);
    assert_true(was_wiped(old, sizeof filling));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_big_endian),
        cmocka_unit_test(varints_are_protobufs),
        cmocka_unit_test(strings_carry_their_length_in_front),
        cmocka_unit_test(a_string_too_long_for_its_length_fails),
        cmocka_unit_test(a_buffer_takes_its_ceiling_and_not_one_byte_more),
        cmocka_unit_test(a_failed_buffer_swallows_what_follows),
        cmocka_unit_test(a_size_that_overflows_is_too_large),
        cmocka_unit_test(a_text_may_fill_the_buffer_to_its_ceiling),
        cmocka_unit_test(the_c_string_ends_where_the_buffer_ends),
        cmocka_unit_test(it_holds_what_was_put_whatever_the_order),
        cmocka_unit_test(what_was_dropped_cleared_or_freed_is_wiped),
        cmocka_unit_test(what_is_used_again_keeps_its_place_until_that_is_too_large),
        cmocka_unit_test(the_old_place_is_wiped_when_the_buffer_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
