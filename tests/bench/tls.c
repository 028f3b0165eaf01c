#include "tls.h"

#include "common.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/socket.h>

void tls_check(bool holds, const char *what)
{
    if (!holds)
        load_fail("tls: %s: %s", what, ERR_error_string(ERR_peek_error(), NULL));
}

SSL_CTX *tls_context_of(const SSL_METHOD *method, const char *pki, const char *name,
                        const char *roots)
{
    char path[LOAD_PATH];
    SSL_CTX *c = SSL_CTX_new(method);
    tls_check(c != NULL && SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1, "context");
    tls_check(SSL_CTX_use_certificate_chain_file(c, load_path(pki, name, ".pem", path)) == 1, path);
    tls_check(
        SSL_CTX_use_PrivateKey_file(c, load_path(pki, name, ".key", path), SSL_FILETYPE_PEM) == 1,
        path);
    tls_check(SSL_CTX_load_verify_file(c, load_path(pki, roots, "", path)) == 1, path);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return c;
}

static struct sockaddr_in local(const char *port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int tls_listen(const char *port)
{
    const struct sockaddr_in here = local(port);
    const int on = 1;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    tls_check(s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                  bind(s, (const void *)&here, sizeof here) == 0 && listen(s, 16) == 0,
              "listen");
    return s;
}

int tls_dial(const char *port)
{
    const struct sockaddr_in there = local(port);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    tls_check(s >= 0 && connect(s, (const void *)&there, sizeof there) == 0, "connect");
    return s;
}

SSL *tls_over(SSL_CTX *c, int fd)
{
    SSL *ssl = SSL_new(c);
    BIO *io = fd < 0 ? NULL : BIO_new_socket(fd, BIO_CLOSE);
    tls_check(ssl != NULL && io != NULL, "session");
    SSL_set_bio(ssl, io, io);
    return ssl;
}
