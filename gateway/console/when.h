/* Times that people enter: in Asia/Seoul unless they say otherwise. */
#ifndef FEDGATE_CONSOLE_WHEN_H
#define FEDGATE_CONSOLE_WHEN_H

#include "base/bytes.h"
#include "base/clock.h"

/* "2026-11-21", "2026-11-21T10:00" (as browsers send it), an RFC 3339 time; an empty text leaves
 * *us as it was. False when it is none of these. */
bool when_read(struct bytes text, int64_t *us);

/* As a field of a form has it, "2026-11-21T10:00"; empty for INT64_MIN and INT64_MAX. */
enum { WHEN_FIELD = 17 };
void when_field(int64_t us, char out[WHEN_FIELD]);

#endif
