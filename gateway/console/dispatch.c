/* From a request to its page: address, language, who may, what it asks for first. */
#include "console/state.h"

#include "base/cursor.h"

/* Pages of pages.def. */
#define P(NAME, path, word, roles, needs, name, make) void make(struct web_call *w);
#include "console/pages.def"
#undef P

static const struct web_page pages[] = {
#define P(NAME, path, word, roles, needs, name, make) {path, word, roles, needs, name, make},
#include "console/pages.def"
#undef P
};

const struct web_page *web_page_at(size_t i)
{
    return i < ARRAY_LEN(pages) ? &pages[i] : NULL;
}

static unsigned role_bit(enum policy_console role)
{
    switch (role) {
    case POLICY_CONSOLE_AUDITOR: return FOR_AUDITOR;
    case POLICY_CONSOLE_OFFICER: return FOR_OFFICER;
    case POLICY_CONSOLE_OPERATOR: return FOR_OPERATOR;
    default: return 0;
    }
}

/* Without a certificate there is one page. */
static bool is_for_anybody(const struct web_page *p)
{
    return p->make == page_metrics;
}

bool web_may(const struct web_call *w, const struct web_page *p)
{
    if (w->visitor.is_local)
        return is_for_anybody(p);
    return (p->roles & role_bit(w->visitor.role)) != 0;
}

bool web_may_open(const struct web_call *w, const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        if (strcmp(pages[i].path, path) == 0)
            return web_may(w, &pages[i]);
    return false;
}

/* ---- addresses */

/* "/ko" and what is behind it. */
static bool take_language(struct bytes *path, bool *korean)
{
    bool is_ko = bytes_begins(*path, "/ko/"), is_en = bytes_begins(*path, "/en/");
    if (!is_ko && !is_en)
        return false;
    *korean = is_ko;
    *path = bytes_of(path->p + 4, path->n - 4);
    return true;
}

static const struct web_page *page_of(struct bytes path, struct bytes *tail)
{
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        size_t n = strlen(pages[i].path);
        bool has_tail = n > 0 && pages[i].path[n - 1] == '/';
        if (has_tail ? bytes_begins(path, pages[i].path) && path.n > n
                     : bytes_is(path, pages[i].path)) {
            *tail = bytes_of(path.p + n, path.n - n);
            return &pages[i];
        }
    }
    return NULL;
}

void web_path(const struct web_call *w, const char *path, struct buf *out)
{
    buf_printf(out, "/%s/%s", w->korean ? "ko" : "en", path);
}

void web_path_in(const struct web_call *w, bool korean, struct buf *out)
{
    struct bytes path = buf_view(&w->path);
    bool was;
    buf_printf(out, "/%s/", korean ? "ko" : "en");
    if (w->page == NULL || !take_language(&path, &was))
        return;
    buf_put(out, path.p, path.n);
    if (w->query_text.n > 0) {
        buf_u8(out, '?');
        buf_put(out, w->query_text.p, w->query_text.n);
    }
}

/* The first language that is asked for and that we have; Korean else. */
static bool wants_korean(struct bytes languages)
{
    struct cursor c = cursor_over(languages);
    struct bytes one;
    while (cursor_until(&c, ',', &one) == RESULT_OK ||
           (c.left > 0 && cursor_take(&c, c.left, &one) == RESULT_OK)) {
        while (one.n > 0 && one.p[0] == ' ')
            one = bytes_of(one.p + 1, one.n - 1);
        if (bytes_begins(one, "ko"))
            return true;
        if (bytes_begins(one, "en"))
            return false;
    }
    return true;
}

/* ---- what is refused */

/* Only our own pages post: browsers say where a request comes from. */
static bool is_from_here(const struct web_request *r)
{
    struct bytes origin = r->origin;
    if (r->site.n > 0)
        return bytes_is(r->site, "same-origin");
    if (!bytes_begins(origin, "https://") || r->authority.n == 0)
        return false;
    return bytes_equal(bytes_of(origin.p + 8, origin.n - 8), r->authority);
}

static bool is_form(const struct web_request *r)
{
    return bytes_begins(r->type, "application/x-www-form-urlencoded");
}

static void fail_query(struct web_call *w, enum query_fault fault)
{
    static const enum text remedy[] = {[QUERY_TOO_LONG] = TEXT_QUERY_TOO_LONG,
                                       [QUERY_TOO_MANY] = TEXT_QUERY_TOO_MANY,
                                       [QUERY_BAD_ESCAPE] = TEXT_QUERY_BAD_ESCAPE,
                                       [QUERY_NOT_TEXT] = TEXT_QUERY_NOT_TEXT,
                                       [QUERY_TWICE] = TEXT_QUERY_TWICE};
    web_fail(w, 400, TEXT_BAD_REQUEST, remedy[fault]);
}

/* Whether it may go on; else it was answered. */
static bool judge_post(struct web_call *w, const struct web_request *r)
{
    unsigned takes = w->page->needs & (TAKES_FORM | TAKES_FILE);
    if (!w->is_post)
        return true;
    if (takes == 0)
        web_fail(w, 405, TEXT_NO_POST, TEXT_NO_POST_DO);
    else if (!is_from_here(r))
        web_fail(w, 403, TEXT_NOT_FROM_HERE, TEXT_NOT_FROM_HERE_DO);
    else if ((takes & TAKES_FILE) == 0 && !is_form(r))
        web_fail(w, 415, TEXT_NO_FORM, TEXT_NO_FORM_DO);
    else
        return true;
    return false;
}

static bool judge(struct web_call *w, const struct web_request *r)
{
    if (w->page == NULL || (w->visitor.is_local && !is_for_anybody(w->page)))
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_NOT_FOUND_DO);
    else if (!web_may(w, w->page))
        web_fail(w, 403, TEXT_FORBIDDEN, TEXT_FORBIDDEN_DO);
    else
        return judge_post(w, r);
    return false;
}

/* ---- requests */

/* What has no language: the door, assets. Whether it was one of them. */
static bool answer_plain(struct web_call *w, const struct web_request *r)
{
    struct bytes path = buf_view(&w->path);
    static const char assets[] = "/assets/";
    if (bytes_is(path, "/") || bytes_is(path, "/ko") || bytes_is(path, "/en")) {
        bool ko = path.n == 1 ? wants_korean(r->language) : bytes_is(path, "/ko");
        web_redirect(w, bytes_of_text(ko ? "/ko/" : "/en/"), NULL);
        return true;
    }
    if (!bytes_begins(path, assets))
        return false;
    size_t n = sizeof assets - 1;
    const struct asset *a = asset_named(w->console->assets, bytes_of(path.p + n, path.n - n));
    if (a == NULL)
        web_fail(w, 404, TEXT_NOT_FOUND, TEXT_NOT_FOUND_DO);
    else
        answer_file(w, a->type, a->content);
    return true;
}

/* What can be refused before the body came is; a call that is answered takes no body. */
void dispatch_head(struct web_call *w, const struct web_request *r)
{
    buf_put(&w->path, r->path.p, r->path.n);
    buf_put(&w->query_text, r->query.p, r->query.n);
    buf_put(&w->cookie, r->cookie.p, r->cookie.n);
    w->korean = wants_korean(r->language);
    struct bytes path = buf_view(&w->path);
    (void)take_language(&path, &w->korean);
    if (w->path.failed || w->query_text.failed || w->cookie.failed) {
        web_fail(w, 414, TEXT_ADDRESS_TOO_LONG, TEXT_ADDRESS_TOO_LONG_DO);
        return;
    }
    if (w->console->calls > CONSOLE_CALLS_MAX) {
        web_fail(w, 503, TEXT_BUSY, TEXT_BUSY_DO);
        return;
    }
    if (console_share_of(w->console, w->visitor.unit).calls > CONSOLE_CALLS_OF_UNIT) {
        web_fail(w, 429, TEXT_TOO_MANY, TEXT_TOO_MANY_CALLS_DO);
        return;
    }
    if (!w->visitor.is_local && answer_plain(w, r))
        return;
    const bool is_page = path.n < w->path.n || bytes_is(path, "/metrics");
    if (is_page && path.n == w->path.n)
        path = bytes_of(path.p + 1, path.n - 1);
    w->page = is_page ? page_of(path, &w->tail) : NULL;
    enum query_fault fault = query_read(buf_view(&w->query_text), &w->query);
    if (judge(w, r) && fault != QUERY_GOOD)
        fail_query(w, fault);
}

/* Where a reason is stated, with the way back: in an address too, which is longer than the one that
 * came, and may be too long to be read again. */
static void ask_reason(struct web_call *w)
{
    struct buf to = BUF_INIT(CONSOLE_PATH_MAX), back = BUF_INIT(3 * CONSOLE_PATH_MAX);
    web_path_in(w, w->korean, &back);
    web_path(w, "reason", &to);
    query_put(&to, "then", buf_view(&back));
    if (buf_status(&to) == RESULT_OK && buf_status(&back) == RESULT_OK)
        web_redirect(w, buf_view(&to), NULL);
    else
        web_fail(w, 414, TEXT_ADDRESS_TOO_LONG, TEXT_REASON_FIRST_DO);
    buf_free(&to);
    buf_free(&back);
}

void dispatch_body(struct web_call *w)
{
    enum query_fault fault = QUERY_GOOD;
    w->state = WEB_MAKES;
    w->asked_us = console_now(w->console);
    if (w->is_post && (w->page->needs & TAKES_FORM) != 0)
        fault = query_read(buf_view(&w->body), &w->form);
    if (fault != QUERY_GOOD)
        fail_query(w, fault);
    else if ((w->page->needs & NEEDS_REASON) != 0 && web_visit(w) == NULL)
        ask_reason(w);
    else
        w->page->make(w);
}
