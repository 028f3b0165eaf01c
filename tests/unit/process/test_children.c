/* Roles that end, on a clock that the test turns: real processes, of a program that ends at once.
 */
#include "process/children.h"

#include <fcntl.h>
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

#include "program.h"

static int64_t now_us;
static int64_t read_clock(void *arg)
{
    (void)arg;
    return now_us;
}

struct house {
    struct settings settings;
    struct log log;
    int log_fds[2], nothing;
    struct children *roles;
};

static void open_house(struct house *h, const char *program)
{
    now_us = US_PER_MINUTE;
    memset(&h->settings, 0, sizeof h->settings);
    assert_int_equal(pipe2(h->log_fds, O_CLOEXEC | O_NONBLOCK), 0);
    h->nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    h->log = (struct log){.role = "supervisor",
                          .fd = h->log_fds[1],
                          .least = LOG_NOTE,
                          .clock = {.wall = read_clock, .steady = read_clock}};
    h->roles = children_new(program, &h->settings, &h->log);
    for (unsigned gift = 0; gift < GIFT_COUNT; gift++)
        children_lend(h->roles, (enum ipc_gift)gift, h->nothing);
}

static void close_house(struct house *h)
{
    children_free(h->roles);
    (void)close(h->log_fds[0]);
    (void)close(h->log_fds[1]);
    (void)close(h->nothing);
}

/* The ends are taken as they come; then time goes on, and who is due is started again. */
static void let_end(struct house *h, int64_t after_us)
{
    siginfo_t who;
    while (children_pid(h->roles, ROLE_ID_KEEPER) != 0 ||
           children_pid(h->roles, ROLE_ID_LEDGER) != 0) {
        assert_int_equal(waitid(P_ALL, 0, &who, WEXITED | WNOWAIT), 0);
        now_us += after_us;
        after_us = 0;
        (void)children_reap(h->roles);
    }
    now_us += US_PER_S;
    children_turn(h->roles);
}

/* What the log has said since this was called last. */
static const char *all_told(struct house *h)
{
    static char said[65536];
    ssize_t n = read(h->log_fds[0], said, sizeof said - 1);
    said[n < 0 ? 0 : n] = '\0';
    return said;
}

static void a_role_that_never_runs_ends_the_gateway_and_says_so(void **state)
{
    struct house h;
    unsigned turns = 0;
    (void)state;
    open_house(&h, "/bin/false");
    assert_true(children_start(h.roles));
    while (!children_gave_up(h.roles) && turns < 100) {
        let_end(&h, 0);
        turns++;
    }
    assert_in_range(turns, 15, 25);
    const char *told = all_told(&h);
    assert_non_null(strstr(told, "crash-loop"));
    /* Ever later, up to a second. */
    static const char ended[] = "role=keeper exit=1 restart_in_ms=";
    static const char *const later[] = {"100\n", "200\n", "400\n", "800\n", "1000\n", "1000\n"};
    for (size_t i = 0; i < ARRAY_LEN(later); i++) {
        told = strstr(told, ended);
        assert_non_null(told);
        told += strlen(ended);
        assert_int_equal(strncmp(told, later[i], strlen(later[i])), 0);
    }
    let_end(&h, 0);
    close_house(&h);
}

static void a_role_that_ends_now_and_then_is_started_again_for_ever(void **state)
{
    struct house h;
    (void)state;
    open_house(&h, "/bin/false");
    assert_true(children_start(h.roles));
    for (unsigned i = 0; i < 40; i++)
        let_end(&h, 20 * US_PER_S);
    assert_false(children_gave_up(h.roles));
    const char *told = all_told(&h);
    assert_non_null(strstr(told, "role-ended"));
    assert_non_null(strstr(told, "restart_in_ms=100\n"));
    assert_null(strstr(told, "restart_in_ms=200\n")); /* it was well before each */
    let_end(&h, 0);
    close_house(&h);
}

/* ---- the console */

/* A program of which every role stays but this one. */
static const char *program_without_console(char path[64])
{
    static const char text[] = "#!/bin/sh\n"
                               "[ \"$1\" = --role=console ] && exit 1\n"
                               "exec sleep 1000\n";
    program_write(path, text);
    return path;
}

static void let_console_end(struct house *h)
{
    siginfo_t who;
    while (children_pid(h->roles, ROLE_ID_CONSOLE) != 0) {
        assert_int_equal(waitid(P_ALL, 0, &who, WEXITED | WNOWAIT), 0);
        (void)children_reap(h->roles);
    }
    now_us += US_PER_S;
    children_turn(h->roles);
}

static void a_console_that_never_runs_stays_down_and_the_others_go_on(void **state)
{
    static const enum ipc_role others[] = {ROLE_ID_KEEPER, ROLE_ID_LEDGER, ROLE_ID_EDGE};
    struct house h;
    char path[64];
    unsigned turns = 0;
    (void)state;
    open_house(&h, program_without_console(path));
    assert_true(children_start(h.roles) && children_start_edge(h.roles));
    for (; children_pid(h.roles, ROLE_ID_CONSOLE) != 0 && turns < 100; turns++)
        let_console_end(&h);
    assert_in_range(turns, 15, 25);
    assert_non_null(strstr(all_told(&h), "console-down"));
    assert_false(children_gave_up(h.roles));
    now_us += US_PER_MINUTE;
    children_turn(h.roles);
    assert_int_equal(children_pid(h.roles, ROLE_ID_CONSOLE), 0);
    children_start_console(h.roles); /* once more: as often as at first */
    for (turns = 0; children_pid(h.roles, ROLE_ID_CONSOLE) != 0 && turns < 100; turns++)
        let_console_end(&h);
    assert_in_range(turns, 15, 25);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        const pid_t pid = children_pid(h.roles, others[i]);
        assert_true(pid > 0 && kill(pid, SIGKILL) == 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    }
    close_house(&h);
    (void)unlink(path);
}

static void without_a_socket_for_it_there_is_no_console(void **state)
{
    struct house h;
    (void)state;
    open_house(&h, "/bin/false");
    children_lend(h.roles, GIFT_CONSOLE_LISTENER, -1);
    assert_true(children_start(h.roles) && children_start_edge(h.roles));
    children_start_console(h.roles);
    assert_int_equal(children_pid(h.roles, ROLE_ID_CONSOLE), 0);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    close_house(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_that_never_runs_ends_the_gateway_and_says_so),
        cmocka_unit_test(a_role_that_ends_now_and_then_is_started_again_for_ever),
        cmocka_unit_test(a_console_that_never_runs_stays_down_and_the_others_go_on),
        cmocka_unit_test(without_a_socket_for_it_there_is_no_console)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
