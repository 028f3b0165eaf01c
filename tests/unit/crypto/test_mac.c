#include "crypto/mac.h"

#include "../base/support.h"
#include "../base/wiped.h"
#include "crypto/init.h"

static uint8_t key[KEY_BYTES];

static int start(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_BYTES; i++)
        key[i] = (uint8_t)i;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static void assert_hex(const uint8_t *p, size_t n, const char *expected)
{
    char hex[2 * MAC_BYTES + 1];
    bytes_to_hex(bytes_of(p, n), hex);
    assert_string_equal(hex, expected);
}

/* Computed with Python's hashlib.blake2b(key || text, person=b"fedgate-mac-v2"). */
static void a_mac_is_keyed_blake2b(void **state)
{
    (void)state;
    uint8_t mac[MAC_BYTES];
    const struct bytes part[] = {bytes_of_text("fed"), bytes_of(NULL, 0), bytes_of_text("gate")};
    mac_keyed(key, part, 3, mac);
    assert_hex(mac, MAC_BYTES, "3530d15637a0686322922a694a8b00d909414c1a6d1e79aecd64bc5f21ee1088");
    mac_keyed(key, NULL, 0, mac);
    assert_hex(mac, MAC_BYTES, "d9d8072fa019cacd24b2a4fb5ace6f91b14d92ff83b45931f032bf36f98c53c7");
}

/* Halves of Python's hashlib.blake2b(key || text, digest_size=64). */
static void two_outputs_are_the_halves_of_one_hash_and_no_mac(void **state)
{
    (void)state;
    uint8_t first[MAC_BYTES], second[MAC_BYTES], mac[MAC_BYTES];
    const struct bytes part[] = {bytes_of_text("fed"), bytes_of_text("gate")};
    mac_keyed_two(key, part, ARRAY_LEN(part), first, second);
    assert_hex(first, MAC_BYTES,
               "00f7ec26d77e78687f742b0086a298506756c2688fb91776adeaca1cb4af744d");
    assert_hex(second, MAC_BYTES,
               "f204cea5235856e8016c1985b1008ef2c3e3906c3d0abbde799343cc528ea94a");
    mac_keyed(key, part, ARRAY_LEN(part), mac);
    assert_memory_not_equal(mac, first, MAC_BYTES);
}

static void a_derived_key_is_bound_to_its_label(void **state)
{
    (void)state;
    uint8_t one[KEY_BYTES], other[KEY_BYTES];
    mac_derive_key(key, "journal", one);
    assert_hex(one, KEY_BYTES, "fe2ed5a8f6fe1768b83c46689347609e0fe197fae7c534cf8a814c3fa2a292e0");
    mac_derive_key(key, "tags", other);
    assert_memory_not_equal(one, other, KEY_BYTES);
}

static void a_tag_is_16_bytes_of_its_own_and_no_beginning_of_a_mac(void **state)
{
    (void)state;
    uint8_t tag[TAG_BYTES], other[TAG_BYTES], wrong_key[KEY_BYTES];
    mac_tag(key, bytes_of_text("fedgate"), tag);
    assert_hex(tag, TAG_BYTES, "8ac03145ee681ae4dc8bc8403feeba36");
    memcpy(wrong_key, key, KEY_BYTES);
    wrong_key[31] ^= 1;
    mac_tag(wrong_key, bytes_of_text("fedgate"), other);
    assert_memory_not_equal(tag, other, TAG_BYTES);
    mac_tag(key, bytes_of_text("fedgatf"), other);
    assert_memory_not_equal(tag, other, TAG_BYTES);
}

static void macs_are_equal_when_every_byte_is(void **state)
{
    (void)state;
    uint8_t a[MAC_BYTES] = {0}, b[MAC_BYTES] = {0};
    assert_true(mac_equal(a, b, MAC_BYTES));
    for (size_t i = 0; i < MAC_BYTES; i++) {
        b[i] ^= 0x80;
        assert_false(mac_equal(a, b, MAC_BYTES));
        assert_true(mac_equal(a, b, i));
        b[i] ^= 0x80;
    }
}

static void the_library_wipes_the_state_between(void **state)
{
    (void)state;
    uint8_t mac[MAC_BYTES];
    bool large = false;
    wiped_forget();
    mac_keyed(key, NULL, 0, mac);
    for (size_t i = 0; i < wipes; i++)
        large = large || wiped[i].n >= 128 + 64; /* BLAKE2b's block and chain */
    assert_true(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mac_is_keyed_blake2b),
        cmocka_unit_test(two_outputs_are_the_halves_of_one_hash_and_no_mac),
        cmocka_unit_test(a_derived_key_is_bound_to_its_label),
        cmocka_unit_test(a_tag_is_16_bytes_of_its_own_and_no_beginning_of_a_mac),
        cmocka_unit_test(macs_are_equal_when_every_byte_is),
        cmocka_unit_test(the_library_wipes_the_state_between),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
