#include "ipc/activation.h"

#include "support.h"

/* Asks for a set whose digest is all `digest`; what the ledger says of it. */
static void ask(struct bench *b, uint64_t serial, uint8_t digest, uint64_t fallback,
                uint8_t fallback_digest, char why[LEDGER_WHY])
{
    struct activation a = {.set = bytes_of_text("daejeon"),
                           .serial = serial,
                           .signatures_required = true,
                           .signers = 2,
                           .fallback_serial = fallback};
    struct buf body = BUF_INIT(4096);
    memset(a.sha256, digest, sizeof a.sha256);
    memset(a.fallback_sha256, fallback_digest, sizeof a.fallback_sha256);
    a.signer[0].name = bytes_of_text("centre/kim");
    a.signer[1].name = bytes_of_text("centre/lee");
    activation_put(&a, &body);
    assert_int_equal(ledger_activate(b->l, buf_view(&body), why), RESULT_OK);
    buf_free(&body);
}

static void taken(struct bench *b, uint64_t serial, uint8_t digest)
{
    char why[LEDGER_WHY];
    ask(b, serial, digest, 0, 0, why);
    assert_string_equal(why, "");
}

static void refused(struct bench *b, uint64_t serial, uint8_t digest, const char *because)
{
    char why[LEDGER_WHY];
    ask(b, serial, digest, 0, 0, why);
    assert_string_equal(why, because);
}

static uint64_t serial_in_force(const struct bench *b)
{
    struct cursor in = cursor_over(ledger_in_force(b->l));
    struct activation a;
    assert_int_equal(activation_take(&in, &a), RESULT_OK);
    return a.serial;
}

static void an_activation_is_on_record_before_anybody_is_told(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(ledger_in_force(b.l).n, 0);
    taken(&b, 1, 1);
    taken(&b, 2, 2);
    bench_restart(&b);
    assert_int_equal(serial_in_force(&b), 2);
    assert_int_equal(count_leaves(&b, "\"policy-activated\""), 2);
    assert_int_equal(count_leaves(&b, "officers=centre/kim,centre/lee previous=1"), 1);
    assert_int_equal(count_leaves(&b, "set=daejeon sha256=01010101"), 1);
    bench_free(&b);
}

static void serials_only_rise(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    taken(&b, 5, 1);
    refused(&b, 4, 2,
            "stale: serial 4 is not above 5, the highest so far, nor the fallback of the set in "
            "force");
    refused(&b, 5, 2, "stale: serial 5 is in force with other files; raise the serial");
    assert_int_equal(serial_in_force(&b), 5);
    taken(&b, 6, 2);
    bench_restart(&b);
    refused(&b, 5, 1,
            "stale: serial 5 is not above 6, the highest so far, nor the fallback of the set in "
            "force");
    bench_free(&b);
}

static void the_set_in_force_comes_back_at_a_start(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    taken(&b, 5, 1);
    bench_restart(&b);
    taken(&b, 5, 1);
    bench_free(&b);
}

static void only_the_fallback_that_the_set_in_force_names_goes_back(void **state)
{
    (void)state;
    struct bench b;
    char why[LEDGER_WHY];
    bench_init(&b);
    taken(&b, 1, 1);
    taken(&b, 2, 2);
    ask(&b, 3, 3, 1, 1, why);
    assert_string_equal(why, "");
    refused(&b, 1, 9,
            "stale: serial 1 is not above 3, the highest so far, nor the fallback of the set in "
            "force");
    refused(&b, 2, 2,
            "stale: serial 2 is not above 3, the highest so far, nor the fallback of the set in "
            "force");
    bench_restart(&b);
    taken(&b, 1, 1);
    /* From there on only a higher serial than any: 3 does not come back by itself. */
    refused(&b, 3, 3,
            "stale: serial 3 is not above 3, the highest so far, nor the fallback of the set in "
            "force");
    taken(&b, 4, 3);
    bench_free(&b);
}

static void what_is_no_activation_is_refused(void **state)
{
    (void)state;
    struct bench b;
    char why[LEDGER_WHY];
    bench_init(&b);
    assert_int_equal(ledger_activate(b.l, bytes_of_text("x"), why), RESULT_END);
    assert_int_equal(ledger_in_force(b.l).n, 0);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_activation_is_on_record_before_anybody_is_told),
        cmocka_unit_test(serials_only_rise),
        cmocka_unit_test(the_set_in_force_comes_back_at_a_start),
        cmocka_unit_test(only_the_fallback_that_the_set_in_force_names_goes_back),
        cmocka_unit_test(what_is_no_activation_is_refused),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
