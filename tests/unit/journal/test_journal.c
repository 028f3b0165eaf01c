#include "base/mem.h"
#include "support.h"

static void records_come_back_in_order_with_their_numbers(void **state)
{
    (void)state;
    struct bench b;
    struct journal_place place;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 0);
    assert_int_equal(journal_add(b.j, 3, bytes_of_text("one"), &place), RESULT_OK);
    assert_int_equal(journal_add(b.j, 255, bytes_of(NULL, 0), &place), RESULT_OK);
    assert_true(journal_is_pending(b.j));
    assert_int_equal(journal_commit(b.j), RESULT_OK);
    assert_false(journal_is_pending(b.j));
    (void)bench_commit(&b, bytes_of_text("three"));
    assert_int_equal(journal_commit(b.j), RESULT_OK); /* nothing to do */
    for (int again = 0; again < 3; again++) {
        assert_int_equal(bench_open(&b), RESULT_OK);
        assert_int_equal(b.seen, 3);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(b.record[i].sequence, i + 1);
        assert_int_equal(b.record[0].type, 3);
        assert_int_equal(b.record[1].type, 255);
        assert_int_equal(b.record[1].place.length, 0);
        assert_int_equal(b.digest[0], digest_of(bytes_of_text("one")));
        assert_int_equal(b.digest[2], digest_of(bytes_of_text("three")));
    }
    bench_free(&b);
}

static void a_committed_body_is_read_again_from_its_place(void **state)
{
    (void)state;
    static const size_t size[] = {0, 1, 400, 460, 461, 462, 503, 504, 505, 511, 512, 5000, 300000};
    static uint8_t room[300000];
    struct journal_place place[ARRAY_LEN(size)];
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    for (uint32_t i = 0; i < ARRAY_LEN(size); i++)
        place[i] = bench_add(&b, body_of(i, size[i], room));
    assert_int_equal(journal_commit(b.j), RESULT_OK);
    for (int again = 0; again < 2; again++) {
        for (uint32_t i = 0; i < ARRAY_LEN(size); i++) {
            struct buf out = BUF_INIT(sector_span(place[i].offset, size[i]) + 2);
            buf_text(&out, "<>");
            assert_int_equal(journal_read(b.j, place[i], &out), RESULT_OK);
            assert_true(bytes_begins(buf_view(&out), "<>"));
            assert_true(bytes_equal(bytes_of(out.p + 2, out.n - 2), body_of(i, size[i], room)));
            buf_free(&out);
        }
        assert_int_equal(bench_open(&b), RESULT_OK);
        for (uint32_t i = 0; i < ARRAY_LEN(size); i++)
            assert_memory_equal(&b.record[i].place, &place[i], sizeof place[i]);
    }
    bench_free(&b);
}

static void what_was_only_added_can_be_read_too(void **state)
{
    (void)state;
    enum { LONG = 3000 };
    static uint8_t room[LONG];
    struct bench b;
    struct buf out = BUF_INIT(2 * LONG);
    struct journal_place place[5];
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    for (int again = 0; again < 2; again++) { /* the segment's first frame, and another one */
        for (uint32_t i = 0; i < ARRAY_LEN(place); i++)
            place[i] = bench_add(&b, body_of(i, LONG - 500 * i, room));
        for (uint32_t i = 0; i < ARRAY_LEN(place); i++) {
            buf_clear(&out);
            assert_int_equal(journal_read(b.j, place[i], &out), RESULT_OK);
            assert_true(bytes_equal(buf_view(&out), body_of(i, LONG - 500 * i, room)));
        }
        assert_int_equal(journal_commit(b.j), RESULT_OK);
    }
    buf_free(&out);
    bench_free(&b);
}

static void what_cannot_be_read_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(100);
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    struct journal_place committed = bench_commit(&b, bytes_of_text("committed"));
    struct journal_place added = bench_add(&b, bytes_of_text("added"));
    added.length = 90; /* more than the frame holds so far */
    assert_int_equal(journal_read(b.j, added, &out), RESULT_NOT_FOUND);
    added.offset += 100;
    assert_int_equal(journal_read(b.j, added, &out), RESULT_NOT_FOUND);
    struct journal_place wrong = committed;
    wrong.segment = 2;
    assert_int_equal(journal_read(b.j, wrong, &out), RESULT_NOT_FOUND);
    wrong = (struct journal_place){1, SECTOR - 1, 4, 0}; /* in a mark */
    assert_int_equal(journal_read(b.j, wrong, &out), RESULT_DAMAGED);
    committed.length = 101;
    assert_int_equal(journal_read(b.j, committed, &out), RESULT_TOO_LARGE);
    assert_int_equal(out.n, 0);
    buf_free(&out);
    bench_free(&b);
}

static void what_was_only_added_is_gone_after_a_restart(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_commit(&b, bytes_of_text("kept"));
    (void)bench_add(&b, bytes_of_text("lost"));
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 1);
    bench_free(&b);
}

static void segments_follow_one_another_and_are_read_as_one(void **state)
{
    (void)state;
    struct bench b;
    uint8_t room[5000];
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    uint32_t count = bench_fill(&b, 5, 0);
    assert_true(count > 40);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(b.digest[i], digest_of(body_of(i, sizeof room, room)));
    assert_int_equal(journal_oldest(b.j), 1);
    assert_int_equal(journal_newest(b.j), 5);
    bench_free(&b);
}

static void a_journal_is_looked_at_while_it_is_written_and_nothing_changes(void **state)
{
    (void)state;
    struct bench b;
    uint8_t room[5000], before[SECTOR], after[SECTOR];
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    uint32_t count = bench_fill(&b, 4, 0);
    (void)bench_add(&b, body_of(count, sizeof room, room)); /* not committed: nobody sees it */
    segment_bytes(&b, 4, 0, before, sizeof before);
    b.seen = 0;
    assert_int_equal(journal_look(&b.config, bench_apply, &b, &b.fault), RESULT_OK);
    assert_int_equal(b.seen, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(b.digest[i], digest_of(body_of(i, sizeof room, room)));
    segment_bytes(&b, 4, 0, after, sizeof after);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(journal_commit(b.j), RESULT_OK);
    assert_int_equal(journal_retire(b.j, 3), RESULT_OK);
    b.seen = 0;
    assert_int_equal(journal_look(&b.config, bench_apply, &b, &b.fault), RESULT_OK);
    assert_true(b.seen > 0 && b.seen < count); /* from the oldest that is there */
    assert_int_equal(b.digest[b.seen - 1], digest_of(body_of(count, sizeof room, room)));
    b.config.mac_key[0] ^= 1;
    assert_int_equal(journal_look(&b.config, bench_apply, &b, &b.fault), RESULT_DAMAGED);
    b.config.mac_key[0] ^= 1;
    bench_free(&b);
}

/* It is read a MiB at a time, and frames begin and end anywhere in that. */
static void frames_come_back_from_anywhere_in_a_large_segment(void **state)
{
    (void)state;
    enum { FRAMES = 60, MOST = 3 << 20, LARGE = 8 << 20 };
    struct bench b;
    uint8_t *room = mem_new(MOST);
    bench_init(&b);
    b.config.segment_bytes = LARGE;
    assert_int_equal(bench_open(&b), RESULT_OK);
    size_t size[FRAMES];
    for (uint32_t i = 0; i < FRAMES; i++) {
        size[i] = i % 20 == 7 ? MOST - i : i % 3 == 0 ? 100 + i : (size_t)90001 * (i % 11 + 1);
        (void)bench_commit(&b, body_of(i, size[i], room));
    }
    assert_true(journal_newest(b.j) > 2);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++)
        assert_int_equal(b.digest[i], digest_of(body_of(i, size[i], room)));
    mem_free(room);
    bench_free(&b);
}

static void a_retired_segment_is_gone_and_the_rest_stays(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(10000);
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    struct journal_place first = bench_commit(&b, bytes_of_text("first"));
    uint32_t count = 1 + bench_fill(&b, 4, 1) - 1;
    assert_int_equal(journal_read(b.j, first, &out), RESULT_OK);
    assert_int_equal(journal_retire(b.j, 3), RESULT_OK);
    assert_int_equal(journal_oldest(b.j), 3);
    assert_int_equal(journal_read(b.j, first, &out), RESULT_NOT_FOUND);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.record[0].place.segment, 3);
    assert_int_equal(b.record[b.seen - 1].sequence, count);
    (void)bench_commit(&b, bytes_of_text("next"));
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.record[b.seen - 1].sequence, count + 1);
    buf_free(&out);
    bench_free(&b);
}

static void the_segment_with_the_last_frame_is_never_retired(void **state)
{
    (void)state;
    struct bench b;
    uint8_t room[5000];
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    uint32_t count = bench_fill(&b, 3, 0);
    assert_int_equal(journal_retire(b.j, 99), RESULT_OK);
    assert_int_equal(journal_oldest(b.j), 3);
    while (journal_newest(b.j) < 4) { /* the next segment is begun, its first frame not written */
        assert_int_equal(journal_commit(b.j), RESULT_OK);
        (void)bench_add(&b, body_of(count++, sizeof room, room));
    }
    assert_int_equal(journal_retire(b.j, 99), RESULT_OK);
    assert_int_equal(journal_oldest(b.j), 3);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.record[b.seen - 1].sequence, count - 1);
    bench_free(&b);
}

static void a_frame_larger_than_a_segment_makes_its_segment_longer(void **state)
{
    (void)state;
    static uint8_t room[3 << 20];
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_commit(&b, bytes_of_text("small"));
    (void)bench_commit(&b, body_of(1, sizeof room, room));
    assert_int_equal(journal_newest(b.j), 2);
    (void)bench_commit(&b, bytes_of_text("small again"));
    assert_int_equal(journal_newest(b.j), 3);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 3);
    assert_int_equal(b.digest[1], digest_of(bytes_of(room, sizeof room)));
    bench_free(&b);
}

static void a_frame_holds_sixteen_mebibytes_and_no_more(void **state)
{
    (void)state;
    static uint8_t room[FRAME_RECORDS_MAX];
    struct journal_place place;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(journal_add(b.j, 1, bytes_of(room, FRAME_RECORDS_MAX - 4), &place),
                     RESULT_TOO_LARGE);
    assert_false(journal_is_pending(b.j));
    (void)bench_add(&b, bytes_of(room, FRAME_RECORDS_MAX - 11));
    assert_int_equal(journal_add(b.j, 1, bytes_of_text("12"), &place), RESULT_TOO_LARGE);
    (void)bench_commit(&b, bytes_of_text("1"));
    (void)bench_commit(&b, bytes_of_text("12"));
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 3);
    bench_free(&b);
}

static void another_mac_key_is_told_as_damage(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_commit(&b, bytes_of_text("x"));
    b.config.mac_key[0] ^= 1;
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    assert_null(b.j);
    assert_int_equal(b.fault.segment, 1);
    assert_non_null(strstr(b.fault.text, "another MAC key"));
    b.config.mac_key[0] ^= 1;
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(b.seen, 1);
    bench_free(&b);
}

static enum result refuse(void *arg, const struct journal_record *r)
{
    (void)arg;
    return r->sequence == 2 ? RESULT_UNKNOWN : RESULT_OK;
}

static void a_record_that_is_not_taken_ends_the_opening(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    (void)bench_add(&b, bytes_of_text("x"));
    (void)bench_commit(&b, bytes_of_text("y"));
    journal_close(b.j);
    assert_int_equal(journal_open(&b.config, refuse, NULL, &b.j, &b.fault), RESULT_UNKNOWN);
    assert_string_equal(b.fault.text, result_text(RESULT_UNKNOWN));
    bench_free(&b);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const uint32_t size[] = {0, 4096, SEGMENT + 512, UINT32_C(0xfffff000)};
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(size); i++) {
        b.config.segment_bytes = size[i];
        assert_int_equal(bench_open(&b), RESULT_RANGE);
    }
    bench_free(&b);
}

static void another_segment_size_counts_from_the_next_segment_on(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    b.config.segment_bytes = 2 * SEGMENT;
    assert_int_equal(bench_open(&b), RESULT_OK);
    uint32_t count = bench_fill(&b, 2, 0);
    for (uint32_t size = SEGMENT; size <= 4 * SEGMENT; size *= 4) {
        b.config.segment_bytes = size;
        assert_int_equal(bench_open(&b), RESULT_OK);
        assert_int_equal(b.seen, count);
        count = bench_fill(&b, journal_newest(b.j) + 2, count);
    }
    bench_free(&b);
}

static void the_scrubber_goes_round_and_finds_a_changed_byte(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    assert_int_equal(journal_scrub(b.j, &b.fault), RESULT_END);
    (void)bench_fill(&b, 4, 0);
    for (int round = 0; round < 2; round++) {
        for (int segment = 1; segment <= 3; segment++)
            assert_int_equal(journal_scrub(b.j, &b.fault), RESULT_OK);
        assert_int_equal(journal_scrub(b.j, &b.fault), RESULT_END);
    }
    assert_int_equal(journal_retire(b.j, 2), RESULT_OK);
    assert_int_equal(journal_scrub(b.j, &b.fault), RESULT_OK);
    segment_flip(&b, 3, 3000);
    assert_int_equal(journal_scrub(b.j, &b.fault), RESULT_DAMAGED);
    assert_int_equal(b.fault.segment, 3);
    assert_int_equal(b.fault.offset, SECTOR);
    assert_int_equal(journal_scrub(b.j, &b.fault), RESULT_END); /* the next begins anew */
    assert_int_equal(journal_scrub(b.j, &b.fault), RESULT_OK);
    bench_free(&b);
}

/* What was committed a moment ago is read from memory; as many frames later it is not there any
 * more. */
static void forget_frames(struct bench *b)
{
    static const uint8_t one = 1;
    for (int i = 0; i < JOURNAL_RECENT; i++)
        (void)bench_commit(b, bytes_of(&one, 1));
}

static void what_was_committed_a_moment_ago_is_read_without_the_disk(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(4000);
    static uint8_t room[3][1000], large[JOURNAL_RECENT_BYTES];
    struct journal_place place[3];
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    for (uint32_t i = 0; i < 3; i++)
        place[i] = bench_commit(&b, body_of(i, sizeof room[i], room[i]));
    for (uint32_t i = 0; i < 3; i++)
        segment_flip(&b, 1, place[i].offset + 300);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(journal_read(b.j, place[i], &out), RESULT_OK);
        assert_memory_equal(out.p, room[i], sizeof room[i]);
        buf_clear(&out);
    }
    struct journal_place none = place[0]; /* longer than its frame */
    none.length = 3000;
    assert_int_equal(journal_read(b.j, none, &out), RESULT_DAMAGED);
    (void)bench_commit(&b, body_of(3, sizeof large, large)); /* too large to be kept */
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(journal_read(b.j, place[i], &out), RESULT_OK);
        buf_clear(&out);
    }
    forget_frames(&b);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(journal_read(b.j, place[i], &out), RESULT_DAMAGED);
    buf_free(&out);
    bench_free(&b);
}

static void a_changed_body_is_not_read(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(2000);
    static uint8_t room[1000];
    bench_init(&b);
    assert_int_equal(bench_open(&b), RESULT_OK);
    struct journal_place place = bench_commit(&b, body_of(1, sizeof room, room));
    forget_frames(&b);
    for (int again = 0; again < 2; again++) {
        segment_flip(&b, 1, place.offset + 300);
        assert_int_equal(journal_read(b.j, place, &out), RESULT_DAMAGED);
        assert_int_equal(out.n, 0);
        segment_flip(&b, 1, place.offset + 300);
        assert_int_equal(journal_read(b.j, place, &out), RESULT_OK);
        buf_clear(&out);
        assert_int_equal(bench_open(&b), RESULT_OK);
        place = b.record[0].place;
    }
    buf_free(&out);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back_in_order_with_their_numbers),
        cmocka_unit_test(a_committed_body_is_read_again_from_its_place),
        cmocka_unit_test(what_was_only_added_can_be_read_too),
        cmocka_unit_test(what_cannot_be_read_leaves_the_buffer_as_it_was),
        cmocka_unit_test(what_was_only_added_is_gone_after_a_restart),
        cmocka_unit_test(segments_follow_one_another_and_are_read_as_one),
        cmocka_unit_test(a_journal_is_looked_at_while_it_is_written_and_nothing_changes),
        cmocka_unit_test(frames_come_back_from_anywhere_in_a_large_segment),
        cmocka_unit_test(a_retired_segment_is_gone_and_the_rest_stays),
        cmocka_unit_test(the_segment_with_the_last_frame_is_never_retired),
        cmocka_unit_test(a_frame_larger_than_a_segment_makes_its_segment_longer),
        cmocka_unit_test(a_frame_holds_sixteen_mebibytes_and_no_more),
        cmocka_unit_test(another_mac_key_is_told_as_damage),
        cmocka_unit_test(a_record_that_is_not_taken_ends_the_opening),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
        cmocka_unit_test(another_segment_size_counts_from_the_next_segment_on),
        cmocka_unit_test(what_was_committed_a_moment_ago_is_read_without_the_disk),
        cmocka_unit_test(a_changed_body_is_not_read),
        cmocka_unit_test(the_scrubber_goes_round_and_finds_a_changed_byte),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
