/*
 * Logs at random, and everything that can be asked of them, against looking at every entry: what is
 * found, in both directions and page by page; what is counted; and the chain of every record, as
 * report/chain.h makes it of all entries.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "crypto/init.h"
#include "report/chain.h"
#include "search/terms.h"

#include "support.h"

#include <stdlib.h>

enum { LEAVES = 3000, ROUNDS = 3, QUERIES = 250, TERMS = 48, TEXT = 256 };

static uint32_t seed;

static unsigned any(unsigned below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* ---- leaves that say things like those of a gateway */

static const char *const units[] = {POLICE, FIRE, CENTRE, "npa-daejeon/traffic", "unknown"};
static const char *const services[] = {"112-patrol", "119-dispatch", "disaster"};
static const char *const reasons[] = {"permitted", "permitted-emergency", "no-grant", "quarantined",
                                      "rate-exceeded"};
static const char *const incidents[] = {INCIDENT, FIRE ":019aa2b0-0000-7000-8000-000000000002"};
static const char *const steps[] = {"reopen", "assign", "close"};

#define ANY(list) W((list)[any(ARRAY_LEN(list))])

static const enum audit_event events[] = {AUDIT_RECEIVED,
                                          AUDIT_RECEIVED,
                                          AUDIT_RECEIVED,
                                          AUDIT_RELEASED,
                                          AUDIT_RELEASED,
                                          AUDIT_RELEASED,
                                          AUDIT_ACKNOWLEDGED,
                                          AUDIT_SET_ASIDE,
                                          AUDIT_EXPIRED,
                                          AUDIT_DESTROYED,
                                          AUDIT_INCIDENT_ENDED,
                                          AUDIT_INCIDENT_CHANGED,
                                          AUDIT_STREAM_OPENED,
                                          AUDIT_WATCH_OPENED,
                                          AUDIT_WATCH_SUMMARY,
                                          AUDIT_WATCH_ENDED,
                                          AUDIT_WATCH_REFUSED,
                                          AUDIT_STREAM_REFUSED,
                                          AUDIT_ORDERED,
                                          AUDIT_RECIPIENT_DESTROYED,
                                          AUDIT_NEVER_STORED,
                                          AUDIT_RETAINED,
                                          AUDIT_RECEIPT_OVERDUE,
                                          AUDIT_VAULT_STORED,
                                          AUDIT_OPENED,
                                          AUDIT_OPENING_REFUSED,
                                          AUDIT_ACT,
                                          AUDIT_HELD_ENDED,
                                          AUDIT_SUPERSEDED,
                                          AUDIT_SESSION_OPENED};

struct log_leaf {
    struct leaf leaf;
    struct leaf_recipient recipient[3];
    struct bytes incident[2];
    char id[24], detail[TEXT];
};

/* One of forty: as ledgers draw them, of 63 bits. */
static unsigned long long any_scope(void)
{
    return (any(40) + 1) * 0x9e3779b97f4a7c15ULL >> 1;
}

static uint64_t before(const struct bench *b)
{
    const unsigned back = any(any(4) == 0 ? 2000 : 30) + 1;
    return b->next > back ? b->next - back : 0;
}

static size_t put_list(struct bench *b, const char *word, char *out, size_t n)
{
    uint64_t from = before(b), to = from + any(40);
    return (size_t)snprintf(out, n, "%s=%llu,%llu-%llu", word, (unsigned long long)before(b),
                            (unsigned long long)from, (unsigned long long)to);
}

static void say_detail(struct bench *b, struct log_leaf *l)
{
    char *d = l->detail;
    switch (l->leaf.event) {
    case AUDIT_RECEIVED:
    case AUDIT_STREAM_OPENED:
        if (any(3) > 0)
            (void)snprintf(d, TEXT, "scopes=%llu,%llu", any_scope(), any_scope());
        break;
    case AUDIT_RELEASED:
    case AUDIT_WATCH_OPENED:
    case AUDIT_EXPIRED: (void)snprintf(d, TEXT, "scope=%llu released=no", any_scope()); break;
    case AUDIT_DESTROYED:
        (void)snprintf(d, TEXT, "scope=%llu scope=%llu cause=deadline method=key-erased level=file",
                       any_scope(), any_scope());
        break;
    case AUDIT_ACKNOWLEDGED:
    case AUDIT_SET_ASIDE: (void)put_list(b, "received", d, TEXT); break;
    case AUDIT_ORDERED:
    case AUDIT_RECIPIENT_DESTROYED:
    case AUDIT_NEVER_STORED:
    case AUDIT_RETAINED:
    case AUDIT_RECEIPT_OVERDUE: {
        const int n = snprintf(d, TEXT, "order=o%u ", any(50));
        (void)put_list(b, "items", d + n, TEXT - (size_t)n);
        break;
    }
    case AUDIT_INCIDENT_CHANGED: (void)snprintf(d, TEXT, "step=%s", steps[any(3)]); break;
    case AUDIT_SUPERSEDED:
        (void)snprintf(d, TEXT, "scope=3 newer=%llu", (unsigned long long)before(b));
        break;
    default: break;
    }
    l->leaf.detail = W(d);
}

static void make(struct bench *b, struct log_leaf *l)
{
    *l = (struct log_leaf){.leaf = {.event = events[any(ARRAY_LEN(events))],
                                    .recipient = l->recipient,
                                    .incident = l->incident,
                                    .size = any(1000)}};
    /* now and then back, never below 1970 */
    l->leaf.time_us = TEN + (int64_t)b->next * 97 * US_PER_S - (int64_t)any(2) * US_PER_HOUR;
    if (any(5) > 0)
        l->leaf.source = ANY(units);
    if (any(3) > 0)
        l->leaf.service = ANY(services);
    if (any(2) > 0)
        l->leaf.kind = any(2) > 0 ? W("alert") : W("position");
    if (any(2) > 0) {
        (void)snprintf(l->id, sizeof l->id, "m%u", any(500));
        l->leaf.id = W(l->id);
    }
    l->leaf.recipients = any(3) == 0 ? any(4) : 1;
    for (size_t i = 0; i < l->leaf.recipients; i++)
        l->recipient[i] = (struct leaf_recipient){
            .unit = ANY(units), .reason = ANY(reasons), .clause = W("rescue#alerts")};
    l->leaf.incidents = any(3);
    for (size_t i = 0; i < l->leaf.incidents; i++)
        l->incident[i] = ANY(incidents);
    l->leaf.has_refers = any(3) > 0;
    l->leaf.refers = before(b);
    say_detail(b, l);
}

static void fill(struct bench *b, struct log_leaf *log)
{
    for (unsigned i = 0; i < LEAVES; i++) {
        make(b, &log[i]);
        log[i].leaf.index = add(b, log[i].leaf);
        if (any(4) == 0) /* few that are far apart, and what a chunk's end does */
            b->next += any(50) == 0 ? 40000 : 1;
        if (any(100) == 0)
            settle(b);
        if (any(700) == 0) {
            settle(b);
            search_close(b->s);
            reopen(b);
        }
    }
    settle(b);
}

/* ---- looking at every entry */

struct looking {
    const struct search_term *t;
    bool is_found;
};

static void compare_term(void *arg, const struct term *t)
{
    struct looking *l = arg;
    uint64_t number;
    if (t->field != (unsigned)l->t->field || t->is_onward)
        return;
    if (t->is_number)
        l->is_found |=
            term_read_number(t->field, l->t->value, &number) && number >> t->level == t->number;
    else
        l->is_found |= bytes_equal(t->text, l->t->value);
}

static bool matches(const struct leaf *leaf, const struct search_query *q)
{
    for (size_t i = 0; i < q->terms; i++) {
        struct looking l = {&q->term[i], false};
        terms_each(leaf, compare_term, &l);
        if (!l.is_found)
            return false;
    }
    return leaf->time_us >= q->from_us && leaf->time_us < q->until_us &&
           (q->oldest_first ? leaf->index >= q->after : leaf->index < q->before);
}

struct choosing {
    unsigned left;
    struct search_term out;
    char text[TEXT];
};

/* A term that an entry has. */
static void choose_term(void *arg, const struct term *t)
{
    struct choosing *c = arg;
    if (t->is_onward || t->field >= SEARCH_FIELDS || c->left-- != 0)
        return;
    if (t->is_number)
        (void)snprintf(c->text, TEXT, "%llu", (unsigned long long)(t->number << t->level));
    else
        (void)snprintf(c->text, TEXT, "%.*s", (int)t->text.n, (const char *)t->text.p);
    c->out = (struct search_term){(enum search_field)t->field, W(c->text)};
}

static void make_query(const struct log_leaf *log, struct search_query *q, struct choosing *c)
{
    const struct leaf *at = &log[any(LEAVES)].leaf;
    *q = (struct search_query){.from_us = INT64_MIN,
                               .until_us = INT64_MAX,
                               .before = any(3) > 0 ? UINT64_MAX : log[any(LEAVES)].leaf.index,
                               .oldest_first = any(2) > 0,
                               .after = any(3) > 0 ? 0 : log[any(LEAVES)].leaf.index};
    for (unsigned n = any(4); q->terms < n;) {
        c[q->terms] = (struct choosing){.left = any(12)};
        terms_each(any(6) == 0 ? &log[any(LEAVES)].leaf : at, choose_term, &c[q->terms]);
        if (c[q->terms].out.value.n == 0)
            continue;
        q->term[q->terms] = c[q->terms].out;
        q->terms++;
    }
    if (any(2) > 0)
        q->from_us = log[any(LEAVES)].leaf.time_us;
    if (any(2) > 0)
        q->until_us = log[any(LEAVES)].leaf.time_us + any(2);
}

static void compare_query(const struct bench *b, const struct log_leaf *log, struct search_query q)
{
    uint64_t page[64], reached;
    size_t found = 0, at = 0, room = any(60) + 1;
    bool more = true;
    if (any(2) > 0)
        q.reached = &reached;
    const struct search_query whole = q;
    for (unsigned i = 0; i < LEAVES; i++) {
        const struct leaf *leaf = &log[q.oldest_first ? i : LEAVES - 1 - i].leaf;
        if (!matches(leaf, &whole))
            continue;
        if (at == found) {
            assert_true(more);
            assert_int_equal(search_find(b->s, &q, page, room, &found, &more), RESULT_OK);
            assert_true(found > 0 && (found == room || !more));
            q.before = q.reached != NULL && more ? reached : page[found - 1];
            q.after = q.reached != NULL && more ? reached : page[found - 1] + 1;
            at = 0;
        }
        assert_int_equal(page[at++], leaf->index);
    }
    if (more && found == 0)
        assert_int_equal(search_find(b->s, &q, page, room, &found, &more), RESULT_OK);
    assert_int_equal(at, found);
    assert_false(more);
}

/* ---- counts */

struct counting {
    const struct log_leaf *log;
    enum search_count what;
    int64_t from_us, until_us;
    const struct search_tally *t;
    struct search_tally is;
    uint64_t told, all; /* together */
    const struct leaf *leaf;
};

static void count_one(void *arg, const struct term_count *n)
{
    struct counting *c = arg;
    const int64_t hour = c->leaf->time_us / US_PER_HOUR * US_PER_HOUR;
    if (n->what != c->what || hour < c->from_us || hour >= c->until_us)
        return;
    c->all++;
    if (c->t == NULL || !bytes_equal(n->value, c->t->value) ||
        !bytes_equal(n->second, c->t->second) || !bytes_equal(n->third, c->t->third))
        return;
    c->is.count++;
    c->is.bytes += n->bytes;
    c->is.last = c->leaf->index;
}

static void count_all(struct counting *c)
{
    c->is = (struct search_tally){0};
    c->all = 0;
    for (unsigned i = 0; i < LEAVES; i++) {
        c->leaf = &c->log[i].leaf;
        terms_each_count(c->leaf, count_one, c);
    }
}

static void compare_tally(void *arg, const struct search_tally *t)
{
    struct counting *c = arg;
    c->t = t;
    count_all(c);
    assert_int_equal(c->is.count, t->count);
    assert_int_equal(c->is.bytes, t->bytes);
    assert_int_equal(c->is.last, t->last);
    c->told += t->count;
}

static void compare_counts(const struct bench *b, const struct log_leaf *log)
{
    struct counting c = {.log = log,
                         .what = (enum search_count)any(SEARCH_COUNTS),
                         .from_us = INT64_MIN,
                         .until_us = INT64_MAX};
    if (any(4) > 0)
        c.from_us = log[any(LEAVES)].leaf.time_us;
    if (any(4) > 0)
        c.until_us = log[any(LEAVES)].leaf.time_us;
    assert_int_equal(search_count(b->s, c.what, c.from_us, c.until_us, compare_tally, &c),
                     RESULT_OK);
    c.t = NULL;
    count_all(&c);
    assert_int_equal(c.told, c.all);
}

/* ---- chains */

static void compare_chain(const struct bench *b, const struct log_leaf *log, const struct leaf *of)
{
    uint64_t *member = mem_new_array(LEAVES, sizeof *member);
    struct chain *c = chain_new(of->index);
    size_t found, at = 0;
    bool more;
    assert_int_equal(search_chain(b->s, of->index, member, LEAVES, &found, &more), RESULT_OK);
    assert_false(more);
    for (size_t i = 1; i < found; i++)
        assert_true(member[i] > member[i - 1]);
    for (unsigned i = 0; i < LEAVES; i++) {
        while (at < found && member[at] < log[i].leaf.index)
            at++;
        if (chain_take(c, &log[i].leaf))
            assert_true(at < found && member[at] == log[i].leaf.index);
    }
    chain_free(c);
    mem_free(member);
}

static void everything_is_as_if_every_entry_was_looked_at(void **state)
{
    (void)state;
    struct log_leaf *log = mem_new_array(LEAVES, sizeof *log);
    const char *given = getenv("SEARCH_SEED");
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct bench b;
        struct search_query q;
        struct choosing terms[4];
        seed = (given != NULL ? (uint32_t)strtoul(given, NULL, 10) : 7) + round;
        print_message("seed %u\n", seed);
        bench_init(&b);
        fill(&b, log);
        for (unsigned i = 0; i < QUERIES; i++) {
            make_query(log, &q, terms);
            compare_query(&b, log, q);
        }
        for (unsigned i = 0; i < 12; i++)
            compare_counts(&b, log);
        for (unsigned i = 0; i < LEAVES; i += 1 + any(20))
            if (chain_is_root(&log[i].leaf))
                compare_chain(&b, log, &log[i].leaf);
        bench_free(&b);
    }
    mem_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_as_if_every_entry_was_looked_at),
    };
    return crypto_init() == RESULT_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
