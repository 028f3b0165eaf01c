/* Questions of the whole log, and of what the index finds: the same answers. */
#include "console/inquiry.h"

#include "visit_support.h"

#include "search/search.h"

struct inquiring {
    struct log_bench log;
    struct temp_folder folder;
    struct search *search;
    struct inquiry_config config;
    uint64_t taken; /* entries that the last answer took */
};

static int64_t still(void *arg)
{
    (void)arg;
    return TEN;
}

static void inquiring_init(struct inquiring *q)
{
    *q = (struct inquiring){.folder = temp_folder_new()};
    log_init(&q->log);
}

/* Publishes what was added, and brings it into the index. */
static void publish(struct inquiring *q)
{
    log_publish(&q->log);
    assert_int_equal(search_open(q->folder.fd, B(LOG_NAME), NULL, &q->search), RESULT_OK);
    enum result r = RESULT_AGAIN;
    while (r == RESULT_AGAIN)
        r = search_follow(q->search, q->log.folder.fd, tiles_size(q->log.tiles), US_PER_S);
    assert_int_equal(r, RESULT_OK);
    q->config = (struct inquiry_config){.from_us = INT64_MIN,
                                        .until_us = INT64_MAX,
                                        .now_us = TEN + 40 * US_PER_DAY,
                                        .folder = q->log.folder.fd,
                                        .size = tiles_size(q->log.tiles),
                                        .clock = {still, still, NULL}};
}

static void inquiring_free(struct inquiring *q)
{
    search_close(q->search);
    temp_folder_free(&q->folder);
    log_free(&q->log);
}

/* The first table as CSV. */
static void answer(struct inquiring *q, enum inquiry_kind kind, const char *word,
                   const char *argument, bool by_index, struct buf *out)
{
    const struct names names = {0};
    struct report_table *table[INQUIRY_TABLES];
    struct job_progress p;
    q->config.kind = kind;
    q->config.word = word;
    q->config.argument = B(argument);
    q->config.search = by_index ? q->search : NULL;
    struct inquiry *i = inquiry_new(&q->config);
    while (inquiry_turn(i, 0) == JOB_RUNS)
        continue;
    assert_int_equal(inquiry_turn(i, 0), JOB_DONE);
    inquiry_progress(i, &p);
    q->taken = p.of;
    const size_t tables = inquiry_answer(i, &names, table);
    table_csv(table[0], out);
    for (size_t k = 0; k < tables; k++)
        table_free(table[k]);
    inquiry_free(i);
}

/* The index finds what a reading of all finds, out of fewer entries. */
static void assert_same(struct inquiring *q, enum inquiry_kind kind, const char *word,
                        const char *argument, const char *needle)
{
    struct buf all = BUF_INIT(1 << 20), few = BUF_INIT(1 << 20);
    answer(q, kind, word, argument, false, &all);
    const uint64_t whole = q->taken;
    answer(q, kind, word, argument, true, &few);
    assert_string_equal(buf_c(&all), buf_c(&few));
    assert_non_null(strstr(buf_c(&few), needle));
    assert_true(whole == tiles_size(q->log.tiles) && q->taken < whole / 4);
    buf_free(&all);
    buf_free(&few);
}

static void add_noise(struct inquiring *q, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        (void)message_at(&q->log, "alert", CENTRE, FIRE, NULL, "permitted", i);
}

static void an_incidents_provisions_are_found_with_their_destruction(void **state)
{
    (void)state;
    struct inquiring q;
    inquiring_init(&q);
    add_noise(&q, 300);
    const uint64_t m =
        message_at(&q.log, "scene_image", CENTRE, POLICE, INCIDENT, "permitted", 300);
    (void)release_at(&q.log, m, CENTRE, POLICE, INCIDENT, "permitted", 77, 301);
    add_noise(&q, 300);
    (void)leaf_at(&q.log, (struct leaf){.event = AUDIT_DESTROYED, .detail = B("scope=77")}, 700);
    publish(&q);
    assert_same(&q, INQUIRY_QUESTION, "case", INCIDENT, "2025-11-21 10:11:40");
    assert_same(&q, INQUIRY_QUESTION, "case", INCIDENT, "\"301\"");
    inquiring_free(&q);
}

static void uses_in_an_emergency_are_found_with_their_reviews(void **state)
{
    (void)state;
    struct inquiring q;
    inquiring_init(&q);
    add_noise(&q, 300);
    const uint64_t m =
        message_at(&q.log, "scene_image", CENTRE, POLICE, INCIDENT, "permitted", 300);
    (void)release_at(&q.log, m, CENTRE, POLICE, INCIDENT, "permitted-emergency", 7, 301);
    (void)leaf_at(&q.log,
                  (struct leaf){.event = AUDIT_ACT,
                                .has_refers = true,
                                .refers = m,
                                .detail = B("act=review officer=npa-daejeon/kim effect=done")},
                  500);
    publish(&q);
    assert_same(&q, INQUIRY_QUESTION, "emergencies", "", "npa-daejeon/kim");
    inquiring_free(&q);
}

static void incidents_without_an_end_are_found(void **state)
{
    (void)state;
    static const struct bytes open = {(const uint8_t *)INCIDENT, sizeof INCIDENT - 1};
    struct inquiring q;
    inquiring_init(&q);
    add_noise(&q, 300);
    const uint64_t m = message_at(&q.log, "dispatch", POLICE, FIRE, INCIDENT, "permitted", 300);
    (void)leaf_at(&q.log,
                  (struct leaf){.event = AUDIT_INCIDENT_OPENED,
                                .source = B(POLICE),
                                .incident = &open,
                                .incidents = 1,
                                .has_refers = true,
                                .refers = m},
                  301);
    publish(&q);
    assert_same(&q, INQUIRY_QUESTION, "incidents", "", "112-onsite-video");
    inquiring_free(&q);
}

static void receipts_that_are_overdue_are_found(void **state)
{
    (void)state;
    const struct leaf_recipient r = {.unit = B(POLICE), .clause = B("mou#grant")};
    struct inquiring q;
    inquiring_init(&q);
    add_noise(&q, 300);
    (void)leaf_at(&q.log,
                  (struct leaf){.event = AUDIT_ORDERED,
                                .recipient = &r,
                                .recipients = 1,
                                .size = 2,
                                .detail = B("order=o-1 by=1763690400 cause=deadline items=4-5")},
                  300);
    publish(&q);
    assert_same(&q, INQUIRY_OVERDUE, "overdue", "", "npa-daejeon");
    inquiring_free(&q);
}

/* An index begun anew, empty, has nothing more to find: a destruction was missed. */
static void an_index_that_begins_anew_meanwhile_is_not_relied_on(void **state)
{
    (void)state;
    const struct names names = {0};
    struct inquiring q;
    struct report_table *table[INQUIRY_TABLES];
    struct buf out = BUF_INIT(1 << 20);
    inquiring_init(&q);
    const uint64_t m = message_at(&q.log, "scene_image", CENTRE, POLICE, INCIDENT, "permitted", 0);
    (void)release_at(&q.log, m, CENTRE, POLICE, INCIDENT, "permitted", 77, 1);
    (void)leaf_at(&q.log, (struct leaf){.event = AUDIT_DESTROYED, .detail = B("scope=77")}, 9);
    publish(&q);
    q.config.word = "case";
    q.config.argument = B(INCIDENT);
    q.config.kind = INQUIRY_QUESTION;
    q.config.search = q.search;
    struct inquiry *i = inquiry_new(&q.config);
    assert_int_equal(search_follow(q.search, q.log.folder.fd, 0, 0), RESULT_OK);
    assert_int_equal(search_size(q.search), 0);
    while (inquiry_turn(i, 0) == JOB_RUNS)
        continue;
    assert_int_equal(inquiry_answer(i, &names, table), 1);
    table_csv(table[0], &out);
    assert_non_null(strstr(buf_c(&out), "10:00:09"));
    table_free(table[0]);
    inquiry_free(i);
    buf_free(&out);
    inquiring_free(&q);
}

/* A party's officer sees what it sent or got, and no other's. */
static void an_officer_is_answered_of_the_own_party_alone(void **state)
{
    (void)state;
    struct inquiring q;
    struct buf out = BUF_INIT(1 << 20);
    inquiring_init(&q);
    uint64_t m = message_at(&q.log, "scene_image", CENTRE, POLICE, INCIDENT, "permitted", 0);
    (void)release_at(&q.log, m, CENTRE, POLICE, INCIDENT, "permitted", 1, 1); /* 1 */
    m = message_at(&q.log, "scene_image", CENTRE, FIRE, INCIDENT, "permitted", 2);
    (void)release_at(&q.log, m, CENTRE, FIRE, INCIDENT, "permitted", 2, 3); /* 3 */
    (void)leaf_at(&q.log, (struct leaf){.event = AUDIT_DESTROYED, .detail = B("scope=2")}, 9);
    publish(&q);
    q.config.party = B("daejeon-fire");
    answer(&q, INQUIRY_QUESTION, "case", INCIDENT, true, &out);
    assert_null(strstr(buf_c(&out), "\"1\""));
    assert_non_null(strstr(buf_c(&out), "\"3\""));
    assert_non_null(strstr(buf_c(&out), "10:00:09")); /* destructions name nobody */
    buf_clear(&out);
    q.config.party = B("daejeon-city-center");
    answer(&q, INQUIRY_QUESTION, "exposure", "", true, &out);
    assert_non_null(strstr(buf_c(&out), FIRE));
    assert_non_null(strstr(buf_c(&out), POLICE));
    buf_free(&out);
    inquiring_free(&q);
}

/* What the recipient was ordered and said, as the ledger writes it. */
static void order_and_confirm(struct inquiring *q, const char *unit, uint64_t provision)
{
    const struct leaf_recipient r = {.unit = B(unit), .clause = B("mou#grant")};
    char ordered[64], confirmed[96];
    (void)snprintf(ordered, sizeof ordered, "cause=deadline order=o-1 items=%u",
                   (unsigned)provision);
    (void)snprintf(confirmed, sizeof confirmed,
                   "order=o-1 destroyed=1763690400 method=key-erased items=%u",
                   (unsigned)provision);
    const uint64_t o = leaf_at(&q->log,
                               (struct leaf){.event = AUDIT_ORDERED,
                                             .source = B("gateway/self"),
                                             .recipient = &r,
                                             .recipients = 1,
                                             .size = 1,
                                             .detail = B(ordered)},
                               100);
    (void)leaf_at(&q->log,
                  (struct leaf){.event = AUDIT_RECIPIENT_DESTROYED,
                                .source = B(unit),
                                .recipient = &r,
                                .recipients = 1,
                                .size = 1,
                                .has_refers = true,
                                .refers = o,
                                .detail = B(confirmed)},
                  200);
}

static void assert_answer(struct inquiring *q, enum inquiry_kind kind, const char *word,
                          const char *party, const char *text, bool has)
{
    struct buf out = BUF_INIT(1 << 20);
    q->config.party = B(party);
    answer(q, kind, word, "", false, &out);
    assert_int_equal(strstr(buf_c(&out), text) != NULL, has);
    buf_free(&out);
}

/* Its story: an order goes to the recipient alone, and its receipt comes from it; the officer of
 * who provided was told by a register that none was on record. */
static void who_provided_reads_what_the_recipient_was_ordered_and_said(void **state)
{
    (void)state;
    static const char none[] = "no receipt of the recipient is on record",
                      said[] = "destroyed by the recipient, as it says";
    struct inquiring q;
    inquiring_init(&q);
    uint64_t m = message_at(&q.log, "scene_image", CENTRE, POLICE, INCIDENT, "permitted", 0);
    order_and_confirm(&q, POLICE,
                      release_at(&q.log, m, CENTRE, POLICE, INCIDENT, "permitted", 1, 1));
    m = message_at(&q.log, "scene_image", FIRE, CENTRE, NULL, "permitted", 2);
    (void)release_at(&q.log, m, FIRE, CENTRE, NULL, "permitted", 2, 3);
    publish(&q);
    assert_answer(&q, INQUIRY_REGISTER, "personal-video", "daejeon-city-center", said, true);
    assert_answer(&q, INQUIRY_REGISTER, "personal-video", "daejeon-city-center", "10:01:40", true);
    assert_answer(&q, INQUIRY_REGISTER, "personal-video", "npa-daejeon", said, true);
    assert_answer(&q, INQUIRY_REGISTER, "personal-video", "npa-daejeon", none, false);
    assert_answer(&q, INQUIRY_REGISTER, "personal-video", "daejeon-fire", none, true);
    assert_answer(&q, INQUIRY_REGISTER, "personal-video", "daejeon-fire", said, false);
    assert_answer(&q, INQUIRY_REGISTER, "personal-video", "daejeon-fire", POLICE, false);
    inquiring_free(&q);
}

/* Acts name the officer who did them, incidents whoever changed them. */
static void what_others_did_about_the_own_provisions_and_incidents_is_read(void **state)
{
    (void)state;
    static const struct bytes incident = {(const uint8_t *)INCIDENT, sizeof INCIDENT - 1};
    struct inquiring q;
    inquiring_init(&q);
    const uint64_t m =
        message_at(&q.log, "scene_image", CENTRE, POLICE, INCIDENT, "permitted-emergency", 0);
    (void)release_at(&q.log, m, CENTRE, POLICE, INCIDENT, "permitted-emergency", 1, 1);
    struct leaf leaf = {.event = AUDIT_ACT,
                        .source = B(CENTRE),
                        .has_refers = true,
                        .refers = m,
                        .detail = B("act=review officer=daejeon-city-center/lee effect=done")};
    (void)leaf_at(&q.log, leaf, 2);
    leaf = (struct leaf){.event = AUDIT_ACT,
                         .detail = B("act=published subject=\"mou mou leaves 0-2\" "
                                     "officer=daejeon-city-center/lee effect=done")};
    (void)leaf_at(&q.log, leaf, 3);
    leaf = (struct leaf){
        .event = AUDIT_INCIDENT_OPENED, .source = B(POLICE), .incident = &incident, .incidents = 1};
    (void)leaf_at(&q.log, leaf, 4);
    leaf.event = AUDIT_INCIDENT_ENDED;
    leaf.source = B(FIRE);
    (void)leaf_at(&q.log, leaf, 5);
    publish(&q);
    assert_answer(&q, INQUIRY_QUESTION, "emergencies", "npa-daejeon", "daejeon-city-center/lee",
                  true);
    assert_answer(&q, INQUIRY_QUESTION, "emergencies", "daejeon-fire", "lee", false);
    assert_answer(&q, INQUIRY_QUESTION, "publications", "npa-daejeon", "\"1\"", false);
    assert_answer(&q, INQUIRY_QUESTION, "incidents", "npa-daejeon", INCIDENT, false);
    inquiring_free(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incidents_provisions_are_found_with_their_destruction),
        cmocka_unit_test(uses_in_an_emergency_are_found_with_their_reviews),
        cmocka_unit_test(incidents_without_an_end_are_found),
        cmocka_unit_test(receipts_that_are_overdue_are_found),
        cmocka_unit_test(an_index_that_begins_anew_meanwhile_is_not_relied_on),
        cmocka_unit_test(an_officer_is_answered_of_the_own_party_alone),
        cmocka_unit_test(who_provided_reads_what_the_recipient_was_ordered_and_said),
        cmocka_unit_test(what_others_did_about_the_own_provisions_and_incidents_is_read)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
