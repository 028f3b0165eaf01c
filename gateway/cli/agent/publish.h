/* fedgate-agent publish: its input, and what becomes of it: sent (publish.c), or put where it waits
 * (publish_spool.c). */
#ifndef FEDGATE_CLI_AGENT_PUBLISH_H
#define FEDGATE_CLI_AGENT_PUBLISH_H

#include "cli/agent/message.h"

#include <sys/queue.h>

/* One message until its receipt. */
struct outgoing {
    TAILQ_ENTRY(outgoing) next;
    struct buf encoded;
    char id[AGENT_ID];
    uint64_t number; /* in the order in which they were read */
    bool behind;     /* was sent behind one that is sent again */
    const char *file;
    size_t line;
};

void outgoing_free(struct outgoing *o); /* accepts NULL */

/* ---------------------------------------------------------------- publish_input.c */

struct publish_input {
    struct agent *agent;
    struct agent_addition more;
    struct buf photo;
    uint64_t read; /* messages so far */
    struct agent_reader *reader;
};

/* The photo in a file, for the message; its time is the file's. NULL: none. False after an error
 * message. */
bool publish_input_photo(struct publish_input *in, const char *path);

/* The next message that can be sent. RESULT_AGAIN: it has to be waited for. RESULT_END: there are
 * no more. One that cannot be sent is passed over, after an error message, which the exit code
 * tells. */
MUST_USE enum result publish_input_next(struct publish_input *in, struct outgoing **out);

/* ---------------------------------------------------------------- publish_spool.c */

/* Puts all that is in these files (NULL behind them) into the folder. The exit code. */
int publish_into_spool(struct publish_input *in, const char *folder, char **file);

#endif
