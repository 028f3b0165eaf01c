#include "message/json.h"

#include "crypto/base64.h"
#include "json/json.h"
#include "message/json_text.h"
#include "message/reflect.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The type with this name in or below `type`; types of the contract do not nest in themselves. */
static const ProtobufCMessageDescriptor *type_below(const ProtobufCMessageDescriptor *type,
                                                    const char *name)
{
    if (strcmp(type->name, name) == 0)
        return type;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCMessageDescriptor *inner = reflect_type_of(&type->fields[i]);
        const ProtobufCMessageDescriptor *found = inner == NULL ? NULL : type_below(inner, name);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* Everything of the contract is in what some method takes or answers. */
const ProtobufCMessageDescriptor *message_type(const char *full_name)
{
    static const ProtobufCServiceDescriptor *const service[] = {
        &fedgate__v1__exchange_service__descriptor, &fedgate__v1__video_service__descriptor,
        &fedgate__v1__transparency_service__descriptor, &fedgate__v1__vault_service__descriptor,
        &fedgate__v1__policy_service__descriptor};
    const ProtobufCMessageDescriptor *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(service); i++)
        for (unsigned k = 0; k < service[i]->n_methods && found == NULL; k++) {
            found = type_below(service[i]->methods[k].input, full_name);
            if (found == NULL)
                found = type_below(service[i]->methods[k].output, full_name);
        }
    return found;
}

struct writer {
    struct buf *out;
    unsigned indent;
};

static enum result put_message(struct writer *w, const ProtobufCMessage *m, unsigned level);

static void new_line(struct writer *w, unsigned level)
{
    if (w->indent > 0)
        buf_printf(w->out, "\n%*s", (int)(w->indent * level), "");
}

/* The fewest digits that read back as the same number. */
static void put_real(struct buf *out, double v, bool single)
{
    char text[40];
    if (isnan(v) || isinf(v)) {
        buf_text(out, isnan(v) ? "\"NaN\"" : v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return;
    }
    for (int digits = single ? 6 : 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, v);
        if (single ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v)
            break;
    }
    buf_text(out, text);
}

static void put_enum(struct buf *out, const ProtobufCEnumDescriptor *e, int v)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(e, v);
    if (known == NULL)
        buf_printf(out, "%d", v);
    else
        json_put_text(out, bytes_of_text(known->name));
}

static enum result put_time(struct buf *out, bool valid, const char *text)
{
    if (!valid)
        return RESULT_RANGE;
    json_put_text(out, bytes_of_text(text));
    return RESULT_OK;
}

static enum result put_sub_message(struct writer *w, const ProtobufCMessage *m, unsigned level)
{
    char text[JSON_TIME];
    if (m->descriptor == &google__protobuf__timestamp__descriptor)
        return put_time(w->out, json_timestamp_text((const void *)m, text), text);
    if (m->descriptor == &google__protobuf__duration__descriptor)
        return put_time(w->out, json_duration_text((const void *)m, text), text);
    return put_message(w, m, level);
}

static void put_base64(struct buf *out, const ProtobufCBinaryData *b)
{
    buf_u8(out, '"');
    base64_put(out, bytes_of(b->data, b->len));
    buf_u8(out, '"');
}

static enum result put_value(struct writer *w, const ProtobufCFieldDescriptor *f, const void *v,
                             unsigned level)
{
    struct buf *out = w->out;
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING: json_put_text(out, bytes_of_text(*(char *const *)v)); break;
    case PROTOBUF_C_TYPE_BYTES: put_base64(out, v); break;
    case PROTOBUF_C_TYPE_BOOL:
        buf_text(out, *(const protobuf_c_boolean *)v != 0 ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_ENUM: put_enum(out, f->descriptor, *(const int *)v); break;
    case PROTOBUF_C_TYPE_FLOAT: put_real(out, (double)*(const float *)v, true); break;
    case PROTOBUF_C_TYPE_DOUBLE: put_real(out, *(const double *)v, false); break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32: buf_printf(out, "%" PRIu32, *(const uint32_t *)v); break;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32: buf_printf(out, "%" PRId32, *(const int32_t *)v); break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64: buf_printf(out, "\"%" PRIu64 "\"", *(const uint64_t *)v); break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64: buf_printf(out, "\"%" PRId64 "\"", *(const int64_t *)v); break;
    case PROTOBUF_C_TYPE_MESSAGE: return put_sub_message(w, *(ProtobufCMessage *const *)v, level);
    }
    return RESULT_OK;
}

static enum result put_field(struct writer *w, const ProtobufCMessage *m,
                             const ProtobufCFieldDescriptor *f, unsigned level)
{
    if (f->label != PROTOBUF_C_LABEL_REPEATED)
        return put_value(w, f, reflect_value(m, f, 0), level);
    buf_u8(w->out, '[');
    for (size_t i = 0; i < reflect_count(m, f); i++) {
        if (i > 0)
            buf_u8(w->out, ',');
        new_line(w, level + 1);
        TRY(put_value(w, f, reflect_value(m, f, i), level + 1));
    }
    new_line(w, level);
    buf_u8(w->out, ']');
    return RESULT_OK;
}

static enum result put_message(struct writer *w, const ProtobufCMessage *m, unsigned level)
{
    bool first = true;
    buf_u8(w->out, '{');
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
        char name[JSON_NAME];
        if (reflect_count(m, f) == 0)
            continue;
        if (!first)
            buf_u8(w->out, ',');
        first = false;
        new_line(w, level + 1);
        json_name(f->name, name);
        buf_printf(w->out, w->indent > 0 ? "\"%s\": " : "\"%s\":", name);
        TRY(put_field(w, m, f, level + 1));
    }
    if (!first)
        new_line(w, level);
    buf_u8(w->out, '}');
    return RESULT_OK;
}

enum result message_to_json(const ProtobufCMessage *m, unsigned indent, struct buf *out)
{
    struct writer w = {out, indent};
    TRY(put_sub_message(&w, m, 0));
    return buf_status(out);
}
