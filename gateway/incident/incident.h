/*
 * Incidents: what a purpose is bound to. The unit that opened one owns it, until another takes it
 * over; a joint response has participants, each closing its own part; when the last part is closed,
 * the incident has ended and its clocks run. Pure states and transitions: the ledger applies them
 * when it commits, and the edge to its view of the same incidents.
 */
#ifndef FEDGATE_INCIDENT_INCIDENT_H
#define FEDGATE_INCIDENT_INCIDENT_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/geo.h"
#include "base/ident.h"
#include "base/status.h"

enum {
    INCIDENT_PARTICIPANTS_MAX = 16,
    INCIDENT_ASSIGNED_MAX = 32,
    INCIDENT_PLACE_MAX = 640, /* sealed: the centre and ROUTE_MAX points */
    INCIDENT_ROUTE_MAX = 64,
    INCIDENT_LINKS_MAX = 8,
    INCIDENT_EMERGENCIES_MAX = 4,          /* memoranda under which one runs at once */
    INCIDENT_REOPEN_US = 10 * 60 * 1000000 /* an ended incident may be reopened for ten minutes */
};

struct incident_unit {
    char name[IDENT_UNIT_MAX + 1];
    bool open; /* a participant's part; always true of an assignment */
};

/* Another incident that is the same event, or is worked on together. The numbers are the contract's
 * (LinkKind). */
enum incident_link_kind { INCIDENT_DUPLICATE = 1, INCIDENT_JOINT = 2 };

struct incident_link {
    char other[IDENT_INCIDENT_MAX + 1];
    uint8_t kind; /* incident_link_kind */
};

/* A person went past conditions of this memorandum's grants; it covers the incident until then. */
struct incident_emergency {
    char mou[IDENT_WORD_MAX + 1]; /* empty: none; the empty ones stand last */
    int64_t until_us;
};

/*
 * Zeroed but for its id, it is an incident that does not exist. Where it is stands here twice:
 * `place` is the sealed form, which records and other roles see; `centre` and `route` (the points
 * of its area, in order) are known to the edge only, which sealed them, and are never encoded.
 */
struct incident {
    char id[IDENT_INCIDENT_MAX + 1];
    char type[IDENT_WORD_MAX + 1];
    char owner[IDENT_UNIT_MAX + 1];
    char offered[IDENT_UNIT_MAX + 1]; /* whom its owner offers it to; empty: nobody */
    bool exists, has_centre;
    uint8_t status; /* STATUS_*: of the messages that may name it; 0: it does not exist */
    struct point centre;
    struct point route[INCIDENT_ROUTE_MAX];
    size_t route_points;
    uint8_t place[INCIDENT_PLACE_MAX];
    size_t place_bytes;
    int64_t opened_us, ended_us,
        found_us;        /* ended_us 0: open; found_us 0: not found (people at risk) */
    uint64_t generation; /* grows with every change */
    struct incident_unit participant[INCIDENT_PARTICIPANTS_MAX]; /* the owner first */
    size_t participants;
    struct incident_unit assigned[INCIDENT_ASSIGNED_MAX];
    size_t assignments;
    struct incident_link link[INCIDENT_LINKS_MAX];
    size_t links;
    struct incident_emergency emergency[INCIDENT_EMERGENCIES_MAX];
};

/* The transitions. */
enum incident_step {
    INCIDENT_OPEN = 1, /* by the owner: type, centre, participants; again: adds participants, and
                          type and centre when given */
    INCIDENT_REOPEN,   /* by the owner, within INCIDENT_REOPEN_US of its end; before it, the owner's
                          part alone */
    INCIDENT_CLOSE,    /* by a participant: its part */
    INCIDENT_ASSIGN,   /* by a participant: `unit` works on it */
    INCIDENT_RELEASE,  /* by a participant: `unit` does not any more */
    INCIDENT_FOUND,    /* by the incident's alert: the person was found */
    INCIDENT_EMERGENCY, /* by any unit, while it is open: `mou`'s conditions may be passed over
                          until `until_us`; the later end counts */
    INCIDENT_OFFER,     /* by the owner: `unit` may take it over; another offer takes its place */
    INCIDENT_ACCEPT,    /* by the unit that it is offered to, which owns it then; who owned it stays
                           a participant */
    INCIDENT_DECLINE,   /* by the unit that it is offered to */
    INCIDENT_LINK,      /* by the owner: to `other`; JOINT: `unit`, the other's owner, takes part */
    INCIDENT_LINKED     /* the same link, as it stands with the other incident, where it gives
                           nobody a part: that is its own owner's to do */
};

struct incident_change {
    enum incident_step step;
    struct bytes id;   /* party/unit:uuid */
    struct bytes by;   /* party/unit */
    struct bytes type; /* OPEN; may be empty at an update */
    uint8_t status;    /* OPEN: STATUS_* of the message that asks for it; 0: STATUS_ACTUAL */
    bool has_centre;
    struct point centre; /* not encoded, nor is the route */
    struct point route[INCIDENT_ROUTE_MAX];
    size_t route_points;
    struct bytes place; /* sealed; empty: none given */
    struct bytes participant[INCIDENT_PARTICIPANTS_MAX];
    size_t participants;
    struct bytes unit;  /* ASSIGN, RELEASE, OFFER, LINK */
    struct bytes other; /* LINK, LINKED: an incident */
    uint8_t link;       /* LINK, LINKED: incident_link_kind */
    struct bytes mou;   /* EMERGENCY */
    int64_t until_us;   /* EMERGENCY */
    int64_t at_us;
};

/* Why a change is not possible. */
enum incident_verdict {
    INCIDENT_APPLIED,
    INCIDENT_UNCHANGED, /* it holds already; nothing to do */
    INCIDENT_NOT_THERE,
    INCIDENT_IS_CLOSED, /* it ended, or the sender's part did */
    INCIDENT_NOT_OWNER,
    INCIDENT_NOT_PARTICIPANT,
    INCIDENT_NOT_OFFERED,  /* not to the sender */
    INCIDENT_NO_TYPE,      /* it cannot be opened without one */
    INCIDENT_OTHER_STATUS, /* it was opened by a message of another status */
    INCIDENT_TOO_MANY      /* participants, assignments, links or emergencies */
};

/* Whether the change is possible, without making it. */
enum incident_verdict incident_judge(const struct incident *i, const struct incident_change *c);

/* Judges, and applies it when the verdict is INCIDENT_APPLIED. */
enum incident_verdict incident_apply(struct incident *i, const struct incident_change *c);

bool incident_is_open(const struct incident *i);

/* What a change that opens an incident makes it: never 0. */
uint8_t incident_status_of(const struct incident_change *c);

/* Whether a message of this status may name it. */
bool incident_is_for(const struct incident *i, unsigned status);

/* Whether the unit takes part and its part is open. */
bool incident_has_open_part(const struct incident *i, struct bytes unit);
bool incident_is_participant(const struct incident *i, struct bytes unit);
bool incident_is_assigned(const struct incident *i, struct bytes unit);

/* Whether an emergency of this memorandum covers the incident now. */
bool incident_has_emergency(const struct incident *i, struct bytes mou, int64_t now_us);

/* Who owns it; of one that does not exist, who may open it. */
struct bytes incident_owner(const struct incident *i);

/* The change, and the whole incident, as they stand in records and between roles. Of a change the
 * status stands last, and only where it is not a real one: a change is the whole of its text. What
 * is taken is well-formed: names, bounds, times behind 1970; an incident also has its owner first,
 * no name twice, and has ended just when no part is open. */
void incident_change_put(const struct incident_change *c, struct buf *out);
MUST_USE enum result incident_change_take(struct cursor *in,
                                          struct incident_change *out); /* views into the input */
void incident_put(const struct incident *i, struct buf *out);
MUST_USE enum result incident_take(struct cursor *in, struct incident *out);

#endif
