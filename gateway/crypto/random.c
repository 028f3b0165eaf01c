#include "crypto/random.h"

#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void random_fill(void *p, size_t n)
{
    randombytes_buf(p, n);
}

void random_take(struct random_pool *pool, void *p, size_t n)
{
    if (n > sizeof pool->byte)
        abort();
    if (n > pool->left) {
        random_fill(pool->byte, sizeof pool->byte);
        pool->left = sizeof pool->byte;
    }
    pool->left -= n;
    memcpy(p, pool->byte + pool->left, n);
    mem_wipe(pool->byte + pool->left, n);
}

struct uuid random_uuid(int64_t wall_us)
{
    uint8_t r[10];
    random_fill(r, sizeof r);
    return uuid_v7(wall_us, r);
}
