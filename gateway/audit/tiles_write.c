/*
 * The crash argument.
 *
 * The file `settled` says how large the log on the disk is, and its root. Tiles and bundles are
 * written before it, under the names that they keep: each name stands for one content only, and a
 * file beyond the settled size counts for nothing. Then one syncfs takes all of them to the disk
 * with their folders (a sync for each of hundreds of files would take a tenth of a second), and
 * `settled` is replaced and synced with its folder. Only after that partial tiles go, and a
 * checkpoint is published.
 *
 *   crash before `settled` was replaced   the old size holds; all its files are there, and none was
 *                                         written over. Entries above it come again from the
 *                                         journal and give the same files
 *   crash after it                        the new size holds; partial tiles that should have gone
 *                                         may stay, which harms nobody; those of entries and facts
 *                                         go when their bundle is let go (pruned.c)
 *
 * Opening reads the right edge and compares its root with that of `settled`: a file that is missing
 * there or changed is damage, never a smaller log.
 *
 * All of this is done aside, in that order, by what was handed over at its begin; meanwhile entries
 * are appended, which count for nothing before the next time.
 */
#include "audit/tiles.h"

#include "audit/tiles_state.h"
#include "base/mem.h"
#include "journal/file.h"

#include <stdio.h>
#include <unistd.h>

/* ---- aside */

static enum result write_file(const struct writing *w, const struct waiting *file)
{
    return tile_write(w->folder, file->path, bytes_of(file->content, file->n));
}

/* Of each level, the tile that was partial when the log was settled last has partial files to lose.
 */
static enum result remove_partials(const struct writing *w)
{
    for (unsigned l = 0; l < TOWER_LEVELS; l++) {
        uint64_t number = tower_number(w->before, l);
        if (number == tower_number(w->size, l))
            break;
        if (l == 0) {
            TRY(tile_remove_partials(w->folder, LEVEL_ENTRIES, number));
            TRY(tile_remove_partials(w->folder, LEVEL_FACTS, number));
        }
        TRY(tile_remove_partials(w->folder, (int)l, number));
    }
    return RESULT_OK;
}

static enum result settle(struct writing *w)
{
    for (const struct waiting *file = w->partial; file != NULL; file = file->next)
        TRY(write_file(w, file));
    if (syncfs(w->folder) != 0)
        return RESULT_IO;
    TRY(file_replace(w->folder, SETTLED_FILE, buf_view(&w->text)));
    TRY(remove_partials(w));
    w->settled = true;
    return RESULT_OK;
}

static enum result write_down(struct writing *w)
{
    for (; w->left != NULL; w->left = w->left->next)
        TRY(write_file(w, w->left));
    if (w->settles)
        TRY(settle(w));
    return w->note.n == 0 ? RESULT_OK : file_replace(w->folder, "checkpoint", buf_view(&w->note));
}

static void work(void *arg)
{
    struct writing *w = arg;
    w->result = write_down(w);
}

/* ---- what it is handed, and what comes back */

static void keep_waiting(struct waiting **list, const char *path, struct bytes content)
{
    struct waiting *w = mem_room(sizeof *w + content.n);
    w->next = *list;
    w->n = content.n;
    (void)snprintf(w->path, sizeof w->path, "%s", path);
    memcpy(w->content, content.p, content.n);
    *list = w;
}

static void free_until(struct waiting **list, const struct waiting *end)
{
    while (*list != end) {
        struct waiting *w = *list;
        *list = w->next;
        mem_free(w);
    }
}

static void take_back(struct tiles *t)
{
    struct writing *w = &t->writing;
    struct waiting **last = &t->waiting;
    free_until(&w->partial, NULL);
    free_until(&w->full, w->left);
    while (*last != NULL)
        last = &(*last)->next;
    *last = w->full; /* what found no room */
    w->full = NULL;
    t->is_writing = false;
    if (w->settled)
        t->settled = w->size;
    if (w->result == RESULT_OK && w->note.n > 0)
        t->published = w->size;
    if (w->result != RESULT_OK && w->result != RESULT_FULL)
        t->failed = RESULT_IO;
    buf_free(&w->text);
    buf_free(&w->note);
}

bool tiles_are_written(struct tiles *t)
{
    if (t->is_writing && aside_is_done(t->aside))
        take_back(t);
    return !t->is_writing;
}

void tiles_wait(struct tiles *t)
{
    aside_wait(t->aside);
    (void)tiles_are_written(t);
}

static void hand_over(struct tiles *t, struct writing *w)
{
    w->folder = t->folder;
    w->full = t->waiting;
    w->left = w->full;
    t->waiting = NULL;
    t->writing = *w;
    t->is_writing = true;
    aside_do(t->aside, work, &t->writing);
    (void)tiles_are_written(t);
}

void tiles_stop_writing(struct tiles *t)
{
    tiles_wait(t);
    free_until(&t->waiting, NULL);
}

void tiles_write_aside(struct tiles *t, struct aside *aside)
{
    tiles_wait(t);
    t->aside = aside;
}

/* ---- full tiles */

void tiles_keep_full(struct tiles *t, int level, uint64_t number, struct bytes content)
{
    char path[TILE_PATH];
    tile_path(level, number, 0, path);
    keep_waiting(&t->waiting, path, content);
}

void tiles_write_full(struct tiles *t)
{
    if (tiles_are_written(t) && t->failed == RESULT_OK)
        hand_over(t, &(struct writing){0});
}

/* ---- the right edge */

static void keep_partial(struct writing *w, int level, const struct tower_tile *tile,
                         struct bytes content)
{
    char path[TILE_PATH];
    if (tile->edge.size == 0)
        return;
    tile_path(level, tile->number, (unsigned)tile->edge.size, path);
    keep_waiting(&w->partial, path, content);
}

/* The partial tiles of levels that have not changed are there already. */
static void keep_partials(const struct tiles *t, struct writing *w)
{
    keep_partial(w, LEVEL_ENTRIES, &t->tower.tile[0], buf_view(&t->bundle));
    if (t->facts.n > 0)
        keep_partial(w, LEVEL_FACTS, &t->tower.tile[0], buf_view(&t->facts));
    for (unsigned l = 0; l < TOWER_LEVELS; l++) {
        const struct tower_tile *tile = &t->tower.tile[l];
        if (t->tower.size >> (8 * l) == t->settled >> (8 * l))
            break;
        keep_partial(w, (int)l, tile, bytes_of(tile->hash, (size_t)tile->edge.size * TREE_HASH));
    }
}

/* Settles the log as it is, and publishes the note if there is one. */
static void begin(struct tiles *t, struct bytes note)
{
    struct writing w = {.settles = t->settled < t->tower.size,
                        .before = t->settled,
                        .size = t->tower.size,
                        .text = BUF_INIT(256),
                        .note = BUF_INIT(note.n)};
    if (w.settles) {
        const struct checkpoint c = {bytes_of_text(SETTLED_ORIGIN), w.size, tiles_root(t)};
        checkpoint_put(&c, &w.text);
        keep_partials(t, &w);
    }
    buf_put(&w.note, note.p, note.n);
    hand_over(t, &w);
}

static enum result outcome(const struct tiles *t)
{
    return t->failed != RESULT_OK ? t->failed : t->writing.result;
}

enum result tiles_settle(struct tiles *t)
{
    tiles_wait(t);
    if (t->failed != RESULT_OK)
        return t->failed;
    if (t->settled == t->tower.size)
        return RESULT_OK;
    begin(t, bytes_of(NULL, 0));
    tiles_wait(t);
    return outcome(t);
}

/* ---- checkpoints */

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
    tiles_wait(t);
    if (c.size > t->settled || c.size < t->published)
        return RESULT_STATE;
    TRY(file_replace(t->folder, "checkpoint", note));
    t->published = c.size;
    return RESULT_OK;
}

enum result tiles_begin_publishing(struct tiles *t, struct bytes note)
{
    struct checkpoint c;
    TRY(tiles_checkpoint_of(note, &c));
    tiles_wait(t);
    if (c.size != t->tower.size || c.size < t->published)
        return RESULT_STATE;
    if (t->failed == RESULT_OK)
        begin(t, note);
    return t->failed;
}

enum result tiles_end_publishing(struct tiles *t)
{
    return tiles_are_written(t) ? outcome(t) : RESULT_AGAIN;
}
