/* What waits for officers: who sees it, how an act is prepared, signed elsewhere and sent. */
#include "visit_support.h"

#include "console/visit.h"
#include "ipc/control.h"

#define OFFICER "daejeon-city-center/video-monitoring"
#define TEXT_OF "act: approve\nsubject: 1234-0\nkind: <b>\n"

static void begin(struct visit_bench *b, const char *unit, enum policy_console role)
{
    visit_init(b);
    b->visitor.unit = B(unit);
    b->visitor.role = role;
    b->visitor.reads_all = role == POLICY_CONSOLE_AUDITOR;
    log_publish(&b->web.log);
    state_reason(b);
}

static struct control_item held(const char *subject, const char *party)
{
    return (struct control_item){.subject = B(subject),
                                 .envelope = {.source = B("npa-daejeon/112-control"),
                                              .kind = B(MARKUP),
                                              .incident = {B(INCIDENT)},
                                              .incidents = 1},
                                 .unit = B("daejeon-fire/119-control"),
                                 .clause = B(MARKUP),
                                 .failed = B(MARKUP),
                                 .party = {B(party)},
                                 .parties = 1,
                                 .persons = 2,
                                 .since_us = TEN,
                                 .due_us = TEN + US_PER_HOUR};
}

/* What the ledger says, to the question that is under way. */
static void say(struct visit_bench *b, const struct control_answer *a,
                const struct control_item *item)
{
    struct buf frame = BUF_INIT(CONTROL_ANSWER_MAX);
    control_answer_put(a, &frame);
    for (size_t i = 0; i < a->items; i++)
        control_item_put(&item[i], &frame);
    assert_int_equal(buf_status(&frame), RESULT_OK);
    console_said(b->web.console, b->web.asked, buf_view(&frame));
    buf_free(&frame);
}

static struct control_request asked(struct visit_bench *b)
{
    struct control_request r;
    struct cursor c = cursor_over(buf_view(&b->web.request));
    assert_int_equal(control_request_take(&c, &r), RESULT_OK);
    return r;
}

static struct web_call *post(struct visit_bench *b, const char *path, const char *form)
{
    struct web_request r = get_of(path, "", b->cookie);
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("application/x-www-form-urlencoded");
    return ask_as(&b->web, &b->visitor, &r, form);
}

/* ---- lists */

static void an_officer_sees_what_the_own_party_has_to_do_with(void **state)
{
    (void)state;
    struct visit_bench b;
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    struct web_call *w = visit_ask(&b, "/en/approvals", "after=1-0");
    assert_true(asked(&b).ask == CONTROL_LIST && asked(&b).list == ROAD_APPROVAL);
    assert_true(bytes_is(asked(&b).after, "1-0"));
    const struct control_item items[] = {held("1234-0", "daejeon-city-center"),
                                         held("1235-0", "daejeon-fire")};
    say(&b, &(struct control_answer){.items = 2, .more = true}, items);
    assert_int_equal(b.web.status, 200);
    assert_well_formed(&b.web);
    assert_string_equal(b.web.viewed, "approvals html -1 0-0 inspection");
    assert_true(shows(&b.web, "<a href=\"/en/approvals/1234-0\">1234-0</a>"));
    assert_false(shows(&b.web, "1235-0</"));
    assert_true(shows(&b.web, "/en/approvals?after=1235-0")); /* it goes on behind all of them */
    assert_false(shows(&b.web, "<script>alert"));
    console_gone(w);
    visit_free(&b);
}

/* What somebody asked an agency for, in its officer's words, is no other agency's business. */
static void requests_are_shown_to_the_party_that_entered_them(void **state)
{
    (void)state;
    struct visit_bench b;
    const struct control_item items[] = {{.subject = B("2025-1"),
                                          .role = B("data-subject"),
                                          .reason = B("of our own"),
                                          .party = {B("daejeon-city-center")},
                                          .parties = 1},
                                         {.subject = B("2025-2"),
                                          .role = B("data-subject"),
                                          .reason = B("of somebody else"),
                                          .party = {B("daejeon-fire")},
                                          .parties = 1}};
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    struct web_call *w = visit_ask(&b, "/en/requests", "");
    say(&b, &(struct control_answer){.items = 2}, items);
    assert_int_equal(b.web.status, 200);
    assert_true(shows(&b.web, "2025-1") && shows(&b.web, "of our own"));
    assert_false(shows(&b.web, "2025-2") || shows(&b.web, "of somebody else"));
    console_gone(w);
    w = visit_ask(&b, "/en/requests/2025-2", "");
    say(&b, &(struct control_answer){.items = 1}, &items[1]);
    assert_int_equal(b.web.status, 404);
    assert_false(shows(&b.web, "of somebody else"));
    console_gone(w);
    visit_free(&b);
}

static void auditors_see_what_stands_and_decide_nothing(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/approvals",     "/en/quarantine", "/en/emergencies",
                                        "/en/approvals/1-0", "/en/acts",       "/en/acts/text"};
    struct visit_bench b;
    begin(&b, AUDITOR, POLICY_CONSOLE_AUDITOR);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_int_equal(visit_get(&b, paths[i], ""), 403);
    struct web_call *w = visit_ask(&b, "/ko/suspensions", "");
    const struct control_item item = {.subject = B("unit " MARKUP),
                                      .officer = {B(MARKUP)},
                                      .officers = 1,
                                      .reason = B(MARKUP),
                                      .since_us = TEN};
    say(&b, &(struct control_answer){.items = 1}, &item);
    assert_int_equal(b.web.status, 200);
    assert_well_formed(&b.web);
    console_gone(w);
    visit_free(&b);
}

/* Its story: whoever was an officer anywhere read what other agencies wrote of each other. */
static void of_others_an_officer_sees_that_they_are_suspended_and_not_why(void **state)
{
    (void)state;
    static const char *const subject[] = {"unit npa-daejeon/112-control",
                                          "party daejeon-fire",
                                          "unit daejeon-city-center/patrol",
                                          "party daejeon-city-center",
                                          "unit npa-daejeon/duty",
                                          "unit mois-ndms/desk"},
                             *const officer[] = {"npa-daejeon/kim",         "npa-daejeon/kim",
                                                 "npa-daejeon/kim",         "npa-daejeon/kim",
                                                 "daejeon-city-center/lee", "gateway"};
    struct control_item item[ARRAY_LEN(subject)];
    struct visit_bench b;
    char reason[ARRAY_LEN(subject)][16];
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    for (size_t i = 0; i < ARRAY_LEN(subject); i++) {
        (void)snprintf(reason[i], sizeof reason[i], "written %zu", i);
        item[i] = (struct control_item){.subject = B(subject[i]),
                                        .officer = {B(officer[i])},
                                        .officers = 1,
                                        .reason = B(reason[i])};
    }
    struct web_call *w = visit_ask(&b, "/en/suspensions", "");
    say(&b, &(struct control_answer){.items = ARRAY_LEN(subject)}, item);
    assert_int_equal(b.web.status, 200);
    for (size_t i = 0; i < ARRAY_LEN(subject); i++) {
        assert_true(shows(&b.web, subject[i]));
        assert_int_equal(shows(&b.web, reason[i]), i >= 2);
    }
    assert_true(shows(&b.web, "<td>(told to both parties and to auditors)</td>"));
    console_gone(w);
    visit_free(&b);
}

static void a_ledger_that_is_away_is_said(void **state)
{
    (void)state;
    struct visit_bench b;
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    struct web_call *w = visit_ask(&b, "/en/approvals", "");
    assert_string_equal(b.web.asked_for, OFFICER); /* whose budget it is (console_asks.h) */
    console_ledger_went(b.web.console);
    assert_int_equal(b.web.status, 503);
    console_gone(w);
    w = visit_ask(&b, "/en/approvals", "");
    console_said(b.web.console, b.web.asked, B("no answer"));
    assert_int_equal(b.web.status, 503);
    console_gone(w);
    w = visit_ask(&b, "/en/approvals", ""); /* one that goes before it is answered */
    console_gone(w);
    say(&b, &(struct control_answer){.items = 0}, NULL);
    visit_free(&b);
}

/* The ledger takes its time, and meanwhile the visit ends: nothing leaves without its reason. */
static void nothing_is_shown_for_a_visit_that_ended_meanwhile(void **state)
{
    (void)state;
    struct visit_bench b;
    const struct control_item own = held("1234-0", "daejeon-city-center");
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    struct web_call *w = visit_ask(&b, "/en/approvals", "");
    for (size_t i = 0; i < VISITS_OF_ONE; i++)
        state_reason(&b); /* others take its place */
    forget_answer(&b.web);
    say(&b, &(struct control_answer){.items = 1}, &own);
    assert_int_equal(b.web.status, 403);
    assert_int_equal(b.web.views, 0);
    assert_false(shows(&b.web, "1234-0"));
    assert_well_formed(&b.web);
    console_gone(w);
    visit_free(&b);
}

/* A ledger that answers within the question, but for what is prepared. */
static void answer_at_once(void *arg, uint64_t ticket, struct bytes unit, struct bytes request)
{
    struct web_bench *b = arg;
    struct buf frame = BUF_INIT(CONTROL_ANSWER_MAX);
    struct control_request r;
    struct cursor c = cursor_over(request);
    const struct control_item own = held("1234-0", "daejeon-city-center");
    assert_int_equal(control_request_take(&c, &r), RESULT_OK);
    control_answer_put(&(struct control_answer){.items = 1}, &frame);
    control_item_put(&own, &frame);
    if (r.ask == CONTROL_LIST)
        console_said(b->console, ticket, buf_view(&frame));
    else
        bench_ask(arg, ticket, unit, request);
    buf_free(&frame);
}

static void an_answer_within_the_question_and_one_after_the_visitor_went_do_no_harm(void **state)
{
    (void)state;
    struct visit_bench b;
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    console_free(b.web.console);
    b.web.config.ask_ledger = answer_at_once;
    b.web.console = console_new(&b.web.config);
    state_reason(&b);
    struct web_call *w = visit_ask(&b, "/en/approvals/1234-0", "");
    assert_int_equal(b.web.status, 200);
    console_gone(w);
    w = post(&b, "/en/approvals/1234-0", "act=approve&officer=a%2Fb&reason=x");
    assert_int_equal(asked(&b).ask, CONTROL_PREPARE);
    assert_int_equal(b.web.ended, 0);
    console_gone(w);
    say(&b, &(struct control_answer){.text = B(TEXT_OF)}, NULL); /* to nobody */
    assert_int_equal(b.web.begun, 0);
    visit_free(&b);
}

/* ---- acts */

static void no_text_is_made_of_what_the_officer_may_not_see(void **state)
{
    (void)state;
    struct visit_bench b;
    const struct control_item other = held("1234-0", "daejeon-fire");
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    struct web_call *w = post(&b, "/en/approvals/1234-0",
                              "act=approve&officer=daejeon-city-center%2Fpark&reason=seen");
    assert_int_equal(asked(&b).ask, CONTROL_LIST);
    say(&b, &(struct control_answer){.items = 1}, &other);
    assert_int_equal(b.web.status, 404);
    assert_int_equal(asked(&b).ask, CONTROL_LIST); /* nothing was prepared */
    console_gone(w);
    w = visit_ask(&b, "/en/approvals/1234-0", "");
    say(&b, &(struct control_answer){.items = 1}, &other);
    assert_int_equal(b.web.status, 404);
    assert_false(shows(&b.web, INCIDENT));
    console_gone(w);
    visit_free(&b);
}

static void an_act_is_prepared_as_the_form_says_and_its_text_shown_byte_by_byte(void **state)
{
    (void)state;
    struct visit_bench b;
    const struct control_item own = held("1234-0", "daejeon-city-center");
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    struct web_call *w = visit_ask(&b, "/ko/approvals/1234-0", "");
    say(&b, &(struct control_answer){.items = 1}, &own);
    assert_int_equal(b.web.status, 200);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "name=\"act\" value=\"approve\""));
    assert_true(shows(&b.web, "name=\"act\" value=\"refuse\""));
    assert_true(shows(&b.web, "/ko/record/1234"));
    assert_string_equal(b.web.viewed, "approvals html 1234 0-0 inspection");
    console_gone(w);
    w = post(&b, "/en/approvals/1234-0",
             "act=approve&officer=daejeon-city-center%2Fpark&reason=seen+by+me");
    say(&b, &(struct control_answer){.items = 1}, &own);
    const struct control_request r = asked(&b);
    assert_true(r.ask == CONTROL_PREPARE && r.act == CONTROL_APPROVE);
    assert_true(bytes_is(r.subject, "1234-0") && bytes_is(r.reason, "seen by me"));
    assert_true(bytes_is(r.officer, "daejeon-city-center/park"));
    say(&b, &(struct control_answer){.text = B(TEXT_OF)}, NULL);
    assert_int_equal(b.web.status, 200);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "<pre>act: approve\nsubject: 1234-0\nkind: &lt;b&gt;\n</pre>"));
    assert_true(shows(&b.web, "minisign -S -s KEY -m approve-1234-0.txt"));
    console_gone(w);
    visit_free(&b);
}

static void an_act_of_another_list_or_without_a_reason_is_not_prepared(void **state)
{
    (void)state;
    static const char *const forms[] = {"act=release&officer=a%2Fb&reason=x",
                                        "act=destroy&officer=a%2Fb&reason=x",
                                        "act=approve&officer=a%2Fb&reason=",
                                        "act=approve&officer=a%2Fb&reason=a%0Ab",
                                        "act=approve&reason=x",
                                        ""};
    struct visit_bench b;
    const struct control_item own = held("1234-0", "daejeon-city-center");
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct web_call *w = post(&b, "/en/approvals/1234-0", forms[i]);
        say(&b, &(struct control_answer){.items = 1}, &own);
        assert_int_equal(b.web.status, 400);
        assert_int_equal(asked(&b).ask, CONTROL_LIST);
        console_gone(w);
    }
    visit_free(&b);
}

static void the_text_is_handed_out_as_it_was_made(void **state)
{
    (void)state;
    struct visit_bench b;
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    struct web_call *w = post(&b, "/en/acts/text", "name=approve-1234-0.txt&text=YTogYgpjCg%3D%3D");
    assert_int_equal(b.web.status, 200);
    assert_true(
        has_field(&b.web, "content-disposition: attachment; filename=\"approve-1234-0.txt\""));
    assert_true(has_field(&b.web, "content-type: text/plain; charset=utf-8"));
    assert_string_equal(buf_c(&b.web.body), "a: b\nc\n");
    console_gone(w);
    w = post(&b, "/en/acts/text", "name=..%2F%22x&text=YTogYgpjCg%3D%3D");
    assert_int_equal(b.web.status, 400);
    console_gone(w);
    w = post(&b, "/en/acts/text", "name=a.txt&text=no!");
    assert_int_equal(b.web.status, 400);
    console_gone(w);
    visit_free(&b);
}

static struct web_call *submit(struct visit_bench *b, const char *form)
{
    struct web_request r = get_of("/en/acts", "", b->cookie);
    r.is_post = true;
    r.site = B("same-origin");
    r.type = B("multipart/form-data; boundary=x");
    return ask_as(&b->web, &b->visitor, &r, form);
}

#define SIGNED                                                                                     \
    "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nYTogYgpjCg==\r\n"                 \
    "--x\r\nContent-Disposition: form-data; name=\"signature\"; filename=\"a.minisig\"\r\n\r\n"    \
    "untrusted comment\nRUR\r\n--x--\r\n"

static void
a_signature_goes_to_the_ledger_with_its_text_and_the_page_says_what_came_of_it(void **state)
{
    (void)state;
    struct visit_bench b;
    begin(&b, OFFICER, POLICY_CONSOLE_OFFICER);
    struct web_call *w = submit(&b, SIGNED);
    const struct control_request r = asked(&b);
    assert_int_equal(r.ask, CONTROL_SUBMIT);
    assert_true(bytes_is(r.text, "a: b\nc\n"));
    assert_true(bytes_is(r.signature, "untrusted comment\nRUR"));
    say(&b, &(struct control_answer){.done = true, .index = 99}, NULL);
    assert_int_equal(b.web.status, 200);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, "<a href=\"/en/record/99\">99</a>"));
    console_gone(w);
    w = submit(&b, SIGNED);
    say(&b, &(struct control_answer){.index = 100}, NULL);
    assert_true(shows(&b.web, "second officer has to act"));
    console_gone(w);
    w = submit(&b, SIGNED);
    say(&b, &(struct control_answer){.code = CONTROL_CODE_SAME_PERSON}, NULL);
    assert_int_equal(b.web.status, 409);
    assert_well_formed(&b.web);
    assert_true(shows(&b.web, control_code_text(CONTROL_CODE_SAME_PERSON, false)));
    console_gone(w);
    w = submit(&b, "no form");
    assert_int_equal(b.web.status, 400);
    console_gone(w);
    visit_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_officer_sees_what_the_own_party_has_to_do_with),
        cmocka_unit_test(requests_are_shown_to_the_party_that_entered_them),
        cmocka_unit_test(auditors_see_what_stands_and_decide_nothing),
        cmocka_unit_test(of_others_an_officer_sees_that_they_are_suspended_and_not_why),
        cmocka_unit_test(a_ledger_that_is_away_is_said),
        cmocka_unit_test(nothing_is_shown_for_a_visit_that_ended_meanwhile),
        cmocka_unit_test(an_answer_within_the_question_and_one_after_the_visitor_went_do_no_harm),
        cmocka_unit_test(no_text_is_made_of_what_the_officer_may_not_see),
        cmocka_unit_test(an_act_is_prepared_as_the_form_says_and_its_text_shown_byte_by_byte),
        cmocka_unit_test(an_act_of_another_list_or_without_a_reason_is_not_prepared),
        cmocka_unit_test(the_text_is_handed_out_as_it_was_made),
        cmocka_unit_test(
            a_signature_goes_to_the_ledger_with_its_text_and_the_page_says_what_came_of_it)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
