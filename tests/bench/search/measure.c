/*
 * measure LEAVES FOLDER: builds the index of a log of so many entries, made up as a year of a city
 * would make them, in the folder, and asks it; then pages of the console, over the log's files that
 * were written beside it. Tells as one line of JSON how fast the index was built from entries
 * (reading each is in it, the log's files are not), how long a commit of it held up others at most,
 * its size, and what questions and pages take, in milliseconds: the median of many, and the worst
 * of all.
 */
#include "search/search.h"

#include "check.h"
#include "files.h"
#include "pages.h"

#include "audit/tiles.h"
#include "base/buf.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    A_COMMIT = 2048 /* as search_follow */,
    PAGE = 50,
    TURNS = 101,
    PARTIES = 30,
    SERVICES = 12
};

#define ORIGIN   "bench/log"
#define FIRST_US INT64_C(1763686800000000)

static int64_t clock_us(clockid_t which)
{
    struct timespec t;
    (void)clock_gettime(which, &t);
    return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static int64_t now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

static int64_t cpu_us(void)
{
    return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- entries: a message, what one or two units got of it, that they have it, that it is gone */

struct making {
    uint64_t leaves, next, seed;
    uint64_t message, scope; /* the last one's */
    unsigned from, to, service;
    char source[64], unit[64], id[40], incident[128], detail[256], words[3][40];
    struct bytes incidents;
    struct leaf_recipient recipient;
};

static uint64_t any(struct making *m)
{
    m->seed ^= m->seed << 13;
    m->seed ^= m->seed >> 7;
    m->seed ^= m->seed << 17;
    return m->seed;
}

static void name_unit(unsigned party, char out[64])
{
    (void)snprintf(out, 64, "party-%02u/control-%u", party, party % 3);
}

static void make_message(struct making *m, struct leaf *leaf)
{
    m->message = m->next;
    m->from = (unsigned)(any(m) % PARTIES);
    m->to = (m->from + 1 + (unsigned)(any(m) % 6)) % PARTIES; /* few with all */
    m->service = (m->from + m->to + (unsigned)(any(m) % 2)) % SERVICES;
    m->scope = m->next / 50;
    name_unit(m->from, m->source);
    name_unit(m->to, m->unit);
    (void)snprintf(m->id, sizeof m->id, "%08" PRIx64 "-%04" PRIx64 "-7000-8000-%012" PRIx64,
                   any(m) & UINT32_MAX, any(m) & UINT16_MAX, any(m) & UINT32_MAX);
    (void)snprintf(m->incident, sizeof m->incident, "%s:019aa2b0-0000-7000-8000-%012" PRIx64,
                   m->source, m->next / 500);
    (void)snprintf(m->detail, sizeof m->detail, "scopes=%" PRIu64, m->scope);
    (void)snprintf(m->words[0], 40, "service-%02u", m->service);
    (void)snprintf(m->words[1], 40, "kind-%u", m->service % 7);
    (void)snprintf(m->words[2], 40, "mou-%02u#grant-%u", m->from, m->service);
    m->incidents = bytes_of_text(m->incident);
    m->recipient = (struct leaf_recipient){
        .unit = bytes_of_text(m->unit),
        .reason = bytes_of_text(any(m) % 50 == 0 ? "no-grant" : "permitted"),
        .clause = bytes_of_text(m->words[2])};
    leaf->event = AUDIT_RECEIVED;
    leaf->id = bytes_of_text(m->id);
    leaf->source = bytes_of_text(m->source);
    leaf->kind = bytes_of_text(m->words[1]);
    leaf->service = bytes_of_text(m->words[0]);
    leaf->purpose = bytes_of_text("crime-response");
    leaf->status = bytes_of_text("actual");
    leaf->incident = &m->incidents;
    leaf->incidents = 1;
    leaf->size = 1024;
}

static void make_later(struct making *m, struct leaf *leaf, unsigned what)
{
    static const enum audit_event event[] = {AUDIT_RELEASED, AUDIT_ACKNOWLEDGED, AUDIT_DESTROYED};
    leaf->event = event[what];
    leaf->has_refers = what == 0;
    leaf->refers = what == 0 ? m->message : 0;
    if (what == 0)
        (void)snprintf(m->detail, sizeof m->detail, "scope=%" PRIu64, m->scope);
    else if (what == 1)
        (void)snprintf(m->detail, sizeof m->detail, "received=%" PRIu64 ",%" PRIu64, m->message - 4,
                       m->message);
    else
        (void)snprintf(m->detail, sizeof m->detail,
                       "scope=%" PRIu64 " cause=deadline method=key-erased level=file",
                       m->scope / 2);
}

static void make(struct making *m, struct leaf *leaf)
{
    const uint64_t step = m->next % 8;
    *leaf = (struct leaf){.index = m->next,
                          .time_us = FIRST_US + (int64_t)m->next * 3 * US_PER_S,
                          .policy = 7,
                          .recipient = &m->recipient,
                          .recipients = 1};
    memcpy(leaf->salt, &m->next, sizeof m->next);
    if (step % 3 == 0)
        make_message(m, leaf);
    else
        make_later(m, leaf, step == 7 ? 2 : (unsigned)(step % 3) - 1);
    if (step == 7)
        leaf->recipients = 0;
    leaf->detail = bytes_of_text(m->detail);
    m->next++;
}

/* ---- building */

struct built {
    int64_t us, cpu_us, longest_us; /* of a commit */
    uint64_t bytes;                 /* of the entries */
};

static void take(struct search *s, struct bytes entry, struct built *b)
{
    struct leaf leaf;
    struct leaf_room *room;
    const int64_t from = now_us(), cpu_from = cpu_us();
    check(leaf_read(entry, &leaf, &room) == RESULT_OK, "an entry was not read");
    check(search_take(s, &leaf) == RESULT_OK, "an entry was not taken");
    if (leaf.index % A_COMMIT == A_COMMIT - 1) {
        const int64_t at = now_us();
        check(search_settle(s) == RESULT_OK, "a commit failed");
        const int64_t took = now_us() - at;
        b->longest_us = took > b->longest_us ? took : b->longest_us;
    }
    leaf_room_free(room);
    b->us += now_us() - from;
    b->cpu_us += cpu_us() - cpu_from;
}

static void build(struct search *s, struct tiles *log, struct making *m, struct built *b)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    while (m->next < m->leaves) {
        struct leaf leaf;
        make(m, &leaf);
        buf_rewind(&entry);
        check(leaf_write(&leaf, &entry) == RESULT_OK, "an entry was not made");
        b->bytes += entry.n;
        take(s, buf_view(&entry), b);
        tiles_append(log, buf_view(&entry));
    }
    check(search_settle(s) == RESULT_OK, "the last commit failed");
    buf_free(&entry);
}

/* ---- asking */

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void tell(const char *name, int64_t took[TURNS])
{
    qsort(took, TURNS, sizeof *took, by_time);
    (void)printf(", \"%s_ms\": %.3f, \"%s_worst_ms\": %.3f", name, (double)took[TURNS / 2] / 1e3,
                 name, (double)took[TURNS - 1] / 1e3);
}

static void page(struct search *s, const char *name, const struct search_query *q, bool finds)
{
    uint64_t out[PAGE];
    int64_t took[TURNS];
    size_t found;
    bool more;
    for (int i = 0; i < TURNS; i++) {
        const int64_t from = now_us();
        check(search_find(s, q, out, PAGE, &found, &more) == RESULT_OK, "a query failed");
        took[i] = now_us() - from;
        check((found > 0) == finds, name);
    }
    tell(name, took);
}

static void chain(struct search *s, uint64_t leaves)
{
    uint64_t out[1000];
    int64_t took[TURNS];
    size_t found;
    bool more;
    for (int i = 0; i < TURNS; i++) {
        const uint64_t record = leaves / TURNS * (uint64_t)i / 8 * 8;
        const int64_t from = now_us();
        check(search_chain(s, record, out, 1000, &found, &more) == RESULT_OK, "a chain failed");
        took[i] = now_us() - from;
        check(found > 1, "a chain of nothing");
    }
    tell("chain", took);
}

static void add(void *arg, const struct search_tally *t)
{
    *(uint64_t *)arg += t->count;
}

static void count(struct search *s, const char *name, int64_t from_us, int64_t until_us)
{
    int64_t took[TURNS];
    for (int i = 0; i < TURNS; i++) {
        uint64_t sum = 0;
        const int64_t from = now_us();
        check(search_count(s, SEARCH_COUNT_FLOW, from_us, until_us, add, &sum) == RESULT_OK,
              "a count failed");
        took[i] = now_us() - from;
        check(sum > 0, name);
    }
    tell(name, took);
}

#define TERM(field, text)                                                                          \
    {                                                                                              \
        field, bytes_of_text(text)                                                                 \
    }

static void ask(struct search *s, const struct making *m)
{
    const int64_t end_us = FIRST_US + (int64_t)m->leaves * 3 * US_PER_S;
    struct search_query q = {.from_us = INT64_MIN, .until_us = INT64_MAX, .before = UINT64_MAX};
    page(s, "first", &q, true);
    q.terms = 3;
    q.term[0] = (struct search_term)TERM(SEARCH_EVENT, "received");
    q.term[1] = (struct search_term)TERM(SEARCH_SOURCE_PARTY, "party-03");
    q.term[2] = (struct search_term)TERM(SEARCH_REASON, "no-grant");
    page(s, "filtered", &q, true);
    q.from_us = FIRST_US + (end_us - FIRST_US) / 3 + 1;
    q.until_us = q.from_us + (end_us - FIRST_US) / 12;
    page(s, "month", &q, true);
    q.from_us = INT64_MIN;
    q.until_us = INT64_MAX;
    q.terms = 2; /* each of them in every chunk, never together */
    q.term[0] = (struct search_term)TERM(SEARCH_SOURCE_PARTY, "party-03");
    q.term[1] = (struct search_term)TERM(SEARCH_UNIT_PARTY, "party-20");
    page(s, "never", &q, false);
    q.terms = 1;
    q.term[0] = (struct search_term)TERM(SEARCH_ID, m->id);
    page(s, "id", &q, true);
    chain(s, m->leaves);
    count(s, "day", end_us - US_PER_DAY, end_us);
    count(s, "all", INT64_MIN, INT64_MAX);
}

static void told(const struct bench_page *p, int64_t *us, size_t n, size_t bytes)
{
    qsort(us, n, sizeof *us, by_time);
    (void)printf(", \"%s_page_ms\": %.3f, \"%s_page_worst_ms\": %.3f, \"%s_page_bytes\": %zu",
                 p->name, (double)us[n / 2] / 1e3, p->name, (double)us[n - 1] / 1e3, p->name,
                 bytes);
}

/* "from=2026-11-01T10:00:00Z&until=..." for the last day of the log; "+" would be a space. */
static void query_last_day(const struct making *m, char out[96])
{
    const time_t end = FIRST_US / US_PER_S + (time_t)m->leaves * 3, begin = end - 24 * 60 * 60;
    struct tm from, until;
    char first[32], last[32];
    (void)strftime(first, sizeof first, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&begin, &from));
    (void)strftime(last, sizeof last, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&end, &until));
    (void)snprintf(out, 96, "from=%s&until=%s", first, last);
}

static void look(struct search *s, int log, const struct making *m)
{
    char record[64], before[64], day[96];
    const struct bench_page page[] = {
        {"first", "/en/records", ""},
        {"filtered", "/en/records", "event=received&source-party=party-03&reason=no-grant"},
        {"middle", "/en/records", before},
        {"record", record, ""},
        {"picture", "/en/picture", day}};
    query_last_day(m, day);
    (void)snprintf(before, sizeof before, "before=%" PRIu64, m->leaves / 2);
    (void)snprintf(record, sizeof record, "/en/record/%" PRIu64, m->leaves / 3 / 8 * 8);
    pages_ask(log, ORIGIN, s, page, sizeof page / sizeof *page, TURNS, told);
}

static int folder_in(const char *folder, const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    check(mkdir(path, 0700) == 0, path);
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(fd >= 0, path);
    return fd;
}

int main(int argc, char **argv)
{
    check(argc == 3, "usage: measure LEAVES FOLDER");
    struct making m = {.leaves = strtoull(argv[1], NULL, 10), .seed = 7};
    struct built b = {0};
    struct search *s;
    struct stat st;
    check(m.leaves >= 10000, "LEAVES at least 10000");
    const int index = folder_in(argv[2], "index"), log = folder_in(argv[2], "log");
    struct tiles *files = files_begin(log);
    check(search_open(index, bytes_of_text(ORIGIN), NULL, &s) == RESULT_OK, "not opened");
    build(s, files, &m, &b);
    files_end(files, ORIGIN);
    const int64_t from = now_us();
    search_close(s);
    check(search_open(index, bytes_of_text(ORIGIN), NULL, &s) == RESULT_OK, "not reopened");
    const int64_t opened = now_us() - from;
    check(search_size(s) == m.leaves && fstatat(index, "search.db", &st, 0) == 0, "not there");
    (void)printf(
        "{\"leaves\": %" PRIu64 ", \"rate\": %.0f, \"cpu_rate\": %.0f, \"commit_worst_ms\": %.1f, "
        "\"entry_bytes\": %.1f, \"index_bytes\": %.1f, \"reopen_ms\": %.1f",
        m.leaves, (double)m.leaves * 1e6 / (double)b.us, (double)m.leaves * 1e6 / (double)b.cpu_us,
        (double)b.longest_us / 1e3, (double)b.bytes / (double)m.leaves,
        (double)st.st_size / (double)m.leaves, (double)opened / 1e3);
    ask(s, &m);
    look(s, log, &m);
    (void)printf("}\n");
    search_close(s);
    (void)close(index);
    (void)close(log);
    return 0;
}
