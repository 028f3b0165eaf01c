/* What a gateway has at this moment, between edge, ledger and fedgatectl. */
#include "ipc/live.h"

#include "ipc/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct live_session session = {.number = 7,
                                            .unit = {(const uint8_t *)"a/b", 3},
                                            .address = {(const uint8_t *)"10.0.0.1", 8},
                                            .certificate = {1, 2, 3},
                                            .since_us = 5,
                                            .streams = 1,
                                            .watchers = 2,
                                            .subscribers = 3};
static const struct live_stream stream = {.index = 9,
                                          .id = {(const uint8_t *)"s", 1},
                                          .unit = {(const uint8_t *)"a/b", 3},
                                          .clause = {(const uint8_t *)"m#c", 3},
                                          .incident = {(const uint8_t *)"a/b:i", 5},
                                          .since_us = 6,
                                          .watchers = 4,
                                          .frames = 10,
                                          .bytes = 1880};

static void an_item_comes_back_as_it_was(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct live_session s;
    struct live_stream t;
    live_session_put(&session, &b);
    live_stream_put(&stream, &b);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(live_session_take(&in, &s), RESULT_OK);
    assert_int_equal(live_stream_take(&in, &t), RESULT_OK);
    assert_int_equal(in.left, 0);
    assert_true(s.number == 7 && s.since_us == 5 && s.streams == 1 && s.watchers == 2 &&
                s.subscribers == 3 && bytes_is(s.unit, "a/b") && bytes_is(s.address, "10.0.0.1"));
    assert_memory_equal(s.certificate, session.certificate, LIVE_DIGEST);
    assert_true(t.index == 9 && t.since_us == 6 && t.watchers == 4 && t.frames == 10 &&
                t.bytes == 1880 && bytes_is(t.id, "s") && bytes_is(t.clause, "m#c") &&
                bytes_is(t.incident, "a/b:i"));
    buf_free(&b);
}

static void items_fit_their_list_whole_and_in_number(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    live_session_put(&session, &b);
    live_session_put(&session, &b);
    assert_true(live_items_fit(cursor_over(buf_view(&b)), LIVE_SESSIONS, 2));
    assert_false(live_items_fit(cursor_over(buf_view(&b)), LIVE_SESSIONS, 1)); /* one is left */
    assert_false(live_items_fit(cursor_over(buf_view(&b)), LIVE_SESSIONS, 3));
    assert_false(live_items_fit(cursor_over(buf_view(&b)), LIVE_STREAMS, 2));
    assert_false(live_items_fit(cursor_over(bytes_of(b.p, b.n - 1)), LIVE_SESSIONS, 2));
    assert_false(live_items_fit(cursor_over(buf_view(&b)), LIVE_STREAMS + 1, 2));
    buf_free(&b);
}

static void a_question_is_for_one_of_the_edges_lists(void **state)
{
    (void)state;
    for (uint8_t what = 0; what <= LIVE_STREAMS + 1; what++) {
        struct buf b = BUF_INIT(64);
        struct live_ask a;
        live_ask_put(&(struct live_ask){.ticket = 3, .what = what, .after = 8}, &b);
        struct cursor in = cursor_over(buf_view(&b));
        const bool good = buf_status(&b) == RESULT_OK && live_ask_take(&in, &a) == RESULT_OK;
        assert_int_equal(good, what >= LIVE_EDGE && what <= LIVE_STREAMS);
        assert_true(!good || (a.ticket == 3 && a.what == what && a.after == 8));
        buf_free(&b);
    }
}

static void what_is_too_long_is_not_an_item(void **state)
{
    (void)state;
    char text[LIVE_ADDRESS_MAX + 2];
    struct buf b = BUF_INIT(4096);
    struct live_session s = session;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    s.address = bytes_of_text(text);
    live_session_put(&s, &b);
    assert_int_not_equal(buf_status(&b), RESULT_OK);
    buf_free(&b);
}

static const struct live_role role = {.role = ROLE_ID_LEDGER,
                                      .pid = 712,
                                      .since_us = 5,
                                      .ends = 3,
                                      .ended_us = 4,
                                      .end = {(const uint8_t *)"exit 1", 6},
                                      .attained = {(const uint8_t *)"landlock=7", 10}};

static void a_role_comes_back_as_it_was(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct live_role r;
    live_role_put(&role, &b);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(live_role_take(&in, &r), RESULT_OK);
    assert_true(r.role == ROLE_ID_LEDGER && r.pid == 712 && r.since_us == 5 && r.ends == 3 &&
                r.ended_us == 4 && bytes_is(r.end, "exit 1") && bytes_is(r.attained, "landlock=7"));
    buf_free(&b);
}

static void roles_are_whole_and_each_is_told_of_once(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    struct live_role r = role;
    size_t count;
    assert_true(live_roles_fit(bytes_of(NULL, 0), &count) && count == 0);
    for (uint8_t i = 0; i < ROLE_ID_COUNT; i++) {
        r.role = i;
        live_role_put(&r, &b);
        assert_true(live_roles_fit(buf_view(&b), &count) && count == i + 1U);
        assert_false(live_roles_fit(bytes_of(b.p, b.n - 1), &count));
    }
    live_role_put(&r, &b);
    assert_false(live_roles_fit(buf_view(&b), &count));
    buf_clear(&b);
    r.role = ROLE_ID_COUNT; /* there is none */
    live_role_put(&r, &b);
    assert_int_not_equal(buf_status(&b), RESULT_OK);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_comes_back_as_it_was),
        cmocka_unit_test(items_fit_their_list_whole_and_in_number),
        cmocka_unit_test(a_question_is_for_one_of_the_edges_lists),
        cmocka_unit_test(what_is_too_long_is_not_an_item),
        cmocka_unit_test(a_role_comes_back_as_it_was),
        cmocka_unit_test(roles_are_whole_and_each_is_told_of_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
