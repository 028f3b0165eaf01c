#include "audit/verify.h"

#include "audit/leaf.h"
#include "support.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static enum result verify_against(const struct log_bench *b, struct bytes old,
                                  struct verify_report *report)
{
    struct verify_request q = {.folder = b->folder.fd, .key = &b->key, .old = old};
    return audit_verify(&q, report);
}

static enum result verify(const struct log_bench *b, struct verify_report *report)
{
    return verify_against(b, bytes_of(NULL, 0), report);
}

static void log_of(struct log_bench *b, uint64_t size)
{
    log_init(b);
    log_append_to(b, size);
    log_publish(b);
}

/* The exit code of the independent checker, which knows the specifications and not our code. */
static int run_checker(const struct log_bench *b)
{
    struct buf key = BUF_INIT(400);
    char *argv[] = {"python3", "tests/audit/verify_log.py", (char *)(uintptr_t)b->folder.path, NULL,
                    NULL};
    pid_t pid;
    int status;
    note_key_text(&b->key, &key);
    argv[3] = (char *)(uintptr_t)buf_c(&key);
    assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    buf_free(&key);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void an_independent_checker_agrees(void **state)
{
    (void)state;
    static const uint64_t size[] = {0, 1, 255, 256, 257, 512, 65537};
    for (size_t i = 0; i < ARRAY_LEN(size); i++) {
        struct log_bench b;
        struct verify_report report;
        log_of(&b, size[i]);
        assert_int_equal(verify(&b, &report), RESULT_OK);
        assert_int_equal(report.size, size[i]);
        assert_int_equal(report.checked, size[i]);
        assert_string_equal(report.fault, "");
        struct tree_hash root = tiles_root(b.tiles);
        assert_memory_equal(&report.root, &root, sizeof root);
        assert_int_equal(run_checker(&b), 0);
        log_free(&b);
    }
}

static void an_independent_checker_refuses_what_we_refuse(void **state)
{
    (void)state;
    static const char *const path[] = {"checkpoint", "tile/0/000", "tile/1/000.p/1",
                                       "tile/entries/001.p/44"};
    for (size_t i = 0; i < ARRAY_LEN(path); i++) {
        struct log_bench b;
        struct verify_report report;
        log_of(&b, 300);
        file_flip(&b, path[i]);
        assert_int_not_equal(verify(&b, &report), RESULT_OK);
        assert_int_equal(run_checker(&b), 1);
        log_free(&b);
    }
}

static void a_changed_file_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *path, *fault;
    } row[] = {
        {"tile/0/000", "tile/0/000: entry 128 does not have the hash it says"},
        {"tile/0/256.p/44", "tile/0/256.p/44: entry 65558 does not have the hash it says"},
        {"tile/1/000", "tile/1/000: hash 128 is not that of the tile below"},
        {"tile/2/000.p/1", "tile/2/000.p/1: hash 0 is not that of the tile below"},
    };
    struct log_bench b;
    struct verify_report report;
    log_of(&b, 65580);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        file_flip(&b, row[i].path);
        assert_int_equal(verify(&b, &report), RESULT_MISMATCH);
        assert_string_equal(report.fault, row[i].fault);
        file_flip(&b, row[i].path);
    }
    assert_int_equal(verify(&b, &report), RESULT_OK);
    log_free(&b);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    static const char *const path[] = {"tile/entries/001.p/44", "tile/entries/000", "tile/0/000",
                                       "tile/1/000.p/1", "checkpoint"};
    for (size_t i = 0; i < ARRAY_LEN(path); i++) {
        struct log_bench b;
        struct verify_report report;
        log_of(&b, 300);
        assert_int_equal(unlinkat(b.folder.fd, path[i], 0), 0);
        assert_int_equal(verify(&b, &report), RESULT_NOT_FOUND);
        assert_int_equal(strncmp(report.fault, path[i], strlen(path[i])), 0);
        log_free(&b);
    }
}

static void files_of_another_length_are_refused(void **state)
{
    (void)state;
    static const char *const path[] = {"tile/entries/000", "tile/entries/001.p/44", "tile/0/000",
                                       "tile/0/001.p/44"};
    for (size_t i = 0; i < ARRAY_LEN(path); i++) {
        struct log_bench b;
        struct verify_report report;
        struct buf content = BUF_INIT(20000);
        log_of(&b, 300);
        file_get(&b, path[i], &content);
        buf_text(&content, "more");
        file_put(&b, path[i], buf_view(&content));
        assert_int_equal(verify(&b, &report), RESULT_MALFORMED);
        file_put(&b, path[i], bytes_of(content.p, content.n - 36));
        assert_int_not_equal(verify(&b, &report), RESULT_OK);
        buf_free(&content);
        log_free(&b);
    }
}

static void a_full_tile_stands_in_for_a_partial_one(void **state)
{
    (void)state;
    struct log_bench b;
    struct verify_report report;
    struct buf note = BUF_INIT(1000);
    log_of(&b, 200);
    file_get(&b, "checkpoint", &note);
    log_append_to(&b, 300);
    log_publish(&b);
    file_put(&b, "checkpoint", buf_view(&note)); /* as an auditor holds it who was a little slow */
    assert_false(file_exists(&b, "tile/entries/000.p"));
    assert_int_equal(verify(&b, &report), RESULT_OK);
    assert_int_equal(report.size, 200);
    buf_free(&note);
    log_free(&b);
}

static void an_old_checkpoint_must_be_a_beginning_of_the_log(void **state)
{
    (void)state;
    static const uint64_t size[] = {0, 1, 255, 256, 257, 600};
    for (size_t i = 0; i < ARRAY_LEN(size); i++) {
        struct log_bench b;
        struct verify_report report;
        struct buf old = BUF_INIT(1000);
        log_of(&b, size[i]);
        file_get(&b, "checkpoint", &old);
        log_append_to(&b, 600);
        log_publish(&b);
        assert_int_equal(verify_against(&b, buf_view(&old), &report), RESULT_OK);
        log_free(&b);
        buf_free(&old);
    }
}

static void a_fork_is_found_with_the_old_checkpoint(void **state)
{
    (void)state;
    struct log_bench b, fork;
    struct verify_report report;
    struct buf old = BUF_INIT(1000);
    log_of(&b, 300);
    file_get(&b, "checkpoint", &old);
    log_init(&fork);
    tiles_append(fork.tiles, bytes_of_text("another first entry"));
    log_append_to(&fork, 500);
    log_publish(&fork);
    assert_int_equal(verify(&fork, &report), RESULT_OK);
    assert_int_equal(verify_against(&fork, buf_view(&old), &report), RESULT_MISMATCH);
    assert_string_equal(report.fault,
                        "old checkpoint: this log never had that root at that size: it "
                        "was rewritten or forked");
    buf_free(&old);
    log_free(&b);
    log_free(&fork);
}

static void a_log_that_shrank_is_found_with_the_old_checkpoint(void **state)
{
    (void)state;
    struct log_bench b;
    struct verify_report report;
    struct buf newer = BUF_INIT(1000), older = BUF_INIT(1000);
    log_of(&b, 100);
    file_get(&b, "checkpoint", &older);
    log_append_to(&b, 150);
    log_publish(&b);
    file_get(&b, "checkpoint", &newer);
    file_put(&b, "checkpoint", buf_view(&older));
    assert_int_equal(verify_against(&b, buf_view(&newer), &report), RESULT_MISMATCH);
    assert_string_equal(report.fault, "checkpoint: the log is smaller than it was");
    buf_free(&newer);
    buf_free(&older);
    log_free(&b);
}

static void a_checkpoint_with_a_wrong_root_or_origin_is_refused(void **state)
{
    (void)state;
    struct log_bench b;
    struct verify_report report;
    struct buf note = BUF_INIT(1000);
    log_of(&b, 300);
    struct tree_hash root = tiles_root(b.tiles);
    log_note(&b, "another.example/log", 300, root, &note);
    file_put(&b, "checkpoint", buf_view(&note));
    assert_int_equal(verify(&b, &report), RESULT_MISMATCH);
    assert_string_equal(report.fault, "checkpoint: it is the checkpoint of another log");
    buf_clear(&note);
    root.b[31] ^= 1;
    log_note(&b, LOG_NAME, 300, root, &note);
    file_put(&b, "checkpoint", buf_view(&note));
    assert_int_equal(verify(&b, &report), RESULT_MISMATCH);
    assert_string_equal(report.fault, "checkpoint: its root is not that of the entries");
    note.p[note.n - 10] = note.p[note.n - 10] == 'A' ? 'B' : 'A';
    file_put(&b, "checkpoint", buf_view(&note));
    assert_int_equal(verify(&b, &report), RESULT_MISMATCH);
    assert_string_equal(report.fault, "checkpoint: the signature of this key is wrong");
    b.key.name[0] = 'D';
    assert_int_equal(verify(&b, &report), RESULT_NOT_FOUND);
    assert_string_equal(report.fault, "checkpoint: it has no signature of this key");
    buf_free(&note);
    log_free(&b);
}

static void append_leaf(struct log_bench *b, uint64_t index)
{
    struct leaf leaf = {.index = index, .event = AUDIT_RECEIVED};
    struct buf entry = BUF_INIT(1000);
    assert_int_equal(leaf_write(&leaf, &entry), RESULT_OK);
    tiles_append(b->tiles, buf_view(&entry));
    buf_free(&entry);
}

static void leaves_are_parsed_when_asked_for(void **state)
{
    (void)state;
    for (int broken = 0; broken < 3; broken++) {
        struct log_bench b;
        struct verify_report report;
        log_init(&b);
        for (uint64_t i = 0; i < 300; i++) {
            if (broken == 2 && i == 290)
                tiles_append(b.tiles, bytes_of_text("{}"));
            else
                append_leaf(&b, broken == 1 && i == 290 ? 291 : i);
        }
        log_publish(&b);
        struct verify_request q = {.folder = b.folder.fd, .key = &b.key};
        assert_int_equal(audit_verify(&q, &report), RESULT_OK);
        q.leaves = true;
        assert_int_equal(audit_verify(&q, &report), broken == 0   ? RESULT_OK
                                                    : broken == 1 ? RESULT_MISMATCH
                                                                  : RESULT_MALFORMED);
        assert_string_equal(report.fault, broken == 0 ? ""
                                          : broken == 1
                                              ? "entry 290: its index is another"
                                              : "entry 290: it is not a leaf in canonical form");
        log_free(&b);
    }
}

static void note_progress(void *arg, uint64_t done, uint64_t size)
{
    uint64_t *last = arg;
    assert_true(done >= *last && done <= size);
    *last = done;
}

static void progress_is_told(void **state)
{
    (void)state;
    struct log_bench b;
    struct verify_report report;
    uint64_t last = 0;
    log_of(&b, 40000);
    struct verify_request q = {
        .folder = b.folder.fd, .key = &b.key, .progress = note_progress, .arg = &last};
    assert_int_equal(audit_verify(&q, &report), RESULT_OK);
    assert_true(last > 20000);
    log_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_independent_checker_agrees),
        cmocka_unit_test(an_independent_checker_refuses_what_we_refuse),
        cmocka_unit_test(a_changed_file_is_named),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(files_of_another_length_are_refused),
        cmocka_unit_test(a_full_tile_stands_in_for_a_partial_one),
        cmocka_unit_test(an_old_checkpoint_must_be_a_beginning_of_the_log),
        cmocka_unit_test(a_fork_is_found_with_the_old_checkpoint),
        cmocka_unit_test(a_log_that_shrank_is_found_with_the_old_checkpoint),
        cmocka_unit_test(a_checkpoint_with_a_wrong_root_or_origin_is_refused),
        cmocka_unit_test(leaves_are_parsed_when_asked_for),
        cmocka_unit_test(progress_is_told),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
