/* What the gateway decided, in sentences; and deliveries as lines. */
#include "cli/agent/message.h"

#include "base/clock.h"
#include "base/limits.h"
#include "capture.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <string.h>

static struct printed printed;
static struct agent agent;
static struct fedgate_receipt receipt;
static struct fedgate_video_end end;
static struct fedgate_obligations must;

static int tell_receipt(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return agent_tell_receipt(&agent, "alert.json:1", &receipt);
}

static int tell_end(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return agent_tell_video_end(&agent, &end);
}

static int tell_obligations(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    agent_tell_obligations(&agent, &must);
    return CLI_OK;
}

static const struct fedgate_verdict permitted = {
    .to = "a/b", .reason = REASON_PERMITTED, .clause = "", .failed = ""};
static const struct fedgate_verdict refused = {
    .to = "a/c", .reason = REASON_NO_GRANT, .clause = "mou#grant", .failed = "from: \x1b[31mx"};

static void tell(const struct fedgate_verdict *v, size_t n, int answer)
{
    receipt = (struct fedgate_receipt){.recipient = v, .recipients = n, .answer = answer};
    run_line(&printed, tell_receipt, "publish");
}

static void what_is_permitted_goes_without_saying(void **state)
{
    (void)state;
    agent = (struct agent){0};
    tell(&permitted, 1, FEDGATE_ACCEPTED);
    assert_int_equal(printed.code, CLI_OK);
    assert_string_equal(printed.err, "");
}

static void a_refusal_names_recipient_reason_clause_condition_and_remedy(void **state)
{
    const struct fedgate_verdict both[] = {permitted, refused};
    (void)state;
    agent = (struct agent){0};
    tell(both, 2, FEDGATE_PARTLY);
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "alert.json:1: refused for a/c: ");
    assert_says(printed.err, "(no-grant); clause mou#grant; what did not hold: from: ");
    assert_says(printed.err, "; what to do: ");
    assert_null(strstr(printed.err, "a/b"));
    agent.language = FEDGATE_KOREAN;
    tell(&refused, 1, FEDGATE_REFUSED);
    assert_says(printed.err, "a/c 수신 거부: ");
    assert_says(printed.err, "조치: ");
}

static void a_refusal_for_a_limit_tells_what_is_left_of_it_and_when_to_come_again(void **state)
{
    const struct fedgate_quota quota = {"mou#grant", "messages_per_s", 5, 2,
                                        INT64_C(1795222801000000)};
    (void)state;
    agent = (struct agent){0};
    receipt = (struct fedgate_receipt){.recipient = &refused,
                                       .recipients = 1,
                                       .answer = FEDGATE_REFUSED,
                                       .retry_after_us = 412000,
                                       .quota = &quota,
                                       .quotas = 1};
    run_line(&printed, tell_receipt, "publish");
    assert_says(printed.err, "limit of clause mou#grant, messages_per_s: 2 of 5 are left, all of "
                             "it again at 2026-11-21T10:00:01+09:00");
    assert_says(printed.err, "can be sent again in 0.412 s");
    agent.language = FEDGATE_KOREAN;
    run_line(&printed, tell_receipt, "publish");
    assert_says(printed.err, "잔여 한도 2/5");
    assert_says(printed.err, "0.412초 뒤에 다시 보낼 수 있음");
    receipt.answer = FEDGATE_ACCEPTED;
    receipt.recipient = &permitted;
    run_line(&printed, tell_receipt, "publish");
    assert_string_equal(printed.err, "");
}

static void nothing_from_outside_steers_the_terminal(void **state)
{
    (void)state;
    agent = (struct agent){0};
    tell(&refused, 1, FEDGATE_REFUSED);
    assert_null(strchr(printed.err, '\x1b'));
    assert_says(printed.err, "from: ?[31mx");
}

static void what_waits_for_a_person_is_held_and_not_accepted(void **state)
{
    const struct fedgate_verdict held = {
        .to = "a/c", .reason = REASON_APPROVAL_PENDING, .clause = "", .failed = ""};
    (void)state;
    agent = (struct agent){0};
    tell(&held, 1, FEDGATE_HELD);
    assert_int_equal(printed.code, CLI_NO);
    assert_says(printed.err, "held for a/c: ");
}

static void what_was_let_through_marked_is_told_unless_quiet(void **state)
{
    const unsigned flag = REASON_STALE;
    struct fedgate_verdict marked = permitted;
    (void)state;
    marked.flag = &flag;
    marked.flags = 1;
    agent = (struct agent){0};
    tell(&marked, 1, FEDGATE_ACCEPTED);
    assert_int_equal(printed.code, CLI_OK);
    assert_says(printed.err, "let through to a/b, marked: ");
    agent.options.quiet = true;
    tell(&marked, 1, FEDGATE_ACCEPTED);
    assert_string_equal(printed.err, "");
}

static void a_stream_ends_well_with_its_sender_or_its_purpose_only(void **state)
{
    static const struct {
        unsigned reason;
        int code;
    } ends[] = {{REASON_SENDER_ENDED, CLI_OK},
                {REASON_PURPOSE_FULFILLED, CLI_OK},
                {REASON_AUDIO_REFUSED, CLI_NO},
                {REASON_POLICY_CHANGED, CLI_NO},
                {REASON_CERTIFICATE_REVOKED, CLI_NO}};
    (void)state;
    agent = (struct agent){0};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        end = (struct fedgate_video_end){
            .why = {.to = "a/b", .reason = ends[i].reason, .clause = "", .failed = ""}};
        run_line(&printed, tell_end, "watch-video");
        assert_int_equal(printed.code, ends[i].code);
        assert_says(printed.err, fedgate_reason_text(ends[i].reason, FEDGATE_ENGLISH));
    }
}

static void what_a_stream_obliges_to_is_told_with_its_date(void **state)
{
    static const char *const duty[] = {"Response only", "No copy"};
    (void)state;
    agent = (struct agent){0};
    must = (struct fedgate_obligations){.mou = "mou",
                                        .grant = "video",
                                        .purpose = "rescue",
                                        .destroy_by_us = INT64_C(1795222800) * US_PER_S,
                                        .destruction_receipt_required = true,
                                        .duty = duty,
                                        .duties = 2};
    run_line(&printed, tell_obligations, "watch-video");
    assert_says(printed.err, "obligations (mou#video, purpose rescue): destroy by "
                             "2026-11-21T10:00:00+09:00, with a destruction receipt, not to be "
                             "passed on\n");
    assert_says(printed.err, "- Response only\n");
    assert_says(printed.err, "- No copy\n");
    must = (struct fedgate_obligations){
        .mou = "mou", .grant = "video", .purpose = "rescue", .retransmission_allowed = true};
    run_line(&printed, tell_obligations, "watch-video");
    assert_says(printed.err, "no date of destruction given, may be passed on");
}

/* ---------------------------------------------------------------- deliveries */

static void put(struct bytes message, const struct agent_saving *saving, bool good,
                const char *json)
{
    Fedgate__V1__Delivery d = FEDGATE__V1__DELIVERY__INIT;
    struct buf encoded = BUF_INIT(10000), out = BUF_INIT(10000);
    d.seq = 3;
    d.message = (ProtobufCBinaryData){message.n, (uint8_t *)(uintptr_t)message.p};
    assert_int_equal(message_pack(&d.base, &encoded), RESULT_OK);
    const struct fedgate_delivery delivery = {.encoded = {encoded.p, encoded.n},
                                              .message = {message.p, message.n}};
    assert_int_equal(agent_put_delivery(&delivery, saving, &out), good);
    if (good)
        assert_string_equal(buf_c(&out), json);
    buf_free(&encoded);
    buf_free(&out);
}

static void put_photo(const struct agent_saving *saving, bool good, const char *json)
{
    static char camera[] = "dj-1";
    static uint8_t photo[] = {0xff, 0xd8, 0xff};
    Fedgate__V1__Message m = FEDGATE__V1__MESSAGE__INIT;
    Fedgate__V1__SceneImage s = FEDGATE__V1__SCENE_IMAGE__INIT;
    struct buf message = BUF_INIT(10000);
    s.camera_id = camera;
    s.image = (ProtobufCBinaryData){sizeof photo, photo};
    m.body_case = FEDGATE__V1__MESSAGE__BODY_SCENE_IMAGE;
    m.scene_image = &s;
    assert_int_equal(message_pack(&m.base, &message), RESULT_OK);
    put(buf_view(&message), saving, good, json);
    buf_free(&message);
}

static void a_delivery_has_its_message_in_it_as_json(void **state)
{
    const struct agent_saving none = {.folder = -1};
    (void)state;
    put_photo(&none, true,
              "{\"message\":{\"sceneImage\":{\"cameraId\":\"dj-1\",\"image\":\"/9j/\"}},"
              "\"seq\":\"3\"}");
}

static void a_message_in_a_format_is_as_narrow_as_its_obligations(void **state)
{
    const struct agent_saving saving = {.folder = -1, .format = format_named("cap")};
    static char id[] = "019aa2b0-0000-7000-8000-000000000001", unit[] = "a/b", type[] = "flood";
    Fedgate__V1__Message m = FEDGATE__V1__MESSAGE__INIT;
    Fedgate__V1__Header h = FEDGATE__V1__HEADER__INIT;
    Fedgate__V1__DisasterReport report = FEDGATE__V1__DISASTER_REPORT__INIT;
    Google__Protobuf__Timestamp sent = {PROTOBUF_C_MESSAGE_INIT(
                                            &google__protobuf__timestamp__descriptor),
                                        1795000000, 0},
                                early = sent, late = sent;
    Fedgate__V1__Delivery d = FEDGATE__V1__DELIVERY__INIT;
    Fedgate__V1__Obligations owed = FEDGATE__V1__OBLIGATIONS__INIT;
    struct buf message = BUF_INIT(10000), encoded = BUF_INIT(10000), out = BUF_INIT(10000);
    (void)state;
    early.seconds += 3600;
    late.seconds += 7200;
    h.id = id;
    h.source = unit;
    h.created_at = &sent;
    h.destroy_by = &late;
    h.status = FEDGATE__V1__STATUS__STATUS_TEST;
    h.retransmission_allowed = true;
    owed.destroy_by = &early;
    report.type = type;
    m.header = &h;
    m.body_case = FEDGATE__V1__MESSAGE__BODY_DISASTER_REPORT;
    m.disaster_report = &report;
    assert_int_equal(message_pack(&m.base, &message), RESULT_OK);
    d.message = (ProtobufCBinaryData){message.n, message.p};
    d.must = &owed;
    assert_int_equal(message_pack(&d.base, &encoded), RESULT_OK);
    const struct fedgate_delivery delivery = {.encoded = {encoded.p, encoded.n},
                                              .message = {message.p, message.n}};
    assert_true(agent_put_delivery(&delivery, &saving, &out));
    assert_says(buf_c(&out), "{\"format\":\"cap\",\"document\":\"<?xml");
    assert_says(buf_c(&out), "<value>2026-11-18T21:06:40+09:00</value>");
    assert_null(strstr(buf_c(&out), "retransmission-allowed"));
    assert_says(buf_c(&out), ",\"notCarried\":[],\"must\":{\"destroyBy\"");
    buf_free(&message);
    buf_free(&encoded);
    buf_free(&out);
}

static void what_a_format_cannot_carry_stays_a_message_and_says_why(void **state)
{
    const struct agent_saving saving = {.folder = -1, .format = format_named("cap")};
    (void)state;
    put_photo(&saving, true,
              "{\"format\":\"cap\",\"refused\":\"scene_image: expected a kind that the format "
              "carries\",\"message\":{\"sceneImage\":{\"cameraId\":\"dj-1\",\"image\":\"/9j/\"}},"
              "\"seq\":\"3\"}");
}

static void a_photo_that_cannot_be_saved_leaves_the_delivery_unprinted(void **state)
{
    const struct agent_saving closed = {10000, "gone", NULL};
    (void)state;
    put_photo(&closed, false, NULL);
}

static void a_message_that_cannot_be_read_stays_as_bytes(void **state)
{
    const struct agent_saving none = {.folder = -1};
    (void)state;
    put(bytes_of("\xff\xff", 2), &none, true, "{\"seq\":\"3\",\"message\":\"//8=\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_permitted_goes_without_saying),
        cmocka_unit_test(a_refusal_names_recipient_reason_clause_condition_and_remedy),
        cmocka_unit_test(a_refusal_for_a_limit_tells_what_is_left_of_it_and_when_to_come_again),
        cmocka_unit_test(nothing_from_outside_steers_the_terminal),
        cmocka_unit_test(what_waits_for_a_person_is_held_and_not_accepted),
        cmocka_unit_test(what_was_let_through_marked_is_told_unless_quiet),
        cmocka_unit_test(a_stream_ends_well_with_its_sender_or_its_purpose_only),
        cmocka_unit_test(what_a_stream_obliges_to_is_told_with_its_date),
        cmocka_unit_test(a_delivery_has_its_message_in_it_as_json),
        cmocka_unit_test(a_message_in_a_format_is_as_narrow_as_its_obligations),
        cmocka_unit_test(what_a_format_cannot_carry_stays_a_message_and_says_why),
        cmocka_unit_test(a_photo_that_cannot_be_saved_leaves_the_delivery_unprinted),
        cmocka_unit_test(a_message_that_cannot_be_read_stays_as_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
