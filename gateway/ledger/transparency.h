/*
 * What units may see of the audit log, and what witnesses say of it. Inside ledger/ only.
 *
 *   transparency.c  checkpoints, tiles and proofs for whoever asks through the edge; each reading
 *                   that shows entries is a leaf itself, on disk before the answer leaves
 *   witnesses.c     confirmations of known witnesses: kept on disk, put under checkpoints and
 *                   proofs; an alarm when one has been silent for too long
 */
#ifndef FEDGATE_LEDGER_TRANSPARENCY_H
#define FEDGATE_LEDGER_TRANSPARENCY_H

#include "ipc/log_road.h"
#include "ledger/state.h"

#include <sys/queue.h>

/* A known witness, and the newest checkpoint that it confirmed. */
struct ledger_witness {
    struct note_key key;
    struct buf note; /* as the log signed it; empty: none yet */
    struct buf line; /* the witness's own, under it */
    uint64_t size;
    int64_t at_us; /* what the line says; while there is none, when the ledger was opened */
    bool late;     /* and that was told */
    bool unsaved;  /* its file does not have it: the disk was full */
};

/* A proof that waits for a checkpoint which covers its entry. */
struct waiting_proof {
    TAILQ_ENTRY(waiting_proof) next;
    uint64_t ticket, index;
};

struct transparency {
    struct ledger_witness witness[LEDGER_WITNESSES_MAX];
    size_t witnesses;
    struct buf checkpoint; /* published last, as the log signed it */
    TAILQ_HEAD(, waiting_proof) waiting;
    size_t waiting_count;
    struct map *readers; /* of hashes: when that was recorded last, by unit */
    struct buf text, entry;
};

/* Reads what the witnesses confirmed before; what is damaged there is told, and forgotten. */
struct transparency *transparency_new(struct ledger *l);
void transparency_free(struct transparency *t);

/* Takes IPC_LOG_ASK. */
MUST_USE enum result transparency_ask(struct ledger *l, struct bytes body);

/* A checkpoint was published (a view of the note, as the log signed it): proofs that waited for it
 * are answered. */
MUST_USE enum result transparency_published(struct ledger *l, struct bytes note);

/* Nobody is there any more who waits for a proof. */
void transparency_edge_went(struct ledger *l);

/* The published checkpoint once more, with what its witnesses say now. RESULT_IO. */
MUST_USE enum result transparency_republish(struct ledger *l);

/* How many witnesses confirmed exactly this checkpoint. */
size_t witnesses_count(const struct transparency *t, struct bytes note);
void witnesses_open(struct ledger *l, struct transparency *t);
void witnesses_close(struct transparency *t);

/* Whether witnesses are late, or back; recorded before the commit. */
MUST_USE enum result witnesses_turn(struct ledger *l, int64_t now_us);

/* Appends the lines of all witnesses that confirmed exactly this checkpoint. */
void witnesses_put_lines(const struct transparency *t, struct bytes note, struct buf *out);

/* The checkpoint with the most confirmations among those that cover an index, the newest of these;
 * the published one when there is none. Appended with its lines. RESULT_NOT_FOUND when none covers
 * it. */
MUST_USE enum result witnesses_best(const struct transparency *t, uint64_t index, struct buf *out);

/* Takes a note that somebody handed in: LOG_HERE when a known witness confirmed it, and it is on
 * disk; LOG_WRONG, LOG_DENIED. */
MUST_USE enum result witnesses_take(struct ledger *l, struct bytes note, enum log_answer *answer);

#endif
