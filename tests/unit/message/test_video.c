#include "message/video.h"

#include "sample.h"

#define START                                                                                      \
    "\"stream_id\":\"" UUID_1                                                                      \
    "\",\"camera_id\":\"DJ-0001\",\"container\":\"mpegts\",\"codec\":\"h264\""

struct opening {
    struct arena *arena;
    struct buf wire;
    ProtobufCMessage *m;
    struct check_limits limits;
    struct sample s; /* for its findings */
};

static void open_as(struct opening *o, const char *type, const char *json)
{
    struct finding why;
    *o = (struct opening){.arena = arena_new(LIMIT_ARENA), .wire = BUF_INIT(1u << 16)};
    o->limits = (struct check_limits){.now_us = NOW_US, .id_window_us = LIMIT_ID_WINDOW};
    sample_encode(type, json, &o->wire);
    assert_int_equal(message_unpack(o->arena, message_type(type), buf_view(&o->wire), LIMIT_REQUEST,
                                    &o->m, &why),
                     RESULT_OK);
}

static void close_it(struct opening *o)
{
    buf_free(&o->wire);
    arena_free(o->arena);
}

static void start_refused(const char *json, enum reason reason, const char *text)
{
    struct opening o;
    open_as(&o, "fedgate.v1.VideoStart", json);
    video_start_check((void *)o.m, &o.limits, &o.s.found);
    if (reason == REASON_NONE)
        assert_clean(&o.s);
    else
        assert_refused(&o.s, reason, text);
    close_it(&o);
}

static void a_good_opening_fills_the_facts(void **state)
{
    (void)state;
    struct opening o;
    struct facts f;
    open_as(&o, "fedgate.v1.VideoStart",
            "{\"header\":{" HEADER "}," START ",\"beginsAt\":\"2026-11-21T10:00:00Z\","
            "\"endsAt\":\"2026-11-21T10:05:00Z\",\"subject\":{\"party\":\"c\",\"ref\":\"S\"}}");
    video_start_check((void *)o.m, &o.limits, &o.s.found);
    assert_clean(&o.s);
    facts_of_video_start((void *)o.m, &f);
    assert_int_equal(f.kind, KIND_VIDEO);
    assert_true(bytes_is(f.id, UUID_2));
    assert_true(bytes_is(f.basis, "kr/location/26"));
    assert_int_equal(f.cameras, 1);
    assert_true(bytes_is(f.camera[0], "DJ-0001"));
    assert_true(f.has_subject);
    assert_int_equal(f.recorded_us, NOW_US - 10 * US_PER_S - 2 * US_PER_HOUR);
    close_it(&o);
}

static void an_opening_is_checked_like_a_message(void **state)
{
    (void)state;
    start_refused("{\"header\":{" HEADER "}," START "}", REASON_NONE, "");
    start_refused("{" START "}", REASON_MALFORMED, "header: required");
    start_refused("{\"header\":{\"id\":\"x\"}," START "}", REASON_MALFORMED, "header.id: a UUID");
    start_refused("{\"header\":{" HEADER "},\"container\":\"mpegts\"}", REASON_MALFORMED,
                  "video_start.camera_id: required");
    start_refused("{\"header\":{" HEADER "},\"camera_id\":\"s\",\"container\":\"mpegts\"}",
                  REASON_NONE, "");
    start_refused("{\"header\":{" HEADER "},\"stream_id\":\"s-1\",\"camera_id\":\"s\"}",
                  REASON_MALFORMED, "video_start.stream_id: a UUID");
    start_refused("{\"header\":{" HEADER "},\"camera_id\":\"s\",\"container\":\"mp4\"}",
                  REASON_OUT_OF_RANGE,
                  "video_start.container: mpegts, video/mp2t, fmp4, video/mp4");
    start_refused("{\"header\":{" HEADER "}," START ",\"beginsAt\":\"2026-11-21T10:00:00Z\"}",
                  REASON_MALFORMED, "video_start.ends_at: required for a recording");
}

static void of_a_refused_opening_only_the_sender_is_left(void **state)
{
    (void)state;
    static const char *const json[] = {"{\"header\":{\"id\":\"" UUID_2
                                       "\",\"source\":\"carrier-a/alerts\","
                                       "\"purpose\":\"Not a word\",\"to\":[\"x\"]}," START "}",
                                       "{\"header\":{" HEADER "},\"camera_id\":\"Not an id\"}"};
    for (size_t i = 0; i < ARRAY_LEN(json); i++) {
        struct opening o;
        struct facts f;
        open_as(&o, "fedgate.v1.VideoStart", json[i]);
        video_start_check((void *)o.m, &o.limits, &o.s.found);
        assert_true(o.s.found.refused);
        facts_of_video_start((void *)o.m, &f);
        assert_true(bytes_is(f.id, UUID_2));
        assert_true(bytes_is(f.source, "carrier-a/alerts"));
        assert_int_equal(f.purpose.n, 0);
        assert_int_equal(f.tos, 0);
        assert_int_equal(f.cameras, 0);
        assert_int_equal(((Fedgate__V1__VideoStart *)(void *)o.m)->stream_id[0], '\0');
        close_it(&o);
    }
}

static void what_is_the_gateways_to_set_is_refused(void **state)
{
    (void)state;
    start_refused("{\"header\":{" HEADER "}," START ",\"must\":{\"mou\":\"x\"}}", REASON_MALFORMED,
                  "video_start.must: set by the gateway only");
    start_refused("{\"header\":{" HEADER "}," START ",\"record\":{\"origin\":\"x\"}}",
                  REASON_MALFORMED, "video_start.record: set by the gateway only");
}

static void a_watcher_states_purpose_and_basis(void **state)
{
    (void)state;
    struct opening o;
    struct facts f;
    open_as(&o, "fedgate.v1.WatchRequest",
            "{\"streamId\":\"s-1\",\"purpose\":\"crime-response\",\"basis\":{"
            "\"code\":\"kr/pipa/18-2-7\",\"evidence\":[{\"kind\":\"case\",\"value\":\"1\"}]},"
            "\"actor\":{\"staffRef\":\"A-1\"}}");
    watch_check((void *)o.m, &o.limits, &o.s.found);
    assert_clean(&o.s);
    facts_of_watch((void *)o.m, &f);
    assert_int_equal(f.kind, KIND_VIDEO);
    assert_true(bytes_is(f.purpose, "crime-response"));
    assert_true(bytes_is(f.basis, "kr/pipa/18-2-7"));
    assert_int_equal(f.evidences, 1);
    assert_true(f.has_actor);
    assert_int_equal(f.id.n, 0);
    ((Fedgate__V1__WatchRequest *)(void *)o.m)->basis = NULL;
    watch_check((void *)o.m, &o.limits, &o.s.found);
    assert_refused(&o.s, REASON_MALFORMED, "watch.basis: required");
    close_it(&o);
}

static void the_data_of_a_frame_is_a_view_of_it(void **state)
{
    (void)state;
    enum video_part part;
    struct bytes content, frame = bytes_of("\x12\x03xyz", 5);
    assert_int_equal(video_frame_peek(frame, &part, &content), RESULT_OK);
    assert_int_equal(part, VIDEO_DATA);
    assert_ptr_equal(content.p, frame.p + 2);
    assert_int_equal(content.n, 3);
    assert_int_equal(video_frame_peek(bytes_of("\x12\x00", 2), &part, &content), RESULT_OK);
    assert_int_equal(content.n, 0);
    assert_int_equal(video_frame_peek(bytes_of("\x1a\x00", 2), &part, &content), RESULT_OK);
    assert_int_equal(part, VIDEO_END);
}

static void a_frame_is_exactly_one_known_field(void **state)
{
    (void)state;
    static const struct bytes bad[] = {{(const uint8_t *)"", 0},
                                       {(const uint8_t *)"\x12", 1},
                                       {(const uint8_t *)"\x12\x03xy", 4},
                                       {(const uint8_t *)"\x12\x01xy", 4},
                                       {(const uint8_t *)"\x12\x01x\x12\x01y", 6},
                                       {(const uint8_t *)"\x10\x01", 2},
                                       {(const uint8_t *)"\x32\x00", 2},
                                       {(const uint8_t *)"\x02\x00", 2},
                                       {(const uint8_t *)"\x92\x01\x00", 3}};
    enum video_part part;
    struct bytes content;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(video_frame_peek(bad[i], &part, &content), RESULT_MALFORMED);
}

static void a_frame_past_the_limit_is_too_large(void **state)
{
    (void)state;
    enum video_part part;
    struct bytes content;
    uint8_t *frame = calloc(1, LIMIT_VIDEO_FRAME + 1);
    assert_int_equal(video_frame_peek(bytes_of(frame, LIMIT_VIDEO_FRAME + 1), &part, &content),
                     RESULT_TOO_LARGE);
    free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_opening_fills_the_facts),
        cmocka_unit_test(an_opening_is_checked_like_a_message),
        cmocka_unit_test(of_a_refused_opening_only_the_sender_is_left),
        cmocka_unit_test(what_is_the_gateways_to_set_is_refused),
        cmocka_unit_test(a_watcher_states_purpose_and_basis),
        cmocka_unit_test(the_data_of_a_frame_is_a_view_of_it),
        cmocka_unit_test(a_frame_is_exactly_one_known_field),
        cmocka_unit_test(a_frame_past_the_limit_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
