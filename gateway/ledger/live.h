/* What a gateway has at this moment, as far as the ledger knows it, for the control socket. Inside
 * ledger/ only. */
#ifndef FEDGATE_LEDGER_LIVE_H
#define FEDGATE_LEDGER_LIVE_H

#include "ipc/control.h"
#include "ledger/state.h"

/* Answers CONTROL_LIST of CONTROL_LEDGER, CONTROL_PARTIES, CONTROL_INCIDENTS, with items of
 * ipc/live.h. */
void live_list(const struct ledger *l, const struct control_request *r, struct control_answer *a,
               struct buf *items);

#endif
