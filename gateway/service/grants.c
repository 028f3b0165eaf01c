/* What a unit may send and receive, for whoever connects it. Nothing is decided about a message
 * here, and nothing recorded. */
#include "message/facts.h"
#include "policy/tools.h"
#include "service/intake.h"

struct asking {
    const struct policy *policy;
    struct policy_state state;
    int64_t now_us;
    void (*each)(const struct session_flow *flow, void *arg);
    void *arg;
};

/* One that nothing passes has the reason of ACTUAL messages: the others differ in their status
 * alone. */
static void judge(const struct policy_flow *f, void *arg)
{
    const struct asking *a = arg;
    struct session_flow out = {.flow = f, .failed = ""};
    for (unsigned status = STATUS_TEST; status >= STATUS_ACTUAL; status--) {
        const char *failed;
        enum reason r = policy_flow_closed(a->policy, f, &a->state, status, a->now_us, &failed);
        out.passes |= r == REASON_PERMITTED ? 1u << status : 0;
        out.closed = r;
        out.failed = failed == NULL ? "" : failed;
    }
    if (out.passes != 0) {
        out.closed = REASON_NONE;
        out.failed = "";
    }
    a->each(&out, a->arg);
}

bool session_may_ask_flows(const struct session *s)
{
    return refusals_left_ways(s->edge, s->name) > 0;
}

uint32_t session_flows(const struct session *s, uint32_t from,
                       void (*each)(const struct session_flow *flow, void *arg), void *arg)
{
    struct edge *e = s->edge;
    struct asking a = {e->policy, edge_suspended(e), edge_now(e), each, arg};
    uint32_t unit = policy_unit(e->policy, bytes_of_text(s->name));
    size_t looked = 0;
    const uint32_t next =
        unit == POLICY_NONE ? 0 : policy_unit_flows(e->policy, unit, from, judge, &a, &looked);
    refusals_count_ways(e, s->name, looked + 1);
    return next;
}

const struct policy *session_policy(const struct session *s)
{
    return s->edge->policy;
}

int64_t session_now(const struct session *s)
{
    return edge_now(s->edge);
}
