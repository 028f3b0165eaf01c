/*
 * The ledger: what was decided is on disk before anyone is told, and what is due is destroyed. An
 * engine without sockets: messages of the edge in, answers out, a keeper to ask, folders to write.
 * What it writes is one journal (records.def); everything else in it is derived from there, by the
 * same functions when it happens and at recovery.
 *
 *   ledger_handle   takes a message of the edge: adds records, applies them, keeps the answer
 *   ledger_turn     does what is due, commits all that was added with one sync, and only then lets
 * the answers go
 */
#ifndef FEDGATE_LEDGER_LEDGER_H
#define FEDGATE_LEDGER_LEDGER_H

#include "audit/note.h"
#include "base/aside.h"
#include "base/log.h"
#include "crypto/minisign.h"
#include "base/ident.h"
#include "ipc/channel.h"
#include "ipc/live.h"
#include "journal/journal.h"

struct ledger;

enum { LEDGER_WITNESSES_MAX = 8 };

/* A party, as the policy set in force has it. */
struct ledger_party {
    const char *name;
    size_t units;
};

/* One who acts for a party, as the policy set in force names him or her. */
struct ledger_officer {
    char role[IDENT_WORD_MAX + 1]; /* a word of policy/officer_roles.def */
    struct minisign_public key;
    bool reads_all; /* of the register: an auditor's, or of whoever runs the gateway */
    bool operates;  /* of whoever runs the gateway */
    bool of_centre; /* of a centre, whose footage it is */
};

struct ledger_config {
    int journal_folder, key_folder, audit_folder; /* descriptors; stay the caller's. key_folder:
                                                     where the key file's halves are */
    uint32_t segment_bytes, spare_segments;       /* as in journal.h */
    int urgent_folder;                            /* the journal's second one; 0 or less: none */
    uint32_t urgent_segments;                     /* that are kept in it */
    int64_t checkpoint_every_us;
    int64_t clock_jump_us;    /* a clock further ahead is asked about; 0: none is, */
    unsigned destroy_share;   /* when it would end more than so many in a hundred scopes at once */
    int64_t register_keep_us; /* how long the register's facts are kept; 0: none are */
    const char *log_name;
    const char *attained; /* how far the process is shut in, for the log; NULL: nothing is said */
    const struct note_key *witness; /* known witnesses; copied */
    size_t witnesses;
    int64_t witness_late_us; /* how long one may be silent */
    struct clock clock;
    const struct log *log;
    struct aside *log_aside, *journal_aside; /* that write what nobody waits for (base/aside.h):
                                                files of the log, segments ahead; or NULL */
    void *arg;
    /* Asks the keeper and waits; RESULT_UNAVAILABLE when it is not there. */
    enum result (*ask)(void *arg, enum ipc_type type, struct bytes body, enum ipc_type expected,
                       struct buf *reply);
    /* A message for the edge; called from ledger_turn only, after the commit. */
    void (*emit)(void *arg, enum ipc_type type, struct bytes body);
    /* A message for the console; called as `emit` is. NULL: there is none. */
    void (*tell_console)(void *arg, enum ipc_type type, struct bytes body);
    /* The policy set in force, asked for who "party/person" is, and whether it has the "grant
     * MOU#GRANT", "unit PARTY/UNIT" or "party PARTY", or the subject is "certificate SHA-256".
     * NULL: no set is known, and nobody is an officer. */
    bool (*officer)(void *arg, struct bytes name, struct ledger_officer *out);
    bool (*can_suspend)(void *arg, struct bytes subject);
    /* The n-th of its parties, from 0; false behind the last one. NULL: none is known. */
    bool (*party)(void *arg, size_t n, struct ledger_party *out);
    /* Whether it lacks this memorandum, or its term is over by then. NULL, or false without a set:
     * what is under it stays. */
    bool (*mou_is_over)(void *arg, struct bytes mou, int64_t now_us);
    /* Whether "party/unit" is an auditor's, who may read all entries. NULL: nobody is. */
    bool (*is_auditor)(void *arg, struct bytes unit);
    /* Whether the policy set lets "party/unit" use the console. NULL: nobody may. */
    bool (*has_console)(void *arg, struct bytes unit);
};

/* Opens the journal and recovers. RESULT_DAMAGED, RESULT_IO with `fault` filled; RESULT_UNAVAILABLE
 * without a keeper, RESULT_FULL without room on the disk. */
MUST_USE enum result ledger_open(const struct ledger_config *config, struct ledger **out,
                                 struct journal_fault *fault);

/* Frees without committing what was not committed. */
void ledger_close(struct ledger *l);

/* An edge has come or gone. Without one, its consumers and streams are over. */
void ledger_edge_came(struct ledger *l);
void ledger_edge_went(struct ledger *l);

/* A new keeper: it is given the live scopes. */
MUST_USE enum result ledger_keeper_came(struct ledger *l);

/*
 * Takes one message of the edge, and trusts nothing in it. RESULT_MALFORMED, RESULT_TOO_LARGE and
 * the like: not one that an edge sends; RESULT_FULL: something that must be recorded cannot be; the
 * channel ends. RESULT_IO, RESULT_DAMAGED: the process ends. Whatever else the disk has no room for
 * is answered with "not now".
 */
MUST_USE enum result ledger_handle(struct ledger *l, const struct channel_message *m);

/*
 * Answers one request of the control socket (ipc/control.h), whatever its bytes: what is wrong with
 * it is said in the answer, which is appended and may leave only after the next ledger_turn. Other
 * results than RESULT_OK end the process.
 */
MUST_USE enum result ledger_control(struct ledger *l, struct bytes request, struct buf *answer);

/* The same for the console, whose requests the caller has bounded: what it has prepared takes no
 * place from others (acts.h). */
MUST_USE enum result ledger_control_by_console(struct ledger *l, struct bytes request,
                                               struct buf *answer);

/*
 * Takes a view of the console (IPC_CONSOLE_VIEW), and trusts nothing in it. It is answered behind
 * the commit of the next ledger_turn: IPC_CONSOLE_VIEWED, with the leaf, or why there is none and
 * nothing may be shown. RESULT_MALFORMED and the like: not one that a console sends; the channel
 * ends. RESULT_IO and RESULT_DAMAGED: the process ends.
 */
MUST_USE enum result ledger_console_view(struct ledger *l, struct bytes body);

/* There is one anew: the next turn tells it what is suspended (IPC_CONSOLE_BARRED). */
void ledger_console_came(struct ledger *l);

/* Nobody is there any more for the answers that have not left. */
void ledger_console_went(struct ledger *l);

/*
 * A policy set is to come into force (ipc/activation.h). `why` is empty when that is on record and
 * on disk now; else it says why it may not, with one word before the colon. Other results than
 * RESULT_OK end the process; also RESULT_MALFORMED, for only the supervisor asks.
 */
enum { LEDGER_WHY = 200 };
MUST_USE enum result ledger_activate(struct ledger *l, struct bytes body, char why[LEDGER_WHY]);

/* What was recorded last; empty when nothing was. */
struct bytes ledger_in_force(const struct ledger *l);

/*
 * How all roles stand, as the supervisor told (IPC_ROLES): how far each new process is shut in is
 * recorded with the next ledger_turn; without room on the disk, when it is told again. What is no
 * such list changes nothing. Other results than RESULT_OK end the process.
 */
MUST_USE enum result ledger_roles(struct ledger *l, struct bytes roles);

/* Asked at once, and answered later by another process: what the edge has (ipc/live.h). False: the
 * request asks for nothing of it, and is ledger_control's. */
bool ledger_control_asks_edge(struct bytes request, struct live_ask *out);

/* The answer to that, out of what the edge said (IPC_LIVE_SAID), which is checked item by item. */
MUST_USE enum result ledger_control_live(struct bytes said, uint64_t *ticket, struct buf *answer);

/* What an operator's act asks for that is on record now, by the request and what it was answered
 * with (CONTROL_OPERATE). False: it is none, or was refused. */
struct ledger_operation {
    uint8_t act;          /* control_act */
    uint64_t index;       /* of its entry */
    int64_t within_us;    /* CONTROL_DRAIN */
    bool stays;           /* CONTROL_DRAIN: and is not to end then */
    struct bytes subject; /* CONTROL_CUT: a party or unit; a view into the request */
};
bool ledger_operation(struct bytes request, struct bytes answer, struct ledger_operation *out);

/* How many deliveries wait for those who are connected, and can be had by them now. */
size_t ledger_deliverable(const struct ledger *l);

/* How many entries the log has. */
uint64_t ledger_entries(const struct ledger *l);

/* See above. RESULT_IO: the process ends, and nobody was told anything that is not on disk. */
MUST_USE enum result ledger_turn(struct ledger *l);

/* How long until ledger_turn has something to do by itself, at most `most_us`. */
int64_t ledger_idle_us(const struct ledger *l, int64_t most_us);

/* For tests and a clean end: publishes a checkpoint over everything committed. */
MUST_USE enum result ledger_checkpoint(struct ledger *l);

#endif
