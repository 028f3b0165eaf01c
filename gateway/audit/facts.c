/* The register's facts beside the log's entries: one file for each bundle that has any. In it, for
 * each fact: the entry's place in the bundle (one byte), a length (two), the sealed fact. */
#include "audit/register_files.h"
#include "audit/tiles_state.h"
#include "base/cursor.h"

#include <stdio.h>

_Static_assert(FACT_RECORD_MAX <= UINT16_MAX, "a fact's length has two bytes");

void tiles_append_fact(struct tiles *t, struct bytes fact)
{
    if (fact.n == 0 || fact.n > FACT_RECORD_MAX) {
        t->failed = RESULT_STATE;
        return;
    }
    buf_u8(&t->facts, (uint8_t)(t->tower.size % TILE_WIDTH));
    buf_bytes16(&t->facts, fact);
}

/* ---- reading */

static enum result next_fact(struct cursor *in, uint8_t *at, struct bytes *fact)
{
    TRY(cursor_u8(in, at));
    return cursor_bytes16(in, fact);
}

/* The facts of one bundle; none when it has no file. */
static enum result bundle_of(const struct tiles *t, uint64_t number, struct buf *out)
{
    if (number == t->tower.size / TILE_WIDTH) {
        buf_put(out, t->facts.p, t->facts.n);
        return buf_status(out);
    }
    enum result r = tiles_full_file(t, LEVEL_FACTS, number, out);
    return r == RESULT_NOT_FOUND ? RESULT_OK : r;
}

enum result tiles_each_fact(const struct tiles *t, uint64_t from, uint64_t to,
                            enum result (*each)(void *arg, uint64_t index, struct bytes fact),
                            void *arg)
{
    struct buf bundle = BUF_INIT(FACT_BUNDLE_MAX);
    enum result r = RESULT_OK;
    if (to > t->tower.size)
        to = t->tower.size;
    for (uint64_t n = from / TILE_WIDTH; r == RESULT_OK && from < to && n <= (to - 1) / TILE_WIDTH;
         n++) {
        buf_clear(&bundle);
        r = bundle_of(t, n, &bundle);
        struct cursor in = cursor_over(buf_view(&bundle));
        while (r == RESULT_OK && in.left > 0) {
            struct bytes fact;
            uint8_t at;
            r = next_fact(&in, &at, &fact) == RESULT_OK ? RESULT_OK : RESULT_MALFORMED;
            uint64_t index = n * TILE_WIDTH + at;
            if (r == RESULT_OK && index >= from && index < to)
                r = each(arg, index, fact);
        }
    }
    buf_free(&bundle);
    return r;
}

/* ---- opening */

enum result facts_open(struct tiles *t, char *why, size_t n)
{
    char path[TILE_PATH];
    if (t->tower.size % TILE_WIDTH == 0)
        return RESULT_OK;
    tile_path(LEVEL_FACTS, t->tower.size / TILE_WIDTH, (unsigned)(t->tower.size % TILE_WIDTH),
              path);
    enum result r = tile_read_file(t->folder, path, &t->facts);
    if (r == RESULT_NOT_FOUND)
        r = RESULT_OK; /* as long as no entry needs one */
    if (r == RESULT_TOO_LARGE ||
        (r == RESULT_OK && !register_facts_fit(buf_view(&t->bundle), buf_view(&t->facts)))) {
        (void)snprintf(why, n, "%s: not the facts that the entries are committed to", path);
        return RESULT_DAMAGED;
    }
    return r;
}
