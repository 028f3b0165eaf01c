/* What vaults of units ask, at the edge: checked, passed on in the unit's name, answered once. */
#include "desk.h"

#include <fedgate/v1/fedgate.pb-c.h>

struct asker {
    unsigned answered, refused;
    int status;
    struct vault_answer last;
    char clause[64];
};

static void answered(void *arg, const struct vault_answer *a)
{
    struct asker *x = arg;
    x->answered++;
    x->last = *a;
    (void)snprintf(x->clause, sizeof x->clause, "%.*s", (int)a->clause.n,
                   (const char *)a->clause.p);
}

static void refused(void *arg, int status, const char *why)
{
    struct asker *x = arg;
    x->refused++;
    x->status = status;
    assert_true(why[0] != '\0');
}

static const struct vault_ask_events events = {answered, refused};
static const uint8_t reader[HALF_READER] = "a public key";
static Fedgate__V1__Actor *an_actor(void)
{
    static char staff[] = "p-417", role[] = "duty-officer", station[] = "w2", how[] = "minisign";
    static Fedgate__V1__Actor actor = FEDGATE__V1__ACTOR__INIT;
    actor.staff_ref = staff;
    actor.role = role;
    actor.workstation = station;
    actor.authenticated_by = how;
    return &actor;
}

static struct vault_question opening(uint64_t index)
{
    return (struct vault_question){.what = HALF_OPEN,
                                   .index = index,
                                   .reader = reader,
                                   .actor = an_actor(),
                                   .reason = bytes_of_text("case 2026-17")};
}

static struct half_ask told(struct desk *d)
{
    struct cursor in = cursor_over(desk_told(d, IPC_HALF_ASK));
    struct half_ask a;
    assert_int_equal(half_ask_take(&in, &a), RESULT_OK);
    return a;
}

static void say(struct desk *d, uint64_t ticket, enum half_answer answer)
{
    static const uint8_t box[HALF_BOX] = "sealed for the vault";
    const struct half_said s = {.ticket = ticket,
                                .answer = (uint8_t)answer,
                                .limited = true,
                                .left = 2,
                                .entry = 99,
                                .clause = bytes_of_text("mou#grant"),
                                .box = bytes_of(box, answer == HALF_GIVEN ? HALF_BOX : 0)};
    struct buf out = BUF_INIT(1000);
    half_said_put(&s, &out);
    desk_say(d, IPC_HALF_SAID, &out);
}

static void an_opening_is_passed_on_in_the_units_name_and_its_half_comes_back(void **state)
{
    (void)state;
    struct desk d;
    struct asker x = {0};
    const struct vault_question q = opening(7);
    desk_new(&d);
    assert_non_null(vault_ask_open(desk_session(&d, POLICE), &events, &x, &q));
    const struct half_ask a = told(&d);
    assert_true(bytes_is(a.unit, POLICE) && a.what == HALF_OPEN && a.index == 7);
    assert_memory_equal(a.reader, reader, HALF_READER);
    say(&d, a.ticket, HALF_GIVEN);
    assert_int_equal(x.answered, 1);
    assert_int_equal(x.last.refused, REASON_NONE);
    assert_true(x.last.limited && x.last.left == 2 && x.last.entry == 99);
    assert_string_equal(x.clause, "mou#grant");
    say(&d, a.ticket, HALF_GIVEN); /* nobody waits for it any more */
    assert_int_equal(x.answered, 1);
    desk_free(&d);
}

static void refusals_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        enum half_answer answer;
        enum reason reason;
        int status;
    } row[] = {
        {HALF_ENDED, REASON_PURPOSE_FULFILLED, 0},     {HALF_USED_UP, REASON_USE_COUNT_EXCEEDED, 0},
        {HALF_SUSPENDED, REASON_CONSENT_WITHDRAWN, 0}, {HALF_FREE, REASON_NONE, 0},
        {HALF_NONE, REASON_NONE, GRPC_NOT_FOUND},      {HALF_LATER, REASON_NONE, GRPC_UNAVAILABLE}};
    struct desk d;
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct asker x = {0};
        const struct vault_question q = opening(i);
        assert_non_null(vault_ask_open(s, &events, &x, &q));
        say(&d, told(&d).ticket, row[i].answer);
        assert_int_equal(x.answered, row[i].status == 0);
        assert_int_equal(x.refused, row[i].status != 0);
        assert_int_equal(x.status, row[i].status);
        assert_int_equal(x.last.refused, row[i].reason);
        assert_int_equal(x.last.not_needed, row[i].answer == HALF_FREE);
        assert_int_equal(x.last.half.n, 0);
    }
    desk_free(&d);
}

static void what_is_held_is_asked_for_and_told_from_record_to_record(void **state)
{
    (void)state;
    struct desk d;
    struct asker x = {0};
    static const struct vault_question q = {.what = HALF_HELD, .index = 7};
    desk_new(&d);
    assert_non_null(vault_ask_open(desk_session(&d, POLICE), &events, &x, &q));
    const struct half_ask a = told(&d);
    assert_true(bytes_is(a.unit, POLICE) && a.what == HALF_HELD && a.index == 7);
    const struct half_said s = {
        .ticket = a.ticket, .answer = HALF_GIVEN, .held = bytes_of_text("holds"), .next = 4711};
    struct buf out = BUF_INIT(1000);
    half_said_put(&s, &out);
    desk_say(&d, IPC_HALF_SAID, &out);
    assert_int_equal(x.answered, 1);
    assert_int_equal(x.last.held.n, 5);
    assert_int_equal(x.last.next, 4711);
    desk_free(&d);
}

static void who_has_gone_is_not_answered(void **state)
{
    (void)state;
    struct desk d;
    struct asker x = {0};
    const struct vault_question q = opening(7);
    desk_new(&d);
    struct vault_ask *ask = vault_ask_open(desk_session(&d, POLICE), &events, &x, &q);
    uint64_t ticket = told(&d).ticket;
    vault_ask_close(ask);
    say(&d, ticket, HALF_GIVEN);
    assert_int_equal(x.answered + x.refused, 0);
    desk_free(&d);
}

static void a_sessions_questions_go_one_after_the_other_and_end_with_it(void **state)
{
    (void)state;
    struct desk d;
    struct asker x[3] = {{0}};
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    for (size_t i = 0; i < 3; i++) {
        const struct vault_question q = opening(i);
        assert_non_null(vault_ask_open(s, &events, &x[i], &q));
    }
    const struct half_ask first = told(&d);
    assert_false(desk_has_told(&d, IPC_HALF_ASK));
    say(&d, first.ticket, HALF_GIVEN);
    assert_int_equal(told(&d).index, 1);
    session_close(s);
    assert_int_equal(x[1].refused + x[2].refused, 2);
    assert_int_equal(x[1].status, GRPC_UNAVAILABLE);
    assert_false(desk_has_told(&d, IPC_HALF_ASK));
    desk_free(&d);
}

static void without_a_ledger_nobody_is_asked(void **state)
{
    (void)state;
    struct desk d;
    struct asker x = {0};
    const struct vault_question q = opening(7);
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    edge_ledger_went(d.edge);
    assert_null(vault_ask_open(s, &events, &x, &q));
    assert_int_equal(x.status, GRPC_UNAVAILABLE);
    desk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_opening_is_passed_on_in_the_units_name_and_its_half_comes_back),
        cmocka_unit_test(refusals_are_told_apart),
        cmocka_unit_test(what_is_held_is_asked_for_and_told_from_record_to_record),
        cmocka_unit_test(who_has_gone_is_not_answered),
        cmocka_unit_test(a_sessions_questions_go_one_after_the_other_and_end_with_it),
        cmocka_unit_test(without_a_ledger_nobody_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
