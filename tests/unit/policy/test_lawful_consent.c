#include "set.h"

static void a_consent_names_who_gets_the_position(void **state)
{
    static const struct change row[] = {
        {B, ", names_recipient: yes", "",
         B ":20:7: error: consent to a provision names the recipient: 'consent' with "
           "'names_recipient: yes' is missing (LIA 19)"},
        {B, "      consent: {given_by: subject, names_recipient: yes, names_purpose: yes}\n", "",
         B ":20:7: error: consent to a provision names the recipient: 'consent' with "
           "'names_recipient: yes' is missing (LIA 19)"},
        {B, ", names_purpose: yes", "", ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void under_14_the_legal_representative_consents(void **state)
{
    static const struct change row[] = {
        {B, "age_band: [14-to-17, adult]", "age_band: [9-to-13, adult]",
         B ":20:7: error: under 14 the legal representative consents: restrict 'consent.given_by' "
           "or 'subject.age_band' (LIA 25)"},
        {B, ", age_band: [14-to-17, adult]", "",
         B ":20:7: error: under 14 the legal representative consents: restrict 'consent.given_by' "
           "or 'subject.age_band' (LIA 25)"},
        {B,
         "age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject",
         "age_band: [up-to-8, 9-to-13]}\n"
         "      consent: {given_by: legal-representative",
         ""},
        {B,
         "age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject",
         "age_band: up-to-8}\n"
         "      consent: {given_by: lia-26-guardian",
         B ":20:7: error: under 14 the legal representative consents: restrict 'consent.given_by' "
           "or 'subject.age_band' (LIA 25)"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void a_guardian_consents_for_few(void **state)
{
    static const struct change row[] = {
        {B,
         "basis_any_of: [kr/location/19]\n"
         "    when:\n"
         "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject",
         "basis_any_of: [kr/location/26]\n"
         "    when:\n"
         "      subject: {category: child, age_band: up-to-8}\n"
         "      consent: {given_by: lia-26-guardian",
         ""},
        {B,
         "basis_any_of: [kr/location/19]\n"
         "    when:\n"
         "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject",
         "basis_any_of: [kr/location/26]\n"
         "    when:\n"
         "      subject: {category: child, age_band: 9-to-13}\n"
         "      consent: {given_by: lia-26-guardian",
         B ":20:7: error: a guardian's consent serves for a child up to 8, an adult ward or a "
           "registered person with severe mental disability only: restrict 'subject' (LIA 26)"},
        {B,
         "basis_any_of: [kr/location/19]\n"
         "    when:\n"
         "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject",
         "basis_any_of: [kr/location/26]\n"
         "    when:\n"
         "      subject: {category: living-alone, age_band: adult}\n"
         "      consent: {given_by: lia-26-guardian",
         B ":20:7: error: a guardian's consent serves for a child up to 8, an adult ward or a "
           "registered person with severe mental disability only: restrict 'subject' (LIA 26)"},
        {B,
         "basis_any_of: [kr/location/19]\n"
         "    when:\n"
         "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject",
         "basis_any_of: [kr/location/26]\n"
         "    when:\n"
         "      subject: {category: [adult-ward, registered-severe-mental-disability]}\n"
         "      consent: {given_by: lia-26-guardian",
         ""},
        {B,
         "basis_any_of: [kr/location/19]\n"
         "    when:\n"
         "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject",
         "basis_any_of: [kr/location/26]\n"
         "    when:\n"
         "      subject: {category: dementia, age_band: adult}\n"
         "      consent: {given_by: lia-26-guardian",
         B ":20:7: error: a guardian's consent serves for a child up to 8, an adult ward or a "
           "registered person with severe mental disability only: restrict 'subject' (LIA 26)"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void each_alternative_keeps_the_rules_by_itself(void **state)
{
    static const struct change row[] = {
        {B,
         "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject, names_recipient: yes, names_purpose: yes}\n",
         "      any:\n"
         "        - subject: {category: child, age_band: 14-to-17}\n"
         "          consent: {given_by: subject, names_recipient: yes}\n"
         "        - subject: {category: child, age_band: 9-to-13}\n"
         "          consent: {given_by: subject, names_recipient: yes}\n"
         "        - consent: {given_by: legal-representative}\n",
         B ":23:11: error: under 14 the legal representative consents: restrict 'consent.given_by' "
           "or 'subject.age_band' (LIA 25)"
           "|" B ":25:11: error: consent to a provision names the recipient: 'consent' with "
           "'names_recipient: yes' is missing (LIA 19)"},
        {B,
         "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject, names_recipient: yes, names_purpose: yes}\n",
         "      any:\n"
         "        - subject: {category: child, age_band: 14-to-17}\n"
         "          consent: {given_by: subject, names_recipient: yes}\n"
         "        - subject: {category: child, age_band: 9-to-13}\n"
         "          consent: {given_by: legal-representative, names_recipient: yes}\n",
         ""},
        {B,
         "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
         "      consent: {given_by: subject, names_recipient: yes, names_purpose: yes}\n",
         "      consent: {given_by: [subject, legal-representative], names_recipient: yes}\n"
         "      any:\n"
         "        - subject: {age_band: adult}\n"
         "        - subject: {age_band: 9-to-13}\n"
         "          consent: {given_by: legal-representative}\n",
         ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_names_who_gets_the_position),
        cmocka_unit_test(under_14_the_legal_representative_consents),
        cmocka_unit_test(a_guardian_consents_for_few),
        cmocka_unit_test(each_alternative_keeps_the_rules_by_itself)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
