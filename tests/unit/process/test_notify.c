#include "process/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A service manager's end. */
struct desk {
    int fd;
    char name[64]; /* as NOTIFY_SOCKET has it */
};

static void listen_at(struct desk *d, const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    (void)snprintf(d->name, sizeof d->name, "%s", name);
    memcpy(at.sun_path, name, n);
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    d->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(d->fd >= 0);
    assert_int_equal(bind(d->fd, (const struct sockaddr *)&at,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
                     0);
    assert_int_equal(setenv("NOTIFY_SOCKET", d->name, 1), 0);
}

static void expect(const struct desk *d, const char *text)
{
    char got[256];
    ssize_t n = recv(d->fd, got, sizeof got, 0);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(got, text, strlen(text));
}

static void expect_nothing(const struct desk *d)
{
    char got[16];
    assert_int_equal(recv(d->fd, got, sizeof got, 0), -1);
}

static int without_environment(void **state)
{
    (void)state;
    return unsetenv("NOTIFY_SOCKET") | unsetenv("WATCHDOG_USEC") | unsetenv("WATCHDOG_PID");
}

static void watch(const char *us, long pid)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%ld", pid);
    assert_int_equal(setenv("WATCHDOG_USEC", us, 1), 0);
    assert_int_equal(setenv("WATCHDOG_PID", text, 1), 0);
}

static void what_is_told_comes_whole_to_a_socket_with_a_path(void **state)
{
    struct desk d;
    char name[] = "/tmp/fedgate-notify-XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(name));
    (void)snprintf(path, sizeof path, "%s/socket", name);
    listen_at(&d, path);
    struct notify n = notify_from_environment();
    notify_send(&n, "READY=%d\nSTATUS=%s", 1, "in service");
    expect(&d, "READY=1\nSTATUS=in service");
    notify_close(&n);
    notify_send(&n, "READY=1");
    expect_nothing(&d);
    (void)close(d.fd);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(name), 0);
}

static void and_to_one_without(void **state)
{
    struct desk d;
    char name[64];
    (void)state;
    (void)snprintf(name, sizeof name, "@fedgate-test-%ld", (long)getpid());
    listen_at(&d, name);
    struct notify n = notify_from_environment();
    notify_send(&n, "WATCHDOG=1");
    expect(&d, "WATCHDOG=1");
    notify_close(&n);
    (void)close(d.fd);
}

static void without_a_service_manager_nobody_is_told(void **state)
{
    static const char *const names[] = {"", "relative", "/", "@"};
    (void)state;
    watch("1000000", (long)getpid());
    struct notify n = notify_from_environment();
    assert_int_equal(n.fd, -1);
    assert_int_equal(n.watchdog_us, 0);
    notify_send(&n, "READY=1");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        n = notify_from_environment();
        assert_int_equal(n.fd, -1);
    }
}

static void a_name_too_long_for_a_socket_is_none(void **state)
{
    char name[sizeof((struct sockaddr_un *)0)->sun_path + 1];
    (void)state;
    memset(name, 'a', sizeof name - 1);
    name[0] = '@';
    name[sizeof name - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    struct notify n = notify_from_environment();
    assert_int_equal(n.fd, -1);
    name[sizeof name - 2] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    n = notify_from_environment();
    assert_true(n.fd >= 0);
    notify_close(&n);
}

static void a_watchdog_is_kept_if_it_is_meant_for_this_process(void **state)
{
    static const struct {
        const char *us;
        bool ours;
        int64_t expected;
    } cases[] = {{"30000000", true, 30000000},
                 {"30000000", false, 0},
                 {"", true, 0},
                 {"0", true, 0},
                 {"30 s", true, 0},
                 {"-5", true, 0},
                 {"99999999999999999999", true, 0}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", "@fedgate-test", 1), 0);
        watch(cases[i].us, (long)(cases[i].ours ? getpid() : getppid()));
        struct notify n = notify_from_environment();
        assert_int_equal(n.watchdog_us, cases[i].expected);
        notify_close(&n);
    }
}

static void roles_inherit_no_way_to_the_manager(void **state)
{
    (void)state;
    assert_int_equal(setenv("NOTIFY_SOCKET", "@fedgate-test", 1), 0);
    watch("30000000", (long)getpid());
    struct notify n = notify_from_environment();
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
    notify_close(&n);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, without_environment, without_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(what_is_told_comes_whole_to_a_socket_with_a_path),
                                       CASE(and_to_one_without),
                                       CASE(without_a_service_manager_nobody_is_told),
                                       CASE(a_name_too_long_for_a_socket_is_none),
                                       CASE(a_watchdog_is_kept_if_it_is_meant_for_this_process),
                                       CASE(roles_inherit_no_way_to_the_manager)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
