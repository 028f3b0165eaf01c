/* The one result type: what went wrong, grouped by what the caller should do (errors.def). */
#ifndef FEDGATE_BASE_RESULT_H
#define FEDGATE_BASE_RESULT_H

#include "base/attr.h"

enum result {
#define E(name, group, text) RESULT_##name,
#include "base/errors.def"
#undef E
    RESULT_COUNT
};

enum result_group { RESULT_DONE, RESULT_WAIT, RESULT_REFUSE, RESULT_ASK, RESULT_STOP };

/* A short English text for logs and tools; static. */
const char *result_text(enum result r);

/* The code's word as it stands in errors.def, such as "MALFORMED"; static. */
const char *result_name(enum result r);

enum result_group result_group(enum result r);

/* Return to the caller whatever is not OK. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum result try_result_ = (call);                                                          \
        if (try_result_ != RESULT_OK)                                                              \
            return try_result_;                                                                    \
    } while (0)

#endif
