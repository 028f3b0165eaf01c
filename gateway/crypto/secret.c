#include "crypto/secret.h"

#include "base/mem.h"
#include "crypto/mac.h"

#include <openssl/crypto.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The pages that hold these bytes. Locked memory outside core dumps is the libraries' work. */
static bool is_wiped_on_fork(void *p, size_t n)
{
    const size_t inside = (uintptr_t)p % (size_t)sysconf(_SC_PAGESIZE);
    return madvise((uint8_t *)p - inside, n + inside, MADV_WIPEONFORK) == 0;
}

void *secret_new(size_t n)
{
    void *p = sodium_malloc(n);
    if (p == NULL)
        return NULL;
    /* sodium_malloc goes on when its own attempt to lock fails */
    if (sodium_mlock(p, n) != 0 || !is_wiped_on_fork(p, n)) {
        sodium_free(p);
        return NULL;
    }
    memset(p, 0, n);
    return p;
}

enum { HEAP = 64 << 10, HEAP_LEAST = 32 }; /* keys, and what signing with them needs */

/* All of it at once lies where it begins. */
static enum result protect_heap(void)
{
    void *heap = OPENSSL_secure_malloc(HEAP);
    const bool is_protected = heap != NULL && is_wiped_on_fork(heap, HEAP);
    OPENSSL_secure_free(heap);
    return is_protected ? RESULT_OK : RESULT_NO_MEMORY;
}

enum result secret_heap(void)
{
    if (CRYPTO_secure_malloc_initialized() == 1)
        return RESULT_OK;
    /* 2: made, but not locked or without guard pages */
    enum result r =
        CRYPTO_secure_malloc_init(HEAP, HEAP_LEAST) == 1 ? protect_heap() : RESULT_NO_MEMORY;
    if (r != RESULT_OK)
        (void)CRYPTO_secure_malloc_done();
    return r;
}

void secret_free(void *p)
{
    sodium_free(p);
}

enum { KEYS_PER_BLOCK = 1024 };

/* A free place holds the address of the next free one. */
struct block {
    struct block *next;
    uint8_t *keys;
};

struct secret_pool {
    struct block *first;
    uint8_t *free;
};

struct secret_pool *secret_pool_new(void)
{
    return mem_new(sizeof(struct secret_pool));
}

void secret_pool_free(struct secret_pool *p)
{
    if (p == NULL)
        return;
    while (p->first != NULL) {
        struct block *b = p->first;
        p->first = b->next;
        secret_free(b->keys);
        mem_free(b);
    }
    mem_free(p);
}

static void give(struct secret_pool *p, uint8_t *key)
{
    memcpy(key, &p->free, sizeof p->free);
    p->free = key;
}

uint8_t *secret_pool_take(struct secret_pool *p)
{
    if (p->free == NULL) {
        uint8_t *keys = secret_new((size_t)KEYS_PER_BLOCK * KEY_BYTES);
        if (keys == NULL)
            return NULL;
        struct block *b = mem_new(sizeof *b);
        *b = (struct block){p->first, keys};
        p->first = b;
        for (size_t i = 0; i < KEYS_PER_BLOCK; i++)
            give(p, keys + i * KEY_BYTES);
    }
    uint8_t *key = p->free;
    memcpy(&p->free, key, sizeof p->free);
    mem_wipe(key, KEY_BYTES);
    return key;
}

void secret_pool_drop(struct secret_pool *p, uint8_t *key)
{
    if (key == NULL)
        return;
    mem_wipe(key, KEY_BYTES);
    give(p, key);
}
