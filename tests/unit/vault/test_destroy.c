/* The operating system's calls stand between the vault and the kernel here: a process that dies at
 * any of them leaves a vault that the next one puts in order. */
#include "support.h"

#include <sys/syscall.h>
#include <sys/wait.h>

static int calls_left = -1; /* -1: as many as there are */
static char said[4096];     /* the calls, each with its file's name */
static bool listening;

static void one_more_call(const char *call, int fd, const char *name)
{
    char link[64], path[256] = "";
    if (calls_left == 0)
        _exit(77);
    if (calls_left > 0)
        calls_left--;
    if (!listening)
        return;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (name == NULL && readlink(link, path, sizeof path - 1) > 0)
        name = strrchr(path, '/') + 1;
    if (strncmp(name, "fedgate-test-", 13) == 0)
        name = "folder";
    size_t n = strlen(said);
    (void)snprintf(said + n, sizeof said - n, "%s %s, ", call, name);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    one_more_call("write", fd, NULL);
    return (ssize_t)syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
    one_more_call("write", fd, NULL);
    return (ssize_t)syscall(SYS_write, fd, p, n);
}

int fsync(int fd)
{
    one_more_call("sync", fd, NULL);
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    one_more_call("sync", fd, NULL);
    return (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t n)
{
    one_more_call("cut", fd, NULL);
    return (int)syscall(SYS_ftruncate, fd, n);
}

int renameat(int from, const char *name, int to, const char *other)
{
    one_more_call("name", to, other);
    return (int)syscall(SYS_renameat, from, name, to, other);
}

int renameat2(int from, const char *name, int to, const char *other, unsigned flags)
{
    one_more_call("exchange", to, other);
    return (int)syscall(SYS_renameat2, from, name, to, other, flags);
}

int unlinkat(int folder, const char *name, int flags)
{
    one_more_call("remove", folder, name);
    return (int)syscall(SYS_unlinkat, folder, name, flags);
}

static const uint64_t five = 5;

static void what_is_destroyed_does_not_open_and_the_rest_does(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(64);
    bench_init(&b);
    for (uint64_t record = 4; record < 7; record++)
        store_one(&b, record);
    assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 2), RESULT_OK);
    reopen(&b);
    assert_true(opens(&b, 4) && !opens(&b, 5) && opens(&b, 6));
    assert_int_equal(read_all(&b, 5, gateways, &out), RESULT_DENIED);
    assert_int_equal(size_of(b.items.fd, "5.item"), -1);
    const struct vault_entry *e = vault_get(b.v, 5);
    assert_int_equal(e->state, VAULT_DESTROYED);
    assert_string_equal(e->order, "order-1");
    assert_int_equal(e->cause, 2);
    assert_int_equal(e->destroyed_us, NOON);
    buf_free(&out);
    bench_free(&b);
}

/* A copy of the folder from before, beside the key store as it is now. */
static void the_old_folder_opens_nothing_of_it_with_the_key_store_of_now(void **state)
{
    (void)state;
    struct bench b;
    struct buf item = BUF_INIT(1 << 20), index = BUF_INIT(1 << 20), out = BUF_INIT(64);
    bench_init(&b);
    store_one(&b, 4);
    store_one(&b, 5);
    read_whole(b.items.fd, "5.item", &item);
    read_whole(b.items.fd, "index", &index);
    assert_int_equal(vault_destroy(b.v, &five, 1, "", 1), RESULT_OK);
    write_whole(b.items.fd, "5.item", buf_view(&item));
    write_whole(b.items.fd, "index", buf_view(&index));
    reopen(&b);
    assert_int_equal(state_of(&b, 5), VAULT_KEPT); /* so the old index says, */
    assert_false(vault_has_half(b.v, vault_get(b.v, 5)));
    assert_int_equal(read_all(&b, 5, gateways, &out), RESULT_NOT_FOUND);
    assert_true(opens(&b, 4)); /* and what was not destroyed opens as before */
    buf_free(&item);
    buf_free(&index);
    buf_free(&out);
    bench_free(&b);
}

static void an_order_names_what_was_never_here(void **state)
{
    (void)state;
    struct bench b;
    const uint64_t both[] = {5, 99};
    bench_init(&b);
    store_one(&b, 5);
    assert_int_equal(vault_destroy(b.v, both, 2, "order-1", 1), RESULT_OK);
    assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
    assert_int_equal(state_of(&b, 99), VAULT_NEVER_STORED);
    assert_string_equal(vault_get(b.v, 99)->order, "order-1");
    bench_free(&b);
}

static void what_a_deadline_destroyed_comes_under_the_order_that_follows(void **state)
{
    (void)state;
    struct bench b;
    uint64_t due[4];
    bench_init(&b);
    store_one(&b, 5);
    b.now_us = NOON + US_PER_HOUR - 1;
    assert_int_equal(vault_due(b.v, due, 4), 0);
    assert_int_equal(vault_next_due(b.v), NOON + US_PER_HOUR);
    b.now_us++;
    assert_int_equal(vault_due(b.v, due, 4), 1);
    assert_int_equal(due[0], 5);
    assert_int_equal(vault_destroy(b.v, due, 1, "", 1), RESULT_OK);
    assert_int_equal(vault_due(b.v, due, 4), 0);
    b.now_us += US_PER_MINUTE;
    assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 1), RESULT_OK);
    assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
    assert_int_equal(vault_get(b.v, 5)->destroyed_us, NOON + US_PER_HOUR);
    bench_free(&b);
}

static void what_was_reported_is_forgotten_after_a_month(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_one(&b, 5);
    assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 1), RESULT_OK);
    assert_int_equal(vault_reported(b.v, "order-2"), RESULT_OK);
    assert_int_equal(vault_get(b.v, 5)->reported_us, 0);
    assert_int_equal(vault_reported(b.v, "order-1"), RESULT_OK);
    assert_int_equal(vault_get(b.v, 5)->reported_us, NOON);
    b.now_us += VAULT_REPORTED_KEPT;
    assert_int_equal(vault_reported(b.v, "order-2"), RESULT_OK);
    assert_null(vault_get(b.v, 5));
    bench_free(&b);
}

static void a_recording_is_destroyed_while_it_runs(void **state)
{
    (void)state;
    struct bench b;
    const struct vault_entry e = an_entry(5);
    struct vault_writer *w;
    bench_init(&b);
    assert_int_equal(vault_begin(b.v, &e, true, gateways, &w), RESULT_OK);
    assert_int_equal(vault_write(w, bytes_of_text(CONTENT)), RESULT_OK);
    assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 2), RESULT_OK);
    assert_int_equal(vault_finish(w), RESULT_DENIED);
    assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
    assert_int_equal(size_of(b.items.fd, "5.item"), -1);
    bench_free(&b);
}

/* ---- a process that dies */

static void destroy_five(struct bench *b)
{
    if (vault_destroy(b->v, &five, 1, "order-1", 1) != RESULT_OK)
        _exit(1);
}

static void store_six(struct bench *b)
{
    const struct vault_entry e = an_entry(6);
    if (store(b, &e, bytes_of_text(CONTENT)) != RESULT_OK)
        _exit(1);
}

/* Does it in a process that dies at call `n`; false when it did not come to that. That opens the
 * vault itself, for secrets are gone in a child; the caller opens it again. */
static bool dies_at(struct bench *b, int n, void (*act)(struct bench *b))
{
    int status;
    vault_close(b->v);
    b->v = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (vault_open(&b->config, &b->v) != RESULT_OK || vault_claim(b->v) != RESULT_OK)
            _exit(2);
        calls_left = n;
        act(b);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
    return WEXITSTATUS(status) == 77;
}

static void a_process_that_dies_while_it_destroys_has_destroyed_it_or_not_begun(void **state)
{
    (void)state;
    bool died = true;
    unsigned before = 0, after = 0;
    for (int n = 0; died; n++) {
        struct bench b;
        bench_init(&b);
        for (uint64_t record = 1; record <= 5; record++) /* more than are ever added at once */
            store_one(&b, record);
        died = dies_at(&b, n, destroy_five);
        reopen(&b);
        assert_int_equal(vault_claim(b.v), RESULT_OK);
        for (uint64_t record = 1; record < 5; record++)
            assert_true(opens(&b, record));
        if (state_of(&b, 5) == VAULT_KEPT) {
            assert_true(opens(&b, 5));
            before++;
        } else {
            assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
            assert_int_equal(size_of(b.items.fd, "5.item"), -1);
            assert_string_equal(vault_get(b.v, 5)->order, "order-1");
            after++;
        }
        assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 1), RESULT_OK);
        assert_int_equal(state_of(&b, 5), VAULT_DESTROYED);
        assert_false(opens(&b, 5));
        store_one(&b, 6);
        reopen(&b);
        assert_true(opens(&b, 4) && opens(&b, 6));
        bench_free(&b);
    }
    assert_true(before >= 2 && after >= 10);
}

static void a_process_that_dies_while_it_stores_leaves_a_whole_item_or_none(void **state)
{
    (void)state;
    bool died = true;
    unsigned none = 0;
    for (int n = 0; died; n++) {
        struct bench b;
        bench_init(&b);
        store_one(&b, 5);
        died = dies_at(&b, n, store_six);
        reopen(&b);
        assert_int_equal(vault_claim(b.v), RESULT_OK);
        assert_true(opens(&b, 5));
        if (vault_get(b.v, 6) == NULL) {
            assert_int_equal(size_of(b.items.fd, "6.item"), -1);
            none++;
            store_one(&b, 6); /* it comes again */
        }
        assert_true(opens(&b, 6));
        bench_free(&b);
    }
    assert_true(none >= 5);
}

/* Against a power cut: what a step rests on is synced before it. */
static void listen_to(void)
{
    said[0] = '\0';
    listening = true;
}

static void what_is_destroyed_is_on_disk_step_by_step(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_one(&b, 4);
    store_one(&b, 5);
    listen_to();
    assert_int_equal(vault_destroy(b.v, &five, 1, "order-1", 1), RESULT_OK);
    listening = false;
    assert_string_equal(said, "write index.new, sync index.new, name index, sync folder, "
                              "write slots.1, sync slots.1, sync folder, "
                              "write secret, sync secret, "
                              "write fresh, sync fresh, cut fresh, sync fresh, "
                              "remove 5.item, sync folder, "
                              "write index.new, sync index.new, name index, sync folder, ");
    bench_free(&b);
}

static void what_is_stored_is_on_disk_step_by_step(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    listen_to();
    store_one(&b, 5);
    listening = false;
    assert_string_equal(said, "write fresh, sync fresh, write 5.item, write 5.item, sync 5.item, "
                              "sync folder, "
                              "write index.new, sync index.new, name index, sync folder, ");
    bench_free(&b);
}

/* One that the vault opened without the gateway: in the index until it is reported. */
static void open_alone(struct bench *b, uint64_t record)
{
    struct vault_entry e = an_entry(record);
    const struct vault_use use = {record, NOON, "p-1", "officer", "w-1", "case 2026-117"};
    uint8_t half[KEY_BYTES];
    e.offline_us = US_PER_HOUR;
    assert_int_equal(store(b, &e, bytes_of_text(CONTENT)), RESULT_OK);
    assert_int_equal(vault_contact(b->v), RESULT_OK);
    assert_int_equal(vault_offline_half(b->v, &use, half), RESULT_OK);
}

/* And it is overwritten only when the one without it is there for good. */
static void an_index_that_told_of_a_person_is_overwritten(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    open_alone(&b, 5);
    reopen(&b);
    listen_to();
    assert_int_equal(vault_uses_reported(b.v, 1), RESULT_OK);
    assert_int_equal(vault_uses_reported(b.v, 0), RESULT_OK);
    listening = false;
    assert_string_equal(said, "write index.new, sync index.new, exchange index, sync folder, "
                              "write index.new, sync index.new, remove index.new, "
                              "write index.new, sync index.new, name index, sync folder, ");
    bench_free(&b);
}

static void report_one(struct bench *b)
{
    if (vault_uses_reported(b->v, 1) != RESULT_OK)
        _exit(1);
}

static void a_process_that_dies_while_it_reports_leaves_an_index_and_nothing_beside_it(void **state)
{
    (void)state;
    bool died = true;
    unsigned before = 0, after = 0;
    for (int n = 0; died; n++) {
        struct bench b;
        bench_init(&b);
        open_alone(&b, 5);
        died = dies_at(&b, n, report_one);
        reopen(&b);
        assert_int_equal(vault_claim(b.v), RESULT_OK);
        assert_int_equal(size_of(b.items.fd, "index.new"), -1);
        if (vault_use_at(b.v, 0) == NULL)
            after++;
        else
            before++;
        bench_free(&b);
    }
    assert_true(before >= 2 && after >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_destroyed_does_not_open_and_the_rest_does),
        cmocka_unit_test(the_old_folder_opens_nothing_of_it_with_the_key_store_of_now),
        cmocka_unit_test(an_order_names_what_was_never_here),
        cmocka_unit_test(what_a_deadline_destroyed_comes_under_the_order_that_follows),
        cmocka_unit_test(what_was_reported_is_forgotten_after_a_month),
        cmocka_unit_test(a_recording_is_destroyed_while_it_runs),
        cmocka_unit_test(a_process_that_dies_while_it_destroys_has_destroyed_it_or_not_begun),
        cmocka_unit_test(a_process_that_dies_while_it_stores_leaves_a_whole_item_or_none),
        cmocka_unit_test(what_is_destroyed_is_on_disk_step_by_step),
        cmocka_unit_test(what_is_stored_is_on_disk_step_by_step),
        cmocka_unit_test(an_index_that_told_of_a_person_is_overwritten),
        cmocka_unit_test(
            a_process_that_dies_while_it_reports_leaves_an_index_and_nothing_beside_it),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
