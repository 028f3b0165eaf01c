/* The ledger's desk, with a ledger behind it: who asks at its socket, an edge and a supervisor are
 * this test. Its clock is a number. */
#include "process/desk.h"

#include "house.h"
#include "ipc/control.h"
#include "ipc/live.h"
#include "process/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#define NINE INT64_C(1795219200000000) /* 2026-11-21T09:00:00+09:00 */

struct office {
    struct house *house;
    struct settings settings;
    char folder[64];
    struct desk *desk;
    struct desk_peers peers;
    struct channel *edge, *supervisor; /* their ends */
    int64_t now_us;
};

/* One end; *far is the other. */
static struct channel *channel_to(enum ipc_role peer, struct channel **far)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    *far = channel_new(pair[1], peer, ROLE_ID_LEDGER);
    return channel_new(pair[0], ROLE_ID_LEDGER, peer);
}

static void open_office(struct office *o)
{
    *o = (struct office){.folder = "/tmp/fedgate-desk-XXXXXX", .now_us = US_PER_MINUTE};
    o->house = house_new("policy", NINE);
    assert_non_null(mkdtemp(o->folder));
    (void)snprintf(o->settings.data_folder, SETTINGS_TEXT, "%s", o->folder);
    (void)snprintf(o->settings.control_socket, SETTINGS_TEXT, "%s/control.sock", o->folder);
    int fd = files_open(&o->settings, GIFT_CONTROL, NULL);
    assert_true(fd >= 0);
    o->desk = desk_new(fd);
    o->peers.ledger = house_ledger(o->house);
    o->peers.edge = channel_to(ROLE_ID_EDGE, &o->edge);
    o->peers.supervisor = channel_to(ROLE_ID_SUPERVISOR, &o->supervisor);
}

static void close_office(struct office *o)
{
    desk_free(o->desk);
    channel_free(o->peers.edge);
    channel_free(o->peers.supervisor);
    channel_free(o->edge);
    channel_free(o->supervisor);
    assert_int_equal(unlink(o->settings.control_socket), 0);
    assert_int_equal(rmdir(o->folder), 0);
    house_free(o->house);
}

static void lose_edge(struct office *o)
{
    channel_free(o->peers.edge);
    o->peers.edge = NULL;
}

/* ---- who asks */

static int ask(struct office *o, const struct control_request *r)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct buf body = BUF_INIT(CONTROL_REQUEST_MAX), frame = BUF_INIT(CONTROL_REQUEST_MAX + 4);
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%.100s", o->settings.control_socket);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    control_request_put(r, &body);
    buf_bytes32(&frame, buf_view(&body));
    assert_int_equal(buf_status(&frame), RESULT_OK);
    assert_int_equal(send(fd, frame.p, frame.n, MSG_NOSIGNAL), frame.n);
    buf_free(&body);
    buf_free(&frame);
    return fd;
}

static int ask_list(struct office *o, unsigned list)
{
    return ask(o, &(struct control_request){.ask = CONTROL_LIST, .list = (uint8_t)list});
}

static int order(struct office *o, unsigned act, const char *subject)
{
    return ask(o, &(struct control_request){.ask = CONTROL_OPERATE,
                                            .act = (uint8_t)act,
                                            .subject = bytes_of_text(subject),
                                            .officer = bytes_of_text("seo"),
                                            .reason = bytes_of_text("planned work")});
}

struct answered {
    uint8_t frame[65536];
    struct control_answer is;
    struct cursor items;
};

/* False while nothing has come. */
static bool is_answered(int fd, struct answered *a)
{
    ssize_t n = recv(fd, a->frame, sizeof a->frame, MSG_DONTWAIT);
    if (n <= 0)
        return false;
    struct cursor in = cursor_over(bytes_of(a->frame, (size_t)n));
    struct bytes body;
    assert_int_equal(cursor_bytes32(&in, &body), RESULT_OK);
    a->items = cursor_over(body);
    assert_int_equal(control_answer_take(&a->items, &a->is), RESULT_OK);
    assert_int_equal(close(fd), 0);
    return true;
}

static void assert_code(int fd, enum control_code code)
{
    static struct answered a;
    assert_true(is_answered(fd, &a));
    assert_int_equal(a.is.code, code);
}

/* ---- turns */

/* All that is asked is heard, and nothing is on disk yet. */
static void hear(struct office *o)
{
    for (unsigned i = 0; i < 4; i++) {
        struct pollfd p[CONTROL_POLLS];
        desk_poll(o->desk, p);
        assert_true(poll(p, CONTROL_POLLS, 0) >= 0);
        assert_int_equal(desk_hear(o->desk, p, o->now_us, &o->peers), RESULT_OK);
    }
}

static void turn(struct office *o)
{
    house_settle(o->house); /* commits */
    desk_turn(o->desk, o->now_us, &o->peers);
    if (o->peers.edge != NULL)
        assert_int_equal(channel_flush(o->peers.edge), RESULT_OK);
}

static void hear_and_turn(struct office *o)
{
    hear(o);
    turn(o);
}

/* What the desk says next on a channel: its type, or 0; the body is copied. */
static unsigned said(struct channel *c, struct buf *body)
{
    struct channel_message m;
    enum result r = RESULT_OK;
    while (!channel_next(c, &m)) {
        if (r != RESULT_OK)
            return 0;
        r = channel_receive(c);
        assert_true(r == RESULT_OK || r == RESULT_AGAIN);
    }
    buf_clear(body);
    buf_put(body, m.body.p, m.body.n);
    return m.type;
}

static unsigned type_said(struct channel *c)
{
    struct buf body = BUF_INIT(4096);
    unsigned type = said(c, &body);
    buf_free(&body);
    return type;
}

static enum result edge_says(struct office *o, enum ipc_type type, struct bytes body)
{
    const struct channel_message m = {type, body, -1};
    assert_true(desk_is_for(type));
    return desk_edge_said(o->desk, &m);
}

/* ---- how roles stand */

static void roles_are_told_as_the_supervisor_told_them_last(void **state)
{
    static struct answered a;
    struct office o;
    struct live_role r = {.role = ROLE_ID_KEEPER, .pid = 5, .end = bytes_of_text("signal 9")};
    struct buf roles = BUF_INIT(4096);
    (void)state;
    open_office(&o);
    int fd = ask_list(&o, CONTROL_ROLES); /* nothing was told */
    hear_and_turn(&o);
    assert_true(is_answered(fd, &a) && a.is.items == 0);
    live_role_put(&r, &roles);
    desk_roles(o.desk, buf_view(&roles));
    desk_roles(o.desk, bytes_of_text("these are no roles"));
    fd = ask_list(&o, CONTROL_ROLES);
    hear_and_turn(&o);
    assert_true(is_answered(fd, &a) && a.is.items == 1 && !a.is.more);
    assert_int_equal(live_role_take(&a.items, &r), RESULT_OK);
    assert_true(r.role == ROLE_ID_KEEPER && r.pid == 5 && bytes_is(r.end, "signal 9"));
    assert_int_equal(a.items.left, 0);
    buf_free(&roles);
    close_office(&o);
}

/* ---- what the edge is asked */

static void a_question_about_the_edge_is_the_edges(void **state)
{
    static struct answered a;
    struct office o;
    struct buf body = BUF_INIT(4096);
    struct live_ask asked;
    struct live_edge is = {.serves = true, .sessions = 3};
    (void)state;
    open_office(&o);
    int fd = ask_list(&o, CONTROL_EDGE);
    hear_and_turn(&o);
    assert_int_equal(said(o.edge, &body), IPC_LIVE_ASK);
    struct cursor in = cursor_over(buf_view(&body));
    assert_int_equal(live_ask_take(&in, &asked), RESULT_OK);
    assert_int_equal(asked.what, LIVE_EDGE);
    assert_false(is_answered(fd, &a));
    buf_clear(&body);
    live_said_put(&(struct live_said){asked.ticket, LIVE_EDGE, 1, false}, &body);
    live_edge_put(&is, &body);
    assert_int_equal(edge_says(&o, IPC_LIVE_SAID, bytes_of(body.p, body.n - 1)), RESULT_MALFORMED);
    assert_int_equal(edge_says(&o, IPC_LIVE_SAID, buf_view(&body)), RESULT_OK);
    turn(&o);
    assert_true(is_answered(fd, &a) && a.is.items == 1);
    assert_int_equal(live_edge_take(&a.items, &is), RESULT_OK);
    assert_true(is.serves && is.sessions == 3);
    buf_free(&body);
    close_office(&o);
}

static void without_an_edge_that_is_told(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    lose_edge(&o);
    int list = ask_list(&o, CONTROL_EDGE), cut = order(&o, CONTROL_CUT, "sessions npa-daejeon");
    hear_and_turn(&o);
    turn(&o);
    assert_code(list, CONTROL_CODE_NO_EDGE);
    assert_code(cut, CONTROL_CODE_NO_EDGE);
    close_office(&o);
}

/* ---- orders */

static void an_order_is_carried_out_when_it_is_on_disk_and_never_before(void **state)
{
    static struct answered a;
    struct office o;
    struct buf body = BUF_INIT(4096);
    struct bytes subject;
    uint64_t ticket;
    (void)state;
    open_office(&o);
    int fd = order(&o, CONTROL_CUT, "sessions npa-daejeon");
    hear(&o);
    assert_int_equal(channel_queued(o.peers.edge), 0);
    assert_int_equal(house_count_leaves(o.house, "operated"), 1);
    turn(&o);
    assert_int_equal(said(o.edge, &body), IPC_CUT);
    struct cursor in = cursor_over(buf_view(&body));
    assert_int_equal(cursor_u64(&in, &ticket), RESULT_OK);
    assert_int_equal(cursor_bytes16(&in, &subject), RESULT_OK);
    assert_true(bytes_is(subject, "npa-daejeon"));
    assert_false(is_answered(fd, &a));
    buf_clear(&body);
    buf_u64(&body, ticket + 1); /* nobody's: taken, and nothing comes of it */
    buf_u32(&body, 9);
    assert_int_equal(edge_says(&o, IPC_CUT_DONE, buf_view(&body)), RESULT_OK);
    assert_int_not_equal(edge_says(&o, IPC_CUT_DONE, bytes_of_text("cut")), RESULT_OK);
    turn(&o);
    assert_false(is_answered(fd, &a));
    buf_clear(&body);
    buf_u64(&body, ticket);
    buf_u32(&body, 3);
    assert_int_equal(edge_says(&o, IPC_CUT_DONE, buf_view(&body)), RESULT_OK);
    turn(&o);
    assert_true(is_answered(fd, &a));
    assert_true(a.is.code == CONTROL_CODE_DONE && a.is.done && bytes_is(a.is.text, "3"));
    buf_free(&body);
    close_office(&o);
}

static void an_order_that_nobody_answers_ends_all_the_same(void **state)
{
    static struct answered a;
    struct office o;
    (void)state;
    open_office(&o);
    int fd = order(&o, CONTROL_CUT, "sessions npa-daejeon");
    hear_and_turn(&o);
    o.now_us += 4 * US_PER_S;
    turn(&o);
    assert_false(is_answered(fd, &a));
    o.now_us += 2 * US_PER_S;
    turn(&o);
    assert_code(fd, CONTROL_CODE_TOO_LATE);
    close_office(&o);
}

static void a_reload_is_the_supervisors_and_its_word_is_passed_on(void **state)
{
    static struct answered a;
    struct office o;
    (void)state;
    open_office(&o);
    int good = order(&o, CONTROL_RELOAD, "policy");
    hear_and_turn(&o);
    assert_int_equal(type_said(o.supervisor), IPC_RELOAD_WANTED);
    desk_reload_ended(o.desk, bytes_of(NULL, 0));
    turn(&o);
    assert_code(good, CONTROL_CODE_DONE);
    int refused = order(&o, CONTROL_RELOAD, "policy");
    hear_and_turn(&o);
    desk_reload_ended(o.desk, bytes_of_text("stale: serial 1"));
    turn(&o);
    assert_true(is_answered(refused, &a) && a.is.code == CONTROL_CODE_RELOAD_REFUSED &&
                bytes_is(a.is.text, "stale: serial 1"));
    close_office(&o);
}

/* ---- drain */

static void a_drain_ends_the_gateway_when_the_edge_takes_nothing_more(void **state)
{
    static struct answered a;
    struct office o;
    (void)state;
    open_office(&o);
    int fd = order(&o, CONTROL_DRAIN, "within 60");
    hear_and_turn(&o);
    assert_int_equal(type_said(o.edge), IPC_DRAIN);
    turn(&o);
    assert_int_equal(type_said(o.supervisor), 0);
    assert_false(is_answered(fd, &a));
    int again = order(&o, CONTROL_DRAIN, "within 60");
    hear_and_turn(&o);
    assert_code(again, CONTROL_CODE_BUSY);
    assert_int_equal(house_count_leaves(o.house, "operated"), 1);
    assert_int_equal(edge_says(&o, IPC_DRAINING, bytes_of(NULL, 0)), RESULT_OK);
    turn(&o);
    assert_code(fd, CONTROL_CODE_DONE);
    assert_int_equal(type_said(o.supervisor), IPC_DRAINED);
    turn(&o);
    assert_int_equal(type_said(o.supervisor), 0); /* once */
    close_office(&o);
}

static void an_edge_that_is_started_again_is_told_of_the_drain(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    desk_edge_came(o.desk, &o.peers); /* no drain yet */
    assert_int_equal(channel_queued(o.peers.edge), 0);
    int fd = order(&o, CONTROL_DRAIN, "within 60");
    hear_and_turn(&o);
    assert_int_equal(type_said(o.edge), IPC_DRAIN);
    assert_int_equal(edge_says(&o, IPC_DRAINING, bytes_of(NULL, 0)), RESULT_OK);
    desk_edge_came(o.desk, &o.peers); /* what the old one said is not the new one's */
    turn(&o);
    assert_int_equal(type_said(o.edge), IPC_DRAIN);
    assert_int_equal(type_said(o.supervisor), 0);
    assert_int_equal(close(fd), 0);
    close_office(&o);
}

static void a_drain_whose_time_is_over_ends_it_too_and_says_so(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    int fd = order(&o, CONTROL_DRAIN, "within 60");
    hear_and_turn(&o);
    o.now_us += 61 * US_PER_S;
    turn(&o);
    assert_code(fd, CONTROL_CODE_STILL_WAITING);
    assert_int_equal(type_said(o.supervisor), IPC_DRAINED);
    close_office(&o);
}

static void a_drain_that_stays_ends_nothing(void **state)
{
    struct office o;
    (void)state;
    open_office(&o);
    lose_edge(&o); /* then nobody is connected, and nothing more is taken either */
    int fd = order(&o, CONTROL_DRAIN, "within 60 stay");
    hear_and_turn(&o);
    turn(&o);
    assert_code(fd, CONTROL_CODE_DONE);
    assert_int_equal(type_said(o.supervisor), 0);
    close_office(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_are_told_as_the_supervisor_told_them_last),
        cmocka_unit_test(a_question_about_the_edge_is_the_edges),
        cmocka_unit_test(without_an_edge_that_is_told),
        cmocka_unit_test(an_order_is_carried_out_when_it_is_on_disk_and_never_before),
        cmocka_unit_test(an_order_that_nobody_answers_ends_all_the_same),
        cmocka_unit_test(a_reload_is_the_supervisors_and_its_word_is_passed_on),
        cmocka_unit_test(a_drain_ends_the_gateway_when_the_edge_takes_nothing_more),
        cmocka_unit_test(an_edge_that_is_started_again_is_told_of_the_drain),
        cmocka_unit_test(a_drain_whose_time_is_over_ends_it_too_and_says_so),
        cmocka_unit_test(a_drain_that_stays_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
