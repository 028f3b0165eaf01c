/*
 * One entry of the audit log: a JSON object in canonical form (RFC 8785), at most LEAF_MAX bytes.
 * It holds words of the active policy set, names of units, counts, times and commitments; never
 * anything out of a message's body.
 */
#ifndef FEDGATE_AUDIT_LEAF_H
#define FEDGATE_AUDIT_LEAF_H

#include "base/buf.h"
#include "base/clock.h"

enum audit_event {
#define V(NAME, word, en, ko) AUDIT_##NAME,
#include "audit/events.def"
#undef V
    AUDIT_EVENT_COUNT
};

const char *audit_event_word(enum audit_event e);
const char *audit_event_text(enum audit_event e, bool korean);

/* RESULT-free look-up: AUDIT_EVENT_COUNT when the word is no event's. */
enum audit_event audit_event_of_word(struct bytes word);

/* What an entry may say beside its event (words.def), in the table's order; NULL past the last. */
enum audit_place { AUDIT_LEAF, AUDIT_RECIPIENT, AUDIT_DETAIL, AUDIT_PLACES };
struct audit_word {
    enum audit_place place;
    const char *word, *text[2]; /* English, Korean */
};
const struct audit_word *audit_word_at(size_t i);

enum { LEAF_MAX = 65535, LEAF_SALT = 16, LEAF_COMMITMENT = 32, LEAF_LIST_MAX = 64 };

/* What was decided for one recipient. */
struct leaf_recipient {
    struct bytes unit;   /* party/unit */
    struct bytes reason; /* reason's word: "permitted", "no-grant" ... */
    struct bytes clause; /* "mou#grant", empty when none */
    struct bytes failed; /* the condition that did not hold, empty when permitted */
    struct bytes
        flags; /* words of reasons it was flagged with, separated by blanks; may be empty */
    int64_t deadline_us; /* 0: none */
};

/* Everything a leaf may say; empty views, zero numbers and NULL are left out of the JSON. */
struct leaf {
    uint8_t salt[LEAF_SALT];
    uint64_t index;
    int64_t time_us;
    enum audit_event event;
    struct bytes id, source, kind, service, purpose, basis, status, lane;
    const struct bytes *incident;
    size_t incidents;
    const struct leaf_recipient *recipient;
    size_t recipients;
    uint64_t policy;           /* serial of the set */
    uint64_t size;             /* bytes */
    const uint8_t *commitment; /* 32 bytes, or NULL */
    bool has_refers;
    uint64_t refers;     /* index of the leaf that this one is about */
    const uint8_t *fact; /* commitment over its fact in the register (fact.h): 32 bytes, or NULL */
    struct bytes detail; /* words of ours only, such as "scope=7 method=key-erased level=file" */
};

/* The value of `key` in a detail, "key=value key=value"; each call goes on behind the one before.
 * False when there is no more. */
bool leaf_detail(struct bytes *detail, const char *key, struct bytes *value);

/* Takes the next of "12,15-18", as acknowledged and set-aside list entries; one number is a range
 * of itself. False when there is no more. */
bool leaf_range(struct bytes *ranges, uint64_t *from, uint64_t *to);

/* Appends the canonical JSON. RESULT_TOO_LARGE past LEAF_MAX or LEAF_LIST_MAX, RESULT_MALFORMED
 * when a view is not valid UTF-8, RESULT_RANGE for a negative number or one of 2^53 or more,
 * RESULT_UNKNOWN for no event; nothing is appended then. */
MUST_USE enum result leaf_write(const struct leaf *leaf, struct buf *out);

/* Reads an entry back: views point into `room`, which the caller keeps and frees with
 * leaf_room_free. RESULT_MALFORMED when it is not such an object in canonical form. */
struct leaf_room;
MUST_USE enum result leaf_read(struct bytes entry, struct leaf *leaf, struct leaf_room **room);
void leaf_room_free(struct leaf_room *room);

#endif
