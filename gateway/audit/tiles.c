/*
 * The crash argument.
 *
 * The file `settled` says how large the log on the disk is, and its root. Tiles and bundles are
 * written before it, under the names that they keep: each name stands for one content only, and a
 * file beyond the settled size counts for nothing. Then one syncfs takes all of them to the disk
 * with their folders (a sync for each of hundreds of files would hold the ledger up for a tenth of
 * a second), and `settled` is replaced and synced with its folder. Only after that partial tiles
 * go, and a checkpoint is published.
 *
 *   crash before `settled` was replaced   the old size holds; all its files are there, and none was
 *                                         written over. Entries above it come again from the
 *                                         journal and give the same files
 *   crash after it                        the new size holds; partial tiles that should have gone
 *                                         may stay, which harms nobody
 *
 * Opening reads the right edge and compares its root with that of `settled`: a file that is missing
 * there or changed is damage, never a smaller log.
 */
#include "audit/tiles.h"

#include "audit/tiles_state.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "journal/file.h"

#include <stdio.h>
#include <unistd.h>

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
    while (t->waiting != NULL) {
        struct waiting *w = t->waiting;
        t->waiting = w->next;
        mem_free(w);
    }
    buf_free(&t->bundle);
    buf_free(&t->facts);
    hasher_free(t->hasher);
    mem_free(t);
}

/* ---- writing */

static void keep_waiting(struct tiles *t, const char *path, struct bytes content)
{
    struct waiting *w = mem_new(sizeof *w + content.n);
    *w = (struct waiting){.next = t->waiting, .n = content.n};
    (void)snprintf(w->path, sizeof w->path, "%s", path);
    memcpy(w->content, content.p, content.n);
    t->waiting = w;
}

/* A full tile leaves memory now; when the disk has no room for it, it waits. */
static void write_full(struct tiles *t, int level, uint64_t number, struct bytes content)
{
    char path[TILE_PATH];
    tile_path(level, number, 0, path);
    enum result r = tile_write(t->folder, path, content);
    if (r == RESULT_FULL)
        keep_waiting(t, path, content);
    else if (r != RESULT_OK)
        t->failed = RESULT_IO;
}

static void tile_is_full(void *arg, unsigned level, const struct tower_tile *tile)
{
    struct tiles *t = arg;
    if (level == 0) {
        write_full(t, LEVEL_ENTRIES, tile->number, buf_view(&t->bundle));
        buf_clear(&t->bundle);
        if (t->facts.n > 0)
            write_full(t, LEVEL_FACTS, tile->number, buf_view(&t->facts));
        buf_clear(&t->facts);
    }
    write_full(t, (int)level, tile->number, bytes_of(tile->hash, sizeof tile->hash));
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
}

enum result tiles_full_file(const struct tiles *t, int level, uint64_t number, struct buf *out)
{
    char path[TILE_PATH];
    tile_path(level, number, 0, path);
    for (const struct waiting *w = t->waiting; w != NULL; w = w->next) {
        if (strcmp(w->path, path) == 0) {
            buf_put(out, w->content, w->n);
            return buf_status(out);
        }
    }
    return tile_read_file(t->folder, path, out);
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

static enum result write_waiting(struct tiles *t)
{
    while (t->waiting != NULL) {
        struct waiting *w = t->waiting;
        TRY(tile_write(t->folder, w->path, bytes_of(w->content, w->n)));
        t->waiting = w->next;
        mem_free(w);
    }
    return RESULT_OK;
}

static enum result write_partial(struct tiles *t, int level, const struct tower_tile *tile,
                                 struct bytes content)
{
    char path[TILE_PATH];
    if (tile->edge.size == 0)
        return RESULT_OK;
    tile_path(level, tile->number, (unsigned)tile->edge.size, path);
    return tile_write(t->folder, path, content);
}

/* The partial tiles of levels that have not changed are there already. */
static enum result write_partials(struct tiles *t)
{
    TRY(write_partial(t, LEVEL_ENTRIES, &t->tower.tile[0], buf_view(&t->bundle)));
    if (t->facts.n > 0)
        TRY(write_partial(t, LEVEL_FACTS, &t->tower.tile[0], buf_view(&t->facts)));
    for (unsigned l = 0; l < TOWER_LEVELS; l++) {
        const struct tower_tile *tile = &t->tower.tile[l];
        if (t->tower.size >> (8 * l) == t->settled >> (8 * l))
            break;
        TRY(write_partial(t, (int)l, tile,
                          bytes_of(tile->hash, (size_t)tile->edge.size * TREE_HASH)));
    }
    return RESULT_OK;
}

static enum result write_settled(struct tiles *t)
{
    struct checkpoint c = {bytes_of_text(SETTLED_ORIGIN), t->tower.size, tiles_root(t)};
    struct buf text = BUF_INIT(256);
    checkpoint_put(&c, &text);
    enum result r = file_replace(t->folder, SETTLED_FILE, buf_view(&text));
    buf_free(&text);
    return r;
}

/* Of each level, the tile that was partial when the log was settled last has partial files to lose.
 */
static enum result remove_partials(struct tiles *t)
{
    for (unsigned l = 0; l < TOWER_LEVELS; l++) {
        uint64_t number = tower_number(t->settled, l);
        if (number == tower_number(t->tower.size, l))
            break;
        if (l == 0) {
            TRY(tile_remove_partials(t->folder, LEVEL_ENTRIES, number));
            TRY(tile_remove_partials(t->folder, LEVEL_FACTS, number));
        }
        TRY(tile_remove_partials(t->folder, (int)l, number));
    }
    return RESULT_OK;
}

static enum result settle(struct tiles *t)
{
    TRY(write_waiting(t));
    TRY(write_partials(t));
    if (syncfs(t->folder) != 0)
        return RESULT_IO;
    TRY(write_settled(t));
    TRY(remove_partials(t));
    t->settled = t->tower.size;
    return RESULT_OK;
}

enum result tiles_settle(struct tiles *t)
{
    if (t->failed != RESULT_OK)
        return t->failed;
    if (t->settled == t->tower.size)
        return RESULT_OK;
    enum result r = settle(t);
    if (r != RESULT_OK && r != RESULT_FULL)
        t->failed = r = RESULT_IO;
    return r;
}

enum result tiles_checkpoint_of(struct bytes note, struct checkpoint *c)
{
    struct bytes body;
    TRY(note_body(note, &body));
    return checkpoint_read(body, c);
}

enum result tiles_publish(struct tiles *t, struct bytes note)
{
    struct checkpoint c;
    TRY(tiles_checkpoint_of(note, &c));
    if (c.size > t->settled || c.size < t->published)
        return RESULT_STATE;
    TRY(file_replace(t->folder, "checkpoint", note));
    t->published = c.size;
    return RESULT_OK;
}
