/* Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint): the text that the log's key
 * vouches for. */
#ifndef FEDGATE_AUDIT_NOTE_H
#define FEDGATE_AUDIT_NOTE_H

#include "audit/tree.h"
#include "base/buf.h"
#include "crypto/sign.h"

enum {
    NOTE_NAME_MAX = 128,
    NOTE_SIGNATURES_MAX = 16,
    NOTE_KEY_ED25519 = 0x01,
    NOTE_KEY_COSIGNATURE = 0x04
};

/* A verifier key: name+hex(key id)+base64(type || key). */
struct note_key {
    char name[NOTE_NAME_MAX + 1];
    uint8_t id[4];
    uint8_t type;
    uint8_t key[SIGN_PUBLIC];
};

/* Fills in the id. RESULT_MALFORMED when the name is empty, too long, or has blanks or '+'; reading
 * also RESULT_MISMATCH when the id is not that of the key. */
MUST_USE enum result note_key_make(struct hasher *h, struct bytes name, uint8_t type,
                                   const uint8_t key[SIGN_PUBLIC], struct note_key *out);
MUST_USE enum result note_key_read(struct hasher *h, struct bytes text, struct note_key *out);
void note_key_text(const struct note_key *k, struct buf *out);

/* The secret key of a witness in one line, as Go's note package has it: PRIVATE+KEY+name+id+seed.
 * Appended to `out`, which holds the secret then; read as above, with the public key in `out`. */
void note_secret_text(const struct note_key *k, const uint8_t seed[SIGN_SEED], struct buf *out);
MUST_USE enum result note_secret_read(struct hasher *h, struct bytes text, struct note_key *out,
                                      uint8_t seed[SIGN_SEED]);

/* Appends a signature line of an Ed25519 key, made elsewhere over the text so far (the keeper holds
 * the key). The empty line before the first one is the caller's. */
void note_put_signature(const struct note_key *k, const uint8_t signature[SIGN_SIGNATURE],
                        struct buf *note);

/* The text that is signed (a view), whoever signed it. RESULT_MALFORMED. */
MUST_USE enum result note_body(struct bytes note, struct bytes *body);

/* RESULT_OK when the note is well-formed and this key's signature on it is good; `body` is the
 * signed text (a view). RESULT_MALFORMED for a note of another shape or with more than 16
 * signatures, RESULT_NOT_FOUND without a line of this key, RESULT_MISMATCH when one of its lines is
 * wrong. Lines of other keys are not looked into. */
MUST_USE enum result note_open(struct bytes note, const struct note_key *k, struct bytes *body);

/* The same, and the line of this key with its newline (a view). */
MUST_USE enum result note_find(struct bytes note, const struct note_key *k, struct bytes *body,
                               struct bytes *line);

/* ---- cosignatures (C2SP tlog-cosignature, Ed25519): times in seconds since 1970 */

/* Appends the text that a witness signs: that it saw this checkpoint's body at this time. */
void cosignature_text(struct bytes body, uint64_t time_s, struct buf *out);

/* Appends the line of a witness, whose signature was made over that text. */
void note_put_cosignature(const struct note_key *k, uint64_t time_s,
                          const uint8_t signature[SIGN_SIGNATURE], struct buf *note);

/* The time in a line that note_find gave for a witness's key; 0 for a line of another kind. */
uint64_t cosignature_time(struct bytes line);

/* ---- checkpoints */

/* A checkpoint's body: origin, size, root. Extension lines are read over. */
struct checkpoint {
    struct bytes origin;
    uint64_t size;
    struct tree_hash root;
};

void checkpoint_put(const struct checkpoint *c, struct buf *out);
MUST_USE enum result checkpoint_read(struct bytes body, struct checkpoint *out);

/* The checkpoint of a log in a note that the log's key signed; the key's name is the log's origin.
 * RESULT_MALFORMED, RESULT_NOT_FOUND, RESULT_MISMATCH as note_open, also for another log's
 * checkpoint; *fault (static) says why. */
MUST_USE enum result checkpoint_open(struct bytes note, const struct note_key *log,
                                     struct checkpoint *out, const char **fault);

/* What stands in its lines: a decimal without leading zeros, below 2^64; 32 bytes in base64
 * (RESULT_MALFORMED). */
bool checkpoint_number(struct bytes text, uint64_t *out);
MUST_USE enum result checkpoint_hash(struct bytes text, struct tree_hash *out);

#endif
