/*
 * Where distances are measured from the centres of grid cells, one place in each cell stands for
 * the cell. Two sets may hide places behind two grids: then one place in each piece that the lines
 * of both cut the ground into.
 */
#include "policy/places.h"

#include <math.h>
#include <stdlib.h>

enum { LINES_MAX = 256 };

/* Lines of one direction around a camera, in degrees. */
struct lines {
    double at[LINES_MAX];
    size_t count;
};

static int by_degree(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The lines of a grid that begins at `origin`, from `from` to `to`. */
static void add_lines(struct lines *l, double origin, double step, double from, double to)
{
    const double first = floor((from - origin) / step);
    for (unsigned k = 0; l->count < LINES_MAX && origin + (first + k) * step <= to; k++)
        l->at[l->count++] = origin + (first + k) * step;
}

/* Of one grid, so far around that a cell beyond is farther than any distance asked about. */
static void add_grid(const struct space *s, const struct atom *a, double most, struct point camera,
                     struct lines *latitude, struct lines *longitude)
{
    const struct point origin = s->u->p[a->side]->header->service_area.south_west;
    const struct point half = geo_cell_centre(origin, a->grid_m, origin);
    const struct box around = geo_box_around(camera, most + 2 * a->grid_m);
    add_lines(latitude, origin.latitude, 2 * (half.latitude - origin.latitude),
              around.south_west.latitude, around.north_east.latitude);
    add_lines(longitude, origin.longitude, 2 * (half.longitude - origin.longitude),
              around.south_west.longitude, around.north_east.longitude);
}

static double farthest(const struct axis *d)
{
    double most = 0;
    for (unsigned i = 0; i < d->atoms; i++)
        most = fmax(most, d->atom[i].metres);
    return most;
}

static bool is_first_of_grid(const struct axis *d, unsigned i)
{
    for (unsigned k = 0; k < i; k++)
        if (d->atom[k].side == d->atom[i].side && !(d->atom[k].grid_m < d->atom[i].grid_m) &&
            !(d->atom[k].grid_m > d->atom[i].grid_m))
            return false;
    return d->atom[i].grid_m > 0;
}

bool places_try_grid(struct search *x, enum dim dim, struct point camera)
{
    const struct axis *d = &x->s->dim[dim];
    struct lines latitude = {.count = 0}, longitude = {.count = 0};
    for (unsigned i = 0; i < d->atoms; i++)
        if (is_first_of_grid(d, i))
            add_grid(x->s, &d->atom[i], farthest(d), camera, &latitude, &longitude);
    if (latitude.count == 0 || longitude.count == 0)
        return false;
    qsort(latitude.at, latitude.count, sizeof latitude.at[0], by_degree);
    qsort(longitude.at, longitude.count, sizeof longitude.at[0], by_degree);
    for (size_t i = 0; i + 1 < latitude.count; i++)
        for (size_t k = 0; k + 1 < longitude.count; k++)
            if (places_try(x, (struct point){(latitude.at[i] + latitude.at[i + 1]) / 2,
                                             (longitude.at[k] + longitude.at[k + 1]) / 2}))
                return true;
    return false;
}

/* A grid so fine, or distances so long, that the lines do not fit. */
static bool fits(const struct axis *d)
{
    double lines = 0;
    bool some = false;
    for (unsigned i = 0; i < d->atoms; i++) {
        some = some || d->atom[i].grid_m > 0;
        if (is_first_of_grid(d, i))
            lines += 2 * (farthest(d) / d->atom[i].grid_m + 4);
    }
    return !some || lines < LINES_MAX;
}

static bool is_hidden(const struct axis *d)
{
    bool hidden = false;
    for (unsigned i = 0; i < d->atoms; i++)
        hidden = hidden || d->atom[i].grid_m > 0;
    return hidden;
}

static bool asks_areas(const struct axis *d)
{
    bool areas = false;
    for (unsigned i = 0; i < d->atoms; i++)
        areas = areas || d->atom[i].op == ATOM_AREA;
    return areas;
}

bool places_grid_is_all(const struct search *x, enum dim dim)
{
    const struct axis *d = &x->s->dim[dim];
    bool hidden = d->atoms > 0;
    for (unsigned i = 0; i < d->atoms; i++)
        hidden = hidden && d->atom[i].grid_m > 0;
    return hidden && fits(d) && x->wanted->cameras == 1 &&
           (x->for_route || !asks_areas(&x->s->dim[DIM_PLACE]));
}

/* A route of one point is as near to a camera as any other that there is, but where its points are
 * shown as the centres of cells, or the sets have the camera in two places. */
bool places_are_all_tried(const struct space *s)
{
    const struct axis *d = &s->dim[DIM_DISTANCE], *r = &s->dim[DIM_ROUTE], *p = &s->dim[DIM_PLACE];
    const bool of_one_point = r->atoms == 0 || (!is_hidden(r) && !space_sides_differ(s, DIM_ROUTE));
    return fits(d) && of_one_point && !(is_hidden(d) && asks_areas(p));
}
