/* What a unit of a test bench says: what it answers, with whose words, and what it begins itself.
 */
#include "cli/agent/answer.h"

#include "base/limits.h"
#include "capture.h"
#include "crypto/init.h"
#include "message/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <string.h>

#define UNIT     "centre/desk"
#define ID       "019aa2b0-0000-7000-8000-000000000001"
#define INCIDENT "police/control:" ID
#define HEADER                                                                                     \
    "\"header\":{\"id\":\"" ID "\",\"source\":\"carrier/alerts\",\"service\":\"people\","          \
    "\"purpose\":\"rescue\",\"basis\":{\"code\":\"kr/location/26\"},\"incidentId\":[\"" INCIDENT   \
    "\"],\"status\":\"STATUS_TEST\"}"

/* A bench whose own messages have other words than what it is sent. */
struct played {
    struct answer w;
    struct arena *arena;
    const Fedgate__V1__Message *m, *out; /* out NULL: it has no answer */
};

static void play(struct played *p, const char *body)
{
    static const struct fedgate_record record = {"gw.example/log", 7};
    struct buf json = BUF_INIT(1 << 16), wire = BUF_INIT(1 << 16);
    struct ProtobufCMessage *pb;
    struct finding found;
    char why[300] = "";
    p->w.unit = UNIT;
    p->w.codec = "h264";
    p->w.header = (struct agent_header){.status = "test", .staff = "bench"};
    p->w.own = p->w.header;
    p->w.own.service = "own-service";
    p->w.own.purpose = "own-purpose";
    p->w.own.basis = "kr/pipa/18-2-3";
    p->arena = arena_new(LIMIT_ARENA + AGENT_HEADER_MAX);
    buf_printf(&json, "{" HEADER ",%s}", body);
    if (message_from_json(message_type("fedgate.v1.Message"), buf_view(&json), &wire, why,
                          sizeof why) != RESULT_OK)
        fail_msg("%s", why);
    struct bytes kept = arena_copy(p->arena, buf_view(&wire));
    assert_int_equal(message_unpack(p->arena, &fedgate__v1__message__descriptor, kept,
                                    LIMIT_MESSAGE, &pb, &found),
                     RESULT_OK);
    p->m = (void *)pb;
    p->out = answer_to(&p->w, p->arena, p->m, &record);
    buf_free(&json);
    buf_free(&wire);
}

static void drop(struct played *p)
{
    arena_free(p->arena);
}

static void an_answer_has_the_words_of_what_it_answers(void **state)
{
    struct played p = {0};
    (void)state;
    play(&p, "\"dispatchRequest\":{\"type\":\"lost-child\"}");
    assert_non_null(p.out);
    const Fedgate__V1__Header *h = p.out->header;
    assert_string_equal(h->source, UNIT);
    assert_string_not_equal(h->id, ID);
    assert_string_equal(h->service, "people");
    assert_string_equal(h->purpose, "rescue");
    assert_string_equal(h->basis->code, "kr/location/26");
    assert_int_equal(h->n_incident_id, 1);
    assert_string_equal(h->incident_id[0], INCIDENT);
    assert_int_equal(h->status, FEDGATE__V1__STATUS__STATUS_TEST);
    assert_int_equal(h->n_to, 1);
    assert_string_equal(h->to[0], "carrier/alerts");
    assert_string_equal(h->in_reply_to->origin, "gw.example/log");
    assert_int_equal(h->in_reply_to->index, 7);
    assert_string_equal(h->actor->staff_ref, "bench");
    assert_int_equal(p.out->body_case, FEDGATE__V1__MESSAGE__BODY_DISPATCH_ANSWER);
    assert_int_equal(p.out->dispatch_answer->step,
                     FEDGATE__V1__DISPATCH_STEP__DISPATCH_STEP_ACCEPTED);
    drop(&p);
}

static void an_alert_has_the_police_sent_in_the_units_own_words(void **state)
{
    struct played p = {0};
    (void)state;
    play(&p, "\"guardianAlert\":{\"alertId\":\"" ID "\",\"phase\":\"ALERT_PHASE_NEW\","
             "\"subject\":{\"party\":\"carrier\",\"ref\":\"s-1\"},\"position\":{\"latitude\":1}}");
    assert_int_equal(p.out->body_case, FEDGATE__V1__MESSAGE__BODY_DISPATCH_REQUEST);
    assert_string_equal(p.out->header->service, "own-service");
    assert_string_equal(p.out->header->basis->code, "kr/pipa/18-2-3");
    assert_int_equal(p.out->header->n_to, 0);
    assert_string_equal(p.out->header->incident_id[0], UNIT ":" ID);
    assert_string_equal(p.out->dispatch_request->subject->ref, "s-1");
    assert_true(p.out->dispatch_request->position->latitude == 1);
    drop(&p);
}

static void an_alert_that_is_over_ends_its_incident_and_one_that_goes_on_has_no_answer(void **state)
{
    static const struct {
        const char *phase;
        bool ends;
    } row[] = {{"FOUND", true}, {"CANCEL", true}, {"UPDATE", false}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct played p = {0};
        char body[200];
        (void)snprintf(body, sizeof body,
                       "\"guardianAlert\":{\"alertId\":\"" ID "\",\"phase\":\"ALERT_PHASE_%s\"}",
                       row[i].phase);
        play(&p, body);
        assert_int_equal(p.out != NULL, row[i].ends);
        if (row[i].ends) {
            assert_int_equal(p.out->body_case, FEDGATE__V1__MESSAGE__BODY_INCIDENT_CLOSE);
            assert_string_equal(p.out->header->incident_id[0], INCIDENT);
        }
        drop(&p);
    }
}

static void video_is_offered_of_the_camera_that_is_asked_for_or_of_the_own(void **state)
{
    static const struct {
        const char *own, *asked, *offered;
    } row[] = {{NULL, "\"cameraId\":[\"c-1\",\"c-2\"]", "c-1"},
               {"c-9", "\"cameraId\":[\"c-1\"]", "c-9"},
               {NULL, "\"maxStreams\":1", NULL}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct played p = {.w = {.camera = row[i].own}};
        char body[200];
        (void)snprintf(body, sizeof body, "\"videoRequest\":{%s}", row[i].asked);
        play(&p, body);
        const Fedgate__V1__VideoAnswer *a = p.out->video_answer;
        assert_int_equal(a->result == FEDGATE__V1__VIDEO_ANSWER_RESULT__VIDEO_ANSWER_RESULT_OFFERED,
                         row[i].offered != NULL);
        assert_int_equal(a->n_camera_id, row[i].offered != NULL);
        if (row[i].offered != NULL)
            assert_string_equal(a->camera_id[0], row[i].offered);
        drop(&p);
    }
}

static void a_position_is_given_where_there_is_one_with_the_call_as_evidence(void **state)
{
    struct played p = {0};
    (void)state;
    play(&p, "\"locationRequest\":{\"callId\":\"112-7\"}");
    assert_null(p.out);
    drop(&p);
    p.w.has_position = true;
    p.w.position = (struct point){36.5, 127.5};
    play(&p, "\"locationRequest\":{\"callId\":\"112-7\"}");
    assert_int_equal(p.out->body_case, FEDGATE__V1__MESSAGE__BODY_LOCATION_UPDATE);
    assert_true(p.out->location_update->position->latitude == 36.5);
    assert_string_equal(p.out->location_update->subject->party, "centre");
    assert_string_equal(p.out->header->basis->code, "kr/location/26");
    assert_string_equal(p.out->header->basis->evidence[0]->kind, "emergency-call");
    assert_string_equal(p.out->header->basis->evidence[0]->value, "112-7");
    drop(&p);
}

static void a_letter_is_answered_by_its_id_and_the_rest_is_not_answered(void **state)
{
    struct played p = {0};
    (void)state;
    play(&p, "\"releaseRequest\":{}");
    assert_string_equal(p.out->release_answer->request_id, ID);
    drop(&p);
    play(&p, "\"feedback\":{}");
    assert_null(p.out);
    drop(&p);
}

static void a_stream_in_answer_names_incident_and_camera(void **state)
{
    struct played p = {0};
    struct buf wire = BUF_INIT(LIMIT_REQUEST);
    struct ProtobufCMessage *pb;
    struct finding found;
    struct uuid id;
    (void)state;
    play(&p, "\"videoRequest\":{\"cameraId\":[\"c-1\"]}");
    assert_true(answer_start(&p.w, p.m, "c-1", &wire));
    assert_int_equal(message_unpack(p.arena, &fedgate__v1__video_start__descriptor, buf_view(&wire),
                                    LIMIT_REQUEST, &pb, &found),
                     RESULT_OK);
    const Fedgate__V1__VideoStart *v = (void *)pb;
    assert_true(uuid_parse(bytes_of_text(v->stream_id), &id));
    assert_string_equal(v->camera_id, "c-1");
    assert_string_equal(v->header->incident_id[0], INCIDENT);
    assert_int_equal(v->header->status, FEDGATE__V1__STATUS__STATUS_TEST);
    buf_free(&wire);
    drop(&p);
}

static void an_incident_of_its_own_has_the_options_words(void **state)
{
    struct played p = {.w = {.open = "robbery", .incident = INCIDENT}};
    (void)state;
    play(&p, "\"feedback\":{}");
    const struct Fedgate__V1__Message *said[] = {
        answer_report(&p.w, p.arena), answer_request(&p.w, p.arena), answer_close(&p.w, p.arena)};
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        assert_string_equal(said[i]->header->incident_id[0], INCIDENT);
        assert_string_equal(said[i]->header->service, "own-service");
        assert_int_equal(said[i]->header->status, FEDGATE__V1__STATUS__STATUS_TEST);
    }
    assert_string_equal(said[0]->incident_report->type, "robbery");
    assert_int_equal(said[1]->video_request->around->n_point, 1);
    assert_int_equal(said[2]->body_case, FEDGATE__V1__MESSAGE__BODY_INCIDENT_CLOSE);
    drop(&p);
}

static void a_position_is_asked_for_with_the_call_that_is_evidence(void **state)
{
    struct played p = {.w = {.locate = true}};
    (void)state;
    play(&p, "\"feedback\":{}");
    p.w.own.evidence = (struct agent_list){.item = {"case-number=7", "emergency-call=112-1"}};
    for (size_t count = 0; count <= 2; count++) {
        p.w.own.evidence.count = count;
        const struct Fedgate__V1__Message *asked = answer_locate(&p.w, p.arena);
        assert_int_equal(asked->body_case, FEDGATE__V1__MESSAGE__BODY_LOCATION_REQUEST);
        assert_string_equal(asked->location_request->call_id, count < 2 ? "" : "112-1");
        assert_int_equal(asked->header->status, FEDGATE__V1__STATUS__STATUS_TEST);
        assert_string_equal(asked->header->actor->staff_ref, "bench");
        assert_int_equal(asked->header->n_incident_id, 0);
    }
    drop(&p);
}

int main(void)
{
    if (crypto_init() != RESULT_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_the_words_of_what_it_answers),
        cmocka_unit_test(an_alert_has_the_police_sent_in_the_units_own_words),
        cmocka_unit_test(
            an_alert_that_is_over_ends_its_incident_and_one_that_goes_on_has_no_answer),
        cmocka_unit_test(video_is_offered_of_the_camera_that_is_asked_for_or_of_the_own),
        cmocka_unit_test(a_position_is_given_where_there_is_one_with_the_call_as_evidence),
        cmocka_unit_test(a_letter_is_answered_by_its_id_and_the_rest_is_not_answered),
        cmocka_unit_test(a_stream_in_answer_names_incident_and_camera),
        cmocka_unit_test(an_incident_of_its_own_has_the_options_words),
        cmocka_unit_test(a_position_is_asked_for_with_the_call_that_is_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
