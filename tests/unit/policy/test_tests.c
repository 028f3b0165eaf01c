/* policy/tests.c, expectation.c and request*.c: what lawyers write to see their memorandum hold. */
#include "tests.h"

static void expect_results(struct tests_bench *b, size_t passed, const char *failed)
{
    if (b->said.n > 0)
        fail_msg("%s", buf_c(&b->said));
    assert_string_equal(buf_c(&b->failed), failed);
    assert_int_equal(policy_tests_passed(b->tests), passed);
}

static void run_good(const char *text, size_t passed, const char *failed)
{
    struct tests_bench b;
    tests_bench_new(&b);
    (void)tests_run(&b, text);
    expect_results(&b, passed, failed);
    tests_bench_free(&b);
}

static void an_answer_is_a_word_a_reason_or_a_map(void **state)
{
    (void)state;
    run_good(DEFAULTS
             "  - {test: short, expect: permitted}\n"
             "  - {test: a map, expect: {verdict: permitted, clause: a#live}}\n"
             "  - {test: a reason, watcher: {actor: none}, expect: refused ACTOR_MISSING}\n"
             "  - {test: another, watcher: {actor: none}, expect: refused NO_GRANT}\n"
             "  - {test: wrong, expect: refused}\n"
             "  - {test: a clause, expect: {clause: a#photo}}\n"
             "  - {test: what failed, watcher: {actor: none}, expect: {failed: \"actor: "
             "required\"}}\n",
             4, "tests/t.yaml:11: another\ntests/t.yaml:12: wrong\ntests/t.yaml:13: a clause\n");
}

static void what_a_test_leaves_out_the_defaults_say(void **state)
{
    (void)state;
    run_good(DEFAULTS "  - {test: nothing changed, expect: permitted}\n"
                      "  - {test: one word, message: {service: patrol}, expect: refused "
                      "SERVICE_NOT_GRANTED}\n"
                      "  - {test: the incident closed, incident: {closed: 1 minute ago}, expect: "
                      "refused INCIDENT_CLOSED}\n"
                      "  - {test: no incident, incident: none, expect: refused INCIDENT_UNKNOWN}\n"
                      "  - {test: the defaults are as they were, expect: permitted}\n",
             5, "");
}

static void parts_that_are_closed_are_those_of_the_test(void **state)
{
    (void)state;
    run_good(DEFAULTS "  - {test: of another, incident: {participants: police/control, "
                      "closed_parts: rescue/control}, expect: permitted}\n"
                      "  - test: of its own\n"
                      "    incident: {participants: rescue/control, closed_parts: police/car}\n"
                      "    vary: incident.closed_parts\n"
                      "    cases:\n"
                      "      - {value: police/control, expect: refused NOT_PARTICIPANT}\n",
             2, "");
}

static void a_table_varies_one_value_or_several(void **state)
{
    (void)state;
    run_good(DEFAULTS
             "  - test: radius\n"
             "    vary: message.camera\n"
             "    cases:\n"
             "      - {value: cam-1, expect: permitted}\n"
             "      - {value: cam-3, expect: permitted}\n"
             "      - {value: [cam-1, cam-3], expect: refused OUTSIDE_RADIUS}\n"
             "  - test: two\n"
             "    vary: [incident.type, watcher.basis]\n"
             "    cases:\n"
             "      - {value: [theft, kr/pipa/18-2-7], expect: permitted}\n"
             "      - {value: [fire, kr/pipa/18-2-7], expect: refused INCIDENT_TYPE_NOT_COVERED}\n",
             4, "tests/t.yaml:12: radius [cam-3]\n");
}

static void times_are_counted_from_now(void **state)
{
    (void)state;
    run_good(DEFAULTS
             "  - test: younger than six hours\n"
             "    vary: incident.opened\n"
             "    cases:\n"
             "      - {value: 21599 seconds ago, expect: permitted}\n"
             "      - {value: 6 hours ago, expect: refused INCIDENT_TOO_OLD}\n"
             "      - {value: 6시간 전, expect: refused INCIDENT_TOO_OLD}\n"
             "      - {value: 2026-11-21T15:00:01+09:00, expect: permitted}\n"
             "  - {test: kept 20 days from its recording, message: {recorded: 5 days ago}, expect: "
             "{verdict: permitted, destroy_by: in 15 days}}\n"
             "  - {test: not 16, message: {recorded: 5 days ago}, expect: {destroy_by: in 16 "
             "days}}\n",
             5, "tests/t.yaml:16: not 16\n");
}

static void several_recipients_of_one_message(void **state)
{
    (void)state;
    run_good(
        "tests:\n"
        "  - test: both\n"
        "    now: 2026-11-21T21:00:00+09:00\n"
        "    message: {kind: location_update, from: carrier/alerts, service: protection, "
        "purpose: life-rescue, basis: kr/location/29, evidence: emergency-call, origin: lia-29}\n"
        "    expect:\n"
        "      - {to: police/control, verdict: permitted}\n"
        "      - {to: rescue/control, verdict: permitted}\n"
        "      - {to: centre/desk, verdict: permitted}\n",
        2, "tests/t.yaml:2: both\n");
}

static void changed_fields_are_compared(void **state)
{
    (void)state;
    run_good(
        DEFAULTS
        "  - {test: around, message: {kind: video_request, from: police/control, camera: "
        "none}, watcher: none, expect: {to: centre/video, verdict: permitted, changed: [around]}}\n"
        "  - {test: nothing, expect: {verdict: permitted, changed: none}}\n"
        "  - {test: wrong, expect: {verdict: permitted, changed: [around]}}\n",
        2, "tests/t.yaml:10: wrong\n");
}

static void what_the_gateway_knows_is_stated(void **state)
{
    (void)state;
    run_good(
        DEFAULTS
        "  - test: suspended\n"
        "    vary: state.suspended\n"
        "    cases:\n"
        "      - {value: \"a#live\", expect: refused SUSPENDED}\n"
        "      - {value: [police/control], expect: refused PARTY_SUSPENDED}\n"
        "      - {value: centre, expect: refused PARTY_SUSPENDED}\n"
        "      - {value: lab, expect: permitted}\n"
        "  - test: consent\n"
        "    message: {kind: guardian_alert, from: carrier/alerts, service: protection, purpose: "
        "safe-return, basis: kr/location/19, evidence: consent-reference, origin: device, "
        "subject: {category: child, age_band: 14-to-17}, consent: {given_by: subject, "
        "recipients: centre, purposes: safe-return}}\n"
        "    watcher: none\n"
        "    vary: state.consent\n"
        "    cases:\n"
        "      - {value: stands, expect: {to: centre/desk, verdict: permitted}}\n"
        "      - {value: withdrawn, expect: {to: centre/desk, verdict: refused, reason: "
        "CONSENT_WITHDRAWN}}\n",
        6, "");
}

static void what_waits_for_approval_is_held(void **state)
{
    (void)state;
    struct tests_bench b;
    tests_bench_new(&b);
    tests_bench_change(&b, A, "    when: {assigned: yes, camera: {kind: [fixed, vehicle]}}\n",
                       "    when: {assigned: yes, camera: {kind: [fixed, vehicle]}}\n"
                       "    approval: {role: duty-officer, persons: 2, within: 30 minutes}\n",
                       false);
    (void)tests_run(&b, DEFAULTS
                    "  - {test: held, message: {kind: scene_image, service: patrol}, incident: "
                    "{assigned: police/car}, expect: {to: police/car, verdict: held, clause: "
                    "a#photo}}\n"
                    "  - {test: not at once, message: {kind: scene_image, service: patrol}, "
                    "incident: {assigned: police/car}, expect: {to: police/car, verdict: "
                    "permitted}}\n");
    expect_results(&b, 1, "tests/t.yaml:9: not at once\n");
    assert_non_null(strstr(b.report, "2 x centre/duty-officer, 30 minutes"));
    tests_bench_free(&b);
}

static void an_emergency_is_an_answer_of_its_own(void **state)
{
    (void)state;
    struct tests_bench b;
    tests_bench_new(&b);
    tests_bench_change(&b, NULL, NULL, NULL, true);
    (void)tests_run(&b, DEFAULTS
                    "  - {test: without one, message: {camera: cam-3}, expect: refused "
                    "OUTSIDE_RADIUS}\n"
                    "  - test: while it lasts\n"
                    "    message: {camera: cam-3}\n"
                    "    incident: {emergency: {mou: a, until: in 1 second}}\n"
                    "    expect: {verdict: emergency, reason: PERMITTED_EMERGENCY, failed: "
                    "\"camera.within_m_of_incident: 500\"}\n"
                    "  - test: after it\n"
                    "    message: {camera: cam-3}\n"
                    "    incident: {emergency: {mou: a, until: 1 second ago}}\n"
                    "    expect: refused OUTSIDE_RADIUS\n"
                    "  - test: of another memorandum\n"
                    "    message: {camera: cam-3}\n"
                    "    incident: {emergency: {mou: b, until: in 1 second}}\n"
                    "    expect: refused OUTSIDE_RADIUS\n");
    expect_results(&b, 4, "");
    tests_bench_free(&b);
}

static void words_that_the_set_does_not_know_are_an_answer(void **state)
{
    (void)state;
    run_good(DEFAULTS
             "  - {test: purpose, message: {purpose: fishing}, expect: {verdict: refused, "
             "reason: PURPOSE_UNKNOWN, failed: \"purpose: a word of vocabulary.yaml\"}}\n"
             "  - {test: camera, message: {camera: cam-9}, expect: refused CAMERA_UNKNOWN}\n"
             "  - {test: recipient, expect: {to: no/body, verdict: refused, reason: "
             "RECIPIENT_UNKNOWN}}\n",
             3, "");
}

static void a_failure_tells_what_was_asked_expected_and_answered(void **state)
{
    (void)state;
    struct tests_bench b;
    tests_bench_new(&b);
    (void)tests_run(&b, DEFAULTS "  - {test: wrong, watcher: {actor: none}, expect: {verdict: "
                                 "permitted, destroy_by: in 30 days}}\n");
    static const char begin[] =
        "  asked: video, centre/video → police/control, 2026-11-21T21:00:00+09:00\n"
        "    service onsite-video; purpose crime-response; basis kr/pipa/18-2-7; evidence "
        "case-number; camera cam-1; incident incident; watched for crime-response; basis "
        "kr/pipa/18-2-7; evidence case-number\n"
        "  verdict: expected 'permitted', answered 'refused'\n"
        "  destroy_by: expected '2026-12-21T21:00:00+09:00', answered 'none'\n"
        "    answer          refused\n"
        "    reason          ACTOR_MISSING: ";
    if (strncmp(b.report, begin, sizeof begin - 1) != 0)
        fail_msg("%s", b.report);
    assert_non_null(strstr(b.report, "did not hold"));
    assert_non_null(strstr(b.report, "not asked"));
    tests_bench_free(&b);
}

/* ---- what is wrong in a file */

static void errors_have_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } row[] = {
        {"tests: []\nmore: 1\n", "tests/t.yaml:2:1: error: unknown key 'more' in a test file"},
        {DEFAULTS "  - {test: t, expect: perhaps}\n",
         "tests/t.yaml:8:23: error: expected an answer for 'expect': permitted, emergency, held, "
         "refused, or refused with a reason such as 'refused OUTSIDE_RADIUS'"},
        {DEFAULTS "  - {test: t, expect: refused OUTSIDE_RADIS}\n",
         "tests/t.yaml:8:23: error: unknown reason 'OUTSIDE_RADIS'"},
        {DEFAULTS "  - {test: t}\n", "tests/t.yaml:8:5: error: a test needs the key 'expect'"},
        {DEFAULTS "  - {expect: permitted}\n",
         "tests/t.yaml:8:5: error: a test needs the key 'test'"},
        {"tests:\n  - {test: t, expect: permitted}\n",
         "tests/t.yaml:2:5: error: a message needs the key 'kind'"},
        {DEFAULTS "  - {test: t, vary: message.colour, cases: [{value: red, expect: permitted}]}\n",
         "tests/t.yaml:8:21: error: 'message.colour' is no value that a test can vary"},
        {DEFAULTS
         "  - {test: t, vary: [message.kind, message.from], cases: [{value: video, expect: "
         "permitted}]}\n",
         "tests/t.yaml:8:67: error: 2 fields vary, so each case has as many values in a list"},
        {DEFAULTS "  - {test: t, vary: message.kind}\n",
         "tests/t.yaml:8:5: error: a test needs the key 'cases'"},
        {DEFAULTS "  - {test: t, incident: {opened: yesterday}, expect: permitted}\n",
         "tests/t.yaml:8:34: error: expected a time (2026-11-21T09:00:00+09:00), or one from 'now' "
         "on such as '2 hours ago' or 'in 30 minutes' for opened"},
        {DEFAULTS "  - {test: t, message: {origin: moon}, expect: permitted}\n",
         "tests/t.yaml:8:33: error: unknown origin 'moon'"},
        {DEFAULTS "  - {test: t, state: {suspended: nobody}, expect: permitted}\n",
         "tests/t.yaml:8:34: error: unknown clause, unit or party 'nobody'"},
        {DEFAULTS
         "  - {test: t, message: {kind: dispatch_request, from: centre/desk}, expect: {to: "
         "none, verdict: refused}}\n",
         "tests/t.yaml:8:12: error: the message reaches 2 units, so 'to' has to say which is asked "
         "about"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct tests_bench b;
        tests_bench_new(&b);
        if (tests_run(&b, row[i].text) || !said_line(buf_c(&b.said), row[i].says))
            fail_msg("\"%s\" is not among:\n%s", row[i].says, buf_c(&b.said));
        assert_int_equal(policy_tests_passed(b.tests) + policy_tests_failed(b.tests), 0);
        tests_bench_free(&b);
    }
}

static void a_test_with_an_error_stops_no_other(void **state)
{
    (void)state;
    struct tests_bench b;
    tests_bench_new(&b);
    assert_false(tests_run(&b,
                           DEFAULTS "  - {test: bad, message: {kind: vidoe}, expect: permitted}\n"
                                    "  - {test: good, expect: permitted}\n"));
    assert_int_equal(policy_tests_passed(b.tests), 1);
    tests_bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_a_word_a_reason_or_a_map),
        cmocka_unit_test(what_a_test_leaves_out_the_defaults_say),
        cmocka_unit_test(parts_that_are_closed_are_those_of_the_test),
        cmocka_unit_test(a_table_varies_one_value_or_several),
        cmocka_unit_test(times_are_counted_from_now),
        cmocka_unit_test(several_recipients_of_one_message),
        cmocka_unit_test(changed_fields_are_compared),
        cmocka_unit_test(what_the_gateway_knows_is_stated),
        cmocka_unit_test(what_waits_for_approval_is_held),
        cmocka_unit_test(an_emergency_is_an_answer_of_its_own),
        cmocka_unit_test(words_that_the_set_does_not_know_are_an_answer),
        cmocka_unit_test(a_failure_tells_what_was_asked_expected_and_answered),
        cmocka_unit_test(errors_have_their_place),
        cmocka_unit_test(a_test_with_an_error_stops_no_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
