/* Nodes are jansson's own, behind an incomplete type; only this folder knows that. */
#include "json/json.h"

#include <jansson.h>
#include <stdio.h>

enum { DEPTH_MAX = 64 }; /* jansson's own bound is 2048 calls deep */

static const json_t *node_of(const struct json *node)
{
    return (const json_t *)node;
}

/* jansson's texts quote the input, so each code has a text of its own here. */
static const char *reason(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8: return "the text is not valid UTF-8";
    case json_error_premature_end_of_input: return "the text ends before the value is complete";
    case json_error_end_of_input_expected: return "nothing may follow the value";
    case json_error_null_character:
    case json_error_null_byte_in_key: return "NUL characters are not allowed";
    case json_error_duplicate_key: return "a key occurs twice in one object";
    case json_error_numeric_overflow: return "a number is too large";
    case json_error_stack_overflow: return "values are nested too deeply";
    default: return "this is not valid JSON";
    }
}

/* Where the nesting passes DEPTH_MAX, or the end of the text. Strings are skipped by their quotes;
 * whether all else is JSON is jansson's to say. */
static size_t too_deep_at(struct bytes text)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > DEPTH_MAX)
                return i;
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return text.n;
}

static enum result refuse_at(struct bytes text, size_t at, enum json_error_code code, char *why,
                             size_t n)
{
    int line = 1, column = 1;
    for (size_t i = 0; i < at; i++) {
        if (text.p[i] == '\n') {
            line++;
            column = 1;
        } else if ((text.p[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    (void)snprintf(why, n, "line %d, column %d: %s", line, column, reason(code));
    return RESULT_MALFORMED;
}

enum result json_read(struct bytes text, struct json **out, char *why, size_t n)
{
    json_error_t error;
    size_t deep = too_deep_at(text);
    const uint8_t *nul = text.n == 0 ? NULL : memchr(text.p, 0, text.n);
    *out = NULL;
    if (nul != NULL) /* jansson takes one behind a number for the end */
        return refuse_at(text, (size_t)(nul - text.p), json_error_null_character, why, n);
    if (deep < text.n)
        return refuse_at(text, deep, json_error_stack_overflow, why, n);
    json_t *root = json_loadb(text.n == 0 ? "" : (const char *)text.p, text.n,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (root == NULL) {
        enum json_error_code code = json_error_code(&error);
        (void)snprintf(why, n, "line %d, column %d: %s", error.line, error.column, reason(code));
        return code == json_error_out_of_memory ? RESULT_NO_MEMORY : RESULT_MALFORMED;
    }
    *out = (struct json *)root;
    return RESULT_OK;
}

void json_free(struct json *root)
{
    json_decref((json_t *)root);
}

enum json_type json_type_of(const struct json *node)
{
    if (node == NULL)
        return JSON_NOTHING;
    switch (json_typeof(node_of(node))) {
    case JSON_OBJECT: return JSON_MAP;
    case JSON_ARRAY: return JSON_LIST;
    case JSON_STRING: return JSON_TEXT;
    case JSON_INTEGER: return JSON_WHOLE_NUMBER;
    case JSON_REAL: return JSON_REAL_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE: return JSON_BOOL;
    case JSON_NULL: break;
    }
    return JSON_NOTHING;
}

struct bytes json_text_of(const struct json *node)
{
    return bytes_of(json_string_value(node_of(node)), json_string_length(node_of(node)));
}

int64_t json_integer_of(const struct json *node)
{
    return json_integer_value(node_of(node));
}

double json_number_of(const struct json *node)
{
    return json_number_value(node_of(node));
}

bool json_bool_of(const struct json *node)
{
    return json_is_true(node_of(node));
}

const struct json *json_member(const struct json *map, const char *key)
{
    return (const struct json *)json_object_get(node_of(map), key);
}

struct bytes json_member_text(const struct json *map, const char *key)
{
    return json_text_of(json_member(map, key));
}

int64_t json_member_integer(const struct json *map, const char *key)
{
    return json_integer_of(json_member(map, key));
}

size_t json_count(const struct json *list_or_map)
{
    const json_t *node = node_of(list_or_map);
    return json_is_array(node) ? json_array_size(node) : json_object_size(node);
}

const struct json *json_item(const struct json *list, size_t i)
{
    return (const struct json *)json_array_get(node_of(list), i);
}

/* jansson's iterators take a non-const object but change nothing in it. */
const char *json_each(const struct json *map, void **at, const struct json **value)
{
    json_t *object = (json_t *)(uintptr_t)map;
    *at = *at == NULL ? json_object_iter(object) : json_object_iter_next(object, *at);
    if (*at == NULL)
        return NULL;
    *value = (const struct json *)json_object_iter_value(*at);
    return json_object_iter_key(*at);
}

static int append(const char *text, size_t n, void *out)
{
    buf_put(out, text, n);
    return 0;
}

void json_put(struct buf *out, const struct json *node)
{
    if (json_dump_callback(node_of(node), append, out, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
        out->failed = true;
}
