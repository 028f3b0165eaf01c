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
 * What recipients keep is preserved with it: no order of destruction is made for such a group of
 * what they owe (owed.h), and the gateway's halves for their vaults stay (halves.h), though none is
 * given past the end. Vaults ask what is held, and keep it. With the release, what is due is
 * ordered.
 *
 * Names: "incident PARTY/UNIT:UUID", all of it, also what still comes; "record N", a leaf
 * "received", "released" or "watch-opened", with all that is under the same keys; "scope N".
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_PRESERVATION_H
#define FEDGATE_LEDGER_PRESERVATION_H

#include "ledger/acts.h"
#include "ledger/owed.h"

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

/* A snapshot's, and back. RESULT_DAMAGED. */
void preservation_put(const struct preservation *p, struct buf *out);
MUST_USE enum result preservation_restore(struct ledger *l, struct cursor *in);

/* ---- preservation_named.c: what has a name */

/* Living scopes, and groups of what recipients owe. */
struct preservation_named {
    uint64_t *scope, *group;
    size_t scopes, groups;
    char owner[IDENT_WORD_MAX + 1]; /* the party whose incident or message it is; or empty */
};

/* What has it now, perhaps nothing; the caller frees that. */
void preservation_find(struct ledger *l, struct bytes subject, struct preservation_named *out);
void preservation_named_free(struct preservation_named *n);

/* How much of it a hold keeps already. */
size_t preservation_count_kept(const struct ledger *l, const struct preservation_named *n);

/* What an order names: the incident, or nothing; the number of the record, or 0. */
struct bytes preservation_incident(const struct preservation *p);
uint64_t preservation_record(const struct preservation *p);

/* How much has this name, in one line: "scopes=3 deliveries=5 recipients=2 owed=1 held=0", with the
 * times of the oldest and the newest message. CONTROL_CODE_DONE, or why nothing has it. */
enum control_code preservation_measure(struct ledger *l, struct bytes subject, struct buf *out,
                                       int64_t *oldest_us, int64_t *newest_us);

/* ---- preservation_owed.c: what recipients keep */

/* What a hold is about: an incident; else some scopes, and what was released at a leaf (0: none).
 */
struct preservation_about {
    struct bytes incident;
    uint64_t record;
    const uint64_t *scope;
    size_t scopes;
};

/* Whether it covers the group: it is of the incident, of what was under the same keys, or has that
 * delivery. */
bool preservation_covers(const struct ledger *l, const struct preservation_about *a,
                         const struct ledger_owed *g);

/* A hold was placed, or comes back from a snapshot, which knows of the halves already; or it is
 * being released. A group, or the scope of its halves, that comes while one stands. */
void preservation_keep_owed(struct ledger *l, const struct preservation *p, bool restores);
void preservation_let_owed_go(struct ledger *l, const struct preservation *p);
void preservation_new_group(struct ledger *l, const struct ledger_owed *g);
void preservation_new_halves(struct ledger *l, uint64_t group, struct spool_scope *half);

/* Which of what the unit may have is held now, from this record on: at most HALF_HELD_MAX of them,
 * as half_holds, appended. The next record behind those, 0: there is none. */
uint64_t preservation_held(const struct ledger *l, struct bytes unit, uint64_t from,
                           struct buf *out);

#endif
