#include "identity/identity.h"

#include "../base/support.h"

#include <stdio.h>

enum { UNITS = 40 };

static struct identity_row row[UNITS];

/* Two parties, sorted as the policy set sorts them: by bytes. */
static int start(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < UNITS; i++) {
        bool fire = i < UNITS / 2;
        row[i] = (struct identity_row){.unit = 100 + i};
        (void)snprintf(row[i].name, sizeof row[i].name, "%s/unit-%02u", fire ? "fire" : "police",
                       i);
        memset(row[i].root, fire ? 0xf1 : 0x90, sizeof row[i].root);
    }
    return 0;
}

static enum identity_verdict find(const char *uri, uint8_t root_byte,
                                  const struct identity_row **out)
{
    uint8_t root[SHA256_BYTES];
    memset(root, root_byte, sizeof root);
    return identity_find(row, UNITS, root, uri, out);
}

static void a_root_and_a_name_of_its_party_are_an_identity(void **state)
{
    (void)state;
    for (size_t i = 0; i < UNITS; i++) {
        char uri[200];
        const struct identity_row *found = NULL;
        (void)snprintf(uri, sizeof uri, "fedgate://%s", row[i].name);
        assert_int_equal(find(uri, row[i].root[0][0], &found), IDENTITY_FOUND);
        assert_ptr_equal(found, &row[i]);
    }
}

static void another_partys_root_vouches_for_nobody(void **state)
{
    (void)state;
    const struct identity_row *found = NULL;
    uint8_t root[SHA256_BYTES];
    assert_int_equal(find("fedgate://fire/unit-00", 0x90, &found), IDENTITY_FOREIGN_ROOT);
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        memset(root, 0xf1, sizeof root);
        root[i] ^= 1;
        assert_int_equal(identity_find(row, UNITS, root, "fedgate://fire/unit-00", &found),
                         IDENTITY_FOREIGN_ROOT);
    }
    assert_null(found);
}

static void either_root_of_a_party_vouches_for_its_units(void **state)
{
    (void)state;
    const struct identity_row *found = NULL;
    memset(row[0].root[1], 0xf2, SHA256_BYTES);
    assert_int_equal(find("fedgate://fire/unit-00", 0xf1, &found), IDENTITY_FOUND);
    assert_int_equal(find("fedgate://fire/unit-00", 0xf2, &found), IDENTITY_FOUND);
    assert_ptr_equal(found, &row[0]);
    assert_int_equal(find("fedgate://fire/unit-01", 0xf2, &found), IDENTITY_FOREIGN_ROOT);
    memset(row[0].root[1], 0xf1, SHA256_BYTES);
}

static void a_name_that_the_set_does_not_have_is_unknown(void **state)
{
    (void)state;
    const struct identity_row *found = NULL;
    static const char *const unknown[] = {"fedgate://fire/unit-0",  "fedgate://fire/unit-000",
                                          "fedgate://fire/unit-20", "fedgate://aaa/unit-00",
                                          "fedgate://zzz/unit-00",  "fedgate://police/unit-00",
                                          "fedgate://gateway/self"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_int_equal(find(unknown[i], 0xf1, &found), IDENTITY_UNKNOWN_UNIT);
    assert_int_equal(identity_find(row, 0, row[0].root[0], "fedgate://fire/unit-00", &found),
                     IDENTITY_UNKNOWN_UNIT);
    assert_null(found);
}

static void a_uri_has_one_spelling(void **state)
{
    (void)state;
    const struct identity_row *found = NULL;
    static const char *const wrong[] = {"",
                                        "fedgate://",
                                        "fedgate:/fire/unit-00",
                                        "fire/unit-00",
                                        "FEDGATE://fire/unit-00",
                                        "fedgate://Fire/unit-00",
                                        "fedgate://fire",
                                        "fedgate://fire/",
                                        "fedgate:///unit-00",
                                        "fedgate://fire/unit-00/",
                                        "fedgate://fire/unit-00/x",
                                        "fedgate://fire/unit-00?x",
                                        "fedgate://fire/unit-00#x",
                                        "fedgate://x@fire/unit-00",
                                        "fedgate://fire:443/unit-00",
                                        "fedgate://fire/unit%2d00",
                                        " fedgate://fire/unit-00",
                                        "fedgate://fire/unit-00 ",
                                        "https://fire/unit-00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(find(wrong[i], 0xf1, &found), IDENTITY_MALFORMED_URI);
    assert_int_equal(find(NULL, 0xf1, &found), IDENTITY_MALFORMED_URI);
    assert_null(found);
}

static void every_verdict_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int i = IDENTITY_FOUND; i <= IDENTITY_FOREIGN_ROOT; i++)
        for (int k = IDENTITY_FOUND; k < i; k++)
            assert_string_not_equal(identity_verdict_text((enum identity_verdict)i),
                                    identity_verdict_text((enum identity_verdict)k));
    assert_string_equal(identity_verdict_text((enum identity_verdict)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_root_and_a_name_of_its_party_are_an_identity),
        cmocka_unit_test(another_partys_root_vouches_for_nobody),
        cmocka_unit_test(either_root_of_a_party_vouches_for_its_units),
        cmocka_unit_test(a_name_that_the_set_does_not_have_is_unknown),
        cmocka_unit_test(a_uri_has_one_spelling),
        cmocka_unit_test(every_verdict_has_a_text_of_its_own),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
