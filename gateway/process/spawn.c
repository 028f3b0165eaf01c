#include "process/spawn.h"

#include "process/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Only the supervisor says when a role stops, in which order: what a terminal, a service manager or
 * pkill sends to all of them ends none. Without a terminal of its own, no role can type into the
 * operator's. */
static void part_from_terminal(void)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};
    sigset_t none;
    for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
        (void)signal(ignored[i], SIG_IGN);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setsid();
}

/* Nothing is left but standard error and the control channel, at its place: not even what this
 * program was started with. */
static bool keep_control_only(int control)
{
    if (control == ROLE_CONTROL_FD)
        (void)fcntl(control, F_SETFD, 0);
    else if (dup2(control, ROLE_CONTROL_FD) < 0)
        return false;
    int nothing = open("/dev/null", O_RDWR); /* after: `control` may be 0 or 1 itself */
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0)
        return false;
    /* A kernel before 5.9 has no such call; all that is ours closes on exec anyway. */
    return close_range(ROLE_CONTROL_FD + 1, ~0U, 0) == 0 || errno == ENOSYS;
}

/* In the child, between fork and exec. */
static void become_role(const char *program, enum ipc_role role, int control)
{
    char argument[64];
    (void)snprintf(argument, sizeof argument, "--role=%s", ipc_role_name(role));
    part_from_terminal();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* no role outlives its supervisor */
    if (!keep_control_only(control))
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
