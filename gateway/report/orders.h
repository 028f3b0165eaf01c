/* Orders of destruction that a log tells of, and what of them their units have not answered for. */
#ifndef FEDGATE_REPORT_ORDERS_H
#define FEDGATE_REPORT_ORDERS_H

#include "report/registers.h"

struct orders;

struct orders *orders_new(void);
void orders_free(struct orders *o); /* accepts NULL */
void orders_take(struct orders *o, const struct leaf *leaf);

/* Orders whose receipt was due before `r->now_us` and lacks something, in the order of the log; of
 * the report only names and now are read. Freed by table_free. */
struct report_table *orders_overdue(const struct report *r, const struct orders *o);

#endif
