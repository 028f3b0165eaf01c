#include "officers.h"

/* 112 asks the fire service, which has a minute; a car is in reserve. */
#define WITHIN US_PER_MINUTE

static struct road_commit asked;

static void make_request(struct bench *b, uint8_t id, struct road_commit *c)
{
    make_commit(b, id, id, c);
    with_scope(b, c, id);
    c->envelope.kind = bytes_of_text("dispatch_request");
    c->recipient[1] = c->recipient[0];
    c->recipient[1].unit = bytes_of_text(CAR);
    c->recipient[1].clause = bytes_of_text("mou-1#dispatch");
    c->recipient[1].reserve = true;
    c->recipient[0].duty = c->recipient[1].duty = 1;
    c->recipients = 2;
    c->duty[0] = (struct road_duty){.by_us = b->wall_us + WITHIN};
    c->duties = 1;
}

static void answered_by(struct road_commit *c, const char *kind)
{
    c->duty[0].answer[c->duty[0].answers++] = bytes_of_text(kind);
}

static struct road_deliver take_delivery(struct bench *b, uint64_t consumer, const char *unit)
{
    assert_int_equal(subscribe(b, consumer, unit, "default"), RESULT_OK);
    turn(b);
    const struct road_deliver d = delivered(b);
    assert_int_equal(d.consumer, consumer);
    return d;
}

/* Released, and its leaf. */
static uint64_t let_go(struct bench *b, const struct road_deliver *d)
{
    send_release(b, d, true);
    turn(b);
    const struct road_released r = released(b);
    assert_true(r.go);
    return r.index;
}

/* On disk, delivered to the fire service, and released: returns how it names what it got. */
static uint64_t request(struct bench *b, struct road_deliver *d)
{
    assert_int_equal(commit(b, &asked).answer, ROAD_ON_DISK);
    *d = take_delivery(b, 1, FIRE);
    return let_go(b, d);
}

static void begin(struct bench *b)
{
    bench_init(b);
    make_request(b, 1, &asked);
}

/* A message of `unit` that names a delivery. */
static void answer_from(struct bench *b, uint8_t id, const char *unit, const char *kind,
                        uint64_t named, enum road_verdict verdict)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.envelope.source = bytes_of_text(unit);
    c.envelope.kind = bytes_of_text(kind);
    c.recipient[0].unit = bytes_of_text(CENTRE);
    c.recipient[0].permitted = verdict != ROAD_REFUSED;
    c.verdict = (uint8_t)verdict;
    c.names[0] = named;
    c.named = 1;
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

static bool car_gets_it(struct bench *b)
{
    struct bytes said;
    assert_int_equal(subscribe(b, 9, CAR, "default"), RESULT_OK);
    turn(b);
    while ((said = heard(b, IPC_DELIVER)).n > 0) {
        struct road_deliver d;
        struct cursor in = cursor_over(said);
        assert_int_equal(road_deliver_take(&in, &d), RESULT_OK);
        if (d.consumer == 9)
            return true;
    }
    return false;
}

/* ---- nobody attends */

static void who_is_in_reserve_gets_nothing_before_the_time_and_then_the_message(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    (void)request(&b, &d);
    assert_int_equal(d.attend_by_us, asked.duty[0].by_us);
    assert_false(d.reserve);
    advance(&b, WITHIN - 1);
    assert_false(car_gets_it(&b));
    assert_int_equal(ledger_idle_us(b.l, US_PER_HOUR), 1);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 0);
    advance(&b, 1);
    turn(&b);
    const struct road_deliver reserve = delivered(&b);
    assert_true(reserve.reserve);
    assert_int_equal(reserve.attend_by_us, 0);
    assert_true(bytes_is(reserve.unit, CAR));
    assert_true(bytes_is(reserve.clause, "mou-1#dispatch"));
    assert_int_equal(count_leaves(&b, "\"escalated\""), 1);
    bench_free(&b);
}

static void the_sender_is_told_of_the_escalation_and_of_who_attended_after_it(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    (void)request(&b, &d);
    advance(&b, WITHIN);
    struct road_deliver told = take_delivery(&b, 2, CENTRE);
    assert_true(told.is_outcome);
    assert_int_equal(told.outcome.step, OUTCOME_ESCALATED);
    assert_true(bytes_is(told.outcome.to, CAR));
    assert_int_equal(told.outcome.about_index, d.received_index);
    assert_memory_equal(told.outcome.about.b, asked.envelope.id.b, UUID_BYTES);
    d = take_delivery(&b, 3, CAR);
    uint64_t named = let_go(&b, &d);
    answer_from(&b, 2, CAR, "feedback", named, ROAD_ACCEPTED);
    assert_true(bytes_is(delivered(&b).envelope.kind, "feedback"));
    told = delivered(&b);
    assert_true(told.is_outcome);
    assert_int_equal(told.outcome.step, OUTCOME_ATTENDED);
    assert_true(bytes_is(told.outcome.to, CAR));
    assert_int_equal(count_leaves(&b, "\"attended\""), 1);
    bench_free(&b);
}

static void nobody_attends_to_a_real_message_by_one_of_an_exercise(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    struct road_commit played;
    begin(&b);
    make_commit(&b, 2, 2, &played);
    with_scope(&b, &played, 2);
    played.envelope.source = bytes_of_text(FIRE);
    played.envelope.kind = bytes_of_text("dispatch_answer");
    played.envelope.status = bytes_of_text("exercise");
    played.recipient[0].unit = bytes_of_text(CENTRE);
    played.names[played.named++] = request(&b, &d);
    assert_int_equal(commit(&b, &played).answer, ROAD_ON_DISK);
    assert_int_equal(count_leaves(&b, "\"attended\""), 0);
    advance(&b, WITHIN);
    assert_true(car_gets_it(&b));
    bench_free(&b);
}

static void what_was_escalated_stays_when_the_first_recipient_attends_late(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    uint64_t named = request(&b, &d);
    advance(&b, WITHIN);
    answer_from(&b, 2, FIRE, "dispatch_answer", named, ROAD_ACCEPTED);
    assert_int_equal(count_leaves(&b, "\"attended\""), 1);
    assert_true(car_gets_it(&b));
    bench_free(&b);
}

static void a_unit_in_reserve_that_may_not_have_it_is_named_and_gets_nothing(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    asked.recipient[1].permitted = false;
    asked.recipient[1].reason = bytes_of_text("outside-period");
    assert_int_equal(commit(&b, &asked).answer, ROAD_ON_DISK);
    advance(&b, WITHIN);
    assert_false(car_gets_it(&b));
    assert_int_equal(count_leaves(&b, "outside-period"), 1);
    const struct road_deliver told = take_delivery(&b, 2, CENTRE);
    assert_int_equal(told.outcome.step, OUTCOME_ESCALATED);
    assert_true(bytes_is(told.outcome.reason, "outside-period"));
    bench_free(&b);
}

static void nothing_is_escalated_whose_deadline_has_come(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    asked.recipient[0].deadline_us = asked.recipient[1].deadline_us = NOON + WITHIN;
    asked.scope[0].deadline_us = NOON + WITHIN;
    assert_int_equal(commit(&b, &asked).answer, ROAD_ON_DISK);
    advance(&b, WITHIN);
    turn(&b);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 0);
    assert_false(car_gets_it(&b));
    assert_int_equal(map_count(b.l->duties), 0);
    /* The sender hears of the recipient that it wrote to, not of the one in reserve. */
    assert_int_equal(subscribe(&b, 2, CENTRE, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 1);
    assert_true(bytes_is(delivered(&b).outcome.to, FIRE));
    bench_free(&b);
}

/* ---- somebody attends */

static void attending_in_time_frees_who_is_in_reserve(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    uint64_t named = request(&b, &d);
    answer_from(&b, 2, FIRE, "feedback", named, ROAD_ACCEPTED);
    assert_int_equal(map_count(b.l->duties), 0);
    assert_int_equal(map_count(b.l->names), 0);
    advance(&b, WITHIN);
    assert_false(car_gets_it(&b));
    assert_int_equal(count_leaves(&b, "\"attended\""), 1);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 0);
    bench_free(&b);
}

static void only_an_answer_of_the_kinds_asked_for_counts(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    answered_by(&asked, "dispatch_answer");
    uint64_t named = request(&b, &d);
    answer_from(&b, 2, FIRE, "feedback", named, ROAD_ACCEPTED);
    acknowledge(&b, &d, 0);
    turn(&b);
    assert_int_equal(count_leaves(&b, "\"attended\""), 0);
    answer_from(&b, 3, FIRE, "dispatch_answer", named, ROAD_ACCEPTED);
    assert_int_equal(count_leaves(&b, "\"attended\""), 1);
    bench_free(&b);
}

static void what_does_not_count_as_attending(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    uint64_t named = request(&b, &d);
    answer_from(&b, 2, CAR, "dispatch_answer", named, ROAD_ACCEPTED);      /* another's */
    answer_from(&b, 3, FIRE, "dispatch_answer", named + 1, ROAD_ACCEPTED); /* another leaf */
    answer_from(&b, 4, FIRE, "dispatch_answer", named, ROAD_REFUSED);      /* reached nobody */
    acknowledge(&b, &d, 0);                                                /* not enough here */
    turn(&b);
    assert_int_equal(count_leaves(&b, "\"attended\""), 0);
    advance(&b, WITHIN);
    assert_true(car_gets_it(&b));
    bench_free(&b);
}

static void where_it_is_enough_an_acknowledgement_counts_and_a_refusal_does_not(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    for (uint8_t refuse = 0; refuse <= 1; refuse++) {
        begin(&b);
        asked.duty[0].by_ack = true;
        (void)request(&b, &d);
        acknowledge(&b, &d, refuse);
        turn(&b);
        assert_int_equal(count_leaves(&b, "\"attended\""), refuse == 0);
        advance(&b, WITHIN);
        assert_int_equal(car_gets_it(&b), refuse != 0);
        bench_free(&b);
    }
}

static void each_duty_of_a_message_is_its_own(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    asked.recipient[2] = asked.recipient[3] = asked.recipient[1];
    asked.recipient[3].unit = bytes_of_text("kt/night");
    asked.recipient[1] = asked.recipient[0];
    asked.recipient[1].unit = bytes_of_text("kt/centre");
    asked.recipient[1].duty = asked.recipient[3].duty = 2;
    asked.recipients = 4;
    asked.duty[asked.duties++] = asked.duty[0];
    uint64_t named = request(&b, &d);
    answer_from(&b, 2, FIRE, "feedback", named, ROAD_ACCEPTED);
    advance(&b, WITHIN);
    assert_false(car_gets_it(&b));
    assert_true(take_delivery(&b, 5, "kt/night").reserve);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 1);
    bench_free(&b);
}

/* ---- what persons hold */

/* The request waits for an officer's approval. */
static void request_approval(struct bench *b, char subject[CONTROL_SUBJECT_MAX + 1])
{
    struct road_commit held;
    office_init(b);
    make_held(b, 1, ROAD_APPROVAL, 1, &held);
    make_request(b, 1, &asked);
    asked.verdict = held.verdict;
    asked.recipient[0].reason = held.recipient[0].reason;
    asked.recipient[0].clause = held.recipient[0].clause;
    asked.recipient[0].open[0] = held.recipient[0].open[0];
    asked.recipient[0].cases = 1;
    const struct road_committed answer = commit(b, &asked);
    assert_int_equal(answer.answer, ROAD_ON_DISK);
    subject_of(&answer, subject);
}

static void the_time_runs_once_persons_let_the_message_go(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    request_approval(&b, subject);
    advance(&b, 2 * WITHIN);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 0);
    bench_restart(&b);
    assert_int_equal(act(&b, CONTROL_APPROVE, subject, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(take_delivery(&b, 1, FIRE).attend_by_us, b.wall_us + WITHIN);
    bench_restart(&b);
    advance(&b, WITHIN - 1);
    assert_false(car_gets_it(&b));
    advance(&b, 1);
    assert_true(car_gets_it(&b));
    bench_free(&b);
}

static void what_persons_refuse_is_nobody_s_duty(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    request_approval(&b, subject);
    assert_int_equal(act(&b, CONTROL_REFUSE, subject, KIM, NULL), CONTROL_CODE_DONE);
    assert_int_equal(map_count(b.l->duties), 0);
    advance(&b, WITHIN);
    assert_false(car_gets_it(&b));
    assert_int_equal(count_leaves(&b, "\"escalated\""), 0);
    bench_restart(&b);
    assert_int_equal(map_count(b.l->duties), 0);
    bench_free(&b);
}

static void one_recipient_who_need_not_wait_is_enough_for_the_time_to_run(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit held;
    office_init(&b);
    make_held(&b, 1, ROAD_APPROVAL, 1, &held);
    make_request(&b, 1, &asked);
    asked.recipient[2] = asked.recipient[1];
    asked.recipient[1] = asked.recipient[0];
    asked.recipient[1].unit = bytes_of_text("kt/centre");
    asked.recipient[1].reason = held.recipient[0].reason;
    asked.recipient[1].open[0] = held.recipient[0].open[0];
    asked.recipient[1].cases = 1;
    asked.recipients = 3;
    assert_int_equal(commit(&b, &asked).answer, ROAD_ON_DISK);
    advance(&b, WITHIN);
    assert_true(car_gets_it(&b));
    bench_free(&b);
}

/* ---- across restarts */

static void a_duty_outlives_a_crash_before_its_time(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    (void)request(&b, &d);
    bench_restart(&b);
    advance(&b, WITHIN - 1);
    assert_false(car_gets_it(&b));
    advance(&b, 1);
    turn(&b);
    assert_true(delivered(&b).reserve);
    bench_restart(&b);
    turn(&b);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 1);
    assert_true(take_delivery(&b, 4, CAR).reserve);
    bench_free(&b);
}

static void attending_counts_after_a_crash_and_is_remembered_by_the_next(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    uint64_t named = request(&b, &d);
    bench_restart(&b);
    answer_from(&b, 2, FIRE, "feedback", named, ROAD_ACCEPTED);
    bench_restart(&b);
    advance(&b, WITHIN);
    assert_false(car_gets_it(&b));
    assert_int_equal(count_leaves(&b, "\"attended\""), 1);
    bench_free(&b);
}

static void a_duty_that_was_escalated_is_forgotten_a_day_later(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    assert_int_equal(commit(&b, &asked).answer, ROAD_ON_DISK);
    advance(&b, WITHIN);
    assert_int_equal(map_count(b.l->duties), 1);
    advance(&b, US_PER_DAY - 1);
    publish(&b, 2); /* forgetting goes by records */
    assert_int_equal(map_count(b.l->duties), 1);
    b.wall_us += 1;
    publish(&b, 3);
    assert_int_equal(map_count(b.l->duties), 0);
    bench_restart(&b);
    assert_int_equal(map_count(b.l->duties), 0);
    bench_free(&b);
}

/* ---- what was released, from the log */

static struct road_provision ask_provision(struct bench *b, uint64_t index)
{
    struct buf body = BUF_INIT(64);
    struct road_provision p;
    buf_u64(&body, 7);
    buf_u64(&body, index);
    assert_int_equal(tell(b, IPC_PROVISION_GET, buf_view(&body)), RESULT_OK);
    turn(b);
    struct cursor in = cursor_over(heard(b, IPC_PROVISION));
    assert_int_equal(road_provision_take(&in, &p), RESULT_OK);
    assert_int_equal(p.ticket, 7);
    buf_free(&body);
    return p;
}

static void the_ledger_knows_what_was_released_to_whom_and_under_which_clause(void **state)
{
    (void)state;
    struct bench b;
    struct road_deliver d;
    begin(&b);
    uint64_t named = request(&b, &d);
    const struct road_provision p = ask_provision(&b, named);
    assert_true(p.found);
    assert_true(bytes_is(p.source, CENTRE));
    assert_true(bytes_is(p.unit, FIRE));
    assert_int_equal(p.deadline_us, NOON + US_PER_HOUR);
    assert_false(ask_provision(&b, d.received_index).found); /* another event */
    assert_false(ask_provision(&b, 1 << 20).found);
    bench_restart(&b);
    assert_true(ask_provision(&b, named).found);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_in_reserve_gets_nothing_before_the_time_and_then_the_message),
        cmocka_unit_test(the_sender_is_told_of_the_escalation_and_of_who_attended_after_it),
        cmocka_unit_test(nobody_attends_to_a_real_message_by_one_of_an_exercise),
        cmocka_unit_test(what_was_escalated_stays_when_the_first_recipient_attends_late),
        cmocka_unit_test(a_unit_in_reserve_that_may_not_have_it_is_named_and_gets_nothing),
        cmocka_unit_test(nothing_is_escalated_whose_deadline_has_come),
        cmocka_unit_test(attending_in_time_frees_who_is_in_reserve),
        cmocka_unit_test(only_an_answer_of_the_kinds_asked_for_counts),
        cmocka_unit_test(what_does_not_count_as_attending),
        cmocka_unit_test(where_it_is_enough_an_acknowledgement_counts_and_a_refusal_does_not),
        cmocka_unit_test(each_duty_of_a_message_is_its_own),
        cmocka_unit_test(the_time_runs_once_persons_let_the_message_go),
        cmocka_unit_test(what_persons_refuse_is_nobody_s_duty),
        cmocka_unit_test(one_recipient_who_need_not_wait_is_enough_for_the_time_to_run),
        cmocka_unit_test(a_duty_outlives_a_crash_before_its_time),
        cmocka_unit_test(attending_counts_after_a_crash_and_is_remembered_by_the_next),
        cmocka_unit_test(a_duty_that_was_escalated_is_forgotten_a_day_later),
        cmocka_unit_test(the_ledger_knows_what_was_released_to_whom_and_under_which_clause),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
