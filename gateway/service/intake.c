/*
 * Publish: identify, decode, decide, seal, commit; then the receipt. Receipts come in the order of
 * the messages, whatever had to wait. Every refusal is on record too.
 */
#include "service/intake.h"

#include "base/mem.h"
#include "crypto/random.h"

#include <stdio.h>

enum { PUBLISHER_MAX = 256, TRIES = 4 };

/* ---- publishers */

struct publisher *publisher_open(struct session *s, const struct publisher_events *events,
                                 void *arg)
{
    struct publisher *p = mem_new(sizeof *p);
    *p = (struct publisher){.session = s, .events = events, .arg = arg};
    TAILQ_INIT(&p->waiting);
    TAILQ_INSERT_TAIL(&s->publishers, p, next);
    return p;
}

static void free_publication(struct publication *m)
{
    view_stop_waiting(&m->waiting);
    edge_forget_ticket(m->edge, &m->ticket);
    shared_drop(m->owner);
    buf_free(&m->receipt);
    buf_free(&m->change_text);
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
        if (m->ticket.number == 0)
            free_publication(m);
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
        p->events->receipt(p->arg, buf_view(&m->receipt));
        free_publication(m);
    }
    if (p->asked_to_wait && p->count < PUBLISHER_MAX / 2) {
        p->asked_to_wait = false;
        p->events->room(p->arg);
    }
}

static void finish(struct publication *m)
{
    m->done = true;
    if (m->publisher == NULL)
        free_publication(m);
    else
        send_ready(m->publisher);
}

/* The ledger or keeper is not there: the call ends, with its publisher, and its messages are the
 * sender's again. */
static void give_up(struct publication *m, const char *why)
{
    if (m->publisher == NULL)
        free_publication(m);
    else
        publisher_end(m->publisher, why);
}

/* ---- the way to the ledger */

static void commit(struct intake *i)
{
    struct publication *m = i->p;
    struct edge *e = i->e;
    m->tries++;
    i->commit.ticket = edge_ticket(e, &m->ticket);
    buf_clear(&e->out);
    road_commit_put(&i->commit, &e->out);
    m->scopes = i->commit.scopes;
    for (size_t k = 0; k < m->scopes; k++)
        m->scope[k] = i->commit.scope[k].id;
    if (m->changing != NULL)
        view_begin_change(m->changing);
    edge_tell(e, IPC_COMMIT, buf_view(&e->out));
}

static enum result make_receipt(struct intake *i)
{
    struct publication *m = i->p;
    struct receipt r = {.id = bytes_of_text(m->id),
                        .verdict = (enum road_verdict)i->commit.verdict,
                        .recipient = i->commit.recipient,
                        .recipients = i->commit.recipients,
                        .has_salt = true};
    /* The log says "unknown" for a recipient that the set does not know; its sender sees what it
     * wrote. */
    for (size_t k = 0; k < i->commit.recipients && k < i->m.facts.tos; k++)
        if (i->to[k] == POLICY_NONE)
            i->commit.recipient[k].unit = i->m.facts.to[k];
    memcpy(r.salt, m->salt, SEAL_SALT);
    memcpy(r.digest, m->digest, SHA256_BYTES);
    buf_clear(&m->receipt);
    return receipt_put(i->e, &r, &m->receipt);
}

static void free_intake(struct intake *i)
{
    for (size_t k = 0; k < ROAD_BODIES_MAX; k++)
        buf_free(&i->sealed[k]);
    buf_free(&i->flags);
    mem_wipe(i, sizeof *i);
}

static struct intake *new_intake(struct publication *m)
{
    struct intake *i = mem_new(sizeof *i);
    i->e = m->edge;
    i->p = m;
    i->now_us = edge_now(m->edge);
    for (size_t k = 0; k < ROAD_BODIES_MAX; k++)
        i->sealed[k] = BUF_INIT(LIMIT_MESSAGE + SEAL_TAG);
    i->flags = BUF_INIT(ROAD_TEXT_MAX);
    return i;
}

/* ---- the steps before the decision */

/* The sender is what the certificate says: a header that claims otherwise is refused. */
static void identify(struct intake *i)
{
    const struct session *s = i->p->publisher == NULL ? NULL : i->p->publisher->session;
    if (s != NULL && !bytes_is(i->m.facts.source, s->name))
        intake_refuse(i, REASON_IDENTITY_MISMATCH, "source: the unit that the certificate names");
}

static void decode(struct intake *i)
{
    struct finding why;
    if (message_decode(i->e->arena, i->p->bytes, &i->m, &why) != RESULT_OK) {
        intake_refuse(i, why.reason, why.text);
        return;
    }
    identify(i);
}

static void check(struct intake *i)
{
    const struct check_limits limits = {i->now_us, policy_service_area(i->e->policy),
                                        LIMIT_ID_WINDOW};
    message_check(&i->m, &limits, &i->found);
    if (i->found.refused)
        intake_refuse(i, i->found.finding[0].reason, i->found.finding[0].text);
}

/* An id that names nobody of the set could say anything; it does not go into the log. */
static bool owner_is_known(const struct policy *p, struct bytes incident)
{
    struct bytes owner;
    return ident_split_incident(incident, &owner, NULL) && policy_unit(p, owner) != POLICY_NONE;
}

static void fill_envelope(struct intake *i)
{
    static const char *const status[] = {"", "actual", "exercise", "test"};
    struct road_envelope *e = &i->commit.envelope;
    const struct facts *f = &i->m.facts;
    const struct session *s = i->p->publisher == NULL ? NULL : i->p->publisher->session;
    (void)uuid_parse(f->id, &e->id);
    e->source = s == NULL ? f->source : bytes_of_text(s->name);
    e->kind = bytes_of_text(i->m.kind == NULL ? "unknown" : i->m.kind->name);
    e->service = policy_known(i->e->policy, POLICY_SERVICE, f->service);
    e->purpose = policy_known(i->e->policy, POLICY_PURPOSE, f->purpose);
    e->basis = policy_known(i->e->policy, POLICY_BASIS, f->basis);
    e->status = bytes_of_text(f->status < ARRAY_LEN(status) ? status[f->status] : "");
    for (size_t k = 0; k < f->incidents; k++)
        if (owner_is_known(i->e->policy, f->incident[k]))
            e->incident[e->incidents++] = f->incident[k];
    e->lane = (uint8_t)(i->m.kind == NULL ? LANE_NORMAL : i->m.kind->lane);
    if (e->lane == LANE_URGENT && i->p->bytes.n > LIMIT_URGENT_BYTES)
        e->lane = LANE_NORMAL; /* urgent rules, but it queues behind alerts */
    e->policy = policy_serial(i->e->policy);
    e->size = i->p->bytes.n;
}

/* Only durable decisions are remembered: what may be sent again with the same id is not. */
static bool is_remembered(const struct intake *i)
{
    struct uuid id;
    if (!uuid_parse(i->m.facts.id, &id) || i->p->forced != REASON_NONE)
        return false;
    if (i->commit.verdict != ROAD_REFUSED || i->commit.recipients == 0)
        return true;
    const struct reason_row *row = reason_row(reason_of_word(i->commit.recipient[0].reason));
    return row == NULL || row->retry == REASON_RETRY_NEVER;
}

/* ---- one run: from bytes to a commit under way */

static enum result decide_and_seal(struct intake *i)
{
    struct publication *m = i->p;
    decode(i);
    if (i->commit.verdict == 0)
        check(i);
    (void)snprintf(m->id, sizeof m->id, "%.*s", (int)i->m.facts.id.n,
                   (const char *)i->m.facts.id.p);
    if (i->commit.verdict == 0 && m->forced != REASON_NONE)
        intake_refuse(i, m->forced, "id: used before with other content");
    if (i->commit.verdict == 0) {
        if (view_waits(m->edge, i->m.facts.incident, i->m.facts.incidents, &m->waiting))
            return RESULT_AGAIN;
        intake_decide(i);
    }
    fill_envelope(i);
    i->commit.at_us = i->now_us;
    i->commit.remembered = is_remembered(i);
    enum result r = intake_seal(i);
    if (r != RESULT_TOO_LARGE)
        return r;
    intake_refuse(i, REASON_TOO_LARGE,
                  "this size, for so many recipients with different deadlines");
    i->commit.bodies = i->commit.scopes = i->commit.changes = 0;
    return intake_seal(i);
}

static void run(struct publication *m)
{
    if (!edge_is_ready(m->edge)) {
        give_up(m, "the ledger is not there");
        return;
    }
    struct intake *i = new_intake(m);
    arena_reset(m->edge->arena);
    m->changing = NULL;
    enum result r = decide_and_seal(i);
    if (r == RESULT_OK) {
        commit(i);
        r = make_receipt(i);
    }
    free_intake(i);
    mem_free(i);
    arena_reset(m->edge->arena);
    if (r != RESULT_OK && r != RESULT_AGAIN)
        give_up(m,
                r == RESULT_UNAVAILABLE ? "the keeper is not there" : "no room for this message");
}

static void run_again(struct waiting *w)
{
    run(CONTAINER_OF(w, struct publication, waiting));
}

/* ---- answers of the ledger */

static void end_change(struct publication *m, bool applied)
{
    struct view_incident *i = m->changing;
    m->changing = NULL;
    if (i != NULL)
        view_end_change(m->edge, i, applied ? &m->change : NULL);
}

static void answer_repeated(struct publication *m, const struct road_committed *c)
{
    struct receipt r = {.id = bytes_of_text(m->id),
                        .verdict = (enum road_verdict)c->verdict,
                        .recipient = c->recipient,
                        .recipients = c->recipients,
                        .repeated = true};
    const uint8_t *key;
    if (c->scope != 0 && scope_key(m->edge, c->scope, &key) == RESULT_OK) {
        seal_salt(key, c->seed, bytes_of_text("received"), r.salt);
        hasher_sha256(m->edge->hasher, &m->bytes, 1, r.digest);
        r.has_salt = m->bytes.n > 0;
    }
    buf_clear(&m->receipt);
    if (receipt_put(m->edge, &r, &m->receipt) == RESULT_OK &&
        receipt_put_record(edge_origin(m->edge), c->index, &m->receipt) == RESULT_OK)
        finish(m);
}

static void committed(struct ticket *t, const struct road_committed *c)
{
    struct publication *m = CONTAINER_OF(t, struct publication, ticket);
    switch ((enum road_answer)c->answer) {
    case ROAD_ON_DISK:
        for (size_t k = 0; k < m->scopes; k++)
            scope_was_committed(m->edge, m->scope[k]);
        end_change(m, true);
        if (receipt_put_record(edge_origin(m->edge), c->index, &m->receipt) == RESULT_OK)
            finish(m);
        return;
    case ROAD_REPEATED:
        end_change(m, false);
        answer_repeated(m, c);
        return;
    case ROAD_ID_REUSED:
    case ROAD_STALE:
        end_change(m, false);
        scope_forget_uncommitted(m->edge);
        m->forced = c->answer == ROAD_ID_REUSED ? REASON_ID_REUSED : m->forced;
        if (m->tries < TRIES)
            run(m);
        else
            give_up(m, "the state changed too often");
        return;
    case ROAD_NO_ROOM:
    case ROAD_NOT_FOUND: break;
    }
    end_change(m, false);
    give_up(m, c->answer == ROAD_NOT_FOUND ? "not found" : "the disk is full");
}

static void lost(struct ticket *t)
{
    struct publication *m = CONTAINER_OF(t, struct publication, ticket);
    end_change(m, false);
    if (m->publisher == NULL)
        free_publication(m); /* the others go with their call */
}

static struct publication *new_publication(struct publisher *p)
{
    struct publication *m = mem_new(sizeof *m);
    *m = (struct publication){.publisher = p,
                              .edge = p->session->edge,
                              .waiting = {.again = run_again},
                              .ticket = {.committed = committed, .lost = lost},
                              .receipt = BUF_INIT(LIMIT_REQUEST),
                              .change_text = BUF_INIT(LIMIT_REQUEST)};
    TAILQ_INSERT_TAIL(&p->waiting, m, next);
    p->count++;
    return m;
}

enum result publisher_take(struct publisher *p, struct shared *owner, struct bytes message)
{
    struct publication *m = new_publication(p);
    m->owner = shared_hold(owner);
    m->bytes = message;
    bool full = p->count >= PUBLISHER_MAX;
    if (full)
        p->asked_to_wait = true;
    run(m); /* may end the call, and with it the publisher */
    return full ? RESULT_AGAIN : RESULT_OK;
}

void publisher_ask_receipt(struct publisher *p, struct bytes id)
{
    struct publication *m = new_publication(p);
    struct edge *e = m->edge;
    struct uuid uuid;
    if (!uuid_parse(id, &uuid) || !edge_is_ready(e)) {
        give_up(m, edge_is_ready(e) ? "not found" : "the ledger is not there");
        return;
    }
    uuid_text(&uuid, m->id);
    buf_clear(&e->out);
    buf_u64(&e->out, edge_ticket(e, &m->ticket));
    buf_put(&e->out, uuid.b, UUID_BYTES);
    buf_bytes16(&e->out, bytes_of_text(p->session->name));
    edge_tell(e, IPC_RECEIPT_GET, buf_view(&e->out));
}
