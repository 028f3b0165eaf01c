/* The urgent lane on a full disk, with a second folder: the first one gets no space on demand. */
#include "support.h"

#include "journal/state.h"

#include <errno.h>
#include <sys/syscall.h>

static struct {
    bool full;
    const char *second; /* where there is space all the same */
} os;

int fallocate(int fd, int mode, off_t at, off_t n)
{
    char link[32], path[256] = "";
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    assert_true(readlink(link, path, sizeof path - 1) > 0);
    errno = ENOSPC;
    return os.full && (os.second == NULL || strstr(path, os.second) == NULL)
               ? -1
               : (int)syscall(SYS_fallocate, fd, mode, at, n);
}

enum { LANE_NORMAL = 1 };

struct desk {
    struct bench b;
    struct temp_folder second;
    uint32_t number;
};

static void desk_init(struct desk *d)
{
    d->number = 0;
    d->second = temp_folder_new();
    os.full = false;
    os.second = d->second.path;
    bench_prepare(&d->b, SEGMENT);
    d->b.config.spare_segments = 3;
    d->b.config.urgent_folder = d->second.fd;
    d->b.config.urgent_segments = 2;
    assert_int_equal(bench_open(&d->b), RESULT_OK);
    publish(&d->b, 1);
}

static void desk_free(struct desk *d)
{
    bench_free(&d->b);
    temp_folder_free(&d->second);
}

static uint8_t send_in(struct desk *d, unsigned lane)
{
    static uint8_t sealed[3000];
    struct road_commit c;
    make_commit(&d->b, 1, 1, &c);
    d->number++;
    memcpy(c.envelope.id.b + 4, &d->number, sizeof d->number);
    c.envelope.lane = (uint8_t)lane;
    c.body[0].sealed = bytes_of(sealed, sizeof sealed);
    return commit(&d->b, &c).answer;
}

static void make_reserves(struct desk *d)
{
    const struct reserve *r = &d->b.l->journal->reserve;
    while (r->ready < r->most)
        assert_int_equal(send_in(d, LANE_NORMAL), ROAD_ON_DISK);
}

static uint32_t send_until_refused(struct desk *d, unsigned lane)
{
    uint32_t taken = 0;
    while (send_in(d, lane) == ROAD_ON_DISK)
        assert_true(++taken < 5000);
    return taken;
}

/* Everything that waits expires, and the key goes. */
static void pass_the_deadline(struct desk *d)
{
    advance(&d->b, 2 * US_PER_HOUR);
    for (int i = 0; i < 200 && spool_scopes_count(d->b.l->scopes) > 0; i++)
        advance(&d->b, US_PER_S);
    assert_int_equal(spool_scopes_count(d->b.l->scopes), 0);
    assert_true(count_leaves(&d->b, "\"expired\"") > 0);
    assert_int_equal(count_leaves(&d->b, "\"destroyed\""), 1);
}

static void on_a_full_disk_urgent_messages_are_taken_and_others_refused(void **state)
{
    (void)state;
    static struct desk d;
    desk_init(&d);
    os.full = true;
    (void)send_until_refused(&d, LANE_NORMAL);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(send_in(&d, LEDGER_LANE_URGENT), ROAD_ON_DISK);
        assert_int_equal(send_in(&d, LANE_NORMAL), ROAD_NO_ROOM);
    }
    assert_true(journal_is_over(d.b.l->journal));
    desk_free(&d);
}

static void what_was_taken_there_is_delivered_acknowledged_and_destroyed(void **state)
{
    (void)state;
    static struct desk d;
    desk_init(&d);
    os.full = true;
    (void)send_until_refused(&d, LANE_NORMAL);
    while (!journal_is_over(d.b.l->journal))
        assert_int_equal(send_in(&d, LEDGER_LANE_URGENT), ROAD_ON_DISK);
    assert_int_equal(send_in(&d, LEDGER_LANE_URGENT), ROAD_ON_DISK);
    size_t waiting = spool_entries(d.b.l->queues);
    bench_restart(&d.b);
    assert_int_equal(spool_entries(d.b.l->queues), waiting);
    assert_int_equal(subscribe(&d.b, 1, FIRE, "default"), RESULT_OK);
    turn(&d.b);
    const struct road_deliver first = delivered(&d.b); /* urgent ones come first */
    assert_int_equal(spool_entry(d.b.l->queues, first.entry)->delivery->lane, LEDGER_LANE_URGENT);
    send_release(&d.b, &first, true);
    turn(&d.b);
    assert_true(released(&d.b).go);
    acknowledge(&d.b, &first, 0);
    turn(&d.b);
    assert_int_equal(spool_entries(d.b.l->queues), waiting - 1);
    pass_the_deadline(&d);
    bench_restart(&d.b);
    assert_int_equal(spool_scopes_count(d.b.l->scopes), 0);
    desk_free(&d);
}

static void going_over_and_coming_back_stand_in_the_log_once(void **state)
{
    (void)state;
    static struct desk d;
    desk_init(&d);
    os.full = true;
    (void)send_until_refused(&d, LANE_NORMAL);
    while (!journal_is_over(d.b.l->journal))
        assert_int_equal(send_in(&d, LEDGER_LANE_URGENT), ROAD_ON_DISK);
    turn(&d.b);
    turn(&d.b);
    assert_int_equal(count_leaves(&d.b, "journal-over"), 1);
    bench_restart(&d.b);
    turn(&d.b);
    assert_int_equal(count_leaves(&d.b, "journal-over"), 1);
    os.full = false;
    turn(&d.b);
    for (int i = 0; i < 20; i++) /* as fast as it makes its reserve again */
        assert_int_equal(send_in(&d, LANE_NORMAL), ROAD_ON_DISK);
    assert_false(journal_is_over(d.b.l->journal));
    assert_int_equal(count_leaves(&d.b, "journal-over"), 1);
    assert_int_equal(count_leaves(&d.b, "journal-back"), 1);
    desk_free(&d);
}

/* What ends, and what is told of it, has the first folder's spare segments behind that. */
static void when_the_second_folder_is_full_too_the_rest_still_goes_on(void **state)
{
    (void)state;
    static struct desk d;
    desk_init(&d);
    make_reserves(&d);
    os.full = true;
    os.second = NULL;
    (void)send_until_refused(&d, LANE_NORMAL);
    assert_true(send_until_refused(&d, LEDGER_LANE_URGENT) > 15);
    for (int i = 0; i < 20; i++)
        assert_int_equal(send_event(&d.b, AUDIT_SESSION_OPENED, 0, 0, d.b.wall_us), RESULT_OK);
    turn(&d.b);
    pass_the_deadline(&d);
    assert_int_equal(send_in(&d, LEDGER_LANE_URGENT), ROAD_NO_ROOM);
    desk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_full_disk_urgent_messages_are_taken_and_others_refused),
        cmocka_unit_test(what_was_taken_there_is_delivered_acknowledged_and_destroyed),
        cmocka_unit_test(going_over_and_coming_back_stand_in_the_log_once),
        cmocka_unit_test(when_the_second_folder_is_full_too_the_rest_still_goes_on),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
