#include "base/geo.h"

#include <math.h>

#define EARTH_RADIUS_M 6371008.8 /* IUGG mean radius */
#define RADIANS        (3.14159265358979323846 / 180.0)
#define M_PER_DEGREE   (EARTH_RADIUS_M * RADIANS)

bool geo_valid(struct point p)
{
    return isfinite(p.latitude) && isfinite(p.longitude) && fabs(p.latitude) <= 90.0 &&
           fabs(p.longitude) <= 180.0;
}

double geo_distance_m(struct point a, struct point b)
{
    double half_latitude = sin((b.latitude - a.latitude) * RADIANS / 2);
    double half_longitude = sin((b.longitude - a.longitude) * RADIANS / 2);
    double h = half_latitude * half_latitude + cos(a.latitude * RADIANS) *
                                                   cos(b.latitude * RADIANS) * half_longitude *
                                                   half_longitude;
    return 2 * EARTH_RADIUS_M * asin(fmin(1.0, sqrt(h)));
}

/*
 * In a plane first. Within ten kilometres and 60 degrees of the equator the cosine of the latitude
 * changes by 0.27 %, so the plane's square is off by 0.6 % at most; only what lies within 1 % of
 * the edge is measured on the sphere.
 */
bool geo_within(struct point a, struct point b, double metres)
{
    enum { NEAR_M = 10000, LATITUDE = 60, LONGITUDES = 1 };
    const double degrees = b.longitude - a.longitude;
    if (!(metres >= 0 && metres <= NEAR_M) || fabs(a.latitude) > LATITUDE ||
        fabs(degrees) > LONGITUDES)
        return geo_distance_m(a, b) <= metres;
    const double north = (b.latitude - a.latitude) * M_PER_DEGREE;
    const double east = degrees * M_PER_DEGREE * cos(a.latitude * RADIANS);
    const double square = north * north + east * east, edge = metres * metres;
    if (square < edge * 0.99 || square > edge * 1.01)
        return square < edge;
    return geo_distance_m(a, b) <= metres;
}

bool geo_in_box(struct point p, struct box b)
{
    return p.latitude >= b.south_west.latitude && p.latitude <= b.north_east.latitude &&
           p.longitude >= b.south_west.longitude && p.longitude <= b.north_east.longitude;
}

static double longitude_scale(double latitude)
{
    return fmax(0.01, cos(latitude * RADIANS));
}

struct box geo_box_around(struct point p, double radius_m)
{
    double latitude = radius_m / M_PER_DEGREE * 1.001;
    double longitude = latitude / longitude_scale(p.latitude) * 1.01;
    return (struct box){{p.latitude - latitude, p.longitude - longitude},
                        {p.latitude + latitude, p.longitude + longitude}};
}

struct point geo_cell_centre(struct point origin, double grid_m, struct point p)
{
    double step_latitude = grid_m / M_PER_DEGREE;
    double step_longitude = step_latitude / longitude_scale(origin.latitude);
    double row = floor((p.latitude - origin.latitude) / step_latitude);
    double column = floor((p.longitude - origin.longitude) / step_longitude);
    return (struct point){origin.latitude + (row + 0.5) * step_latitude,
                          origin.longitude + (column + 0.5) * step_longitude};
}

/* The place on the way from a to b that is nearest to p, in a plane that touches the ground at p.
 */
static struct point nearest_on(struct point a, struct point b, struct point p)
{
    const double scale = longitude_scale(p.latitude);
    const double ax = (a.longitude - p.longitude) * scale, ay = a.latitude - p.latitude;
    const double dx = (b.longitude - a.longitude) * scale, dy = b.latitude - a.latitude;
    const double length = dx * dx + dy * dy;
    const double way = length > 0 ? fmin(1.0, fmax(0.0, -(ax * dx + ay * dy) / length)) : 0;
    return (struct point){a.latitude + way * (b.latitude - a.latitude),
                          a.longitude + way * (b.longitude - a.longitude)};
}

double geo_distance_to_line_m(const struct point *line, unsigned count, struct point p)
{
    double least = geo_distance_m(line[0], p);
    for (unsigned i = 1; i < count; i++)
        least = fmin(least, geo_distance_m(nearest_on(line[i - 1], line[i], p), p));
    return least;
}

/* Crossings of the ray to the east, counted. */
bool geo_in_polygon(struct point p, const struct point *corner, unsigned count)
{
    bool in = false;
    for (unsigned i = 0, k = count - 1; i < count; k = i++) {
        const struct point a = corner[i], b = corner[k];
        if ((a.latitude > p.latitude) != (b.latitude > p.latitude) &&
            p.longitude < (b.longitude - a.longitude) * (p.latitude - a.latitude) /
                                  (b.latitude - a.latitude) +
                              a.longitude)
            in = !in;
    }
    return in;
}
