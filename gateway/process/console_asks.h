/*
 * What the console asks at the ledger's desk, and has no answer to yet. Whoever asks there may be
 * an enemy: so many questions at once, so many a second, and of the requests of the control socket
 * only lists, texts to be signed and signed texts, which count by their signature. Each unit has a
 * budget of its own, so that nobody's officers wait for another's; for whom it asks is the
 * console's word, so all have one together. Inside process/ only.
 */
#ifndef FEDGATE_PROCESS_CONSOLE_ASKS_H
#define FEDGATE_PROCESS_CONSOLE_ASKS_H

#include "ipc/channel.h"
#include "process/control.h"

/* Under way at once; lists, and acts prepared or signed: at once, and a second, of all and of one
 * unit. What is asked for all who look counts against the whole alone, of which units leave it so
 * much. */
enum {
    CONSOLE_ASKS_MAX = 16,
    CONSOLE_ASKS_FOR_ALL = 2,
    CONSOLE_LISTS_MOST = 200,
    CONSOLE_LISTS_FOR_ALL = 40,
    CONSOLE_LISTS_A_SECOND = 40,
    CONSOLE_LISTS_OF_UNIT = 60,
    CONSOLE_LISTS_OF_UNIT_A_SECOND = 10,
    CONSOLE_ACTS_MOST = 40,
    CONSOLE_ACTS_A_SECOND = 2,
    CONSOLE_ACTS_OF_UNIT = 10,
    CONSOLE_ACTS_OF_UNIT_A_SECOND = 1
};

struct console_asks;

struct console_asks *console_asks_new(void);
void console_asks_free(struct console_asks *a); /* accepts NULL */

/*
 * Takes one question (IPC_CONSOLE_ASK), which `answer` is called with as control_hear calls it;
 * what is refused here is said on `console` at once. RESULT_MALFORMED and the like: none that a
 * console sends. What `answer` returns other than RESULT_OK and RESULT_AGAIN is returned.
 */
MUST_USE enum result console_asks_take(struct console_asks *a, struct bytes body, int64_t now_us,
                                       struct channel *console, control_answerer *answer,
                                       void *arg);

/* The answer that came later; nothing when nobody waits for it. */
void console_asks_reply(struct console_asks *a, uint64_t ticket, const struct buf *body);

/* Behind the commit: sends what is answered, and tells of what nobody answered in its time. */
void console_asks_turn(struct console_asks *a, int64_t now_us, struct channel *console);

/* Nobody waits any more. */
void console_asks_forget(struct console_asks *a);

#endif
