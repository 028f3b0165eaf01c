/* Life: the calls, what waits for the ledger, turns. */
#include "console/state.h"

#include "base/mem.h"
#include "search/search.h"

enum { IDLE_S = 1, SLICE_MS = 2 };

struct console *console_new(const struct console_config *config)
{
    struct console *c = mem_new(sizeof *c);
    *c = (struct console){.config = *config,
                          .visits = visits_new(),
                          .assets = assets_new(),
                          .leaves = leaves_new(config->audit_folder),
                          .sets = sets_new(config->archive_folder)};
    c->now = now_new(c);
    c->metrics = metrics_new(c);
    return c;
}

void console_free(struct console *c)
{
    if (c == NULL)
        return;
    while (c->call != NULL)
        console_gone(c->call);
    now_free(c->now);
    metrics_free(c->metrics);
    visits_free(c->visits);
    assets_free(c->assets);
    leaves_free(c->leaves);
    sets_free(c->sets);
    mem_free(c);
}

void console_set_policy(struct console *c, const struct policy *p)
{
    c->policy = p;
}

int64_t console_now(const struct console *c)
{
    return clock_steady_us(&c->config.clock);
}

int64_t console_wall(const struct console *c)
{
    return clock_wall_us(&c->config.clock);
}

/* ---- calls */

static void link_call(struct console *c, struct web_call *w)
{
    w->console = c;
    w->next = c->call;
    w->at = &c->call;
    if (w->next != NULL)
        w->next->at = &w->next;
    c->call = w;
    c->calls++;
}

struct console_share console_share_of(const struct console *c, struct bytes unit)
{
    struct console_share s = {.live = 0};
    for (const struct web_call *w = c->call; w != NULL; w = w->next) {
        if (!bytes_equal(w->visitor.unit, unit))
            continue;
        s.calls++;
        s.live += w->is_live;
        s.jobs += w->is_asking;
        s.bodies += w->large;
    }
    return s;
}

static void copy_visitor(struct web_call *w, const struct visitor *v)
{
    size_t n = v->unit.n < sizeof w->unit ? v->unit.n : sizeof w->unit - 1;
    w->visitor = *v;
    memcpy(w->unit, v->unit.p, n);
    w->visitor.unit = bytes_of(w->unit, n);
}

struct web_call *console_request(struct console *c, const struct visitor *v,
                                 const struct web_request *r, void *pipe_call)
{
    struct web_call *w = mem_new(sizeof *w);
    *w = (struct web_call){.pipe = pipe_call,
                           .is_post = r->is_post,
                           .is_head = r->is_head,
                           .path = BUF_INIT(CONSOLE_PATH_MAX),
                           .query_text = BUF_INIT(CONSOLE_PATH_MAX),
                           .cookie = BUF_INIT(CONSOLE_PATH_MAX),
                           .body = BUF_INIT(CONSOLE_BODY_MAX),
                           .out = BUF_INIT(CONSOLE_PAGE_MAX)};
    copy_visitor(w, v);
    link_call(c, w);
    dispatch_head(w, r);
    return w;
}

/* Files have a bound together and one for each unit; what is no larger than a form always passes.
 * One that does not grow is ended by net. False: it was answered. */
static bool make_room_for(struct web_call *w, size_t n)
{
    const size_t size = w->body.n + n, large = size > QUERY_BYTES_MAX ? size : 0;
    const size_t more = large - w->large;
    struct console *c = w->console;
    if (large > 0 && console_share_of(c, w->visitor.unit).bodies + more > CONSOLE_BODIES_OF_UNIT)
        web_fail(w, 429, TEXT_TOO_MANY_FILES, TEXT_TOO_MANY_FILES_DO);
    else if (large > 0 && c->bodies + more > CONSOLE_BODIES_MAX)
        web_fail(w, 503, TEXT_BUSY, TEXT_BUSY_DO);
    else {
        c->bodies += more;
        w->large = large;
        return true;
    }
    return false;
}

void console_body(struct web_call *w, struct bytes piece)
{
    if (w->state != WEB_TAKES_BODY)
        return;
    size_t most = (w->page->needs & TAKES_FILE) != 0 ? CONSOLE_BODY_MAX : QUERY_BYTES_MAX;
    if (piece.n > most - w->body.n)
        web_fail(w, 413, TEXT_TOO_LARGE, TEXT_TOO_LARGE_DO);
    else if (make_room_for(w, piece.n))
        buf_put(&w->body, piece.p, piece.n);
}

void console_body_end(struct web_call *w)
{
    if (w->state == WEB_TAKES_BODY)
        dispatch_body(w);
}

void console_writable(struct web_call *w)
{
    if (w->state == WEB_SENDS && w->ready != NULL)
        w->ready(w);
}

void console_gone(struct web_call *w)
{
    struct console *c = w->console;
    *w->at = w->next;
    if (w->next != NULL)
        w->next->at = w->at;
    c->calls--;
    c->live -= w->is_live;
    c->bodies -= w->large;
    if (w->drop != NULL)
        w->drop(w->own);
    query_free(&w->query);
    query_free(&w->form);
    buf_free(&w->path);
    buf_free(&w->query_text);
    buf_free(&w->cookie);
    buf_free(&w->body);
    buf_free(&w->out);
    mem_free(w);
}

/* ---- the ledger */

uint64_t console_ask(struct console *c, struct bytes unit, struct bytes request,
                     void (*said)(void *arg, struct bytes answer), void *arg)
{
    struct console_asked *a = mem_new(sizeof *a);
    *a = (struct console_asked){.ticket = ++c->tickets,
                                .until_us = console_now(c) + LEDGER_WITHIN,
                                .said = said,
                                .arg = arg,
                                .next = c->asked};
    c->asked = a;
    uint64_t ticket = a->ticket;
    c->config.ask_ledger(c->config.arg, ticket, unit, request);
    return ticket;
}

static struct console_asked *take_asked(struct console *c, uint64_t ticket)
{
    struct console_asked **at = &c->asked, *a;
    while (*at != NULL && (*at)->ticket != ticket)
        at = &(*at)->next;
    a = *at;
    if (a != NULL)
        *at = a->next;
    return a;
}

void console_unask(struct console *c, uint64_t ticket)
{
    mem_free(take_asked(c, ticket));
}

void console_said(struct console *c, uint64_t ticket, struct bytes answer_and_items)
{
    struct console_asked *a = take_asked(c, ticket);
    if (a != NULL)
        a->said(a->arg, answer_and_items);
    mem_free(a);
}

static struct web_call *call_of_view(struct console *c, uint64_t ticket)
{
    struct web_call *w = c->call;
    while (w != NULL && w->ticket != ticket)
        w = w->next;
    return ticket == 0 ? NULL : w;
}

void console_viewed(struct console *c, uint64_t ticket, bool done, uint64_t index)
{
    struct web_call *w = call_of_view(c, ticket);
    (void)index;
    if (w != NULL)
        answer_viewed(w, done);
}

/* Those up to a ticket, or whose time is over. Each is taken out before it is told, for it may ask
 * again; what it asks then comes in front of the list, with a higher ticket. */
static void end_asked(struct console *c, uint64_t last, int64_t now)
{
    for (struct console_asked *a = c->asked; a != NULL;) {
        bool over = a->ticket <= last || a->until_us <= now;
        uint64_t ticket = a->ticket;
        a = a->next;
        if (over) {
            console_said(c, ticket, bytes_of(NULL, 0));
            a = c->asked; /* who was told may have changed the list */
        }
    }
}

/* Views that the ledger does not answer: nobody is left before an empty window. */
static void end_views(struct console *c, int64_t now)
{
    for (struct web_call *w = c->call; w != NULL; w = w->next)
        if (w->ticket != 0 && w->recorded_by_us <= now)
            answer_viewed(w, false);
}

void console_ledger_went(struct console *c)
{
    const uint64_t last = c->tickets;
    end_asked(c, last, INT64_MIN);
    for (struct web_call *w = c->call, *next; w != NULL; w = next) {
        next = w->next;
        if (w->ticket != 0 && w->ticket <= last)
            answer_viewed(w, false);
    }
}

/* ---- turns */

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What the log has more than the index; in a slice. One that has more, or that was there before,
 * may be of another log: search looks, and begins anew. */
static int64_t follow(struct console *c, int64_t now)
{
    const struct leaves_head *head = leaves_look(c->leaves, now);
    if (c->config.search == NULL || !head->is_there ||
        (c->index_is_its && search_size(c->config.search) == head->checkpoint.size))
        return IDLE_S * US_PER_S;
    enum result r = search_follow(c->config.search, c->config.audit_folder, head->checkpoint.size,
                                  SLICE_MS * (US_PER_S / 1000));
    if (r == RESULT_AGAIN)
        return 0;
    c->index_is_its |= r == RESULT_OK;
    if (r != RESULT_OK && r != c->index_fault)
        log_line(c->config.log, LOG_WARNING, "index-behind", "reason=%s", result_name(r));
    c->index_fault = r;
    return IDLE_S * US_PER_S;
}

bool console_caught_up(struct console *c, uint64_t size)
{
    if (c->config.search == NULL)
        return false;
    (void)follow(c, console_now(c));
    return c->index_is_its && search_size(c->config.search) >= size;
}

int64_t console_turn(struct console *c)
{
    int64_t now = console_now(c), wait = follow(c, now);
    visits_turn(c->visits, now);
    end_asked(c, 0, now);
    end_views(c, now);
    for (struct web_call *w = c->call; w != NULL; w = w->next) {
        if (w->turn == NULL || w->state == WEB_OVER)
            continue;
        if (w->turn_at_us <= now) {
            int64_t again = w->turn(w);
            w->turn_at_us = time_after(now, again < 0 ? 0 : again);
            w->turn = again < 0 ? NULL : w->turn;
        }
        if (w->turn != NULL)
            wait = sooner(wait, w->turn_at_us > now ? w->turn_at_us - now : 0);
    }
    return wait;
}

void web_turn(struct web_call *w, int64_t (*turn)(struct web_call *w), int64_t after_us)
{
    w->turn = turn;
    w->turn_at_us = time_after(console_now(w->console), after_us);
}
