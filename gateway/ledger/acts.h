/*
 * Acts of officers: a text that is made here, signed by the officer with a key of his or her own,
 * and good once.
 *
 * Why that is sound. Whoever reaches the control socket is nobody in particular: what counts is the
 * signature. The text is made by the ledger and says everything that the act does, with a number
 * that never comes again; the ledger keeps its digest, takes only a text with such a digest, and
 * forgets it with the first act. So no byte of what is signed has to be read back, no text of
 * somebody else's making is ever acted on, and nothing can be sent twice. Names, roles and keys of
 * officers are asked of the policy set in force when the act arrives, not when it was prepared. The
 * edge, which peers' bytes reach, has no part in it.
 *
 * Inside ledger/ only.
 */
#ifndef FEDGATE_LEDGER_ACTS_H
#define FEDGATE_LEDGER_ACTS_H

#include "ipc/control.h"
#include "ledger/cases.h"

/* What the console has prepared has places of its own: it may be in wrong hands, and pushes out
 * nothing that an officer prepared at the control socket. */
enum { ACTS_PREPARED_MAX = 64, ACTS_CONSOLE_MAX = 32, SUSPENSIONS_MAX = 1000 };
#define ACT_OPEN_FOR                                                                               \
    US_PER_HOUR /* to carry the text to where the key is, and the signature back                   \
                 */

/* Who suspends offenders; no officer is named so, for theirs are PARTY/PERSON. One officer lifts
 * that: nobody's decision is overturned. */
#define ACTS_GATEWAY  "gateway"
#define ACTS_OFFENDER "offender "

struct suspension {
    char subject[CONTROL_SUBJECT_MAX + 1]; /* "grant MOU#GRANT", "unit PARTY/UNIT", "party PARTY",
                                              "certificate SHA-256" in hexadecimal; "offender
                                              PARTY/UNIT", by the gateway itself */
    char officer[IDENT_UNIT_MAX + 1];
    char resumer[IDENT_UNIT_MAX + 1]; /* the first of the two who lift it; or empty */
    char reason[4 * CONTROL_REASON_MAX + 1];
    int64_t since_us;
};

/* A text that may be signed. */
struct prepared {
    uint8_t digest[SHA256_BYTES];
    int64_t made_us; /* 0: none */
    uint8_t act;
    char subject[CONTROL_SUBJECT_MAX + 1], officer[IDENT_UNIT_MAX + 1];
    char reason[4 * CONTROL_REASON_MAX + 1];
};

struct reading;

struct acts {
    struct prepared prepared[ACTS_PREPARED_MAX]; /* the oldest gives way */
    struct prepared by_console[ACTS_CONSOLE_MAX];
    struct map *suspensions;   /* struct suspension by subject */
    bool untold;               /* which the console has not heard of as they are now */
    struct map *preservations; /* struct preservation by key (preservation.h) */
    struct map *claims;        /* struct claim by number (claims.h), */
    struct heap claims_due;    /* and what is to be told of which next */
    struct reading *reading;   /* READINGS_MAX (readings.h) */
};

struct acts *acts_new(void);
void acts_free(struct acts *a);

/* ---- act_text.c */

/* A reason that can stand in one line of what is signed. */
bool act_is_reason(struct bytes reason);

/* Appends the text of an act; `x` is NULL where it is about no case. */
void act_text(struct ledger *l, const struct prepared *p, const struct ledger_case *x,
              struct buf *out);

/* The subject of a case, "1234-0"; `out` holds CONTROL_SUBJECT_MAX + 1 characters. */
void act_subject(const struct ledger_case *x, char *out);

/* The case that an act on this subject is about, or NULL. What is approved or refused may be that a
 * recipient keeps something (ROAD_KEEPING), too. */
struct ledger_case *act_case(const struct ledger *l, unsigned kind, struct bytes subject);

/* Takes a word off the front of `t`, or leaves it as it is. */
bool act_take_word(struct bytes *t, const char *word);

/* Takes a decimal number without leading zeros, up to `most`, off the front of `t`. */
bool act_take_number(struct bytes *t, uint64_t most, uint64_t *out);

/* The kind of case that an act decides; 0: none, it is about a suspension or about records. */
unsigned act_case_kind(unsigned act);

/* ---- acts.c */

/* Fills the answer; `text` is where its views stay. RESULT_IO and the like end the process. */
MUST_USE enum result acts_prepare(struct ledger *l, const struct control_request *r,
                                  bool by_console, struct control_answer *a, struct buf *text);
MUST_USE enum result acts_submit(struct ledger *l, const struct control_request *r,
                                 struct control_answer *a);

/* Records an act that was judged, with its text and signature. */
MUST_USE enum result acts_record(struct ledger *l, const struct prepared *p,
                                 const struct control_request *r, enum case_state state,
                                 uint64_t *index);

/* RECORD_ACT: what it does, and that it is kept; RECORD_KEPT_ACT: only that. Its text and signature
 * stand nowhere else, so snapshots write it again, as long as the register is kept. */
MUST_USE enum result acts_apply(struct ledger *l, struct bytes body, struct journal_place place);
MUST_USE enum result acts_keep(struct ledger *l, struct bytes body, struct journal_place place);

/* ---- act_judge.c: whether an officer may do this now */
enum control_code act_judge(struct ledger *l, unsigned act, struct bytes subject,
                            struct bytes officer, struct ledger_officer *who);

/* What a permitted act does to its case: CASE_OPEN means that it counts, and another person has to
 * act as well. */
enum case_state act_effect(const struct ledger *l, unsigned act, struct bytes subject);

/* ---- suspensions.c */
bool suspensions_is(unsigned act);
struct suspension *suspension_get(const struct ledger *l, struct bytes subject);
/* RESULT_DAMAGED when it does not follow from what is suspended. */
MUST_USE enum result suspensions_apply(struct ledger *l, unsigned act, struct bytes subject,
                                       struct bytes officer, struct bytes reason,
                                       enum case_state state, int64_t at_us);
/* IPC_OFFENDER: records that the gateway suspends this unit, and tells the edge. Nothing, when it
 * is suspended already, the set does not know it, or there is no room; the edge counts anew. */
MUST_USE enum result suspensions_take_offender(struct ledger *l, struct bytes body);
/* Whether this unit or its party is barred: what waits for it stays, and is offered to nobody. */
bool suspensions_bar(const struct ledger *l, const char *unit);
/* A suspension in a snapshot, and back. RESULT_DAMAGED. */
void suspension_put(const struct suspension *s, struct buf *out);
MUST_USE enum result suspension_restore(struct ledger *l, struct cursor *in);
/* Tells the edge all that is suspended. */
void suspensions_tell(struct ledger *l);

/* Behind a commit: the console too, when something of it has changed, or it came anew. */
void suspensions_tell_console(struct ledger *l);

#endif
