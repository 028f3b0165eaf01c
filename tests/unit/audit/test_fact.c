#include "audit/fact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define W(text) bytes_of_text(text)

static struct fact full(void)
{
    return (struct fact){.camera = {W("dj-3028"), W("dj-0303")},
                         .cameras = 2,
                         .begins_us = 1763686800000000,
                         .ends_us = 1763686860000000,
                         .form = W("video/mp2t"),
                         .item = {W("video")},
                         .items = 1,
                         .staff = W("p-17"),
                         .role = W("operator"),
                         .evidence = {{W("case-number"), W("2026-\"11\"")}},
                         .evidences = 1,
                         .document = W("수사-117"),
                         .subject = W("00112233445566778899aabbccddeeff"),
                         .method = W("gnss"),
                         .origin = W("lia-29"),
                         .result = W("released"),
                         .reason = W("case 2026-17"),
                         .workstation = W("car-7"),
                         .has_about = true,
                         .about = 0,
                         .until_us = 1763773200000000,
                         .retained = {{7, W("2026고단117")}},
                         .retains = 1};
}

static void a_fact_is_canonical(void **state)
{
    (void)state;
    const struct fact f = full();
    struct buf out = BUF_INIT(FACT_MAX);
    assert_int_equal(fact_write(&f, &out), RESULT_OK);
    assert_string_equal(
        buf_c(&out),
        "{\"about\":0,\"begins_us\":1763686800000000,\"camera\":[\"dj-3028\",\"dj-0303\"],"
        "\"document\":\"수사-117\",\"ends_us\":1763686860000000,"
        "\"evidence\":[{\"kind\":\"case-number\",\"value\":\"2026-\\\"11\\\"\"}],"
        "\"form\":\"video/mp2t\",\"item\":[\"video\"],\"method\":\"gnss\",\"origin\":\"lia-29\","
        "\"reason\":\"case "
        "2026-17\",\"result\":\"released\",\"retained\":[{\"case\":\"2026고단117\",\"item\":7}],"
        "\"role\":\"operator\",\"staff\":\"p-17\","
        "\"subject\":\"00112233445566778899aabbccddeeff\",\"until_us\":1763773200000000,"
        "\"workstation\":\"car-7\"}");
    buf_free(&out);
}

static void a_fact_reads_back_as_it_was(void **state)
{
    (void)state;
    const struct fact f = full();
    struct buf out = BUF_INIT(FACT_MAX), again = BUF_INIT(FACT_MAX);
    struct fact read;
    struct buf room;
    assert_int_equal(fact_write(&f, &out), RESULT_OK);
    assert_int_equal(fact_read(buf_view(&out), &read, &room), RESULT_OK);
    assert_int_equal(read.cameras, 2);
    assert_true(bytes_is(read.camera[1], "dj-0303"));
    assert_true(read.has_about && read.about == 0);
    assert_int_equal(fact_write(&read, &again), RESULT_OK);
    assert_true(bytes_equal(buf_view(&out), buf_view(&again)));
    buf_free(&room);
    buf_free(&out);
    buf_free(&again);
}

static void any_other_form_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "[]",
                                        "{\"camera\":[]}",
                                        "{\"camera\":\"dj-1\"}",
                                        "{\"staff\":\"p\",\"role\":\"o\"}", /* the order */
                                        "{ \"staff\":\"p\"}",
                                        "{\"latitude\":36}",
                                        "{\"begins_us\":-1}",
                                        "{\"evidence\":[{\"value\":\"1\",\"kind\":\"k\"}]}"};
    struct fact f;
    struct buf room;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_int_equal(fact_read(W(texts[i]), &f, &room), RESULT_MALFORMED);
}

static void what_cannot_be_said_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(2 * FACT_MAX);
    static char longest[FACT_MAX + 1];
    memset(longest, 'x', FACT_MAX);
    struct fact f = {.staff = W(longest)};
    assert_int_equal(fact_write(&f, &out), RESULT_TOO_LARGE);
    f = (struct fact){.staff = W("\xff")};
    assert_int_equal(fact_write(&f, &out), RESULT_MALFORMED);
    f = (struct fact){.until_us = -1};
    assert_int_equal(fact_write(&f, &out), RESULT_RANGE);
    f = (struct fact){.cameras = FACT_CAMERAS_MAX + 1};
    assert_int_equal(fact_write(&f, &out), RESULT_TOO_LARGE);
    assert_int_equal(out.n, 0);
    assert_true(fact_is_empty(&(struct fact){0}));
    assert_false(fact_is_empty(&(struct fact){.has_about = true}));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fact_is_canonical),
        cmocka_unit_test(a_fact_reads_back_as_it_was),
        cmocka_unit_test(any_other_form_is_refused),
        cmocka_unit_test(what_cannot_be_said_is_refused_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
