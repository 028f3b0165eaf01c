#include "client/client.h"

#include "base/ident.h"
#include "base/limits.h"
#include "base/mem.h"
#include "client/files.h"
#include "client/loss.h"
#include "client/state.h"
#include "crypto/init.h"
#include "crypto/random.h"

#include <stdio.h>

/* ---------------------------------------------------------------- files */

static bool fault(char *why, size_t n, const char *what, const char *text)
{
    (void)snprintf(why, n, "%s: %s", what, text);
    return false;
}

struct pem_files {
    struct buf certificate, key, root;
};

static bool read_files(const struct fedgate_client_config *config, struct pem_files *f, char *why,
                       size_t n)
{
    return pem_file_read(config->certificate_file, &f->certificate, why, n) &&
           pem_file_read(config->key_file, &f->key, why, n) &&
           pem_file_read(config->root_file, &f->root, why, n);
}

static bool make_context(struct fedgate_client *c, const struct pem_files *f, char *why, size_t n)
{
    const struct tls_client_config tls = {
        .certificate_pem = buf_view(&f->certificate),
        .key_pem = buf_view(&f->key),
        .root_pem = buf_view(&f->root),
        .server_name = c->config.server_name == NULL ? c->host : c->config.server_name};
    struct tls_context *made;
    const char *text = "";
    if (f->certificate.n == 0)
        return fault(why, n, c->config.certificate_file, "the file is empty");
    if (tls_context_client(&tls, &made, &text) == RESULT_OK) {
        tls_context_drop(c->tls);
        c->tls = made;
        return true;
    }
    (void)snprintf(why, n, "%s, %s, %s: %s", c->config.certificate_file, c->config.key_file,
                   c->config.root_file, text);
    return false;
}

static void free_files(struct pem_files *f)
{
    buf_free(&f->certificate);
    buf_free(&f->key);
    buf_free(&f->root);
}

static const struct pem_files no_files = {BUF_INIT(PEM_FILE_MAX), BUF_INIT(PEM_FILE_MAX),
                                          BUF_INIT(PEM_FILE_MAX)};

/* What was renewed meanwhile is shown from now on. Files that do not fit each other, because not
 * all of them are in place yet, change nothing. */
static void read_again(struct fedgate_client *c)
{
    struct pem_files f = no_files;
    char why[1];
    (void)(read_files(&c->config, &f, why, sizeof why) && make_context(c, &f, why, sizeof why));
    free_files(&f);
}

/* ---------------------------------------------------------------- the connection */

static void channel_connected(void *arg)
{
    struct fedgate_client *c = arg;
    c->was_connected = true;
    if (c->config.connected != NULL)
        c->config.connected(c->config.arg);
}

static void channel_lost(void *arg, const char *why)
{
    struct fedgate_client *c = arg;
    struct fedgate_lost lost;
    char text[128];
    (void)snprintf(text, sizeof text, "%s", why); /* may go with the channel */
    loop_timer_stop(c->leave);
    grpc_channel_free(c->channel);
    c->channel = NULL;
    loss_explain(text, c->was_connected, &lost);
    client_retry_later(c);
    lost.retry_in_us = c->config.reconnect ? c->retry_in_us : -1;
    if (c->config.lost != NULL)
        c->config.lost(c->config.arg, &lost);
}

/* The gateway ends connections that are old, and before it stops. What lasts goes on with the next
 * one, and what has no answer is asked again under its id; a stream of video ends with its
 * connection, so that one stays as long as the gateway lets it. */
static bool may_go(const struct fedgate_client *c)
{
    const struct object *o;
    TAILQ_FOREACH (o, &c->objects, next)
        if (o->call != NULL && !o->class->lasts)
            return false;
    return c->config.reconnect;
}

static void leave(void *arg)
{
    struct fedgate_client *c = arg;
    if (c->channel == NULL)
        return;
    if (may_go(c))
        channel_lost(c, "the gateway asked to connect again");
    else
        loop_timer_set(c->leave, US_PER_S);
}

static void channel_asked_to_go(void *arg)
{
    struct fedgate_client *c = arg;
    loop_timer_set(c->leave, US_PER_S); /* what is on its way may arrive */
}

static void connect_now(struct fedgate_client *c)
{
    const struct grpc_channel_config config = {.loop = c->loop,
                                               .host = c->host,
                                               .port = c->port,
                                               .arg = c,
                                               .connected = channel_connected,
                                               .asked_to_go = channel_asked_to_go,
                                               .lost = channel_lost};
    c->was_connected = false;
    c->channel = grpc_channel_new(&config, c->tls);
}

/* ---------------------------------------------------------------- again */

void client_retry_later(struct fedgate_client *c)
{
    uint32_t random;
    if (c->closing || c->retry_in_us >= 0)
        return;
    random_fill(&random, sizeof random);
    c->retry_in_us =
        c->config.reconnect ? backoff_next(&c->backoff, loop_now_us(c->loop), random) : 0;
    loop_timer_set(c->retry, c->retry_in_us);
}

/* An object stays in the list while it is entered, so that its callbacks may free any of them. */
static void retry_now(void *arg)
{
    struct fedgate_client *c = arg;
    struct object *o, *next;
    c->retry_in_us = -1;
    if (c->channel == NULL && c->config.reconnect) {
        read_again(c);
        connect_now(c);
    }
    for (o = TAILQ_FIRST(&c->objects); o != NULL; o = next) {
        object_enter(o);
        object_retry(o);
        next = TAILQ_NEXT(o, next);
        (void)object_leave(o);
    }
}

/* ---------------------------------------------------------------- begin and end */

static void find_unit(struct fedgate_client *c, struct bytes pem)
{
    char unit[IDENT_UNIT_MAX + 1];
    pem_unit(pem, unit);
    c->unit = mem_text(unit, strlen(unit));
}

static bool prepare(struct fedgate_client *c, char *why, size_t n)
{
    struct pem_files f = no_files;
    if (crypto_init() != RESULT_OK)
        return fault(why, n, "crypto", "a cryptographic library does not start");
    if (!address_split(c->config.gateway, &c->host, &c->port))
        return fault(why, n, c->config.gateway, "not HOST:PORT");
    bool ready = read_files(&c->config, &f, why, n) && make_context(c, &f, why, n);
    if (ready)
        find_unit(c, buf_view(&f.certificate));
    free_files(&f);
    return ready;
}

/* Of the texts that are needed again for each connection. */
static void copy_texts(struct fedgate_client *c)
{
    const char **text[] = {&c->config.certificate_file, &c->config.key_file, &c->config.root_file,
                           &c->config.server_name};
    _Static_assert(ARRAY_LEN(text) == ARRAY_LEN(c->text), "each has its place");
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        if (*text[i] != NULL)
            *text[i] = c->text[i] = mem_text(*text[i], strlen(*text[i]));
}

struct fedgate_client *client_new(const struct fedgate_client_config *config,
                                  const struct clock *clock, char *why, size_t n)
{
    struct fedgate_client *c = mem_new(sizeof *c);
    c->config = *config;
    copy_texts(c);
    c->retry_in_us = -1;
    TAILQ_INIT(&c->objects);
    if (!prepare(c, why, n)) {
        fedgate_client_free(c);
        return NULL;
    }
    c->loop = clock == NULL ? loop_new() : loop_new_with_clock(clock);
    c->retry = loop_timer_new(c->loop, retry_now, c);
    c->leave = loop_timer_new(c->loop, leave, c);
    c->arena = arena_new(LIMIT_ARENA);
    connect_now(c);
    return c;
}

struct fedgate_client *fedgate_client_new(const struct fedgate_client_config *config, char *why,
                                          size_t n)
{
    return client_new(config, NULL, why, n);
}

/* The channel goes before the objects: it still calls those that have a call. */
void fedgate_client_free(struct fedgate_client *c)
{
    struct object *o;
    if (c == NULL)
        return;
    c->closing = true;
    TAILQ_FOREACH (o, &c->objects, next)
        o->dead = true;
    grpc_channel_free(c->channel);
    while ((o = TAILQ_FIRST(&c->objects)) != NULL)
        object_free(o);
    loop_timer_free(c->retry);
    loop_timer_free(c->leave);
    loop_free(c->loop);
    tls_context_drop(c->tls);
    arena_free(c->arena);
    mem_free(c->host);
    mem_free(c->unit);
    for (size_t i = 0; i < ARRAY_LEN(c->text); i++)
        mem_free(c->text[i]);
    mem_free(c);
}

const char *fedgate_client_unit(const struct fedgate_client *c)
{
    return c->unit;
}

/* ---------------------------------------------------------------- the loop */

void fedgate_client_turn(struct fedgate_client *c, int64_t most_us)
{
    loop_turn(c->loop, most_us);
}

void fedgate_client_run(struct fedgate_client *c)
{
    loop_run(c->loop);
}

void fedgate_client_stop(struct fedgate_client *c)
{
    loop_stop(c->loop);
}

const char *fedgate_status_name(int status)
{
    return grpc_status_name((enum grpc_status)status);
}

_Static_assert((int)FEDGATE_INVALID_ARGUMENT == (int)GRPC_INVALID_ARGUMENT &&
                   (int)FEDGATE_NOT_FOUND == (int)GRPC_NOT_FOUND &&
                   (int)FEDGATE_PERMISSION_DENIED == (int)GRPC_PERMISSION_DENIED &&
                   (int)FEDGATE_ABORTED == (int)GRPC_ABORTED &&
                   (int)FEDGATE_UNIMPLEMENTED == (int)GRPC_UNIMPLEMENTED &&
                   (int)FEDGATE_UNAVAILABLE == (int)GRPC_UNAVAILABLE,
               "an application's names of statuses are those of gRPC");

/* A watch and a timer of the loop's are what they are here; the casts only change their names. */
_Static_assert((int)FEDGATE_READ == (int)LOOP_READ && (int)FEDGATE_WRITE == (int)LOOP_WRITE,
               "the events have the same numbers");

struct fedgate_watch *fedgate_watch_new(struct fedgate_client *c, int fd,
                                        void (*ready)(void *arg, int events), void *arg)
{
    return (struct fedgate_watch *)loop_watch_new(c->loop, fd, ready, arg);
}

void fedgate_watch_set(struct fedgate_watch *w, int events)
{
    loop_watch_set((struct loop_watch *)w, events);
}

void fedgate_watch_free(struct fedgate_watch *w)
{
    loop_watch_free((struct loop_watch *)w);
}

struct fedgate_timer *fedgate_timer_new(struct fedgate_client *c, void (*due)(void *arg), void *arg)
{
    return (struct fedgate_timer *)loop_timer_new(c->loop, due, arg);
}

void fedgate_timer_set(struct fedgate_timer *t, int64_t in_us)
{
    loop_timer_set((struct loop_timer *)t, in_us);
}

void fedgate_timer_stop(struct fedgate_timer *t)
{
    loop_timer_stop((struct loop_timer *)t);
}

void fedgate_timer_free(struct fedgate_timer *t)
{
    loop_timer_free((struct loop_timer *)t);
}
