/* Documents in XML, by their table. */
#include "formats/format.h"

#include "base/limits.h"

#include <stdio.h>

bool writing_wrong(struct writing *w, enum result result, const char *field, const char *expected)
{
    if (w->result != RESULT_OK)
        return false;
    w->result = result;
    (void)snprintf(w->report->why, sizeof w->report->why, "%s: expected %s", field, expected);
    return false;
}

void writing_lost(struct writing *w, const char *field)
{
    losses_add(w->report, field, 0, 0);
}

bool writing_field(struct writing *w, const struct format_row *row, struct field *out)
{
    char path[FORMAT_PLACE];
    return field_of_row(row, w->kind, path, sizeof path) && field_find(NULL, w->m, path, out) &&
           reflect_count(out->m, out->f) > 0;
}

static void mark(struct writing *w, const struct format_row *row)
{
    for (size_t i = 0; i < w->format->rows; i++)
        if (row == &w->format->row[i])
            w->written[i] = true;
}

void writing_put(struct writing *w, const struct format_row *row, struct bytes text)
{
    mark(w, row);
    w->emit(w, row, text);
}

/* ---------------------------------------------------------------- elements */

static const char *local(const char *place)
{
    const char *slash = strrchr(place, '/');
    return slash == NULL ? place : slash + 1;
}

static const char *space_of(const struct writing *w, const struct format_row *row)
{
    return row->space == NULL ? w->format->space : row->space;
}

/* Whether a place is inside of an element's. */
static bool is_inside(const char *place, const struct format_row *element)
{
    size_t n = strlen(element->place);
    return strncmp(place, element->place, n) == 0 && place[n] == '/';
}

static bool is_open(const struct writing *w, const struct format_row *element)
{
    for (size_t i = 0; i < w->xml.depth; i++)
        if (w->open[i] == element)
            return true;
    return false;
}

void writing_open_parent(struct writing *w, const struct format_row *row)
{
    while (w->xml.depth > 0 && !is_inside(row->place, w->open[w->xml.depth - 1]))
        xml_close(&w->xml);
    for (size_t i = 0; i < w->format->rows; i++) { /* outer ones stand before inner ones */
        const struct format_row *element = &w->format->row[i];
        if (element->converter != NULL || is_open(w, element) || !is_inside(row->place, element))
            continue;
        w->written[i] = true;
        w->open[w->xml.depth] = element;
        xml_open(&w->xml, space_of(w, element), local(element->place));
    }
}

static void emit(struct writing *w, const struct format_row *row, struct bytes text)
{
    const char *name = local(row->place);
    writing_open_parent(w, row);
    if (*name == '@')
        xml_attribute(&w->xml, name + 1, text);
    else
        xml_element(&w->xml, space_of(w, row), name, text);
}

void writing_put_with(struct writing *w, const struct format_row *row, const char *attribute,
                      struct bytes value, struct bytes text)
{
    mark(w, row);
    writing_open_parent(w, row);
    xml_open(&w->xml, space_of(w, row), local(row->place));
    xml_attribute(&w->xml, attribute, value);
    xml_text(&w->xml, text);
    xml_close(&w->xml);
}

/* ---------------------------------------------------------------- the document */

static bool is_of_format(struct writing *w)
{
    size_t i = 0;
    w->kind = body_name(w->m);
    if (w->format->kinds == NULL && w->kind != NULL)
        return true; /* any */
    while (w->kind != NULL && w->format->kinds[i] != NULL &&
           strcmp(w->format->kinds[i], w->kind) != 0)
        i++;
    if (w->kind != NULL && w->format->kinds[i] != NULL)
        return true;
    return writing_wrong(w, RESULT_UNKNOWN, w->kind == NULL ? "the message" : w->kind,
                         "a kind that the format carries");
}

/* Whether the element that the row stands in was opened. */
static bool is_wanted(const struct writing *w, const struct format_row *row)
{
    size_t n = (size_t)(local(row->place) - row->place);
    for (size_t i = 0; i < w->format->rows; i++)
        if (strlen(w->format->row[i].place) + 1 == n &&
            strncmp(w->format->row[i].place, row->place, n - 1) == 0)
            return w->written[i];
    return true;
}

void writing_check(struct writing *w)
{
    char expected[FORMAT_PLACE + 40];
    for (size_t i = 0; i < w->format->rows; i++) {
        const struct format_row *row = &w->format->row[i];
        if (!row->must || w->written[i] || !is_wanted(w, row))
            continue;
        (void)snprintf(expected, sizeof expected, "a value, for the format requires /%s",
                       row->place);
        (void)writing_wrong(w, RESULT_MALFORMED, *row->fields == '\0' ? "the message" : row->fields,
                            expected);
    }
}

static void write_rows(struct writing *w)
{
    for (size_t i = 0; i < w->format->rows && w->result == RESULT_OK; i++) {
        const struct format_row *row = &w->format->row[i];
        if (row->converter != NULL && row->converter->put != NULL)
            row->converter->put(w, row);
    }
    while (w->xml.depth > 0)
        xml_close(&w->xml);
}

static void write_xml(struct writing *w)
{
    size_t before = w->xml.out->n;
    if ((w->format->begin != NULL && !w->format->begin(w)) || !losses_of_message(w) ||
        w->xml.out->n > before) /* begin has written all of it */
        return;
    xml_begin(&w->xml, w->xml.out);
    write_rows(w);
    writing_check(w);
    if (w->xml.bad)
        (void)writing_wrong(w, RESULT_MALFORMED, "the message", "characters that XML can hold");
}

enum result format_write(const struct format *f, struct arena *a,
                         const struct Fedgate__V1__Message *m, struct buf *out,
                         struct format_report *report)
{
    struct writing w = {.format = f,
                        .arena = a,
                        .m = (Fedgate__V1__Message *)(uintptr_t)m,
                        .report = report,
                        .result = RESULT_OK,
                        .xml = {.out = out},
                        .emit = emit};
    *report = (struct format_report){0};
    if (!is_of_format(&w))
        return w.result;
    if (f->write == NULL)
        write_xml(&w);
    else
        f->write(&w);
    if (w.result == RESULT_OK && buf_status(out) != RESULT_OK)
        (void)writing_wrong(&w, RESULT_TOO_LARGE, "the message", "a smaller one");
    return w.result;
}
