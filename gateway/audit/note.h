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

/* A checkpoint's body: origin, size, root. Extension lines are read over. */
struct checkpoint {
    struct bytes origin;
    uint64_t size;
    struct tree_hash root;
};

void checkpoint_put(const struct checkpoint *c, struct buf *out);
MUST_USE enum result checkpoint_read(struct bytes body, struct checkpoint *out);

#endif
