/* The rows of a compiled snapshot (sections.def). Pointer-free; inside policy/ only. */
#ifndef FEDGATE_POLICY_ROWS_H
#define FEDGATE_POLICY_ROWS_H

#include "base/geo.h"
#include "identity/identity.h"
#include "message/facts.h"
#include "message/transform.h"
#include "policy/policy.h"

/* The classes of words in vocabulary.yaml; within a class words are sorted, and a word's number is
 * its place there. */
enum word_class {
    WORD_SERVICE,
    WORD_PURPOSE,
    WORD_INCIDENT_TYPE,
    WORD_CAMERA_PURPOSE,
    WORD_REGION,
    WORD_EVIDENCE,
    WORD_CLASSES
};

enum {
    MASK_WORDS =
        64, /* purposes, incident types, camera purposes and bases are kept as 64-bit masks */
    NO_WORD = UINT16_MAX,
    ROW_NONE = UINT32_MAX
};

struct row_word {
    uint32_t name, en, ko;
};

/* Who may rely on a legal basis to give data: anyone; public institutions; nobody, for it serves
 * the recipient's keeping; nobody at all. */
enum rely { RELY_ANYONE, RELY_PUBLIC, RELY_RECIPIENT, RELY_NOBODY };

struct row_basis {
    uint32_t code, title_en, title_ko, text_en, text_ko;
    uint32_t evidence_text; /* "evidence: emergency-call, incident-id", for refusals */
    uint64_t evidence;      /* bits of WORD_EVIDENCE, of which one must be there; 0: none needed */
    uint8_t rely, publish, status, padding[5];
};

/* Roles of a party: party_roles.def. */
enum party_role {
#define ROLE(NAME, word) ROLE_##NAME,
#include "policy/party_roles.def"
#undef ROLE
    ROLE_COUNT
};

struct row_party {
    uint32_t name, title_en, title_ko;
    uint32_t roles; /* bit 1 << party_role */
    uint8_t public_institution, synthetic, padding[2];
};

struct row_unit {
    uint32_t name; /* party/unit */
    uint32_t title_en, title_ko;
    uint32_t party;
};

/* A root certificate or revocation list in DER. */
struct row_certificate {
    uint32_t party, offset, bytes;
    uint32_t is_crl;
};

enum camera_kind { CAMERA_FIXED, CAMERA_DRONE, CAMERA_VEHICLE, CAMERA_KINDS };

struct row_camera {
    double latitude, longitude;
    uint64_t purposes; /* bits of WORD_CAMERA_PURPOSE */
    uint32_t id;
    uint32_t owner; /* party */
    uint8_t kind, audio, padding[6];
};

/* A declared exercise: EXERCISE messages pass between its units, from and until. */
struct row_window {
    int64_t from_us, until_us;
    uint32_t name;
    uint32_t unit_first, units; /* in numbers */
    uint32_t padding;
};

struct row_mou {
    int64_t from_us, until_us;
    uint32_t name, title_en, title_ko, file;
    uint32_t duty_first, duties; /* in numbers: texts delivered with every message */
    uint32_t processor;          /* party */
    uint32_t line;
};

/* What is compared before any condition, in this order. */
enum dimension {
    DIMENSION_KIND,
    DIMENSION_FROM,
    DIMENSION_TO,
    DIMENSION_SERVICE,
    DIMENSION_PURPOSE,
    DIMENSION_BASIS,
    DIMENSIONS
};

/* What every decision reads stands first, within a cache line. */
struct row_grant {
    uint64_t bases; /* mask of rows of bases */
    uint64_t joins; /* mask of WORD_PURPOSE: purposes of senders whose stream this grant's purpose
                       may join */
    uint16_t service, purpose;
    uint8_t kind, starts_at, audio_allowed, keeps_positions;
    uint32_t mou;
    uint32_t condition_first, conditions;
    uint32_t clause;                /* "molit-npa-2015#onsite-live-video" */
    uint32_t dimension[DIMENSIONS]; /* texts such as "to: npa-daejeon/112-control", for refusals */
    uint32_t name;                  /* "onsite-live-video" */
    uint32_t line;
    uint32_t from;          /* unit */
    uint32_t to_first, tos; /* in numbers: units */
    uint32_t transform_first, transforms;
    uint32_t narrower_than;                        /* grant, or ROW_NONE */
    uint32_t streams_per_incident, messages_per_s; /* 0: no limit */
    int64_t delay_us;                              /* after what starts_at names */
    int64_t ceiling_us;       /* after recording, or arrival when that is not known */
    int64_t notify_within_us; /* -1: no notice */
    uint64_t bits_per_s;      /* 0: no limit */
};

/* What a condition asks: conditions.def. */
enum condition_op {
#define CONDITION(NAME, reason, ground, text) CONDITION_##NAME,
#include "policy/conditions.def"
#undef CONDITION
    CONDITION_OPS
};

struct row_condition {
    uint64_t mask;  /* of words or enum values */
    int64_t number; /* microseconds */
    double metres;
    double grid_m; /* distances are measured from the cell's centre when above zero */
    uint32_t unit;
    uint32_t text; /* in the policy language's own words */
    uint32_t line;
    uint8_t op, alternative,
        padding[2]; /* alternative 0: must hold; n: all of n must hold, for one n */
};

struct row_transform {
    double grid_m, within_m;
    uint32_t keep;
    uint16_t path[PATH_DEPTH];
    uint8_t op, padding[3];
};

struct row_prohibition {
    uint32_t clause, because, mou, line;
    uint32_t origins;      /* data obtained under: bit 1 << PositionOrigin; 0: any data */
    uint32_t roles_spared; /* parties with one of these roles may have it */
    uint64_t kinds;        /* mask of kind_id; 0: any */
};

/* A place of the hash index: the grants for a kind, from and to; with SLOT_ANY those for any, in
 * file order; with SLOT_REACH the units that a kind can go to from there. */
struct row_slot {
    uint64_t key;
    uint32_t first, count; /* in numbers */
};

#endif
