#include "set.h"

static void who_may_rely_on_a_basis_is_the_laws_to_say(void **state)
{
    static const struct change row[] = {
        {B,
         "basis_any_of: [kr/location/29]\n"
         "    lia_30_system: {document_no: LIS-1}\n",
         "basis_any_of: [kr/pipa/18-2-7]\n",
         B ":32:19: error: kr/pipa/18-2-7 may be relied on by public institutions only, and "
           "'carrier' is none: The law of kr/pipa/18-2-7"},
        {A, "basis_any_of: [kr/pipa/18-2-7]", "basis_any_of: [kr/pipa/18-2-7, kr/pipa/18-2-4]",
         A ":58:19: error: nobody may rely on kr/pipa/18-2-4: The law of kr/pipa/18-2-4"},
        {A, "basis_any_of: [kr/pipa/18-2-7]", "basis_any_of: [kr/pipa/21-1-proviso]",
         A ":58:19: error: kr/pipa/21-1-proviso is a ground for keeping, not for giving: The law "
           "of kr/pipa/21-1-proviso"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void positions_end_with_their_purpose(void **state)
{
    static const struct change row[] = {
        {B,
         "{document_no: LIS-1}\n"
         "    destroy: {starts_at: incident-end, delay: 0 seconds}",
         "{document_no: LIS-1}\n"
         "    destroy: {starts_at: incident-end, delay: 1 second}",
         B ":34:47: error: 1 second is above the ceiling for this kind, 0 seconds (LIA 23)"},
        {B,
         "notify: {within: 10 minutes}\n"
         "    destroy: {starts_at: found, delay: 0 seconds}",
         "notify: {within: 10 minutes}\n"
         "    destroy: {starts_at: found, delay: 2 minutes}",
         B ":24:40: error: 2 minutes is above the ceiling for this kind, 0 seconds (LIA 23)"},
        {B,
         "basis_any_of: [kr/location/29]\n"
         "    lia_30_system: {document_no: LIS-1}\n"
         "    destroy: {starts_at: incident-end, delay: 0 seconds}",
         "basis_any_of: [kr/missing-persons/9]\n"
         "    destroy: {starts_at: found, delay: 1 hour}",
         B ":33:40: error: 1 hour is above the ceiling for this kind, 0 seconds (Missing Children "
           "Act 9)"},
        {B,
         "{document_no: LIS-1}\n"
         "    destroy: {starts_at: incident-end, delay: 0 seconds}",
         "{document_no: LIS-1}\n"
         "    transform: {position: drop}\n"
         "    destroy: {starts_at: incident-end, delay: 1 hour}",
         ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void emergency_positions_go_to_police_and_rescue_only(void **state)
{
    static const struct change row[] = {
        {B,
         "    to: [police/control, rescue/control]\n"
         "    purpose: life-rescue",
         "    to: [police/control, centre/desk]\n"
         "    purpose: life-rescue",
         B ":30:9: error: grant 'position' carries positions to 'centre/desk', which is neither "
           "police nor rescue agency: restrict 'origin' or remove every position (LIA 29(11))"},
        {B,
         "    to: [police/control, rescue/control]\n"
         "    purpose: safe-return",
         "    to: [lab/bench]\n"
         "    purpose: safe-return",
         B ":40:9: error: grant 'dispatch' carries positions to 'lab/bench', which is neither "
           "police nor rescue agency: restrict 'origin' or remove every position (LIA 29(11))"},
        {B, "      origin: [lia-consent, device]\n", "",
         B ":16:9: error: grant 'alert' carries positions to 'centre/desk', which is neither "
           "police nor rescue agency: restrict 'origin' or remove every position (LIA 29(11))"},
        {B, "      origin: [lia-consent, device]\n", "      origin: [lia-29, device]\n",
         B ":16:9: error: grant 'alert' carries positions to 'centre/desk', which is neither "
           "police nor rescue agency: restrict 'origin' or remove every position (LIA 29(11))"},
        {B, "      origin: [lia-consent, device]\n",
         "      any: [{origin: lia-consent}, {origin: device}]\n",
         B ":16:9: error: grant 'alert' carries positions to 'centre/desk', which is neither "
           "police nor rescue agency: restrict 'origin' or remove every position (LIA 29(11))"},
        {B,
         "      origin: [lia-consent, device]\n"
         "    notify: {within: 10 minutes}\n",
         "    transform: {position: drop}\n", ""},
        {B, "      origin: [lia-consent, device]\n",
         "    transform: {position: {coarsen: {grid: 1 km}}}\n",
         B
         ":16:9: error: grant 'alert' carries positions to 'centre/desk', which is neither police "
         "nor rescue agency: restrict 'origin' or remove every position (LIA 29(11))"},
        {B,
         "      origin: [lia-consent, device]\n"
         "    notify: {within: 10 minutes}\n",
         "    transform: {position.latitude: drop}\n"
         "    notify: {within: 10 minutes}\n",
         B ":16:9: error: grant 'alert' carries positions to 'centre/desk', which is neither "
           "police nor rescue agency: restrict 'origin' or remove every position (LIA 29(11))"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void emergency_positions_come_through_the_location_information_system(void **state)
{
    static const struct change row[] = {
        {B, "    lia_30_system: {document_no: LIS-1}\n", "",
         B ":26:5: error: basis kr/location/29 needs 'lia_30_system' (LIA 30)"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void positions_on_consent_are_notified(void **state)
{
    static const struct change row[] = {
        {B, "    notify: {within: 10 minutes}\n", "",
         B ":12:5: error: positions provided on consent need 'notify' (LIA 19(3))"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void disaster_positions_wait_for_a_condition_on_headquarters(void **state)
{
    static const struct change row[] = {
        {B,
         "basis_any_of: [kr/location/29]\n"
         "    lia_30_system: {document_no: LIS-1}\n",
         "basis_any_of: [kr/disaster/74-3]\n",
         B ":32:19: error: positions on kr/disaster/74-3 need the condition that a disaster "
           "headquarters is active, which this version cannot state yet"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* PIPA 18(2)5: in the catalogue, or in the grant itself. */
static void a_resolution_of_the_commission_is_named(void **state)
{
    struct set s;
    (void)state;
    for (int i = 0; i < 3; i++) {
        set_new(&s);
        set_change(&s, A, "basis_any_of: [kr/pipa/18-2-7]", "basis_any_of: [kr/pipa/18-2-5]");
        if (i >= 1)
            set_change(&s, LAW, "    evidence: [resolution-number]\n",
                       "    evidence: [resolution-number, case-number]\n");
        if (i == 2)
            set_change(&s, A, "when: {assigned: yes,", "when: {evidence: resolution-number,");
        set_compile(&s);
        expect_says(&s, i == 1 ? A ":58:19: error: kr/pipa/18-2-5 needs evidence of the kind "
                                   "'resolution-number', in the catalogue or in the grant (PIPA "
                                   "18(2)5)"
                               : "");
        set_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_rely_on_a_basis_is_the_laws_to_say),
        cmocka_unit_test(positions_end_with_their_purpose),
        cmocka_unit_test(emergency_positions_go_to_police_and_rescue_only),
        cmocka_unit_test(emergency_positions_come_through_the_location_information_system),
        cmocka_unit_test(positions_on_consent_are_notified),
        cmocka_unit_test(disaster_positions_wait_for_a_condition_on_headquarters),
        cmocka_unit_test(a_resolution_of_the_commission_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
