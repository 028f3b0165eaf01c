#include "journal/ahead.h"

#include "base/mem.h"
#include "support.h"

#include <sched.h>
#include <stdatomic.h>

/* Records whose first four bytes say how many were given before. */
struct script {
    uint32_t records; /* given, */
    size_t body;      /* of so many bytes; then */
    enum result ends; /* the reader's */
    uint32_t refused; /* the record that is not taken; UINT32_MAX: none */
    bool slow;        /* the first is taken when no window is left to read into */
    atomic_uint given;
    uint32_t taken;
    bool stopped; /* the reader was */
};

static void give_one(struct ahead *a, struct buf *window, uint32_t number, size_t n)
{
    uint8_t *body = buf_extend(window, n);
    assert_non_null(body);
    memcpy(body, &number, sizeof number);
    const struct journal_record r = {.sequence = number + 1,
                                     .type = 9,
                                     .body = bytes_of(body, n),
                                     .place = {.segment = 7, .offset = number}};
    ahead_give(a, &r);
}

static enum result give_all(struct ahead *a, void *arg)
{
    struct script *s = arg;
    struct buf *window = NULL;
    for (; s->given < s->records; s->given++) {
        if (window == NULL || window->n + s->body > WALK_WINDOW)
            window = ahead_next(a, bytes_of(NULL, 0));
        s->stopped = window == NULL;
        if (s->stopped)
            return RESULT_STATE;
        if (window->n == 0) /* it is read whole before anything of it is given */
            assert_non_null(buf_reserve(window, s->body > WALK_WINDOW ? s->body : WALK_WINDOW));
        give_one(a, window, s->given, s->body);
    }
    return s->ends;
}

/* Four windows hold 10 records of 100 KiB each: more are not given before one was taken. */
static void let_reader_run(const struct script *s)
{
    while (atomic_load(&s->given) < 40)
        (void)sched_yield();
    for (unsigned i = 0; i < 20000; i++)
        (void)sched_yield();
    assert_int_equal(atomic_load(&s->given), 40);
}

static enum result take_one(void *arg, const struct journal_record *r)
{
    struct script *s = arg;
    uint32_t number;
    if (s->slow && s->taken == 0)
        let_reader_run(s);
    assert_int_equal(r->body.n, s->body);
    assert_int_equal(r->type, 9);
    memcpy(&number, r->body.p, sizeof number);
    assert_int_equal(number, s->taken);
    assert_int_equal(r->sequence, number + 1);
    assert_int_equal(r->place.segment, 7);
    assert_int_equal(r->place.offset, number);
    if (number == s->refused)
        return RESULT_MALFORMED;
    s->taken++;
    return RESULT_OK;
}

static enum result run(struct script *s)
{
    return ahead_run(give_all, take_one, s);
}

static void what_is_given_is_taken_in_order_however_much_it_is(void **state)
{
    (void)state;
    const uint32_t records[] = {0, 1, 3, 5000, 40};
    const size_t body[] = {4, 4, 100, 2000, 1 << 20};
    for (size_t i = 0; i < ARRAY_LEN(records); i++) {
        struct script s = {.records = records[i], .body = body[i], .refused = UINT32_MAX};
        assert_int_equal(run(&s), RESULT_OK);
        assert_int_equal(s.taken, records[i]);
    }
}

static void the_reader_waits_when_all_windows_hold_what_was_not_taken(void **state)
{
    (void)state;
    struct script s = {.records = 300, .body = 100 << 10, .refused = UINT32_MAX, .slow = true};
    assert_int_equal(run(&s), RESULT_OK);
    assert_int_equal(s.taken, 300);
}

static void a_record_may_be_as_large_as_a_frame_can_bear(void **state)
{
    (void)state;
    struct script s = {
        .records = 3, .body = FRAME_RECORDS_MAX - FRAME_RECORD_HEADER, .refused = UINT32_MAX};
    assert_int_equal(run(&s), RESULT_OK);
    assert_int_equal(s.taken, 3);
}

static void what_stands_before_damage_is_taken_first(void **state)
{
    (void)state;
    for (uint32_t records = 0; records < 700; records += 33) {
        struct script s = {
            .records = records, .body = 3000, .ends = RESULT_DAMAGED, .refused = UINT32_MAX};
        assert_int_equal(run(&s), RESULT_DAMAGED);
        assert_int_equal(s.taken, records);
    }
}

static void what_is_refused_outranks_what_the_reader_met_behind_it(void **state)
{
    (void)state;
    struct script s = {.records = 10, .body = 10, .ends = RESULT_DAMAGED, .refused = 4};
    assert_int_equal(run(&s), RESULT_MALFORMED);
    assert_int_equal(s.taken, 4);
}

static void the_reader_ends_soon_when_nobody_takes_any_more(void **state)
{
    (void)state;
    struct script s = {.records = 100000, .body = 100 << 10, .ends = RESULT_OK, .refused = 0};
    assert_int_equal(run(&s), RESULT_MALFORMED);
    assert_int_equal(s.taken, 0);
    assert_true(s.stopped);
    assert_true(s.given < 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_is_taken_in_order_however_much_it_is),
        cmocka_unit_test(the_reader_waits_when_all_windows_hold_what_was_not_taken),
        cmocka_unit_test(a_record_may_be_as_large_as_a_frame_can_bear),
        cmocka_unit_test(what_stands_before_damage_is_taken_first),
        cmocka_unit_test(what_is_refused_outranks_what_the_reader_met_behind_it),
        cmocka_unit_test(the_reader_ends_soon_when_nobody_takes_any_more),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
