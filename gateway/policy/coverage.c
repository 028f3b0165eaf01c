#include "policy/coverage.h"

#include "base/mem.h"

enum { SEEN_HOLD = 1, SEEN_FAIL = 2, SEEN_BOTH = 3 };

struct coverage {
    const struct policy *p;
    bool *permitted;                                  /* by grant */
    uint8_t *conditions, *prohibitions, *emergencies; /* by row: SEEN_* */
};

struct coverage *coverage_new(const struct policy *p)
{
    struct coverage *c = mem_new(sizeof *c);
    *c = (struct coverage){.p = p,
                           .permitted = mem_new_array(p->grants_count + 1, sizeof(bool)),
                           .conditions = mem_new_array(p->conditions_count + 1, 1),
                           .prohibitions = mem_new_array(p->prohibitions_count + 1, 1),
                           .emergencies = mem_new_array(p->emergencies_count + 1, 1)};
    return c;
}

void coverage_free(struct coverage *c)
{
    if (c == NULL)
        return;
    mem_free(c->permitted);
    mem_free(c->conditions);
    mem_free(c->prohibitions);
    mem_free(c->emergencies);
    mem_free(c);
}

/* Of a stream that is only sent, some conditions are left to whoever watches. */
static bool is_really_asked(const struct coverage *c, const struct policy_question *q, uint32_t row)
{
    const unsigned op = c->p->conditions[row].op;
    return q->facts->kind != KIND_VIDEO || q->watcher != NULL ||
           (op != CONDITION_ACTOR && op != CONDITION_BASIS && op != CONDITION_EVIDENCE);
}

void coverage_add(struct coverage *c, const struct policy_explanation *e)
{
    for (size_t i = 0; i < e->steps; i++) {
        const struct policy_explained *s = &e->step[i];
        const uint8_t seen = s->outcome == POLICY_DID_HOLD ? SEEN_HOLD : SEEN_FAIL;
        if (s->outcome == POLICY_NOT_ASKED)
            continue;
        if (s->step == POLICY_STEP_CONDITION && is_really_asked(c, e->question, s->row))
            c->conditions[s->row] |= seen;
        else if (s->step == POLICY_STEP_PROHIBITION)
            c->prohibitions[s->row] |= seen;
        else if (s->step == POLICY_STEP_EMERGENCY)
            c->emergencies[s->row] |= seen;
    }
    if (e->verdict != POLICY_REFUSED)
        c->permitted[e->decision.grant] = true;
}

/* ---- the report */

struct report {
    const struct coverage *c;
    bool korean;
    struct buf *out;
    size_t reached, of;
};

static void lacks(const struct report *r, uint32_t mou, unsigned line, const char *clause,
                  const char *text, const char *what)
{
    const struct policy *p = r->c->p;
    buf_printf(r->out, "%s:%u: %s%s%s: %s\n", policy_text(p, p->mous[mou].file), line, clause,
               text[0] == '\0' ? "" : ": ", text, what);
}

static const char *lack_text(const struct report *r, uint8_t seen)
{
    static const char *const text[][2] = {{"no test asks it", "어느 시험도 묻지 않음"},
                                          {"no test sees it fail", "미충족인 시험이 없음"},
                                          {"no test sees it hold", "충족인 시험이 없음"}};
    return text[seen][r->korean];
}

static void report_conditions(struct report *r, uint32_t grant)
{
    const struct policy *p = r->c->p;
    const struct row_grant *g = &p->grants[grant];
    for (uint32_t i = 0; i < g->conditions; i++) {
        const struct row_condition *c = &p->conditions[g->condition_first + i];
        const uint8_t seen = r->c->conditions[g->condition_first + i];
        r->of++;
        if (seen == SEEN_BOTH)
            r->reached++;
        else
            lacks(r, g->mou, c->line, policy_text(p, g->clause), policy_text(p, c->text),
                  lack_text(r, seen));
    }
}

/* ---- prohibitions */

/* The origins of positions that a grant's own conditions, outside `any`, let through. */
static uint64_t origins_of(const struct policy *p, const struct row_grant *g)
{
    uint64_t mask = g->keeps_positions != 0 ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < g->conditions; i++) {
        const struct row_condition *c = &p->conditions[g->condition_first + i];
        if (c->op == CONDITION_ORIGIN && c->alternative == 0)
            mask &= c->mask;
    }
    return mask;
}

static bool meets_grant(const struct policy *p, const struct row_prohibition *x,
                        const struct row_grant *g)
{
    if ((x->kinds != 0 && !has_bit(x->kinds, g->kind)) ||
        (x->origins != 0 && (origins_of(p, g) & x->origins) == 0))
        return false;
    for (uint32_t k = 0; k < g->tos; k++) {
        const uint32_t to = p->numbers[g->to_first + k];
        if (to != p->header->self && (p->parties[p->units[to].party].roles & x->roles_spared) == 0)
            return true;
    }
    return false;
}

/* Where the law has the grants keep to it anyway, no message meets a prohibition. */
static bool can_forbid(const struct policy *p, const struct row_prohibition *x)
{
    for (uint32_t i = 0; i < p->grants_count; i++)
        if (meets_grant(p, x, &p->grants[i]))
            return true;
    return false;
}

/* Of a prohibition, "held" is that it forbade nothing. */
static uint8_t seen_of(const struct coverage *c, uint32_t row)
{
    const uint8_t seen = c->prohibitions[row];
    const bool spared = (seen & SEEN_HOLD) != 0;
    const bool forbade = (seen & SEEN_FAIL) != 0 || !can_forbid(c->p, &c->p->prohibitions[row]);
    if (seen == 0)
        return 0;
    return (uint8_t)((forbade ? SEEN_HOLD : 0) | (spared ? SEEN_FAIL : 0));
}

static void report_grants(struct report *clauses, struct report *conditions)
{
    const struct policy *p = clauses->c->p;
    for (uint32_t i = 0; i < p->grants_count; i++) {
        const struct row_grant *g = &p->grants[i];
        clauses->of++;
        if (clauses->c->permitted[i])
            clauses->reached++;
        else
            lacks(clauses, g->mou, g->line, policy_text(p, g->clause), "",
                  clauses->korean ? "허가된 시험이 없음" : "no test is permitted by it");
        report_conditions(conditions, i);
    }
}

static void report_seen(struct report *r, uint8_t seen, uint32_t mou, unsigned line,
                        const char *clause)
{
    r->of++;
    if (seen == SEEN_BOTH)
        r->reached++;
    else
        lacks(r, mou, line, clause, "", lack_text(r, seen));
}

void policy_coverage_text(const struct policy_coverage *c, bool korean, struct buf *out)
{
    buf_printf(out,
               korean ? "시험 범위: 조항 %zu/%zu, 조건 %zu/%zu (%u %%)"
                      : "coverage: clauses %zu of %zu, conditions %zu of %zu (%u %%)",
               c->clauses, c->clauses_of, c->conditions, c->conditions_of, c->percent);
}

void coverage_report(const struct coverage *c, bool korean, struct policy_coverage *out,
                     struct buf *missing)
{
    const struct policy *p = c->p;
    struct report clauses = {c, korean, missing, 0, 0}, conditions = clauses;
    report_grants(&clauses, &conditions);
    for (uint32_t i = 0; i < p->prohibitions_count; i++)
        report_seen(&clauses, seen_of(c, i), p->prohibitions[i].mou, p->prohibitions[i].line,
                    policy_text(p, p->prohibitions[i].clause));
    for (uint32_t i = 0; i < p->emergencies_count; i++)
        report_seen(&clauses, c->emergencies[i], p->emergencies[i].mou, p->emergencies[i].line,
                    "emergency");
    const size_t of = clauses.of + conditions.of, reached = clauses.reached + conditions.reached;
    *out = (struct policy_coverage){clauses.reached, clauses.of, conditions.reached, conditions.of,
                                    of == 0 ? 100 : (unsigned)(reached * 100 / of)};
}
