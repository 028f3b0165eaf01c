/* fedgatectl's commands that talk to a running gateway, over its control socket. Inside cli/ only.
 */
#ifndef FEDGATE_CLI_CONTROL_H
#define FEDGATE_CLI_CONTROL_H

#include "cli/cli.h"
#include "ipc/control.h"

/* One question and its answer; `frame` holds the bytes that the answer's views, and the items
 * behind it, lie in. False after an error message: nobody answers there. */
bool control_ask(const char *path, const struct control_request *r, struct buf *frame,
                 struct control_answer *a, struct cursor *items);

/* The same of what takes longer: at most so many seconds, and once in each somebody is told that it
 * goes on (NULL: nobody). */
struct control_patience {
    int64_t seconds;
    void (*tell)(void *arg);
    void *arg;
};
bool control_ask_patiently(const char *path, const struct control_request *r, struct buf *frame,
                           struct control_answer *a, struct cursor *items,
                           const struct control_patience *patience);

/* ---- control_print.c */

/* Everything that is listed, or one subject with all that is known of it, as tables or as JSON, an
 * object a line. */
struct control_print {
    const char *socket;
    unsigned list; /* road_case_kind, or CONTROL_SUSPENSIONS */
    bool korean, json;
};
int control_print_list(const struct control_print *p);
int control_print_one(const struct control_print *p, const char *subject);

/* How much a name stands for: what an order to destroy would reach. */
int control_print_named(const struct control_print *p, const char *subject);

/* Whether the clock is trusted, and what hangs on it: CLI_NO when somebody is asked. */
int control_print_clock(const struct control_print *p);

/* ---- control_act.c */

struct control_doing {
    unsigned act;
    const char *socket, *subject;
    const char *officer, *reason; /* what is prepared; */
    const char *key;              /* signed here with this key, */
    const char *print;            /* or written to this file, to be signed elsewhere */
    const char *signature, *text; /* such a signature, and the text that it is over */
    int password_fd;
    bool korean;
    uint64_t *index; /* receives the leaf of an act that was done; or NULL */
};
int control_do(const struct control_doing *d);

#endif
