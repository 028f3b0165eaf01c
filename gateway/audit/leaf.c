#include "audit/leaf.h"

#include "base/mem.h"
#include "json/json.h"

#define INTEGER_LIMIT (INT64_C(1) << 53) /* RFC 7493, 2.2: what every reader holds exactly */

/* ---- writing */

/* What is being written, and what is wrong with it so far. */
struct writer {
    struct buf *out;
    enum result status;
};

/* A text member, left out when empty. */
static void put_text(struct writer *w, const char *key, struct bytes value)
{
    if (value.n == 0)
        return;
    if (!bytes_is_text(value))
        w->status = RESULT_MALFORMED;
    else
        json_put_member_text(w->out, key, value);
}

static void put_integer(struct writer *w, const char *key, int64_t value)
{
    if (value < 0 || value >= INTEGER_LIMIT)
        w->status = RESULT_RANGE;
    else
        json_put_member_integer(w->out, key, value);
}

/* An integer member, left out when zero. */
static void put_count(struct writer *w, const char *key, uint64_t value)
{
    if (value >= (uint64_t)INTEGER_LIMIT)
        w->status = RESULT_RANGE;
    else if (value != 0)
        json_put_member_integer(w->out, key, (int64_t)value);
}

static void put_hex(struct writer *w, const char *key, const uint8_t *p, size_t n)
{
    char hex[2 * LEAF_COMMITMENT + 1];
    bytes_to_hex(bytes_of(p, n), hex);
    json_put_member_text(w->out, key, bytes_of(hex, 2 * n));
}

static void put_incidents(struct writer *w, const struct leaf *leaf)
{
    if (leaf->incidents == 0)
        return;
    json_put_key(w->out, "incidents");
    for (size_t i = 0; i < leaf->incidents; i++) {
        buf_u8(w->out, i == 0 ? '[' : ',');
        if (!bytes_is_text(leaf->incident[i]))
            w->status = RESULT_MALFORMED;
        else
            json_put_text(w->out, leaf->incident[i]);
    }
    buf_u8(w->out, ']');
}

static void put_recipients(struct writer *w, const struct leaf *leaf)
{
    if (leaf->recipients == 0)
        return;
    json_put_key(w->out, "recipients");
    for (size_t i = 0; i < leaf->recipients; i++) {
        const struct leaf_recipient *r = &leaf->recipient[i];
        buf_text(w->out, i == 0 ? "[{" : ",{");
        put_text(w, "clause", r->clause);
        if (r->deadline_us != 0)
            put_integer(w, "deadline_us", r->deadline_us);
        put_text(w, "failed", r->failed);
        put_text(w, "flags", r->flags);
        put_text(w, "reason", r->reason);
        put_text(w, "unit", r->unit);
        buf_u8(w->out, '}');
    }
    buf_u8(w->out, ']');
}

/* The keys in the order of RFC 8785, 3.2.3; they are ASCII, so it is that of their bytes. */
static void put_members(struct writer *w, const struct leaf *leaf)
{
    put_text(w, "basis", leaf->basis);
    if (leaf->commitment != NULL)
        put_hex(w, "commitment", leaf->commitment, LEAF_COMMITMENT);
    put_text(w, "detail", leaf->detail);
    put_text(w, "event", bytes_of_text(audit_event_word(leaf->event)));
    put_text(w, "id", leaf->id);
    put_incidents(w, leaf);
    put_integer(w, "index", (int64_t)leaf->index);
    put_text(w, "kind", leaf->kind);
    put_text(w, "lane", leaf->lane);
    put_count(w, "policy", leaf->policy);
    put_text(w, "purpose", leaf->purpose);
    put_recipients(w, leaf);
    if (leaf->has_refers)
        put_integer(w, "refers", (int64_t)leaf->refers);
    if (leaf->fact != NULL)
        put_hex(w, "register", leaf->fact, LEAF_COMMITMENT);
    put_hex(w, "salt", leaf->salt, LEAF_SALT);
    put_text(w, "service", leaf->service);
    put_count(w, "size", leaf->size);
    put_text(w, "source", leaf->source);
    put_text(w, "status", leaf->status);
    put_integer(w, "time_us", leaf->time_us);
}

enum result leaf_write(const struct leaf *leaf, struct buf *out)
{
    struct writer w = {out, RESULT_OK};
    size_t before = out->n;
    if ((unsigned)leaf->event >= AUDIT_EVENT_COUNT)
        return RESULT_UNKNOWN;
    if (leaf->incidents > LEAF_LIST_MAX || leaf->recipients > LEAF_LIST_MAX)
        return RESULT_TOO_LARGE;
    buf_u8(out, '{');
    put_members(&w, leaf);
    buf_u8(out, '}');
    if (w.status == RESULT_OK)
        w.status = buf_status(out);
    if (w.status == RESULT_OK && out->n - before > LEAF_MAX)
        w.status = RESULT_TOO_LARGE;
    if (w.status != RESULT_OK)
        out->n = before;
    return w.status;
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

/* Canonical is what writing gives again: no unknown member, no other order, spelling or type. */
static enum result check_canonical(struct bytes entry, const struct leaf *leaf)
{
    struct buf again = BUF_INIT(LEAF_MAX);
    enum result r = leaf_write(leaf, &again);
    if (r != RESULT_OK || !bytes_equal(entry, buf_view(&again)))
        r = RESULT_MALFORMED;
    buf_free(&again);
    return r;
}

enum result leaf_read(struct bytes entry, struct leaf *leaf, struct leaf_room **room)
{
    char why[1];
    struct json *root;
    *room = NULL;
    if (entry.n > LEAF_MAX || json_read(entry, &root, why, sizeof why) != RESULT_OK)
        return RESULT_MALFORMED;
    *room = mem_new(sizeof **room);
    (*room)->root = root;
    enum result r = read_members(root, leaf, *room);
    if (r == RESULT_OK)
        r = check_canonical(entry, leaf);
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
