#include "support.h"

#include "report/statistics.h"

enum { CASES, MONTHS, REQUESTS, HITS, REFUSALS, LOCATION };

/* The number beside a name; UINT64_MAX when the table has no such row. */
static uint64_t count(struct bench *b, size_t table, const char *name)
{
    struct report_table *all[STATISTICS_TABLES];
    uint64_t n = UINT64_MAX;
    statistics_make(&b->report, all);
    for (size_t i = 0; i < table_rows(all[table]); i++)
        if (bytes_is(table_cell(all[table], i, 0), name))
            n = world_number(table_cell(all[table], i, 1));
    for (size_t i = 0; i < STATISTICS_TABLES; i++)
        table_free(all[i]);
    return n;
}

static void open_incident(struct bench *b, const char *id, int64_t after_s)
{
    const struct bytes name = W(id);
    const uint64_t m = add_message(b, "incident_report", POLICE, "gateway/self", "", NULL, after_s);
    (void)add(b,
              (struct leaf){.event = AUDIT_INCIDENT_OPENED,
                            .source = W(POLICE),
                            .incident = &name,
                            .incidents = 1,
                            .has_refers = true,
                            .refers = m},
              NULL, after_s);
}

static void cases_are_counted_by_the_service_of_their_report(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    open_incident(&b, POLICE ":019aa2b0-0000-7000-8000-000000000001", 0);
    open_incident(&b, POLICE ":019aa2b0-0000-7000-8000-000000000002", 10);
    open_incident(&b, POLICE ":019aa2b0-0000-7000-8000-000000000003", 40 * 86400);
    assert_int_equal(count(&b, CASES, "112-onsite-video"), 3);
    assert_int_equal(count(&b, MONTHS, "2025-11"), 2);
    assert_int_equal(count(&b, MONTHS, "2025-12"), 1);
    between(&b, 5, 20);
    assert_int_equal(count(&b, CASES, "112-onsite-video"), 1);
    bench_free(&b);
}

static void answer(struct bench *b, const char *kind, const char *result)
{
    const struct fact f = {.result = W(result)};
    (void)add_message(b, kind, CENTRE, POLICE, "kr/pipa/18-2-7", &f, 1);
}

static void requests_and_hits_are_what_the_register_says_of_them(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    static const char *const results[] = {"released", "nonexistent", "nonexistent", "closed"};
    for (size_t i = 0; i < 5; i++)
        answer(&b, "release_request", "company");
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        answer(&b, "release_answer", results[i]);
    answer(&b, "feedback", "helped");
    answer(&b, "feedback", "helped");
    answer(&b, "feedback", "not-helped");
    assert_int_equal(count(&b, REQUESTS, "requests"), 5);
    assert_int_equal(count(&b, REQUESTS, "released"), 1);
    assert_int_equal(count(&b, REQUESTS, "not there"), 2);
    assert_int_equal(count(&b, REQUESTS, "not for disclosure"), 1);
    assert_int_equal(count(&b, REQUESTS, "pending"), 1);
    assert_int_equal(count(&b, HITS, "helped"), 2);
    assert_int_equal(count(&b, HITS, "did not help"), 1);
    struct report_table *all[STATISTICS_TABLES];
    statistics_make(&b.report, all);
    assert_string_equal(table_note_at(all[HITS], 0), "hit rate 66.6 %");
    for (size_t i = 0; i < STATISTICS_TABLES; i++)
        table_free(all[i]);
    bench_free(&b);
}

/* The answer to a request of the month before made one of this month's look answered. */
static void an_answer_to_an_earlier_request_leaves_a_later_one_pending(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    uint64_t m = add_message(&b, "release_request", POLICE, CENTRE, "kr/pipa/18-2-7", NULL, 0);
    const uint64_t asked = add_about(&b, AUDIT_RELEASED, m, CENTRE, "", NULL, 1);
    const struct fact released = {.result = W("released"), .has_about = true, .about = asked};
    (void)add_message(&b, "release_request", POLICE, CENTRE, "kr/pipa/18-2-7", NULL, 100);
    (void)add_message(&b, "release_answer", CENTRE, POLICE, "kr/pipa/18-2-7", &released, 101);
    between(&b, 50, 200);
    assert_int_equal(count(&b, REQUESTS, "requests"), 1);
    assert_int_equal(count(&b, REQUESTS, "released"), 1);
    assert_int_equal(count(&b, REQUESTS, "pending"), 1);
    bench_free(&b);
}

static void refuse(struct bench *b, enum audit_event event, const char *reason)
{
    const struct leaf_recipient r = {.unit = W(POLICE), .reason = W(reason)};
    (void)add(b, (struct leaf){.event = event, .recipient = &r, .recipients = 1}, NULL, 1);
}

static void refusals_are_counted_by_reason_and_what_waits_for_persons_is_none(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    refuse(&b, AUDIT_RECEIVED, "consent-missing");
    refuse(&b, AUDIT_RECEIVED, "consent-missing");
    refuse(&b, AUDIT_WATCH_REFUSED, "not-participant");
    refuse(&b, AUDIT_RECEIVED, "permitted");
    refuse(&b, AUDIT_RECEIVED, "approval-pending");
    refuse(&b, AUDIT_HELD_ENDED, "approval-refused");
    assert_int_equal(count(&b, REFUSALS, "this needs consent, and none is stated"), 2);
    assert_int_equal(count(&b, REFUSALS, "the unit takes no part in the incident"), 1);
    assert_int_equal(count(&b, REFUSALS, "a person refused the approval"), 1);
    assert_int_equal(count(&b, REFUSALS, "it waits for a person's approval"), UINT64_MAX);
    bench_free(&b);
}

static void what_is_an_exercise_or_a_test_is_counted_nowhere(void **state)
{
    const struct bytes status[] = {W("exercise"), W("test"), W("actual"), W("")};
    const struct bytes name[] = {W(POLICE ":1"), W(POLICE ":2"), W(POLICE ":3"), W(POLICE ":4")};
    const struct leaf_recipient refused = {.unit = W(POLICE), .reason = W("not-participant")};
    (void)state;
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(status); i++) {
        struct leaf leaf = {.event = AUDIT_INCIDENT_OPENED,
                            .status = status[i],
                            .service = W("112-onsite-video"),
                            .incident = &name[i],
                            .incidents = 1};
        (void)add(&b, leaf, NULL, 1);
        leaf.event = AUDIT_RECEIVED;
        leaf.recipient = &refused;
        leaf.recipients = 1;
        (void)add(&b, leaf, NULL, 1);
    }
    assert_int_equal(count(&b, MONTHS, "2025-11"), 2);
    assert_int_equal(count(&b, REFUSALS, "the unit takes no part in the incident"), 2);
    bench_free(&b);
}

static void the_two_flows_of_the_location_act_are_counted_apart(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct fact got = {.item = {W("position")}, .items = 1, .origin = W("lia-29")};
    uint64_t m = add_message(&b, "location_request", POLICE, CARRIER, "kr/location/29", NULL, 0);
    (void)add_about(&b, AUDIT_RELEASED, m, CARRIER, "", NULL, 1);
    m = add_message(&b, "location_update", CARRIER, POLICE, "kr/location/29", NULL, 2);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "", &got, 3);
    assert_int_equal(count(&b, LOCATION, "30(1): requests"), 1);
    assert_int_equal(count(&b, LOCATION, "30(1): provisions"), 1);
    assert_int_equal(count(&b, LOCATION, "29(11): disclosures to third parties"), 0);
    m = add_message(&b, "location_update", POLICE, "daejeon-fire/119", "kr/location/19", NULL, 4);
    (void)add_about(&b, AUDIT_RELEASED, m, "daejeon-fire/119", "", &got, 5);
    assert_int_equal(count(&b, LOCATION, "30(1): provisions"), 1);
    assert_int_equal(count(&b, LOCATION, "29(11): disclosures to third parties"), 1);
    bench_free(&b);
}

static void the_page_has_plots_and_no_scripts(void **state)
{
    (void)state;
    struct bench b;
    struct report_table *all[STATISTICS_TABLES];
    struct buf page = BUF_INIT(1 << 20);
    bench_init(&b);
    open_incident(&b, POLICE ":019aa2b0-0000-7000-8000-000000000001", 0);
    statistics_make(&b.report, all);
    statistics_html(all, &page);
    assert_non_null(strstr(buf_c(&page), "<svg role=\"img\""));
    assert_non_null(strstr(buf_c(&page), ">112-onsite-video</text>"));
    assert_null(strstr(buf_c(&page), "<script"));
    for (size_t i = 0; i < STATISTICS_TABLES; i++)
        table_free(all[i]);
    buf_free(&page);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_are_counted_by_the_service_of_their_report),
        cmocka_unit_test(requests_and_hits_are_what_the_register_says_of_them),
        cmocka_unit_test(an_answer_to_an_earlier_request_leaves_a_later_one_pending),
        cmocka_unit_test(refusals_are_counted_by_reason_and_what_waits_for_persons_is_none),
        cmocka_unit_test(what_is_an_exercise_or_a_test_is_counted_nowhere),
        cmocka_unit_test(the_two_flows_of_the_location_act_are_counted_apart),
        cmocka_unit_test(the_page_has_plots_and_no_scripts),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
