#include "set.h"

#define PHOTO_END "    destroy: {starts_at: arrival, delay: 2 hours}\n"

/* Another grant behind `photo`. */
#define SECOND(service, to, purpose, basis, more)                                                  \
    A, PHOTO_END,                                                                                  \
        PHOTO_END "  - grant: second\n"                                                            \
                  "    service: " service "\n"                                                     \
                  "    kind: scene_image\n"                                                        \
                  "    from: centre/video\n"                                                       \
                  "    to: [" to "]\n"                                                             \
                  "    purpose: " purpose "\n"                                                     \
                  "    basis_any_of: [" basis "]\n" more                                           \
                  "    destroy: {starts_at: arrival, delay: 1 hour}\n"
#define BOTH(camera)                                                                               \
    A ":62:12: error: grants 'a#photo' and 'a#second' both answer this message: kind "             \
      "scene_image, "                                                                              \
      "from centre/video, to police/car, service patrol, purpose crime-response, basis "           \
      "kr/pipa/18-2-7, evidence case-number, camera_id " camera ", incident open since "           \
      "2026-11-21T20:59:00+09:00 with other/unit assigned police/car"

static void two_grants_for_one_message_are_refused_with_an_example(void **state)
{
    static const struct change row[] = {
        {SECOND("patrol", "police/control, police/car", "crime-response", "kr/pipa/18-2-7", ""),
         BOTH("cam-1")},
        {SECOND("patrol", "police/car", "crime-response", "kr/pipa/18-2-7",
                "    narrower_than: photo\n"),
         A ":52:12: warning: grant 'a#photo' never answers: narrower grants take every message "
           "that it "
           "would"},
        {SECOND("patrol", "police/car", "life-rescue", "kr/pipa/18-2-7", ""), ""},
        {SECOND("onsite-video", "police/car", "crime-response", "kr/pipa/18-2-7", ""), ""},
        {SECOND("patrol", "police/car", "crime-response", "kr/pipa/18-2-3", ""), ""},
        {SECOND("patrol", "police/control", "crime-response", "kr/pipa/18-2-7", ""), ""},
        {SECOND("patrol", "police/car", "crime-response", "kr/pipa/18-2-7",
                "    when: {camera: {kind: drone}}\n"),
         ""},
        {SECOND("patrol", "police/car", "crime-response", "kr/pipa/18-2-7",
                "    when: {camera: {kind: [drone, vehicle]}}\n"),
         BOTH("cam-4")},
        {SECOND("patrol", "police/car", "crime-response", "kr/pipa/18-2-7",
                "    when: {camera: {installed_for: traffic}}\n"),
         BOTH("cam-2")},
        {SECOND("patrol", "police/car", "crime-response", "kr/pipa/18-2-3, kr/pipa/18-2-7",
                "    when: {basis: kr/pipa/18-2-3}\n"),
         ""},
        {SECOND("patrol", "police/car", "crime-response", "kr/pipa/18-2-3, kr/pipa/18-2-7",
                "    when: {basis: kr/pipa/18-2-7}\n"),
         BOTH("cam-1")},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* Another grant for an alert behind those of b.yaml. */
#define ALERT(subject, given_by)                                                                   \
    B, "prohibitions:\n",                                                                          \
        "  - grant: second\n"                                                                      \
        "    service: protection\n"                                                                \
        "    kind: guardian_alert\n"                                                               \
        "    from: carrier/alerts\n"                                                               \
        "    to: [centre/desk]\n"                                                                  \
        "    purpose: safe-return\n"                                                               \
        "    basis_any_of: [kr/location/19]\n"                                                     \
        "    when:\n"                                                                              \
        "      subject: " subject "\n"                                                             \
        "      consent: {given_by: " given_by ", names_recipient: yes}\n"                          \
        "      origin: device\n"                                                                   \
        "    notify: {within: 10 minutes}\n"                                                       \
        "    destroy: {starts_at: found, delay: 0 seconds}\n"                                      \
        "prohibitions:\n"

static void words_that_exclude_each_other_part_two_grants(void **state)
{
    static const struct change row[] = {
        {ALERT("{category: [child], age_band: [14-to-17]}", "subject"),
         B ":46:12: error: grants 'b#alert' and 'b#second' both answer this message: kind "
           "guardian_alert, from carrier/alerts, to centre/desk, service protection, purpose "
           "safe-return, basis kr/location/19, evidence consent-reference, subject.category child, "
           "subject.age_band 14-to-17, consent stands, consent.given_by subject, consent.recipient "
           "centre/desk, consent.purpose safe-return"},
        {ALERT("{category: [child], age_band: [up-to-8]}", "legal-representative"), ""},
        {ALERT("{category: [dementia], age_band: [adult]}", "subject"), ""},
        {ALERT("{category: [child], age_band: [14-to-17]}", "legal-representative"), ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

#define ASK(name, request)                                                                         \
    "  - grant: " name "\n"                                                                        \
    "    service: protection\n"                                                                    \
    "    kind: location_request\n"                                                                 \
    "    from: police/control\n"                                                                   \
    "    to: [carrier/alerts]\n"                                                                   \
    "    purpose: life-rescue\n"                                                                   \
    "    basis_any_of: [kr/pipa/18-2-3]\n"                                                         \
    "    when: {request: " request "}\n"                                                           \
    "    destroy: {starts_at: incident-end, delay: 0 seconds}\n"
#define TWO_ASK(one, other)                                                                        \
    B, "prohibitions:\n", ASK("one", one) ASK("other", other) "prohibitions:\n"

/* A witness's consent goes with a witness, and a wish with whom somebody else called for. */
static void grounds_and_what_goes_with_them_part_two_grants(void **state)
{
    static const struct change row[] = {
        {TWO_ASK("{ground: caller}", "{ground: [witness, relative]}"), ""},
        {TWO_ASK("{ground: [caller, missing-person]}", "{witness_consent: given}"), ""},
        {TWO_ASK("{ground: [caller, witness]}", "{witness_consent: given}"),
         B ":55:12: error: grants 'b#one' and 'b#other' both answer this message: kind "
           "location_request, from police/control, to carrier/alerts, service protection, purpose "
           "life-rescue, basis kr/pipa/18-2-3, request.ground witness, "
           "request.witness_consent given, incident open since 2026-11-21T20:59:00+09:00 with "
           "other/unit"},
        {TWO_ASK("{wish: confirmed}", "{ground: person-to-be-rescued}"),
         B ":55:12: error: grants 'b#one' and 'b#other' both answer this message: kind "
           "location_request, from police/control, to carrier/alerts, service protection, purpose "
           "life-rescue, basis kr/pipa/18-2-3, request.ground "
           "person-to-be-rescued, request.wish confirmed, incident open since "
           "2026-11-21T20:59:00+09:00 with other/unit"},
        {TWO_ASK("{ground: caller}", "{ground: witness, wish: confirmed}"), ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

#define CLOSE(name, bases, when)                                                                   \
    "  - grant: " name "\n"                                                                        \
    "    service: onsite-video\n"                                                                  \
    "    kind: incident_close\n"                                                                   \
    "    from: police/control\n"                                                                   \
    "    to: gateway/self\n"                                                                       \
    "    purpose: crime-response\n"                                                                \
    "    basis_any_of: [" bases "]\n"                                                              \
    "    when: " when "\n"                                                                         \
    "    destroy: {starts_at: incident-end, delay: 0 seconds}\n"
/* Two grants for a close behind `photo`, which share one basis: of fires, and of `when`. */
#define TWO_CLOSES(when)                                                                           \
    A, PHOTO_END,                                                                                  \
        PHOTO_END CLOSE("second", "kr/pipa/18-2-3, kr/pipa/18-2-7", "{incident_type: fire}")       \
            CLOSE("third", "kr/pipa/18-2-7, kr/pipa/18-2-5", when)
#define BOTH_CLOSES(actor)                                                                         \
    A ":71:12: error: grants 'a#second' and 'a#third' both answer this message: kind "             \
      "incident_close, from police/control, to gateway/self, service onsite-video, purpose "       \
      "crime-response, basis kr/pipa/18-2-7, evidence case-number, " actor                         \
      "incident open fire since "                                                                  \
      "2026-11-21T20:59:00+09:00 with other/unit"

static void types_part_two_grants_of_kinds_with_one_incident(void **state)
{
    static const struct change row[] = {
        {TWO_CLOSES("{incident_type: robbery}"), ""},
        {TWO_CLOSES("{incident_type: [robbery, fire]}"), BOTH_CLOSES("")},
        {TWO_CLOSES("{any: [{incident_type: robbery}]}"), ""},
        {TWO_CLOSES("{any: [{incident_type: robbery}, {actor: required}]}"),
         BOTH_CLOSES("actor named, ")},
        {A, "    destroy: {starts_at: arrival, delay: 2 hours}\n",
         "    destroy: {starts_at: arrival, delay: 2 hours}\n"
         "  - grant: second\n"
         "    service: patrol\n"
         "    kind: scene_image\n"
         "    from: centre/video\n"
         "    to: [police/control, police/car]\n"
         "    purpose: crime-response\n"
         "    when: {incident_type: theft}\n"
         "    basis_any_of: [kr/pipa/18-2-7]\n"
         "    destroy: {starts_at: arrival, delay: 1 hour}\n",
         A ":62:12: error: grants 'a#photo' and 'a#second' both answer this message: kind "
           "scene_image, from centre/video, to police/car, service patrol, purpose crime-response, "
           "basis kr/pipa/18-2-7, evidence case-number, camera_id cam-1, incident open theft since "
           "2026-11-21T20:59:00+09:00 with other/unit assigned police/car"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void narrower_reaches_through_others(void **state)
{
    static const struct change row[] = {
        {A, "    destroy: {starts_at: arrival, delay: 2 hours}\n",
         "    destroy: {starts_at: arrival, delay: 2 hours}\n"
         "  - grant: second\n"
         "    service: patrol\n"
         "    kind: scene_image\n"
         "    from: centre/video\n"
         "    to: [police/control, police/car]\n"
         "    purpose: crime-response\n"
         "    narrower_than: photo\n"
         "    basis_any_of: [kr/pipa/18-2-7]\n"
         "    destroy: {starts_at: arrival, delay: 1 hour}\n"
         "  - grant: third\n"
         "    service: patrol\n"
         "    kind: scene_image\n"
         "    from: centre/video\n"
         "    to: [police/control, police/car]\n"
         "    purpose: crime-response\n"
         "    narrower_than: second\n"
         "    basis_any_of: [kr/pipa/18-2-7]\n"
         "    destroy: {starts_at: arrival, delay: 1 hour}\n",
         A ":52:12: warning: grant 'a#photo' never answers: narrower grants take every message "
           "that it would|" A ":62:12: warning: grant 'a#second' never answers: narrower grants "
           "take every message that it would"},
        {A, "    destroy: {starts_at: arrival, delay: 2 hours}\n",
         "    destroy: {starts_at: arrival, delay: 2 hours}\n"
         "  - grant: second\n"
         "    service: patrol\n"
         "    kind: scene_image\n"
         "    from: centre/video\n"
         "    to: [police/control, police/car]\n"
         "    purpose: crime-response\n"
         "    narrower_than: photo\n"
         "    basis_any_of: [kr/pipa/18-2-7]\n"
         "    destroy: {starts_at: arrival, delay: 1 hour}\n"
         "  - grant: third\n"
         "    service: patrol\n"
         "    kind: scene_image\n"
         "    from: centre/video\n"
         "    to: [police/control, police/car]\n"
         "    purpose: crime-response\n"
         "    narrower_than: photo\n"
         "    basis_any_of: [kr/pipa/18-2-7]\n"
         "    destroy: {starts_at: arrival, delay: 1 hour}\n",
         A ":71:12: error: grants 'a#second' and 'a#third' both answer this message: kind "
           "scene_image, from centre/video, to police/car, service patrol, purpose crime-response, "
           "basis kr/pipa/18-2-7, evidence "
           "case-number"
           "|" A ":71:12: error: grants 'a#second' and 'a#third' both answer this message: kind "
           "scene_image, from centre/video, to police/control, service patrol, purpose "
           "crime-response, basis kr/pipa/18-2-7, evidence "
           "case-number"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void a_message_with_several_incidents_has_several_types(void **state)
{
    static const struct change row[] = {
        {A,
         "    when: {assigned: yes, camera: {kind: [fixed, vehicle]}}\n"
         "    limits: {messages_per_s: 5}\n"
         "    destroy: {starts_at: arrival, delay: 2 hours}\n",
         "    when: {incident_type: robbery}\n"
         "    destroy: {starts_at: arrival, delay: 2 hours}\n"
         "  - grant: second\n"
         "    service: patrol\n"
         "    kind: scene_image\n"
         "    from: centre/video\n"
         "    to: [police/car]\n"
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-7]\n"
         "    when: {incident_type: theft}\n"
         "    destroy: {starts_at: arrival, delay: 1 hour}\n",
         A ":61:12: error: grants 'a#photo' and 'a#second' both answer this message: kind "
           "scene_image, from centre/video, to police/car, service patrol, purpose crime-response, "
           "basis kr/pipa/18-2-7, evidence case-number, incident open theft since "
           "2026-11-21T20:59:00+09:00 with other/unit, incident open robbery since "
           "2026-11-21T20:59:00+09:00 with other/unit"}};
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* One memorandum follows the other. */
static void grants_that_are_never_in_force_together_do_not_meet(void **state)
{
    static const struct {
        const char *from, *says;
    } row[] = {
        {"in_force: {from: 2027-07-24,", ""},
        {"in_force: {from: 2027-07-23,",
         "mou/c.yaml:12:12: error: grants 'a#report' and 'c#report' both answer this message: kind "
         "incident_report, from police/control, to gateway/self, service onsite-video, purpose "
         "crime-response, basis kr/pipa/18-2-3, incident open since 2027-07-22T23:59:00+09:00 with "
         "other/unit, time 2027-07-23T00:00:00+09:00"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        set_new(&s);
        set_put(&s, "mou/c.yaml", a_yaml);
        *strstr(set_file(&s, "mou/c.yaml")->text, "\n  - grant: request") = '\0';
        set_change(&s, "mou/c.yaml", "mou: a\n", "mou: c\n");
        set_change(&s, "mou/c.yaml", "in_force: {from: 2015-07-24,", row[i].from);
        set_change(&s, "mou/c.yaml", "until: 2027-07-23", "until: 2028-07-23");
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_grants_for_one_message_are_refused_with_an_example),
        cmocka_unit_test(words_that_exclude_each_other_part_two_grants),
        cmocka_unit_test(grounds_and_what_goes_with_them_part_two_grants),
        cmocka_unit_test(types_part_two_grants_of_kinds_with_one_incident),
        cmocka_unit_test(narrower_reaches_through_others),
        cmocka_unit_test(a_message_with_several_incidents_has_several_types),
        cmocka_unit_test(grants_that_are_never_in_force_together_do_not_meet)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
