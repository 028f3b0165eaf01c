/*
 * A worker's thread: connections of peers that were let in, on a server of net/grpc.h that knows
 * nothing of threads. What happens to its calls goes to the deciding thread by mail; what comes
 * from there is done to them.
 */
#include "net/server_state.h"

#include "base/mem.h"

#include <stdlib.h>

static struct mailbox *mail_of(const struct server_call *c)
{
    const struct outpost *p = &c->connection->worker->post;
    return c->method != NULL && c->method->bulk ? p->bulk : p->mail;
}

/* A mail about a call, to be completed; and on its way. */
static struct mail *about(struct server_call *c, enum mail_kind kind, struct bytes text)
{
    return mail_put(mail_of(c), kind, c, text);
}

static void post(const struct server_call *c)
{
    mailroom_post(c->connection->worker->post.room, mail_of(c));
}

static void tell(struct server_call *c, enum mail_kind kind, struct bytes text)
{
    (void)about(c, kind, text);
    post(c);
}

static const struct bytes nothing = {NULL, 0};

/* ---------------------------------------------------------------- from calls */

/* What is not in the call's queue any more: the deciding thread reads it at any time. Behind CLOSED
 * nothing is told: it may have been answered with RELEASE already. */
static void left(void *arg)
{
    struct server_call *c = arg;
    uint64_t gone = c->put - (c->grpc == NULL ? 0 : grpc_call_queued(c->grpc));
    atomic_store_explicit(&c->left, gone, memory_order_relaxed);
    if (c->grpc == NULL || gone < c->tell_at)
        return;
    c->tell_at = UINT64_MAX;
    tell(c, MAIL_WRITABLE, nothing);
}

static void *open_call(struct server_connection *connection, struct grpc_call *grpc,
                       const struct server_method *method, struct bytes path)
{
    if (connection->in_flight >= CALLS_IN_FLIGHT) {
        grpc_call_finish(grpc, GRPC_UNAVAILABLE, "too many calls that are not over yet");
        return NULL;
    }
    struct server_call *c = mem_new(sizeof *c);
    *c = (struct server_call){
        .connection = connection, .method = method, .grpc = grpc, .tell_at = UINT64_MAX};
    connection->in_flight++;
    connection->opened++;
    grpc->left = left;
    LIST_INSERT_HEAD(&connection->in, c, in);
    tell(c, MAIL_OPENED, path);
    return c;
}

static void *open_method(void *session, struct grpc_call *grpc)
{
    struct server_connection *c = session;
    const size_t which = (size_t)(grpc->method - c->worker->method);
    return open_call(c, grpc, &c->server->config.method[which], bytes_of(NULL, 0));
}

static void *open_get(void *session, struct grpc_call *grpc, const char *path)
{
    return open_call(session, grpc, NULL, bytes_of_text(path));
}

/* Whether a message of it may come. */
static bool is_open(const struct server_call *c)
{
    return !c->pressed && c->unanswered < CREDIT_CALL &&
           c->connection->unanswered < CREDIT_CONNECTION;
}

static enum result message(void *arg, struct shared *owner, struct bytes message)
{
    struct server_call *c = arg;
    struct mail *m = about(c, MAIL_MESSAGE, nothing);
    m->owner = shared_hold(owner);
    m->payload = message;
    post(c);
    c->unanswered += message.n + CREDIT_MESSAGE;
    c->connection->unanswered += message.n + CREDIT_MESSAGE;
    c->shut = !is_open(c);
    return c->shut ? RESULT_AGAIN : RESULT_OK;
}

static void half_closed(void *arg)
{
    tell(arg, MAIL_HALF_CLOSED, nothing);
}

static void withdrawn(void *arg)
{
    ((struct server_call *)arg)->withdrawn = true;
}

static void closed(void *arg, enum grpc_status status, const char *text)
{
    struct server_call *c = arg;
    LIST_REMOVE(c, in);
    c->grpc = NULL;
    about(c, MAIL_CLOSED, bytes_of_text(text))->status = status;
    post(c);
}

static const struct grpc_call_events events = {message, half_closed, NULL, closed, withdrawn};

static void abused(void *arg, void *session)
{
    (void)arg;
    ((struct server_connection *)session)->abused = true;
}

static void ended(void *arg, void *session)
{
    struct worker *w = arg;
    struct server_connection *c = session;
    struct mail *m = mail_put(w->post.mail, MAIL_ENDED, c, nothing);
    c->grpc = NULL;
    m->number = c->opened;
    m->status = c->abused;
    mailroom_post(w->post.room, w->post.mail);
}

/* ---------------------------------------------------------------- to calls */

static void send_message(struct server_call *c, const struct mail *m)
{
    c->put += GRPC_PREFIX + m->n + m->payload.n;
    if (c->grpc == NULL ||
        grpc_call_send_tagged(c->grpc, m->number, mail_text(m), m->owner, m->payload) != RESULT_OK)
        left(c);
    shared_drop(m->owner);
}

static void answer(struct server_call *c, const struct mail *m)
{
    const char *type = m->text, *caching = type + strlen(type) + 1;
    struct bytes body = bytes_of(m->text + m->number, m->n - m->number);
    if (c->grpc != NULL)
        grpc_call_answer(c->grpc, m->status, type, caching, body);
}

static void finish(struct server_call *c, const struct mail *m)
{
    if (c->grpc != NULL && m->number > 0)
        grpc_call_finish_within(c->grpc, m->status, m->text, (int64_t)m->number);
    else if (c->grpc != NULL)
        grpc_call_finish(c->grpc, m->status, m->text);
}

static void cancel(struct server_call *c)
{
    if (c->grpc != NULL)
        grpc_call_cancel(c->grpc);
}

static void tell_at(struct server_call *c, uint64_t bytes)
{
    c->tell_at = bytes;
    left(c);
}

static struct server_call *shut_for_nothing(const struct server_connection *connection)
{
    struct server_call *c;
    LIST_FOREACH (c, &connection->in, in)
        if (c->shut && is_open(c))
            return c;
    return NULL;
}

/* Messages that waited come in here. */
static void open_windows(const struct server_connection *connection)
{
    struct server_call *c;
    while ((c = shut_for_nothing(connection)) != NULL) {
        c->shut = false;
        grpc_call_resume(c->grpc);
    }
}

/* What a call has used is given back. */
static void give_credit(struct server_call *c, size_t bytes)
{
    c->unanswered -= bytes;
    c->connection->unanswered -= bytes;
    open_windows(c->connection);
}

static void hold(struct server_call *c)
{
    c->pressed = true;
    if (c->grpc == NULL)
        return;
    c->shut = true;
    grpc_call_hold(c->grpc);
}

static void resume(struct server_call *c)
{
    c->pressed = false;
    open_windows(c->connection);
}

static void release(struct server_call *c)
{
    give_credit(c, c->unanswered);
    c->connection->in_flight--;
    mem_free(c);
}

/* ---------------------------------------------------------------- to connections */

static void adopt(struct worker *w, struct server_connection *c)
{
    if (w->post.grpc == NULL) {
        ended(w, c);
        return;
    }
    c->grpc = grpc_server_adopt(w->post.grpc, &c->arrival, c);
    grpc_server_begin(c->grpc);
}

static void close_connection(struct server_connection *c, const struct mail *m)
{
    if (c->grpc != NULL)
        grpc_connection_close(c->grpc, m->text);
}

static bool is_among(void *mail, uint64_t tag)
{
    const struct mail *m = mail;
    return bsearch(&tag, m->text, m->n / sizeof tag, sizeof tag, server_compare_tags) != NULL;
}

static void withdraw(struct server_connection *c, const struct mail *m)
{
    struct server_call *call;
    c->withdrawn = 0;
    LIST_FOREACH (call, &c->in, in)
        call->pulled += grpc_call_queued(call->grpc);
    if (c->grpc != NULL)
        c->withdrawn = grpc_connection_withdraw(c->grpc, is_among, (void *)(uintptr_t)m);
    LIST_FOREACH (call, &c->in, in) {
        call->pulled -= grpc_call_queued(call->grpc);
        left(call);
    }
}

/* ---------------------------------------------------------------- to the worker */

static void take(struct outpost *p, const struct mail *m)
{
    struct worker *w = CONTAINER_OF(p, struct worker, post);
    switch (m->kind) {
    case MAIL_SEND: send_message(m->to, m); break;
    case MAIL_ANSWER: answer(m->to, m); break;
    case MAIL_FINISH: finish(m->to, m); break;
    case MAIL_CANCEL: cancel(m->to); break;
    case MAIL_TAKEN: give_credit(m->to, m->number); break;
    case MAIL_HOLD: hold(m->to); break;
    case MAIL_RESUME: resume(m->to); break;
    case MAIL_TELL_AT: tell_at(m->to, m->number); break;
    case MAIL_RELEASE: release(m->to); break;
    case MAIL_ADOPT: adopt(w, m->to); break;
    case MAIL_CLOSE: close_connection(m->to, m); break;
    case MAIL_WITHDRAW: withdraw(m->to, m); break;
    case MAIL_RELEASE_CONNECTION: server_connection_free(m->to); break;
    default: abort(); /* mail for the other side: a bug of ours */
    }
}

/* ---------------------------------------------------------------- the beginning and the end */

static struct grpc_method *methods_of(const struct server_config *config)
{
    struct grpc_method *m = mem_new_array(config->methods, sizeof *m);
    for (size_t i = 0; i < config->methods; i++)
        m[i] = (struct grpc_method){config->method[i].path, config->method[i].largest, &events,
                                    open_method};
    return m;
}

void worker_open(struct worker *w, struct server *s)
{
    const struct server_config *config = &s->config;
    outpost_open(&w->post, s, config->workers == 1, take);
    w->method = methods_of(config);
    const struct grpc_server_config mine = {.loop = w->post.loop,
                                            .log = config->log,
                                            .listen_fd = -1,
                                            .method = w->method,
                                            .methods = config->methods,
                                            .get = config->get == NULL ? NULL : open_get,
                                            .get_events = &events,
                                            .arg = w,
                                            .ended = ended,
                                            .abused = abused,
                                            .most_connections = config->most_connections,
                                            .connections = &s->connections,
                                            .stall_us = config->stall_us,
                                            .age_us = config->age_us,
                                            .grace_us = config->grace_us};
    w->post.grpc = grpc_server_new(&mine, NULL);
}

void worker_close(struct worker *w)
{
    outpost_close(&w->post);
    mem_free(w->method);
}
