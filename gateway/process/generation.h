/* A generation of the edge or of the console: one policy set in force, whom it trusts, and the TLS
 * context that shows the certificate of the one or the other. It is made whole or not at all, and
 * never changed. Inside process/ only. */
#ifndef FEDGATE_PROCESS_GENERATION_H
#define FEDGATE_PROCESS_GENERATION_H

#include "ipc/channel.h"
#include "net/tls.h"
#include "policy/policy.h"
#include "process/lifetimes.h"

struct generation;

/* What is shown: how the keeper is asked to sign for it, whose certificate it is, and whether its
 * ends are told of all lists and roots of the set too. */
struct generation_kind {
    enum ipc_type sign, is_signed;
    const char *whose;
    bool tells_of_set;
};
extern const struct generation_kind generation_of_edge, generation_of_console;

/* A way to the keeper, for one thread: one question, answered at once (channel_call). Lives as long
 * as the process. */
struct generation_keeper {
    enum result (*ask)(void *arg, enum ipc_type type, struct bytes body, enum ipc_type expected,
                       struct buf *reply);
    void *arg;
    const struct generation_kind *kind;
};

/*
 * Reads the compiled policy set and the certificate (PEM, then intermediates), which become the
 * generation's descriptors and may be -1, and tries by `trial` whether the keeper signs for the
 * certificate. Handshakes are signed by `signer`, on their own thread. `settings`: how long
 * revocation lists count.
 * On errors nothing is left, and *why is what to tell an operator: RESULT_IO, RESULT_NOT_FOUND,
 * RESULT_MALFORMED, RESULT_MISMATCH, RESULT_DENIED or RESULT_UNAVAILABLE of the keeper. A key
 * object for the certificate stays for the process's life: connections may still use it.
 */
MUST_USE enum result generation_new(int snapshot_fd, int certificate_fd,
                                    const struct settings *settings,
                                    const struct generation_keeper *trial,
                                    const struct generation_keeper *signer, struct generation **out,
                                    const char **why);

/* Frees all but the policy, which has to be closed first. Connections keep the TLS context they
 * began with. Accepts NULL. */
void generation_free(struct generation *g);

/* The policy set, in memory that is the generation's: whoever takes it closes it. */
struct policy *generation_policy(const struct generation *g);
struct trust *generation_trust(const struct generation *g);
struct tls_context *generation_tls(const struct generation *g);

/* When its certificates and lists end. */
struct lifetimes *generation_lifetimes(const struct generation *g);

#endif
