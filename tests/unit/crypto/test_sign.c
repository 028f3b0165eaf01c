#include "crypto/sign.h"

#include "../base/support.h"
#include "../base/wiped.h"
#include "crypto/init.h"

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* RFC 8032, 7.1, tests 1 to 3. */
static const struct {
    const char *seed, *public_key, *text, *signature;
} vector[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"}};

static void hex(const char *text, uint8_t *out, size_t n)
{
    assert_true(bytes_from_hex(bytes_of_text(text), out, n));
}

static void signatures_are_those_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vector); i++) {
        uint8_t seed[SIGN_SEED], expected_key[SIGN_PUBLIC], key[SIGN_PUBLIC], text[2];
        uint8_t expected[SIGN_SIGNATURE], signature[SIGN_SIGNATURE];
        size_t n = strlen(vector[i].text) / 2;
        hex(vector[i].seed, seed, SIGN_SEED);
        hex(vector[i].public_key, expected_key, SIGN_PUBLIC);
        hex(vector[i].text, text, n);
        hex(vector[i].signature, expected, SIGN_SIGNATURE);
        sign_public_of(seed, key);
        assert_memory_equal(key, expected_key, SIGN_PUBLIC);
        sign_make(seed, bytes_of(text, n), signature);
        assert_memory_equal(signature, expected, SIGN_SIGNATURE);
        assert_int_equal(sign_check(key, bytes_of(text, n), signature), RESULT_OK);
    }
}

static void any_flipped_bit_is_a_mismatch(void **state)
{
    (void)state;
    uint8_t seed[SIGN_SEED] = {7}, key[SIGN_PUBLIC], signature[SIGN_SIGNATURE];
    char text[] = "fedgate.example/log\n12\n";
    const struct bytes all = bytes_of(text, sizeof text - 1);
    sign_public_of(seed, key);
    sign_make(seed, all, signature);
    for (size_t i = 0; i < 8 * (size_t)SIGN_SIGNATURE; i++) {
        signature[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(sign_check(key, all, signature), RESULT_MISMATCH);
        signature[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t i = 0; i < 8 * all.n; i++) {
        text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
        assert_int_equal(sign_check(key, all, signature), RESULT_MISMATCH);
        text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
    }
    key[0] ^= 1;
    assert_int_equal(sign_check(key, all, signature), RESULT_MISMATCH);
    key[0] ^= 1;
    assert_int_equal(sign_check(key, bytes_of(text, all.n - 1), signature), RESULT_MISMATCH);
    assert_int_equal(sign_check(key, all, signature), RESULT_OK);
}

/* A signature under the zero key, of small order, holds for any text where nobody looks. */
static void a_key_of_small_order_signs_nothing(void **state)
{
    (void)state;
    static const uint8_t zero_key[SIGN_PUBLIC], zero[SIGN_SIGNATURE];
    uint8_t one_key[SIGN_PUBLIC] = {1}, one[SIGN_SIGNATURE] = {1};
    assert_int_equal(sign_check(zero_key, bytes_of_text("x"), zero), RESULT_MISMATCH);
    assert_int_equal(sign_check(one_key, bytes_of_text("x"), one), RESULT_MISMATCH);
}

static void the_secret_half_is_wiped_after_use(void **state)
{
    (void)state;
    uint8_t seed[SIGN_SEED] = {7}, key[SIGN_PUBLIC], signature[SIGN_SIGNATURE];
    for (size_t round = 0; round < 2; round++) {
        wiped_forget();
        if (round == 0)
            sign_public_of(seed, key);
        else
            sign_make(seed, bytes_of_text("x"), signature);
        assert_true(was_wiped_of_size(64));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_the_standard),
        cmocka_unit_test(any_flipped_bit_is_a_mismatch),
        cmocka_unit_test(a_key_of_small_order_signs_nothing),
        cmocka_unit_test(the_secret_half_is_wiped_after_use),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
