/* Documents in XML, by their table. */
#include "formats/format.h"

#include "base/limits.h"
#include "message/json.h"
#include "message/message.h"

#include <stdio.h>

bool reading_wrong(struct reading *r, const char *expected)
{
    if (r->result != RESULT_OK)
        return false;
    r->result = RESULT_MALFORMED;
    if (r->at == NULL)
        (void)snprintf(r->report->why, sizeof r->report->why, "%s: expected %s", r->place,
                       expected);
    else
        (void)snprintf(r->report->why, sizeof r->report->why,
                       "/%s, line %zu, column %zu: expected %s", r->place, r->at->line,
                       r->at->column, expected);
    return false;
}

bool reading_lost(struct reading *r)
{
    char place[FORMAT_PLACE + 1];
    (void)snprintf(place, sizeof place, "%s%s", r->at == NULL ? "" : "/", r->place);
    losses_add(r->report, place, r->at == NULL ? 0 : r->at->line,
               r->at == NULL ? 0 : r->at->column);
    return true;
}

bool reading_field(struct reading *r, const struct format_row *row, struct field *out)
{
    char path[FORMAT_PLACE];
    if (!field_of_row(row, r->kind, path, sizeof path)) {
        (void)reading_lost(r);
        return false;
    }
    return field_find(r->arena, r->m, path, out) || reading_wrong(r, "a smaller document");
}

/* ---------------------------------------------------------------- the walk */

/* An attribute without a namespace of its own is in none. */
static const char *space_of(const struct reading *r, const struct format_row *row)
{
    const char *usual = strchr(row->place, '@') == NULL ? r->format->space : "";
    return row->space == NULL ? usual : row->space;
}

static const struct format_row *row_at(const struct reading *r, const char *space)
{
    for (size_t i = 0; i < r->format->rows; i++) {
        const struct format_row *row = &r->format->row[i];
        if (strcmp(row->place, r->place) == 0 && strcmp(space_of(r, row), space) == 0)
            return row;
    }
    return NULL;
}

/* Whether a row stands directly in the place that is `n` characters long. */
static bool stands_in(const struct format_row *row, const char *place, size_t n)
{
    return strncmp(row->place, place, n) == 0 && row->place[n] == '/' &&
           strchr(row->place + n + 1, '/') == NULL;
}

static void forget_below(struct reading *r)
{
    size_t n = strlen(r->place);
    for (size_t i = 0; i < r->format->rows; i++)
        if (strncmp(r->format->row[i].place, r->place, n) == 0 && r->format->row[i].place[n] == '/')
            r->seen[i] = 0;
}

static bool has_all(struct reading *r)
{
    char expected[FORMAT_PLACE + 16];
    size_t n = strlen(r->place);
    for (size_t i = 0; i < r->format->rows; i++) {
        const struct format_row *row = &r->format->row[i];
        if (!row->must || r->seen[i] > 0 || !stands_in(row, r->place, n))
            continue;
        (void)snprintf(expected, sizeof expected, "%s in it", row->place + n + 1);
        return reading_wrong(r, expected);
    }
    return true;
}

static bool visit(struct reading *r, const struct xml_node *n);

static bool visit_inside(struct reading *r, const struct xml_node *n)
{
    for (const struct xml_node *c = n->child; c != NULL; c = c->next)
        if (!visit(r, c))
            return false;
    r->at = n;
    return has_all(r);
}

/* What has no content says nothing. */
static bool take_text(struct reading *r, const struct format_row *row, const struct item *in)
{
    bool is_element = strchr(r->place, '@') == NULL;
    bool has_children = is_element && in->node->child != NULL;
    if (in->text.n == 0 && !has_children)
        return !row->must || reading_wrong(r, "a value");
    if (has_children && !row->converter->whole)
        return reading_wrong(r, "characters and no elements");
    return row->converter->take(r, row, in);
}

static bool visit_attributes(struct reading *r, const struct xml_node *n)
{
    size_t end = strlen(r->place);
    for (const struct xml_attribute *a = n->attribute; a != NULL; a = a->next) {
        if (strcmp(a->space, "http://www.w3.org/2001/XMLSchema-instance") == 0)
            continue; /* where a schema is, which nobody looks up */
        (void)snprintf(r->place + end, sizeof r->place - end, "/@%s", a->name);
        const struct format_row *row = row_at(r, a->space);
        if (row == NULL)
            (void)reading_lost(r);
        else if (!take_text(r, row, &(struct item){xml_trimmed(a->value), n}))
            return false;
        else
            r->seen[row - r->format->row]++;
        r->place[end] = '\0';
    }
    return true;
}

static bool enter(struct reading *r, const struct xml_node *n)
{
    const struct format_row *row = row_at(r, n->space);
    const struct item in = {xml_trimmed(n->text), n};
    if (row == NULL && strcmp(n->space, r->format->space) == 0)
        return reading_wrong(r, "an element that the format has there");
    if (row == NULL || ++r->seen[row - r->format->row] > row->most)
        return reading_lost(r);
    forget_below(r);
    if ((row->converter == NULL || !row->converter->whole) && !visit_attributes(r, n))
        return false;
    if (row->converter != NULL)
        return take_text(r, row, &in);
    return in.text.n == 0 ? visit_inside(r, n) : reading_wrong(r, "elements and no characters");
}

static bool visit(struct reading *r, const struct xml_node *n)
{
    size_t end = strlen(r->place);
    (void)snprintf(r->place + end, sizeof r->place - end, "%s%s", end == 0 ? "" : "/", n->name);
    r->at = n;
    if (!enter(r, n))
        return false;
    r->place[end] = '\0';
    return true;
}

/* ---------------------------------------------------------------- the document */

static bool begin(struct reading *r)
{
    ProtobufCMessage *m = arena_take(r->arena, sizeof *r->m);
    if (m == NULL)
        return false;
    protobuf_c_message_init(&fedgate__v1__message__descriptor, m);
    r->m = (void *)m;
    if (r->format->kinds == NULL)
        return true;
    r->kind = r->format->kinds[0];
    return body_make(r->arena, r->m, r->kind);
}

static bool read_root(struct reading *r, const struct xml_node *root)
{
    char expected[160];
    const char *name = r->format->row[0].place;
    r->at = root;
    if (strcmp(root->name, name) == 0 && strcmp(root->space, r->format->space) == 0)
        return visit(r, root);
    (void)snprintf(expected, sizeof expected, "the element %s of the namespace %s", name,
                   r->format->space);
    return reading_wrong(r, expected);
}

static bool no_room(struct reading *r)
{
    (void)snprintf(r->report->why, sizeof r->report->why,
                   "the document is larger than can be held");
    r->result = RESULT_NO_MEMORY;
    return false;
}

bool reading_json(struct reading *r, struct bytes json, char *why, size_t n)
{
    const ProtobufCMessageDescriptor *type = &fedgate__v1__message__descriptor;
    struct buf wire = BUF_INIT(LIMIT_MESSAGE);
    struct ProtobufCMessage *m;
    struct finding found;
    (void)snprintf(why, n, "a smaller document");
    bool good = message_from_json(type, json, &wire, why, n) == RESULT_OK;
    if (good &&
        message_unpack(r->arena, type, buf_view(&wire), LIMIT_MESSAGE, &m, &found) != RESULT_OK) {
        (void)snprintf(why, n, "%s", found.text);
        good = false;
    }
    buf_free(&wire);
    if (!good)
        return false;
    r->m = (void *)m;
    r->kind = body_name(r->m);
    if (r->kind == NULL)
        (void)snprintf(why, n, "a message with a body");
    return r->kind != NULL;
}

bool reading_inside(struct reading *r, const struct format *f, const struct xml_node *root)
{
    struct reading inner = {
        .format = f, .arena = r->arena, .report = r->report, .result = RESULT_OK};
    bool good = begin(&inner) ? read_root(&inner, root) : no_room(&inner);
    if (good && inner.seen[f->rows - 1] > 0) /* a signature is over the whole document only */
        losses_add(r->report, "/alert/Signature", root->line, root->column);
    r->m = inner.m;
    r->kind = inner.kind;
    r->result = inner.result;
    return good;
}

static enum result read_xml(struct reading *r, struct bytes document)
{
    const struct format *f = r->format;
    struct xml_node *root;
    TRY(xml_read(r->arena, document, &root, r->report->why, sizeof r->report->why));
    if (!begin(r))
        (void)no_room(r);
    else if ((f->first == NULL || f->first(r, root)) && read_root(r, root) && f->finish != NULL)
        (void)f->finish(r, document);
    return r->result;
}

enum result format_read(const struct format *f, struct arena *a, struct bytes document,
                        struct Fedgate__V1__Message **out, struct format_report *report)
{
    struct reading r = {.format = f, .arena = a, .report = report, .result = RESULT_OK};
    *report = (struct format_report){0};
    if (f->read != NULL)
        (void)f->read(&r, document);
    else
        r.result = read_xml(&r, document);
    *out = r.m;
    return r.result;
}
