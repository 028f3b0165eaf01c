/*
 * The seal of a policy set. set.yaml lists every file of the set with its SHA-256, and two officers
 * sign it; the parties that acknowledge a memorandum sign its file. Whoever compiles a set may ask
 * for the seal: files are then checked before they are parsed, and what is compiled is what was
 * checked.
 */
#ifndef FEDGATE_POLICY_SEAL_H
#define FEDGATE_POLICY_SEAL_H

#include "base/ident.h"
#include "config/diagnose.h"
#include "crypto/digest.h"
#include "crypto/minisign.h"

enum {
    SEAL_SIGNERS = 2, /* officers whose signatures are needed */
    SEAL_OFFICERS_MAX = 16,
    SEAL_KNOWN = 2,
    SEAL_NAME = IDENT_UNIT_MAX + 1, /* party/person, with NUL */
    SEAL_PATH = 256,
    SEAL_FILES_MAX = 1024
};

/* ---- who may sign */

struct seal_officer {
    char name[SEAL_NAME]; /* party/person; "": known by the key only */
    struct minisign_public key;
};

/* Officers of the set in force; at first those of the configuration. A set.yaml with one of the
 * `known` digests needs no signatures of theirs: it is the one in force, which others may have
 * signed, or the fallback that it names. */
struct seal_trust {
    struct seal_officer officer[SEAL_OFFICERS_MAX];
    size_t officers;
    uint8_t known[SEAL_KNOWN][SHA256_BYTES];
    size_t knowns;
};

/* One more of them; at most SEAL_KNOWN. */
void seal_trust_know(struct seal_trust *t, const uint8_t sha256[SHA256_BYTES]);

/* Adds one; false when there are too many. A key that is there already counts once. */
bool seal_trust_add(struct seal_trust *t, struct bytes name, const struct minisign_public *key);

/* ---- what was found */

enum seal_state {
#define STATE(NAME, word, verdict, en, ko) SEAL_##NAME,
#include "policy/seal_states.def"
#undef STATE
    SEAL_STATES
};
const char *seal_state_text(enum seal_state state, bool korean);
bool seal_state_is_good(enum seal_state state);

/* What a set is called for its seal, worse ones last: signed as it must be; too few signatures;
 * none, or no list of files; signatures over an earlier text; by other keys; changed. */
enum seal_verdict {
    SEAL_IS_GOOD,
    SEAL_IS_PARTIAL,
    SEAL_IS_STRIPPED,
    SEAL_IS_STALE,
    SEAL_IS_FOREIGN,
    SEAL_IS_TAMPERED
};
const char *seal_verdict_word(enum seal_verdict v);

/* One file, and who has to do with it ("": nobody in particular). */
struct seal_row {
    char file[SEAL_PATH], who[SEAL_NAME];
    enum seal_state state;
};

/* What a set says of itself, for whoever activates it. */
struct seal_claim {
    char set[IDENT_WORD_MAX + 1];
    uint64_t serial;
    uint8_t sha256[SHA256_BYTES]; /* of set.yaml; of all files when they are not sealed */
    struct seal_officer signer[SEAL_OFFICERS_MAX]; /* whose signatures verify */
    size_t signers;
    uint64_t fallback_serial; /* 0: none */
    uint8_t fallback_sha256[SHA256_BYTES];
    struct seal_trust next; /* who may sign the next set */
};

struct seal;

/* To compile with (struct policy_sources). `enforce`: what is wrong is an error, told in the
 * diagnostics, and nothing is parsed that was not checked. Else it is only found out. `trust`
 * outlives the seal. */
struct seal *seal_new(const struct seal_trust *trust, bool enforce);
void seal_free(struct seal *s);

/* After the compilation. Rows in the order of set.yaml and memoranda; false past the last. */
enum seal_verdict seal_verdict(const struct seal *s);
const struct seal_claim *seal_claim(const struct seal *s);
bool seal_row(const struct seal *s, size_t i, struct seal_row *out);

/* ---- the list of files (manifest.c) */

struct manifest_file {
    char path[SEAL_PATH]; /* below the set's folder */
    uint8_t sha256[SHA256_BYTES];
};

/* Zeroed, it is empty; manifest_free afterwards. */
struct manifest {
    struct manifest_file *file; /* by path */
    size_t count, room;
};

/* Every file of the set in `folder` but set.yaml, signatures/, and those whose names begin with a
 * dot, which nothing reads. On errors `path` says where: RESULT_IO, RESULT_TOO_LARGE (more or
 * larger files than a set has), RESULT_DENIED (neither file nor folder). */
MUST_USE enum result manifest_list(int folder, struct manifest *out, char path[SEAL_PATH]);
void manifest_free(struct manifest *m);

/* One digest over all files and set.yaml's own: what a set that is not sealed is named by. */
void manifest_digest(const struct manifest *m, const uint8_t set_sha256[SHA256_BYTES],
                     uint8_t out[SHA256_BYTES]);

/* The file with this path, or NULL. */
const struct manifest_file *manifest_get(const struct manifest *m, const char *path);

/* Adds a file; false when it is there already or the list is full. */
bool manifest_add(struct manifest *m, const char *path, const uint8_t sha256[SHA256_BYTES]);

/* set.yaml with this list as its `files`, in place of what stood there, or at its end; the rest as
 * it was. RESULT_MALFORMED when `files` is not written as lines of their own. */
MUST_USE enum result manifest_write(const struct manifest *m, struct bytes set_yaml,
                                    struct buf *out);

/* Copies the listed files, the signatures and, last, set.yaml to `to`, and syncs them; what an
 * attempt that ended has left there is overwritten. RESULT_MISMATCH when a file is not what is
 * listed any more, RESULT_IO. */
MUST_USE enum result manifest_copy(const struct manifest *m, int folder, int to,
                                   const uint8_t set_sha256[SHA256_BYTES]);

/* What was found in the folder, for manifest_copy; with set.yaml's own digest. */
const struct manifest *seal_files(const struct seal *s, uint8_t set_sha256[SHA256_BYTES]);

#endif
