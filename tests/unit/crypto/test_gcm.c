#include "crypto/gcm.h"

#include "../base/support.h"
#include "crypto/init.h"

enum { PLAIN_MAX = 300 };

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 and 14: all is zero. */
static void it_is_the_mode_that_nist_specifies(void **state)
{
    (void)state;
    const uint8_t key[GCM_KEY] = {0}, plain[16] = {0};
    uint8_t sealed[16 + GCM_TAG];
    char hex[2 * sizeof sealed + 1];
    gcm_seal(key, bytes_of(NULL, 0), bytes_of(NULL, 0), sealed);
    bytes_to_hex(bytes_of(sealed, GCM_TAG), hex);
    assert_string_equal(hex, "530f8afbc74536b9a963b4f1c4cb738b");
    gcm_seal(key, bytes_of(NULL, 0), bytes_of(plain, sizeof plain), sealed);
    bytes_to_hex(bytes_of(sealed, sizeof sealed), hex);
    assert_string_equal(hex, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

static void what_one_sealed_the_other_opens(void **state)
{
    (void)state;
    uint8_t key[GCM_KEY], plain[PLAIN_MAX], here[PLAIN_MAX + GCM_TAG],
        anywhere[PLAIN_MAX + GCM_TAG], opened[PLAIN_MAX];
    struct chance c = {0};
    for (size_t n = 0; n <= PLAIN_MAX; n += 7) {
        const struct bytes context = bytes_of(plain, n / 2), all = bytes_of(here, n + GCM_TAG);
        chance_fill(&c, key, sizeof key);
        chance_fill(&c, plain, n);
        gcm_seal(key, context, bytes_of(plain, n), here);
        gcm_seal_anywhere(key, context, bytes_of(plain, n), anywhere);
        assert_memory_equal(here, anywhere, n + GCM_TAG);
        assert_true(gcm_open(key, context, all, opened));
        assert_memory_equal(opened, plain, n);
        memset(opened, 0, sizeof opened);
        assert_true(gcm_open_anywhere(key, context, all, opened));
        assert_memory_equal(opened, plain, n);
    }
}

static void neither_opens_what_was_changed_and_both_show_nothing_of_it(void **state)
{
    (void)state;
    static bool (*const open[])(const uint8_t *, struct bytes, struct bytes,
                                uint8_t *) = {gcm_open, gcm_open_anywhere};
    static const char plain[] = "the caller's position";
    const uint8_t key[GCM_KEY] = {1}, zero[sizeof plain] = {0};
    uint8_t sealed[sizeof plain + GCM_TAG] = {0}, opened[sizeof plain];
    const struct bytes all = bytes_of(sealed, sizeof sealed);
    gcm_seal(key, bytes_of_text("c"), bytes_of(plain, sizeof plain), sealed);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++)
        for (size_t k = 0; k < ARRAY_LEN(open); k++) {
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            memset(opened, 0x5a, sizeof opened);
            assert_false(open[k](key, bytes_of_text("c"), all, opened));
            assert_memory_equal(opened, zero, sizeof opened);
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(open[k](key, bytes_of_text("d"), all, opened));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_mode_that_nist_specifies),
        cmocka_unit_test(what_one_sealed_the_other_opens),
        cmocka_unit_test(neither_opens_what_was_changed_and_both_show_nothing_of_it),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
