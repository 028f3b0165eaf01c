#include "audit/leaf.h"

#include "audit/canonical.h"
#include "base/mem.h"

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
    struct json *root;
    struct bytes incident[LEAF_LIST_MAX];
    struct leaf_recipient recipient[LEAF_LIST_MAX];
    uint8_t commitment[LEAF_COMMITMENT], fact[LEAF_COMMITMENT];
};

static enum result read_lists(const struct json *root, struct leaf *leaf, struct leaf_room *room)
{
    const struct json *incidents = json_member(root, "incidents");
    const struct json *recipients = json_member(root, "recipients");
    leaf->incidents = json_count(incidents);
    leaf->incident = room->incident;
    leaf->recipients = json_count(recipients);
    leaf->recipient = room->recipient;
    if (leaf->incidents > LEAF_LIST_MAX || leaf->recipients > LEAF_LIST_MAX)
        return RESULT_MALFORMED;
    for (size_t i = 0; i < leaf->incidents; i++)
        room->incident[i] = json_text_of(json_item(incidents, i));
    for (size_t i = 0; i < leaf->recipients; i++) {
        const struct json *r = json_item(recipients, i);
        room->recipient[i] = (struct leaf_recipient){
            .unit = json_member_text(r, "unit"),
            .reason = json_member_text(r, "reason"),
            .clause = json_member_text(r, "clause"),
            .failed = json_member_text(r, "failed"),
            .flags = json_member_text(r, "flags"),
            .deadline_us = json_member_integer(r, "deadline_us"),
        };
    }
    return RESULT_OK;
}

static bool read_digest(struct bytes hex, uint8_t room[LEAF_COMMITMENT], const uint8_t **out)
{
    *out = hex.n > 0 ? room : NULL;
    return hex.n == 0 || bytes_from_hex(hex, room, LEAF_COMMITMENT);
}

static enum result read_members(const struct json *root, struct leaf *leaf, struct leaf_room *room)
{
    *leaf = (struct leaf){
        .index = (uint64_t)json_member_integer(root, "index"),
        .time_us = json_member_integer(root, "time_us"),
        .event = audit_event_of_word(json_member_text(root, "event")),
        .id = json_member_text(root, "id"),
        .source = json_member_text(root, "source"),
        .kind = json_member_text(root, "kind"),
        .service = json_member_text(root, "service"),
        .purpose = json_member_text(root, "purpose"),
        .basis = json_member_text(root, "basis"),
        .status = json_member_text(root, "status"),
        .lane = json_member_text(root, "lane"),
        .policy = (uint64_t)json_member_integer(root, "policy"),
        .size = (uint64_t)json_member_integer(root, "size"),
        .has_refers = json_member(root, "refers") != NULL,
        .refers = (uint64_t)json_member_integer(root, "refers"),
        .detail = json_member_text(root, "detail"),
    };
    if (!bytes_from_hex(json_member_text(root, "salt"), leaf->salt, LEAF_SALT) ||
        !read_digest(json_member_text(root, "commitment"), room->commitment, &leaf->commitment) ||
        !read_digest(json_member_text(root, "register"), room->fact, &leaf->fact))
        return RESULT_MALFORMED;
    return read_lists(root, leaf, room);
}

enum result leaf_read(struct bytes entry, struct leaf *leaf, struct leaf_room **room)
{
    struct buf again = BUF_INIT(LEAF_MAX);
    struct json *root;
    *room = NULL;
    TRY(canonical_read(entry, LEAF_MAX, &root));
    *room = mem_new(sizeof **room);
    (*room)->root = root;
    enum result r = read_members(root, leaf, *room);
    if (r == RESULT_OK)
        r = canonical_same(entry, leaf_write(leaf, &again), &again);
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
    json_free(room->root);
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
