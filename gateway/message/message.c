#include "message/message.h"

#include "base/cursor.h"
#include "base/ident.h"
#include "base/limits.h"
#include "message/kind.h"
#include "message/prescan.h"
#include "message/reflect.h"

#include <stdio.h>

/* ---- wire to structure */

struct source {
    struct arena *arena;
    bool full;
};

static void *take(void *data, size_t n)
{
    struct source *s = data;
    void *p = arena_take(s->arena, n);
    s->full = s->full || p == NULL;
    return p;
}

static void leave(void *data, void *p)
{
    (void)data;
    (void)p; /* the arena takes everything back at once */
}

static enum result because(struct finding *why, enum result r, enum reason reason, const char *text)
{
    why->reason = reason;
    (void)snprintf(why->text, sizeof why->text, "%s", text);
    return r;
}

enum result message_unpack(struct arena *arena, const ProtobufCMessageDescriptor *type,
                           struct bytes wire, size_t largest, ProtobufCMessage **out,
                           struct finding *why)
{
    struct source s = {.arena = arena};
    ProtobufCAllocator allocator = {take, leave, &s};
    *out = NULL;
    if (wire.n > largest) {
        why->reason = REASON_TOO_LARGE;
        (void)snprintf(why->text, sizeof why->text, "%s: at most %zu bytes", type->short_name,
                       largest);
        return RESULT_TOO_LARGE;
    }
    TRY(prescan(type, wire, why));
    *out = protobuf_c_message_unpack(type, &allocator, wire.n, wire.p);
    if (*out != NULL)
        return RESULT_OK;
    if (s.full)
        return because(why, RESULT_NO_MEMORY, REASON_TOO_LARGE,
                       "a message that fits its memory budget");
    return because(why, RESULT_MALFORMED, REASON_MALFORMED, "an encoded message of the contract");
}

/* The content of the first field `number` of a message, when it is length-prefixed and the wire is
 * whole up to there; else empty. For what the pre-scan refused. */
static struct bytes first_content(struct bytes wire, uint64_t number)
{
    struct cursor c = cursor_over(wire);
    struct bytes content;
    uint64_t tag, n;
    while (c.left > 0 && cursor_varint(&c, &tag) == RESULT_OK) {
        enum result r;
        switch (tag & 7) {
        case PROTOBUF_C_WIRE_TYPE_VARINT: r = cursor_varint(&c, &n); break;
        case PROTOBUF_C_WIRE_TYPE_64BIT: r = cursor_take(&c, 8, &content); break;
        case PROTOBUF_C_WIRE_TYPE_32BIT: r = cursor_take(&c, 4, &content); break;
        case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
            r = cursor_varint(&c, &n);
            if (r == RESULT_OK)
                r = cursor_take(&c, n, &content);
            if (r == RESULT_OK && tag >> 3 == number)
                return content;
            break;
        default: r = RESULT_MALFORMED;
        }
        if (r != RESULT_OK)
            break;
    }
    return bytes_of(NULL, 0);
}

/* Whom to answer, and about what, when the rest cannot be read. */
static void peek_sender(struct arena *arena, struct bytes wire, struct facts *f)
{
    struct uuid uuid;
    struct bytes header = first_content(wire, 1);
    struct bytes id = first_content(header, 1), source = first_content(header, 2);
    if (uuid_parse(id, &uuid))
        f->id = arena_copy(arena, id);
    if (ident_split_unit(source, NULL, NULL))
        f->source = arena_copy(arena, source);
}

static const struct kind *kind_of_body(unsigned body_case)
{
    for (unsigned i = 0; i < KIND_VIDEO; i++)
        if (kind_row(i)->body_case == body_case)
            return kind_row(i);
    return NULL;
}

static enum result unpack_kind(struct message *out, struct bytes wire, struct finding *why)
{
    ProtobufCMessage *m;
    TRY(message_unpack(out->arena, &fedgate__v1__message__descriptor, wire, LIMIT_MESSAGE, &m,
                       why));
    out->pb = (Fedgate__V1__Message *)m;
    if (out->pb->body_case == FEDGATE__V1__MESSAGE__BODY__NOT_SET)
        return because(why, RESULT_MALFORMED, REASON_MALFORMED, "body: required");
    out->kind = kind_of_body(out->pb->body_case);
    if (out->kind == NULL)
        return because(why, RESULT_UNKNOWN, REASON_UNKNOWN_KIND,
                       "body: a kind that this gateway carries");
    out->facts.kind = out->kind->id;
    return RESULT_OK;
}

enum result message_decode(struct arena *arena, struct bytes wire, struct message *out,
                           struct finding *why)
{
    *out = (struct message){.arena = arena, .facts = {.kind = KIND_COUNT}};
    enum result r = unpack_kind(out, wire, why);
    peek_sender(arena, wire, &out->facts);
    return r;
}

/* ---- checks and facts */

ProtobufCMessage *message_body(const struct message *m)
{
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
        &fedgate__v1__message__descriptor, m->kind->body_case);
    return *(ProtobufCMessage **)reflect_value(&m->pb->base, f, 0);
}

void message_check(struct message *m, const struct check_limits *limits, struct findings *found)
{
    struct check c = {.limits = limits,
                      .found = found,
                      .arena = m->arena,
                      .header = m->pb->header,
                      .urgent = m->kind->lane == LANE_URGENT};
    found->refused = found->set_apart = false;
    found->count = 0;
    bool good = header_check(&c, m->pb->header, m->kind->from_gateway);
    c.sets_apart = !c.urgent; /* a header is never doubtful: all that follows rests on it */
    if (!good) {
        check_refuse(&c);
    } else if (!check_message(&c, m->kind->name, message_body(m), m->kind->rules)) {
        check_refuse(&c);
        fill_header(&m->facts, m->pb->header);
    } else {
        message_facts(m);
    }
}

void message_facts(struct message *m)
{
    m->facts = (struct facts){.kind = m->kind->id};
    fill_header(&m->facts, m->pb->header);
    m->kind->facts(m->pb, &m->facts);
}

/* ---- structure to wire */

enum result message_pack(const ProtobufCMessage *m, struct buf *out)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *to = buf_extend(out, n);
    if (to == NULL)
        return RESULT_TOO_LARGE;
    (void)protobuf_c_message_pack(m, to);
    return RESULT_OK;
}

enum result message_encode(const struct message *m, struct buf *out)
{
    return message_pack(&m->pb->base, out);
}
