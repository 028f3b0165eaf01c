#include "process/files.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
    return unsetenv("LISTEN_PID") == 0 && unsetenv("LISTEN_FDS") == 0 &&
                   unsetenv("LISTEN_FDNAMES") == 0
               ? 0
               : -1;
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
    return files_open(&desk->settings, GIFT_LISTENER, NULL);
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

static void where_a_socket_is_reached_is_told_with_its_port(void **state)
{
    const int one = 1;
    const struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    char four[FILES_ADDRESS], six[FILES_ADDRESS];
    int fd = open_listener(state);
    files_listener_address(fd, four);
    assert_memory_equal(four, "127.0.0.1:", strlen("127.0.0.1:"));
    assert_true(atoi(four + strlen("127.0.0.1:")) > 0);
    (void)close(fd);
    files_listener_address(fd, four);
    assert_string_equal(four, "?");
    fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0 ||
        bind(fd, (const struct sockaddr *)&any, sizeof any) != 0)
        skip(); /* a system without IPv6 */
    files_listener_address(fd, six);
    assert_memory_equal(six, "[::]:", strlen("[::]:"));
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

static int open_console_listener(void **state)
{
    const struct desk *desk = *state;
    return files_open(&desk->settings, GIFT_CONSOLE_LISTENER, NULL);
}

static void call_them(const char *names)
{
    assert_int_equal(setenv("LISTEN_FDNAMES", names, 1), 0);
}

static void the_consoles_socket_is_known_by_its_name(void **state)
{
    say_for((long)getpid(), "1");
    assert_int_equal(open_console_listener(state), -1); /* it has no name, and is the edge's */
    call_them("console");
    assert_int_equal(open_console_listener(state), HANDED_OVER);
    assert_true((fcntl(HANDED_OVER, F_GETFL) & O_NONBLOCK) != 0);
    int own = open_listener(state); /* the edge takes none that is the console's */
    assert_true(own >= 0 && own != HANDED_OVER);
    (void)close(own);
    call_them("fedgate.socket");
    assert_int_equal(open_console_listener(state), -1);
    assert_int_equal(open_listener(state), HANDED_OVER);
}

static void of_two_sockets_each_goes_where_its_name_says(void **state)
{
    say_for((long)getpid(), "2");
    int before = fcntl(HANDED_OVER + 1, F_DUPFD_CLOEXEC, 10);
    assert_int_equal(dup2(HANDED_OVER, HANDED_OVER + 1), HANDED_OVER + 1);
    call_them("console:fedgate.socket");
    assert_int_equal(open_console_listener(state), HANDED_OVER);
    assert_int_equal(open_listener(state), HANDED_OVER + 1);
    call_them("fedgate.socket:console");
    assert_int_equal(open_console_listener(state), HANDED_OVER + 1);
    assert_int_equal(open_listener(state), HANDED_OVER);
    call_them("fedgate.socket");
    assert_int_equal(open_listener(state), HANDED_OVER);
    if (before >= 0)
        (void)dup2(before, HANDED_OVER + 1);
    (void)close(before >= 0 ? before : HANDED_OVER + 1);
}

/* Nobody is asked for a certificate there. */
static void metrics_are_listened_for_on_this_machine_alone(void **state)
{
    struct desk *desk = *state;
    static const char *const good[] = {"127.0.0.1:0", "[::1]:0"}, *const bad[] = {"0.0.0.0:0",
                                                                                  "[::]:0"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        (void)snprintf(desk->settings.metrics_listen, SETTINGS_TEXT, "%s", good[i]);
        int fd = files_open(&desk->settings, GIFT_METRICS_LISTENER, NULL);
        assert_true(fd >= 0 || (i == 1 && errno == EADDRNOTAVAIL)); /* without IPv6 */
        (void)close(fd);
        (void)snprintf(desk->settings.metrics_listen, SETTINGS_TEXT, "%s", bad[i]);
        assert_int_equal(files_open(&desk->settings, GIFT_METRICS_LISTENER, NULL), -1);
    }
}

static void the_metrics_socket_is_known_by_its_name_and_is_of_this_machine(void **state)
{
    struct desk *desk = *state;
    const struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    (void)snprintf(desk->settings.metrics_listen, SETTINGS_TEXT, "127.0.0.1:0");
    say_for((long)getpid(), "1");
    call_them("metrics");
    int own = open_listener(state); /* the edge takes none that is theirs */
    assert_true(own >= 0 && own != HANDED_OVER);
    (void)close(own);
    /* what was handed over listens on all addresses */
    assert_int_equal(files_open(&desk->settings, GIFT_METRICS_LISTENER, NULL), -1);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(fd, 1), 0);
    if (fd != HANDED_OVER) {
        assert_int_equal(dup2(fd, HANDED_OVER), HANDED_OVER);
        (void)close(fd);
    }
    assert_int_equal(files_open(&desk->settings, GIFT_METRICS_LISTENER, NULL), HANDED_OVER);
}

/* ---- files with secrets */

/* A key folder, a TLS key, and what the log says. */
struct keys {
    struct settings settings;
    struct log log;
    int log_fd; /* the end that is read */
};

static const enum ipc_gift secrets[] = {GIFT_TLS_KEY, GIFT_LOG_KEY, GIFT_MASTER_KEY,
                                        GIFT_WRAPPING_SECRET, GIFT_CONSOLE_KEY};

static const char *path_of(const struct keys *k, enum ipc_gift gift)
{
    static char path[SETTINGS_TEXT + 32];
    if (gift == GIFT_TLS_KEY)
        return k->settings.tls_key;
    if (gift == GIFT_CONSOLE_KEY)
        return k->settings.console_key;
    (void)snprintf(path, sizeof path, "%s/%s", k->settings.key_folder,
                   gift == GIFT_LOG_KEY      ? "log.key"
                   : gift == GIFT_MASTER_KEY ? "master.key"
                                             : "wrapping.secret");
    return path;
}

static int make_keys(void **state)
{
    static struct keys k;
    int log[2];
    k = (struct keys){0};
    (void)snprintf(k.settings.key_folder, SETTINGS_TEXT, "/tmp/fedgate-keys-XXXXXX");
    if (mkdtemp(k.settings.key_folder) == NULL || pipe2(log, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    (void)snprintf(k.settings.tls_key, SETTINGS_TEXT, "%.*s/tls.key", SETTINGS_TEXT - 32,
                   k.settings.key_folder);
    (void)snprintf(k.settings.console_key, SETTINGS_TEXT, "%.*s/console.key", SETTINGS_TEXT - 32,
                   k.settings.key_folder);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        int fd = open(path_of(&k, secrets[i]), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return -1;
        (void)close(fd);
    }
    k.log = (struct log){
        .role = "supervisor", .fd = log[1], .least = LOG_NOTE, .clock = clock_system()};
    k.log_fd = log[0];
    *state = &k;
    return 0;
}

static int remove_keys(void **state)
{
    const struct keys *k = *state;
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        (void)unlink(path_of(k, secrets[i]));
    (void)close(k->log.fd);
    (void)close(k->log_fd);
    return rmdir(k->settings.key_folder);
}

static void expect_opened(const struct keys *k, enum ipc_gift gift)
{
    int fd = files_open(&k->settings, gift, &k->log);
    assert_true(fd >= 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    (void)close(fd);
}

/* One line that holds all of these words. */
static void expect_refused(const struct keys *k, enum ipc_gift gift, const char *event,
                           const char *why)
{
    char line[2048];
    assert_int_equal(files_open(&k->settings, gift, &k->log), -1);
    ssize_t n = read(k->log_fd, line, sizeof line - 1);
    assert_true(n > 0);
    line[n] = '\0';
    assert_non_null(strstr(line, event));
    assert_non_null(strstr(line, path_of(k, gift)));
    assert_non_null(strstr(line, why));
    assert_ptr_equal(strchr(line, '\n'), line + n - 1);
}

static void a_key_file_that_only_its_owner_may_use_is_opened(void **state)
{
    const struct keys *k = *state;
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        expect_opened(k, secrets[i]);
        if (secrets[i] == GIFT_WRAPPING_SECRET)
            continue; /* it is written, too */
        assert_int_equal(chmod(path_of(k, secrets[i]), 0400), 0);
        expect_opened(k, secrets[i]);
    }
}

static void a_key_file_that_group_or_others_may_use_is_refused_by_name(void **state)
{
    static const mode_t mode[] = {0640, 0604, 0660, 0602, 0620, 0610, 0601};
    const struct keys *k = *state;
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        for (size_t j = 0; j < ARRAY_LEN(mode); j++) {
            assert_int_equal(chmod(path_of(k, secrets[i]), mode[j]), 0);
            expect_refused(k, secrets[i], "key-file-exposed", "group or others may use it");
        }
        assert_int_equal(chmod(path_of(k, secrets[i]), 0600), 0);
        expect_opened(k, secrets[i]);
    }
}

static void a_key_file_of_another_user_is_refused(void **state)
{
    const struct keys *k = *state;
    if (geteuid() != 0)
        skip(); /* nobody else can give files away */
    assert_int_equal(chown(path_of(k, GIFT_LOG_KEY), 12345, (gid_t)-1), 0);
    expect_refused(k, GIFT_LOG_KEY, "key-file-exposed", "belongs to another user");
}

static void what_is_no_file_holds_no_key(void **state)
{
    const struct keys *k = *state;
    const char *path = path_of(k, GIFT_MASTER_KEY);
    assert_int_equal(unlink(path), 0);
    expect_refused(k, GIFT_MASTER_KEY, "cannot-open", "No such file");
    assert_int_equal(symlink("log.key", path), 0);
    expect_refused(k, GIFT_MASTER_KEY, "cannot-open", "symbolic link");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refused(k, GIFT_MASTER_KEY, "key-file-exposed", "no regular file");
    assert_int_equal(rmdir(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_file_that_only_its_owner_may_use_is_opened, make_keys,
                                        remove_keys),
        cmocka_unit_test_setup_teardown(a_key_file_that_group_or_others_may_use_is_refused_by_name,
                                        make_keys, remove_keys),
        cmocka_unit_test_setup_teardown(a_key_file_of_another_user_is_refused, make_keys,
                                        remove_keys),
        cmocka_unit_test_setup_teardown(what_is_no_file_holds_no_key, make_keys, remove_keys),
        cmocka_unit_test_setup_teardown(a_socket_handed_over_does_not_block, hand_over, take_back),
        cmocka_unit_test_setup_teardown(where_a_socket_is_reached_is_told_with_its_port, hand_over,
                                        take_back),
        cmocka_unit_test_setup_teardown(a_socket_for_another_process_is_left_alone, hand_over,
                                        take_back),
        cmocka_unit_test_setup_teardown(more_than_one_socket_is_not_what_this_program_takes,
                                        hand_over, take_back),
        cmocka_unit_test_setup_teardown(the_consoles_socket_is_known_by_its_name, hand_over,
                                        take_back),
        cmocka_unit_test_setup_teardown(metrics_are_listened_for_on_this_machine_alone, hand_over,
                                        take_back),
        cmocka_unit_test_setup_teardown(
            the_metrics_socket_is_known_by_its_name_and_is_of_this_machine, hand_over, take_back),
        cmocka_unit_test_setup_teardown(of_two_sockets_each_goes_where_its_name_says, hand_over,
                                        take_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
