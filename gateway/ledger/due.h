/* What is to be destroyed and when, for the control socket. Inside ledger/ only. */
#ifndef FEDGATE_LEDGER_DUE_H
#define FEDGATE_LEDGER_DUE_H

#include "ipc/control.h"
#include "ledger/state.h"

/* Answers CONTROL_LIST of CONTROL_DUE: the live scopes from `after` on, those that are due first in
 * front. */
void due_list(const struct ledger *l, const struct control_request *r, struct control_answer *a,
              struct buf *items);

#endif
