/* VaultService: the gateway's half of the key of an item, for one storing or opening. */
#include "base/clock.h"
#include "base/mem.h"
#include "client/question.h"
#include "crypto/box.h"

#include <fedgate/v1/fedgate.pb-c.h>

enum { HALF = 32 };
_Static_assert(HALF == sizeof((struct fedgate_half *)0)->half, "the size of a half");

struct half_question {
    struct question question; /* first */
    const struct fedgate_half_events *events;
    uint8_t public_key[BOX_KEY], secret_key[BOX_KEY]; /* made for this question alone */
};

static struct half_question *of(struct question *q)
{
    return CONTAINER_OF(q, struct half_question, question);
}

static void unanswered(struct question *q, const struct fedgate_end *end)
{
    of(q)->events->done(q->arg, NULL, end);
}

/* A half that cannot be opened was not sealed for this question. */
static enum result open_half(const struct half_question *h, struct bytes box,
                             struct fedgate_half *out)
{
    if (box.n == 0)
        return RESULT_OK;
    out->has_half = true;
    return box.n == HALF + BOX_MORE ? box_open(h->public_key, h->secret_key, box, out->half)
                                    : RESULT_MALFORMED;
}

static enum result give(struct question *q, const ProtobufCMessage *m)
{
    const Fedgate__V1__VaultHalf *v = (const void *)m;
    const struct fedgate_end end = {GRPC_OK, ""};
    struct fedgate_half half = {.refused = (unsigned)v->refused,
                                .not_needed = v->not_needed != 0,
                                .uses_limited = v->uses_limited != 0,
                                .uses_left = v->uses_left,
                                .clause = v->clause,
                                .record = {"", 0}};
    if (v->record != NULL)
        half.record = (struct fedgate_record){v->record->origin, v->record->index};
    enum result r = open_half(of(q), bytes_of(v->half.data, v->half.len), &half);
    if (r == RESULT_OK)
        of(q)->events->done(q->arg, &half, &end);
    else
        q->answered = false; /* it is told as a call that failed */
    mem_wipe(&half, sizeof half);
    return r == RESULT_OK ? r : RESULT_MALFORMED;
}

static enum result half_message(struct object *o, struct bytes message)
{
    return question_take(o, &fedgate__v1__vault_half__descriptor, message, give);
}

static void destroy(struct object *o)
{
    struct half_question *h = CONTAINER_OF(o, struct half_question, question.object);
    question_drop(&h->question);
    mem_wipe(h->secret_key, sizeof h->secret_key);
    mem_free(h);
}

#define CLASS(method)                                                                              \
    {                                                                                              \
        .path = "/fedgate.v1.VaultService/" method, .largest_answer = QUESTION_ANSWER_MAX,         \
        .opened = question_opened, .message = half_message, .ended = question_ended,               \
        .destroy = destroy                                                                         \
    }
static const struct object_class store_class = CLASS("Store"), open_class = CLASS("Open"),
                                 report_class = CLASS("Report");
#undef CLASS

static struct half_question *new_question(const struct fedgate_half_events *events, void *arg)
{
    struct half_question *h = mem_new(sizeof *h);
    h->events = events;
    h->question.arg = arg;
    h->question.unanswered = unanswered;
    box_keys(h->public_key, h->secret_key);
    return h;
}

static enum fedgate_result begin(struct half_question *h, struct fedgate_client *c,
                                 const struct object_class *class, const ProtobufCMessage *request)
{
    enum fedgate_result r = question_begin(&h->question, c, class, request);
    if (r != FEDGATE_OK)
        destroy(&h->question.object);
    return r;
}

static char *text(const char *given)
{
    return (char *)(uintptr_t)(given == NULL ? "" : given);
}

static Fedgate__V1__LogRef ref_of(const struct fedgate_record *record)
{
    Fedgate__V1__LogRef ref = FEDGATE__V1__LOG_REF__INIT;
    ref.origin = text(record->origin);
    ref.index = record->index;
    return ref;
}

static Fedgate__V1__Actor actor_of(const struct fedgate_actor *a)
{
    Fedgate__V1__Actor actor = FEDGATE__V1__ACTOR__INIT;
    actor.staff_ref = text(a->staff);
    actor.role = text(a->role);
    actor.workstation = text(a->workstation);
    actor.authenticated_by = text(a->authenticated_by);
    return actor;
}

enum fedgate_result fedgate_half_to_store(struct fedgate_client *c,
                                          const struct fedgate_record *record,
                                          const struct fedgate_half_events *events, void *arg)
{
    Fedgate__V1__VaultStoreRequest request = FEDGATE__V1__VAULT_STORE_REQUEST__INIT;
    Fedgate__V1__LogRef ref = ref_of(record);
    struct half_question *h = new_question(events, arg);
    request.record = &ref;
    request.reader = (ProtobufCBinaryData){BOX_KEY, h->public_key};
    return begin(h, c, &store_class, &request.base);
}

enum fedgate_result fedgate_half_to_open(struct fedgate_client *c,
                                         const struct fedgate_record *record,
                                         const struct fedgate_actor *who, const char *reason,
                                         const struct fedgate_half_events *events, void *arg)
{
    Fedgate__V1__VaultOpenRequest request = FEDGATE__V1__VAULT_OPEN_REQUEST__INIT;
    Fedgate__V1__LogRef ref = ref_of(record);
    Fedgate__V1__Actor actor = actor_of(who);
    struct half_question *h = new_question(events, arg);
    request.record = &ref;
    request.actor = &actor;
    request.reason = text(reason);
    request.reader = (ProtobufCBinaryData){BOX_KEY, h->public_key};
    return begin(h, c, &open_class, &request.base);
}

enum fedgate_result fedgate_use_report(struct fedgate_client *c,
                                       const struct fedgate_record *record,
                                       const struct fedgate_actor *who, const char *reason,
                                       int64_t used_at_us, const struct fedgate_half_events *events,
                                       void *arg)
{
    Fedgate__V1__UseReport request = FEDGATE__V1__USE_REPORT__INIT;
    Google__Protobuf__Timestamp at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Fedgate__V1__LogRef ref = ref_of(record);
    Fedgate__V1__Actor actor = actor_of(who);
    at.seconds = used_at_us / US_PER_S;
    request.item = &ref;
    request.actor = &actor;
    request.reason = text(reason);
    request.used_at = &at;
    return begin(new_question(events, arg), c, &report_class, &request.base);
}
