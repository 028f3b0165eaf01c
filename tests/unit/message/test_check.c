#include "message/check.h"

#include "sample.h"

/* Every field of the type has its rule, under its name, of a form that its type can have. */
static void hold_against_contract(const struct type_rules *rules)
{
    assert_int_equal(rules->count, rules->type->n_fields);
    for (size_t i = 0; i < rules->count; i++) {
        const struct field_rule *r = &rules->field[i];
        const ProtobufCFieldDescriptor *f = &rules->type->fields[i];
        assert_string_equal(r->name, f->name);
        if (f->label == PROTOBUF_C_LABEL_REPEATED)
            assert_true(r->most > 0);
        switch (r->form) {
        case FORM_ANY: break;
        case FORM_ENUM: assert_int_equal(f->type, PROTOBUF_C_TYPE_ENUM); break;
        case FORM_NUMBER:
            assert_true(r->low < r->high);
            assert_true(f->type == PROTOBUF_C_TYPE_FLOAT || f->type == PROTOBUF_C_TYPE_DOUBLE ||
                        f->type == PROTOBUF_C_TYPE_UINT32);
            break;
        case FORM_TIME:
        case FORM_PAST:
            assert_ptr_equal(f->descriptor, &google__protobuf__timestamp__descriptor);
            break;
        case FORM_BYTES:
        case FORM_DIGEST: assert_int_equal(f->type, PROTOBUF_C_TYPE_BYTES); break;
        case FORM_MESSAGE:
            assert_ptr_equal(f->descriptor, r->of->type);
            hold_against_contract(r->of);
            break;
        default: assert_int_equal(f->type, PROTOBUF_C_TYPE_STRING);
        }
        if (r->form == FORM_LINE || r->form == FORM_TEXT || r->form == FORM_BYTES)
            assert_true(r->high >= 1);
        /* text, bytes and messages of a sender never pass unlooked at */
        if (r->form == FORM_ANY && r->need != NEED_GATEWAY)
            assert_true(f->type == PROTOBUF_C_TYPE_BOOL || f->type == PROTOBUF_C_TYPE_UINT32 ||
                        f->type == PROTOBUF_C_TYPE_UINT64 ||
                        f->descriptor == &fedgate__v1__header__descriptor ||
                        f->descriptor == &google__protobuf__duration__descriptor);
    }
}

static void every_field_of_every_kind_has_a_rule(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KIND_VIDEO; i++) {
        const struct kind *k = kind_row(i);
        const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(
            &fedgate__v1__message__descriptor, k->body_case);
        assert_string_equal(k->name, f->name);
        assert_ptr_equal(k->rules->type, f->descriptor);
        assert_non_null(k->facts);
        hold_against_contract(k->rules);
    }
    hold_against_contract(&rules_header);
    hold_against_contract(&rules_video_start);
    hold_against_contract(&rules_watch);
    hold_against_contract(&rules_vault_store);
    hold_against_contract(&rules_vault_open);
    hold_against_contract(&rules_use_report);
}

static void kinds_are_found_by_name_and_number(void **state)
{
    (void)state;
    assert_int_equal(kind_named(bytes_of_text("video"))->id, KIND_VIDEO);
    assert_int_equal(kind_row(KIND_VIDEO)->lane, LANE_BULK);
    assert_int_equal(kind_named(bytes_of_text("scene_image"))->lane, LANE_NORMAL);
    const struct kind *closes = kind_named(bytes_of_text("incident_close"));
    const struct kind *transfers = kind_named(bytes_of_text("incident_transfer"));
    assert_true(closes->changes_state && closes->for_gateway_only);
    assert_true(transfers->changes_state && !transfers->for_gateway_only);
    assert_false(kind_named(bytes_of_text("outcome"))->changes_state);
    assert_true(kind_named(bytes_of_text("outcome"))->from_gateway);
    assert_null(kind_named(bytes_of_text("use_report")));
    assert_null(kind_row(KIND_COUNT));
}

static void a_bad_optional_field_is_left_out_of_an_urgent_message(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    assert_clean(&s);
    s.message.pb->guardian_alert->heading_deg = 361;
    sample_check(&s);
    assert_flagged(&s, REASON_OUT_OF_RANGE, "guardian_alert.heading_deg: 0 to 360 (left out)");
    assert_true(s.message.pb->guardian_alert->heading_deg == 0);
    sample_free(&s);
}

static void an_optional_number_out_of_its_range_sets_a_normal_message_apart(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "traffic_info", "\"segment\":[{\"id\":\"R-1\",\"speedKmh\":301}]");
    assert_flagged(&s, REASON_OUT_OF_RANGE, "traffic_info.segment[0].speed_kmh: 0 to 300");
    assert_true(s.found.set_apart);
    assert_true(s.message.pb->traffic_info->segment[0]->speed_kmh == 301); /* it stays */
    sample_free(&s);
    sample_of(&s, HEADER, "traffic_info", "\"segment\":[{\"id\":\"R-1\",\"speedKmh\":300}]");
    assert_clean(&s);
    assert_false(s.found.set_apart);
    sample_free(&s);
}

static void what_no_device_measures_and_any_other_bad_field_refuses_a_normal_message(void **state)
{
    (void)state;
    expect_refused("traffic_info", "\"segment\":[{\"id\":\"R-1\",\"speedKmh\":1.1e9}]",
                   REASON_OUT_OF_RANGE, "traffic_info.segment[0].speed_kmh: 0 to 300");
    expect_refused("traffic_info", "\"segment\":[{\"id\":\"R-1\",\"speedKmh\":\"NaN\"}]",
                   REASON_OUT_OF_RANGE, "traffic_info.segment[0].speed_kmh: 0 to 300");
    expect_refused("traffic_info", "\"segment\":[{\"id\":\"R 1\",\"speedKmh\":1}]",
                   REASON_MALFORMED, "traffic_info.segment[0].id");
}

static void numbers_that_are_none_are_in_no_range(void **state)
{
    (void)state;
    expect_flagged("dispatch_request",
                   "\"type\":\"fire\",\"position\":{\"latitude\":\"NaN\",\"longitude\":127.3}",
                   REASON_OUT_OF_RANGE, "dispatch_request.position.latitude: -90 to 90");
    expect_flagged("dispatch_request",
                   "\"type\":\"fire\",\"position\":{\"latitude\":36.3,\"longitude\":127.3,"
                   "\"accuracyM\":\"Infinity\"}",
                   REASON_OUT_OF_RANGE, "dispatch_request.position.accuracy_m: 0 to 100000");
}

static void a_required_field_refuses_in_every_lane(void **state)
{
    (void)state;
    expect_refused("location_update", "\"position\":" POSITION, REASON_MALFORMED,
                   "location_update.subject: required");
    expect_refused("dispatch_answer", "\"unit\":\"fire/1\"", REASON_MALFORMED,
                   "dispatch_answer.step: required");
}

static void what_is_required_of_an_optional_part_spoils_the_part_only(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "dispatch_request",
              "\"type\":\"fire\",\"subject\":{\"party\":\"carrier-a\"},\"note\":\"x\"");
    assert_flagged(&s, REASON_OUT_OF_RANGE, "dispatch_request.subject.ref: required (left out)");
    assert_null(s.message.pb->dispatch_request->subject);
    assert_false(s.message.facts.has_subject);
    sample_free(&s);
}

static void a_strict_field_spoils_what_it_is_in(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "dispatch_request",
              "\"type\":\"fire\",\"position\":{\"latitude\":91,\"longitude\":127.4}");
    assert_flagged(&s, REASON_OUT_OF_RANGE,
                   "dispatch_request.position.latitude: -90 to 90 (left out)");
    assert_null(s.message.pb->dispatch_request->position);
    assert_false(s.message.facts.has_place);
    sample_free(&s);
}

static void one_bad_item_costs_an_urgent_list_that_item(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "video_request", "\"camera_id\":[\"DJ-1\",\"no blanks\",\"DJ-3\",\"\"]");
    assert_false(s.found.refused);
    assert_int_equal(s.found.count, 2);
    assert_finding(&s, 0, REASON_OUT_OF_RANGE, "video_request.camera_id[1]: an identifier");
    assert_finding(&s, 1, REASON_OUT_OF_RANGE, "video_request.camera_id[3]: an identifier");
    assert_int_equal(s.message.facts.cameras, 2);
    assert_true(bytes_is(s.message.facts.camera[0], "DJ-1"));
    assert_true(bytes_is(s.message.facts.camera[1], "DJ-3"));
    sample_free(&s);
}

static void a_list_that_is_too_long_is_left_out_whole(void **state)
{
    (void)state;
    struct sample s;
    struct buf body = BUF_INIT(1u << 16);
    buf_text(&body, "\"type\":\"fire\",\"camera_id\":[");
    for (int i = 0; i < 65; i++)
        buf_printf(&body, "%s\"DJ-%d\"", i == 0 ? "" : ",", i);
    buf_text(&body, "]");
    sample_of(&s, HEADER, "dispatch_request", buf_c(&body));
    assert_flagged(&s, REASON_OUT_OF_RANGE,
                   "dispatch_request.camera_id: at most 64 items (left out)");
    assert_int_equal(s.message.facts.cameras, 0);
    sample_free(&s);
    buf_free(&body);
}

static void text_is_counted_in_characters_and_has_no_controls(void **state)
{
    (void)state;
    struct sample s;
    char text[3 * LIMIT_LINE + 4] = "", body[2000];
    for (size_t i = 0; i < LIMIT_LINE; i++)
        memcpy(text + 3 * i, "\xea\xb0\x80", 4);
    (void)snprintf(body, sizeof body, "\"type\":\"fire\",\"guardian_contact\":\"%s\"", text);
    expect_clean("dispatch_request", body);
    (void)snprintf(body, sizeof body, "\"type\":\"fire\",\"guardian_contact\":\"ab%s\"", text + 6);
    expect_clean("dispatch_request", body);
    (void)snprintf(body, sizeof body, "\"type\":\"fire\",\"guardian_contact\":\"abc%s\"", text + 6);
    expect_flagged("dispatch_request", body, REASON_OUT_OF_RANGE,
                   "dispatch_request.guardian_contact: at most 200 characters (left out)");
    (void)snprintf(body, sizeof body, "\"type\":\"fire\",\"guardian_contact\":\"%s.\"", text);
    expect_flagged("dispatch_request", body, REASON_OUT_OF_RANGE,
                   "dispatch_request.guardian_contact: at most 200 characters (left out)");
    sample_of(&s, HEADER, "dispatch_request",
              "\"type\":\"fire\",\"note\":\"two\\n\\tlines\",\"guardian_contact\":\"two\\nlines\"");
    assert_flagged(&s, REASON_OUT_OF_RANGE, "dispatch_request.guardian_contact: text without");
    assert_string_equal(s.message.pb->dispatch_request->note, "two\n\tlines");
    sample_free(&s);
    expect_flagged("dispatch_request", "\"type\":\"fire\",\"note\":\"a\\u0085b\"",
                   REASON_OUT_OF_RANGE, "dispatch_request.note: text without");
    expect_flagged("dispatch_request", "\"type\":\"fire\",\"note\":\"a\\u007fb\"",
                   REASON_OUT_OF_RANGE, "dispatch_request.note: text without");
}

static void a_refusal_comes_first_and_alone(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert",
              "\"alertId\":\"" UUID_1 "\",\"phase\":\"ALERT_PHASE_UPDATE\",\"speedMps\":-1,"
              "\"position\":{\"latitude\":35.1,\"longitude\":129,\"accuracyM\":-1}");
    assert_false(s.found.refused);
    assert_int_equal(s.found.count, 3);
    s.message.pb->guardian_alert->speed_mps = -1;
    s.message.pb->guardian_alert->alert_id = (char *)UUID_2;
    sample_check(&s);
    assert_int_equal(s.found.count, 1);
    assert_refused(&s, REASON_MALFORMED, "guardian_alert.alert_id: the UUID of an incident");
    sample_free(&s);
}

static void a_full_list_of_findings_still_has_every_reason(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "video_request",
              "\"around\":{\"point\":[{\"latitude\":35,\"longitude\":127}]},"
              "\"camera_id\":[\"!\",\"!\",\"!\",\"!\",\"!\",\"!\",\"!\",\"!\",\"!\"]");
    assert_int_equal(s.found.count, FINDINGS_MAX);
    assert_finding(&s, 0, REASON_OUTSIDE_SERVICE_AREA, "video_request.around.point[0]: a place");
    sample_free(&s);
    sample_of(&s, HEADER, "dispatch_request",
              "\"type\":\"fire\",\"features\":\"\\u0001\",\"guardian_contact\":\"\\u0001\","
              "\"position\":{\"latitude\":36.3,\"longitude\":127.3,\"accuracyM\":-1},"
              "\"note\":\"\\u0001\",\"media_type\":\"image/png\","
              "\"camera_id\":[\"!\",\"!\",\"!\",\"!\",\"!\"],\"photo\":\"AAAA\"");
    assert_false(s.found.refused);
    assert_int_equal(s.found.count, FINDINGS_MAX);
    assert_finding(&s, FINDINGS_MAX - 1, REASON_MEDIA_REFUSED, "dispatch_request.media_type");
    sample_free(&s);
}

static void a_resident_number_is_no_reference_to_a_subject(void **state)
{
    (void)state;
    static const char *const number[] = {"900101-1234567", "9001011234567", "151231-4000000"};
    static const char *const reference[] = {"900101-123456", "901301-1234567", "900101-9234567",
                                            "A900101-1234567", "9001-011234567"};
    char body[300];
    for (size_t i = 0; i < ARRAY_LEN(number); i++) {
        (void)snprintf(body, sizeof body,
                       "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"%s\"},\"position\":%s",
                       number[i], POSITION);
        expect_refused("location_update", body, REASON_MALFORMED,
                       "location_update.subject.ref: the party's own reference, never");
    }
    for (size_t i = 0; i < ARRAY_LEN(reference); i++) {
        (void)snprintf(body, sizeof body,
                       "\"subject\":{\"party\":\"carrier-a\",\"ref\":\"%s\"},\"position\":%s",
                       reference[i], POSITION);
        expect_clean("location_update", body);
    }
}

static void a_place_outside_the_service_area_is_flagged_or_refused(void **state)
{
    (void)state;
    expect_flagged("dispatch_request",
                   "\"type\":\"fire\",\"position\":{\"latitude\":35.1,\"longitude\":129}",
                   REASON_OUTSIDE_SERVICE_AREA, "dispatch_request.position: a place in the");
    expect_refused("feedback", "\"gap\":{\"latitude\":35.1,\"longitude\":129}",
                   REASON_OUTSIDE_SERVICE_AREA, "feedback.gap: a place in the service area");
}

static void a_fix_from_the_future_is_implausible(void **state)
{
    (void)state;
    expect_flagged("dispatch_request",
                   "\"type\":\"fire\",\"position\":{\"latitude\":36.3,\"longitude\":127.3,"
                   "\"fixedAt\":\"2026-11-21T12:03:00Z\"}",
                   REASON_IMPLAUSIBLE, "dispatch_request.position.fixed_at: a time in the past");
    expect_clean("dispatch_request",
                 "\"type\":\"fire\",\"position\":{\"latitude\":36.3,\"longitude\":127.3,"
                 "\"fixedAt\":\"2026-11-21T12:02:00Z\"}");
}

static void no_finding_tells_what_was_found(void **state)
{
    (void)state;
    struct sample s;
    sample_of(
        &s, HEADER, "dispatch_request",
        "\"type\":\"fire\",\"guardian_contact\":\"SECRET\\u0001\",\"camera_id\":[\"SEC RET\"],"
        "\"position\":{\"latitude\":77.125,\"longitude\":127.3,\"accuracyM\":-4242},"
        "\"media_type\":\"SECRET\"");
    assert_int_equal(s.found.count, 5);
    for (size_t i = 0; i < s.found.count; i++) {
        assert_null(strstr(s.found.finding[i].text, "SEC"));
        assert_null(strstr(s.found.finding[i].text, "77"));
        assert_null(strstr(s.found.finding[i].text, "4242"));
    }
    sample_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_every_kind_has_a_rule),
        cmocka_unit_test(kinds_are_found_by_name_and_number),
        cmocka_unit_test(a_bad_optional_field_is_left_out_of_an_urgent_message),
        cmocka_unit_test(an_optional_number_out_of_its_range_sets_a_normal_message_apart),
        cmocka_unit_test(what_no_device_measures_and_any_other_bad_field_refuses_a_normal_message),
        cmocka_unit_test(numbers_that_are_none_are_in_no_range),
        cmocka_unit_test(a_required_field_refuses_in_every_lane),
        cmocka_unit_test(what_is_required_of_an_optional_part_spoils_the_part_only),
        cmocka_unit_test(a_strict_field_spoils_what_it_is_in),
        cmocka_unit_test(one_bad_item_costs_an_urgent_list_that_item),
        cmocka_unit_test(a_list_that_is_too_long_is_left_out_whole),
        cmocka_unit_test(text_is_counted_in_characters_and_has_no_controls),
        cmocka_unit_test(a_refusal_comes_first_and_alone),
        cmocka_unit_test(a_full_list_of_findings_still_has_every_reason),
        cmocka_unit_test(a_resident_number_is_no_reference_to_a_subject),
        cmocka_unit_test(a_place_outside_the_service_area_is_flagged_or_refused),
        cmocka_unit_test(a_fix_from_the_future_is_implausible),
        cmocka_unit_test(no_finding_tells_what_was_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
