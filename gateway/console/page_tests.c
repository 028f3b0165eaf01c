/* Of a policy set: whether its own tests hold, asked anew of the copy that came into force, and
 * what of it no test reaches. */
#include "base/limits.h"
#include "base/mem.h"
#include "config/diagnose.h"
#include "console/policy_page.h"
#include "console/state.h"
#include "console/tables.h"
#include "policy/tools.h"

enum { SAID_MAX = 2 << 20 /* of each text below the tables */ };

static const struct report_column columns[] = {
    {"file", {"file", "파일"}}, {"passed", {"passed", "통과"}}, {"failed", {"failed", "실패"}}};

struct testing {
    struct web_call *w;
    struct policy_page page;
    struct policy_tests *tests;
    struct diagnose *errors;
    struct report_table *files;
    struct buf failures;   /* of tests, as text */
    size_t next;           /* the file of the set that is looked at next */
    size_t passed, failed; /* of the files before it */
};

static void drop(void *own)
{
    struct testing *t = own;
    policy_tests_free(t->tests);
    diagnose_free(t->errors);
    table_free(t->files);
    buf_free(&t->failures);
    policy_page_close(&t->page);
    mem_free(t);
}

/* ---- a file */

static void keep_failure(const struct policy_test_result *r, void *arg)
{
    struct testing *t = arg;
    if (!r->passed)
        buf_printf(&t->failures, "%s:%u: %s\n%s\n", r->file, r->line, r->name, r->report);
}

/* As fedgatectl policy test takes them. */
static bool is_of_tests(const char *path)
{
    static const char folder[] = "tests/", ending[] = ".yaml";
    const size_t n = strlen(path);
    return strncmp(path, folder, strlen(folder)) == 0 &&
           strchr(path + strlen(folder), '/') == NULL && n > strlen(folder) + strlen(ending) &&
           strcmp(path + n - strlen(ending), ending) == 0;
}

static bool run_file(struct testing *t, const char *path)
{
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES);
    const bool good = kept_file(t->page.kept, path, &text) == RESULT_OK;
    if (good) {
        (void)policy_tests_run(t->tests, path, buf_view(&text), t->errors);
        const size_t passed = policy_tests_passed(t->tests), failed = policy_tests_failed(t->tests);
        table_text(t->files, path);
        table_number(t->files, passed - t->passed);
        table_number(t->files, failed - t->failed);
        t->passed = passed;
        t->failed = failed;
    }
    buf_free(&text);
    return good;
}

/* ---- what is shown */

static void put_text(struct html *h, enum text name, const struct buf *text)
{
    if (text->n == 0)
        return;
    html_element_t(h, "h2", NULL, name);
    html_element(h, "pre", NULL, buf_view(text));
    if (buf_status(text) != RESULT_OK)
        html_element_t(h, "p", "bad", TEXT_TESTS_CUT);
}

static void put_errors(struct testing *t, struct html *h)
{
    struct buf text = BUF_INIT(SAID_MAX);
    diagnose_print(t->errors, t->w->korean ? DIAGNOSE_KOREAN : DIAGNOSE_ENGLISH, &text);
    put_text(h, TEXT_TESTS_ERRORS, &text);
    buf_free(&text);
}

static void put_coverage(struct testing *t, struct html *h)
{
    struct policy_coverage c;
    struct buf missing = BUF_INIT(SAID_MAX), sum = BUF_INIT(256);
    policy_tests_coverage(t->tests, &c, &missing);
    policy_coverage_text(&c, t->w->korean, &sum);
    html_open(h, "p");
    html_put(h, buf_view(&sum));
    html_close(h);
    put_text(h, TEXT_NOT_REACHED, &missing);
    buf_free(&missing);
    buf_free(&sum);
}

static void show(struct testing *t)
{
    struct web_call *w = t->w;
    struct buf title = BUF_INIT(256);
    policy_page_title(w, &t->page, &title);
    struct html *h = web_begin_page(w, 200, buf_view(&title));
    html_element_t(h, "p", NULL, TEXT_TESTS_WHAT);
    tables_put(w, t->files);
    put_coverage(t, h);
    put_text(h, TEXT_TESTS_FAILED, &t->failures);
    put_errors(t, h);
    buf_free(&title);
    policy_page_close(&t->page); /* a reader may be slow */
    web_show(w, NULL);
}

/* ---- file by file, so that nobody else on the loop waits */

static int64_t turn(struct web_call *w)
{
    struct testing *t = w->own;
    const char *path = kept_path(t->page.kept, t->next);
    if (path == NULL) {
        show(t);
        return -1;
    }
    t->next++;
    if (!is_of_tests(path) || run_file(t, path))
        return 0;
    web_fail(w, 404, TEXT_NO_SET, TEXT_SET_CHANGED);
    return -1;
}

static void begin(struct web_call *w)
{
    static const char *const title[2] = {"Tests of the set", "정책의 시험"};
    struct policy_page p;
    if (!policy_page_again(w, &p))
        return;
    struct testing *t = mem_new(sizeof *t);
    *t =
        (struct testing){.w = w,
                         .page = p,
                         .errors = diagnose_new(),
                         .files = table_new("tests", title, columns, ARRAY_LEN(columns), w->korean),
                         .failures = BUF_INIT(SAID_MAX)};
    t->tests = policy_tests_new(kept_policy(p.kept), w->korean, keep_failure, t);
    w->own = t;
    w->drop = drop;
    web_turn(w, turn, 0);
}

void policy_show_tests(struct web_call *w, struct policy_page *p)
{
    const struct web_seen seen = {.form = "html", .has_record = true, .record = p->index};
    web_record(w, &seen, begin);
}
