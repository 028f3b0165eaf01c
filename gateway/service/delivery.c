/*
 * Subscribe: what the ledger offers is opened, decided a second time, transformed, and its
 * commitment recorded; only then does it leave. A delivery carries the exact bytes that were
 * committed for this recipient.
 */
#include "base/mem.h"
#include "net/grpc.h"
#include "service/state.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>

enum { IN_FLIGHT_DEFAULT = 64, IN_FLIGHT_MAX = 1024, TRIES = 4 };

static const uint64_t bytes_in_flight_default = 8u << 20;

/* One delivery in a subscriber's hands. */
struct outgoing {
    uint64_t entry, seq;
    struct buf message; /* the bytes for this recipient */
    struct buf frame;   /* the encoded Delivery, but for record and seq */
    uint64_t released_index;
    bool released;
    unsigned tries;
    struct buf offer; /* the DELIVER, to decide again when the state changed */
    TAILQ_ENTRY(outgoing) next;
};

struct subscriber {
    struct session *session;
    uint64_t number; /* names the consumer to the ledger */
    const struct subscriber_events *events;
    void *arg;
    uint64_t next_seq;
    struct map *by_entry, *by_seq;
    TAILQ_ENTRY(subscriber) next;
};

struct bytes consumer_key(const void *item)
{
    return bytes_of(&((const struct subscriber *)item)->number, sizeof(uint64_t));
}

static struct bytes entry_key(const void *item)
{
    return bytes_of(&((const struct outgoing *)item)->entry, sizeof(uint64_t));
}

static struct bytes seq_key(const void *item)
{
    return bytes_of(&((const struct outgoing *)item)->seq, sizeof(uint64_t));
}

/* ---- subscribers */

static const char *read_start(struct session *s, struct bytes encoded, struct road_subscribe *out)
{
    struct edge *e = s->edge;
    struct ProtobufCMessage *m;
    struct finding why;
    arena_reset(e->arena);
    if (message_unpack(e->arena, &fedgate__v1__subscribe_start__descriptor, encoded, LIMIT_REQUEST,
                       &m, &why) != RESULT_OK)
        return "start: not a SubscribeStart";
    const Fedgate__V1__SubscribeStart *start = (const void *)m;
    *out = (struct road_subscribe){.unit = bytes_of_text(s->name),
                                   .queue = bytes_of_text(start->queue),
                                   .most = start->max_in_flight,
                                   .most_bytes = start->max_bytes_in_flight};
    if (out->queue.n == 0)
        out->queue = bytes_of_text("default");
    if (!ident_is_word(out->queue))
        return "queue: lower-case letters, digits and hyphens, at most 40";
    if (start->n_kind > ROAD_RECIPIENTS_MAX || start->n_incident_id > ROAD_RECIPIENTS_MAX)
        return "kind, incident_id: at most 64 each";
    for (size_t i = 0; i < start->n_kind; i++) {
        out->kind[out->kinds++] = bytes_of_text(start->kind[i]);
        if (kind_named(bytes_of_text(start->kind[i])) == NULL)
            return "kind: a kind of the contract that this gateway carries";
    }
    for (size_t i = 0; i < start->n_incident_id; i++) {
        out->incident[out->incidents++] = bytes_of_text(start->incident_id[i]);
        if (!ident_split_incident(bytes_of_text(start->incident_id[i]), NULL, NULL))
            return "incident_id: party/unit:UUID";
    }
    if (out->most == 0)
        out->most = IN_FLIGHT_DEFAULT;
    if (out->most > IN_FLIGHT_MAX)
        out->most = IN_FLIGHT_MAX;
    if (out->most_bytes == 0 || out->most_bytes > 8 * bytes_in_flight_default)
        out->most_bytes = bytes_in_flight_default;
    return NULL;
}

struct subscriber *subscriber_open(struct session *session, const struct subscriber_events *events,
                                   void *arg, struct bytes start, const char **why)
{
    struct edge *e = session->edge;
    struct road_subscribe out;
    *why = edge_is_ready(e) ? read_start(session, start, &out) : "the ledger is not there";
    if (*why != NULL)
        return NULL;
    struct subscriber *s = mem_new(sizeof *s);
    *s = (struct subscriber){.session = session,
                             .number = e->next_consumer++,
                             .events = events,
                             .arg = arg,
                             .next_seq = 1,
                             .by_entry = map_new(entry_key),
                             .by_seq = map_new(seq_key)};
    (void)map_add(e->consumers, s);
    TAILQ_INSERT_TAIL(&session->subscribers, s, next);
    out.consumer = s->number;
    buf_clear(&e->out);
    road_subscribe_put(&out, &e->out);
    edge_tell(e, IPC_SUBSCRIBE, buf_view(&e->out));
    arena_reset(e->arena);
    return s;
}

static void free_outgoing(struct subscriber *s, struct outgoing *o)
{
    (void)map_remove(s->by_entry, entry_key(o));
    if (o->seq != 0)
        (void)map_remove(s->by_seq, seq_key(o));
    buf_free(&o->message);
    buf_free(&o->frame);
    buf_free(&o->offer);
    mem_free(o);
}

void subscriber_close(struct subscriber *s)
{
    struct edge *e = s->session->edge;
    struct outgoing *o;
    size_t at = 0;
    buf_clear(&e->out);
    buf_u64(&e->out, s->number);
    edge_tell(e, IPC_UNSUBSCRIBE, buf_view(&e->out));
    while ((o = map_next(s->by_entry, &at)) != NULL) {
        free_outgoing(s, o);
        at = 0; /* the map changed */
    }
    map_free(s->by_entry);
    map_free(s->by_seq);
    (void)map_remove(e->consumers, consumer_key(s));
    TAILQ_REMOVE(&s->session->subscribers, s, next);
    mem_free(s);
}

void subscriber_ack(struct subscriber *s, const uint64_t *seq, size_t count, unsigned refuse)
{
    struct edge *e = s->session->edge;
    struct road_ack ack = {.consumer = s->number, .refuse = (uint8_t)refuse};
    for (size_t i = 0; i < count; i++) {
        struct outgoing *o = map_get(s->by_seq, bytes_of(&seq[i], sizeof seq[i]));
        if (o == NULL || ack.entries == ROAD_ACKS_MAX)
            continue;
        ack.entry[ack.entries++] = o->entry;
        free_outgoing(s, o);
    }
    if (ack.entries == 0)
        return;
    buf_clear(&e->out);
    road_ack_put(&ack, &e->out);
    edge_tell(e, IPC_ACK, buf_view(&e->out));
}

/* The call hears of it last, when nothing of the subscriber is left. */
static void end(struct subscriber *s, int status, const char *why)
{
    const struct subscriber_events *events = s->events;
    void *arg = s->arg;
    subscriber_close(s);
    events->ended(arg, status, why);
}

void delivery_replaced(struct edge *e, uint64_t consumer)
{
    struct subscriber *s = map_get(e->consumers, bytes_of(&consumer, sizeof consumer));
    if (s != NULL)
        end(s, GRPC_ABORTED, "another consumer took the queue");
}

/* ---- the second decision */

/* What is being delivered. */
struct outlet {
    struct edge *e;
    struct subscriber *s;
    struct outgoing *o;
    const struct road_deliver *d;
    struct message m;
    const struct incident *incident[FACTS_INCIDENT_MAX];
    struct policy_question q;
    uint32_t to;
    struct decision decision;
    struct obligations obligations;
    bool by_gateway; /* the gateway's own message: under the clause that caused it */
    struct field_path changed[POLICY_CHANGED_MAX];
    size_t changes;
    uint8_t salt[SEAL_SALT];
};

static void refuse(struct outlet *x, enum reason reason, const char *failed)
{
    x->decision = (struct decision){
        .reason = reason, .grant = POLICY_NONE, .clause = "", .failed = failed, .law = ""};
}

/* The body again, as it was received. RESULT_NOT_FOUND: its key is gone. RESULT_UNAVAILABLE: nobody
 * can say that now. */
static enum result open_body(struct outlet *x, struct buf *plain)
{
    const struct road_deliver *d = x->d;
    const uint8_t *key;
    uint8_t context[SEAL_CONTEXT];
    TRY(scope_key(x->e, d->body.scope, &key));
    if (d->body.sealed.n < SEAL_TAG)
        return RESULT_DAMAGED;
    uint8_t *room = buf_extend(plain, d->body.sealed.n - SEAL_TAG);
    if (room == NULL)
        return RESULT_TOO_LARGE;
    seal_context(&d->envelope.id, d->commitment, d->sealed_deadline_us, context);
    TRY(seal_open_body(key, d->body.seed, bytes_of(context, sizeof context), d->body.sealed, room));
    seal_salt(key, d->body.seed, bytes_of_text(x->s->session->name), x->salt);
    return RESULT_OK;
}

static enum result decode(struct outlet *x, struct bytes plain)
{
    const struct check_limits limits = {x->d->received_us, policy_service_area(x->e->policy),
                                        LIMIT_ID_WINDOW};
    struct finding why;
    struct findings found = {0};
    TRY(message_decode(x->e->arena, plain, &x->m, &why));
    message_check(&x->m, &limits, &found);
    x->by_gateway = bytes_is(x->m.facts.source, "gateway/self");
    return found.refused && !x->by_gateway ? RESULT_MALFORMED : RESULT_OK;
}

static void decide(struct outlet *x)
{
    const char *failed;
    int64_t now_us = edge_now(x->e);
    x->decision = (struct decision){
        .reason = REASON_PERMITTED, .grant = POLICY_NONE, .clause = "", .failed = "", .law = ""};
    if (x->d->deadline_us <= now_us) {
        refuse(x, REASON_DEADLINE_PASSED, "destroy_by");
        return;
    }
    x->to = policy_unit(x->e->policy, bytes_of_text(x->s->session->name));
    if (x->by_gateway || x->to == POLICY_NONE)
        return;
    view_lookup(x->e, &x->m.facts, x->incident);
    enum reason r =
        policy_ask(x->e->policy, &x->m.facts, NULL, x->incident, now_us, &x->q, &failed);
    if (r != REASON_PERMITTED)
        refuse(x, r, failed);
    else
        policy_decide(&x->q, x->to, &x->decision);
    /* An alert that ends its own purpose was permitted while that was open; it may still arrive. */
    if (x->decision.reason == REASON_PERMITTED)
        policy_obligations(&x->q, x->decision.grant, &x->obligations);
}

static enum result transform(struct outlet *x)
{
    if (x->by_gateway) {
        notice_complete(&x->m, x->d, edge_origin(x->e));
        return RESULT_OK;
    }
    return policy_transform(&x->q, &x->decision, x->to, x->e->tag_key, &x->m, x->changed,
                            &x->changes);
}

/* ---- the delivery's own fields */

static void put_times(Google__Protobuf__Timestamp *t, int64_t us)
{
    google__protobuf__timestamp__init(t);
    t->seconds = us / US_PER_S;
    t->nanos = (int32_t)(us % US_PER_S * 1000);
}

static char *text_of(struct outlet *x, struct bytes b)
{
    static char none[] = "";
    char *out = arena_take(x->e->arena2, b.n + 1);
    if (out == NULL)
        return none;
    memcpy(out, b.p, b.n);
    return out;
}

static void put_duties(struct outlet *x, Fedgate__V1__Obligations *must)
{
    const struct obligations *o = &x->obligations;
    must->recipient_duty = arena_take(x->e->arena2, (o->duties + 1) * sizeof(char *));
    must->changed_field = arena_take(x->e->arena2, (x->changes + 1) * sizeof(char *));
    for (size_t i = 0; must->recipient_duty != NULL && i < o->duties; i++)
        must->recipient_duty[must->n_recipient_duty++] =
            (char *)(uintptr_t)policy_duty(x->e->policy, x->decision.grant, i);
    for (size_t i = 0; must->changed_field != NULL && i < x->changes; i++) {
        char path[128];
        field_path_text(x->m.kind, &x->changed[i], path, sizeof path);
        must->changed_field[must->n_changed_field++] = text_of(x, bytes_of_text(path));
    }
}

static void put_flags(struct outlet *x, Fedgate__V1__Delivery *out)
{
    struct bytes words = x->d->flags;
    out->flag = arena_take(x->e->arena2, FINDINGS_MAX * sizeof *out->flag);
    while (out->flag != NULL && words.n > 0 && out->n_flag < FINDINGS_MAX) {
        const uint8_t *blank = memchr(words.p, ' ', words.n);
        size_t n = blank == NULL ? words.n : (size_t)(blank - words.p);
        out->flag[out->n_flag++] = (Fedgate__V1__Reason)reason_of_word(bytes_of(words.p, n));
        words = blank == NULL ? bytes_of(NULL, 0) : bytes_of(blank + 1, words.n - n - 1);
    }
}

static enum result make_frame(struct outlet *x)
{
    Fedgate__V1__Delivery out = FEDGATE__V1__DELIVERY__INIT;
    Fedgate__V1__Obligations must = FEDGATE__V1__OBLIGATIONS__INIT;
    Google__Protobuf__Timestamp destroy_by;
    arena_reset(x->e->arena2);
    put_times(&destroy_by, x->d->deadline_us);
    must.destroy_by = &destroy_by;
    if (x->decision.grant != POLICY_NONE) {
        must.mou = (char *)(uintptr_t)x->obligations.mou;
        must.grant = (char *)(uintptr_t)x->obligations.grant;
        must.purpose = (char *)(uintptr_t)x->obligations.purpose;
        put_duties(x, &must);
    }
    out.message = (ProtobufCBinaryData){x->o->message.n, x->o->message.p};
    out.must = &must;
    out.commitment_salt = (ProtobufCBinaryData){SEAL_SALT, x->salt};
    out.redelivery = x->d->redelivery;
    put_flags(x, &out);
    buf_clear(&x->o->frame);
    return message_pack(&out.base, &x->o->frame);
}

/* ---- asking the ledger to let it go */

static void tell_release(struct outlet *x, struct bytes notice)
{
    struct road_release r = {.consumer = x->s->number,
                             .entry = x->o->entry,
                             .permitted = x->decision.reason == REASON_PERMITTED,
                             .reason = bytes_of_text(reason_word(x->decision.reason)),
                             .clause = x->by_gateway || x->d->is_outcome
                                           ? x->d->clause
                                           : bytes_of_text(x->decision.clause),
                             .failed = bytes_of_text(x->decision.failed),
                             .flags = x->d->flags,
                             .size = x->o->message.n,
                             .policy = policy_serial(x->e->policy),
                             .at_us = edge_now(x->e),
                             .notice = notice};
    if (r.permitted)
        commitment_of(x->e, x->salt, buf_view(&x->o->message), r.commitment);
    buf_clear(&x->e->out);
    road_release_put(&r, &x->e->out);
    edge_tell(x->e, IPC_RELEASE, buf_view(&x->e->out));
}

static enum result prepare_body(struct outlet *x, struct buf *notice)
{
    struct buf plain = BUF_INIT(LIMIT_MESSAGE);
    enum result r = open_body(x, &plain);
    if (r == RESULT_OK)
        r = decode(x, buf_view(&plain));
    if (r == RESULT_OK)
        decide(x);
    if (r == RESULT_OK && x->decision.reason == REASON_PERMITTED) {
        r = transform(x);
        if (r == RESULT_OK)
            r = message_encode(&x->m, &x->o->message);
        if (r == RESULT_OK && !x->by_gateway)
            r = notice_of_provision(x->e, &x->m, &x->decision, &x->obligations,
                                    bytes_of_text(x->s->session->name), notice);
    }
    buf_free(&plain);
    return r;
}

static enum result prepare_outcome(struct outlet *x)
{
    x->decision = (struct decision){
        .reason = REASON_PERMITTED, .grant = POLICY_NONE, .clause = "", .failed = "", .law = ""};
    /* No body, so no key to derive a salt from; the same again at a redelivery. */
    struct bytes part[] = {bytes_of_text("outcome"), bytes_of(x->d->outcome.about.b, UUID_BYTES),
                           x->d->outcome.to};
    mac_keyed(x->e->tag_key, part, ARRAY_LEN(part), x->salt);
    return notice_outcome(x->e, x->d, &x->o->message);
}

static void offer(struct subscriber *s, struct outgoing *o, const struct road_deliver *d)
{
    struct outlet x = {.e = s->session->edge, .s = s, .o = o, .d = d};
    struct buf notice = BUF_INIT(CHANNEL_MESSAGE_MAX);
    arena_reset(x.e->arena);
    buf_clear(&o->message);
    enum result r = d->is_outcome ? prepare_outcome(&x) : prepare_body(&x, &notice);
    if (r == RESULT_OK && x.decision.reason == REASON_PERMITTED)
        r = make_frame(&x);
    if (r != RESULT_OK && r != RESULT_UNAVAILABLE) {
        log_line(x.e->config.log, LOG_ALARM, "delivery-unreadable", "unit=%s record=%llu why=%s",
                 s->session->name, (unsigned long long)d->received_index, result_name(r));
        refuse(&x, REASON_DEADLINE_PASSED,
               r == RESULT_NOT_FOUND ? "its key is gone" : "it cannot be read");
        r = RESULT_OK;
    }
    if (r == RESULT_OK)
        tell_release(&x, buf_view(&notice));
    else
        end(s, GRPC_UNAVAILABLE, "the keeper is not there"); /* all of it is offered again */
    buf_free(&notice);
    arena_reset(x.e->arena);
    mem_wipe(&x, sizeof x);
}

void delivery_offered(struct edge *e, const struct road_deliver *d, struct bytes encoded)
{
    struct subscriber *s = map_get(e->consumers, bytes_of(&d->consumer, sizeof d->consumer));
    if (s == NULL)
        return; /* it is gone; the ledger hears of that */
    struct outgoing *o = mem_new(sizeof *o);
    *o = (struct outgoing){.entry = d->entry,
                           .message = BUF_INIT(LIMIT_MESSAGE),
                           .frame = BUF_INIT(LIMIT_MESSAGE + LIMIT_REQUEST),
                           .offer = BUF_INIT(CHANNEL_MESSAGE_MAX)};
    if (!map_add(s->by_entry, o)) {
        mem_free(o);
        return;
    }
    buf_put(&o->offer, encoded.p, encoded.n);
    offer(s, o, d);
}

/* ---- the ledger's answer */

static enum result put_record(struct subscriber *s, struct outgoing *o, uint64_t index)
{
    Fedgate__V1__Delivery out = FEDGATE__V1__DELIVERY__INIT;
    Fedgate__V1__LogRef record = FEDGATE__V1__LOG_REF__INIT;
    record.origin = (char *)(uintptr_t)edge_origin(s->session->edge);
    record.index = index;
    out.record = &record;
    out.seq = o->seq;
    return message_pack(&out.base, &o->frame);
}

static void send(struct subscriber *s, struct outgoing *o, uint64_t index)
{
    o->seq = s->next_seq++;
    o->released = true;
    (void)map_add(s->by_seq, o);
    if (put_record(s, o, index) != RESULT_OK)
        return;
    struct buf frame = o->frame;
    o->frame = BUF_INIT(0);
    buf_free(&o->message);
    buf_free(&o->offer);
    s->events->delivery(s->arg, buf_view(&frame)); /* may close the subscriber */
    buf_free(&frame);
}

void delivery_released(struct edge *e, const struct road_released *r)
{
    struct subscriber *s = map_get(e->consumers, bytes_of(&r->consumer, sizeof r->consumer));
    struct outgoing *o =
        s == NULL ? NULL : map_get(s->by_entry, bytes_of(&r->entry, sizeof r->entry));
    if (o == NULL || o->released)
        return;
    if (r->go) {
        send(s, o, r->index);
    } else if (!r->again) {
        free_outgoing(s, o);
    } else if (o->tries++ < TRIES) {
        struct road_deliver d;
        struct cursor in = cursor_over(buf_view(&o->offer));
        scope_forget_uncommitted(e);
        if (road_deliver_take(&in, &d) == RESULT_OK)
            offer(s, o, &d);
    } else {
        end(s, GRPC_UNAVAILABLE, "the state changes too fast"); /* all of it is offered again */
    }
}

/* ---- the end of a session's calls */

void session_end_calls(struct session *s, const char *why)
{
    struct publisher *p;
    struct subscriber *x;
    while ((x = TAILQ_FIRST(&s->subscribers)) != NULL)
        end(x, GRPC_UNAVAILABLE, why);
    while ((p = TAILQ_FIRST(&s->publishers)) != NULL)
        publisher_end(p, why);
}
