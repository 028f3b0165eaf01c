/* JSON documents (RFC 8259), read through jansson with bounds; and JSON texts in canonical form
 * (RFC 8785) for the audit log, which holds integers, booleans and strings only, so that no number
 * formatting is needed. */
#ifndef FEDGATE_JSON_JSON_H
#define FEDGATE_JSON_JSON_H

#include "base/buf.h"

/* ---- reading: a tree that lives until json_free of its root; nodes are borrowed */
struct json;

enum json_type {
    JSON_NOTHING,
    JSON_BOOL,
    JSON_WHOLE_NUMBER,
    JSON_REAL_NUMBER,
    JSON_TEXT,
    JSON_LIST,
    JSON_MAP
};

/* Duplicate keys, invalid UTF-8, NUL in strings, integers beyond int64_t, more than 64 levels and
 * anything behind the value are refused: RESULT_MALFORMED, and `why` (of n characters) receives
 * line, column and a text without payload. The caller bounds the size of `text`. */
MUST_USE enum result json_read(struct bytes text, struct json **out, char *why, size_t n);
void json_free(struct json *root);

enum json_type json_type_of(const struct json *node); /* NULL and null: JSON_NOTHING */
struct bytes json_text_of(const struct json *node);   /* empty when it is no string */
int64_t json_integer_of(const struct json *node);
double json_number_of(const struct json *node); /* integers too */
bool json_bool_of(const struct json *node);

/* A member of a map, or NULL. An item of a list, or NULL. */
const struct json *json_member(const struct json *map, const char *key);
size_t json_count(const struct json *list_or_map);
const struct json *json_item(const struct json *list, size_t i);

/* The text, the integer of a member; empty and 0 when it is not there or something else. */
struct bytes json_member_text(const struct json *map, const char *key);
int64_t json_member_integer(const struct json *map, const char *key);

/* Walks the members of a map: start with *at = NULL; returns the key, or NULL at the end, and the
 * value. */
const char *json_each(const struct json *map, void **at, const struct json **value);

/* Appends the node and all below it as compact JSON. */
void json_put(struct buf *out, const struct json *node);

/* ---- writing */

/* Appends `text` as a JSON string, escaped as RFC 8785, 3.2.2.2 says. `text` must be valid UTF-8.
 */
void json_put_text(struct buf *out, struct bytes text);

/* Appends ,"key":value to an object whose members the caller writes in the order of their keys; the
 * comma is left out directly behind '{'. The key needs no escaping. */
void json_put_member_text(struct buf *out, const char *key, struct bytes value);
void json_put_member_integer(struct buf *out, const char *key, int64_t value);
void json_put_member_bool(struct buf *out, const char *key, bool value);

/* Appends ,"key": and leaves the value to the caller. */
void json_put_key(struct buf *out, const char *key);

#endif
