#include "journal/ahead.h"

#include "base/mem.h"
#include "support.h"

#include <sched.h>
#include <stdatomic.h>

/* Frames of one record each, whose first four bytes say how many were given before. */
struct script {
    uint32_t frames;  /* given, */
    size_t body;      /* of so many bytes; then */
    enum result ends; /* the reader's */
    uint32_t refused; /* the frame that is not taken; UINT32_MAX: none */
    bool slow;        /* the first is taken when no window is left to read into */
    atomic_uint given;
    uint32_t taken;
    bool stopped; /* the reader was */
};

static struct frame frame_of(uint32_t number, size_t n)
{
    const struct segment_header segment = {1, SEGMENT};
    uint8_t key[KEY_BYTES] = {0}, *body = mem_new(n);
    struct chain c = {.key = key, .hasher = hasher_new(), .sequence = number + 1};
    struct frame f = {.raw = BUF_INIT(FRAME_RAW_MAX)};
    memcpy(body, &number, sizeof number);
    frame_begin(&f, false);
    (void)frame_add(&f, 9, bytes_of(body, n));
    frame_end(&f, &c, &segment);
    hasher_free(c.hasher);
    mem_free(body);
    return f;
}

static enum result give_all(struct ahead *a, void *arg)
{
    struct script *s = arg;
    struct buf *window = NULL;
    for (; s->given < s->frames; s->given++) {
        struct frame f = frame_of(s->given, s->body);
        const struct ahead_frame given = {
            .header = {s->given + 1, 1, (uint32_t)(FRAME_RECORD_HEADER + s->body), f.raw.n},
            .segment = 7,
            .place = s->given * UINT64_C(512)};
        if (window == NULL || window->n > WALK_WINDOW)
            window = ahead_next(a, bytes_of(NULL, 0));
        s->stopped = window == NULL;
        if (!s->stopped) {
            size_t at = window->n;
            buf_put(window, f.raw.p, f.raw.n);
            ahead_give(a, &given, window->p + at);
        }
        buf_free(&f.raw);
        if (s->stopped)
            return RESULT_STATE;
    }
    return s->ends;
}

/* Four windows hold 11 frames of 100 KiB each: more are not given before one was taken. */
static void let_reader_run(const struct script *s)
{
    while (atomic_load(&s->given) < 43)
        (void)sched_yield();
    for (unsigned i = 0; i < 20000; i++)
        (void)sched_yield();
    assert_true(atomic_load(&s->given) <= 44);
}

static enum result take_one(void *arg, const struct ahead_frame *f, struct bytes records)
{
    struct script *s = arg;
    uint32_t number;
    if (s->slow && s->taken == 0)
        let_reader_run(s);
    assert_int_equal(records.n, FRAME_RECORD_HEADER + s->body);
    assert_int_equal(f->header.bytes, records.n);
    assert_int_equal(records.p[0], 9);
    memcpy(&number, records.p + FRAME_RECORD_HEADER, sizeof number);
    assert_int_equal(number, s->taken);
    assert_int_equal(f->header.first, number + 1);
    assert_int_equal(f->segment, 7);
    assert_int_equal(f->place, number * UINT64_C(512));
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
    const uint32_t frames[] = {0, 1, 3, 5000, 40};
    const size_t body[] = {4, 4, 100, 2000, 1 << 20};
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct script s = {.frames = frames[i], .body = body[i], .refused = UINT32_MAX};
        assert_int_equal(run(&s), RESULT_OK);
        assert_int_equal(s.taken, frames[i]);
    }
}

static void the_reader_waits_when_all_windows_hold_what_was_not_taken(void **state)
{
    (void)state;
    struct script s = {.frames = 300, .body = 100 << 10, .refused = UINT32_MAX, .slow = true};
    assert_int_equal(run(&s), RESULT_OK);
    assert_int_equal(s.taken, 300);
}

static void a_frame_may_be_as_large_as_frames_can_be(void **state)
{
    (void)state;
    struct script s = {
        .frames = 3, .body = FRAME_RECORDS_MAX - FRAME_RECORD_HEADER, .refused = UINT32_MAX};
    assert_int_equal(run(&s), RESULT_OK);
    assert_int_equal(s.taken, 3);
}

static void what_stands_before_damage_is_taken_first(void **state)
{
    (void)state;
    for (uint32_t frames = 0; frames < 700; frames += 33) {
        struct script s = {
            .frames = frames, .body = 3000, .ends = RESULT_DAMAGED, .refused = UINT32_MAX};
        assert_int_equal(run(&s), RESULT_DAMAGED);
        assert_int_equal(s.taken, frames);
    }
}

static void what_is_refused_outranks_what_the_reader_met_behind_it(void **state)
{
    (void)state;
    struct script s = {.frames = 10, .body = 10, .ends = RESULT_DAMAGED, .refused = 4};
    assert_int_equal(run(&s), RESULT_MALFORMED);
    assert_int_equal(s.taken, 4);
}

static void the_reader_ends_soon_when_nobody_takes_any_more(void **state)
{
    (void)state;
    struct script s = {.frames = 100000, .body = 100 << 10, .ends = RESULT_OK, .refused = 0};
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
        cmocka_unit_test(a_frame_may_be_as_large_as_frames_can_be),
        cmocka_unit_test(what_stands_before_damage_is_taken_first),
        cmocka_unit_test(what_is_refused_outranks_what_the_reader_met_behind_it),
        cmocka_unit_test(the_reader_ends_soon_when_nobody_takes_any_more),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
