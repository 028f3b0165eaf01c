/* The Common Alerting Protocol 1.2. A public notice is a notice of it; what a disaster room reports
 * to agencies is one with the scope Restricted, and its restriction says so. */
#include "formats/cap.h"
#include "formats/rows.h"

#include "message/message.h"

#include <stdio.h>

#define CAP_SPACE  "urn:oasis:names:tc:emergency:cap:1.2"
#define SIGNATURE  "http://www.w3.org/2000/09/xmldsig#"
#define REPORT     "disaster_report"
#define RESTRICTED "fedgate:disaster-report"
#define PARAMETER  "fedgate:"

static bool is_report(const char *kind)
{
    return strcmp(kind, REPORT) == 0;
}

/* ---------------------------------------------------------------- code values */

static const struct format_word statuses[] = {{"Actual", FEDGATE__V1__STATUS__STATUS_ACTUAL},
                                              {"Exercise", FEDGATE__V1__STATUS__STATUS_EXERCISE},
                                              {"Test", FEDGATE__V1__STATUS__STATUS_TEST},
                                              {NULL, 0}};
static const struct format_word types[] = {{"Alert", FEDGATE__V1__NOTICE_TYPE__NOTICE_TYPE_ALERT},
                                           {"Update", FEDGATE__V1__NOTICE_TYPE__NOTICE_TYPE_UPDATE},
                                           {"Cancel", FEDGATE__V1__NOTICE_TYPE__NOTICE_TYPE_CANCEL},
                                           {NULL, 0}};
static const struct format_word severities[] = {
    {"Unknown", FEDGATE__V1__SEVERITY__SEVERITY_UNSPECIFIED},
    {"Minor", FEDGATE__V1__SEVERITY__SEVERITY_MINOR},
    {"Moderate", FEDGATE__V1__SEVERITY__SEVERITY_MODERATE},
    {"Severe", FEDGATE__V1__SEVERITY__SEVERITY_SEVERE},
    {"Extreme", FEDGATE__V1__SEVERITY__SEVERITY_EXTREME},
    {NULL, 0}};

static bool take_status(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_word(r, row, in, statuses,
                     "Actual, Exercise or Test, for no other status can be carried");
}

static void put_status(struct writing *w, const struct format_row *row)
{
    put_word(w, row, statuses);
}

static bool take_type(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_word(r, row, in, types, "Alert, Update or Cancel, for no other can be carried");
}

static void put_type(struct writing *w, const struct format_row *row)
{
    if (is_report(w->kind))
        writing_put(w, row, bytes_of_text("Alert"));
    else
        put_word(w, row, types);
}

static bool take_severity(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_word(r, row, in, severities, "Extreme, Severe, Moderate, Minor or Unknown");
}

static void put_severity(struct writing *w, const struct format_row *row)
{
    put_word(w, row, severities);
}

static const char *const categories[] = {"Geo",   "Met",    "Safety", "Security",  "Rescue",
                                         "Fire",  "Health", "Env",    "Transport", "Infra",
                                         "CBRNE", "Other",  NULL};
static const char *const urgencies[] = {"Immediate", "Expected", "Future", "Past", "Unknown", NULL};
static const char *const certainties[] = {"Observed", "Likely",  "Possible",
                                          "Unlikely", "Unknown", NULL};

/* A report does not say it: `usual` is what CAP has then. */
static bool take_code(struct reading *r, const struct format_row *row, const struct item *in,
                      const char *const *words, const char *usual)
{
    if (!is_word_of(words, in->text))
        return reading_wrong(r, "a code value of CAP 1.2, 3.2.2");
    if (is_report(r->kind) && bytes_is(in->text, usual))
        return true;
    return as_line.take(r, row, in);
}

static void put_code(struct writing *w, const struct format_row *row, const char *usual)
{
    if (is_report(w->kind))
        writing_put(w, row, bytes_of_text(usual));
    else
        as_line.put(w, row);
}

static bool take_category(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_code(r, row, in, categories, "Other");
}

static void put_category(struct writing *w, const struct format_row *row)
{
    put_code(w, row, "Other");
}

static bool take_urgency(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_code(r, row, in, urgencies, "Unknown");
}

static bool take_certainty(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_code(r, row, in, certainties, "Unknown");
}

static void put_unknown(struct writing *w, const struct format_row *row)
{
    put_code(w, row, "Unknown");
}

/* ---------------------------------------------------------------- whom it is for */

/* The schema has the scope in front of all that a kind decides about. */
static bool is_in_order(const struct item *in)
{
    const struct xml_node *n = in->node->parent->child;
    while (n != in->node && strcmp(n->name, "info") != 0)
        n = n->next;
    return n == in->node;
}

static bool take_scope(struct reading *r, const struct format_row *row, const struct item *in)
{
    static const char *const scopes[] = {"Public", "Restricted", "Private", NULL};
    const struct xml_node *alert = in->node->parent;
    const struct xml_node *restriction = xml_child(alert, "restriction"),
                          *addresses = xml_child(alert, "addresses");
    (void)row;
    if (!is_word_of(scopes, in->text))
        return reading_wrong(r, "Public, Restricted or Private");
    if (bytes_is(in->text, "Private") && (addresses == NULL || addresses->text.n == 0))
        return reading_wrong(r, "addresses beside the scope Private");
    if (!bytes_is(in->text, "Restricted"))
        return true;
    if (!is_in_order(in) || restriction == NULL ||
        !bytes_is(xml_trimmed(restriction->text), RESTRICTED))
        return reading_wrong(r, "Public or Private, for a restriction other than " RESTRICTED
                                " cannot be carried");
    if (r->m->public_notice->type != FEDGATE__V1__NOTICE_TYPE__NOTICE_TYPE_ALERT)
        return reading_wrong(r, "msgType Alert, for a report is not updated or cancelled");
    r->kind = REPORT;
    return body_make(r->arena, r->m, r->kind) || reading_wrong(r, "a smaller document");
}

static void put_scope(struct writing *w, const struct format_row *row)
{
    bool named = w->m->header != NULL && w->m->header->n_to > 0;
    writing_put(w, row,
                bytes_of_text(is_report(w->kind) ? "Restricted"
                              : named            ? "Private"
                                                 : "Public"));
}

static bool take_restriction(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return (is_report(r->kind) && bytes_is(in->text, RESTRICTED)) ||
           reading_wrong(r, "none without the scope Restricted");
}

static void put_restriction(struct writing *w, const struct format_row *row)
{
    if (is_report(w->kind))
        writing_put(w, row, bytes_of_text(RESTRICTED));
}

/* ---------------------------------------------------------------- terms */

static const struct format_row *term_named(struct bytes name)
{
    const size_t n = strlen(PARAMETER);
    for (size_t i = 0; bytes_begins(name, PARAMETER) && i < term_count; i++)
        if (bytes_is(bytes_of(name.p + n, name.n - n), term_rows[i].place))
            return &term_rows[i];
    return NULL;
}

/* What would be said twice, and the second time otherwise. */
static bool is_there(struct reading *r, const struct format_row *term)
{
    struct field f;
    return term->converter != &as_evidence && term->converter != &as_earliest &&
           field_find(NULL, r->m, term->fields, &f) && reflect_count(f.m, f.f) > 0;
}

static bool take_parameter(struct reading *r, const struct format_row *row, const struct item *in)
{
    const struct xml_node *name = xml_child(in->node, "valueName"),
                          *value = xml_child(in->node, "value");
    (void)row;
    if (name == NULL || value == NULL)
        return reading_wrong(r, "valueName and value in it");
    const struct format_row *term = term_named(xml_trimmed(name->text));
    if (term == NULL)
        return reading_lost(r);
    if (is_there(r, term))
        return reading_wrong(r, "each of the " PARAMETER " parameters once");
    return term->converter->take(r, term, &(struct item){xml_trimmed(value->text), value});
}

static void emit_parameter(struct writing *w, const struct format_row *term, struct bytes text)
{
    char name[64];
    int n = snprintf(name, sizeof name, PARAMETER "%s", term->place);
    xml_open(&w->xml, CAP_SPACE, "parameter");
    xml_element(&w->xml, CAP_SPACE, "valueName", bytes_of(name, (size_t)n));
    xml_element(&w->xml, CAP_SPACE, "value", text);
    xml_close(&w->xml);
}

static void put_parameters(struct writing *w, const struct format_row *row)
{
    void (*before)(struct writing *, const struct format_row *, struct bytes) = w->emit;
    writing_open_parent(w, row);
    w->emit = emit_parameter;
    for (size_t i = 0; i < term_count; i++)
        term_rows[i].converter->put(w, &term_rows[i]);
    w->emit = before;
}

/* ---------------------------------------------------------------- a signed original */

static bool take_signature(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)r;
    (void)row;
    (void)in;
    return true; /* the document goes along as it is: finish */
}

/* Who signed it signed these bytes. */
static bool finish(struct reading *r, struct bytes document)
{
    bool is_signed = r->seen[r->format->rows - 1] > 0; /* the table's last row */
    if (!is_signed)
        return true;
    if (is_report(r->kind))
        return reading_wrong(r, "no signature, for a report has no place for a signed original");
    struct bytes copy = arena_copy(r->arena, document);
    if (copy.p == NULL)
        return reading_wrong(r, "a smaller document");
    r->m->public_notice->signed_cap = (ProtobufCBinaryData){copy.n, (uint8_t *)(uintptr_t)copy.p};
    return true;
}

/* A notice with a signed original is that original, if it says the same. */
static bool begin(struct writing *w)
{
    const Fedgate__V1__PublicNotice *p = is_report(w->kind) ? NULL : w->m->public_notice;
    Fedgate__V1__Message *original;
    if (p == NULL || p->signed_cap.len == 0)
        return true;
    enum result r = cap_original_read(w->arena, w->m, &original);
    if (r != RESULT_OK)
        return writing_wrong(w, RESULT_MALFORMED, "public_notice.signed_cap",
                             r == RESULT_MISMATCH
                                 ? "an original that says the same as the other fields"
                                 : "a notice of CAP 1.2");
    if (w->m->header == NULL || !cap_is_same_header(w->m->header, original->header))
        return writing_wrong(w, RESULT_UNKNOWN, "header",
                             "what the signed original says of itself, for nothing can be added");
    buf_put(w->xml.out, p->signed_cap.data, p->signed_cap.len);
    return true;
}

/* ---------------------------------------------------------------- the table */

static const struct converter as_status = {
    take_status,
    put_status,
    {"Actual, Exercise, Test; others are refused", "Actual, Exercise, Test, 나머지는 거부"},
    false};
static const struct converter as_type = {
    take_type,
    put_type,
    {"Alert, Update, Cancel; others are refused", "Alert, Update, Cancel, 나머지는 거부"},
    false};
static const struct converter as_scope = {
    take_scope,
    put_scope,
    {"Public, or Private with addresses; Restricted is a disaster report",
     "Public, 또는 addresses가 있는 Private. Restricted는 재난 보고"},
    false};
static const struct converter as_restriction = {
    take_restriction,
    put_restriction,
    {RESTRICTED "; another is refused", RESTRICTED ", 다른 것은 거부"},
    false};
static const struct converter as_category = {
    take_category,
    put_category,
    {"a code value; a disaster report has Other", "코드 값. 재난 보고는 Other"},
    false};
static const struct converter as_urgency = {
    take_urgency,
    put_unknown,
    {"a code value; a disaster report has Unknown", "코드 값. 재난 보고는 Unknown"},
    false};
static const struct converter as_certainty = {
    take_certainty,
    put_unknown,
    {"a code value; a disaster report has Unknown", "코드 값. 재난 보고는 Unknown"},
    false};
static const struct converter as_severity = {
    take_severity, put_severity, {"Unknown is unspecified", "Unknown은 미지정"}, false};
static const struct converter as_parameter = {
    take_parameter,
    put_parameters,
    {"what CAP has no element for, as " PARAMETER "NAME; others are not carried",
     "CAP에 요소가 없는 것은 " PARAMETER "이름으로, 다른 것은 전달하지 않음"},
    true};
static const struct converter as_signature = {
    take_signature,
    NULL,
    {"the whole document goes along, byte for byte, and is what is written",
     "문서 전체를 그대로 함께 전달하고, 그것을 씀"},
    true};

static const struct format_row rows[] = {
#include "formats/cap.def"
};
_Static_assert(ARRAY_LEN(rows) <= FORMAT_ROWS, "FORMAT_ROWS is too small");

static const char *const kinds[] = {"public_notice", REPORT, NULL};
const struct format format_cap = {.name = "cap",
                                  .title = "Common Alerting Protocol 1.2",
                                  .space = CAP_SPACE,
                                  .row = rows,
                                  .rows = ARRAY_LEN(rows),
                                  .kinds = kinds,
                                  .begin = begin,
                                  .finish = finish};
