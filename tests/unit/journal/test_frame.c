#include "journal/frame.h"

#include "crypto/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const uint8_t key[KEY_BYTES] = "a key of the test's own";
static const struct segment_header segment = {7, 65536};
static uint8_t zeros[4000];

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static struct chain chain_new(void)
{
    return (struct chain){
        .key = key, .hasher = hasher_new(), .sequence = 1, .segment = segment.number};
}

static struct frame frame_new(bool opens_segment)
{
    struct frame f = {.raw = BUF_INIT(FRAME_RAW_MAX)};
    frame_begin(&f, segment.number, opens_segment);
    return f;
}

/* Reads the frame at `raw` and answers its records' bytes, which stand in its place then. */
static struct bytes read_frame(struct chain *c, uint8_t *raw)
{
    struct frame_header h;
    const char *why;
    assert_int_equal(frame_read_header(c, raw, &h, &why), RESULT_OK);
    assert_true(frame_verify(c, &h, raw));
    const struct bytes records = frame_unmark(&h, raw);
    assert_int_equal(records.n, h.bytes);
    return records;
}

static void a_frame_reads_back_as_it_was_written(void **state)
{
    (void)state;
    struct chain writer = chain_new(), reader = chain_new();
    for (size_t n = 0; n < 1600; n += 7) {
        uint8_t body[1600],
            expected[FRAME_RECORD_HEADER] = {9, 0, 0, (uint8_t)(n >> 8), (uint8_t)n};
        struct frame f = frame_new(false);
        memset(body, (int)(n % 256), n);
        (void)frame_add(&f, 9, bytes_of(body, n));
        size_t size = frame_size_with(&f, 0);
        frame_end(&f, &writer, segment.size);
        assert_int_equal(f.raw.n, size);
        assert_int_equal(size % SECTOR, 0);
        struct bytes records = read_frame(&reader, f.raw.p);
        assert_int_equal(records.n, FRAME_RECORD_HEADER + n);
        assert_memory_equal(records.p, expected, FRAME_RECORD_HEADER);
        assert_memory_equal(records.p + FRAME_RECORD_HEADER, body, n);
        buf_free(&f.raw);
    }
    assert_int_equal(reader.sequence, writer.sequence);
    hasher_free(writer.hasher);
    hasher_free(reader.hasher);
}

static void every_sector_is_seen_to_be_written_whatever_the_records_hold(void **state)
{
    (void)state;
    struct chain c = chain_new();
    for (size_t n = 0; n <= sizeof zeros; n++) {
        struct frame f = frame_new(n % 2 == 0);
        (void)frame_add(&f, 0, bytes_of(zeros, n));
        frame_end(&f, &c, segment.size);
        for (size_t at = 0; at < f.raw.n; at += SECTOR)
            assert_false(sector_is_unwritten(f.raw.p + at, segment.number));
        buf_free(&f.raw);
    }
    hasher_free(c.hasher);
}

static void a_sector_is_unwritten_only_where_it_is_zero_or_of_an_earlier_segment(void **state)
{
    (void)state;
    struct chain c = chain_new();
    struct frame f = frame_new(false);
    (void)frame_add(&f, 1, bytes_of_text("x"));
    frame_end(&f, &c, segment.size);
    uint8_t *sector = f.raw.p;
    assert_true(sector_is_unwritten(zeros, segment.number));
    assert_true(sector_is_unwritten(sector, segment.number + 1));
    assert_false(sector_is_unwritten(sector, segment.number));
    assert_false(sector_is_unwritten(sector, segment.number - 1));
    for (size_t bit = 0; bit < 56; bit++) { /* of the number and its check */
        uint8_t *at = sector + SECTOR_CONTENT + bit / 8;
        *at ^= (uint8_t)(1u << bit % 8);
        assert_false(sector_is_unwritten(sector, UINT32_MAX));
        *at ^= (uint8_t)(1u << bit % 8);
    }
    buf_free(&f.raw);
    hasher_free(c.hasher);
}

static void a_body_stands_where_it_was_said(void **state)
{
    (void)state;
    struct chain c = chain_new();
    struct frame f = frame_new(true);
    uint8_t body[1200], back[1200];
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 31 + 1);
    for (size_t n = 0; n < 1200; n += 13) {
        bool sound = true;
        size_t at = frame_add(&f, 1, bytes_of(body, n));
        size_t span = sector_span(at, n);
        if (at + span > f.raw.n)
            fail_msg("the body reaches beyond the frame");
        assert_int_equal(sector_content(at, bytes_of(f.raw.p + at, span), back, &sound), n);
        assert_true(sound);
        assert_memory_equal(back, body, n);
    }
    frame_end(&f, &c, segment.size);
    assert_int_equal(f.raw.p[SECTOR - 1], MARK_SEGMENT);
    assert_int_equal(f.raw.p[2 * SECTOR - 1], MARK_FRAME);
    assert_int_equal(f.raw.p[3 * SECTOR - 1], MARK_MORE);
    buf_free(&f.raw);
    hasher_free(c.hasher);
}

static bool is_accepted(struct chain c, const uint8_t *raw, size_t n)
{
    struct frame_header h;
    const char *why;
    return frame_read_header(&c, raw, &h, &why) == RESULT_OK && h.raw == n &&
           frame_verify(&c, &h, raw);
}

static void a_changed_byte_anywhere_in_a_frame_is_noticed(void **state)
{
    (void)state;
    struct chain c = chain_new(), before = c;
    struct frame f = frame_new(false);
    (void)frame_add(&f, 1, bytes_of(zeros, 1000));
    frame_end(&f, &c, segment.size);
    assert_int_equal(f.raw.n, 3 * SECTOR);
    assert_true(is_accepted(before, f.raw.p, f.raw.n));
    for (size_t i = 0; i < f.raw.n; i++) {
        f.raw.p[i] ^= 0x10;
        assert_false(is_accepted(before, f.raw.p, f.raw.n));
        f.raw.p[i] ^= 0x10;
    }
    buf_free(&f.raw);
    hasher_free(c.hasher);
}

static void a_frame_fits_in_one_place_of_the_chain_only(void **state)
{
    (void)state;
    struct chain c = chain_new(), before = c;
    struct frame one = frame_new(false), two = frame_new(false);
    (void)frame_add(&one, 1, bytes_of_text("the same"));
    frame_end(&one, &c, segment.size);
    struct chain between = c;
    (void)frame_add(&two, 1, bytes_of_text("the same"));
    frame_end(&two, &c, segment.size);
    assert_true(is_accepted(between, two.raw.p, two.raw.n));
    assert_false(is_accepted(before, two.raw.p, two.raw.n));
    before.sequence = 2; /* the number alone is not what decides */
    assert_false(is_accepted(before, two.raw.p, two.raw.n));
    buf_free(&one.raw);
    buf_free(&two.raw);
    hasher_free(c.hasher);
}

static void a_changed_byte_in_a_segments_first_sector_is_noticed(void **state)
{
    (void)state;
    struct chain c = chain_new(), before = c;
    struct frame f = frame_new(true);
    const char *why;
    (void)frame_add(&f, 1, bytes_of_text("x"));
    frame_end(&f, &c, segment.size);
    for (size_t i = 0; i <= SECTOR; i++) {
        struct chain reader = before;
        if (i < SECTOR)
            f.raw.p[i] ^= 0x10;
        assert_int_equal(frame_read_segment(&reader, f.raw.p, &segment, true, &why),
                         i < SECTOR ? RESULT_DAMAGED : RESULT_OK);
        if (i < SECTOR)
            f.raw.p[i] ^= 0x10;
    }
    buf_free(&f.raw);
    hasher_free(c.hasher);
}

static void a_segment_is_taken_only_for_what_it_is(void **state)
{
    (void)state;
    struct chain c = chain_new(), before = c;
    struct frame f = frame_new(true);
    const struct segment_header other = {8, 65536}, shorter = {7, 65024}, longer = {7, 66048};
    const char *why;
    c.sequence = before.sequence = 99;
    (void)frame_add(&f, 1, bytes_of_text("x"));
    frame_end(&f, &c, segment.size);
    assert_int_equal(frame_read_segment(&before, f.raw.p, &other, false, &why), RESULT_DAMAGED);
    assert_string_equal(why, "the segment has another number than its file");
    assert_int_equal(frame_read_segment(&before, f.raw.p, &shorter, false, &why), RESULT_DAMAGED);
    assert_string_equal(why, "the file is shorter than it was");
    before.sequence = 98;
    assert_int_equal(frame_read_segment(&before, f.raw.p, &segment, false, &why), RESULT_DAMAGED);
    assert_string_equal(why, "the segment does not follow the one before it");
    assert_int_equal(frame_read_segment(&before, f.raw.p, &longer, true, &why), RESULT_OK);
    assert_int_equal(before.sequence, 99);
    buf_free(&f.raw);
    hasher_free(c.hasher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_reads_back_as_it_was_written),
        cmocka_unit_test(every_sector_is_seen_to_be_written_whatever_the_records_hold),
        cmocka_unit_test(a_sector_is_unwritten_only_where_it_is_zero_or_of_an_earlier_segment),
        cmocka_unit_test(a_body_stands_where_it_was_said),
        cmocka_unit_test(a_changed_byte_anywhere_in_a_frame_is_noticed),
        cmocka_unit_test(a_frame_fits_in_one_place_of_the_chain_only),
        cmocka_unit_test(a_changed_byte_in_a_segments_first_sector_is_noticed),
        cmocka_unit_test(a_segment_is_taken_only_for_what_it_is),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
