#include "message/rules.h"

#include "sample.h"

/* A header with `text` at its end, over a body that is good. */
static void sample_with(struct sample *s, const char *text)
{
    char header[2000];
    (void)snprintf(header, sizeof header, "%s%s", HEADER, text);
    sample_of(s, header, "dispatch_answer", "\"step\":\"DISPATCH_STEP_ACCEPTED\"");
}

static void refused_with(const char *text, enum reason reason, const char *finding)
{
    struct sample s;
    sample_with(&s, text);
    assert_refused(&s, reason, finding);
    sample_free(&s);
}

static void a_good_header_fills_the_facts(void **state)
{
    (void)state;
    struct sample s;
    sample_with(&s, ",\"destroyBy\":\"2026-11-21T13:00:00Z\",\"retransmissionAllowed\":true,"
                    "\"to\":[\"npa-daejeon/112-control\",\"daejeon-fire/119-control\"],"
                    "\"emergency\":{\"reasonCode\":\"life\",\"reason\":\"fire\"},"
                    "\"actor\":{\"staffRef\":\"A-7\",\"role\":\"duty-officer\"},"
                    "\"derivedFrom\":{\"origin\":\"gw.example/log\",\"index\":\"7\"},"
                    "\"inReplyTo\":{\"origin\":\"gw.example/log\",\"index\":\"8\"}");
    assert_clean(&s);
    const struct facts *f = &s.message.facts;
    assert_int_equal(f->kind, KIND_DISPATCH_ANSWER);
    assert_true(bytes_is(f->id, UUID_2));
    assert_true(bytes_is(f->source, "carrier-a/alerts"));
    assert_true(bytes_is(f->service, "vulnerable-persons"));
    assert_true(bytes_is(f->purpose, "protection"));
    assert_true(bytes_is(f->basis, "kr/location/26"));
    assert_int_equal(f->evidences, 1);
    assert_true(bytes_is(f->evidence[0].kind, "guardian-registration"));
    assert_true(bytes_is(f->evidence[0].value, "대전-17"));
    assert_int_equal(f->incidents, 1);
    assert_true(bytes_is(f->incident[0], INCIDENT));
    assert_int_equal(f->tos, 2);
    assert_true(bytes_is(f->to[1], "daejeon-fire/119-control"));
    assert_int_equal(f->created_us, NOW_US - 10 * US_PER_S);
    assert_int_equal(f->destroy_by_us, NOW_US - 10 * US_PER_S + US_PER_HOUR);
    assert_int_equal(f->status, STATUS_ACTUAL);
    assert_true(f->retransmission_allowed && f->has_actor && f->has_emergency);
    assert_true(bytes_is(f->emergency_reason, "life") && f->emergency_text);
    assert_true(bytes_is(f->actor_role, "duty-officer"));
    assert_true(f->has_derived && f->derived_index == 7);
    assert_true(f->has_reply && f->reply_index == 8);
    assert_true(bytes_is(f->reply_origin, "gw.example/log"));
    sample_free(&s);
}

static void every_required_field_is_required(void **state)
{
    (void)state;
    static const char *const name[] = {"id",    "source",     "service", "purpose",
                                       "basis", "created_at", "status"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        struct sample s;
        char text[100];
        sample_with(&s, "");
        Fedgate__V1__Header *h = s.message.pb->header;
        const ProtobufCFieldDescriptor *f =
            protobuf_c_message_descriptor_get_field_by_name(h->base.descriptor, name[i]);
        void *at = (char *)h + f->offset;
        if (f->type == PROTOBUF_C_TYPE_STRING)
            *(const char **)at = "";
        else if (f->type == PROTOBUF_C_TYPE_ENUM)
            h->status = 0;
        else
            *(void **)at = NULL;
        sample_check(&s);
        (void)snprintf(text, sizeof text, "header.%s: required", name[i]);
        assert_refused(&s, REASON_MALFORMED, text);
        sample_free(&s);
    }
}

static void a_message_has_a_header(void **state)
{
    (void)state;
    struct sample s;
    sample_with(&s, "");
    s.message.pb->header = NULL;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "header: required");
    sample_free(&s);
}

static void names_have_their_forms(void **state)
{
    (void)state;
    static const struct {
        const char *field, *value, *finding;
    } bad[] = {{"id", "019AA2B0-0000-7000-8000-000000000002", "header.id: a UUID"},
               {"id", "019aa2b0", "header.id: a UUID"},
               {"source", "carrier-a", "header.source: a unit"},
               {"source", "carrier-a/alerts/x", "header.source: a unit"},
               {"service", "no blanks", "header.service: a word"},
               {"purpose", "Crime", "header.purpose: a word"},
               {"purpose", "-x", "header.purpose: a word"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct sample s;
        sample_with(&s, "");
        Fedgate__V1__Header *h = s.message.pb->header;
        const ProtobufCFieldDescriptor *f =
            protobuf_c_message_descriptor_get_field_by_name(h->base.descriptor, bad[i].field);
        *(const char **)((char *)h + f->offset) = bad[i].value;
        sample_check(&s);
        assert_refused(&s, REASON_MALFORMED, bad[i].finding);
        sample_free(&s);
    }
}

static void a_wish_of(Fedgate__V1__Status status, int wish, enum reason reason)
{
    struct sample s;
    sample_with(&s, "");
    s.message.pb->header->status = status;
    s.message.pb->header->test_wish = (Fedgate__V1__Reason)wish;
    sample_check(&s);
    if (reason == REASON_NONE) {
        assert_clean(&s);
        assert_int_equal(s.message.facts.test_wish, wish);
    } else {
        assert_true(s.found.refused);
        assert_int_equal(s.found.finding[0].reason, reason);
        assert_true(strncmp(s.found.finding[0].text, "header.test_wish: ", 18) == 0);
    }
    sample_free(&s);
}

static void a_test_may_wish_for_a_reason_that_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; reason_at(i) != NULL; i++) {
        const int wish = (int)reason_at(i)->reason;
        const bool refuses = wish > (int)REASON_PERMITTED_EMERGENCY;
        a_wish_of(FEDGATE__V1__STATUS__STATUS_TEST, wish,
                  refuses ? REASON_NONE : REASON_OUT_OF_RANGE);
        a_wish_of(FEDGATE__V1__STATUS__STATUS_ACTUAL, wish, REASON_OUT_OF_RANGE);
        a_wish_of(FEDGATE__V1__STATUS__STATUS_EXERCISE, wish, REASON_OUT_OF_RANGE);
    }
    a_wish_of(FEDGATE__V1__STATUS__STATUS_TEST, 9999, REASON_OUT_OF_RANGE);
    a_wish_of(FEDGATE__V1__STATUS__STATUS_TEST, 0, REASON_NONE);
}

static void nothing_of_the_header_is_left_out_even_in_the_urgent_lane(void **state)
{
    (void)state;
    refused_with(",\"to\":[\"npa-daejeon/112-control\",\"nowhere\"]", REASON_MALFORMED,
                 "header.to[1]: a unit, party/unit");
    refused_with(",\"emergency\":{\"reasonCode\":\"life\"}", REASON_MALFORMED,
                 "header.emergency.reason: required");
    refused_with(",\"actor\":{\"role\":\"duty-officer\"}", REASON_MALFORMED,
                 "header.actor.staff_ref: required");
    refused_with(",\"derivedFrom\":{\"index\":\"7\"}", REASON_MALFORMED,
                 "header.derived_from.origin: required");
}

static void lists_are_bounded_and_name_each_thing_once(void **state)
{
    (void)state;
    refused_with(",\"to\":[\"a/1\",\"a/2\",\"a/3\",\"a/4\",\"a/5\",\"a/6\",\"a/7\",\"a/8\",\"a/9\","
                 "\"b/1\",\"b/2\",\"b/3\",\"b/4\",\"b/5\",\"b/6\",\"b/7\",\"b/8\"]",
                 REASON_OUT_OF_RANGE, "header.to: at most 16 items");
    refused_with(",\"to\":[\"a/1\",\"a/2\",\"a/1\"]", REASON_MALFORMED,
                 "header.to: each recipient once");
    struct sample s;
    sample_with(&s, "");
    Fedgate__V1__Header *h = s.message.pb->header;
    char *twice[] = {h->incident_id[0], h->incident_id[0]};
    char *five[] = {twice[0], twice[0], twice[0], twice[0], twice[0]};
    h->incident_id = twice;
    h->n_incident_id = 2;
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "header.incident_id: each incident once");
    h->incident_id = five;
    h->n_incident_id = 5;
    sample_check(&s);
    assert_refused(&s, REASON_OUT_OF_RANGE, "header.incident_id: at most 4 items");
    Fedgate__V1__Evidence *nine[9];
    for (size_t i = 0; i < 9; i++)
        nine[i] = h->basis->evidence[0];
    h->basis->evidence = nine;
    h->basis->n_evidence = 9;
    sample_check(&s);
    assert_refused(&s, REASON_OUT_OF_RANGE, "header.basis.evidence: at most 8 items");
    sample_free(&s);
}

static void a_clock_may_be_two_minutes_ahead(void **state)
{
    (void)state;
    struct sample s;
    sample_with(&s, "");
    s.limits.now_us = NOW_US - 10 * US_PER_S - LIMIT_AHEAD;
    sample_check(&s);
    assert_clean(&s);
    s.limits.now_us -= 1;
    sample_check(&s);
    assert_refused(&s, REASON_OUT_OF_RANGE, "header.created_at: at most two minutes after");
    sample_free(&s);
}

static void past_the_window_of_ids_a_message_is_stale(void **state)
{
    (void)state;
    struct sample s;
    sample_with(&s, "");
    s.limits.now_us = NOW_US - 10 * US_PER_S + LIMIT_ID_WINDOW;
    sample_check(&s);
    assert_clean(&s);
    s.limits.now_us += 1;
    sample_check(&s);
    assert_flagged(&s, REASON_STALE, "header.created_at: a time within the window");
    sample_free(&s);
    sample_of(&s, HEADER, "feedback", "\"helped\":true");
    s.limits.now_us = NOW_US + LIMIT_ID_WINDOW;
    sample_check(&s);
    assert_refused(&s, REASON_STALE, "header.created_at: a time within the window");
    sample_free(&s);
}

static void destruction_comes_after_creation(void **state)
{
    (void)state;
    refused_with(",\"destroyBy\":\"2026-11-21T12:00:00Z\"", REASON_OUT_OF_RANGE,
                 "header.destroy_by: a time after created_at");
}

static void times_are_valid(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        int32_t nanos;
    } bad[] = {{253402300800, 0}, {-62135596801, 0}, {0, -1},
               {0, 1000000000},   {INT64_MAX, 0},    {INT64_MIN, 0}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct sample s;
        sample_with(&s, "");
        s.message.pb->header->created_at->seconds = bad[i].seconds;
        s.message.pb->header->created_at->nanos = bad[i].nanos;
        sample_check(&s);
        assert_refused(&s, REASON_OUT_OF_RANGE, "header.created_at: a time of the years 1 to 9999");
        sample_free(&s);
    }
}

static void only_the_gateway_sends_its_own_kinds(void **state)
{
    (void)state;
    struct sample s;
    expect_refused("outcome",
                   "\"status\":[{\"to\":\"a/b\",\"step\":\"DELIVERY_STEP_EXPIRED\","
                   "\"at\":\"2026-11-21T12:00:00Z\"}]",
                   REASON_IDENTITY_MISMATCH, "header.source: the gateway, which alone sends");
    sample_of(&s, HEADER, "stream_notice",
              "\"streamId\":\"s-1\",\"cameraId\":\"DJ-1\",\"open\":true");
    assert_true(s.found.refused);
    s.message.pb->header->source = (char *)"gateway/self";
    sample_check(&s);
    assert_clean(&s);
    sample_free(&s);
}

static void a_refused_message_has_no_facts_beyond_what_was_found_good(void **state)
{
    (void)state;
    struct sample s;
    sample_decode(&s, HEADER, "dispatch_answer", "\"unit\":\"a/b\"");
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "dispatch_answer.step: required");
    assert_true(bytes_is(s.message.facts.purpose, "protection"));
    s.message.pb->header->purpose = (char *)"Not a word";
    s.message.facts.purpose = bytes_of(NULL, 0);
    sample_check(&s);
    assert_refused(&s, REASON_MALFORMED, "header.purpose: a word");
    assert_int_equal(s.message.facts.purpose.n, 0);
    assert_true(bytes_is(s.message.facts.id, UUID_2));
    sample_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_header_fills_the_facts),
        cmocka_unit_test(every_required_field_is_required),
        cmocka_unit_test(a_message_has_a_header),
        cmocka_unit_test(names_have_their_forms),
        cmocka_unit_test(a_test_may_wish_for_a_reason_that_refuses),
        cmocka_unit_test(nothing_of_the_header_is_left_out_even_in_the_urgent_lane),
        cmocka_unit_test(lists_are_bounded_and_name_each_thing_once),
        cmocka_unit_test(a_clock_may_be_two_minutes_ahead),
        cmocka_unit_test(past_the_window_of_ids_a_message_is_stale),
        cmocka_unit_test(destruction_comes_after_creation),
        cmocka_unit_test(times_are_valid),
        cmocka_unit_test(only_the_gateway_sends_its_own_kinds),
        cmocka_unit_test(a_refused_message_has_no_facts_beyond_what_was_found_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
