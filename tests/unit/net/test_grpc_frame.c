#include "net/grpc_frame.h"

#include "base/attr.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { LARGEST = 300000 };

static void put_message(struct buf *b, size_t n, uint8_t seed)
{
    uint8_t *p = buf_extend(b, GRPC_PREFIX + n);
    grpc_prefix(p, n);
    for (size_t i = 0; i < n; i++)
        p[GRPC_PREFIX + i] = (uint8_t)(seed + i);
}

static void expect_message(struct shared *m, size_t n, uint8_t seed)
{
    struct bytes b = shared_view(m);
    assert_int_equal(b.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(b.p[i], (uint8_t)(seed + i));
    shared_drop(m);
}

/* Feeds `in` and checks that messages of these sizes come out, in order. */
static size_t feed(struct grpc_deframer *d, struct bytes in, const size_t *size, size_t had)
{
    struct cursor c = cursor_over(in);
    struct shared *m;
    enum result r;
    while ((r = grpc_deframer_take(d, &c, &m)) == RESULT_OK) {
        expect_message(m, size[had], (uint8_t)(size[had] * 7));
        had++;
    }
    assert_int_equal(r, RESULT_AGAIN);
    assert_int_equal(c.left, 0);
    return had;
}

static void messages_come_out_whole_at_every_split_point(void **state)
{
    static const size_t size[] = {0, 1, 4, 5, 6, 0, 17, 300};
    struct buf in = BUF_INIT(4096);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(size); i++)
        put_message(&in, size[i], (uint8_t)(size[i] * 7));
    for (size_t one = 0; one <= in.n; one++)
        for (size_t two = one; two <= in.n; two += 1 + two / 40) {
            struct grpc_deframer d;
            grpc_deframer_init(&d, NULL, LARGEST);
            size_t had = feed(&d, bytes_of(in.p, one), size, 0);
            had = feed(&d, bytes_of(in.p + one, two - one), size, had);
            had = feed(&d, bytes_of(in.p + two, in.n - two), size, had);
            assert_int_equal(had, ARRAY_LEN(size));
            assert_false(grpc_deframer_is_inside(&d));
            grpc_deframer_drop(&d);
        }
    buf_free(&in);
}

static void messages_come_out_whole_byte_by_byte(void **state)
{
    static const size_t size[] = {5000, 0, 70000};
    struct buf in = BUF_INIT(200000);
    struct grpc_deframer d;
    size_t had = 0;
    (void)state;
    grpc_deframer_init(&d, NULL, LARGEST);
    for (size_t i = 0; i < ARRAY_LEN(size); i++)
        put_message(&in, size[i], (uint8_t)(size[i] * 7));
    for (size_t i = 0; i < in.n; i++)
        had = feed(&d, bytes_of(in.p + i, 1), size, had);
    assert_int_equal(had, ARRAY_LEN(size));
    buf_free(&in);
}

static void a_large_message_takes_memory_only_as_it_arrives(void **state)
{
    struct grpc_deframer d;
    uint8_t prefix[GRPC_PREFIX], piece[1000] = {0};
    struct shared *m;
    (void)state;
    grpc_deframer_init(&d, NULL, 3u << 20);
    grpc_prefix(prefix, 3u << 20);
    struct cursor c = cursor_over(bytes_of(prefix, sizeof prefix));
    assert_int_equal(grpc_deframer_take(&d, &c, &m), RESULT_AGAIN);
    assert_int_equal(d.room, 0);
    assert_true(grpc_deframer_is_inside(&d));
    for (size_t arrived = sizeof piece; arrived <= 1u << 20; arrived += sizeof piece) {
        c = cursor_over(bytes_of(piece, sizeof piece));
        assert_int_equal(grpc_deframer_take(&d, &c, &m), RESULT_AGAIN);
        assert_int_equal(d.filled, arrived);
        assert_true(d.room <= 4 * arrived + 4096);
    }
    grpc_deframer_drop(&d);
    assert_false(grpc_deframer_is_inside(&d));
}

static void a_message_goes_where_one_of_its_size_was_before(void **state)
{
    static const size_t size[] = {70000};
    struct buf in = BUF_INIT(200000);
    struct shared_pool *pool = shared_pool_new(1 << 20);
    struct grpc_deframer d;
    const uint8_t *was = NULL;
    (void)state;
    grpc_deframer_init(&d, pool, LARGEST);
    put_message(&in, size[0], (uint8_t)(size[0] * 7));
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(feed(&d, bytes_of(in.p, 6), size, 0), 0);
        assert_true(i < 2 || shared_view(d.owner).p == was); /* the first one grew */
        assert_true(i == 0 || d.room == size[0]);
        assert_int_equal(feed(&d, bytes_of(in.p + 6, in.n - 7), size, 0), 0);
        was = shared_view(d.owner).p;
        assert_int_equal(feed(&d, bytes_of(in.p + in.n - 1, 1), size, 0), 1);
    }
    grpc_deframer_drop(&d);
    shared_pool_free(pool);
    buf_free(&in);
}

static void a_message_past_the_limit_is_refused_at_its_prefix(void **state)
{
    struct grpc_deframer d;
    uint8_t prefix[GRPC_PREFIX];
    struct shared *m;
    (void)state;
    grpc_deframer_init(&d, NULL, 100);
    grpc_prefix(prefix, 101);
    struct cursor c = cursor_over(bytes_of(prefix, sizeof prefix));
    assert_int_equal(grpc_deframer_take(&d, &c, &m), RESULT_TOO_LARGE);
    grpc_deframer_drop(&d);
    grpc_prefix(prefix, UINT32_MAX);
    c = cursor_over(bytes_of(prefix, sizeof prefix));
    assert_int_equal(grpc_deframer_take(&d, &c, &m), RESULT_TOO_LARGE);
    grpc_deframer_drop(&d);
}

static void a_set_compressed_flag_is_malformed(void **state)
{
    (void)state;
    for (unsigned flag = 1; flag < 256; flag++) {
        struct grpc_deframer d;
        const uint8_t in[] = {(uint8_t)flag, 0, 0, 0, 1, 'x'};
        struct cursor c = cursor_over(bytes_of(in, sizeof in));
        struct shared *m;
        grpc_deframer_init(&d, NULL, 100);
        assert_int_equal(grpc_deframer_take(&d, &c, &m), RESULT_MALFORMED);
        grpc_deframer_drop(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_out_whole_at_every_split_point),
        cmocka_unit_test(messages_come_out_whole_byte_by_byte),
        cmocka_unit_test(a_large_message_takes_memory_only_as_it_arrives),
        cmocka_unit_test(a_message_goes_where_one_of_its_size_was_before),
        cmocka_unit_test(a_message_past_the_limit_is_refused_at_its_prefix),
        cmocka_unit_test(a_set_compressed_flag_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
