#include "crypto/random.h"

#include "../base/support.h"
#include "crypto/init.h"

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK && crypto_init() == RESULT_OK ? 0
                                                                    : -1; /* twice does no harm */
}

static void every_byte_asked_for_is_filled_and_no_other(void **state)
{
    (void)state;
    for (size_t n = 0; n < 100; n++) {
        uint8_t room[102], touched[102] = {0};
        for (size_t round = 0; round < 20; round++) {
            memset(room, 0, sizeof room);
            random_fill(room, n);
            for (size_t i = 0; i < sizeof room; i++)
                touched[i] |= room[i];
        }
        for (size_t i = 0; i < sizeof room; i++)
            assert_int_equal(touched[i] != 0, i < n);
    }
}

static void a_pool_gives_every_byte_once_and_keeps_none(void **state)
{
    (void)state;
    enum { PIECES = 300, PIECE = 16 };
    static struct random_pool pool;
    static uint8_t given[PIECES][PIECE];
    for (size_t i = 0; i < PIECES; i++) {
        random_take(&pool, given[i], PIECE);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(given[i], given[k], PIECE);
        assert_null(memmem(pool.byte, sizeof pool.byte, given[i], PIECE));
    }
    uint8_t room[sizeof pool.byte + 1] = {0}, none[sizeof pool.byte] = {0};
    random_take(&pool, room, sizeof pool.byte); /* all of it, and not what is left of the last */
    assert_int_equal(pool.left, 0);
    assert_memory_equal(pool.byte, none, sizeof none);
    assert_int_equal(room[sizeof room - 1], 0);
    random_take(&pool, room, 0);
    assert_int_equal(pool.left, 0);
}

static void ids_are_version_7_and_differ(void **state)
{
    (void)state;
    struct uuid a = random_uuid(INT64_C(1795222800123456));
    struct uuid b = random_uuid(INT64_C(1795222800123456));
    char text[UUID_TEXT + 1];
    uuid_text(&a, text);
    assert_memory_equal(text, "01a1fb9e-06fb-7", 15);
    assert_true(strchr("89ab", text[19]) != NULL);
    assert_memory_equal(&a, &b, 6);
    assert_memory_not_equal(&a, &b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_asked_for_is_filled_and_no_other),
        cmocka_unit_test(a_pool_gives_every_byte_once_and_keeps_none),
        cmocka_unit_test(ids_are_version_7_and_differ),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
