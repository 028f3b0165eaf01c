/* Questions about the set of set.h: for each of its grants a message that it permits, which a test
 * changes in one place and asks about. */
#ifndef FEDGATE_TESTS_POLICY_ASK_H
#define FEDGATE_TESTS_POLICY_ASK_H

#include "set.h"

#define UUID_1 "019aa2b0-0000-7000-8000-000000000001"
#define UUID_2 "019aa2b0-0000-7000-8000-000000000002"

/* Numbers of the contract. */
enum { CATEGORY_CHILD = 1, CATEGORY_DEMENTIA = 2, CATEGORY_LIVING_ALONE = 6 };
enum { AGE_UP_TO_8 = 1, AGE_9_TO_13 = 2, AGE_14_TO_17 = 3, AGE_ADULT = 4 };
enum { GIVER_SUBJECT = 1, GIVER_REPRESENTATIVE = 2, GIVER_GUARDIAN = 3 };
enum { ORIGIN_LIA_29 = 2, ORIGIN_LIA_CONSENT = 3, ORIGIN_DEVICE = 5 };

static const struct point scene = {36.350000, 127.380000}; /* where cam-1 stands */

/* A question and its answer. The set may be changed before ask_open, the rest before each
 * ask_decide. */
struct ask {
    struct set set;
    struct facts facts, watcher;
    bool watched; /* a stream is asked about for its watcher */
    struct incident incident[FACTS_INCIDENT_MAX];
    bool unknown[FACTS_INCIDENT_MAX]; /* the gateway does not know that incident */
    int64_t now_us;
    struct policy_state state;
    const char *to;
    struct policy_question q;
    struct decision d;
};

static inline void ask_new(struct ask *a)
{
    *a = (struct ask){0};
    set_new(&a->set);
}

static inline void ask_free(struct ask *a)
{
    set_free(&a->set);
}

/* An open robbery at the scene, an hour old, of the police and the rescue agency, with the car
 * assigned. */
static inline struct incident incident_at_scene(const char *id)
{
    struct incident i = {.type = "robbery",
                         .exists = true,
                         .has_centre = true,
                         .centre = scene,
                         .opened_us = NOW_US - US_PER_HOUR,
                         .participant = {{"police/control", true}, {"rescue/control", true}},
                         .participants = 2,
                         .assigned = {{"police/car", true}},
                         .assignments = 1};
    (void)snprintf(i.id, sizeof i.id, "%s", id);
    return i;
}

static inline void end_incident(struct incident *i)
{
    for (size_t k = 0; k < i->participants; k++)
        i->participant[k].open = false;
    i->ended_us = NOW_US - US_PER_MINUTE;
}

/* What goes with a purpose, for a message or a watcher. */
static inline void claim(struct facts *f, const char *purpose, const char *basis,
                         const char *evidence)
{
    f->purpose = bytes_of_text(purpose);
    f->basis = bytes_of_text(basis);
    f->evidence[0] = (struct facts_evidence){bytes_of_text(evidence), bytes_of_text("X-1")};
    f->evidences = 1;
    f->has_actor = true;
}

/* The message of the set that this grant permits. */
static inline void ask_message(struct ask *a, const char *grant)
{
    static const struct {
        const char *grant, *kind, *from, *to, *service, *purpose, *basis, *evidence;
    } row[] = {{"report", "incident_report", "police/control", "gateway/self", "onsite-video",
                "crime-response", "kr/pipa/18-2-7", "case-number"},
               {"request", "video_request", "police/control", "centre/video", "onsite-video",
                "crime-response", "kr/pipa/18-2-7", "case-number"},
               {"live", "video", "centre/video", "police/control", "onsite-video", "crime-response",
                "kr/pipa/18-2-7", "case-number"},
               {"photo", "scene_image", "centre/video", "police/car", "patrol", "crime-response",
                "kr/pipa/18-2-7", "case-number"},
               {"alert", "guardian_alert", "carrier/alerts", "centre/desk", "protection",
                "safe-return", "kr/location/19", "consent-reference"},
               {"position", "location_update", "carrier/alerts", "police/control", "protection",
                "life-rescue", "kr/location/29", "emergency-call"},
               {"dispatch", "dispatch_request", "centre/desk", "police/control", "protection",
                "safe-return", "kr/pipa/18-2-3", "emergency-call"}};
    size_t i = 0;
    while (strcmp(row[i].grant, grant) != 0)
        i++;
    a->now_us = NOW_US;
    a->to = row[i].to;
    a->facts = (struct facts){.kind = kind_named(bytes_of_text(row[i].kind))->id,
                              .source = bytes_of_text(row[i].from),
                              .service = bytes_of_text(row[i].service),
                              .incident = {bytes_of_text("police/control:" UUID_1)},
                              .incidents = 1,
                              .status = STATUS_ACTUAL};
    claim(&a->facts, row[i].purpose, row[i].basis, row[i].evidence);
    a->watched = a->facts.kind == KIND_VIDEO;
    a->watcher = (struct facts){.kind = KIND_VIDEO};
    claim(&a->watcher, row[i].purpose, row[i].basis, row[i].evidence);
    a->incident[0] = incident_at_scene("police/control:" UUID_1);
    a->incident[1] = incident_at_scene("police/control:" UUID_2);
    memset(a->unknown, 0, sizeof a->unknown);
    a->state = (struct policy_state){0};
    if (strcmp(grant, "report") == 0)
        a->facts.incident_type = bytes_of_text("robbery");
    if (strcmp(grant, "live") == 0 || strcmp(grant, "photo") == 0) {
        a->facts.camera[0] = bytes_of_text("cam-1");
        a->facts.cameras = 1;
    }
    if (strcmp(grant, "alert") == 0) {
        a->facts.categories = 1u << CATEGORY_CHILD;
        a->facts.age_band = AGE_14_TO_17;
        a->facts.origins = 1u << ORIGIN_LIA_CONSENT;
        a->facts.consent = (struct facts_consent){.present = true,
                                                  .given_by = GIVER_SUBJECT,
                                                  .recipient = {bytes_of_text("centre")},
                                                  .recipients = 1,
                                                  .purpose = {bytes_of_text("safe-return")},
                                                  .purposes = 1};
    }
    if (strcmp(grant, "position") == 0 || strcmp(grant, "dispatch") == 0)
        a->facts.origins = 1u << ORIGIN_LIA_29;
}

/* Compiles the set as it stands and takes that grant's message. */
static inline void ask_open(struct ask *a, const char *grant)
{
    set_open(&a->set);
    ask_message(a, grant);
}

/* Only resolves the words: the reason why the question cannot be asked, and which word. */
static inline enum reason ask_words(struct ask *a, const char **failed)
{
    const struct incident *known[FACTS_INCIDENT_MAX];
    for (size_t i = 0; i < a->facts.incidents; i++)
        known[i] = a->unknown[i] ? NULL : &a->incident[i];
    return policy_ask(a->set.policy, &a->facts, a->watched ? &a->watcher : NULL, known, a->now_us,
                      &a->q, failed);
}

static inline const struct decision *ask_decide(struct ask *a)
{
    const char *failed;
    enum reason r = ask_words(a, &failed);
    if (r != REASON_PERMITTED)
        fail_msg("%s: %s", reason_word(r), failed);
    a->q.state = a->state;
    policy_decide(&a->q, policy_unit(a->set.policy, bytes_of_text(a->to)), &a->d);
    return &a->d;
}

static inline void expect_decision(struct ask *a, enum reason reason, const char *clause,
                                   const char *failed, const char *article)
{
    const struct decision *d = ask_decide(a);
    if (d->reason != reason)
        fail_msg("%s (%s) instead of %s", reason_word(d->reason), d->failed, reason_word(reason));
    assert_string_equal(d->clause, clause);
    assert_string_equal(d->failed, failed);
    assert_string_equal(d->law, article);
}

static inline void expect_permitted(struct ask *a, const char *clause)
{
    expect_decision(a, REASON_PERMITTED, clause, "", "");
    assert_true(a->d.near);
}

#endif
