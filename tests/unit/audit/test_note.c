#include "audit/note.h"

#include "crypto/base64.h"
#include "support.h"

static struct hasher *h;
static struct note_key key;
static const uint8_t seed[SIGN_SEED] = "another key, not that of the log";

static int start(void **state)
{
    uint8_t public_key[SIGN_PUBLIC];
    (void)state;
    if (crypto_init() != RESULT_OK)
        return -1;
    h = hasher_new();
    sign_public_of(seed, public_key);
    return note_key_make(h, bytes_of_text("a.example/log"), NOTE_KEY_ED25519, public_key, &key) ==
                   RESULT_OK
               ? 0
               : -1;
}

static int end(void **state)
{
    (void)state;
    hasher_free(h);
    return 0;
}

static enum result read_key(const char *text, struct note_key *out)
{
    return note_key_read(h, bytes_of_text(text), out);
}

static void the_verifier_key_of_the_specification_reads_and_writes(void **state)
{
    (void)state;
    static const char text[] =
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    struct buf out = BUF_INIT(200);
    struct note_key k;
    assert_int_equal(read_key(text, &k), RESULT_OK);
    assert_string_equal(k.name, "example.com/foo");
    assert_int_equal(k.type, NOTE_KEY_ED25519);
    note_key_text(&k, &out);
    assert_string_equal(buf_c(&out), text);
    buf_free(&out);
}

static void keys_of_another_shape_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "example.com/foo",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/ foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    };
    struct note_key k;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(read_key(bad[i], &k), RESULT_MALFORMED);
    assert_int_equal(
        read_key("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", &k),
        RESULT_MISMATCH);
}

static void names_have_no_blanks_of_any_script(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "a b", "a+b", "a\tb", "a\xc2\xa0", "\xe3\x80\x80", "a\xe2\x80\x89z", "a\xff"};
    struct note_key k;
    char longest[NOTE_NAME_MAX + 2];
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(note_key_make(h, bytes_of_text(bad[i]), 1, key.key, &k), RESULT_MALFORMED);
    memset(longest, 'a', sizeof longest);
    assert_int_equal(note_key_make(h, bytes_of(longest, NOTE_NAME_MAX), 1, key.key, &k), RESULT_OK);
    assert_int_equal(note_key_make(h, bytes_of(longest, NOTE_NAME_MAX + 1), 1, key.key, &k),
                     RESULT_MALFORMED);
    assert_int_equal(note_key_make(h, bytes_of_text("대전/기록"), 1, key.key, &k), RESULT_OK);
}

/* From the documentation of Go's sumdb/note (BSD-3-Clause). */
static void a_note_that_another_program_signed_opens(void **state)
{
    (void)state;
    static const char text[] = "If you think cryptography is the answer to your problem,\n"
                               "then you don't know what your problem is.\n"
                               "\n"
                               "\xe2\x80\x94 PeterNeumann "
                               "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvq"
                               "fqdngotpRZb6KE6RyyBwJnAM=\n";
    struct bytes body;
    struct note_key k;
    assert_int_equal(
        read_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", &k),
        RESULT_OK);
    assert_int_equal(note_open(bytes_of_text(text), &k, &body), RESULT_OK);
    assert_int_equal(body.n, strstr(text, "\n\n") + 1 - text);
    assert_int_equal(note_open(bytes_of_text(text), &key, &body), RESULT_NOT_FOUND);
}

/* `text` and a signature of ours over `signed_text`. */
static void make_note(struct buf *out, const char *text, const char *signed_text)
{
    uint8_t signature[SIGN_SIGNATURE];
    buf_clear(out);
    sign_make(seed, bytes_of_text(signed_text), signature);
    buf_printf(out, "%s\n", text);
    note_put_signature(&key, signature, out);
}

static enum result open_note(struct buf *note)
{
    struct bytes body;
    return note_open(buf_view(note), &key, &body);
}

static void a_note_opens_only_whole(void **state)
{
    (void)state;
    struct buf note = BUF_INIT(1000);
    make_note(&note, "one\ntwo\n", "one\ntwo\n");
    assert_int_equal(open_note(&note), RESULT_OK);
    for (size_t n = note.n; n-- > 0;) {
        struct bytes body;
        assert_int_not_equal(note_open(bytes_of(note.p, n), &key, &body), RESULT_OK);
    }
    note.p[0] ^= 1;
    assert_int_equal(open_note(&note), RESULT_MISMATCH);
    buf_free(&note);
}

static void the_last_empty_line_parts_text_and_signatures(void **state)
{
    (void)state;
    struct buf note = BUF_INIT(1000);
    struct bytes body;
    make_note(&note, "one\n\ntwo\n", "one\n\ntwo\n");
    assert_int_equal(note_open(buf_view(&note), &key, &body), RESULT_OK);
    assert_true(bytes_is(body, "one\n\ntwo\n"));
    make_note(&note, "one\n\n", "one\n\n"); /* two empty lines: the first belongs to the text */
    assert_int_equal(note_open(buf_view(&note), &key, &body), RESULT_OK);
    assert_true(bytes_is(body, "one\n\n"));
    make_note(&note, "one\n\n", "one\n");
    assert_int_equal(open_note(&note), RESULT_MISMATCH);
    buf_text(&note, "\n"); /* behind the signatures */
    assert_int_equal(open_note(&note), RESULT_MALFORMED);
    buf_free(&note);
}

static void control_characters_and_wrong_utf8_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"one\r\n", "one\ttwo\n", "one\x01\n", "\xed\xa0\x80\n",
                                      "\xc0\n"};
    struct buf note = BUF_INIT(1000);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        make_note(&note, bad[i], bad[i]);
        assert_int_equal(open_note(&note), RESULT_MALFORMED);
    }
    make_note(&note, "one\x7f \xed\x95\x9c\n", "one\x7f \xed\x95\x9c\n");
    assert_int_equal(open_note(&note), RESULT_OK);
    buf_free(&note);
}

/* A line of some other key. */
static void add_line(struct buf *note, const char *name, const uint8_t *id, size_t n)
{
    uint8_t raw[5000] = {0};
    memcpy(raw, id, 4);
    buf_printf(note, "\xe2\x80\x94 %s ", name);
    base64_put(note, bytes_of(raw, n));
    buf_text(note, "\n");
}

static void sixteen_signatures_are_read_and_one_more_is_not(void **state)
{
    (void)state;
    struct buf note = BUF_INIT(100000);
    make_note(&note, "text\n", "text\n");
    for (int i = 0; i < 15; i++)
        add_line(&note, "b.example", (const uint8_t *)"abcd", i == 0 ? 4900 : 68);
    assert_int_equal(open_note(&note), RESULT_OK);
    add_line(&note, "b.example", (const uint8_t *)"abcd", 68);
    assert_int_equal(open_note(&note), RESULT_MALFORMED);
    buf_free(&note);
}

static void another_keys_line_counts_for_nothing_even_with_the_same_name_or_id(void **state)
{
    (void)state;
    struct buf note = BUF_INIT(10000);
    buf_text(&note, "text\n\n");
    add_line(&note, "b.example", key.id, 68);
    add_line(&note, key.name, (const uint8_t *)"abcd", 68);
    assert_int_equal(open_note(&note), RESULT_NOT_FOUND);
    make_note(&note, "text\n", "text\n");
    add_line(&note, "b.example", key.id, 68);
    add_line(&note, key.name, (const uint8_t *)"abcd", 68);
    assert_int_equal(open_note(&note), RESULT_OK);
    add_line(&note, key.name, key.id, 68); /* a second key with our name and id, or a forgery */
    assert_int_equal(open_note(&note), RESULT_MISMATCH);
    buf_free(&note);
}

static void signature_lines_of_another_form_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "- b.example YWJjZGVmZ2g=\n",
        "\xe2\x80\x94  b.example YWJjZGVmZ2g=\n",
        "\xe2\x80\x94 b.example  YWJjZGVmZ2g=\n",
        "\xe2\x80\x94 b.example YWJjZGVmZ2g\n",
        "\xe2\x80\x94 b.example YWJjZA==\n", /* an id, and no signature */
        "\xe2\x80\x94 b+c YWJjZGVmZ2g=\n",
        "\xe2\x80\x94 b.example YWJjZGVmZ2g=",
        "\xe2\x80\x94 b.example\n",
        "text\n",
    };
    struct buf note = BUF_INIT(1000);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        make_note(&note, "text\n", "text\n");
        buf_text(&note, bad[i]);
        assert_int_equal(open_note(&note), RESULT_MALFORMED);
    }
    make_note(&note, "text\n", "text\n");
    buf_text(&note, "\xe2\x80\x94 b.example YWJjZGVmZ2g=\n");
    assert_int_equal(open_note(&note), RESULT_OK);
    buf_free(&note);
}

static void put_cosignature(struct buf *note, const struct note_key *witness, uint64_t time,
                            const char *signed_text)
{
    struct buf raw = BUF_INIT(100);
    uint8_t signature[SIGN_SIGNATURE];
    sign_make(seed, bytes_of_text(signed_text), signature);
    buf_put(&raw, witness->id, 4);
    buf_u64(&raw, time);
    buf_put(&raw, signature, sizeof signature);
    buf_printf(note, "\xe2\x80\x94 %s ", witness->name);
    base64_put(note, buf_view(&raw));
    buf_text(note, "\n");
    buf_free(&raw);
}

static void a_cosignature_covers_its_time(void **state)
{
    (void)state;
    struct buf note = BUF_INIT(1000);
    struct note_key witness;
    struct bytes body;
    assert_int_equal(
        note_key_make(h, bytes_of_text("w.example"), NOTE_KEY_COSIGNATURE, key.key, &witness),
        RESULT_OK);
    for (int i = 0; i < 4; i++) {
        make_note(&note, "text\n", "text\n");
        put_cosignature(&note, &witness,
                        i == 1   ? 1679315148
                        : i == 3 ? UINT64_MAX
                                 : 1679315147,
                        i == 2   ? "text\n"
                        : i == 3 ? "cosignature/v1\ntime 18446744073709551615\ntext\n"
                                 : "cosignature/v1\ntime 1679315147\ntext\n");
        assert_int_equal(note_open(buf_view(&note), &witness, &body),
                         i == 0 ? RESULT_OK : RESULT_MISMATCH);
        assert_int_equal(open_note(&note), RESULT_OK);
    }
    buf_free(&note);
}

static void a_checkpoint_reads_back(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1000);
    struct checkpoint c = {.origin = bytes_of_text("a.example/log"), .size = UINT64_MAX}, back;
    memset(&c.root, 0xa5, sizeof c.root);
    checkpoint_put(&c, &out);
    assert_string_equal(buf_c(&out), "a.example/log\n18446744073709551615\n"
                                     "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n");
    assert_int_equal(checkpoint_read(buf_view(&out), &back), RESULT_OK);
    assert_true(bytes_equal(back.origin, c.origin));
    assert_true(back.size == c.size);
    assert_memory_equal(&back.root, &c.root, sizeof c.root);
    buf_text(&out, "an extension\n");
    assert_int_equal(checkpoint_read(buf_view(&out), &back), RESULT_OK);
    buf_free(&out);
}

static void checkpoints_of_another_shape_are_refused(void **state)
{
    (void)state;
#define ROOT "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU="
    static const char *const bad[] = {
        "",
        "a\n",
        "a\n1\n",
        "a\n1\n" ROOT,
        "\n1\n" ROOT "\n",
        "a\n\n" ROOT "\n",
        "a\n01\n" ROOT "\n",
        "a\n+1\n" ROOT "\n",
        "a\n-1\n" ROOT "\n",
        "a\n1 \n" ROOT "\n",
        "a\n18446744073709551616\n" ROOT "\n",
        "a\n99999999999999999999\n" ROOT "\n",
        "a\n1\npaWl\n",
        "a\n1\n" ROOT "\n\n",
        "a\n1\n" ROOT "\nextension",
        "a\n1\npaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaV=\n", /* bits that mean nothing are set */
    };
    struct checkpoint c;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(checkpoint_read(bytes_of_text(bad[i]), &c), RESULT_MALFORMED);
    assert_int_equal(checkpoint_read(bytes_of_text("a\n0\n" ROOT "\n"), &c), RESULT_OK);
#undef ROOT
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_verifier_key_of_the_specification_reads_and_writes),
        cmocka_unit_test(keys_of_another_shape_are_refused),
        cmocka_unit_test(names_have_no_blanks_of_any_script),
        cmocka_unit_test(a_note_that_another_program_signed_opens),
        cmocka_unit_test(a_note_opens_only_whole),
        cmocka_unit_test(the_last_empty_line_parts_text_and_signatures),
        cmocka_unit_test(control_characters_and_wrong_utf8_are_refused),
        cmocka_unit_test(sixteen_signatures_are_read_and_one_more_is_not),
        cmocka_unit_test(another_keys_line_counts_for_nothing_even_with_the_same_name_or_id),
        cmocka_unit_test(signature_lines_of_another_form_are_refused),
        cmocka_unit_test(a_cosignature_covers_its_time),
        cmocka_unit_test(a_checkpoint_reads_back),
        cmocka_unit_test(checkpoints_of_another_shape_are_refused),
    };
    return cmocka_run_group_tests(tests, start, end);
}
