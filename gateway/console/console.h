/*
 * The auditors' console: pages about the gateway, made from the audit log's own files and from what
 * the ledger answers. No sockets, no keys, no bodies of messages: a request in, an answer out
 * through a pipe. Everything that a request holds is an enemy's until it was read by the bounded
 * cursor, and so is every text of a leaf until it was escaped.
 */
#ifndef FEDGATE_CONSOLE_CONSOLE_H
#define FEDGATE_CONSOLE_CONSOLE_H

#include "audit/note.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "ipc/console_road.h"
#include "policy/policy.h"

struct console;
struct search;
struct web_call;

enum {
    CONSOLE_PATH_MAX = 4096,       /* bytes of a request's path with its query */
    CONSOLE_BODY_MAX = 16 << 20,   /* of any body: a file of opened facts */
    CONSOLE_BODIES_MAX = 64 << 20, /* of all those larger than a form; more are answered with 503 */
    CONSOLE_BODIES_OF_UNIT = 32 << 20, /* of those of one unit; more are answered with 429 */
    CONSOLE_FACTS_MAX = 256 << 20,     /* of opened facts that visits keep; */
    CONSOLE_FACTS_OF_UNIT = 64 << 20,  /* of those of one unit; more are answered with 429 */
    CONSOLE_PAGE_MAX = 8 << 20,        /* of a page that is made as a whole */
    CONSOLE_CALLS_MAX = 256,           /* requests at once; more are answered with 503 */
    CONSOLE_CALLS_OF_UNIT = 64,        /* of one unit; more are answered with 429 */
    CONSOLE_STREAMS_MAX = 32,    /* of them live streams of events; more are answered with 429, */
    CONSOLE_STREAMS_OF_UNIT = 4, /* and so are more of one unit */
};

/* Who asks, as the certificate and the policy set in force say. */
struct visitor {
    struct bytes unit; /* party/unit */
    enum policy_console role;
    uint8_t certificate[CONSOLE_FINGERPRINT]; /* SHA-256 of its DER form */
    bool reads_all;                           /* records of all parties, not of the own alone */
    bool is_local; /* instead of all that: whoever is on this machine; /metrics alone is shown */
};

/* Views that are valid during the call; empty when the request has none. */
struct web_request {
    bool is_post, is_head;
    struct bytes path; /* without "?" and what follows */
    struct bytes query, cookie, origin, site, authority, language, type;
};

struct web_field {
    const char *name;
    struct bytes value;
};

struct web_head {
    unsigned status;
    const char *type, *caching;
    const struct web_field *field;
    size_t fields;
};

/* How an answer leaves: once `begin`, any number of `put`, once `end`. `queued` are the bytes that
 * the visitor has not taken yet. */
struct web_pipe {
    void (*begin)(void *call, const struct web_head *h);
    enum result (*put)(void *call, struct bytes piece); /* copied */
    size_t (*queued)(void *call);
    void (*end)(void *call);
};

/* All outlives the console. */
struct console_config {
    struct clock clock;
    const struct log *log;
    struct search *search; /* NULL: no index; pages of records say so */
    int audit_folder, archive_folder;
    const char *log_name;
    const struct note_key *witness; /* that the configuration names */
    size_t witnesses;
    const struct web_pipe *pipe;
    void *arg; /* of the two below */
    void (*ask_ledger)(void *arg, uint64_t ticket, struct bytes unit, struct bytes control_request);
    void (*record_view)(void *arg, const struct console_view *v);
};

struct console *console_new(const struct console_config *c);
void console_free(struct console *c); /* ends no call; accepts NULL */

/* The set in force: outlives the console, or is replaced first. NULL: none. */
void console_set_policy(struct console *c, const struct policy *p);

/*
 * A request whose head is whole. `pipe_call` is what the pipe's functions are handed; it is used
 * until `end`, or console_gone. Never NULL. The answer may begin within the call. The body follows
 * (console_body); without one, console_body_end is called all the same.
 */
struct web_call *console_request(struct console *c, const struct visitor *v,
                                 const struct web_request *r, void *pipe_call);
void console_body(struct web_call *w, struct bytes piece);
void console_body_end(struct web_call *w);

/* The pipe has room again. */
void console_writable(struct web_call *w);

/* The exchange is over, answered or not: called once for each, never from within a function of the
 * pipe, and `w` is no more. */
void console_gone(struct web_call *w);

/* Answers to ask_ledger and record_view: a frame as ipc/control.h has it; whether the view stands
 * in the log, and where. Unknown tickets are left alone. */
void console_said(struct console *c, uint64_t ticket, struct bytes answer_and_items);
void console_viewed(struct console *c, uint64_t ticket, bool done, uint64_t index);

/* The ledger is away: whatever waits for it is told. */
void console_ledger_went(struct console *c);

/* A slice of what takes longer; after how many microseconds it is to be called again. */
int64_t console_turn(struct console *c);

#endif
