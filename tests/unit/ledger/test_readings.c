/* Who may have the register's facts opened, and which. The keeper of this bench answers with the
 * question itself. */
#include "officers.h"

#include "crypto/base64.h"
#include "ledger/readings.h"

#define KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void register_init(struct bench *b)
{
    dismissed = NULL;
    bench_prepare(b, 1 << 20);
    b->config.officer = find_officer;
    b->config.register_keep_us = 1825 * US_PER_DAY;
    assert_int_equal(bench_open(b), RESULT_OK);
}

/* A message between these, with a fact; its leaf. */
static uint64_t add_fact(struct bench *b, uint8_t id, const char *from, const char *to,
                         const char *sealed)
{
    struct road_commit c;
    make_commit(b, id, id, &c);
    with_scope(b, &c, id);
    c.envelope.source = bytes_of_text(from);
    c.recipient[0].unit = bytes_of_text(to);
    c.fact = (struct road_fact){.scope = b->l->register_scope, .sealed = bytes_of_text(sealed)};
    const struct road_committed done = commit(b, &c);
    assert_int_equal(done.answer, ROAD_ON_DISK);
    return done.index;
}

static unsigned prepares(struct bench *b, unsigned act, const char *subject, const char *officer)
{
    struct answered a;
    unsigned code = prepare(b, act, subject, officer, &a);
    buf_free(&a.bytes);
    return code;
}

/* The leaf of a reading that this officer signed; 0 when it is refused. */
static uint64_t sign_reading(struct bench *b, const char *subject, const char *officer)
{
    struct answered a;
    uint64_t index = 0;
    bool done = false;
    if (prepare(b, CONTROL_READ_REGISTER, subject, officer, &a) == CONTROL_CODE_DONE &&
        submit(b, a.is.text, officer, &done) == CONTROL_CODE_DONE && done)
        index = b->l->leaves - 1;
    buf_free(&a.bytes);
    return index;
}

/* What the keeper was asked to open. */
struct opened {
    unsigned code;
    bool more;
    uint64_t last, leaf[ROAD_FACTS_A_BOX];
    size_t count;
};

static struct opened read_facts(struct bench *b, uint64_t act, uint64_t after)
{
    struct opened out = {0};
    struct buf request = BUF_INIT(4096), answer = BUF_INIT(CONTROL_ANSWER_MAX);
    char name[24], last[24] = "";
    struct control_answer a;
    struct control_box box;
    (void)snprintf(name, sizeof name, "%llu", (unsigned long long)act);
    if (after > 0)
        (void)snprintf(last, sizeof last, "%llu", (unsigned long long)after);
    const struct control_request r = {
        .ask = CONTROL_READ, .subject = bytes_of_text(name), .after = bytes_of_text(last)};
    control_request_put(&r, &request);
    assert_int_equal(ledger_control(b->l, buf_view(&request), &answer), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&answer));
    assert_int_equal(control_answer_take(&in, &a), RESULT_OK);
    out.code = a.code;
    out.more = a.more;
    if (a.items == 1) {
        struct bytes reader, fact;
        assert_int_equal(control_box_take(&in, &box), RESULT_OK);
        out.last = box.last;
        in = cursor_over(box.box);
        assert_int_equal(cursor_take(&in, ROAD_READER, &reader), RESULT_OK);
        while (in.left > 0) {
            assert_int_equal(cursor_u64(&in, &out.leaf[out.count++]), RESULT_OK);
            assert_int_equal(cursor_bytes16(&in, &fact), RESULT_OK);
        }
    }
    buf_free(&request);
    buf_free(&answer);
    return out;
}

static void records_and_privacy_officers_may_have_facts_opened(void **state)
{
    (void)state;
    struct bench b;
    static const char subject[] = "leaves 0-9 key " KEY;
    register_init(&b);
    assert_int_equal(prepares(&b, CONTROL_READ_REGISTER, subject, CHOI), CONTROL_CODE_DONE);
    assert_int_equal(prepares(&b, CONTROL_READ_REGISTER, subject, KIM), CONTROL_CODE_DONE);
    assert_int_equal(prepares(&b, CONTROL_READ_REGISTER, subject, YOON), CONTROL_CODE_WRONG_ROLE);
    assert_int_equal(prepares(&b, CONTROL_READ_REGISTER, subject, "npa-daejeon/nobody"),
                     CONTROL_CODE_OFFICER_UNKNOWN);
    bench_free(&b);
}

static void a_subject_names_leaves_and_a_key(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "leaves 0-9",
                                        "leaves 9-8 key " KEY,
                                        "leaves 00-9 key " KEY,
                                        "leaves 0-99999999999999999999 key " KEY,
                                        "leaves 0-9 key AAAA",
                                        "leaves 0-9 key " KEY "x",
                                        "all key " KEY};
    struct bench b;
    register_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(prepares(&b, CONTROL_READ_REGISTER, wrong[i], CHOI),
                         CONTROL_CODE_BAD_LEAVES);
    assert_int_equal(prepares(&b, CONTROL_PUBLISHED, "mou molit-npa-2015 leaves 0-9", CHOI),
                     CONTROL_CODE_DONE);
    assert_int_equal(prepares(&b, CONTROL_PUBLISHED, "mou molit-npa-2015", CHOI),
                     CONTROL_CODE_BAD_LEAVES);
    assert_int_equal(prepares(&b, CONTROL_PUBLISHED, "leaves 0-9", CHOI), CONTROL_CODE_BAD_LEAVES);
    bench_free(&b);
}

static void an_officer_gets_what_the_own_party_sent_or_got_and_an_auditor_all(void **state)
{
    (void)state;
    struct bench b;
    register_init(&b);
    const uint64_t first = add_fact(&b, 1, CENTRE, FIRE, "first");
    const uint64_t second = add_fact(&b, 2, FIRE, "city/desk", "second");
    const uint64_t third = add_fact(&b, 3, "city/desk", CAR, "third");
    struct opened o = read_facts(&b, sign_reading(&b, "leaves 0-99 key " KEY, CHOI), 0);
    assert_true(o.count == 2 && o.leaf[0] == first && o.leaf[1] == third && !o.more);
    o = read_facts(&b, sign_reading(&b, "leaves 0-99 key " KEY, PARK), 0);
    assert_true(o.count == 2 && o.leaf[0] == first && o.leaf[1] == second);
    const uint64_t act = sign_reading(&b, "leaves 0-99 key " KEY, HAN);
    o = read_facts(&b, act, 0);
    assert_int_equal(o.count, 3);
    o = read_facts(&b, act, first);
    assert_true(o.count == 2 && o.leaf[0] == second);
    bench_free(&b);
}

static void no_leaf_is_opened_that_was_not_signed_for(void **state)
{
    (void)state;
    struct bench b;
    char subject[CONTROL_SUBJECT_MAX + 1];
    register_init(&b);
    (void)add_fact(&b, 1, CENTRE, FIRE, "before");
    const uint64_t wanted = add_fact(&b, 2, CENTRE, FIRE, "wanted");
    (void)add_fact(&b, 3, CENTRE, FIRE, "behind");
    (void)snprintf(subject, sizeof subject, "leaves %llu-%llu key " KEY, (unsigned long long)wanted,
                   (unsigned long long)wanted);
    const uint64_t act = sign_reading(&b, subject, HAN);
    struct opened o = read_facts(&b, act, 0);
    assert_true(o.count == 1 && o.leaf[0] == wanted && !o.more);
    assert_int_equal(read_facts(&b, act + 1, 0).code, CONTROL_CODE_NOT_FOUND);
    assert_int_equal(read_facts(&b, wanted, 0).code, CONTROL_CODE_NOT_FOUND);
    bench_free(&b);
}

static void a_reading_ends_within_the_hour_and_with_the_ledger(void **state)
{
    (void)state;
    struct bench b;
    register_init(&b);
    (void)add_fact(&b, 1, CENTRE, FIRE, "fact");
    uint64_t act = sign_reading(&b, "leaves 0-99 key " KEY, HAN);
    b.no_keeper = true;
    assert_int_equal(read_facts(&b, act, 0).code, CONTROL_CODE_NO_KEEPER);
    b.no_keeper = false;
    assert_int_equal(read_facts(&b, act, 0).count, 1);
    b.wall_us += ACT_OPEN_FOR;
    assert_int_equal(read_facts(&b, act, 0).code, CONTROL_CODE_NOT_FOUND);
    act = sign_reading(&b, "leaves 0-99 key " KEY, HAN);
    bench_restart(&b);
    assert_int_equal(read_facts(&b, act, 0).code, CONTROL_CODE_NOT_FOUND);
    bench_free(&b);
}

/* The ledger once ended by this, as often as the officer asked. */
static void facts_that_are_not_what_was_written_are_told_and_end_nothing(void **state)
{
    (void)state;
    struct bench b;
    uint8_t length[2];
    register_init(&b);
    (void)add_fact(&b, 1, CENTRE, FIRE, "first");
    while (tiles_size(b.l->tiles) < TILE_WIDTH) {
        struct leaf leaf = {.event = AUDIT_GATEWAY_STARTED};
        assert_int_equal(ledger_leaf(b.l, &leaf, NULL), RESULT_OK);
    }
    turn(&b);
    const uint64_t act = sign_reading(&b, "leaves 0-99 key " KEY, HAN);
    assert_int_equal(read_facts(&b, act, 0).count, 1);
    int fd = openat(b.audit.fd, "register/000", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && pread(fd, length, 2, 1) == 2);
    length[0] ^= 0x10;
    assert_int_equal(pwrite(fd, length, 2, 1), 2);
    (void)close(fd);
    assert_int_equal(read_facts(&b, act, 0).code, CONTROL_CODE_DAMAGED);
    turn(&b);
    bench_free(&b);
}

static void each_reading_is_in_the_log_with_who_and_what(void **state)
{
    (void)state;
    struct bench b;
    register_init(&b);
    assert_true(sign_reading(&b, "leaves 0-99 key " KEY, HAN) > 0);
    assert_int_equal(count_leaves(&b, "act=read-register subject=\\\"leaves 0-99 key " KEY
                                      "\\\" officer=" HAN " effect=done"),
                     1);
    assert_int_equal(sign_reading(&b, "leaves 0-99 key " KEY, YOON), 0);
    bench_free(&b);
}

static void many_facts_come_in_several_boxes(void **state)
{
    (void)state;
    struct bench b;
    size_t count = 0;
    uint64_t last = 0;
    register_init(&b);
    for (unsigned i = 1; i <= 40; i++) /* so many scopes the bench has room for */
        (void)add_fact(&b, (uint8_t)i, CENTRE, FIRE, "a fact");
    struct road_commit c;
    for (unsigned i = 0; i < 300; i++) {
        make_commit(&b, 1, 1, &c);
        c.envelope.id.b[1] = (uint8_t)(1 + i / 200);
        c.envelope.id.b[2] = (uint8_t)(1 + i % 200);
        c.fact =
            (struct road_fact){.scope = b.l->register_scope, .sealed = bytes_of_text("a fact")};
        assert_int_equal(commit(&b, &c).answer, ROAD_ON_DISK);
        forget_said(&b);
    }
    const uint64_t act = sign_reading(&b, "leaves 0-99999 key " KEY, HAN);
    struct opened o = read_facts(&b, act, 0);
    assert_true(o.more && o.count == ROAD_FACTS_A_BOX);
    for (count = o.count, last = o.last; o.more; count += o.count, last = o.last)
        o = read_facts(&b, act, last);
    assert_int_equal(count, 340);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_and_privacy_officers_may_have_facts_opened),
        cmocka_unit_test(a_subject_names_leaves_and_a_key),
        cmocka_unit_test(an_officer_gets_what_the_own_party_sent_or_got_and_an_auditor_all),
        cmocka_unit_test(no_leaf_is_opened_that_was_not_signed_for),
        cmocka_unit_test(a_reading_ends_within_the_hour_and_with_the_ledger),
        cmocka_unit_test(facts_that_are_not_what_was_written_are_told_and_end_nothing),
        cmocka_unit_test(each_reading_is_in_the_log_with_who_and_what),
        cmocka_unit_test(many_facts_come_in_several_boxes),
    };
    return cmocka_run_group_tests(tests, appoint, dismiss_all);
}
