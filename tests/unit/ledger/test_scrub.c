#include "support.h"

/* A day in which nobody does anything; some segments stand in the journal. */
static void pass_a_day(struct bench *b)
{
    for (int minute = 0; minute < 24 * 60; minute++)
        advance(b, US_PER_MINUTE);
}

static void fill(struct bench *b)
{
    static uint8_t sealed[6000];
    struct road_commit c;
    bench_init(b);
    for (uint8_t i = 1; i <= 22; i++) { /* three segments */
        make_commit(b, i, 1, &c);
        if (i == 1) {
            with_scope(b, &c, 1);
            c.scope[0].deadline_us = NOON + 100 * US_PER_DAY;
        }
        c.recipient[0].deadline_us = NOON + 100 * US_PER_DAY;
        c.body[0].sealed = bytes_of(sealed, sizeof sealed);
        assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
        forget_said(b);
    }
}

static void flip(struct bench *b, const char *name, off_t at)
{
    uint8_t c;
    int fd = openat(b->journal.fd, name, O_RDWR);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    (void)close(fd);
}

static void a_day_finds_one_changed_bit_and_the_log_says_where(void **state)
{
    (void)state;
    struct bench b;
    fill(&b);
    pass_a_day(&b);
    pass_a_day(&b);
    assert_int_equal(count_leaves(&b, "damage-found"), 0);
    flip(&b, "segment-0000000002", 10000);
    pass_a_day(&b);
    assert_in_range(count_leaves(&b, "damage-found"), 1, 2);
    assert_in_range(count_leaves(&b, "segment=2 offset="), 1, 2);
    struct road_commit c; /* and the ledger goes on */
    make_commit(&b, 99, 1, &c);
    c.at_us = b.wall_us;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    ledger_close(b.l);
    b.l = NULL;
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    assert_int_equal(b.fault.segment, 2);
    bench_free(&b);
}

static void a_segment_that_cannot_be_read_is_told_too(void **state)
{
    (void)state;
    struct bench b;
    fill(&b);
    assert_int_equal(unlinkat(b.journal.fd, "segment-0000000001", 0), 0);
    pass_a_day(&b);
    assert_in_range(count_leaves(&b, "segment=1 offset=0"), 1, 2);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_finds_one_changed_bit_and_the_log_says_where),
        cmocka_unit_test(a_segment_that_cannot_be_read_is_told_too),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
