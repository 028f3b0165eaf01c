/*
 * Passing on what was delivered (PIPA 19): a message that draws on a delivery goes only where the
 * clause of that delivery lets it, or back to the agency that provided it. The log says what was
 * delivered to whom; the message waits for that.
 */
#include "service/intake.h"

#include <stdio.h>

/* What can be said of a delivery that was never made to the sender: the same, whether the log has
 * it or not. */
static const char not_theirs[] = "derived_from: a delivery of this gateway to the sender";

static void ask(struct intake *i, uint64_t index)
{
    struct publication *m = i->p;
    struct edge *e = m->edge;
    m->drawn.is_asked = true;
    if (i->m.facts.kind == KIND_INCIDENT_REPORT)
        m->ahead = view_make(e, i->m.facts.incident[0]);
    if (m->ahead != NULL)
        view_begin_change(m->ahead);
    buf_clear(&e->out);
    buf_u64(&e->out, edge_ticket(e, &m->ticket));
    buf_u64(&e->out, index);
    edge_tell(e, IPC_PROVISION_GET, buf_view(&e->out));
}

static void keep_text(char *out, size_t room, struct bytes text)
{
    (void)snprintf(out, room, "%.*s", (int)text.n, (const char *)text.p);
}

void drawn_take(struct drawn *d, const struct road_provision *p, struct bytes sender)
{
    d->is_known = p->found && bytes_equal(p->unit, sender);
    d->may_go_on = p->onward;
    d->deadline_us = p->deadline_us;
    keep_text(d->source, sizeof d->source, p->source);
    keep_text(d->clause, sizeof d->clause, p->clause);
}

static void go_on(void *arg)
{
    struct publication *m = arg;
    m->ahead = NULL;
    if (m->publisher == NULL)
        publication_free(m); /* its call has ended, and nothing was decided */
    else
        intake_run(m);
}

void onward_told(struct ticket *t, const struct road_provision *p)
{
    struct publication *m = CONTAINER_OF(t, struct publication, ticket);
    drawn_take(&m->drawn, p, bytes_of_text(m->sender));
    if (m->ahead == NULL)
        go_on(m);
    else
        view_end_ahead(m->ahead, go_on, m);
}

/* A notice is deferred for a provision, and draws on nothing else. */
static bool is_deferral(const struct facts *f)
{
    return f->kind == KIND_NOTICE_DEFERRAL;
}

bool onward_waits(struct intake *i)
{
    const struct facts *f = &i->m.facts;
    const bool defers = is_deferral(f);
    const struct bytes origin = defers ? f->provision_origin : f->derived_origin;
    if ((!f->has_derived && !defers) || i->p->drawn.is_asked ||
        !bytes_is(origin, edge_origin(i->e)))
        return false;
    ask(i, defers ? f->provision_index : f->derived_index);
    return true;
}

/* LIA 29: the notice of a provision may wait for the reasons that its clause lists, on the word of
 * whoever got it. */
static bool may_defer(struct intake *i)
{
    const struct drawn *d = &i->p->drawn;
    const uint32_t grant = policy_clause(i->e->policy, bytes_of_text(d->clause));
    struct obligations o = {0};
    if (!d->is_known || grant == POLICY_NONE) {
        intake_refuse(i, REASON_OUT_OF_RANGE,
                      "notice_deferral.provision: a delivery of this gateway to the sender");
        return false;
    }
    policy_obligations(&i->q, grant, &o);
    if (i->q.reason_code >= 64 || (o.deferrable >> i->q.reason_code & 1) == 0)
        intake_refuse(i, REASON_OUT_OF_RANGE,
                      "notice_deferral.reason_code: one that notify.deferrable lists");
    return i->commit.verdict == 0;
}

bool onward_may_draw(struct intake *i)
{
    const struct drawn *d = &i->p->drawn;
    if (is_deferral(&i->m.facts))
        return may_defer(i);
    if (!i->m.facts.has_derived)
        return true;
    if (!d->is_known)
        intake_refuse(i, REASON_ONWARD_NOT_ALLOWED, not_theirs);
    else if (d->deadline_us <= i->now_us)
        intake_refuse(i, REASON_DEADLINE_PASSED,
                      "derived_from: a delivery that need not be destroyed yet");
    return i->commit.verdict == 0;
}

/* Whether the unit belongs to the agency that provided it. */
static bool is_provider(const struct policy *p, const struct drawn *d, uint32_t to)
{
    uint32_t source = policy_unit(p, bytes_of_text(d->source));
    return source != POLICY_NONE &&
           strcmp(policy_unit_party(p, source), policy_unit_party(p, to)) == 0;
}

/* The part of the clause that does not let it go there, or NULL. */
static const char *fault(const struct policy_question *q, const struct drawn *d, uint32_t to)
{
    uint32_t grant = policy_clause(q->policy, bytes_of_text(d->clause));
    struct obligations o;
    if (grant == POLICY_NONE)
        return "onward: a clause of the policy set in force";
    policy_obligations(q, grant, &o);
    if (!d->is_known || !d->may_go_on || o.onward.units == 0)
        return "onward";
    if ((o.onward.bases >> q->sender.basis & 1) == 0)
        return "onward.basis_any_of";
    for (size_t k = 0; k < o.onward.units; k++)
        if (o.onward.unit[k] == to)
            return NULL;
    return "onward.to";
}

void onward_judge(const struct policy_question *q, const struct drawn *d, uint32_t to,
                  struct decision *out)
{
    const char *failed;
    if (!policy_permits(out->reason) || !q->facts->has_derived || to == policy_self(q->policy) ||
        is_provider(q->policy, d, to) || (failed = fault(q, d, to)) == NULL)
        return;
    out->reason = REASON_ONWARD_NOT_ALLOWED;
    out->clause = d->clause;
    out->failed = failed;
    out->law = "";
}
