#include "set.h"

static void what_is_wrong_in_an_exercise_is_told(void **state)
{
    static const struct change row[] = {
        {EXERCISES, "  - exercise: drill", "  - exercise: Drill",
         EXERCISES
         ":2:15: error: 'Drill' is not a name: lower-case letters, digits and hyphens, at most 40"},
        {EXERCISES, "    units: [police/control, centre/video]\n",
         "    units: [police/control, centre/video]\n"
         "  - exercise: drill\n"
         "    from: 2026-11-22\n"
         "    until: 2026-11-22\n"
         "    units: police/control\n",
         EXERCISES ":6:15: error: exercise 'drill' is defined a second time (first in this file)"},
        {EXERCISES, "until: 2026-11-21T22:00:00+09:00", "until: 2026-11-21T09:00:00+09:00",
         EXERCISES ":4:12: error: 'until' is not later than 'from'"},
        {EXERCISES, "until: 2026-11-21T22:00:00+09:00", "until: 2026-11-20",
         EXERCISES ":4:12: error: 'until' is not later than 'from'"},
        {EXERCISES, "until: 2026-11-21T22:00:00+09:00", "until: 2026-11-21", ""},
        {EXERCISES, "until: 2026-11-21T22:00:00+09:00", "until: 2026-11-21T22:00",
         EXERCISES ":4:12: error: expected a date (2026-11-21) or a time with offset "
                   "(2026-11-21T09:00:00+09:00) for until"},
        {EXERCISES, "[police/control, centre/video]", "[police/contrl, centre/video]",
         EXERCISES ":5:13: error: no unit 'police/contrl' in inventory/parties.yaml"
                   "|      = did you mean 'police/control'?"},
        {EXERCISES, "[police/control, centre/video]", "{police/control}",
         EXERCISES ":5:12: error: expected a list for units"},
        {EXERCISES, "    from: 2026-11-21T09:00:00+09:00\n", "",
         EXERCISES ":2:5: error: an exercise needs the key 'from'"},
        {EXERCISES, "exercises:\n", "exercise:\n",
         EXERCISES ":1:1: error: inventory/exercises.yaml needs the key 'exercises'"
                   "|" EXERCISES ":1:1: error: unknown key 'exercise' in inventory/exercises.yaml"
                   "|      = did you mean 'exercises'?"},
        {EXERCISES, NULL, "exercises: {}\n",
         EXERCISES ":1:12: error: expected a list for exercises"},
        {EXERCISES, NULL, "exercises: []\n", ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void an_exercise_has_at_most_64_units(void **state)
{
    struct buf units = BUF_INIT(1 << 16);
    struct set s;
    (void)state;
    for (int more = 0; more <= 1; more++) {
        set_new(&s);
        put_repeated(&units, "police/car", 64 + more);
        set_change(&s, EXERCISES, "[police/control, centre/video]", buf_c(&units));
        set_compile(&s);
        expect_says(&s, more ? EXERCISES ":5:781: error: more than 64 entries for units" : "");
        set_free(&s);
    }
    buf_free(&units);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_wrong_in_an_exercise_is_told),
                                       cmocka_unit_test(an_exercise_has_at_most_64_units)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
