/*
 * An operator drains the gateway: it takes no message and no stream any more, and what waits is
 * still delivered to those who are connected, or connect. It lasts until this process or the ledger
 * ends.
 */
#include "service/intake.h"

static const char drains[] = "the gateway is being drained: it takes nothing more";

const char *edge_takes_nothing(struct edge *e)
{
    return e->draining ? drains : edge_is_ready(e) ? NULL : "the ledger is not there";
}

/* Messages without a receipt are sent again, later or elsewhere. */
static void end_takers(struct session *s)
{
    struct publisher *p;
    session_end_streams(s, drains);
    while ((p = TAILQ_FIRST(&s->publishers)) != NULL)
        publisher_end(p, drains);
}

void edge_drain(struct edge *e)
{
    struct session *s;
    if (!e->draining)
        log_line(e->config.log, LOG_NOTE, "draining", "why=\"an operator wants it\"");
    e->draining = true;
    TAILQ_FOREACH (s, &e->sessions, next)
        end_takers(s);
    edge_tell(e, IPC_DRAINING, bytes_of(NULL, 0)); /* behind the last message that was taken */
}
