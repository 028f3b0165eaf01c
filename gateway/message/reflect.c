#include "message/reflect.h"

const ProtobufCFieldDescriptor *reflect_named(const ProtobufCMessageDescriptor *type,
                                              struct bytes name)
{
    for (unsigned i = 0; i < type->n_fields; i++)
        if (bytes_is(name, type->fields[i].name))
            return &type->fields[i];
    return NULL;
}

const ProtobufCMessageDescriptor *reflect_type_of(const ProtobufCFieldDescriptor *f)
{
    return f->type == PROTOBUF_C_TYPE_MESSAGE ? f->descriptor : NULL;
}

static void *member(const ProtobufCMessage *m, unsigned offset)
{
    return (char *)m + offset;
}

/* The bytes of one value as it lies in a structure or in a repeated field's array. */
static size_t value_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM: return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE: return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_BOOL: return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING: return sizeof(char *);
    case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_MESSAGE: return sizeof(ProtobufCMessage *);
    }
    return 0;
}

static bool is_oneof(const ProtobufCFieldDescriptor *f)
{
    return (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

/* Whether a single value differs from what is read when nothing was sent. */
static bool is_given(const ProtobufCFieldDescriptor *f, const void *value)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(char *const *)value;
        return text != NULL && *text != '\0';
    }
    case PROTOBUF_C_TYPE_BYTES: return ((const ProtobufCBinaryData *)value)->len > 0;
    case PROTOBUF_C_TYPE_MESSAGE: return *(ProtobufCMessage *const *)value != NULL;
    case PROTOBUF_C_TYPE_FLOAT: return *(const float *)value != 0.0f;
    case PROTOBUF_C_TYPE_DOUBLE: return *(const double *)value != 0.0;
    default: {
        static const uint8_t zero[sizeof(uint64_t)];
        return memcmp(value, zero, value_size(f->type)) != 0;
    }
    }
}

size_t reflect_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)member(m, f->quantifier_offset);
    if (is_oneof(f))
        return *(const uint32_t *)member(m, f->quantifier_offset) == f->id;
    return is_given(f, member(m, f->offset));
}

void *reflect_value(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i)
{
    void *at = member(m, f->offset);
    if (f->label != PROTOBUF_C_LABEL_REPEATED)
        return at;
    return *(char **)at + i * value_size(f->type);
}

void reflect_set_items(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, void *items,
                       size_t n)
{
    *(size_t *)member(m, f->quantifier_offset) = n;
    *(void **)member(m, f->offset) = items;
}

void reflect_remove(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i)
{
    size_t *count = member(m, f->quantifier_offset);
    char *item = reflect_value(m, f, i);
    *count -= 1;
    memmove(item, item + value_size(f->type), (*count - i) * value_size(f->type));
}

void reflect_clear(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        *(size_t *)member(m, f->quantifier_offset) = 0;
        return;
    }
    if (is_oneof(f))
        *(uint32_t *)member(m, f->quantifier_offset) = 0;
    void *value = member(m, f->offset);
    memset(value, 0, value_size(f->type));
    if (f->type == PROTOBUF_C_TYPE_STRING)
        *(const char **)value = protobuf_c_empty_string;
}
