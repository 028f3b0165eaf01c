/* The EDXL Distribution Element: who may have it and whether it is real, outside as inside. */
#include "document.h"

#define ID "019aa2b0-0000-7000-8000-000000000001"
#define MESSAGE                                                                                    \
    "{\"header\":{\"id\":\"" ID "\",\"source\":\"fire/control\",\"purpose\":\"rescue\","           \
    "\"createdAt\":\"2026-11-28T03:00:00.500Z\",\"to\":[\"a/b\",\"c/d\"],\"status\":"              \
    "\"STATUS_EXERCISE\",\"emergency\":{\"reason\":\"급함\"}},\"trafficInfo\":{\"segment\":[{"   \
    "\"id\":\"r-1\",\"closed\":true}]}}"

static void any_message_comes_back_the_same(void **state)
{
    struct document d;
    (void)state;
    assert_comes_back("edxl-de", MESSAGE);
    document_write(&d, "edxl-de", MESSAGE);
    assert_contains(buf_c(&d.text), "<senderID>control@fire</senderID>");
    assert_contains(buf_c(&d.text), "<distributionStatus>Exercise</distributionStatus>");
    assert_contains(buf_c(&d.text), "<explicitAddressValue>c/d</explicitAddressValue>");
    document_free(&d);
}

static void a_notice_of_cap_is_read_out_of_it(void **state)
{
    struct document d;
    struct buf text;
    (void)state;
    sample(&text, "notice.edxl-de");
    document_read(&d, "edxl-de", buf_view(&text));
    assert_string_equal(d.report.why, "");
    assert_losses(&d, "/alert/identifier*1 /alert/sender*1 /alert/Signature*1 "
                      "/EDXLDistribution/keyword*1 /EDXLDistribution/contentObject*1");
    assert_string_equal(d.m->public_notice->event, "침수");
    assert_string_equal(d.m->header->id, ID);
    assert_string_equal(d.m->header->source, "daejeon-city-center/disaster-room");
    assert_int_equal(d.m->header->n_to, 1);
    assert_string_equal(d.m->header->to[0], "daejeon-traffic/road-signs");
    assert_int_equal(d.m->header->created_at->seconds, 1795834800);
    assert_int_equal(d.m->public_notice->signed_cap.len, 0);
    document_free(&d);
    buf_free(&text);
}

static void a_second_document_is_told(void **state)
{
    struct document d;
    struct buf text, other = BUF_INIT(1u << 20);
    (void)state;
    sample(&text, "notice.edxl-de");
    document_read(&d, "edxl-de", changed(&other, buf_c(&text), "</alert>", "</alert><alert/>"));
    assert_string_equal(d.report.why, "");
    assert_int_equal(d.report.loss[4].count, 2);
    document_free(&d);
    document_read(&d, "edxl-de",
                  changed(&other, buf_c(&text), "</embeddedXMLContent>",
                          "</embeddedXMLContent><embeddedXMLContent><a/></embeddedXMLContent>"));
    assert_string_equal(d.report.why, "");
    assert_int_equal(d.report.loss[4].count, 2);
    document_free(&d);
    buf_free(&other);
    buf_free(&text);
}

static void what_narrows_and_cannot_be_carried_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } changes[] = {{"EDXL:DE:1.0", "EDXL:DE:2.0", "EDXL:DE:1.0"},
                   {"Status>Actual", "Status>System", "distributionStatus, line 6"},
                   {"Status>Actual", "Status>Test", "the status of the content"},
                   {"Type>Report", "Type>Ack", "distributionType"},
                   {"UNCLASSIFIED", "SECRET", "combinedConfidentiality"},
                   {"<keyword>", "<recipientRole><x/></recipientRole><keyword>", "recipientRole"},
                   {"<contentObject>",
                    "<targetArea><country>KR</country></targetArea><contentObject>", "targetArea"},
                   {">fedgate<", ">e-mail<", "the scheme fedgate"},
                   {"daejeon-traffic/road-signs", "signs@traffic", "explicitAddress"},
                   {"cap:1.2", "cap:1.1", "the element alert of the namespace"},
                   {"<category>Met", "<category>Wind", "/alert/info/category"},
                   {"embeddedXMLContent", "keyXMLContent", "line"},
                   {"<xmlContent>", "<nonXMLContent/><xmlContent>", "one content"},
                   {"<xmlContent>", "<consumerRole><x/></consumerRole><xmlContent>",
                    "narrows who may have it"},
                   {"<xmlContent>", "<confidentiality>SECRET</confidentiality><xmlContent>",
                    "narrows who may have it"},
                   {"<dateTimeSent>2026-11-28T12:00:01+09:00</dateTimeSent>", "",
                    "expected dateTimeSent in it"}};
    struct buf text, other = BUF_INIT(1u << 20);
    struct document d;
    (void)state;
    sample(&text, "notice.edxl-de");
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        document_read(&d, "edxl-de", changed(&other, buf_c(&text), changes[i].from, changes[i].to));
        assert_int_not_equal(d.result, RESULT_OK);
        assert_contains(d.report.why, changes[i].says);
        document_free(&d);
    }
    buf_free(&other);
    buf_free(&text);
}

/* It went to whom the content names. */
static void addresses_that_leave_out_a_recipient_of_the_content_are_refused(void **state)
{
    static const char *const versions[][2] = {{"edxl-de", "/EDXLDistribution, line 2, column 1:"},
                                              {"edxl-de-2", "/edxlDistribution/descriptor, line"}};
    struct buf other = BUF_INIT(1u << 20);
    struct document written, d;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        document_write(&written, versions[i][0], MESSAGE);
        document_read(&d, versions[i][0],
                      changed(&other, buf_c(&written.text),
                              "<explicitAddressValue>c/d</explicitAddressValue>", ""));
        assert_int_equal(d.result, RESULT_MALFORMED);
        assert_contains(d.report.why, versions[i][1]);
        assert_contains(d.report.why, "expected every recipient of the content");
        document_free(&d);
        document_free(&written);
    }
    buf_free(&other);
}

/* There was a read through NULL. */
static void an_xml_content_in_the_wrong_place_is_told(void **state)
{
    struct buf other = BUF_INIT(1u << 20);
    struct document written, d;
    (void)state;
    document_write(&written, "edxl-de", MESSAGE);
    document_read(&d, "edxl-de",
                  changed(&other, buf_c(&written.text), "</contentData>",
                          "</contentData><embeddedXMLContent/>"));
    assert_string_equal(d.report.why, "");
    assert_losses(&d, "/EDXLDistribution/contentObject*1");
    document_free(&d);
    document_free(&written);
    buf_free(&other);
}

static void content_that_is_no_message_is_refused(void **state)
{
    static const char *const changes[][2] = {{"application/json", "text/plain"},
                                             {"<contentData>", "<contentData>!"},
                                             {"<contentData>", "<contentData>AAAA"},
                                             {"contentObject>", "contentThing>"}};
    struct buf other = BUF_INIT(1u << 20);
    struct document written, d;
    (void)state;
    document_write(&written, "edxl-de", MESSAGE);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        document_read(&d, "edxl-de",
                      changed(&other, buf_c(&written.text), changes[i][0], changes[i][1]));
        assert_int_not_equal(d.result, RESULT_OK);
        assert_contains(d.report.why, i == 3 ? "line" : "/EDXLDistribution/contentObject, line");
        document_free(&d);
    }
    document_free(&written);
    buf_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_message_comes_back_the_same),
        cmocka_unit_test(a_notice_of_cap_is_read_out_of_it),
        cmocka_unit_test(a_second_document_is_told),
        cmocka_unit_test(what_narrows_and_cannot_be_carried_is_refused_with_its_place),
        cmocka_unit_test(addresses_that_leave_out_a_recipient_of_the_content_are_refused),
        cmocka_unit_test(an_xml_content_in_the_wrong_place_is_told),
        cmocka_unit_test(content_that_is_no_message_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
