/* Questions and registers as pages and files, and the facts that a visit brings. */
#include "visit_support.h"

#include "console/asking.h"
#include "console/carried.h"
#include "console/state.h"
#include "crypto/digest.h"
#include "report/facts.h"

/* A log with two provisions, the second to markup. */
static void fill(struct visit_bench *b)
{
    struct log_bench *log = &b->web.log;
    uint64_t m = message_at(log, "scene_image", CENTRE, POLICE, INCIDENT, "permitted", 0);
    (void)release_at(log, m, CENTRE, POLICE, INCIDENT, "permitted", 1, 1);
    m = message_at(log, MARKUP, MARKUP, MARKUP, MARKUP, "permitted", 2);
    (void)release_at(log, m, MARKUP, MARKUP, MARKUP, "permitted", 2, 3);
    log_publish(log);
}

static void
a_question_needs_a_reason_first_and_its_view_is_recorded_with_the_log_it_read(void **state)
{
    (void)state;
    struct visit_bench b;
    visit_init(&b);
    fill(&b);
    assert_int_equal(visit_get(&b, "/en/questions/exposure", ""), 303);
    assert_true(has_field(&b.web, "location: /en/reason?then="));
    state_reason(&b);
    assert_int_equal(visit_get(&b, "/en/questions/exposure", ""), 200);
    assert_int_equal(b.web.views, 1);
    assert_string_equal(b.web.viewed, "questions html -1 0-4 inspection");
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "<section class=\"wide\" tabindex=\"0\" aria-label=\""));
    assert_true(shows(&b.web, "<a href=\"/en/record/1\">1</a>"));
    assert_false(shows(&b.web, "<script>alert"));
    assert_int_equal(visit_get(&b, "/ko/questions/exposure", "form=csv"), 200);
    assert_string_equal(b.web.viewed, "questions csv -1 0-4 inspection");
    assert_true(has_field(&b.web, "content-disposition: attachment; filename=\"exposure.csv\""));
    assert_true(shows(&b.web, "\"" POLICE "\""));
    assert_int_equal(visit_get(&b, "/en/questions/exposure", "form=json"), 200);
    assert_true(shows(&b.web, "{\"table\":\"exposure\""));
    visit_free(&b);
}

static void nothing_is_answered_whose_view_could_not_be_recorded(void **state)
{
    (void)state;
    struct visit_bench b;
    visit_init(&b);
    fill(&b);
    state_reason(&b);
    b.web.holds_views = true;
    struct web_call *w = visit_ask(&b, "/en/questions/exposure", "");
    for (unsigned i = 0; i < 10; i++)
        (void)console_turn(b.web.console);
    assert_int_equal(b.web.begun, 0);
    console_viewed(b.web.console, b.web.view_ticket, false, 0);
    assert_int_equal(b.web.status, 503);
    assert_false(shows(&b.web, POLICE));
    console_gone(w);
    b.web.holds_views = false;
    assert_int_equal(visit_get(&b, "/en/questions/exposure", ""), 200); /* its place is free */
    visit_free(&b);
}

static void all_pages_of_questions_and_registers_are_well_formed_in_both_languages(void **state)
{
    (void)state;
    static const char *const paths[] = {"questions",
                                        "registers",
                                        "facts",
                                        "questions/incidents",
                                        "questions/notices",
                                        "questions/emergencies",
                                        "questions/exposure",
                                        "registers/location",
                                        "questions/publications",
                                        "registers/requests",
                                        "registers/personal-video",
                                        "registers/out-of-purpose",
                                        "registers/statistics"};
    struct visit_bench b;
    char path[64];
    visit_init(&b);
    fill(&b);
    state_reason(&b);
    for (size_t i = 0; i < 2 * ARRAY_LEN(paths); i++) {
        (void)snprintf(path, sizeof path, "/%s/%s", i % 2 == 0 ? "en" : "ko", paths[i / 2]);
        assert_int_equal(visit_get(&b, path, ""), 200);
        assert_well_formed(&b.web);
        assert_false(shows(&b.web, "<script>alert") || shows(&b.web, " style="));
    }
    visit_free(&b);
}

static void what_is_asked_wrongly_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *path, *query;
        unsigned status;
    } rows[] = {{"/en/questions/nothing", "", 404},
                {"/en/registers/nothing", "", 404},
                {"/en/questions/exposure", "from=yesterday", 400},
                {"/en/questions/exposure", "from=2026-11-21&until=2026-11-20", 400},
                {"/en/questions/exposure", "form=exe", 400},
                {"/en/questions/case", "", 400},
                {"/en/questions/camera", "argument=dj-0001", 409}};
    struct visit_bench b;
    visit_init(&b);
    fill(&b);
    state_reason(&b);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(visit_get(&b, rows[i].path, rows[i].query), rows[i].status);
        assert_well_formed(&b.web);
        assert_int_equal(b.web.views, 0);
    }
    assert_int_equal(
        visit_get(&b, "/en/questions/exposure", "from=2025-11-21T10%3A00&until=2025-11-21T10%3A01"),
        200);
    /* as a time, which does not break at its hyphens in a narrow table */
    assert_true(shows(&b.web, "<td><time>2025-11-21 10:01:00</time></td>"));
    visit_free(&b);
}

static void a_long_reading_says_how_far_it_is_one_a_visit_and_ends_with_its_visitor(void **state)
{
    (void)state;
    struct visit_bench b;
    visit_init(&b);
    for (unsigned i = 0; i < 2000; i++)
        (void)message_at(&b.web.log, "alert", CENTRE, POLICE, NULL, "permitted", i);
    log_publish(&b.web.log);
    state_reason(&b);
    struct web_call *w = visit_ask(&b, "/en/registers/statistics", "");
    assert_int_equal(b.web.ended, 0);
    assert_int_equal(visit_get(&b, "/en/questions/exposure", ""), 429);
    console_gone(w); /* while it reads */
    assert_int_equal(visit_get(&b, "/en/questions/exposure", ""), 200);
    visit_free(&b);
}

/* Each look at the clock takes so long. */
static int64_t leap_us;
static int64_t leaping_clock(void *arg)
{
    const int64_t now_us = ((struct web_bench *)arg)->now_us;
    ((struct web_bench *)arg)->now_us += leap_us;
    return now_us;
}

/* A page takes its time: a visit that was there when it came is there until it is made. */
static void a_visit_whose_hour_passes_while_a_page_is_made_is_there_for_all_of_it(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/facts", "/en/questions/incidents", "/en/questions"};
    struct visit_bench b;
    visit_init(&b);
    fill(&b);
    console_free(b.web.console);
    b.web.config.clock = (struct clock){leaping_clock, leaping_clock, &b.web};
    b.web.console = console_new(&b.web.config);
    state_reason(&b);
    for (int64_t looks = 12; looks >= 0; looks--)
        for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
            b.web.now_us = TEN + US_PER_HOUR - looks * US_PER_S;
            leap_us = US_PER_S;
            struct web_call *w = visit_ask(&b, paths[i], "");
            leap_us = 0;
            assert_true(b.web.views == 1 || b.web.status == 303);
            assert_true(b.web.views == 0 || strstr(b.web.viewed, " inspection") != NULL);
            console_gone(w);
        }
    visit_free(&b);
}

/* Each look at the clock takes a third of a second. */
static int64_t slow_clock(void *arg)
{
    return ((struct web_bench *)arg)->now_us += US_PER_S / 3;
}

/* Its progress has been read, and its answer is still to come. */
static void room_for_more_does_not_end_a_reading_that_goes_on(void **state)
{
    (void)state;
    struct visit_bench b;
    visit_init(&b);
    for (unsigned i = 0; i < 2000; i++)
        (void)message_at(&b.web.log, "alert", CENTRE, POLICE, NULL, "permitted", i);
    log_publish(&b.web.log);
    console_free(b.web.console);
    b.web.config.clock = (struct clock){slow_clock, slow_clock, &b.web};
    b.web.console = console_new(&b.web.config);
    state_reason(&b);
    struct web_call *w = visit_ask(&b, "/en/registers/statistics", "");
    for (unsigned i = 0; b.web.begun == 0; i++) {
        assert_true(i < 4);
        (void)console_turn(b.web.console);
    }
    assert_int_equal(b.web.ended, 0);
    console_writable(w);
    assert_int_equal(b.web.ended, 0);
    turn_to_end(&b);
    assert_well_formed(&b.web);
    console_gone(w);
    visit_free(&b);
}

static void the_steps_of_a_long_reading_stand_before_its_answer(void **state)
{
    (void)state;
    struct visit_bench b;
    visit_init(&b);
    for (unsigned i = 0; i < 1000; i++)
        (void)message_at(&b.web.log, "alert", CENTRE, POLICE, NULL, "permitted", i);
    log_publish(&b.web.log);
    console_free(b.web.console);
    b.web.config.clock = (struct clock){slow_clock, slow_clock, &b.web};
    b.web.console = console_new(&b.web.config);
    state_reason(&b);
    assert_int_equal(visit_get(&b, "/en/registers/statistics", ""), 200);
    assert_well_formed(&b.web);
    const char *steps = strstr(buf_c(&b.web.body), "<div class=\"steps\" role=\"status\"><p>");
    assert_non_null(steps);
    assert_non_null(strstr(steps, "256 / 1000</p><p>"));
    assert_non_null(strstr(steps, "</p></div><table class=\"facts\">"));
    visit_free(&b);
}

static void an_answer_says_in_each_form_what_of_the_log_was_not_there(void **state)
{
    (void)state;
    struct visit_bench b;
    visit_init(&b);
    for (unsigned i = 0; i < 600; i++)
        (void)message_at(&b.web.log, "alert", CENTRE, POLICE, NULL, "permitted", i);
    log_publish(&b.web.log);
    log_state_pruned(&b.web.log, 256);
    log_lose(&b.web.log, 0);
    log_lose(&b.web.log, 1);
    state_reason(&b);
    assert_int_equal(visit_get(&b, "/en/questions/exposure", ""), 200);
    assert_true(shows(&b.web, "has let go</th><td>256</td>"));
    assert_true(shows(&b.web, "never let them go</th><td>256</td>"));
    assert_int_equal(visit_get(&b, "/en/questions/exposure", "form=json"), 200);
    assert_true(shows(&b.web, "\"counts\":{\"entries\":88,\"let_go\":256,\"unreadable\":256,"
                              "\"let_go_before\":256}}"));
    assert_int_equal(visit_get(&b, "/en/questions/exposure", "form=csv"), 200);
    assert_true(shows(&b.web, "\r\n\"# entries read for it\",\"88\","));
    assert_true(shows(&b.web, "\r\n\"# entries that the log has let go\",\"256\","));
    visit_free(&b);
}

/* Its story: the whole file, up to 512 MiB, lay in memory until the last byte was taken. */
static void a_file_is_made_as_it_is_taken(void **state)
{
    (void)state;
    enum { ALL = 3000 };
    struct visit_bench b;
    visit_init(&b);
    for (unsigned i = 0; i < ALL; i++) {
        char to[32];
        (void)snprintf(to, sizeof to, "fire/unit-%u", i);
        const uint64_t m = message_at(&b.web.log, "scene_image", CENTRE, to, NULL, "permitted", i);
        (void)release_at(&b.web.log, m, CENTRE, to, NULL, "permitted", i + 1, i);
    }
    log_publish(&b.web.log);
    state_reason(&b);
    struct web_call *w = visit_ask(&b, "/en/questions/exposure", "form=csv");
    b.web.queued = 1 << 20; /* nothing is taken */
    for (unsigned i = 0; i < 1000; i++)
        (void)console_turn(b.web.console);
    const size_t sent = b.web.body.n;
    assert_true(b.web.ended == 0 && sent > 0 && sent < 80 << 10);
    b.web.queued = 0;
    console_writable(w);
    assert_int_equal(b.web.ended, 1);
    assert_true(b.web.body.n > 2 * sent && shows(&b.web, "fire/unit-2999"));
    assert_true(shows(&b.web, "\r\n\"# entries read for it\",\"6000\","));
    console_gone(w);
    visit_free(&b);
}

static void no_unit_has_all_readings_of_the_log(void **state)
{
    (void)state;
    struct web_call *call[ASKING_OF_UNIT];
    struct visit_bench b;
    visit_init(&b);
    for (unsigned i = 0; i < 2000; i++)
        (void)message_at(&b.web.log, "alert", CENTRE, POLICE, NULL, "permitted", i);
    log_publish(&b.web.log);
    for (size_t i = 0; i < ASKING_OF_UNIT; i++) {
        state_reason(&b); /* a visit each */
        call[i] = visit_ask(&b, "/en/registers/statistics", "");
        assert_int_equal(b.web.ended, 0);
    }
    state_reason(&b);
    assert_int_equal(visit_get(&b, "/en/questions/exposure", ""), 429);
    assert_well_formed(&b.web);
    b.visitor.unit = B("bai/audit");
    state_reason(&b);
    struct web_call *other = visit_ask(&b, "/en/questions/exposure", "");
    assert_true(b.web.begun == 0 && b.web.views == 1); /* it is read */
    console_gone(other);
    for (size_t i = 0; i < ASKING_OF_UNIT; i++)
        console_gone(call[i]);
    visit_free(&b);
}

/* ---- facts */

/* The file that "audit unseal" writes, of a stream and a watcher in the log. */
static void add_facts(struct visit_bench *b, bool wrong, struct buf *file)
{
    const struct fact f = {.camera = {B("dj-3028")},
                           .cameras = 1,
                           .item = {B("video")},
                           .items = 1,
                           .form = B("video/mp2t"),
                           .staff = B("p-1")};
    const struct leaf_recipient r = {
        .unit = B(POLICE), .reason = B("permitted"), .clause = B("mou#live")};
    struct facts_file *facts = facts_new();
    struct buf text = BUF_INIT(FACT_MAX);
    struct hasher *h = hasher_new();
    uint8_t commitment[32];
    assert_int_equal(fact_write(&f, &text), RESULT_OK);
    for (uint64_t i = 0; i < 2; i++) {
        const struct opened_fact o = {.index = i, .scope = 7, .text = buf_view(&text)};
        const struct bytes part[] = {bytes_of(o.salt, sizeof o.salt), o.text};
        hasher_sha256(h, part, 2, commitment);
        commitment[0] ^= wrong ? 1 : 0;
        facts_add(facts, &o);
        (void)leaf_at(&b->web.log,
                      (struct leaf){.event = i == 0 ? AUDIT_STREAM_OPENED : AUDIT_WATCH_OPENED,
                                    .kind = B("video"),
                                    .source = B(CENTRE),
                                    .recipient = &r,
                                    .recipients = 1,
                                    .has_refers = i == 1,
                                    .fact = commitment},
                      (int64_t)i);
    }
    log_publish(&b->web.log);
    buf_text(file, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n");
    facts_put(facts, file);
    buf_text(file, "\r\n--x\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nbring\r\n--x--");
    hasher_free(h);
    buf_free(&text);
    facts_free(facts);
}

static void opened_facts_answer_for_the_visit_that_brought_them(void **state)
{
    (void)state;
    struct visit_bench b;
    struct buf file = BUF_INIT(1 << 20);
    visit_init(&b);
    add_facts(&b, false, &file);
    state_reason(&b);
    assert_int_equal(visit_post_files(&b, "/en/facts", buf_c(&file)), 200);
    assert_true(shows(&b.web, "(2)"));
    assert_well_formed(&b.web);
    assert_int_equal(visit_get(&b, "/en/questions/camera", "argument=dj-3028"), 200);
    assert_true(shows(&b.web, "<td>p-1</td>"));
    state_reason(&b); /* another visit has none */
    assert_int_equal(visit_get(&b, "/en/questions/camera", "argument=dj-3028"), 409);
    buf_free(&file);
    visit_free(&b);
}

static void facts_that_the_log_is_not_committed_to_are_left_out_and_told(void **state)
{
    (void)state;
    struct visit_bench b;
    struct buf file = BUF_INIT(1 << 20);
    visit_init(&b);
    add_facts(&b, true, &file);
    state_reason(&b);
    assert_int_equal(visit_post_files(&b, "/en/facts", buf_c(&file)), 200);
    assert_int_equal(visit_get(&b, "/en/questions/camera", "argument=dj-3028"), 200);
    assert_false(shows(&b.web, "p-1"));
    assert_true(shows(&b.web, "left out</th><td>2</td>"));
    buf_free(&file);
    visit_free(&b);
}

static void a_file_of_another_kind_is_refused_with_its_line_and_wiped_when_asked(void **state)
{
    (void)state;
#define DO(word) "\r\n--x\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\n" word "\r\n--x--"
#define FILE_OF(text)                                                                              \
    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" text
    struct visit_bench b;
    struct buf file = BUF_INIT(1 << 20);
    visit_init(&b);
    add_facts(&b, false, &file);
    state_reason(&b);
    assert_int_equal(visit_post_files(&b, "/en/facts", FILE_OF("<script>alert") DO("bring")), 400);
    assert_true(shows(&b.web, "(1)"));
    assert_int_equal(visit_post_files(&b, "/en/facts", FILE_OF("") DO("bring")), 400);
    assert_int_equal(visit_post_files(&b, "/en/facts", "no form at all"), 400);
    assert_int_equal(visit_post_files(&b, "/en/facts", buf_c(&file)), 200);
    assert_int_equal(visit_post_files(&b, "/en/facts", FILE_OF("") DO("wipe")), 200);
    assert_int_equal(visit_get(&b, "/en/questions/camera", "argument=dj-3028"), 409);
    buf_free(&file);
    visit_free(&b);
}

static struct carried *other_visit(struct visit_bench *b, uint8_t certificate)
{
    uint8_t fingerprint[32] = {certificate};
    return carried_of(visit_begin(b->web.console->visits, fingerprint, B("a"), b->web.now_us));
}

/* Its story: what visits kept had no bound together, and the console was killed for its memory. */
static void facts_that_visits_keep_have_a_bound_of_a_unit_and_of_all(void **state)
{
    (void)state;
    struct visit_bench b;
    struct buf file = BUF_INIT(1 << 20);
    visit_init(&b);
    add_facts(&b, false, &file);
    state_reason(&b);
    struct carried *its = other_visit(&b, 1), *others = other_visit(&b, 2);
    carried_bring(its, NULL, CONSOLE_FACTS_OF_UNIT, AUDITOR);
    assert_int_equal(visit_post_files(&b, "/en/facts", buf_c(&file)), 429);
    assert_true(shows(&b.web, "64 MiB of opened facts"));
    carried_bring(its, NULL, CONSOLE_FACTS_OF_UNIT - (1 << 20), AUDITOR);
    carried_bring(others, NULL, CONSOLE_FACTS_OF_UNIT, "a/b");
    assert_int_equal(visit_post_files(&b, "/en/facts", buf_c(&file)), 200);
    assert_int_equal(visit_post_files(&b, "/en/facts", buf_c(&file)), 200); /* in its own place */
    carried_bring(others, NULL, CONSOLE_FACTS_MAX, "a/b");
    assert_int_equal(visit_post_files(&b, "/en/facts", buf_c(&file)), 429);
    buf_free(&file);
    visit_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_question_needs_a_reason_first_and_its_view_is_recorded_with_the_log_it_read),
        cmocka_unit_test(nothing_is_answered_whose_view_could_not_be_recorded),
        cmocka_unit_test(all_pages_of_questions_and_registers_are_well_formed_in_both_languages),
        cmocka_unit_test(what_is_asked_wrongly_is_said),
        cmocka_unit_test(a_long_reading_says_how_far_it_is_one_a_visit_and_ends_with_its_visitor),
        cmocka_unit_test(room_for_more_does_not_end_a_reading_that_goes_on),
        cmocka_unit_test(a_visit_whose_hour_passes_while_a_page_is_made_is_there_for_all_of_it),
        cmocka_unit_test(the_steps_of_a_long_reading_stand_before_its_answer),
        cmocka_unit_test(an_answer_says_in_each_form_what_of_the_log_was_not_there),
        cmocka_unit_test(a_file_is_made_as_it_is_taken),
        cmocka_unit_test(no_unit_has_all_readings_of_the_log),
        cmocka_unit_test(opened_facts_answer_for_the_visit_that_brought_them),
        cmocka_unit_test(facts_that_the_log_is_not_committed_to_are_left_out_and_told),
        cmocka_unit_test(facts_that_visits_keep_have_a_bound_of_a_unit_and_of_all),
        cmocka_unit_test(a_file_of_another_kind_is_refused_with_its_line_and_wiped_when_asked)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
