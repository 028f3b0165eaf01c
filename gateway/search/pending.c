#include "search/pending.h"

#include "base/buf.h"
#include "base/mem.h"

static struct bytes term_key_of(const void *item)
{
    return ((const struct pending_term *)item)->key;
}

static struct bytes count_key_of(const void *item)
{
    return ((const struct pending_count *)item)->key;
}

static void begin(struct pending *p)
{
    p->terms = map_new(term_key_of);
    p->counts = map_new(count_key_of);
}

struct pending *pending_new(void)
{
    struct pending *p = mem_new(sizeof *p);
    p->arena = arena_new(SIZE_MAX);
    begin(p);
    return p;
}

static void end(struct pending *p)
{
    struct pending_term *t;
    size_t at = 0;
    MAP_FOREACH (t, p->terms, at)
        mem_free(t->many);
    map_free(p->terms);
    map_free(p->counts);
}

void pending_free(struct pending *p)
{
    if (p == NULL)
        return;
    end(p);
    arena_free(p->arena);
    mem_free(p->onward);
    mem_free(p);
}

void pending_clear(struct pending *p)
{
    end(p);
    arena_reset(p->arena);
    begin(p);
    p->onwards = p->leaves = 0;
    memset(p->levels, 0, sizeof p->levels);
    memset(&p->there, 0, sizeof p->there);
}

/* ---- taking */

struct taking {
    struct pending *p;
    const struct leaf *leaf;
    struct buf key;
};

static struct pending_term *term_of(struct taking *k, const struct term *t)
{
    buf_rewind(&k->key);
    buf_u8(&k->key, (uint8_t)t->field);
    if (t->is_number)
        buf_i64(&k->key, term_key(t->field, t->number, t->level));
    else
        buf_put(&k->key, t->text.p, t->text.n);
    struct pending_term *known = map_get(k->p->terms, buf_view(&k->key));
    if (known != NULL)
        return known;
    known = arena_take(k->p->arena, sizeof *known);
    *known = (struct pending_term){.key = arena_copy(k->p->arena, buf_view(&k->key)),
                                   .is_number = t->is_number,
                                   .field = t->field,
                                   .id = t->is_number ? term_key(t->field, t->number, t->level) : 0,
                                   .room = PENDING_FEW};
    (void)map_add(k->p->terms, known);
    return known;
}

static void add_place(struct pending_term *t, uint16_t place)
{
    uint16_t *to = t->many == NULL ? t->few : t->many;
    if (t->count > 0 && to[t->count - 1] == place)
        return; /* a leaf may have a term twice */
    if (t->count == t->room) {
        t->many = mem_grow_array(t->many, t->many == NULL ? 0 : t->count, (size_t)t->room * 4,
                                 sizeof *t->many);
        if (to == t->few)
            memcpy(t->many, t->few, sizeof t->few);
        to = t->many;
        t->room *= 4;
    }
    to[t->count++] = place;
}

static void add_onward(struct pending *p, uint64_t leaf, struct pending_term *t)
{
    if (p->onwards == p->onward_room) {
        const size_t room = p->onward_room == 0 ? 64 : p->onward_room * 2;
        p->onward = mem_grow_array(p->onward, p->onward_room, room, sizeof *p->onward);
        p->onward_room = room;
    }
    p->onward[p->onwards++] = (struct pending_onward){leaf, t};
}

static void take_term(void *arg, const struct term *t)
{
    struct taking *k = arg;
    struct pending_term *known = term_of(k, t);
    if (t->is_onward) {
        add_onward(k->p, k->leaf->index, known);
        return;
    }
    if (t->is_number)
        k->p->levels[t->field] |= UINT64_C(1) << t->level;
    add_place(known, (uint16_t)(k->leaf->index % CHUNK));
}

static int64_t hour_of(int64_t us)
{
    return us >= 0 ? us / US_PER_HOUR : 0;
}

static void take_count(void *arg, const struct term_count *c)
{
    struct taking *k = arg;
    struct arena *a = k->p->arena;
    const int64_t hour = hour_of(k->leaf->time_us);
    buf_rewind(&k->key);
    buf_u8(&k->key, (uint8_t)c->what);
    buf_i64(&k->key, hour);
    buf_bytes32(&k->key, c->value);
    buf_bytes32(&k->key, c->second);
    buf_bytes32(&k->key, c->third);
    struct pending_count *known = map_get(k->p->counts, buf_view(&k->key));
    if (known == NULL) {
        known = arena_take(a, sizeof *known);
        known->key = arena_copy(a, buf_view(&k->key));
        known->row = (struct tally_row){.hour = hour,
                                        .what = {.what = c->what,
                                                 .value = arena_copy(a, c->value),
                                                 .second = arena_copy(a, c->second),
                                                 .third = arena_copy(a, c->third)}};
        (void)map_add(k->p->counts, known);
    }
    known->row.count++;
    known->row.what.bytes += c->bytes;
    known->row.last = k->leaf->index;
}

void pending_take(struct pending *p, const struct leaf *leaf)
{
    struct taking k = {p, leaf, BUF_INIT((size_t)4 * LEAF_MAX)};
    const unsigned place = (unsigned)(leaf->index % CHUNK);
    p->chunk = leaf->index / CHUNK;
    terms_each(leaf, take_term, &k);
    terms_each_count(leaf, take_count, &k);
    set_put(&p->there, place);
    p->time[place] = leaf->time_us;
    p->last = leaf->index;
    memcpy(p->salt, leaf->salt, sizeof p->salt);
    p->leaves++;
    buf_free(&k.key);
}
