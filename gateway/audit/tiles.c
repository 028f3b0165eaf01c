/* The log in memory: its tree, its last entries, and reading of those that were written already. */
#include "audit/tiles.h"

#include "audit/tiles_state.h"
#include "base/cursor.h"
#include "base/mem.h"

#include <string.h>

uint64_t tiles_size(const struct tiles *t)
{
    return t->tower.size;
}

uint64_t tiles_settled(const struct tiles *t)
{
    return t->settled;
}

struct tree_hash tiles_root(struct tiles *t)
{
    return tower_root(t->hasher, &t->tower);
}

void tiles_close(struct tiles *t)
{
    if (t == NULL)
        return;
    tiles_stop_writing(t);
    buf_free(&t->bundle);
    buf_free(&t->facts);
    hasher_free(t->hasher);
    mem_free(t);
}

/* ---- appending */

static void tile_is_full(void *arg, unsigned level, const struct tower_tile *tile)
{
    struct tiles *t = arg;
    if (level == 0) {
        tiles_keep_full(t, LEVEL_ENTRIES, tile->number, buf_view(&t->bundle));
        buf_clear(&t->bundle);
        if (t->facts.n > 0)
            tiles_keep_full(t, LEVEL_FACTS, tile->number, buf_view(&t->facts));
        buf_clear(&t->facts);
    }
    tiles_keep_full(t, (int)level, tile->number, bytes_of(tile->hash, sizeof tile->hash));
}

void tiles_append(struct tiles *t, struct bytes entry)
{
    if (entry.n > UINT16_MAX) {
        t->failed = RESULT_STATE;
        return;
    }
    struct tree_hash leaf = tree_leaf_hash(t->hasher, entry);
    buf_bytes16(&t->bundle, entry);
    tower_add(t->hasher, &t->tower, &leaf, tile_is_full, t);
    if (t->tower.size % TILE_WIDTH == 0)
        tiles_write_full(t);
}

static const struct waiting *find(const struct waiting *w, const char *path)
{
    while (w != NULL && strcmp(w->path, path) != 0)
        w = w->next;
    return w;
}

enum result tiles_full_file(const struct tiles *t, int level, uint64_t number, struct buf *out)
{
    char path[TILE_PATH];
    tile_path(level, number, 0, path);
    const struct waiting *w = find(t->waiting, path);
    if (w == NULL)
        w = find(t->writing.full, path);
    if (w == NULL)
        return tile_read_file(t->folder, path, out);
    buf_put(out, w->content, w->n);
    return buf_status(out);
}

static enum result entry_of(struct bytes bundle, uint64_t at, struct buf *out)
{
    struct cursor c = cursor_over(bundle);
    struct bytes entry;
    for (uint64_t i = 0; i <= at; i++)
        if (cursor_bytes16(&c, &entry) != RESULT_OK)
            return RESULT_MALFORMED;
    buf_put(out, entry.p, entry.n);
    return buf_status(out);
}

enum result tiles_entry(const struct tiles *t, uint64_t index, struct buf *out)
{
    uint64_t number = index / TILE_WIDTH, at = index % TILE_WIDTH;
    if (index >= t->tower.size)
        return RESULT_NOT_FOUND;
    if (number == t->tower.size / TILE_WIDTH)
        return entry_of(buf_view(&t->bundle), at, out);
    struct buf bundle = BUF_INIT(TILE_BUNDLE_MAX);
    enum result r = tiles_full_file(t, LEVEL_ENTRIES, number, &bundle);
    if (r == RESULT_OK)
        r = entry_of(buf_view(&bundle), at, out);
    buf_free(&bundle);
    return r;
}
