/* A log whose first bundles were let go. */
#include "audit/pruned.h"

#include "audit/proof.h"
#include "audit/tile_file.h"
#include "audit/verify.h"
#include "support.h"

static void pruned_log(struct log_bench *b)
{
    log_init(b);
    log_append_to(b, 300);
    log_publish(b);
    log_append_to(b, 1000);
    log_publish(b);
    for (uint64_t n = 0; n < 2; n++)
        assert_int_equal(pruned_forget(b->folder.fd, n), RESULT_OK);
}

static void proofs_of_what_is_left_hold_and_of_growth_too(void **state)
{
    (void)state;
    struct log_bench b;
    struct proof p;
    char entry[64];
    pruned_log(&b);
    const struct proof_source s = proof_source_folder(&b.folder.fd);
    const struct tree_hash root = tiles_root(b.tiles);
    for (uint64_t i = 512; i < 1000; i += 61) {
        size_t n = entry_at(i, entry);
        struct tree_hash leaf = tree_leaf_hash(b.hasher, bytes_of(entry, n));
        assert_int_equal(proof_inclusion(&s, b.hasher, i, 1000, &p), RESULT_OK);
        assert_int_equal(tree_check_inclusion(b.hasher, &leaf, i, 1000, p.hash, p.count, &root),
                         RESULT_OK);
    }
    for (uint64_t old = 1; old <= 1000; old += 111)
        assert_int_equal(proof_consistency(&s, b.hasher, old, 1000, &p), RESULT_OK);
    log_free(&b);
}

static void what_is_left_verifies_as_a_part(void **state)
{
    (void)state;
    struct log_bench b;
    struct verify_report report;
    pruned_log(&b);
    struct verify_request request = {.folder = b.folder.fd, .key = &b.key, .partial = true};
    assert_int_equal(audit_verify(&request, &report), RESULT_OK);
    assert_int_equal(report.absent, 512);
    request.partial = false;
    assert_int_not_equal(audit_verify(&request, &report), RESULT_OK);
    log_free(&b);
}

static void the_log_opens_and_grows_as_before(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf entry = BUF_INIT(64);
    pruned_log(&b);
    assert_int_equal(log_open(&b), RESULT_OK);
    assert_int_equal(tiles_entry(b.tiles, 511, &entry), RESULT_NOT_FOUND);
    assert_int_equal(tiles_entry(b.tiles, 512, &entry), RESULT_OK);
    log_append_to(&b, 1300);
    log_publish(&b);
    assert_false(pruned_has(b.folder.fd, 1));
    assert_true(pruned_has(b.folder.fd, 2));
    assert_int_equal(pruned_forget(b.folder.fd, 1), RESULT_NOT_FOUND);
    buf_free(&entry);
    log_free(&b);
}

/* Power was cut behind `settled`, before the partial files of a bundle that had become full were
 * removed. Years later they stayed, with up to 255 entries of what the statement says was let go.
 */
static void what_a_crash_left_of_a_bundle_goes_with_it(void **state)
{
    (void)state;
    static const int level[] = {LEVEL_ENTRIES, LEVEL_FACTS};
    struct log_bench b;
    char path[TILE_PATH];
    log_init(&b);
    log_append_to(&b, 600);
    log_publish(&b);
    for (size_t i = 0; i < ARRAY_LEN(level); i++)
        for (unsigned width = 44; width < 256; width += 211) {
            tile_path(level[i], 1, width, path);
            assert_int_equal(tile_write(b.folder.fd, path, bytes_of_text("entry 256")), RESULT_OK);
        }
    assert_int_equal(log_open(&b), RESULT_OK);
    for (uint64_t n = 0; n < 2; n++)
        assert_int_equal(pruned_forget(b.folder.fd, n), RESULT_OK);
    for (size_t i = 0; i < ARRAY_LEN(level); i++) {
        tile_path(level[i], 1, 44, path);
        assert_false(file_exists(&b, path));
        tile_path(level[i], 1, 255, path);
        assert_false(file_exists(&b, path));
    }
    log_free(&b);
}

static void a_statement_names_its_minimum_index(void **state)
{
    (void)state;
    struct log_bench b;
    uint64_t below = 1;
    log_init(&b);
    assert_int_equal(pruned_read(b.folder.fd, &below), RESULT_OK);
    assert_int_equal(below, 0);
    assert_int_equal(
        pruned_write(b.folder.fd,
                     bytes_of_text("fedgate-act-v1\nsubject: entries before 512\nofficer: a/b\n"),
                     bytes_of_text("signature")),
        RESULT_OK);
    assert_int_equal(pruned_read(b.folder.fd, &below), RESULT_OK);
    assert_int_equal(below, 512);
    assert_true(file_exists(&b, "pruned.minisig"));
    file_put(&b, "pruned", bytes_of_text("subject: entries before 512\n"));
    assert_int_equal(pruned_read(b.folder.fd, &below), RESULT_DAMAGED);
    log_free(&b);
}

static void a_minimum_is_a_multiple_of_a_bundle(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "entries before ",
                                        "entries before 0",
                                        "entries before 0256",
                                        "entries before 255",
                                        "entries before 256x",
                                        "entries before 99999999999999999999999",
                                        "entries after 256"};
    uint64_t below;
    assert_true(pruned_subject(bytes_of_text("entries before 256"), &below));
    assert_int_equal(below, 256);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(pruned_subject(bytes_of_text(wrong[i]), &below));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_of_what_is_left_hold_and_of_growth_too),
        cmocka_unit_test(what_is_left_verifies_as_a_part),
        cmocka_unit_test(the_log_opens_and_grows_as_before),
        cmocka_unit_test(what_a_crash_left_of_a_bundle_goes_with_it),
        cmocka_unit_test(a_statement_names_its_minimum_index),
        cmocka_unit_test(a_minimum_is_a_multiple_of_a_bundle),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
