/* Opening a log: its right edge, read and compared with what was settled (tiles.c). */
#include "audit/tiles_state.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "journal/file.h"

#include <stdio.h>

enum { NOTE_MAX = 1 << 20 };

/* The log being opened, and where to say what is wrong with it. */
struct opening {
    struct tiles *t;
    char *why;
    size_t n;
};

static enum result damaged(const struct opening *o, const char *file, const char *text)
{
    (void)snprintf(o->why, o->n, "%s: %s", file, text);
    return RESULT_DAMAGED;
}

/* Reads a tile that must be there, of exactly `width` hashes (0: full). */
static enum result read_hashes(const struct opening *o, unsigned level, uint64_t number,
                               unsigned width, struct tree_hash *hash)
{
    size_t expected = (size_t)(width == 0 ? TILE_WIDTH : width) * TREE_HASH;
    struct buf raw = BUF_INIT(TILE_WIDTH * TREE_HASH);
    char path[TILE_PATH];
    tile_path((int)level, number, width, path);
    enum result r = tile_read_file(o->t->folder, path, &raw);
    if (r == RESULT_NOT_FOUND)
        r = damaged(o, path, "the tile is missing");
    else if (r == RESULT_TOO_LARGE || (r == RESULT_OK && raw.n != expected))
        r = damaged(o, path, "the tile has not its size");
    else if (r == RESULT_OK)
        memcpy(hash, raw.p, raw.n);
    buf_free(&raw);
    return r;
}

/* The last full tile of a level hashes to the last hash of the level above. */
static enum result check_left(const struct opening *o, unsigned level,
                              const struct tree_hash *above)
{
    struct tiles *t = o->t;
    struct tree_hash hash[TILE_WIDTH], root;
    uint64_t number = tower_number(t->tower.size, level) - 1;
    char path[TILE_PATH];
    TRY(read_hashes(o, level, number, 0, hash));
    root = tower_tile_root(t->hasher, hash);
    if (memcmp(&root, above, sizeof root) == 0)
        return RESULT_OK;
    tile_path((int)level, number, 0, path);
    return damaged(o, path, "the tile above has another hash for it");
}

static enum result open_level(const struct opening *o, unsigned level)
{
    struct tiles *t = o->t;
    struct tower_tile *tile = &t->tower.tile[level];
    unsigned width = tower_width(t->tower.size, level);
    tile->number = tower_number(t->tower.size, level);
    if (width == 0)
        return RESULT_OK;
    TRY(read_hashes(o, level, tile->number, width, tile->hash));
    for (unsigned i = 0; i < width; i++)
        tree_add(t->hasher, &tile->edge, &tile->hash[i]);
    return level == 0 ? RESULT_OK : check_left(o, level - 1, &tile->hash[width - 1]);
}

static bool bundle_fits(struct tiles *t, const struct tower_tile *tile)
{
    struct cursor c = cursor_over(buf_view(&t->bundle));
    for (uint64_t i = 0; i < tile->edge.size; i++) {
        struct bytes entry;
        if (cursor_bytes16(&c, &entry) != RESULT_OK)
            return false;
        struct tree_hash hash = tree_leaf_hash(t->hasher, entry);
        if (memcmp(&hash, &tile->hash[i], sizeof hash) != 0)
            return false;
    }
    return c.left == 0;
}

static enum result open_bundle(const struct opening *o)
{
    const struct tower_tile *tile = &o->t->tower.tile[0];
    char path[TILE_PATH];
    if (tile->edge.size == 0)
        return RESULT_OK;
    tile_path(LEVEL_ENTRIES, tile->number, (unsigned)tile->edge.size, path);
    enum result r = tile_read_file(o->t->folder, path, &o->t->bundle);
    if (r == RESULT_NOT_FOUND)
        return damaged(o, path, "the entries are missing");
    if (r == RESULT_TOO_LARGE || (r == RESULT_OK && !bundle_fits(o->t, tile)))
        return damaged(o, path, "the entries do not have the hashes of their tile");
    return r;
}

/* What `settled` says; the empty tree when there is no such file yet. */
static enum result read_settled(const struct opening *o, struct tree_hash *root)
{
    struct tiles *t = o->t;
    struct buf text = BUF_INIT(NOTE_MAX);
    struct checkpoint c = {.root = tiles_root(t)};
    enum result r = tile_read_file(t->folder, SETTLED_FILE, &text);
    if (r == RESULT_NOT_FOUND)
        r = RESULT_OK;
    else if (r == RESULT_OK && (checkpoint_read(buf_view(&text), &c) != RESULT_OK ||
                                !bytes_is(c.origin, SETTLED_ORIGIN)))
        r = damaged(o, SETTLED_FILE, "the file is not what was written");
    *root = c.root;
    t->settled = t->tower.size = c.size;
    buf_free(&text);
    return r;
}

/* A checkpoint promises what it covers: the log must hold that. */
static enum result check_published(const struct opening *o, const struct tree_hash *root)
{
    struct tiles *t = o->t;
    struct buf note = BUF_INIT(NOTE_MAX);
    struct checkpoint c;
    enum result r = tiles_read_checkpoint(t->folder, &note);
    if (r == RESULT_NOT_FOUND)
        r = RESULT_OK;
    else if (r == RESULT_OK && tiles_checkpoint_of(buf_view(&note), &c) != RESULT_OK)
        r = damaged(o, "checkpoint", "the file is not what was written");
    else if (r == RESULT_OK && c.size > t->settled)
        r = damaged(o, "checkpoint", "it covers more entries than are there");
    else if (r == RESULT_OK && c.size == t->settled && memcmp(&c.root, root, sizeof c.root) != 0)
        r = damaged(o, "checkpoint", "it covers other entries than are there");
    else if (r == RESULT_OK)
        t->published = c.size;
    buf_free(&note);
    return r;
}

static enum result open_log(const struct opening *o)
{
    struct tree_hash said, found;
    TRY(read_settled(o, &said));
    for (unsigned l = 0; l < TOWER_LEVELS; l++)
        TRY(open_level(o, l));
    TRY(open_bundle(o));
    TRY(facts_open(o->t, o->why, o->n));
    found = tiles_root(o->t);
    if (memcmp(&said, &found, sizeof said) != 0)
        return damaged(o, SETTLED_FILE, "its root is not that of the tiles");
    TRY(check_published(o, &found));
    return folder_sync(o->t->folder); /* or a power cut could take back the name `settled` */
}

enum result tiles_open(int folder, struct tiles **out, char *why, size_t n)
{
    struct tiles *t = mem_new(sizeof *t);
    struct opening o = {t, why, n};
    t->folder = folder;
    t->hasher = hasher_new();
    buf_init(&t->bundle, TILE_BUNDLE_MAX);
    buf_init(&t->facts, FACT_BUNDLE_MAX);
    buf_init(&t->looked.bundle, TILE_BUNDLE_MAX);
    enum result r = open_log(&o);
    if (r != RESULT_OK && r != RESULT_DAMAGED)
        (void)snprintf(why, n, "%s", result_text(r));
    if (r != RESULT_OK) {
        tiles_close(t);
        t = NULL;
    }
    *out = t;
    return r;
}
