/*
 * The whole gateway in one process, on a clock that a test turns: the real engines of edge, ledger
 * and keeper, with the messages between them carried by hand. No sockets, no TLS; real files in a
 * temporary folder.
 */
#ifndef FEDGATE_TESTS_HOUSE_H
#define FEDGATE_TESTS_HOUSE_H

#include "ipc/console_road.h"
#include "keeper/keeper.h"
#include "ledger/ledger.h"
#include "policy/policy.h"
#include "service/edge.h"

struct house;

/* A house with the policy set in `policy_folder` (compiled as a draft), its clock at `wall_us`.
 * Aborts with a message on failure. */
struct house *house_new(const char *policy_folder, int64_t wall_us);
void house_free(struct house *h); /* removes its files */

int64_t house_now(const struct house *h);
void house_set_clock(struct house *h, int64_t wall_us);

/* Moves the clock in steps of at most a second, letting everything happen that is due. */
void house_advance(struct house *h, int64_t us);

/* Carries messages to and fro until nothing moves. */
void house_settle(struct house *h);

/* Kills a role as kill -9 does, and starts it again. */
void house_restart_ledger(struct house *h);
void house_restart_keeper(struct house *h);
void house_restart_edge(struct house *h);

/* Without a ledger or keeper, until the next restart. */
void house_kill_ledger(struct house *h);

/* The policy set anew, from a folder. */
void house_set_policy(struct house *h, const char *policy_folder);

/* The policy set of policy/, and those added before, with one memorandum more. */
void house_add_key(struct house *h, const char *file, struct bytes text); /* to inventory/keys/ */
void house_add_memorandum(struct house *h, const char *path);

struct edge *house_edge(struct house *h);
struct ledger *house_ledger(struct house *h);
const char *house_folder(const struct house *h); /* with journal/, audit/, keys/ below */

/* Commits, signs and settles the log; then the count of leaves with this event ("" : all). */
size_t house_count_leaves(struct house *h, const char *event);

/* Calls `each` with every leaf of the log, as JSON. */
void house_each_leaf(struct house *h, void (*each)(void *arg, struct bytes leaf), void *arg);

/* Reads all that the register keeps, as an auditor's records-officer does who signs for it, and
 * hands each fact to `each`; aborts when that is refused. */
struct register_opened;
void house_each_fact(struct house *h, void (*each)(void *arg, const struct register_opened *o),
                     void *arg);

/* The console says that this is looked at; what the ledger answers behind its commit. */
struct console_viewed house_view(struct house *h, const struct console_view *v);

/* Who may sign acts in the house: one officer, with this key; for house_each_fact. */
struct minisign_public;
void house_appoint(struct house *h, const char *name, const struct minisign_public *key);

/* Whether the log verifies with the keeper's key; the fault's text is printed when not. */
bool house_log_verifies(struct house *h);

#endif
