/*
 * The ledger's desk: its control socket, and what others than the ledger's engine have to answer or
 * to do for whoever asks there. What an operator orders is carried out when it is on disk, never
 * before. Inside process/ only.
 */
#ifndef FEDGATE_PROCESS_DESK_H
#define FEDGATE_PROCESS_DESK_H

#include "ipc/channel.h"
#include "ledger/ledger.h"
#include "process/control.h"

/* Whom the desk asks and answers; `edge` and `console` are NULL while there is none. */
struct desk_peers {
    struct ledger *ledger;
    struct channel *edge, *supervisor, *console;
};

struct desk;

/* Over a listening socket, as control_new. */
struct desk *desk_new(int listener);
void desk_free(struct desk *d);
void desk_poll(const struct desk *d, struct pollfd p[CONTROL_POLLS]);

/* Takes requests, as control_hear. What it returns other than RESULT_OK ends the process. */
MUST_USE enum result desk_hear(struct desk *d, const struct pollfd p[CONTROL_POLLS], int64_t now_us,
                               const struct desk_peers *peers);

/* After the commit: carries out what was ordered, and lets answers go. */
void desk_turn(struct desk *d, int64_t now_us, const struct desk_peers *peers);

/* Takes a question of the console (IPC_CONSOLE_ASK), answered as at the socket, but for
 * console_asks.h. RESULT_IO and RESULT_DAMAGED end the process, others the channel. */
MUST_USE enum result desk_console_asks(struct desk *d, struct bytes body, int64_t now_us,
                                       const struct desk_peers *peers);
void desk_console_went(struct desk *d);

/* A message of the edge that is for the desk: whether it is one; and takes it. RESULT_MALFORMED and
 * the like end the channel. */
bool desk_is_for(enum ipc_type type);
MUST_USE enum result desk_edge_said(struct desk *d, const struct channel_message *m);

/* A new edge knows of no drain. */
void desk_edge_came(struct desk *d, const struct desk_peers *peers);

/* The supervisor says how all roles stand (IPC_ROLES); what is none of it changes nothing. */
void desk_roles(struct desk *d, struct bytes roles);

/* The supervisor says what became of a reload: empty, or why it was refused. */
void desk_reload_ended(struct desk *d, struct bytes why);

#endif
