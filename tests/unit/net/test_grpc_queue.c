#include "net/grpc_queue.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct bytes text(const char *s)
{
    return bytes_of_text(s);
}

static void messages_leave_as_one_run_of_bytes_in_any_pieces(void **state)
{
    static const char expected[] = "\0\0\0\0\7headpay\0\0\0\0\0\0\0\0\0\4head\0\0\0\0\3pay";
    struct shared *owner = shared_copy(text("xxpayxx"));
    struct bytes payload = bytes_of(shared_view(owner).p + 2, 3);
    (void)state;
    for (size_t piece = 1; piece <= sizeof expected; piece++) {
        struct grpc_queue q = {0};
        uint8_t out[sizeof expected + 8];
        size_t n = 0, took;
        grpc_queue_add(&q, 0, text("head"), owner, payload);
        grpc_queue_add(&q, 0, text(""), NULL, text(""));
        grpc_queue_add(&q, 0, text("head"), NULL, text(""));
        grpc_queue_add(&q, 0, text(""), owner, payload);
        assert_int_equal(q.bytes, sizeof expected - 1);
        while ((took = grpc_queue_take(&q, out + n, piece)) > 0)
            n += took;
        assert_int_equal(n, sizeof expected - 1);
        assert_memory_equal(out, expected, n);
        assert_int_equal(q.bytes, 0);
        assert_int_equal(q.count, 0);
        grpc_queue_clear(&q);
    }
    shared_drop(owner);
}

static void a_payload_is_held_until_it_has_gone(void **state)
{
    struct grpc_queue q = {0};
    struct shared *owner = shared_copy(text("payload"));
    struct bytes payload = shared_view(owner);
    uint8_t out[64];
    (void)state;
    grpc_queue_add(&q, 0, text(""), owner, payload);
    shared_drop(owner); /* the queue's hold is the last */
    assert_int_equal(grpc_queue_take(&q, out, 8), 8);
    assert_int_equal(grpc_queue_take(&q, out, 64), 4);
    assert_memory_equal(out, "load", 4);
    grpc_queue_clear(&q);
}

static void a_cleared_queue_is_empty_and_usable(void **state)
{
    struct grpc_queue q = {0};
    uint8_t out[64];
    (void)state;
    grpc_queue_add(&q, 0, text("one"), NULL, text(""));
    grpc_queue_add(&q, 0, text("two"), NULL, text(""));
    assert_int_equal(grpc_queue_take(&q, out, 6), 6);
    grpc_queue_clear(&q);
    assert_int_equal(q.bytes, 0);
    assert_int_equal(grpc_queue_take(&q, out, 64), 0);
    grpc_queue_add(&q, 0, text("three"), NULL, text(""));
    assert_int_equal(grpc_queue_take(&q, out, 64), 10);
    assert_memory_equal(out, "\0\0\0\0\5three", 10);
    grpc_queue_clear(&q);
}

static bool is_odd(void *arg, uint64_t tag)
{
    ++*(unsigned *)arg;
    return tag % 2 == 1;
}

static void add_tagged(struct grpc_queue *q, uint64_t first, uint64_t last)
{
    static const char letter[] = "?abcdefgh";
    for (uint64_t tag = first; tag <= last; tag++)
        grpc_queue_add(q, tag, bytes_of(&letter[tag], 1), NULL, text(""));
}

static void what_is_gone_leaves_the_queue_and_the_rest_keeps_its_order(void **state)
{
    struct grpc_queue q = {0};
    struct shared *owner = shared_copy(text("payload"));
    unsigned asked = 0;
    bool torn;
    uint8_t out[64];
    (void)state;
    add_tagged(&q, 1, 4);
    grpc_queue_add(&q, 0, text("x"), NULL, text("")); /* rests on nothing */
    grpc_queue_add(&q, 5, text("y"), owner, shared_view(owner));
    assert_int_equal(grpc_queue_withdraw(&q, is_odd, &asked, &torn), 3);
    assert_false(torn);
    assert_int_equal(asked, 5);
    assert_int_equal(q.bytes, 18);
    add_tagged(&q, 6, 6);
    assert_int_equal(grpc_queue_take(&q, out, 64), 24);
    assert_memory_equal(out, "\0\0\0\0\1b\0\0\0\0\1d\0\0\0\0\1x\0\0\0\0\1f", 24);
    assert_int_equal(q.bytes, 0);
    assert_int_equal(grpc_queue_withdraw(&q, is_odd, &asked, &torn), 0);
    shared_drop(owner);
    grpc_queue_clear(&q);
}

static void what_left_in_part_is_told_and_stays(void **state)
{
    unsigned asked = 0;
    (void)state;
    for (uint64_t first = 1; first <= 2; first++) {
        struct grpc_queue q = {0};
        bool torn;
        uint8_t out[64];
        add_tagged(&q, first, 3);
        assert_int_equal(grpc_queue_take(&q, out, 2), 2);
        assert_int_equal(grpc_queue_withdraw(&q, is_odd, &asked, &torn), 1);
        assert_true(torn == (first == 1));
        assert_int_equal(q.bytes, first == 1 ? 10 : 4);
        assert_int_equal(grpc_queue_take(&q, out, 64), first == 1 ? 10 : 4);
        assert_memory_equal(out, first == 1 ? "\0\0\1a" : "\0\0\1b", 4);
        grpc_queue_clear(&q);
    }
}

/* The ring goes round and grows while messages of all sizes are in it. */
static void order_and_bytes_stay_however_many_wait(void **state)
{
    struct grpc_queue q = {0};
    struct buf sent = BUF_INIT(1 << 20), came = BUF_INIT(1 << 20);
    uint8_t head[100], out[97];
    size_t n;
    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        memset(head, (int)i, sizeof head);
        const size_t bytes = i * 7 % sizeof head;
        const uint8_t prefix[] = {0, 0, 0, 0, (uint8_t)bytes};
        grpc_queue_add(&q, 0, bytes_of(head, bytes), NULL, text(""));
        buf_put(&sent, prefix, sizeof prefix);
        buf_put(&sent, head, bytes);
        if (i % 40 > 20) { /* less than comes, until half of it has come; then more */
            n = grpc_queue_take(&q, out, i < 1000 ? 60 : sizeof out);
            buf_put(&came, out, n);
        }
        assert_int_equal(q.bytes, sent.n - came.n);
    }
    while ((n = grpc_queue_take(&q, out, sizeof out)) > 0)
        buf_put(&came, out, n);
    assert_true(bytes_equal(buf_view(&sent), buf_view(&came)));
    grpc_queue_clear(&q);
    buf_free(&sent);
    buf_free(&came);
}

static void a_queue_that_rests_gives_its_room_back_and_a_busy_one_keeps_it(void **state)
{
    struct grpc_queue q = {0};
    uint8_t out[64];
    (void)state;
    grpc_queue_add(&q, 0, text("one"), NULL, text(""));
    grpc_queue_tick(&q);
    grpc_queue_tick(&q);
    assert_int_equal(grpc_queue_take(&q, out, 64), 8); /* what waits is not touched */
    grpc_queue_add(&q, 0, text("two"), NULL, text(""));
    assert_int_equal(grpc_queue_take(&q, out, 64), 8);
    grpc_queue_tick(&q);
    assert_non_null(q.ring);
    grpc_queue_tick(&q);
    assert_null(q.ring);
    for (size_t i = 0; i < 5000; i++)
        grpc_queue_add(&q, 0, text("many"), NULL, text(""));
    while (grpc_queue_take(&q, out, 64) > 0)
        ;
    assert_null(q.ring);
    grpc_queue_add(&q, 0, text("three"), NULL, text(""));
    assert_int_equal(grpc_queue_take(&q, out, 64), 10);
    grpc_queue_clear(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_leave_as_one_run_of_bytes_in_any_pieces),
        cmocka_unit_test(a_payload_is_held_until_it_has_gone),
        cmocka_unit_test(a_cleared_queue_is_empty_and_usable),
        cmocka_unit_test(what_is_gone_leaves_the_queue_and_the_rest_keeps_its_order),
        cmocka_unit_test(what_left_in_part_is_told_and_stays),
        cmocka_unit_test(order_and_bytes_stay_however_many_wait),
        cmocka_unit_test(a_queue_that_rests_gives_its_room_back_and_a_busy_one_keeps_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
