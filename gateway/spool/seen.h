/*
 * Which messages were decided already: (source, id) is remembered for seven days with a keyed
 * digest of the content, and with what a repeat's receipt takes from nowhere else: the verdict, and
 * by what the sender's salt is made. The rest of the receipt stands in the log, in the message's
 * leaf "received". So a message that everybody has leaves no record that is still needed.
 */
#ifndef FEDGATE_SPOOL_SEEN_H
#define FEDGATE_SPOOL_SEEN_H

#include "ipc/road.h"

#include <sys/queue.h>

struct seen;

/* A body: its scope, and by what its key and salts were made of the scope's. */
struct seen_copy {
    uint64_t scope;
    uint8_t seed[ROAD_SEED];
};

struct seen_message {
    uint8_t key[16 + UUID_BYTES]; /* digest of the source, id */
    uint8_t content[ROAD_TAG];
    uint64_t index; /* of its leaf "received" */
    int64_t at_us;
    TAILQ_ENTRY(seen_message) by_age;
    uint8_t verdict; /* road_verdict */
    uint8_t copies;
    struct seen_copy copy[];
};

struct seen *seen_new(void);
void seen_free(struct seen *s);

/* The message with this source and id that came at `since_us` or later, or NULL. */
const struct seen_message *seen_get(const struct seen *s, struct bytes source,
                                    const struct uuid *id, int64_t since_us);

/* The oldest, or NULL; the others follow it by their age. */
const struct seen_message *seen_oldest(const struct seen *s);

/* It will be remembered soon (map_expect). */
void seen_expect(struct seen *s, const struct road_envelope *e);

/* Remembers it. One that is there already stays, unless it came before `since_us`. */
void seen_add(struct seen *s, const struct road_commit *c, uint64_t index, int64_t since_us);

/* Frees what came before `until_us`: a few thousand at a time, and what stands behind a younger one
 * with that one. */
void seen_forget(struct seen *s, int64_t until_us);

/* ---- snapshots */

/* All that are there are to be written now, and none that comes later. */
void seen_begin_lap(struct seen *s);

/* Appends some of those that are to be written yet, as many as have room in about `most` bytes and
 * one at least; what came before `since_us` is left out. False when none was left. */
bool seen_put(struct seen *s, size_t most, int64_t since_us, struct buf *out);

/* About how many bytes all of them take, and those that are to be written yet. */
size_t seen_bytes(const struct seen *s);
size_t seen_left(const struct seen *s);

/* Takes again what seen_put appended, up to the cursor's end. RESULT_MALFORMED. */
MUST_USE enum result seen_take(struct seen *s, struct cursor *in);

#endif
