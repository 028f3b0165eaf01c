/* PIDF-LO: where one subject is, as a point or a circle that it is in. */
#include "formats/rows.h"

#include "base/ident.h"
#include "base/limits.h"

#include <stdio.h>

#define GEOPRIV  "urn:ietf:params:xml:ns:pidf:geopriv10"
#define POLICY   "urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"
#define CIVIC    "urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"
#define DYNAMIC  "urn:ietf:params:xml:ns:pidf:geopriv10:dynamic"
#define GML      "http://www.opengis.net/gml"
#define SHAPES   "http://www.opengis.net/pidflo/1.0"
#define TERMS    "urn:fedgate:terms:1"
#define LOCATION "presence/tuple/status/geopriv/location-info"
#define RULES    "presence/tuple/status/geopriv/usage-rules"

#define SYSTEM      "urn:ogc:def:crs:EPSG::4326" /* WGS84: latitude, longitude */
#define SYSTEM_HIGH "urn:ogc:def:crs:EPSG::4979" /* and height */
#define METRES      "urn:ogc:def:uom:EPSG::9001"

/* ---------------------------------------------------------------- the subject */

/* What stands in a URI as it is (RFC 3986, 2.3). */
static bool is_plain(struct bytes text)
{
    static const char marks[] = "-._~";
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) &&
            (c == 0 || strchr(marks, c) == NULL))
            return false;
    }
    return text.n > 0;
}

static bool set_text(struct reading *r, const char *path, struct bytes text)
{
    const struct format_row row = {.fields = path};
    return as_text.take(r, &row, &(struct item){text, NULL});
}

/* "pres:REF@PARTY" */
static bool take_entity(struct reading *r, const struct format_row *row, const struct item *in)
{
    static const char scheme[] = "pres:";
    struct bytes rest = in->text;
    const uint8_t *at = rest.n == 0 ? NULL : memchr(rest.p, '@', rest.n);
    (void)row;
    if (!bytes_begins(rest, scheme) || at == NULL)
        return reading_lost(r);
    struct bytes ref = bytes_of(rest.p + strlen(scheme), (size_t)(at - rest.p) - strlen(scheme)),
                 party = bytes_of(at + 1, rest.n - (size_t)(at - rest.p) - 1);
    if (!is_plain(ref) || !ident_is_word(party))
        return reading_lost(r);
    return set_text(r, "location_update.subject.party", party) &&
           set_text(r, "location_update.subject.ref", ref);
}

static void put_entity(struct writing *w, const struct format_row *row)
{
    const Fedgate__V1__SubjectRef *s = w->m->location_update->subject;
    struct buf text = BUF_INIT(4096);
    if (s == NULL || !is_plain(bytes_of_text(s->ref)) || !ident_is_word(bytes_of_text(s->party))) {
        (void)writing_wrong(w, RESULT_UNKNOWN, row->fields,
                            "a party, and a reference that can stand in a URI");
        return;
    }
    buf_printf(&text, "pres:%s@%s", s->ref, s->party);
    writing_put(w, row, buf_view(&text));
    buf_free(&text);
}

static bool take_nothing(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)r;
    (void)row;
    (void)in;
    return true;
}

static void put_tuple(struct writing *w, const struct format_row *row)
{
    writing_put(w, row, bytes_of_text("position"));
}

/* ---------------------------------------------------------------- the place */

static const Fedgate__V1__Position *position(const struct writing *w)
{
    return w->m->location_update->position;
}

static bool has_radius(const struct writing *w)
{
    return position(w) != NULL && position(w)->accuracy_m > 0;
}

static bool take_system(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return bytes_is(in->text, SYSTEM) || bytes_is(in->text, SYSTEM_HIGH) ||
           reading_wrong(r, SYSTEM " or " SYSTEM_HIGH);
}

static void put_point_system(struct writing *w, const struct format_row *row)
{
    if (position(w) != NULL && !has_radius(w))
        writing_put(w, row, bytes_of_text(SYSTEM));
}

static void put_circle_system(struct writing *w, const struct format_row *row)
{
    if (has_radius(w))
        writing_put(w, row, bytes_of_text(SYSTEM));
}

static bool take_point(struct reading *r, const struct format_row *row, const struct item *in);

/* How many places were read: other fields of the position may be there without any. */
static size_t places(const struct reading *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->format->rows; i++) {
        const struct converter *c = r->format->row[i].converter;
        if (c != NULL && c->take == take_point)
            count += r->seen[i];
    }
    return count;
}

static bool take_point(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct bytes rest = in->text, latitude = next_word(&rest), longitude = next_word(&rest),
                 height = next_word(&rest);
    double north, east, up;
    struct field f;
    (void)row;
    if (!format_number(latitude, -90, 90, &north) || !format_number(longitude, -180, 180, &east) ||
        next_word(&rest).n > 0 || (height.n > 0 && !format_number(height, -1e6, 1e6, &up)))
        return reading_wrong(r, "LATITUDE LONGITUDE, in degrees");
    if (height.n > 0)
        (void)reading_lost(r);
    if (places(r) > 1)
        return reading_wrong(r, "one Point, Circle or Ellipse");
    if (!field_find(r->arena, r->m, "location_update.position.latitude", &f))
        return reading_wrong(r, "a smaller document");
    Fedgate__V1__Position *p = (void *)f.m;
    p->latitude = north;
    p->longitude = east;
    return true;
}

static void put_pos(struct writing *w, const struct format_row *row)
{
    struct buf text = BUF_INIT(100);
    format_put_number(&text, position(w)->latitude);
    buf_u8(&text, ' ');
    format_put_number(&text, position(w)->longitude);
    writing_put(w, row, buf_view(&text));
    buf_free(&text);
}

static void put_point(struct writing *w, const struct format_row *row)
{
    if (position(w) != NULL && !has_radius(w))
        put_pos(w, row);
}

static void put_circle(struct writing *w, const struct format_row *row)
{
    if (has_radius(w))
        put_pos(w, row);
}

/* ---------------------------------------------------------------- numbers */

static bool take_metres(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    return bytes_is(in->text, METRES) || reading_wrong(r, METRES);
}

static bool take_decimal(struct reading *r, const struct format_row *row, const struct item *in)
{
    struct field f;
    double v;
    if (!format_number(in->text, 0, LIMIT_ACCURACY_M, &v))
        return reading_wrong(r, "one number, not below 0");
    if (!reading_field(r, row, &f))
        return false;
    *(float *)reflect_value(f.m, f.f, 0) = (float)v;
    return true;
}

/* As few digits as come back the same. */
static void decimal(struct buf *out, float v)
{
    char text[64];
    double back = 0;
    for (int digits = 0; digits <= 9; digits++) {
        (void)snprintf(text, sizeof text, "%.*f", digits, (double)v);
        if (format_number(bytes_of_text(text), 0, LIMIT_ACCURACY_M, &back) && (float)back == v)
            break;
    }
    buf_text(out, text);
}

static void put_decimal(struct writing *w, const struct format_row *row)
{
    struct buf text = BUF_INIT(100);
    struct field f;
    if (writing_field(w, row, &f)) {
        decimal(&text, *(float *)reflect_value(f.m, f.f, 0));
        writing_put(w, row, buf_view(&text));
    }
    buf_free(&text);
}

static void put_radius(struct writing *w, const struct format_row *row)
{
    struct buf text = BUF_INIT(100);
    if (has_radius(w)) {
        decimal(&text, position(w)->accuracy_m);
        writing_put_with(w, row, "uom", bytes_of_text(METRES), buf_view(&text));
    }
    buf_free(&text);
}

/* ---------------------------------------------------------------- rules */

/* Either namespace may have it, and the document only one of them: it would say two things. */
static bool take_permit(struct reading *r, const struct format_row *row, const struct item *in)
{
    size_t count = 0;
    for (size_t i = 0; i < r->format->rows; i++)
        if (strcmp(r->format->row[i].place, row->place) == 0)
            count += r->seen[i];
    return count > 1 ? reading_wrong(r, "it once") : as_flag.take(r, row, in);
}

static void put_permit(struct writing *w, const struct format_row *row)
{
    struct field f;
    writing_put(w, row, bytes_of_text(writing_field(w, row, &f) ? "true" : "false"));
}

static bool take_rules(struct reading *r, const struct format_row *row, const struct item *in)
{
    (void)row;
    (void)in;
    return reading_wrong(r, "no rules that are elsewhere, for nobody would keep them");
}

/* ---------------------------------------------------------------- words */

static const struct format_word statuses[] = {{"Actual", FEDGATE__V1__STATUS__STATUS_ACTUAL},
                                              {"Exercise", FEDGATE__V1__STATUS__STATUS_EXERCISE},
                                              {"Test", FEDGATE__V1__STATUS__STATUS_TEST},
                                              {NULL, 0}};
static const struct format_word origins[] = {
    {"caller-stated", FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_CALLER_STATED},
    {"lia-29", FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_LIA_29},
    {"lia-consent", FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_LIA_CONSENT},
    {"missing-persons", FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_MISSING_PERSONS},
    {"device", FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_DEVICE},
    {"disaster", FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_DISASTER},
    {NULL, 0}};
/* The first word for a value is the one that is written. */
static const struct format_word methods[] = {
    {"GPS", FEDGATE__V1__POSITION_METHOD__POSITION_METHOD_GNSS},
    {"A-GPS", FEDGATE__V1__POSITION_METHOD__POSITION_METHOD_GNSS},
    {"DeviceAssisted_A-GPS", FEDGATE__V1__POSITION_METHOD__POSITION_METHOD_GNSS},
    {"802.11", FEDGATE__V1__POSITION_METHOD__POSITION_METHOD_WIFI},
    {"Cell", FEDGATE__V1__POSITION_METHOD__POSITION_METHOD_CELL},
    {"Manual", FEDGATE__V1__POSITION_METHOD__POSITION_METHOD_REPORTED},
    {NULL, 0}};

static void put_given(struct writing *w, const struct format_row *row,
                      const struct format_word *words)
{
    struct field f;
    if (writing_field(w, row, &f))
        put_word(w, row, words);
}

static bool take_status(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_word(r, row, in, statuses, "Actual, Exercise or Test");
}

static void put_status(struct writing *w, const struct format_row *row)
{
    put_given(w, row, statuses);
}

static bool take_origin(struct reading *r, const struct format_row *row, const struct item *in)
{
    return take_word(r, row, in, origins, "a word for the law under which it was obtained");
}

static void put_origin(struct writing *w, const struct format_row *row)
{
    put_given(w, row, origins);
}

static bool take_method(struct reading *r, const struct format_row *row, const struct item *in)
{
    for (size_t i = 0; methods[i].word != NULL; i++)
        if (bytes_is(in->text, methods[i].word))
            return take_word(r, row, in, methods, "");
    return reading_lost(r);
}

static void put_method(struct writing *w, const struct format_row *row)
{
    put_given(w, row, methods);
}

/* ---------------------------------------------------------------- the document */

static bool finish(struct reading *r, struct bytes document)
{
    (void)document;
    (void)snprintf(r->place, sizeof r->place, "%s", LOCATION);
    return places(r) > 0 || reading_wrong(r, "a Point, a Circle or an Ellipse");
}

static bool begin(struct writing *w)
{
    return position(w) != NULL ||
           writing_wrong(w, RESULT_MALFORMED, "location_update.position", "a position");
}

#define SYSTEM_HOW                                                                                 \
    {                                                                                              \
        "WGS84; another is refused", "WGS84, 다른 것은 거부"                                 \
    }
#define PLACE_HOW                                                                                  \
    {                                                                                              \
        "latitude and longitude in degrees; a height is not carried",                              \
            "위도와 경도(도), 높이는 전달하지 않음"                                 \
    }
#define RADIUS_HOW                                                                                 \
    {                                                                                              \
        "metres; of an ellipse the longer half axis", "미터, 타원은 긴 반축"               \
    }
#define PERMIT_HOW                                                                                 \
    {                                                                                              \
        "true, 1 or yes; all else is false", "true, 1, yes는 참, 나머지는 거짓"            \
    }

static const struct converter as_entity = {
    take_entity,
    put_entity,
    {"pres:REF@PARTY; another is not carried", "pres:참조@기관, 다른 것은 전달하지 않음"},
    false};
static const struct converter as_tuple = {
    take_nothing, put_tuple, {"says nothing", "뜻 없음"}, false};
static const struct converter as_point_system = {take_system, put_point_system, SYSTEM_HOW, false};
static const struct converter as_circle_system = {take_system, put_circle_system, SYSTEM_HOW,
                                                  false};
static const struct converter as_system_read = {take_system, NULL, SYSTEM_HOW, false};
static const struct converter as_point = {take_point, put_point, PLACE_HOW, false};
static const struct converter as_circle = {take_point, put_circle, PLACE_HOW, false};
static const struct converter as_point_read = {take_point, NULL, PLACE_HOW, false};
static const struct converter as_radius = {take_decimal, put_radius, RADIUS_HOW, false};
static const struct converter as_radius_read = {take_decimal, NULL, RADIUS_HOW, false};
static const struct converter as_metres = {
    take_metres, NULL, {"metres; another unit is refused", "미터, 다른 단위는 거부"}, false};
static const struct converter as_decimal = {take_decimal, put_decimal, {"a number", "수"}, false};
static const struct converter as_permit = {take_permit, put_permit, PERMIT_HOW, false};
static const struct converter as_permit_read = {take_permit, NULL, PERMIT_HOW, false};
static const struct converter as_foreign_rules = {
    take_rules, NULL, {"refused: nobody would keep them", "거부: 지켜지지 않으므로"}, true};
static const struct converter as_term_status = {
    take_status, put_status, {"Actual, Exercise or Test", "Actual, Exercise, Test"}, false};
static const struct converter as_origin = {
    take_origin,
    put_origin,
    {"the law under which it was obtained", "위치를 얻은 근거 법령"},
    false};
static const struct converter as_method = {
    take_method,
    put_method,
    {"GPS, A-GPS, DeviceAssisted_A-GPS, 802.11, Cell, Manual; others are not carried",
     "GPS, A-GPS, DeviceAssisted_A-GPS, 802.11, Cell, Manual, 나머지는 전달하지 않음"},
    false};

static const struct format_row rows[] = {
#include "formats/pidf_lo.def"
};
_Static_assert(ARRAY_LEN(rows) <= FORMAT_ROWS, "FORMAT_ROWS is too small");

static const char *const kinds[] = {"location_update", NULL};
const struct format format_pidf_lo = {.name = "pidf-lo",
                                      .title = "PIDF-LO (RFC 4119, RFC 5491)",
                                      .space = "urn:ietf:params:xml:ns:pidf",
                                      .row = rows,
                                      .rows = ARRAY_LEN(rows),
                                      .kinds = kinds,
                                      .begin = begin,
                                      .finish = finish};
