/* Start of the two libraries behind this folder. */
#ifndef FEDGATE_CRYPTO_INIT_H
#define FEDGATE_CRYPTO_INIT_H

#include "base/result.h"

/* Once a process, before anything else of crypto/ or net/: libsodium's self-test, and OpenSSL
 * without any configuration file. RESULT_CRYPTO when a library does not start. */
MUST_USE enum result crypto_init(void);

/* For a process that holds private keys, before crypto_init: from now on OpenSSL wipes all that it
 * frees. RESULT_STATE when it has taken memory already. */
MUST_USE enum result crypto_wipe_freed(void);

#endif
