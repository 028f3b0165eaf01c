/* Now: how the gateway stands, once and live. */
#include "base/mem.h"
#include "console/state.h"

enum { POLL_MS = 5, TICK_S = 2 };

static void show_now(struct web_call *w)
{
    struct buf events = BUF_INIT(64);
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(TEXT_NAV_NOW, w->korean)));
    web_path(w, "now/events", &events);
    html_open(h, "p");
    html_attr_text(h, "class", "faint");
    html_attr_text(h, "role", "status");
    html_attr_text(h, "data-live-state", "");
    html_attr_text(h, "data-on", text_of(TEXT_LIVE_ON, w->korean));
    html_attr_text(h, "data-off", text_of(TEXT_LIVE_OFF, w->korean));
    html_attr_text(h, "data-refused", text_of(TEXT_LIVE_REFUSED, w->korean));
    html_t(h, TEXT_LIVE_NONE);
    html_close(h);
    html_open(h, "div");
    html_attr(h, "data-live", buf_view(&events));
    now_put(w);
    html_close(h);
    buf_free(&events);
    web_show(w, NULL);
}

static int64_t wait_for_now(struct web_call *w)
{
    if (now_is_asking(w->console->now))
        return POLL_MS * (US_PER_S / 1000);
    show_now(w);
    return -1;
}

void page_now(struct web_call *w);
void page_now(struct web_call *w)
{
    (void)now_look(w->console->now);
    int64_t again = wait_for_now(w);
    if (again >= 0)
        web_turn(w, wait_for_now, again);
}

/* ---- live: an event each time that it was said anew */

struct ticking {
    int64_t sent_us; /* when that was said */
};

static void send_event(struct web_call *w)
{
    struct buf event = BUF_INIT(2 * CONSOLE_PAGE_MAX);
    buf_clear(&w->out);
    w->html = html_begin(&w->out, w->korean);
    now_put(w);
    buf_text(&event, "event: page\ndata: ");
    for (size_t i = 0; i < w->out.n; i++)
        if (w->out.p[i] == '\n')
            buf_text(&event, "\ndata: ");
        else
            buf_u8(&event, w->out.p[i]);
    buf_text(&event, "\n\n");
    if (buf_status(&w->out) == RESULT_OK && buf_status(&event) == RESULT_OK)
        (void)web_put(w, buf_view(&event));
    buf_free(&event);
}

/* Who is behind misses one, and is sent the next. */
static int64_t tick(struct web_call *w)
{
    struct ticking *t = w->own;
    int64_t said_us = now_look(w->console->now);
    if (now_is_asking(w->console->now))
        return POLL_MS * (US_PER_S / 1000);
    if (said_us != t->sent_us && w->console->config.pipe->queued(w->pipe) == 0) {
        t->sent_us = said_us;
        send_event(w);
    }
    return TICK_S * US_PER_S;
}

static void begin_events(struct web_call *w)
{
    web_begin(w, "text/event-stream; charset=utf-8", NULL);
    if (w->state == WEB_SENDS)
        web_turn(w, tick, 0);
}

void page_events(struct web_call *w);
void page_events(struct web_call *w)
{
    static const struct web_seen seen = {.form = "html"};
    const struct console_share own = console_share_of(w->console, w->visitor.unit);
    if (w->console->live >= CONSOLE_STREAMS_MAX || own.live >= CONSOLE_STREAMS_OF_UNIT) {
        web_fail(w, 429, TEXT_TOO_MANY_LIVE, TEXT_TOO_MANY_LIVE_DO);
        return;
    }
    w->is_live = true;
    w->console->live++;
    w->own = mem_new(sizeof(struct ticking));
    w->drop = mem_free;
    web_record(w, &seen, begin_events);
}
