#include "spool/seen.h"

#include "base/map.h"
#include "base/mem.h"
#include "crypto/mac.h"

enum { AT_A_TIME = 4096, FOLDED = 16, COPY = 8 + ROAD_SEED };

/* What a message takes in a snapshot, but for its copies. */
enum { ITEM = FOLDED + UUID_BYTES + ROAD_TAG + 8 + 8 + 1 + 1 };

struct seen {
    struct map *by_key;
    TAILQ_HEAD(, seen_message) oldest; /* in the order in which they came */
    const struct seen_message *next;   /* to be written; NULL: none is left */
    const struct seen_message *came;   /* the first that came since the lap began; or NULL */
    size_t left;                       /* to be written, at most */
    char source[IDENT_UNIT_MAX + 1];   /* that was folded last, and into what */
    uint8_t folded[FOLDED];
};

static struct bytes key_of(const void *item)
{
    return bytes_of(((const struct seen_message *)item)->key,
                    sizeof(((struct seen_message *)0)->key));
}

struct seen *seen_new(void)
{
    struct seen *s = mem_new(sizeof *s);
    s->by_key = map_new(key_of);
    TAILQ_INIT(&s->oldest);
    return s;
}

static void forget(struct seen *s, struct seen_message *m)
{
    if (s->next == m)
        s->next = TAILQ_NEXT(m, by_age);
    if (s->came == m)
        s->came = TAILQ_NEXT(m, by_age);
    TAILQ_REMOVE(&s->oldest, m, by_age);
    (void)map_remove(s->by_key, key_of(m));
    mem_free(m);
}

void seen_free(struct seen *s)
{
    struct seen_message *m;
    if (s == NULL)
        return;
    while ((m = TAILQ_FIRST(&s->oldest)) != NULL)
        forget(s, m);
    map_free(s->by_key);
    mem_free(s);
}

/* The source is folded to 16 bytes; the key is public since nothing here needs to be kept secret,
 * only short. */
static void fold(struct bytes source, uint8_t folded[FOLDED])
{
    static const uint8_t fixed[KEY_BYTES] = "fedgate source of a message";
    mac_tag(fixed, source, folded);
}

static void make_key(const uint8_t folded[FOLDED], const struct uuid *id,
                     uint8_t key[FOLDED + UUID_BYTES])
{
    memcpy(key, folded, FOLDED);
    memcpy(key + FOLDED, id->b, UUID_BYTES);
}

/* One source often sends many messages in a row. */
static const uint8_t *folded_again(struct seen *s, struct bytes source)
{
    if (source.n > 0 && bytes_is(source, s->source))
        return s->folded;
    fold(source, s->folded);
    s->source[0] = '\0';
    if (source.n > 0 && source.n < sizeof s->source) {
        memcpy(s->source, source.p, source.n);
        s->source[source.n] = '\0';
    }
    return s->folded;
}

const struct seen_message *seen_get(const struct seen *s, struct bytes source,
                                    const struct uuid *id, int64_t since_us)
{
    uint8_t folded[FOLDED], key[FOLDED + UUID_BYTES];
    fold(source, folded);
    make_key(folded, id, key);
    const struct seen_message *m = map_get(s->by_key, bytes_of(key, sizeof key));
    return m == NULL || m->at_us < since_us ? NULL : m;
}

const struct seen_message *seen_oldest(const struct seen *s)
{
    return TAILQ_FIRST(&s->oldest);
}

void seen_expect(struct seen *s, const struct road_envelope *e)
{
    uint8_t key[FOLDED + UUID_BYTES];
    make_key(folded_again(s, e->source), &e->id, key);
    map_expect(s->by_key, bytes_of(key, sizeof key));
}

static struct seen_message *new_message(size_t copies)
{
    struct seen_message *m = mem_new(sizeof *m + copies * sizeof m->copy[0]);
    m->copies = (uint8_t)copies;
    return m;
}

/* The first with its id stays. */
static void keep(struct seen *s, struct seen_message *m)
{
    if (!map_add(s->by_key, m)) {
        mem_free(m);
        return;
    }
    TAILQ_INSERT_TAIL(&s->oldest, m, by_age);
    if (s->came == NULL)
        s->came = m;
}

void seen_add(struct seen *s, const struct road_commit *c, uint64_t index, int64_t since_us)
{
    struct seen_message *m = new_message(c->bodies);
    make_key(folded_again(s, c->envelope.source), &c->envelope.id, m->key);
    memcpy(m->content, c->content, ROAD_TAG);
    m->index = index;
    m->at_us = c->at_us;
    m->verdict = c->verdict;
    for (size_t i = 0; i < c->bodies; i++) {
        m->copy[i].scope = c->body[i].scope;
        memcpy(m->copy[i].seed, c->body[i].seed, ROAD_SEED);
    }
    struct seen_message *old = map_get(s->by_key, key_of(m));
    if (old != NULL && old->at_us < since_us)
        forget(s, old);
    keep(s, m);
}

void seen_forget(struct seen *s, int64_t until_us)
{
    struct seen_message *m;
    for (size_t n = 0; n < AT_A_TIME && (m = TAILQ_FIRST(&s->oldest)) != NULL; n++) {
        if (m->at_us >= until_us)
            return;
        forget(s, m);
    }
}

/* ---- snapshots */

void seen_begin_lap(struct seen *s)
{
    s->next = TAILQ_FIRST(&s->oldest);
    s->came = NULL;
    s->left = map_count(s->by_key);
}

size_t seen_bytes(const struct seen *s)
{
    return map_count(s->by_key) * (ITEM + COPY);
}

size_t seen_left(const struct seen *s)
{
    return s->left * (ITEM + COPY);
}

static void put(const struct seen_message *m, struct buf *out)
{
    buf_put(out, m->key, sizeof m->key);
    buf_put(out, m->content, ROAD_TAG);
    buf_u64(out, m->index);
    buf_i64(out, m->at_us);
    buf_u8(out, m->verdict);
    buf_u8(out, m->copies);
    for (size_t i = 0; i < m->copies; i++) {
        buf_u64(out, m->copy[i].scope);
        buf_put(out, m->copy[i].seed, ROAD_SEED);
    }
}

bool seen_put(struct seen *s, size_t most, int64_t since_us, struct buf *out)
{
    const size_t until = out->n + most;
    const struct seen_message *m = s->next;
    bool any = false;
    while (m != NULL && m != s->came && (!any || out->n < until)) {
        if (m->at_us >= since_us)
            put(m, out);
        any = true;
        s->left--;
        m = TAILQ_NEXT(m, by_age);
    }
    s->next = m == s->came ? NULL : m;
    if (s->next == NULL)
        s->left = 0; /* some were forgotten meanwhile */
    return any;
}

static enum result take(struct seen *s, struct cursor *in)
{
    struct seen_message head = {.at_us = 0};
    TRY(cursor_copy(in, head.key, sizeof head.key));
    TRY(cursor_copy(in, head.content, ROAD_TAG));
    TRY(cursor_u64(in, &head.index));
    TRY(cursor_i64(in, &head.at_us));
    TRY(cursor_u8(in, &head.verdict));
    TRY(cursor_u8(in, &head.copies));
    struct seen_message *m = new_message(head.copies);
    enum result r = RESULT_OK;
    *m = head;
    for (size_t i = 0; r == RESULT_OK && i < m->copies; i++) {
        r = cursor_u64(in, &m->copy[i].scope);
        if (r == RESULT_OK)
            r = cursor_copy(in, m->copy[i].seed, ROAD_SEED);
    }
    if (r == RESULT_OK)
        keep(s, m);
    else
        mem_free(m);
    return r;
}

/* Asks for the memory of all first: see map_expect. */
static enum result expect_all(const struct seen *s, struct cursor in)
{
    struct bytes fixed, list;
    uint8_t copies;
    while (in.left > 0) {
        TRY(cursor_take(&in, ITEM - 1, &fixed));
        TRY(cursor_u8(&in, &copies));
        if (copies > ROAD_BODIES_MAX)
            return RESULT_MALFORMED;
        TRY(cursor_take(&in, (size_t)copies * COPY, &list));
        map_expect(s->by_key, bytes_of(fixed.p, FOLDED + UUID_BYTES));
    }
    return RESULT_OK;
}

enum result seen_take(struct seen *s, struct cursor *in)
{
    TRY(expect_all(s, *in));
    while (in->left > 0)
        TRY(take(s, in));
    return RESULT_OK;
}
