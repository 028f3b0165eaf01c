#include "ask.h"

static void what_is_wrong_in_a_prohibition_is_told(void **state)
{
    static const struct change row[] = {
        {B, "prohibit: positions-to-others", "prohibit: Positions",
         B ":47:15: error: 'Positions' is not a name: lower-case letters, digits and hyphens, at "
           "most 40"},
        {B, "prohibit: positions-to-others", "prohibit: dispatch",
         B ":47:15: error: prohibition 'dispatch' is defined a second time (first in mou/b.yaml)"},
        {B,
         "[kr/location/29]\n"
         "    to_other_than",
         "[kr/location/229]\n"
         "    to_other_than",
         B ":48:27: error: unknown legal basis 'kr/location/229'"
           "|      = did you mean 'kr/location/29'?"},
        {B,
         "[kr/location/29]\n"
         "    to_other_than",
         "[kr/pipa/18-2-3]\n"
         "    to_other_than",
         B ":48:27: error: no position is obtained under kr/pipa/18-2-3; name an article of the "
           "location laws"},
        {B,
         "[kr/location/29]\n"
         "    to_other_than",
         "[]\n"
         "    to_other_than",
         B ":48:26: error: the list for data_obtained_under is empty"},
        {B, "{role: [police, rescue-agency]}", "{role: [polis]}",
         B ":49:28: error: unknown role 'polis'"
           "|      = did you mean 'police'?"},
        {B, "{role: [police, rescue-agency]}", "{roles: [police]}",
         B ":49:20: error: to_other_than needs the key 'role'"
           "|" B ":49:21: error: unknown key 'roles' in to_other_than"
           "|      = did you mean 'role'?"},
        {B, "    to_other_than: {role: [police, rescue-agency]}\n", "",
         B ":47:5: error: a prohibition needs the key 'to_other_than'"},
        {B, "    because: LIA 29(11)\n", "",
         B ":47:5: error: a prohibition needs the key 'because'"},
        {B, "    because: LIA 29(11)\n", "    because: \"\"\n",
         B ":50:14: error: expected a text for because"},
        {B, "    because: LIA 29(11)\n",
         "    because: LIA 29(11)\n"
         "    kind: [video, pictures]\n",
         B ":51:19: error: unknown kind 'pictures'"},
        {B, "    because: LIA 29(11)\n",
         "    because: LIA 29(11)\n"
         "    unless: x\n",
         B ":51:5: error: unknown key 'unless' in a prohibition"},
        {B,
         "[kr/location/29]\n"
         "    to_other_than",
         "[kr/location/19, kr/location/26, kr/missing-persons/9, kr/disaster/74-3]\n"
         "    to_other_than",
         ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void a_prohibition_beats_the_grant(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, B, "prohibitions:\n",
               "prohibitions:\n"
               "  - prohibit: no-dispatch\n"
               "    kind: [dispatch_request, dispatch_answer]\n"
               "    to_other_than: {role: rescue-agency}\n"
               "    because: An order of the court\n");
    ask_open(&a, "dispatch");
    expect_decision(&a, REASON_PROHIBITED, "b#no-dispatch", "An order of the court",
                    "An order of the court");
    assert_true(a.d.near);
    a.to = "rescue/control";
    expect_permitted(&a, "b#dispatch");
    ask_message(&a, "position");
    expect_permitted(&a, "b#position");
    a.facts.evidences = 0; /* without a grant that holds there is nothing to prohibit */
    expect_decision(&a, REASON_EVIDENCE_MISSING, "b#position", "evidence: emergency-call",
                    "The law of kr/location/29");
    ask_free(&a);
}

/* LIA 29(11): whatever kind or basis carries it. */
static void a_prohibition_follows_the_data(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, B, "{role: [police, rescue-agency]}", "{role: [rescue-agency]}");
    ask_open(&a, "dispatch");
    expect_decision(&a, REASON_ORIGIN_PROHIBITED, "b#positions-to-others", "LIA 29(11)",
                    "LIA 29(11)");
    a.to = "rescue/control";
    expect_permitted(&a, "b#dispatch");
    a.to = "police/control";
    a.facts.origins = 1u << ORIGIN_DEVICE;
    expect_permitted(&a, "b#dispatch");
    a.facts.origins |= 1u << ORIGIN_LIA_29;
    expect_decision(&a, REASON_ORIGIN_PROHIBITED, "b#positions-to-others", "LIA 29(11)",
                    "LIA 29(11)");
    ask_free(&a);
}

static void each_location_law_names_an_origin(void **state)
{
    static const struct {
        const char *code;
        unsigned origin;
    } row[] = {{"kr/location/29", ORIGIN_LIA_29},
               {"kr/location/19", ORIGIN_LIA_CONSENT},
               {"kr/location/26", ORIGIN_LIA_CONSENT},
               {"kr/missing-persons/9", 4},
               {"kr/disaster/74-3", 6}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct ask a;
        char under[80];
        ask_new(&a);
        (void)snprintf(under, sizeof under, "[%s]\n    to_other_than: {role: carrier}",
                       row[i].code);
        set_change(&a.set, B,
                   "[kr/location/29]\n    to_other_than: {role: [police, rescue-agency]}", under);
        ask_open(&a, "dispatch");
        for (unsigned origin = 0; origin <= 6; origin++) {
            a.facts.origins = 1u << origin;
            assert_int_equal(ask_decide(&a)->reason,
                             origin == row[i].origin ? REASON_ORIGIN_PROHIBITED : REASON_PERMITTED);
        }
        ask_free(&a);
    }
}

static void what_a_transform_removes_is_not_prohibited(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, B, "{role: [police, rescue-agency]}", "{role: [rescue-agency]}");
    set_change(&a.set, B, "    when: {evidence: emergency-call}\n",
               "    transform: {position: drop}\n");
    ask_open(&a, "dispatch");
    expect_permitted(&a, "b#dispatch");
    ask_free(&a);
}

/* What the gateway itself takes in is no release. */
static void a_prohibition_does_not_bind_the_gateways_own_state(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    set_change(&a.set, B, "prohibitions:\n",
               "prohibitions:\n"
               "  - prohibit: nothing-goes\n"
               "    to_other_than: {role: auditor}\n"
               "    because: Quiet\n");
    ask_open(&a, "report");
    expect_permitted(&a, "a#report");
    ask_message(&a, "request");
    expect_decision(&a, REASON_PROHIBITED, "b#nothing-goes", "Quiet", "Quiet");
    ask_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_a_prohibition_is_told),
        cmocka_unit_test(a_prohibition_beats_the_grant),
        cmocka_unit_test(a_prohibition_follows_the_data),
        cmocka_unit_test(each_location_law_names_an_origin),
        cmocka_unit_test(what_a_transform_removes_is_not_prohibited),
        cmocka_unit_test(a_prohibition_does_not_bind_the_gateways_own_state)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
