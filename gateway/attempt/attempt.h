/*
 * An attempt to open the stored body of one record with everything that the gateway has on its
 * disks: the journal, the key file, the master key and the wrapping secret. Nothing is written, and
 * what opens is wiped at once: only its length is told.
 *
 * The keeper's memory holds the keys of these files and no others, so that this goes as far as the
 * gateway itself could.
 */
#ifndef FEDGATE_ATTEMPT_ATTEMPT_H
#define FEDGATE_ATTEMPT_ATTEMPT_H

#include "base/log.h"
#include "ipc/road.h"

/* Descriptors of folders, the caller's; urgent: the journal's second folder, or -1. */
struct attempt_files {
    int data, keys, urgent;
};

/* One copy of the body, sealed under a scope of its own. */
struct attempt_copy {
    uint64_t scope;
    uint64_t bytes;   /* sealed; 0: they are gone from the journal */
    bool has_slot;    /* the key file has its key, wrapped */
    uint64_t wrapped; /* places where its key may stand wrapped that were tried */
    bool has_key;     /* one of them opened under the wrapping secret in force */
    uint64_t opened;  /* bytes of the body; 0: it did not open */
};

struct attempt {
    uint64_t index;      /* of the leaf "received" */
    uint64_t generation; /* of the wrapping secret */
    uint64_t records;    /* of the journal that were read */
    bool found;          /* the record is among them */
    struct attempt_copy copy[ROAD_BODIES_MAX];
    size_t copies;
};

enum { ATTEMPT_FAULT = 240 };

/*
 * Tries it. `scope` are the scopes that the log names for the record, should the journal not have
 * it any more. RESULT_OK whatever came of it; RESULT_IO, RESULT_DAMAGED, RESULT_MALFORMED and
 * RESULT_NO_MEMORY when it cannot be told, and `fault` says where and why.
 */
MUST_USE enum result attempt_open(const struct attempt_files *files, uint64_t index,
                                  const uint64_t *scope, size_t scopes, struct attempt *out,
                                  char fault[ATTEMPT_FAULT]);

/* Whether any copy opened. */
bool attempt_succeeded(const struct attempt *a);

#endif
