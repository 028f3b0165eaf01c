/*
 * Keys and signatures in minisign's format (https://jedisct1.github.io/minisign): Ed25519 over a
 * text or over its BLAKE2b-512, with a trusted comment under a second signature. Interoperable with
 * that program both ways. Lines end with LF or CR LF; anything that is not the format, also behind
 * its end, is refused.
 */
#ifndef FEDGATE_CRYPTO_MINISIGN_H
#define FEDGATE_CRYPTO_MINISIGN_H

#include "base/buf.h"
#include "crypto/sign.h"

enum {
    MINISIGN_ID = 8,
    MINISIGN_ID_TEXT = 17,       /* with NUL */
    MINISIGN_COMMENT_MAX = 900,  /* bytes of an untrusted comment; minisign's own line is 1,024 */
    MINISIGN_TRUSTED_MAX = 8000, /* of a trusted one; there the line is 8,192 */
    MINISIGN_FILE_MAX = 16384
};

/* ---- public keys and signatures (minisign.c) */

struct minisign_public {
    uint8_t id[MINISIGN_ID]; /* random; names the key, proves nothing */
    uint8_t key[SIGN_PUBLIC];
};

/* A signature; `trusted` is a view into the text that it was read from. */
struct minisign_signature {
    bool prehashed;
    uint8_t id[MINISIGN_ID]; /* of the key */
    uint8_t signature[SIGN_SIGNATURE], global[SIGN_SIGNATURE];
    struct bytes trusted;
};

/* RESULT_MALFORMED, RESULT_END or RESULT_TOO_LARGE unless the whole text is a public key. */
MUST_USE enum result minisign_public_read(struct bytes text, struct minisign_public *out);

/* Appends the key's text. The comment is for people, and proves nothing; empty: as minisign has it.
 */
void minisign_public_write(const struct minisign_public *key, struct bytes comment,
                           struct buf *out);

/* Whether it may stand as a comment: UTF-8 without control characters but TAB, not too long. */
bool minisign_is_comment(struct bytes comment);

/* The key's id as minisign prints it: 16 hexadecimal digits. */
void minisign_id_text(const uint8_t id[MINISIGN_ID], char out[MINISIGN_ID_TEXT]);

/* RESULT_MALFORMED, RESULT_END or RESULT_TOO_LARGE unless the whole text is a signature. The
 * trusted comment is UTF-8 without control characters but TAB. */
MUST_USE enum result minisign_signature_read(struct bytes text, struct minisign_signature *out);

/* RESULT_UNKNOWN when another key made the signature, by its id; RESULT_MISMATCH when it is not
 * this key's over this message, or not over this trusted comment. */
MUST_USE enum result minisign_check(const struct minisign_public *key,
                                    const struct minisign_signature *signature,
                                    struct bytes message);

/* The half of it that knows no message: RESULT_OK when this key made the signature, over whatever
 * it was, with this trusted comment. */
MUST_USE enum result minisign_check_comment(const struct minisign_public *key,
                                            const struct minisign_signature *signature);

/* All of it: *trusted, which may be NULL, is a view into `signature_text`. Results as above. */
MUST_USE enum result minisign_verify(struct bytes public_text, struct bytes signature_text,
                                     struct bytes message, struct bytes *trusted);

/* ---- secret keys (minisign_secret.c) */

/* In locked memory. */
struct minisign_secret;

/* What scrypt costs whoever guesses a password, and whoever knows it. */
struct minisign_cost {
    uint64_t operations, memory; /* memory in bytes */
};

/* As minisign has it: 1 GiB, some seconds. Nothing above that is read. */
struct minisign_cost minisign_cost_standard(void);

/* A new random key; NULL when no memory may be locked. */
struct minisign_secret *minisign_secret_new(void);

/* Wipes. Accepts NULL. */
void minisign_secret_free(struct minisign_secret *s);

/* Whether a secret key's text needs a password: false for one that is not encrypted, and for what
 * is no key. */
bool minisign_secret_is_encrypted(struct bytes text);

/* The password counts only for an encrypted key. RESULT_MISMATCH for a wrong password or a damaged
 * key; RESULT_TOO_LARGE for a cost above the standard; RESULT_NO_MEMORY when scrypt gets none, or
 * none may be locked; RESULT_MALFORMED, RESULT_END. */
MUST_USE enum result minisign_secret_read(struct bytes text, struct bytes password,
                                          struct minisign_secret **out);

/* Appends the key's text, encrypted unless `cost` is NULL; `out` holds the key then. Results:
 * RESULT_NO_MEMORY, RESULT_TOO_LARGE when `out` is full. */
MUST_USE enum result minisign_secret_write(const struct minisign_secret *s, struct bytes password,
                                           const struct minisign_cost *cost, struct buf *out);

void minisign_secret_public(const struct minisign_secret *s, struct minisign_public *out);

/* Appends a signature over `message`, pre-hashed unless `legacy`. RESULT_MALFORMED when `trusted`
 * (TEXT without line ends) could not be read again. */
MUST_USE enum result minisign_sign(const struct minisign_secret *s, struct bytes message,
                                   bool legacy, struct bytes trusted, struct buf *out);

#endif
