/*
 * Publish: the messages of one call. Receipts go out in the order of the messages, whatever had to
 * wait (intake.c decides them, answer.c hears what became of them).
 */
#include "service/intake.h"

#include "base/mem.h"

#include <stdio.h>

/* ---- turns: who is decided next, and how many the ledger has at once. What waits for its turn
 * costs nothing but its bytes; so a flood of one party fills its own place here, and neither the
 * socket to the ledger nor the next commit. */

static size_t publication_bytes(const struct lanes_item *i)
{
    return CONTAINER_OF(i, const struct publication, turn)->bytes.n;
}

void publications_init(struct edge *e)
{
    lanes_book_init(&e->publications, publication_bytes,
                    NULL); /* what had its turn never comes back */
    lanes_init(&e->turns, &e->publications);
    e->at_ledger =
        (struct lanes_window){.most = LIMIT_LEDGER_MESSAGES, .most_bytes = LIMIT_LEDGER_BYTES};
}

/* What became of an earlier message. */
static void ask_receipt(struct publication *m)
{
    struct edge *e = m->edge;
    struct uuid id;
    if (!uuid_parse(bytes_of_text(m->id), &id) || !edge_is_ready(e)) {
        publication_give_up(m, edge_is_ready(e) ? "not found" : "the ledger is not there");
        return;
    }
    buf_clear(&e->out);
    buf_u64(&e->out, edge_ticket(e, &m->ticket));
    buf_put(&e->out, id.b, UUID_BYTES);
    buf_bytes16(&e->out, bytes_of_text(m->sender));
    edge_tell(e, IPC_RECEIPT_GET, buf_view(&e->out));
}

static void run(struct publication *m)
{
    if (m->owner == NULL)
        ask_receipt(m);
    else
        intake_run(m); /* may end the call, and with it the publisher */
}

void publications_take_turns(struct edge *e)
{
    struct lanes_item *i;
    if (e->is_taking_turns)
        return;
    e->is_taking_turns = true;
    while ((i = lanes_next(&e->turns, &e->at_ledger)) != NULL) {
        struct publication *m = CONTAINER_OF(i, struct publication, turn);
        lanes_serve(i, &e->at_ledger);
        m->turn_is = TURN_HAS;
        run(m);
    }
    e->is_taking_turns = false;
}

void publication_wait(struct publication *m)
{
    lanes_put(&m->turn);
    m->turn_is = TURN_WAITS;
}

static void wait_for_turn(struct publication *m, enum lane lane)
{
    lanes_join(&m->edge->turns, lane, bytes_of_text(m->sender), &m->turn);
    if (!refusals_rest(m))
        publication_wait(m);
}

/* The ledger has it no more. */
static void end_turn(struct publication *m)
{
    if (m->turn_is == TURN_HAS)
        lanes_done(&m->turn, &m->edge->at_ledger);
    else if (m->turn_is == TURN_WAITS)
        lanes_set_aside(&m->turn);
    else if (m->turn_is == TURN_RESTS)
        refusals_leave(m);
    m->turn_is = TURN_OVER;
}

/* Its sender's party has so much under way in this lane that each of its calls has to wait. */
static bool is_of_a_flood(const struct publication *m)
{
    return m->turn.flow->items >= LIMIT_PARTY_MESSAGES || m->turn.flow->bytes >= LIMIT_PARTY_BYTES;
}

/* ---- calls */

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
    end_turn(m);
    lanes_leave(&m->turn, false);
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

/* A call without a message under way may always send one; of a unit whose messages rest, only such
 * a call. */
static bool has_room(const struct publisher *p)
{
    const struct publication *last = TAILQ_LAST(&p->waiting, publications);
    return last == NULL ||
           (p->count < LIMIT_CALL_MESSAGES / 2 && p->bytes <= LIMIT_CALL_BYTES / 2 &&
            last->turn_is != TURN_RESTS && !is_of_a_flood(last));
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
    if (p->asked_to_wait && has_room(p)) {
        p->asked_to_wait = false;
        p->events->room(p->arg);
    }
}

void publication_finish(struct publication *m)
{
    m->done = true;
    end_turn(m);
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

static struct publication *new_publication(struct publisher *p, struct shared *owner,
                                           struct bytes bytes)
{
    struct publication *m = mem_new(sizeof *m);
    *m = (struct publication){.publisher = p,
                              .edge = p->session->edge,
                              .owner = owner == NULL ? NULL : shared_hold(owner),
                              .bytes = bytes,
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
    p->bytes += bytes.n;
    m->edge->under_way += bytes.n;
    wait_for_turn(m, owner == NULL ? LANE_NORMAL : message_lane(bytes));
    return m;
}

enum result publisher_take(struct publisher *p, struct shared *owner, struct bytes message)
{
    struct publication *m = new_publication(p, owner, message);
    struct edge *e = m->edge;
    if (e->under_way > LIMIT_UNDER_WAY && m->turn.flow->bytes > LIMIT_CALL_BYTES) {
        publication_give_up(m, "too much is under way");
        return RESULT_OK;
    }
    const bool full = p->count >= LIMIT_CALL_MESSAGES || p->bytes >= LIMIT_CALL_BYTES ||
                      m->turn_is == TURN_RESTS || is_of_a_flood(m);
    p->asked_to_wait = p->asked_to_wait || full;
    publications_take_turns(e);
    return full ? RESULT_AGAIN : RESULT_OK;
}

void publisher_ask_receipt(struct publisher *p, struct bytes id)
{
    struct publication *m = new_publication(p, NULL, bytes_of(NULL, 0));
    struct edge *e = m->edge;
    if (id.n == UUID_TEXT)
        memcpy(m->id, id.p, UUID_TEXT);
    publications_take_turns(e);
}
