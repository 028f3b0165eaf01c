/* Calls with one request and one answer. Inside client/ only. */
#ifndef FEDGATE_CLIENT_QUESTION_H
#define FEDGATE_CLIENT_QUESTION_H

#include "client/state.h"
#include "message/message.h"

enum { QUESTION_ANSWER_MAX = 4 << 20 };

/* Embedded in its owner, first. */
struct question {
    struct object object;
    struct buf request; /* encoded */
    void *arg;          /* of the application */
    bool answered;
    /* The call ended without an answer. */
    void (*unanswered)(struct question *q, const struct fedgate_end *end);
};

/* The parts of an object_class. question_take hands the answer to `give`, once, in memory of its
 * own. */
void question_opened(struct object *o);
void question_ended(struct object *o, const struct fedgate_end *end);
MUST_USE enum result
question_take(struct object *o, const struct ProtobufCMessageDescriptor *type, struct bytes message,
              enum result (*give)(struct question *q, const struct ProtobufCMessage *m));

/* Asks, with `q` zero but for what its owner set. FEDGATE_WAIT without a connection,
 * FEDGATE_TOO_LARGE: the owner frees it then, by question_drop first. */
MUST_USE enum fedgate_result question_begin(struct question *q, struct fedgate_client *c,
                                            const struct object_class *class,
                                            const struct ProtobufCMessage *request);
void question_drop(struct question *q);

#endif
