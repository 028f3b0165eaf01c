/*
 * What a decision looks at: the envelope and the facts of a message or of a stream's opening, in
 * one flat structure. All views point into the message. Words are as the sender wrote them; policy/
 * resolves them.
 */
#ifndef FEDGATE_MESSAGE_FACTS_H
#define FEDGATE_MESSAGE_FACTS_H

#include "base/bytes.h"
#include "base/geo.h"
#include "base/status.h"

/* Every kind, and VIDEO for the opening of a stream (VideoStart, WatchRequest), which is no
 * Message. */
enum kind_id {
#define K(NAME, name, lane, sender, state) KIND_##NAME,
#include "message/kinds.def"
#undef K
    KIND_VIDEO,
    KIND_COUNT
};

enum lane { LANE_URGENT, LANE_NORMAL, LANE_BULK };

/* Where the camera of a stream is: where the inventory lists it; or, as it moves, where it says, or
 * nowhere that is known. */
enum camera_place { CAMERA_LISTED, CAMERA_PLACED, CAMERA_UNPLACED };

/* The numbers of these are the contract's (PositionOrigin, SubjectCategory, AgeBand, ConsentGiver,
 * LocationGround). */
enum { GROUND_CALLER = 1, GROUND_WITNESS, GROUND_RESCUE, GROUND_MISSING, GROUND_RELATIVE };

enum {
    FACTS_EVIDENCE_MAX = 8,
    FACTS_INCIDENT_MAX = 4,
    FACTS_CAMERA_MAX = 64,
    FACTS_ROUTE_MAX = 64, /* points of an area that are kept */
    FACTS_LIST_MAX = 8,   /* items, recipients, purposes of a consent; categories of a subject */
    FACTS_TO_MAX = 16
};

struct facts_evidence {
    struct bytes kind, value;
};

struct facts_consent {
    bool present;
    struct bytes ref;
    unsigned given_by; /* ConsentGiver */
    struct bytes item[FACTS_LIST_MAX], recipient[FACTS_LIST_MAX], purpose[FACTS_LIST_MAX];
    size_t items, recipients, purposes;
    int64_t until_us; /* 0: not given */
};

struct facts {
    enum kind_id kind;
    /* envelope */
    struct bytes id;     /* UUID text */
    struct bytes source; /* party/unit, as the header says */
    struct bytes service, purpose, basis;
    struct facts_evidence evidence[FACTS_EVIDENCE_MAX];
    size_t evidences;
    struct bytes incident[FACTS_INCIDENT_MAX]; /* ids named by the header */
    size_t incidents;
    struct bytes to[FACTS_TO_MAX]; /* none: whoever policy permits */
    size_t tos;
    int64_t created_us, destroy_by_us; /* destroy_by_us 0: not given */
    unsigned status;    /* STATUS_*; 0: not given, counts as ACTUAL nowhere: refused by policy */
    unsigned test_wish; /* enum reason: why a test wants to be refused; 0: it does not */
    bool retransmission_allowed;
    bool has_actor, has_emergency;
    struct bytes actor_role;       /* as the agency names it, else empty */
    struct bytes actor_ref;        /* whom the agency means by it; for the register alone */
    struct bytes emergency_reason; /* its code */
    bool emergency_text;           /* and it says why in words */
    bool has_derived, has_reply;
    uint64_t derived_index, reply_index; /* LogRef.index */
    struct bytes derived_origin, reply_origin;
    /* body */
    struct bytes
        incident_type; /* the type that this message states (reports, dispatches), else empty */
    struct bytes camera[FACTS_CAMERA_MAX];
    size_t cameras;
    enum camera_place camera_place;
    struct point camera_at; /* CAMERA_PLACED */
    bool has_place;         /* the first position of the body, or the centre of its area */
    struct point place;
    struct point route[FACTS_ROUTE_MAX]; /* the points of the body's area, in order */
    size_t route_points;
    double accuracy_m; /* of a person's position; 0: not given */
    int64_t fixed_us;  /* when it was taken, else when the message was created; 0: it has none */
    uint32_t origins;  /* bit 1 << PositionOrigin of every Position carried; a person's without
                          origin counts as LIA_29, a place's (an area's point, a camera gap) sets
                          bit 0 */
    bool is_position;  /* where a person is and no more: a newer one says all that this one does */
    unsigned trigger;  /* AlertTrigger of an alert, else 0 */
    bool has_subject;
    struct bytes subject_party, subject_ref;
    uint32_t categories; /* bit 1 << SubjectCategory */
    unsigned age_band;   /* AgeBand, 0: not given */
    struct facts_consent consent;
    unsigned ground;                       /* LocationGround of a request for a location, else 0 */
    bool wish_confirmed, witness_consents; /* of whom it is about */
    bool recorded;                         /* a recording is sent or asked for; else it is live */
    int64_t recorded_us;                   /* when imagery was taken, 0: not given */
    size_t media_bytes;                    /* photos, signed originals */
    uint64_t provision_index;              /* LogRef of the provision whose notice is deferred */
    struct bytes provision_origin;
    struct bytes reason_code; /* of a deferral, else empty */
    struct bytes region;      /* that a status is about, else empty */
};

#endif
