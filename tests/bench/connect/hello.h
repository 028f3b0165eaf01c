/* What a client says first on a connection that then stays idle, for each kind of server. */
#ifndef FEDGATE_BENCH_HELLO_H
#define FEDGATE_BENCH_HELLO_H

#include "base/buf.h"

struct hello {
    const char *kind;
    const char *protocol; /* of ALPN, or NULL */
    bool answered;        /* the server says something then */
    bool relayed;         /* it connects to a sink, which has to be there */
    void (*put)(struct buf *out, uint64_t number); /* of the connection; or NULL: nothing */
};

/* Ends the program when there is no such kind. */
const struct hello *hello_named(const char *kind);

#endif
