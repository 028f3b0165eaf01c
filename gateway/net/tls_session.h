/*
 * One TLS connection in memory: ciphertext in, plain text out, and the other way round. It knows no
 * socket and no clock.
 */
#ifndef FEDGATE_NET_TLS_SESSION_H
#define FEDGATE_NET_TLS_SESSION_H

#include "net/tls.h"

struct tls_session;

/* On the side that the context is for. The session holds the context. */
struct tls_session *tls_session_new(struct tls_context *context);
void tls_session_free(struct tls_session *s); /* accepts NULL */

/* What came from the peer, a view that must stay until tls_session_handshake or tls_session_read
 * answered RESULT_AGAIN: by then all of it is taken. */
void tls_session_feed(struct tls_session *s, struct bytes ciphertext);

/* The view that was fed is about to end: what is left of it is copied. */
void tls_session_keep(struct tls_session *s);

/*
 * Goes on with the handshake. RESULT_OK: it is done, the peer is verified. RESULT_AGAIN: more must
 * come from the peer. RESULT_DENIED: it failed; tls_session_why says why, and an alert for the peer
 * may wait among the outgoing bytes.
 */
MUST_USE enum result tls_session_handshake(struct tls_session *s);

/* Plain text into `out`. RESULT_AGAIN: nothing is left. RESULT_CLOSED: the peer said goodbye.
 * RESULT_DENIED: it broke the protocol; see tls_session_why. */
MUST_USE enum result tls_session_read(struct tls_session *s, uint8_t *out, size_t room, size_t *n);

/* Encrypts all of `plain`, in records of at most 16 KiB. RESULT_DENIED as above. */
MUST_USE enum result tls_session_write(struct tls_session *s, struct bytes plain);

/* The server ends a session whose handshake is done with the alert access_denied. `why` is static.
 */
void tls_session_deny(struct tls_session *s, const char *why);

/* Says goodbye (close_notify). */
void tls_session_close(struct tls_session *s);

/* Ciphertext for the peer, valid until the next call; and that `n` bytes of it were sent. */
struct bytes tls_session_outgoing(const struct tls_session *s);
void tls_session_sent(struct tls_session *s, size_t n);

/*
 * To be called about once a second: renews the keys when they are due (LIMIT_TLS_RECORDS,
 * LIMIT_TLS_KEY_AGE), and gives buffers back that were not used since the last call.
 */
void tls_session_tick(struct tls_session *s, int64_t now_us);

/* Why the last call was refused; static. */
const char *tls_session_why(const struct tls_session *s);

/* The verified peer, but for its address; after the handshake. The pointers live as long as the
 * session. */
void tls_session_peer(const struct tls_session *s, struct tls_peer *out);

/* The same peer with holds of its own on the certificates, which tls_peer_drop ends. */
void tls_peer_hold(const struct tls_peer *peer, struct tls_peer *out);
void tls_peer_drop(struct tls_peer *peer);

#endif
