/* XML, two blanks a level. */
#include "xml/xml.h"

#include <stdlib.h>

void xml_begin(struct xml_writer *w, struct buf *out)
{
    *w = (struct xml_writer){.out = out};
    buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

/* XML 1.0, 2.2: what cannot stand in a document at all. */
static bool is_forbidden(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xfffe || c == 0xffff;
}

/* The reference that stands for a character, or NULL. A reader would take a line end in an
 * attribute for a blank, and a CR for LF. */
static const char *reference(uint32_t c, bool attribute)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '\r': return "&#13;";
    case '"': return attribute ? "&quot;" : NULL;
    case '\n': return attribute ? "&#10;" : NULL;
    case '\t': return attribute ? "&#9;" : NULL;
    default: return NULL;
    }
}

static void put(struct xml_writer *w, struct bytes text, bool attribute)
{
    if (!bytes_is_text(text))
        w->bad = true;
    while (text.n > 0 && !w->bad) {
        const uint8_t *p = text.p;
        uint32_t c = bytes_take_character(&text);
        const char *instead = reference(c, attribute);
        w->bad = is_forbidden(c);
        if (instead != NULL)
            buf_text(w->out, instead);
        else
            buf_put(w->out, p, (size_t)(text.p - p));
    }
}

static void end_tag(struct xml_writer *w)
{
    if (w->in_tag)
        buf_u8(w->out, '>');
    w->in_tag = false;
}

static void new_line(struct xml_writer *w)
{
    buf_printf(w->out, "\n%*s", (int)(2 * w->depth), "");
}

void xml_open(struct xml_writer *w, const char *space, const char *name)
{
    if (w->depth == XML_OPEN_MAX)
        abort(); /* no table of the formats is as deep */
    end_tag(w);
    new_line(w);
    buf_printf(w->out, "<%s", name);
    w->in_tag = true;
    w->has_text = false;
    if (strcmp(space, w->depth == 0 ? "" : w->space[w->depth - 1]) != 0)
        xml_attribute(w, "xmlns", bytes_of_text(space));
    w->space[w->depth] = space;
    w->open[w->depth++] = name;
}

void xml_attribute(struct xml_writer *w, const char *name, struct bytes value)
{
    buf_printf(w->out, " %s=\"", name);
    put(w, value, true);
    buf_u8(w->out, '"');
}

void xml_text(struct xml_writer *w, struct bytes text)
{
    end_tag(w);
    put(w, text, false);
    w->has_text = true;
}

void xml_close(struct xml_writer *w)
{
    const char *name = w->open[--w->depth];
    if (w->in_tag) {
        buf_text(w->out, "/>");
        w->in_tag = false;
    } else {
        if (!w->has_text)
            new_line(w);
        buf_printf(w->out, "</%s>", name);
    }
    w->has_text = false;
    if (w->depth == 0)
        buf_u8(w->out, '\n');
}

void xml_element(struct xml_writer *w, const char *space, const char *name, struct bytes text)
{
    xml_open(w, space, name);
    xml_text(w, text);
    xml_close(w);
}
