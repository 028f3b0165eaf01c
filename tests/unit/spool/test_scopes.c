#include "support.h"

static struct spool_scope *add(struct spool_scopes *s, struct road_scope scope)
{
    struct spool_scope *x = spool_scopes_add(s, &scope);
    assert_non_null(x);
    return x;
}

static void a_scope_is_kept_as_it_came_and_once(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct road_scope scope = a_scope(7, INCIDENT, SPOOL_FOUND, 5, NOON);
    memset(scope.tuple, 't', sizeof scope.tuple);
    memset(scope.wrapped, 'w', sizeof scope.wrapped);
    scope.generation = 3;
    const struct spool_scope *x = add(s, scope);
    assert_int_equal(x->slot.id, 7);
    assert_int_equal(x->slot.generation, 3);
    assert_memory_equal(x->slot.tuple, scope.tuple, sizeof scope.tuple);
    assert_memory_equal(x->slot.wrapped, scope.wrapped, sizeof scope.wrapped);
    assert_string_equal(x->incident, INCIDENT);
    assert_int_equal(x->due.due_us, NOON);
    assert_null(spool_scopes_add(s, &scope));
    assert_ptr_equal(spool_scopes_get(s, 7), x);
    assert_null(spool_scopes_get(s, 8));
    assert_int_equal(spool_scopes_count(s), 1);
    spool_scopes_free(s);
}

static void a_party_s_share_is_what_it_was_charged_until_that_is_gone(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *one = add(s, a_scope(1, "", SPOOL_ARRIVAL, 0, NOON)),
                       *two = add(s, a_scope(2, INCIDENT, SPOOL_ARRIVAL, 0, NOON)),
                       *own = add(s, a_scope(3, "", SPOOL_ARRIVAL, 0, NOON));
    spool_scope_charge(s, one, bytes_of_text("carrier-hana"));
    spool_scope_charge(s, two, bytes_of_text("carrier-hana"));
    spool_scope_charge(s, own, bytes_of(NULL, 0));
    assert_int_equal(spool_scopes_share(s, bytes_of_text("carrier-hana")), 2);
    assert_int_equal(spool_scopes_share(s, bytes_of_text("carrier")), 0);
    assert_true(bytes_is(spool_scope_party(two), "carrier-hana"));
    assert_int_equal(spool_scope_party(own).n, 0);
    spool_scopes_remove(s, one);
    assert_int_equal(spool_scopes_share(s, bytes_of_text("carrier-hana")), 1);
    spool_scopes_remove(s, two);
    assert_int_equal(spool_scopes_share(s, bytes_of_text("carrier-hana")), 0);
    spool_scopes_free(s);
}

static void the_earliest_deadline_is_first_and_a_doomed_one_is_not(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    assert_null(spool_scopes_first(s));
    (void)add(s, a_scope(1, "", SPOOL_ARRIVAL, 0, NOON + 2));
    struct spool_scope *first = add(s, a_scope(2, "", SPOOL_ARRIVAL, 0, NOON + 1));
    (void)add(s, a_scope(3, "", SPOOL_ARRIVAL, 0, NOON + 3));
    assert_ptr_equal(spool_scopes_first(s), first);
    spool_scope_doom(s, first);
    assert_true(first->dying);
    assert_int_equal(spool_scopes_first(s)->slot.id, 1);
    spool_scopes_free(s);
}

static void the_end_of_its_incident_ends_a_scope_after_its_delay_or_at_once(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    const int64_t far = NOON + US_PER_DAY;
    const struct spool_scope *at_once = add(s, a_scope(1, INCIDENT, SPOOL_INCIDENT_END, 0, far));
    const struct spool_scope *later =
        add(s, a_scope(2, INCIDENT, SPOOL_INCIDENT_END, US_PER_HOUR, far));
    const struct spool_scope *found = add(s, a_scope(3, INCIDENT, SPOOL_FOUND, 0, far));
    const struct spool_scope *arrival = add(s, a_scope(4, INCIDENT, SPOOL_ARRIVAL, 0, far));
    const struct spool_scope *other = add(s, a_scope(5, OTHER, SPOOL_INCIDENT_END, 0, far));
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON);
    assert_int_equal(at_once->due.due_us, NOON);
    assert_int_equal(later->due.due_us, NOON + US_PER_HOUR);
    assert_int_equal(found->due.due_us, far);
    assert_int_equal(arrival->due.due_us, far);
    assert_int_equal(other->due.due_us, far);
    spool_scopes_start(s, "nobody/here:x", SPOOL_INCIDENT_END, NOON);
    spool_scopes_free(s);
}

static void a_clock_never_moves_a_deadline_back(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    const struct spool_scope *x =
        add(s, a_scope(1, INCIDENT, SPOOL_INCIDENT_END, US_PER_HOUR, NOON + US_PER_MINUTE));
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON);
    assert_int_equal(x->due.due_us, NOON + US_PER_MINUTE);
    spool_scopes_free(s);
}

/* An edge chose both numbers; their sum once wrapped round into the past. */
static void a_delay_beyond_all_time_does_not_end_a_scope_in_the_past(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    const struct spool_scope *x =
        add(s, a_scope(1, INCIDENT, SPOOL_INCIDENT_END, INT64_MAX, NOON + US_PER_DAY));
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON);
    assert_int_equal(x->due.due_us, NOON + US_PER_DAY);
    spool_scopes_free(s);
}

static void an_incident_that_is_open_again_stops_its_clock(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *held =
        add(s, a_scope(1, INCIDENT, SPOOL_INCIDENT_END, US_PER_HOUR, NOON + US_PER_DAY));
    const struct spool_scope *bare =
        add(s, a_scope(2, INCIDENT, SPOOL_INCIDENT_END, 0, NOON + US_PER_DAY));
    spool_scope_hold(s, held);
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON);
    spool_scopes_stop(s, INCIDENT, SPOOL_FOUND);
    assert_int_equal(held->due.due_us, NOON + US_PER_HOUR);
    spool_scopes_stop(s, INCIDENT, SPOOL_INCIDENT_END);
    assert_int_equal(held->due.due_us, NOON + US_PER_DAY);
    assert_int_equal(bare->due.due_us, NOON); /* nothing in it to keep it for */
    spool_scopes_free(s);
}

static void a_scope_without_holds_lingers_a_minute(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *x = add(s, a_scope(1, "", SPOOL_ARRIVAL, 0, NOON + US_PER_HOUR));
    spool_scope_hold(s, x);
    spool_scope_hold(s, x);
    spool_scope_drop(s, x, NOON);
    assert_int_equal(x->due.due_us, NOON + US_PER_HOUR);
    spool_scope_drop(s, x, NOON);
    assert_int_equal(x->due.due_us, NOON + US_PER_MINUTE);
    spool_scopes_free(s);
}

/* A destruction wraps all others anew: where a few of 100,000 lingered to an end of their own at
 * any time, the ledger did little else, and a desk that had been away took 300 alerts a second. */
static void beside_many_those_that_linger_go_together(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    const int64_t noon = NOON / SPOOL_TOGETHER * SPOOL_TOGETHER, deadline = noon + US_PER_HOUR;
    struct spool_scope *early, *later, *next, *ends;
    for (uint64_t id = 5; id <= SPOOL_MANY; id++)
        (void)add(s, a_scope(id, "", SPOOL_ARRIVAL, 0, deadline));
    spool_scope_hold(s, early = add(s, a_scope(1, "", SPOOL_ARRIVAL, 0, deadline)));
    spool_scope_hold(s, later = add(s, a_scope(2, "", SPOOL_ARRIVAL, 0, deadline)));
    spool_scope_hold(s, next = add(s, a_scope(3, "", SPOOL_ARRIVAL, 0, deadline)));
    const int64_t soon = noon + US_PER_MINUTE + 5;
    spool_scope_hold(s, ends = add(s, a_scope(4, "", SPOOL_ARRIVAL, 0, soon)));
    spool_scope_drop(s, early, noon + 1);
    spool_scope_drop(s, later, noon + SPOOL_TOGETHER);
    spool_scope_drop(s, next, noon + SPOOL_TOGETHER + 1);
    spool_scope_drop(s, ends, noon + 1);
    assert_int_equal(early->due.due_us, noon + SPOOL_TOGETHER + SPOOL_LINGER);
    assert_int_equal(later->due.due_us, noon + SPOOL_TOGETHER + SPOOL_LINGER);
    assert_int_equal(next->due.due_us, noon + 2 * SPOOL_TOGETHER + SPOOL_LINGER);
    assert_int_equal(ends->due.due_us, soon); /* that was promised */
    spool_scope_hold(s, next);
    spool_scopes_remove(s, early); /* fewer now */
    spool_scope_drop(s, next, noon + 1);
    assert_int_equal(next->due.due_us, noon + 1 + SPOOL_LINGER);
    spool_scopes_free(s);
}

static void the_last_body_does_not_keep_a_scope_beyond_its_deadline(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *x = add(s, a_scope(1, "", SPOOL_ARRIVAL, 0, NOON + US_PER_S));
    spool_scope_hold(s, x);
    spool_scope_drop(s, x, NOON);
    assert_int_equal(x->due.due_us, NOON + US_PER_S);
    spool_scopes_free(s);
}

/* Once, a body that came while its scope lingered was destroyed with it after a minute, delivered
 * or not. */
static void a_lingering_scope_that_is_held_again_lives_to_its_own_end(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *x =
        add(s, a_scope(1, INCIDENT, SPOOL_INCIDENT_END, US_PER_HOUR, NOON + US_PER_DAY));
    spool_scope_hold(s, x);
    spool_scope_drop(s, x, NOON);
    spool_scope_hold(s, x);
    assert_int_equal(x->due.due_us, NOON + US_PER_DAY);
    spool_scope_drop(s, x, NOON);
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON);
    assert_int_equal(x->due.due_us, NOON + US_PER_MINUTE);
    spool_scope_hold(s, x);
    assert_int_equal(x->due.due_us, NOON + US_PER_HOUR);
    spool_scopes_free(s);
}

static void nothing_brings_a_doomed_scope_back_into_the_order(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *x = add(s, a_scope(1, INCIDENT, SPOOL_INCIDENT_END, 0, NOON + US_PER_DAY));
    spool_scope_hold(s, x);
    spool_scope_doom(s, x);
    spool_scope_drop(s, x, NOON);
    spool_scope_hold(s, x);
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON);
    spool_scopes_stop(s, INCIDENT, SPOOL_INCIDENT_END);
    assert_null(spool_scopes_first(s));
    spool_scopes_free(s);
}

static void a_removed_scope_is_in_no_list_any_more(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *one = add(s, a_scope(1, INCIDENT, SPOOL_INCIDENT_END, 0, NOON));
    struct spool_scope *two = add(s, a_scope(2, INCIDENT, SPOOL_INCIDENT_END, 0, NOON));
    size_t at = 0, seen = 0;
    spool_scopes_remove(s, one);
    assert_null(spool_scopes_get(s, 1));
    assert_ptr_equal(spool_scopes_first(s), two);
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON);
    while (spool_scopes_next(s, &at) != NULL)
        seen++;
    assert_int_equal(seen, 1);
    spool_scopes_remove(s, two);
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON);
    assert_null(spool_scopes_first(s));
    assert_int_equal(spool_scopes_count(s), 0);
    spool_scopes_free(s);
}

/* ---- ends before their time */

static void what_is_ended_ends_whatever_holds_it_and_nothing_brings_it_back(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *x = add(s, a_scope(1, INCIDENT, SPOOL_INCIDENT_END, 0, NOON + US_PER_DAY));
    spool_scope_hold(s, x);
    spool_scope_end(s, x, SPOOL_CONSENT_WITHDRAWN, NOON);
    assert_int_equal(x->due.due_us, NOON);
    spool_scope_end(s, x, SPOOL_UNLAWFUL, NOON - 1); /* the first cause stays */
    assert_int_equal(x->cause, SPOOL_CONSENT_WITHDRAWN);
    assert_int_equal(x->ends_us, NOON);
    spool_scopes_start(s, INCIDENT, SPOOL_INCIDENT_END, NOON - 1);
    spool_scopes_stop(s, INCIDENT, SPOOL_INCIDENT_END);
    spool_scope_drop(s, x, NOON);
    spool_scope_hold(s, x);
    assert_int_equal(x->due.due_us, NOON);
    spool_scopes_free(s);
}

static void an_end_never_comes_later_than_the_deadline(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    struct spool_scope *x = add(s, a_scope(1, "", SPOOL_ARRIVAL, 0, NOON));
    spool_scope_end(s, x, SPOOL_MOU_ENDED, NOON + US_PER_DAY);
    assert_int_equal(x->due.due_us, NOON);
    spool_scopes_free(s);
}

static size_t count_of(const struct spool_scopes *s, enum spool_grouping by, struct bytes key)
{
    size_t count = 0;
    const struct spool_scope *x = spool_scopes_of(s, by, key);
    for (; x != NULL; x = spool_scopes_beside(x, by))
        count++;
    return count;
}

static void scopes_are_found_by_incident_consent_and_memorandum(void **state)
{
    (void)state;
    struct spool_scopes *s = spool_scopes_new();
    uint8_t consent[ROAD_CONSENT] = {1, 2, 3};
    struct road_scope one = a_scope(1, INCIDENT, SPOOL_ARRIVAL, 0, NOON), two = one, three = one;
    two.id = 2;
    three.id = 3;
    two.incident = three.incident = bytes_of(NULL, 0);
    one.consent = two.consent = bytes_of(consent, sizeof consent);
    two.mou = three.mou = bytes_of_text("molit-npa-2015");
    (void)add(s, one);
    consent[ROAD_CONSENT - 1] = 9; /* another purpose of the same consent */
    struct spool_scope *x = add(s, two);
    (void)add(s, three);
    const struct bytes digest = bytes_of(consent, ROAD_CONSENT_DIGEST);
    assert_int_equal(count_of(s, SPOOL_OF_INCIDENT, bytes_of_text(INCIDENT)), 1);
    assert_int_equal(count_of(s, SPOOL_OF_CONSENT, digest), 2);
    assert_int_equal(count_of(s, SPOOL_OF_MOU, two.mou), 2);
    spool_scopes_remove(s, x);
    assert_int_equal(count_of(s, SPOOL_OF_CONSENT, digest), 1);
    assert_int_equal(count_of(s, SPOOL_OF_MOU, two.mou), 1);
    size_t at = 0;
    struct bytes mou;
    assert_true(spool_scopes_mou(s, &at, &mou));
    assert_true(bytes_is(mou, "molit-npa-2015"));
    assert_false(spool_scopes_mou(s, &at, &mou));
    spool_scopes_remove(s, spool_scopes_get(s, 3));
    at = 0;
    assert_false(spool_scopes_mou(s, &at, &mou));
    spool_scopes_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_ended_ends_whatever_holds_it_and_nothing_brings_it_back),
        cmocka_unit_test(an_end_never_comes_later_than_the_deadline),
        cmocka_unit_test(scopes_are_found_by_incident_consent_and_memorandum),
        cmocka_unit_test(a_scope_is_kept_as_it_came_and_once),
        cmocka_unit_test(a_party_s_share_is_what_it_was_charged_until_that_is_gone),
        cmocka_unit_test(the_earliest_deadline_is_first_and_a_doomed_one_is_not),
        cmocka_unit_test(the_end_of_its_incident_ends_a_scope_after_its_delay_or_at_once),
        cmocka_unit_test(a_clock_never_moves_a_deadline_back),
        cmocka_unit_test(a_delay_beyond_all_time_does_not_end_a_scope_in_the_past),
        cmocka_unit_test(an_incident_that_is_open_again_stops_its_clock),
        cmocka_unit_test(a_scope_without_holds_lingers_a_minute),
        cmocka_unit_test(beside_many_those_that_linger_go_together),
        cmocka_unit_test(the_last_body_does_not_keep_a_scope_beyond_its_deadline),
        cmocka_unit_test(a_lingering_scope_that_is_held_again_lives_to_its_own_end),
        cmocka_unit_test(nothing_brings_a_doomed_scope_back_into_the_order),
        cmocka_unit_test(a_removed_scope_is_in_no_list_any_more),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
