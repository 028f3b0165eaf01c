#include "ask.h"

static void what_no_grant_permits_is_refused(void **state)
{
    static const char *const units[] = {"centre/desk",    "centre/video", "police/car",
                                        "police/control", "lab/bench",    "rescue/control",
                                        "carrier/alerts", "gateway/self"};
    struct ask a;
    size_t permitted = 0;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        for (size_t from = 0; from < ARRAY_LEN(units); from++)
            for (size_t to = 0; to < ARRAY_LEN(units); to++) {
                a.facts.kind = (enum kind_id)kind;
                a.facts.source = bytes_of_text(units[from]);
                a.to = units[to];
                if (ask_decide(&a)->reason == REASON_PERMITTED)
                    permitted++;
                else
                    assert_true(a.d.failed[0] != '\0');
            }
    assert_int_equal(permitted, 2); /* the report and the request themselves */
    ask_free(&a);
}

/* Each line is one step nearer than the one before. */
static void the_nearest_grant_is_named_with_what_did_not_fit(void **state)
{
    static const struct {
        const char *from, *to, *service, *purpose, *basis, *evidence;
        unsigned status;
        enum reason reason;
        const char *clause, *failed;
    } row[] = {
        {"lab/bench", "carrier/alerts", "patrol", "safe-return", "kr/location/29", "emergency-call",
         STATUS_TEST, REASON_NO_GRANT, "a#request", "from: police/control"},
        {"police/control", "carrier/alerts", "patrol", "safe-return", "kr/location/29",
         "emergency-call", STATUS_TEST, REASON_NO_GRANT, "a#request", "to: centre/video"},
        {"police/control", "centre/video", "patrol", "safe-return", "kr/location/29",
         "emergency-call", STATUS_TEST, REASON_SERVICE_NOT_GRANTED, "a#request",
         "service: onsite-video"},
        {"police/control", "centre/video", "onsite-video", "safe-return", "kr/location/29",
         "emergency-call", STATUS_TEST, REASON_PURPOSE_NOT_GRANTED, "a#request",
         "purpose: crime-response"},
        {"police/control", "centre/video", "onsite-video", "crime-response", "kr/location/29",
         "emergency-call", STATUS_TEST, REASON_BASIS_NOT_ACCEPTED, "a#request",
         "basis_any_of: kr/pipa/18-2-3, kr/pipa/18-2-7"},
        {"police/control", "centre/video", "onsite-video", "crime-response", "kr/pipa/18-2-7",
         "emergency-call", STATUS_TEST, REASON_STATUS_NOT_LIVE, "a#request",
         "status: test, to synthetic units only"},
        {"police/control", "centre/video", "onsite-video", "crime-response", "kr/pipa/18-2-7",
         "emergency-call", STATUS_ACTUAL, REASON_EVIDENCE_MISSING, "a#request",
         "evidence: case-number"},
        {"police/control", "centre/video", "onsite-video", "crime-response", "kr/pipa/18-2-7",
         "case-number", STATUS_ACTUAL, REASON_INCIDENT_CLOSED, "a#request", "incident.state: open"},
    };
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    end_incident(&a.incident[0]);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        a.facts.source = bytes_of_text(row[i].from);
        a.to = row[i].to;
        a.facts.service = bytes_of_text(row[i].service);
        claim(&a.facts, row[i].purpose, row[i].basis, row[i].evidence);
        a.facts.status = row[i].status;
        const struct decision *d = ask_decide(&a);
        assert_int_equal(d->reason, row[i].reason);
        assert_string_equal(d->clause, row[i].clause);
        assert_string_equal(d->failed, row[i].failed);
        assert_int_equal(d->near, i >= 5);
    }
    ask_free(&a);
}

static void a_kind_that_no_grant_has_is_near_to_none(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    a.facts.kind = KIND_TRAFFIC_INFO;
    expect_decision(&a, REASON_NO_GRANT, "", "kind", "");
    assert_int_equal(a.d.grant, POLICY_NONE);
    assert_false(a.d.near);
    ask_free(&a);
}

static void of_equally_near_grants_the_first_of_the_file_is_named(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, B, "  - grant: dispatch\n",
               "  - grant: earlier\n"
               "    service: protection\n"
               "    kind: dispatch_request\n"
               "    from: centre/desk\n"
               "    to: [rescue/control, police/control]\n"
               "    purpose: life-rescue\n"
               "    basis_any_of: [kr/pipa/18-2-3]\n"
               "    destroy: {starts_at: found, delay: 0 seconds}\n"
               "  - grant: dispatch\n");
    ask_open(&a, "dispatch");
    expect_permitted(&a, "b#dispatch");
    a.facts.purpose = bytes_of_text("crime-response");
    expect_decision(&a, REASON_PURPOSE_NOT_GRANTED, "b#earlier", "purpose: life-rescue", "");
    a.to = "police/car";
    expect_decision(&a, REASON_NO_GRANT, "b#earlier", "to: rescue/control, police/control", "");
    a.facts.source = bytes_of_text("police/car");
    expect_decision(&a, REASON_NO_GRANT, "b#earlier", "from: centre/desk", "");
    ask_free(&a);
}

/* The law's words go with a basis that does not fit or is not proven. */
static void a_refusal_of_the_basis_says_what_the_law_says_of_it(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    a.facts.basis = bytes_of_text("kr/location/29");
    expect_decision(&a, REASON_BASIS_NOT_ACCEPTED, "a#request",
                    "basis_any_of: kr/pipa/18-2-3, kr/pipa/18-2-7", "The law of kr/location/29");
    ask_message(&a, "request");
    a.facts.evidences = 0;
    expect_decision(&a, REASON_EVIDENCE_MISSING, "a#request", "evidence: case-number",
                    "The law of kr/pipa/18-2-7");
    ask_free(&a);
}

/* Whoever meets no grant is told the same, whether there is such an incident or not. */
static void a_refusal_tells_a_stranger_nothing_of_incidents(void **state)
{
    static const struct {
        const char *from, *purpose, *basis, *evidence;
    } row[] = {{"police/car", "crime-response", "kr/pipa/18-2-7", "case-number"},
               {"police/control", "life-rescue", "kr/pipa/18-2-7", "case-number"},
               {"police/control", "crime-response", "kr/location/29", "case-number"},
               {"police/control", "crime-response", "kr/pipa/18-2-7", "consent-reference"}};
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct decision said[3];
        for (int k = 0; k < 3; k++) {
            ask_message(&a, "request");
            a.facts.source = bytes_of_text(row[i].from);
            claim(&a.facts, row[i].purpose, row[i].basis, row[i].evidence);
            a.unknown[0] = k == 1;
            if (k == 2)
                end_incident(&a.incident[0]);
            said[k] = *ask_decide(&a);
            assert_int_not_equal(said[k].reason, REASON_PERMITTED);
            assert_int_equal(said[k].reason, said[0].reason);
            assert_ptr_equal(said[k].failed, said[0].failed);
            assert_ptr_equal(said[k].clause, said[0].clause);
            assert_ptr_equal(said[k].law, said[0].law);
            assert_int_equal(said[k].incident, POLICY_NONE);
        }
    }
    ask_free(&a);
}

static void of_several_incidents_one_is_enough(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    assert_int_equal(ask_decide(&a)->incident, 0);
    a.facts.incident[1] = bytes_of_text("police/control:" UUID_2);
    a.facts.incidents = 2;
    end_incident(&a.incident[0]);
    expect_permitted(&a, "a#request");
    assert_int_equal(a.d.incident, 1);
    a.unknown[1] = true;
    expect_decision(&a, REASON_INCIDENT_CLOSED, "a#request", "incident.state: open", "");
    ask_free(&a);
}

/* Not one condition from here and another from there. */
static void one_incident_meets_all_conditions(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "live");
    a.facts.incident[1] = bytes_of_text("police/control:" UUID_2);
    a.facts.incidents = 2;
    a.incident[0].opened_us = NOW_US - 7 * US_PER_HOUR;
    a.incident[1].centre = (struct point){36.40, 127.38};
    expect_decision(&a, REASON_INCIDENT_TOO_OLD, "a#live", "incident.younger_than: 6 hours", "");
    a.incident[1].centre = scene;
    expect_permitted(&a, "a#live");
    ask_free(&a);
}

static void one_alternative_is_enough_and_else_the_first_is_told(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "live");
    expect_permitted(&a, "a#live");
    (void)snprintf(a.incident[0].type, sizeof a.incident[0].type, "fire");
    expect_decision(&a, REASON_INCIDENT_TYPE_NOT_COVERED, "a#live", "incident_type: robbery, theft",
                    "");
    claim(&a.watcher, "crime-response", "kr/pipa/18-2-3", "emergency-call");
    expect_permitted(&a, "a#live");
    ask_free(&a);
}

static void within_an_alternative_everything_has_to_hold(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "        - basis: kr/pipa/18-2-3\n",
               "        - {incident_type: fire, basis: kr/pipa/18-2-3}\n");
    ask_open(&a, "live");
    (void)snprintf(a.incident[0].type, sizeof a.incident[0].type, "vulnerable-person");
    claim(&a.watcher, "crime-response", "kr/pipa/18-2-3", "emergency-call");
    expect_decision(&a, REASON_INCIDENT_TYPE_NOT_COVERED, "a#live", "incident_type: robbery, theft",
                    "");
    (void)snprintf(a.incident[0].type, sizeof a.incident[0].type, "fire");
    expect_permitted(&a, "a#live");
    claim(&a.watcher, "crime-response", "kr/pipa/18-2-7", "case-number");
    expect_decision(&a, REASON_INCIDENT_TYPE_NOT_COVERED, "a#live", "incident_type: robbery, theft",
                    "");
    ask_free(&a);
}

static void the_narrower_grant_answers_where_both_hold(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "    destroy: {starts_at: arrival, delay: 2 hours}\n",
               "    destroy: {starts_at: arrival, delay: 2 hours}\n"
               "  - grant: photo-of-thefts\n"
               "    service: patrol\n"
               "    kind: scene_image\n"
               "    from: centre/video\n"
               "    to: [police/car]\n"
               "    purpose: crime-response\n"
               "    basis_any_of: [kr/pipa/18-2-7]\n"
               "    narrower_than: photo\n"
               "    when: {assigned: yes, incident_type: theft}\n"
               "    destroy: {starts_at: arrival, delay: 1 hour}\n");
    ask_open(&a, "photo");
    expect_permitted(&a, "a#photo");
    (void)snprintf(a.incident[0].type, sizeof a.incident[0].type, "theft");
    expect_permitted(&a, "a#photo-of-thefts");
    a.incident[0].assignments = 0;
    expect_decision(&a, REASON_NOT_ASSIGNED, "a#photo", "assigned: yes", "");
    ask_free(&a);
}

static void a_memorandum_counts_from_its_first_day_to_the_end_of_its_last(void **state)
{
    static const int64_t first = INT64_C(1437663600000000);     /* 2015-07-24T00:00+09:00 */
    static const int64_t past_last = INT64_C(1816354800000000); /* 2027-07-24T00:00+09:00 */
    static const struct {
        int64_t now_us;
        bool in_force;
    } row[] = {{first - 1, false}, {first, true}, {past_last - 1, true}, {past_last, false}};
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "report");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        a.now_us = row[i].now_us;
        if (row[i].in_force)
            expect_permitted(&a, "a#report");
        else
            expect_decision(&a, REASON_MOU_NOT_IN_FORCE, "a#report", "in_force", "");
    }
    ask_free(&a);
}

/* Its incidents are marked as tests, and no real message may name one. */
static void tests_of_a_bench_reach_the_gateway_itself(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "    from: police/control\n    to: gateway/self\n",
               "    from: lab/bench\n    to: gateway/self\n");
    ask_open(&a, "report");
    a.facts.source = bytes_of_text("lab/bench");
    a.facts.status = STATUS_TEST;
    assert_int_equal(ask_decide(&a)->reason, REASON_PERMITTED);
    a.facts.status = STATUS_ACTUAL;
    assert_string_equal(ask_decide(&a)->failed, "status: actual, between real units only");
    ask_free(&a);
    ask_new(&a);
    ask_open(&a, "report");
    a.facts.status = STATUS_TEST; /* of a real unit */
    assert_string_equal(ask_decide(&a)->failed, "status: test, to synthetic units only");
    ask_free(&a);
}

static void exercises_and_tests_reach_nobody_else(void **state)
{
    static const struct {
        const char *grant, *to;
        unsigned status;
        int64_t now_us;
        const char *failed; /* NULL: permitted */
    } row[] = {
        {"request", "centre/video", STATUS_EXERCISE, NOW_US, NULL},
        {"report", "gateway/self", STATUS_EXERCISE, NOW_US, NULL},
        {"request", "centre/video", STATUS_EXERCISE, NOW_US + US_PER_HOUR - 1, NULL},
        {"request", "centre/video", STATUS_EXERCISE, NOW_US + US_PER_HOUR,
         "status: exercise, between units of a declared window"},
        {"request", "centre/video", STATUS_EXERCISE, NOW_US - 12 * US_PER_HOUR - 1,
         "status: exercise, between units of a declared window"},
        {"dispatch", "police/control", STATUS_EXERCISE, NOW_US,
         "status: exercise, between units of a declared window"},
        {"photo", "police/car", STATUS_EXERCISE, NOW_US,
         "status: exercise, between units of a declared window"},
        {"request", "centre/video", STATUS_TEST, NOW_US, "status: test, to synthetic units only"},
        {"dispatch", "lab/bench", STATUS_TEST, NOW_US, NULL},
        {"dispatch", "lab/bench", STATUS_ACTUAL, NOW_US, "status: actual, between real units only"},
    };
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, B, "    to: [police/control, rescue/control]\n    purpose: safe-return\n",
               "    to: [police/control, lab/bench]\n    transform: {position: drop}\n"
               "    purpose: safe-return\n");
    ask_open(&a, "request");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        ask_message(&a, row[i].grant);
        a.to = row[i].to;
        a.facts.status = row[i].status;
        a.now_us = row[i].now_us;
        ask_decide(&a);
        assert_string_equal(a.d.failed, row[i].failed == NULL ? "" : row[i].failed);
        assert_int_equal(a.d.reason,
                         row[i].failed == NULL ? REASON_PERMITTED : REASON_STATUS_NOT_LIVE);
    }
    ask_free(&a);
}

/* ---- watchers */

static void a_watcher_states_purpose_basis_and_evidence_for_itself(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "live");
    claim(&a.watcher, "life-rescue", "kr/pipa/18-2-7", "case-number");
    expect_decision(&a, REASON_PURPOSE_NOT_GRANTED, "a#live", "purpose: crime-response", "");
    claim(&a.watcher, "crime-response", "kr/location/29", "emergency-call");
    expect_decision(&a, REASON_BASIS_NOT_ACCEPTED, "a#live",
                    "basis_any_of: kr/pipa/18-2-3, kr/pipa/18-2-7", "The law of kr/location/29");
    claim(&a.watcher, "crime-response", "kr/pipa/18-2-7", "emergency-call");
    expect_decision(&a, REASON_EVIDENCE_MISSING, "a#live", "evidence: case-number",
                    "The law of kr/pipa/18-2-7");
    claim(&a.facts, "crime-response", "kr/pipa/18-2-3", "emergency-call");
    expect_decision(&a, REASON_EVIDENCE_MISSING, "a#live", "evidence: case-number",
                    "The law of kr/pipa/18-2-7");
    ask_message(&a, "live");
    claim(&a.facts, "crime-response", "kr/pipa/18-2-7", "emergency-call");
    expect_decision(&a, REASON_EVIDENCE_MISSING, "a#live", "evidence: case-number",
                    "The law of kr/pipa/18-2-7");
    ask_free(&a);
}

static void a_purpose_joins_a_stream_only_where_the_grant_says_so(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "    onward: refuse\n", "    joins: [life-rescue]\n");
    ask_open(&a, "live");
    a.facts.purpose = bytes_of_text("life-rescue"); /* opened for one, watched for the other */
    expect_permitted(&a, "a#live");
    a.facts.purpose = bytes_of_text("safe-return");
    expect_decision(&a, REASON_PURPOSE_NOT_GRANTED, "a#live", "purpose: crime-response", "");
    ask_message(&a, "live");
    a.watcher.purpose = bytes_of_text("life-rescue");
    expect_decision(&a, REASON_PURPOSE_NOT_GRANTED, "a#live", "purpose: crime-response", "");
    ask_free(&a);
}

static const struct decision *decide_send(struct ask *a, uint32_t *to)
{
    const char *failed;
    a->watched = false;
    assert_int_equal(ask_words(a, &failed), REASON_PERMITTED);
    policy_decide_send(&a->q, to, &a->d);
    return &a->d;
}

static void a_stream_opens_when_somebody_may_watch_it(void **state)
{
    struct ask a;
    uint32_t to;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "    from: centre/video\n    to: [police/control]\n",
               "    from: centre/video\n    to: [police/car, police/control]\n");
    ask_open(&a, "live");
    assert_int_equal(decide_send(&a, &to)->reason, REASON_PERMITTED);
    assert_string_equal(policy_unit_name(a.set.policy, to), "police/car");
    a.facts.camera[0] = bytes_of_text("cam-2");
    assert_int_equal(decide_send(&a, &to)->reason, REASON_CAMERA_PURPOSE_MISMATCH);
    assert_int_equal(to, POLICY_NONE);
    assert_string_equal(a.d.clause, "a#live");
    a.facts.source = bytes_of_text("police/car");
    assert_int_equal(decide_send(&a, &to)->reason, REASON_NO_GRANT);
    assert_string_equal(a.d.failed, "from: centre/video");
    ask_free(&a);
}

/* Actor, basis and evidence are the watcher's; a sender cannot answer for them. */
static void a_streams_sender_is_not_asked_what_only_a_watcher_knows(void **state)
{
    struct ask a;
    uint32_t to;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "      actor: required\n",
               "      actor: required\n      evidence: guardian-registration\n");
    set_change(&a.set, A, "        - incident_type: [robbery, theft]\n", "");
    ask_open(&a, "live");
    a.facts.has_actor = false;
    assert_int_equal(decide_send(&a, &to)->reason, REASON_PERMITTED);
    a.watched = true;
    assert_int_equal(ask_decide(&a)->reason, REASON_EVIDENCE_MISSING);
    ask_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_grant_permits_is_refused),
        cmocka_unit_test(the_nearest_grant_is_named_with_what_did_not_fit),
        cmocka_unit_test(a_kind_that_no_grant_has_is_near_to_none),
        cmocka_unit_test(of_equally_near_grants_the_first_of_the_file_is_named),
        cmocka_unit_test(a_refusal_of_the_basis_says_what_the_law_says_of_it),
        cmocka_unit_test(a_refusal_tells_a_stranger_nothing_of_incidents),
        cmocka_unit_test(of_several_incidents_one_is_enough),
        cmocka_unit_test(one_incident_meets_all_conditions),
        cmocka_unit_test(one_alternative_is_enough_and_else_the_first_is_told),
        cmocka_unit_test(within_an_alternative_everything_has_to_hold),
        cmocka_unit_test(the_narrower_grant_answers_where_both_hold),
        cmocka_unit_test(a_memorandum_counts_from_its_first_day_to_the_end_of_its_last),
        cmocka_unit_test(tests_of_a_bench_reach_the_gateway_itself),
        cmocka_unit_test(exercises_and_tests_reach_nobody_else),
        cmocka_unit_test(a_watcher_states_purpose_basis_and_evidence_for_itself),
        cmocka_unit_test(a_purpose_joins_a_stream_only_where_the_grant_says_so),
        cmocka_unit_test(a_stream_opens_when_somebody_may_watch_it),
        cmocka_unit_test(a_streams_sender_is_not_asked_what_only_a_watcher_knows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
