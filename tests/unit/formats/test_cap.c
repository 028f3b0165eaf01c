/* The Common Alerting Protocol 1.2: notices that agencies have published, and ours. */
#include "document.h"

#define ID "019aa2b0-0000-7000-8000-000000000001"
#define HEADER                                                                                     \
    "{\"header\":{\"id\":\"" ID "\",\"source\":\"daejeon-city-center/disaster-room\","             \
    "\"service\":\"disaster\",\"purpose\":\"public-warning\",\"basis\":{\"code\":"                 \
    "\"kr/pipa/18-2-10\",\"evidence\":[{\"kind\":\"incident-id\",\"value\":\"D=1\"},"              \
    "{\"kind\":\"document\",\"value\":\"7\"}]},\"incidentId\":[\"a/b:" ID "\"],"                   \
    "\"createdAt\":\"2026-11-28T03:00:00Z\",\"destroyBy\":\"2026-12-28T03:00:00Z\","
#define REST "\"status\":\"STATUS_ACTUAL\",\"retransmissionAllowed\":true},"
#define AREA                                                                                       \
    "\"area\":{\"point\":[{\"latitude\":36.33,\"longitude\":127.43},{\"latitude\":36.34,"          \
    "\"longitude\":127.43},{\"latitude\":36.34,\"longitude\":127.4412345}]}"
#define NOTICE                                                                                     \
    HEADER "\"to\":[\"a/b\",\"c/d\"]," REST                                                        \
           "\"publicNotice\":{\"type\":\"NOTICE_TYPE_UPDATE\",\"references\":["                    \
           "\"a@b,1,2026-11-21T12:00:00+09:00\",\"a@b,2,2026-11-21T12:00:00+09:00\"],"             \
           "\"category\":\"Met\",\"event\":\"침수\",\"urgency\":\"Immediate\",\"severity\":"     \
           "\"SEVERITY_SEVERE\",\"certainty\":\"Observed\",\"headline\":\"<통제> & 우회\","    \
           "\"description\":\"첫 줄\\n둘째 줄\",\"instruction\":\"우회\"," AREA                    \
           ",\"areaDescription\":\"대동천\",\"effectiveAt\":\"2026-11-28T03:00:00Z\","          \
           "\"expiresAt\":\"2026-11-28T09:00:00Z\",\"language\":\"ko-KR\"}}"
#define REPORT                                                                                     \
    HEADER REST "\"disasterReport\":{\"type\":\"flood\",\"severity\":\"SEVERITY_SEVERE\","         \
                "\"area\":{\"point\":[{\"latitude\":36.33,\"longitude\":127.43}],\"radiusM\":800," \
                "\"place\":\"대동천\"},\"description\":\"하상도로 침수\"}}"

static void assert_refused(struct bytes text, const char *says)
{
    struct document d;
    document_read(&d, "cap", text);
    assert_int_equal(d.result, RESULT_MALFORMED);
    assert_contains(d.report.why, says);
    document_free(&d);
}

static void assert_not_written(const char *json, enum result expected, const char *says)
{
    struct document d;
    document_write(&d, "cap", json);
    assert_int_equal(d.result, expected);
    assert_contains(d.report.why, says);
    document_free(&d);
}

static void a_notice_and_a_report_come_back_the_same(void **state)
{
    (void)state;
    assert_comes_back("cap", NOTICE);
    assert_comes_back("cap", REPORT);
}

static void a_published_notice_is_read_and_what_has_no_place_is_told(void **state)
{
    (void)state;
    struct document d;
    struct buf text;
    sample(&text, "canada.cap");
    document_read(&d, "cap", buf_view(&text));
    assert_string_equal(d.report.why, "");
    assert_losses(&d, "/alert/identifier*1 /alert/sender*1 /alert/source*1 /alert/code*3 "
                      "/alert/info/responseType*1 /alert/info/audience*1 /alert/info/eventCode*2 "
                      "/alert/info/senderName*1 /alert/info/web*1 /alert/info/parameter*5 "
                      "/alert/info/area/geocode*10 /alert/info/area*1 /alert/info*1");
    assert_string_equal(d.m->public_notice->event, "thunderstorm");
    assert_string_equal(d.m->public_notice->headline, "severe thunderstorm watch");
    assert_string_equal(d.m->public_notice->area_description,
                        "Windsor - Leamington - Essex County");
    assert_int_equal(d.m->public_notice->area->n_point, 16);
    assert_int_equal(d.m->public_notice->n_references, 2);
    assert_int_equal(d.m->public_notice->type, FEDGATE__V1__NOTICE_TYPE__NOTICE_TYPE_UPDATE);
    assert_int_equal(d.m->header->created_at->seconds, 1336000864);
    assert_int_equal(d.report.loss[12].line, 124);
    document_free(&d);
    buf_free(&text);
    sample(&text, "australia.cap");
    document_read(&d, "cap", buf_view(&text));
    assert_string_equal(d.report.why, "");
    assert_int_equal(d.m->public_notice->area->radius_m, 25000);
    document_free(&d);
    buf_free(&text);
}

static void another_version_is_refused_by_its_namespace(void **state)
{
    (void)state;
    struct document d;
    struct buf text, other = BUF_INIT(1u << 20);
    sample(&text, "earthquake.cap");
    assert_refused(buf_view(&text), "urn:oasis:names:tc:emergency:cap:1.2");
    document_read(&d, "cap", changed(&other, buf_c(&text), "cap:1.1", "cap:1.2"));
    assert_string_equal(d.report.why, "");
    assert_int_equal(d.m->public_notice->area->radius_m, 0);
    assert_true(d.m->public_notice->area->point[0]->latitude < -16.0529);
    document_free(&d);
    buf_free(&text);
    sample(&text, "no_optional_fields.cap");
    assert_refused(changed(&other, buf_c(&text), "cap:1.1", "cap:1.2"), "expected info in it");
    buf_free(&other);
    buf_free(&text);
}

static void a_signed_original_comes_back_byte_for_byte(void **state)
{
    (void)state;
    struct document d;
    struct arena *a = arena_new(LIMIT_ARENA);
    struct format_report report;
    struct buf text, out = BUF_INIT(1u << 20);
    sample(&text, "canada_signed.cap");
    document_read(&d, "cap", buf_view(&text));
    assert_string_equal(d.report.why, "");
    assert_int_equal(d.m->public_notice->signed_cap.len, text.n);
    assert_int_equal(format_write(format_named("cap"), a, d.m, &out, &report), RESULT_OK);
    assert_true(bytes_equal(buf_view(&out), buf_view(&text)));
    buf_clear(&out);
    d.m->public_notice->headline[0] ^= 1;
    assert_int_equal(format_write(format_named("cap"), a, d.m, &out, &report), RESULT_MALFORMED);
    assert_contains(report.why, "says the same");
    d.m->public_notice->headline[0] ^= 1;
    d.m->header->purpose = d.m->public_notice->headline;
    assert_int_equal(format_write(format_named("cap"), a, d.m, &out, &report), RESULT_UNKNOWN);
    assert_int_equal(out.n, 0);
    buf_free(&out);
    buf_free(&text);
    arena_free(a);
    document_free(&d);
}

static void what_cannot_be_meant_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } changes[] = {
        {"<status>Actual", "<status>Draft", "/alert/status, line 7, column 3: expected Actual"},
        {"<status>Actual", "<status>System", "/alert/status"},
        {"<msgType>Alert", "<msgType>Ack", "/alert/msgType"},
        {"<scope>Public", "<scope>Restricted", "/alert/scope"},
        {"<scope>Public", "<scope>Private", "addresses"},
        {"<scope>Public</scope>", "<scope>Private</scope><addresses>a@b</addresses>",
         "/alert/addresses"},
        {"<scope>Public</scope>", "<scope>Public</scope><restriction>x</restriction>",
         "/alert/restriction"},
        {"<scope>Public</scope>", "", "expected scope in it"},
        {"<sent>2026-11-28T12:00:00+09:00", "<sent>2026-11-28", "/alert/sent"},
        {"<category>Met", "<category>Weather", "/alert/info/category"},
        {"<urgency>Immediate", "<urgency>now", "/alert/info/urgency"},
        {"<severity>Severe", "<severity>Bad", "/alert/info/severity"},
        {"<certainty>Observed", "<certainty>Sure", "/alert/info/certainty"},
        {"<event>침수</event>", "<event/>", "/alert/info/event"},
        {"<event>침수", "<event><b/>침수", "characters and no elements"},
        {"<info>", "<info>x", "elements and no characters"},
        {"<info>", "<info><new/>", "/alert/info/new"},
        {"36.33,127.43 0.8", "36.33,127.43", "/alert/info/area/circle"},
        {"36.33,127.43 0.8", "91,127.43 0.8", "/alert/info/area/circle"},
        {"36.33,127.43 0.8", "0x24,127.43 0.8", "/alert/info/area/circle"},
        {"36.33,127.43 0.8", "36.33,127.43 100.1", "/alert/info/area/circle"},
        {"<circle>36.33,127.43 0.8</circle>", "<polygon>1,1 2,2 1,1</polygon>", "four corners"},
        {"<circle>36.33,127.43 0.8</circle>", "<polygon>1,1 1,2 2,2 2,1</polygon>", "first again"},
        {"<circle>36.33,127.43 0.8</circle>", "<polygon>1,1 1,2 2 1,1</polygon>", "LATITUDE"},
        {"<area>", "<parameter><valueName>x</valueName></parameter><area>", "valueName and value"},
        {"<area>",
         "<parameter><valueName>fedgate:purpose</valueName><value>a</value></parameter>"
         "<parameter><valueName>fedgate:purpose</valueName><value>b</value></parameter><area>",
         "once"},
        {"<area>",
         "<parameter><valueName>fedgate:evidence</valueName><value>a</value></parameter><area>",
         "KIND=VALUE"},
        {"<area>",
         "<parameter><valueName>fedgate:destroy-by</valueName><value>soon</value></"
         "parameter><area>",
         "a time such as"}};
    struct buf text, other = BUF_INIT(1u << 20);
    (void)state;
    sample(&text, "daejeon.cap");
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        assert_refused(changed(&other, buf_c(&text), changes[i].from, changes[i].to),
                       changes[i].says);
    buf_free(&other);
    buf_free(&text);
}

/* It became a new report. */
static void a_report_that_is_updated_or_cancelled_is_refused(void **state)
{
    struct buf other = BUF_INIT(1u << 20);
    struct document written;
    (void)state;
    document_write(&written, "cap", REPORT);
    assert_refused(changed(&other, buf_c(&written.text), "<msgType>Alert", "<msgType>Cancel"),
                   "expected msgType Alert, for a report");
    document_free(&written);
    buf_free(&other);
}

static void of_several_deadlines_the_earliest_holds(void **state)
{
#define UNTIL(time)                                                                                \
    "<parameter><valueName>fedgate:destroy-by</valueName><value>" time "</value></parameter>"
    struct document d;
    struct buf text, other = BUF_INIT(1u << 20);
    (void)state;
    sample(&text, "daejeon.cap");
    document_read(&d, "cap",
                  changed(&other, buf_c(&text), "<area>",
                          UNTIL("2026-12-02T00:00:00Z") UNTIL("2026-12-01T00:00:00Z")
                              UNTIL("2026-12-03T00:00:00Z") "<area>"));
    assert_int_equal(d.m->header->destroy_by->seconds, 1796083200);
    document_free(&d);
    buf_free(&other);
    buf_free(&text);
}

static void what_binds_and_has_no_place_is_not_written(void **state)
{
    (void)state;
    struct document d;
    assert_not_written(HEADER "\"emergency\":{\"reasonCode\":\"x\"}," REST
                              "\"disasterReport\":{\"type\":\"flood\"}}",
                       RESULT_UNKNOWN, "header.emergency.reason_code");
    assert_not_written(HEADER REST "\"disasterReport\":{\"type\":\"flood\",\"area\":{\"point\":[{"
                                   "\"latitude\":36,\"longitude\":127,\"origin\":"
                                   "\"POSITION_ORIGIN_DISASTER\"}]}}}",
                       RESULT_UNKNOWN, "point.origin");
    assert_not_written(HEADER REST "\"trafficInfo\":{}}", RESULT_UNKNOWN, "traffic_info");
    assert_not_written(HEADER REST "\"publicNotice\":{\"type\":\"NOTICE_TYPE_ALERT\"}}",
                       RESULT_MALFORMED, "/alert/info/category");
    document_write(&d, "cap",
                   HEADER "\"actor\":{\"staffRef\":\"p-1\",\"role\":\"r\"}," REST
                          "\"disasterReport\":{\"type\":\"flood\",\"cameraId\":[\"c-1\"],"
                          "\"area\":{\"point\":[{\"latitude\":36,\"longitude\":127,"
                          "\"accuracyM\":5},{\"latitude\":36,\"longitude\":128}]}}}");
    assert_string_equal(d.report.why, "");
    assert_losses(&d, "header.actor.staff_ref*1 header.actor.role*1 "
                      "disaster_report.area.point.accuracy_m*1 disaster_report.camera_id*1 "
                      "area.point*1");
    assert_contains(buf_c(&d.text), "<areaDesc>-</areaDesc>");
    document_free(&d);
}

static void every_row_says_how_in_both_languages(void **state)
{
    (void)state;
    struct format_line line;
    for (size_t f = 0; format_at(f) != NULL; f++) {
        assert_ptr_equal(format_named(format_name(format_at(f))), format_at(f));
        for (size_t i = 0; format_line_at(format_at(f), i, &line); i++)
            assert_int_equal(*line.how[0] == '\0', *line.how[1] == '\0');
    }
    assert_null(format_named("cab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_and_a_report_come_back_the_same),
        cmocka_unit_test(a_published_notice_is_read_and_what_has_no_place_is_told),
        cmocka_unit_test(another_version_is_refused_by_its_namespace),
        cmocka_unit_test(a_signed_original_comes_back_byte_for_byte),
        cmocka_unit_test(what_cannot_be_meant_is_refused_with_its_place),
        cmocka_unit_test(a_report_that_is_updated_or_cancelled_is_refused),
        cmocka_unit_test(of_several_deadlines_the_earliest_holds),
        cmocka_unit_test(what_binds_and_has_no_place_is_not_written),
        cmocka_unit_test(every_row_says_how_in_both_languages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
