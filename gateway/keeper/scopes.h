/* The keys of scopes in the keeper's locked memory, found by id and by tuple. Inside keeper/ only.
 */
#ifndef FEDGATE_KEEPER_SCOPES_H
#define FEDGATE_KEEPER_SCOPES_H

#include "ipc/keys.h"

struct scope {
    uint64_t id;
    uint8_t tuple[ROAD_DIGEST];
    uint8_t *key;      /* in locked memory */
    bool doomed;       /* erased by the rotation under way: nobody gets its key any more */
    uint64_t kept_for; /* the generation that it was wrapped again for */
};

struct scopes;

struct scopes *scopes_new(void);
void scopes_free(struct scopes *s); /* wipes */

/* A scope for the tuple, with a new random key and id when there is none; NULL when no more memory
 * may be locked. */
struct scope *scopes_for(struct scopes *s, const uint8_t tuple[ROAD_DIGEST]);
struct scope *scopes_get(struct scopes *s, uint64_t id);

/* Adds a scope with a known key; one with the same id stays as it is. NULL as above. */
struct scope *scopes_add(struct scopes *s, uint64_t id, const uint8_t tuple[ROAD_DIGEST],
                         const uint8_t key[ROAD_KEY]);

/* Forgets all that were not wrapped again for this generation, or everything. */
void scopes_keep_only(struct scopes *s, uint64_t generation);
void scopes_forget_all(struct scopes *s);

#endif
