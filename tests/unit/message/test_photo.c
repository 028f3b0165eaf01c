#include "message/photo.h"

#include "sample.h"

#include "crypto/base64.h"
#include "crypto/digest.h"
#include "message/jpeg.h"

struct photo {
    struct buf jpeg, base64, stripped;
    uint8_t sha256[SHA256_BYTES], stripped_sha256[SHA256_BYTES];
};

static void sha256(struct bytes b, uint8_t *out)
{
    struct hasher *h = hasher_new();
    hasher_sha256(h, &b, 1, out);
    hasher_free(h);
}

static struct photo photo_new(void)
{
    struct photo p = {
        .jpeg = BUF_INIT(1u << 16), .base64 = BUF_INIT(1u << 16), .stripped = BUF_INIT(1u << 16)};
    struct jpeg_facts facts;
    read_file("message/baseline.jpg", &p.jpeg);
    base64_put(&p.base64, buf_view(&p.jpeg));
    assert_int_equal(jpeg_strip(buf_view(&p.jpeg), &p.stripped, &facts), RESULT_OK);
    sha256(buf_view(&p.jpeg), p.sha256);
    sha256(buf_view(&p.stripped), p.stripped_sha256);
    return p;
}

static void photo_free(struct photo *p)
{
    buf_free(&p->jpeg);
    buf_free(&p->base64);
    buf_free(&p->stripped);
}

static void sample_with_photo(struct sample *s, struct photo *p, const char *kind, const char *body,
                              const char *field)
{
    struct buf json = BUF_INIT(1u << 16);
    buf_printf(&json, "%s,\"mediaType\":\"image/jpeg\",\"%s\":\"%s\"", body, field,
               buf_c(&p->base64));
    sample_decode(s, HEADER, kind, buf_c(&json));
    buf_free(&json);
}

static void set_digest(struct sample *s, ProtobufCBinaryData *to, const uint8_t *digest)
{
    *to = (ProtobufCBinaryData){SHA256_BYTES,
                                (uint8_t *)arena_copy(s->arena, bytes_of(digest, SHA256_BYTES)).p};
}

static void assert_data(const ProtobufCBinaryData *d, struct bytes expected)
{
    assert_true(bytes_equal(bytes_of(d->data, d->len), expected));
}

static void an_alerts_photo_loses_its_metadata_and_has_its_new_digest(void **state)
{
    (void)state;
    struct photo p = photo_new();
    struct sample s;
    for (int given = 0; given < 2; given++) {
        sample_with_photo(&s, &p, "guardian_alert", ALERT, "photo");
        Fedgate__V1__GuardianAlert *a = s.message.pb->guardian_alert;
        if (given)
            set_digest(&s, &a->photo_sha256, p.sha256);
        sample_check(&s);
        assert_clean(&s);
        assert_data(&a->photo, buf_view(&p.stripped));
        assert_data(&a->photo_sha256, bytes_of(p.stripped_sha256, SHA256_BYTES));
        assert_int_equal(s.message.facts.media_bytes, p.stripped.n);
        sample_free(&s);
    }
    photo_free(&p);
}

static void a_later_alert_has_the_digest_alone(void **state)
{
    (void)state;
    struct photo p = photo_new();
    struct sample s;
    sample_decode(&s, HEADER, "guardian_alert", ALERT);
    set_digest(&s, &s.message.pb->guardian_alert->photo_sha256, p.sha256);
    sample_check(&s);
    assert_clean(&s);
    assert_data(&s.message.pb->guardian_alert->photo_sha256, bytes_of(p.sha256, SHA256_BYTES));
    sample_free(&s);
    photo_free(&p);
}

static void a_photo_that_is_no_good_never_stops_an_alert(void **state)
{
    (void)state;
    struct photo p = photo_new();
    for (int fault = 0; fault < 4; fault++) {
        struct sample s;
        sample_with_photo(&s, &p, "guardian_alert", ALERT, "photo");
        Fedgate__V1__GuardianAlert *a = s.message.pb->guardian_alert;
        switch (fault) {
        case 0: a->photo.data[0] = 0; break;
        case 1: a->photo.len--; break;
        case 2: set_digest(&s, &a->photo_sha256, p.stripped_sha256); break;
        default: a->media_type = (char *)""; break;
        }
        sample_check(&s);
        static const char *const text[] = {"guardian_alert.photo: a whole baseline",
                                           "guardian_alert.photo: a whole baseline",
                                           "guardian_alert.photo_sha256: the SHA-256 of",
                                           "guardian_alert.media_type: image/jpeg (left out)"};
        assert_flagged(&s, REASON_MEDIA_REFUSED, text[fault]);
        assert_int_equal(a->photo.len, 0);
        assert_int_equal(a->photo_sha256.len, 0);
        assert_int_equal(s.message.facts.media_bytes, 0);
        sample_free(&s);
    }
    photo_free(&p);
}

static void a_photo_past_its_limit_is_left_out(void **state)
{
    (void)state;
    struct photo p = photo_new();
    struct sample s;
    sample_with_photo(&s, &p, "dispatch_request", "\"type\":\"fire\"", "photo");
    uint8_t *large = arena_take(s.arena, LIMIT_PHOTO + 1);
    s.message.pb->dispatch_request->photo = (ProtobufCBinaryData){LIMIT_PHOTO + 1, large};
    sample_check(&s);
    assert_flagged(&s, REASON_OUT_OF_RANGE,
                   "dispatch_request.photo: at most 2097152 bytes (left out)");
    sample_free(&s);
    photo_free(&p);
}

static void a_dispatch_carries_its_photo_without_metadata(void **state)
{
    (void)state;
    struct photo p = photo_new();
    struct sample s;
    sample_with_photo(&s, &p, "dispatch_request", "\"type\":\"fire\"", "photo");
    sample_check(&s);
    assert_clean(&s);
    assert_data(&s.message.pb->dispatch_request->photo, buf_view(&p.stripped));
    s.message.pb->dispatch_request->photo.data[0] = 0;
    sample_check(&s);
    assert_flagged(&s, REASON_MEDIA_REFUSED, "dispatch_request.photo: a whole baseline");
    assert_int_equal(s.message.facts.media_bytes, 0);
    sample_free(&s);
    photo_free(&p);
}

#define SCENE "\"cameraId\":\"DJ-1\",\"takenAt\":\"2026-11-21T11:59:00Z\""

static void a_scene_image_says_what_was_taken_and_what_is_delivered(void **state)
{
    (void)state;
    struct photo p = photo_new();
    struct sample s;
    sample_with_photo(&s, &p, "scene_image", SCENE, "image");
    Fedgate__V1__SceneImage *i = s.message.pb->scene_image;
    set_digest(&s, &i->original_sha256, p.sha256);
    sample_check(&s);
    assert_clean(&s);
    assert_data(&i->image, buf_view(&p.stripped));
    assert_data(&i->original_sha256, bytes_of(p.sha256, SHA256_BYTES));
    assert_data(&i->delivered_sha256, bytes_of(p.stripped_sha256, SHA256_BYTES));
    assert_int_equal(s.message.facts.recorded_us, NOW_US - 70 * US_PER_S);
    assert_int_equal(s.message.facts.cameras, 1);
    sample_free(&s);
    photo_free(&p);
}

static void a_scene_image_with_a_wrong_word_about_itself_is_refused(void **state)
{
    (void)state;
    static const char *const text[] = {
        "scene_image.original_sha256: the SHA-256 of the picture as sent",
        "scene_image.delivered_sha256: set by the gateway only",
        "scene_image.original_sha256: 32 bytes",
        "scene_image.media_type: image/jpeg",
        "scene_image.image: a whole baseline or progressive JPEG",
        "scene_image.taken_at: required",
        "scene_image.taken_at: a time in the past",
        "scene_image.useful_until: a time after taken_at"};
    struct photo p = photo_new();
    for (size_t fault = 0; fault < ARRAY_LEN(text); fault++) {
        struct sample s;
        sample_with_photo(&s, &p, "scene_image", SCENE, "image");
        Fedgate__V1__SceneImage *i = s.message.pb->scene_image;
        switch (fault) {
        case 0: set_digest(&s, &i->original_sha256, p.stripped_sha256); break;
        case 1: set_digest(&s, &i->delivered_sha256, p.stripped_sha256); break;
        case 2: i->original_sha256 = (ProtobufCBinaryData){31, p.sha256}; break;
        case 3: i->media_type = (char *)"image/png"; break;
        case 4: i->image.len /= 2; break;
        case 5: i->taken_at = NULL; break;
        case 6: i->taken_at->seconds += 3600; break;
        default: i->useful_until = i->taken_at;
        }
        sample_check(&s);
        assert_true(s.found.refused);
        if (strncmp(s.found.finding[0].text, text[fault], strlen(text[fault])) != 0)
            assert_string_equal(s.found.finding[0].text, text[fault]);
        sample_free(&s);
    }
    photo_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alerts_photo_loses_its_metadata_and_has_its_new_digest),
        cmocka_unit_test(a_later_alert_has_the_digest_alone),
        cmocka_unit_test(a_photo_that_is_no_good_never_stops_an_alert),
        cmocka_unit_test(a_photo_past_its_limit_is_left_out),
        cmocka_unit_test(a_dispatch_carries_its_photo_without_metadata),
        cmocka_unit_test(a_scene_image_says_what_was_taken_and_what_is_delivered),
        cmocka_unit_test(a_scene_image_with_a_wrong_word_about_itself_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
