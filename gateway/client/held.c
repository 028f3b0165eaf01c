/* VaultService.Held: what of a unit's deliveries an order keeps from destruction. */
#include "base/clock.h"
#include "base/mem.h"
#include "client/question.h"

#include <fedgate/v1/fedgate.pb-c.h>

struct held_question {
    struct question question; /* first */
    const struct fedgate_held_events *events;
};

static struct held_question *of(struct question *q)
{
    return CONTAINER_OF(q, struct held_question, question);
}

static void unanswered(struct question *q, const struct fedgate_end *end)
{
    of(q)->events->done(q->arg, NULL, end);
}

static enum result give(struct question *q, const ProtobufCMessage *m)
{
    const Fedgate__V1__VaultHeld *h = (const void *)m;
    const struct fedgate_end end = {GRPC_OK, ""};
    struct fedgate_hold *hold = mem_new_array(h->n_hold + 1, sizeof *hold);
    const struct fedgate_held held = {
        .origin = h->origin, .hold = hold, .holds = h->n_hold, .next = h->next};
    for (size_t i = 0; i < h->n_hold; i++)
        hold[i] = (struct fedgate_hold){
            .subject = h->hold[i]->subject,
            .since_us = h->hold[i]->since == NULL ? 0 : h->hold[i]->since->seconds * US_PER_S,
            .index = h->hold[i]->index,
            .count = h->hold[i]->n_index};
    of(q)->events->done(q->arg, &held, &end);
    mem_free(hold);
    return RESULT_OK;
}

static enum result held_message(struct object *o, struct bytes message)
{
    return question_take(o, &fedgate__v1__vault_held__descriptor, message, give);
}

static void destroy(struct object *o)
{
    struct held_question *h = CONTAINER_OF(o, struct held_question, question.object);
    question_drop(&h->question);
    mem_free(h);
}

static const struct object_class held_class = {.path = "/fedgate.v1.VaultService/Held",
                                               .largest_answer = QUESTION_ANSWER_MAX,
                                               .opened = question_opened,
                                               .message = held_message,
                                               .ended = question_ended,
                                               .destroy = destroy};

enum fedgate_result fedgate_vault_held(struct fedgate_client *c, uint64_t from,
                                       const struct fedgate_held_events *events, void *arg)
{
    Fedgate__V1__VaultHeldRequest request = FEDGATE__V1__VAULT_HELD_REQUEST__INIT;
    struct held_question *h = mem_new(sizeof *h);
    h->events = events;
    h->question.arg = arg;
    h->question.unanswered = unanswered;
    request.from = from;
    enum fedgate_result r = question_begin(&h->question, c, &held_class, &request.base);
    if (r != FEDGATE_OK)
        destroy(&h->question.object);
    return r;
}
