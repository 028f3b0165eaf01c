#include "message/fmp4.h"

#include "base/buf.h"
#include "base/mem.h"
#include "message/boxes.h"
#include "message/fmp4_parts.h"
#include "message/unit.h"

/* Where in its units the media data is. */
struct units {
    uint32_t length; /* read so far, */
    unsigned have;   /* and bytes of it */
    uint64_t left;   /* of the unit */
    bool is_new, collecting;
    uint8_t set[SPS_MAX];
    size_t collected;
};

struct fmp4 {
    struct media_rules rules;
    struct fmp4_track track;
    struct fmp4_fragment fragment;
    struct units units;
    struct fmp4_refusal refusal;
    bool has_type, has_movie;
    size_t awaits; /* media data: bytes of the moof before it; 0: none is awaited */
    uint64_t data_left, blank_left; /* of the box that passes */
    struct buf held, passing;       /* the box that is not whole yet; the one that was */
    struct buf init, head;
};

struct fmp4 *fmp4_new(const struct media_rules *rules)
{
    struct fmp4 *f = mem_new(sizeof *f);
    f->rules = *rules;
    f->held = f->passing = BUF_INIT(FMP4_HELD_MAX);
    f->init = BUF_INIT(2 * FMP4_HELD_MAX);
    f->head = BUF_INIT(3 * FMP4_HELD_MAX);
    return f;
}

void fmp4_free(struct fmp4 *f)
{
    if (f == NULL)
        return;
    buf_free(&f->held);
    buf_free(&f->passing);
    buf_free(&f->init);
    buf_free(&f->head);
    mem_wipe(f, sizeof *f);
    mem_free(f);
}

static enum result refuse(struct fmp4 *f, const char *why)
{
    return fmp4_refuse(&f->refusal, REASON_MEDIA_REFUSED, why);
}

/* ---- media data: units, each with its length in front (14496-15, 4.3.3) */

static enum result begin_unit(struct fmp4 *f, uint64_t left)
{
    struct units *u = &f->units;
    u->left = u->length;
    u->have = 0;
    u->length = 0;
    u->is_new = true;
    return u->left > 0 && u->left <= left
               ? RESULT_OK
               : refuse(f, "a unit of video is empty, or longer than its fragment");
}

static enum result end_unit(struct fmp4 *f)
{
    struct units *u = &f->units;
    if (!u->collecting)
        return RESULT_OK;
    u->collecting = false;
    return fmp4_check_size(&f->rules, f->track.codec, bytes_of(u->set, u->collected), &f->refusal);
}

static enum result take_unit(struct fmp4 *f, struct bytes part)
{
    struct units *u = &f->units;
    if (u->is_new && !unit_is_known(f->track.codec, part.p[0]))
        return refuse(f, "what is listed as video is neither H.264 nor H.265");
    if (u->is_new) {
        u->collecting = f->rules.width != 0 && unit_is_sps(f->track.codec, part.p[0]);
        u->collected = 0;
    }
    u->is_new = false;
    if (u->collecting && part.n > SPS_MAX - u->collected)
        return refuse(f, "the size of pictures is limited, and cannot be read");
    if (u->collecting) {
        memcpy(u->set + u->collected, part.p, part.n);
        u->collected += part.n;
    }
    u->left -= part.n;
    return u->left == 0 ? end_unit(f) : RESULT_OK;
}

/* `left`: of the media data, behind these bytes. */
static enum result take_data(struct fmp4 *f, struct bytes data, uint64_t left)
{
    struct units *u = &f->units;
    for (size_t at = 0; at < data.n;) {
        size_t n = data.n - at;
        if (u->left > 0) {
            n = u->left < n ? (size_t)u->left : n;
            TRY(take_unit(f, bytes_of(data.p + at, n)));
            at += n;
            continue;
        }
        u->length = u->length << 8 | data.p[at++];
        if (++u->have == f->track.length_size)
            TRY(begin_unit(f, left + data.n - at));
    }
    return left > 0 || (u->left == 0 && u->have == 0)
               ? RESULT_OK
               : refuse(f, "a fragment ends inside of a unit of video");
}

/* ---- boxes */

static bool is_held(uint32_t type)
{
    return type == BOX('f', 't', 'y', 'p') || type == BOX('s', 't', 'y', 'p') ||
           type == BOX('m', 'o', 'o', 'v') || type == BOX('m', 'o', 'o', 'f') ||
           type == BOX('s', 'i', 'd', 'x');
}

/* How much of a box has to be there before it can be judged: all of those that are held, of others
 * the header. */
static enum result need_of(struct fmp4 *f, struct bytes in, size_t *need)
{
    struct box_start box;
    enum result r = box_start(in, &box);
    *need = 0;
    if (in.n >= BOX_HEADER && !f->has_type && box.type != BOX('f', 't', 'y', 'p'))
        return refuse(f, "it does not begin with a file type box");
    if (r == RESULT_MALFORMED)
        return refuse(f, "a box has no size, or one below its header");
    *need = box.header;
    if (r == RESULT_AGAIN || !is_held(box.type))
        return RESULT_OK;
    if (box.size > FMP4_HELD_MAX || box.header != BOX_HEADER)
        return refuse(f, "a box that describes others is larger than 128 KiB");
    *need = (size_t)box.size;
    return RESULT_OK;
}

/* Brands, and nothing else (4.3). */
static enum result take_type(struct fmp4 *f, struct bytes box, bool is_file)
{
    if (box.n < 16 || box.n % 4 != 0 || (is_file && f->has_type))
        return refuse(f, "a file type box is damaged, or comes again");
    if (is_file)
        buf_put(&f->init, box.p, box.n);
    f->has_type = true;
    return RESULT_OK;
}

static enum result take_movie(struct fmp4 *f, uint8_t *p, size_t n)
{
    if (f->has_movie)
        return refuse(f, "a second movie box");
    TRY(fmp4_read_movie(p + BOX_HEADER, n - BOX_HEADER, &f->rules, &f->track, &f->refusal));
    buf_put(&f->init, p, n);
    f->has_movie = true;
    return RESULT_OK;
}

/* *is_start: media_head is for this fragment from now on. */
static enum result take_fragment(struct fmp4 *f, uint8_t *p, size_t n, bool *is_start)
{
    if (!f->has_movie)
        return refuse(f, "a fragment comes before the movie box");
    TRY(fmp4_read_fragment(p + BOX_HEADER, n - BOX_HEADER, &f->track, &f->fragment, &f->refusal));
    f->awaits = n;
    *is_start = f->fragment.is_start;
    if (!*is_start)
        return RESULT_OK;
    buf_clear(&f->head);
    buf_put(&f->head, f->init.p, f->init.n);
    buf_put(&f->head, p, n);
    return RESULT_OK;
}

/* A list of times and sizes (8.16.3); nothing may stand behind it. */
static enum result take_index(struct fmp4 *f, struct bytes content)
{
    struct cursor c = cursor_over(content);
    struct bytes fixed;
    uint8_t version;
    uint32_t flags;
    uint16_t reserved, count;
    if (box_flags(&c, &version, &flags) == RESULT_OK &&
        cursor_take(&c, version == 0 ? 16 : 24, &fixed) == RESULT_OK &&
        cursor_u16(&c, &reserved) == RESULT_OK && cursor_u16(&c, &count) == RESULT_OK &&
        c.left == (size_t)count * 12)
        return RESULT_OK;
    return refuse(f, "an index is damaged");
}

/* The samples that the moof lists fill it, from its first byte to its last. */
static enum result begin_data(struct fmp4 *f, const struct box_start *box)
{
    const struct fmp4_fragment *g = &f->fragment;
    if (f->awaits == 0)
        return refuse(f, "media data without a fragment that describes it");
    if (g->bytes > FMP4_FRAGMENT_MAX)
        return refuse(f, "the media data of a fragment is larger than 8 MiB");
    if (box->size - box->header != g->bytes || g->data_offset != f->awaits + box->header)
        return refuse(f, "media data has more or less in it than its fragment's samples");
    f->awaits = 0;
    f->data_left = g->bytes;
    return RESULT_OK;
}

static enum result begin_blank(struct fmp4 *f, const struct box_start *box, uint8_t *p)
{
    if (box->size > FMP4_BLANK_MAX)
        return refuse(f, "a box that is not let through is larger than 1 MiB");
    memcpy(p + 4, "free", 4);
    f->blank_left = box->size - box->header;
    return RESULT_OK;
}

/* What need_of asked for is there. */
static enum result take_box(struct fmp4 *f, uint8_t *p, size_t n, bool *is_start)
{
    struct box_start box;
    *is_start = false;
    if (box_start(bytes_of(p, n), &box) != RESULT_OK)
        return refuse(f, "a box is damaged");
    if (f->awaits != 0 && box.type != BOX('m', 'd', 'a', 't'))
        return refuse(f, "a fragment is not followed by its media data");
    switch (box.type) {
    case BOX('f', 't', 'y', 'p'): return take_type(f, bytes_of(p, n), true);
    case BOX('s', 't', 'y', 'p'): return take_type(f, bytes_of(p, n), false);
    case BOX('m', 'o', 'o', 'v'): return take_movie(f, p, n);
    case BOX('m', 'o', 'o', 'f'): return take_fragment(f, p, n, is_start);
    case BOX('s', 'i', 'd', 'x'): return take_index(f, bytes_of(p + BOX_HEADER, n - BOX_HEADER));
    case BOX('m', 'd', 'a', 't'): return begin_data(f, &box);
    default: return begin_blank(f, &box, p);
    }
}

/* ---- chunks */

/* Completes the box that is held back. *at is behind what it took; nothing passes (found->to) when
 * it is still not whole. */
static enum result take_held(struct fmp4 *f, struct bytes chunk, size_t *at,
                             struct media_found *found)
{
    size_t need;
    for (;;) {
        TRY(need_of(f, buf_view(&f->held), &need));
        size_t n = need - f->held.n < chunk.n - *at ? need - f->held.n : chunk.n - *at;
        if (need == f->held.n)
            break;
        if (n == 0) {
            found->from = found->to = *at;
            return RESULT_OK;
        }
        buf_put(&f->held, chunk.p + *at, n);
        *at += n;
    }
    struct buf whole = f->held;
    f->held = f->passing;
    f->passing = whole;
    buf_clear(&f->held);
    TRY(take_box(f, f->passing.p, f->passing.n, &found->has_start));
    found->start = found->from = *at;
    found->before = buf_view(&f->passing);
    return RESULT_OK;
}

/* What stands at *at: the rest of a box that passes, or the beginning of one. */
static enum result take_next(struct fmp4 *f, uint8_t *chunk, size_t n, size_t *at,
                             struct media_found *found)
{
    size_t left = n - *at, need;
    bool is_start;
    if (f->data_left > 0 || f->blank_left > 0) {
        uint64_t *of = f->data_left > 0 ? &f->data_left : &f->blank_left;
        size_t part = *of < left ? (size_t)*of : left;
        *of -= part;
        *at += part;
        if (of == &f->data_left)
            return take_data(f, bytes_of(chunk + *at - part, part), *of);
        memset(chunk + *at - part, 0, part);
        return RESULT_OK;
    }
    if (!found->has_cut && f->awaits == 0) {
        found->has_cut = true;
        found->cut = *at;
    }
    TRY(need_of(f, bytes_of(chunk + *at, left), &need));
    if (need > left) {
        buf_put(&f->held, chunk + *at, left);
        found->to = *at;
        *at = n;
        return RESULT_OK;
    }
    TRY(take_box(f, chunk + *at, need, &is_start));
    *at += need;
    if (is_start) {
        found->has_start = true;
        found->start = *at;
    }
    return RESULT_OK;
}

static enum result take_chunk(struct fmp4 *f, uint8_t *chunk, size_t n, struct media_found *found)
{
    size_t at = 0;
    *found = (struct media_found){.to = n};
    if (f->held.n > 0)
        TRY(take_held(f, bytes_of(chunk, n), &at, found));
    while (at < n)
        TRY(take_next(f, chunk, n, &at, found));
    return buf_status(&f->init);
}

enum result fmp4_chunk(struct fmp4 *f, uint8_t *chunk, size_t n, struct media_found *out,
                       enum reason *reason, const char **why)
{
    enum result r = take_chunk(f, chunk, n, out);
    if (r != RESULT_OK) {
        (void)refuse(f, "it cannot be read"); /* unless it was said */
        *reason = f->refusal.reason;
        *why = f->refusal.why;
    }
    return r;
}

struct bytes fmp4_head(const struct fmp4 *f)
{
    return buf_view(&f->head);
}

const char *fmp4_codec(const struct fmp4 *f)
{
    return !f->has_movie ? "" : media_codec_word(f->track.codec == PSI_H264 ? 0 : 1);
}

bool fmp4_may_gap(const struct fmp4 *f)
{
    return f->held.n == 0 && f->data_left == 0 && f->blank_left == 0 && f->awaits == 0;
}
