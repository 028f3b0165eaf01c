#include "audit/tlog_proof.h"

#include "support.h"

#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define NOTE "text\n\n\xe2\x80\x94 a AAAAAAA=\n"

static void a_proof_reads_back(void **state)
{
    (void)state;
    struct tlog_proof p = {.index = 73894, .path.count = 2, .note = bytes_of_text(NOTE)}, again;
    struct buf text = BUF_INIT(4000), extra = BUF_INIT(100);
    memset(p.path.hash, 7, sizeof p.path.hash);
    tlog_proof_put(&p, bytes_of_text("the entry"), &text);
    assert_int_equal(tlog_proof_read(buf_view(&text), &again, &extra), RESULT_OK);
    assert_int_equal(again.index, 73894);
    assert_int_equal(again.path.count, 2);
    assert_memory_equal(again.path.hash, p.path.hash, 2 * TREE_HASH);
    assert_true(bytes_is(again.note, NOTE));
    assert_string_equal(buf_c(&extra), "the entry");
    buf_free(&text);
    buf_free(&extra);
}

static void a_proof_need_not_carry_anything_else(void **state)
{
    (void)state;
    struct tlog_proof p = {.note = bytes_of_text(NOTE)}, again;
    struct buf text = BUF_INIT(4000), extra = BUF_INIT(100);
    tlog_proof_put(&p, bytes_of(NULL, 0), &text);
    assert_string_equal(buf_c(&text), "c2sp.org/tlog-proof@v1\nindex 0\n\n" NOTE);
    assert_int_equal(tlog_proof_read(buf_view(&text), &again, &extra), RESULT_OK);
    assert_int_equal(extra.n, 0);
    buf_free(&text);
    buf_free(&extra);
}

static void proofs_of_another_shape_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v2\nindex 0\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 01\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex -1\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nextra AA\nindex 0\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 0\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 0\n" HASH " \n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 0\n" HASH "\n" NOTE,
        "c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n\nno note\n",
    };
    struct buf extra = BUF_INIT(100);
    struct tlog_proof p;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (tlog_proof_read(bytes_of_text(bad[i]), &p, &extra) != RESULT_MALFORMED)
            fail_msg("%s", bad[i]);
    buf_free(&extra);
}

static void no_path_is_longer_than_the_highest_tree(void **state)
{
    (void)state;
    for (size_t n = TREE_LEVELS; n <= TREE_LEVELS + 1; n++) {
        struct tlog_proof p = {.note = bytes_of_text(NOTE), .path.count = n}, again;
        struct buf text = BUF_INIT(10000), extra = BUF_INIT(100);
        tlog_proof_put(&p, bytes_of(NULL, 0), &text);
        assert_int_equal(tlog_proof_read(buf_view(&text), &again, &extra),
                         n == TREE_LEVELS ? RESULT_OK : RESULT_MALFORMED);
        buf_free(&text);
        buf_free(&extra);
    }
}

/* What is wrong is said: the note, the log, the entry. */
static void a_proof_holds_for_its_entry_log_and_key_only(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf note = BUF_INIT(4000), foreign = BUF_INIT(4000);
    char entry[64];
    struct checkpoint c;
    const char *fault = "";
    log_init(&b);
    log_append_to(&b, 300);
    log_publish(&b);
    log_note(&b, LOG_NAME, 300, tiles_root(b.tiles), &note);
    log_note(&b, "another.example/log", 300, tiles_root(b.tiles), &foreign);
    struct proof_source s = proof_source_folder(&b.folder.fd);
    struct tlog_proof p = {.index = 7, .note = buf_view(&note)};
    assert_int_equal(proof_inclusion(&s, b.hasher, 7, 300, &p.path), RESULT_OK);
    struct bytes e = bytes_of(entry, entry_at(7, entry));
    assert_int_equal(tlog_proof_check(b.hasher, &p, &b.key, e, &c, &fault), RESULT_OK);
    assert_int_equal(c.size, 300);
    assert_int_equal(tlog_proof_check(b.hasher, &p, &b.key, bytes_of(entry, e.n - 1), &c, &fault),
                     RESULT_MISMATCH);
    assert_string_equal(fault, "the entry does not stand at that index under the checkpoint");
    p.note = buf_view(&foreign);
    assert_int_equal(tlog_proof_check(b.hasher, &p, &b.key, e, &c, &fault), RESULT_MISMATCH);
    assert_string_equal(fault, "it is the checkpoint of another log");
    b.key.key[0] ^= 1;
    assert_int_equal(tlog_proof_check(b.hasher, &p, &b.key, e, &c, &fault), RESULT_MISMATCH);
    assert_string_equal(fault, "the signature of this key is wrong");
    buf_free(&note);
    buf_free(&foreign);
    log_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_reads_back),
        cmocka_unit_test(a_proof_need_not_carry_anything_else),
        cmocka_unit_test(proofs_of_another_shape_are_refused),
        cmocka_unit_test(no_path_is_longer_than_the_highest_tree),
        cmocka_unit_test(a_proof_holds_for_its_entry_log_and_key_only),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
