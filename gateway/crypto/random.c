#include "crypto/random.h"

#include <sodium.h>

void random_fill(void *p, size_t n)
{
    randombytes_buf(p, n);
}

struct uuid random_uuid(int64_t wall_us)
{
    uint8_t r[10];
    random_fill(r, sizeof r);
    return uuid_v7(wall_us, r);
}
