/* The door's thread: it accepts, and finishes handshakes. Who may come in is decided elsewhere. */
#include "net/server_state.h"

#include "base/mem.h"
#include "net/tls_session.h"

#include <stdlib.h>

static void arrived(void *arg, struct grpc_arrival *arrival)
{
    struct door *d = arg;
    struct server_connection *c = mem_new(sizeof *c);
    c->server = d->post.server;
    c->arrival = *arrival;
    c->ends_with = UINT64_MAX;
    tls_peer_hold(&arrival->peer, &c->peer);
    mail_post(d->post.room, d->post.mail, MAIL_ARRIVED, c, 0);
}

static void deny(struct door *d, const struct mail *m)
{
    struct server_connection *c = m->to;
    if (d->post.grpc != NULL)
        grpc_server_deny(d->post.grpc, &c->arrival, m->text);
    server_connection_free(c);
}

static void set_tls(struct door *d, const struct mail *m)
{
    struct tls_context *tls = m->to;
    if (d->post.grpc != NULL)
        grpc_server_set_tls(d->post.grpc, tls);
    tls_context_drop(tls);
}

static void take(struct outpost *p, const struct mail *m)
{
    struct door *d = CONTAINER_OF(p, struct door, post);
    switch (m->kind) {
    case MAIL_DENY: deny(d, m); break;
    case MAIL_SET_TLS: set_tls(d, m); break;
    default: abort(); /* mail for a worker: a bug of ours */
    }
}

void door_open(struct door *d, struct server *s, struct tls_context *tls)
{
    const struct server_config *config = &s->config;
    outpost_open(&d->post, s, false, take);
    d->post.gives_way = true; /* handshakes of strangers are never in front of alerts */
    const struct grpc_server_config mine = {.loop = d->post.loop,
                                            .log = config->log,
                                            .listen_fd = config->listen_fd,
                                            .arg = d,
                                            .arrived = arrived,
                                            .most_connections = config->most_connections,
                                            .connections = &s->connections,
                                            .handshakes = config->handshakes,
                                            .waved_off = &s->waved_off};
    d->post.grpc = grpc_server_new(&mine, tls);
}

void door_close(struct door *d)
{
    outpost_close(&d->post);
}
