#include "net/http2_budget.h"

#include "base/limits.h"

static const struct bucket_size size = {LIMIT_GLITCHES, LIMIT_GLITCHES_A_SECOND};

void http2_budget_init(struct http2_budget *b, int64_t now_us)
{
    bucket_init(&b->bucket, &size, now_us);
}

void http2_budget_earn(struct http2_budget *b, size_t bytes)
{
    if (bytes > 0)
        bucket_earn(&b->bucket, &size, LIMIT_GLITCHES_A_FRAME + bytes / LIMIT_BYTES_A_GLITCH);
}

bool http2_budget_spend(struct http2_budget *b, int64_t now_us, unsigned points)
{
    return bucket_spend(&b->bucket, &size, now_us, points);
}
