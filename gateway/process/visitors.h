/* Who is connected to the console: lets in the units that have a key to it in the policy set
 * (`console` of parties.yaml), and ends what a newer set, revocation list or suspension would not
 * have let in. Inside process/ only. */
#ifndef FEDGATE_PROCESS_VISITORS_H
#define FEDGATE_PROCESS_VISITORS_H

#include "net/grpc.h"
#include "policy/policy.h"

#include <sys/queue.h>

/* A connection of a unit. */
struct guest {
    LIST_ENTRY(guest) next;
    void *host; /* who has pages for it */
    struct grpc_connection *connection;
    enum policy_console role;
    bool reads_all; /* records of all parties, by the roles of its own */
    uint8_t certificate[SHA256_BYTES];
    int64_t ends_us; /* wall time: the next certificate that was shown is over */
    char unit[IDENT_UNIT_MAX + 1];
};

struct visitors;

/* Loop, log and host stay the caller's, and outlive it. Nobody is let in before visitors_trust and
 * visitors_suspend. */
struct visitors *visitors_new(struct loop *loop, const struct log *log,
                              struct bucket_size handshakes, void *host);

/* The policy set and trust in force from now on, which stay the caller's; those before are not used
 * any more. Whom they would not have let in as what it is is ended. */
void visitors_trust(struct visitors *v, const struct policy *policy, struct trust *trust);

/* All that is suspended (IPC_CONSOLE_BARRED): ended, and not let in any more. */
void visitors_suspend(struct visitors *v, struct bytes subjects);

/* To be called often: ends those whose certificate is over, or whose root or revocation list. */
void visitors_tick(struct visitors *v);

/* struct grpc_server_config: `visitors` is a struct visitors, the session a struct guest. */
void *visitors_accept(void *visitors, const struct tls_peer *peer,
                      struct grpc_connection *connection, const char **why);
void visitors_ended(void *visitors, void *guest);
void visitors_abused(void *visitors, void *guest);

/* When no connection is left. Accepts NULL. */
void visitors_free(struct visitors *v);

#endif
