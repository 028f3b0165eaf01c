/* The ledger's process, as its files share it: ledger.c, and ledger_policy.c, which looks up in the
 * policy set what the engine asks. Inside process/ only. */
#ifndef FEDGATE_PROCESS_LEDGER_ROLE_H
#define FEDGATE_PROCESS_LEDGER_ROLE_H

#include "ledger/ledger.h"
#include "policy/policy.h"
#include "process/desk.h"
#include "process/role.h"

struct ledger_role {
    struct role role;
    struct ledger *ledger;
    struct channel *edge, *keeper, *console; /* NULL: it is not there */
    bool console_waits;                      /* more of it was heard than one turn takes */
    struct desk *desk;
    struct aside *log_aside, *journal_aside; /* NULL: the ledger waits for what they would do */
    struct bytes snapshot;                   /* mapped */
    struct policy *policy;                   /* NULL: none can be read, and nobody is an officer */
    bool stopping;
};

/* Takes the snapshot that was given, if one was; what is none leaves the one before in force. */
void ledger_adopt_policy(struct ledger_role *l);

/* Has the engine ask this role, which is to be its `arg`, for officers, parties and units. */
void ledger_ask_policy(struct ledger_config *config);

#endif
