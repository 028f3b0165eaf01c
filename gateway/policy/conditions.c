/* One small function a condition (conditions.def). The reason a condition gives stands in the
 * table. */
#include "base/clock.h"
#include "policy/snapshot.h"

static const enum reason reasons[CONDITION_OPS] = {
#define CONDITION(NAME, reason, ground, text) [CONDITION_##NAME] = REASON_##reason,
#include "policy/conditions.def"
#undef CONDITION
};

/* One condition being judged. */
struct asked {
    const struct policy_question *q;
    const struct row_condition *c;
    const struct incident *incident; /* NULL: none is named, or it is not known here */
    uint16_t type;                   /* of the message or else of the incident */
    uint32_t to;
};

/* Who acts: the watcher of a stream, else the sender. */
static const struct policy_claim *acting(const struct policy_question *q)
{
    return q->watcher != NULL ? &q->watching : &q->sender;
}

static bool incident_is_young(const struct asked *a)
{
    return a->incident != NULL && a->q->now_us - a->incident->opened_us < a->c->number;
}

static bool has_place(const struct asked *a)
{
    return a->incident != NULL && a->incident->has_centre;
}

/* The sender has its name with it: no need to fetch it. */
static bool has_part(const struct asked *a)
{
    const struct bytes unit = a->c->unit == a->q->from
                                  ? a->q->facts->source
                                  : bytes_of_text(policy_unit_name(a->q->policy, a->c->unit));
    return a->incident != NULL && incident_has_open_part(a->incident, unit);
}

static bool is_assigned(const struct asked *a)
{
    const char *unit = policy_unit_name(a->q->policy, a->to);
    return a->incident != NULL && incident_is_open(a->incident) &&
           incident_is_assigned(a->incident, bytes_of_text(unit));
}

/* The grid cell's centre where the place itself is hidden. */
static struct point shown(const struct asked *a, struct point place)
{
    const struct policy *p = a->q->policy;
    return a->c->grid_m > 0
               ? geo_cell_centre(p->header->service_area.south_west, a->c->grid_m, place)
               : place;
}

/* A camera that moves is where its stream says (LANGUAGE.md, inventory/cameras.csv). */
static struct point camera_place(const struct asked *a, size_t k)
{
    const struct row_camera *camera = &a->q->policy->cameras[a->q->camera[k]];
    const struct facts *f = a->q->facts;
    return f->camera_place == CAMERA_PLACED ? f->camera_at
                                            : (struct point){camera->latitude, camera->longitude};
}

static bool cameras_are_somewhere(const struct asked *a)
{
    return a->q->facts->cameras > 0 && a->q->facts->camera_place != CAMERA_UNPLACED;
}

static bool cameras_are_near(const struct asked *a, const struct point *line, size_t points)
{
    struct point route[INCIDENT_ROUTE_MAX];
    if (points == 0 || points > ARRAY_LEN(route))
        return false;
    for (size_t i = 0; i < points; i++)
        route[i] = shown(a, line[i]);
    for (size_t k = 0; k < a->q->facts->cameras; k++)
        if (!(geo_distance_to_line_m(route, (unsigned)points, camera_place(a, k)) <= a->c->metres))
            return false;
    return cameras_are_somewhere(a);
}

static bool cameras_are_near_centre(const struct asked *a)
{
    if (!has_place(a))
        return false;
    const struct point centre = shown(a, a->incident->centre);
    for (size_t k = 0; k < a->q->facts->cameras; k++)
        if (!geo_within(centre, camera_place(a, k), a->c->metres))
            return false;
    return cameras_are_somewhere(a);
}

/* An incident with a place and no other points is a route of one point. */
static bool cameras_are_near_route(const struct asked *a)
{
    if (a->incident != NULL && a->incident->route_points > 0)
        return cameras_are_near(a, a->incident->route, a->incident->route_points);
    return cameras_are_near_centre(a);
}

static bool lies_in_regions(const struct asked *a)
{
    const struct policy *p = a->q->policy;
    for (uint32_t i = 0; has_place(a) && i < p->regions_count; i++) {
        const struct row_region *region = &p->regions[i];
        if (has_bit(a->c->mask, i) && region->corners > 0 &&
            geo_in_polygon(a->incident->centre, p->corners + region->corner_first, region->corners))
            return true;
    }
    return false;
}

void policy_local_time(const struct policy *p, int64_t now_us, unsigned *minute, unsigned *weekday)
{
    enum { THURSDAY = 3, DAYS = 7 }; /* 1970-01-01 was one */
    const int64_t local = now_us + p->header->zone_offset_us;
    *minute = (unsigned)(local % US_PER_DAY / US_PER_MINUTE);
    *weekday = (unsigned)((local / US_PER_DAY + THURSDAY) % DAYS);
}

bool policy_in_hours(unsigned minute, unsigned from, unsigned to)
{
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

static bool is_in_period(const struct asked *a)
{
    unsigned minute, weekday;
    policy_local_time(a->q->policy, a->q->now_us, &minute, &weekday);
    return a->c->op == CONDITION_PERIOD_DAYS
               ? has_bit(a->c->mask, weekday)
               : policy_in_hours(minute, a->c->from_minute, a->c->to_minute);
}

static bool cameras_match(const struct asked *a)
{
    for (size_t k = 0; k < a->q->facts->cameras; k++) {
        const struct row_camera *camera = &a->q->policy->cameras[a->q->camera[k]];
        bool fits = a->c->op == CONDITION_CAMERA_KIND ? has_bit(a->c->mask, camera->kind)
                                                      : (camera->purposes & a->c->mask) != 0;
        if (!fits)
            return false;
    }
    return a->q->facts->cameras > 0;
}

/* Every category that the subject has must be covered: one that is not could need another consent.
 */
static bool categories_are_covered(const struct asked *a)
{
    const uint32_t categories = a->q->facts->categories;
    return categories != 0 && (categories & ~a->c->mask) == 0;
}

/* It ran out, or was withdrawn or suspended since (LIA 24). */
static bool consent_is_over(const struct policy_question *q)
{
    const struct facts_consent *consent = &q->facts->consent;
    return q->state.consent == POLICY_CONSENT_GONE ||
           (consent->until_us != 0 && consent->until_us <= q->now_us);
}

/* LIA 19: the consent names who may get it; a party's name covers all of its units. */
static bool consent_names_recipient(const struct asked *a)
{
    const struct facts_consent *consent = &a->q->facts->consent;
    const char *unit = policy_unit_name(a->q->policy, a->to);
    const char *party = policy_unit_party(a->q->policy, a->to);
    for (size_t i = 0; i < consent->recipients; i++)
        if (bytes_is(consent->recipient[i], unit) || bytes_is(consent->recipient[i], party))
            return true;
    return false;
}

static bool consent_names_purpose(const struct asked *a)
{
    const struct facts_consent *consent = &a->q->facts->consent;
    for (size_t i = 0; i < consent->purposes; i++)
        if (bytes_equal(consent->purpose[i], a->q->facts->purpose))
            return true;
    return false;
}

static bool holds(const struct asked *a)
{
    const struct facts *f = a->q->facts;
    const uint64_t mask = a->c->mask;
    switch ((enum condition_op)a->c->op) {
    case CONDITION_INCIDENT_OPEN: return a->incident != NULL && incident_is_open(a->incident);
    case CONDITION_INCIDENT_PARTICIPANT: return has_part(a);
    case CONDITION_INCIDENT_YOUNGER: return incident_is_young(a);
    case CONDITION_INCIDENT_TYPE: return has_bit(mask, a->type);
    case CONDITION_BASIS: return has_bit(mask, acting(a->q)->basis);
    case CONDITION_ASSIGNED: return is_assigned(a);
    case CONDITION_INCIDENT_AREA: return lies_in_regions(a);
    case CONDITION_CAMERA_WITHIN: return cameras_are_near_centre(a);
    case CONDITION_CAMERA_NEAR_ROUTE: return cameras_are_near_route(a);
    case CONDITION_CAMERA_INSTALLED_FOR:
    case CONDITION_CAMERA_KIND: return cameras_match(a);
    case CONDITION_CATEGORY: return categories_are_covered(a);
    case CONDITION_AGE_BAND: return has_bit(mask, f->age_band);
    case CONDITION_CONSENT_GIVEN_BY: return has_bit(mask, f->consent.given_by);
    case CONDITION_CONSENT_NAMES_RECIPIENT: return consent_names_recipient(a);
    case CONDITION_CONSENT_NAMES_PURPOSE: return consent_names_purpose(a);
    case CONDITION_CONSENT_NAMES_ITEMS: return (mask & ~a->q->consent_items) == 0;
    case CONDITION_PERIOD_HOURS:
    case CONDITION_PERIOD_DAYS: return is_in_period(a);
    case CONDITION_HEADQUARTERS: return (mask & a->q->state.regions_active) != 0;
    case CONDITION_FOOTAGE: return has_bit(mask, f->recorded ? FOOTAGE_RECORDED : FOOTAGE_LIVE);
    case CONDITION_ORIGIN: return (f->origins & ~mask) == 0;
    case CONDITION_REQUEST_GROUND: return has_bit(mask, f->ground);
    case CONDITION_REQUEST_WISH: return f->wish_confirmed;
    case CONDITION_REQUEST_WITNESS_CONSENT: return f->witness_consents;
    case CONDITION_REASON_CODE: return has_bit(mask, a->q->reason_code);
    case CONDITION_EVIDENCE: return (acting(a->q)->evidence & mask) != 0;
    case CONDITION_ACTOR: return (a->q->watcher != NULL ? a->q->watcher : f)->has_actor;
    case CONDITION_OPS: break;
    }
    return false;
}

static bool measures_cameras(unsigned op)
{
    return op == CONDITION_CAMERA_WITHIN || op == CONDITION_CAMERA_NEAR_ROUTE;
}

static bool needs_place(unsigned op)
{
    return op == CONDITION_INCIDENT_AREA || measures_cameras(op);
}

static bool needs_incident(unsigned op)
{
    return op == CONDITION_INCIDENT_OPEN || op == CONDITION_INCIDENT_PARTICIPANT ||
           op == CONDITION_INCIDENT_YOUNGER || op == CONDITION_ASSIGNED || needs_place(op);
}

bool policy_condition_asks_incident(const struct policy_question *q, const struct row_condition *c)
{
    return needs_incident(c->op) || (c->op == CONDITION_INCIDENT_TYPE && q->type == NO_WORD);
}

/* A stream's sender cannot answer for who will watch: these are asked again, of each watcher. */
static bool is_left_to_watchers(const struct policy_question *q, unsigned op)
{
    return q->facts->kind == KIND_VIDEO && q->watcher == NULL &&
           (op == CONDITION_ACTOR || op == CONDITION_BASIS || op == CONDITION_EVIDENCE);
}

static enum reason consent_failure(const struct asked *a)
{
    enum { AGE_9_TO_13 = 2 };
    const struct facts *f = a->q->facts;
    if (!f->consent.present)
        return REASON_CONSENT_MISSING;
    if (consent_is_over(a->q))
        return REASON_CONSENT_WITHDRAWN;
    if (a->c->op == CONDITION_CONSENT_GIVEN_BY && f->age_band != 0 && f->age_band <= AGE_9_TO_13)
        return REASON_REPRESENTATIVE_MISSING; /* LIA 25 */
    return reasons[a->c->op];
}

static bool is_about_consent(unsigned op)
{
    return op == CONDITION_CONSENT_GIVEN_BY || op == CONDITION_CONSENT_NAMES_RECIPIENT ||
           op == CONDITION_CONSENT_NAMES_PURPOSE || op == CONDITION_CONSENT_NAMES_ITEMS;
}

/* Why a condition does not hold, as exactly as is known. */
static enum reason failure(const struct asked *a)
{
    const enum condition_op op = (enum condition_op)a->c->op;
    if (is_about_consent(op))
        return consent_failure(a);
    if (!policy_condition_asks_incident(a->q, a->c))
        return reasons[op]; /* NOLINT(clang-analyzer-*): a snapshot with an op that is none does not
                               open (references.c) */
    if (a->incident == NULL || !a->incident->exists)
        return REASON_INCIDENT_UNKNOWN;
    if (op == CONDITION_INCIDENT_PARTICIPANT && !incident_is_open(a->incident))
        return REASON_INCIDENT_CLOSED;
    if ((needs_place(op) && !a->incident->has_centre) ||
        (measures_cameras(op) && a->q->facts->camera_place == CAMERA_UNPLACED))
        return REASON_NO_POSITION;
    return reasons[op];
}

enum reason policy_condition_holds(const struct policy_question *q, const struct row_condition *c,
                                   uint32_t incident, uint32_t to)
{
    struct asked a = {.q = q, .c = c, .type = q->type, .to = to};
    if (incident != POLICY_NONE) {
        a.incident = q->incident[incident];
        if (a.type == NO_WORD)
            a.type = q->type_of[incident];
    }
    if (is_left_to_watchers(q, c->op))
        return REASON_PERMITTED;
    bool usable = !is_about_consent(c->op) || (q->facts->consent.present && !consent_is_over(q));
    return usable && holds(&a) ? REASON_PERMITTED : failure(&a);
}
