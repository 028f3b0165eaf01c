#include "ipc/channel.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 8, FLAG_FD = 1, FDS_MAX = 16, READ_AT_ONCE = 256 * 1024, READ_IN_A_TURN = 4 << 20 };

enum { FROM_ANY = ROLE_ID_COUNT };

/* Who may send what to whom; the constants of the table's columns. */
enum {
    SUPERVISOR = ROLE_ID_SUPERVISOR,
    EDGE = ROLE_ID_EDGE,
    LEDGER = ROLE_ID_LEDGER,
    KEEPER = ROLE_ID_KEEPER,
    COMPILER = ROLE_ID_COMPILER,
    CONSOLE = ROLE_ID_CONSOLE,
    ANY = FROM_ANY
};

/* By number; two of one number do not compile. */
static const struct row {
    unsigned from, to;
    const char *name; /* NULL: there is no such message */
} table[] = {
#define I(NAME, number, FROM, TO, text) [number] = {FROM, TO, #NAME},
#include "ipc/messages.def"
#undef I
};

struct channel {
    int fd;
    enum ipc_role self, peer;
    enum result broken; /* by a message that could not be queued */
    struct buf in, out;
    size_t taken;          /* bytes of `in` that were handed out */
    size_t sent;           /* bytes of `out` that were written */
    int received[FDS_MAX]; /* for the messages of `in` that announce one, in order; -1: lost */
    size_t receiveds;
    /* A descriptor leaves with the first byte of its message. */
    struct leaving {
        size_t at; /* offset in `out` */
        int fd;
    } * to_send;
    size_t to_sends, to_send_room;
};

struct channel *channel_new(int fd, enum ipc_role self, enum ipc_role peer)
{
    struct channel *c = mem_new(sizeof *c);
    *c = (struct channel){.fd = fd,
                          .self = self,
                          .peer = peer,
                          .in = BUF_INIT(2 * (size_t)CHANNEL_MESSAGE_MAX + READ_IN_A_TURN),
                          .out = BUF_INIT(SIZE_MAX / 2)};
    int flags = fcntl(fd, F_GETFL);
    (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return c;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

void channel_free(struct channel *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->receiveds; i++)
        close_if_open(c->received[i]);
    for (size_t i = 0; i < c->to_sends; i++)
        (void)close(c->to_send[i].fd);
    (void)close(c->fd);
    mem_free(c->to_send);
    buf_free(&c->in);
    buf_free(&c->out);
    mem_free(c);
}

int channel_fd(const struct channel *c)
{
    return c->fd;
}

static bool keep_descriptor(struct channel *c, int fd)
{
    if (c->receiveds == FDS_MAX) {
        close_if_open(fd);
        return false;
    }
    c->received[c->receiveds++] = fd;
    return true;
}

/* Keeps descriptors that came along. One that this process had no room for leaves its place empty,
 * so that no other message gets what was meant for the next. */
static enum result keep_descriptors(struct channel *c, struct msghdr *m)
{
    bool kept = true;
    size_t came = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++, came++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
            kept = keep_descriptor(c, fd) && kept;
        }
    }
    if ((m->msg_flags & MSG_CTRUNC) != 0 && came == 0)
        kept = keep_descriptor(c, -1) && kept;
    return kept ? RESULT_OK : RESULT_MALFORMED;
}

static enum result receive_once(struct channel *c, size_t *got)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
    } control;
    uint8_t *room = buf_reserve(&c->in, READ_AT_ONCE);
    if (room == NULL)
        return RESULT_MALFORMED;
    struct iovec v = {room, READ_AT_ONCE};
    struct msghdr m = {.msg_iov = &v,
                       .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof control.room};
    ssize_t n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? RESULT_AGAIN
               : errno == ECONNRESET             ? RESULT_CLOSED
                                                 : RESULT_IO;
    if (n == 0)
        return RESULT_CLOSED;
    c->in.n += (size_t)n;
    *got = (size_t)n;
    return keep_descriptors(c, &m);
}

static bool is_allowed(const struct channel *c, unsigned type)
{
    const struct row *r = type < ARRAY_LEN(table) ? &table[type] : NULL;
    return r != NULL && r->name != NULL && (r->from == FROM_ANY || r->from == (unsigned)c->peer) &&
           (r->to == FROM_ANY || r->to == (unsigned)c->self);
}

/* The header of the message at `at`: false when it is not all there yet. */
static bool header_at(const struct channel *c, size_t at, size_t *length, unsigned *type,
                      unsigned *flags)
{
    if (c->in.n - at < HEADER)
        return false;
    const uint8_t *p = c->in.p + at;
    *length = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    *type = (unsigned)(p[4] << 8 | p[5]);
    *flags = (unsigned)(p[6] << 8 | p[7]);
    return true;
}

/* A descriptor comes with the first byte of its message: those that are here belong to the messages
 * whose flag can be seen, and to one whose header is not complete. */
static bool descriptors_fit(const struct channel *c, size_t announced, size_t rest)
{
    size_t unseen = rest > 0 && rest < HEADER ? 1 : 0;
    return c->receiveds >= announced && c->receiveds <= announced + unseen;
}

static enum result check_messages(const struct channel *c)
{
    size_t at = c->taken, length, announced = 0;
    unsigned type, flags;
    while (header_at(c, at, &length, &type, &flags)) {
        if (length > CHANNEL_MESSAGE_MAX || flags > FLAG_FD || !is_allowed(c, type))
            return RESULT_MALFORMED;
        announced += flags;
        if (c->in.n - at - HEADER < length)
            return descriptors_fit(c, announced, 0) ? RESULT_OK : RESULT_MALFORMED;
        at += HEADER + length;
    }
    return descriptors_fit(c, announced, c->in.n - at) ? RESULT_OK : RESULT_MALFORMED;
}

/* Wipes what was handed out. */
static void forget_taken(struct channel *c)
{
    buf_drop(&c->in, c->taken);
    c->taken = 0;
}

enum result channel_receive(struct channel *c)
{
    size_t got = 0, total = 0;
    enum result r;
    forget_taken(c);
    do {
        r = receive_once(c, &got);
        total += r == RESULT_OK ? got : 0;
    } while (r == RESULT_OK && got == READ_AT_ONCE && total < READ_IN_A_TURN);
    if (r == RESULT_MALFORMED || (total == 0 && r != RESULT_OK))
        return r;
    return check_messages(c); /* an end of the peer is seen at the next call */
}

bool channel_next(struct channel *c, struct channel_message *out)
{
    size_t length;
    unsigned type, flags;
    if (!header_at(c, c->taken, &length, &type, &flags) || c->in.n - c->taken - HEADER < length) {
        forget_taken(c);
        return false;
    }
    *out = (struct channel_message){(enum ipc_type)type,
                                    bytes_of(c->in.p + c->taken + HEADER, length), -1};
    if ((flags & FLAG_FD) != 0 && c->receiveds > 0) {
        out->fd = c->received[0];
        memmove(c->received, c->received + 1, --c->receiveds * sizeof c->received[0]);
    }
    c->taken += HEADER + length;
    return true;
}

/* Puts a copy of the descriptor in line for the message that begins now. */
static bool queue_descriptor(struct channel *c, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0)
        return false;
    if (c->to_sends == c->to_send_room) {
        size_t room = c->to_send_room + FDS_MAX;
        c->to_send = mem_grow_array(c->to_send, c->to_send_room, room, sizeof *c->to_send);
        c->to_send_room = room;
    }
    c->to_send[c->to_sends++] = (struct leaving){c->out.n, copy};
    return true;
}

void channel_send(struct channel *c, enum ipc_type type, struct bytes body, struct bytes more,
                  int fd)
{
    if (body.n > CHANNEL_MESSAGE_MAX || more.n > CHANNEL_MESSAGE_MAX - body.n)
        c->broken = RESULT_TOO_LARGE;
    else if (c->broken == RESULT_OK && fd >= 0 && !queue_descriptor(c, fd))
        c->broken = RESULT_FULL;
    if (c->broken != RESULT_OK)
        return;
    buf_u32(&c->out, (uint32_t)(body.n + more.n));
    buf_u16(&c->out, (uint16_t)type);
    buf_u16(&c->out, fd >= 0 ? FLAG_FD : 0);
    buf_put(&c->out, body.p, body.n);
    buf_put(&c->out, more.p, more.n);
}

size_t channel_queued(const struct channel *c)
{
    return c->out.n - c->sent;
}

/* One sendmsg: up to the next message that has a descriptor, or that message with its descriptor.
 */
static enum result send_once(struct channel *c)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    size_t end = c->out.n;
    struct msghdr m = {0};
    bool with_fd = c->to_sends > 0 && c->to_send[0].at == c->sent;
    if (with_fd) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof control.room;
        struct cmsghdr *h = CMSG_FIRSTHDR(&m);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(h), &c->to_send[0].fd, sizeof(int));
        end = c->to_sends > 1 ? c->to_send[1].at : end;
    } else if (c->to_sends > 0) {
        end = c->to_send[0].at;
    }
    struct iovec v = {c->out.p + c->sent, end - c->sent};
    m.msg_iov = &v;
    m.msg_iovlen = 1;
    ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR       ? RESULT_AGAIN
               : errno == EPIPE || errno == ECONNRESET ? RESULT_CLOSED
                                                       : RESULT_IO;
    c->sent += (size_t)n;
    if (with_fd) {
        (void)close(c->to_send[0].fd);
        memmove(c->to_send, c->to_send + 1, --c->to_sends * sizeof c->to_send[0]);
    }
    return RESULT_OK;
}

/* Wipes what left, once it is the larger part: a queue that never runs empty would grow for ever.
 */
static void forget_sent(struct channel *c)
{
    if (c->sent < c->out.n / 2)
        return;
    for (size_t i = 0; i < c->to_sends; i++)
        c->to_send[i].at -= c->sent;
    buf_drop(&c->out, c->sent);
    c->sent = 0;
}

enum result channel_flush(struct channel *c)
{
    enum result r = c->broken;
    while (r == RESULT_OK && c->sent < c->out.n)
        r = send_once(c);
    forget_sent(c);
    return r;
}

static int64_t steady_us(void)
{
    const struct clock system = clock_system();
    return clock_steady_us(&system);
}

static enum result wait_for(const struct channel *c, short events, int64_t until_us)
{
    struct pollfd p = {c->fd, events, 0};
    int64_t left_us = until_us - steady_us();
    if (left_us <= 0)
        return RESULT_UNAVAILABLE;
    int64_t ms = left_us / 1000 + 1;
    int n = poll(&p, 1, ms > INT_MAX ? INT_MAX : (int)ms);
    return n < 0 && errno != EINTR ? RESULT_IO : RESULT_OK;
}

static enum result exchange(struct channel *c, int64_t until_us, struct channel_message *answer)
{
    enum result r;
    while ((r = channel_flush(c)) == RESULT_AGAIN)
        TRY(wait_for(c, POLLOUT, until_us));
    TRY(r);
    while (!channel_next(c, answer)) {
        r = channel_receive(c);
        if (r == RESULT_AGAIN)
            r = wait_for(c, POLLIN, until_us);
        TRY(r);
    }
    return RESULT_OK;
}

enum result channel_call(struct channel *c, enum ipc_type type, struct bytes body,
                         enum ipc_type expected, struct buf *reply, int64_t most_us)
{
    struct channel_message m;
    buf_clear(reply);
    channel_send(c, type, body, bytes_of(NULL, 0), -1);
    TRY(exchange(c, steady_us() + most_us, &m));
    close_if_open(m.fd);
    if (m.type == expected)
        buf_put(reply, m.body.p, m.body.n);
    forget_taken(c);
    return m.type == expected ? buf_status(reply) : RESULT_MISMATCH;
}

const char *ipc_type_name(enum ipc_type t)
{
    return (unsigned)t < ARRAY_LEN(table) && table[t].name != NULL ? table[t].name : "?";
}

const char *ipc_role_name(enum ipc_role r)
{
    static const char *const names[ROLE_ID_COUNT] = {"supervisor", "edge",     "ledger",
                                                     "keeper",     "compiler", "console"};
    return (unsigned)r < ROLE_ID_COUNT ? names[r] : "?";
}

const char *ipc_gift_name(unsigned gift)
{
    static const char *const names[GIFT_COUNT] = {
#define GIFT(NAME, word, text) word,
#include "ipc/gifts.def"
#undef GIFT
    };
    return gift < GIFT_COUNT ? names[gift] : "?";
}
