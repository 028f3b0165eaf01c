/* A ledger on temporary folders and a clock that the test turns, with a small keeper and an edge
 * that remembers what it was told. */
#ifndef FEDGATE_TESTS_LEDGER_SUPPORT_H
#define FEDGATE_TESTS_LEDGER_SUPPORT_H

#include "ledger/state.h"

#include "../journal/temp_folder.h"
#include "base/mem.h"
#include "crypto/box.h"
#include "crypto/init.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "ipc/half_road.h"
#include "ipc/keys.h"
#include "ipc/register.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define NOON     (INT64_C(1700000000) * US_PER_S)
#define CENTRE   "npa-daejeon/112-control"
#define FIRE     "daejeon-fire/119"
#define CAR      "npa-daejeon/patrol-7"
#define INCIDENT CENTRE ":019aa2b0-0000-7000-8000-000000000001"
#define LOG_NAME "fedgate.test/log"

#ifndef BENCH_SCOPES
#define BENCH_SCOPES 64
#endif
#ifndef BENCH_FOLDER
#define BENCH_FOLDER temp_folder_new
#endif
enum { SEGMENT = 64 << 10, SCOPES = BENCH_SCOPES, SAID = 4096 };

/* What the ledger told the edge. */
struct said {
    enum ipc_type type;
    struct bytes body; /* in memory of its own */
};

struct kept_scope {
    uint64_t id;
    uint8_t tuple[ROAD_DIGEST], key[KEY_BYTES];
    bool doomed;
};

struct bench {
    struct temp_folder journal, keys, audit;
    int64_t wall_us, steady_us;
    struct ledger_config config;
    struct ledger *l;
    struct journal_fault fault;

    /* the keeper; what is in `disk` outlives it */
    bool no_keeper, keeper_refuses, keeper_dies_at_rotation;
    struct {
        uint64_t generation;
        uint8_t secret[KEY_BYTES];
    } disk, next;
    struct kept_scope scope[SCOPES];
    size_t scopes;
    uint64_t made;     /* for the register */
    int64_t rewrap_us; /* how long it takes to wrap */

    /* the edge */
    struct said said[SAID];
    size_t saids, read;
    uint64_t next_ticket;
};

static inline int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* ---- the keeper */

static inline struct kept_scope *kept(struct bench *b, uint64_t id)
{
    for (size_t i = 0; i < b->scopes; i++)
        if (b->scope[i].id == id)
            return &b->scope[i];
    return NULL;
}

static inline enum result keeper_adopts(struct bench *b, struct cursor in, struct buf *reply)
{
    while (in.left > 0) {
        struct keys_slot slot;
        struct kept_scope x = {0};
        assert_int_equal(keys_slot_take(&in, &slot), RESULT_OK);
        if (slot.generation != b->disk.generation ||
            seal_unwrap(b->disk.secret, slot.id, slot.wrapped, x.key) != RESULT_OK) {
            buf_u64(reply, slot.id);
        } else if (kept(b, slot.id) == NULL) {
            x.id = slot.id;
            memcpy(x.tuple, slot.tuple, ROAD_DIGEST);
            assert_true(b->scopes < SCOPES);
            b->scope[b->scopes++] = x;
        }
    }
    return RESULT_OK;
}

static inline enum result keeper_rewraps(struct bench *b, struct cursor in, struct buf *reply)
{
    uint32_t count;
    uint64_t id;
    b->next.generation = b->disk.generation + 1;
    random_fill(b->next.secret, KEY_BYTES);
    buf_u64(reply, b->next.generation);
    for (unsigned list = 0; list < 2; list++) {
        assert_int_equal(cursor_u32(&in, &count), RESULT_OK);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(cursor_u64(&in, &id), RESULT_OK);
            struct kept_scope *x = kept(b, id);
            assert_non_null(x);
            x->doomed = x->doomed || list == 0;
            assert_true(x->doomed == (list == 0));
            struct keys_slot slot = {.id = id, .generation = b->next.generation};
            memcpy(slot.tuple, x->tuple, ROAD_DIGEST);
            seal_wrap(b->next.secret, id, x->key, slot.wrapped);
            if (list == 1)
                keys_slot_put(&slot, reply);
        }
    }
    assert_int_equal(in.left, 0);
    return RESULT_OK;
}

static inline enum result keeper_dooms(struct bench *b, struct cursor in)
{
    uint32_t count;
    uint64_t id;
    assert_int_equal(cursor_u32(&in, &count), RESULT_OK);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(cursor_u64(&in, &id), RESULT_OK);
        assert_non_null(kept(b, id));
        kept(b, id)->doomed = true;
    }
    assert_int_equal(in.left, 0);
    return RESULT_OK;
}

/* One key for one tuple, named by a number that no test gives. */
static inline enum result keeper_makes(struct bench *b, struct bytes tuple, struct buf *reply)
{
    size_t i = 0;
    while (i < b->scopes &&
           (b->scope[i].doomed || memcmp(b->scope[i].tuple, tuple.p, ROAD_DIGEST) != 0))
        i++;
    if (i == b->scopes) {
        assert_true(b->scopes < SCOPES);
        b->scope[b->scopes++] = (struct kept_scope){.id = 50000 + ++b->made};
        memcpy(b->scope[i].tuple, tuple.p, ROAD_DIGEST);
        memset(b->scope[i].key, (int)b->made, KEY_BYTES);
    }
    struct keys_slot slot = {.id = b->scope[i].id, .generation = b->disk.generation};
    memcpy(slot.tuple, tuple.p, ROAD_DIGEST);
    seal_wrap(b->disk.secret, slot.id, b->scope[i].key, slot.wrapped);
    keys_slot_put(&slot, reply);
    return RESULT_OK;
}

/* Sealed as the edge seals a fact; the commitment is of no interest here. */
static inline enum result keeper_seals(struct bench *b, struct cursor in, struct buf *reply)
{
    struct register_plain p;
    struct buf sealed = BUF_INIT(UINT16_MAX);
    assert_int_equal(register_plain_take(&in, &p), RESULT_OK);
    const struct kept_scope *x = kept(b, p.scope);
    if (x == NULL || x->doomed)
        return RESULT_OK;
    struct road_fact f = {.scope = x->id, .commitment = "committed to"};
    random_fill(f.seed, sizeof f.seed);
    seal_body(x->key, f.seed, bytes_of_text(REGISTER_CONTEXT), p.fact,
              buf_extend(&sealed, p.fact.n + SEAL_TAG));
    f.sealed = buf_view(&sealed);
    road_fact_put(&f, reply);
    buf_free(&sealed);
    return RESULT_OK;
}

/* A half that says whose it is, under a scope that only vaults have. */
static inline enum result keeper_halves(struct bench *b, struct cursor in, struct buf *reply)
{
    struct half_make m;
    uint8_t half[HALF_BYTES];
    assert_int_equal(half_make_take(&in, &m), RESULT_OK);
    const struct kept_scope *x = kept(b, m.scope);
    if (x == NULL || x->doomed)
        return RESULT_OK;
    assert_true(half_is_tuple(x->tuple));
    memset(half, (int)m.index, sizeof half);
    half[0] = x->key[0];
    return box_seal(m.reader, bytes_of(half, sizeof half), buf_extend(reply, HALF_BOX));
}

static inline enum result keeper_rotates(struct bench *b, struct buf *reply)
{
    size_t left = 0;
    memcpy(&b->disk, &b->next, sizeof b->disk);
    for (size_t i = 0; i < b->scopes; i++)
        if (!b->scope[i].doomed)
            b->scope[left++] = b->scope[i];
    b->scopes = left;
    buf_u64(reply, b->disk.generation);
    return b->keeper_dies_at_rotation ? RESULT_UNAVAILABLE : RESULT_OK;
}

static const uint8_t log_seed[SIGN_SEED] = "the log's key";

static inline enum result keeper_signs(const struct bench *b, struct cursor in, struct buf *reply)
{
    struct keys_checkpoint asked;
    struct checkpoint c = {.origin = bytes_of_text(LOG_NAME)};
    struct buf text = BUF_INIT(1000);
    uint8_t signature[SIGN_SIGNATURE];
    assert_int_equal(keys_checkpoint_take(&in, &asked), RESULT_OK);
    c.size = asked.size;
    memcpy(c.root.b, asked.root, TREE_HASH);
    checkpoint_put(&c, &text);
    sign_make(log_seed, buf_view(&text), signature);
    buf_put(reply, signature, b->keeper_refuses ? 0 : sizeof signature);
    buf_free(&text);
    return RESULT_OK;
}

static inline enum result bench_ask(void *arg, enum ipc_type type, struct bytes body,
                                    enum ipc_type expected, struct buf *reply)
{
    struct bench *b = arg;
    struct cursor in = cursor_over(body);
    struct keys_ledger keys = {.generation = b->disk.generation};
    (void)expected;
    buf_clear(reply);
    if (b->no_keeper)
        return RESULT_UNAVAILABLE;
    switch (type) {
    case IPC_LEDGER_KEYS:
        memset(keys.mac_key, 'm', ROAD_KEY);
        sign_public_of(log_seed, keys.log_public_key);
        keys_ledger_put(&keys, reply);
        return RESULT_OK;
    case IPC_SCOPES_LOAD: b->scopes = 0; return keeper_adopts(b, in, reply);
    case IPC_SCOPES_ADOPT: return keeper_adopts(b, in, reply);
    case IPC_SCOPES_DOOM: return keeper_dooms(b, in);
    case IPC_SCOPES_REWRAP:
        b->wall_us += b->rewrap_us;
        b->steady_us += b->rewrap_us;
        return keeper_rewraps(b, in, reply);
    case IPC_SECRET_ROTATE: return keeper_rotates(b, reply);
    case IPC_REGISTER_OPEN: buf_put(reply, body.p, body.n); return RESULT_OK;
    case IPC_REGISTER_MAKE: return keeper_makes(b, body, reply);
    case IPC_REGISTER_SEAL: return keeper_seals(b, in, reply);
    case IPC_HALF_MAKE: return keeper_halves(b, in, reply);
    case IPC_CHECKPOINT_SIGN: return keeper_signs(b, in, reply);
    default: fail(); return RESULT_STATE;
    }
}

/* ---- the edge */

static inline void bench_emit(void *arg, enum ipc_type type, struct bytes body)
{
    struct bench *b = arg;
    assert_true(b->saids < SAID);
    b->said[b->saids++] = (struct said){type, bytes_of(mem_text(body.p, body.n), body.n)};
}

static inline void forget_said(struct bench *b)
{
    for (size_t i = 0; i < b->saids; i++)
        mem_free((void *)(uintptr_t)b->said[i].body.p);
    b->saids = b->read = 0;
}

/* The next message of this type, from the first not read on; others are passed over. */
static inline struct bytes heard(struct bench *b, enum ipc_type type)
{
    while (b->read < b->saids)
        if (b->said[b->read++].type == type)
            return b->said[b->read - 1].body;
    return bytes_of(NULL, 0);
}

static inline size_t count_said(const struct bench *b, enum ipc_type type)
{
    size_t count = 0;
    for (size_t i = b->read; i < b->saids; i++)
        count += b->said[i].type == type;
    return count;
}

/* ---- the bench */

static inline int64_t bench_wall(void *arg)
{
    return ((struct bench *)arg)->wall_us;
}

static inline int64_t bench_steady(void *arg)
{
    return ((struct bench *)arg)->steady_us;
}

static inline enum result bench_open(struct bench *b)
{
    enum result r = ledger_open(&b->config, &b->l, &b->fault);
    if (r == RESULT_OK)
        ledger_edge_came(b->l);
    return r;
}

/* Its folders, without a ledger. */
static inline void bench_prepare(struct bench *b, uint32_t segment_bytes)
{
    memset(b, 0, sizeof *b);
    b->journal = BENCH_FOLDER();
    b->keys = BENCH_FOLDER();
    b->audit = BENCH_FOLDER();
    b->wall_us = NOON;
    b->steady_us = US_PER_S;
    b->disk.generation = 1;
    memset(b->disk.secret, 's', KEY_BYTES);
    b->config = (struct ledger_config){.journal_folder = b->journal.fd,
                                       .key_folder = b->keys.fd,
                                       .audit_folder = b->audit.fd,
                                       .segment_bytes = segment_bytes,
                                       .checkpoint_every_us = US_PER_S,
                                       .log_name = LOG_NAME,
                                       .clock = {bench_wall, bench_steady, b},
                                       .arg = b,
                                       .ask = bench_ask,
                                       .emit = bench_emit};
}

static inline void bench_init(struct bench *b)
{
    bench_prepare(b, SEGMENT);
    assert_int_equal(bench_open(b), RESULT_OK);
}

/* As kill -9 and a new start. */
static inline void bench_restart(struct bench *b)
{
    ledger_close(b->l);
    b->l = NULL;
    forget_said(b);
    assert_int_equal(bench_open(b), RESULT_OK);
}

static inline void bench_free(struct bench *b)
{
    ledger_close(b->l);
    forget_said(b);
    temp_folder_free(&b->journal);
    temp_folder_free(&b->keys);
    temp_folder_free(&b->audit);
}

static inline void turn(struct bench *b)
{
    assert_int_equal(ledger_turn(b->l), RESULT_OK);
}

static inline void advance(struct bench *b, int64_t us)
{
    b->wall_us += us;
    b->steady_us += us;
    turn(b);
}

static inline enum result tell(struct bench *b, enum ipc_type type, struct bytes body)
{
    const struct channel_message m = {type, body, -1};
    return ledger_handle(b->l, &m);
}

/* As many scopes as that, of whatever. */
static inline void fill_scopes(struct bench *b, size_t count)
{
    for (uint64_t id = 1; spool_scopes_count(b->l->scopes) < count; id++) {
        const struct road_scope x = {.id = id << 40, .deadline_us = NOON + US_PER_DAY};
        assert_non_null(spool_scopes_add(b->l->scopes, &x));
    }
}

/* The same of one party's share. */
static inline void fill_share(struct bench *b, const char *party, size_t count)
{
    for (uint64_t id = 1; spool_scopes_share(b->l->scopes, bytes_of_text(party)) < count; id++) {
        const struct road_scope x = {.id = id << 20, .deadline_us = NOON + US_PER_DAY};
        struct spool_scope *scope = spool_scopes_add(b->l->scopes, &x);
        if (scope != NULL)
            spool_scope_charge(b->l->scopes, scope, bytes_of_text(party));
    }
}

/* ---- messages of an edge */

/* A message of CENTRE to FIRE, with one body under `scope`. */
static inline void make_commit(struct bench *b, uint8_t id, uint64_t scope, struct road_commit *c)
{
    *c = (struct road_commit){.ticket = ++b->next_ticket,
                              .envelope = {.source = bytes_of_text(CENTRE),
                                           .kind = bytes_of_text("incident_report"),
                                           .status = bytes_of_text("actual"),
                                           .lane = 1,
                                           .size = 100},
                              .at_us = b->wall_us,
                              .verdict = ROAD_ACCEPTED,
                              .remembered = true,
                              .recipients = 1,
                              .bodies = 1};
    c->envelope.id.b[0] = id;
    c->content[0] = id;
    c->recipient[0] = (struct road_recipient){.unit = bytes_of_text(FIRE),
                                              .reason = bytes_of_text("permitted"),
                                              .permitted = true,
                                              .deadline_us = NOON + US_PER_HOUR};
    c->body[0] = (struct road_body){.scope = scope, .sealed = bytes_of_text("sealed bytes")};
}

/* With a new scope in front, as the keeper would have wrapped it. */
static inline void with_scope(const struct bench *b, struct road_commit *c, uint64_t id)
{
    uint8_t key[KEY_BYTES];
    struct road_scope *x = &c->scope[c->scopes++];
    *x = (struct road_scope){
        .id = id, .deadline_us = NOON + US_PER_HOUR, .generation = b->disk.generation};
    memset(x->tuple, (int)id, ROAD_DIGEST);
    memset(key, (int)id, sizeof key);
    seal_wrap(b->disk.secret, id, key, x->wrapped);
}

static inline enum result send_commit(struct bench *b, const struct road_commit *c)
{
    struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX);
    road_commit_put(c, &body);
    assert_int_equal(buf_status(&body), RESULT_OK);
    enum result r = tell(b, IPC_COMMIT, buf_view(&body));
    buf_free(&body);
    return r;
}

/* The next COMMITTED that was said. */
static inline struct road_committed committed(struct bench *b)
{
    struct road_committed out;
    struct cursor in = cursor_over(heard(b, IPC_COMMITTED));
    assert_int_equal(road_committed_take(&in, &out), RESULT_OK);
    return out;
}

/* Sends, turns, and returns the answer. */
static inline struct road_committed commit(struct bench *b, const struct road_commit *c)
{
    assert_int_equal(send_commit(b, c), RESULT_OK);
    turn(b);
    return committed(b);
}

/* A message with a scope of its own, on disk. */
static inline void publish(struct bench *b, uint8_t id)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
}

/* A change of the incident by its owner, on disk. */
static inline void move_incident(struct bench *b, uint8_t id, enum incident_step step)
{
    struct road_commit c;
    struct buf room = BUF_INIT(4096);
    const struct incident_change x = {.step = step,
                                      .id = bytes_of_text(INCIDENT),
                                      .by = bytes_of_text(CENTRE),
                                      .type = bytes_of_text(step == INCIDENT_OPEN ? "fire" : ""),
                                      .at_us = b->wall_us};
    make_commit(b, id, 0, &c);
    c.recipient[0].unit = bytes_of_text("gateway/self");
    c.bodies = 0;
    incident_change_put(&x, &room);
    c.change[c.changes++] = buf_view(&room);
    assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
    buf_free(&room);
}

static inline enum result subscribe(struct bench *b, uint64_t consumer, const char *unit,
                                    const char *queue)
{
    const struct road_subscribe s = {.consumer = consumer,
                                     .unit = bytes_of_text(unit),
                                     .queue = bytes_of_text(queue),
                                     .most = 100,
                                     .most_bytes = 1 << 20};
    struct buf body = BUF_INIT(4096);
    road_subscribe_put(&s, &body);
    enum result r = tell(b, IPC_SUBSCRIBE, buf_view(&body));
    buf_free(&body);
    return r;
}

/* The next DELIVER that was said; its views last until forget_said. */
static inline struct road_deliver delivered(struct bench *b)
{
    struct road_deliver d;
    struct cursor in = cursor_over(heard(b, IPC_DELIVER));
    assert_int_equal(road_deliver_take(&in, &d), RESULT_OK);
    return d;
}

static inline void send_release(struct bench *b, const struct road_deliver *d, bool permitted)
{
    const struct road_release r = {.consumer = d->consumer,
                                   .entry = d->entry,
                                   .permitted = permitted,
                                   .reason = bytes_of_text(permitted ? "permitted" : "no-grant"),
                                   .size = 100,
                                   .at_us = b->wall_us};
    struct buf body = BUF_INIT(4096);
    road_release_put(&r, &body);
    assert_int_equal(tell(b, IPC_RELEASE, buf_view(&body)), RESULT_OK);
    buf_free(&body);
}

static inline struct road_released released(struct bench *b)
{
    struct road_released r;
    struct cursor in = cursor_over(heard(b, IPC_RELEASED));
    assert_int_equal(road_released_take(&in, &r), RESULT_OK);
    return r;
}

static inline void acknowledge(struct bench *b, const struct road_deliver *d, uint8_t refuse)
{
    const struct road_ack a = {
        .consumer = d->consumer, .refuse = refuse, .entry = {d->entry}, .entries = 1};
    struct buf body = BUF_INIT(4096);
    road_ack_put(&a, &body);
    assert_int_equal(tell(b, IPC_ACK, buf_view(&body)), RESULT_OK);
    buf_free(&body);
}

static inline enum result send_event(struct bench *b, enum audit_event event, uint64_t ticket,
                                     uint64_t refers, int64_t at_us)
{
    const struct road_event e = {.ticket = ticket,
                                 .event = (uint8_t)event,
                                 .envelope = {.source = bytes_of_text(CAR)},
                                 .at_us = at_us,
                                 .unit = bytes_of_text(CENTRE),
                                 .refers = refers};
    struct buf body = BUF_INIT(4096);
    road_event_put(&e, &body);
    enum result r = tell(b, IPC_EVENT, buf_view(&body));
    buf_free(&body);
    return r;
}

/* An event that is recorded; the leaf of it. */
static inline uint64_t record_event(struct bench *b, const struct road_event *e)
{
    struct buf body = BUF_INIT(4096);
    uint64_t ticket, index;
    road_event_put(e, &body);
    assert_int_equal(tell(b, IPC_EVENT, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    turn(b);
    struct cursor in = cursor_over(heard(b, IPC_EVENT_DONE));
    assert_int_equal(cursor_u64(&in, &ticket), RESULT_OK);
    assert_int_equal(ticket, e->ticket);
    assert_int_equal(cursor_u64(&in, &index), RESULT_OK);
    return index;
}

/* FIRE watches something of the centre's, under these terms and a clause that asks for a receipt
 * within a day, and may keep it until then, an hour from noon at most; the leaf of its beginning.
 */
static inline uint64_t watch_under(struct bench *b, struct road_scope terms, char tuple)
{
    terms.id = 1;
    terms.deadline_us = NOON + US_PER_HOUR;
    memset(terms.tuple, tuple, ROAD_DIGEST);
    return record_event(b, &(struct road_event){.ticket = ++b->next_ticket,
                                                .event = AUDIT_WATCH_OPENED,
                                                .envelope = {.source = bytes_of_text(CENTRE)},
                                                .at_us = b->wall_us,
                                                .unit = bytes_of_text(FIRE),
                                                .clause = bytes_of_text("mou-1#scene"),
                                                .owes = true,
                                                .receipt_within_us = US_PER_DAY,
                                                .terms = terms});
}

/* The next DELIVER that was said is an order, for this alone. */
static inline struct road_order ordered_alone(struct bench *b, uint64_t item)
{
    const struct road_deliver d = delivered(b);
    assert_true(d.is_order);
    assert_int_equal(road_items(d.order.items), 1);
    assert_int_equal(road_item(d.order.items, 0), item);
    return d.order;
}

static inline void confirm_wipe(struct bench *b)
{
    struct bytes asked = heard(b, IPC_WIPE);
    assert_true(asked.n > 8);
    assert_int_equal(tell(b, IPC_WIPED, bytes_of(asked.p, 8)), RESULT_OK);
    turn(b);
}

/* ---- the log */

struct counting {
    const char *word;
    size_t count;
};

static inline enum result count_entry(void *arg, uint64_t index, struct bytes entry)
{
    struct counting *c = arg;
    (void)index;
    c->count += memmem(entry.p, entry.n, c->word, strlen(c->word)) != NULL;
    return RESULT_OK;
}

/* Whether the log has that a message was received there. */
static inline bool is_on_record(const struct ledger *l, uint64_t index)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf leaf;
    struct leaf_room *room;
    const bool is = ledger_leaf_read(l, index, &entry, &leaf, &room) == RESULT_OK &&
                    leaf.event == AUDIT_RECEIVED;
    leaf_room_free(room);
    buf_free(&entry);
    return is;
}

/* How many entries of the log hold this text; everything committed is in it. */
static inline size_t count_leaves(struct bench *b, const char *word)
{
    struct counting c = {word, 0};
    assert_int_equal(ledger_checkpoint(b->l), RESULT_OK);
    assert_int_equal(tiles_each(b->audit.fd, tiles_size(b->l->tiles), count_entry, &c), RESULT_OK);
    return c.count;
}

#endif
