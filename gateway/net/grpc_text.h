/* The words of gRPC over HTTP/2: statuses, percent-encoded texts, timeouts, content types. Pure. */
#ifndef FEDGATE_NET_GRPC_TEXT_H
#define FEDGATE_NET_GRPC_TEXT_H

#include "base/buf.h"
#include "net/grpc.h"

/* grpc-message: every byte outside printable ASCII, and '%', becomes %XX. */
void grpc_text_encode(struct bytes text, struct buf *out);

/* The opposite, for showing; a broken escape is kept as it is. */
void grpc_text_decode(struct bytes encoded, struct buf *out);

/* grpc-timeout: at most eight digits and a unit (H M S m u n), in microseconds, rounded up.
 * RESULT_MALFORMED when it is anything else. */
MUST_USE enum result grpc_timeout_parse(struct bytes value, int64_t *us);

/* Whether a content type is gRPC with protobuf: application/grpc, +proto, with parameters or not.
 */
bool grpc_is_content_type(struct bytes value);

/* grpc-status: the decimal number; UNKNOWN when it is not one that there is. */
enum grpc_status grpc_status_parse(struct bytes value);

/* What an answer without grpc-status means: from its HTTP status ("HTTP to gRPC Status Code
 * Mapping"), or from the HTTP/2 error code that reset the stream. */
enum grpc_status grpc_status_of_http(struct bytes http_status);
enum grpc_status grpc_status_of_reset(uint32_t http2_error);

/* What a caller who speaks plain HTTP is told instead of a status that ends its call; 500 where
 * there is nothing better. */
unsigned grpc_status_to_http(enum grpc_status s);

#endif
