#include "incident/incident.h"

#include "support.h"

/* ---- transfer */

static void an_offer_that_is_accepted_makes_its_unit_the_owner(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, offer(FIRE, CENTRE)), INCIDENT_NOT_OWNER);
    assert_int_equal(applied(&i, offer(POLICE, CENTRE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, offer(POLICE, CENTRE)), INCIDENT_UNCHANGED);
    assert_bytes(incident_owner(&i), POLICE);
    assert_false(takes_part(&i, CENTRE)); /* an offer gives nothing yet */
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, FIRE, NOON)), INCIDENT_NOT_OFFERED);
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, CENTRE, NOON)), INCIDENT_APPLIED);
    assert_bytes(incident_owner(&i), CENTRE);
    assert_string_equal(i.participant[0].name, CENTRE);
    assert_true(works(&i, CENTRE) && works(&i, POLICE) && works(&i, FIRE));
    assert_string_equal(i.id, INCIDENT);
    assert_int_equal(applied(&i, opening("fire", NOON)), INCIDENT_NOT_OWNER);
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, CENTRE, NOON)), INCIDENT_NOT_OFFERED);
}

/* Who left may take it over all the same. */
static void a_participant_whose_part_was_closed_takes_it_up_with_the_incident(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, offer(POLICE, FIRE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, FIRE, NOON)), INCIDENT_APPLIED);
    assert_true(works(&i, FIRE) && works(&i, POLICE));
    assert_int_equal(i.participants, 2);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, NOON + 1)), INCIDENT_APPLIED);
    assert_int_equal(i.ended_us, NOON + 1);
    assert_int_equal(applied(&i, change(INCIDENT_REOPEN, POLICE, NOON + 2)), INCIDENT_NOT_OWNER);
    assert_int_equal(applied(&i, change(INCIDENT_REOPEN, FIRE, NOON + 2)), INCIDENT_APPLIED);
    assert_true(works(&i, FIRE));
    assert_false(works(&i, POLICE));
}

static void an_offer_ends_when_it_is_declined_replaced_or_the_incident_ends(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, offer(POLICE, FIRE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_DECLINE, POLICE, NOON)), INCIDENT_NOT_OFFERED);
    assert_int_equal(applied(&i, change(INCIDENT_DECLINE, FIRE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, FIRE, NOON)), INCIDENT_NOT_OFFERED);
    assert_int_equal(applied(&i, offer(POLICE, FIRE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, offer(POLICE, CENTRE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, FIRE, NOON)), INCIDENT_NOT_OFFERED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, FIRE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_CLOSE, POLICE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, CENTRE, NOON)), INCIDENT_NOT_OFFERED);
    assert_int_equal(applied(&i, offer(POLICE, CENTRE)), INCIDENT_IS_CLOSED);
}

static void an_owner_offers_it_to_itself_in_vain(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, offer(POLICE, POLICE)), INCIDENT_UNCHANGED);
}

static void whoever_takes_it_over_has_room_among_the_participants(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, offer(POLICE, CENTRE)), INCIDENT_APPLIED);
    while (i.participants < INCIDENT_PARTICIPANTS_MAX)
        assert_int_equal(applied(&i, with(opening("", NOON), unit_name(i.participants))),
                         INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, CENTRE, NOON)), INCIDENT_TOO_MANY);
    assert_int_equal(applied(&i, offer(POLICE, unit_name(63))), INCIDENT_TOO_MANY);
    assert_int_equal(applied(&i, change(INCIDENT_DECLINE, CENTRE, NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, offer(POLICE, FIRE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, change(INCIDENT_ACCEPT, FIRE, NOON)), INCIDENT_APPLIED);
}

/* ---- links */

static void a_joint_link_lets_the_others_owner_take_part(void **state)
{
    (void)state;
    struct incident i = nobody_knows_it_yet();
    assert_int_equal(applied(&i, opening("robbery", NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, linking(INCIDENT_LINK, FIRE, OTHER, INCIDENT_JOINT)),
                     INCIDENT_NOT_OWNER);
    assert_int_equal(applied(&i, linking(INCIDENT_LINK, POLICE, OTHER, INCIDENT_DUPLICATE)),
                     INCIDENT_APPLIED);
    assert_false(takes_part(&i, FIRE));
    assert_int_equal(applied(&i, linking(INCIDENT_LINK, POLICE, OTHER, INCIDENT_JOINT)),
                     INCIDENT_APPLIED);
    assert_true(works(&i, FIRE));
    assert_int_equal(i.links, 1);
    assert_string_equal(i.link[0].other, OTHER);
    assert_int_equal(i.link[0].kind, INCIDENT_JOINT);
    assert_int_equal(applied(&i, linking(INCIDENT_LINK, POLICE, OTHER, INCIDENT_JOINT)),
                     INCIDENT_UNCHANGED);
}

/* Else a link would give anybody a part in anything. */
static void
a_link_from_elsewhere_gives_nobody_a_part_and_changes_no_word_of_the_owners(void **state)
{
    (void)state;
    struct incident i = nobody_knows_it_yet();
    assert_int_equal(applied(&i, opening("robbery", NOON)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, linking(INCIDENT_LINKED, FIRE, OTHER, INCIDENT_JOINT)),
                     INCIDENT_APPLIED);
    assert_false(takes_part(&i, FIRE));
    assert_int_equal(applied(&i, linking(INCIDENT_LINK, POLICE, OTHER, INCIDENT_JOINT)),
                     INCIDENT_APPLIED);
    assert_true(takes_part(&i, FIRE));
    assert_int_equal(applied(&i, linking(INCIDENT_LINKED, FIRE, OTHER, INCIDENT_DUPLICATE)),
                     INCIDENT_UNCHANGED);
    assert_int_equal(i.link[0].kind, INCIDENT_JOINT);
}

static void what_has_ended_is_linked_to_but_links_no_more(void **state)
{
    (void)state;
    struct incident i = ended_at(NOON);
    assert_int_equal(applied(&i, linking(INCIDENT_LINK, POLICE, OTHER, INCIDENT_DUPLICATE)),
                     INCIDENT_IS_CLOSED);
    assert_int_equal(applied(&i, linking(INCIDENT_LINKED, FIRE, OTHER, INCIDENT_DUPLICATE)),
                     INCIDENT_APPLIED);
}

static void an_incident_has_eight_links_at_most(void **state)
{
    (void)state;
    struct incident i = joint_response();
    char other[IDENT_INCIDENT_MAX + 1] = OTHER;
    for (char n = 'a'; n < 'a' + 8; n++) {
        other[strlen(OTHER) - 1] = n > 'f' ? (char)(n - 'g' + '0') : n;
        assert_int_equal(applied(&i, linking(INCIDENT_LINK, POLICE, other, INCIDENT_DUPLICATE)),
                         INCIDENT_APPLIED);
    }
    assert_int_equal(applied(&i, linking(INCIDENT_LINKED, FIRE, OTHER, INCIDENT_DUPLICATE)),
                     INCIDENT_TOO_MANY);
    assert_int_equal(applied(&i, linking(INCIDENT_LINK, POLICE, other, INCIDENT_JOINT)),
                     INCIDENT_APPLIED);
}

/* ---- emergencies */

static bool covers(const struct incident *i, const char *mou, int64_t at_us)
{
    return incident_has_emergency(i, bytes_of_text(mou), at_us);
}

static void an_emergency_covers_an_open_incident_until_its_end(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_false(covers(&i, "", NOON));
    assert_int_equal(applied(&i, emergency("video", NOON, NOON + MINUTE)), INCIDENT_APPLIED);
    assert_true(covers(&i, "video", NOON + MINUTE - 1));
    assert_false(covers(&i, "video", NOON + MINUTE));
    assert_false(covers(&i, "fire", NOON));
    assert_false(covers(&i, "", NOON));
    i = ended_at(NOON);
    assert_int_equal(applied(&i, emergency("video", NOON, NOON + MINUTE)), INCIDENT_IS_CLOSED);
}

static void the_later_end_of_an_emergency_counts(void **state)
{
    (void)state;
    struct incident i = joint_response();
    assert_int_equal(applied(&i, emergency("video", NOON, NOON + 2 * MINUTE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, emergency("video", NOON, NOON + MINUTE)), INCIDENT_UNCHANGED);
    assert_int_equal(applied(&i, emergency("video", NOON, NOON + 2 * MINUTE)), INCIDENT_UNCHANGED);
    assert_int_equal(applied(&i, emergency("video", NOON, NOON + 3 * MINUTE)), INCIDENT_APPLIED);
    assert_true(covers(&i, "video", NOON + 2 * MINUTE));
    assert_string_equal(i.emergency[1].mou, "");
}

static void four_emergencies_run_at_once_at_most(void **state)
{
    (void)state;
    static const char *const mou[] = {"one", "two", "three", "four"};
    struct incident i = joint_response();
    for (size_t k = 0; k < 4; k++)
        assert_int_equal(applied(&i, emergency(mou[k], NOON, NOON + (int64_t)(4 - k) * MINUTE)),
                         INCIDENT_APPLIED);
    assert_int_equal(applied(&i, emergency("five", NOON + MINUTE - 1, NOON + 9 * MINUTE)),
                     INCIDENT_TOO_MANY);
    assert_int_equal(applied(&i, emergency("two", NOON, NOON + 5 * MINUTE)), INCIDENT_APPLIED);
    assert_int_equal(applied(&i, emergency("five", NOON + MINUTE, NOON + 9 * MINUTE)),
                     INCIDENT_APPLIED); /* the fourth is over */
    assert_true(covers(&i, "five", NOON + MINUTE));
    assert_string_equal(i.emergency[3].mou, "five");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_that_is_accepted_makes_its_unit_the_owner),
        cmocka_unit_test(a_participant_whose_part_was_closed_takes_it_up_with_the_incident),
        cmocka_unit_test(an_offer_ends_when_it_is_declined_replaced_or_the_incident_ends),
        cmocka_unit_test(an_owner_offers_it_to_itself_in_vain),
        cmocka_unit_test(whoever_takes_it_over_has_room_among_the_participants),
        cmocka_unit_test(a_joint_link_lets_the_others_owner_take_part),
        cmocka_unit_test(
            a_link_from_elsewhere_gives_nobody_a_part_and_changes_no_word_of_the_owners),
        cmocka_unit_test(what_has_ended_is_linked_to_but_links_no_more),
        cmocka_unit_test(an_incident_has_eight_links_at_most),
        cmocka_unit_test(an_emergency_covers_an_open_incident_until_its_end),
        cmocka_unit_test(the_later_end_of_an_emergency_counts),
        cmocka_unit_test(four_emergencies_run_at_once_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
