#include "config/tree.h"

#include "base/mem.h"

struct node {
    struct document *doc;
    enum node_type type;
    struct node_span span;
    char *text;
    size_t text_bytes;
    struct node **child; /* items; or keys and values in turn */
    size_t children, room;
};

struct document {
    char *file;
    char *source;
    size_t source_bytes;
    struct node *root;
    size_t nodes;
};

/* ---- growing */

struct document *document_new(const char *file, struct bytes source)
{
    struct document *doc = mem_new(sizeof *doc);
    doc->file = mem_text(file, strlen(file));
    doc->source = mem_text(source.p, source.n);
    doc->source_bytes = source.n;
    return doc;
}

static void attach(struct node *parent, struct node *n)
{
    if (parent->children == parent->room) {
        size_t room = parent->room == 0 ? 4 : parent->room * 2;
        parent->child = mem_grow_array(parent->child, parent->room, room, sizeof(struct node *));
        parent->room = room;
    }
    parent->child[parent->children++] = n;
}

struct node *document_add(struct document *doc, struct node *parent, enum node_type type,
                          const struct node_span *span, struct bytes text)
{
    struct node *n = mem_new(sizeof *n);
    *n = (struct node){.doc = doc, .type = type, .span = *span};
    if (type == NODE_TEXT) {
        n->text = mem_text(text.p, text.n);
        n->text_bytes = text.n;
    }
    if (parent != NULL)
        attach(parent, n);
    else
        doc->root = n;
    doc->nodes++;
    return n;
}

void document_close(struct node *n, unsigned column)
{
    if (column > n->span.column)
        n->span.length = column - n->span.column;
}

size_t document_nodes(const struct document *doc)
{
    return doc->nodes;
}

bool node_wants_key(const struct node *n)
{
    return n->type == NODE_MAP && n->children % 2 == 0;
}

struct diagnose_place document_place(const struct document *doc, const struct node_span *span)
{
    return (struct diagnose_place){doc->file, document_source(doc), span->line, span->column,
                                   span->length == 0 ? 1 : span->length};
}

/* ---- the end */

static void free_node(struct node *n)
{
    if (n == NULL)
        return;
    for (size_t i = 0; i < n->children; i++)
        free_node(n->child[i]);
    mem_free(n->child);
    mem_free(n->text);
    mem_free(n);
}

void document_free(struct document *doc)
{
    if (doc == NULL)
        return;
    free_node(doc->root);
    mem_free(doc->source);
    mem_free(doc->file);
    mem_free(doc);
}

/* ---- looking */

const struct node *document_root(const struct document *doc)
{
    return doc->root;
}

const char *document_file(const struct document *doc)
{
    return doc->file;
}

struct bytes document_source(const struct document *doc)
{
    return bytes_of(doc->source, doc->source_bytes);
}

enum node_type node_type(const struct node *n)
{
    return n->type;
}

struct bytes node_text(const struct node *n)
{
    return bytes_of(n->text, n->text_bytes);
}

const char *node_c(const struct node *n)
{
    return n->text == NULL ? "" : n->text;
}

size_t node_count(const struct node *n)
{
    return n->type == NODE_MAP ? n->children / 2 : n->children;
}

const struct node *node_item(const struct node *list, size_t i)
{
    return list->child[i];
}

const struct node *node_key(const struct node *map, size_t i)
{
    return map->child[2 * i];
}

const struct node *node_value(const struct node *map, size_t i)
{
    return map->child[2 * i + 1];
}

const struct node *node_member(const struct node *map, const char *key)
{
    if (map == NULL || map->type != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < node_count(map); i++)
        if (bytes_is(node_text(node_key(map, i)), key))
            return node_value(map, i);
    return NULL;
}

struct diagnose_place node_place(const struct node *n)
{
    return document_place(n->doc, &n->span);
}

unsigned node_line(const struct node *n)
{
    return n->span.line;
}
