/* Lines of control lists, in words. */
#include "report/due.h"
#include "report/waiting.h"

#include "support.h"

static struct control_item held(void)
{
    return (struct control_item){.subject = W("1234-0"),
                                 .envelope = {.source = W(CENTRE),
                                              .kind = W("scene_image"),
                                              .service = W("112-onsite-video"),
                                              .status = W("actual"),
                                              .incident = {incident},
                                              .incidents = 1},
                                 .unit = W(POLICE),
                                 .clause = W("mou#grant"),
                                 .failed = W("approval: 2 persons"),
                                 .role = W("records-officer"),
                                 .party = {W("daejeon-city-center")},
                                 .parties = 1,
                                 .officer = {W("daejeon-city-center/park")},
                                 .officers = 1,
                                 .persons = 2,
                                 .since_us = TEN,
                                 .due_us = TEN + US_PER_HOUR};
}

/* A line as a list has it, cells parted by '|'. */
static const char *line_of(const struct control_item *i, unsigned list, bool korean)
{
    static char out[2048];
    const enum waiting_column *column;
    struct buf text = BUF_INIT(sizeof out - 1);
    const size_t n = waiting_columns(list, &column);
    for (size_t k = 0; k < n; k++) {
        buf_text(&text, k == 0 ? "" : "|");
        waiting_put(i, column[k], korean, &text);
    }
    (void)snprintf(out, sizeof out, "%s", buf_c(&text));
    buf_free(&text);
    return out;
}

static void a_held_message_says_who_acted_and_until_when_it_waits(void **state)
{
    (void)state;
    const struct control_item i = held();
    assert_string_equal(line_of(&i, ROAD_APPROVAL, false),
                        "1234-0|2025-11-21T10:00:00+09:00|2025-11-21T11:00:00+09:00|" CENTRE
                        "|" POLICE "|scene_image|actual|mou#grant|1/2 daejeon-city-center/park");
}

static void what_the_gateway_suspends_is_said_in_words_and_what_officers_do_in_theirs(void **state)
{
    (void)state;
    struct control_item i = {.subject = W("offender " POLICE),
                             .officer = {W("gateway")},
                             .officers = 1,
                             .reason = W("flood"),
                             .since_us = TEN};
    const char *korean = line_of(&i, CONTROL_SUSPENSIONS, true);
    assert_null(strstr(korean, "flood"));
    i.officer[0] = W("npa-daejeon/kim");
    assert_non_null(strstr(line_of(&i, CONTROL_SUSPENSIONS, true), "npa-daejeon/kim|flood"));
}

static void a_request_says_how_it_stands(void **state)
{
    (void)state;
    struct control_item i = {.subject = W("r-1"), .role = W("subject"), .overdue = true};
    assert_non_null(strstr(line_of(&i, CONTROL_REQUESTS, false), "|overdue|"));
    i.clause = W("masked.mp4");
    assert_non_null(strstr(line_of(&i, CONTROL_REQUESTS, false), "|overdue, masked|"));
    i = (struct control_item){.subject = W("r-1"), .went_ahead = true};
    assert_non_null(strstr(line_of(&i, CONTROL_REQUESTS, false), "|postponed|"));
}

/* ---- one item */

static void note_row(void *arg, const char *name, struct bytes value)
{
    struct buf *out = arg;
    buf_printf(out, "%s=%.*s\n", name, (int)value.n, (const char *)value.p);
}

static void all_that_is_known_of_one_is_said_and_nothing_empty(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1 << 16);
    struct control_item i = held();
    waiting_each(&i, ROAD_APPROVAL, false, note_row, &out);
    assert_non_null(strstr(buf_c(&out), "because=approval: 2 persons\n"));
    assert_non_null(strstr(buf_c(&out), "incident=" INCIDENT "\n"));
    assert_non_null(strstr(buf_c(&out), "state=nobody has it yet\n"));
    assert_null(strstr(buf_c(&out), "basis="));
    buf_clear(&out);
    i.went_ahead = true;
    waiting_each(&i, ROAD_APPROVAL, true, note_row, &out);
    assert_non_null(strstr(buf_c(&out), "현황=야간에"));
    buf_free(&out);
}

static void what_is_due_has_the_number_of_its_key_alone(void **state)
{
    (void)state;
    const struct names names = {0};
    struct report_table *t = due_new(false);
    const struct control_item i = {.subject = W("scope 77"),
                                   .due_us = TEN,
                                   .failed = W("deadline"),
                                   .clause = W("mou"),
                                   .unit = W("3")};
    due_add(t, &names, &i);
    assert_cell(t, 0, 0, "77");
    assert_cell(t, 0, 1, "2025-11-21 10:00:00");
    assert_cell(t, 0, 5, "3");
    assert_non_null(table_note_at(t, 0));
    table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_message_says_who_acted_and_until_when_it_waits),
        cmocka_unit_test(what_the_gateway_suspends_is_said_in_words_and_what_officers_do_in_theirs),
        cmocka_unit_test(a_request_says_how_it_stands),
        cmocka_unit_test(all_that_is_known_of_one_is_said_and_nothing_empty),
        cmocka_unit_test(what_is_due_has_the_number_of_its_key_alone)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
