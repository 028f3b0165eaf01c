#include "ask.h"

#include "policy/snapshot.h"

#define LAW_19 "The law of kr/location/19"

static void end_it(struct ask *a)
{
    end_incident(&a->incident[0]);
}

static void close_the_polices_part(struct ask *a)
{
    a->incident[0].participant[0].open = false;
}

static void make_it_six_hours_old(struct ask *a)
{
    a->incident[0].opened_us = NOW_US - 6 * US_PER_HOUR;
}

static void make_it_a_fire(struct ask *a)
{
    (void)snprintf(a->incident[0].type, sizeof a->incident[0].type, "fire");
}

static void watch_on_another_basis(struct ask *a)
{
    claim(&a->watcher, "crime-response", "kr/pipa/18-2-3", "emergency-call");
}

static void release_the_car(struct ask *a)
{
    a->incident[0].assignments = 0;
}

static void take_camera_3(struct ask *a)
{
    a->facts.camera[0] = bytes_of_text("cam-3"); /* a drone, 1.1 km away */
}

static void take_camera_2(struct ask *a)
{
    a->facts.camera[0] = bytes_of_text("cam-2"); /* for traffic, 440 m away */
}

static void add_another_category(struct ask *a)
{
    a->facts.categories |= 1u << CATEGORY_DEMENTIA;
}

static void be_13(struct ask *a)
{
    a->facts.age_band = AGE_9_TO_13;
}

static void ask_the_guardian(struct ask *a)
{
    a->facts.consent.given_by = GIVER_GUARDIAN;
}

static void name_another_recipient(struct ask *a)
{
    a->facts.consent.recipient[0] = bytes_of_text("centre/video");
}

static void name_another_purpose(struct ask *a)
{
    a->facts.consent.purpose[0] = bytes_of_text("life-rescue");
}

static void carry_an_emergency_position(struct ask *a)
{
    a->facts.origins |= 1u << ORIGIN_LIA_29;
}

static void bring_no_evidence(struct ask *a)
{
    a->facts.evidences = 0;
}

static void defer_for_danger(struct ask *a)
{
    a->facts.kind = KIND_NOTICE_DEFERRAL;
    a->facts.origins = 0;
    a->facts.reason_code = bytes_of_text("danger");
}

static void defer_for_lack_of_time(struct ask *a)
{
    a->facts.reason_code = bytes_of_text("no-time");
}

static void watch_a_recording(struct ask *a)
{
    a->facts.recorded = true;
}

static void let_two_hours_pass(struct ask *a)
{
    a->now_us += 2 * US_PER_HOUR;
}

static void let_two_days_pass(struct ask *a)
{
    a->now_us += 2 * US_PER_DAY;
}

static void activate_the_north(struct ask *a)
{
    a->state.regions_active = 1;
}

static void activate_the_south(struct ask *a)
{
    a->state.regions_active = 2;
}

static void move_it_out_of_the_north(struct ask *a)
{
    a->incident[0].centre.latitude = 36.45;
}

static void name_the_location(struct ask *a)
{
    a->facts.consent.item[0] = bytes_of_text("location");
    a->facts.consent.items = 1;
}

static void name_the_photo_only(struct ask *a)
{
    a->facts.consent.item[0] = bytes_of_text("photo");
}

static void watch_as_nobody(struct ask *a)
{
    a->watcher.has_actor = false;
}

static void ask_for_a_caller(struct ask *a)
{
    a->facts.kind = KIND_LOCATION_REQUEST;
    a->facts.origins = 0;
    a->facts.ground = GROUND_CALLER;
}

static void ask_for_a_relative(struct ask *a)
{
    a->facts.ground = GROUND_RELATIVE;
}

static void ask_as_wished(struct ask *a)
{
    ask_for_a_caller(a);
    a->facts.wish_confirmed = true;
}

static void ask_without_a_wish(struct ask *a)
{
    a->facts.wish_confirmed = false;
}

static void ask_with_the_witness(struct ask *a)
{
    ask_for_a_caller(a);
    a->facts.witness_consents = true;
}

static void ask_without_the_witness(struct ask *a)
{
    a->facts.witness_consents = false;
}

/* b#dispatch as it stands, and as a request for a location instead. */
#define DISPATCH_OF(kind, when)                                                                    \
    kind "\n"                                                                                      \
         "    from: centre/desk\n"                                                                 \
         "    to: [police/control, rescue/control]\n"                                              \
         "    purpose: safe-return\n"                                                              \
         "    basis_any_of: [kr/pipa/18-2-3]\n"                                                    \
         "    when: {" when "}\n"
#define DISPATCH DISPATCH_OF("dispatch_request", "evidence: emergency-call")

/* For each condition a message that meets it, and what makes it one that does not. */
static const struct probe {
    const char *clause, *when, *instead; /* what the memorandum says, where it is changed first */
    void (*spoil)(struct ask *a);
    enum reason reason;
    const char *failed, *article;
    void (*ready)(struct ask *a); /* what makes it meet the condition at first; may be NULL */
} probes[CONDITION_OPS] = {
    [CONDITION_INCIDENT_OPEN] = {"a#photo", "assigned: yes", "incident: {state: open}", end_it,
                                 REASON_INCIDENT_CLOSED, "incident.state: open", "", NULL},
    [CONDITION_INCIDENT_PARTICIPANT] = {"a#request", NULL, NULL, close_the_polices_part,
                                        REASON_NOT_PARTICIPANT,
                                        "incident.participant: police/control", "", NULL},
    [CONDITION_INCIDENT_YOUNGER] = {"a#live", NULL, NULL, make_it_six_hours_old,
                                    REASON_INCIDENT_TOO_OLD, "incident.younger_than: 6 hours", "",
                                    NULL},
    [CONDITION_INCIDENT_TYPE] = {"a#photo", "assigned: yes", "incident_type: [robbery, theft]",
                                 make_it_a_fire, REASON_INCIDENT_TYPE_NOT_COVERED,
                                 "incident_type: robbery, theft", "", NULL},
    [CONDITION_BASIS] = {"a#live", "actor: required", "basis: kr/pipa/18-2-7",
                         watch_on_another_basis, REASON_BASIS_NOT_ACCEPTED, "basis: kr/pipa/18-2-7",
                         "The law of kr/pipa/18-2-3", NULL},
    [CONDITION_ASSIGNED] = {"a#photo", NULL, NULL, release_the_car, REASON_NOT_ASSIGNED,
                            "assigned: yes", "", NULL},
    [CONDITION_CAMERA_WITHIN] = {"a#live", NULL, NULL, take_camera_3, REASON_OUTSIDE_RADIUS,
                                 "camera.within_m_of_incident: 500", "", NULL},
    [CONDITION_CAMERA_INSTALLED_FOR] = {"a#live", NULL, NULL, take_camera_2,
                                        REASON_CAMERA_PURPOSE_MISMATCH,
                                        "camera.installed_for: crime-prevention", "", NULL},
    [CONDITION_CAMERA_KIND] = {"a#photo", NULL, NULL, take_camera_3, REASON_CAMERA_KIND_NOT_COVERED,
                               "camera.kind: fixed, vehicle", "", NULL},
    [CONDITION_CATEGORY] = {"b#alert", NULL, NULL, add_another_category,
                            REASON_CATEGORY_NOT_COVERED, "subject.category: child, living-alone",
                            LAW_19, NULL},
    [CONDITION_AGE_BAND] = {"b#alert", NULL, NULL, be_13, REASON_AGE_BAND_NOT_COVERED,
                            "subject.age_band: 14-to-17, adult", LAW_19, NULL},
    [CONDITION_CONSENT_GIVEN_BY] = {"b#alert", NULL, NULL, ask_the_guardian, REASON_CONSENT_MISSING,
                                    "consent.given_by: subject", LAW_19, NULL},
    [CONDITION_CONSENT_NAMES_RECIPIENT] = {"b#alert", NULL, NULL, name_another_recipient,
                                           REASON_CONSENT_NOT_COVERING,
                                           "consent.names_recipient: yes", LAW_19, NULL},
    [CONDITION_CONSENT_NAMES_PURPOSE] = {"b#alert", NULL, NULL, name_another_purpose,
                                         REASON_CONSENT_NOT_COVERING, "consent.names_purpose: yes",
                                         LAW_19, NULL},
    [CONDITION_ORIGIN] = {"b#alert", NULL, NULL, carry_an_emergency_position,
                          REASON_ORIGIN_PROHIBITED, "origin: lia-consent, device", LAW_19, NULL},
    [CONDITION_EVIDENCE] = {"b#dispatch", NULL, NULL, bring_no_evidence, REASON_EVIDENCE_MISSING,
                            "evidence: emergency-call", "The law of kr/pipa/18-2-3", NULL},
    [CONDITION_ACTOR] = {"a#live", NULL, NULL, watch_as_nobody, REASON_ACTOR_MISSING,
                         "actor: required", "", NULL},
    [CONDITION_CONSENT_NAMES_ITEMS] = {"b#alert", "names_purpose: yes",
                                       "names_purpose: yes, names_items: [location]",
                                       name_the_photo_only, REASON_CONSENT_NOT_COVERING,
                                       "consent.names_items: location", LAW_19, name_the_location},
    [CONDITION_REASON_CODE] = {"b#dispatch", DISPATCH,
                               DISPATCH_OF("notice_deferral", "reason_code: [danger]"),
                               defer_for_lack_of_time, REASON_OUT_OF_RANGE, "reason_code: danger",
                               "", defer_for_danger},
    [CONDITION_REQUEST_GROUND] = {"b#dispatch", DISPATCH,
                                  DISPATCH_OF("location_request",
                                              "request: {ground: [caller, missing-person]}"),
                                  ask_for_a_relative, REASON_GROUND_NOT_COVERED,
                                  "request.ground: caller, missing-person",
                                  "The law of kr/pipa/18-2-3", ask_for_a_caller},
    [CONDITION_REQUEST_WISH] = {"b#dispatch", DISPATCH,
                                DISPATCH_OF("location_request", "request: {wish: confirmed}"),
                                ask_without_a_wish, REASON_WISH_NOT_CONFIRMED,
                                "request.wish: confirmed", "The law of kr/pipa/18-2-3",
                                ask_as_wished},
    [CONDITION_REQUEST_WITNESS_CONSENT] = {"b#dispatch", DISPATCH,
                                           DISPATCH_OF("location_request",
                                                       "request: {witness_consent: given}"),
                                           ask_without_the_witness, REASON_CONSENT_MISSING,
                                           "request.witness_consent: given",
                                           "The law of kr/pipa/18-2-3", ask_with_the_witness},
    [CONDITION_FOOTAGE] = {"a#live", "actor: required", "footage: live", watch_a_recording,
                           REASON_FOOTAGE_NOT_COVERED, "footage: live", "", NULL},
    [CONDITION_PERIOD_HOURS] = {"a#photo", "assigned: yes", "period: {hours: 09:00-22:00}",
                                let_two_hours_pass, REASON_OUTSIDE_PERIOD,
                                "period.hours: 09:00-22:00", "", NULL},
    [CONDITION_PERIOD_DAYS] = {"a#photo", "assigned: yes", "period: {days: [sat, sun]}",
                               let_two_days_pass, REASON_OUTSIDE_PERIOD, "period.days: sat, sun",
                               "", NULL},
    [CONDITION_HEADQUARTERS] = {"a#photo", "assigned: yes", "disaster_headquarters: [north]",
                                activate_the_south, REASON_DISASTER_HQ_NOT_ACTIVE,
                                "disaster_headquarters: north", "The law of kr/pipa/18-2-7",
                                activate_the_north},
    [CONDITION_INCIDENT_AREA] = {"a#photo", "assigned: yes", "incident: {area: [north]}",
                                 move_it_out_of_the_north, REASON_OUTSIDE_AREA,
                                 "incident.area: north", "", NULL},
    [CONDITION_CAMERA_NEAR_ROUTE] = {"a#live", "within_m_of_incident: 500",
                                     "within_m_of_route: 500", take_camera_3, REASON_OUTSIDE_RADIUS,
                                     "camera.within_m_of_route: 500", "", NULL},
};

static void each_condition_is_met_by_one_message_and_not_by_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONDITION_OPS; i++) {
        const struct probe *p = &probes[i];
        struct ask a;
        assert_non_null(p->clause);
        ask_new(&a);
        if (p->when != NULL)
            set_change(&a.set, p->clause[0] == 'a' ? A : B, p->when, p->instead);
        ask_open(&a, strchr(p->clause, '#') + 1);
        if (p->ready != NULL)
            p->ready(&a);
        expect_permitted(&a, p->clause);
        p->spoil(&a);
        expect_decision(&a, p->reason, p->clause, p->failed, p->article);
        assert_true(a.d.near);
        ask_free(&a);
    }
}

static void an_incident_that_is_not_known_is_no_incident(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    a.unknown[0] = true;
    expect_decision(&a, REASON_INCIDENT_UNKNOWN, "a#request", "incident.state: open", "");
    ask_message(&a, "request");
    a.incident[0].exists = false;
    expect_decision(&a, REASON_INCIDENT_UNKNOWN, "a#request", "incident.state: open", "");
    ask_message(&a, "request");
    a.facts.incidents = 0;
    expect_decision(&a, REASON_INCIDENT_UNKNOWN, "a#request", "incident.state: open", "");
    ask_message(&a, "photo");
    a.unknown[0] = true;
    expect_decision(&a, REASON_INCIDENT_UNKNOWN, "a#photo", "assigned: yes", "");
    ask_free(&a);
}

static void who_took_part_in_an_ended_incident_is_told_that_it_ended(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "{state: open, participant: police/control}",
               "{participant: police/control}");
    ask_open(&a, "request");
    end_incident(&a.incident[0]);
    expect_decision(&a, REASON_INCIDENT_CLOSED, "a#request", "incident.participant: police/control",
                    "");
    ask_message(&a, "photo");
    end_incident(&a.incident[0]);
    expect_decision(&a, REASON_NOT_ASSIGNED, "a#photo", "assigned: yes", "");
    ask_free(&a);
}

/* A dispatch is asked for one type, whatever incident it names. */
static void the_type_that_a_message_states_counts_before_the_incidents(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, B, "{evidence: emergency-call}", "{incident_type: robbery}");
    ask_open(&a, "dispatch");
    expect_permitted(&a, "b#dispatch");
    assert_int_equal(a.d.incident, 0);
    a.facts.incident_type = bytes_of_text("fire");
    expect_decision(&a, REASON_INCIDENT_TYPE_NOT_COVERED, "b#dispatch", "incident_type: robbery",
                    "");
    make_it_a_fire(&a);
    a.facts.incident_type = bytes_of_text("robbery");
    expect_permitted(&a, "b#dispatch");
    assert_int_equal(a.d.incident, POLICY_NONE);
    ask_free(&a);
}

static void every_camera_that_is_named_has_to_fit(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "live");
    a.facts.camera[1] = bytes_of_text("cam-4");
    a.facts.cameras = 2;
    expect_permitted(&a, "a#live");
    a.facts.camera[1] = bytes_of_text("cam-3");
    expect_decision(&a, REASON_OUTSIDE_RADIUS, "a#live", "camera.within_m_of_incident: 500", "");
    a.facts.cameras = 0;
    expect_decision(&a, REASON_OUTSIDE_RADIUS, "a#live", "camera.within_m_of_incident: 500", "");
    ask_message(&a, "photo");
    a.facts.cameras = 0;
    expect_decision(&a, REASON_CAMERA_KIND_NOT_COVERED, "a#photo", "camera.kind: fixed, vehicle",
                    "");
    ask_free(&a);
}

static void an_incident_without_a_place_has_no_distance(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "live");
    a.incident[0].has_centre = false;
    expect_decision(&a, REASON_NO_POSITION, "a#live", "camera.within_m_of_incident: 500", "");
    ask_free(&a);
}

/* Not where the inventory lists it. */
static void a_camera_that_moves_is_where_it_says(void **state)
{
    static const char *const failed[] = {"camera.within_m_of_incident: 500",
                                         "camera.within_m_of_route: 500"};
    struct ask a;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(failed); i++) {
        ask_new(&a);
        if (i == 1)
            set_change(&a.set, A, "within_m_of_incident: 500", "within_m_of_route: 500");
        ask_open(&a, "live");
        a.facts.camera_place = CAMERA_PLACED;
        a.facts.camera_at = scene;
        expect_permitted(&a, "a#live");
        a.facts.camera_at.latitude += 0.01; /* 1.1 km */
        expect_decision(&a, REASON_OUTSIDE_RADIUS, "a#live", failed[i], "");
        a.facts.camera[0] = bytes_of_text("cam-3"); /* listed 1.1 km away, */
        a.facts.camera_at = scene;                  /* and here now */
        expect_permitted(&a, "a#live");
        a.facts.camera[0] = bytes_of_text("cam-1");
        a.facts.camera_place = CAMERA_UNPLACED;
        expect_decision(&a, REASON_NO_POSITION, "a#live", failed[i], "");
        ask_free(&a);
    }
}

static void without_a_distance_a_camera_that_moves_needs_no_place(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "within_m_of_incident: 500, ", "");
    ask_open(&a, "live");
    a.facts.camera_place = CAMERA_UNPLACED;
    expect_permitted(&a, "a#live");
    ask_free(&a);
}

#define SOUTH_WEST ((struct point){36.20, 127.20}) /* of the set's service area */

/* A camera of the centre, this far north of the middle of the scene's grid cell. */
static void add_camera_north(struct set *s, const char *id, double metres)
{
    struct point cell = geo_cell_centre(SOUTH_WEST, 250, scene);
    struct buf line = BUF_INIT(1000);
    buf_printf(&line, "audio\n%s,%.7f,%.7f,fixed,crime-prevention,centre,no\n", id,
               cell.latitude + metres / 111195, cell.longitude);
    set_change(s, CAMERAS, "audio\n", buf_c(&line));
    buf_free(&line);
}

/* The centre is told a cell of 250 m and not the place: refusals must not tell it either. */
static void from_anywhere_in_a_grid_cell_the_distance_is_the_same(void **state)
{
    struct point cell = geo_cell_centre(SOUTH_WEST, 250, scene);
    struct ask a;
    (void)state;
    ask_new(&a);
    add_camera_north(&a.set, "cam-8", 495);
    add_camera_north(&a.set, "cam-9", 505);
    ask_open(&a, "live");
    for (int i = -1; i <= 1; i++) {
        a.incident[0].centre =
            (struct point){cell.latitude + i * 120 / 111195.0, cell.longitude + i * 0.001};
        a.facts.camera[0] = bytes_of_text("cam-8");
        expect_permitted(&a, "a#live");
        a.facts.camera[0] = bytes_of_text("cam-9");
        expect_decision(&a, REASON_OUTSIDE_RADIUS, "a#live", "camera.within_m_of_incident: 500",
                        "");
    }
    ask_free(&a);
}

/* The distance is from the cell where a dispatch with this recipient, in the lines given, hides the
 * place. */
static void expect_distance_from_cell(const char *recipient)
{
    struct point cell = geo_cell_centre(SOUTH_WEST, 250, scene);
    struct ask a;
    ask_new(&a);
    set_change(&a.set, A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around: drop");
    set_change(&a.set, B, "prohibitions:\n",
               "  - grant: come\n"
               "    service: protection\n"
               "    kind: dispatch_request\n"
               "    from: rescue/control\n"
               "    RECIPIENT\n"
               "    purpose: safe-return\n"
               "    basis_any_of: [kr/pipa/18-2-3]\n"
               "    transform: {position: {to-cameras: {grid: 250 m, within: 500 m}}}\n"
               "    destroy: {starts_at: found, delay: 0 seconds}\n"
               "prohibitions:\n");
    set_change(&a.set, B, "RECIPIENT", recipient);
    add_camera_north(&a.set, "cam-9", 505);
    ask_open(&a, "live");
    a.facts.camera[0] = bytes_of_text("cam-9");
    a.incident[0].centre = (struct point){cell.latitude + 120 / 111195.0, cell.longitude};
    expect_decision(&a, REASON_OUTSIDE_RADIUS, "a#live", "camera.within_m_of_incident: 500", "");
    ask_free(&a);
}

/* Story: only requests for video counted, and where a dispatch hid the place the refusals of
 * streams told it. */
static void whatever_kind_hides_the_place_the_distance_is_from_the_cell(void **state)
{
    (void)state;
    expect_distance_from_cell("to: [centre/desk]");
}

/* Story: the centre got the dispatch when the police did not answer, and its streams told the
 * place that was hidden from it. */
static void from_who_gets_it_by_else_the_place_is_hidden_too(void **state)
{
    (void)state;
    expect_distance_from_cell("to: [police/control]\n"
                              "    answer: {by: [dispatch_answer], within: 1 minute, else: "
                              "centre/desk}");
}

static void without_a_hidden_place_the_distance_is_from_the_place_itself(void **state)
{
    struct point cell = geo_cell_centre(SOUTH_WEST, 250, scene);
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around: drop");
    add_camera_north(&a.set, "cam-9", 505);
    ask_open(&a, "live");
    a.facts.camera[0] = bytes_of_text("cam-9");
    a.incident[0].centre = (struct point){cell.latitude + 120 / 111195.0, cell.longitude};
    expect_permitted(&a, "a#live");
    a.incident[0].centre = (struct point){cell.latitude - 120 / 111195.0, cell.longitude};
    expect_decision(&a, REASON_OUTSIDE_RADIUS, "a#live", "camera.within_m_of_incident: 500", "");
    ask_free(&a);
}

static void a_subject_without_category_or_age_is_not_covered(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "alert");
    a.facts.categories = 0;
    expect_decision(&a, REASON_CATEGORY_NOT_COVERED, "b#alert",
                    "subject.category: child, living-alone", LAW_19);
    ask_message(&a, "alert");
    a.facts.age_band = 0;
    expect_decision(&a, REASON_AGE_BAND_NOT_COVERED, "b#alert", "subject.age_band: 14-to-17, adult",
                    LAW_19);
    ask_free(&a);
}

/* LIA 24: what ends consent ends what rests on it, whatever else it says. */
static void consent_that_is_not_there_or_ran_out_covers_nothing(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "alert");
    a.facts.consent.present = false;
    expect_decision(&a, REASON_CONSENT_MISSING, "b#alert", "consent.given_by: subject", LAW_19);
    ask_message(&a, "alert");
    a.facts.consent.until_us = NOW_US + 1;
    expect_permitted(&a, "b#alert");
    a.facts.consent.until_us = NOW_US;
    expect_decision(&a, REASON_CONSENT_WITHDRAWN, "b#alert", "consent.given_by: subject", LAW_19);
    ask_free(&a);
}

/* LIA 25 */
static void under_14_another_giver_is_a_missing_representative(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, B, "age_band: [14-to-17, adult]}\n      consent: {given_by: subject",
               "age_band: [up-to-8, 9-to-13]}\n      consent: {given_by: legal-representative");
    ask_open(&a, "alert");
    a.facts.age_band = AGE_9_TO_13;
    expect_decision(&a, REASON_REPRESENTATIVE_MISSING, "b#alert",
                    "consent.given_by: legal-representative", LAW_19);
    a.facts.consent.given_by = GIVER_REPRESENTATIVE;
    expect_permitted(&a, "b#alert");
    ask_free(&a);
}

/* LIA 19: by the name of the unit, or of its party. */
static void consent_names_a_unit_or_its_party(void **state)
{
    static const struct {
        const char *name;
        bool covers;
    } row[] = {{"centre", true},      {"centre/desk", true}, {"centre/video", false},
               {"centre/des", false}, {"police", false},     {"centre/desk2", false},
               {"centre/", false}};
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "alert");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        a.facts.consent.recipient[0] = bytes_of_text("carrier");
        a.facts.consent.recipient[1] = bytes_of_text(row[i].name);
        a.facts.consent.recipients = 2;
        assert_int_equal(ask_decide(&a)->reason == REASON_PERMITTED, row[i].covers);
    }
    ask_free(&a);
}

static void a_message_without_positions_has_no_wrong_origin(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "alert");
    a.facts.origins = 0;
    expect_permitted(&a, "b#alert");
    a.facts.origins = 1; /* a place that is nobody's position: `place` is not in the list */
    expect_decision(&a, REASON_ORIGIN_PROHIBITED, "b#alert", "origin: lia-consent, device", LAW_19);
    ask_free(&a);
}

static void evidence_without_a_value_is_none(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "dispatch");
    a.facts.evidence[0].value = bytes_of(NULL, 0);
    expect_decision(&a, REASON_EVIDENCE_MISSING, "b#dispatch", "evidence: emergency-call",
                    "The law of kr/pipa/18-2-3");
    ask_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_condition_is_met_by_one_message_and_not_by_another),
        cmocka_unit_test(an_incident_that_is_not_known_is_no_incident),
        cmocka_unit_test(who_took_part_in_an_ended_incident_is_told_that_it_ended),
        cmocka_unit_test(the_type_that_a_message_states_counts_before_the_incidents),
        cmocka_unit_test(every_camera_that_is_named_has_to_fit),
        cmocka_unit_test(a_camera_that_moves_is_where_it_says),
        cmocka_unit_test(without_a_distance_a_camera_that_moves_needs_no_place),
        cmocka_unit_test(an_incident_without_a_place_has_no_distance),
        cmocka_unit_test(from_anywhere_in_a_grid_cell_the_distance_is_the_same),
        cmocka_unit_test(whatever_kind_hides_the_place_the_distance_is_from_the_cell),
        cmocka_unit_test(from_who_gets_it_by_else_the_place_is_hidden_too),
        cmocka_unit_test(without_a_hidden_place_the_distance_is_from_the_place_itself),
        cmocka_unit_test(a_subject_without_category_or_age_is_not_covered),
        cmocka_unit_test(consent_that_is_not_there_or_ran_out_covers_nothing),
        cmocka_unit_test(under_14_another_giver_is_a_missing_representative),
        cmocka_unit_test(consent_names_a_unit_or_its_party),
        cmocka_unit_test(a_message_without_positions_has_no_wrong_origin),
        cmocka_unit_test(evidence_without_a_value_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
