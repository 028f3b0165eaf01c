/*
 * A policy set and a message as policy/LANGUAGE.md tells of them: words and lists of words, as they
 * are written. No numbers for words, no masks, no indexes: what is here can be compared with the
 * page by eye. Nothing of gateway/policy is used.
 *
 *   random_set.c      a set, with all its numbers and words by chance
 *   change.c          the same set, but for one place
 *   random_message.c  a message near the edges of what a set permits
 *   evaluate.c        the answer, slowly, straight from the page
 *   write.c           the set as the files that the compiler reads
 *   terms.c           what of a permission differs between two grants
 *   print.c           a question in words, for whoever looks at a disagreement
 *   read.c            a question from the words of `policy diff`
 */
#ifndef FEDGATE_TESTS_ORACLE_MODEL_H
#define FEDGATE_TESTS_ORACLE_MODEL_H

#include "dice.h"

#include <string.h>

enum {
    MODEL_LIST = 10,
    MODEL_PARTIES = 8,
    MODEL_CAMERAS = 12,
    MODEL_EXERCISES = 3,
    MODEL_MOUS = 3,
    MODEL_GRANTS = 40, /* of a set */
    MODEL_PROHIBITIONS = 6,
    MODEL_ALTERNATIVES = 3,
    MODEL_CONDITIONS = 20,
    MODEL_TRANSFORMS = 2,
    MODEL_INCIDENTS = 4,
    MODEL_REGIONS = 4,
    MODEL_CORNERS = 8,
    MODEL_ROUTE = 4,
    MODEL_TEXT = 400
};

#define MODEL_SECOND INT64_C(1000000) /* times are in microseconds */
#define MODEL_DAY    (86400 * MODEL_SECOND)
#define MODEL_NOW                                                                                  \
    INT64_C(1795262400000000) /* 2026-11-21T21:00:00+09:00: when sets are compiled                 \
                               */

struct list {
    const char *word[MODEL_LIST];
    size_t n;
};

/* Degrees, in millionths, as inventories state them; an incident's place is finer. */
struct place {
    double latitude, longitude;
};

/* ---- a set */
struct condition {
    const char *key;   /* "incident.younger_than" */
    struct list words; /* what stands behind it, in its order; or: */
    int64_t number; /* seconds (younger_than), metres, or minutes of the day: from (period.hours) */
    int64_t until;  /* and to */
    char text[24];  /* the numbers as they are written */
};

struct conditions {
    struct condition at[MODEL_CONDITIONS];
    size_t n;
};

struct grant_transform {
    const char *field, *effect; /* "around", "to-cameras" */
    int64_t grid_m, within_m;
};

/* What else a permission brings with it; 0, NULL or empty: not stated. */
struct grant_duties {
    int64_t receipt_s, offline_s, attend_s, uses, largest_kib, kib_per_s, messages_per_s;
    const char *overdue;      /* "alarm", "suspend" */
    struct list answer_kinds; /* of `answer`; empty: `attend` */
    const char *other;        /* who gets it else */
    const char *approver;     /* an officer's role */
    int persons;
    int64_t approval_s, second_s; /* second_s 0: no rule for the night */
    int night_from, night_to;     /* minutes of the day */
    struct list onward, onward_bases, keep_bases;
};

struct grant {
    char name[12];
    size_t mou, number; /* indexes in the set */
    const char *service, *kind, *from, *purpose;
    struct list to, bases, joins;
    struct conditions when, any[MODEL_ALTERNATIVES];
    size_t alternatives;
    struct grant_transform transform[MODEL_TRANSFORMS];
    size_t transforms;
    int narrower_than; /* index in the set; -1: of none */
    const char *starts_at;
    int64_t delay_s, at_most_s, notify_s; /* at_most_s, notify_s -1: not stated */
    struct list deferrable;
    struct grant_duties duties;
};

struct prohibition {
    char name[12];
    size_t mou;
    struct list under, kinds, spared_roles; /* under, kinds empty: not stated */
    const char *because;
};

/* Break-glass; lasts_s 0: the memorandum has none. */
struct emergency {
    struct list units, kinds, bases;
    const char *role; /* of the actor who declares it */
    int64_t lasts_s;
};

struct mou {
    const char *name;
    char from[12], until[12]; /* days */
    int64_t from_us, end_us;  /* the beginning of the first, the end of the last */
    int duties;
    struct emergency emergency;
};

struct region {
    const char *name;
    struct place corner[MODEL_CORNERS];
    size_t corners;
};

struct party {
    const char *name;
    struct list roles, units; /* units with the party: "police/control" */
    bool public_institution, synthetic;
};

struct camera {
    const char *id, *kind, *owner;
    struct place at;
    struct list installed_for;
};

struct exercise {
    int64_t from_us, until_us;
    struct list units;
};

struct basis {
    const char *code, *rely;
    bool publish;
    struct list evidence, origins; /* origins: of what is obtained under it */
};

/* A rule of law on how long kinds may be kept: these, or all but these. */
struct ceiling {
    struct list kinds;
    bool others;
    int64_t at_most_s;
};

/* The few words that a set's grants are made of, so that they meet. */
struct model_palette {
    const struct model_kind *kind[3];
    struct list from, to, services, purposes;
    size_t kinds;
};

struct model_set {
    struct model_palette palette;
    bool seoul; /* the time zone: Asia/Seoul, else UTC */
    struct place south_west, north_east;
    struct region region[MODEL_REGIONS];
    size_t regions;
    struct basis basis[14];
    size_t bases;
    struct ceiling ceiling[6];
    size_t ceilings;
    struct party party[MODEL_PARTIES];
    size_t parties;
    struct camera camera[MODEL_CAMERAS];
    size_t cameras;
    struct exercise exercise[MODEL_EXERCISES];
    size_t exercises;
    struct mou mou[MODEL_MOUS];
    size_t mous;
    struct grant grant[MODEL_GRANTS]; /* in the order of the files */
    size_t grants;
    struct prohibition prohibition[MODEL_PROHIBITIONS]; /* in the order of the files */
    size_t prohibitions;
};

/* ---- a message */
struct model_incident {
    const char *id, *type;
    bool known; /* to the gateway */
    bool has_place;
    struct place place;
    int64_t opened_us, ended_us;                      /* ended_us 0: open */
    struct list participants, closed_parts, assigned; /* closed_parts: of the participants */
    struct place route[MODEL_ROUTE];                  /* the points of its area */
    size_t points;
    struct list emergencies; /* of these memoranda, until then */
    int64_t emergency_until_us;
};

struct model_claim {
    const char *purpose, *basis;
    struct list evidence, empty_evidence; /* kinds that it brings; that it names without a value */
    bool actor;
    const char *role;             /* of the actor; NULL: not stated */
    const char *emergency_reason; /* it declares an emergency; NULL: it does not */
    bool in_words;                /* and says why */
};

struct model_consent {
    bool present;
    const char *given_by;
    struct list recipients, purposes, items;
    int64_t until_us; /* 0: not given */
    bool gone;        /* known to the gateway to be withdrawn or suspended */
};

enum model_asks { MODEL_MESSAGE, MODEL_OPENING, MODEL_WATCHING };

struct model_question {
    enum model_asks asks;
    int64_t now_us;
    const char *kind, *from, *to, *service; /* to: not of an opening */
    struct model_claim sender, watcher;
    const char *status;        /* "actual", "exercise", "test" */
    const char *incident_type; /* stated by the message; NULL: none */
    const char *age_band;      /* NULL: none */
    struct list cameras, origins, categories;
    struct model_consent consent;
    struct model_incident incident[MODEL_INCIDENTS]; /* those that the header names */
    size_t incidents;
    int64_t recorded_us, destroy_by_us; /* 0: not given */
    const char *reason_code;            /* of a deferral; NULL: none */
    const char *ground;                 /* of a request for a location; NULL: none */
    bool wish, witness;                 /* confirmed; the witness consents */
    bool recorded;                      /* a recording is sent or asked for */
    bool moved, lost;         /* a stream's camera moves: it says where it is, or does not */
    struct place at;          /* that place */
    struct list headquarters; /* regions where one is active */
    struct list suspended_units;
    uint64_t suspended_grants; /* bit i: grant i of the set */
};

/* ---- an answer */
struct model_answer {
    const char *reason; /* "PERMITTED", "NO_GRANT", ... */
    char clause[100], failed[MODEL_TEXT], law[MODEL_TEXT];
    int incident;   /* the one that made it hold; -1: no condition asked for one */
    int grant;      /* -1: none */
    const char *to; /* of an opening: the unit that the answer is about; NULL: none may watch */
    int came;       /* how far the grant came: judge.h */
    bool near;      /* kind, from, to, service, purpose and basis are the message's */
    bool declares;  /* the message opens an emergency */
    bool several;   /* two grants hold and neither is narrower: the compiler should have refused the
                       set */
};

struct model_obligations {
    const char *starts_at;
    int64_t delay_us, destroy_by_us, notify_within_us; /* notify_within_us -1: no */
    int duties;
    bool is_night;       /* one approval suffices now */
    struct list regions; /* whose headquarters' end starts the clock */
};

/* words.c: the closed lists from which sets and messages are made. A kind's row is LANGUAGE.md's
 * table of kinds, and the field in which the contract has its position or area. */
struct model_kind {
    const char *name;
    bool to_gateway; /* and then names exactly one incident */
    bool camera, origin, subject, consent, footage;
    bool states_type;     /* of the incident */
    const char *position; /* NULL: it has none */
};
const struct model_kind *model_kind(const char *name);
const struct model_kind *model_kind_at(size_t i); /* NULL past the last */

enum model_words {
    WORDS_SERVICE,
    WORDS_PURPOSE,
    WORDS_TYPE,
    WORDS_CAMERA_PURPOSE,
    WORDS_EVIDENCE,
    WORDS_CAMERA_KIND,
    WORDS_CATEGORY,
    WORDS_AGE_BAND,
    WORDS_GIVER,
    WORDS_ORIGIN,
    WORDS_GROUND,
    WORDS_FOOTAGE,
    WORDS_DAY,
    WORDS_REGION,
    WORDS_REASON,
    WORDS_ITEM,
    WORDS_OFFICER,
    WORDS_LISTS
};
const struct list *model_words(enum model_words which);

/* One word of a list; one to `most` words of it, each once. */
const char *dice_word(struct dice *d, const struct list *words);
struct list dice_words(struct dice *d, const struct list *words, size_t most);

static inline bool list_has(const struct list *l, const char *word)
{
    for (size_t i = 0; i < l->n; i++)
        if (word != NULL && strcmp(l->word[i], word) == 0)
            return true;
    return false;
}

static inline void list_add(struct list *l, const char *word)
{
    if (l->n < MODEL_LIST && !list_has(l, word))
        l->word[l->n++] = word;
}

static inline bool list_shares(const struct list *a, const struct list *b)
{
    for (size_t i = 0; i < a->n; i++)
        if (list_has(b, a->word[i]))
            return true;
    return false;
}

static inline void list_sort(struct list *l)
{
    for (size_t i = 1; i < l->n; i++)
        for (size_t k = i; k > 0 && strcmp(l->word[k - 1], l->word[k]) > 0; k--) {
            const char *word = l->word[k];
            l->word[k] = l->word[k - 1];
            l->word[k - 1] = word;
        }
}

/* random_set.c: an inventory, and then memoranda with so many grants each at most. random_grant.c
 * adds one more grant to a memorandum, or none when it could not be parted from another. */
void model_random_set(struct dice *d, struct model_set *out);
void model_random_inventory(struct dice *d, struct model_set *out);
void model_random_memoranda(struct dice *d, struct model_set *s, size_t mous, size_t grants);

void model_random_grant(struct dice *d, struct model_set *s, size_t mou);

/* When the day begins that is so many days after 2026-11-21, in the set's zone; `out` is its text.
 */
int64_t model_day(const struct model_set *s, int64_t after, char out[12]);

/* change.c: one place of the set, whatever it is: a number, a word, a condition, a duty, a clause,
 * a camera, a corner. The set may be unlawful then, or have two answers for a message. */
void model_change(struct dice *d, struct model_set *s);

/* random_duties.c */
void model_random_duties(struct dice *d, const struct model_set *s, struct grant *g);

/* Each file of the set, one after the other. */
struct buf;
typedef void model_file(void *arg, const char *path, const char *text);
void model_write(const struct model_set *s, model_file *file, void *arg);

void model_random_question(struct dice *d, const struct model_set *s, struct model_question *out);

/* PERMITTED, or PERMITTED_EMERGENCY. */
static inline bool model_permits(const char *reason)
{
    return strncmp(reason, "PERMITTED", 9) == 0;
}

void model_evaluate(const struct model_set *s, const struct model_question *q,
                    struct model_answer *out);
/* Of an opening too for its `to` alone. */
void model_evaluate_for(const struct model_set *s, const struct model_question *q,
                        struct model_answer *out);
/* For the unit that gets it when nobody attends to what this grant permitted. */
void model_evaluate_else(const struct model_set *s, const struct model_question *q, int grant,
                         struct model_answer *out);

void model_obligations(const struct model_set *s, const struct model_question *q, int grant,
                       struct model_obligations *out);
int64_t model_bucket(int64_t deadline_us, int64_t now_us);

/* Whether what the grant brings with it differs, as LANGUAGE.md, "Comparing two sets", lists it. */
bool model_terms_differ(const struct model_set *s, int grant, const struct model_set *t, int other,
                        bool emergency);

void model_print(const struct model_question *q, struct buf *out);

/* An example of `policy diff` (lines of key, tab, value), which is cut into the words that `out`
 * points to. False when it says something that is not understood. */
bool model_read(char *text, struct model_question *out);

/* measure.c */
double model_distance_m(struct place a, struct place b);
double model_distance_to_line_m(const struct place *line, size_t points, struct place p);
bool model_is_inside(const struct region *r, struct place p);
struct place model_cell_centre(struct place origin, double grid_m, struct place p);

#endif
