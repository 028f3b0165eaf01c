#include "process/files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { HANDED_OVER = 3 }; /* SD_LISTEN_FDS_START */

/* Descriptor 3 is ours for the time of a test. */
struct desk {
    struct settings settings;
    int before; /* what 3 was; -1: nothing */
};

static int hand_over(void **state)
{
    static struct desk desk;
    int fd;
    desk = (struct desk){.before = fcntl(HANDED_OVER, F_DUPFD_CLOEXEC, 10)};
    (void)snprintf(desk.settings.listen, sizeof desk.settings.listen, "127.0.0.1:0");
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || listen(fd, 1) != 0 || dup2(fd, HANDED_OVER) != HANDED_OVER)
        return -1;
    if (fd != HANDED_OVER)
        (void)close(fd);
    *state = &desk;
    return 0;
}

static int take_back(void **state)
{
    const struct desk *desk = *state;
    if (desk->before >= 0)
        (void)dup2(desk->before, HANDED_OVER);
    (void)close(desk->before >= 0 ? desk->before : HANDED_OVER);
    return unsetenv("LISTEN_PID") == 0 && unsetenv("LISTEN_FDS") == 0 ? 0 : -1;
}

static void say_for(long pid, const char *count)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%ld", pid);
    assert_int_equal(setenv("LISTEN_PID", text, 1), 0);
    assert_int_equal(setenv("LISTEN_FDS", count, 1), 0);
}

static int open_listener(void **state)
{
    const struct desk *desk = *state;
    char what[SETTINGS_TEXT];
    return files_open(&desk->settings, GIFT_LISTENER, what, sizeof what);
}

/* systemd's sockets block: the second accept of a turn made the edge wait for the next connection.
 */
static void a_socket_handed_over_does_not_block(void **state)
{
    say_for((long)getpid(), "1");
    assert_int_equal(open_listener(state), HANDED_OVER);
    assert_true((fcntl(HANDED_OVER, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(HANDED_OVER, F_GETFD) & FD_CLOEXEC) != 0);
}

static void expect_own_socket(void **state)
{
    int fd = open_listener(state);
    assert_true(fd >= 0 && fd != HANDED_OVER);
    assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_int_equal(fcntl(HANDED_OVER, F_GETFL) & O_NONBLOCK, 0);
    (void)close(fd);
}

static void a_socket_for_another_process_is_left_alone(void **state)
{
    expect_own_socket(state);
    say_for((long)getppid(), "1");
    expect_own_socket(state);
}

static void more_than_one_socket_is_not_what_this_program_takes(void **state)
{
    say_for((long)getpid(), "2");
    expect_own_socket(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_socket_handed_over_does_not_block, hand_over, take_back),
        cmocka_unit_test_setup_teardown(a_socket_for_another_process_is_left_alone, hand_over,
                                        take_back),
        cmocka_unit_test_setup_teardown(more_than_one_socket_is_not_what_this_program_takes,
                                        hand_over, take_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
