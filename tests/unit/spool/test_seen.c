#include "spool/seen.h"

#include "support.h"

static const struct uuid first = {{1}}, second = {{2}};
static const uint8_t content[ROAD_TAG] = "content", other_content[ROAD_TAG] = "other";

static void add(struct seen *s, const char *source, const struct uuid *id, uint64_t index,
                int64_t at_us)
{
    seen_add(s, bytes_of_text(source), id, content, index, at_us, (struct journal_place){1, 2, 3});
}

static const struct seen_message *get(const struct seen *s, const char *source,
                                      const struct uuid *id)
{
    return seen_get(s, bytes_of_text(source), id);
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
    assert_int_equal(m->place.offset, 2);
    assert_memory_equal(m->content, content, ROAD_TAG);
    assert_null(get(s, CAR, &first));
    assert_null(get(s, CENTRE, &second));
    seen_free(s);
}

static void the_first_with_an_id_stays(void **state)
{
    (void)state;
    struct seen *s = seen_new();
    add(s, CENTRE, &first, 9, NOON);
    seen_add(s, bytes_of_text(CENTRE), &first, other_content, 10, NOON + 1,
             (struct journal_place){0});
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

static void a_great_many_are_forgotten_in_turns(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    struct seen *s = seen_new();
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
    seen_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_known_by_its_source_and_id_together),
        cmocka_unit_test(the_first_with_an_id_stays),
        cmocka_unit_test(what_is_older_is_forgotten_and_may_come_again),
        cmocka_unit_test(a_great_many_are_forgotten_in_turns),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
