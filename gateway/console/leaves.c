#include "console/leaves.h"

#include "audit/tiles.h"
#include "base/mem.h"

enum { LOOK_EVERY_MS = 500, NOTE_MAX = 64 << 10 };

struct leaves {
    int folder;
    int64_t looked_us; /* 0: never */
    struct buf note;
    struct leaves_head head;

    /* The bundle that is kept: entry i of it at at[i], n[i] bytes. */
    bool is_kept;
    uint64_t kept; /* its number */
    struct buf entries;
    size_t count, at[TILE_WIDTH], n[TILE_WIDTH];
};

struct leaves *leaves_new(int folder)
{
    struct leaves *l = mem_new(sizeof *l);
    *l = (struct leaves){
        .folder = folder, .note = BUF_INIT(NOTE_MAX), .entries = BUF_INIT(TILE_BUNDLE_MAX)};
    return l;
}

void leaves_free(struct leaves *l)
{
    if (l == NULL)
        return;
    buf_free(&l->note);
    buf_free(&l->entries);
    mem_free(l);
}

static int64_t time_of_last(struct leaves *l)
{
    struct leaf leaf;
    struct leaf_room *room = NULL;
    uint64_t size = l->head.checkpoint.size;
    int64_t us = size > 0 && leaves_read(l, size - 1, &leaf, &room) == RESULT_OK ? leaf.time_us : 0;
    leaf_room_free(room);
    return us;
}

static void read_head(struct leaves *l)
{
    struct bytes body;
    uint64_t before = l->head.is_there ? l->head.checkpoint.size : 0;
    int64_t last_us = l->head.last_us;
    buf_rewind(&l->note);
    l->head = (struct leaves_head){0};
    if (tiles_read_checkpoint(l->folder, &l->note) != RESULT_OK ||
        note_body(buf_view(&l->note), &body) != RESULT_OK ||
        checkpoint_read(body, &l->head.checkpoint) != RESULT_OK)
        return;
    l->head.is_there = true;
    l->head.note = buf_view(&l->note);
    l->head.last_us = l->head.checkpoint.size == before ? last_us : time_of_last(l);
}

const struct leaves_head *leaves_look(struct leaves *l, int64_t now_us)
{
    if (l->looked_us == 0 || now_us - l->looked_us >= LOOK_EVERY_MS * (US_PER_S / 1000)) {
        l->looked_us = now_us == 0 ? 1 : now_us;
        read_head(l);
    }
    return &l->head;
}

static enum result keep(void *arg, uint64_t index, struct bytes entry)
{
    struct leaves *l = arg;
    if (index / TILE_WIDTH != l->kept || l->count != index % TILE_WIDTH)
        return RESULT_MALFORMED;
    l->at[l->count] = l->entries.n;
    l->n[l->count++] = entry.n;
    buf_put(&l->entries, entry.p, entry.n);
    return buf_status(&l->entries);
}

static enum result keep_bundle(struct leaves *l, uint64_t index)
{
    if (l->is_kept && l->kept == index / TILE_WIDTH && index % TILE_WIDTH < l->count)
        return RESULT_OK;
    buf_rewind(&l->entries);
    l->count = 0;
    l->kept = index / TILE_WIDTH;
    enum result r = tiles_each_of(l->folder, l->head.checkpoint.size, index, keep, l);
    l->is_kept = r == RESULT_OK;
    return r;
}

enum result leaves_entry(struct leaves *l, uint64_t index, struct bytes *entry)
{
    if (!l->head.is_there || index >= l->head.checkpoint.size)
        return RESULT_NOT_FOUND;
    TRY(keep_bundle(l, index));
    if (index % TILE_WIDTH >= l->count)
        return RESULT_MALFORMED;
    *entry = bytes_of(l->entries.p + l->at[index % TILE_WIDTH], l->n[index % TILE_WIDTH]);
    return RESULT_OK;
}

enum result leaves_read(struct leaves *l, uint64_t index, struct leaf *leaf,
                        struct leaf_room **room)
{
    struct bytes entry;
    *room = NULL;
    TRY(leaves_entry(l, index, &entry));
    TRY(leaf_read(entry, leaf, room));
    return leaf->index == index ? RESULT_OK : RESULT_MISMATCH;
}
