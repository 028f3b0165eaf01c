/* From a request to its page: addresses, languages, who may, what forms are taken from whom. */
#include "support.h"

#include "console/web.h"

static void the_start_page_answers_in_both_languages(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    log_append_to(&b.log, 3);
    log_publish(&b.log);
    assert_int_equal(get(&b, "/ko/", "", ""), 200);
    assert_well_formed(&b);
    assert_true(shows(&b, "<html lang=\"ko\">") && shows(&b, AUDITOR) && shows(&b, LOG_NAME));
    assert_int_equal(get(&b, "/en/", "", ""), 200);
    assert_well_formed(&b);
    assert_true(shows(&b, "<html lang=\"en\">") && shows(&b, "hreflang=\"ko\" href=\"/ko/\""));
    web_free(&b);
}

static void every_answer_has_the_headers_that_guard_it(void **state)
{
    (void)state;
    static const char *const paths[] = {"/ko/", "/en/nothing", "/", "/assets/console.js"};
    struct web_bench b;
    web_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        (void)get(&b, paths[i], "", "");
        assert_true(
            has_field(&b, "content-security-policy: default-src 'none'; script-src 'self'"));
        assert_true(has_field(&b, "frame-ancestors 'none'; base-uri 'none'\n"));
        assert_true(has_field(&b, "x-content-type-options: nosniff\n"));
        assert_true(has_field(&b, "referrer-policy: no-referrer\n"));
        assert_true(has_field(&b, "cross-origin-opener-policy: same-origin\n"));
        assert_true(has_field(&b, "cross-origin-resource-policy: same-origin\n"));
        assert_true(has_field(&b, "immutable") == (i == 3));
        assert_true(has_field(&b, "cache-control: no-store\n") == (i != 3));
    }
    web_free(&b);
}

static void pages_have_no_script_or_style_of_their_own(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    (void)get(&b, "/en/", "", "");
    assert_false(shows(&b, "<style") || shows(&b, " style=") || shows(&b, " onclick"));
    assert_false(shows(&b, "http://") || shows(&b, "https://"));
    assert_true(shows(&b, "<script src=\"/assets/console.js?v="));
    web_free(&b);
}

static void the_door_leads_to_the_language_that_a_browser_asks_for(void **state)
{
    (void)state;
    static const struct {
        const char *languages, *to;
    } rows[] = {{"", "location: /ko/\n"},
                {"en-GB,en;q=0.8,ko;q=0.5", "location: /en/\n"},
                {"de, ko;q=0.9, en;q=0.1", "location: /ko/\n"},
                {"fr", "location: /ko/\n"}};
    struct web_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    web_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct web_request r = get_of("/", "", "");
        r.language = B(rows[i].languages);
        console_gone(ask_as(&b, &v, &r, ""));
        assert_int_equal(b.status, 303);
        assert_true(has_field(&b, rows[i].to));
    }
    web_free(&b);
}

static void what_cannot_be_read_is_refused_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *path, *query;
        unsigned status;
        const char *says;
    } rows[] = {{"/en/", "a=%zz", 400, "two hexadecimal digits"},
                {"/en/", "a=%ff", 400, "valid UTF-8"},
                {"/en/", "a=1&a=2", 400, "twice"},
                {"/en/" MARKUP, "", 404, "no such page"},
                {"/xx/records", "", 404, "no such page"},
                {"/assets/../secret", "", 404, "no such page"}};
    struct web_bench b;
    web_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(get(&b, rows[i].path, rows[i].query, ""), rows[i].status);
        if (bytes_begins(B(rows[i].path), "/en/"))
            assert_true(shows(&b, rows[i].says));
        assert_well_formed(&b);
        assert_false(shows(&b, "<script>"));
    }
    web_free(&b);
}

static void a_unit_without_a_role_gets_no_page(void **state)
{
    (void)state;
    struct web_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_NONE);
    const struct web_request r = get_of("/en/", "", "");
    web_init(&b);
    console_gone(ask_as(&b, &v, &r, ""));
    assert_int_equal(b.status, 403);
    assert_well_formed(&b);
    web_free(&b);
}

static void forms_are_taken_from_our_own_pages_alone(void **state)
{
    (void)state;
    static const struct {
        const char *site, *origin;
        unsigned status;
    } rows[] = {{"same-origin", "", 303},
                {"", "https://gate:8444", 303},
                {"cross-site", "", 403},
                {"same-site", "https://gate:8444", 403},
                {"", "", 403},
                {"", "https://gate:8444.evil", 403},
                {"none", "https://gate:8444", 403},
                {"", "http://gate:8444", 403}};
    struct web_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    web_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct web_request r = get_of("/en/reason", "", "");
        r.is_post = true;
        r.type = B("application/x-www-form-urlencoded");
        r.site = B(rows[i].site);
        r.origin = B(rows[i].origin);
        console_gone(ask_as(&b, &v, &r, "reason=inspection&then=/en/"));
        assert_int_equal(b.status, rows[i].status);
    }
    web_free(&b);
}

static void a_page_that_takes_no_form_says_so(void **state)
{
    (void)state;
    struct web_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    struct web_request r = get_of("/en/", "", "");
    web_init(&b);
    r.is_post = true;
    r.site = B("same-origin");
    console_gone(ask_as(&b, &v, &r, "a=b"));
    assert_int_equal(b.status, 405);
    web_free(&b);
}

static void a_form_that_is_too_large_ends_at_once(void **state)
{
    (void)state;
    struct web_bench b;
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    struct web_request r = get_of("/en/reason", "", "");
    char kib[1025];
    web_init(&b);
    memset(kib, 'a', sizeof kib - 1);
    kib[1024] = '\0';
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("application/x-www-form-urlencoded");
    struct web_call *w = console_request(b.console, &v, &r, &b);
    for (size_t i = 0; i < 64; i++)
        console_body(w, B(kib));
    assert_int_equal(b.begun, 0);
    console_body(w, B("b"));
    assert_int_equal(b.status, 413);
    console_body(w, B(kib));
    console_body_end(w);
    assert_int_equal(b.ended, 1);
    console_gone(w);
    web_free(&b);
}

static struct web_call *begin_file_of(struct web_bench *b, const char *unit, const char *path,
                                      enum policy_console role, struct bytes piece, size_t pieces)
{
    struct visitor v = visitor_of(role);
    struct web_request r = get_of(path, "", "");
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("multipart/form-data; boundary=x");
    v.unit = B(unit);
    forget_answer(b);
    struct web_call *w = console_request(b->console, &v, &r, b);
    for (size_t i = 0; i < pieces; i++)
        console_body(w, piece);
    return w;
}

static struct web_call *begin_file(struct web_bench *b, const char *path, enum policy_console role,
                                   struct bytes piece, size_t pieces)
{
    return begin_file_of(b, AUDITOR, path, role, piece, pieces);
}

/* Files that never end take no more memory than this, and no act of an officer waits for it. */
static void large_files_have_a_bound_together_and_small_ones_pass_beside_them(void **state)
{
    (void)state;
    enum { FILES = CONSOLE_BODIES_MAX / CONSOLE_BODY_MAX, PIECE = 1 << 20, SMALL = 60 << 10 };
    static uint8_t piece[PIECE];
    static struct web_call *call[FILES];
    const struct bytes large = bytes_of(piece, PIECE), small = bytes_of(piece, SMALL);
    struct web_bench b;
    web_init(&b);
    for (size_t i = 0; i < FILES; i++) {
        call[i] = begin_file_of(&b, i % 2 == 0 ? "a/b" : "a/c", "/en/facts", POLICY_CONSOLE_AUDITOR,
                                large, CONSOLE_BODY_MAX / PIECE);
        assert_int_equal(b.begun, 0);
    }
    console_gone(begin_file(&b, "/en/facts", POLICY_CONSOLE_AUDITOR, large, 1));
    assert_int_equal(b.status, 503);
    assert_well_formed(&b);
    console_gone(begin_file(&b, "/en/acts", POLICY_CONSOLE_OFFICER, small, 1));
    assert_int_equal(b.begun, 0);
    console_gone(call[0]);
    console_gone(begin_file(&b, "/en/facts", POLICY_CONSOLE_AUDITOR, large, 16));
    assert_int_equal(b.begun, 0);
    for (size_t i = 1; i < FILES; i++)
        console_gone(call[i]);
    web_free(&b);
}

/* Its story: one visitor's files that stood still kept everybody else from bringing any. */
static void no_unit_has_all_the_room_for_files(void **state)
{
    (void)state;
    enum { FILES = CONSOLE_BODIES_OF_UNIT / CONSOLE_BODY_MAX, PIECE = 1 << 20 };
    static uint8_t piece[PIECE];
    struct web_call *call[FILES];
    const struct bytes large = bytes_of(piece, PIECE);
    struct web_bench b;
    web_init(&b);
    for (size_t i = 0; i < FILES; i++) {
        call[i] = begin_file_of(&b, "a/b", "/en/facts", POLICY_CONSOLE_AUDITOR, large,
                                CONSOLE_BODY_MAX / PIECE);
        assert_int_equal(b.begun, 0);
    }
    console_gone(begin_file_of(&b, "a/b", "/en/facts", POLICY_CONSOLE_AUDITOR, large, 1));
    assert_int_equal(b.status, 429);
    assert_true(shows(&b, "wait until the others"));
    assert_well_formed(&b);
    console_gone(begin_file_of(&b, "a/c", "/en/facts", POLICY_CONSOLE_AUDITOR, large, 16));
    assert_int_equal(b.begun, 0);
    for (size_t i = 0; i < FILES; i++)
        console_gone(call[i]);
    web_free(&b);
}

/* The ledger refuses a view of a page that it does not know, and then nobody sees that page. */
static void the_log_knows_the_word_of_every_page(void **state)
{
    (void)state;
    const struct web_page *p;
    for (size_t i = 0; (p = web_page_at(i)) != NULL; i++)
        assert_true(console_is_page(B(p->word)));
    assert_true(console_is_form(B("html")) && console_is_form(B("csv")) &&
                console_is_form(B("json")));
}

static void assets_are_named_by_their_digest(void **state)
{
    (void)state;
    struct web_bench b;
    web_init(&b);
    assert_int_equal(get(&b, "/assets/console.css", "v=1", ""), 200);
    assert_true(has_field(&b, "content-type: text/css; charset=utf-8\n"));
    assert_true(shows(&b, "prefers-color-scheme: dark"));
    web_free(&b);
}

static void more_requests_than_there_may_be_are_refused(void **state)
{
    (void)state;
    struct web_bench b;
    struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    const struct web_request r = get_of("/en/", "", "");
    static struct web_call *call[CONSOLE_CALLS_MAX];
    static const char *const units[] = {"a/a", "a/b", "a/c", "a/d"};
    web_init(&b);
    for (size_t i = 0; i < CONSOLE_CALLS_MAX; i++) {
        v.unit = B(units[i % ARRAY_LEN(units)]);
        call[i] = console_request(b.console, &v, &r, &b);
    }
    assert_int_equal(get(&b, "/en/", "", ""), 503);
    for (size_t i = 0; i < CONSOLE_CALLS_MAX; i++)
        console_gone(call[i]);
    assert_int_equal(get(&b, "/en/", "", ""), 200);
    web_free(&b);
}

static struct web_call *ask_whole(struct web_bench *b, const struct visitor *v, unsigned *status)
{
    const struct web_request r = get_of("/en/", "", "");
    forget_answer(b);
    struct web_call *w = console_request(b->console, v, &r, b);
    console_body_end(w);
    *status = b->status;
    return w;
}

/* Its story: one unit had so many requests under way that officers' approvals were refused. */
static void no_unit_has_all_requests(void **state)
{
    (void)state;
    struct web_bench b;
    struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    struct web_call *call[CONSOLE_CALLS_OF_UNIT];
    unsigned status;
    v.unit = B("a/b");
    web_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(call); i++) {
        call[i] = ask_whole(&b, &v, &status);
        assert_int_equal(status, 200);
    }
    console_gone(ask_whole(&b, &v, &status));
    assert_int_equal(status, 429);
    assert_int_equal(get(&b, "/en/", "", ""), 200); /* of another */
    console_gone(call[0]);
    call[0] = ask_whole(&b, &v, &status);
    assert_int_equal(status, 200);
    for (size_t i = 0; i < ARRAY_LEN(call); i++)
        console_gone(call[i]);
    web_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_start_page_answers_in_both_languages),
        cmocka_unit_test(every_answer_has_the_headers_that_guard_it),
        cmocka_unit_test(pages_have_no_script_or_style_of_their_own),
        cmocka_unit_test(the_door_leads_to_the_language_that_a_browser_asks_for),
        cmocka_unit_test(what_cannot_be_read_is_refused_by_its_name),
        cmocka_unit_test(a_unit_without_a_role_gets_no_page),
        cmocka_unit_test(forms_are_taken_from_our_own_pages_alone),
        cmocka_unit_test(a_page_that_takes_no_form_says_so),
        cmocka_unit_test(a_form_that_is_too_large_ends_at_once),
        cmocka_unit_test(large_files_have_a_bound_together_and_small_ones_pass_beside_them),
        cmocka_unit_test(no_unit_has_all_the_room_for_files),
        cmocka_unit_test(the_log_knows_the_word_of_every_page),
        cmocka_unit_test(assets_are_named_by_their_digest),
        cmocka_unit_test(more_requests_than_there_may_be_are_refused),
        cmocka_unit_test(no_unit_has_all_requests),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
