/*
 * The entries of a record's chain. They are those about it; those about one of these; and what
 * tells that a scope was erased, or an incident ended, which one of these named (terms.c, onward).
 */
#include "search/look.h"

#include "base/buf.h"
#include "base/cursor.h"
#include "base/mem.h"

#include <stdlib.h>

enum {
    MEMBERS_MAX = 65536, /* as many are looked at */
    OPENINGS_MAX =
        1001,       /* about one entry: a chain keeps 1000 (report/chain.h), and notices more */
    ONWARD_MAX = 64 /* terms, each once */
};

struct chaining {
    struct search *s;
    uint64_t record;
    uint64_t *member;
    size_t members, room;
    int64_t onward[ONWARD_MAX];
    bool is_number[ONWARD_MAX];
    size_t onwards;
    struct look opening[3];
    bool more;
};

static void add(struct chaining *c, uint64_t index)
{
    if (c->members == MEMBERS_MAX) {
        c->more = true;
        return;
    }
    if (c->members == c->room) {
        const size_t room = c->room == 0 ? 64 : c->room * 4;
        c->member = mem_grow_array(c->member, c->room, room, sizeof *c->member);
        c->room = room;
    }
    c->member[c->members++] = index;
}

/* Recipients open what a vault keeps as often as they like. */
static enum result keep_openings(struct chaining *c, int64_t chunk, size_t *openings,
                                 struct set *set)
{
    struct set opened UNSET;
    memset(&opened, 0, sizeof opened);
    for (size_t i = 0; i < ARRAY_LEN(c->opening); i++) {
        struct look *l = &c->opening[i];
        int64_t there = -1;
        for (size_t k = 0; k < l->keys; k++)
            l->key[k].is_sought = false; /* other walks left it elsewhere */
        enum result r = look_next(c->s, l, chunk, true, &there);
        if (r == RESULT_OK && there == chunk)
            r = look_read(c->s, l, chunk, &opened);
        if (r != RESULT_OK && r != RESULT_NOT_FOUND)
            return r;
    }
    if (!set_and(&opened, set))
        return RESULT_OK;
    for (unsigned at = set_next(&opened, 0); at < CHUNK; at = set_next(&opened, at + 1))
        if ((*openings)++ >= OPENINGS_MAX) {
            set->word[at / 64] &= ~(UINT64_C(1) << (at % 64));
            c->more = true;
        }
    return RESULT_OK;
}

/* Adds what is behind the record and has the term. */
static enum result add_all(struct chaining *c, struct look *l)
{
    struct set set UNSET;
    size_t openings = 0;
    enum result r = RESULT_OK;
    for (int64_t chunk = (int64_t)(c->record / CHUNK); r == RESULT_OK && c->members < MEMBERS_MAX;
         chunk++) {
        r = look_next(c->s, l, chunk, true, &chunk);
        if (r != RESULT_OK)
            break;
        memset(&set, 0, sizeof set);
        r = look_read(c->s, l, chunk, &set);
        if (r == RESULT_OK && set_count(&set) > 16)
            r = keep_openings(c, chunk, &openings, &set);
        for (unsigned at = set_next(&set, 0); at < CHUNK; at = set_next(&set, at + 1))
            if ((uint64_t)chunk * CHUNK + at > c->record)
                add(c, (uint64_t)chunk * CHUNK + at);
    }
    return r == RESULT_NOT_FOUND ? RESULT_OK : r;
}

static enum result add_about(struct chaining *c, uint64_t index)
{
    struct look l;
    look_begin_number(c->s, SEARCH_ABOUT, index, &l);
    return add_all(c, &l);
}

static enum result add_onward_term(struct chaining *c, bool is_number, int64_t term)
{
    struct look l = {.is_number = is_number, .keys = 1, .key = {{.term = term}}};
    for (size_t i = 0; i < c->onwards; i++)
        if (c->onward[i] == term && c->is_number[i] == is_number)
            return RESULT_OK;
    if (c->onwards == ONWARD_MAX) {
        c->more = true;
        return RESULT_OK;
    }
    c->onward[c->onwards] = term;
    c->is_number[c->onwards++] = is_number;
    return add_all(c, &l);
}

static enum result read_onward(const struct search *s, uint64_t index, struct buf *out)
{
    sqlite3_stmt *st = sql_use(s, SQL_ONWARD_GET);
    buf_rewind(out);
    (void)sqlite3_bind_int64(st, 1, (int64_t)index);
    enum result r = sql_row(st);
    if (r != RESULT_OK)
        return r == RESULT_NOT_FOUND ? RESULT_OK : r;
    const struct bytes terms = sql_bytes(st, 0);
    buf_put(out, terms.p, terms.n);
    sql_done(st);
    return buf_status(out) == RESULT_OK ? RESULT_OK : RESULT_DAMAGED;
}

static enum result add_onward(struct chaining *c, uint64_t index)
{
    struct buf terms = BUF_INIT(1 << 20);
    bool is_number;
    int64_t term;
    enum result r = read_onward(c->s, index, &terms);
    struct cursor at = cursor_over(buf_view(&terms));
    while (r == RESULT_OK && at.left > 0)
        if (cursor_bool(&at, &is_number) != RESULT_OK || cursor_i64(&at, &term) != RESULT_OK)
            r = RESULT_DAMAGED;
        else
            r = add_onward_term(c, is_number, term);
    buf_free(&terms);
    return r;
}

/* What became of it first: no crowd of openings keeps that away. */
static enum result add_members(struct chaining *c)
{
    static const enum audit_event opening[] = {AUDIT_VAULT_STORED, AUDIT_OPENED,
                                               AUDIT_OPENING_REFUSED};
    for (size_t i = 0; i < ARRAY_LEN(opening); i++)
        TRY(look_begin(c->s, SEARCH_EVENT, bytes_of_text(audit_event_word(opening[i])),
                       &c->opening[i]));
    add(c, c->record);
    TRY(add_about(c, c->record));
    const size_t direct = c->members;
    for (size_t i = 0; i < direct; i++)
        TRY(add_onward(c, c->member[i]));
    for (size_t i = 1; i < direct && c->members < MEMBERS_MAX; i++)
        TRY(add_about(c, c->member[i]));
    return RESULT_OK;
}

static int by_index(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void hand_out(struct chaining *c, uint64_t *out, size_t room, size_t *found)
{
    qsort(c->member, c->members, sizeof *c->member, by_index);
    for (size_t i = 0; i < c->members; i++) {
        if (i > 0 && c->member[i] == c->member[i - 1])
            continue;
        if (*found == room) {
            c->more = true;
            return;
        }
        out[(*found)++] = c->member[i];
    }
}

enum result search_chain(struct search *s, uint64_t record, uint64_t *out, size_t room,
                         size_t *found, bool *more)
{
    struct chaining c = {.s = s, .record = record};
    *found = 0;
    *more = false;
    if (record >= s->size)
        return RESULT_OK;
    TRY(search_ready(s));
    enum result r = add_members(&c);
    if (r == RESULT_OK) {
        hand_out(&c, out, room, found);
        *more = c.more;
    }
    mem_free(c.member);
    return search_judge(s, r);
}
