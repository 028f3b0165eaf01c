/* Clauses that nothing can meet are warned of, with the reason and at their place. */
#include "set.h"

#define PHOTO     "    when: {assigned: yes, camera: {kind: [fixed, vehicle]}}\n"
#define PHOTO_END "    destroy: {starts_at: arrival, delay: 2 hours}\n"
#define DEAD      A ":52:12: warning: grant 'a#photo' never answers: "

/* Another grant behind `photo`, which is the narrower one. */
#define NARROWER(when)                                                                             \
    A, PHOTO_END,                                                                                  \
        PHOTO_END "  - grant: second\n"                                                            \
                  "    service: patrol\n"                                                          \
                  "    kind: scene_image\n"                                                        \
                  "    from: centre/video\n"                                                       \
                  "    to: [police/car]\n"                                                         \
                  "    purpose: crime-response\n"                                                  \
                  "    basis_any_of: [kr/pipa/18-2-7]\n" when "    narrower_than: photo\n"         \
                  "    destroy: {starts_at: arrival, delay: 1 hour}\n"

static void a_grant_that_can_never_answer_is_told_with_its_reason(void **state)
{
    static const struct change row[] = {
        {A, "[fixed, vehicle]", "[drone], installed_for: traffic", ""},
        {CAMERAS, "drone,crime-prevention;traffic", "fixed,crime-prevention;traffic", ""},
        {A, "    when: {assigned: yes, camera: {kind: [fixed, vehicle]}}\n",
         "    when: {camera: {kind: vehicle, installed_for: traffic}}\n",
         DEAD "no camera of the inventory meets its conditions"},
        {B, "      origin: [lia-consent, device]\n",
         "      origin: [lia-consent, device]\n      any: [{subject: {age_band: [up-to-8]}}]\n",
         B ":12:12: warning: grant 'b#alert' never answers: what it asks contradicts itself "
           "('subject.age_band')"},
        {PARTIES, "    synthetic: yes\n", "", ""},
        /* no cell's centre is as near to a camera; the line between two of them may be */
        {A,
         "younger_than: 6 hours}\n      any:\n        - incident_type: [robbery, theft]\n        - "
         "basis: kr/pipa/18-2-3\n      camera: {within_m_of_incident: 500, installed_for: "
         "crime-prevention}\n",
         "area: north}\n      camera: {within_m_of_route: 1}\n", ""},
        {NARROWER(""), DEAD "narrower grants take every message that it would"},
        {NARROWER("    when: {assigned: yes, camera: {kind: fixed}}\n"), ""},
        {NARROWER("    when: {camera: {kind: drone}}\n"),
         A ":62:12: warning: 'narrower_than' says nothing: no message meets both 'a#second' and "
           "'a#photo'"},
        {B, "    data_obtained_under: [kr/location/29]\n", "    kind: [location_update]\n",
         B
         ":47:5: warning: prohibition 'b#positions-to-others' forbids nothing: no grant gives that "
         "to anyone who is not spared"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* A period of Mondays, and a memorandum in force from a Tuesday to the next Sunday. */
static void a_period_outside_the_memorandums_time_is_told(void **state)
{
    static const struct {
        const char *until, *says;
    } row[] = {{"2026-12-06", "|" DEAD "its period never falls within the memorandum's time"},
               {"2026-12-07", ""}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        char in_force[80];
        set_new(&s);
        (void)snprintf(in_force, sizeof in_force, "in_force: {from: 2026-12-01, until: %s,",
                       row[i].until);
        set_change(&s, A, "in_force: {from: 2015-07-24, until: 2027-07-23,", in_force);
        set_change(&s, A, "legal_review_by: 2027-03-01", "legal_review_by: 2026-12-05");
        set_change(&s, A, PHOTO, "    when: {period: {days: [mon]}}\n");
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

/* Real and synthetic units pass each other nothing but exercises, and only in their window. */
static void what_goes_to_a_synthetic_unit_from_a_real_one_is_told(void **state)
{
    static const struct {
        const char *units, *says;
    } row[] = {{"[police/control, centre/video]", DEAD
                "between a real and a synthetic unit only exercises of a declared window pass"},
               {"[lab/bench, centre/video]", ""}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        set_new(&s);
        set_change(&s, A, "    from: centre/video\n    to: [police/car]\n",
                   "    from: lab/bench\n    to: [centre/video]\n");
        set_change(&s, A, PHOTO, "");
        set_change(&s, EXERCISES, "[police/control, centre/video]", row[i].units);
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

static void an_alternative_that_never_holds_or_adds_nothing_is_told(void **state)
{
    static const struct change row[] = {
        {A, "        - basis: kr/pipa/18-2-3\n",
         "        - {basis: kr/pipa/18-2-3, camera: {installed_for: traffic, kind: drone}}\n", ""},
        {A, "        - basis: kr/pipa/18-2-3\n",
         "        - {camera: {installed_for: traffic, kind: vehicle}}\n",
         A ":45:11: warning: this alternative of 'a#live' can never hold"},
        {A, "        - basis: kr/pipa/18-2-3\n",
         "        - {incident_type: theft, basis: kr/pipa/18-2-3}\n",
         A
         ":45:11: warning: this alternative of 'a#live' adds nothing: the others hold wherever it "
         "does"},
        {A, "        - basis: kr/pipa/18-2-3\n",
         "        - basis: kr/pipa/18-2-3\n        - basis: kr/pipa/18-2-7\n",
         A
         ":44:11: warning: this alternative of 'a#live' adds nothing: the others hold wherever it "
         "does"}};
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

#define EMERGENCY(units, kinds, bases)                                                             \
    A, PHOTO_END,                                                                                  \
        PHOTO_END "emergency:\n"                                                                   \
                  "  who: {units: [" units "], role: duty-officer}\n"                              \
                  "  kinds: [" kinds "]\n"                                                         \
                  "  basis_any_of: [" bases "]\n"                                                  \
                  "  reason: required\n"                                                           \
                  "  lasts: 30 minutes\n"                                                          \
                  "  review: {persons: 2, within: 24 hours}\n"
#define UNUSED                                                                                     \
    A ":63:3: warning: no grant of this memorandum can be used in this emergency: none has its "   \
      "kinds, bases and units"

static void an_emergency_that_no_grant_can_use_is_told(void **state)
{
    static const struct change row[] = {
        {EMERGENCY("police/control", "video", "kr/pipa/18-2-3"), ""},
        {EMERGENCY("police/control", "feedback", "kr/pipa/18-2-3"), UNUSED},
        {EMERGENCY("police/control", "scene_image", "kr/pipa/18-2-7"), UNUSED},
        {EMERGENCY("police/car", "scene_image", "kr/pipa/18-2-7"), ""}};
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* What keeps a camera and a region apart is found on the ground. */
static void a_region_without_cameras_near_it_is_found(void **state)
{
    static const struct change near[] = {
        {A, PHOTO, "    when: {incident: {area: [north]}, camera: {within_m_of_incident: 500}}\n",
         ""}};
    struct set s;
    (void)state;
    expect_changes(near, ARRAY_LEN(near));
    set_new(&s);
    set_change(&s, VOCABULARY,
               "[[36.30, 127.30], [36.40, 127.30], [36.40, 127.40], [36.30, 127.40]]",
               "[[36.40, 127.30], [36.45, 127.30], [36.45, 127.40]]");
    set_change(&s, A, "{to-cameras: {grid: 250 m, within: 500 m}}", "drop");
    set_change(&s, A, PHOTO,
               "    when: {incident: {area: [north]}, camera: {within_m_of_incident: 500}}\n");
    set_compile(&s);
    expect_says(&s, DEAD "what it asks contradicts itself ('incident.area')");
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_that_can_never_answer_is_told_with_its_reason),
        cmocka_unit_test(a_period_outside_the_memorandums_time_is_told),
        cmocka_unit_test(what_goes_to_a_synthetic_unit_from_a_real_one_is_told),
        cmocka_unit_test(an_alternative_that_never_holds_or_adds_nothing_is_told),
        cmocka_unit_test(an_emergency_that_no_grant_can_use_is_told),
        cmocka_unit_test(a_region_without_cameras_near_it_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
