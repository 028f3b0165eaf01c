/*
 * Work done aside: by one thread beside its owner's, one piece at a time, so that the owner need
 * not wait for a disk. What a piece of work is given belongs to it until its owner has heard that
 * it is done. Where there is no thread (NULL), it is done at once: tests, tools.
 */
#ifndef FEDGATE_BASE_ASIDE_H
#define FEDGATE_BASE_ASIDE_H

#include <stdbool.h>

struct aside;

/* NULL when there can be no thread. */
struct aside *aside_new(void);

/* Waits for what is under way. Accepts NULL. */
void aside_free(struct aside *a);

/* Begins a piece of work; the one before must be done. */
void aside_do(struct aside *a, void (*work)(void *arg), void *arg);

/* Whether it is done; what it wrote can be read then. */
bool aside_is_done(struct aside *a);
void aside_wait(struct aside *a);

#endif
