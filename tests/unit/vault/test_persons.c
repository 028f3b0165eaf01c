#include "support.h"

#include "vault/persons.h"

/* A line for a new key, and the key. */
static void put_person(struct buf *out, const char *staff, const char *role,
                       struct minisign_public *key)
{
    struct minisign_secret *secret = minisign_secret_new();
    struct buf file = BUF_INIT(MINISIGN_FILE_MAX);
    assert_non_null(secret);
    minisign_secret_public(secret, key);
    minisign_public_write(key, bytes_of(NULL, 0), &file);
    const char *second = strchr(buf_c(&file), '\n') + 1;
    buf_printf(out, "%s  %s\t%.*s\n", staff, role, (int)strcspn(second, "\n"), second);
    minisign_secret_free(secret);
    buf_free(&file);
}

static void a_person_is_found_by_the_key(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(4096);
    struct minisign_public one, two;
    struct vault_person p;
    size_t line;
    buf_text(&text, "# who may open\n\n");
    put_person(&text, "p-417", "duty-officer", &one);
    put_person(&text, "p-418", "investigator", &two);
    assert_int_equal(vault_persons_find(buf_view(&text), &two, &p, &line), RESULT_OK);
    assert_string_equal(p.staff, "p-418");
    assert_string_equal(p.role, "investigator");
    two.key[0] ^= 1;
    assert_int_equal(vault_persons_find(buf_view(&text), &two, &p, &line), RESULT_UNKNOWN);
    buf_free(&text);
}

static void a_line_that_is_wrong_is_named_and_nobody_is_found(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "p-419",
        "p-419 investigator",
        "p-419 investigator RWQ",
        "p-419 Investigator! RWQ",
        ("p-419 investigator "
         "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3 more"),
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct buf text = BUF_INIT(4096);
        struct minisign_public key;
        struct vault_person p;
        size_t line;
        put_person(&text, "p-417", "duty-officer", &key);
        buf_text(&text, wrong[i]);
        assert_int_equal(vault_persons_find(buf_view(&text), &key, &p, &line), RESULT_MALFORMED);
        assert_int_equal(line, 2);
        buf_free(&text);
    }
}

static void the_text_of_an_opening_says_what_why_and_when(void **state)
{
    (void)state;
    const struct vault_use use = {
        5, NOON, "p-417", "duty-officer", "car-7", "review: case 2026-17"};
    struct buf text = BUF_INIT(4096);
    vault_opening_text(ORIGIN, &use, &text);
    assert_string_equal(buf_c(&text), "fedgate vault opening 1\n" ORIGIN
                                      "\n5\n1700000000000000\nreview: case 2026-17\n");
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_found_by_the_key),
        cmocka_unit_test(a_line_that_is_wrong_is_named_and_nobody_is_found),
        cmocka_unit_test(the_text_of_an_opening_says_what_why_and_when),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
