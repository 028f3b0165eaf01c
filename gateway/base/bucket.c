#include "base/bucket.h"

#include "base/clock.h"

enum { SCALE = 1000000 };

static void add(struct bucket *b, const struct bucket_size *size, int64_t millionths)
{
    const int64_t most = (int64_t)size->most * SCALE;
    b->millionths = millionths > most - b->millionths ? most : b->millionths + millionths;
}

void bucket_init(struct bucket *b, const struct bucket_size *size, int64_t now_us)
{
    *b = (struct bucket){(int64_t)size->most * SCALE, now_us};
}

void bucket_earn(struct bucket *b, const struct bucket_size *size, uint64_t points)
{
    add(b, size, (int64_t)(points > size->most ? size->most : points) * SCALE);
}

static void fill(struct bucket *b, const struct bucket_size *size, int64_t now_us)
{
    /* From the deepest debt */
    const int64_t full_us =
        size->a_second == 0 ? US_PER_S : (2 * (int64_t)size->most / size->a_second + 1) * US_PER_S;
    int64_t passed = now_us - b->filled_us;
    b->filled_us = now_us;
    if (passed > 0)
        add(b, size, (passed > full_us ? full_us : passed) * size->a_second);
}

uint32_t bucket_left(struct bucket *b, const struct bucket_size *size, int64_t now_us)
{
    fill(b, size, now_us);
    return b->millionths > 0 ? (uint32_t)(b->millionths / SCALE) : 0;
}

bool bucket_spend(struct bucket *b, const struct bucket_size *size, int64_t now_us, uint32_t points)
{
    const int64_t least = -(int64_t)size->most * SCALE;
    fill(b, size, now_us);
    b->millionths -= (int64_t)points * SCALE;
    if (b->millionths < least)
        b->millionths = least;
    return b->millionths >= 0;
}
