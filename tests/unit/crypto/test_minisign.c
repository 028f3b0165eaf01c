/* Both ways with the program itself: tests/e2e/test_policy.py. */
#include "crypto/minisign.h"

#include "../base/support.h"
#include "crypto/init.h"

#include <stdio.h>

/* Made by minisign 0.11: keys without and with a password ("pw"), signatures over "hello\n". */
static const char plain_public[] = "untrusted comment: minisign public key FA5137F136A93AD8\n"
                                   "RWTYOqk28TdR+lPgV7tVcdkccPNVshlVH3l5zMIN46CBdB/haQOtIzpR\n";
static const char plain_secret[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA2DqpNvE3UfqXMPTG5Ghpav"
    "x2Igj67QZNdEnuL3x/E25zecdnuFUYzVPgV7tVcdkccPNVshlVH3l5zMIN46CBdB/"
    "haQOtIzpRAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
static const char prehashed[] =
    "untrusted comment: uc\n"
    "RUTYOqk28TdR+nzo/yzRMnu5/Z2SIuWkg5Cw0iQ8OuKfNYGD1y5rExhprm7N/"
    "9klIHnbTJjGuaXiFDDrkVn34SjcaOnEPG9W8Qw=\n"
    "trusted comment: a trusted comment\n"
    "ADV8OQjZni81S2HVC7l03dJu7jji1MgeGP46J2m0pjmv5KBkQ3twWn2HeG3vBUE+SMpx7AlyUGiMwjJSVEO4Aw==\n";
static const char legacy[] =
    "untrusted comment: signature from minisign secret key\n"
    "RWTYOqk28TdR+hg2FQ9FDdsKuzfoVkFjSTwKThxIUbJ2Xym/"
    "KmyUJXjy679w7h2w2x4HrXC0skpdhcWUITXOgFlYW5c7qxcwsQc=\n"
    "trusted comment: timestamp:1795830391\tfile:m\n"
    "QrtMmngzv08fAfWiBc6BhUKyeqpE34Xl/b2PXZEFHhKOQ/qSePwat6D+yhQ2FOLjOD1thEiD6oeNPiTLtXrsDA==\n";
static const char encrypted_public[] = "untrusted comment: minisign public key B12A0E399DDBE6D8\n"
                                       "RWTY5tudOQ4qsWYau/xXb8FwN5AiRS8Fsswr6112pzlrBNYo38kvioSd\n";
static const char encrypted_secret[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWRTY0IyZ6VkFYUhTQILFsMi/"
    "ZA+zu67+"
    "tngSLv3XLE9ncl5UzwAAAACAAAAAAAAAEAAAAAABYfbif06RH6xHFCRhBukBm0Ti09mL0E2hSEPoYeMfgYSUOTg0Zmd3Ye"
    "NfZQsg3+Qe+/Lrf38q/dwN947NNig4AVg61W6ZV/BziqyNDQ5212ojxWmWctpcXlhP+6eQ2WobCX6MIzGQvs=\n";

static const char message[] = "hello\n";

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static enum result verify(const char *key, struct bytes signature, const char *text)
{
    return minisign_verify(bytes_of_text(key), signature, bytes_of_text(text), NULL);
}

/* ---- what minisign made */

static void signatures_of_the_program_verify_with_their_trusted_comments(void **state)
{
    (void)state;
    struct bytes trusted;
    assert_int_equal(minisign_verify(bytes_of_text(plain_public), bytes_of_text(prehashed),
                                     bytes_of_text(message), &trusted),
                     RESULT_OK);
    assert_bytes(trusted, "a trusted comment");
    assert_int_equal(minisign_verify(bytes_of_text(plain_public), bytes_of_text(legacy),
                                     bytes_of_text(message), &trusted),
                     RESULT_OK);
    assert_bytes(trusted, "timestamp:1795830391\tfile:m");
}

static void ids_are_printed_as_the_program_prints_them(void **state)
{
    (void)state;
    struct minisign_public key;
    char id[MINISIGN_ID_TEXT];
    assert_int_equal(minisign_public_read(bytes_of_text(plain_public), &key), RESULT_OK);
    minisign_id_text(key.id, id);
    assert_string_equal(id, "FA5137F136A93AD8");
    struct buf text = BUF_INIT(1024);
    minisign_public_write(&key, bytes_of(NULL, 0), &text);
    assert_string_equal(buf_c(&text), plain_public);
    buf_free(&text);
}

static void read_secret(const char *text, const char *password, struct minisign_secret **out)
{
    assert_int_equal(minisign_secret_read(bytes_of_text(text), bytes_of_text(password), out),
                     RESULT_OK);
}

static void a_plain_key_of_the_program_is_read_and_written_again(void **state)
{
    (void)state;
    struct minisign_secret *s;
    struct minisign_public key;
    struct buf text = BUF_INIT(1024);
    assert_false(minisign_secret_is_encrypted(bytes_of_text(plain_secret)));
    read_secret(plain_secret, "", &s);
    minisign_secret_public(s, &key);
    minisign_public_write(&key, bytes_of(NULL, 0), &text);
    assert_string_equal(buf_c(&text), plain_public);
    buf_clear(&text);
    assert_int_equal(minisign_secret_write(s, bytes_of_text(""), NULL, &text), RESULT_OK);
    assert_string_equal(buf_c(&text), plain_secret);
    minisign_secret_free(s);
    buf_free(&text);
}

static void an_encrypted_key_of_the_program_opens_with_its_password(void **state)
{
    (void)state;
    struct minisign_secret *s;
    struct minisign_public key;
    struct buf text = BUF_INIT(1024);
    assert_true(minisign_secret_is_encrypted(bytes_of_text(encrypted_secret)));
    read_secret(encrypted_secret, "pw", &s);
    minisign_secret_public(s, &key);
    minisign_public_write(&key, bytes_of(NULL, 0), &text);
    assert_string_equal(buf_c(&text), encrypted_public);
    minisign_secret_free(s);
    buf_free(&text);
}

/* ---- what we make */

static void what_we_sign_verifies(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) {
        struct minisign_secret *s = minisign_secret_new();
        struct minisign_public key;
        struct buf public_text = BUF_INIT(1024), signature = BUF_INIT(2048);
        struct bytes trusted;
        minisign_secret_public(s, &key);
        minisign_public_write(&key, bytes_of(NULL, 0), &public_text);
        assert_int_equal(minisign_sign(s, bytes_of_text(message), old == 1,
                                       bytes_of_text("file:a\tb"), &signature),
                         RESULT_OK);
        assert_int_equal(minisign_verify(buf_view(&public_text), buf_view(&signature),
                                         bytes_of_text(message), &trusted),
                         RESULT_OK);
        assert_bytes(trusted, "file:a\tb");
        assert_int_equal(verify(buf_c(&public_text), buf_view(&signature), "hello"),
                         RESULT_MISMATCH);
        minisign_secret_free(s);
        buf_free(&public_text);
        buf_free(&signature);
    }
}

static void an_encrypted_key_comes_back_with_its_password_only(void **state)
{
    (void)state;
    const struct minisign_cost cheap = {32768, 16 << 20};
    struct minisign_secret *s = minisign_secret_new(), *again = NULL;
    struct minisign_public one, two;
    struct buf text = BUF_INIT(1024);
    assert_int_equal(minisign_secret_write(s, bytes_of_text("words"), &cheap, &text), RESULT_OK);
    assert_int_equal(minisign_secret_read(buf_view(&text), bytes_of_text("word"), &again),
                     RESULT_MISMATCH);
    assert_int_equal(minisign_secret_read(buf_view(&text), bytes_of_text("words"), &again),
                     RESULT_OK);
    minisign_secret_public(s, &one);
    minisign_secret_public(again, &two);
    assert_memory_equal(&one, &two, sizeof one);
    minisign_secret_free(s);
    minisign_secret_free(again);
    buf_free(&text);
}

/* A file that asks for more work than minisign ever does would stop whoever opens it. */
static void a_cost_above_the_standard_is_refused_unpaid(void **state)
{
    (void)state;
    struct minisign_cost dear = minisign_cost_standard();
    struct minisign_secret *s = minisign_secret_new();
    struct buf text = BUF_INIT(1024);
    dear.memory++;
    assert_int_equal(minisign_secret_write(s, bytes_of_text("pw"), &dear, &text), RESULT_TOO_LARGE);
    assert_int_equal(text.n, 0);
    minisign_secret_free(s);
    buf_free(&text);
}

static void a_comment_that_could_not_be_read_again_is_not_signed(void **state)
{
    (void)state;
    static char long_comment[MINISIGN_TRUSTED_MAX + 2];
    const char *const wrong[] = {"two\nlines", "a\rb", "\x1b[1m", "\xff", long_comment};
    struct minisign_secret *s = minisign_secret_new();
    memset(long_comment, 'a', sizeof long_comment - 1);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct buf out = BUF_INIT(16384);
        assert_int_equal(minisign_sign(s, bytes_of_text("x"), false, bytes_of_text(wrong[i]), &out),
                         RESULT_MALFORMED);
        assert_int_equal(out.n, 0);
        buf_free(&out);
    }
    minisign_secret_free(s);
}

/* ---- what does not verify */

/* Each bit of each byte, but for the untrusted comment's words and what only changes a line's end.
 */
static void no_byte_of_a_signature_can_be_changed(void **state)
{
    (void)state;
    const char *const made[] = {prehashed, legacy};
    for (size_t m = 0; m < ARRAY_LEN(made); m++) {
        size_t n = strlen(made[m]), comment = strlen("untrusted comment: ");
        size_t words = strcspn(made[m], "\n");
        for (size_t i = 0; i < n; i++)
            for (unsigned bit = 0; bit < 8; bit++) {
                char changed[1024];
                memcpy(changed, made[m], n);
                changed[i] = (char)(changed[i] ^ (1 << bit));
                bool is_words = i >= comment && i < words;
                if (!is_words && verify(plain_public, bytes_of(changed, n), message) == RESULT_OK)
                    fail_msg("byte %zu, bit %u", i, bit);
            }
    }
}

static void no_byte_of_the_message_can_be_changed(void **state)
{
    (void)state;
    const char *const made[] = {prehashed, legacy};
    for (size_t m = 0; m < ARRAY_LEN(made); m++)
        for (size_t i = 0; i < strlen(message); i++) {
            char changed[] = "hello\n";
            changed[i]++;
            assert_int_equal(verify(plain_public, bytes_of_text(made[m]), changed),
                             RESULT_MISMATCH);
        }
}

static void the_trusted_comment_of_another_signature_does_not_fit(void **state)
{
    (void)state;
    struct minisign_secret *s;
    struct buf one = BUF_INIT(2048), two = BUF_INIT(2048), mixed = BUF_INIT(2048);
    read_secret(plain_secret, "", &s);
    assert_int_equal(minisign_sign(s, bytes_of_text("one"), false, bytes_of_text("1"), &one), 0);
    assert_int_equal(minisign_sign(s, bytes_of_text("two"), false, bytes_of_text("2"), &two), 0);
    const char *tail = strstr(buf_c(&two), "trusted comment: 2");
    size_t head = (size_t)(strstr(buf_c(&one), "trusted comment: 1") - (const char *)one.p);
    buf_put(&mixed, one.p, head);
    buf_text(&mixed, tail);
    assert_int_equal(verify(plain_public, buf_view(&one), "one"), RESULT_OK);
    assert_int_equal(verify(plain_public, buf_view(&mixed), "one"), RESULT_MISMATCH);
    minisign_secret_free(s);
    buf_free(&one);
    buf_free(&two);
    buf_free(&mixed);
}

static void another_key_is_told_by_its_id(void **state)
{
    (void)state;
    assert_int_equal(verify(encrypted_public, bytes_of_text(prehashed), message), RESULT_UNKNOWN);
}

static void a_key_that_only_borrows_the_id_does_not_verify(void **state)
{
    (void)state;
    struct minisign_public key, other;
    struct minisign_signature signature;
    assert_int_equal(minisign_public_read(bytes_of_text(plain_public), &key), RESULT_OK);
    assert_int_equal(minisign_public_read(bytes_of_text(encrypted_public), &other), RESULT_OK);
    assert_int_equal(minisign_signature_read(bytes_of_text(prehashed), &signature), RESULT_OK);
    memcpy(key.key, other.key, sizeof key.key);
    assert_int_equal(minisign_check(&key, &signature, bytes_of_text(message)), RESULT_MISMATCH);
}

/* ---- form */

static void with_crlf(const char *text, struct buf *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            buf_text(out, "\r");
        buf_put(out, text, 1);
    }
}

static void lines_may_end_with_cr_lf_or_the_last_not_at_all(void **state)
{
    (void)state;
    struct buf key = BUF_INIT(1024), signature = BUF_INIT(1024);
    struct bytes trusted;
    with_crlf(plain_public, &key);
    with_crlf(prehashed, &signature);
    assert_int_equal(
        minisign_verify(buf_view(&key), buf_view(&signature), bytes_of_text(message), &trusted),
        RESULT_OK);
    assert_bytes(trusted, "a trusted comment");
    assert_int_equal(verify(plain_public, bytes_of(prehashed, strlen(prehashed) - 1), message),
                     RESULT_OK);
    buf_free(&key);
    buf_free(&signature);
}

static void nothing_may_stand_behind_the_end(void **state)
{
    (void)state;
    static const char *const tails[] = {"\n", "x", "x\n", " ", "\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        char text[1024];
        struct minisign_public key;
        struct minisign_secret *s;
        (void)snprintf(text, sizeof text, "%s%s", prehashed, tails[i]);
        assert_int_equal(verify(plain_public, bytes_of_text(text), message), RESULT_MALFORMED);
        (void)snprintf(text, sizeof text, "%s%s", plain_public, tails[i]);
        assert_int_equal(minisign_public_read(bytes_of_text(text), &key), RESULT_MALFORMED);
        (void)snprintf(text, sizeof text, "%s%s", plain_secret, tails[i]);
        assert_int_equal(minisign_secret_read(bytes_of_text(text), bytes_of_text(""), &s),
                         RESULT_MALFORMED);
    }
}

static void half_a_file_is_no_file(void **state)
{
    (void)state;
    struct minisign_public key;
    struct minisign_secret *s;
    for (size_t n = 0; n + 1 < strlen(prehashed); n++)
        assert_int_not_equal(verify(plain_public, bytes_of(prehashed, n), message), RESULT_OK);
    for (size_t n = 0; n + 1 < strlen(plain_public); n++)
        assert_int_not_equal(minisign_public_read(bytes_of(plain_public, n), &key), RESULT_OK);
    for (size_t n = 0; n + 1 < strlen(plain_secret); n++)
        assert_int_not_equal(minisign_secret_read(bytes_of(plain_secret, n), bytes_of_text(""), &s),
                             RESULT_OK);
}

static void a_plain_key_whose_halves_do_not_fit_is_refused(void **state)
{
    (void)state;
    struct minisign_secret *s;
    char text[512];
    memcpy(text, plain_secret, sizeof plain_secret);
    char *block = strchr(text, '\n') + 1;
    block[100] = block[100] == 'A' ? 'B' : 'A';
    assert_int_equal(minisign_secret_read(bytes_of_text(text), bytes_of_text(""), &s),
                     RESULT_MISMATCH);
}

static void comments_are_bounded(void **state)
{
    (void)state;
    static char text[MINISIGN_FILE_MAX + 2];
    struct minisign_signature signature;
    size_t n = strlen("untrusted comment: ");
    memcpy(text, "untrusted comment: ", n);
    memset(text + n, 'a', MINISIGN_COMMENT_MAX + 1);
    strcpy(text + n + MINISIGN_COMMENT_MAX + 1, strchr(prehashed, '\n'));
    assert_int_equal(minisign_signature_read(bytes_of_text(text), &signature), RESULT_TOO_LARGE);
    memset(text, 'a', sizeof text - 1);
    assert_int_equal(minisign_signature_read(bytes_of_text(text), &signature), RESULT_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_of_the_program_verify_with_their_trusted_comments),
        cmocka_unit_test(ids_are_printed_as_the_program_prints_them),
        cmocka_unit_test(a_plain_key_of_the_program_is_read_and_written_again),
        cmocka_unit_test(an_encrypted_key_of_the_program_opens_with_its_password),
        cmocka_unit_test(what_we_sign_verifies),
        cmocka_unit_test(an_encrypted_key_comes_back_with_its_password_only),
        cmocka_unit_test(a_cost_above_the_standard_is_refused_unpaid),
        cmocka_unit_test(a_comment_that_could_not_be_read_again_is_not_signed),
        cmocka_unit_test(no_byte_of_a_signature_can_be_changed),
        cmocka_unit_test(no_byte_of_the_message_can_be_changed),
        cmocka_unit_test(the_trusted_comment_of_another_signature_does_not_fit),
        cmocka_unit_test(another_key_is_told_by_its_id),
        cmocka_unit_test(a_key_that_only_borrows_the_id_does_not_verify),
        cmocka_unit_test(lines_may_end_with_cr_lf_or_the_last_not_at_all),
        cmocka_unit_test(nothing_may_stand_behind_the_end),
        cmocka_unit_test(half_a_file_is_no_file),
        cmocka_unit_test(a_plain_key_whose_halves_do_not_fit_is_refused),
        cmocka_unit_test(comments_are_bounded),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
