#include "ask.h"

#include "policy/snapshot.h"

#define EMERGENCY                                                                                  \
    "emergency:\n"                                                                                 \
    "  who: {units: [police/control], role: duty-officer}\n"                                       \
    "  kinds: [video_request, video, scene_image]\n"                                               \
    "  basis_any_of: [kr/pipa/18-2-7]\n"                                                           \
    "  reason: required\n"                                                                         \
    "  lasts: 30 minutes\n"                                                                        \
    "  review: {persons: 2, within: 24 hours}\n"

/* The set with an emergency in the first memorandum, and that grant's message. */
static void open_with_emergency(struct ask *a, const char *grant)
{
    struct buf text = BUF_INIT(1 << 16);
    ask_new(a);
    buf_printf(&text, "%s%s", a_yaml, EMERGENCY);
    set_put(&a->set, A, buf_c(&text));
    buf_free(&text);
    ask_open(a, grant);
}

static void declare(struct facts *f)
{
    f->has_emergency = true;
    f->emergency_reason = bytes_of_text("life-at-stake");
    f->emergency_text = true;
    f->actor_role = bytes_of_text("duty-officer");
}

static void cover(struct ask *a, int64_t until_us)
{
    (void)snprintf(a->incident[0].emergency[0].mou, sizeof a->incident[0].emergency[0].mou, "a");
    a->incident[0].emergency[0].until_us = until_us;
}

/* What a request of the police lacks: their part of the incident. */
static void close_the_polices_part(struct ask *a)
{
    a->incident[0].participant[0].open = false;
}

static void a_declared_emergency_goes_past_a_condition_and_names_it(void **state)
{
    struct ask a;
    (void)state;
    open_with_emergency(&a, "request");
    close_the_polices_part(&a);
    expect_decision(&a, REASON_NOT_PARTICIPANT, "a#request", "incident.participant: police/control",
                    "");
    assert_false(a.d.declares);
    declare(&a.facts);
    expect_decision(&a, REASON_PERMITTED_EMERGENCY, "a#request",
                    "incident.participant: police/control", "");
    assert_true(a.d.declares);
    assert_true(a.d.near);
    assert_int_equal(a.d.incident, 0);
    ask_free(&a);
}

static void one_that_is_permitted_anyway_is_an_emergency_all_the_same(void **state)
{
    struct ask a;
    struct policy_emergency e;
    (void)state;
    open_with_emergency(&a, "request");
    declare(&a.facts);
    expect_decision(&a, REASON_PERMITTED_EMERGENCY, "a#request", "", "");
    assert_true(a.d.declares);
    assert_true(policy_emergency(a.set.policy, a.d.grant, &e));
    assert_string_equal(e.mou, "a");
    assert_int_equal(e.lasts_us, 30 * US_PER_MINUTE);
    assert_int_equal(e.review_within_us, 24 * US_PER_HOUR);
    assert_int_equal(e.reviewers, 2);
    assert_false(
        policy_emergency(a.set.policy, policy_clause(a.set.policy, bytes_of_text("b#alert")), &e));
    ask_free(&a);
}

/* Each takes one thing away that a declaration needs. */
static void forget_the_reason_code(struct ask *a)
{
    a->facts.emergency_reason = bytes_of_text("because");
}
static void forget_the_words(struct ask *a)
{
    a->facts.emergency_text = false;
}
static void be_another_officer(struct ask *a)
{
    a->facts.actor_role = bytes_of_text("operator");
}
static void have_no_role(struct ask *a)
{
    a->facts.actor_role = bytes_of(NULL, 0);
}
static void state_another_basis(struct ask *a)
{
    a->facts.basis = bytes_of_text("kr/pipa/18-2-3");
}
static void end_it(struct ask *a)
{
    end_incident(&a->incident[0]);
}
static void name_none(struct ask *a)
{
    a->facts.incidents = 0;
}
static void know_none(struct ask *a)
{
    a->unknown[0] = true;
}
static void say_nothing(struct ask *a)
{
    a->facts.has_emergency = false;
}

static void a_declaration_that_lacks_anything_is_none(void **state)
{
    static const struct {
        void (*take_away)(struct ask *a);
        enum reason reason;
    } row[] = {{forget_the_reason_code, REASON_NOT_PARTICIPANT},
               {forget_the_words, REASON_NOT_PARTICIPANT},
               {be_another_officer, REASON_NOT_PARTICIPANT},
               {have_no_role, REASON_NOT_PARTICIPANT},
               {state_another_basis, REASON_NOT_PARTICIPANT},
               {end_it, REASON_INCIDENT_CLOSED},
               {name_none, REASON_INCIDENT_UNKNOWN},
               {know_none, REASON_INCIDENT_UNKNOWN},
               {say_nothing, REASON_NOT_PARTICIPANT}};
    struct ask a;
    (void)state;
    open_with_emergency(&a, "request");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        ask_message(&a, "request");
        close_the_polices_part(&a);
        declare(&a.facts);
        row[i].take_away(&a);
        assert_int_equal(ask_decide(&a)->reason, row[i].reason);
        assert_false(a.d.declares);
    }
    ask_free(&a);
}

static void it_covers_the_incident_until_its_end(void **state)
{
    struct ask a;
    (void)state;
    open_with_emergency(&a, "photo");
    a.incident[0].assignments = 0;
    cover(&a, a.now_us + 1);
    a.to = "police/car";
    expect_decision(&a, REASON_NOT_ASSIGNED, "a#photo", "assigned: yes", "");
    ask_free(&a);

    /* The police's control room gets the stream that is too far away. */
    open_with_emergency(&a, "live");
    a.facts.camera[0] = bytes_of_text("cam-3");
    expect_decision(&a, REASON_OUTSIDE_RADIUS, "a#live", "camera.within_m_of_incident: 500", "");
    cover(&a, a.now_us + 1);
    expect_decision(&a, REASON_PERMITTED_EMERGENCY, "a#live", "camera.within_m_of_incident: 500",
                    "");
    assert_false(a.d.declares);
    a.now_us++;
    expect_decision(&a, REASON_OUTSIDE_RADIUS, "a#live", "camera.within_m_of_incident: 500", "");
    ask_free(&a);
}

/* It would hold as long as the stream is open, and never be on the incident's record. */
static void a_stream_declares_none(void **state)
{
    struct ask a;
    struct buf text = BUF_INIT(1 << 16);
    (void)state;
    ask_new(&a);
    buf_printf(&text, "%s%s", a_yaml, EMERGENCY);
    set_put(&a.set, A, buf_c(&text));
    set_change(&a.set, A, "who: {units: [police/control]", "who: {units: [centre/video]");
    ask_open(&a, "live");
    declare(&a.facts);
    expect_permitted(&a, "a#live");
    assert_false(a.d.declares);
    close_the_polices_part(&a);
    expect_decision(&a, REASON_NOT_PARTICIPANT, "a#live", "incident.participant: police/control",
                    "");
    buf_free(&text);
    ask_free(&a);
}

static void one_of_another_memorandum_covers_nothing(void **state)
{
    struct ask a;
    (void)state;
    open_with_emergency(&a, "live");
    a.facts.camera[0] = bytes_of_text("cam-3");
    cover(&a, a.now_us + US_PER_HOUR);
    a.incident[0].emergency[0].mou[0] = 'b';
    assert_int_equal(ask_decide(&a)->reason, REASON_OUTSIDE_RADIUS);
    ask_free(&a);
}

static void an_alternative_that_holds_as_it_stands_passes_nothing_over(void **state)
{
    struct ask a;
    (void)state;
    open_with_emergency(&a, "live");
    a.facts.camera[0] = bytes_of_text("cam-3");
    (void)snprintf(a.incident[0].type, sizeof a.incident[0].type, "fire");
    cover(&a, a.now_us + US_PER_HOUR);
    /* [robbery, theft] is passed over; the other alternative, a basis, is the law's. */
    expect_decision(&a, REASON_PERMITTED_EMERGENCY, "a#live", "camera.within_m_of_incident: 500",
                    "");
    a.facts.camera[0] = bytes_of_text("cam-1");
    expect_decision(&a, REASON_PERMITTED_EMERGENCY, "a#live", "incident_type: robbery, theft", "");
    ask_free(&a);
}

static void it_does_not_wait_for_approval(void **state)
{
    struct ask a;
    struct buf text = BUF_INIT(1 << 16);
    (void)state;
    ask_new(&a);
    buf_printf(&text, "%s    approval: {role: privacy-officer, persons: 2, within: 1 hour}\n%s",
               a_yaml, EMERGENCY);
    set_put(&a.set, A, buf_c(&text));
    set_change(&a.set, A, "{units: [police/control]", "{units: [police/control, police/car]");
    ask_open(&a, "photo");
    expect_permitted(&a, "a#photo");
    cover(&a, a.now_us + 1);
    expect_decision(&a, REASON_PERMITTED_EMERGENCY, "a#photo", "approval", "");
    assert_false(a.d.declares);
    assert_true(
        policy_is_excepted(&a.q, a.d.grant, policy_unit(a.set.policy, bytes_of_text(a.to))));
    a.now_us++;
    expect_permitted(&a, "a#photo");
    assert_false(
        policy_is_excepted(&a.q, a.d.grant, policy_unit(a.set.policy, bytes_of_text(a.to))));
    buf_free(&text);
    ask_free(&a);
}

static void take_the_actor_away(struct ask *a)
{
    a->watcher.has_actor = false;
}
static void take_the_evidence_away(struct ask *a)
{
    a->watcher.evidences = 0;
    a->facts.incidents = 1;
}
static void watch_for_another_purpose(struct ask *a)
{
    a->watcher.purpose = bytes_of_text("life-rescue");
}
static void be_an_exercise(struct ask *a)
{
    a->facts.status = STATUS_TEST;
}
static void be_suspended(struct ask *a)
{
    static const uint64_t all[4] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    a->state.grants_suspended = all;
}
static void have_suspended_units(struct ask *a)
{
    static const uint64_t all[4] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    a->state.units_suspended = all;
}

/* Every clause for every unit. */
static void owe_a_receipt(struct ask *a)
{
    static uint64_t all[64];
    const size_t grants = policy_grants(a->set.policy), units = policy_units(a->set.policy);
    assert_true(grants * units <= ARRAY_LEN(all));
    for (size_t i = 0; i < grants * units; i++)
        all[i] = policy_overdue_pair((uint32_t)(i / units), (uint32_t)(i % units));
    a->state.overdue = all;
    a->state.overdues = grants * units;
}

static void some_things_it_never_goes_past(void **state)
{
    static const struct {
        void (*take_away)(struct ask *a);
        enum reason reason;
    } row[] = {{take_the_actor_away, REASON_ACTOR_MISSING},
               {take_the_evidence_away, REASON_EVIDENCE_MISSING},
               {watch_for_another_purpose, REASON_PURPOSE_NOT_GRANTED},
               {be_an_exercise, REASON_STATUS_NOT_LIVE},
               {be_suspended, REASON_SUSPENDED},
               {have_suspended_units, REASON_PARTY_SUSPENDED},
               {owe_a_receipt, REASON_DESTRUCTION_OVERDUE}};
    struct ask a;
    (void)state;
    open_with_emergency(&a, "live");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        ask_message(&a, "live");
        a.facts.camera[0] = bytes_of_text("cam-3");
        cover(&a, a.now_us + US_PER_HOUR);
        assert_int_equal(ask_decide(&a)->reason, REASON_PERMITTED_EMERGENCY);
        row[i].take_away(&a);
        assert_int_equal(ask_decide(&a)->reason, row[i].reason);
    }
    ask_free(&a);
}

static void a_prohibition_beats_it(void **state)
{
    struct ask a;
    struct buf text = BUF_INIT(1 << 16);
    (void)state;
    ask_new(&a);
    buf_printf(&text,
               "%sprohibitions:\n  - prohibit: no-requests\n    kind: [video_request]\n"
               "    to_other_than: {role: [police]}\n    because: Test\n" EMERGENCY,
               a_yaml);
    set_put(&a.set, A, buf_c(&text));
    ask_open(&a, "request");
    declare(&a.facts);
    expect_decision(&a, REASON_PROHIBITED, "a#no-requests", "Test", "Test");
    buf_free(&text);
    ask_free(&a);
}

static void the_provider_answers_alone_where_no_processor_is_named(void **state)
{
    const char *party[POLICY_RESPONSIBLE] = {"", ""};
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    const uint32_t grant = policy_clause(a.set.policy, bytes_of_text("a#request"));
    ((struct row_mou *)(uintptr_t)&a.set.policy->mous[a.set.policy->grants[grant].mou])->processor =
        ROW_NONE;
    assert_int_equal(policy_responsible(a.set.policy, grant, party), 1);
    assert_string_equal(party[0], "police");
    ask_free(&a);
}

/* ---- suspensions, without an emergency */

static void a_suspended_grant_or_unit_answers_before_its_conditions(void **state)
{
    uint64_t grants[1] = {0}, units[1] = {0};
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    expect_permitted(&a, "a#request");
    a.state.grants_suspended = grants;
    a.state.units_suspended = units;
    grants[0] = UINT64_C(1) << policy_clause(a.set.policy, bytes_of_text("a#live"));
    expect_permitted(&a, "a#request");
    grants[0] = UINT64_C(1) << policy_clause(a.set.policy, bytes_of_text("a#request"));
    expect_decision(&a, REASON_SUSPENDED, "a#request", "suspended: grant", "");
    grants[0] = 0;
    units[0] = UINT64_C(1) << policy_unit(a.set.policy, bytes_of_text("centre/video"));
    expect_decision(&a, REASON_PARTY_SUSPENDED, "a#request", "suspended: unit", "");
    units[0] = UINT64_C(1) << policy_unit(a.set.policy, bytes_of_text("police/control"));
    expect_decision(&a, REASON_PARTY_SUSPENDED, "a#request", "suspended: unit", "");
    units[0] = 0;
    const uint32_t grant = policy_clause(a.set.policy, bytes_of_text("a#request"));
    uint64_t overdue[2] = {
        policy_overdue_pair(grant, policy_unit(a.set.policy, bytes_of_text("police/car"))),
        policy_overdue_pair(policy_clause(a.set.policy, bytes_of_text("a#live")),
                            policy_unit(a.set.policy, bytes_of_text("centre/video")))};
    a.state.overdue = overdue;
    a.state.overdues = 2;
    expect_permitted(&a, "a#request"); /* of another unit, of another clause */
    overdue[0] =
        policy_overdue_pair(grant, policy_unit(a.set.policy, bytes_of_text("centre/video")));
    expect_decision(&a, REASON_DESTRUCTION_OVERDUE, "a#request", "destroy.overdue: suspend", "");
    ask_free(&a);
}

/* ---- what is wrong in an emergency is told */

static void what_is_wrong_in_an_emergency_is_told(void **state)
{
    static const struct {
        const char *old, *new, *says;
    } row[] = {
        {"units: [police/control]", "units: [police/controls]",
         A ":63:17: error: no unit 'police/controls' in inventory/parties.yaml"
           "|      = did you mean 'police/control'?"},
        {", role: duty-officer", "", A ":63:8: error: who needs the key 'role'"},
        {"kinds: [video_request, video, scene_image]", "kinds: [videos]",
         A ":64:11: error: unknown kind 'videos'|      = did you mean 'video'?"},
        {"  basis_any_of: [kr/pipa/18-2-7]\n  reason", "  reason",
         A ":63:3: error: an emergency needs the key 'basis_any_of'"},
        {"reason: required", "reason: optional", A ":66:11: error: unknown reason 'optional'"},
        {"lasts: 30 minutes", "lasts: 0 minutes",
         A ":67:10: error: expected a length of time from 1 second to 100 years for lasts"},
        {"persons: 2, within: 24 hours", "persons: 3, within: 24 hours",
         A ":68:21: error: expected a whole number from 1 to 2 for persons"},
        {"persons: 2, within: 24 hours", "persons: 2",
         A ":68:11: error: review needs the key 'within'"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        struct buf text = BUF_INIT(1 << 16);
        set_new(&s);
        buf_printf(&text, "%s%s", a_yaml, EMERGENCY);
        set_put(&s, A, buf_c(&text));
        set_change(&s, A, row[i].old, row[i].new);
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
        buf_free(&text);
    }
}

static void an_emergency_needs_reasons_in_the_vocabulary(void **state)
{
    struct set s;
    struct buf text = BUF_INIT(1 << 16);
    (void)state;
    set_new(&s);
    buf_printf(&text, "%s%s", a_yaml, EMERGENCY);
    set_put(&s, A, buf_c(&text));
    set_change(&s, VOCABULARY, "reasons: {life-at-stake: Life, danger: Danger}\n", "");
    set_compile(&s);
    expect_says(&s,
                A ":66:11: error: 'emergency' has no meaning without 'reasons (vocabulary.yaml)'");
    set_free(&s);
    buf_free(&text);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_declared_emergency_goes_past_a_condition_and_names_it),
        T(one_that_is_permitted_anyway_is_an_emergency_all_the_same),
        T(a_declaration_that_lacks_anything_is_none),
        T(it_covers_the_incident_until_its_end),
        T(a_stream_declares_none),
        T(one_of_another_memorandum_covers_nothing),
        T(an_alternative_that_holds_as_it_stands_passes_nothing_over),
        T(it_does_not_wait_for_approval),
        T(some_things_it_never_goes_past),
        T(a_prohibition_beats_it),
        T(the_provider_answers_alone_where_no_processor_is_named),
        T(a_suspended_grant_or_unit_answers_before_its_conditions),
        T(what_is_wrong_in_an_emergency_is_told),
        T(an_emergency_needs_reasons_in_the_vocabulary)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
