/*
 * What the gateway says itself: it is a party too, gateway/self. Its messages take the same road to
 * the ledger and to the recipient's queue, under the clause that caused them.
 */
#include "base/mem.h"
#include "service/parts.h"
#include "service/state.h"

/* ---- a message of the gateway's, from structure to commit */

/* The envelope and body of one message while it is made. */
struct making {
    Fedgate__V1__Message message;
    Fedgate__V1__Header header;
    Fedgate__V1__LegalBasis basis;
    Google__Protobuf__Timestamp created_at;
    char id[UUID_TEXT + 1];
};

static void fill_header(struct edge *e, const struct notice *n, const struct uuid *id,
                        struct making *m)
{
    struct arena *a = e->arena2;
    fedgate__v1__message__init(&m->message);
    fedgate__v1__header__init(&m->header);
    fedgate__v1__legal_basis__init(&m->basis);
    parts_time(&m->created_at, edge_now(e));
    uuid_text(id, m->id);
    m->message.header = &m->header;
    m->header.id = m->id;
    m->header.source = parts_text(a, bytes_of_text("gateway/self"));
    m->header.service = parts_text(a, n->service);
    m->header.purpose = parts_text(a, n->purpose);
    m->basis.code = parts_text(a, n->basis);
    m->header.basis = &m->basis;
    m->header.created_at = &m->created_at;
    m->header.status = (Fedgate__V1__Status)n->status;
    m->header.incident_id = arena_take(a, (n->incidents + 1) * sizeof(char *));
    for (size_t i = 0; m->header.incident_id != NULL && i < n->incidents; i++)
        m->header.incident_id[m->header.n_incident_id++] = parts_text(a, n->incident[i]);
}

static void fill_envelope(struct edge *e, const struct notice *n, const struct uuid *id,
                          size_t size, struct road_envelope *out)
{
    *out = (struct road_envelope){.id = *id,
                                  .source = bytes_of_text("gateway/self"),
                                  .kind = bytes_of_text(kind_row(n->kind)->name),
                                  .service = n->service,
                                  .purpose = n->purpose,
                                  .basis = n->basis,
                                  .status = bytes_of_text(status_word(n->status)),
                                  .lane = (uint8_t)kind_row(n->kind)->lane,
                                  .policy = policy_serial(e->policy),
                                  .size = size};
    view_name_incidents(e, n->incident, n->incidents, out);
}

static enum result seal_notice(struct edge *e, const struct notice *n, const struct uuid *id,
                               struct bytes plain, struct buf *sealed, struct road_commit *c)
{
    int64_t now_us = edge_now(e), deadline_us = policy_bucket(now_us + NOTICE_KEPT, now_us);
    const struct scope_wish wish = {.starts = POLICY_STARTS_ARRIVAL, .deadline_us = deadline_us};
    struct road_scope description;
    uint8_t context[ROAD_CONTEXT];
    struct body_keys k;
    struct cached_scope *s = scope_for(e, &wish, &description);
    if (s == NULL)
        return RESULT_UNAVAILABLE;
    fill_envelope(e, n, id, plain.n, &c->envelope);
    c->ticket = n->ticket;
    c->at_us = now_us;
    c->verdict = ROAD_ACCEPTED;
    c->recipients = c->bodies = 1;
    c->recipient[0] =
        (struct road_recipient){.unit = n->to,
                                .reason = bytes_of_text(reason_word(REASON_PERMITTED)),
                                .clause = n->clause,
                                .permitted = true,
                                .deadline_us = deadline_us};
    if (!s->committed)
        c->scope[c->scopes++] = description;
    c->body[0].scope = s->is.id;
    random_take(&e->random, c->body[0].seed, ROAD_SEED);
    seal_body_keys(s->key, c->body[0].seed, &k);
    commitment_of(e, k.salt, plain, c->commitment);
    memcpy(c->content, c->commitment, sizeof c->content); /* its id comes once: any will do */
    road_context(id, c->commitment, deadline_us, context);
    seal_body_under(&k, bytes_of(context, sizeof context), plain,
                    buf_extend(sealed, plain.n + SEAL_TAG));
    c->body[0].sealed = buf_view(sealed);
    return RESULT_OK;
}

enum result notice_put(struct edge *e, const struct notice *n,
                       void (*body)(struct Fedgate__V1__Message *m, void *arg), void *arg,
                       struct buf *out)
{
    struct making making;
    uint8_t random[10];
    random_take(&e->random, random, sizeof random);
    const struct uuid id = uuid_v7(edge_now(e), random);
    struct buf *plain = &e->drafts.plain, *sealed = &e->drafts.sealed;
    struct road_commit c UNSET;
    road_commit_init(&c);
    arena_reset(e->arena2);
    fill_header(e, n, &id, &making);
    body(&making.message, arg);
    enum result r = message_pack(&making.message.base, plain);
    if (r == RESULT_OK)
        r = seal_notice(e, n, &id, buf_view(plain), sealed, &c);
    if (r == RESULT_OK) {
        road_commit_put(&c, out);
        r = buf_status(out);
    }
    buf_reuse(plain, DRAFT_KEPT);
    buf_reuse(sealed, DRAFT_KEPT);
    return r;
}

/* ---- provision notices (LIA 19(3)): tell the subject at once to whom its location went, when and
 * for what */

struct provision {
    struct edge *e;
    const struct message *m;
    const struct obligations *o;
    struct bytes recipient;
    Fedgate__V1__ProvisionNotice notice;
    Fedgate__V1__SubjectRef subject;
    Google__Protobuf__Timestamp provided_at, notify_by;
};

static void provision_body(Fedgate__V1__Message *m, void *arg)
{
    struct provision *p = arg;
    struct arena *a = p->e->arena2;
    const struct facts *f = &p->m->facts;
    int64_t now_us = edge_now(p->e);
    fedgate__v1__provision_notice__init(&p->notice);
    fedgate__v1__subject_ref__init(&p->subject);
    p->subject.party = parts_text(a, f->subject_party);
    p->subject.ref = parts_text(a, f->subject_ref);
    parts_time(&p->provided_at, now_us);
    parts_time(&p->notify_by, now_us + p->o->notify_within_us);
    p->notice.subject = &p->subject;
    p->notice.recipient = parts_text(a, p->recipient);
    p->notice.purpose = parts_text(a, f->purpose);
    p->notice.provided_at = &p->provided_at;
    p->notice.notify_by = &p->notify_by;
    m->body_case = FEDGATE__V1__MESSAGE__BODY_PROVISION_NOTICE;
    m->provision_notice = &p->notice;
}

enum result notice_of_provision(struct edge *e, const struct message *m, const struct decision *d,
                                const struct obligations *o, struct bytes recipient,
                                struct buf *out)
{
    const struct facts *f = &m->facts;
    struct provision p = {.e = e, .m = m, .o = o, .recipient = recipient};
    if (o->notify_within_us < 0 || !f->has_subject)
        return RESULT_OK;
    const struct notice n = {.kind = KIND_PROVISION_NOTICE,
                             .status = f->status,
                             .to = f->source,
                             .service = f->service,
                             .purpose = f->purpose,
                             .basis = f->basis,
                             .incident = f->incident,
                             .incidents = f->incidents,
                             .clause = bytes_of_text(d->clause)};
    return notice_put(e, &n, provision_body, &p, out);
}

void notice_complete(struct message *m, const struct road_deliver *d, const char *origin)
{
    if (m->pb->body_case != FEDGATE__V1__MESSAGE__BODY_PROVISION_NOTICE || d->refers == 0)
        return;
    Fedgate__V1__LogRef *ref = arena_take(m->arena, sizeof *ref);
    if (ref == NULL)
        return;
    fedgate__v1__log_ref__init(ref);
    ref->origin = parts_text(m->arena, bytes_of_text(origin));
    ref->index = d->refers;
    m->pb->provision_notice->provision = ref;
}

/* ---- outcomes */

/* The same id at every delivery: a consumer that sees it twice knows it. */
static void outcome_id(struct edge *e, const struct road_outcome *o, char id[UUID_TEXT + 1])
{
    uint8_t digest[MAC_BYTES];
    const struct bytes part[] = {bytes_of_text("outcome id"), bytes_of(o->about.b, UUID_BYTES),
                                 o->to, bytes_of(&o->step, 1)};
    mac_keyed(e->tag_key, part, ARRAY_LEN(part), digest);
    struct uuid u = uuid_v7(o->at_us, digest);
    uuid_text(&u, id);
}

enum result notice_outcome(struct edge *e, const struct road_deliver *d, struct buf *out)
{
    const struct road_outcome *o = &d->outcome;
    struct making m;
    struct uuid none = {0};
    const struct notice n = {
        .kind = KIND_OUTCOME, .status = status_of_word(d->envelope.status), .to = d->unit};
    char about[UUID_TEXT + 1];
    Fedgate__V1__Outcome outcome = FEDGATE__V1__OUTCOME__INIT;
    Fedgate__V1__Receipt receipt = FEDGATE__V1__RECEIPT__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    Fedgate__V1__RecipientVerdict verdict = FEDGATE__V1__RECIPIENT_VERDICT__INIT,
                                  *verdicts[1] = {&verdict};
    Fedgate__V1__DeliveryStatus status = FEDGATE__V1__DELIVERY_STATUS__INIT,
                                *statuses[1] = {&status};
    Google__Protobuf__Timestamp at;
    arena_reset(e->arena2);
    fill_header(e, &n, &none, &m);
    outcome_id(e, o, m.id);
    uuid_text(&o->about, about);
    parts_time(&at, o->at_us);
    parts_time(&m.created_at, o->at_us);
    receipt.id = about;
    receipt.status = m.header.status;
    receipt.verdict = FEDGATE__V1__VERDICT__VERDICT_ACCEPTED;
    record.origin = (char *)(uintptr_t)edge_origin(e);
    record.index = o->about_index;
    receipt.record = &record;
    verdict.to = parts_text(e->arena2, o->to);
    verdict.reason = (Fedgate__V1__Reason)reason_of_word(o->reason);
    receipt.recipient = verdicts;
    receipt.n_recipient = 1;
    status.to = verdict.to;
    status.step = (Fedgate__V1__DeliveryStep)o->step;
    status.at = &at;
    outcome.receipt = &receipt;
    outcome.status = statuses;
    outcome.n_status = o->step == 0 ? 0 : 1; /* without a step: how the receipt now stands */
    m.message.body_case = FEDGATE__V1__MESSAGE__BODY_OUTCOME;
    m.message.outcome = &outcome;
    return message_pack(&m.message.base, out);
}

/* ---- orders of destruction */

/* The words of the clause that causes it, for a receipt needs some too; none when the set does not
 * have that clause any more. */
static struct notice notice_of_order(const struct edge *e, const struct road_deliver *d)
{
    const uint32_t grant = policy_clause(e->policy, d->clause);
    struct policy_words words = {"", "", ""};
    if (grant != POLICY_NONE)
        policy_grant_words(e->policy, grant, &words);
    return (struct notice){.kind = KIND_DESTRUCTION_ORDER,
                           .status = status_of_word(d->envelope.status),
                           .to = d->unit,
                           .service = bytes_of_text(words.service),
                           .purpose = bytes_of_text(words.purpose),
                           .basis = bytes_of_text(words.basis),
                           .incident = d->envelope.incident,
                           .incidents = d->envelope.incidents};
}

static Fedgate__V1__LogRef **put_items(struct edge *e, struct bytes items)
{
    const size_t count = road_items(items);
    Fedgate__V1__LogRef **list = arena_take(e->arena2, count * sizeof *list),
                        *ref = arena_take(e->arena2, count * sizeof *ref);
    for (size_t i = 0; list != NULL && ref != NULL && i < count; i++) {
        fedgate__v1__log_ref__init(&ref[i]);
        ref[i].origin = (char *)(uintptr_t)edge_origin(e);
        ref[i].index = road_item(items, i);
        list[i] = &ref[i];
    }
    return ref == NULL ? NULL : list;
}

/* The same bytes at every delivery: its id is that of the order. */
enum result notice_order(struct edge *e, const struct road_deliver *d, struct buf *out)
{
    const struct road_order *o = &d->order;
    const struct notice n = notice_of_order(e, d);
    struct making m;
    char id[UUID_TEXT + 1];
    Fedgate__V1__DestructionOrder order = FEDGATE__V1__DESTRUCTION_ORDER__INIT;
    Google__Protobuf__Timestamp due;
    arena_reset(e->arena2);
    fill_header(e, &n, &o->id, &m);
    uuid_text(&o->id, id);
    parts_time(&due, o->due_us);
    parts_time(&m.created_at, o->at_us);
    order.order_id = id;
    order.item = put_items(e, o->items);
    order.n_item = order.item == NULL ? 0 : road_items(o->items);
    order.why = (Fedgate__V1__DestructionCause)o->cause;
    order.due = &due;
    m.message.body_case = FEDGATE__V1__MESSAGE__BODY_DESTRUCTION_ORDER;
    m.message.destruction_order = &order;
    return order.item == NULL ? RESULT_NO_MEMORY : message_pack(&m.message.base, out);
}

/* ---- stream notices: a stream that the unit may watch has opened or ended */

enum { TRIES = 4 };

/* One notice on its way to the ledger; it is made again when the state changed meanwhile. */
struct stream_notice {
    struct ticket ticket;
    struct edge *e;
    unsigned tries, status;
    struct arena *kept; /* what the views below point into */
    struct bytes stream_id, camera, to, clause, service, purpose, basis;
    struct bytes incident[FACTS_INCIDENT_MAX];
    size_t incidents;
    bool open;
    enum reason why;
    Fedgate__V1__StreamNotice body;
};

static void stream_body(Fedgate__V1__Message *m, void *arg)
{
    struct stream_notice *s = arg;
    fedgate__v1__stream_notice__init(&s->body);
    s->body.stream_id = parts_text(s->e->arena2, s->stream_id);
    s->body.camera_id = parts_text(s->e->arena2, s->camera);
    s->body.open = s->open;
    s->body.why = (Fedgate__V1__Reason)s->why;
    m->body_case = FEDGATE__V1__MESSAGE__BODY_STREAM_NOTICE;
    m->stream_notice = &s->body;
}

static void free_notice(struct stream_notice *s)
{
    edge_forget_ticket(s->e, &s->ticket);
    arena_free(s->kept);
    mem_free(s);
}

static void notice_lost(struct ticket *t)
{
    free_notice(CONTAINER_OF(t, struct stream_notice, ticket));
}

static void send_notice(struct stream_notice *s)
{
    struct buf commit = BUF_INIT(CHANNEL_MESSAGE_MAX);
    struct notice n = {.kind = KIND_STREAM_NOTICE,
                       .status = s->status,
                       .to = s->to,
                       .service = s->service,
                       .purpose = s->purpose,
                       .basis = s->basis,
                       .incident = s->incident,
                       .incidents = s->incidents,
                       .clause = s->clause,
                       .ticket = edge_ticket(s->e, &s->ticket)};
    enum result r = notice_put(s->e, &n, stream_body, s, &commit);
    if (r == RESULT_OK) {
        edge_tell(s->e, IPC_COMMIT, buf_view(&commit));
    } else {
        log_line(s->e->config.log, LOG_ALARM, "notice-lost",
                 "kind=stream_notice why=\"no keeper\"");
        free_notice(s);
    }
    buf_free(&commit);
}

static void notice_committed(struct ticket *t, const struct road_committed *c)
{
    struct stream_notice *s = CONTAINER_OF(t, struct stream_notice, ticket);
    if (c->answer == ROAD_STALE && s->tries++ < TRIES) {
        scope_forget_uncommitted(s->e);
        send_notice(s);
        return;
    }
    if (c->answer != ROAD_ON_DISK)
        log_line(s->e->config.log, LOG_ALARM, "notice-lost",
                 "kind=stream_notice why=\"not committed\"");
    free_notice(s);
}

void notice_stream(struct edge *e, const struct facts *stream, struct bytes stream_id,
                   struct bytes to, struct bytes clause, bool open, enum reason why)
{
    struct stream_notice *s = mem_new(sizeof *s);
    struct arena *a = arena_new(LIMIT_REQUEST);
    *s = (struct stream_notice){.ticket = {.committed = notice_committed, .lost = notice_lost},
                                .e = e,
                                .status = stream->status,
                                .kept = a,
                                .stream_id = arena_copy(a, stream_id),
                                .to = arena_copy(a, to),
                                .clause = arena_copy(a, clause),
                                .service = arena_copy(a, stream->service),
                                .purpose = arena_copy(a, stream->purpose),
                                .basis = arena_copy(a, stream->basis),
                                .open = open,
                                .why = why};
    if (stream->cameras > 0)
        s->camera = arena_copy(a, stream->camera[0]);
    for (; s->incidents < stream->incidents; s->incidents++)
        s->incident[s->incidents] = arena_copy(a, stream->incident[s->incidents]);
    send_notice(s);
}
