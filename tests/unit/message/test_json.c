#include "message/json.h"

#include "sample.h"

#include "message/json_text.h"

static void encode(const char *type, const char *json, struct buf *wire)
{
    buf_clear(wire);
    sample_encode(type, json, wire);
}

/* The JSON of encoded bytes. */
static void decode(const char *type, struct bytes wire, unsigned indent, struct buf *json)
{
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct finding why;
    ProtobufCMessage *m;
    buf_clear(json);
    if (message_unpack(arena, message_type(type), wire, LIMIT_MESSAGE, &m, &why) != RESULT_OK)
        fail_msg("%s", why.text);
    assert_int_equal(message_to_json(m, indent, json), RESULT_OK);
    arena_free(arena);
}

/* JSON that comes back as it was. */
static void round_trip(const char *type, const char *json)
{
    struct buf wire = BUF_INIT(1u << 16), again = BUF_INIT(1u << 16);
    encode(type, json, &wire);
    decode(type, buf_view(&wire), 0, &again);
    assert_string_equal(buf_c(&again), json);
    buf_free(&wire);
    buf_free(&again);
}

static void refused(const char *type, const char *json, const char *expected)
{
    struct buf wire = BUF_INIT(1u << 16);
    char why[200] = "";
    assert_int_equal(
        message_from_json(message_type(type), bytes_of_text(json), &wire, why, sizeof why),
        RESULT_MALFORMED);
    assert_string_equal(why, expected);
    buf_free(&wire);
}

static void both_directions_agree_with_protobufs_own_library(void **state)
{
    (void)state;
    static const char *const name[] = {"alert", "outcome"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        struct buf json = BUF_INIT(1u << 16), wire = BUF_INIT(1u << 16), out = BUF_INIT(1u << 16);
        char path[100];
        (void)snprintf(path, sizeof path, "message/%s.json", name[i]);
        read_file(path, &json);
        (void)snprintf(path, sizeof path, "message/%s.bin", name[i]);
        read_file(path, &wire);
        encode("fedgate.v1.Message", buf_c(&json), &out);
        assert_true(bytes_equal(buf_view(&out), buf_view(&wire)));
        decode("fedgate.v1.Message", buf_view(&wire), 2, &out);
        assert_string_equal(buf_c(&out), buf_c(&json));
        buf_free(&json);
        buf_free(&wire);
        buf_free(&out);
    }
}

static void every_shape_of_value_comes_back_as_it_was(void **state)
{
    (void)state;
    round_trip("fedgate.v1.Message", "{}");
    round_trip("fedgate.v1.Message", "{\"header\":{},\"incidentClose\":{}}");
    round_trip("fedgate.v1.SubscribeRequest",
               "{\"ack\":{\"seq\":[\"1\",\"0\",\"18446744073709551615\"]}}");
    round_trip("fedgate.v1.VideoFrame", "{\"data\":\"\"}");
    round_trip("fedgate.v1.VideoFrame", "{\"data\":\"AP8=\"}");
    round_trip("fedgate.v1.VideoControl", "{\"watchers\":0}");
    round_trip("fedgate.v1.Position",
               "{\"latitude\":0.1,\"longitude\":-127.38454321012345,\"accuracyM\":3.4028235e+38}");
    round_trip("fedgate.v1.Position", "{\"latitude\":\"NaN\",\"longitude\":\"-Infinity\","
                                      "\"accuracyM\":\"Infinity\"}");
    round_trip("fedgate.v1.Header", "{\"createdAt\":\"1970-01-01T00:00:00Z\","
                                    "\"to\":[\"\",\"a/b\"],\"retransmissionAllowed\":true}");
    round_trip("fedgate.v1.VideoGap", "{\"bytes\":\"1\",\"duration\":\"-1.500s\"}");
    round_trip("fedgate.v1.TrafficInfo", "{\"segment\":[{},{\"id\":\"R\"}]}");
    round_trip("fedgate.v1.GuardianAlert",
               "{\"category\":[\"SUBJECT_CATEGORY_UNSPECIFIED\",\"SUBJECT_CATEGORY_CHILD\"]}");
}

static void both_spellings_of_a_name_and_numbers_of_enumerators_are_read(void **state)
{
    (void)state;
    struct buf one = BUF_INIT(1u << 16), two = BUF_INIT(1u << 16);
    encode("fedgate.v1.GuardianAlert",
           "{\"alertId\":\"x\",\"phase\":\"ALERT_PHASE_NEW\",\"sequence\":7,\"category\":[1]}",
           &one);
    encode("fedgate.v1.GuardianAlert",
           "{\"sequence\":\"7\",\"category\":[\"SUBJECT_CATEGORY_CHILD\"],\"alert_id\":\"x\","
           "\"phase\":1,\"photo\":null,\"features\":\"\",\"batteryPercent\":0,\"speedMps\":0}",
           &two);
    assert_true(bytes_equal(buf_view(&one), buf_view(&two)));
    buf_free(&one);
    buf_free(&two);
}

#define THIRTY_NINE "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void unknown_names_are_refused_with_the_nearest(void **state)
{
    (void)state;
    refused(
        "fedgate.v1.Message", "{\"guardian_alert\":{\"position\":{\"latitute\":1}}}",
        "guardian_alert.position: no field \"latitute\" in Position; did you mean \"latitude\"?");
    refused("fedgate.v1.Header", "{\"xyzzyxyzzy\":1}", "no field \"xyzzyxyzzy\" in Header");
    refused("fedgate.v1.Header", "{\"" THIRTY_NINE "\xca\x88z\":1}",
            "no field \"" THIRTY_NINE "\" in Header"); /* said with half a character once */
    refused("fedgate.v1.Header", "{\"status\":\"STATUS_ACTAUL\"}",
            "status: an enumerator of Status; did you mean \"STATUS_ACTUAL\"?");
    refused("fedgate.v1.Header", "{\"status\":9}", "status: an enumerator of Status");
    refused("fedgate.v1.Header",
            "{\"created_at\":\"1970-01-01T00:00:00Z\","
            "\"createdAt\":\"1970-01-01T00:00:00Z\"}",
            "created_at: given twice, under both its names");
    refused("fedgate.v1.Message", "{\"incidentClose\":{},\"incidentReport\":{}}",
            "incident_close: the only one of its alternatives");
}

static void wrong_values_are_refused_by_their_path(void **state)
{
    (void)state;
    refused("fedgate.v1.Header", "[]", "an object");
    refused("fedgate.v1.Header", "{\"basis\":7}", "basis: an object");
    refused("fedgate.v1.Header", "{\"id\":7}", "id: text");
    refused("fedgate.v1.Header", "{\"to\":\"a/b\"}", "to: a list");
    refused("fedgate.v1.Header", "{\"to\":[null]}", "to: text");
    refused("fedgate.v1.Header", "{\"retransmission_allowed\":1}",
            "retransmission_allowed: true or false");
    refused("fedgate.v1.GuardianAlert", "{\"sequence\":-1}",
            "sequence: an integer from 0 to 2^32-1");
    refused("fedgate.v1.GuardianAlert", "{\"sequence\":4294967296}",
            "sequence: an integer from 0 to 2^32-1");
    refused("fedgate.v1.GuardianAlert", "{\"sequence\":1.5}",
            "sequence: an integer from 0 to 2^32-1");
    refused("fedgate.v1.GuardianAlert", "{\"sequence\":\"1x\"}",
            "sequence: an integer from 0 to 2^32-1");
    refused("fedgate.v1.GuardianAlert", "{\"sequence\":\"\"}",
            "sequence: an integer from 0 to 2^32-1");
    refused("fedgate.v1.LogRef", "{\"index\":\"18446744073709551616\"}",
            "index: an integer from 0");
    refused("fedgate.v1.LogRef", "{\"index\":\"-1\"}", "index: an integer from 0");
    refused("fedgate.v1.GuardianAlert", "{\"speed_mps\":1e39}",
            "speed_mps: a number of single precision");
    refused("fedgate.v1.GuardianAlert", "{\"speed_mps\":\"fast\"}", "speed_mps: a number");
    refused("fedgate.v1.GuardianAlert", "{\"photo\":\"A\"}", "photo: bytes in base64");
    refused("fedgate.v1.GuardianAlert", "{\"photo\":[1]}", "photo: bytes in base64");
    refused("fedgate.v1.Header", "{\"created_at\":\"yesterday\"}",
            "created_at: a time such as \"2026-11-21T21:05:00.5+09:00\"");
    refused("fedgate.v1.VideoGap", "{\"duration\":\"1.5\"}",
            "duration: a duration such as \"1.5s\"");
}

static void text_that_is_no_json_is_refused(void **state)
{
    (void)state;
    struct buf wire = BUF_INIT(100);
    char why[200] = "";
    assert_int_equal(message_from_json(message_type("fedgate.v1.Header"), bytes_of_text("{\"id\":"),
                                       &wire, why, sizeof why),
                     RESULT_MALFORMED);
    assert_true(*why != '\0');
    buf_free(&wire);
}

static void output_past_the_ceiling_is_too_large(void **state)
{
    (void)state;
    struct sample s;
    struct buf small = BUF_INIT(50);
    char why[200] = "";
    assert_int_equal(message_from_json(message_type("fedgate.v1.GuardianAlert"),
                                       bytes_of_text("{" ALERT "}"), &small, why, sizeof why),
                     RESULT_TOO_LARGE);
    assert_string_equal(why, "an encoded message of at most 50 bytes");
    buf_clear(&small);
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    assert_int_equal(message_to_json(&s.message.pb->base, 0, &small), RESULT_TOO_LARGE);
    sample_free(&s);
    buf_free(&small);
}

static void times_that_json_cannot_say_are_out_of_range(void **state)
{
    (void)state;
    struct sample s;
    struct buf out = BUF_INIT(10000);
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    s.message.pb->header->created_at->nanos = -1;
    assert_int_equal(message_to_json(&s.message.pb->base, 0, &out), RESULT_RANGE);
    sample_free(&s);
    buf_free(&out);
}

static void types_are_found_by_their_full_names(void **state)
{
    (void)state;
    assert_ptr_equal(message_type("fedgate.v1.Message"), &fedgate__v1__message__descriptor);
    assert_ptr_equal(message_type("fedgate.v1.Retained"), &fedgate__v1__retained__descriptor);
    assert_ptr_equal(message_type("fedgate.v1.Proof"), &fedgate__v1__proof__descriptor);
    assert_ptr_equal(message_type("google.protobuf.Timestamp"),
                     &google__protobuf__timestamp__descriptor);
    assert_null(message_type("Message"));
    assert_null(message_type(""));
}

/* The reader knows these; a type that comes new into the contract has to be added to it. */
static void the_contract_uses_no_other_number_types_than_are_read(void **state)
{
    (void)state;
    static const char *const root[] = {
        "fedgate.v1.Message",  "fedgate.v1.VideoFrame", "fedgate.v1.SubscribeRequest",
        "fedgate.v1.Delivery", "fedgate.v1.Tile",       "fedgate.v1.AddCosignatureRequest"};
    const ProtobufCMessageDescriptor *todo[200];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(root); i++)
        todo[n++] = message_type(root[i]);
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < todo[i]->n_fields; k++) {
            const ProtobufCFieldDescriptor *f = &todo[i]->fields[k];
            assert_true(strlen(f->name) < JSON_NAME);
            if (f->descriptor == &google__protobuf__timestamp__descriptor ||
                f->descriptor == &google__protobuf__duration__descriptor)
                continue;
            switch (f->type) {
            case PROTOBUF_C_TYPE_MESSAGE: {
                bool known = false;
                for (size_t j = 0; j < n; j++)
                    known = known || todo[j] == f->descriptor;
                assert_true(n < ARRAY_LEN(todo));
                if (!known)
                    todo[n++] = f->descriptor;
                break;
            }
            case PROTOBUF_C_TYPE_UINT32:
            case PROTOBUF_C_TYPE_UINT64:
            case PROTOBUF_C_TYPE_BOOL:
            case PROTOBUF_C_TYPE_ENUM:
            case PROTOBUF_C_TYPE_FLOAT:
            case PROTOBUF_C_TYPE_DOUBLE:
            case PROTOBUF_C_TYPE_STRING:
            case PROTOBUF_C_TYPE_BYTES: break;
            default: fail_msg("%s.%s", todo[i]->name, f->name);
            }
        }
    assert_true(n > 50);
}

static void times_are_read_with_any_offset_and_nine_digits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t seconds;
        int32_t nanos;
    } time[] = {{"1970-01-01T09:00:01+09:00", true, 1, 0},
                {"1970-01-01T00:00:01.5Z", true, 1, 500000000},
                {"1970-01-01T00:00:01.123456789-01:00", true, 3601, 123456789},
                {"9999-12-31T23:59:59.999999999Z", true, 253402300799, 999999999},
                {"1970-01-01T00:00:01.1234567890Z", false, 0, 0},
                {"1970-01-01T00:00:01.Z", false, 0, 0},
                {"1970-01-01T00:00:01", false, 0, 0},
                {"1970-01-01", false, 0, 0},
                {"1970-02-30T00:00:01Z", false, 0, 0},
                {"1970-01-01T00:00:01.5.5Z", false, 0, 0},
                {"", false, 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(time); i++) {
        int64_t seconds = 0;
        int32_t nanos = 0;
        assert_int_equal(json_timestamp_read(bytes_of_text(time[i].text), &seconds, &nanos),
                         time[i].good);
        if (time[i].good) {
            assert_int_equal(seconds, time[i].seconds);
            assert_int_equal(nanos, time[i].nanos);
        }
    }
}

static void durations_are_read_in_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t seconds;
        int32_t nanos;
    } duration[] = {{"1s", true, 1, 0},
                    {"0s", true, 0, 0},
                    {"-1.5s", true, -1, -500000000},
                    {"-0.000000001s", true, 0, -1},
                    {"315576000000s", true, 315576000000, 0},
                    {"315576000001s", false, 0, 0},
                    {"99999999999999999999s", false, 0, 0},
                    {"1.0000000001s", false, 0, 0},
                    {"1", false, 0, 0},
                    {"s", false, 0, 0},
                    {"-s", false, 0, 0},
                    {"1.s", false, 0, 0},
                    {"1ss", false, 0, 0},
                    {"", false, 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(duration); i++) {
        int64_t seconds = 0;
        int32_t nanos = 0;
        assert_int_equal(json_duration_read(bytes_of_text(duration[i].text), &seconds, &nanos),
                         duration[i].good);
        if (duration[i].good) {
            assert_int_equal(seconds, duration[i].seconds);
            assert_int_equal(nanos, duration[i].nanos);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_agree_with_protobufs_own_library),
        cmocka_unit_test(every_shape_of_value_comes_back_as_it_was),
        cmocka_unit_test(both_spellings_of_a_name_and_numbers_of_enumerators_are_read),
        cmocka_unit_test(unknown_names_are_refused_with_the_nearest),
        cmocka_unit_test(wrong_values_are_refused_by_their_path),
        cmocka_unit_test(text_that_is_no_json_is_refused),
        cmocka_unit_test(output_past_the_ceiling_is_too_large),
        cmocka_unit_test(times_that_json_cannot_say_are_out_of_range),
        cmocka_unit_test(types_are_found_by_their_full_names),
        cmocka_unit_test(the_contract_uses_no_other_number_types_than_are_read),
        cmocka_unit_test(times_are_read_with_any_offset_and_nine_digits),
        cmocka_unit_test(durations_are_read_in_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
