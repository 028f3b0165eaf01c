#include "support.h"

#include "report/claims.h"
#include "report/statistics.h"

enum { INDEX, NUMBER, ASKED_BY, RECEIVED, DUE, POSTPONED, MASKED, MASKED_BY, OUTCOME, OFFICERS };
enum { DECIDED = OFFICERS + 1, LATE };
enum { CLAIMS = STATISTICS_TABLES - 1 };

#define PARK "daejeon-city-center/park"
#define SEO  "daejeon-gateway-operator/seo"
#define DAY  86400

/* An act of an officer about a request, as the ledger writes it. */
static uint64_t add_act(struct bench *b, const char *act, const char *subject, const char *officer,
                        bool is_done, int64_t after_s)
{
    char detail[400];
    (void)snprintf(detail, sizeof detail, "act=%s subject=\"request %s\" officer=%s effect=%s", act,
                   subject, officer, is_done ? "done" : "counted");
    return add(b, (struct leaf){.event = AUDIT_ACT, .detail = W(detail)}, NULL, after_s);
}

static uint64_t open_one(struct bench *b, const char *number, int64_t after_s)
{
    char subject[100];
    (void)snprintf(subject, sizeof subject, "%s by data-subject received 2025-11-21", number);
    return add_act(b, "open-request", subject, PARK, true, after_s);
}

static void decide(struct bench *b, const char *number, const char *outcome, const char *officer,
                   bool is_done, int64_t after_s)
{
    char subject[100];
    (void)snprintf(subject, sizeof subject, "%s outcome %s", number, outcome);
    (void)add_act(b, "decide-request", subject, officer, is_done, after_s);
}

static struct report_table *make(struct bench *b)
{
    struct report_table *t = register_make("requests", &b->report);
    assert_non_null(t);
    return t;
}

static void a_request_has_a_row_from_receipt_to_outcome(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t opened = open_one(&b, "r-1", 60);
    (void)add_act(&b, "postpone-request", "r-1 postponed", PARK, true, DAY);
    (void)add_act(&b, "mask-request", "r-1 masked nobody-else", PARK, true, 2 * DAY);
    decide(&b, "r-1", "granted-in-part", PARK, false, 3 * DAY);
    decide(&b, "r-1", "granted-in-part", SEO, true, 3 * DAY + 60);
    struct report_table *t = make(&b);
    assert_int_equal(table_rows(t), 1);
    assert_int_equal(table_columns(t), CLAIM_COLUMNS);
    assert_int_equal(world_number(cell(t, 0, INDEX)), opened);
    assert_cell(t, 0, NUMBER, "r-1");
    assert_cell(t, 0, ASKED_BY, "who is to be seen on it (PIPA 35)");
    assert_cell(t, 0, RECEIVED, "2025-11-21");
    assert_cell(t, 0, DUE, "2025-12-11");
    assert_cell(t, 0, POSTPONED, "yes");
    assert_cell(t, 0, MASKED, "nobody-else");
    assert_cell(t, 0, MASKED_BY, PARK);
    assert_cell(t, 0, OUTCOME, "granted in part");
    assert_cell(t, 0, OFFICERS, PARK ", " SEO);
    assert_cell(t, 0, DECIDED, "2025-11-24 10:01:00");
    assert_cell(t, 0, LATE, "");
    table_free(t);
    bench_free(&b);
}

static void who_decided_otherwise_or_about_another_file_did_not_decide(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)open_one(&b, "r-1", 0);
    decide(&b, "r-1", "refused-9-1", PARK, false, 1);
    (void)add_act(&b, "mask-request", "r-1 masked nobody-else", PARK, true, 2);
    struct report_table *t = make(&b);
    assert_cell(t, 0, OUTCOME, "open");
    assert_cell(t, 0, OFFICERS, "");
    table_free(t);
    decide(&b, "r-1", "refused-9-1", PARK, false, 3);
    decide(&b, "r-1", "granted", SEO, false, 4);
    decide(&b, "r-1", "granted", PARK, true, 5);
    t = make(&b);
    assert_cell(t, 0, OUTCOME, "granted");
    assert_cell(t, 0, OFFICERS, SEO ", " PARK);
    table_free(t);
    (void)open_one(&b, "r-1", 6); /* asked again, under its number */
    t = make(&b);
    assert_int_equal(table_rows(t), 2);
    assert_cell(t, 0, OUTCOME, "granted");
    assert_cell(t, 1, OUTCOME, "open");
    table_free(t);
    bench_free(&b);
}

/* What a log says that was handed in is not believed to be in order. */
static void acts_about_what_is_not_there_make_no_row(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    decide(&b, "r-1", "granted", PARK, true, 0);
    (void)add_act(&b, "open-request", "r-1 by nobody received 2025-11-21", PARK, true, 0);
    (void)add(&b,
              (struct leaf){.event = AUDIT_ACT, .detail = W("act=open-request subject=\"request")},
              NULL, 0);
    (void)add(
        &b,
        (struct leaf){.event = AUDIT_REQUEST_OVERDUE, .detail = W("subject=\"request r-1\" due=1")},
        NULL, 0);
    struct report_table *t = make(&b);
    assert_int_equal(table_rows(t), 0);
    table_free(t);
    bench_free(&b);
}

/* Nor its words to be as short as a gateway's are: two officers' names once ended behind the room
 * that was made for them. */
static void officers_of_a_strange_log_may_have_long_names(void **state)
{
    (void)state;
    enum { LONG = 500 };
    struct bench b;
    char name[LONG + 1], detail[LONG + 100], both[2 * LONG + 3];
    bench_init(&b);
    (void)open_one(&b, "r-1", 0);
    for (int i = 0; i < 2; i++) {
        memset(name, 'a' + i, LONG);
        name[LONG] = '\0';
        memcpy(both + i * (LONG + 2), name, LONG);
        (void)snprintf(detail, sizeof detail,
                       "act=decide-request subject=\"request r-1 outcome granted\" officer=%s "
                       "effect=%s",
                       name, i == 0 ? "counted" : "done");
        (void)add(&b, (struct leaf){.event = AUDIT_ACT, .detail = W(detail)}, NULL, 1 + i);
    }
    memcpy(both + LONG, ", ", 2);
    both[2 * LONG + 2] = '\0';
    struct report_table *t = make(&b);
    assert_cell(t, 0, OUTCOME, "granted");
    assert_cell(t, 0, OFFICERS, both);
    table_free(t);
    bench_free(&b);
}

/* The number beside a name; UINT64_MAX when the table has no such row. */
static uint64_t count(struct bench *b, const char *name)
{
    struct report_table *all[STATISTICS_TABLES];
    uint64_t n = UINT64_MAX;
    statistics_make(&b->report, all);
    for (size_t i = 0; i < table_rows(all[CLAIMS]); i++)
        if (bytes_is(table_cell(all[CLAIMS], i, 0), name))
            n = world_number(table_cell(all[CLAIMS], i, 1));
    for (size_t i = 0; i < STATISTICS_TABLES; i++)
        table_free(all[i]);
    return n;
}

static void the_year_is_counted_by_outcome(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    static const char *const numbers[] = {"r-1", "r-2", "r-3", "r-4", "r-5"};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        (void)open_one(&b, numbers[i], 1);
    decide(&b, "r-1", "no-footage", PARK, true, 2);
    decide(&b, "r-2", "no-footage", PARK, true, 3);
    decide(&b, "r-3", "withdrawn", PARK, true, 11 * DAY); /* a day late */
    decide(&b, "r-4", "granted", PARK, false, 4);
    assert_int_equal(count(&b, "requests"), 5);
    assert_int_equal(count(&b, "no such footage: never recorded, or its time was over"), 2);
    assert_int_equal(count(&b, "withdrawn by who asked"), 1);
    assert_int_equal(count(&b, "granted"), UINT64_MAX); /* by one officer so far */
    assert_int_equal(count(&b, "open"), 2);
    assert_int_equal(count(&b, "late"), 1);
    b.report.now_us = TEN + 12 * US_PER_DAY;
    assert_int_equal(count(&b, "late"), 3);
    between(&b, 0, 20); /* they were received at midnight, ten hours before */
    assert_int_equal(count(&b, "requests"), 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_has_a_row_from_receipt_to_outcome),
        cmocka_unit_test(who_decided_otherwise_or_about_another_file_did_not_decide),
        cmocka_unit_test(acts_about_what_is_not_there_make_no_row),
        cmocka_unit_test(officers_of_a_strange_log_may_have_long_names),
        cmocka_unit_test(the_year_is_counted_by_outcome),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
