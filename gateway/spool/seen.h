/*
 * Which messages were decided already: (source, id) is remembered for seven days with a keyed
 * digest of the content. Where its record lies, the stored message says, which is held as long.
 */
#ifndef FEDGATE_SPOOL_SEEN_H
#define FEDGATE_SPOOL_SEEN_H

#include "ipc/road.h"
#include "spool/stored.h"

struct seen;

struct seen_message {
    uint8_t key[16 + UUID_BYTES]; /* digest of the source, id */
    uint8_t content[ROAD_TAG];
    struct stored *stored;
};

/* Holds messages of this round, which outlives it. */
struct seen *seen_new(struct stored_round *round);
void seen_free(struct seen *s);

/* The message with this source and id that came at `since_us` or later, or NULL. */
const struct seen_message *seen_get(const struct seen *s, struct bytes source,
                                    const struct uuid *id, int64_t since_us);

/* It will be remembered soon (map_expect). */
void seen_expect(struct seen *s, struct bytes source, const struct uuid *id);
void seen_expect_key(struct seen *s, const uint8_t key[16 + UUID_BYTES]);

/* Remembers it. One that is there already stays, unless it came before `since_us`. */
void seen_add(struct seen *s, struct bytes source, const struct uuid *id,
              const uint8_t content[ROAD_TAG], struct stored *stored, int64_t since_us);

/* The same from a snapshot, by the key that it had. */
void seen_restore(struct seen *s, const struct seen_message *m);

/* Frees what came before `until_us`: a few thousand at a time, and what stands behind a younger one
 * with that one. */
void seen_forget(struct seen *s, int64_t until_us);

#endif
