/* What net and the ledger say to the console, and what the console answers. */
#include "pages_bench.h"

/* ---- from net to the console and back */

static void a_page_goes_out_with_the_fields_that_guard_it(void **state)
{
    struct bench *b = *state;
    const struct grpc_call *c = get(b, "/en/");
    assert_answered(c, 200);
    assert_true(has(&c->fields, "content-type: text/html; charset=utf-8\n"));
    assert_true(has(&c->fields, "cache-control: no-store\n"));
    assert_true(has(&c->fields, "x-frame-options: DENY\n"));
    assert_true(has(&c->fields, "content-security-policy: default-src 'none'; "));
    assert_true(has(&c->body, "</html>"));
    assert_int_equal(b->views, 0);
}

static void of_a_head_request_only_the_head_goes_out(void **state)
{
    struct bench *b = *state;
    const struct http_request r = request("HEAD", "/en/");
    const struct grpc_call *c = send(b, &r, "");
    assert_answered(c, 200);
    assert_int_equal(c->body.n, 0);
}

static void the_fields_of_a_request_reach_the_page(void **state)
{
    struct bench *b = *state;
    struct http_request r = request("GET", "/");
    r.language = "en";
    assert_true(has(&send(b, &r, "")->fields, "location: /en/\n"));
    r.language = "ko, en";
    assert_true(has(&send(b, &r, "")->fields, "location: /ko/\n"));
    /* the query is what stands behind the first "?" */
    assert_true(has(&get(b, "/en/records?kind=a?b")->fields,
                    "location: /en/reason?then=/en/records%3Fkind%3Da%3Fb\n"));
    assert_answered(get(b, "/en/records?a=1&a=2"), 400);
}

static void a_form_is_taken_from_our_own_pages_only(void **state)
{
    struct bench *b = *state;
    assert_answered(state_reason(b, "cross-site"), 403);
    assert_string_equal(b->cookie, "");
    struct http_request r = request("POST", "/en/reason");
    r.type = FORM;
    r.origin = "https://evil:8444";
    assert_answered(send(b, &r, "reason=a"), 403);
    r.origin = "https://gate:8444";
    assert_answered(send(b, &r, "reason=a"), 303);
    const struct grpc_call *c = state_reason(b, "same-origin");
    assert_answered(c, 303);
    assert_true(has(&c->fields, "location: /en/records\n"));
    assert_memory_equal(b->cookie, "visit=", 6);
}

static void a_body_may_come_in_pieces(void **state)
{
    struct bench *b = *state;
    struct http_request r = request("POST", "/en/reason");
    r.site = "same-origin";
    r.type = FORM;
    struct grpc_call *c = open_call(b, &r);
    assert_int_equal(pages_events.message(c->arg, NULL, bytes_of_text("reason=in")), RESULT_OK);
    assert_int_equal(pages_events.message(c->arg, NULL, bytes_of_text("spection")), RESULT_OK);
    assert_waits(c);
    pages_events.half_closed(c->arg);
    assert_answered(c, 303);
}

/* The visit is the certificate's: a cookie that came along with another one opens nothing. */
static void a_visit_is_of_the_certificate_that_began_it(void **state)
{
    struct bench *b = *state;
    (void)state_reason(b, "same-origin");
    const struct grpc_call *own = get(b, "/en/records");
    assert_int_equal(own->begun == 1 && own->status == 303, false);
    b->guest.certificate[0] ^= 1;
    assert_answered(get(b, "/en/records"), 303);
}

static void a_unit_sees_what_its_role_may(void **state)
{
    struct bench *b = *state;
    b->guest.role = POLICY_CONSOLE_OPERATOR;
    assert_answered(get(b, "/en/records"), 403);
    assert_waits(get(b, "/metrics"));
    b->guest.role = POLICY_CONSOLE_OFFICER;
    assert_answered(get(b, "/metrics"), 403);
    b->guest.role = POLICY_CONSOLE_NONE; /* that is let in nowhere */
    assert_answered(get(b, "/en/policy"), 403);
}

/* It was a field that net could not send, and ended the call without a word. */
static void a_way_back_that_is_too_long_is_refused_by_name(void **state)
{
    struct bench *b = *state;
    char path[4000] = "/en/records?kind=";
    memset(path + 17, '<', sizeof path - 18); /* three bytes each, on the way back */
    assert_answered(get(b, path), 414);
}

/* ---- the record of a view */

static void nothing_leaves_before_its_view_is_on_record(void **state)
{
    struct bench *b = *state;
    const struct grpc_call *c = get_facts(b);
    assert_int_equal(b->views, 1);
    assert_waits(c);
    say_viewed(b, CONTROL_CODE_DONE);
    assert_answered(c, 200);
}

static void what_the_ledger_does_not_record_is_not_shown(void **state)
{
    struct bench *b = *state;
    const struct grpc_call *c = get_facts(b);
    say_viewed(b, CONTROL_CODE_NO_CONSOLE);
    assert_answered(c, 503);
}

static void a_ledger_that_is_away_is_told_at_the_turn_and_not_within_the_request(void **state)
{
    struct bench *b = *state;
    b->ledger_is_away = true;
    const struct grpc_call *c = get_facts(b);
    assert_waits(c);
    assert_int_equal(b->timer->in_us, 0);
    (void)turn(b);
    assert_answered(c, 503);
    b->ledger_is_away = false;
    c = get_facts(b);
    (void)turn(b);
    assert_waits(c); /* only what was asked while it was away is over */
    say_viewed(b, CONTROL_CODE_DONE);
    assert_answered(c, 200);
}

static void whoever_waits_is_told_that_the_ledger_went(void **state)
{
    struct bench *b = *state;
    const struct grpc_call *c = get_facts(b);
    b->timer->in_us = -1;
    pages_ledger_went(b->pages);
    assert_answered(c, 503);
    assert_int_equal(b->timer->in_us, 0);
}

/* /metrics asks list after list, and then has its reading recorded. */
static void metrics_are_answered_when_the_ledger_has_told_all_lists(void **state)
{
    struct bench *b = *state;
    const struct grpc_call *c = get(b, "/metrics");
    assert_int_equal(b->asks, 1);
    for (unsigned i = 0; i < 40 && b->views == 0; i++) {
        const unsigned asked = b->asks;
        say_nothing_there(b);
        if (b->asks == asked)
            (void)turn(b);
    }
    for (unsigned i = 0; i < 100 && b->views == 0; i++) {
        assert_int_equal(usleep(1000), 0);
        (void)turn(b);
    }
    assert_int_equal(b->views, 1);
    assert_waits(c);
    say_viewed(b, CONTROL_CODE_DONE);
    assert_answered(c, 200);
    assert_true(has(&c->body, "fedgate_ledger_up 1\n"));
    assert_answered(get(b, "/metrics"), 200); /* within the second: as it was gathered */
}

static void what_a_ledger_does_not_say_ends_the_channel(void **state)
{
    struct bench *b = *state;
    assert_int_equal(say(b, IPC_CONSOLE_ASK, bytes_of(NULL, 0)), RESULT_MALFORMED);
    assert_true(say(b, IPC_CONSOLE_SAID, bytes_of_text("x")) != RESULT_OK);
    assert_true(say(b, IPC_CONSOLE_VIEWED, bytes_of_text("x")) != RESULT_OK);
}

static void an_answer_that_nobody_waits_for_is_left_alone(void **state)
{
    struct bench *b = *state;
    struct grpc_call *c = get_facts(b);
    lose(c);
    say_viewed(b, CONTROL_CODE_DONE);
    b->ticket = 99;
    say_nothing_there(b);
    assert_waits(c);
}

/* ---- turns */

static void work_that_waits_is_done_at_once_and_else_once_a_second(void **state)
{
    struct bench *b = *state;
    assert_int_equal(b->timer->in_us, 0); /* from the beginning */
    assert_int_equal(turn(b), US_PER_S);
    struct grpc_call *c = get(b, "/en/");
    assert_int_equal(b->timer->in_us, 0); /* a request */
    assert_int_equal(turn(b), US_PER_S);
    pages_events.writable(c->arg);
    assert_int_equal(b->timer->in_us, 0); /* room */
    assert_int_equal(turn(b), US_PER_S);
    c = get_facts(b);
    (void)turn(b);
    say_viewed(b, CONTROL_CODE_DONE);
    assert_int_equal(b->timer->in_us, 0); /* the ledger */
    assert_answered(c, 200);
}

/* Metrics look again after some milliseconds, and no longer when their call is gone. */
static void a_page_at_work_says_when_it_goes_on(void **state)
{
    struct bench *b = *state;
    struct grpc_call *c = get(b, "/metrics");
    const int64_t soon_us = turn(b);
    assert_true(soon_us >= 0 && soon_us <= 10 * (US_PER_S / 1000));
    lose(c);
    assert_int_equal(turn(b), US_PER_S);
}

/* ---- budgets, and the end */

static void a_page_is_asked_for_more_when_little_of_it_waits(void **state)
{
    struct bench *b = *state;
    assert_int_equal(get(b, "/en/")->mark, 128 << 10);
}

static void so_many_requests_of_a_unit_are_open_at_once(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < CONSOLE_CALLS_OF_UNIT; i++)
        assert_waits(get_facts(b));
    const struct grpc_call *c = get_facts(b);
    assert_answered(c, 429);
    lose(&b->call[b->calls - 1]);
    lose(&b->call[b->calls - 2]);
    assert_waits(get_facts(b));
}

/* As it is when a unit is revoked: net closes the connection, and all of its calls with it. */
static void calls_that_end_while_they_wait_leave_nothing_behind(void **state)
{
    struct bench *b = *state;
    (void)state_reason(b, "same-origin");
    static const char *const paths[] = {"/en/facts", "/metrics", "/en/now/events", "/en/now"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct grpc_call *c = get(b, paths[i]);
        const unsigned begun = c->begun;
        lose(c);
        (void)turn(b);
        say_viewed(b, CONTROL_CODE_DONE);
        say_nothing_there(b);
        pages_ledger_went(b->pages);
        assert_int_equal(c->begun, begun); /* nothing goes out to whoever is gone */
        assert_int_equal(turn(b), US_PER_S);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
        T(a_page_goes_out_with_the_fields_that_guard_it),
        T(of_a_head_request_only_the_head_goes_out),
        T(the_fields_of_a_request_reach_the_page),
        T(a_form_is_taken_from_our_own_pages_only),
        T(a_body_may_come_in_pieces),
        T(a_visit_is_of_the_certificate_that_began_it),
        T(a_unit_sees_what_its_role_may),
        T(a_way_back_that_is_too_long_is_refused_by_name),
        T(nothing_leaves_before_its_view_is_on_record),
        T(what_the_ledger_does_not_record_is_not_shown),
        T(a_ledger_that_is_away_is_told_at_the_turn_and_not_within_the_request),
        T(whoever_waits_is_told_that_the_ledger_went),
        T(metrics_are_answered_when_the_ledger_has_told_all_lists),
        T(what_a_ledger_does_not_say_ends_the_channel),
        T(an_answer_that_nobody_waits_for_is_left_alone),
        T(work_that_waits_is_done_at_once_and_else_once_a_second),
        T(a_page_at_work_says_when_it_goes_on),
        T(a_page_is_asked_for_more_when_little_of_it_waits),
        T(so_many_requests_of_a_unit_are_open_at_once),
        T(calls_that_end_while_they_wait_leave_nothing_behind),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
