#include "cli/cli.h"

#include "capture.h"

static struct printed printed;
static int last_argc;

static int do_show(int argc, char **argv)
{
    last_argc = argc;
    return strcmp(argv[0], "show") == 0 ? CLI_NO : CLI_FAILED;
}

static const struct cli_command inner[] = {
    {"show", "[--all] DIR", "shows things", "  --all  everything\n", do_show, NULL},
    {"verify", "", "verifies things", NULL, do_show, NULL},
    {0}};
static const struct cli_command commands[] = {
    {"audit", NULL, "about logs", NULL, NULL, inner},
    {"policy", NULL, "about policies", NULL, do_show, NULL},
    {0}};

static int program(int argc, char **argv)
{
    return cli_run("tool", "1.2.3", commands, argc, argv);
}

static void run(const char *line)
{
    run_line(&printed, program, line);
}

static void the_command_that_is_named_runs(void **state)
{
    (void)state;
    run("tool audit show --all x");
    assert_int_equal(printed.code, CLI_NO);
    assert_int_equal(last_argc, 3);
    assert_string_equal(printed.out, "");
    run("tool policy");
    assert_int_equal(printed.code, CLI_FAILED);
}

static void help_is_printed_in_each_way_of_asking(void **state)
{
    (void)state;
    static const char *const group[] = {"tool audit --help", "tool audit -h", "tool audit help",
                                        "tool help audit"};
    static const char *const command[] = {"tool audit show --help", "tool audit show x -h",
                                          "tool audit help show", "tool help audit show"};
    for (size_t i = 0; i < ARRAY_LEN(group); i++) {
        run(group[i]);
        assert_int_equal(printed.code, CLI_OK);
        assert_string_equal(printed.out,
                            "usage: tool audit COMMAND ...\n\n"
                            "  show    shows things\n"
                            "  verify  verifies things\n\n"
                            "\"tool audit COMMAND --help\" tells more about a command.\n");
        run(command[i]);
        assert_int_equal(printed.code, CLI_OK);
        assert_string_equal(printed.out, "usage: tool audit show [--all] DIR\n\nshows things\n\n"
                                         "  --all  everything\n");
    }
}

static void the_program_tells_its_version_and_its_commands_do_not(void **state)
{
    (void)state;
    run("tool --version");
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.out, "tool 1.2.3\n");
    run("tool --help");
    assert_says(printed.out, "\"tool --version\" tells the version.\n");
    run("tool audit --version");
    assert_int_equal(printed.code, CLI_USAGE);
}

static void nothing_at_all_prints_help_as_wrong_usage(void **state)
{
    (void)state;
    run("tool");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.out, "audit   about logs");
    run("tool audit");
    assert_int_equal(printed.code, CLI_USAGE);
}

static void a_wrong_command_is_told_the_nearest(void **state)
{
    (void)state;
    run("tool audit verfiy");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "there is no command \"verfiy\"; did you mean \"tool audit verify\"?");
    assert_string_equal(printed.out, "");
    run("tool xxxxxxxxxx");
    assert_says(printed.err, "there is no command \"xxxxxxxxxx\"; \"tool --help\" lists them");
}

/* ---- options */

static struct {
    const char *name;
    bool all;
    int rest;
    char *first;
} got;

static int options(int argc, char **argv)
{
    const struct cli_option table[] = {{"name", &got.name, NULL}, {"all", NULL, &got.all}, {0}};
    got.name = NULL;
    got.all = false;
    got.rest = cli_options(table, argc, argv);
    got.first = got.rest > 0 ? argv[1] : NULL;
    return got.rest < 0 ? CLI_USAGE : CLI_OK;
}

static void options_are_read_anywhere(void **state)
{
    (void)state;
    run_line(&printed, options, "cmd x --name a y --all");
    assert_int_equal(got.rest, 2);
    assert_true(got.all);
    run_line(&printed, options, "cmd --name=a=b");
    assert_int_equal(got.rest, 0);
    assert_false(got.all);
    run_line(&printed, options, "cmd -- --all");
    assert_int_equal(got.rest, 1);
    assert_false(got.all);
    run_line(&printed, options, "cmd - --name --all");
    assert_int_equal(got.rest, 1);
    assert_false(got.all);
}

static void wrong_options_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *line, *error;
    } row[] = {{"cmd --nmae x", "there is no option --nmae; did you mean --name?"},
               {"cmd --zzzzzzzz", "there is no option --zzzzzzzz\n"},
               {"cmd --name", "the option --name needs a value"},
               {"cmd --all=yes", "the option --all takes no value"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        run_line(&printed, options, row[i].line);
        assert_int_equal(printed.code, CLI_USAGE);
        assert_says(printed.err, row[i].error);
    }
}

static int read_file(int argc, char **argv)
{
    struct buf out = BUF_INIT(100);
    (void)argc;
    bool read = cli_read_file(argv[1], 4, &out);
    int n = read ? (int)out.n : -1;
    buf_free(&out);
    return n;
}

static void files_are_read_up_to_their_limit(void **state)
{
    (void)state;
    char line[64] = "cmd /tmp/fedgate-test-XXXXXX";
    int fd = mkstemp(line + 4);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "1234", 4), 4);
    run_line(&printed, read_file, line);
    assert_int_equal(printed.code, 4);
    assert_int_equal(write(fd, "5", 1), 1);
    run_line(&printed, read_file, line);
    assert_int_equal(printed.code, -1);
    assert_says(printed.err, "File too large");
    (void)close(fd);
    (void)unlink(line + 4);
    run_line(&printed, read_file, line);
    assert_int_equal(printed.code, -1);
    assert_says(printed.err, "No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_command_that_is_named_runs),
        cmocka_unit_test(help_is_printed_in_each_way_of_asking),
        cmocka_unit_test(the_program_tells_its_version_and_its_commands_do_not),
        cmocka_unit_test(nothing_at_all_prints_help_as_wrong_usage),
        cmocka_unit_test(a_wrong_command_is_told_the_nearest),
        cmocka_unit_test(options_are_read_anywhere),
        cmocka_unit_test(wrong_options_are_explained),
        cmocka_unit_test(files_are_read_up_to_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
