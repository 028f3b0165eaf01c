#include "support.h"

#include "vault/index.h"

static const uint8_t key[KEY_BYTES] = "what the index is sealed with";

static struct vault_index *an_index(void)
{
    struct vault_index *x = vault_index_new();
    (void)snprintf(x->origin, sizeof x->origin, "%s", ORIGIN);
    x->serial = 7;
    x->contact_us = NOON;
    for (uint64_t record = 10; record < 13; record++) {
        struct vault_entry *e = vault_index_add(x, record);
        *e = an_entry(record);
        e->state = VAULT_KEPT;
        e->uses = 3;
        e->uses_left = 2;
        e->held_us = NOON;
        memcpy(e->hold, "record 11", sizeof "record 11");
    }
    const struct vault_use use = {11, NOON, "p-417", "duty-officer", "car-7", "review"};
    assert_int_equal(vault_index_add_use(x, &use), RESULT_OK);
    return x;
}

static void what_was_sealed_comes_back(void **state)
{
    (void)state;
    struct vault_index *x = an_index(), *again = vault_index_new();
    struct buf sealed = BUF_INIT(VAULT_INDEX_MAX), a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
    assert_int_equal(vault_index_seal(x, key, &sealed), RESULT_OK);
    assert_int_equal(vault_index_unseal(buf_view(&sealed), key, again), RESULT_OK);
    vault_index_put(x, &a);
    vault_index_put(again, &b);
    assert_true(bytes_equal(buf_view(&a), buf_view(&b)));
    assert_string_equal(vault_index_get(again, 11)->clause, "112-onsite#images");
    assert_string_equal(vault_index_get(again, 11)->hold, "record 11");
    assert_int_equal(vault_index_get(again, 11)->held_us, NOON);
    assert_int_equal(again->uses, 1);
    buf_free(&a);
    buf_free(&b);
    buf_free(&sealed);
    vault_index_free(x);
    vault_index_free(again);
}

static void no_bit_of_it_can_be_turned(void **state)
{
    (void)state;
    struct vault_index *x = an_index();
    struct buf sealed = BUF_INIT(VAULT_INDEX_MAX);
    assert_int_equal(vault_index_seal(x, key, &sealed), RESULT_OK);
    for (size_t i = 0; i < sealed.n; i++) {
        struct vault_index *again = vault_index_new();
        sealed.p[i] ^= 0x10;
        assert_int_not_equal(vault_index_unseal(buf_view(&sealed), key, again), RESULT_OK);
        sealed.p[i] ^= 0x10;
        vault_index_free(again);
    }
    for (size_t n = 0; n < sealed.n; n++) {
        struct vault_index *again = vault_index_new();
        assert_int_not_equal(vault_index_unseal(bytes_of(sealed.p, n), key, again), RESULT_OK);
        vault_index_free(again);
    }
    buf_free(&sealed);
    vault_index_free(x);
}

static void another_key_opens_none(void **state)
{
    (void)state;
    static const uint8_t other[KEY_BYTES] = "another";
    struct vault_index *x = an_index(), *again = vault_index_new();
    struct buf sealed = BUF_INIT(VAULT_INDEX_MAX);
    assert_int_equal(vault_index_seal(x, key, &sealed), RESULT_OK);
    assert_int_equal(vault_index_unseal(buf_view(&sealed), other, again), RESULT_MISMATCH);
    buf_free(&sealed);
    vault_index_free(x);
    vault_index_free(again);
}

static void a_record_stands_in_it_once(void **state)
{
    (void)state;
    struct vault_index *x = an_index();
    assert_null(vault_index_add(x, 11));
    assert_int_equal(x->entries, 3);
    vault_index_free(x);
}

static bool is_eleven(const struct vault_entry *e, int64_t now_us)
{
    return e->record == 11 && now_us == NOON;
}

static void what_is_dropped_is_gone_and_the_rest_keeps_its_order(void **state)
{
    (void)state;
    struct vault_index *x = an_index();
    vault_index_drop(x, is_eleven, NOON);
    assert_int_equal(x->entries, 2);
    assert_null(vault_index_get(x, 11));
    assert_int_equal(x->entry[0]->record, 10);
    assert_int_equal(x->entry[1]->record, 12);
    vault_index_free(x);
}

static void uses_are_kept_in_order_and_bounded(void **state)
{
    (void)state;
    struct vault_index *x = an_index();
    for (uint64_t i = 1; i < VAULT_USES_MAX; i++)
        assert_int_equal(vault_index_add_use(x, &(struct vault_use){.record = 100 + i}), RESULT_OK);
    assert_int_equal(vault_index_add_use(x, &(struct vault_use){.record = 1}), RESULT_FULL);
    vault_index_drop_uses(x, 2);
    assert_int_equal(x->uses, VAULT_USES_MAX - 2);
    assert_int_equal(x->use[0].record, 102);
    vault_index_drop_uses(x, VAULT_USES_MAX);
    assert_int_equal(x->uses, 0);
    vault_index_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_comes_back),
        cmocka_unit_test(no_bit_of_it_can_be_turned),
        cmocka_unit_test(another_key_opens_none),
        cmocka_unit_test(a_record_stands_in_it_once),
        cmocka_unit_test(what_is_dropped_is_gone_and_the_rest_keeps_its_order),
        cmocka_unit_test(uses_are_kept_in_order_and_bounded),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
