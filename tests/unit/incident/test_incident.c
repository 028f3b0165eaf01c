#include "incident/incident.h"

#include "support.h"

static bool assigned(const struct incident *i, const char *unit)
{
    return incident_is_assigned(i, bytes_of_text(unit));
}

/* ---- opening */

static void the_unit_in_its_id_opens_and_owns_it(void **state)
{
    (void)state;
    struct incident i = nobody_knows_it_yet();
    assert_false(incident_is_open(&i));
    assert_bytes(incident_owner(&i), POLICE);
    assert_int_equal(applied(&i, change(INCIDENT_OPEN, FIRE, NOON)), INCIDENT_NOT_OWNER);
    assert_int_equal(applied(&i, opening("robbery", NOON)), INCIDENT_APPLIED);
    assert_true(incident_is_open(&i));
    assert_string_equal(i.type, "robbery");
    assert_string_equal(i.participant[0].name, POLICE);
    assert_int_equal(i.participants, 1);
    assert_int_equal(i.opened_us, NOON);
    assert_true(works(&i, POLICE));
    assert_false(takes_part(&i, FIRE));
}

static void it_is_real_or_played_as_it_was_opened(void **state)
{
    (void)state;
    for (unsigned status = STATUS_ACTUAL; status <= STATUS_TEST; status++) {
        struct incident i = nobody_knows_it_yet();
        struct incident_change c = opening("robbery", NOON);
        assert_false(incident_is_for(&i, status));
        c.status = (uint8_t)status;
        assert_int_equal(applied(&i, c), INCIDENT_APPLIED);
        for (unsigned other = STATUS_ACTUAL; other <= STATUS_TEST; other++) {
            assert_int_equal(incident_is_for(&i, other), other == status);
            c = opening("homicide", NOON);
            c.status = (uint8_t)other;
            assert_int_equal(incident_judge(&i, &c),
                             other == status ? INCIDENT_APPLIED : INCIDENT_OTHER_STATUS);
        }
        assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, NOON)), INCIDENT_APPLIED);
        assert_true(incident_is_for(&i, status));
    }
}

static void the_owner_is_first_wherever_it_names_itself(void **state)
{
    (void)state;
    struct incident i = nobody_knows_it_yet();
    assert_int_equal(applied(&i, with(with(opening("fire", NOON), FIRE), POLICE)),
                     INCIDENT_APPLIED);
    assert_string_equal(i.participant[0].name, POLICE);
    assert_string_equal(i.participant[1].name, FIRE);
    assert_int_equal(i.participants, 2);
    assert_true(works(&i, FIRE));
}

static void a_report_again_adds_participants_and_changes_what_it_gives(void **state)
{
    (void)state;
    struct incident i = joint_response();
    struct incident_change c = with(change(INCIDENT_OPEN, POLICE, NOON + MINUTE), CENTRE);
    assert_int_equal(applied(&i, c), INCIDENT_APPLIED);
    assert_string_equal(i.type, "robbery");
    assert_int_equal(i.opened_us, NOON);
    assert_true(works(&i, CENTRE));
    assert_int_equal(applied(&i, opening("homicide", NOON)), INCIDENT_APPLIED);
    assert_string_equal(i.type, "homicide");
    c = change(INCIDENT_OPEN, POLICE, NOON);
    c.has_centre = true;
    c.centre = (struct point){36.35, 127.38};
    c.route[0] = c.route[1] = (struct point){36.36, 127.38};
    c.route_points = 2;
    c.place = bytes_of_text("sealed");
    assert_int_equal(applied(&i, c), INCIDENT_APPLIED);
    assert_true(i.has_centre && i.centre.latitude == 36.35 && i.centre.longitude == 127.38);
    assert_int_equal(i.route_points, 2);
    assert_true(i.route[1].latitude == 36.36);
    assert_int_equal(i.place_bytes, 6);
    assert_memory_equal(i.place, "sealed", 6);
    assert_int_equal(i.participants, 3);
}

static void a_report_that_says_nothing_new_changes_nothing(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, opening("", NOON)), INCIDENT_UNCHANGED);
    assert_int_equal(applied(&i, opening("robbery", NOON)), INCIDENT_UNCHANGED);
    assert_int_equal(applied(&i, with(with(opening("robbery", NOON), FIRE), POLICE)),
                     INCIDENT_UNCHANGED);
}

static void a_participant_does_not_change_what_the_owner_reported(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, change(INCIDENT_OPEN, FIRE, NOON)), INCIDENT_NOT_OWNER);
    assert_int_equal(applied(&i, change(INCIDENT_REOPEN, FIRE, NOON)), INCIDENT_NOT_OWNER);
}

static void sixteen_units_take_part_at_most(void **state)
{
    (void)state;
    struct incident i = nobody_knows_it_yet();
    struct incident_change c = opening("fire", NOON);
    for (size_t n = 0; n < 15; n++)
        c = with(c, unit_name(n));
    struct incident_change one_more = with(c, unit_name(15));
    assert_int_equal(applied(&i, one_more), INCIDENT_TOO_MANY);
    assert_int_equal(applied(&i, with(c, unit_name(3))), INCIDENT_APPLIED); /* twice is once */
    assert_int_equal(i.participants, 16);
    assert_int_equal(applied(&i, with(change(INCIDENT_OPEN, POLICE, NOON), unit_name(15))),
                     INCIDENT_TOO_MANY);
    assert_int_equal(applied(&i, with(change(INCIDENT_OPEN, POLICE, NOON), unit_name(14))),
                     INCIDENT_UNCHANGED);
    assert_int_equal(applied(&i, with(opening("flood", NOON), unit_name(14))), INCIDENT_APPLIED);
}

static void a_unit_named_twice_takes_one_place(void **state)
{
    (void)state;
    struct incident i = nobody_knows_it_yet();
    struct incident_change c = opening("fire", NOON);
    for (size_t n = 0; n < 14; n++)
        c = with(c, unit_name(n));
    assert_int_equal(applied(&i, c), INCIDENT_APPLIED);
    c = with(with(change(INCIDENT_OPEN, POLICE, NOON), FIRE), FIRE);
    assert_int_equal(applied(&i, c), INCIDENT_APPLIED);
    assert_int_equal(i.participants, 16);
}

static void a_sealed_place_has_a_bound(void **state)
{
    (void)state;
    static const uint8_t long_one[INCIDENT_PLACE_MAX + 1];
    struct incident i = nobody_knows_it_yet();
    struct incident_change c = opening("fire", NOON);
    c.place = bytes_of(long_one, INCIDENT_PLACE_MAX + 1);
    assert_int_equal(applied(&i, c), INCIDENT_TOO_MANY);
    c.place.n = INCIDENT_PLACE_MAX;
    assert_int_equal(applied(&i, c), INCIDENT_APPLIED);
}

/* ---- the end */

static void it_ends_when_the_last_part_is_closed(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, NOON + MINUTE)), INCIDENT_APPLIED);
    assert_true(incident_is_open(&i));
    assert_int_equal(i.ended_us, 0);
    assert_false(works(&i, POLICE));
    assert_true(takes_part(&i, POLICE));
    assert_true(works(&i, FIRE));
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, NOON + 2 * MINUTE)),
                     INCIDENT_APPLIED);
    assert_false(incident_is_open(&i));
    assert_int_equal(i.ended_us, NOON + 2 * MINUTE);
    assert_false(works(&i, FIRE));
}

static void a_part_is_closed_once_and_by_its_own_unit(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, CENTRE, NOON)), INCIDENT_NOT_PARTICIPANT);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, NOON)), INCIDENT_IS_CLOSED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, NOON)), INCIDENT_IS_CLOSED);
}

static void nothing_changes_what_is_not_there(void **state)
{
    (void)state;
    struct incident i = nobody_knows_it_yet();
    for (unsigned step = INCIDENT_REOPEN; step <= INCIDENT_LINKED; step++) {
        struct incident_change c = assignment((enum incident_step)step, POLICE, CENTRE);
        assert_int_equal(applied(&i, c), INCIDENT_NOT_THERE);
    }
}

static void what_has_ended_takes_no_more_reports_or_assignments(void **state)
{
    (void)state;
    struct incident i = ended_at(NOON);
    assert_int_equal(applied(&i, opening("homicide", NOON)), INCIDENT_IS_CLOSED);
    assert_int_equal(applied(&i, with(opening("", NOON), CENTRE)), INCIDENT_IS_CLOSED);
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, POLICE, CENTRE)), INCIDENT_IS_CLOSED);
    assert_int_equal(applied(&i, assignment(INCIDENT_RELEASE, FIRE, CENTRE)), INCIDENT_IS_CLOSED);
}

static void the_owner_may_reopen_it_for_ten_minutes(void **state)
{
    (void)state;
    struct incident i = ended_at(NOON);
    assert_int_equal(applied(&i, change(INCIDENT_REOPEN, FIRE, NOON)), INCIDENT_NOT_OWNER);
    assert_int_equal(applied(&i, change(INCIDENT_REOPEN, POLICE, NOON + 10 * MINUTE + 1)),
                     INCIDENT_IS_CLOSED);
    assert_int_equal(applied(&i, change(INCIDENT_REOPEN, POLICE, NOON + 10 * MINUTE)),
                     INCIDENT_APPLIED);
    assert_true(incident_is_open(&i));
    assert_int_equal(i.opened_us, NOON);
    assert_true(works(&i, POLICE));
    assert_false(works(&i, FIRE)); /* its part stays closed */
    assert_int_equal(applied(&i, change(INCIDENT_REOPEN, POLICE, NOON)), INCIDENT_UNCHANGED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, NOON + 30 * MINUTE)),
                     INCIDENT_APPLIED);
    assert_int_equal(i.ended_us, NOON + 30 * MINUTE);
}

static void the_owner_takes_its_part_up_again_while_others_are_at_work(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, opening("homicide", NOON)), INCIDENT_IS_CLOSED);
    assert_int_equal(applied(&i, change(INCIDENT_REOPEN, POLICE, NOON + 60 * MINUTE)),
                     INCIDENT_APPLIED);
    assert_true(works(&i, POLICE));
    assert_true(works(&i, FIRE));
    assert_int_equal(i.ended_us, 0);
}

static void a_person_is_found_once_whether_it_has_ended_or_not(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, change(INCIDENT_FOUND, CENTRE, NOON + 1)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_FOUND, CENTRE, NOON + 2)), INCIDENT_UNCHANGED);
    assert_int_equal(i.found_us, NOON + 1);
    i = ended_at(NOON);
    assert_int_equal(applied(&i, change(INCIDENT_FOUND, CENTRE, NOON + 3)), INCIDENT_APPLIED);
    assert_int_equal(i.found_us, NOON + 3);
}

/* ---- assignments */

static void participants_assign_and_release_units(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, CENTRE, CENTRE)),
                     INCIDENT_NOT_PARTICIPANT);
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, FIRE, CENTRE)), INCIDENT_APPLIED);
    assert_true(assigned(&i, CENTRE));
    assert_false(takes_part(&i, CENTRE));
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, POLICE, CENTRE)), INCIDENT_UNCHANGED);
    assert_int_equal(applied(&i, assignment(INCIDENT_RELEASE, POLICE, CENTRE)), INCIDENT_APPLIED);
    assert_false(assigned(&i, CENTRE));
    assert_int_equal(applied(&i, assignment(INCIDENT_RELEASE, POLICE, CENTRE)), INCIDENT_UNCHANGED);
}

static void a_closed_part_assigns_nobody(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, FIRE, CENTRE)), INCIDENT_IS_CLOSED);
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, POLICE, CENTRE)), INCIDENT_APPLIED);
}

/* A long incident wears out many cars: those that left make room. */
static void thirty_two_units_are_assigned_at_once_at_most(void **state)
{
    (void)state;
    struct incident i = joint_response();
    for (size_t n = 0; n < 32; n++)
        assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, FIRE, unit_name(n))),
                         INCIDENT_APPLIED);
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, FIRE, unit_name(32))),
                     INCIDENT_TOO_MANY);
    assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, FIRE, unit_name(7))),
                     INCIDENT_UNCHANGED);
    for (size_t n = 0; n < 31; n++) {
        assert_int_equal(applied(&i, assignment(INCIDENT_RELEASE, FIRE, unit_name(n))),
                         INCIDENT_APPLIED);
        assert_int_equal(applied(&i, assignment(INCIDENT_ASSIGN, FIRE, unit_name(32 + n))),
                         INCIDENT_APPLIED);
    }
    for (size_t n = 0; n < 63; n++)
        assert_int_equal(assigned(&i, unit_name(n)), n >= 31);
}

/* ---- any sequence, against the rules written down once more */

enum { UNITS = 20 };

struct model {
    bool exists, takes_part[UNITS], open[UNITS], assigned[UNITS];
    int64_t ended_us, found_us;
};

static const char *name_of(size_t unit)
{
    return unit == 0 ? POLICE : unit_name(unit);
}

static bool is_open(const struct model *m)
{
    bool open = false;
    for (size_t u = 0; u < UNITS; u++)
        open = open || m->open[u];
    return open;
}

static size_t count(const bool *list)
{
    size_t n = 0;
    for (size_t u = 0; u < UNITS; u++)
        n += list[u];
    return n;
}

struct move {
    bool typed;
    enum incident_step step;
    size_t by, unit;
    bool named[UNITS];
    int64_t at_us;
};

static enum incident_verdict model_open(struct model *m, const struct move *v)
{
    bool after[UNITS];
    if (v->by != 0)
        return INCIDENT_NOT_OWNER;
    if (m->exists && !m->open[0])
        return INCIDENT_IS_CLOSED;
    if (!m->exists && !v->typed)
        return INCIDENT_NO_TYPE;
    for (size_t u = 0; u < UNITS; u++)
        after[u] = m->takes_part[u] || v->named[u] || u == 0;
    if (count(after) > INCIDENT_PARTICIPANTS_MAX)
        return INCIDENT_TOO_MANY;
    if (m->exists && count(after) == count(m->takes_part))
        return INCIDENT_UNCHANGED;
    for (size_t u = 0; u < UNITS; u++)
        m->open[u] = m->open[u] || (after[u] && !m->takes_part[u]);
    memcpy(m->takes_part, after, sizeof after);
    m->exists = true;
    return INCIDENT_APPLIED;
}

static enum incident_verdict model_reopen(struct model *m, const struct move *v)
{
    if (v->by != 0)
        return INCIDENT_NOT_OWNER;
    if (m->open[0])
        return INCIDENT_UNCHANGED;
    if (!is_open(m) && v->at_us > m->ended_us + 10 * MINUTE)
        return INCIDENT_IS_CLOSED;
    m->open[0] = true;
    m->ended_us = 0;
    return INCIDENT_APPLIED;
}

static enum incident_verdict model_by_participant(struct model *m, const struct move *v)
{
    if (!m->takes_part[v->by])
        return INCIDENT_NOT_PARTICIPANT;
    if (!m->open[v->by])
        return INCIDENT_IS_CLOSED;
    if (v->step == INCIDENT_CLOSE) {
        m->open[v->by] = false;
        m->ended_us = is_open(m) ? 0 : v->at_us;
        return INCIDENT_APPLIED;
    }
    if (m->assigned[v->unit] == (v->step == INCIDENT_ASSIGN))
        return INCIDENT_UNCHANGED;
    m->assigned[v->unit] = v->step == INCIDENT_ASSIGN;
    return INCIDENT_APPLIED;
}

static enum incident_verdict model_apply(struct model *m, const struct move *v)
{
    if (v->step == INCIDENT_OPEN)
        return model_open(m, v);
    if (!m->exists)
        return INCIDENT_NOT_THERE;
    if (v->step == INCIDENT_REOPEN)
        return model_reopen(m, v);
    if (v->step == INCIDENT_FOUND && m->found_us != 0)
        return INCIDENT_UNCHANGED;
    if (v->step != INCIDENT_FOUND)
        return model_by_participant(m, v);
    m->found_us = v->at_us;
    return INCIDENT_APPLIED;
}

static struct move any_move(struct chance *c, int64_t *now_us)
{
    *now_us += (int64_t)chance_below(c, 8) * MINUTE;
    struct move v = {.typed = chance_below(c, 2) == 0,
                     .step = (enum incident_step)(1 + chance_below(c, 6)),
                     .by = chance_below(c, 2) == 0 ? 0 : chance_below(c, UNITS),
                     .unit = chance_below(c, UNITS),
                     .at_us = *now_us};
    for (size_t n = chance_below(c, 6); n > 0; n--)
        v.named[chance_below(c, UNITS)] = true;
    return v;
}

static struct incident_change change_of(const struct move *v)
{
    struct incident_change c = change(v->step, name_of(v->by), v->at_us);
    if (v->step == INCIDENT_ASSIGN || v->step == INCIDENT_RELEASE)
        c.unit = bytes_of_text(name_of(v->unit));
    if (v->step == INCIDENT_OPEN && v->typed)
        c.type = bytes_of_text("theft");
    for (size_t u = 0; u < UNITS; u++)
        if (v->named[u])
            c = with(c, name_of(u));
    return c;
}

static void assert_as_the_model(const struct incident *i, const struct model *m)
{
    assert_int_equal(i->exists, m->exists);
    assert_int_equal(incident_is_open(i), m->exists && is_open(m));
    assert_int_equal(i->ended_us, m->ended_us);
    assert_int_equal(i->found_us, m->found_us);
    assert_int_equal(i->participants, count(m->takes_part));
    assert_int_equal(i->assignments, count(m->assigned));
    for (size_t u = 0; u < UNITS; u++) {
        assert_int_equal(takes_part(i, name_of(u)), m->takes_part[u]);
        assert_int_equal(works(i, name_of(u)), m->open[u]);
        assert_int_equal(assigned(i, name_of(u)), m->assigned[u]);
    }
    if (i->exists)
        assert_string_equal(i->participant[0].name, POLICE);
}

/* Through the encoding and back, nothing is lost but the centre. */
static void assert_comes_back(const struct incident *i)
{
    struct buf b = BUF_INIT(10000);
    struct incident back;
    incident_put(i, &b);
    struct cursor c = cursor_over(buf_view(&b));
    assert_int_equal(incident_take(&c, &back), RESULT_OK);
    assert_int_equal(c.left, 0);
    assert_memory_equal(&back, i, sizeof back);
    buf_free(&b);
}

static void any_sequence_of_changes_follows_the_rules(void **state)
{
    (void)state;
    struct chance chance = {0};
    for (size_t run = 0; run < 400; run++) {
        struct incident i = nobody_knows_it_yet();
        struct model m = {0};
        int64_t now_us = NOON;
        for (size_t round = 0; round < 80; round++) {
            struct move v = any_move(&chance, &now_us);
            assert_int_equal(applied(&i, change_of(&v)), model_apply(&m, &v));
            assert_as_the_model(&i, &m);
            if (i.exists)
                assert_comes_back(&i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_unit_in_its_id_opens_and_owns_it),
        cmocka_unit_test(it_is_real_or_played_as_it_was_opened),
        cmocka_unit_test(the_owner_is_first_wherever_it_names_itself),
        cmocka_unit_test(a_report_again_adds_participants_and_changes_what_it_gives),
        cmocka_unit_test(a_report_that_says_nothing_new_changes_nothing),
        cmocka_unit_test(a_participant_does_not_change_what_the_owner_reported),
        cmocka_unit_test(sixteen_units_take_part_at_most),
        cmocka_unit_test(a_unit_named_twice_takes_one_place),
        cmocka_unit_test(a_sealed_place_has_a_bound),
        cmocka_unit_test(it_ends_when_the_last_part_is_closed),
        cmocka_unit_test(a_part_is_closed_once_and_by_its_own_unit),
        cmocka_unit_test(nothing_changes_what_is_not_there),
        cmocka_unit_test(what_has_ended_takes_no_more_reports_or_assignments),
        cmocka_unit_test(the_owner_may_reopen_it_for_ten_minutes),
        cmocka_unit_test(the_owner_takes_its_part_up_again_while_others_are_at_work),
        cmocka_unit_test(a_person_is_found_once_whether_it_has_ended_or_not),
        cmocka_unit_test(participants_assign_and_release_units),
        cmocka_unit_test(a_closed_part_assigns_nobody),
        cmocka_unit_test(thirty_two_units_are_assigned_at_once_at_most),
        cmocka_unit_test(any_sequence_of_changes_follows_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
