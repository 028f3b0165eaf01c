/* Tables of report/ on pages: numbers of entries are links to them. */
#ifndef FEDGATE_CONSOLE_TABLES_H
#define FEDGATE_CONSOLE_TABLES_H

#include "console/html.h"
#include "report/table.h"

enum { TABLES_ROWS_MAX = 20000 /* on a page; the files have all */ };

/* A section with the table, its notes, and a note of rows that were left out. */
void tables_put(struct html *h, const struct report_table *t);

#endif
