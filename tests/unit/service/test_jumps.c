/* Positions that a subject cannot have come to. */
#include "publish.h"

#include "service/state.h"

/* A degree of latitude is 111.2 km. */
#define HERE      36.35
#define KM(north) (HERE + (north) / 111.195)
#define NOW       DESK_NOW
#define ACCURATE  0
#define SCOPE     7 /* of the messages */

static struct desk desk;

static int set_up(void **state)
{
    (void)state;
    desk_new(&desk);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_free(&desk);
    return 0;
}

static struct facts at(const char *party, const char *ref, double latitude, double accuracy_m,
                       int64_t fixed_us)
{
    return (struct facts){.has_subject = true,
                          .subject_party = bytes_of_text(party),
                          .subject_ref = bytes_of_text(ref),
                          .has_place = true,
                          .place = {latitude, 127.38},
                          .accuracy_m = accuracy_m,
                          .fixed_us = fixed_us};
}

static void keep_under(uint64_t scope, const struct facts *f, int64_t now_us)
{
    uint8_t tag[TAG_BYTES];
    if (jumps_tag(desk.edge, f, tag))
        jumps_keep(desk.edge, f, tag, scope, now_us);
}

static void keep(const char *party, const char *ref, double latitude, double accuracy_m,
                 int64_t fixed_us)
{
    const struct facts f = at(party, ref, latitude, accuracy_m, fixed_us);
    keep_under(SCOPE, &f, fixed_us);
}

static bool jumps(const char *party, const char *ref, double latitude, double accuracy_m,
                  int64_t fixed_us)
{
    const struct facts f = at(party, ref, latitude, accuracy_m, fixed_us);
    uint8_t tag[TAG_BYTES];
    return jumps_tag(desk.edge, &f, tag) && jumps_see(desk.edge, &f, tag);
}

static void nobody_jumps_who_was_not_seen_before(void **state)
{
    (void)state;
    assert_false(jumps("carrier-hana", "s-1", HERE, ACCURATE, NOW));
}

static void as_fast_as_the_fastest_train_is_no_jump_and_faster_is_one(void **state)
{
    (void)state;
    keep("carrier-hana", "s-1", HERE, ACCURATE, NOW);
    assert_false(jumps("carrier-hana", "s-1", KM(0.99), ACCURATE, NOW + 10 * US_PER_S));
    assert_true(jumps("carrier-hana", "s-1", KM(1.01), ACCURATE, NOW + 10 * US_PER_S));
    assert_true(jumps("carrier-hana", "s-1", KM(-1.01), ACCURATE, NOW - 10 * US_PER_S));
}

static void what_is_played_is_not_compared_with_what_is_real(void **state)
{
    (void)state;
    for (unsigned status = STATUS_ACTUAL; status <= STATUS_TEST; status++) {
        struct facts here = at("carrier-hana", "s-1", HERE, ACCURATE, NOW);
        here.status = status;
        keep_under(SCOPE, &here, NOW);
        for (unsigned other = STATUS_ACTUAL; other <= STATUS_TEST; other++) {
            struct facts far = at("carrier-hana", "s-1", KM(100), ACCURATE, NOW + US_PER_S);
            uint8_t tag[TAG_BYTES];
            far.status = other;
            assert_true(jumps_tag(desk.edge, &far, tag));
            assert_int_equal(jumps_see(desk.edge, &far, tag), other == status);
        }
        jumps_forget(desk.edge, &here);
    }
}

static void what_both_positions_may_be_off_does_not_count(void **state)
{
    (void)state;
    keep("carrier-hana", "s-1", HERE, 400, NOW);
    assert_false(jumps("carrier-hana", "s-1", KM(1.99), 600, NOW + 10 * US_PER_S));
    assert_true(jumps("carrier-hana", "s-1", KM(2.01), 600, NOW + 10 * US_PER_S));
}

static void two_fixes_of_the_same_moment_may_differ_a_little(void **state)
{
    (void)state;
    keep("carrier-hana", "s-1", HERE, ACCURATE, NOW);
    assert_false(jumps("carrier-hana", "s-1", KM(0.099), ACCURATE, NOW));
    assert_true(jumps("carrier-hana", "s-1", KM(0.101), ACCURATE, NOW));
}

static void subjects_are_told_apart_also_by_where_their_names_part(void **state)
{
    (void)state;
    keep("carrier-hana", "s-1", HERE, ACCURATE, NOW);
    assert_false(jumps("carrier-hana", "s-2", KM(100), ACCURATE, NOW));
    assert_false(jumps("carrier-hanas", "-1", KM(100), ACCURATE, NOW));
    assert_true(jumps("carrier-hana", "s-1", KM(100), ACCURATE, NOW));
}

static void the_newest_fix_is_the_last_one_in_whatever_order_they_come(void **state)
{
    (void)state;
    keep("carrier-hana", "s-1", KM(50), ACCURATE, NOW);
    keep("carrier-hana", "s-1", HERE, ACCURATE, NOW - US_PER_MINUTE);
    assert_false(jumps("carrier-hana", "s-1", KM(50), ACCURATE, NOW));
    keep("carrier-hana", "s-1", HERE, ACCURATE, NOW + US_PER_MINUTE);
    assert_true(jumps("carrier-hana", "s-1", KM(50), ACCURATE, NOW + US_PER_MINUTE));
}

static void without_a_subject_or_a_person_s_position_nothing_is_remembered(void **state)
{
    (void)state;
    struct facts f = at("carrier-hana", "s-1", HERE, ACCURATE, NOW);
    f.has_subject = false;
    keep_under(SCOPE, &f, NOW);
    f = at("carrier-hana", "s-1", HERE, ACCURATE, 0);
    keep_under(SCOPE, &f, NOW);
    assert_false(jumps("carrier-hana", "s-1", KM(100), ACCURATE, NOW));
}

static void a_position_is_forgotten_after_an_hour(void **state)
{
    (void)state;
    keep("carrier-hana", "s-1", HERE, ACCURATE, NOW);
    jumps_prune(desk.edge->jumps, NOW + US_PER_HOUR);
    assert_true(jumps("carrier-hana", "s-1", KM(100), ACCURATE, NOW));
    jumps_prune(desk.edge->jumps, NOW + US_PER_HOUR + 1);
    assert_false(jumps("carrier-hana", "s-1", KM(100), ACCURATE, NOW));
}

static void a_position_is_forgotten_with_the_key_of_its_message(void **state)
{
    (void)state;
    struct buf wipe = BUF_INIT(64);
    const struct facts f = at("carrier-hana", "s-1", HERE, ACCURATE, NOW);
    const struct scope_wish wish = {.deadline_us = NOW + US_PER_HOUR};
    struct road_scope description;
    const struct cached_scope *s = scope_for(desk.edge, &wish, &description);
    assert_non_null(s);
    const uint64_t scope = s->is.id;
    keep_under(scope, &f, NOW);
    buf_u64(&wipe, 1);
    buf_u64(&wipe, scope + 1); /* another */
    desk_say(&desk, IPC_WIPE, &wipe);
    assert_true(jumps("carrier-hana", "s-1", KM(100), ACCURATE, NOW));
    buf_clear(&wipe);
    buf_u64(&wipe, 2);
    buf_u64(&wipe, scope);
    desk_say(&desk, IPC_WIPE, &wipe);
    assert_false(jumps("carrier-hana", "s-1", KM(100), ACCURATE, NOW));
    buf_free(&wipe);
}

static void so_many_subjects_are_remembered_and_the_longest_silent_makes_room(void **state)
{
    (void)state;
    char ref[16];
    keep("carrier-hana", "first", HERE, ACCURATE, NOW);
    keep("carrier-hana", "second", HERE, ACCURATE, NOW);
    for (int i = 0; i < 65534; i++) {
        (void)snprintf(ref, sizeof ref, "s-%d", i);
        keep("carrier-hana", ref, HERE, ACCURATE, NOW);
    }
    keep("carrier-hana", "first", HERE, ACCURATE, NOW + 1);
    keep("carrier-hana", "one more", HERE, ACCURATE, NOW);
    assert_true(jumps("carrier-hana", "first", KM(100), ACCURATE, NOW));
    assert_false(jumps("carrier-hana", "second", KM(100), ACCURATE, NOW));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nobody_jumps_who_was_not_seen_before),
        CASE(as_fast_as_the_fastest_train_is_no_jump_and_faster_is_one),
        CASE(what_is_played_is_not_compared_with_what_is_real),
        CASE(what_both_positions_may_be_off_does_not_count),
        CASE(two_fixes_of_the_same_moment_may_differ_a_little),
        CASE(subjects_are_told_apart_also_by_where_their_names_part),
        CASE(the_newest_fix_is_the_last_one_in_whatever_order_they_come),
        CASE(without_a_subject_or_a_person_s_position_nothing_is_remembered),
        CASE(a_position_is_forgotten_after_an_hour),
        CASE(a_position_is_forgotten_with_the_key_of_its_message),
        CASE(so_many_subjects_are_remembered_and_the_longest_silent_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
