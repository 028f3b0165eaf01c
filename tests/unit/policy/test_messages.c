/* config/messages.def: every message is said by an input here, or by a test that is named, and says
 * the same in both languages. Run from the project's folder. */
#include "set.h"

/* What makes a message: one place changed (as struct change), or the test file that expects it;
 * empty where a comment tells why none does. */
struct said {
    const char *path, *old, *new, *test;
};

enum { ENOUGH = 26 };

#define TEN(x) x x x x x x x x x x
#define SAID_IN(...)                                                                               \
    {                                                                                              \
        NULL, NULL, NULL, __VA_ARGS__                                                              \
    }
#define NOT_SAID                                                                                   \
    {                                                                                              \
        NULL, NULL, NULL, ""                                                                       \
    }
#define DELAY  "    destroy: {starts_at: arrival, delay: 2 hours}\n"
#define CONFIG "tests/unit/config/"
#define POLICY "tests/unit/policy/"

static const struct said said[DIAGNOSE_COUNT] = {
    [DIAGNOSE_FILE_MISSING] = {CAMERAS, NULL, NULL, NULL},
    [DIAGNOSE_FILE_UNREADABLE] = SAID_IN(POLICY "test_sources.c"),
    [DIAGNOSE_FILE_LINK] = SAID_IN(POLICY "test_sources.c"),
    [DIAGNOSE_FILE_TOO_LARGE] = SAID_IN(POLICY "test_sources.c"),
    [DIAGNOSE_FILE_UNEXPECTED] = {"mou/notes.txt", NULL, "x", NULL},
    [DIAGNOSE_NOT_A_FILE_NAME] = {PARTIES, "root: centre.pem", "root: ../centre.pem", NULL},
    [DIAGNOSE_YAML_SYNTAX] = {SET, "serial: 7", "serial: @7", NULL},
    [DIAGNOSE_YAML_TAB] = {SET, "serial: 7", "\tserial: 7", NULL},
    [DIAGNOSE_YAML_MISFIT] = {SET, "serial: 7", "serial: '7' a", NULL},
    [DIAGNOSE_YAML_COLON] = {SET, "serial: 7", "serial: a: 7", NULL},
    [DIAGNOSE_YAML_UNCLOSED] = {SET, "serial: 7", "serial: [7", NULL},
    [DIAGNOSE_YAML_NOT_UTF8] = {SET, "set: test", "set: te\xffst", NULL},
    [DIAGNOSE_YAML_CHARACTER] = {SET, "set: test", "set: te\u202est", NULL},
    [DIAGNOSE_YAML_ANCHOR] = {SET, "set: test", "set: &a test", NULL},
    [DIAGNOSE_YAML_ALIAS] = {SET, "set: test", "set: *a", NULL},
    [DIAGNOSE_YAML_TAG] = {SET, "set: test", "set: !!str test", NULL},
    [DIAGNOSE_YAML_MERGE] = {SET, "set: test", "<<: {a: b}\nset: test", NULL},
    [DIAGNOSE_YAML_KEY] = {SET, "set: test", "? [a]\n: b\nset: test", NULL},
    [DIAGNOSE_YAML_DUPLICATE] = {SET, "set: test", "set: test\nset: test", NULL},
    [DIAGNOSE_YAML_DEPTH] = {SET, "set: test", "set: " TEN("[[[") "a" TEN("]]]"), NULL},
    [DIAGNOSE_YAML_NODES] = SAID_IN(CONFIG "test_document.c"),
    [DIAGNOSE_YAML_KEYS] = SAID_IN(CONFIG "test_document.c"),
    [DIAGNOSE_YAML_SECOND_DOCUMENT] = {SET, "service_area:", "---\nservice_area:", NULL},
    [DIAGNOSE_YAML_EMPTY] = {SET, NULL, "", NULL},
    [DIAGNOSE_WANT_MAP] = {SET, NULL, "- a\n", NULL},
    [DIAGNOSE_WANT_LIST] = {A, "[{by: police, on: 2015-09-01}]", "none", NULL},
    [DIAGNOSE_WANT_TEXT] = {A, "document_no: A-1", "document_no: [A-1]", NULL},
    [DIAGNOSE_UNKNOWN_KEY] = {A, "younger_than", "yonger_than", NULL},
    [DIAGNOSE_MISSING_KEY] = {SET, "serial: 7\n", "", NULL},
    [DIAGNOSE_EMPTY_LIST] = {A, "[molit, npa]", "[]", NULL},
    [DIAGNOSE_EMPTY_CONDITIONS] = {A, "{assigned: yes, camera: {kind: [fixed, vehicle]}}", "{}",
                                   NULL},
    [DIAGNOSE_LIST_TOO_LONG] = {A, "[Response to the incident only, No copies]",
                                "[" TEN("a, b, c, d, ") "e]", NULL},
    [DIAGNOSE_UNKNOWN_WORD] = {A, "[robbery, theft]", "[robbery, thieft]", NULL},
    [DIAGNOSE_NOT_A_WORD] = {A, "mou: a\n", "mou: A b\n", NULL},
    [DIAGNOSE_NOT_A_CODE] = {LAW, "  kr/pipa/18-2-4:", "  kr/PIPA/18-2-4:", NULL},
    [DIAGNOSE_NOT_A_DIGEST] = {A, "[molit, npa]}", "[molit, npa], sha256: x}", NULL},
    [DIAGNOSE_NOT_A_NUMBER] = {A, "mbit_per_s: 12", "mbit_per_s: much", NULL},
    [DIAGNOSE_NOT_A_DURATION] = {A, "younger_than: 6 hours", "younger_than: soon", NULL},
    [DIAGNOSE_DURATION_RANGE] = {A, "recording: 20 days", "recording: 0 seconds", NULL},
    [DIAGNOSE_NOT_A_SIZE] = {A, "messages_per_s: 5", "bytes_per_s: much", NULL},
    [DIAGNOSE_NOT_A_DATE] = {A, "signed_on: 2015-07-24", "signed_on: today", NULL},
    [DIAGNOSE_NOT_A_LENGTH] = {A, "grid: 250 m", "grid: far", NULL},
    [DIAGNOSE_NOT_HOURS] = {A, "{assigned: yes,", "{period: {hours: day},", NULL},
    [DIAGNOSE_NOT_A_RESOLUTION] = {A, "mbit_per_s: 12", "resolution: big", NULL},
    [DIAGNOSE_TOO_FEW_CORNERS] = {VOCABULARY, "south: South",
                                  "south: {en: S, ko: S, corners: [[36.3, 127.3], [36.4, 127.3]]}",
                                  NULL},
    [DIAGNOSE_REGION_WITHOUT_CORNERS] = {A, "{assigned: yes,", "{incident: {area: south},", NULL},
    [DIAGNOSE_NEEDS_OTHER_KEY] = {A, "delay: 2 hours}", "delay: 2 hours, overdue: alarm}", NULL},
    [DIAGNOSE_ONE_OF_TWO] = {A, DELAY,
                             DELAY "    attend: {within: 1 minute, else: police/control}\n"
                                   "    answer: {by: [feedback], within: 1 minute, else: "
                                   "police/control}\n",
                             NULL},
    [DIAGNOSE_SUSPENDS_URGENT] = {A, "delay: 1 hour}",
                                  "delay: 1 hour, receipt_within: 1 hour, overdue: suspend}", NULL},
    [DIAGNOSE_ELSE_IS_RECIPIENT] = {A, DELAY,
                                    DELAY "    attend: {within: 1 minute, else: police/car}\n",
                                    NULL},
    [DIAGNOSE_ELSE_IS_NOBODY] = {A, DELAY,
                                 DELAY "    attend: {within: 1 minute, else: gateway/self}\n",
                                 NULL},
    [DIAGNOSE_NOT_YES_NO] = {PARTIES, "synthetic: yes", "synthetic: maybe", NULL},
    [DIAGNOSE_NOT_A_PLACE] = {SET, "[36.20, 127.20]", "here", NULL},
    [DIAGNOSE_NOT_DEGREES] = {CAMERAS, "cam-1,36.350000", "cam-1,96.35", NULL},
    [DIAGNOSE_NO_AREA] = {SET, "[36.20, 127.20]", "[37.20, 127.20]", NULL},
    [DIAGNOSE_TOO_LONG] = {B, "document_no: LIS-1", "document_no: " TEN("twelve bytes"), NULL},
    [DIAGNOSE_DEFINED_TWICE] = {A, "grant: photo", "grant: live", NULL},
    [DIAGNOSE_RESERVED] = {PARTIES, "  lab:\n", "  gateway:\n", NULL},
    [DIAGNOSE_TOO_MANY] = SAID_IN(POLICY "test_law.c"),
    [DIAGNOSE_NOT_AN_ADDRESS] = SAID_IN(CONFIG "test_settings.c"),
    [DIAGNOSE_NOT_LOOPBACK] = SAID_IN(CONFIG "test_settings.c"),
    [DIAGNOSE_NOT_AN_ORIGIN] = SAID_IN(CONFIG "test_settings.c"),
    [DIAGNOSE_NOT_A_WITNESS] = SAID_IN("tests/unit/process/test_witness_keys.c"),
    [DIAGNOSE_CSV_COLUMNS] = {CAMERAS, "cam-1,36.350000,", "cam-1,", NULL},
    [DIAGNOSE_CSV_HEADING] = {CAMERAS, "id,latitude", "name,latitude", NULL},
    [DIAGNOSE_OUTSIDE_AREA] = {CAMERAS, "cam-1,36.350000", "cam-1,37.350000", NULL},
    [DIAGNOSE_ROOT_MISSING] = SAID_IN(POLICY "test_parties.c"),
    [DIAGNOSE_ROOT_UNREADABLE] = {"inventory/roots/centre.pem", NULL, "no certificate", NULL},
    [DIAGNOSE_ROOTS_MANY] = SAID_IN(POLICY "test_parties.c"),
    [DIAGNOSE_ROOT_SHARED] = SAID_IN(POLICY "test_parties.c"),
    [DIAGNOSE_KEY_MISSING] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_KEY_UNREADABLE] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_KEY_SHARED] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_NO_SIGNING_KEY] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_NO_RECEIPT_KEY] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_UNKNOWN_OFFICER] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_NO_SET_OFFICER] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_OFFICER_TWICE] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_FEW_OFFICERS] = SAID_IN(POLICY "test_keys.c"),
    [DIAGNOSE_CRL_UNREADABLE] = SAID_IN(POLICY "test_parties.c"),
    [DIAGNOSE_CRL_MISSING] = SAID_IN(POLICY "test_parties.c"),
    [DIAGNOSE_UNKNOWN_UNIT] = {A, "to: gateway/self", "to: gateway/sefl", NULL},
    [DIAGNOSE_UNKNOWN_PARTY] = {A, "processor: centre", "processor: center", NULL},
    [DIAGNOSE_UNKNOWN_FIELD_PATH] = {A, "around: {to", "arund: {to", NULL},
    [DIAGNOSE_WRONG_TRANSFORM] = {A, "{to-cameras: {grid: 250 m, within: 500 m}}", "pseudonymise",
                                  NULL},
    [DIAGNOSE_ONE_TRANSFORM] = {A, "{to-cameras: {grid: 250 m, within: 500 m}}", "{}", NULL},
    [DIAGNOSE_CONDITION_NOT_FOR_KIND] = {A, "{assigned: yes,", "{consent: {given_by: subject},",
                                         NULL},
    [DIAGNOSE_NEEDS_SELF] = {A, "to: gateway/self", "to: centre/video", NULL},
    [DIAGNOSE_FROM_GATEWAY] = {A, "kind: scene_image", "kind: outcome", NULL},
    [DIAGNOSE_CONSOLE_NO_AUDITOR] = {PARTIES, "bench: {name: Bench}",
                                     "bench: {name: Bench, console: auditor}", NULL},
    [DIAGNOSE_NEEDS_NO_GRANT] = {A, "kind: scene_image", "kind: destruction_receipt", NULL},
    [DIAGNOSE_ENDS_BEFORE_IT_BEGINS] = {A, "until: 2027-07-23", "until: 2014-07-23", NULL},
    [DIAGNOSE_OVERLAP] = {B, "    basis_any_of: [kr/location/29]\n",
                          "    basis_any_of: [kr/location/29]\n"
                          "    lia_30_system: {document_no: LIS-1}\n"
                          "    destroy: {starts_at: incident-end, delay: 0 seconds}\n"
                          "  - grant: again\n"
                          "    service: protection\n"
                          "    kind: location_update\n"
                          "    from: carrier/alerts\n"
                          "    to: [police/control]\n"
                          "    purpose: life-rescue\n"
                          "    basis_any_of: [kr/location/29]\n",
                          NULL},
    [DIAGNOSE_NARROWER_UNKNOWN] = {A, DELAY, DELAY "    narrower_than: nothing\n", NULL},
    [DIAGNOSE_NARROWER_USELESS] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_DEAD_TIME] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_DEAD_STATUS] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_DEAD_CAMERA] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_DEAD_CONDITIONS] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_DEAD_BEATEN] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_DEAD_PROHIBITED] = {B, "    because: LIA 29(11)\n",
                                  "    because: LIA 29(11)\n"
                                  "  - prohibit: photos\n"
                                  "    kind: scene_image\n"
                                  "    to_other_than: {role: rescue-agency}\n"
                                  "    because: A reason\n",
                                  NULL},
    [DIAGNOSE_DEAD_ALTERNATIVE] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_NEEDLESS_ALTERNATIVE] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_DEAD_PROHIBITION] = SAID_IN(POLICY "test_dead.c"),
    [DIAGNOSE_DEAD_EMERGENCY] = SAID_IN(POLICY "test_dead.c"),
    /* thousands of grants that no test writes: the bound of the analysis */
    [DIAGNOSE_NOT_ALL_CHECKED] = NOT_SAID,
    [DIAGNOSE_NOT_A_MOMENT] = SAID_IN(POLICY "test_tests.c"),
    [DIAGNOSE_NOT_AN_ANSWER] = SAID_IN(POLICY "test_tests.c"),
    [DIAGNOSE_NO_RECIPIENT] = SAID_IN(POLICY "test_tests.c"),
    [DIAGNOSE_NOTHING_TO_VARY] = SAID_IN(POLICY "test_tests.c"),
    [DIAGNOSE_VARY_COUNT] = SAID_IN(POLICY "test_tests.c"),
    [DIAGNOSE_NOT_A_PATH] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_NOT_SEALED] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_SEAL_CHANGED] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_SEAL_EXTRA] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_SEAL_GONE] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_SIGNATURE_MISSING] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_SIGNATURE_STALE] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_SIGNATURE_FOREIGN] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_SIGNATURE_FORGED] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_SIGNATURES_FEW] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_NO_TRUST] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_NO_NEXT_OFFICERS] = SAID_IN(POLICY "test_seal.c"),
    [DIAGNOSE_NO_ORIGIN] = {B, "data_obtained_under: [kr/location/29]",
                            "data_obtained_under: [kr/pipa/18-2-3]", NULL},
    [DIAGNOSE_RULE_NOT_ABOUT] = {LAW_RULES, "applies: {kinds: [video, scene_image]}",
                                 "applies: {no_grant_that: kr/kept/others}", NULL},
    [DIAGNOSE_BASIS_NOT_YET] = SAID_IN(POLICY "test_law_rules.c"),
    [DIAGNOSE_BASIS_ENDED] = {LAW, "    origin: lia-29\n",
                              "    origin: lia-29\n    effective_until: 2026-11-20\n", NULL},
    [DIAGNOSE_BASIS_ENDING] = {LAW, "    origin: lia-29\n",
                               "    origin: lia-29\n    effective_until: 2026-12-20\n", NULL},
    [DIAGNOSE_LAW_BROKEN] = {A, "delay: 2 hours}", "delay: 31 days}", NULL},
    [DIAGNOSE_LAW_DOUBTED] = SAID_IN(POLICY "test_law_rules.c"),
    [DIAGNOSE_LAW_COMING] = SAID_IN(POLICY "test_law_rules.c"),
    [DIAGNOSE_MOU_EXPIRED] = {A, "until: 2027-07-23", "until: 2026-07-23", NULL},
    [DIAGNOSE_REVIEW_DUE] = {A, "by: 2027-03-01", "by: 2026-03-01", NULL},
    [DIAGNOSE_VERIFY_DUE] = SAID_IN(POLICY "test_law.c"),
};

static const struct {
    const char *name, *text[2];
} messages[DIAGNOSE_COUNT] = {
#define D(name, severity, en, ko) [DIAGNOSE_##name] = {#name, {en, ko}},
#include "config/messages.def"
#undef D
};

/* The text between two arguments; moves behind it and the argument. */
static struct bytes take_piece(const char **text)
{
    const char *begin = *text, *end = begin;
    while (*end != '\0' && !(end[0] == '%' && strspn(end + 1, "n123") > 0))
        end++;
    *text = *end == '\0' ? end : end + 1 + strspn(end + 1, "n") + 1;
    return bytes_of((const uint8_t *)begin, (size_t)(end - begin));
}

static const char *find(const char *in, struct bytes piece)
{
    for (; *in != '\0' && *in != '\n'; in++)
        if (strncmp(in, (const char *)piece.p, piece.n) == 0)
            return in + piece.n;
    return NULL;
}

/* Whether a line of what was said is this message: all its pieces in their order. */
static bool is_said(const char *printed, const char *text, const char *severity)
{
    for (const char *line = printed; line != NULL; line = strchr(line, '\n')) {
        const char *rest = text, *at;
        line += *line == '\n';
        at = find(line, bytes_of_text(severity));
        while (at != NULL && *rest != '\0')
            at = find(at, take_piece(&rest));
        if (at != NULL)
            return true;
    }
    return false;
}

static void check_input(size_t i)
{
    static const char *const marks[2][2] = {{": error: ", ": warning: "}, {": 오류: ", ": 경고: "}};
    const struct said *in = &said[i];
    struct set s;
    set_new(&s);
    if (in->old == NULL)
        set_put(&s, in->path, in->new);
    else
        set_change(&s, in->path, in->old, in->new);
    set_compile(&s);
    for (int language = 0; language < 2; language++) {
        struct buf printed = BUF_INIT(1 << 22);
        diagnose_print(s.d, (enum diagnose_language)language, &printed);
        if (!is_said(buf_c(&printed), messages[i].text[language], marks[language][0]) &&
            !is_said(buf_c(&printed), messages[i].text[language], marks[language][1]))
            fail_msg("%s is not said, but:\n%s", messages[i].name, buf_c(&printed));
        buf_free(&printed);
    }
    set_free(&s);
}

/* A file of C without what parts one literal into two. */
static void read_joined(const char *path, struct buf *out)
{
    struct buf text = BUF_INIT(1 << 20);
    append_file(path, &text);
    for (const char *at = buf_c(&text); *at != '\0';) {
        size_t blank = *at == '"' ? 1 + strspn(at + 1, " \n") : 0;
        if (blank > 1 && at[blank] == '"')
            at += blank + 1;
        else
            buf_u8(out, (uint8_t)*at++);
    }
    buf_free(&text);
}

/* How the longest piece of the English text begins or ends stands in the test that is named. */
static void check_test(size_t i)
{
    struct buf text = BUF_INIT(1 << 20);
    char piece[300] = "";
    const char *rest = messages[i].text[0];
    while (*rest != '\0') {
        const struct bytes one = take_piece(&rest);
        if (one.n > strlen(piece))
            (void)snprintf(piece, sizeof piece, "%.*s", (int)one.n, (const char *)one.p);
    }
    read_joined(said[i].test, &text);
    const size_t n = strlen(piece);
    const char *end = n > ENOUGH ? piece + n - ENOUGH : piece;
    if (strstr(buf_c(&text), end) == NULL) {
        piece[ENOUGH] = '\0';
        if (strstr(buf_c(&text), piece) == NULL)
            fail_msg("%s: \"%s\" is not in %s", messages[i].name, piece, said[i].test);
    }
    buf_free(&text);
}

static void every_message_is_said_by_some_input(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIAGNOSE_COUNT; i++) {
        if (said[i].test != NULL && said[i].test[0] != '\0')
            check_test(i);
        else if (said[i].test != NULL)
            continue;
        else if (said[i].path != NULL)
            check_input(i);
        else
            fail_msg("%s: no input, and no test that expects it", messages[i].name);
    }
}

/* Where two contradict each other, both are shown. */
static void a_second_definition_shows_the_first(void **state)
{
    static const struct change row[] = {
        {A, "grant: photo", "grant: live",
         A ":52:12: error: grant 'live' is defined a second time (first in mou/a.yaml)"
           "|      = the other one is here: mou/a.yaml:34:12"},
        {B, "prohibit: positions-to-others", "prohibit: alert",
         B ":47:15: error: prohibition 'alert' is defined a second time (first in mou/b.yaml)"
           "|      = the other one is here: mou/b.yaml:12:12"},
        {B, "mou: b\n", "mou: a\n",
         B ":1:6: error: memorandum 'a' is defined a second time (first in mou/a.yaml)"
           "|      = the other one is here: mou/a.yaml:1:6"},
        {EXERCISES, "exercises:\n",
         "exercises:\n"
         "  - {exercise: drill, from: 2026-11-21, until: 2026-11-22, units: police/control}\n",
         EXERCISES ":3:15: error: exercise 'drill' is defined a second time (first in this file)"
                   "|      = the other one is here: inventory/exercises.yaml:2:16"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void an_overlap_shows_both_grants(void **state)
{
    const struct said *in = &said[DIAGNOSE_OVERLAP];
    struct set s;
    (void)state;
    set_new(&s);
    set_change(&s, in->path, in->old, in->new);
    set_compile(&s);
    expect_line(&s, "      = the other one is here: mou/b.yaml:26:12");
    expect_line(&s, "   26 |   - grant: position");
    set_free(&s);
}

/* Which arguments a text has, as bits; 8 higher: as nouns. */
static unsigned arguments_of(const char *text)
{
    unsigned found = 0;
    for (const char *at = text; (at = strchr(at, '%')) != NULL; at++) {
        const bool noun = at[1] == 'n';
        const char digit = at[noun ? 2 : 1];
        if (digit >= '1' && digit <= '3')
            found |= 1u << (digit - '1') << (noun ? 8 : 0);
    }
    return found;
}

static void both_languages_have_the_same_arguments(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIAGNOSE_COUNT; i++) {
        const unsigned en = arguments_of(messages[i].text[0]);
        const unsigned ko = arguments_of(messages[i].text[1]);
        const unsigned used = (en | en >> 8) & 0xff;
        if (en != ko)
            fail_msg("%s: other arguments in Korean", messages[i].name);
        if ((used & (used + 1)) != 0)
            fail_msg("%s: an argument is left out", messages[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_second_definition_shows_the_first),
                                       cmocka_unit_test(an_overlap_shows_both_grants),
                                       cmocka_unit_test(every_message_is_said_by_some_input),
                                       cmocka_unit_test(both_languages_have_the_same_arguments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
