/* SHA-256 (FIPS 180-4) and Poly1305 (RFC 8439), through OpenSSL, which uses the processor's
 * instructions for them (2 to 5 times libsodium's speed). */
#ifndef FEDGATE_CRYPTO_DIGEST_H
#define FEDGATE_CRYPTO_DIGEST_H

#include "base/bytes.h"

enum { SHA256_BYTES = 32, POLY1305_BYTES = 16, POLY1305_KEY = 32 };

/* A hasher keeps its library state between uses; one a thread. */
struct hasher;

struct hasher *hasher_new(void);
void hasher_free(struct hasher *h); /* wipes its state; accepts NULL */

/* The digest of the parts, one behind the other. */
void hasher_sha256(struct hasher *h, const struct bytes *part, size_t parts,
                   uint8_t out[SHA256_BYTES]);

/* The same in steps: begin, any number of adds, end. */
void hasher_begin(struct hasher *h);
void hasher_add(struct hasher *h, struct bytes part);
void hasher_end(struct hasher *h, uint8_t out[SHA256_BYTES]);

/* The digest of what was added so far; more may be added behind it. */
void hasher_so_far(const struct hasher *h, uint8_t out[SHA256_BYTES]);

/* A universal hash of `what`, at three to four times the speed of SHA-256. It is no MAC by itself:
 * whoever sees it for two texts under one key can make others. */
void hasher_poly1305(struct hasher *h, const uint8_t key[POLY1305_KEY], struct bytes what,
                     uint8_t out[POLY1305_BYTES]);

#endif
