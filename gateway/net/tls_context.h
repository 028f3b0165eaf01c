/* The inside of a TLS context, for net/'s own use: what its connections are made from. */
#ifndef FEDGATE_NET_TLS_CONTEXT_H
#define FEDGATE_NET_TLS_CONTEXT_H

#include "net/tls.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

struct tls_context {
    atomic_uint holds;
    SSL_CTX *ssl;
    BIO_METHOD *memory; /* how OpenSSL reads and writes: tls_session_memory */
    struct trust *root; /* the client's own; NULL on the server, whose trust the caller keeps */
    struct known_chains *known; /* of the server's peers; NULL on the client */
    char *server_name;          /* for the client; NULL: any */
    bool server;
    uint64_t most_records; /* under one key: LIMIT_TLS_RECORDS, but in tests */
};

/* OpenSSL's input and output for one session, whose struct tls_session is the BIO's data. */
BIO_METHOD *tls_session_memory(void);

#endif
