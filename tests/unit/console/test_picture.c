/* The picture of the federation, as the index counts the log. */
#include "visit_support.h"

#include "search/search.h"

struct bench {
    struct visit_bench visit;
    struct temp_folder index;
    struct search *search;
};

static void begin(struct bench *b)
{
    *b = (struct bench){.index = temp_folder_new()};
    visit_init(&b->visit);
    struct web_bench *web = &b->visit.web;
    for (unsigned i = 0; i < 20; i++)
        (void)message_at(&web->log, "alert", POLICE, FIRE, INCIDENT, "permitted", i);
    (void)message_at(&web->log, "alert", CENTRE, FIRE, INCIDENT, "no-grant", 30);
    log_publish(&web->log);
    enum result r = RESULT_AGAIN;
    assert_int_equal(search_open(b->index.fd, B(LOG_NAME), NULL, &b->search), RESULT_OK);
    while (r == RESULT_AGAIN)
        r = search_follow(b->search, web->log.folder.fd, tiles_size(web->log.tiles), US_PER_S);
    console_free(web->console);
    web->config.search = b->search;
    web->console = console_new(&web->config);
}

static void end(struct bench *b)
{
    visit_free(&b->visit);
    search_close(b->search);
    temp_folder_free(&b->index);
}

static void flows_are_lines_that_lead_to_their_records_and_refused_ones_are_broken(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    assert_int_equal(visit_get(&b.visit, "/en/picture", ""), 200);
    assert_well_formed(web);
    assert_string_equal(web->viewed, "picture html -1 0-0 ");
    assert_true(
        shows(web, "aria-label=\"npa-daejeon → daejeon-fire, 112-onsite-video: 20 permitted\""));
    assert_true(shows(web, "href=\"/en/records?source-party=npa-daejeon&amp;unit-party=daejeon-fire"
                           "&amp;service=112-onsite-video&amp;event=received&amp;from=2025-11-2"));
    assert_true(shows(web, "class=\"flow c0 refused\""));
    assert_true(shows(web, "daejeon-city-center → daejeon-fire, 112-onsite-video: 1 refused"));
    assert_true(shows(web, "<a href=\"/en/record/20\">20</a>")); /* the table has the last entry */
    assert_false(shows(web, " style="));
    end(&b);
}

static void operators_see_it_without_ways_to_records_and_officers_the_own_flows(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    b.visit.visitor.role = POLICY_CONSOLE_OPERATOR;
    b.visit.visitor.reads_all = true;
    assert_int_equal(visit_get(&b.visit, "/ko/picture", ""), 200);
    assert_well_formed(web);
    assert_false(shows(web, "/ko/record")); /* the last entry of a flow had one */
    assert_true(shows(web, "class=\"flow c0\""));
    b.visit.visitor.role = POLICY_CONSOLE_OFFICER;
    b.visit.visitor.reads_all = false;
    b.visit.visitor.unit = B(CENTRE);
    assert_int_equal(visit_get(&b.visit, "/en/picture", ""), 200);
    assert_false(shows(web, "npa-daejeon"));
    assert_true(shows(web, "1 refused"));
    end(&b);
}

static void what_the_gateway_itself_sends_begins_in_the_middle(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct web_bench *web = &b.visit.web;
    assert_int_equal(visit_get(&b.visit, "/en/picture", ""), 200);
    assert_false(shows(web, " L500 65\""));
    (void)message_at(&web->log, "outcome", "gateway/self", POLICE, INCIDENT, "permitted", 40);
    log_publish(&web->log);
    assert_int_equal(
        search_follow(b.search, web->log.folder.fd, tiles_size(web->log.tiles), US_PER_S),
        RESULT_OK);
    assert_int_equal(visit_get(&b.visit, "/en/picture", ""), 200);
    assert_true(shows(web, "gateway → npa-daejeon"));
    assert_true(shows(web, " L500 65\""));
    const char *hub = strstr(buf_c(&web->body), ">gateway</text>");
    assert_non_null(hub);
    assert_null(strstr(hub + 1, ">gateway</text>"));
    end(&b);
}

static void a_time_without_flows_and_one_that_is_none_are_said(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    assert_int_equal(visit_get(&b.visit, "/en/picture", "until=2025-11-20"),
                     400); /* before a day ago */
    assert_int_equal(visit_get(&b.visit, "/en/picture", "from=2025-11-01&until=2025-11-20"), 200);
    assert_well_formed(&b.visit.web);
    assert_true(shows(&b.visit.web, "Nothing flowed"));
    assert_int_equal(visit_get(&b.visit, "/en/picture", "from=x"), 400);
    assert_int_equal(visit_get(&b.visit, "/en/picture", "from=2025-01-01"), 400);
    assert_true(shows(&b.visit.web, "at most 31 days"));
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flows_are_lines_that_lead_to_their_records_and_refused_ones_are_broken),
        cmocka_unit_test(operators_see_it_without_ways_to_records_and_officers_the_own_flows),
        cmocka_unit_test(what_the_gateway_itself_sends_begins_in_the_middle),
        cmocka_unit_test(a_time_without_flows_and_one_that_is_none_are_said)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
