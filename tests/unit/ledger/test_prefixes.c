/*
 * A scripted load is recorded call by call: journal, tiles, checkpoints, key file, also a start
 * after a kill, and snapshots with segments that go. Then the power is cut behind every so many of
 * those calls, in several ways, and another ledger recovers from what is left: all that had been
 * acknowledged by then is there, what was released is in the log, and the log's tree is that of its
 * entries. PREFIX_STEP=1 takes every call.
 */
#include "disk_model.h"

#include "audit/tree.h"
#include "ledger/snapshot.h"

enum { MARK_ACKNOWLEDGED, MARK_RELEASED, MARK_KEEPER };
enum { AWAY = 30 };

struct play {
    struct bench b;
    struct temp_folder root;
    uint32_t number, random;
};

static int subfolder(const struct temp_folder *root, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", root->path, name);
    (void)mkdir(path, 0700);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void settle_in(struct bench *b, const struct temp_folder *root)
{
    bench_prepare(b, SEGMENT);
    b->config.journal_folder = subfolder(root, "journal");
    b->config.key_folder = subfolder(root, "keys");
    b->config.audit_folder = subfolder(root, "audit");
    b->config.spare_segments = 3;
    if (disk.second != NULL) {
        b->config.urgent_folder = subfolder(root, disk.second + 1);
        b->config.urgent_segments = 2;
    }
    b->config.checkpoint_every_us = 15 * US_PER_S;
}

static void move_out(struct bench *b)
{
    (void)close(b->config.journal_folder);
    (void)close(b->config.key_folder);
    (void)close(b->config.audit_folder);
    if (b->config.urgent_folder > 0)
        (void)close(b->config.urgent_folder);
    bench_free(b);
}

static void mark(uint64_t what, uint64_t number)
{
    struct op *o = disk_note(OP_MARK);
    o->file = -1;
    o->at = what;
    o->n = number;
}

/* The keeper's secret is on its disk when it says so. */
static void mark_keeper(const struct play *p)
{
    static uint64_t last;
    if (disk.ops > 0 && last == p->b.disk.generation && last != 1)
        return;
    last = p->b.disk.generation;
    mark(MARK_KEEPER, last);
    struct op *o = &disk.op[disk.ops - 1];
    o->data = mem_new(KEY_BYTES);
    memcpy(o->data, p->b.disk.secret, KEY_BYTES);
}

static enum result ask_and_note(void *arg, enum ipc_type type, struct bytes body,
                                enum ipc_type expected, struct buf *reply)
{
    struct play *p = CONTAINER_OF((struct bench *)arg, struct play, b);
    enum result r = bench_ask(arg, type, body, expected, reply);
    if (type == IPC_SECRET_ROTATE)
        mark_keeper(p);
    return r;
}

static uint32_t chance(struct play *p, uint32_t n)
{
    p->random = p->random * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)p->random * n) >> 32);
}

/* From here on the disk has to have what is said, whatever comes. */
static void emit_and_mark(void *arg, enum ipc_type type, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_committed c;
    struct road_released r;
    if (type == IPC_COMMITTED) {
        assert_int_equal(road_committed_take(&in, &c), RESULT_OK);
        if (c.answer == ROAD_ON_DISK)
            mark(MARK_ACKNOWLEDGED, c.ticket);
    }
    if (type == IPC_RELEASED) {
        assert_int_equal(road_released_take(&in, &r), RESULT_OK);
        if (r.go)
            mark(MARK_RELEASED, r.index);
    }
    bench_emit(arg, type, body);
}

static void hear(struct play *p)
{
    struct bench *b = &p->b;
    size_t saids = b->saids;
    for (size_t i = 0; i < saids; i++) {
        struct cursor in = cursor_over(b->said[i].body);
        struct road_deliver d;
        struct road_released r;
        switch (b->said[i].type) {
        case IPC_DELIVER:
            assert_int_equal(road_deliver_take(&in, &d), RESULT_OK);
            send_release(b, &d, true);
            break;
        case IPC_RELEASED:
            assert_int_equal(road_released_take(&in, &r), RESULT_OK);
            d = (struct road_deliver){.consumer = r.consumer, .entry = r.entry};
            if (r.go && chance(p, 5) > 0)
                acknowledge(b, &d, 0);
            break;
        case IPC_WIPE:
            assert_int_equal(tell(b, IPC_WIPED, bytes_of(b->said[i].body.p, 8)), RESULT_OK);
            break;
        default: break;
        }
    }
    forget_said(b);
}

/* The message's number is its ticket. */
static void send_one(struct play *p)
{
    static uint8_t sealed[3000], who[ROAD_TAG];
    struct bench *b = &p->b;
    struct road_commit c;
    uint64_t scope = 1 + p->number / 40; /* some forty messages, then another key */
    make_commit(b, 0, scope, &c);
    c.ticket = ++p->number;
    c.envelope.lane = (uint8_t)(p->number % 3); /* urgent, normal, bulk */
    memcpy(c.envelope.id.b, &p->number, sizeof p->number);
    memcpy(c.content, &p->number, sizeof p->number);
    if (spool_scopes_get(b->l->scopes, scope) == NULL) {
        with_scope(b, &c, scope);
        c.scope[0].deadline_us = b->wall_us + US_PER_MINUTE;
    }
    c.body[0].sealed = bytes_of(sealed, chance(p, sizeof sealed));
    if (p->number % 2 == 0) { /* where one of six persons is, each in a lane */
        who[0] = (uint8_t)(p->number % 12);
        c.succession = bytes_of(who, sizeof who);
        c.recipient[0].supersedes = true;
    }
    assert_int_equal(send_commit(b, &c), RESULT_OK);
}

/* The recipient comes after some messages: positions have given way by then. */
static void play_on(struct play *p, uint32_t messages)
{
    bool away = true;
    for (uint32_t i = 0; i < messages; i++) {
        if (away && i >= AWAY)
            assert_int_equal(subscribe(&p->b, 1 + p->number, FIRE, "default"), RESULT_OK);
        away = away && i < AWAY;
        for (uint32_t n = chance(p, 3); n > 0; n--, i++)
            send_one(p);
        advance(&p->b, 300000 + chance(p, 700000));
        hear(p);
    }
}

/* Until the files that retired segments left do not do any more: nothing is taken over meanwhile.
 */
static void fill_the_disk(struct play *p)
{
    disk.full = true;
    for (int n = 0; n < 200 && !journal_is_over(p->b.l->journal); n++) {
        for (int i = 0; i < 20; i++)
            send_one(p);
        turn(&p->b);
        forget_said(&p->b);
    }
    assert_true(journal_is_over(p->b.l->journal));
}

/* The first disk is full for a while, across a start, and twice. */
static void play_on_a_full_disk(struct play *p)
{
    for (int i = 0; i < 2; i++) {
        fill_the_disk(p);
        bench_restart(&p->b);
        play_on(p, 40);
        disk.full = false;
        play_on(p, 60);
        assert_false(journal_is_over(p->b.l->journal));
    }
}

/* Positions that gave way. */
static size_t superseded(struct bench *b)
{
    struct counting c = {"\"superseded\"", 0};
    assert_int_equal(ledger_checkpoint(b->l), RESULT_OK);
    assert_int_equal(tiles_each(b->config.audit_folder, tiles_size(b->l->tiles), count_entry, &c),
                     RESULT_OK);
    return c.count;
}

static void record(struct play *p)
{
    disk_forget();
    disk.root = p->root.path;
    settle_in(&p->b, &p->root);
    p->b.config.ask = ask_and_note;
    p->b.config.emit = emit_and_mark;
    disk.on = true;
    mark_keeper(p);
    assert_int_equal(bench_open(&p->b), RESULT_OK);
    play_on(p, 450);
    bench_restart(&p->b);
    play_on(p, 150);
    if (disk.second != NULL)
        play_on_a_full_disk(p);
    disk.on = false;
    assert_true(journal_oldest(p->b.l->journal) > 1); /* segments have gone, */
    assert_true(p->b.disk.generation > 2);            /* and keys, */
    assert_true(superseded(&p->b) > 0);
}

/* ---- recovering */

struct adding {
    struct hasher *h;
    struct tree_edge edge;
};

static enum result add_entry(void *arg, uint64_t index, struct bytes entry)
{
    struct adding *a = arg;
    (void)index;
    const struct tree_hash hash = tree_leaf_hash(a->h, entry);
    tree_add(a->h, &a->edge, &hash);
    return RESULT_OK;
}

static void check_log(struct bench *b)
{
    struct adding a = {.h = hasher_new()};
    assert_int_equal(ledger_checkpoint(b->l), RESULT_OK);
    assert_int_equal(tiles_each(b->config.audit_folder, tiles_size(b->l->tiles), add_entry, &a),
                     RESULT_OK);
    const struct tree_hash root = tree_root(a.h, &a.edge), said = tiles_root(b->l->tiles);
    assert_memory_equal(&root, &said, sizeof root);
    hasher_free(a.h);
}

static void check_mark(struct bench *b, const struct op *o, size_t until)
{
    struct uuid id = {{0}};
    uint32_t number = (uint32_t)o->n;
    if (o->at == MARK_RELEASED && o->n >= b->l->leaves)
        fail_msg("cut at %zu: what was released at leaf %u is not in the log", until, number);
    if (o->at != MARK_ACKNOWLEDGED)
        return;
    memcpy(id.b, &number, sizeof number);
    const struct seen_message *m = seen_get(b->l->seen, bytes_of_text(CENTRE), &id, 0);
    if (m == NULL || !is_on_record(b->l, m->index))
        fail_msg("cut at %zu: message %u was acknowledged and is gone", until, number);
}

static void recover_from(const struct play *p, size_t until)
{
    static struct bench b;
    struct temp_folder root = temp_folder_new();
    disk_cut(until, root.path);
    settle_in(&b, &root);
    b.wall_us = p->b.wall_us;
    for (size_t i = 0; i < until; i++)
        if (disk.op[i].kind == OP_MARK && disk.op[i].at == MARK_KEEPER) {
            b.disk.generation = disk.op[i].n;
            memcpy(b.disk.secret, disk.op[i].data, KEY_BYTES);
        }
    enum result r = bench_open(&b);
    if (r != RESULT_OK)
        fail_msg("cut at %zu: %s, segment %u at %llu: %s", until, result_text(r), b.fault.segment,
                 (unsigned long long)b.fault.offset, b.fault.text);
    for (size_t i = 0; i < until; i++)
        if (disk.op[i].kind == OP_MARK)
            check_mark(&b, &disk.op[i], until);
    check_log(&b);
    move_out(&b);
    temp_folder_free(&root);
}

static void cut_everywhere(const char *second)
{
    static struct play p;
    disk.second = second;
    const char *step = getenv("PREFIX_STEP");
    size_t every = step == NULL ? 23 : strtoul(step, NULL, 10), cuts = 0;
    p = (struct play){.root = temp_folder_new(), .random = 7};
    disk.random = 1;
    record(&p);
    for (size_t until = 0; until <= disk.ops; until += 1 + disk_chance(2 * (uint32_t)every - 1)) {
        recover_from(&p, until);
        cuts++;
    }
    print_message("%zu calls, %zu power cuts\n", disk.ops, cuts);
    disk_forget();
    move_out(&p.b);
    temp_folder_free(&p.root);
}

static void wherever_the_power_is_cut_what_was_acknowledged_is_there(void **state)
{
    (void)state;
    cut_everywhere(NULL);
}

static void so_it_is_when_the_first_disk_is_full_and_the_journal_goes_over(void **state)
{
    (void)state;
    cut_everywhere("/urgent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wherever_the_power_is_cut_what_was_acknowledged_is_there),
        cmocka_unit_test(so_it_is_when_the_first_disk_is_full_and_the_journal_goes_over),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
