#include "process/spawn.h"

#include "process/role.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child, between fork and exec: the control channel at its place, everything else closes on
 * exec. */
static void become_role(const char *program, enum ipc_role role, int control)
{
    char argument[64];
    sigset_t none;
    (void)snprintf(argument, sizeof argument, "--role=%s", ipc_role_name(role));
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* no role outlives its supervisor */
    if (control == ROLE_CONTROL_FD)
        (void)fcntl(control, F_SETFD, 0);
    else if (dup2(control, ROLE_CONTROL_FD) < 0)
        _exit(127);
    (void)execl(program, "fedgate", argument, (char *)NULL);
    _exit(127);
}

enum result spawn_role(const char *program, enum ipc_role role, struct child *out)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return RESULT_IO;
    pid_t pid = fork();
    if (pid == 0)
        become_role(program, role, pair[1]);
    (void)close(pair[1]);
    if (pid < 0) {
        (void)close(pair[0]);
        return RESULT_IO;
    }
    *out = (struct child){pid, channel_new(pair[0], ROLE_ID_SUPERVISOR, role)};
    return RESULT_OK;
}

void spawn_give(struct child *c, enum ipc_gift gift, int fd)
{
    uint8_t what = (uint8_t)gift;
    if (fd >= 0 && c->control != NULL)
        channel_send(c->control, IPC_GIVE, bytes_of(&what, 1), bytes_of(NULL, 0), fd);
}

static enum result wait_readable(const struct channel *c)
{
    struct pollfd p = {channel_fd(c), POLLIN, 0};
    return poll(&p, 1, -1) < 0 && errno != EINTR ? RESULT_IO : RESULT_OK;
}

static int wait_for_block(struct channel *c)
{
    struct channel_message m;
    enum result r = RESULT_OK;
    while (r == RESULT_OK || r == RESULT_AGAIN) {
        while (channel_next(c, &m)) {
            if (m.type == IPC_COMPILED)
                return m.fd;
            if (m.fd >= 0)
                (void)close(m.fd);
        }
        r = wait_readable(c);
        if (r == RESULT_OK)
            r = channel_receive(c);
    }
    return -1;
}

int spawn_compiler(const char *program, const char *config_name,
                   void (*give)(struct child *compiler, void *arg), void *arg)
{
    struct child c;
    int block = -1;
    if (spawn_role(program, ROLE_ID_COMPILER, &c) != RESULT_OK)
        return -1;
    give(&c, arg);
    spawn_give(&c, GIFT_MESSAGES, STDERR_FILENO);
    channel_send(c.control, IPC_START, bytes_of_text(config_name), bytes_of(NULL, 0), -1);
    enum result r;
    while ((r = channel_flush(c.control)) == RESULT_AGAIN)
        (void)usleep(1000);
    if (r == RESULT_OK)
        block = wait_for_block(c.control);
    channel_free(c.control);
    while (waitpid(c.pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return block;
}
