/* What the gateway will destroy, and when: live key scopes, as it tells them (CONTROL_DUE). */
#ifndef FEDGATE_REPORT_DUE_H
#define FEDGATE_REPORT_DUE_H

#include "ipc/control.h"
#include "report/names.h"
#include "report/table.h"

/* An empty table with its note, in the language; freed by table_free. */
struct report_table *due_new(bool korean);

/* The next row: what is due first comes first. */
void due_add(struct report_table *t, const struct names *n, const struct control_item *i);

#endif
