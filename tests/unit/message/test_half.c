/* What vaults ask for and report: checked as a whole, nothing is left out. */
#include "message/half.h"

#include "sample.h"

#include <fedgate/v1/fedgate.pb-c.h>

#define RECORD "\"origin\":\"fedgate.test/log\",\"index\":\"7\""
#define READER "\"reader\":\"CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define ZEROS  "\"reader\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define ONE    "\"reader\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define ACTOR  "\"actor\":{\"staffRef\":\"p-417\",\"role\":\"duty-officer\"}"

typedef void check_function(void *m, const struct check_limits *limits, struct findings *found);

static void check_store(void *m, const struct check_limits *limits, struct findings *found)
{
    vault_store_check(m, limits, found);
}

static void check_open(void *m, const struct check_limits *limits, struct findings *found)
{
    vault_open_check(m, limits, found);
}

static void check_report(void *m, const struct check_limits *limits, struct findings *found)
{
    use_report_check(m, limits, found);
}

/* The text of the one finding, or that there is none. */
static void finds(const char *type, check_function *check, const char *json, enum reason reason,
                  const char *text)
{
    struct sample s = {.arena = arena_new(LIMIT_ARENA), .wire = BUF_INIT(1u << 16)};
    const struct check_limits limits = {.now_us = NOW_US, .id_window_us = LIMIT_ID_WINDOW};
    struct ProtobufCMessage *m;
    sample_encode(type, json, &s.wire);
    assert_int_equal(
        message_unpack(s.arena, message_type(type), buf_view(&s.wire), LIMIT_REQUEST, &m, &s.why),
        RESULT_OK);
    check(m, &limits, &s.found);
    if (text == NULL)
        assert_false(s.found.refused);
    else
        assert_refused(&s, reason, text);
    sample_free(&s);
}

static void a_storing_names_its_record_and_whom_the_half_is_for(void **state)
{
    (void)state;
    static const char type[] = "fedgate.v1.VaultStoreRequest";
    finds(type, check_store, "{\"record\":{" RECORD "}," READER "}", REASON_NONE, NULL);
    finds(type, check_store, "{" READER "}", REASON_MALFORMED, "store.record: required");
    finds(type, check_store, "{\"record\":{" RECORD "}}", REASON_MALFORMED,
          "store.reader: required");
    finds(type, check_store, "{\"record\":{" RECORD "},\"reader\":\"AAAA\"}", REASON_MALFORMED,
          "store.reader: 32");
}

static void an_opening_names_who_and_why(void **state)
{
    (void)state;
    static const char type[] = "fedgate.v1.VaultOpenRequest";
    finds(type, check_open,
          "{\"record\":{" RECORD "}," READER "," ACTOR ",\"reason\":\"사건 2026-17\"}", REASON_NONE,
          NULL);
    finds(type, check_open, "{\"record\":{" RECORD "}," READER "," ACTOR "}", REASON_MALFORMED,
          "open.reason: required");
    finds(type, check_open, "{\"record\":{" RECORD "}," READER ",\"reason\":\"x\"}",
          REASON_MALFORMED, "open.actor: required");
    finds(type, check_open,
          "{\"record\":{" RECORD "}," READER ",\"actor\":{\"role\":\"x\"},\"reason\":\"x\"}",
          REASON_MALFORMED, "open.actor.staff_ref: required");
    finds(type, check_open,
          "{\"record\":{" RECORD "}," READER "," ACTOR ",\"reason\":\"two\\nlines\"}",
          REASON_MALFORMED, "open.reason: ");
}

/* Nothing can be sealed to a point of small order: the keeper has no answer for such a reader. */
static void a_reader_is_a_key_that_can_be_sealed_to(void **state)
{
    (void)state;
    static const char *const reader[] = {ZEROS, ONE};
    char json[400];
    for (size_t i = 0; i < ARRAY_LEN(reader); i++) {
        (void)snprintf(json, sizeof json, "{\"record\":{" RECORD "},%s}", reader[i]);
        finds("fedgate.v1.VaultStoreRequest", check_store, json, REASON_MALFORMED,
              "store.reader: an X25519 public key");
        (void)snprintf(json, sizeof json, "{\"record\":{" RECORD "},%s," ACTOR ",\"reason\":\"x\"}",
                       reader[i]);
        finds("fedgate.v1.VaultOpenRequest", check_open, json, REASON_MALFORMED,
              "open.reader: an X25519 public key");
    }
}

static void a_report_says_when(void **state)
{
    (void)state;
    static const char type[] = "fedgate.v1.UseReport";
    finds(type, check_report,
          "{\"item\":{" RECORD "}," ACTOR ",\"reason\":\"x\",\"usedAt\":\"2026-11-21T11:00:00Z\"}",
          REASON_NONE, NULL);
    finds(type, check_report, "{\"item\":{" RECORD "}," ACTOR ",\"reason\":\"x\"}",
          REASON_MALFORMED, "report.used_at: required");
    finds(type, check_report,
          "{\"item\":{" RECORD "}," ACTOR ",\"reason\":\"x\",\"usedAt\":\"2026-11-21T13:00:00Z\"}",
          REASON_OUT_OF_RANGE, "report.used_at: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_storing_names_its_record_and_whom_the_half_is_for),
        cmocka_unit_test(an_opening_names_who_and_why),
        cmocka_unit_test(a_reader_is_a_key_that_can_be_sealed_to),
        cmocka_unit_test(a_report_says_when),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
