#include "service/calls.h"

#include "base/limits.h"
#include "base/mem.h"
#include "message/message.h"
#include "service/calls_grants.h"
#include "service/calls_health.h"
#include "service/calls_log.h"
#include "service/calls_vault.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* ---------------------------------------------------------------- Publish and GetReceipt */

/* Receipts that may wait for a caller who reads none: more of its messages are not taken. */
enum { RECEIPTS_MOST = 256 << 10 };

/* `publisher` is NULL once the edge has ended it. */
struct publish_call {
    struct server_call *call;
    struct publisher *publisher;
    bool half_closed, over;
};

static void end_publish(struct publish_call *c, enum grpc_status status, const char *why)
{
    if (!c->over)
        server_call_finish(c->call, status, why);
    c->over = true;
}

static void finish_when_done(struct publish_call *c)
{
    if (c->half_closed && c->publisher != NULL && publisher_waiting(c->publisher) == 0)
        end_publish(c, GRPC_OK, "");
}

static void publish_receipt(void *arg, struct bytes receipt, uint64_t scope)
{
    struct publish_call *c = arg;
    if (!c->over &&
        server_call_send_tagged(c->call, scope, receipt, NULL, bytes_of(NULL, 0)) != RESULT_OK)
        c->over = true; /* the call is closing; `closed` follows */
    finish_when_done(c);
}

static void publish_unavailable(void *arg, const char *why)
{
    struct publish_call *c = arg;
    c->publisher = NULL;
    end_publish(c, strcmp(why, "not found") == 0 ? GRPC_NOT_FOUND : GRPC_UNAVAILABLE, why);
}

static bool reads_too_slowly(const struct publish_call *c)
{
    return server_call_queued(c->call) >= RECEIPTS_MOST;
}

static void publish_room(void *arg)
{
    struct publish_call *c = arg;
    if (!c->over && !reads_too_slowly(c)) /* else the call's writable follows */
        server_call_resume(c->call);
}

static const struct publisher_events publisher_events = {publish_receipt, publish_unavailable,
                                                         publish_room};

static void *publish_open(void *session, struct server_call *call)
{
    struct publish_call *c = mem_new(sizeof *c);
    *c = (struct publish_call){.call = call};
    server_call_set_mark(call, RECEIPTS_MOST);
    c->publisher = publisher_open(session, &publisher_events, c);
    return c;
}

static enum result publish_message(void *arg, struct shared *owner, struct bytes message)
{
    struct publish_call *c = arg;
    enum result r = c->publisher == NULL ? RESULT_OK : publisher_take(c->publisher, owner, message);
    return r == RESULT_OK && !c->over && reads_too_slowly(c) ? RESULT_AGAIN : r;
}

/* GetReceipt: one request, one receipt. */
static enum result receipt_message(void *arg, struct shared *owner, struct bytes message)
{
    struct publish_call *c = arg;
    struct arena *a = arena_new(LIMIT_REQUEST);
    struct ProtobufCMessage *m;
    struct finding why;
    (void)owner;
    enum result r = message_unpack(a, &fedgate__v1__get_receipt_request__descriptor, message,
                                   LIMIT_REQUEST, &m, &why);
    if (r == RESULT_OK && c->publisher != NULL && publisher_waiting(c->publisher) == 0)
        publisher_ask_receipt(
            c->publisher, bytes_of_text(((const Fedgate__V1__GetReceiptRequest *)(void *)m)->id));
    arena_free(a);
    return r == RESULT_OK && !c->over && reads_too_slowly(c) ? RESULT_AGAIN : r;
}

static void publish_half_closed(void *arg)
{
    struct publish_call *c = arg;
    c->half_closed = true;
    finish_when_done(c);
}

static void publish_closed(void *arg, enum grpc_status status, const char *text)
{
    struct publish_call *c = arg;
    (void)status;
    (void)text;
    if (c->publisher != NULL)
        publisher_close(c->publisher);
    mem_free(c);
}

/* A receipt is missing: its sender asks again, and gets it without what is destroyed. */
static void publish_withdrawn(void *arg)
{
    server_call_cancel(((struct publish_call *)arg)->call);
}

/* ---------------------------------------------------------------- Subscribe */

struct subscribe_call {
    struct server_call *call;
    struct session *session;
    struct subscriber *subscriber;
    bool over;
};

static void subscribe_delivery(void *arg, struct bytes delivery, uint64_t scope)
{
    struct subscribe_call *c = arg;
    if (!c->over &&
        server_call_send_tagged(c->call, scope, delivery, NULL, bytes_of(NULL, 0)) != RESULT_OK)
        c->over = true;
}

static size_t subscribe_queued(void *arg)
{
    const struct subscribe_call *c = arg;
    return c->over ? 0 : server_call_queued(c->call);
}

static void subscribe_room(void *arg)
{
    const struct subscribe_call *c = arg;
    if (c->subscriber != NULL)
        subscriber_room(c->subscriber);
}

static void subscribe_ended(void *arg, int status, const char *why)
{
    struct subscribe_call *c = arg;
    c->subscriber = NULL;
    if (!c->over)
        server_call_finish(c->call, (enum grpc_status)status, why);
    c->over = true;
}

static const struct subscriber_events subscriber_events = {subscribe_delivery, subscribe_queued,
                                                           subscribe_ended};

static void *subscribe_open(void *session, struct server_call *call)
{
    struct subscribe_call *c = mem_new(sizeof *c);
    *c = (struct subscribe_call){.call = call, .session = session};
    server_call_set_mark(call, LIMIT_DELIVERIES_UNSENT);
    return c;
}

static void begin_subscription(struct subscribe_call *c, const Fedgate__V1__SubscribeStart *start)
{
    struct buf encoded = BUF_INIT(LIMIT_REQUEST);
    const char *why = "start: too large";
    if (message_pack(&start->base, &encoded) == RESULT_OK)
        c->subscriber =
            subscriber_open(c->session, &subscriber_events, c, buf_view(&encoded), &why);
    if (c->subscriber == NULL)
        subscribe_ended(c,
                        strcmp(why, "the ledger is not there") == 0 ? GRPC_UNAVAILABLE
                                                                    : GRPC_INVALID_ARGUMENT,
                        why);
    buf_free(&encoded);
}

static enum result take_step(struct subscribe_call *c, const Fedgate__V1__SubscribeRequest *r)
{
    if (c->over)
        return RESULT_OK;
    if (r->step_case == FEDGATE__V1__SUBSCRIBE_REQUEST__STEP_START && c->subscriber == NULL) {
        begin_subscription(c, r->start);
        return RESULT_OK;
    }
    if (r->step_case != FEDGATE__V1__SUBSCRIBE_REQUEST__STEP_ACK || c->subscriber == NULL)
        return RESULT_MALFORMED; /* first a start, then acknowledgements */
    subscriber_ack(c->subscriber, r->ack->seq, r->ack->n_seq, (unsigned)r->ack->refuse);
    return RESULT_OK;
}

static enum result subscribe_message(void *arg, struct shared *owner, struct bytes message)
{
    struct arena *a = arena_new(4 * LIMIT_REQUEST);
    struct ProtobufCMessage *m;
    struct finding why;
    (void)owner;
    enum result r = message_unpack(a, &fedgate__v1__subscribe_request__descriptor, message,
                                   LIMIT_REQUEST, &m, &why);
    if (r == RESULT_OK)
        r = take_step(arg, (const void *)m);
    arena_free(a);
    return r;
}

/* The client has no more acknowledgements: the subscription is over. */
static void subscribe_half_closed(void *arg)
{
    struct subscribe_call *c = arg;
    if (c->subscriber != NULL)
        subscriber_close(c->subscriber);
    subscribe_ended(c, GRPC_OK, "");
}

static void subscribe_closed(void *arg, enum grpc_status status, const char *text)
{
    struct subscribe_call *c = arg;
    (void)status;
    (void)text;
    if (c->subscriber != NULL)
        subscriber_close(c->subscriber);
    mem_free(c);
}

/* ---------------------------------------------------------------- Send */

struct send_call {
    struct server_call *call;
    struct sender *sender;
    bool over;
};

static void send_control(void *arg, struct bytes control)
{
    struct send_call *c = arg;
    if (!c->over && server_call_send(c->call, control, NULL, bytes_of(NULL, 0)) != RESULT_OK)
        c->over = true;
}

static void send_ended(void *arg, int status, const char *why)
{
    struct send_call *c = arg;
    c->sender = NULL;
    if (!c->over)
        server_call_finish(c->call, (enum grpc_status)status, why);
    c->over = true;
}

static void send_room(void *arg)
{
    struct send_call *c = arg;
    if (!c->over)
        server_call_resume(c->call);
}

static const struct sender_events sender_events = {send_control, send_ended, send_room};

static void *send_open(void *session, struct server_call *call)
{
    struct send_call *c = mem_new(sizeof *c);
    c->call = call;
    c->sender = sender_open(session, &sender_events, c);
    return c;
}

static enum result send_message(void *arg, struct shared *owner, struct bytes message)
{
    struct send_call *c = arg;
    return c->sender == NULL ? RESULT_OK : sender_take(c->sender, owner, message);
}

static void send_half_closed(void *arg)
{
    struct send_call *c = arg;
    if (c->sender != NULL)
        sender_finish(c->sender);
}

static void send_closed(void *arg, enum grpc_status status, const char *text)
{
    struct send_call *c = arg;
    (void)status;
    (void)text;
    if (c->sender != NULL)
        sender_close(c->sender);
    mem_free(c);
}

/* ---------------------------------------------------------------- Watch */

struct watch_call {
    struct server_call *call;
    struct session *session;
    struct watcher *watcher;
    bool asked, over;
};

static void watch_frame(void *arg, struct bytes head, struct shared *owner, struct bytes payload)
{
    struct watch_call *c = arg;
    if (!c->over && server_call_send(c->call, head, owner, payload) != RESULT_OK)
        c->over = true;
}

static size_t watch_queued(void *arg)
{
    const struct watch_call *c = arg;
    return c->over ? 0 : server_call_queued(c->call);
}

static void watch_ended(void *arg, int status, const char *why, int64_t within_us)
{
    struct watch_call *c = arg;
    c->watcher = NULL;
    if (!c->over && within_us > 0)
        server_call_finish_within(c->call, (enum grpc_status)status, why, within_us);
    else if (!c->over)
        server_call_finish(c->call, (enum grpc_status)status, why);
    c->over = true;
}

static const struct watcher_events watcher_events = {watch_frame, watch_queued, watch_ended};

static void *watch_open(void *session, struct server_call *call)
{
    struct watch_call *c = mem_new(sizeof *c);
    *c = (struct watch_call){.call = call, .session = session};
    return c;
}

static enum result watch_message(void *arg, struct shared *owner, struct bytes message)
{
    struct watch_call *c = arg;
    (void)owner;
    if (c->asked)
        return RESULT_MALFORMED; /* one request a call */
    c->asked = true;
    c->watcher = watcher_open(c->session, &watcher_events, c, message);
    return RESULT_OK;
}

static void watch_half_closed(void *arg)
{
    struct watch_call *c = arg;
    if (!c->asked)
        watch_ended(c, GRPC_INVALID_ARGUMENT, "a WatchRequest is missing", 0);
}

static void watch_closed(void *arg, enum grpc_status status, const char *text)
{
    struct watch_call *c = arg;
    (void)status;
    (void)text;
    if (c->watcher != NULL)
        watcher_close(c->watcher);
    mem_free(c);
}

/* ---------------------------------------------------------------- the table */

static const struct grpc_call_events publish_events = {
    publish_message, publish_half_closed, publish_room, publish_closed, publish_withdrawn};
static const struct grpc_call_events receipt_events = {
    receipt_message, publish_half_closed, publish_room, publish_closed, publish_withdrawn};
static const struct grpc_call_events subscribe_events = {subscribe_message, subscribe_half_closed,
                                                         subscribe_room, subscribe_closed, NULL};
static const struct grpc_call_events send_events = {send_message, send_half_closed, NULL,
                                                    send_closed, NULL};
static const struct grpc_call_events watch_events = {watch_message, watch_half_closed, NULL,
                                                     watch_closed, NULL};

/* Video waits behind everything else on its way between the threads: alerts never wait for it. */
static const struct server_method methods[] = {
    {"/fedgate.v1.ExchangeService/Publish", LIMIT_MESSAGE, &publish_events, publish_open, false},
    {"/fedgate.v1.ExchangeService/Subscribe", LIMIT_REQUEST, &subscribe_events, subscribe_open,
     false},
    {"/fedgate.v1.ExchangeService/GetReceipt", LIMIT_REQUEST, &receipt_events, publish_open, false},
    {"/fedgate.v1.VideoService/Send", LIMIT_VIDEO_FRAME, &send_events, send_open, true},
    {"/fedgate.v1.VideoService/Watch", LIMIT_REQUEST, &watch_events, watch_open, true},
    {"/fedgate.v1.TransparencyService/GetCheckpoint", LIMIT_REQUEST, &log_call_events,
     log_checkpoint_open, false},
    {"/fedgate.v1.TransparencyService/GetProof", LIMIT_REQUEST, &log_call_events, log_proof_open,
     false},
    {"/fedgate.v1.TransparencyService/GetTile", LIMIT_REQUEST, &log_call_events, log_tile_open,
     false},
    {"/fedgate.v1.TransparencyService/AddCosignature", LIMIT_REQUEST, &log_call_events,
     log_cosignature_open, false},
    {"/fedgate.v1.VaultService/Store", LIMIT_REQUEST, &vault_call_events, vault_store_open, false},
    {"/fedgate.v1.VaultService/Open", LIMIT_REQUEST, &vault_call_events, vault_open_open, false},
    {"/fedgate.v1.VaultService/Report", LIMIT_REQUEST, &vault_call_events, vault_report_open,
     false},
    {"/fedgate.v1.VaultService/Held", LIMIT_REQUEST, &vault_call_events, vault_held_open, false},
    {"/fedgate.v1.PolicyService/GetGrants", LIMIT_REQUEST, &grants_call_events, grants_open, false},
    {"/grpc.health.v1.Health/Check", LIMIT_REQUEST, &health_call_events, health_check_open, false},
    {"/grpc.health.v1.Health/Watch", LIMIT_REQUEST, &health_call_events, health_watching_open,
     false}};

const struct server_method *calls_methods(size_t *count)
{
    *count = ARRAY_LEN(methods);
    return methods;
}
