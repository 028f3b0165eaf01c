/* What watchers of streams owe: as those who get messages, by the same clocks. */
#include "support.h"

#include "ledger/owed.h"

/* A consent of somebody's for the purpose `p`. */
static struct bytes consent_for(char p)
{
    static uint8_t consent[ROAD_CONSENT];
    memset(consent, 'c', ROAD_CONSENT_DIGEST);
    memset(consent + ROAD_CONSENT_DIGEST, p, sizeof consent - ROAD_CONSENT_DIGEST);
    return bytes_of(consent, sizeof consent);
}

static void change(struct bench *b, uint8_t id, struct standing_change x)
{
    struct road_commit c;
    struct buf room = BUF_INIT(4096);
    x.by = bytes_of_text(CENTRE);
    x.at_us = b->wall_us;
    make_commit(b, id, 0, &c);
    c.bodies = 0;
    c.recipient[0].unit = bytes_of_text("gateway/self");
    standing_change_put(&x, &room);
    c.standing = buf_view(&room);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    buf_free(&room);
}

static void change_consent(struct bench *b, uint8_t id, enum standing_step step)
{
    struct standing_change x = {.step = step};
    memset(x.consent, 'c', sizeof x.consent);
    change(b, id, x);
}

static void begin(struct bench *b)
{
    bench_init(b);
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    turn(b);
}

/* ---- consents */

static void a_consent_withdrawn_is_an_order_for_what_was_watched_by_it(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    const uint64_t item = watch_under(&b, (struct road_scope){.consent = consent_for('p')}, 'a');
    (void)watch_under(&b, (struct road_scope){0}, 'b'); /* on another basis */
    bench_restart(&b);
    assert_int_equal(subscribe(&b, 1, FIRE, "default"), RESULT_OK);
    change_consent(&b, 1, STANDING_WITHDRAWN);
    turn(&b);
    const struct road_order o = ordered_alone(&b, item);
    assert_int_equal(o.cause, SPOOL_CONSENT_WITHDRAWN);
    assert_int_equal(o.due_us, NOON);
    assert_int_equal(count_said(&b, IPC_DELIVER), 0);
    assert_int_equal(map_count(b.l->owing->groups), 1);
    bench_free(&b);
}

static void a_consent_withdrawn_for_another_purpose_orders_nothing(void **state)
{
    struct bench b;
    struct standing_change x = {.step = STANDING_WITHDRAWN, .purposes = 1};
    (void)state;
    memset(x.consent, 'c', sizeof x.consent);
    memset(x.purpose[0], 'q', STANDING_TAG);
    begin(&b);
    (void)watch_under(&b, (struct road_scope){.consent = consent_for('p')}, 'a');
    change(&b, 1, x);
    turn(&b);
    assert_int_equal(count_leaves(&b, "\"ordered\""), 0);
    bench_free(&b);
}

/* The edge decided before it heard of the change: by the time it may send, it has. */
static void who_came_behind_the_change_was_sent_nothing_and_owes_nothing(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    change_consent(&b, 1, STANDING_SUSPENDED);
    (void)watch_under(&b, (struct road_scope){.consent = consent_for('p')}, 'a');
    assert_int_equal(map_count(b.l->owing->groups), 0);
    change_consent(&b, 2, STANDING_RESUMED);
    (void)watch_under(&b, (struct road_scope){.consent = consent_for('p')}, 'a');
    assert_int_equal(map_count(b.l->owing->groups), 1);
    bench_free(&b);
}

/* ---- what clocks wait for */

static void change_region(struct bench *b, uint8_t id, enum standing_step step, const char *region)
{
    change(b, id, (struct standing_change){.step = step, .region = bytes_of_text(region)});
}

/* Ten minutes from the end of the last headquarters of two regions. */
static struct road_scope disaster(void)
{
    return (struct road_scope){.starts = SPOOL_DISASTER_END,
                               .regions = bytes_of_text("seo dong"),
                               .delay_us = 10 * US_PER_MINUTE};
}

static struct road_scope incident(enum spool_starts starts)
{
    return (struct road_scope){.starts = (uint8_t)starts,
                               .incident = bytes_of_text(INCIDENT),
                               .delay_us = 10 * US_PER_MINUTE};
}

/* The only order so far comes just then. */
static void is_ordered_after(struct bench *b, int64_t us, uint64_t item)
{
    advance(b, us - US_PER_S);
    assert_int_equal(count_leaves(b, "\"ordered\""), 0);
    advance(b, US_PER_S);
    const struct road_order o = ordered_alone(b, item);
    assert_int_equal(o.cause, SPOOL_PURPOSE_FULFILLED);
    assert_int_equal(o.due_us, b->wall_us);
}

static void the_end_of_the_last_headquarters_starts_the_clock_of_who_watched(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    change_region(&b, 1, STANDING_ACTIVE, "seo");
    change_region(&b, 2, STANDING_ACTIVE, "dong");
    const uint64_t item = watch_under(&b, disaster(), 'a');
    change_region(&b, 3, STANDING_ENDED, "seo");
    advance(&b, 15 * US_PER_MINUTE);
    change_region(&b, 4, STANDING_ENDED, "dong");
    is_ordered_after(&b, 10 * US_PER_MINUTE, item);
    bench_free(&b);
}

/* It was kept until its deadline, as if the headquarters still worked. */
static void who_begins_to_watch_behind_the_last_headquarters_has_the_delay_alone(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    change_region(&b, 1, STANDING_ACTIVE, "seo");
    change_region(&b, 2, STANDING_ENDED, "seo");
    advance(&b, 15 * US_PER_MINUTE);
    const uint64_t item = watch_under(&b, disaster(), 'a');
    is_ordered_after(&b, 10 * US_PER_MINUTE, item);
    bench_free(&b);
}

static void the_incidents_end_starts_the_clock_of_who_watched(void **state)
{
    static const enum spool_starts starts[] = {SPOOL_INCIDENT_END, SPOOL_FOUND};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct bench b;
        begin(&b);
        move_incident(&b, 1, INCIDENT_OPEN);
        const uint64_t item = watch_under(&b, incident(starts[i]), 'a');
        advance(&b, 15 * US_PER_MINUTE);
        move_incident(&b, 2, INCIDENT_CLOSE);
        is_ordered_after(&b, 10 * US_PER_MINUTE, item);
        bench_free(&b);
    }
}

/* The edge had not heard of the end. */
static void who_begins_to_watch_behind_the_incidents_end_has_what_is_left_of_the_delay(void **state)
{
    static const enum spool_starts starts[] = {SPOOL_INCIDENT_END, SPOOL_FOUND};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct bench b;
        begin(&b);
        move_incident(&b, 1, INCIDENT_OPEN);
        move_incident(&b, 2, INCIDENT_CLOSE);
        advance(&b, 4 * US_PER_MINUTE);
        const uint64_t item = watch_under(&b, incident(starts[i]), 'a');
        is_ordered_after(&b, 6 * US_PER_MINUTE, item);
        bench_free(&b);
    }
}

/* ---- what no edge says */

static void terms_that_are_longer_than_such_names_are_refused(void **state)
{
    static char name[512];
    struct bench b;
    uint64_t group;
    (void)state;
    begin(&b);
    memset(name, 'n', sizeof name - 1);
    for (unsigned i = 0; i < 3; i++) {
        struct road_event e = {.at_us = b.wall_us, .owes = true, .unit = bytes_of_text(FIRE)};
        e.terms.incident = bytes_of(name, i == 0 ? IDENT_INCIDENT_MAX + 1 : 0);
        e.terms.mou = bytes_of(name, i == 1 ? IDENT_WORD_MAX + 1 : 0);
        e.terms.consent = bytes_of(name, i == 2 ? ROAD_CONSENT - 1 : 0);
        assert_int_equal(owed_watched(b.l, &e, 1, &group), RESULT_MALFORMED);
    }
    assert_int_equal(map_count(b.l->owing->groups), 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_withdrawn_is_an_order_for_what_was_watched_by_it),
        cmocka_unit_test(a_consent_withdrawn_for_another_purpose_orders_nothing),
        cmocka_unit_test(who_came_behind_the_change_was_sent_nothing_and_owes_nothing),
        cmocka_unit_test(the_end_of_the_last_headquarters_starts_the_clock_of_who_watched),
        cmocka_unit_test(who_begins_to_watch_behind_the_last_headquarters_has_the_delay_alone),
        cmocka_unit_test(the_incidents_end_starts_the_clock_of_who_watched),
        cmocka_unit_test(
            who_begins_to_watch_behind_the_incidents_end_has_what_is_left_of_the_delay),
        cmocka_unit_test(terms_that_are_longer_than_such_names_are_refused),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
