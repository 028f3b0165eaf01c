#include "incident/incident.h"

#include "support.h"

#include <stdlib.h>

static const uint8_t sealed_place[] = "a sealed place";

static struct incident_change full_change(void)
{
    struct incident_change c = with(with(opening("robbery", NOON), FIRE), CENTRE);
    c.place = bytes_of(sealed_place, sizeof sealed_place);
    c.mou = bytes_of_text("video-2026");
    c.until_us = NOON + MINUTE;
    c.other = bytes_of_text(OTHER);
    c.link = INCIDENT_JOINT;
    return c;
}

static struct incident full_incident(void)
{
    struct incident i = nobody_knows_it_yet();
    assert_int_equal(applied(&i, full_change()), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, FIRE, "daejeon-fire/car-7")),
                     INCIDENT_APPLIED);
    assert_int_equal(applied(&i, emergency("video-2026", NOON, NOON + MINUTE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, emergency("fire-2026", NOON, NOON + 2 * MINUTE)),
                     INCIDENT_APPLIED);
    assert_int_equal(applied(&i, linking(INCIDENT_LINK, POLICE, OTHER, INCIDENT_JOINT)),
                     INCIDENT_APPLIED);
    assert_int_equal(
        applied(&i, linking(INCIDENT_LINKED, FIRE, POLICE ":019aa2b0-0000-7000-8000-000000000003",
                            INCIDENT_DUPLICATE)),
        INCIDENT_APPLIED);
    assert_int_equal(applied(&i, offer(POLICE, CENTRE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_FOUND, CENTRE, NOON)), INCIDENT_APPLIED);
    return i;
}

static void assert_changes_equal(const struct incident_change *a, const struct incident_change *b)
{
    assert_int_equal(a->step, b->step);
    assert_true(bytes_equal(a->id, b->id) && bytes_equal(a->by, b->by) &&
                bytes_equal(a->type, b->type) && bytes_equal(a->place, b->place) &&
                bytes_equal(a->unit, b->unit));
    assert_int_equal(a->at_us, b->at_us);
    assert_int_equal(a->participants, b->participants);
    for (size_t k = 0; k < a->participants; k++)
        assert_true(bytes_equal(a->participant[k], b->participant[k]));
}

static void every_step_comes_back(void **state)
{
    (void)state;
    for (unsigned step = INCIDENT_OPEN; step <= INCIDENT_LINKED; step++) {
        struct incident_change c = full_change(), back;
        struct buf b = BUF_INIT(10000);
        c.step = (enum incident_step)step;
        c.unit = bytes_of_text(CENTRE);
        c.has_centre = true; /* known to the edge alone */
        incident_change_put(&c, &b);
        struct cursor in = cursor_over(buf_view(&b));
        assert_int_equal(incident_change_take(&in, &back), RESULT_OK);
        assert_int_equal(in.left, 0);
        assert_changes_equal(&c, &back);
        bool is_emergency = step == INCIDENT_EMERGENCY;
        assert_true(bytes_is(back.mou, is_emergency ? "video-2026" : ""));
        assert_int_equal(back.until_us, is_emergency ? NOON + MINUTE : 0);
        bool is_link = step == INCIDENT_LINK || step == INCIDENT_LINKED;
        assert_true(bytes_is(back.other, is_link ? OTHER : ""));
        assert_int_equal(back.link, is_link ? INCIDENT_JOINT : 0);
        assert_false(back.has_centre);
        buf_free(&b);
    }
}

static void an_incident_comes_back_without_its_centre(void **state)
{
    (void)state;
    struct incident i = full_incident(), back;
    struct buf b = BUF_INIT(10000);
    incident_put(&i, &b);
    struct cursor in = cursor_over(buf_view(&b));
    assert_int_equal(incident_take(&in, &back), RESULT_OK);
    assert_memory_equal(&back, &i, sizeof i);
    i.has_centre = true;
    i.centre = (struct point){36.35, 127.38};
    struct buf other = BUF_INIT(10000);
    incident_put(&i, &other);
    assert_true(bytes_equal(buf_view(&b), buf_view(&other)));
    buf_free(&b);
    buf_free(&other);
}

/* A real incident's change stands as it did before there were others. */
static void a_change_says_at_its_end_that_it_is_not_real(void **state)
{
    (void)state;
    struct incident_change c = opening("robbery", NOON), back;
    struct buf real = BUF_INIT(10000), played = BUF_INIT(10000);
    incident_change_put(&c, &real);
    for (unsigned status = STATUS_EXERCISE; status <= STATUS_TEST; status++) {
        c.status = (uint8_t)status;
        buf_clear(&played);
        incident_change_put(&c, &played);
        assert_int_equal(played.n, real.n + 1);
        struct cursor in = cursor_over(buf_view(&played));
        assert_int_equal(incident_change_take(&in, &back), RESULT_OK);
        assert_int_equal(back.status, status);
    }
    for (unsigned wrong = 0; wrong < 256; wrong++) {
        played.p[played.n - 1] = (uint8_t)wrong;
        struct cursor in = cursor_over(buf_view(&played));
        enum result r = incident_change_take(&in, &back);
        assert_int_equal(r == RESULT_OK, wrong == STATUS_EXERCISE || wrong == STATUS_TEST);
    }
    struct cursor in = cursor_over(buf_view(&real));
    assert_int_equal(incident_change_take(&in, &back), RESULT_OK);
    assert_int_equal(back.status, STATUS_ACTUAL);
    buf_free(&real);
    buf_free(&played);
}

/* Reads a change or an incident from `b`, which has nothing behind it, and writes it again. */
static bool is_refused_or_the_same(struct bytes b, bool whole_incident)
{
    uint8_t *exact = malloc(b.n == 0 ? 1 : b.n);
    struct buf again = BUF_INIT(10000);
    struct incident i;
    struct incident_change c;
    if (b.n > 0)
        memcpy(exact, b.p, b.n);
    struct cursor in = cursor_over(bytes_of(exact, b.n));
    enum result r = whole_incident ? incident_take(&in, &i) : incident_change_take(&in, &c);
    if (r == RESULT_OK && whole_incident)
        incident_put(&i, &again);
    else if (r == RESULT_OK)
        incident_change_put(&c, &again);
    bool good = r != RESULT_OK || bytes_equal(buf_view(&again), bytes_of(exact, b.n - in.left));
    buf_free(&again);
    free(exact);
    return good;
}

static void put_either(bool whole_incident, struct buf *out)
{
    struct incident i = full_incident();
    struct incident_change c = full_change();
    if (whole_incident)
        incident_put(&i, out);
    else
        incident_change_put(&c, out);
}

static void everything_cut_off_is_refused(void **state)
{
    (void)state;
    for (int whole = 0; whole < 2; whole++) {
        struct buf b = BUF_INIT(10000);
        put_either(whole, &b);
        for (size_t n = 0; n < b.n; n++) {
            struct incident i;
            struct incident_change c;
            struct cursor in = cursor_over(bytes_of(b.p, n));
            enum result r = whole ? incident_take(&in, &i) : incident_change_take(&in, &c);
            assert_int_not_equal(r, RESULT_OK);
            assert_true(is_refused_or_the_same(bytes_of(b.p, n), whole));
        }
        buf_free(&b);
    }
}

static void everything_changed_is_refused_or_means_what_it_says(void **state)
{
    (void)state;
    struct chance chance = {0};
    for (int whole = 0; whole < 2; whole++) {
        struct buf b = BUF_INIT(10000);
        put_either(whole, &b);
        for (size_t at = 0; at < b.n; at++) {
            for (unsigned flip = 1; flip < 256; flip++) {
                b.p[at] ^= (uint8_t)flip;
                assert_true(is_refused_or_the_same(buf_view(&b), whole));
                b.p[at] ^= (uint8_t)flip;
            }
        }
        for (size_t round = 0; round < 20000; round++) {
            uint8_t copy[2000];
            memcpy(copy, b.p, b.n);
            for (size_t k = chance_below(&chance, 5); k > 0; k--)
                copy[chance_below(&chance, b.n)] = (uint8_t)chance_next(&chance);
            assert_true(is_refused_or_the_same(bytes_of(copy, b.n), whole));
        }
        buf_free(&b);
    }
}

static enum result taken(const struct incident_change *c)
{
    struct buf b = BUF_INIT(10000);
    struct incident_change back;
    incident_change_put(c, &b);
    struct cursor in = cursor_over(buf_view(&b));
    enum result r = incident_change_take(&in, &back);
    buf_free(&b);
    return r;
}

static void a_change_has_names_steps_and_a_time(void **state)
{
    (void)state;
    static const uint8_t long_place[INCIDENT_PLACE_MAX + 1];
    struct incident_change c = full_change();
    assert_int_equal(taken(&c), RESULT_OK);
    c.type = bytes_of(NULL, 0);
    assert_int_equal(taken(&c), RESULT_OK);
    c.type = bytes_of_text("Not A Word");
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = full_change();
    c.id = bytes_of_text(POLICE);
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = full_change();
    c.by = bytes_of(NULL, 0);
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = full_change();
    c.participant[1] = bytes_of_text("nobody");
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = full_change();
    c.place = bytes_of(long_place, sizeof long_place);
    assert_int_equal(taken(&c), RESULT_TOO_LARGE);
    c.place.n--;
    assert_int_equal(taken(&c), RESULT_OK);
    for (int64_t at_us = -1; at_us < 2; at_us++) { /* the end at 0 would be no end */
        c.at_us = at_us;
        assert_int_equal(taken(&c), at_us > 0 ? RESULT_OK : RESULT_MALFORMED);
    }
    c.at_us = INT64_MIN;
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = full_change();
    c.step = (enum incident_step)0;
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c.step = (enum incident_step)(INCIDENT_LINKED + 1);
    assert_int_equal(taken(&c), RESULT_MALFORMED);
}

static void an_assignment_names_a_unit(void **state)
{
    (void)state;
    for (unsigned step = INCIDENT_OPEN; step <= INCIDENT_LINKED; step++) {
        struct incident_change c = emergency("video-2026", NOON, NOON + 1);
        c.step = (enum incident_step)step;
        c.other = bytes_of_text(OTHER);
        c.link = INCIDENT_JOINT;
        bool needed = step == INCIDENT_ASSIGN || step == INCIDENT_RELEASE ||
                      step == INCIDENT_OFFER || step == INCIDENT_LINK;
        assert_int_equal(taken(&c), needed ? RESULT_MALFORMED : RESULT_OK);
        c.unit = bytes_of_text(CENTRE);
        assert_int_equal(taken(&c), RESULT_OK);
        c.unit = bytes_of_text("nobody");
        assert_int_equal(taken(&c), RESULT_MALFORMED);
    }
}

static void an_emergency_names_its_memorandum_and_ends_later(void **state)
{
    (void)state;
    assert_int_equal(taken(&(struct incident_change){0}), RESULT_MALFORMED);
    struct incident_change c = emergency("video-2026", NOON, NOON + 1);
    assert_int_equal(taken(&c), RESULT_OK);
    c.until_us = NOON;
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = emergency("", NOON, NOON + 1);
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = emergency("Not A Word", NOON, NOON + 1);
    assert_int_equal(taken(&c), RESULT_MALFORMED);
}

static void a_link_leads_to_another_incident(void **state)
{
    (void)state;
    struct incident_change c = linking(INCIDENT_LINK, POLICE, OTHER, INCIDENT_DUPLICATE);
    assert_int_equal(taken(&c), RESULT_OK);
    c.unit = bytes_of(NULL, 0); /* nobody is added */
    assert_int_equal(taken(&c), RESULT_OK);
    c.link = 0;
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c.link = INCIDENT_JOINT + 1;
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = linking(INCIDENT_LINKED, POLICE, INCIDENT, INCIDENT_JOINT);
    assert_int_equal(taken(&c), RESULT_MALFORMED);
    c = linking(INCIDENT_LINKED, POLICE, POLICE, INCIDENT_JOINT);
    assert_int_equal(taken(&c), RESULT_MALFORMED);
}

static enum result taken_incident(const struct incident *i)
{
    struct buf b = BUF_INIT(20000);
    struct incident back;
    incident_put(i, &b);
    struct cursor in = cursor_over(buf_view(&b));
    enum result r = incident_take(&in, &back);
    buf_free(&b);
    return r;
}

static void what_no_changes_could_have_made_is_refused(void **state)
{
    (void)state;
    const struct incident good = full_incident();
    assert_int_equal(taken_incident(&good), RESULT_OK);
    struct incident i = good;
    i.status = 0; /* it does not exist */
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.participants = 0;
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.participant[0] = good.participant[1];
    i.participant[1] = good.participant[0];
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.participant[2] = good.participant[1];
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.ended_us = NOON; /* while parts are open */
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.participant[0].open = i.participant[2].open = false; /* and it has not ended */
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i.ended_us = NOON;
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED); /* nobody can take over what ended */
    memset(i.offered, 0, sizeof i.offered);
    assert_int_equal(taken_incident(&i), RESULT_OK);
    i = good;
    i.assigned[0].open = false;
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.assigned[i.assignments++] = good.assigned[0];
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.opened_us = 0;
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.found_us = -1;
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.generation = 0;
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    (void)snprintf(i.owner, sizeof i.owner, "%s", FIRE);
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    (void)snprintf(i.offered, sizeof i.offered, "nobody");
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.link[1] = good.link[0];
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    (void)snprintf(i.link[0].other, sizeof i.link[0].other, "%s", i.id);
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.link[0].kind = 3;
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.emergency[1] = good.emergency[0];
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    i.emergency[1].until_us = 0;
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
    i = good;
    (void)snprintf(i.type, sizeof i.type, "A");
    assert_int_equal(taken_incident(&i), RESULT_MALFORMED);
}

/* Sixteen participants, thirty-two assignments, the longest names: and not one more of anything. */
static void the_largest_incident_fits(void **state)
{
    (void)state;
    char word[IDENT_WORD_MAX - 3 + 1] = "";
    struct incident i = {
        .exists = true, .status = STATUS_ACTUAL, .opened_us = 1, .generation = UINT64_MAX};
    memset(word, 'w', sizeof word - 1);
    for (size_t k = 0; k < INCIDENT_PARTICIPANTS_MAX; k++) {
        (void)snprintf(i.participant[k].name, sizeof i.participant[k].name, "%s-%02zu/%s-%02zu",
                       word, k, word, k);
        i.participant[k].open = true;
    }
    for (size_t k = 0; k < INCIDENT_ASSIGNED_MAX; k++) {
        (void)snprintf(i.assigned[k].name, sizeof i.assigned[k].name, "%s-%02zu/%s-%02zu", word, k,
                       word, k);
        i.assigned[k].open = true;
    }
    (void)snprintf(i.id, sizeof i.id, "%s:019aa2b0-0000-7000-8000-000000000001",
                   i.participant[0].name);
    for (size_t k = 0; k < INCIDENT_EMERGENCIES_MAX; k++)
        i.emergency[k] = (struct incident_emergency){{(char)('a' + k)}, NOON};
    for (i.links = 0; i.links < INCIDENT_LINKS_MAX; i.links++) {
        (void)snprintf(i.link[i.links].other, sizeof i.link[i.links].other,
                       "%s:019aa2b0-0000-7000-8000-00000000000%zu", i.participant[0].name,
                       i.links + 2);
        i.link[i.links].kind = INCIDENT_JOINT;
    }
    memcpy(i.owner, i.participant[0].name, sizeof i.owner);
    memcpy(i.offered, i.participant[1].name, sizeof i.offered);
    memset(i.type, 't', IDENT_WORD_MAX);
    i.participants = INCIDENT_PARTICIPANTS_MAX;
    i.assignments = INCIDENT_ASSIGNED_MAX;
    i.place_bytes = INCIDENT_PLACE_MAX;
    assert_int_equal(strlen(i.id), IDENT_INCIDENT_MAX);
    assert_int_equal(taken_incident(&i), RESULT_OK);

    struct buf b = BUF_INIT(20000);
    incident_put(&i, &b);
    size_t counts_at =
        b.n -
        (INCIDENT_PARTICIPANTS_MAX + INCIDENT_ASSIGNED_MAX) * (2 + (size_t)IDENT_UNIT_MAX + 1) - 2;
    assert_int_equal(b.p[counts_at], INCIDENT_PARTICIPANTS_MAX);
    b.p[counts_at]++;
    struct cursor in = cursor_over(buf_view(&b));
    struct incident back;
    assert_int_equal(incident_take(&in, &back), RESULT_TOO_LARGE);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_comes_back),
        cmocka_unit_test(an_incident_comes_back_without_its_centre),
        cmocka_unit_test(a_change_says_at_its_end_that_it_is_not_real),
        cmocka_unit_test(everything_cut_off_is_refused),
        cmocka_unit_test(everything_changed_is_refused_or_means_what_it_says),
        cmocka_unit_test(a_change_has_names_steps_and_a_time),
        cmocka_unit_test(an_assignment_names_a_unit),
        cmocka_unit_test(a_link_leads_to_another_incident),
        cmocka_unit_test(an_emergency_names_its_memorandum_and_ends_later),
        cmocka_unit_test(what_no_changes_could_have_made_is_refused),
        cmocka_unit_test(the_largest_incident_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
