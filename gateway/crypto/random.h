/* Random bytes from the operating system, through libsodium. */
#ifndef FEDGATE_CRYPTO_RANDOM_H
#define FEDGATE_CRYPTO_RANDOM_H

#include "base/ident.h"

#include <stddef.h>

void random_fill(void *p, size_t n);

/*
 * Some of them ahead, for an owner that takes small pieces all the time: one question to the system
 * for many. No byte is given twice, and what was given is wiped. Zeroed, it is empty. A process
 * that has one does not fork: both would give the same.
 */
struct random_pool {
    uint8_t byte[1024];
    size_t left;
};

/* At most as many as the pool holds. */
void random_take(struct random_pool *pool, void *p, size_t n);

/* A new message or incident id, version 7. */
struct uuid random_uuid(int64_t wall_us);

#endif
