/* What a message does to an incident: reports open it, closes end a part, assignments, an alert's
 * beginning and end. */
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

/* ---- after it */

_Static_assert((int)INCIDENT_ROUTE_MAX == (int)FACTS_ROUTE_MAX,
               "an incident keeps the points that facts have");

static void report(struct intake *i, struct incident_change *c)
{
    const Fedgate__V1__IncidentReport *r = i->m.pb->incident_report;
    c->step = r->reopen ? INCIDENT_REOPEN : INCIDENT_OPEN;
    c->type = i->m.facts.incident_type;
    c->has_centre = i->m.facts.has_place;
    c->centre = i->m.facts.place;
    memcpy(c->route, i->m.facts.route, sizeof c->route);
    c->route_points = i->m.facts.route_points;
    for (size_t k = 0; k < r->n_participant && k < INCIDENT_PARTICIPANTS_MAX; k++)
        c->participant[c->participants++] = bytes_of_text(r->participant[k]);
}

static void assignment(struct intake *i, struct incident_change *c)
{
    const Fedgate__V1__UnitAssignment *a = i->m.pb->unit_assignment;
    c->step = a->assigned ? INCIDENT_ASSIGN : INCIDENT_RELEASE;
    c->unit = bytes_of_text(a->unit);
}

static const char *first_permitted(const struct intake *i)
{
    for (size_t k = 0; k < i->commit.recipients; k++)
        if (i->commit.recipient[k].permitted)
            return policy_unit_name(i->e->policy, i->to[k]);
    return NULL;
}

/* The alert's first message opens an incident that the receiving centre's unit owns and closes. */
static bool alert(struct intake *i, struct incident_change *c)
{
    const Fedgate__V1__GuardianAlert *a = i->m.pb->guardian_alert;
    if (a->phase == FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_FOUND) {
        c->step = INCIDENT_FOUND;
        return true;
    }
    if (a->phase != FEDGATE__V1__ALERT_PHASE__ALERT_PHASE_NEW)
        return false;
    const char *owner = first_permitted(i);
    if (owner == NULL)
        return false;
    (void)snprintf(i->incident_id, sizeof i->incident_id, "%s:%s", owner, a->alert_id);
    i->m.facts.incident[0] = bytes_of_text(i->incident_id);
    i->m.facts.incidents = 1;
    c->step = INCIDENT_OPEN;
    c->by = bytes_of_text(owner);
    c->type = bytes_of_text("vulnerable-person");
    return true;
}

/* Which of the incidents named an emergency is for: the one that the decision rests on, else the
 * first that is open. */
static size_t incident_of_emergency(const struct intake *i, const struct decision *d)
{
    size_t k = 0;
    if (d->incident != POLICY_NONE)
        return d->incident;
    while (k + 1 < i->m.facts.incidents &&
           (i->incident[k] == NULL || !incident_is_open(i->incident[k])))
        k++;
    return k;
}

/* A person went past conditions: for a while that holds for the incident. */
static bool emergency(struct intake *i, struct incident_change *c)
{
    struct policy_emergency e;
    size_t k = 0;
    while (k < i->commit.recipients && !i->decision[k].declares)
        k++;
    if (k == i->commit.recipients || !policy_emergency(i->e->policy, i->decision[k].grant, &e))
        return false;
    c->step = INCIDENT_EMERGENCY;
    c->id = i->m.facts.incident[incident_of_emergency(i, &i->decision[k])];
    c->mou = bytes_of_text(e.mou);
    c->until_us = i->now_us + e.lasts_us;
    return true;
}

/* The change that the message asks for; false when it asks for none. */
static bool wanted(struct intake *i, struct incident_change *c)
{
    *c = (struct incident_change){.by = i->m.facts.source, .at_us = i->now_us};
    switch (i->m.facts.kind) {
    case KIND_INCIDENT_REPORT: report(i, c); break;
    case KIND_INCIDENT_CLOSE: c->step = INCIDENT_CLOSE; break;
    case KIND_UNIT_ASSIGNMENT: assignment(i, c); break;
    case KIND_GUARDIAN_ALERT:
        if (!alert(i, c))
            return false;
        break;
    default: return emergency(i, c);
    }
    c->id = i->m.facts.incident[0];
    return true;
}

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
    case INCIDENT_NOT_PARTICIPANT:
        return refuse(i, REASON_NOT_PARTICIPANT, "incident_id: one that the sender takes part in");
    case INCIDENT_NO_TYPE:
        return refuse(i, REASON_MALFORMED, "incident_report.type: a new incident has one");
    case INCIDENT_TOO_MANY: break;
    }
    return refuse(i, REASON_QUOTA_EXCEEDED,
                  "at most 16 participants, 32 assigned units and 4 emergencies");
}

/* Units that take part or are assigned must be known: a word that means nothing cannot be granted
 * anything. */
static bool units_are_known(struct intake *i, const struct incident_change *c)
{
    for (size_t k = 0; k < c->participants; k++)
        if (policy_unit(i->e->policy, c->participant[k]) == POLICY_NONE)
            return refuse(i, REASON_RECIPIENT_UNKNOWN,
                          "incident_report.participant: units of the inventory");
    if (c->unit.n > 0 && policy_unit(i->e->policy, c->unit) == POLICY_NONE)
        return refuse(i, REASON_RECIPIENT_UNKNOWN, "unit_assignment.unit: a unit of the inventory");
    return true;
}

bool intake_change(struct intake *i)
{
    struct incident_change *c = &i->change;
    if (!wanted(i, c))
        return true;
    struct view_incident *x = view_make(i->e, c->id);
    enum incident_verdict v = x == NULL ? INCIDENT_NOT_THERE : incident_judge(&x->is, c);
    if (!judged(i, v) || !units_are_known(i, c))
        return false;
    if (v == INCIDENT_APPLIED)
        i->p->changing = x;
    return true;
}
