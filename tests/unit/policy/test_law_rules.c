#include "set.h"

#define ZZ "legal/zz.yaml"

/* A catalogue file of one rule, kr/x/1: `more` are its own keys. */
#define ONE(more)                                                                                  \
    "rules:\n"                                                                                     \
    "  kr/x/1:\n"                                                                                  \
    "    about: grant\n"                                                                           \
    "    severity: error\n"                                                                        \
    "    says: {en: \"{grant}: no\", ko: \"{grant}: 안 됨\"}\n"                                  \
    "    ground: An Act\n"                                                                         \
    "    text: The words of the Act\n"                                                             \
    "    advice: do not\n"                                                                         \
    "    status: inference\n"                                                                      \
    "    version_read: 2027 text\n"                                                                \
    "    verify_by: 2027-03-31\n" more

/* In force for long. */
#define RULE_NOW(more) ONE("    effective_from: 2020-01-01\n" more)

static void expect_rule(const char *file, const char *says)
{
    const struct change row[] = {{ZZ, NULL, file, says}};
    expect_changes(row, 1);
}

static void what_is_wrong_in_a_rule_is_told(void **state)
{
    static const struct change row[] = {
        {ZZ, NULL, RULE_NOW("    applies: {knids: video}\n"),
         ZZ ":13:15: error: unknown key 'knids' in applies|      = did you mean 'kinds'?"},
        {ZZ, NULL, RULE_NOW("    requires: {kinds: video}\n"),
         ZZ ":13:16: error: unknown key 'kinds' in requires"},
        {ZZ, NULL, RULE_NOW("    applies: {}\n"),
         ZZ ":13:14: error: applies asks nothing: state a condition, or leave it out"},
        {ZZ, NULL, RULE_NOW("    applies: {kinds: vidoe}\n"),
         ZZ ":13:22: error: unknown kind 'vidoe'|      = did you mean 'video'?"},
        {ZZ, NULL, RULE_NOW("    applies: {bases: kr/pipa/18-2-33}\n"),
         ZZ ":13:22: error: unknown legal basis 'kr/pipa/18-2-33'"
            "|      = did you mean 'kr/pipa/18-2-3'?"},
        {ZZ, NULL, RULE_NOW("    applies: {bases: us/*, lacks: notify}\n"), ""},
        {ZZ, NULL, RULE_NOW("    applies: {lacks: notfy}\n"),
         ZZ ":13:22: error: unknown has 'notfy'|      = did you mean 'notify'?"},
        {ZZ, NULL, RULE_NOW("    applies: {when: {any: [{assigned: yes}]}}\n"),
         ZZ ":13:22: error: unknown key 'any' in when of a rule"},
        {ZZ, NULL, RULE_NOW("    requires: {asks_for: camera.knid}\n"),
         ZZ ":13:26: error: unknown asks_for 'camera.knid'|      = did you mean 'camera.kind'?"},
        {ZZ, NULL, RULE_NOW("    applies: {no_grant_that: kr/kept/video}\n"),
         ZZ ":2:3: error: 'no_grant_that' asks nothing of a grant"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
    expect_rule("rules:\n  kr/X:\n    about: grant\n",
                ZZ ":2:3: error: 'kr/X' is not a code such as 'kr/pipa/18-2-3': lower-case "
                   "letters, digits, hyphens and slashes, at most 100");
    expect_rule("rules: none\n", ZZ ":1:8: error: expected 'key: value' lines for rules");
}

static void a_rule_of_a_memorandum_asks_what_a_memorandum_has(void **state)
{
    struct set s;
    static const struct {
        const char *applies, *says;
    } row[] = {
        {"kinds: video", ZZ ":2:3: error: 'kinds' asks nothing of a memorandum"},
        {"no_grant_that: kr/kept/vidoe", ZZ ":13:30: error: unknown rule of law 'kr/kept/vidoe'"
                                            "|      = did you mean 'kr/kept/video'?"},
        {"no_grant_that: kr/kept/video", B ":1:6: error: {grant}: no"},
        {"lacks: publication", ""},
        {"has: publication", A ":9:14: error: {grant}: no|" B ":9:14: error: {grant}: no"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char applies[100];
        (void)snprintf(applies, sizeof applies, "applies: {%s}", row[i].applies);
        set_new(&s);
        set_put(&s, ZZ, RULE_NOW("    APPLIES\n"));
        set_change(&s, ZZ, "about: grant", "about: memorandum");
        set_change(&s, ZZ, "APPLIES", applies);
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

static void a_rule_stands_once(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_put(&s, ZZ, RULE_NOW("    applies: {lacks: notify, kinds: feedback}\n"));
    set_change(&s, ZZ, "kr/x/1", "kr/kept/video");
    set_compile(&s);
    expect_says(&s, ZZ ":2:3: error: rule of law 'kr/kept/video' is defined a second time (first "
                       "in legal/)|      = the other one is here: legal/rules.yaml:2:3");
    set_free(&s);
}

/* The set is compiled on 2026-11-21. */
static void a_rule_holds_in_its_time(void **state)
{
    static const struct {
        const char *from, *says;
    } row[] = {
        {"2026-11-21", A ":48:63: error: live: no"},
        {"2026-11-22", A ":48:63: warning: from 2026-11-22 on: live: no"},
        {"2027-02-19", A ":48:63: warning: from 2027-02-19 on: live: no"},
        {"2027-02-20", ""},
        {"2020-01-01\n    effective_until: 2026-11-20", ""},
        {"2020-01-01\n    effective_until: 2026-11-21", A ":48:63: error: live: no"},
        {"2020-01-01\n    effective_until: 2019-01-01",
         ZZ ":13:22: error: 'until' is not later than 'from'"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        set_new(&s);
        set_put(&s, ZZ,
                ONE("    effective_from: FROM\n    applies: {audio: refuse, kinds: video}\n"));
        set_change(&s, ZZ, "FROM", row[i].from);
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

static void a_rule_may_only_warn(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_put(&s, ZZ, RULE_NOW("    applies: {kinds: scene_image}\n"));
    set_change(&s, ZZ, "severity: error", "severity: warning");
    set_compile(&s);
    expect_says(&s,
                A ":52:12: warning: photo: no"
                  "|      = the law: An Act: \"The words of the Act\" (kr/x/1, legal/zz.yaml:2, "
                  "our reading, which needs counsel)|      = what to do: do not");
    assert_int_equal(s.result, RESULT_OK);
    set_free(&s);
}

static void a_basis_carries_a_grant_in_its_time_only(void **state)
{
    struct set s;
    (void)state;
    for (int i = 0; i < 4; i++) {
        static const char *const until[] = {"2026-11-20", "2026-11-21", "2027-02-18", "2027-03-01"};
        static const char *const says[] = {
            B ":32:20: error: kr/location/29 was in force until 2026-11-20 only"
              "|      = the other one is here: legal/kr.yaml:74:3",
            B ":32:20: warning: kr/location/29 is in force until 2026-11-21 only",
            B ":32:20: warning: kr/location/29 is in force until 2027-02-18 only", ""};
        char line[100];
        (void)snprintf(line, sizeof line, "    origin: lia-29\n    effective_until: %s\n",
                       until[i]);
        set_new(&s);
        set_change(&s, LAW, "    origin: lia-29\n", line);
        set_compile(&s);
        expect_says(&s, says[i]);
        set_free(&s);
    }
    set_new(&s);
    set_change(&s, LAW,
               "    origin: lia-29\n    version_read: 2027 text\n    effective_from: 2023-09-15",
               "    origin: lia-29\n    version_read: 2027 text\n    effective_from: 2027-01-01");
    set_compile(&s);
    expect_says(&s, B ":32:20: error: kr/location/29 is not in force before 2027-01-01");
    set_free(&s);
}

/* What a message may be, under `applies`; what every message is, under `requires`: each alternative
 * and each basis by itself. */
static void each_way_of_a_grant_keeps_a_rule_by_itself(void **state)
{
    static const struct {
        const char *rule, *old, *new, *says;
    } row[] = {
        {"applies: {kinds: guardian_alert}\n"
         "    requires: {when: {consent: {given_by: [subject, legal-representative]}}}",
         NULL, NULL, ""},
        {"applies: {kinds: guardian_alert}\n"
         "    requires: {when: {consent: {given_by: legal-representative}}}",
         NULL, NULL, B ":21:27: error: alert: no"},
        {"applies: {kinds: guardian_alert, when: {subject: {age_band: up-to-8}}}", NULL, NULL, ""},
        {"applies: {kinds: guardian_alert, when: {subject: {age_band: adult}}}", NULL, NULL,
         B ":12:12: error: alert: no"},
        {"applies: {kinds: guardian_alert}\n    requires: {when: {origin: [lia-consent, device]}}",
         "      origin: [lia-consent, device]\n",
         "      any: [{origin: lia-consent}, {origin: device}]\n", ""},
        {"applies: {kinds: guardian_alert}\n    requires: {when: {origin: [lia-consent, device]}}",
         "      origin: [lia-consent, device]\n",
         "      any:\n        - origin: lia-consent\n        - origin: [device, lia-29]\n",
         B ":24:19: error: alert: no"},
        {"applies: {kinds: guardian_alert}\n    requires: {when: {origin: [lia-consent, device]}}",
         "      origin: [lia-consent, device]\n", "", B ":20:7: error: alert: no"},
        {"applies: {kinds: guardian_alert}\n    requires: {asks_for: consent.names_purpose}",
         ", names_purpose: yes", "", B ":20:7: error: alert: no"},
        {"applies: {kinds: guardian_alert}\n    requires: {asks_for: consent.names_purpose}", NULL,
         NULL, ""},
        {"applies: {bases: kr/location/*, carries_positions: yes}\n"
         "    requires: {delay_at_most: 0 seconds}",
         NULL, NULL, ""},
        {"applies: {bases: kr/location/*, carries_positions: yes}\n"
         "    requires: {delay_at_most: 0 seconds}",
         "    lia_30_system: {document_no: LIS-1}\n"
         "    destroy: {starts_at: incident-end, delay: 0 seconds}",
         "    destroy: {starts_at: incident-end, delay: 1 second}",
         B ":33:47: error: position: no"},
        {"applies: {bases: kr/location/29, provider_role: police}", NULL, NULL, ""},
        {"applies: {bases: kr/location/29}\n    requires: {provider_role: carrier}", NULL, NULL,
         ""},
        {"applies: {bases: kr/location/29}\n    requires: {provider_public_institution: yes}", NULL,
         NULL, B ":32:20: error: position: no"},
        {"applies: {bases: kr/location/29, recipients_other_than: [police, rescue-agency]}", NULL,
         NULL, ""},
        {"applies: {bases: kr/location/29, recipients_other_than: [police]}", NULL, NULL,
         B ":30:26: error: position: no"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        set_new(&s);
        set_put(&s, ZZ, RULE_NOW("    RULE\n"));
        set_change(&s, ZZ, "RULE", row[i].rule);
        if (row[i].old != NULL)
            set_change(&s, B, row[i].old, row[i].new);
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

/* Nobody at 112 attended for a minute, and the centre got the position that the police alone may
 * have: a rule that asks who gets it looked at `to` only. */
static void who_gets_it_by_else_is_a_recipient_before_the_law(void **state)
{
    static const struct change row[] = {
        {B, "    lia_30_system: {document_no: LIS-1}\n",
         "    lia_30_system: {document_no: LIS-1}\n"
         "    attend: {within: 1 minute, else: police/car}\n",
         ""},
        {B, "    lia_30_system: {document_no: LIS-1}\n",
         "    lia_30_system: {document_no: LIS-1}\n"
         "    attend: {within: 1 minute, else: centre/video}\n",
         B ":34:38: error: centre/video: no"},
        {B, "    lia_30_system: {document_no: LIS-1}\n",
         "    lia_30_system: {document_no: LIS-1}\n"
         "    answer: {by: feedback, within: 1 minute, else: centre/video}\n",
         B ":34:52: error: centre/video: no"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        set_new(&s);
        set_put(&s, ZZ,
                RULE_NOW("    applies: {bases: kr/location/29, recipients_other_than: [police, "
                         "rescue-agency]}\n"));
        set_change(&s, ZZ, "{grant}: no", "{recipient}: no");
        set_change(&s, row[i].path, row[i].old, row[i].new);
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

static void a_condition_with_a_number_is_as_strict_as_the_rule_asks(void **state)
{
    static const struct change row[] = {
        {A, "younger_than: 6 hours", "younger_than: 360 minutes", ""},
        {A, "younger_than: 6 hours", "younger_than: 7 hours", A ":42:74: error: live: no"},
        {A, "within_m_of_incident: 500", "within_m_of_incident: 501", A ":46:38: error: live: no"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct set s;
        set_new(&s);
        set_put(&s, ZZ,
                RULE_NOW("    applies: {kinds: video}\n"
                         "    requires: {when: {incident: {younger_than: 6 hours}, camera: "
                         "{within_m_of_incident: 500}}}\n"));
        set_change(&s, row[i].path, row[i].old, row[i].new);
        set_compile(&s);
        expect_says(&s, row[i].says);
        set_free(&s);
    }
}

/* Of several that say how long, the shortest holds where the grant says nothing. */
static void the_shortest_time_of_the_law_is_the_default(void **state)
{
    static const struct change row[] = {
        {ZZ, NULL, RULE_NOW("    applies: {kinds: video}\n    requires: {kept_at_most: 19 days}\n"),
         A ":49:82: error: live: no"},
        {ZZ, NULL, RULE_NOW("    applies: {kinds: video}\n    requires: {kept_at_most: 61 days}\n"),
         ""},
        {LAW_RULES, NULL, NULL,
         A ":19:14: error: destroy needs the key 'at_most_after_recording'|" A
           ":32:14: error: destroy needs the key 'at_most_after_recording'|" A
           ":61:14: error: destroy needs the key 'at_most_after_recording'|" B
           ":24:14: error: destroy needs the key 'at_most_after_recording'|" B
           ":34:14: error: destroy needs the key 'at_most_after_recording'|" B
           ":44:14: error: destroy needs the key 'at_most_after_recording'"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_a_rule_is_told),
        cmocka_unit_test(a_rule_of_a_memorandum_asks_what_a_memorandum_has),
        cmocka_unit_test(a_rule_stands_once),
        cmocka_unit_test(a_rule_holds_in_its_time),
        cmocka_unit_test(a_rule_may_only_warn),
        cmocka_unit_test(a_basis_carries_a_grant_in_its_time_only),
        cmocka_unit_test(each_way_of_a_grant_keeps_a_rule_by_itself),
        cmocka_unit_test(who_gets_it_by_else_is_a_recipient_before_the_law),
        cmocka_unit_test(a_condition_with_a_number_is_as_strict_as_the_rule_asks),
        cmocka_unit_test(the_shortest_time_of_the_law_is_the_default)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
