#include "crypto/init.h"

#include "base/mem.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory that OpenSSL gives back empty: it leaves pieces of what it reads behind, keys too */

static void *take(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return malloc(n);
}

static void wipe_and_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    if (p != NULL)
        mem_wipe(p, malloc_usable_size(p));
    free(p);
}

static void *move(void *p, size_t n, const char *file, int line)
{
    void *moved = n == 0 ? NULL : malloc(n);
    const size_t had = p == NULL ? 0 : malloc_usable_size(p);
    if (moved == NULL && n > 0)
        return NULL; /* what was there stays */
    if (moved != NULL && had > 0)
        memcpy(moved, p, had < n ? had : n);
    wipe_and_free(p, file, line);
    return moved;
}

enum result crypto_wipe_freed(void)
{
    return CRYPTO_set_mem_functions(take, move, wipe_and_free) == 1 ? RESULT_OK : RESULT_STATE;
}

enum result crypto_init(void)
{
    if (sodium_init() < 0)
        return RESULT_CRYPTO;
    if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
        return RESULT_CRYPTO;
    return RESULT_OK;
}
