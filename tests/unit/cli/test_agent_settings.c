/* What an agent is configured with: an option, else the environment, else the file. */
#include "cli/agent/outbox.h"

#include "../journal/temp_folder.h"
#include "capture.h"
#include "cli/agent/agent.h"

#include <sys/stat.h>

#define NEEDED                                                                                     \
    "gateway: gateway.example:8443\n"                                                              \
    "certificate: unit.pem\n"                                                                      \
    "key: /keys/unit.key\n"                                                                        \
    "root: root.pem\n"

static struct printed printed;
static struct temp_folder folder;

static void put_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    static const char *const variables[] = {
#define A(member, option, type, variable, standard, least, most, help) variable,
#include "cli/agent/settings.def"
#undef A
        "FEDGATE_CONFIG"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        (void)unsetenv(variables[i]);
    folder = temp_folder_new();
    return fchdir(folder.fd);
}

static int tear_down(void **state)
{
    (void)state;
    temp_folder_free(&folder);
    return 0;
}

static void settings(const char *text, const char *options)
{
    char line[300];
    put_file("agent.yaml", text);
    (void)snprintf(line, sizeof line, "settings --lang en --config agent.yaml %s", options);
    run_line(&printed, agent_settings_run, line);
}

static void expect(const char *setting, const char *from, const char *value)
{
    char line[300];
    (void)snprintf(line, sizeof line, "{\"from\":\"%s\",\"setting\":\"%s\",\"value\":\"%s\"}\n",
                   from, setting, value);
    assert_says(printed.out, line);
}

static void an_option_counts_before_the_environment_and_that_before_the_file(void **state)
{
    (void)state;
    (void)setenv("FEDGATE_KEY", "environment.key", 1);
    (void)setenv("FEDGATE_ROOT", "environment.pem", 1);
    (void)setenv("FEDGATE_CERTIFICATE", "", 1); /* as if it were not there */
    settings(NEEDED "spool_messages: 7\n", "--root option.pem");
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.err, "");
    expect("gateway", "file", "gateway.example:8443");
    expect("certificate", "file", "unit.pem");
    expect("key", "environment", "environment.key");
    expect("root", "option", "option.pem");
    expect("spool_messages", "file", "7");
    expect("spool_mib", "default", "1024");
    expect("spool", "default", "none");
    expect("server_name", "default", "the host of gateway");
}

static void relative_paths_begin_at_the_files_folder(void **state)
{
    (void)state;
    assert_int_equal(mkdir("sub", 0700), 0);
    put_file("sub/agent.yaml", NEEDED "spool: waits\n");
    (void)setenv("FEDGATE_CONFIG", "sub/agent.yaml", 1);
    run_line(&printed, agent_settings_run, "settings");
    assert_int_equal(printed.code, CLI_OK);
    expect("certificate", "file", "sub/unit.pem");
    expect("key", "file", "/keys/unit.key");
    expect("spool", "file", "sub/waits");
}

static void what_is_wrong_in_the_file_is_told_with_its_line(void **state)
{
    static const struct {
        const char *line, *says;
    } row[] = {{"gatway: x:1\n", "unknown key 'gatway'"},
               {"server_name: [a, b]\n", "expected a text for server_name"},
               {"gateway: localhost\n", "expected an address and a port"},
               {"spool_messages: 0\n", "expected a whole number from 1 to 1000000"},
               {"spool_mib: many\n", "expected a whole number from 1 to 1048576"},
               {"key: a\nkey: b\n", "stands here a second time"}};
    char text[200];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        (void)snprintf(text, sizeof text, "# the agent of a carrier\n%s", row[i].line);
        settings(text, "");
        assert_int_equal(printed.code, CLI_FAILED);
        assert_string_equal(printed.out, "");
        assert_says(printed.err, i == 5 ? "agent.yaml:3:" : "agent.yaml:2:");
        assert_says(printed.err, row[i].says);
    }
    settings("gatway: x:1\n", "--lang ko");
    assert_says(printed.err, "알 수 없는 키");
    run_line(&printed, agent_settings_run, "settings --config nowhere.yaml");
    assert_int_equal(printed.code, CLI_FAILED);
    assert_says(printed.err, "nowhere.yaml: No such file");
}

static void what_must_be_given_and_is_not_is_told(void **state)
{
    (void)state;
    settings("gateway: gateway.example:8443\n", "--root r --certificate c");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.out, "{\"from\":\"nowhere\",\"setting\":\"key\"");
    run_line(&printed, agent_receipt_run,
             "receipt --config agent.yaml --root r --certificate c "
             "019aa2b0-0000-7000-8000-000000000001");
    assert_int_equal(printed.code, CLI_USAGE);
    assert_says(printed.err, "--key is missing; the environment variable FEDGATE_KEY does as well, "
                             "or \"key\" in the configuration file");
}

static void a_spool_may_be_none_and_has_bounds(void **state)
{
    struct agent a = {.options = {.config = "agent.yaml"}}, b = a, c = a;
    struct outbox_limits most;
    (void)state;
    put_file("agent.yaml", NEEDED "spool: none\nspool_messages: 5\nspool_mib: 2\n");
    assert_int_equal(agent_settings_some(&a), CLI_OK);
    assert_null(agent_spool(&a));
    assert_true(agent_spool_limits(&a, &most));
    assert_int_equal(most.count, 5);
    assert_int_equal(most.bytes, 2 << 20);
    b.options.spool = "elsewhere";
    assert_int_equal(agent_settings_some(&b), CLI_OK);
    assert_string_equal(agent_spool(&b), "elsewhere");
    c.options.spool_messages = "1000001";
    assert_int_equal(agent_settings_some(&c), CLI_OK);
    assert_false(agent_spool_limits(&c, &most));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_option_counts_before_the_environment_and_that_before_the_file),
        T(relative_paths_begin_at_the_files_folder),
        T(what_is_wrong_in_the_file_is_told_with_its_line),
        T(what_must_be_given_and_is_not_is_told),
        T(a_spool_may_be_none_and_has_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
