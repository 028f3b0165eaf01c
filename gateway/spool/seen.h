/*
 * Which messages were decided already: (source, id) is remembered for seven days with a keyed
 * digest of the content. The memory holds where the record lies, not what it says.
 */
#ifndef FEDGATE_SPOOL_SEEN_H
#define FEDGATE_SPOOL_SEEN_H

#include "ipc/road.h"
#include "journal/journal.h"

struct seen;

struct seen_message {
    uint8_t key[16 + UUID_BYTES]; /* digest of the source, id */
    uint8_t content[ROAD_TAG];
    uint64_t index;
    int64_t at_us;
    struct journal_place place;
};

struct seen *seen_new(void);
void seen_free(struct seen *s);

/* The message with this source and id, or NULL. */
const struct seen_message *seen_get(const struct seen *s, struct bytes source,
                                    const struct uuid *id);

/* Remembers it. One that is there already stays. */
void seen_add(struct seen *s, struct bytes source, const struct uuid *id,
              const uint8_t content[ROAD_TAG], uint64_t index, int64_t at_us,
              struct journal_place place);

/* Forgets what was seen before `until_us`; a few thousand at a time. */
void seen_forget(struct seen *s, int64_t until_us);

#endif
