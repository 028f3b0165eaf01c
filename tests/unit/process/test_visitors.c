/* Who is let in to the console, and who is ended while connected. */
#include "visitors_bench.h"

/* ---- coming */

static void a_unit_comes_in_as_what_its_certificate_and_the_set_say(void **state)
{
    static const struct {
        size_t agency;
        enum policy_console role;
        bool reads_all;
    } is[] = {{AUDITORS, POLICY_CONSOLE_AUDITOR, true},
              {OFFICERS, POLICY_CONSOLE_OFFICER, false},
              {OPERATORS, POLICY_CONSOLE_OPERATOR, true}};
    struct bench *b = *state;
    for (size_t i = 0; i < ARRAY_LEN(is); i++) {
        const struct grpc_connection *c = come(b, is[i].agency);
        uint8_t fingerprint[SHA256_BYTES];
        certificate_fingerprint(c->peer.certificate, fingerprint);
        is_in(c);
        assert_string_equal(c->guest->unit, units[is[i].agency]);
        assert_int_equal(c->guest->role, is[i].role);
        assert_int_equal(c->guest->reads_all, is[i].reads_all);
        assert_memory_equal(c->guest->certificate, fingerprint, SHA256_BYTES);
        assert_ptr_equal(c->guest->host, b);
    }
}

static void whoever_has_no_key_to_the_console_stays_outside(void **state)
{
    struct bench *b = *state;
    was_refused(come(b, POLICEMEN), "this unit may not use the console");
    const struct grpc_connection *c = come_by(b, AUDITORS, OFFICERS);
    assert_null(c->guest); /* another agency's root vouches for nobody of this one */
    assert_string_equal(c->why, identity_verdict_text(IDENTITY_FOREIGN_ROOT));
}

static void nobody_comes_in_before_the_ledger_told_who_is_suspended(void **state)
{
    struct bench *b = *state;
    visitors_tick(b->visitors);
    assert_null(come(b, AUDITORS)->guest);
    visitors_trust(b->visitors, b->set[0], b->trust);
    was_refused(come(b, AUDITORS), "the ledger has not told yet who is suspended");
    suspend(b, NULL);
    is_in(come(b, AUDITORS));
}

static void nobody_comes_in_before_there_is_a_set(void **state)
{
    struct bench *b = *state;
    suspend(b, NULL);
    assert_null(come(b, AUDITORS)->guest);
}

/* A ledger that tells more than there is room for has told nothing. */
static void a_list_of_suspended_that_is_too_long_lets_nobody_in(void **state)
{
    struct bench *b = *state;
    uint8_t *much = mem_new((1 << 20) + 1);
    visitors_suspend(b->visitors, bytes_of(much, (1 << 20) + 1));
    was_refused(come(b, AUDITORS), "the ledger has not told yet who is suspended");
    mem_free(much);
}

/* ---- budgets */

static void so_many_connections_of_a_unit_are_open(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < LIMIT_CONSOLE_UNIT_CONNECTIONS; i++)
        is_in(come(b, AUDITORS));
    was_refused(come(b, AUDITORS), "too many connections of this unit");
    is_in(come(b, OFFICERS)); /* others have their own */
    leave(b, &b->connection[3]);
    is_in(come(b, AUDITORS));
}

static void so_many_handshakes_of_a_unit_are_taken_and_so_many_a_second(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < handshakes.most; i++) {
        struct grpc_connection *c = come(b, OFFICERS);
        is_in(c);
        leave(b, c);
    }
    was_refused(come(b, OFFICERS), "too many handshakes of this unit");
    is_in(come(b, AUDITORS));
    b->now_us += US_PER_S;
    loop_turn(b->loop, 0);
    is_in(come(b, OFFICERS));
    was_refused(come(b, OFFICERS), "too many handshakes of this unit");
}

static void a_flood_costs_the_unit_handshakes(void **state)
{
    struct bench *b = *state;
    struct grpc_connection *c = come(b, OFFICERS);
    visitors_abused(b->visitors, c->guest);
    leave(b, c);
    for (size_t i = 1 + LIMIT_FLOOD_SESSIONS; i < handshakes.most; i++) {
        c = come(b, OFFICERS);
        is_in(c);
        leave(b, c);
    }
    was_refused(come(b, OFFICERS), "too many handshakes of this unit");
}

/* ---- while they are here */

static void whom_officers_suspend_is_ended_and_stays_outside(void **state)
{
    static const struct {
        const char *subject, *why;
    } bar[] = {{"party daejeon-city-center", "officers have suspended this agency"},
               {"unit " OFFICER, "officers have suspended this unit"},
               {"offender " OFFICER, "the gateway has suspended this unit"}};
    struct bench *b = *state;
    for (size_t i = 0; i < ARRAY_LEN(bar); i++) {
        const struct grpc_connection *officer = come(b, OFFICERS), *auditor = come(b, AUDITORS);
        is_in(officer);
        suspend(b, bar[i].subject);
        was_ended(officer, bar[i].why);
        is_in(auditor);
        was_refused(come(b, OFFICERS), bar[i].why);
        suspend(b, NULL);
    }
    is_in(come(b, OFFICERS));
}

static void a_certificate_that_an_officer_revokes_is_ended_and_no_other(void **state)
{
    struct bench *b = *state;
    const struct grpc_connection *officer = come(b, OFFICERS), *auditor = come(b, AUDITORS);
    char subject[CONTROL_SUBJECT_MAX], digits[2 * SHA256_BYTES + 1];
    bytes_to_hex(bytes_of(officer->guest->certificate, SHA256_BYTES), digits);
    (void)snprintf(subject, sizeof subject, "certificate %s", digits);
    suspend(b, subject);
    was_ended(officer, "an officer has revoked this certificate");
    is_in(auditor);
}

static void a_newer_set_that_takes_the_console_from_a_unit_ends_it(void **state)
{
    struct bench *b = *state;
    const struct grpc_connection *auditor = come(b, AUDITORS), *operator= come(b, OPERATORS);
    visitors_trust(b->visitors, b->set[1], b->trust);
    was_ended(auditor, "this unit may not use the console");
    is_in(operator);
    was_refused(come(b, AUDITORS), "this unit may not use the console");
}

/* Pages that it has open were made for what it was. */
static void a_newer_set_that_gives_a_unit_another_role_has_it_come_anew(void **state)
{
    struct bench *b = *state;
    const struct grpc_connection *officer = come(b, OFFICERS);
    visitors_trust(b->visitors, b->set[1], b->trust);
    was_ended(officer, "what this unit may do here has changed");
    const struct grpc_connection *again = come(b, OFFICERS);
    is_in(again);
    assert_int_equal(again->guest->role, POLICY_CONSOLE_OPERATOR);
}

static void a_newer_revocation_list_ends_whom_it_names(void **state)
{
    struct bench *b = *state;
    const struct grpc_connection *auditor = come(b, AUDITORS), *officer = come(b, OFFICERS);
    visitors_trust(b->visitors, b->set[0], b->revokes_auditor);
    assert_non_null(auditor->why);
    is_in(officer);
}

/* TLS verified it by the lists of when the handshake began, which may be those before. */
static void a_handshake_that_began_before_is_judged_by_what_is_in_force(void **state)
{
    struct bench *b = *state;
    visitors_trust(b->visitors, b->set[0], b->revokes_auditor);
    b->now_us += 2 * LIMIT_HANDSHAKE - US_PER_S;
    loop_turn(b->loop, 0);
    assert_null(come(b, AUDITORS)->guest);
    is_in(come(b, OFFICERS));
    b->now_us += 2 * US_PER_S;
    loop_turn(b->loop, 0);
    is_in(come(b, AUDITORS)); /* that TLS has let it in says that its list did, by now */
}

static void whose_certificate_is_over_is_ended_then(void **state)
{
    struct bench *b = *state;
    const struct grpc_connection *operator= come(b, OPERATORS), *officer = come(b, OFFICERS);
    is_in(operator);
    b->now_us = operator->guest->ends_us - 1;
    visitors_tick(b->visitors);
    is_in(operator);
    b->now_us += 1;
    visitors_tick(b->visitors);
    assert_non_null(operator->why);
    is_in(officer);
}

static void whose_agencys_list_is_over_is_ended_then(void **state)
{
    struct bench *b = *state;
    const struct grpc_connection *officer = come(b, OFFICERS);
    const int64_t over_us = trust_next_end_us(b->trust, b->now_us);
    assert_true(over_us > b->now_us && over_us < INT64_MAX);
    assert_true(over_us > officer->guest->ends_us); /* of a certificate that goes on, then */
    b->now_us = over_us;
    visitors_tick(b->visitors);
    assert_non_null(officer->why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
        T(a_unit_comes_in_as_what_its_certificate_and_the_set_say),
        T(whoever_has_no_key_to_the_console_stays_outside),
        cmocka_unit_test_setup_teardown(nobody_comes_in_before_the_ledger_told_who_is_suspended,
                                        begin_closed, end),
        cmocka_unit_test_setup_teardown(nobody_comes_in_before_there_is_a_set, begin_closed, end),
        T(a_list_of_suspended_that_is_too_long_lets_nobody_in),
        T(so_many_connections_of_a_unit_are_open),
        T(so_many_handshakes_of_a_unit_are_taken_and_so_many_a_second),
        T(a_flood_costs_the_unit_handshakes),
        T(whom_officers_suspend_is_ended_and_stays_outside),
        T(a_certificate_that_an_officer_revokes_is_ended_and_no_other),
        T(a_newer_set_that_takes_the_console_from_a_unit_ends_it),
        T(a_newer_set_that_gives_a_unit_another_role_has_it_come_anew),
        T(a_newer_revocation_list_ends_whom_it_names),
        T(a_handshake_that_began_before_is_judged_by_what_is_in_force),
        T(whose_certificate_is_over_is_ended_then),
        T(whose_agencys_list_is_over_is_ended_then),
#undef T
    };
    return cmocka_run_group_tests(tests, make_shared, free_shared);
}
