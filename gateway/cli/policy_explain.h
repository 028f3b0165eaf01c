/* The parts of fedgatectl policy explain. */
#ifndef FEDGATE_CLI_POLICY_EXPLAIN_H
#define FEDGATE_CLI_POLICY_EXPLAIN_H

#include "base/arena.h"
#include "cli/policy_set.h"

/* A message as the agent takes it, in JSON, decoded and checked as the gateway does. What the agent
 * fills in (id, source, time) is filled in: `from` names the unit. */
struct explain_message {
    struct arena *arena;
    struct message message;
    struct findings found; /* `refused`: the gateway asks no policy about it */
};

/* Whether the text is such a message: a JSON map with the key "header". */
bool explain_is_message(struct bytes text);

/* False after error messages. Freed by explain_message_free, either way. */
bool explain_message_read(struct explain_message *m, const struct policy_set *s, const char *file,
                          struct bytes text, const char *from, int64_t now_us);
void explain_message_free(struct explain_message *m);

/* Appends an explanation as one JSON object; and a question that could not be asked. */
void explain_put_json(const struct policy_explanation *e, bool korean, struct buf *out);
void explain_put_unasked_json(enum reason reason, const char *failed, struct buf *out);

#endif
