/*
 * How much control traffic a peer may cause: a bucket that fills with time and with the data that
 * moves. This version of nghttp2 has no such counter of its own ("glitches"). Pure.
 */
#ifndef FEDGATE_NET_HTTP2_BUDGET_H
#define FEDGATE_NET_HTTP2_BUDGET_H

#include "base/bucket.h"

#include <stddef.h>

struct http2_budget {
    struct bucket bucket;
};

/* Full, as of now. */
void http2_budget_init(struct http2_budget *b, int64_t now_us);

/* A DATA frame of `bytes` moved, either way; an empty one earns nothing. */
void http2_budget_earn(struct http2_budget *b, size_t bytes);

/* Pays for one frame; false when nothing is left, and the connection must end. */
bool http2_budget_spend(struct http2_budget *b, int64_t now_us, unsigned points);

#endif
