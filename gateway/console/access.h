/* Whose records a visitor may read. The index is asked for the own party's alone, and each leaf is
 * looked at again. Inside console/ only. */
#ifndef FEDGATE_CONSOLE_ACCESS_H
#define FEDGATE_CONSOLE_ACCESS_H

#include "audit/leaf.h"
#include "console/console.h"

/* Whether this is a unit of that party. */
bool access_is_of(struct bytes unit, struct bytes party);

/* Whether the leaf is of the visitor's party: it acted, or was a recipient. All leaves for who
 * reads all; none for operators. */
bool access_may_read(const struct visitor *v, const struct leaf *leaf);

/* The party that the visitor is bound to; empty: to none. */
struct bytes access_party(const struct visitor *v);

#endif
