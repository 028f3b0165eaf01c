/*
 * What vaults of units ask: the half of a key that the gateway holds, for storing and for opening.
 * The edge checks and passes on; the ledger judges and records; the keeper makes the half and seals
 * it for the vault, so that nothing here could read it. One question of a session after the other.
 */
#include "audit/fact.h"
#include "base/mem.h"
#include "net/grpc.h"
#include "service/register.h"
#include "service/state.h"

struct vault_ask {
    struct ticket ticket; /* out for the first of the session's */
    struct session *session;
    struct half_ask ask;
    struct buf sealed; /* of the fact */
    const struct vault_ask_events *events;
    void *arg;
    TAILQ_ENTRY(vault_ask) next;
};

static void send_first(struct session *s)
{
    struct vault_ask *v = TAILQ_FIRST(&s->vault_asks);
    struct edge *e = s->edge;
    if (v == NULL || v->ticket.number != 0 || !edge_is_ready(e))
        return;
    v->ask.ticket = edge_ticket(e, &v->ticket);
    buf_clear(&e->out);
    half_ask_put(&v->ask, &e->out);
    edge_tell(e, IPC_HALF_ASK, buf_view(&e->out));
}

/* Takes it out of its session's line, and lets the next one go. */
static void end(struct vault_ask *v)
{
    struct session *s = v->session;
    edge_forget_ticket(s->edge, &v->ticket);
    TAILQ_REMOVE(&s->vault_asks, v, next);
    buf_free(&v->sealed);
    mem_free(v);
    send_first(s);
}

static void refuse(struct vault_ask *v, int status, const char *why)
{
    const struct vault_ask_events *events = v->events;
    void *arg = v->arg;
    end(v);
    events->refused(arg, status, why);
}

/* ---- answers */

static enum reason reason_of(unsigned answer)
{
    return answer == HALF_ENDED       ? REASON_PURPOSE_FULFILLED
           : answer == HALF_USED_UP   ? REASON_USE_COUNT_EXCEEDED
           : answer == HALF_SUSPENDED ? REASON_CONSENT_WITHDRAWN
                                      : REASON_NONE;
}

static void halved(struct ticket *t, const struct half_said *s)
{
    struct vault_ask *v = CONTAINER_OF(t, struct vault_ask, ticket);
    if (s->answer == HALF_NONE) {
        refuse(v, GRPC_NOT_FOUND, "this unit was not delivered such a record");
        return;
    }
    if (s->answer == HALF_LATER) {
        refuse(v, GRPC_UNAVAILABLE, "not now: try again");
        return;
    }
    const struct vault_ask_events *events = v->events;
    void *arg = v->arg;
    const struct vault_answer answer = {.refused = reason_of(s->answer),
                                        .half = s->box,
                                        .not_needed = s->answer == HALF_FREE,
                                        .limited = s->limited,
                                        .left = s->left,
                                        .clause = s->clause,
                                        .entry = s->entry,
                                        .held = s->held,
                                        .next = s->next};
    end(v);
    events->answer(arg, &answer);
}

static void lost(struct ticket *t)
{
    refuse(CONTAINER_OF(t, struct vault_ask, ticket), GRPC_UNAVAILABLE, "the ledger is not there");
}

/* ---- questions */

/* Who opens, and why, for the register. RESULT_UNAVAILABLE without its key. */
static enum result add_fact(struct vault_ask *v, const struct vault_question *q)
{
    return q->actor == NULL
               ? RESULT_OK
               : register_opening(v->session->edge, q->actor, q->reason, &v->ask.fact, &v->sealed);
}

struct vault_ask *vault_ask_open(struct session *s, const struct vault_ask_events *events,
                                 void *arg, const struct vault_question *q)
{
    struct vault_ask *v = mem_new(sizeof *v);
    *v = (struct vault_ask){.ticket = {.halved = halved, .lost = lost},
                            .session = s,
                            .ask = {.what = q->what, .index = q->index, .used_us = q->used_us},
                            .sealed = BUF_INIT(FACT_MAX + SEAL_TAG),
                            .events = events,
                            .arg = arg};
    TAILQ_INSERT_TAIL(&s->vault_asks, v, next);
    v->ask.unit = bytes_of_text(s->name);
    if (q->reader != NULL)
        memcpy(v->ask.reader, q->reader, HALF_READER);
    if (edge_is_ready(s->edge) && add_fact(v, q) == RESULT_OK) {
        send_first(s);
        return v;
    }
    refuse(v, GRPC_UNAVAILABLE, "the ledger is not there");
    return NULL;
}

void vault_ask_close(struct vault_ask *v)
{
    end(v);
}

void session_end_vault_asks(struct session *s, const char *why)
{
    struct vault_ask *v;
    while ((v = TAILQ_LAST(&s->vault_asks, vault_asks)) !=
           NULL) /* so that no other is sent first */
        refuse(v, GRPC_UNAVAILABLE, why);
}

bool session_is_suspended(const struct session *s)
{
    const struct edge *e = s->edge;
    uint32_t unit = policy_unit(e->policy, bytes_of_text(s->name));
    return unit != POLICY_NONE && e->units_suspended != NULL &&
           (e->units_suspended[unit / 64] >> (unit % 64) & 1) != 0;
}
