#include "net/http2_budget.h"

#include "base/limits.h"

/* Points are kept in millionths, so that microseconds and bytes add up without rounding. */
enum { SCALE = 1000000 };

static void add(struct http2_budget *b, int64_t millionths)
{
    const int64_t most = (int64_t)LIMIT_GLITCHES * SCALE;
    b->points = millionths > most - b->points ? most : b->points + millionths;
}

void http2_budget_init(struct http2_budget *b, int64_t now_us)
{
    *b = (struct http2_budget){(int64_t)LIMIT_GLITCHES * SCALE, now_us};
}

void http2_budget_earn(struct http2_budget *b, size_t bytes)
{
    if (bytes > 0)
        add(b, (int64_t)(LIMIT_GLITCHES_A_FRAME + bytes / LIMIT_BYTES_A_GLITCH) * SCALE);
}

bool http2_budget_spend(struct http2_budget *b, int64_t now_us, unsigned points)
{
    int64_t passed = now_us - b->filled_us;
    b->filled_us = now_us;
    add(b, (passed > US_PER_MINUTE ? US_PER_MINUTE : passed) * LIMIT_GLITCHES_A_SECOND);
    b->points -= (int64_t)points * SCALE;
    return b->points >= 0;
}
