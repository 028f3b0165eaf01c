/*
 * Memory for secrets: locked, outside core dumps, empty in a child, with guard pages, wiped when
 * freed. One block holds many small keys, because each block costs several pages.
 */
#ifndef FEDGATE_CRYPTO_SECRET_H
#define FEDGATE_CRYPTO_SECRET_H

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

/* Zeroed; NULL when the memory may not be locked (RLIMIT_MEMLOCK). secret_free wipes, and accepts
 * NULL. */
void *secret_new(size_t n);
void secret_free(void *p);

/* The same for what OpenSSL calls secure: private keys, and numbers that tell about them. Once a
 * process, before its first key; again it does nothing. RESULT_NO_MEMORY as secret_new. */
MUST_USE enum result secret_heap(void);

/* A pool of 32-byte keys in secret memory. */
struct secret_pool;

struct secret_pool *secret_pool_new(void);
void secret_pool_free(struct secret_pool *p);

/* Room for one key, zeroed; NULL when no more memory may be locked. Given back, and wiped, by
 * secret_pool_drop (NULL is fine). */
uint8_t *secret_pool_take(struct secret_pool *p);
void secret_pool_drop(struct secret_pool *p, uint8_t *key);

#endif
