/* A server whose connections come from another one, on another thread: for net/'s own use. */
#ifndef FEDGATE_NET_GRPC_SERVER_H
#define FEDGATE_NET_GRPC_SERVER_H

#include "net/grpc.h"

struct tls_session;

/* A peer whose handshake is done, between two servers: whoever has it closes it. */
struct grpc_arrival {
    int fd; /* -1: there is none any more */
    struct tls_session *tls;
    struct tls_peer peer; /* its certificates live as long as `tls` */
};

/* Closes it without a word. */
void grpc_arrival_drop(struct grpc_arrival *a);

/* Takes the arrival over, as if `accept` had answered `session`. Nothing of it is read before
 * grpc_server_begin. */
struct grpc_connection *grpc_server_adopt(struct grpc_server *s, struct grpc_arrival *a,
                                          void *session);
void grpc_server_begin(struct grpc_connection *c);

/* Takes the arrival over, and ends it with the alert access_denied; `why` is for the log. */
void grpc_server_deny(struct grpc_server *s, struct grpc_arrival *a, const char *why);

#endif
