/* PIDF-LO: positions, and rules that only narrow. */
#include "document.h"

#define ID "019aa2b0-0000-7000-8000-000000000001"
#define UPDATE                                                                                     \
    "{\"header\":{\"id\":\"" ID "\",\"source\":\"carrier-hana/guardian-service\","                 \
    "\"service\":\"vulnerable-persons\",\"purpose\":\"life-rescue\",\"basis\":{\"code\":"          \
    "\"kr/location/29\",\"evidence\":[{\"kind\":\"emergency-call\",\"value\":\"112-1\"},"          \
    "{\"kind\":\"x\",\"value\":\"y\"}]},\"incidentId\":[\"a/b:" ID "\"],"                          \
    "\"createdAt\":\"2026-11-28T03:00:00Z\",\"destroyBy\":\"2026-11-29T03:00:00Z\","               \
    "\"to\":[\"a/b\",\"c/d\"],\"status\":\"STATUS_EXERCISE\"%s},"                                  \
    "\"locationUpdate\":{\"subject\":{\"party\":\"carrier-hana\",\"ref\":\"s-5005\"},"             \
    "\"position\":{\"latitude\":36.3507,\"longitude\":127.3849%s,\"fixedAt\":"                     \
    "\"2026-11-28T02:59:00Z\",\"method\":\"POSITION_METHOD_CELL\",\"origin\":"                     \
    "\"POSITION_ORIGIN_LIA_29\"},\"speedMps\":1.5,\"headingDeg\":90.25}}"

static void a_position_comes_back_the_same(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {",\"retransmissionAllowed\":true", ",\"accuracyM\":30.1"},
        {"", ",\"accuracyM\":100000"}};
    char json[2000];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)snprintf(json, sizeof json, UPDATE, cases[i][0], cases[i][1]);
        assert_comes_back("pidf-lo", json);
    }
}

static void a_document_is_read_and_what_has_no_place_is_told(void **state)
{
    (void)state;
    struct document d;
    struct buf text;
    sample(&text, "circle.pidf-lo");
    document_read(&d, "pidf-lo", buf_view(&text));
    assert_string_equal(d.report.why, "");
    assert_losses(&d, "/presence/tuple/status/geopriv/location-info/civicAddress*1");
    assert_string_equal(
        buf_c(&d.text),
        "{\"header\":{\"destroyBy\":\"2026-11-29T03:00:00Z\"},\"locationUpdate\":{"
        "\"subject\":{\"party\":\"carrier-hana\",\"ref\":\"s-5005\"},\"position\":{"
        "\"latitude\":36.3507,\"longitude\":127.3849,\"accuracyM\":30.5,"
        "\"fixedAt\":\"2026-11-28T03:00:00Z\",\"method\":\"POSITION_METHOD_WIFI\"}}}");
    document_free(&d);
    buf_free(&text);
}

static void only_a_clear_yes_lets_a_position_be_passed_on(void **state)
{
    static const struct {
        const char *word;
        bool allowed;
    } words[] = {{"true", true}, {"TRUE", true}, {"1", true},  {"yes", true},
                 {"Yes", true},  {"no", false},  {"0", false}, {"false", false},
                 {"on", false},  {"", false},    {"y", false}, {"true false", false}};
    struct document d;
    struct buf text, other = BUF_INIT(1u << 20);
    char allowed[100];
    (void)state;
    sample(&text, "circle.pidf-lo");
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        (void)snprintf(allowed, sizeof allowed, "allowed>%s</gbp", words[i].word);
        document_read(&d, "pidf-lo", changed(&other, buf_c(&text), "allowed>no</gbp", allowed));
        assert_string_equal(d.report.why, "");
        assert_int_equal(d.m->header != NULL && d.m->header->retransmission_allowed,
                         words[i].allowed);
        document_free(&d);
    }
    buf_free(&other);
    buf_free(&text);
}

static void of_two_expiries_the_earlier_holds(void **state)
{
    struct document d;
    struct buf text, other = BUF_INIT(1u << 20);
    (void)state;
    sample(&text, "circle.pidf-lo");
    document_read(&d, "pidf-lo",
                  changed(&other, buf_c(&text), "</gp:usage-rules>",
                          "<gp:retention-expiry>2026-11-30T00:00:00Z</gp:retention-expiry>"
                          "</gp:usage-rules>"));
    assert_int_equal(d.m->header->destroy_by->seconds, 1795921200);
    document_free(&d);
    buf_free(&other);
    buf_free(&text);
}

static void an_ellipse_becomes_the_circle_around_it(void **state)
{
    struct document d;
    struct buf text, other = BUF_INIT(1u << 20);
    (void)state;
    sample(&text, "circle.pidf-lo");
    struct bytes ellipse = changed(
        &other, buf_c(&text), "<gp:location-info>",
        "<gp:location-info><gs:Ellipse srsName='urn:ogc:def:crs:EPSG::4979'>"
        "<gml:pos>36.1 127.1 50</gml:pos><gs:semiMajorAxis uom='urn:ogc:def:uom:EPSG::9001'>77.5"
        "</gs:semiMajorAxis><gs:semiMinorAxis uom='urn:ogc:def:uom:EPSG::9001'>15"
        "</gs:semiMinorAxis><gs:orientation uom='urn:ogc:def:uom:EPSG::9102'>43.2</gs:orientation>"
        "</gs:Ellipse></gp:location-info><gp:location-info>");
    document_read(&d, "pidf-lo", ellipse); /* the second location-info is one too many */
    assert_string_equal(d.report.why, "");
#define PLACE "/presence/tuple/status/geopriv/location-info"
    assert_losses(&d, PLACE "/Ellipse/pos*1 " PLACE "/Ellipse/semiMinorAxis*1 " PLACE
                            "/Ellipse/orientation*1 " PLACE "*1");
    assert_true(d.m->location_update->position->accuracy_m > 77.4f);
    assert_true(d.m->location_update->position->accuracy_m < 77.6f);
    document_free(&d);
    buf_free(&other);
    buf_free(&text);
}

/* The time of the position made one, at 0 degrees north and east. */
static void a_place_in_words_alone_is_no_position(void **state)
{
    struct document d;
    struct buf text, other = BUF_INIT(1u << 20);
    (void)state;
    sample(&text, "circle.pidf-lo");
    const char *whole = buf_c(&text), *circle = strstr(whole, "<gs:Circle");
    buf_put(&other, whole, (size_t)(circle - whole));
    buf_text(&other, strstr(circle, "<cl:civicAddress"));
    document_read(&d, "pidf-lo", buf_view(&other));
    assert_int_equal(d.result, RESULT_MALFORMED);
    assert_contains(d.report.why, "a Point, a Circle or an Ellipse");
    document_free(&d);
    buf_free(&other);
    buf_free(&text);
}

/* The order of elements says nothing. */
static void a_place_may_stand_behind_what_else_is_said_of_the_position(void **state)
{
    struct document d;
    struct buf text, other = BUF_INIT(1u << 20);
    (void)state;
    sample(&text, "circle.pidf-lo");
    document_read(&d, "pidf-lo",
                  changed(&other, buf_c(&text), "<status>",
                          "<timestamp>2026-11-28T02:00:00Z</timestamp><status>"));
    assert_string_equal(d.report.why, "");
    assert_true(d.m->location_update->position->latitude > 36);
    document_free(&d);
    buf_free(&other);
    buf_free(&text);
}

static void what_cannot_be_meant_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } changes[] = {
        {"EPSG::4326", "EPSG::3857", "Circle/@srsName, line 14, column 11: expected urn:ogc"},
        {"36.3507 127.3849", "127.3849 36.3507", "LATITUDE LONGITUDE"},
        {"36.3507 127.3849", "36.3507", "LATITUDE LONGITUDE"},
        {"36.3507 127.3849", "36.3507 127.3849 1 2", "LATITUDE LONGITUDE"},
        {"EPSG::9001", "EPSG::9002", "@uom"},
        {">30.5<", ">-1<", "one number"},
        {"<gs:Circle",
         "<gml:Point srsName='urn:ogc:def:crs:EPSG::4326'><gml:pos>1 "
         "1</gml:pos></gml:Point><gs:Circle",
         "one Point, Circle or Ellipse"},
        {"<gp:method>", "<gp:new/><gp:method>", "a position"},
        {"</gp:usage-rules>",
         "<gp:retransmission-allowed>yes</gp:retransmission-allowed></gp:usage-rules>", "it once"},
        {"</gp:usage-rules>",
         "<gbp:external-ruleset>https://x/</gbp:external-ruleset></gp:usage-rules>",
         "no rules that are elsewhere"},
        {"2026-11-29T03:00:00Z", "tomorrow", "retention-expiry"},
        {"<tuple ", "<tuple x='y' ", NULL},
        {"entity=\"pres:s-5005@carrier-hana\"", "", "expected @entity in it"},
        {"urn:ietf:params:xml:ns:pidf\"", "urn:x\"", "the element presence"}};
    struct buf text, other = BUF_INIT(1u << 20);
    struct document d;
    (void)state;
    sample(&text, "circle.pidf-lo");
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        document_read(&d, "pidf-lo", changed(&other, buf_c(&text), changes[i].from, changes[i].to));
        if (changes[i].says == NULL)
            assert_losses(&d, "/presence/tuple/@x*1 " PLACE "/civicAddress*1");
        else if (strcmp(changes[i].says, "a position") == 0)
            assert_losses(&d, PLACE "/civicAddress*1 /presence/tuple/status/geopriv/new*1");
        else
            assert_contains(d.report.why, changes[i].says);
        document_free(&d);
    }
    buf_free(&other);
    buf_free(&text);
}

static void what_binds_and_has_no_place_is_not_written(void **state)
{
#define SUBJECT(ref) "\"subject\":{\"party\":\"carrier-hana\",\"ref\":\"" ref "\"}"
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"{\"locationUpdate\":{" SUBJECT("s") "}}", "location_update.position"},
        {"{\"locationUpdate\":{" SUBJECT("a b") ",\"position\":{\"latitude\":1}}}", "in a URI"},
        {"{\"header\":{\"emergency\":{\"reason\":\"x\"}},\"locationUpdate\":{" SUBJECT(
             "s") ",\"position\":{\"latitude\":1}}}",
         "header.emergency.reason"},
        {"{\"publicNotice\":{}}", "public_notice"}};
    struct document d;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        document_write(&d, "pidf-lo", cases[i].json);
        assert_int_not_equal(d.result, RESULT_OK);
        assert_contains(d.report.why, cases[i].says);
        document_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_comes_back_the_same),
        cmocka_unit_test(a_document_is_read_and_what_has_no_place_is_told),
        cmocka_unit_test(only_a_clear_yes_lets_a_position_be_passed_on),
        cmocka_unit_test(of_two_expiries_the_earlier_holds),
        cmocka_unit_test(an_ellipse_becomes_the_circle_around_it),
        cmocka_unit_test(a_place_in_words_alone_is_no_position),
        cmocka_unit_test(a_place_may_stand_behind_what_else_is_said_of_the_position),
        cmocka_unit_test(what_cannot_be_meant_is_refused_with_its_place),
        cmocka_unit_test(what_binds_and_has_no_place_is_not_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
