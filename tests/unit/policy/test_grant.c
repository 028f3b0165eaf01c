#include "set.h"

static void what_is_wrong_in_a_grant_is_told(void **state)
{
    static const struct change row[] = {
        {A, "  - grant: photo\n", "  - grant: Photo\n",
         A ":52:12: error: 'Photo' is not a name: lower-case letters, digits and hyphens, at most "
           "40"},
        {A, "  - grant: photo\n", "  - grant: live\n",
         A ":52:12: error: grant 'live' is defined a second time (first in mou/a.yaml)"},
        {A, "    service: patrol\n", "    service: patroll\n",
         A ":53:14: error: unknown service 'patroll'"
           "|      = did you mean 'patrol'?"},
        {A, "kind: scene_image", "kind: scene_images",
         A ":54:11: error: unknown kind 'scene_images'"
           "|      = did you mean 'scene_image'?"},
        {A, "kind: scene_image", "kind: stream_notice",
         A ":54:11: error: only the gateway sends kind stream_notice; no grant is needed"},
        {A, "    to: [police/car]\n", "    to: [police/cars]\n",
         A ":56:10: error: no unit 'police/cars' in inventory/parties.yaml"
           "|      = did you mean 'police/car'?"},
        {A, "    to: [police/car]\n", "    to: []\n", A ":56:9: error: the list for to is empty"},
        {A, "    to: gateway/self\n", "    to: [gateway/self, centre/video]\n",
         A ":16:24: error: kind incident_report changes the gateway's own state, so it goes to "
           "gateway/self only"},
        {A,
         "    from: centre/video\n"
         "    to: [police/car]",
         "    from: [centre/video]\n"
         "    to: [police/car]",
         A ":55:11: error: expected a text for a unit"},
        {A,
         "    from: centre/video\n"
         "    to: [police/car]",
         "    to: [police/car]", A ":52:5: error: a grant needs the key 'from'"},
        {A, "basis_any_of: [kr/pipa/18-2-7]", "basis_any_of: [kr/pipa/18-2-77]",
         A ":58:20: error: unknown legal basis 'kr/pipa/18-2-77'"
           "|      = did you mean 'kr/pipa/18-2-7'?"},
        {A, "basis_any_of: [kr/pipa/18-2-7]", "basis_any_of: []",
         A ":58:19: error: the list for legal bases is empty"},
        {A, "    limits: {messages_per_s: 5}\n", "    joins: [life-rescue]\n",
         A ":60:12: error: 'joins' has no meaning for kind scene_image"},
        {A, "    limits: {messages_per_s: 5}\n", "    stream_digest: sha256\n",
         A ":60:20: error: 'stream_digest' has no meaning for kind scene_image"},
        {A, "    onward: refuse\n", "    stream_digest: sha265\n",
         A ":50:20: error: unknown stream_digest 'sha265'"
           "|      = did you mean 'sha256'?"},
        {A, "    onward: refuse\n", "    stream_digest: sha256\n", ""},
        {A, "    limits: {messages_per_s: 5}\n", "    supersede: position\n",
         A ":60:16: error: 'supersede' has no meaning for kind scene_image"},
        {B, "    notify: {within: 10 minutes}\n",
         "    supersede: positions\n    notify: {within: 10 minutes}\n",
         B ":23:16: error: unknown supersede 'positions'"
           "|      = did you mean 'position'?"},
        {B, "    notify: {within: 10 minutes}\n",
         "    supersede: position\n    notify: {within: 10 minutes}\n", ""},
        {B, "    lia_30_system: {document_no: LIS-1}\n",
         "    lia_30_system: {document_no: LIS-1}\n    supersede: position\n", ""},
        {A, "    onward: refuse\n", "    joins: [rescue]\n",
         A ":50:13: error: unknown purpose 'rescue'"},
        {A, "    onward: refuse\n", "    joins: life-rescue\n", ""},
        {A, "onward: refuse", "onward: allow", A ":50:13: error: unknown onward 'allow'"},
        {B, "notify: {within: 10 minutes}", "notify: {after: 10 minutes}",
         B ":23:13: error: notify needs the key 'within'"
           "|" B ":23:14: error: unknown key 'after' in notify"},
        {A, "    limits: {messages_per_s: 5}\n",
         "    notify: {within: 10 minutes}\n"
         "    limits: {messages_per_s: 5}\n",
         ""},
        {A, "    limits: {messages_per_s: 5}\n", "    notify: {within: soon}\n",
         A ":60:22: error: expected a length of time such as '6 hours' or '30 days' for within"},
        {B, "lia_30_system: {document_no: LIS-1}", "lia_30_system: {}",
         B ":33:20: error: lia_30_system needs the key 'document_no'"},
        {A, "    limits: {messages_per_s: 5}\n", "    narrower_than: live2\n",
         A ":60:20: error: narrower_than names an earlier grant of this memorandum, and 'live2' is "
           "none"},
        {A, "    service: patrol\n",
         "    service: patrol\n"
         "    suspend: yes\n",
         A ":54:5: error: unknown key 'suspend' in a grant"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void what_is_wrong_in_limits_is_told(void **state)
{
    static const struct change row[] = {
        {A, "streams_per_incident: 16", "streams_per_incident: 0",
         A ":48:36: error: expected a whole number from 1 to 1000 for streams_per_incident"},
        {A, "streams_per_incident: 16", "streams_per_incident: 1001",
         A ":48:36: error: expected a whole number from 1 to 1000 for streams_per_incident"},
        {A, "streams_per_incident: 16", "streams_per_incident: 1000", ""},
        {A, "mbit_per_s: 12", "mbit_per_s: 1.5",
         A ":48:52: error: expected a whole number from 1 to 10000 for mbit_per_s"},
        {A, "mbit_per_s: 12", "mbit_per_s: 10001",
         A ":48:52: error: expected a whole number from 1 to 10000 for mbit_per_s"},
        {A, "mbit_per_s: 12", "codecs: [h264, h263]",
         A ":48:55: error: unknown codecs 'h263'"
           "|      = did you mean 'h264'?"},
        {A, "mbit_per_s: 12", "codecs: []", A ":48:48: error: the list for codecs is empty"},
        {A, "mbit_per_s: 12", "codecs: [h264, h265]", ""},
        {A, "messages_per_s: 5", "codecs: h264", A ":60:14: error: unknown key 'codecs' in limits"},
        {A, "audio: refuse", "audio: allow", ""}, /* whether it is lawful, the catalogue says */
        {A, "audio: refuse", "audio: no", A ":48:63: error: unknown audio 'no'"},
        {A, ", audio: refuse", "", A ":48:13: error: limits of video needs the key 'audio'"},
        {A, "messages_per_s: 5", "messages_per_s: -5",
         A ":60:30: error: expected a whole number from 1 to 1000000 for messages_per_s"},
        {A, "messages_per_s: 5", "streams_per_incident: 5",
         A ":60:14: error: unknown key 'streams_per_incident' in limits"},
        {A, "messages_per_s: 5", "messages_per_s: 1000001",
         A ":60:30: error: expected a whole number from 1 to 1000000 for messages_per_s"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void what_is_wrong_in_a_deadline_is_told(void **state)
{
    static const struct change row[] = {
        {A, "{starts_at: arrival, delay: 2 hours}", "{starts_at: arival, delay: 2 hours}",
         A ":61:26: error: unknown starts_at 'arival'"
           "|      = did you mean 'arrival'?"},
        {A, "{starts_at: arrival, delay: 2 hours}", "{starts_at: arrival, delay: 2 ours}",
         A ":61:42: error: expected a length of time such as '6 hours' or '30 days' for delay"},
        {A, "{starts_at: arrival, delay: 2 hours}", "{starts_at: arrival, delay: 2시간}", ""},
        {A, "{starts_at: arrival, delay: 2 hours}", "{starts_at: arrival}",
         A ":61:14: error: destroy needs the key 'delay'"},
        {A, "{starts_at: arrival, delay: 2 hours}", "{delay: 2 hours}",
         A ":61:14: error: destroy needs the key 'starts_at'"},
        {A, "    destroy: {starts_at: arrival, delay: 2 hours}\n", "",
         A ":52:5: error: a grant needs the key 'destroy'"},
        {A, "{starts_at: arrival, delay: 2 hours}", "{starts_at: arrival, delay: 31 days}",
         A ":61:42: error: 'photo' keeps video too long|      = what to do: shorten it"},
        {A, "{starts_at: arrival, delay: 2 hours}", "{starts_at: arrival, delay: 30 days}", ""},
        {A, "at_most_after_recording: 20 days", "at_most_after_recording: 31 days",
         A ":49:82: error: 'live' keeps video too long"},
        {A, "at_most_after_recording: 20 days", "at_most_after_recording: 0 days",
         A ":49:82: error: expected a length of time from 1 second to 100 years for "
           "at_most_after_recording"},
        {A, "at_most_after_recording: 20 days", "at_most_after_recording: 101 years",
         A ":49:82: error: expected a length of time such as '6 hours' or '30 days' for "
           "at_most_after_recording"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void narrower_than_names_an_earlier_grant_of_the_memorandum(void **state)
{
    static const struct change row[] = {
        {A, "    limits: {messages_per_s: 5}\n", "    narrower_than: live\n",
         A ":52:12: warning: 'narrower_than' says nothing: no message meets both 'a#photo' and "
           "'a#live'"},
        {A, "    limits: {messages_per_s: 5}\n", "    narrower_than: photo\n",
         A ":60:20: error: narrower_than names an earlier grant of this memorandum, and 'photo' is "
           "none"},
        {A, "    limits: {messages_per_s: 5}\n", "    narrower_than: alert\n",
         A ":60:20: error: narrower_than names an earlier grant of this memorandum, and 'alert' is "
           "none"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* A message without `to` goes to everybody whom a kind can reach, and these are bounded. */
static void a_grant_has_at_most_64_recipients(void **state)
{
    struct buf units = BUF_INIT(1 << 16);
    struct set s;
    (void)state;
    for (int more = 0; more <= 1; more++) {
        set_new(&s);
        put_repeated(&units, "police/car", 64 + more);
        set_change(&s, A, "[police/car]", buf_c(&units));
        set_compile(&s);
        expect_says(&s, more ? A ":56:778: error: more than 64 entries for to" : "");
        set_free(&s);
    }
    buf_free(&units);
}

static void a_grant_knows_where_it_stands(void **state)
{
    struct set s;
    const char *file;
    unsigned line;
    (void)state;
    set_new(&s);
    set_open(&s);
    assert_int_equal(policy_grants(s.policy), 7);
    policy_grant_source(s.policy, 2, &file, &line);
    assert_string_equal(file, A);
    assert_int_equal(line, 34);
    policy_grant_source(s.policy, 6, &file, &line);
    assert_string_equal(file, B);
    assert_int_equal(line, 36);
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_a_grant_is_told),
        cmocka_unit_test(what_is_wrong_in_limits_is_told),
        cmocka_unit_test(what_is_wrong_in_a_deadline_is_told),
        cmocka_unit_test(narrower_than_names_an_earlier_grant_of_the_memorandum),
        cmocka_unit_test(a_grant_has_at_most_64_recipients),
        cmocka_unit_test(a_grant_knows_where_it_stands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
