/* Areas of CAP: one polygon or one circle, and a description in words. */
#include "formats/cap.h"

#include "base/limits.h"

#include <math.h>
#include <stdio.h>

#define NO_WORDS                                                                                   \
    "-" /* what areaDesc says when nothing was said in words: it must say something                \
         */

/* ---------------------------------------------------------------- numbers */

/* "36.35,127.38" */
static bool pair(struct bytes text, double *latitude, double *longitude)
{
    const uint8_t *comma = text.n == 0 ? NULL : memchr(text.p, ',', text.n);
    size_t n = comma == NULL ? 0 : (size_t)(comma - text.p);
    return comma != NULL && format_number(bytes_of(text.p, n), -90, 90, latitude) &&
           format_number(bytes_of(comma + 1, text.n - n - 1), -180, 180, longitude);
}

static void put_pair(struct buf *out, const Fedgate__V1__Position *p)
{
    format_put_number(out, p->latitude);
    buf_u8(out, ',');
    format_put_number(out, p->longitude);
}

/* ---------------------------------------------------------------- the area of either kind */

/* The area that is read, made when it is not there. */
static Fedgate__V1__Area *area_read(struct reading *r)
{
    char path[FORMAT_PLACE];
    struct field f;
    (void)snprintf(path, sizeof path, "%s.area.place", r->kind);
    return field_find(r->arena, r->m, path, &f) ? (void *)f.m : NULL;
}

static const Fedgate__V1__Area *area_written(const struct writing *w)
{
    return w->m->body_case == FEDGATE__V1__MESSAGE__BODY_DISASTER_REPORT
               ? w->m->disaster_report->area
               : w->m->public_notice->area;
}

static bool add_point(struct reading *r, Fedgate__V1__Area *a, double latitude, double longitude)
{
    const struct field f = {&a->base, reflect_named(a->base.descriptor, bytes_of_text("point"))};
    Fedgate__V1__Position *p = field_add(r->arena, &f);
    if (p == NULL)
        return reading_wrong(r, "a smaller document");
    p->latitude = latitude;
    p->longitude = longitude;
    return true;
}

static bool is_point(const Fedgate__V1__Position *p, double latitude, double longitude)
{
    return !(p->latitude < latitude || p->latitude > latitude || p->longitude < longitude ||
             p->longitude > longitude);
}

/* ---------------------------------------------------------------- polygon */

static bool take_corners(struct reading *r, Fedgate__V1__Area *a, struct bytes text)
{
    struct bytes word;
    double latitude, longitude;
    while ((word = next_word(&text)).n > 0) {
        if (a->n_point > LIMIT_AREA_POINTS)
            return reading_wrong(r, "a polygon of fewer corners");
        if (!pair(word, &latitude, &longitude))
            return reading_wrong(r, "corners as LATITUDE,LONGITUDE, parted by blanks");
        if (!add_point(r, a, latitude, longitude))
            return false;
    }
    if (a->n_point < 4 || !is_point(a->point[0], latitude, longitude))
        return reading_wrong(r, "at least four corners, the last of them the first again");
    a->n_point--;
    return true;
}

static bool take_polygon(struct reading *r, const struct format_row *row, const struct item *in)
{
    Fedgate__V1__Area *a = area_read(r);
    (void)row;
    if (a == NULL)
        return reading_wrong(r, "a smaller document");
    return a->n_point > 0 ? reading_lost(r) : take_corners(r, a, in->text);
}

static void put_polygon(struct writing *w, const struct format_row *row)
{
    const Fedgate__V1__Area *a = area_written(w);
    struct buf text = BUF_INIT(64u << 10);
    if (a == NULL || a->n_point < 3)
        return;
    for (size_t i = 0; i <= a->n_point; i++) {
        if (i > 0)
            buf_u8(&text, ' ');
        put_pair(&text, a->point[i % a->n_point]);
    }
    writing_put(w, row, buf_view(&text));
    buf_free(&text);
}

/* ---------------------------------------------------------------- circle */

static bool take_circle(struct reading *r, const struct format_row *row, const struct item *in)
{
    Fedgate__V1__Area *a = area_read(r);
    struct bytes rest = in->text, centre = next_word(&rest);
    double latitude, longitude, radius_km;
    (void)row;
    if (a == NULL)
        return reading_wrong(r, "a smaller document");
    if (!pair(centre, &latitude, &longitude) ||
        !format_number(xml_trimmed(rest), 0, LIMIT_RADIUS_M / 1000, &radius_km))
        return reading_wrong(r, "LATITUDE,LONGITUDE RADIUS, the radius in km, at most 100");
    if (a->n_point > 0)
        return reading_lost(r);
    a->radius_m = (uint32_t)lround(radius_km * 1000);
    return add_point(r, a, latitude, longitude);
}

static void put_circle(struct writing *w, const struct format_row *row)
{
    const Fedgate__V1__Area *a = area_written(w);
    struct buf text = BUF_INIT(200);
    if (a != NULL && (a->n_point == 2 || (a->n_point != 1 && a->radius_m > 0)))
        writing_lost(w, a->n_point == 2 ? "area.point" : "area.radius_m");
    if (a == NULL || a->n_point != 1)
        return;
    put_pair(&text, a->point[0]);
    buf_u8(&text, ' ');
    format_put_number(&text, a->radius_m / 1000.0);
    writing_put(w, row, buf_view(&text));
    buf_free(&text);
}

/* ---------------------------------------------------------------- words */

static bool take_place(struct reading *r, const struct format_row *row, const struct item *in)
{
    return bytes_is(in->text, NO_WORDS) || as_line.take(r, row, in);
}

static void put_place(struct writing *w, const struct format_row *row)
{
    struct field f;
    if (writing_field(w, row, &f))
        as_line.put(w, row);
    else if (area_written(w) != NULL)
        writing_put(w, row, bytes_of_text(NO_WORDS));
}

const struct converter as_place = {
    take_place, put_place, {"one line; \"-\" is none", "한 줄. \"-\"는 없음"}, false};
const struct converter as_polygon = {
    take_polygon,
    put_polygon,
    {"the corners, without the first again", "꼭짓점, 처음 점은 다시 쓰지 않음"},
    false};
const struct converter as_circle = {
    take_circle,
    put_circle,
    {"one point and a radius, to the metre", "한 점과 반지름, 1 m 단위"},
    false};
