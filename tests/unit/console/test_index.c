/* The index beside its log: of another log, behind, begun anew. */
#include "records.h"

/* The process ends; an hour later another one begins with the same index. */
static void restart(struct records_bench *b)
{
    console_free(b->web.console);
    search_close(b->search);
    b->web.now_us += US_PER_HOUR;
    assert_int_equal(search_open(b->index.fd, B(LOG_NAME), NULL, &b->search), RESULT_OK);
    b->web.config.search = b->search;
    b->web.config.audit_folder = b->web.log.folder.fd;
    b->web.console = console_new(&b->web.config);
}

/* So many sessions of a log, whose salts no other log has; published. */
static void add_sessions(struct records_bench *b, size_t count, uint8_t salt)
{
    struct leaf leaf = {.event = AUDIT_SESSION_OPENED, .source = B(POLICE)};
    memset(leaf.salt, salt, sizeof leaf.salt);
    while (count-- > 0)
        (void)add_leaf(b, leaf);
    log_publish(&b->web.log);
}

/* ---- of another log */

/* A console's index of five entries, beside a log begun anew under the same name. */
static void begin_beside_another_log(struct records_bench *b, size_t entries)
{
    records_init(b);
    for (size_t i = 0; i < 5; i++)
        (void)add_message(b, POLICE, FIRE, "permitted");
    publish(b);
    log_free(&b->web.log);
    log_init(&b->web.log);
    add_sessions(b, entries, 7);
    restart(b);
}

static void assert_shows_the_log_that_is_there(struct records_bench *b, size_t entries)
{
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    (void)console_turn(b->web.console);
    assert_int_equal(search_size(b->search), entries);
    state_reason(b, &v, "a");
    assert_int_equal(get_records(b, &v, "/en/records", "event=received"), 200);
    assert_true(shows(&b->web, "Nothing was found"));
    assert_int_equal(get_records(b, &v, "/en/records", "event=session-opened"), 200);
    assert_false(shows(&b->web, "Nothing was found"));
}

/* A log restored from yesterday's backup: until it had grown past the index of today, pages were
 * made of entries that it does not have. */
static void an_index_that_is_longer_than_the_log_begins_anew(void **state)
{
    (void)state;
    struct records_bench b;
    begin_beside_another_log(&b, 2);
    assert_shows_the_log_that_is_there(&b, 2);
    records_free(&b);
}

static void an_index_of_another_log_as_long_as_this_one_begins_anew(void **state)
{
    (void)state;
    struct records_bench b;
    begin_beside_another_log(&b, 5);
    assert_shows_the_log_that_is_there(&b, 5);
    records_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_that_is_longer_than_the_log_begins_anew),
        cmocka_unit_test(an_index_of_another_log_as_long_as_this_one_begins_anew),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
