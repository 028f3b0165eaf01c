/* Units that offend again and again: when one is named to the ledger, and what it means to be
 * suspended for it. */
#include "publish.h"

enum { MOST = 3 };

struct fixture {
    struct desk d;
    struct session *police, *centre;
};

static int set_up_with(void **state, unsigned offences)
{
    struct fixture *f = mem_new(sizeof *f);
    desk_new_with(&f->d, offences, US_PER_MINUTE);
    f->police = desk_session(&f->d, POLICE);
    f->centre = desk_session(&f->d, CENTRE);
    *state = f;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, MOST);
}

static int set_up_strict(void **state)
{
    return set_up_with(state, 1);
}

static int set_up_without(void **state)
{
    return set_up_with(state, 0);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    desk_free(&f->d);
    mem_free(f);
    return 0;
}

static void offend(struct fixture *f, const char *unit, enum offence what, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        edge_offends(f->d.edge, unit, what);
}

static bool is_named(struct fixture *f)
{
    return desk_has_told(&f->d, IPC_OFFENDER);
}

static void say_suspended(struct fixture *f, const char *subject)
{
    struct buf body = BUF_INIT(256);
    if (subject != NULL)
        buf_bytes16(&body, bytes_of_text(subject));
    desk_say(&f->d, IPC_SUSPENSIONS, &body);
}

static void a_unit_that_offends_often_enough_is_named(void **state)
{
    struct fixture *f = *state;
    struct road_offender o;
    offend(f, POLICE, OFFENCE_FLOOD, MOST - 1);
    offend(f, CENTRE, OFFENCE_FLOOD, MOST - 1); /* another's do not count against it */
    assert_false(is_named(f));
    offend(f, POLICE, OFFENCE_REFUSED_MESSAGES, 1);
    struct cursor in = cursor_over(desk_told(&f->d, IPC_OFFENDER));
    assert_int_equal(road_offender_take(&in, &o), RESULT_OK);
    assert_true(bytes_is(o.unit, POLICE) && o.offence == OFFENCE_REFUSED_MESSAGES);
    offend(f, POLICE, OFFENCE_FLOOD, MOST - 1); /* and is counted anew */
    assert_false(is_named(f));
}

static void what_is_longer_ago_than_the_window_does_not_count(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 10 * MOST; i++) {
        offend(f, POLICE, OFFENCE_FLOOD, 1);
        desk_pass(&f->d, US_PER_MINUTE / (MOST - 1) + US_PER_S);
    }
    assert_false(is_named(f));
    offend(f, POLICE, OFFENCE_FLOOD, MOST - 1); /* the one of half a minute ago does */
    assert_true(is_named(f));
}

/* A client in a loop is slowed at once; it is no offender for the first seconds of that. */
static void too_many_messages_or_handshakes_are_one_offence_in_half_a_minute(void **state)
{
    struct fixture *f = *state;
    offend(f, POLICE, OFFENCE_HANDSHAKES, 1000);
    desk_pass(&f->d, 29 * US_PER_S);
    offend(f, POLICE, OFFENCE_HANDSHAKES, 1000);
    assert_false(is_named(f));
    desk_pass(&f->d, US_PER_S);
    offend(f, POLICE, OFFENCE_HANDSHAKES, 1000);
    desk_pass(&f->d, 30 * US_PER_S);
    offend(f, POLICE, OFFENCE_HANDSHAKES, 1000);
    assert_true(is_named(f));
}

/* Each message that is refused is on record; the first that has to wait for that is an offence. */
static void more_refused_messages_than_a_unit_may_have_are_an_offence(void **state)
{
    struct fixture *f = *state;
    struct shared *junk = shared_copy(bytes_of_text("no message"));
    struct caller c;
    unsigned sent = 0;
    caller_open(&c, f->police);
    for (; !is_named(f) && sent < 2 * LIMIT_REFUSALS; sent++) {
        (void)publisher_take(c.publisher, junk, shared_view(junk));
        while (desk_has_told(&f->d, IPC_COMMIT))
            desk_commit_next(&f->d, ROAD_ON_DISK);
    }
    assert_int_equal(sent, LIMIT_REFUSALS + 1);
    publisher_close(c.publisher);
    shared_drop(junk);
}

/* Each receipt is read in the log again, which may be cold there. */
static void messages_sent_again_and_again_go_on_slowly_and_are_no_offence(void **state)
{
    struct fixture *f = *state;
    char incident[IDENT_INCIDENT_MAX + 1], id[UUID_TEXT + 1];
    struct caller c;
    desk_open_incident(&f->d, f->police, incident);
    desk_uuid(&f->d, id);
    struct shared *m = desk_message(&f->d, id, POLICE, incident, DESK_ASK);
    caller_open(&c, f->police);
    for (unsigned sent = 0; sent < LIMIT_REPEATS + 5; sent++) {
        (void)publisher_take(c.publisher, m, shared_view(m));
        while (desk_has_told(&f->d, IPC_COMMIT))
            desk_commit_next(&f->d, ROAD_REPEATED);
    }
    assert_int_equal(c.receipts, LIMIT_REPEATS);
    desk_pass(&f->d, US_PER_S);
    while (desk_has_told(&f->d, IPC_COMMIT))
        desk_commit_next(&f->d, ROAD_REPEATED);
    assert_int_equal(c.receipts, LIMIT_REPEATS + 5);
    assert_false(is_named(f));
    publisher_close(c.publisher);
    shared_drop(m);
}

/* A call for a receipt is a repeat too; it does not wait for what is refused. */
static void receipts_asked_for_again_and_again_rest_too(void **state)
{
    struct fixture *f = *state;
    struct shared *junk = shared_copy(bytes_of_text("no message"));
    struct caller c, asks;
    char id[UUID_TEXT + 1];
    desk_uuid(&f->d, id);
    caller_open(&c, f->police);
    for (unsigned sent = 0; sent < LIMIT_REFUSALS + 5; sent++) {
        (void)publisher_take(c.publisher, junk, shared_view(junk));
        while (desk_has_told(&f->d, IPC_COMMIT))
            desk_commit_next(&f->d, ROAD_ON_DISK);
    }
    for (unsigned i = 0; i <= LIMIT_REPEATS; i++) {
        caller_open(&asks, f->police);
        publisher_ask_receipt(asks.publisher, bytes_of_text(id));
        assert_int_equal(desk_has_told(&f->d, IPC_RECEIPT_GET), i < LIMIT_REPEATS);
        if (i < LIMIT_REPEATS) {
            struct cursor in = cursor_over(desk_told(&f->d, IPC_RECEIPT_GET));
            uint64_t ticket;
            assert_int_equal(cursor_u64(&in, &ticket), RESULT_OK);
            desk_commit(&f->d, ticket, ROAD_REPEATED);
            assert_int_equal(asks.receipts, 1);
        }
        publisher_close(asks.publisher);
    }
    publisher_close(c.publisher);
    shared_drop(junk);
}

static void without_a_number_nobody_is_named(void **state)
{
    struct fixture *f = *state;
    offend(f, POLICE, OFFENCE_FLOOD, 1000);
    assert_false(is_named(f));
}

static void an_offender_is_barred_with_that_reason_and_no_other_unit_is(void **state)
{
    struct fixture *f = *state;
    const char *why = "";
    say_suspended(f, "offender " POLICE);
    assert_ptr_equal(f->d.closing, f->police);
    assert_int_equal(session_bar(f->police, &why), REASON_PARTY_SUSPENDED);
    assert_non_null(strstr(why, "the gateway has suspended this unit"));
    assert_int_equal(session_bar(f->centre, &why), REASON_NONE);
    offend(f, POLICE, OFFENCE_FLOOD, MOST); /* it is suspended already */
    assert_false(is_named(f));
    say_suspended(f, NULL);
    assert_int_equal(session_bar(f->police, &why), REASON_NONE);
    offend(f, POLICE, OFFENCE_FLOOD, MOST);
    assert_true(is_named(f));
}

static void while_the_ledger_is_away_it_is_counted_until_it_can_be_named(void **state)
{
    struct fixture *f = *state;
    edge_ledger_went(f->d.edge);
    offend(f, POLICE, OFFENCE_FLOOD, MOST);
    desk_ledger_comes(&f->d);
    assert_false(is_named(f));
    offend(f, POLICE, OFFENCE_FLOOD, 1);
    assert_true(is_named(f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(a_unit_that_offends_often_enough_is_named),
        T(what_is_longer_ago_than_the_window_does_not_count),
        T(too_many_messages_or_handshakes_are_one_offence_in_half_a_minute),
        cmocka_unit_test_setup_teardown(more_refused_messages_than_a_unit_may_have_are_an_offence,
                                        set_up_strict, tear_down),
        cmocka_unit_test_setup_teardown(
            messages_sent_again_and_again_go_on_slowly_and_are_no_offence, set_up_strict,
            tear_down),
        T(receipts_asked_for_again_and_again_rest_too),
        cmocka_unit_test_setup_teardown(without_a_number_nobody_is_named, set_up_without,
                                        tear_down),
        T(an_offender_is_barred_with_that_reason_and_no_other_unit_is),
        T(while_the_ledger_is_away_it_is_counted_until_it_can_be_named),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
