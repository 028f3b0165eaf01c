/* What a request says beside its message: the incidents, and what the gateway knows. */
#include "policy/request.h"

#include "base/mem.h"
#include "policy/builder.h"

#include <stdio.h>

/* ---- times */

static bool text_ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

/* "2 hours" in "2 hours ago" and "in 2 hours"; *sign is which way. */
static bool relative_part(const char *text, char part[TIME_TEXT], int *sign)
{
    static const char *const past[] = {" ago", " 전"};
    *sign = 1;
    if (strncmp(text, "in ", strlen("in ")) == 0)
        return snprintf(part, TIME_TEXT, "%s", text + strlen("in ")) < TIME_TEXT;
    *sign = -1;
    for (size_t i = 0; i < ARRAY_LEN(past); i++)
        if (text_ends(text, past[i]))
            return snprintf(part, TIME_TEXT, "%.*s", (int)(strlen(text) - strlen(past[i])), text) <
                   TIME_TEXT;
    return false;
}

bool request_moment(struct reader *r, const struct node *n, const char *what, struct moment *out)
{
    char part[TIME_TEXT];
    int sign;
    int64_t us;
    const char *text = node_type(n) == NODE_TEXT ? node_c(n) : "";
    if (relative_part(text, part, &sign) && read_duration_text(part, &us)) {
        *out = (struct moment){true, true, sign * us};
        return true;
    }
    if (time_parse(text, strlen(text), r->zone, &us)) {
        *out = (struct moment){true, false, us};
        return true;
    }
    read_fail(r, n, DIAGNOSE_NOT_A_MOMENT, what, NULL, NULL);
    return false;
}

int64_t moment_us(const struct moment *m, int64_t now_us)
{
    if (!m->given)
        return 0;
    return m->relative ? now_us + m->us : m->us;
}

/* ---- incidents: the target of each key is a struct request_incident */

static void incident_id(struct reader *r, const struct node *n, void *target)
{
    (void)read_text(r, n, "id", IDENT_INCIDENT_MAX, &((struct request_incident *)target)->id);
}

static void incident_type(struct reader *r, const struct node *n, void *target)
{
    struct incident *i = &((struct request_incident *)target)->state;
    struct bytes word;
    i->type[0] = '\0';
    if (!request_is_none(n) && read_word(r, n, "type", &word))
        (void)snprintf(i->type, sizeof i->type, "%.*s", (int)word.n, (const char *)word.p);
}

#define MOMENT(key)                                                                                \
    static void incident_##key(struct reader *r, const struct node *n, void *target)               \
    {                                                                                              \
        struct request_incident *i = target;                                                       \
        i->key = (struct moment){0};                                                               \
        if (!request_is_none(n))                                                                   \
            (void)request_moment(r, n, #key, &i->key);                                             \
    }
MOMENT(opened)
MOMENT(closed)
MOMENT(found)
#undef MOMENT

static void incident_place(struct reader *r, const struct node *n, void *target)
{
    struct incident *i = &((struct request_incident *)target)->state;
    i->has_centre = !request_is_none(n);
    if (i->has_centre)
        source_place(r, n, "place", &i->centre);
}

static void incident_route(struct reader *r, const struct node *n, void *target)
{
    struct incident *i = &((struct request_incident *)target)->state;
    i->route_points = 0;
    if (request_is_none(n) || !read_is_list(r, n, "route"))
        return;
    if (node_count(n) > INCIDENT_ROUTE_MAX)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, "route", "64", NULL);
    for (size_t k = 0; k < node_count(n) && k < INCIDENT_ROUTE_MAX; k++)
        source_place(r, node_item(n, k), "route", &i->route[i->route_points++]);
}

/* Units of an incident, appended. */
struct parts {
    const char *what;
    struct incident_unit *unit;
    size_t *count, most;
    bool open;
};

static void add_part(struct reader *r, const struct node *n, void *target)
{
    struct parts *p = target;
    struct bytes name;
    if (!read_text(r, n, p->what, IDENT_UNIT_MAX, &name))
        return;
    if (*p->count == p->most) {
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, p->what, "16", NULL);
        return;
    }
    struct incident_unit *u = &p->unit[(*p->count)++];
    *u = (struct incident_unit){.open = p->open};
    (void)snprintf(u->name, sizeof u->name, "%.*s", (int)name.n, (const char *)name.p);
}

static void incident_participants(struct reader *r, const struct node *n, void *target)
{
    struct incident *i = &((struct request_incident *)target)->state;
    struct parts p = {"participants", i->participant, &i->participants, INCIDENT_PARTICIPANTS_MAX,
                      true};
    i->participants = 0;
    if (!request_is_none(n))
        source_each_text(r, n, p.what, add_part, &p);
}

/* Those whose part has ended, behind the participants; instead of those that were read before. */
static void incident_closed_parts(struct reader *r, const struct node *n, void *target)
{
    struct incident *i = &((struct request_incident *)target)->state;
    while (i->participants > 0 && !i->participant[i->participants - 1].open)
        i->participants--;
    struct parts p = {"closed_parts", i->participant, &i->participants, INCIDENT_PARTICIPANTS_MAX,
                      false};
    if (!request_is_none(n))
        source_each_text(r, n, p.what, add_part, &p);
}

static void incident_assigned(struct reader *r, const struct node *n, void *target)
{
    struct incident *i = &((struct request_incident *)target)->state;
    struct parts p = {"assigned", i->assigned, &i->assignments, INCIDENT_ASSIGNED_MAX, true};
    i->assignments = 0;
    if (!request_is_none(n))
        source_each_text(r, n, p.what, add_part, &p);
}

struct emergency {
    struct bytes mou;
    struct moment until;
};

static void emergency_mou(struct reader *r, const struct node *n, void *target)
{
    (void)read_word(r, n, "a memorandum", &((struct emergency *)target)->mou);
}

static void emergency_until(struct reader *r, const struct node *n, void *target)
{
    (void)request_moment(r, n, "until", &((struct emergency *)target)->until);
}

static void incident_emergency(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"mou", true, emergency_mou},
                                           {"until", true, emergency_until}};
    struct request_incident *i = target;
    struct emergency e = {0};
    i->emergencies = 0;
    if (request_is_none(n) ||
        !read_map(r, n, "an emergency of an incident", keys, ARRAY_LEN(keys), &e))
        return;
    struct incident_emergency *slot = &i->state.emergency[0];
    (void)snprintf(slot->mou, sizeof slot->mou, "%.*s", (int)e.mou.n, (const char *)e.mou.p);
    i->emergency_until[i->emergencies++] = e.until;
}

static const struct read_key incident_keys[] = {{"id", false, incident_id},
                                                {"type", false, incident_type},
                                                {"opened", false, incident_opened},
                                                {"closed", false, incident_closed},
                                                {"found", false, incident_found},
                                                {"place", false, incident_place},
                                                {"route", false, incident_route},
                                                {"participants", false, incident_participants},
                                                {"closed_parts", false, incident_closed_parts},
                                                {"assigned", false, incident_assigned},
                                                {"emergency", false, incident_emergency}};

static struct request_incident *add_incident(struct request *q)
{
    struct request_incident *i = &q->incident[q->incidents++];
    *i = (struct request_incident){.id = bytes_of_text("incident"), .state = {.exists = true}};
    return i;
}

/* The first incident; what the map leaves out stays as it was. NULL: it is there, no more is said.
 */
void request_read_incident(struct reader *r, const struct node *n, void *target)
{
    struct request *q = target;
    if (n != NULL && request_is_none(n)) {
        q->incidents = 0;
        return;
    }
    if (q->incidents == 0)
        (void)add_incident(q);
    if (n != NULL)
        (void)read_map(r, n, "an incident", incident_keys, ARRAY_LEN(incident_keys),
                       &q->incident[0]);
}

void request_read_incidents(struct reader *r, const struct node *n, void *target)
{
    struct request *q = target;
    q->incidents = 0;
    if (request_is_none(n) || !read_is_list(r, n, "incidents"))
        return;
    if (node_count(n) > FACTS_INCIDENT_MAX)
        read_fail(r, n, DIAGNOSE_LIST_TOO_LONG, "incidents", "4", NULL);
    for (size_t i = 0; i < node_count(n) && i < FACTS_INCIDENT_MAX; i++)
        (void)read_map(r, node_item(n, i), "an incident", incident_keys, ARRAY_LEN(incident_keys),
                       add_incident(q));
}

/* ---- state */

static void add_region(struct reader *r, const struct node *n, void *target)
{
    struct request *q = target;
    uint16_t word = policy_word(q->p, WORD_REGION, node_text(n));
    if (word == NO_WORD)
        read_fail(r, n, DIAGNOSE_UNKNOWN_WORD, node_c(n), "region", NULL);
    else
        q->regions_active |= UINT64_C(1) << word;
}

static void state_headquarters(struct reader *r, const struct node *n, void *target)
{
    ((struct request *)target)->regions_active = 0;
    if (!request_is_none(n))
        source_each_text(r, n, "headquarters", add_region, target);
}

static void state_consent(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"stands", "withdrawn", "suspended"};
    unsigned chosen;
    if (read_choice(r, n, "consent", words, ARRAY_LEN(words), &chosen))
        ((struct request *)target)->consent =
            chosen == 0 ? POLICY_CONSENT_STANDS : POLICY_CONSENT_GONE;
}

static bool is_party(const struct policy *p, uint32_t unit, struct bytes name)
{
    return bytes_is(name, policy_unit_party(p, unit)) || bytes_is(name, policy_unit_name(p, unit));
}

static void check_suspended(struct reader *r, const struct node *n, void *target)
{
    const struct policy *p = ((struct request *)target)->p;
    bool known = policy_clause(p, node_text(n)) != POLICY_NONE;
    for (uint32_t i = 0; !known && i < policy_units(p); i++)
        known = is_party(p, i, node_text(n));
    if (!known)
        read_fail(r, n, DIAGNOSE_UNKNOWN_WORD, node_c(n), "clause, unit or party", NULL);
}

static void state_suspended(struct reader *r, const struct node *n, void *target)
{
    ((struct request *)target)->suspended = request_is_none(n) ? NULL : n;
    if (!request_is_none(n))
        source_each_text(r, n, "suspended", check_suspended, target);
}

static const struct read_key state_keys[] = {{"headquarters", false, state_headquarters},
                                             {"consent", false, state_consent},
                                             {"suspended", false, state_suspended}};

void request_read_state(struct reader *r, const struct node *n, void *target)
{
    (void)read_map(r, n, "the state", state_keys, ARRAY_LEN(state_keys), target);
}

/* ---- by name */

/* `vary` reads a key of the incident for the first one. */
#define FIRST(key)                                                                                 \
    static void first_##key(struct reader *r, const struct node *n, void *target)                  \
    {                                                                                              \
        incident_##key(r, n, &((struct request *)target)->incident[0]);                            \
    }
FIRST(id)
FIRST(type)
FIRST(opened)
FIRST(closed)
FIRST(found)
FIRST(place)
FIRST(route)
FIRST(participants)
FIRST(closed_parts)
FIRST(assigned)
FIRST(emergency)
#undef FIRST

static const struct read_key first_keys[] = {{"id", false, first_id},
                                             {"type", false, first_type},
                                             {"opened", false, first_opened},
                                             {"closed", false, first_closed},
                                             {"found", false, first_found},
                                             {"place", false, first_place},
                                             {"route", false, first_route},
                                             {"participants", false, first_participants},
                                             {"closed_parts", false, first_closed_parts},
                                             {"assigned", false, first_assigned},
                                             {"emergency", false, first_emergency}};

const struct read_key *request_incident_key(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(first_keys); i++)
        if (strcmp(first_keys[i].key, key) == 0)
            return &first_keys[i];
    return NULL;
}

const struct read_key *request_state_key(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(state_keys); i++)
        if (strcmp(state_keys[i].key, key) == 0)
            return &state_keys[i];
    return NULL;
}
