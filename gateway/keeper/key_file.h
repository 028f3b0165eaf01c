/*
 * The files that rest in the keeper's folder.
 *
 *   log.key        the log's signing key      "fedgate log key 1\n" and 64 hexadecimal digits
 *   master.key     what the journal's MAC key and the key of tags are derived from; the same form,
 * "master key" wrapping.secret   one sector of 512 bytes: the secret that wraps all scope keys, and
 * its generation. It is the only thing that must be truly erasable: overwriting it ends every scope
 * that was not wrapped again.
 */
#ifndef FEDGATE_KEEPER_KEY_FILE_H
#define FEDGATE_KEEPER_KEY_FILE_H

#include "base/buf.h"
#include "crypto/mac.h"

enum { KEY_FILE_MAX = 256, SECRET_SECTOR = 512 };

/* `kind` is "log" or "master". RESULT_MALFORMED for any other text. */
MUST_USE enum result key_file_read(struct bytes text, const char *kind, uint8_t key[KEY_BYTES]);
void key_file_write(const char *kind, const uint8_t key[KEY_BYTES], struct buf *out);

/* The wrapping secret. */
struct wrapping_secret {
    uint64_t generation;
    uint8_t secret[KEY_BYTES];
};

/* RESULT_DAMAGED when the sector is not whole. */
MUST_USE enum result wrapping_secret_read(const uint8_t sector[SECRET_SECTOR],
                                          struct wrapping_secret *out);
void wrapping_secret_write(const struct wrapping_secret *s, uint8_t sector[SECRET_SECTOR]);

#endif
