/*
 * The registers that law asks for, each row with the index of its leaf: what the log says, what the
 * register kept (when it was opened), and what the policy sets of the time say.
 */
#ifndef FEDGATE_REPORT_REGISTERS_H
#define FEDGATE_REPORT_REGISTERS_H

#include "report/names.h"
#include "report/table.h"
#include "report/world.h"

/* What a report is made of. Times: from included, until not. */
struct report {
    const struct world *world;
    const struct names *names;
    int64_t from_us, until_us;
    int64_t now_us; /* what is late is late by then */
};

/* "out-of-purpose" (PIPA Decree 15), "personal-video" (Standard Guideline), "location" (LIA 16(2)),
 * "requests" (PIPA 35). NULL for any other word. table_free afterwards. */
struct report_table *register_make(const char *which, const struct report *r);

/* Their words and titles, one by one: NULL past the last. */
const char *register_word(size_t i);
const char *register_title(size_t i, bool korean);

/* ---- what other reports say of a provision in the same way */

/* "daejeon-fire/119-control" as its set calls it, with the unit's own name behind. */
void report_unit(const struct report *r, uint64_t policy, struct bytes unit, struct buf *out);

/* "pictures of the scene, dj-0303", from the opened fact. */
void report_file(const struct report *r, const struct world_provision *p, struct buf *out);

/* "image, camera" in the language; what was not opened is marked. */
void report_items(const struct report *r, const struct world_provision *p, struct buf *out);

/* "2026-11-21 10:00:00 to 10:05:12". */
void report_period(const struct report *r, const struct world_provision *p, struct buf *out);

bool report_is_within(const struct report *r, int64_t at_us);

/* Whether this was given to another at all, in earnest: not in an exercise or a test, and no notice
 * of the gateway's own. */
bool report_is_provision(const struct world_provision *p);

/* The notes that every table about provisions has: what was not opened, what does not fit. */
void report_notes(const struct report *r, struct report_table *t);

#endif
