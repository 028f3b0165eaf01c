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

static void ask(struct publication *m, uint64_t index)
{
    struct edge *e = m->edge;
    m->drawn.is_asked = true;
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

void onward_told(struct ticket *t, const struct road_provision *p)
{
    struct publication *m = CONTAINER_OF(t, struct publication, ticket);
    if (m->publisher == NULL) {
        publication_free(m); /* its call has ended, and nothing was decided */
        return;
    }
    drawn_take(&m->drawn, p, bytes_of_text(m->sender));
    intake_run(m);
}

bool onward_waits(struct intake *i)
{
    const struct facts *f = &i->m.facts;
    if (!f->has_derived || i->p->drawn.is_asked || !bytes_is(f->derived_origin, edge_origin(i->e)))
        return false;
    ask(i->p, f->derived_index);
    return true;
}

bool onward_may_draw(struct intake *i)
{
    const struct drawn *d = &i->p->drawn;
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
