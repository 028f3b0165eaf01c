#include "cli/agent/message.h"

#include "capture.h"

#include <string.h>

/* Gives the text to a cutter in pieces of `step` bytes; what is cut out, parted by '|', then '!'
 * and the line of what is wrong, or '.' and the line of what is not complete. */
static void cut(const char *text, size_t step, char *out, size_t room)
{
    struct agent_cutter *c = agent_cutter_new();
    struct buf b = BUF_INIT(room - 1);
    struct bytes object;
    size_t line, n = strlen(text);
    enum result r = RESULT_AGAIN;
    for (size_t i = 0; i < n && r == RESULT_AGAIN; i += step) {
        agent_cutter_add(c, bytes_of(text + i, n - i < step ? n - i : step));
        while ((r = agent_cutter_next(c, &object, &line)) == RESULT_OK) {
            buf_put(&b, object.p, object.n);
            buf_printf(&b, "@%zu|", line);
        }
    }
    if (r == RESULT_MALFORMED)
        buf_printf(&b, "!%zu", line);
    else if (agent_cutter_is_inside(c, &line))
        buf_printf(&b, ".%zu", line);
    (void)snprintf(out, room, "%s", buf_c(&b));
    buf_free(&b);
    agent_cutter_free(c);
}

static void assert_cut(const char *text, const char *wanted)
{
    char out[400];
    for (size_t step = 1; step <= strlen(text); step++) {
        cut(text, step, out, sizeof out);
        assert_string_equal(out, wanted);
    }
}

static void objects_are_cut_wherever_the_text_breaks(void **state)
{
    (void)state;
    assert_cut("{\"a\":1}\n\n{\"b\":{\"c\":[{}]}}{}", "{\"a\":1}@1|{\"b\":{\"c\":[{}]}}@3|{}@3|");
    assert_cut("\r\n\t {\n\"a\"\n:1}\n{}", "{\n\"a\"\n:1}@2|{}@5|");
}

static void braces_and_quotes_inside_of_strings_are_text(void **state)
{
    (void)state;
    assert_cut("{\"a\":\"}{\"} {\"b\":\"\\\"}\"}", "{\"a\":\"}{\"}@1|{\"b\":\"\\\"}\"}@1|");
    assert_cut("{\"a\":\"\\\\\"}{}", "{\"a\":\"\\\\\"}@1|{}@1|");
}

static void what_is_no_object_is_told_with_its_line(void **state)
{
    (void)state;
    assert_cut("{}\n{}\nmessage", "{}@1|{}@2|!3");
    assert_cut("[{}]", "!1");
}

static void an_object_that_does_not_end_is_told_with_the_line_it_begins_in(void **state)
{
    (void)state;
    assert_cut("{}\n{\"a\":\n\n", "{}@1|.2");
    assert_cut("{}\n \n", "{}@1|");
}

static void an_object_past_the_largest_message_is_refused(void **state)
{
    struct agent_cutter *c = agent_cutter_new();
    struct buf text = BUF_INIT(AGENT_JSON_MAX + 10);
    struct bytes object;
    size_t line;
    (void)state;
    buf_text(&text, "{\"");
    memset(buf_extend(&text, AGENT_JSON_MAX), 'a', AGENT_JSON_MAX);
    agent_cutter_add(c, buf_view(&text));
    assert_int_equal(agent_cutter_next(c, &object, &line), RESULT_TOO_LARGE);
    buf_free(&text);
    agent_cutter_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_cut_wherever_the_text_breaks),
        cmocka_unit_test(braces_and_quotes_inside_of_strings_are_text),
        cmocka_unit_test(what_is_no_object_is_told_with_its_line),
        cmocka_unit_test(an_object_that_does_not_end_is_told_with_the_line_it_begins_in),
        cmocka_unit_test(an_object_past_the_largest_message_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
