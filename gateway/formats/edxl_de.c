/* The EDXL Distribution Element 1.0 around a message of the contract. */
#include "formats/edxl.h"

#define OPEN "UNCLASSIFIED AND NOT SENSITIVE"

static const struct edxl_content names = {"EDXLDistribution/contentObject", "xmlContent",
                                          "nonXMLContent", OPEN};

static bool first(struct reading *r, const struct xml_node *root)
{
    return edxl_read(r, &names, root, xml_child(root, "contentObject"));
}

static bool finish(struct reading *r, struct bytes document)
{
    (void)document;
    return edxl_finish(r, r->at, "EDXLDistribution");
}

static bool take_open(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return bytes_is(in->text, OPEN) || reading_wrong(r, OPEN ", for no other can be carried");
}

static void put_open(struct writing *w, const struct format_row *row)
{
    writing_put(w, row, bytes_of_text(OPEN));
}

static bool take_content(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return edxl_take_content(r, &names, in);
}

static void put_content(struct writing *w, const struct format_row *row)
{
    edxl_open_content(w, row);
    edxl_put_content(w, &names);
}

static const struct converter as_open = {
    take_open, put_open, {OPEN "; another is refused", OPEN ", 다른 것은 거부"}, false};
static const struct converter as_content = {take_content, put_content, EDXL_HOW_CONTENT, true};

static const struct format_row rows[] = {
#include "formats/edxl_de.def"
};

const struct format format_edxl_de = {.name = "edxl-de",
                                      .title = "EDXL Distribution Element 1.0",
                                      .space = "urn:oasis:names:tc:emergency:EDXL:DE:1.0",
                                      .row = rows,
                                      .rows = ARRAY_LEN(rows),
                                      .first = first,
                                      .finish = finish};
