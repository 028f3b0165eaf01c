/*
 * Keyed BLAKE2b (RFC 7693), through libsodium: frame MACs, key derivation, and tags that nobody
 * without the key can guess. The key stands in front of what is hashed, under a personalisation of
 * its own, and not in a block by itself as the RFC's keyed mode has it: most of what is hashed here
 * fits into one block with the key, which halves the time. BLAKE2b marks its last block, so nothing
 * can be appended to what was hashed, and hash(key || text) is a MAC (Luykx, Mennink, Neves,
 * "Security Analysis of BLAKE2's Modes of Operation", 2016).
 */
#ifndef FEDGATE_CRYPTO_MAC_H
#define FEDGATE_CRYPTO_MAC_H

#include "base/bytes.h"

enum { KEY_BYTES = 32, MAC_BYTES = 32, TAG_BYTES = 16 };

/* MAC over the parts, one behind the other. */
void mac_keyed(const uint8_t key[KEY_BYTES], const struct bytes *part, size_t parts,
               uint8_t out[MAC_BYTES]);

/* Two outputs of 32 bytes for the time of one: halves of a BLAKE2b of 64 bytes, of which neither
 * tells anything of the other, nor of a MAC over the same parts. */
void mac_keyed_two(const uint8_t key[KEY_BYTES], const struct bytes *part, size_t parts,
                   uint8_t first[MAC_BYTES], uint8_t second[MAC_BYTES]);

/* A key for another use, named by `label`, from which the first cannot be found. */
void mac_derive_key(const uint8_t key[KEY_BYTES], const char *label, uint8_t out[KEY_BYTES]);

/* 16 bytes that stand for `what` (a subject, a message's content) to whoever has the key, and for
 * nothing to others. */
void mac_tag(const uint8_t key[KEY_BYTES], struct bytes what, uint8_t out[TAG_BYTES]);

/* Comparison whose time does not depend on the content. */
bool mac_equal(const uint8_t *a, const uint8_t *b, size_t n);

#endif
