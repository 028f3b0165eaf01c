/*
 * measure TREE GRANTS DECISIONS: compiles the generated set of so many grants and asks it, and
 * tells as one line of JSON how long that took. measure TREE GRANTS CHANGED FOLDER: writes the set
 * into the folder, so many of its grants changed. TREE is the tree's policy/.
 */
#include "allocations.h"
#include "set.h"

#include "base/clock.h"
#include "base/mem.h"
#include "policy/compile.h"
#include "policy/policy.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int64_t steady_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void stop(const char *why)
{
    (void)fprintf(stderr, "measure: %s\n", why);
    exit(1);
}

/* ---- questions */

struct question {
    struct bench_grant grant;
    char incident_id[80];
    struct facts facts, watcher;
    struct incident incident;
    struct policy_question asked;
    uint32_t to;
};

static void make_claim(struct facts *f, enum kind_id kind, const char *purpose)
{
    f->kind = kind;
    f->purpose = bytes_of_text(purpose);
    f->basis = bytes_of_text("kr/pipa/18-2-7");
    f->evidence[0] = (struct facts_evidence){bytes_of_text("case-number"), bytes_of_text("2026-1")};
    f->evidence[1] =
        (struct facts_evidence){bytes_of_text("emergency-call"), bytes_of_text("112-1")};
    f->evidences = 2;
    f->has_actor = true;
}

/* A message that grant i permits, or (refused) one with a camera that is too far away or an
 * incident that has ended. */
static void make_question(const struct policy *p, size_t grants, size_t i, bool refused,
                          struct question *q)
{
    static const char *const near[] = {"cam-1"}, *const far[] = {"cam-999"};
    const int64_t now_us = INT64_C(1795262400000000);
    const struct incident *known[FACTS_INCIDENT_MAX] = {&q->incident};
    const char *failed;
    bench_grant(grants, i, &q->grant);
    const enum kind_id kind = kind_named(bytes_of_text(q->grant.kind))->id;
    (void)snprintf(q->incident_id, sizeof q->incident_id, "%s:019aa2b0-0000-7000-8000-000000000001",
                   q->grant.from);
    q->facts = (struct facts){.source = bytes_of_text(q->grant.from),
                              .service = bytes_of_text(q->grant.service),
                              .incident = {bytes_of_text(q->incident_id)},
                              .incidents = 1,
                              .status = STATUS_ACTUAL,
                              .camera = {bytes_of_text(refused ? far[0] : near[0])},
                              .cameras = kind == KIND_TRAFFIC_INFO ? 0 : 1};
    make_claim(&q->facts, kind, q->grant.purpose);
    make_claim(&q->watcher, kind, q->grant.purpose);
    q->incident = (struct incident){.exists = true,
                                    .type = "robbery",
                                    .has_centre = true,
                                    .centre = {36.350001, 127.380000},
                                    .opened_us = now_us - US_PER_HOUR,
                                    .ended_us = refused ? now_us - 1 : 0,
                                    .participants = 1};
    (void)snprintf(q->incident.participant[0].name, sizeof q->incident.participant[0].name, "%s",
                   q->grant.from);
    q->incident.participant[0].open = !refused;
    if (policy_ask(p, &q->facts, kind == KIND_VIDEO ? &q->watcher : NULL, known, now_us, &q->asked,
                   &failed) != REASON_PERMITTED)
        stop(failed);
    q->to = policy_unit(p, bytes_of_text(q->grant.to));
}

/* ---- decisions */

static int by_time(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct figures {
    int64_t median_ns, p99_ns;
    double allocations; /* of one decision */
};

/* How long it takes to look at the clock twice. */
static int64_t clock_ns(void)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < 10000; i++) {
        const int64_t began = steady_ns(), took = steady_ns() - began;
        least = took < least ? took : least;
    }
    return least;
}

/* The number of each grant. What is compared during the measurement is a number: the text would
 * bring lines into the caches that a decision does not read. */
static uint32_t *number(const struct policy *p, size_t grants)
{
    uint32_t *numbers = mem_new_array(grants, sizeof *numbers);
    struct bench_grant g;
    for (size_t i = 0; i < grants; i++) {
        bench_grant(grants, i, &g);
        numbers[i] = policy_clause(p, bytes_of_text(g.clause));
        if (numbers[i] == POLICY_NONE)
            stop(g.clause);
    }
    return numbers;
}

/* What is asked of the set of `grants`: about so many of them, in turns. */
struct round {
    const struct policy *p;
    size_t grants;
    const uint32_t *numbers;
    size_t decisions, about;
    bool refused;
};

/* Another grant each time: about all of them, what is not shared is not in the caches from the time
 * before; about few, it is. The message is, as it has just been read when a decision is made. */
static struct figures decide(struct round r)
{
    struct question *q = mem_new(sizeof *q);
    int64_t *took = mem_new_array(r.decisions, sizeof *took), own = clock_ns();
    size_t during = 0;
    struct decision d;
    for (size_t i = 0; i < r.decisions; i++) {
        const size_t grant = i * 7919 % r.about * (r.grants / r.about);
        make_question(r.p, r.grants, grant, r.refused, q);
        const size_t before = allocations_count();
        const int64_t began = steady_ns();
        policy_decide(&q->asked, q->to, &d);
        took[i] = steady_ns() - began - own;
        during += allocations_count() - before;
        if ((d.reason == REASON_PERMITTED) == r.refused ||
            (!r.refused && d.grant != r.numbers[grant]))
            stop(d.failed);
    }
    qsort(took, r.decisions, sizeof *took, by_time);
    struct figures f = {took[r.decisions / 2], took[r.decisions * 99 / 100],
                        (double)during / (double)r.decisions};
    mem_free(took);
    mem_free(q);
    return f;
}

/* ---- the set */

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *f)
{
    (void)s;
    (void)type;
    (void)f;
    return remove(path);
}

static double compile(int folder, struct buf *block)
{
    const struct policy_sources sources = {
        .folder = folder, .crls = -1, .draft = true, .now_us = INT64_C(1795262400000000)};
    struct diagnose *d = diagnose_new();
    struct policy_counts counts;
    struct buf said = BUF_INIT(1 << 20);
    const int64_t began = steady_ns();
    const enum result r = policy_compile(&sources, d, block, &counts);
    const double took = (double)(steady_ns() - began) / 1e9;
    diagnose_print(d, DIAGNOSE_ENGLISH, &said);
    if (r != RESULT_OK)
        stop(buf_c(&said));
    buf_free(&said);
    diagnose_free(d);
    return took;
}

/* A copy where a page begins, as the gateway maps a snapshot. */
static struct bytes map(struct bytes block)
{
    void *p = mmap(NULL, block.n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        stop("no memory for the snapshot");
    memcpy(p, block.p, block.n);
    return bytes_of(p, block.n);
}

static void ask(const struct policy *p, size_t grants, size_t decisions)
{
    enum { FEW = 100 };
    uint32_t *numbers = number(p, grants);
    struct round r = {p, grants, numbers, decisions, grants, false};
    const struct figures permit = decide(r);
    r.about = grants < FEW ? grants : FEW;
    const struct figures few = decide(r);
    r.about = grants;
    r.refused = true;
    const struct figures refuse = decide(r);
    printf("\"permit_ns\": %lld, \"permit_p99_ns\": %lld, \"permit_few_ns\": %lld, "
           "\"permit_allocations\": %g, \"refuse_ns\": %lld, \"refuse_p99_ns\": %lld}\n",
           (long long)permit.median_ns, (long long)permit.p99_ns, (long long)few.median_ns,
           permit.allocations + few.allocations, (long long)refuse.median_ns,
           (long long)refuse.p99_ns);
    mem_free(numbers);
}

static void measure(int tree, size_t grants, size_t decisions)
{
    char path[] = "/tmp/fedgate-bench-XXXXXX";
    struct buf block = BUF_INIT(0);
    struct policy *p;
    int folder = mkdtemp(path) == NULL ? -1 : open(path, O_RDONLY | O_DIRECTORY);
    if (folder < 0)
        stop("no temporary folder");
    bench_write_set(folder, tree, grants, 0);
    const double compile_s = compile(folder, &block);
    (void)close(folder);
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    struct bytes view = map(buf_view(&block));
    if (policy_open(view, &p) != RESULT_OK)
        stop("the snapshot does not open");
    printf("{\"grants\": %zu, \"compile_s\": %.3f, \"snapshot_mib\": %.1f, ", policy_grants(p),
           compile_s, (double)block.n / (1 << 20));
    ask(p, grants, decisions);
    policy_close(p);
    (void)munmap((void *)(uintptr_t)view.p, view.n);
    buf_free(&block);
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 5)
        stop("usage: measure TREE GRANTS DECISIONS, or measure TREE GRANTS CHANGED FOLDER");
    int tree = open(argv[1], O_RDONLY | O_DIRECTORY);
    size_t grants = strtoul(argv[2], NULL, 10), count = strtoul(argv[3], NULL, 10);
    if (tree < 0 || grants == 0 || (argc == 4 && count == 0))
        stop("no such folder, or no numbers");
    if (argc == 4)
        measure(tree, grants, count);
    else
        bench_write_set(open(argv[4], O_RDONLY | O_DIRECTORY), tree, grants, count);
    return 0;
}
