/* A decision with everything that was asked on the way to it. */
#include "base/mem.h"
#include "policy/snapshot.h"
#include "policy/tools.h"

const char *policy_verdict_word(enum policy_verdict v, bool korean)
{
    static const char *const words[][2] = {[POLICY_PERMITTED] = {"permitted", "허가"},
                                           [POLICY_EMERGENCY] = {"emergency", "긴급 예외"},
                                           [POLICY_HELD] = {"held", "승인 대기"},
                                           [POLICY_REFUSED] = {"refused", "거부"}};
    return words[v][korean];
}

const char *policy_outcome_word(enum policy_outcome o, bool korean)
{
    static const char *const words[][2] = {[POLICY_DID_HOLD] = {"held", "충족"},
                                           [POLICY_DID_NOT] = {"did not hold", "미충족"},
                                           [POLICY_PASSED_OVER] = {"passed over", "긴급 예외"},
                                           [POLICY_NOT_ASKED] = {"not asked", "판단 안 함"}};
    return words[o][korean];
}

const char *policy_grant_clause(const struct policy *p, uint32_t grant)
{
    return policy_text(p, p->grants[grant].clause);
}

/* ---- collecting */

static struct policy_explained *add(struct policy_explanation *e)
{
    if (e->steps == e->room) {
        size_t room = e->room == 0 ? 32 : 2 * e->room;
        e->step = mem_grow_array(e->step, e->room, room, sizeof *e->step);
        e->room = room;
    }
    return &e->step[e->steps++];
}

static const char *file_of(const struct policy *p, uint32_t mou)
{
    return policy_text(p, p->mous[mou].file);
}

static struct policy_explained condition_row(const struct policy *p, uint32_t grant, uint32_t row)
{
    const struct row_condition *c = &p->conditions[row];
    return (struct policy_explained){.step = POLICY_STEP_CONDITION,
                                     .grant = grant,
                                     .row = row,
                                     .alternative = c->alternative,
                                     .file = file_of(p, p->grants[grant].mou),
                                     .line = c->line,
                                     .text = policy_text(p, c->text),
                                     .incident = POLICY_NONE};
}

/* Where the steps of the last grant begin. */
static size_t last_group(const struct policy_explanation *e)
{
    size_t i = e->steps;
    while (i > 0 && e->step[i - 1].step != POLICY_STEP_DIMENSIONS)
        i--;
    return i > 0 ? i - 1 : 0;
}

static bool was_asked(const struct policy_explanation *e, size_t from,
                      const struct policy_explained *row)
{
    for (size_t i = from; i < e->steps; i++)
        if (e->step[i].step == POLICY_STEP_CONDITION && e->step[i].row == row->row)
            return true;
    return false;
}

/* What was not asked of the last grant. */
static void end_group(struct policy_explanation *e)
{
    const struct policy *p = e->question->policy;
    const size_t from = last_group(e);
    if (e->steps == 0)
        return;
    const uint32_t grant = e->step[from].grant;
    const struct row_grant *g = &p->grants[grant];
    for (uint32_t i = 0; i < g->conditions; i++) {
        struct policy_explained row = condition_row(p, grant, g->condition_first + i);
        row.outcome = POLICY_NOT_ASKED;
        if (!was_asked(e, from, &row))
            *add(e) = row;
    }
}

static void describe(const struct policy *p, const struct policy_tried *t,
                     struct policy_explained *row)
{
    const struct row_grant *g = &p->grants[t->grant];
    *row = (struct policy_explained){.step = t->step,
                                     .grant = t->grant,
                                     .incident = t->incident,
                                     .row = t->row,
                                     .file = file_of(p, g->mou),
                                     .line = g->line,
                                     .text = t->failed,
                                     .reason = t->reason};
    switch (t->step) {
    case POLICY_STEP_CONDITION: {
        struct policy_explained c = condition_row(p, t->grant, t->row);
        row->line = c.line;
        row->text = c.text;
        row->alternative = c.alternative;
        break;
    }
    case POLICY_STEP_PROHIBITION:
        row->file = file_of(p, p->prohibitions[t->row].mou);
        row->line = p->prohibitions[t->row].line;
        row->text = policy_text(p, p->prohibitions[t->row].clause);
        break;
    case POLICY_STEP_EMERGENCY:
        row->line = p->emergencies[t->row].line;
        row->text = "emergency";
        break;
    case POLICY_STEP_DIMENSIONS:
    case POLICY_STEP_ENVELOPE: break;
    }
}

static void note(const struct policy_tried *t, void *arg)
{
    struct policy_explanation *e = arg;
    struct policy_explained row;
    if (t->step == POLICY_STEP_DIMENSIONS)
        end_group(e);
    describe(e->question->policy, t, &row);
    row.outcome = t->reason == REASON_PERMITTED ? POLICY_DID_HOLD
                  : t->passed_over              ? POLICY_PASSED_OVER
                                                : POLICY_DID_NOT;
    *add(e) = row;
}

void policy_explain(const struct policy_question *q, uint32_t to, struct policy_explanation *out)
{
    const struct policy_visitor visitor = {note, out};
    *out = (struct policy_explanation){.question = q, .to = to, .verdict = POLICY_REFUSED};
    policy_trace(q, to, &visitor, &out->decision);
    end_group(out);
    if (!policy_permits(out->decision.reason))
        return;
    policy_obligations(q, out->decision.grant, &out->obligations);
    out->verdict = out->decision.reason == REASON_PERMITTED_EMERGENCY ? POLICY_EMERGENCY
                   : out->obligations.approval.persons > 0            ? POLICY_HELD
                                                                      : POLICY_PERMITTED;
}

void policy_explanation_free(struct policy_explanation *e)
{
    mem_free(e->step);
    *e = (struct policy_explanation){0};
}

bool policy_changed_field(const struct policy *p, uint32_t grant, size_t i, char *out, size_t n)
{
    const struct row_grant *g = &p->grants[grant];
    struct field_path path;
    if (i >= g->transforms)
        return false;
    memcpy(path.number, p->transforms[g->transform_first + i].path, sizeof path.number);
    field_path_text(kind_row((enum kind_id)g->kind), &path, out, n);
    return true;
}
