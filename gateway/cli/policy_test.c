/* fedgatectl policy test: do a set's own tests hold, and what did they not reach? */
#include "cli/policy_set.h"

#include "base/limits.h"
#include "base/mem.h"
#include "policy/page.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_MAX = 64 << 20, NAME_LENGTH = 300 };

struct run {
    struct policy_set set;
    const char *coverage_min, *junit;
    bool quiet;
    struct policy_tests *tests;
    struct diagnose *d;
    struct buf junit_text;
    size_t files, reported_passed, reported_failed; /* of files before this one */
};

static bool parse(int argc, char **argv, struct run *r, const char **folder, const char **language)
{
    const struct cli_option options[] = {{"coverage-min", &r->coverage_min, NULL},
                                         {"junit", &r->junit, NULL},
                                         {"lang", language, NULL},
                                         {"quiet", NULL, &r->quiet},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count >= 0 && count != 1)
        cli_error("policy test takes one folder");
    *folder = argv[1];
    return count == 1;
}

/* A whole number from 0 to 100; false after an error message. */
static bool parse_percent(const char *text, unsigned long *out)
{
    char *end;
    *out = 0;
    if (text == NULL)
        return true;
    errno = 0;
    *out = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out <= 100)
        return true;
    cli_error("--coverage-min is a whole number from 0 to 100");
    return false;
}

/* ---- JUnit */

static void junit_case(struct buf *out, const struct policy_test_result *t)
{
    buf_text(out, "  <testcase classname=\"");
    page_text(out, t->file);
    buf_text(out, "\" name=\"");
    page_text(out, t->name);
    buf_printf(out, "\" line=\"%u\"", t->line);
    if (t->passed) {
        buf_text(out, "/>\n");
        return;
    }
    buf_text(out, "><failure message=\"not as expected\">");
    page_text(out, t->report);
    buf_text(out, "</failure></testcase>\n");
}

static int write_junit(const struct run *r)
{
    struct buf out = BUF_INIT(REPORT_MAX);
    buf_printf(&out,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" "
               "failures=\"%zu\">\n<testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\">\n",
               policy_tests_passed(r->tests) + policy_tests_failed(r->tests),
               policy_tests_failed(r->tests), policy_name(r->set.policy),
               policy_tests_passed(r->tests) + policy_tests_failed(r->tests),
               policy_tests_failed(r->tests));
    buf_put(&out, r->junit_text.p, r->junit_text.n);
    buf_text(&out, "</testsuite>\n</testsuites>\n");
    FILE *f = buf_status(&out) == RESULT_OK ? fopen(r->junit, "we") : NULL;
    bool good = f != NULL && fwrite(out.p, 1, out.n, f) == out.n;
    if (f != NULL)
        good = fclose(f) == 0 && good;
    if (!good)
        cli_error("%s: %s", r->junit, strerror(errno));
    buf_free(&out);
    return good ? CLI_OK : CLI_FAILED;
}

/* ---- running */

static void report(const struct policy_test_result *t, void *arg)
{
    struct run *r = arg;
    junit_case(&r->junit_text, t);
    if (!t->passed)
        (void)printf("%s:%u: %s: %s\n%s\n", t->file, t->line, r->set.korean ? "실패" : "FAILED",
                     t->name, t->report);
}

/* Every line of a file's own counts, for a lawyer who wants to see that it was run. */
static void report_file(struct run *r, const char *file)
{
    const size_t passed = policy_tests_passed(r->tests), failed = policy_tests_failed(r->tests);
    if (!r->quiet)
        (void)printf(r->set.korean ? "%s: 통과 %zu, 실패 %zu\n" : "%s: %zu passed, %zu failed\n",
                     file, passed - r->reported_passed, failed - r->reported_failed);
    r->reported_passed = passed;
    r->reported_failed = failed;
}

static bool run_file(struct run *r, const char *name)
{
    char file[NAME_LENGTH];
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES);
    (void)snprintf(file, sizeof file, "tests/%s", name);
    bool good = policy_set_read(&r->set, file, &text);
    if (good) {
        good = policy_tests_run(r->tests, file, buf_view(&text), r->d);
        report_file(r, file);
        r->files++;
    }
    buf_free(&text);
    return good;
}

static int is_yaml(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > strlen(".yaml") && strcmp(e->d_name + n - strlen(".yaml"), ".yaml") == 0;
}

/* In the order of their names. False after an error in any of them. */
static bool run_files(struct run *r)
{
    char folder[NAME_LENGTH * 8];
    struct dirent **entry;
    bool good = true;
    (void)snprintf(folder, sizeof folder, "%s/tests", r->set.path);
    int count = scandir(folder, &entry, is_yaml, alphasort);
    if (count <= 0) {
        cli_error("%s: %s", folder, count < 0 ? strerror(errno) : "no file ends with .yaml");
        return false;
    }
    for (int i = 0; i < count; i++) {
        good = run_file(r, entry[i]->d_name) && good;
        free(entry[i]);
    }
    free(entry);
    return good;
}

static void print_diagnostics(const struct run *r)
{
    struct buf text = BUF_INIT(REPORT_MAX);
    diagnose_print(r->d, r->set.korean ? DIAGNOSE_KOREAN : DIAGNOSE_ENGLISH, &text);
    (void)fflush(stdout);
    (void)fputs(buf_c(&text), stderr);
    buf_free(&text);
}

/* What no test reached, line by line, then the counts. */
static unsigned print_coverage(const struct run *r)
{
    struct policy_coverage c;
    struct buf missing = BUF_INIT(REPORT_MAX);
    policy_tests_coverage(r->tests, &c, &missing);
    (void)fputs(buf_c(&missing), stdout);
    buf_clear(&missing);
    policy_coverage_text(&c, r->set.korean, &missing);
    (void)puts(buf_c(&missing));
    buf_free(&missing);
    return c.percent;
}

static int test(struct run *r)
{
    unsigned long least;
    if (!parse_percent(r->coverage_min, &least))
        return CLI_USAGE;
    r->tests = policy_tests_new(r->set.policy, r->set.korean, report, r);
    r->d = diagnose_new();
    r->junit_text = BUF_INIT(REPORT_MAX);
    const bool good = run_files(r);
    print_diagnostics(r);
    const unsigned percent = print_coverage(r);
    int code = good && policy_tests_failed(r->tests) == 0 ? CLI_OK : CLI_NO;
    if (r->junit != NULL && write_junit(r) != CLI_OK)
        code = CLI_FAILED;
    if (percent < least) {
        cli_error("coverage is %u %%, and at least %lu %% is asked for", percent, least);
        code = code == CLI_OK ? CLI_NO : code;
    }
    (void)printf("%zu passed, %zu failed\n", policy_tests_passed(r->tests),
                 policy_tests_failed(r->tests));
    buf_free(&r->junit_text);
    diagnose_free(r->d);
    policy_tests_free(r->tests);
    return code;
}

int policy_test_run(int argc, char **argv)
{
    struct run *r = mem_new(sizeof *r);
    const char *folder, *language = NULL;
    int code = CLI_USAGE;
    if (parse(argc, argv, r, &folder, &language)) {
        code = policy_set_open(&r->set, folder, language);
        if (code == CLI_OK)
            code = test(r);
        policy_set_close(&r->set);
    }
    mem_free(r);
    return code;
}
