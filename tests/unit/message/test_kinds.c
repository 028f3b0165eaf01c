#include "message/kind.h"

#include "sample.h"

#include <math.h>

#define BIT(origin) (UINT32_C(1) << FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_##origin)
#define AREA                                                                                       \
    "{\"point\":[{\"latitude\":36.30,\"longitude\":127.30},"                                       \
    "{\"latitude\":36.32,\"longitude\":127.34}],\"radiusM\":500,\"place\":\"시청 앞\"}"

/* ---- incidents */

static void an_incident_report_states_type_and_place(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "incident_report",
              "\"type\":\"robbery\",\"area\":" AREA
              ",\"participant\":[\"daejeon-fire/119-control\"]");
    assert_clean(&s);
    assert_true(bytes_is(s.message.facts.incident_type, "robbery"));
    assert_true(s.message.facts.has_place);
    assert_true(s.message.facts.place.latitude > 36.3099 &&
                s.message.facts.place.latitude < 36.3101);
    assert_true(s.message.facts.place.longitude > 127.3199 &&
                s.message.facts.place.longitude < 127.3201);
    assert_int_equal(s.message.facts.route_points, 2);
    assert_true(s.message.facts.route[1].latitude == 36.32);
    /* a place, not a person's position */
    assert_int_equal(s.message.facts.origins, BIT(UNSPECIFIED));
    sample_free(&s);
    expect_clean("incident_report", "\"reopen\":true");
}

/* An area of `n` points, one behind the other to the north. */
static size_t route_of(size_t n, struct point route[FACTS_ROUTE_MAX])
{
    struct sample s;
    struct buf body = BUF_INIT(1 << 20);
    buf_text(&body, "\"type\":\"theft\",\"area\":{\"place\":\"x\",\"point\":[");
    for (size_t i = 0; i < n; i++)
        buf_printf(&body, "%s{\"latitude\":%.3f,\"longitude\":127.3}", i == 0 ? "" : ",",
                   36.2 + 0.001 * (double)i);
    buf_text(&body, "]}");
    buf_u8(&body, 0);
    sample_of(&s, HEADER, "incident_report", (const char *)body.p);
    assert_clean(&s);
    memcpy(route, s.message.facts.route, FACTS_ROUTE_MAX * sizeof *route);
    n = s.message.facts.route_points;
    sample_free(&s);
    buf_free(&body);
    return n;
}

static void of_many_points_evenly_many_are_kept_with_the_first_and_the_last(void **state)
{
    (void)state;
    struct point route[FACTS_ROUTE_MAX];
    assert_int_equal(route_of(0, route), 0);
    assert_int_equal(route_of(1, route), 1);
    assert_true(route[0].latitude == 36.2);
    assert_int_equal(route_of(64, route), 64);
    for (size_t n = 65; n <= 256; n += 191) {
        assert_int_equal(route_of(n, route), 64);
        double step = (double)(n - 1) / 63 * 0.001;
        for (size_t i = 0; i < 64; i++)
            assert_true(fabs(route[i].latitude - (36.2 + step * (double)i)) < 0.00101);
        assert_true(fabs(route[0].latitude - 36.2) < 1e-9);
        assert_true(fabs(route[63].latitude - (36.2 + 0.001 * (double)(n - 1))) < 1e-9);
        for (size_t i = 1; i < 64; i++)
            assert_true(route[i].latitude > route[i - 1].latitude);
    }
}

static void the_origin_of_an_areas_points_is_told(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "video_request",
              "\"around\":{\"point\":[{\"latitude\":36.3,\"longitude\":127.3,"
              "\"origin\":\"POSITION_ORIGIN_LIA_29\"},{\"latitude\":36.3,\"longitude\":127.3,"
              "\"origin\":\"POSITION_ORIGIN_CALLER_STATED\"}]}");
    assert_clean(&s);
    assert_int_equal(s.message.facts.origins, BIT(LIA_29) | BIT(CALLER_STATED));
    sample_free(&s);
}

static void kinds_about_one_incident_name_exactly_one(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *body;
    } about[] = {{"incident_report", "\"type\":\"fire\""},
                 {"incident_close", "\"outcome\":\"INCIDENT_OUTCOME_RESOLVED\""},
                 {"incident_transfer", "\"step\":\"TRANSFER_STEP_ACCEPTED\""},
                 {"incident_link", "\"other\":\"daejeon-fire/119-control:" UUID_1
                                   "\",\"kind\":\"LINK_KIND_DUPLICATE\""},
                 {"unit_assignment", "\"unit\":\"npa-daejeon/car-1\",\"assigned\":true"}};
    for (size_t i = 0; i < ARRAY_LEN(about); i++) {
        struct sample s;
        char text[100], two[] = "npa-daejeon/112-control:" UUID_2;
        sample_of(&s, HEADER, about[i].kind, about[i].body);
        assert_clean(&s);
        Fedgate__V1__Header *h = s.message.pb->header;
        char *ids[] = {h->incident_id[0], two};
        (void)snprintf(text, sizeof text, "%s: exactly one incident", about[i].kind);
        h->n_incident_id = 0;
        sample_check(&s);
        assert_refused(&s, REASON_MALFORMED, text);
        h->incident_id = ids;
        h->n_incident_id = 2;
        sample_check(&s);
        assert_refused(&s, REASON_MALFORMED, text);
        sample_free(&s);
    }
}

static void an_incident_is_closed_with_an_outcome_and_assigned_to_a_unit(void **state)
{
    (void)state;
    expect_refused("incident_close", "", REASON_MALFORMED, "incident_close.outcome: required");
    expect_refused("unit_assignment", "\"assigned\":true", REASON_MALFORMED,
                   "unit_assignment.unit: required");
    expect_refused("unit_assignment", "\"unit\":\"car 7\"", REASON_MALFORMED,
                   "unit_assignment.unit: a unit");
    expect_refused("incident_report", "\"type\":\"A robbery\"", REASON_MALFORMED,
                   "incident_report.type: a word");
    expect_flagged("incident_report", "\"type\":\"fire\",\"area\":{\"radiusM\":5}",
                   REASON_OUT_OF_RANGE, "incident_report.area: a point or a place in words (left");
}

static void expect_transfer(const char *body, const char *text)
{
    expect_refused("incident_transfer", body, REASON_MALFORMED, text);
}

static void an_incident_is_offered_to_a_unit_and_answered_by_the_sender(void **state)
{
    (void)state;
    expect_clean("incident_transfer",
                 "\"to\":\"daejeon-fire/119-control\",\"step\":\"TRANSFER_STEP_OFFERED\"");
    expect_clean("incident_transfer", "\"step\":\"TRANSFER_STEP_ACCEPTED\"");
    expect_clean("incident_transfer", "\"step\":\"TRANSFER_STEP_DECLINED\"");
    expect_transfer("\"step\":\"TRANSFER_STEP_OFFERED\"",
                    "incident_transfer.to: required with an offer");
    expect_transfer("\"to\":\"daejeon-fire/119-control\",\"step\":\"TRANSFER_STEP_ACCEPTED\"",
                    "incident_transfer.to: with an offer only");
    expect_transfer("\"to\":\"the fire brigade\",\"step\":\"TRANSFER_STEP_OFFERED\"",
                    "incident_transfer.to: a unit");
    expect_transfer("\"to\":\"daejeon-fire/119-control\"", "incident_transfer.step: required");
}

static void a_link_names_another_incident_and_how_they_belong_together(void **state)
{
    (void)state;
    expect_clean("incident_link",
                 "\"other\":\"daejeon-fire/119-control:" UUID_2 "\",\"kind\":\"LINK_KIND_JOINT\"");
    expect_refused("incident_link", "\"other\":\"" INCIDENT "\",\"kind\":\"LINK_KIND_JOINT\"",
                   REASON_MALFORMED, "incident_link.other: another incident");
    expect_refused("incident_link", "\"other\":\"daejeon-fire/119-control:" UUID_2 "\"",
                   REASON_MALFORMED, "incident_link.kind: required");
    expect_refused("incident_link", "\"other\":\"nothing\",\"kind\":\"LINK_KIND_JOINT\"",
                   REASON_MALFORMED, "incident_link.other: an incident");
}

/* ---- video and images */

static void a_wish_names_one_camera(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "camera_wish", "\"cameraId\":\"DJ-1\",\"wish\":\"to the north\"");
    assert_clean(&s);
    assert_int_equal(s.message.facts.cameras, 1);
    assert_true(bytes_is(s.message.facts.camera[0], "DJ-1"));
    sample_free(&s);
    expect_refused("camera_wish", "\"cameraId\":\"DJ-1\"", REASON_MALFORMED,
                   "camera_wish.wish: required");
    expect_refused("camera_wish", "\"wish\":\"to the north\"", REASON_MALFORMED,
                   "camera_wish.camera_id: required");
}

static void a_video_request_says_where(void **state)
{
    (void)state;
    struct sample s;
    expect_refused("video_request", "\"maxStreams\":4", REASON_MALFORMED,
                   "video_request: around or camera_id");
    sample_of(&s, HEADER, "video_request",
              "\"around\":" AREA ",\"cameraId\":[\"DJ-0001\"],\"maxStreams\":64,"
              "\"reason\":\"도주 경로\"");
    assert_clean(&s);
    assert_int_equal(s.message.facts.cameras, 1);
    assert_true(s.message.facts.has_place);
    sample_free(&s);
    expect_flagged("video_request", "\"cameraId\":[\"DJ-1\"],\"maxStreams\":65",
                   REASON_OUT_OF_RANGE, "video_request.max_streams: 0 to 64 (left out)");
}

static void a_request_for_a_recording_never_becomes_one_for_live_video(void **state)
{
    (void)state;
    expect_clean("video_request", "\"cameraId\":[\"DJ-1\"],\"beginsAt\":\"2026-11-21T10:00:00Z\","
                                  "\"endsAt\":\"2026-11-21T10:05:00Z\"");
    expect_refused("video_request", "\"cameraId\":[\"DJ-1\"],\"beginsAt\":\"2026-11-21T10:00:00Z\"",
                   REASON_MALFORMED, "video_request.ends_at: required for a recording");
    expect_refused("video_request", "\"cameraId\":[\"DJ-1\"],\"endsAt\":\"2026-11-21T10:00:00Z\"",
                   REASON_MALFORMED, "video_request.begins_at: required for a recording");
    expect_refused("video_request",
                   "\"cameraId\":[\"DJ-1\"],\"beginsAt\":\"2026-11-21T10:00:00Z\","
                   "\"endsAt\":\"2026-11-21T10:00:00Z\"",
                   REASON_OUT_OF_RANGE, "video_request.ends_at: a time after begins_at");
    expect_refused("video_request",
                   "\"cameraId\":[\"DJ-1\"],\"beginsAt\":\"2026-11-21T10:00:00Z\","
                   "\"endsAt\":\"2026-11-21T13:00:00Z\"",
                   REASON_OUT_OF_RANGE, "video_request.ends_at: a time in the past");
}

static void an_answer_has_a_result(void **state)
{
    (void)state;
    expect_refused("video_answer", "\"cameraId\":[\"DJ-1\"]", REASON_MALFORMED,
                   "video_answer.result: required");
    expect_clean("video_answer",
                 "\"result\":\"VIDEO_ANSWER_RESULT_OFFERED\",\"cameraId\":[\"DJ-1\"]");
}

/* ---- people at risk */

static void a_guardian_alert_fills_the_facts(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    assert_clean(&s);
    const struct facts *f = &s.message.facts;
    assert_true(f->has_subject && bytes_is(f->subject_party, "carrier-a"));
    assert_true(bytes_is(f->subject_ref, "S-17"));
    assert_int_equal(f->categories, 1u << 1 | 1u << 5);
    assert_int_equal(f->age_band, 1);
    assert_true(f->consent.present);
    assert_int_equal(f->consent.given_by, 3);
    assert_int_equal(f->consent.items, 2);
    assert_true(bytes_is(f->consent.item[1], "photo"));
    assert_true(bytes_is(f->consent.recipient[0], "daejeon-city-center"));
    assert_true(bytes_is(f->consent.purpose[0], "protection"));
    assert_true(f->consent.until_us > NOW_US);
    assert_true(f->has_place && f->place.latitude > 36.35 && f->place.latitude < 36.351);
    sample_free(&s);
}

/* What says more than where somebody is, or says it first or last, is no mere position. */
static void one_of_many_positions_is_told_from_the_alert_itself(void **state)
{
    (void)state;
    struct sample s;
    uint8_t byte = 1;
    char text[] = "x", none[] = "";
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    Fedgate__V1__GuardianAlert *a = s.message.pb->guardian_alert, update;
    assert_false(s.message.facts.is_position);
    assert_int_equal(s.message.facts.trigger, 1);
    a->phase = FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_UPDATE;
    a->features = a->guardian_contact = none;
    a->height_cm = 0;
    update = *a;
    for (unsigned how = 0; how <= 7; how++) {
        *a = update;
        switch (how) {
        case 0: break;
        case 1: a->phase = FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_CANCEL; break;
        case 2: a->phase = FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_FOUND; break;
        case 3: a->position = NULL; break;
        case 4: a->photo = (ProtobufCBinaryData){1, &byte}; break;
        case 5: a->features = text; break;
        case 6: a->guardian_contact = text; break;
        case 7: a->height_cm = 1; break;
        }
        message_facts(&s.message);
        assert_int_equal(s.message.facts.is_position, how == 0);
    }
    *a = update;
    sample_free(&s);
    sample_of(&s, HEADER, "location_update",
              "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},\"position\":" POSITION);
    assert_true(s.message.facts.is_position);
    sample_free(&s);
}

static void a_persons_position_without_origin_counts_as_obtained_under_lia_29(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *body;
    } with[] = {{"guardian_alert", ALERT},
                {"location_update",
                 "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},\"position\":" POSITION},
                {"dispatch_request", "\"type\":\"fire\",\"position\":" POSITION}};
    for (size_t i = 0; i < ARRAY_LEN(with); i++) {
        struct sample s;
        sample_of(&s, HEADER, with[i].kind, with[i].body);
        assert_clean(&s);
        assert_int_equal(s.message.facts.origins, BIT(LIA_29));
        sample_free(&s);
    }
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    s.message.pb->guardian_alert->position->origin =
        FEDGATE__V1__POSITION_ORIGIN__POSITION_ORIGIN_LIA_CONSENT;
    message_facts(&s.message);
    assert_int_equal(s.message.facts.origins, BIT(LIA_CONSENT));
    sample_free(&s);
}

static void a_new_alert_says_who_why_and_where(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    Fedgate__V1__GuardianAlert *a = s.message.pb->guardian_alert, whole = *a;
    a->subject = NULL;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "guardian_alert.subject: required, and good, in phase");
    *a = whole;
    a->n_category = 0;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "guardian_alert.category: required, and good, in phase");
    *a = whole;
    a->trigger = 0;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "guardian_alert.trigger: required, and good, in phase");
    *a = whole;
    a->position->latitude = 1e9;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "guardian_alert.position: required, and good, in phase");
    sample_free(&s);
}

static void a_later_phase_names_the_alerts_incident_and_needs_no_more(void **state)
{
    (void)state;
    struct sample s;
    expect_clean("guardian_alert",
                 "\"alertId\":\"" UUID_1 "\",\"phase\":\"ALERT_PHASE_FOUND\",\"sequence\":2");
    expect_refused("guardian_alert",
                   "\"alertId\":\"" UUID_2 "\",\"phase\":\"ALERT_PHASE_UPDATE\",\"sequence\":2",
                   REASON_MALFORMED, "guardian_alert.alert_id: the UUID of an incident");
    sample_of(&s, HEADER, "guardian_alert",
              "\"alertId\":\"" UUID_1 "\",\"phase\":\"ALERT_PHASE_UPDATE\"");
    s.message.pb->header->n_incident_id = 0;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "guardian_alert.alert_id: the UUID of an incident");
    sample_free(&s);
    expect_refused("guardian_alert", "\"alertId\":\"" UUID_1 "\"", REASON_MALFORMED,
                   "guardian_alert.phase: required");
}

static void consent_with_a_bad_part_is_no_consent(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    s.message.pb->guardian_alert->consent->item[1] = (char *)"no blanks";
    sample_check(&s);
    assert_flagged(&s, REASON_OUT_OF_RANGE, "guardian_alert.consent.item[1]: a word");
    assert_false(s.message.facts.consent.present);
    sample_free(&s);
}

/* Else nobody could tell whether it was withdrawn. */
static void consent_counts_only_with_its_subject(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    s.message.pb->guardian_alert->phase = FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_UPDATE;
    sample_check(&s);
    assert_clean(&s);
    s.message.pb->guardian_alert->subject = NULL;
    sample_check(&s);
    assert_flagged(&s, REASON_OUT_OF_RANGE, "guardian_alert.consent: with the subject");
    assert_false(s.message.facts.consent.present);
    sample_free(&s);
}

static void numbers_about_a_person_have_their_ranges(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    Fedgate__V1__GuardianAlert *a = s.message.pb->guardian_alert;
    a->battery_percent = 101;
    a->height_cm = 301;
    a->speed_mps = -0.5f;
    sample_check(&s);
    assert_false(s.found.refused);
    assert_int_equal(s.found.count, 3);
    assert_finding(&s, 0, REASON_OUT_OF_RANGE, "guardian_alert.speed_mps: 0 to 100 (left out)");
    assert_finding(&s, 1, REASON_OUT_OF_RANGE, "guardian_alert.battery_percent: 0 to 100");
    assert_finding(&s, 2, REASON_OUT_OF_RANGE, "guardian_alert.height_cm: 0 to 300");
    sample_free(&s);
}

static void a_person_s_position_says_when_it_was_taken_and_how_exactly(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "location_update",
              "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},"
              "\"position\":{\"latitude\":36.35,\"longitude\":127.38,\"accuracyM\":12.5}");
    assert_clean(&s);
    assert_true(s.message.facts.accuracy_m == 12.5);
    assert_int_equal(s.message.facts.fixed_us, s.message.facts.created_us);
    Google__Protobuf__Timestamp fixed_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    fixed_at.seconds = 7;
    s.message.pb->location_update->position->fixed_at = &fixed_at;
    message_facts(&s.message);
    assert_int_equal(s.message.facts.fixed_us, 7 * US_PER_S);
    sample_free(&s);
    sample_of(&s, HEADER, "dispatch_request", "\"type\":\"fire\"");
    assert_int_equal(s.message.facts.fixed_us, 0);
    sample_free(&s);
}

static void a_location_update_needs_a_good_position(void **state)
{
    (void)state;
    expect_refused("location_update",
                   "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},"
                   "\"position\":{\"latitude\":-91,\"longitude\":127}",
                   REASON_OUT_OF_RANGE, "location_update.position.latitude: -90 to 90");
}

static void a_dispatch_needs_only_its_type(void **state)
{
    (void)state;
    struct sample s;
    expect_refused("dispatch_request", "\"note\":\"hurry\"", REASON_MALFORMED,
                   "dispatch_request.type: required");
    sample_of(&s, HEADER, "dispatch_request",
              "\"type\":\"missing-person\",\"cameraId\":[\"DJ-1\"]");
    assert_clean(&s);
    assert_true(bytes_is(s.message.facts.incident_type, "missing-person"));
    assert_int_equal(s.message.facts.cameras, 1);
    sample_free(&s);
    expect_flagged("dispatch_answer", "\"step\":\"DISPATCH_STEP_DONE\",\"unit\":\"car 7\"",
                   REASON_OUT_OF_RANGE, "dispatch_answer.unit: a unit, party/unit (left out)");
}

static void a_location_request_says_whose_and_why(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "location_request",
              "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},"
              "\"ground\":\"LOCATION_GROUND_CALLER\",\"callId\":\"112-4711\"");
    assert_clean(&s);
    const struct facts *f = &s.message.facts;
    assert_true(f->has_subject && bytes_is(f->subject_ref, "S-1"));
    assert_int_equal(f->evidences, 2);
    assert_true(bytes_is(f->evidence[1].kind, "emergency-call"));
    assert_true(bytes_is(f->evidence[1].value, "112-4711"));
    s.message.pb->location_request->call_id = (char *)"";
    message_facts(&s.message);
    assert_int_equal(f->evidences, 1);
    sample_free(&s);
    expect_clean("location_request", "\"phoneNumber\":\"010-0000-0000\","
                                     "\"ground\":\"LOCATION_GROUND_MISSING_PERSON\"");
    expect_refused("location_request", "\"ground\":\"LOCATION_GROUND_CALLER\"", REASON_MALFORMED,
                   "location_request: subject or phone_number");
    expect_refused("location_request", "\"phoneNumber\":\"010-0000-0000\"", REASON_MALFORMED,
                   "location_request.ground: required");
}

/* LIA 29(3). */
static void a_person_to_be_rescued_who_did_not_call_wishes_it(void **state)
{
    (void)state;
    expect_refused("location_request",
                   "\"phoneNumber\":\"010-0000-0000\","
                   "\"ground\":\"LOCATION_GROUND_PERSON_TO_BE_RESCUED\"",
                   REASON_WISH_NOT_CONFIRMED, "location_request.wish_confirmed: true where");
    expect_clean("location_request", "\"phoneNumber\":\"010-0000-0000\",\"wishConfirmed\":true,"
                                     "\"ground\":\"LOCATION_GROUND_PERSON_TO_BE_RESCUED\"");
}

/* LIA 29(2)1. */
static void a_witness_is_located_with_the_witness_s_own_consent(void **state)
{
    (void)state;
    struct sample s;
    expect_refused("location_request",
                   "\"phoneNumber\":\"010-0000-0000\","
                   "\"ground\":\"LOCATION_GROUND_WITNESS_WITH_CONSENT\"",
                   REASON_CONSENT_MISSING, "location_request.witness_consent_ref: the consent");
    expect_refused("location_request",
                   "\"phoneNumber\":\"010-0000-0000\",\"witnessConsentRef\":\"rec-4711\","
                   "\"ground\":\"LOCATION_GROUND_CALLER\"",
                   REASON_MALFORMED, "location_request.witness_consent_ref: none without");
    sample_of(&s, HEADER, "location_request",
              "\"phoneNumber\":\"010-0000-0000\",\"witnessConsentRef\":\"rec-4711\","
              "\"ground\":\"LOCATION_GROUND_WITNESS_WITH_CONSENT\"");
    assert_clean(&s);
    assert_int_equal(s.message.facts.ground, GROUND_WITNESS);
    assert_true(s.message.facts.witness_consents);
    assert_false(s.message.facts.wish_confirmed);
    sample_free(&s);
}

#define CHANGE "\"consentRef\":\"C-1\",\"state\":\"CONSENT_STATE_WITHDRAWN\","

static void consent_is_changed_by_the_party_that_knows_the_subject(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "consent_change",
              CHANGE "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},"
                     "\"purpose\":[\"protection\"]");
    assert_clean(&s);
    assert_true(s.message.facts.has_subject && bytes_is(s.message.facts.subject_ref, "S-1"));
    assert_false(s.message.facts.consent.present); /* it tells of one, and rests on none */
    sample_free(&s);
    expect_refused("consent_change", CHANGE "\"subject\":{\"party\":\"carrier-b\",\"ref\":\"S-1\"}",
                   REASON_IDENTITY_MISMATCH, "consent_change.subject.party: the sender's own");
    expect_refused("consent_change",
                   CHANGE "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},"
                          "\"purpose\":[\"no blanks\"]",
                   REASON_MALFORMED, "consent_change.purpose[0]: a word");
    expect_refused("consent_change",
                   "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},"
                   "\"consentRef\":\"C-1\"",
                   REASON_MALFORMED, "consent_change.state: required");
}

#define PROVISION "\"provision\":{\"origin\":\"gw.example/log\",\"index\":\"9\"}"

static void a_notice_is_deferred_for_a_reason_and_until_a_time(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "notice_deferral",
              PROVISION ",\"reasonCode\":\"danger\",\"until\":\"2026-11-22T12:00:00Z\"");
    assert_clean(&s);
    assert_true(bytes_is(s.message.facts.reason_code, "danger"));
    sample_free(&s);
    expect_refused("notice_deferral", PROVISION ",\"until\":\"2026-11-22T12:00:00Z\"",
                   REASON_MALFORMED, "notice_deferral.reason_code: required");
    expect_refused("notice_deferral", PROVISION ",\"reasonCode\":\"danger\"", REASON_MALFORMED,
                   "notice_deferral.until: required");
    expect_refused("notice_deferral",
                   PROVISION ",\"reasonCode\":\"danger\",\"until\":\"2026-11-21T12:00:00Z\"",
                   REASON_OUT_OF_RANGE, "notice_deferral.until: a time after");
}

static void a_receipt_of_a_notice_says_when_and_how(void **state)
{
    (void)state;
    expect_clean("notice_receipt",
                 PROVISION ",\"notifiedAt\":\"2026-11-21T12:00:00Z\",\"channel\":\"sms\"");
    expect_refused("notice_receipt", PROVISION ",\"channel\":\"sms\"", REASON_MALFORMED,
                   "notice_receipt.notified_at: required");
    expect_refused("notice_receipt",
                   PROVISION ",\"notifiedAt\":\"2026-11-21T13:00:00Z\",\"channel\":\"sms\"",
                   REASON_OUT_OF_RANGE, "notice_receipt.notified_at: a time in the past");
}

/* ---- traffic, disasters, public */

static void a_status_is_about_a_region(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "disaster_status", "\"region\":\"daejeon-seo\"");
    assert_clean(&s);
    assert_true(bytes_is(s.message.facts.region, "daejeon-seo"));
    assert_false(s.message.pb->disaster_status->headquarters_active);
    sample_free(&s);
    expect_refused("disaster_status", "\"headquartersActive\":true", REASON_MALFORMED,
                   "disaster_status.region: required");
}

static void traffic_is_told_by_segment(void **state)
{
    (void)state;
    expect_clean("traffic_info", "\"segment\":[{\"id\":\"1830012345\",\"speedKmh\":42.5},"
                                 "{\"id\":\"R-2\",\"closed\":true}]");
    expect_refused("traffic_info", "", REASON_MALFORMED, "traffic_info.segment: required");
    expect_refused("traffic_info", "\"segment\":[{\"speedKmh\":42.5}]", REASON_MALFORMED,
                   "traffic_info.segment[0].id: required");
}

static void a_disaster_report_has_a_type_and_any_area_in_the_service_area(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "disaster_report",
              "\"type\":\"flood\",\"severity\":\"SEVERITY_SEVERE\",\"area\":" AREA);
    assert_clean(&s);
    assert_true(bytes_is(s.message.facts.incident_type, "flood"));
    assert_int_equal(s.message.facts.origins, BIT(UNSPECIFIED));
    sample_free(&s);
    expect_refused("disaster_report", "\"severity\":\"SEVERITY_MINOR\"", REASON_MALFORMED,
                   "disaster_report.type: required");
    expect_refused(
        "disaster_report",
        "\"type\":\"flood\",\"area\":{\"point\":[{\"latitude\":37.5,\"longitude\":127}]}",
        REASON_OUTSIDE_SERVICE_AREA, "disaster_report.area.point[0]: a place in the");
}

#define NOTICE                                                                                     \
    "\"type\":\"NOTICE_TYPE_ALERT\",\"category\":\"Met\",\"event\":\"호우 경보\","             \
    "\"urgency\":\"Immediate\",\"certainty\":\"Observed\",\"headline\":\"하천 범람 주의\""

static void a_public_notice_follows_cap(void **state)
{
    (void)state;
    expect_clean("public_notice",
                 NOTICE ",\"severity\":\"SEVERITY_EXTREME\",\"area\":" AREA
                        ",\"areaDescription\":\"갑천 일대\",\"language\":\"ko-KR\","
                        "\"effectiveAt\":\"2026-11-21T12:00:00Z\","
                        "\"expiresAt\":\"2026-11-21T18:00:00Z\"");
    expect_refused("public_notice", NOTICE ",\"area\":" AREA, REASON_MALFORMED,
                   "public_notice.area_description: required with an area");
    expect_refused("public_notice",
                   NOTICE ",\"effectiveAt\":\"2026-11-21T12:00:00Z\","
                          "\"expiresAt\":\"2026-11-21T12:00:00Z\"",
                   REASON_OUT_OF_RANGE, "public_notice.expires_at: a time after effective_at");
    expect_refused("public_notice",
                   "\"type\":\"NOTICE_TYPE_ALERT\",\"category\":\"Weather\",\"event\":\"x\","
                   "\"urgency\":\"Immediate\",\"certainty\":\"Observed\"",
                   REASON_OUT_OF_RANGE,
                   "public_notice.category: Geo, Met, Safety, Security, Rescue, Fire, Health, Env, "
                   "Transport, Infra, CBRNE, Other");
}

static void a_notice_s_signed_original_is_media_and_has_a_size(void **state)
{
    static uint8_t original[LIMIT_SIGNED_CAP + 1];
    struct sample s;
    (void)state;
    sample_of(&s, HEADER, "public_notice", NOTICE ",\"signedCap\":\"PGFsZXJ0Lz4=\"");
    assert_clean(&s);
    assert_int_equal(s.message.facts.media_bytes, strlen("<alert/>"));
    s.message.pb->public_notice->signed_cap = (ProtobufCBinaryData){LIMIT_SIGNED_CAP, original};
    sample_check(&s);
    assert_clean(&s);
    s.message.pb->public_notice->signed_cap.len++;
    sample_check(&s);
    assert_refused(&s, REASON_TOO_LARGE, "public_notice.signed_cap: ");
    sample_free(&s);
}

static void an_update_of_a_notice_names_what_it_replaces(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "public_notice",
              NOTICE ",\"references\":[\"disaster@daejeon,2026-17,2026-11-21T11:00:00+09:00\"]");
    assert_clean(&s);
    s.message.pb->public_notice->type = FEDGATE__V1__NOTICE_TYPE__NOTICE_TYPE_CANCEL;
    sample_check(&s);
    assert_clean(&s);
    s.message.pb->public_notice->n_references = 0;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "public_notice.references: required but for an alert");
    sample_free(&s);
}

static void language_tags_have_their_shape(void **state)
{
    (void)state;
    static const char *const good[] = {"ko", "ko-KR", "zh-Hant-TW", "de-1996", "en-GB-x-a"};
    static const char *const bad[] = {"k", "ko-", "-ko", "ko--KR", "ko KR", "koreanese", "ko_KR"};
    char body[600];
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        (void)snprintf(body, sizeof body, "%s,\"language\":\"%s\"", NOTICE, good[i]);
        expect_clean("public_notice", body);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        (void)snprintf(body, sizeof body, "%s,\"language\":\"%s\"", NOTICE, bad[i]);
        expect_refused("public_notice", body, REASON_MALFORMED,
                       "public_notice.language: a language tag");
    }
}

static void a_sensor_tells_what_it_noticed_and_when(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "sensor_event",
              "\"sensorId\":\"flood-gauge:7\",\"category\":\"water-level\",\"confidence\":1,"
              "\"observedAt\":\"2026-11-21T12:00:00Z\"");
    assert_clean(&s);
    assert_int_equal(s.message.facts.origins, 0); /* nobody's place */
    assert_false(s.message.facts.has_subject);
    sample_free(&s);
    expect_refused("sensor_event",
                   "\"category\":\"water-level\",\"observedAt\":\"2026-11-21T12:00:00Z\"",
                   REASON_MALFORMED, "sensor_event.sensor_id: required");
    expect_refused("sensor_event", "\"sensorId\":\"g-7\",\"category\":\"water-level\"",
                   REASON_MALFORMED, "sensor_event.observed_at: required");
    expect_refused("sensor_event",
                   "\"sensorId\":\"g-7\",\"category\":\"a man in red\","
                   "\"observedAt\":\"2026-11-21T12:00:00Z\"",
                   REASON_MALFORMED, "sensor_event.category: a word");
    expect_refused("sensor_event",
                   "\"sensorId\":\"g-7\",\"category\":\"water-level\","
                   "\"observedAt\":\"2026-11-21T13:00:00Z\"",
                   REASON_OUT_OF_RANGE, "sensor_event.observed_at: a time in the past");
}

/* ---- after the fact */

static void feedback_about_a_missing_camera_tells_a_place(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "feedback", "\"cameraId\":[\"DJ-1\"],\"gap\":" POSITION);
    assert_clean(&s);
    assert_int_equal(s.message.facts.origins, BIT(UNSPECIFIED));
    assert_int_equal(s.message.facts.cameras, 1);
    sample_free(&s);
}

#define RELEASE                                                                                    \
    "\"cameraId\":\"DJ-1\",\"reason\":\"route\",\"beginsAt\":\"2026-11-21T10:00:00Z\","            \
    "\"endsAt\":\"2026-11-21T10:05:00Z\""

static void a_recording_is_asked_for_by_camera_span_and_reason(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "release_request", RELEASE ",\"requester\":\"REQUESTER_DATA_SUBJECT\"");
    assert_clean(&s);
    assert_int_equal(s.message.facts.cameras, 1);
    assert_int_equal(s.message.facts.recorded_us, 0); /* nothing of that time is carried */
    sample_free(&s);
    expect_refused("release_request", RELEASE, REASON_MALFORMED,
                   "release_request.requester: required");
    expect_refused("release_request",
                   "\"cameraId\":\"DJ-1\",\"reason\":\"route\","
                   "\"requester\":\"REQUESTER_COMPANY\",\"beginsAt\":\"2026-11-21T10:00:00Z\","
                   "\"endsAt\":\"2026-11-21T10:00:00Z\"",
                   REASON_OUT_OF_RANGE, "release_request.ends_at: a time after");
    expect_refused("release_request", RELEASE ",\"requester\":\"REQUESTER_INVESTIGATOR\"",
                   REASON_MALFORMED, "release_request.document_no: required");
    expect_refused("release_request", RELEASE ",\"requester\":\"REQUESTER_COURT\"",
                   REASON_MALFORMED, "release_request.document_no: required");
    expect_clean("release_request",
                 RELEASE ",\"requester\":\"REQUESTER_COURT\",\"documentNo\":\"2026-17\"");
}

static void an_answer_to_it_says_why_not(void **state)
{
    (void)state;
    expect_clean("release_answer",
                 "\"requestId\":\"" UUID_1 "\",\"result\":\"RELEASE_RESULT_RELEASED\","
                 "\"masked\":true");
    expect_refused("release_answer",
                   "\"requestId\":\"" UUID_1 "\",\"result\":\"RELEASE_RESULT_REFUSED\"",
                   REASON_MALFORMED, "release_answer.reason: required with a refusal");
    expect_refused("release_answer",
                   "\"requestId\":\"" UUID_1 "\",\"result\":\"RELEASE_RESULT_NONEXISTENT\","
                   "\"masked\":true",
                   REASON_MALFORMED, "release_answer.masked: of what was released only");
    expect_refused("release_answer", "\"result\":\"RELEASE_RESULT_CLOSED\"", REASON_MALFORMED,
                   "release_answer.request_id: required");
}

/* What the gateway sends itself. */
static void from_gateway(struct sample *s, const char *kind, const char *body)
{
    sample_decode(s, HEADER, kind, body);
    s->message.pb->header->source = (char *)GATEWAY_UNIT;
    sample_check(s);
}

static void the_gateways_own_kinds_are_complete(void **state)
{
    (void)state;
    struct sample s;
    from_gateway(&s, "outcome", "\"receipt\":{\"id\":\"" UUID_1 "\",\"verdict\":\"VERDICT_HELD\"}");
    assert_clean(&s);
    sample_free(&s);
    from_gateway(&s, "outcome", "");
    assert_refused(&s, REASON_MALFORMED, "outcome: a receipt or a status");
    sample_free(&s);
    from_gateway(&s, "stream_notice", "\"streamId\":\"s\",\"cameraId\":\"DJ-1\"");
    assert_refused(&s, REASON_MALFORMED, "stream_notice.why: required when a stream has ended");
    sample_free(&s);
    from_gateway(&s, "provision_notice",
                 "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"S-1\"},"
                 "\"provision\":{\"origin\":\"gw.example/log\",\"index\":\"9\"},"
                 "\"recipient\":\"npa-daejeon/112-control\",\"purpose\":\"protection\","
                 "\"providedAt\":\"2026-11-21T12:00:00Z\",\"notifyBy\":\"2026-11-21T11:00:00Z\"");
    assert_refused(&s, REASON_OUT_OF_RANGE, "provision_notice.notify_by: a time after provided_at");
    s.message.pb->provision_notice->notify_by = NULL;
    sample_check(&s);
    assert_clean(&s);
    assert_true(s.message.facts.has_subject);
    sample_free(&s);
}

#define ITEM(n) "{\"origin\":\"gw.example/log\",\"index\":\"" #n "\"}"
#define SIGNED                                                                                     \
    "\"orderId\":\"" UUID_1 "\",\"staffRef\":\"p-17\",\"keyId\":\"0123456789ABCDEF\","             \
    "\"signature\":\"AAAA\""
#define WHEN                                                                                       \
    ",\"destroyedAt\":\"2026-11-21T11:59:00Z\",\"method\":\"DESTRUCTION_METHOD_OVERWRITTEN\""
#define KEPT(n, more)                                                                              \
    ",\"retained\":[{\"item\":" ITEM(n) ",\"act\":\"kr/pipa/21-1-proviso\",\"until\":"             \
                                        "\"2027-11-21T12:00:00Z\"" more "}]"

static void an_order_of_destruction_names_items_cause_and_time(void **state)
{
    (void)state;
    static const char order[] = "\"orderId\":\"" UUID_1 "\",\"why\":\"DESTRUCTION_CAUSE_DEADLINE\","
                                "\"due\":\"2026-11-21T11:00:00Z\",\"item\":[" ITEM(7) "]";
    struct sample s;
    from_gateway(&s, "destruction_order", order);
    assert_clean(&s);
    s.message.pb->destruction_order->n_item = 0;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "destruction_order.item: required");
    s.message.pb->destruction_order->why = 0;
    s.message.pb->destruction_order->n_item = 1;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "destruction_order.why: required");
    sample_free(&s);
    assert_true(kind_named(bytes_of_text("destruction_order"))->from_gateway);
    assert_true(kind_named(bytes_of_text("destruction_receipt"))->answers_order);
    assert_true(kind_named(bytes_of_text("destruction_receipt"))->for_gateway_only);
}

static void a_receipt_of_destruction_says_of_each_item_one_thing(void **state)
{
    (void)state;
    expect_clean("destruction_receipt", SIGNED WHEN ",\"destroyed\":[" ITEM(7) "]");
    expect_clean("destruction_receipt", SIGNED ",\"neverStored\":[" ITEM(7) "," ITEM(8) "]");
    expect_clean("destruction_receipt", SIGNED KEPT(9, ",\"caseRef\":\"2026고단117\""));
    expect_refused("destruction_receipt", SIGNED, REASON_MALFORMED, "destruction_receipt: an item");
    expect_refused("destruction_receipt", SIGNED ",\"destroyed\":[" ITEM(7) "]", REASON_MALFORMED,
                   "destruction_receipt: destroyed_at and method, where items were destroyed");
    expect_refused("destruction_receipt",
                   SIGNED WHEN ",\"destroyed\":[" ITEM(7) "],\"neverStored\":[" ITEM(7) "]",
                   REASON_MALFORMED, "destruction_receipt: each item once");
    expect_refused("destruction_receipt", SIGNED KEPT(9, ""), REASON_MALFORMED,
                   "destruction_receipt.retained[0].case_ref: required");
    expect_refused("destruction_receipt",
                   "\"orderId\":\"" UUID_1 "\",\"staffRef\":\"p-17\",\"neverStored\":[" ITEM(7) "]",
                   REASON_MALFORMED, "destruction_receipt.key_id: required");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incident_report_states_type_and_place),
        cmocka_unit_test(of_many_points_evenly_many_are_kept_with_the_first_and_the_last),
        cmocka_unit_test(the_origin_of_an_areas_points_is_told),
        cmocka_unit_test(kinds_about_one_incident_name_exactly_one),
        cmocka_unit_test(an_incident_is_closed_with_an_outcome_and_assigned_to_a_unit),
        cmocka_unit_test(an_incident_is_offered_to_a_unit_and_answered_by_the_sender),
        cmocka_unit_test(a_link_names_another_incident_and_how_they_belong_together),
        cmocka_unit_test(a_wish_names_one_camera),
        cmocka_unit_test(a_location_request_says_whose_and_why),
        cmocka_unit_test(a_person_to_be_rescued_who_did_not_call_wishes_it),
        cmocka_unit_test(a_witness_is_located_with_the_witness_s_own_consent),
        cmocka_unit_test(consent_is_changed_by_the_party_that_knows_the_subject),
        cmocka_unit_test(a_notice_is_deferred_for_a_reason_and_until_a_time),
        cmocka_unit_test(a_receipt_of_a_notice_says_when_and_how),
        cmocka_unit_test(a_status_is_about_a_region),
        cmocka_unit_test(a_recording_is_asked_for_by_camera_span_and_reason),
        cmocka_unit_test(an_answer_to_it_says_why_not),
        cmocka_unit_test(a_video_request_says_where),
        cmocka_unit_test(a_request_for_a_recording_never_becomes_one_for_live_video),
        cmocka_unit_test(an_answer_has_a_result),
        cmocka_unit_test(a_guardian_alert_fills_the_facts),
        cmocka_unit_test(one_of_many_positions_is_told_from_the_alert_itself),
        cmocka_unit_test(a_persons_position_without_origin_counts_as_obtained_under_lia_29),
        cmocka_unit_test(a_new_alert_says_who_why_and_where),
        cmocka_unit_test(a_later_phase_names_the_alerts_incident_and_needs_no_more),
        cmocka_unit_test(consent_with_a_bad_part_is_no_consent),
        cmocka_unit_test(consent_counts_only_with_its_subject),
        cmocka_unit_test(numbers_about_a_person_have_their_ranges),
        cmocka_unit_test(a_person_s_position_says_when_it_was_taken_and_how_exactly),
        cmocka_unit_test(a_location_update_needs_a_good_position),
        cmocka_unit_test(a_dispatch_needs_only_its_type),
        cmocka_unit_test(traffic_is_told_by_segment),
        cmocka_unit_test(a_disaster_report_has_a_type_and_any_area_in_the_service_area),
        cmocka_unit_test(a_public_notice_follows_cap),
        cmocka_unit_test(a_notice_s_signed_original_is_media_and_has_a_size),
        cmocka_unit_test(an_update_of_a_notice_names_what_it_replaces),
        cmocka_unit_test(language_tags_have_their_shape),
        cmocka_unit_test(a_sensor_tells_what_it_noticed_and_when),
        cmocka_unit_test(feedback_about_a_missing_camera_tells_a_place),
        cmocka_unit_test(the_gateways_own_kinds_are_complete),
        cmocka_unit_test(an_order_of_destruction_names_items_cause_and_time),
        cmocka_unit_test(a_receipt_of_destruction_says_of_each_item_one_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
