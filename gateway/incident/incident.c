#include "incident/incident.h"

static struct incident_unit *find_unit(struct incident_unit *list, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_is(name, list[i].name))
            return &list[i];
    return NULL;
}

static const struct incident_unit *find_unit_const(const struct incident_unit *list, size_t count,
                                                   struct bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_is(name, list[i].name))
            return &list[i];
    return NULL;
}

static void copy_text(char *out, size_t room, struct bytes text)
{
    size_t n = text.n < room ? text.n : room - 1;
    memset(out, 0, room);
    if (n > 0)
        memcpy(out, text.p, n);
}

struct bytes incident_owner(const struct incident *i)
{
    struct bytes owner = bytes_of_text(i->owner);
    if (i->exists)
        return owner;
    (void)ident_split_incident(bytes_of_text(i->id), &owner, NULL);
    return owner;
}

bool incident_is_open(const struct incident *i)
{
    return i->exists && i->ended_us == 0;
}

uint8_t incident_status_of(const struct incident_change *c)
{
    return c->status == 0 ? STATUS_ACTUAL : c->status;
}

bool incident_is_for(const struct incident *i, unsigned status)
{
    return i->exists && i->status == status;
}

bool incident_is_participant(const struct incident *i, struct bytes unit)
{
    return find_unit_const(i->participant, i->participants, unit) != NULL;
}

bool incident_has_open_part(const struct incident *i, struct bytes unit)
{
    const struct incident_unit *p = find_unit_const(i->participant, i->participants, unit);
    return incident_is_open(i) && p != NULL && p->open;
}

bool incident_is_assigned(const struct incident *i, struct bytes unit)
{
    return find_unit_const(i->assigned, i->assignments, unit) != NULL;
}

bool incident_has_emergency(const struct incident *i, struct bytes mou, int64_t now_us)
{
    for (size_t k = 0; k < INCIDENT_EMERGENCIES_MAX; k++)
        if (mou.n > 0 && bytes_is(mou, i->emergency[k].mou) && now_us < i->emergency[k].until_us)
            return true;
    return false;
}

static bool is_named_before(const struct incident_change *c, size_t k)
{
    for (size_t j = 0; j < k; j++)
        if (bytes_equal(c->participant[j], c->participant[k]))
            return true;
    return bytes_equal(c->participant[k], c->by);
}

/* How many of the change's participants are not in the incident yet, the owner counted for a new
 * one. */
static size_t new_participants(const struct incident *i, const struct incident_change *c)
{
    size_t count = i->exists ? 0 : 1;
    for (size_t k = 0; k < c->participants; k++)
        if (!incident_is_participant(i, c->participant[k]) && !is_named_before(c, k))
            count++;
    return count;
}

static enum incident_verdict judge_open(const struct incident *i, const struct incident_change *c)
{
    if (!bytes_equal(incident_owner(i), c->by))
        return INCIDENT_NOT_OWNER;
    if (i->exists && i->status != incident_status_of(c))
        return INCIDENT_OTHER_STATUS;
    if (i->exists && !incident_has_open_part(i, c->by))
        return INCIDENT_IS_CLOSED;
    if (!i->exists && c->type.n == 0)
        return INCIDENT_NO_TYPE;
    size_t added = new_participants(i, c);
    if (i->participants + added > INCIDENT_PARTICIPANTS_MAX || c->place.n > INCIDENT_PLACE_MAX)
        return INCIDENT_TOO_MANY;
    if (i->exists && added == 0 && !c->has_centre && c->place.n == 0 &&
        (c->type.n == 0 || bytes_is(c->type, i->type)))
        return INCIDENT_UNCHANGED;
    return INCIDENT_APPLIED;
}

static enum incident_verdict judge_reopen(const struct incident *i, const struct incident_change *c)
{
    if (!bytes_equal(incident_owner(i), c->by))
        return INCIDENT_NOT_OWNER;
    if (incident_is_open(i))
        return incident_has_open_part(i, c->by) ? INCIDENT_UNCHANGED : INCIDENT_APPLIED;
    return c->at_us - i->ended_us <= INCIDENT_REOPEN_US ? INCIDENT_APPLIED : INCIDENT_IS_CLOSED;
}

static enum incident_verdict judge_assignment(const struct incident *i,
                                              const struct incident_change *c)
{
    bool holds = incident_is_assigned(i, c->unit);
    if (holds == (c->step == INCIDENT_ASSIGN))
        return INCIDENT_UNCHANGED;
    if (c->step == INCIDENT_ASSIGN && i->assignments == INCIDENT_ASSIGNED_MAX)
        return INCIDENT_TOO_MANY;
    return INCIDENT_APPLIED;
}

static enum incident_verdict judge_owners(const struct incident *i, const struct incident_change *c)
{
    if (!bytes_equal(incident_owner(i), c->by))
        return INCIDENT_NOT_OWNER;
    return incident_has_open_part(i, c->by) ? INCIDENT_APPLIED : INCIDENT_IS_CLOSED;
}

static bool has_room_for(const struct incident *i, struct bytes unit)
{
    return i->participants < INCIDENT_PARTICIPANTS_MAX || incident_is_participant(i, unit);
}

static enum incident_verdict judge_offer(const struct incident *i, const struct incident_change *c)
{
    enum incident_verdict v = judge_owners(i, c);
    if (v != INCIDENT_APPLIED)
        return v;
    if (bytes_is(c->unit, i->offered) || bytes_equal(c->unit, c->by))
        return INCIDENT_UNCHANGED;
    return has_room_for(i, c->unit) ? INCIDENT_APPLIED : INCIDENT_TOO_MANY;
}

static enum incident_verdict judge_answer(const struct incident *i, const struct incident_change *c)
{
    if (!bytes_is(c->by, i->offered))
        return INCIDENT_NOT_OFFERED;
    return c->step == INCIDENT_DECLINE || has_room_for(i, c->by) ? INCIDENT_APPLIED
                                                                 : INCIDENT_TOO_MANY;
}

static size_t find_link(const struct incident *i, struct bytes other)
{
    size_t k = 0;
    while (k < i->links && !bytes_is(other, i->link[k].other))
        k++;
    return k;
}

static enum incident_verdict judge_link(const struct incident *i, const struct incident_change *c)
{
    size_t k = find_link(i, c->other);
    enum incident_verdict v = c->step == INCIDENT_LINK ? judge_owners(i, c) : INCIDENT_APPLIED;
    if (v != INCIDENT_APPLIED)
        return v;
    bool adds = c->step == INCIDENT_LINK && c->link == INCIDENT_JOINT &&
                !incident_is_participant(i, c->unit);
    if (k == INCIDENT_LINKS_MAX || (adds && i->participants == INCIDENT_PARTICIPANTS_MAX))
        return INCIDENT_TOO_MANY;
    /* What the other incident's owner says does not change what this one's said. */
    bool says_more = k == i->links || (c->step == INCIDENT_LINK && i->link[k].kind != c->link);
    return adds || says_more ? INCIDENT_APPLIED : INCIDENT_UNCHANGED;
}

/* Where the change's emergency has its place: that of its memorandum, else a free one, else one
 * that is over; INCIDENT_EMERGENCIES_MAX: there is none. */
static size_t emergency_place(const struct incident *i, const struct incident_change *c)
{
    size_t k = 0;
    while (k < INCIDENT_EMERGENCIES_MAX && i->emergency[k].mou[0] != '\0' &&
           !bytes_is(c->mou, i->emergency[k].mou))
        k++;
    if (k < INCIDENT_EMERGENCIES_MAX)
        return k;
    for (k = 0; k < INCIDENT_EMERGENCIES_MAX && i->emergency[k].until_us > c->at_us;)
        k++;
    return k;
}

static enum incident_verdict judge_emergency(const struct incident *i,
                                             const struct incident_change *c)
{
    if (!incident_is_open(i))
        return INCIDENT_IS_CLOSED;
    size_t k = emergency_place(i, c);
    if (k == INCIDENT_EMERGENCIES_MAX)
        return INCIDENT_TOO_MANY;
    bool longer = !bytes_is(c->mou, i->emergency[k].mou) || i->emergency[k].until_us < c->until_us;
    return longer ? INCIDENT_APPLIED : INCIDENT_UNCHANGED;
}

/* Closes and assignments. */
static enum incident_verdict judge_part(const struct incident *i, const struct incident_change *c)
{
    if (!incident_is_participant(i, c->by))
        return INCIDENT_NOT_PARTICIPANT;
    if (!incident_has_open_part(i, c->by))
        return INCIDENT_IS_CLOSED;
    return c->step == INCIDENT_CLOSE ? INCIDENT_APPLIED : judge_assignment(i, c);
}

enum incident_verdict incident_judge(const struct incident *i, const struct incident_change *c)
{
    if (!i->exists && c->step != INCIDENT_OPEN)
        return INCIDENT_NOT_THERE;
    switch (c->step) {
    case INCIDENT_OPEN: return judge_open(i, c);
    case INCIDENT_REOPEN: return judge_reopen(i, c);
    case INCIDENT_CLOSE:
    case INCIDENT_ASSIGN:
    case INCIDENT_RELEASE: return judge_part(i, c);
    case INCIDENT_FOUND: return i->found_us == 0 ? INCIDENT_APPLIED : INCIDENT_UNCHANGED;
    case INCIDENT_EMERGENCY: return judge_emergency(i, c);
    case INCIDENT_OFFER: return judge_offer(i, c);
    case INCIDENT_ACCEPT:
    case INCIDENT_DECLINE: return judge_answer(i, c);
    case INCIDENT_LINK:
    case INCIDENT_LINKED: return judge_link(i, c);
    }
    return INCIDENT_NOT_THERE;
}

static void add_participant(struct incident *i, struct bytes unit)
{
    if (incident_is_participant(i, unit))
        return;
    struct incident_unit *p = &i->participant[i->participants++];
    copy_text(p->name, sizeof p->name, unit);
    p->open = true;
}

static void apply_open(struct incident *i, const struct incident_change *c)
{
    if (!i->exists) {
        i->exists = true;
        i->status = incident_status_of(c);
        i->opened_us = c->at_us;
        copy_text(i->owner, sizeof i->owner, c->by);
        add_participant(i, c->by);
    }
    if (c->type.n > 0)
        copy_text(i->type, sizeof i->type, c->type);
    if (c->has_centre) {
        i->has_centre = true;
        i->centre = c->centre;
        memcpy(i->route, c->route, sizeof i->route);
        i->route_points = c->route_points;
    }
    if (c->place.n > 0) {
        memcpy(i->place, c->place.p, c->place.n);
        i->place_bytes = c->place.n;
    }
    for (size_t k = 0; k < c->participants; k++)
        add_participant(i, c->participant[k]);
}

static void apply_close(struct incident *i, const struct incident_change *c)
{
    bool any = false;
    find_unit(i->participant, i->participants, c->by)->open = false;
    for (size_t k = 0; k < i->participants; k++)
        any = any || i->participant[k].open;
    if (any)
        return;
    i->ended_us = c->at_us;
    memset(i->offered, 0, sizeof i->offered);
}

static void apply_assignment(struct incident *i, const struct incident_change *c)
{
    if (c->step == INCIDENT_ASSIGN) {
        struct incident_unit *a = &i->assigned[i->assignments++];
        copy_text(a->name, sizeof a->name, c->unit);
        a->open = true;
    } else {
        *find_unit(i->assigned, i->assignments, c->unit) = i->assigned[i->assignments - 1];
        i->assigned[--i->assignments] = (struct incident_unit){0};
    }
}

static void apply_offer(struct incident *i, const struct incident_change *c)
{
    memset(i->offered, 0, sizeof i->offered);
    if (c->step == INCIDENT_OFFER)
        copy_text(i->offered, sizeof i->offered, c->unit);
    if (c->step != INCIDENT_ACCEPT)
        return;
    add_participant(i, c->by);
    struct incident_unit *p = find_unit(i->participant, i->participants, c->by);
    const struct incident_unit was = i->participant[0];
    i->participant[0] = *p;
    i->participant[0].open = true;
    if (p != &i->participant[0])
        *p = was;
    copy_text(i->owner, sizeof i->owner, c->by);
}

static void apply_link(struct incident *i, const struct incident_change *c)
{
    size_t k = find_link(i, c->other);
    if (k == i->links)
        i->links++;
    copy_text(i->link[k].other, sizeof i->link[k].other, c->other);
    i->link[k].kind = c->link;
    if (c->step == INCIDENT_LINK && c->link == INCIDENT_JOINT)
        add_participant(i, c->unit);
}

static void apply_emergency(struct incident *i, const struct incident_change *c)
{
    struct incident_emergency *e = &i->emergency[emergency_place(i, c)];
    copy_text(e->mou, sizeof e->mou, c->mou);
    e->until_us = c->until_us;
}

enum incident_verdict incident_apply(struct incident *i, const struct incident_change *c)
{
    enum incident_verdict v = incident_judge(i, c);
    if (v != INCIDENT_APPLIED)
        return v;
    switch (c->step) {
    case INCIDENT_OPEN: apply_open(i, c); break;
    case INCIDENT_REOPEN:
        i->ended_us = 0;
        i->participant[0].open = true;
        break;
    case INCIDENT_CLOSE: apply_close(i, c); break;
    case INCIDENT_ASSIGN:
    case INCIDENT_RELEASE: apply_assignment(i, c); break;
    case INCIDENT_FOUND: i->found_us = c->at_us; break;
    case INCIDENT_EMERGENCY: apply_emergency(i, c); break;
    case INCIDENT_OFFER:
    case INCIDENT_ACCEPT:
    case INCIDENT_DECLINE: apply_offer(i, c); break;
    case INCIDENT_LINK:
    case INCIDENT_LINKED: apply_link(i, c); break;
    }
    i->generation++;
    return v;
}
