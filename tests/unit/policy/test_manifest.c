#include "crypto/init.h"
#include "sealed.h"

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static void write_files(int folder)
{
    set_write_file(folder, "set.yaml", "set: x\n");
    set_write_file(folder, "mou/b.yaml", "b");
    set_write_file(folder, "mou/a.yaml", "a");
    set_write_file(folder, "inventory/roots/p.pem", "p");
    set_write_file(folder, "signatures/mou/a.yaml.p.minisig", "s");
    set_write_file(folder, "mou/.a.yaml.swp", "of an editor");
}

static void files_are_listed_by_path_without_seal_and_hidden_ones(void **state)
{
    struct temp_folder t = temp_folder_new();
    struct manifest m = {0};
    char path[SEAL_PATH];
    uint8_t sha256[SHA256_BYTES];
    (void)state;
    write_files(t.fd);
    assert_int_equal(manifest_list(t.fd, &m, path), RESULT_OK);
    assert_int_equal(m.count, 3);
    assert_string_equal(m.file[0].path, "inventory/roots/p.pem");
    assert_string_equal(m.file[1].path, "mou/a.yaml");
    assert_string_equal(m.file[2].path, "mou/b.yaml");
    digest_of("a", sha256);
    assert_memory_equal(m.file[1].sha256, sha256, sizeof sha256);
    assert_ptr_equal(manifest_get(&m, "mou/b.yaml"), &m.file[2]);
    assert_null(manifest_get(&m, "mou/c.yaml"));
    assert_false(manifest_add(&m, "mou/a.yaml", sha256));
    manifest_free(&m);
    temp_folder_free(&t);
}

static void what_is_neither_file_nor_folder_is_refused_by_name(void **state)
{
    (void)state;
    for (int pipe = 0; pipe < 2; pipe++) {
        struct temp_folder t = temp_folder_new();
        struct manifest m = {0};
        char path[SEAL_PATH];
        write_files(t.fd);
        if (pipe == 1)
            assert_int_equal(mkfifoat(t.fd, "mou/x", 0600), 0);
        else
            assert_int_equal(symlinkat("a.yaml", t.fd, "mou/x"), 0);
        assert_int_equal(manifest_list(t.fd, &m, path), RESULT_DENIED);
        assert_string_equal(path, "mou/x");
        manifest_free(&m);
        temp_folder_free(&t);
    }
}

static void expect_written(const char *before, const char *after)
{
    struct manifest m = {0};
    struct buf out = BUF_INIT(4096), again = BUF_INIT(4096);
    uint8_t sha256[SHA256_BYTES] = {0xab};
    assert_true(manifest_add(&m, "mou/a.yaml", sha256));
    assert_true(manifest_add(&m, "mou/\xea\xb0\x80 b", sha256));
    assert_int_equal(manifest_write(&m, bytes_of_text(before), &out), RESULT_OK);
    assert_string_equal(buf_c(&out), after);
    /* Written once more it is the same. */
    assert_int_equal(manifest_write(&m, buf_view(&out), &again), RESULT_OK);
    assert_string_equal(buf_c(&again), after);
    buf_free(&out);
    buf_free(&again);
    manifest_free(&m);
}

#define HEX   "ab00000000000000000000000000000000000000000000000000000000000000\n"
#define LINES "  mou/a.yaml: " HEX "  \"mou/\xea\xb0\x80 b\": " HEX
#define HEAD  "files:   # SHA-256 of every file; fedgatectl policy seal writes them\n"

static void a_list_is_written_where_it_stood_and_the_rest_stays(void **state)
{
    (void)state;
    expect_written("set: x # why\n", "set: x # why\n" HEAD LINES);
    expect_written("set: x", "set: x\n" HEAD LINES);
    expect_written("# a\nfiles: # ours\n  old: 12\n  older: 34\n\n# b\nserial: 1\n",
                   "# a\nfiles: # ours\n" LINES "\n# b\nserial: 1\n");
    expect_written("files:\nserial: 1\n", "files:\n" LINES "serial: 1\n");
    expect_written("files:\r\n  a: 1\r\nserial: 1\r\n", "files:\r\n" LINES "serial: 1\r\n");
}

static void a_list_in_braces_is_not_touched(void **state)
{
    struct manifest m = {0};
    struct buf out = BUF_INIT(4096);
    (void)state;
    assert_int_equal(manifest_write(&m, bytes_of_text("files: {a: 12}\n"), &out), RESULT_MALFORMED);
    buf_free(&out);
}

static void a_copy_has_the_listed_files_and_the_signatures(void **state)
{
    struct temp_folder from = temp_folder_new(), to = temp_folder_new();
    struct manifest m = {0}, copied = {0};
    char path[SEAL_PATH];
    uint8_t sha256[SHA256_BYTES];
    (void)state;
    write_files(from.fd);
    digest_of("set: x\n", sha256);
    assert_int_equal(manifest_list(from.fd, &m, path), RESULT_OK);
    assert_int_equal(manifest_copy(&m, from.fd, to.fd, sha256), RESULT_OK);
    assert_int_equal(manifest_list(to.fd, &copied, path), RESULT_OK);
    assert_int_equal(copied.count, m.count);
    assert_memory_equal(copied.file, m.file, m.count * sizeof m.file[0]);
    assert_int_equal(faccessat(to.fd, "signatures/mou/a.yaml.p.minisig", F_OK, 0), 0);
    assert_int_equal(faccessat(to.fd, "set.yaml", F_OK, 0), 0);
    manifest_free(&m);
    manifest_free(&copied);
    temp_folder_free(&from);
    temp_folder_free(&to);
}

static void what_changed_since_it_was_listed_is_not_copied(void **state)
{
    static const char *const files[] = {"mou/a.yaml", "set.yaml"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct temp_folder from = temp_folder_new(), to = temp_folder_new();
        struct manifest m = {0};
        char path[SEAL_PATH];
        uint8_t sha256[SHA256_BYTES];
        write_files(from.fd);
        digest_of("set: x\n", sha256);
        assert_int_equal(manifest_list(from.fd, &m, path), RESULT_OK);
        set_write_file(from.fd, files[i], "other");
        assert_int_equal(manifest_copy(&m, from.fd, to.fd, sha256), RESULT_MISMATCH);
        manifest_free(&m);
        temp_folder_free(&from);
        temp_folder_free(&to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_listed_by_path_without_seal_and_hidden_ones),
        cmocka_unit_test(what_is_neither_file_nor_folder_is_refused_by_name),
        cmocka_unit_test(a_list_is_written_where_it_stood_and_the_rest_stays),
        cmocka_unit_test(a_list_in_braces_is_not_touched),
        cmocka_unit_test(a_copy_has_the_listed_files_and_the_signatures),
        cmocka_unit_test(what_changed_since_it_was_listed_is_not_copied),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
