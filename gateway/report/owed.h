/* What a recipient was ordered to destroy, and what it said of it: as leaves tell it, of one
 * provision. */
#ifndef FEDGATE_REPORT_OWED_H
#define FEDGATE_REPORT_OWED_H

#include "audit/leaf.h"
#include "base/arena.h"

/* What it said of its own destruction; it signed for that. */
enum owed_answer { OWED_UNANSWERED, OWED_DESTROYED, OWED_NEVER_STORED, OWED_RETAINED };

/* Leaves, 0: none. */
struct owed {
    uint64_t ordered;                  /* the newest order */
    int64_t ordered_us, receipt_by_us; /* receipt_by_us 0: no receipt is asked for */
    uint64_t overdue;                  /* its receipt did not come in time */
    enum owed_answer answer;           /* to that order */
    uint64_t answered;
    int64_t answered_us, stated_us, until_us; /* when it says that it destroyed; retained until */
    struct bytes under;                       /* the Act that it is retained under, by its code */
    uint64_t receipt; /* the leaf "received" of the receipt; the register has the case */
};

/* The next leaf about it: ordered, receipt-overdue, recipient-destroyed, never-stored or retained.
 * What was retained is ordered again when that ends: a new order, and no answer yet. */
void owed_take_leaf(struct owed *o, const struct leaf *leaf, struct arena *a);

#endif
