/* Checking a whole log offline, with nothing but its folder and its verifier key. */
#ifndef FEDGATE_AUDIT_VERIFY_H
#define FEDGATE_AUDIT_VERIFY_H

#include "audit/note.h"

struct verify_request {
    int folder;
    const struct note_key *key; /* of the log; its name is the log's origin */
    struct bytes old; /* a note saved earlier, whose tree the log must contain; may be empty */
    bool leaves;      /* parse every entry too: a leaf of ours, in canonical form, at its index */
    bool partial;     /* a copy with the entries of some time only: where a bundle is missing, the
                         hashes of its tile stand for it */
    void (*progress)(void *arg, uint64_t done,
                     uint64_t size); /* called now and then; may be NULL */
    void *arg;
};

struct verify_report {
    uint64_t size; /* entries under the checkpoint */
    struct tree_hash root;
    uint64_t checked; /* entries hashed so far */
    uint64_t absent;  /* of these, entries whose bundle is missing (partial) */
    char fault[240];  /* where and what is wrong; empty when nothing is */
};

/*
 * Opens the checkpoint with the key, hashes every entry, and compares every tile of every level
 * with what the entries give, and the root with the checkpoint. RESULT_OK; RESULT_MISMATCH,
 * RESULT_MALFORMED, RESULT_NOT_FOUND, RESULT_IO with report->fault filled.
 */
MUST_USE enum result audit_verify(const struct verify_request *request,
                                  struct verify_report *report);

#endif
