/* One small function a condition (conditions.def). The reason a condition gives stands in the
 * table. */
#include "policy/rows.h"

#include <math.h>

static const enum reason reasons[CONDITION_OPS] = {
#define CONDITION(NAME, reason, text) [CONDITION_##NAME] = REASON_##reason,
#include "policy/conditions.def"
#undef CONDITION
};

/* Who acts: the watcher of a stream, else the sender. */
static const struct facts *actor_facts(const struct policy_question *q)
{
    return q->watcher != NULL ? q->watcher : q->facts;
}

static uint16_t acting_basis(const struct policy_question *q)
{
    return q->watcher != NULL ? q->watcher_basis : q->basis;
}

static bool in_mask(uint64_t mask, unsigned bit)
{
    return bit < 64 && (mask >> bit & 1) != 0;
}

static bool type_is_covered(const struct policy_question *q, const struct row_condition *c,
                            const struct incident *i)
{
    uint16_t type = q->incident_type;
    if (type == NO_WORD && i != NULL)
        type = policy_word(q->policy, WORD_INCIDENT_TYPE, bytes_of_text(i->type));
    return type != NO_WORD && in_mask(c->mask, type);
}

static bool cameras_are_near(const struct policy_question *q, const struct row_condition *c,
                             const struct incident *i)
{
    if (i == NULL || !i->has_centre)
        return false;
    struct box area = q->policy->header->service_area;
    struct point centre = i->centre;
    if (c->grid_m > 0)
        centre = geo_cell_centre(area.south_west, c->grid_m, centre);
    for (size_t k = 0; k < q->facts->cameras; k++) {
        const struct row_camera *camera = &q->policy->cameras[q->camera[k]];
        struct point place = {camera->latitude, camera->longitude};
        if (!(geo_distance_m(centre, place) <= c->metres))
            return false;
    }
    return q->facts->cameras > 0;
}

static bool cameras_match(const struct policy_question *q, const struct row_condition *c)
{
    for (size_t k = 0; k < q->facts->cameras; k++) {
        const struct row_camera *camera = &q->policy->cameras[q->camera[k]];
        bool fits = c->op == CONDITION_CAMERA_KIND ? in_mask(c->mask, camera->kind)
                                                   : (camera->purposes & c->mask) != 0;
        if (!fits)
            return false;
    }
    return q->facts->cameras > 0;
}

/* Every category that the subject has must be covered: one that is not could need another consent.
 */
static bool categories_are_covered(const struct policy_question *q, const struct row_condition *c)
{
    return q->facts->categories != 0 && (q->facts->categories & ~c->mask) == 0;
}

static bool consent_is_in_force(const struct policy_question *q)
{
    const struct facts_consent *consent = &q->facts->consent;
    return consent->present && (consent->until_us == 0 || consent->until_us > q->now_us);
}

/* LIA 19: the consent names who may get it; a party's name covers all of its units. */
static bool consent_names_recipient(const struct policy_question *q, uint32_t to)
{
    const struct facts_consent *consent = &q->facts->consent;
    const char *unit = policy_unit_name(q->policy, to), *party = policy_unit_party(q->policy, to);
    for (size_t i = 0; i < consent->recipients; i++)
        if (bytes_is(consent->recipient[i], unit) || bytes_is(consent->recipient[i], party))
            return true;
    return false;
}

static bool consent_names_purpose(const struct policy_question *q)
{
    const struct facts_consent *consent = &q->facts->consent;
    for (size_t i = 0; i < consent->purposes; i++)
        if (bytes_equal(consent->purpose[i], q->facts->purpose))
            return true;
    return false;
}

static bool has_evidence(const struct policy_question *q, const struct row_condition *c)
{
    const struct facts *f = actor_facts(q);
    for (size_t i = 0; i < f->evidences; i++) {
        uint16_t word = policy_word(q->policy, WORD_EVIDENCE, f->evidence[i].kind);
        if (word != NO_WORD && in_mask(c->mask, word) && f->evidence[i].value.n > 0)
            return true;
    }
    return false;
}

static bool is_young(const struct policy_question *q, const struct row_condition *c,
                     const struct incident *i)
{
    return i != NULL && q->now_us - i->opened_us < c->number;
}

static bool holds(const struct policy_question *q, const struct row_condition *c,
                  const struct incident *i, uint32_t to)
{
    const char *unit = c->unit < q->policy->units_count ? policy_unit_name(q->policy, c->unit) : "";
    switch ((enum condition_op)c->op) {
    case CONDITION_INCIDENT_OPEN: return i != NULL && incident_is_open(i);
    case CONDITION_INCIDENT_PARTICIPANT:
        return i != NULL && incident_has_open_part(i, bytes_of_text(unit));
    case CONDITION_INCIDENT_YOUNGER: return is_young(q, c, i);
    case CONDITION_INCIDENT_TYPE: return type_is_covered(q, c, i);
    case CONDITION_BASIS: return in_mask(c->mask, acting_basis(q));
    case CONDITION_ASSIGNED:
        return i != NULL && incident_is_open(i) &&
               incident_is_assigned(i, bytes_of_text(policy_unit_name(q->policy, to)));
    case CONDITION_CAMERA_WITHIN: return cameras_are_near(q, c, i);
    case CONDITION_CAMERA_INSTALLED_FOR:
    case CONDITION_CAMERA_KIND: return cameras_match(q, c);
    case CONDITION_CATEGORY: return categories_are_covered(q, c);
    case CONDITION_AGE_BAND: return q->facts->age_band != 0 && in_mask(c->mask, q->facts->age_band);
    case CONDITION_CONSENT_GIVEN_BY:
        return consent_is_in_force(q) && in_mask(c->mask, q->facts->consent.given_by);
    case CONDITION_CONSENT_NAMES_RECIPIENT:
        return consent_is_in_force(q) && consent_names_recipient(q, to);
    case CONDITION_CONSENT_NAMES_PURPOSE: return consent_is_in_force(q) && consent_names_purpose(q);
    case CONDITION_ORIGIN: return (q->facts->origins & ~c->mask) == 0;
    case CONDITION_EVIDENCE: return has_evidence(q, c);
    case CONDITION_ACTOR: return actor_facts(q)->has_actor;
    case CONDITION_OPS: break;
    }
    return false;
}

static bool needs_incident(unsigned op)
{
    return op == CONDITION_INCIDENT_OPEN || op == CONDITION_INCIDENT_PARTICIPANT ||
           op == CONDITION_INCIDENT_YOUNGER || op == CONDITION_ASSIGNED ||
           op == CONDITION_CAMERA_WITHIN;
}

/* A stream's sender cannot answer for who will watch: these are asked again, of each watcher. */
static bool is_left_to_watchers(const struct policy_question *q, unsigned op)
{
    return q->facts->kind == KIND_VIDEO && q->watcher == NULL &&
           (op == CONDITION_ACTOR || op == CONDITION_BASIS || op == CONDITION_EVIDENCE);
}

enum reason policy_condition_holds(const struct policy_question *q, const struct row_condition *c,
                                   const struct incident *incident, uint32_t to)
{
    if (is_left_to_watchers(q, c->op) || holds(q, c, incident, to))
        return REASON_PERMITTED;
    if (needs_incident(c->op)) {
        if (incident == NULL || !incident->exists)
            return REASON_INCIDENT_UNKNOWN;
        if (c->op == CONDITION_INCIDENT_PARTICIPANT && !incident_is_open(incident))
            return REASON_INCIDENT_CLOSED;
        if (c->op == CONDITION_CAMERA_WITHIN && !incident->has_centre)
            return REASON_NO_POSITION;
    }
    return reasons[c->op];
}
