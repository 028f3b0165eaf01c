/* TLS 1.3 with certificates on both sides, blocking, over loopback. */
#ifndef FEDGATE_BENCH_TLS_H
#define FEDGATE_BENCH_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* Ends the program with what OpenSSL says when it does not hold. */
void tls_check(bool holds, const char *what);

/* Shows the certificate PKI/NAME.pem and trusts PKI/ROOTS. */
SSL_CTX *tls_context_of(const SSL_METHOD *method, const char *pki, const char *name,
                        const char *roots);

int tls_listen(const char *port);
int tls_dial(const char *port);

/* A session on a connected socket, which it closes when it is freed; the handshake is still to
 * come. */
SSL *tls_over(SSL_CTX *c, int fd);

#endif
