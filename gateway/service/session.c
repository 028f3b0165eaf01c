/* Who is connected. A session names a unit; everything that it opens belongs to it and ends with
 * it. */
#include "audit/leaf.h"
#include "base/mem.h"
#include "service/state.h"

#include <stdio.h>

static void record(struct session *s, enum audit_event event, uint64_t ticket)
{
    struct edge *e = s->edge;
    const struct road_event out = {
        .ticket = ticket,
        .event = (uint8_t)event,
        .envelope = {.source = bytes_of_text(s->name), .policy = policy_serial(e->policy)},
        .at_us = edge_now(e),
        .refers = event == AUDIT_SESSION_ENDED ? s->opened_index : 0};
    buf_clear(&e->out);
    road_event_put(&out, &e->out);
    edge_tell(e, IPC_EVENT, buf_view(&e->out));
}

/* The record of a session that has closed meanwhile comes back: now its end can refer to it. */
static void opened_on_disk(struct ticket *t, uint64_t index)
{
    struct session *s = CONTAINER_OF(t, struct session, ticket);
    s->opened_index = index;
    if (s->closed) {
        record(s, AUDIT_SESSION_ENDED, 0);
        mem_free(s);
    }
}

static void opening_lost(struct ticket *t)
{
    struct session *s = CONTAINER_OF(t, struct session, ticket);
    if (s->closed)
        mem_free(s);
}

void session_record(struct session *s)
{
    if (s->edge->has_ledger && s->opened_index == 0 && s->ticket.number == 0)
        record(s, AUDIT_SESSION_OPENED, edge_ticket(s->edge, &s->ticket));
}

struct session *session_open(struct edge *e, uint32_t unit, const char *address)
{
    struct session *s = mem_new(sizeof *s);
    s->edge = e;
    s->number = ++e->next_session;
    s->since_us = edge_now(e);
    s->ticket.recorded = opened_on_disk;
    s->ticket.lost = opening_lost;
    (void)snprintf(s->name, sizeof s->name, "%s", policy_unit_name(e->policy, unit));
    (void)snprintf(s->address, sizeof s->address, "%s", address);
    TAILQ_INIT(&s->publishers);
    TAILQ_INIT(&s->subscribers);
    TAILQ_INIT(&s->senders);
    TAILQ_INIT(&s->watchers);
    TAILQ_INIT(&s->readers);
    TAILQ_INIT(&s->vault_asks);
    TAILQ_INSERT_TAIL(&e->sessions, s, next);
    log_line(e->config.log, LOG_NOTE, "session-opened", "unit=%s peer=%s", s->name, s->address);
    session_record(s);
    return s;
}

void session_lose_ledger(struct session *s)
{
    s->opened_index = 0;
    session_end_streams(s, "the ledger is not there");
    session_end_calls(s, "the ledger is not there");
    session_end_readers(s, "the ledger is not there");
    session_end_vault_asks(s, "the ledger is not there");
}

void session_close(struct session *s)
{
    struct edge *e = s->edge;
    session_end_streams(s, "the session ended");
    session_end_calls(s, "the session ended");
    session_end_readers(s, "the session ended");
    session_end_vault_asks(s, "the session ended");
    if (s->opened_index != 0)
        record(s, AUDIT_SESSION_ENDED, 0);
    log_line(e->config.log, LOG_NOTE, "session-ended", "unit=%s peer=%s", s->name, s->address);
    TAILQ_REMOVE(&e->sessions, s, next);
    s->closed = true;
    if (s->ticket.number == 0)
        mem_free(s);
}

void session_set_certificate(struct session *s, const uint8_t fingerprint[SHA256_BYTES])
{
    memcpy(s->certificate, fingerprint, SHA256_BYTES);
}

const char *session_unit(const struct session *s)
{
    return s->name;
}

struct check_limits session_limits(const struct session *s)
{
    const struct edge *e = s->edge;
    return (struct check_limits){edge_now(e), policy_service_area(e->policy), LIMIT_ID_WINDOW,
                                 edge_ahead(e)};
}
