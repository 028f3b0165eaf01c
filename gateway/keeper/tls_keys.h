/* The TLS keys that a keeper has for one role: the one in use, and those of certificates that are
 * being renewed. For keeper/ only. */
#ifndef FEDGATE_KEEPER_TLS_KEYS_H
#define FEDGATE_KEEPER_TLS_KEYS_H

#include "base/buf.h"
#include "crypto/tls_key.h"

enum { TLS_KEYS = 4 };

/* Zeroed at the beginning. */
struct tls_keys {
    struct tls_key *key[TLS_KEYS]; /* the newest first; NULL behind the last */
    const struct tls_key *in_use;  /* never pushed out; NULL: none yet */
};

/* One more (PEM), or one that is there already, which is the newest then. The oldest that is not in
 * use makes room. RESULT_MALFORMED, RESULT_MISMATCH of tls_key_read; RESULT_EXISTS when it is one
 * of `others`, another role's. */
MUST_USE enum result tls_keys_add(struct tls_keys *k, struct bytes pem,
                                  const struct tls_keys *others);

/* The newest is in use from now on; and those before it are wiped, which signed until now. */
void tls_keys_use_newest(struct tls_keys *k);
void tls_keys_drop_older(struct tls_keys *k);

/* The request names the key by its public half. An empty answer is a refusal: the handshake fails,
 * and whoever asked logs it. RESULT_END when it names none. */
MUST_USE enum result tls_keys_sign(const struct tls_keys *k, struct bytes body, struct buf *reply);

void tls_keys_free(struct tls_keys *k);

#endif
