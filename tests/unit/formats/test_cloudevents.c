/* CloudEvents: an envelope that may not say otherwise than what is in it. */
#include "document.h"

#define ID "019aa2b0-0000-7000-8000-000000000001"
#define MESSAGE                                                                                    \
    "{\"header\":{\"id\":\"" ID "\",\"source\":\"a/b\",\"purpose\":\"rescue\",\"createdAt\":"      \
    "\"2026-11-28T03:00:00.500Z\",\"emergency\":{\"reason\":\"급함\"},\"derivedFrom\":{"         \
    "\"origin\":\"x\",\"index\":\"7\"}},\"trafficInfo\":{\"segment\":[{\"id\":\"r-1\","            \
    "\"closed\":true}]}}"
#define EVENT                                                                                      \
    "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"source\":\"a/b\",\"type\":"                      \
    "\"fedgate.v1.traffic_info\",\"time\":\"2026-11-28T12:00:00+09:00\",\"datacontenttype\":"      \
    "\"application/json\",\"data\":" MESSAGE "}\n"

static void any_message_comes_back_the_same(void **state)
{
    struct document d;
    (void)state;
    assert_comes_back("cloudevents", MESSAGE);
    document_write(&d, "cloudevents", MESSAGE);
    assert_string_equal(buf_c(&d.text), EVENT);
    document_free(&d);
}

static void attributes_fill_what_the_header_does_not_say(void **state)
{
    struct document d;
    (void)state;
    document_read(
        &d, "cloudevents",
        bytes_of_text("{\"data\":{\"trafficInfo\":{}},\"specversion\":\"1.0\",\"id\":\"" ID
                      "\",\"source\":\"https://x.example/1\",\"type\":"
                      "\"fedgate.v1.traffic_info\",\"time\":\"2026-11-28T03:00:00Z\","
                      "\"traceparent\":\"00\",\"subject\":\"s\"}"));
    assert_string_equal(d.report.why, "");
    assert_losses(&d, "source*1 traceparent*1 subject*1");
    assert_string_equal(buf_c(&d.text),
                        "{\"header\":{\"id\":\"" ID "\",\"createdAt\":\"2026-11-28T03:00:00Z\"},"
                        "\"trafficInfo\":{}}");
    document_free(&d);
}

static void what_contradicts_or_is_missing_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } changes[] = {
        {"\"1.0\"", "\"0.3\"", "specversion: expected"},
        {"\"specversion\":\"1.0\",", "", "specversion: expected it"},
        {"\"source\":\"a/b\",\"type\"", "\"source\":\"a/c\",\"type\"", "source: expected what"},
        {"\"id\":\"019aa2b0", "\"id\":\"119aa2b0", "id: expected what"},
        {"\"id\":\"019aa2b0", "\"id\":7,\"i\":\"", "id: expected a text"},
        {"traffic_info", "public_notice", "type: expected"},
        {"T12:00", "T12:01", "time: expected"},
        {"\"2026-11-28T12:00:00+09:00\"", "\"noon\"", "time: expected"},
        {"application/json", "text/plain", "datacontenttype: expected"},
        {"\"data\"", "\"data_base64\"", "data: expected a JSON object"},
        {"\"data\":{", "\"data_base64\":\"eA==\",\"data\":{", "data_base64: expected"},
        {"trafficInfo", "trafficInfos", "data: expected"},
        {"\"trafficInfo\"", "\"header\"", "line 1"},
        {"\"specversion\"", "\"id\":\"x\",\"specversion\"", "twice"},
        {"}\n", "", "line 1"}};
    struct buf other = BUF_INIT(10000);
    struct document d;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        document_read(&d, "cloudevents", changed(&other, EVENT, changes[i].from, changes[i].to));
        assert_int_not_equal(d.result, RESULT_OK);
        assert_contains(d.report.why, changes[i].says);
        document_free(&d);
    }
    buf_free(&other);
}

static void an_event_needs_an_id_and_a_source(void **state)
{
    struct document d;
    (void)state;
    document_write(&d, "cloudevents", "{\"header\":{\"source\":\"a/b\"},\"trafficInfo\":{}}");
    assert_int_equal(d.result, RESULT_MALFORMED);
    assert_contains(d.report.why, "header.id: expected a value");
    document_free(&d);
    document_write(&d, "cloudevents", "{\"header\":{\"id\":\"" ID "\"}}");
    assert_int_equal(d.result, RESULT_UNKNOWN);
    document_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_message_comes_back_the_same),
        cmocka_unit_test(attributes_fill_what_the_header_does_not_say),
        cmocka_unit_test(what_contradicts_or_is_missing_is_refused_with_its_place),
        cmocka_unit_test(an_event_needs_an_id_and_a_source)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
