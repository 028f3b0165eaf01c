#include "audit/verify.h"

#include "audit/leaf.h"
#include "audit/tile_file.h"
#include "audit/tower.h"
#include "base/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
    NOTE_MAX = 1 << 20,
    PROGRESS_EVERY = 64 /* bundles */
};

/* One run over a log. */
struct run {
    const struct verify_request *request;
    struct verify_report *report;
    struct hasher *hasher;
    struct tower tower;
    struct checkpoint now, old; /* old.size 0: none given; origins are views into the notes */
    struct buf note, bundle, tile;
    enum result result; /* of the comparison of full tiles */
};

/* Says what is wrong, once: what is found first is what matters. */
static enum result fault(struct run *v, enum result r, const char *what, const char *text)
{
    if (v->report->fault[0] == '\0')
        (void)snprintf(v->report->fault, sizeof v->report->fault, "%s: %s", what, text);
    return r;
}

static enum result fault_in_tile(struct run *v, enum result r, int level, uint64_t number,
                                 unsigned width, const char *text)
{
    char path[TILE_PATH];
    tile_path(level, number, width, path);
    return fault(v, r, path, text);
}

/* ---- checkpoints */

static enum result open_checkpoint(struct run *v, const char *name, struct bytes note,
                                   struct checkpoint *c)
{
    const char *why = "";
    enum result r = checkpoint_open(note, v->request->key, c, &why);
    return r == RESULT_OK ? r : fault(v, r, name, why);
}

static enum result open_checkpoints(struct run *v)
{
    enum result r = tiles_read_checkpoint(v->request->folder, &v->note);
    if (r != RESULT_OK)
        return fault(v, r, "checkpoint", "there is none, or it cannot be read");
    TRY(open_checkpoint(v, "checkpoint", buf_view(&v->note), &v->now));
    v->report->size = v->now.size;
    v->report->root = v->now.root;
    if (v->request->old.n == 0)
        return RESULT_OK;
    TRY(open_checkpoint(v, "old checkpoint", v->request->old, &v->old));
    if (v->old.size > v->now.size)
        return fault(v, RESULT_MISMATCH, "checkpoint", "the log is smaller than it was");
    return RESULT_OK;
}

/* The tree over what was read so far is the one that the old checkpoint saw. */
static enum result check_old(struct run *v)
{
    if (v->request->old.n == 0 || v->tower.size != v->old.size)
        return RESULT_OK;
    struct tree_hash root = tower_root(v->hasher, &v->tower);
    if (memcmp(&root, &v->old.root, sizeof root) != 0)
        return fault(v, RESULT_MISMATCH, "old checkpoint",
                     "this log never had that root at that size: it was rewritten or forked");
    return RESULT_OK;
}

/* ---- tiles */

static enum result read_tile(struct run *v, int level, uint64_t number, unsigned width,
                             struct buf *out, bool *longer)
{
    buf_clear(out);
    enum result r = tile_read_either(v->request->folder, level, number, width, out, longer);
    if (r == RESULT_NOT_FOUND)
        return fault_in_tile(v, r, level, number, width, "the file is missing");
    if (r == RESULT_TOO_LARGE)
        return fault_in_tile(v, RESULT_MALFORMED, level, number, width,
                             "the file is larger than it can be");
    if (r != RESULT_OK)
        return fault_in_tile(v, r, level, number, width, result_text(r));
    return RESULT_OK;
}

/* Compares what the entries give with the tile on the disk. */
static enum result compare_tile(struct run *v, unsigned level, const struct tower_tile *tile)
{
    unsigned width = (unsigned)(tile->edge.size % TILE_WIDTH);
    size_t n = (size_t)tile->edge.size * TREE_HASH;
    char text[96];
    bool longer;
    TRY(read_tile(v, (int)level, tile->number, width, &v->tile, &longer));
    if (v->tile.n < n || (!longer && v->tile.n != n))
        return fault_in_tile(v, RESULT_MALFORMED, (int)level, tile->number, width,
                             "the tile has not its size");
    if (memcmp(v->tile.p, tile->hash, n) == 0)
        return RESULT_OK;
    size_t i = 0;
    while (memcmp(v->tile.p + i * TREE_HASH, &tile->hash[i], TREE_HASH) == 0)
        i++;
    if (level == 0)
        (void)snprintf(text, sizeof text, "entry %" PRIu64 " does not have the hash it says",
                       tile->number * TILE_WIDTH + i);
    else
        (void)snprintf(text, sizeof text, "hash %zu is not that of the tile below", i);
    return fault_in_tile(v, RESULT_MISMATCH, (int)level, tile->number, width, text);
}

static void compare_full(void *arg, unsigned level, const struct tower_tile *tile)
{
    struct run *v = arg;
    if (v->result == RESULT_OK)
        v->result = compare_tile(v, level, tile);
}

static enum result compare_partials(struct run *v)
{
    for (unsigned l = 0; l < TOWER_LEVELS; l++)
        if (v->tower.tile[l].edge.size > 0)
            TRY(compare_tile(v, l, &v->tower.tile[l]));
    return RESULT_OK;
}

/* ---- entries */

static enum result fault_in_leaf(struct run *v, enum result r, uint64_t index, const char *text)
{
    char what[40];
    (void)snprintf(what, sizeof what, "entry %" PRIu64, index);
    return fault(v, r, what, text);
}

/* One of our leaves, in canonical form, at its place. */
static enum result check_leaf(struct run *v, struct bytes entry, uint64_t index)
{
    struct leaf leaf;
    struct leaf_room *room;
    if (leaf_read(entry, &leaf, &room) != RESULT_OK)
        return fault_in_leaf(v, RESULT_MALFORMED, index, "it is not a leaf in canonical form");
    bool in_place = leaf.index == index;
    leaf_room_free(room);
    return in_place ? RESULT_OK : fault_in_leaf(v, RESULT_MISMATCH, index, "its index is another");
}

static enum result add_hash(struct run *v, const struct tree_hash *leaf)
{
    tower_add(v->hasher, &v->tower, leaf, compare_full, v);
    TRY(v->result);
    return check_old(v);
}

/* A copy without these entries: the hashes are taken as they stand in their tile, and have to give
 * the tiles above and the root. */
static enum result take_hashes(struct run *v, uint64_t number, unsigned width)
{
    unsigned count = width == 0 ? TILE_WIDTH : width;
    struct tree_hash hash[TILE_WIDTH];
    bool longer;
    TRY(read_tile(v, 0, number, width, &v->bundle, &longer));
    if (v->bundle.n < count * sizeof *hash)
        return fault_in_tile(v, RESULT_MALFORMED, 0, number, width, "the tile has not its size");
    memcpy(hash, v->bundle.p, count * sizeof *hash);
    v->report->absent += count;
    for (unsigned i = 0; i < count; i++)
        TRY(add_hash(v, &hash[i]));
    return RESULT_OK;
}

static bool is_absent(const struct run *v, uint64_t number, unsigned width)
{
    char path[TILE_PATH];
    tile_path(LEVEL_ENTRIES, number, 0, path);
    if (!v->request->partial || faccessat(v->request->folder, path, F_OK, 0) == 0)
        return false;
    tile_path(LEVEL_ENTRIES, number, width, path);
    return faccessat(v->request->folder, path, F_OK, 0) != 0 && errno == ENOENT;
}

static enum result read_bundle(struct run *v, uint64_t number, unsigned width)
{
    unsigned count = width == 0 ? TILE_WIDTH : width;
    bool longer;
    if (is_absent(v, number, width))
        return take_hashes(v, number, width);
    TRY(read_tile(v, LEVEL_ENTRIES, number, width, &v->bundle, &longer));
    struct cursor c = cursor_over(buf_view(&v->bundle));
    for (unsigned i = 0; i < count; i++) {
        struct bytes entry;
        if (cursor_bytes16(&c, &entry) != RESULT_OK)
            return fault_in_tile(v, RESULT_MALFORMED, LEVEL_ENTRIES, number, width,
                                 "it holds fewer entries than it says");
        if (v->request->leaves)
            TRY(check_leaf(v, entry, v->tower.size));
        struct tree_hash leaf = tree_leaf_hash(v->hasher, entry);
        TRY(add_hash(v, &leaf));
    }
    if (!longer && c.left > 0)
        return fault_in_tile(v, RESULT_MALFORMED, LEVEL_ENTRIES, number, width,
                             "something stands behind its entries");
    return RESULT_OK;
}

static void tell_progress(struct run *v, uint64_t bundle)
{
    v->report->checked = v->tower.size;
    if (v->request->progress != NULL && bundle % PROGRESS_EVERY == 0)
        v->request->progress(v->request->arg, v->tower.size, v->now.size);
}

static enum result verify(struct run *v)
{
    TRY(open_checkpoints(v));
    TRY(check_old(v));
    for (uint64_t bundle = 0; v->tower.size < v->now.size; bundle++) {
        uint64_t left = v->now.size - v->tower.size;
        TRY(read_bundle(v, bundle, left < TILE_WIDTH ? (unsigned)left : 0));
        tell_progress(v, bundle);
    }
    TRY(compare_partials(v));
    struct tree_hash root = tower_root(v->hasher, &v->tower);
    if (memcmp(&root, &v->now.root, sizeof root) != 0)
        return fault(v, RESULT_MISMATCH, "checkpoint", "its root is not that of the entries");
    return RESULT_OK;
}

enum result audit_verify(const struct verify_request *request, struct verify_report *report)
{
    struct run v = {.request = request, .report = report, .hasher = hasher_new()};
    *report = (struct verify_report){0};
    buf_init(&v.note, NOTE_MAX);
    buf_init(&v.bundle, TILE_BUNDLE_MAX);
    buf_init(&v.tile, TILE_WIDTH * TREE_HASH);
    enum result r = verify(&v);
    buf_free(&v.note);
    buf_free(&v.bundle);
    buf_free(&v.tile);
    hasher_free(v.hasher);
    return r;
}
