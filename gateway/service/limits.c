/* The limits of a grant that the edge counts: messages and bytes a second, and the size of one. */
#include "service/state.h"

#include "base/mem.h"

static void refuse(struct decision *d, enum reason reason, const char *failed)
{
    d->reason = reason;
    d->failed = failed;
    d->law = "";
}

static struct grant_rate *rate_of(struct edge *e, uint32_t grant, int64_t now_us)
{
    if (now_us / US_PER_S != e->rate_second) {
        e->rate_second = now_us / US_PER_S;
        memset(e->rate, 0, policy_grants(e->policy) * sizeof *e->rate);
    }
    return &e->rate[grant];
}

void limits_reset(struct edge *e)
{
    mem_free(e->rate);
    e->rate = mem_new_array(policy_grants(e->policy), sizeof *e->rate);
}

/* One message a second always passes the limit of bytes: a larger one would else wait for ever. */
void limits_judge(struct edge *e, size_t bytes, int64_t now_us, struct decision *d)
{
    const struct policy_limits most = policy_limits(e->policy, d->grant);
    struct grant_rate *rate = rate_of(e, d->grant, now_us);
    if (most.largest != 0 && bytes > most.largest) {
        refuse(d, REASON_TOO_LARGE, "limits.largest");
    } else if (most.messages_per_s != 0 && rate->messages >= most.messages_per_s) {
        refuse(d, REASON_RATE_EXCEEDED, "limits.messages_per_s");
    } else if (most.bytes_per_s != 0 && rate->bytes != 0 &&
               rate->bytes + bytes > most.bytes_per_s) {
        refuse(d, REASON_QUOTA_EXCEEDED, "limits.bytes_per_s");
    } else {
        rate->messages++;
        rate->bytes += bytes;
    }
}
