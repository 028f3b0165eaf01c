/* What a message is sent for: in earnest, in an exercise, or as a test. The numbers are the
 * contract's (Status); the words stand in records, logs and policy sets. */
#ifndef FEDGATE_BASE_STATUS_H
#define FEDGATE_BASE_STATUS_H

#include "base/bytes.h"

enum { STATUS_ACTUAL = 1, STATUS_EXERCISE = 2, STATUS_TEST = 3 };

/* "actual", "exercise", "test"; "" for another number. */
const char *status_word(unsigned status);

/* The number of a word; STATUS_ACTUAL for one that is none: what the gateway says of itself has no
 * status of its own. */
unsigned status_of_word(struct bytes word);

#endif
