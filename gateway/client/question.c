#include "client/question.h"

#include "base/limits.h"

void question_opened(struct object *o)
{
    const struct question *q = CONTAINER_OF(o, struct question, object);
    (void)!grpc_call_send(o->call, buf_view(&q->request), NULL, bytes_of(NULL, 0));
    grpc_call_half_close(o->call);
}

enum result question_take(struct object *o, const struct ProtobufCMessageDescriptor *type,
                          struct bytes message,
                          enum result (*give)(struct question *q, const struct ProtobufCMessage *m))
{
    struct question *q = CONTAINER_OF(o, struct question, object);
    struct arena *a = arena_new(3 * (size_t)QUESTION_ANSWER_MAX);
    struct ProtobufCMessage *m;
    struct finding why;
    enum result r = q->answered ? RESULT_MALFORMED
                                : message_unpack(a, type, message, QUESTION_ANSWER_MAX, &m, &why);
    if (r == RESULT_OK) {
        q->answered = true;
        r = give(q, m);
    }
    arena_free(a);
    return r;
}

void question_ended(struct object *o, const struct fedgate_end *end)
{
    struct question *q = CONTAINER_OF(o, struct question, object);
    const struct fedgate_end silent = {GRPC_UNKNOWN, "the gateway answered nothing"};
    if (!q->answered)
        q->unanswered(q, end->status == GRPC_OK ? &silent : end);
    object_free(o);
}

enum fedgate_result question_begin(struct question *q, struct fedgate_client *c,
                                   const struct object_class *class,
                                   const struct ProtobufCMessage *request)
{
    buf_init(&q->request, LIMIT_REQUEST);
    if (c->channel == NULL)
        return FEDGATE_WAIT;
    if (message_pack(request, &q->request) != RESULT_OK)
        return FEDGATE_TOO_LARGE;
    object_begin(&q->object, c, class);
    return FEDGATE_OK;
}

void question_drop(struct question *q)
{
    buf_free(&q->request);
}
