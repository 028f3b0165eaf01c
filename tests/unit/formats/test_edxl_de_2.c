/* The EDXL Distribution Element 2.0: what it has beside 1.0, and what of it narrows. */
#include "document.h"

#define ID       "019aa2b0-0000-7000-8000-000000000001"
#define INCIDENT "daejeon-city-center/disaster-room:019aa2b0-0000-7000-8000-000000000002"
#define MESSAGE(more)                                                                              \
    "{\"header\":{\"id\":\"" ID "\",\"source\":\"fire/control\",\"purpose\":\"rescue\","           \
    "\"incidentId\":[\"" INCIDENT "\"],\"createdAt\":\"2026-11-28T03:00:00.500Z\"," more           \
    "\"to\":[\"a/b\",\"c/d\"],\"status\":\"STATUS_EXERCISE\"},\"trafficInfo\":{\"segment\":[{"     \
    "\"id\":\"r-1\",\"closed\":true}]}}"
#define UNTIL "\"destroyBy\":\"2026-11-30T03:00:00.250Z\","

static void any_message_comes_back_the_same(void **state)
{
    (void)state;
    assert_comes_back("edxl-de-2", MESSAGE(""));
    assert_comes_back("edxl-de-2", MESSAGE(UNTIL));
}

static void it_is_written_as_the_schema_has_it(void **state)
{
    static const char root[] =
        "<edxlDistribution xmlns=\"urn:oasis:names:tc:emergency:EDXL:DE:2.0\" "
        "xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:type=\"extended\">";
    static const char *const parts[] = {
        root,
        "<senderID>control@fire</senderID>",
        "<dateTimeExpires>2026-11-30T12:00:00+09:00</dateTimeExpires>",
        "<distributionStatus>Exercise</distributionStatus>",
        "<distributionKind>Report</distributionKind>",
        "<descriptor xlink:type=\"resource\">",
        "<combinedConfidentiality>Unclassified</combinedConfidentiality>",
        "<explicitAddressValue>c/d</explicitAddressValue>",
        "<incidentID>daejeon-city-center/disaster-room:",
        "<content xlink:type=\"resource\">",
        "<contentObject xlink:type=\"resource\">",
        "<otherContent>",
        "<mimeType>application/json</mimeType>"};
    struct document d;
    const char *at;
    (void)state;
    document_write(&d, "edxl-de-2", MESSAGE(UNTIL));
    at = buf_c(&d.text);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) { /* in this order, too */
        assert_contains(at, parts[i]);
        at = strstr(at, parts[i]);
    }
    document_free(&d);
}

static void what_has_no_deadline_expires_when_the_gateway_takes_it_no_more(void **state)
{
    struct document d;
    (void)state;
    document_write(&d, "edxl-de-2", MESSAGE(""));
    assert_contains(buf_c(&d.text), "<dateTimeExpires>2026-12-05T12:00:00+09:00</dateTimeExpires>");
    document_free(&d);
}

static void a_notice_of_cap_is_read_out_of_it(void **state)
{
    struct document d;
    struct buf text;
    (void)state;
    sample(&text, "notice.edxl-de-2");
    document_read(&d, "edxl-de-2", buf_view(&text));
    assert_string_equal(d.report.why, "");
    assert_losses(&d, "/alert/identifier*1 /alert/sender*1 "
                      "/edxlDistribution/descriptor/language*1 "
                      "/edxlDistribution/descriptor/keyword*1 "
                      "/edxlDistribution/descriptor/severity*1 "
                      "/edxlDistribution/descriptor/incidentID*1 "
                      "/edxlDistribution/descriptor/link/@type*1 "
                      "/edxlDistribution/content/contentObject*3");
    assert_string_equal(d.m->public_notice->event, "침수");
    assert_string_equal(d.m->header->id, ID);
    assert_string_equal(d.m->header->source, "daejeon-city-center/disaster-room");
    assert_string_equal(d.m->header->to[0], "daejeon-traffic/road-signs");
    assert_int_equal(d.m->header->n_incident_id, 1);
    assert_string_equal(d.m->header->incident_id[0], INCIDENT);
    assert_int_equal(d.m->header->created_at->seconds, 1795834800);
    assert_int_equal(d.m->header->destroy_by->seconds, 1795834800 + 86401);
    document_free(&d);
    buf_free(&text);
}

/* Outside a day is left, inside two. */
static void the_earlier_deadline_holds(void **state)
{
    struct buf other = BUF_INIT(1u << 20);
    struct document written, d;
    (void)state;
    document_write(&written, "edxl-de-2", MESSAGE(UNTIL));
    document_read(
        &d, "edxl-de-2",
        changed(&other, buf_c(&written.text), "Expires>2026-11-30", "Expires>2026-11-29"));
    assert_string_equal(d.report.why, "");
    assert_contains(buf_c(&d.text), "\"destroyBy\":\"2026-11-29T03:00:00Z\"");
    document_free(&d);
    document_read(
        &d, "edxl-de-2",
        changed(&other, buf_c(&written.text), "Expires>2026-11-30", "Expires>2026-12-01"));
    assert_contains(buf_c(&d.text), UNTIL);
    document_free(&d);
    document_free(&written);
    buf_free(&other);
}

static void what_narrows_and_cannot_be_carried_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } changes[] = {
        {"EDXL:DE:2.0", "EDXL:DE:1.0", "EDXL:DE:2.0"},
        {"\"extended\"", "\"simple\"", "/edxlDistribution/@type"},
        {"descriptor xlink:type=\"resource\"", "descriptor xlink:type=\"arc\"",
         "/edxlDistribution/descriptor/@type"},
        {"Status>Actual", "Status>NoAppropriateDefault", "distributionStatus, line 8"},
        {"Status>Actual", "Status>Test", "the status of the content"},
        {"Kind>Report", "Kind>Error", "distributionKind"},
        {"<dateTimeExpires>2026-11-29T12:00:01.5360608+09:00</dateTimeExpires>", "",
         "dateTimeExpires in it"},
        {"Expires>2026", "Expires>x", "dateTimeExpires"},
        {"Confidentiality>Unclassified", "Confidentiality>Classified", "combinedConfidentiality"},
        {"<confidentiality>Unclassified", "<confidentiality>Classified", "narrows who may have it"},
        {"</contentDescriptor>", "<consumerRole><x/></consumerRole></contentDescriptor>",
         "narrows who may have it"},
        {"<keyword>", "<recipientRole><x/></recipientRole><keyword>", "recipientRole"},
        {"<severity>", "<targetAreas><x/></targetAreas><severity>", "targetAreas"},
        {">fedgate<", ">hubex<", "the scheme fedgate"},
        {"<content xlink", "<contents xlink", "line"},
        {"<contentXML>", "<otherContent/><contentXML>", "one content"},
        {"cap:1.2", "cap:1.1", "the element alert of the namespace"}};
    struct buf text, other = BUF_INIT(1u << 20);
    struct document d;
    (void)state;
    sample(&text, "notice.edxl-de-2");
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        document_read(&d, "edxl-de-2",
                      changed(&other, buf_c(&text), changes[i].from, changes[i].to));
        assert_int_not_equal(d.result, RESULT_OK);
        assert_contains(d.report.why, changes[i].says);
        document_free(&d);
    }
    buf_free(&other);
    buf_free(&text);
}

/* Of several contents the first is carried. */
static void a_second_content_is_told(void **state)
{
    struct buf text, other = BUF_INIT(1u << 20);
    struct document d;
    (void)state;
    sample(&text, "notice.edxl-de-2");
    document_read(&d, "edxl-de-2",
                  changed(&other, buf_c(&text), "</contentObject>",
                          "</contentObject><contentObject xlink:type=\"resource\"/>"));
    assert_string_equal(d.report.why, "");
    assert_int_equal(d.report.loss[7].count, 4);
    document_free(&d);
    buf_free(&other);
    buf_free(&text);
}

static void a_time_past_the_calendar_is_not_written(void **state)
{
    struct document d;
    (void)state;
    document_write(&d, "edxl-de-2",
                   "{\"header\":{\"id\":\"" ID "\",\"source\":\"a/b\",\"createdAt\":"
                   "\"9999-12-30T00:00:00Z\",\"status\":\"STATUS_TEST\"},\"trafficInfo\":{}}");
    assert_int_equal(d.result, RESULT_MALFORMED);
    assert_contains(d.report.why, "header.destroy_by");
    document_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_message_comes_back_the_same),
        cmocka_unit_test(it_is_written_as_the_schema_has_it),
        cmocka_unit_test(what_has_no_deadline_expires_when_the_gateway_takes_it_no_more),
        cmocka_unit_test(a_notice_of_cap_is_read_out_of_it),
        cmocka_unit_test(the_earlier_deadline_holds),
        cmocka_unit_test(what_narrows_and_cannot_be_carried_is_refused_with_its_place),
        cmocka_unit_test(a_second_content_is_told),
        cmocka_unit_test(a_time_past_the_calendar_is_not_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
