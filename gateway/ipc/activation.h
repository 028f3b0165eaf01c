/*
 * What a policy set says of itself when it is to come into force: made by the compiler, which
 * checked the signatures; passed on by the supervisor unread; judged and recorded by the ledger.
 * The ledger gives the last one back, because it names who may sign the next set.
 */
#ifndef FEDGATE_IPC_ACTIVATION_H
#define FEDGATE_IPC_ACTIVATION_H

#include "base/buf.h"
#include "base/cursor.h"

enum { ACTIVATION_OFFICERS = 16, ACTIVATION_DIGEST = 32, ACTIVATION_ID = 8, ACTIVATION_KEY = 32 };

struct activation_officer {
    struct bytes name;         /* party/person; empty: known by the key only */
    uint8_t id[ACTIVATION_ID]; /* of the minisign key */
    uint8_t key[ACTIVATION_KEY];
};

struct activation {
    struct bytes set; /* its name */
    uint64_t serial;
    uint8_t sha256[ACTIVATION_DIGEST];
    bool signatures_required;
    struct activation_officer signer[ACTIVATION_OFFICERS]; /* whose signatures verified */
    size_t signers;
    uint64_t fallback_serial; /* 0: none */
    uint8_t fallback_sha256[ACTIVATION_DIGEST];
    struct activation_officer next[ACTIVATION_OFFICERS]; /* who may sign the next set */
    size_t nexts;
};

void activation_put(const struct activation *a, struct buf *out);

/* Texts are views into the input. RESULT_MALFORMED, RESULT_RANGE, RESULT_END. */
MUST_USE enum result activation_take(struct cursor *in, struct activation *out);

#endif
