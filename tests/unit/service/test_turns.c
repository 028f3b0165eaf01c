/* Publish: in which turn messages go to the ledger, and whom a flood holds up. */
#include "publish.h"

enum { CALLS = 80 };

#define FEEDBACK "'feedback':{'cameraId':['" CAMERA "'],'helped':true}"

struct fixture {
    struct desk d;
    struct session *police, *centre;
    struct caller flood[CALLS], quiet;
    char incident[IDENT_INCIDENT_MAX + 1];
    struct shared *alert, *normal; /* of the police */
};

static int set_up(void **state)
{
    struct fixture *f = mem_new(sizeof *f);
    char id[UUID_TEXT + 1];
    desk_new(&f->d);
    f->police = desk_session(&f->d, POLICE);
    f->centre = desk_session(&f->d, CENTRE);
    desk_open_incident(&f->d, f->police, f->incident);
    for (size_t i = 0; i < CALLS; i++)
        caller_open(&f->flood[i], f->police);
    caller_open(&f->quiet, f->centre);
    desk_uuid(&f->d, id);
    f->alert = desk_message(&f->d, id, POLICE, f->incident, DESK_ASK);
    f->normal = desk_message(&f->d, id, POLICE, f->incident, FEEDBACK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    desk_free(&f->d);
    shared_drop(f->alert);
    shared_drop(f->normal);
    mem_free(f);
    return 0;
}

/* The call sends this message until it is asked to wait; how often. */
static unsigned flood(struct caller *c, struct shared *m)
{
    unsigned count = 0;
    enum result r = RESULT_OK;
    while (r == RESULT_OK && c->publisher != NULL) {
        r = publisher_take(c->publisher, m, shared_view(m));
        count++;
    }
    return count;
}

/* The next commit that the ledger was told, as its sender and ticket; false: it was told none. */
static bool next_commit(struct fixture *f, bool *is_quiet, uint64_t *ticket)
{
    if (!desk_has_told(&f->d, IPC_COMMIT))
        return false;
    struct road_commit *c = desk_told_commit(&f->d);
    *is_quiet = bytes_is(c->envelope.source, CENTRE);
    *ticket = c->ticket;
    mem_free(c);
    return true;
}

/* Answers what the ledger was told so far, the oldest first, until the quiet one's comes up; how
 * many were told before that one, from now on. */
static unsigned told_before_the_quiet_one(struct fixture *f)
{
    bool is_quiet = false;
    uint64_t ticket;
    unsigned count = 0;
    while (next_commit(f, &is_quiet, &ticket) && !is_quiet) {
        count++;
        desk_commit(&f->d, ticket, ROAD_ON_DISK);
    }
    assert_true(is_quiet);
    return count;
}

static void send_quietly(struct fixture *f)
{
    caller_send(&f->quiet, &f->d, CENTRE, f->incident, DESK_ASK, NULL);
}

static void the_ledger_has_so_many_at_once_and_the_next_as_it_answers(void **state)
{
    struct fixture *f = *state;
    const unsigned most = LIMIT_LEDGER_MESSAGES + LIMIT_LEDGER_MESSAGES / 4;
    bool is_quiet;
    uint64_t ticket[512], more;
    unsigned count = 0;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(flood(&f->flood[i], f->alert), LIMIT_CALL_MESSAGES);
    while (next_commit(f, &is_quiet, &ticket[count]))
        count++;
    assert_int_equal(count, most);
    desk_commit(&f->d, ticket[7], ROAD_ON_DISK);
    assert_true(next_commit(f, &is_quiet, &more));
    assert_false(next_commit(f, &is_quiet, &more));
}

static void a_flood_of_another_party_s_alerts_delays_one_by_four_more_at_most(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < 8; i++)
        (void)flood(&f->flood[i], f->alert);
    const unsigned told = LIMIT_LEDGER_MESSAGES + LIMIT_LEDGER_MESSAGES / 4;
    send_quietly(f);
    assert_in_range(told_before_the_quiet_one(f), told, told + 4);
}

static void a_flood_of_normal_messages_delays_an_alert_by_those_that_the_ledger_has(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < 8; i++)
        (void)flood(&f->flood[i], f->normal);
    send_quietly(f);
    assert_int_equal(told_before_the_quiet_one(f), LIMIT_LEDGER_MESSAGES);
}

/* Whoever came when all the room was taken was ended, whoever had taken it. */
static void what_one_party_has_under_way_ends_nobody_else_s_call(void **state)
{
    struct fixture *f = *state;
    struct shared *large = shared_new(LIMIT_MESSAGE); /* no message: refused, but kept until then */
    memset(shared_room(large), 0xff, LIMIT_MESSAGE);
    unsigned ended = 0;
    for (size_t i = 0; i < CALLS && f->flood[i].publisher != NULL; i++)
        for (unsigned k = 0; k < 2 && f->flood[i].publisher != NULL; k++)
            (void)publisher_take(f->flood[i].publisher, large, shared_view(large));
    for (size_t i = 0; i < CALLS; i++)
        ended += f->flood[i].publisher == NULL;
    assert_true(ended > 0); /* of a peer that goes on although it is asked to wait */
    send_quietly(f);
    assert_non_null(f->quiet.publisher);
    (void)told_before_the_quiet_one(f);
    shared_drop(large);
}

/* Each of its calls goes on with one message at a time, so that none stands for ever. */
static void a_party_with_much_under_way_is_asked_to_wait_and_goes_on(void **state)
{
    struct fixture *f = *state;
    struct shared *large = shared_new(LIMIT_MESSAGE);
    memset(shared_room(large), 0xff, LIMIT_MESSAGE);
    bool is_quiet;
    uint64_t ticket;
    unsigned sent = 0;
    size_t calls = 0;
    for (; sent * (size_t)LIMIT_MESSAGE < LIMIT_PARTY_BYTES; calls++)
        sent += flood(&f->flood[calls], large);
    struct caller *last = &f->flood[calls];
    assert_int_equal(flood(last, large), 1);
    for (unsigned i = 0; i < sent; i++) {
        assert_true(next_commit(f, &is_quiet, &ticket));
        assert_int_equal(last->rooms, 0);
        desk_commit(&f->d, ticket, ROAD_ON_DISK);
    }
    assert_true(next_commit(f, &is_quiet, &ticket));
    desk_commit(&f->d, ticket, ROAD_ON_DISK);
    assert_int_equal(last->rooms, 1);
    for (size_t i = 0; i < calls; i++)
        assert_int_equal(f->flood[i].rooms, 1);
    shared_drop(large);
}

static void a_call_that_was_asked_to_wait_does_until_its_party_has_less(void **state)
{
    struct fixture *f = *state;
    struct shared *large = shared_new(LIMIT_MESSAGE);
    memset(shared_room(large), 0xff, LIMIT_MESSAGE);
    const size_t calls = LIMIT_PARTY_BYTES / LIMIT_MESSAGE + 1;
    struct caller *waits = &f->flood[CALLS - 1];
    bool is_quiet;
    uint64_t ticket;
    for (size_t i = 0; i <= calls / 2; i++)
        (void)flood(&f->flood[i], large); /* two each */
    for (unsigned i = 0; i < 2; i++)      /* the second was on its way */
        assert_int_equal(publisher_take(waits->publisher, f->normal, shared_view(f->normal)),
                         RESULT_AGAIN);
    for (size_t i = 0; i < calls; i++)
        (void)flood(&f->flood[calls + i], large); /* one each */
    while (waits->receipts == 0) {
        assert_true(next_commit(f, &is_quiet, &ticket));
        desk_commit(&f->d, ticket, ROAD_ON_DISK);
    }
    assert_int_equal(waits->rooms, 0);
    while (waits->receipts == 1) {
        assert_true(next_commit(f, &is_quiet, &ticket));
        desk_commit(&f->d, ticket, ROAD_ON_DISK);
    }
    assert_int_equal(waits->rooms, 1); /* with none under way it may send one */
    shared_drop(large);
}

static void what_waits_for_its_turn_goes_with_its_call(void **state)
{
    struct fixture *f = *state;
    bool is_quiet;
    uint64_t ticket;
    for (size_t i = 0; i < 8; i++)
        (void)flood(&f->flood[i], f->alert);
    for (size_t i = 0; i < 8; i++)
        publisher_close(f->flood[i].publisher);
    unsigned count = 0;
    for (; next_commit(f, &is_quiet, &ticket); count++)
        desk_commit(&f->d, ticket, ROAD_ON_DISK);
    assert_int_equal(count, LIMIT_LEDGER_MESSAGES + LIMIT_LEDGER_MESSAGES / 4);
    send_quietly(f);
    assert_int_equal(told_before_the_quiet_one(f), 0);
}

static void everybody_s_turn_comes_again_when_the_ledger_is_back(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < 4; i++)
        (void)flood(&f->flood[i], f->alert);
    edge_ledger_went(f->d.edge);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(f->flood[i].why, "the ledger is not there");
    while (desk_has_told(&f->d, IPC_COMMIT))
        mem_free(desk_told_commit(&f->d)); /* of before */
    desk_ledger_comes(&f->d);
    caller_open(&f->quiet, f->centre);
    send_quietly(f);
    assert_int_equal(told_before_the_quiet_one(f), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_ledger_has_so_many_at_once_and_the_next_as_it_answers),
        T(a_flood_of_another_party_s_alerts_delays_one_by_four_more_at_most),
        T(a_flood_of_normal_messages_delays_an_alert_by_those_that_the_ledger_has),
        T(what_one_party_has_under_way_ends_nobody_else_s_call),
        T(a_party_with_much_under_way_is_asked_to_wait_and_goes_on),
        T(a_call_that_was_asked_to_wait_does_until_its_party_has_less),
        T(what_waits_for_its_turn_goes_with_its_call),
        T(everybody_s_turn_comes_again_when_the_ledger_is_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
