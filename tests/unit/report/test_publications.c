/* Late publications by what the memorandum itself promises, in the set that decided. */
#include "support.h"

#include "../policy/set.h"

#define GIVER "centre/video"

static size_t late_after(struct bench *b, int64_t days)
{
    const struct question *q = question_named("publications");
    b->report.now_us = TEN + days * US_PER_DAY;
    struct report_table *t = q->answer(&b->report, bytes_of_text(""));
    size_t rows = table_rows(t);
    table_free(t);
    return rows;
}

/* What the unit gives under the memorandum "a". */
static void give(struct bench *b)
{
    const struct leaf_recipient r = {
        .unit = W("police/control"), .reason = W("permitted"), .clause = W("a#report")};
    const struct leaf received = {.event = AUDIT_RECEIVED,
                                  .kind = W("scene_image"),
                                  .source = W(GIVER),
                                  .purpose = W("crime-response"),
                                  .basis = W("kr/pipa/18-2-3"),
                                  .status = W("actual"),
                                  .policy = 1,
                                  .recipient = &r,
                                  .recipients = 1};
    struct leaf released = {
        .event = AUDIT_RELEASED, .recipient = &r, .recipients = 1, .policy = 1, .has_refers = true};
    released.refers = add(b, received, NULL, 0);
    (void)add(b, released, NULL, 1);
}

static void open_with(struct bench *b, struct set *s, const char *within)
{
    char line[80];
    set_new(s);
    (void)snprintf(line, sizeof line, "within: %s}\nregisters", within);
    set_change(s, A, "within: 30 days}\nregisters", line);
    set_open(s);
    bench_init(b);
    b->names.set[0] = s->policy;
    b->names.sets = 1;
    give(b);
}

static void a_publication_is_late_when_the_memorandum_says(void **state)
{
    (void)state;
    struct bench b;
    struct set s;
    open_with(&b, &s, "10 days");
    assert_int_equal(policy_mou_publish_within_us(s.policy, bytes_of_text("a")), 10 * US_PER_DAY);
    assert_int_equal(policy_mou_publish_within_us(s.policy, bytes_of_text("other")), 0);
    assert_int_equal(late_after(&b, 9), 0);
    assert_int_equal(late_after(&b, 11), 1);
    bench_free(&b);
    set_free(&s);
}

static void no_memorandum_gives_more_time_than_the_law(void **state)
{
    (void)state;
    struct bench b;
    struct set s;
    open_with(&b, &s, "60 days");
    assert_int_equal(late_after(&b, 29), 0);
    assert_int_equal(late_after(&b, 31), 1);
    bench_free(&b);
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_publication_is_late_when_the_memorandum_says),
        cmocka_unit_test(no_memorandum_gives_more_time_than_the_law),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
