/* Reading the log in slices. */
#include "console/job.h"

#include "visit_support.h"

struct reading {
    struct log_bench log;
    uint64_t seen[2000];
    size_t count, most;
    int64_t now_us;
};

/* Each look at the clock takes a millisecond. */
static int64_t slow_clock(void *arg)
{
    return ((struct reading *)arg)->now_us += 1000;
}

static enum result note(void *arg, const struct leaf *leaf)
{
    struct reading *r = arg;
    if (r->count == r->most)
        return RESULT_TOO_LARGE;
    r->seen[r->count++] = leaf->index;
    return RESULT_OK;
}

static void reading_init(struct reading *r, unsigned leaves)
{
    *r = (struct reading){.most = ARRAY_LEN(r->seen)};
    log_init(&r->log);
    for (unsigned i = 0; i < leaves; i++)
        (void)message_at(&r->log, "alert", POLICE, FIRE, NULL, "permitted", i);
    log_publish(&r->log);
}

static struct job *begin(struct reading *r, const uint64_t *only, size_t count)
{
    const struct job_config c = {.folder = r->log.folder.fd,
                                 .size = tiles_size(r->log.tiles),
                                 .clock = {slow_clock, slow_clock, r},
                                 .take = note,
                                 .arg = r,
                                 .only = only,
                                 .count = count};
    return job_new(&c);
}

static void a_log_is_read_in_slices_and_in_order(void **state)
{
    (void)state;
    struct reading r;
    struct job_progress p;
    unsigned turns = 1;
    reading_init(&r, 1000);
    struct job *j = begin(&r, NULL, 0);
    while (job_turn(j, 500) == JOB_RUNS) {
        turns++;
        job_progress(j, &p);
        assert_int_equal(p.done, r.count);
        assert_true(p.done % 256 == 0 && p.of == 1000);
    }
    assert_int_equal(turns, 4); /* a bundle a turn */
    assert_int_equal(r.count, 1000);
    for (size_t i = 0; i < r.count; i++)
        assert_int_equal(r.seen[i], i);
    job_free(j);
    log_free(&r.log);
}

static void some_entries_are_read_alone_and_none_past_the_checkpoint(void **state)
{
    (void)state;
    static const uint64_t only[] = {3, 4, 700, 999, 1000, 4711};
    struct reading r;
    reading_init(&r, 1000);
    struct job *j = begin(&r, only, ARRAY_LEN(only));
    assert_int_equal(job_turn(j, 1 << 30), JOB_DONE);
    assert_int_equal(r.count, 4);
    assert_memory_equal(r.seen, only, 4 * sizeof *only);
    job_free(j);
    j = begin(&r, only, 0); /* none at all */
    assert_int_equal(job_turn(j, 0), JOB_DONE);
    assert_int_equal(r.count, 4);
    job_free(j);
    log_free(&r.log);
}

static void what_the_log_let_go_is_passed_over_and_counted(void **state)
{
    (void)state;
    struct reading r;
    struct job_progress p;
    reading_init(&r, 600);
    log_state_pruned(&r.log, 256);
    log_lose(&r.log, 0);
    struct job *j = begin(&r, NULL, 0);
    log_state_pruned(&r.log, 512); /* more goes while it is read */
    log_lose(&r.log, 1);
    assert_int_equal(job_turn(j, 1 << 30), JOB_DONE);
    job_progress(j, &p);
    assert_true(p.let_go == 512 && p.let_go_before == 512 && p.missing == 0);
    assert_true(r.count == 88 && r.seen[0] == 512);
    job_free(j);
    log_free(&r.log);
}

/* Nobody took it for what an officer let go. */
static void what_is_missing_without_a_statement_is_counted_apart(void **state)
{
    (void)state;
    struct reading r;
    struct job_progress p;
    reading_init(&r, 600);
    log_lose(&r.log, 1);
    struct job *j = begin(&r, NULL, 0);
    assert_int_equal(job_turn(j, 1 << 30), JOB_DONE);
    job_progress(j, &p);
    assert_true(p.missing == 256 && p.let_go == 0 && r.count == 344 && r.seen[256] == 512);
    job_free(j);
    log_free(&r.log);
}

static void a_damaged_file_ends_it_with_the_place(void **state)
{
    (void)state;
    char path[TILE_PATH];
    struct reading r;
    struct job_progress p;
    reading_init(&r, 600);
    tile_path(-1, 1, 0, path);
    int fd = openat(r.log.folder.fd, path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0 && close(fd) == 0);
    struct job *j = begin(&r, NULL, 0);
    assert_int_equal(job_turn(j, 1 << 30), JOB_FAILED);
    job_progress(j, &p);
    assert_non_null(strstr(p.why, "256"));
    assert_int_equal(job_turn(j, 1 << 30), JOB_FAILED);
    job_free(j);
    log_free(&r.log);
}

static void what_does_not_fit_ends_it(void **state)
{
    (void)state;
    struct reading r;
    reading_init(&r, 600);
    r.most = 300;
    struct job *j = begin(&r, NULL, 0);
    assert_int_equal(job_turn(j, 1 << 30), JOB_TOO_LARGE);
    assert_int_equal(r.count, 300);
    job_free(j);
    log_free(&r.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_is_read_in_slices_and_in_order),
        cmocka_unit_test(some_entries_are_read_alone_and_none_past_the_checkpoint),
        cmocka_unit_test(what_the_log_let_go_is_passed_over_and_counted),
        cmocka_unit_test(what_is_missing_without_a_statement_is_counted_apart),
        cmocka_unit_test(a_damaged_file_ends_it_with_the_place),
        cmocka_unit_test(what_does_not_fit_ends_it)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
