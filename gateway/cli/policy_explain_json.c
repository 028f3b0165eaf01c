/* An explanation as JSON, keys in the order of their names (RFC 8785). */
#include "cli/policy_explain.h"

#include "base/clock.h"
#include "json/json.h"

static void text(struct buf *out, const char *key, const char *value)
{
    json_put_member_text(out, key, bytes_of_text(value));
}

static const char *name_of(enum reason r)
{
    const struct reason_row *row = reason_row(r);
    return row == NULL ? "" : row->name;
}

static const char *step_word(enum policy_step step)
{
    static const char *const words[] = {[POLICY_STEP_DIMENSIONS] = "dimensions",
                                        [POLICY_STEP_ENVELOPE] = "envelope",
                                        [POLICY_STEP_CONDITION] = "condition",
                                        [POLICY_STEP_EMERGENCY] = "emergency",
                                        [POLICY_STEP_PROHIBITION] = "prohibition"};
    return words[step];
}

static void put_changed(struct buf *out, const struct policy_explanation *e)
{
    char path[100];
    json_put_key(out, "changed");
    buf_text(out, "[");
    for (size_t i = 0;
         policy_changed_field(e->question->policy, e->decision.grant, i, path, sizeof path); i++) {
        buf_text(out, i == 0 ? "" : ",");
        json_put_text(out, bytes_of_text(path));
    }
    buf_text(out, "]");
}

static void put_duties(struct buf *out, const struct policy_explanation *e)
{
    json_put_key(out, "duties");
    buf_text(out, "[");
    for (size_t i = 0; i < e->obligations.duties; i++) {
        buf_text(out, i == 0 ? "" : ",");
        json_put_text(out, bytes_of_text(policy_duty(e->question->policy, e->decision.grant, i)));
    }
    buf_text(out, "]");
}

static void put_obligations(struct buf *out, const struct policy_explanation *e)
{
    static const char *const starts[] = {[POLICY_STARTS_ARRIVAL] = "arrival",
                                         [POLICY_STARTS_INCIDENT_END] = "incident-end",
                                         [POLICY_STARTS_FOUND] = "found",
                                         [POLICY_STARTS_DISASTER_END] = "disaster-end"};
    const struct obligations *o = &e->obligations;
    char latest[TIME_TEXT];
    time_text_s(o->destroy_by_us, zone_named("UTC"), latest);
    json_put_key(out, "obligations");
    buf_text(out, "{");
    json_put_member_integer(out, "approval_persons", o->approval.persons);
    json_put_member_integer(out, "attend_within_s", o->attend.within_us / US_PER_S);
    put_changed(out, e);
    json_put_member_integer(out, "delay_s", o->delay_us / US_PER_S);
    text(out, "destroy_by", latest);
    put_duties(out, e);
    if (o->notify_within_us >= 0)
        json_put_member_integer(out, "notify_within_s", o->notify_within_us / US_PER_S);
    json_put_member_integer(out, "offline_s", o->offline_us / US_PER_S);
    json_put_member_integer(out, "receipt_within_s", o->receipt_within_us / US_PER_S);
    text(out, "starts_at", starts[o->starts]);
    json_put_member_integer(out, "uses", o->uses);
    buf_text(out, "}");
}

static void put_step(struct buf *out, const struct policy *p, const struct policy_explained *s)
{
    buf_text(out, "{");
    if (s->alternative > 0)
        json_put_member_integer(out, "alternative", s->alternative);
    text(out, "file", s->file);
    text(out, "grant", policy_grant_clause(p, s->grant));
    if (s->incident != POLICY_NONE)
        json_put_member_integer(out, "incident", s->incident);
    json_put_member_integer(out, "line", s->line);
    text(out, "outcome", policy_outcome_word(s->outcome, false));
    if (s->outcome == POLICY_DID_NOT || s->outcome == POLICY_PASSED_OVER)
        text(out, "reason", name_of(s->reason));
    text(out, "step", step_word(s->step));
    text(out, "text", s->text);
    buf_text(out, "}");
}

void explain_put_json(const struct policy_explanation *e, bool korean, struct buf *out)
{
    const struct policy *p = e->question->policy;
    const struct reason_row *reason = reason_row(e->decision.reason);
    buf_text(out, "{");
    text(out, "clause", e->decision.clause);
    text(out, "failed", e->decision.failed);
    text(out, "law", e->decision.law);
    text(out, "meaning", reason == NULL ? "" : reason->text[korean]);
    if (e->verdict != POLICY_REFUSED)
        put_obligations(out, e);
    text(out, "reason", name_of(e->decision.reason));
    json_put_key(out, "steps");
    buf_text(out, "[");
    for (size_t i = 0; i < e->steps; i++) {
        buf_text(out, i == 0 ? "" : ",\n");
        put_step(out, p, &e->step[i]);
    }
    buf_text(out, "]");
    text(out, "to", policy_unit_name(p, e->to));
    text(out, "verdict", policy_verdict_word(e->verdict, false));
    buf_text(out, "}");
}

void explain_put_unasked_json(enum reason reason, const char *failed, struct buf *out)
{
    buf_text(out, "{");
    text(out, "failed", failed);
    text(out, "reason", name_of(reason));
    text(out, "verdict", policy_verdict_word(POLICY_REFUSED, false));
    buf_text(out, "}");
}
