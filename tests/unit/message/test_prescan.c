#include "message/prescan.h"

#include "sample.h"

/* Wire bytes as they stand, without the NUL that ends the C string. */
#define WIRE(text) bytes_of(text, sizeof(text) - 1)

static enum result scan(const char *type, struct bytes wire, struct finding *why)
{
    *why = (struct finding){0};
    return prescan(message_type(type), wire, why);
}

static void expect(const char *type, struct bytes wire, enum result r, enum reason reason,
                   const char *text)
{
    struct finding why;
    assert_int_equal(scan(type, wire, &why), r);
    assert_int_equal(why.reason, reason);
    assert_string_equal(why.text, text);
}

static void malformed(const char *type, struct bytes wire, const char *text)
{
    expect(type, wire, RESULT_MALFORMED, REASON_MALFORMED, text);
}

static void accepted(const char *type, struct bytes wire)
{
    struct finding why;
    if (scan(type, wire, &why) != RESULT_OK)
        assert_string_equal(why.text, "");
}

#define MESSAGE  "fedgate.v1.Message"
#define HEADER_T "fedgate.v1.Header"
#define ALERT_T  "fedgate.v1.GuardianAlert"
#define ACK_T    "fedgate.v1.Ack"

static void unknown_fields_are_refused_by_their_path(void **state)
{
    (void)state;
    expect(MESSAGE, WIRE("\xa0\x06\x01"), RESULT_UNKNOWN, REASON_UNKNOWN_FIELD,
           "Message: unknown field 100");
    /* guardian_alert = 30, position = 9, field 9 */
    expect(MESSAGE, WIRE("\xf2\x01\x04\x4a\x02\x48\x01"), RESULT_UNKNOWN, REASON_UNKNOWN_FIELD,
           "guardian_alert.position: unknown field 9");
}

static void a_single_field_comes_once(void **state)
{
    (void)state;
    accepted(HEADER_T, WIRE("\x0a\x01"
                            "a"));
    malformed(HEADER_T,
              WIRE("\x0a\x01"
                   "a"
                   "\x12\x01"
                   "b"
                   "\x0a\x01"
                   "a"),
              "id: given only once");
    accepted(HEADER_T, WIRE("\x4a\x01"
                            "a"
                            "\x12\x01"
                            "b"
                            "\x4a\x01"
                            "a"));
}

static void a_message_has_one_body(void **state)
{
    (void)state;
    accepted(MESSAGE, WIRE("\x5a\x00"));
    malformed(MESSAGE, WIRE("\x5a\x00\x52\x00"),
              "incident_report: the only one of its alternatives");
    malformed("fedgate.v1.VideoFrame", WIRE("\x12\x01z\x0a\x00"),
              "start: the only one of its alternatives");
}

static void text_is_utf8_without_nul(void **state)
{
    (void)state;
    accepted(HEADER_T, WIRE("\x0a\x03\xea\xb0\x80"));
    malformed(HEADER_T,
              WIRE("\x0a\x03"
                   "a\x00"
                   "b"),
              "id: UTF-8 text without NUL");
    malformed(HEADER_T, WIRE("\x0a\x01\xff"), "id: UTF-8 text without NUL");
    malformed(HEADER_T, WIRE("\x0a\x02\xc0\x80"), "id: UTF-8 text without NUL");
    malformed(HEADER_T, WIRE("\x0a\x03\xed\xa0\x80"), "id: UTF-8 text without NUL");
    accepted(ALERT_T, WIRE("\x7a\x02\x00\xff")); /* bytes may be anything */
}

static void groups_and_wrong_wire_types_are_refused(void **state)
{
    (void)state;
    malformed(HEADER_T, WIRE("\x0b\x0c"), "id: another wire type");
    malformed(HEADER_T, WIRE("\x08\x01"), "id: another wire type");
    malformed(HEADER_T, WIRE("\x0d\x00\x00\x00\x00"), "id: another wire type");
    malformed(ALERT_T, WIRE("\x12\x01\x01"), "sequence: another wire type"); /* not repeated */
    malformed(ALERT_T, WIRE("\x50\x01"), "speed_mps: another wire type");
    malformed(ALERT_T, WIRE("\x0e\x01"), "alert_id: another wire type");
}

static void nothing_reaches_past_the_end(void **state)
{
    (void)state;
    malformed(HEADER_T, WIRE("\x0a"), "id: a length within what is left of the message");
    malformed(HEADER_T,
              WIRE("\x0a\x02"
                   "a"),
              "id: a length within what is left of the message");
    malformed(HEADER_T, WIRE("\x0a\xff\xff\xff\xff\x0f"),
              "id: a length within what is left of the message");
    malformed(HEADER_T, WIRE("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
              "id: a length within what is left of the message");
    /* a sub-message's field may not reach into what follows the sub-message */
    malformed(MESSAGE,
              WIRE("\x0a\x03\x0a\x02"
                   "aa"),
              "header.id: a length within what is left of the message");
    malformed(ALERT_T, WIRE("\x55\x00\x00\x00"), "speed_mps: a whole number on the wire");
    malformed("fedgate.v1.Position", WIRE("\x09\x00"), "latitude: a whole number on the wire");
    malformed(ALERT_T, WIRE("\x10\xff"), "sequence: a whole number on the wire");
    malformed(ALERT_T, WIRE("\xff"), "GuardianAlert: a field's number");
}

static void field_numbers_begin_at_one(void **state)
{
    (void)state;
    malformed(HEADER_T, WIRE("\x00\x01"), "Header: a field's number");
    malformed(HEADER_T, WIRE("\x02\x00"), "Header: a field's number");
    malformed(HEADER_T, WIRE("\xff\xff\xff\xff\x7f"), "Header: a field's number");
}

static void varints_need_not_be_minimal_within_what_is_read_of_them(void **state)
{
    (void)state;
    accepted(ALERT_T, WIRE("\x10\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"));
    accepted(HEADER_T, WIRE("\x8a\x00\x81\x00"
                            "a"));
    malformed(HEADER_T,
              WIRE("\x8a\x80\x80\x80\x80\x00\x01"
                   "a"),
              "Header: a field's number");
    malformed(HEADER_T,
              WIRE("\x0a\x81\x80\x80\x80\x80\x00"
                   "a"),
              "id: a length within what is left of the message");
    malformed(ALERT_T, WIRE("\x10\x81\x80\x80\x80\x80\x80\x80\x80\x80\x02"),
              "sequence: a whole number on the wire");
}

static void numbers_fit_their_type(void **state)
{
    (void)state;
    accepted(ALERT_T, WIRE("\x10\xff\xff\xff\xff\x0f"));
    malformed(ALERT_T, WIRE("\x10\x80\x80\x80\x80\x10"), "sequence: a number of 32 bits");
    accepted(HEADER_T, WIRE("\x58\x01"));
    malformed(HEADER_T, WIRE("\x58\x02"), "retransmission_allowed: a boolean, 0 or 1");
    /* Timestamp.nanos is int32: -1, and -2^31 - 1 */
    accepted(HEADER_T, WIRE("\x3a\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    malformed(HEADER_T, WIRE("\x3a\x0b\x10\xff\xff\xff\xff\xf7\xff\xff\xff\xff\x01"),
              "created_at.nanos: a number of 32 bits");
}

static void enumerators_are_known(void **state)
{
    (void)state;
    accepted(HEADER_T, WIRE("\x50\x03"));
    expect(HEADER_T, WIRE("\x50\x04"), RESULT_UNKNOWN, REASON_UNKNOWN_FIELD,
           "status: an enumerator of Status");
    expect(HEADER_T, WIRE("\x50\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), RESULT_UNKNOWN,
           REASON_UNKNOWN_FIELD, "status: an enumerator of Status");
    /* 2^32 + 1 would be cut down to a known one */
    expect(HEADER_T, WIRE("\x50\x81\x80\x80\x80\x10"), RESULT_UNKNOWN, REASON_UNKNOWN_FIELD,
           "status: an enumerator of Status");
}

static void repeated_numbers_come_packed_or_one_by_one(void **state)
{
    (void)state;
    accepted(ACK_T, WIRE("\x0a\x03\x01\x80\x01\x08\x05\x0a\x00"));
    malformed(ACK_T, WIRE("\x0a\x02\x01\x80"), "seq: a whole number on the wire");
    accepted(ALERT_T, WIRE("\x2a\x02\x01\x02\x28\x03"));
    expect(ALERT_T, WIRE("\x2a\x02\x01\x63"), RESULT_UNKNOWN, REASON_UNKNOWN_FIELD,
           "category: an enumerator of SubjectCategory");
}

static void the_number_of_fields_is_bounded(void **state)
{
    (void)state;
    struct finding why;
    struct buf wire = BUF_INIT(1u << 20);
    for (size_t i = 0; i < LIMIT_WIRE_FIELDS / 2; i++)
        buf_put(&wire, "\x4a\x00", 2);
    accepted(HEADER_T, buf_view(&wire));
    for (size_t i = 0; i < LIMIT_WIRE_FIELDS / 2; i++)
        buf_put(&wire, "\x4a\x00", 2);
    accepted(HEADER_T, buf_view(&wire));
    buf_put(&wire, "\x4a\x00", 2);
    assert_int_equal(scan(HEADER_T, buf_view(&wire), &why), RESULT_TOO_LARGE);
    assert_int_equal(why.reason, REASON_TOO_LARGE);
    buf_free(&wire);
}

static void packed_items_count_as_fields(void **state)
{
    (void)state;
    struct finding why;
    struct buf wire = BUF_INIT(1u << 20);
    buf_put(&wire, "\x0a\x80\x40", 3); /* 8192 items, and the field itself */
    memset(buf_extend(&wire, LIMIT_WIRE_FIELDS), 1, LIMIT_WIRE_FIELDS);
    assert_int_equal(scan(ACK_T, buf_view(&wire), &why), RESULT_TOO_LARGE);
    buf_free(&wire);
}

/* The depth that a message of the contract can have: the pre-scan and protobuf-c's recursion are
 * bounded by it. */
static size_t depth_of(const ProtobufCMessageDescriptor *type)
{
    size_t deepest = 0;
    assert_true(type->n_fields <= 64);
    for (unsigned i = 0; i < type->n_fields; i++)
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE) {
            size_t d = depth_of(type->fields[i].descriptor);
            deepest = d > deepest ? d : deepest;
        }
    return deepest + 1;
}

static void the_contract_nests_no_deeper_than_the_limit_and_no_type_has_over_64_fields(void **state)
{
    (void)state;
    static const ProtobufCServiceDescriptor *const service[] = {
        &fedgate__v1__exchange_service__descriptor, &fedgate__v1__video_service__descriptor,
        &fedgate__v1__transparency_service__descriptor};
    for (size_t i = 0; i < ARRAY_LEN(service); i++)
        for (unsigned k = 0; k < service[i]->n_methods; k++) {
            assert_true(depth_of(service[i]->methods[k].input) <= LIMIT_WIRE_DEPTH);
            assert_true(depth_of(service[i]->methods[k].output) <= LIMIT_WIRE_DEPTH);
        }
}

/* What the pre-scan lets pass, protobuf-c unpacks; and what it unpacked encodes to something that
 * passes and encodes to the same again. */
static void whatever_passes_unpacks_and_encodes_to_a_fixed_point(void **state)
{
    (void)state;
    struct sample s;
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct buf once = BUF_INIT(1u << 20), twice = BUF_INIT(1u << 20);
    struct finding why;
    uint32_t random = 1;
    size_t passed = 0;
    sample_decode(&s, HEADER, "guardian_alert", ALERT);
    for (int round = 0; round < 20000; round++) {
        ProtobufCMessage *m, *again;
        random = random * 1664525 + 1013904223;
        size_t at = (random >> 8) % s.wire.n;
        uint8_t was = s.wire.p[at];
        s.wire.p[at] = (uint8_t)(was ^ (1u << (random >> 5 & 7)));
        enum result r = message_unpack(arena, &fedgate__v1__message__descriptor, buf_view(&s.wire),
                                       LIMIT_MESSAGE, &m, &why);
        s.wire.p[at] = was;
        if (r == RESULT_OK) {
            passed++;
            assert_int_equal(message_pack(m, &once), RESULT_OK);
            assert_int_equal(message_unpack(arena, &fedgate__v1__message__descriptor,
                                            buf_view(&once), LIMIT_MESSAGE, &again, &why),
                             RESULT_OK);
            assert_int_equal(message_pack(again, &twice), RESULT_OK);
            assert_true(bytes_equal(buf_view(&once), buf_view(&twice)));
        } else {
            assert_true(why.reason != REASON_NONE && strchr(why.text, ':') != NULL);
            /* refused by the pre-scan, not by the library behind it */
            assert_string_not_equal(why.text, "an encoded message of the contract");
        }
        buf_clear(&once);
        buf_clear(&twice);
        arena_reset(arena);
    }
    assert_true(passed > 1000 && passed < 19000);
    buf_free(&once);
    buf_free(&twice);
    arena_free(arena);
    sample_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_fields_are_refused_by_their_path),
        cmocka_unit_test(a_single_field_comes_once),
        cmocka_unit_test(a_message_has_one_body),
        cmocka_unit_test(text_is_utf8_without_nul),
        cmocka_unit_test(groups_and_wrong_wire_types_are_refused),
        cmocka_unit_test(nothing_reaches_past_the_end),
        cmocka_unit_test(field_numbers_begin_at_one),
        cmocka_unit_test(varints_need_not_be_minimal_within_what_is_read_of_them),
        cmocka_unit_test(numbers_fit_their_type),
        cmocka_unit_test(enumerators_are_known),
        cmocka_unit_test(repeated_numbers_come_packed_or_one_by_one),
        cmocka_unit_test(the_number_of_fields_is_bounded),
        cmocka_unit_test(packed_items_count_as_fields),
        cmocka_unit_test(
            the_contract_nests_no_deeper_than_the_limit_and_no_type_has_over_64_fields),
        cmocka_unit_test(whatever_passes_unpacks_and_encodes_to_a_fixed_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
