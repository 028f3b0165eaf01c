/*
 * Wire bytes to structures, in one pass that refuses what it passes: unknown fields, invalid UTF-8,
 * embedded NULs, unknown enumerators, what comes twice, what is too deep or too much. The
 * structures are those of protobuf-c's generated code; its own unpacking, which takes all of that,
 * takes twice the time of this.
 */
#include "message/message.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "message/reflect.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

enum { TAG_BYTES_MAX = 5, FIELDS_MAX = 64 };

/* One message that is being read. */
struct frame {
    ProtobufCMessage *to;
    const ProtobufCFieldDescriptor *field; /* the one being read */
    struct cursor left;
    uint64_t seen; /* a bit for each of the type's fields */
};

struct scan {
    struct frame frame[LIMIT_WIRE_DEPTH];
    size_t depth;
    size_t fields; /* read so far, packed items counted */
    struct arena *arena;
    struct finding *why;
};

static struct frame *top(struct scan *s)
{
    return &s->frame[s->depth - 1];
}

/* Writes "path.to.field: what was expected" and answers `r`. Names of the contract are short: 16 of
 * them could fill the text, the contract's six do not. */
static PRINTF_LIKE(4, 5) enum result
    wrong(struct scan *s, enum result r, enum reason reason, const char *expected, ...)
{
    char *text = s->why->text;
    size_t room = sizeof s->why->text, n = 0;
    s->why->reason = reason;
    for (size_t i = 0; i < s->depth && s->frame[i].field != NULL && n < room; i++)
        n += (size_t)snprintf(text + n, room - n, "%s%s", i == 0 ? "" : ".",
                              s->frame[i].field->name);
    if (n < room)
        n += (size_t)snprintf(text + n, room - n,
                              "%s: ", n == 0 ? s->frame[0].to->descriptor->short_name : "");
    if (n >= room)
        return r;
    va_list args;
    va_start(args, expected);
    (void)vsnprintf(text + n, room - n, expected, args);
    va_end(args);
    return r;
}

static enum result malformed(struct scan *s, const char *expected)
{
    return wrong(s, RESULT_MALFORMED, REASON_MALFORMED, "%s", expected);
}

static enum result no_room(struct scan *s)
{
    s->why->reason = REASON_TOO_LARGE;
    (void)snprintf(s->why->text, sizeof s->why->text, "a message that fits its memory budget");
    return RESULT_NO_MEMORY;
}

/* A varint of a tag or length: of five bytes at most, as all implementations take it. */
static bool short_varint(struct cursor *c, uint64_t *out)
{
    size_t before = c->left;
    if (before > 0 && c->at[0] < 0x80) {
        *out = *c->at++;
        c->left--;
        return true;
    }
    return cursor_varint(c, out) == RESULT_OK && before - c->left <= TAG_BYTES_MAX &&
           *out <= UINT32_MAX;
}

static bool is_packable(ProtobufCType type)
{
    return type != PROTOBUF_C_TYPE_STRING && type != PROTOBUF_C_TYPE_BYTES &&
           type != PROTOBUF_C_TYPE_MESSAGE;
}

/* A negative enumerator takes ten bytes on the wire; no enumeration of the contract has one. */
static bool is_enumerator(const ProtobufCEnumDescriptor *e, uint64_t v)
{
    return v <= INT32_MAX && protobuf_c_enum_descriptor_get_value(e, (int)v) != NULL;
}

static enum result check_varint(struct scan *s, uint64_t v)
{
    const ProtobufCFieldDescriptor *f = top(s)->field;
    switch (f->type) {
    case PROTOBUF_C_TYPE_BOOL: return v <= 1 ? RESULT_OK : malformed(s, "a boolean, 0 or 1");
    case PROTOBUF_C_TYPE_ENUM:
        if (is_enumerator(f->descriptor, v))
            return RESULT_OK;
        return wrong(s, RESULT_UNKNOWN, REASON_UNKNOWN_FIELD, "an enumerator of %s",
                     ((const ProtobufCEnumDescriptor *)f->descriptor)->short_name);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_SINT32:
        return v <= UINT32_MAX ? RESULT_OK : malformed(s, "a number of 32 bits");
    case PROTOBUF_C_TYPE_INT32:
        if (v <= INT32_MAX || v >= UINT64_MAX - INT32_MAX)
            return RESULT_OK;
        return malformed(s, "a number of 32 bits");
    default: return RESULT_OK;
    }
}

/* ---- where a value goes */

static void *member(ProtobufCMessage *m, unsigned offset)
{
    return (char *)m + offset;
}

/* The place behind the last item. An array of 1, 2, 4 and so on is full: the next is twice as long,
 * so of items one by one no more is spent than twice their room. */
static void *next_item(struct scan *s, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    size_t *count = member(m, f->quantifier_offset), size = reflect_size(f->type);
    char **items = member(m, f->offset);
    if ((*count & (*count - 1)) == 0) {
        char *more = arena_take(s->arena, (*count == 0 ? 1 : 2 * *count) * size);
        if (more == NULL)
            return NULL;
        if (*count > 0)
            memcpy(more, *items, *count * size);
        *items = more;
    }
    return *items + (*count)++ * size;
}

/* Where the value of the field being read goes, with what says that it is there. */
static void *place_for(struct scan *s)
{
    struct frame *at = top(s);
    const ProtobufCFieldDescriptor *f = at->field;
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        return next_item(s, at->to, f);
    if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
        *(uint32_t *)member(at->to, f->quantifier_offset) = f->id;
    else if (f->quantifier_offset != 0)
        *(protobuf_c_boolean *)member(at->to, f->quantifier_offset) = 1;
    return member(at->to, f->offset);
}

static void put_varint(ProtobufCType type, uint64_t v, void *to)
{
    const uint64_t zigzag = v >> 1 ^ (0 - (v & 1));
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64: *(uint64_t *)to = v; break;
    case PROTOBUF_C_TYPE_SINT64: *(uint64_t *)to = zigzag; break;
    case PROTOBUF_C_TYPE_SINT32: *(uint32_t *)to = (uint32_t)zigzag; break;
    default: *(uint32_t *)to = (uint32_t)v; /* booleans and enumerators are as wide */
    }
}

/* ---- reading */

/* A number of four or eight bytes, the lowest first. */
static enum result read_fixed(struct scan *s, struct cursor *c, size_t n)
{
    struct bytes fixed;
    if (cursor_take(c, n, &fixed) != RESULT_OK)
        return malformed(s, "a whole number on the wire");
    void *to = place_for(s);
    if (to == NULL)
        return no_room(s);
    if (n == sizeof(uint32_t)) {
        uint32_t v;
        memcpy(&v, fixed.p, sizeof v);
        *(uint32_t *)to = le32toh(v);
    } else {
        uint64_t v;
        memcpy(&v, fixed.p, sizeof v);
        *(uint64_t *)to = le64toh(v);
    }
    return RESULT_OK;
}

static enum result read_number(struct scan *s, struct cursor *c)
{
    const ProtobufCType type = top(s)->field->type;
    const ProtobufCWireType wire_type = reflect_wire_type(type);
    uint64_t v;
    if (wire_type == PROTOBUF_C_WIRE_TYPE_32BIT)
        return read_fixed(s, c, sizeof(uint32_t));
    if (wire_type == PROTOBUF_C_WIRE_TYPE_64BIT)
        return read_fixed(s, c, sizeof(uint64_t));
    if (cursor_varint(c, &v) != RESULT_OK)
        return malformed(s, "a whole number on the wire");
    TRY(check_varint(s, v));
    void *to = place_for(s);
    if (to == NULL)
        return no_room(s);
    put_varint(type, v, to);
    return RESULT_OK;
}

static enum result count_field(struct scan *s)
{
    if (++s->fields > LIMIT_WIRE_FIELDS)
        return wrong(s, RESULT_TOO_LARGE, REASON_TOO_LARGE, "at most %u fields in a message",
                     LIMIT_WIRE_FIELDS);
    return RESULT_OK;
}

static enum result read_packed(struct scan *s, struct bytes content)
{
    struct cursor c = cursor_over(content);
    while (c.left > 0) {
        TRY(count_field(s));
        TRY(read_number(s, &c));
    }
    return RESULT_OK;
}

/* The message `to`, empty still, from these bytes. */
static enum result enter(struct scan *s, ProtobufCMessage *to, struct bytes wire)
{
    if (s->depth == LIMIT_WIRE_DEPTH)
        return wrong(s, RESULT_TOO_LARGE, REASON_TOO_LARGE, "messages at most %u deep",
                     LIMIT_WIRE_DEPTH);
    s->frame[s->depth++] = (struct frame){.to = to, .left = cursor_over(wire)};
    return RESULT_OK;
}

static ProtobufCMessage *new_message(struct scan *s, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *m = arena_take(s->arena, type->sizeof_message);
    if (m != NULL)
        protobuf_c_message_init(type, m);
    return m;
}

static enum result read_message(struct scan *s, struct bytes content)
{
    ProtobufCMessage *m = new_message(s, top(s)->field->descriptor), **to = place_for(s);
    if (m == NULL || to == NULL)
        return no_room(s);
    *to = m;
    return enter(s, m, content);
}

static enum result read_bytes(struct scan *s, struct bytes content)
{
    ProtobufCBinaryData *to = place_for(s);
    uint8_t *p = content.n == 0 ? NULL : arena_room(s->arena, content.n);
    if (to == NULL || (p == NULL && content.n > 0))
        return no_room(s);
    if (p != NULL)
        memcpy(p, content.p, content.n);
    *to = (ProtobufCBinaryData){content.n, p};
    return RESULT_OK;
}

static enum result read_text(struct scan *s, struct bytes content)
{
    if (!bytes_is_text(content))
        return malformed(s, "UTF-8 text without NUL");
    char **to = place_for(s), *p = arena_room(s->arena, content.n + 1);
    if (to == NULL || p == NULL)
        return no_room(s);
    if (content.n > 0)
        memcpy(p, content.p, content.n);
    p[content.n] = '\0';
    *to = p;
    return RESULT_OK;
}

static enum result read_content(struct scan *s)
{
    struct frame *at = top(s);
    struct bytes content;
    uint64_t n;
    if (!short_varint(&at->left, &n) || cursor_take(&at->left, (size_t)n, &content) != RESULT_OK)
        return malformed(s, "a length within what is left of the message");
    switch (at->field->type) {
    case PROTOBUF_C_TYPE_MESSAGE: return read_message(s, content);
    case PROTOBUF_C_TYPE_BYTES: return read_bytes(s, content);
    case PROTOBUF_C_TYPE_STRING: return read_text(s, content);
    default: return read_packed(s, content);
    }
}

/* A singular field comes once, and of a oneof only one member. */
static enum result check_once(struct scan *s)
{
    struct frame *at = top(s);
    const ProtobufCFieldDescriptor *f = at->field;
    size_t place = (size_t)(f - at->to->descriptor->fields);
    if (place >= FIELDS_MAX)
        return malformed(s, "a type of at most 64 fields");
    if (f->label != PROTOBUF_C_LABEL_REPEATED && (at->seen >> place & 1) != 0)
        return malformed(s, "given only once");
    if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
        *(uint32_t *)member(at->to, f->quantifier_offset) != 0)
        return malformed(s, "the only one of its alternatives");
    at->seen |= UINT64_C(1) << place;
    return RESULT_OK;
}

/* Most types have their fields numbered from one on. */
static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *type,
                                                unsigned number)
{
    if (number <= type->n_fields && type->fields[number - 1].id == number)
        return &type->fields[number - 1];
    return protobuf_c_message_descriptor_get_field(type, number);
}

static enum result read_field(struct scan *s)
{
    struct frame *at = top(s);
    uint64_t tag;
    at->field = NULL;
    if (!short_varint(&at->left, &tag) || tag >> 3 == 0)
        return malformed(s, "a field's number");
    TRY(count_field(s));
    unsigned number = (unsigned)(tag >> 3), wire_type = (unsigned)(tag & 7);
    const ProtobufCFieldDescriptor *f = at->field = field_of(at->to->descriptor, number);
    if (f == NULL)
        return wrong(s, RESULT_UNKNOWN, REASON_UNKNOWN_FIELD, "unknown field %u", number);
    TRY(check_once(s));
    if (wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
        if (f->label == PROTOBUF_C_LABEL_REPEATED || !is_packable(f->type))
            return read_content(s);
    } else if (wire_type == reflect_wire_type(f->type)) {
        return read_number(s, &at->left);
    }
    return malformed(s, "another wire type");
}

enum result message_unpack(struct arena *arena, const ProtobufCMessageDescriptor *type,
                           struct bytes wire, size_t largest, ProtobufCMessage **out,
                           struct finding *why)
{
    struct scan s UNSET;
    s.depth = s.fields = 0;
    s.arena = arena;
    s.why = why;
    *out = NULL;
    if (wire.n > largest) {
        why->reason = REASON_TOO_LARGE;
        (void)snprintf(why->text, sizeof why->text, "%s: at most %zu bytes", type->short_name,
                       largest);
        return RESULT_TOO_LARGE;
    }
    ProtobufCMessage *m = new_message(&s, type);
    if (m == NULL)
        return no_room(&s);
    TRY(enter(&s, m, wire));
    while (s.depth > 0) {
        if (top(&s)->left.left == 0)
            s.depth--;
        else
            TRY(read_field(&s));
    }
    *out = m;
    return RESULT_OK;
}
