/* Each test closes the door in a child, for there is no way back, and reads from its exit code what
 * could still be done. */
#include "sandbox/sandbox.h"

#include "../base/support.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

/* ---- what the supervisor gives up */

static int behind_forbid(int (*attempt)(int number), int number)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(sandbox_hide() == RESULT_OK && sandbox_forbid() == RESULT_OK ? attempt(number)
                                                                           : NOT_ENTERED);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static int call(int number)
{
    (void)syscall(number, 0, 0, 0, 0, 0, 0);
    return LET_THROUGH;
}

static int map_code_to_write(int number)
{
    (void)number;
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return LET_THROUGH;
}

static int write_code(int number)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)number;
    (void)mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    return LET_THROUGH;
}

static void what_nobody_needs_ends_also_the_supervisor(void **state)
{
    static const struct {
        int number;
        const char *name;
    } table[] = {
#define FORBIDDEN(name) {SYS_##name, #name},
#include "sandbox/calls.def"
    };
    (void)state;
    if (WIFEXITED(behind_forbid(call, SYS_bpf)))
        skip(); /* a sanitizer's build has no filter */
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int status = behind_forbid(call, table[i].number);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
            fail_msg("%s: status %d", table[i].name, status);
    }
    assert_int_equal(WTERMSIG(behind_forbid(map_code_to_write, 0)), SIGSYS);
    assert_int_equal(WTERMSIG(behind_forbid(write_code, 0)), SIGSYS);
}

/* As the supervisor starts a role: a program with libraries, which is filtered further then. */
static int start_a_program(int number)
{
    (void)number;
    (void)execl("/bin/true", "true", (char *)NULL);
    return LET_THROUGH;
}

static int limit_further(int number)
{
    struct sandbox_level level;
    (void)number;
    return sandbox_enter(NULL, 0, &level) == RESULT_OK && sandbox_limit(0, &level) == RESULT_OK
               ? HELD
               : LET_THROUGH;
}

static void what_roles_need_stays(void **state)
{
    (void)state;
    assert_int_equal(behind_forbid(start_a_program, 0), 0);
    assert_int_equal(behind_forbid(limit_further, 0), 0);
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int sort_much(int fd)
{
    struct sandbox_level level;
    int number[1000];
    (void)fd;
    for (int i = 0; i < 1000; i++)
        number[i] = 1000 - i;
    if (sandbox_limit(0, &level) != RESULT_OK)
        return NOT_ENTERED;
    qsort(number, 1000, sizeof *number, by_number);
    return number[0] == 1 && number[999] == 1000 ? HELD : LET_THROUGH;
}

/* Of more than a kilobyte: the C library's qsort asks how much memory there is, and a role was
 * killed for it, such as a ledger that lists what is due of 130 scopes. */
static void a_long_list_is_sorted(void **state)
{
    (void)state;
    expect_held(false, sort_much);
}

/* ---- a kernel that does not do what is asked */

static bool without(int number, uint32_t error)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    return filter != NULL &&
           seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(error), number, 0, NULL) == 0 &&
           seccomp_load(filter) == 0;
}

static void expect_held_without(int number, uint32_t error, int (*attempt)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(without(number, error) ? attempt() : NOT_ENTERED);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_LANDLOCK)
        skip();
    assert_int_equal(WEXITSTATUS(status), HELD);
}

static int limit(void)
{
    struct sandbox_level level;
    enum result r = sandbox_limit(0, &level);
    return r == RESULT_IO || (r == RESULT_OK && level.calls == 0) /* a sanitizer's build has none */
               ? HELD
               : LET_THROUGH;
}

static int forbid(void)
{
    struct sandbox_level level;
    const bool has_filters = sandbox_limit(0, &level) != RESULT_OK;
    return !has_filters || sandbox_forbid() == RESULT_IO ? HELD : LET_THROUGH;
}

static int enter(void)
{
    struct sandbox_level level;
    if (sandbox_landlock() == 0)
        return NO_LANDLOCK;
    return sandbox_hide() == RESULT_OK && sandbox_enter(NULL, 0, &level) == RESULT_IO ? HELD
                                                                                      : LET_THROUGH;
}

static int enter_with_nothing(void)
{
    struct sandbox_level level;
    return sandbox_landlock() == 0 && sandbox_enter(NULL, 0, &level) == RESULT_OK &&
                   level.landlock == 0
               ? HELD
               : LET_THROUGH;
}

static int hide(void)
{
    return sandbox_hide() == RESULT_IO ? HELD : LET_THROUGH;
}

static void what_the_kernel_refuses_is_no_success(void **state)
{
    (void)state;
    expect_held_without(SCMP_SYS(seccomp), EPERM, limit);
    expect_held_without(SCMP_SYS(seccomp), EPERM, forbid);
    expect_held_without(SCMP_SYS(landlock_restrict_self), EPERM, enter);
    expect_held_without(SCMP_SYS(prlimit64), EPERM, hide);
    expect_held_without(SCMP_SYS(prctl), EPERM, hide);
}

/* The level says so, and landlock_least decides. */
static void a_kernel_without_landlock_is_told(void **state)
{
    (void)state;
    expect_held_without(SCMP_SYS(landlock_create_ruleset), ENOSYS, enter_with_nothing);
    expect_held_without(SCMP_SYS(landlock_create_ruleset), EOPNOTSUPP, enter_with_nothing);
}

static int lock_little(void)
{
    return sandbox_can_lock(1 << 16) ? LET_THROUGH : HELD;
}

static void memory_that_may_not_be_locked_is_told(void **state)
{
    (void)state;
    assert_true(sandbox_can_lock(1 << 16));
    if (HAS_MLOCK)
        expect_held_without(SCMP_SYS(mlock), ENOMEM, lock_little);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_to_be_read_is_not_written, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_folder_to_be_written_is, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(nothing_else_is_opened, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(no_program_is_started, make_folder, remove_folder),
        cmocka_unit_test(a_hidden_process_leaves_no_core_and_gains_no_privilege),
        cmocka_unit_test(what_nobody_needs_ends_also_the_supervisor),
        cmocka_unit_test(what_roles_need_stays),
        cmocka_unit_test_setup_teardown(a_long_list_is_sorted, make_folder, remove_folder),
        cmocka_unit_test(what_the_kernel_refuses_is_no_success),
        cmocka_unit_test(a_kernel_without_landlock_is_told),
        cmocka_unit_test(memory_that_may_not_be_locked_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
