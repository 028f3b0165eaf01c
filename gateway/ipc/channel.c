#include "ipc/channel.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
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
    ANY = FROM_ANY
};

static const struct {
    enum ipc_type type;
    unsigned from, to;
    const char *name;
} table[] = {
#define I(NAME, number, FROM, TO, text) {IPC_##NAME, FROM, TO, #NAME},
#include "ipc/messages.def"
#undef I
};

struct channel {
    int fd;
    enum ipc_role self, peer;
    struct buf in, out;
    size_t taken; /* bytes of `in` that were handed out */
    size_t sent;  /* bytes of `out` that were written */
    int received[FDS_MAX];
    size_t receiveds;
    /* A descriptor leaves with the first byte of its message. */
    struct {
        size_t at; /* offset in `out` */
        int fd;
    } to_send[FDS_MAX];
    size_t to_sends;
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

void channel_free(struct channel *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->receiveds; i++)
        (void)close(c->received[i]);
    for (size_t i = 0; i < c->to_sends; i++)
        (void)close(c->to_send[i].fd);
    (void)close(c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
    mem_free(c);
}

int channel_fd(const struct channel *c)
{
    return c->fd;
}

/* Keeps descriptors that came along; more than fit are closed, and their message will miss them. */
static void keep_descriptors(struct channel *c, struct msghdr *m)
{
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
            if (c->receiveds < FDS_MAX)
                c->received[c->receiveds++] = fd;
            else
                (void)close(fd);
        }
    }
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
    keep_descriptors(c, &m);
    c->in.n += (size_t)n;
    *got = (size_t)n;
    return RESULT_OK;
}

static bool is_allowed(const struct channel *c, unsigned type)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if ((unsigned)table[i].type == type)
            return (table[i].from == FROM_ANY || table[i].from == (unsigned)c->peer) &&
                   (table[i].to == FROM_ANY || table[i].to == (unsigned)c->self);
    return false;
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

static enum result check_messages(const struct channel *c)
{
    size_t at = c->taken, length;
    unsigned type, flags;
    while (header_at(c, at, &length, &type, &flags)) {
        if (length > CHANNEL_MESSAGE_MAX || flags > FLAG_FD || !is_allowed(c, type))
            return RESULT_MALFORMED;
        if (c->in.n - at - HEADER < length)
            break;
        at += HEADER + length;
    }
    return RESULT_OK;
}

enum result channel_receive(struct channel *c)
{
    size_t got = 0, total = 0;
    enum result r;
    buf_drop(&c->in, c->taken);
    c->taken = 0;
    do {
        r = receive_once(c, &got);
        total += r == RESULT_OK ? got : 0;
    } while (r == RESULT_OK && got == READ_AT_ONCE && total < READ_IN_A_TURN);
    if (total == 0 && r != RESULT_OK)
        return r;
    return check_messages(c); /* an end of the peer is seen at the next call */
}

bool channel_next(struct channel *c, struct channel_message *out)
{
    size_t length;
    unsigned type, flags;
    if (!header_at(c, c->taken, &length, &type, &flags) || c->in.n - c->taken - HEADER < length)
        return false;
    *out = (struct channel_message){(enum ipc_type)type,
                                    bytes_of(c->in.p + c->taken + HEADER, length), -1};
    if ((flags & FLAG_FD) != 0 && c->receiveds > 0) {
        out->fd = c->received[0];
        memmove(c->received, c->received + 1, --c->receiveds * sizeof c->received[0]);
    }
    c->taken += HEADER + length;
    return true;
}

void channel_send(struct channel *c, enum ipc_type type, struct bytes body, struct bytes more,
                  int fd)
{
    bool with_fd = fd >= 0 && c->to_sends < FDS_MAX;
    if (with_fd) {
        c->to_send[c->to_sends].at = c->out.n;
        c->to_send[c->to_sends].fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        c->to_sends++;
    }
    buf_u32(&c->out, (uint32_t)(body.n + more.n));
    buf_u16(&c->out, (uint16_t)type);
    buf_u16(&c->out, with_fd ? FLAG_FD : 0);
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

enum result channel_flush(struct channel *c)
{
    while (c->sent < c->out.n)
        TRY(send_once(c));
    buf_clear(&c->out);
    c->sent = 0;
    return RESULT_OK;
}

static enum result wait_for(const struct channel *c, short events, int64_t most_us)
{
    struct pollfd p = {c->fd, events, 0};
    int n = poll(&p, 1, (int)(most_us / 1000));
    if (n < 0)
        return errno == EINTR ? RESULT_OK : RESULT_IO;
    return n == 0 ? RESULT_UNAVAILABLE : RESULT_OK;
}

enum result channel_call(struct channel *c, enum ipc_type type, struct bytes body,
                         enum ipc_type expected, struct buf *reply, int64_t most_us)
{
    struct channel_message m;
    enum result r;
    channel_send(c, type, body, bytes_of(NULL, 0), -1);
    while ((r = channel_flush(c)) == RESULT_AGAIN)
        TRY(wait_for(c, POLLOUT, most_us));
    TRY(r);
    buf_clear(reply);
    while (!channel_next(c, &m)) {
        r = channel_receive(c);
        if (r == RESULT_AGAIN)
            r = wait_for(c, POLLIN, most_us);
        TRY(r);
    }
    if (m.fd >= 0)
        (void)close(m.fd);
    if (m.type != expected)
        return RESULT_MISMATCH;
    buf_put(reply, m.body.p, m.body.n);
    return buf_status(reply);
}

const char *ipc_type_name(enum ipc_type t)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].type == t)
            return table[i].name;
    return "?";
}

const char *ipc_role_name(enum ipc_role r)
{
    static const char *const names[ROLE_ID_COUNT] = {"supervisor", "edge", "ledger", "keeper",
                                                     "compiler"};
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
