/* What a message does to an incident: reports open it, closes end a part, assignments, an alert's
 * beginning and end. */
#include "base/mem.h"
#include "service/intake.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>

static bool refuse(struct intake *i, enum reason reason, const char *failed)
{
    intake_refuse(i, reason, failed);
    return false;
}

/* ---- before the decision: what an alert is about */

/* An alert's later phases name the incident that its first one opened: "<receiving centre
 * unit>:<alert_id>". */
static bool alert_names_its_incident(struct intake *i, const Fedgate__V1__GuardianAlert *a)
{
    const struct facts *f = &i->m.facts;
    struct uuid named, alert;
    if (f->incidents != 1 || i->incident[0] == NULL)
        return refuse(i, REASON_INCIDENT_UNKNOWN,
                      "incident_id: the one that the alert's first message opened");
    if (!ident_split_incident(f->incident[0], NULL, &named) ||
        !uuid_parse(bytes_of_text(a->alert_id), &alert) ||
        memcmp(&named, &alert, sizeof named) != 0)
        return refuse(i, REASON_MALFORMED, "incident_id: the one of this alert_id");
    return true;
}

bool intake_change_begins(struct intake *i)
{
    if (i->m.facts.kind != KIND_GUARDIAN_ALERT)
        return true;
    const Fedgate__V1__GuardianAlert *a = i->m.pb->guardian_alert;
    i->ends_purpose = a->phase == FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_FOUND ||
                      a->phase == FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_CANCEL;
    return a->phase == FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_NEW || alert_names_its_incident(i, a);
}

/* ---- after it: which changes the message asks for */

static struct incident_change a_change(const struct intake *i, enum incident_step step)
{
    struct incident_change c = {.step = step,
                                .by = i->m.facts.source,
                                .status = (uint8_t)i->m.facts.status,
                                .at_us = i->now_us};
    if (i->m.facts.incidents > 0)
        c.id = i->m.facts.incident[0];
    return c;
}

_Static_assert((int)INCIDENT_ROUTE_MAX == (int)FACTS_ROUTE_MAX,
               "an incident keeps the points that facts have");

static bool report(struct intake *i)
{
    const Fedgate__V1__IncidentReport *r = i->m.pb->incident_report;
    struct incident_change c = a_change(i, r->reopen ? INCIDENT_REOPEN : INCIDENT_OPEN);
    c.type = i->m.facts.incident_type;
    c.has_centre = i->m.facts.has_place;
    c.centre = i->m.facts.place;
    memcpy(c.route, i->m.facts.route, sizeof c.route);
    c.route_points = i->m.facts.route_points;
    for (size_t k = 0; k < r->n_participant && k < INCIDENT_PARTICIPANTS_MAX; k++)
        c.participant[c.participants++] = bytes_of_text(r->participant[k]);
    return intake_plan(i, &c);
}

static bool close_part(struct intake *i)
{
    struct incident_change c = a_change(i, INCIDENT_CLOSE);
    return intake_plan(i, &c);
}

static bool assignment(struct intake *i)
{
    const Fedgate__V1__UnitAssignment *a = i->m.pb->unit_assignment;
    struct incident_change c = a_change(i, a->assigned ? INCIDENT_ASSIGN : INCIDENT_RELEASE);
    c.unit = bytes_of_text(a->unit);
    return intake_plan(i, &c);
}

static bool transfer(struct intake *i)
{
    const Fedgate__V1__IncidentTransfer *t = i->m.pb->incident_transfer;
    struct incident_change c = a_change(i, INCIDENT_OFFER);
    if (t->step == FEDGATE__V1__TRANSFER_STEP__TRANSFER_STEP_ACCEPTED)
        c.step = INCIDENT_ACCEPT;
    else if (t->step == FEDGATE__V1__TRANSFER_STEP__TRANSFER_STEP_DECLINED)
        c.step = INCIDENT_DECLINE;
    c.unit = bytes_of_text(t->to);
    return intake_plan(i, &c);
}

/* Recorded on both. The other's owner gets a part in the sender's incident; the sender gets one in
 * the other only when that owner links back. */
static bool link_incidents(struct intake *i)
{
    const Fedgate__V1__IncidentLink *l = i->m.pb->incident_link;
    const struct view_incident *other = view_get(i->e, bytes_of_text(l->other));
    if (other == NULL || !incident_is_for(&other->is, i->m.facts.status))
        return refuse(i, REASON_INCIDENT_UNKNOWN,
                      "incident_link.other: an incident of this gateway");
    struct incident_change c = a_change(i, INCIDENT_LINK);
    c.other = bytes_of_text(l->other);
    c.link = (uint8_t)l->kind;
    c.unit = incident_owner(&other->is);
    struct incident_change back = a_change(i, INCIDENT_LINKED);
    back.id = c.other;
    back.other = c.id;
    back.link = c.link;
    return intake_plan(i, &c) && intake_plan(i, &back);
}

static const char *first_permitted(const struct intake *i)
{
    for (size_t k = 0; k < i->commit.recipients; k++)
        if (i->commit.recipient[k].permitted)
            return policy_unit_name(i->e->policy, i->to[k]);
    return NULL;
}

/* The alert's first message opens an incident that the receiving centre's unit owns and closes. */
static bool alert(struct intake *i)
{
    const Fedgate__V1__GuardianAlert *a = i->m.pb->guardian_alert;
    struct incident_change c = a_change(i, INCIDENT_FOUND);
    if (a->phase == FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_FOUND)
        return intake_plan(i, &c);
    const char *owner = first_permitted(i);
    if (a->phase != FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_NEW || owner == NULL)
        return true;
    (void)snprintf(i->incident_id, sizeof i->incident_id, "%s:%s", owner, a->alert_id);
    i->m.facts.incident[0] = bytes_of_text(i->incident_id);
    i->m.facts.incidents = 1;
    c = a_change(i, INCIDENT_OPEN);
    c.by = bytes_of_text(owner);
    c.type = bytes_of_text("vulnerable-person");
    return intake_plan(i, &c);
}

/* What its kind does. */
static bool change_by_kind(struct intake *i)
{
    switch (i->m.facts.kind) {
    case KIND_INCIDENT_REPORT: return report(i);
    case KIND_INCIDENT_CLOSE: return close_part(i);
    case KIND_INCIDENT_TRANSFER: return transfer(i);
    case KIND_INCIDENT_LINK: return link_incidents(i);
    case KIND_UNIT_ASSIGNMENT: return assignment(i);
    case KIND_GUARDIAN_ALERT: return alert(i);
    default: return true;
    }
}

static bool named_is_open(const struct intake *i, size_t k)
{
    return i->incident[k] != NULL && incident_is_open(i->incident[k]);
}

/* Which of the incidents named an emergency is for: the one that the decision rests on, else, or
 * when that has ended, the first that is open. */
static size_t incident_of_emergency(const struct intake *i, const struct decision *d)
{
    size_t k = 0;
    if (d->incident != POLICY_NONE && named_is_open(i, d->incident))
        return d->incident;
    while (k + 1 < i->m.facts.incidents && !named_is_open(i, k))
        k++;
    return k;
}

/* A person went past conditions: for a while that holds for the incident, under each memorandum
 * that lets them. */
static bool emergencies(struct intake *i)
{
    struct policy_emergency e;
    for (size_t k = 0; k < i->commit.recipients; k++) {
        const struct decision *d = &i->decision[k];
        if (!d->declares || !policy_emergency(i->e->policy, d->grant, &e))
            continue;
        struct incident_change c = a_change(i, INCIDENT_EMERGENCY);
        c.id = i->m.facts.incident[incident_of_emergency(i, d)];
        c.mou = bytes_of_text(e.mou);
        c.until_us = i->now_us + e.lasts_us;
        if (!intake_plan(i, &c))
            return false;
    }
    return true;
}

/* ---- whether they can be made */

static bool judged(struct intake *i, enum incident_verdict v)
{
    switch (v) {
    case INCIDENT_APPLIED:
    case INCIDENT_UNCHANGED: return true;
    case INCIDENT_NOT_THERE:
        return refuse(i, REASON_INCIDENT_UNKNOWN, "incident_id: an incident of this gateway");
    case INCIDENT_IS_CLOSED:
        return refuse(i, REASON_INCIDENT_CLOSED, "incident_id: an open incident");
    case INCIDENT_NOT_OWNER:
        return refuse(i, REASON_NOT_INCIDENT_OWNER, "incident_id: an incident of the sender's own");
    case INCIDENT_NOT_OFFERED:
        return refuse(i, REASON_NOT_INCIDENT_OWNER,
                      "incident_id: one that is offered to the sender");
    case INCIDENT_NOT_PARTICIPANT:
        return refuse(i, REASON_NOT_PARTICIPANT, "incident_id: one that the sender takes part in");
    case INCIDENT_NO_TYPE:
        return refuse(i, REASON_MALFORMED, "incident_report.type: a new incident has one");
    case INCIDENT_OTHER_STATUS:
        return refuse(i, REASON_STATUS_NOT_LIVE,
                      "incident_id: one that was opened by a message of this status");
    case INCIDENT_TOO_MANY: break;
    }
    return refuse(i, REASON_QUOTA_EXCEEDED,
                  "at most 16 participants, 32 assigned units, 8 links and 4 emergencies");
}

/* Units that take part, are assigned or are offered an incident must be known: a word that means
 * nothing cannot be granted anything. */
static bool units_are_known(struct intake *i, const struct incident_change *c)
{
    for (size_t k = 0; k < c->participants; k++)
        if (policy_unit(i->e->policy, c->participant[k]) == POLICY_NONE)
            return refuse(i, REASON_RECIPIENT_UNKNOWN,
                          "incident_report.participant: units of the inventory");
    if (c->unit.n == 0 || policy_unit(i->e->policy, c->unit) != POLICY_NONE)
        return true;
    return refuse(i, REASON_RECIPIENT_UNKNOWN,
                  c->step == INCIDENT_LINK    ? "incident_link.other: its owner of the inventory"
                  : c->step == INCIDENT_OFFER ? "incident_transfer.to: a unit of the inventory"
                                              : "unit_assignment.unit: a unit of the inventory");
}

static bool is_planned(const struct publication *m, const struct incident_change *c)
{
    for (size_t k = 0; k < m->changes; k++)
        if (m->change[k].is.step == c->step && bytes_equal(m->change[k].is.id, c->id) &&
            bytes_equal(m->change[k].is.mou, c->mou))
            return true;
    return false;
}

static struct planned_change *new_changes(void)
{
    struct planned_change *c = mem_new_array(ROAD_CHANGES_MAX, sizeof *c);
    for (size_t k = 0; k < ROAD_CHANGES_MAX; k++)
        c[k].text = BUF_INIT(LIMIT_REQUEST);
    return c;
}

bool intake_plan(struct intake *i, const struct incident_change *c)
{
    struct publication *m = i->p;
    struct view_incident *x = view_make(i->e, c->id);
    enum incident_verdict v = x == NULL ? INCIDENT_NOT_THERE
                              : x->is.exists && !incident_is_for(&x->is, i->m.facts.status)
                                  ? INCIDENT_OTHER_STATUS
                                  : incident_judge(&x->is, c);
    if (!judged(i, v) || !units_are_known(i, c))
        return false;
    if (v == INCIDENT_UNCHANGED || is_planned(m, c))
        return true;
    if (m->changes == ROAD_CHANGES_MAX)
        return judged(i, INCIDENT_TOO_MANY);
    if (m->change == NULL)
        m->change = new_changes();
    m->change[m->changes].incident = x;
    m->change[m->changes++].is = *c;
    return true;
}

/* What gateway/self was not permitted to be told is not done, and nobody hears of it. */
static bool self_is_told(struct intake *i)
{
    const uint32_t self = policy_self(i->e->policy);
    size_t k = 0;
    if (!i->m.kind->changes_state)
        return true;
    while (k < i->commit.recipients && i->to[k] != self)
        k++;
    if (k == i->commit.recipients)
        return refuse(i, REASON_NO_GRANT, "to: gateway/self, whose state this changes");
    if (i->commit.recipient[k].permitted)
        return true;
    const struct bytes clause = i->commit.recipient[k].clause;
    intake_refuse(i, i->decision[k].reason, i->decision[k].failed);
    i->commit.recipient[0].clause = clause;
    return false;
}

bool intake_change(struct intake *i)
{
    if (self_is_told(i) && change_by_kind(i) && intake_standing(i) && emergencies(i))
        return true;
    i->p->changes = 0;
    i->p->changes_standing = false;
    return false;
}

bool intake_waits(struct intake *i)
{
    struct waiting *w = &i->p->waiting;
    if (view_waits(i->e, i->m.facts.incident, i->m.facts.incidents, w))
        return true;
    if (i->m.facts.kind != KIND_INCIDENT_LINK)
        return false;
    const struct bytes other = bytes_of_text(i->m.pb->incident_link->other);
    return view_waits(i->e, &other, 1, w);
}
