#include "officers.h"

/* ---- what is signed */

static void the_text_says_everything_and_is_good_once(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered a, again;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 2, subject);
    assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &a), CONTROL_CODE_DONE);
    static const char *const lines[] = {"fedgate-act-v1\nlog: " LOG_NAME
                                        "\nact: approve\nsubject: ",
                                        "\nkind: incident_report\n",
                                        "\nfrom: " CENTRE "\nto: " FIRE "\n",
                                        "\nclause: mou#clause\nbecause: approval\n",
                                        "\nofficer: " KIM "\nreason: 사건 접수 확인\ntime: ",
                                        "+09:00\nserial: "};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_non_null(memmem(a.is.text.p, a.is.text.n, lines[i], strlen(lines[i])));
    assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &again), CONTROL_CODE_DONE);
    assert_false(bytes_equal(a.is.text, again.is.text));
    buf_free(&again.bytes);
    assert_int_equal(submit(&b, a.is.text, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(submit(&b, a.is.text, KIM, NULL), CONTROL_CODE_NOT_PREPARED);
    assert_int_equal(count_leaves(&b, "why=not-prepared"), 1);
    buf_free(&a.bytes);
    bench_free(&b);
}

static void a_text_of_somebody_elses_making_does_nothing(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered a;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(prepare(&b, CONTROL_REFUSE, subject, KIM, &a), CONTROL_CODE_DONE);
    struct buf changed = BUF_INIT(CONTROL_TEXT_MAX);
    buf_put(&changed, a.is.text.p, a.is.text.n);
    changed.p[changed.n - 2] ^= 1;
    assert_int_equal(submit(&b, buf_view(&changed), KIM, NULL), CONTROL_CODE_NOT_PREPARED);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1);
    buf_free(&changed);
    buf_free(&a.bytes);
    bench_free(&b);
}

static void an_edge_cannot_write_lines_into_what_is_signed(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered a;
    office_init(&b);
    make_held(&b, 1, ROAD_APPROVAL, 1, &c);
    c.envelope.service = bytes_of_text("x\nto: npa-daejeon/archive\xe2\x80\xa8z\xe2\x80\xaey");
    const struct road_committed answer = commit(&b, &c);
    subject_of(&answer, subject);
    assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &a), CONTROL_CODE_DONE);
    static const char line[] = "\nservice: x?to: npa-daejeon/archive?z?y\n";
    assert_non_null(memmem(a.is.text.p, a.is.text.n, line, strlen(line)));
    buf_free(&a.bytes);
    bench_free(&b);
}

static void another_officers_signature_is_refused_and_the_right_one_may_follow(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered a;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &a), CONTROL_CODE_DONE);
    assert_int_equal(submit(&b, a.is.text, LEE, NULL), CONTROL_CODE_BAD_SIGNATURE);
    assert_int_equal(offered(&b, 1), 0);
    assert_int_equal(count_leaves(&b, "officer=" KIM " why=bad-signature"), 1);
    assert_int_equal(submit(&b, a.is.text, KIM, NULL), CONTROL_CODE_DONE);
    buf_free(&a.bytes);
    bench_free(&b);
}

static void a_text_is_good_for_an_hour_and_for_this_ledger(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered a;
    office_init(&b);
    hold(&b, 1, ROAD_QUARANTINE, 1, subject);
    assert_int_equal(prepare(&b, CONTROL_RELEASE, subject, KIM, &a), CONTROL_CODE_DONE);
    bench_restart(&b);
    assert_int_equal(submit(&b, a.is.text, KIM, NULL), CONTROL_CODE_NOT_PREPARED);
    buf_free(&a.bytes);
    hold(&b, 2, ROAD_EMERGENCY, 1, subject);
    assert_int_equal(prepare(&b, CONTROL_REVIEW, subject, KIM, &a), CONTROL_CODE_DONE);
    advance(&b, ACT_OPEN_FOR);
    assert_int_equal(submit(&b, a.is.text, KIM, NULL), CONTROL_CODE_NOT_PREPARED);
    buf_free(&a.bytes);
    bench_free(&b);
}

static void when_too_many_texts_are_made_the_oldest_gives_way(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered first, a;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &first), CONTROL_CODE_DONE);
    for (size_t i = 0; i < ACTS_PREPARED_MAX; i++) {
        b.wall_us++;
        assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &a), CONTROL_CODE_DONE);
        if (i + 1 < ACTS_PREPARED_MAX)
            buf_free(&a.bytes);
    }
    assert_int_equal(submit(&b, first.is.text, KIM, NULL), CONTROL_CODE_NOT_PREPARED);
    assert_int_equal(submit(&b, a.is.text, KIM, NULL), CONTROL_CODE_DONE);
    buf_free(&a.bytes);
    buf_free(&first.bytes);
    bench_free(&b);
}

/* The console prepares for officers too. In wrong hands it pushes out what it prepared itself. */
static void prepare_by_console(struct bench *b, const char *subject, struct answered *out)
{
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    control_request_put(&(struct control_request){.ask = CONTROL_PREPARE,
                                                  .act = CONTROL_APPROVE,
                                                  .subject = bytes_of_text(subject),
                                                  .officer = bytes_of_text(KIM),
                                                  .reason = bytes_of_text("checked")},
                        &request);
    out->bytes = BUF_INIT(CONTROL_ANSWER_MAX);
    assert_int_equal(ledger_control_by_console(b->l, buf_view(&request), &out->bytes), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&out->bytes));
    assert_int_equal(control_answer_take(&in, &out->is), RESULT_OK);
    assert_int_equal(out->is.code, CONTROL_CODE_DONE);
    buf_free(&request);
}

static void what_the_console_has_prepared_pushes_out_only_its_own(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered at_socket, first, last;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &at_socket), CONTROL_CODE_DONE);
    prepare_by_console(&b, subject, &first);
    for (size_t i = 0; i < ACTS_PREPARED_MAX + ACTS_CONSOLE_MAX; i++) {
        b.wall_us++;
        prepare_by_console(&b, subject, &last);
        if (i + 1 < ACTS_PREPARED_MAX + ACTS_CONSOLE_MAX)
            buf_free(&last.bytes);
    }
    assert_int_equal(submit(&b, first.is.text, KIM, NULL), CONTROL_CODE_NOT_PREPARED);
    assert_int_equal(submit(&b, at_socket.is.text, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(submit(&b, last.is.text, KIM, NULL), CONTROL_CODE_NOT_WAITING); /* decided */
    buf_free(&at_socket.bytes);
    buf_free(&first.bytes);
    buf_free(&last.bytes);
    bench_free(&b);
}

/* ---- who may */

static void only_officers_with_the_role_and_of_the_party_may(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, PARK, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, CHOI, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, "npa-daejeon/nobody", NULL),
                     CONTROL_CODE_OFFICER_UNKNOWN);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1);
    bench_free(&b);
}

/* The set in force when the act arrives decides, not the one when it was prepared. */
static void who_was_dismissed_meanwhile_may_not(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered a;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &a), CONTROL_CODE_DONE);
    dismissed = KIM;
    assert_int_equal(submit(&b, a.is.text, KIM, NULL), CONTROL_CODE_OFFICER_UNKNOWN);
    assert_int_equal(offered(&b, 1), 0);
    buf_free(&a.bytes);
    bench_free(&b);
}

static void subjects_are_read_strictly(void **state)
{
    static const char *const wrong[] = {"",
                                        "1",
                                        "-0",
                                        "1-",
                                        "01-0",
                                        "1-00",
                                        "1 -0",
                                        "+1-0",
                                        "1-65",
                                        "1-0 ",
                                        "99999999999999999999-0"};
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(act(&b, CONTROL_APPROVE, wrong[i], KIM, NULL), CONTROL_CODE_NOT_FOUND);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    bench_free(&b);
}

static void a_reason_is_one_line_and_not_empty(void **state)
{
    (void)state;
    char long_enough[CONTROL_REASON_MAX + 2];
    memset(long_enough, 'x', sizeof long_enough);
    assert_true(act_is_reason(bytes_of(long_enough, CONTROL_REASON_MAX)));
    assert_false(act_is_reason(bytes_of(long_enough, CONTROL_REASON_MAX + 1)));
    assert_true(act_is_reason(bytes_of_text("수색 중")));
    assert_false(act_is_reason(bytes_of_text("")));
    assert_false(act_is_reason(bytes_of_text("a\nofficer: x/y")));
    assert_false(act_is_reason(bytes_of_text("a\xe2\x80\xa8z"))); /* LINE SEPARATOR */
    assert_false(act_is_reason(bytes_of_text("a\xe2\x80\xaez"))); /* RIGHT-TO-LEFT OVERRIDE */
    assert_false(act_is_reason(bytes_of_text("\xff")));
}

/* ---- lists */

/* A case with words as long as an edge may send them. */
static void hold_long(struct bench *b, uint8_t id)
{
    static char word[ROAD_TEXT_MAX];
    struct road_commit c;
    memset(word, 'x', sizeof word);
    make_held(b, id, ROAD_APPROVAL, 1, &c);
    c.scopes = id == 1 ? 1 : 0;
    c.body[0].scope = 1;
    struct bytes *const words[] = {&c.envelope.service, &c.envelope.purpose, &c.envelope.basis,
                                   &c.envelope.status, &c.recipient[0].failed};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        *words[i] = bytes_of(word, sizeof word);
    for (; c.envelope.incidents < ROAD_INCIDENTS_MAX; c.envelope.incidents++)
        c.envelope.incident[c.envelope.incidents] = bytes_of(word, sizeof word);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

/* How many are in the answer; `last` becomes the last one's subject. */
static size_t take_page(struct bench *b, char last[CONTROL_SUBJECT_MAX + 1], bool *more)
{
    const struct control_request r = {
        .ask = CONTROL_LIST, .list = ROAD_APPROVAL, .after = bytes_of_text(last)};
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX), answer = BUF_INIT(CONTROL_ANSWER_MAX);
    struct control_answer a;
    struct control_item item;
    control_request_put(&r, &request);
    assert_int_equal(ledger_control(b->l, buf_view(&request), &answer), RESULT_OK);
    assert_int_equal(buf_status(&answer), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&answer));
    assert_int_equal(control_answer_take(&in, &a), RESULT_OK);
    for (size_t i = 0; i < a.items; i++)
        assert_int_equal(control_item_take(&in, &item), RESULT_OK);
    (void)snprintf(last, CONTROL_SUBJECT_MAX + 1, "%.*s", (int)item.subject.n,
                   (const char *)item.subject.p);
    *more = a.more;
    buf_free(&request);
    buf_free(&answer);
    return a.items;
}

/* An edge that was taken over must not keep officers from what waits. */
static void a_list_of_long_words_comes_in_pieces(void **state)
{
    (void)state;
    enum { CASES = 130 };
    struct bench b;
    char last[CONTROL_SUBJECT_MAX + 1] = "";
    size_t count = 0, pages = 0;
    bool more = true;
    office_init(&b);
    for (uint8_t id = 1; id <= CASES; id++)
        hold_long(&b, id);
    for (; more; pages++)
        count += take_page(&b, last, &more);
    assert_int_equal(count, CASES);
    assert_int_equal(pages, 2);
    bench_free(&b);
}

/* ---- suspensions */

static size_t suspended(struct bench *b)
{
    forget_said(b);
    assert_int_equal(tell(b, IPC_VIEW, bytes_of(NULL, 0)), RESULT_OK);
    turn(b);
    struct bytes body = heard(b, IPC_SUSPENSIONS);
    struct cursor in = cursor_over(body);
    struct bytes subject;
    size_t count = 0;
    while (in.left > 0) {
        assert_int_equal(cursor_bytes16(&in, &subject), RESULT_OK);
        count++;
    }
    return count;
}

static void one_officer_suspends_and_two_resume(void **state)
{
    (void)state;
    struct bench b;
    bool done = false;
    office_init(&b);
    assert_int_equal(act(&b, CONTROL_SUSPEND, "grant mou#clause", PARK, &done), CONTROL_CODE_DONE);
    assert_true(done);
    assert_int_equal(count_said(&b, IPC_SUSPENSIONS), 1); /* the edge hears at once */
    assert_int_equal(act(&b, CONTROL_SUSPEND, "grant mou#clause", KIM, NULL),
                     CONTROL_CODE_SUSPENDED_ALREADY);
    bench_restart(&b);
    assert_int_equal(suspended(&b), 1);
    assert_int_equal(listed(&b, CONTROL_SUSPENSIONS), 1);
    assert_int_equal(act(&b, CONTROL_RESUME, "grant mou#clause", KIM, &done), CONTROL_CODE_DONE);
    assert_false(done);
    bench_restart(&b);
    assert_int_equal(suspended(&b), 1);
    assert_int_equal(act(&b, CONTROL_RESUME, "grant mou#clause", KIM, NULL),
                     CONTROL_CODE_SAME_PERSON);
    assert_int_equal(act(&b, CONTROL_RESUME, "grant mou#clause", LEE, &done), CONTROL_CODE_DONE);
    assert_true(done);
    assert_int_equal(suspended(&b), 0);
    bench_restart(&b);
    assert_int_equal(suspended(&b), 0);
    assert_int_equal(act(&b, CONTROL_RESUME, "grant mou#clause", LEE, NULL),
                     CONTROL_CODE_NOT_SUSPENDED);
    assert_int_equal(count_leaves(&b, "act=resume"), 2);
    bench_free(&b);
}

static void what_the_set_does_not_know_cannot_be_suspended(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    assert_int_equal(act(&b, CONTROL_SUSPEND, "grant mou#claus", KIM, NULL),
                     CONTROL_CODE_SUBJECT_UNKNOWN);
    assert_int_equal(act(&b, CONTROL_SUSPEND, "unit " CAR, CHOI, NULL), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(act(&b, CONTROL_SUSPEND, "unit " CAR, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(suspended(&b), 1);
    bench_free(&b);
}

/* ---- hostile requests */

static void whatever_the_bytes_are_there_is_an_answer(void **state)
{
    (void)state;
    struct bench b;
    struct buf good = BUF_INIT(CONTROL_REQUEST_MAX);
    struct answered a;
    office_init(&b);
    control_request_put(&(struct control_request){.ask = CONTROL_PREPARE,
                                                  .act = CONTROL_SUSPEND,
                                                  .subject = bytes_of_text("grant mou#clause"),
                                                  .officer = bytes_of_text(KIM),
                                                  .reason = bytes_of_text("why")},
                        &good);
    for (size_t n = 0; n < good.n; n++) { /* cut short */
        ask_bytes(&b, bytes_of(good.p, n), &a);
        assert_int_equal(a.is.code, CONTROL_CODE_MALFORMED);
        buf_free(&a.bytes);
    }
    buf_u8(&good, 0); /* one byte too many */
    ask_bytes(&b, buf_view(&good), &a);
    assert_int_equal(a.is.code, CONTROL_CODE_MALFORMED);
    buf_free(&a.bytes);
    good.n--;
    for (size_t i = 0; i < good.n; i++) { /* every byte wrong once */
        good.p[i] ^= 0xff;
        ask_bytes(&b, buf_view(&good), &a);
        assert_int_not_equal(a.is.code, CONTROL_CODE_DONE);
        buf_free(&a.bytes);
        good.p[i] ^= 0xff;
    }
    ask_bytes(&b, buf_view(&good), &a);
    assert_int_equal(a.is.code, CONTROL_CODE_DONE);
    buf_free(&a.bytes);
    buf_free(&good);
    bench_free(&b);
}

static void a_list_can_be_read_in_pieces_or_for_one_subject(void **state)
{
    (void)state;
    struct bench b;
    char one[CONTROL_SUBJECT_MAX + 1], two[CONTROL_SUBJECT_MAX + 1];
    struct answered a;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, one);
    hold(&b, 2, ROAD_APPROVAL, 1, two);
    struct control_request r = {
        .ask = CONTROL_LIST, .list = ROAD_APPROVAL, .after = bytes_of_text(one)};
    ask_control(&b, &r, &a);
    assert_int_equal(a.is.items, 1);
    assert_true(bytes_is(a.item[0].subject, two));
    assert_false(a.is.more);
    buf_free(&a.bytes);
    r = (struct control_request){
        .ask = CONTROL_LIST, .list = ROAD_APPROVAL, .subject = bytes_of_text(one)};
    ask_control(&b, &r, &a);
    assert_int_equal(a.is.items, 1);
    assert_true(bytes_is(a.item[0].subject, one));
    buf_free(&a.bytes);
    r.subject = bytes_of_text("7-7");
    ask_control(&b, &r, &a);
    assert_int_equal(a.is.code, CONTROL_CODE_NOT_FOUND);
    buf_free(&a.bytes);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_says_everything_and_is_good_once),
        cmocka_unit_test(a_text_of_somebody_elses_making_does_nothing),
        cmocka_unit_test(an_edge_cannot_write_lines_into_what_is_signed),
        cmocka_unit_test(another_officers_signature_is_refused_and_the_right_one_may_follow),
        cmocka_unit_test(a_text_is_good_for_an_hour_and_for_this_ledger),
        cmocka_unit_test(when_too_many_texts_are_made_the_oldest_gives_way),
        cmocka_unit_test(what_the_console_has_prepared_pushes_out_only_its_own),
        cmocka_unit_test(only_officers_with_the_role_and_of_the_party_may),
        cmocka_unit_test(who_was_dismissed_meanwhile_may_not),
        cmocka_unit_test(subjects_are_read_strictly),
        cmocka_unit_test(a_list_of_long_words_comes_in_pieces),
        cmocka_unit_test(a_reason_is_one_line_and_not_empty),
        cmocka_unit_test(one_officer_suspends_and_two_resume),
        cmocka_unit_test(what_the_set_does_not_know_cannot_be_suspended),
        cmocka_unit_test(whatever_the_bytes_are_there_is_an_answer),
        cmocka_unit_test(a_list_can_be_read_in_pieces_or_for_one_subject),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
