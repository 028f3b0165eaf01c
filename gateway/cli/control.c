#include "cli/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { LENGTH = 4 };

static const struct control_patience ordinary = {.seconds = 10};

/* Without somebody to tell, one wait takes all of the time; else a second of it. */
static int connect_to(const char *path, const struct control_patience *p)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = p->tell == NULL ? p->seconds : 1};
    size_t n = strlen(path);
    if (n >= sizeof at.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(at.sun_path, path, n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        connect(fd, (const struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    int kept = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = kept;
    return -1;
}

static bool send_all(int fd, struct bytes b)
{
    while (b.n > 0) {
        ssize_t n = send(fd, b.p, b.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        b = bytes_of(b.p + n, b.n - (size_t)n);
    }
    return true;
}

/* To the end: the gateway closes behind its answer. */
static bool receive_all(int fd, struct buf *out, const struct control_patience *p)
{
    for (int64_t waited = 1;;) {
        uint8_t room[16384];
        ssize_t n = recv(fd, room, sizeof room, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN && p->tell != NULL && waited++ < p->seconds) {
            p->tell(p->arg);
            continue;
        }
        if (n < 0)
            return false;
        if (n == 0)
            return buf_status(out) == RESULT_OK;
        buf_put(out, room, (size_t)n);
    }
}

static bool exchange(const char *path, struct bytes frame, struct buf *answer,
                     const struct control_patience *p)
{
    int fd = connect_to(path, p);
    bool good = fd >= 0 && send_all(fd, frame) && receive_all(fd, answer, p);
    if (!good)
        cli_error("%s: %s; is it the control socket of a gateway that runs?", path,
                  strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return good;
}

bool control_ask(const char *path, const struct control_request *r, struct buf *frame,
                 struct control_answer *a, struct cursor *items)
{
    return control_ask_patiently(path, r, frame, a, items, &ordinary);
}

bool control_ask_patiently(const char *path, const struct control_request *r, struct buf *frame,
                           struct control_answer *a, struct cursor *items,
                           const struct control_patience *patience)
{
    struct buf body = BUF_INIT(CONTROL_REQUEST_MAX), out = BUF_INIT(LENGTH + CONTROL_REQUEST_MAX);
    struct bytes whole;
    control_request_put(r, &body);
    if (buf_status(&body) == RESULT_OK)
        buf_bytes32(&out, buf_view(&body));
    *frame = BUF_INIT(LENGTH + CONTROL_ANSWER_MAX);
    bool good = out.n > 0;
    if (!good)
        cli_error("a word or text is longer than the gateway takes");
    good = good && exchange(path, buf_view(&out), frame, patience);
    *items = cursor_over(buf_view(frame));
    if (good && (cursor_bytes32(items, &whole) != RESULT_OK || cursor_done(items) != RESULT_OK)) {
        cli_error("%s: no answer; are you the gateway's user, or root?", path);
        good = false;
    }
    buf_free(&body);
    buf_free(&out);
    if (!good)
        return false;
    *items = cursor_over(whole);
    if (control_answer_take(items, a) == RESULT_OK)
        return true;
    cli_error("%s: the answer is not one of this version", path);
    return false;
}
