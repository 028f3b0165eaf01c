/*
 * What two officers order about stored data by name: to preserve it (a hold, for an order of the
 * Commission or a court), or to destroy it at once since it was processed unlawfully.
 *
 * A hold keeps named scopes, and the bodies under them, past their deadlines until two officers
 * release it: what was acknowledged, withheld or refused stays, in no queue. Nothing of it is
 * delivered past its deadline. Then what is due is destroyed in the same turn. It beats everything
 * that ends a scope early, also the order to destroy, which is refused while a hold stands: whoever
 * destroyed what a court wants kept could not undo it, and what was kept too long can still be
 * destroyed.
 *
 * Names: "incident PARTY/UNIT:UUID", all of it, also what still comes; "record N", a leaf
 * "received" or "released", with all that is under the same keys; "scope N".
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_PRESERVATION_H
#define FEDGATE_LEDGER_PRESERVATION_H

#include "ledger/acts.h"

enum { PRESERVATIONS_MAX = 200 };

/* What was ordered by one officer, and by a second; once placed, a hold. */
struct preservation {
    char key[1 + CONTROL_SUBJECT_MAX + 1]; /* 'h' or 'd' (to destroy), and the name */
    char officer[2][IDENT_UNIT_MAX + 1];   /* [1] empty: another one has to order it as well */
    char releaser[IDENT_UNIT_MAX + 1];     /* the first of the two who release it; or empty */
    char reason[4 * CONTROL_REASON_MAX + 1];
    int64_t since_us;
    bool placed;
    uint64_t scope[ROAD_BODIES_MAX]; /* but for an incident, whose scopes are found by it */
    size_t scopes;
};

struct preservation *preservation_get(const struct ledger *l, unsigned act, struct bytes subject);

/* Whether the officer may order this now: a privacy officer of whoever runs the gateway, or of the
 * party whose incident or message it is. And what a permitted act does: CASE_OPEN, it counts;
 * CASE_GRANTED, it takes effect. */
bool preservation_is(unsigned act);
enum control_code preservation_judge(struct ledger *l, unsigned act, struct bytes subject,
                                     struct bytes officer, const struct ledger_officer *who);
enum case_state preservation_effect(const struct ledger *l, unsigned act, struct bytes subject);

/* Before the act's record, which ends what a hold alone kept: that is written into a snapshot which
 * lacks it (snapshot_ready). */
MUST_USE enum result preservation_ready(struct ledger *l, unsigned act, struct bytes subject,
                                        size_t more);

/* What the act's record does. RESULT_DAMAGED when it does not follow from what was ordered. */
MUST_USE enum result preservation_apply_act(struct ledger *l, unsigned act, struct bytes subject,
                                            struct bytes officer, struct bytes reason,
                                            enum case_state state, int64_t at_us);

/* The act took effect and is on record: so is now what it does to scopes. */
MUST_USE enum result preservation_carry_out(struct ledger *l, unsigned act, struct bytes subject);
MUST_USE enum result preservation_apply(struct ledger *l, struct bytes body); /* RECORD_PRESERVED */

/* A new scope, which a hold of its incident keeps from the beginning. */
void preservation_new_scope(struct ledger *l, struct spool_scope *x);

/* How much has this name, in one line: "scopes=3 deliveries=5 recipients=2 owed=1 held=0", with the
 * times of the oldest and the newest message. CONTROL_CODE_DONE, or why nothing has it. */
enum control_code preservation_measure(struct ledger *l, struct bytes subject, struct buf *out,
                                       int64_t *oldest_us, int64_t *newest_us);

/* A snapshot's, and back. RESULT_DAMAGED. */
void preservation_put(const struct preservation *p, struct buf *out);
MUST_USE enum result preservation_restore(struct ledger *l, struct cursor *in);

#endif
