/* The conditions of a grant as regions: what conditions.c does for one question. */
#include "message/reason.h"
#include "policy/holds.h"

void asking_state(const struct asking *a, uint64_t states, struct region *r)
{
    if (!a->named)
        region_clear(r);
    else
        asking_narrow(a, DIM_STATE, states, r);
}

/* The type that the message states, else the incident's. */
static void of_type(const struct asking *a, uint64_t mask, struct region *r)
{
    struct region stated = {0};
    region_copy(r, &stated);
    asking_narrow(a, DIM_TYPE, asking_cells(a, DIM_TYPE, ATOM_ROW_IN, mask), &stated);
    asking_narrow(a, DIM_TYPE, ~asking_cells(a, DIM_TYPE, ATOM_GIVEN, 0), r);
    asking_state(a, KNOWN_STATES, r);
    if (!a->excepts)
        asking_narrow(a, DIM_INCIDENT_TYPE, asking_cells(a, DIM_INCIDENT_TYPE, ATOM_ROW_IN, mask),
                      r);
    region_add_all(r, &stated);
    region_free(&stated);
}

static void cameras_given(const struct asking *a, struct region *r)
{
    asking_narrow(a, DIM_CAMERA, asking_cells(a, DIM_CAMERA, ATOM_GIVEN, 0), r);
}

static void within(const struct asking *a, enum dim dim, const struct row_condition *c,
                   struct region *r)
{
    const struct atom atom = {
        .op = ATOM_WITHIN, .side = (uint8_t)a->side, .metres = c->metres, .grid_m = c->grid_m};
    asking_narrow(a, DIM_PLACE, asking_cells(a, DIM_PLACE, ATOM_GIVEN, 0), r);
    cameras_given(a, r);
    asking_narrow(a, dim, space_ask(a->s, dim, atom), r);
}

/* Those of incidents; false when it is another. */
static bool about_incident(const struct asking *a, const struct row_condition *c, struct region *r)
{
    switch ((enum condition_op)c->op) {
    case CONDITION_INCIDENT_OPEN: asking_state(a, OPEN_STATE, r); return true;
    case CONDITION_INCIDENT_PARTICIPANT:
        asking_state(a, OPEN_STATE, r);
        if (!a->excepts)
            asking_narrow(a, DIM_PARTICIPANT,
                          asking_named(a, DIM_PARTICIPANT, policy_unit_name(a->p, c->unit)), r);
        return true;
    case CONDITION_INCIDENT_YOUNGER:
        asking_state(a, KNOWN_STATES, r);
        if (!a->excepts)
            asking_narrow(
                a, DIM_AGE,
                space_ask(a->s, DIM_AGE, (struct atom){.op = ATOM_YOUNGER, .number = c->number}),
                r);
        return true;
    case CONDITION_ASSIGNED:
        asking_state(a, a->excepts ? KNOWN_STATES : OPEN_STATE, r);
        if (!a->excepts)
            asking_narrow(a, DIM_ASSIGNED, 2, r);
        return true;
    case CONDITION_INCIDENT_AREA:
    case CONDITION_CAMERA_WITHIN:
    case CONDITION_CAMERA_NEAR_ROUTE: asking_state(a, KNOWN_STATES, r); break;
    default: return false;
    }
    if (!a->excepts && c->op == CONDITION_INCIDENT_AREA)
        asking_narrow(a, DIM_PLACE, asking_cells(a, DIM_PLACE, ATOM_AREA, c->mask), r);
    else if (!a->excepts)
        within(a, c->op == CONDITION_CAMERA_WITHIN ? DIM_DISTANCE : DIM_ROUTE, c, r);
    return true;
}

/* Those of the subject and the consent; false when it is another. */
static bool about_people(const struct asking *a, const struct row_condition *c, struct region *r)
{
    switch ((enum condition_op)c->op) {
    case CONDITION_CATEGORY:
        if (!a->excepts)
            asking_narrow(a, DIM_CATEGORY,
                          asking_cells(a, DIM_CATEGORY, ATOM_SUBSET, c->mask) &
                              asking_cells(a, DIM_CATEGORY, ATOM_MEETS, UINT64_MAX),
                          r);
        return true;
    case CONDITION_AGE_BAND:
        if (!a->excepts)
            asking_narrow(a, DIM_AGE_BAND, c->mask, r);
        return true;
    case CONDITION_CONSENT_GIVEN_BY: asking_narrow(a, DIM_GIVER, c->mask, r); break;
    case CONDITION_CONSENT_NAMES_RECIPIENT: asking_narrow(a, DIM_NAMES_RECIPIENT, 2, r); break;
    case CONDITION_CONSENT_NAMES_PURPOSE: asking_narrow(a, DIM_NAMES_PURPOSE, 2, r); break;
    case CONDITION_CONSENT_NAMES_ITEMS:
        asking_narrow(a, DIM_ITEMS, asking_cells(a, DIM_ITEMS, ATOM_ALL_OF, c->mask), r);
        break;
    default: return false;
    }
    asking_narrow(a, DIM_CONSENT, UINT64_C(1) << CONSENT_STANDS, r);
    return true;
}

/* Those of why a location is asked for; false when it is another. No emergency passes them over. */
static bool about_request(const struct asking *a, const struct row_condition *c, struct region *r)
{
    uint64_t cells = 0;
    if (c->op != CONDITION_REQUEST_GROUND && c->op != CONDITION_REQUEST_WISH &&
        c->op != CONDITION_REQUEST_WITNESS_CONSENT)
        return false;
    for (unsigned i = 0; i < space_requests(a->s); i++) {
        const struct request_cell one = space_request(a->s, i);
        const bool holds = c->op == CONDITION_REQUEST_GROUND ? has_bit(c->mask, one.ground)
                           : c->op == CONDITION_REQUEST_WISH ? one.wish
                                                             : one.witness;
        cells |= (uint64_t)holds << i;
    }
    asking_narrow(a, DIM_REQUEST, cells, r);
    return true;
}

/* A stream's sender cannot answer for who will watch. */
static bool about_actor(const struct asking *a, const struct row_condition *c, struct region *r)
{
    const bool asked = a->s->line.manner != MANNER_OFFER;
    const enum dim basis = asking_watched(a) ? DIM_WATCHER_BASIS : DIM_BASIS;
    const enum dim evidence = asking_watched(a) ? DIM_WATCHER_EVIDENCE : DIM_EVIDENCE;
    switch ((enum condition_op)c->op) {
    case CONDITION_BASIS:
        if (asked)
            asking_narrow(a, basis, asking_cells(a, basis, ATOM_ROW_IN, c->mask), r);
        return true;
    case CONDITION_EVIDENCE:
        if (asked)
            asking_narrow(a, evidence, asking_cells(a, evidence, ATOM_ANY_OF, c->mask), r);
        return true;
    case CONDITION_ACTOR:
        if (asked)
            asking_narrow(a, DIM_ACTOR, 2, r);
        return true;
    default: return false;
    }
}

static void about_footage(const struct asking *a, const struct row_condition *c, struct region *r)
{
    const bool breaks = reason_row(REASON_FOOTAGE_NOT_COVERED)->urgent == REASON_URGENT_BREAK;
    if (!a->excepts || !breaks)
        asking_narrow(a, DIM_FOOTAGE, c->mask, r);
}

static void about_the_rest(const struct asking *a, const struct row_condition *c, struct region *r)
{
    struct atom atom = {.side = (uint8_t)a->side, .mask = c->mask};
    enum dim dim = DIM_TIME;
    bool passes = a->excepts;
    switch ((enum condition_op)c->op) {
    case CONDITION_PERIOD_HOURS:
        atom.op = ATOM_HOURS;
        atom.number = c->from_minute;
        atom.until = c->to_minute;
        break;
    case CONDITION_PERIOD_DAYS: atom.op = ATOM_DAYS; break;
    case CONDITION_CAMERA_INSTALLED_FOR:
    case CONDITION_CAMERA_KIND:
        dim = DIM_CAMERA;
        atom.op = c->op == CONDITION_CAMERA_KIND ? ATOM_CAMERA_KIND : ATOM_CAMERA_PURPOSE;
        break;
    case CONDITION_HEADQUARTERS:
        dim = DIM_HEADQUARTERS;
        atom.op = ATOM_ANY_OF;
        passes = false;
        break;
    case CONDITION_REASON_CODE:
        dim = DIM_REASON;
        atom.op = ATOM_ROW_IN;
        passes = false;
        break;
    default: /* CONDITION_ORIGIN: the contract's own numbers */
        dim = DIM_ORIGIN;
        atom.op = ATOM_SUBSET;
        atom.side = 0;
        passes = false;
    }
    if (passes)
        return;
    if (dim == DIM_CAMERA)
        cameras_given(a, r);
    asking_narrow(a, dim, space_ask(a->s, dim, atom), r);
}

_Static_assert(CONDITION_OPS == 28, "every condition has its dimension in this file");

static void condition(const struct asking *a, const struct row_condition *c, struct region *r)
{
    if (c->op == CONDITION_INCIDENT_TYPE)
        of_type(a, a->excepts ? UINT64_MAX : c->mask, r);
    else if (c->op == CONDITION_FOOTAGE)
        about_footage(a, c, r);
    else if (!about_incident(a, c, r) && !about_people(a, c, r) && !about_request(a, c, r) &&
             !about_actor(a, c, r))
        about_the_rest(a, c, r);
}

/* All conditions with this number. */
static void numbered(const struct asking *a, unsigned alternative, struct region *r)
{
    const struct row_condition *c = a->p->conditions + a->g->condition_first;
    for (uint32_t i = 0; i < a->g->conditions && r->count > 0; i++)
        if (c[i].alternative == alternative)
            condition(a, &c[i], r);
}

static unsigned alternatives_of(const struct asking *a)
{
    unsigned most = 0;
    for (uint32_t i = 0; i < a->g->conditions; i++) {
        const unsigned n = a->p->conditions[a->g->condition_first + i].alternative;
        most = n > most ? n : most;
    }
    return most;
}

void asking_conditions(const struct asking *a, unsigned only, struct region *r)
{
    const unsigned most = alternatives_of(a);
    struct region any = {0};
    numbered(a, 0, r);
    if (most == 0)
        return;
    for (unsigned k = 1; k <= most; k++) {
        struct region one = {0};
        if (only != 0 && only != k)
            continue;
        region_copy(r, &one);
        numbered(a, k, &one);
        region_add_all(&any, &one);
        region_free(&one);
    }
    region_free(r);
    *r = any;
}
