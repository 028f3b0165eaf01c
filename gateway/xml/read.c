/* The one door to expat. The whole document is handed over at once, so that no token is looked at
 * twice. */
#include "xml/xml.h"

#include "base/limits.h"

#include <expat.h>
#include <stdio.h>
#include <strings.h>

enum { SEPARATOR = '\n' }; /* between namespace and name; no namespace may hold it */

struct reading {
    XML_Parser parser;
    struct arena *arena;
    struct xml_node *root, *at; /* at: the element that is open */
    struct buf text[LIMIT_XML_DEPTH];
    size_t depth, nodes;
    enum result result;
    char *why;
    size_t n;
};

static void stop(struct reading *r, enum result result, const char *text)
{
    if (r->result != RESULT_OK)
        return;
    r->result = result;
    (void)snprintf(r->why, r->n, "line %lu, column %lu: %s",
                   (unsigned long)XML_GetCurrentLineNumber(r->parser),
                   (unsigned long)XML_GetCurrentColumnNumber(r->parser) + 1, text);
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static void *take(struct reading *r, size_t n)
{
    void *p = arena_take(r->arena, n);
    if (p == NULL)
        stop(r, RESULT_NO_MEMORY, "the document is larger than can be held");
    return p;
}

/* A copy with a NUL behind it. */
static char *copy(struct reading *r, const void *text, size_t n)
{
    char *to = take(r, n + 1);
    if (to != NULL && n > 0)
        memcpy(to, text, n);
    return to;
}

/* "namespace<SEPARATOR>name" in two. */
static bool split_name(struct reading *r, const char *whole, const char **space, const char **name)
{
    const char *cut = strchr(whole, SEPARATOR);
    *space = cut == NULL ? "" : copy(r, whole, (size_t)(cut - whole));
    *name = copy(r, cut == NULL ? whole : cut + 1, strlen(cut == NULL ? whole : cut + 1));
    return *space != NULL && *name != NULL;
}

/* ---------------------------------------------------------------- what expat tells */

static bool add_attribute(struct reading *r, struct xml_node *n, const char *name,
                          const char *value)
{
    struct xml_attribute *a = take(r, sizeof *a);
    if (a == NULL || !split_name(r, name, &a->space, &a->name))
        return false;
    a->value = bytes_of(copy(r, value, strlen(value)), strlen(value));
    a->next = n->attribute;
    n->attribute = a;
    return a->value.p != NULL;
}

static void add_child(struct reading *r, struct xml_node *n)
{
    n->parent = r->at;
    if (r->at == NULL)
        r->root = n;
    else if (r->at->last == NULL)
        r->at->child = n;
    else
        r->at->last->next = n;
    if (r->at != NULL)
        r->at->last = n;
    r->at = n;
}

static void XMLCALL begins(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *r = arg;
    if (r->result != RESULT_OK)
        return;
    if (r->depth == LIMIT_XML_DEPTH) {
        stop(r, RESULT_TOO_LARGE, "elements are nested too deeply");
        return;
    }
    size_t given = 0;
    while (attributes[2 * given] != NULL)
        given++;
    if (++r->nodes > LIMIT_XML_ELEMENTS || given > LIMIT_XML_ATTRIBUTES) {
        stop(r, RESULT_TOO_LARGE,
             given > LIMIT_XML_ATTRIBUTES ? "too many attributes" : "too many elements");
        return;
    }
    struct xml_node *n = take(r, sizeof *n);
    if (n == NULL || !split_name(r, name, &n->space, &n->name))
        return;
    n->line = XML_GetCurrentLineNumber(r->parser);
    n->column = XML_GetCurrentColumnNumber(r->parser) + 1;
    while (given-- > 0)
        if (!add_attribute(r, n, attributes[2 * given], attributes[2 * given + 1]))
            return;
    add_child(r, n);
    buf_init(&r->text[r->depth++], LIMIT_MESSAGE);
}

static void XMLCALL ends(void *arg, const XML_Char *name)
{
    struct reading *r = arg;
    (void)name;
    if (r->result != RESULT_OK)
        return;
    struct buf *text = &r->text[--r->depth];
    r->at->text = bytes_of(copy(r, text->p, text->n), text->n);
    r->at = r->at->parent;
    buf_free(text);
}

static void XMLCALL says(void *arg, const XML_Char *text, int n)
{
    struct reading *r = arg;
    if (r->result == RESULT_OK && r->depth > 0)
        buf_put(&r->text[r->depth - 1], text, (size_t)n);
}

/* Before anything that the document type declares. */
static void XMLCALL doctype(void *arg, const XML_Char *name, const XML_Char *system,
                            const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(arg, RESULT_MALFORMED, "a document type (DOCTYPE) is not allowed, nor are entities");
}

static void XMLCALL declaration(void *arg, const XML_Char *version, const XML_Char *encoding,
                                int standalone)
{
    (void)version;
    (void)standalone;
    if (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0 &&
        strcasecmp(encoding, "US-ASCII") != 0)
        stop(arg, RESULT_MALFORMED, "expected the encoding UTF-8");
}

/* ---------------------------------------------------------------- the document */

/* expat takes UTF-16 with a byte order mark for what it is, whatever encoding it was told. */
static void parse(struct reading *r, struct bytes text)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, begins, ends);
    XML_SetCharacterDataHandler(r->parser, says);
    XML_SetStartDoctypeDeclHandler(r->parser, doctype);
    XML_SetXmlDeclHandler(r->parser, declaration);
    if (text.n > LIMIT_MESSAGE)
        stop(r, RESULT_TOO_LARGE, "the document is larger than a message can be");
    else if (text.n > 0 && memchr(text.p, 0, text.n) != NULL)
        stop(r, RESULT_MALFORMED, "expected the encoding UTF-8, in which no byte is zero");
    else if (XML_Parse(r->parser, (const char *)text.p, (int)text.n, 1) != XML_STATUS_OK)
        stop(r, RESULT_MALFORMED,
             text.n == 0 ? "the document is empty"
                         : XML_ErrorString(XML_GetErrorCode(r->parser))); /* without payload */
}

enum result xml_read(struct arena *a, struct bytes text, struct xml_node **root, char *why,
                     size_t n)
{
    struct reading r = {.arena = a, .result = RESULT_OK, .why = why, .n = n};
    const XML_Char separator[] = {SEPARATOR, '\0'};
    *root = NULL;
    r.parser = XML_ParserCreate_MM("UTF-8", NULL, separator);
    if (r.parser == NULL) {
        (void)snprintf(why, n, "no memory for a reader");
        return RESULT_NO_MEMORY;
    }
    parse(&r, text);
    while (r.depth > 0)
        buf_free(&r.text[--r.depth]);
    XML_ParserFree(r.parser);
    if (r.result == RESULT_OK)
        *root = r.root;
    return r.result;
}

const struct xml_node *xml_child(const struct xml_node *n, const char *name)
{
    const struct xml_node *c = n->child;
    while (c != NULL && (strcmp(c->name, name) != 0 || strcmp(c->space, n->space) != 0))
        c = c->next;
    return c;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct bytes xml_trimmed(struct bytes text)
{
    while (text.n > 0 && is_blank(text.p[text.n - 1]))
        text.n--;
    while (text.n > 0 && is_blank(*text.p)) {
        text.p++;
        text.n--;
    }
    return text;
}
