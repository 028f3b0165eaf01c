/* Places on the ground, in WGS84 degrees, and distances in metres. */
#ifndef FEDGATE_BASE_GEO_H
#define FEDGATE_BASE_GEO_H

#include <stdbool.h>

struct point {
    double latitude, longitude;
};

struct box {
    struct point south_west, north_east;
};

/* Whether both degrees are finite, and a latitude within 90 and a longitude within 180. */
bool geo_valid(struct point p);

/* Great-circle distance in metres on a sphere of the Earth's mean radius (0.5 % off at worst). */
double geo_distance_m(struct point a, struct point b);

/* Whether that distance is at most `metres`; quicker. */
bool geo_within(struct point a, struct point b, double metres);

bool geo_in_box(struct point p, struct box b);

/* The box around `p` that holds every place within `radius_m`; for looking before measuring. For
 * radii up to 500 km, within 60 degrees of the equator and away from the 180th meridian. */
struct box geo_box_around(struct point p, double radius_m);

/* The centre of the grid cell that `p` lies in: cells of `grid_m` (> 0) metres a side at the
 * latitude of `origin`, their edges running through `origin`; a cell has its south and west edges.
 * The same cell gives the same centre to the last bit. */
struct point geo_cell_centre(struct point origin, double grid_m, struct point p);

/* The distance from `p` to the line through the points in their order, in metres; of one point, to
 * that point. `count` is at least 1. For lines within a few hundred kilometres of `p`. */
double geo_distance_to_line_m(const struct point *line, unsigned count, struct point p);

/* Whether `p` lies in the polygon with these corners, of a region away from the 180th meridian. Of
 * a boundary that two polygons share, each place lies in one of them. */
bool geo_in_polygon(struct point p, const struct point *corner, unsigned count);

#endif
