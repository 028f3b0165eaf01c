#include "message/media.h"
#include "ask.h"

/* The obligations that come with a message which the set permits. */
static struct obligations obligations(struct ask *a)
{
    struct obligations o;
    assert_int_equal(ask_decide(a)->reason, REASON_PERMITTED);
    policy_obligations(&a->q, a->d.grant, &o);
    return o;
}

static void a_grant_says_what_its_recipient_owes(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "alert");
    struct obligations o = obligations(&a);
    assert_string_equal(o.mou, "b");
    assert_string_equal(o.grant, "alert");
    assert_string_equal(o.purpose, "safe-return");
    assert_int_equal(o.starts, POLICY_STARTS_FOUND);
    assert_int_equal(o.delay_us, 0);
    assert_int_equal(o.notify_within_us, 10 * US_PER_MINUTE);
    assert_int_equal(o.duties, 2);
    assert_string_equal(policy_duty(a.set.policy, a.d.grant, 0), "Response to the incident only");
    assert_string_equal(policy_duty(a.set.policy, a.d.grant, 1), "No copies");
    assert_null(policy_duty(a.set.policy, a.d.grant, 2));
    ask_message(&a, "request");
    o = obligations(&a);
    assert_int_equal(o.starts, POLICY_STARTS_INCIDENT_END);
    assert_int_equal(o.delay_us, US_PER_HOUR);
    assert_int_equal(o.notify_within_us, -1);
    ask_free(&a);
}

/* Policy only ever shortens. */
static void the_earliest_deadline_counts(void **state)
{
    static const struct {
        const char *grant;
        int64_t recorded_ago, sender_after, left; /* 0: not given; what is left in the end */
    } row[] = {
        {"live", 0, 0, 20 * US_PER_DAY}, /* at_most_after_recording */
        {"live", 5 * US_PER_DAY, 0, 15 * US_PER_DAY},
        {"live", -5 * US_PER_DAY, 0, 20 * US_PER_DAY}, /* recorded in the future: from arrival */
        {"live", 0, 19 * US_PER_DAY, 19 * US_PER_DAY},
        {"live", 0, 21 * US_PER_DAY, 20 * US_PER_DAY},
        {"live", 25 * US_PER_DAY, 0, -5 * US_PER_DAY}, /* over before it came */
        {"photo", 0, 0, 2 * US_PER_HOUR},              /* starts_at arrival */
        {"photo", 30 * US_PER_DAY - US_PER_MINUTE, 0, US_PER_MINUTE},
        {"photo", 0, US_PER_HOUR, US_PER_HOUR},
        {"alert", 0, 0, 24 * US_PER_HOUR}, /* the law's ceiling */
        {"request", 0, 0, 60 * US_PER_DAY},
    };
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "live");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        ask_message(&a, row[i].grant);
        if (row[i].recorded_ago != 0)
            a.facts.recorded_us = NOW_US - row[i].recorded_ago;
        if (row[i].sender_after != 0)
            a.facts.destroy_by_us = NOW_US + row[i].sender_after;
        assert_int_equal(obligations(&a).destroy_by_us, NOW_US + row[i].left);
    }
    ask_free(&a);
}

static void a_deadline_is_rounded_down_to_its_bucket(void **state)
{
    static const struct {
        int64_t left, rounded;
    } row[] = {{US_PER_S, US_PER_S},
               {US_PER_S + 1, US_PER_S},
               {US_PER_HOUR - 1, US_PER_HOUR - US_PER_S},
               {US_PER_HOUR + US_PER_S, US_PER_HOUR},
               {US_PER_DAY - 1, US_PER_DAY - US_PER_MINUTE},
               {US_PER_DAY + US_PER_MINUTE, US_PER_DAY},
               {30 * US_PER_DAY + US_PER_HOUR - 1, 30 * US_PER_DAY}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        assert_int_equal(policy_bucket(NOW_US + row[i].left, NOW_US), NOW_US + row[i].rounded);
}

static void limits_are_those_of_the_grant(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "live");
    assert_int_equal(ask_decide(&a)->reason, REASON_PERMITTED);
    struct policy_limits l = policy_limits(a.set.policy, a.d.grant);
    assert_int_equal(l.streams_per_incident, 16);
    assert_int_equal(l.bits_per_s, 12000000);
    assert_int_equal(l.messages_per_s, 0);
    assert_int_equal(l.codecs, 0);
    assert_false(l.audio_allowed);
    ask_message(&a, "photo");
    assert_int_equal(ask_decide(&a)->reason, REASON_PERMITTED);
    l = policy_limits(a.set.policy, a.d.grant);
    assert_int_equal(l.messages_per_s, 5);
    assert_int_equal(l.streams_per_incident, 0);
    assert_int_equal(l.bits_per_s, 0);
    ask_free(&a);
}

static void only_a_grant_that_says_so_asks_for_the_digest_of_a_stream(void **state)
{
    struct ask a;
    (void)state;
    for (unsigned asks = 0; asks < 2; asks++) {
        ask_new(&a);
        if (asks == 1)
            set_change(&a.set, A, "    onward: refuse\n", "    stream_digest: sha256\n");
        ask_open(&a, "live");
        assert_int_equal(ask_decide(&a)->reason, REASON_PERMITTED);
        assert_int_equal(policy_limits(a.set.policy, a.d.grant).stream_digest, asks);
        ask_free(&a);
    }
}

static void a_newer_position_stands_for_an_older_one_where_the_grant_says_so(void **state)
{
    struct ask a;
    (void)state;
    for (unsigned says = 0; says < 2; says++) {
        ask_new(&a);
        if (says == 1)
            set_change(&a.set, B, "    notify: {within: 10 minutes}\n",
                       "    notify: {within: 10 minutes}\n    supersede: position\n");
        ask_open(&a, "alert");
        assert_int_equal(obligations(&a).supersedes, says);
        ask_free(&a);
    }
}

static void a_grant_may_list_the_codecs_that_pass(void **state)
{
    static const struct {
        const char *list;
        unsigned codecs;
    } row[] = {{"codecs: h264", MEDIA_H264},
               {"codecs: [h265]", MEDIA_H265},
               {"codecs: [h265, h264]", MEDIA_H264 | MEDIA_H265}};
    struct ask a;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        ask_new(&a);
        set_change(&a.set, A, "mbit_per_s: 12", row[i].list);
        ask_open(&a, "live");
        assert_int_equal(ask_decide(&a)->reason, REASON_PERMITTED);
        assert_int_equal(policy_limits(a.set.policy, a.d.grant).codecs, row[i].codecs);
        ask_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_says_what_its_recipient_owes),
        cmocka_unit_test(the_earliest_deadline_counts),
        cmocka_unit_test(a_deadline_is_rounded_down_to_its_bucket),
        cmocka_unit_test(limits_are_those_of_the_grant),
        cmocka_unit_test(a_newer_position_stands_for_an_older_one_where_the_grant_says_so),
        cmocka_unit_test(a_grant_may_list_the_codecs_that_pass),
        cmocka_unit_test(only_a_grant_that_says_so_asks_for_the_digest_of_a_stream)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
