/* Messages from JSON, with what the options and the agent add; and photos, in and out. */
#include "cli/agent/message.h"

#include "base/clock.h"
#include "base/ident.h"
#include "base/limits.h"
#include "capture.h"
#include "crypto/init.h"
#include "message/message.h"

#include <fcntl.h>
#include <fedgate/v1/fedgate.pb-c.h>
#include <string.h>
#include <sys/stat.h>

#define NOW      INT64_C(1795222800000001)
#define ID       "019aa2b0-0000-7000-8000-000000000001"
#define INCIDENT "a/b:" ID
#define TAKEN    INT64_C(1795000000)
#define PHOTO    "\xff\xd8\xff\xe0 a photo"
#define SCENE    "{\"sceneImage\":{\"cameraId\":\"dj-1\"}}"

struct encoded {
    struct buf bytes;
    struct arena *arena;
    Fedgate__V1__Message *m; /* NULL: it did not come about */
    char id[AGENT_ID], why[300];
};

static void encode(struct encoded *e, const char *json, const struct agent_addition *more)
{
    ProtobufCMessage *m;
    struct finding why;
    *e = (struct encoded){.bytes = BUF_INIT(LIMIT_MESSAGE), .arena = arena_new(LIMIT_ARENA)};
    if (!agent_encode(bytes_of_text(json), more, NOW, &e->bytes, e->id, NULL, e->why,
                      sizeof e->why))
        return;
    assert_int_equal(message_unpack(e->arena, &fedgate__v1__message__descriptor,
                                    buf_view(&e->bytes), LIMIT_MESSAGE, &m, &why),
                     RESULT_OK);
    e->m = (void *)m;
}

static void drop(struct encoded *e)
{
    buf_free(&e->bytes);
    arena_free(e->arena);
}

static void what_a_header_leaves_out_is_filled(void **state)
{
    const struct agent_addition more = {.unit = "a/b"};
    struct encoded e;
    struct uuid id;
    (void)state;
    encode(&e, "{\"incidentReport\":{}}", &more);
    const Fedgate__V1__Header *h = e.m->header;
    assert_true(uuid_parse(bytes_of_text(h->id), &id));
    assert_string_equal(h->id, e.id);
    assert_string_equal(h->source, "a/b");
    assert_int_equal(h->created_at->seconds, NOW / US_PER_S);
    assert_int_equal(h->created_at->nanos, 1000);
    assert_int_equal(h->status, FEDGATE__V1__STATUS__STATUS_ACTUAL);
    drop(&e);
}

static void what_a_header_says_stays(void **state)
{
    const struct agent_addition more = {.unit = "a/b"};
    struct encoded e;
    (void)state;
    encode(&e,
           "{\"header\":{\"id\":\"" ID
           "\",\"source\":\"c/d\",\"createdAt\":\"2026-01-01T00:00:00Z\","
           "\"status\":\"STATUS_TEST\"},\"incidentReport\":{}}",
           &more);
    assert_string_equal(e.m->header->id, ID);
    assert_string_equal(e.m->header->source, "c/d");
    assert_int_equal(e.m->header->created_at->seconds, 1767225600);
    assert_int_equal(e.m->header->status, FEDGATE__V1__STATUS__STATUS_TEST);
    drop(&e);
}

static void options_replace_what_a_header_says(void **state)
{
    struct agent_addition more = {.unit = "a/b",
                                  .header = {.id = ID,
                                             .service = "disaster",
                                             .purpose = "public-warning",
                                             .basis = "kr/pipa/18-2-10",
                                             .status = "exercise",
                                             .sent = "-5s",
                                             .destroy_by = "2026-11-22T00:00:00Z",
                                             .staff = "p-1",
                                             .workstation = "w2",
                                             .evidence = {{"incident-id=D-1"}, 1},
                                             .incident = {{INCIDENT}, 1},
                                             .to = {{"c/d", "e/f"}, 2}}};
    struct encoded e;
    (void)state;
    assert_true(agent_header_check(&more.header));
    encode(&e,
           "{\"header\":{\"service\":\"x\",\"basis\":{\"code\":\"y\",\"evidence\":[{},{}]},"
           "\"incidentId\":[\"z\",\"z\"],\"to\":[\"z\"],\"actor\":{\"role\":\"z\"}},"
           "\"publicNotice\":{}}",
           &more);
    const Fedgate__V1__Header *h = e.m->header;
    assert_string_equal(h->id, ID);
    assert_string_equal(h->service, "disaster");
    assert_string_equal(h->purpose, "public-warning");
    assert_string_equal(h->basis->code, "kr/pipa/18-2-10");
    assert_int_equal(h->basis->n_evidence, 1);
    assert_string_equal(h->basis->evidence[0]->kind, "incident-id");
    assert_string_equal(h->basis->evidence[0]->value, "D-1");
    assert_int_equal(h->n_incident_id, 1);
    assert_string_equal(h->incident_id[0], INCIDENT);
    assert_int_equal(h->n_to, 2);
    assert_string_equal(h->to[1], "e/f");
    assert_int_equal(h->status, FEDGATE__V1__STATUS__STATUS_EXERCISE);
    assert_int_equal(h->created_at->seconds, NOW / US_PER_S - 5);
    assert_int_equal(h->destroy_by->seconds, 1795305600);
    assert_string_equal(h->actor->staff_ref, "p-1");
    assert_string_equal(h->actor->role, "");
    assert_string_equal(h->actor->workstation, "w2");
    drop(&e);
}

static void options_that_make_no_sense_are_refused_before_anything_is_sent(void **state)
{
    struct agent_header bad[] = {{.id = "019AA2B0-0000-7000-8000-000000000001"},
                                 {.status = "live"},
                                 {.wish = "no-reason"},
                                 {.wish = "REASON_"},
                                 {.sent = "noon"},
                                 {.destroy_by = "noon"},
                                 {.role = "officer"},
                                 {.evidence = {{"a=b"}, 1}},
                                 {.basis = "x", .evidence = {{"a"}, 1}},
                                 {.basis = "x", .evidence = {{"=b"}, 1}},
                                 {.basis = "x", .evidence = {{"a="}, 1}},
                                 {.incident = {{ID}, 1}},
                                 {.to = {{"Police"}, 1}}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(agent_header_check(&bad[i]));
}

static void a_wish_is_a_reasons_word_or_its_name(void **state)
{
    static const char *const wishes[] = {"rate-exceeded", "RATE_EXCEEDED", "REASON_RATE_EXCEEDED"};
    struct encoded e;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
        struct agent_addition more = {.unit = "a/b",
                                      .header = {.status = "test", .wish = wishes[i]}};
        assert_true(agent_header_check(&more.header));
        encode(&e, "{\"header\":{},\"publicNotice\":{}}", &more);
        assert_int_equal(e.m->header->test_wish, FEDGATE__V1__REASON__REASON_RATE_EXCEEDED);
        drop(&e);
    }
}

static void json_that_is_no_message_says_why(void **state)
{
    const struct agent_addition more = {.unit = "a/b"};
    struct encoded e;
    (void)state;
    encode(&e, "{\"videoRequst\":{}}", &more);
    assert_null(e.m);
    assert_says(e.why, "video_request");
    drop(&e);
    encode(&e, "{", &more);
    assert_null(e.m);
    assert_true(e.why[0] != '\0');
    drop(&e);
}

static void a_photo_goes_where_its_kind_has_one_with_its_time(void **state)
{
    const struct agent_addition more = {
        .unit = "a/b", .photo = bytes_of_text(PHOTO), .taken_us = TAKEN * US_PER_S};
    struct encoded e;
    (void)state;
    encode(&e, SCENE, &more);
    assert_memory_equal(e.m->scene_image->image.data, PHOTO, strlen(PHOTO));
    assert_string_equal(e.m->scene_image->media_type, "image/jpeg");
    assert_int_equal(e.m->scene_image->taken_at->seconds, TAKEN);
    drop(&e);
    encode(&e, "{\"sceneImage\":{\"takenAt\":\"2026-01-01T00:00:00Z\"}}", &more);
    assert_int_equal(e.m->scene_image->taken_at->seconds, 1767225600);
    drop(&e);
    encode(&e, "{\"guardianAlert\":{}}", &more);
    assert_int_equal(e.m->guardian_alert->photo.len, strlen(PHOTO));
    drop(&e);
    encode(&e, "{\"videoRequest\":{}}", &more);
    assert_null(e.m);
    assert_says(e.why, "--photo is for");
    drop(&e);
}

static void a_deadline_of_a_document_is_only_made_earlier(void **state)
{
#define CAP                                                                                        \
    "<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'><identifier>" ID "</identifier>"          \
    "<sender>a/b</sender><sent>2026-11-21T12:00:00+09:00</sent><status>Test</status>"              \
    "<msgType>Alert</msgType><scope>Public</scope><info><category>Met</category><event>e</event>"  \
    "<urgency>Past</urgency><severity>Minor</severity><certainty>Likely</certainty><parameter>"    \
    "<valueName>fedgate:destroy-by</valueName><value>2026-12-01T00:00:00Z</value></parameter>"     \
    "</info></alert>"
    struct agent_addition more = {.unit = "a/b",
                                  .format = format_named("cap"),
                                  .header = {.purpose = "rescue", .destroy_by = "2026-12-02"}};
    struct encoded e;
    (void)state;
    assert_true(agent_header_check(&more.header));
    encode(&e, CAP, &more);
    assert_string_equal(e.id, ID);
    assert_string_equal(e.m->header->purpose, "rescue");
    assert_int_equal(e.m->header->destroy_by->seconds, 1796083200);
    drop(&e);
    more.header.destroy_by = "2026-11-30T00:00:00Z";
    assert_true(agent_header_check(&more.header));
    encode(&e, CAP, &more);
    assert_int_equal(e.m->header->destroy_by->seconds, 1795996800);
    drop(&e);
    encode(&e, "<alert/>", &more);
    assert_null(e.m);
    assert_says(e.why, "/, line 1, column 1: expected the element alert");
    drop(&e);
}

/* ---------------------------------------------------------------- out */

static void in_folder(void (*body)(int folder, const char *name))
{
    char name[] = "/tmp/fedgate-photos-XXXXXX", line[100];
    assert_non_null(mkdtemp(name));
    int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    body(folder, name);
    (void)close(folder);
    (void)snprintf(line, sizeof line, "rm -r %s", name);
    assert_int_equal(system(line), 0);
}

static void save_one(int folder, const char *name)
{
    const struct agent_addition more = {
        .unit = "a/b", .header = {.id = ID}, .photo = bytes_of_text(PHOTO)};
    struct buf path = BUF_INIT(200);
    char found[sizeof PHOTO] = "", wanted[200];
    struct encoded e;
    struct stat s;
    encode(&e, SCENE, &more);
    assert_true(agent_save_photo(folder, name, e.m, 12, &path));
    assert_int_equal(e.m->scene_image->image.len, 0);
    (void)snprintf(wanted, sizeof wanted, "%s/%s-12.jpg", name, ID);
    assert_string_equal(buf_c(&path), wanted);
    int fd = open(wanted, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, found, sizeof found), strlen(PHOTO));
    assert_string_equal(found, PHOTO);
    assert_int_equal(fstat(fd, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    (void)close(fd);
    buf_clear(&path);
    assert_true(agent_save_photo(folder, name, e.m, 12, &path));
    assert_int_equal(path.n, 0); /* there is none any more */
    buf_free(&path);
    drop(&e);
}

static void a_photo_is_saved_for_its_owner_only_and_taken_out(void **state)
{
    (void)state;
    in_folder(save_one);
}

static void save_elsewhere(int folder, const char *name)
{
    const struct agent_addition more = {.unit = "a/b", .photo = bytes_of_text(PHOTO)};
    static char wanted[] = "../../etc/passwd";
    struct buf path = BUF_INIT(200);
    char link[200];
    struct encoded e;
    encode(&e, SCENE, &more);
    e.m->header->id = wanted;
    assert_true(agent_save_photo(folder, name, e.m, 7, &path));
    assert_says(buf_c(&path), "/record-7.jpg");
    (void)snprintf(link, sizeof link, "%s/record-8.jpg", name);
    assert_int_equal(symlink("/dev/null", link), 0);
    e.m->scene_image->image.len = 3;
    assert_false(agent_save_photo(folder, name, e.m, 8, &path));
    buf_free(&path);
    drop(&e);
}

static void neither_an_id_nor_a_link_leads_a_photo_out_of_its_folder(void **state)
{
    (void)state;
    in_folder(save_elsewhere);
}

static int start_crypto(void **state)
{
    (void)state;
    return crypto_init() == RESULT_OK ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_header_leaves_out_is_filled),
        cmocka_unit_test(what_a_header_says_stays),
        cmocka_unit_test(options_replace_what_a_header_says),
        cmocka_unit_test(options_that_make_no_sense_are_refused_before_anything_is_sent),
        cmocka_unit_test(a_wish_is_a_reasons_word_or_its_name),
        cmocka_unit_test(json_that_is_no_message_says_why),
        cmocka_unit_test(a_deadline_of_a_document_is_only_made_earlier),
        cmocka_unit_test(a_photo_goes_where_its_kind_has_one_with_its_time),
        cmocka_unit_test(a_photo_is_saved_for_its_owner_only_and_taken_out),
        cmocka_unit_test(neither_an_id_nor_a_link_leads_a_photo_out_of_its_folder)};
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}
