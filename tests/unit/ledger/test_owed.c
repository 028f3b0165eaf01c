#include "owing.h"

static void deliveries_of_one_clause_that_end_together_are_one_group(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    uint64_t first = provide(&b, 1, &receipt), second = provide(&b, 2, &receipt);
    const struct ledger_owed *g = the_group(&b);
    assert_int_equal(g->items, 2);
    assert_int_equal(g->item[0], first);
    assert_int_equal(g->item[1], second);
    assert_string_equal(g->unit, FIRE);
    assert_string_equal(g->clause, CLAUSE);
    assert_ptr_equal(owed_find(b.l, bytes_of_text(FIRE), second), g);
    assert_null(owed_find(b.l, bytes_of_text(CAR), second));
    assert_null(owed_find(b.l, bytes_of_text(FIRE), second + 1));
    const struct owes other = {true, false, WITHIN, "mou-2#other"};
    (void)provide(&b, 3, &other);
    assert_int_equal(groups(&b), 2);
    bench_free(&b);
}

static void a_delivery_is_found_in_its_group_for_as_long_as_that_is_open(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    uint64_t first = provide(&b, 1, &receipt);
    const struct ledger_owed *g = the_group(&b);
    assert_ptr_equal(owed_find(b.l, bytes_of_text(FIRE), first), g);
    uint64_t second = provide(&b, 2, &receipt);
    assert_ptr_equal(owed_find(b.l, bytes_of_text(FIRE), second), g);
    restart_to_the_same(&b);
    assert_ptr_equal(owed_find(b.l, bytes_of_text(FIRE), second), the_group(&b));
    advance(&b, US_PER_HOUR);
    struct uuid order = ordered(&b).order.id;
    assert_null(owed_find(b.l, bytes_of_text(FIRE), first));
    assert_null(owed_find(b.l, bytes_of_text(FIRE), second));
    assert_int_equal(receipt_says(&b, &(struct says){.order = order, .retained = second}),
                     ROAD_ON_DISK);
    assert_ptr_equal(owed_find(b.l, bytes_of_text(FIRE), second), the_group(&b));
    assert_null(owed_find(b.l, bytes_of_text(FIRE), first));
    bench_free(&b);
}

static void where_nothing_is_owed_there_is_no_group(void **state)
{
    static const struct owes nothing = {.clause = CLAUSE};
    struct bench b;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &nothing);
    assert_int_equal(groups(&b), 0);
    bench_free(&b);
}

static void a_group_outlives_the_scope_of_its_deliveries(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    (void)provide(&b, 1, &receipt);
    advance(&b, SPOOL_LINGER + US_PER_S);
    confirm_wipe(&b);
    assert_int_equal(spool_scopes_count(b.l->scopes), 0);
    (void)the_group(&b);
    restart_to_the_same(&b);
    (void)the_group(&b);
    bench_free(&b);
}

/* How much officers would hold or destroy by this name. */
static enum control_code measure(struct bench *b, uint64_t record, char out[100])
{
    char subject[40];
    int64_t oldest_us, newest_us;
    struct buf text = BUF_INIT(100);
    (void)snprintf(subject, sizeof subject, "record %llu", (unsigned long long)record);
    const enum control_code code =
        preservation_measure(b->l, bytes_of_text(subject), &text, &oldest_us, &newest_us);
    (void)snprintf(out, 100, "%.*s", (int)text.n, (const char *)text.p);
    buf_free(&text);
    return code;
}

/* Its bodies are gone, and its recipient has it still. */
static void the_record_of_a_release_names_what_is_owed_for_it(void **state)
{
    struct bench b;
    char said[100];
    (void)state;
    begin(&b);
    const uint64_t one = provide(&b, 1, &receipt), two = provide(&b, 2, &receipt);
    advance(&b, SPOOL_LINGER + US_PER_S);
    confirm_wipe(&b);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(measure(&b, i == 0 ? one : two, said), CONTROL_CODE_DONE);
        assert_string_equal(said, "scopes=0 deliveries=0 recipients=0 owed=2 preserved=0");
    }
    assert_int_equal(measure(&b, one + 1, said), CONTROL_CODE_NOT_STORED);
    bench_free(&b);
}

/* A record OWED; `more` bytes behind its key. */
static enum result begin_group(struct bench *b, const char *unit, enum spool_starts starts,
                               size_t more)
{
    static uint64_t id = 1000;
    static const uint8_t tuple[ROAD_DIGEST] = "tuple";
    const struct spool_scope clock = {.starts = starts, .deadline_us = UNTIL, .ends_us = UNTIL};
    struct buf key = BUF_INIT(1000), record = BUF_INIT(2000);
    owed_put_key(&key, tuple, bytes_of_text(unit), bytes_of_text(CLAUSE));
    for (size_t i = 0; i < more; i++)
        buf_u8(&key, 'x');
    buf_u64(&record, ++id);
    buf_i64(&record, b->wall_us);
    owed_put_group(buf_view(&key), &clock, WITHIN, false, 0, &record);
    const enum result r = owed_apply(b->l, buf_view(&record));
    buf_free(&key);
    buf_free(&record);
    return r;
}

static void a_group_that_no_ledger_wrote_is_damage(void **state)
{
    char long_unit[IDENT_UNIT_MAX + 2] = "";
    struct bench b;
    (void)state;
    begin(&b);
    memset(long_unit, 'u', sizeof long_unit - 1);
    assert_int_equal(begin_group(&b, FIRE, SPOOL_ARRIVAL, 1), RESULT_DAMAGED);
    assert_int_equal(begin_group(&b, FIRE, SPOOL_REGISTER, 0), RESULT_DAMAGED);
    assert_int_equal(begin_group(&b, long_unit, SPOOL_ARRIVAL, 0), RESULT_DAMAGED);
    assert_int_equal(groups(&b), 0);
    assert_int_equal(begin_group(&b, FIRE, SPOOL_ARRIVAL, 0), RESULT_OK);
    assert_int_equal(groups(&b), 1);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deliveries_of_one_clause_that_end_together_are_one_group),
        cmocka_unit_test(a_delivery_is_found_in_its_group_for_as_long_as_that_is_open),
        cmocka_unit_test(where_nothing_is_owed_there_is_no_group),
        cmocka_unit_test(a_group_outlives_the_scope_of_its_deliveries),
        cmocka_unit_test(the_record_of_a_release_names_what_is_owed_for_it),
        cmocka_unit_test(a_group_that_no_ledger_wrote_is_damage),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
