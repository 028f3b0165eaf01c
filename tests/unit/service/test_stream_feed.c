/* What a sender may let through, and how fast. */
#include "video.h"

static void what_comes_before_the_answer_is_discarded(void **state)
{
    struct fixture *f = *state;
    begin_stream(f, &f->x);
    assert_int_equal(give_data(&f->x, bytes_of("garbage", 7)), RESULT_OK);
    desk_record_events(&f->d);
    assert_says(f->x.opened, "VERDICT_ACCEPTED");
}

static void garbage_stops_a_stream(void **state)
{
    struct fixture *f = *state;
    uint8_t noise[10 * TS_PACKET];
    memset(noise, 0xa5, sizeof noise);
    open_stream(f);
    open_watch(f);
    assert_int_equal(give_data(&f->x, bytes_of(noise, sizeof noise)), RESULT_OK);
    assert_null(f->x.sender);
    assert_says(f->x.stop, "REASON_MEDIA_REFUSED");
    assert_says(f->v.end, "REASON_MEDIA_REFUSED");
    assert_int_equal(f->v.bytes, 0);
    assert_int_equal(f->d.recorded[AUDIT_STREAM_ENDED], 1);
    assert_int_equal(f->d.recorded[AUDIT_WATCH_ENDED], 1);
}

/* PIPA 25(5): no recording of sound; nor by a camera that begins to send it after a while. */
static void sound_that_comes_later_stops_a_stream(void **state)
{
    struct fixture *f = *state;
    uint8_t sound[TS_PACKET];
    static const uint8_t pes_of_audio[] = {TS_SYNC, 0x41, 0x02, 0x10, 0x00, 0x00, 0x01, 0xc0};
    memset(sound, 0, sizeof sound);
    memcpy(sound, pes_of_audio, sizeof pes_of_audio);
    open_stream(f);
    open_watch(f);
    assert_int_equal(give_data(&f->x, packets(f, 0, 1000)), RESULT_OK);
    size_t seen = f->v.bytes;
    assert_true(seen > 0);
    assert_int_equal(give_data(&f->x, bytes_of(sound, sizeof sound)), RESULT_OK);
    assert_null(f->x.sender);
    assert_says(f->x.stop, "REASON_AUDIO_REFUSED");
    assert_says(f->v.end, "REASON_AUDIO_REFUSED");
    assert_int_equal(f->v.bytes, seen);
}

/* ---- how fast: 12 Mbit/s in this grant, a second's worth at once */

enum { CHUNK_PACKETS = 1000, CHUNK_BITS = CHUNK_PACKETS * TS_PACKET * 8, GRANT_BITS = 12000000 };

static void press(struct fixture *f)
{
    size_t sent = 0;
    while (sent <= GRANT_BITS && give_data(&f->x, packets(f, 0, CHUNK_PACKETS)) == RESULT_OK)
        sent += CHUNK_BITS;
    assert_in_range(sent, GRANT_BITS - CHUNK_BITS, GRANT_BITS);
}

static void more_than_the_grant_permits_presses_back(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    press(f);
    edge_tick(f->d.edge);
    assert_int_equal(f->x.rooms, 0); /* no time has passed */
    desk_pass(&f->d, US_PER_S / 5);
    assert_int_equal(f->x.rooms, 1);
    desk_pass(&f->d, US_PER_MINUTE);
    assert_int_equal(f->x.rooms, 1); /* told once */
    press(f);                        /* and no more was saved up than a second's worth */
}

/* It was once forgotten then that the sender had been asked to wait: the call stood still. */
static void one_that_was_asked_to_wait_is_told_when_there_is_room(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    press(f);
    f->d.steady_us += US_PER_S / 5;
    assert_int_equal(give_data(&f->x, packets(f, 0, 1)), RESULT_AGAIN); /* it was on its way */
    edge_tick(f->d.edge);
    assert_int_equal(f->x.rooms, 1);
}

/* What it sends as soon as there is room may be its end. */
static void a_sender_may_end_when_it_is_told_of_room(void **state)
{
    struct fixture *f = *state;
    open_stream(f);
    open_watch(f);
    press(f);
    buf_text(&f->x.at_room, "garbage");
    desk_pass(&f->d, US_PER_S);
    assert_int_equal(f->x.rooms, 1);
    assert_null(f->x.sender);
    assert_null(f->v.watcher);
}

/* ---- fragmented MP4 */

static void read_mp4(struct buf *out)
{
    uint8_t part[8192];
    int fd = open("tests/data/message/h264.mp4", O_RDONLY);
    ssize_t n = read(fd, part, sizeof part);
    assert_in_range(n, 1000, sizeof part - 1);
    *out = BUF_INIT(sizeof part);
    buf_put(out, part, (size_t)n);
    (void)close(fd);
}

/* The n-th box of this type, from 0: where it begins. */
static size_t place_of(const struct buf *b, const char *type, unsigned number)
{
    const uint8_t *p = b->p - 1;
    for (unsigned i = 0; i <= number; i++) {
        p = memmem(p + 1, b->n - (size_t)(p + 1 - b->p), type, 4);
        assert_non_null(p);
    }
    return (size_t)(p - b->p) - 4;
}

static void one_who_joins_gets_the_movie_and_then_whole_fragments(void **state)
{
    struct fixture *f = *state;
    struct buf file;
    read_mp4(&file);
    f->container = "fmp4";
    open_stream(f);
    size_t first = place_of(&file, "moof", 0), second = place_of(&file, "moof", 1),
           third = place_of(&file, "moof", 2);
    assert_int_equal(give_data(&f->x, bytes_of(file.p, first + 200)), RESULT_OK);
    open_watch(f);
    assert_says(f->v.start, "\"container\":\"fmp4\"");
    for (size_t at = first + 200; at < third; at += 7) /* boxes are cut anywhere */
        assert_int_equal(give_data(&f->x, bytes_of(file.p + at, third - at < 7 ? third - at : 7)),
                         RESULT_OK);
    assert_int_equal(f->v.bytes, first + (third - second));
    assert_memory_equal(f->v.came.p,
                        "\0\0\0\x1c"
                        "ftyp",
                        8);
    assert_memory_equal(f->v.came.p + first, file.p + second, third - second);
    buf_free(&file);
}

/* Half a fragment would make nonsense of all that comes behind it. */
static void one_who_is_too_slow_gets_the_fragment_to_its_end(void **state)
{
    struct fixture *f = *state;
    struct buf file;
    read_mp4(&file);
    f->container = "fmp4";
    open_stream(f);
    open_watch(f);
    size_t second = place_of(&file, "moof", 1), third = place_of(&file, "moof", 2),
           fourth = place_of(&file, "moof", 3), tail = place_of(&file, "mfra", 0);
    assert_int_equal(give_data(&f->x, bytes_of(file.p, second - 100)), RESULT_OK);
    size_t seen = f->v.bytes;
    f->v.queued = SIZE_MAX;
    assert_int_equal(give_data(&f->x, bytes_of(file.p + second - 100, 50)), RESULT_OK);
    assert_int_equal(f->v.bytes, seen + 50);
    assert_int_equal(give_data(&f->x, bytes_of(file.p + second - 50, third - second)), RESULT_OK);
    assert_int_equal(f->v.bytes, seen + 100);
    f->v.queued = 0;
    assert_int_equal(give_data(&f->x, bytes_of(file.p + third - 50, fourth - third)), RESULT_OK);
    size_t movie = place_of(&file, "moof", 0);
    assert_int_equal(f->v.bytes, seen + 100 + movie + fourth - 50 - third);
    assert_int_equal(give_data(&f->x, bytes_of(file.p + fourth - 50, tail - fourth + 50)),
                     RESULT_OK);
    assert_memory_equal(f->v.came.p + f->v.bytes - (tail - third), file.p + third, tail - third);
    buf_free(&file);
}

static void a_gap_of_the_sender_s_own_is_between_fragments(void **state)
{
    struct fixture *f = *state;
    struct buf file;
    read_mp4(&file);
    f->container = "fmp4";
    open_stream(f);
    size_t second = place_of(&file, "moof", 1);
    assert_int_equal(give_data(&f->x, bytes_of(file.p, second)), RESULT_OK);
    assert_int_equal(give(&f->x, 4, bytes_of("\x08\x01", 2)), RESULT_OK);
    assert_non_null(f->x.sender);
    assert_int_equal(give_data(&f->x, bytes_of(file.p + second, 10)), RESULT_OK);
    assert_int_equal(give(&f->x, 4, bytes_of("\x08\x01", 2)), RESULT_OK);
    assert_null(f->x.sender);
    assert_says(f->x.stop, "a gap inside of a fragment");
    buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {T(what_comes_before_the_answer_is_discarded),
                                       T(garbage_stops_a_stream),
                                       T(sound_that_comes_later_stops_a_stream),
                                       T(more_than_the_grant_permits_presses_back),
                                       T(one_that_was_asked_to_wait_is_told_when_there_is_room),
                                       T(a_sender_may_end_when_it_is_told_of_room),
                                       T(one_who_joins_gets_the_movie_and_then_whole_fragments),
                                       T(one_who_is_too_slow_gets_the_fragment_to_its_end),
                                       T(a_gap_of_the_sender_s_own_is_between_fragments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
