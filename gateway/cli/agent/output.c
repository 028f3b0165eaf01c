/* Files and pipes that are written without holding the loop up. */
#include "cli/agent/stream.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAITING_MAX = 8 << 20, WAIT_ABOVE = 256 << 10, FILE_AT_ONCE = 1 << 20 };

struct agent_output {
    int fd;
    const char *name;
    struct fedgate_watch *watch; /* NULL: a file, which takes everything at once */
    struct buf waiting;
    size_t written; /* the first bytes of it that are gone already */
    void (*drained)(void *arg, enum result r);
    void *arg;
};

/* The descriptor is shared with whoever gave it to us, so it stays blocking: a pipe that is ready
 * takes PIPE_BUF bytes without holding anybody up. */
static bool is_ready(const struct agent_output *o)
{
    struct pollfd p = {.fd = o->fd, .events = POLLOUT};
    return o->watch == NULL || (poll(&p, 1, 0) == 1 && p.revents != 0);
}

static enum result flush(struct agent_output *o)
{
    const size_t most = o->watch == NULL ? FILE_AT_ONCE : PIPE_BUF;
    while (agent_output_waiting(o) > 0) {
        size_t n = agent_output_waiting(o);
        if (!is_ready(o))
            return RESULT_AGAIN;
        ssize_t written = write(o->fd, o->waiting.p + o->written, n < most ? n : most);
        if (written < 0 && errno == EPIPE)
            return RESULT_CLOSED;
        if (written < 0 && errno == EAGAIN)
            return RESULT_AGAIN;
        if (written < 0 && errno != EINTR) {
            cli_error("%s: %s", o->name, strerror(errno));
            return RESULT_IO;
        }
        o->written += written > 0 ? (size_t)written : 0;
    }
    buf_clear(&o->waiting);
    o->written = 0;
    return RESULT_OK;
}

static void output_ready(void *arg, int events)
{
    struct agent_output *o = arg;
    (void)events;
    enum result r = flush(o);
    if (r == RESULT_AGAIN)
        return;
    fedgate_watch_set(o->watch, 0);
    o->drained(o->arg, r);
}

static int open_output(const char *path)
{
    struct stat s;
    if (path != NULL) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0)
            cli_error("%s: %s", path, strerror(errno));
        return fd;
    }
    if (isatty(STDOUT_FILENO) == 1) {
        cli_error("video is not for a terminal: give --output FILE, or a pipe to a player");
        return -1;
    }
    if (fstat(STDOUT_FILENO, &s) != 0) {
        cli_error("standard output: %s", strerror(errno));
        return -1;
    }
    return STDOUT_FILENO;
}

struct agent_output *agent_output_open(struct agent *a, const char *path,
                                       void (*drained)(void *arg, enum result r), void *arg)
{
    int fd = open_output(path);
    return fd < 0 ? NULL
                  : agent_output_of(a, fd, path == NULL ? "standard output" : path, drained, arg);
}

struct agent_output *agent_output_of(struct agent *a, int fd, const char *name,
                                     void (*drained)(void *arg, enum result r), void *arg)
{
    struct stat s;
    struct agent_output *o = mem_new(sizeof *o);
    *o = (struct agent_output){
        .fd = fd, .name = name, .waiting = BUF_INIT(WAITING_MAX), .drained = drained, .arg = arg};
    if (fstat(fd, &s) == 0 && (S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode)))
        o->watch = fedgate_watch_new(a->client, fd, output_ready, o);
    return o;
}

void agent_output_close(struct agent_output *o)
{
    if (o == NULL)
        return;
    fedgate_watch_free(o->watch);
    if (o->fd != STDOUT_FILENO)
        (void)close(o->fd);
    buf_free(&o->waiting);
    mem_free(o);
}

enum result agent_output_put(struct agent_output *o, struct bytes data)
{
    buf_put(&o->waiting, data.p, data.n);
    if (buf_status(&o->waiting) != RESULT_OK) {
        cli_error("%s: more came than can wait for its reader", o->name);
        return RESULT_IO;
    }
    enum result r = flush(o);
    if (r != RESULT_AGAIN)
        return r;
    fedgate_watch_set(o->watch, FEDGATE_WRITE);
    return agent_output_waiting(o) > WAIT_ABOVE ? RESULT_AGAIN : RESULT_OK;
}

size_t agent_output_waiting(const struct agent_output *o)
{
    return o->waiting.n - o->written;
}
