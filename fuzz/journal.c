/*
 * Recovery of a journal whose files were changed. The input says what is written, then what is done
 * to the files. Whatever that is, nothing comes back but what was written, in order; and everything
 * does, or the opening says that there is damage, unless frames at the end have gone from the disk
 * or the last of them is torn.
 */
#include "fuzz.h"

#include "base/mem.h"
#include "crypto/init.h"
#include "journal/frame.h"
#include "journal/journal.h"
#include "journal/segment.h"

#include <unistd.h>

enum {
    SEGMENT = 64 << 10,
    FRAMES_MAX = 24,
    FRAME_RECORDS = 3,
    RECORDS_MAX = FRAMES_MAX * FRAME_RECORDS,
    SEGMENTS_MAX = 8,
    BODY_MAX = 8000,
    EDITS_MAX = 32
};

/* A frame as it stood on the disk, with the segment's first sector where that was written with it.
 */
struct written {
    uint32_t segment;
    size_t at, raw;        /* bytes of the file */
    unsigned first, count; /* records */
};

struct world {
    struct journal_config config;
    struct written frame[FRAMES_MAX];
    size_t frames;
    size_t size[RECORDS_MAX]; /* of each record's body */
    unsigned records;
    uint8_t *file[SEGMENTS_MAX + 1]; /* what was written, then what became of it; by number */
    size_t bytes[SEGMENTS_MAX + 1];
    struct bytes before[SEGMENTS_MAX + 1];
    unsigned first, seen; /* records that came back: the first, and how many */
    unsigned kept;        /* of them, at the first opening */
};

/* Every third is all zero. */
static struct bytes body_of(const struct world *w, unsigned record)
{
    static uint8_t body[BODY_MAX];
    for (size_t i = 0; i < w->size[record]; i++)
        body[i] = record % 3 == 0 ? 0 : (uint8_t)(record * 31 + i / 7);
    return bytes_of(body, w->size[record]);
}

/* ---- writing */

static void write_frame(struct world *w, struct journal *j, struct cursor *in)
{
    struct written *f = &w->frame[w->frames++];
    size_t content = FRAME_HEADER + MAC_BYTES;
    struct journal_place place;
    *f = (struct written){.first = w->records, .count = fuzz_byte(in) % FRAME_RECORDS + 1u};
    for (unsigned i = 0; i < f->count; i++) {
        size_t size = fuzz_u16(in) % BODY_MAX;
        w->size[w->records] = size;
        HOLDS(journal_add(j, 1, body_of(w, w->records), &place) == RESULT_OK);
        w->records++;
        f->segment = i == 0 ? place.segment : f->segment;
        f->at = i == 0 ? place.offset / SECTOR * SECTOR : f->at;
        content += FRAME_RECORD_HEADER + size;
    }
    HOLDS(journal_commit(j) == RESULT_OK);
    f->raw = (content + SECTOR_CONTENT - 1) / SECTOR_CONTENT * SECTOR;
    if (f->at == SECTOR) {
        f->at = 0;
        f->raw += SECTOR;
    }
}

static enum result nothing_there(void *arg, const struct journal_record *r)
{
    (void)arg;
    (void)r;
    HOLDS(false);
    return RESULT_STATE;
}

static void write_all(struct world *w, struct cursor *in)
{
    struct journal_fault fault;
    struct journal *j;
    char name[SEGMENT_NAME];
    size_t frames = fuzz_byte(in) % (FRAMES_MAX + 1);
    HOLDS(journal_open(&w->config, nothing_there, w, &j, &fault) == RESULT_OK);
    while (w->frames < frames)
        write_frame(w, j, in);
    HOLDS(journal_newest(j) <= SEGMENTS_MAX);
    journal_close(j);
    for (uint32_t i = 1; i <= SEGMENTS_MAX; i++) {
        segment_name(i, name);
        struct bytes before = fuzz_file_read(w->config.folder, name);
        w->before[i] = before;
        w->bytes[i] = before.n;
        w->file[i] = mem_new(before.n);
        if (before.n > 0)
            memcpy(w->file[i], before.p, before.n);
    }
}

/* ---- changing */

enum edit { EDIT_ZERO, EDIT_WRITE, EDIT_CUT, EDIT_REMOVE, EDIT_COPY, EDIT_SWAP, EDITS };

/* A sector, and how many from there on; nothing of a file that is gone. */
static uint8_t *take_sectors(struct world *w, uint32_t segment, struct cursor *in, size_t *n)
{
    size_t all = w->bytes[segment] / SECTOR, at = (size_t)fuzz_byte(in), count = fuzz_byte(in);
    at = all == 0 ? 0 : at % all;
    *n = (count < all - at ? count : all - at) * SECTOR;
    return w->file[segment] + at * SECTOR;
}

static void write_piece(struct world *w, uint32_t segment, struct cursor *in)
{
    size_t at = fuzz_u16(in);
    struct bytes piece = fuzz_piece(in);
    if (piece.n > 0 && at < w->bytes[segment])
        memcpy(w->file[segment] + at, piece.p,
               piece.n < w->bytes[segment] - at ? piece.n : w->bytes[segment] - at);
}

static void swap(struct world *w, uint32_t a, uint32_t b)
{
    uint8_t *file = w->file[a];
    size_t bytes = w->bytes[a];
    w->file[a] = w->file[b];
    w->bytes[a] = w->bytes[b];
    w->file[b] = file;
    w->bytes[b] = bytes;
}

static void change(struct world *w, struct cursor *in)
{
    enum edit edit = (enum edit)(fuzz_byte(in) % EDITS);
    uint32_t segment = fuzz_byte(in) % SEGMENTS_MAX + 1;
    size_t n, room;
    uint8_t *to;
    switch (edit) {
    case EDIT_ZERO:
        to = take_sectors(w, segment, in, &n);
        memset(to, 0, n);
        break;
    case EDIT_WRITE: write_piece(w, segment, in); break;
    case EDIT_CUT:
        n = (size_t)fuzz_byte(in) * 257;
        w->bytes[segment] = n < w->bytes[segment] ? n : w->bytes[segment];
        break;
    case EDIT_REMOVE: w->bytes[segment] = 0; break;
    case EDIT_COPY:
        to = take_sectors(w, segment, in, &room);
        const uint8_t *from = take_sectors(w, fuzz_byte(in) % SEGMENTS_MAX + 1, in, &n);
        memmove(to, from, n < room ? n : room);
        break;
    default: swap(w, segment, fuzz_byte(in) % SEGMENTS_MAX + 1); break;
    }
}

static void change_all(struct world *w, struct cursor *in)
{
    char name[SEGMENT_NAME];
    for (size_t edits = 0; in->left > 0 && edits < EDITS_MAX; edits++)
        change(w, in);
    for (uint32_t i = 1; i <= SEGMENTS_MAX; i++) {
        segment_name(i, name);
        fuzz_file_remove(w->config.folder, name);
        if (w->bytes[i] > 0)
            fuzz_file_write(w->config.folder, name, bytes_of(w->file[i], w->bytes[i]));
    }
}

/* ---- opening */

/* The oldest segments may have been retired, so the first record may be any that begins one. */
static bool begins_segment(const struct world *w, unsigned record)
{
    for (size_t i = 0; i < w->frames; i++)
        if (w->frame[i].first == record)
            return w->frame[i].at == 0;
    return false;
}

static enum result comes_back(void *arg, const struct journal_record *r)
{
    struct world *w = arg;
    HOLDS(r->sequence > 0 && r->sequence <= w->records);
    unsigned record = (unsigned)(r->sequence - 1);
    if (w->seen == 0) {
        HOLDS(begins_segment(w, record));
        w->first = record;
    }
    HOLDS(record == w->first + w->seen);
    HOLDS(r->type == 1 && bytes_equal(r->body, body_of(w, record)));
    w->seen++;
    return RESULT_OK;
}

/* Whether the first `n` bytes of a frame stand where they were written. */
static bool stands(const struct world *w, const struct written *f, size_t n)
{
    return w->bytes[f->segment] >= f->at + n &&
           memcmp(w->file[f->segment] + f->at, w->before[f->segment].p + f->at, n) == 0;
}

/* Whether sectors of a frame are unwritten again, or beyond the end of the file. */
static bool has_gap(const struct world *w, const struct written *f)
{
    for (size_t at = f->at; at < f->at + f->raw; at += SECTOR)
        if (at + SECTOR > w->bytes[f->segment] ||
            sector_is_unwritten(w->file[f->segment] + at, f->segment))
            return true;
    return false;
}

static uint32_t oldest_segment(const struct world *w)
{
    uint32_t i = 1;
    while (i <= SEGMENTS_MAX && w->bytes[i] == 0)
        i++;
    return i;
}

/* The first frame that was lost is torn, and of those behind it not even the beginning is there.
 * Segments in front of the oldest count as retired. */
static void only_the_tail_is_lost(const struct world *w)
{
    bool first = true;
    for (size_t i = 0; i < w->frames; i++) {
        const struct written *f = &w->frame[i];
        if (f->first < w->first + w->seen || f->segment < oldest_segment(w))
            continue;
        HOLDS(first ? has_gap(w, f) : !stands(w, f, SECTOR));
        first = false;
    }
}

static const char added[] = "added after all that";

static enum result comes_back_with_one_more(void *arg, const struct journal_record *r)
{
    struct world *w = arg;
    if (w->seen < w->kept)
        return comes_back(w, r);
    HOLDS(r->type == 2 && bytes_is(r->body, added));
    w->seen++;
    return RESULT_OK;
}

/* The journal goes on: what is added now is there at the next opening. */
static void goes_on(struct world *w, struct journal *j)
{
    struct journal_fault fault;
    struct journal_place place;
    w->kept = w->seen;
    w->seen = 0;
    HOLDS(journal_add(j, 2, bytes_of_text(added), &place) == RESULT_OK);
    HOLDS(journal_commit(j) == RESULT_OK);
    journal_close(j);
    HOLDS(journal_open(&w->config, comes_back_with_one_more, w, &j, &fault) == RESULT_OK);
    HOLDS(w->seen == w->kept + 1);
    journal_close(j);
}

/* Whether sectors of the last frame are unwritten, and nothing else is other than it was written.
 */
static bool is_torn(const struct world *w)
{
    if (w->frames == 0)
        return false;
    const struct written *last = &w->frame[w->frames - 1];
    for (uint32_t i = 1; i <= SEGMENTS_MAX; i++) {
        if (w->bytes[i] != w->before[i].n)
            return false;
        for (size_t at = 0; at + SECTOR <= w->bytes[i]; at += SECTOR)
            if (memcmp(w->file[i] + at, w->before[i].p + at, SECTOR) != 0 &&
                (!sector_is_unwritten(w->file[i] + at, i) || i != last->segment || at < last->at ||
                 at >= last->at + last->raw))
                return false;
    }
    return true;
}

static bool is_changed(const struct world *w)
{
    for (size_t i = 1; i <= SEGMENTS_MAX; i++)
        if (!bytes_equal(w->before[i], bytes_of(w->file[i], w->bytes[i])))
            return true;
    return false;
}

/* Whoever only looks sees the same, and changes nothing. */
static enum result look(struct world *w, size_t *saw)
{
    struct journal_fault fault;
    const unsigned first = w->first;
    enum result r = journal_look(&w->config, comes_back, w, &fault);
    HOLDS(r == RESULT_OK || (r == RESULT_DAMAGED && fault.text[0] != '\0'));
    *saw = w->seen;
    w->first = first;
    w->seen = 0;
    return r;
}

static void open_again(struct world *w)
{
    struct journal_fault fault;
    struct journal *j;
    size_t saw;
    bool looked = look(w, &saw) == RESULT_OK;
    enum result r = journal_open(&w->config, comes_back, w, &j, &fault);
    HOLDS(r == RESULT_OK || r == RESULT_DAMAGED);
    HOLDS(r == RESULT_OK || (fault.text[0] != '\0' && bytes_is_text(bytes_of_text(fault.text))));
    if (r != RESULT_OK) {
        HOLDS(is_changed(w) && !is_torn(w));
        return;
    }
    HOLDS(!looked || saw == w->seen);
    only_the_tail_is_lost(w);
    goes_on(w, j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    struct world *w = mem_new(sizeof *w);
    HOLDS(crypto_init() == RESULT_OK);
    w->config =
        (struct journal_config){.folder = fuzz_folder_empty("journal"), .segment_bytes = SEGMENT};
    write_all(w, &in);
    change_all(w, &in);
    open_again(w);
    for (size_t i = 1; i <= SEGMENTS_MAX; i++) {
        mem_free(w->file[i]);
        mem_free((void *)(uintptr_t)w->before[i].p);
    }
    HOLDS(close(w->config.folder) == 0);
    mem_free(w);
    return 0;
}
