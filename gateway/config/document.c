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

static const char bom[] = "\xef\xbb\xbf"; /* which some editors write */

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

static void fail_in(struct reading *r, enum diagnose_code code, unsigned line, unsigned column,
                    const char *a1, const char *a2)
{
    struct diagnose_place w = place_at(r->doc, line, column, 1);
    if (!r->failed)
        diagnose_add(r->d, code, &w, a1, a2, NULL);
    r->failed = true; /* what follows from the first error says nothing */
}

static void fail_at(struct reading *r, enum diagnose_code code, yaml_mark_t mark, const char *a1,
                    const char *a2)
{
    fail_in(r, code, (unsigned)mark.line + 1, (unsigned)mark.column + 1, a1, a2);
}

static void fail_limit(struct reading *r, enum diagnose_code code, yaml_mark_t mark, unsigned limit)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", limit);
    fail_at(r, code, mark, text, NULL);
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
        fail_limit(r, DIAGNOSE_YAML_KEYS, mark, LIMIT_YAML_KEYS);
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
        fail_limit(r, DIAGNOSE_YAML_NODES, e->start_mark, LIMIT_YAML_NODES);
    } else if (parent != NULL && parent->type == NODE_MAP && parent->children % 2 == 0) {
        if (type != NODE_TEXT)
            fail_at(r, DIAGNOSE_YAML_KEY, e->start_mark, NULL, NULL);
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
        fail_limit(r, DIAGNOSE_YAML_DEPTH, e->start_mark, LIMIT_YAML_DEPTH);
        return;
    }
    r->open[r->depth++] = n;
}

static void refuse_properties(struct reading *r, const yaml_event_t *e, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    if (anchor != NULL)
        fail_at(r, DIAGNOSE_YAML_ANCHOR, e->start_mark, NULL, NULL);
    if (tag != NULL)
        fail_at(r, DIAGNOSE_YAML_TAG, e->start_mark, NULL, NULL);
}

/* Characters that let a text look other than it is: controls, separators that YAML takes for the
 * end of a line and no editor does, and what is invisible or turns the direction of writing around.
 */
static bool is_unwanted(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } range[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
                 {0x115f, 0x1160}, /* fillers of Korean letters */
                 {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
                 {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xffff}, {0xe0000, 0xeffff}};
    for (size_t i = 0; i < ARRAY_LEN(range); i++)
        if (c >= range[i].first && c <= range[i].last)
            return c != '\t' && c != '\n';
    return false;
}

/* Where the first unwanted character of a valid text begins, and which one it is; text.n when there
 * is none. A CR may stand before LF. */
static size_t find_unwanted(struct bytes text, uint32_t *which)
{
    struct bytes rest = text;
    while (rest.n > 0) {
        size_t at = text.n - rest.n;
        *which = bytes_take_character(&rest);
        if (is_unwanted(*which) && !(*which == '\r' && bytes_begins(rest, "\n")))
            return at;
    }
    return text.n;
}

static void code_point(uint32_t c, char out[16])
{
    (void)snprintf(out, 16, "U+%04X", (unsigned)c);
}

/* An escape ("\x1b") may not bring in what the file itself may not hold. */
static void check_escapes(struct reading *r, struct bytes text, yaml_mark_t mark)
{
    uint32_t which;
    char name[16];
    if (!bytes_is_text(text)) {
        fail_at(r, DIAGNOSE_YAML_NOT_UTF8, mark, NULL, NULL);
    } else if (find_unwanted(text, &which) < text.n) {
        code_point(which, name);
        fail_at(r, DIAGNOSE_YAML_CHARACTER, mark, name, NULL);
    }
}

static void take_scalar(struct reading *r, const yaml_event_t *e)
{
    refuse_properties(r, e, e->data.scalar.anchor, e->data.scalar.tag);
    struct node *n = add_node(r, NODE_TEXT, e);
    check_escapes(r, node_text(n), e->start_mark);
    if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(n->text, "<<") == 0)
        fail_at(r, DIAGNOSE_YAML_MERGE, e->start_mark, NULL, NULL);
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
    case YAML_ALIAS_EVENT: fail_at(r, DIAGNOSE_YAML_ALIAS, e->start_mark, NULL, NULL); break;
    case YAML_DOCUMENT_START_EVENT:
        if (r->doc->root != NULL)
            fail_at(r, DIAGNOSE_YAML_SECOND_DOCUMENT, e->start_mark, NULL, NULL);
        if (e->data.document_start.tag_directives.start !=
            e->data.document_start.tag_directives.end)
            fail_at(r, DIAGNOSE_YAML_TAG, e->start_mark, NULL, NULL);
        break;
    default: break;
    }
}

static void say_syntax(struct reading *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem == NULL ? "unreadable" : p->problem;
    const char *context = p->context == NULL ? "" : p->context;
    /* What began on an earlier line and never ended is shown where it began. */
    bool began = p->context_mark.line < p->problem_mark.line &&
                 bytes_begins(bytes_of_text(context), "while scanning");
    char text[160];
    (void)snprintf(text, sizeof text, "%s%s%s", problem, context[0] == '\0' ? "" : " ", context);
    fail_at(r, DIAGNOSE_YAML_SYNTAX, began ? p->context_mark : p->problem_mark, text, NULL);
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

/* Adds an error at a place in the source. */
static void fail_at_byte(struct reading *r, enum diagnose_code code, size_t at, const char *a1)
{
    struct bytes before = bytes_of(r->doc->source, at);
    unsigned line = 1, column = 1;
    while (before.n > 0) {
        bool ends = bytes_take_character(&before) == '\n';
        line += ends;
        column = ends ? 1 : column + 1;
    }
    fail_in(r, code, line, column, a1, NULL);
}

static bool is_acceptable(struct reading *r)
{
    struct bytes text = document_source(r->doc);
    size_t at = bytes_text_prefix(text);
    uint32_t which = 0;
    char name[16];
    if (at < text.n) {
        fail_at_byte(r, DIAGNOSE_YAML_NOT_UTF8, at, NULL);
        return false;
    }
    at = find_unwanted(text, &which);
    if (at < text.n) {
        code_point(which, name);
        fail_at_byte(r, DIAGNOSE_YAML_CHARACTER, at, name);
    }
    return !r->failed;
}

static void read_source(struct reading *r)
{
    if (!is_acceptable(r))
        return;
    if (yaml_parser_initialize(&r->parser) == 0) {
        fail_in(r, DIAGNOSE_YAML_SYNTAX, 0, 0, "out of memory", NULL);
        return;
    }
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const uint8_t *)r->doc->source, r->doc->source_bytes);
    parse(r);
    yaml_parser_delete(&r->parser);
    if (!r->failed && r->doc->root == NULL)
        fail_in(r, DIAGNOSE_YAML_EMPTY, 0, 0, NULL, NULL);
}

struct document *document_read(struct bytes text, const char *file, struct diagnose *d)
{
    struct document *doc = mem_new(sizeof *doc);
    struct reading r = {.doc = doc, .d = d};
    doc->file = mem_text(file, strlen(file));
    if (bytes_begins(text, bom))
        text = bytes_of(text.p + sizeof bom - 1, text.n - (sizeof bom - 1));
    if (text.n > LIMIT_YAML_BYTES) {
        char limit[16];
        (void)snprintf(limit, sizeof limit, "%u", LIMIT_YAML_BYTES);
        fail_in(&r, DIAGNOSE_FILE_TOO_LARGE, 0, 0, limit, NULL);
    } else {
        doc->source = mem_text(text.p, text.n);
        doc->source_bytes = text.n;
        read_source(&r);
    }
    if (!r.failed)
        return doc;
    document_free(doc);
    return NULL;
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
