/* What was taken becomes rows, in one transaction. */
#include "search/pending.h"

#include "base/mem.h"

#include <endian.h>
#include <stdlib.h>

enum { ONWARD_TERM = 9 /* bytes: a word (0) or a number (1), and its term */, ONWARD_MAX = 1024 };

struct settling {
    struct search *s;
    uint64_t words; /* ids given, if this comes to something */
};

enum result word_id(const struct search *s, unsigned field, struct bytes text, int64_t *out)
{
    sqlite3_stmt *st = sql_use(s, SQL_WORD_GET);
    (void)sqlite3_bind_int64(st, 1, field);
    sql_put_bytes(st, 2, text);
    TRY(sql_row(st));
    *out = sqlite3_column_int64(st, 0);
    sql_done(st);
    return RESULT_OK;
}

static enum result new_id(struct settling *x, struct pending_term *t, struct bytes text,
                          bool *is_new)
{
    sqlite3_stmt *st = sql_use(x->s, SQL_WORD_NEW);
    t->id = (int64_t)x->words + 1;
    (void)sqlite3_bind_int64(st, 1, t->field);
    sql_put_bytes(st, 2, text);
    (void)sqlite3_bind_int64(st, 3, t->id);
    TRY(sql_run(st));
    *is_new = sqlite3_changes(x->s->db) == 1;
    x->words += *is_new;
    return RESULT_OK;
}

/* Most words of few entries are new, such as ids: they take one statement. */
static enum result give_id(struct settling *x, struct pending_term *t)
{
    const struct bytes text = bytes_of(t->key.p + 1, t->key.n - 1);
    const bool is_rare = t->count <= PENDING_FEW;
    bool is_new = false;
    if (is_rare)
        TRY(new_id(x, t, text, &is_new));
    if (is_new)
        return RESULT_OK;
    enum result r = word_id(x->s, t->field, text, &t->id);
    return r == RESULT_NOT_FOUND && !is_rare ? new_id(x, t, text, &is_new) : r;
}

enum result rows_read(const struct search *s, bool is_number, int64_t term, uint64_t chunk,
                      struct set *out)
{
    sqlite3_stmt *st = sql_use(s, is_number ? SQL_NUMBERS_GET : SQL_WORDS_GET);
    (void)sqlite3_bind_int64(st, 1, term);
    (void)sqlite3_bind_int64(st, 2, (int64_t)chunk);
    TRY(sql_row(st));
    enum result r = set_read(out, sql_bytes(st, 0));
    sql_done(st);
    return r;
}

static enum result rows_write(const struct search *s, enum statement how, int64_t term,
                              uint64_t chunk, struct bytes row)
{
    sqlite3_stmt *st = sql_use(s, how);
    (void)sqlite3_bind_int64(st, 1, term);
    (void)sqlite3_bind_int64(st, 2, (int64_t)chunk);
    sql_put_bytes(st, 3, row);
    return sql_run(st);
}

static enum result add_set(const struct search *s, bool is_number, int64_t term, uint64_t chunk,
                           const struct set *add)
{
    struct set all = {0};
    uint8_t row[SET_BITMAP] UNSET;
    enum result r = rows_read(s, is_number, term, chunk, &all);
    if (r != RESULT_OK && r != RESULT_NOT_FOUND)
        return r;
    for (unsigned w = 0; w < SET_WORDS; w++)
        all.word[w] |= add->word[w];
    return rows_write(s, is_number ? SQL_NUMBERS_PUT : SQL_WORDS_PUT, term, chunk,
                      set_write(&all, row));
}

/* Most terms are of few entries, and their rows new: those take one statement, too. */
static enum result add_few(const struct search *s, const struct pending_term *t, uint64_t chunk,
                           bool *done)
{
    uint8_t row[2 * PENDING_FEW];
    const uint16_t *place = pending_places(t);
    for (uint32_t i = 0; i < t->count; i++) {
        const uint16_t big = htobe16(place[i]);
        memcpy(row + 2 * (size_t)i, &big, sizeof big);
    }
    TRY(rows_write(s, t->is_number ? SQL_NUMBERS_NEW : SQL_WORDS_NEW, t->id, chunk,
                   bytes_of(row, 2 * (size_t)t->count)));
    *done = sqlite3_changes(s->db) == 1;
    return RESULT_OK;
}

static enum result write_term(struct settling *x, struct pending_term *t)
{
    const struct pending *p = x->s->pending;
    struct set add UNSET;
    bool done = false;
    if (!t->is_number)
        TRY(give_id(x, t));
    if (t->count > 0 && t->count <= PENDING_FEW)
        TRY(add_few(x->s, t, p->chunk, &done));
    if (t->count == 0 || done)
        return RESULT_OK;
    memset(&add, 0, sizeof add);
    for (uint32_t i = 0; i < t->count; i++)
        set_put(&add, pending_places(t)[i]);
    return add_set(x->s, t->is_number, t->id, p->chunk, &add);
}

static int by_key(const void *a, const void *b)
{
    const struct pending_term *const *x = a, *const *y = b;
    return bytes_compare((*x)->key, (*y)->key);
}

/* In the order in which the tables have them. */
static enum result write_terms(struct settling *x)
{
    const struct pending *p = x->s->pending;
    const size_t n = map_count(p->terms);
    struct pending_term **term = mem_new_array(n, sizeof *term), *t;
    size_t count = 0, at = 0;
    MAP_FOREACH (t, p->terms, at)
        term[count++] = t;
    qsort((void *)term, n, sizeof *term, by_key);
    enum result r = RESULT_OK;
    for (size_t i = 0; r == RESULT_OK && i < n; i++)
        r = write_term(x, term[i]);
    mem_free((void *)term);
    return r;
}

/* Those of one entry stand in a row. */
static enum result write_onward(const struct search *s)
{
    const struct pending *p = s->pending;
    struct buf row = BUF_INIT((size_t)ONWARD_TERM * ONWARD_MAX);
    enum result r = RESULT_OK;
    for (size_t i = 0; r == RESULT_OK && i < p->onwards;) {
        const uint64_t leaf = p->onward[i].leaf;
        buf_rewind(&row);
        for (; i < p->onwards && p->onward[i].leaf == leaf; i++)
            if (row.n < row.max) {
                buf_bool(&row, p->onward[i].term->is_number);
                buf_i64(&row, p->onward[i].term->id);
            }
        sqlite3_stmt *st = sql_use(s, SQL_ONWARD_PUT);
        (void)sqlite3_bind_int64(st, 1, (int64_t)leaf);
        sql_put_bytes(st, 2, buf_view(&row));
        r = sql_run(st);
    }
    buf_free(&row);
    return r;
}

static enum result write_meta(const struct settling *x)
{
    const struct search *s = x->s;
    struct buf state = BUF_INIT(1024);
    buf_u64(&state, s->taken);
    buf_u64(&state, x->words);
    buf_u64(&state, s->pending->last);
    buf_put(&state, s->pending->salt, LEAF_SALT);
    for (unsigned f = 0; f < TERM_FIELDS; f++)
        buf_u64(&state, s->levels[f] | s->pending->levels[f]);
    enum result r = sql_meta_put(s, "state", buf_view(&state));
    buf_free(&state);
    return r;
}

static enum result write_all(struct settling *x)
{
    const struct search *s = x->s;
    const struct pending *p = s->pending;
    struct pending_count *c;
    size_t at = 0;
    TRY(write_terms(x));
    TRY(add_set(s, false, WORD_ALL, p->chunk, &p->there));
    TRY(write_onward(s));
    TRY(times_write(s, p->chunk, &p->there, p->time));
    MAP_FOREACH (c, p->counts, at)
        TRY(tally_write(s, &c->row));
    return write_meta(x);
}

static void keep_state(const struct settling *x)
{
    struct search *s = x->s;
    s->size = s->taken;
    s->words = x->words;
    s->last = s->pending->last;
    s->has_last = true;
    memcpy(s->salt, s->pending->salt, sizeof s->salt);
    for (unsigned f = 0; f < TERM_FIELDS; f++)
        s->levels[f] |= s->pending->levels[f];
    pending_clear(s->pending);
}

/* A transaction that came to nothing left nothing, or the index is taken for damaged. */
static enum result settle(struct search *s)
{
    struct settling x = {s, s->words};
    TRY(sql_run(sql_use(s, SQL_BEGIN)));
    enum result r = write_all(&x);
    if (r == RESULT_OK)
        r = sql_run(sql_use(s, SQL_COMMIT));
    if (r == RESULT_OK)
        keep_state(&x);
    else if (!sqlite3_get_autocommit(s->db) && sql_run(sql_use(s, SQL_ROLLBACK)) != RESULT_OK)
        r = RESULT_DAMAGED;
    return r;
}

enum result search_settle(struct search *s)
{
    TRY(search_ready(s));
    return s->pending->leaves == 0 ? RESULT_OK : search_judge(s, settle(s));
}

/* One chunk at a time, and no more memory than that takes. */
enum result search_take(struct search *s, const struct leaf *leaf)
{
    if (leaf->index < s->taken || leaf->index >> TERM_NUMBER_BITS != 0)
        return RESULT_STATE;
    if (s->pending->leaves > 0 && leaf->index / CHUNK != s->pending->chunk)
        TRY(search_settle(s));
    pending_take(s->pending, leaf);
    s->taken = leaf->index + 1;
    return RESULT_OK;
}

uint64_t search_size(const struct search *s)
{
    return s->size;
}

uint64_t search_begun(const struct search *s)
{
    return s->begun;
}
