/* XML documents (XML 1.0, namespaces), read through expat into a bounded tree; and written. No
 * document type, so neither entities nor anything that is elsewhere; UTF-8 only. Comments and
 * processing instructions are passed over. */
#ifndef FEDGATE_XML_XML_H
#define FEDGATE_XML_XML_H

#include "base/arena.h"
#include "base/buf.h"

/* ---- reading: a tree in an arena; texts end with a NUL that does not count */
struct xml_attribute {
    const char *space, *name; /* the namespace, "" for none; the local name */
    struct bytes value;
    struct xml_attribute *next;
};

struct xml_node {
    const char *space, *name;
    struct bytes text; /* its own characters, in order, without those of its children */
    struct xml_attribute *attribute;
    struct xml_node *parent, *child, *last, *next;
    size_t line, column; /* of its tag, from 1 */
};

/* Anything that is not one well-formed element, a DOCTYPE, another encoding, and what is deeper,
 * more or larger than LIMIT_XML_* is refused: RESULT_MALFORMED or RESULT_TOO_LARGE, and `why` (of n
 * characters) says the line, the column and what was expected, without payload. RESULT_NO_MEMORY:
 * the arena's budget is used up, `why` says so. */
MUST_USE enum result xml_read(struct arena *a, struct bytes text, struct xml_node **root, char *why,
                              size_t n);

/* The first child with this name in the node's own namespace; NULL when there is none. */
const struct xml_node *xml_child(const struct xml_node *n, const char *name);

/* Without the blanks of XML at both ends. */
struct bytes xml_trimmed(struct bytes text);

/* ---- writing */
enum { XML_OPEN_MAX = 16 };

struct xml_writer {
    struct buf *out;
    const char *open[XML_OPEN_MAX], *space[XML_OPEN_MAX]; /* elements that are not closed yet */
    size_t depth;
    bool in_tag;   /* attributes may follow */
    bool has_text; /* of the innermost element: its end stands directly behind */
    bool bad;      /* a text had a character that XML cannot hold */
};

void xml_begin(struct xml_writer *w, struct buf *out);

/* An element in this namespace, which is declared where it is not its parent's. Both texts live
 * until it is closed. */
void xml_open(struct xml_writer *w, const char *space, const char *name);
void xml_attribute(struct xml_writer *w, const char *name, struct bytes value);
void xml_text(struct xml_writer *w, struct bytes text);
void xml_close(struct xml_writer *w);

/* An element with nothing but text. */
void xml_element(struct xml_writer *w, const char *space, const char *name, struct bytes text);

#endif
