/* The file of a retired segment is written again: what is left in it is never taken for anything.
 */
#include "support.h"

enum {
    KEPT = 4,
    LAST = 1900,
    SECTORS = 7 /* the segment's own, of a small frame, of a larger one */
};

static void open_keeping(struct bench *b)
{
    assert_int_equal(bench_open(b), RESULT_OK);
    journal_keep_retired(b->j, KEPT);
}

static ino_t file_of(const struct bench *b, uint32_t number)
{
    char path[128];
    struct stat s;
    segment_path(b, number, path);
    assert_int_equal(stat(path, &s), 0);
    return s.st_ino;
}

static bool is_a_file(const struct bench *b, const char *name)
{
    return faccessat(b->folder.fd, name, F_OK, 0) == 0;
}

static void the_file_of_a_retired_segment_is_written_again(void **state)
{
    (void)state;
    struct bench b;
    uint8_t room[5000];
    bench_init(&b);
    open_keeping(&b);
    uint32_t count = bench_fill(&b, 4, 0);
    const ino_t retired[] = {file_of(&b, 1), file_of(&b, 2), file_of(&b, 3)};
    assert_int_equal(journal_retire(b.j, 4), RESULT_OK);
    assert_int_equal(journal_oldest(b.j), 4);
    count = bench_fill(&b, 8, count);
    size_t again = 0;
    for (uint32_t number = 5; number <= 8; number++)
        for (size_t i = 0; i < ARRAY_LEN(retired); i++)
            again += file_of(&b, number) == retired[i];
    assert_int_equal(again, ARRAY_LEN(retired));
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.record[0].place.segment, 4);
    assert_int_equal(b.record[0].sequence + b.seen - 1, count);
    for (size_t i = 0; i < b.seen; i++)
        assert_int_equal(b.digest[i],
                         digest_of(body_of((uint32_t)b.record[i].sequence - 1, sizeof room, room)));
    bench_free(&b);
}

static void as_many_files_are_kept_as_were_asked_for_and_outlive_the_process(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    open_keeping(&b);
    (void)bench_fill(&b, 12, 0);
    assert_int_equal(journal_retire(b.j, 12), RESULT_OK);
    for (int opened = 0; opened < 2; opened++) {
        assert_true(is_a_file(&b, "spare-5")); /* one that would be made, and KEPT */
        assert_false(is_a_file(&b, "spare-6"));
        assert_int_equal(bench_open(&b), RESULT_OK);
    }
    bench_free(&b);
}

/* A segment in a file that was another's, with a small frame and a larger one, and its first
 * sectors before and after. */
static void frames_in_a_recycled_file(struct bench *b, uint8_t *before, uint8_t *after)
{
    static uint8_t room[LAST];
    bench_init(b);
    open_keeping(b);
    (void)bench_fill(b, 4, 0);
    assert_int_equal(journal_retire(b->j, 4), RESULT_OK);
    assert_int_equal(journal_begin_segment(b->j), RESULT_OK);
    segment_bytes(b, 5, 0, before, SECTORS * SECTOR);
    (void)bench_commit(b, body_of(1, 200, room));
    (void)bench_commit(b, body_of(2, LAST, room));
    segment_bytes(b, 5, 0, after, SECTORS * SECTOR);
    for (size_t i = 0; i < 6; i++)
        assert_memory_not_equal(before + i * SECTOR, after + i * SECTOR, SECTOR);
}

/* The sectors from `from` on that are not in the subset are those of the earlier segment. */
static void put_sectors(const struct bench *b, const uint8_t *before, const uint8_t *after,
                        size_t from, unsigned subset)
{
    segment_overwrite(b, 5, 0, after, SECTORS * SECTOR);
    for (size_t i = 0; from + i < 6; i++)
        if ((subset >> i & 1) == 0)
            segment_overwrite(b, 5, (from + i) * SECTOR, before + (from + i) * SECTOR, SECTOR);
}

static void a_last_frame_with_any_sector_of_an_earlier_segment_is_cut_off(void **state)
{
    (void)state;
    uint8_t before[SECTORS * SECTOR], after[SECTORS * SECTOR];
    struct bench b;
    frames_in_a_recycled_file(&b, before, after);
    assert_int_equal(bench_open(&b), RESULT_OK);
    const size_t all = b.seen;
    for (unsigned there = 0; there < 1u << 4; there++) {
        put_sectors(&b, before, after, 2, there);
        assert_int_equal(bench_open(&b), RESULT_OK);
        assert_int_equal(b.seen, there == (1u << 4) - 1 ? all : all - 1);
    }
    bench_free(&b);
}

static void any_other_frame_with_a_sector_of_an_earlier_segment_is_damage(void **state)
{
    (void)state;
    uint8_t before[SECTORS * SECTOR], after[SECTORS * SECTOR];
    struct bench b;
    frames_in_a_recycled_file(&b, before, after);
    segment_overwrite(&b, 5, SECTOR, before + SECTOR, SECTOR);
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    assert_int_equal(b.fault.segment, 5);
    bench_free(&b);
}

/* From a copy of the journal as it was, the operator goes back to that; spare files stayed. */
static void what_a_newer_journal_left_is_not_used(void **state)
{
    (void)state;
    struct bench b;
    char path[128];
    bench_init(&b);
    open_keeping(&b);
    (void)bench_fill(&b, 9, 0);
    assert_int_equal(journal_retire(b.j, 9), RESULT_OK);
    journal_close(b.j);
    b.j = NULL;
    segment_path(&b, 9, path);
    assert_int_equal(unlink(path), 0); /* and begins anew, with the first segment */
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(journal_newest(b.j), 1);
    (void)bench_commit(&b, bytes_of_text("first")); /* what stood behind it would be damage */
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 1);
    bench_free(&b);
}

/* ---- while it is read */

enum { LARGE = 4 << 20, RECORD = 100 << 10 };

static void fill_large(struct bench *b, uint32_t number)
{
    static uint8_t room[RECORD];
    while (journal_newest(b->j) < number)
        (void)bench_commit(b, body_of(1, sizeof room, room));
}

static void large_segments(struct bench *b)
{
    bench_init(b);
    b->config.segment_bytes = LARGE;
    open_keeping(b);
    fill_large(b, 3);
}

/* Retires both that can go at the first record, and fills their files again. */
static enum result retire_and_go_on(void *arg, const struct journal_record *r)
{
    struct bench *b = arg;
    if (b->seen++ == 0) {
        const ino_t file = file_of(b, 1);
        assert_int_equal(r->place.segment, 1);
        assert_int_equal(journal_retire(b->j, 3), RESULT_OK);
        fill_large(b, 6);
        assert_true(file == file_of(b, 4) || file == file_of(b, 5));
    }
    return RESULT_OK;
}

static void who_looks_at_a_segment_that_goes_meanwhile_sees_no_damage(void **state)
{
    (void)state;
    struct bench b;
    large_segments(&b);
    b.seen = 0;
    assert_int_equal(journal_look(&b.config, retire_and_go_on, &b, &b.fault), RESULT_OK);
    assert_true(b.seen > 1);
    bench_free(&b);
}

static void the_scrubber_leaves_a_segment_that_goes(void **state)
{
    (void)state;
    struct bench b;
    large_segments(&b);
    assert_int_equal(journal_scrub(b.j, &b.fault), RESULT_OK);
    assert_int_equal(journal_retire(b.j, 2), RESULT_OK);
    fill_large(&b, 5);
    enum result r;
    while ((r = journal_scrub(b.j, &b.fault)) == RESULT_OK)
        ;
    assert_int_equal(r, RESULT_END);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_of_a_retired_segment_is_written_again),
        cmocka_unit_test(as_many_files_are_kept_as_were_asked_for_and_outlive_the_process),
        cmocka_unit_test(a_last_frame_with_any_sector_of_an_earlier_segment_is_cut_off),
        cmocka_unit_test(any_other_frame_with_a_sector_of_an_earlier_segment_is_damage),
        cmocka_unit_test(what_a_newer_journal_left_is_not_used),
        cmocka_unit_test(who_looks_at_a_segment_that_goes_meanwhile_sees_no_damage),
        cmocka_unit_test(the_scrubber_leaves_a_segment_that_goes),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
