/*
 * Claims that are open: requests of citizens and companies for footage (audit/claim.h), each
 * entered, postponed, masked and decided by acts of officers. The ledger knows until when each is
 * to be answered, says so three days before, and alarms when it was not.
 *
 * To give footage, somebody has to have stated the masked file, or that nobody else is to be seen;
 * to give or to refuse it, two privacy officers state the same outcome, of the same masked file. A
 * claim that is decided is open no more: the log and the acts themselves keep it.
 *
 * Officers are those of whoever runs the gateway, and of a centre.
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_CLAIMS_H
#define FEDGATE_LEDGER_CLAIMS_H

#include "audit/claim.h"
#include "ledger/acts.h"

enum { CLAIMS_MAX = 1000 };

/* What was told of its answer: nothing, that it is due soon, that it is overdue. */
enum claim_told { CLAIM_UNTOLD, CLAIM_TOLD_SOON, CLAIM_TOLD_OVERDUE };

struct claim {
    char number[IDENT_WORD_MAX + 1];
    uint8_t by; /* claimant */
    int64_t received_us;
    char opener[IDENT_UNIT_MAX + 1];
    char what[4 * CONTROL_REASON_MAX + 1]; /* in the opener's words */
    bool postponed;
    char masked[CLAIM_MASKED_MAX + 1], masker[IDENT_UNIT_MAX + 1]; /* empty: nobody stated it */
    uint8_t outcome; /* that the first of two officers stated; 0: none yet */
    char decider[IDENT_UNIT_MAX + 1];
    uint8_t told;          /* claim_told */
    struct heap_entry due; /* when the next is to be told */
};

/* The claim that the subject of an act is about, or NULL. */
const struct claim *claim_of(const struct ledger *l, struct bytes subject);

/* Whether the officer may do this now. And what a permitted act does: CASE_OPEN, it counts;
 * CASE_GRANTED, it takes effect. */
bool claims_is(unsigned act);
enum control_code claims_judge(const struct ledger *l, unsigned act, struct bytes subject,
                               struct bytes officer, const struct ledger_officer *who);
enum case_state claims_effect(const struct ledger *l, struct bytes subject);

/* What the act's record does. RESULT_DAMAGED when it does not follow from what is open. */
MUST_USE enum result claims_apply(struct ledger *l, struct bytes subject, struct bytes officer,
                                  struct bytes reason, enum case_state state);

/* Tells and records which answers are due soon, and which overdue; RECORD_CLAIM_DUE. When there is
 * something to tell next, INT64_MAX: never. */
MUST_USE enum result claims_turn(struct ledger *l, int64_t now_us);
MUST_USE enum result claims_apply_due(struct ledger *l, struct bytes body);
int64_t claims_due_us(const struct ledger *l);

/* As an item of CONTROL_REQUESTS, with views into it; `party` is that of the officer who entered
 * it. */
void claim_show(const struct claim *c, struct control_item *out);

/* In a snapshot, and back. RESULT_DAMAGED. */
void claim_put(const struct claim *c, struct buf *out);
MUST_USE enum result claim_restore(struct ledger *l, struct cursor *in);

#endif
