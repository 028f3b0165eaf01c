/*
 * Writing pages: elements that are closed in their order, attributes and texts that are always
 * escaped. There is no way to put text in between that was not; what other modules wrote as HTML
 * comes in by html_insert alone. Void elements end in "/>", so that a page is XML, too.
 */
#ifndef FEDGATE_CONSOLE_HTML_H
#define FEDGATE_CONSOLE_HTML_H

#include "console/texts.h"

#include "base/buf.h"

enum { HTML_DEPTH_MAX = 32 };

struct html {
    struct buf *out;
    bool korean;
    bool in_tag; /* attributes may follow */
    const char *open[HTML_DEPTH_MAX];
    size_t depth;
};

struct html html_begin(struct buf *out, bool korean);

/* An element, `tag` of ours; its attributes come next, before anything in it. Void ones (input,
 * meta, link, br) are closed like all others. */
void html_open(struct html *h, const char *tag);
void html_close(struct html *h);

/* A row of a table and its first cell, the row's heading; both are open. */
void html_open_row(struct html *h);

/* Closes until so many are open. */
void html_close_to(struct html *h, size_t depth);

void html_attr(struct html *h, const char *name, struct bytes value);
void html_attr_text(struct html *h, const char *name, const char *value);
void html_attr_number(struct html *h, const char *name, uint64_t value);

/* A text in the element; what is no valid UTF-8, or a control character, is shown as "\ufffd". */
void html_put(struct html *h, struct bytes text);
void html_text(struct html *h, const char *text);
void html_number(struct html *h, uint64_t n);
void html_say(struct html *h, const char *fmt, ...) PRINTF_LIKE(2, 3);
void html_t(struct html *h, enum text t); /* in the page's language */

/* A time of Asia/Seoul to the second in <time>, with its zone as a title; nothing for 0. */
void html_time(struct html *h, int64_t us);

/* An element with nothing but a text, and the same with a class (NULL: none). */
void html_element(struct html *h, const char *tag, const char *class, struct bytes text);
void html_element_text(struct html *h, const char *tag, const char *class, const char *text);
void html_element_t(struct html *h, const char *tag, const char *class, enum text t);

/* A link; `to` is a path of ours. */
void html_link(struct html *h, struct bytes to, struct bytes text);

/* What report/ or policy/ wrote as HTML, which escapes for itself. */
void html_insert(struct html *h, struct bytes made);

#endif
