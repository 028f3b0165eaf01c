#include "support.h"

#include "journal/state.h"

enum { BIG = 1 << 20, STANDS = 64 };

/* What a ledger knows, as text: the same before a crash and after it. */
static void put_state(const struct ledger *l, struct buf *out)
{
    static const char *const units[] = {CENTRE, FIRE, CAR};
    struct spool_walk walk = {0};
    buf_printf(out, "clock %lld entries %zu scopes %zu incidents %zu\n",
               (long long)l->high_water_us, spool_entries(l->queues), spool_scopes_count(l->scopes),
               map_count(l->incidents));
    while (spool_queues_next(l->queues, &walk) != NULL)
        buf_text(out, "queue\n");
    for (uint64_t id = 1; id < 32; id++) {
        const struct entry *e = spool_entry(l->queues, id);
        const struct spool_scope *x = spool_scopes_get(l->scopes, id);
        const struct uuid uuid = {{(uint8_t)id}};
        if (e != NULL)
            buf_printf(out, "entry %d %s/%s lane %u index %llu released %d at %llu\n", (int)id,
                       e->queue->unit, e->queue->name, e->delivery->lane,
                       (unsigned long long)e->delivery->stored->index, e->delivery->was_released,
                       (unsigned long long)e->delivery->released_index);
        if (x != NULL)
            buf_printf(out, "scope %d holds %zu due %lld\n", (int)id, x->holds,
                       (long long)x->due.due_us);
        for (size_t u = 0; u < ARRAY_LEN(units); u++) {
            const struct seen_message *m = seen_get(l->seen, bytes_of_text(units[u]), &uuid, 0);
            if (m != NULL)
                buf_printf(out, "seen %d %s index %llu\n", (int)id, units[u],
                           (unsigned long long)m->index);
        }
    }
    const struct ledger_incident *i = ledger_incident(l, bytes_of_text(INCIDENT));
    if (i != NULL)
        incident_put(&i->is, out);
}

/* A point up to which everything was acknowledged: where the journal ends, and what was known. */
struct stand {
    uint32_t end;
    struct buf state;
};

struct course {
    struct bench b;
    struct stand stand[STANDS];
    size_t stands;
};

static void mark(struct course *k)
{
    turn(&k->b);
    struct stand *p = &k->stand[k->stands++];
    *p = (struct stand){k->b.l->journal->at, BUF_INIT(1 << 20)};
    put_state(k->b.l, &p->state);
}

static void change(struct course *k, uint8_t id, enum incident_step step, const char *by)
{
    struct road_commit c;
    struct buf room = BUF_INIT(4096);
    make_commit(&k->b, id, id, &c);
    with_scope(&k->b, &c, id);
    c.scope[0].incident = bytes_of_text(INCIDENT);
    c.scope[0].starts = SPOOL_INCIDENT_END;
    c.scope[0].delay_us = US_PER_MINUTE;
    struct incident_change change = {.step = step,
                                     .id = bytes_of_text(INCIDENT),
                                     .by = bytes_of_text(by),
                                     .at_us = c.at_us,
                                     .type = bytes_of_text(step == INCIDENT_OPEN ? "fire" : "")};
    incident_change_put(&change, &room);
    c.change[c.changes++] = buf_view(&room);
    assert_int_equal(send_commit(&k->b, &c), RESULT_OK);
    buf_free(&room);
    mark(k);
}

static void plain(struct course *k, uint8_t id)
{
    struct road_commit c;
    make_commit(&k->b, id, id, &c);
    with_scope(&k->b, &c, id);
    assert_int_equal(send_commit(&k->b, &c), RESULT_OK);
    mark(k);
}

/* Everything that a ledger records, but keys erased: the keeper keeps no history. */
static void run(struct course *k)
{
    struct bench *b = &k->b;
    bench_prepare(b, BIG);
    assert_int_equal(bench_open(b), RESULT_OK);
    mark(k);
    plain(k, 1);
    change(k, 2, INCIDENT_OPEN, CENTRE);
    b->wall_us += US_PER_S;
    assert_int_equal(subscribe(b, 1, FIRE, "default"), RESULT_OK);
    assert_int_equal(subscribe(b, 2, FIRE, "desk"), RESULT_OK);
    mark(k);
    const struct road_deliver first = delivered(b), second = delivered(b);
    send_release(b, &first, true);
    mark(k);
    acknowledge(b, &first, 0);
    mark(k);
    send_release(b, &second, false);
    mark(k);
    plain(k, 3);
    change(k, 4, INCIDENT_CLOSE, CENTRE);
    change(k, 5, INCIDENT_REOPEN, CENTRE);
    change(k, 6, INCIDENT_CLOSE, CENTRE);
}

static void course_free(struct course *k)
{
    for (size_t i = 0; i < k->stands; i++)
        buf_free(&k->stand[i].state);
    bench_free(&k->b);
}

static const char segment[] = "segment-0000000001";

/* Opens a journal of which the disk has the first `keep` bytes, as a power cut leaves it. */
static void assert_recovers(const struct course *k, uint8_t *content, size_t keep)
{
    struct bench *b = mem_new(sizeof *b);
    const struct buf *expected = NULL;
    struct buf is = BUF_INIT(1 << 20);
    for (size_t i = 0; i < k->stands; i++)
        if (k->stand[i].end <= keep)
            expected = &k->stand[i].state;
    bench_prepare(b, BIG);
    b->wall_us = NOON - US_PER_DAY; /* what is known of the time is on record */
    int fd = openat(b->journal.fd, segment, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    memset(content + keep, 0, BIG - keep);
    assert_int_equal(write(fd, content, BIG), BIG);
    (void)close(fd);
    assert_int_equal(bench_open(b), RESULT_OK);
    put_state(b->l, &is);
    if (expected != NULL) {
        assert_int_equal(is.n, expected->n);
        assert_memory_equal(is.p, expected->p, is.n);
    }
    turn(b);
    assert_int_equal(ledger_checkpoint(b->l), RESULT_OK);
    buf_free(&is);
    bench_free(b);
    mem_free(b);
}

static void wherever_the_journal_ends_what_was_acknowledged_is_known(void **state)
{
    (void)state;
    static uint8_t content[BIG];
    struct course *k = mem_new(sizeof *k);
    run(k);
    int fd = openat(k->b.journal.fd, segment, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, content, sizeof content), sizeof content);
    (void)close(fd);
    size_t end = k->stand[k->stands - 1].end;
    assert_in_range(end, 20 * SECTOR, 200 * SECTOR);
    for (size_t keep = end; keep > 0; keep -= SECTOR) /* from behind: each cuts more off */
        assert_recovers(k, content, keep);
    course_free(k);
    mem_free(k);
}

static void a_second_start_knows_the_same_as_the_first(void **state)
{
    (void)state;
    struct course *k = mem_new(sizeof *k);
    struct buf is = BUF_INIT(1 << 20);
    const struct buf *was;
    run(k);
    was = &k->stand[k->stands - 1].state;
    for (size_t i = 0; i < 3; i++) {
        bench_restart(&k->b);
        buf_clear(&is);
        put_state(k->b.l, &is);
        assert_int_equal(is.n, was->n);
        assert_memory_equal(is.p, was->p, is.n);
    }
    buf_free(&is);
    course_free(k);
    mem_free(k);
}

/* ---- what may not be read over */

static void a_changed_byte_stops_the_start(void **state)
{
    (void)state;
    struct bench b;
    uint8_t c;
    bench_init(&b);
    publish(&b, 1);
    publish(&b, 2);
    ledger_close(b.l);
    b.l = NULL;
    int fd = openat(b.journal.fd, segment, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(fd, &c, 1, 2 * SECTOR + 100), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, 2 * SECTOR + 100), 1);
    (void)close(fd);
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    assert_true(b.fault.text[0] != '\0');
    bench_free(&b);
}

static void a_log_longer_than_its_journal_stops_the_start(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    assert_int_equal(ledger_checkpoint(b.l), RESULT_OK);
    ledger_close(b.l);
    b.l = NULL;
    assert_int_equal(unlinkat(b.journal.fd, segment, 0), 0);
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    bench_free(&b);
}

static void a_key_file_that_is_gone_stops_the_start(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    ledger_edge_went(b.l);
    advance(&b, US_PER_HOUR);
    assert_int_equal(b.disk.generation, 2);
    ledger_close(b.l);
    b.l = NULL;
    assert_int_equal(unlinkat(b.keys.fd, "slots.1", 0), 0);
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    bench_free(&b);
}

static void another_secret_of_the_same_generation_stops_the_start(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    publish(&b, 1);
    ledger_close(b.l);
    b.l = NULL;
    memset(b.disk.secret, 'x', KEY_BYTES);
    assert_int_equal(bench_open(&b), RESULT_DAMAGED);
    bench_free(&b);
}

static void without_a_keeper_there_is_no_start(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    ledger_close(b.l);
    b.l = NULL;
    b.no_keeper = true;
    assert_int_equal(bench_open(&b), RESULT_UNAVAILABLE);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wherever_the_journal_ends_what_was_acknowledged_is_known),
        cmocka_unit_test(a_second_start_knows_the_same_as_the_first),
        cmocka_unit_test(a_changed_byte_stops_the_start),
        cmocka_unit_test(a_log_longer_than_its_journal_stops_the_start),
        cmocka_unit_test(a_key_file_that_is_gone_stops_the_start),
        cmocka_unit_test(another_secret_of_the_same_generation_stops_the_start),
        cmocka_unit_test(without_a_keeper_there_is_no_start),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
