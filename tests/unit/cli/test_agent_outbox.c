/* The folder of --spool: what is put is there, in order, within bounds, for its owner alone. */
#include "cli/agent/outbox.h"

#include "../journal/temp_folder.h"
#include "base/clock.h"
#include "cli/cli.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>

#define NOW INT64_C(1795222800000001)

static const struct outbox_limits plenty = {1000000, UINT64_C(1) << 40};
static struct temp_folder folder;
static char path[128];

static int set_up(void **state)
{
    (void)state;
    folder = temp_folder_in_memory();
    (void)snprintf(path, sizeof path, "%s/spool", folder.path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_folder_free(&folder);
    return 0;
}

static struct outbox *open_with(size_t count, uint64_t bytes)
{
    struct outbox *o = outbox_open(path, (struct outbox_limits){count, bytes});
    assert_non_null(o);
    return o;
}

/* The number in its id, and its bytes, tell one message from another. */
static enum result put(struct outbox *o, enum fedgate_lane lane, unsigned number, int64_t now_us)
{
    char id[UUID_TEXT + 1], text[32];
    (void)snprintf(id, sizeof id, "019aa2b0-0000-7000-8000-%012u", number);
    (void)snprintf(text, sizeof text, "message %u", number);
    return outbox_put(o, lane, id, bytes_of_text(text), now_us);
}

/* What waits in a lane are the messages of these numbers, in this order; 0 ends them. */
static void expect(struct outbox *o, enum fedgate_lane lane, const unsigned *number)
{
    struct outbox_list list;
    size_t i = 0;
    assert_int_equal(outbox_list(o, lane, SIZE_MAX, &list), RESULT_OK);
    for (; number[i] != 0; i++) {
        struct buf read = BUF_INIT(1000);
        char text[32];
        (void)snprintf(text, sizeof text, "message %u", number[i]);
        assert_true(i < list.count);
        assert_int_equal(outbox_read(o, lane, list.name[i], &read), RESULT_OK);
        assert_string_equal(buf_c(&read), text);
        buf_free(&read);
    }
    assert_int_equal(list.count, i);
    outbox_list_free(&list);
}

static void remove_first(struct outbox *o, enum fedgate_lane lane)
{
    struct outbox_list list;
    assert_int_equal(outbox_list(o, lane, 1, &list), RESULT_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(outbox_remove(o, lane, list.name[0]), RESULT_OK);
    outbox_list_free(&list);
}

static unsigned mode_of(const char *name)
{
    char at[300];
    struct stat s;
    (void)snprintf(at, sizeof at, "%s/%s", path, name);
    assert_int_equal(stat(at, &s), 0);
    return s.st_mode & 0777;
}

/* ---- order */

static void what_is_put_waits_by_lane_in_its_order_for_its_owner_alone(void **state)
{
    (void)state;
    struct outbox *o = open_with(10, 1000);
    struct outbox_list list;
    char name[OUTBOX_NAME + 10];
    for (unsigned i = 9; i >= 5; i--) /* in one microsecond */
        assert_int_equal(put(o, i == 7 ? FEDGATE_URGENT : FEDGATE_NORMAL, i, NOW), RESULT_OK);
    expect(o, FEDGATE_URGENT, (const unsigned[]){7, 0});
    expect(o, FEDGATE_NORMAL, (const unsigned[]){9, 8, 6, 5, 0});
    assert_int_equal(outbox_list(o, FEDGATE_NORMAL, 2, &list), RESULT_OK);
    assert_int_equal(list.count, 2);
    (void)snprintf(name, sizeof name, "normal/%s", list.name[0]);
    assert_int_equal(mode_of(name), 0600);
    assert_int_equal(mode_of("normal"), 0700);
    assert_int_equal(mode_of("."), 0700);
    outbox_list_free(&list);
    outbox_close(o);
}

static void the_order_holds_over_an_end_and_a_clock_that_goes_back(void **state)
{
    (void)state;
    struct outbox *o = open_with(10, 1000);
    assert_int_equal(put(o, FEDGATE_URGENT, 3, NOW), RESULT_OK);
    assert_int_equal(put(o, FEDGATE_URGENT, 2, NOW - US_PER_DAY), RESULT_OK);
    outbox_close(o);
    o = open_with(10, 1000);
    assert_int_equal(put(o, FEDGATE_URGENT, 1, NOW - US_PER_DAY), RESULT_OK);
    expect(o, FEDGATE_URGENT, (const unsigned[]){3, 2, 1, 0});
    outbox_close(o);
}

static void an_id_that_is_no_uuid_names_no_file(void **state)
{
    static const char *const bad[] = {"", "../../x", "019AA2B0-0000-7000-8000-000000000001",
                                      "019aa2b0-0000-7000-8000-0000000000010"};
    (void)state;
    struct outbox *o = open_with(10, 1000);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(outbox_put(o, FEDGATE_URGENT, bad[i], bytes_of_text("x"), NOW),
                         RESULT_MALFORMED);
    expect(o, FEDGATE_URGENT, (const unsigned[]){0});
    outbox_close(o);
}

/* ---- bounds */

static void as_many_wait_as_may_and_one_more_when_one_was_sent(void **state)
{
    (void)state;
    struct outbox *o = open_with(3, 1000);
    struct outbox *sender = open_with(3, 1000);
    for (unsigned i = 1; i <= 3; i++)
        assert_int_equal(put(o, i % 2 == 0 ? FEDGATE_URGENT : FEDGATE_NORMAL, i, NOW), RESULT_OK);
    assert_int_equal(put(o, FEDGATE_URGENT, 4, NOW), RESULT_FULL);
    remove_first(sender, FEDGATE_NORMAL);
    assert_int_equal(put(o, FEDGATE_URGENT, 5, NOW), RESULT_OK);
    expect(o, FEDGATE_URGENT, (const unsigned[]){2, 5, 0});
    expect(o, FEDGATE_NORMAL, (const unsigned[]){3, 0});
    outbox_close(sender);
    outbox_close(o);
}

static void their_bytes_have_a_bound_too(void **state)
{
    (void)state;
    struct outbox *o = open_with(10, 20); /* of nine each */
    size_t count;
    uint64_t bytes;
    assert_int_equal(put(o, FEDGATE_URGENT, 1, NOW), RESULT_OK);
    assert_int_equal(put(o, FEDGATE_NORMAL, 2, NOW), RESULT_OK);
    assert_int_equal(put(o, FEDGATE_URGENT, 3, NOW), RESULT_FULL);
    assert_int_equal(outbox_count(o, &count, &bytes), RESULT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(bytes, 18);
    outbox_close(o);
}

static void what_other_processes_put_counts_a_second_later(void **state)
{
    (void)state;
    struct outbox *o = open_with(4, 1000), *other = open_with(4, 1000);
    assert_int_equal(put(o, FEDGATE_URGENT, 1, NOW), RESULT_OK);
    for (unsigned i = 2; i <= 4; i++)
        assert_int_equal(put(other, FEDGATE_URGENT, i, NOW), RESULT_OK);
    assert_int_equal(put(o, FEDGATE_URGENT, 5, NOW + US_PER_S + 1), RESULT_FULL);
    outbox_close(other);
    outbox_close(o);
}

/* ---- ends */

static void touch(const char *name)
{
    char at[300];
    (void)snprintf(at, sizeof at, "%s/%s", path, name);
    FILE *f = fopen(at, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
}

static bool is_there(const char *name)
{
    char at[300];
    (void)snprintf(at, sizeof at, "%s/%s", path, name);
    return access(at, F_OK) == 0;
}

#define HALF "urgent/.01795222800000001000-019aa2b0-0000-7000-8000-000000000001"

static void what_is_half_written_is_no_message_and_goes_when_nobody_writes(void **state)
{
    (void)state;
    struct outbox *o = open_with(10, 1000), *other;
    touch(HALF);
    touch("urgent/notes.txt");
    expect(o, FEDGATE_URGENT, (const unsigned[]){0});
    other = open_with(10, 1000);
    assert_true(is_there(HALF)); /* its writer may be at it */
    outbox_close(other);
    outbox_close(o);
    o = open_with(10, 1000);
    assert_false(is_there(HALF));
    assert_true(is_there("urgent/notes.txt"));
    outbox_close(o);
}

static void a_message_that_is_gone_or_too_large_is_told_apart(void **state)
{
    (void)state;
    struct outbox *o = open_with(10, 1000);
    struct outbox_list list;
    struct buf small = BUF_INIT(4);
    assert_int_equal(put(o, FEDGATE_URGENT, 1, NOW), RESULT_OK);
    assert_int_equal(outbox_list(o, FEDGATE_URGENT, 10, &list), RESULT_OK);
    assert_int_equal(outbox_read(o, FEDGATE_URGENT, list.name[0], &small), RESULT_TOO_LARGE);
    buf_clear(&small);
    assert_int_equal(outbox_remove(o, FEDGATE_URGENT, list.name[0]), RESULT_OK);
    assert_int_equal(outbox_remove(o, FEDGATE_URGENT, list.name[0]), RESULT_OK);
    assert_int_equal(outbox_read(o, FEDGATE_URGENT, list.name[0], &small), RESULT_NOT_FOUND);
    outbox_settle(o);
    buf_free(&small);
    outbox_list_free(&list);
    outbox_close(o);
}

static void one_process_sends(void **state)
{
    (void)state;
    struct outbox *o = open_with(10, 1000), *other = open_with(10, 1000);
    assert_true(outbox_claim(o));
    assert_false(outbox_claim(other));
    outbox_close(o);
    outbox_close(other);
    other = open_with(10, 1000);
    assert_true(outbox_claim(other));
    outbox_close(other);
}

static void a_folder_that_others_may_look_into_is_none(void **state)
{
    (void)state;
    outbox_close(open_with(10, 1000));
    assert_int_equal(chmod(path, 0750), 0);
    assert_null(outbox_open(path, plenty));
    assert_int_equal(chmod(path, 0700), 0);
    outbox_close(open_with(10, 1000));
    (void)snprintf(path, sizeof path, "%s/no/spool", folder.path);
    assert_null(outbox_open(path, plenty));
}

/* ---- refused */

static void a_refused_message_lies_beside_its_reason_and_waits_no_more(void **state)
{
    (void)state;
    struct outbox *o = open_with(10, 1000);
    struct outbox_list list;
    char name[OUTBOX_NAME + 20];
    assert_int_equal(put(o, FEDGATE_URGENT, 1, NOW), RESULT_OK);
    assert_int_equal(outbox_list(o, FEDGATE_URGENT, 10, &list), RESULT_OK);
    assert_int_equal(outbox_refuse(o, FEDGATE_URGENT, list.name[0], bytes_of_text("{}")),
                     RESULT_OK);
    expect(o, FEDGATE_URGENT, (const unsigned[]){0});
    (void)snprintf(name, sizeof name, "refused/%s", list.name[0]);
    assert_int_equal(mode_of(name), 0600);
    (void)snprintf(name, sizeof name, "refused/%s.json", list.name[0]);
    assert_int_equal(mode_of(name), 0600);
    outbox_list_free(&list);
    outbox_close(o);
}

static void of_refused_messages_the_latest_are_kept(void **state)
{
    (void)state;
    struct outbox *o = outbox_open(path, plenty);
    struct outbox_list list;
    char first[OUTBOX_NAME + 20], second[OUTBOX_NAME + 20];
    assert_non_null(o);
    for (unsigned i = 1; i <= OUTBOX_REFUSED_MAX + 1; i++)
        assert_int_equal(put(o, FEDGATE_NORMAL, i, NOW), RESULT_OK);
    assert_int_equal(outbox_list(o, FEDGATE_NORMAL, SIZE_MAX, &list), RESULT_OK);
    for (size_t i = 0; i < list.count; i++)
        assert_int_equal(outbox_refuse(o, FEDGATE_NORMAL, list.name[i], bytes_of_text("{}")),
                         RESULT_OK);
    for (int i = 0; i < 2; i++) {
        const char *end = i == 0 ? "" : ".json";
        (void)snprintf(first, sizeof first, "refused/%s%s", list.name[0], end);
        (void)snprintf(second, sizeof second, "refused/%s%s", list.name[1], end);
        assert_false(is_there(first));
        assert_true(is_there(second));
    }
    outbox_list_free(&list);
    outbox_close(o);
}

/* ---- watching */

static bool is_ready(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static void whoever_watches_hears_of_each_that_comes_and_of_none_that_goes(void **state)
{
    (void)state;
    struct outbox *o = open_with(10, 1000), *other = open_with(10, 1000);
    int fd = outbox_watch(o);
    assert_true(fd >= 0);
    assert_false(is_ready(fd));
    for (unsigned i = 1; i <= 2; i++) {
        enum fedgate_lane lane = i == 1 ? FEDGATE_URGENT : FEDGATE_NORMAL;
        assert_int_equal(put(other, lane, i, NOW), RESULT_OK);
        assert_true(is_ready(fd));
        outbox_watch_read(fd);
        remove_first(o, lane);
        assert_false(is_ready(fd));
    }
    (void)close(fd);
    outbox_close(other);
    outbox_close(o);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_put_waits_by_lane_in_its_order_for_its_owner_alone),
        T(the_order_holds_over_an_end_and_a_clock_that_goes_back),
        T(an_id_that_is_no_uuid_names_no_file),
        T(as_many_wait_as_may_and_one_more_when_one_was_sent),
        T(their_bytes_have_a_bound_too),
        T(what_other_processes_put_counts_a_second_later),
        T(what_is_half_written_is_no_message_and_goes_when_nobody_writes),
        T(a_message_that_is_gone_or_too_large_is_told_apart),
        T(one_process_sends),
        T(a_folder_that_others_may_look_into_is_none),
        T(a_refused_message_lies_beside_its_reason_and_waits_no_more),
        T(of_refused_messages_the_latest_are_kept),
        T(whoever_watches_hears_of_each_that_comes_and_of_none_that_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
