/* Tables of report/ on pages: numbers of entries are links to them for who may see records. */
#ifndef FEDGATE_CONSOLE_TABLES_H
#define FEDGATE_CONSOLE_TABLES_H

#include "console/web.h"
#include "report/table.h"

enum { TABLES_ROWS_MAX = 20000 /* on a page; the files have all */ };

/* A section with the table, its notes, and a note of rows that were left out. */
void tables_put(struct web_call *w, const struct report_table *t);

/* A text in which days and times stand as such: they do not break at their hyphens (console.css).
 */
void tables_put_text(struct html *h, struct bytes text);

#endif
