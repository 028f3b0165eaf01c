#include "support.h"

#include "base/clock.h"

#include <fcntl.h>

/* Two channels, face to face. */
struct pair {
    struct channel *edge, *ledger;
};

static struct pair pair_new(void)
{
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    return (struct pair){channel_new(fd[0], ROLE_ID_EDGE, ROLE_ID_LEDGER),
                         channel_new(fd[1], ROLE_ID_LEDGER, ROLE_ID_EDGE)};
}

static void pair_free(struct pair *p)
{
    channel_free(p->edge);
    channel_free(p->ledger);
}

static void a_message_comes_as_it_was_sent_in_two_parts_or_one(void **state)
{
    (void)state;
    struct pair p = pair_new();
    struct channel_message m;
    channel_send(p.edge, IPC_COMMIT, bytes_of_text("one "), bytes_of_text("message"), -1);
    channel_send(p.edge, IPC_VIEW, nothing, nothing, -1);
    assert_int_equal(channel_queued(p.edge), 8 + 11 + 8);
    assert_int_equal(channel_flush(p.edge), RESULT_OK);
    assert_int_equal(channel_queued(p.edge), 0);
    assert_int_equal(channel_receive(p.ledger), RESULT_OK);
    assert_true(channel_next(p.ledger, &m));
    assert_int_equal(m.type, IPC_COMMIT);
    assert_true(bytes_is(m.body, "one message"));
    assert_int_equal(m.fd, -1);
    assert_true(channel_next(p.ledger, &m));
    assert_int_equal(m.type, IPC_VIEW);
    assert_int_equal(m.body.n, 0);
    assert_false(channel_next(p.ledger, &m));
    assert_int_equal(channel_receive(p.ledger), RESULT_AGAIN);
    pair_free(&p);
}

static void a_message_that_comes_byte_by_byte_is_whole_at_its_last_byte(void **state)
{
    (void)state;
    struct wire w = wire_new(ROLE_ID_LEDGER, ROLE_ID_EDGE);
    struct channel_message m;
    uint8_t bytes[8 + 3] = {0};
    header(bytes, 3, IPC_ACK, 0);
    memcpy(bytes + 8, "abc", 3);
    for (size_t i = 0; i < sizeof bytes; i++) {
        assert_false(channel_next(w.c, &m));
        say(&w, bytes + i, 1);
        assert_int_equal(channel_receive(w.c), RESULT_OK);
    }
    assert_true(channel_next(w.c, &m));
    assert_true(bytes_is(m.body, "abc"));
    wire_free(&w);
}

static void only_the_table_s_senders_are_heard_by_the_table_s_receivers(void **state)
{
    (void)state;
    static const struct {
        enum ipc_role self, peer;
        unsigned type;
        enum result expected;
    } cases[] = {
        {ROLE_ID_LEDGER, ROLE_ID_EDGE, IPC_COMMIT, RESULT_OK},
        {ROLE_ID_KEEPER, ROLE_ID_EDGE, IPC_COMMIT, RESULT_MALFORMED},
        {ROLE_ID_EDGE, ROLE_ID_LEDGER, IPC_COMMIT, RESULT_MALFORMED},
        {ROLE_ID_KEEPER, ROLE_ID_EDGE, IPC_TLS_SIGN, RESULT_OK},
        {ROLE_ID_KEEPER, ROLE_ID_LEDGER, IPC_TLS_SIGN, RESULT_MALFORMED},
        {ROLE_ID_KEEPER, ROLE_ID_EDGE, IPC_CHECKPOINT_SIGN, RESULT_MALFORMED},
        {ROLE_ID_KEEPER, ROLE_ID_EDGE, IPC_SECRET_ROTATE, RESULT_MALFORMED},
        {ROLE_ID_KEEPER, ROLE_ID_EDGE, IPC_LEDGER_KEYS, RESULT_MALFORMED},
        {ROLE_ID_KEEPER, ROLE_ID_LEDGER, IPC_SCOPE_GET, RESULT_MALFORMED},
        {ROLE_ID_KEEPER, ROLE_ID_LEDGER, IPC_SECRET_ROTATE, RESULT_OK},
        {ROLE_ID_KEEPER, ROLE_ID_SUPERVISOR, IPC_STOP, RESULT_OK},
        {ROLE_ID_LEDGER, ROLE_ID_EDGE, IPC_STOP, RESULT_MALFORMED},
        {ROLE_ID_SUPERVISOR, ROLE_ID_EDGE, IPC_READY, RESULT_OK},
        {ROLE_ID_LEDGER, ROLE_ID_EDGE, IPC_READY, RESULT_MALFORMED},
        {ROLE_ID_LEDGER, ROLE_ID_EDGE, 0, RESULT_MALFORMED},
        {ROLE_ID_LEDGER, ROLE_ID_EDGE, 19, RESULT_MALFORMED},
        {ROLE_ID_LEDGER, ROLE_ID_EDGE, 65535, RESULT_MALFORMED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct wire w = wire_new(cases[i].self, cases[i].peer);
        uint8_t h[8];
        header(h, 0, cases[i].type, 0);
        say(&w, h, sizeof h);
        assert_int_equal(channel_receive(w.c), cases[i].expected);
        wire_free(&w);
    }
}

static void a_length_or_flag_that_cannot_be_is_refused_at_the_header(void **state)
{
    (void)state;
    static const struct {
        uint32_t length;
        unsigned flags;
        enum result expected;
    } cases[] = {{CHANNEL_MESSAGE_MAX, 0, RESULT_OK},
                 {CHANNEL_MESSAGE_MAX + 1, 0, RESULT_MALFORMED},
                 {UINT32_MAX, 0, RESULT_MALFORMED},
                 {0, 2, RESULT_MALFORMED},
                 {0, 0x8000, RESULT_MALFORMED}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct wire w = wire_new(ROLE_ID_LEDGER, ROLE_ID_EDGE);
        struct channel_message m;
        uint8_t h[8];
        header(h, cases[i].length, IPC_ACK, cases[i].flags);
        say(&w, h, sizeof h);
        assert_int_equal(channel_receive(w.c), cases[i].expected);
        assert_false(cases[i].expected == RESULT_OK && channel_next(w.c, &m));
        wire_free(&w);
    }
}

/* Moves what is queued to the other side, whose messages stay there. */
static enum result move(struct channel *from, struct channel *to)
{
    enum result r;
    while ((r = channel_flush(from)) == RESULT_AGAIN)
        TRY(channel_receive(to));
    TRY(r);
    do
        r = channel_receive(to);
    while (r == RESULT_OK);
    return r == RESULT_AGAIN ? RESULT_OK : r;
}

static void the_longest_message_passes_and_a_longer_one_breaks_the_sender_s_channel(void **state)
{
    (void)state;
    struct pair p = pair_new();
    struct channel_message m;
    uint8_t *body = mem_new(CHANNEL_MESSAGE_MAX);
    memset(body, 7, CHANNEL_MESSAGE_MAX);
    channel_send(p.edge, IPC_COMMIT, bytes_of(body, CHANNEL_MESSAGE_MAX - 1), bytes_of("x", 1), -1);
    assert_int_equal(move(p.edge, p.ledger), RESULT_OK);
    assert_true(channel_next(p.ledger, &m));
    assert_int_equal(m.body.n, CHANNEL_MESSAGE_MAX);
    assert_int_equal(m.body.p[m.body.n - 1], 'x');
    assert_memory_equal(m.body.p, body, CHANNEL_MESSAGE_MAX - 1);
    channel_send(p.edge, IPC_COMMIT, bytes_of(body, CHANNEL_MESSAGE_MAX), bytes_of("x", 1), -1);
    assert_int_equal(channel_flush(p.edge), RESULT_TOO_LARGE);
    channel_send(p.edge, IPC_VIEW, nothing, nothing, -1);
    assert_int_equal(channel_queued(p.edge), 0);
    assert_int_equal(channel_flush(p.edge), RESULT_TOO_LARGE);
    mem_free(body);
    pair_free(&p);
}

static void a_peer_that_sends_more_than_anybody_takes_is_cut_off(void **state)
{
    (void)state;
    struct pair p = pair_new();
    uint8_t *body = mem_new(CHANNEL_MESSAGE_MAX);
    for (size_t i = 0; i < 4; i++)
        channel_send(p.edge, IPC_COMMIT, bytes_of(body, CHANNEL_MESSAGE_MAX), nothing, -1);
    assert_int_equal(move(p.edge, p.ledger), RESULT_MALFORMED);
    mem_free(body);
    pair_free(&p);
}

static void the_peer_s_end_is_seen_behind_what_it_said(void **state)
{
    (void)state;
    struct wire w = wire_new(ROLE_ID_LEDGER, ROLE_ID_EDGE);
    struct channel_message m;
    uint8_t h[8];
    header(h, 0, IPC_VIEW, 0);
    say(&w, h, sizeof h);
    say(&w, h, 3);
    (void)close(w.peer);
    w.peer = -1;
    assert_int_equal(channel_receive(w.c), RESULT_OK);
    assert_true(channel_next(w.c, &m));
    assert_int_equal(m.type, IPC_VIEW);
    assert_false(channel_next(w.c, &m));
    assert_int_equal(channel_receive(w.c), RESULT_CLOSED);
    channel_send(w.c, IPC_VIEW_DONE, nothing, nothing, -1);
    assert_int_equal(channel_flush(w.c), RESULT_CLOSED);
    wire_free(&w);
}

/* ---- descriptors */

static int pipe_with(const char *text)
{
    int fd[2];
    assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
    assert_int_equal(write(fd[1], text, 1), 1);
    (void)close(fd[1]);
    return fd[0];
}

static char read_and_close(int fd)
{
    char c = '?';
    assert_int_equal(read(fd, &c, 1), 1);
    (void)close(fd);
    return c;
}

static void each_descriptor_comes_with_its_own_message(void **state)
{
    (void)state;
    size_t before = open_descriptors();
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    struct channel *from = channel_new(fd[0], ROLE_ID_SUPERVISOR, ROLE_ID_EDGE);
    struct channel *to = channel_new(fd[1], ROLE_ID_EDGE, ROLE_ID_SUPERVISOR);
    int a = pipe_with("a"), b = pipe_with("b");
    channel_send(from, IPC_RELOAD, nothing, nothing, -1);
    channel_send(from, IPC_GIVE, bytes_of("1", 1), nothing, a);
    channel_send(from, IPC_RELOAD, bytes_of("between", 7), nothing, -1);
    channel_send(from, IPC_GIVE, bytes_of("2", 1), nothing, b);
    channel_send(from, IPC_START, nothing, nothing, -1);
    (void)close(a); /* the channel has its own copies */
    (void)close(b);
    assert_int_equal(channel_flush(from), RESULT_OK);
    static const struct {
        unsigned type;
        char content;
    } expected[] = {
        {IPC_RELOAD, 0}, {IPC_GIVE, 'a'}, {IPC_RELOAD, 0}, {IPC_GIVE, 'b'}, {IPC_START, 0}};
    size_t got = 0;
    while (channel_receive(to) == RESULT_OK) {
        struct channel_message m;
        while (channel_next(to, &m)) {
            assert_int_equal(m.type, expected[got].type);
            assert_int_equal(m.fd >= 0, expected[got].content != 0);
            assert_true(m.fd < 0 || (fcntl(m.fd, F_GETFD) & FD_CLOEXEC) != 0);
            assert_true(m.fd < 0 || read_and_close(m.fd) == expected[got].content);
            got++;
        }
    }
    assert_int_equal(got, ARRAY_LEN(expected));
    channel_free(from);
    channel_free(to);
    assert_int_equal(open_descriptors(), before);
}

static void descriptors_that_no_message_announced_are_refused_and_closed(void **state)
{
    (void)state;
    static const struct {
        size_t fds;
        unsigned flags;
        size_t bytes;
        enum result expected;
    } cases[] = {{1, 1, 8, RESULT_OK},         {1, 1, 5, RESULT_OK},
                 {1, 0, 8, RESULT_MALFORMED},  {2, 1, 8, RESULT_MALFORMED},
                 {2, 1, 5, RESULT_MALFORMED},  {16, 1, 8, RESULT_MALFORMED},
                 {17, 1, 8, RESULT_MALFORMED}, {60, 0, 8, RESULT_MALFORMED}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t before = open_descriptors();
        struct wire w = wire_new(ROLE_ID_EDGE, ROLE_ID_SUPERVISOR);
        int fd[64];
        uint8_t h[8];
        for (size_t k = 0; k < ARRAY_LEN(fd); k++)
            fd[k] = w.peer;
        header(h, 0, IPC_GIVE, cases[i].flags);
        say_with(&w, h, cases[i].bytes, fd, cases[i].fds);
        assert_int_equal(channel_receive(w.c), cases[i].expected);
        wire_free(&w);
        assert_int_equal(open_descriptors(), before);
    }
}

static void a_message_whose_descriptor_did_not_come_is_refused(void **state)
{
    (void)state;
    struct wire w = wire_new(ROLE_ID_EDGE, ROLE_ID_SUPERVISOR);
    uint8_t h[8];
    header(h, 0, IPC_GIVE, 1);
    say(&w, h, sizeof h);
    assert_int_equal(channel_receive(w.c), RESULT_MALFORMED);
    wire_free(&w);
}

static void a_descriptor_behind_its_message_is_not_taken_for_the_next_one_s(void **state)
{
    (void)state;
    struct wire w = wire_new(ROLE_ID_EDGE, ROLE_ID_SUPERVISOR);
    uint8_t h[8];
    header(h, 1, IPC_GIVE, 0);
    say(&w, h, sizeof h);
    assert_int_equal(channel_receive(w.c), RESULT_OK);
    say_with(&w, "x", 1, &w.peer, 1);
    assert_int_equal(channel_receive(w.c), RESULT_MALFORMED);
    wire_free(&w);
}

static void a_descriptor_that_cannot_be_duplicated_breaks_the_channel(void **state)
{
    (void)state;
    struct pair p = pair_new();
    channel_send(p.edge, IPC_VIEW, nothing, nothing, 12345);
    assert_int_equal(channel_flush(p.edge), RESULT_FULL);
    assert_int_equal(channel_queued(p.edge), 0);
    pair_free(&p);
}

static void a_full_socket_keeps_the_rest_for_later(void **state)
{
    (void)state;
    struct pair p = pair_new();
    struct channel_message m;
    uint8_t body[50000];
    enum { COUNT = 40 };
    size_t got = 0;
    bool was_full = false;
    for (uint8_t i = 0; i < COUNT; i++) {
        memset(body, i, sizeof body);
        channel_send(p.edge, IPC_COMMIT, bytes_of(body, sizeof body), nothing, -1);
    }
    while (got < COUNT) {
        enum result r = channel_flush(p.edge);
        was_full = was_full || r == RESULT_AGAIN;
        assert_true(r == RESULT_OK || r == RESULT_AGAIN);
        assert_int_equal(channel_receive(p.ledger), RESULT_OK);
        for (; channel_next(p.ledger, &m); got++) {
            assert_int_equal(m.body.n, sizeof body);
            assert_int_equal(m.body.p[0], got);
            assert_int_equal(m.body.p[sizeof body - 1], got);
        }
    }
    assert_true(was_full);
    assert_int_equal(channel_queued(p.edge), 0);
    pair_free(&p);
}

/* ---- asking and waiting */

static void an_answer_is_handed_over_and_leaves_nothing_behind(void **state)
{
    (void)state;
    struct wire w = wire_new(ROLE_ID_EDGE, ROLE_ID_KEEPER);
    struct buf reply = BUF_INIT(64);
    uint8_t h[8 + 3], asked[16];
    header(h, 3, IPC_EDGE_KEYS_ARE, 0);
    memcpy(h + 8, "key", 3);
    say(&w, h, sizeof h);
    buf_text(&reply, "old");
    assert_int_equal(
        channel_call(w.c, IPC_EDGE_KEYS, bytes_of("?", 1), IPC_EDGE_KEYS_ARE, &reply, US_PER_S),
        RESULT_OK);
    assert_true(bytes_is(buf_view(&reply), "key"));
    assert_int_equal(read(w.peer, asked, sizeof asked), 9);
    assert_int_equal(asked[5], IPC_EDGE_KEYS);
    buf_free(&reply);
    wire_free(&w);
}

static void an_answer_of_another_type_or_too_long_is_no_answer(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        uint32_t n;
        enum result expected;
    } cases[] = {{IPC_SCOPE_IS, 1, RESULT_MISMATCH},
                 {IPC_EDGE_KEYS_ARE, 5, RESULT_TOO_LARGE},
                 {IPC_SCOPES_LOADED, 0, RESULT_MALFORMED}}; /* not for the edge at all */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct wire w = wire_new(ROLE_ID_EDGE, ROLE_ID_KEEPER);
        struct buf reply = BUF_INIT(4);
        uint8_t h[8 + 5] = {0};
        header(h, cases[i].n, cases[i].type, 0);
        say(&w, h, 8 + cases[i].n);
        assert_int_equal(
            channel_call(w.c, IPC_EDGE_KEYS, nothing, IPC_EDGE_KEYS_ARE, &reply, US_PER_S),
            cases[i].expected);
        assert_int_equal(reply.n, 0);
        buf_free(&reply);
        wire_free(&w);
    }
}

static void a_peer_that_is_silent_or_gone_is_not_waited_for_for_ever(void **state)
{
    (void)state;
    struct wire w = wire_new(ROLE_ID_EDGE, ROLE_ID_KEEPER);
    struct buf reply = BUF_INIT(64);
    assert_int_equal(channel_call(w.c, IPC_EDGE_KEYS, nothing, IPC_EDGE_KEYS_ARE, &reply, 2000),
                     RESULT_UNAVAILABLE);
    (void)close(w.peer);
    w.peer = -1;
    assert_int_equal(channel_call(w.c, IPC_EDGE_KEYS, nothing, IPC_EDGE_KEYS_ARE, &reply, US_PER_S),
                     RESULT_CLOSED);
    buf_free(&reply);
    wire_free(&w);
}

static void names_are_known_for_what_is_and_a_question_mark_stands_for_the_rest(void **state)
{
    (void)state;
    assert_string_equal(ipc_type_name(IPC_WIPED), "WIPED");
    assert_string_equal(ipc_type_name((enum ipc_type)0), "?");
    assert_string_equal(ipc_type_name((enum ipc_type)9999), "?");
    assert_string_equal(ipc_role_name(ROLE_ID_COMPILER), "compiler");
    assert_string_equal(ipc_role_name(ROLE_ID_COUNT), "?");
    assert_string_equal(ipc_gift_name(GIFT_SETTINGS), "settings");
    assert_string_equal(ipc_gift_name(GIFT_COUNT), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_comes_as_it_was_sent_in_two_parts_or_one),
        cmocka_unit_test(a_message_that_comes_byte_by_byte_is_whole_at_its_last_byte),
        cmocka_unit_test(only_the_table_s_senders_are_heard_by_the_table_s_receivers),
        cmocka_unit_test(a_length_or_flag_that_cannot_be_is_refused_at_the_header),
        cmocka_unit_test(the_longest_message_passes_and_a_longer_one_breaks_the_sender_s_channel),
        cmocka_unit_test(a_peer_that_sends_more_than_anybody_takes_is_cut_off),
        cmocka_unit_test(the_peer_s_end_is_seen_behind_what_it_said),
        cmocka_unit_test(each_descriptor_comes_with_its_own_message),
        cmocka_unit_test(descriptors_that_no_message_announced_are_refused_and_closed),
        cmocka_unit_test(a_message_whose_descriptor_did_not_come_is_refused),
        cmocka_unit_test(a_descriptor_behind_its_message_is_not_taken_for_the_next_one_s),
        cmocka_unit_test(a_descriptor_that_cannot_be_duplicated_breaks_the_channel),
        cmocka_unit_test(a_full_socket_keeps_the_rest_for_later),
        cmocka_unit_test(an_answer_is_handed_over_and_leaves_nothing_behind),
        cmocka_unit_test(an_answer_of_another_type_or_too_long_is_no_answer),
        cmocka_unit_test(a_peer_that_is_silent_or_gone_is_not_waited_for_for_ever),
        cmocka_unit_test(names_are_known_for_what_is_and_a_question_mark_stands_for_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
