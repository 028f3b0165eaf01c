/*
 * The gateway's halves of the keys of units' vaults (ipc/half_road.h): for what a unit is to
 * destroy one day, and keeps until then. For each group of such deliveries there is a scope without
 * bodies, made when a vault first stores something of the group; it ends with the group, or by its
 * own deadline at the latest, in a destruction like any other. From then on no half of the group
 * can be made by anyone, whatever vaults and their copies hold.
 *
 * Every storing, opening and refused opening of what a unit was delivered is an entry of the log,
 * on disk before a half leaves. Openings are counted here. Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_HALVES_H
#define FEDGATE_LEDGER_HALVES_H

#include "ipc/half_road.h"
#include "ledger/state.h"

/* A group some of which a vault has. */
struct ledger_halves {
    uint64_t group;
    uint64_t scope;
    uint32_t uses;    /* how often each may be opened; 0: as often as it is needed */
    uint64_t *opened; /* pairs, where that is limited: the leaf "released", and how often it was */
    size_t count, room;
};

struct halves;
struct halves *halves_new(void);
void halves_free(struct halves *h);

struct ledger_halves *halves_get(const struct ledger *l, uint64_t group); /* or NULL */

struct ledger_owed;

/* Makes and records the scope of a group's halves. RESULT_UNAVAILABLE without a keeper; RESULT_FULL
 * when there are so many scopes that messages need the rest of what one destruction can wrap again.
 */
MUST_USE enum result halves_begin(struct ledger *l, const struct ledger_owed *g);

/* How often the record may still be opened, where that is limited; it was once more. */
uint32_t halves_left(const struct ledger_halves *h, uint64_t record);
MUST_USE enum result halves_record_opened(struct ledger *l, const struct ledger_halves *h,
                                          uint64_t record);

/* What RECORD_HALVES and RECORD_OPENED do. RESULT_DAMAGED. */
MUST_USE enum result halves_apply(struct ledger *l, struct bytes body);
MUST_USE enum result halves_apply_opened(struct ledger *l, struct bytes body);

/* Its deliveries are to be destroyed: so is what makes their halves, now. */
void halves_group_over(struct ledger *l, uint64_t group, enum spool_cause cause);

/* A scope was destroyed. */
void halves_scope_gone(struct ledger *l, uint64_t scope);

/* Walks all as map_next; one in a snapshot, and back. RESULT_DAMAGED. */
const struct ledger_halves *halves_next(const struct ledger *l, size_t *at);
void halves_put(const struct ledger_halves *h, struct buf *out);
MUST_USE enum result halves_take(struct ledger *l, struct cursor *in);

/* ---- halves_ask.c */

/* Takes HALF_ASK. */
MUST_USE enum result halves_ask(struct ledger *l, struct bytes body);

#endif
