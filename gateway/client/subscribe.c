/* Subscribe. The gateway numbers the deliveries of each call from 1; the application's numbers go
 * on, so that a late acknowledgement never meets another delivery. */
#include "base/limits.h"
#include "base/mem.h"
#include "client/answer.h"
#include "client/state.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

struct fedgate_subscriber {
    struct object object;
    const struct fedgate_subscriber_events *events;
    void *arg;
    struct buf start; /* the encoded first request */
    uint64_t before;  /* numbers that earlier calls used */
    uint64_t last;    /* the last number that was given to the application */
};

static void subscribe_opened(struct object *o)
{
    struct fedgate_subscriber *s = CONTAINER_OF(o, struct fedgate_subscriber, object);
    s->before = s->last;
    (void)!grpc_call_send(o->call, buf_view(&s->start), NULL, bytes_of(NULL, 0));
    if (o->finishing)
        grpc_call_half_close(o->call);
}

static enum result subscribe_message(struct object *o, struct bytes message)
{
    struct fedgate_subscriber *s = CONTAINER_OF(o, struct fedgate_subscriber, object);
    struct fedgate_delivery delivery;
    TRY(answer_delivery(o->client->arena, message, &delivery));
    if (delivery.seq == 0 || delivery.seq > UINT64_MAX - s->before)
        return RESULT_MALFORMED;
    delivery.seq += s->before;
    if (delivery.seq <= s->last)
        return RESULT_MALFORMED; /* numbers only rise */
    s->last = delivery.seq;
    if (s->events->delivery != NULL && !o->finishing)
        s->events->delivery(s->arg, &delivery);
    return RESULT_OK;
}

static void subscribe_ended(struct object *o, const struct fedgate_end *end)
{
    struct fedgate_subscriber *s = CONTAINER_OF(o, struct fedgate_subscriber, object);
    if (s->events->ended != NULL)
        s->events->ended(s->arg, end);
}

static void subscribe_destroy(struct object *o)
{
    struct fedgate_subscriber *s = CONTAINER_OF(o, struct fedgate_subscriber, object);
    buf_free(&s->start);
    mem_free(s);
}

static const struct object_class subscribe_class = {.path = "/fedgate.v1.ExchangeService/Subscribe",
                                                    .largest_answer = LIMIT_MESSAGE + LIMIT_REQUEST,
                                                    .lasts = true,
                                                    .opened = subscribe_opened,
                                                    .message = subscribe_message,
                                                    .ended = subscribe_ended,
                                                    .destroy = subscribe_destroy};

static enum result put_start(const struct fedgate_subscription *s, struct buf *out)
{
    Fedgate__V1__SubscribeRequest request = FEDGATE__V1__SUBSCRIBE_REQUEST__INIT;
    Fedgate__V1__SubscribeStart start = FEDGATE__V1__SUBSCRIBE_START__INIT;
    start.queue = (char *)(uintptr_t)(s->queue == NULL ? "default" : s->queue);
    start.kind = (char **)(uintptr_t)s->kind;
    start.n_kind = s->kinds;
    start.incident_id = (char **)(uintptr_t)s->incident;
    start.n_incident_id = s->incidents;
    start.max_in_flight = s->max_in_flight;
    request.step_case = FEDGATE__V1__SUBSCRIBE_REQUEST__STEP_START;
    request.start = &start;
    return message_pack(&request.base, out);
}

struct fedgate_subscriber *fedgate_subscriber_new(struct fedgate_client *c,
                                                  const struct fedgate_subscription *subscription,
                                                  const struct fedgate_subscriber_events *events,
                                                  void *arg)
{
    struct buf start = BUF_INIT(LIMIT_REQUEST);
    if (put_start(subscription, &start) != RESULT_OK) {
        buf_free(&start);
        return NULL;
    }
    struct fedgate_subscriber *s = mem_new(sizeof *s);
    s->events = events;
    s->arg = arg;
    s->start = start;
    object_begin(&s->object, c, &subscribe_class);
    return s;
}

enum fedgate_result fedgate_subscriber_ack(struct fedgate_subscriber *s, uint64_t seq,
                                           enum fedgate_refusal refusal)
{
    Fedgate__V1__SubscribeRequest request = FEDGATE__V1__SUBSCRIBE_REQUEST__INIT;
    Fedgate__V1__Ack ack = FEDGATE__V1__ACK__INIT;
    struct buf out = BUF_INIT(64);
    if (seq == 0 || seq > s->last)
        return FEDGATE_WRONG;
    if (s->object.call == NULL || seq <= s->before)
        return FEDGATE_CLOSED;
    uint64_t of_call = seq - s->before;
    ack.seq = &of_call;
    ack.n_seq = 1;
    ack.refuse = (Fedgate__V1__AckRefusal)refusal;
    request.step_case = FEDGATE__V1__SUBSCRIBE_REQUEST__STEP_ACK;
    request.ack = &ack;
    enum result r = message_pack(&request.base, &out);
    if (r == RESULT_OK)
        r = grpc_call_send(s->object.call, buf_view(&out), NULL, bytes_of(NULL, 0));
    buf_free(&out);
    return r == RESULT_OK ? FEDGATE_OK : FEDGATE_CLOSED;
}

void fedgate_subscriber_finish(struct fedgate_subscriber *s)
{
    s->object.finishing = true;
    if (s->object.call != NULL)
        grpc_call_half_close(s->object.call);
}

void fedgate_subscriber_free(struct fedgate_subscriber *s)
{
    if (s != NULL)
        object_free(&s->object);
}
