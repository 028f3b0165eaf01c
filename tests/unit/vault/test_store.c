#include "support.h"

#include "crypto/random.h"
#include "crypto/seal.h"
#include "vault/state.h"

static void what_is_stored_is_listed_and_opens_with_both_halves(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    store_one(&b, 5);
    reopen(&b);
    const struct vault_entry *e = vault_at(b.v, 0);
    assert_non_null(e);
    assert_int_equal(e->record, 5);
    assert_int_equal(e->size, strlen(CONTENT));
    assert_string_equal(e->kind, "scene_image");
    assert_true(vault_has_half(b.v, e));
    assert_true(opens(&b, 5));
    bench_free(&b);
}

static void what_nobody_has_to_destroy_needs_no_half_of_the_gateway(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(1 << 20);
    const struct vault_entry e = an_entry(5);
    struct vault_writer *w;
    bench_init(&b);
    assert_int_equal(vault_begin(b.v, &e, false, NULL, &w), RESULT_OK);
    assert_int_equal(vault_write(w, bytes_of_text(CONTENT)), RESULT_OK);
    assert_int_equal(vault_finish(w), RESULT_OK);
    reopen(&b);
    assert_true(vault_get(b.v, 5)->alone);
    assert_int_equal(read_all(&b, 5, NULL, &out), RESULT_END);
    assert_true(bytes_is(buf_view(&out), CONTENT));
    store_one(&b, 6);
    assert_int_equal(read_all(&b, 6, NULL, &out), RESULT_MISMATCH);
    buf_free(&out);
    bench_free(&b);
}

static void another_half_of_the_gateway_opens_nothing(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(1 << 20);
    bench_init(&b);
    store_one(&b, 5);
    assert_int_equal(read_all(&b, 5, others, &out), RESULT_MISMATCH);
    assert_int_equal(out.n, 0); /* of what did not open there stood as many bytes of nothing */
    buf_free(&out);
    bench_free(&b);
}

/* With a control: that the search finds what is there. */
static void nothing_of_the_content_stands_in_any_file(void **state)
{
    (void)state;
    struct bench b;
    struct buf all = BUF_INIT(1 << 20);
    bench_init(&b);
    store_one(&b, 5);
    read_whole(b.items.fd, "5.item", &all);
    read_whole(b.items.fd, "index", &all);
    read_whole(b.keys.fd, "fresh", &all);
    assert_null(memmem(all.p, all.n, "marker-7f3a", 11));
    assert_null(memmem(all.p, all.n, gateways, KEY_BYTES));
    buf_text(&all, CONTENT);
    assert_non_null(memmem(all.p, all.n, "marker-7f3a", 11));
    buf_free(&all);
    bench_free(&b);
}

static void the_same_record_is_stored_once(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct vault_entry e = an_entry(5);
    assert_int_equal(store(&b, &e, bytes_of_text(CONTENT)), RESULT_OK);
    assert_int_equal(store(&b, &e, bytes_of_text("other")), RESULT_EXISTS);
    assert_true(opens(&b, 5));
    bench_free(&b);
}

static void large_items_come_back_in_pieces(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    for (size_t n = 0; n <= 786433; n += n < 2 ? 1 : 262143) {
        struct vault_entry e = an_entry(100 + n);
        struct buf out = BUF_INIT(1 << 20);
        uint8_t *content = mem_new(n + 1);
        random_fill(content, n);
        assert_int_equal(store(&b, &e, bytes_of(content, n)), RESULT_OK);
        assert_int_equal(read_all(&b, 100 + n, gateways, &out), RESULT_END);
        assert_true(bytes_equal(buf_view(&out), bytes_of(content, n)));
        mem_free(content);
        buf_free(&out);
    }
    bench_free(&b);
}

static void a_bit_turned_anywhere_in_an_item_is_noticed(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(1 << 20);
    bench_init(&b);
    store_one(&b, 5);
    for (off_t at = 0; at < size_of(b.items.fd, "5.item"); at++) {
        flip_byte(b.items.fd, "5.item", at);
        buf_clear(&out);
        assert_int_not_equal(read_all(&b, 5, gateways, &out), RESULT_END);
        flip_byte(b.items.fd, "5.item", at);
    }
    assert_true(opens(&b, 5));
    buf_free(&out);
    bench_free(&b);
}

static void the_bytes_of_another_item_do_not_open_in_its_place(void **state)
{
    (void)state;
    struct bench b;
    struct buf other = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
    bench_init(&b);
    store_one(&b, 5);
    store_one(&b, 6);
    read_whole(b.items.fd, "6.item", &other);
    write_whole(b.items.fd, "5.item", buf_view(&other));
    assert_int_equal(read_all(&b, 5, gateways, &out), RESULT_DAMAGED);
    buf_free(&other);
    buf_free(&out);
    bench_free(&b);
}

/* Who cuts an item's file off leaves pieces that are right; that the last is missing was said like
 * the end of a recording that had been cut off, and looked like one. */
static void an_item_whose_end_was_taken_away_is_damaged(void **state)
{
    (void)state;
    struct bench b;
    struct buf whole = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
    struct vault_entry e = an_entry(5);
    struct vault_writer *w;
    uint8_t *content = mem_new(300000); /* two pieces */
    bench_init(&b);
    assert_int_equal(vault_begin(b.v, &e, true, gateways, &w), RESULT_OK);
    assert_int_equal(vault_write(w, bytes_of(content, 300000)), RESULT_OK);
    assert_int_equal(vault_finish(w), RESULT_OK);
    read_whole(b.items.fd, "5.item", &whole);
    const size_t first = VAULT_ITEM_HEAD + VAULT_PIECE_HEAD + VAULT_PIECE + SEAL_TAG;
    const size_t left[] = {whole.n - 1, first + 1, first, first - 1, VAULT_ITEM_HEAD};
    for (size_t i = 0; i < ARRAY_LEN(left); i++) {
        write_whole(b.items.fd, "5.item", bytes_of(whole.p, left[i]));
        buf_clear(&out);
        assert_int_equal(read_all(&b, 5, gateways, &out), RESULT_DAMAGED);
    }
    mem_free(content);
    buf_free(&whole);
    buf_free(&out);
    bench_free(&b);
}

static struct vault_writer *record_some(struct bench *b, uint64_t record)
{
    struct vault_entry e = an_entry(record);
    struct vault_writer *w;
    assert_int_equal(vault_begin(b->v, &e, true, gateways, &w), RESULT_OK);
    assert_int_equal(vault_write(w, bytes_of_text(CONTENT)), RESULT_OK);
    return w;
}

static void a_recording_is_in_the_index_from_its_beginning(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct vault_writer *w = record_some(&b, 5);
    assert_int_equal(state_of(&b, 5), VAULT_RECORDING);
    assert_int_equal(vault_finish(w), RESULT_OK);
    assert_int_equal(state_of(&b, 5), VAULT_KEPT);
    assert_false(vault_get(b.v, 5)->cut_off);
    assert_true(opens(&b, 5));
    bench_free(&b);
}

static void what_there_is_of_a_recording_that_was_cut_off_opens_and_says_so(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(1 << 20);
    bench_init(&b);
    vault_abandon(record_some(&b, 5));
    reopen(&b);
    assert_int_equal(state_of(&b, 5), VAULT_KEPT);
    assert_true(vault_get(b.v, 5)->cut_off);
    assert_int_equal(vault_get(b.v, 5)->size, strlen(CONTENT));
    assert_int_equal(read_all(&b, 5, gateways, &out), RESULT_CLOSED);
    assert_true(bytes_is(buf_view(&out), CONTENT));
    buf_free(&out);
    bench_free(&b);
}

static void a_recording_whose_process_ended_is_put_in_order_by_the_next(void **state)
{
    (void)state;
    struct bench b;
    struct buf out = BUF_INIT(4 << 20);
    bench_init(&b);
    struct vault_writer *w = record_some(&b, 5);
    uint8_t *more = mem_new(600000);
    assert_int_equal(vault_write(w, bytes_of(more, 600000)), RESULT_OK);
    struct vault *gone = b.v; /* the writer is not ended */
    b.v = NULL;
    reopen(&b);
    assert_int_equal(vault_claim(b.v), RESULT_OK);
    assert_int_equal(state_of(&b, 5), VAULT_KEPT);
    assert_true(vault_get(b.v, 5)->cut_off);
    assert_int_equal(vault_get(b.v, 5)->size, 2 * 262144);
    assert_int_equal(read_all(&b, 5, gateways, &out), RESULT_CLOSED);
    assert_int_equal(out.n, 2 * 262144);
    mem_free(more);
    buf_free(&out);
    vault_abandon(w);
    vault_close(gone);
    bench_free(&b);
}

static void what_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    struct bench b;
    struct vault_entry e = an_entry(5);
    struct vault_writer *w;
    bench_init(&b);
    assert_int_equal(vault_begin(b.v, &e, false, gateways, &w), RESULT_OK);
    assert_int_equal(vault_write(w, bytes_of_text(CONTENT)), RESULT_OK);
    vault_abandon(w);
    assert_null(vault_get(b.v, 5));
    assert_int_equal(size_of(b.items.fd, "5.item"), -1);
    store_one(&b, 5);
    assert_true(opens(&b, 5));
    bench_free(&b);
}

static void one_whose_half_went_with_a_destruction_is_stored_again(void **state)
{
    (void)state;
    struct bench b;
    const struct vault_entry e = an_entry(5);
    const uint64_t other = 4;
    struct vault_writer *w;
    bench_init(&b);
    store_one(&b, other);
    assert_int_equal(vault_begin(b.v, &e, false, gateways, &w), RESULT_OK);
    assert_int_equal(vault_write(w, bytes_of_text(CONTENT)), RESULT_OK);
    assert_int_equal(vault_destroy(b.v, &other, 1, "", 1), RESULT_OK);
    assert_int_equal(vault_finish(w), RESULT_STALE);
    assert_null(vault_get(b.v, 5));
    store_one(&b, 5);
    assert_true(opens(&b, 5));
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_is_listed_and_opens_with_both_halves),
        cmocka_unit_test(what_nobody_has_to_destroy_needs_no_half_of_the_gateway),
        cmocka_unit_test(another_half_of_the_gateway_opens_nothing),
        cmocka_unit_test(nothing_of_the_content_stands_in_any_file),
        cmocka_unit_test(the_same_record_is_stored_once),
        cmocka_unit_test(large_items_come_back_in_pieces),
        cmocka_unit_test(a_bit_turned_anywhere_in_an_item_is_noticed),
        cmocka_unit_test(the_bytes_of_another_item_do_not_open_in_its_place),
        cmocka_unit_test(an_item_whose_end_was_taken_away_is_damaged),
        cmocka_unit_test(a_recording_is_in_the_index_from_its_beginning),
        cmocka_unit_test(what_there_is_of_a_recording_that_was_cut_off_opens_and_says_so),
        cmocka_unit_test(a_recording_whose_process_ended_is_put_in_order_by_the_next),
        cmocka_unit_test(what_is_given_up_leaves_nothing),
        cmocka_unit_test(one_whose_half_went_with_a_destruction_is_stored_again),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
