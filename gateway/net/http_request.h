/* What is kept of the fields of a request in plain HTTP (RFC 9110), each within a bound. Pure: no
 * call, no connection. */
#ifndef FEDGATE_NET_HTTP_REQUEST_H
#define FEDGATE_NET_HTTP_REQUEST_H

#include "net/grpc.h"

struct http_fields;
struct http_fields *http_fields_new(void);

/* Wipes: a cookie may be as good as a password. Accepts NULL. */
void http_fields_free(struct http_fields *f);

/* Takes one field; one that is not kept is passed over. What comes more than once is joined, so
 * that no value hides behind another: cookies with "; " (RFC 9113, 8.2.3), others with ", "
 * (RFC 9110, 5.3). */
void http_fields_take(struct http_fields *f, struct bytes name, struct bytes value);

/* All of them came. 0, and *out is views into `f`; or the HTTP status of its refusal: 400, 414 (the
 * path) or 431 (another field is longer than LIMIT_HTTP_FIELD). */
unsigned http_fields_show(struct http_fields *f, struct http_request *out);

#endif
