/*
 * An edge whose ledger and keeper are the test: what the edge tells the ledger is kept until the
 * test answers it, the keeper may be away, and the clocks stand still. The policy set is the one of
 * policy/; who takes part is 112 (npa-daejeon/112-control) and the city centre
 * (daejeon-city-center/video-monitoring).
 */
#ifndef FEDGATE_TESTS_SERVICE_DESK_H
#define FEDGATE_TESTS_SERVICE_DESK_H

#include "audit/leaf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/init.h"
#include "crypto/mac.h"
#include "crypto/random.h"
#include "incident/incident.h"
#include "ipc/keys.h"
#include "net/grpc.h"
#include "policy/compile.h"
#include "service/edge.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>
#include <unistd.h>

#include <cmocka.h>

#define DESK_NOW INT64_C(1795222800000000) /* 2026-11-21T10:00:00+09:00 */
#define POLICE   "npa-daejeon/112-control"
#define CENTRE   "daejeon-city-center/video-monitoring"

/* A message to the ledger. */
struct letter {
    enum ipc_type type;
    struct buf body;
    TAILQ_ENTRY(letter) next;
};

struct desk {
    int64_t wall_us, steady_us;
    struct edge *edge;
    struct buf snapshot;
    TAILQ_HEAD(letters, letter) told; /* by the edge, the oldest first */
    struct letter *last;              /* that desk_told gave out */
    unsigned recorded[256];           /* events that it asked for, by number */
    uint64_t next_index;              /* of a leaf */
    bool keeper_is_away;
    unsigned keeper_asked; /* questions about scopes */
    struct keys_scope scope[16];
    uint8_t tuple[16][ROAD_DIGEST];
    size_t scopes;
    struct session *closing; /* the session that the edge wants closed */
    unsigned withdrawals;    /* that it asked for; before the last one it */
    bool wiped_before;       /* had said to the ledger that it has wiped */
};

/* ---- the edge's surroundings */

static inline int64_t desk_wall(void *arg)
{
    return ((struct desk *)arg)->wall_us;
}

static inline int64_t desk_steady(void *arg)
{
    return ((struct desk *)arg)->steady_us;
}

static inline void desk_tell_ledger(void *arg, enum ipc_type type, struct bytes body)
{
    struct desk *d = arg;
    struct letter *l = mem_new(sizeof *l);
    *l = (struct letter){.type = type, .body = BUF_INIT(CHANNEL_MESSAGE_MAX)};
    buf_put(&l->body, body.p, body.n);
    TAILQ_INSERT_TAIL(&d->told, l, next);
    if (type == IPC_EVENT) {
        struct cursor in = cursor_over(body);
        struct road_event e;
        assert_int_equal(road_event_take(&in, &e), RESULT_OK);
        d->recorded[e.event]++;
    }
}

static inline size_t desk_scope_of(const struct desk *d, enum ipc_type type, struct bytes question)
{
    struct cursor in = cursor_over(question);
    uint64_t id = 0;
    if (type == IPC_SCOPE_GET)
        assert_int_equal(cursor_u64(&in, &id), RESULT_OK);
    for (size_t i = 0; i < d->scopes; i++)
        if (type == IPC_SCOPE_GET ? d->scope[i].id == id
                                  : memcmp(d->tuple[i], question.p, ROAD_DIGEST) == 0)
            return i;
    return d->scopes;
}

static inline enum result desk_ask_keeper(void *arg, enum ipc_type type, struct bytes body,
                                          enum ipc_type expected, struct buf *reply)
{
    struct desk *d = arg;
    (void)expected;
    if (d->keeper_is_away)
        return RESULT_UNAVAILABLE;
    if (type == IPC_EDGE_KEYS) {
        static const uint8_t key[KEY_BYTES] = {1, 2, 3};
        buf_put(reply, key, sizeof key);
        return RESULT_OK;
    }
    d->keeper_asked++;
    size_t i = desk_scope_of(d, type, body);
    struct keys_scope none = {0};
    if (i == d->scopes && type == IPC_SCOPE_FOR) {
        assert_true(i < ARRAY_LEN(d->scope));
        d->scope[i] = (struct keys_scope){.id = 100 + i, .generation = 1};
        random_fill(d->scope[i].key, ROAD_KEY);
        memcpy(d->tuple[i], body.p, ROAD_DIGEST);
        d->scopes++;
    }
    keys_scope_put(i < d->scopes ? &d->scope[i] : &none, reply);
    return RESULT_OK;
}

/* The keys of all scopes are erased. */
static inline void desk_erase_keys(struct desk *d)
{
    d->scopes = 0;
}

static inline void desk_close_session(void *arg, struct session *s, const char *why)
{
    (void)why;
    ((struct desk *)arg)->closing = s;
}

static inline void desk_withdraw(void *arg)
{
    struct desk *d = arg;
    const struct letter *l = TAILQ_LAST(&d->told, letters);
    d->withdrawals++;
    d->wiped_before = l != NULL && l->type == IPC_WIPED;
}

static inline void desk_compile(struct desk *d, const char *folder)
{
    struct policy_sources sources = {.folder = open(folder, O_RDONLY | O_DIRECTORY),
                                     .crls = -1,
                                     .draft = true,
                                     .now_us = DESK_NOW};
    struct diagnose *diagnose = diagnose_new();
    struct policy_counts counts;
    assert_int_equal(policy_compile(&sources, diagnose, &d->snapshot, &counts), RESULT_OK);
    diagnose_free(diagnose);
    (void)close(sources.folder);
}

/* ---- the ledger's part */

static inline void desk_say(struct desk *d, enum ipc_type type, struct buf *body)
{
    const struct channel_message m = {type, buf_view(body), -1};
    assert_int_equal(buf_status(body), RESULT_OK);
    assert_int_equal(edge_ledger_said(d->edge, &m), RESULT_OK);
    buf_free(body);
}

static inline void desk_free_letter(struct letter *l)
{
    if (l != NULL)
        buf_free(&l->body);
    mem_free(l);
}

static inline bool desk_has_told(const struct desk *d, enum ipc_type type)
{
    const struct letter *l;
    TAILQ_FOREACH (l, &d->told, next)
        if (l->type == type)
            return true;
    return false;
}

/* The oldest message of this type, which is taken out; valid until the next is. */
static inline struct bytes desk_told(struct desk *d, enum ipc_type type)
{
    struct letter *l;
    TAILQ_FOREACH (l, &d->told, next)
        if (l->type == type)
            break;
    if (l == NULL)
        fail_msg("the ledger was not told %s", ipc_type_name(type));
    TAILQ_REMOVE(&d->told, l, next);
    desk_free_letter(d->last);
    d->last = l;
    return buf_view(&l->body);
}

static inline struct road_commit *desk_told_commit(struct desk *d)
{
    struct road_commit *c = mem_new(sizeof *c);
    struct cursor in = cursor_over(desk_told(d, IPC_COMMIT));
    assert_int_equal(road_commit_take(&in, c), RESULT_OK);
    return c;
}

static inline void desk_answer(struct desk *d, const struct road_committed *answer)
{
    struct buf out = BUF_INIT(1 << 16);
    road_committed_put(answer, &out);
    desk_say(d, IPC_COMMITTED, &out);
}

static inline void desk_commit(struct desk *d, uint64_t ticket, enum road_answer answer)
{
    const struct road_committed c = {
        .ticket = ticket, .answer = (uint8_t)answer, .index = d->next_index++};
    desk_answer(d, &c);
}

/* Answers the oldest COMMIT. */
static inline void desk_commit_next(struct desk *d, enum road_answer answer)
{
    struct road_commit *c = desk_told_commit(d);
    uint64_t ticket = c->ticket;
    mem_free(c);
    desk_commit(d, ticket, answer);
}

/* Every event that was asked for is on disk. */
static inline void desk_record_events(struct desk *d)
{
    while (desk_has_told(d, IPC_EVENT)) {
        struct cursor in = cursor_over(desk_told(d, IPC_EVENT));
        struct road_event e;
        struct buf out = BUF_INIT(64);
        assert_int_equal(road_event_take(&in, &e), RESULT_OK);
        buf_u64(&out, e.ticket);
        buf_u64(&out, d->next_index++);
        if (e.ticket != 0)
            desk_say(d, IPC_EVENT_DONE, &out);
        buf_free(&out);
    }
}

static inline void desk_ledger_comes(struct desk *d)
{
    struct buf none = BUF_INIT(1);
    edge_ledger_came(d->edge);
    (void)desk_told(d, IPC_VIEW);
    desk_say(d, IPC_VIEW_DONE, &none);
}

/* ---- beginning and end */

static inline struct policy *desk_policy(const struct desk *d)
{
    struct policy *p;
    assert_int_equal(policy_open(buf_view(&d->snapshot), &p), RESULT_OK);
    return p;
}

/* With so many offences, within that time, before a unit is suspended. */
static inline void desk_new_with(struct desk *d, unsigned offences, int64_t within_us)
{
    *d = (struct desk){
        .wall_us = DESK_NOW, .steady_us = US_PER_S, .snapshot = BUF_INIT(0), .next_index = 1};
    TAILQ_INIT(&d->told);
    assert_int_equal(crypto_init(), RESULT_OK);
    desk_compile(d, "policy");
    const struct edge_config config = {.clock = {desk_wall, desk_steady, d},
                                       .summary_every_us = US_PER_MINUTE,
                                       .watcher_queue = 1 << 20,
                                       .log_name = "fedgate.test/log",
                                       .offences = offences,
                                       .offences_within_us = within_us,
                                       .arg = d,
                                       .tell_ledger = desk_tell_ledger,
                                       .ask_keeper = desk_ask_keeper,
                                       .close_session = desk_close_session,
                                       .withdraw = desk_withdraw};
    assert_int_equal(edge_new(&config, desk_policy(d), &d->edge), RESULT_OK);
    desk_ledger_comes(d);
}

static inline void desk_new(struct desk *d)
{
    desk_new_with(d, 0, 0);
}

static inline void desk_free(struct desk *d)
{
    struct letter *l;
    edge_free(d->edge);
    while ((l = TAILQ_FIRST(&d->told)) != NULL) {
        TAILQ_REMOVE(&d->told, l, next);
        desk_free_letter(l);
    }
    desk_free_letter(d->last);
    buf_free(&d->snapshot);
}

static inline void desk_pass(struct desk *d, int64_t us)
{
    d->wall_us += us;
    d->steady_us += us;
    edge_tick(d->edge);
}

static inline struct session *desk_session(struct desk *d, const char *unit)
{
    return session_open(d->edge, policy_unit(edge_policy(d->edge), bytes_of_text(unit)),
                        "127.0.0.1");
}

#endif
