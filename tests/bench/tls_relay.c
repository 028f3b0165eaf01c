/* The same video through a relay of bytes that speaks TLS on both sides: a client that writes, and
 * the server behind the relay that reads. */
#include "base/mem.h"
#include "clip.h"
#include "footage.h"
#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_BYTES = 64 << 10 };

struct relay {
    struct load *load;
    SSL *out, *in;
    uint8_t *room;
};

static void check(bool holds, const char *what)
{
    if (!holds)
        load_fail("tls: %s: %s", what, ERR_error_string(ERR_peek_error(), NULL));
}

static SSL_CTX *context(struct load *l, const SSL_METHOD *method, const char *name,
                        const char *roots)
{
    char path[LOAD_PATH], file[128];
    SSL_CTX *c = SSL_CTX_new(method);
    check(c != NULL && SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1, "context");
    (void)snprintf(file, sizeof file, "%s.pem", name);
    check(SSL_CTX_use_certificate_chain_file(c, load_pki(l, file, path)) == 1, path);
    (void)snprintf(file, sizeof file, "%s.key", name);
    check(SSL_CTX_use_PrivateKey_file(c, load_pki(l, file, path), SSL_FILETYPE_PEM) == 1, path);
    check(SSL_CTX_load_verify_file(c, load_pki(l, roots, path)) == 1, path);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return c;
}

static struct sockaddr_in local(const char *port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listen_at(const char *port)
{
    const struct sockaddr_in here = local(port);
    const int on = 1;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
              bind(s, (const void *)&here, sizeof here) == 0 && listen(s, 1) == 0,
          "listen");
    return s;
}

static SSL *session(SSL_CTX *c, int fd)
{
    SSL *ssl = SSL_new(c);
    check(ssl != NULL && fd >= 0 && SSL_set_fd(ssl, fd) == 1, "session");
    return ssl;
}

static void *open_relay(struct load *l)
{
    struct relay *r = mem_new(sizeof *r);
    const struct sockaddr_in there = local(load_options(l)->port);
    SSL_CTX *client = context(l, TLS_client_method(), FOOTAGE_SENDER, "gateway/root.pem");
    SSL_CTX *server = context(l, TLS_server_method(), "gateway/server", "roots.pem");
    int listening = listen_at(load_options(l)->sink_port);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    r->load = l;
    r->room = mem_new(READ_BYTES);
    check(s >= 0 && connect(s, (const void *)&there, sizeof there) == 0, "connect");
    r->out = session(client, s);
    check(SSL_connect(r->out) == 1, "handshake with the relay");
    r->in = session(server, accept(listening, NULL, NULL));
    check(SSL_accept(r->in) == 1, "handshake of the relay");
    return r;
}

static bool send_chunk(void *arg, struct bytes chunk)
{
    const struct relay *r = arg;
    size_t n;
    check(SSL_write_ex(r->out, chunk.p, chunk.n, &n) == 1 && n == chunk.n, "write");
    return true;
}

static void turn(void *arg, int64_t most_us)
{
    load_wait(((const struct relay *)arg)->load, most_us);
}

static void take(void *arg, int64_t most_us)
{
    const struct relay *r = arg;
    size_t n;
    (void)most_us; /* blocks: the thread has nothing else to do */
    check(SSL_read_ex(r->in, r->room, READ_BYTES, &n) == 1, "read");
    load_video_arrived(r->load, bytes_of(r->room, n));
}

const struct driver driver_tls_relay = {.name = "tls-relay",
                                        .video = true,
                                        .open = open_relay,
                                        .send = send_chunk,
                                        .turn = turn,
                                        .take = take};
