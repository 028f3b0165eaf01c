#include "support.h"

enum { INDEX, NUMBER, KIND, TIME, FILE_NAME, IN_CHARGE };
enum { DOCUMENT = 11, DESTROY_BY, DESTROYED, ORDERED, RECEIVED, RECEIPT };

static struct report_table *make(struct bench *b, const char *which)
{
    struct report_table *t = register_make(which, &b->report);
    assert_non_null(t);
    return t;
}

static struct fact items(const char *one)
{
    return (struct fact){.item = {W(one)}, .items = 1};
}

static void
the_first_register_has_what_rests_on_article_18_and_not_on_the_location_act(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct fact f = items("image"), position = items("position");
    uint64_t m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-7", NULL, 0);
    uint64_t given = add_about(&b, AUDIT_RELEASED, m, POLICE, "scope=7", &f, 1);
    m = add_message(&b, "location_update", CARRIER, POLICE, "kr/location/29", NULL, 2);
    uint64_t located = add_about(&b, AUDIT_RELEASED, m, POLICE, "scope=8", &position, 3);
    m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/17-1-2", NULL, 4);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "scope=9", &f, 5);
    m = add_message(&b, "public_notice", CENTRE, POLICE, "kr/public", NULL, 6);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "scope=10", NULL, 7);
    struct report_table *t = make(&b, "out-of-purpose");
    assert_int_equal(table_rows(t), 1);
    assert_int_equal(table_columns(t), 10);
    assert_int_equal(world_number(cell(t, 0, 0)), given);
    assert_cell(t, 0, 1, "pictures of the scene");
    assert_cell(t, 0, 2, CENTRE);
    assert_cell(t, 0, 3, POLICE);
    assert_cell(t, 0, 4, "crime-response");
    assert_cell(t, 0, 5, "kr/pipa/18-2-7");
    assert_cell(t, 0, 6, "picture");
    assert_cell(t, 0, 7, "2025-11-21 10:00:01, once");
    assert_non_null(strstr(text_of(cell(t, 0, 9)), "to be destroyed by 2025-11-22 10:00:00"));
    table_free(t);
    t = make(&b, "location");
    assert_int_equal(table_rows(t), 1);
    assert_int_equal(world_number(cell(t, 0, 0)), located);
    table_free(t);
    bench_free(&b);
}

static void a_watch_stands_in_the_video_register_with_its_camera_and_both_persons(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t s = add_stream(&b, "dj-3028", "c-1", 0);
    const uint64_t w = add_watch(&b, s, "dj-3028", POLICE, "p-417", 10, 70);
    struct report_table *t = make(&b, "personal-video");
    assert_int_equal(table_rows(t), 1);
    assert_int_equal(world_number(cell(t, 0, INDEX)), w);
    assert_cell(t, 0, NUMBER, "1");
    assert_cell(t, 0, KIND, "provide");
    assert_cell(t, 0, TIME, "2025-11-21 10:00:10");
    assert_cell(t, 0, FILE_NAME, "live or recorded video: dj-3028");
    assert_cell(t, 0, IN_CHARGE, "c-1 / p-417");
    assert_cell(t, 0, 9, "live view (video/mp2t)");
    assert_cell(t, 0, 10, "2025-11-21 10:00:10 to 2025-11-21 10:01:10");
    assert_cell(t, 0, RECEIPT, "no copy was kept at the gateway");
    table_free(t);
    bench_free(&b);
}

static void what_was_destroyed_says_when_it_was_to_be_and_when_it_was(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct fact sent = {.staff = W("c-1"),
                              .evidence = {{W("case-number"), W("2026-112-88")}},
                              .evidences = 1},
                      got = {.item = {W("image")},
                             .items = 1,
                             .camera = {W("dj-1")},
                             .cameras = 1,
                             .form = W("image/jpeg")};
    const uint64_t m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-7", &sent, 0);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "scope=7", &got, 1);
    const uint64_t gone =
        add(&b, (struct leaf){.event = AUDIT_DESTROYED, .detail = W("scope=6 scope=7")}, NULL, 9);
    struct report_table *t = make(&b, "personal-video");
    assert_int_equal(table_rows(t), 2);
    assert_cell(t, 0, KIND, "provide");
    assert_cell(t, 0, IN_CHARGE, "c-1");
    assert_cell(t, 0, DOCUMENT, "case-number 2026-112-88");
    assert_cell(t, 0, DESTROY_BY, "2025-11-22 10:00:00");
    assert_cell(t, 0, DESTROYED, "2025-11-21 10:00:09");
    assert_cell(t, 0, RECEIPT, "no receipt of the recipient is on record"); /* not just a date */
    assert_cell(t, 1, KIND, "destroy");
    assert_int_equal(world_number(cell(t, 1, INDEX)), gone);
    assert_cell(t, 1, NUMBER, "2");
    table_free(t);
    between(&b, 5, 20);
    t = make(&b, "personal-video");
    assert_int_equal(table_rows(t), 1); /* only the destruction lies in that time */
    assert_cell(t, 0, KIND, "destroy");
    table_free(t);
    bench_free(&b);
}

/* An order, or an answer to it, about these provisions. */
static uint64_t add_owed(struct bench *b, enum audit_event event, const char *unit,
                         const char *detail, uint64_t refers, const struct fact *fact,
                         int64_t after_s)
{
    const struct leaf_recipient r = {.unit = W(unit)};
    return add(b,
               (struct leaf){.event = event,
                             .detail = W(detail),
                             .recipient = &r,
                             .recipients = 1,
                             .has_refers = true,
                             .refers = refers},
               fact, after_s);
}

static uint64_t give_picture(struct bench *b, int64_t after_s)
{
    const struct fact got = items("image");
    const uint64_t m =
        add_message(b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-7", NULL, after_s);
    return add_about(b, AUDIT_RELEASED, m, POLICE, "scope=7", &got, after_s);
}

static void what_a_recipient_was_ordered_and_said_stands_with_its_times(void **state)
{
    (void)state;
    struct bench b;
    char detail[200];
    bench_init(&b);
    uint64_t item[5];
    for (size_t i = 0; i < ARRAY_LEN(item); i++)
        item[i] = give_picture(&b, 0);
    (void)snprintf(detail, sizeof detail,
                   "cause=deadline by=1763690400 order=o items=%llu,%llu,%llu,%llu",
                   (unsigned long long)item[0], (unsigned long long)item[1],
                   (unsigned long long)item[2], (unsigned long long)item[3]);
    (void)add_owed(&b, AUDIT_ORDERED, POLICE, detail, 0, NULL, 60);
    const struct fact kept = {.retained = {{item[2], W("2026고단117")}}, .retains = 1};
    const uint64_t m =
        add_message(&b, "destruction_receipt", POLICE, "gateway/self", "kr/pipa/18-2-7", &kept, 70);
    (void)snprintf(detail, sizeof detail,
                   "order=o destroyed=1763686865 method=overwritten items=%llu",
                   (unsigned long long)item[0]);
    (void)add_owed(&b, AUDIT_RECIPIENT_DESTROYED, POLICE, detail, m, NULL, 70);
    (void)snprintf(detail, sizeof detail, "order=o items=%llu", (unsigned long long)item[1]);
    (void)add_owed(&b, AUDIT_NEVER_STORED, CARRIER, detail, m, NULL, 70); /* another's word */
    (void)add_owed(&b, AUDIT_NEVER_STORED, POLICE, detail, m, NULL, 70);
    (void)snprintf(detail, sizeof detail,
                   "order=o under=kr/pipa/21-1-proviso until=1795222800 items=%llu",
                   (unsigned long long)item[2]);
    (void)add_owed(&b, AUDIT_RETAINED, POLICE, detail, m, NULL, 70);
    struct report_table *t = make(&b, "personal-video");
    assert_int_equal(table_rows(t), 5);
    assert_cell(t, 0, DESTROY_BY, "2025-11-22 10:00:00");
    assert_cell(t, 0, ORDERED, "2025-11-21 10:01:00");
    assert_cell(t, 0, RECEIVED, "2025-11-21 10:01:10");
    assert_cell(t, 0, RECEIPT, "destroyed by the recipient, as it says, 2025-11-21 10:01:05");
    assert_cell(t, 1, RECEIPT, "never stored by the recipient, as it says");
    assert_cell(t, 2, RECEIPT,
                "retained under kr/pipa/21-1-proviso, case 2026고단117, until 2026-11-21 10:00:00");
    assert_cell(t, 3, RECEIVED, "");
    assert_cell(t, 3, RECEIPT, "receipt due by 2025-11-21 11:00:00");
    assert_cell(t, 4, ORDERED, "");
    assert_cell(t, 4, RECEIPT, "no receipt of the recipient is on record");
    table_free(t);
    (void)snprintf(detail, sizeof detail, "order=o items=%llu", (unsigned long long)item[3]);
    (void)add_owed(&b, AUDIT_RECEIPT_OVERDUE, POLICE, detail, m, NULL, 80);
    t = make(&b, "personal-video");
    assert_cell(t, 3, RECEIPT, "no receipt in time: overdue");
    table_free(t);
    bench_free(&b);
}

/* One who asked, and what came of it; the kind in the register, or "" for no row. */
static const char *kind_of_release(const char *requester, const char *result)
{
    static char kind[32];
    struct bench b;
    bench_init(&b);
    const struct fact asks = {.result = W(requester), .document = W("A-7")}, got = items("reason");
    uint64_t m = add_message(&b, "release_request", POLICE, CENTRE, "kr/pipa/18-2-7", &asks, 0);
    const uint64_t asked = add_about(&b, AUDIT_RELEASED, m, CENTRE, "", &got, 1);
    const struct fact answers = {.result = W(result), .has_about = true, .about = asked};
    m = add_message(&b, "release_answer", CENTRE, POLICE, "kr/pipa/18-2-7", &answers, 2);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "", &got, 3);
    struct report_table *t = make(&b, "personal-video");
    (void)snprintf(kind, sizeof kind, "%.31s", table_rows(t) == 0 ? "" : text_of(cell(t, 0, KIND)));
    table_free(t);
    bench_free(&b);
    return kind;
}

static void a_data_subject_views_and_anybody_else_is_provided(void **state)
{
    (void)state;
    assert_string_equal(kind_of_release("data-subject", "released"), "view");
    assert_string_equal(kind_of_release("representative", "released"), "view");
    assert_string_equal(kind_of_release("investigator", "released"), "provide");
    assert_string_equal(kind_of_release("data-subject", "nonexistent"), "");
}

static void an_agencys_own_units_use_what_is_theirs(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint64_t s = add_stream(&b, "dj-3028", "c-1", 0);
    (void)add_watch(&b, s, "dj-3028", "daejeon-city-center/disaster-room", "c-2", 10, 70);
    struct report_table *t = make(&b, "personal-video");
    assert_cell(t, 0, KIND, "use");
    table_free(t);
    bench_free(&b);
}

static void a_location_is_told_by_whom_how_and_when_and_never_where(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct fact got = {.item = {W("subject"), W("position")},
                             .items = 2,
                             .method = W("gnss"),
                             .origin = W("lia-29")};
    const uint64_t m =
        add_message(&b, "location_update", CARRIER, POLICE, "kr/location/29", NULL, 0);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "scope=7", &got, 1);
    struct report_table *t = make(&b, "location");
    assert_int_equal(table_columns(t), 5);
    assert_cell(t, 0, 1, POLICE);
    assert_cell(t, 0, 2, CARRIER ", emergency rescue (LIA 29), kr/location/29");
    assert_cell(t, 0, 3, "2025-11-21 10:00:01");
    assert_cell(t, 0, 4, "locations of a person, by satellite");
    table_free(t);
    bench_free(&b);
}

static void what_was_not_opened_is_marked_and_what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const uint8_t commitment[32] = {1};
    const struct leaf_recipient r = {.unit = W(POLICE), .clause = W("mou#grant")};
    const uint64_t m = add_message(&b, "scene_image", CENTRE, POLICE, "kr/pipa/18-2-7", NULL, 0);
    struct leaf sealed = {.event = AUDIT_RELEASED,
                          .recipient = &r,
                          .recipients = 1,
                          .has_refers = true,
                          .refers = m,
                          .fact = commitment};
    (void)add(&b, sealed, NULL, 1);
    struct opened_fact wrong = {.index = b.next, .scope = 7, .text = W("{\"item\":[\"image\"]}")};
    facts_add(b.facts, &wrong);
    (void)add(&b, sealed, NULL, 2);
    struct report_table *t = make(&b, "out-of-purpose");
    assert_int_equal(table_rows(t), 2);
    assert_cell(t, 0, 6, "(sealed)");
    assert_cell(t, 1, 6, "(sealed)");
    assert_non_null(strstr(table_note_at(t, 0), "1 facts of the register were not opened"));
    assert_non_null(strstr(table_note_at(t, 1), "1 facts are not what their leaves"));
    table_free(t);
    bench_free(&b);
}

static void exercises_and_the_gateways_own_notices_are_no_provisions(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct leaf_recipient r = {.unit = W(POLICE), .reason = W("permitted")};
    uint64_t m = add(&b,
                     (struct leaf){.event = AUDIT_RECEIVED,
                                   .kind = W("scene_image"),
                                   .source = W(CENTRE),
                                   .basis = W("kr/pipa/18-2-7"),
                                   .status = W("exercise"),
                                   .recipient = &r,
                                   .recipients = 1},
                     NULL, 0);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "", NULL, 1);
    m = add_message(&b, "stream_notice", "gateway/self", POLICE, "kr/pipa/18-2-7", NULL, 2);
    (void)add_about(&b, AUDIT_RELEASED, m, POLICE, "", NULL, 3);
    for (size_t i = 0; register_word(i) != NULL; i++) {
        struct report_table *t = make(&b, register_word(i));
        assert_int_equal(table_rows(t), 0);
        table_free(t);
    }
    assert_null(register_make("any-other", &b.report));
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_first_register_has_what_rests_on_article_18_and_not_on_the_location_act),
        cmocka_unit_test(a_watch_stands_in_the_video_register_with_its_camera_and_both_persons),
        cmocka_unit_test(what_a_recipient_was_ordered_and_said_stands_with_its_times),
        cmocka_unit_test(what_was_destroyed_says_when_it_was_to_be_and_when_it_was),
        cmocka_unit_test(a_data_subject_views_and_anybody_else_is_provided),
        cmocka_unit_test(an_agencys_own_units_use_what_is_theirs),
        cmocka_unit_test(a_location_is_told_by_whom_how_and_when_and_never_where),
        cmocka_unit_test(what_was_not_opened_is_marked_and_what_does_not_fit_is_left_out),
        cmocka_unit_test(exercises_and_the_gateways_own_notices_are_no_provisions),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
