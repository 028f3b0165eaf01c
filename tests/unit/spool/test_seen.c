#include "spool/seen.h"

#include "support.h"

static const struct uuid first = {{1}}, second = {{2}};
static const uint8_t content[ROAD_TAG] = "content", other_content[ROAD_TAG] = "other";

static struct stored_round messages;

static struct seen *begin(void)
{
    stored_round_init(&messages);
    return seen_new(&messages);
}

static void end(struct seen *s)
{
    seen_free(s);
    assert_true(TAILQ_EMPTY(&messages.turns)); /* nothing is held any more */
}

static void add_with(struct seen *s, const char *source, const struct uuid *id,
                     const uint8_t what[ROAD_TAG], uint64_t index, int64_t at_us, int64_t since_us)
{
    struct stored *m = stored_new(&messages, index, at_us, (struct journal_place){1, 2, 3, 0}, 0);
    seen_add(s, bytes_of_text(source), id, what, m, since_us);
    stored_drop(&messages, m);
}

static void add(struct seen *s, const char *source, const struct uuid *id, uint64_t index,
                int64_t at_us)
{
    add_with(s, source, id, content, index, at_us, INT64_MIN);
}

static const struct seen_message *get(const struct seen *s, const char *source,
                                      const struct uuid *id)
{
    return seen_get(s, bytes_of_text(source), id, INT64_MIN);
}

static void a_message_is_known_by_its_source_and_id_together(void **state)
{
    (void)state;
    struct seen *s = begin();
    add(s, CENTRE, &first, 9, NOON);
    const struct seen_message *m = get(s, CENTRE, &first);
    assert_non_null(m);
    assert_int_equal(m->stored->index, 9);
    assert_int_equal(m->stored->at_us, NOON);
    assert_int_equal(m->stored->place.offset, 2);
    assert_memory_equal(m->content, content, ROAD_TAG);
    assert_null(get(s, CAR, &first));
    assert_null(get(s, CENTRE, &second));
    end(s);
}

static void sources_that_take_turns_are_told_apart(void **state)
{
    (void)state;
    struct seen *s = begin();
    char longer[IDENT_UNIT_MAX + 20];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    const char *const source[] = {CENTRE, CENTRE, CAR, "", CENTRE, longer, CENTRE, "npa-daejeon"};
    for (uint8_t i = 0; i < ARRAY_LEN(source); i++)
        add(s, source[i], &(const struct uuid){{i + 1}}, i, NOON);
    for (uint8_t i = 0; i < ARRAY_LEN(source); i++) {
        const struct seen_message *m = get(s, source[i], &(const struct uuid){{i + 1}});
        assert_non_null(m);
        assert_int_equal(m->stored->index, i);
    }
    assert_null(get(s, CAR, &(const struct uuid){{2}}));
    end(s);
}

static void the_first_with_an_id_stays(void **state)
{
    (void)state;
    struct seen *s = begin();
    add(s, CENTRE, &first, 9, NOON);
    add_with(s, CENTRE, &first, other_content, 10, NOON + 1, NOON);
    assert_int_equal(get(s, CENTRE, &first)->stored->index, 9);
    assert_memory_equal(get(s, CENTRE, &first)->content, content, ROAD_TAG);
    end(s);
}

static void what_is_older_is_forgotten_and_may_come_again(void **state)
{
    (void)state;
    struct seen *s = begin();
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
    assert_int_equal(get(s, CENTRE, &first)->stored->index, 3);
    end(s);
}

/* Whatever still takes memory: recovery frees at other moments, and must not answer differently. */
static void what_is_too_old_is_as_if_it_were_forgotten(void **state)
{
    (void)state;
    struct seen *s = begin();
    add(s, CENTRE, &first, 1, NOON);
    assert_non_null(seen_get(s, bytes_of_text(CENTRE), &first, NOON));
    assert_null(seen_get(s, bytes_of_text(CENTRE), &first, NOON + 1));
    add_with(s, CENTRE, &first, other_content, 2, NOON + 2, NOON + 1);
    assert_int_equal(get(s, CENTRE, &first)->stored->index, 2);
    assert_memory_equal(get(s, CENTRE, &first)->content, other_content, ROAD_TAG);
    end(s);
}

static void a_great_many_are_forgotten_in_turns(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    struct seen *s = begin();
    size_t left = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        struct uuid id = {{0}};
        memcpy(id.b, &i, sizeof i);
        add(s, CENTRE, &id, i, NOON);
    }
    seen_forget(s, NOON + 1);
    for (uint32_t i = 0; i < COUNT; i++) {
        struct uuid id = {{0}};
        memcpy(id.b, &i, sizeof i);
        left += get(s, CENTRE, &id) != NULL;
    }
    assert_in_range(left, COUNT / 2, COUNT - 1000);
    seen_forget(s, NOON + 1);
    seen_forget(s, NOON + 1);
    struct uuid last = {{0}};
    memcpy(last.b, &(uint32_t){COUNT - 1}, sizeof(uint32_t));
    assert_null(get(s, CENTRE, &last));
    end(s);
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
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
