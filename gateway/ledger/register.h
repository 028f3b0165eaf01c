/*
 * The register store: facts that law wants kept and the log must not hold, sealed by the edge under
 * a key of the register that only the keeper has. A fact goes into the journal in front of its
 * leaf, in the same frame, and with it into the files beside the tiles (audit/facts.c), so that it
 * outlives the journal's segments.
 *
 * Its keys are scopes like those of bodies, each for the facts of REGISTER_PERIOD; each ends when
 * the last of those facts is as old as `register_keep`, in a destruction like any other. No other
 * thing ends them, and no body is sealed under them.
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_REGISTER_H
#define FEDGATE_LEDGER_REGISTER_H

#include "ipc/register.h"
#include "ledger/state.h"

#define REGISTER_PERIOD (30 * US_PER_DAY)

/* Has a key for the facts of now. Without a keeper the one before serves on. RESULT_UNAVAILABLE
 * when there is none at all. */
MUST_USE enum result register_renew(struct ledger *l, int64_t now_us);

/* Tells the edge under which scope to seal. */
void register_tell(struct ledger *l);

/* Whether the edge sealed under a key of the register that is alive; also when there is no fact. */
bool register_fits(const struct ledger *l, const struct road_fact *f);

/* Adds the fact's record, in front of that of its leaf, which is the next; nothing when there is
 * none. It must fit. */
MUST_USE enum result register_keep(struct ledger *l, const struct road_fact *f);

/* Has the keeper seal a fact that this ledger was told, not the edge; `out` stays in `room`, and is
 * empty when the register keeps nothing. RESULT_UNAVAILABLE without a keeper, or without its key.
 */
MUST_USE enum result register_seal(struct ledger *l, struct bytes fact, struct road_fact *out,
                                   struct buf *room);

/* RECORD_FACT, RECORD_REGISTER */
MUST_USE enum result register_apply_fact(struct ledger *l, struct bytes body);
MUST_USE enum result register_apply_scope(struct ledger *l, struct bytes body);

#endif
