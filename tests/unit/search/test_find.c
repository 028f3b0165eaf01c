/* What is found by which words, in what order, page by page. */
#include "support.h"

#include "base/mem.h"

static void an_index_without_entries_finds_nothing(void **state)
{
    (void)state;
    struct bench b;
    uint64_t out[4];
    size_t found = 9;
    bool more = true;
    bench_init(&b);
    const struct search_query q = {.before = UINT64_MAX, .until_us = INT64_MAX};
    assert_int_equal(search_find(b.s, &q, out, 4, &found, &more), RESULT_OK);
    assert_int_equal(found, 0);
    assert_false(more);
    assert_int_equal(search_chain(b.s, 0, out, 4, &found, &more), RESULT_OK);
    assert_int_equal(found, 0);
    assert_int_equal(search_size(b.s), 0);
    bench_free(&b);
}

/* One entry that has a word for each field, and one that has none of them. */
static void add_both(struct bench *b)
{
    static const struct bytes incident = {(const uint8_t *)INCIDENT, sizeof INCIDENT - 1};
    const struct leaf_recipient r = {.unit = W(FIRE),
                                     .reason = W("permitted-emergency"),
                                     .clause = W("rescue#alerts"),
                                     .flags = W("late unusual-hour")};
    (void)add(b, (struct leaf){.event = AUDIT_RELEASED,
                               .id = W("019aa2b0-0000-7000-8000-00000000000a"),
                               .source = W(POLICE),
                               .kind = W("alert"),
                               .service = W("112-patrol"),
                               .purpose = W("crime-response"),
                               .status = W("actual"),
                               .incident = &incident,
                               .incidents = 1,
                               .recipient = &r,
                               .recipients = 1,
                               .has_refers = true,
                               .refers = 7,
                               .detail = W("scope=12 order=o-1 items=90,100-1000 other=" POLICE)});
    (void)add(b, (struct leaf){.event = AUDIT_GATEWAY_STARTED});
    settle(b);
}

static void each_field_finds_its_entry(void **state)
{
    static const struct {
        enum search_field field;
        const char *value;
    } has[] = {{SEARCH_EVENT, "released"},
               {SEARCH_SOURCE, POLICE},
               {SEARCH_SOURCE_PARTY, "npa-daejeon"},
               {SEARCH_UNIT, FIRE},
               {SEARCH_UNIT_PARTY, "daejeon-fire"},
               {SEARCH_PARTY, "daejeon-fire"},
               {SEARCH_PARTY, "npa-daejeon"},
               {SEARCH_KIND, "alert"},
               {SEARCH_SERVICE, "112-patrol"},
               {SEARCH_PURPOSE, "crime-response"},
               {SEARCH_STATUS, "actual"},
               {SEARCH_MOU, "rescue"},
               {SEARCH_CLAUSE, "rescue#alerts"},
               {SEARCH_REASON, "permitted-emergency"},
               {SEARCH_REASON, "late"},
               {SEARCH_REASON, "unusual-hour"},
               {SEARCH_INCIDENT, INCIDENT},
               {SEARCH_INCIDENT, POLICE},
               {SEARCH_ID, "019aa2b0-0000-7000-8000-00000000000a"},
               {SEARCH_ID, "o-1"},
               {SEARCH_ABOUT, "7"},
               {SEARCH_ABOUT, "90"},
               {SEARCH_ABOUT, "100"},
               {SEARCH_ABOUT, "511"},
               {SEARCH_ABOUT, "1000"},
               {SEARCH_SCOPE, "12"}};
    (void)state;
    struct bench b;
    bool asked[SEARCH_FIELDS] = {false};
    bench_init(&b);
    add_both(&b);
    for (size_t i = 0; i < ARRAY_LEN(has); i++) {
        asked[has[i].field] = true;
        assert_int_equal(count_of(&b, has[i].field, W(has[i].value)), 1);
    }
    for (unsigned f = 0; f < SEARCH_FIELDS; f++)
        assert_true(asked[f]);
    assert_int_equal(count_of(&b, SEARCH_SOURCE_PARTY, W("daejeon-fire")), 0);
    assert_int_equal(count_of(&b, SEARCH_UNIT_PARTY, W("npa-daejeon")), 0);
    assert_int_equal(count_of(&b, SEARCH_ABOUT, W("99")), 0);
    assert_int_equal(count_of(&b, SEARCH_ABOUT, W("1001")), 0);
    bench_free(&b);
}

static void fields_have_words_for_links(void **state)
{
    (void)state;
    for (unsigned f = 0; f < SEARCH_FIELDS; f++)
        assert_int_equal(search_field_of_word(W(search_field_word((enum search_field)f))), f);
    assert_int_equal(search_field_of_word(W("password")), SEARCH_FIELDS);
    assert_int_equal(search_field_of_word(W("")), SEARCH_FIELDS);
}

static void terms_have_to_hold_together(void **state)
{
    (void)state;
    struct bench b;
    uint64_t out[4];
    size_t found;
    bool more;
    bench_init(&b);
    (void)add_message(&b, "a");
    (void)add(&b, (struct leaf){.event = AUDIT_SESSION_OPENED, .source = W(POLICE)});
    (void)add(&b, (struct leaf){.event = AUDIT_SESSION_OPENED, .source = W(FIRE)});
    settle(&b);
    struct search_query q = ask(SEARCH_EVENT, W("session-opened"));
    q.term[q.terms++] = (struct search_term){SEARCH_SOURCE, W(POLICE)};
    assert_int_equal(search_find(b.s, &q, out, 4, &found, &more), RESULT_OK);
    assert_int_equal(found, 1);
    assert_int_equal(out[0], 1);
    q.term[q.terms++] = (struct search_term){SEARCH_KIND, W("alert")};
    assert_int_equal(search_find(b.s, &q, out, 4, &found, &more), RESULT_OK);
    assert_int_equal(found, 0);
    bench_free(&b);
}

static void a_query_has_so_many_terms_and_no_other_fields(void **state)
{
    (void)state;
    struct bench b;
    uint64_t out[1];
    size_t found;
    bool more;
    bench_init(&b);
    (void)add_message(&b, "a");
    settle(&b);
    struct search_query q = ask(SEARCH_KIND, W("alert"));
    for (q.terms = 0; q.terms < SEARCH_TERMS_MAX; q.terms++)
        q.term[q.terms] = (struct search_term){SEARCH_KIND, W("alert")};
    assert_int_equal(search_find(b.s, &q, out, 1, &found, &more), RESULT_OK);
    assert_int_equal(found, 1);
    q.terms++;
    assert_int_equal(search_find(b.s, &q, out, 1, &found, &more), RESULT_RANGE);
    q = ask(SEARCH_FIELDS, W("alert")); /* chains have one of that number */
    assert_int_equal(search_find(b.s, &q, out, 1, &found, &more), RESULT_RANGE);
    bench_free(&b);
}

static void what_is_not_settled_is_not_found(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)add_message(&b, "a");
    assert_int_equal(count_of(&b, SEARCH_ID, W("a")), 0);
    assert_int_equal(search_size(b.s), 0);
    settle(&b);
    assert_int_equal(count_of(&b, SEARCH_ID, W("a")), 1);
    assert_int_equal(search_size(b.s), 1);
    bench_free(&b);
}

static void entries_come_in_order(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    (void)add_message(&b, "a");
    const struct leaf again = {.event = AUDIT_RECEIVED, .index = 0};
    assert_int_equal(search_take(b.s, &again), RESULT_STATE);
    bench_free(&b);
}

/* Through more than one chunk of 65536, of which some have none. */
static void pages_give_all_once_in_both_directions(void **state)
{
    (void)state;
    struct bench b;
    uint64_t out[7], seen = 0, at = UINT64_MAX;
    size_t found;
    bool more = true;
    bench_init(&b);
    for (unsigned i = 0; i < 100; i++) {
        (void)add_message(&b, "a");
        b.next += i % 10 == 9 ? 30011 : 3; /* others were let go */
    }
    settle(&b);
    struct search_query q = ask(SEARCH_KIND, W("alert"));
    for (; more; q.before = at, seen += found) {
        assert_int_equal(search_find(b.s, &q, out, 7, &found, &more), RESULT_OK);
        for (size_t i = 0; i < found; at = out[i++])
            assert_true(out[i] < at);
    }
    assert_int_equal(seen, 100);
    assert_int_equal(at, 0);
    q.oldest_first = true;
    for (seen = 0, more = true; more; q.after = at + 1, seen += found) {
        assert_int_equal(search_find(b.s, &q, out, 7, &found, &more), RESULT_OK);
        for (size_t i = 0; i < found; at = out[i++])
            assert_true(seen + i == 0 || out[i] > at);
    }
    assert_int_equal(seen, 100);
    bench_free(&b);
}

/* Words that are never together, in many chunks: the work has an end, and goes on behind it. */
static void work_that_finds_nothing_can_be_parted(void **state)
{
    (void)state;
    struct bench b;
    uint64_t out[2], reached = UINT64_MAX;
    size_t found, calls = 0;
    bool more = true;
    bench_init(&b);
    (void)add(&b, (struct leaf){.event = AUDIT_RECEIVED, .kind = W("x"), .service = W("y")});
    for (unsigned i = 1; i < 1300; i++) {
        b.next = (uint64_t)i * 65536;
        (void)add(&b, (struct leaf){.event = AUDIT_RECEIVED, .kind = W("x")});
        (void)add(&b, (struct leaf){.event = AUDIT_RECEIVED, .service = W("y")});
    }
    settle(&b);
    struct search_query q = ask(SEARCH_KIND, W("x"));
    q.term[q.terms++] = (struct search_term){SEARCH_SERVICE, W("y")};
    for (q.reached = &reached; more; calls++, q.before = reached)
        assert_int_equal(search_find(b.s, &q, out, 2, &found, &more), RESULT_OK);
    assert_true(calls > 1 && calls < 10);
    assert_int_equal(found, 1);
    assert_int_equal(out[0], 0);
    bench_free(&b);
}

static void times_bound_what_is_found_to_the_microsecond(void **state)
{
    (void)state;
    struct bench b;
    uint64_t out[SEARCH_PAGE_MAX];
    size_t found;
    bool more;
    bench_init(&b);
    for (unsigned i = 0; i < 1000; i++) /* also by a clock that was set back */
        (void)add(&b, (struct leaf){.event = AUDIT_ACT, .time_us = TEN + (i == 600 ? 7 : i)});
    settle(&b);
    struct search_query q = {.before = UINT64_MAX, .from_us = TEN + 5, .until_us = TEN + 9};
    assert_int_equal(search_find(b.s, &q, out, SEARCH_PAGE_MAX, &found, &more), RESULT_OK);
    assert_int_equal(found, 5);
    assert_int_equal(out[0], 600);
    assert_int_equal(out[1], 8);
    assert_int_equal(out[4], 5);
    q.from_us = TEN + 1000;
    q.until_us = INT64_MAX;
    assert_int_equal(search_find(b.s, &q, out, SEARCH_PAGE_MAX, &found, &more), RESULT_OK);
    assert_int_equal(found, 0);
    bench_free(&b);
}

/* ---- words of somebody who wants no good */

static void words_are_words_whatever_stands_in_them(void **state)
{
    static const struct bytes words[] = {
        {(const uint8_t *)"'; DROP TABLE words; --", 23},
        {(const uint8_t *)"\"a\" OR 1=1", 10},
        {(const uint8_t *)"a\\0b", 4},
        {(const uint8_t *)"a\0b", 3},
        {(const uint8_t *)"a", 1},
        {(const uint8_t *)"%", 1},
        {(const uint8_t *)"<script>alert(1)</script>", 25},
        {(const uint8_t *)"\xea\xb2\xbd\xec\xb0\xb0", 6},
        {(const uint8_t *)"\xff\xfe", 2},
        {(const uint8_t *)"A", 1},
        {(const uint8_t *)" a", 2},
    };
    (void)state;
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        (void)add(&b, (struct leaf){.event = AUDIT_RECEIVED, .id = words[i]});
    settle(&b);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        uint64_t out[4];
        size_t found;
        bool more;
        const struct search_query q = ask(SEARCH_ID, words[i]);
        assert_int_equal(search_find(b.s, &q, out, 4, &found, &more), RESULT_OK);
        assert_int_equal(found, 1);
        assert_int_equal(out[0], i);
    }
    assert_int_equal(count_of(&b, SEARCH_ID, W("")), 0);
    bench_free(&b);
}

static void a_word_may_be_as_long_as_an_entry(void **state)
{
    (void)state;
    struct bench b;
    uint8_t *word = mem_new(LEAF_MAX + 1);
    memset(word, 'x', LEAF_MAX + 1);
    bench_init(&b);
    (void)add(&b, (struct leaf){.event = AUDIT_RECEIVED, .id = bytes_of(word, LEAF_MAX)});
    (void)add(&b, (struct leaf){.event = AUDIT_RECEIVED, .id = bytes_of(word, LEAF_MAX - 1)});
    settle(&b);
    assert_int_equal(count_of(&b, SEARCH_ID, bytes_of(word, LEAF_MAX)), 1);
    assert_int_equal(count_of(&b, SEARCH_ID, bytes_of(word, LEAF_MAX + 1)), 0);
    mem_free(word);
    bench_free(&b);
}

static void digits_are_digits(void **state)
{
    static const char *const wrong[] = {"",
                                        "-7",
                                        "+7",
                                        "7 ",
                                        " 7",
                                        "0x7",
                                        "7.0",
                                        "18446744073709551623",
                                        "99999999999999999999999"};
    (void)state;
    struct bench b;
    bench_init(&b);
    add_both(&b);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(count_of(&b, SEARCH_ABOUT, W(wrong[i])), 0);
    assert_int_equal(count_of(&b, SEARCH_ABOUT, W("007")), 1);
    bench_free(&b);
}

/* As wide as numbers are, in few rows. */
static void a_range_without_end_costs_little(void **state)
{
    (void)state;
    struct bench b;
    struct stat st;
    char path[96];
    bench_init(&b);
    (void)add(&b, (struct leaf){.event = AUDIT_ACKNOWLEDGED,
                                .detail = W("received=3-9223372036854775807")});
    (void)add(&b, (struct leaf){.event = AUDIT_ACKNOWLEDGED, .detail = W("received=9-3")});
    settle(&b);
    assert_int_equal(count_of(&b, SEARCH_ABOUT, W("2")), 0);
    assert_int_equal(count_of(&b, SEARCH_ABOUT, W("3")), 1);
    assert_int_equal(count_of(&b, SEARCH_ABOUT, W("1000000000")), 1);
    assert_int_equal(count_of(&b, SEARCH_ABOUT, W("2251799813685247")), 1);
    file_path(&b, "search.db", path);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < 200000);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_without_entries_finds_nothing),
        cmocka_unit_test(each_field_finds_its_entry),
        cmocka_unit_test(fields_have_words_for_links),
        cmocka_unit_test(terms_have_to_hold_together),
        cmocka_unit_test(a_query_has_so_many_terms_and_no_other_fields),
        cmocka_unit_test(what_is_not_settled_is_not_found),
        cmocka_unit_test(entries_come_in_order),
        cmocka_unit_test(pages_give_all_once_in_both_directions),
        cmocka_unit_test(work_that_finds_nothing_can_be_parted),
        cmocka_unit_test(times_bound_what_is_found_to_the_microsecond),
        cmocka_unit_test(words_are_words_whatever_stands_in_them),
        cmocka_unit_test(a_word_may_be_as_long_as_an_entry),
        cmocka_unit_test(digits_are_digits),
        cmocka_unit_test(a_range_without_end_costs_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
