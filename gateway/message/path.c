#include "message/transform.h"

#include "base/nearest.h"
#include "message/check.h"
#include "message/reflect.h"

#include <stdio.h>

static const ProtobufCMessageDescriptor *body_type(const struct kind *kind)
{
    return kind->rules->type;
}

static enum field_shape shape_of(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING: return FIELD_TEXT;
    case PROTOBUF_C_TYPE_BYTES: return FIELD_BYTES;
    case PROTOBUF_C_TYPE_MESSAGE:
        return f->descriptor == &fedgate__v1__position__descriptor ? FIELD_POSITION
               : f->descriptor == &fedgate__v1__area__descriptor   ? FIELD_AREA
                                                                   : FIELD_OTHER;
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BOOL: return FIELD_OTHER;
    default: return FIELD_NUMBER;
    }
}

/* The part of `text` up to the next dot; `rest` is what follows, and *more whether there was a dot.
 */
static struct bytes next_part(struct bytes text, struct bytes *rest, bool *more)
{
    const uint8_t *dot = text.n == 0 ? NULL : memchr(text.p, '.', text.n);
    *more = dot != NULL;
    size_t n = dot == NULL ? text.n : (size_t)(dot - text.p);
    *rest = dot == NULL ? bytes_of(NULL, 0) : bytes_of(dot + 1, text.n - n - 1);
    return bytes_of(text.p, n);
}

static const char *nearest_field(const ProtobufCMessageDescriptor *type, struct bytes name)
{
    const char *best = NULL;
    for (unsigned i = 0; i < type->n_fields; i++)
        nearest_offer(name, type->fields[i].name, &best);
    return best;
}

enum result field_path_resolve(const struct kind *kind, struct bytes text, struct field_path *out,
                               enum field_shape *shape, const char **nearest)
{
    const ProtobufCMessageDescriptor *type = body_type(kind);
    bool more = true;
    *out = (struct field_path){{0}};
    *nearest = NULL;
    for (size_t i = 0; more; i++) {
        struct bytes rest, name = next_part(text, &rest, &more);
        const ProtobufCFieldDescriptor *f =
            type == NULL || i == PATH_DEPTH ? NULL : reflect_named(type, name);
        if (f == NULL) {
            *nearest = type == NULL ? NULL : nearest_field(type, name);
            return RESULT_UNKNOWN;
        }
        out->number[i] = (uint16_t)f->id;
        *shape = shape_of(f);
        type = reflect_type_of(f);
        text = rest;
    }
    return RESULT_OK;
}

/* The way to a type inside a kind: `n` numbers, then zeros. */
struct way {
    uint32_t number[PATH_DEPTH];
    size_t n;
};

static bool is_prefix(const struct field_path *path, const struct way *w)
{
    for (size_t i = 0; i < PATH_DEPTH && path->number[i] != 0; i++)
        if (path->number[i] != w->number[i])
            return false;
    return path->number[0] != 0;
}

static bool is_removed(const struct way *w, const struct field_path *removed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_prefix(&removed[i], w))
            return true;
    return false;
}

/* Types of the contract do not nest in themselves, so this ends. */
static bool carries_position(const ProtobufCMessageDescriptor *type, struct way w,
                             const struct field_path *removed, size_t count)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &type->fields[i];
        struct way inner = w;
        if (inner.n < PATH_DEPTH) /* deeper fields cannot be named, only what they are in */
            inner.number[inner.n++] = f->id;
        if (reflect_type_of(f) == NULL || is_removed(&inner, removed, count))
            continue;
        if (shape_of(f) == FIELD_POSITION ||
            carries_position(reflect_type_of(f), inner, removed, count))
            return true;
    }
    return false;
}

bool kind_carries_position(const struct kind *kind, const struct field_path *removed, size_t count)
{
    return carries_position(body_type(kind), (struct way){{0}, 0}, removed, count);
}

bool kind_names_cameras(const struct kind *kind)
{
    const ProtobufCFieldDescriptor *f = reflect_named(body_type(kind), bytes_of_text("camera_id"));
    return f != NULL && f->label == PROTOBUF_C_LABEL_REPEATED;
}

void field_path_text(const struct kind *kind, const struct field_path *path, char *out, size_t n)
{
    const ProtobufCMessageDescriptor *type = body_type(kind);
    size_t at = 0;
    *out = '\0';
    for (size_t i = 0; i < PATH_DEPTH && path->number[i] != 0 && type != NULL && at < n; i++) {
        const ProtobufCFieldDescriptor *f =
            protobuf_c_message_descriptor_get_field(type, path->number[i]);
        if (f == NULL)
            return;
        at += (size_t)snprintf(out + at, n - at, "%s%s", i == 0 ? "" : ".", f->name);
        type = reflect_type_of(f);
    }
}
