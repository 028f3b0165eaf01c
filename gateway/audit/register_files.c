#include "audit/register_files.h"

#include "audit/leaf.h"
#include "audit/tile_file.h"
#include "base/cursor.h"
#include "crypto/digest.h"

#include <stdio.h>

static enum result next_fact(struct cursor *in, uint8_t *at, struct bytes *fact)
{
    TRY(cursor_u8(in, at));
    return cursor_bytes16(in, fact);
}

/* Whether an entry is committed to a fact; what is no leaf is not. */
static bool has_fact(struct bytes entry)
{
    struct leaf leaf;
    struct leaf_room *room;
    bool has = leaf_read(entry, &leaf, &room) == RESULT_OK && leaf.fact != NULL;
    leaf_room_free(room);
    return has;
}

bool register_facts_fit(struct bytes entries, struct bytes facts)
{
    struct cursor in = cursor_over(entries), kept = cursor_over(facts);
    struct bytes entry, fact;
    uint8_t at;
    for (unsigned i = 0; cursor_bytes16(&in, &entry) == RESULT_OK; i++)
        if (has_fact(entry) && (next_fact(&kept, &at, &fact) != RESULT_OK || at != i))
            return false;
    return kept.left == 0;
}

/* A file that is there, or nothing. */
static enum result read_if_there(int folder, int level, uint64_t number, unsigned width,
                                 struct buf *out)
{
    char path[TILE_PATH];
    tile_path(level, number, width, path);
    enum result r = tile_read_file(folder, path, out);
    return r == RESULT_NOT_FOUND ? RESULT_OK : r;
}

/* ---- copying */

/* Those about the first `width` entries of a bundle that has grown since. */
static struct bytes front_of(struct bytes facts, unsigned width)
{
    struct cursor in = cursor_over(facts);
    struct bytes fact;
    uint8_t at;
    size_t n = 0;
    while (next_fact(&in, &at, &fact) == RESULT_OK && at < width)
        n = facts.n - in.left;
    return bytes_of(facts.p, n);
}

enum result register_file_copy(int from, int to, uint64_t number, unsigned width,
                               struct bytes entries)
{
    struct buf facts = BUF_INIT(FACT_BUNDLE_MAX);
    char path[TILE_PATH];
    tile_path(LEVEL_FACTS, number, width, path);
    enum result r = read_if_there(from, LEVEL_FACTS, number, width, &facts);
    struct bytes front = buf_view(&facts);
    if (r == RESULT_OK && facts.n == 0 && width > 0) {
        r = read_if_there(from, LEVEL_FACTS, number, 0, &facts);
        front = front_of(buf_view(&facts), width);
    }
    if (r == RESULT_OK && !register_facts_fit(entries, front))
        r = RESULT_MALFORMED;
    if (r == RESULT_OK && front.n > 0)
        r = tile_write(to, path, front);
    buf_free(&facts);
    return r;
}

/* ---- listing */

struct listing {
    int folder;
    struct hasher *h;
    struct buf facts, entries;
    char path[TILE_PATH];
};

static enum result list_one(struct listing *l, uint64_t number, unsigned width, struct buf *out)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    buf_clear(&l->facts);
    buf_clear(&l->entries);
    tile_path(LEVEL_FACTS, number, width, l->path);
    TRY(read_if_there(l->folder, LEVEL_FACTS, number, width, &l->facts));
    TRY(read_if_there(l->folder, LEVEL_ENTRIES, number, width, &l->entries));
    if (l->entries.n > 0 && !register_facts_fit(buf_view(&l->entries), buf_view(&l->facts)))
        return RESULT_MALFORMED;
    if (l->facts.n == 0)
        return RESULT_OK;
    const struct bytes all = buf_view(&l->facts);
    hasher_sha256(l->h, &all, 1, digest);
    bytes_to_hex(bytes_of(digest, sizeof digest), hex);
    buf_printf(out, "%s  %s\n", hex, l->path);
    return buf_status(out);
}

enum result register_list(int folder, uint64_t size, struct buf *out, char *fault, size_t n)
{
    struct listing l = {.folder = folder,
                        .h = hasher_new(),
                        .facts = BUF_INIT(FACT_BUNDLE_MAX),
                        .entries = BUF_INIT(TILE_BUNDLE_MAX)};
    enum result r = RESULT_OK;
    for (uint64_t at = 0; r == RESULT_OK && at < size; at += TILE_WIDTH)
        r = list_one(&l, at / TILE_WIDTH, size - at < TILE_WIDTH ? (unsigned)(size - at) : 0, out);
    if (r != RESULT_OK)
        (void)snprintf(fault, n, "%s: %s", l.path,
                       r == RESULT_MALFORMED ? "not the facts that the entries are committed to"
                                             : result_text(r));
    buf_free(&l.facts);
    buf_free(&l.entries);
    hasher_free(l.h);
    return r;
}

/* The line in which the two differ first. */
static struct bytes first_difference(struct bytes a, struct bytes b)
{
    size_t i = 0, begin = 0;
    for (; i < a.n && i < b.n && a.p[i] == b.p[i]; i++)
        if (a.p[i] == '\n')
            begin = i + 1;
    const struct bytes in = begin < a.n ? a : b;
    size_t end = begin;
    while (end < in.n && in.p[end] != '\n')
        end++;
    return bytes_of(in.p + begin, end - begin);
}

enum result register_list_check(int folder, uint64_t size, char *fault, size_t n)
{
    enum { DIGEST = 2 * SHA256_BYTES + 2, SHOWN = TILE_PATH };
    struct buf said = BUF_INIT(REGISTER_LIST_MAX), found = BUF_INIT(REGISTER_LIST_MAX);
    enum result r = tile_read_file(folder, REGISTER_LIST, &said);
    if (r == RESULT_OK)
        r = register_list(folder, size, &found, fault, n);
    if (r == RESULT_OK && !bytes_equal(buf_view(&said), buf_view(&found))) {
        struct bytes line = first_difference(buf_view(&said), buf_view(&found));
        size_t skip = line.n > DIGEST ? DIGEST : 0;
        (void)snprintf(fault, n, "%.*s: not the file that %s lists",
                       (int)(line.n - skip < SHOWN ? line.n - skip : SHOWN),
                       (const char *)line.p + skip, REGISTER_LIST);
        r = RESULT_MISMATCH;
    }
    buf_free(&said);
    buf_free(&found);
    return r;
}
