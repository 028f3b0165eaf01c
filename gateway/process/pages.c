#include "process/pages.h"

#include "base/limits.h"
#include "base/mem.h"
#include "ipc/console_road.h"
#include "process/visitors.h"

#include <string.h>

_Static_assert((int)PAGES_BODY_MAX == (int)CONSOLE_BODY_MAX,
               "what net lets through is what pages take");

enum { MARK = 128 << 10 }; /* bytes that wait for a visitor before a page is asked for more */

struct pages {
    struct pages_config config;
    struct console *console;
    struct loop_timer *turn;
    bool ledger_missed; /* something was asked while it was away */
};

/* A request under way. `web` lives as long as this does. */
struct page_call {
    struct pages_taker taker;
    struct pages *pages;
    struct grpc_call *call;
    struct web_call *web;
};

/* What a page has to do besides may be due sooner now. */
static void stir(struct pages *p)
{
    loop_timer_set(p->turn, 0);
}

static void turn(void *arg)
{
    struct pages *p = arg;
    if (p->ledger_missed)
        console_ledger_went(p->console);
    p->ledger_missed = false;
    const int64_t again_us = console_turn(p->console);
    loop_timer_set(p->turn, again_us);
}

/* ---- answers (struct web_pipe) */

/* Of an answer's fields, whose values are ended for net. */
struct head_room {
    struct buf text;
    struct http_field field[HTTP_FIELDS_MOST];
    size_t at[HTTP_FIELDS_MOST]; /* of each value in `text` */
};

/* False for what is no value of a field: net could not tell where it ends. */
static bool put_values(const struct web_head *h, struct head_room *r)
{
    if (h->fields > HTTP_FIELDS_MOST)
        return false;
    for (size_t i = 0; i < h->fields; i++) {
        const struct bytes value = h->field[i].value;
        if (value.n > 0 && memchr(value.p, '\0', value.n) != NULL)
            return false;
        r->at[i] = r->text.n;
        buf_put(&r->text, value.p, value.n);
        buf_u8(&r->text, 0);
    }
    if (buf_status(&r->text) != RESULT_OK)
        return false;
    for (size_t i = 0; i < h->fields; i++)
        r->field[i] = (struct http_field){h->field[i].name, (const char *)r->text.p + r->at[i]};
    return true;
}

static void begin(void *call, const struct web_head *h)
{
    struct page_call *c = call;
    struct head_room room = {.text = BUF_INIT(LIMIT_HEADER_LIST)};
    const struct http_head head = {h->status, h->type, h->caching, room.field, h->fields};
    grpc_call_set_mark(c->call, MARK);
    if (put_values(h, &room))
        grpc_call_answer_begin(c->call, &head);
    else
        grpc_call_finish(c->call, GRPC_INTERNAL, "an answer has fields that cannot be sent");
    buf_free(&room.text);
}

static enum result put(void *call, struct bytes piece)
{
    return grpc_call_answer_put(((struct page_call *)call)->call, piece);
}

static size_t queued(void *call)
{
    return grpc_call_queued(((struct page_call *)call)->call);
}

static void end(void *call)
{
    grpc_call_answer_end(((struct page_call *)call)->call);
}

static const struct web_pipe pipe_of_net = {begin, put, queued, end};

/* ---- each taker has a pipe of its own */

static const struct web_pipe *pipe_of(void *call)
{
    return ((const struct pages_taker *)call)->pipe;
}

static void begin_any(void *call, const struct web_head *h)
{
    pipe_of(call)->begin(call, h);
}

static enum result put_any(void *call, struct bytes piece)
{
    return pipe_of(call)->put(call, piece);
}

static size_t queued_any(void *call)
{
    return pipe_of(call)->queued(call);
}

static void end_any(void *call)
{
    pipe_of(call)->end(call);
}

static const struct web_pipe pipe_of_takers = {begin_any, put_any, queued_any, end_any};

struct web_call *pages_ask(struct pages *p, const struct visitor *v, const struct web_request *r,
                           struct pages_taker *taker)
{
    stir(p);
    return console_request(p->console, v, r, taker);
}

void pages_asked_all(struct pages *p, struct web_call *w)
{
    console_body_end(w);
    stir(p);
}

/* ---- requests */

static struct web_request describe(const struct http_request *r)
{
    const size_t n = strcspn(r->path, "?");
    const char *query = r->path[n] == '\0' ? "" : r->path + n + 1;
    return (struct web_request){.is_post = strcmp(r->method, "POST") == 0,
                                .is_head = strcmp(r->method, "HEAD") == 0,
                                .path = bytes_of(r->path, n),
                                .query = bytes_of_text(query),
                                .cookie = bytes_of_text(r->cookie),
                                .origin = bytes_of_text(r->origin),
                                .site = bytes_of_text(r->site),
                                .authority = bytes_of_text(r->authority),
                                .language = bytes_of_text(r->language),
                                .type = bytes_of_text(r->type)};
}

void *pages_open(void *guest, struct grpc_call *call, const struct http_request *request)
{
    const struct guest *g = guest;
    struct pages *p = g->host;
    struct page_call *c = mem_new(sizeof *c);
    struct visitor visitor = {
        .unit = bytes_of_text(g->unit), .role = g->role, .reads_all = g->reads_all};
    const struct web_request web = describe(request);
    memcpy(visitor.certificate, g->certificate, sizeof visitor.certificate);
    *c = (struct page_call){.taker = {&pipe_of_net}, .pages = p, .call = call};
    c->web = pages_ask(p, &visitor, &web, &c->taker);
    return c;
}

static enum result took_body(void *call, struct shared *owner, struct bytes piece)
{
    const struct page_call *c = call;
    (void)owner;
    console_body(c->web, piece);
    return RESULT_OK;
}

static void took_all(void *call)
{
    const struct page_call *c = call;
    pages_asked_all(c->pages, c->web);
}

static void has_room(void *call)
{
    const struct page_call *c = call;
    console_writable(c->web);
    stir(c->pages);
}

static void closed(void *call, enum grpc_status status, const char *text)
{
    struct page_call *c = call;
    (void)status;
    (void)text;
    console_gone(c->web);
    mem_free(c);
}

const struct grpc_call_events pages_events = {
    .message = took_body, .half_closed = took_all, .writable = has_room, .closed = closed};

/* ---- the ledger */

static void tell(struct pages *p, enum ipc_type type, struct buf *body)
{
    if (!p->config.tell_ledger(p->config.arg, type, buf_view(body))) {
        p->ledger_missed = true; /* whoever asked is not told before it has returned */
        stir(p);
    }
    buf_free(body);
}

static void ask_ledger(void *pages, uint64_t ticket, struct bytes unit,
                       struct bytes control_request)
{
    const struct console_ask ask = {ticket, unit, control_request};
    struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX);
    console_ask_put(&ask, &body);
    tell(pages, IPC_CONSOLE_ASK, &body);
}

static void record_view(void *pages, const struct console_view *view)
{
    struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX);
    console_view_put(view, &body);
    tell(pages, IPC_CONSOLE_VIEW, &body);
}

static enum result take_said(struct pages *p, struct cursor *in)
{
    struct console_said said;
    TRY(console_said_take(in, &said));
    console_said(p->console, said.ticket, said.answer);
    return RESULT_OK;
}

static enum result take_viewed(struct pages *p, struct cursor *in)
{
    struct console_viewed viewed;
    TRY(console_viewed_take(in, &viewed));
    console_viewed(p->console, viewed.ticket, viewed.code == CONTROL_CODE_DONE, viewed.index);
    return RESULT_OK;
}

enum result pages_ledger_said(struct pages *p, const struct channel_message *m)
{
    struct cursor in = cursor_over(m->body);
    stir(p);
    switch (m->type) {
    case IPC_CONSOLE_SAID: return take_said(p, &in);
    case IPC_CONSOLE_VIEWED: return take_viewed(p, &in);
    default: return RESULT_MALFORMED;
    }
}

void pages_ledger_went(struct pages *p)
{
    console_ledger_went(p->console);
    stir(p);
}

/* ---- life */

void pages_set_policy(struct pages *p, const struct policy *policy)
{
    console_set_policy(p->console, policy);
}

struct pages *pages_new(const struct pages_config *config)
{
    struct pages *p = mem_new(sizeof *p);
    p->config = *config;
    const struct console_config pages = {.clock = clock_system(),
                                         .log = config->log,
                                         .search = config->search,
                                         .audit_folder = config->audit_folder,
                                         .archive_folder = config->archive_folder,
                                         .log_name = config->log_name,
                                         .witness = config->witness,
                                         .witnesses = config->witnesses,
                                         .pipe = &pipe_of_takers,
                                         .arg = p,
                                         .ask_ledger = ask_ledger,
                                         .record_view = record_view};
    p->console = console_new(&pages);
    p->turn = loop_timer_new(config->loop, turn, p);
    stir(p);
    return p;
}

void pages_free(struct pages *p)
{
    if (p == NULL)
        return;
    loop_timer_free(p->turn);
    console_free(p->console);
    mem_free(p);
}
