#include "support.h"

#include "crypto/box.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "ipc/register.h"

/* A reader, and what came for it. */
struct reader {
    uint8_t public_key[BOX_KEY], secret_key[BOX_KEY];
    struct buf content;
};

static const uint8_t tuple[ROAD_DIGEST] = {7};

/* The register's scope, as the edge gets its key. */
static struct keys_scope scope_of(struct bench *b)
{
    struct keys_scope s;
    struct keys_slot slot;
    assert_int_equal(ask(b, IPC_REGISTER_MAKE, bytes_of(tuple, sizeof tuple)), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&b->reply));
    assert_int_equal(register_slot_take(&in, &slot), RESULT_OK);
    struct buf id = BUF_INIT(8);
    buf_u64(&id, slot.id);
    assert_int_equal(ask(b, IPC_SCOPE_GET, buf_view(&id)), RESULT_OK);
    buf_free(&id);
    in = cursor_over(buf_view(&b->reply));
    assert_int_equal(keys_scope_take(&in, &s), RESULT_OK);
    assert_int_equal(s.id, slot.id);
    return s;
}

/* Adds a text that was sealed under this key in this context to a question. */
static void add(struct buf *question, const struct keys_scope *s, const char *context,
                const char *text, uint64_t index)
{
    struct road_fact f = {.scope = s->id};
    struct buf sealed = BUF_INIT(4096), encoded = BUF_INIT(4096);
    random_fill(f.seed, sizeof f.seed);
    seal_body(s->key, f.seed, bytes_of_text(context), bytes_of_text(text),
              buf_extend(&sealed, strlen(text) + SEAL_TAG));
    f.sealed = buf_view(&sealed);
    road_fact_put(&f, &encoded);
    buf_u64(question, index);
    buf_bytes16(question, buf_view(&encoded));
    buf_free(&sealed);
    buf_free(&encoded);
}

static void reader_init(struct reader *r, struct buf *question)
{
    r->content = BUF_INIT(1 << 20);
    box_keys(r->public_key, r->secret_key);
    buf_put(question, r->public_key, BOX_KEY);
}

static enum result read_answer(struct reader *r, const struct bench *b)
{
    buf_clear(&r->content);
    return box_open(r->public_key, r->secret_key, buf_view(&b->reply),
                    buf_extend(&r->content, b->reply.n - BOX_MORE));
}

static void a_reader_gets_the_facts_that_were_sealed_for_the_register(void **state)
{
    (void)state;
    struct bench b;
    struct reader r;
    struct buf question = BUF_INIT(1 << 16);
    struct register_opened o;
    bench_init(&b);
    const struct keys_scope s = scope_of(&b);
    reader_init(&r, &question);
    add(&question, &s, REGISTER_CONTEXT, "{\"staff\":\"p-17\"}", 9);
    add(&question, &s, REGISTER_CONTEXT, "{\"staff\":\"p-18\"}", 12);
    assert_int_equal(ask(&b, IPC_REGISTER_OPEN, buf_view(&question)), RESULT_OK);
    assert_null(memmem(b.reply.p, b.reply.n, "p-17", 4)); /* sealed to the reader */
    assert_int_equal(read_answer(&r, &b), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&r.content));
    assert_int_equal(register_opened_take(&in, &o), RESULT_OK);
    assert_true(o.index == 9 && o.scope == s.id && bytes_is(o.fact, "{\"staff\":\"p-17\"}"));
    assert_int_equal(register_opened_take(&in, &o), RESULT_OK);
    assert_true(o.index == 12 && bytes_is(o.fact, "{\"staff\":\"p-18\"}"));
    assert_int_equal(in.left, 0);
    buf_free(&question);
    buf_free(&r.content);
    bench_free(&b);
}

static void nobody_else_can_open_the_answer(void **state)
{
    (void)state;
    struct bench b;
    struct reader r, other;
    struct buf question = BUF_INIT(1 << 16), unused = BUF_INIT(64);
    bench_init(&b);
    const struct keys_scope s = scope_of(&b);
    reader_init(&r, &question);
    reader_init(&other, &unused);
    add(&question, &s, REGISTER_CONTEXT, "{}", 1);
    assert_int_equal(ask(&b, IPC_REGISTER_OPEN, buf_view(&question)), RESULT_OK);
    assert_int_equal(read_answer(&other, &b), RESULT_MISMATCH);
    b.reply.p[b.reply.n - 1] ^= 1;
    assert_int_equal(read_answer(&r, &b), RESULT_MISMATCH);
    buf_free(&question);
    buf_free(&unused);
    buf_free(&r.content);
    buf_free(&other.content);
    bench_free(&b);
}

/* Whoever wrote the act chose it; the ledger only passes it on, and keeps its keeper. */
static void a_reader_without_a_key_gets_nothing_and_the_ledger_stays(void **state)
{
    (void)state;
    static const uint8_t zeros[BOX_KEY];
    struct bench b;
    struct buf question = BUF_INIT(1 << 16);
    bench_init(&b);
    const struct keys_scope s = scope_of(&b);
    buf_put(&question, zeros, sizeof zeros);
    add(&question, &s, REGISTER_CONTEXT, "{}", 1);
    assert_int_equal(ask(&b, IPC_REGISTER_OPEN, buf_view(&question)), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    buf_free(&question);
    bench_free(&b);
}

static void no_body_is_opened_as_if_it_were_a_fact(void **state)
{
    (void)state;
    struct bench b;
    struct reader r;
    struct buf question = BUF_INIT(1 << 16);
    struct register_opened o;
    bench_init(&b);
    struct keys_scope s = scope_of(&b);
    reader_init(&r, &question);
    add(&question, &s, "message, commitment, deadline", "where the child is", 1);
    s.id++; /* a scope that is gone */
    add(&question, &s, REGISTER_CONTEXT, "{}", 2);
    assert_int_equal(ask(&b, IPC_REGISTER_OPEN, buf_view(&question)), RESULT_OK);
    assert_int_equal(read_answer(&r, &b), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&r.content));
    for (unsigned i = 1; i <= 2; i++) {
        assert_int_equal(register_opened_take(&in, &o), RESULT_OK);
        assert_true(o.index == i && o.scope == 0 && o.fact.n == 0);
    }
    buf_free(&question);
    buf_free(&r.content);
    bench_free(&b);
}

static void what_is_about_to_be_erased_is_opened_for_nobody(void **state)
{
    (void)state;
    struct bench b;
    struct reader r;
    struct buf question = BUF_INIT(1 << 16), doomed = BUF_INIT(16);
    struct register_opened o;
    bench_init(&b);
    const struct keys_scope s = scope_of(&b);
    reader_init(&r, &question);
    add(&question, &s, REGISTER_CONTEXT, "{}", 1);
    buf_u32(&doomed, 1);
    buf_u64(&doomed, s.id);
    assert_int_equal(ask(&b, IPC_SCOPES_DOOM, buf_view(&doomed)), RESULT_OK);
    assert_int_equal(ask(&b, IPC_REGISTER_OPEN, buf_view(&question)), RESULT_OK);
    assert_int_equal(read_answer(&r, &b), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&r.content));
    assert_int_equal(register_opened_take(&in, &o), RESULT_OK);
    assert_true(o.scope == 0 && o.fact.n == 0);
    buf_free(&question);
    buf_free(&doomed);
    buf_free(&r.content);
    bench_free(&b);
}

/* ---- sealing what no edge seals */

/* IPC_REGISTER_SEAL under this scope; the answer is in b->reply. */
static enum result ask_seal(struct bench *b, uint64_t scope, const char *text)
{
    const struct register_plain p = {scope, bytes_of_text(text)};
    struct buf body = BUF_INIT(4096);
    register_plain_put(&p, &body);
    enum result r = ask(b, IPC_REGISTER_SEAL, buf_view(&body));
    buf_free(&body);
    return r;
}

static void what_the_ledger_was_told_is_sealed_and_opens_with_its_commitment(void **state)
{
    (void)state;
    struct bench b;
    struct reader r;
    struct road_fact f;
    struct register_opened o;
    struct buf question = BUF_INIT(1 << 16), encoded = BUF_INIT(4096);
    uint8_t digest[SHA256_BYTES];
    bench_init(&b);
    const struct keys_scope s = scope_of(&b);
    assert_int_equal(ask_seal(&b, s.id, "{\"reason\":\"a complaint\"}"), RESULT_OK);
    assert_null(memmem(b.reply.p, b.reply.n, "complaint", 9));
    buf_put(&encoded, b.reply.p, b.reply.n);
    struct cursor in = cursor_over(buf_view(&encoded));
    assert_int_equal(road_fact_take(&in, &f), RESULT_OK);
    assert_true(f.scope == s.id && in.left == 0);
    reader_init(&r, &question);
    buf_u64(&question, 5);
    buf_bytes16(&question, buf_view(&encoded));
    assert_int_equal(ask(&b, IPC_REGISTER_OPEN, buf_view(&question)), RESULT_OK);
    assert_int_equal(read_answer(&r, &b), RESULT_OK);
    in = cursor_over(buf_view(&r.content));
    assert_int_equal(register_opened_take(&in, &o), RESULT_OK);
    assert_true(o.index == 5 && bytes_is(o.fact, "{\"reason\":\"a complaint\"}"));
    const struct bytes part[] = {bytes_of(o.salt, sizeof o.salt), o.fact};
    struct hasher *h = hasher_new();
    hasher_sha256(h, part, 2, digest);
    hasher_free(h);
    assert_memory_equal(digest, f.commitment, sizeof digest);
    buf_free(&question);
    buf_free(&encoded);
    buf_free(&r.content);
    bench_free(&b);
}

static void one_text_is_sealed_differently_each_time(void **state)
{
    (void)state;
    struct bench b;
    struct buf first = BUF_INIT(4096);
    bench_init(&b);
    const struct keys_scope s = scope_of(&b);
    assert_int_equal(ask_seal(&b, s.id, "{}"), RESULT_OK);
    buf_put(&first, b.reply.p, b.reply.n);
    assert_int_equal(ask_seal(&b, s.id, "{}"), RESULT_OK);
    assert_false(bytes_equal(buf_view(&first), buf_view(&b.reply)));
    buf_free(&first);
    bench_free(&b);
}

static void nothing_is_sealed_under_a_key_that_is_gone_or_about_to_be(void **state)
{
    (void)state;
    struct bench b;
    struct buf doomed = BUF_INIT(16);
    bench_init(&b);
    const struct keys_scope s = scope_of(&b);
    assert_int_equal(ask_seal(&b, s.id + 1, "{}"), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    buf_u32(&doomed, 1);
    buf_u64(&doomed, s.id);
    assert_int_equal(ask(&b, IPC_SCOPES_DOOM, buf_view(&doomed)), RESULT_OK);
    assert_int_equal(ask_seal(&b, s.id, "{}"), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    assert_int_equal(ask(&b, IPC_REGISTER_SEAL, bytes_of_text("x")), RESULT_END);
    buf_free(&doomed);
    bench_free(&b);
}

static void a_question_has_so_many_facts_and_no_more(void **state)
{
    (void)state;
    struct bench b;
    struct reader r;
    struct buf question = BUF_INIT(1 << 20);
    bench_init(&b);
    const struct keys_scope s = scope_of(&b);
    reader_init(&r, &question);
    for (uint64_t i = 0; i < ROAD_FACTS_A_BOX; i++)
        add(&question, &s, REGISTER_CONTEXT, "{}", i);
    assert_int_equal(ask(&b, IPC_REGISTER_OPEN, buf_view(&question)), RESULT_OK);
    add(&question, &s, REGISTER_CONTEXT, "{}", ROAD_FACTS_A_BOX);
    assert_int_equal(ask(&b, IPC_REGISTER_OPEN, buf_view(&question)), RESULT_MALFORMED);
    buf_free(&question);
    buf_free(&r.content);
    bench_free(&b);
}

static void the_register_has_one_key_for_one_tuple(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const struct keys_scope first = scope_of(&b), again = scope_of(&b);
    assert_int_equal(first.id, again.id);
    assert_memory_equal(first.key, again.key, ROAD_KEY);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_gets_the_facts_that_were_sealed_for_the_register),
        cmocka_unit_test(nobody_else_can_open_the_answer),
        cmocka_unit_test(a_reader_without_a_key_gets_nothing_and_the_ledger_stays),
        cmocka_unit_test(no_body_is_opened_as_if_it_were_a_fact),
        cmocka_unit_test(what_is_about_to_be_erased_is_opened_for_nobody),
        cmocka_unit_test(what_the_ledger_was_told_is_sealed_and_opens_with_its_commitment),
        cmocka_unit_test(one_text_is_sealed_differently_each_time),
        cmocka_unit_test(nothing_is_sealed_under_a_key_that_is_gone_or_about_to_be),
        cmocka_unit_test(a_question_has_so_many_facts_and_no_more),
        cmocka_unit_test(the_register_has_one_key_for_one_tuple),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
