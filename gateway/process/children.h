/* The roles that stay, as processes: what each is handed, who is connected with whom, when one is
 * started again, in which order all of them stop. Inside process/ only. */
#ifndef FEDGATE_PROCESS_CHILDREN_H
#define FEDGATE_PROCESS_CHILDREN_H

#include "base/log.h"
#include "config/settings.h"
#include "ipc/channel.h"

#include <sys/types.h>

struct children;

/* None of them runs yet. The arguments live as long as the children do. */
struct children *children_new(const char *program, const struct settings *s, const struct log *log);

/* Closes their channels; accepts NULL. */
void children_free(struct children *c);

/* From now on this gift is handed out of a descriptor of the caller's; the others are files and
 * folders, opened anew each time. */
void children_lend(struct children *c, enum ipc_gift gift, int fd);

/* Starts keeper and ledger, each with what roles.def says; and the edge, once a policy set was
 * lent, which the others are handed when there is one, with the console, if its listening socket
 * was lent. False after the log was told why; some may run then. A console that cannot be started
 * is tried again. */
MUST_USE bool children_start(struct children *c);
MUST_USE bool children_start_edge(struct children *c);

/* A console that stayed down is started again; else nothing. */
void children_start_console(struct children *c);

/* Stops all: console and edge first, so that nothing new comes; the ledger next; the keeper last.
 * Who does not stop in time is killed. `signals` is readable after a SIGCHLD. */
void children_stop(struct children *c, int signals);

/* 0 when it does not run. */
pid_t children_pid(const struct children *c, enum ipc_role role);

/* The control channel of a role; NULL when it does not run, or is ending. */
struct channel *children_channel(const struct children *c, enum ipc_role role);

/* A role has closed its control channel: it ends by itself, or the console is ended, and nothing
 * more is heard of it. */
void children_part(struct children *c, enum ipc_role role);

/* Hands a role a gift once more, or another descriptor for it, which stays the caller's. False
 * after the log was told what cannot be opened. */
MUST_USE bool children_give(struct children *c, enum ipc_role role, enum ipc_gift gift);
void children_hand(struct children *c, enum ipc_role role, enum ipc_gift gift, int fd);

/* A fresh channel, a second from now, between a role and the peer that it names (IPC_PEER_LOST), if
 * roles.def lets them talk. */
void children_connect(struct children *c, enum ipc_role role, struct bytes peer);

/* A role says how far it is shut in (IPC_READY). */
void children_ready(struct children *c, enum ipc_role role, struct bytes attained);

/* After a SIGCHLD: takes the ends, and plans to start again who ended. Whether the edge did. */
bool children_reap(struct children *c);

/* A role ended again and again, and was never up for ten seconds: the log was told, and who runs
 * the gateway has to look. Never because of the console, which then stays down (console-down). */
bool children_gave_up(const struct children *c);

/* Starts again who is due, connects again who asked for it, tells the ledger how all stand when
 * that has changed (live.h), and sends what is queued. */
void children_turn(struct children *c);

#endif
