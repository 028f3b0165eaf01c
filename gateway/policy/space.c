#include "policy/space.h"

#include "policy/builder.h"

/* ---- atoms */

static bool same_atom(const struct atom *a, const struct atom *b)
{
    return a->op == b->op && a->side == b->side && a->mask == b->mask && a->number == b->number &&
           a->until == b->until && !(a->metres < b->metres) && !(a->metres > b->metres) &&
           (a->text == b->text ||
            (a->text != NULL && b->text != NULL && strcmp(a->text, b->text) == 0));
}

uint64_t space_ask(struct space *s, enum dim dim, struct atom a)
{
    struct axis *d = &s->dim[dim];
    unsigned i = 0;
    uint64_t cells = 0;
    while (i < d->atoms && !same_atom(&d->atom[i], &a))
        i++;
    if (i == SPACE_ATOMS || (i == d->atoms && !s->gathering)) {
        s->full = true;
        return UINT64_MAX;
    }
    if (i == d->atoms)
        d->atom[d->atoms++] = a;
    if (s->gathering)
        return UINT64_MAX;
    for (unsigned c = 0; c < d->cells; c++)
        if ((d->cell[c].signature >> i & 1) != 0)
            cells |= UINT64_C(1) << c;
    return cells;
}

bool cells_add(struct space *s, enum dim dim, const struct cell *c)
{
    struct axis *d = &s->dim[dim];
    for (unsigned i = 0; i < d->cells; i++)
        if (d->cell[i].signature == c->signature)
            return false;
    if (d->cells == SPACE_CELLS) {
        s->full = true;
        return false;
    }
    d->cell[d->cells++] = *c;
    return true;
}

const char *dim_key(enum dim dim)
{
    static const char *const keys[DIMS_KINDS] = {[DIM_TIME] = "in_force, period",
                                                 [DIM_STATUS] = "status",
                                                 [DIM_BASIS] = "basis",
                                                 [DIM_EVIDENCE] = "evidence",
                                                 [DIM_WATCHER_BASIS] = "basis",
                                                 [DIM_WATCHER_EVIDENCE] = "evidence",
                                                 [DIM_ACTOR] = "actor",
                                                 [DIM_ROLE] = "emergency.who.role",
                                                 [DIM_DECLARES] = "emergency",
                                                 [DIM_CATEGORY] = "subject.category",
                                                 [DIM_AGE_BAND] = "subject.age_band",
                                                 [DIM_CONSENT] = "consent",
                                                 [DIM_GIVER] = "consent.given_by",
                                                 [DIM_NAMES_RECIPIENT] = "consent.names_recipient",
                                                 [DIM_NAMES_PURPOSE] = "consent.names_purpose",
                                                 [DIM_ITEMS] = "consent.names_items",
                                                 [DIM_REQUEST] = "request",
                                                 [DIM_ORIGIN] = "origin",
                                                 [DIM_HEADQUARTERS] = "disaster_headquarters",
                                                 [DIM_TYPE] = "incident_type",
                                                 [DIM_CAMERA] = "camera",
                                                 [DIM_FOOTAGE] = "footage",
                                                 [DIM_REASON] = "reason_code",
                                                 [DIM_STATE] = "incident.state",
                                                 [DIM_PARTICIPANT] = "incident.participant",
                                                 [DIM_ASSIGNED] = "assigned",
                                                 [DIM_INCIDENT_TYPE] = "incident_type",
                                                 [DIM_AGE] = "incident.younger_than",
                                                 [DIM_PLACE] = "incident.area",
                                                 [DIM_DISTANCE] = "camera.within_m_of_incident",
                                                 [DIM_ROUTE] = "camera.within_m_of_route",
                                                 [DIM_EMERGENCY] = "emergency"};
    return keys[dim];
}

/* ---- the whole */

static uint32_t unit_of(const struct universe *u, unsigned side, const char *name)
{
    return side < u->sides ? policy_unit(u->p[side], bytes_of_text(name)) : POLICY_NONE;
}

void space_begin(struct space *s, const struct universe *u, const struct line_of *line)
{
    s->u = u;
    s->line = *line;
    s->asks = kind_asks(line->kind);
    s->incidents = 0;
    s->ignored = DIMS_KINDS;
    s->gathering = true;
    s->full = s->unproven = false;
    s->nowheres = 0;
    for (unsigned side = 0; side < SIDES; side++) {
        s->from[side] = unit_of(u, side, line->from);
        s->to[side] = unit_of(u, side, line->to);
    }
    for (unsigned d = 0; d < DIMS_KINDS; d++)
        s->dim[d].atoms = s->dim[d].cells = 0;
}

unsigned space_fewest_incidents(const struct space *s)
{
    return kind_row(s->line.kind)->for_gateway_only ? 1 : 0;
}

unsigned space_most_incidents(const struct space *s)
{
    if (kind_row(s->line.kind)->for_gateway_only)
        return 1;
    /* one for each of two answers, and one that is open where a declaration asks for any */
    return s->dim[DIM_DECLARES].atoms > 0 ? 3 : 2;
}

/* Those whose cells are just their values. */
static void cells_of_values(struct space *s, enum dim dim, unsigned values)
{
    s->dim[dim].cells = values;
    for (unsigned i = 0; i < values; i++)
        s->dim[dim].cell[i] = (struct cell){.value.bits = i};
}

static void build_claims(struct space *s)
{
    const bool watched = s->line.manner == MANNER_WATCH;
    cells_of_bases(s, DIM_BASIS);
    cells_of_lists(s, DIM_EVIDENCE, WORD_EVIDENCE, SPACE_WORDS);
    if (watched) {
        cells_of_bases(s, DIM_WATCHER_BASIS);
        cells_of_lists(s, DIM_WATCHER_EVIDENCE, WORD_EVIDENCE, SPACE_WORDS);
    } else {
        cells_of_values(s, DIM_WATCHER_BASIS, 1);
        cells_of_values(s, DIM_WATCHER_EVIDENCE, 1);
    }
    cells_of_values(s, DIM_ACTOR, 2);
    cells_of_texts(s, DIM_ROLE, false);
    cells_of_words(s, DIM_DECLARES, WORD_REASON, true);
}

static const struct request_cell requests[] = {
    {GROUND_CALLER, false, false}, {GROUND_CALLER, true, false},    {GROUND_WITNESS, false, true},
    {GROUND_WITNESS, true, true},  {GROUND_RESCUE, true, false},    {GROUND_MISSING, false, false},
    {GROUND_MISSING, true, false}, {GROUND_RELATIVE, false, false}, {GROUND_RELATIVE, true, false}};

unsigned space_requests(const struct space *s)
{
    return (s->asks & ASKS_GROUND) != 0 ? ARRAY_LEN(requests) : 1;
}

struct request_cell space_request(const struct space *s, unsigned cell)
{
    return (s->asks & ASKS_GROUND) != 0 ? requests[cell] : (struct request_cell){0};
}

static void build_people(struct space *s)
{
    const bool consents = (s->asks & ASKS_CONSENT) != 0;
    cells_of_bits(s, DIM_CATEGORY, consents ? 0xfe : 0);
    cells_of_values(s, DIM_AGE_BAND, consents ? 5 : 1);
    cells_of_values(s, DIM_CONSENT, consents ? 3 : 1);
    cells_of_values(s, DIM_GIVER, consents ? 4 : 1);
    cells_of_values(s, DIM_NAMES_RECIPIENT, consents ? 2 : 1);
    cells_of_values(s, DIM_NAMES_PURPOSE, consents ? 2 : 1);
    cells_of_items(s);
    cells_of_values(s, DIM_REQUEST, space_requests(s));
    cells_of_bits(s, DIM_ORIGIN, (s->asks & ASKS_ORIGIN) != 0 ? 0x7f : 0);
}

static void build_incidents(struct space *s)
{
    cells_of_values(s, DIM_STATE, 3);
    cells_of_texts(s, DIM_PARTICIPANT, true);
    cells_of_values(s, DIM_ASSIGNED, 2);
    cells_of_words(s, DIM_INCIDENT_TYPE, WORD_INCIDENT_TYPE, true);
    cells_of_ages(s);
    cells_of_places(s);
    cells_of_distances(s, DIM_DISTANCE);
    cells_of_distances(s, DIM_ROUTE);
    cells_of_texts(s, DIM_EMERGENCY, true);
}

/* A report may leave its type out; every other kind that has one states it. A reason may be a word
 * that the set does not have. */
static void build_words(struct space *s)
{
    const struct cell none = {0};
    if ((s->asks & ASKS_REASON) != 0)
        cells_of_words(s, DIM_REASON, WORD_REASON, true);
    else
        (void)cells_add(s, DIM_REASON, &none);
    if ((s->asks & ASKS_TYPE) != 0)
        cells_of_words(s, DIM_TYPE, WORD_INCIDENT_TYPE, kind_row(s->line.kind)->for_gateway_only);
    else
        (void)cells_add(s, DIM_TYPE, &none);
}

void space_build(struct space *s, unsigned incidents)
{
    s->gathering = false;
    s->incidents = incidents;
    for (unsigned d = 0; d < DIMS_KINDS; d++)
        s->dim[d].cells = 0;
    cells_of_time(s);
    cells_of_values(s, DIM_STATUS, 3);
    build_claims(s);
    build_people(s);
    cells_of_lists(s, DIM_HEADQUARTERS, WORD_REGION, SPACE_WORDS);
    build_words(s);
    cells_of_cameras(s);
    cells_of_values(s, DIM_FOOTAGE, (s->asks & ASKS_FOOTAGE) != 0 ? 2 : 1);
    build_incidents(s);
}

static uint64_t every(const struct space *s, unsigned dim)
{
    const unsigned cells = s->dim[dim].cells;
    return s->gathering || cells == SPACE_CELLS ? UINT64_MAX : (UINT64_C(1) << cells) - 1;
}

/* Incidents that are not named are one cell wide. */
void space_all(const struct space *s, struct box_cells *out)
{
    for (unsigned d = 0; d < DIMS_ONCE; d++)
        out->cells[d] = every(s, d);
    for (unsigned i = 0; i < REGION_INCIDENTS; i++)
        for (unsigned d = DIMS_ONCE; d < DIMS_KINDS; d++)
            out->cells[dim_of(d, i)] = s->gathering || i < s->incidents ? every(s, d) : 1;
}
