/* Between the files of the Common Alerting Protocol. */
#ifndef FEDGATE_FORMATS_CAP_H
#define FEDGATE_FORMATS_CAP_H

#include "formats/format.h"

extern const struct converter as_place, as_polygon, as_circle;

#endif
