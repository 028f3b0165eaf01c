/* What a table of records shows of a leaf, on a page and in an export. Inside console/ only. */
#ifndef FEDGATE_CONSOLE_RECORD_ROW_H
#define FEDGATE_CONSOLE_RECORD_ROW_H

#include "audit/leaf.h"
#include "console/web.h"

/* "daejeon-fire/119-control (+2)", "permitted, no-grant", "mou#grant, ...": of all recipients. */
enum record_part { RECORD_TO, RECORD_DECISION, RECORD_CLAUSE };
void record_put_part(const struct leaf *leaf, enum record_part part, bool korean, struct buf *out);

/* A record's number, which leads to its page. */
void record_put_link(struct web_call *w, uint64_t index);

/* The row's cells; the headings. */
void record_put_head(struct web_call *w);
void record_put_row(struct web_call *w, const struct leaf *leaf);

/* The same for spreadsheet programs: a line of RFC 4180, of so many cells. */
enum { RECORD_COLUMNS = 12 };
void record_csv_head(bool korean, struct buf *out);
void record_csv_row(const struct leaf *leaf, bool korean, struct buf *out);

#endif
