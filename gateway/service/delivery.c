/*
 * Subscribe: a unit's consumers. What the ledger offers is decided a second time (offer.c); what it
 * then releases leaves here, as the exact bytes that were committed for this recipient.
 */
#include "service/delivery.h"

#include "base/mem.h"
#include "net/grpc.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { IN_FLIGHT_DEFAULT = 64, IN_FLIGHT_MAX = 1024, TRIES = 4 };

static const uint64_t bytes_in_flight_default = 8u << 20;

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

/* ---- turns: what is released goes into its call by lanes, as far as that has little unsent. An
 * alert passes all that waits here, not what is in the call. */

static size_t frame_bytes(const struct lanes_item *i)
{
    return CONTAINER_OF(i, const struct outgoing, turn)->frame.n;
}

void deliveries_init(struct edge *e)
{
    lanes_book_init(&e->deliveries, frame_bytes, NULL); /* what has been sent never comes back */
}

/* However large the next one is, it goes when less than half is left, which the call tells. */
static struct lanes_window unsent(const struct subscriber *s)
{
    const size_t queued = s->events->queued(s->arg);
    return (struct lanes_window){.most = UINT32_MAX,
                                 .taken = queued >= LIMIT_DELIVERIES_UNSENT / 2,
                                 .most_bytes = LIMIT_DELIVERIES_UNSENT,
                                 .taken_bytes = queued};
}

/* ---- subscribers */

static const char *read_filter(const struct edge *e, const Fedgate__V1__SubscribeStart *start,
                               struct road_subscribe *out)
{
    if (start->n_kind > ROAD_RECIPIENTS_MAX || start->n_incident_id > ROAD_RECIPIENTS_MAX)
        return "kind, incident_id: at most 64 each";
    for (size_t i = 0; i < start->n_kind; i++) {
        out->kind[out->kinds++] = bytes_of_text(start->kind[i]);
        if (kind_named(bytes_of_text(start->kind[i])) == NULL)
            return "kind: a kind of the contract that this gateway carries";
    }
    for (size_t i = 0; i < start->n_incident_id; i++) {
        out->incident[out->incidents++] = bytes_of_text(start->incident_id[i]);
        if (!view_may_name(e, bytes_of_text(start->incident_id[i])))
            return "incident_id: party/unit:UUID, of a unit of the policy set";
    }
    return NULL;
}

/* NULL, or what is wrong with the start; the views are into the edge's arena. */
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
    if (out->most == 0)
        out->most = IN_FLIGHT_DEFAULT;
    if (out->most > IN_FLIGHT_MAX)
        out->most = IN_FLIGHT_MAX;
    if (out->most_bytes == 0 || out->most_bytes > 8 * bytes_in_flight_default)
        out->most_bytes = bytes_in_flight_default;
    return read_filter(e, start, out);
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
    lanes_init(&s->turns, &e->deliveries);
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
    if (o->turn.flow != NULL)
        lanes_leave(&o->turn, true);
    (void)map_remove(s->by_entry, entry_key(o));
    if (o->seq != 0)
        (void)map_remove(s->by_seq, seq_key(o));
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
    struct road_ack ack UNSET;
    ack.consumer = s->number;
    ack.refuse = (uint8_t)refuse;
    ack.unsent = false;
    ack.entries = 0;
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

enum result delivery_consumer_ended(struct edge *e, uint64_t consumer, unsigned why)
{
    static const struct {
        int status;
        const char *text;
    } ends[] = {
        [ROAD_REPLACED] = {GRPC_ABORTED, "another consumer took the queue"},
        [ROAD_MANY_QUEUES] = {GRPC_RESOURCE_EXHAUSTED,
                              "the unit has as many queues as it may have: use one of them"},
        [ROAD_DISK_FULL] = {GRPC_UNAVAILABLE,
                            "a new queue cannot be recorded now: subscribe again later"},
    };
    struct subscriber *s = map_get(e->consumers, bytes_of(&consumer, sizeof consumer));
    if (why < ROAD_REPLACED || why >= ARRAY_LEN(ends))
        return RESULT_MALFORMED;
    if (s != NULL)
        end(s, ends[why].status, ends[why].text);
    return RESULT_OK;
}

/* ---- what the ledger offers, and its answer to what was decided */

static void offer(struct subscriber *s, struct outgoing *o, const struct road_deliver *d)
{
    enum result r = offer_decide(s, o, d);
    if (r != RESULT_OK) /* all of it is offered again */
        end(s, GRPC_UNAVAILABLE,
            r == RESULT_DENIED ? "the unit is not in the policy set any more"
                               : "the keeper is not there");
}

void delivery_offered(struct edge *e, const struct road_deliver *d, struct bytes encoded)
{
    struct subscriber *s = map_get(e->consumers, bytes_of(&d->consumer, sizeof d->consumer));
    if (s == NULL)
        return; /* it is gone; the ledger hears of that */
    struct outgoing *o = mem_new(sizeof *o);
    *o = (struct outgoing){.entry = d->entry,
                           .lane = d->envelope.lane,
                           .scope = d->is_outcome || d->is_order ? 0 : d->body.scope,
                           .deadline_us = d->deadline_us,
                           .frame = BUF_INIT(LIMIT_MESSAGE + LIMIT_REQUEST),
                           .offer = BUF_INIT(CHANNEL_MESSAGE_MAX)};
    if (!map_add(s->by_entry, o)) {
        mem_free(o);
        return;
    }
    buf_put(&o->offer, encoded.p, encoded.n);
    offer(s, o, d);
}

static void send(struct subscriber *s, struct outgoing *o)
{
    o->seq = s->next_seq++;
    (void)map_add(s->by_seq, o);
    if (offer_frame_put_record(s->session->edge, o, o->index) != RESULT_OK)
        return;
    struct buf frame = o->frame;
    o->frame = BUF_INIT(0);
    s->events->delivery(s->arg, buf_view(&frame), o->scope); /* may close the subscriber */
    buf_free(&frame);
}

/* Its deadline passed while the peer was slow. Nobody says that it is to be destroyed as long as
 * officers hold it, or a destruction waits. */
static void give_back(struct subscriber *s, struct outgoing *o)
{
    struct edge *e = s->session->edge;
    struct road_ack ack UNSET;
    ack.consumer = s->number;
    ack.refuse = 0;
    ack.unsent = true;
    ack.entries = 1;
    ack.entry[0] = o->entry;
    free_outgoing(s, o);
    buf_clear(&e->out);
    road_ack_put(&ack, &e->out);
    edge_tell(e, IPC_ACK, buf_view(&e->out));
}

void subscriber_room(struct subscriber *s)
{
    const struct edge *e = s->session->edge;
    const uint64_t number = s->number;
    while (map_get(e->consumers, bytes_of(&number, sizeof number)) != NULL) {
        struct lanes_window w = unsent(s);
        struct lanes_item *i = lanes_next(&s->turns, &w);
        if (i == NULL)
            return;
        lanes_serve(i, &w);
        lanes_leave(i, false);
        struct outgoing *o = CONTAINER_OF(i, struct outgoing, turn);
        if (o->scope != 0 && o->deadline_us <= edge_now(e))
            give_back(s, o);
        else
            send(s, o);
    }
}

static void release(struct subscriber *s, struct outgoing *o, uint64_t index)
{
    o->released = true;
    o->index = index;
    buf_free(&o->offer);
    lanes_join(&s->turns, o->lane, bytes_of(NULL, 0), &o->turn);
    lanes_put(&o->turn);
    subscriber_room(s);
}

void delivery_released(struct edge *e, const struct road_released *r)
{
    struct subscriber *s = map_get(e->consumers, bytes_of(&r->consumer, sizeof r->consumer));
    struct outgoing *o =
        s == NULL ? NULL : map_get(s->by_entry, bytes_of(&r->entry, sizeof r->entry));
    if (o == NULL || o->released)
        return;
    if (r->go) {
        release(s, o, r->index);
    } else if (!r->again) {
        free_outgoing(s, o);
    } else if (o->tries++ < TRIES) {
        struct road_deliver d;
        struct cursor in = cursor_over(buf_view(&o->offer));
        scope_forget_uncommitted(e);
        if (road_deliver_take(&in, &d) == RESULT_OK)
            offer(s, o, &d);
    } else {
        /* The state changes too fast, or the disk is full; all of it is offered again. */
        end(s, GRPC_UNAVAILABLE, "deliveries cannot be recorded now: subscribe again later");
    }
}

/* ---- what is destroyed meanwhile */

static void forget_destroyed(struct subscriber *s)
{
    struct outgoing *o;
    size_t at = 0;
    while ((o = map_next(s->by_entry, &at)) != NULL) {
        if (o->scope == 0 || !edge_scope_is_gone(s->session->edge, o->scope))
            continue;
        free_outgoing(s, o);
        at = 0; /* the map changed */
    }
}

void delivery_forget_destroyed(struct edge *e)
{
    struct session *session;
    struct subscriber *s;
    TAILQ_FOREACH (session, &e->sessions, next)
        TAILQ_FOREACH (s, &session->subscribers, next)
            forget_destroyed(s);
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
