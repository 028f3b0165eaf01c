#include "standing/standing.h"

#include "support.h"

static void a_headquarters_works_for_a_region_until_it_ends(void **state)
{
    (void)state;
    struct standing *s = standing_new();
    assert_false(is_active(s, "daejeon-seo"));
    assert_int_equal(applied(s, region(STANDING_ENDED, "daejeon-seo")), STANDING_UNCHANGED);
    assert_int_equal(applied(s, region(STANDING_ACTIVE, "daejeon-seo")), STANDING_APPLIED);
    assert_int_equal(applied(s, region(STANDING_ACTIVE, "daejeon-dong")), STANDING_APPLIED);
    assert_true(is_active(s, "daejeon-seo") && is_active(s, "daejeon-dong"));
    assert_string_equal(standing_region(s, 1), "daejeon-dong");
    assert_null(standing_region(s, 2));
    assert_int_equal(applied(s, region(STANDING_ENDED, "daejeon-seo")), STANDING_APPLIED);
    assert_false(is_active(s, "daejeon-seo"));
    assert_true(is_active(s, "daejeon-dong"));
    standing_free(s);
}

static void sixty_four_regions_at_most(void **state)
{
    (void)state;
    struct standing *s = standing_new();
    char name[64][8];
    for (size_t i = 0; i < 64; i++) {
        (void)snprintf(name[i], sizeof name[i], "r-%zu", i);
        assert_int_equal(applied(s, region(STANDING_ACTIVE, name[i])), STANDING_APPLIED);
    }
    assert_int_equal(applied(s, region(STANDING_ACTIVE, "one-more")), STANDING_TOO_MANY);
    assert_int_equal(applied(s, region(STANDING_ENDED, name[63])), STANDING_APPLIED);
    assert_int_equal(applied(s, region(STANDING_ENDED, name[0])), STANDING_APPLIED);
    assert_int_equal(applied(s, region(STANDING_ACTIVE, "one-more")), STANDING_APPLIED);
    standing_free(s);
}

static void a_consent_is_gone_for_all_purposes_or_for_some(void **state)
{
    (void)state;
    struct standing *s = standing_new();
    assert_int_equal(applied(s, for_purpose(consent(STANDING_SUSPENDED, 1), 7)), STANDING_APPLIED);
    assert_true(is_gone(s, 1, 7));
    assert_false(is_gone(s, 1, 8));
    assert_false(is_gone(s, 2, 7));
    assert_int_equal(applied(s, consent(STANDING_SUSPENDED, 1)), STANDING_APPLIED);
    assert_true(is_gone(s, 1, 7) && is_gone(s, 1, 8));
    assert_int_equal(applied(s, for_purpose(consent(STANDING_RESUMED, 1), 8)), STANDING_APPLIED);
    assert_true(is_gone(s, 1, 7));
    assert_false(is_gone(s, 1, 8));
    assert_int_equal(applied(s, for_purpose(consent(STANDING_SUSPENDED, 1), 8)), STANDING_APPLIED);
    assert_true(is_gone(s, 1, 8));
    assert_int_equal(standing_consents(s), 1);
    assert_int_equal(applied(s, consent(STANDING_RESUMED, 1)), STANDING_APPLIED);
    assert_false(is_gone(s, 1, 7) || is_gone(s, 1, 8));
    assert_int_equal(standing_consents(s), 0); /* what stands takes no room */
    standing_free(s);
}

static void resuming_what_was_gone_for_one_purpose_leaves_nothing(void **state)
{
    (void)state;
    struct standing *s = standing_new();
    assert_int_equal(applied(s, for_purpose(consent(STANDING_RESUMED, 1), 7)), STANDING_UNCHANGED);
    assert_int_equal(applied(s, for_purpose(for_purpose(consent(STANDING_SUSPENDED, 1), 7), 8)),
                     STANDING_APPLIED);
    assert_int_equal(applied(s, for_purpose(consent(STANDING_RESUMED, 1), 7)), STANDING_APPLIED);
    assert_true(is_gone(s, 1, 8));
    assert_int_equal(applied(s, for_purpose(consent(STANDING_RESUMED, 1), 8)), STANDING_APPLIED);
    assert_int_equal(standing_consents(s), 0);
    standing_free(s);
}

static void sixteen_purposes_of_one_consent_may_differ(void **state)
{
    (void)state;
    struct standing *s = standing_new();
    for (unsigned n = 1; n <= 16; n++)
        assert_int_equal(applied(s, for_purpose(consent(STANDING_SUSPENDED, 1), n)),
                         STANDING_APPLIED);
    assert_int_equal(applied(s, for_purpose(consent(STANDING_SUSPENDED, 1), 17)),
                     STANDING_TOO_MANY);
    assert_false(is_gone(s, 1, 17));
    assert_int_equal(applied(s, for_purpose(consent(STANDING_RESUMED, 1), 3)), STANDING_APPLIED);
    assert_int_equal(applied(s, for_purpose(consent(STANDING_SUSPENDED, 1), 17)), STANDING_APPLIED);
    assert_int_equal(applied(s, consent(STANDING_SUSPENDED, 1)), STANDING_APPLIED);
    assert_true(is_gone(s, 1, 40));
    standing_free(s);
}

/* One carrier cannot fill the memory, nor take another's room. */
static void a_party_has_4096_consents_that_do_not_stand(void **state)
{
    (void)state;
    struct standing *s = standing_new();
    for (unsigned n = 0; n < 4096; n++)
        assert_int_equal(applied(s, consent(STANDING_SUSPENDED, n)), STANDING_APPLIED);
    assert_int_equal(applied(s, consent(STANDING_SUSPENDED, 4096)), STANDING_TOO_MANY);
    assert_int_equal(applied(s, for_purpose(consent(STANDING_RESUMED, 5), 1)), STANDING_APPLIED);
    struct standing_change other = consent(STANDING_SUSPENDED, 4096);
    other.by = bytes_of_text("carrier-dul/guardian-service");
    assert_int_equal(applied(s, other), STANDING_APPLIED);
    assert_int_equal(applied(s, consent(STANDING_RESUMED, 17)), STANDING_APPLIED);
    assert_int_equal(applied(s, consent(STANDING_SUSPENDED, 4097)), STANDING_APPLIED);
    assert_int_equal(applied(s, consent(STANDING_SUSPENDED, 4098)), STANDING_TOO_MANY);
    assert_int_equal(standing_consents(s), 4097);
    standing_clear(s);
    assert_int_equal(standing_consents(s), 0);
    assert_int_equal(applied(s, consent(STANDING_SUSPENDED, 4098)), STANDING_APPLIED);
    standing_free(s);
}

/* ---- any sequence, against the rules written down once more */

enum { CONSENTS = 4, PURPOSES = 12 };

static void any_sequence_leaves_what_each_change_said_last(void **state)
{
    (void)state;
    struct standing *s = standing_new();
    struct chance chance = {0};
    bool gone[CONSENTS][PURPOSES + 1] = {{false}};
    for (size_t round = 0; round < 20000; round++) {
        unsigned n = (unsigned)chance_below(&chance, CONSENTS);
        bool goes = chance_below(&chance, 2) == 0;
        struct standing_change c = consent(goes ? STANDING_SUSPENDED : STANDING_RESUMED, n);
        bool named[PURPOSES + 1] = {false}, differs = false;
        for (size_t k = chance_below(&chance, 4); k > 0; k--) {
            unsigned p = (unsigned)chance_below(&chance, PURPOSES);
            if (!named[p])
                c = for_purpose(c, p);
            named[p] = true;
        }
        for (unsigned p = 0; p <= PURPOSES; p++) { /* the last: one that nobody names */
            if (!named[p] && c.purposes > 0)
                continue;
            differs = differs || gone[n][p] != goes;
            gone[n][p] = goes;
        }
        enum standing_verdict v = applied(s, c);
        assert_true(v == STANDING_APPLIED || (v == STANDING_UNCHANGED && !differs));
        for (unsigned i = 0; i < CONSENTS; i++)
            for (unsigned p = 0; p <= PURPOSES; p++)
                assert_int_equal(is_gone(s, i, p), gone[i][p]);
    }
    standing_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_headquarters_works_for_a_region_until_it_ends),
        cmocka_unit_test(sixty_four_regions_at_most),
        cmocka_unit_test(a_consent_is_gone_for_all_purposes_or_for_some),
        cmocka_unit_test(resuming_what_was_gone_for_one_purpose_leaves_nothing),
        cmocka_unit_test(sixteen_purposes_of_one_consent_may_differ),
        cmocka_unit_test(a_party_has_4096_consents_that_do_not_stand),
        cmocka_unit_test(any_sequence_leaves_what_each_change_said_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
