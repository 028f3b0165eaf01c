/* What a role finds at its start: this program, started as a role, tells it over the control
 * channel's descriptor. */
#include "process/spawn.h"

#include "process/role.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* As a role: everything worth telling, as words. */
struct found {
    unsigned descriptors; /* open ones past the control channel */
    bool null_in, null_out, own_session, ignored[NSIG], blocked;
};

static bool is_null_device(int fd)
{
    struct stat st, null;
    return fstat(fd, &st) == 0 && stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev;
}

static unsigned count_others(void)
{
    unsigned count = 0;
    DIR *d = opendir("/proc/self/fd");
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        int fd = atoi(e->d_name);
        count += e->d_name[0] != '.' && fd > ROLE_CONTROL_FD && fd != dirfd(d);
    }
    if (d != NULL)
        (void)closedir(d);
    return count;
}

static int tell(void)
{
    struct found f = {.descriptors = count_others(),
                      .null_in = is_null_device(STDIN_FILENO),
                      .null_out = is_null_device(STDOUT_FILENO),
                      .own_session = getsid(0) == getpid()};
    sigset_t blocked;
    for (int i = 1; i < NSIG; i++) {
        struct sigaction now;
        f.ignored[i] = sigaction(i, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
    }
    (void)sigprocmask(SIG_SETMASK, NULL, &blocked);
    f.blocked = sigismember(&blocked, SIGCHLD) == 1;
    return write(ROLE_CONTROL_FD, &f, sizeof f) == (ssize_t)sizeof f ? 0 : 1;
}

static struct found start(void)
{
    struct child c;
    struct found f;
    int status;
    assert_int_equal(spawn_role("/proc/self/exe", ROLE_ID_KEEPER, &c), RESULT_OK);
    struct pollfd p = {channel_fd(c.control), POLLIN, 0};
    assert_int_equal(poll(&p, 1, 10000), 1);
    assert_int_equal(read(p.fd, &f, sizeof f), sizeof f);
    channel_free(c.control);
    assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
    assert_int_equal(status, 0);
    return f;
}

/* A descriptor that the supervisor was started with, and did not ask for, once came to all roles.
 */
static void a_role_has_no_descriptor_but_those_it_is_given(void **state)
{
    int stray = open("/", O_RDONLY | O_DIRECTORY);
    (void)state;
    assert_true(stray > STDERR_FILENO);
    struct found f = start();
    (void)close(stray);
    assert_int_equal(f.descriptors, 0);
    assert_true(f.null_in && f.null_out);
}

static void a_supervisor_without_input_and_output_starts_roles_all_the_same(void **state)
{
    int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10),
        out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    (void)state;
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
    struct found f = start();
    if (in >= 0)
        (void)dup2(in, STDIN_FILENO);
    if (out >= 0)
        (void)dup2(out, STDOUT_FILENO);
    (void)close(in);
    (void)close(out);
    assert_int_equal(f.descriptors, 0);
    assert_true(f.null_in && f.null_out);
}

/* Ctrl-C, and a service manager that signals every process of the service, once ended all roles at
 * the same time: the ledger did not come to sign its last checkpoint. */
static void only_the_supervisor_ends_a_role(void **state)
{
    (void)state;
    struct found f = start();
    assert_true(f.own_session);
    assert_true(f.ignored[SIGINT] && f.ignored[SIGTERM] && f.ignored[SIGHUP]);
}

static void a_log_that_nobody_reads_any_more_ends_no_role(void **state)
{
    (void)state;
    assert_true(start().ignored[SIGPIPE]);
}

static void signals_that_the_supervisor_blocks_are_not_blocked_in_a_role(void **state)
{
    sigset_t set, before;
    (void)state;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    assert_int_equal(sigprocmask(SIG_BLOCK, &set, &before), 0);
    struct found f = start();
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    assert_false(f.blocked);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_has_no_descriptor_but_those_it_is_given),
        cmocka_unit_test(a_supervisor_without_input_and_output_starts_roles_all_the_same),
        cmocka_unit_test(only_the_supervisor_ends_a_role),
        cmocka_unit_test(a_log_that_nobody_reads_any_more_ends_no_role),
        cmocka_unit_test(signals_that_the_supervisor_blocks_are_not_blocked_in_a_role)};
    if (argc == 2 && strcmp(argv[1], "--role=keeper") == 0)
        return tell();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
