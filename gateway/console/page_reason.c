/* What somebody looks at records for: stated once, kept for the visit, recorded with each view. */
#include "console/state.h"

/* Back to a page of ours: "/ko/..." or "/en/...", printable characters of an address alone, no more
 * than is read of one. */
static bool is_way_back(struct bytes to)
{
    if (to.n > CONSOLE_PATH_MAX || (!bytes_begins(to, "/ko/") && !bytes_begins(to, "/en/")))
        return false;
    for (size_t i = 0; i < to.n; i++)
        if (to.p[i] <= ' ' || to.p[i] >= 0x7f || to.p[i] == '\\' || to.p[i] == '"')
            return false;
    return true;
}

static void put_hidden(struct html *h, const char *name, struct bytes value)
{
    html_open(h, "input");
    html_attr_text(h, "type", "hidden");
    html_attr_text(h, "name", name);
    html_attr(h, "value", value);
    html_close(h);
}

static void put_field(struct html *h, struct bytes said, bool is_bad)
{
    html_open(h, "label");
    html_attr_text(h, "for", "reason");
    html_t(h, TEXT_REASON);
    html_close(h);
    html_open(h, "input");
    html_attr_text(h, "type", "text");
    html_attr_text(h, "id", "reason");
    html_attr_text(h, "name", "reason");
    html_attr_text(h, "required", "required");
    html_attr_number(h, "maxlength", VISIT_REASON_MAX);
    html_attr_text(h, "autocomplete", "off");
    html_attr_text(h, "autofocus", "autofocus");
    html_attr_text(h, "aria-describedby", "reason-help");
    if (is_bad)
        html_attr_text(h, "aria-invalid", "true");
    html_attr(h, "value", said);
    html_close(h);
    html_open(h, "p");
    html_attr_text(h, "id", "reason-help");
    html_attr_text(h, "class", is_bad ? "remedy" : "faint");
    html_t(h, is_bad ? TEXT_REASON_BAD : TEXT_REASON_HELP);
    html_close(h);
}

static void put_form(struct web_call *w, struct bytes said, struct bytes then, bool is_bad)
{
    struct html *h =
        web_begin_page(w, is_bad ? 400 : 200, bytes_of_text(text_of(TEXT_REASON_TITLE, w->korean)));
    struct buf to = BUF_INIT(64);
    web_path(w, "reason", &to);
    html_element_t(h, "p", NULL, TEXT_REASON_WHY);
    html_open(h, "form");
    html_attr_text(h, "method", "post");
    html_attr(h, "action", buf_view(&to));
    put_field(h, said, is_bad);
    put_hidden(h, "then", then);
    html_open(h, "button");
    html_attr_text(h, "type", "submit");
    html_t(h, TEXT_REASON_STATE);
    html_close(h);
    html_close(h);
    buf_free(&to);
    web_show(w, NULL);
}

void page_reason(struct web_call *w);
void page_reason(struct web_call *w)
{
    struct bytes said = query_get(&w->form, "reason");
    struct bytes then = query_get(w->is_post ? &w->form : &w->query, "then");
    const char *start = w->korean ? "/ko/" : "/en/";
    if (!is_way_back(then))
        then = bytes_of_text(start);
    if (!w->is_post || !visit_reason_is_good(said))
        put_form(w, said, then, w->is_post);
    else
        web_redirect(
            w, then,
            visit_begin(w->console->visits, w->visitor.certificate, said, console_now(w->console)));
}
