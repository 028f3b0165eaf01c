/* What becomes of an index: closed, killed, of another log, damaged, on a full disk. */
#include "search/state.h"

#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void fill(struct bench *b, unsigned leaves)
{
    char id[16];
    for (unsigned i = 0; i < leaves; i++) {
        (void)snprintf(id, sizeof id, "m%u", i);
        (void)add_message(b, id);
    }
    settle(b);
}

static void what_was_settled_is_there_after_a_close(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    fill(&b, 100);
    (void)add_message(&b, "lost"); /* not settled */
    search_close(b.s);
    reopen(&b);
    assert_int_equal(search_size(b.s), 100);
    assert_int_equal(count_of(&b, SEARCH_ID, W("m99")), 1);
    assert_int_equal(count_of(&b, SEARCH_ID, W("lost")), 0);
    b.next = 100;
    fill(&b, 1);
    assert_int_equal(count_of(&b, SEARCH_ID, W("m0")), 2);
    bench_free(&b);
}

static void one_process_has_it(void **state)
{
    (void)state;
    struct bench b;
    struct search *other;
    bench_init(&b);
    assert_int_equal(search_open(b.folder.fd, W(ORIGIN), NULL, &other), RESULT_EXISTS);
    assert_null(other);
    bench_free(&b);
}

static void an_index_of_another_log_begins_anew(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    fill(&b, 10);
    search_close(b.s);
    assert_int_equal(search_open(b.folder.fd, W("busan.example/log"), NULL, &b.s), RESULT_OK);
    assert_int_equal(search_size(b.s), 0);
    assert_int_equal(count_of(&b, SEARCH_KIND, W("alert")), 0);
    bench_free(&b);
}

static void put_meta(struct bench *b, const char *name, const char *value)
{
    assert_int_equal(sql_meta_put(b->s, name, W(value)), RESULT_OK);
    search_abandon(b->s);
    reopen(b);
}

static void an_index_of_another_version_begins_anew(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    fill(&b, 10);
    put_meta(&b, "version", "0");
    assert_int_equal(search_size(b.s), 0);
    bench_free(&b);
}

/* ---- ends that were none */

static void a_process_that_ended_leaves_what_was_settled(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    fill(&b, 10);
    search_abandon(b.s);
    reopen(&b);
    assert_int_equal(search_size(b.s), 10);
    bench_free(&b);
}

static void a_system_that_ended_leaves_nothing_to_trust(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    fill(&b, 10);
    put_meta(&b, "boot", "6b0c2d4e-0000-4000-8000-000000000001"); /* of the system before */
    assert_int_equal(search_size(b.s), 0);
    bench_free(&b);
}

/* Fills for ever; a byte on the pipe for each commit. */
static _Noreturn void fill_on(struct bench *b, int told)
{
    reopen(b);
    for (b->next = search_size(b->s);;) {
        fill(b, 50);
        if (write(told, "", 1) != 1)
            _exit(1);
    }
}

/* Killed in the middle of it, again and again: what is there is what a commit left. On a busy
 * machine twenty children were once killed by the clock before any of them had committed. */
static void a_kill_while_it_settles_leaves_a_commit(void **state)
{
    (void)state;
    struct bench b;
    int status, told[2];
    char once;
    bench_init(&b);
    search_close(b.s);
    for (unsigned round = 0; round < 20; round++) {
        assert_int_equal(pipe(told), 0);
        const pid_t pid = fork();
        if (pid == 0)
            fill_on(&b, told[1]);
        assert_int_equal(read(told[0], &once, 1), 1);
        usleep(round * 700);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        (void)close(told[0]);
        (void)close(told[1]);
    }
    reopen(&b);
    assert_true(search_size(b.s) > 0 && search_size(b.s) % 50 == 0);
    uint64_t out[8], expected = search_size(b.s);
    size_t found;
    bool more;
    struct search_query q = ask(SEARCH_ID, W("m0"));
    for (q.before = UINT64_MAX; expected > 0; q.before = expected) {
        assert_int_equal(search_find(b.s, &q, out, 1, &found, &more), RESULT_OK);
        assert_int_equal(found, 1);
        assert_int_equal(out[0], expected - 50);
        expected -= 50;
    }
    bench_free(&b);
}

/* ---- damage */

static void a_lost_file_is_built_anew(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    fill(&b, 10);
    search_close(b.s);
    assert_int_equal(unlinkat(b.folder.fd, "search.db", 0), 0);
    reopen(&b);
    assert_int_equal(search_size(b.s), 0);
    bench_free(&b);
}

static void a_file_that_is_none_is_built_anew(void **state)
{
    (void)state;
    struct bench b;
    char path[96];
    for (off_t size = 1; size < 70000; size = size * 5 / 2 + 1) {
        bench_init(&b);
        fill(&b, 300);
        search_close(b.s);
        file_path(&b, "search.db", path);
        assert_int_equal(truncate(path, size), 0); /* its beginning is all there is */
        reopen(&b);
        assert_int_equal(search_size(b.s), 0);
        fill(&b, 10);
        assert_int_equal(count_of(&b, SEARCH_ID, W("m9")), 1);
        bench_free(&b);
    }
}

/* A bit of any page, also while it is open: whoever reads that page is told, and it begins anew. */
static void flip(const struct bench *b, off_t at)
{
    uint8_t byte = 0;
    int fd = openat(b->folder.fd, "search.db", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    (void)close(fd);
}

static off_t size_of(const struct bench *b)
{
    struct stat st;
    assert_int_equal(fstatat(b->folder.fd, "search.db", &st, 0), 0);
    return st.st_size;
}

static void read_all(struct bench *b, bool *damaged, size_t *right)
{
    uint64_t out[4];
    char id[16];
    size_t found;
    bool more;
    for (unsigned i = 0; !*damaged && i < 300; i++) {
        (void)snprintf(id, sizeof id, "m%u", i);
        const struct search_query q = ask(SEARCH_ID, W(id));
        enum result r = search_find(b->s, &q, out, 4, &found, &more);
        *damaged = r == RESULT_DAMAGED;
        assert_true(*damaged || r == RESULT_OK);
        *right += !*damaged && found == 1 && out[0] == i;
    }
}

static void a_bit_that_turned_is_noticed_wherever_it_is(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    fill(&b, 300);
    const off_t size = size_of(&b);
    bench_free(&b);
    unsigned anew = 0;
    for (off_t at = 18; at < size; at += 1931) {
        bool damaged = false;
        size_t right = 0;
        bench_init(&b);
        fill(&b, 300);
        search_close(b.s);
        flip(&b, at);
        reopen(&b);
        if (search_size(b.s) == 300)
            read_all(&b, &damaged, &right);
        anew += damaged || search_size(b.s) == 0;
        assert_true(search_size(b.s) == 0 || right == 300); /* or it was of what is not read */
        b.next = search_size(b.s);
        (void)add_message(&b, "m0");
        enum result r = search_settle(b.s);
        assert_true(r == RESULT_OK || (r == RESULT_DAMAGED && search_size(b.s) == 0));
        bench_free(&b);
    }
    assert_true(anew > 8);
}

/* ---- a full disk */

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    struct bench b;
    struct rlimit before;
    bench_init(&b);
    fill(&b, 10);
    const off_t size = size_of(&b);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {(rlim_t)size + 8192, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    for (unsigned i = 0; i < 1000; i++)
        (void)add_message(&b, "waits");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(search_settle(b.s), RESULT_FULL);
    assert_int_equal(count_of(&b, SEARCH_ID, W("m9")), 1);
    assert_int_equal(count_of(&b, SEARCH_ID, W("waits")), 0);
    assert_int_equal(search_settle(b.s), RESULT_FULL);
    assert_int_equal(search_size(b.s), 10);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    settle(&b);
    assert_int_equal(search_size(b.s), 1010);
    uint64_t out[1];
    size_t found;
    bool more;
    const struct search_query q = ask(SEARCH_ID, W("waits"));
    assert_int_equal(search_find(b.s, &q, out, 1, &found, &more), RESULT_OK);
    assert_true(more && out[0] == 1009);
    (void)signal(SIGXFSZ, SIG_DFL);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_settled_is_there_after_a_close),
        cmocka_unit_test(one_process_has_it),
        cmocka_unit_test(an_index_of_another_log_begins_anew),
        cmocka_unit_test(an_index_of_another_version_begins_anew),
        cmocka_unit_test(a_process_that_ended_leaves_what_was_settled),
        cmocka_unit_test(a_system_that_ended_leaves_nothing_to_trust),
        cmocka_unit_test(a_kill_while_it_settles_leaves_a_commit),
        cmocka_unit_test(a_lost_file_is_built_anew),
        cmocka_unit_test(a_file_that_is_none_is_built_anew),
        cmocka_unit_test(a_bit_that_turned_is_noticed_wherever_it_is),
        cmocka_unit_test(a_full_disk_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
