/* One answer a message: no two grants may both hold for one, unless one is the narrower. */
#include "policy/attempt.h"
#include "policy/checks.h"

enum { EXAMPLE_MAX = 850 };

/* Two grants of a line, and an example for which both are to hold. */
struct pair {
    const struct policy *p;
    uint32_t earlier, later, to;
};

static bool holds(const struct sample *x, const struct pair *pair, uint32_t grant)
{
    struct policy_question q;
    struct attempt a;
    return sample_question(x, pair->p, &q) == REASON_PERMITTED &&
           attempt_grant(&q, grant, pair->to, &a);
}

static bool both_hold(const struct sample *x, void *arg)
{
    const struct pair *pair = arg;
    return holds(x, pair, pair->earlier) && holds(x, pair, pair->later);
}

struct writing {
    struct buf *out;
    bool now; /* the time is just now: it says nothing */
};

/* "kind video, from centre/video, ..." */
static void write_fact(const char *key, const char *value, void *arg)
{
    const struct writing *w = arg;
    if (w->now && strcmp(key, "time") == 0)
        return;
    buf_printf(w->out, "%s%s %s", w->out->n > 0 ? ", " : "", key, value);
}

static void say_overlap(struct checks *x, const struct pair *pair)
{
    struct compilation *c = x->c;
    struct buf example = BUF_INIT(EXAMPLE_MAX);
    struct writing w = {&example, x->sample->now_us == x->universe.now_us};
    sample_reduce(x->sample, both_hold, (void *)pair);
    sample_each(x->sample, false, write_fact, &w);
    read_fail(&c->reader, builder_grant_place(c, pair->later), DIAGNOSE_OVERLAP,
              policy_text(x->p, x->p->grants[pair->earlier].clause),
              policy_text(x->p, x->p->grants[pair->later].clause), buf_c(&example));
    read_also(&c->reader, builder_grant_place(c, pair->earlier));
    buf_free(&example);
}

/* An example that the decision itself confirms. */
static bool find_example(struct checks *x, const struct region *common, struct pair *pair)
{
    for (size_t i = 0; i < common->count; i++)
        if (sample_make(x->space, &common->box[i], x->sample) && both_hold(x->sample, pair))
            return true;
    return false;
}

void check_overlap(struct checks *x, struct line_grants *g)
{
    for (size_t i = 0; i < g->count; i++) {
        for (size_t k = i + 1; k < g->count; k++) {
            struct pair pair = {x->p, g->grant[k], g->grant[i], g->s->to[0]};
            struct region common = {0};
            region_copy(&g->holds[i], &common);
            region_and(&common, &g->holds[k]);
            if (grant_is_narrower(x->p, pair.later, pair.earlier))
                x->of[pair.later].meets = x->of[pair.later].meets || common.count > 0;
            else if (common.count > 0 && find_example(x, &common, &pair))
                say_overlap(x, &pair);
            region_free(&common);
        }
    }
}
