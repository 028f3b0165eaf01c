/*
 * Publish: the messages of one call. Receipts go out in the order of the messages, whatever had to
 * wait (intake.c decides them, answer.c hears what became of them).
 */
#include "service/intake.h"

#include "base/mem.h"

#include <stdio.h>

/* Of one call, the messages and bytes that wait for the ledger; of all calls, also those that went
 * away meanwhile, the bytes. A ledger that stands still would else fill the memory. */
enum { PUBLISHER_MAX = 256, PUBLISHER_BYTES = 4 << 20, UNDER_WAY_BYTES = 256 << 20 };

struct publisher *publisher_open(struct session *s, const struct publisher_events *events,
                                 void *arg)
{
    struct publisher *p = mem_new(sizeof *p);
    *p = (struct publisher){.session = s, .events = events, .arg = arg};
    TAILQ_INIT(&p->waiting);
    TAILQ_INSERT_TAIL(&s->publishers, p, next);
    return p;
}

void publication_free(struct publication *m)
{
    view_stop_waiting(&m->waiting);
    edge_forget_ticket(m->edge, &m->ticket);
    m->edge->under_way -= m->bytes.n;
    shared_drop(m->owner);
    buf_free(&m->receipt);
    for (size_t k = 0; m->change != NULL && k < ROAD_CHANGES_MAX; k++)
        buf_free(&m->change[k].text);
    if (m->change != NULL)
        mem_wipe(m->change, ROAD_CHANGES_MAX * sizeof *m->change); /* places */
    mem_free(m->change);
    buf_free(&m->standing_text);
    buf_free(&m->order);
    mem_wipe(m, sizeof *m); /* the salt */
    mem_free(m);
}

/* A message whose commit is under way finishes alone: the incident must learn what became of the
 * change. */
void publisher_close(struct publisher *p)
{
    struct publication *m;
    while ((m = TAILQ_FIRST(&p->waiting)) != NULL) {
        TAILQ_REMOVE(&p->waiting, m, next);
        m->publisher = NULL;
        if (m->ticket.number == 0 && !m->held)
            publication_free(m);
    }
    TAILQ_REMOVE(&p->session->publishers, p, next);
    mem_free(p);
}

/* The call hears of it last, when nothing of the publisher is left. */
void publisher_end(struct publisher *p, const char *why)
{
    const struct publisher_events *events = p->events;
    void *arg = p->arg;
    publisher_close(p);
    events->unavailable(arg, why);
}

size_t publisher_waiting(const struct publisher *p)
{
    return p->count;
}

/* Receipts that are ready, in order. `room` comes last: it may close the publisher. */
static void send_ready(struct publisher *p)
{
    struct publication *m;
    while ((m = TAILQ_FIRST(&p->waiting)) != NULL && m->done) {
        TAILQ_REMOVE(&p->waiting, m, next);
        p->count--;
        p->bytes -= m->bytes.n;
        p->events->receipt(p->arg, buf_view(&m->receipt), m->salt_scope);
        publication_free(m);
    }
    if (p->asked_to_wait && p->count < PUBLISHER_MAX / 2 && p->bytes <= PUBLISHER_BYTES / 2) {
        p->asked_to_wait = false;
        p->events->room(p->arg);
    }
}

void publication_finish(struct publication *m)
{
    m->done = true;
    if (m->publisher == NULL)
        publication_free(m);
    else
        send_ready(m->publisher);
}

void publication_give_up(struct publication *m, const char *why)
{
    if (m->publisher == NULL)
        publication_free(m);
    else
        publisher_end(m->publisher, why);
}

static struct publication *new_publication(struct publisher *p)
{
    struct publication *m = mem_new(sizeof *m);
    *m = (struct publication){.publisher = p,
                              .edge = p->session->edge,
                              .waiting = {.again = intake_again},
                              .ticket = {.committed = answer_committed,
                                         .told = onward_told,
                                         .ordered = settle_told,
                                         .lost = answer_lost},
                              .receipt = BUF_INIT(LIMIT_REQUEST)};
    m->standing_text = BUF_INIT(LIMIT_REQUEST);
    m->order = BUF_INIT(LIMIT_REQUEST);
    (void)snprintf(m->sender, sizeof m->sender, "%s", p->session->name);
    TAILQ_INSERT_TAIL(&p->waiting, m, next);
    p->count++;
    return m;
}

enum result publisher_take(struct publisher *p, struct shared *owner, struct bytes message)
{
    struct publication *m = new_publication(p);
    m->owner = shared_hold(owner);
    m->bytes = message;
    m->edge->under_way += message.n;
    p->bytes += message.n;
    if (m->edge->under_way > UNDER_WAY_BYTES) {
        publication_give_up(m, "too much is under way");
        return RESULT_OK;
    }
    bool full = p->count >= PUBLISHER_MAX || p->bytes >= PUBLISHER_BYTES;
    if (full)
        p->asked_to_wait = true;
    intake_run(m); /* may end the call, and with it the publisher */
    return full ? RESULT_AGAIN : RESULT_OK;
}

void publisher_ask_receipt(struct publisher *p, struct bytes id)
{
    struct publication *m = new_publication(p);
    struct edge *e = m->edge;
    struct uuid uuid;
    if (!uuid_parse(id, &uuid) || !edge_is_ready(e)) {
        publication_give_up(m, edge_is_ready(e) ? "not found" : "the ledger is not there");
        return;
    }
    uuid_text(&uuid, m->id);
    buf_clear(&e->out);
    buf_u64(&e->out, edge_ticket(e, &m->ticket));
    buf_put(&e->out, uuid.b, UUID_BYTES);
    buf_bytes16(&e->out, bytes_of_text(p->session->name));
    edge_tell(e, IPC_RECEIPT_GET, buf_view(&e->out));
}
