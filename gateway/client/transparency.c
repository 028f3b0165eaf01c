/* TransparencyService: one question each. */
#include "base/limits.h"
#include "base/mem.h"
#include "client/state.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { ANSWER_MAX = 4 << 20 };

struct question {
    struct object object;
    struct buf request; /* encoded */
    const struct fedgate_log_events *events;
    void *arg;
    bool answered;
};

static void opened(struct object *o)
{
    const struct question *q = CONTAINER_OF(o, struct question, object);
    (void)!grpc_call_send(o->call, buf_view(&q->request), NULL, bytes_of(NULL, 0));
    grpc_call_half_close(o->call);
}

static enum result hand_out(struct question *q, struct bytes text, struct bytes entry)
{
    const struct fedgate_end end = {GRPC_OK, ""};
    const struct fedgate_log_answer answer = {{text.p, text.n}, {entry.p, entry.n}};
    if (q->answered)
        return RESULT_MALFORMED;
    q->answered = true;
    q->events->done(q->arg, &answer, &end);
    return RESULT_OK;
}

/* The answer's message, in memory of its own until it was handed out. */
static enum result take(struct object *o, const ProtobufCMessageDescriptor *type,
                        struct bytes message,
                        enum result (*give)(struct question *q, const ProtobufCMessage *m))
{
    struct arena *a = arena_new(3 * (size_t)ANSWER_MAX);
    struct ProtobufCMessage *m;
    struct finding why;
    enum result r = message_unpack(a, type, message, ANSWER_MAX, &m, &why);
    if (r == RESULT_OK)
        r = give(CONTAINER_OF(o, struct question, object), m);
    arena_free(a);
    return r;
}

static enum result give_checkpoint(struct question *q, const ProtobufCMessage *m)
{
    const Fedgate__V1__Checkpoint *c = (const void *)m;
    return hand_out(q, bytes_of_text(c->note), bytes_of(NULL, 0));
}

static enum result give_proof(struct question *q, const ProtobufCMessage *m)
{
    const Fedgate__V1__Proof *p = (const void *)m;
    return hand_out(q, bytes_of_text(p->tlog_proof), bytes_of(p->entry.data, p->entry.len));
}

static enum result give_tile(struct question *q, const ProtobufCMessage *m)
{
    const Fedgate__V1__Tile *t = (const void *)m;
    return hand_out(q, bytes_of(t->data.data, t->data.len), bytes_of(NULL, 0));
}

static enum result checkpoint_message(struct object *o, struct bytes message)
{
    return take(o, &fedgate__v1__checkpoint__descriptor, message, give_checkpoint);
}

static enum result proof_message(struct object *o, struct bytes message)
{
    return take(o, &fedgate__v1__proof__descriptor, message, give_proof);
}

static enum result tile_message(struct object *o, struct bytes message)
{
    return take(o, &fedgate__v1__tile__descriptor, message, give_tile);
}

static void ended(struct object *o, const struct fedgate_end *end)
{
    struct question *q = CONTAINER_OF(o, struct question, object);
    const struct fedgate_end silent = {GRPC_UNKNOWN, "the gateway answered nothing"};
    if (!q->answered)
        q->events->done(q->arg, NULL, end->status == GRPC_OK ? &silent : end);
    object_free(o);
}

static void destroy(struct object *o)
{
    struct question *q = CONTAINER_OF(o, struct question, object);
    buf_free(&q->request);
    mem_free(q);
}

#define CLASS(method, answer)                                                                      \
    {                                                                                              \
        .path = "/fedgate.v1.TransparencyService/" method, .largest_answer = ANSWER_MAX,           \
        .opened = opened, .message = (answer), .ended = ended, .destroy = destroy                  \
    }
static const struct object_class checkpoint_class = CLASS("GetCheckpoint", checkpoint_message),
                                 proof_class = CLASS("GetProof", proof_message),
                                 tile_class = CLASS("GetTile", tile_message),
                                 cosignature_class = CLASS("AddCosignature", checkpoint_message);
#undef CLASS

static enum fedgate_result ask(struct fedgate_client *c, const struct object_class *class,
                               const ProtobufCMessage *request,
                               const struct fedgate_log_events *events, void *arg)
{
    if (c->channel == NULL)
        return FEDGATE_WAIT;
    struct question *q = mem_new(sizeof *q);
    buf_init(&q->request, LIMIT_REQUEST);
    q->events = events;
    q->arg = arg;
    if (message_pack(request, &q->request) != RESULT_OK) {
        destroy(&q->object);
        return FEDGATE_TOO_LARGE;
    }
    object_begin(&q->object, c, class);
    return FEDGATE_OK;
}

enum fedgate_result fedgate_checkpoint_get(struct fedgate_client *c,
                                           const struct fedgate_log_events *events, void *arg)
{
    Fedgate__V1__GetCheckpointRequest request = FEDGATE__V1__GET_CHECKPOINT_REQUEST__INIT;
    return ask(c, &checkpoint_class, &request.base, events, arg);
}

enum fedgate_result fedgate_proof_get(struct fedgate_client *c, const struct fedgate_record *record,
                                      const struct fedgate_log_events *events, void *arg)
{
    Fedgate__V1__GetProofRequest request = FEDGATE__V1__GET_PROOF_REQUEST__INIT;
    Fedgate__V1__LogRef ref = FEDGATE__V1__LOG_REF__INIT;
    ref.origin = (char *)(uintptr_t)record->origin;
    ref.index = record->index;
    request.record = &ref;
    return ask(c, &proof_class, &request.base, events, arg);
}

enum fedgate_result fedgate_tile_get(struct fedgate_client *c, const char *path,
                                     const struct fedgate_log_events *events, void *arg)
{
    Fedgate__V1__GetTileRequest request = FEDGATE__V1__GET_TILE_REQUEST__INIT;
    request.path = (char *)(uintptr_t)path;
    return ask(c, &tile_class, &request.base, events, arg);
}

enum fedgate_result fedgate_cosignature_add(struct fedgate_client *c, uint64_t old_size,
                                            const char *note,
                                            const struct fedgate_log_events *events, void *arg)
{
    Fedgate__V1__AddCosignatureRequest request = FEDGATE__V1__ADD_COSIGNATURE_REQUEST__INIT;
    request.old_size = old_size;
    request.note = (char *)(uintptr_t)note;
    return ask(c, &cosignature_class, &request.base, events, arg);
}
