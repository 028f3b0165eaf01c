/* What the supervisor makes of roles that end at a bad moment: its turns, over processes that only
 * wait. */
#include "process/supervisor_state.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

/* A child of each role keeps the channel open for a while after its role has ended. */
static void write_program(char path[64])
{
    static const char text[] = "#!/bin/sh\n"
                               "sleep 5 &\n"
                               ": > \"$0$1\"\n"
                               "exec sleep 1000\n";
    program_write(path, text);
}

/* Until the child is there, whose mark goes. */
static void wait_for_child(const char *program, enum ipc_role role)
{
    char mark[128];
    (void)snprintf(mark, sizeof mark, "%s--role=%s", program, ipc_role_name(role));
    for (unsigned i = 0; unlink(mark) != 0; i++) {
        assert_true(i < 10000);
        (void)usleep(1000);
    }
}

struct office {
    struct supervisor s;
    char program[64];
    int nothing;
};

static int signals_of_ends(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Its roles run, and a set is in force. */
static int open_office(void **state)
{
    static struct office o;
    struct supervisor *s = &o.s;
    write_program(o.program);
    o.nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    supervisor_begin(s, o.program, "");
    s->log.fd = s->snapshot_fd = o.nothing;
    manager_begin(&s->manager, &s->log);
    s->signals = signals_of_ends();
    s->roles = children_new(o.program, &s->settings, &s->log);
    for (unsigned gift = 0; gift < GIFT_COUNT; gift++)
        children_lend(s->roles, (enum ipc_gift)gift, o.nothing);
    assert_true(children_start(s->roles));
    wait_for_child(o.program, ROLE_ID_KEEPER);
    wait_for_child(o.program, ROLE_ID_LEDGER);
    *state = &o;
    return 0;
}

static int close_office(void **state)
{
    struct office *o = *state;
    for (unsigned i = 0; i < ROLE_ID_COUNT; i++) {
        const pid_t pid = children_pid(o->s.roles, (enum ipc_role)i);
        if (pid > 0 && kill(pid, SIGKILL) == 0)
            (void)waitpid(pid, NULL, 0);
    }
    children_free(o->s.roles);
    buf_free(&o->s.claim);
    buf_free(&o->s.in_force);
    manager_end(&o->s.manager);
    (void)close(o->s.signals);
    (void)close(o->nothing);
    (void)unlink(o->program);
    return 0;
}

static void hear_of(struct supervisor *s, enum ipc_type type, const char *body)
{
    const struct channel_message m = {type, bytes_of_text(body), -1};
    supervisor_take(s, ROLE_ID_LEDGER, &m);
}

/* Its channel went with what was unread, and its end with it: the set was on trial for ever, and no
 * reload began any more. */
static void a_ledger_whose_channel_did_not_tell_of_its_end_ends_the_trial(void **state)
{
    struct supervisor *s = &((struct office *)*state)->s;
    hear_of(s, IPC_IN_FORCE, "one");
    s->trial = TRIAL_AT_LEDGER;
    const pid_t before = children_pid(s->roles, ROLE_ID_LEDGER);
    assert_int_equal(kill(before, SIGKILL), 0);
    for (unsigned i = 0; children_pid(s->roles, ROLE_ID_LEDGER) == before && i < 100; i++)
        supervisor_turn(s);
    assert_int_equal(s->trial, TRIAL_NONE);
    for (unsigned i = 0; children_channel(s->roles, ROLE_ID_LEDGER) == NULL && i < 100; i++)
        supervisor_turn(s);
    wait_for_child(s->program, ROLE_ID_LEDGER);
    assert_false(s->ledger_spoke); /* the next has not told what is in force */
}

/* It recorded the next one and ended before that was heard: the log said that one was in force, and
 * the edge decided by the one before. */
static void a_ledger_with_another_set_in_force_has_the_edge_reload(void **state)
{
    struct supervisor *s = &((struct office *)*state)->s;
    hear_of(s, IPC_IN_FORCE, "one");
    assert_false(s->reload_wanted);
    hear_of(s, IPC_IN_FORCE, "one");
    assert_false(s->reload_wanted); /* as after any other end of it */
    hear_of(s, IPC_IN_FORCE, "two");
    assert_true(s->reload_wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_ledger_whose_channel_did_not_tell_of_its_end_ends_the_trial, open_office,
            close_office),
        cmocka_unit_test_setup_teardown(a_ledger_with_another_set_in_force_has_the_edge_reload,
                                        open_office, close_office)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
