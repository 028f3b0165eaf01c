#include "full_disk.h"
#include "officers.h"

/* ---- approval */

static void what_waits_for_approval_is_on_disk_and_offered_to_nobody(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(offered(&b, 1), 0);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1);
    assert_int_equal(listed(&b, ROAD_QUARANTINE), 0);
    bench_restart(&b);
    assert_int_equal(offered(&b, 1), 0);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1);
    assert_int_equal(count_leaves(&b, "approval-pending"), 1);
    bench_free(&b);
}

static void approved_it_goes_into_the_queue_and_its_sender_is_told(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    bool done;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, &done), CONTROL_CODE_DONE);
    assert_true(done);
    assert_int_equal(offered(&b, 1), 1);
    assert_true(delivered(&b).approved);
    struct road_outcome o = told(&b, 2);
    assert_true(bytes_is(o.reason, "permitted"));
    assert_int_equal(o.step, OUTCOME_DECIDED);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 0);
    bench_restart(&b);
    assert_int_equal(offered(&b, 1), 1);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 0);
    assert_int_equal(count_leaves(&b, "\"act\""), 1);
    assert_int_equal(count_leaves(&b, "held-released"), 1);
    bench_free(&b);
}

/* Whoever decides again has to know whether persons were asked. */
static void what_nobody_was_asked_about_is_not_approved(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    office_init(&b);
    make_commit(&b, 1, 1, &c);
    with_scope(&b, &c, 1);
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    make_held(&b, 2, ROAD_EMERGENCY, 2, &c);
    c.recipient[0].reason = bytes_of_text("permitted-emergency");
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_int_equal(offered(&b, 1), 2);
    assert_false(delivered(&b).approved);
    assert_true(delivered(&b).approved);
    bench_free(&b);
}

static void what_was_approved_stays_so_when_its_deadline_comes(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    advance(&b, US_PER_HOUR);
    assert_int_equal(count_leaves(&b, "\"expired\""), 1);
    assert_true(bytes_is(receipt_of(&b, 1).recipient[0].reason, "permitted"));
    bench_free(&b);
}

static void records_about_what_was_decided_are_damage(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    uint8_t key[CASE_KEY];
    struct buf late = BUF_INIT(100);
    office_init(&b);
    make_held(&b, 1, ROAD_APPROVAL, 1, &c);
    const struct road_committed answer = commit(&b, &c);
    subject_of(&answer, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    case_key(answer.index, 0, ROAD_APPROVAL, key);
    struct ledger_case *x = case_get(b.l, key);
    assert_int_equal(case_vote(b.l, x, bytes_of_text(LEE), CASE_REFUSED, b.wall_us),
                     RESULT_DAMAGED);
    buf_put(&late, key, CASE_KEY);
    buf_i64(&late, b.wall_us);
    assert_int_equal(cases_apply_late(b.l, buf_view(&late)), RESULT_DAMAGED);
    assert_int_equal(x->state, CASE_GRANTED);
    buf_free(&late);
    bench_free(&b);
}

static void who_is_in_reserve_for_an_approved_duty_is_approved_with_it(void **state)
{
    (void)state;
    struct road_commit c = {.recipients = 4};
    c.recipient[0] = (struct road_recipient){
        .duty = 1, .cases = 1, .open[0].kind = ROAD_APPROVAL, .reason = bytes_of_text("permitted")};
    c.recipient[1] = (struct road_recipient){.duty = 1, .reserve = true};
    c.recipient[2] = (struct road_recipient){.duty = 2, .reserve = true};
    c.recipient[3] = (struct road_recipient){.duty = 1};
    assert_true(cases_approved(&c, &c.recipient[0]));
    assert_true(cases_approved(&c, &c.recipient[1]));
    assert_false(cases_approved(&c, &c.recipient[2]));
    assert_false(cases_approved(&c, &c.recipient[3])); /* a recipient of its own */
}

/* Its review is for afterwards. */
static void approved_it_is_permitted_though_a_review_is_owed(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    make_held(&b, 1, ROAD_APPROVAL, 1, &c);
    c.recipient[0].open[1] = c.recipient[0].open[0];
    c.recipient[0].open[1].kind = ROAD_EMERGENCY;
    c.recipient[0].cases = 2;
    const struct road_committed answer = commit(&b, &c);
    subject_of(&answer, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(listed(&b, ROAD_EMERGENCY), 1);
    assert_true(bytes_is(receipt_of(&b, 1).recipient[0].reason, "permitted"));
    bench_free(&b);
}

static void refused_it_is_over_and_its_sender_is_told(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 2, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(act(&b, CONTROL_REFUSE, subject, LEE, NULL), CONTROL_CODE_DONE);
    assert_int_equal(offered(&b, 1), 0);
    assert_true(bytes_is(told(&b, 2).reason, "approval-refused"));
    bench_restart(&b);
    assert_int_equal(offered(&b, 1), 0);
    assert_int_equal(count_leaves(&b, "held-ended"), 1);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_NOT_WAITING);
    bench_free(&b);
}

static void two_persons_are_two_and_one_twice_is_one(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    bool done = true;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 2, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, &done), CONTROL_CODE_DONE);
    assert_false(done);
    bench_restart(&b);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_SAME_PERSON);
    assert_int_equal(offered(&b, 1), 0);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, LEE, &done), CONTROL_CODE_DONE);
    assert_true(done);
    assert_int_equal(offered(&b, 2), 1);
    bench_free(&b);
}

static void nobody_in_time_is_a_refusal(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    advance(&b, 30 * US_PER_MINUTE - 1);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1);
    assert_int_equal(ledger_idle_us(b.l, US_PER_HOUR), 1);
    advance(&b, 1);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 0);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_NOT_WAITING);
    struct road_outcome o = told(&b, 1);
    assert_true(bytes_is(o.reason, "approval-expired"));
    assert_int_equal(o.step, OUTCOME_EXPIRED);
    assert_int_equal(offered(&b, 2), 0);
    bench_restart(&b);
    assert_int_equal(offered(&b, 1), 0);
    assert_int_equal(count_leaves(&b, "held-ended"), 1);
    bench_free(&b);
}

static void without_room_for_its_entry_a_held_message_does_not_expire_yet(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    fill_disk(&b, 0);
    advance(&b, 30 * US_PER_MINUTE);
    assert_non_null(heap_first(&b.l->cases_due));
    free_disk(&b);
    turn(&b);
    assert_null(heap_first(&b.l->cases_due));
    assert_int_equal(count_leaves(&b, "held-ended"), 1);
    bench_free(&b);
}

/* The time passed while the ledger was away: it is over before anybody can approve it. */
static void time_that_passed_without_a_ledger_counts(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct answered a;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    b.wall_us += 30 * US_PER_MINUTE;
    bench_restart(&b);
    assert_int_equal(prepare(&b, CONTROL_APPROVE, subject, KIM, &a), CONTROL_CODE_NOT_WAITING);
    buf_free(&a.bytes);
    assert_int_equal(count_leaves(&b, "approval-expired"), 1);
    bench_free(&b);
}

static void the_receipt_says_how_it_now_stands(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    struct road_committed c = receipt_of(&b, 1);
    assert_int_equal(c.verdict, ROAD_HELD);
    assert_true(bytes_is(c.recipient[0].reason, "approval-pending"));
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    c = receipt_of(&b, 1);
    assert_int_equal(c.verdict, ROAD_ACCEPTED);
    assert_true(bytes_is(c.recipient[0].reason, "permitted"));
    hold(&b, 2, ROAD_APPROVAL, 1, subject);
    assert_int_equal(act(&b, CONTROL_REFUSE, subject, KIM, NULL), CONTROL_CODE_DONE);
    bench_restart(&b);
    c = receipt_of(&b, 2);
    assert_int_equal(c.verdict, ROAD_REFUSED);
    assert_true(bytes_is(c.recipient[0].reason, "approval-refused"));
    bench_free(&b);
}

/* ---- at night */

static void at_night_one_is_enough_and_the_second_is_owed(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    bool done = false;
    office_init(&b);
    make_held(&b, 1, ROAD_APPROVAL, 2, &c);
    c.recipient[0].open[0].second_within_us = 40 * US_PER_MINUTE;
    const struct road_committed answer = commit(&b, &c);
    subject_of(&answer, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, &done), CONTROL_CODE_DONE);
    assert_true(done);
    bench_restart(&b);
    assert_int_equal(offered(&b, 1), 1);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 1); /* the second one is owed */
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_SAME_PERSON);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, LEE, NULL), CONTROL_CODE_DONE);
    assert_int_equal(listed(&b, ROAD_APPROVAL), 0);
    advance(&b, US_PER_HOUR - 1);
    assert_int_equal(count_leaves(&b, "review-overdue"), 0);
    assert_int_equal(count_leaves(&b, "held-released"), 1);
    bench_free(&b);
}

/* The edge chose the number; a sum past the end of time is no time long ago. */
static void a_second_who_has_for_ever_is_not_late(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    make_held(&b, 1, ROAD_APPROVAL, 2, &c);
    c.recipient[0].open[0].second_within_us = INT64_MAX;
    const struct road_committed answer = commit(&b, &c);
    subject_of(&answer, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    advance(&b, 1);
    assert_int_equal(count_leaves(&b, "review-overdue"), 0);
    bench_free(&b);
}

static void a_second_person_who_does_not_come_is_told_once(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    make_held(&b, 1, ROAD_APPROVAL, 2, &c);
    c.recipient[0].open[0].second_within_us = 40 * US_PER_MINUTE;
    const struct road_committed answer = commit(&b, &c);
    subject_of(&answer, subject);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    advance(&b, 40 * US_PER_MINUTE - 1);
    assert_int_equal(count_leaves(&b, "review-overdue"), 0);
    advance(&b, 1);
    assert_int_equal(count_leaves(&b, "review-overdue"), 1);
    assert_int_equal(count_leaves(&b, "approval-pending"), 2); /* its reception, and now */
    bench_restart(&b);
    advance(&b, US_PER_MINUTE);
    assert_int_equal(count_leaves(&b, "review-overdue"), 1);
    struct answered a;
    ask_control(&b, &(struct control_request){.ask = CONTROL_LIST, .list = ROAD_APPROVAL}, &a);
    assert_true(a.item[0].overdue);
    buf_free(&a.bytes);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, LEE, NULL), CONTROL_CODE_DONE); /* late */
    assert_int_equal(listed(&b, ROAD_APPROVAL), 0);
    bench_free(&b);
}

/* ---- quarantine */

static void what_is_in_quarantine_waits_until_it_is_released_or_destroyed(void **state)
{
    (void)state;
    struct bench b;
    char one[CONTROL_SUBJECT_MAX + 1], two[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    hold(&b, 1, ROAD_QUARANTINE, 1, one);
    hold(&b, 2, ROAD_QUARANTINE, 1, two);
    hold(&b, 3, ROAD_QUARANTINE, 1, two);
    assert_int_equal(act(&b, CONTROL_APPROVE, one, KIM, NULL), CONTROL_CODE_NOT_FOUND);
    assert_int_equal(act(&b, CONTROL_RELEASE, one, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(offered(&b, 1), 1);
    assert_int_equal(act(&b, CONTROL_REJECT, two, KIM, NULL), CONTROL_CODE_DONE);
    assert_true(bytes_is(receipt_of(&b, 3).recipient[0].reason, "out-of-range"));
    assert_int_equal(listed(&b, ROAD_QUARANTINE), 1);
    advance(&b, US_PER_HOUR); /* its deadline */
    assert_int_equal(listed(&b, ROAD_QUARANTINE), 0);
    assert_true(bytes_is(receipt_of(&b, 2).recipient[0].reason, "approval-expired"));
    bench_restart(&b);
    assert_int_equal(listed(&b, ROAD_QUARANTINE), 0);
    assert_true(bytes_is(receipt_of(&b, 2).recipient[0].reason, "approval-expired"));
    bench_free(&b);
}

static void held_for_two_reasons_it_waits_for_both(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    for (uint8_t id = 1; id <= 2; id++) {
        make_held(&b, id, ROAD_APPROVAL, 1, &c);
        c.recipient[0].open[1] = c.recipient[0].open[0];
        c.recipient[0].open[1].kind = ROAD_QUARANTINE;
        c.recipient[0].cases = 2;
        const struct road_committed answer = commit(&b, &c);
        subject_of(&answer, subject);
        assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
        assert_int_equal(offered(&b, id), id - 1u);
        assert_true(bytes_is(receipt_of(&b, id).recipient[0].reason, "quarantined"));
        assert_int_equal(count_leaves(&b, "held-released"), id - 1u); /* not of this one */
        bench_restart(&b);
        if (id == 1)
            assert_int_equal(act(&b, CONTROL_RELEASE, subject, KIM, NULL), CONTROL_CODE_DONE);
        else
            assert_int_equal(act(&b, CONTROL_REJECT, subject, KIM, NULL), CONTROL_CODE_DONE);
        assert_int_equal(offered(&b, id), 1);
    }
    bench_free(&b);
}

static void when_one_refuses_nobody_is_asked_for_the_other(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    char subject[CONTROL_SUBJECT_MAX + 1];
    office_init(&b);
    make_held(&b, 1, ROAD_APPROVAL, 1, &c);
    c.recipient[0].open[1] = c.recipient[0].open[0];
    c.recipient[0].open[1].kind = ROAD_QUARANTINE;
    c.recipient[0].cases = 2;
    const struct road_committed answer = commit(&b, &c);
    subject_of(&answer, subject);
    assert_int_equal(act(&b, CONTROL_REFUSE, subject, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(listed(&b, ROAD_QUARANTINE), 0);
    assert_int_equal(count_leaves(&b, "held-ended"), 1);
    assert_true(bytes_is(told(&b, 1).reason, "approval-refused"));
    bench_restart(&b);
    assert_int_equal(listed(&b, ROAD_QUARANTINE), 0);
    assert_int_equal(act(&b, CONTROL_RELEASE, subject, LEE, NULL), CONTROL_CODE_NOT_WAITING);
    bench_free(&b);
}

/* ---- emergencies */

static void an_emergency_is_delivered_and_reviewed_afterwards(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    bool done = true;
    office_init(&b);
    hold(&b, 1, ROAD_EMERGENCY, 2, subject);
    assert_int_equal(offered(&b, 1), 1);
    assert_int_equal(act(&b, CONTROL_REVIEW, subject, KIM, &done), CONTROL_CODE_DONE);
    assert_false(done);
    advance(&b, 30 * US_PER_MINUTE);
    assert_int_equal(count_leaves(&b, "review-overdue"), 1);
    assert_int_equal(act(&b, CONTROL_REVIEW, subject, LEE, &done), CONTROL_CODE_DONE);
    assert_true(done);
    bench_restart(&b);
    assert_int_equal(listed(&b, ROAD_EMERGENCY), 0);
    advance(&b, US_PER_HOUR);
    assert_int_equal(count_leaves(&b, "review-overdue"), 1);
    bench_free(&b);
}

static void a_watcher_in_an_emergency_is_reviewed_too(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    struct road_event e = {.event = AUDIT_WATCH_OPENED,
                           .envelope = {.source = bytes_of_text(CAR)},
                           .at_us = b.wall_us,
                           .unit = bytes_of_text(CENTRE),
                           .review = {.kind = ROAD_EMERGENCY,
                                      .persons = 1,
                                      .role = bytes_of_text("privacy-officer"),
                                      .party = {bytes_of_text("npa-daejeon")},
                                      .parties = 1,
                                      .due_us = b.wall_us + US_PER_HOUR}};
    struct buf body = BUF_INIT(4096);
    road_event_put(&e, &body);
    assert_int_equal(tell(&b, IPC_EVENT, buf_view(&body)), RESULT_OK);
    turn(&b);
    bench_restart(&b);
    struct answered a;
    ask_control(&b, &(struct control_request){.ask = CONTROL_LIST, .list = ROAD_EMERGENCY}, &a);
    assert_int_equal(a.is.items, 1);
    assert_true(bytes_is(a.item[0].unit, CENTRE));
    assert_true(bytes_is(a.item[0].envelope.source, CAR));
    char subject[CONTROL_SUBJECT_MAX + 1];
    (void)snprintf(subject, sizeof subject, "%.*s", (int)a.item[0].subject.n,
                   (const char *)a.item[0].subject.p);
    buf_free(&a.bytes);
    assert_int_equal(act(&b, CONTROL_REVIEW, subject, LEE, NULL), CONTROL_CODE_DONE);
    assert_int_equal(listed(&b, ROAD_EMERGENCY), 0);
    buf_free(&body);
    bench_free(&b);
}

static void a_second_decision_that_goes_past_a_condition_is_reviewed_once(void **state)
{
    (void)state;
    struct bench b;
    office_init(&b);
    publish(&b, 1);
    assert_int_equal(offered(&b, 1), 1);
    const struct road_deliver d = delivered(&b);
    const struct road_release r = {.consumer = d.consumer,
                                   .entry = d.entry,
                                   .permitted = true,
                                   .reason = bytes_of_text("permitted-emergency"),
                                   .clause = bytes_of_text("mou#clause"),
                                   .size = 100,
                                   .at_us = b.wall_us,
                                   .review = {.kind = ROAD_EMERGENCY,
                                              .persons = 1,
                                              .role = bytes_of_text("privacy-officer"),
                                              .party = {bytes_of_text("npa-daejeon")},
                                              .parties = 1,
                                              .due_us = b.wall_us + US_PER_HOUR}};
    struct buf body = BUF_INIT(4096);
    road_release_put(&r, &body);
    assert_int_equal(tell(&b, IPC_RELEASE, buf_view(&body)), RESULT_OK);
    turn(&b);
    assert_true(released(&b).go);
    bench_restart(&b);
    assert_int_equal(listed(&b, ROAD_EMERGENCY), 1);
    buf_free(&body);
    bench_free(&b);
}

static void after_the_window_of_ids_a_decided_case_is_forgotten(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    struct road_commit c;
    office_init(&b);
    hold(&b, 1, ROAD_APPROVAL, 1, subject);
    assert_int_equal(act(&b, CONTROL_REFUSE, subject, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(map_count(b.l->cases), 1);
    advance(&b, SEEN_KEPT);
    make_commit(&b, 2, 2, &c);
    with_scope(&b, &c, 2);
    c.scope[0].deadline_us = c.recipient[0].deadline_us = b.wall_us + US_PER_HOUR;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    assert_int_equal(map_count(b.l->cases), 0);
    bench_restart(&b);
    assert_int_equal(map_count(b.l->cases), 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_for_approval_is_on_disk_and_offered_to_nobody),
        cmocka_unit_test(approved_it_goes_into_the_queue_and_its_sender_is_told),
        cmocka_unit_test(what_nobody_was_asked_about_is_not_approved),
        cmocka_unit_test(what_was_approved_stays_so_when_its_deadline_comes),
        cmocka_unit_test(records_about_what_was_decided_are_damage),
        cmocka_unit_test(who_is_in_reserve_for_an_approved_duty_is_approved_with_it),
        cmocka_unit_test(approved_it_is_permitted_though_a_review_is_owed),
        cmocka_unit_test(refused_it_is_over_and_its_sender_is_told),
        cmocka_unit_test(two_persons_are_two_and_one_twice_is_one),
        cmocka_unit_test(nobody_in_time_is_a_refusal),
        cmocka_unit_test(without_room_for_its_entry_a_held_message_does_not_expire_yet),
        cmocka_unit_test(time_that_passed_without_a_ledger_counts),
        cmocka_unit_test(the_receipt_says_how_it_now_stands),
        cmocka_unit_test(at_night_one_is_enough_and_the_second_is_owed),
        cmocka_unit_test(a_second_who_has_for_ever_is_not_late),
        cmocka_unit_test(a_second_person_who_does_not_come_is_told_once),
        cmocka_unit_test(what_is_in_quarantine_waits_until_it_is_released_or_destroyed),
        cmocka_unit_test(held_for_two_reasons_it_waits_for_both),
        cmocka_unit_test(when_one_refuses_nobody_is_asked_for_the_other),
        cmocka_unit_test(an_emergency_is_delivered_and_reviewed_afterwards),
        cmocka_unit_test(a_watcher_in_an_emergency_is_reviewed_too),
        cmocka_unit_test(a_second_decision_that_goes_past_a_condition_is_reviewed_once),
        cmocka_unit_test(after_the_window_of_ids_a_decided_case_is_forgotten),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
