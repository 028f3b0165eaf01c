/*
 * YAML as data only: one document a file in UTF-8, no anchors, aliases, tags, merge keys or
 * duplicate keys, bounded in size, depth and number of values. Lines end with LF or CR LF, and no
 * character hides or turns text around, so that a reviewer's screen and this reader see the same.
 * Every scalar is text; whoever reads it says what it must be. Nodes know where they stand.
 */
#ifndef FEDGATE_CONFIG_DOCUMENT_H
#define FEDGATE_CONFIG_DOCUMENT_H

#include "config/diagnose.h"

struct document;
struct node;

enum node_type { NODE_TEXT, NODE_LIST, NODE_MAP };

/* Reads a file's text. NULL after an error was added to `d`; reading ends at the first. `file`
 * names it in messages; both strings are copied. */
struct document *document_read(struct bytes text, const char *file, struct diagnose *d);

/* Frees the document with its nodes. Accepts NULL. */
void document_free(struct document *doc);

const struct node *document_root(const struct document *doc);
const char *document_file(const struct document *doc);
struct bytes document_source(const struct document *doc);

enum node_type node_type(const struct node *n);
struct bytes node_text(const struct node *n); /* of NODE_TEXT, else empty */
const char *node_c(const struct node *n);     /* the same, NUL-terminated */
size_t node_count(const struct node *n);      /* items of a list, pairs of a map, else 0 */
const struct node *node_item(const struct node *list, size_t i);
const struct node *node_key(const struct node *map, size_t i);
const struct node *node_value(const struct node *map, size_t i);
const struct node *node_member(const struct node *map, const char *key); /* or NULL */
struct diagnose_place node_place(const struct node *n);
unsigned node_line(const struct node *n);

#endif
