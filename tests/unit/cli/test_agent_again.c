/* What the gateway wants to have again, and what was sent behind it. */
#include "fake_gateway.h"

#include "../journal/temp_folder.h"
#include "cli/agent/agent.h"

#define FIRST  "019aa2b0-0000-7000-8000-000000000001"
#define SECOND "019aa2b0-0000-7000-8000-000000000002"

static struct printed printed;
static struct temp_folder folder;
static struct fake_gateway gateway;

/* An alert that meets a limit, and the next of the same person, which names what the first opens.
 */
static void write_messages(void)
{
    FILE *f = fopen("two.json", "w");
    assert_non_null(f);
    (void)fputs("{\"header\":{\"id\":\"" FIRST "\",\"purpose\":\"crowded\"},"
                "\"unitAssignment\":{}}\n"
                "{\"header\":{\"id\":\"" SECOND "\",\"purpose\":\"follower\"},"
                "\"unitAssignment\":{}}\n",
                f);
    assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
    (void)state;
    folder = temp_folder_new();
    if (fchdir(folder.fd) != 0)
        return -1;
    write_messages();
    gateway = (struct fake_gateway){.fake = fake_new(NULL)};
    fake_gateway_start(&gateway);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_gateway_free(&gateway);
    temp_folder_free(&folder);
    return 0;
}

static void assert_both_were_accepted(void)
{
    const char *first = strstr(printed.out, "\"id\":\"" FIRST);
    const char *second = strstr(printed.out, "\"id\":\"" SECOND);
    assert_int_equal(printed.code, CLI_OK);
    assert_null(strstr(printed.out, "REFUSED"));
    assert_non_null(first);
    assert_non_null(second);
    assert_true(first < second);
}

/* A rate limit held an alert up, and its "found" was refused for an incident that nobody knew yet:
 * the alert came a second later, and "found" never. */
static void what_a_spool_sent_behind_a_message_that_is_to_come_again_comes_again_too(void **state)
{
    (void)state;
    run_at(&gateway, &printed, agent_publish_run, "publish", "--spool spool two.json");
    assert_int_equal(printed.code, CLI_OK);
    run_at(&gateway, &printed, agent_forward_run, "forward", "--spool spool");
    assert_both_were_accepted();
}

static void what_publish_sent_behind_a_message_that_is_to_come_again_comes_again_too(void **state)
{
    (void)state;
    run_at(&gateway, &printed, agent_publish_run, "publish", "--reconnect two.json");
    assert_both_were_accepted();
}

/* Who does not ask for that gets each answer as it is. */
static void without_reconnect_publish_sends_nothing_again(void **state)
{
    (void)state;
    run_at(&gateway, &printed, agent_publish_run, "publish", "two.json");
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.out, "RETRY_SAME_ID");
    assert_says(printed.out, "RETRY_LATER");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_a_spool_sent_behind_a_message_that_is_to_come_again_comes_again_too),
        T(what_publish_sent_behind_a_message_that_is_to_come_again_comes_again_too),
        T(without_reconnect_publish_sends_nothing_again),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
