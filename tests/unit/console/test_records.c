/* Records: who sees which, how they are found, what leaves as a file. */
#include "records.h"

#include "json/json.h"

static void records_ask_for_a_reason_first(void **state)
{
    (void)state;
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    assert_int_equal(get_records(&b, &v, "/en/records", "kind=guardian_alert"), 303);
    assert_true(
        has_field(&b.web, "location: /en/reason?then=/en/records%3Fkind%3Dguardian_alert\n"));
    assert_int_equal(b.web.views, 0);
    state_reason(&b, &v, "yearly+inspection");
    assert_true(has_field(&b.web, "Secure; HttpOnly; SameSite=Strict; Path=/\n"));
    assert_int_equal(get_records(&b, &v, "/en/records", "kind=guardian_alert"), 200);
    assert_string_equal(b.web.viewed, "records html -1 0-1 yearly inspection");
    records_free(&b);
}

static void a_reason_holds_for_its_certificate_and_an_hour(void **state)
{
    (void)state;
    struct records_bench b;
    struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    publish(&b);
    state_reason(&b, &v, "a");
    v.certificate[0] ^= 1;
    assert_int_equal(get_records(&b, &v, "/en/records", ""), 303);
    v.certificate[0] ^= 1;
    b.web.now_us += US_PER_HOUR - 10 * US_PER_S;
    assert_int_equal(get_records(&b, &v, "/en/records", ""), 200);
    b.web.now_us += 10 * US_PER_S;
    assert_int_equal(get_records(&b, &v, "/en/records", ""), 303);
    records_free(&b);
}

static void a_reason_is_a_line_and_its_way_back_is_ours(void **state)
{
    (void)state;
    static const char *const bad[] = {"reason=&then=/en/", "reason=%20&then=/en/",
                                      "reason=a%0ab&then=/en/", "reason=%e2%80%ae&then=/en/"};
    static const char *const away[] = {"//evil.example/", "https://evil.example/",
                                       "/en/%0d%0aX:%20y", "/en/\\evil", "javascript:alert(1)"};
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    struct web_request r = get_of("/en/reason", "", "");
    records_init(&b);
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("application/x-www-form-urlencoded");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        console_gone(ask_as(&b.web, &v, &r, bad[i]));
        assert_int_equal(b.web.status, 400);
        assert_well_formed(&b.web);
        assert_false(has_field(&b.web, "set-cookie"));
    }
    for (size_t i = 0; i < ARRAY_LEN(away); i++) {
        char form[256];
        (void)snprintf(form, sizeof form, "reason=a&then=%s", away[i]);
        console_gone(ask_as(&b.web, &v, &r, form));
        assert_true(has_field(&b.web, "location: /en/\n"));
    }
    records_free(&b);
}

/* Its story: a filter of 3,000 characters that have to be escaped made a redirect longer than a
 * head may be, and the answer was a bare 500. */
static void a_way_back_that_does_not_fit_is_refused_by_name(void **state)
{
    (void)state;
    enum { LONG = 3000 };
    char query[LONG + 8] = "id=", form[2 * 4096] = "reason=a&then=/en/records?id=";
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    struct web_request r = get_of("/en/reason", "", "");
    records_init(&b);
    publish(&b);
    for (size_t i = 0; i + 3 <= LONG; i += 3)
        (void)strcat(query, "%41");
    assert_int_equal(get_records(&b, &v, "/en/records", query), 414);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "state it"));
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/records", query), 200);
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("application/x-www-form-urlencoded");
    memset(form + strlen(form), 'a', 4096);
    console_gone(ask_as(&b.web, &v, &r, form));
    assert_true(b.web.status == 303 && has_field(&b.web, "location: /en/\n"));
    records_free(&b);
}

static void markup_in_every_field_stays_text(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/records", "/ko/records", "/en/record/0",
                                        "/ko/record/0"};
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    (void)add_hostile(&b);
    publish(&b);
    state_reason(&b, &v, "%22%3E%3Cscript%3E");
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_int_equal(get_records(&b, &v, paths[i], ""), 200);
        assert_well_formed(&b.web);
        assert_true(shows(&b.web, "&lt;script&gt;alert"));
        assert_false(shows(&b.web, "<script>") || shows(&b.web, "alert('x')"));
        assert_false(shows(&b.web, "\xe2\x80\xae")); /* nothing turns the writing round */
    }
    records_free(&b);
}

static void markup_in_a_filter_stays_text(void **state)
{
    (void)state;
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/records",
                                 "party=%22%3E%3Cscript%3Ealert%281%29&status=%3C/form%3E"),
                     200);
    assert_well_formed(&b.web);
    assert_false(shows(&b.web, "<script>"));
    assert_true(shows(&b.web, "Nothing was found"));
    records_free(&b);
}

static void an_officer_sees_the_own_partys_records_alone(void **state)
{
    (void)state;
    struct records_bench b;
    struct visitor v = visitor_of(POLICY_CONSOLE_OFFICER);
    v.unit = B("npa-daejeon/supervision");
    records_init(&b);
    (void)add_message(&b, POLICE, FIRE, "permitted");          /* 0: sent */
    (void)add_message(&b, CENTRE, FIRE, "no-grant");           /* 1: of others */
    (void)add_about(&b, AUDIT_RELEASED, 0, POLICE, "scope=7"); /* 2: got */
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/records", ""), 200);
    assert_true(shows(&b.web, "/en/record/0\"") && shows(&b.web, "/en/record/2\""));
    assert_false(shows(&b.web, "/en/record/1\"") || shows(&b.web, CENTRE));
    assert_int_equal(get_records(&b, &v, "/en/records", "source-party=daejeon-city-center"), 200);
    assert_false(shows(&b.web, "/en/record/1\""));
    assert_int_equal(get_records(&b, &v, "/en/record/1", ""), 404);
    assert_int_equal(get_records(&b, &v, "/en/proof/1", ""), 404);
    assert_int_equal(get_records(&b, &v, "/en/record/0", ""), 200);
    assert_int_equal(get_records(&b, &v, "/en/records/json", ""), 200);
    assert_false(shows(&b.web, CENTRE));
    assert_true(shows(&b.web, FIRE));
    records_free(&b);
}

static void an_operator_sees_no_records(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/records", "/en/record/0", "/en/proof/0",
                                        "/en/records/csv"};
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_OPERATOR);
    records_init(&b);
    (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_int_equal(get_records(&b, &v, paths[i], ""), 403);
    assert_int_equal(b.web.views, 0);
    records_free(&b);
}

/* The address behind a link with this rel, as a browser would ask for it; false: none. */
static bool follow(struct records_bench *b, const char *rel, char query[1024])
{
    char mark[64];
    (void)snprintf(mark, sizeof mark, "<a rel=\"%s\" href=\"/en/records", rel);
    const char *at = strstr(buf_c(&b->web.body), mark);
    if (at == NULL)
        return false;
    at += strlen(mark);
    at += *at == '?';
    size_t n = 0;
    while (*at != '"' && n < 1023) {
        query[n++] = *at;
        at += strncmp(at, "&amp;", 5) == 0 ? 5 : 1;
    }
    query[n] = '\0';
    return true;
}

/* Rows of the table, marked in `seen`; how many. */
static size_t mark_rows(struct records_bench *b, bool *seen, size_t most)
{
    size_t rows = 0;
    for (const char *at = buf_c(&b->web.body);
         (at = strstr(at, "<th scope=\"row\"><a href=\"/en/record/")) != NULL; rows++) {
        at += strlen("<th scope=\"row\"><a href=\"/en/record/");
        size_t index = strtoul(at, NULL, 10);
        assert_true(index < most && !seen[index]);
        seen[index] = true;
    }
    return rows;
}

static void paging_goes_through_all_of_them_once_and_back(void **state)
{
    (void)state;
    enum { ALL = 333 };
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    bool seen[ALL] = {false}, back[ALL] = {false};
    char query[1024] = "kind=guardian_alert";
    size_t rows = 0;
    records_init(&b);
    for (size_t i = 0; i < ALL; i++)
        (void)add_message(&b, i % 2 == 0 ? POLICE : CENTRE, FIRE, "permitted");
    publish(&b);
    state_reason(&b, &v, "a");
    do {
        assert_int_equal(get_records(&b, &v, "/en/records", query), 200);
        assert_non_null(strstr(query, "kind=guardian_alert"));
        rows += mark_rows(&b, seen, ALL);
    } while (follow(&b, "next", query));
    assert_int_equal(rows, ALL);
    rows = mark_rows(&b, back, ALL);
    while (follow(&b, "prev", query)) {
        assert_int_equal(get_records(&b, &v, "/en/records", query), 200);
        rows += mark_rows(&b, back, ALL);
    }
    assert_int_equal(rows, ALL);
    records_free(&b);
}

static void filters_that_cannot_be_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *query, *says;
    } rows[] = {{"from=yesterday", "<code>from</code>"},
                {"until=2026-13-01", "<code>until</code>"},
                {"before=-1", "<code>before</code>"},
                {"after=18446744073709551616", "<code>after</code>"}};
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    publish(&b);
    state_reason(&b, &v, "a");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(get_records(&b, &v, "/en/records", rows[i].query), 400);
        assert_true(shows(&b.web, rows[i].says));
        assert_well_formed(&b.web);
    }
    records_free(&b);
}

static void a_day_counts_as_a_whole(void **state)
{
    (void)state;
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/records", "from=2025-11-21&until=2025-11-21"), 200);
    assert_true(shows(&b.web, "/en/record/0\""));
    assert_int_equal(get_records(&b, &v, "/en/records", "until=2025-11-20"), 200);
    assert_false(shows(&b.web, "/en/record/0\""));
    records_free(&b);
}

static void an_index_that_is_being_built_says_so(void **state)
{
    (void)state;
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get(&b.web, "/en/records", "", b.cookie), 503); /* there is no log */
    (void)add_message(&b, POLICE, FIRE, "permitted");
    log_publish(&b.web.log);
    b.web.now_us += US_PER_S;
    assert_int_equal(get(&b.web, "/en/records", "", b.cookie), 503);
    assert_true(shows(&b.web, "index of the log is being built"));
    publish(&b);
    assert_int_equal(get(&b.web, "/en/records", "", b.cookie), 200);
    records_free(&b);
}

/* ---- files */

static void a_json_file_has_the_very_leaves(void **state)
{
    (void)state;
    enum { ALL = 200 };
    struct records_bench b;
    struct json *all;
    char why[200];
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    for (size_t i = 0; i < ALL - 1; i++)
        (void)add_message(&b, POLICE, FIRE, "permitted");
    (void)add_hostile(&b);
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/records/json", ""), 200);
    assert_string_equal(b.web.viewed, "records json -1 0-200 a");
    assert_true(has_field(&b.web, "attachment; filename=\"records.json\""));
    assert_int_equal(json_read(buf_view(&b.web.body), &all, why, sizeof why), RESULT_OK);
    assert_int_equal(json_count(all), ALL + 1);
    assert_int_equal(json_member_integer(json_member(json_item(all, ALL), "end"), "records"), ALL);
    for (size_t i = 0; i < ALL; i++)
        assert_int_equal(json_member_integer(json_item(all, i), "index"), ALL - 1 - i);
    json_free(all);
    records_free(&b);
}

static void a_csv_file_has_a_line_for_each_and_no_formulas(void **state)
{
    (void)state;
    struct records_bench b;
    size_t lines = 0;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    (void)add_message(&b, "=cmd|x", FIRE, "permitted");
    (void)add_hostile(&b);
    publish(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/records/csv", ""), 200);
    for (const char *at = buf_c(&b.web.body); (at = strstr(at, "\r\n")) != NULL; at += 2)
        lines++;
    assert_int_equal(lines, 4);
    assert_true(shows(&b.web, "\r\n\"# records in this file\",\"2\",,,,,,,,,,\r\n"));
    assert_true(shows(&b.web, "\"'=cmd|x\"") && shows(&b.web, "\"\"\"><script>"));
    records_free(&b);
}

/* 600 records, of which the first bundle was let go and the second is lost. */
static void let_go_and_lose(struct records_bench *b)
{
    for (size_t i = 0; i < 600; i++)
        (void)add_message(b, POLICE, FIRE, "permitted");
    publish(b);
    log_state_pruned(&b->web.log, 256);
    log_lose(&b->web.log, 0);
    log_lose(&b->web.log, 1);
}

/* Its story: an export passed over what was let go, and over what could not be read, and whoever
 * read it took it for all there is. */
static void a_file_says_at_its_end_what_was_not_there_and_why(void **state)
{
    (void)state;
    struct records_bench b;
    struct json *all;
    char why[200];
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    let_go_and_lose(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/records/json", ""), 200);
    assert_int_equal(json_read(buf_view(&b.web.body), &all, why, sizeof why), RESULT_OK);
    assert_int_equal(json_count(all), 88 + 1);
    const struct json *end = json_member(json_item(all, 88), "end");
    assert_int_equal(json_member_integer(end, "records"), 88);
    assert_int_equal(json_member_integer(end, "let_go"), 256);
    assert_int_equal(json_member_integer(end, "unreadable"), 256);
    assert_int_equal(json_member_integer(end, "withheld"), 0);
    assert_int_equal(json_member_integer(end, "let_go_before"), 256);
    json_free(all);
    assert_int_equal(get_records(&b, &v, "/en/records/csv", ""), 200);
    assert_true(shows(&b.web, "\r\n\"# records in this file\",\"88\",,,,,,,,,,\r\n"
                              "\"# entries that the log has let go\",\"256\",,"));
    assert_true(shows(&b.web, "\"# entries that are missing or damaged, though the log never let "
                              "them go\",\"256\",,"));
    assert_true(shows(&b.web, "before number\",\"256\",,,,,,,,,,\r\n"));
    records_free(&b);
}

static void a_page_of_records_says_so_too(void **state)
{
    (void)state;
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    let_go_and_lose(&b);
    state_reason(&b, &v, "a");
    assert_int_equal(get_records(&b, &v, "/en/records", ""), 200);
    assert_false(shows(&b.web, "has let go") || shows(&b.web, "never let them go"));
    assert_int_equal(get_records(&b, &v, "/en/records", "before=270"), 200);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "has let go: 36</p>"));
    assert_true(shows(&b.web, "never let them go: 14</p>"));
    assert_true(shows(&b.web, "before number: 256</p>"));
    assert_int_equal(get_records(&b, &v, "/ko/records", "before=30"), 200);
    assert_true(shows(&b.web, "모두 정리되어 없음: 256</p>")); /* no older ones follow */
    records_free(&b);
}

/* Who takes nothing is sent no more, and who goes is forgotten. */
static void an_export_waits_for_its_reader(void **state)
{
    (void)state;
    enum { ALL = 2000 };
    struct records_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(&b);
    for (size_t i = 0; i < ALL; i++)
        (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    state_reason(&b, &v, "a");
    const struct web_request r = get_of("/en/records/json", "", b.cookie);
    struct web_call *w = ask_as(&b.web, &v, &r, "");
    b.web.queued = 1 << 20;
    for (size_t i = 0; i < 100; i++)
        (void)console_turn(b.web.console);
    const size_t sent = b.web.body.n;
    assert_true(sent < 64 * 1024);
    assert_int_equal(b.web.ended, 0);
    b.web.queued = 0;
    console_writable(w);
    for (size_t i = 0; b.web.ended == 0 && i < 100; i++)
        (void)console_turn(b.web.console);
    assert_int_equal(b.web.ended, 1);
    assert_true(b.web.body.n > 10 * sent);
    console_gone(w);
    w = ask_as(&b.web, &v, &r, "");
    console_gone(w);
    (void)console_turn(b.web.console);
    records_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_ask_for_a_reason_first),
        cmocka_unit_test(a_reason_holds_for_its_certificate_and_an_hour),
        cmocka_unit_test(a_reason_is_a_line_and_its_way_back_is_ours),
        cmocka_unit_test(a_way_back_that_does_not_fit_is_refused_by_name),
        cmocka_unit_test(markup_in_every_field_stays_text),
        cmocka_unit_test(markup_in_a_filter_stays_text),
        cmocka_unit_test(an_officer_sees_the_own_partys_records_alone),
        cmocka_unit_test(an_operator_sees_no_records),
        cmocka_unit_test(paging_goes_through_all_of_them_once_and_back),
        cmocka_unit_test(filters_that_cannot_be_are_refused_by_name),
        cmocka_unit_test(a_day_counts_as_a_whole),
        cmocka_unit_test(an_index_that_is_being_built_says_so),
        cmocka_unit_test(a_json_file_has_the_very_leaves),
        cmocka_unit_test(a_csv_file_has_a_line_for_each_and_no_formulas),
        cmocka_unit_test(a_file_says_at_its_end_what_was_not_there_and_why),
        cmocka_unit_test(a_page_of_records_says_so_too),
        cmocka_unit_test(an_export_waits_for_its_reader),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
