/* Transport streams, looked at as they pass: what is found does not depend on how a stream is cut,
 * a packet passes as it came or as a null packet, and the tables kept for those who join are
 * themselves a stream that is let through. */
#include "fuzz.h"

#include "base/mem.h"
#include "message/mpegts.h"
#include "message/psi.h"

/* The first byte. Most changes to a table would only break its CRC, so it can be set right. */
enum { REFUSE_AUDIO = 1, REPAIR = 2, LIMIT_SIZE = 4, ONLY_H264 = 8, PACKETS_MAX = 1024 };

/* ISO/IEC 13818-1, annex A: bit by bit, so not the code under test. */
static uint32_t crc32_of(struct bytes b)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < 8 * b.n; i++) {
        uint32_t bit = (uint32_t)(b.p[i / 8] >> (7 - i % 8) & 1) ^ crc >> 31;
        crc = crc << 1 ^ (bit != 0 ? 0x04c11db7 : 0);
    }
    return crc;
}

/* Sets the CRC of a section that begins in this packet and fits in it. */
static void repair(uint8_t *packet)
{
    size_t head = (packet[3] & 0x20) != 0 ? 5u + packet[4] : 4u;
    size_t at = head < TS_PACKET ? head + 1u + packet[head] : TS_PACKET;
    if ((packet[1] & 0x40) == 0 || at + 3 > TS_PACKET || packet[at] > 2)
        return;
    size_t n = 3 + ((size_t)(packet[at + 1] & 15) << 8 | packet[at + 2]);
    if (n < 7 || at + n > TS_PACKET)
        return;
    uint32_t crc = crc32_of(bytes_of(packet + at, n - 4));
    for (size_t i = 0; i < 4; i++)
        packet[at + n - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
}

static enum result look(struct mpegts *t, uint8_t *chunk, size_t n, bool *has_start)
{
    struct media_found found;
    enum reason reason = REASON_NONE;
    const char *why = NULL;
    enum result r = mpegts_chunk(t, chunk, n, &found, &reason, &why);
    HOLDS(r == RESULT_OK || ((r == RESULT_MALFORMED || r == RESULT_DENIED) && why != NULL &&
                             (reason == REASON_MEDIA_REFUSED || reason == REASON_AUDIO_REFUSED ||
                              reason == REASON_QUOTA_EXCEEDED)));
    HOLDS(!found.has_start || (found.start < n && found.start % TS_PACKET == 0));
    HOLDS(mpegts_tables(t).n % TS_PACKET == 0 &&
          mpegts_tables(t).n <= (size_t)TS_TABLES_MAX * TS_PACKET);
    *has_start |= found.has_start;
    return r;
}

static void joins(const struct media_rules *rules, const struct mpegts *t)
{
    struct mpegts *joined = mpegts_new(rules);
    bool start = false;
    if (mpegts_tables(t).n > 0) {
        uint8_t tables[TS_TABLES_MAX * TS_PACKET];
        size_t n = mpegts_tables(t).n;
        memcpy(tables, mpegts_tables(t).p, n);
        HOLDS(look(joined, tables, n, &start) == RESULT_OK && !start);
        HOLDS(bytes_equal(bytes_of(tables, n), mpegts_tables(t)));
        HOLDS(strcmp(mpegts_codec(joined), mpegts_codec(t)) == 0 && mpegts_codec(t)[0] != '\0');
        HOLDS(bytes_equal(mpegts_tables(joined), mpegts_tables(t)));
    } else {
        HOLDS(mpegts_codec(t)[0] == '\0');
    }
    mpegts_free(joined);
}

/* A packet passes as it came, or as a null packet. */
static void stands(const uint8_t *now, const uint8_t *was)
{
    HOLDS(memcmp(now, was, TS_PACKET) == 0 || memcmp(now, "\x47\x1f\xff\x10\xff", 5) == 0);
}

static void passes(const struct media_rules *rules, struct bytes stream)
{
    struct mpegts *whole = mpegts_new(rules), *pieces = mpegts_new(rules);
    uint8_t *a = mem_new(stream.n), *b = mem_new(stream.n);
    bool start = false, start_in_pieces = false;
    enum result r = RESULT_OK;
    memcpy(a, stream.p, stream.n);
    memcpy(b, stream.p, stream.n);
    for (size_t at = 0; r == RESULT_OK && at < stream.n; at += TS_PACKET) {
        r = look(pieces, b + at, TS_PACKET, &start_in_pieces);
        if (r == RESULT_OK)
            joins(rules, pieces);
        stands(b + at, stream.p + at);
    }
    HOLDS(look(whole, a, stream.n, &start) == r);
    HOLDS(start == start_in_pieces);
    HOLDS(memcmp(a, b, stream.n) == 0);
    HOLDS(strcmp(mpegts_codec(whole), mpegts_codec(pieces)) == 0);
    mpegts_free(whole);
    mpegts_free(pieces);
    mem_free(a);
    mem_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    uint8_t flags = fuzz_byte(&in);
    bool limit = (flags & LIMIT_SIZE) != 0;
    const struct media_rules rules = {.refuse_audio = (flags & REFUSE_AUDIO) != 0,
                                      .codecs = (flags & ONLY_H264) != 0 ? MEDIA_H264 : 0,
                                      .width = limit ? 1920 : 0,
                                      .height = limit ? 1080 : 0};
    size_t n = in.left / TS_PACKET;
    if (n > PACKETS_MAX)
        return 0;
    struct mpegts *t = mpegts_new(&rules);
    bool start = false;
    uint8_t *stream = mem_new(in.left + 1);
    if (in.left > 0)
        memcpy(stream, in.at, in.left);
    if (in.left % TS_PACKET != 0)
        HOLDS(look(t, stream, in.left, &start) == RESULT_MALFORMED);
    mpegts_free(t);
    for (size_t i = 0; (flags & REPAIR) != 0 && i < n; i++)
        repair(stream + i * TS_PACKET);
    if (n > 0)
        passes(&rules, bytes_of(stream, n * TS_PACKET));
    mem_free(stream);
    return 0;
}
