/* The clause that decided of a record, in the sentences of its memorandum. Inside console/ only. */
#ifndef FEDGATE_CONSOLE_CLAUSE_H
#define FEDGATE_CONSOLE_CLAUSE_H

#include "audit/leaf.h"
#include "console/web.h"

/* Writes the sentences of each clause that the leaf names, as they stood in the set of that time;
 * nothing when it names none. */
void clause_put(struct web_call *w, const struct leaf *leaf);

#endif
