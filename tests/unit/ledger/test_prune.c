/* Old entries are let go by an officer's act, and not before all that law wants kept has passed. */
#include "officers.h"

#include "audit/pruned.h"
#include "ledger/prune.h"

#define KEEP (1825 * US_PER_DAY)

static void old_log(struct bench *b)
{
    struct road_commit c;
    dismissed = NULL;
    bench_prepare(b, 1 << 20);
    b->config.officer = find_officer;
    b->config.register_keep_us = KEEP;
    assert_int_equal(bench_open(b), RESULT_OK);
    for (uint32_t i = 1; i <= 700; i++) {
        make_commit(b, 1, 0, &c);
        memcpy(c.envelope.id.b + 4, &i, sizeof i);
        c.bodies = 0;
        c.recipient[0].unit = bytes_of_text("gateway/self");
        c.fact = (struct road_fact){.scope = b->l->register_scope, .sealed = bytes_of_text("f")};
        assert_int_equal(commit(b, &c).answer, ROAD_ON_DISK);
        forget_said(b);
    }
    advance(b, US_PER_S); /* a checkpoint */
}

static unsigned prunes(struct bench *b, const char *subject, const char *officer)
{
    struct answered a;
    bool done = false;
    unsigned code = prepare(b, CONTROL_PRUNE, subject, officer, &a);
    if (code == CONTROL_CODE_DONE)
        code = submit(b, a.is.text, officer, &done);
    buf_free(&a.bytes);
    for (int i = 0; code == CONTROL_CODE_DONE && i < 8; i++)
        turn(b);
    return code;
}

static bool has_file(struct bench *b, const char *path)
{
    return faccessat(b->audit.fd, path, F_OK, 0) == 0;
}

static bool is_gone(struct bench *b, uint64_t index)
{
    struct buf entry = BUF_INIT(LEAF_MAX);
    enum result r = tiles_entry(b->l->tiles, index, &entry);
    buf_free(&entry);
    return r == RESULT_NOT_FOUND;
}

/* Whether one of the entries that are left says this. */
static bool says_left(struct bench *b, const char *text)
{
    bool found = false;
    for (uint64_t i = b->l->prune.below; i < tiles_size(b->l->tiles); i++) {
        struct buf entry = BUF_INIT(LEAF_MAX);
        assert_int_equal(tiles_entry(b->l->tiles, i, &entry), RESULT_OK);
        found = found || strstr(buf_c(&entry), text) != NULL;
        buf_free(&entry);
    }
    return found;
}

/* So that nobody asks the edge to forget keys meanwhile: years pass, and no turn. */
static void years(struct bench *b, int64_t us)
{
    b->wall_us += us;
}

static void entries_go_when_the_register_needs_them_no_more(void **state)
{
    (void)state;
    struct bench b;
    old_log(&b);
    assert_int_equal(prunes(&b, "entries before 512", HAN), CONTROL_CODE_TOO_YOUNG);
    years(&b, KEEP - US_PER_HOUR);
    assert_int_equal(prunes(&b, "entries before 512", HAN), CONTROL_CODE_TOO_YOUNG);
    assert_true(has_file(&b, "tile/entries/000") && has_file(&b, "register/000"));
    years(&b, 2 * US_PER_HOUR);
    assert_int_equal(prunes(&b, "entries before 512", HAN), CONTROL_CODE_DONE);
    assert_true(is_gone(&b, 511)); /* which was read to judge that: out of memory, too */
    assert_false(has_file(&b, "tile/entries/000") || has_file(&b, "register/000"));
    assert_false(has_file(&b, "tile/entries/001") || has_file(&b, "register/001"));
    assert_true(has_file(&b, "tile/0/000") && has_file(&b, "tile/0/001")); /* every hash stays */
    assert_true(has_file(&b, "pruned") && has_file(&b, "pruned.minisig"));
    assert_true(says_left(&b, "act=prune subject=\\\"entries before 512\\\" officer=" HAN));
    bench_free(&b);
}

static void only_an_auditors_or_operators_officers_may(void **state)
{
    (void)state;
    struct bench b;
    old_log(&b);
    years(&b, 2 * KEEP);
    assert_int_equal(prunes(&b, "entries before 512", CHOI), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(prunes(&b, "entries before 512", YOON), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(prunes(&b, "entries before 500", HAN), CONTROL_CODE_BAD_MINIMUM);
    assert_int_equal(prunes(&b, "entries before 51200", HAN), CONTROL_CODE_BAD_MINIMUM);
    assert_int_equal(prunes(&b, "entries before 256", HAN), CONTROL_CODE_DONE);
    assert_true(has_file(&b, "tile/entries/001"));
    assert_int_equal(prunes(&b, "entries before 256", HAN), CONTROL_CODE_BAD_MINIMUM);
    assert_int_equal(prunes(&b, "entries before 512", HAN), CONTROL_CODE_DONE);
    assert_false(has_file(&b, "tile/entries/001"));
    bench_free(&b);
}

static void a_ledger_that_ended_meanwhile_goes_on(void **state)
{
    (void)state;
    struct bench b;
    old_log(&b);
    static const char statement[] = "act: prune\nsubject: entries before 512\n";
    assert_int_equal(pruned_write(b.audit.fd, bytes_of_text(statement), bytes_of_text("signature")),
                     RESULT_OK);
    assert_int_equal(pruned_forget(b.audit.fd, 0), RESULT_OK);
    bench_restart(&b);
    assert_true(prune_is_busy(b.l));
    turn(&b);
    assert_false(prune_is_busy(b.l));
    assert_false(has_file(&b, "tile/entries/001") || has_file(&b, "register/001"));
    assert_true(has_file(&b, "tile/entries/002") || has_file(&b, "tile/entries/002.p"));
    bench_restart(&b);
    assert_false(prune_is_busy(b.l));
    bench_free(&b);
}

/* The act was acknowledged, and with the process it was forgotten: the log said "done" of what
 * nobody did. */
static void an_act_on_disk_is_carried_out_by_the_next_ledger(void **state)
{
    (void)state;
    struct bench b;
    struct answered a;
    struct buf signature = BUF_INIT(4096), request = BUF_INIT(CONTROL_REQUEST_MAX),
               answer = BUF_INIT(CONTROL_ANSWER_MAX);
    old_log(&b);
    years(&b, 2 * KEEP);
    assert_int_equal(prepare(&b, CONTROL_PRUNE, "entries before 512", HAN, &a), CONTROL_CODE_DONE);
    assert_int_equal(minisign_sign(officer_named(bytes_of_text(HAN))->key, a.is.text, false,
                                   bytes_of_text("act"), &signature),
                     RESULT_OK);
    const struct control_request r = {
        .ask = CONTROL_SUBMIT, .text = a.is.text, .signature = buf_view(&signature)};
    control_request_put(&r, &request);
    assert_int_equal(ledger_control(b.l, buf_view(&request), &answer), RESULT_OK);
    assert_int_equal(ledger_commit(b.l), RESULT_OK); /* and there the power fails */
    assert_false(has_file(&b, "pruned"));
    bench_restart(&b);
    for (int i = 0; i < 8; i++)
        turn(&b);
    assert_true(has_file(&b, "pruned") && has_file(&b, "pruned.minisig"));
    assert_false(has_file(&b, "tile/entries/000") || has_file(&b, "tile/entries/001"));
    bench_restart(&b);
    assert_false(prune_is_busy(b.l));
    assert_int_equal(b.l->prune.wanted, 0); /* it is done: nothing is written again */
    buf_free(&a.bytes);
    buf_free(&signature);
    buf_free(&request);
    buf_free(&answer);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_go_when_the_register_needs_them_no_more),
        cmocka_unit_test(only_an_auditors_or_operators_officers_may),
        cmocka_unit_test(a_ledger_that_ended_meanwhile_goes_on),
        cmocka_unit_test(an_act_on_disk_is_carried_out_by_the_next_ledger),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
