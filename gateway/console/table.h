/* Tables of report/ on a page: a heading, the rows, the notes; what is a log index leads to its
 * record. Inside console/ only. */
#ifndef FEDGATE_CONSOLE_TABLE_H
#define FEDGATE_CONSOLE_TABLE_H

#include "console/web.h"
#include "report/table.h"

enum { TABLE_ROWS_MAX = 20000 /* on a page; files have all */ };

/* Numbers of entries lead to records, for who may see them. */
void table_put_page(struct web_call *w, const struct report_table *t);

/* A name and a value of a list of facts: <dt>, <dd>. */
void fact_put(struct html *h, enum text name, struct bytes value);
void fact_put_number(struct html *h, enum text name, uint64_t n);

#endif
