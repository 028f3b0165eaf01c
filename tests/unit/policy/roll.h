/* Changes of the set of set.h, and random messages near its edges, which differ under them. */
#ifndef FEDGATE_TESTS_POLICY_ROLL_H
#define FEDGATE_TESTS_POLICY_ROLL_H

#include "ask.h"
#include "policy/analysis.h"

#define WINDOW "status: exercise, between units of a declared window"

/* A change, and what it changes. */
static const struct change changes[] = {
    {A, "mou: a\n", "mou: a   \n", ""},
    {A, "younger_than: 6 hours", "younger_than: 21601 seconds",
     "refused -> permitted a#live: incident.younger_than: 6 hours"},
    /* seen through a grid no cell's centre lies between */
    {A, "{within_m_of_incident: 500,", "{within_m_of_incident: 501,", ""},
    {A, "{within_m_of_incident: 500,", "{within_m_of_incident: 550,",
     "refused -> permitted a#live: camera.within_m_of_incident: 500"},
    {A, "until: 2027-07-23", "until: 2027-07-22T23:59:59+09:00",
     "permitted -> refused a#live: in_force; permitted -> refused a#photo: in_force; permitted -> "
     "refused a#report: in_force; permitted -> refused a#request: in_force"},
    {A, "incident_type: [robbery, theft]", "incident_type: [robbery, theft, fire]",
     "refused -> permitted a#live: incident_type: robbery, theft"},
    {A, "kind: [fixed, vehicle]", "kind: [fixed, drone]",
     "refused -> permitted a#photo: camera.kind: fixed, vehicle; permitted -> refused a#photo: "
     "camera.kind: fixed, drone"},
    {CAMERAS, "cam-4,36.350500,127.380000,vehicle", "cam-4,36.350500,127.380000,drone",
     "permitted -> refused a#photo: camera.kind: fixed, vehicle"},
    {CAMERAS, "cam-4,36.350500,127.380000,vehicle", "cam-4,36.357500,127.380000,vehicle",
     "refused -> permitted a#live: camera.within_m_of_incident: 500; permitted -> refused a#live: "
     "camera.within_m_of_incident: 500"},
    {A, "starts_at: arrival, delay: 2 hours", "starts_at: arrival, delay: 3 hours",
     "permitted -> permitted a#photo (destroy)"},
    {A, "{messages_per_s: 5}", "{messages_per_s: 6}", "permitted -> permitted a#photo (limits)"},
    {A, "mbit_per_s: 12,", "mbit_per_s: 12, codecs: h264,",
     "permitted -> permitted a#live (limits)"},
    {A, "    onward: refuse\n", "    stream_digest: sha256\n",
     "permitted -> permitted a#live (stream_digest)"},
    {B, "    notify: {within: 10 minutes}\n",
     "    notify: {within: 10 minutes}\n    supersede: position\n",
     "permitted -> permitted b#alert (supersede)"},
    {A, "grid: 250 m", "grid: 300 m",
     "refused -> permitted a#live: camera.within_m_of_incident: 500; permitted -> permitted "
     "a#request (transform); permitted -> refused a#live: camera.within_m_of_incident: 500"},
    {A, "  - grant: photo", "  - grant: image", "permitted -> permitted a#image"},
    {B, "age_band: [14-to-17, adult]", "age_band: [14-to-17]",
     "permitted -> refused b#alert: subject.age_band: 14-to-17"},
    {B, "names_purpose: yes", "names_purpose: yes, names_items: [location]",
     "permitted -> refused b#alert: consent.names_items: location"},
    {B, "origin: [lia-consent, device]", "origin: device",
     "permitted -> refused b#alert: origin: device"},
    {B, "    data_obtained_under: [kr/location/29]\n", "    kind: [guardian_alert]\n",
     "permitted -> refused b#alert: LIA 29(11)"},
    {PARTIES, "role: [police]", "role: [other]",
     "permitted -> refused b#dispatch: LIA 29(11); permitted -> refused b#position: LIA 29(11)"},
    {EXERCISES, "until: 2026-11-21T22:00:00+09:00", "until: 2026-11-21T21:59:59+09:00",
     "permitted -> refused a#live: " WINDOW "; permitted -> refused a#report: " WINDOW
     "; permitted -> refused a#request: " WINDOW},
    {A, "    limits: {messages_per_s: 5}\n",
     "    limits: {messages_per_s: 5}\n    approval: {role: duty-officer, persons: 1, within: 30 "
     "minutes}\n",
     "permitted -> held a#photo (approval)"},
    {A, "when: {assigned: yes, camera",
     "when: {period: {hours: 09:00-18:00}, assigned: yes, camera",
     "permitted -> refused a#photo: period.hours: 09:00-18:00"},
    {A, "when: {assigned: yes, camera", "when: {camera",
     "refused -> permitted a#photo: assigned: yes"},
    {LAW, "evidence: [emergency-call, incident-id]", "evidence: [emergency-call]",
     "permitted -> refused a#live: evidence: emergency-call; permitted -> refused a#report: "
     "evidence: emergency-call; permitted -> refused a#request: evidence: emergency-call"},
    {A, "    destroy: {starts_at: arrival, delay: 2 hours}\n",
     "    destroy: {starts_at: arrival, delay: 2 hours}\n"
     "emergency:\n"
     "  who: {units: [police/control], role: duty-officer}\n"
     "  kinds: [video, video_request]\n"
     "  basis_any_of: [kr/pipa/18-2-3]\n"
     "  reason: required\n"
     "  lasts: 30 minutes\n"
     "  review: {persons: 2, within: 24 hours}\n",
     "refused -> emergency a#live: incident.younger_than: 6 hours; refused -> emergency a#live: "
     "incident.participant: police/control; refused -> emergency a#live: "
     "camera.within_m_of_incident: 500; refused -> emergency a#request: incident.participant: "
     "police/control; permitted -> emergency a#request"},
};

/* ---- random messages */

static uint64_t seed = 1;

static inline unsigned dice(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % n;
}

static inline bool often(void)
{
    return dice(4) != 0;
}

static inline void roll_incident(struct incident *i, int64_t now_us)
{
    static const char *const types[] = {"robbery", "theft", "fire", "vulnerable-person"};
    static const int64_t ages[] = {60, 21599, 21600, 21601, 90000};
    static const double north[] = {0, 0.0044, 0.004496, 0.0045, 0.0049, 0.02};
    i->opened_us = now_us - ages[dice(ARRAY_LEN(ages))] * US_PER_S;
    (void)snprintf(i->type, sizeof i->type, "%s", types[dice(ARRAY_LEN(types))]);
    i->centre.latitude += north[dice(ARRAY_LEN(north))];
    i->has_centre = often();
    i->assignments = often();
    if (!often())
        i->participants = 1 + dice(2);
    if (!often())
        end_incident(i);
}

static inline void roll_claim(struct facts *f)
{
    static const char *const bases[] = {"kr/pipa/18-2-3", "kr/pipa/18-2-7", "kr/location/29"};
    static const char *const kinds[] = {"case-number", "emergency-call", "consent-reference"};
    if (!often())
        f->basis = bytes_of_text(bases[dice(ARRAY_LEN(bases))]);
    if (!often())
        f->evidence[0].kind = bytes_of_text(kinds[dice(ARRAY_LEN(kinds))]);
    f->evidences = often();
    f->has_actor = often();
}

static inline void roll_consent(struct facts *f)
{
    f->categories = often() ? 1u << CATEGORY_CHILD : 1u << dice(8);
    f->age_band = often() ? AGE_14_TO_17 : dice(5);
    f->consent.given_by = often() ? GIVER_SUBJECT : dice(4);
    f->consent.recipients = often();
    f->consent.purposes = often();
    f->consent.items = dice(3);
    f->consent.item[0] = bytes_of_text("location");
    f->consent.item[1] = bytes_of_text("photo");
    f->consent.present = often();
}

static inline void roll(struct ask *a)
{
    static const char *const grants[] = {"report", "request",  "live",    "photo",
                                         "alert",  "position", "dispatch"};
    static const char *const cameras[] = {"cam-1", "cam-2", "cam-3", "cam-4"};
    /* the ends of the exercise and of the memorandum, to the second */
    static const int64_t times[] = {0,
                                    0,
                                    0,
                                    3599,
                                    3600,
                                    -7 * 3600,
                                    -12 * 3600,
                                    21 * 86400,
                                    244 * 86400 + 3 * 3600 - 1,
                                    244 * 86400 + 3 * 3600};
    ask_message(a, grants[dice(ARRAY_LEN(grants))]);
    a->now_us = NOW_US + times[dice(ARRAY_LEN(times))] * US_PER_S;
    a->facts.incidents = dice(3);
    a->facts.incident[1] = bytes_of_text("police/control:" UUID_2);
    a->facts.status = often() ? STATUS_ACTUAL : 1 + dice(3);
    for (size_t i = 0; i < 2; i++) {
        roll_incident(&a->incident[i], a->now_us);
        a->unknown[i] = !often();
    }
    if (a->facts.cameras > 0) {
        a->facts.cameras = dice(3);
        for (size_t i = 0; i < 2; i++)
            a->facts.camera[i] = bytes_of_text(cameras[dice(ARRAY_LEN(cameras))]);
    }
    roll_claim(&a->facts);
    roll_claim(&a->watcher);
    if (strcmp(a->to, "centre/desk") == 0)
        roll_consent(&a->facts);
    if (a->facts.origins != 0 && !often())
        a->facts.origins = 1u << dice(7);
}

static inline struct policy_decided decided(struct ask *a, const struct policy *p)
{
    const struct incident *known[FACTS_INCIDENT_MAX] = {NULL};
    struct policy_question q;
    struct decision d;
    const char *failed;
    for (size_t i = 0; i < a->facts.incidents; i++)
        known[i] = a->unknown[i] ? NULL : &a->incident[i];
    if (policy_ask(p, &a->facts, a->watched ? &a->watcher : NULL, known, a->now_us, &q, &failed) !=
        REASON_PERMITTED)
        return (struct policy_decided){POLICY_REFUSED, REASON_NO_GRANT, "", ""};
    policy_decide(&q, policy_unit(p, bytes_of_text(a->to)), &d);
    if (!policy_permits(d.reason))
        return (struct policy_decided){POLICY_REFUSED, d.reason, "", ""};
    struct obligations o;
    policy_obligations(&q, d.grant, &o);
    return (struct policy_decided){o.approval.persons > 0 ? POLICY_HELD : POLICY_PERMITTED,
                                   d.reason, d.clause, ""};
}

#endif
