/*
 * Which entries of the log an answer needs, where the index can tell: few instead of all. What it
 * names is looked at, and may lead to others, until nothing new comes. Only a hint: what counts is
 * what the entries say.
 */
#ifndef FEDGATE_CONSOLE_NARROW_H
#define FEDGATE_CONSOLE_NARROW_H

#include "audit/leaf.h"
#include "search/search.h"

struct narrow;

enum { NARROW_MAX = 20000 /* entries, which are found in one go; for more the log is read */ };

/* Nothing yet; freed by narrow_free (NULL is fine). */
struct narrow *narrow_new(struct search *s);
void narrow_free(struct narrow *n);

/* Adds all entries with this word, of one event (AUDIT_EVENT_COUNT: any). False when there are too
 * many, or the index fails or began anew: then the whole log is to be read. */
bool narrow_add(struct narrow *n, enum search_field field, struct bytes value,
                enum audit_event event);

/* What an entry leads to: the one that it refers to, the destruction of the key that it names.
 * False as above. */
bool narrow_look(struct narrow *n, const struct leaf *leaf);

/* Takes what was added up to now among the rest. What is new, ascending, is to be looked at next;
 * 0: nothing is, and narrow_all has all of them. The arrays live until the next call. */
size_t narrow_settle(struct narrow *n, const uint64_t **fresh);
size_t narrow_all(const struct narrow *n, const uint64_t **all);

#endif
