/*
 * Counts by the hour, and of 32 and 1024 hours together, so that a year takes little more looks
 * than a day.
 */
#include "search/state.h"

#include "base/arena.h"
#include "base/map.h"

enum { NAMES = 3, BUCKET_MAX_HOUR = 1 << 30 /* the year 124,400 */ };

static enum result name_id(const struct search *s, struct bytes text, int64_t *out)
{
    sqlite3_stmt *st = sql_use(s, SQL_NAME_GET);
    sql_put_bytes(st, 1, text);
    enum result r = sql_row(st);
    if (r == RESULT_OK) {
        *out = sqlite3_column_int64(st, 0);
        sql_done(st);
    }
    if (r != RESULT_NOT_FOUND)
        return r;
    st = sql_use(s, SQL_NAME_PUT);
    sql_put_bytes(st, 1, text);
    TRY(sql_run(st));
    *out = sqlite3_last_insert_rowid(s->db);
    return RESULT_OK;
}

enum result tally_write(const struct search *s, const struct tally_row *t)
{
    const struct bytes text[NAMES] = {t->what.value, t->what.second, t->what.third};
    int64_t name[NAMES];
    for (int i = 0; i < NAMES; i++)
        TRY(name_id(s, text[i], &name[i]));
    for (int level = 0; level < TALLY_LEVELS; level++) {
        sqlite3_stmt *st = sql_use(s, SQL_TALLY_PUT);
        (void)sqlite3_bind_int(st, 1, (int)t->what.what);
        (void)sqlite3_bind_int(st, 2, level);
        (void)sqlite3_bind_int64(st, 3, t->hour >> (TALLY_BITS * level));
        for (int i = 0; i < NAMES; i++)
            (void)sqlite3_bind_int64(st, 4 + i, name[i]);
        (void)sqlite3_bind_int64(st, 7, (int64_t)t->count);
        (void)sqlite3_bind_int64(st, 8, (int64_t)t->what.bytes);
        (void)sqlite3_bind_int64(st, 9, (int64_t)t->last);
        TRY(sql_run(st));
    }
    return RESULT_OK;
}

/* ---- reading */

struct sum {
    int64_t name[NAMES];
    uint64_t count, bytes, last;
    struct sum *next;
};

struct summing {
    const struct search *s;
    enum search_count what;
    struct arena *arena;
    struct map *sums;
    struct sum *first, **end;
};

static struct bytes sum_key(const void *item)
{
    const struct sum *x = item;
    return bytes_of(x->name, sizeof x->name);
}

static void add_row(struct summing *x, sqlite3_stmt *st)
{
    struct sum row = {0};
    for (int i = 0; i < NAMES; i++)
        row.name[i] = sqlite3_column_int64(st, i);
    struct sum *known = map_get(x->sums, sum_key(&row));
    if (known == NULL) {
        known = arena_take(x->arena, sizeof *known);
        *known = row;
        *x->end = known;
        x->end = &known->next;
        (void)map_add(x->sums, known);
    }
    const uint64_t last = (uint64_t)sqlite3_column_int64(st, 5);
    known->count += (uint64_t)sqlite3_column_int64(st, 3);
    known->bytes += (uint64_t)sqlite3_column_int64(st, 4);
    known->last = last > known->last ? last : known->last;
}

static enum result add_buckets(struct summing *x, int level, int64_t from, int64_t to)
{
    sqlite3_stmt *st = sql_use(x->s, SQL_TALLY_GET);
    enum result r;
    if (from >= to)
        return RESULT_OK;
    (void)sqlite3_bind_int(st, 1, (int)x->what);
    (void)sqlite3_bind_int(st, 2, level);
    (void)sqlite3_bind_int64(st, 3, from);
    (void)sqlite3_bind_int64(st, 4, to);
    while ((r = sql_row(st)) == RESULT_OK)
        add_row(x, st);
    return r == RESULT_NOT_FOUND ? RESULT_OK : r;
}

/* The hours on both sides of what the next level has whole; then that. */
static enum result add_hours(struct summing *x, int64_t from, int64_t to)
{
    const int64_t mask = (1 << TALLY_BITS) - 1;
    for (int level = 0; from < to; level++) {
        const int64_t up = (from + mask) & ~mask, down = to & ~mask;
        if (level == TALLY_LEVELS - 1 || up >= down)
            return add_buckets(x, level, from, to);
        TRY(add_buckets(x, level, from, up));
        TRY(add_buckets(x, level, down, to));
        from = up >> TALLY_BITS;
        to = down >> TALLY_BITS;
    }
    return RESULT_OK;
}

static enum result name_text(const struct summing *x, int64_t id, struct bytes *out)
{
    sqlite3_stmt *st = sql_use(x->s, SQL_NAME_TEXT);
    (void)sqlite3_bind_int64(st, 1, id);
    enum result r = sql_row(st);
    if (r != RESULT_OK)
        return r == RESULT_NOT_FOUND ? RESULT_DAMAGED : r;
    *out = arena_copy(x->arena, sql_bytes(st, 0));
    sql_done(st);
    return RESULT_OK;
}

static enum result tell(const struct summing *x,
                        void (*each)(void *arg, const struct search_tally *t), void *arg)
{
    for (const struct sum *sum = x->first; sum != NULL; sum = sum->next) {
        struct search_tally t = {.count = sum->count, .bytes = sum->bytes, .last = sum->last};
        TRY(name_text(x, sum->name[0], &t.value));
        TRY(name_text(x, sum->name[1], &t.second));
        TRY(name_text(x, sum->name[2], &t.third));
        each(arg, &t);
    }
    return RESULT_OK;
}

/* The first hour that begins at this time or later. */
static int64_t hour_from(int64_t us)
{
    if (us <= 0)
        return 0;
    const int64_t hour = us / US_PER_HOUR + (us % US_PER_HOUR != 0);
    return hour < BUCKET_MAX_HOUR ? hour : BUCKET_MAX_HOUR;
}

enum result search_count(struct search *s, enum search_count what, int64_t from_us,
                         int64_t until_us, void (*each)(void *arg, const struct search_tally *t),
                         void *arg)
{
    if ((unsigned)what >= SEARCH_COUNTS)
        return RESULT_RANGE;
    TRY(search_ready(s));
    struct summing x = {
        .s = s, .what = what, .arena = arena_new(SIZE_MAX), .sums = map_new(sum_key)};
    x.end = &x.first;
    enum result r = add_hours(&x, hour_from(from_us), hour_from(until_us));
    if (r == RESULT_OK)
        r = tell(&x, each, arg);
    map_free(x.sums);
    arena_free(x.arena);
    return search_judge(s, r);
}
