/*
 * The head of one request in HTTP/1 (RFC 9112), for the one place where a request comes without
 * TLS: /metrics, asked for on this machine. Pure: bytes in, views out. Strict, for nothing in front
 * of it forgives: lines end with CR and LF, nothing is folded, no field is named twice where it
 * counts. A body is none of its business; the connection ends with the answer. Why not evhttp: that
 * of libevent 2.1 bounds neither the connections nor the time of a whole request, and takes every
 * method.
 */
#ifndef FEDGATE_NET_PLAIN_REQUEST_H
#define FEDGATE_NET_PLAIN_REQUEST_H

#include "base/bytes.h"
#include "base/result.h"

/* Views into the text; `host` may be empty. */
struct plain_request {
    struct bytes method, path; /* the path without "?" and what follows */
    struct bytes host;         /* the field Host, as it came */
};

/* RESULT_AGAIN: its end has not come yet. RESULT_MALFORMED. */
MUST_USE enum result plain_request_read(struct bytes text, struct plain_request *out);

/* Whether a Host is this machine's own name for itself, with or without a port, or none was said: a
 * web page that had its name led here (DNS rebinding) names another. */
bool plain_request_is_local(struct bytes host);

#endif
