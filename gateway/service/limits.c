/* The limits of a grant that the edge counts: messages and bytes a second, and the size of one. */
#include "service/state.h"

#include "base/mem.h"

static void refuse(struct decision *d, enum reason reason, const char *failed)
{
    d->reason = reason;
    d->failed = failed;
    d->law = "";
}

/* Exercises and tests are counted beside real messages, and take nothing from them. */
enum { KINDS_OF_STATUS = STATUS_TEST };

static size_t rates(const struct edge *e)
{
    return (size_t)policy_grants(e->policy) * KINDS_OF_STATUS;
}

static struct grant_rate *rate_of(struct edge *e, uint32_t grant, unsigned status, int64_t now_us)
{
    if (now_us / US_PER_S != e->rate_second) {
        e->rate_second = now_us / US_PER_S;
        e->rate_era++;
        memset(e->rate, 0, rates(e) * sizeof *e->rate);
    }
    return &e->rate[(size_t)grant * KINDS_OF_STATUS + (status - STATUS_ACTUAL)];
}

void limits_reset(struct edge *e)
{
    mem_free(e->rate);
    e->rate_era++;
    e->rate = mem_new_array(rates(e), sizeof *e->rate);
}

static void note(const struct edge *e, const struct grant_rate *rate, struct limits_taken *taken)
{
    const uint32_t number = (uint32_t)(rate - e->rate);
    size_t k = 0;
    taken->era = e->rate_era;
    while (k < taken->rates && taken->rate[k].number != number)
        k++;
    if (k == LIMITS_NOTED)
        return;
    if (k == taken->rates) {
        taken->rate[taken->rates++].number = number;
        taken->rate[k].messages = 0;
    }
    taken->rate[k].messages++;
}

void limits_give_back(struct edge *e, struct limits_taken *taken, size_t bytes)
{
    for (size_t k = 0; taken->era == e->rate_era && k < taken->rates; k++) {
        struct grant_rate *rate = &e->rate[taken->rate[k].number];
        rate->messages -= taken->rate[k].messages;
        rate->bytes -= taken->rate[k].messages * bytes;
    }
    taken->rates = 0;
}

/* One message a second always passes the limit of bytes: a larger one would else wait for ever. */
void limits_judge(struct edge *e, unsigned status, size_t bytes, int64_t now_us, struct decision *d,
                  struct limits_taken *taken)
{
    const struct policy_limits most = policy_limits(e->policy, d->grant);
    struct grant_rate *rate = rate_of(e, d->grant, status, now_us);
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
        note(e, rate, taken);
    }
}

static uint64_t rest(uint64_t most, uint64_t used)
{
    return used < most ? most - used : 0;
}

size_t limits_left(struct edge *e, uint32_t grant, unsigned status, const char *clause,
                   int64_t now_us, struct quota out[QUOTAS_OF_GRANT])
{
    const struct policy_limits most = policy_limits(e->policy, grant);
    const struct grant_rate *rate = rate_of(e, grant, status, now_us);
    const int64_t renewed_us = (e->rate_second + 1) * US_PER_S;
    const struct quota messages = {clause, "messages_per_s", most.messages_per_s,
                                   rest(most.messages_per_s, rate->messages), renewed_us},
                       bytes = {clause, "bytes_per_s", most.bytes_per_s,
                                rest(most.bytes_per_s, rate->bytes), renewed_us};
    size_t n = 0;
    if (messages.most != 0)
        out[n++] = messages;
    if (bytes.most != 0)
        out[n++] = bytes;
    return n;
}
