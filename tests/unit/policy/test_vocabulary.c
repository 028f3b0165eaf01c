#include "set.h"

static void what_is_wrong_in_the_set_is_told(void **state)
{
    static const struct change row[] = {
        {SET, "set: test", "set: Test",
         SET
         ":1:6: error: 'Test' is not a name: lower-case letters, digits and hyphens, at most 40"},
        {SET, "serial: 7", "serial: 0",
         SET ":2:9: error: expected a whole number from 1 to 4503599627370496 for serial"},
        {SET, "Asia/Seoul", "Asia/Seuol",
         SET ":3:12: error: unknown time zone 'Asia/Seuol'"
             "|      = did you mean 'Asia/Seoul'?"},
        {SET, "[36.20, 127.20]", "[36.20]",
         SET ":5:15: error: expected [latitude, longitude] in degrees for south_west"},
        {SET, "[36.20, 127.20]", "[96.20, 127.20]",
         SET ":5:15: error: expected [latitude, longitude] in degrees for south_west"},
        {SET, "[36.20, 127.20]", "[36.20, 0x7f]",
         SET ":5:15: error: expected [latitude, longitude] in degrees for south_west"},
        {SET, "[36.20, 127.20]", "[36.20, \"\"]",
         SET ":5:15: error: expected [latitude, longitude] in degrees for south_west"},
        {SET, "[36.20, 127.20]", "[36.20, 127.20.1]",
         SET ":5:15: error: expected [latitude, longitude] in degrees for south_west"},
        {SET, "[36.20, 127.20]", "[36.60, 127.20]",
         SET ":5:3: error: 'south_west' does not lie south and west of 'north_east'"},
        {SET, "[36.20, 127.20]", "[36.20, 127.60]",
         SET ":5:3: error: 'south_west' does not lie south and west of 'north_east'"},
        {SET, "serial: 7\n", "", SET ":1:1: error: set.yaml needs the key 'serial'"},
        {SET, "serial: 7\n",
         "serial: 7\n"
         "signed: yes\n",
         SET ":3:1: error: unknown key 'signed' in set.yaml"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void what_is_wrong_in_the_vocabulary_is_told(void **state)
{
    static const struct change row[] = {
        {VOCABULARY, "  patrol:", "  Patrol:",
         A
         ":53:14: error: unknown service 'patrol'"
         "|" VOCABULARY
         ":3:3: error: 'Patrol' is not a name: lower-case letters, digits and hyphens, at most 40"},
        {VOCABULARY, REGIONS "\n", "regions: []\n",
         VOCABULARY ":17:10: error: expected 'key: value' lines for regions"},
        {VOCABULARY, REGIONS "\n",
         REGIONS "\n"
                 "words: {}\n",
         VOCABULARY ":18:1: error: unknown key 'words' in vocabulary.yaml"},
        {VOCABULARY, "{en: Patrol, ko: 긴급출동}", "{en: Patrol}",
         VOCABULARY ":3:11: error: services needs the key 'ko'"},
        {VOCABULARY, "{en: Patrol, ko: 긴급출동}", "[Patrol]",
         VOCABULARY ":3:11: error: expected 'key: value' lines for services"},
        {VOCABULARY, "{en: Patrol, ko: 긴급출동}", "{en: \"\", ko: 긴급출동}",
         VOCABULARY ":3:16: error: expected a text for services"},
        {VOCABULARY, "{en: Patrol, ko: 긴급출동}", "{en: Patrol, ko: 긴급출동, jp: x}",
         VOCABULARY ":3:34: error: unknown key 'jp' in services"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* Words are kept as masks of 64 bits. */
static void a_class_has_at_most_64_words(void **state)
{
    struct buf words = BUF_INIT(1 << 16);
    struct set s;
    (void)state;
    for (int more = 0; more <= 1; more++) {
        set_new(&s);
        buf_clear(&words);
        buf_text(&words, "regions:\n");
        for (int i = 0; i < 64 + more; i++)
            buf_printf(&words, "  region-%d: Region\n", i);
        set_change(&s, VOCABULARY, REGIONS "\n", buf_c(&words));
        set_compile(&s);
        expect_says(&s, more ? VOCABULARY ":18:3: error: more than 64 entries for regions" : "");
        set_free(&s);
    }
    buf_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_wrong_in_the_set_is_told),
                                       cmocka_unit_test(what_is_wrong_in_the_vocabulary_is_told),
                                       cmocka_unit_test(a_class_has_at_most_64_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
