#include "keeper/key_file.h"

#include "crypto/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static enum result read_text(const char *text, const char *kind, uint8_t key[KEY_BYTES])
{
    return key_file_read(bytes_of_text(text), kind, key);
}

static void a_key_is_read_as_it_was_written(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES], is[KEY_BYTES];
    struct buf text = BUF_INIT(KEY_FILE_MAX);
    for (uint8_t i = 0; i < KEY_BYTES; i++)
        key[i] = i;
    key_file_write("log", key, &text);
    assert_true(bytes_is(buf_view(&text), "fedgate log key 1\n" DIGITS "\n"));
    assert_int_equal(key_file_read(buf_view(&text), "log", is), RESULT_OK);
    assert_memory_equal(is, key, KEY_BYTES);
    assert_int_equal(read_text("fedgate log key 1\n" DIGITS, "log", is), RESULT_OK);
    buf_free(&text);
}

static void any_other_text_is_refused(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES];
    static const char *const wrong[] = {"",
                                        "fedgate log key 1\n",
                                        "fedgate log key 2\n" DIGITS "\n",
                                        "fedgate master key 1\n" DIGITS "\n",
                                        "fedgate log key 1\n" DIGITS "00\n",
                                        "fedgate log key 1\n" DIGITS "\n\n",
                                        "fedgate log key 1\n" DIGITS " ",
                                        "fedgate log key 1\r\n" DIGITS "\n",
                                        " fedgate log key 1\n" DIGITS "\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(read_text(wrong[i], "log", key), RESULT_MALFORMED);
    assert_int_equal(read_text("fedgate log key 1\n" DIGITS "\n", "master", key), RESULT_MALFORMED);
}

static void a_key_cut_off_or_with_another_digit_is_refused(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES];
    char text[] = "fedgate log key 1\n" DIGITS;
    for (size_t n = 0; n < sizeof text - 1; n++)
        assert_int_equal(key_file_read(bytes_of(text, n), "log", key), RESULT_MALFORMED);
    text[40] = 'g';
    assert_int_equal(read_text(text, "log", key), RESULT_MALFORMED);
}

static void the_secret_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct wrapping_secret was = {.generation = UINT64_C(0x0102030405060708)}, is;
    uint8_t sector[SECRET_SECTOR];
    for (uint8_t i = 0; i < KEY_BYTES; i++)
        was.secret[i] = i;
    wrapping_secret_write(&was, sector);
    assert_int_equal(wrapping_secret_read(sector, &is), RESULT_OK);
    assert_int_equal(is.generation, was.generation);
    assert_memory_equal(is.secret, was.secret, KEY_BYTES);
}

/* magic, generation, secret, check; the rest of the sector says nothing. */
static void a_sector_changed_anywhere_that_counts_is_damage(void **state)
{
    (void)state;
    enum { COUNTS = 8 + 8 + KEY_BYTES + TAG_BYTES };
    struct wrapping_secret was = {.generation = 5}, is;
    uint8_t sector[SECRET_SECTOR];
    wrapping_secret_write(&was, sector);
    for (size_t i = 0; i < SECRET_SECTOR; i++) {
        sector[i] ^= 1;
        assert_int_equal(wrapping_secret_read(sector, &is),
                         i < COUNTS ? RESULT_DAMAGED : RESULT_OK);
        sector[i] ^= 1;
    }
    memset(sector, 0, sizeof sector);
    assert_int_equal(wrapping_secret_read(sector, &is), RESULT_DAMAGED);
}

static void a_sector_torn_between_two_secrets_is_damage(void **state)
{
    (void)state;
    struct wrapping_secret older = {.generation = 5}, newer = {.generation = 6}, is;
    uint8_t a[SECRET_SECTOR], b[SECRET_SECTOR], torn[SECRET_SECTOR];
    memset(older.secret, 'o', KEY_BYTES);
    memset(newer.secret, 'n', KEY_BYTES);
    wrapping_secret_write(&older, a);
    wrapping_secret_write(&newer, b);
    for (size_t cut = 16; cut < 16 + KEY_BYTES + TAG_BYTES; cut++) {
        memcpy(torn, b, cut);
        memcpy(torn + cut, a + cut, SECRET_SECTOR - cut);
        assert_int_equal(wrapping_secret_read(torn, &is), RESULT_DAMAGED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_read_as_it_was_written),
        cmocka_unit_test(any_other_text_is_refused),
        cmocka_unit_test(a_key_cut_off_or_with_another_digit_is_refused),
        cmocka_unit_test(the_secret_is_read_as_it_was_written),
        cmocka_unit_test(a_sector_changed_anywhere_that_counts_is_damage),
        cmocka_unit_test(a_sector_torn_between_two_secrets_is_damage),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
