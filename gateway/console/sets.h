/*
 * The policy sets that came into force, from the archive of their copies: compiled again, to be
 * shown. What an archive says counts for nothing by itself: a copy is a set only when its digest is
 * the one that the log has on record for it.
 */
#ifndef FEDGATE_CONSOLE_SETS_H
#define FEDGATE_CONSOLE_SETS_H

#include "audit/leaf.h"
#include "base/ident.h"
#include "crypto/digest.h"
#include "policy/policy.h"

/* One that came into force, as its leaf says. */
struct activated {
    uint64_t index, serial, previous; /* previous 0: none */
    int64_t time_us;
    uint8_t sha256[SHA256_BYTES];
    char name[IDENT_WORD_MAX + 1];
    char officers[1024]; /* who signed it, "party/person,party/person"; may be empty */
    bool required;       /* signatures were */
};

/* False for a leaf that is no such record. */
bool activated_read(const struct leaf *leaf, struct activated *out);

enum set_state {
    SET_GOOD,
    SET_ABSENT,  /* the archive has no copy of it */
    SET_CHANGED, /* what stands there is not what came into force */
    SET_BROKEN,  /* this version does not understand it */
    SET_BUSY     /* as many are held as can be: ask again */
};

struct sets;
struct kept_set;

enum { SETS_KEPT = 4 };

/* `archive`: the folder's descriptor, which stays the caller's; -1: there is none. */
struct sets *sets_new(int archive);
void sets_free(struct sets *s); /* accepts NULL */

/* The set of this record, compiled unless it is at hand; NULL and *why otherwise. At most SETS_KEPT
 * are kept: the one that was asked for longest ago gives way, unless somebody holds it. Let go by
 * sets_release. */
struct kept_set *sets_hold(struct sets *s, const struct activated *a, enum set_state *why);
void sets_release(struct kept_set *k); /* accepts NULL */

const struct policy *kept_policy(const struct kept_set *k);

/* Appends a file of the set, as it was when the set came into force. RESULT_NOT_FOUND: the set has
 * no such file; RESULT_MISMATCH: the copy changed since; RESULT_TOO_LARGE, RESULT_IO. */
MUST_USE enum result kept_file(const struct kept_set *k, const char *path, struct buf *out);

/* The digest of a file of the set; NULL: it has none such. Path by path: NULL past the last. */
const uint8_t *kept_digest(const struct kept_set *k, const char *path);
const char *kept_path(const struct kept_set *k, size_t i);

#endif
