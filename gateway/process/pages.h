/* Requests of visitors to the console's pages, and answers back: between plain HTTP (net/grpc.h)
 * and console/console.h. What pages ask of the ledger passes through here too. Inside process/
 * only. */
#ifndef FEDGATE_PROCESS_PAGES_H
#define FEDGATE_PROCESS_PAGES_H

#include "audit/note.h"
#include "console/console.h"
#include "ipc/channel.h"
#include "net/grpc.h"
#include "policy/policy.h"

struct pages;
struct search;

struct pages_config {
    struct loop *loop;
    const struct log *log;
    struct search *search; /* NULL: there is no index */
    int audit_folder, archive_folder;
    const char *log_name;
    const struct note_key *witness;
    size_t witnesses;
    /* To the ledger; false when it is away. */
    bool (*tell_ledger)(void *arg, enum ipc_type type, struct bytes body);
    void *arg;
};

/* All that it is given outlives it. */
struct pages *pages_new(const struct pages_config *config);

/* When no request is open. Accepts NULL. */
void pages_free(struct pages *p);

/* The set in force: the one before is not used any more. */
void pages_set_policy(struct pages *p, const struct policy *policy);

/* The ledger said something. RESULT_MALFORMED when it is nothing that it could say. */
MUST_USE enum result pages_ledger_said(struct pages *p, const struct channel_message *m);

/* The ledger went away: nothing that was asked of it is answered. */
void pages_ledger_went(struct pages *p);

/* Whoever asks for a page beside net/grpc.h (scrapes.h): its first member says how the answer
 * leaves, and it is what web_pipe's functions are called with. As console_request,
 * console_body_end, console_gone. */
struct pages_taker {
    const struct web_pipe *pipe;
};
struct web_call *pages_ask(struct pages *p, const struct visitor *v, const struct web_request *r,
                           struct pages_taker *taker);
void pages_asked_all(struct pages *p, struct web_call *w);

/* struct grpc_server_config, of sessions that are guests (visitors.h) whose host is a struct pages.
 */
extern const struct grpc_call_events pages_events;
enum { PAGES_BODY_MAX = 16 << 20 };
void *pages_open(void *guest, struct grpc_call *call, const struct http_request *request);

#endif
