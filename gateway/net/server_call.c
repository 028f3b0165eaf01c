/* A call on the deciding thread. What is done to it goes to its worker by mail. */
#include "net/server_state.h"

#include "base/buf.h"
#include "base/mem.h"

/* ---------------------------------------------------------------- mail */

static struct mailbox *inbox_of(const struct server_call *c)
{
    return c->connection->worker->post.inbox;
}

static void post(const struct server_call *c)
{
    mailroom_post(c->connection->server->room, inbox_of(c));
}

static void post_number(struct server_call *c, enum mail_kind kind, uint64_t number)
{
    mail_post(c->connection->server->room, inbox_of(c), kind, c, number);
}

/* ---------------------------------------------------------------- rings */

/* A full ring gets twice the room; what was its first item is at 0 then. */
static void *grow_ring(void *ring, size_t first, size_t *room, size_t size)
{
    size_t before = *room;
    *room = before == 0 ? 8 : 2 * before;
    uint8_t *grown = mem_new_array(*room, size), *old = ring;
    if (before > 0) {
        memcpy(grown, old + first * size, (before - first) * size);
        memcpy(grown + (before - first) * size, old, first * size);
    }
    mem_free(ring);
    return grown;
}

static void put_later(struct server_call *c, struct later message)
{
    if (c->later_count == c->later_room) {
        c->later = grow_ring(c->later, c->later_first, &c->later_room, sizeof *c->later);
        c->later_first = 0;
    }
    c->later[(c->later_first + c->later_count++) % c->later_room] = message;
}

static struct later take_later(struct server_call *c)
{
    struct later message = c->later[c->later_first];
    c->later_first = (c->later_first + 1) % c->later_room;
    c->later_count--;
    return message;
}

/* Drops the tags of what has left. What was withdrawn since the queue was empty may have been ahead
 * of a message or behind it: as much more has to leave until it is certain that the message did. */
static void drop_left(struct server_call *c)
{
    uint64_t left = atomic_load_explicit(&c->left, memory_order_relaxed);
    if (left >= c->sent) {
        c->tag_count = 0;
        c->settled = c->pulled;
    }
    while (c->tag_count > 0 && c->tag[c->tag_first].end + c->pulled - c->settled <= left) {
        c->tag_first = (c->tag_first + 1) % c->tag_room;
        c->tag_count--;
    }
}

static void put_tag(struct server_call *c, struct sent_tag tag)
{
    drop_left(c);
    if (c->tag_count == c->tag_room) {
        c->tag = grow_ring(c->tag, c->tag_first, &c->tag_room, sizeof *c->tag);
        c->tag_first = 0;
    }
    c->tag[(c->tag_first + c->tag_count++) % c->tag_room] = tag;
}

/* ---------------------------------------------------------------- in */

/* Credit goes back in large parts. */
static void taken(struct server_call *c, size_t bytes)
{
    c->untold += bytes + CREDIT_MESSAGE;
    if (c->over || c->untold < CREDIT_TELL)
        return;
    post_number(c, MAIL_TAKEN, c->untold);
    c->untold = 0;
}

static void drop(struct server_call *c, struct later m)
{
    shared_drop(m.owner);
    taken(c, m.bytes.n);
}

static void deliver(struct server_call *c, struct later m)
{
    enum result r = RESULT_OK;
    if (c->events->message != NULL)
        r = c->events->message(c->arg, m.owner, m.bytes);
    if (r == RESULT_AGAIN) {
        c->held = true;
        post_number(c, MAIL_HOLD, 0);
    } else if (r != RESULT_OK) {
        server_call_finish(c, GRPC_INVALID_ARGUMENT, result_text(r));
    }
    drop(c, m);
}

void server_call_message(struct server_call *c, struct shared *owner, struct bytes bytes)
{
    const struct later m = {owner, bytes};
    if (c->finished)
        drop(c, m);
    else if (c->held)
        put_later(c, m);
    else
        deliver(c, m);
}

void server_call_half_closed(struct server_call *c)
{
    if (c->finished)
        return;
    c->half_closed = c->held;
    if (!c->held && c->events->half_closed != NULL)
        c->events->half_closed(c->arg);
}

void server_call_resume(struct server_call *c)
{
    if (c->over || !c->held)
        return;
    c->held = false;
    while (c->later_count > 0 && !c->held && !c->finished)
        deliver(c, take_later(c));
    if (!c->held)
        post_number(c, MAIL_RESUME, 0);
    if (c->half_closed && !c->held) {
        c->half_closed = false;
        server_call_half_closed(c);
    }
}

/* Nothing more will be taken. */
static void finished(struct server_call *c)
{
    c->finished = true;
    while (c->later_count > 0)
        drop(c, take_later(c));
}

/* ---------------------------------------------------------------- out */

size_t server_call_queued(const struct server_call *c)
{
    return (size_t)(c->sent - atomic_load_explicit(&c->left, memory_order_relaxed));
}

/* The worker is asked to tell when the queue is below half of the mark, once it is not. */
static void watch_mark(struct server_call *c)
{
    if (c->mark == 0 || c->marked || server_call_queued(c) < c->mark / 2)
        return;
    c->marked = true;
    post_number(c, MAIL_TELL_AT, c->sent - c->mark / 2 + 1);
}

void server_call_writable(struct server_call *c)
{
    c->marked = false;
    watch_mark(c);
    if (!c->marked && !c->finished && c->events != NULL && c->events->writable != NULL)
        c->events->writable(c->arg);
}

void server_call_set_mark(struct server_call *c, size_t bytes)
{
    c->mark = bytes;
}

enum result server_call_send_tagged(struct server_call *c, uint64_t tag, struct bytes head,
                                    struct shared *owner, struct bytes payload)
{
    if (c->over || c->finished)
        return RESULT_CLOSED;
    if (payload.n > UINT32_MAX || head.n > UINT32_MAX - payload.n)
        return RESULT_TOO_LARGE;
    struct mail *m = mail_put(inbox_of(c), MAIL_SEND, c, head);
    m->number = tag;
    m->owner = owner == NULL ? NULL : shared_hold(owner);
    m->payload = payload;
    post(c);
    const uint64_t end = c->sent + GRPC_PREFIX + head.n + payload.n;
    if (tag != 0)
        put_tag(c, (struct sent_tag){tag, end});
    c->sent = end;
    watch_mark(c);
    return RESULT_OK;
}

enum result server_call_send(struct server_call *c, struct bytes head, struct shared *owner,
                             struct bytes payload)
{
    return server_call_send_tagged(c, 0, head, owner, payload);
}

void server_call_answer(struct server_call *c, unsigned http_status, const char *type,
                        const char *caching, struct bytes body)
{
    struct buf text = BUF_INIT(SIZE_MAX / 2);
    if (c->finished || c->over)
        return;
    buf_put(&text, type, strlen(type) + 1);
    buf_put(&text, caching, strlen(caching) + 1);
    const size_t words = text.n;
    buf_put(&text, body.p, body.n);
    struct mail *m = mail_put(inbox_of(c), MAIL_ANSWER, c, buf_view(&text));
    m->status = http_status;
    m->number = words;
    post(c);
    finished(c);
    buf_free(&text);
}

void server_call_finish_within(struct server_call *c, enum grpc_status status, const char *text,
                               int64_t within_us)
{
    if (c->finished || c->over)
        return;
    struct mail *m = mail_put(inbox_of(c), MAIL_FINISH, c, bytes_of_text(text == NULL ? "" : text));
    m->status = status;
    m->number = (uint64_t)within_us;
    post(c);
    finished(c);
}

void server_call_finish(struct server_call *c, enum grpc_status status, const char *text)
{
    server_call_finish_within(c, status, text, 0);
}

void server_call_cancel(struct server_call *c)
{
    if (c->over)
        return;
    post_number(c, MAIL_CANCEL, 0);
    finished(c);
}

/* ---------------------------------------------------------------- withdrawing */

void server_call_gone_tags(struct server_call *c, bool (*gone)(void *arg, uint64_t tag), void *arg,
                           struct buf *out)
{
    size_t stay = 0;
    drop_left(c);
    for (size_t i = 0; i < c->tag_count; i++) {
        const struct sent_tag t = c->tag[(c->tag_first + i) % c->tag_room];
        if (gone(arg, t.tag))
            buf_put(out, &t.tag, sizeof t.tag);
        else
            c->tag[(c->tag_first + stay++) % c->tag_room] = t;
    }
    c->tag_count = stay;
}

void server_call_withdrawn(struct server_call *c)
{
    bool withdrawn = c->withdrawn;
    c->withdrawn = false;
    if (withdrawn && c->events != NULL && c->events->withdrawn != NULL)
        c->events->withdrawn(c->arg);
}

/* ---------------------------------------------------------------- the beginning and the end */

void server_call_opened(struct server_call *c, const char *path)
{
    struct server_connection *connection = c->connection;
    const struct server_config *config = &connection->server->config;
    LIST_INSERT_HEAD(&connection->calls, c, next);
    if (connection->leaving) { /* the worker had read it before it was told */
        server_call_finish(c, GRPC_UNAVAILABLE, "this session is being ended");
        return;
    }
    void *arg = c->method == NULL ? config->get(connection->session, c, path)
                                  : c->method->open(connection->session, c);
    if (arg == NULL) {
        server_call_finish(c, GRPC_INTERNAL, "the call was not opened"); /* unless it is finished */
        return;
    }
    c->arg = arg;
    c->events = c->method == NULL ? config->get_events : c->method->events;
}

void server_call_closed(struct server_call *c, enum grpc_status status, const char *text)
{
    c->over = true;
    finished(c);
    if (c->events != NULL && c->events->closed != NULL)
        c->events->closed(c->arg, status, text);
    LIST_REMOVE(c, next);
    mem_free(c->later);
    mem_free(c->tag);
    post_number(c, MAIL_RELEASE, 0);
}
