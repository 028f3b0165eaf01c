#include "config/document.h"

#include "base/limits.h"
#include "base/mem.h"

#include <stdio.h>
#include <yaml.h>

struct node {
    struct document *doc;
    enum node_type type;
    unsigned line, column, length;
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

struct reading {
    struct document *doc;
    struct diagnose *d;
    yaml_parser_t parser;
    struct node *open[LIMIT_YAML_DEPTH];
    size_t depth;
    bool failed;
};

static struct diagnose_place place_at(const struct document *doc, unsigned line, unsigned column,
                                      unsigned length)
{
    return (struct diagnose_place){doc->file, bytes_of(doc->source, doc->source_bytes), line,
                                   column, length == 0 ? 1 : length};
}

static void fail_at(struct reading *r, enum diagnose_code code, yaml_mark_t mark, const char *a1,
                    const char *a2)
{
    struct diagnose_place w =
        place_at(r->doc, (unsigned)mark.line + 1, (unsigned)mark.column + 1, 1);
    diagnose_add(r->d, code, &w, a1, a2, NULL);
    r->failed = true;
}

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

/* Keys are compared one by one: a map is bounded so that this stays quick. */
static void check_key(struct reading *r, const struct node *map, const struct node *key,
                      yaml_mark_t mark)
{
    if (map->children / 2 == LIMIT_YAML_KEYS) {
        fail_at(r, DIAGNOSE_YAML_KEYS, mark, "1024", NULL);
        return;
    }
    for (size_t i = 0; i < map->children; i += 2) {
        if (bytes_equal(node_text(map->child[i]), node_text(key))) {
            char line[16];
            (void)snprintf(line, sizeof line, "%u", map->child[i]->line);
            fail_at(r, DIAGNOSE_YAML_DUPLICATE, mark, key->text, line);
            return;
        }
    }
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

/* Puts a new node where the text has it: in the innermost open list or map, or at the root. */
static struct node *add_node(struct reading *r, enum node_type type, const yaml_event_t *e)
{
    struct node *n = mem_new(sizeof *n);
    *n = (struct node){.doc = r->doc,
                       .type = type,
                       .line = (unsigned)e->start_mark.line + 1,
                       .column = (unsigned)e->start_mark.column + 1,
                       .length = e->start_mark.line == e->end_mark.line
                                     ? (unsigned)(e->end_mark.column - e->start_mark.column)
                                     : 1};
    if (type == NODE_TEXT) {
        n->text = mem_text(e->data.scalar.value, e->data.scalar.length);
        n->text_bytes = e->data.scalar.length;
    }
    struct node *parent = r->depth == 0 ? NULL : r->open[r->depth - 1];
    if (++r->doc->nodes > LIMIT_YAML_NODES) {
        fail_at(r, DIAGNOSE_YAML_NODES, e->start_mark, "400000", NULL);
    } else if (parent != NULL && parent->type == NODE_MAP && parent->children % 2 == 0) {
        if (type != NODE_TEXT)
            fail_at(r, DIAGNOSE_YAML_FEATURE, e->start_mark, "keys that are no plain text", NULL);
        else
            check_key(r, parent, n, e->start_mark);
    }
    if (parent != NULL)
        attach(parent, n);
    else
        r->doc->root = n;
    return n;
}

static void open_node(struct reading *r, enum node_type type, const yaml_event_t *e)
{
    struct node *n = add_node(r, type, e);
    if (r->depth == LIMIT_YAML_DEPTH) {
        fail_at(r, DIAGNOSE_YAML_DEPTH, e->start_mark, "16", NULL);
        return;
    }
    r->open[r->depth++] = n;
}

static void refuse_properties(struct reading *r, const yaml_event_t *e, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    if (anchor != NULL)
        fail_at(r, DIAGNOSE_YAML_FEATURE, e->start_mark, "anchors", NULL);
    if (tag != NULL)
        fail_at(r, DIAGNOSE_YAML_FEATURE, e->start_mark, "tags", NULL);
}

static void take_scalar(struct reading *r, const yaml_event_t *e)
{
    refuse_properties(r, e, e->data.scalar.anchor, e->data.scalar.tag);
    struct node *n = add_node(r, NODE_TEXT, e);
    if (!bytes_is_text(bytes_of(n->text, n->text_bytes)))
        fail_at(r, DIAGNOSE_YAML_NOT_UTF8, e->start_mark, NULL, NULL);
    if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(n->text, "<<") == 0)
        fail_at(r, DIAGNOSE_YAML_FEATURE, e->start_mark, "merge keys", NULL);
}

static void take_event(struct reading *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT: take_scalar(r, e); break;
    case YAML_SEQUENCE_START_EVENT:
        refuse_properties(r, e, e->data.sequence_start.anchor, e->data.sequence_start.tag);
        open_node(r, NODE_LIST, e);
        break;
    case YAML_MAPPING_START_EVENT:
        refuse_properties(r, e, e->data.mapping_start.anchor, e->data.mapping_start.tag);
        open_node(r, NODE_MAP, e);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: r->depth--; break;
    case YAML_ALIAS_EVENT: fail_at(r, DIAGNOSE_YAML_FEATURE, e->start_mark, "aliases", NULL); break;
    case YAML_DOCUMENT_START_EVENT:
        if (r->doc->root != NULL)
            fail_at(r, DIAGNOSE_YAML_SECOND_DOCUMENT, e->start_mark, NULL, NULL);
        if (e->data.document_start.tag_directives.start !=
            e->data.document_start.tag_directives.end)
            fail_at(r, DIAGNOSE_YAML_FEATURE, e->start_mark, "tags", NULL);
        break;
    default: break;
    }
}

static void say_syntax(struct reading *r)
{
    const char *problem = r->parser.problem == NULL ? "unreadable" : r->parser.problem;
    if (r->parser.error == YAML_READER_ERROR)
        fail_at(r, DIAGNOSE_YAML_NOT_UTF8, r->parser.mark, NULL, NULL);
    else
        fail_at(r, DIAGNOSE_YAML_SYNTAX, r->parser.problem_mark, problem, NULL);
}

static void parse(struct reading *r)
{
    bool more = true;
    while (more && !r->failed) {
        yaml_event_t e;
        if (yaml_parser_parse(&r->parser, &e) == 0) {
            say_syntax(r);
            return;
        }
        more = e.type != YAML_STREAM_END_EVENT;
        take_event(r, &e);
        yaml_event_delete(&e);
    }
}

static bool is_acceptable(struct reading *r, struct bytes text)
{
    if (text.n > LIMIT_YAML_BYTES) {
        struct diagnose_place w = place_at(r->doc, 0, 0, 0);
        diagnose_add(r->d, DIAGNOSE_FILE_TOO_LARGE, &w, "4194304", NULL, NULL);
        return false;
    }
    if (!bytes_is_text(text)) {
        struct diagnose_place w = place_at(r->doc, 0, 0, 0);
        diagnose_add(r->d, DIAGNOSE_YAML_NOT_UTF8, &w, NULL, NULL, NULL);
        return false;
    }
    return true;
}

struct document *document_read(struct bytes text, const char *file, struct diagnose *d)
{
    struct document *doc = mem_new(sizeof *doc);
    struct reading r = {.doc = doc, .d = d};
    doc->file = mem_text(file, strlen(file));
    doc->source = mem_text(text.p, text.n);
    doc->source_bytes = text.n;
    if (!is_acceptable(&r, text) || yaml_parser_initialize(&r.parser) == 0) {
        document_free(doc);
        return NULL;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const uint8_t *)doc->source, doc->source_bytes);
    parse(&r);
    yaml_parser_delete(&r.parser);
    if (!r.failed && doc->root == NULL) {
        struct diagnose_place w = place_at(doc, 0, 0, 0);
        diagnose_add(d, DIAGNOSE_YAML_EMPTY, &w, NULL, NULL, NULL);
        r.failed = true;
    }
    return r.failed ? document_free(doc), NULL : doc;
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
    return place_at(n->doc, n->line, n->column, n->length);
}

unsigned node_line(const struct node *n)
{
    return n->line;
}
