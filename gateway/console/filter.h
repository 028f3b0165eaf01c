/* Which records are looked for: a form, a query of the index, and links that say the same. Inside
 * console/ only. */
#ifndef FEDGATE_CONSOLE_FILTER_H
#define FEDGATE_CONSOLE_FILTER_H

#include "console/web.h"
#include "search/search.h"

/* What a filter asked for that cannot be. */
struct filter_fault {
    const char *field; /* NULL: nothing */
    enum text remedy;
};

/* Reads the call's query: times, a term for each field of the index, the own party of who is bound
 * to it, the cursor. Views into the query. */
struct filter_fault filter_read(struct web_call *w, struct search_query *out);

/* The same of a page of records: whether there is a log and an index to look in, and what for.
 * False: it was answered. (page_records.c) */
bool records_begin(struct web_call *w, struct search_query *q);

/* The form, filled in as it was asked. */
void filter_put(struct web_call *w);

/* Appends the filter without its cursor to a path: "?event=received&...". */
void filter_link(struct web_call *w, struct buf *to);

/* A link to the records with this word in this field. */
void filter_put_link(struct web_call *w, enum search_field field, struct bytes value,
                     struct bytes text);

#endif
