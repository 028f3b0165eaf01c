/* The edge's cache of scopes' keys. Its keeper is the test. */
#include "desk.h"

#include "service/state.h"

#include <time.h>

static struct edge edge;
static uint8_t tag_key[KEY_BYTES] = {1};
static uint64_t made, named;

/* The scope that was named, or another one for each question. */
static enum result keeper(void *arg, enum ipc_type type, struct bytes body, enum ipc_type expected,
                          struct buf *reply)
{
    const struct keys_scope s = {.id = named != 0 ? named : ++made, .generation = 1, .key = {2}};
    (void)arg;
    assert_int_equal(expected, IPC_SCOPE_IS);
    assert_int_equal(body.n, type == IPC_SCOPE_FOR ? ROAD_DIGEST : sizeof(uint64_t));
    keys_scope_put(&s, reply);
    return RESULT_OK;
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(crypto_init(), RESULT_OK);
    made = named = 0;
    edge =
        (struct edge){.scopes = scope_cache_new(), .tag_key = tag_key, .config.ask_keeper = keeper};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scope_cache_free(edge.scopes);
    return 0;
}

static uint64_t scope_of(const char *incident)
{
    const struct scope_wish wish = {.incident = bytes_of_text(incident), .deadline_us = 1};
    struct road_scope description;
    const struct cached_scope *s = scope_for(&edge, &wish, &description);
    assert_non_null(s);
    return s->is.id;
}

static void make_committed(unsigned count)
{
    char incident[32];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(incident, sizeof incident, "i-%u", i);
        scope_was_committed(&edge, scope_of(incident));
    }
}

static void
after_a_stale_answer_what_the_ledger_does_not_have_is_forgotten_and_nothing_else(void **state)
{
    (void)state;
    make_committed(3);
    const uint64_t first = scope_of("new"), second = scope_of("newer");
    scope_forget_uncommitted(&edge);
    assert_false(scope_is_known(&edge, first) || scope_is_known(&edge, second));
    for (uint64_t id = 1; id <= 3; id++)
        assert_true(scope_is_known(&edge, id));
    assert_int_not_equal(scope_of("new"), first); /* the keeper is asked again */
}

static void what_was_forgotten_or_committed_before_has_no_part_in_it(void **state)
{
    (void)state;
    const uint64_t wiped = scope_of("wiped"), given_up = scope_of("given up"),
                   twice = scope_of("twice"), last = scope_of("last");
    scope_forget(&edge, wiped);
    scope_forget_one_uncommitted(&edge, given_up);
    scope_was_committed(&edge, twice);
    scope_was_committed(&edge, twice);
    scope_forget_one_uncommitted(&edge, twice);
    scope_forget_uncommitted(&edge);
    assert_true(scope_is_known(&edge, twice));
    assert_false(scope_is_known(&edge, last));
    scope_forget_all(&edge);
    assert_false(scope_is_known(&edge, twice));
}

/* Scopes of notices were never committed here, whatever the ledger had of them: a stale answer
 * about another message forgot them, the next destruction took that for theirs, and a delivery that
 * was in a unit's hands was dropped. */
static void what_the_ledger_names_is_not_forgotten_with_what_it_does_not_have(void **state)
{
    (void)state;
    const uint64_t notice = scope_of("notice"), other = scope_of("other");
    const uint8_t *key;
    assert_int_equal(scope_key(&edge, notice, &key), RESULT_OK);
    scope_forget_uncommitted(&edge);
    assert_true(scope_is_known(&edge, notice));
    assert_false(scope_is_known(&edge, other));
}

/* After a new start the first delivery named it, and the next message of its kind asked for it. */
static void what_was_known_by_its_number_is_still_the_ledgers_once_it_has_a_wish(void **state)
{
    (void)state;
    const uint8_t *key;
    named = 77;
    assert_int_equal(scope_key(&edge, 77, &key), RESULT_OK);
    assert_int_equal(scope_of("i-1"), 77);
    scope_forget_uncommitted(&edge);
    assert_true(scope_is_known(&edge, 77));
}

static double cpu_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double time_of_stale_answers(unsigned count)
{
    const double began = cpu_s();
    for (unsigned i = 0; i < count; i++) {
        (void)scope_of("stale");
        scope_forget_uncommitted(&edge);
    }
    return cpu_s() - began;
}

/* Each answer walked through all keys: beside those of 50,000 watched persons every destruction,
 * which makes what is under way stale, cost the edge a second, and a carrier's alerts came to 150 a
 * second from 1,100. */
static void a_stale_answer_costs_what_is_under_way_and_not_what_there_is(void **state)
{
    (void)state;
    const double beside_none = time_of_stale_answers(1000);
    make_committed(50000);
    assert_true(time_of_stale_answers(1000) < 10 * beside_none + 0.01);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(after_a_stale_answer_what_the_ledger_does_not_have_is_forgotten_and_nothing_else),
        CASE(what_was_forgotten_or_committed_before_has_no_part_in_it),
        CASE(what_the_ledger_names_is_not_forgotten_with_what_it_does_not_have),
        CASE(what_was_known_by_its_number_is_still_the_ledgers_once_it_has_a_wish),
        CASE(a_stale_answer_costs_what_is_under_way_and_not_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
