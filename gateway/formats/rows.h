/* What the rows of a NAME.def become. */
#ifndef FEDGATE_FORMATS_ROWS_H
#define FEDGATE_FORMATS_ROWS_H

#include "formats/format.h"

#define MUST                                      true
#define MAY                                       false
#define ROW(place, most, must, converter, fields) {place, NULL, most, must, converter, fields},
#define IN(space, place, most, must, converter, fields)                                            \
    {place, space, most, must, converter, fields},

#endif
