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
