/* What is due, whose receipts are overdue, and certificates that hold without the gateway. */
#include "visit_support.h"

#include "ipc/control.h"
#include "report/certificate.h"
#include "search/search.h"

struct bench {
    struct visit_bench visit;
    struct temp_folder index;
    struct search *search;
    uint64_t stored, gone; /* messages: one is still here, one was destroyed */
};

/* Anew, with an index over all that was published. */
static void restart(struct bench *b)
{
    struct web_bench *web = &b->visit.web;
    enum result r = RESULT_AGAIN;
    log_publish(&web->log);
    assert_int_equal(search_open(b->index.fd, B(LOG_NAME), NULL, &b->search), RESULT_OK);
    while (r == RESULT_AGAIN)
        r = search_follow(b->search, web->log.folder.fd, tiles_size(web->log.tiles), US_PER_S);
    assert_int_equal(r, RESULT_OK);
    console_free(web->console);
    web->config.search = b->search;
    web->console = console_new(&web->config);
    state_reason(&b->visit);
}

static uint64_t sealed(struct bench *b, unsigned scope)
{
    struct log_bench *log = &b->visit.web.log;
    const struct bytes incident = B(INCIDENT);
    const struct leaf_recipient r = {
        .unit = B(POLICE), .reason = B("permitted"), .clause = B("mou#grant")};
    char detail[32];
    (void)snprintf(detail, sizeof detail, "scopes=%u", scope);
    const uint64_t m = leaf_at(log,
                               (struct leaf){.event = AUDIT_RECEIVED,
                                             .kind = B("scene_image"),
                                             .source = B(CENTRE),
                                             .incident = &incident,
                                             .incidents = 1,
                                             .recipient = &r,
                                             .recipients = 1,
                                             .detail = B(detail)},
                               0);
    (void)release_at(log, m, CENTRE, POLICE, INCIDENT, "permitted", scope, 1);
    return m;
}

static void fill(struct bench *b, unsigned entries)
{
    for (unsigned i = 0; i < entries; i++)
        (void)message_at(&b->visit.web.log, "alert", FIRE, POLICE, NULL, "permitted", 2);
}

static void begin(struct bench *b)
{
    *b = (struct bench){.index = temp_folder_new()};
    visit_init(&b->visit);
    b->stored = sealed(b, 6);
    fill(b, 300);
    b->gone = sealed(b, 7);
    (void)leaf_at(&b->visit.web.log,
                  (struct leaf){.event = AUDIT_DESTROYED,
                                .detail = B("scope=7 cause=deadline method=key-erased level=file")},
                  9);
    restart(b);
}

static void end(struct bench *b)
{
    visit_free(&b->visit);
    search_close(b->search);
    temp_folder_free(&b->index);
}

static unsigned certificate(struct bench *b, uint64_t record, const char *as)
{
    char query[64];
    (void)snprintf(query, sizeof query, "record=%llu%s", (unsigned long long)record, as);
    return visit_get(&b->visit, "/en/certificate", query);
}

static void a_certificate_is_checked_with_the_logs_key_alone(void **state)
{
    (void)state;
    struct bench b;
    struct chain *chain = NULL;
    struct buf note = BUF_INIT(1 << 16);
    struct checkpoint c;
    char fault[240];
    begin(&b);
    assert_int_equal(certificate(&b, b.gone + 1, "&as=json"), 200); /* by any of its entries */
    struct web_bench *web = &b.visit.web;
    assert_true(
        has_field(web, "content-disposition: attachment; filename=\"certificate-302.json\""));
    assert_string_equal(web->viewed, "certificate json 302 0-0 inspection");
    assert_int_equal(certificate_check(buf_view(&web->body), &web->log.key, &chain, &note, &c,
                                       fault, sizeof fault),
                     RESULT_OK);
    assert_int_equal(chain_state(chain), CHAIN_DESTROYED);
    assert_int_equal(chain->links, 3);
    chain_free(chain);
    assert_int_equal(certificate(&b, b.gone, "&as=paper"), 200);
    assert_true(has_field(web, "filename=\"certificate-302.html\""));
    assert_true(shows(web, "Certificate of destruction"));
    buf_free(&note);
    end(&b);
}

static void the_page_says_what_became_of_it_and_offers_no_certificate_of_what_is_there(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    assert_int_equal(certificate(&b, b.gone, ""), 200);
    assert_well_formed(web);
    assert_true(shows(web, "as=json") && shows(web, "class=\"good\""));
    assert_int_equal(certificate(&b, b.stored, ""), 200);
    assert_well_formed(web);
    assert_false(shows(web, "as=json") || shows(web, "class=\"good\""));
    assert_int_equal(certificate(&b, b.stored, "&as=json"), 409);
    assert_int_equal(web->views, 0);
    assert_int_equal(certificate(&b, 4711, ""), 404);
    assert_int_equal(certificate(&b, b.gone, "&as=exe"), 400);
    assert_int_equal(visit_get(&b.visit, "/en/certificate", "record=x"), 400);
    end(&b);
}

static void only_who_sent_it_may_have_the_whole_chain(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    b.visit.visitor.role = POLICY_CONSOLE_OFFICER;
    b.visit.visitor.reads_all = false;
    b.visit.visitor.unit = B(POLICE);
    assert_int_equal(certificate(&b, b.gone, ""), 404);
    b.visit.visitor.unit = B(CENTRE);
    assert_int_equal(certificate(&b, b.gone, ""), 200);
    end(&b);
}

static void a_log_whose_files_were_changed_gets_no_certificate(void **state)
{
    (void)state;
    struct bench b;
    char path[TILE_PATH];
    begin(&b);
    const uint64_t size = tiles_size(b.visit.web.log.tiles);
    const off_t place = (off_t)(b.gone + 1 - TILE_WIDTH) * TREE_HASH; /* of a hash beside it */
    tile_path(0, 1, (unsigned)(size - TILE_WIDTH), path);
    int fd = openat(b.visit.web.log.folder.fd, path, O_WRONLY);
    assert_true(fd >= 0 && pwrite(fd, "xy", 2, place) == 2 && close(fd) == 0);
    assert_int_equal(certificate(&b, b.gone, "&as=json"), 500);
    end(&b);
}

/* A bundle that was taken away held the entry of one more copy. */
static void a_log_that_lacks_an_entry_about_it_gives_no_certificate(void **state)
{
    (void)state;
    struct bench b;
    char path[TILE_PATH];
    begin(&b);
    struct web_bench *web = &b.visit.web;
    const uint64_t m = sealed(&b, 8);
    fill(&b, TILE_WIDTH);
    const uint64_t copy = release_at(&web->log, m, CENTRE, FIRE, INCIDENT, "permitted", 9, 3);
    fill(&b, TILE_WIDTH);
    (void)leaf_at(&web->log,
                  (struct leaf){.event = AUDIT_DESTROYED,
                                .detail = B("scope=8 cause=deadline method=key-erased level=file")},
                  9);
    search_close(b.search);
    restart(&b);
    tile_path(-1, copy / TILE_WIDTH, 0, path);
    assert_int_equal(unlinkat(web->log.folder.fd, path, 0), 0);
    assert_int_equal(certificate(&b, m, ""), 200);
    assert_well_formed(web);
    assert_true(shows(web, "that the log let go or that cannot be read: 1</p>"));
    assert_false(shows(web, "as=json") || shows(web, "class=\"good\""));
    assert_int_equal(certificate(&b, m, "&as=json"), 409);
    assert_true(shows(web, "entries about it are not there"));
    end(&b);
}

/* One more entry is published, and looked at before the index took it. */
static void publish_one(struct bench *b)
{
    struct web_bench *web = &b->visit.web;
    (void)message_at(&web->log, "alert", FIRE, POLICE, NULL, "permitted", 20);
    log_publish(&web->log);
    web->now_us += US_PER_S;
}

static void a_certificate_waits_for_an_index_that_is_a_moment_behind(void **state)
{
    /* Every page that is viewed is an entry itself: the next page, opened at once, was told "the
     * index of the log is being built". */
    (void)state;
    struct bench b;
    begin(&b);
    publish_one(&b);
    assert_int_equal(certificate(&b, b.gone, ""), 200);
    assert_int_equal(search_size(b.search), tiles_size(b.visit.web.log.tiles));
    end(&b);
}

static void a_certificate_waits_five_seconds_for_an_index_that_stays_behind(void **state)
{
    (void)state;
    struct bench b;
    char path[TILE_PATH];
    begin(&b);
    publish_one(&b);
    const uint64_t size = tiles_size(b.visit.web.log.tiles);
    tile_path(-1, 1, (unsigned)(size - TILE_WIDTH), path);
    assert_int_equal(unlinkat(b.visit.web.log.folder.fd, path, 0), 0);
    const int64_t asked_us = b.visit.web.now_us;
    assert_int_equal(certificate(&b, b.stored, ""), 503);
    assert_true(shows(&b.visit.web, "The index of the log is being built"));
    assert_in_range(b.visit.web.now_us - asked_us, 5 * US_PER_S, 5 * US_PER_S + 20000);
    end(&b);
}

/* ---- due, overdue */

static void answer_due(struct bench *b)
{
    const struct control_item items[] = {
        {.subject = B("scope 7"),
         .envelope = {.incident = {B(INCIDENT)}, .incidents = 1},
         .clause = B(MARKUP),
         .failed = B("deadline"),
         .due_us = TEN},
        {.subject = B("scope 8"), .clause = B("mou"), .failed = B("deadline"), .due_us = TEN}};
    struct buf frame = BUF_INIT(CONTROL_ANSWER_MAX);
    control_answer_put(&(struct control_answer){.items = 2, .more = true}, &frame);
    control_item_put(&items[0], &frame);
    control_item_put(&items[1], &frame);
    console_said(b->visit.web.console, b->visit.web.asked, buf_view(&frame));
    buf_free(&frame);
}

static void what_is_due_is_listed_and_an_officer_sees_the_own_incidents_keys(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    struct web_call *w = visit_ask(&b.visit, "/ko/destruction", "");
    answer_due(&b);
    assert_int_equal(web->status, 200);
    assert_well_formed(web);
    assert_true(shows(web, ">7</th>") && shows(web, ">8</th>"));
    assert_true(shows(web, "/ko/destruction?after=scope%208") ||
                shows(web, "/ko/destruction?after=scope+8"));
    console_gone(w);
    b.visit.visitor.role = POLICY_CONSOLE_OFFICER;
    b.visit.visitor.reads_all = false;
    b.visit.visitor.unit = B(POLICE);
    w = visit_ask(&b.visit, "/en/destruction", "");
    answer_due(&b);
    assert_true(shows(web, ">7</th>") && !shows(web, ">8</th>"));
    console_gone(w);
    end(&b);
}

static void overdue_receipts_are_a_reading_of_the_log(void **state)
{
    (void)state;
    const struct leaf_recipient r = {.unit = B(POLICE), .clause = B("mou#grant")};
    struct bench b;
    begin(&b);
    (void)leaf_at(&b.visit.web.log,
                  (struct leaf){.event = AUDIT_ORDERED,
                                .recipient = &r,
                                .recipients = 1,
                                .size = 2,
                                .detail = B("order=o-1 by=1763686700 cause=deadline items=1")},
                  10);
    search_close(b.search);
    restart(&b);
    assert_int_equal(visit_get(&b.visit, "/en/destruction/overdue", ""), 200);
    assert_well_formed(&b.visit.web);
    assert_true(shows(&b.visit.web, "<a href=\"/en/record/305\">305</a>"));
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_checked_with_the_logs_key_alone),
        cmocka_unit_test(
            the_page_says_what_became_of_it_and_offers_no_certificate_of_what_is_there),
        cmocka_unit_test(only_who_sent_it_may_have_the_whole_chain),
        cmocka_unit_test(a_log_whose_files_were_changed_gets_no_certificate),
        cmocka_unit_test(a_log_that_lacks_an_entry_about_it_gives_no_certificate),
        cmocka_unit_test(a_certificate_waits_for_an_index_that_is_a_moment_behind),
        cmocka_unit_test(a_certificate_waits_five_seconds_for_an_index_that_stays_behind),
        cmocka_unit_test(what_is_due_is_listed_and_an_officer_sees_the_own_incidents_keys),
        cmocka_unit_test(overdue_receipts_are_a_reading_of_the_log)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
