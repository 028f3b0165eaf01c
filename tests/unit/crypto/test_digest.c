#include "crypto/digest.h"

#include "../base/support.h"
#include "crypto/init.h"

static struct hasher *h;

static int start(void **state)
{
    (void)state;
    h = crypto_init() == RESULT_OK ? hasher_new() : NULL;
    return h == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    hasher_free(h);
    hasher_free(NULL);
    return 0;
}

static void assert_digest(const uint8_t digest[SHA256_BYTES], const char *expected)
{
    char hex[2 * SHA256_BYTES + 1];
    bytes_to_hex(bytes_of(digest, SHA256_BYTES), hex);
    assert_string_equal(hex, expected);
}

#define OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OF_ABC     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* FIPS 180-4, examples of NIST. */
static void digests_are_sha_256(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    hasher_sha256(h, NULL, 0, digest);
    assert_digest(digest, OF_NOTHING);
    const struct bytes abc = bytes_of_text("abc");
    hasher_sha256(h, &abc, 1, digest);
    assert_digest(digest, OF_ABC);
    const struct bytes two =
        bytes_of_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    hasher_sha256(h, &two, 1, digest);
    assert_digest(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void parts_count_as_one_text(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    const struct bytes part[] = {bytes_of_text("a"), bytes_of(NULL, 0), bytes_of_text("bc")};
    hasher_sha256(h, part, 3, digest);
    assert_digest(digest, OF_ABC);
}

static void the_digest_so_far_can_be_asked_for_on_the_way(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    hasher_begin(h);
    hasher_so_far(h, digest);
    assert_digest(digest, OF_NOTHING);
    hasher_add(h, bytes_of_text("abc"));
    hasher_so_far(h, digest);
    assert_digest(digest, OF_ABC);
    hasher_add(h, bytes_of_text("dbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
    hasher_end(h, digest);
    assert_digest(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* RFC 8439, section 2.5.2. */
static void the_universal_hash_is_poly1305(void **state)
{
    (void)state;
    const uint8_t key[POLY1305_KEY] = {0x85, 0xd6, 0xbe, 0x78, 0x57, 0x55, 0x6d, 0x33,
                                       0x7f, 0x44, 0x52, 0xfe, 0x42, 0xd5, 0x06, 0xa8,
                                       0x01, 0x03, 0x80, 0x8a, 0xfb, 0x0d, 0xb2, 0xfd,
                                       0x4a, 0xbf, 0xf6, 0xaf, 0x41, 0x49, 0xf5, 0x1b};
    const struct bytes text = bytes_of_text("Cryptographic Forum Research Group");
    uint8_t hash[POLY1305_BYTES];
    for (int again = 0; again < 2; again++) {
        char hex[2 * POLY1305_BYTES + 1];
        hasher_poly1305(h, key, text, hash);
        bytes_to_hex(bytes_of(hash, sizeof hash), hex);
        assert_string_equal(hex, "a8061dc1305136c6c22b8baf0c0127a9");
    }
}

static void a_text_can_come_in_steps(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES], piece[1000];
    memset(piece, 'a', sizeof piece);
    hasher_begin(h);
    for (size_t i = 0; i < 1000; i++)
        hasher_add(h, bytes_of(piece, sizeof piece));
    hasher_end(h, digest);
    assert_digest(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void a_hasher_remembers_nothing_of_what_it_was_told_before(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    hasher_begin(h);
    hasher_add(h, bytes_of_text("begun and given up"));
    hasher_begin(h);
    hasher_end(h, digest);
    assert_digest(digest, OF_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_sha_256),
        cmocka_unit_test(parts_count_as_one_text),
        cmocka_unit_test(the_digest_so_far_can_be_asked_for_on_the_way),
        cmocka_unit_test(the_universal_hash_is_poly1305),
        cmocka_unit_test(a_text_can_come_in_steps),
        cmocka_unit_test(a_hasher_remembers_nothing_of_what_it_was_told_before),
    };
    return cmocka_run_group_tests(tests, start, end);
}
