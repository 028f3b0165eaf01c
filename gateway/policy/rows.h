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
    WORD_REASON,
    WORD_CONSENT_ITEM,
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

/* The shape of a region, one row a word of WORD_REGION: a polygon, or a name only (corners 0). */
struct row_region {
    uint32_t corner_first, corners;
};

/* Who may rely on a legal basis to give data: anyone; public institutions; nobody, for it serves
 * the recipient's keeping; nobody at all. */
enum rely { RELY_ANYONE, RELY_PUBLIC, RELY_RECIPIENT, RELY_NOBODY };

struct row_basis {
    uint32_t code, title_en, title_ko, text_en, text_ko;
    uint32_t evidence_text; /* "evidence: emergency-call, incident-id", for refusals */
    uint64_t evidence;      /* bits of WORD_EVIDENCE, of which one must be there; 0: none needed */
    uint8_t rely, publish, status;
    uint8_t origins; /* positions are of these when obtained under it: bit 1 << PositionOrigin */
    uint8_t padding[4];
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

/* What an officer does: officer_roles.def; a party's own key signs memoranda. */
enum { SIGNER_PARTY = OFFICER_ROLES, SIGNER_RECEIPTS };

/* Who signs, and with which key. */
struct row_signer {
    uint8_t id[MINISIGN_ID], key[SIGN_PUBLIC];
    uint32_t name; /* party/person; the party's name for its own key, the unit's for its receipts */
    uint32_t party;
    uint8_t role;       /* enum policy_officer_role, or one of the above */
    uint8_t has_key;    /* 0 in drafts */
    uint8_t signs_sets; /* one of those who sign the next set */
    uint8_t padding[5];
};

struct row_unit {
    uint32_t name; /* party/unit */
    uint32_t title_en, title_ko;
    uint32_t party;
    uint32_t console; /* enum policy_console */
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

/* What video is of: bits of CONDITION_FOOTAGE. */
enum footage { FOOTAGE_LIVE, FOOTAGE_RECORDED };

/* A declared exercise: EXERCISE messages pass between its units, from and until. */
struct row_window {
    int64_t from_us, until_us;
    uint32_t name;
    uint32_t unit_first, units; /* in numbers */
    uint32_t padding;
};

struct row_mou {
    int64_t from_us, until_us;
    int64_t publish_within_us; /* 0: no publication */
    uint32_t name, title_en, title_ko, file;
    uint32_t duty_first, duties; /* in numbers: texts delivered with every message */
    uint32_t processor;          /* party */
    uint32_t line;
    uint32_t emergency; /* row, or ROW_NONE */
    uint32_t padding;
};

/* Break-glass: who may go past conditions of the memorandum's grants, for how long. */
struct row_emergency {
    uint64_t kinds; /* mask of kind_id */
    uint64_t bases; /* mask of rows of bases */
    int64_t lasts_us, review_within_us;
    uint32_t unit_first, units; /* in numbers */
    uint32_t role;              /* of the actor who declares it: a text */
    uint32_t mou, line;
    uint32_t reviewers; /* how many persons review it */
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

/* How many conditions of a grant stand in its row. Most grants have fewer. */
enum { GRANT_JUDGED = 8 };

/*
 * A cache line and what every decision reads come first: a large set does not fit into the caches,
 * and each line that has to be waited for costs as much as the judgement itself.
 */
struct row_grant {
    uint64_t bases; /* mask of rows of bases */
    uint64_t joins; /* mask of WORD_PURPOSE: purposes of senders whose stream this grant's purpose
                       may join */
    uint16_t service, purpose;
    uint16_t conditions;
    uint8_t kind, starts_at;
    uint32_t mou;
    uint32_t clause;               /* "molit-npa-2015#onsite-live-video" */
    uint32_t judged[GRANT_JUDGED]; /* its conditions in `distinct`; when there are more, [0] is
                                      where they begin in numbers */
    /* The second line: for refusals, obligations and tools. */
    uint32_t condition_first;       /* in conditions */
    uint32_t dimension[DIMENSIONS]; /* texts such as "to: npa-daejeon/112-control", for refusals */
    uint32_t name;                  /* "onsite-live-video" */
    uint32_t line;
    uint32_t from;          /* unit */
    uint32_t to_first, tos; /* in numbers: units */
    uint32_t transform_first, transforms;
    uint32_t narrower_than; /* grant, or ROW_NONE */
    uint8_t audio_allowed, keeps_positions;
    uint8_t stream_digest;    /* of what each watcher is sent, on record */
    uint8_t codecs;           /* which may pass: MEDIA_H264 and so on; 0: all */
    int64_t delay_us;         /* after what starts_at names */
    int64_t ceiling_us;       /* after recording, or arrival when that is not known */
    int64_t notify_within_us; /* -1: no notice */
    uint64_t to_a_line[5];    /* zero */
};

enum overdue { OVERDUE_NOTHING, OVERDUE_ALARM, OVERDUE_SUSPEND };

/* What a permission brings with it, one row a grant, in the same order. 0: no limit, no duty. */
struct row_duties {
    uint64_t bits_per_s, bytes_per_s;
    uint64_t answer_kinds; /* mask of kind_id that count as an answer; 0: `attend` */
    uint64_t deferrable;   /* bits of WORD_REASON for which a notice may be deferred */
    uint64_t keep_bases, keep_evidence, onward_bases;
    int64_t receipt_within_us, offline_us;
    int64_t attend_within_us; /* `attend` or `answer` */
    int64_t approval_within_us, second_within_us;
    uint32_t streams_per_incident, messages_per_s, largest, uses;
    uint32_t width, height;         /* of pictures */
    uint32_t else_unit;             /* gets it when nobody attended in time, or ROW_NONE */
    uint32_t onward_first, onwards; /* in numbers: units */
    uint16_t night_from, night_to;  /* minutes of the day; equal: no rule for the night */
    uint8_t approvers;              /* persons; 0: no approval */
    uint8_t approval_role;          /* officer_role */
    uint8_t keep_role;              /* officer_role who approves keeping, or NO_ROLE */
    uint8_t overdue;                /* enum overdue */
    uint8_t supersedes;             /* a newer position stands for one that waits */
};

/* Instead of an enum policy_officer_role. */
enum { NO_ROLE = UINT8_MAX };

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
    uint16_t from_minute, to_minute; /* of the day */
    uint8_t op, alternative,
        padding[6]; /* alternative 0: must hold; n: all of n must hold, for one n */
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

/* How many numbers stand in a slot itself. */
enum { SLOT_NUMBERS = 5 };

/* A place of the hash index: the grants for a kind, from and to; with SLOT_ANY those for any, in
 * file order; with SLOT_REACH the units that a kind can go to from there. */
struct row_slot {
    uint64_t key;
    uint32_t count;
    uint32_t number[SLOT_NUMBERS]; /* when there are more, [0] is where they begin in numbers */
};

#endif
