/*
 * Queries: chunk by chunk, the sets of all terms brought together. A chunk that one of the terms
 * has not is never looked at.
 */
#include "search/look.h"

enum { LOOKS_MOST = 512 /* chunks, where work has a bound */ };

/* ---- one term */

enum result look_begin(const struct search *s, unsigned field, struct bytes value, struct look *out)
{
    uint64_t number;
    *out = (struct look){.is_number = term_field_is_number(field)};
    if (!out->is_number) {
        enum result r = word_id(s, field, value, &out->key[0].term);
        out->keys = r == RESULT_OK;
        return r == RESULT_NOT_FOUND ? RESULT_OK : r;
    }
    if (term_read_number(value, &number))
        look_begin_number(s, field, number, out);
    return RESULT_OK;
}

void look_begin_number(const struct search *s, unsigned field, uint64_t number, struct look *out)
{
    *out = (struct look){.is_number = true};
    for (unsigned level = 0; level < TERM_LEVELS; level++)
        if ((s->levels[field] >> level & 1) != 0)
            out->key[out->keys++].term = term_key(field, number >> level, level);
}

static enum result seek(const struct search *s, const struct look *l, struct look_key *k,
                        int64_t from, bool up)
{
    static const enum statement which[2][2] = {{SQL_WORDS_DOWN, SQL_WORDS_UP},
                                               {SQL_NUMBERS_DOWN, SQL_NUMBERS_UP}};
    sqlite3_stmt *st = sql_use(s, which[l->is_number][up]);
    (void)sqlite3_bind_int64(st, 1, k->term);
    (void)sqlite3_bind_int64(st, 2, from);
    enum result r = sql_row(st);
    k->is_sought = true;
    k->is_none = r == RESULT_NOT_FOUND;
    if (r != RESULT_OK)
        return k->is_none ? RESULT_OK : r;
    k->chunk = sqlite3_column_int64(st, 0);
    sql_done(st);
    return up ? (k->chunk < from ? RESULT_DAMAGED : RESULT_OK)
              : (k->chunk > from || k->chunk < 0 ? RESULT_DAMAGED : RESULT_OK);
}

static bool is_behind(const struct look_key *k, int64_t from, bool up)
{
    return !k->is_sought || (!k->is_none && (up ? k->chunk < from : k->chunk > from));
}

enum result look_next(const struct search *s, struct look *l, int64_t from, bool up, int64_t *chunk)
{
    bool any = false;
    for (size_t i = 0; i < l->keys; i++) {
        struct look_key *k = &l->key[i];
        if (is_behind(k, from, up))
            TRY(seek(s, l, k, from, up));
        if (k->is_none)
            continue;
        if (!any || (up ? k->chunk < *chunk : k->chunk > *chunk))
            *chunk = k->chunk;
        any = true;
    }
    return any ? RESULT_OK : RESULT_NOT_FOUND;
}

enum result look_read(const struct search *s, const struct look *l, int64_t chunk, struct set *out)
{
    for (size_t i = 0; i < l->keys; i++) {
        if (l->key[i].is_none || l->key[i].chunk != chunk)
            continue;
        enum result r = rows_read(s, l->is_number, l->key[i].term, (uint64_t)chunk, out);
        if (r != RESULT_OK)
            return r == RESULT_NOT_FOUND ? RESULT_DAMAGED : r;
    }
    return RESULT_OK;
}

/* ---- all terms */

struct finding {
    struct search *s;
    const struct search_query *q;
    struct look look[SEARCH_TERMS_MAX];
    size_t looks;
    uint64_t *out;
    size_t room, found;
    bool more;
};

/* The next chunk that all terms have. */
static enum result agree(struct finding *f, int64_t *chunk)
{
    const bool up = f->q->oldest_first;
    for (size_t agreed = 0, i = 0; agreed < f->looks; i = (i + 1) % f->looks) {
        int64_t next = *chunk;
        TRY(look_next(f->s, &f->look[i], *chunk, up, &next));
        agreed = next == *chunk ? agreed + 1 : 1;
        *chunk = next;
    }
    return RESULT_OK;
}

static enum result read_chunk(const struct finding *f, int64_t chunk, struct set *out)
{
    struct set other UNSET;
    memset(out, 0, sizeof *out);
    TRY(look_read(f->s, &f->look[0], chunk, out));
    for (size_t i = 1; i < f->looks; i++) {
        memset(&other, 0, sizeof other);
        TRY(look_read(f->s, &f->look[i], chunk, &other));
        if (!set_and(out, &other))
            return RESULT_OK;
    }
    return times_keep(f->s, (uint64_t)chunk, f->q->from_us, f->q->until_us, out);
}

static void take(struct finding *f, uint64_t index)
{
    f->more = f->found == f->room;
    if (!f->more)
        f->out[f->found++] = index;
}

/* Those on the right side of the cursor, in their order. */
static void take_chunk(struct finding *f, int64_t chunk, const struct set *set)
{
    const uint64_t first = (uint64_t)chunk * CHUNK;
    if (f->q->oldest_first) {
        const uint64_t after = f->q->after > first ? f->q->after - first : 0;
        for (unsigned at = set_next(set, (unsigned)after); at < CHUNK && !f->more;
             at = set_next(set, at + 1))
            take(f, first + at);
        return;
    }
    const uint64_t before = f->q->before - first < CHUNK ? f->q->before - first : CHUNK;
    for (unsigned at = set_last(set, (unsigned)before); at < CHUNK && !f->more;
         at = set_last(set, at))
        take(f, first + at);
}

static void set_reached(const struct finding *f, int64_t chunk)
{
    if (f->q->reached == NULL)
        return;
    if (f->found > 0 && f->found == f->room)
        *f->q->reached = f->out[f->found - 1] + f->q->oldest_first;
    else /* all of the chunks before this one were looked at */
        *f->q->reached = (uint64_t)(f->q->oldest_first ? chunk : chunk + 1) * CHUNK;
}

static enum result find(struct finding *f, int64_t chunk)
{
    struct set set UNSET;
    const bool up = f->q->oldest_first;
    for (size_t looks = 0; !f->more && chunk >= 0; looks++, chunk += up ? 1 : -1) {
        enum result r = agree(f, &chunk);
        if (r != RESULT_OK)
            return r == RESULT_NOT_FOUND ? RESULT_OK : r;
        if (f->q->reached != NULL && looks == LOOKS_MOST) {
            f->more = true;
            break;
        }
        TRY(read_chunk(f, chunk, &set));
        take_chunk(f, chunk, &set);
        if (f->more)
            break;
    }
    set_reached(f, chunk);
    return RESULT_OK;
}

static enum result begin(struct finding *f)
{
    const struct search_query *q = f->q;
    for (size_t i = 0; i < q->terms; i++) {
        if ((unsigned)q->term[i].field >= SEARCH_FIELDS)
            return RESULT_RANGE;
        TRY(look_begin(f->s, q->term[i].field, q->term[i].value, &f->look[f->looks++]));
    }
    if (q->terms == 0)
        f->look[f->looks++] = (struct look){.keys = 1, .key = {{.term = WORD_ALL}}};
    return RESULT_OK;
}

enum result search_find(struct search *s, const struct search_query *q, uint64_t *out, size_t room,
                        size_t *found, bool *more)
{
    struct finding f = {.s = s, .q = q, .out = out, .room = room};
    const uint64_t before = q->before < s->size ? q->before : s->size;
    *found = 0;
    *more = false;
    if (q->terms > SEARCH_TERMS_MAX)
        return RESULT_RANGE;
    TRY(search_ready(s));
    enum result r = begin(&f);
    if (r == RESULT_RANGE || s->size == 0)
        return r;
    if (r == RESULT_OK && q->oldest_first && q->after < s->size)
        r = find(&f, (int64_t)(q->after / CHUNK));
    else if (r == RESULT_OK && !q->oldest_first && before > 0)
        r = find(&f, (int64_t)((before - 1) / CHUNK));
    *found = r == RESULT_OK ? f.found : 0;
    *more = r == RESULT_OK && f.more;
    return search_judge(s, r);
}
