#include "base/log.h"

#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int64_t fixed(void *arg)
{
    (void)arg;
    return INT64_C(1795222800123456);
}

/* A log into a pipe, and what comes out of it. */
struct ear {
    int end[2];
    struct log log;
    char said[8192];
};

static void listen_to(struct ear *e)
{
    memset(e, 0, sizeof *e);
    assert_int_equal(pipe(e->end), 0);
    assert_int_equal(fcntl(e->end[0], F_SETFL, O_NONBLOCK), 0);
    e->log = (struct log){"edge", e->end[1], LOG_NOTE, {fixed, fixed, NULL}};
}

static const char *heard(struct ear *e)
{
    ssize_t n = read(e->end[0], e->said, sizeof e->said - 1);
    e->said[n < 0 ? 0 : n] = '\0';
    return e->said;
}

static void stop(struct ear *e)
{
    (void)close(e->end[0]);
    (void)close(e->end[1]);
}

static void a_line_has_time_role_level_event_and_facts(void **state)
{
    (void)state;
    struct ear e;
    char expected[200];
    listen_to(&e);
    log_line(&e.log, LOG_WARNING, "session-refused", "peer=%s reason=%s", "192.0.2.7", "expired");
    (void)snprintf(expected, sizeof expected,
                   "2026-11-21T10:00:00.123+09:00 edge[%ld] warning session-refused peer=192.0.2.7 "
                   "reason=expired\n",
                   (long)getpid());
    assert_string_equal(heard(&e), expected);
    stop(&e);
}

static void what_is_below_the_level_is_not_said(void **state)
{
    (void)state;
    struct ear e;
    listen_to(&e);
    log_line(&e.log, LOG_DETAIL, "turn", "n=%d", 1);
    assert_string_equal(heard(&e), "");
    log_line(&e.log, LOG_NOTE, "turn", "n=%d", 2);
    assert_non_null(strstr(heard(&e), " note turn n=2\n"));
    log_line(&e.log, LOG_FATAL, "turn", "n=%d", 3);
    assert_non_null(strstr(heard(&e), " fatal turn n=3\n"));
    stop(&e);
}

static void no_log_and_no_descriptor_say_nothing(void **state)
{
    (void)state;
    struct ear e;
    listen_to(&e);
    log_line(NULL, LOG_ALARM, "x", "%d", 1);
    e.log.fd = -1;
    log_line(&e.log, LOG_ALARM, "x", "%d", 1);
    assert_string_equal(heard(&e), "");
    stop(&e);
}

static void nothing_in_a_value_begins_another_line(void **state)
{
    (void)state;
    struct ear e;
    listen_to(&e);
    log_line(&e.log, LOG_NOTE, "refused", "word=\"%s\"", "a\nedge[1] alarm\r\t\x1b[2J\x7f");
    const char *said = heard(&e);
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    assert_non_null(strstr(said, "word=\"a?edge[1] alarm???[2J?\""));
    log_line(&e.log, LOG_NOTE, "korean", "word=%s", "대전");
    assert_non_null(strstr(heard(&e), "word=대전\n"));
    stop(&e);
}

static void a_line_too_long_is_cut_and_still_one_line(void **state)
{
    (void)state;
    struct ear e;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    listen_to(&e);
    log_line(&e.log, LOG_NOTE, "long", "word=%s", text);
    const char *said = heard(&e);
    assert_int_equal(strlen(said), 1024);
    assert_ptr_equal(strchr(said, '\n'), said + 1023);
    log_line(&e.log, LOG_NOTE, text, "word=%s", "x");
    assert_string_equal(heard(&e), "");
    stop(&e);
}

static void a_descriptor_that_takes_nothing_does_no_harm(void **state)
{
    (void)state;
    struct ear e;
    listen_to(&e);
    int full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    e.log.fd = full;
    log_line(&e.log, LOG_NOTE, "x", "n=%d", 1);
    (void)close(full);
    stop(&e);
}

/* The pipe is full and nobody reads: log_line would else never return. */
static void a_reader_that_is_slow_holds_nobody_up(void **state)
{
    (void)state;
    struct ear e;
    listen_to(&e);
    for (int i = 0; i < 10000; i++)
        log_line(&e.log, LOG_WARNING, "session-refused", "n=%d", i);
    while (heard(&e)[0] != '\0')
        continue;
    log_line(&e.log, LOG_NOTE, "again", "n=%d", 1);
    assert_non_null(strstr(heard(&e), " note again n=1\n"));
    stop(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_role_level_event_and_facts),
        cmocka_unit_test(what_is_below_the_level_is_not_said),
        cmocka_unit_test(no_log_and_no_descriptor_say_nothing),
        cmocka_unit_test(nothing_in_a_value_begins_another_line),
        cmocka_unit_test(a_line_too_long_is_cut_and_still_one_line),
        cmocka_unit_test(a_descriptor_that_takes_nothing_does_no_harm),
        cmocka_unit_test(a_reader_that_is_slow_holds_nobody_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
