/*
 * Cases: what waits for persons. A message that is held is a delivery in no queue yet; a use that
 * went past a condition is on the list until officers have reviewed it. A case opens with the
 * record of its message or event, and every later step of it is a record too. Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_CASES_H
#define FEDGATE_LEDGER_CASES_H

#include "ledger/state.h"

/* A case's name: the leaf that it is about, which of the recipients there, and the case's kind. */
enum { CASE_KEY = 8 + 1 + 1 };

enum case_state {
    CASE_OPEN,
    CASE_WENT_AHEAD, /* one person at night was enough; the second is still owed */
    CASE_GRANTED,    /* approved, released, reviewed */
    CASE_REFUSED,
    CASE_EXPIRED /* its time passed, or the message's */
};

struct ledger_case {
    uint8_t key[CASE_KEY];
    uint64_t index;
    uint8_t recipient;
    char *text; /* what the views below point into */
    struct road_envelope envelope;
    struct bytes unit, clause, failed; /* failed: what it is held for, or went past */
    struct road_case is;
    int64_t received_us;
    int64_t due_us;        /* 0: none; moves when it went ahead at night */
    struct delivery *held; /* waits for this case and perhaps another; NULL: went on, or is over */
    char voter[ROAD_CASE_PERSONS_MAX][IDENT_UNIT_MAX + 1]; /* party/person */
    size_t voters;
    enum case_state state;
    bool is_overdue;        /* that was told */
    struct heap_entry due;  /* while persons are asked: when they are late */
    struct heap_entry over; /* then: when it is forgotten */
};

void case_key(uint64_t index, unsigned recipient, unsigned kind, uint8_t out[CASE_KEY]);
struct ledger_case *case_get(const struct ledger *l, const uint8_t key[CASE_KEY]);

/* Whether persons are still asked. */
bool case_is_open(const struct ledger_case *x);

/* ---- what records do (cases.c) */

/* Opens the cases of a message's recipient. `held` is its delivery, in no queue; NULL: none. */
void cases_open(struct ledger *l, uint64_t index, const struct road_commit *c, size_t recipient,
                struct delivery *held);

/* RECORD_CASE: a review that an event or a second decision opened. */
MUST_USE enum result cases_apply_opened(struct ledger *l, struct bytes body);

/* RECORD_CASE_LATE */
MUST_USE enum result cases_apply_late(struct ledger *l, struct bytes body);

/* The delivery ends before persons let it go: so do its cases. */
void cases_delivery_over(struct ledger *l, const struct delivery *d);

/* One more person; then the state, and what it means for the message. `state` CASE_OPEN: the case
 * waits on. RESULT_DAMAGED when that does not follow from where the case stands. */
MUST_USE enum result case_vote(struct ledger *l, struct ledger_case *x, struct bytes officer,
                               enum case_state state, int64_t at_us);

/* Whether that state decides about the message: it is held, and for nothing else. */
bool case_decides(const struct ledger *l, const struct ledger_case *x, enum case_state state);

/* A case in a snapshot, but for what it holds; and back. RESULT_DAMAGED and the like. */
void case_put(const struct ledger_case *x, struct buf *out);
MUST_USE enum result case_restore(struct ledger *l, struct cursor *in);

/* What is over since before the window of ids is forgotten. */
void cases_forget(struct ledger *l);
void cases_free(struct ledger *l);

/* ---- what the ledger decides about them (cases_due.c) */

/* Opens the review that the event asks for, if it does. */
MUST_USE enum result cases_open_review(struct ledger *l, uint64_t index, unsigned recipient,
                                       const struct road_event *e);

/* What is due by `now_us` expires, or is told to be overdue. Before the commit. */
MUST_USE enum result cases_begin(struct ledger *l, int64_t now_us);

/* The entry of the log about what became of a case, and the sender is told of a held message. */
MUST_USE enum result case_leaf(struct ledger *l, const struct ledger_case *x,
                               enum audit_event event, const char *reason, int64_t now_us);
MUST_USE enum result case_tell_sender(struct ledger *l, const struct ledger_case *x,
                                      const char *reason, enum outcome_step step, int64_t now_us);

/* A receipt's recipients as they now stand: what was decided on held ones is put in. Whether there
 * are any. */
bool cases_amend(const struct ledger *l, uint64_t index, struct road_recipient *r, size_t count);

/* Whether persons approved what this recipient is offered, or an emergency spared them. What stands
 * in a queue and was held was let go by persons; one in reserve, with the others. */
bool cases_approved(const struct road_commit *c, const struct road_recipient *r);

/* The word of the reason for which a held message does not go on. */
const char *case_refusal(const struct ledger_case *x, enum case_state state);

#endif
