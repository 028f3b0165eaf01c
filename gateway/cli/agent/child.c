/* A program of others at the end of a pipe. */
#include "cli/agent/child.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 400, GRACE_MS = 3000 };

struct agent_child {
    const char *program;
    pid_t pid;
    int pidfd, said; /* said: its standard error */
    struct fedgate_watch *says;
    struct buf line;
};

/* ---------------------------------------------------------------- what it says */

/* An address in it may have a password: of "://name:password@" nothing is told, nor of what may be
 * the front of one, where the line was cut. */
static void tell_line(struct agent_child *c)
{
    char text[LINE_MAX_BYTES + 1];
    size_t n = 0;
    const char *from = (const char *)c->line.p, *end = from + c->line.n;
    while (from < end && n < LINE_MAX_BYTES) {
        const bool host = n >= 3 && memcmp(text + n - 3, "://", 3) == 0;
        const char *rest = from;
        while (host && rest < end && strchr("@/ '\"", *rest) == NULL)
            rest++;
        if (host && rest == end && c->line.n == LINE_MAX_BYTES)
            break;
        if (host && rest < end && *rest == '@')
            from = rest + 1;
        else
            text[n++] = *from++;
    }
    text[n] = '\0';
    if (n > 0)
        agent_error("%s: %s", c->program, text);
    buf_clear(&c->line);
}

static void take_text(struct agent_child *c, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n')
            tell_line(c);
        else if (c->line.n < LINE_MAX_BYTES)
            buf_u8(&c->line, (uint8_t)text[i]);
    }
}

static void hear(void *arg, int events)
{
    struct agent_child *c = arg;
    char text[1024];
    (void)events;
    ssize_t n = read(c->said, text, sizeof text);
    if (n > 0)
        take_text(c, text, (size_t)n);
    else if (n == 0 || errno != EAGAIN)
        fedgate_watch_set(c->says, 0);
}

/* ---------------------------------------------------------------- its end */

static bool ends_within(const struct agent_child *c, int ms)
{
    struct pollfd p = {.fd = c->pidfd, .events = POLLIN};
    return poll(&p, 1, ms) == 1;
}

bool agent_child_stop(struct agent_child *c, bool finish)
{
    int status = 0;
    if (c == NULL)
        return true;
    if (!ends_within(c, finish ? GRACE_MS : 0))
        (void)kill(c->pid, SIGTERM);
    if (!ends_within(c, GRACE_MS))
        (void)kill(c->pid, SIGKILL);
    hear(c, 0);
    bool well =
        waitpid(c->pid, &status, 0) == c->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    fedgate_watch_free(c->says);
    (void)close(c->pidfd);
    (void)close(c->said);
    buf_free(&c->line);
    mem_free(c);
    return well;
}

/* ---------------------------------------------------------------- its beginning */

/* In the child. It ends with this process, gains nothing by what it executes, and has no descriptor
 * but its three: all others are closed on exec. */
static _Noreturn void become(const char *const *argv, pid_t parent, int in, int out, int err)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && dup2(in, STDIN_FILENO) >= 0 &&
        dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0)
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
    static const char text[] = "cannot be started: is it installed?\n";
    (void)!write(err, text, sizeof text - 1);
    _exit(127);
}

/* Both ends of a pipe are closed when something is executed; ours does not hold the loop up. */
static bool make_pipes(int data[2], int said[2], int ours)
{
    if (pipe2(data, O_CLOEXEC) != 0)
        return false;
    if (pipe2(said, O_CLOEXEC) != 0) {
        (void)close(data[0]);
        (void)close(data[1]);
        return false;
    }
    (void)fcntl(data[ours], F_SETFL, O_NONBLOCK);
    (void)fcntl(said[0], F_SETFL, O_NONBLOCK);
    return true;
}

struct agent_child *agent_child_start(struct agent *a, const char *const *argv, bool gives, int *fd)
{
    const int ours = gives ? 0 : 1;
    const pid_t parent = getpid();
    int data[2], said[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || !make_pipes(data, said, ours)) {
        cli_error("%s: %s", argv[0], strerror(errno));
        if (null >= 0)
            (void)close(null);
        return NULL;
    }
    pid_t pid = fork();
    if (pid == 0)
        become(argv, parent, gives ? null : data[0], gives ? data[1] : null, said[1]);
    int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1, why = errno;
    (void)close(null);
    (void)close(said[1]);
    (void)close(data[1 - ours]);
    if (pidfd < 0) {
        cli_error("%s: %s", argv[0], strerror(why));
        if (pid > 0 && kill(pid, SIGKILL) == 0)
            (void)waitpid(pid, NULL, 0);
        (void)close(said[0]);
        (void)close(data[ours]);
        return NULL;
    }
    struct agent_child *c = mem_new(sizeof *c);
    *c = (struct agent_child){.program = argv[0],
                              .pid = pid,
                              .pidfd = pidfd,
                              .said = said[0],
                              .line = BUF_INIT(LINE_MAX_BYTES)};
    c->says = fedgate_watch_new(a->client, said[0], hear, c);
    fedgate_watch_set(c->says, FEDGATE_READ);
    *fd = data[ours];
    return c;
}
