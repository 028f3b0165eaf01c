/* Files of tests, run against the small set of set.h. */
#ifndef FEDGATE_TESTS_POLICY_TESTS_H
#define FEDGATE_TESTS_POLICY_TESTS_H

#include "set.h"

#include "policy/tools.h"

/* What ran, and what was said. */
struct tests_bench {
    struct set set;
    struct policy_tests *tests;
    struct buf failed, said; /* a line "name" of each that failed, and the newest report; errors */
    char report[4000];
};

static inline void note_result(const struct policy_test_result *r, void *arg)
{
    struct tests_bench *b = arg;
    if (r->passed)
        return;
    buf_printf(&b->failed, "%s:%u: %s\n", r->file, r->line, r->name);
    (void)snprintf(b->report, sizeof b->report, "%s", r->report);
}

static inline void tests_bench_new(struct tests_bench *b)
{
    *b = (struct tests_bench){.failed = BUF_INIT(1 << 16), .said = BUF_INIT(1 << 16)};
    set_new(&b->set);
    set_open(&b->set);
    b->tests = policy_tests_new(b->set.policy, false, note_result, b);
}

/* The same set with one place changed, and an emergency clause in memorandum a when `emergency`. */
static inline void tests_bench_change(struct tests_bench *b, const char *path, const char *old,
                                      const char *new, bool emergency)
{
    struct buf mou = BUF_INIT(1 << 16);
    policy_tests_free(b->tests);
    set_free(&b->set);
    set_new(&b->set);
    if (path != NULL)
        set_change(&b->set, path, old, new);
    buf_text(&mou, set_file(&b->set, A)->text);
    if (emergency)
        buf_text(&mou, "emergency:\n"
                       "  who: {units: [police/control], role: duty-officer}\n"
                       "  kinds: [video]\n"
                       "  basis_any_of: [kr/pipa/18-2-7]\n"
                       "  reason: required\n"
                       "  lasts: 30 minutes\n"
                       "  review: {persons: 2, within: 24 hours}\n");
    set_put(&b->set, A, buf_c(&mou));
    set_open(&b->set);
    b->tests = policy_tests_new(b->set.policy, false, note_result, b);
    buf_free(&mou);
}

static inline void tests_bench_free(struct tests_bench *b)
{
    policy_tests_free(b->tests);
    buf_free(&b->failed);
    buf_free(&b->said);
    set_free(&b->set);
}

/* Runs a file; false after errors, which are in `said` then. */
static inline bool tests_run(struct tests_bench *b, const char *text)
{
    struct diagnose *d = diagnose_new();
    buf_clear(&b->said);
    bool good = policy_tests_run(b->tests, "tests/t.yaml", bytes_of_text(text), d);
    diagnose_print(d, DIAGNOSE_ENGLISH, &b->said);
    diagnose_free(d);
    return good;
}

/* The defaults: a stream of a camera at a robbery, which the set permits. */
#define DEFAULTS                                                                                   \
    "defaults:\n"                                                                                  \
    "  now: 2026-11-21T21:00:00+09:00\n"                                                           \
    "  message: {kind: video, from: centre/video, service: onsite-video, purpose: crime-response," \
    " basis: kr/pipa/18-2-7, evidence: case-number, camera: cam-1}\n"                              \
    "  watcher: {purpose: crime-response, basis: kr/pipa/18-2-7, evidence: case-number, actor: "   \
    "yes}\n"                                                                                       \
    "  incident: {type: robbery, opened: 1 hour ago, place: [36.35, 127.38], participants: "       \
    "[police/control, rescue/control]}\n"                                                          \
    "  expect: {to: police/control}\n"                                                             \
    "tests:\n"

#endif
