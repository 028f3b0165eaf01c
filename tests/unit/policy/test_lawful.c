/* Every rule of the shipped catalogue has a memorandum that breaks it and one that keeps it, in
 * tests/policy/law/: fragments laid over the shipped set. Run from the project's folder. */
#include "set.h"

#define FOLDER "tests/policy/law/"

static void put_file(struct set *s, const char *path)
{
    char from[200];
    struct buf text = BUF_INIT(1 << 22);
    (void)snprintf(from, sizeof from, "policy/%s", path);
    append_file(from, &text);
    set_put(s, path, buf_c(&text));
    buf_free(&text);
}

/* The shipped set without its memoranda, and with one camera. */
static void shipped_new(struct set *s)
{
    static const char *const files[] = {SET, VOCABULARY, PARTIES, LAW, "legal/kr-rules.yaml"};
    *s = (struct set){.now_us = NOW_US, .said = BUF_INIT(1 << 22), .block = BUF_INIT(0)};
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        put_file(s, files[i]);
    set_put(s, CAMERAS,
            "id,latitude,longitude,kind,installed_for,owner,audio\n"
            "cam-1,36.350000,127.380000,fixed,crime-prevention,daejeon-city-center,no\n");
    set_put(s, EXERCISES, "exercises: []\n");
}

/* "# replace FILE: OLD => NEW" in a fragment. */
static void change_as_told(struct set *s, const char *fragment)
{
    char path[100], old[200], new[200];
    if (sscanf(fragment, "# replace %99[^:]: %199[^=]=> %199[^\n]", path, old, new) != 3)
        return;
    old[strlen(old) - 1] = '\0';
    set_change(s, path, old, new);
}

/* The head of a memorandum, but for keys that the fragment has itself, or is "without". */
static void put_memorandum(struct set *s, const char *fragment)
{
    static const char *const head[][2] = {
        {"mou", "fragment"},
        {"title", "{en: A memorandum, ko: 협약}"},
        {"instrument", "{document_no: A-1, signed_on: 2015-07-24, signatories: [molit, npa]}"},
        {"acknowledged", "[{by: npa-daejeon, on: 2015-09-01}]"},
        {"processor", "daejeon-gateway-operator"},
        {"in_force", "{from: 2015-07-24, until: 2027-07-23, legal_review_by: 2027-03-01}"},
        {"recipient_duties", "[Response to the incident only]"},
        {"assessment", "{no_unfair_infringement: Limited, by: officer, on: 2015-07-01}"},
        {"registers", "[third-party-provision]"}};
    struct buf text = BUF_INIT(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(head); i++) {
        char own[60], without[60];
        (void)snprintf(own, sizeof own, "\n%s:", head[i][0]);
        (void)snprintf(without, sizeof without, "\n# without %s\n", head[i][0]);
        if (strstr(fragment, own) == NULL && strstr(fragment, without) == NULL)
            buf_printf(&text, "%s: %s\n", head[i][0], head[i][1]);
    }
    buf_text(&text, fragment);
    set_put(s, "mou/fragment.yaml", buf_c(&text));
    buf_free(&text);
}

/* Compiles tests/policy/law/<code with dots>.<which>.yaml. */
static void compile_fragment(struct set *s, const char *code, const char *which)
{
    char path[200] = FOLDER;
    struct buf text = BUF_INIT(1 << 20);
    size_t n = strlen(path);
    for (const char *at = code; *at != '\0'; at++)
        path[n++] = (char)(*at == '/' ? '.' : *at);
    (void)snprintf(path + n, sizeof path - n, ".%s.yaml", which);
    append_file(path, &text);
    shipped_new(s);
    for (const char *line = buf_c(&text); line != NULL; line = strchr(line, '\n'))
        change_as_told(s, line += *line == '\n');
    put_memorandum(s, buf_c(&text));
    set_compile(s);
    buf_free(&text);
}

/* One message, of this rule and no other, in both languages. */
static void breaks(const char *code)
{
    struct set s;
    char cited[160];
    struct buf korean = BUF_INIT(1 << 20);
    compile_fragment(&s, code, "fail");
    (void)snprintf(cited, sizeof cited, "(%s, legal/kr-rules.yaml:", code);
    diagnose_print(s.d, DIAGNOSE_KOREAN, &korean);
    if (diagnose_errors(s.d) + diagnose_warnings(s.d) != 1 ||
        strstr(buf_c(&s.said), cited) == NULL || strstr(buf_c(&korean), cited) == NULL)
        fail_msg("%s: not this one is broken, or others too:\n%s", code, buf_c(&s.said));
    assert_null(strstr(buf_c(&s.said), "'{")); /* no word is left to be filled in */
    assert_null(strstr(buf_c(&korean), "'{"));
    buf_free(&korean);
    set_free(&s);
}

/* A fragment's cameras need not be there. */
static size_t said_dead(const struct set *s)
{
    size_t count = 0;
    const char *at = (const char *)s->said.p;
    while ((at = strstr(at, "no camera of the inventory meets")) != NULL) {
        count++;
        at++;
    }
    return count;
}

static void keeps(const char *code)
{
    struct set s;
    compile_fragment(&s, code, "pass");
    if (diagnose_errors(s.d) + diagnose_warnings(s.d) != said_dead(&s))
        fail_msg("%s: the one that should keep it:\n%s", code, buf_c(&s.said));
    set_free(&s);
}

static void every_rule_has_a_memorandum_that_breaks_it_and_one_that_keeps_it(void **state)
{
    struct buf rules = BUF_INIT(1 << 20);
    size_t count = 0;
    (void)state;
    append_file("policy/legal/kr-rules.yaml", &rules);
    for (const char *at = buf_c(&rules); (at = strstr(at, "\n  kr/")) != NULL; count++) {
        char code[100];
        assert_int_equal(sscanf(at, "\n  %99[^:]:", code), 1);
        breaks(code);
        keeps(code);
        at++;
    }
    assert_true(count >= 39);
    buf_free(&rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_a_memorandum_that_breaks_it_and_one_that_keeps_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
