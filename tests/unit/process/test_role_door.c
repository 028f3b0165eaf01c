/* The door as each role closes it, with the folders that roles.def gives it: which files it reaches
 * then. Each in a child of its own, for there is no way back. */
#include "process/role.h"

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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { HELD = 20, LET_THROUGH, SHUT_OUT, NOT_CLOSED, NO_LANDLOCK };
enum { READ, WRITE };

static const enum ipc_role roles[] = {
#define ROLE(NAME, word, does, has, never) ROLE_ID_##NAME,
#include "process/roles.def"
};

static const struct {
    enum ipc_role role;
    enum ipc_gift gift;
    int mode;
} folders[] = {
#define FOLDER(NAME, gift, mode) {ROLE_ID_##NAME, GIFT_##gift, mode},
#include "process/roles.def"
};

/* A folder with one that is handed to a role and one that is not; a file in each. */
static char house[] = "/tmp/fedgate-door-XXXXXX";
static int own, others;

static int make_folder(int house_fd, const char *name)
{
    if (mkdirat(house_fd, name, 0700) != 0)
        return -1;
    int fd = openat(house_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    (void)close(file);
    return file < 0 ? -1 : fd;
}

static int build(void **state)
{
    (void)state;
    memcpy(house + sizeof house - 7, "XXXXXX", 6);
    if (mkdtemp(house) == NULL)
        return -1;
    int fd = open(house, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    own = make_folder(fd, "own");
    others = make_folder(fd, "others");
    (void)close(fd);
    return own < 0 || others < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    static const char *const name[] = {"own", "others"};
    const int folder[] = {own, others};
    (void)state;
    int fd = open(house, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < ARRAY_LEN(folder); i++) {
        (void)unlinkat(folder[i], "file", 0);
        (void)unlinkat(folder[i], "new", 0);
        (void)close(folder[i]);
        (void)unlinkat(fd, name[i], AT_REMOVEDIR);
    }
    (void)close(fd);
    return rmdir(house);
}

/* A role as it is behind role_begin, with these of its folders; `gift` GIFT_COUNT: all of them. */
static void be_role(struct role *r, enum ipc_role id, unsigned gift, int fd)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        _exit(NOT_CLOSED);
    *r = (struct role){.id = id,
                       .control = channel_new(pair[0], id, ROLE_ID_SUPERVISOR),
                       .log = {.fd = -1, .clock = clock_system()}};
    for (size_t i = 0; i < GIFT_COUNT; i++)
        r->gift[i] = -1;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (folders[i].role == id && (gift == GIFT_COUNT || folders[i].gift == gift))
            r->gift[folders[i].gift] = fd;
}

/* How a child ends that tries something behind the door of a role. */
static int behind(enum ipc_role id, unsigned gift, int (*attempt)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct role r;
        if (sandbox_landlock() == 0)
            _exit(NO_LANDLOCK);
        be_role(&r, id, gift, own);
        if (sandbox_hide() != RESULT_OK || role_close_door(&r) != RESULT_OK)
            _exit(NOT_CLOSED);
        _exit(attempt());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_LANDLOCK)
        skip(); /* this kernel has nothing to test */
    return status;
}

static bool dies(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool is_denied(int result)
{
    return result < 0 && errno == EACCES;
}

/* ---- within */

static int work_there(void)
{
    if (openat(own, "file", O_RDONLY | O_CLOEXEC) < 0)
        return SHUT_OUT;
    const bool writes = openat(own, "file", O_WRONLY | O_CLOEXEC) >= 0,
               makes = openat(own, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
    return writes && makes ? LET_THROUGH : writes || makes ? SHUT_OUT : HELD;
}

static void each_folder_is_read_or_written_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        int status = behind(folders[i].role, folders[i].gift, work_there);
        if (!WIFEXITED(status) ||
            WEXITSTATUS(status) != (folders[i].mode == WRITE ? LET_THROUGH : HELD))
            fail_msg("%s, %s: status %d", ipc_role_name(folders[i].role),
                     ipc_gift_name(folders[i].gift), status);
        (void)unlinkat(own, "new", 0);
    }
}

/* ---- without: every role, with all that it may have */

static int read_elsewhere(void)
{
    return is_denied(openat(others, "file", O_RDONLY | O_CLOEXEC)) &&
                   is_denied(openat(own, "../others/file", O_RDONLY | O_CLOEXEC)) &&
                   is_denied(open("/etc/passwd", O_RDONLY | O_CLOEXEC)) &&
                   is_denied(open("/proc/self/mem", O_RDWR | O_CLOEXEC)) &&
                   is_denied(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
               ? HELD
               : LET_THROUGH;
}

static int write_elsewhere(void)
{
    return is_denied(openat(others, "file", O_WRONLY | O_CLOEXEC)) &&
                   is_denied(openat(others, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) &&
                   is_denied(openat(AT_FDCWD, "/tmp/fedgate-new", O_WRONLY | O_CREAT, 0600))
               ? HELD
               : LET_THROUGH;
}

static int remove_elsewhere(void)
{
    return is_denied(unlinkat(others, "file", 0)) ? HELD : LET_THROUGH;
}

static int move_elsewhere(void)
{
    return renameat(own, "file", others, "new") < 0 ? HELD : LET_THROUGH;
}

static int make_a_folder_elsewhere(void)
{
    return is_denied(mkdirat(others, "new", 0700)) ? HELD : LET_THROUGH;
}

/* Landlock refuses it, or the filter ends who tries. */
static void nothing_else_is_reached_by_any_role(void **state)
{
    static const struct {
        int (*attempt)(void);
        const char *what;
    } table[] = {{read_elsewhere, "read elsewhere"},
                 {write_elsewhere, "write elsewhere"},
                 {remove_elsewhere, "remove elsewhere"},
                 {move_elsewhere, "move a file elsewhere"},
                 {make_a_folder_elsewhere, "make a folder elsewhere"}};
    struct stat st;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        for (size_t k = 0; k < ARRAY_LEN(table); k++) {
            int status = behind(roles[i], GIFT_COUNT, table[k].attempt);
            if (!dies(status) && !(WIFEXITED(status) && WEXITSTATUS(status) == HELD))
                fail_msg("%s may %s: status %d", ipc_role_name(roles[i]), table[k].what, status);
        }
    assert_int_equal(fstatat(own, "file", &st, 0), 0);
    assert_int_equal(fstatat(others, "file", &st, 0), 0);
    assert_int_equal(fstatat(others, "new", &st, 0), -1);
}

/* ---- a door that does not close */

/* A gift that is no folder cannot be given a rule: nothing is said to the supervisor then, which
 * starts the role again. */
static void a_role_whose_door_does_not_close_is_not_ready(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        int status, pipes[2];
        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        pid_t pid = fork();
        if (pid == 0) {
            struct role r;
            if (sandbox_landlock() == 0)
                _exit(NO_LANDLOCK);
            be_role(&r, folders[i].role, folders[i].gift, pipes[0]);
            _exit(sandbox_hide() == RESULT_OK && role_close_door(&r) == RESULT_IO &&
                          channel_queued(r.control) == 0
                      ? HELD
                      : LET_THROUGH);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        (void)close(pipes[0]);
        (void)close(pipes[1]);
        if (WIFEXITED(status) && WEXITSTATUS(status) == NO_LANDLOCK)
            skip();
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), HELD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_folder_is_read_or_written_as_the_table_says, build,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_else_is_reached_by_any_role, build, tear_down),
        cmocka_unit_test_setup_teardown(a_role_whose_door_does_not_close_is_not_ready, build,
                                        tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
