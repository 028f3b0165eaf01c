/* The deciding thread's side: threads, connections, and whose mail is next. Calls are in
 * server_call.c. */
#include "net/server.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/server_state.h"
#include "net/tls_session.h"

#include <stdio.h>
#include <stdlib.h>

/* One in so many mails may be of a bulk method though others wait, and one the door's: so that
 * video gets on, and new peers come in, under any load. */
enum { GUARD = 16 };

/* ---------------------------------------------------------------- connections */

void server_connection_free(struct server_connection *c)
{
    grpc_arrival_drop(&c->arrival);
    tls_peer_drop(&c->peer);
    mem_free(c);
}

void server_connection_close(struct server_connection *c, const char *why)
{
    c->leaving = true;
    if (c->worker == NULL) {
        c->not_for_long = why;
        return;
    }
    struct mailbox *inbox = c->worker->post.inbox;
    (void)mail_put(inbox, MAIL_CLOSE, c, bytes_of_text(why));
    mailroom_post(c->server->room, inbox);
}

const struct tls_peer *server_connection_peer(const struct server_connection *c)
{
    return &c->peer;
}

static struct worker *least_loaded(struct server *s)
{
    struct worker *least = &s->worker[0];
    for (unsigned i = 1; i < s->workers; i++)
        if (s->worker[i].connections < least->connections)
            least = &s->worker[i];
    return least;
}

static void deny(struct server *s, struct server_connection *c, const char *why)
{
    (void)mail_put(s->door.post.inbox, MAIL_DENY, c, bytes_of_text(why));
    mailroom_post(s->room, s->door.post.inbox);
}

static void arrived(struct server *s, struct server_connection *c)
{
    const char *why = s->closed ? "the gateway drains" : "not accepted";
    if (!s->closed)
        c->session = s->config.accept(s->config.arg, &c->peer, c, &why);
    if (c->session == NULL) {
        deny(s, c, why);
        return;
    }
    c->worker = least_loaded(s);
    c->worker->connections++;
    LIST_INSERT_HEAD(&s->list, c, next);
    mail_post(s->room, c->worker->post.inbox, MAIL_ADOPT, c, 0);
    if (c->not_for_long != NULL)
        server_connection_close(c, c->not_for_long);
}

/* Its last call's end may come behind its own, in the other mailbox. */
static void end_if_over(struct server *s, struct server_connection *c)
{
    if (c->closed != c->ends_with)
        return;
    LIST_REMOVE(c, next);
    c->worker->connections--;
    if (s->config.ended != NULL)
        s->config.ended(s->config.arg, c->session);
    mail_post(s->room, c->worker->post.inbox, MAIL_RELEASE_CONNECTION, c, 0);
}

static void ended(struct server *s, struct server_connection *c, const struct mail *m)
{
    if (m->status != 0 && s->config.abused != NULL)
        s->config.abused(s->config.arg, c->session);
    c->ends_with = m->number;
    end_if_over(s, c);
}

static void call_closed(struct server *s, struct server_call *call, const struct mail *m)
{
    struct server_connection *c = call->connection;
    server_call_closed(call, m->status, m->text);
    c->closed++;
    end_if_over(s, c);
}

/* ---------------------------------------------------------------- draining */

static bool all_drained(const struct server *s)
{
    for (unsigned i = 0; i < s->workers; i++)
        if (!s->worker[i].post.drained)
            return false;
    return s->door.post.drained;
}

static void post_drained(struct server *s, struct outpost *p)
{
    void (*done)(void *arg) = s->drained;
    p->drained = true;
    if (done == NULL || !all_drained(s))
        return;
    s->drained = NULL;
    done(s->drained_arg);
}

static void drain_post(struct server *s, struct outpost *p, int64_t within_us)
{
    p->drained = false;
    mail_post(s->room, p->inbox, MAIL_DRAIN, NULL, (uint64_t)within_us);
}

void server_drain(struct server *s, int64_t within_us, void (*done)(void *arg), void *arg)
{
    s->closed = true;
    s->drained = done;
    s->drained_arg = arg;
    drain_post(s, &s->door.post, within_us);
    for (unsigned i = 0; i < s->workers; i++)
        drain_post(s, &s->worker[i].post, within_us);
}

/* ---------------------------------------------------------------- mail */

static void take(struct server *s, const struct mail *m)
{
    switch (m->kind) {
    case MAIL_ARRIVED: arrived(s, m->to); break;
    case MAIL_OPENED: server_call_opened(m->to, m->text); break;
    case MAIL_MESSAGE: server_call_message(m->to, m->owner, m->payload); break;
    case MAIL_HALF_CLOSED: server_call_half_closed(m->to); break;
    case MAIL_WRITABLE: server_call_writable(m->to); break;
    case MAIL_CLOSED: call_closed(s, m->to, m); break;
    case MAIL_ENDED: ended(s, m->to, m); break;
    case MAIL_DRAINED: post_drained(s, m->to); break;
    default: abort(); /* mail for the other side: a bug of ours */
    }
}

/* Worker by worker, so that none is before the others. */
static const struct mail *next_of(struct server *s, bool bulk)
{
    for (unsigned i = 0; i < s->workers; i++) {
        const struct outpost *p = &s->worker[s->from].post;
        s->from = (s->from + 1) % s->workers;
        const struct mail *m = mailbox_take(bulk ? p->bulk : p->mail);
        if (m != NULL)
            return m;
    }
    return NULL;
}

static const struct mail *next_mail(struct server *s)
{
    const unsigned turn = ++s->taken % GUARD;
    const bool bulk = turn == 0;
    const struct mail *m = turn == GUARD / 2 ? mailbox_take(s->door.post.mail) : NULL;
    if (m == NULL)
        m = next_of(s, bulk);
    if (m == NULL)
        m = next_of(s, !bulk);
    return m != NULL ? m : mailbox_take(s->door.post.mail);
}

static unsigned take_mail(void *arg, unsigned most)
{
    struct server *s = arg;
    const struct mail *m;
    unsigned n = 0;
    for (; n < most && (m = next_mail(s)) != NULL; n++)
        take(s, m);
    return n;
}

static void ring(void *arg)
{
    struct server *s = arg;
    mailbox_ring(s->door.post.inbox);
    for (unsigned i = 0; i < s->workers; i++)
        if (s->worker[i].post.at_home)
            mailroom_look(s->worker[i].post.room);
        else
            mailbox_ring(s->worker[i].post.inbox);
}

static const struct mailroom_events events = {take_mail, ring};

/* ---------------------------------------------------------------- withdrawing */

struct asking {
    bool (*gone)(void *arg, uint64_t tag);
    void (*told)(void *arg, void *session, size_t messages);
    void *arg;
};

int server_compare_tags(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Whether anything that may wait on this connection is gone: its worker is asked then. */
static void ask(struct server_connection *c, const struct asking *a)
{
    struct buf tags = BUF_INIT(SIZE_MAX / 2);
    struct mailbox *inbox = c->worker->post.inbox;
    struct server_call *call;
    LIST_FOREACH (call, &c->calls, next)
        server_call_gone_tags(call, a->gone, a->arg, &tags);
    c->asked = tags.n > 0;
    if (c->asked) {
        qsort(tags.p, tags.n / sizeof(uint64_t), sizeof(uint64_t), server_compare_tags);
        (void)mail_put(inbox, MAIL_WITHDRAW, c, buf_view(&tags));
        mailroom_post(c->server->room, inbox);
    }
    buf_free(&tags);
}

/* Those who were asked have done it when they let pass what comes behind. */
static void wait_for_all(struct server *s, const bool *is_asked)
{
    for (unsigned i = 0; i < s->workers; i++)
        if (is_asked[i])
            mail_post(s->room, s->worker[i].post.inbox, MAIL_PASS, &s->passed, 0);
    ring(s);
    for (unsigned i = 0; i < s->workers; i++) {
        if (is_asked[i] && s->worker[i].post.at_home)
            (void)outpost_clear(&s->worker[i].post);
        while (is_asked[i] && sem_wait(&s->passed) != 0)
            continue; /* a signal */
    }
}

static void tell(struct server_connection *c, const struct asking *a)
{
    struct server_call *call, *following;
    if (!c->asked)
        return;
    c->asked = false;
    for (call = LIST_FIRST(&c->calls); call != NULL; call = following) {
        following = LIST_NEXT(call, next);
        server_call_withdrawn(call);
    }
    if (c->withdrawn > 0)
        a->told(a->arg, c->session, c->withdrawn);
}

void server_withdraw(struct server *s, bool (*gone)(void *arg, uint64_t tag),
                     void (*told)(void *arg, void *session, size_t messages), void *arg)
{
    const struct asking a = {gone, told, arg};
    struct server_connection *c;
    bool is_asked[SERVER_WORKERS_MOST] = {false};
    LIST_FOREACH (c, &s->list, next) {
        ask(c, &a);
        is_asked[c->worker - s->worker] |= c->asked;
    }
    wait_for_all(s, is_asked);
    LIST_FOREACH (c, &s->list, next)
        tell(c, &a);
}

/* ---------------------------------------------------------------- the server itself */

struct server *server_new(const struct server_config *config, struct tls_context *tls)
{
    struct server *s = mem_new(sizeof *s);
    s->config = *config;
    s->room = mailroom_new(config->loop, &events, s);
    s->worker = mem_new_array(config->workers, sizeof *s->worker);
    LIST_INIT(&s->list);
    if (sem_init(&s->passed, 0, 0) != 0)
        abort(); /* zero is within its range */
    door_open(&s->door, s, tls);
    while (s->workers < config->workers)
        worker_open(&s->worker[s->workers++], s);
    return s;
}

enum result server_start(struct server *s)
{
    char name[32];
    TRY(outpost_start(&s->door.post, "edge-door"));
    for (unsigned i = 0; i < s->workers; i++) {
        (void)snprintf(name, sizeof name, "edge-worker-%u", i + 1);
        TRY(outpost_start(&s->worker[i].post, name));
    }
    return RESULT_OK;
}

void server_set_tls(struct server *s, struct tls_context *tls)
{
    mail_post(s->room, s->door.post.inbox, MAIL_SET_TLS, tls_context_hold(tls), 0);
}

uint64_t server_waved_off(const struct server *s)
{
    return atomic_load_explicit(&s->waved_off, memory_order_relaxed);
}

/* What either side still has for the other; each answer may be a question. */
static void clear(struct server *s)
{
    unsigned n;
    do {
        n = take_mail(s, UINT32_MAX) + outpost_clear(&s->door.post);
        for (unsigned i = 0; i < s->workers; i++)
            n += outpost_clear(&s->worker[i].post);
    } while (n > 0);
}

void server_free(struct server *s)
{
    if (s == NULL)
        return;
    s->closed = true;
    s->drained = NULL;
    outpost_stop(&s->door.post);
    for (unsigned i = 0; i < s->workers; i++)
        outpost_stop(&s->worker[i].post);
    clear(s);
    door_close(&s->door);
    for (unsigned i = 0; i < s->workers; i++)
        worker_close(&s->worker[i]);
    mem_free(s->worker);
    mailroom_free(s->room);
    (void)sem_destroy(&s->passed);
    mem_free(s);
}
