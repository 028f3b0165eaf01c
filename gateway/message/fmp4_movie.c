/* The movie box of fragmented MP4: one track, of video. */
#include "message/fmp4_parts.h"

#include "message/boxes.h"
#include "message/unit.h"

enum {
    SAMPLE_ENTRY = 78,
    HVCC_FIXED = 22
}; /* VisualSampleEntry up to its boxes; hvcC up to sets */

struct movie {
    const struct media_rules *rules;
    struct fmp4_track *track;
    struct fmp4_refusal *refusal;
    uint32_t defaults_id; /* of trex */
    unsigned tracks;
    bool has_id, has_video, has_codec, has_defaults;
};

enum result fmp4_refuse(struct fmp4_refusal *r, enum reason reason, const char *why)
{
    if (r->why == NULL)
        *r = (struct fmp4_refusal){reason, why};
    return RESULT_DENIED;
}

static enum result refuse(const struct movie *m, const char *why)
{
    return fmp4_refuse(m->refusal, REASON_MEDIA_REFUSED, why);
}

enum result fmp4_check_size(const struct media_rules *rules, enum psi_kind codec, struct bytes unit,
                            struct fmp4_refusal *refusal)
{
    struct sps_size size;
    if (rules->width == 0)
        return RESULT_OK;
    if (sps_read(codec, unit, &size) != RESULT_OK)
        return fmp4_refuse(refusal, REASON_MEDIA_REFUSED,
                           "the size of pictures is limited, and cannot be read");
    if (size.width > rules->width || size.height > rules->height)
        return fmp4_refuse(refusal, REASON_QUOTA_EXCEEDED,
                           "limits.resolution: the pictures are larger");
    return RESULT_OK;
}

/* ---- tkhd (8.3.2), hdlr (8.4.3), trex (8.8.3) */

static enum result read_track(void *arg, uint32_t type, struct bytes content)
{
    struct movie *m = arg;
    (void)type;
    (void)content;
    m->tracks++; /* a second one is refused for what it is, by its handler */
    return RESULT_OK;
}

static enum result read_track_header(void *arg, uint32_t type, struct bytes content)
{
    struct movie *m = arg;
    struct cursor c = cursor_over(content);
    uint8_t version;
    uint32_t flags;
    struct bytes times;
    (void)type;
    TRY(box_flags(&c, &version, &flags));
    TRY(cursor_take(&c, version == 1 ? 16 : 8, &times));
    TRY(cursor_u32(&c, &m->track->id));
    m->has_id = true;
    return RESULT_OK;
}

static enum result read_handler(void *arg, uint32_t type, struct bytes content)
{
    struct movie *m = arg;
    struct cursor c = cursor_over(content);
    uint32_t ignored, handler;
    (void)type;
    TRY(cursor_u32(&c, &ignored));
    TRY(cursor_u32(&c, &ignored));
    TRY(cursor_u32(&c, &handler));
    if (handler == BOX('s', 'o', 'u', 'n'))
        return m->rules->refuse_audio
                   ? fmp4_refuse(m->refusal, REASON_AUDIO_REFUSED, "the file has a track of sound")
                   : refuse(m, "sound is carried in transport streams only");
    m->has_video = handler == BOX('v', 'i', 'd', 'e');
    if (!m->has_video)
        return refuse(m, "the file has a track that is not video");
    return m->tracks == 1 ? RESULT_OK : refuse(m, "the file has more than one track");
}

static enum result read_defaults(void *arg, uint32_t type, struct bytes content)
{
    struct movie *m = arg;
    struct cursor c = cursor_over(content);
    uint8_t version;
    uint32_t flags, ignored;
    (void)type;
    TRY(box_flags(&c, &version, &flags));
    TRY(cursor_u32(&c, &m->defaults_id));
    TRY(cursor_u32(&c, &ignored));
    TRY(cursor_u32(&c, &ignored));
    TRY(cursor_u32(&c, &m->track->sample_size));
    TRY(cursor_u32(&c, &m->track->flags));
    m->has_defaults = true;
    return RESULT_OK;
}

/* ---- the sample table: what it would list stands in fragments */

static enum result read_empty(void *arg, uint32_t type, struct bytes content)
{
    struct cursor c = cursor_over(content);
    uint32_t ignored, count;
    TRY(cursor_u32(&c, &ignored));
    if (type == BOX('s', 't', 's', 'z'))
        TRY(cursor_u32(&c, &ignored));
    TRY(cursor_u32(&c, &count));
    return count == 0 && c.left == 0 ? RESULT_OK
                                     : refuse(arg, "the file has samples outside of its fragments");
}

/* dref (8.7.2): the media data stands in the file itself. */
static enum result read_place(void *arg, uint32_t type, struct bytes content)
{
    static const uint8_t here[] = {0, 0,  0,   0,   0,   0,   0, 1, 0, 0,
                                   0, 12, 'u', 'r', 'l', ' ', 0, 0, 0, 1};
    (void)type;
    return bytes_equal(content, bytes_of(here, sizeof here))
               ? RESULT_OK
               : refuse(arg, "the file names other files");
}

/* ---- the codec: avcC (14496-15, 5.3.3.1), hvcC (8.3.3.1) */

static enum result take_sets(const struct movie *m, struct cursor *c, unsigned count)
{
    for (; count > 0; count--) {
        struct bytes unit;
        TRY(cursor_bytes16(c, &unit));
        if (unit.n > 0 && unit_is_sps(m->track->codec, unit.p[0]))
            TRY(fmp4_check_size(m->rules, m->track->codec, unit, m->refusal));
    }
    return RESULT_OK;
}

static enum result take_length_size(struct movie *m, uint8_t byte)
{
    m->track->length_size = (byte & 3) + 1;
    m->has_codec = true;
    return m->track->length_size == 3 ? refuse(m, "units have lengths of three bytes") : RESULT_OK;
}

static enum result read_avcc(void *arg, uint32_t type, struct bytes content)
{
    struct movie *m = arg;
    struct cursor c = cursor_over(content);
    struct bytes profile;
    uint8_t byte;
    (void)type;
    TRY(cursor_take(&c, 4, &profile));
    TRY(cursor_u8(&c, &byte));
    TRY(take_length_size(m, byte));
    TRY(cursor_u8(&c, &byte));
    return take_sets(m, &c, byte & 31);
}

static enum result read_hvcc(void *arg, uint32_t type, struct bytes content)
{
    struct movie *m = arg;
    struct cursor c = cursor_over(content);
    struct bytes fixed;
    uint8_t arrays, ignored;
    uint16_t count;
    (void)type;
    TRY(cursor_take(&c, HVCC_FIXED, &fixed));
    TRY(take_length_size(m, fixed.p[HVCC_FIXED - 1]));
    TRY(cursor_u8(&c, &arrays));
    for (; arrays > 0; arrays--) {
        TRY(cursor_u8(&c, &ignored));
        TRY(cursor_u16(&c, &count));
        TRY(take_sets(m, &c, count));
    }
    return RESULT_OK;
}

static enum result read_entry(void *arg, uint32_t type, struct bytes content)
{
    struct movie *m = arg;
    bool is_h264 = type == BOX('a', 'v', 'c', '1') || type == BOX('a', 'v', 'c', '3');
    uint8_t bit = is_h264 ? MEDIA_H264 : MEDIA_H265;
    (void)content;
    m->track->codec = is_h264 ? PSI_H264 : PSI_H265;
    return m->rules->codecs == 0 || (m->rules->codecs & bit) != 0
               ? RESULT_OK
               : refuse(m, "limits.codecs: the file has another codec");
}

/* One entry, and of a kind that the rules below know: a box that is blanked is none. */
static enum result read_entries(void *arg, uint32_t type, struct bytes content)
{
    struct cursor c = cursor_over(content);
    uint32_t ignored, count, size, entry;
    (void)type;
    TRY(cursor_u32(&c, &ignored));
    TRY(cursor_u32(&c, &count));
    TRY(cursor_u32(&c, &size));
    TRY(cursor_u32(&c, &entry));
    if (count != 1 || size != content.n - 8)
        return refuse(arg, "the file has more than one codec");
    if (entry == BOX('e', 'n', 'c', 'v'))
        return refuse(arg, "scrambled video cannot be inspected");
    return entry == BOX('a', 'v', 'c', '1') || entry == BOX('a', 'v', 'c', '3') ||
                   entry == BOX('h', 'v', 'c', '1') || entry == BOX('h', 'e', 'v', '1')
               ? RESULT_OK
               : refuse(arg, "the file's video is neither H.264 nor H.265");
}

/* ---- what may stand where */

#define KEPT(a, b, c, d, n)                                                                        \
    {                                                                                              \
        .type = BOX(a, b, c, d), .once = true, .most = (n)                                         \
    }
#define READ(a, b, c, d, f)                                                                        \
    {                                                                                              \
        .type = BOX(a, b, c, d), .once = true, .read = (f)                                         \
    }
#define HAS(a, b, c, d, rules)                                                                     \
    {                                                                                              \
        .type = BOX(a, b, c, d), .once = true, .within = (rules)                                   \
    }
#define ENTRY(a, b, c, d, rules)                                                                   \
    {                                                                                              \
        .type = BOX(a, b, c, d), .once = true, .read = read_entry, .within = (rules),              \
        .fixed = SAMPLE_ENTRY                                                                      \
    }

static const struct box_rule h264[] = {READ('a', 'v', 'c', 'C', read_avcc),
                                       KEPT('p', 'a', 's', 'p', 8),
                                       KEPT('c', 'o', 'l', 'r', 11),
                                       KEPT('b', 't', 'r', 't', 12),
                                       {0}};
static const struct box_rule h265[] = {READ('h', 'v', 'c', 'C', read_hvcc),
                                       KEPT('p', 'a', 's', 'p', 8),
                                       KEPT('c', 'o', 'l', 'r', 11),
                                       KEPT('b', 't', 'r', 't', 12),
                                       {0}};
static const struct box_rule entries[] = {ENTRY('a', 'v', 'c', '1', h264),
                                          ENTRY('a', 'v', 'c', '3', h264),
                                          ENTRY('h', 'v', 'c', '1', h265),
                                          ENTRY('h', 'e', 'v', '1', h265),
                                          {0}};
static const struct box_rule samples[] = {{.type = BOX('s', 't', 's', 'd'),
                                           .once = true,
                                           .read = read_entries,
                                           .within = entries,
                                           .fixed = 8},
                                          READ('s', 't', 't', 's', read_empty),
                                          READ('s', 't', 's', 'c', read_empty),
                                          READ('s', 't', 's', 'z', read_empty),
                                          READ('s', 't', 'c', 'o', read_empty),
                                          {0}};
static const struct box_rule places[] = {READ('d', 'r', 'e', 'f', read_place), {0}};
static const struct box_rule edits[] = {KEPT('e', 'l', 's', 't', 48), {0}};
static const struct box_rule information[] = {KEPT('v', 'm', 'h', 'd', 12),
                                              HAS('d', 'i', 'n', 'f', places),
                                              HAS('s', 't', 'b', 'l', samples),
                                              {0}};
static const struct box_rule media[] = {KEPT('m', 'd', 'h', 'd', 36),
                                        READ('h', 'd', 'l', 'r', read_handler),
                                        HAS('m', 'i', 'n', 'f', information),
                                        {0}};
static const struct box_rule track[] = {READ('t', 'k', 'h', 'd', read_track_header),
                                        HAS('e', 'd', 't', 's', edits),
                                        HAS('m', 'd', 'i', 'a', media),
                                        {0}};
static const struct box_rule extends[] = {
    KEPT('m', 'e', 'h', 'd', 12), READ('t', 'r', 'e', 'x', read_defaults), {0}};
static const struct box_rule movie[] = {
    KEPT('m', 'v', 'h', 'd', 112),
    {.type = BOX('t', 'r', 'a', 'k'), .read = read_track, .within = track},
    HAS('m', 'v', 'e', 'x', extends),
    {0}};

enum result fmp4_read_movie(uint8_t *p, size_t n, const struct media_rules *rules,
                            struct fmp4_track *out, struct fmp4_refusal *refusal)
{
    struct movie m = {.rules = rules, .track = out, .refusal = refusal};
    *out = (struct fmp4_track){.id = 0};
    if (boxes_walk(movie, p, n, &m) != RESULT_OK)
        return refuse(&m, "the movie box is damaged");
    if (!m.has_defaults)
        return refuse(&m, "the file is not fragmented");
    if (m.tracks != 1 || !m.has_id || !m.has_video || !m.has_codec || m.defaults_id != out->id)
        return refuse(&m, "the movie box lacks a part");
    return RESULT_OK;
}
