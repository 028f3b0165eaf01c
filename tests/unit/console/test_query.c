/* Queries and forms: what they say, and how they are refused. */
#include "support.h"

#include "console/query.h"

static void pairs_are_decoded(void **state)
{
    (void)state;
    struct query q;
    assert_int_equal(query_read(B("a=1+2&b=%ed%95%9c%26&c=&d&&e=x=y"), &q), QUERY_GOOD);
    assert_true(bytes_is(query_get(&q, "a"), "1 2"));
    assert_true(bytes_is(query_get(&q, "b"), "한&"));
    assert_int_equal(query_get(&q, "c").n, 0);
    assert_int_equal(query_get(&q, "d").n, 0);
    assert_true(bytes_is(query_get(&q, "e"), "x=y"));
    query_free(&q);
    assert_int_equal(query_read(B(""), &q), QUERY_GOOD);
    assert_int_equal(query_get(&q, "a").n, 0);
    query_free(&q);
}

static void faults_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum query_fault fault;
    } rows[] = {
        {"a=%", QUERY_BAD_ESCAPE},    {"a=%4", QUERY_BAD_ESCAPE}, {"a=%4g", QUERY_BAD_ESCAPE},
        {"%zz=1", QUERY_BAD_ESCAPE},  {"a=%ff", QUERY_NOT_TEXT},  {"a=b%00", QUERY_NOT_TEXT},
        {"%c0%af=1", QUERY_NOT_TEXT}, {"a=1&%61=2", QUERY_TWICE}, {"a=1&a=", QUERY_GOOD}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct query q;
        assert_int_equal(query_read(B(rows[i].text), &q), rows[i].fault);
        query_free(&q);
    }
}

static void there_is_a_bound_to_pairs_and_bytes(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(1 << 20);
    struct query q;
    for (unsigned i = 0; i < QUERY_PAIRS_MAX; i++)
        buf_printf(&text, "a%u=1&", i);
    assert_int_equal(query_read(buf_view(&text), &q), QUERY_GOOD);
    query_free(&q);
    buf_text(&text, "b=1");
    assert_int_equal(query_read(buf_view(&text), &q), QUERY_TOO_MANY);
    query_free(&q);
    buf_clear(&text);
    memset(buf_extend(&text, QUERY_BYTES_MAX), 'a', QUERY_BYTES_MAX);
    assert_int_equal(query_read(buf_view(&text), &q), QUERY_GOOD);
    query_free(&q);
    buf_text(&text, "a");
    assert_int_equal(query_read(buf_view(&text), &q), QUERY_TOO_LONG);
    query_free(&q);
    buf_free(&text);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static const char hostile[] = MARKUP "&a=b#?%+ \xed\x95\x9c\n";
    struct buf to = BUF_INIT(4096);
    struct query q;
    buf_text(&to, "/en/records");
    query_put(&to, "a", B("x"));
    query_put(&to, "none", B(""));
    query_put(&to, "b", B(hostile));
    assert_true(bytes_begins(buf_view(&to), "/en/records?a=x&b="));
    assert_int_equal(query_read(bytes_of(to.p + 12, to.n - 12), &q), QUERY_GOOD);
    assert_int_equal(q.pairs, 2);
    assert_true(bytes_equal(q.pair[1].value, B(hostile)));
    query_free(&q);
    buf_free(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_decoded),
        cmocka_unit_test(faults_have_names),
        cmocka_unit_test(there_is_a_bound_to_pairs_and_bytes),
        cmocka_unit_test(what_is_written_is_read_back),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
