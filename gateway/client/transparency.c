/* TransparencyService: one question each. */
#include "base/mem.h"
#include "client/question.h"

#include <fedgate/v1/fedgate.pb-c.h>

struct log_question {
    struct question question; /* first */
    const struct fedgate_log_events *events;
};

static const struct fedgate_log_events *events_of(struct question *q)
{
    return CONTAINER_OF(q, struct log_question, question)->events;
}

static void unanswered(struct question *q, const struct fedgate_end *end)
{
    events_of(q)->done(q->arg, NULL, end);
}

static enum result hand_out(struct question *q, struct bytes text, struct bytes entry)
{
    const struct fedgate_end end = {GRPC_OK, ""};
    const struct fedgate_log_answer answer = {{text.p, text.n}, {entry.p, entry.n}};
    events_of(q)->done(q->arg, &answer, &end);
    return RESULT_OK;
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
    return question_take(o, &fedgate__v1__checkpoint__descriptor, message, give_checkpoint);
}

static enum result proof_message(struct object *o, struct bytes message)
{
    return question_take(o, &fedgate__v1__proof__descriptor, message, give_proof);
}

static enum result tile_message(struct object *o, struct bytes message)
{
    return question_take(o, &fedgate__v1__tile__descriptor, message, give_tile);
}

static void destroy(struct object *o)
{
    struct log_question *q = CONTAINER_OF(o, struct log_question, question.object);
    question_drop(&q->question);
    mem_free(q);
}

#define CLASS(method, answer)                                                                      \
    {                                                                                              \
        .path = "/fedgate.v1.TransparencyService/" method, .largest_answer = QUESTION_ANSWER_MAX,  \
        .opened = question_opened, .message = (answer), .ended = question_ended,                   \
        .destroy = destroy                                                                         \
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
    struct log_question *q = mem_new(sizeof *q);
    q->events = events;
    q->question.arg = arg;
    q->question.unanswered = unanswered;
    enum fedgate_result r = question_begin(&q->question, c, class, request);
    if (r != FEDGATE_OK)
        destroy(&q->question.object);
    return r;
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
