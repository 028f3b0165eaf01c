#include "audit/proof.h"

#include "audit/tile_file.h"
#include "support.h"

static struct proof_source source_of(const struct log_bench *b)
{
    return proof_source_folder(&b->folder.fd);
}

static void log_of(struct log_bench *b, uint64_t size)
{
    log_init(b);
    log_append_to(b, size);
    log_publish(b);
}

static struct tree_hash leaf_of(struct log_bench *b, uint64_t index)
{
    char entry[64];
    size_t n = entry_at(index, entry);
    return tree_leaf_hash(b->hasher, bytes_of(entry, n));
}

static struct tree_hash root_at(struct log_bench *b, uint64_t size)
{
    struct tree_edge edge = {0};
    for (uint64_t i = 0; i < size; i++) {
        struct tree_hash leaf = leaf_of(b, i);
        tree_add(b->hasher, &edge, &leaf);
    }
    return tree_root(b->hasher, &edge);
}

static void every_entry_of_small_logs_is_provable(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= 40; size++) {
        struct log_bench b;
        struct proof p;
        log_of(&b, size);
        struct proof_source s = source_of(&b);
        struct tree_hash root = tiles_root(b.tiles);
        for (uint64_t i = 0; i < size; i++) {
            struct tree_hash leaf = leaf_of(&b, i);
            assert_int_equal(proof_inclusion(&s, b.hasher, i, size, &p), RESULT_OK);
            assert_int_equal(tree_check_inclusion(b.hasher, &leaf, i, size, p.hash, p.count, &root),
                             RESULT_OK);
        }
        for (uint64_t old = 1; old <= size; old++) {
            struct tree_hash was = root_at(&b, old);
            assert_int_equal(proof_consistency(&s, b.hasher, old, size, &p), RESULT_OK);
            assert_int_equal(
                tree_check_consistency(b.hasher, old, size, p.hash, p.count, &was, &root),
                RESULT_OK);
        }
        log_free(&b);
    }
}

static void proofs_go_through_levels_of_tiles(void **state)
{
    (void)state;
    static const uint64_t sample[] = {1, 255, 256, 257, 4096, 65535, 65536, 65537, 65792, 66000};
    struct log_bench b;
    struct proof p;
    log_of(&b, 66000);
    struct proof_source s = source_of(&b);
    struct tree_hash root = tiles_root(b.tiles);
    for (size_t k = 0; k < ARRAY_LEN(sample); k++) {
        struct tree_hash leaf = leaf_of(&b, sample[k] - 1), was = root_at(&b, sample[k]), again;
        assert_int_equal(proof_inclusion(&s, b.hasher, sample[k] - 1, 66000, &p), RESULT_OK);
        assert_int_equal(
            tree_check_inclusion(b.hasher, &leaf, sample[k] - 1, 66000, p.hash, p.count, &root),
            RESULT_OK);
        assert_int_equal(proof_consistency(&s, b.hasher, sample[k], 66000, &p), RESULT_OK);
        assert_int_equal(
            tree_check_consistency(b.hasher, sample[k], 66000, p.hash, p.count, &was, &root),
            RESULT_OK);
        assert_int_equal(proof_root(&s, b.hasher, sample[k], &again), RESULT_OK);
        assert_memory_equal(&again, &was, sizeof was);
    }
    log_free(&b);
}

/* A checkpoint's partial tile may have become full meanwhile. */
static void a_log_that_grew_still_proves_what_it_was(void **state)
{
    (void)state;
    struct log_bench b;
    struct proof p;
    log_of(&b, 300);
    struct tree_hash was = tiles_root(b.tiles), leaf = leaf_of(&b, 299);
    log_append_to(&b, 1000);
    log_publish(&b);
    struct proof_source s = source_of(&b);
    assert_int_equal(proof_inclusion(&s, b.hasher, 299, 300, &p), RESULT_OK);
    assert_int_equal(tree_check_inclusion(b.hasher, &leaf, 299, 300, p.hash, p.count, &was),
                     RESULT_OK);
    log_free(&b);
}

static void what_is_not_in_the_tree_has_no_proof(void **state)
{
    (void)state;
    struct log_bench b;
    struct proof p;
    log_of(&b, 5);
    struct proof_source s = source_of(&b);
    assert_int_equal(proof_inclusion(&s, b.hasher, 5, 5, &p), RESULT_RANGE);
    assert_int_equal(proof_inclusion(&s, b.hasher, 0, 0, &p), RESULT_RANGE);
    assert_int_equal(proof_consistency(&s, b.hasher, 0, 5, &p), RESULT_RANGE);
    assert_int_equal(proof_consistency(&s, b.hasher, 6, 5, &p), RESULT_RANGE);
    assert_int_equal(proof_inclusion(&s, b.hasher, 0, 6, &p), RESULT_NOT_FOUND);
    log_free(&b);
}

static enum result half_a_tile(void *arg, unsigned level, uint64_t number, unsigned width,
                               struct buf *out)
{
    (void)arg;
    (void)level;
    (void)number;
    (void)width;
    buf_put(out, "half a hash", 11);
    return RESULT_OK;
}

static void a_tile_that_is_too_short_is_refused(void **state)
{
    (void)state;
    struct proof_source s = {NULL, half_a_tile};
    struct hasher *h = hasher_new();
    struct proof p;
    assert_int_equal(proof_inclusion(&s, h, 3, 7, &p), RESULT_MALFORMED);
    assert_int_equal(proof_consistency(&s, h, 3, 7, &p), RESULT_MALFORMED);
    hasher_free(h);
}

static void a_tile_that_was_changed_proves_nothing(void **state)
{
    (void)state;
    struct log_bench b;
    struct proof p;
    log_of(&b, 100);
    struct tree_hash root = tiles_root(b.tiles), leaf = leaf_of(&b, 3);
    file_flip(&b, "tile/0/000.p/100");
    struct proof_source s = source_of(&b);
    assert_int_equal(proof_inclusion(&s, b.hasher, 3, 100, &p), RESULT_OK);
    assert_int_equal(tree_check_inclusion(b.hasher, &leaf, 3, 100, p.hash, p.count, &root),
                     RESULT_MISMATCH);
    log_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_of_small_logs_is_provable),
        cmocka_unit_test(proofs_go_through_levels_of_tiles),
        cmocka_unit_test(a_log_that_grew_still_proves_what_it_was),
        cmocka_unit_test(what_is_not_in_the_tree_has_no_proof),
        cmocka_unit_test(a_tile_that_is_too_short_is_refused),
        cmocka_unit_test(a_tile_that_was_changed_proves_nothing),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
