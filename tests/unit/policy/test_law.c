#include "set.h"

static void what_is_wrong_in_the_catalogue_is_told(void **state)
{
    static const struct change row[] = {
        {LAW, "rely: nobody", "rely: somebody",
         LAW ":25:11: error: unknown rely 'somebody'"
             "|      = did you mean 'nobody'?"},
        {LAW,
         "rely: recipient\n"
         "    publish: no",
         "rely: recipient\n"
         "    publish: maybe",
         LAW ":46:14: error: expected yes or no for publish"},
        {LAW, "[emergency-call, incident-id]", "[emergency-cal]",
         LAW ":7:16: error: unknown kind of evidence 'emergency-cal'"
             "|      = did you mean 'emergency-call'?"},
        {LAW, "[emergency-call, incident-id]", "[]",
         LAW ":7:15: error: the list for kind of evidence is empty"},
        {LAW,
         "    status: text\n"
         "  kr/pipa/18-2-7",
         "    status: sure\n"
         "  kr/pipa/18-2-7",
         LAW ":11:13: error: unknown status 'sure'"},
        {LAW,
         "    verify_by: 2027-03-31\n"
         "    status: text\n"
         "  kr/pipa/18-2-7",
         "    verify_by: soon\n"
         "    status: text\n"
         "  kr/pipa/18-2-7",
         LAW ":10:16: error: expected a date (2026-11-21) or a time with offset "
             "(2026-11-21T09:00:00+09:00) for verify_by"},
        {LAW,
         "    version_read: 2027 text\n"
         "    effective_from: 2023-09-15\n"
         "    verify_by: 2027-03-31\n"
         "    status: text\n"
         "  kr/pipa/18-2-7",
         "    status: text\n"
         "  kr/pipa/18-2-7",
         LAW ":3:5: error: a legal basis needs the key 'version_read'"
             "|" LAW ":3:5: error: a legal basis needs the key 'effective_from'"
             "|" LAW ":3:5: error: a legal basis needs the key 'verify_by'"},
        {LAW, "  kr/pipa/18-2-4:", "  kr/PIPA/18-2-4:",
         LAW ":22:3: error: 'kr/PIPA/18-2-4' is not a code such as 'kr/pipa/18-2-3': lower-case "
             "letters, digits, hyphens and slashes, at most 100"},
        {"legal/notes.txt", NULL, "x",
         "legal/notes.txt: error: the folder 'legal' holds files that end with '.yaml' only"},
        {"legal/zz.yaml", NULL, "- a\n",
         "legal/zz.yaml:1:1: error: expected 'key: value' lines for the legal catalogue"},
        {"legal/zz.yaml", NULL,
         "bases:\n"
         "  kr/pipa/18-2-3:\n"
         "    title: Again\n"
         "    text: Again\n"
         "    rely: anyone\n"
         "    publish: no\n"
         "    version_read: x\n"
         "    effective_from: 2023-09-15\n"
         "    verify_by: 2027-03-31\n"
         "    status: text\n",
         "legal/zz.yaml:2:3: error: legal basis 'kr/pipa/18-2-3' is defined a second time (first "
         "in legal/)|      = the other one is here: legal/kr.yaml:2:3"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void an_entry_past_its_day_is_a_warning(void **state)
{
    static const struct change row[] = {
        {LAW,
         "    verify_by: 2027-03-31\n"
         "    status: text\n"
         "  kr/pipa/18-2-7",
         "    verify_by: 2026-11-20\n"
         "    status: text\n"
         "  kr/pipa/18-2-7",
         LAW ":10:16: warning: the catalogue's entry kr/pipa/18-2-3 (read in the Act) was to be "
             "verified by 2026-11-20"},
        {LAW,
         "    verify_by: 2027-03-31\n"
         "    status: text\n"
         "  kr/pipa/18-2-7",
         "    verify_by: 2026-11-21\n"
         "    status: text\n"
         "  kr/pipa/18-2-7",
         ""},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void at_most_64_bases_are_known(void **state)
{
    struct buf text = BUF_INIT(1 << 16);
    struct set s;
    (void)state;
    for (int more = 0; more <= 1; more++) {
        set_new(&s);
        buf_clear(&text);
        buf_text(&text, "bases:\n");
        for (int i = 0; i < 54 + more; i++)
            buf_printf(
                &text,
                "  kr/other/%d: {title: T, text: T, rely: anyone, publish: no, version_read: "
                "x, effective_from: 2023-09-15, verify_by: 2027-03-31, status: inference}\n",
                i);
        set_put(&s, "legal/zz.yaml", buf_c(&text));
        set_compile(&s);
        expect_says(&s,
                    more ? "legal/zz.yaml:56:3: error: more than 64 legal bases in one set" : "");
        set_free(&s);
    }
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_wrong_in_the_catalogue_is_told),
                                       cmocka_unit_test(an_entry_past_its_day_is_a_warning),
                                       cmocka_unit_test(at_most_64_bases_are_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
