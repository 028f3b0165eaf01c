/*
 * Letting go of old entries: whole bundles of them, from the first on, with the register's facts
 * about them. Every hash tile stays, so that proofs of what is left, and of growth, hold as before;
 * the bundles that are gone are those before the minimum index of a statement, which an officer
 * signed: the files `pruned` and `pruned.minisig` beside the tiles, for minisign to verify.
 */
#ifndef FEDGATE_AUDIT_PRUNED_H
#define FEDGATE_AUDIT_PRUNED_H

#include "base/buf.h"

#define PRUNED_STATEMENT "pruned"
#define PRUNED_SIGNATURE "pruned.minisig"

#define PRUNED_SUBJECT "entries before " /* and the minimum index: what the statement is about */

/* The minimum index that a subject names: a multiple of TILE_WIDTH above 0. False for any other. */
bool pruned_subject(struct bytes subject, uint64_t *below);

/* Puts the statement in place of the one before. RESULT_FULL, RESULT_IO. */
MUST_USE enum result pruned_write(int folder, struct bytes text, struct bytes signature);

/* The minimum index of the statement that is there; 0 when none is. RESULT_DAMAGED for a file that
 * is none; RESULT_IO. */
MUST_USE enum result pruned_read(int folder, uint64_t *below);

/* Removes the bundle with this number, and the facts beside it, and what a crash left of either
 * from before they were full. RESULT_NOT_FOUND when no such bundle is there; RESULT_IO. */
MUST_USE enum result pruned_forget(int folder, uint64_t number);

/* Whether that bundle is there. */
bool pruned_has(int folder, uint64_t number);

#endif
