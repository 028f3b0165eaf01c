/* What every role does at its start: takes its gifts from the supervisor, closes the door, says
 * that it is ready. */
#ifndef FEDGATE_PROCESS_ROLE_H
#define FEDGATE_PROCESS_ROLE_H

#include "base/log.h"
#include "config/settings.h"
#include "ipc/channel.h"

/* The control channel is this descriptor in every role. */
enum { ROLE_CONTROL_FD = 3 };

/* How long a role waits for an answer of the keeper's. */
#define ROLE_KEEPER_PATIENCE (2 * US_PER_S)

struct role {
    enum ipc_role id;
    struct channel *control;
    int gift[GIFT_COUNT]; /* -1: not given */
    struct log log;
    struct settings settings;
    char attained[48]; /* how far the door could be closed: "landlock=7 calls=89 memory=locked" */
    char config_name[SETTINGS_TEXT]; /* the configuration file, for messages; the compiler's */
};

/* Hides the process, then takes gifts until START comes. RESULT_CLOSED when the supervisor went;
 * RESULT_MALFORMED for settings that are not well-formed. */
MUST_USE enum result role_begin(struct role *r, enum ipc_role id);

/* Asks the scheduler for short turns: who has less to do at once is let in front of who computes.
 * Before the door is closed. A kernel before Linux 6.12 has none, and nothing changes. */
void role_ask_short_turns(const struct role *r);

/* The groups of system calls that a role may make, by roles.def: bits of enum sandbox_group. */
unsigned role_calls(enum ipc_role id);

/* Sandbox by roles.def, then READY. */
MUST_USE enum result role_close_door(struct role *r);

/* Takes a gift that came later; a gift that was there is closed. The descriptor is the role's. */
void role_take_gift(struct role *r, const struct channel_message *m);

/* The descriptor of a gift, which is the caller's from now on; -1 when there is none. */
int role_claim(struct role *r, enum ipc_gift gift);

/* Answers IPC_PING: whether this role is in service, and how much it has (messages.def). */
void role_pong(struct role *r, bool serves, uint64_t count);

/* Tells the supervisor that this role gave its channel to a peer up, though that may still run: a
 * new one comes as a gift to both. */
void role_lost_peer(struct role *r, enum ipc_role peer);

/* All that a file holds, at most `most` bytes, appended. */
MUST_USE enum result role_read_file(int fd, size_t most, struct buf *out);

/* Maps a block read-only, and closes the descriptor; it stays mapped for the process's life or
 * until role_unmap. RESULT_IO when it is empty or not sealed: whoever made it may be hostile, and
 * could change it after it was checked. */
MUST_USE enum result role_map(int fd, struct bytes *out);
void role_unmap(struct bytes block);

void role_end(struct role *r);

/* The entry functions, one file each: what becomes of a role is its exit code (0: asked to stop).
 */
int keeper_main(void);
int ledger_main(void);
int edge_main(void);
int console_main(void);
int compiler_main(void);

#endif
