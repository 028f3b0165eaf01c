#include "ask.h"

#include "message/json.h"

#include <fedgate/v1/fedgate.pb-c.h>

static void what_is_wrong_in_a_transform_is_told(void **state)
{
    static const struct change row[] = {
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "arround: {to-cameras: {grid: 250 m, within: 500 m}}",
         A ":31:7: error: kind video_request has no field 'arround'"
           "|      = did you mean 'around'?"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around.points: drop",
         A ":31:7: error: kind video_request has no field 'around.points'"
           "|      = did you mean 'point'?"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: {to-cameras: {grid: 250 m}}",
         A ":31:28: error: to-cameras needs the key 'within'"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: {to-cameras: {grid: 250, within: 500 m}}",
         A ":31:35: error: expected metres such as '250 m' for grid"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: {to-cameras: {grid: 250 m, within: 1001 km}}",
         A ":31:50: error: expected metres such as '250 m' for within"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: {to-cameras: {grid: 250 m, within: 500 m}, coarsen: {grid: 250 m}}",
         A ":31:15: error: a field has exactly one transform: drop, pseudonymise, mask, coarsen or "
           "to-cameras"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around: {}",
         A ":31:15: error: a field has exactly one transform: drop, pseudonymise, mask, coarsen or "
           "to-cameras"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around: {blur: {grid: 250 m}}",
         A ":31:16: error: unknown key 'blur' in a transform"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around: [drop]",
         A ":31:15: error: expected 'key: value' lines for a transform"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around: remove",
         A ":31:15: error: unknown transform 'remove'"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around: pseudonymise",
         A ":31:7: error: 'pseudonymise' does not fit the field 'around'"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", "around: {mask: all}",
         A ":31:7: error: 'mask' does not fit the field 'around'"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: drop\n"
         "      reason: {mask: {keep: 101}}",
         A ":32:29: error: expected a whole number from 0 to 100 for keep"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: drop\n"
         "      reason: {mask: some}",
         A ":32:22: error: expected 'key: value' lines for mask (all, or keep)"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: drop\n"
         "      reason: {coarsen: {grid: 100 m}}",
         A ":32:7: error: 'coarsen' does not fit the field 'reason'"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: drop\n"
         "      max_streams: {mask: all}",
         A ":32:7: error: 'mask' does not fit the field 'max_streams'"},
        {A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
         "around: drop\n"
         "      reason: {mask: {keep: 100}}\n"
         "      max_streams: drop",
         ""},
        {A, "      around: {to-cameras: {grid: 250 m, within: 500 m}}\n", "      {}\n",
         A ":31:7: error: the list for transform is empty"},
        {A, "      around: {to-cameras: {grid: 250 m, within: 500 m}}\n", "      [around]\n",
         A ":31:7: error: expected 'key: value' lines for transform"},
        {A, "    limits: {streams_per_incident",
         "    transform: {camera_id: drop}\n"
         "    limits: {streams_per_incident",
         A ":48:16: error: 'transform' has no meaning for kind video"},
        {B, "when: {evidence: emergency-call}",
         "transform: {position: {to-cameras: {grid: 1 km, within: 1 km}}}", ""},
        {A, "    limits: {messages_per_s: 5}\n",
         "    transform: {note: {to-cameras: {grid: 1 km, within: 1 km}}}\n",
         A ":60:17: error: 'to-cameras' does not fit the field 'note'"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* ---- at run time */

#define BODY_HEADER                                                                                \
    "{\"header\":{\"id\":\"" UUID_2                                                                \
    "\",\"source\":\"police/control\",\"status\":\"STATUS_ACTUAL\"},"
#define POSITION "{\"latitude\":36.3504,\"longitude\":127.3845,\"accuracyM\":5}"
#define REQUEST                                                                                    \
    BODY_HEADER "\"videoRequest\":{\"around\":{\"point\":[" POSITION "],\"radiusM\":100,"          \
                "\"place\":\"the yellow house\"},\"maxStreams\":3,\"reason\":\"사람이 다침\"}}"

/* A message, what its grant made of it, and the paths that it says were changed. */
struct made {
    struct arena *arena;
    struct message message;
    struct field_path changed[POLICY_CHANGED_MAX];
    size_t count;
};

static const uint8_t tag_key[32] = {7};

static void make(struct ask *a, const char *json, struct made *out)
{
    struct buf wire = BUF_INIT(1 << 20);
    struct finding why;
    char text[200] = "";
    *out = (struct made){.arena = arena_new(LIMIT_ARENA)};
    if (message_from_json(message_type("fedgate.v1.Message"), bytes_of_text(json), &wire, text,
                          sizeof text) != RESULT_OK)
        fail_msg("%s", text);
    assert_int_equal(message_decode(out->arena, buf_view(&wire), &out->message, &why), RESULT_OK);
    buf_free(&wire);
    assert_int_equal(ask_decide(a)->reason, REASON_PERMITTED);
    assert_int_equal(policy_transform(&a->q, &a->d,
                                      policy_unit(a->set.policy, bytes_of_text(a->to)), tag_key,
                                      &out->message, out->changed, &out->count),
                     RESULT_OK);
}

static void expect_changed(const struct made *m, const char *path, size_t i)
{
    char text[100];
    assert_true(i < m->count);
    field_path_text(m->message.kind, &m->changed[i], text, sizeof text);
    assert_string_equal(text, path);
}

static const Fedgate__V1__VideoRequest *request(const struct made *m)
{
    return m->message.pb->video_request;
}

static void ask_transformed(struct ask *a, const char *transform)
{
    ask_new(a);
    if (transform != NULL)
        set_change(&a->set, A, "around: {to-cameras: {grid: 250 m, within: 500 m}}", transform);
    ask_open(a, "request");
}

static void a_dropped_field_is_gone(void **state)
{
    struct ask a;
    struct made m;
    (void)state;
    ask_transformed(&a, "around: drop\n      reason: drop\n      camera_id: drop");
    make(&a, REQUEST, &m);
    assert_null(request(&m)->around);
    assert_string_equal(request(&m)->reason, "");
    assert_int_equal(request(&m)->max_streams, 3);
    assert_int_equal(m.count, 2); /* there was no camera_id */
    expect_changed(&m, "around", 0);
    expect_changed(&m, "reason", 1);
    arena_free(m.arena);
    ask_free(&a);
}

static void a_masked_text_keeps_its_last_characters(void **state)
{
    static const struct {
        const char *transform, *left;
    } row[] = {{"reason: {mask: all}", "******"},
               {"reason: {mask: {keep: 2}}", "****다침"},
               {"reason: {mask: {keep: 6}}", "사람이 다침"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct ask a;
        struct made m;
        char transform[100];
        (void)snprintf(transform, sizeof transform, "around: drop\n      %s", row[i].transform);
        ask_transformed(&a, transform);
        make(&a, REQUEST, &m);
        assert_string_equal(request(&m)->reason, row[i].left);
        assert_int_equal(m.count, i < 2 ? 2 : 1);
        arena_free(m.arena);
        ask_free(&a);
    }
}

/* A grid whose lines run through the south-west of the service area. */
static void a_coarse_place_is_the_middle_of_its_cell(void **state)
{
    struct point cell =
        geo_cell_centre((struct point){36.20, 127.20}, 2000, (struct point){36.3504, 127.3845});
    struct ask a;
    struct made m;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A,
               "    transform:\n      around: {to-cameras: {grid: 250 m, within: 500 m}}",
               "      origin: place\n    transform:\n      around: {coarsen: {grid: 2 km}}");
    ask_open(&a, "request");
    make(&a, REQUEST, &m);
    const Fedgate__V1__Position *p = request(&m)->around->point[0];
    assert_true(p->latitude == cell.latitude && p->longitude == cell.longitude);
    assert_true(p->accuracy_m > 1414 && p->accuracy_m < 1415);
    assert_string_equal(request(&m)->around->place, "");
    assert_int_equal(m.count, 1);
    arena_free(m.arena);
    ask_free(&a);
}

/* The same for the same recipient, so that it can be matched; another for each. */
static void a_pseudonym_is_the_recipients_own(void **state)
{
    struct ask a;
    struct made first, again, other;
    (void)state;
    ask_new(&a);
    set_change(&a.set, A, "around: {to-cameras: {grid: 250 m, within: 500 m}}",
               "around: drop\n      reason: pseudonymise");
    set_change(&a.set, A, "    to: [centre/video]\n", "    to: [centre/video, centre/desk]\n");
    ask_open(&a, "request");
    make(&a, REQUEST, &first);
    make(&a, REQUEST, &again);
    a.to = "centre/desk";
    make(&a, REQUEST, &other);
    assert_int_equal(strspn(request(&first)->reason, "0123456789abcdef"),
                     strlen(request(&first)->reason));
    assert_string_equal(request(&again)->reason, request(&first)->reason);
    assert_string_not_equal(request(&other)->reason, request(&first)->reason);
    arena_free(first.arena);
    arena_free(again.arena);
    arena_free(other.arena);
    ask_free(&a);
}

static void a_place_becomes_the_recipients_cameras_around_it(void **state)
{
    struct ask a;
    struct made m;
    (void)state;
    ask_new(&a);
    set_change(&a.set, CAMERAS, "audio\n", /* within the square of 500 m, not the circle */
               "audio\ncam-0,36.354000,127.385000,fixed,traffic,centre,no\n");
    ask_open(&a, "request");
    make(&a, REQUEST, &m);
    assert_null(request(&m)->around);
    assert_int_equal(request(&m)->n_camera_id, 2); /* cam-4 is the police's, cam-3 is too far */
    assert_string_equal(request(&m)->camera_id[0], "cam-1");
    assert_string_equal(request(&m)->camera_id[1], "cam-2");
    assert_int_equal(m.count, 1);
    expect_changed(&m, "around", 0);
    arena_free(m.arena);
    ask_free(&a);
}

/* Else a sender could move the place with each message, and the list of cameras would tell it. */
static void cameras_are_found_around_the_incident_and_not_the_message(void **state)
{
    struct ask a;
    struct made m;
    (void)state;
    ask_transformed(&a, NULL);
    a.facts.has_place = true;
    a.facts.place = scene;
    a.incident[0].centre = (struct point){36.361, 127.380};
    make(&a, REQUEST, &m);
    assert_int_equal(request(&m)->n_camera_id, 1);
    assert_string_equal(request(&m)->camera_id[0], "cam-3");
    arena_free(m.arena);
    a.incident[0].has_centre = false;
    make(&a, REQUEST, &m);
    assert_int_equal(request(&m)->n_camera_id, 2);
    arena_free(m.arena);
    a.facts.has_place = false;
    make(&a, REQUEST, &m);
    assert_null(request(&m)->around);
    assert_int_equal(request(&m)->n_camera_id, 0);
    arena_free(m.arena);
    ask_free(&a);
}

static void the_incident_for_which_the_grant_held_places_the_cameras(void **state)
{
    struct ask a;
    struct made m;
    (void)state;
    ask_transformed(&a, NULL);
    a.facts.incident[1] = bytes_of_text("police/control:" UUID_2);
    a.facts.incidents = 2;
    end_incident(&a.incident[0]);
    a.incident[1].centre = (struct point){36.361, 127.380};
    make(&a, REQUEST, &m);
    assert_int_equal(request(&m)->n_camera_id, 1);
    assert_string_equal(request(&m)->camera_id[0], "cam-3");
    arena_free(m.arena);
    ask_free(&a);
}

static void of_many_cameras_the_64_nearest_are_named_in_order(void **state)
{
    struct buf lines = BUF_INIT(1 << 20);
    struct point cell = geo_cell_centre((struct point){36.20, 127.20}, 250, scene);
    struct ask a;
    struct made m;
    char id[20];
    (void)state;
    ask_new(&a);
    buf_text(&lines, "id,latitude,longitude,kind,installed_for,owner,audio\n");
    for (int i = 99; i >= 0; i--) /* pairs at the same distance, a metre apart */
        buf_printf(&lines, "c-%02d,%.7f,%.7f,fixed,traffic,centre,no\n", i,
                   cell.latitude + (i / 2) / 111195.0, cell.longitude);
    set_put(&a.set, CAMERAS, buf_c(&lines));
    ask_open(&a, "request");
    make(&a, REQUEST, &m);
    assert_int_equal(request(&m)->n_camera_id, TRANSFORM_CAMERAS_MAX);
    for (int i = 0; i < TRANSFORM_CAMERAS_MAX; i++) {
        (void)snprintf(id, sizeof id, "c-%02d", i);
        assert_string_equal(request(&m)->camera_id[i], id);
    }
    arena_free(m.arena);
    ask_free(&a);
    buf_free(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_a_transform_is_told),
        cmocka_unit_test(a_dropped_field_is_gone),
        cmocka_unit_test(a_masked_text_keeps_its_last_characters),
        cmocka_unit_test(a_coarse_place_is_the_middle_of_its_cell),
        cmocka_unit_test(a_pseudonym_is_the_recipients_own),
        cmocka_unit_test(a_place_becomes_the_recipients_cameras_around_it),
        cmocka_unit_test(cameras_are_found_around_the_incident_and_not_the_message),
        cmocka_unit_test(the_incident_for_which_the_grant_held_places_the_cameras),
        cmocka_unit_test(of_many_cameras_the_64_nearest_are_named_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
