/* What a role cannot do any more behind its door, each tried in a child of its own: the kernel ends
 * it. The sanitizers' builds have no filter, and skip. */
#include "process/role.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { HELD = 20, LET_THROUGH, NOT_ENTERED, NO_FILTER };

static const enum ipc_role roles[] = {ROLE_ID_KEEPER, ROLE_ID_LEDGER, ROLE_ID_EDGE,
                                      ROLE_ID_COMPILER};

/* How a child ends that tries something behind the door of a role. */
static int behind(enum ipc_role role, int (*attempt)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct sandbox_level level;
        if (sandbox_hide() != RESULT_OK || sandbox_limit(role_calls(role), &level) != RESULT_OK)
            _exit(NOT_ENTERED);
        _exit(level.calls == 0 ? NO_FILTER : attempt());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_FILTER)
        skip();
    return status;
}

static void expect_death(enum ipc_role role, int (*attempt)(void), const char *what)
{
    int status = behind(role, attempt);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
        fail_msg("%s may %s: status %d", ipc_role_name(role), what, status);
}

static int start_a_program(void)
{
    char *arguments[] = {(char *)(uintptr_t) "true", NULL};
    (void)execve("/bin/true", arguments, NULL);
    return LET_THROUGH;
}

static int become_two(void)
{
    if (fork() == 0)
        _exit(0);
    return LET_THROUGH;
}

static int open_a_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return LET_THROUGH;
}

static int call_somebody(void)
{
    const struct sockaddr to = {.sa_family = AF_INET};
    (void)connect(0, &to, sizeof to);
    return LET_THROUGH;
}

static int trace_its_parent(void)
{
    (void)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
    return LET_THROUGH;
}

static int signal_its_parent(void)
{
    (void)kill(getppid(), 0);
    return LET_THROUGH;
}

static int make_code(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return LET_THROUGH;
}

static int turn_data_into_code(void)
{
    static _Alignas(4096) uint8_t page[4096];
    (void)mprotect(page, sizeof page, PROT_READ | PROT_EXEC);
    return LET_THROUGH;
}

/* The ways around a filter, and into the kernel, that nothing here needs. */
static int number;
static int call_by_number(void)
{
    (void)syscall(number, 0, 0, 0, 0, 0, 0);
    return LET_THROUGH;
}

static void no_role_starts_calls_traces_or_signals_anybody(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        expect_death(roles[i], start_a_program, "start a program");
        expect_death(roles[i], become_two, "fork");
        expect_death(roles[i], open_a_socket, "open a socket");
        expect_death(roles[i], call_somebody, "connect");
        expect_death(roles[i], trace_its_parent, "trace");
        expect_death(roles[i], signal_its_parent, "signal");
    }
}

static void no_role_makes_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        expect_death(roles[i], make_code, "map memory to run");
        expect_death(roles[i], turn_data_into_code, "run its data");
    }
}

static void no_role_reaches_the_rest_of_the_kernel(void **state)
{
    static const int dangerous[] = {SYS_io_uring_setup,
                                    SYS_bpf,
                                    SYS_perf_event_open,
                                    SYS_userfaultfd,
                                    SYS_keyctl,
                                    SYS_mount,
                                    SYS_unshare,
                                    SYS_setns,
                                    SYS_chroot,
                                    SYS_setuid,
                                    SYS_init_module,
                                    SYS_kexec_load,
                                    SYS_process_vm_readv,
                                    SYS_pidfd_getfd,
                                    SYS_ioctl,
                                    SYS_chmod,
                                    SYS_symlinkat,
                                    SYS_open_by_handle_at};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        for (size_t j = 0; j < ARRAY_LEN(dangerous); j++) {
            number = dangerous[j];
            expect_death(roles[i], call_by_number, "make a dangerous call");
        }
}

/* Opening is refused and does not kill: malloc looks at a file of /proc when it shrinks. */
static int open_a_file(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES ? HELD : LET_THROUGH;
}

static int remove_a_file(void)
{
    (void)unlinkat(AT_FDCWD, "/nothing", 0);
    return LET_THROUGH;
}

static int sync_a_file(void)
{
    (void)fdatasync(0);
    return LET_THROUGH;
}

static void edge_and_keeper_open_no_file(void **state)
{
    static const enum ipc_role without[] = {ROLE_ID_EDGE, ROLE_ID_KEEPER};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(without); i++) {
        int status = behind(without[i], open_a_file);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), HELD);
        expect_death(without[i], remove_a_file, "remove a file");
    }
    expect_death(ROLE_ID_EDGE, sync_a_file, "write to a disk");
}

static int accept_somebody(void)
{
    (void)accept4(0, NULL, NULL, SOCK_CLOEXEC);
    return LET_THROUGH;
}

static void keeper_and_compiler_take_no_connection(void **state)
{
    (void)state;
    expect_death(ROLE_ID_KEEPER, accept_somebody, "accept");
    expect_death(ROLE_ID_COMPILER, accept_somebody, "accept");
}

static int work(void)
{
    uint8_t *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED && write(STDERR_FILENO, "", 0) == 0 && munmap(p, 4096) == 0
               ? HELD
               : LET_THROUGH;
}

static void every_role_has_memory_and_its_log(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        int status = behind(roles[i], work);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), HELD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_role_starts_calls_traces_or_signals_anybody),
        cmocka_unit_test(no_role_makes_code),
        cmocka_unit_test(no_role_reaches_the_rest_of_the_kernel),
        cmocka_unit_test(edge_and_keeper_open_no_file),
        cmocka_unit_test(keeper_and_compiler_take_no_connection),
        cmocka_unit_test(every_role_has_memory_and_its_log)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
