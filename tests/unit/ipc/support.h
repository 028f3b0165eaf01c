/* What the tests of ipc share: a channel's two ends, one of them bare. */
#ifndef FEDGATE_TESTS_IPC_SUPPORT_H
#define FEDGATE_TESTS_IPC_SUPPORT_H

#include "ipc/channel.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct bytes nothing = {NULL, 0};

/* A channel, and the other end of its socket for a peer that keeps no rules. */
struct wire {
    struct channel *c;
    int peer;
};

static inline struct wire wire_new(enum ipc_role self, enum ipc_role peer)
{
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    return (struct wire){channel_new(fd[0], self, peer), fd[1]};
}

static inline void wire_free(struct wire *w)
{
    channel_free(w->c);
    if (w->peer >= 0)
        (void)close(w->peer);
}

static inline void say(const struct wire *w, const void *p, size_t n)
{
    assert_int_equal(send(w->peer, p, n, MSG_NOSIGNAL), n);
}

/* Bytes with descriptors along. */
static inline void say_with(const struct wire *w, const void *p, size_t n, const int *fd,
                            size_t fds)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int) * 64)];
    } control = {.room = {0}};
    struct iovec v = {(void *)(uintptr_t)p, n};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control.room};
    m.msg_controllen = CMSG_SPACE(sizeof(int) * fds);
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof(int) * fds);
    memcpy(CMSG_DATA(h), fd, sizeof(int) * fds);
    assert_int_equal(sendmsg(w->peer, &m, MSG_NOSIGNAL), n);
}

/* The header of a message. */
static inline void header(uint8_t out[8], uint32_t length, unsigned type, unsigned flags)
{
    struct buf b = BUF_INIT(8);
    buf_u32(&b, length);
    buf_u16(&b, (uint16_t)type);
    buf_u16(&b, (uint16_t)flags);
    memcpy(out, b.p, 8);
    buf_free(&b);
}

/* How many descriptors this process has open. */
static inline size_t open_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF;
    return count;
}

#endif
