/* Looking for places: shared by places.c, which tries circles, and places_grid.c, which tries
 * cells. Inside policy/ only. */
#ifndef FEDGATE_POLICY_PLACES_H
#define FEDGATE_POLICY_PLACES_H

#include "policy/sample.h"

struct search {
    const struct space *s;
    const struct place_wanted *wanted;
    struct incident *out;
    bool for_route; /* a point of the route is looked for, the place is there */
};

/* True when this place will do, to the digits that are told: it stands in `out` then. */
bool places_try(struct search *x, struct point near);

/* A place in each cell of the grids around a camera. */
bool places_try_grid(struct search *x, enum dim dim, struct point camera);

/* Whether these are all that there is to try around the only camera: no cell's centre will do, no
 * place will. */
bool places_grid_is_all(const struct search *x, enum dim dim);

/* Whether a search for one camera tries all that there is, to the metre. */
bool places_are_all_tried(const struct space *s);

#endif
