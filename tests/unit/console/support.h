/* A console with a log of its own, whose answers go into a buffer, and whose views are recorded
 * when a test says so. Pages are read by expat: what is not well-formed fails. */
#ifndef FEDGATE_TESTS_CONSOLE_SUPPORT_H
#define FEDGATE_TESTS_CONSOLE_SUPPORT_H

#include "../audit/support.h"

#include "audit/leaf.h"
#include "console/console.h"
#include "ipc/console_road.h"

#include <expat.h>
#include <stdio.h>

#define B(text)   bytes_of_text(text)
#define AUDITOR   "pipc/inspection"
#define TEN       INT64_C(1763686800000000) /* 2025-11-21T10:00:00+09:00 */
#define HTML_TYPE "text/html; charset=utf-8"
#define MARKUP    "\"><script>alert('x')</script>&lt;\\"

struct web_bench {
    struct log_bench log;
    struct console *console;
    struct console_config config;
    int64_t now_us;

    /* the answer */
    unsigned status, begun, ended;
    struct buf fields, body; /* "name: value\n" */
    size_t queued;           /* what the visitor has not taken, as the test says */

    /* what was asked of the ledger, and recorded */
    uint64_t asked, view_ticket;
    char asked_for[64];
    struct buf request;
    unsigned views;
    char viewed[512]; /* "page form record from-to reason" of the last one */
    bool holds_views; /* the test answers them */
};

/* ---- clock, pipe, ledger */

static inline int64_t bench_time(void *arg)
{
    return ((struct web_bench *)arg)->now_us;
}

static inline void bench_begin(void *call, const struct web_head *h)
{
    struct web_bench *b = call;
    b->begun++;
    b->status = h->status;
    buf_printf(&b->fields, "content-type: %s\ncache-control: %s\n", h->type, h->caching);
    for (size_t i = 0; i < h->fields; i++)
        buf_printf(&b->fields, "%s: %.*s\n", h->field[i].name, (int)h->field[i].value.n,
                   (const char *)h->field[i].value.p);
}

static inline enum result bench_put(void *call, struct bytes piece)
{
    struct web_bench *b = call;
    assert_true(b->begun == 1 && b->ended == 0);
    buf_put(&b->body, piece.p, piece.n);
    return RESULT_OK;
}

static inline size_t bench_queued(void *call)
{
    return ((struct web_bench *)call)->queued;
}

static inline void bench_end(void *call)
{
    struct web_bench *b = call;
    assert_int_equal(b->begun, 1);
    b->ended++;
}

static inline void bench_ask(void *arg, uint64_t ticket, struct bytes unit, struct bytes request)
{
    struct web_bench *b = arg;
    (void)snprintf(b->asked_for, sizeof b->asked_for, "%.*s", (int)unit.n,
                   unit.n == 0 ? "" : (const char *)unit.p);
    b->asked = ticket;
    buf_clear(&b->request);
    buf_put(&b->request, request.p, request.n);
}

static inline void bench_view(void *arg, const struct console_view *v)
{
    struct web_bench *b = arg;
    b->views++;
    b->view_ticket = v->ticket;
    (void)snprintf(b->viewed, sizeof b->viewed, "%.*s %.*s %lld %llu-%llu %.*s", (int)v->page.n,
                   (const char *)v->page.p, (int)v->form.n, (const char *)v->form.p,
                   v->has_record ? (long long)v->record : -1LL, (unsigned long long)v->from,
                   (unsigned long long)v->to, (int)v->reason.n, (const char *)v->reason.p);
    assert_int_equal(b->begun, 0); /* nothing has left yet */
    if (!b->holds_views)
        console_viewed(b->console, v->ticket, true, 7);
}

static const struct web_pipe bench_pipe = {bench_begin, bench_put, bench_queued, bench_end};

static inline void web_init(struct web_bench *b)
{
    *b = (struct web_bench){.now_us = TEN,
                            .fields = BUF_INIT(1 << 16),
                            .body = BUF_INIT(16 << 20),
                            .request = BUF_INIT(1 << 16)};
    log_init(&b->log);
    b->config = (struct console_config){.clock = {bench_time, bench_time, b},
                                        .audit_folder = b->log.folder.fd,
                                        .archive_folder = -1,
                                        .log_name = LOG_NAME,
                                        .pipe = &bench_pipe,
                                        .arg = b,
                                        .ask_ledger = bench_ask,
                                        .record_view = bench_view};
    b->console = console_new(&b->config);
}

static inline void web_free(struct web_bench *b)
{
    console_free(b->console);
    log_free(&b->log);
    buf_free(&b->fields);
    buf_free(&b->body);
    buf_free(&b->request);
}

/* ---- requests */

static inline struct visitor visitor_of(enum policy_console role)
{
    struct visitor v = {.unit = B(AUDITOR), .role = role};
    v.reads_all = role == POLICY_CONSOLE_AUDITOR;
    memset(v.certificate, 'c', sizeof v.certificate);
    return v;
}

static inline struct web_request get_of(const char *path, const char *query, const char *cookie)
{
    return (struct web_request){
        .path = B(path), .query = B(query), .cookie = B(cookie), .authority = B("gate:8444")};
}

static inline void forget_answer(struct web_bench *b)
{
    b->status = b->begun = b->ended = 0;
    buf_clear(&b->fields);
    buf_clear(&b->body);
    b->views = 0;
    b->viewed[0] = '\0';
}

/* Sends it; the call lives on. */
static inline struct web_call *ask_as(struct web_bench *b, const struct visitor *v,
                                      const struct web_request *r, const char *body)
{
    forget_answer(b);
    struct web_call *w = console_request(b->console, v, r, b);
    assert_non_null(w);
    console_body(w, B(body));
    console_body_end(w);
    return w;
}

/* The whole exchange of an auditor; the status. */
static inline unsigned get(struct web_bench *b, const char *path, const char *query,
                           const char *cookie)
{
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    const struct web_request r = get_of(path, query, cookie);
    console_gone(ask_as(b, &v, &r, ""));
    assert_int_equal(b->ended, 1);
    return b->status;
}

static inline bool has_field(struct web_bench *b, const char *line)
{
    return strstr(buf_c(&b->fields), line) != NULL;
}

static inline bool shows(struct web_bench *b, const char *text)
{
    return strstr(buf_c(&b->body), text) != NULL;
}

static inline void assert_well_formed(struct web_bench *b)
{
    XML_Parser p = XML_ParserCreate("UTF-8");
    enum XML_Status s = XML_Parse(p, buf_c(&b->body), (int)b->body.n, 1);
    if (s != XML_STATUS_OK)
        print_error("line %lu column %lu: %s\n", XML_GetCurrentLineNumber(p),
                    XML_GetCurrentColumnNumber(p), XML_ErrorString(XML_GetErrorCode(p)));
    XML_ParserFree(p);
    assert_int_equal(s, XML_STATUS_OK);
}

#endif
