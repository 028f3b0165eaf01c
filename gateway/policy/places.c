/*
 * Looking for a place that lies in some regions, not in others, and near or far from cameras. Tried
 * are circles around each camera (with a metre to either side of every distance that is asked
 * about), the places of the cells, and what is nearest to a camera on each edge of a region.
 */
#include "policy/places.h"

#include <math.h>

enum { DIRECTIONS = 24 };

static struct point move(struct point from, double metres, double angle)
{
    enum { METRES_A_DEGREE = 111195 };
    const double degrees = metres / METRES_A_DEGREE;
    const double scale = cos(from.latitude * 3.14159265358979 / 180);
    return (struct point){from.latitude + degrees * cos(angle),
                          from.longitude + degrees * sin(angle) / scale};
}

/* From where the atom's set shows the place to the farthest of the cameras. */
static double measure(const struct search *x, const struct atom *a, struct point at)
{
    const struct universe *u = x->s->u;
    const struct point corner = u->p[a->side]->header->service_area.south_west;
    const struct point shown = a->grid_m > 0 ? geo_cell_centre(corner, a->grid_m, at) : at;
    double most = 0;
    for (size_t k = 0; k < x->wanted->cameras; k++)
        most = fmax(most,
                    geo_distance_m(shown, universe_camera_place(u, x->wanted->camera[k], a->side)));
    return most;
}

static bool measure_alike(const struct search *x, const struct atom *a, const struct atom *b)
{
    const bool same_grid = !(a->grid_m < b->grid_m) && !(a->grid_m > b->grid_m);
    return same_grid && (a->side == b->side || (!x->s->u->moved && !x->s->u->shifted));
}

/* Whether the place lies in one of the cells of distances. */
static bool is_in_cells(const struct search *x, enum dim dim, uint64_t cells, struct point at)
{
    const struct axis *d = &x->s->dim[dim];
    uint64_t signature = 0;
    double metres = 0;
    for (unsigned i = 0; i < d->atoms; i++) {
        if (i == 0 || !measure_alike(x, &d->atom[i - 1], &d->atom[i]))
            metres = measure(x, &d->atom[i], at);
        if (x->wanted->cameras > 0 && metres <= d->atom[i].metres)
            signature |= UINT64_C(1) << i;
    }
    for (unsigned c = 0; c < d->cells; c++)
        if ((cells >> c & 1) != 0 && d->cell[c].signature == signature)
            return true;
    return false;
}

static bool is_in_places(const struct search *x, struct point at)
{
    const struct axis *d = &x->s->dim[DIM_PLACE];
    const uint64_t signature = space_place_signature(x->s, &at);
    for (unsigned c = 0; c < d->cells; c++)
        if ((x->wanted->cells.place >> c & 1) != 0 && d->cell[c].signature == signature)
            return true;
    return false;
}

bool places_try(struct search *x, struct point near)
{
    const struct point at = space_place_told(near);
    if (!geo_valid(at))
        return false;
    if (x->for_route) {
        if (!is_in_cells(x, DIM_ROUTE, x->wanted->cells.route, at))
            return false;
        x->out->route[0] = at;
        x->out->route_points = 1;
        return true;
    }
    if (!is_in_places(x, at) || !is_in_cells(x, DIM_DISTANCE, x->wanted->cells.distance, at))
        return false;
    x->out->has_centre = true;
    x->out->centre = at;
    return true;
}

static bool try_circle(struct search *x, struct point camera, double metres)
{
    for (unsigned i = 0; i < DIRECTIONS; i++)
        if (places_try(x, move(camera, metres, 2 * 3.14159265358979 * i / DIRECTIONS)))
            return true;
    return false;
}

static bool try_distances(struct search *x, enum dim dim, struct point camera)
{
    const struct axis *d = &x->s->dim[dim];
    double most = 0;
    if (places_grid_is_all(x, dim) && !places_try_grid(x, dim, camera))
        return false;
    for (unsigned i = 0; i < d->atoms; i++) {
        const double m = d->atom[i].metres;
        most = fmax(most, m);
        if (try_circle(x, camera, m / 2) || try_circle(x, camera, m - 0.6) ||
            try_circle(x, camera, m + 0.6) || try_circle(x, camera, m + d->atom[i].grid_m))
            return true;
    }
    return places_try(x, camera) || try_circle(x, camera, 2 * most + 1000) ||
           places_try_grid(x, dim, camera);
}

/* On an edge of a region the place nearest to the camera, a metre to either side. */
static bool try_edge(struct search *x, const struct point edge[2], struct point camera)
{
    const double scale = cos(camera.latitude * 3.14159265358979 / 180);
    const double dx = (edge[1].longitude - edge[0].longitude) * scale,
                 dy = edge[1].latitude - edge[0].latitude;
    const double px = (camera.longitude - edge[0].longitude) * scale,
                 py = camera.latitude - edge[0].latitude;
    const double length = dx * dx + dy * dy;
    const double way = length > 0 ? fmin(1, fmax(0, (px * dx + py * dy) / length)) : 0;
    const struct point at = {edge[0].latitude + way * (edge[1].latitude - edge[0].latitude),
                             edge[0].longitude + way * (edge[1].longitude - edge[0].longitude)};
    return try_circle(x, at, 1);
}

static bool try_regions(struct search *x, struct point camera)
{
    const struct axis *d = &x->s->dim[DIM_PLACE];
    for (unsigned a = 0; a < d->atoms; a++) {
        const struct policy *p = x->s->u->p[d->atom[a].side];
        for (uint32_t i = 0; d->atom[a].op == ATOM_AREA && i < p->regions_count; i++) {
            const struct row_region *r = &p->regions[i];
            const struct point *corner = p->corners + r->corner_first;
            for (uint32_t k = 0; has_bit(d->atom[a].mask, i) && k < r->corners; k++) {
                const struct point edge[2] = {corner[k], corner[(k + 1) % r->corners]};
                if (try_edge(x, edge, camera))
                    return true;
            }
        }
    }
    return false;
}

static bool try_cameras(struct search *x, enum dim dim)
{
    for (size_t k = 0; k < x->wanted->cameras; k++) {
        const uint32_t camera = x->wanted->camera[k];
        const unsigned places = x->s->u->classes[x->s->u->class_of[camera]].moved ? SIDES : 1;
        for (unsigned side = 0; side < places; side++) {
            const struct point at = universe_camera_place(x->s->u, camera, side);
            if (try_distances(x, dim, at) || (!x->for_route && try_regions(x, at)))
                return true;
        }
    }
    return false;
}

static bool try_cells(struct search *x)
{
    const struct axis *d = &x->s->dim[DIM_PLACE];
    for (unsigned c = 1; c < d->cells; c++)
        if ((x->wanted->cells.place >> c & 1) != 0 && places_try(x, d->cell[c].value.place))
            return true;
    return false;
}

bool place_find(const struct space *s, const struct place_wanted *wanted, struct incident *out)
{
    struct search x = {s, wanted, out, false};
    if (!try_cells(&x) && !try_cameras(&x, DIM_DISTANCE))
        return false;
    if (s->dim[DIM_ROUTE].atoms == 0 ||
        is_in_cells(&x, DIM_ROUTE, wanted->cells.route, out->centre))
        return true;
    x.for_route = true;
    return try_cameras(&x, DIM_ROUTE);
}
