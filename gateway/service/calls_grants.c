#include "service/calls_grants.h"

#include "base/limits.h"
#include "base/mem.h"
#include "message/facts.h"
#include "message/message.h"
#include "policy/tools.h"
#include "service/edge.h"
#include "service/parts.h"

#include <fedgate/v1/fedgate.pb-c.h>

struct grants_call {
    struct server_call *call;
    struct session *session;
    bool asked;
};

/* One answer: the ways of about POLICY_UNIT_FLOWS, and those of one more grant, which has 64 times
 * 64 at most. */
enum { ANSWER_MAX = 4 << 20, GRANTS_MAX = 8192, BASES_MAX = 64 };

struct answer {
    struct arena *arena;
    const struct policy *policy;
    Fedgate__V1__Grants m;
    bool full;
};

static void put_statuses(Fedgate__V1__Grant *g, unsigned passes)
{
    for (unsigned status = STATUS_ACTUAL; status <= STATUS_TEST; status++)
        if ((passes >> status & 1) != 0)
            g->status[g->n_status++] = (Fedgate__V1__Status)status;
}

static void put_bases(Fedgate__V1__Grant *g, const struct policy *p, const struct policy_flow *f)
{
    const char *code;
    for (uint32_t at = 0; g->n_basis < BASES_MAX && (code = policy_flow_basis(p, f, &at)) != NULL;)
        g->basis[g->n_basis++] = (char *)(uintptr_t)code;
}

static void put_grant(const struct session_flow *s, void *arg)
{
    static const Fedgate__V1__GrantWay ways[] = {
        [POLICY_WAY_GRANT] = FEDGATE__V1__GRANT_WAY__GRANT_WAY_DIRECT,
        [POLICY_WAY_ESCALATION] = FEDGATE__V1__GRANT_WAY__GRANT_WAY_UNATTENDED,
        [POLICY_WAY_ONWARD] = FEDGATE__V1__GRANT_WAY__GRANT_WAY_ONWARD};
    struct answer *a = arg;
    const struct policy_flow *f = s->flow;
    Fedgate__V1__Grant *g = arena_take(a->arena, sizeof *g);
    Fedgate__V1__Status *status = arena_take(a->arena, (STATUS_TEST + 1) * sizeof *status);
    char **basis = arena_take(a->arena, BASES_MAX * sizeof *basis);
    if (g == NULL || status == NULL || basis == NULL || a->m.n_grant == GRANTS_MAX) {
        a->full = true;
        return;
    }
    fedgate__v1__grant__init(g);
    g->from = (char *)(uintptr_t)policy_unit_name(a->policy, f->from);
    g->to = (char *)(uintptr_t)policy_unit_name(a->policy, f->to);
    g->kind = (char *)(uintptr_t)f->kind;
    g->service = (char *)(uintptr_t)f->service;
    g->purpose = (char *)(uintptr_t)f->purpose;
    g->clause = (char *)(uintptr_t)f->clause;
    g->way = ways[f->way];
    g->status = status;
    g->basis = basis;
    put_statuses(g, s->passes);
    put_bases(g, a->policy, f);
    g->closed = (Fedgate__V1__Reason)s->closed;
    g->failed = (char *)(uintptr_t)s->failed;
    a->m.grant[a->m.n_grant++] = g;
}

static enum result pack(struct session *s, uint32_t from, struct buf *out)
{
    struct answer a = {.arena = arena_new(16 << 20), .policy = session_policy(s)};
    Google__Protobuf__Timestamp now;
    fedgate__v1__grants__init(&a.m);
    parts_time(&now, session_now(s));
    a.m.unit = (char *)(uintptr_t)session_unit(s);
    a.m.now = &now;
    a.m.policy = (char *)(uintptr_t)policy_name(a.policy);
    a.m.serial = policy_serial(a.policy);
    a.m.grant = arena_take(a.arena, GRANTS_MAX * sizeof *a.m.grant);
    a.m.next = session_flows(s, from, put_grant, &a);
    enum result r = a.full ? RESULT_TOO_LARGE : message_pack(&a.m.base, out);
    arena_free(a.arena);
    return r;
}

static void answer(struct grants_call *c, uint32_t from)
{
    struct buf out = BUF_INIT(ANSWER_MAX);
    enum result r = pack(c->session, from, &out);
    if (r == RESULT_OK) {
        (void)!server_call_send(c->call, buf_view(&out), NULL, bytes_of(NULL, 0));
        server_call_finish(c->call, GRPC_OK, "");
    } else {
        server_call_finish(c->call, GRPC_INTERNAL, "the answer could not be packed");
    }
    buf_free(&out);
}

static enum result take(void *arg, struct shared *owner, struct bytes message)
{
    struct grants_call *c = arg;
    struct arena *a = arena_new(LIMIT_REQUEST);
    struct ProtobufCMessage *m;
    struct finding why;
    (void)owner;
    enum result r = c->asked ? RESULT_MALFORMED /* one request a call */
                             : message_unpack(a, &fedgate__v1__get_grants_request__descriptor,
                                              message, LIMIT_REQUEST, &m, &why);
    if (r == RESULT_OK && !session_may_ask_flows(c->session)) {
        c->asked = true;
        server_call_finish(c->call, GRPC_RESOURCE_EXHAUSTED,
                           "this unit has asked too much about its grants: ask again in a while");
    } else if (r == RESULT_OK) {
        c->asked = true;
        answer(c, ((const Fedgate__V1__GetGrantsRequest *)(void *)m)->from);
    }
    arena_free(a);
    return r;
}

static void half_closed(void *arg)
{
    struct grants_call *c = arg;
    if (!c->asked)
        server_call_finish(c->call, GRPC_INVALID_ARGUMENT, "a GetGrantsRequest is missing");
    c->asked = true;
}

static void closed(void *arg, enum grpc_status status, const char *text)
{
    (void)status;
    (void)text;
    mem_free(arg);
}

const struct grpc_call_events grants_call_events = {take, half_closed, NULL, closed, NULL};

void *grants_open(void *session, struct server_call *call)
{
    struct grants_call *c = mem_new(sizeof *c);
    *c = (struct grants_call){.call = call, .session = session};
    return c;
}
