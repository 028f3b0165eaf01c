#include "spool/seen.h"

#include "support.h"

static const struct uuid first = {{1}}, second = {{2}};
static const uint8_t content[ROAD_TAG] = "content", other_content[ROAD_TAG] = "other";

static void add_with(struct seen *s, const char *source, const struct uuid *id,
                     const uint8_t what[ROAD_TAG], uint64_t index, int64_t at_us, int64_t since_us)
{
    struct road_commit c = {.envelope = {.id = *id, .source = bytes_of_text(source)},
                            .at_us = at_us,
                            .bodies = index % 3};
    c.verdict = (uint8_t)(1 + index % 4);
    memcpy(c.content, what, ROAD_TAG);
    for (size_t i = 0; i < c.bodies; i++) {
        c.body[i].scope = 100 * index + i;
        memset(c.body[i].seed, (int)(index + i), ROAD_SEED);
    }
    seen_add(s, &c, index, since_us);
}

static void add(struct seen *s, const char *source, const struct uuid *id, uint64_t index,
                int64_t at_us)
{
    add_with(s, source, id, content, index, at_us, INT64_MIN);
}

/* Number `n` of many of the centre's. */
static struct uuid numbered(uint32_t n)
{
    struct uuid id = {{0}};
    memcpy(id.b, &n, sizeof n);
    return id;
}

static const struct seen_message *get(const struct seen *s, const char *source,
                                      const struct uuid *id)
{
    return seen_get(s, bytes_of_text(source), id, INT64_MIN);
}

static void a_message_is_known_by_its_source_and_id_together(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    add(s, CENTRE, &first, 9, NOON);
    const struct seen_message *m = get(s, CENTRE, &first);
    assert_non_null(m);
    assert_int_equal(m->index, 9);
    assert_int_equal(m->at_us, NOON);
    assert_int_equal(m->verdict, 2);
    assert_memory_equal(m->content, content, ROAD_TAG);
    assert_null(get(s, CAR, &first));
    assert_null(get(s, CENTRE, &second));
    seen_free(s);
}

static void sources_that_take_turns_are_told_apart(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    char longer[IDENT_UNIT_MAX + 20];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    const char *const source[] = {CENTRE, CENTRE, CAR, "", CENTRE, longer, CENTRE, "npa-daejeon"};
    for (uint8_t i = 0; i < ARRAY_LEN(source); i++)
        add(s, source[i], &(const struct uuid){{i + 1}}, i, NOON);
    for (uint8_t i = 0; i < ARRAY_LEN(source); i++) {
        const struct seen_message *m = get(s, source[i], &(const struct uuid){{i + 1}});
        assert_non_null(m);
        assert_int_equal(m->index, i);
    }
    assert_null(get(s, CAR, &(const struct uuid){{2}}));
    seen_free(s);
}

static void the_first_with_an_id_stays(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    add(s, CENTRE, &first, 9, NOON);
    add_with(s, CENTRE, &first, other_content, 10, NOON + 1, NOON);
    assert_int_equal(get(s, CENTRE, &first)->index, 9);
    assert_memory_equal(get(s, CENTRE, &first)->content, content, ROAD_TAG);
    seen_free(s);
}

static void what_is_older_is_forgotten_and_may_come_again(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    add(s, CENTRE, &first, 1, NOON);
    add(s, CENTRE, &second, 2, NOON + 1);
    seen_forget(s, NOON);
    assert_non_null(get(s, CENTRE, &first));
    seen_forget(s, NOON + 1);
    assert_null(get(s, CENTRE, &first));
    assert_non_null(get(s, CENTRE, &second));
    add(s, CENTRE, &first, 3, NOON + 2);
    seen_forget(s, NOON + 2);
    assert_null(get(s, CENTRE, &second));
    assert_int_equal(get(s, CENTRE, &first)->index, 3);
    seen_free(s);
}

/* Whatever still takes memory: recovery frees at other moments, and must not answer differently. */
static void what_is_too_old_is_as_if_it_were_forgotten(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    add(s, CENTRE, &first, 1, NOON);
    assert_non_null(seen_get(s, bytes_of_text(CENTRE), &first, NOON));
    assert_null(seen_get(s, bytes_of_text(CENTRE), &first, NOON + 1));
    add_with(s, CENTRE, &first, other_content, 2, NOON + 2, NOON + 1);
    assert_int_equal(get(s, CENTRE, &first)->index, 2);
    assert_memory_equal(get(s, CENTRE, &first)->content, other_content, ROAD_TAG);
    seen_free(s);
}

static void a_great_many_are_forgotten_in_turns(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    struct seen *s = seen_new();
    size_t left = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        const struct uuid id = numbered(i);
        add(s, CENTRE, &id, i, NOON);
    }
    seen_forget(s, NOON + 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        const struct uuid id = numbered(i);
        left += get(s, CENTRE, &id) != NULL;
    }
    assert_in_range(left, COUNT / 2, COUNT - 1000);
    seen_forget(s, NOON + 1);
    seen_forget(s, NOON + 1);
    const struct uuid last = numbered(COUNT - 1);
    assert_null(get(s, CENTRE, &last));
    seen_free(s);
}

/* ---- snapshots */

static void add_some(struct seen *s, uint32_t from, uint32_t until)
{
    for (uint32_t i = from; i < until; i++) {
        const struct uuid id = numbered(i);
        add(s, CENTRE, &id, i, NOON + i);
    }
}

/* Writes on until the lap is over, and takes all of it into another one. */
static struct seen *written(struct seen *s, size_t most, int64_t since_us)
{
    struct seen *taken = seen_new();
    struct buf record = BUF_INIT(1 << 20);
    while (seen_put(s, most, since_us, &record)) {
        struct cursor in = cursor_over(buf_view(&record));
        assert_int_equal(seen_take(taken, &in), RESULT_OK);
        buf_clear(&record);
    }
    assert_int_equal(seen_left(s), 0);
    buf_free(&record);
    return taken;
}

static void assert_same(const struct seen *s, const struct seen *taken, uint32_t number)
{
    const struct uuid id = numbered(number);
    const struct seen_message *a = get(s, CENTRE, &id), *b = get(taken, CENTRE, &id);
    assert_non_null(a);
    assert_non_null(b);
    assert_memory_equal(a->content, b->content, ROAD_TAG);
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->at_us, b->at_us);
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->copies, b->copies);
    assert_memory_equal(a->copy, b->copy, a->copies * sizeof a->copy[0]);
}

static bool knows(const struct seen *s, uint32_t number)
{
    const struct uuid id = numbered(number);
    return get(s, CENTRE, &id) != NULL;
}

static void what_a_snapshot_writes_is_taken_again_whole(void **state)
{
    (void)state;
    static const size_t most[] = {1, 500, 1 << 20};
    struct seen *s = seen_new();
    add_some(s, 0, 1000);
    for (size_t i = 0; i < ARRAY_LEN(most); i++) {
        seen_begin_lap(s);
        assert_int_equal(seen_left(s), seen_bytes(s));
        struct seen *taken = written(s, most[i], INT64_MIN);
        for (uint32_t n = 0; n < 1000; n++)
            assert_same(s, taken, n);
        seen_free(taken);
    }
    seen_free(s);
}

static void a_lap_writes_what_was_there_and_nothing_that_came_later(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    struct buf record = BUF_INIT(1 << 20);
    add_some(s, 0, 10);
    seen_begin_lap(s);
    assert_true(seen_put(s, 1, INT64_MIN, &record));
    add_some(s, 10, 20);
    struct seen *taken = written(s, 300, INT64_MIN);
    assert_false(knows(taken, 0)); /* written before */
    assert_true(knows(taken, 1) && knows(taken, 9));
    assert_false(knows(taken, 10) || knows(taken, 19));
    seen_free(taken);
    seen_begin_lap(s);
    taken = written(s, 300, INT64_MIN);
    assert_true(knows(taken, 0) && knows(taken, 19));
    seen_free(taken);
    buf_free(&record);
    seen_free(s);
}

static void what_is_forgotten_meanwhile_or_too_old_is_not_written(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    add_some(s, 0, 10);
    seen_begin_lap(s);
    add_some(s, 10, 12);
    seen_forget(s, NOON + 3); /* the next to be written, too */
    struct seen *taken = written(s, 1, NOON + 5);
    for (uint32_t n = 0; n < 12; n++)
        assert_int_equal(knows(taken, n), n >= 5 && n < 10);
    seen_free(taken);
    seen_begin_lap(s);
    add_some(s, 12, 14);
    seen_forget(s, NOON + 13); /* all of the lap, and the first that came since */
    assert_false(seen_put(s, 1, INT64_MIN, &BUF_INIT(1000)));
    assert_true(knows(s, 13));
    seen_free(s);
}

static void what_no_snapshot_wrote_is_refused(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    struct buf record = BUF_INIT(1 << 20);
    add_some(s, 0, 3);
    seen_begin_lap(s);
    assert_true(seen_put(s, 1 << 20, INT64_MIN, &record));
    for (size_t n = 1; n < record.n; n++) {
        struct seen *taken = seen_new();
        struct cursor in = cursor_over(bytes_of(record.p, n));
        const enum result r = seen_take(taken, &in);
        assert_true(r == RESULT_OK || result_group(r) == RESULT_REFUSE);
        assert_int_equal(knows(taken, 0), r == RESULT_OK);
        assert_false(knows(taken, 2));
        seen_free(taken);
    }
    buf_free(&record);
    seen_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_known_by_its_source_and_id_together),
        cmocka_unit_test(sources_that_take_turns_are_told_apart),
        cmocka_unit_test(the_first_with_an_id_stays),
        cmocka_unit_test(what_is_older_is_forgotten_and_may_come_again),
        cmocka_unit_test(what_is_too_old_is_as_if_it_were_forgotten),
        cmocka_unit_test(a_great_many_are_forgotten_in_turns),
        cmocka_unit_test(what_a_snapshot_writes_is_taken_again_whole),
        cmocka_unit_test(a_lap_writes_what_was_there_and_nothing_that_came_later),
        cmocka_unit_test(what_is_forgotten_meanwhile_or_too_old_is_not_written),
        cmocka_unit_test(what_no_snapshot_wrote_is_refused),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
