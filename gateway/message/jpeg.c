#include "message/jpeg.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/mem.h"

/* Markers (T.81, table B.1), without their first byte 0xff. */
enum {
    SOF0 = 0xc0, /* baseline */
    SOF2 = 0xc2, /* progressive */
    DHT = 0xc4,
    RST0 = 0xd0,
    RST7 = 0xd7,
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    DQT = 0xdb,
    DRI = 0xdd,
    APP0 = 0xe0,
    APP14 = 0xee,
    APP15 = 0xef,
    COM = 0xfe
};

enum {
    COMPONENTS_MAX = 4,
    JFIF_BYTES = 14, /* up to the thumbnail's size (JFIF 1.02) */
    JFIF_THUMBNAIL = 12,
    ADOBE_BYTES = 12
};

struct walk {
    struct cursor in;
    struct buf *out;
    uint8_t component[COMPONENTS_MAX]; /* ids, of the frame */
    size_t components;                 /* 0: no frame yet */
    unsigned scans;
    struct jpeg_facts *facts;
};

/* A marker: 0xff, perhaps more of them to fill, and its code (B.1.1.2). */
static enum result next_marker(struct cursor *in, uint8_t *code)
{
    TRY(cursor_u8(in, code));
    if (*code != 0xff)
        return RESULT_MALFORMED;
    while (*code == 0xff)
        TRY(cursor_u8(in, code));
    return RESULT_OK;
}

/* A segment's content, behind its length, which counts itself. */
static enum result segment(struct cursor *in, struct bytes *content)
{
    uint16_t n;
    TRY(cursor_u16(in, &n));
    return n < 2 ? RESULT_MALFORMED : cursor_take(in, n - 2u, content);
}

static void put_segment(struct walk *w, uint8_t code, struct bytes content)
{
    buf_u8(w->out, 0xff);
    buf_u8(w->out, code);
    buf_u16(w->out, (uint16_t)(content.n + 2));
    buf_put(w->out, content.p, content.n);
}

/* B.2.2. Sides are told here, or (height 0) by a later DNL segment, which is not supported. */
static enum result frame_header(struct walk *w, struct bytes content)
{
    struct cursor c = cursor_over(content);
    uint8_t precision, count, sampling, table;
    if (w->components > 0)
        return RESULT_MALFORMED;
    TRY(cursor_u8(&c, &precision));
    TRY(cursor_u16(&c, &w->facts->height));
    TRY(cursor_u16(&c, &w->facts->width));
    TRY(cursor_u8(&c, &count));
    if (precision != 8 || count < 1 || count > COMPONENTS_MAX)
        return RESULT_MALFORMED;
    if (w->facts->height < 1 || w->facts->height > LIMIT_PHOTO_SIDE || w->facts->width < 1 ||
        w->facts->width > LIMIT_PHOTO_SIDE)
        return RESULT_MALFORMED;
    for (size_t i = 0; i < count; i++) {
        TRY(cursor_u8(&c, &w->component[i]));
        TRY(cursor_u8(&c, &sampling));
        TRY(cursor_u8(&c, &table));
        if (sampling >> 4 < 1 || sampling >> 4 > 4 || (sampling & 15) < 1 || (sampling & 15) > 4 ||
            table > 3 || memchr(w->component, w->component[i], i) != NULL)
            return RESULT_MALFORMED;
    }
    w->components = count;
    return cursor_done(&c);
}

/* B.2.4.1: tables of 64 values of one or two bytes. */
static enum result quantization_tables(struct bytes content)
{
    struct cursor c = cursor_over(content);
    struct bytes values;
    uint8_t kind;
    do {
        TRY(cursor_u8(&c, &kind));
        if (kind >> 4 > 1 || (kind & 15) > 3)
            return RESULT_MALFORMED;
        TRY(cursor_take(&c, kind >> 4 == 0 ? 64 : 128, &values));
    } while (c.left > 0);
    return RESULT_OK;
}

/* B.2.4.2: 16 counts of codes, then that many symbols. */
static enum result huffman_tables(struct bytes content)
{
    struct cursor c = cursor_over(content);
    struct bytes counts, symbols;
    uint8_t kind;
    do {
        size_t sum = 0;
        TRY(cursor_u8(&c, &kind));
        TRY(cursor_take(&c, 16, &counts));
        for (size_t i = 0; i < counts.n; i++)
            sum += counts.p[i];
        if (kind >> 4 > 1 || (kind & 15) > 3 || sum > 256)
            return RESULT_MALFORMED;
        TRY(cursor_take(&c, sum, &symbols));
    } while (c.left > 0);
    return RESULT_OK;
}

/* B.2.3: which of the frame's components, with which tables. */
static enum result scan_header(const struct walk *w, struct bytes content)
{
    struct cursor c = cursor_over(content);
    uint8_t count, component, tables, first, last, approximation;
    TRY(cursor_u8(&c, &count));
    if (count < 1 || count > w->components)
        return RESULT_MALFORMED;
    for (size_t i = 0; i < count; i++) {
        TRY(cursor_u8(&c, &component));
        TRY(cursor_u8(&c, &tables));
        if (memchr(w->component, component, w->components) == NULL || tables >> 4 > 3 ||
            (tables & 15) > 3)
            return RESULT_MALFORMED;
    }
    TRY(cursor_u8(&c, &first));
    TRY(cursor_u8(&c, &last));
    TRY(cursor_u8(&c, &approximation));
    return first > last || last > 63 ? RESULT_MALFORMED : cursor_done(&c);
}

/* The coded data behind a scan's header: up to a marker other than a restart; 0xff in the data is
 * followed by 0x00 (B.1.1.5). */
static enum result entropy_coded(struct walk *w)
{
    size_t n = 0;
    for (;; n += 2) {
        const uint8_t *at = n < w->in.left ? memchr(w->in.at + n, 0xff, w->in.left - n) : NULL;
        if (at == NULL)
            return RESULT_END;
        n = (size_t)(at - w->in.at);
        if (n + 1 >= w->in.left)
            return RESULT_END;
        uint8_t code = w->in.at[n + 1];
        if (code != 0x00 && (code < RST0 || code > RST7))
            break;
    }
    struct bytes data;
    TRY(cursor_take(&w->in, n, &data));
    buf_put(w->out, data.p, data.n);
    return n == 0 ? RESULT_MALFORMED : RESULT_OK;
}

static enum result scan(struct walk *w, struct bytes content)
{
    if (++w->scans > LIMIT_PHOTO_SCANS)
        return RESULT_MALFORMED;
    TRY(scan_header(w, content));
    put_segment(w, SOS, content);
    return entropy_coded(w);
}

/* JFIF stays without its thumbnail, and Adobe's colour transform without what may follow it; the
 * rest goes: EXIF with places and serial numbers, XMP, ICC, other thumbnails. */
static void application_segment(struct walk *w, uint8_t code, struct bytes content)
{
    if (code == APP0 && content.n >= JFIF_BYTES && memcmp(content.p, "JFIF", 5) == 0) {
        uint8_t jfif[JFIF_BYTES];
        memcpy(jfif, content.p, JFIF_THUMBNAIL);
        memset(jfif + JFIF_THUMBNAIL, 0, JFIF_BYTES - JFIF_THUMBNAIL);
        put_segment(w, code, bytes_of(jfif, sizeof jfif));
    } else if (code == APP14 && content.n >= ADOBE_BYTES && memcmp(content.p, "Adobe", 5) == 0) {
        put_segment(w, code, bytes_of(content.p, ADOBE_BYTES));
    }
}

static enum result one_segment(struct walk *w, uint8_t code)
{
    struct bytes content;
    TRY(segment(&w->in, &content));
    if (code == COM)
        return RESULT_OK;
    if (code >= APP0 && code <= APP15) {
        application_segment(w, code, content);
        return RESULT_OK;
    }
    switch (code) {
    case SOS: return scan(w, content);
    case SOF0:
    case SOF2: TRY(frame_header(w, content)); break;
    case DQT: TRY(quantization_tables(content)); break;
    case DHT: TRY(huffman_tables(content)); break;
    case DRI:
        if (content.n != 2)
            return RESULT_MALFORMED;
        break;
    default: return RESULT_MALFORMED;
    }
    put_segment(w, code, content);
    return RESULT_OK;
}

static enum result walk(struct walk *w)
{
    uint8_t code;
    TRY(next_marker(&w->in, &code));
    if (code != SOI)
        return RESULT_MALFORMED;
    buf_u16(w->out, 0xff00 | SOI);
    for (;;) {
        TRY(next_marker(&w->in, &code));
        if (code == EOI)
            break;
        TRY(one_segment(w, code));
    }
    buf_u16(w->out, 0xff00 | EOI);
    return w->scans > 0 ? buf_status(w->out) : RESULT_MALFORMED;
}

enum result jpeg_strip(struct bytes jpeg, struct buf *out, struct jpeg_facts *facts)
{
    struct walk w = {.in = cursor_over(jpeg), .out = out, .facts = facts};
    size_t before = out->n;
    *facts = (struct jpeg_facts){0};
    enum result r = walk(&w);
    if (r == RESULT_OK) {
        facts->stripped = out->n - before != jpeg.n;
        return RESULT_OK;
    }
    if (out->n > before)
        mem_wipe(out->p + before, out->n - before);
    out->n = before;
    return r == RESULT_TOO_LARGE ? r : RESULT_MALFORMED;
}
