/* Start of the two libraries behind this folder. */
#ifndef FEDGATE_CRYPTO_INIT_H
#define FEDGATE_CRYPTO_INIT_H

#include "base/result.h"

/* Once a process, before anything else of crypto/ or net/: libsodium's self-test, and OpenSSL
 * without any configuration file. RESULT_CRYPTO when a library does not start. */
MUST_USE enum result crypto_init(void);

#endif
