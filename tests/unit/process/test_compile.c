/* A compiler that is not over in time is ended, and what it said is not believed. This program,
 * started as a role, is that compiler; time goes by faster than it does. */
#include "process/compile.h"

#include "ipc/channel.h"
#include "process/role.h"
#include "process/spawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DOES "FEDGATE_TEST_COMPILER_DOES"

/* ---- the compiler */

static int compile(const char *does)
{
    struct channel *c = channel_new(ROLE_CONTROL_FD, ROLE_ID_COMPILER, ROLE_ID_SUPERVISOR);
    if (strcmp(does, "answer") == 0)
        channel_send(c, IPC_COMPILED, bytes_of_text("claim"), bytes_of(NULL, 0), STDIN_FILENO);
    if (channel_flush(c) != RESULT_OK)
        return 1;
    if (strcmp(does, "part") == 0)
        channel_free(c);
    for (;;)
        (void)pause();
}

/* ---- who waits for it */

static int64_t fast(void *arg)
{
    int64_t *now = arg;
    return *now += US_PER_S;
}

/* Every alarm is a line in what is returned. */
static void compile_by(const char *does, char *said, size_t room)
{
    int64_t now = 0;
    int lines[2];
    assert_int_equal(pipe(lines), 0);
    const struct log log = {.role = "supervisor",
                            .fd = lines[1],
                            .least = LOG_NOTE,
                            .clock = {.wall = fast, .steady = fast, .arg = &now}};
    struct settings settings;
    assert_int_equal(setenv(DOES, does, 1), 0);
    (void)alarm(20); /* if it waits for ever, so does this test */
    assert_int_equal(compile_settings("/proc/self/exe", "/dev/null", &log, &settings), -1);
    (void)alarm(0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
    (void)close(lines[1]);
    ssize_t n = read(lines[0], said, room - 1);
    assert_true(n >= 0);
    said[n] = '\0';
    (void)close(lines[0]);
}

/* A pipe in the place of a file of the policy set had it wait for a writer, and the supervisor for
 * it: the service manager ended the whole gateway. */
static void a_compiler_that_is_not_over_in_time_is_ended(void **state)
{
    static const char *const does[] = {"nothing", "answer", "part"};
    char said[4096];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(does); i++) {
        compile_by(does[i], said, sizeof said);
        assert_non_null(strstr(said, "role-killed role=compiler"));
        assert_non_null(strstr(said, "role-ended role=compiler signal=9"));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compiler_that_is_not_over_in_time_is_ended)};
    const char *does = getenv(DOES);
    if (argc == 2 && strcmp(argv[1], "--role=compiler") == 0 && does != NULL)
        return compile(does);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
