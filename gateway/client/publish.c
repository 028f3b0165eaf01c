/* Publish and GetReceipt. Every message stays here until its receipt comes: the gateway answers in
 * their order. */
#include "base/cursor.h"
#include "base/limits.h"
#include "base/mem.h"
#include "client/answer.h"
#include "client/state.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { WAITING_BYTES = 8 << 20, WAITING_COUNT = 1024 };

/* ---------------------------------------------------------------- lanes */

enum fedgate_lane fedgate_lane_of(const void *message, size_t n)
{
    return message_lane(bytes_of(message, n)) == LANE_URGENT ? FEDGATE_URGENT : FEDGATE_NORMAL;
}

/* ---------------------------------------------------------------- Publish */

struct waiting {
    TAILQ_ENTRY(waiting) next;
    struct shared *message;
    void *tag;
};

TAILQ_HEAD(waitings, waiting);

struct fedgate_publisher {
    struct object object;
    const struct fedgate_publisher_events *events;
    void *arg;
    struct waitings waiting;
    size_t count, bytes;
    bool wants_room;
    struct loop_timer *room;
};

static bool is_full(const struct fedgate_publisher *p)
{
    return p->count >= WAITING_COUNT || p->bytes >= WAITING_BYTES;
}

/* Told from the loop, once half of the room is free again. */
static void offer_room(struct fedgate_publisher *p)
{
    if (p->wants_room && p->object.call != NULL && p->count <= WAITING_COUNT / 2 &&
        p->bytes <= WAITING_BYTES / 2)
        loop_timer_set(p->room, 0);
}

static void tell_room(void *arg)
{
    struct fedgate_publisher *p = arg;
    if (p->object.dead || p->object.call == NULL)
        return;
    p->wants_room = false;
    object_enter(&p->object);
    if (p->events->room != NULL)
        p->events->room(p->arg);
    (void)object_leave(&p->object);
}

static struct waiting *take_first(struct fedgate_publisher *p)
{
    struct waiting *w = TAILQ_FIRST(&p->waiting);
    if (w == NULL)
        return NULL;
    TAILQ_REMOVE(&p->waiting, w, next);
    p->count--;
    p->bytes -= shared_view(w->message).n;
    return w;
}

static void drop(struct waiting *w)
{
    shared_drop(w->message);
    mem_free(w);
}

static void publish_opened(struct object *o)
{
    struct fedgate_publisher *p = CONTAINER_OF(o, struct fedgate_publisher, object);
    if (o->finishing)
        grpc_call_half_close(o->call);
    else
        offer_room(p);
}

static enum result publish_message(struct object *o, struct bytes message)
{
    struct fedgate_publisher *p = CONTAINER_OF(o, struct fedgate_publisher, object);
    struct fedgate_receipt receipt;
    TRY(answer_receipt(o->client->arena, message, &receipt));
    struct waiting *w = take_first(p);
    if (w == NULL)
        return RESULT_MALFORMED; /* a receipt for nothing */
    void *tag = w->tag;
    drop(w);
    if (p->events->receipt != NULL)
        p->events->receipt(p->arg, tag, &receipt);
    offer_room(p);
    return RESULT_OK;
}

static void publish_closed(struct object *o)
{
    struct fedgate_publisher *p = CONTAINER_OF(o, struct fedgate_publisher, object);
    struct waiting *w;
    p->wants_room = p->wants_room || p->count > 0;
    while (!o->dead && (w = take_first(p)) != NULL) {
        struct bytes b = shared_view(w->message);
        if (p->events->unsent != NULL)
            p->events->unsent(p->arg, w->tag, (struct fedgate_bytes){b.p, b.n});
        drop(w);
    }
}

static void publish_ended(struct object *o, const struct fedgate_end *end)
{
    struct fedgate_publisher *p = CONTAINER_OF(o, struct fedgate_publisher, object);
    if (p->events->ended != NULL)
        p->events->ended(p->arg, end);
}

static void publish_destroy(struct object *o)
{
    struct fedgate_publisher *p = CONTAINER_OF(o, struct fedgate_publisher, object);
    struct waiting *w;
    while ((w = take_first(p)) != NULL)
        drop(w);
    loop_timer_free(p->room);
    mem_free(p);
}

static const struct object_class publish_class = {.path = "/fedgate.v1.ExchangeService/Publish",
                                                  .largest_answer = LIMIT_REQUEST,
                                                  .lasts = true,
                                                  .opened = publish_opened,
                                                  .message = publish_message,
                                                  .closed = publish_closed,
                                                  .ended = publish_ended,
                                                  .destroy = publish_destroy};

struct fedgate_publisher *fedgate_publisher_new(struct fedgate_client *c,
                                                const struct fedgate_publisher_events *events,
                                                void *arg)
{
    struct fedgate_publisher *p = mem_new(sizeof *p);
    p->events = events;
    p->arg = arg;
    TAILQ_INIT(&p->waiting);
    p->room = loop_timer_new(c->loop, tell_room, p);
    object_begin(&p->object, c, &publish_class);
    return p;
}

static enum fedgate_result wait_for_room(struct fedgate_publisher *p)
{
    p->wants_room = true;
    return FEDGATE_WAIT;
}

enum fedgate_result fedgate_publish(struct fedgate_publisher *p, const void *message, size_t n,
                                    void *tag)
{
    struct object *o = &p->object;
    if (o->over || o->finishing)
        return FEDGATE_CLOSED;
    if (n == 0 || n > FEDGATE_MESSAGE_MAX)
        return n == 0 ? FEDGATE_WRONG : FEDGATE_TOO_LARGE;
    if (o->call == NULL || is_full(p))
        return wait_for_room(p);
    struct waiting *w = mem_new(sizeof *w);
    w->message = shared_copy(bytes_of(message, n));
    w->tag = tag;
    if (grpc_call_send(o->call, bytes_of(NULL, 0), w->message, shared_view(w->message)) !=
        RESULT_OK) { /* its end is on the way */
        drop(w);
        return wait_for_room(p);
    }
    TAILQ_INSERT_TAIL(&p->waiting, w, next);
    p->count++;
    p->bytes += n;
    return FEDGATE_OK;
}

size_t fedgate_publisher_waiting(const struct fedgate_publisher *p)
{
    return p->count;
}

void fedgate_publisher_finish(struct fedgate_publisher *p)
{
    p->object.finishing = true;
    if (p->object.call != NULL)
        grpc_call_half_close(p->object.call);
}

void fedgate_publisher_free(struct fedgate_publisher *p)
{
    if (p != NULL)
        object_free(&p->object);
}

/* ---------------------------------------------------------------- GetReceipt */

struct question {
    struct object object;
    char *id;
    bool answered;
    void (*done)(void *arg, const struct fedgate_receipt *receipt, const struct fedgate_end *end);
    void *arg;
};

static void question_opened(struct object *o)
{
    const struct question *q = CONTAINER_OF(o, struct question, object);
    Fedgate__V1__GetReceiptRequest request = FEDGATE__V1__GET_RECEIPT_REQUEST__INIT;
    struct buf out = BUF_INIT(LIMIT_REQUEST);
    request.id = q->id;
    if (message_pack(&request.base, &out) == RESULT_OK)
        (void)!grpc_call_send(o->call, buf_view(&out), NULL, bytes_of(NULL, 0));
    grpc_call_half_close(o->call);
    buf_free(&out);
}

static enum result question_message(struct object *o, struct bytes message)
{
    struct question *q = CONTAINER_OF(o, struct question, object);
    const struct fedgate_end end = {GRPC_OK, ""};
    struct fedgate_receipt receipt;
    if (q->answered)
        return RESULT_MALFORMED;
    TRY(answer_receipt(o->client->arena, message, &receipt));
    q->answered = true;
    q->done(q->arg, &receipt, &end);
    return RESULT_OK;
}

static void question_ended(struct object *o, const struct fedgate_end *end)
{
    struct question *q = CONTAINER_OF(o, struct question, object);
    const struct fedgate_end silent = {GRPC_UNKNOWN, "the gateway answered nothing"};
    if (!q->answered)
        q->done(q->arg, NULL, end->status == GRPC_OK ? &silent : end);
    object_free(o);
}

static void question_destroy(struct object *o)
{
    struct question *q = CONTAINER_OF(o, struct question, object);
    mem_free(q->id);
    mem_free(q);
}

static const struct object_class question_class = {.path = "/fedgate.v1.ExchangeService/GetReceipt",
                                                   .largest_answer = LIMIT_REQUEST,
                                                   .opened = question_opened,
                                                   .message = question_message,
                                                   .ended = question_ended,
                                                   .destroy = question_destroy};

enum fedgate_result fedgate_receipt_get(struct fedgate_client *c, const char *id,
                                        void (*done)(void *arg,
                                                     const struct fedgate_receipt *receipt,
                                                     const struct fedgate_end *end),
                                        void *arg)
{
    struct question *q;
    if (c->channel == NULL)
        return FEDGATE_WAIT;
    if (strlen(id) > LIMIT_WORD)
        return FEDGATE_WRONG;
    q = mem_new(sizeof *q);
    q->id = mem_text(id, strlen(id));
    q->done = done;
    q->arg = arg;
    object_begin(&q->object, c, &question_class);
    return FEDGATE_OK;
}
