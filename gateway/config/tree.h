/* How a document grows while it is read: node by node, in the order of the text. Inside config/
 * only. */
#ifndef FEDGATE_CONFIG_TREE_H
#define FEDGATE_CONFIG_TREE_H

#include "config/document.h"

/* An empty document; both are copied. */
struct document *document_new(const char *file, struct bytes source);

/* Where a node stands; counts as struct diagnose_place does. */
struct node_span {
    unsigned line, column, length;
};

/* Puts a node behind what `parent` (a list or a map; NULL: the root) has so far; `text` is copied,
 * and only for NODE_TEXT. */
struct node *document_add(struct document *doc, struct node *parent, enum node_type type,
                          const struct node_span *span, struct bytes text);

/* A list or map ends before this column of the line in which it began. */
void document_close(struct node *n, unsigned column);

/* How many nodes it has. */
size_t document_nodes(const struct document *doc);

/* Whether what is added next is a key: in a map, in turn with values. */
bool node_wants_key(const struct node *n);

/* A place in the source; a length of 0 is one character. */
struct diagnose_place document_place(const struct document *doc, const struct node_span *span);

#endif
