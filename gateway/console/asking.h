/*
 * An answer that takes a reading of the log: the view is recorded first, then it is read in slices
 * while the page says how far it is, and ends when the visitor goes. One at a time for a visit, and
 * so many for a unit and for all. Files are made as they are taken.
 */
#ifndef FEDGATE_CONSOLE_ASKING_H
#define FEDGATE_CONSOLE_ASKING_H

#include "console/inquiry.h"
#include "console/web.h"

enum { ASKING_AT_ONCE = 4, ASKING_OF_UNIT = 2 };

struct asking_config {
    enum inquiry_kind kind;
    const char *word, *title,
        *file; /* live for ever; `file`: what a download is called, less its ending */
    bool needs_argument;
};

/* Reads argument, from, until and form of the query, and answers; a page with NEEDS_REASON and
 * NEEDS_VIEW. */
void asking_answer(struct web_call *w, const struct asking_config *c);

/* The fields of such a question in a form named `form`: argument under this label (NULL: none),
 * times, and the buttons for page, CSV and JSON. What was asked before stands in them. */
void asking_fields(struct web_call *w, struct html *h, const char *form, const char *label);
void asking_buttons(struct web_call *w, struct html *h); /* alone */

#endif
