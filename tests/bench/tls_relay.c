/* The same video through a relay of bytes that speaks TLS on both sides: a client that writes, and
 * the server behind the relay that reads. */
#include "base/mem.h"
#include "clip.h"
#include "footage.h"
#include "load.h"
#include "tls.h"

#include <sys/socket.h>

enum { READ_BYTES = 64 << 10 };

struct relay {
    struct load *load;
    SSL *out, *in;
    uint8_t *room;
};

static void *open_relay(struct load *l)
{
    struct relay *r = mem_new(sizeof *r);
    const struct load_options *o = load_options(l);
    SSL_CTX *client =
        tls_context_of(TLS_client_method(), o->pki, FOOTAGE_SENDER, "gateway/root.pem");
    SSL_CTX *server = tls_context_of(TLS_server_method(), o->pki, "gateway/server", "roots.pem");
    int listening = tls_listen(o->sink_port);
    r->load = l;
    r->room = mem_new(READ_BYTES);
    r->out = tls_over(client, tls_dial(o->port));
    tls_check(SSL_connect(r->out) == 1, "handshake with the relay");
    r->in = tls_over(server, accept(listening, NULL, NULL));
    tls_check(SSL_accept(r->in) == 1, "handshake of the relay");
    return r;
}

static bool send_chunk(void *arg, struct bytes chunk)
{
    const struct relay *r = arg;
    size_t n;
    tls_check(SSL_write_ex(r->out, chunk.p, chunk.n, &n) == 1 && n == chunk.n, "write");
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
    tls_check(SSL_read_ex(r->in, r->room, READ_BYTES, &n) == 1, "read");
    load_video_arrived(r->load, bytes_of(r->room, n));
}

const struct driver driver_tls_relay = {.name = "tls-relay",
                                        .video = true,
                                        .open = open_relay,
                                        .send = send_chunk,
                                        .turn = turn,
                                        .take = take};
