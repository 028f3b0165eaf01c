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
    unsigned list; /* road_case_kind, or CONTROL_SUSPENSIONS, CONTROL_HOLDS, CONTROL_REQUESTS */
    bool korean, json;
};
int control_print_list(const struct control_print *p);
int control_print_one(const struct control_print *p, const char *subject);

/* A row of a table of two columns, unless it is empty; a member of an object, likewise. */
void control_row(struct cli_table *t, const char *name, struct bytes value);
void control_json_text(struct buf *out, const char *key, struct bytes value);
void control_json_time(struct buf *out, const char *key, int64_t us);

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

/* ---- control_commands.c: what groups of commands share */

#define CONTROL_LIST_ARGUMENTS "--socket FILE [--json] [--lang en|ko]"
#define CONTROL_LIST_HELP                                                                          \
    "  --socket FILE   the gateway's control socket (control_socket of its configuration)\n"       \
    "  --json          an object a line\n"                                                         \
    "  --lang en|ko    of headings and messages\n"

#define CONTROL_ACT_OPTIONS                                                                        \
    "  --socket FILE             the gateway's control socket\n"                                   \
    "  --officer PARTY/PERSON    who acts, as the policy set names him or her\n"                   \
    "  --reason TEXT             why, in one line of at most 500 characters; no personal data\n"   \
    "  --key FILE                sign here, with this key, what is shown; asks for its password\n" \
    "  --password-fd N           the password comes from descriptor N\n"                           \
    "  --print FILE              write the text to FILE instead, to be signed elsewhere within "   \
    "the "                                                                                         \
    "hour\n"                                                                                       \
    "  --signature FILE          send such a text with this signature of it\n"                     \
    "  --text FILE               the text, when it is not the signature's name without .minisig\n" \
    "  --lang en|ko              of messages\n"                                                    \
    "\n"                                                                                           \
    "The text is the gateway's; it says all that the act does, and is good once. Exit 0: taken, "  \
    "1: "                                                                                          \
    "refused.\n"

/* Prints a list, or (one) what has the name that follows. */
int control_look(int argc, char **argv, unsigned list, bool one);

/* The options of an act, into `d`; argv[1] to argv[words] are left to name its subject, none with
 * --signature, whose text names it. False after an error message. */
bool control_read_act(int argc, char **argv, int words, struct control_doing *d);

/* ---- request_print.c: an item of CONTROL_REQUESTS */

void request_print_json(const struct control_item *i);

#endif
