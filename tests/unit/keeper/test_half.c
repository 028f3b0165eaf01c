#include "support.h"

#include "crypto/box.h"
#include "ipc/half_road.h"
#include "ipc/register.h"

struct reader {
    uint8_t public_key[BOX_KEY], secret_key[BOX_KEY], half[HALF_BYTES];
};

static uint64_t scope_of(struct bench *b, uint64_t group)
{
    struct keys_slot slot;
    uint8_t tuple[ROAD_DIGEST];
    half_tuple(group, tuple);
    assert_int_equal(ask(b, IPC_REGISTER_MAKE, bytes_of(tuple, sizeof tuple)), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&b->reply));
    assert_int_equal(register_slot_take(&in, &slot), RESULT_OK);
    return slot.id;
}

/* Asks for a half; false when none came. */
static bool half_of(struct bench *b, uint64_t scope, uint64_t index, struct reader *r)
{
    struct half_make m = {.scope = scope, .index = index};
    struct buf body = BUF_INIT(100);
    box_keys(r->public_key, r->secret_key);
    memcpy(m.reader, r->public_key, HALF_READER);
    half_make_put(&m, &body);
    assert_int_equal(ask(b, IPC_HALF_MAKE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    if (b->reply.n == 0)
        return false;
    assert_int_equal(b->reply.n, HALF_BOX);
    assert_int_equal(box_open(r->public_key, r->secret_key, buf_view(&b->reply), r->half),
                     RESULT_OK);
    return true;
}

static void a_half_is_the_same_each_time_and_another_for_each_record(void **state)
{
    (void)state;
    struct bench b;
    struct reader one, again, other, elsewhere;
    bench_init(&b);
    uint64_t scope = scope_of(&b, 1), second = scope_of(&b, 2);
    assert_true(half_of(&b, scope, 7, &one) && half_of(&b, scope, 7, &again));
    assert_true(half_of(&b, scope, 8, &other) && half_of(&b, second, 7, &elsewhere));
    assert_memory_equal(one.half, again.half, HALF_BYTES);
    assert_memory_not_equal(one.half, other.half, HALF_BYTES);
    assert_memory_not_equal(one.half, elsewhere.half, HALF_BYTES);
    bench_free(&b);
}

static void each_bit_of_a_record_s_number_makes_another_half(void **state)
{
    (void)state;
    struct bench b;
    struct reader r;
    uint8_t half[64][HALF_BYTES];
    bench_init(&b);
    const uint64_t scope = scope_of(&b, 1);
    for (unsigned bit = 0; bit < 64; bit++) {
        assert_true(half_of(&b, scope, UINT64_C(1) << bit, &r));
        memcpy(half[bit], r.half, HALF_BYTES);
        for (unsigned other = 0; other < bit; other++)
            assert_memory_not_equal(half[bit], half[other], HALF_BYTES);
    }
    bench_free(&b);
}

static void nobody_but_the_reader_opens_the_box(void **state)
{
    (void)state;
    struct bench b;
    struct reader r, other;
    bench_init(&b);
    assert_true(half_of(&b, scope_of(&b, 1), 7, &r));
    box_keys(other.public_key, other.secret_key);
    assert_int_equal(box_open(other.public_key, other.secret_key, buf_view(&b.reply), other.half),
                     RESULT_MISMATCH);
    assert_null(memmem(b.reply.p, b.reply.n, r.half, HALF_BYTES));
    bench_free(&b);
}

/* So that even an edge that was taken over gets halves one by one, each on record. */
static void no_edge_gets_the_key_that_halves_are_made_with(void **state)
{
    (void)state;
    struct bench b;
    struct keys_scope s;
    uint8_t tuple[ROAD_DIGEST];
    struct buf id = BUF_INIT(8);
    bench_init(&b);
    buf_u64(&id, scope_of(&b, 1));
    assert_int_equal(ask(&b, IPC_SCOPE_GET, buf_view(&id)), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&b.reply));
    assert_int_equal(keys_scope_take(&in, &s), RESULT_OK);
    assert_int_equal(s.id, 0);
    half_tuple(1, tuple);
    assert_int_equal(ask(&b, IPC_SCOPE_FOR, bytes_of(tuple, sizeof tuple)), RESULT_MALFORMED);
    buf_free(&id);
    bench_free(&b);
}

static void no_half_is_made_under_a_scope_of_bodies(void **state)
{
    (void)state;
    static const uint8_t tuple[ROAD_DIGEST] = {7};
    struct bench b;
    struct keys_scope s;
    struct reader r;
    bench_init(&b);
    assert_int_equal(ask(&b, IPC_SCOPE_FOR, bytes_of(tuple, sizeof tuple)), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&b.reply));
    assert_int_equal(keys_scope_take(&in, &s), RESULT_OK);
    assert_false(half_of(&b, s.id, 7, &r));
    assert_false(half_of(&b, s.id + 1, 7, &r));
    bench_free(&b);
}

static void of_what_is_about_to_be_erased_no_half_is_given(void **state)
{
    (void)state;
    struct bench b;
    struct reader r;
    struct buf ids = BUF_INIT(64);
    bench_init(&b);
    uint64_t scope = scope_of(&b, 1), other = scope_of(&b, 2);
    buf_u32(&ids, 1);
    buf_u64(&ids, scope);
    assert_int_equal(ask(&b, IPC_SCOPES_DOOM, buf_view(&ids)), RESULT_OK);
    assert_false(half_of(&b, scope, 7, &r));
    assert_true(half_of(&b, other, 7, &r));
    /* what begins anew for the same group has another key */
    assert_int_not_equal(scope_of(&b, 1), scope);
    buf_free(&ids);
    bench_free(&b);
}

/* A unit chooses the reader's key. With one that is none it has no half, and no more: the ledger,
 * which only passed it on, lost its keeper over this. */
static void a_reader_without_a_key_gets_nothing_and_the_ledger_stays(void **state)
{
    (void)state;
    struct bench b;
    struct half_make m = {.index = 7};
    struct buf body = BUF_INIT(100);
    bench_init(&b);
    m.scope = scope_of(&b, 1);
    for (uint8_t point = 0; point < 2; point++) { /* both of small order */
        m.reader[0] = point;
        buf_clear(&body);
        half_make_put(&m, &body);
        assert_int_equal(ask(&b, IPC_HALF_MAKE, buf_view(&body)), RESULT_OK);
        assert_int_equal(b.reply.n, 0);
    }
    buf_free(&body);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_half_is_the_same_each_time_and_another_for_each_record),
        cmocka_unit_test(each_bit_of_a_record_s_number_makes_another_half),
        cmocka_unit_test(nobody_but_the_reader_opens_the_box),
        cmocka_unit_test(no_edge_gets_the_key_that_halves_are_made_with),
        cmocka_unit_test(no_half_is_made_under_a_scope_of_bodies),
        cmocka_unit_test(of_what_is_about_to_be_erased_no_half_is_given),
        cmocka_unit_test(a_reader_without_a_key_gets_nothing_and_the_ledger_stays),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
