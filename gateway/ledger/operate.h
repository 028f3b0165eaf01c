/*
 * What operators do to the gateway over its control socket. It needs no signature, for whoever may
 * use the socket, root and the service's user, can end the gateway anyway; but it is on record,
 * with the operator's name and a reason, before it is done. The ledger only records: who carries it
 * out asks ledger_operation. Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_OPERATE_H
#define FEDGATE_LEDGER_OPERATE_H

#include "ipc/control.h"
#include "ledger/state.h"

/* Judges and records it. RESULT_IO and the like end the process. */
MUST_USE enum result operate_record(struct ledger *l, const struct control_request *r,
                                    struct control_answer *a);

#endif
