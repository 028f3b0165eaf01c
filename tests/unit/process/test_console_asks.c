/* What the console asks at the ledger's desk. */
#include "office.h"

#include "process/console_asks.h"

static enum result unit_asks(struct office *o, uint64_t ticket, const char *unit,
                             const struct control_request *r)
{
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX), body = BUF_INIT(CONTROL_REQUEST_MAX + 64);
    control_request_put(r, &request);
    console_ask_put(&(struct console_ask){ticket, bytes_of_text(unit), buf_view(&request)}, &body);
    assert_int_equal(buf_status(&body), RESULT_OK);
    enum result result = desk_console_asks(o->desk, buf_view(&body), o->now_us, &o->peers);
    buf_free(&request);
    buf_free(&body);
    return result;
}

static enum result console_asks(struct office *o, uint64_t ticket, const struct control_request *r)
{
    return unit_asks(o, ticket, "", r);
}

static void console_lists(struct office *o, uint64_t ticket, unsigned list)
{
    const struct control_request r = {.ask = CONTROL_LIST, .list = (uint8_t)list};
    assert_int_equal(console_asks(o, ticket, &r), RESULT_OK);
}

/* The next answer's ticket, 0: there is none; its code. */
static uint64_t console_hears(struct office *o, unsigned *code)
{
    struct buf body = BUF_INIT(CONTROL_ANSWER_MAX + 64);
    struct console_said s = {0};
    struct control_answer a;
    assert_int_equal(channel_flush(o->peers.console), RESULT_OK);
    if (said(o->console, &body) != 0) {
        struct cursor in = cursor_over(buf_view(&body));
        assert_int_equal(console_said_take(&in, &s), RESULT_OK);
        in = cursor_over(s.answer);
        assert_int_equal(control_answer_take(&in, &a), RESULT_OK);
        *code = a.code;
    }
    buf_free(&body);
    return s.ticket;
}

static void assert_hears(struct office *o, uint64_t ticket, enum control_code code)
{
    unsigned heard = CONTROL_CODES;
    assert_int_equal(console_hears(o, &heard), ticket);
    assert_int_equal(heard, code);
}

static void assert_hears_nothing(struct office *o)
{
    unsigned code;
    assert_int_equal(console_hears(o, &code), 0);
}

static void the_console_is_answered_behind_the_commit(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    console_lists(&o, 7, CONTROL_LEDGER);
    console_lists(&o, 9, ROAD_APPROVAL);
    assert_hears_nothing(&o);
    turn(&o);
    assert_hears(&o, 7, CONTROL_CODE_DONE);
    assert_hears(&o, 9, CONTROL_CODE_DONE);
    assert_hears_nothing(&o);
    close_office(&o);
}

static void the_console_operates_nothing_and_opens_no_register(void **state)
{
    static const struct control_request bad[] = {
        {.ask = CONTROL_OPERATE,
         .act = CONTROL_CUT,
         .subject = {(const uint8_t *)"sessions npa-daejeon", 20},
         .officer = {(const uint8_t *)"seo", 3},
         .reason = {(const uint8_t *)"planned", 7}},
        {.ask = CONTROL_READ, .subject = {(const uint8_t *)"1", 1}},
    };
    struct office o;
    struct buf odd = BUF_INIT(64);
    (void)state;
    open_office(&o);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(console_asks(&o, i + 1, &bad[i]), RESULT_OK);
        turn(&o);
        assert_hears(&o, i + 1, CONTROL_CODE_MALFORMED);
    }
    console_ask_put(&(struct console_ask){3, bytes_of_text("a/b"), bytes_of_text("no request")},
                    &odd);
    assert_int_equal(desk_console_asks(o.desk, buf_view(&odd), o.now_us, &o.peers), RESULT_OK);
    assert_hears(&o, 3, CONTROL_CODE_MALFORMED);
    assert_int_equal(type_said(o.edge), 0);
    assert_int_equal(house_count_leaves(o.house, "operated"), 0);
    assert_int_equal(desk_console_asks(o.desk, bytes_of_text("x"), o.now_us, &o.peers), RESULT_END);
    buf_free(&odd);
    close_office(&o);
}

/* What the edge is asked next, and its answer, that it serves. */
static void edge_answers(struct office *o)
{
    struct buf body = BUF_INIT(4096);
    struct live_ask asked;
    const struct live_edge is = {.serves = true};
    assert_int_equal(said(o->edge, &body), IPC_LIVE_ASK);
    struct cursor in = cursor_over(buf_view(&body));
    assert_int_equal(live_ask_take(&in, &asked), RESULT_OK);
    buf_clear(&body);
    live_said_put(&(struct live_said){asked.ticket, LIVE_EDGE, 1, false}, &body);
    live_edge_put(&is, &body);
    assert_int_equal(edge_says(o, IPC_LIVE_SAID, buf_view(&body)), RESULT_OK);
    buf_free(&body);
}

static void what_the_console_asks_of_the_edge_is_the_edges(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    console_lists(&o, 4, CONTROL_EDGE);
    turn(&o);
    assert_hears_nothing(&o);
    edge_answers(&o);
    turn(&o);
    assert_hears(&o, 4, CONTROL_CODE_DONE);
    console_lists(&o, 5, CONTROL_EDGE);
    turn(&o);
    o.now_us += 6 * US_PER_S;
    turn(&o);
    assert_hears(&o, 5, CONTROL_CODE_NO_EDGE); /* it does not answer */
    edge_answers(&o);
    turn(&o);
    assert_hears_nothing(&o); /* too late */
    lose_edge(&o);
    console_lists(&o, 6, CONTROL_EDGE);
    turn(&o);
    assert_hears(&o, 6, CONTROL_CODE_NO_EDGE);
    close_office(&o);
}

static void a_new_console_hears_nothing_of_what_the_one_before_asked(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    console_lists(&o, 4, CONTROL_EDGE);
    console_lists(&o, 5, CONTROL_LEDGER);
    turn(&o);
    assert_hears(&o, 5, CONTROL_CODE_DONE);
    desk_console_went(o.desk);
    edge_answers(&o);
    turn(&o);
    assert_hears_nothing(&o);
    close_office(&o);
}

static void so_many_questions_of_the_console_are_under_way(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    for (uint64_t i = 1; i <= CONSOLE_ASKS_MAX; i++)
        console_lists(&o, i, CONTROL_EDGE);
    console_lists(&o, 99, CONTROL_LEDGER);
    assert_hears(&o, 99, CONTROL_CODE_TOO_MANY);
    turn(&o);
    edge_answers(&o);
    turn(&o);
    assert_hears(&o, 1, CONTROL_CODE_DONE);
    console_lists(&o, 100, CONTROL_LEDGER);
    turn(&o);
    assert_hears(&o, 100, CONTROL_CODE_DONE);
    close_office(&o);
}

/* Each signed text that is refused is on record: a console in wrong hands fills no log. */
static void so_many_acts_of_the_console_are_taken_and_so_many_a_second(void **state)
{
    const struct control_request r = {.ask = CONTROL_SUBMIT,
                                      .text = bytes_of_text("a text"),
                                      .signature = bytes_of_text("a signature")};
    struct office o;
    (void)state;
    open_office(&o);
    for (uint64_t i = 1; i <= CONSOLE_ACTS_MOST; i++) {
        char unit[32];
        (void)snprintf(unit, sizeof unit, "a/unit-%u", (unsigned)(i / CONSOLE_ACTS_OF_UNIT));
        assert_int_equal(unit_asks(&o, i, unit, &r), RESULT_OK);
        turn(&o);
        assert_hears(&o, i, CONTROL_CODE_NOT_PREPARED);
    }
    assert_int_equal(console_asks(&o, 50, &r), RESULT_OK);
    assert_hears(&o, 50, CONTROL_CODE_TOO_MANY);
    console_lists(&o, 51, CONTROL_LEDGER); /* lists have a budget of their own */
    turn(&o);
    assert_hears(&o, 51, CONTROL_CODE_DONE);
    assert_int_equal(house_count_leaves(o.house, "act-refused"), CONSOLE_ACTS_MOST);
    o.now_us += US_PER_S;
    assert_int_equal(console_asks(&o, 52, &r), RESULT_OK);
    turn(&o);
    assert_hears(&o, 52, CONTROL_CODE_NOT_PREPARED);
    close_office(&o);
}

/* Its story: one unit's signatures, sent again and again, kept all officers of all parties from
 * acting. */
static void no_unit_spends_what_others_may_act(void **state)
{
    const struct control_request r = {.ask = CONTROL_SUBMIT,
                                      .text = bytes_of_text("a text"),
                                      .signature = bytes_of_text("a signature")};
    const struct control_request list = {.ask = CONTROL_LIST, .list = CONTROL_CLOCK};
    uint64_t ticket = 0;
    struct office o;
    (void)state;
    open_office(&o);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(unit_asks(&o, ++ticket, "a/b", &r), RESULT_OK);
        turn(&o);
        assert_hears(&o, ticket,
                     i < CONSOLE_ACTS_OF_UNIT ? CONTROL_CODE_NOT_PREPARED : CONTROL_CODE_TOO_MANY);
    }
    assert_int_equal(unit_asks(&o, ++ticket, "a/c", &r), RESULT_OK);
    turn(&o);
    assert_hears(&o, ticket, CONTROL_CODE_NOT_PREPARED);
    for (unsigned i = 0; i < 2 * CONSOLE_LISTS_MOST; i++) {
        assert_int_equal(unit_asks(&o, ++ticket, "a/b", &list), RESULT_OK);
        desk_turn(o.desk, o.now_us, &o.peers);
        assert_hears(&o, ticket,
                     i < CONSOLE_LISTS_OF_UNIT ? CONTROL_CODE_DONE : CONTROL_CODE_TOO_MANY);
    }
    console_lists(&o, ++ticket, CONTROL_CLOCK);
    turn(&o);
    assert_hears(&o, ticket, CONTROL_CODE_DONE);
    close_office(&o);
}

static void lists_of_the_console_have_a_budget(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    for (uint64_t i = 1; i <= CONSOLE_LISTS_MOST; i++) {
        console_lists(&o, i, CONTROL_CLOCK);
        desk_turn(o.desk, o.now_us, &o.peers);
        assert_hears(&o, i, CONTROL_CODE_DONE);
    }
    console_lists(&o, 1000, CONTROL_CLOCK);
    assert_hears(&o, 1000, CONTROL_CODE_TOO_MANY);
    o.now_us += US_PER_S;
    console_lists(&o, 1001, CONTROL_CLOCK);
    turn(&o);
    assert_hears(&o, 1001, CONTROL_CODE_DONE);
    close_office(&o);
}

/* Its story: units that asked as much as they may had all of it, and the metrics told of an edge
 * that was not there. */
static void units_leave_something_to_what_is_asked_for_all(void **state)
{
    const struct control_request clock = {.ask = CONTROL_LIST, .list = CONTROL_CLOCK},
                                 edge = {.ask = CONTROL_LIST, .list = CONTROL_EDGE};
    uint64_t ticket = 0;
    char unit[32];
    struct office o;
    (void)state;
    open_office(&o);
    for (unsigned i = 0; i < CONSOLE_LISTS_MOST; i++) {
        (void)snprintf(unit, sizeof unit, "a/unit-%u", i / CONSOLE_LISTS_OF_UNIT);
        assert_int_equal(unit_asks(&o, ++ticket, unit, &clock), RESULT_OK);
        desk_turn(o.desk, o.now_us, &o.peers);
        assert_hears(&o, ticket,
                     i < CONSOLE_LISTS_MOST - CONSOLE_LISTS_FOR_ALL ? CONTROL_CODE_DONE
                                                                    : CONTROL_CODE_TOO_MANY);
    }
    console_lists(&o, ++ticket, CONTROL_CLOCK);
    turn(&o);
    assert_hears(&o, ticket, CONTROL_CODE_DONE);
    o.now_us += US_PER_MINUTE;
    for (unsigned i = 0; i < CONSOLE_ASKS_MAX - CONSOLE_ASKS_FOR_ALL; i++)
        assert_int_equal(unit_asks(&o, ++ticket, "a/b", &edge), RESULT_OK);
    assert_int_equal(unit_asks(&o, ++ticket, "a/b", &edge), RESULT_OK);
    assert_hears(&o, ticket, CONTROL_CODE_TOO_MANY);
    console_lists(&o, ++ticket, CONTROL_CLOCK);
    turn(&o);
    assert_hears(&o, ticket, CONTROL_CODE_DONE);
    close_office(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_console_is_answered_behind_the_commit),
        cmocka_unit_test(the_console_operates_nothing_and_opens_no_register),
        cmocka_unit_test(what_the_console_asks_of_the_edge_is_the_edges),
        cmocka_unit_test(a_new_console_hears_nothing_of_what_the_one_before_asked),
        cmocka_unit_test(so_many_questions_of_the_console_are_under_way),
        cmocka_unit_test(so_many_acts_of_the_console_are_taken_and_so_many_a_second),
        cmocka_unit_test(no_unit_spends_what_others_may_act),
        cmocka_unit_test(lists_of_the_console_have_a_budget),
        cmocka_unit_test(units_leave_something_to_what_is_asked_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
