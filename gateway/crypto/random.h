/* Random bytes from the operating system, through libsodium. */
#ifndef FEDGATE_CRYPTO_RANDOM_H
#define FEDGATE_CRYPTO_RANDOM_H

#include "base/ident.h"

#include <stddef.h>

void random_fill(void *p, size_t n);

/* A new message or incident id, version 7. */
struct uuid random_uuid(int64_t wall_us);

#endif
