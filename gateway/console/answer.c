/* How answers leave: whole pages, streams, failures; each with the headers that guard it. */
#include "console/state.h"

#include <stdio.h>

static const char html_type[] = "text/html; charset=utf-8";
enum { FIELDS_MAX = 10 };

#define F(NAME, text)                                                                              \
    {                                                                                              \
        NAME,                                                                                      \
        {                                                                                          \
            (const uint8_t *)(text), sizeof(text) - 1                                              \
        }                                                                                          \
    }
static const struct web_field guards[] = {
    F("content-security-policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
      "'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    F("x-content-type-options", "nosniff"),
    F("referrer-policy", "no-referrer"),
    F("cross-origin-opener-policy", "same-origin"),
    F("cross-origin-resource-policy", "same-origin"),
    F("x-frame-options", "DENY")};
#undef F

static void send_head(struct web_call *w, const char *type, const char *caching,
                      const struct web_field *more, size_t count)
{
    struct web_field field[FIELDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(guards); i++)
        field[n++] = guards[i];
    for (size_t i = 0; i < count && n < FIELDS_MAX; i++)
        field[n++] = more[i];
    const struct web_head head = {w->status, type, caching, field, n};
    w->state = WEB_SENDS;
    w->console->config.pipe->begin(w->pipe, &head);
}

static void send_whole(struct web_call *w, const char *type, const char *caching,
                       const struct web_field *more, size_t count, struct bytes content)
{
    send_head(w, type, caching, more, count);
    if (!w->is_head && content.n > 0)
        (void)!w->console->config.pipe->put(w->pipe, content);
    web_end(w);
}

/* ---- whole pages */

struct html *web_begin_page(struct web_call *w, unsigned status, struct bytes title)
{
    buf_clear(&w->out);
    w->status = status;
    w->html = html_begin(&w->out, w->korean);
    layout_begin(w, title);
    return &w->html;
}

/* A page of ours that does not fit, or whose elements are in disorder, is a fault. */
static void send_page(struct web_call *w)
{
    if (buf_status(&w->out) == RESULT_OK) {
        send_whole(w, html_type, "no-store", NULL, 0, buf_view(&w->out));
        buf_free(&w->out); /* it may be long until the visitor has taken all of it */
        return;
    }
    w->status = 500;
    log_line(w->console->config.log, LOG_WARNING, "page-too-large", "page=%s",
             w->page == NULL ? "" : w->page->word);
    send_whole(w, "text/plain; charset=utf-8", "no-store", NULL, 0,
               bytes_of_text(text_of(TEXT_FAULT, w->korean)));
}

void web_show(struct web_call *w, const struct web_seen *seen)
{
    static const struct web_seen page_alone = {.form = "html"};
    layout_end(w);
    if (w->page == NULL || (w->page->needs & NEEDS_VIEW) == 0 || w->is_viewed)
        send_page(w);
    else
        web_record(w, seen == NULL ? &page_alone : seen, send_page);
}

void web_fail(struct web_call *w, unsigned status, enum text what, enum text remedy)
{
    if (w->state >= WEB_SENDS)
        return;
    struct html *h = web_begin_page(w, status, bytes_of_text(text_of(what, w->korean)));
    html_element_t(h, "p", "remedy", remedy);
    html_open(h, "p");
    html_attr_text(h, "class", "faint");
    html_say(h, "HTTP %u", status);
    html_close(h);
    layout_end(w);
    send_page(w);
}

void web_redirect(struct web_call *w, struct bytes to, const struct visit *fresh)
{
    if (to.n > CONSOLE_PATH_MAX) {
        web_fail(w, 414, TEXT_ADDRESS_TOO_LONG, TEXT_ADDRESS_TOO_LONG_DO);
        return;
    }
    struct buf cookie = BUF_INIT(256);
    struct web_field more[2] = {{"location", to}};
    if (fresh != NULL)
        visit_cookie(fresh, &cookie);
    more[1] = (struct web_field){"set-cookie", buf_view(&cookie)};
    w->status = 303;
    send_whole(w, html_type, "no-store", more, fresh == NULL ? 1 : 2, bytes_of(NULL, 0));
    buf_free(&cookie);
}

void answer_file(struct web_call *w, const char *type, struct bytes content)
{
    w->status = 200;
    send_whole(w, type, "public, max-age=31536000, immutable", NULL, 0, content);
}

/* ---- the view's record */

void web_record(struct web_call *w, const struct web_seen *seen, void (*then)(struct web_call *w))
{
    const struct visit *visit = web_visit(w);
    const bool needs_reason = (w->page->needs & NEEDS_REASON) != 0;
    struct console *c = w->console;
    if (needs_reason && visit == NULL) {
        web_fail(w, 403, TEXT_VISIT_OVER, TEXT_VISIT_OVER_DO);
        return;
    }
    w->state = WEB_WAITS;
    w->viewed = then;
    w->ticket = ++c->tickets;
    w->recorded_by_us = console_now(c) + LEDGER_WITHIN;
    struct console_view v = {.ticket = w->ticket,
                             .unit = w->visitor.unit,
                             .page = bytes_of_text(w->page->word),
                             .form = bytes_of_text(seen->form),
                             .has_record = seen->has_record,
                             .record = seen->record,
                             .from = seen->from,
                             .to = seen->to};
    if (needs_reason)
        v.reason = visit->reason;
    memcpy(v.certificate, w->visitor.certificate, sizeof v.certificate);
    c->config.record_view(c->config.arg, &v);
}

void answer_viewed(struct web_call *w, bool done)
{
    w->ticket = 0;
    if (w->state != WEB_WAITS)
        return;
    w->state = WEB_MAKES;
    w->is_viewed = done;
    if (done)
        w->viewed(w);
    else
        web_fail(w, 503, TEXT_NOT_RECORDED, TEXT_NOT_RECORDED_DO);
}

/* ---- streams */

void web_begin(struct web_call *w, const char *type, const char *file)
{
    char name[128];
    struct web_field more = {"content-disposition", {NULL, 0}};
    if ((w->page->needs & NEEDS_VIEW) != 0 && !w->is_viewed) {
        web_fail(w, 500, TEXT_FAULT, TEXT_FAULT_DO);
        return;
    }
    if (file != NULL) {
        (void)snprintf(name, sizeof name, "attachment; filename=\"%s\"", file);
        more.value = bytes_of_text(name);
    }
    w->status = 200;
    send_head(w, type, "no-store", &more, file == NULL ? 0 : 1);
    if (w->is_head)
        web_end(w);
}

enum { BEHIND = 256 << 10 };

bool web_put(struct web_call *w, struct bytes piece)
{
    const struct web_pipe *pipe = w->console->config.pipe;
    if (w->state != WEB_SENDS)
        return false;
    return pipe->put(w->pipe, piece) == RESULT_OK && pipe->queued(w->pipe) < BEHIND;
}

void web_end(struct web_call *w)
{
    if (w->state != WEB_SENDS)
        return;
    w->state = WEB_OVER;
    w->turn = NULL;
    w->console->config.pipe->end(w->pipe);
}

struct visit *web_visit(struct web_call *w)
{
    return visit_find(w->console->visits, buf_view(&w->cookie), w->visitor.certificate,
                      w->asked_us);
}
