/* The frame of every page: what stands above and below. */
#include "console/state.h"

#include <string.h>

static void put_meta(struct html *h, const char *name, const char *content)
{
    html_open(h, "meta");
    html_attr_text(h, "name", name);
    html_attr_text(h, "content", content);
    html_close(h);
}

static void put_head(struct web_call *w, struct html *h, struct bytes title)
{
    struct buf style = BUF_INIT(128), script = BUF_INIT(128);
    asset_path(w->console->assets, "console.css", &style);
    asset_path(w->console->assets, "console.js", &script);
    html_open(h, "head");
    html_open(h, "meta");
    html_attr_text(h, "charset", "utf-8");
    html_close(h);
    put_meta(h, "viewport", "width=device-width, initial-scale=1");
    put_meta(h, "color-scheme", "light dark");
    html_open(h, "title");
    html_put(h, title);
    html_text(h, " · fedgate");
    html_close(h);
    html_open(h, "link");
    html_attr_text(h, "rel", "stylesheet");
    html_attr(h, "href", buf_view(&style));
    html_close(h);
    html_open(h, "link"); /* none: browsers would ask for one */
    html_attr_text(h, "rel", "icon");
    html_attr_text(h, "href", "data:,");
    html_close(h);
    html_open(h, "script");
    html_attr(h, "src", buf_view(&script));
    html_attr_text(h, "defer", "defer");
    html_text(h, "");
    html_close(h);
    html_close(h);
    buf_free(&style);
    buf_free(&script);
}

/* "registers/statistics" stands below "registers", "record/" below "records". */
static bool is_below(const struct web_page *page, const struct web_page *p)
{
    const struct bytes path = bytes_of_text(page->path);
    const size_t n = strlen(p->path);
    if (path.n == 0 || n == 0)
        return false;
    if (path.n > n && path.p[n] == '/' && bytes_begins(path, p->path))
        return true;
    return path.p[path.n - 1] == '/' && strncmp(p->path, page->path, path.n - 1) == 0;
}

static void put_tab(struct web_call *w, struct html *h, const struct web_page *p)
{
    struct buf to = BUF_INIT(256);
    web_path(w, p->path, &to);
    html_open(h, "li");
    html_open(h, "a");
    html_attr(h, "href", buf_view(&to));
    if (p == w->page)
        html_attr_text(h, "aria-current", "page");
    else if (w->page != NULL && is_below(w->page, p))
        html_attr_text(h, "aria-current", "location");
    html_t(h, p->name);
    html_close(h);
    html_close(h);
    buf_free(&to);
}

static void put_navigation(struct web_call *w, struct html *h)
{
    const struct web_page *p;
    html_open(h, "nav");
    html_attr_text(h, "aria-label", text_of(TEXT_PAGES, w->korean));
    html_open(h, "ul");
    for (size_t i = 0; (p = web_page_at(i)) != NULL; i++)
        if (p->name != TEXTS && web_may(w, p))
            put_tab(w, h, p);
    html_close(h);
    html_close(h);
}

/* The other language's link, to this very page. */
static void put_language(struct web_call *w, struct html *h)
{
    struct buf to = BUF_INIT(2 * CONSOLE_PATH_MAX);
    web_path_in(w, !w->korean, &to);
    html_open(h, "a");
    html_attr_text(h, "class", "language");
    html_attr_text(h, "lang", w->korean ? "en" : "ko");
    html_attr_text(h, "hreflang", w->korean ? "en" : "ko");
    html_attr(h, "href", buf_view(&to));
    html_text(h, w->korean ? "English" : "한국어");
    html_close(h);
    buf_free(&to);
}

static void put_header(struct web_call *w, struct html *h)
{
    html_open(h, "header");
    html_open(h, "div");
    html_attr_text(h, "class", "bar");
    html_element_text(h, "span", "name", "fedgate");
    html_element_t(h, "span", "what", TEXT_CONSOLE);
    html_element(h, "span", "unit", w->visitor.unit);
    put_language(w, h);
    html_close(h);
    put_navigation(w, h);
    html_close(h);
}

void layout_begin(struct web_call *w, struct bytes title)
{
    struct html *h = &w->html;
    buf_text(h->out, "<!DOCTYPE html>\n");
    html_open(h, "html");
    html_attr_text(h, "lang", w->korean ? "ko" : "en");
    put_head(w, h, title);
    html_open(h, "body");
    html_open(h, "a");
    html_attr_text(h, "class", "skip");
    html_attr_text(h, "href", "#main");
    html_t(h, TEXT_SKIP);
    html_close(h);
    put_header(w, h);
    html_open(h, "main");
    html_attr_text(h, "id", "main");
    html_attr_text(h, "tabindex", "-1");
    html_element(h, "h1", NULL, title);
}

static void put_footer(struct web_call *w, struct html *h)
{
    const struct leaves_head *head = leaves_look(w->console->leaves, console_now(w->console));
    html_open(h, "footer");
    if (head->is_there) {
        html_element(h, "code", NULL, head->checkpoint.origin);
        html_text(h, " · ");
        html_t(h, TEXT_LOG_SIZE);
        html_text(h, " ");
        html_number(h, head->checkpoint.size);
        html_text(h, " · ");
        html_t(h, TEXT_LOG_LAST);
        html_text(h, " ");
        html_time(h, head->last_us);
    } else {
        html_t(h, TEXT_NO_CHECKPOINT);
    }
    html_text(h, " · ");
    html_t(h, TEXT_TIMES);
    html_close(h);
}

void layout_end(struct web_call *w)
{
    enum { HTML_AND_BODY = 2 };
    struct html *h = &w->html;
    html_close_to(h, HTML_AND_BODY);
    put_footer(w, h);
    html_close_to(h, 0);
    buf_text(h->out, "\n");
}
