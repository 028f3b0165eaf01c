#include "audit/tree.h"

#include "base/mem.h"
#include "crypto/base64.h"
#include "json/json.h"
#include "support.h"

static struct hasher *h;

static int start(void **state)
{
    h = crypto_init() == RESULT_OK ? hasher_new() : NULL;
    (void)state;
    return h == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    hasher_free(h);
    return 0;
}

/* RFC 6962, 2.1, word for word. */
static struct tree_hash root_by_definition(const struct tree_hash *leaf, size_t n)
{
    struct tree_hash left, right;
    size_t k = 1;
    if (n == 1)
        return leaf[0];
    while (k * 2 < n)
        k *= 2;
    left = root_by_definition(leaf, k);
    right = root_by_definition(leaf + k, n - k);
    return tree_node_hash(h, &left, &right);
}

static void the_empty_tree_has_the_root_of_the_standard(void **state)
{
    (void)state;
    struct tree_edge e = {0};
    struct tree_hash root = tree_root(h, &e);
    struct buf text = BUF_INIT(100);
    base64_put(&text, bytes_of(root.b, TREE_HASH));
    assert_string_equal(buf_c(&text), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    buf_free(&text);
}

static void a_growing_edge_has_the_root_of_the_definition(void **state)
{
    (void)state;
    static struct tree_hash leaf[600];
    struct tree_edge e = {0};
    for (size_t n = 0; n < ARRAY_LEN(leaf); n++) {
        char entry[64];
        leaf[n] = tree_leaf_hash(h, bytes_of(entry, entry_at(n, entry)));
        tree_add(h, &e, &leaf[n]);
        struct tree_hash root = tree_root(h, &e), expected = root_by_definition(leaf, n + 1);
        assert_memory_equal(&root, &expected, sizeof root);
        assert_int_equal(e.size, n + 1);
    }
}

/* ---- the vectors of transparency-dev/merkle */

/* Two of them hold 2^64 - 1, which json_read refuses; the same bits are -1. */
static struct json *read_vectors(void)
{
    static const char most[] = "18446744073709551615";
    static char text[100000];
    char why[100];
    struct json *root;
    FILE *f = fopen("tests/data/merkle-vectors.json", "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    (void)fclose(f);
    for (char *at = text; (at = strstr(at, most)) != NULL;)
        memcpy(at, "                  -1", sizeof most - 1);
    if (json_read(bytes_of(text, n), &root, why, sizeof why) != RESULT_OK)
        fail_msg("%s", why);
    return root;
}

/* Some vectors have hashes that are too short: `filler` makes them whole. */
static struct tree_hash hash_of(const struct json *node, uint8_t filler)
{
    struct tree_hash out;
    struct buf raw = BUF_INIT(100);
    memset(&out, filler, sizeof out);
    assert_int_equal(base64_take(json_text_of(node), &raw), RESULT_OK);
    assert_true(raw.n <= sizeof out);
    if (raw.n > 0)
        memcpy(out.b, raw.p, raw.n);
    buf_free(&raw);
    return out;
}

static size_t proof_of(const struct json *vector, struct tree_hash proof[64])
{
    const struct json *list = json_member(vector, "proof");
    size_t n = json_count(list);
    assert_true(n <= 64);
    for (size_t i = 0; i < n; i++)
        proof[i] = hash_of(json_item(list, i), 0);
    return n;
}

static uint64_t number_of(const struct json *vector, const char *key)
{
    return (uint64_t)json_integer_of(json_member(vector, key));
}

static void assert_as_wanted(const struct json *vector, enum result r)
{
    bool bad = json_bool_of(json_member(vector, "wantErr"));
    struct bytes name = json_text_of(json_member(vector, "case"));
    if (r != (bad ? RESULT_MISMATCH : RESULT_OK))
        fail_msg("%.*s: %s", (int)name.n, (const char *)name.p, result_name(r));
}

static void inclusion_proofs_of_others_are_judged_rightly(void **state)
{
    (void)state;
    struct json *root = read_vectors();
    const struct json *list = json_member(root, "inclusion");
    assert_int_equal(json_count(list), 98);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *v = json_item(list, i);
        struct tree_hash proof[64], leaf = hash_of(json_member(v, "leafHash"), 0),
                                    top = hash_of(json_member(v, "root"), 1);
        size_t n = proof_of(v, proof);
        assert_as_wanted(v, tree_check_inclusion(h, &leaf, number_of(v, "leafIdx"),
                                                 number_of(v, "treeSize"), proof, n, &top));
    }
    json_free(root);
}

static void consistency_proofs_of_others_are_judged_rightly(void **state)
{
    (void)state;
    struct json *root = read_vectors();
    const struct json *list = json_member(root, "consistency");
    assert_int_equal(json_count(list), 98);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *v = json_item(list, i);
        struct tree_hash proof[64], one = hash_of(json_member(v, "root1"), 0),
                                    two = hash_of(json_member(v, "root2"), 0);
        size_t n = proof_of(v, proof);
        assert_as_wanted(v, tree_check_consistency(h, number_of(v, "size1"), number_of(v, "size2"),
                                                   proof, n, &one, &two));
    }
    json_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_tree_has_the_root_of_the_standard),
        cmocka_unit_test(a_growing_edge_has_the_root_of_the_definition),
        cmocka_unit_test(inclusion_proofs_of_others_are_judged_rightly),
        cmocka_unit_test(consistency_proofs_of_others_are_judged_rightly),
    };
    return cmocka_run_group_tests(tests, start, end);
}
