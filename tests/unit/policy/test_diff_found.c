/* What was wrong with `policy diff` until it was compared with the evaluator of tests/oracle/, each
 * as the smallest pair of sets that shows it. */
#include "pair.h"

#include "base/geo.h"

struct story {
    struct change given; /* of both sets */
    struct change change;
    const char *says;
};

#define EMERGENCY                                                                                  \
    "emergency:\n"                                                                                 \
    "  who: {units: [police/control], role: duty-officer}\n"                                       \
    "  kinds: [video_request]\n"                                                                   \
    "  basis_any_of: [kr/pipa/18-2-3]\n"                                                           \
    "  reason: required\n"                                                                         \
    "  lasts: 30 minutes\n"                                                                        \
    "  review: {persons: 2, within: 24 hours}\n"
#define LAST      "    destroy: {starts_at: arrival, delay: 2 hours}\n"
#define APPROVAL  "    approval: {role: duty-officer, persons: 1, within: 30 minutes}\n"
#define AROUND    "      around: {to-cameras: {grid: 250 m, within: 500 m}}\n"
#define UNKNOWN   "camera_id: a camera of the inventory"
#define PHOTO_END "    limits: {messages_per_s: 5}\n" LAST
#define EVIDENCE  "evidence: [emergency-call, incident-id]"

static const struct story stories[] = {
    /* Approval is not waited for where an emergency is on record, though nobody declares one. */
    {{A, LAST, LAST EMERGENCY, NULL},
     {A, AROUND, AROUND APPROVAL, NULL},
     "emergency -> emergency a#request (approval); permitted -> emergency a#request (approval); "
     "permitted -> held a#request (approval)"},
    /* A watcher whose incident is the evidence had a cell of evidence without it: what a#live
     * permits to both seemed to be refused. */
    {{LAW, EVIDENCE, "evidence: [incident-id]", NULL},
     {LAW, "evidence: [incident-id]", "evidence: [incident-id, resolution-number]", NULL},
     "refused -> permitted b#dispatch: evidence: incident-id; refused -> permitted b#dispatch: "
     "evidence: incident-id"},
    /* The distance to a camera that one set only has was none to the other: no place was found. */
    {{A, "younger_than: 6 hours", "younger_than: 7 hours", NULL},
     {CAMERAS, "cam-4,36.350500,127.380000,vehicle,crime-prevention,police,no\n", "", NULL},
     "permitted -> refused a#live: " UNKNOWN "; permitted -> refused a#photo: " UNKNOWN
     "; permitted -> refused a#request: " UNKNOWN "; permitted -> refused b#dispatch: " UNKNOWN
     "; permitted -> refused b#dispatch: " UNKNOWN},
    /* The end of an alternative's headquarters starts no clock, but was compared as if it did. */
    {{A, "    when: {assigned: yes, camera: {kind: [fixed, vehicle]}}\n" PHOTO_END,
      "    when: {disaster_headquarters: north, any: [{assigned: yes}, {disaster_headquarters: "
      "south}]}\n    limits: {messages_per_s: 5}\n    destroy: {starts_at: disaster-end, delay: 2 "
      "hours}\n",
      NULL},
     {A, "any: [{assigned: yes}, {disaster_headquarters: south}]", "any: [{assigned: yes}]", NULL},
     "permitted -> refused a#photo: assigned: yes"},
    /* Grids begin at the corner of the service area: with it they move. */
    {{A, "younger_than: 6 hours", "younger_than: 7 hours", NULL},
     {SET, "south_west: [36.20, ", "south_west: [36.201, ", NULL},
     "refused -> permitted a#live: camera.within_m_of_incident: 500; permitted -> refused a#live: "
     "camera.within_m_of_incident: 500"},
};

static void pair_of(struct pair *p, const struct story *x)
{
    set_new(&p->old);
    set_new(&p->new);
    set_change(&p->old, x->given.path, x->given.old, x->given.new);
    set_change(&p->new, x->given.path, x->given.old, x->given.new);
    set_change(&p->new, x->change.path, x->change.old, x->change.new);
    pair_compare(p, x->change.new);
}

static void what_was_found_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
        struct pair p = {0};
        pair_of(&p, &stories[i]);
        pair_expect(&p, stories[i].change.new, stories[i].says);
        pair_free(&p);
    }
}

/* It was told to six digits, and lay a decimetre off the corner that it was an example of. */
static void a_place_is_told_to_the_digit_that_was_asked(void **state)
{
    static const struct story moved = {
        {A, "when: {assigned: yes,", "when: {assigned: yes, incident: {area: north},", NULL},
        {VOCABULARY, "[36.30, 127.30]", "[36.30, 127.300001]", NULL},
        NULL};
    static const struct point old[] = {
        {36.30, 127.30}, {36.40, 127.30}, {36.40, 127.40}, {36.30, 127.40}};
    static const struct point new[] = {
        {36.30, 127.300001}, {36.40, 127.30}, {36.40, 127.40}, {36.30, 127.40}};
    struct point at;
    struct pair p = {0};
    (void)state;
    pair_of(&p, &moved);
    for (size_t i = 0; i < p.diff.differences; i++) {
        const char *place = strstr(p.diff.difference[i].message, " at ");
        assert_non_null(place);
        assert_int_equal(sscanf(place, " at %lf,%lf", &at.latitude, &at.longitude), 2);
        assert_true(geo_in_polygon(at, old, 4) != geo_in_polygon(at, new, 4));
    }
    assert_int_equal(p.diff.differences, 1);
    pair_free(&p);
}

/* A change of the gateway's own state names an incident, or is malformed. */
static void a_report_is_told_with_its_incident(void **state)
{
    static const struct story asks = {
        {A, "younger_than: 6 hours", "younger_than: 7 hours", NULL},
        {A, "    destroy: {starts_at: incident-end, delay: 0 seconds}\n",
         "    when: {incident_type: [fire]}\n    destroy: {starts_at: incident-end, delay: 0 "
         "seconds}\n",
         NULL},
        NULL};
    struct pair p = {0};
    (void)state;
    pair_of(&p, &asks);
    pair_expect(&p, "report", "permitted -> refused a#report: incident_type: fire");
    assert_non_null(strstr(p.diff.difference[0].message, "\nincident\t"));
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_found_is_told),
        cmocka_unit_test(a_place_is_told_to_the_digit_that_was_asked),
        cmocka_unit_test(a_report_is_told_with_its_incident)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
