/*
 * The policy set in force, as a compiled snapshot: one pointer-free block, made by the compiler
 * role, mapped read-only, swapped whole. Decisions are pure: no I/O, no clock, no allocation.
 */
#ifndef FEDGATE_POLICY_POLICY_H
#define FEDGATE_POLICY_POLICY_H

#include "crypto/minisign.h"
#include "identity/identity.h"
#include "incident/incident.h"
#include "message/facts.h"
#include "message/message.h"
#include "message/transform.h"

struct policy;

enum { POLICY_NONE = UINT32_MAX, POLICY_REACH_MAX = 64 };

/*
 * Opens a block of `block.n` bytes, which must be 8-byte aligned and outlive the policy.
 * RESULT_MALFORMED unless every table lies inside and every reference leads to a row. Freed by
 * policy_close (NULL is fine).
 */
MUST_USE enum result policy_open(struct bytes block, struct policy **out);
void policy_close(struct policy *p);

uint64_t policy_serial(const struct policy *p);
const char *policy_name(const struct policy *p);
struct box policy_service_area(const struct policy *p);

/* ---- who there is */
const struct identity_row *policy_identities(const struct policy *p, size_t *count);

/* The unit with this name, or POLICY_NONE; its name, its party's name, and the unit gateway/self.
 */
uint32_t policy_unit(const struct policy *p, struct bytes name);
const char *policy_unit_name(const struct policy *p, uint32_t unit);
const char *policy_unit_party(const struct policy *p, uint32_t unit);
bool policy_unit_is_auditor(const struct policy *p, uint32_t unit); /* by its party's roles */

/* What a unit may do in the console (console_roles.def), as parties.yaml says; and the word of
 * that, "none" for POLICY_CONSOLE_NONE. */
enum policy_console {
    POLICY_CONSOLE_NONE,
#define CONSOLE(NAME, word, ko) POLICY_CONSOLE_##NAME,
#include "policy/console_roles.def"
#undef CONSOLE
    POLICY_CONSOLES
};
enum policy_console policy_unit_console(const struct policy *p, uint32_t unit);
const char *policy_console_word(enum policy_console c);
const char *policy_console_text(enum policy_console c, bool korean);

uint32_t policy_self(const struct policy *p);
size_t policy_units(const struct policy *p);
size_t policy_grants(const struct policy *p);

/* Officers: people who sign sets, approve, review. Their number, or POLICY_NONE; by "party/person",
 * or by the id of their minisign key. The rows of parties' own keys are no officers. */
enum policy_officer_role {
#define OFFICER(NAME, word) OFFICER_##NAME,
#include "policy/officer_roles.def"
#undef OFFICER
    OFFICER_ROLES
};
struct policy_officer {
    const char *name, *party; /* in the snapshot */
    unsigned role;            /* enum policy_officer_role */
    bool has_key;             /* not in a draft */
    bool signs_sets;          /* one of those who sign the next set */
    struct minisign_public key;
};
size_t policy_signers(const struct policy *p);
uint32_t policy_officer(const struct policy *p, struct bytes name);
uint32_t policy_officer_of_key(const struct policy *p, const uint8_t id[MINISIGN_ID]);

/* False when the row is no officer's, or past the last. */
bool policy_officer_row(const struct policy *p, uint32_t officer, struct policy_officer *out);

/* The key by which a party signs memoranda; false when it has none. */
bool policy_party_key(const struct policy *p, struct bytes party, struct minisign_public *out);

/* The key by which a unit signs its receipts of destruction; false when it has none. */
bool policy_receipt_key(const struct policy *p, struct bytes unit, struct minisign_public *out);

/* Whether a grant lets its recipient retain, under this Act of the catalogue, what it was ordered
 * to destroy (PIPA 21(1) proviso); false for POLICY_NONE. */
bool policy_may_keep(const struct policy *p, uint32_t grant, struct bytes act);

/* The role of the officer who approves that; "" when nobody has to. */
const char *policy_keep_role(const struct policy *p, uint32_t grant);

/* The words of a grant's own dimensions; the first of its bases. In the snapshot. */
struct policy_words {
    const char *service, *purpose, *basis;
};
void policy_grant_words(const struct policy *p, uint32_t grant, struct policy_words *out);

/* Roots and revocation lists in DER, one by one: false past the last. */
bool policy_certificate(const struct policy *p, size_t i, bool *is_crl, struct bytes *der);

/* Whose that is; in the snapshot. */
const char *policy_certificate_party(const struct policy *p, size_t i);

/* The word itself when the set knows it, "unknown" when not, empty when empty: what may stand in
 * the audit log. */
enum policy_word { POLICY_SERVICE, POLICY_PURPOSE, POLICY_BASIS };
struct bytes policy_known(const struct policy *p, enum policy_word what, struct bytes word);

/* The bit of a region's word in policy_state.regions_active, 0 for a word that the set does not
 * have; and the words of a set of regions, a blank between two, appended. */
uint64_t policy_region(const struct policy *p, struct bytes region);
void policy_region_names(const struct policy *p, uint64_t regions, struct buf *out);

/* ---- asking */

/* What the gateway knows beside the message. Zeroed: no headquarters is active, nothing is
 * withdrawn or suspended. */
enum policy_consent { POLICY_CONSENT_STANDS, POLICY_CONSENT_GONE };
struct policy_state {
    uint64_t regions_active;     /* by word of the vocabulary's regions: a headquarters is active */
    enum policy_consent consent; /* that the message names: stands, or withdrawn or suspended */
    const uint64_t *grants_suspended, *units_suspended; /* bit sets by number; NULL: none */
    const uint64_t *overdue; /* grants whose recipient owes a receipt of destruction, as
                                policy_overdue_pair, ascending; `overdues` of them */
    size_t overdues;
};
uint64_t policy_overdue_pair(uint32_t grant, uint32_t unit);

/* What a sender or a watcher claims, resolved: the numbers of its words. */
struct policy_claim {
    uint16_t purpose, basis;
    uint64_t evidence; /* kinds of evidence that it brings */
    uint64_t gone;     /* those of them that do not stand any more (policy_consent_is_gone) */
};

/*
 * A question: the facts with their words resolved, ready to be asked for one recipient after the
 * other. The facts, and the incidents, must outlive it.
 */
struct policy_question {
    const struct policy *policy;
    const struct facts *facts; /* of the message, or of the sender of a stream */
    const struct facts
        *watcher; /* of who wants to watch; NULL for messages and for the sender's own question */
    const struct incident *incident[FACTS_INCIDENT_MAX]; /* as facts->incident; NULL: unknown */
    int64_t now_us;
    uint32_t from;
    struct policy_claim sender, watching; /* of facts, of watcher */
    uint16_t service;
    uint16_t type;                        /* the incident type that the message itself states */
    uint16_t type_of[FACTS_INCIDENT_MAX]; /* and those of the incidents */
    uint16_t reason_code;                 /* that the message itself gives */
    bool declares_emergency;              /* with a known reason code and a reason in words */
    uint64_t consent_items;               /* words that the consent lists */
    struct policy_state state;            /* for the caller to fill: policy_ask zeroes it */
    const struct policy_visitor *visitor; /* of policy_trace; NULL else */
    uint32_t camera[FACTS_CAMERA_MAX];
};

/*
 * Resolves the words. `incident` has one entry for each of facts->incident. REASON_PERMITTED, or
 * the reason why the question cannot be asked at all: an unknown service, purpose, basis, party,
 * camera, incident type, or a status that is not ACTUAL, EXERCISE or TEST; *failed (static) then
 * says which word.
 */
enum reason policy_ask(const struct policy *p, const struct facts *facts,
                       const struct facts *watcher, const struct incident *const *incident,
                       int64_t now_us, struct policy_question *out, const char **failed);

/* Tells a question that the consent which its message (or its watcher) names does not stand: where
 * the reference to it is all that proves the basis, nothing does. A change of the consent itself
 * still needs no more than the reference. */
void policy_consent_is_gone(struct policy_question *q, bool of_watcher);

/* The answer for one recipient. */
struct decision {
    enum reason reason; /* PERMITTED, PERMITTED_EMERGENCY, or why not */
    bool near;      /* the grant's kind, from, to, service, purpose and basis are the message's */
    uint32_t grant; /* the grant that permits, or the nearest one; POLICY_NONE when there is none */
    uint32_t incident;  /* which of facts->incident made it hold; POLICY_NONE when no condition
                           asked for one */
    bool declares;      /* the message opens an emergency for its incident */
    const char *clause; /* "mou#grant" of the grant or prohibition, or ""; lives in the snapshot */
    const char *failed; /* the condition that did not hold, or that an emergency passed over, in the
                           policy language's own words, or "" */
    const char *law;    /* what the law says there (English), or "" */
};

void policy_decide(const struct policy_question *q, uint32_t to, struct decision *out);

/* PERMITTED or PERMITTED_EMERGENCY. */
bool policy_permits(enum reason reason);

/* For the unit that gets it when nobody attended (obligations.attend.other): decided by this grant
 * alone, which is to have such a unit. */
void policy_decide_else(const struct policy_question *q, uint32_t grant, struct decision *out);

/*
 * The same decision, told step by step while it is made: what was asked of which grant, and whether
 * it held. What is not told was not asked.
 */
enum policy_step {
    POLICY_STEP_DIMENSIONS, /* service, purpose and basis; kind, from and to are the grant's */
    POLICY_STEP_ENVELOPE,   /* in force, not suspended, status, evidence of the basis */
    POLICY_STEP_CONDITION,
    POLICY_STEP_EMERGENCY,  /* whether a person may go past conditions */
    POLICY_STEP_PROHIBITION /* held: it forbids nothing here */
};
struct policy_tried {
    enum policy_step step;
    uint32_t grant;
    uint32_t row; /* of the condition, emergency or prohibition in its table; else POLICY_NONE */
    uint32_t incident;  /* which of facts->incident, or POLICY_NONE */
    enum reason reason; /* PERMITTED when it held */
    bool passed_over;   /* a condition that did not hold, and that an emergency lets pass */
    const char *failed; /* of what did not hold: its own words; else "" */
};
struct policy_visitor {
    void (*tried)(const struct policy_tried *step, void *arg);
    void *arg;
};
void policy_trace(const struct policy_question *q, uint32_t to,
                  const struct policy_visitor *visitor, struct decision *out);

/* For the sender of a stream: whether any unit may watch it now, as far as that does not depend on
 * the watcher. The decision is that of the first such unit (*to), or (*to POLICY_NONE) the nearest
 * refusal. */
void policy_decide_send(const struct policy_question *q, uint32_t *to, struct decision *out);

/* Whom a kind from a unit can go to at all: fills `to`, in the order of names, and returns the
 * count. */
size_t policy_reach(const struct policy *p, enum kind_id kind, uint32_t from,
                    uint32_t to[POLICY_REACH_MAX]);

/* ---- what a permission brings with it */

enum policy_starts {
    POLICY_STARTS_ARRIVAL,
    POLICY_STARTS_INCIDENT_END,
    POLICY_STARTS_FOUND,
    POLICY_STARTS_DISASTER_END
};

/* Persons who have to approve before it goes; none: persons 0. */
struct policy_approval {
    unsigned persons;
    unsigned role;            /* officer_role */
    const char *party;        /* whose officers: the provider's */
    int64_t within_us;        /* then it is refused */
    bool is_night;            /* one person suffices now, */
    int64_t second_within_us; /* and the second has this long */
};

/* Somebody has to take it up; within_us 0: no such duty. */
struct policy_attend {
    int64_t within_us;
    uint64_t answer_kinds; /* mask of kind_id: only these count; 0: whatever refers to it */
    uint32_t other;        /* the unit that gets it else */
};

/* Whether, to whom and on which bases it may be passed on. */
struct policy_onward {
    const uint32_t *unit;
    size_t units;
    uint64_t bases; /* by number */
};

enum policy_overdue { POLICY_OVERDUE_NOTHING, POLICY_OVERDUE_ALARM, POLICY_OVERDUE_SUSPEND };

struct obligations {
    const char *mou, *grant, *purpose; /* in the snapshot */
    enum policy_starts starts;         /* what the clock waits for */
    int64_t delay_us;                  /* after that */
    int64_t destroy_by_us;             /* the latest, rounded down to its bucket */
    int64_t notify_within_us;          /* tell the subject's carrier; -1: no */
    uint64_t deferrable;               /* reasons (by word) for which that may wait */
    size_t duties;                     /* recipient duties of the memorandum */
    struct policy_approval approval;
    struct policy_attend attend;
    struct policy_onward onward;
    unsigned uses;               /* how often it may be opened; 0: no limit */
    int64_t offline_us;          /* how long it may be opened without the gateway; 0: not at all */
    int64_t receipt_within_us;   /* of its destruction; 0: no receipt is asked for */
    enum policy_overdue overdue; /* when that receipt does not come */
    uint64_t keep_bases;         /* by number: on these it may be kept as evidence */
    bool supersedes;             /* a newer position stands for one that waits */
    uint64_t regions;            /* whose headquarters' end starts the clock (DISASTER_END) */
};

/* Whether an emergency is declared or covers an incident named, so that a person may go past limits
 * of this grant whose reason breaks (STREAM_LIMIT). */
bool policy_is_excepted(const struct policy_question *q, uint32_t grant, uint32_t to);

/* The emergency clause of a grant's memorandum: how long one lasts, how many persons review its use
 * within which time. False when it has none. */
struct policy_emergency {
    const char *mou;
    int64_t lasts_us, review_within_us;
    unsigned reviewers;
};
bool policy_emergency(const struct policy *p, uint32_t grant, struct policy_emergency *out);

/* The parties that answer for a grant: its memorandum's processor, if that names one, and its
 * provider, each once. */
enum { POLICY_RESPONSIBLE = 2 };
size_t policy_responsible(const struct policy *p, uint32_t grant,
                          const char *party[POLICY_RESPONSIBLE]);

/* Within how long the memorandum says that what is given is published; 0 when it does not say. */
int64_t policy_mou_publish_within_us(const struct policy *p, struct bytes mou);

/* Whether the set has no such memorandum, or its term is over by then. */
bool policy_mou_is_over(const struct policy *p, struct bytes mou, int64_t now_us);

/* The grant with this clause ("mou#name"), or POLICY_NONE. */
uint32_t policy_clause(const struct policy *p, struct bytes clause);

/* Whether a party has this role (party_roles.def); whether it is a public institution. False for
 * one that the set does not have. */
size_t policy_parties(const struct policy *p);
const char *policy_party_name(const struct policy *p, size_t party);
size_t policy_party_units(const struct policy *p, size_t party); /* how many it has */
bool policy_party_has_role(const struct policy *p, struct bytes party, const char *role);
bool policy_party_is_public(const struct policy *p, struct bytes party);

/* Whether PIPA 18(4) asks a public institution that gives on this basis to publish it. */
bool policy_basis_publishes(const struct policy *p, struct bytes basis);

/* The word of an officer's role; "" for a number that is none. */
const char *policy_officer_role(unsigned role);

/* What a grant asks of whoever gets this message now. */
void policy_obligations(const struct policy_question *q, uint32_t grant, struct obligations *out);
const char *policy_duty(const struct policy *p, uint32_t grant, size_t i);

/* A deadline rounded down: to seconds within the hour, to minutes within the day, to hours beyond.
 */
int64_t policy_bucket(int64_t deadline_us, int64_t now_us);

/* Of a grant; 0: no limit. */
struct policy_limits {
    uint32_t streams_per_incident, messages_per_s;
    uint32_t largest;       /* bytes of a message */
    uint32_t width, height; /* pixels of a picture */
    uint64_t bits_per_s;    /* of one stream */
    uint64_t bytes_per_s;   /* of messages */
    bool audio_allowed;
    uint8_t codecs;     /* MEDIA_H264 and so on; 0: all that are known */
    bool stream_digest; /* the SHA-256 of what each watcher is sent goes on record */
};
struct policy_limits policy_limits(const struct policy *p, uint32_t grant);

/*
 * Applies the transforms of the grant that permits to a decoded message for one recipient.
 * `tag_key` makes pseudonyms (with the recipient's name). The centre of the incident for which the
 * grant held decides the cameras of `to-cameras`. `changed` receives the paths of changed fields,
 * `count` their number. RESULT_NO_MEMORY: the message must not be used.
 */
enum { POLICY_CHANGED_MAX = 16 };
MUST_USE enum result policy_transform(const struct policy_question *q,
                                      const struct decision *permitted, uint32_t to,
                                      const uint8_t tag_key[32], struct message *m,
                                      struct field_path changed[POLICY_CHANGED_MAX], size_t *count);

/* Cameras: the row with this id or POLICY_NONE. */
uint32_t policy_camera(const struct policy *p, struct bytes id);

/* Whether the camera with this id moves: a drone's or a vehicle's. False for one that the set does
 * not have. */
bool policy_camera_moves(const struct policy *p, struct bytes id);

/* Where a grant comes from, for tools: file and line of its memorandum. */
void policy_grant_source(const struct policy *p, uint32_t grant, const char **file, unsigned *line);

#endif
