/* Questions about the audit log, at the edge: each is passed on, and answered once. */
#include "desk.h"

struct reader {
    unsigned answered, refused;
    int status;
    char text[64], entry[64];
};

static void answered(void *arg, struct bytes text, struct bytes entry)
{
    struct reader *r = arg;
    r->answered++;
    (void)snprintf(r->text, sizeof r->text, "%.*s", (int)text.n, (const char *)text.p);
    (void)snprintf(r->entry, sizeof r->entry, "%.*s", (int)entry.n, (const char *)entry.p);
}

static void refused(void *arg, int status, const char *why)
{
    struct reader *r = arg;
    r->refused++;
    r->status = status;
    assert_true(why[0] != '\0');
}

static const struct log_reader_events events = {answered, refused};
static const struct log_ask proof_of_7 = {.what = LOG_PROOF, .index = 7};

/* What the ledger was asked. */
static struct log_ask told(struct desk *d)
{
    struct cursor in = cursor_over(desk_told(d, IPC_LOG_ASK));
    struct log_ask a;
    assert_int_equal(log_ask_take(&in, &a), RESULT_OK);
    return a;
}

static void say(struct desk *d, uint64_t ticket, enum log_answer answer)
{
    const struct log_said s = {.ticket = ticket,
                               .answer = (uint8_t)answer,
                               .text = bytes_of_text("proof"),
                               .entry = bytes_of_text("entry")};
    struct buf out = BUF_INIT(1000);
    log_said_put(&s, &out);
    desk_say(d, IPC_LOG_SAID, &out);
    buf_free(&out);
}

static void a_question_is_passed_on_in_the_units_name(void **state)
{
    (void)state;
    struct desk d;
    struct reader r = {0};
    desk_new(&d);
    assert_non_null(log_reader_open(desk_session(&d, POLICE), &events, &r, &proof_of_7));
    struct log_ask a = told(&d);
    assert_true(bytes_is(a.unit, POLICE) && a.what == LOG_PROOF && a.index == 7);
    say(&d, a.ticket, LOG_HERE);
    assert_int_equal(r.answered, 1);
    assert_string_equal(r.text, "proof");
    assert_string_equal(r.entry, "entry");
    say(&d, a.ticket, LOG_HERE); /* nobody waits for it any more */
    assert_int_equal(r.answered, 1);
    desk_free(&d);
}

static void refusals_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        enum log_answer answer;
        int status;
    } row[] = {{LOG_NONE, GRPC_NOT_FOUND},
               {LOG_DENIED, GRPC_PERMISSION_DENIED},
               {LOG_WRONG, GRPC_INVALID_ARGUMENT},
               {LOG_LATER, GRPC_UNAVAILABLE}};
    struct desk d;
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct reader r = {0};
        assert_non_null(log_reader_open(s, &events, &r, &proof_of_7));
        say(&d, told(&d).ticket, row[i].answer);
        assert_int_equal(r.refused, 1);
        assert_int_equal(r.status, row[i].status);
        assert_int_equal(r.answered, 0);
    }
    desk_free(&d);
}

static void who_has_gone_is_not_answered(void **state)
{
    (void)state;
    struct desk d;
    struct reader r = {0};
    desk_new(&d);
    struct log_reader *reader = log_reader_open(desk_session(&d, POLICE), &events, &r, &proof_of_7);
    uint64_t ticket = told(&d).ticket;
    log_reader_close(reader);
    say(&d, ticket, LOG_HERE);
    assert_int_equal(r.answered + r.refused, 0);
    desk_free(&d);
}

/* Whoever asks for much holds up nobody else. */
static void a_sessions_questions_go_one_after_the_other(void **state)
{
    (void)state;
    struct desk d;
    struct reader r[3] = {{0}}, other = {0};
    struct log_reader *open[3];
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    for (size_t i = 0; i < 3; i++) {
        const struct log_ask ask = {.what = LOG_PROOF, .index = i};
        open[i] = log_reader_open(s, &events, &r[i], &ask);
    }
    struct log_ask first = told(&d);
    assert_int_equal(first.index, 0);
    assert_false(desk_has_told(&d, IPC_LOG_ASK));
    assert_non_null(log_reader_open(desk_session(&d, CENTRE), &events, &other, &proof_of_7));
    say(&d, told(&d).ticket, LOG_HERE); /* another's does not wait */
    assert_int_equal(other.answered, 1);
    log_reader_close(open[1]); /* it never went out */
    say(&d, first.ticket, LOG_HERE);
    assert_int_equal(r[0].answered, 1);
    struct log_ask third = told(&d);
    assert_int_equal(third.index, 2);
    say(&d, third.ticket, LOG_NONE);
    assert_int_equal(r[2].refused, 1);
    assert_int_equal(r[1].answered + r[1].refused, 0);
    desk_free(&d);
}

static void what_waits_ends_with_its_session(void **state)
{
    (void)state;
    struct desk d;
    struct reader r[2] = {{0}};
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    for (size_t i = 0; i < 2; i++)
        assert_non_null(log_reader_open(s, &events, &r[i], &proof_of_7));
    uint64_t ticket = told(&d).ticket;
    session_close(s);
    assert_int_equal(r[0].refused + r[1].refused, 2);
    assert_false(desk_has_told(&d, IPC_LOG_ASK));
    say(&d, ticket, LOG_HERE);
    assert_int_equal(r[0].answered, 0);
    desk_free(&d);
}

static void without_a_ledger_there_is_no_answer(void **state)
{
    (void)state;
    struct desk d;
    struct reader r = {0};
    desk_new(&d);
    struct session *s = desk_session(&d, POLICE);
    assert_non_null(log_reader_open(s, &events, &r, &proof_of_7));
    assert_non_null(log_reader_open(s, &events, &r, &proof_of_7)); /* it waits for the first */
    edge_ledger_went(d.edge);
    assert_int_equal(r.refused, 2);
    assert_int_equal(r.status, GRPC_UNAVAILABLE);
    assert_null(log_reader_open(s, &events, &r, &proof_of_7));
    assert_int_equal(r.refused, 3);
    desk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_passed_on_in_the_units_name),
        cmocka_unit_test(refusals_are_told_apart),
        cmocka_unit_test(who_has_gone_is_not_answered),
        cmocka_unit_test(a_sessions_questions_go_one_after_the_other),
        cmocka_unit_test(what_waits_ends_with_its_session),
        cmocka_unit_test(without_a_ledger_there_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
