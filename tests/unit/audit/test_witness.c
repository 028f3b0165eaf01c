#include "audit/witness.h"

#include "support.h"

static struct witness_report report;

/* A checkpoint that the log's key signed, right or not. */
static void note_of(const struct log_bench *b, uint64_t size, struct tree_hash root,
                    struct buf *out)
{
    buf_clear(out);
    log_note(b, LOG_NAME, size, root, out);
}

static enum result check(struct log_bench *b, const struct buf *seen, const struct buf *note)
{
    const struct witness_request q = {.log = &b->key,
                                      .seen = seen == NULL ? bytes_of(NULL, 0) : buf_view(seen),
                                      .note = buf_view(note),
                                      .tiles = proof_source_folder(&b->folder.fd)};
    return witness_check(b->hasher, &q, &report);
}

struct bench {
    struct log_bench log;
    struct buf seen, note; /* of 300 and of 1000 entries */
    struct tree_hash then, now;
};

static void init(struct bench *b)
{
    log_init(&b->log);
    b->seen = b->note = BUF_INIT(4000);
    log_append_to(&b->log, 300);
    log_publish(&b->log);
    b->then = tiles_root(b->log.tiles);
    note_of(&b->log, 300, b->then, &b->seen);
    log_append_to(&b->log, 1000);
    log_publish(&b->log);
    b->now = tiles_root(b->log.tiles);
    note_of(&b->log, 1000, b->now, &b->note);
}

static void done(struct bench *b)
{
    buf_free(&b->seen);
    buf_free(&b->note);
    log_free(&b->log);
}

static void a_log_that_grew_may_be_signed(void **state)
{
    (void)state;
    struct bench b;
    init(&b);
    assert_int_equal(check(&b.log, NULL, &b.note), RESULT_OK);
    assert_int_equal(check(&b.log, &b.seen, &b.note), RESULT_OK);
    assert_int_equal(check(&b.log, &b.note, &b.note), RESULT_OK);
    assert_int_equal(report.now.size, 1000);
    assert_string_equal(report.fault, "");
    done(&b);
}

static void a_checkpoint_that_shrinks_is_never_signed(void **state)
{
    (void)state;
    struct bench b;
    init(&b);
    assert_int_equal(check(&b.log, &b.note, &b.seen), RESULT_MISMATCH);
    assert_string_equal(report.fault,
                        "checkpoint: the log is smaller than it was: it was rewritten");
    done(&b);
}

static void a_fork_is_never_signed(void **state)
{
    (void)state;
    struct bench b;
    init(&b);
    b.now.b[0] ^= 1;
    struct buf forked = BUF_INIT(4000);
    note_of(&b.log, 1000, b.now, &forked); /* at one size */
    assert_int_equal(check(&b.log, &b.note, &forked), RESULT_MISMATCH);
    assert_string_equal(report.fault,
                        "checkpoint: another root at the same size: the log was forked");
    b.then.b[31] ^= 1; /* earlier: what was signed was another log */
    note_of(&b.log, 300, b.then, &forked);
    assert_int_equal(check(&b.log, &forked, &b.note), RESULT_MISMATCH);
    assert_string_equal(report.fault, "checkpoint: its tree does not hold the one of 300 entries "
                                      "that was signed before: the log was rewritten or forked");
    buf_free(&forked);
    done(&b);
}

/* Wrong tiles may come from a network or a bad copy: they are no proof against the log. */
static void tiles_that_are_wrong_are_not_taken_for_a_fork(void **state)
{
    (void)state;
    struct bench b;
    init(&b);
    file_flip(&b.log, "tile/0/003.p/232");
    assert_int_equal(check(&b.log, &b.seen, &b.note), RESULT_MALFORMED);
    assert_string_equal(report.fault, "tiles: they are not those of the checkpoint");
    assert_int_equal(unlinkat(b.log.folder.fd, "tile/0/003.p/232", 0), 0);
    assert_int_equal(check(&b.log, &b.seen, &b.note), RESULT_NOT_FOUND);
    done(&b);
}

static void nothing_is_signed_for_another_log_or_key(void **state)
{
    (void)state;
    struct bench b;
    struct buf foreign = BUF_INIT(4000);
    init(&b);
    log_note(&b.log, "another.example/log", 1000, b.now, &foreign);
    assert_int_equal(check(&b.log, &b.seen, &foreign), RESULT_MISMATCH);
    assert_int_equal(check(&b.log, &foreign, &b.note), RESULT_MISMATCH);
    assert_string_equal(report.fault,
                        "the checkpoint signed last: it is the checkpoint of another log");
    b.note.p[b.note.n - 10] ^= 1;
    assert_true(check(&b.log, NULL, &b.note) != RESULT_OK);
    buf_free(&foreign);
    done(&b);
}

static void an_empty_log_has_the_empty_trees_root(void **state)
{
    (void)state;
    struct log_bench b;
    struct buf note = BUF_INIT(4000);
    struct tree_hash root;
    log_init(&b);
    root = tiles_root(b.tiles);
    note_of(&b, 0, root, &note);
    assert_non_null(strstr(buf_c(&note), "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"));
    assert_int_equal(check(&b, NULL, &note), RESULT_OK);
    assert_int_equal(check(&b, &note, &note), RESULT_OK);
    root.b[5] ^= 1;
    note_of(&b, 0, root, &note);
    assert_int_equal(check(&b, NULL, &note), RESULT_MISMATCH);
    buf_free(&note);
    log_free(&b);
}

static void a_signature_is_the_witnesses_own_with_its_time(void **state)
{
    (void)state;
    static const uint8_t seed[SIGN_SEED] = "the secret of a witness";
    struct bench b;
    struct buf secret = BUF_INIT(1000);
    struct note_key witness, again;
    uint8_t public_key[SIGN_PUBLIC], seed_again[SIGN_SEED];
    struct bytes body, line;
    init(&b);
    sign_public_of(seed, public_key);
    assert_int_equal(note_key_make(b.log.hasher, bytes_of_text("w.example/1"), NOTE_KEY_COSIGNATURE,
                                   public_key, &witness),
                     RESULT_OK);
    witness_sign(&witness, seed, buf_view(&b.note), 1764288000, &b.note);
    assert_int_equal(note_find(buf_view(&b.note), &witness, &body, &line), RESULT_OK);
    assert_int_equal(cosignature_time(line), 1764288000);
    assert_int_equal(note_open(buf_view(&b.note), &b.log.key, &body), RESULT_OK);
    assert_int_equal(note_find(buf_view(&b.note), &b.log.key, &body, &line), RESULT_OK);
    assert_int_equal(cosignature_time(line), 0);
    note_secret_text(&witness, seed, &secret);
    assert_int_equal(note_secret_read(b.log.hasher, buf_view(&secret), &again, seed_again),
                     RESULT_OK);
    assert_memory_equal(&again, &witness, sizeof again);
    assert_memory_equal(seed_again, seed, SIGN_SEED);
    secret.p[secret.n - 3] ^= 1;
    assert_true(note_secret_read(b.log.hasher, buf_view(&secret), &again, seed_again) != RESULT_OK);
    buf_free(&secret);
    done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_that_grew_may_be_signed),
        cmocka_unit_test(a_checkpoint_that_shrinks_is_never_signed),
        cmocka_unit_test(a_fork_is_never_signed),
        cmocka_unit_test(tiles_that_are_wrong_are_not_taken_for_a_fork),
        cmocka_unit_test(nothing_is_signed_for_another_log_or_key),
        cmocka_unit_test(an_empty_log_has_the_empty_trees_root),
        cmocka_unit_test(a_signature_is_the_witnesses_own_with_its_time),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
