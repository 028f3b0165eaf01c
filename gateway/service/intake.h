/* One message on its way in. Inside service/ only. */
#ifndef FEDGATE_SERVICE_INTAKE_H
#define FEDGATE_SERVICE_INTAKE_H

#include "service/state.h"

/* A change of an incident that goes with a message. */
struct planned_change {
    struct view_incident *incident;
    struct incident_change is; /* its views point into `text` once it is sealed */
    struct buf text;
};

struct publication {
    struct publisher *publisher;     /* NULL: it was closed meanwhile */
    char sender[IDENT_UNIT_MAX + 1]; /* the unit whose session it came in */
    bool held;                       /* being worked on: publisher_close does not free it */
    struct edge *edge;
    struct shared *owner;
    struct bytes bytes;     /* the encoded Message; none: an earlier one's receipt is asked for */
    struct lanes_item turn; /* waits for it, then is at the ledger, then is done */
    enum { TURN_RESTS, TURN_WAITS, TURN_HAS, TURN_OVER } turn_is; /* rests: refusals.c */
    struct waiting waiting;
    struct ticket ticket;
    unsigned tries;
    bool is_jump; /* its position is where its subject cannot have come to */
    struct drawn drawn;
    struct limits_taken taken; /* when it was decided last */
    bool order_is_asked;       /* the order that it is a receipt of; the ledger's answer: */
    struct buf order;
    struct view_incident *ahead; /* that it may open: others wait for it while it asks the log */
    unsigned status;             /* STATUS_* of the message; 0: not known */
    enum reason forced; /* decided already, whatever policy says (ID_REUSED, KEYS_EXCEEDED) */
    struct planned_change *change; /* room for ROAD_CHANGES_MAX; NULL: none was planned ever. A
                                      flood of small messages is not to cost a route each. */
    size_t changes;
    bool changes_standing;
    struct standing_change standing; /* its views point into `standing_text` once it is sealed */
    struct buf standing_text;
    uint64_t scope[ROAD_SCOPES_MAX]; /* that its commit carries */
    size_t scopes;
    uint8_t salt[SEAL_SALT], digest[SHA256_BYTES];
    uint64_t salt_scope; /* that the salt rests on; 0: none */
    char id[UUID_TEXT + 1];
    struct buf receipt; /* encoded but for its record */
    bool done;
    TAILQ_ENTRY(publication) next;
};

struct publisher {
    struct session *session;
    const struct publisher_events *events;
    void *arg;
    TAILQ_HEAD(publications, publication) waiting; /* in the order of the call */
    size_t count, bytes;                           /* of those */
    bool asked_to_wait;
    TAILQ_ENTRY(publisher) next;
};

/* ---- refusals.c: what a unit may send that is refused, or was answered before, and may ask */

/* Counts a message of this unit that was refused; or sent, or asked for, again. */
void refusals_count(struct edge *e, const char *unit);
void refusals_count_repeat(struct edge *e, const char *unit);

/* How many ways of messages this unit's questions may look at (LIMIT_WAYS), and that one did. */
uint32_t refusals_left_ways(struct edge *e, const char *unit);
void refusals_count_ways(struct edge *e, const char *unit, size_t ways);

/* True when the unit has used up what it may: its message rests, and refusals_tick lets it go. */
bool refusals_rest(struct publication *m);

/* It does not rest any more. */
void refusals_leave(struct publication *m);

/* ---- publisher.c */

/* It waits for its turn from now on. */
void publication_wait(struct publication *m);

/* Its receipt is complete: it goes out when those before it have gone. */
void publication_finish(struct publication *m);

/* The ledger or keeper is not there: the call ends, with its publisher, and its messages are the
 * sender's again. */
void publication_give_up(struct publication *m, const char *why);
void publication_free(struct publication *m);

/* ---- answer.c: callbacks of its ticket */
void answer_committed(struct ticket *t, const struct road_committed *c);
void answer_lost(struct ticket *t);

/* ---- intake.c */

/* Decides the message and sends its commit to the ledger, or lets it wait for an incident; may end
 * the call. */
void intake_run(struct publication *m);
void intake_again(struct waiting *w); /* for one that waited */

/* Grants whose limits a receipt tells; a message for more recipients under more grants tells of the
 * first. */
enum { INTAKE_LIMITED = 16 };

/* What is being decided: everything that a commit needs. One is used again and again. */
struct intake {
    struct edge *e;
    struct publication *p;
    struct message m;
    struct findings found;
    struct policy_question q;
    const struct incident *incident[FACTS_INCIDENT_MAX];
    int64_t now_us;
    bool has_position; /* of a subject, whose tag is: */
    uint8_t subject_tag[TAG_BYTES];
    bool ends_purpose;                        /* the message itself is what the clock waits for */
    char incident_id[IDENT_INCIDENT_MAX + 1]; /* of an alert that opens one */
    uint8_t place[INCIDENT_PLACE_MAX];
    uint8_t consent[ROAD_CONSENT];
    uint8_t succession[TAG_BYTES]; /* whose position it is */
    size_t limited;                /* grants whose limits the message was held to, each once: */
    /* Of each recipient: neither zeroed before a message nor wiped behind it, for names, clauses
     * and times are all that stands there. */
    uint32_t to[ROAD_RECIPIENTS_MAX]; /* POLICY_NONE: a unit that is not known */
    struct decision decision[ROAD_RECIPIENTS_MAX];
    struct obligations obligations[ROAD_RECIPIENTS_MAX];
    struct {
        uint32_t grant;
        const char *clause;
    } limit[INTAKE_LIMITED];
    struct road_commit commit;
    /* Cleared behind each message. */
    struct buf sealed[ROAD_BODIES_MAX];
    struct buf flags;
    struct buf fact;   /* what the register keeps of it, sealed */
    struct buf settle; /* what it says of an order of destruction */
};

/* ---- decide.c: whom it goes to, and what each may have */
void intake_decide(struct intake *i);

/* ---- cases.c: what waits for persons */

/* Opens the cases of a permitted recipient, whose decision and obligations stand in `i`. */
void intake_open_cases(struct intake *i, size_t k);

/* False when what was set apart cannot wait for a person: it changes an incident, or is for the
 * gateway itself. */
bool intake_can_wait(struct intake *i);

/* Refuses the message as a whole: one verdict, for nobody in particular. */
void intake_refuse(struct intake *i, enum reason reason, const char *failed);

/* What failed, with the law's words; in the arena. */
struct bytes intake_failed_text(struct intake *i, const struct decision *d);

/* change.c, before the decision: whether an alert names the incident that it is about; false:
 * refused. */
bool intake_change_begins(struct intake *i);

/* change.c: what the message does to incidents; false (refused) when it cannot. */
bool intake_change(struct intake *i);

/* Plans one change, unless it holds already; false (refused) when it cannot be made. */
bool intake_plan(struct intake *i, const struct incident_change *c);

/* Whether the message has to wait for a change that is under way, of an incident that it names. */
bool intake_waits(struct intake *i);

/* standing.c: what the message does to headquarters and consents, as intake_change; the change
 * moves to the publication's own text; it is on disk, or not. */
bool intake_standing(struct intake *i);

MUST_USE enum result standing_keep(struct publication *m);
void standing_end_change(struct publication *m, bool made);

/* duties.c, after the decision: what somebody has to attend to in time, with whoever gets it else,
 * and what the message itself attends to. Refused as a whole when there are too many. */
void intake_duties(struct intake *i);

/* supersede.c, after the decision and the duties: for whom a position stands for older ones. */
void intake_supersede(struct intake *i);

/* ---- onward.c: messages that draw on a delivery */

/* Whether the message has to wait for the ledger, which is asked; onward_told goes on with it. */
bool onward_waits(struct intake *i);
void onward_told(struct ticket *t, const struct road_provision *p);

/* Before the decision: false (refused) when it draws on what was not delivered to its sender, or is
 * to be destroyed by now. */
bool onward_may_draw(struct intake *i);

/* ---- settle.c: receipts of destruction */

/* Whether the message has to wait for the ledger, which is asked about the order that it names;
 * settle_told goes on with it. */
bool settle_waits(struct intake *i);
void settle_told(struct ticket *t, const struct road_order_state *s);

/* In the place of a decision by the set's clauses: the order permits it, or it is refused. */
void settle_decide(struct intake *i);

/* seal.c: scopes, bodies, commitment. RESULT_UNAVAILABLE without a keeper. */
MUST_USE enum result intake_seal(struct intake *i);

#endif
