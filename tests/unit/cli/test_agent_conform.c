/* The report of fedgate-agent conform. */
#include "fake_gateway.h"

#include "cli/agent/conform.h"

#include <string.h>

static struct printed printed;
static struct conform c;

static int print(int argc, char **argv)
{
    (void)argc;
    c = (struct conform){.json = argv[0][0] == 'j', .markdown = argv[0][0] == 'm'};
    c.korean = argv[0][1] == 'k';
    c.agent.options.gateway = "g.example:1";
    (void)snprintf(c.unit, sizeof c.unit, "a/b");
    for (enum conform_check i = 0; i < CONFORM_CHECKS; i++) {
        c.text[i] = BUF_INIT(8192);
        (void)conform_say(&c, i, CLI_STEP_OK, "fine");
    }
    (void)conform_say(&c, CONFORM_VIDEO, CLI_STEP_FAILED, "%d|2", 1);
    bool good = conform_print(&c, false);
    for (enum conform_check i = 0; i < CONFORM_CHECKS; i++)
        buf_free(&c.text[i]);
    return good ? CLI_OK : CLI_FAILED;
}

static void the_table_for_the_operator_has_a_row_for_each_check(void **state)
{
    (void)state;
    run_line(&printed, print, "m");
    assert_says(printed.out, "# Conformance: not passed\n\nUnit a/b, gateway g.example:1, ");
    assert_says(printed.out, "| right | a right message is accepted | yes | ok | fine |\n");
    assert_says(printed.out, "| no | failed | 1\\|2 |\n");
    size_t rows = 0;
    for (const char *at = printed.out; (at = strstr(at, "\n| ")) != NULL; at++)
        rows++;
    assert_int_equal(rows, CONFORM_CHECKS + 1);
    run_line(&printed, print, "mk");
    assert_says(printed.out, "# 적합성 시험: 부적합\n");
}

static void programs_get_the_verdict_and_every_check(void **state)
{
    (void)state;
    run_line(&printed, print, "j");
    assert_says(printed.out, "\"passed\":false,\"steps\":[{\"result\":\"ok\",\"step\":\"right\"");
    assert_says(printed.out, "{\"result\":\"failed\",\"step\":\"video\",\"text\":\"1|2\"}");
    assert_says(printed.out, "\"unit\":\"a/b\"}\n");
}

static void people_get_a_line_for_each_and_the_verdict_last(void **state)
{
    (void)state;
    run_line(&printed, print, "t");
    assert_says(printed.out, "video                 failed  1|2\n");
    assert_says(printed.out, "\nnot passed\n");
}

static void a_stream_is_opened_as_a_test_whatever_the_file_says(void **state)
{
    static const char json[] = "{\"header\":{\"id\":\"x\",\"status\":\"STATUS_ACTUAL\"},"
                               "\"streamId\":\"y\",\"cameraId\":\"cam-1\"}";
    char path[] = "/tmp/fedgate-test-start-XXXXXX";
    struct buf start = BUF_INIT(65536);
    struct fedgate_buffer out = {0};
    (void)state;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, json, strlen(json)), strlen(json));
    (void)close(fd);
    c = (struct conform){.video_start = path};
    (void)snprintf(c.unit, sizeof c.unit, "a/b");
    assert_true(conform_video_start(&c, &start));
    assert_int_equal(fedgate_json_write("VideoStart", start.p, start.n, 0, &out), FEDGATE_OK);
    assert_says((const char *)out.p, "\"STATUS_TEST\"");
    assert_says((const char *)out.p, "\"cameraId\":\"cam-1\"");
    assert_null(strstr((const char *)out.p, "\"x\""));
    assert_null(strstr((const char *)out.p, "\"y\""));
    fedgate_buffer_free(&out);
    buf_free(&start);
    (void)unlink(path);
}

/* The third connection of the check is to see that it does not come any more: one that does not
 * come about sees nothing. */
static void a_gateway_that_goes_away_has_not_kept_back_what_was_acknowledged(void **state)
{
    struct fake_gateway g = {.fake = fake_new(NULL)};
    char path[3][128];
    (void)state;
    g.fake->deliveries = 1;
    g.fake->most_sessions = 2;
    c = (struct conform){.queue = "q", .patience_us = 5 * US_PER_S};
    c.agent.options = (struct agent_options){.gateway = g.fake->address,
                                             .certificate = fake_path(g.fake, "unit.pem", path[0]),
                                             .key = fake_path(g.fake, "unit.key", path[1]),
                                             .root = fake_path(g.fake, "root.pem", path[2])};
    c.text[CONFORM_SLOW_ACK] = BUF_INIT(8192);
    fake_gateway_start(&g);
    assert_true(conform_connect(&c));
    assert_int_equal(conform_slow_ack(&c), CLI_STEP_FAILED);
    assert_null(strstr(buf_c(&c.text[CONFORM_SLOW_ACK]), "acknowledged once"));
    assert_string_equal(buf_c(&c.text[CONFORM_SLOW_ACK]), c.why);
    conform_cut(&c);
    fake_gateway_stop(&g);
    assert_int_equal(g.fake->acks, 1);
    buf_free(&c.text[CONFORM_SLOW_ACK]);
    fake_gateway_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_for_the_operator_has_a_row_for_each_check),
        cmocka_unit_test(programs_get_the_verdict_and_every_check),
        cmocka_unit_test(people_get_a_line_for_each_and_the_verdict_last),
        cmocka_unit_test(a_stream_is_opened_as_a_test_whatever_the_file_says),
        cmocka_unit_test(a_gateway_that_goes_away_has_not_kept_back_what_was_acknowledged)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
