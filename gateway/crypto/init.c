#include "crypto/init.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <sodium.h>

enum result crypto_init(void)
{
    if (sodium_init() < 0)
        return RESULT_CRYPTO;
    if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
        return RESULT_CRYPTO;
    return RESULT_OK;
}
