#include "message/destruction.h"
#include "message/message.h"

#include "base/mem.h"
#include "crypto/init.h"

#include <fedgate/v1/fedgate.pb-c.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define UNIT "npa-daejeon/112-control"

/* A receipt whose items stand in no order. */
struct sample {
    Fedgate__V1__LogRef ref[4], *destroyed[2], *never[1];
    Fedgate__V1__Retained kept, *retained[1];
    Google__Protobuf__Timestamp at, until;
    Fedgate__V1__DestructionReceipt r;
};

static void make(struct sample *s)
{
    static const struct {
        const char *origin;
        uint64_t index;
    } refs[] = {
        {"b.example/log", 9}, {"b.example/log", 10}, {"a.example/log", 11}, {"b.example/log", 2}};
    for (size_t i = 0; i < ARRAY_LEN(refs); i++) {
        fedgate__v1__log_ref__init(&s->ref[i]);
        s->ref[i].origin = (char *)(uintptr_t)refs[i].origin;
        s->ref[i].index = refs[i].index;
    }
    fedgate__v1__destruction_receipt__init(&s->r);
    fedgate__v1__retained__init(&s->kept);
    google__protobuf__timestamp__init(&s->at);
    google__protobuf__timestamp__init(&s->until);
    s->destroyed[0] = &s->ref[1];
    s->destroyed[1] = &s->ref[0];
    s->never[0] = &s->ref[2];
    s->retained[0] = &s->kept;
    s->at.seconds = 1763686800;
    s->until.seconds = 1795222800;
    s->kept.item = &s->ref[3];
    s->kept.act = (char *)(uintptr_t) "kr/pipa/21-1-proviso";
    s->kept.case_ref = (char *)(uintptr_t) "2026고단1";
    s->kept.until = &s->until;
    s->kept.stored_separately = true;
    s->r.order_id = (char *)(uintptr_t) "019aa2b0-0000-7000-8000-000000000001";
    s->r.destroyed = s->destroyed;
    s->r.n_destroyed = 2;
    s->r.never_stored = s->never;
    s->r.n_never_stored = 1;
    s->r.retained = s->retained;
    s->r.n_retained = 1;
    s->r.destroyed_at = &s->at;
    s->r.method = FEDGATE__V1__DESTRUCTION_METHOD__DESTRUCTION_METHOD_OVERWRITTEN;
    s->r.staff_ref = (char *)(uintptr_t) "p-17";
}

static void the_text_is_the_contracts(void **state)
{
    struct sample s;
    struct buf text = BUF_INIT(4096);
    (void)state;
    make(&s);
    assert_int_equal(destruction_text(&s.r, bytes_of_text(UNIT), &text), RESULT_OK);
    assert_string_equal(buf_c(&text), "fedgate-destruction-v1\n" UNIT "\n"
                                      "019aa2b0-0000-7000-8000-000000000001\n"
                                      "N\ta.example/log\t11\n"
                                      "R\tb.example/log\t2\tkr/pipa/21-1-proviso\t2026고단1\t"
                                      "1795222800\t1\n"
                                      "D\tb.example/log\t9\n"
                                      "D\tb.example/log\t10\n"
                                      "1763686800\n2\np-17\n");
    buf_free(&text);
}

static void what_is_absent_is_zero(void **state)
{
    struct sample s;
    struct buf text = BUF_INIT(4096);
    (void)state;
    make(&s);
    s.r.n_destroyed = s.r.n_retained = 0;
    s.r.destroyed_at = NULL;
    s.r.method = 0;
    assert_int_equal(destruction_text(&s.r, bytes_of_text(UNIT), &text), RESULT_OK);
    assert_non_null(strstr(buf_c(&text), "N\ta.example/log\t11\n0\n0\np-17\n"));
    buf_free(&text);
}

static void no_field_may_part_lines_or_fields(void **state)
{
    struct buf text = BUF_INIT(1 << 16);
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct sample s;
        make(&s);
        char **const field[] = {&s.ref[0].origin, &s.kept.act, &s.kept.case_ref, &s.r.staff_ref,
                                &s.r.order_id};
        *field[i] = (char *)(uintptr_t)(i % 2 == 0 ? "a\tb" : "a\nb");
        assert_int_equal(destruction_text(&s.r, bytes_of_text(UNIT), &text), RESULT_MALFORMED);
    }
    struct sample s;
    make(&s);
    s.kept.item = NULL;
    assert_int_equal(destruction_text(&s.r, bytes_of_text(UNIT), &text), RESULT_MALFORMED);
    assert_false(destruction_names_each_once(&s.r));
    buf_free(&text);
}

static void an_item_is_named_once_in_whichever_list(void **state)
{
    struct sample s;
    (void)state;
    make(&s);
    assert_true(destruction_names_each_once(&s.r));
    s.kept.item = &s.ref[0];
    assert_false(destruction_names_each_once(&s.r));
    make(&s);
    s.destroyed[1] = &s.ref[1];
    assert_false(destruction_names_each_once(&s.r));
    make(&s);
    s.ref[2].index = s.ref[0].index; /* of another log */
    assert_true(destruction_names_each_once(&s.r));
}

static void a_signature_is_over_the_text_and_nothing_else(void **state)
{
    struct sample s;
    struct buf text = BUF_INIT(4096);
    struct arena *a = arena_new(4096);
    struct minisign_secret *secret = minisign_secret_new();
    struct minisign_public key;
    char id[MINISIGN_ID_TEXT];
    (void)state;
    make(&s);
    minisign_secret_public(secret, &key);
    minisign_id_text(key.id, id);
    assert_int_equal(destruction_sign(&s.r, bytes_of_text(UNIT), secret, a), RESULT_OK);
    assert_string_equal(s.r.key_id, id);
    assert_int_equal(s.r.signature.len, SIGN_SIGNATURE);
    assert_int_equal(destruction_text(&s.r, bytes_of_text(UNIT), &text), RESULT_OK);
    assert_int_equal(sign_check(key.key, buf_view(&text), s.r.signature.data), RESULT_OK);
    text.p[text.n - 2] ^= 1;
    assert_int_equal(sign_check(key.key, buf_view(&text), s.r.signature.data), RESULT_MISMATCH);
    minisign_secret_free(secret);
    buf_free(&text);
    arena_free(a);
}

static int start(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_the_contracts),
        cmocka_unit_test(what_is_absent_is_zero),
        cmocka_unit_test(no_field_may_part_lines_or_fields),
        cmocka_unit_test(an_item_is_named_once_in_whichever_list),
        cmocka_unit_test(a_signature_is_over_the_text_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
