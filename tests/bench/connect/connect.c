/*
 * connect KIND PORT SINK PKI UNIT UNITS COUNT: says "ready" and waits for a line. Opens COUNT
 * connections with mutual TLS 1.3, one after the other, each with a full handshake, and keeps them:
 * a hundred as UNIT-00, a hundred as UNIT-01 and so on, UNITS of them round and round. Tells how
 * long that took, looks whether all still stand whenever a line comes, and ends with its input.
 *
 * KIND "tls-end", and "fedgate" when UNITS is 0: UNIT itself connects, sees that its certificate
 * was accepted, and closes before the next.
 */
#include "common.h"
#include "hello.h"
#include "tls.h"

#include "base/mem.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { A_UNIT = 100, UNITS_MAX = 100 };

struct connecting {
    const struct hello *hello;
    const char *port, *pki;
    SSL_CTX *client[UNITS_MAX], *server;
    size_t units, count, held;
    int sink;
    SSL **held_by; /* both ends' */
};

static void allow_descriptors(void)
{
    struct rlimit most;
    (void)getrlimit(RLIMIT_NOFILE, &most);
    most.rlim_cur = most.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &most);
}

static SSL_CTX *client_of(const struct connecting *c, const char *unit)
{
    SSL_CTX *ctx = tls_context_of(TLS_client_method(), c->pki, unit, "gateway/root.pem");
    const char *protocol = c->hello->protocol;
    unsigned char wire[16];
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF); /* a refusal comes as an alert */
    if (protocol == NULL)
        return ctx;
    const size_t n = strlen(protocol);
    wire[0] = (unsigned char)n;
    memcpy(wire + 1, protocol, n);
    tls_check(SSL_CTX_set_alpn_protos(ctx, wire, (unsigned)n + 1) == 0, "protocol");
    return ctx;
}

/* The first bytes that the server sends of its own, or that it closes without an alert. */
static void await_answer(SSL *s)
{
    char byte[4096];
    size_t n;
    if (SSL_read_ex(s, byte, sizeof byte, &n) == 1)
        return;
    tls_check(SSL_get_error(s, 0) == SSL_ERROR_ZERO_RETURN, "the server's answer");
}

static SSL *shake(struct connecting *c, size_t number)
{
    const size_t unit = c->units == 0 ? 0 : number / A_UNIT % c->units;
    const int fd = tls_dial(c->port), on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
                     sizeof on); /* what is small is not held back */
    SSL *s = tls_over(c->client[unit], fd);
    tls_check(SSL_connect(s) == 1, "handshake");
    return s;
}

static void greet(const struct connecting *c, SSL *s, size_t number)
{
    struct buf hello = BUF_INIT(4096);
    size_t n;
    if (c->hello->put != NULL) {
        c->hello->put(&hello, number);
        tls_check(SSL_write_ex(s, hello.p, hello.n, &n) == 1 && n == hello.n, "hello");
    }
    if (c->hello->answered)
        await_answer(s);
    buf_free(&hello);
}

static void keep_one(struct connecting *c, size_t number)
{
    SSL *s = shake(c, number);
    c->held_by[c->held++] = s;
    if (c->hello->relayed) {
        SSL *end = tls_over(c->server, accept(c->sink, NULL, NULL));
        tls_check(SSL_accept(end) == 1, "handshake of the relay");
        c->held_by[c->held++] = end;
    }
    greet(c, s, number);
}

static void shake_one(struct connecting *c, size_t number)
{
    SSL *s = shake(c, number);
    await_answer(s);
    (void)SSL_shutdown(s);
    SSL_free(s);
}

/* Whether the server has closed none of them; what waits is taken. */
static void look(const struct connecting *c)
{
    char byte[4096];
    size_t n, gone = 0;
    for (size_t i = 0; i < c->held; i++) {
        const int fd = SSL_get_fd(c->held_by[i]);
        (void)fcntl(fd, F_SETFL, O_NONBLOCK);
        ERR_clear_error();
        while (SSL_read_ex(c->held_by[i], byte, sizeof byte, &n) == 1)
            ;
        gone += SSL_get_error(c->held_by[i], 0) != SSL_ERROR_WANT_READ;
    }
    if (gone > 0)
        load_fail("%zu connections are gone", gone);
}

static void prepare(struct connecting *c, char **argv)
{
    char unit[256];
    *c = (struct connecting){.hello = hello_named(argv[1]), .port = argv[2], .pki = argv[4]};
    c->units = load_number(argv[6]);
    c->count = load_number(argv[7]);
    if (c->units > UNITS_MAX || c->count == 0)
        load_fail("UNITS: at most %d; COUNT: at least 1", UNITS_MAX);
    c->held_by = mem_new_array(2 * c->count, sizeof *c->held_by);
    if (c->units == 0)
        c->client[0] = client_of(c, argv[5]);
    for (size_t i = 0; i < c->units; i++) {
        (void)snprintf(unit, sizeof unit, "%s-%02zu", argv[5], i);
        c->client[i] = client_of(c, unit);
    }
    if (c->hello->relayed) {
        c->server = tls_context_of(TLS_server_method(), c->pki, "gateway/server", "roots.pem");
        SSL_CTX_set_mode(c->server, SSL_MODE_RELEASE_BUFFERS);
        tls_check(SSL_CTX_set_num_tickets(c->server, 0) == 1, "tickets"); /* each in full */
        c->sink = tls_listen(argv[3]);
    }
}

int main(int argc, char **argv)
{
    struct connecting c;
    char line[128];
    if (argc != 8)
        load_fail("KIND PORT SINK PKI UNIT UNITS COUNT");
    allow_descriptors();
    prepare(&c, argv);
    load_say("ready");
    (void)load_await_line();
    const int64_t began_ns = load_now_ns();
    for (size_t i = 0; i < c.count; i++) {
        if (c.units == 0)
            shake_one(&c, i);
        else
            keep_one(&c, i);
    }
    (void)snprintf(line, sizeof line, "{\"connections\": %zu, \"elapsed_s\": %.3f}", c.count,
                   (double)(load_now_ns() - began_ns) / 1e9);
    do {
        look(&c);
        load_say(line);
    } while (load_await_line());
    return 0;
}
