/*
 * When entries were made. Each chunk and each slice of 256 entries has its least and its most, so
 * that a span of time takes a look at few of them, whatever clocks did meanwhile; a slice has the
 * time of each entry as well.
 */
#include "search/state.h"

#include "base/buf.h"
#include "base/cursor.h"

enum { TIMES_BYTES = SLICE * 8 };

struct slice {
    int64_t least, most;
    int64_t time[SLICE];
};

/* ---- rows */

static enum result read_slice(const struct search *s, uint64_t number, struct slice *out)
{
    sqlite3_stmt *st = sql_use(s, SQL_SLICE_GET);
    (void)sqlite3_bind_int64(st, 1, (int64_t)number);
    TRY(sql_row(st));
    out->least = sqlite3_column_int64(st, 0);
    out->most = sqlite3_column_int64(st, 1);
    struct cursor c = cursor_over(sql_bytes(st, 2));
    enum result r = c.left == TIMES_BYTES ? RESULT_OK : RESULT_DAMAGED;
    for (unsigned i = 0; r == RESULT_OK && i < SLICE; i++)
        r = cursor_i64(&c, &out->time[i]);
    sql_done(st);
    return r;
}

static enum result write_slice(const struct search *s, uint64_t number, const struct slice *x)
{
    struct buf times = BUF_INIT(TIMES_BYTES);
    sqlite3_stmt *st = sql_use(s, SQL_SLICE_PUT);
    for (unsigned i = 0; i < SLICE; i++)
        buf_i64(&times, x->time[i]);
    (void)sqlite3_bind_int64(st, 1, (int64_t)number);
    (void)sqlite3_bind_int64(st, 2, x->least);
    (void)sqlite3_bind_int64(st, 3, x->most);
    sql_put_bytes(st, 4, buf_view(&times));
    enum result r = sql_run(st);
    buf_free(&times);
    return r;
}

static enum result read_span(const struct search *s, uint64_t chunk, int64_t *least, int64_t *most)
{
    sqlite3_stmt *st = sql_use(s, SQL_SPAN_GET);
    (void)sqlite3_bind_int64(st, 1, (int64_t)chunk);
    TRY(sql_row(st));
    *least = sqlite3_column_int64(st, 0);
    *most = sqlite3_column_int64(st, 1);
    sql_done(st);
    return RESULT_OK;
}

static enum result write_span(const struct search *s, uint64_t chunk, int64_t least, int64_t most)
{
    sqlite3_stmt *st = sql_use(s, SQL_SPAN_PUT);
    (void)sqlite3_bind_int64(st, 1, (int64_t)chunk);
    (void)sqlite3_bind_int64(st, 2, least);
    (void)sqlite3_bind_int64(st, 3, most);
    return sql_run(st);
}

/* ---- writing */

static void widen(int64_t us, int64_t *least, int64_t *most)
{
    if (us < *least)
        *least = us;
    if (us > *most)
        *most = us;
}

static enum result add_slice(const struct search *s, uint64_t chunk, unsigned number,
                             const struct set *there, const int64_t *time)
{
    const uint64_t row = chunk * CHUNK_SLICES + number;
    const unsigned first = number * SLICE;
    struct slice x = {0};
    enum result r = read_slice(s, row, &x);
    if (r == RESULT_NOT_FOUND)
        x = (struct slice){.least = INT64_MAX, .most = INT64_MIN};
    else if (r != RESULT_OK)
        return r;
    for (unsigned at = set_next(there, first); at < first + SLICE; at = set_next(there, at + 1)) {
        x.time[at - first] = time[at];
        widen(time[at], &x.least, &x.most);
    }
    return write_slice(s, row, &x);
}

enum result times_write(const struct search *s, uint64_t chunk, const struct set *there,
                        const int64_t *time)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    enum result r = read_span(s, chunk, &least, &most);
    if (r != RESULT_OK && r != RESULT_NOT_FOUND)
        return r;
    for (unsigned at = set_next(there, 0); at < CHUNK; at = set_next(there, at + 1))
        widen(time[at], &least, &most);
    for (unsigned at = set_next(there, 0); at < CHUNK;) {
        const unsigned number = at / SLICE;
        TRY(add_slice(s, chunk, number, there, time));
        at = set_next(there, (number + 1) * SLICE);
    }
    return write_span(s, chunk, least, most);
}

/* ---- reading */

static enum result keep_slice(const struct search *s, uint64_t row, unsigned first, int64_t from_us,
                              int64_t until_us, struct set *set)
{
    struct slice x = {0};
    enum result r = read_slice(s, row, &x);
    if (r != RESULT_OK)
        return r == RESULT_NOT_FOUND ? RESULT_DAMAGED : r;
    for (unsigned i = 0; i < SLICE; i++)
        if (x.time[i] < from_us || x.time[i] >= until_us)
            set->word[(first + i) / 64] &= ~(UINT64_C(1) << ((first + i) % 64));
    return RESULT_OK;
}

enum result times_keep(const struct search *s, uint64_t chunk, int64_t from_us, int64_t until_us,
                       struct set *set)
{
    int64_t least, most;
    if (from_us == INT64_MIN && until_us == INT64_MAX)
        return RESULT_OK;
    enum result r = read_span(s, chunk, &least, &most);
    if (r != RESULT_OK)
        return r == RESULT_NOT_FOUND ? RESULT_DAMAGED : r;
    if (least >= from_us && most < until_us)
        return RESULT_OK;
    if (most < from_us || least >= until_us) {
        memset(set, 0, sizeof *set);
        return RESULT_OK;
    }
    for (unsigned at = set_next(set, 0); at < CHUNK;) {
        const unsigned number = at / SLICE;
        TRY(keep_slice(s, chunk * CHUNK_SLICES + number, number * SLICE, from_us, until_us, set));
        at = set_next(set, (number + 1) * SLICE);
    }
    return RESULT_OK;
}
