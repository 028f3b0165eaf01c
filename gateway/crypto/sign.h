/* Ed25519 signatures (RFC 8032), through libsodium: checkpoints, cosignatures, destruction
 * receipts. */
#ifndef FEDGATE_CRYPTO_SIGN_H
#define FEDGATE_CRYPTO_SIGN_H

#include "base/bytes.h"
#include "base/result.h"

enum { SIGN_SEED = 32, SIGN_PUBLIC = 32, SIGN_SIGNATURE = 64 };

void sign_public_of(const uint8_t seed[SIGN_SEED], uint8_t public_key[SIGN_PUBLIC]);

void sign_make(const uint8_t seed[SIGN_SEED], struct bytes text, uint8_t out[SIGN_SIGNATURE]);

/* RESULT_MISMATCH when the signature is not this key's over this text. */
MUST_USE enum result sign_check(const uint8_t public_key[SIGN_PUBLIC], struct bytes text,
                                const uint8_t signature[SIGN_SIGNATURE]);

#endif
