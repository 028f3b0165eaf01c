#include "support.h"

#include "ledger/register.h"

#define KEEP (1825 * US_PER_DAY)

static void register_init(struct bench *b)
{
    bench_prepare(b, SEGMENT);
    b->config.register_keep_us = KEEP;
    assert_int_equal(bench_open(b), RESULT_OK);
    assert_int_equal(tell(b, IPC_VIEW, bytes_of(NULL, 0)), RESULT_OK);
    turn(b);
}

/* The scope that the edge was told last. */
static uint64_t told_scope(struct bench *b)
{
    struct cursor in = cursor_over(heard(b, IPC_REGISTER_SCOPE));
    uint64_t scope = 0;
    assert_int_equal(cursor_u64(&in, &scope), RESULT_OK);
    return scope;
}

static struct road_fact fact_under(uint64_t scope, const char *sealed)
{
    struct road_fact f = {.scope = scope, .sealed = bytes_of_text(sealed)};
    memset(f.commitment, sealed[0], sizeof f.commitment);
    return f;
}

static enum road_answer send_fact(struct bench *b, uint8_t id, struct road_fact fact)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.fact = fact;
    return (enum road_answer)commit(b, &c).answer;
}

/* ---- what is kept */

struct kept_fact {
    size_t count;
    uint64_t index;
    struct buf sealed;
};

static enum result take(void *arg, uint64_t index, struct bytes fact)
{
    struct kept_fact *k = arg;
    struct cursor in = cursor_over(fact);
    struct road_fact f;
    assert_int_equal(road_fact_take(&in, &f), RESULT_OK);
    k->count++;
    k->index = index;
    buf_clear(&k->sealed);
    buf_put(&k->sealed, f.sealed.p, f.sealed.n);
    return RESULT_OK;
}

/* The last fact of the register; how many there are. */
static size_t facts(struct bench *b, struct kept_fact *k)
{
    *k = (struct kept_fact){.sealed = BUF_INIT(4096)};
    assert_int_equal(tiles_each_fact(b->l->tiles, 0, UINT64_MAX, take, k), RESULT_OK);
    return k->count;
}

static void assert_committed(struct bench *b, uint64_t index, uint8_t digest)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf leaf;
    struct leaf_room *room;
    assert_int_equal(tiles_entry(b->l->tiles, index, &entry), RESULT_OK);
    assert_int_equal(leaf_read(buf_view(&entry), &leaf, &room), RESULT_OK);
    assert_non_null(leaf.fact);
    assert_int_equal(leaf.fact[0], digest);
    leaf_room_free(room);
    buf_free(&entry);
}

static void a_fact_stands_beside_its_leaf_whatever_ends_the_ledger(void **state)
{
    (void)state;
    struct bench b;
    struct kept_fact k;
    register_init(&b);
    const uint64_t scope = told_scope(&b);
    assert_int_equal(send_fact(&b, 1, fact_under(scope, "first")), ROAD_ON_DISK);
    assert_int_equal(send_fact(&b, 2, fact_under(scope, "second")), ROAD_ON_DISK);
    bench_restart(&b); /* out of the journal alone */
    assert_int_equal(facts(&b, &k), 2);
    assert_true(bytes_is(buf_view(&k.sealed), "second"));
    assert_committed(&b, k.index, 's');
    buf_free(&k.sealed);
    assert_int_equal(ledger_checkpoint(b.l), RESULT_OK);
    bench_restart(&b); /* out of the files */
    assert_int_equal(facts(&b, &k), 2);
    assert_committed(&b, k.index, 's');
    buf_free(&k.sealed);
    bench_free(&b);
}

static void a_message_without_a_fact_has_none(void **state)
{
    (void)state;
    struct bench b;
    struct kept_fact k;
    register_init(&b);
    publish(&b, 1);
    assert_int_equal(facts(&b, &k), 0);
    buf_free(&k.sealed);
    bench_free(&b);
}

static void a_fact_under_any_other_key_is_decided_again(void **state)
{
    (void)state;
    struct bench b;
    struct kept_fact k;
    register_init(&b);
    publish(&b, 1); /* with a scope of its own, 1 */
    assert_int_equal(send_fact(&b, 2, fact_under(1, "under a body's key")), ROAD_STALE);
    assert_int_equal(send_fact(&b, 3, fact_under(77, "under none")), ROAD_STALE);
    assert_int_equal(facts(&b, &k), 0);
    buf_free(&k.sealed);
    bench_free(&b);
}

/* It would end with that body's delivery, and the facts with it. */
static void no_body_goes_under_the_registers_key(void **state)
{
    (void)state;
    struct bench b;
    struct road_commit c;
    register_init(&b);
    make_commit(&b, 1, told_scope(&b), &c);
    assert_int_equal(commit(&b, &c).answer, ROAD_STALE);
    bench_free(&b);
}

/* They are settled beside the tiles, so that segments may go. */
static void facts_outlive_the_segments_of_the_journal(void **state)
{
    (void)state;
    struct bench b;
    struct kept_fact k;
    struct road_commit c;
    static char sealed[2000];
    uint32_t sent = 0;
    register_init(&b);
    memset(sealed, 'f', sizeof sealed - 1);
    while (journal_oldest(b.l->journal) < 4) {
        make_commit(&b, 1, 0, &c);
        memcpy(c.envelope.id.b, &sent, sizeof sent);
        c.envelope.id.b[15] = 1;
        c.bodies = 0;
        c.recipient[0].unit = bytes_of_text("gateway/self");
        c.fact = fact_under(b.l->register_scope, sealed);
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
        forget_said(&b);
        if (++sent % 10 == 0)
            advance(&b, US_PER_S);
    }
    bench_restart(&b);
    assert_int_equal(facts(&b, &k), sent);
    buf_free(&k.sealed);
    bench_free(&b);
}

/* ---- keys */

static void the_key_changes_with_the_period_and_not_with_a_restart(void **state)
{
    (void)state;
    struct bench b;
    register_init(&b);
    const uint64_t first = told_scope(&b);
    bench_restart(&b);
    assert_int_equal(tell(&b, IPC_VIEW, bytes_of(NULL, 0)), RESULT_OK);
    turn(&b);
    assert_int_equal(told_scope(&b), first);
    forget_said(&b);
    b.no_keeper = true;
    advance(&b, REGISTER_PERIOD);
    assert_int_equal(count_said(&b, IPC_REGISTER_SCOPE), 0);
    assert_int_equal(send_fact(&b, 1, (struct road_fact){0}), ROAD_STALE); /* no keeper: as ever */
    b.no_keeper = false;
    turn(&b);
    const uint64_t second = told_scope(&b);
    assert_int_not_equal(second, first);
    forget_said(&b);
    const struct road_fact old = fact_under(first, "late"), late = fact_under(second, "now");
    assert_true(register_fits(b.l, &old) && register_fits(b.l, &late));
    bench_free(&b);
}

static void a_key_ends_when_its_last_fact_is_as_old_as_the_law_wants(void **state)
{
    (void)state;
    struct bench b;
    register_init(&b);
    const uint64_t first = told_scope(&b);
    const int64_t ends_us = NOON - NOON % REGISTER_PERIOD + REGISTER_PERIOD + KEEP;
    advance(&b, ends_us - US_PER_S - b.wall_us);
    assert_non_null(spool_scopes_get(b.l->scopes, first));
    advance(&b, 2 * US_PER_S);
    for (unsigned i = 0; i < 3; i++) {
        struct buf wiped = BUF_INIT(16);
        struct cursor in = cursor_over(heard(&b, IPC_WIPE));
        uint64_t batch;
        if (cursor_u64(&in, &batch) == RESULT_OK) {
            buf_u64(&wiped, batch);
            assert_int_equal(tell(&b, IPC_WIPED, buf_view(&wiped)), RESULT_OK);
        }
        buf_free(&wiped);
        advance(&b, US_PER_S);
    }
    assert_null(spool_scopes_get(b.l->scopes, first));
    assert_null(kept(&b, first)); /* nor has the keeper it */
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fact_stands_beside_its_leaf_whatever_ends_the_ledger),
        cmocka_unit_test(a_message_without_a_fact_has_none),
        cmocka_unit_test(a_fact_under_any_other_key_is_decided_again),
        cmocka_unit_test(no_body_goes_under_the_registers_key),
        cmocka_unit_test(facts_outlive_the_segments_of_the_journal),
        cmocka_unit_test(the_key_changes_with_the_period_and_not_with_a_restart),
        cmocka_unit_test(a_key_ends_when_its_last_fact_is_as_old_as_the_law_wants),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
