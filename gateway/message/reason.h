/* Why something was permitted, flagged or refused: one table (reasons.def) for every text, advice
 * and rule about a reason. */
#ifndef FEDGATE_MESSAGE_REASON_H
#define FEDGATE_MESSAGE_REASON_H

#include "base/bytes.h"

/* The numbers are those of the contract's enum Reason. */
enum reason {
    REASON_NONE = 0,
#define X(name, word, number, urgent, retry, en, ko, advice_en, advice_ko) REASON_##name = (number),
#include "message/reasons.def"
#undef X
};

enum reason_urgent { REASON_URGENT_REFUSE, REASON_URGENT_FLAG, REASON_URGENT_BREAK };
enum reason_retry { REASON_RETRY_NEVER, REASON_RETRY_SAME_ID, REASON_RETRY_LATER };

struct reason_row {
    enum reason reason;
    const char *name; /* as in the contract, without REASON_: "NO_GRANT" */
    const char *word; /* as in the audit log: "no-grant" */
    enum reason_urgent urgent;
    enum reason_retry retry;
    const char *text[2], *advice[2]; /* English, Korean */
};

/* The row of a reason; NULL for a number that is none. */
const struct reason_row *reason_row(enum reason r);

/* The reason's word ("no-grant"), or "unknown". */
const char *reason_word(enum reason r);

/* The reason with this word; REASON_NONE when there is none. */
enum reason reason_of_word(struct bytes word);

/* Row by row, for documents and tests: NULL past the last. */
const struct reason_row *reason_at(size_t i);

#endif
