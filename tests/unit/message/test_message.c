#include "message/message.h"

#include "sample.h"

/* Header with id and source only, then whatever bytes follow. */
static void wire_with_header(struct buf *wire, const void *rest, size_t n)
{
    sample_encode("fedgate.v1.Message",
                  "{\"header\":{\"id\":\"" UUID_2 "\",\"source\":\"carrier-a/alerts\"}}", wire);
    buf_put(wire, rest, n);
}

static void a_message_decodes_and_encodes_to_the_same_bytes(void **state)
{
    (void)state;
    struct sample s;
    struct buf again = BUF_INIT(LIMIT_MESSAGE);
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    assert_clean(&s);
    assert_int_equal(s.message.kind->id, KIND_GUARDIAN_ALERT);
    assert_int_equal(message_encode(&s.message, &again), RESULT_OK);
    assert_true(bytes_equal(buf_view(&s.wire), buf_view(&again)));
    buf_free(&again);
    sample_free(&s);
}

static void what_was_left_out_is_not_in_the_bytes_that_go_on(void **state)
{
    (void)state;
    struct sample s;
    struct buf again = BUF_INIT(LIMIT_MESSAGE);
    sample_of(&s, HEADER, "dispatch_request", "\"type\":\"fire\",\"note\":\"LEFT\\u0001OUT\"");
    assert_int_equal(s.found.count, 1);
    assert_int_equal(message_encode(&s.message, &again), RESULT_OK);
    assert_null(memmem(again.p, again.n, "LEFT", 4));
    buf_free(&again);
    sample_free(&s);
}

static void encoding_past_the_ceiling_fails(void **state)
{
    (void)state;
    struct sample s;
    struct buf small = BUF_INIT(100);
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    assert_int_equal(message_encode(&s.message, &small), RESULT_TOO_LARGE);
    assert_int_equal(small.n, 0);
    buf_free(&small);
    sample_free(&s);
}

static void the_sender_is_known_even_when_the_rest_is_not_readable(void **state)
{
    (void)state;
    static const struct {
        struct bytes rest;
        enum result result;
        enum reason reason;
    } bad[] = {{{(const uint8_t *)"\xa0\x06\x01", 3}, RESULT_UNKNOWN, REASON_UNKNOWN_FIELD},
               {{(const uint8_t *)"\xf2\x01\x7f", 3}, RESULT_MALFORMED, REASON_MALFORMED},
               {{(const uint8_t *)"", 0}, RESULT_MALFORMED, REASON_MALFORMED},
               {{(const uint8_t *)"\xc2\x03\x00", 3}, RESULT_UNKNOWN, REASON_UNKNOWN_KIND}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct sample s = {.wire = BUF_INIT(1000)};
        wire_with_header(&s.wire, bad[i].rest.p, bad[i].rest.n);
        assert_int_equal(sample_decode_wire(&s), bad[i].result);
        assert_int_equal(s.why.reason, bad[i].reason);
        assert_true(bytes_is(s.message.facts.id, UUID_2));
        assert_true(bytes_is(s.message.facts.source, "carrier-a/alerts"));
        assert_int_equal(s.message.facts.kind, KIND_COUNT);
        assert_null(s.message.kind);
        sample_free(&s);
    }
}

static void a_sender_that_is_not_well_formed_is_not_known(void **state)
{
    (void)state;
    static const struct bytes wire[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\x0a", 1},
        {(const uint8_t *)"\x0a\x05\x0a\x03xyz", 7},
        {(const uint8_t *)"\x0a\x7f\x0a\x03xyz", 7},
        {(const uint8_t *)"\x0b\x0c\x0a\x00", 4},
        {(const uint8_t *)"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
        {(const uint8_t *)"\x0a\x06\x12\x04"
                          "no/\xff",
         8}};
    for (size_t i = 0; i < ARRAY_LEN(wire); i++) {
        struct sample s = {.wire = BUF_INIT(1000)};
        buf_put(&s.wire, wire[i].p, wire[i].n);
        assert_int_not_equal(sample_decode_wire(&s), RESULT_OK);
        assert_int_equal(s.message.facts.id.n, 0);
        assert_int_equal(s.message.facts.source.n, 0);
        sample_free(&s);
    }
}

static void a_message_past_the_limit_is_too_large(void **state)
{
    (void)state;
    struct sample s = {.wire = BUF_INIT(LIMIT_MESSAGE + 100)};
    wire_with_header(&s.wire, "", 0);
    memset(buf_extend(&s.wire, LIMIT_MESSAGE + 1 - s.wire.n), 0, LIMIT_MESSAGE + 1 - s.wire.n);
    s.wire.n = LIMIT_MESSAGE + 1;
    assert_int_equal(sample_decode_wire(&s), RESULT_TOO_LARGE);
    assert_int_equal(s.why.reason, REASON_TOO_LARGE);
    assert_string_equal(s.why.text, "Message: at most 3145728 bytes");
    assert_true(bytes_is(s.message.facts.id, UUID_2));
    sample_free(&s);
}

static void a_message_past_the_memory_budget_fails_softly(void **state)
{
    (void)state;
    struct sample s;
    struct finding why;
    struct message m;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    for (size_t budget = 0; budget < arena_used(s.arena) / 2; budget += 100) {
        struct arena *small = arena_new(budget);
        assert_int_equal(message_decode(small, buf_view(&s.wire), &m, &why), RESULT_NO_MEMORY);
        assert_int_equal(why.reason, REASON_TOO_LARGE);
        arena_free(small);
    }
    sample_free(&s);
}

/* 44-fold in protobuf-c: 1 MiB of empty sub-messages. */
static void many_empty_messages_cost_no_memory(void **state)
{
    (void)state;
    struct sample s = {.wire = BUF_INIT(2u << 20)};
    struct buf many = BUF_INIT(2u << 20);
    for (size_t i = 0; i < (1u << 19); i++)
        buf_put(&many, "\x0a\x00", 2);
    buf_put(&s.wire, "\xc2\x02\x80\x80\x40", 5); /* traffic_info = 40, 1 MiB */
    buf_put(&s.wire, many.p, many.n);
    assert_int_equal(sample_decode_wire(&s), RESULT_TOO_LARGE);
    assert_int_equal(s.why.reason, REASON_TOO_LARGE);
    assert_true(arena_used(s.arena) < 1000);
    buf_free(&many);
    sample_free(&s);
}

static void other_requests_of_the_contract_decode_too(void **state)
{
    (void)state;
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct buf wire = BUF_INIT(1000);
    struct finding why;
    ProtobufCMessage *m;
    sample_encode("fedgate.v1.SubscribeRequest", "{\"ack\":{\"seq\":[1,2,\"300\"]}}", &wire);
    assert_int_equal(message_unpack(arena, &fedgate__v1__subscribe_request__descriptor,
                                    buf_view(&wire), LIMIT_REQUEST, &m, &why),
                     RESULT_OK);
    const Fedgate__V1__SubscribeRequest *r = (const void *)m;
    assert_int_equal(r->step_case, FEDGATE__V1__SUBSCRIBE_REQUEST__STEP_ACK);
    assert_int_equal(r->ack->n_seq, 3);
    assert_int_equal(r->ack->seq[2], 300);
    assert_int_equal(message_unpack(arena, &fedgate__v1__subscribe_request__descriptor,
                                    buf_view(&wire), wire.n - 1, &m, &why),
                     RESULT_TOO_LARGE);
    assert_null(m);
    buf_free(&wire);
    arena_free(arena);
}

static void facts_can_be_filled_anew(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    assert_true(s.message.facts.has_place);
    s.message.pb->guardian_alert->position = NULL;
    message_facts(&s.message);
    assert_false(s.message.facts.has_place);
    assert_int_equal(s.message.facts.origins, 0);
    assert_true(bytes_is(s.message.facts.id, UUID_2));
    sample_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_decodes_and_encodes_to_the_same_bytes),
        cmocka_unit_test(what_was_left_out_is_not_in_the_bytes_that_go_on),
        cmocka_unit_test(encoding_past_the_ceiling_fails),
        cmocka_unit_test(the_sender_is_known_even_when_the_rest_is_not_readable),
        cmocka_unit_test(a_sender_that_is_not_well_formed_is_not_known),
        cmocka_unit_test(a_message_past_the_limit_is_too_large),
        cmocka_unit_test(a_message_past_the_memory_budget_fails_softly),
        cmocka_unit_test(many_empty_messages_cost_no_memory),
        cmocka_unit_test(other_requests_of_the_contract_decode_too),
        cmocka_unit_test(facts_can_be_filled_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
