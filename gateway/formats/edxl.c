/* What both versions of the EDXL Distribution Element share. */
#include "formats/edxl.h"

#include "base/ident.h"
#include "base/limits.h"
#include "crypto/base64.h"
#include "message/json.h"
#include "message/message.h"

#include <stdio.h>

#define SCHEME     "fedgate" /* of addresses that are units */
#define MEDIA_TYPE "application/json"

/* ---------------------------------------------------------------- what the content may say too */

static const char *header_text(struct reading *r, const struct format_row *row)
{
    struct field f;
    bool given = field_find(NULL, r->m, row->fields, &f) && reflect_count(f.m, f.f) > 0;
    return given ? *(char **)reflect_value(f.m, f.f, 0) : NULL;
}

/* An envelope's own name for what is in it. */
static bool take_id(struct reading *r, const struct format_row *row, const struct item *in)
{
    const char *inside = header_text(r, row);
    if (inside == NULL)
        return as_uuid.take(r, row, in);
    return bytes_is(in->text, inside) || reading_lost(r);
}

static void put_id(struct writing *w, const struct format_row *row)
{
    as_text.put(w, row);
}

/* USER@DOMAIN is the form that it asks for: the unit and its party. */
static bool take_sender(struct reading *r, const struct format_row *row, const struct item *in)
{
    char unit[IDENT_UNIT_MAX + 1] = "";
    const uint8_t *at = memchr(in->text.p, '@', in->text.n);
    const char *inside = header_text(r, row);
    if (at != NULL && in->text.n <= IDENT_UNIT_MAX) {
        size_t n = (size_t)(at - in->text.p);
        (void)snprintf(unit, sizeof unit, "%.*s/%.*s", (int)(in->text.n - n - 1),
                       (const char *)at + 1, (int)n, (const char *)in->text.p);
    }
    if (inside == NULL)
        return as_unit.take(r, row, &(struct item){bytes_of_text(unit), in->node});
    return strcmp(unit, inside) == 0 || reading_lost(r);
}

static void put_sender(struct writing *w, const struct format_row *row)
{
    struct buf text = BUF_INIT(200);
    struct bytes party, unit;
    if (w->m->header != NULL &&
        ident_split_unit(bytes_of_text(w->m->header->source), &party, &unit)) {
        buf_printf(&text, "%.*s@%.*s", (int)unit.n, (const char *)unit.p, (int)party.n,
                   (const char *)party.p);
        writing_put(w, row, buf_view(&text));
    }
    buf_free(&text);
}

static bool take_sent(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct field f;
    bool given = field_find(NULL, r->m, row->fields, &f) && reflect_count(f.m, f.f) > 0;
    return given || as_time.take(r, row, in); /* the content's own time is the nearer one */
}

static void put_sent(struct writing *w, const struct format_row *row)
{
    as_time.put(w, row);
}

/* ---------------------------------------------------------------- what narrows */

static const struct format_word statuses[] = {{"Actual", FEDGATE__V1__STATUS__STATUS_ACTUAL},
                                              {"Exercise", FEDGATE__V1__STATUS__STATUS_EXERCISE},
                                              {"Test", FEDGATE__V1__STATUS__STATUS_TEST},
                                              {NULL, 0}};

static bool take_status(struct reading *r, const struct format_row *row, const struct item *in)
{
    Fedgate__V1__Status inside =
        r->m->header == NULL ? FEDGATE__V1__STATUS__STATUS_UNSPECIFIED : r->m->header->status;
    return take_word(r, row, in, statuses,
                     "Actual, Exercise or Test, for no other status can be carried") &&
           (inside == FEDGATE__V1__STATUS__STATUS_UNSPECIFIED || inside == r->m->header->status ||
            reading_wrong(r, "the status of the content"));
}

static void put_status(struct writing *w, const struct format_row *row)
{
    put_word(w, row, statuses);
}

static bool take_type(struct reading *r, const struct format_row *row, const struct item *in)
{
    static const char *const kinds[] = {"Report",   "Update",   "Cancel", "Request",
                                        "Response", "Dispatch", NULL};
    (void)row;
    return is_word_of(kinds, in->text) ||
           reading_wrong(r, "Report, Update, Cancel, Request, Response or Dispatch");
}

static void put_type(struct writing *w, const struct format_row *row)
{
    writing_put(w, row, bytes_of_text("Report"));
}

static bool take_narrower(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    (void)in;
    return reading_wrong(r, "nothing, for it narrows who may have it and cannot be carried");
}

/* ---------------------------------------------------------------- recipients */

static bool is_named(const Fedgate__V1__Header *h, struct bytes unit)
{
    for (size_t i = 0; h != NULL && i < h->n_to; i++)
        if (bytes_equal(unit, xml_trimmed(bytes_of_text(h->to[i]))))
            return true;
    return false;
}

static bool take_address(struct reading *r, const struct format_row *row, const struct item *in)
{
    const struct xml_node *scheme = xml_child(in->node, "explicitAddressScheme"),
                          *value = in->node->child;
    if (scheme == NULL || !bytes_is(xml_trimmed(scheme->text), SCHEME))
        return reading_wrong(r, "the scheme " SCHEME ", whose addresses are units");
    for (; value != NULL; value = value->next) {
        const struct item unit = {xml_trimmed(value->text), value};
        if (value == scheme || is_named(r->m->header, unit.text))
            continue;
        if (!as_units.take(r, row, &unit))
            return false;
    }
    return true;
}

static bool has_word(struct bytes text, struct bytes word)
{
    struct bytes next;
    while ((next = next_word(&text)).n > 0)
        if (bytes_equal(next, word))
            return true;
    return false;
}

/* Whether the unit stands in some explicitAddress of the holder. */
static bool is_addressed(const struct xml_node *holder, struct bytes unit)
{
    for (const struct xml_node *a = holder->child; a != NULL; a = a->next) {
        const struct xml_node *value = strcmp(a->name, "explicitAddress") == 0 ? a->child : NULL;
        for (; value != NULL; value = value->next)
            if (has_word(value->text, unit))
                return true;
    }
    return false;
}

bool edxl_finish(struct reading *r, const struct xml_node *holder, const char *place)
{
    const Fedgate__V1__Header *h = r->m->header;
    if (holder == NULL || xml_child(holder, "explicitAddress") == NULL)
        return true;
    r->at = holder;
    (void)snprintf(r->place, sizeof r->place, "%s", place);
    for (size_t i = 0; h != NULL && i < h->n_to; i++)
        if (!is_addressed(holder, xml_trimmed(bytes_of_text(h->to[i]))))
            return reading_wrong(r, "every recipient of the content among the addresses");
    return true;
}

static void put_addresses(struct writing *w, const struct format_row *row)
{
    const Fedgate__V1__Header *h = w->m->header;
    if (h == NULL || h->n_to == 0)
        return;
    writing_open_parent(w, row);
    xml_open(&w->xml, w->format->space, "explicitAddress");
    xml_element(&w->xml, w->format->space, "explicitAddressScheme", bytes_of_text(SCHEME));
    for (size_t i = 0; i < h->n_to; i++)
        xml_element(&w->xml, w->format->space, "explicitAddressValue", bytes_of_text(h->to[i]));
    xml_close(&w->xml);
}

/* ---------------------------------------------------------------- the content */

static bool read_json(struct reading *r, struct bytes text)
{
    struct buf json = BUF_INIT(LIMIT_MESSAGE);
    char why[160] = "base64";
    bool good =
        base64_take(text, &json) == RESULT_OK && reading_json(r, buf_view(&json), why, sizeof why);
    buf_free(&json);
    return good || reading_wrong(r, why);
}

bool edxl_read(struct reading *r, const struct edxl_content *names, const struct xml_node *root,
               const struct xml_node *object)
{
    (void)snprintf(r->place, sizeof r->place, "%s", names->place);
    r->at = object == NULL ? root : object;
    const struct xml_node *other = object == NULL ? NULL : xml_child(object, names->other);
    const struct xml_node *xml = object == NULL ? NULL : xml_child(object, names->xml);
    const struct xml_node *type = other == NULL ? NULL : xml_child(other, "mimeType");
    const struct xml_node *data = other == NULL ? NULL : xml_child(other, "contentData");
    const struct xml_node *inside = xml == NULL ? NULL : xml_child(xml, "embeddedXMLContent");
    bool good;
    if (inside != NULL && inside->child != NULL)
        good = reading_inside(r, &format_cap, inside->child);
    else if (type != NULL && data != NULL && bytes_is(xml_trimmed(type->text), MEDIA_TYPE))
        good = read_json(r, xml_trimmed(data->text));
    else
        good = reading_wrong(r, "embeddedXMLContent with a notice of CAP 1.2, or contentData "
                                "of the type " MEDIA_TYPE);
    r->place[0] = '\0';
    return good;
}

/* Names by which others point at it, and whatever else is said of it. */
static void look_at_attributes(struct reading *r, const struct xml_node *n)
{
    for (const struct xml_attribute *a = n->attribute; a != NULL; a = a->next)
        if (strcmp(a->space, EDXL_XLINK) != 0 || strcmp(a->name, "type") != 0)
            (void)reading_lost(r);
}

/* Said of a part, it narrows the whole. */
static bool narrows(const struct edxl_content *names, const struct xml_node *n)
{
    return strcmp(n->name, "consumerRole") == 0 || (strcmp(n->name, "confidentiality") == 0 &&
                                                    !bytes_is(xml_trimmed(n->text), names->open));
}

/* What is in it and was not read: descriptions, roles, digests, a second document. */
static bool look(struct reading *r, const struct edxl_content *names, const struct xml_node *n)
{
    const char *const known[] = {names->other, "mimeType",           "contentData",
                                 names->xml,   "embeddedXMLContent", "contentDescriptor",
                                 NULL};
    look_at_attributes(r, n);
    for (const struct xml_node *c = n->child; c != NULL; c = c->next) {
        bool inside = strcmp(c->name, "embeddedXMLContent") == 0,
             strange = !is_word_of(known, bytes_of_text(c->name)) || xml_child(n, c->name) != c;
        if (narrows(names, c))
            return reading_wrong(r, "nothing in it that narrows who may have it");
        if (strange || (inside && (c->child == NULL || c->child->next != NULL)))
            (void)reading_lost(r);
        else if (!inside && !look(r, names, c))
            return false;
    }
    return true;
}

bool edxl_take_content(struct reading *r, const struct edxl_content *names, const struct item *in)
{
    if (xml_child(in->node, names->xml) != NULL && xml_child(in->node, names->other) != NULL)
        return reading_wrong(r, "one content");
    return look(r, names, in->node);
}

void edxl_open_content(struct writing *w, const struct format_row *row)
{
    w->written[row - w->format->row] = true;
    writing_open_parent(w, row);
    xml_open(&w->xml, w->format->space, "contentObject");
}

void edxl_put_content(struct writing *w, const struct edxl_content *names)
{
    struct buf json = BUF_INIT(16u << 20), text = BUF_INIT(32u << 20);
    if (message_to_json(&w->m->base, 0, &json) != RESULT_OK)
        (void)writing_wrong(w, RESULT_MALFORMED, "the message", "times of this calendar");
    base64_put(&text, buf_view(&json));
    xml_open(&w->xml, w->format->space, names->other);
    xml_element(&w->xml, w->format->space, "mimeType", bytes_of_text(MEDIA_TYPE));
    xml_element(&w->xml, w->format->space, "contentData", buf_view(&text));
    xml_close(&w->xml);
    xml_close(&w->xml);
    buf_free(&json);
    buf_free(&text);
}

/* ---------------------------------------------------------------- the converters */

const struct converter edxl_id = {
    take_id,
    put_id,
    {"a UUID; another than the content's is not carried", "UUID, 내용과 다르면 전달하지 않음"},
    false};
const struct converter edxl_sender = {take_sender,
                                      put_sender,
                                      {"UNIT@PARTY; another than the content's is not carried",
                                       "부서@기관, 내용과 다르면 전달하지 않음"},
                                      false};
const struct converter edxl_sent = {
    take_sent,
    put_sent,
    {"a time to the second, where the content has none", "시각(초 단위), 내용에 없을 때"},
    false};
const struct converter edxl_status = {take_status,
                                      put_status,
                                      {"Actual, Exercise, Test, as the content; others are refused",
                                       "Actual, Exercise, Test, 내용과 같아야 함, 나머지는 거부"},
                                      false};
const struct converter edxl_type = {take_type,
                                    put_type,
                                    {"says nothing; Ack, Error and those of sensors are refused",
                                     "뜻 없음. Ack, Error, 센서용은 거부"},
                                    false};
const struct converter edxl_narrower = {
    take_narrower,
    NULL,
    {"refused: it narrows who may have it", "거부: 수신자를 제한하므로"},
    true};
const struct converter edxl_addresses = {take_address,
                                         put_addresses,
                                         {"units, in the scheme " SCHEME "; another is refused",
                                          SCHEME " 방식의 부서, 다른 방식은 거부"},
                                         true};
