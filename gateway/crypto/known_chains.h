/*
 * Chains of certificates that were found to hold. Peers come again with what they showed before,
 * and the signatures of a chain and of its revocation lists are the dear part of a handshake. For
 * one set of roots and lists, one configuration of checks; any thread may ask.
 */
#ifndef FEDGATE_CRYPTO_KNOWN_CHAINS_H
#define FEDGATE_CRYPTO_KNOWN_CHAINS_H

#include <stddef.h>
#include <stdint.h>

struct x509_store_ctx_st;
struct known_chains;
struct trust;

/* At most so many, then the oldest goes. All are verified anew at each moment at which one of the
 * trust's lists or roots does not count any more; of these it keeps a copy. */
struct known_chains *known_chains_new(size_t most, const struct trust *t);
void known_chains_free(struct known_chains *k); /* accepts NULL */

/*
 * Stands in for X509_verify_cert, answers like it, and leaves the chain in `c`. A chain is known by
 * all bytes that the peer showed, for as long as each certificate up to the root is in its time;
 * what does not hold is never known. `now_us`: wall time, as of which it is verified.
 */
int known_chains_verify(struct known_chains *k, struct x509_store_ctx_st *c, int64_t now_us);

#endif
