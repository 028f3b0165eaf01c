/*
 * The register's facts, read: an officer signs which leaves, why, and the public key of whoever is
 * to read; that act is a leaf of the log. From then on, within the hour, the facts of those leaves
 * are opened by the keeper for that key. Neither the ledger nor whoever else listens can read them.
 *
 * An officer's own party's leaves only: those that it sent or got. Officers of an auditor, or of
 * whoever runs the gateway, read all.
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_READINGS_H
#define FEDGATE_LEDGER_READINGS_H

#include "ipc/control.h"
#include "ledger/acts.h"
#include "ledger/register.h"

enum { READINGS_MAX = 8 };

/* One that was signed. The oldest gives way. */
struct reading {
    uint64_t index;    /* of the act's leaf; made_us 0: none */
    uint64_t from, to; /* leaves, the last not among them */
    uint8_t reader[ROAD_READER];
    char party[IDENT_WORD_MAX + 1];
    bool reads_all;
    int64_t made_us;
};

/* Acts that change nothing of what is decided: reading, stating what was published, letting old
 * entries go, saying whether the clock is right. */
bool act_only_records(unsigned act);

/* Whether the officer may do such an act on this subject: "leaves FROM-TO key BASE64" to read, "mou
 * NAME leaves FROM-TO" for what was published. */
enum control_code readings_judge(const struct ledger *l, unsigned act, struct bytes subject,
                                 const struct ledger_officer *who);

/* The act stands at this leaf: its facts may be asked for. */
void readings_begin(struct ledger *l, const struct prepared *p, const struct ledger_officer *who,
                    uint64_t index);

/* Answers CONTROL_READ: the next facts of a reading, as a box for its reader (control_box), behind
 * the answer's head. */
MUST_USE enum result readings_read(struct ledger *l, const struct control_request *r,
                                   struct control_answer *a, struct buf *items);

#endif
