/*
 * What a witness has to see before it signs (C2SP tlog-witness): the checkpoint is the log's, and
 * its tree holds all of the one that the witness signed last. Pure: the caller persists what was
 * seen before it signs, and lets no two run at once.
 */
#ifndef FEDGATE_AUDIT_WITNESS_H
#define FEDGATE_AUDIT_WITNESS_H

#include "audit/proof.h"

/* The file beside the tiles that keeps what a witness confirmed last: the checkpoint as the log
 * signed it, and the witness's line. */
enum { WITNESS_FILE = 32 };
void witness_file(const struct note_key *witness, char out[WITNESS_FILE]);

/* What it confirmed last, as that file in the log's folder says; its signature is verified.
 * RESULT_NOT_FOUND when there is none; RESULT_MISMATCH, RESULT_MALFORMED, RESULT_TOO_LARGE,
 * RESULT_IO. */
struct witness_confirmed {
    uint64_t time_s; /* when, in seconds since 1970 */
    uint64_t size;   /* so many entries of the log */
};
MUST_USE enum result witness_last(int folder, const struct note_key *witness,
                                  struct witness_confirmed *out);

struct witness_request {
    const struct note_key *log;
    struct bytes seen; /* the note signed last; empty: none yet */
    struct bytes note; /* the one to be signed */
    struct proof_source tiles;
};

struct witness_report {
    struct checkpoint seen, now; /* views into the notes */
    char fault[240];             /* what is wrong; empty when nothing is */
};

/* RESULT_OK: it may be signed. RESULT_MISMATCH: never, for the log shrank or was forked, or is
 * another one. Others: it cannot be told now (tiles that are missing, a note that is none). */
MUST_USE enum result witness_check(struct hasher *h, const struct witness_request *request,
                                   struct witness_report *report);

/* Appends the witness's line over the checkpoint in `note`, which was checked. */
void witness_sign(const struct note_key *witness, const uint8_t seed[SIGN_SEED], struct bytes note,
                  uint64_t time_s, struct buf *line);

#endif
