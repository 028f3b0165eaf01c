/* Between the files of the Common Alerting Protocol. */
#ifndef FEDGATE_FORMATS_CAP_H
#define FEDGATE_FORMATS_CAP_H

#include "formats/format.h"

extern const struct converter as_place, as_polygon, as_circle;

/* Reads the signed original of a public notice, which has one. RESULT_OK; RESULT_MISMATCH: it is
 * not signed, or says something else than the other fields; else as format_read. */
MUST_USE enum result cap_original_read(struct arena *a, const Fedgate__V1__Message *m,
                                       Fedgate__V1__Message **original);

/* Whether the header says what the original says: an id and a source that the original cannot
 * name are the contract's own, and who acted and what it answers is listed as lost. */
bool cap_is_same_header(const Fedgate__V1__Header *ours, const Fedgate__V1__Header *original);

#endif
