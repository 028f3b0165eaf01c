#include "ask.h"

static void a_word_that_the_set_does_not_know_cannot_be_asked_about(void **state)
{
    static const struct {
        size_t at;
        const char *word;
        enum reason reason;
        const char *failed;
    } row[] = {
        {offsetof(struct facts, source), "police/dogs", REASON_PARTY_UNKNOWN,
         "source: a unit of the inventory"},
        {offsetof(struct facts, service), "onsite", REASON_SERVICE_UNKNOWN,
         "service: a word of vocabulary.yaml"},
        {offsetof(struct facts, service), "", REASON_SERVICE_UNKNOWN,
         "service: a word of vocabulary.yaml"},
        {offsetof(struct facts, purpose), "crime", REASON_PURPOSE_UNKNOWN,
         "purpose: a word of vocabulary.yaml"},
        {offsetof(struct facts, purpose), "onsite-video", REASON_PURPOSE_UNKNOWN,
         "purpose: a word of vocabulary.yaml"},
        {offsetof(struct facts, basis), "kr/pipa/18-2-33", REASON_BASIS_UNKNOWN,
         "basis: a code of the legal catalogue"},
        {offsetof(struct facts, camera), "cam-0", REASON_CAMERA_UNKNOWN,
         "camera_id: a camera of the inventory"},
        {offsetof(struct facts, incident_type), "arson", REASON_INCIDENT_TYPE_NOT_COVERED,
         "incident type: a word of vocabulary.yaml"},
    };
    struct ask a;
    const char *failed;
    (void)state;
    ask_new(&a);
    ask_open(&a, "photo");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        ask_message(&a, "photo");
        assert_int_equal(ask_words(&a, &failed), REASON_PERMITTED);
        *(struct bytes *)(void *)((uint8_t *)&a.facts + row[i].at) = bytes_of_text(row[i].word);
        assert_int_equal(ask_words(&a, &failed), row[i].reason);
        assert_string_equal(failed, row[i].failed);
    }
    for (unsigned status = 0; status <= 4; status++) {
        ask_message(&a, "photo");
        a.facts.status = status;
        assert_int_equal(ask_words(&a, &failed), status >= STATUS_ACTUAL && status <= STATUS_TEST
                                                     ? REASON_PERMITTED
                                                     : REASON_MALFORMED);
    }
    ask_message(&a, "live");
    a.watcher.purpose = bytes_of_text("crime");
    assert_int_equal(ask_words(&a, &failed), REASON_PURPOSE_UNKNOWN);
    ask_free(&a);
}

static void only_words_of_the_set_go_into_the_log(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    static const struct {
        enum policy_word what;
        const char *word, *known;
    } row[] = {{POLICY_SERVICE, "patrol", "patrol"},
               {POLICY_PURPOSE, "patrol", "unknown"},
               {POLICY_PURPOSE, "safe-return", "safe-return"},
               {POLICY_BASIS, "kr/location/29", "kr/location/29"},
               {POLICY_BASIS, "kr/location/2", "unknown"},
               {POLICY_BASIS, "", ""}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        assert_true(bytes_is(policy_known(s.policy, row[i].what, bytes_of_text(row[i].word)),
                             row[i].known));
    set_free(&s);
}

static void an_incident_named_in_the_header_is_evidence(void **state)
{
    struct ask a;
    (void)state;
    ask_new(&a);
    ask_open(&a, "request");
    claim(&a.facts, "crime-response", "kr/pipa/18-2-3", "case-number");
    expect_permitted(&a, "a#request");
    ask_message(&a, "live"); /* and a watcher's is the stream's */
    claim(&a.watcher, "crime-response", "kr/pipa/18-2-3", "case-number");
    expect_permitted(&a, "a#live");
    ask_message(&a, "report");
    claim(&a.facts, "crime-response", "kr/pipa/18-2-3", "case-number");
    a.facts.incidents = 0;
    expect_decision(&a, REASON_EVIDENCE_MISSING, "a#report",
                    "evidence: emergency-call, incident-id", "The law of kr/pipa/18-2-3");
    ask_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_that_the_set_does_not_know_cannot_be_asked_about),
        cmocka_unit_test(only_words_of_the_set_go_into_the_log),
        cmocka_unit_test(an_incident_named_in_the_header_is_evidence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
