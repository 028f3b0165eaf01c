#include "config/tree.h"

#include "base/limits.h"
#include "config/characters.h"

#include <stdio.h>
#include <yaml.h>

static const char bom[] = "\xef\xbb\xbf"; /* which some editors write */

struct reading {
    struct document *doc;
    struct diagnose *d;
    yaml_parser_t parser;
    struct node *open[LIMIT_YAML_DEPTH];
    size_t depth;
    bool failed;
};

static void fail_in(struct reading *r, enum diagnose_code code, unsigned line, unsigned column,
                    const char *a1, const char *a2)
{
    struct diagnose_place w = document_place(r->doc, &(struct node_span){line, column, 1});
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

/* Keys are compared one by one: a map is bounded so that this stays quick. */
static void check_key(struct reading *r, const struct node *map, const struct node *key,
                      yaml_mark_t mark)
{
    char line[16];
    size_t before = node_count(map);
    if (before == LIMIT_YAML_KEYS) {
        fail_limit(r, DIAGNOSE_YAML_KEYS, mark, LIMIT_YAML_KEYS);
        return;
    }
    for (size_t i = 0; i < before; i++) {
        if (!bytes_equal(node_text(node_key(map, i)), node_text(key)))
            continue;
        (void)snprintf(line, sizeof line, "%u", node_line(node_key(map, i)));
        fail_at(r, DIAGNOSE_YAML_DUPLICATE, mark, node_c(key), line);
        return;
    }
}

static struct node_span span_of(const yaml_event_t *e)
{
    bool in_line = e->start_mark.line == e->end_mark.line;
    return (struct node_span){(unsigned)e->start_mark.line + 1, (unsigned)e->start_mark.column + 1,
                              in_line ? (unsigned)(e->end_mark.column - e->start_mark.column) : 1};
}

/* Puts a new node where the text has it: in the innermost open list or map, or at the root. */
static struct node *add_node(struct reading *r, enum node_type type, const yaml_event_t *e)
{
    struct node *parent = r->depth == 0 ? NULL : r->open[r->depth - 1];
    bool is_key = parent != NULL && node_wants_key(parent);
    struct node_span span = span_of(e);
    struct bytes text = type != NODE_TEXT ? bytes_of(NULL, 0)
                                          : bytes_of(e->data.scalar.value, e->data.scalar.length);
    struct node *n = document_add(r->doc, parent, type, &span, text);
    if (document_nodes(r->doc) > LIMIT_YAML_NODES)
        fail_limit(r, DIAGNOSE_YAML_NODES, e->start_mark, LIMIT_YAML_NODES);
    else if (is_key && type != NODE_TEXT)
        fail_at(r, DIAGNOSE_YAML_KEY, e->start_mark, NULL, NULL);
    else if (is_key)
        check_key(r, parent, n, e->start_mark);
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

/* What is written in one line, in brackets, is underlined as a whole. */
static void close_node(struct reading *r, const yaml_event_t *e)
{
    struct node *n = r->open[--r->depth];
    if (e->end_mark.line + 1 == node_line(n))
        document_close(n, (unsigned)e->end_mark.column + 1);
}

static void refuse_properties(struct reading *r, const yaml_event_t *e, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    if (anchor != NULL)
        fail_at(r, DIAGNOSE_YAML_ANCHOR, e->start_mark, NULL, NULL);
    if (tag != NULL)
        fail_at(r, DIAGNOSE_YAML_TAG, e->start_mark, NULL, NULL);
}

/* An escape ("\x1b") may not bring in what the file itself may not hold. */
static void check_escapes(struct reading *r, struct bytes text, yaml_mark_t mark)
{
    uint32_t which;
    char name[CHARACTER_NAME];
    if (!bytes_is_text(text)) {
        fail_at(r, DIAGNOSE_YAML_NOT_UTF8, mark, NULL, NULL);
    } else if (characters_unwanted(text, &which) < text.n) {
        character_name(which, name);
        fail_at(r, DIAGNOSE_YAML_CHARACTER, mark, name, NULL);
    }
}

static void take_scalar(struct reading *r, const yaml_event_t *e)
{
    refuse_properties(r, e, e->data.scalar.anchor, e->data.scalar.tag);
    struct node *n = add_node(r, NODE_TEXT, e);
    check_escapes(r, node_text(n), e->start_mark);
    if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && bytes_is(node_text(n), "<<"))
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
    case YAML_MAPPING_END_EVENT: close_node(r, e); break;
    case YAML_ALIAS_EVENT: fail_at(r, DIAGNOSE_YAML_ALIAS, e->start_mark, NULL, NULL); break;
    case YAML_DOCUMENT_START_EVENT:
        if (document_root(r->doc) != NULL)
            fail_at(r, DIAGNOSE_YAML_SECOND_DOCUMENT, e->start_mark, NULL, NULL);
        if (e->data.document_start.tag_directives.start !=
            e->data.document_start.tag_directives.end)
            fail_at(r, DIAGNOSE_YAML_TAG, e->start_mark, NULL, NULL);
        break;
    default: break;
    }
}

/* Whether only blanks stand before a tab there; so its column is one of bytes too. */
static bool is_tab(const struct reading *r, yaml_mark_t mark)
{
    struct bytes text = document_source(r->doc);
    size_t at = 0;
    for (size_t line = 0; line < mark.line && at < text.n; at++)
        line += text.p[at] == '\n';
    size_t first = at;
    while (at < text.n && at < first + mark.column && text.p[at] == ' ')
        at++;
    return at == first + mark.column && at < text.n && text.p[at] == '\t';
}

/* What people do wrong most is said in their own language; libyaml's words are English. */
static enum diagnose_code syntax_code(const struct reading *r, struct bytes problem)
{
    static const struct {
        const char *begins;
        enum diagnose_code code;
    } known[] = {
        {"found a tab character", DIAGNOSE_YAML_TAB},
        {"did not find expected '-'", DIAGNOSE_YAML_MISFIT},
        {"did not find expected key", DIAGNOSE_YAML_MISFIT},
        {"could not find expected ':'", DIAGNOSE_YAML_MISFIT},
        {"mapping values are not allowed", DIAGNOSE_YAML_COLON},
        {"did not find expected ',' or", DIAGNOSE_YAML_UNCLOSED},
        {"found unexpected end of stream", DIAGNOSE_YAML_UNCLOSED},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (bytes_begins(problem, known[i].begins))
            return known[i].code;
    return is_tab(r, r->parser.problem_mark) ? DIAGNOSE_YAML_TAB : DIAGNOSE_YAML_SYNTAX;
}

static void say_syntax(struct reading *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem == NULL ? "unreadable" : p->problem;
    const char *context = p->context == NULL ? "" : p->context;
    enum diagnose_code code = syntax_code(r, bytes_of_text(problem));
    /* What began on an earlier line and never ended is shown where it began; a tab, where it is. */
    bool began = p->context_mark.line < p->problem_mark.line && code != DIAGNOSE_YAML_TAB &&
                 bytes_begins(bytes_of_text(context), "while scanning");
    char text[160];
    (void)snprintf(text, sizeof text, "%s%s%s", problem, context[0] == '\0' ? "" : " ", context);
    fail_at(r, code, began ? p->context_mark : p->problem_mark, text, NULL);
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
    struct bytes before = bytes_of(document_source(r->doc).p, at);
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
    char name[CHARACTER_NAME];
    if (at < text.n) {
        fail_at_byte(r, DIAGNOSE_YAML_NOT_UTF8, at, NULL);
        return false;
    }
    at = characters_unwanted(text, &which);
    if (at < text.n) {
        character_name(which, name);
        fail_at_byte(r, DIAGNOSE_YAML_CHARACTER, at, name);
    }
    return !r->failed;
}

static void read_source(struct reading *r)
{
    struct bytes text = document_source(r->doc);
    if (!is_acceptable(r))
        return;
    if (yaml_parser_initialize(&r->parser) == 0) {
        fail_in(r, DIAGNOSE_YAML_SYNTAX, 0, 0, "out of memory", NULL);
        return;
    }
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, text.p, text.n);
    parse(r);
    yaml_parser_delete(&r->parser);
    if (!r->failed && document_root(r->doc) == NULL)
        fail_in(r, DIAGNOSE_YAML_EMPTY, 0, 0, NULL, NULL);
}

struct document *document_read(struct bytes text, const char *file, struct diagnose *d)
{
    if (bytes_begins(text, bom))
        text = bytes_of(text.p + sizeof bom - 1, text.n - (sizeof bom - 1));
    bool fits = text.n <= LIMIT_YAML_BYTES;
    struct reading r = {.doc = document_new(file, fits ? text : bytes_of(NULL, 0)), .d = d};
    if (fits) {
        read_source(&r);
    } else {
        char limit[16];
        (void)snprintf(limit, sizeof limit, "%u", LIMIT_YAML_BYTES);
        fail_in(&r, DIAGNOSE_FILE_TOO_LARGE, 0, 0, limit, NULL);
    }
    if (!r.failed)
        return r.doc;
    document_free(r.doc);
    return NULL;
}
