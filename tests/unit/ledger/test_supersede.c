#include "dump.h"

enum { PERSONS = 10, EACH = 100 };

/* Recovery knows just what the living ledger knew. */
static void restart_to_the_same(struct bench *b)
{
    struct dump before = dump_of(b->l);
    bench_restart(b);
    struct dump after = dump_of(b->l);
    assert_dumps_equal(&before, &after, false, "after a restart");
    dump_free(&before);
    dump_free(&after);
}

static bool is_there(struct bench *b, uint64_t scope)
{
    return kept(b, scope) != NULL && !kept(b, scope)->doomed;
}

/* The number-th message, a position of this person, under scope 1, which the first one brings. */
static void make_position(struct bench *b, unsigned number, uint8_t person, struct road_commit *c)
{
    static uint8_t who[ROAD_TAG];
    make_commit(b, 0, 1, c);
    memcpy(c->envelope.id.b, &number, sizeof number);
    memcpy(c->content, &number, sizeof number);
    c->envelope.kind = bytes_of_text("location_update");
    c->recipient[0].clause = bytes_of_text("mou-1#position");
    who[0] = person;
    c->succession = bytes_of(who, sizeof who);
    c->recipient[0].supersedes = true;
    if (spool_scopes_get(b->l->scopes, 1) == NULL)
        with_scope(b, c, 1);
}

static uint64_t tell_position(struct bench *b, unsigned number, uint8_t person)
{
    struct road_commit c;
    make_position(b, number, person, &c);
    const struct road_committed answer = commit(b, &c);
    assert_int_equal(answer.answer, ROAD_ON_DISK);
    return answer.index;
}

static unsigned number_of(const struct road_deliver *d)
{
    unsigned number;
    memcpy(&number, d->envelope.id.b, sizeof number);
    return number;
}

/* What FIRE is offered, in order: the numbers of messages. */
static size_t take_all(struct bench *b, uint64_t consumer, unsigned *number, size_t most)
{
    size_t count = 0;
    struct bytes said;
    forget_said(b);
    assert_int_equal(subscribe(b, consumer, FIRE, "default"), RESULT_OK);
    turn(b);
    while ((said = heard(b, IPC_DELIVER)).n > 0) {
        struct road_deliver d;
        struct cursor in = cursor_over(said);
        assert_int_equal(road_deliver_take(&in, &d), RESULT_OK);
        assert_true(count < most);
        number[count++] = number_of(&d);
    }
    return count;
}

static void a_desk_that_was_away_gets_each_person_s_newest_position(void **state)
{
    static struct bench b;
    unsigned number[2 * PERSONS];
    (void)state;
    bench_init(&b);
    for (unsigned i = 0; i < PERSONS * EACH; i++) {
        struct road_commit c;
        make_position(&b, i, (uint8_t)(i % PERSONS), &c);
        assert_int_equal(send_commit(&b, &c), RESULT_OK);
        if (i % 7 == 0) { /* some of them in one commit */
            turn(&b);
            forget_said(&b);
        }
    }
    turn(&b);
    assert_int_equal(spool_entries(b.l->queues), PERSONS);
    assert_int_equal(count_leaves(&b, "\"superseded\""), PERSONS * (EACH - 1));
    restart_to_the_same(&b);
    assert_int_equal(take_all(&b, 1, number, ARRAY_LEN(number)), PERSONS);
    for (unsigned i = 0; i < PERSONS; i++) /* in the order in which persons were waited for */
        assert_int_equal(number[i], PERSONS * (EACH - 1) + i);
    assert_int_equal(count_leaves(&b, "\"released\""), 0);
    bench_free(&b);
}

static void the_log_says_of_what_gave_way_which_message_has_its_place(void **state)
{
    struct bench b;
    char refers[32], newer[32];
    (void)state;
    bench_init(&b);
    const uint64_t first = tell_position(&b, 1, 1), second = tell_position(&b, 2, 1);
    (void)snprintf(refers, sizeof refers, "\"refers\":%d,", (int)first);
    (void)snprintf(newer, sizeof newer, "scope=1 newer=%d\"", (int)second);
    assert_int_equal(count_leaves(&b, refers), 1);
    assert_int_equal(count_leaves(&b, newer), 1);
    bench_free(&b);
}

static void no_other_person_s_position_gives_way_nor_what_is_no_position(void **state)
{
    struct bench b;
    struct road_commit c;
    unsigned number[8];
    (void)state;
    bench_init(&b);
    make_position(&b, 1, 1, &c); /* the alert itself */
    c.succession.n = 0;
    c.recipient[0].supersedes = false;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    make_position(&b, 2, 1, &c); /* its clause does not say so for this recipient */
    c.recipient[0].supersedes = false;
    assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    (void)tell_position(&b, 3, 2);
    (void)tell_position(&b, 4, 1);
    assert_int_equal(take_all(&b, 1, number, ARRAY_LEN(number)), 4);
    assert_int_equal(count_leaves(&b, "superseded"), 0);
    bench_free(&b);
}

/* The edge had it for its second decision; the recipient has it or not. */
static void what_a_recipient_was_offered_does_not_give_way(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    (void)tell_position(&b, 1, 1);
    const struct road_deliver d = delivered(&b);
    (void)tell_position(&b, 2, 1);
    send_release(&b, &d, true);
    turn(&b);
    assert_true(released(&b).go);
    ledger_edge_went(b.l); /* it waits for another consumer again, and may have arrived */
    ledger_edge_came(b.l);
    (void)tell_position(&b, 3, 1);
    assert_int_equal(count_leaves(&b, "superseded"), 1);
    assert_int_equal(spool_entries(b.l->queues), 2);
    restart_to_the_same(&b);
    bench_free(&b);
}

/* A minute from the first one on, however often a newer one comes. */
static void whoever_is_in_reserve_gets_the_newest_when_the_oldest_was_due(void **state)
{
    enum { EVERY = 10, WITHIN_S = 60 };
    struct bench b;
    struct road_commit c;
    (void)state;
    bench_init(&b);
    for (unsigned s = 0; s < WITHIN_S; s += EVERY) {
        make_position(&b, s, 1, &c);
        c.recipient[1] = c.recipient[0];
        c.recipient[1].unit = bytes_of_text(CAR);
        c.recipient[1].supersedes = false;
        c.recipient[1].reserve = true;
        c.recipient[0].duty = c.recipient[1].duty = 1;
        c.recipients = 2;
        c.duty[0] = (struct road_duty){.by_us = b.wall_us + WITHIN_S * US_PER_S, .by_ack = true};
        c.duties = 1;
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
        assert_int_equal(count_leaves(&b, "\"escalated\""), 0);
        advance(&b, EVERY * US_PER_S - 1);
        restart_to_the_same(&b);
        advance(&b, 1);
    }
    turn(&b);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 1);
    assert_int_equal(count_leaves(&b, "\"superseded\""), WITHIN_S / EVERY - 1);
    forget_said(&b);
    assert_int_equal(subscribe(&b, 2, CAR, "default"), RESULT_OK);
    turn(&b);
    assert_int_equal(count_said(&b, IPC_DELIVER), 1);
    const struct road_deliver d = delivered(&b);
    assert_true(d.reserve);
    assert_int_equal(number_of(&d), WITHIN_S - EVERY);
    bench_free(&b);
}

/* Two units are to attend, and one has it: its time goes on. */
static void a_duty_that_somebody_else_may_meet_goes_on(void **state)
{
    struct bench b;
    struct road_commit c;
    (void)state;
    bench_init(&b);
    for (unsigned i = 0; i < 2; i++) {
        make_position(&b, i, 1, &c);
        c.recipient[1] = c.recipient[2] = c.recipient[0];
        c.recipient[1].unit = bytes_of_text("daejeon-fire/desk");
        c.recipient[1].supersedes = i > 0; /* of the first one it cannot be superseded */
        c.recipient[2].unit = bytes_of_text(CAR);
        c.recipient[2].supersedes = false;
        c.recipient[2].reserve = true;
        c.recipient[0].duty = c.recipient[1].duty = c.recipient[2].duty = 1;
        c.recipients = 3;
        c.duty[0] = (struct road_duty){.by_us = b.wall_us + US_PER_MINUTE, .by_ack = true};
        c.duties = 1;
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
        advance(&b, US_PER_S);
    }
    assert_int_equal(count_leaves(&b, "\"superseded\""), 1);
    restart_to_the_same(&b);
    advance(&b, US_PER_MINUTE - 2 * US_PER_S);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 1); /* the first */
    advance(&b, US_PER_S);
    assert_int_equal(count_leaves(&b, "\"escalated\""), 2);
    bench_free(&b);
}

static void what_gave_way_is_destroyed_as_what_was_delivered_is(void **state)
{
    struct bench b;
    struct road_commit c;
    (void)state;
    bench_init(&b);
    for (uint8_t i = 1; i <= 2; i++) { /* each under a key of its own */
        make_position(&b, i, 1, &c);
        c.scopes = 0;
        c.body[0].scope = i;
        with_scope(&b, &c, i);
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
    }
    advance(&b, SPOOL_LINGER);
    confirm_wipe(&b);
    assert_false(is_there(&b, 1));
    assert_true(is_there(&b, 2));
    assert_int_equal(count_leaves(&b, "\"destroyed\""), 1);
    bench_free(&b);
}

static void what_officers_preserve_does_not_give_way(void **state)
{
    struct bench b;
    unsigned number[4];
    (void)state;
    bench_init(&b);
    (void)tell_position(&b, 1, 1);
    spool_scope_preserve(b.l->scopes, spool_scopes_get(b.l->scopes, 1));
    (void)tell_position(&b, 2, 1);
    assert_int_equal(take_all(&b, 1, number, ARRAY_LEN(number)), 2);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_desk_that_was_away_gets_each_person_s_newest_position),
        cmocka_unit_test(the_log_says_of_what_gave_way_which_message_has_its_place),
        cmocka_unit_test(no_other_person_s_position_gives_way_nor_what_is_no_position),
        cmocka_unit_test(what_a_recipient_was_offered_does_not_give_way),
        cmocka_unit_test(whoever_is_in_reserve_gets_the_newest_when_the_oldest_was_due),
        cmocka_unit_test(a_duty_that_somebody_else_may_meet_goes_on),
        cmocka_unit_test(what_gave_way_is_destroyed_as_what_was_delivered_is),
        cmocka_unit_test(what_officers_preserve_does_not_give_way),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
