#include "support.h"

enum { HEAD = 200, LAST = 1900, LAST_SECTORS = 4 };

/* A journal with two frames: a small one (sector 1), and one of four sectors (2 to 5). */
static void two_frames(struct bench *b)
{
    static uint8_t room[LAST];
    bench_init(b);
    assert_int_equal(bench_open(b), RESULT_OK);
    (void)bench_commit(b, body_of(1, HEAD, room));
    (void)bench_commit(b, body_of(2, LAST, room));
    journal_close(b->j);
    b->j = NULL;
}

static void zero_sector(const struct bench *b, uint32_t number, size_t sector)
{
    static const uint8_t zero[SECTOR];
    segment_overwrite(b, number, sector * SECTOR, zero, SECTOR);
}

/* Writes back the first `n` sectors of segment 1, those of `subset` beyond `from` as zeros. */
static void put_sectors(const struct bench *b, const uint8_t *sectors, size_t from, size_t n,
                        unsigned subset)
{
    segment_overwrite(b, 1, 0, sectors, n * SECTOR);
    for (size_t i = 0; i < n - from; i++)
        if ((subset >> i & 1) == 0)
            zero_sector(b, 1, from + i);
}

static void a_last_frame_with_any_sector_missing_is_cut_off(void **state)
{
    (void)state;
    uint8_t sectors[6 * SECTOR];
    struct bench b;
    two_frames(&b);
    segment_bytes(&b, 1, 0, sectors, sizeof sectors);
    for (unsigned there = 0; there < 1u << LAST_SECTORS; there++) {
        bool whole = there == (1u << LAST_SECTORS) - 1;
        put_sectors(&b, sectors, 2, 6, there);
        assert_int_equal(bench_open(&b), RESULT_OK);
        assert_int_equal(b.seen, whole ? 2 : 1);
        (void)bench_commit(&b, bytes_of_text("after"));
        assert_int_equal(bench_open(&b), RESULT_OK);
        assert_int_equal(b.seen, whole ? 3 : 2);
        assert_int_equal(b.record[b.seen - 1].sequence, b.seen);
        zero_sector(&b, 1, 6); /* for the next round */
        zero_sector(&b, 1, 3);
    }
    bench_free(&b);
}

static void a_first_frame_with_any_sector_missing_is_cut_off(void **state)
{
    (void)state;
    static uint8_t room[LAST];
    uint8_t sectors[5 * SECTOR];
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_commit(&b, body_of(2, LAST, room));
    segment_bytes(&b, 1, 0, sectors, sizeof sectors);
    for (unsigned there = 0; there < 1u << 5; there++) {
        put_sectors(&b, sectors, 0, 5, there);
        assert_int_equal(bench_open(&b), RESULT_OK);
        assert_int_equal(b.seen, there == (1u << 5) - 1 ? 1 : 0);
        assert_int_equal(journal_newest(b.j), 1);
    }
    bench_free(&b);
}

static void what_is_cut_off_is_not_left_in_the_file(void **state)
{
    (void)state;
    uint8_t sector[SECTOR];
    char path[128];
    struct stat before, after;
    struct bench b;
    two_frames(&b);
    zero_sector(&b, 1, 4);
    segment_path(&b, 1, path);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino != after.st_ino);
    assert_int_equal(after.st_size, before.st_size);
    for (size_t i = 2; i < SEGMENT / SECTOR; i++) {
        segment_bytes(&b, 1, i * SECTOR, sector, SECTOR);
        assert_true(sector_is_unwritten(sector, 1));
    }
    bench_free(&b);
}

static void a_changed_bit_anywhere_is_damage(void **state)
{
    (void)state;
    struct bench b;
    uint8_t was, changed;
    two_frames(&b);
    for (size_t bit = 0; bit < (size_t)8 * 8 * SECTOR; bit++) {
        size_t at = bit / 8;
        segment_bytes(&b, 1, at, &was, 1);
        changed = (uint8_t)(was ^ 1u << bit % 8);
        segment_overwrite(&b, 1, at, &changed, 1);
        assert_int_equal(bench_open(&b), RESULT_DAMAGED);
        assert_int_equal(b.fault.segment, 1);
        assert_true(b.fault.offset <= at && at - b.fault.offset < 4 * SECTOR);
        segment_overwrite(&b, 1, at, &was, 1);
    }
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 2);
    bench_free(&b);
}

static void a_sector_missing_before_the_last_frame_is_damage(void **state)
{
    (void)state;
    static uint8_t room[LAST];
    uint8_t sectors[7 * SECTOR];
    struct bench b;
    two_frames(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_commit(&b, body_of(3, 10, room));
    segment_bytes(&b, 1, 0, sectors, sizeof sectors);
    for (size_t i = 0; i < 6; i++) {
        segment_overwrite(&b, 1, 0, sectors, sizeof sectors);
        zero_sector(&b, 1, i);
        assert_int_equal(bench_open(&b), RESULT_DAMAGED);
        assert_int_equal(b.fault.segment, 1);
    }
    bench_free(&b);
}

/* A first segment with one frame of two records, whose MACs are right whatever the lengths of the
 * records say. */
static void write_segment(const struct bench *b, uint8_t first_length, uint8_t second_length)
{
    struct chain c = {.key = b->config.mac_key, .hasher = hasher_new(), .sequence = 1};
    struct frame f = {.raw = BUF_INIT(FRAME_RAW_MAX)};
    char path[128];
    frame_begin(&f, 1, true);
    f.raw.p[frame_add(&f, 1, bytes_of_text("first")) - 1] = first_length;
    f.raw.p[frame_add(&f, 1, bytes_of_text("second")) - 1] = second_length;
    frame_end(&f, &c, SEGMENT);
    segment_path(b, 1, path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(pwrite(fd, f.raw.p, f.raw.n, 0), f.raw.n);
    assert_int_equal(ftruncate(fd, SEGMENT), 0);
    (void)close(fd);
    buf_free(&f.raw);
    hasher_free(c.hasher);
}

/* No correct journal wrote it; no later record is read at a wrong place then. */
static void records_that_do_not_fill_their_frame_are_damage(void **state)
{
    (void)state;
    const uint8_t length[][2] = {{5, 6}, {5, 5}, {5, 7}, {4, 6}, {200, 6}, {16, 6}};
    for (size_t i = 0; i < ARRAY_LEN(length); i++) {
        struct bench b;
        bench_init(&b);
        write_segment(&b, length[i][0], length[i][1]);
        assert_int_equal(bench_open(&b), i == 0 ? RESULT_OK : RESULT_DAMAGED);
        if (i == 0) {
            assert_int_equal(b.seen, 2);
        } else {
            assert_int_equal(b.fault.segment, 1);
            assert_int_equal(b.fault.offset, SECTOR);
            assert_string_equal(b.fault.text,
                                "a frame's records are not laid out as they should be");
        }
        bench_free(&b);
    }
}

/* Three segments; returns how many records they hold. */
static size_t three_segments(struct bench *b)
{
    uint8_t room[5000];
    uint32_t n = 0;
    bench_init(b);
    assert_int_equal(bench_open(b), RESULT_OK);
    while (journal_newest(b->j) < 3 || n % 5 != 0)
        (void)bench_commit(b, body_of(n++, sizeof room, room));
    journal_close(b->j);
    b->j = NULL;
    return n;
}

static void assert_damaged(struct bench *b, uint32_t segment, const char *text)
{
    assert_int_equal(bench_open(b), RESULT_DAMAGED);
    assert_int_equal(b->fault.segment, segment);
    assert_string_equal(b->fault.text, text);
}

static void a_missing_segment_is_damage(void **state)
{
    (void)state;
    char path[128];
    struct bench b;
    (void)three_segments(&b);
    segment_path(&b, 2, path);
    assert_int_equal(unlink(path), 0);
    assert_damaged(&b, 2, "the segment is missing");
    bench_free(&b);
}

static void exchanged_segments_are_damage(void **state)
{
    (void)state;
    char one[128], two[128];
    struct bench b;
    (void)three_segments(&b);
    segment_path(&b, 1, one);
    segment_path(&b, 2, two);
    assert_int_equal(renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE), 0);
    assert_damaged(&b, 1, "the segment has another number than its file");
    bench_free(&b);
}

static void an_earlier_state_of_a_segment_in_the_middle_is_damage(void **state)
{
    (void)state;
    static uint8_t copy[SEGMENT];
    uint8_t room[5000];
    char path[128];
    struct bench b;
    uint32_t n = 0;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    for (; n < 5; n++)
        (void)bench_commit(&b, body_of(n, sizeof room, room));
    segment_bytes(&b, 1, 0, copy, sizeof copy);
    while (journal_newest(b.j) < 2)
        (void)bench_commit(&b, body_of(n++, sizeof room, room));
    segment_path(&b, 1, path);
    assert_int_equal(truncate(path, 0), 0);
    segment_overwrite(&b, 1, 0, copy, sizeof copy);
    assert_damaged(&b, 2, "the segment does not follow the one before it");
    bench_free(&b);
}

static void a_shortened_file_is_damage(void **state)
{
    (void)state;
    static const off_t length[] = {SEGMENT - SECTOR, 2 * SECTOR, SECTOR, 100, 0};
    char path[128];
    struct bench b;
    two_frames(&b);
    segment_path(&b, 1, path);
    for (size_t i = 0; i < ARRAY_LEN(length); i++) {
        assert_int_equal(truncate(path, length[i]), 0);
        assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    }
    bench_free(&b);
}

static void a_torn_frame_in_a_segment_that_is_not_the_last_is_damage(void **state)
{
    (void)state;
    struct bench b;
    size_t n = three_segments(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    uint32_t last_of_first = 0;
    for (size_t i = 0; i < n; i++)
        if (b.record[i].place.segment == 1)
            last_of_first = b.record[i].place.offset;
    zero_sector(&b, 1, last_of_first / SECTOR + 1);
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    assert_int_equal(b.fault.segment, 1);
    bench_free(&b);
}

static enum result refuse_first(void *arg, const struct journal_record *r)
{
    (void)arg;
    (void)r;
    return RESULT_MALFORMED;
}

static void a_segment_that_was_named_but_never_written_holds_nothing(void **state)
{
    (void)state;
    char path[128];
    struct bench b;
    size_t n = three_segments(&b);
    segment_path(&b, 4, path);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(fd, SEGMENT), 0);
    (void)close(fd);
    assert_int_equal(journal_open(&b.config, refuse_first, &b, &b.j, &b.fault), RESULT_MALFORMED);
    assert_int_equal(access(path, F_OK), 0); /* nothing is touched before all was taken */
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, n);
    assert_int_equal(access(path, F_OK), -1);
    (void)bench_commit(&b, bytes_of_text("next"));
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, n + 1);
    bench_free(&b);
}

static void an_oldest_segment_without_its_first_sector_is_damage(void **state)
{
    (void)state;
    char path[128];
    struct bench b;
    (void)three_segments(&b);
    for (uint32_t i = 1; i <= 2; i++) {
        segment_path(&b, i, path);
        assert_int_equal(unlink(path), 0);
    }
    for (size_t i = 0; i < SEGMENT / SECTOR; i++)
        zero_sector(&b, 3, i);
    assert_damaged(&b, 3, "the segment's first sector is missing");
    bench_free(&b);
}

/* ---- records that do not fit */

static enum result refuse_second(void *arg, const struct journal_record *r)
{
    struct bench *b = arg;
    b->seen++;
    return r->sequence == 2 ? RESULT_MALFORMED : RESULT_OK;
}

/* It says what stands first, though reading may be far ahead; and the files are as they were. */
static void a_record_that_is_not_taken_outranks_damage_behind_it(void **state)
{
    (void)state;
    struct bench b;
    uint8_t changed;
    size_t records = three_segments(&b);
    segment_bytes(&b, 3, (size_t)2 * SECTOR, &changed, 1);
    changed ^= 0x20;
    segment_overwrite(&b, 3, (size_t)2 * SECTOR, &changed, 1);
    assert_int_equal(journal_open(&b.config, refuse_second, &b, &b.j, &b.fault), RESULT_MALFORMED);
    assert_int_equal(b.seen, 2);
    assert_int_equal(b.fault.segment, 0);
    assert_string_equal(b.fault.text, result_text(RESULT_MALFORMED));
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    assert_int_equal(b.fault.segment, 3);
    assert_true(b.seen > 2 && b.seen < records); /* all before it were taken */
    bench_free(&b);
}

static void nothing_torn_is_touched_when_a_record_is_not_taken(void **state)
{
    (void)state;
    struct bench b;
    uint8_t before[6 * SECTOR], after[6 * SECTOR];
    two_frames(&b);
    zero_sector(&b, 1, 4); /* the last frame is torn */
    segment_bytes(&b, 1, 0, before, sizeof before);
    b.seen = 0;
    assert_int_equal(journal_open(&b.config, refuse_first, &b, &b.j, &b.fault), RESULT_MALFORMED);
    segment_bytes(&b, 1, 0, after, sizeof after);
    assert_memory_equal(before, after, sizeof after);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 1);
    bench_free(&b);
}

static void what_a_crash_left_beside_the_segments_is_harmless(void **state)
{
    (void)state;
    static const char *const name[] = {
        "reserve",   "recovered", "segment-", "segment-000000000x", "segment-9999999999",
        "lost+found"};
    struct bench b;
    size_t n = three_segments(&b);
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        int fd = openat(b.folder.fd, name[i], O_WRONLY | O_CREAT, 0600);
        assert_int_equal(write(fd, "leftover", 8), 8);
        (void)close(fd);
    }
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, n);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_last_frame_with_any_sector_missing_is_cut_off),
        cmocka_unit_test(a_first_frame_with_any_sector_missing_is_cut_off),
        cmocka_unit_test(what_is_cut_off_is_not_left_in_the_file),
        cmocka_unit_test(a_changed_bit_anywhere_is_damage),
        cmocka_unit_test(a_sector_missing_before_the_last_frame_is_damage),
        cmocka_unit_test(records_that_do_not_fill_their_frame_are_damage),
        cmocka_unit_test(a_missing_segment_is_damage),
        cmocka_unit_test(exchanged_segments_are_damage),
        cmocka_unit_test(an_earlier_state_of_a_segment_in_the_middle_is_damage),
        cmocka_unit_test(a_shortened_file_is_damage),
        cmocka_unit_test(a_torn_frame_in_a_segment_that_is_not_the_last_is_damage),
        cmocka_unit_test(a_segment_that_was_named_but_never_written_holds_nothing),
        cmocka_unit_test(an_oldest_segment_without_its_first_sector_is_damage),
        cmocka_unit_test(a_record_that_is_not_taken_outranks_damage_behind_it),
        cmocka_unit_test(nothing_torn_is_touched_when_a_record_is_not_taken),
        cmocka_unit_test(what_a_crash_left_beside_the_segments_is_harmless),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
