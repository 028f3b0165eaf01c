#include "report/facts.h"

#include "crypto/digest.h"
#include "crypto/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define STAFF "{\"staff\":\"p-17\"}"

static int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* A fact of leaf `index`, and the commitment that its leaf has. */
static struct opened_fact fact_of(uint64_t index, const char *text, uint8_t commitment[32])
{
    struct opened_fact o = {.index = index, .scope = 7, .text = bytes_of_text(text)};
    memset(o.salt, (int)index + 1, sizeof o.salt);
    memset(o.subjects, 's', sizeof o.subjects);
    struct hasher *h = hasher_new();
    const struct bytes part[] = {bytes_of(o.salt, sizeof o.salt), o.text};
    hasher_sha256(h, part, 2, commitment);
    hasher_free(h);
    return o;
}

/* Through the file and back. */
static struct facts_file *again(struct facts_file *f)
{
    struct buf text = BUF_INIT(1 << 20);
    struct facts_file *read;
    size_t line;
    facts_put(f, &text);
    assert_int_equal(facts_read(buf_view(&text), &read, &line), RESULT_OK);
    buf_free(&text);
    facts_free(f);
    return read;
}

static void a_fact_is_found_with_its_leaf_and_compared(void **state)
{
    (void)state;
    uint8_t commitment[32], other[32] = {1};
    struct facts_file *f = facts_new();
    const struct opened_fact o = fact_of(9, STAFF, commitment);
    struct fact is;
    facts_add(f, &o);
    f = again(f);
    assert_int_equal(facts_count(f), 1);
    struct leaf leaf = {.index = 9, .fact = commitment};
    assert_int_equal(facts_of(f, &leaf, &is), FACT_OPEN);
    assert_true(bytes_is(is.staff, "p-17"));
    leaf.fact = other;
    assert_int_equal(facts_of(f, &leaf, &is), FACT_WRONG);
    assert_int_equal(is.staff.n, 0);
    leaf.fact = NULL;
    assert_int_equal(facts_of(f, &leaf, &is), FACT_WRONG);
    leaf.index = 8;
    assert_int_equal(facts_of(f, &leaf, &is), FACT_NONE);
    leaf.fact = commitment;
    assert_int_equal(facts_of(f, &leaf, &is), FACT_SEALED);
    assert_int_equal(facts_of(NULL, &leaf, &is), FACT_SEALED);
    facts_free(f);
}

static void a_changed_fact_is_noticed(void **state)
{
    (void)state;
    uint8_t commitment[32], unused[32];
    struct facts_file *f = facts_new();
    struct opened_fact o = fact_of(9, STAFF, commitment);
    struct fact is;
    o.text = bytes_of_text("{\"staff\":\"p-18\"}");
    facts_add(f, &o);
    const struct leaf leaf = {.index = 9, .fact = commitment};
    assert_int_equal(facts_of(f, &leaf, &is), FACT_WRONG);
    facts_free(f);
    f = facts_new();
    o = fact_of(9, STAFF, unused);
    o.salt[0] ^= 1;
    facts_add(f, &o);
    assert_int_equal(facts_of(f, &leaf, &is), FACT_WRONG);
    facts_free(f);
}

static void a_subject_has_one_tag_under_one_scope(void **state)
{
    (void)state;
    uint8_t commitment[32];
    char tag[FACT_SUBJECT + 1], same[FACT_SUBJECT + 1];
    struct facts_file *f = facts_new();
    const struct opened_fact o = fact_of(9, STAFF, commitment);
    facts_add(f, &o);
    assert_true(facts_subject(f, 9, bytes_of_text("carrier/s-1"), tag));
    f = again(f);
    assert_true(facts_subject(f, 9, bytes_of_text("carrier/s-1"), same));
    assert_string_equal(tag, same);
    assert_true(facts_subject(f, 9, bytes_of_text("carrier/s-2"), same));
    assert_string_not_equal(tag, same);
    assert_false(facts_subject(f, 10, bytes_of_text("carrier/s-1"), same));
    facts_free(f);
}

static void the_line_that_is_wrong_is_named(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}", "[]", "{\"scope\":\"0000000000000007\",\"subjects\":\"00\"}",
        "{\"fact\":\"{}\",\"index\":1,\"salt\":\"00\",\"scope\":\"0000000000000007\"}",
        "{\"fact\":\"{}\",\"index\":-1,\"salt\":\"00\",\"scope\":\"0000000000000007\"}"};
    struct facts_file *f;
    size_t line;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct buf text = BUF_INIT(4096);
        buf_printf(&text, "{\"scope\":\"0000000000000007\",\"subjects\":\"%064d\"}\n%s\n", 0,
                   wrong[i]);
        assert_int_equal(facts_read(buf_view(&text), &f, &line), RESULT_MALFORMED);
        assert_int_equal(line, 2);
        assert_null(f);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fact_is_found_with_its_leaf_and_compared),
        cmocka_unit_test(a_changed_fact_is_noticed),
        cmocka_unit_test(a_subject_has_one_tag_under_one_scope),
        cmocka_unit_test(the_line_that_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
