#include "process/control.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "ipc/control.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LENGTH = 4, REQUESTS_A_TURN = 4 };

#define PATIENCE (5 * US_PER_S)

struct peer {
    int fd; /* -1: free */
    int64_t until_us;
    struct buf in, out;
    uint64_t ticket; /* its answer comes later, under this; 0: it does not */
    bool answered;
    size_t written;
};

struct control {
    int listener;
    struct peer peer[CONTROL_CONNECTIONS];
};

struct control *control_new(int listener)
{
    struct control *c = mem_new(sizeof *c);
    c->listener = listener;
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++)
        c->peer[i] = (struct peer){.fd = -1,
                                   .in = BUF_INIT(LENGTH + CONTROL_REQUEST_MAX),
                                   .out = BUF_INIT(LENGTH + CONTROL_ANSWER_MAX)};
    return c;
}

static void drop(struct peer *p)
{
    if (p->fd >= 0)
        (void)close(p->fd);
    p->fd = -1;
    p->ticket = 0;
    p->answered = false;
    p->written = 0;
    buf_free(&p->in);
    buf_free(&p->out);
}

void control_free(struct control *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++)
        drop(&c->peer[i]);
    if (c->listener >= 0)
        (void)close(c->listener);
    mem_free(c);
}

static struct peer *free_place(const struct control *c)
{
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++)
        if (c->peer[i].fd < 0)
            return (struct peer *)(uintptr_t)&c->peer[i];
    return NULL;
}

/* While every place is taken, others wait with the system. */
void control_poll(const struct control *c, struct pollfd p[CONTROL_POLLS])
{
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++) {
        const struct peer *peer = &c->peer[i];
        const bool waits = peer->ticket != 0 && !peer->answered;
        p[i] = (struct pollfd){waits ? -1 : peer->fd, peer->answered ? POLLOUT : POLLIN, 0};
    }
    p[CONTROL_CONNECTIONS] = (struct pollfd){free_place(c) == NULL ? -1 : c->listener, POLLIN, 0};
}

/* Acts are proved by signatures; this keeps others on the machine from reading what waits. */
static bool is_ours(int fd)
{
    struct ucred who;
    socklen_t n = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && n == sizeof who &&
           (who.uid == geteuid() || who.uid == 0);
}

static void accept_peer(struct control *c, int64_t now_us)
{
    struct peer *p = free_place(c);
    if (p == NULL)
        return;
    int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (!is_ours(fd)) {
        (void)close(fd);
        return;
    }
    p->fd = fd;
    p->until_us = now_us + PATIENCE;
}

/* The length in front, as far as it has come; false when no request is so long. */
static bool length_of(const struct peer *p, uint32_t *n)
{
    struct cursor in = cursor_over(buf_view(&p->in));
    *n = 0;
    return cursor_u32(&in, n) != RESULT_OK || *n <= CONTROL_REQUEST_MAX;
}

/* Reads up to the request's end, and no further. RESULT_OK: it is whole. */
static enum result read_request(struct peer *p)
{
    for (;;) {
        uint32_t body;
        if (!length_of(p, &body))
            return RESULT_TOO_LARGE;
        size_t wanted = p->in.n < LENGTH ? LENGTH : LENGTH + (size_t)body;
        if (p->in.n == wanted)
            return RESULT_OK;
        uint8_t *room = buf_reserve(&p->in, wanted - p->in.n);
        if (room == NULL)
            return RESULT_TOO_LARGE;
        ssize_t n = read(p->fd, room, wanted - p->in.n);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return RESULT_AGAIN;
        if (n <= 0)
            return RESULT_CLOSED;
        p->in.n += (size_t)n;
    }
}

static void put_answer(struct peer *p, const struct buf *body)
{
    if (buf_status(body) == RESULT_OK)
        buf_bytes32(&p->out, buf_view(body));
    p->answered = true;
}

static enum result answer_peer(struct peer *p, int64_t now_us, control_answerer *answer, void *arg)
{
    struct buf body = BUF_INIT(CONTROL_ANSWER_MAX);
    struct control_later later = {0};
    enum result r = answer(arg, bytes_of(p->in.p + LENGTH, p->in.n - LENGTH), &body, &later);
    if (r == RESULT_AGAIN) {
        p->ticket = later.ticket;
        p->until_us = now_us + later.within_us;
        r = RESULT_OK;
    } else {
        put_answer(p, &body);
    }
    buf_free(&body);
    return r;
}

void control_reply(struct control *c, uint64_t ticket, const struct buf *body)
{
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++) {
        struct peer *p = &c->peer[i];
        if (p->fd >= 0 && p->ticket == ticket && !p->answered)
            put_answer(p, body);
    }
}

enum result control_hear(struct control *c, const struct pollfd p[CONTROL_POLLS], int64_t now_us,
                         control_answerer *answer, void *arg)
{
    unsigned requests = 0;
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++) {
        struct peer *peer = &c->peer[i];
        if (peer->fd < 0)
            continue;
        if (now_us >= peer->until_us) {
            drop(peer);
            continue;
        }
        if (p[i].revents == 0 || peer->ticket != 0 || peer->answered || requests == REQUESTS_A_TURN)
            continue;
        enum result r = read_request(peer);
        if (r == RESULT_OK) {
            requests++;
            TRY(answer_peer(peer, now_us, answer, arg));
        } else if (r != RESULT_AGAIN) {
            drop(peer);
        }
    }
    if (c->listener >= 0 && p[CONTROL_CONNECTIONS].revents != 0)
        accept_peer(c, now_us);
    return RESULT_OK;
}

static void write_answer(struct peer *p)
{
    while (p->written < p->out.n) {
        ssize_t n = send(p->fd, p->out.p + p->written, p->out.n - p->written, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            break;
        p->written += (size_t)n;
    }
    drop(p);
}

void control_flush(struct control *c)
{
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++)
        if (c->peer[i].fd >= 0 && c->peer[i].answered)
            write_answer(&c->peer[i]);
}
