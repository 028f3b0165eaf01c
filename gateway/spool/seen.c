#include "spool/seen.h"

#include "base/map.h"
#include "base/mem.h"
#include "crypto/mac.h"

#include <sys/queue.h>

enum { AT_A_TIME = 4096, FOLDED = 16 };

struct item {
    struct seen_message message; /* first */
    TAILQ_ENTRY(item) by_age;
};

struct seen {
    struct stored_round *round;
    struct map *by_key;
    TAILQ_HEAD(, item) oldest;       /* in the order in which they came */
    char source[IDENT_UNIT_MAX + 1]; /* that was folded last, and into what */
    uint8_t folded[FOLDED];
};

static struct bytes key_of(const void *item)
{
    return bytes_of(((const struct seen_message *)item)->key,
                    sizeof(((struct seen_message *)0)->key));
}

struct seen *seen_new(struct stored_round *round)
{
    struct seen *s = mem_new(sizeof *s);
    s->round = round;
    s->by_key = map_new(key_of);
    TAILQ_INIT(&s->oldest);
    return s;
}

static void forget(struct seen *s, struct item *i)
{
    TAILQ_REMOVE(&s->oldest, i, by_age);
    (void)map_remove(s->by_key, key_of(i));
    i->message.stored->seen = NULL;
    stored_drop(s->round, i->message.stored);
    mem_free(i);
}

void seen_free(struct seen *s)
{
    struct item *i;
    if (s == NULL)
        return;
    while ((i = TAILQ_FIRST(&s->oldest)) != NULL)
        forget(s, i);
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
    return m == NULL || m->stored->at_us < since_us ? NULL : m;
}

void seen_expect_key(struct seen *s, const uint8_t key[FOLDED + UUID_BYTES])
{
    map_expect(s->by_key, bytes_of(key, FOLDED + UUID_BYTES));
}

void seen_expect(struct seen *s, struct bytes source, const struct uuid *id)
{
    uint8_t key[FOLDED + UUID_BYTES];
    make_key(folded_again(s, source), id, key);
    seen_expect_key(s, key);
}

void seen_restore(struct seen *s, const struct seen_message *m)
{
    struct item *i = mem_new(sizeof *i);
    i->message = *m;
    if (!map_add(s->by_key, i)) {
        mem_free(i);
        return;
    }
    TAILQ_INSERT_TAIL(&s->oldest, i, by_age);
    stored_hold(m->stored);
    m->stored->seen = &i->message;
}

void seen_add(struct seen *s, struct bytes source, const struct uuid *id,
              const uint8_t content[ROAD_TAG], struct stored *stored, int64_t since_us)
{
    struct seen_message m = {.stored = stored};
    make_key(folded_again(s, source), id, m.key);
    memcpy(m.content, content, ROAD_TAG);
    struct item *old = map_get(s->by_key, bytes_of(m.key, sizeof m.key));
    if (old != NULL && old->message.stored->at_us < since_us)
        forget(s, old);
    seen_restore(s, &m);
}

void seen_forget(struct seen *s, int64_t until_us)
{
    struct item *i;
    for (size_t n = 0; n < AT_A_TIME && (i = TAILQ_FIRST(&s->oldest)) != NULL; n++) {
        if (i->message.stored->at_us >= until_us)
            return;
        forget(s, i);
    }
}
