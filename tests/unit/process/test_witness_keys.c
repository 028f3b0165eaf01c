#include "process/witness_keys.h"

#include "crypto/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

static void put(struct settings *s, size_t i, const char *name, uint8_t type)
{
    static const uint8_t key[SIGN_PUBLIC] = {7};
    struct hasher *h = hasher_new();
    struct note_key k;
    struct buf text = BUF_INIT(SETTINGS_TEXT);
    assert_int_equal(note_key_make(h, bytes_of_text(name), type, key, &k), RESULT_OK);
    note_key_text(&k, &text);
    (void)snprintf(s->witnesses[i], SETTINGS_TEXT, "%s", buf_c(&text));
    buf_free(&text);
    hasher_free(h);
}

static void witnesses_are_read_in_their_order(void **state)
{
    (void)state;
    struct settings s = {0};
    struct note_key key[SETTINGS_FILES];
    size_t count;
    const char *wrong;
    assert_int_equal(witness_keys_read(&s, key, &count, &wrong), RESULT_OK);
    assert_int_equal(count, 0);
    put(&s, 0, "npa.example/w", NOTE_KEY_COSIGNATURE);
    put(&s, 1, "fire.example/w", NOTE_KEY_COSIGNATURE);
    assert_int_equal(witness_keys_read(&s, key, &count, &wrong), RESULT_OK);
    assert_int_equal(count, 2);
    assert_string_equal(key[1].name, "fire.example/w");
}

static void what_is_no_witness_is_told(void **state)
{
    (void)state;
    struct settings s = {0};
    struct diagnose *d = diagnose_new();
    struct buf text = BUF_INIT(10000);
    put(&s, 0, "npa.example/w", NOTE_KEY_COSIGNATURE);
    assert_true(witness_keys_check(&s, "fedgate.yaml", d));
    put(&s, 1, "a.log/key", NOTE_KEY_ED25519);
    assert_false(witness_keys_check(&s, "fedgate.yaml", d));
    put(&s, 1, "npa.example/w", NOTE_KEY_COSIGNATURE); /* twice */
    assert_false(witness_keys_check(&s, "fedgate.yaml", d));
    (void)snprintf(s.witnesses[1], SETTINGS_TEXT, "npa.example/w+00000000+AAAA");
    assert_false(witness_keys_check(&s, "fedgate.yaml", d));
    assert_int_equal(diagnose_errors(d), 3); /* DIAGNOSE_NOT_A_WITNESS */
    diagnose_print(d, DIAGNOSE_ENGLISH, &text);
    assert_non_null(strstr(buf_c(&text), "expected verifier keys of witnesses"));
    assert_non_null(strstr(buf_c(&text), "npa.example/w+00000000+AAAA"));
    buf_free(&text);
    diagnose_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(witnesses_are_read_in_their_order),
        cmocka_unit_test(what_is_no_witness_is_told),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
