#include "ask.h"

/* The photo's grant, with these lines in place of its destroy line. */
#define DESTROY "    destroy: {starts_at: arrival, delay: 2 hours}\n"

static void what_is_wrong_in_limits_and_duties_is_told(void **state)
{
    static const struct change row[] = {
        {A, DESTROY,
         DESTROY
         "    keep: {basis_any_of: [kr/pipa/21-1-proviso], evidence: case-number, approval: "
         "{role: privacy-officer}}\n",
         ""},
        {A, DESTROY,
         DESTROY
         "    keep: {basis_any_of: [kr/pipa/21-1-proviso], evidence: case-number, approval: "
         "{role: officer}}\n",
         A ":62:90: error: unknown role of an officer 'officer'"},
        {A, "delay: 2 hours}", "delay: 2 hours, overdue: alarm}",
         A ":61:60: error: 'overdue' has no meaning without 'receipt_within'"},
        {A, "delay: 2 hours}", "delay: 2 hours, receipt_within: 3 days, overdue: suspend}", ""},
        {A, "{starts_at: incident-end, delay: 1 hour}",
         "{starts_at: incident-end, delay: 1 hour, receipt_within: 3 days, overdue: suspend}",
         A
         ":32:88: error: 'overdue: suspend' is not for the urgent kind video_request: an alert is "
         "never held back for a debt"},
        {A, "{starts_at: arrival, delay: 2 hours}", "{starts_at: disaster-end, delay: 2 hours}",
         A ":61:26: error: 'starts_at: disaster-end' has no meaning without "
           "'when.disaster_headquarters'"},
        {A, "messages_per_s: 5", "messages_per_s: 5, bytes_per_s: 64 KiB, largest: 1 MiB, uses: 3",
         ""},
        {A, "messages_per_s: 5", "largest: 4 MiB",
         A ":60:23: error: expected a size such as '64 MiB' from 1 bytes to 3145728 bytes for "
           "largest"},
        {A, "messages_per_s: 5", "bytes_per_s: 64",
         A
         ":60:27: error: expected a size such as '64 MiB' from 1 bytes to 1099511627776 bytes for "
         "bytes_per_s"},
        {A, "messages_per_s: 5", "uses: 0",
         A ":60:20: error: expected a whole number from 1 to 1000 for uses"},
        {A, "messages_per_s: 5", "resolution: 640x480",
         A ":60:14: error: unknown key 'resolution' in limits"},
        {A, "mbit_per_s: 12", "resolution: 1920x1080", ""},
        {A, "mbit_per_s: 12", "resolution: 1920",
         A ":48:52: error: expected a picture's size such as '1920x1080' for resolution, each side "
           "from 16 to 16384"},
        {A, "mbit_per_s: 12", "resolution: 1920x20000",
         A ":48:52: error: expected a picture's size such as '1920x1080' for resolution, each side "
           "from 16 to 16384"},
        {A, DESTROY, DESTROY "    offline: {open_for: 8 hours}\n", ""},
        {A, DESTROY, DESTROY "    offline: {open_for: 0 hours}\n",
         A ":62:25: error: expected a length of time from 1 second to 100 years for open_for"},
        {B, "notify: {within: 10 minutes}", "notify: {within: 10 minutes, deferrable: [danger]}",
         ""},
        {B, "notify: {within: 10 minutes}", "notify: {within: 10 minutes, deferrable: [dangers]}",
         B ":23:47: error: unknown reason 'dangers'"
           "|      = did you mean 'danger'?"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void what_is_wrong_in_a_duty_of_persons_is_told(void **state)
{
    static const struct change row[] = {
        {A, DESTROY, DESTROY "    attend: {within: 60 seconds, else: police/control}\n", ""},
        {A, DESTROY, DESTROY "    attend: {within: 60 seconds}\n",
         A ":62:13: error: attend needs the key 'else'"},
        {A, DESTROY, DESTROY "    attend: {within: 0 seconds, else: police/control}\n",
         A ":62:22: error: expected a length of time from 1 second to 100 years for within"},
        {A, DESTROY, DESTROY "    attend: {within: 1 minute, else: police/car}\n",
         A ":62:38: error: 'police/car' gets it anyway: 'else' names another unit than 'to'"},
        {A, DESTROY, DESTROY "    attend: {within: 1 minute, else: centre/video}\n",
         A ":62:38: error: nobody at 'centre/video' can attend to it: 'else' names a unit that is "
           "neither the sender nor the gateway"},
        {A, DESTROY, DESTROY "    attend: {within: 1 minute, else: gateway/self}\n",
         A ":62:38: error: nobody at 'gateway/self' can attend to it: 'else' names a unit that is "
           "neither the sender nor the gateway"},
        {A, DESTROY,
         DESTROY "    answer: {by: [feedback], within: 1 minute, else: police/control}\n", ""},
        {A, DESTROY,
         DESTROY "    attend: {within: 1 minute, else: police/control}\n"
                 "    answer: {by: [feedback], within: 1 minute, else: police/control}\n",
         A ":63:13: error: a grant has 'attend' or 'answer', not both"},
        {A, "    onward: refuse\n",
         "    onward: refuse\n    attend: {within: 1 minute, else: police/car}\n",
         A ":51:13: error: 'attend' has no meaning for kind video"},
        {A, DESTROY,
         DESTROY "    approval: {role: privacy-officer, persons: 2, within: 1 hour, at_night: "
                 "{hours: 22:00-06:00, second_within: 1 day}}\n",
         ""},
        {A, DESTROY,
         DESTROY "    approval: {role: privacy-officer, persons: 1, within: 1 hour, at_night: "
                 "{hours: 22:00-06:00, second_within: 1 day}}\n",
         A ":62:77: error: 'at_night' has no meaning without 'persons: 2'"},
        {A, DESTROY,
         DESTROY "    approval: {role: privacy-officer, persons: 2, within: 1 hour, at_night: "
                 "{hours: 22:00-22:00, second_within: 1 day}}\n",
         A ":62:85: error: expected hours such as '09:00-18:00' or '22:00-06:00' for hours, not "
           "from and to the same minute"},
        {A, DESTROY, DESTROY "    approval: {role: privacy-officer, persons: 3, within: 1 hour}\n",
         A ":62:48: error: expected a whole number from 1 to 2 for persons"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void what_is_wrong_in_a_time_or_a_region_is_told(void **state)
{
    static const struct change row[] = {
        {A, "assigned: yes", "period: {hours: 9:00-18:00}",
         A ":59:28: error: expected hours such as '09:00-18:00' or '22:00-06:00' for period.hours, "
           "not from and to the same minute"},
        {A, "assigned: yes", "period: {hours: 09:00-24:00}",
         A ":59:28: error: expected hours such as '09:00-18:00' or '22:00-06:00' for period.hours, "
           "not from and to the same minute"},
        {A, "assigned: yes", "period: {hours: 09:60-18:00}",
         A ":59:28: error: expected hours such as '09:00-18:00' or '22:00-06:00' for period.hours, "
           "not from and to the same minute"},
        {A, "assigned: yes", "period: {days: [monday]}",
         A ":59:28: error: unknown period.days 'monday'"
           "|      = did you mean 'mon'?"},
        {A, "assigned: yes", "period: {}",
         A ":59:20: error: period asks nothing: state a condition, or leave it out"},
        {A, "assigned: yes", "incident: {area: [south]}",
         A
         ":59:29: error: the region 'south' has no corners in vocabulary.yaml, so no place can be "
         "found in it"},
        {A, "assigned: yes", "disaster_headquarters: [east]",
         A ":59:36: error: unknown region 'east'"
           "|      = did you mean 'north'?"},
        {VOCABULARY, REGIONS,
         "regions: {north: {en: N, ko: 북, corners: [[36.3, 127.3], [36.4, 127.3]]}, south: South}",
         VOCABULARY ":17:42: error: a region has at least three corners"},
        {VOCABULARY, REGIONS,
         "regions: {north: {en: N, ko: 북, corners: [[36.3, 127.3], [36.4, 127.3], [36]]}, south: "
         "South}",
         VOCABULARY ":17:73: error: expected [latitude, longitude] in degrees for a corner"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        set_new(&s);
        set_change(&s, row[i].path, row[i].old, row[i].new);
        set_compile(&s);
        char first[512];
        (void)snprintf(first, sizeof first, "%.*s", (int)strcspn(row[i].says, "|"), row[i].says);
        expect_line(&s, first);
        assert_int_equal(s.result, RESULT_MALFORMED);
        set_free(&s);
    }
}

/* ---- what comes of them */

static struct obligations of_photo(struct ask *a, const char *lines)
{
    struct obligations o;
    char text[1024];
    ask_new(a);
    (void)snprintf(text, sizeof text, "%s%s", DESTROY, lines);
    set_change(&a->set, A, DESTROY, text);
    ask_open(a, "photo");
    assert_int_equal(ask_decide(a)->reason, REASON_PERMITTED);
    policy_obligations(&a->q, a->d.grant, &o);
    return o;
}

static void a_recipient_hears_what_it_owes_beside_the_deadline(void **state)
{
    struct ask a;
    (void)state;
    struct obligations o =
        of_photo(&a, "    keep: {basis_any_of: [kr/pipa/21-1-proviso], evidence: case-number}\n"
                     "    answer: {by: [feedback, dispatch_answer], within: 1 minute, else: "
                     "police/control}\n"
                     "    offline: {open_for: 8 hours}\n");
    assert_int_equal(o.attend.within_us, US_PER_MINUTE);
    assert_int_equal(o.attend.answer_kinds,
                     UINT64_C(1) << KIND_FEEDBACK | UINT64_C(1) << KIND_DISPATCH_ANSWER);
    assert_string_equal(policy_unit_name(a.set.policy, o.attend.other), "police/control");
    assert_int_equal(o.offline_us, 8 * US_PER_HOUR);
    assert_int_equal(o.approval.persons, 0);
    assert_int_equal(o.onward.units, 0);
    assert_int_equal(o.uses, 0);
    assert_true(o.keep_bases != 0);
    struct decision d;
    policy_decide_else(&a.q, a.d.grant, &d);
    assert_int_equal(d.reason, REASON_NOT_ASSIGNED); /* the control room is no car */
    assert_string_equal(d.clause, "a#photo");
    ask_free(&a);
}

/* Story: an alternative's headquarters were waited for too, and the data was kept that long. */
static void the_disaster_that_every_message_needs_starts_the_clock(void **state)
{
    struct ask a;
    struct obligations o;
    (void)state;
    ask_new(&a);
    set_change(
        &a.set, A, "{assigned: yes, camera: {kind: [fixed, vehicle]}}",
        "{assigned: yes, disaster_headquarters: north, any: [{disaster_headquarters: south}, "
        "{actor: required}]}");
    set_change(&a.set, A, DESTROY, "    destroy: {starts_at: disaster-end, delay: 2 hours}\n");
    ask_open(&a, "photo");
    (void)ask_decide(&a);
    policy_obligations(&a.q, a.d.grant, &o);
    assert_int_equal(o.starts, POLICY_STARTS_DISASTER_END);
    assert_int_equal(o.regions, 1); /* of the north */
    ask_free(&a);
}

static void who_gets_it_else_is_judged_by_the_same_grant(void **state)
{
    struct ask a;
    struct decision d;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "{assigned: yes, camera: {kind: [fixed, vehicle]}}",
               "{camera: {kind: [fixed, vehicle]}}");
    set_change(&a.set, A, DESTROY,
               DESTROY "    attend: {within: 1 minute, else: police/control}\n");
    ask_open(&a, "photo");
    a.to = "police/control";
    assert_int_equal(ask_decide(&a)->reason, REASON_NO_GRANT); /* it is no recipient */
    a.to = "police/car";
    assert_int_equal(ask_decide(&a)->reason, REASON_PERMITTED);
    policy_decide_else(&a.q, a.d.grant, &d);
    assert_int_equal(d.reason, REASON_PERMITTED);
    assert_string_equal(d.clause, "a#photo");
    ask_free(&a);
}

static void at_night_one_approver_suffices(void **state)
{
    struct ask a;
    (void)state;
    struct obligations o =
        of_photo(&a, "    approval: {role: privacy-officer, persons: 2, within: 30 minutes, "
                     "at_night: {hours: 22:00-06:00, second_within: 24 hours}}\n");
    assert_int_equal(o.approval.persons, 2);
    assert_string_equal(policy_officer_role(o.approval.role), "privacy-officer");
    assert_string_equal(o.approval.party, "centre");
    assert_int_equal(o.approval.within_us, 30 * US_PER_MINUTE);
    assert_int_equal(o.approval.second_within_us, 24 * US_PER_HOUR);
    assert_false(o.approval.is_night); /* 21:00 */
    static const struct {
        int64_t later;
        bool is_night;
    } row[] = {{US_PER_HOUR - 1, false},
               {US_PER_HOUR, true},
               {9 * US_PER_HOUR - 1, true},
               {9 * US_PER_HOUR, false}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        a.q.now_us = NOW_US + row[i].later;
        policy_obligations(&a.q, a.d.grant, &o);
        assert_int_equal(o.approval.is_night, row[i].is_night);
    }
    ask_free(&a);
}

static void a_period_begins_and_ends_to_the_microsecond(void **state)
{
    static const struct {
        const char *period;
        int64_t later; /* than Saturday 21:00 */
        enum reason reason;
    } row[] = {{"{hours: 21:00-21:01}", 0, REASON_PERMITTED},
               {"{hours: 21:00-21:01}", -1, REASON_OUTSIDE_PERIOD},
               {"{hours: 21:00-21:01}", US_PER_MINUTE - 1, REASON_PERMITTED},
               {"{hours: 21:00-21:01}", US_PER_MINUTE, REASON_OUTSIDE_PERIOD},
               {"{hours: 23:00-01:00}", 0, REASON_OUTSIDE_PERIOD},
               {"{hours: 23:00-01:00}", 2 * US_PER_HOUR, REASON_PERMITTED},
               {"{hours: 23:00-01:00}", 4 * US_PER_HOUR - 1, REASON_PERMITTED},
               {"{hours: 23:00-01:00}", 4 * US_PER_HOUR, REASON_OUTSIDE_PERIOD},
               {"{days: sat}", 3 * US_PER_HOUR - 1, REASON_PERMITTED},
               {"{days: sat}", 3 * US_PER_HOUR, REASON_OUTSIDE_PERIOD},
               {"{days: sun}", 3 * US_PER_HOUR, REASON_PERMITTED},
               {"{days: sat}", -21 * US_PER_HOUR, REASON_PERMITTED},
               {"{days: sat}", -21 * US_PER_HOUR - 1, REASON_OUTSIDE_PERIOD}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct ask a;
        char text[64];
        ask_new(&a);
        (void)snprintf(text, sizeof text, "period: %s", row[i].period);
        set_change(&a.set, A, "assigned: yes", text);
        ask_open(&a, "photo");
        a.now_us = NOW_US + row[i].later;
        if (ask_decide(&a)->reason != row[i].reason)
            fail_msg("%s, row %zu: %s", row[i].period, i, reason_word(a.d.reason));
        ask_free(&a);
    }
}

static void a_withdrawn_consent_is_none(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "alert");
    expect_permitted(&a, "b#alert");
    a.state.consent = POLICY_CONSENT_GONE;
    expect_decision(&a, REASON_CONSENT_WITHDRAWN, "b#alert", "consent.given_by: subject",
                    "The law of kr/location/19");
    ask_free(&a);
}

static void cameras_along_a_route_are_near(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "within_m_of_incident: 500", "within_m_of_route: 100");
    ask_open(&a, "live");
    a.facts.camera[0] = bytes_of_text("cam-3"); /* 1.1 km north of the scene */
    assert_int_equal(ask_decide(&a)->reason, REASON_OUTSIDE_RADIUS);
    a.incident[0].route[0] = scene;
    a.incident[0].route[1] = (struct point){36.370000, 127.380000};
    a.incident[0].route_points = 2;
    expect_permitted(&a, "a#live");
    a.incident[0].route_points = 1;
    assert_int_equal(ask_decide(&a)->reason, REASON_OUTSIDE_RADIUS);
    a.incident[0].route_points = 0;
    a.incident[0].has_centre = false;
    assert_int_equal(ask_decide(&a)->reason, REASON_NO_POSITION);
    ask_free(&a);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {T(what_is_wrong_in_limits_and_duties_is_told),
                                       T(what_is_wrong_in_a_duty_of_persons_is_told),
                                       T(what_is_wrong_in_a_time_or_a_region_is_told),
                                       T(a_recipient_hears_what_it_owes_beside_the_deadline),
                                       T(the_disaster_that_every_message_needs_starts_the_clock),
                                       T(who_gets_it_else_is_judged_by_the_same_grant),
                                       T(at_night_one_approver_suffices),
                                       T(a_period_begins_and_ends_to_the_microsecond),
                                       T(a_withdrawn_consent_is_none),
                                       T(cameras_along_a_route_are_near)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
