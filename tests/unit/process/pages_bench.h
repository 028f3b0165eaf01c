/*
 * Requests on their way from net to the console, and answers back. Calls and the timer are the
 * test's own; the ledger is what the test says. Behind them is the real console, without a log.
 */
#ifndef FEDGATE_TESTS_PAGES_BENCH_H
#define FEDGATE_TESTS_PAGES_BENCH_H

#include "process/pages.h"

#include "base/limits.h"
#include "base/mem.h"
#include "console/console.h"
#include "crypto/init.h"
#include "ipc/console_road.h"
#include "process/visitors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FORM "application/x-www-form-urlencoded"

/* ---- net, as far as pages know it */

struct grpc_call {
    unsigned begun, ended, status;
    enum grpc_status finished; /* GRPC_OK: it was not */
    size_t mark, queued;
    struct buf fields, body; /* "name: value\n" */
    void *arg;               /* pages' own; NULL: it is over */
};

void grpc_call_set_mark(struct grpc_call *c, size_t bytes)
{
    c->mark = bytes;
}

size_t grpc_call_queued(const struct grpc_call *c)
{
    return c->queued;
}

void grpc_call_answer_begin(struct grpc_call *c, const struct http_head *h)
{
    c->begun++;
    c->status = h->status;
    buf_printf(&c->fields, "content-type: %s\ncache-control: %s\n", h->type, h->caching);
    for (size_t i = 0; i < h->fields; i++)
        buf_printf(&c->fields, "%s: %s\n", h->field[i].name, h->field[i].value);
}

enum result grpc_call_answer_put(struct grpc_call *c, struct bytes piece)
{
    assert_true(c->begun == 1 && c->ended == 0);
    buf_put(&c->body, piece.p, piece.n);
    return RESULT_OK;
}

void grpc_call_answer_end(struct grpc_call *c)
{
    c->ended++;
}

void grpc_call_finish(struct grpc_call *c, enum grpc_status status, const char *text)
{
    (void)text;
    c->finished = status;
}

struct loop_timer {
    void (*due)(void *arg);
    void *arg;
    int64_t in_us; /* what it was set to last */
};

static struct loop_timer *made; /* the last one: pages have one */

struct loop_timer *loop_timer_new(struct loop *l, void (*due)(void *arg), void *arg)
{
    struct loop_timer *t = mem_new(sizeof *t);
    (void)l;
    *t = (struct loop_timer){due, arg, -1};
    return made = t;
}

void loop_timer_set(struct loop_timer *t, int64_t in_us)
{
    t->in_us = in_us;
}

void loop_timer_free(struct loop_timer *t)
{
    mem_free(t);
}

/* ---- the bench */

enum { CALLS = CONSOLE_CALLS_MAX + 8 };

struct bench {
    struct pages *pages;
    struct loop_timer *timer; /* of the pages */
    struct guest guest;
    struct grpc_call call[CALLS];
    size_t calls;
    bool ledger_is_away;
    unsigned views, asks; /* that the ledger was told */
    uint64_t ticket;      /* of the last of them */
    char cookie[300];
};

static inline bool tell_ledger(void *arg, enum ipc_type type, struct bytes body)
{
    struct bench *b = arg;
    struct cursor in = cursor_over(body);
    struct console_view view;
    struct console_ask question;
    if (type == IPC_CONSOLE_VIEW) {
        assert_int_equal(console_view_take(&in, &view), RESULT_OK);
        assert_true(bytes_is(view.unit, b->guest.unit));
        assert_memory_equal(view.certificate, b->guest.certificate, CONSOLE_FINGERPRINT);
        b->views++;
        b->ticket = view.ticket;
    } else {
        assert_int_equal(type, IPC_CONSOLE_ASK);
        assert_int_equal(console_ask_take(&in, &question), RESULT_OK);
        b->asks++;
        b->ticket = question.ticket;
    }
    return !b->ledger_is_away;
}

static inline int begin(void **state)
{
    struct bench *b = mem_new(sizeof *b);
    const struct pages_config config = {.audit_folder = -1,
                                        .archive_folder = -1,
                                        .log_name = "fedgate.test/log",
                                        .tell_ledger = tell_ledger,
                                        .arg = b};
    b->pages = pages_new(&config);
    b->timer = made;
    b->guest = (struct guest){.host = b->pages,
                              .role = POLICY_CONSOLE_AUDITOR,
                              .reads_all = true,
                              .unit = "audit-commission/inspection"};
    memset(b->guest.certificate, 'c', sizeof b->guest.certificate);
    *state = b;
    return crypto_init() == RESULT_OK ? 0 : 1;
}

/* As net does when a call is over, or its connection was closed. */
static inline void lose(struct grpc_call *c)
{
    if (c->arg != NULL)
        pages_events.closed(c->arg, GRPC_CANCELLED, "");
    c->arg = NULL;
}

static inline int end(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < b->calls; i++) {
        lose(&b->call[i]);
        buf_free(&b->call[i].fields);
        buf_free(&b->call[i].body);
    }
    pages_free(b->pages);
    pages_free(NULL);
    mem_free(b);
    return 0;
}

/* ---- requests */

static inline struct http_request request(const char *method, const char *path)
{
    return (struct http_request){.method = method,
                                 .path = path,
                                 .authority = "gate:8444",
                                 .cookie = "",
                                 .origin = "",
                                 .site = "",
                                 .type = "",
                                 .language = ""};
}

/* Its head alone has come. */
static inline struct grpc_call *open_call(struct bench *b, const struct http_request *r)
{
    struct grpc_call *c = &b->call[b->calls++];
    assert_true(b->calls <= CALLS);
    *c = (struct grpc_call){.fields = BUF_INIT(1 << 16), .body = BUF_INIT(1 << 20)};
    c->arg = pages_open(&b->guest, c, r);
    assert_non_null(c->arg);
    return c;
}

static inline struct grpc_call *send(struct bench *b, const struct http_request *r,
                                     const char *body)
{
    struct grpc_call *c = open_call(b, r);
    if (body[0] != '\0')
        assert_int_equal(pages_events.message(c->arg, NULL, bytes_of_text(body)), RESULT_OK);
    pages_events.half_closed(c->arg);
    return c;
}

static inline struct grpc_call *get(struct bench *b, const char *path)
{
    struct http_request r = request("GET", path);
    r.cookie = b->cookie;
    return send(b, &r, "");
}

/* States a reason, and keeps the cookie of the visit. */
static inline struct grpc_call *state_reason(struct bench *b, const char *site)
{
    struct http_request r = request("POST", "/en/reason");
    r.site = site;
    r.type = FORM;
    struct grpc_call *c = send(b, &r, "reason=inspection&then=/en/records");
    const char *cookie = strstr(buf_c(&c->fields), "set-cookie: ");
    if (cookie != NULL)
        (void)snprintf(b->cookie, sizeof b->cookie, "%.*s", (int)strcspn(cookie + 12, ";"),
                       cookie + 12);
    lose(c);
    return c;
}

/* The timer is due: what it says then. */
static inline int64_t turn(struct bench *b)
{
    b->timer->in_us = -1;
    b->timer->due(b->timer->arg);
    return b->timer->in_us;
}

static inline void assert_answered(const struct grpc_call *c, unsigned status)
{
    assert_int_equal(c->begun, 1);
    assert_int_equal(c->ended, 1);
    assert_int_equal(c->status, status);
}

static inline void assert_waits(const struct grpc_call *c)
{
    assert_int_equal(c->begun, 0);
    assert_int_equal(c->finished, GRPC_OK);
}

static inline bool has(const struct buf *b, const char *text)
{
    return strstr(buf_c((struct buf *)(uintptr_t)b), text) != NULL;
}

/* ---- what the ledger says */

static inline enum result say(struct bench *b, enum ipc_type type, struct bytes body)
{
    const struct channel_message m = {type, body, -1};
    return pages_ledger_said(b->pages, &m);
}

static inline void say_viewed(struct bench *b, enum control_code code)
{
    struct buf body = BUF_INIT(64);
    console_viewed_put(&(struct console_viewed){b->ticket, (uint8_t)code, 7}, &body);
    assert_int_equal(say(b, IPC_CONSOLE_VIEWED, buf_view(&body)), RESULT_OK);
    buf_free(&body);
}

/* A list without an item. */
static inline void say_nothing_there(struct bench *b)
{
    const struct control_answer nothing = {.code = CONTROL_CODE_DONE};
    struct buf answer = BUF_INIT(256), body = BUF_INIT(512);
    control_answer_put(&nothing, &answer);
    console_said_put(&(struct console_said){b->ticket, buf_view(&answer)}, &body);
    assert_int_equal(say(b, IPC_CONSOLE_SAID, buf_view(&body)), RESULT_OK);
    buf_free(&answer);
    buf_free(&body);
}

/* A page that is whole at once, and leaves when its view is on record. */
static inline struct grpc_call *get_facts(struct bench *b)
{
    if (b->cookie[0] == '\0')
        (void)state_reason(b, "same-origin");
    return get(b, "/en/facts");
}

#endif
