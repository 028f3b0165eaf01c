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
        grpc_queue_add(&q, text("head"), owner, payload);
        grpc_queue_add(&q, text(""), NULL, text(""));
        grpc_queue_add(&q, text("head"), NULL, text(""));
        grpc_queue_add(&q, text(""), owner, payload);
        assert_int_equal(q.bytes, sizeof expected - 1);
        while ((took = grpc_queue_take(&q, out + n, piece)) > 0)
            n += took;
        assert_int_equal(n, sizeof expected - 1);
        assert_memory_equal(out, expected, n);
        assert_int_equal(q.bytes, 0);
        assert_null(q.first);
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
    grpc_queue_add(&q, text(""), owner, payload);
    shared_drop(owner); /* the queue's hold is the last */
    assert_int_equal(grpc_queue_take(&q, out, 8), 8);
    assert_int_equal(grpc_queue_take(&q, out, 64), 4);
    assert_memory_equal(out, "load", 4);
}

static void a_cleared_queue_is_empty_and_usable(void **state)
{
    struct grpc_queue q = {0};
    uint8_t out[64];
    (void)state;
    grpc_queue_add(&q, text("one"), NULL, text(""));
    grpc_queue_add(&q, text("two"), NULL, text(""));
    assert_int_equal(grpc_queue_take(&q, out, 6), 6);
    grpc_queue_clear(&q);
    assert_int_equal(q.bytes, 0);
    assert_int_equal(grpc_queue_take(&q, out, 64), 0);
    grpc_queue_add(&q, text("three"), NULL, text(""));
    assert_int_equal(grpc_queue_take(&q, out, 64), 10);
    assert_memory_equal(out, "\0\0\0\0\5three", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_leave_as_one_run_of_bytes_in_any_pieces),
        cmocka_unit_test(a_payload_is_held_until_it_has_gone),
        cmocka_unit_test(a_cleared_queue_is_empty_and_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
