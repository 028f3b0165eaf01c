/* The EDXL Distribution Element 2.0 around a message of the contract. */
#include "formats/edxl.h"

#include "base/limits.h"
#include "message/times.h"

#define OPEN "Unclassified"

static const struct edxl_content names = {"edxlDistribution/content/contentObject", "contentXML",
                                          "otherContent", OPEN};

/* ---------------------------------------------------------------- what its links ask for */

static bool take_link_type(struct reading *r, const struct item *in, const char *type)
{
    return bytes_is(in->text, type) || reading_wrong(r, type);
}

static void put_link_type(struct writing *w, const struct format_row *row, const char *type)
{
    w->written[row - w->format->row] = true;
    writing_open_parent(w, row);
    if (w->xml.depth == 1) /* the prefix holds in all of the document */
        xml_attribute(&w->xml, "xmlns:xlink", bytes_of_text(EDXL_XLINK));
    xml_attribute(&w->xml, "xlink:type", bytes_of_text(type));
}

static bool take_extended(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return take_link_type(r, in, "extended");
}

static void put_extended(struct writing *w, const struct format_row *row)
{
    put_link_type(w, row, "extended");
}

static bool take_resource(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return take_link_type(r, in, "resource");
}

static void put_resource(struct writing *w, const struct format_row *row)
{
    put_link_type(w, row, "resource");
}

/* ---------------------------------------------------------------- until when */

/* When there is nothing to distribute any more: its deadline, or when the gateway takes it no more
 * for its age. Written to the second. */
static bool expiry_of(const Fedgate__V1__Header *h, Google__Protobuf__Timestamp *out)
{
    const Google__Protobuf__Timestamp *from = h->destroy_by != NULL ? h->destroy_by : h->created_at;
    google__protobuf__timestamp__init(out);
    if (from == NULL || !time_is_valid(from))
        return false;
    out->seconds = from->seconds;
    if (h->destroy_by == NULL)
        out->seconds += LIMIT_ID_WINDOW / US_PER_S;
    return time_is_valid(out);
}

/* What is written for the message inside says nothing new. */
static bool take_expiry(struct reading *r, const struct format_row *row, const struct item *in)
{
    const Fedgate__V1__Header *h = r->m->header;
    Google__Protobuf__Timestamp own;
    int64_t us;
    bool is_own = h != NULL && expiry_of(h, &own) && format_time(in->text, &us) &&
                  us == own.seconds * US_PER_S;
    return is_own || as_earliest.take(r, row, in);
}

static void put_expiry(struct writing *w, const struct format_row *row)
{
    const Fedgate__V1__Header *h = w->m->header;
    Google__Protobuf__Timestamp expiry;
    char text[TIME_TEXT] = "";
    int64_t us;
    if (h == NULL || (h->destroy_by == NULL && h->created_at == NULL))
        return;
    if (expiry_of(h, &expiry))
        time_text_s(expiry.seconds * US_PER_S, zone_named("Asia/Seoul"), text);
    if (format_time(bytes_of_text(text), &us))
        writing_put(w, row, bytes_of_text(text));
    else
        (void)writing_wrong(w, RESULT_MALFORMED, "header.destroy_by", "a time from 1900 to 9999");
}

/* ---------------------------------------------------------------- incidents */

static bool take_incident(struct reading *r, const struct format_row *row, const struct item *in)
{
    const Fedgate__V1__Header *h = r->m->header;
    for (size_t i = 0; h != NULL && i < h->n_incident_id; i++)
        if (bytes_equal(in->text, xml_trimmed(bytes_of_text(h->incident_id[i]))))
            return true;
    return as_incidents.take(r, row, in);
}

static void put_incidents(struct writing *w, const struct format_row *row)
{
    as_text.put(w, row);
}

/* ---------------------------------------------------------------- confidentiality and content */

static bool take_open(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return bytes_is(in->text, OPEN) || reading_wrong(r, OPEN ", for no other can be carried");
}

static void put_open(struct writing *w, const struct format_row *row)
{
    writing_put(w, row, bytes_of_text(OPEN));
}

static bool first(struct reading *r, const struct xml_node *root)
{
    const struct xml_node *content = xml_child(root, "content");
    return edxl_read(r, &names, root, content == NULL ? NULL : xml_child(content, "contentObject"));
}

static bool finish(struct reading *r, struct bytes document)
{
    (void)document;
    return edxl_finish(r, xml_child(r->at, "descriptor"), "edxlDistribution/descriptor");
}

static bool take_content(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return edxl_take_content(r, &names, in);
}

static void put_content(struct writing *w, const struct format_row *row)
{
    edxl_open_content(w, row);
    xml_attribute(&w->xml, "xlink:type", bytes_of_text("resource"));
    edxl_put_content(w, &names);
}

/* ---------------------------------------------------------------- the table */

static const struct converter as_extended = {
    take_extended, put_extended, {"extended: says nothing", "extended, 뜻 없음"}, false};
static const struct converter as_resource = {
    take_resource, put_resource, {"resource: says nothing", "resource, 뜻 없음"}, false};
static const struct converter as_expiry = {
    take_expiry,
    put_expiry,
    {"a time, the earlier one holds; seven days behind dateTimeSent: none",
     "시각, 더 이른 것. dateTimeSent의 7일 뒤는 기한 없음"},
    false};
static const struct converter as_incident = {
    take_incident,
    put_incidents,
    {"incidents as party/unit:UUID; others are not carried",
     "사건(기관/부서:UUID), 다른 것은 전달하지 않음"},
    false};
static const struct converter as_open = {
    take_open, put_open, {OPEN "; another is refused", OPEN ", 다른 것은 거부"}, false};
static const struct converter as_content = {take_content, put_content, EDXL_HOW_CONTENT, true};

static const struct format_row rows[] = {
#include "formats/edxl_de_2.def"
};
_Static_assert(ARRAY_LEN(rows) <= FORMAT_ROWS, "FORMAT_ROWS is too small");

const struct format format_edxl_de_2 = {.name = "edxl-de-2",
                                        .title = "EDXL Distribution Element 2.0",
                                        .space = "urn:oasis:names:tc:emergency:EDXL:DE:2.0",
                                        .row = rows,
                                        .rows = ARRAY_LEN(rows),
                                        .first = first,
                                        .finish = finish};
