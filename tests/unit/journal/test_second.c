/* The second folder, on another device as it were: the first one's disk is full on demand. */
#include "support.h"

#include <errno.h>
#include <sys/syscall.h>

static struct {
    bool full;         /* no space may be reserved in the first folder */
    bool second_fails; /* nothing is written in the second */
    const char *second;
} os;

static bool is_in_second(int fd)
{
    char link[32], path[128] = "";
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    assert_true(readlink(link, path, sizeof path - 1) > 0);
    return os.second != NULL && strncmp(path, os.second, strlen(os.second)) == 0;
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    errno = ENOSPC;
    return os.full && !is_in_second(fd) ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    errno = EIO;
    if (os.second_fails && is_in_second(fd))
        return -1;
    return (ssize_t)syscall(SYS_pwrite64, fd, p, n, at);
}

struct two {
    struct bench b;
    struct temp_folder second;
    uint32_t added;
};

static void two_init(struct two *t)
{
    memset(&os, 0, sizeof os);
    bench_init(&t->b);
    t->second = temp_folder_new();
    t->added = 0;
    os.second = t->second.path;
    t->b.config.spares = 2;
    t->b.config.second_folder = t->second.fd;
    t->b.config.second_spares = 2;
    assert_int_equal(bench_open(&t->b), RESULT_OK);
}

static void two_free(struct two *t)
{
    bench_free(&t->b);
    temp_folder_free(&t->second);
}

static enum result add_one(struct two *t)
{
    static uint8_t room[5000];
    struct journal_place place;
    enum result r = journal_add(t->b.j, 1, body_of(t->added, sizeof room, room), &place);
    if (r == RESULT_OK)
        r = journal_commit(t->b.j);
    t->added += r == RESULT_OK;
    return r;
}

static void fill_reserves(struct two *t)
{
    while (journal_spare(t->b.j) < (uint64_t)5 * SEGMENT)
        assert_int_equal(add_one(t), RESULT_OK);
}

/* Until a frame stands in the second folder. */
static void go_over(struct two *t)
{
    fill_reserves(t);
    os.full = true;
    while (!journal_is_over(t->b.j))
        assert_int_equal(add_one(t), RESULT_OK);
    assert_int_equal(add_one(t), RESULT_OK);
}

static void assert_all_are_read(struct two *t)
{
    static uint8_t room[5000];
    assert_int_equal(bench_open(&t->b), RESULT_OK);
    assert_int_equal(t->b.seen, t->added);
    for (uint32_t i = 0; i < t->added; i++)
        assert_int_equal(t->b.digest[i], digest_of(body_of(i, sizeof room, room)));
}

static bool has(const struct temp_folder *f, const char *name)
{
    return faccessat(f->fd, name, F_OK, 0) == 0;
}

static void number_name(const char *what, uint32_t number, char out[32])
{
    (void)snprintf(out, 32, "%s-%010lu", what, (unsigned long)number);
}

static void on_a_full_disk_the_journal_goes_on_in_the_second_folder_and_comes_back(void **state)
{
    (void)state;
    static struct two t;
    char name[32];
    two_init(&t);
    fill_reserves(&t);
    assert_false(journal_takes_urgent(t.b.j));
    go_over(&t);
    assert_true(journal_is_low(t.b.j));
    assert_true(journal_takes_urgent(t.b.j));
    uint32_t over = journal_newest(t.b.j);
    number_name("segment", over, name);
    assert_true(has(&t.second, name));
    assert_false(has(&t.b.folder, name));
    number_name("reached", over, name);
    assert_true(has(&t.b.folder, name));
    assert_all_are_read(&t);
    assert_true(journal_is_over(t.b.j)); /* nobody has looked for room yet */
    os.full = false;
    assert_int_equal(add_one(&t), RESULT_OK);
    assert_false(journal_is_over(t.b.j));
    assert_false(journal_is_low(t.b.j));
    assert_int_equal(add_one(&t), RESULT_OK);
    number_name("segment", journal_newest(t.b.j), name);
    assert_true(has(&t.b.folder, name));
    assert_all_are_read(&t);
    two_free(&t);
}

/* What is not urgent has the first folder's spare segments behind that. */
static void when_the_second_folder_is_used_up_nothing_urgent_is_taken(void **state)
{
    (void)state;
    static struct two t;
    two_init(&t);
    go_over(&t);
    os.second = "nowhere"; /* its disk is full too */
    uint32_t over = journal_newest(t.b.j);
    while (journal_takes_urgent(t.b.j))
        assert_int_equal(add_one(&t), RESULT_OK);
    /* its other spare one, perhaps one that was being made, and back */
    assert_in_range(journal_newest(t.b.j), over + 2, over + 3);
    assert_false(journal_is_over(t.b.j));
    assert_true(journal_is_low(t.b.j));
    while (add_one(&t) == RESULT_OK)
        ;
    assert_true(has(&t.b.folder, "spare-1")); /* for the next start, in either folder */
    assert_true(has(&t.second, "spare-1"));
    assert_all_are_read(&t);
    two_free(&t);
}

static void segments_of_both_folders_are_retired(void **state)
{
    (void)state;
    static struct two t;
    char name[32];
    two_init(&t);
    go_over(&t);
    uint32_t over = journal_newest(t.b.j);
    os.full = false;
    while (journal_newest(t.b.j) < over + 2)
        assert_int_equal(add_one(&t), RESULT_OK);
    assert_int_equal(journal_retire(t.b.j, over + 1), RESULT_OK);
    number_name("segment", over, name);
    assert_false(has(&t.second, name));
    assert_int_equal(bench_open(&t.b), RESULT_OK);
    assert_int_equal(journal_oldest(t.b.j), over + 1);
    t.b.config.second_folder = 0; /* nothing lies there any more */
    assert_int_equal(bench_open(&t.b), RESULT_OK);
    two_free(&t);
}

static void without_the_folder_that_its_end_lies_in_a_journal_is_not_opened(void **state)
{
    (void)state;
    static struct two t;
    struct temp_folder other = temp_folder_new();
    two_init(&t);
    go_over(&t);
    uint32_t over = journal_newest(t.b.j);
    const int wrong[] = {0, other.fd};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        t.b.config.second_folder = wrong[i];
        assert_int_equal(bench_open(&t.b), RESULT_DAMAGED);
        assert_int_equal(t.b.fault.segment, over);
        assert_non_null(strstr(t.b.fault.text, "urgent_journal"));
    }
    t.b.config.second_folder = t.second.fd;
    assert_all_are_read(&t);
    two_free(&t);
    temp_folder_free(&other);
}

static void without_the_folder_that_its_middle_lies_in_it_is_not_opened_either(void **state)
{
    (void)state;
    static struct two t;
    two_init(&t);
    go_over(&t);
    uint32_t over = journal_newest(t.b.j);
    os.full = false;
    while (journal_newest(t.b.j) < over + 2)
        assert_int_equal(add_one(&t), RESULT_OK);
    t.b.config.second_folder = 0;
    assert_int_equal(bench_open(&t.b), RESULT_DAMAGED);
    assert_int_equal(t.b.fault.segment, over);
    assert_non_null(strstr(t.b.fault.text, "urgent_journal"));
    two_free(&t);
}

static void a_segment_in_both_folders_is_damage(void **state)
{
    (void)state;
    static struct two t;
    char name[32];
    two_init(&t);
    go_over(&t);
    number_name("segment", journal_newest(t.b.j), name);
    (void)close(openat(t.b.folder.fd, name, O_WRONLY | O_CREAT, 0600));
    assert_int_equal(bench_open(&t.b), RESULT_DAMAGED);
    assert_int_equal(unlinkat(t.b.folder.fd, name, 0), 0);
    assert_all_are_read(&t);
    two_free(&t);
}

/* It was begun, and the process ended before the first frame; and so did the next one. */
static void a_segment_that_was_only_begun_in_the_second_folder_is_not_missed(void **state)
{
    (void)state;
    static struct two t;
    two_init(&t);
    fill_reserves(&t);
    os.full = true;
    while (!journal_is_low(t.b.j))
        assert_int_equal(add_one(&t), RESULT_OK);
    assert_int_equal(journal_begin_segment(t.b.j), RESULT_OK);
    assert_true(journal_is_over(t.b.j));
    assert_all_are_read(&t);
    assert_false(journal_is_over(t.b.j));
    assert_all_are_read(&t);
    two_free(&t);
}

static void a_second_disk_that_fails_unused_costs_that_reserve_only(void **state)
{
    (void)state;
    static struct two t;
    two_init(&t);
    assert_int_equal(unlinkat(t.second.fd, "spare-3", 0), 0);
    os.second_fails = true;
    assert_all_are_read(&t);
    os.full = true;
    while (add_one(&t) == RESULT_OK)
        assert_false(journal_takes_urgent(t.b.j));
    assert_false(journal_is_over(t.b.j));
    os.second_fails = os.full = false;
    assert_all_are_read(&t);
    two_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_full_disk_the_journal_goes_on_in_the_second_folder_and_comes_back),
        cmocka_unit_test(when_the_second_folder_is_used_up_nothing_urgent_is_taken),
        cmocka_unit_test(segments_of_both_folders_are_retired),
        cmocka_unit_test(without_the_folder_that_its_end_lies_in_a_journal_is_not_opened),
        cmocka_unit_test(without_the_folder_that_its_middle_lies_in_it_is_not_opened_either),
        cmocka_unit_test(a_segment_in_both_folders_is_damage),
        cmocka_unit_test(a_segment_that_was_only_begun_in_the_second_folder_is_not_missed),
        cmocka_unit_test(a_second_disk_that_fails_unused_costs_that_reserve_only),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
