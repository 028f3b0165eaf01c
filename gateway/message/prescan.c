#include "message/prescan.h"

#include "base/cursor.h"
#include "base/limits.h"

#include <stdarg.h>
#include <stdio.h>

enum { TAG_BYTES_MAX = 5, FIELDS_MAX = 64 };

/* One message that is being read. */
struct frame {
    const ProtobufCMessageDescriptor *type;
    const ProtobufCFieldDescriptor *field; /* the one being read */
    struct cursor left;
    uint64_t seen; /* a bit for each of the type's fields */
};

struct scan {
    struct frame frame[LIMIT_WIRE_DEPTH];
    size_t depth;
    size_t fields; /* read so far, packed items counted */
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
                              "%s: ", n == 0 ? s->frame[0].type->short_name : "");
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

/* A varint of a tag or length: protobuf-c reads no more than five bytes of it. */
static bool short_varint(struct cursor *c, uint64_t *out)
{
    size_t before = c->left;
    return cursor_varint(c, out) == RESULT_OK && before - c->left <= TAG_BYTES_MAX &&
           *out <= UINT32_MAX;
}

static bool is_packable(ProtobufCType type)
{
    return type != PROTOBUF_C_TYPE_STRING && type != PROTOBUF_C_TYPE_BYTES &&
           type != PROTOBUF_C_TYPE_MESSAGE;
}

static ProtobufCWireType wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT: return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE: return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE: return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default: return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
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

static enum result scan_number(struct scan *s, struct cursor *c)
{
    struct bytes fixed;
    uint64_t v;
    enum result r;
    switch (wire_type_of(top(s)->field->type)) {
    case PROTOBUF_C_WIRE_TYPE_32BIT: r = cursor_take(c, 4, &fixed); break;
    case PROTOBUF_C_WIRE_TYPE_64BIT: r = cursor_take(c, 8, &fixed); break;
    default:
        r = cursor_varint(c, &v);
        if (r == RESULT_OK)
            return check_varint(s, v);
    }
    return r == RESULT_OK ? RESULT_OK : malformed(s, "a whole number on the wire");
}

static enum result count_field(struct scan *s)
{
    if (++s->fields > LIMIT_WIRE_FIELDS)
        return wrong(s, RESULT_TOO_LARGE, REASON_TOO_LARGE, "at most %u fields in a message",
                     LIMIT_WIRE_FIELDS);
    return RESULT_OK;
}

static enum result scan_packed(struct scan *s, struct bytes content)
{
    struct cursor c = cursor_over(content);
    while (c.left > 0) {
        TRY(count_field(s));
        TRY(scan_number(s, &c));
    }
    return RESULT_OK;
}

static enum result enter(struct scan *s, const ProtobufCMessageDescriptor *type, struct bytes wire)
{
    if (s->depth == LIMIT_WIRE_DEPTH)
        return wrong(s, RESULT_TOO_LARGE, REASON_TOO_LARGE, "messages at most %u deep",
                     LIMIT_WIRE_DEPTH);
    s->frame[s->depth++] = (struct frame){.type = type, .left = cursor_over(wire)};
    return RESULT_OK;
}

static enum result scan_content(struct scan *s)
{
    struct frame *at = top(s);
    const ProtobufCFieldDescriptor *f = at->field;
    struct bytes content;
    uint64_t n;
    if (!short_varint(&at->left, &n) || cursor_take(&at->left, (size_t)n, &content) != RESULT_OK)
        return malformed(s, "a length within what is left of the message");
    switch (f->type) {
    case PROTOBUF_C_TYPE_MESSAGE: return enter(s, f->descriptor, content);
    case PROTOBUF_C_TYPE_BYTES: return RESULT_OK;
    case PROTOBUF_C_TYPE_STRING:
        return bytes_is_text(content) ? RESULT_OK : malformed(s, "UTF-8 text without NUL");
    default: return scan_packed(s, content);
    }
}

/* A singular field comes once, and of a oneof only one member. */
static enum result check_once(struct scan *s)
{
    struct frame *at = top(s);
    const ProtobufCFieldDescriptor *f = at->field, *first = at->type->fields;
    size_t place = (size_t)(f - first);
    if (place >= FIELDS_MAX)
        return malformed(s, "a type of at most 64 fields");
    if (f->label != PROTOBUF_C_LABEL_REPEATED && (at->seen >> place & 1) != 0)
        return malformed(s, "given only once");
    if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
        for (size_t i = 0; i < at->type->n_fields && i < FIELDS_MAX; i++)
            if ((at->seen >> i & 1) != 0 && (first[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
                first[i].quantifier_offset == f->quantifier_offset)
                return malformed(s, "the only one of its alternatives");
    at->seen |= UINT64_C(1) << place;
    return RESULT_OK;
}

static enum result scan_field(struct scan *s)
{
    struct frame *at = top(s);
    uint64_t tag;
    at->field = NULL;
    if (!short_varint(&at->left, &tag) || tag >> 3 == 0)
        return malformed(s, "a field's number");
    TRY(count_field(s));
    unsigned number = (unsigned)(tag >> 3), wire_type = (unsigned)(tag & 7);
    at->field = protobuf_c_message_descriptor_get_field(at->type, number);
    if (at->field == NULL)
        return wrong(s, RESULT_UNKNOWN, REASON_UNKNOWN_FIELD, "unknown field %u", number);
    TRY(check_once(s));
    if (wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
        bool packed = at->field->label == PROTOBUF_C_LABEL_REPEATED && is_packable(at->field->type);
        if (packed || !is_packable(at->field->type))
            return scan_content(s);
    } else if (wire_type == wire_type_of(at->field->type)) {
        return scan_number(s, &at->left);
    }
    return malformed(s, "another wire type");
}

enum result prescan(const ProtobufCMessageDescriptor *type, struct bytes wire, struct finding *why)
{
    struct scan s = {.why = why};
    TRY(enter(&s, type, wire));
    while (s.depth > 0) {
        if (top(&s)->left.left == 0)
            s.depth--;
        else
            TRY(scan_field(&s));
    }
    return RESULT_OK;
}
