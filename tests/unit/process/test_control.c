#include "process/control.h"

#include "base/clock.h"
#include "ipc/control.h"
#include "process/files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

struct desk {
    char folder[64];
    struct settings settings;
    struct control *control;
    int64_t now_us;
    unsigned asked;
    enum result answer;         /* what the ledger returns */
    struct control_later later; /* with a ticket: it answers later */
};

static void desk_init(struct desk *d)
{
    *d = (struct desk){.folder = "/tmp/fedgate-control-XXXXXX"};
    assert_non_null(mkdtemp(d->folder));
    (void)snprintf(d->settings.data_folder, SETTINGS_TEXT, "%s", d->folder);
    (void)snprintf(d->settings.control_socket, SETTINGS_TEXT, "%s/control.sock", d->folder);
    int fd = files_open(&d->settings, GIFT_CONTROL, NULL);
    assert_true(fd >= 0);
    d->control = control_new(fd);
}

static void desk_free(struct desk *d)
{
    control_free(d->control);
    assert_int_equal(unlink(d->settings.control_socket), 0);
    assert_int_equal(rmdir(d->folder), 0);
}

static int connect_to(const struct desk *d)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%.100s", d->settings.control_socket);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    const struct timeval within = {.tv_sec = 5};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &within, sizeof within), 0);
    return fd;
}

/* Answers with the request, backwards enough to be told apart. */
static enum result answer(void *arg, struct bytes request, struct buf *out,
                          struct control_later *later)
{
    struct desk *d = arg;
    d->asked++;
    if (d->later.ticket != 0) {
        *later = d->later;
        return RESULT_AGAIN;
    }
    buf_text(out, "re:");
    buf_put(out, request.p, request.n);
    return d->answer;
}

static enum result hear(struct desk *d)
{
    struct pollfd p[CONTROL_POLLS];
    control_poll(d->control, p);
    assert_true(poll(p, CONTROL_POLLS, 0) >= 0);
    return control_hear(d->control, p, d->now_us, answer, d);
}

/* Enough turns for everything that is there. */
static void turns(struct desk *d)
{
    for (unsigned i = 0; i < 3 * CONTROL_CONNECTIONS; i++) {
        assert_int_equal(hear(d), RESULT_OK);
        control_flush(d->control);
    }
}

static void say(int fd, const void *p, size_t n)
{
    assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), n);
}

static void one_request_has_one_answer_and_then_it_ends(void **state)
{
    (void)state;
    struct desk d;
    char got[32];
    desk_init(&d);
    static const char request[] = "\0\0\0\3abc";
    int fd = connect_to(&d);
    for (size_t i = 0; i < 7; i++) { /* byte by byte */
        say(fd, &request[i], 1);
        turns(&d);
    }
    assert_int_equal(d.asked, 1);
    assert_int_equal(recv(fd, got, sizeof got, MSG_WAITALL), 10);
    assert_memory_equal(got, "\0\0\0\6re:abc", 10);
    assert_int_equal(recv(fd, got, sizeof got, 0), 0);
    assert_int_equal(close(fd), 0);
    desk_free(&d);
}

static void an_answer_waits_until_it_may_leave(void **state)
{
    (void)state;
    struct desk d;
    char got[32];
    desk_init(&d);
    int fd = connect_to(&d);
    say(fd, "\0\0\0\1a", 5);
    assert_int_equal(hear(&d), RESULT_OK);
    assert_int_equal(hear(&d), RESULT_OK);
    assert_int_equal(d.asked, 1);
    assert_int_equal(recv(fd, got, sizeof got, MSG_DONTWAIT), -1); /* not committed yet */
    control_flush(d.control);
    assert_int_equal(recv(fd, got, sizeof got, 0), 8);
    assert_int_equal(close(fd), 0);
    desk_free(&d);
}

/* A desk whose answer comes later, under ticket 7, and who has asked it. */
static int ask_for_later(struct desk *d)
{
    desk_init(d);
    d->later = (struct control_later){7, 9 * US_PER_S};
    int fd = connect_to(d);
    say(fd, "\0\0\0\1a", 5);
    turns(d);
    return fd;
}

static void an_answer_may_come_later_under_its_ticket(void **state)
{
    (void)state;
    struct desk d;
    char got[32];
    struct buf body = BUF_INIT(16);
    int fd = ask_for_later(&d);
    assert_int_equal(d.asked, 1);
    d.now_us = 8 * US_PER_S; /* longer than an ordinary answer would take */
    turns(&d);
    buf_text(&body, "late");
    control_reply(d.control, 8, &body); /* another's */
    turns(&d);
    assert_int_equal(recv(fd, got, sizeof got, MSG_DONTWAIT), -1);
    control_reply(d.control, 7, &body);
    control_reply(d.control, 7, &body); /* once */
    turns(&d);
    assert_int_equal(recv(fd, got, sizeof got, MSG_WAITALL), 8);
    assert_memory_equal(got, "\0\0\0\4late", 8);
    assert_int_equal(d.asked, 1);
    buf_free(&body);
    assert_int_equal(close(fd), 0);
    desk_free(&d);
}

static void an_answer_that_does_not_come_in_time_ends_the_connection(void **state)
{
    (void)state;
    struct desk d;
    char got[8];
    struct buf body = BUF_INIT(16);
    int fd = ask_for_later(&d);
    d.now_us = 9 * US_PER_S;
    turns(&d);
    assert_int_equal(recv(fd, got, sizeof got, 0), 0);
    buf_text(&body, "late");
    control_reply(d.control, 7, &body);
    turns(&d);
    buf_free(&body);
    assert_int_equal(close(fd), 0);
    desk_free(&d);
}

static void what_is_too_long_is_dropped_unread(void **state)
{
    (void)state;
    struct desk d;
    char got[4];
    desk_init(&d);
    int fd = connect_to(&d);
    say(fd, "\0\0\x80\1", 4); /* one byte more than a request has */
    turns(&d);
    assert_int_equal(recv(fd, got, sizeof got, 0), 0);
    assert_int_equal(d.asked, 0);
    assert_int_equal(close(fd), 0);
    desk_free(&d);
}

static void who_is_silent_gives_the_place_up(void **state)
{
    (void)state;
    struct desk d;
    char got[16];
    int silent[CONTROL_CONNECTIONS];
    desk_init(&d);
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++) {
        silent[i] = connect_to(&d);
        say(silent[i], "\0\0", 2);
    }
    turns(&d);
    int late = connect_to(&d); /* waits with the system */
    say(late, "\0\0\0\1a", 5);
    turns(&d);
    assert_int_equal(d.asked, 0);
    d.now_us = 5 * US_PER_S;
    turns(&d);
    assert_int_equal(d.asked, 1);
    assert_int_equal(recv(late, got, sizeof got, 0), 8);
    for (size_t i = 0; i < CONTROL_CONNECTIONS; i++) {
        assert_true(recv(silent[i], got, sizeof got, 0) <= 0);
        assert_int_equal(close(silent[i]), 0);
    }
    assert_int_equal(close(late), 0);
    desk_free(&d);
}

static void who_goes_before_the_answer_disturbs_nobody(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    int fd = connect_to(&d);
    say(fd, "\0\0\0\1a", 5);
    assert_int_equal(close(fd), 0);
    turns(&d);
    assert_int_equal(d.asked, 1);
    desk_free(&d);
}

static void what_ends_the_ledger_ends_the_turn(void **state)
{
    (void)state;
    struct desk d;
    desk_init(&d);
    d.answer = RESULT_IO;
    int fd = connect_to(&d);
    say(fd, "\0\0\0\1a", 5);
    assert_int_equal(hear(&d), RESULT_OK);
    assert_int_equal(hear(&d), RESULT_IO);
    assert_int_equal(close(fd), 0);
    desk_free(&d);
}

static void the_socket_is_for_its_owner_and_an_old_one_gives_way(void **state)
{
    (void)state;
    struct desk d;
    struct stat st;
    const struct log log = {
        .role = "test", .fd = open("/dev/null", O_WRONLY), .clock = clock_system()};
    desk_init(&d);
    assert_int_equal(stat(d.settings.control_socket, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(files_open(&d.settings, GIFT_CONTROL, &log), -1); /* it is served */
    control_free(d.control);
    d.control = NULL;
    int fd = files_open(&d.settings, GIFT_CONTROL, &log); /* what an earlier start left */
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(d.settings.control_socket), 0);
    FILE *f = fopen(d.settings.control_socket, "w"); /* no socket: somebody's file */
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(files_open(&d.settings, GIFT_CONTROL, &log), -1);
    assert_int_equal(close(log.fd), 0);
    desk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_request_has_one_answer_and_then_it_ends),
        cmocka_unit_test(an_answer_waits_until_it_may_leave),
        cmocka_unit_test(an_answer_may_come_later_under_its_ticket),
        cmocka_unit_test(an_answer_that_does_not_come_in_time_ends_the_connection),
        cmocka_unit_test(what_is_too_long_is_dropped_unread),
        cmocka_unit_test(who_is_silent_gives_the_place_up),
        cmocka_unit_test(who_goes_before_the_answer_disturbs_nobody),
        cmocka_unit_test(what_ends_the_ledger_ends_the_turn),
        cmocka_unit_test(the_socket_is_for_its_owner_and_an_old_one_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
