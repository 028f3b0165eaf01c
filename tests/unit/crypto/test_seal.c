#include "crypto/seal.h"

#include "../base/support.h"
#include "../base/wiped.h"
#include "crypto/init.h"

#include <openssl/evp.h>

enum { PLAIN_MAX = 300 };

static uint8_t key[KEY_BYTES], seed[SEAL_SEED];

static int start(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_BYTES; i++) {
        key[i] = (uint8_t)i;
        seed[i] = (uint8_t)(100 + i);
    }
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* An AEAD by the other library: ciphertext, then tag. */
static void other_librarys(const EVP_CIPHER *aead, const uint8_t aead_key[32],
                           const uint8_t nonce[12], struct bytes context, struct bytes plain,
                           uint8_t *out)
{
    int n;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(c, aead, NULL, aead_key, nonce), 1);
    assert_int_equal(EVP_EncryptUpdate(c, NULL, &n, context.p, (int)context.n), 1);
    assert_int_equal(EVP_EncryptUpdate(c, out, &n, plain.p, (int)plain.n), 1);
    assert_int_equal(EVP_EncryptFinal_ex(c, out + n, &n), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, out + plain.n), 1);
    EVP_CIPHER_CTX_free(c);
}

/* The first half of mac_keyed_two("fedgate-body-v2" || seed), computed with Python's
 * hashlib.blake2b. */
static void a_body_is_sealed_as_another_library_would_do_it(void **state)
{
    (void)state;
    static const uint8_t nonce[12];
    uint8_t derived[32], sealed[5 + SEAL_TAG], expected[5 + SEAL_TAG];
    assert_true(bytes_from_hex(
        bytes_of_text("04599307c3f82aebd51fa9018ff4442422c3e93852c226e8bedc1e3ffec46242"), derived,
        32));
    seal_body(key, seed, bytes_of_text("context"), bytes_of_text("plain"), sealed);
    other_librarys(EVP_aes_256_gcm(), derived, nonce, bytes_of_text("context"),
                   bytes_of_text("plain"), expected);
    assert_memory_equal(sealed, expected, sizeof sealed);
}

static void what_was_sealed_is_opened(void **state)
{
    (void)state;
    uint8_t plain[PLAIN_MAX], sealed[PLAIN_MAX + SEAL_TAG], opened[PLAIN_MAX + 1];
    struct chance c = {0};
    for (size_t n = 0; n <= PLAIN_MAX; n += 7) {
        chance_fill(&c, plain, n);
        seal_body(key, seed, bytes_of_text("context"), bytes_of(plain, n), sealed);
        opened[n] = 0x5a;
        assert_int_equal(seal_open_body(key, seed, bytes_of_text("context"),
                                        bytes_of(sealed, n + SEAL_TAG), opened),
                         RESULT_OK);
        assert_memory_equal(opened, plain, n);
        assert_int_equal(opened[n], 0x5a);
    }
}

static void any_flipped_bit_is_a_mismatch_and_shows_nothing(void **state)
{
    (void)state;
    static const char plain[] = "the caller's position";
    uint8_t sealed[sizeof plain + SEAL_TAG], opened[sizeof plain];
    const uint8_t zero[sizeof plain] = {0};
    seal_body(key, seed, bytes_of_text("c"), bytes_of(plain, sizeof plain), sealed);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(opened, 0x5a, sizeof opened);
        assert_int_equal(
            seal_open_body(key, seed, bytes_of_text("c"), bytes_of(sealed, sizeof sealed), opened),
            RESULT_MISMATCH);
        assert_memory_equal(opened, zero, sizeof opened);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void another_key_seed_or_context_is_a_mismatch(void **state)
{
    (void)state;
    uint8_t sealed[5 + SEAL_TAG] = {0}, opened[5], other[32];
    const struct bytes all = bytes_of(sealed, sizeof sealed);
    seal_body(key, seed, bytes_of_text("context"), bytes_of_text("plain"), sealed);
    for (size_t i = 0; i < 32; i++) {
        memcpy(other, key, 32);
        other[i] ^= 1;
        assert_int_equal(seal_open_body(other, seed, bytes_of_text("context"), all, opened),
                         RESULT_MISMATCH);
        memcpy(other, seed, 32);
        other[i] ^= 1;
        assert_int_equal(seal_open_body(key, other, bytes_of_text("context"), all, opened),
                         RESULT_MISMATCH);
    }
    static const char *const contexts[] = {"", "contex", "contexu", "context "};
    for (size_t i = 0; i < ARRAY_LEN(contexts); i++)
        assert_int_equal(seal_open_body(key, seed, bytes_of_text(contexts[i]), all, opened),
                         RESULT_MISMATCH);
}

static void what_is_cut_off_is_not_opened(void **state)
{
    (void)state;
    uint8_t sealed[5 + SEAL_TAG], opened[5];
    seal_body(key, seed, bytes_of_text("c"), bytes_of_text("plain"), sealed);
    for (size_t n = 0; n < sizeof sealed; n++)
        assert_int_equal(seal_open_body(key, seed, bytes_of_text("c"), bytes_of(sealed, n), opened),
                         n < SEAL_TAG ? RESULT_END : RESULT_MISMATCH);
}

static void another_seed_gives_other_bytes(void **state)
{
    (void)state;
    uint8_t one[5 + SEAL_TAG], two[5 + SEAL_TAG], other_seed[SEAL_SEED];
    memcpy(other_seed, seed, SEAL_SEED);
    other_seed[0] ^= 1;
    seal_body(key, seed, bytes_of_text("c"), bytes_of_text("plain"), one);
    seal_body(key, other_seed, bytes_of_text("c"), bytes_of_text("plain"), two);
    assert_memory_not_equal(one, two, 5);
}

static void the_bodys_key_is_wiped_after_use(void **state)
{
    (void)state;
    uint8_t sealed[5 + SEAL_TAG], opened[5];
    for (size_t round = 0; round < 3; round++) {
        wiped_forget();
        if (round == 0)
            seal_body(key, seed, bytes_of_text("c"), bytes_of_text("plain"), sealed);
        else
            assert_int_equal(seal_open_body(key, seed, bytes_of_text(round == 1 ? "c" : "d"),
                                            bytes_of(sealed, sizeof sealed), opened),
                             round == 1 ? RESULT_OK : RESULT_MISMATCH);
        assert_true(was_wiped_of_size(sizeof(struct body_keys)));
    }
}

/* So that nobody seals a second body under them. */
static void keys_are_gone_once_a_body_is_sealed_under_them(void **state)
{
    (void)state;
    const struct body_keys none = {{0}, {0}};
    struct body_keys k;
    uint8_t sealed[5 + SEAL_TAG], expected[5 + SEAL_TAG];
    seal_body_keys(key, seed, &k);
    seal_body_under(&k, bytes_of_text("c"), bytes_of_text("plain"), sealed);
    seal_body(key, seed, bytes_of_text("c"), bytes_of_text("plain"), expected);
    assert_memory_equal(sealed, expected, sizeof sealed);
    assert_memory_equal(&k, &none, sizeof k);
}

/* The second half of what gives the body's key, computed with Python's hashlib.blake2b. */
static void a_bodys_own_salt_comes_with_its_key(void **state)
{
    (void)state;
    struct body_keys k;
    uint8_t salt[SEAL_SALT];
    char hex[2 * SEAL_SALT + 1];
    seal_body_keys(key, seed, &k);
    seal_own_salt(key, seed, salt);
    assert_memory_equal(salt, k.salt, SEAL_SALT);
    bytes_to_hex(bytes_of(salt, SEAL_SALT), hex);
    assert_string_equal(hex, "1c230601ce532cdc4fbe18902df2aebfcc28e01236a6346ef4f6c7fabb834784");
}

static void salts_differ_by_label_seed_and_key(void **state)
{
    (void)state;
    uint8_t salt[SEAL_SALT], other[SEAL_SALT], wrong[32];
    char hex[2 * SEAL_SALT + 1];
    seal_salt(key, seed, bytes_of_text("received"), salt);
    bytes_to_hex(bytes_of(salt, SEAL_SALT), hex);
    assert_string_equal(hex, "03907975e24457337bdcf1757b6ce297d2bb7f340db3bb402be2d7c5d34cf2f5");
    seal_salt(key, seed, bytes_of_text("npa-daejeon/112-control"), other);
    assert_memory_not_equal(salt, other, SEAL_SALT);
    memcpy(wrong, seed, 32);
    wrong[31] ^= 1;
    seal_salt(key, wrong, bytes_of_text("received"), other);
    assert_memory_not_equal(salt, other, SEAL_SALT);
    memcpy(wrong, key, 32);
    wrong[31] ^= 1;
    seal_salt(wrong, seed, bytes_of_text("received"), other);
    assert_memory_not_equal(salt, other, SEAL_SALT);
}

/* The nonce is the id, least byte first. */
static void a_key_is_wrapped_as_another_library_would_do_it(void **state)
{
    (void)state;
    uint8_t wrapped[SEAL_WRAPPED], expected[SEAL_WRAPPED], nonce[12] = {0};
    for (size_t i = 0; i < 8; i++)
        nonce[i] = (uint8_t)(i + 1);
    seal_wrap(key, UINT64_C(0x0807060504030201), seed, wrapped);
    other_librarys(EVP_chacha20_poly1305(), key, nonce, bytes_of(NULL, 0),
                   bytes_of(seed, KEY_BYTES), expected);
    assert_memory_equal(wrapped, expected, SEAL_WRAPPED);
}

static void a_wrapped_key_is_unwrapped_by_its_secret_and_id_alone(void **state)
{
    (void)state;
    uint8_t wrapped[SEAL_WRAPPED], back[KEY_BYTES], other[KEY_BYTES];
    seal_wrap(key, 77, seed, wrapped);
    assert_int_equal(seal_unwrap(key, 77, wrapped, back), RESULT_OK);
    assert_memory_equal(back, seed, KEY_BYTES);
    for (size_t bit = 0; bit < 64; bit++)
        assert_int_equal(seal_unwrap(key, 77 ^ UINT64_C(1) << bit, wrapped, back), RESULT_MISMATCH);
    for (size_t i = 0; i < KEY_BYTES; i++) {
        memcpy(other, key, KEY_BYTES);
        other[i] ^= 0x10;
        assert_int_equal(seal_unwrap(other, 77, wrapped, back), RESULT_MISMATCH);
    }
    for (size_t bit = 0; bit < 8 * SEAL_WRAPPED; bit++) {
        wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(back, 0x5a, KEY_BYTES);
        assert_int_equal(seal_unwrap(key, 77, wrapped, back), RESULT_MISMATCH);
        assert_memory_not_equal(back, seed, KEY_BYTES);
        wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_sealed_as_another_library_would_do_it),
        cmocka_unit_test(what_was_sealed_is_opened),
        cmocka_unit_test(any_flipped_bit_is_a_mismatch_and_shows_nothing),
        cmocka_unit_test(another_key_seed_or_context_is_a_mismatch),
        cmocka_unit_test(what_is_cut_off_is_not_opened),
        cmocka_unit_test(another_seed_gives_other_bytes),
        cmocka_unit_test(the_bodys_key_is_wiped_after_use),
        cmocka_unit_test(keys_are_gone_once_a_body_is_sealed_under_them),
        cmocka_unit_test(a_bodys_own_salt_comes_with_its_key),
        cmocka_unit_test(salts_differ_by_label_seed_and_key),
        cmocka_unit_test(a_key_is_wrapped_as_another_library_would_do_it),
        cmocka_unit_test(a_wrapped_key_is_unwrapped_by_its_secret_and_id_alone),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
