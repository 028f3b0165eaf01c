/*
 * The key store of a vault: halves of item keys, wrapped under a secret that every destruction
 * replaces. Inside vault/ only. One process at a time, under the vault's lock.
 *
 *   index.key   "fedgate index key 1\n" and 64 hexadecimal digits (keeper/key_file.h)
 *   secret      one sector: the wrapping secret and its generation (the same)
 *   slots.0/.1  what the last destruction left (spool/slots.h)
 *   fresh       slots added since: 96 bytes as there, and a tag of 16, again and again
 */
#ifndef FEDGATE_VAULT_KEYS_H
#define FEDGATE_VAULT_KEYS_H

#include "base/buf.h"
#include "crypto/mac.h"

struct vault_keys;

/* Makes one in an empty folder, and syncs it. RESULT_EXISTS. */
MUST_USE enum result vault_keys_create(int folder);

/* Opens it, without its slots yet. RESULT_NOT_FOUND, RESULT_DAMAGED, RESULT_IO, RESULT_NO_MEMORY
 * when no memory may be locked. The folder stays the caller's. */
MUST_USE enum result vault_keys_open(int folder, struct vault_keys **out);
void vault_keys_close(struct vault_keys *k); /* wipes; accepts NULL */

/* Waits for other processes, then reads what they changed; RESULT_DAMAGED, RESULT_IO (and it is not
 * locked then). */
MUST_USE enum result vault_keys_lock(struct vault_keys *k);
void vault_keys_unlock(struct vault_keys *k);

/* What the index is sealed with. */
const uint8_t *vault_keys_index_key(const struct vault_keys *k);

/* Adds a new random half, and the gateway's beside it (NULL: none), on disk when it answers
 * RESULT_OK. *slot names both. */
MUST_USE enum result vault_keys_add(struct vault_keys *k, const uint8_t *gateways,
                                    uint8_t half[KEY_BYTES], uint64_t *slot);

/* A half by its slot; `gateways` for the one beside it. RESULT_NOT_FOUND. */
MUST_USE enum result vault_keys_get(const struct vault_keys *k, uint64_t slot, bool gateways,
                                    uint8_t half[KEY_BYTES]);

/* Erases every half that `keep` does not want: the others are wrapped again under a new secret, the
 * old one is overwritten. RESULT_FULL: nothing has happened; RESULT_IO: only a new opening can tell
 * whether it has. */
MUST_USE enum result vault_keys_keep(struct vault_keys *k,
                                     bool (*keep)(void *arg, uint64_t slot, bool gateways),
                                     void *arg);

size_t vault_keys_count(const struct vault_keys *k);

/* One slot of `fresh` from its bytes. RESULT_END, RESULT_MISMATCH. */
enum { VAULT_FRESH_BYTES = 112 };
struct keys_slot;
MUST_USE enum result vault_fresh_take(struct bytes b, const uint8_t key[KEY_BYTES],
                                      struct keys_slot *out);

#endif
