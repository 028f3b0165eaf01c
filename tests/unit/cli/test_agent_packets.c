/* Transport-stream packets, and the pace that the clock in them sets. */
#include "cli/agent/stream.h"

#include "base/clock.h"
#include "capture.h"

#include <string.h>

#define SECOND UINT64_C(27000000)
#define TURN   ((UINT64_C(1) << 33) * 300)

enum { PACKET = 188 };

/* A packet of `pid` without a clock, or with one: 33 bits of 90 kHz, six of padding, nine of 27 MHz
 * (ISO/IEC 13818-1, 2.4.3.4). */
static void put_plain(struct buf *out, uint16_t pid)
{
    uint8_t *p = buf_extend(out, PACKET);
    memset(p, 0xff, PACKET);
    p[0] = 0x47;
    p[1] = (uint8_t)(pid >> 8);
    p[2] = (uint8_t)pid;
    p[3] = 0x10;
}

static void put_clock(struct buf *out, uint16_t pid, uint64_t clock)
{
    size_t at = out->n;
    put_plain(out, pid);
    uint8_t *p = out->p + at;
    uint64_t bits = clock / 300 << 15 | 0x7e00 | clock % 300;
    p[3] = 0x30;
    p[4] = 7;
    p[5] = 0x10;
    for (int i = 0; i < 6; i++)
        p[6 + i] = (uint8_t)(bits >> (8 * (5 - i)));
}

static void whole_packets_are_counted_up_to_the_first_that_is_none(void **state)
{
    struct buf b = BUF_INIT(10000);
    bool wrong;
    (void)state;
    for (int i = 0; i < 3; i++)
        put_plain(&b, 100);
    assert_int_equal(agent_packets(buf_view(&b), &wrong), 3 * PACKET);
    assert_false(wrong);
    assert_int_equal(agent_packets(bytes_of(b.p, b.n - 1), &wrong), 2 * PACKET);
    assert_false(wrong);
    assert_int_equal(agent_packets(bytes_of(b.p, 0), &wrong), 0);
    assert_false(wrong);
    b.p[2 * PACKET] = 0x46;
    assert_int_equal(agent_packets(buf_view(&b), &wrong), 2 * PACKET);
    assert_true(wrong);
    assert_int_equal(agent_packets(bytes_of(b.p, 2 * PACKET + 1), &wrong), 2 * PACKET);
    assert_true(wrong);
    buf_free(&b);
}

/* Hands all packets out; the times at which each part is due, and their sizes in packets. */
static size_t pace_all(struct buf *b, int64_t due[], size_t packets[])
{
    struct agent_pace p = {0};
    size_t parts = 0;
    for (size_t at = 0; at < b->n; parts++) {
        struct bytes left = bytes_of(b->p + at, b->n - at);
        int64_t again;
        size_t n = agent_pace_next(&p, left, &due[parts]);
        assert_int_equal(agent_pace_next(&p, left, &again), n);
        assert_int_equal(again, due[parts]);
        packets[parts] = n / PACKET;
        at += n;
    }
    return parts;
}

static void packets_are_due_at_the_clock_in_front_of_them(void **state)
{
    struct buf b = BUF_INIT(10000);
    int64_t due[8];
    size_t packets[8];
    (void)state;
    put_plain(&b, 100);
    put_clock(&b, 100, 5 * SECOND);
    put_clock(&b, 200, 9 * SECOND); /* another programme's */
    put_clock(&b, 100, 5 * SECOND + SECOND / 10);
    put_plain(&b, 100);
    put_clock(&b, 100, 5 * SECOND + SECOND / 5);
    assert_int_equal(pace_all(&b, due, packets), 4);
    assert_int_equal(due[0], 0);
    assert_int_equal(packets[0], 1);
    assert_int_equal(due[1], 0);
    assert_int_equal(packets[1], 2);
    assert_int_equal(due[2], US_PER_S / 10);
    assert_int_equal(packets[2], 2);
    assert_int_equal(due[3], US_PER_S / 5);
    assert_int_equal(packets[3], 1);
    buf_free(&b);
}

static void a_clock_that_turns_over_or_jumps_goes_on(void **state)
{
    struct buf b = BUF_INIT(10000);
    int64_t due[8];
    size_t packets[8];
    (void)state;
    put_clock(&b, 100, TURN - SECOND / 10);
    put_clock(&b, 100, SECOND / 10);
    put_clock(&b, 100, 3600 * SECOND); /* the file begins again, or was cut */
    put_clock(&b, 100, 3600 * SECOND + SECOND / 10);
    put_clock(&b, 100, 60 * SECOND);
    assert_int_equal(pace_all(&b, due, packets), 5);
    assert_int_equal(due[1], US_PER_S / 5);
    assert_int_equal(due[2], US_PER_S / 5);
    assert_int_equal(due[3], 3 * US_PER_S / 10);
    assert_int_equal(due[4], 3 * US_PER_S / 10);
    buf_free(&b);
}

static void packets_without_any_clock_are_due_at_once(void **state)
{
    struct buf b = BUF_INIT(10000);
    int64_t due[8];
    size_t packets[8];
    (void)state;
    put_plain(&b, 100);
    put_plain(&b, 100);
    b.p[3] = 0x30;
    b.p[4] = 6; /* an adaptation field that is too short for a clock */
    b.p[5] = 0x10;
    assert_int_equal(pace_all(&b, due, packets), 1);
    assert_int_equal(due[0], 0);
    assert_int_equal(packets[0], 2);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_packets_are_counted_up_to_the_first_that_is_none),
        cmocka_unit_test(packets_are_due_at_the_clock_in_front_of_them),
        cmocka_unit_test(a_clock_that_turns_over_or_jumps_goes_on),
        cmocka_unit_test(packets_without_any_clock_are_due_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
