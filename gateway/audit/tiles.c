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
    buf_free(&t->looked.bundle);
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

/* ---- one entry; whoever asks for one often asks for its neighbours: its bundle stays at hand */

enum { LOOKED_KEPT = 1 << 20 /* bytes; a bundle is a fifth of that, mostly */ };

static enum result read_hashes(const struct tiles *t, unsigned level, uint64_t number,
                               struct tree_hash hash[TILE_WIDTH])
{
    enum { BYTES = TILE_WIDTH * TREE_HASH };
    struct buf raw = BUF_INIT(BYTES);
    enum result r = tiles_full_file(t, (int)level, number, &raw);
    if (r == RESULT_OK && raw.n == BYTES)
        memcpy(hash, raw.p, BYTES);
    else if (r == RESULT_OK || r == RESULT_NOT_FOUND) /* hashes never go */
        r = RESULT_MISMATCH;
    buf_free(&raw);
    return r;
}

/* Whether these are the tree's hashes of a full bundle: each tile hashes to what the one above it
 * has, up to one at the right edge, which is in memory. */
static enum result check_hashes(struct tiles *t, uint64_t number,
                                const struct tree_hash hash[TILE_WIDTH])
{
    struct tree_hash above[TILE_WIDTH], root = tower_tile_root(t->hasher, hash);
    for (unsigned level = 1;; level++) {
        const struct tower_tile *last = &t->tower.tile[level];
        const uint64_t at = number % TILE_WIDTH;
        number /= TILE_WIDTH;
        const struct tree_hash *expected = last->number == number ? &last->hash[at] : &above[at];
        if (last->number != number)
            TRY(read_hashes(t, level, number, above));
        if (memcmp(&root, expected, sizeof root) != 0)
            return RESULT_MISMATCH;
        if (last->number == number)
            return RESULT_OK;
        root = tower_tile_root(t->hasher, above);
    }
}

static enum result look_into(struct tiles *t, uint64_t number)
{
    struct looked *l = &t->looked;
    if (l->there && l->number == number)
        return RESULT_OK;
    tiles_forget_looked(t);
    TRY(tiles_full_file(t, LEVEL_ENTRIES, number, &l->bundle));
    TRY(read_hashes(t, 0, number, l->hash));
    TRY(check_hashes(t, number, l->hash));
    l->number = number;
    l->there = true;
    return RESULT_OK;
}

static enum result find_entry(struct bytes bundle, uint64_t at, struct bytes *entry)
{
    struct cursor c = cursor_over(bundle);
    for (uint64_t i = 0; i <= at; i++)
        if (cursor_bytes16(&c, entry) != RESULT_OK)
            return RESULT_MALFORMED;
    return RESULT_OK;
}

enum result tiles_entry(struct tiles *t, uint64_t index, struct buf *out)
{
    const uint64_t number = index / TILE_WIDTH, at = index % TILE_WIDTH;
    const bool is_full = number < t->tower.size / TILE_WIDTH; /* the last one is in memory */
    struct bytes entry;
    if (index >= t->tower.size)
        return RESULT_NOT_FOUND;
    if (is_full)
        TRY(look_into(t, number));
    TRY(find_entry(buf_view(is_full ? &t->looked.bundle : &t->bundle), at, &entry));
    if (is_full) {
        const struct tree_hash hash = tree_leaf_hash(t->hasher, entry);
        if (memcmp(&hash, &t->looked.hash[at], sizeof hash) != 0)
            return RESULT_MISMATCH;
    }
    buf_put(out, entry.p, entry.n);
    return buf_status(out);
}

void tiles_forget_looked(struct tiles *t)
{
    t->looked.there = false;
    buf_reuse(&t->looked.bundle, LOOKED_KEPT);
}
