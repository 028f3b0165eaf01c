/* Views of the console: on record before anything is shown. */
#include "full_disk.h"

#include "audit/fact.h"
#include "ipc/console_road.h"
#include "ledger/acts.h"
#include "ledger/views.h"

#define AUDITOR "board/audit"
#define REASON  "a complaint of the 20th"

/* What the ledger told the console. */
struct told {
    struct console_viewed viewed[VIEWS_MOST + 10];
    size_t count;
};
static struct told told;

static void tell_console(void *arg, enum ipc_type type, struct bytes body)
{
    struct cursor in = cursor_over(body);
    (void)arg;
    if (type == IPC_CONSOLE_BARRED) /* test_bars.c */
        return;
    assert_int_equal(type, IPC_CONSOLE_VIEWED);
    assert_true(told.count < ARRAY_LEN(told.viewed));
    assert_int_equal(console_viewed_take(&in, &told.viewed[told.count++]), RESULT_OK);
}

static bool has_console(void *arg, struct bytes unit)
{
    (void)arg;
    return bytes_is(unit, AUDITOR) || bytes_begins(unit, "desk/");
}

static void open_bench(struct bench *b)
{
    told.count = 0;
    bench_prepare(b, SEGMENT);
    b->config.register_keep_us = 1825 * US_PER_DAY;
    b->config.tell_console = tell_console;
    b->config.has_console = has_console;
    assert_int_equal(bench_open(b), RESULT_OK);
    publish(b, 1);
}

static const struct console_view good = {.ticket = 7,
                                         .unit = {(const uint8_t *)AUDITOR, sizeof AUDITOR - 1},
                                         .page = {(const uint8_t *)"records", 7},
                                         .form = {(const uint8_t *)"html", 4}};

/* Says it, without a turn. */
static enum result say(struct bench *b, const struct console_view *v)
{
    struct buf body = BUF_INIT(1 << 19);
    console_view_put(v, &body);
    assert_int_equal(buf_status(&body), RESULT_OK);
    enum result r = ledger_console_view(b->l, buf_view(&body));
    buf_free(&body);
    return r;
}

/* What becomes of it. */
static enum control_code code_of(struct bench *b, const struct console_view *v)
{
    told.count = 0;
    assert_int_equal(say(b, v), RESULT_OK);
    turn(b);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.viewed[0].ticket, v->ticket);
    return (enum control_code)told.viewed[0].code;
}

static struct bytes text_of(struct buf *room, size_t n, const char *letter)
{
    for (size_t i = 0; i < n; i++)
        buf_text(room, letter);
    return buf_view(room);
}

/* ---- what is recorded */

static void a_view_is_a_leaf_with_the_unit_and_what_it_saw(void **state)
{
    struct bench b;
    struct console_view v = good;
    (void)state;
    open_bench(&b);
    v.from = 1;
    v.to = 2;
    assert_int_equal(code_of(&b, &v), CONTROL_CODE_DONE);
    struct buf entry = BUF_INIT(LEAF_MAX);
    struct leaf leaf;
    struct leaf_room *room;
    assert_int_equal(ledger_leaf_read(b.l, told.viewed[0].index, &entry, &leaf, &room), RESULT_OK);
    assert_int_equal(leaf.event, AUDIT_VIEWED);
    assert_true(bytes_is(leaf.source, AUDITOR));
    assert_true(bytes_is(leaf.detail, "page=records form=html from=1 to=1"));
    assert_true(!leaf.has_refers && leaf.fact == NULL);
    leaf_room_free(room);
    buf_free(&entry);
    bench_free(&b);
}

static void a_records_page_says_which(void **state)
{
    struct bench b;
    struct console_view v = good;
    (void)state;
    open_bench(&b);
    v.page = bytes_of_text("record");
    v.form = bytes_of_text("json");
    v.has_record = true;
    v.record = 1;
    assert_int_equal(code_of(&b, &v), CONTROL_CODE_DONE);
    assert_int_equal(count_leaves(&b, "\"detail\":\"page=record form=json\",\"event\":\"viewed\""),
                     1);
    assert_int_equal(count_leaves(&b, "\"refers\":1"), 1);
    bench_free(&b);
}

/* ---- nothing is shown before */

static void nobody_is_told_before_it_is_on_disk(void **state)
{
    struct bench b;
    (void)state;
    open_bench(&b);
    assert_int_equal(say(&b, &good), RESULT_OK);
    assert_int_equal(told.count, 0);
    turn(&b);
    assert_int_equal(told.count, 1);
    bench_restart(&b); /* as kill -9 */
    assert_int_equal(count_leaves(&b, "\"event\":\"viewed\""), 1);
    bench_free(&b);
}

static void an_edge_that_goes_takes_no_answer_of_the_console_with_it(void **state)
{
    struct bench b;
    (void)state;
    open_bench(&b);
    assert_int_equal(say(&b, &good), RESULT_OK);
    ledger_edge_went(b.l);
    turn(&b);
    assert_int_equal(told.count, 1);
    bench_free(&b);
}

static void a_console_that_went_is_told_nothing_of_what_another_one_asked(void **state)
{
    struct bench b;
    (void)state;
    open_bench(&b);
    assert_int_equal(say(&b, &good), RESULT_OK);
    ledger_console_went(b.l);
    turn(&b);
    assert_int_equal(told.count, 0);
    assert_int_equal(count_leaves(&b, "\"event\":\"viewed\""), 1); /* it may have been shown */
    bench_free(&b);
}

static void without_room_on_the_disk_nothing_is_shown(void **state)
{
    struct bench b;
    (void)state;
    open_bench(&b);
    fill_disk(&b, 8192);
    assert_int_equal(code_of(&b, &good), CONTROL_CODE_DISK_FULL);
    free_disk(&b);
    assert_int_equal(code_of(&b, &good), CONTROL_CODE_DONE);
    b.l->log_is_full = true;
    assert_int_equal(code_of(&b, &good), CONTROL_CODE_DISK_FULL);
    bench_free(&b);
}

/* ---- the reason */

/* The only fact of the log, opened with the key that the small keeper has. */
struct opened_fact {
    struct bench *b;
    uint64_t index;
    size_t count;
    struct buf plain;
};

static enum result open_fact(void *arg, uint64_t index, struct bytes fact)
{
    struct opened_fact *o = arg;
    struct cursor in = cursor_over(fact);
    struct road_fact f;
    assert_int_equal(road_fact_take(&in, &f), RESULT_OK);
    assert_null(memmem(fact.p, fact.n, REASON, strlen(REASON)));
    o->index = index;
    o->count++;
    return seal_open_body(kept(o->b, f.scope)->key, f.seed, bytes_of_text(REGISTER_CONTEXT),
                          f.sealed, buf_extend(&o->plain, f.sealed.n - SEAL_TAG));
}

static void the_reason_is_sealed_in_the_register_and_in_no_leaf(void **state)
{
    struct bench b;
    struct opened_fact o = {.b = &b, .plain = BUF_INIT(4096)};
    struct fact f;
    struct buf room;
    struct console_view v = good;
    (void)state;
    open_bench(&b);
    v.reason = bytes_of_text(REASON);
    memset(v.certificate, 0xc5, sizeof v.certificate);
    assert_int_equal(code_of(&b, &v), CONTROL_CODE_DONE);
    assert_int_equal(count_leaves(&b, REASON), 0);
    assert_int_equal(count_leaves(&b, "\"detail\":\"page=records form=html\""), 1);
    assert_int_equal(count_leaves(&b, "c5c5"), 0);
    assert_int_equal(count_leaves(&b, "\"register\":"), 1);
    assert_int_equal(tiles_each_fact(b.l->tiles, 0, UINT64_MAX, open_fact, &o), RESULT_OK);
    assert_true(o.count == 1 && o.index == told.viewed[0].index);
    assert_int_equal(fact_read(buf_view(&o.plain), &f, &room), RESULT_OK);
    assert_true(bytes_is(f.reason, REASON) && f.evidences == 1);
    assert_true(bytes_is(f.evidence[0].kind, "certificate") &&
                bytes_begins(f.evidence[0].value, "c5c5") && f.evidence[0].value.n == 64);
    buf_free(&room);
    buf_free(&o.plain);
    bench_free(&b);
}

/* What cannot be kept is not shown for. */
static void without_a_keeper_a_reason_is_not_taken(void **state)
{
    struct bench b;
    struct console_view v = good;
    (void)state;
    open_bench(&b);
    v.reason = bytes_of_text(REASON);
    b.no_keeper = true;
    assert_int_equal(code_of(&b, &v), CONTROL_CODE_NO_KEEPER);
    assert_int_equal(code_of(&b, &good), CONTROL_CODE_DONE); /* a page without records */
    b.no_keeper = false;
    assert_int_equal(count_leaves(&b, "\"event\":\"viewed\""), 1);
    bench_free(&b);
}

static void a_gateway_without_a_register_keeps_no_reason(void **state)
{
    struct bench b;
    struct console_view v = good;
    (void)state;
    told.count = 0;
    bench_prepare(&b, SEGMENT);
    b.config.tell_console = tell_console;
    b.config.has_console = has_console;
    assert_int_equal(bench_open(&b), RESULT_OK);
    v.reason = bytes_of_text(REASON);
    assert_int_equal(code_of(&b, &v), CONTROL_CODE_DONE);
    assert_int_equal(count_leaves(&b, "\"event\":\"viewed\""), 1);
    assert_int_equal(count_leaves(&b, "\"register\":"), 0);
    bench_free(&b);
}

/* ---- what is refused */

static void expect(struct bench *b, struct console_view v, enum control_code code)
{
    assert_int_equal(code_of(b, &v), code);
}

static void words_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {"", "records form=csv", "Records", "html", "records\n"};
    struct bench b;
    struct console_view v;
    struct buf long_text = BUF_INIT(UINT16_MAX);
    (void)state;
    open_bench(&b);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        v = good;
        v.page = bytes_of_text(bad[i]);
        expect(&b, v, CONTROL_CODE_MALFORMED);
        v = good;
        v.form = bytes_of_text(i == 3 ? "records" : bad[i]);
        expect(&b, v, CONTROL_CODE_MALFORMED);
    }
    v = good;
    v.unit = text_of(&long_text, 60000, "a");
    expect(&b, v, CONTROL_CODE_MALFORMED);
    v.unit = bytes_of_text("board/audit detail");
    expect(&b, v, CONTROL_CODE_MALFORMED);
    assert_int_equal(count_leaves(&b, "\"event\":\"viewed\""), 0);
    buf_free(&long_text);
    bench_free(&b);
}

static void leaves_that_the_log_has_not_are_refused(void **state)
{
    struct bench b;
    struct console_view v = good;
    (void)state;
    open_bench(&b);
    const uint64_t leaves = ledger_entries(b.l);
    v.to = leaves + 1;
    expect(&b, v, CONTROL_CODE_MALFORMED);
    v.from = v.to = leaves;
    expect(&b, v, CONTROL_CODE_MALFORMED);
    v.from = 2;
    v.to = 0;
    expect(&b, v, CONTROL_CODE_MALFORMED);
    v.from = UINT64_MAX;
    v.to = UINT64_MAX;
    expect(&b, v, CONTROL_CODE_MALFORMED);
    v = good;
    v.has_record = true;
    v.record = leaves;
    expect(&b, v, CONTROL_CODE_MALFORMED);
    v.record = UINT64_MAX;
    expect(&b, v, CONTROL_CODE_MALFORMED);
    v = good;
    v.to = leaves;
    expect(&b, v, CONTROL_CODE_DONE);
    bench_free(&b);
}

static void a_reason_is_one_line_of_500_characters_at_most(void **state)
{
    struct bench b;
    struct console_view v = good;
    struct buf text = BUF_INIT(UINT16_MAX);
    (void)state;
    open_bench(&b);
    v.reason = text_of(&text, CONTROL_REASON_MAX, "가");
    expect(&b, v, CONTROL_CODE_DONE);
    v.reason = text_of(&text, 1, "가");
    expect(&b, v, CONTROL_CODE_BAD_REASON);
    v.reason = bytes_of_text("two\nlines");
    expect(&b, v, CONTROL_CODE_BAD_REASON);
    v.reason = bytes_of_text("turned \xe2\x80\xae around");
    expect(&b, v, CONTROL_CODE_BAD_REASON);
    v.reason = bytes_of_text("\xff");
    expect(&b, v, CONTROL_CODE_BAD_REASON);
    buf_free(&text);
    bench_free(&b);
}

static void who_may_not_use_the_console_sees_nothing(void **state)
{
    struct bench b;
    struct console_view v = good;
    (void)state;
    open_bench(&b);
    v.unit = bytes_of_text(FIRE);
    expect(&b, v, CONTROL_CODE_NO_CONSOLE);
    b.l->config.has_console = NULL; /* no policy set is known */
    expect(&b, good, CONTROL_CODE_NO_CONSOLE);
    assert_int_equal(count_leaves(&b, "\"event\":\"viewed\""), 0);
    bench_free(&b);
}

static void suspend(struct bench *b, const char *subject)
{
    assert_int_equal(suspensions_apply(b->l, CONTROL_SUSPEND, bytes_of_text(subject),
                                       bytes_of_text("gateway-operator/seo"),
                                       bytes_of_text("lost card"), CASE_GRANTED, b->wall_us),
                     RESULT_OK);
}

static void whom_officers_suspended_sees_nothing_until_that_is_lifted(void **state)
{
    static const char digits[] = "c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5";
    static const char *const kind[] = {"unit " AUDITOR, "party board", "offender " AUDITOR};
    struct bench b;
    struct console_view v = good;
    char certificate[100];
    (void)state;
    open_bench(&b);
    for (size_t i = 0; i < ARRAY_LEN(kind); i++) {
        suspend(&b, kind[i]);
        expect(&b, good, CONTROL_CODE_NO_CONSOLE);
        mem_free(map_remove(b.l->acts->suspensions, bytes_of_text(kind[i])));
        expect(&b, good, CONTROL_CODE_DONE);
    }
    (void)snprintf(certificate, sizeof certificate, "certificate %s", digits);
    suspend(&b, certificate);
    expect(&b, good, CONTROL_CODE_DONE); /* another certificate of the unit */
    memset(v.certificate, 0xc5, sizeof v.certificate);
    expect(&b, v, CONTROL_CODE_NO_CONSOLE);
    bench_free(&b);
}

/* A console in wrong hands fills no log. */
static void so_many_views_are_taken_and_so_many_a_second(void **state)
{
    struct bench b;
    size_t done = 0;
    (void)state;
    open_bench(&b);
    for (size_t i = 0; i < VIEWS_MOST + 5; i++) {
        struct console_view v = good;
        v.unit = bytes_of_text(i % 3 == 0 ? AUDITOR : i % 3 == 1 ? "desk/one" : "desk/two");
        assert_int_equal(say(&b, &v), RESULT_OK);
    }
    turn(&b);
    for (size_t i = 0; i < told.count; i++)
        done += told.viewed[i].code == CONTROL_CODE_DONE;
    assert_int_equal(told.count, VIEWS_MOST + 5);
    assert_int_equal(done, VIEWS_MOST);
    assert_int_equal(told.viewed[told.count - 1].code, CONTROL_CODE_TOO_MANY);
    advance(&b, US_PER_S);
    for (size_t i = 0; i < VIEWS_A_SECOND; i++)
        expect(&b, good, CONTROL_CODE_DONE);
    expect(&b, good, CONTROL_CODE_TOO_MANY);
    bench_free(&b);
}

/* One visitor who reloaded a page on and on left no view to anybody else. */
static void a_unit_that_looks_on_and_on_takes_nothing_from_others(void **state)
{
    struct bench b;
    struct console_view other = good;
    (void)state;
    open_bench(&b);
    for (size_t i = 0; i < VIEWS_UNIT_MOST; i++)
        expect(&b, good, CONTROL_CODE_DONE);
    expect(&b, good, CONTROL_CODE_TOO_MANY);
    other.unit = bytes_of_text("desk/one");
    expect(&b, other, CONTROL_CODE_DONE);
    advance(&b, US_PER_S);
    for (size_t i = 0; i < VIEWS_UNIT_A_SECOND; i++)
        expect(&b, good, CONTROL_CODE_DONE);
    expect(&b, good, CONTROL_CODE_TOO_MANY);
    bench_free(&b);
}

static void what_no_console_says_ends_its_channel(void **state)
{
    struct bench b;
    (void)state;
    open_bench(&b);
    assert_int_equal(ledger_console_view(b.l, bytes_of(NULL, 0)), RESULT_END);
    static const uint8_t zeros[4 + 8 + 4 * 2 + 1 + 24 + CONSOLE_FINGERPRINT];
    assert_int_equal(ledger_console_view(b.l, bytes_of(zeros, sizeof zeros)), RESULT_MALFORMED);
    turn(&b);
    assert_int_equal(told.count, 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_is_a_leaf_with_the_unit_and_what_it_saw),
        cmocka_unit_test(a_records_page_says_which),
        cmocka_unit_test(nobody_is_told_before_it_is_on_disk),
        cmocka_unit_test(an_edge_that_goes_takes_no_answer_of_the_console_with_it),
        cmocka_unit_test(a_console_that_went_is_told_nothing_of_what_another_one_asked),
        cmocka_unit_test(without_room_on_the_disk_nothing_is_shown),
        cmocka_unit_test(the_reason_is_sealed_in_the_register_and_in_no_leaf),
        cmocka_unit_test(without_a_keeper_a_reason_is_not_taken),
        cmocka_unit_test(a_gateway_without_a_register_keeps_no_reason),
        cmocka_unit_test(words_that_are_none_are_refused),
        cmocka_unit_test(leaves_that_the_log_has_not_are_refused),
        cmocka_unit_test(a_reason_is_one_line_of_500_characters_at_most),
        cmocka_unit_test(who_may_not_use_the_console_sees_nothing),
        cmocka_unit_test(whom_officers_suspended_sees_nothing_until_that_is_lifted),
        cmocka_unit_test(so_many_views_are_taken_and_so_many_a_second),
        cmocka_unit_test(a_unit_that_looks_on_and_on_takes_nothing_from_others),
        cmocka_unit_test(what_no_console_says_ends_its_channel),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
