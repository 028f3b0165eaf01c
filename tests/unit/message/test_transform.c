#include "message/transform.h"

#include "sample.h"

#include "crypto/mac.h"

static const struct kind *kind(const char *name)
{
    return kind_named(bytes_of_text(name));
}

static struct field_path path_in(const char *kind_name, const char *text)
{
    struct field_path p;
    enum field_shape shape;
    const char *nearest;
    assert_int_equal(field_path_resolve(kind(kind_name), bytes_of_text(text), &p, &shape, &nearest),
                     RESULT_OK);
    return p;
}

static void paths_are_found_with_their_shape(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *path;
        enum field_shape shape;
    } known[] = {{"guardian_alert", "position", FIELD_POSITION},
                 {"guardian_alert", "position.latitude", FIELD_NUMBER},
                 {"guardian_alert", "position.fixed_at.seconds", FIELD_NUMBER},
                 {"guardian_alert", "position.method", FIELD_OTHER},
                 {"guardian_alert", "guardian_contact", FIELD_TEXT},
                 {"guardian_alert", "consent.item", FIELD_TEXT},
                 {"guardian_alert", "photo", FIELD_BYTES},
                 {"guardian_alert", "subject", FIELD_OTHER},
                 {"video_request", "around", FIELD_AREA},
                 {"video_request", "around.point", FIELD_POSITION},
                 {"video_request", "around.point.fixed_at.nanos", FIELD_NUMBER},
                 {"feedback", "helped", FIELD_OTHER}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct field_path p;
        enum field_shape shape;
        const char *nearest;
        char text[100];
        assert_int_equal(field_path_resolve(kind(known[i].kind), bytes_of_text(known[i].path), &p,
                                            &shape, &nearest),
                         RESULT_OK);
        assert_int_equal(shape, known[i].shape);
        field_path_text(kind(known[i].kind), &p, text, sizeof text);
        assert_string_equal(text, known[i].path);
    }
}

static void a_path_that_does_not_exist_is_unknown_with_the_nearest_name(void **state)
{
    (void)state;
    static const struct {
        const char *path, *nearest;
    } unknown[] = {{"positon", "position"},       {"position.latitute", "latitude"},
                   {"position.latitude.x", NULL}, {"", NULL},
                   {"position.", NULL},           {".position", NULL},
                   {"guardian_alert", NULL},      {"position.fixed_at.seconds.a.b", NULL}};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
        struct field_path p;
        enum field_shape shape;
        const char *nearest;
        assert_int_equal(field_path_resolve(kind("guardian_alert"), bytes_of_text(unknown[i].path),
                                            &p, &shape, &nearest),
                         RESULT_UNKNOWN);
        if (unknown[i].nearest != NULL)
            assert_string_equal(nearest, unknown[i].nearest);
    }
}

static void a_path_text_is_cut_to_its_room(void **state)
{
    (void)state;
    struct field_path p = path_in("guardian_alert", "position.latitude");
    char small[12];
    field_path_text(kind("guardian_alert"), &p, small, sizeof small);
    assert_string_equal(small, "position.la");
}

static void kinds_that_carry_a_position_are_known(void **state)
{
    (void)state;
    static const char *const carry[] = {"guardian_alert",  "location_update", "dispatch_request",
                                        "incident_report", "video_request",   "disaster_report",
                                        "public_notice",   "feedback"};
    static const char *const none[] = {"incident_close", "scene_image",  "outcome",
                                       "stream_notice",  "traffic_info", "provision_notice",
                                       "sensor_event"};
    for (size_t i = 0; i < ARRAY_LEN(carry); i++)
        assert_true(kind_carries_position(kind(carry[i]), NULL, 0));
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_false(kind_carries_position(kind(none[i]), NULL, 0));
}

static void a_position_is_gone_only_when_it_is_removed_whole(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *path;
        bool carries;
    } removed[] = {
        {"guardian_alert", "position", false},    {"guardian_alert", "position.latitude", true},
        {"guardian_alert", "photo", true},        {"video_request", "around", false},
        {"video_request", "around.point", false}, {"video_request", "around.place", true}};
    for (size_t i = 0; i < ARRAY_LEN(removed); i++) {
        struct field_path p = path_in(removed[i].kind, removed[i].path);
        assert_int_equal(kind_carries_position(kind(removed[i].kind), &p, 1), removed[i].carries);
    }
    struct field_path two[] = {path_in("guardian_alert", "photo"),
                               path_in("guardian_alert", "position")};
    assert_false(kind_carries_position(kind("guardian_alert"), two, 2));
    struct field_path none = {{0}};
    assert_true(kind_carries_position(kind("guardian_alert"), &none, 1));
}

static void kinds_that_name_cameras_are_known(void **state)
{
    (void)state;
    assert_true(kind_names_cameras(kind("video_request")));
    assert_true(kind_names_cameras(kind("dispatch_request")));
    assert_false(kind_names_cameras(kind("scene_image"))); /* one, not a list */
    assert_false(kind_names_cameras(kind("guardian_alert")));
}

static bool apply(struct sample *s, const char *path, struct transform t)
{
    bool changed;
    t.path = path_in(s->message.kind->name, path);
    assert_int_equal(message_transform(&s->message, &t, &changed), RESULT_OK);
    return changed;
}

static void what_is_dropped_is_not_in_the_bytes(void **state)
{
    (void)state;
    struct sample s;
    struct buf wire = BUF_INIT(LIMIT_MESSAGE);
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    struct transform drop = {.op = TRANSFORM_DROP};
    assert_true(apply(&s, "position", drop));
    assert_false(apply(&s, "position", drop));
    assert_true(apply(&s, "guardian_contact", drop));
    assert_true(apply(&s, "category", drop));
    assert_true(apply(&s, "age_band", drop));
    assert_true(apply(&s, "consent.item", drop));
    assert_true(apply(&s, "speed_mps", drop));
    assert_false(apply(&s, "photo", drop));
    assert_false(apply(&s, "position.latitude", drop));
    message_facts(&s.message);
    assert_int_equal(s.message.facts.origins, 0);
    assert_int_equal(s.message.facts.categories, 0);
    assert_int_equal(message_encode(&s.message, &wire), RESULT_OK);
    assert_null(memmem(wire.p, wire.n, "010-0000", 8));
    assert_null(memmem(wire.p, wire.n, "photo", 5)); /* an item of the consent */
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct message again;
    assert_int_equal(message_decode(arena, buf_view(&wire), &again, &s.why), RESULT_OK);
    assert_null(again.pb->guardian_alert->position);
    assert_int_equal(again.pb->guardian_alert->n_category, 0);
    arena_free(arena);
    buf_free(&wire);
    sample_free(&s);
}

static void a_path_through_a_list_means_each_item(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "traffic_info",
              "\"segment\":[{\"id\":\"R-1\",\"speedKmh\":10},{\"id\":\"R-2\",\"speedKmh\":20}]");
    assert_true(apply(&s, "segment.speed_kmh", (struct transform){.op = TRANSFORM_DROP}));
    for (size_t i = 0; i < 2; i++) {
        assert_true(s.message.pb->traffic_info->segment[i]->speed_kmh == 0);
        assert_true(*s.message.pb->traffic_info->segment[i]->id != '\0');
    }
    sample_free(&s);
}

static void a_mask_hides_all_characters_but_the_last(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t keep;
        const char *masked;
        bool changed;
    } mask[] = {{"010-1234-5678", 4, "*********5678", true},
                {"홍길동", 0, "***", true},
                {"홍길동", 1, "**동", true},
                {"홍길동", 3, "홍길동", false},
                {"a가b", 2, "*가b", true},
                {"ab", 9, "ab", false},
                {"", 0, "", false}};
    for (size_t i = 0; i < ARRAY_LEN(mask); i++) {
        struct sample s;
        char body[200];
        (void)snprintf(body, sizeof body, "\"type\":\"fire\",\"guardian_contact\":\"%s\"",
                       mask[i].text);
        sample_of(&s, HEADER, "dispatch_request", body);
        assert_int_equal(apply(&s, "guardian_contact",
                               (struct transform){.op = TRANSFORM_MASK, .keep = mask[i].keep}),
                         mask[i].changed);
        assert_string_equal(s.message.pb->dispatch_request->guardian_contact, mask[i].masked);
        sample_free(&s);
    }
}

static void a_pseudonym_is_the_recipients_own(void **state)
{
    (void)state;
    struct sample s;
    uint8_t one[KEY_BYTES] = {1}, two[KEY_BYTES] = {2}, tag[TAG_BYTES];
    char text[2 * TAG_BYTES + 1], first[2 * TAG_BYTES + 1];
    mac_tag(one, bytes_of_text("S-17"), tag);
    bytes_to_hex(bytes_of(tag, sizeof tag), text);
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    char **ref = &s.message.pb->guardian_alert->subject->ref, *was = *ref;
    assert_true(
        apply(&s, "subject.ref", (struct transform){.op = TRANSFORM_PSEUDONYM, .key = one}));
    assert_string_equal(*ref, text);
    memcpy(first, *ref, sizeof first);
    *ref = was;
    assert_true(
        apply(&s, "subject.ref", (struct transform){.op = TRANSFORM_PSEUDONYM, .key = two}));
    assert_string_not_equal(*ref, first);
    *ref = (char *)"";
    assert_false(
        apply(&s, "subject.ref", (struct transform){.op = TRANSFORM_PSEUDONYM, .key = two}));
    sample_free(&s);
}

static const struct transform coarse = {
    .op = TRANSFORM_COARSEN, .grid_m = 500, .origin = {36.0, 127.0}};

static void a_coarse_position_is_its_cells_centre(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    Fedgate__V1__Position *p = s.message.pb->guardian_alert->position;
    struct point was = {p->latitude, p->longitude};
    struct point centre = geo_cell_centre(coarse.origin, coarse.grid_m, was);
    assert_true(apply(&s, "position", coarse));
    assert_true(p->latitude == centre.latitude && p->longitude == centre.longitude);
    assert_true(p->accuracy_m > 353.5f && p->accuracy_m < 353.6f);
    assert_true(geo_distance_m(was, centre) <= 354);
    /* another place of the same cell gives the same */
    p->latitude += 0.0001;
    p->accuracy_m = 1000;
    assert_true(apply(&s, "position", coarse));
    assert_true(p->latitude == centre.latitude && p->accuracy_m == 1000);
    sample_free(&s);
}

static void a_coarse_area_has_coarse_points_and_no_words(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "video_request",
              "\"around\":{\"point\":[{\"latitude\":36.31,\"longitude\":127.31},"
              "{\"latitude\":36.32,\"longitude\":127.32}],\"place\":\"12 Main Street\"}");
    assert_true(apply(&s, "around", coarse));
    const Fedgate__V1__Area *a = s.message.pb->video_request->around;
    assert_string_equal(a->place, "");
    for (size_t i = 0; i < 2; i++) {
        struct point p = {a->point[i]->latitude, a->point[i]->longitude};
        struct point centre = geo_cell_centre(coarse.origin, coarse.grid_m, p);
        assert_true(geo_distance_m(p, centre) < 0.01);
    }
    sample_free(&s);
}

static void an_area_becomes_cameras(void **state)
{
    (void)state;
    static const char *const camera[] = {"DJ-7", "DJ-8"};
    struct sample s;
    sample_of(&s, HEADER, "video_request",
              "\"around\":{\"point\":[{\"latitude\":36.31,\"longitude\":127.31}]},"
              "\"cameraId\":[\"DJ-1\"]");
    struct transform t = {.op = TRANSFORM_TO_CAMERAS, .camera = camera, .cameras = 2};
    assert_true(apply(&s, "around", t));
    const Fedgate__V1__VideoRequest *v = s.message.pb->video_request;
    assert_null(v->around);
    assert_int_equal(v->n_camera_id, 2);
    assert_string_equal(v->camera_id[1], "DJ-8");
    assert_ptr_not_equal(v->camera_id[1], camera[1]);
    /* nothing to replace: the list stays */
    t.cameras = 0;
    assert_false(apply(&s, "around", t));
    assert_int_equal(v->n_camera_id, 2);
    struct buf wire = BUF_INIT(LIMIT_MESSAGE);
    assert_int_equal(message_encode(&s.message, &wire), RESULT_OK);
    assert_non_null(memmem(wire.p, wire.n, "DJ-8", 4));
    assert_null(memmem(wire.p, wire.n, "DJ-1", 4));
    buf_free(&wire);
    sample_free(&s);
}

static void what_an_operation_does_not_fit_is_dropped(void **state)
{
    (void)state;
    struct sample s;
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    assert_true(apply(&s, "subject", (struct transform){.op = TRANSFORM_MASK}));
    assert_null(s.message.pb->guardian_alert->subject);
    assert_true(apply(&s, "features", coarse));
    assert_string_equal(s.message.pb->guardian_alert->features, "");
    assert_true(apply(&s, "position", (struct transform){.op = TRANSFORM_TO_CAMERAS}));
    assert_null(s.message.pb->guardian_alert->position);
    sample_free(&s);
}

static void a_signed_original_is_taken_away_once(void **state)
{
    struct sample s;
    struct field_path path;
    char text[40];
    (void)state;
    sample_of(&s, HEADER, "public_notice",
              "\"type\":\"NOTICE_TYPE_ALERT\",\"category\":\"Met\",\"event\":\"x\","
              "\"urgency\":\"Past\",\"certainty\":\"Likely\",\"signedCap\":\"PGFsZXJ0Lz4=\"");
    assert_true(message_drop_original(&s.message, &path));
    field_path_text(s.message.kind, &path, text, sizeof text);
    assert_string_equal(text, "signed_cap");
    assert_int_equal(s.message.pb->public_notice->signed_cap.len, 0);
    assert_false(message_drop_original(&s.message, &path));
    sample_free(&s);
    sample_of(&s, HEADER, "guardian_alert", ALERT);
    assert_false(message_drop_original(&s.message, &path));
    sample_free(&s);
}

static void no_memory_is_the_only_failure(void **state)
{
    (void)state;
    struct sample s;
    bool changed;
    uint8_t key[KEY_BYTES] = {1};
    static const char *const camera[] = {"DJ-7"};
    sample_of(&s, HEADER, "video_request",
              "\"around\":{\"point\":[{\"latitude\":36.31,\"longitude\":127.31}]},"
              "\"reason\":\"x\"");
    while (arena_take(s.arena, 1024) != NULL || arena_take(s.arena, 16) != NULL)
        ;
    struct transform t = {.op = TRANSFORM_PSEUDONYM,
                          .key = key,
                          .path = path_in("video_request", "reason"),
                          .camera = camera,
                          .cameras = 1};
    assert_int_equal(message_transform(&s.message, &t, &changed), RESULT_NO_MEMORY);
    t.op = TRANSFORM_TO_CAMERAS;
    t.path = path_in("video_request", "around");
    assert_int_equal(message_transform(&s.message, &t, &changed), RESULT_NO_MEMORY);
    sample_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_found_with_their_shape),
        cmocka_unit_test(a_path_that_does_not_exist_is_unknown_with_the_nearest_name),
        cmocka_unit_test(a_path_text_is_cut_to_its_room),
        cmocka_unit_test(kinds_that_carry_a_position_are_known),
        cmocka_unit_test(a_position_is_gone_only_when_it_is_removed_whole),
        cmocka_unit_test(kinds_that_name_cameras_are_known),
        cmocka_unit_test(what_is_dropped_is_not_in_the_bytes),
        cmocka_unit_test(a_path_through_a_list_means_each_item),
        cmocka_unit_test(a_mask_hides_all_characters_but_the_last),
        cmocka_unit_test(a_pseudonym_is_the_recipients_own),
        cmocka_unit_test(a_coarse_position_is_its_cells_centre),
        cmocka_unit_test(a_coarse_area_has_coarse_points_and_no_words),
        cmocka_unit_test(an_area_becomes_cameras),
        cmocka_unit_test(what_an_operation_does_not_fit_is_dropped),
        cmocka_unit_test(a_signed_original_is_taken_away_once),
        cmocka_unit_test(no_memory_is_the_only_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
