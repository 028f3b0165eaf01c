#include "crypto/box.h"

#include <sodium.h>

_Static_assert(BOX_KEY == crypto_box_PUBLICKEYBYTES && BOX_KEY == crypto_box_SECRETKEYBYTES &&
                   BOX_MORE == crypto_box_SEALBYTES,
               "the library's sizes");

void box_keys(uint8_t public_key[BOX_KEY], uint8_t secret_key[BOX_KEY])
{
    (void)crypto_box_keypair(public_key, secret_key);
}

bool box_key_is_good(const uint8_t public_key[BOX_KEY])
{
    static const uint8_t any[crypto_scalarmult_SCALARBYTES] = {1};
    uint8_t shared[crypto_scalarmult_BYTES];
    return crypto_scalarmult(shared, any, public_key) == 0;
}

enum result box_seal(const uint8_t public_key[BOX_KEY], struct bytes plain, uint8_t *out)
{
    return crypto_box_seal(out, plain.p, plain.n, public_key) == 0 ? RESULT_OK : RESULT_MALFORMED;
}

enum result box_open(const uint8_t public_key[BOX_KEY], const uint8_t secret_key[BOX_KEY],
                     struct bytes box, uint8_t *out)
{
    if (box.n < BOX_MORE)
        return RESULT_END;
    return crypto_box_seal_open(out, box.p, box.n, public_key, secret_key) == 0 ? RESULT_OK
                                                                                : RESULT_MISMATCH;
}
