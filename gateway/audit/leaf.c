#include "audit/leaf.h"

#include "audit/canonical.h"
#include "base/mem.h"
#include "json/json.h"

/* ---- writing */

static void put_hex(struct canonical *c, const char *key, const uint8_t *p, size_t n)
{
    char hex[2 * LEAF_COMMITMENT + 1];
    bytes_to_hex(bytes_of(p, n), hex);
    json_put_member_text(c->out, key, bytes_of(hex, 2 * n));
}

static void put_recipients(struct canonical *c, const struct leaf *leaf)
{
    for (size_t i = 0; i < leaf->recipients; i++) {
        const struct leaf_recipient *r = &leaf->recipient[i];
        canonical_item(c, "recipients", i);
        canonical_text(c, "clause", r->clause);
        if (r->deadline_us != 0)
            canonical_integer(c, "deadline_us", r->deadline_us);
        canonical_text(c, "failed", r->failed);
        canonical_text(c, "flags", r->flags);
        canonical_text(c, "reason", r->reason);
        canonical_text(c, "unit", r->unit);
        canonical_close(c);
    }
    canonical_list_end(c, leaf->recipients);
}

/* The keys in the order of RFC 8785, 3.2.3; they are ASCII, so it is that of their bytes. */
static void put_members(struct canonical *c, const struct leaf *leaf)
{
    canonical_text(c, "basis", leaf->basis);
    if (leaf->commitment != NULL)
        put_hex(c, "commitment", leaf->commitment, LEAF_COMMITMENT);
    canonical_text(c, "detail", leaf->detail);
    canonical_text(c, "event", bytes_of_text(audit_event_word(leaf->event)));
    canonical_text(c, "id", leaf->id);
    canonical_texts(c, "incidents", leaf->incident, leaf->incidents);
    canonical_integer(c, "index", (int64_t)leaf->index);
    canonical_text(c, "kind", leaf->kind);
    canonical_text(c, "lane", leaf->lane);
    canonical_count(c, "policy", leaf->policy);
    canonical_text(c, "purpose", leaf->purpose);
    put_recipients(c, leaf);
    if (leaf->has_refers)
        canonical_integer(c, "refers", (int64_t)leaf->refers);
    if (leaf->fact != NULL)
        put_hex(c, "register", leaf->fact, LEAF_COMMITMENT);
    put_hex(c, "salt", leaf->salt, LEAF_SALT);
    canonical_text(c, "service", leaf->service);
    canonical_count(c, "size", leaf->size);
    canonical_text(c, "source", leaf->source);
    canonical_text(c, "status", leaf->status);
    canonical_integer(c, "time_us", leaf->time_us);
}

enum result leaf_write(const struct leaf *leaf, struct buf *out)
{
    struct canonical c;
    if ((unsigned)leaf->event >= AUDIT_EVENT_COUNT)
        return RESULT_UNKNOWN;
    if (leaf->incidents > LEAF_LIST_MAX || leaf->recipients > LEAF_LIST_MAX)
        return RESULT_TOO_LARGE;
    canonical_begin(&c, out);
    put_members(&c, leaf);
    return canonical_end(&c, LEAF_MAX);
}

/* ---- reading */

struct leaf_room {
    struct buf text;
    struct bytes incident[LEAF_LIST_MAX];
    struct leaf_recipient recipient[LEAF_LIST_MAX];
    uint8_t commitment[LEAF_COMMITMENT], fact[LEAF_COMMITMENT];
};

static const uint8_t *take_digest(struct canonical_reader *r, const char *key,
                                  uint8_t room[LEAF_COMMITMENT])
{
    return bytes_from_hex(canonical_take_text(r, key), room, LEAF_COMMITMENT) ? room : NULL;
}

static size_t take_recipients(struct canonical_reader *r, struct leaf_recipient *out)
{
    size_t count = 0;
    while (count < LEAF_LIST_MAX && canonical_take_item(r, "recipients", count)) {
        struct leaf_recipient *x = &out[count++];
        x->clause = canonical_take_text(r, "clause");
        x->deadline_us = canonical_take_integer(r, "deadline_us", NULL);
        x->failed = canonical_take_text(r, "failed");
        x->flags = canonical_take_text(r, "flags");
        x->reason = canonical_take_text(r, "reason");
        x->unit = canonical_take_text(r, "unit");
        canonical_take_close(r);
    }
    canonical_take_list_end(r, count);
    return count;
}

/* In the order of put_members. */
static void take_members(struct canonical_reader *r, struct leaf *leaf, struct leaf_room *room)
{
    leaf->incident = room->incident;
    leaf->recipient = room->recipient;
    leaf->basis = canonical_take_text(r, "basis");
    leaf->commitment = take_digest(r, "commitment", room->commitment);
    leaf->detail = canonical_take_text(r, "detail");
    leaf->event = audit_event_of_word(canonical_take_text(r, "event"));
    leaf->id = canonical_take_text(r, "id");
    leaf->incidents = canonical_take_texts(r, "incidents", room->incident, LEAF_LIST_MAX);
    leaf->index = (uint64_t)canonical_take_integer(r, "index", NULL);
    leaf->kind = canonical_take_text(r, "kind");
    leaf->lane = canonical_take_text(r, "lane");
    leaf->policy = (uint64_t)canonical_take_integer(r, "policy", NULL);
    leaf->purpose = canonical_take_text(r, "purpose");
    leaf->recipients = take_recipients(r, room->recipient);
    leaf->refers = (uint64_t)canonical_take_integer(r, "refers", &leaf->has_refers);
    leaf->fact = take_digest(r, "register", room->fact);
    if (!bytes_from_hex(canonical_take_text(r, "salt"), leaf->salt, LEAF_SALT))
        leaf->event = AUDIT_EVENT_COUNT; /* none can be without it */
    leaf->service = canonical_take_text(r, "service");
    leaf->size = (uint64_t)canonical_take_integer(r, "size", NULL);
    leaf->source = canonical_take_text(r, "source");
    leaf->status = canonical_take_text(r, "status");
    leaf->time_us = canonical_take_integer(r, "time_us", NULL);
}

enum result leaf_read(struct bytes entry, struct leaf *leaf, struct leaf_room **room)
{
    struct buf again = BUF_INIT(LEAF_MAX);
    struct canonical_reader reader;
    *leaf = (struct leaf){0};
    *room = mem_room(sizeof **room);
    enum result r = canonical_read(&reader, entry, LEAF_MAX, &(*room)->text);
    if (r == RESULT_OK) {
        take_members(&reader, leaf, *room);
        (void)buf_reserve(&again, entry.n);
        r = canonical_same(entry, leaf_write(leaf, &again), &again);
    }
    if (r != RESULT_OK) {
        leaf_room_free(*room);
        *room = NULL;
    }
    return r;
}

void leaf_room_free(struct leaf_room *room)
{
    if (room == NULL)
        return;
    buf_free(&room->text);
    mem_free(room);
}

bool leaf_detail(struct bytes *detail, const char *key, struct bytes *value)
{
    size_t n = strlen(key);
    while (detail->n > 0) {
        const uint8_t *blank = memchr(detail->p, ' ', detail->n);
        struct bytes word =
            bytes_of(detail->p, blank == NULL ? detail->n : (size_t)(blank - detail->p));
        size_t skip = word.n + (blank != NULL);
        *detail = bytes_of(detail->p + skip, detail->n - skip);
        if (word.n > n && word.p[n] == '=' && memcmp(word.p, key, n) == 0) {
            *value = bytes_of(word.p + n + 1, word.n - n - 1);
            return true;
        }
    }
    return false;
}

static bool take_number(struct bytes *text, uint64_t *out)
{
    size_t n = 0;
    *out = 0;
    while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9' && *out < UINT64_MAX / 16)
        *out = *out * 10 + (uint64_t)(text->p[n++] - '0');
    *text = bytes_of(text->p + n, text->n - n);
    return n > 0;
}

static bool take_character(struct bytes *text, char c)
{
    if (text->n == 0 || text->p[0] != (uint8_t)c)
        return false;
    *text = bytes_of(text->p + 1, text->n - 1);
    return true;
}

bool leaf_range(struct bytes *ranges, uint64_t *from, uint64_t *to)
{
    if (!take_number(ranges, from))
        return false;
    *to = *from;
    if (take_character(ranges, '-') && !take_number(ranges, to))
        return false;
    return take_character(ranges, ',') || ranges->n == 0;
}
