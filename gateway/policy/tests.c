/* The tests of a set: questions with the answers that lawyers expect. */
#include "base/mem.h"
#include "policy/coverage.h"
#include "policy/expectation.h"

#include <stdio.h>

enum { REPORT_MAX = 1 << 20, EXPECTED_MAX = 16, NAME_MAX_TEXT = 300, VARIED_MAX = 8 };

struct policy_tests {
    const struct policy *p;
    bool korean;
    void (*each)(const struct policy_test_result *r, void *arg);
    void *arg;
    struct coverage *coverage;
    size_t passed, failed;
    struct read_watch *watch; /* or NULL */
};

/* One test while it is read: what it asks, and what it expects of each recipient. */
struct test_case {
    struct request request; /* first: the keys of a request get its address */
    struct expectation expect[EXPECTED_MAX];
    size_t expects;
    const struct node *name, *vary, *cases;
};

/* A file while its tests run. */
struct test_file {
    struct reader reader; /* first: what reads gets its address */
    struct policy_tests *tests;
    const char *file;
    struct test_case defaults;
};

struct policy_tests *policy_tests_new(const struct policy *p, bool korean,
                                      void (*each)(const struct policy_test_result *r, void *arg),
                                      void *arg)
{
    struct policy_tests *t = mem_new(sizeof *t);
    *t = (struct policy_tests){p, korean, each, arg, coverage_new(p), 0, 0, NULL};
    return t;
}

void policy_tests_free(struct policy_tests *t)
{
    if (t == NULL)
        return;
    coverage_free(t->coverage);
    mem_free(t);
}

size_t policy_tests_passed(const struct policy_tests *t)
{
    return t->passed;
}

size_t policy_tests_failed(const struct policy_tests *t)
{
    return t->failed;
}

void policy_tests_coverage(const struct policy_tests *t, struct policy_coverage *out,
                           struct buf *missing)
{
    coverage_report(t->coverage, t->korean, out, missing);
}

/* ---- running one */

static void tell(struct test_file *f, const char *name, const struct node *place, bool passed,
                 struct buf *report)
{
    const struct policy_test_result r = {f->file, name, node_line(place), passed,
                                         passed ? "" : buf_c(report)};
    *(passed ? &f->tests->passed : &f->tests->failed) += 1;
    f->tests->each(&r, f->tests->arg);
}

static void put_words(const char *what, const struct bytes *word, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++)
        if (word[i].n > 0)
            buf_printf(out, "%s%.*s", i == 0 ? what : ", ", (int)word[i].n,
                       (const char *)word[i].p);
}

static void put_claim(const struct facts *f, struct buf *out)
{
    put_words("; basis ", &f->basis, 1, out);
    for (size_t i = 0; i < f->evidences; i++)
        put_words(i == 0 ? "; evidence " : ", ", &f->evidence[i].kind, 1, out);
}

/* The question in two lines, in the words of the file. */
static void put_asked(const struct request *q, const char *to, bool korean, struct buf *out)
{
    char now[TIME_TEXT];
    const struct facts *f = &q->facts;
    time_text_s(q->now_us, request_zone(q->p), now);
    buf_printf(out, korean ? "  물음: %s, %.*s → %s, %s\n" : "  asked: %s, %.*s → %s, %s\n",
               kind_row(f->kind)->name, (int)f->source.n, (const char *)f->source.p, to, now);
    put_words("    service ", &f->service, 1, out);
    put_words("; purpose ", &f->purpose, 1, out);
    put_claim(f, out);
    put_words("; camera ", f->camera, f->cameras, out);
    put_words("; incident ", f->incident, f->incidents, out);
    if (q->watched) {
        put_words("; watched for ", &q->watcher.purpose, 1, out);
        put_claim(&q->watcher, out);
    }
    buf_text(out, "\n");
}

/* A question that can be asked, decided and compared. */
static bool judge(struct test_file *f, struct test_case *c, const struct expectation *x,
                  uint32_t to, const struct policy_question *q, struct buf *report)
{
    struct policy_explanation e;
    policy_explain(q, to, &e);
    coverage_add(f->tests->coverage, &e);
    const struct answer answer = {&e, e.decision.reason, e.decision.failed};
    put_asked(&c->request, policy_unit_name(f->tests->p, to), f->tests->korean, report);
    bool met =
        expectation_met(x, f->tests->p, c->request.now_us, &answer, f->tests->korean, report);
    policy_explanation_text(&e, f->tests->korean, 4, report);
    policy_explanation_free(&e);
    return met;
}

static bool judge_unasked(struct test_file *f, struct test_case *c, const struct expectation *x,
                          enum reason reason, const char *failed, struct buf *report)
{
    const struct answer answer = {NULL, reason, failed};
    put_asked(&c->request, "?", f->tests->korean, report);
    bool met =
        expectation_met(x, f->tests->p, c->request.now_us, &answer, f->tests->korean, report);
    policy_unasked_text(reason, failed, f->tests->korean, 4, report);
    return met;
}

/* The unit that an expectation is about: its own, else the one that the message goes to. False
 * after an error. */
static bool find_recipient(struct test_file *f, const struct test_case *c,
                           const struct expectation *x, uint32_t *out)
{
    uint32_t to[POLICY_REACH_MAX];
    char number[24];
    if (x->to.n > 0) {
        *out = policy_unit(f->tests->p, x->to);
        return true;
    }
    size_t count = request_recipients(&c->request, to);
    *out = count == 0 ? POLICY_NONE : to[0];
    if (count == 1)
        return true;
    (void)snprintf(number, sizeof number, "%zu", count);
    read_fail(&f->reader, c->name, DIAGNOSE_NO_RECIPIENT, number, NULL, NULL);
    return false;
}

static void run_expectation(struct test_file *f, struct test_case *c, const struct expectation *x,
                            const char *name, const struct node *place)
{
    struct policy_question q;
    struct request_asked asked;
    struct buf report = BUF_INIT(REPORT_MAX);
    const char *failed;
    uint32_t to;
    if (!find_recipient(f, c, x, &to))
        return;
    enum reason r = request_ask(&c->request, &q, &asked, &failed);
    if (r == REASON_PERMITTED && to == POLICY_NONE) {
        r = REASON_RECIPIENT_UNKNOWN;
        failed = "to: a unit of the inventory";
    }
    bool met = r == REASON_PERMITTED ? judge(f, c, x, to, &q, &report)
                                     : judge_unasked(f, c, x, r, failed, &report);
    tell(f, name, place, met, &report);
    request_free(&asked);
    buf_free(&report);
}

static void run_case(struct test_file *f, struct test_case *c, const char *name,
                     const struct node *place)
{
    for (size_t i = 0; i < c->expects; i++)
        run_expectation(f, c, &c->expect[i], name, place);
}

/* ---- reading: what a test does not say, the defaults of its file say */

static void read_test(struct reader *r, const struct node *n, void *target)
{
    if (read_is_text(r, n, "test"))
        ((struct test_case *)target)->name = n;
}

/* Each of a list begins with what the defaults expect. */
static void read_expect(struct reader *r, const struct node *n, void *target)
{
    struct test_case *c = target;
    const struct expectation first = c->expect[0];
    c->expects = 1;
    if (node_type(n) != NODE_LIST) {
        expectation_read(r, n, &c->expect[0]);
        return;
    }
    if (node_count(n) == 0 || node_count(n) > EXPECTED_MAX) {
        read_fail(r, n, node_count(n) == 0 ? DIAGNOSE_EMPTY_LIST : DIAGNOSE_LIST_TOO_LONG, "expect",
                  "16", NULL);
        return;
    }
    c->expects = node_count(n);
    for (size_t i = 0; i < c->expects; i++) {
        c->expect[i] = first;
        expectation_read(r, node_item(n, i), &c->expect[i]);
    }
}

static void read_vary(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct test_case *)target)->vary = n;
}

static void read_cases(struct reader *r, const struct node *n, void *target)
{
    if (read_is_list(r, n, "cases"))
        ((struct test_case *)target)->cases = n;
}

/* The keys of a request, and those of a test. */
static void read_case(struct reader *r, const struct node *n, const char *what, bool is_test,
                      struct test_case *c)
{
    static const struct read_key own[] = {{"expect", false, read_expect},
                                          {"test", true, read_test},
                                          {"vary", false, read_vary},
                                          {"cases", false, read_cases}};
    struct read_key keys[REQUEST_KEYS + ARRAY_LEN(own)];
    memcpy(keys, request_keys, REQUEST_KEYS * sizeof *keys);
    memcpy(keys + REQUEST_KEYS, own, sizeof own);
    (void)read_map(r, n, what, keys, is_test ? ARRAY_LEN(keys) : REQUEST_KEYS + 1, c);
}

/* ---- the table form: one field, or several, over values */

struct row {
    const struct node *value, *expect;
};

static void row_value(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct row *)target)->value = n;
}

static void row_expect(struct reader *r, const struct node *n, void *target)
{
    (void)r;
    ((struct row *)target)->expect = n;
}

static void put_value(const struct node *n, struct buf *out)
{
    if (node_type(n) == NODE_TEXT)
        buf_text(out, node_c(n));
    for (size_t i = 0; i < node_count(n); i++) {
        buf_text(out, i == 0 ? "" : ", ");
        if (node_type(n) == NODE_MAP)
            buf_printf(out, "%s: ", node_c(node_key(n, i)));
        put_value(node_type(n) == NODE_MAP ? node_value(n, i) : node_item(n, i), out);
    }
}

/* Several fields have their values in a list. */
static bool set_values(struct test_file *f, struct test_case *c, const struct node *value)
{
    const struct node *vary = c->vary;
    char number[24];
    if (node_type(vary) == NODE_TEXT)
        return request_set(&f->reader, vary, node_c(vary), value, &c->request);
    if (node_type(value) != NODE_LIST || node_count(value) != node_count(vary)) {
        (void)snprintf(number, sizeof number, "%zu", node_count(vary));
        read_fail(&f->reader, value, DIAGNOSE_VARY_COUNT, number, NULL, NULL);
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < node_count(vary); i++)
        good = request_set(&f->reader, node_item(vary, i), node_c(node_item(vary, i)),
                           node_item(value, i), &c->request) &&
               good;
    return good;
}

static void run_row(struct test_file *f, const struct test_case *base, const struct node *n)
{
    static const struct read_key keys[] = {{"value", true, row_value},
                                           {"expect", true, row_expect}};
    struct row row = {NULL, NULL};
    struct buf name = BUF_INIT(1 << 16);
    struct test_case *c = mem_new(sizeof *c);
    const size_t before = diagnose_errors(f->reader.d);
    *c = *base;
    if (read_map(&f->reader, n, "a case", keys, ARRAY_LEN(keys), &row) && row.value != NULL &&
        row.expect != NULL && set_values(f, c, row.value)) {
        read_expect(&f->reader, row.expect, c);
        buf_printf(&name, "%s [", node_c(c->name));
        put_value(row.value, &name);
        buf_text(&name, "]");
        if (diagnose_errors(f->reader.d) == before)
            run_case(f, c, buf_c(&name), n);
    }
    buf_free(&name);
    mem_free(c);
}

static void run_rows(struct test_file *f, const struct test_case *c, const struct node *n)
{
    const char *lacks = c->vary == NULL ? "vary" : c->cases == NULL ? "cases" : NULL;
    if (lacks != NULL) {
        read_fail(&f->reader, n, DIAGNOSE_MISSING_KEY, lacks, "a test", NULL);
        return;
    }
    for (size_t i = 0; i < node_count(c->cases); i++)
        run_row(f, c, node_item(c->cases, i));
}

/* ---- a file */

static void run_test(struct test_file *f, const struct node *n)
{
    struct test_case *c = mem_new(sizeof *c);
    const size_t before = diagnose_errors(f->reader.d);
    *c = f->defaults;
    read_case(&f->reader, n, "a test", true, c);
    if (diagnose_errors(f->reader.d) == before && !c->request.has_kind)
        read_fail(&f->reader, n, DIAGNOSE_MISSING_KEY, "kind", "a message", NULL);
    if (diagnose_errors(f->reader.d) == before && (c->vary != NULL || c->cases != NULL))
        run_rows(f, c, n);
    else if (diagnose_errors(f->reader.d) == before && c->expects == 0)
        read_fail(&f->reader, n, DIAGNOSE_MISSING_KEY, "expect", "a test", NULL);
    else if (diagnose_errors(f->reader.d) == before)
        run_case(f, c, node_c(c->name), c->name);
    mem_free(c);
}

static void read_defaults(struct reader *r, const struct node *n, void *target)
{
    struct test_file *f = target;
    read_case(r, n, "defaults", false, &f->defaults);
    f->defaults.expects = 0; /* a test says itself what it expects */
}

static void read_tests(struct reader *r, const struct node *n, void *target)
{
    if (!read_is_list(r, n, "tests"))
        return;
    for (size_t i = 0; i < node_count(n); i++)
        run_test(target, node_item(n, i));
}

void policy_tests_watch(struct policy_tests *t, struct read_watch *watch)
{
    t->watch = watch;
}

bool policy_tests_run(struct policy_tests *t, const char *file, struct bytes text,
                      struct diagnose *d)
{
    static const struct read_key keys[] = {{"defaults", false, read_defaults},
                                           {"tests", true, read_tests}};
    struct document *doc = document_read(text, file, d);
    struct test_file *f = mem_new(sizeof *f);
    const size_t before = diagnose_errors(d);
    f->reader = (struct reader){d, request_zone(t->p), t->watch};
    f->tests = t;
    f->file = file;
    request_new(&f->defaults.request, t->p, 0);
    if (doc != NULL)
        (void)read_map(&f->reader, document_root(doc), "a test file", keys, ARRAY_LEN(keys), f);
    mem_free(f);
    document_free(doc);
    return doc != NULL && diagnose_errors(d) == before;
}
