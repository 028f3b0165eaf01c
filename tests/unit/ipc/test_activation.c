#include "ipc/activation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void fill(struct activation *a)
{
    *a = (struct activation){.set = bytes_of_text("daejeon"),
                             .serial = 7,
                             .sha256 = {1},
                             .signatures_required = true,
                             .signers = 1,
                             .fallback_serial = 3,
                             .fallback_sha256 = {2},
                             .nexts = 2};
    a->signer[0] = (struct activation_officer){bytes_of_text("centre/kim"), {3}, {4}};
    a->next[0] = (struct activation_officer){bytes_of_text("centre/lee"), {5}, {6}};
    a->next[1] = (struct activation_officer){bytes_of(NULL, 0), {7}, {8}};
}

static enum result take(struct bytes b, struct activation *out)
{
    struct cursor in = cursor_over(b);
    return activation_take(&in, out);
}

static void an_activation_goes_both_ways(void **state)
{
    struct activation a, back;
    struct buf b = BUF_INIT(4096);
    (void)state;
    fill(&a);
    activation_put(&a, &b);
    assert_int_equal(take(buf_view(&b), &back), RESULT_OK);
    assert_true(bytes_is(back.set, "daejeon"));
    assert_int_equal(back.serial, 7);
    assert_memory_equal(back.sha256, a.sha256, sizeof a.sha256);
    assert_true(back.signatures_required);
    assert_int_equal(back.signers, 1);
    assert_true(bytes_is(back.signer[0].name, "centre/kim"));
    assert_int_equal(back.fallback_serial, 3);
    assert_memory_equal(back.fallback_sha256, a.fallback_sha256, sizeof a.fallback_sha256);
    assert_int_equal(back.nexts, 2);
    assert_int_equal(back.next[0].key[0], 6);
    assert_int_equal(back.next[1].name.n, 0);
    assert_int_equal(back.next[1].id[0], 7);
    buf_free(&b);
}

static void half_of_one_or_more_than_one_is_refused(void **state)
{
    struct activation a, back;
    struct buf b = BUF_INIT(4096);
    (void)state;
    fill(&a);
    activation_put(&a, &b);
    for (size_t n = 0; n < b.n; n++)
        assert_int_not_equal(take(bytes_of(b.p, n), &back), RESULT_OK);
    buf_u8(&b, 0);
    assert_int_equal(take(buf_view(&b), &back), RESULT_MALFORMED);
    buf_free(&b);
}

static void expect(const struct activation *a, enum result wanted)
{
    struct activation back;
    struct buf b = BUF_INIT(8192);
    activation_put(a, &b);
    assert_int_equal(take(buf_view(&b), &back), wanted);
    buf_free(&b);
}

static void what_no_set_says_is_refused(void **state)
{
    struct activation a;
    (void)state;
    fill(&a);
    a.serial = 0;
    expect(&a, RESULT_MALFORMED);
    fill(&a);
    a.set = bytes_of_text("Two Words");
    expect(&a, RESULT_MALFORMED);
    fill(&a);
    a.signer[0].name = bytes_of_text("kim");
    expect(&a, RESULT_MALFORMED);
    fill(&a);
    a.nexts = ACTIVATION_OFFICERS;
    expect(&a, RESULT_OK);
    struct buf b = BUF_INIT(8192);
    activation_put(&a, &b);
    b.p[b.n - 1 - ACTIVATION_OFFICERS * (2 + ACTIVATION_ID + ACTIVATION_KEY) -
        strlen("centre/lee")] = ACTIVATION_OFFICERS + 1;
    struct activation back;
    assert_int_equal(take(buf_view(&b), &back), RESULT_RANGE);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_activation_goes_both_ways),
        cmocka_unit_test(half_of_one_or_more_than_one_is_refused),
        cmocka_unit_test(what_no_set_says_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
