/* How the gateway stands: asked for once for all, shown as it was said, sent on while it changes.
 */
#include "support.h"

#include "console/now.h"

static void say(struct web_bench *b, struct bytes item, size_t items)
{
    const struct control_answer a = {.code = CONTROL_CODE_DONE, .items = items};
    struct buf frame = BUF_INIT(CONTROL_ANSWER_MAX);
    control_answer_put(&a, &frame);
    buf_put(&frame, item.p, item.n);
    console_said(b->console, b->asked, buf_view(&frame));
    buf_free(&frame);
}

static uint8_t list_asked(struct web_bench *b)
{
    struct cursor in = cursor_over(buf_view(&b->request));
    struct control_request r;
    assert_int_equal(control_request_take(&in, &r), RESULT_OK);
    assert_int_equal(r.ask, CONTROL_LIST);
    return r.list;
}

/* Answers whatever is asked, with hostile words in it; of the ledger, with this. */
static void say_all_of(struct web_bench *b, const struct live_ledger *ledger, uint64_t sessions)
{
    for (size_t i = 0; i < NOW_LISTS; i++) {
        const struct live_edge edge = {.serves = true, .sessions = (uint32_t)sessions};
        const struct live_stream stream = {.index = 42,
                                           .id = B("id"),
                                           .unit = B("a/b"),
                                           .clause = B("<i>&\"'"),
                                           .status = 1,
                                           .since_us = TEN};
        struct buf item = BUF_INIT(1 << 16);
        uint8_t list = list_asked(b);
        const struct live_party party[] = {
            {.party = B("idle")},
            {.party = B("a&b"),
             .waiting = 5,
             .unacknowledged = 1,
             .lane = {{.waiting = 2, .unacknowledged = 1, .oldest_us = TEN},
                      {.waiting = 3, .oldest_us = TEN - US_PER_HOUR}}}};
        size_t items = 1;
        if (list == CONTROL_LEDGER)
            live_ledger_put(ledger, &item);
        else if (list == CONTROL_EDGE)
            live_edge_put(&edge, &item);
        else if (list == CONTROL_STREAMS)
            live_stream_put(&stream, &item);
        else if (list == CONTROL_PARTIES)
            for (items = 0; items < ARRAY_LEN(party); items++)
                live_party_put(&party[items], &item);
        say(b, buf_view(&item), item.n > 0 ? items : 0);
        buf_free(&item);
    }
}

static void say_all(struct web_bench *b, uint64_t sessions)
{
    const struct live_ledger ledger = {.set = B("set"), .serial = 7, .entries = 5, .published = 3};
    say_all_of(b, &ledger, sessions);
}

static struct web_call *open_of(struct web_bench *b, const char *unit, const char *path)
{
    struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    v.unit = B(unit);
    const struct web_request r = get_of(path, "", "");
    return ask_as(b, &v, &r, "");
}

static struct web_call *open_now(struct web_bench *b, const char *path)
{
    return open_of(b, AUDITOR, path);
}

/* The whole page, by a ledger that says this. */
static void show_now(struct web_bench *b, enum policy_console role, const struct live_ledger *l)
{
    const struct visitor v = visitor_of(role);
    const struct web_request r = get_of("/en/now", "", "");
    struct web_call *w = ask_as(b, &v, &r, "");
    say_all_of(b, l, 1);
    b->now_us += US_PER_S / 10;
    (void)console_turn(b->console);
    assert_int_equal(b->status, 200);
    assert_well_formed(b);
    console_gone(w);
}

static void it_shows_what_ledger_and_edge_say(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    struct web_call *w = open_now(&b, "/en/now");
    assert_int_equal(b.begun, 0);
    assert_string_equal(b.asked_for, ""); /* once for all who look */
    say_all(&b, 4711);
    b.now_us += US_PER_S / 10;
    (void)console_turn(b.console);
    assert_int_equal(b.status, 200);
    assert_well_formed(&b);
    assert_true(shows(&b, "4711") && shows(&b, "href=\"/en/record/42\""));
    assert_true(shows(&b, "&lt;i&gt;&amp;&quot;&#39;"));
    assert_string_equal(b.viewed, "now html -1 0-0 ");
    console_gone(w);
    web_free(&b);
}

static void each_lane_has_what_waits_and_since_when(void **state)
{
    (void)state;
    struct web_bench b;
    const struct live_ledger l = {.set = B("set"),
                                  .lane = {{.waiting = 3, .unacknowledged = 1},
                                           {.unacknowledged = 8},
                                           {.waiting = 70, .oldest_us = TEN - 26 * US_PER_HOUR}}};
    web_init(&b);
    show_now(&b, POLICY_CONSOLE_OPERATOR, &l);
    assert_true(shows(&b, "urgent</th><td>3</td><td>1</td><td></td><td></td>"));
    assert_true(shows(&b, "normal</th><td>0</td><td>8</td><td></td><td></td>"));
    assert_true(shows(&b, "bulk</th><td>70</td><td>0</td><td><time>2025-11-20 "
                          "08:00:00</time></td><td>26:00:00</td>"));
    web_free(&b);
}

static void a_party_that_something_waits_for_has_it_by_lane(void **state)
{
    (void)state;
    struct web_bench b;
    const struct live_ledger l = {.set = B("set")};
    web_init(&b);
    show_now(&b, POLICY_CONSOLE_OPERATOR, &l);
    assert_true(shows(&b, "a&amp;b</th><td>2</td><td>3</td><td>0</td><td>1</td>"
                          "<td><time>2025-11-21 09:00:00</time></td>"));
    assert_false(shows(&b, "idle</th>"));
    web_free(&b);
}

static void a_checkpoint_is_as_old_as_its_signature_and_not_as_its_newest_entry(void **state)
{
    (void)state;
    struct web_bench b;
    struct live_ledger l = {
        .set = B("set"), .entries = 9, .published = 5, .signed_us = TEN - 75 * US_PER_S};
    web_init(&b);
    show_now(&b, POLICY_CONSOLE_AUDITOR, &l);
    assert_true(shows(
        &b, "signed</th><td><time>2025-11-21 09:58:45</time></td><td>0:01:15</td><td>5</td>"));
    assert_true(shows(&b, "newest entry under the checkpoint</th><td></td><td></td><td>0</td>"));
    assert_true(shows(&b, "No witness is configured") && !shows(&b, "No witness is late"));
    b.now_us += 3 * US_PER_S;
    l.signed_us = 0;
    show_now(&b, POLICY_CONSOLE_AUDITOR, &l);
    assert_true(shows(&b, "<td>none signed since the ledger began</td>"));
    b.now_us += 3 * US_PER_S;
    l.signed_us = b.now_us + US_PER_HOUR; /* by another clock: not less than no time ago */
    show_now(&b, POLICY_CONSOLE_AUDITOR, &l);
    assert_true(shows(&b, "<td>0:00:00</td>"));
    web_free(&b);
}

/* An operator may not see records; the link to that of a stream led to a refusal. */
static void who_may_not_see_records_has_no_link_to_one(void **state)
{
    (void)state;
    struct web_bench b;
    const struct live_ledger l = {.set = B("set")};
    web_init(&b);
    show_now(&b, POLICY_CONSOLE_OPERATOR, &l);
    assert_true(shows(&b, ">42</th>") && !shows(&b, "/record"));
    b.now_us += 3 * US_PER_S;
    show_now(&b, POLICY_CONSOLE_AUDITOR, &l);
    assert_true(shows(&b, "<a href=\"/en/record/42\">42</a>"));
    web_free(&b);
}

static void nothing_leaves_before_its_view_is_recorded(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    b.holds_views = true;
    struct web_call *w = open_now(&b, "/en/now");
    say_all(&b, 1);
    (void)console_turn(b.console);
    b.now_us += US_PER_S;
    (void)console_turn(b.console);
    assert_int_equal(b.views, 1);
    assert_int_equal(b.begun, 0);
    console_viewed(b.console, b.view_ticket + 1, true, 0);
    assert_int_equal(b.begun, 0);
    console_viewed(b.console, b.view_ticket, true, 0);
    assert_int_equal(b.status, 200);
    console_gone(w);
    web_free(&b);
}

static void a_view_that_is_not_recorded_shows_nothing(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    b.holds_views = true;
    struct web_call *w = open_now(&b, "/en/now");
    say_all(&b, 4711);
    b.now_us += US_PER_S;
    (void)console_turn(b.console);
    console_viewed(b.console, b.view_ticket, false, 0);
    assert_int_equal(b.status, 503);
    assert_well_formed(&b);
    assert_false(shows(&b, "4711"));
    console_gone(w);
    web_free(&b);
}

/* A ledger that stood still left its readers before an empty window for ever. */
static void a_view_that_nobody_answers_shows_nothing_and_says_so(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    b.holds_views = true;
    struct web_call *w = open_now(&b, "/en/now");
    say_all(&b, 4711);
    b.now_us += 9 * US_PER_S;
    (void)console_turn(b.console);
    assert_int_equal(b.begun, 0);
    b.now_us += 10 * US_PER_S;
    (void)console_turn(b.console);
    assert_int_equal(b.status, 503);
    assert_false(shows(&b, "4711"));
    console_viewed(b.console, b.view_ticket, true, 0); /* too late */
    assert_int_equal(b.ended, 1);
    console_gone(w);
    web_free(&b);
}

static void a_ledger_that_is_away_is_told_of(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    struct web_call *w = open_now(&b, "/en/now");
    console_ledger_went(b.console);
    b.now_us += US_PER_S;
    (void)console_turn(b.console);
    assert_true(shows(&b, "tell the operators"));
    assert_well_formed(&b);
    console_gone(w);
    w = open_now(&b, "/en/now"); /* one that never answers, too */
    b.now_us += US_PER_MINUTE;
    (void)console_turn(b.console);
    (void)console_turn(b.console);
    assert_true(shows(&b, "tell the operators"));
    console_gone(w);
    web_free(&b);
}

static size_t count_of(struct web_bench *b, const char *text)
{
    size_t n = 0;
    for (const char *at = buf_c(&b->body); (at = strstr(at, text)) != NULL; at++)
        n++;
    return n;
}

static void turn_after(struct web_bench *b, int64_t us)
{
    b->now_us += us;
    (void)console_turn(b->console);
}

static void the_live_stream_sends_what_is_new(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    struct web_call *w = open_now(&b, "/en/now/events");
    assert_true(has_field(&b, "content-type: text/event-stream; charset=utf-8\n"));
    assert_string_equal(b.viewed, "now-live html -1 0-0 ");
    (void)console_turn(b.console);
    say_all(&b, 4711);
    turn_after(&b, US_PER_S / 100);
    assert_int_equal(count_of(&b, "event: page\ndata: "), 1);
    turn_after(&b, 2 * US_PER_S);
    say_all(&b, 4712);
    b.queued = 1; /* who does not take it misses one */
    turn_after(&b, US_PER_S / 100);
    assert_int_equal(count_of(&b, "event: page\ndata: "), 1);
    b.queued = 0;
    turn_after(&b, 2 * US_PER_S);
    say_all(&b, 4713);
    turn_after(&b, US_PER_S / 100);
    assert_int_equal(count_of(&b, "event: page\ndata: "), 2);
    assert_true(shows(&b, "4713") && !shows(&b, "4712"));
    assert_int_equal(b.ended, 0);
    for (const char *line = buf_c(&b.body); line != NULL && *line != '\0';) {
        assert_true(*line == '\n' || strncmp(line, "data: ", 6) == 0 ||
                    strncmp(line, "event: ", 7) == 0);
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    console_gone(w);
    web_free(&b);
}

static void two_who_look_are_one_question(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    struct web_call *w = open_now(&b, "/en/now");
    const uint64_t asked = b.asked;
    struct web_call *v = open_now(&b, "/ko/now");
    assert_int_equal(b.asked, asked);
    console_gone(v);
    console_gone(w);
    web_free(&b);
}

static void live_streams_have_an_end(void **state)
{
    (void)state;
    static struct web_call *call[CONSOLE_STREAMS_MAX];
    struct web_bench b;
    web_init(&b);
    char unit[32];
    for (size_t i = 0; i < CONSOLE_STREAMS_MAX; i++) {
        (void)snprintf(unit, sizeof unit, "a/unit-%zu", i / CONSOLE_STREAMS_OF_UNIT);
        call[i] = open_of(&b, unit, "/en/now/events");
        assert_int_equal(b.status, 200);
    }
    struct web_call *one = open_now(&b, "/en/now/events");
    assert_int_equal(b.status, 429);
    console_gone(one);
    console_gone(call[0]);
    call[0] = open_now(&b, "/en/now/events");
    assert_int_equal(b.status, 200);
    for (size_t i = 0; i < CONSOLE_STREAMS_MAX; i++)
        console_gone(call[i]);
    web_free(&b);
}

/* Its story: one visitor could hold all of them, and nobody else saw anything live. */
static void no_unit_has_all_live_streams(void **state)
{
    (void)state;
    struct web_call *call[CONSOLE_STREAMS_OF_UNIT];
    struct web_bench b;
    web_init(&b);
    for (size_t i = 0; i < CONSOLE_STREAMS_OF_UNIT; i++)
        call[i] = open_of(&b, "a/b", "/en/now/events");
    struct web_call *more = open_of(&b, "a/b", "/en/now/events");
    assert_int_equal(b.status, 429);
    assert_true(shows(&b, "close one"));
    assert_well_formed(&b);
    struct web_call *other = open_of(&b, "a/c", "/en/now/events");
    assert_int_equal(b.status, 200);
    console_gone(more);
    console_gone(call[0]);
    call[0] = open_of(&b, "a/b", "/en/now/events");
    assert_int_equal(b.status, 200);
    for (size_t i = 0; i < CONSOLE_STREAMS_OF_UNIT; i++)
        console_gone(call[i]);
    console_gone(other);
    web_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_shows_what_ledger_and_edge_say),
        cmocka_unit_test(each_lane_has_what_waits_and_since_when),
        cmocka_unit_test(a_party_that_something_waits_for_has_it_by_lane),
        cmocka_unit_test(a_checkpoint_is_as_old_as_its_signature_and_not_as_its_newest_entry),
        cmocka_unit_test(who_may_not_see_records_has_no_link_to_one),
        cmocka_unit_test(nothing_leaves_before_its_view_is_recorded),
        cmocka_unit_test(a_view_that_is_not_recorded_shows_nothing),
        cmocka_unit_test(a_view_that_nobody_answers_shows_nothing_and_says_so),
        cmocka_unit_test(a_ledger_that_is_away_is_told_of),
        cmocka_unit_test(the_live_stream_sends_what_is_new),
        cmocka_unit_test(two_who_look_are_one_question),
        cmocka_unit_test(live_streams_have_an_end),
        cmocka_unit_test(no_unit_has_all_live_streams),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
