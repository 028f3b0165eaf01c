/* What a region says of a grant, and what the decision says of every kind of message in it and
 * outside of it. */
#include "policy/holds.h"

#include "policy/attempt.h"
#include "policy/checks.h"
#include "policy/sample.h"
#include "set.h"

struct judged {
    struct set set;
    struct universe universe;
    struct space *space;
    struct sample *sample;
    size_t inside, outside; /* examples asked about */
};

static bool grant_holds(const struct judged *j, uint32_t grant)
{
    struct policy_question q;
    struct attempt a;
    return sample_question(j->sample, j->set.policy, &q) == REASON_PERMITTED &&
           attempt_grant(&q, grant, j->space->to[0], &a);
}

/* Each cell of each dimension on its own, where the box allows several: the corners of the box. */
static void expect_all(struct judged *j, const struct region *r, uint32_t grant, bool hold,
                       size_t *asked)
{
    for (size_t i = 0; i < r->count; i++) {
        for (unsigned d = 0; d < DIMS; d++) {
            for (uint64_t left = r->box[i].cells[d]; left != 0; left &= left - 1) {
                struct box_cells one = r->box[i];
                one.cells[d] = left & -left;
                if (!sample_make(j->space, &one, j->sample))
                    continue;
                ++*asked;
                if (grant_holds(j, grant) != hold)
                    fail_msg("%s of %s: dimension %u, box %zu", hold ? "inside" : "outside",
                             policy_text(j->set.policy, j->set.policy->grants[grant].clause), d, i);
            }
        }
    }
}

static void judge_grant(struct judged *j, uint32_t grant, unsigned incidents)
{
    struct region in = {0}, out = {0};
    struct box_cells all;
    space_build(j->space, incidents);
    assert_false(j->space->full);
    holds_normally(j->space, 0, grant, &in);
    space_all(j->space, &all);
    region_add(&out, &all);
    region_minus(&out, &in);
    assert_false(out.full);
    expect_all(j, &in, grant, true, &j->inside);
    expect_all(j, &out, grant, false, &j->outside);
    region_free(&in);
    region_free(&out);
}

static void judge_line(const struct line_of *line, void *arg)
{
    struct judged *j = arg;
    struct line_grants g;
    struct region none = {0};
    space_begin(j->space, &j->universe, line);
    assert_true(line_grants_find(&g, j->space, 0));
    for (size_t i = 0; i < g.count; i++)
        holds_normally(j->space, 0, g.grant[i], &none);
    for (unsigned n = 0; n <= space_most_incidents(j->space); n++)
        for (size_t i = 0; i < g.count; i++)
            judge_grant(j, g.grant[i], n);
    region_free(&none);
}

/* All grants of the set with these changes. */
static void judge_set(const struct change *change, size_t changes)
{
    struct judged j = {0};
    set_new(&j.set);
    for (size_t i = 0; i < changes; i++)
        set_change(&j.set, change[i].path, change[i].old, change[i].new);
    set_open(&j.set);
    j.space = mem_new(sizeof *j.space);
    j.sample = mem_new(sizeof *j.sample);
    universe_init(&j.universe, j.set.policy, NULL, NOW_US);
    for (size_t i = 0; i < j.set.policy->slots_count; i++) {
        const struct row_slot *slot = &j.set.policy->slots[i];
        for (unsigned offers = 0; offers < 2; offers++)
            if (slot->count > 0 && slot_to(slot) < SLOT_REACH)
                lines_of_slot(j.set.policy, slot, offers != 0, judge_line, &j);
    }
    assert_true(j.inside > 100 && j.outside > 100);
    universe_free(&j.universe);
    mem_free(j.space);
    mem_free(j.sample);
    set_free(&j.set);
}

static void regions_are_where_the_decision_permits(void **state)
{
    (void)state;
    judge_set(NULL, 0);
}

#define WHEN(was, is)                                                                              \
    {                                                                                              \
        A, was, is, NULL                                                                           \
    }
#define DISPATCH(kind, when)                                                                       \
    kind "\n    from: centre/desk\n    to: [police/control, rescue/control]\n"                     \
         "    purpose: safe-return\n    basis_any_of: [kr/pipa/18-2-3]\n    when: {" when "}\n"
#define PHOTO "    when: {assigned: yes, camera: {kind: [fixed, vehicle]}}\n"

static void regions_know_every_condition(void **state)
{
    static const struct change row[][1] = {
        {WHEN(PHOTO,
              "    when: {period: {hours: 22:00-06:00, days: [mon, sun]}, assigned: yes}\n")},
        {WHEN(PHOTO, "    when: {disaster_headquarters: [north], evidence: [incident-id]}\n")},
        {WHEN(PHOTO,
              "    when: {incident: {area: [north], state: open}, incident_type: [fire]}\n")},
        {WHEN(PHOTO, "    when: {camera: {within_m_of_route: 200, within_m_of_incident: 700}}\n")},
        {WHEN(PHOTO,
              "    when: {incident: {area: [north]}, camera: {within_m_of_incident: 90}}\n")},
        {WHEN(PHOTO,
              "    when: {any: [{camera: {kind: drone}}, {camera: {installed_for: traffic}}, "
              "{actor: required}]}\n")},
        {WHEN("        - basis: kr/pipa/18-2-3\n",
              "        - {basis: kr/pipa/18-2-3, footage: recorded}\n")},
        {{B, "given_by: subject, names_recipient: yes",
          "given_by: subject, names_items: [location, photo], names_recipient: yes", NULL}},
        {{B, DISPATCH("dispatch_request", "evidence: emergency-call"),
          DISPATCH("notice_deferral", "reason_code: [danger]"), NULL}},
        {{PARTIES, "synthetic: yes", "synthetic: no", NULL}}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        judge_set(row[i], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(regions_are_where_the_decision_permits),
                                       cmocka_unit_test(regions_know_every_condition)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
