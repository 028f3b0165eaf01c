/* Behind the closed door: an index that is open needs no file by its path, and few calls of the
 * system. */
#include "sandbox/sandbox.h"
#include "search/state.h"

#include "support.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { DONE, NOT_ENTERED, OPENS, FAILED };

/* Everything that an index does: writes much, is asked, meets damage and begins anew, closes. */
static int work(struct bench *b)
{
    uint64_t out[4];
    char id[16];
    size_t found;
    bool more;
    for (unsigned i = 0; i < 3000; i++) {
        (void)snprintf(id, sizeof id, "m%u", i);
        (void)add_message(b, id);
        if (i % 700 == 0)
            settle(b);
    }
    settle(b);
    const struct search_query q = ask(SEARCH_ID, W("m17"));
    if (search_find(b->s, &q, out, 4, &found, &more) != RESULT_OK || found != 1 ||
        search_chain(b->s, 0, out, 4, &found, &more) != RESULT_OK || found != 1)
        return FAILED;
    if (search_judge(b->s, RESULT_DAMAGED) != RESULT_DAMAGED || search_size(b->s) != 0)
        return FAILED;
    b->next = 0;
    (void)add_message(b, "m17");
    settle(b);
    if (search_find(b->s, &q, out, 4, &found, &more) != RESULT_OK || found != 1)
        return FAILED;
    search_close(b->s);
    return DONE;
}

static void in_a_child(int (*attempt)(struct bench *b))
{
    struct bench b;
    int status;
    bench_init(&b);
    search_close(b.s);
    const pid_t pid = fork();
    if (pid == 0) {
        reopen(&b);
        _exit(attempt(&b));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status)); /* and not by SIGSYS */
    assert_int_equal(WEXITSTATUS(status), DONE);
    reopen(&b);
    assert_int_equal(search_size(b.s), 1);
    bench_free(&b);
}

/* No descriptor can be had any more, by whatever call. */
static int without_descriptors(struct bench *b)
{
    const struct rlimit none = {0, 0};
    (void)close(b->folder.fd);
    if (setrlimit(RLIMIT_NOFILE, &none) != 0)
        return NOT_ENTERED;
    if (open("/", O_RDONLY | O_CLOEXEC) >= 0 || errno != EMFILE)
        return OPENS;
    return work(b);
}

static void nothing_is_opened_any_more(void **state)
{
    (void)state;
    in_a_child(without_descriptors);
}

/* To read, write, cut and sync what is open; no folder is within reach. */
static int behind_the_door(struct bench *b)
{
    struct sandbox_level level;
    if (sandbox_hide() != RESULT_OK || sandbox_enter(NULL, 0, &level) != RESULT_OK ||
        sandbox_limit(SANDBOX_INDEX, &level) != RESULT_OK)
        return NOT_ENTERED;
    return work(b);
}

static void a_role_has_the_calls_that_it_makes(void **state)
{
    (void)state;
    in_a_child(behind_the_door);
}

static void no_database_but_its_own_can_be_reached(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_not_equal(sqlite3_exec(b.s->db, "ATTACH '/tmp/other' AS other", NULL, NULL, NULL),
                         SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(b.s->db, "VACUUM INTO '/tmp/other'", NULL, NULL, NULL),
                         SQLITE_OK);
    assert_int_not_equal(
        sqlite3_exec(b.s->db, "SELECT load_extension('/tmp/other')", NULL, NULL, NULL), SQLITE_OK);
    assert_null(sqlite3_vfs_find(b.s->files.name)); /* nobody else comes to its files */
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_opened_any_more),
        cmocka_unit_test(a_role_has_the_calls_that_it_makes),
        cmocka_unit_test(no_database_but_its_own_can_be_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
