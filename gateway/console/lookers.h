/* Who looked at a record, by the index of the log: entries "viewed" that are about it. Inside
 * console/ only. */
#ifndef FEDGATE_CONSOLE_LOOKERS_H
#define FEDGATE_CONSOLE_LOOKERS_H

#include "console/web.h"

/* A section with the newest of them, for who reads the records of all; nothing for others, whose
 * parties' views are not theirs to see. The reason of a view is shown once its fact was opened and
 * brought. */
void lookers_put(struct web_call *w, uint64_t index);

#endif
