#include "journal/frame.h"

#include "base/cursor.h"
#include "base/mem.h"

#define SEGMENT_MAGIC UINT32_C(0x66674a53) /* "fgJS" */
#define FRAME_MAGIC   UINT32_C(0x66674a46) /* "fgJF" */

enum { VERSION = 10, CHECK = TAG_BYTES, PADDING = 0xff, MAC_AT = SECTOR_CONTENT - MAC_BYTES };

_Static_assert(FRAME_HEADER == 4 + 2 + 8 + 4 + 4 + CHECK, "the header as it is laid out");

/* ---- sectors */

/* The product's upper bits: a bit of the number that turns over turns some of these over. */
static void put_mark(uint8_t *to, uint32_t segment, uint8_t what)
{
    const uint32_t number = htobe32(segment);
    const uint32_t rest = htobe32((segment * UINT32_C(2654435761) & ~UINT32_C(0xff)) | what);
    memcpy(to, &number, sizeof number);
    memcpy(to + sizeof number, &rest, sizeof rest);
}

/* The segment that a sector was written in, when its mark is one; else 0. */
static uint32_t segment_of(const uint8_t *sector)
{
    const uint8_t *mark = sector + SECTOR_CONTENT;
    uint8_t expected[SECTOR_MARK];
    uint32_t number;
    memcpy(&number, mark, sizeof number);
    number = be32toh(number);
    put_mark(expected, number, mark[SECTOR_MARK - 1]);
    return memcmp(mark, expected, SECTOR_MARK) == 0 ? number : 0;
}

bool sector_is_unwritten(const uint8_t *sector, uint32_t segment)
{
    static const uint8_t zero[SECTOR];
    const uint32_t of = segment_of(sector);
    return of > 0 ? of < segment : memcmp(sector, zero, SECTOR) == 0;
}

uint8_t sector_is(const uint8_t *sector, uint32_t segment)
{
    return segment_of(sector) == segment ? sector[SECTOR - 1] : 0;
}

size_t sector_span(uint64_t at, size_t n)
{
    size_t in_sector = (size_t)(at % SECTOR);
    return n == 0 ? 0 : n + (in_sector + n - 1) / SECTOR_CONTENT * SECTOR_MARK;
}

size_t sector_content(uint64_t at, struct bytes raw, uint8_t *out, bool *sound)
{
    size_t done = 0, i = 0;
    while (i < raw.n) {
        size_t room = SECTOR_CONTENT - (size_t)((at + i) % SECTOR);
        size_t n = room < raw.n - i ? room : raw.n - i;
        memmove(out + done, raw.p + i, n);
        done += n;
        i += n;
        if (raw.n - i >= SECTOR_MARK) {
            const uint8_t what = raw.p[i + SECTOR_MARK - 1];
            *sound = *sound && (what == MARK_FRAME || what == MARK_MORE);
        }
        i += SECTOR_MARK;
    }
    return done;
}

/* Where content byte `i` of a frame stands in it. */
static size_t place_of(size_t i)
{
    return i + i / SECTOR_CONTENT * SECTOR_MARK;
}

size_t frame_offset_of_record_byte(size_t i)
{
    return place_of(FRAME_HEADER + i);
}

/* The bytes on disk of a frame with this much content before padding and MAC. */
static size_t size_of(size_t content)
{
    return (content + MAC_BYTES + SECTOR_CONTENT - 1) / SECTOR_CONTENT * SECTOR;
}

/* ---- the chain */

/* MAC over the chain and `what`, under a label of its own for each use. */
static void chain_mac(const struct chain *c, const char *label, struct bytes what,
                      uint8_t out[MAC_BYTES])
{
    struct bytes part[] = {bytes_of_text(label), bytes_of(c->mac, MAC_BYTES), what};
    mac_keyed(c->key, part, ARRAY_LEN(part), out);
}

/* The MAC of a segment's first sector or of a frame: of all bytes before its place. */
static void mac_of(const struct chain *c, const uint8_t *raw, size_t n, uint8_t out[MAC_BYTES])
{
    uint8_t key[MAC_BYTES], hash[POLY1305_BYTES];
    chain_mac(c, "hash", bytes_of(NULL, 0), key);
    hasher_poly1305(c->hasher, key, bytes_of(raw, n - SECTOR + MAC_AT), hash);
    mem_wipe(key, sizeof key);
    chain_mac(c, "mac", bytes_of(hash, sizeof hash), out);
}

static void close_with_mac(struct chain *c, uint8_t *raw, size_t n)
{
    mac_of(c, raw, n, c->mac);
    memcpy(raw + n - SECTOR + MAC_AT, c->mac, MAC_BYTES);
}

static bool verify_mac(struct chain *c, const uint8_t *raw, size_t n)
{
    uint8_t mac[MAC_BYTES];
    mac_of(c, raw, n, mac);
    if (!mac_equal(mac, raw + n - SECTOR + MAC_AT, MAC_BYTES))
        return false;
    memcpy(c->mac, mac, MAC_BYTES);
    return true;
}

/* ---- writing */

void frame_begin(struct frame *f, uint32_t segment, bool opens_segment)
{
    buf_rewind(&f->raw);
    f->segment = segment;
    f->start = opens_segment ? SECTOR : 0;
    f->content = FRAME_HEADER;
    f->records = 0;
    (void)buf_extend(&f->raw, f->start + FRAME_HEADER);
}

size_t frame_size_with(const struct frame *f, size_t more)
{
    return f->start + size_of(f->content + more);
}

/* Appends content, and the mark of every sector that it fills. */
static void put(struct frame *f, const void *p, size_t n)
{
    const uint8_t *from = p;
    size_t in_sector = f->content % SECTOR_CONTENT;
    uint8_t *to = buf_extend(&f->raw, n + (in_sector + n) / SECTOR_CONTENT * SECTOR_MARK);
    if (to == NULL)
        return;
    while (n > 0) {
        size_t room = SECTOR_CONTENT - in_sector;
        size_t part = n < room ? n : room;
        memcpy(to, from, part);
        f->content += part;
        to += part;
        from += part;
        n -= part;
        in_sector = 0;
        if (part < room)
            return;
        put_mark(to, f->segment, f->content == SECTOR_CONTENT ? MARK_FRAME : MARK_MORE);
        to += SECTOR_MARK;
    }
}

size_t frame_add(struct frame *f, uint8_t type, struct bytes body)
{
    uint8_t header[FRAME_RECORD_HEADER] = {type, (uint8_t)(body.n >> 24), (uint8_t)(body.n >> 16),
                                           (uint8_t)(body.n >> 8), (uint8_t)body.n};
    put(f, header, sizeof header);
    size_t at = f->raw.n;
    put(f, body.p, body.n);
    f->records++;
    return at;
}

/* The header's bytes, with the check that makes them stand on their own. */
static void put_header(const struct frame *f, const struct chain *c, size_t records, uint8_t *to)
{
    struct buf b = BUF_INIT(FRAME_HEADER);
    uint8_t check[MAC_BYTES];
    buf_u32(&b, FRAME_MAGIC);
    buf_u16(&b, VERSION);
    buf_u64(&b, c->sequence);
    buf_u32(&b, f->records);
    buf_u32(&b, (uint32_t)records);
    chain_mac(c, "header", buf_view(&b), check);
    buf_put(&b, check, CHECK);
    memcpy(to, b.p, FRAME_HEADER);
    buf_free(&b);
}

static void put_segment(const struct chain *c, uint32_t number, uint32_t size, uint8_t *to)
{
    struct buf b = BUF_INIT(SECTOR);
    buf_u32(&b, SEGMENT_MAGIC);
    buf_u16(&b, VERSION);
    buf_u32(&b, number);
    buf_u32(&b, size);
    buf_u64(&b, c->sequence);
    buf_put(&b, c->mac, MAC_BYTES);
    memset(to, PADDING, SECTOR);
    memcpy(to, b.p, b.n);
    put_mark(to + SECTOR_CONTENT, number, MARK_SEGMENT);
    buf_free(&b);
}

void frame_end(struct frame *f, struct chain *c, uint32_t segment_size)
{
    uint8_t padding[SECTOR_CONTENT + MAC_BYTES];
    size_t records = f->content - FRAME_HEADER, n = size_of(f->content);
    if (f->start > 0) {
        put_segment(c, f->segment, segment_size, f->raw.p);
        close_with_mac(c, f->raw.p, SECTOR);
    }
    memset(padding, PADDING, sizeof padding);
    put(f, padding, n / SECTOR * SECTOR_CONTENT - f->content);
    put_header(f, c, records, f->raw.p + f->start);
    close_with_mac(c, f->raw.p + f->start, n);
    c->sequence += f->records;
}

/* ---- reading */

enum result frame_read_segment(struct chain *c, const uint8_t sector[SECTOR],
                               const struct segment_header *file, bool oldest, const char **why)
{
    struct cursor in = cursor_over(bytes_of(sector, SECTOR));
    struct segment_header said;
    uint32_t magic;
    uint16_t version;
    uint64_t sequence;
    uint8_t before[MAC_BYTES];
    TRY(cursor_u32(&in, &magic));
    TRY(cursor_u16(&in, &version));
    TRY(cursor_u32(&in, &said.number));
    TRY(cursor_u32(&in, &said.size));
    TRY(cursor_u64(&in, &sequence));
    TRY(cursor_copy(&in, before, sizeof before));
    *why = "this is no segment of a journal";
    if (magic != SEGMENT_MAGIC)
        return RESULT_DAMAGED;
    *why = "the segment was written by another version of fedgate";
    if (version != VERSION)
        return RESULT_DAMAGED;
    *why = "the segment has another number than its file";
    if (said.number != file->number)
        return RESULT_DAMAGED;
    *why = "the segment's first sector is marked as another";
    if (sector_is(sector, file->number) != MARK_SEGMENT)
        return RESULT_DAMAGED;
    *why = "the file is shorter than it was";
    if (said.size > file->size)
        return RESULT_DAMAGED;
    *why = "the segment does not follow the one before it";
    if (!oldest && (sequence != c->sequence || !mac_equal(before, c->mac, MAC_BYTES)))
        return RESULT_DAMAGED;
    memcpy(c->mac, before, MAC_BYTES);
    c->sequence = sequence;
    c->segment = file->number;
    *why = "the segment's first sector does not verify: damaged, or written under another MAC key";
    return verify_mac(c, sector, SECTOR) ? RESULT_OK : RESULT_DAMAGED;
}

enum result frame_read_header(const struct chain *c, const uint8_t sector[SECTOR],
                              struct frame_header *out, const char **why)
{
    struct cursor in = cursor_over(bytes_of(sector, SECTOR));
    uint32_t magic;
    uint16_t version;
    uint8_t check[MAC_BYTES];
    TRY(cursor_u32(&in, &magic));
    TRY(cursor_u16(&in, &version));
    TRY(cursor_u64(&in, &out->first));
    TRY(cursor_u32(&in, &out->records));
    TRY(cursor_u32(&in, &out->bytes));
    *why = "no frame begins here";
    if (magic != FRAME_MAGIC || sector_is(sector, c->segment) != MARK_FRAME)
        return RESULT_DAMAGED;
    *why = "a frame's header does not verify";
    chain_mac(c, "header", bytes_of(sector, FRAME_HEADER - CHECK), check);
    if (!mac_equal(check, in.at, CHECK))
        return RESULT_DAMAGED;
    *why = "a frame was written by another version of fedgate";
    if (version != VERSION)
        return RESULT_DAMAGED;
    *why = "a frame's header says what cannot be";
    if (out->first != c->sequence || out->bytes > FRAME_RECORDS_MAX || out->records == 0)
        return RESULT_DAMAGED;
    out->raw = size_of(FRAME_HEADER + out->bytes);
    return RESULT_OK;
}

bool frame_verify(struct chain *c, const struct frame_header *h, const uint8_t *raw)
{
    const uint8_t last = sector_is(raw + h->raw - SECTOR, c->segment);
    if (last != (h->raw == SECTOR ? MARK_FRAME : MARK_MORE) || !verify_mac(c, raw, h->raw))
        return false;
    c->sequence += h->records;
    return true;
}

struct bytes frame_unmark(const struct frame_header *h, uint8_t *raw)
{
    bool sound = true;
    (void)sector_content(0, bytes_of(raw, h->raw), raw, &sound);
    return bytes_of(raw + FRAME_HEADER, h->bytes);
}
