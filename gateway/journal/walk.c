/*
 * Torn or damaged? A frame is written into sectors that were unwritten on the disk: zero, or those
 * of an earlier segment (frame.h); and the disk writes a sector whole or not at all. So after a
 * crash each sector of the frame that was under way is unwritten or right, and it was never
 * acknowledged: with a sector that is still unwritten it is torn, and is cut off. Only one frame
 * can be under way, since the next is written only after fdatasync returned 0.
 *
 *   its header is there     the header verifies on its own, so its length is known; all behind it
 *                           must be unwritten
 *   its header is not       the sectors behind carry the mark of a frame's later sectors; the mark
 *                           of a frame's first sector among them means that this frame was whole
 *                           once, because another was written behind it
 *
 * Everything else is damage. So one sector of an acknowledged frame that turned to zero, or back to
 * what it was, is taken for a torn frame only when it is the very last frame of the journal:
 * nothing on the disk tells the two apart.
 */
#include "journal/walk.h"

#include "base/cursor.h"
#include "journal/file.h"

#include <stdio.h>

enum result walk_damage(struct walk *w, uint64_t at, const char *why)
{
    w->fault->segment = w->number;
    w->fault->offset = at;
    (void)snprintf(w->fault->text, sizeof w->fault->text, "%s", why);
    return RESULT_DAMAGED;
}

enum result walk_explain(struct journal_fault *fault, enum result r)
{
    if (fault->text[0] == '\0')
        (void)snprintf(fault->text, sizeof fault->text, "%s", result_text(r));
    return r;
}

enum result walk_begin(struct walk *w, int fd, uint32_t number, struct chain *chain,
                       struct journal_fault *fault)
{
    *w = (struct walk){.fd = fd, .number = number, .chain = chain, .fault = fault};
    buf_init(&w->own, WALK_WINDOW_MAX);
    w->window = &w->own;
    TRY(file_size(fd, &w->size));
    if (w->size == 0 || w->size % SECTOR != 0 || w->size > UINT32_MAX)
        return walk_damage(w, w->size, "no segment has this size");
    return RESULT_OK;
}

void walk_free(struct walk *w)
{
    buf_free(&w->own);
}

void walk_keep(struct buf *window, struct bytes kept)
{
    if (kept.n > 0)
        memmove(window->p, kept.p, kept.n);
    window->n = kept.n;
}

/* Lets go what stands before `at`, and keeps the rest of the window, which is often a good part of
 * a frame. Nothing in it is a secret: wiping it would cost as much as reading it. */
static enum result move_window(struct walk *w, uint64_t at)
{
    struct bytes kept = {0};
    if (at >= w->window_at && at < w->window_at + w->window->n)
        kept = bytes_of(w->window->p + (at - w->window_at),
                        (size_t)(w->window_at + w->window->n - at));
    if (w->windows != NULL) {
        w->window = w->windows->next(w->windows->arg, kept);
        if (w->window == NULL) {
            w->window = &w->own;
            return RESULT_STATE;
        }
    } else {
        walk_keep(w->window, kept);
    }
    w->window_at = at;
    return RESULT_OK;
}

/* The `n` bytes at `at`, which must lie within the file; read a window at a time. */
static enum result look(struct walk *w, uint64_t at, size_t n, uint8_t **out)
{
    if (at < w->window_at || at + n > w->window_at + w->window->n) {
        TRY(move_window(w, at));
        uint64_t left = w->size - at;
        size_t want = n > WALK_WINDOW ? n : WALK_WINDOW, kept = w->window->n, got;
        want = left < want ? (size_t)left : want;
        uint8_t *to = buf_extend(w->window, want - kept);
        if (to == NULL)
            return RESULT_TOO_LARGE;
        TRY(file_read(w->fd, at + kept, to, want - kept, &got));
        if (got < want - kept)
            return RESULT_IO; /* the file became shorter under our eyes */
    }
    *out = w->window->p + (at - w->window_at);
    return RESULT_OK;
}

enum result walk_segment(struct walk *w, bool oldest)
{
    const struct segment_header file = {w->number, (uint32_t)w->size};
    const char *why = "";
    uint8_t *sector;
    TRY(look(w, 0, SECTOR, &sector));
    if (sector_is_unwritten(sector, w->number))
        return RESULT_END;
    if (frame_read_segment(w->chain, sector, &file, oldest, &why) != RESULT_OK)
        return walk_damage(w, 0, why);
    w->named = true;
    w->at = SECTOR;
    return RESULT_OK;
}

static bool has_gap(const struct walk *w, const uint8_t *raw, size_t n)
{
    for (size_t i = 0; i < n; i += SECTOR)
        if (sector_is_unwritten(raw + i, w->number))
            return true;
    return false;
}

enum result walk_frame(struct walk *w, struct frame_header *header, uint64_t *place,
                       uint8_t **frame)
{
    const char *why = "";
    uint8_t *raw;
    if (w->at == w->size)
        return RESULT_END;
    TRY(look(w, w->at, SECTOR, &raw));
    if (sector_is_unwritten(raw, w->number))
        return RESULT_END;
    if (frame_read_header(w->chain, raw, header, &why) != RESULT_OK)
        return walk_damage(w, w->at, why);
    if (header->raw > w->size - w->at)
        return walk_damage(w, w->at, "the file ends within a frame");
    TRY(look(w, w->at, header->raw, &raw));
    if (!frame_verify(w->chain, header, raw)) {
        if (!has_gap(w, raw, header->raw))
            return walk_damage(w, w->at, "a frame does not verify");
        w->torn = w->at + header->raw;
        return RESULT_END;
    }
    *place = w->at;
    *frame = raw;
    w->at += header->raw;
    return RESULT_OK;
}

enum result walk_records(struct walk *w, const struct frame_header *h, uint64_t place,
                         uint8_t *frame,
                         enum result (*each)(void *arg, const struct journal_record *r), void *arg)
{
    const struct bytes records = frame_unmark(h, frame);
    struct cursor in = cursor_over(records);
    for (uint32_t i = 0; i < h->records; i++) {
        struct journal_record r = {.sequence = h->first + i, .place = {.segment = w->number}};
        if (cursor_u8(&in, &r.type) != RESULT_OK || cursor_bytes32(&in, &r.body) != RESULT_OK ||
            (i + 1 == h->records && in.left > 0))
            return walk_damage(w, place, "a frame's records are not laid out as they should be");
        size_t at = (size_t)(r.body.p - records.p);
        r.place.offset = (uint32_t)(place + frame_offset_of_record_byte(at));
        r.place.length = (uint32_t)r.body.n;
        r.place.check = (uint32_t)bytes_hash(r.body);
        TRY(each(arg, &r));
    }
    return RESULT_OK;
}

/* Whether a sector behind the whole frames can be a piece of the frame that was under way. */
static bool may_be_torn(const struct walk *w, uint64_t at, const uint8_t *sector)
{
    const uint8_t what = sector_is(sector, w->number);
    if (w->torn != 0)
        return at < w->torn;
    return what == MARK_MORE || (!w->named && at == SECTOR && what == MARK_FRAME);
}

enum result walk_rest(struct walk *w, bool last)
{
    for (uint64_t at = w->at; at < w->size; at += SECTOR) {
        uint8_t *sector;
        TRY(look(w, at, SECTOR, &sector));
        if (sector_is_unwritten(sector, w->number))
            continue;
        if (!last || !may_be_torn(w, at, sector))
            return walk_damage(w, at, "something stands where nothing was ever written");
        w->cut = true;
    }
    return RESULT_OK;
}
