#include "console/html.h"

#include "report/page.h"
#include "report/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { SAID_MAX = 1024 };

struct html html_begin(struct buf *out, bool korean)
{
    return (struct html){.out = out, .korean = korean};
}

static void end_tag(struct html *h)
{
    if (h->in_tag)
        buf_u8(h->out, '>');
    h->in_tag = false;
}

/* Deeper than that is a page of ours gone wrong: it fails as a whole, and is not sent. */
void html_open(struct html *h, const char *tag)
{
    end_tag(h);
    if (h->depth == HTML_DEPTH_MAX) {
        h->out->failed = true;
        return;
    }
    buf_printf(h->out, "<%s", tag);
    h->open[h->depth++] = tag;
    h->in_tag = true;
}

static bool is_void(const char *tag)
{
    static const char *const voids[] = {"br", "hr", "img", "input", "link", "meta", "wbr"};
    for (size_t i = 0; i < ARRAY_LEN(voids); i++)
        if (strcmp(tag, voids[i]) == 0)
            return true;
    return false;
}

void html_close(struct html *h)
{
    if (h->depth == 0) {
        h->out->failed = true;
        return;
    }
    const char *tag = h->open[--h->depth];
    if (is_void(tag)) {
        buf_text(h->out, "/>");
        h->in_tag = false;
        return;
    }
    end_tag(h);
    buf_printf(h->out, "</%s>", tag);
}

void html_open_row(struct html *h)
{
    html_open(h, "tr");
    html_open(h, "th");
    html_attr_text(h, "scope", "row");
}

void html_close_to(struct html *h, size_t depth)
{
    while (h->depth > depth)
        html_close(h);
}

/* ---- texts */

/* What a browser would show as nothing, or as text of another kind, is shown as a sign. */
static void put_safe(struct buf *out, struct bytes text)
{
    while (text.n > 0) {
        struct bytes from = text;
        bool good = bytes_text_prefix(text) > 0;
        uint32_t c = bytes_take_character(&text);
        if (!good || (c != '\n' && c != '\t' && character_misleads(c)))
            buf_text(out, "\xef\xbf\xbd");
        else
            page_escape(out, bytes_of(from.p, from.n - text.n));
    }
}

void html_attr(struct html *h, const char *name, struct bytes value)
{
    if (!h->in_tag) {
        h->out->failed = true;
        return;
    }
    buf_printf(h->out, " %s=\"", name);
    put_safe(h->out, value);
    buf_u8(h->out, '"');
}

void html_attr_text(struct html *h, const char *name, const char *value)
{
    html_attr(h, name, bytes_of_text(value));
}

void html_attr_number(struct html *h, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    html_attr_text(h, name, text);
}

void html_put(struct html *h, struct bytes text)
{
    end_tag(h);
    put_safe(h->out, text);
}

void html_text(struct html *h, const char *text)
{
    html_put(h, bytes_of_text(text));
}

void html_number(struct html *h, uint64_t n)
{
    html_say(h, "%" PRIu64, n);
}

void html_say(struct html *h, const char *fmt, ...)
{
    char text[SAID_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    html_text(h, text);
}

void html_t(struct html *h, enum text t)
{
    html_text(h, text_of(t, h->korean));
}

void html_time(struct html *h, int64_t us)
{
    char text[TIME_TEXT];
    if (us == 0)
        return;
    html_open(h, "time");
    time_text_s(us, zone_named("Asia/Seoul"), text);
    html_attr_text(h, "datetime", text);
    html_attr_text(h, "title", "KST (+09:00)");
    table_time_text(us, text);
    html_text(h, text);
    html_close(h);
}

void html_element(struct html *h, const char *tag, const char *class, struct bytes text)
{
    html_open(h, tag);
    if (class != NULL)
        html_attr_text(h, "class", class);
    html_put(h, text);
    html_close(h);
}

void html_element_text(struct html *h, const char *tag, const char *class, const char *text)
{
    html_element(h, tag, class, bytes_of_text(text));
}

void html_element_t(struct html *h, const char *tag, const char *class, enum text t)
{
    html_element_text(h, tag, class, text_of(t, h->korean));
}

void html_link(struct html *h, struct bytes to, struct bytes text)
{
    html_open(h, "a");
    html_attr(h, "href", to);
    html_put(h, text);
    html_close(h);
}

void html_insert(struct html *h, struct bytes made)
{
    end_tag(h);
    buf_put(h->out, made.p, made.n);
}
