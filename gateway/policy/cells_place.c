/* The cells of cameras, of an incident's place, and of distances. */
#include "policy/builder.h"
#include "policy/space.h"

#include <math.h>

/* ---- cameras: what holds for several is what holds for each of them */

static bool holds_for_class(const struct atom *a, const struct camera_class *c)
{
    switch (a->op) {
    case ATOM_GIVEN: return true;
    case ATOM_KNOWN: return c->known[a->side];
    case ATOM_CAMERA_KIND: return c->known[a->side] && has_bit(a->mask, c->kind[a->side]);
    default: return c->known[a->side] && (c->purposes[a->side] & a->mask) != 0;
    }
}

uint64_t space_camera_signature(const struct space *s, size_t class)
{
    const struct axis *d = &s->dim[DIM_CAMERA];
    uint64_t signature = 0;
    for (unsigned i = 0; i < d->atoms; i++)
        if (holds_for_class(&d->atom[i], &s->u->classes[class]))
            signature |= UINT64_C(1) << i;
    return signature;
}

/* A message without cameras: whatever is said about all of them, the set knows them. */
static void add_no_camera(struct space *s)
{
    const struct axis *d = &s->dim[DIM_CAMERA];
    struct cell c = {.value.list = {.count = 0}};
    for (unsigned i = 0; i < d->atoms; i++)
        if (d->atom[i].op == ATOM_KNOWN)
            c.signature |= UINT64_C(1) << i;
    (void)cells_add(s, DIM_CAMERA, &c);
}

void cells_of_cameras(struct space *s)
{
    struct axis *d = &s->dim[DIM_CAMERA];
    add_no_camera(s);
    if ((s->asks & ASKS_CAMERA) == 0)
        return;
    for (size_t k = 0; k < s->u->classes_count; k++) {
        const struct cell c = {.signature = space_camera_signature(s, k),
                               .value.list = {.item = {(uint16_t)k}, .count = 1}};
        (void)cells_add(s, DIM_CAMERA, &c);
    }
    for (unsigned i = 1; i < d->cells; i++) {
        for (size_t k = 0; k < s->u->classes_count; k++) {
            struct cell c = d->cell[i];
            c.signature &= space_camera_signature(s, k);
            if (c.value.list.count == SPACE_CAMERAS || c.signature == d->cell[i].signature)
                continue;
            c.value.list.item[c.value.list.count++] = (uint16_t)k;
            (void)cells_add(s, DIM_CAMERA, &c);
        }
    }
}

/* ---- places: at each corner of a region, and where two of their edges cross, all around */

static bool lies_in(const struct policy *p, uint64_t mask, struct point at)
{
    for (uint32_t i = 0; i < p->regions_count; i++)
        if (has_bit(mask, i) && p->regions[i].corners > 0 &&
            geo_in_polygon(at, p->corners + p->regions[i].corner_first, p->regions[i].corners))
            return true;
    return false;
}

uint64_t space_place_signature(const struct space *s, const struct point *at)
{
    const struct axis *d = &s->dim[DIM_PLACE];
    uint64_t signature = 0;
    for (unsigned i = 0; at != NULL && i < d->atoms; i++)
        if (d->atom[i].op == ATOM_GIVEN || lies_in(s->u->p[d->atom[i].side], d->atom[i].mask, *at))
            signature |= UINT64_C(1) << i;
    return signature;
}

struct point space_place_told(struct point at)
{
    const double parts = pow(10, PLACE_DIGITS);
    return (struct point){round(at.latitude * parts) / parts, round(at.longitude * parts) / parts};
}

static void add_place(struct space *s, struct point near)
{
    const struct point at = space_place_told(near);
    const struct cell c = {.signature = space_place_signature(s, &at), .value.place = at};
    if (geo_valid(at))
        (void)cells_add(s, DIM_PLACE, &c);
}

static void add_around(struct space *s, struct point at)
{
    enum { DIRECTIONS = 16 };
    static const double far[] = {2e-5, 1e-6}; /* degrees: two metres, a decimetre */
    for (unsigned k = 0; k < ARRAY_LEN(far); k++)
        for (unsigned i = 0; i < DIRECTIONS; i++) {
            const double angle = 2 * 3.14159265358979 * (i + 0.5) / DIRECTIONS;
            add_place(s, (struct point){at.latitude + far[k] * cos(angle),
                                        at.longitude + far[k] * sin(angle)});
        }
}

/* Where the edges a-b and c-d cross, if they do. */
static bool cross(const struct point edge[4], struct point *out)
{
    const double rx = edge[1].longitude - edge[0].longitude,
                 ry = edge[1].latitude - edge[0].latitude;
    const double sx = edge[3].longitude - edge[2].longitude,
                 sy = edge[3].latitude - edge[2].latitude;
    const double qx = edge[2].longitude - edge[0].longitude,
                 qy = edge[2].latitude - edge[0].latitude;
    const double area = rx * sy - ry * sx;
    if (!(fabs(area) > 0))
        return false;
    const double t = (qx * sy - qy * sx) / area, u = (qx * ry - qy * rx) / area;
    if (t < 0 || t > 1 || u < 0 || u > 1)
        return false;
    *out = (struct point){edge[0].latitude + t * ry, edge[0].longitude + t * rx};
    return true;
}

/* One edge of a region that an atom names. */
typedef void edge_fn(struct space *s, const struct point edge[2], void *arg);

static void each_edge(struct space *s, edge_fn *each, void *arg)
{
    const struct axis *d = &s->dim[DIM_PLACE];
    for (unsigned a = 0; a < d->atoms; a++) {
        const struct policy *p = s->u->p[d->atom[a].side];
        for (uint32_t i = 0; d->atom[a].op == ATOM_AREA && i < p->regions_count; i++) {
            const struct row_region *r = &p->regions[i];
            for (uint32_t k = 0; has_bit(d->atom[a].mask, i) && k < r->corners; k++) {
                const struct point edge[2] = {p->corners[r->corner_first + k],
                                              p->corners[r->corner_first + (k + 1) % r->corners]};
                each(s, edge, arg);
            }
        }
    }
}

static void add_crossing(struct space *s, const struct point edge[2], void *arg)
{
    const struct point *other = arg;
    const struct point both[4] = {other[0], other[1], edge[0], edge[1]};
    struct point at;
    if (cross(both, &at))
        add_around(s, at);
}

static void add_edge(struct space *s, const struct point edge[2], void *arg)
{
    struct point copy[2] = {edge[0], edge[1]};
    (void)arg;
    add_around(s, edge[0]);
    each_edge(s, add_crossing, copy);
}

/* Examples lie in the middle of the service area where any place will do. */
void cells_of_places(struct space *s)
{
    const struct box area = s->u->p[0]->header->service_area;
    const struct cell none = {0};
    (void)cells_add(s, DIM_PLACE, &none);
    if (s->dim[DIM_PLACE].atoms == 0)
        return;
    add_place(s, (struct point){(area.south_west.latitude + area.north_east.latitude) / 2,
                                (area.south_west.longitude + area.north_east.longitude) / 2});
    add_place(s, area.north_east);
    each_edge(s, add_edge, NULL);
}

/* ---- distances */

bool space_sides_differ(const struct space *s, enum dim dim)
{
    const struct axis *d = &s->dim[dim];
    bool differ = s->u->moved;
    for (unsigned i = 0; i < d->atoms; i++)
        differ = differ || d->atom[i].grid_m < d->atom[0].grid_m ||
                 d->atom[i].grid_m > d->atom[0].grid_m || (d->atom[i].grid_m > 0 && s->u->shifted);
    return differ;
}

static void add_distance(struct space *s, enum dim dim, double one, double other)
{
    const struct axis *d = &s->dim[dim];
    struct cell c = {.value.metres = {one, other}};
    for (unsigned i = 0; i < d->atoms; i++)
        if (c.value.metres[d->atom[i].side] <= d->atom[i].metres)
            c.signature |= UINT64_C(1) << i;
    (void)cells_add(s, dim, &c);
}

/* Where both sets measure alike, from the same places to the same cameras, there is one distance;
 * else whether two go together is found out where an example is looked for. */
void cells_of_distances(struct space *s, enum dim dim)
{
    const struct axis *d = &s->dim[dim];
    double step[SPACE_ATOMS + 1] = {0};
    for (unsigned i = 0; i < d->atoms; i++)
        step[i + 1] = d->atom[i].metres + 1;
    for (unsigned i = 0; i <= d->atoms; i++)
        add_distance(s, dim, step[i], step[i]);
    for (unsigned i = 0; i <= d->atoms && space_sides_differ(s, dim); i++)
        for (unsigned k = 0; k <= d->atoms; k++)
            add_distance(s, dim, step[i], step[k]);
}
