#include "message/psi.h"

#include "base/cursor.h"
#include "message/mpegts.h"

enum {
    STUFFING = 0xff,
    SECTION_HEADER = 3, /* table id and length */
    CRC_BYTES = 4,
    FIRST_FREE_PID = 0x10 /* below are the standard's own tables */
};

/* CRC-32 of annex A: polynomial 0x04c11db7, most significant bit first; 0 over a whole section.
 * Four bits a step. */
static uint32_t crc32_of(struct bytes b)
{
    static const uint32_t step[16] = {0x00000000, 0x04c11db7, 0x09823b6e, 0x0d4326d9,
                                      0x130476dc, 0x17c56b6b, 0x1a864db2, 0x1e475005,
                                      0x2608edb8, 0x22c9f00f, 0x2f8ad6d6, 0x2b4bcb61,
                                      0x350c9b64, 0x31cd86d3, 0x3c8ea00a, 0x384fbdbd};
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < b.n; i++) {
        crc = crc << 4 ^ step[(crc >> 28 ^ b.p[i] >> 4) & 15];
        crc = crc << 4 ^ step[(crc >> 28 ^ b.p[i]) & 15];
    }
    return crc;
}

/* Bytes that a section has in all, by its header. */
static size_t size_of(const uint8_t header[SECTION_HEADER])
{
    return SECTION_HEADER + ((size_t)(header[1] & 15) << 8 | header[2]);
}

/* Moves bytes from `in` until the section is whole. RESULT_AGAIN when more are needed. */
static enum result fill_section(struct psi_section *s, struct cursor *in)
{
    for (;;) {
        size_t whole = s->have < SECTION_HEADER ? SECTION_HEADER : size_of(s->bytes);
        if (whole > sizeof s->bytes)
            return RESULT_TOO_LARGE;
        if (s->have >= SECTION_HEADER && s->have == whole)
            return RESULT_OK;
        size_t n = whole - s->have < in->left ? whole - s->have : in->left;
        if (n == 0)
            return RESULT_AGAIN;
        TRY(cursor_copy(in, s->bytes + s->have, n));
        s->have += n;
    }
}

static enum result put_section(struct psi_section *s, struct cursor *in,
                               enum result (*each)(void *, struct bytes), void *arg)
{
    enum result r = fill_section(s, in);
    if (r == RESULT_AGAIN)
        return RESULT_OK;
    struct bytes section = bytes_of(s->bytes, s->have);
    s->have = 0;
    if (r != RESULT_OK) {
        in->left = 0; /* nothing tells where the next one begins */
        return RESULT_OK;
    }
    if (bytes_equal(section, bytes_of(s->good, s->good_bytes)))
        return RESULT_OK; /* tables come ten times a second, and seldom change */
    if (section.n <= SECTION_HEADER + CRC_BYTES || crc32_of(section) != 0)
        return RESULT_OK;
    memcpy(s->good, section.p, section.n);
    s->good_bytes = section.n;
    return each(arg, section);
}

/* 2.4.4.1: in a packet where a section begins, the first byte says how many bytes still belong to
 * the one before. */
enum result psi_packet(struct psi_section *s, struct bytes payload, bool unit_start,
                       enum result (*each)(void *arg, struct bytes section), void *arg)
{
    struct cursor in = cursor_over(payload);
    if (!unit_start)
        return s->have > 0 ? put_section(s, &in, each, arg) : RESULT_OK;
    uint8_t pointer;
    struct bytes before;
    if (cursor_u8(&in, &pointer) != RESULT_OK || cursor_take(&in, pointer, &before) != RESULT_OK)
        return RESULT_OK;
    if (s->have > 0) {
        struct cursor end = cursor_over(before);
        TRY(put_section(s, &end, each, arg));
        s->have = 0;
    }
    while (in.left > 0 && *in.at != STUFFING)
        TRY(put_section(s, &in, each, arg));
    return RESULT_OK;
}

/* All bytes are as the first. */
static bool is_stuffing(struct bytes b)
{
    return b.p[0] == STUFFING && memcmp(b.p, b.p + 1, b.n - 1) == 0;
}

bool psi_is_plain(const struct psi_section *s, uint8_t table, struct bytes payload, bool unit_start)
{
    const uint8_t *section = s->bytes;
    size_t have = s->have, from = 0;
    if (unit_start) {
        if (payload.n < 1 + SECTION_HEADER || payload.p[0] != 0)
            return false;
        section = payload.p + 1;
        have = 0;
        from = 1;
    } else if (have < SECTION_HEADER) {
        return false;
    }
    size_t whole = size_of(section);
    if (section[0] != table || whole > PSI_SECTION_MAX)
        return false;
    size_t behind = from + whole - have;
    return behind >= payload.n || is_stuffing(bytes_of(payload.p + behind, payload.n - behind));
}

/* The header that PAT and PMT share (2.4.4.3, 2.4.4.8): `id` is the stream's or the programme's;
 * `body` is what lies between it and the CRC. */
static enum result long_header(struct bytes section, uint8_t table, uint16_t *id,
                               struct cursor *body, const char **why)
{
    struct cursor c = cursor_over(bytes_of(section.p, section.n - CRC_BYTES));
    uint8_t found, version, number, last;
    uint16_t length;
    if (cursor_u8(&c, &found) != RESULT_OK || found != table)
        return RESULT_AGAIN;
    *why = "a program table's header is cut off";
    if (cursor_u16(&c, &length) != RESULT_OK || cursor_u16(&c, id) != RESULT_OK ||
        cursor_u8(&c, &version) != RESULT_OK || cursor_u8(&c, &number) != RESULT_OK ||
        cursor_u8(&c, &last) != RESULT_OK)
        return RESULT_MALFORMED;
    *why = "a program table has another syntax or several sections";
    if ((length & 0x8000) == 0 || number != 0 || last != 0)
        return RESULT_MALFORMED;
    *body = c;
    return (version & 1) == 0 ? RESULT_AGAIN : RESULT_OK;
}

static bool is_free_pid(uint16_t pid)
{
    return pid >= FIRST_FREE_PID && pid < PSI_NULL_PID;
}

enum result psi_read_pat(struct bytes section, struct psi_pat *out, const char **why)
{
    struct cursor c = {0};
    uint16_t id;
    *out = (struct psi_pat){0};
    TRY(long_header(section, PSI_PAT, &id, &c, why));
    while (c.left > 0) {
        struct psi_programme p;
        *why = "the program association table is cut off";
        if (cursor_u16(&c, &p.number) != RESULT_OK || cursor_u16(&c, &p.pid) != RESULT_OK)
            return RESULT_MALFORMED;
        if (p.number == 0) /* the network's own table */
            continue;
        p.pid &= PSI_PIDS - 1;
        *why = "the program association table names too many programmes or a reserved PID";
        if (out->count == PSI_PROGRAMMES_MAX || !is_free_pid(p.pid))
            return RESULT_MALFORMED;
        out->programme[out->count++] = p;
    }
    *why = "the program association table names no programme";
    return out->count > 0 ? RESULT_OK : RESULT_MALFORMED;
}

/* Whether private data (stream type 0x06) is marked as sound: by a DVB descriptor (EN 300 468:
 * AC-3, E-AC-3, DTS, AAC, and under the extension DTS-HD, DTS-UHD, AC-4), or by a registered format
 * (SMPTE RA). */
static bool is_sound(struct bytes descriptors)
{
    static const char format[][5] = {"AC-3", "EAC3", "AC-4", "DTS1", "DTS2",
                                     "DTS3", "Opus", "BSSD", "mlpa"};
    struct cursor c = cursor_over(descriptors);
    uint8_t tag, n;
    struct bytes content;
    while (cursor_u8(&c, &tag) == RESULT_OK && cursor_u8(&c, &n) == RESULT_OK &&
           cursor_take(&c, n, &content) == RESULT_OK) {
        if (tag == 0x6a || (tag >= 0x7a && tag <= 0x7c))
            return true;
        if (tag == 0x7f && n > 0 &&
            (content.p[0] == 0x0e || content.p[0] == 0x15 || content.p[0] == 0x21))
            return true;
        for (size_t i = 0; tag == 0x05 && n >= 4 && i < ARRAY_LEN(format); i++)
            if (memcmp(content.p, format[i], 4) == 0)
                return true;
    }
    return false;
}

/* Table 2-34, and what ATSC, DVB and Blu-ray use of the private range. */
static enum psi_kind kind_of(uint8_t type, struct bytes descriptors)
{
    if (type >= 0x80 && type <= 0x87)
        return PSI_AUDIO;
    switch (type) {
    case 0x1b: return PSI_H264;
    case 0x24: return PSI_H265;
    case 0x03: /* MPEG-1 */
    case 0x04: /* MPEG-2 */
    case 0x0f: /* AAC in ADTS */
    case 0x11: /* AAC in LATM */
    case 0x1c: /* AAC, raw */
    case 0x2d: /* MPEG-H */
    case 0x2e: return PSI_AUDIO;
    case 0x05: /* private sections */
    case 0x15: /* metadata, such as a drone's */ return PSI_DATA;
    case 0x06: return is_sound(descriptors) ? PSI_AUDIO : PSI_DATA;
    default: return PSI_OTHER;
    }
}

static enum result read_stream(struct cursor *c, struct psi_pmt *out)
{
    uint8_t type;
    uint16_t pid, n;
    struct bytes descriptors;
    TRY(cursor_u8(c, &type));
    TRY(cursor_u16(c, &pid));
    TRY(cursor_u16(c, &n));
    TRY(cursor_take(c, n & 0x0fff, &descriptors));
    pid &= PSI_PIDS - 1;
    if (out->count == PSI_STREAMS_MAX || !is_free_pid(pid))
        return RESULT_MALFORMED;
    out->stream[out->count].pid = pid;
    out->stream[out->count++].kind = kind_of(type, descriptors);
    return RESULT_OK;
}

enum result psi_read_pmt(struct bytes section, struct psi_pmt *out, const char **why)
{
    struct cursor c = {0};
    struct bytes descriptors;
    uint16_t n;
    out->count = 0;
    TRY(long_header(section, PSI_PMT, &out->number, &c, why));
    *why = "a program map table is cut off, or names too many streams or a reserved PID";
    if (cursor_u16(&c, &out->clock_pid) != RESULT_OK || cursor_u16(&c, &n) != RESULT_OK ||
        cursor_take(&c, n & 0x0fff, &descriptors) != RESULT_OK)
        return RESULT_MALFORMED;
    out->clock_pid &= PSI_PIDS - 1;
    while (c.left > 0)
        if (read_stream(&c, out) != RESULT_OK)
            return RESULT_MALFORMED;
    return RESULT_OK;
}

size_t psi_packets(struct bytes section, uint16_t pid, uint8_t *out, size_t room)
{
    enum { HEAD = 4, PAYLOAD = TS_PACKET - HEAD };
    size_t packets = (1 + section.n + PAYLOAD - 1) / PAYLOAD; /* with the pointer in front, 0 */
    if (packets > room)
        return 0;
    memset(out, STUFFING, packets * TS_PACKET);
    for (size_t i = 0, done = 0; i < packets; i++) {
        uint8_t *at = out + i * TS_PACKET;
        size_t head = i == 0 ? HEAD + 1 : HEAD;
        size_t n = section.n - done < TS_PACKET - head ? section.n - done : TS_PACKET - head;
        at[0] = TS_SYNC;
        at[1] = (uint8_t)((i == 0 ? 0x40 : 0) | pid >> 8);
        at[2] = (uint8_t)pid;
        at[3] = (uint8_t)(0x10 | i);
        if (i == 0)
            at[HEAD] = 0;
        memcpy(at + head, section.p + done, n);
        done += n;
    }
    return packets;
}
