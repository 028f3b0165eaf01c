#include "support.h"

static struct report_table *ask(struct bench *b, const char *question, const char *argument)
{
    const struct question *q = question_named(question);
    assert_non_null(q);
    return q->answer(&b->report, bytes_of_text(argument));
}

/* The leaves that an answer names, as "12 15". */
static const char *leaves(struct report_table *t)
{
    static char out[256];
    out[0] = '\0';
    for (size_t i = 0; i < table_rows(t); i++) {
        size_t n = strlen(out);
        (void)snprintf(out + n, sizeof out - n, "%s%.20s", i == 0 ? "" : " ",
                       text_of(cell(t, i, 0)));
    }
    table_free(t);
    return out;
}

#define assert_leaves(t, expected) assert_string_equal(leaves(t), expected)

static void a_camera_was_watched_by_whoever_had_begun_and_not_left(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t s = add_stream(&b, "dj-3028", "c-1", 0);               /* 0 */
    (void)add_watch(&b, s, "dj-3028", POLICE, "p-1", 10, 50);             /* 1 */
    (void)add_watch(&b, s, "dj-3028", "daejeon-fire/119", "f-1", 40, 90); /* 3 */
    const uint64_t other = add_stream(&b, "dj-0001", "c-1", 0);           /* 5 */
    (void)add_watch(&b, other, "dj-0001", POLICE, "p-1", 10, 50);         /* 6 */
    assert_leaves(ask(&b, "camera", "dj-3028"), "1 3");
    between(&b, 60, 70);
    assert_leaves(ask(&b, "camera", "dj-3028"), "3");
    between(&b, 45, 46);
    assert_leaves(ask(&b, "camera", "dj-3028"), "1 3");
    between(&b, 0, 10);
    assert_leaves(ask(&b, "camera", "dj-3028"), "");
    assert_leaves(ask(&b, "camera", "dj-30"), "");
    bench_free(&b);
}

static void a_camera_that_was_only_offered_was_watched_by_nobody(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)add_stream(&b, "dj-3028", "c-1", 0);
    assert_leaves(ask(&b, "camera", "dj-3028"), "");
    bench_free(&b);
}

static void a_case_is_found_by_incident_and_by_what_evidence_and_letters_name(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct fact evidence = {.evidence = {{W("case-number"), W("2026-112-88")}},
                                  .evidences = 1},
                      letter = {.document = W("수사-117")};
    uint64_t m = add_message(&b, "release_request", POLICE, CENTRE, "kr/pipa/18-2-7", &letter, 0);
    (void)add_about(&b, AUDIT_RELEASED, m, CENTRE, "scope=7", NULL, 1); /* 1 */
    m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-7", &evidence, 2);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "scope=8", NULL, 3); /* 3 */
    (void)add(&b, (struct leaf){.event = AUDIT_DESTROYED, .detail = W("scope=8")}, NULL, 4);
    assert_leaves(ask(&b, "case", "수사-117"), "1");
    struct report_table *t = ask(&b, "case", "2026-112-88");
    assert_cell(t, 0, 9, "2025-11-21 10:00:04"); /* also after destruction */
    assert_leaves(t, "3");
    assert_leaves(ask(&b, "case", INCIDENT), "1 3");
    assert_leaves(ask(&b, "case", "019aa2b0-0000-7000-8000-000000000001"), "1 3");
    assert_leaves(ask(&b, "case", "2026-112-8"), "");
    bench_free(&b);
}

static void a_subjects_data_is_followed_by_a_digest_that_the_key_makes(void **state)
{
    (void)state;
    struct bench b;
    uint8_t tag[TAG_BYTES];
    char hex[FACT_SUBJECT + 1];
    bench_init(&b);
    mac_tag(b.subjects, W(SUBJECT), tag);
    bytes_to_hex(bytes_of(tag, sizeof tag), hex);
    const struct fact its = {.item = {W("position")}, .items = 1, .subject = W(hex)},
                      other = {.item = {W("position")}, .items = 1};
    const uint64_t m =
        add_message(&b, "guardian_alert", CARRIER, CENTRE, "kr/location/26", NULL, 0);
    (void)add_about(&b, AUDIT_RELEASED, m, CENTRE, "", &its, 1);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "", &other, 2);
    assert_leaves(ask(&b, "subject", SUBJECT), "1");
    assert_leaves(ask(&b, "subject", "carrier-hana/s-1002"), "");
    bench_free(&b);
}

/* ---- publications */

static void publish(struct bench *b, const char *detail, int64_t after_s)
{
    (void)add(b, (struct leaf){.event = AUDIT_ACT, .detail = W(detail)}, NULL, after_s);
}

static void a_publication_is_late_after_thirty_days(void **state)
{
    (void)state;
    enum { DAY = 86400 };
    struct bench b;
    bench_init(&b);
    uint64_t m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-3", NULL, 0);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "", NULL, 1); /* 1 */
    m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-7", NULL, 2);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "", NULL, 3); /* 3: no publication (18(4)) */
    b.report.now_us = TEN + 29 * US_PER_DAY;
    assert_leaves(ask(&b, "publications", ""), "");
    b.report.now_us = TEN + 31 * US_PER_DAY;
    assert_leaves(ask(&b, "publications", ""), "1");
    publish(&b, "act=published subject=\"mou mou leaves 0-9\" officer=npa-daejeon/kim effect=done",
            20 * DAY);
    publish(&b,
            "act=published subject=\"mou other leaves 0-9\" officer=daejeon-city-center/park "
            "effect=done",
            20 * DAY);
    publish(&b,
            "act=published subject=\"mou mou leaves 2-9\" officer=daejeon-city-center/park "
            "effect=done",
            20 * DAY);
    assert_leaves(ask(&b, "publications", ""), "1"); /* not by its provider, or not of this one */
    publish(&b,
            "act=published subject=\"mou mou leaves 0-9\" officer=daejeon-city-center/park "
            "effect=done",
            40 * DAY);
    struct report_table *t = ask(&b, "publications", "");
    assert_cell(t, 0, 8, "7"); /* published, but late */
    assert_leaves(t, "1");
    publish(&b,
            "act=published subject=\"mou mou leaves 0-9\" officer=daejeon-city-center/park "
            "effect=done",
            50 * DAY);
    t = ask(&b, "publications", "");
    assert_cell(t, 0, 8, "7"); /* the first one counts */
    table_free(t);
    bench_free(&b);
}

static void a_publication_in_time_is_not_late(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-3", NULL, 0);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "", NULL, 1);
    publish(&b,
            "act=published subject=\"mou mou leaves 1-1\" officer=daejeon-city-center/park "
            "effect=done",
            86400);
    b.report.now_us = TEN + 400 * US_PER_DAY;
    assert_leaves(ask(&b, "publications", ""), "");
    bench_free(&b);
}

/* ---- emergencies */

static void an_emergency_is_reviewed_by_as_many_as_it_takes(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct leaf_recipient r = {.unit = W(CENTRE),
                                     .reason = W("permitted-emergency"),
                                     .clause = W("mou#grant"),
                                     .failed = W("period")};
    const uint64_t use = add(&b,
                             (struct leaf){.event = AUDIT_RECEIVED,
                                           .kind = W("video_request"),
                                           .source = W(POLICE),
                                           .recipient = &r,
                                           .recipients = 1},
                             NULL, 0);
    struct report_table *t = ask(&b, "emergencies", "");
    assert_cell(t, 0, 6, "period");
    assert_cell(t, 0, 7, "waits");
    table_free(t);
    struct leaf review = {.event = AUDIT_ACT,
                          .has_refers = true,
                          .refers = use,
                          .detail = W("act=review subject=\"0-0\" officer=op/seo effect=counted")};
    (void)add(&b, review, NULL, 1);
    (void)add(&b, (struct leaf){.event = AUDIT_REVIEW_OVERDUE, .has_refers = true, .refers = use},
              NULL, 2);
    t = ask(&b, "emergencies", "");
    assert_cell(t, 0, 7, "overdue");
    assert_cell(t, 0, 9, "op/seo");
    table_free(t);
    review.detail = W("act=review subject=\"0-0\" officer=op/yoon effect=done");
    (void)add(&b, review, NULL, 3);
    t = ask(&b, "emergencies", "");
    assert_cell(t, 0, 7, "done, late");
    assert_cell(t, 0, 8, "2025-11-21 10:00:03");
    assert_cell(t, 0, 9, "op/seo, op/yoon");
    assert_leaves(t, "0");
    bench_free(&b);
}

/* ---- exposure */

static void exposure_counts_by_recipient_what_lies_between_the_times(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t s = add_stream(&b, "dj-1", "c-1", 0);
    (void)add_watch(&b, s, "dj-1", POLICE, "p-1", 10, 50); /* 1 */
    const uint64_t m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-7", NULL, 20);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "scope=7", NULL, 21); /* 4 */
    (void)add_about(&b, AUDIT_RELEASED, m, "fire/119", "scope=8", NULL, 22);
    (void)add(&b, (struct leaf){.event = AUDIT_DESTROYED, .detail = W("scope=7")}, NULL, 23);
    between(&b, 0, 30);
    struct report_table *t = ask(&b, "exposure", "");
    assert_int_equal(table_rows(t), 2);
    assert_cell(t, 0, 0, "1");
    assert_cell(t, 0, 1, "4");
    assert_cell(t, 0, 2, POLICE);
    assert_cell(t, 0, 3, "1");
    assert_cell(t, 0, 4, "1");
    assert_cell(t, 0, 5, "20"); /* of its forty seconds */
    assert_cell(t, 0, 6, "5100");
    assert_cell(t, 0, 7, "0");
    assert_cell(t, 1, 7, "1"); /* its key is still there */
    table_free(t);
    between(&b, 60, 70);
    t = ask(&b, "exposure", "");
    assert_int_equal(table_rows(t), 0);
    table_free(t);
    bench_free(&b);
}

/* Until the end of a year that has not come, somebody who looked a minute ago had watched for
 * weeks; without an end, not at all. */
static void a_watch_that_goes_on_is_counted_until_now(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t s = add_stream(&b, "dj-1", "c-1", 0);
    (void)add_about(&b, AUDIT_WATCH_OPENED, s, POLICE, "", NULL, 10);
    b.report.now_us = TEN + 70 * US_PER_S;
    for (int i = 0; i < 2; i++) {
        struct report_table *t = ask(&b, "exposure", "");
        assert_int_equal(table_rows(t), 1);
        assert_cell(t, 0, 5, "60");
        table_free(t);
        between(&b, 0, INT64_C(31) * 24 * 60 * 60);
    }
    bench_free(&b);
}

/* ---- notices */

static void a_notice_is_owed_until_its_receipt(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t m =
        add_message(&b, "location_update", CARRIER, POLICE, "kr/location/29", NULL, 0);
    const uint64_t given = add_about(&b, AUDIT_RELEASED, m, POLICE, "", NULL, 1); /* 1 */
    struct report_table *t = ask(&b, "notices", "");
    assert_int_equal(table_rows(t), 0); /* its clause asks for none */
    table_free(t);
    const struct leaf_recipient r = {.unit = W(CARRIER), .reason = W("permitted")};
    const uint64_t notice = add(&b,
                                (struct leaf){.event = AUDIT_RECEIVED,
                                              .kind = W("provision_notice"),
                                              .source = W("gateway/self"),
                                              .recipient = &r,
                                              .recipients = 1,
                                              .has_refers = true,
                                              .refers = given},
                                NULL, 2);
    t = ask(&b, "notices", "");
    assert_cell(t, 0, 5, "not sent to the carrier");
    table_free(t);
    (void)add_about(&b, AUDIT_RELEASED, notice, CARRIER, "", NULL, 3);
    t = ask(&b, "notices", "");
    assert_cell(t, 0, 5, "sent, no receipt");
    table_free(t);
    const struct fact deferral = {
        .has_about = true, .about = given, .until_us = TEN + 2 * US_PER_DAY};
    (void)add_message(&b, "notice_deferral", POLICE, CARRIER, "kr/location/29", &deferral, 4);
    t = ask(&b, "notices", "");
    assert_cell(t, 0, 5, "deferred");
    assert_cell(t, 0, 6, "2025-11-23 10:00:00");
    table_free(t);
    b.report.now_us = TEN + 3 * US_PER_DAY;
    t = ask(&b, "notices", "");
    assert_cell(t, 0, 5, "deferred, and its time is over");
    assert_leaves(t, "1");
    const struct fact receipt = {.has_about = true, .about = given};
    (void)add_message(&b, "notice_receipt", CARRIER, POLICE, "kr/location/29", &receipt, 5);
    assert_leaves(ask(&b, "notices", ""), "");
    bench_free(&b);
}

/* ---- incidents */

static void step(struct bench *b, enum audit_event event, const char *detail, int64_t after_s)
{
    (void)add(b,
              (struct leaf){.event = event,
                            .source = W(POLICE),
                            .incident = &incident,
                            .incidents = 1,
                            .detail = W(detail)},
              NULL, after_s);
}

static void an_incident_is_open_until_its_last_part_was_closed(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    step(&b, AUDIT_INCIDENT_OPENED, "step=open", 0);
    assert_leaves(ask(&b, "incidents", ""), "0");
    step(&b, AUDIT_INCIDENT_CHANGED, "step=close", 1);
    assert_leaves(ask(&b, "incidents", ""), "0");
    step(&b, AUDIT_INCIDENT_ENDED, "step=close", 2);
    assert_leaves(ask(&b, "incidents", ""), "");
    step(&b, AUDIT_INCIDENT_CHANGED, "step=reopen", 3);
    struct report_table *t = ask(&b, "incidents", "");
    assert_cell(t, 0, 2, INCIDENT);
    assert_cell(t, 0, 5, "1"); /* days */
    table_free(t);
    bench_free(&b);
}

static void every_question_has_a_word_and_texts(void **state)
{
    (void)state;
    size_t i = 0;
    for (; question_at(i) != NULL; i++) {
        assert_ptr_equal(question_named(question_at(i)->word), question_at(i));
        assert_true(strlen(question_at(i)->summary[0]) > 0);
        assert_true(strlen(question_at(i)->summary[1]) > 0);
    }
    assert_int_equal(i, 8);
    assert_null(question_named("any-other"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_camera_was_watched_by_whoever_had_begun_and_not_left),
        cmocka_unit_test(a_camera_that_was_only_offered_was_watched_by_nobody),
        cmocka_unit_test(a_case_is_found_by_incident_and_by_what_evidence_and_letters_name),
        cmocka_unit_test(a_subjects_data_is_followed_by_a_digest_that_the_key_makes),
        cmocka_unit_test(a_publication_is_late_after_thirty_days),
        cmocka_unit_test(a_publication_in_time_is_not_late),
        cmocka_unit_test(an_emergency_is_reviewed_by_as_many_as_it_takes),
        cmocka_unit_test(exposure_counts_by_recipient_what_lies_between_the_times),
        cmocka_unit_test(a_watch_that_goes_on_is_counted_until_now),
        cmocka_unit_test(a_notice_is_owed_until_its_receipt),
        cmocka_unit_test(an_incident_is_open_until_its_last_part_was_closed),
        cmocka_unit_test(every_question_has_a_word_and_texts),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
