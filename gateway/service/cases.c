/* What persons have to do about a decision: approve it, look at it, review it afterwards. The
 * ledger keeps these cases; here they begin. */
#include "service/intake.h"

/* Those who answer for the memorandum and for the data: they look at what was set apart, and review
 * emergencies. */
static void ask_privacy_officers(const struct edge *e, uint32_t grant, struct road_case *out)
{
    const char *party[POLICY_RESPONSIBLE];
    out->role = bytes_of_text(policy_officer_role(OFFICER_PRIVACY_OFFICER));
    out->parties = policy_responsible(e->policy, grant, party);
    for (size_t i = 0; i < out->parties; i++)
        out->party[i] = bytes_of_text(party[i]);
}

void edge_review(const struct edge *e, enum reason reason, uint32_t grant, struct road_case *out)
{
    struct policy_emergency emergency;
    *out = (struct road_case){0};
    if (reason != REASON_PERMITTED_EMERGENCY || grant == POLICY_NONE ||
        !policy_emergency(e->policy, grant, &emergency))
        return;
    out->kind = ROAD_EMERGENCY;
    out->persons = (uint8_t)emergency.reviewers;
    out->due_us = edge_now(e) + emergency.review_within_us;
    ask_privacy_officers(e, grant, out);
}

/* Duty `approval`; in an emergency it is not waited for. */
static bool needs_approval(const struct intake *i, size_t k, struct road_case *out)
{
    const struct policy_approval *a = &i->obligations[k].approval;
    if (a->persons == 0 || i->decision[k].reason == REASON_PERMITTED_EMERGENCY)
        return false;
    *out = (struct road_case){.kind = ROAD_APPROVAL,
                              .persons = (uint8_t)a->persons,
                              .role = bytes_of_text(policy_officer_role(a->role)),
                              .party = {bytes_of_text(a->party)},
                              .parties = 1,
                              .due_us = i->now_us + a->within_us,
                              .second_within_us = a->is_night ? a->second_within_us : 0};
    return true;
}

static void hold(struct road_recipient *r, enum reason reason, const char *failed)
{
    r->reason = bytes_of_text(reason_word(reason));
    r->failed = bytes_of_text(failed);
}

void intake_open_cases(struct intake *i, size_t k)
{
    struct road_recipient *r = &i->commit.recipient[k];
    struct road_case x;
    edge_review(i->e, i->decision[k].reason, i->decision[k].grant, &x);
    if (x.kind != 0)
        r->open[r->cases++] = x;
    if (i->found.set_apart) {
        x = (struct road_case){.kind = ROAD_QUARANTINE, .persons = 1};
        ask_privacy_officers(i->e, i->decision[k].grant, &x);
        r->open[r->cases++] = x;
        hold(r, REASON_QUARANTINED, i->found.finding[0].text);
    }
    if (needs_approval(i, k, &x)) {
        r->open[r->cases++] = x;
        hold(r, REASON_APPROVAL_PENDING, "approval");
    }
}

bool intake_can_wait(struct intake *i)
{
    if (!i->found.set_apart)
        return true;
    for (size_t k = 0; k < i->commit.recipients; k++)
        if (i->commit.recipient[k].permitted && i->to[k] == policy_self(i->e->policy))
            return false;
    return i->p->changes == 0;
}
