/* The supervisor's own: its state, and its turns, which its tests have it take. Inside process/
 * only.
 */
#ifndef FEDGATE_PROCESS_SUPERVISOR_STATE_H
#define FEDGATE_PROCESS_SUPERVISOR_STATE_H

#include "process/children.h"
#include "process/manager.h"

/* A policy set on its way into force: compiled; made ready by the edge; on record in the ledger. */
enum trial { TRIAL_NONE, TRIAL_AT_EDGE, TRIAL_AT_LEDGER };

struct supervisor {
    const char *program, *config_path;
    struct settings settings;
    int settings_fd, snapshot_fd, listener_fd, control_fd, signals; /* snapshot_fd: -1 at first */
    int console_fd; /* where it listens; -1: there is no console */
    int metrics_fd; /* where it answers /metrics to this machine; -1: nowhere */
    enum trial trial;
    int trial_fd;        /* the set, or -1 */
    pid_t trial_edge;    /* the edge that made it ready, or 0 */
    struct buf claim;    /* what the ledger is asked with */
    struct buf in_force; /* what the ledger told of the set in force; passed on unread */
    bool ledger_spoke;   /* in_force is what this ledger told */
    struct children *roles;
    struct manager manager;
    struct log log;
    bool reload_wanted, stopping, failed;
    bool is_asked, answers; /* the ledger waits for a reload that has not begun; for this one */
};

/* Nothing is open, and no role runs. */
void supervisor_begin(struct supervisor *s, const char *program, const char *config_path);

/* A role said this. */
void supervisor_take(struct supervisor *s, enum ipc_role role, const struct channel_message *m);

/* Waits for roles and signals, a tenth of a second at most, and does what is due. */
void supervisor_turn(struct supervisor *s);

#endif
