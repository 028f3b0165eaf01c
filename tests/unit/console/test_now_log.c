/* What the log says of the last day, on the page about now. */
#include "records.h"

#include "audit/witness.h"
#include "ipc/control.h"

/* Opens the page, with a ledger that has nothing to say but that it is there. */
static void open_now(struct records_bench *b)
{
    const struct control_answer a = {.code = CONTROL_CODE_DONE, .items = 1};
    const struct live_ledger ledger = {.set = B("set"), .serial = 7};
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    const struct web_request r = get_of("/en/now", "", "");
    struct buf frame = BUF_INIT(4096);
    control_answer_put(&a, &frame);
    live_ledger_put(&ledger, &frame);
    struct web_call *w = ask_as(&b->web, &v, &r, "");
    for (size_t i = 0; i < 10; i++)
        console_said(b->web.console, b->web.asked, buf_view(&frame));
    b->web.now_us += US_PER_S / 10;
    (void)console_turn(b->web.console);
    assert_int_equal(b->web.status, 200);
    assert_well_formed(&b->web);
    console_gone(w);
    buf_free(&frame);
}

static void refusals_are_counted_by_reason(void **state)
{
    (void)state;
    struct records_bench b;
    records_init(&b);
    for (size_t i = 0; i < 3; i++)
        (void)add_message(&b, POLICE, FIRE, "no-grant");
    for (size_t i = 0; i < 5; i++)
        (void)add_message(&b, POLICE, CENTRE, "purpose-unknown");
    (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    open_now(&b);
    const char *many = strstr(buf_c(&b.web.body), "/en/records?reason=purpose-unknown\"");
    const char *few = strstr(buf_c(&b.web.body), "/en/records?reason=no-grant\"");
    assert_true(many != NULL && few != NULL && many < few);
    assert_non_null(strstr(many, "<td>5</td>"));
    assert_non_null(strstr(few, "<td>3</td>"));
    assert_false(shows(&b.web, "reason=permitted"));
    records_free(&b);
}

static void add_witness(struct records_bench *b, enum audit_event e, const char *detail)
{
    (void)add_leaf(b, (struct leaf){.event = e, .detail = B(detail)});
}

/* The console's configuration names them: one, two and so on. */
struct witnesses {
    struct note_key key[2];
    uint8_t seed[2][SIGN_SEED];
};

static void name_witnesses(struct records_bench *b, struct witnesses *x)
{
    static const char *const name[] = {"one", "two"};
    *x = (struct witnesses){.seed = {{1}, {2}}};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        uint8_t public[SIGN_PUBLIC];
        sign_public_of(x->seed[i], public);
        assert_int_equal(
            note_key_make(b->web.log.hasher, B(name[i]), NOTE_KEY_COSIGNATURE, public, &x->key[i]),
            RESULT_OK);
    }
    console_free(b->web.console);
    b->web.config.witness = x->key;
    b->web.config.witnesses = ARRAY_LEN(x->key);
    b->web.console = console_new(&b->web.config);
}

/* It confirms what is published now. */
static void confirm(struct records_bench *b, const struct witnesses *x, size_t i, uint64_t time_s)
{
    struct buf note = BUF_INIT(4096), line = BUF_INIT(1024);
    char name[WITNESS_FILE];
    assert_int_equal(tiles_read_checkpoint(b->web.log.folder.fd, &note), RESULT_OK);
    witness_sign(&x->key[i], x->seed[i], buf_view(&note), time_s, &line);
    buf_put(&note, line.p, line.n);
    witness_file(&x->key[i], name);
    file_put(&b->web.log, name, buf_view(&note));
    buf_free(&note);
    buf_free(&line);
}

static void a_witness_has_its_last_confirmation_how_old_it_is_and_whether_it_is_late(void **state)
{
    (void)state;
    struct records_bench b;
    struct witnesses x;
    records_init(&b);
    name_witnesses(&b, &x);
    for (size_t i = 0; i < 3; i++)
        (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    confirm(&b, &x, 0, TEN / US_PER_S - 3661);
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=two");
    publish(&b);
    b.web.now_us = TEN + US_PER_MINUTE;
    open_now(&b);
    assert_true(shows(&b.web,
                      "witness one</th><td><time>2025-11-21 08:58:59</time></td><td>1:02:01</td>"
                      "<td>3</td><td>in time</td>"));
    assert_true(shows(&b.web, "witness two</th><td></td><td></td><td>0</td><td>late</td>"));
    assert_true(shows(
        &b.web, "newest entry under the checkpoint</th><td><time>2025-11-21 10:00:03</time></td>"
                "<td>0:00:57</td><td>4</td>"));
    add_witness(&b, AUDIT_WITNESS_BACK, "witness=two");
    publish(&b);
    b.web.now_us += 3 * US_PER_S;
    open_now(&b);
    assert_true(shows(&b.web, "<td>0</td><td>has not confirmed yet</td>"));
    assert_false(shows(&b.web, "<td>late</td>"));
    records_free(&b);
}

/* A ledger that began anew said it again, and the page said it twice. */
static void a_witness_that_is_late_is_told_once(void **state)
{
    (void)state;
    struct records_bench b;
    records_init(&b);
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=one");
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=one");
    publish(&b);
    open_now(&b);
    const char *first = strstr(buf_c(&b.web.body), "late: one");
    assert_non_null(first);
    assert_null(strstr(first + 1, "late: one"));
    records_free(&b);
}

static void a_witness_is_late_until_it_is_back(void **state)
{
    (void)state;
    struct records_bench b;
    struct witnesses x;
    records_init(&b);
    name_witnesses(&b, &x);
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=one");
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=two");
    add_witness(&b, AUDIT_WITNESS_BACK, "witness=two");
    publish(&b);
    open_now(&b);
    assert_true(shows(&b.web, "This witness is late: one"));
    assert_false(shows(&b.web, "late: two") || shows(&b.web, "No witness is late"));
    add_witness(&b, AUDIT_WITNESS_BACK, "witness=one");
    publish(&b);
    b.web.now_us += 3 * US_PER_S;
    open_now(&b);
    assert_true(shows(&b.web, "No witness is late"));
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=one");
    publish(&b);
    b.web.now_us += 3 * US_PER_S;
    open_now(&b);
    assert_true(shows(&b.web, "This witness is late: one"));
    records_free(&b);
}

/* Its story: while the index was built anew, "No witness is late" stood there of an index that had
 * not come to the entry which says that one is. */
static void while_the_index_is_behind_no_witness_is_said_to_be_in_time(void **state)
{
    (void)state;
    struct records_bench b;
    struct witnesses x;
    records_init(&b);
    name_witnesses(&b, &x);
    for (size_t i = 0; i < 300; i++)
        (void)add_message(&b, POLICE, FIRE, "permitted");
    publish(&b);
    confirm(&b, &x, 0, TEN / US_PER_S);
    add_witness(&b, AUDIT_WITNESS_LATE, "witness=one");
    for (size_t i = 0; i < 600; i++)
        (void)add_message(&b, POLICE, FIRE, "no-grant");
    log_publish(&b.web.log);
    log_lose(&b.web.log, 1);
    b.web.now_us += US_PER_S;
    open_now(&b);
    assert_true(shows(&b.web, "The index is being built; entries may be missing here."));
    assert_false(shows(&b.web, "No witness is late") || shows(&b.web, "<td>in time<"));
    records_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_counted_by_reason),
        cmocka_unit_test(a_witness_has_its_last_confirmation_how_old_it_is_and_whether_it_is_late),
        cmocka_unit_test(a_witness_that_is_late_is_told_once),
        cmocka_unit_test(a_witness_is_late_until_it_is_back),
        cmocka_unit_test(while_the_index_is_behind_no_witness_is_said_to_be_in_time),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
