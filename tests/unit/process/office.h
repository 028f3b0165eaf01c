/* The ledger's desk, with a ledger behind it: who asks at its socket, an edge, a supervisor and a
 * console are the test. Its clock is a number. */
#ifndef FEDGATE_TESTS_PROCESS_OFFICE_H
#define FEDGATE_TESTS_PROCESS_OFFICE_H

#include "process/desk.h"

#include "house.h"
#include "ipc/console_road.h"
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
    struct channel *edge, *supervisor, *console; /* their ends */
    int64_t now_us;
};

/* One end; *far is the other. */
static inline struct channel *channel_to(enum ipc_role peer, struct channel **far)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    *far = channel_new(pair[1], peer, ROLE_ID_LEDGER);
    return channel_new(pair[0], ROLE_ID_LEDGER, peer);
}

static inline void open_office(struct office *o)
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
    o->peers.console = channel_to(ROLE_ID_CONSOLE, &o->console);
}

static inline void close_office(struct office *o)
{
    desk_free(o->desk);
    channel_free(o->peers.edge);
    channel_free(o->peers.supervisor);
    channel_free(o->peers.console);
    channel_free(o->console);
    channel_free(o->edge);
    channel_free(o->supervisor);
    assert_int_equal(unlink(o->settings.control_socket), 0);
    assert_int_equal(rmdir(o->folder), 0);
    house_free(o->house);
}

static inline void lose_edge(struct office *o)
{
    channel_free(o->peers.edge);
    o->peers.edge = NULL;
}

/* ---- who asks */

static inline int ask(struct office *o, const struct control_request *r)
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

static inline int ask_list(struct office *o, unsigned list)
{
    return ask(o, &(struct control_request){.ask = CONTROL_LIST, .list = (uint8_t)list});
}

static inline int order(struct office *o, unsigned act, const char *subject)
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
static inline bool is_answered(int fd, struct answered *a)
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

static inline void assert_code(int fd, enum control_code code)
{
    static struct answered a;
    assert_true(is_answered(fd, &a));
    assert_int_equal(a.is.code, code);
}

/* ---- turns */

/* All that is asked is heard, and nothing is on disk yet. */
static inline void hear(struct office *o)
{
    for (unsigned i = 0; i < 4; i++) {
        struct pollfd p[CONTROL_POLLS];
        desk_poll(o->desk, p);
        assert_true(poll(p, CONTROL_POLLS, 0) >= 0);
        assert_int_equal(desk_hear(o->desk, p, o->now_us, &o->peers), RESULT_OK);
    }
}

static inline void turn(struct office *o)
{
    house_settle(o->house); /* commits */
    desk_turn(o->desk, o->now_us, &o->peers);
    if (o->peers.edge != NULL)
        assert_int_equal(channel_flush(o->peers.edge), RESULT_OK);
    assert_int_equal(channel_flush(o->peers.console), RESULT_OK);
}

static inline void hear_and_turn(struct office *o)
{
    hear(o);
    turn(o);
}

/* What the desk says next on a channel: its type, or 0; the body is copied. */
static inline unsigned said(struct channel *c, struct buf *body)
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

static inline unsigned type_said(struct channel *c)
{
    struct buf body = BUF_INIT(4096);
    unsigned type = said(c, &body);
    buf_free(&body);
    return type;
}

static inline enum result edge_says(struct office *o, enum ipc_type type, struct bytes body)
{
    const struct channel_message m = {type, body, -1};
    assert_true(desk_is_for(type));
    return desk_edge_said(o->desk, &m);
}

#endif
