/* What a role cannot do any more behind its door, each tried in a child of its own: the kernel ends
 * it. The sanitizers' builds have no filter, and skip. */
#include "base/turns.h"
#include "process/role.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { HELD = 20, LET_THROUGH, NOT_ENTERED, NO_FILTER };

/* All that there are: a new one is tried as well. */
static const enum ipc_role roles[] = {
#define ROLE(NAME, word, does, has, never) ROLE_ID_##NAME,
#include "process/roles.def"
};

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

static void expect_end(enum ipc_role role, int (*attempt)(void), int code)
{
    int status = behind(role, attempt);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
        fail_msg("%s: status %d instead of exit %d", ipc_role_name(role), status, code);
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

static int family;
static int open_a_socket(void)
{
    (void)socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
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

static int show_its_memory(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
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

/* Its own turns on a processor are a thread's business (base/turns.h), nobody else's. */
static int hold_up_its_parent(void)
{
    (void)syscall(SYS_sched_setattr, getppid(), NULL, 0);
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
    static const int families[] = {AF_UNIX,   AF_INET, AF_INET6, AF_NETLINK,
                                   AF_PACKET, AF_ALG,  AF_VSOCK};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        expect_death(roles[i], start_a_program, "start a program");
        expect_death(roles[i], become_two, "fork");
        for (size_t k = 0; k < ARRAY_LEN(families); k++) {
            family = families[k];
            expect_death(roles[i], open_a_socket, "open a socket");
        }
        expect_death(roles[i], call_somebody, "connect");
        expect_death(roles[i], trace_its_parent, "trace");
        expect_death(roles[i], signal_its_parent, "signal");
        expect_death(roles[i], show_its_memory, "let itself be traced");
        expect_death(roles[i], hold_up_its_parent, "say how others are scheduled");
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
                                    SYS_io_uring_enter,
                                    SYS_io_uring_register,
                                    SYS_execveat,
                                    SYS_pkey_mprotect,
                                    SYS_shmat,
                                    SYS_personality,
                                    SYS_socketpair,
                                    SYS_bind,
                                    SYS_listen,
                                    SYS_tkill,
                                    SYS_pidfd_send_signal,
                                    SYS_process_vm_writev,
                                    SYS_seccomp,
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

/* ---- what one group of calls or another permits */

static int remove_a_file(void)
{
    (void)unlinkat(AT_FDCWD, "/nothing", 0);
    return LET_THROUGH;
}

static int sync_a_file(void)
{
    (void)fdatasync(-1);
    return LET_THROUGH;
}

static int cut_a_file(void)
{
    (void)!ftruncate(-1, 0);
    return LET_THROUGH;
}

static int read_a_file_somewhere(void)
{
    uint8_t room[1];
    (void)!pread(-1, room, sizeof room, 0);
    return LET_THROUGH;
}

static int list_a_folder(void)
{
    (void)syscall(SYS_getdents64, -1, NULL, 0);
    return LET_THROUGH;
}

static int accept_somebody(void)
{
    (void)accept4(-1, NULL, NULL, SOCK_CLOEXEC);
    return LET_THROUGH;
}

static int wait_for_events(void)
{
    (void)epoll_create1(EPOLL_CLOEXEC);
    return LET_THROUGH;
}

static int make_a_block(void)
{
    (void)memfd_create("block", MFD_CLOEXEC);
    return LET_THROUGH;
}

static int name_a_thread(void)
{
    (void)prctl(PR_SET_NAME, "thread", 0, 0, 0);
    return LET_THROUGH;
}

static int give_way(void)
{
    return turns_give_way() ? HELD : LET_THROUGH;
}

static void the_edges_door_may_give_way(void **state)
{
    (void)state;
    expect_end(ROLE_ID_EDGE, give_way, HELD);
}

static void a_role_without_the_group_of_a_call_dies_of_it_and_one_with_it_does_not(void **state)
{
    static const struct {
        int (*attempt)(void);
        unsigned groups; /* each of which permits it */
        const char *what;
    } table[] = {
        {remove_a_file, SANDBOX_WRITE, "remove a file"},
        {sync_a_file, SANDBOX_WRITE | SANDBOX_SLOT | SANDBOX_INDEX, "write to a disk"},
        {cut_a_file, SANDBOX_WRITE | SANDBOX_INDEX | SANDBOX_BLOCK, "cut a file"},
        {read_a_file_somewhere, SANDBOX_READ | SANDBOX_SLOT | SANDBOX_INDEX, "read within a file"},
        {list_a_folder, SANDBOX_READ, "list a folder"},
        {accept_somebody, SANDBOX_ACCEPT, "accept"},
        {wait_for_events, SANDBOX_LOOP, "wait for events"},
        {make_a_block, SANDBOX_BLOCK, "make a file of memory"},
        {name_a_thread, SANDBOX_THREADS, "name a thread"}};
    unsigned groups = SANDBOX_BASE;
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(table); k++) {
        groups |= table[k].groups;
        for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
            if ((role_calls(roles[i]) & table[k].groups) == 0)
                expect_death(roles[i], table[k].attempt, table[k].what);
            else
                expect_end(roles[i], table[k].attempt, LET_THROUGH);
        }
    }
    assert_int_equal(groups, (1U << SANDBOX_GROUPS) - 1); /* of every group something is tried */
}

/* ---- what is the security argument, whatever the table says */

/* Opening is refused and does not kill: malloc looks at a file of /proc when it shrinks. */
static int open_a_file(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES ? HELD : LET_THROUGH;
}

static void edge_and_keeper_open_no_file(void **state)
{
    static const enum ipc_role without[] = {ROLE_ID_EDGE, ROLE_ID_KEEPER};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(without); i++) {
        expect_end(without[i], open_a_file, HELD);
        expect_death(without[i], remove_a_file, "remove a file");
    }
    expect_death(ROLE_ID_EDGE, sync_a_file, "write to a disk");
}

static void the_console_makes_and_removes_no_file_and_has_no_thread(void **state)
{
    (void)state;
    expect_death(ROLE_ID_CONSOLE, remove_a_file, "remove a file");
    expect_death(ROLE_ID_CONSOLE, make_a_block, "make a file of memory");
    expect_death(ROLE_ID_CONSOLE, name_a_thread, "name a thread");
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
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        expect_end(roles[i], work, HELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_role_starts_calls_traces_or_signals_anybody),
        cmocka_unit_test(no_role_makes_code),
        cmocka_unit_test(no_role_reaches_the_rest_of_the_kernel),
        cmocka_unit_test(a_role_without_the_group_of_a_call_dies_of_it_and_one_with_it_does_not),
        cmocka_unit_test(the_edges_door_may_give_way),
        cmocka_unit_test(edge_and_keeper_open_no_file),
        cmocka_unit_test(the_console_makes_and_removes_no_file_and_has_no_thread),
        cmocka_unit_test(keeper_and_compiler_take_no_connection),
        cmocka_unit_test(every_role_has_memory_and_its_log)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
