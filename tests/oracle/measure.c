/* Distances and grid cells by another road than base/geo.c takes: over vectors instead of
 * haversines. */
#include "model.h"

#include <math.h>

#define EARTH_RADIUS_M 6371008.8 /* IUGG mean radius, as base/geo.h states */
#define DEGREE         (3.14159265358979323846 / 180.0)

struct vector {
    double x, y, z;
};

static struct vector vector_of(struct place p)
{
    double latitude = p.latitude * DEGREE, longitude = p.longitude * DEGREE;
    return (struct vector){cos(latitude) * cos(longitude), cos(latitude) * sin(longitude),
                           sin(latitude)};
}

double model_distance_m(struct place a, struct place b)
{
    struct vector u = vector_of(a), v = vector_of(b);
    struct vector cross = {u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x};
    double sine = sqrt(cross.x * cross.x + cross.y * cross.y + cross.z * cross.z);
    return EARTH_RADIUS_M * atan2(sine, u.x * v.x + u.y * v.y + u.z * v.z);
}

/* The least distance to any place of the piece, looked for in ever smaller steps. */
static double distance_to_piece_m(struct place a, struct place b, struct place p)
{
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        double x = low + (high - low) / 3, y = high - (high - low) / 3;
        struct place at_x = {a.latitude + x * (b.latitude - a.latitude),
                             a.longitude + x * (b.longitude - a.longitude)};
        struct place at_y = {a.latitude + y * (b.latitude - a.latitude),
                             a.longitude + y * (b.longitude - a.longitude)};
        if (model_distance_m(at_x, p) < model_distance_m(at_y, p))
            high = y;
        else
            low = x;
    }
    struct place nearest = {a.latitude + low * (b.latitude - a.latitude),
                            a.longitude + low * (b.longitude - a.longitude)};
    return model_distance_m(nearest, p);
}

double model_distance_to_line_m(const struct place *line, size_t points, struct place p)
{
    double least = model_distance_m(line[0], p);
    for (size_t i = 1; i < points; i++)
        least = fmin(least, distance_to_piece_m(line[i - 1], line[i], p));
    return least;
}

/* Going round the corners, seen from a place inside, makes a whole turn; from outside, none. */
bool model_is_inside(const struct region *r, struct place p)
{
    const double half = 180 * DEGREE;
    double turned = 0;
    for (size_t i = 0; i < r->corners; i++) {
        struct place a = r->corner[i], b = r->corner[(i + 1) % r->corners];
        double turn = atan2(b.latitude - p.latitude, b.longitude - p.longitude) -
                      atan2(a.latitude - p.latitude, a.longitude - p.longitude);
        turned += turn > half ? turn - 2 * half : turn < -half ? turn + 2 * half : turn;
    }
    return fabs(turned) > half;
}

/* Cells of `grid_m` metres a side at the origin's latitude, their edges running through the origin;
 * a cell has its south and west edges. */
struct place model_cell_centre(struct place origin, double grid_m, struct place p)
{
    double metres_north = EARTH_RADIUS_M * DEGREE;
    double metres_east = metres_north * cos(origin.latitude * DEGREE);
    double row = floor((p.latitude - origin.latitude) * metres_north / grid_m);
    double column = floor((p.longitude - origin.longitude) * metres_east / grid_m);
    return (struct place){origin.latitude + (row + 0.5) * grid_m / metres_north,
                          origin.longitude + (column + 0.5) * grid_m / metres_east};
}
