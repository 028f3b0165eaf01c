/* PolicyService.GetGrants: what this unit may send and receive. */
#include "base/clock.h"
#include "base/mem.h"
#include "client/question.h"

#include <fedgate/v1/fedgate.pb-c.h>

struct grants_question {
    struct question question; /* first */
    struct bytes encoded;     /* of the answer, while it is handed out */
    const struct fedgate_grants_events *events;
};

static struct grants_question *of(struct question *q)
{
    return CONTAINER_OF(q, struct grants_question, question);
}

static void unanswered(struct question *q, const struct fedgate_end *end)
{
    of(q)->events->done(q->arg, NULL, end);
}

/* A status that this library does not know has no bit. */
static unsigned passes(const Fedgate__V1__Grant *g)
{
    unsigned bits = 0;
    for (size_t i = 0; i < g->n_status; i++)
        if (g->status[i] >= FEDGATE__V1__STATUS__STATUS_ACTUAL &&
            g->status[i] <= FEDGATE__V1__STATUS__STATUS_TEST)
            bits |= 1u << (unsigned)g->status[i];
    return bits;
}

static void put(struct fedgate_grant *out, const Fedgate__V1__Grant *g)
{
    *out = (struct fedgate_grant){.from = g->from,
                                  .to = g->to,
                                  .kind = g->kind,
                                  .service = g->service,
                                  .purpose = g->purpose,
                                  .basis = (const char *const *)g->basis,
                                  .bases = g->n_basis,
                                  .clause = g->clause,
                                  .way = (int)g->way,
                                  .passes = passes(g),
                                  .closed = (unsigned)g->closed,
                                  .failed = g->failed};
}

static enum result give(struct question *q, const ProtobufCMessage *m)
{
    const Fedgate__V1__Grants *g = (const void *)m;
    const struct fedgate_end end = {GRPC_OK, ""};
    const struct bytes encoded = of(q)->encoded;
    struct fedgate_grant *grant = mem_new_array(g->n_grant + 1, sizeof *grant);
    const struct fedgate_grants grants = {
        .encoded = {encoded.p, encoded.n},
        .unit = g->unit,
        .now_us = g->now == NULL ? 0 : g->now->seconds * US_PER_S + g->now->nanos / 1000,
        .policy = g->policy,
        .serial = g->serial,
        .grant = grant,
        .grants = g->n_grant,
        .next = g->next};
    for (size_t i = 0; i < g->n_grant; i++)
        put(&grant[i], g->grant[i]);
    of(q)->events->done(q->arg, &grants, &end);
    mem_free(grant);
    return RESULT_OK;
}

static enum result grants_message(struct object *o, struct bytes message)
{
    CONTAINER_OF(o, struct grants_question, question.object)->encoded = message;
    return question_take(o, &fedgate__v1__grants__descriptor, message, give);
}

static void destroy(struct object *o)
{
    struct grants_question *g = CONTAINER_OF(o, struct grants_question, question.object);
    question_drop(&g->question);
    mem_free(g);
}

static const struct object_class grants_class = {.path = "/fedgate.v1.PolicyService/GetGrants",
                                                 .largest_answer = QUESTION_ANSWER_MAX,
                                                 .opened = question_opened,
                                                 .message = grants_message,
                                                 .ended = question_ended,
                                                 .destroy = destroy};

enum fedgate_result fedgate_grants_get(struct fedgate_client *c, uint32_t from,
                                       const struct fedgate_grants_events *events, void *arg)
{
    Fedgate__V1__GetGrantsRequest request = FEDGATE__V1__GET_GRANTS_REQUEST__INIT;
    struct grants_question *g = mem_new(sizeof *g);
    g->events = events;
    g->question.arg = arg;
    g->question.unanswered = unanswered;
    request.from = from;
    enum fedgate_result r = question_begin(&g->question, c, &grants_class, &request.base);
    if (r != FEDGATE_OK)
        destroy(&g->question.object);
    return r;
}
