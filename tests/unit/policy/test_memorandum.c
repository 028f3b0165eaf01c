#include "set.h"

static void what_is_wrong_in_a_memorandums_head_is_told(void **state)
{
    static const struct change row[] = {
        {A, "mou: a\n", "mou: A\n",
         A ":1:6: error: 'A' is not a name: lower-case letters, digits and hyphens, at most 40"},
        {B, "mou: b\n", "mou: a\n",
         B ":1:6: error: memorandum 'a' is defined a second time (first in mou/a.yaml)"},
        {A, "title: {en: A memorandum, ko: 협약}", "title: {en: A memorandum}",
         A ":2:8: error: title needs the key 'ko'"},
        {A, "document_no: A-1, ", "document_no: [], ",
         A ":3:27: error: expected a text for document_no"},
        {A, "signed_on: 2015-07-24", "signed_on: 2015-07-32",
         A ":3:43: error: expected a date (2026-11-21) or a time with offset "
           "(2026-11-21T09:00:00+09:00) for signed_on"},
        {A, "signatories: [molit, npa]", "signatories: [MOLIT]",
         A
         ":3:69: error: 'MOLIT' is not a name: lower-case letters, digits and hyphens, at most 40"},
        {A, "signatories: [molit, npa]", "signatories: []",
         A ":3:68: error: the list for signatories is empty"},
        {A, "signatories: [molit, npa]", "signatories: molit, sha256: 00ff",
         A ":3:83: error: expected 64 hexadecimal digits for sha256"},
        {A, "{by: police, on: 2015-09-01}", "{by: polise, on: 2015-09-01}",
         A ":4:21: error: no party 'polise' in inventory/parties.yaml"
           "|      = did you mean 'police'?"},
        {A, "[{by: police, on: 2015-09-01}]", "[]",
         A ":4:15: error: the list for acknowledged is empty"},
        {A, "[{by: police, on: 2015-09-01}]", "[{by: police}]",
         A ":4:16: error: an acknowledgement needs the key 'on'"},
        {A, "[{by: police, on: 2015-09-01}]", "{by: police, on: 2015-09-01}",
         A ":4:15: error: expected a list for acknowledged"},
        {A, "processor: centre\n", "", ""}, /* what has to be named, the catalogue says */
        {A, "processor: centre\n", "processor: center\n",
         A ":5:12: error: no party 'center' in inventory/parties.yaml"
           "|      = did you mean 'centre'?"},
        {A, "legal_review_by: 2027-03-01", "legal_review_by: spring",
         A ":6:66: error: expected a date (2026-11-21) or a time with offset "
           "(2026-11-21T09:00:00+09:00) for legal_review_by"},
        {A, "[Response to the incident only, No copies]", "[]",
         A ":7:19: error: the list for recipient_duties is empty"},
        {A, "[Response to the incident only, No copies]", "[Response to the incident only, \"\"]",
         A ":7:51: error: expected a text for a recipient's duty"},
        {A, "recipient_duties: [Response to the incident only, No copies]\n", "", ""},
        {A, "assessment: {no_unfair_infringement: Limited, by: officer, on: 2015-07-01}\n", "", ""},
        {A, "{no_unfair_infringement: Limited, by: officer, on: 2015-07-01}",
         "{by: officer, on: 2015-07-01}",
         A ":8:13: error: assessment needs the key 'no_unfair_infringement'"},
        {A, "within: 30 days", "within: a month",
         A ":9:39: error: expected a length of time such as '6 hours' or '30 days' for within"},
        {A, "[third-party-provision, personal-video]", "[third-party-provisions]",
         A ":10:13: error: unknown register 'third-party-provisions'"
           "|      = did you mean 'third-party-provision'?"},
        {A, "grants:\n", "grant:\n",
         A ":1:1: error: a memorandum needs the key 'grants'"
           "|" A ":11:1: error: unknown key 'grant' in a memorandum"
           "|      = did you mean 'grants'?"},
        {B, "prohibitions:\n", "prohibition:\n",
         B ":46:1: error: unknown key 'prohibition' in a memorandum"
           "|      = did you mean 'prohibitions'?"},
        {B, "prohibitions:\n",
         "extra: {}\n"
         "prohibitions:\n",
         B ":46:1: error: unknown key 'extra' in a memorandum"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void a_memorandum_holds_between_two_days(void **state)
{
    static const struct change row[] = {
        {A, "in_force: {from: 2015-07-24, until: 2027-07-23",
         "in_force: {from: 2015-07-24, until: 2015-07-23",
         A ":6:37: error: 'until' is not later than 'from'"},
        {A, "until: 2027-07-23", "until: 2026-11-20",
         A ":6:37: error: the memorandum ended on 2026-11-20"},
        {A, "until: 2027-07-23", "until: 2026-11-21", ""},
        {A, "until: 2027-07-23", "until: 2026-11-21T21:00:00+09:00",
         A ":6:37: error: the memorandum ended on 2026-11-21T21:00:00+09:00"},
        {A, "legal_review_by: 2027-03-01", "legal_review_by: 2026-11-20",
         A ":6:66: warning: the legal review was due by 2026-11-20"},
        {A, "legal_review_by: 2027-03-01", "legal_review_by: 2026-11-21", ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void a_memorandum_has_at_most_32_duties(void **state)
{
    struct buf duties = BUF_INIT(1 << 16);
    struct set s;
    (void)state;
    for (int more = 0; more <= 1; more++) {
        set_new(&s);
        buf_clear(&duties);
        for (int i = 0; i < 32 + more; i++)
            buf_printf(&duties, "%sduty", i == 0 ? "[" : ", ");
        buf_text(&duties, "]");
        set_change(&s, A, "[Response to the incident only, No copies]", buf_c(&duties));
        set_compile(&s);
        expect_says(&s, more ? A ":7:212: error: more than 32 entries for recipient_duties" : "");
        set_free(&s);
    }
    buf_free(&duties);
}

static void a_duty_in_two_languages_reaches_its_recipient_in_both(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_change(&s, A, "recipient_duties: [Response to the incident only, No copies]",
               "recipient_duties: [{en: For the incident only, ko: 사건에만 이용}, No copies]");
    set_change(&s, B, "because: LIA 29(11)", "because: {en: LIA 29(11), ko: 위치정보법 29조 11항}");
    set_open(&s);
    assert_string_equal(policy_duty(s.policy, 0, 0), "For the incident only (사건에만 이용)");
    assert_string_equal(policy_duty(s.policy, 0, 1), "No copies");
    set_free(&s);
}

static void a_duty_has_both_languages_or_one_text(void **state)
{
    static const struct change row[] = {{A, "recipient_duties: [Response",
                                         "recipient_duties: [{en: Yes}, Response",
                                         A ":7:20: error: a recipient's duty needs the key 'ko'"}};
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duty_in_two_languages_reaches_its_recipient_in_both),
        cmocka_unit_test(a_duty_has_both_languages_or_one_text),
        cmocka_unit_test(what_is_wrong_in_a_memorandums_head_is_told),
        cmocka_unit_test(a_memorandum_holds_between_two_days),
        cmocka_unit_test(a_memorandum_has_at_most_32_duties)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
