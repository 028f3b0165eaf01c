#include "message/mpegts.h"

#include "message/psi.h"
#include "sample.h"

/* A stream being looked at, and what came out last. */
struct look {
    struct mpegts *t;
    struct media_found chunk;
    struct buf passed; /* the chunk, as it was let through */
    enum reason reason;
    const char *why;
};

static struct look look_by(const struct media_rules *rules)
{
    return (struct look){.t = mpegts_new(rules), .passed = BUF_INIT(4u << 20), .why = ""};
}

static struct look look_new(bool refuse_audio)
{
    return look_by(&(struct media_rules){.refuse_audio = refuse_audio});
}

static enum result feed(struct look *l, struct bytes chunk)
{
    l->reason = REASON_NONE;
    buf_clear(&l->passed);
    buf_put(&l->passed, chunk.p, chunk.n);
    return mpegts_chunk(l->t, l->passed.p, l->passed.n, &l->chunk, &l->reason, &l->why);
}

static void look_free(struct look *l)
{
    mpegts_free(l->t);
    buf_free(&l->passed);
}

static enum result feed_file(struct look *l, const char *path)
{
    struct buf file = BUF_INIT(4u << 20);
    read_file(path, &file);
    enum result r = feed(l, buf_view(&file));
    buf_free(&file);
    return r;
}

/* ---- packets made here */

static uint32_t crc32_bitwise(const uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++)
        for (int bit = 7; bit >= 0; bit--) {
            bool out = (crc >> 31) != (uint32_t)(p[i] >> bit & 1);
            crc = crc << 1 ^ (out ? 0x04c11db7u : 0);
        }
    return crc;
}

/* A section of PAT or PMT with its header and CRC around `body`. */
static void section(struct buf *out, uint8_t table, uint16_t id, const void *body, size_t n)
{
    out->n = 0;
    buf_u8(out, table);
    buf_u16(out, (uint16_t)(0xb000 | (n + 9)));
    buf_u16(out, id);
    buf_u8(out, 0xc1);
    buf_u16(out, 0);
    buf_put(out, body, n);
    buf_u32(out, crc32_bitwise(out->p, out->n));
}

/* Stuffing behind `payload`, on a PID. */
static void packet(struct buf *out, uint16_t pid, bool start, const void *payload, size_t n)
{
    buf_u8(out, TS_SYNC);
    buf_u16(out, (uint16_t)((start ? 0x4000 : 0) | pid));
    buf_u8(out, 0x10);
    buf_put(out, payload, n);
    for (size_t i = n; i < 184; i++)
        buf_u8(out, 0xff);
}

/* A section in as many packets as it needs. */
static void section_packets(struct buf *out, uint16_t pid, const struct buf *s)
{
    uint8_t packets[TS_TABLES_MAX * TS_PACKET];
    size_t n = psi_packets(buf_view(s), pid, packets, TS_TABLES_MAX);
    assert_true(n > 0);
    buf_put(out, packets, n * TS_PACKET);
}

/* PAT with one programme on PID 0x100, and its PMT with this PID of the clock and these streams: 5
 * bytes each, or more with descriptors. */
static void tables_with_clock(struct buf *out, uint16_t clock, const void *streams, size_t n)
{
    struct buf s = BUF_INIT(2000), body = BUF_INIT(2000);
    section(&s, 0, 1, "\x00\x01\xe1\x00", 4);
    section_packets(out, 0, &s);
    buf_u16(&body, (uint16_t)(0xe000 | clock));
    buf_u16(&body, 0xf000);
    buf_put(&body, streams, n);
    section(&s, 2, 1, body.p, body.n);
    section_packets(out, 0x100, &s);
    buf_free(&s);
    buf_free(&body);
}

static void tables(struct buf *out, const void *streams, size_t n)
{
    tables_with_clock(out, 0x200, streams, n);
}

#define H264_ON_200 "\x1b\xe2\x00\xf0\x00"

static void pes(struct buf *out, uint16_t pid, uint8_t stream_id, const void *data, size_t n)
{
    uint8_t payload[184] = {0, 0, 1, stream_id, 0, 0, 0x80, 0, 0};
    memcpy(payload + 9, data, n);
    packet(out, pid, true, payload, sizeof payload);
}

static enum result feed_tables(struct look *l, const void *streams, size_t n)
{
    struct buf b = BUF_INIT(20000);
    tables(&b, streams, n);
    enum result r = feed(l, buf_view(&b));
    buf_free(&b);
    return r;
}

/* ---- */

static void real_footage_passes_and_shows_where_to_start(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf file = BUF_INIT(4u << 20);
    read_file("cctv-20s.ts", &file);
    size_t starts = 0, first = SIZE_MAX;
    for (size_t at = 0; at < file.n; at += 70 * TS_PACKET) {
        size_t n = file.n - at < 70 * TS_PACKET ? file.n - at : 70 * TS_PACKET;
        assert_int_equal(feed(&l, bytes_of(file.p + at, n)), RESULT_OK);
        if (l.chunk.has_start) {
            const uint8_t *p = file.p + at + l.chunk.start;
            assert_int_equal(p[0], TS_SYNC);
            assert_int_equal((p[1] & 0x1f) << 8 | p[2], 0x100);
            first = first == SIZE_MAX ? at + l.chunk.start : first;
            starts++;
        }
    }
    assert_true(starts >= 5);
    assert_true(first <= 4 * TS_PACKET);
    assert_string_equal(mpegts_codec(l.t), "h264");
    look_free(&l);
    buf_free(&file);
}

static void a_watcher_can_join_with_the_tables(void **state)
{
    (void)state;
    struct look l = look_new(true), joined = look_new(true);
    assert_int_equal(mpegts_tables(l.t).n, 0);
    assert_int_equal(feed_file(&l, "cctv-20s.ts"), RESULT_OK);
    struct bytes t = mpegts_tables(l.t);
    assert_int_equal(t.n, 2 * TS_PACKET);
    assert_int_equal(feed(&joined, t), RESULT_OK);
    assert_string_equal(mpegts_codec(joined.t), "h264");
    assert_true(bytes_equal(mpegts_tables(joined.t), t));
    look_free(&l);
    look_free(&joined);
}

static void h265_passes_and_other_codecs_do_not(void **state)
{
    (void)state;
    struct look l = look_new(true);
    assert_int_equal(feed_file(&l, "message/h265.ts"), RESULT_OK);
    assert_string_equal(mpegts_codec(l.t), "h265");
    assert_true(l.chunk.has_start);
    look_free(&l);
    l = look_new(true);
    assert_int_equal(feed_file(&l, "message/mpeg2.ts"), RESULT_DENIED);
    assert_int_equal(l.reason, REASON_MEDIA_REFUSED);
    look_free(&l);
}

static void sound_is_refused_where_the_rules_say_so(void **state)
{
    (void)state;
    static const char *const file[] = {"message/sound-aac.ts", "message/sound-opus.ts"};
    for (size_t i = 0; i < ARRAY_LEN(file); i++) {
        struct look l = look_new(true);
        assert_int_equal(feed_file(&l, file[i]), RESULT_DENIED);
        assert_int_equal(l.reason, REASON_AUDIO_REFUSED);
        look_free(&l);
        l = look_new(false);
        assert_int_equal(feed_file(&l, file[i]), RESULT_OK);
        assert_true(l.chunk.has_start);
        look_free(&l);
    }
}

/* What a programme with H.264 and one more stream is answered with. */
static enum reason second_stream(const void *stream, size_t n)
{
    uint8_t streams[200];
    struct look l = look_new(true);
    memcpy(streams, H264_ON_200, 5);
    memcpy(streams + 5, stream, n);
    enum result r = feed_tables(&l, streams, 5 + n);
    assert_int_equal(r, l.reason == REASON_NONE ? RESULT_OK : RESULT_DENIED);
    look_free(&l);
    return l.reason;
}

static void every_way_to_list_sound_is_known(void **state)
{
    (void)state;
    static const uint8_t audio[] = {0x03, 0x04, 0x0f, 0x11, 0x1c, 0x2d, 0x80, 0x81, 0x84, 0x87};
    static const uint8_t data[] = {0x05, 0x06, 0x15};
    static const uint8_t other[] = {0x00, 0x01, 0x02, 0x10, 0x20, 0x21,
                                    0x33, 0x42, 0x88, 0xea, 0xff};
    uint8_t stream[] = {0, 0xe3, 0x00, 0xf0, 0x00};
    for (size_t i = 0; i < ARRAY_LEN(audio); i++) {
        stream[0] = audio[i];
        assert_int_equal(second_stream(stream, 5), REASON_AUDIO_REFUSED);
    }
    for (size_t i = 0; i < ARRAY_LEN(data); i++) {
        stream[0] = data[i];
        assert_int_equal(second_stream(stream, 5), REASON_NONE);
    }
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        stream[0] = other[i];
        assert_int_equal(second_stream(stream, 5), REASON_MEDIA_REFUSED);
    }
}

static void private_data_is_sound_when_a_descriptor_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        enum reason reason;
    } s[] = {{"\x06\xe3\x00\xf0\x03\x6a\x01\x00", 8, REASON_AUDIO_REFUSED},
             {"\x06\xe3\x00\xf0\x02\x7a\x00", 7, REASON_AUDIO_REFUSED},
             {"\x06\xe3\x00\xf0\x02\x7b\x00", 7, REASON_AUDIO_REFUSED},
             {"\x06\xe3\x00\xf0\x02\x7c\x00", 7, REASON_AUDIO_REFUSED},
             {"\x06\xe3\x00\xf0\x03\x7f\x01\x15", 8, REASON_AUDIO_REFUSED},
             {"\x06\xe3\x00\xf0\x06\x05\x04"
              "Opus",
              11, REASON_AUDIO_REFUSED},
             {"\x06\xe3\x00\xf0\x0a\x52\x00\x52\x00\x05\x04"
              "AC-3",
              15, REASON_AUDIO_REFUSED},
             {"\x06\xe3\x00\xf0\x06\x0a\x04"
              "kor\0",
              11, REASON_NONE}, /* a language is not enough */
             {"\x06\xe3\x00\xf0\x06\x05\x04"
              "KLVA",
              11, REASON_NONE}};
    for (size_t i = 0; i < ARRAY_LEN(s); i++)
        assert_int_equal(second_stream(s[i].bytes, s[i].n), s[i].reason);
}

static void sound_that_no_table_lists_is_found_by_its_packets(void **state)
{
    (void)state;
    for (int refuse = 0; refuse < 2; refuse++) {
        struct look l = look_new(refuse);
        struct buf b = BUF_INIT(20000);
        tables(&b, H264_ON_200, 5);
        pes(&b, 0x300, 0xc0, "", 0);
        assert_int_equal(feed(&l, buf_view(&b)), refuse ? RESULT_DENIED : RESULT_OK);
        assert_int_equal(l.reason, refuse ? REASON_AUDIO_REFUSED : REASON_NONE);
        buf_clear(&b);
        pes(&b, 0x300, 0xe0, "", 0);
        assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
        buf_free(&b);
        look_free(&l);
    }
}

static void a_packet_that_hides_its_stream_id_is_refused(void **state)
{
    (void)state;
    for (uint8_t n = 1; n <= 4; n++) {
        struct look l = look_new(true);
        struct buf b = BUF_INIT(20000);
        tables(&b, H264_ON_200, 5);
        packet(&b, 0x300, true, "", 0);
        uint8_t *p = b.p + b.n - TS_PACKET;
        p[3] = 0x30; /* stuffing in an adaptation field, then n bytes */
        p[4] = (uint8_t)(183 - n);
        p[5] = 0;
        memcpy(p + TS_PACKET - n, "\0\0\1\xc0", n);
        assert_int_equal(feed(&l, buf_view(&b)), RESULT_DENIED);
        assert_int_equal(l.reason, n < 4 ? REASON_MEDIA_REFUSED : REASON_AUDIO_REFUSED);
        buf_free(&b);
        look_free(&l);
    }
}

static void a_table_that_changes_is_inspected_again(void **state)
{
    (void)state;
    struct look l = look_new(true);
    assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
    assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
    assert_string_equal(mpegts_codec(l.t), "h264");
    assert_int_equal(feed_tables(&l, "\x24\xe2\x01\xf0\x00", 5), RESULT_OK);
    assert_string_equal(mpegts_codec(l.t), "h265");
    assert_int_equal(feed_tables(&l, H264_ON_200 "\x0f\xe3\x00\xf0\x00", 10), RESULT_DENIED);
    assert_int_equal(l.reason, REASON_AUDIO_REFUSED);
    look_free(&l);
}

static void old_video_is_looked_at_no_more_after_a_change(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf b = BUF_INIT(20000);
    assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
    pes(&b, 0x200, 0xe0, "\0\0\1\x65", 4);
    pes(&b, 0x200, 0xe0, "\0\0\1\x65", 4);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_true(l.chunk.has_start);
    assert_int_equal(l.chunk.start, 0); /* the first of two */
    assert_int_equal(feed_tables(&l, "\x1b\xe2\x01\xf0\x00", 5), RESULT_OK);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_false(l.chunk.has_start);
    buf_free(&b);
    look_free(&l);
}

static void a_table_of_another_programme_on_the_same_pid_is_inspected_but_not_used(void **state)
{
    (void)state;
    for (int with_sound = 0; with_sound < 2; with_sound++) {
        struct look l = look_new(true);
        struct buf b = BUF_INIT(20000), s = BUF_INIT(2000);
        assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
        section(&s, 2, 9,
                with_sound ? "\xe2\x01\xf0\x00\x0f\xe2\x01\xf0\x00"
                           : "\xe2\x01\xf0\x00\x24\xe2\x01\xf0\x00",
                9);
        section_packets(&b, 0x100, &s);
        assert_int_equal(feed(&l, buf_view(&b)), with_sound ? RESULT_DENIED : RESULT_OK);
        assert_int_equal(l.reason, with_sound ? REASON_AUDIO_REFUSED : REASON_NONE);
        assert_string_equal(mpegts_codec(l.t), "h264");
        buf_free(&b);
        buf_free(&s);
        look_free(&l);
    }
}

static void all_programmes_are_inspected(void **state)
{
    (void)state;
    for (int with_sound = 0; with_sound < 2; with_sound++) {
        struct look l = look_new(true);
        struct buf b = BUF_INIT(20000), s = BUF_INIT(2000);
        section(&s, 0, 1, "\x00\x00\xe0\x10\x00\x01\xe1\x00\x00\x02\xe1\x01", 12);
        section_packets(&b, 0, &s);
        section(&s, 2, 1, "\xe2\x00\xf0\x00" H264_ON_200, 9);
        section_packets(&b, 0x100, &s);
        assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
        assert_string_equal(mpegts_codec(l.t), ""); /* the second is still missing */
        buf_clear(&b);
        section(&s, 2, 2,
                with_sound ? "\xe2\x01\xf0\x00\x0f\xe2\x01\xf0\x00"
                           : "\xe2\x01\xf0\x00\x06\xe2\x01\xf0\x00",
                9);
        section_packets(&b, 0x101, &s);
        assert_int_equal(feed(&l, buf_view(&b)), with_sound ? RESULT_DENIED : RESULT_OK);
        assert_string_equal(mpegts_codec(l.t), with_sound ? "" : "h264");
        assert_int_equal(mpegts_tables(l.t).n, with_sound ? 0 : 3 * TS_PACKET);
        buf_free(&b);
        buf_free(&s);
        look_free(&l);
    }
}

/* Many data streams make a PMT of three packets. */
static void long_streams(struct buf *out)
{
    buf_put(out, H264_ON_200, 5);
    for (uint8_t i = 0; i < 20; i++) {
        uint8_t one[] = {0x06, 0xe3, i, 0xf0, 0x0f, 0xff, 13, 0, 0, 0,
                         0,    0,    0, 0,    0,    0,    0,  0, 0, 0};
        buf_put(out, one, sizeof one);
    }
}

static void a_table_may_span_packets_with_others_between(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf b = BUF_INIT(20000), streams = BUF_INIT(2000), mixed = BUF_INIT(20000);
    long_streams(&streams);
    tables(&b, streams.p, streams.n);
    assert_int_equal(b.n, 4 * TS_PACKET);
    for (size_t i = 0; i < 4; i++) {
        buf_put(&mixed, b.p + i * TS_PACKET, TS_PACKET);
        packet(&mixed, 0x1fff, false, "", 0);
        packet(&mixed, 0x200, false, "x", 1);
    }
    assert_int_equal(feed(&l, buf_view(&mixed)), RESULT_OK);
    assert_string_equal(mpegts_codec(l.t), "h264");
    assert_true(bytes_equal(mpegts_tables(l.t), buf_view(&b)));
    look_free(&l);
    /* one packet lost: the table does not count, and the next one does */
    l = look_new(true);
    buf_clear(&mixed);
    buf_put(&mixed, b.p, 2 * TS_PACKET);
    buf_put(&mixed, b.p + 3 * TS_PACKET, TS_PACKET);
    assert_int_equal(feed(&l, buf_view(&mixed)), RESULT_OK);
    assert_string_equal(mpegts_codec(l.t), "");
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_string_equal(mpegts_codec(l.t), "h264");
    look_free(&l);
    buf_free(&b);
    buf_free(&streams);
    buf_free(&mixed);
}

static void a_section_may_end_where_the_next_begins(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf b = BUF_INIT(20000), pmt = BUF_INIT(2000), body = BUF_INIT(2000);
    section(&pmt, 0, 1, "\x00\x01\xe1\x00", 4);
    section_packets(&b, 0, &pmt);
    buf_put(&body, "\xe2\x00\xf0\x00", 4);
    long_streams(&body);
    section(&pmt, 2, 1, body.p, body.n);
    /* its last bytes stand in front of another one in one packet */
    size_t head = 183 + 184, rest = pmt.n - head;
    uint8_t payload[184] = {0};
    memcpy(payload + 1, pmt.p, 183);
    packet(&b, 0x100, true, payload, 184);
    packet(&b, 0x100, false, pmt.p + 183, 184);
    payload[0] = (uint8_t)rest;
    memcpy(payload + 1, pmt.p + head, rest);
    memset(payload + 1 + rest, 0xff, 183 - rest);
    packet(&b, 0x100, true, payload, 184);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_string_equal(mpegts_codec(l.t), "h264");
    look_free(&l);
    buf_free(&b);
    buf_free(&pmt);
    buf_free(&body);
}

static void a_damaged_section_counts_as_not_sent(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(20000);
    tables(&b, H264_ON_200 "\x0f\xe3\x00\xf0\x00", 10);
    for (size_t i = TS_PACKET + 5; i < TS_PACKET + 5 + 26; i++) {
        struct look l = look_new(true);
        b.p[i] ^= 0x10;
        enum result r = feed(&l, buf_view(&b));
        assert_int_equal(r, RESULT_OK);
        assert_string_equal(mpegts_codec(l.t), "");
        b.p[i] ^= 0x10;
        look_free(&l);
    }
    buf_free(&b);
}

static void tables_have_to_come_in_time(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf b = BUF_INIT(TS_PACKET * 600);
    for (size_t i = 0; i < TS_TABLES_WITHIN - 2; i++)
        packet(&b, 0x200, false, "x", 1);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    look_free(&l);
    l = look_new(true);
    for (size_t i = 0; i < 3; i++)
        packet(&b, 0x200, false, "x", 1);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_DENIED);
    assert_int_equal(l.reason, REASON_MEDIA_REFUSED);
    look_free(&l);
    buf_free(&b);
}

/* What a stream is answered with whose PAT or PMT has this body. */
static void wrong_table(uint8_t table, const void *body, size_t n)
{
    struct look l = look_new(true);
    struct buf b = BUF_INIT(20000), s = BUF_INIT(2000);
    if (table == 2) {
        section(&s, 0, 1, "\x00\x01\xe1\x00", 4);
        section_packets(&b, 0, &s);
    }
    section(&s, table, 1, body, n);
    section_packets(&b, table == 2 ? 0x100 : 0, &s);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_DENIED);
    assert_int_equal(l.reason, REASON_MEDIA_REFUSED);
    buf_free(&b);
    buf_free(&s);
    look_free(&l);
}

static void tables_that_are_wrong_are_refused(void **state)
{
    (void)state;
    wrong_table(0, "", 0);                 /* no programme */
    wrong_table(0, "\x00\x00\xe0\x10", 4); /* only the network's */
    wrong_table(0, "\x00\x01\xe1", 3);     /* cut off */
    wrong_table(0, "\x00\x01\xe0\x00", 4); /* PMT on the PAT's PID */
    wrong_table(0, "\x00\x01\xff\xff", 4); /* PMT on the null PID */
    wrong_table(
        0, "\0\1\xe1\1\0\2\xe1\2\0\3\xe1\3\0\4\xe1\4\0\5\xe1\5\0\6\xe1\6\0\7\xe1\7\0\10\xe1\10",
        32);                                                   /* eight programmes */
    wrong_table(2, "\xe2\x00", 2);                             /* cut off */
    wrong_table(2, "\xe2\x00\xf0\x09", 4);                     /* descriptors past the end */
    wrong_table(2, "\xe2\x00\xf0\x00", 4);                     /* no stream at all */
    wrong_table(2, "\xe2\x00\xf0\x00\x06\xe2\x00\xf0\x00", 9); /* no video */
    wrong_table(2, "\xe2\x00\xf0\x00\x1b\xe2\x00\xf0", 8);     /* a stream cut off */
    wrong_table(2, "\xe2\x00\xf0\x00\x1b\xe2\x00\xf0\x05", 9); /* its descriptors too */
    wrong_table(2, "\xe2\x00\xf0\x00\x1b\xe0\x00\xf0\x00", 9); /* on the PAT's PID */
    wrong_table(2, "\xe2\x00\xf0\x00\x1b\xe1\x00\xf0\x00", 9); /* on its own PID */
    uint8_t many[4 + 33 * 5] = {0xe2, 0, 0xf0, 0};
    for (size_t i = 0; i < 33; i++)
        memcpy(many + 4 + 5 * i, H264_ON_200, 5);
    wrong_table(2, many, sizeof many);
}

static void what_is_no_transport_stream_is_malformed(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf b = BUF_INIT(20000);
    tables(&b, H264_ON_200, 5);
    assert_int_equal(feed(&l, bytes_of(b.p, b.n - 1)), RESULT_MALFORMED);
    assert_int_equal(l.reason, REASON_MEDIA_REFUSED);
    b.p[TS_PACKET] = 0x48;
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_MALFORMED);
    b.p[TS_PACKET] = TS_SYNC;
    b.p[TS_PACKET + 3] = 0x30; /* with an adaptation field */
    b.p[TS_PACKET + 4] = 184;
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_MALFORMED);
    assert_int_equal(l.reason, REASON_MEDIA_REFUSED);
    assert_int_equal(feed(&l, bytes_of(NULL, 0)), RESULT_OK);
    look_free(&l);
    buf_free(&b);
}

static void scrambled_packets_are_refused(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf b = BUF_INIT(20000);
    packet(&b, 0x200, false, "x", 1);
    b.p[3] |= 0x80;
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_DENIED);
    assert_int_equal(l.reason, REASON_MEDIA_REFUSED);
    look_free(&l);
    buf_free(&b);
}

/* Whether a decoder could start at the second packet behind the tables. */
static bool starts_with(uint8_t type, const void *nal, size_t n)
{
    uint8_t streams[] = {type, 0xe2, 0x00, 0xf0, 0x00};
    struct look l = look_new(true);
    struct buf b = BUF_INIT(20000);
    tables(&b, streams, sizeof streams);
    pes(&b, 0x201, 0xe0, nal, n);
    pes(&b, 0x200, 0xe0, nal, n);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    if (l.chunk.has_start)
        assert_int_equal(l.chunk.start, 3 * TS_PACKET);
    buf_free(&b);
    look_free(&l);
    return l.chunk.has_start;
}

static void without_the_indicator_a_start_is_found_by_its_units(void **state)
{
    (void)state;
    assert_true(starts_with(0x1b, "\0\0\0\1\x09\xf0\0\0\0\1\x67", 11)); /* delimiter, SPS */
    assert_true(starts_with(0x1b, "\0\0\1\x65", 4));                    /* IDR */
    assert_false(starts_with(0x1b, "\0\0\0\1\x09\xf0\0\0\0\1\x41", 11));
    assert_true(starts_with(0x24, "\0\0\0\1\x46\1\x50\0\0\1\x40", 11)); /* delimiter, VPS */
    assert_true(starts_with(0x24, "\0\0\1\x26", 4));                    /* IDR_W_RADL */
    assert_true(starts_with(0x24, "\0\0\1\x2a", 4));                    /* CRA */
    assert_false(starts_with(0x24, "\0\0\1\x02", 4));
}

static void the_indicator_alone_is_a_start(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf b = BUF_INIT(20000);
    packet(&b, 0x200, false, "xx", 2);
    b.p[3] = 0x30;
    b.p[4] = 1;
    b.p[5] = 0x40;
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_false(l.chunk.has_start); /* before the tables it helps nobody */
    assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_true(l.chunk.has_start);
    assert_int_equal(l.chunk.start, 0);
    b.p[2] = 0x01; /* another PID */
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    assert_false(l.chunk.has_start);
    look_free(&l);
    buf_free(&b);
}

static void random_damage_ends_in_an_answer(void **state)
{
    (void)state;
    struct buf file = BUF_INIT(1u << 20);
    read_file("message/h265.ts", &file);
    uint32_t random = 3;
    for (int i = 0; i < 3000; i++) {
        struct look l = look_new(true);
        uint8_t was[4];
        size_t at[4];
        for (size_t k = 0; k < 4; k++) {
            random = random * 1664525 + 1013904223;
            at[k] = (random >> 8) % (k < 2 ? 3 * TS_PACKET : file.n);
            was[k] = file.p[at[k]];
            file.p[at[k]] = (uint8_t)(random >> 24);
        }
        if (feed(&l, buf_view(&file)) != RESULT_OK)
            assert_true(l.reason != REASON_NONE && *l.why != '\0');
        for (size_t k = 4; k-- > 0;)
            file.p[at[k]] = was[k];
        look_free(&l);
    }
    buf_free(&file);
}

static void pictures_larger_than_the_limit_end_the_stream_and_others_do_not(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        uint32_t width, height;
        bool fits;
    } streams[] = {{"cctv-20s.ts", 768, 576, true},    {"cctv-20s.ts", 767, 576, false},
                   {"cctv-20s.ts", 1920, 575, false},  {"message/h265.ts", 64, 48, true},
                   {"message/h265.ts", 63, 48, false}, {"message/h265.ts", 64, 47, false}};
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        const struct media_rules rules = {.width = streams[i].width, .height = streams[i].height};
        struct look l = look_by(&rules);
        assert_int_equal(feed_file(&l, streams[i].path),
                         streams[i].fits ? RESULT_OK : RESULT_DENIED);
        assert_int_equal(l.reason, streams[i].fits ? REASON_NONE : REASON_QUOTA_EXCEEDED);
        if (!streams[i].fits)
            assert_string_equal(l.why, "limits.resolution: the pictures are larger");
        look_free(&l);
    }
}

/* Proved video, then a set of 1920 x 1080 behind `before` bytes of a picture, in packets that only
 * go on with the video. */
static void put_set(struct buf *out, size_t before)
{
    static const uint8_t set[] =
        "\0\0\1\x67\x64\0\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x44\0\0\3\0\4\0\0\3\0"
        "\x28\x3c\x60\xc6\x58\0\0\1\x65";
    enum { PART = 184 };
    struct buf bytes = BUF_INIT(20 * PART);
    memset(buf_extend(&bytes, before), 0xa5, before);
    buf_put(&bytes, set, sizeof set - 1);
    size_t n = (bytes.n / PART + 3) * PART - bytes.n;
    memset(buf_extend(&bytes, n), 0xa5, n);
    tables(out, H264_ON_200, 5);
    pes(out, 0x200, 0xe0, "\0\0\1\x65", 4);
    for (size_t at = 0; at < bytes.n; at += PART)
        packet(out, 0x200, false, bytes.p + at, PART);
    for (size_t at = 0; at < out->n; at += TS_PACKET) /* counted, some of them urgent */
        out->p[at + 3] |= at / TS_PACKET & 0xf;
    out->p[out->n - TS_PACKET + 1] |= 0x20;
    buf_free(&bytes);
}

static void a_set_is_found_wherever_it_stands_in_the_packets(void **state)
{
    (void)state;
    for (size_t before = 0; before < 3 * 184; before++)
        for (size_t chunk = 1; chunk <= 9; chunk += 4) {
            struct buf b = BUF_INIT(20 * TS_PACKET);
            struct look l = look_by(&(struct media_rules){.width = 1280, .height = 1080});
            enum result r = RESULT_OK;
            put_set(&b, before);
            for (size_t at = 0; r == RESULT_OK && at < b.n; at += chunk * TS_PACKET) {
                size_t n = b.n - at < chunk * TS_PACKET ? b.n - at : chunk * TS_PACKET;
                r = feed(&l, bytes_of(b.p + at, n));
            }
            assert_int_equal(r, RESULT_DENIED);
            assert_int_equal(l.reason, REASON_QUOTA_EXCEEDED);
            look_free(&l);
            buf_free(&b);
        }
}

static void where_pictures_are_limited_nothing_passes_beside_the_video_looked_at(void **state)
{
    (void)state;
    const struct media_rules rules = {.width = 1920, .height = 1080};
    struct look l = look_by(&rules);
    assert_int_equal(feed_tables(&l, H264_ON_200 "\x24\xe2\x01\xf0\x00", 10), RESULT_DENIED);
    assert_int_equal(l.reason, REASON_MEDIA_REFUSED);
    look_free(&l);
    l = look_new(false);
    assert_int_equal(feed_tables(&l, H264_ON_200 "\x24\xe2\x01\xf0\x00", 10), RESULT_OK);
    look_free(&l);
    l = look_by(&rules);
    struct buf b = BUF_INIT(4096);
    tables(&b, H264_ON_200, 5);
    pes(&b, 0x200, 0xe0, "\0\0\1\x67\x64\0\0\1\x65", 9); /* a set that says nothing */
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_DENIED);
    assert_int_equal(l.reason, REASON_MEDIA_REFUSED);
    buf_free(&b);
    look_free(&l);
}

/* ---- what does not pass */

/* The packet at this place is what it was, or a null packet with nothing in it. */
static bool stands(const struct look *l, const struct buf *was, size_t i)
{
    const uint8_t *p = l->passed.p + i * TS_PACKET;
    if (memcmp(p, was->p + i * TS_PACKET, TS_PACKET) == 0)
        return true;
    assert_memory_equal(p, "\x47\x1f\xff\x10", 4);
    for (size_t k = 4; k < TS_PACKET; k++)
        assert_int_equal(p[k], 0xff);
    return false;
}

/* Behind the tables of H.264 on PID 0x200, with these others, whose clock has PID 0x200: whether
 * the packet that was put last stands. */
static bool last_stands(const void *others, size_t n, void (*put)(struct buf *b))
{
    struct look l = look_new(false);
    struct buf b = BUF_INIT(20000), streams = BUF_INIT(200);
    buf_put(&streams, H264_ON_200, 5);
    buf_put(&streams, others, n);
    tables(&b, streams.p, streams.n);
    put(&b);
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
    for (size_t i = 0; i < 2; i++)
        assert_true(stands(&l, &b, i));
    bool stood = stands(&l, &b, b.n / TS_PACKET - 1);
    buf_free(&b);
    buf_free(&streams);
    look_free(&l);
    return stood;
}

static void put_video(struct buf *b)
{
    pes(b, 0x200, 0xe0, "\0\0\1\x65", 4);
}

static void put_on_300(struct buf *b)
{
    pes(b, 0x300, 0xc0, "", 0);
}

static void put_service_description(struct buf *b)
{
    packet(b, 0x11, true, "\0\x42\xf0\x25", 4);
}

static void put_full_null(struct buf *b)
{
    packet(b, 0x1fff, false, "hidden", 6);
}

static void put_damaged_video(struct buf *b)
{
    put_video(b);
    b->p[b->n - TS_PACKET + 1] |= 0x80;
}

static void only_what_the_tables_list_as_video_or_sound_passes(void **state)
{
    (void)state;
    assert_true(last_stands("", 0, put_video));
    assert_false(last_stands("", 0, put_on_300));                     /* nobody lists it */
    assert_true(last_stands("\x0f\xe3\x00\xf0\x00", 5, put_on_300));  /* sound, not refused here */
    assert_false(last_stands("\x05\xe3\x00\xf0\x00", 5, put_on_300)); /* private sections */
    assert_false(last_stands("\x06\xe3\x00\xf0\x00", 5, put_on_300)); /* private data */
    assert_false(last_stands("\x15\xe3\x00\xf0\x00", 5, put_on_300)); /* metadata */
    assert_false(last_stands("\x1b\xe3\x00\xf0\x00", 5, put_on_300)); /* a second video */
    assert_false(last_stands("", 0, put_service_description));
    assert_false(last_stands("", 0, put_full_null));
    assert_false(last_stands("", 0, put_damaged_video)); /* nobody looked into it */
}

/* "No clock" gave null packets, and what passes for them because it was damaged, the clock's role:
 * nothing of them was blanked. */
static void a_programme_without_a_clock_lets_no_more_pass(void **state)
{
    static void (*const put[])(struct buf *) = {put_full_null, put_damaged_video};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(put); i++) {
        struct look l = look_new(true);
        struct buf b = BUF_INIT(20000);
        tables_with_clock(&b, 0x1fff, H264_ON_200, 5);
        put[i](&b);
        assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
        assert_false(stands(&l, &b, 2));
        buf_free(&b);
        look_free(&l);
    }
}

static void a_packet_that_has_more_in_it_than_its_table_does_not_pass(void **state)
{
    (void)state;
    static const struct {
        uint16_t pid;
        size_t at; /* in the packet that is put last, a copy of its PID's table */
        uint8_t flip;
        bool stands;
    } row[] = {{0, 0, 0, true},
               {0x100, 0, 0, true},
               {0, TS_PACKET - 1, 1, false}, /* behind the section */
               {0x100, TS_PACKET - 1, 1, false},
               {0, 5, 0x70, false}, /* another table */
               {0x100, 5, 0x70, false},
               {0x100, 4, 1, false}}; /* something in front of it */
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct look l = look_new(true);
        struct buf b = BUF_INIT(20000);
        tables(&b, H264_ON_200, 5);
        uint8_t last[TS_PACKET];
        memcpy(last, b.p + (row[i].pid == 0 ? 0 : TS_PACKET), TS_PACKET);
        last[row[i].at] ^= row[i].flip;
        buf_put(&b, last, TS_PACKET);
        assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
        assert_int_equal(stands(&l, &b, 2), row[i].stands);
        buf_free(&b);
        look_free(&l);
    }
}

static void of_the_clock_s_own_pid_the_clock_passes_and_nothing_else(void **state)
{
    (void)state;
    for (int with_payload = 0; with_payload < 2; with_payload++) {
        struct look l = look_new(true);
        struct buf b = BUF_INIT(20000), s = BUF_INIT(2000);
        section(&s, 0, 1, "\x00\x01\xe1\x00", 4);
        section_packets(&b, 0, &s);
        section(&s, 2, 1, "\xe4\x00\xf0\x00" H264_ON_200, 9);
        section_packets(&b, 0x100, &s);
        packet(&b, 0x400, false, "\xb7\x10", 2);
        b.p[b.n - TS_PACKET + 3] = with_payload ? 0x30 : 0x20;
        b.p[b.n - TS_PACKET + 4] = with_payload ? 100 : 183;
        assert_int_equal(feed(&l, buf_view(&b)), RESULT_OK);
        assert_int_equal(stands(&l, &b, 2), !with_payload);
        buf_free(&b);
        buf_free(&s);
        look_free(&l);
    }
}

/* Signed video stays as it was signed: units, their order, and what is said between them. */
static void the_video_itself_is_not_touched(void **state)
{
    (void)state;
    struct look l = look_new(true);
    struct buf file = BUF_INIT(4u << 20);
    size_t others = 0;
    read_file("cctv-20s.ts", &file);
    assert_int_equal(feed(&l, buf_view(&file)), RESULT_OK);
    for (size_t i = 0; i < file.n / TS_PACKET; i++) {
        const uint8_t *p = file.p + i * TS_PACKET;
        bool is_video = ((p[1] & 0x1f) << 8 | p[2]) == 0x100;
        assert_true(stands(&l, &file, i) || !is_video);
        others += !is_video;
    }
    assert_true(others > 0);
    buf_free(&file);
    look_free(&l);
}

static void a_codec_that_is_not_listed_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        uint8_t codecs;
        const char *path;
        bool passes;
    } row[] = {{MEDIA_H264, "cctv-20s.ts", true},
               {MEDIA_H265, "cctv-20s.ts", false},
               {MEDIA_H265, "message/h265.ts", true},
               {MEDIA_H264, "message/h265.ts", false},
               {MEDIA_H264 | MEDIA_H265, "message/h265.ts", true}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct look l = look_by(&(struct media_rules){.codecs = row[i].codecs});
        assert_int_equal(feed_file(&l, row[i].path), row[i].passes ? RESULT_OK : RESULT_DENIED);
        if (!row[i].passes)
            assert_string_equal(l.why, "limits.codecs: a programme lists another codec");
        look_free(&l);
    }
}

/* The tables say H.264; what comes is something else. */
static void what_only_claims_to_be_video_is_refused_within_its_first_packets(void **state)
{
    (void)state;
    static const struct {
        uint8_t stream_id;
        const char *data;
        size_t n;
        unsigned packets; /* until it is refused; 0: never */
    } row[] = {{0xe0, "\0\0\0\1\x09\xf0", 6, 0}, {0xe0, "PK\3\4 an archive", 14, 3},
               {0xe0, "\0\0\1\x80", 4, 3}, /* the forbidden bit */
               {0xe0, "\0\0\1\x00", 4, 3}, /* no unit of H.264's */
               {0xbd, "\0\0\1\x65", 4, 1}, /* a private stream */
               {0xc0, "\0\0\1\x65", 4, 1}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct look l = look_new(false);
        assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
        for (unsigned k = 1; k <= 20; k++) {
            struct buf b = BUF_INIT(TS_PACKET);
            pes(&b, 0x200, row[i].stream_id, row[i].data, row[i].n);
            bool refused = feed(&l, buf_view(&b)) != RESULT_OK;
            buf_free(&b);
            assert_int_equal(refused, k == row[i].packets);
            assert_true(!refused || *l.why != '\0');
            if (refused)
                break;
        }
        look_free(&l);
    }
    struct look l = look_new(true);
    struct buf b = BUF_INIT(TS_PACKET);
    assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
    packet(&b, 0x200, true, "noise", 5); /* a unit begins that is no PES packet */
    assert_int_equal(feed(&l, buf_view(&b)), RESULT_DENIED);
    look_free(&l);
    l = look_new(true);
    assert_int_equal(feed_tables(&l, H264_ON_200, 5), RESULT_OK);
    b.p[1] = 0x02; /* and never a unit at all */
    unsigned packets = 0;
    while (packets < 10000 && feed(&l, buf_view(&b)) == RESULT_OK)
        packets++;
    assert_int_equal(packets, 4096);
    look_free(&l);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_footage_passes_and_shows_where_to_start),
        cmocka_unit_test(a_watcher_can_join_with_the_tables),
        cmocka_unit_test(h265_passes_and_other_codecs_do_not),
        cmocka_unit_test(sound_is_refused_where_the_rules_say_so),
        cmocka_unit_test(every_way_to_list_sound_is_known),
        cmocka_unit_test(private_data_is_sound_when_a_descriptor_says_so),
        cmocka_unit_test(sound_that_no_table_lists_is_found_by_its_packets),
        cmocka_unit_test(a_packet_that_hides_its_stream_id_is_refused),
        cmocka_unit_test(a_table_that_changes_is_inspected_again),
        cmocka_unit_test(old_video_is_looked_at_no_more_after_a_change),
        cmocka_unit_test(a_table_of_another_programme_on_the_same_pid_is_inspected_but_not_used),
        cmocka_unit_test(all_programmes_are_inspected),
        cmocka_unit_test(a_table_may_span_packets_with_others_between),
        cmocka_unit_test(a_section_may_end_where_the_next_begins),
        cmocka_unit_test(a_damaged_section_counts_as_not_sent),
        cmocka_unit_test(tables_have_to_come_in_time),
        cmocka_unit_test(tables_that_are_wrong_are_refused),
        cmocka_unit_test(what_is_no_transport_stream_is_malformed),
        cmocka_unit_test(scrambled_packets_are_refused),
        cmocka_unit_test(without_the_indicator_a_start_is_found_by_its_units),
        cmocka_unit_test(the_indicator_alone_is_a_start),
        cmocka_unit_test(random_damage_ends_in_an_answer),
        cmocka_unit_test(pictures_larger_than_the_limit_end_the_stream_and_others_do_not),
        cmocka_unit_test(a_set_is_found_wherever_it_stands_in_the_packets),
        cmocka_unit_test(where_pictures_are_limited_nothing_passes_beside_the_video_looked_at),
        cmocka_unit_test(only_what_the_tables_list_as_video_or_sound_passes),
        cmocka_unit_test(a_programme_without_a_clock_lets_no_more_pass),
        cmocka_unit_test(a_packet_that_has_more_in_it_than_its_table_does_not_pass),
        cmocka_unit_test(of_the_clock_s_own_pid_the_clock_passes_and_nothing_else),
        cmocka_unit_test(the_video_itself_is_not_touched),
        cmocka_unit_test(a_codec_that_is_not_listed_is_refused_by_name),
        cmocka_unit_test(what_only_claims_to_be_video_is_refused_within_its_first_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
