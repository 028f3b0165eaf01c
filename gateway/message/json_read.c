#include "message/json.h"

#include "base/limits.h"
#include "base/nearest.h"
#include "crypto/base64.h"
#include "json/json.h"
#include "message/json_text.h"
#include "message/reflect.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Half a step past the largest number of single precision: what is below rounds down to it. */
#define SINGLE_OVERFLOW 0x1.ffffffp127

/* The reading of one text. */
struct reader {
    const char *path[LIMIT_WIRE_DEPTH]; /* names of the contract */
    size_t depth;
    char *why;
    size_t room;
};

static enum result put_message(struct reader *r, const ProtobufCMessageDescriptor *type,
                               const struct json *map, struct buf *out);

static PRINTF_LIKE(2, 3) enum result wrong(struct reader *r, const char *expected, ...)
{
    size_t n = 0;
    for (size_t i = 0; i < r->depth && n < r->room; i++)
        n += (size_t)snprintf(r->why + n, r->room - n, "%s%s", i == 0 ? "" : ".", r->path[i]);
    if (r->depth > 0 && n < r->room)
        n += (size_t)snprintf(r->why + n, r->room - n, ": ");
    if (n >= r->room)
        return RESULT_MALFORMED;
    va_list args;
    va_start(args, expected);
    (void)vsnprintf(r->why + n, r->room - n, expected, args);
    va_end(args);
    return RESULT_MALFORMED;
}

/* ---- wire */

static void put_varint(struct buf *out, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_u8(out, (uint8_t)(v | 0x80));
    buf_u8(out, (uint8_t)v);
}

static void put_little_endian(struct buf *out, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_u8(out, (uint8_t)(v >> (8 * i)));
}

static void put_tag(struct buf *out, const ProtobufCFieldDescriptor *f, unsigned wire_type)
{
    put_varint(out, (uint64_t)f->id << 3 | wire_type);
}

static void put_content(struct buf *out, const ProtobufCFieldDescriptor *f, struct bytes content)
{
    put_tag(out, f, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
    put_varint(out, content.n);
    buf_put(out, content.p, content.n);
}

/* ---- numbers: as the bits that the wire carries */

/* An integer, or its digits as text, as protobuf writes those of 64 bits; `negative` ones as two's
 * complement. */
static bool read_integer(const struct json *node, bool *negative, uint64_t *out)
{
    if (json_type_of(node) == JSON_WHOLE_NUMBER) {
        *negative = json_integer_of(node) < 0;
        *out = (uint64_t)json_integer_of(node);
        return true;
    }
    char digits[24];
    struct bytes text = json_text_of(node);
    if (text.n == 0 || text.n >= sizeof digits)
        return false;
    memcpy(digits, text.p, text.n);
    digits[text.n] = '\0';
    *negative = *digits == '-';
    if (strspn(digits + *negative, "0123456789") != text.n - *negative || text.n == *negative)
        return false;
    errno = 0;
    *out = *negative ? (uint64_t)strtoll(digits, NULL, 10) : strtoull(digits, NULL, 10);
    return errno == 0;
}

static enum result integer_bits(struct reader *r, const ProtobufCFieldDescriptor *f,
                                const struct json *node, uint64_t *out)
{
    bool negative, is_read = read_integer(node, &negative, out);
    switch (f->type) {
    case PROTOBUF_C_TYPE_UINT64:
        return is_read && !negative ? RESULT_OK : wrong(r, "an integer from 0");
    case PROTOBUF_C_TYPE_UINT32:
        return is_read && !negative && *out <= UINT32_MAX ? RESULT_OK
                                                          : wrong(r, "an integer from 0 to 2^32-1");
    default: return wrong(r, "a type that the contract uses");
    }
}

static enum result enum_bits(struct reader *r, const ProtobufCEnumDescriptor *e,
                             const struct json *node, uint64_t *out)
{
    struct bytes name = json_text_of(node);
    const char *nearest = NULL;
    if (json_type_of(node) == JSON_WHOLE_NUMBER) {
        int64_t v = json_integer_of(node);
        *out = (uint64_t)v;
        if (v >= 0 && v <= INT32_MAX && protobuf_c_enum_descriptor_get_value(e, (int)v) != NULL)
            return RESULT_OK;
    }
    for (unsigned i = 0; i < e->n_values; i++) {
        if (json_type_of(node) == JSON_TEXT && bytes_is(name, e->values[i].name)) {
            *out = (uint64_t)e->values[i].value;
            return RESULT_OK;
        }
        nearest_offer(name, e->values[i].name, &nearest);
    }
    return nearest == NULL
               ? wrong(r, "an enumerator of %s", e->short_name)
               : wrong(r, "an enumerator of %s; did you mean \"%s\"?", e->short_name, nearest);
}

static bool read_real(const struct json *node, double *out)
{
    struct bytes text = json_text_of(node);
    switch (json_type_of(node)) {
    case JSON_WHOLE_NUMBER:
    case JSON_REAL_NUMBER: *out = json_number_of(node); return true;
    case JSON_TEXT:
        *out = bytes_is(text, "NaN")         ? (double)NAN
               : bytes_is(text, "-Infinity") ? -HUGE_VAL
                                             : HUGE_VAL;
        return bytes_is(text, "NaN") || bytes_is(text, "Infinity") || bytes_is(text, "-Infinity");
    default: return false;
    }
}

static enum result real_bits(struct reader *r, const ProtobufCFieldDescriptor *f,
                             const struct json *node, uint64_t *out)
{
    double v;
    *out = 0;
    if (!read_real(node, &v))
        return wrong(r, "a number");
    if (f->type == PROTOBUF_C_TYPE_DOUBLE) {
        memcpy(out, &v, sizeof v);
        return RESULT_OK;
    }
    if (isfinite(v) && fabs(v) >= SINGLE_OVERFLOW)
        return wrong(r, "a number of single precision");
    uint32_t bits;
    float single = (float)v;
    memcpy(&bits, &single, sizeof bits);
    *out = bits;
    return RESULT_OK;
}

static enum result number_bits(struct reader *r, const ProtobufCFieldDescriptor *f,
                               const struct json *node, uint64_t *out)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_BOOL:
        *out = json_bool_of(node);
        return json_type_of(node) == JSON_BOOL ? RESULT_OK : wrong(r, "true or false");
    case PROTOBUF_C_TYPE_ENUM: return enum_bits(r, f->descriptor, node, out);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE: return real_bits(r, f, node, out);
    default: return integer_bits(r, f, node, out);
    }
}

static void put_number(struct buf *out, const ProtobufCFieldDescriptor *f, uint64_t bits)
{
    if (f->type == PROTOBUF_C_TYPE_FLOAT)
        put_little_endian(out, bits, 4);
    else if (f->type == PROTOBUF_C_TYPE_DOUBLE)
        put_little_endian(out, bits, 8);
    else
        put_varint(out, bits);
}

static unsigned number_wire_type(const ProtobufCFieldDescriptor *f)
{
    return f->type == PROTOBUF_C_TYPE_FLOAT    ? PROTOBUF_C_WIRE_TYPE_32BIT
           : f->type == PROTOBUF_C_TYPE_DOUBLE ? PROTOBUF_C_WIRE_TYPE_64BIT
                                               : PROTOBUF_C_WIRE_TYPE_VARINT;
}

/* ---- what has a length */

/* Timestamp and Duration: both are seconds = 1 and nanos = 2. */
static enum result put_time(struct reader *r, const ProtobufCMessageDescriptor *type,
                            const struct json *node, struct buf *out)
{
    bool is_timestamp = type == &google__protobuf__timestamp__descriptor;
    struct bytes text = json_text_of(node);
    int64_t seconds;
    int32_t nanos;
    if (!(is_timestamp ? json_timestamp_read : json_duration_read)(text, &seconds, &nanos))
        return wrong(r, is_timestamp ? "a time such as \"2026-11-21T21:05:00.5+09:00\""
                                     : "a duration such as \"1.5s\"");
    if (seconds != 0) {
        put_varint(out, 1 << 3);
        put_varint(out, (uint64_t)seconds);
    }
    if (nanos != 0) {
        put_varint(out, 2 << 3);
        put_varint(out, (uint64_t)(int64_t)nanos);
    }
    return RESULT_OK;
}

static bool is_time(const ProtobufCMessageDescriptor *type)
{
    return type == &google__protobuf__timestamp__descriptor ||
           type == &google__protobuf__duration__descriptor;
}

static enum result read_content(struct reader *r, const ProtobufCFieldDescriptor *f,
                                const struct json *node, struct buf *out)
{
    if (f->type == PROTOBUF_C_TYPE_MESSAGE)
        return is_time(f->descriptor) ? put_time(r, f->descriptor, node, out)
                                      : put_message(r, f->descriptor, node, out);
    if (json_type_of(node) != JSON_TEXT)
        return wrong(r, f->type == PROTOBUF_C_TYPE_BYTES ? "bytes in base64" : "text");
    if (f->type == PROTOBUF_C_TYPE_STRING)
        buf_put(out, json_text_of(node).p, json_text_of(node).n);
    else if (base64_take(json_text_of(node), out) != RESULT_OK)
        return wrong(r, "bytes in base64");
    return RESULT_OK;
}

static bool has_length(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_BYTES ||
           type == PROTOBUF_C_TYPE_MESSAGE;
}

/* ---- fields; default values are left out, as every encoder does, but for alternatives of a oneof
 * and items of lists */

static enum result put_long(struct reader *r, const ProtobufCFieldDescriptor *f,
                            const struct json *node, bool always, struct buf *out)
{
    struct buf content = BUF_INIT(out->max);
    enum result result = read_content(r, f, node, &content);
    if (result == RESULT_OK && (always || content.n > 0 || f->type == PROTOBUF_C_TYPE_MESSAGE))
        put_content(out, f, buf_view(&content));
    out->failed = out->failed || content.failed;
    buf_free(&content);
    return result;
}

static enum result put_single(struct reader *r, const ProtobufCFieldDescriptor *f,
                              const struct json *node, struct buf *out)
{
    bool always = (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    uint64_t bits;
    if (has_length(f->type))
        return put_long(r, f, node, always, out);
    TRY(number_bits(r, f, node, &bits));
    if (always || bits != 0) {
        put_tag(out, f, number_wire_type(f));
        put_number(out, f, bits);
    }
    return RESULT_OK;
}

static enum result put_packed(struct reader *r, const ProtobufCFieldDescriptor *f,
                              const struct json *list, struct buf *content)
{
    for (size_t i = 0; i < json_count(list); i++) {
        uint64_t bits;
        TRY(number_bits(r, f, json_item(list, i), &bits));
        put_number(content, f, bits);
    }
    return RESULT_OK;
}

static enum result put_list(struct reader *r, const ProtobufCFieldDescriptor *f,
                            const struct json *list, struct buf *out)
{
    if (json_type_of(list) != JSON_LIST)
        return wrong(r, "a list");
    for (size_t i = 0; has_length(f->type) && i < json_count(list); i++)
        TRY(put_long(r, f, json_item(list, i), true, out));
    if (has_length(f->type) || json_count(list) == 0)
        return RESULT_OK;
    struct buf content = BUF_INIT(out->max);
    enum result result = put_packed(r, f, list, &content);
    if (result == RESULT_OK)
        put_content(out, f, buf_view(&content));
    out->failed = out->failed || content.failed;
    buf_free(&content);
    return result;
}

/* Of a long name the first characters, none of them in part: what is said is text. */
static enum result unknown(struct reader *r, const ProtobufCMessageDescriptor *type,
                           const char *key, const char *nearest)
{
    enum { SHOWN = 40 };
    const size_t n = strnlen(key, SHOWN);
    const int shown = (int)bytes_text_prefix(bytes_of(key, n));
    return nearest == NULL ? wrong(r, "no field \"%.*s\" in %s", shown, key, type->short_name)
                           : wrong(r, "no field \"%.*s\" in %s; did you mean \"%s\"?", shown, key,
                                   type->short_name, nearest);
}

/* Every name that the map has must be a field's. */
static enum result check_names(struct reader *r, const ProtobufCMessageDescriptor *type,
                               const struct json *map)
{
    const struct json *value;
    const char *key;
    void *at = NULL;
    while ((key = json_each(map, &at, &value)) != NULL) {
        const char *nearest = NULL;
        bool known = false;
        for (unsigned i = 0; i < type->n_fields && !known; i++) {
            char name[JSON_NAME];
            json_name(type->fields[i].name, name);
            known = strcmp(key, name) == 0 || strcmp(key, type->fields[i].name) == 0;
            nearest_offer(bytes_of_text(key), type->fields[i].name, &nearest);
        }
        if (!known)
            return unknown(r, type, key, nearest);
    }
    return RESULT_OK;
}

/* The value under either name; NULL when there is none, or null. */
static enum result find_value(struct reader *r, const ProtobufCFieldDescriptor *f,
                              const struct json *map, const struct json **out)
{
    char name[JSON_NAME];
    json_name(f->name, name);
    *out = json_member(map, f->name);
    if (strcmp(name, f->name) != 0) {
        const struct json *other = json_member(map, name);
        if (*out != NULL && other != NULL)
            return wrong(r, "given twice, under both its names");
        *out = *out == NULL ? other : *out;
    }
    if (json_type_of(*out) == JSON_NOTHING)
        *out = NULL;
    return RESULT_OK;
}

static enum result put_field(struct reader *r, const ProtobufCFieldDescriptor *f,
                             const struct json *map, bool *chosen, struct buf *out)
{
    const struct json *node;
    TRY(find_value(r, f, map, &node));
    if (node == NULL)
        return RESULT_OK;
    if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        if (*chosen)
            return wrong(r, "the only one of its alternatives");
        *chosen = true;
    }
    return f->label == PROTOBUF_C_LABEL_REPEATED ? put_list(r, f, node, out)
                                                 : put_single(r, f, node, out);
}

/* Fields in the order of their numbers, as protobuf-c writes them. No type of the contract has more
 * than one oneof, nor nests in itself. */
static enum result put_message(struct reader *r, const ProtobufCMessageDescriptor *type,
                               const struct json *map, struct buf *out)
{
    bool chosen = false;
    if (json_type_of(map) != JSON_MAP || r->depth == LIMIT_WIRE_DEPTH)
        return wrong(r, "an object");
    TRY(check_names(r, type, map));
    for (unsigned i = 0; i < type->n_fields; i++) {
        r->path[r->depth++] = type->fields[i].name;
        TRY(put_field(r, &type->fields[i], map, &chosen, out));
        r->depth--;
    }
    return RESULT_OK;
}

enum result message_from_json(const ProtobufCMessageDescriptor *type, struct bytes json,
                              struct buf *encoded, char *why, size_t n)
{
    struct reader r = {.why = why, .room = n};
    struct json *root;
    TRY(json_read(json, &root, why, n));
    enum result result =
        is_time(type) ? put_time(&r, type, root, encoded) : put_message(&r, type, root, encoded);
    json_free(root);
    if (result == RESULT_OK && buf_status(encoded) != RESULT_OK) {
        (void)wrong(&r, "an encoded message of at most %zu bytes", encoded->max);
        return RESULT_TOO_LARGE;
    }
    return result;
}
