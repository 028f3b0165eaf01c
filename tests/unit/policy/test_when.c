#include "set.h"

static void what_is_wrong_in_a_condition_is_told(void **state)
{
    static const struct change row[] = {
        {A, "when: {assigned: yes, camera: {kind: [fixed, vehicle]}}", "when: {}",
         A ":59:11: error: when asks nothing: state a condition, or leave it out"},
        {A, "when: {assigned: yes, camera: {kind: [fixed, vehicle]}}", "when: []",
         A ":59:11: error: expected 'key: value' lines for when"},
        {A, "when: {assigned: yes, camera: {kind: [fixed, vehicle]}}",
         "when: {assigned: yes, hours: 9-17}", A ":59:27: error: unknown key 'hours' in when"},
        {A, "when: {assigned: yes, camera: {kind: [fixed, vehicle]}}", "when: {incident: {}}",
         A ":59:22: error: incident asks nothing: state a condition, or leave it out"},
        {A, "{kind: [fixed, vehicle]}", "{}",
         A ":59:35: error: camera asks nothing: state a condition, or leave it out"},
        {A, "{kind: [fixed, vehicle]}", "{kind: []}",
         A ":59:42: error: the list for camera.kind is empty"},
        {A, "{kind: [fixed, vehicle]}", "{kind: [fixed, vehicel]}",
         A ":59:50: error: unknown camera.kind 'vehicel'"
           "|      = did you mean 'vehicle'?"},
        {A, "assigned: yes", "assigned: no", A ":59:22: error: unknown assigned 'no'"},
        {A, "{state: open, participant: police/control}",
         "{state: closed, participant: police/control}",
         A ":29:25: error: unknown incident.state 'closed'"},
        {A, "{state: open, participant: police/control}", "{state: open, participant: police}",
         A ":29:44: error: no unit 'police' in inventory/parties.yaml"},
        {A, "younger_than: 6 hours", "younger_than: 6",
         A ":42:74: error: expected a length of time such as '6 hours' or '30 days' for "
           "incident.younger_than"},
        {A, "younger_than: 6 hours", "younger_than: 6시간", ""},
        {A, "[robbery, theft]", "[robery, theft]",
         A ":44:27: error: unknown incident type 'robery'"
           "|      = did you mean 'robbery'?"},
        {A, "[robbery, theft]", "[]", A ":44:26: error: the list for incident type is empty"},
        {A, "- basis: kr/pipa/18-2-3", "- basis: kr/pipa/18-2-33",
         A ":45:18: error: unknown legal basis 'kr/pipa/18-2-33'"
           "|      = did you mean 'kr/pipa/18-2-3'?"},
        {A, "within_m_of_incident: 500", "within_m_of_incident: 500 m",
         A ":46:38: error: expected a whole number from 1 to 1000000 for "
           "camera.within_m_of_incident"},
        {A, "within_m_of_incident: 500", "within_m_of_incident: 0",
         A ":46:38: error: expected a whole number from 1 to 1000000 for "
           "camera.within_m_of_incident"},
        {A, "installed_for: crime-prevention", "installed_for: crime",
         A ":46:58: error: unknown camera purpose 'crime'"},
        {A, "actor: required", "actor: yes", A ":47:14: error: unknown actor 'yes'"},
        {B, "category: [child, living-alone]", "category: [kid]",
         B ":20:28: error: unknown subject.category 'kid'"},
        {B, "age_band: [14-to-17, adult]", "age_band: [14-17, adult]",
         B ":20:61: error: unknown subject.age_band '14-17'"},
        {B, "given_by: subject, ", "", B ":21:16: error: consent needs the key 'given_by'"},
        {B, "given_by: subject", "given_by: guardian",
         B ":21:27: error: unknown consent.given_by 'guardian'"},
        {B, "names_purpose: yes", "names_purpose: no",
         B ":21:73: error: unknown consent.names_purpose 'no'"},
        {B, "names_recipient: yes", "names_recipients: yes",
         B ":21:36: error: unknown key 'names_recipients' in consent"
           "|      = did you mean 'names_recipient'?"},
        {A, "assigned: yes", "request: {ground: caller}",
         A ":59:30: error: 'request.ground' has no meaning for kind scene_image"},
        {A, "assigned: yes", "request: {wish: yes}",
         A ":59:28: error: 'request.wish' has no meaning for kind scene_image"},
        {B, "origin: [lia-consent, device]", "origin: lia-19",
         B ":22:15: error: unknown origin 'lia-19'"
           "|      = did you mean 'lia-29'?"},
        {B, "evidence: emergency-call", "evidence: call",
         B ":43:22: error: unknown kind of evidence 'call'"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

static void a_condition_without_meaning_for_the_kind_is_refused(void **state)
{
    static const struct change row[] = {
        {A,
         "      incident: {state: open, participant: police/control}\n"
         "    transform",
         "      camera: {within_m_of_incident: 500}\n"
         "    transform",
         ""},
        {B, "when: {evidence: emergency-call}", "when: {camera: {installed_for: traffic}}", ""},
        {A, "when: {assigned: yes, camera: {kind: [fixed, vehicle]}}",
         "when: {subject: {category: child}}",
         A ":59:32: error: 'subject.category' has no meaning for kind scene_image"},
        {A, "when: {assigned: yes, camera: {kind: [fixed, vehicle]}}",
         "when: {subject: {age_band: adult}}",
         A ":59:32: error: 'subject.age_band' has no meaning for kind scene_image"},
        {A, "when: {assigned: yes, camera: {kind: [fixed, vehicle]}}",
         "when: {consent: {given_by: subject, names_recipient: yes, names_purpose: yes}}",
         A ":59:32: error: 'consent.given_by' has no meaning for kind scene_image"
           "|" A ":59:58: error: 'consent.names_recipient' has no meaning for kind scene_image"
           "|" A ":59:78: error: 'consent.names_purpose' has no meaning for kind scene_image"},
        {A, "when: {assigned: yes, camera: {kind: [fixed, vehicle]}}", "when: {origin: place}",
         A ":59:20: error: 'origin' has no meaning for kind scene_image"},
        {B, "    lia_30_system: {document_no: LIS-1}\n",
         "    lia_30_system: {document_no: LIS-1}\n"
         "    when: {camera: {kind: fixed}}\n",
         B ":34:27: error: 'camera.kind' has no meaning for kind location_update"},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

/* The same again adds nothing. */
#define NEEDLESS(line)                                                                             \
    A ":" line                                                                                     \
      ":11: warning: this alternative of 'a#live' adds nothing: the others hold wherever "         \
      "it does"

static void what_is_wrong_in_alternatives_is_told(void **state)
{
    static const struct change row[] = {
        {A,
         "        - incident_type: [robbery, theft]\n"
         "        - basis: kr/pipa/18-2-3\n",
         "        []\n", A ":44:9: error: the list for any is empty"},
        {A,
         "        - incident_type: [robbery, theft]\n"
         "        - basis: kr/pipa/18-2-3\n",
         "        incident_type: robbery\n", A ":44:9: error: expected a list for any"},
        {A, "        - incident_type: [robbery, theft]\n", "        - {}\n",
         A ":44:11: error: an alternative asks nothing: state a condition, or leave it out"},
        {A, "        - incident_type: [robbery, theft]\n", "        - any: [{actor: required}]\n",
         A ":44:11: error: unknown key 'any' in an alternative"},
        {A, "        - incident_type: [robbery, theft]\n",
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n",
         A ":44:9: error: more than 16 entries for any"},
        {A, "        - incident_type: [robbery, theft]\n",
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n"
         "        - incident_type: robbery\n",
         NEEDLESS("45") "|" NEEDLESS("46") "|" NEEDLESS("47") "|" NEEDLESS("48") "|" NEEDLESS("49") "|" NEEDLESS("50") "|" NEEDLESS("51") "|" NEEDLESS(
             "52") "|" NEEDLESS("53") "|" NEEDLESS("54") "|" NEEDLESS("55") "|" NEEDLESS("56") "|" NEEDLESS("57") "|" NEEDLESS("58")},
    };
    (void)state;
    expect_changes(row, ARRAY_LEN(row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_a_condition_is_told),
        cmocka_unit_test(a_condition_without_meaning_for_the_kind_is_refused),
        cmocka_unit_test(what_is_wrong_in_alternatives_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
