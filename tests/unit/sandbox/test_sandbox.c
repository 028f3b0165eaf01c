/* Each test closes the door in a child, for there is no way back, and reads from its exit code what
 * could still be done. */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { HELD, LET_THROUGH, NOT_ENTERED, NO_LANDLOCK };

static char folder[] = "/tmp/fedgate-sandbox-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    if (mkdtemp(folder) == NULL)
        return -1;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    (void)close(file);
    (void)close(fd);
    return file < 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)unlinkat(fd, "file", 0);
    (void)unlinkat(fd, "new", 0);
    (void)close(fd);
    return rmdir(folder);
}

/* What `attempt` returns in a child behind the closed door. */
static void expect_held(bool write, int (*attempt)(int folder_fd))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct sandbox_folder f = {open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), write};
        struct sandbox_level level;
        if (sandbox_hide() != RESULT_OK || sandbox_enter(&f, 1, &level) != RESULT_OK)
            _exit(NOT_ENTERED);
        _exit(level.landlock == 0 ? NO_LANDLOCK : attempt(f.fd));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_LANDLOCK)
        skip(); /* this kernel has nothing to test */
    assert_int_equal(WEXITSTATUS(status), HELD);
}

static bool is_denied(int fd)
{
    return fd < 0 && errno == EACCES;
}

static int read_and_try_to_write(int fd)
{
    return openat(fd, "file", O_RDONLY | O_CLOEXEC) >= 0 &&
                   is_denied(openat(fd, "file", O_WRONLY | O_CLOEXEC)) &&
                   is_denied(openat(fd, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) &&
                   is_denied(unlinkat(fd, "file", 0))
               ? HELD
               : LET_THROUGH;
}

static void a_folder_to_be_read_is_not_written(void **state)
{
    (void)state;
    expect_held(false, read_and_try_to_write);
}

static int write_and_rename(int fd)
{
    return openat(fd, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 &&
                   renameat(fd, "new", fd, "file") == 0 && unlinkat(fd, "file", 0) == 0
               ? HELD
               : LET_THROUGH;
}

static void a_folder_to_be_written_is(void **state)
{
    (void)state;
    expect_held(true, write_and_rename);
}

static int look_elsewhere(int fd)
{
    return is_denied(open("/etc/passwd", O_RDONLY | O_CLOEXEC)) &&
                   is_denied(open("/proc/self/mem", O_RDWR | O_CLOEXEC)) &&
                   is_denied(openat(fd, "../../etc/passwd", O_RDONLY | O_CLOEXEC)) &&
                   is_denied(open("/tmp/fedgate-new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600))
               ? HELD
               : LET_THROUGH;
}

static void nothing_else_is_opened(void **state)
{
    (void)state;
    expect_held(true, look_elsewhere);
}

static int run_a_program(int fd)
{
    (void)fd;
    (void)execl("/bin/true", "true", (char *)NULL);
    return errno == EACCES ? HELD : LET_THROUGH;
}

static void no_program_is_started(void **state)
{
    (void)state;
    expect_held(true, run_a_program);
}

static void a_hidden_process_leaves_no_core_and_gains_no_privilege(void **state)
{
    int status;
    pid_t pid = fork();
    (void)state;
    if (pid == 0) {
        struct rlimit core;
        if (sandbox_hide() != RESULT_OK || getrlimit(RLIMIT_CORE, &core) != 0)
            _exit(NOT_ENTERED);
        _exit(core.rlim_max == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
                      prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
                  ? HELD
                  : LET_THROUGH);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_to_be_read_is_not_written, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_folder_to_be_written_is, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(nothing_else_is_opened, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(no_program_is_started, make_folder, remove_folder),
        cmocka_unit_test(a_hidden_process_leaves_no_core_and_gains_no_privilege)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
