#include "audit/leaf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

static const uint8_t commitment[LEAF_COMMITMENT] = {0xc0, 0xff, 0xee};
static const struct bytes incidents[] = {
    {(const uint8_t *)"npa-daejeon/112-control:019aa2b0-0000-7000-8000-000000000001", 60},
    {(const uint8_t *)"b/c:019aa2b0-0000-7000-8000-000000000002", 40}};

static struct bytes word(const char *text)
{
    return bytes_of_text(text);
}

/* A leaf that says everything. */
static struct leaf whole_leaf(struct leaf_recipient recipient[2])
{
    recipient[0] = (struct leaf_recipient){.unit = word("npa-daejeon/112-control"),
                                           .reason = word("permitted"),
                                           .clause = word("molit-npa-2015#onsite-live-video"),
                                           .flags = word("late outside-area"),
                                           .deadline_us = 1763690000000000};
    recipient[1] = (struct leaf_recipient){.unit = word("daejeon-fire/119-control"),
                                           .reason = word("no-grant"),
                                           .failed = word("kind: \"상황\"\n\x01")};
    return (struct leaf){.salt = {1, 2, 3},
                         .index = 1234567,
                         .time_us = 1763686800123456,
                         .event = AUDIT_RECEIVED,
                         .id = word("019aa2b0-0000-7000-8000-000000000009"),
                         .source = word("daejeon-city-center/video-monitoring"),
                         .kind = word("scene_image"),
                         .service = word("112-onsite-video"),
                         .purpose = word("crime-response"),
                         .basis = word("kr/pipa/18-2-3"),
                         .status = word("actual"),
                         .lane = word("normal"),
                         .incident = incidents,
                         .incidents = 2,
                         .recipient = recipient,
                         .recipients = 2,
                         .policy = 42,
                         .size = 1024,
                         .commitment = commitment,
                         .has_refers = true,
                         .refers = 0,
                         .detail = word("scopes=7,9")};
}

static void a_leaf_is_canonical_for_another_encoder_too(void **state)
{
    (void)state;
    struct leaf_recipient recipient[2];
    struct leaf leaf = whole_leaf(recipient);
    struct buf out = BUF_INIT(10000);
    assert_int_equal(leaf_write(&leaf, &out), RESULT_OK);
    json_t *root = json_loadb((const char *)out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_int_equal(json_object_size(root), 19);
    char *again = json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT);
    assert_string_equal(buf_c(&out), again);
    free(again);
    json_decref(root);
    buf_free(&out);
}

static size_t words_of(enum audit_place place)
{
    const struct audit_word *w;
    size_t count = 0;
    for (size_t i = 0; (w = audit_word_at(i)) != NULL; i++)
        count += w->place == place;
    return count;
}

/* Every member of a whole leaf has its row in words.def, and every row is a member. */
static void the_document_for_auditors_has_every_member(void **state)
{
    (void)state;
    struct leaf_recipient recipient[2];
    struct leaf leaf = whole_leaf(recipient);
    struct buf out = BUF_INIT(10000);
    leaf.fact = commitment;
    recipient[0].failed = word("assigned: yes");
    assert_int_equal(leaf_write(&leaf, &out), RESULT_OK);
    json_t *root = json_loadb((const char *)out.p, out.n, 0, NULL);
    json_t *row = json_array_get(json_object_get(root, "recipients"), 0);
    const struct audit_word *w;
    assert_int_equal(json_object_size(root), words_of(AUDIT_LEAF));
    assert_int_equal(json_object_size(row), words_of(AUDIT_RECIPIENT));
    for (size_t i = 0; (w = audit_word_at(i)) != NULL; i++)
        if (w->place != AUDIT_DETAIL)
            assert_non_null(json_object_get(w->place == AUDIT_LEAF ? root : row, w->word));
    json_decref(root);
    buf_free(&out);
}

static void what_is_not_given_is_left_out(void **state)
{
    (void)state;
    struct leaf leaf = {.event = AUDIT_GATEWAY_STARTED};
    struct buf out = BUF_INIT(1000);
    assert_int_equal(leaf_write(&leaf, &out), RESULT_OK);
    assert_string_equal(buf_c(&out),
                        "{\"event\":\"gateway-started\",\"index\":0,"
                        "\"salt\":\"00000000000000000000000000000000\",\"time_us\":0}");
    buf_free(&out);
}

static void a_leaf_reads_back_as_it_was(void **state)
{
    (void)state;
    struct leaf_recipient recipient[2];
    struct leaf leaf = whole_leaf(recipient), back;
    struct leaf_room *room;
    struct buf out = BUF_INIT(10000), again = BUF_INIT(10000);
    assert_int_equal(leaf_write(&leaf, &out), RESULT_OK);
    assert_int_equal(leaf_read(buf_view(&out), &back, &room), RESULT_OK);
    assert_int_equal(back.index, leaf.index);
    assert_int_equal(back.event, AUDIT_RECEIVED);
    assert_true(back.has_refers && back.refers == 0);
    assert_int_equal(back.incidents, 2);
    assert_true(bytes_equal(back.incident[1], incidents[1]));
    assert_true(bytes_equal(back.recipient[1].failed, recipient[1].failed));
    assert_true(back.recipient[0].deadline_us == recipient[0].deadline_us);
    assert_memory_equal(back.commitment, commitment, LEAF_COMMITMENT);
    assert_memory_equal(back.salt, leaf.salt, LEAF_SALT);
    assert_int_equal(leaf_write(&back, &again), RESULT_OK);
    assert_true(bytes_equal(buf_view(&again), buf_view(&out)));
    leaf_room_free(room);
    buf_free(&out);
    buf_free(&again);
}

static void assert_not_written(const struct leaf *leaf, enum result expected)
{
    struct buf out = BUF_INIT(100000);
    buf_text(&out, "before");
    assert_int_equal(leaf_write(leaf, &out), expected);
    assert_true(bytes_is(buf_view(&out), "before"));
    buf_free(&out);
}

static void what_cannot_be_said_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    static char long_text[LEAF_MAX];
    struct leaf_recipient recipient[LEAF_LIST_MAX + 1] = {{.unit = {0}}};
    struct leaf leaf = {.event = AUDIT_RECEIVED, .kind = word("a\xffz")};
    assert_not_written(&leaf, RESULT_MALFORMED);
    leaf = (struct leaf){.event = AUDIT_RECEIVED, .recipient = recipient, .recipients = 1};
    recipient[0].clause = bytes_of("a\0b", 3);
    assert_not_written(&leaf, RESULT_MALFORMED);
    leaf.recipients = LEAF_LIST_MAX + 1;
    assert_not_written(&leaf, RESULT_TOO_LARGE);
    leaf = (struct leaf){.event = AUDIT_EVENT_COUNT};
    assert_not_written(&leaf, RESULT_UNKNOWN);
    leaf = (struct leaf){.index = UINT64_C(1) << 53};
    assert_not_written(&leaf, RESULT_RANGE);
    leaf = (struct leaf){.size = UINT64_MAX};
    assert_not_written(&leaf, RESULT_RANGE);
    leaf = (struct leaf){.time_us = -1};
    assert_not_written(&leaf, RESULT_RANGE);
    memset(long_text, 'a', sizeof long_text);
    leaf = (struct leaf){.detail = bytes_of(long_text, sizeof long_text)};
    assert_not_written(&leaf, RESULT_TOO_LARGE);
}

static void the_largest_leaf_is_65535_bytes(void **state)
{
    (void)state;
    static char long_text[LEAF_MAX];
    struct buf out = BUF_INIT(100000);
    struct leaf leaf = {.event = AUDIT_RECEIVED, .detail = bytes_of(long_text, 1)};
    memset(long_text, 'a', sizeof long_text);
    assert_int_equal(leaf_write(&leaf, &out), RESULT_OK);
    size_t rest = out.n - 1;
    buf_clear(&out);
    leaf.detail.n = LEAF_MAX - rest;
    assert_int_equal(leaf_write(&leaf, &out), RESULT_OK);
    assert_int_equal(out.n, LEAF_MAX);
    leaf.detail.n++;
    assert_int_equal(leaf_write(&leaf, &out), RESULT_TOO_LARGE);
    buf_free(&out);
}

static void entries_in_any_other_form_are_refused(void **state)
{
    (void)state;
#define SALT "\"salt\":\"00000000000000000000000000000000\""
    static const char good[] = "{\"event\":\"received\",\"index\":1," SALT ",\"time_us\":2}";
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"event\":\"received\", \"index\":1," SALT ",\"time_us\":2}",
        "{\"index\":1,\"event\":\"received\"," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":1.0," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":-1," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":9007199254740992," SALT ",\"time_us\":2}",
        "{\"event\":\"\\u0072eceived\",\"index\":1," SALT ",\"time_us\":2}",
        "{\"event\":\"recieved\",\"index\":1," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":1," SALT "}",
        "{\"event\":\"received\",\"index\":1,\"salt\":\"00\",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":1,\"salt\":\"0000000000000000000000000000000G\",\"time_"
        "us\":2}",
        "{\"event\":\"received\",\"index\":1,\"salt\":\"0000000000000000000000000000000A\",\"time_"
        "us\":2}",
        "{\"event\":\"received\",\"index\":1," SALT ",\"time_us\":2,\"x\":1}",
        "{\"event\":\"received\",\"index\":1,\"policy\":0," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"id\":\"\",\"index\":1," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"id\":7,\"index\":1," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"incidents\":[],\"index\":1," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"incidents\":{},\"index\":1," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":1,\"recipients\":[1]," SALT ",\"time_us\":2}",
        "{\"commitment\":\"c0\",\"event\":\"received\",\"index\":1," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":01," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":1,\"kind\":\"\\u0000\"," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":1,\"kind\":\"\\/\"," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":1,\"kind\":\"\x80\"," SALT ",\"time_us\":2}",
        "{\"event\":\"received\",\"index\":1," SALT ",\"time_us\":2} ",
        "{\"event\":\"received\",\"index\":1," SALT ",\"time_us\":2,}",
    };
    struct leaf leaf;
    struct leaf_room *room;
    assert_int_equal(leaf_read(bytes_of_text(good), &leaf, &room), RESULT_OK);
    leaf_room_free(room);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (leaf_read(bytes_of_text(bad[i]), &leaf, &room) != RESULT_MALFORMED)
            fail_msg("%s", bad[i]);
        assert_null(room);
    }
#undef SALT
}

/* No part of an entry is one; and with a byte flipped it is none, or another one that is written
 * so. */
static void an_entry_that_is_cut_or_changed_is_another_or_none(void **state)
{
    (void)state;
    struct leaf_recipient recipient[2];
    struct leaf leaf = whole_leaf(recipient), back;
    struct leaf_room *room;
    struct buf out = BUF_INIT(10000), again = BUF_INIT(10000);
    unsigned others = 0;
    assert_int_equal(leaf_write(&leaf, &out), RESULT_OK);
    for (size_t n = 0; n < out.n; n++)
        assert_int_equal(leaf_read(bytes_of(out.p, n), &back, &room), RESULT_MALFORMED);
    for (size_t bit = 0; bit < 8 * out.n; bit++) {
        out.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (leaf_read(buf_view(&out), &back, &room) == RESULT_OK) {
            buf_clear(&again);
            assert_int_equal(leaf_write(&back, &again), RESULT_OK);
            assert_true(bytes_equal(buf_view(&again), buf_view(&out)));
            leaf_room_free(room);
            others++;
        }
        out.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(others > 0);
    buf_free(&out);
    buf_free(&again);
}

static void every_event_has_a_word_of_its_own_and_texts(void **state)
{
    (void)state;
    for (unsigned e = 0; e < AUDIT_EVENT_COUNT; e++) {
        const char *name = audit_event_word((enum audit_event)e);
        assert_int_equal(audit_event_of_word(bytes_of_text(name)), e);
        assert_true(strlen(audit_event_text((enum audit_event)e, false)) > 0);
        assert_true(strlen(audit_event_text((enum audit_event)e, true)) > 0);
    }
    assert_int_equal(audit_event_of_word(bytes_of_text("")), AUDIT_EVENT_COUNT);
    assert_string_equal(audit_event_word(AUDIT_EVENT_COUNT), "unknown");
}

static const char *ranges_of(const char *text)
{
    static char out[200];
    struct bytes ranges = bytes_of_text(text);
    uint64_t from, to;
    size_t n = 0;
    out[0] = '\0';
    while (leaf_range(&ranges, &from, &to))
        n += (size_t)snprintf(out + n, sizeof out - n, "%llu..%llu ", (unsigned long long)from,
                              (unsigned long long)to);
    return out;
}

static void ranges_of_entries_are_read_as_far_as_they_are_ranges(void **state)
{
    (void)state;
    assert_string_equal(ranges_of("12,15-18"), "12..12 15..18 ");
    assert_string_equal(ranges_of("0"), "0..0 ");
    assert_string_equal(ranges_of(""), "");
    assert_string_equal(ranges_of("7,x"), "7..7 ");
    assert_string_equal(ranges_of("7-,9"), "");
    assert_string_equal(ranges_of("7;9"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_is_canonical_for_another_encoder_too),
        cmocka_unit_test(what_is_not_given_is_left_out),
        cmocka_unit_test(the_document_for_auditors_has_every_member),
        cmocka_unit_test(a_leaf_reads_back_as_it_was),
        cmocka_unit_test(what_cannot_be_said_is_refused_and_leaves_nothing),
        cmocka_unit_test(the_largest_leaf_is_65535_bytes),
        cmocka_unit_test(entries_in_any_other_form_are_refused),
        cmocka_unit_test(an_entry_that_is_cut_or_changed_is_another_or_none),
        cmocka_unit_test(every_event_has_a_word_of_its_own_and_texts),
        cmocka_unit_test(ranges_of_entries_are_read_as_far_as_they_are_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
