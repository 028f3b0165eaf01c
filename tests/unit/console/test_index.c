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

/* ---- files of an index that has not all */

static struct web_call *ask_records(struct records_bench *b, const char *path)
{
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    const struct web_request r = get_of(path, "", b->cookie);
    return ask_as(&b->web, &v, &r, "");
}

/* Up to its end, while the time goes on. */
static void end_call(struct records_bench *b, struct web_call *w)
{
    for (size_t i = 0; b->web.ended == 0 && i < 10000; i++) {
        b->web.now_us += US_PER_S / 100;
        (void)console_turn(b->web.console);
        console_writable(w);
    }
    console_gone(w);
    assert_int_equal(b->web.ended, 1);
}

/* A log of 600 entries, of which the index has the first 100 or, where a bundle is lost, never gets
 * all. */
static void begin_behind(struct records_bench *b, bool for_ever)
{
    const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
    records_init(b);
    add_sessions(b, 100, 7);
    publish(b);
    add_sessions(b, 500, 7);
    b->web.now_us += US_PER_S;
    if (for_ever)
        log_lose(&b->web.log, 1);
    state_reason(b, &v, "a");
}

/* Its story: while the index was built anew a file of all records had its first part alone, with an
 * end that said "unreadable: 0". */
static void a_file_waits_for_the_index_and_there_is_none_of_a_part_of_it(void **state)
{
    (void)state;
    struct records_bench b;
    begin_behind(&b, false);
    end_call(&b, ask_records(&b, "/en/records/csv"));
    assert_int_equal(b.web.status, 200);
    assert_true(shows(&b.web, "\r\n\"# records in this file\",\"600\","));
    records_free(&b);
    begin_behind(&b, true);
    end_call(&b, ask_records(&b, "/en/records/json"));
    assert_int_equal(b.web.status, 503);
    assert_true(shows(&b.web, "The index of the log is being built"));
    records_free(&b);
}

/* A page of any other visitor met damage, and the index began anew, empty: the file that was on its
 * way found nothing more, and ended as if it were whole. */
static void a_file_whose_index_begins_anew_does_not_end_as_a_whole_one(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/records/csv", "/en/records/json"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct records_bench b;
        begin_behind(&b, false);
        publish(&b);
        b.web.queued = SIZE_MAX;
        struct web_call *w = ask_records(&b, paths[i]);
        for (size_t k = 0; k < 10; k++)
            (void)console_turn(b.web.console);
        assert_int_equal(b.web.begun, 1);
        assert_int_equal(search_follow(b.search, b.web.log.folder.fd, 0, 0), RESULT_OK);
        assert_int_equal(search_size(b.search), 0);
        b.web.queued = 0;
        end_call(&b, w);
        assert_false(shows(&b.web, "records in this file") || shows(&b.web, "{\"end\":"));
        assert_int_equal(shows(&b.web, "INCOMPLETE"), i == 0);
        records_free(&b);
    }
}

/* ---- pages of an index that has not all */

/* Its story: while the index was built anew, the page of a record whose destruction was not in it
 * yet said "Not destroyed: the key of a stored copy is still there". */
static void nothing_is_said_of_what_became_of_a_record_without_all_of_the_index(void **state)
{
    (void)state;
    static const char builds[] = "The index is being built; entries may be missing here.";
    for (size_t lost = 0; lost < 2; lost++) {
        struct records_bench b;
        const struct visitor v = visitor_of(POLICY_CONSOLE_AUDITOR);
        records_init(&b);
        (void)add_message(&b, POLICE, FIRE, "permitted");
        (void)add_about(&b, AUDIT_RELEASED, 0, FIRE, "scope=7");
        add_sessions(&b, 300, 7);
        publish(&b);
        add_sessions(&b, 300, 7);
        (void)add_about(&b, AUDIT_DESTROYED, 0, "",
                        "scope=7 cause=deadline method=key-erased level=file");
        log_publish(&b.web.log);
        b.web.now_us += US_PER_S;
        if (lost > 0)
            log_lose(&b.web.log, 1);
        state_reason(&b, &v, "a");
        end_call(&b, ask_records(&b, "/en/record/0"));
        assert_int_equal(b.web.status, 200);
        assert_well_formed(&b.web);
        assert_true(shows(&b.web, "<ol class=\"timeline\">"));
        assert_false(shows(&b.web, "Not destroyed"));
        assert_int_equal(shows(&b.web, "keys of all stored copies were erased"), lost == 0);
        assert_int_equal(shows(&b.web, builds), lost > 0);
        end_call(&b, ask_records(&b, "/en/record/602"));
        assert_int_equal(shows(&b.web, builds), lost > 0);
        records_free(&b);
    }
}

static void pages_say_that_the_index_is_behind(void **state)
{
    (void)state;
    static const char *const paths[] = {"/en/records", "/en/policy", "/en/picture"};
    struct records_bench b;
    begin_behind(&b, true);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        end_call(&b, ask_records(&b, paths[i]));
        assert_int_equal(b.web.status, 200);
        assert_well_formed(&b.web);
        assert_true(shows(&b.web, "entries may be missing here. Entries so far: "));
        assert_false(shows(&b.web, "Nothing flowed"));
    }
    records_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_that_is_longer_than_the_log_begins_anew),
        cmocka_unit_test(an_index_of_another_log_as_long_as_this_one_begins_anew),
        cmocka_unit_test(a_file_waits_for_the_index_and_there_is_none_of_a_part_of_it),
        cmocka_unit_test(a_file_whose_index_begins_anew_does_not_end_as_a_whole_one),
        cmocka_unit_test(nothing_is_said_of_what_became_of_a_record_without_all_of_the_index),
        cmocka_unit_test(pages_say_that_the_index_is_behind),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
