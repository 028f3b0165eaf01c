/* Where everybody comes in: who you are here, what there is for you, how the log stands. */
#include "console/state.h"

static void put_pages(struct web_call *w, struct html *h)
{
    const struct web_page *p;
    html_element_t(h, "h2", NULL, TEXT_PAGES);
    html_open(h, "ul");
    for (size_t i = 0; (p = web_page_at(i)) != NULL; i++) {
        struct buf to = BUF_INIT(256);
        if (p->name == TEXTS || p->path[0] == '\0' || !web_may(w, p))
            continue;
        web_path(w, p->path, &to);
        html_open(h, "li");
        html_link(h, buf_view(&to), bytes_of_text(text_of(p->name, w->korean)));
        html_close(h);
        buf_free(&to);
    }
    html_close(h);
}

static void put_row(struct html *h, enum text name)
{
    html_open_row(h);
    html_t(h, name);
    html_close(h);
    html_open(h, "td");
}

static void put_log(struct web_call *w, struct html *h)
{
    const struct leaves_head *head = leaves_look(w->console->leaves, console_now(w->console));
    html_element_t(h, "h2", NULL, TEXT_LOG);
    if (!head->is_there) {
        html_element_t(h, "p", "remedy", TEXT_NO_CHECKPOINT);
        return;
    }
    html_open(h, "table");
    html_attr_text(h, "class", "facts");
    size_t depth = h->depth;
    html_open(h, "tbody");
    put_row(h, TEXT_LOG_ORIGIN);
    html_element(h, "code", NULL, head->checkpoint.origin);
    html_close_to(h, depth + 1);
    put_row(h, TEXT_LOG_SIZE);
    html_number(h, head->checkpoint.size);
    html_close_to(h, depth + 1);
    put_row(h, TEXT_LOG_LAST);
    html_time(h, head->last_us);
    html_close_to(h, depth - 1);
}

void page_start(struct web_call *w);
void page_start(struct web_call *w)
{
    struct html *h = web_begin_page(w, 200, bytes_of_text(text_of(TEXT_CONSOLE, w->korean)));
    html_open(h, "p");
    html_t(h, TEXT_YOU_ARE);
    html_text(h, " ");
    html_element(h, "strong", NULL, w->visitor.unit);
    html_text(h, " · ");
    html_text(h, policy_console_text(w->visitor.role, w->korean));
    html_close(h);
    html_element_t(h, "p", NULL, TEXT_ALL_IS_RECORDED);
    put_pages(w, h);
    put_log(w, h);
    web_show(w, NULL);
}
