/* fedgatectl at a control socket, at which the test sits: one answer for each call, in turn. */
#include "capture.h"

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/control.h"
#include "crypto/init.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define NOON (INT64_C(1795262400) * US_PER_S) /* 2026-11-21T21:00:00+09:00 */

struct desk {
    char folder[64], socket[100];
    int listener;
    pid_t server;
};

static void desk_init(struct desk *d)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    *d = (struct desk){.folder = "/tmp/fedgate-ctl-XXXXXX"};
    assert_non_null(mkdtemp(d->folder));
    (void)snprintf(d->socket, sizeof d->socket, "%s/s", d->folder);
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", d->socket);
    d->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(d->listener, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(d->listener, 4), 0);
}

/* Whoever connects is read and answered with these bytes, in a process of its own. */
static void desk_serve(struct desk *d, struct bytes answer)
{
    d->server = fork();
    assert_true(d->server >= 0);
    if (d->server > 0)
        return;
    uint8_t request[4 + CONTROL_REQUEST_MAX];
    int fd = accept(d->listener, NULL, NULL);
    bool asked = fd >= 0 && recv(fd, request, sizeof request, 0) > 4;
    bool said = asked && send(fd, answer.p, answer.n, MSG_NOSIGNAL) == (ssize_t)answer.n;
    _exit(said ? 0 : 1);
}

static void desk_served(struct desk *d)
{
    int status;
    assert_int_equal(waitpid(d->server, &status, 0), d->server);
    assert_int_equal(status, 0);
}

static void desk_free(struct desk *d)
{
    assert_int_equal(close(d->listener), 0);
    assert_int_equal(unlink(d->socket), 0);
    assert_int_equal(rmdir(d->folder), 0);
}

static const struct control_item item = {
    .subject = {(const uint8_t *)"1234-0", 6},
    .envelope = {.source = {(const uint8_t *)"a/b", 3},
                 .kind = {(const uint8_t *)"feedback", 8},
                 .purpose = {(const uint8_t *)"p", 1}},
    .unit = {(const uint8_t *)"c/d\x1b[2J", 7}, /* what a terminal would obey */
    .clause = {(const uint8_t *)"mou#clause", 10},
    .role = {(const uint8_t *)"privacy-officer", 15},
    .party = {{(const uint8_t *)"a", 1}},
    .parties = 1,
    .officer = {{(const uint8_t *)"a/kim", 5}},
    .officers = 1,
    .persons = 2,
    .since_us = NOON,
    .due_us = NOON + US_PER_HOUR};

static void put_frame_of(struct buf *out, const struct control_answer *a,
                         const struct control_item *each, size_t items)
{
    struct buf body = BUF_INIT(CONTROL_ANSWER_MAX);
    control_answer_put(a, &body);
    for (size_t i = 0; i < items; i++)
        control_item_put(each, &body);
    buf_bytes32(out, buf_view(&body));
    buf_free(&body);
}

static void put_frame(struct buf *out, const struct control_answer *a, size_t items)
{
    put_frame_of(out, a, &item, items);
}

/* Runs the line, with the socket in the place of "@", against an answer. */
static void run_at(struct desk *d, struct printed *p, const struct cli_command *table,
                   const char *name, const char *line, struct bytes answer)
{
    char words[900];
    const char *at = strchr(line, '@');
    while (strcmp(table->name, name) != 0)
        table++;
    (void)snprintf(words, sizeof words, "%.*s%s%s", (int)(at - line), line, d->socket, at + 1);
    desk_serve(d, answer);
    run_line(p, table->run, words);
    desk_served(d);
}

static void a_list_is_a_table_or_an_object_a_line(void **state)
{
    (void)state;
    static struct printed p;
    struct desk d;
    struct buf answer = BUF_INIT(1 << 16);
    desk_init(&d);
    put_frame(&answer, &(struct control_answer){.items = 2}, 2);
    run_at(&d, &p, cli_approvals_commands, "list", "list --socket @ --lang en", buf_view(&answer));
    assert_int_equal(p.code, CLI_OK);
    assert_says(p.out, "subject  received");
    assert_says(p.out, "1234-0   2026-11-21T21:00:00+09:00  2026-11-21T22:00:00+09:00  a/b   c/d?");
    assert_says(p.out, "1/2 a/kim");
    assert_null(strchr(p.out, '\x1b'));
    run_at(&d, &p, cli_approvals_commands, "list", "list --socket @ --lang ko", buf_view(&answer));
    assert_says(p.out, "대상");
    run_at(&d, &p, cli_approvals_commands, "list", "list --json --socket @", buf_view(&answer));
    assert_says(p.out, "{\"clause\":\"mou#clause\",\"due\":\"2026-11-21T22:00:00+09:00\",");
    assert_says(p.out, "\"overdue\":false,\"parties\":[\"a\"],\"persons\":2,");
    buf_free(&answer);
    desk_free(&d);
}

static void nothing_is_said_as_a_word(void **state)
{
    (void)state;
    static struct printed p;
    struct desk d;
    struct buf answer = BUF_INIT(1 << 16);
    desk_init(&d);
    put_frame(&answer, &(struct control_answer){.items = 0}, 0);
    run_at(&d, &p, cli_quarantine_commands, "list", "list --socket @ --lang en", buf_view(&answer));
    assert_int_equal(p.code, CLI_OK);
    assert_string_equal(p.out, "nothing\n");
    run_at(&d, &p, cli_quarantine_commands, "list", "list --json --socket @", buf_view(&answer));
    assert_string_equal(p.out, "");
    buf_free(&answer);
    desk_free(&d);
}

static void one_subject_is_shown_with_all_that_is_known(void **state)
{
    (void)state;
    static struct printed p;
    struct desk d;
    struct buf answer = BUF_INIT(1 << 16), none = BUF_INIT(1 << 16);
    desk_init(&d);
    put_frame(&answer, &(struct control_answer){.items = 1}, 1);
    run_at(&d, &p, cli_approvals_commands, "show", "show --socket @ --lang en 1234-0",
           buf_view(&answer));
    assert_int_equal(p.code, CLI_OK);
    assert_says(p.out, "purpose");
    assert_says(p.out, "privacy-officer");
    assert_says(p.out, "nobody has it yet");
    put_frame(&none, &(struct control_answer){.code = CONTROL_CODE_NOT_FOUND}, 0);
    run_at(&d, &p, cli_approvals_commands, "show", "show --socket @ --lang en 7-0",
           buf_view(&none));
    assert_int_equal(p.code, CLI_NO);
    assert_says(p.err, "nothing of this name waits here");
    buf_free(&answer);
    buf_free(&none);
    desk_free(&d);
}

/* Whoever sits at the socket is not believed either. */
static void an_answer_that_is_none_fails_and_prints_nothing_of_it(void **state)
{
    (void)state;
    static struct printed p;
    struct desk d;
    struct buf answer = BUF_INIT(1 << 16);
    desk_init(&d);
    put_frame(&answer, &(struct control_answer){.items = 2}, 1); /* one is missing */
    run_at(&d, &p, cli_approvals_commands, "list", "list --socket @", buf_view(&answer));
    assert_int_equal(p.code, CLI_FAILED);
    run_at(&d, &p, cli_approvals_commands, "list", "list --socket @",
           bytes_of(answer.p, answer.n - 1)); /* cut short */
    assert_int_equal(p.code, CLI_FAILED);
    buf_u8(&answer, 0); /* and longer than it says */
    run_at(&d, &p, cli_approvals_commands, "list", "list --socket @", buf_view(&answer));
    assert_int_equal(p.code, CLI_FAILED);
    assert_string_equal(p.out, "");
    buf_free(&answer);
    desk_free(&d);
}

static void an_act_needs_all_of_its_words(void **state)
{
    (void)state;
    static struct printed p;
    static const char *const wrong[] = {
        "suspend",
        "suspend --socket s grant mou#clause",
        "suspend --socket s --officer a/b --reason r grant mou#clause",
        "suspend --socket s --officer a/b --reason r --key k --print p grant mou#clause",
        "suspend --socket s --officer a/b --reason r --key k mou#clause",
        "suspend --socket s --signature f --reason r",
        "suspend --socket s --signature f grant mou#clause",
        "suspend --officer a/b --reason r --key k grant mou#clause",
        "suspend --socket s --signature without-ending"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        run_line(&p, suspend_run, wrong[i]);
        if (p.code != CLI_USAGE)
            fail_msg("%s: %d", wrong[i], p.code);
    }
    run_line(&p, suspend_run,
             "suspend --socket /nowhere/s --officer a/b --reason r --key k grant mou#clause");
    assert_int_equal(p.code, CLI_FAILED);
    assert_says(p.err, "/nowhere/s: ");
}

static void a_refusal_says_why_and_exits_with_1(void **state)
{
    (void)state;
    static struct printed p;
    struct desk d;
    struct buf answer = BUF_INIT(1 << 16);
    desk_init(&d);
    put_frame(&answer, &(struct control_answer){.code = CONTROL_CODE_SAME_PERSON}, 0);
    run_at(&d, &p, cli_approvals_commands, "approve",
           "approve --socket @ --officer a/b --reason r --key k --lang en 1-0", buf_view(&answer));
    assert_int_equal(p.code, CLI_NO);
    assert_says(p.err, "approve: this officer has acted on it already");
    buf_free(&answer);
    desk_free(&d);
}

static void a_request_is_told_with_what_stands_of_it(void **state)
{
    (void)state;
    static struct printed p;
    struct desk d;
    struct buf answer = BUF_INIT(1 << 16);
    const struct control_item request = {.subject = bytes_of_text("2026-481"),
                                         .role = bytes_of_text("data-subject"),
                                         .reason = bytes_of_text("camera dj-3028: a theft"),
                                         .clause = bytes_of_text("nobody-else"),
                                         .unit = bytes_of_text("a/jo"),
                                         .failed = bytes_of_text("granted-in-part"),
                                         .officer = {bytes_of_text("a/kim")},
                                         .officers = 1,
                                         .persons = 2,
                                         .since_us = NOON,
                                         .due_us = NOON + US_PER_DAY,
                                         .went_ahead = true,
                                         .overdue = true};
    desk_init(&d);
    put_frame_of(&answer, &(struct control_answer){.items = 1}, &request, 1);
    run_at(&d, &p, cli_request_commands, "list", "list --socket @ --lang en", buf_view(&answer));
    assert_int_equal(p.code, CLI_OK);
    assert_says(p.out, "2026-481  data-subject");
    assert_says(p.out, "overdue, granted in part (1/2)");
    run_at(&d, &p, cli_request_commands, "list", "list --json --socket @", buf_view(&answer));
    assert_says(p.out, "{\"about\":\"camera dj-3028: a theft\",\"askedBy\":\"data-subject\",");
    assert_says(p.out, "\"outcome\":\"granted-in-part\",\"overdue\":true,\"postponed\":true,");
    run_at(&d, &p, cli_request_commands, "show", "show --socket @ --lang en 2026-481",
           buf_view(&answer));
    assert_says(p.out, "who is to be seen on it (PIPA 35)");
    assert_says(p.out, "a/jo");
    run_at(&d, &p, cli_request_commands, "show", "show --socket @ --lang ko 2026-481",
           buf_view(&answer));
    assert_says(p.out, "정보주체(개인정보 보호법 35조)");
    buf_free(&answer);
    desk_free(&d);
}

#define ACT "--socket s --officer a/b --reason r --key k"

static void what_is_asked_for_is_named_whole(void **state)
{
    (void)state;
    static struct printed p;
    static const struct {
        const char *line, *says;
    } wrong[] = {
        {"open " ACT " --camera c --from 2026-11-01 2026-1 company", "--until TIME"},
        {"open " ACT " --camera c --from 2026-11-02 --until 2026-11-01 2026-1 company",
         "--until is not later than --from"},
        {"open " ACT " --camera c --from noon --until 2026-11-01 2026-1 company",
         "--from: \"noon\" is no day"},
        {"open " ACT " --camera c --from 2026-11-01 --until 2026-11-02 2026-1 companie",
         "did you mean \"company\"?"},
        {"open " ACT " --camera c --from 2026-11-01 --until 2026-11-02 2026-1", "needs --socket"},
        {"decide " ACT " 2026-1 grantet", "did you mean \"granted\"?"},
        {"decide " ACT " 2026-1", "needs --socket"},
        {"mask " ACT " 2026-1", "needs --socket"},
        {"postpone --socket s 2026-1", "needs --socket"}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        const struct cli_command *c = cli_request_commands;
        while (strncmp(c->name, wrong[i].line, strlen(c->name)) != 0)
            c++;
        run_line(&p, c->run, wrong[i].line);
        if (p.code != CLI_USAGE)
            fail_msg("%s: %d", wrong[i].line, p.code);
        assert_says(p.err, wrong[i].says);
    }
    run_line(&p, cli_request_commands[4].run, "mask " ACT " 2026-1 /nowhere/file");
    assert_int_equal(p.code, CLI_FAILED);
    assert_says(p.err, "/nowhere/file: ");
}

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_a_table_or_an_object_a_line),
        cmocka_unit_test(nothing_is_said_as_a_word),
        cmocka_unit_test(one_subject_is_shown_with_all_that_is_known),
        cmocka_unit_test(an_answer_that_is_none_fails_and_prints_nothing_of_it),
        cmocka_unit_test(an_act_needs_all_of_its_words),
        cmocka_unit_test(a_refusal_says_why_and_exits_with_1),
        cmocka_unit_test(a_request_is_told_with_what_stands_of_it),
        cmocka_unit_test(what_is_asked_for_is_named_whole),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
