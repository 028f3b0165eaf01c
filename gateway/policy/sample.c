#include "policy/places.h"

#include "base/mem.h"

#include <stdio.h>

/* The first cell that the box allows. */
static const struct cell *first(const struct space *s, const struct box_cells *b, enum dim dim,
                                unsigned incident)
{
    const uint64_t cells = b->cells[dim_of(dim, incident)];
    return &s->dim[dim].cell[cells == 0 ? 0 : __builtin_ctzll(cells)];
}

static unsigned value(const struct space *s, const struct box_cells *b, enum dim dim)
{
    return first(s, b, dim, 0)->value.bits;
}

/* ---- the envelope */

static struct bytes word_in(const struct knowns *k, const struct cell *c)
{
    return c->value.list.count == 0 ? bytes_of(NULL, 0)
                                    : bytes_of_text(k->item[c->value.list.item[0]].name);
}

static void take_claim(const struct space *s, const struct box_cells *b, enum dim basis,
                       enum dim evidence, struct facts *f)
{
    const struct knowns *k = &s->u->words[WORD_EVIDENCE];
    const struct cell *c = first(s, b, evidence, 0);
    f->basis = word_in(&s->u->bases, first(s, b, basis, 0));
    f->evidences = c->value.list.count;
    for (size_t i = 0; i < f->evidences; i++)
        f->evidence[i] = (struct facts_evidence){bytes_of_text(k->item[c->value.list.item[i]].name),
                                                 bytes_of_text("1")};
}

static void take_actor(const struct space *s, const struct box_cells *b, struct sample *out)
{
    struct facts *f = &out->facts;
    const struct cell *role = first(s, b, DIM_ROLE, 0);
    f->has_actor = !out->watched && value(s, b, DIM_ACTOR) != 0;
    out->watcher.has_actor = out->watched && value(s, b, DIM_ACTOR) != 0;
    if (role->signature != 0) {
        f->actor_role = bytes_of_text(s->dim[DIM_ROLE].atom[__builtin_ctzll(role->signature)].text);
        f->has_actor = true;
    }
    f->emergency_reason = word_in(&s->u->words[WORD_REASON], first(s, b, DIM_DECLARES, 0));
    f->has_emergency = f->emergency_text = f->emergency_reason.n > 0;
}

static void take_envelope(const struct space *s, const struct box_cells *b, struct sample *out)
{
    struct facts *f = &out->facts;
    out->watched = s->line.manner == MANNER_WATCH;
    out->now_us = first(s, b, DIM_TIME, 0)->value.us;
    out->to = s->line.to;
    f->kind = out->watcher.kind = s->line.kind;
    f->source = bytes_of_text(s->line.from);
    f->service = bytes_of_text(s->line.service);
    f->purpose = bytes_of_text(s->line.purpose);
    f->status = value(s, b, DIM_STATUS) + 1;
    out->watcher.purpose = bytes_of_text(s->line.watcher_purpose);
    take_claim(s, b, DIM_BASIS, DIM_EVIDENCE, f);
    if (out->watched)
        take_claim(s, b, DIM_WATCHER_BASIS, DIM_WATCHER_EVIDENCE, &out->watcher);
    take_actor(s, b, out);
}

/* ---- people, headquarters, type */

static void take_consent(const struct space *s, const struct box_cells *b, struct sample *out)
{
    struct facts_consent *c = &out->facts.consent;
    const struct cell *items = first(s, b, DIM_ITEMS, 0);
    const unsigned state = value(s, b, DIM_CONSENT);
    c->present = state != CONSENT_ABSENT;
    out->consent_gone = state == CONSENT_OVER;
    if (!c->present)
        return;
    c->given_by = value(s, b, DIM_GIVER);
    c->recipients = value(s, b, DIM_NAMES_RECIPIENT);
    c->recipient[0] = bytes_of_text(out->to);
    c->purposes = value(s, b, DIM_NAMES_PURPOSE);
    c->purpose[0] = out->facts.purpose;
    c->items = items->value.list.count;
    for (size_t i = 0; i < c->items; i++)
        c->item[i] =
            bytes_of_text(s->u->words[WORD_CONSENT_ITEM].item[items->value.list.item[i]].name);
}

static void take_body(const struct space *s, const struct box_cells *b, struct sample *out)
{
    const struct cell *regions = first(s, b, DIM_HEADQUARTERS, 0);
    const struct request_cell request = space_request(s, value(s, b, DIM_REQUEST));
    out->facts.categories = value(s, b, DIM_CATEGORY);
    out->facts.age_band = value(s, b, DIM_AGE_BAND);
    out->facts.recorded = value(s, b, DIM_FOOTAGE) == FOOTAGE_RECORDED;
    out->facts.origins = value(s, b, DIM_ORIGIN);
    out->facts.ground = request.ground;
    out->facts.wish_confirmed = request.wish;
    out->facts.witness_consents = request.witness;
    out->facts.reason_code = word_in(&s->u->words[WORD_REASON], first(s, b, DIM_REASON, 0));
    out->facts.incident_type = word_in(&s->u->words[WORD_INCIDENT_TYPE], first(s, b, DIM_TYPE, 0));
    out->headquarters_count = regions->value.list.count;
    for (size_t i = 0; i < out->headquarters_count; i++)
        out->headquarters[i] =
            bytes_of_text(s->u->words[WORD_REGION].item[regions->value.list.item[i]].name);
    take_consent(s, b, out);
}

/* ---- incidents */

static void add_unit(struct incident_unit *unit, const char *name, bool open)
{
    (void)snprintf(unit->name, sizeof unit->name, "%s", name);
    unit->open = open;
}

/* Somebody takes part: who is asked about, else a unit that nobody asks about. */
static void take_participants(const struct space *s, const struct box_cells *b, unsigned k,
                              bool open, struct incident *i)
{
    const struct axis *d = &s->dim[DIM_PARTICIPANT];
    const struct cell *c = first(s, b, DIM_PARTICIPANT, k);
    for (unsigned n = 0; n < d->atoms && i->participants < INCIDENT_PARTICIPANTS_MAX; n++)
        if ((c->signature >> n & 1) != 0)
            add_unit(&i->participant[i->participants++], d->atom[n].text, open);
    if (i->participants == 0)
        add_unit(&i->participant[i->participants++], "other/unit", open);
}

static void take_emergencies(const struct space *s, const struct box_cells *b, unsigned k,
                             struct sample *out)
{
    const struct axis *d = &s->dim[DIM_EMERGENCY];
    const struct cell *c = first(s, b, DIM_EMERGENCY, k);
    struct incident *i = &out->incident[k];
    size_t count = 0;
    for (unsigned n = 0; n < d->atoms && count < INCIDENT_EMERGENCIES_MAX; n++) {
        if ((c->signature >> n & 1) == 0)
            continue;
        struct incident_emergency *e = &i->emergency[count++];
        (void)snprintf(e->mou, sizeof e->mou, "%s", d->atom[n].text);
        e->until_us = out->now_us + 60 * INT64_C(1000000);
    }
}

static void take_incident(const struct space *s, const struct box_cells *b, unsigned k,
                          struct sample *out)
{
    struct incident *i = &out->incident[k];
    const uint64_t states = b->cells[dim_of(DIM_STATE, k)];
    const bool open = (states >> STATE_OPEN & 1) != 0;
    out->known[k] = open || (states >> STATE_CLOSED & 1) != 0;
    *i = (struct incident){.exists = true};
    memcpy(i->id, out->id[k], sizeof i->id);
    const struct bytes type =
        word_in(&s->u->words[WORD_INCIDENT_TYPE], first(s, b, DIM_INCIDENT_TYPE, k));
    (void)snprintf(i->type, sizeof i->type, "%.*s", (int)type.n, (const char *)type.p);
    i->opened_us = out->now_us - first(s, b, DIM_AGE, k)->value.us;
    i->ended_us = open ? 0 : out->now_us;
    take_participants(s, b, k, open, i);
    if ((b->cells[dim_of(DIM_ASSIGNED, k)] & 1) == 0)
        add_unit(&i->assigned[i->assignments++], out->to, true);
    take_emergencies(s, b, k, out);
}

/* ---- cameras and places */

static struct place_cells cells_of(const struct box_cells *b, unsigned k)
{
    return (struct place_cells){b->cells[dim_of(DIM_PLACE, k)], b->cells[dim_of(DIM_DISTANCE, k)],
                                b->cells[dim_of(DIM_ROUTE, k)]};
}

/* One incident's place, for these cameras. It may have none where that will do. */
static bool find_place(const struct space *s, const struct box_cells *b, unsigned k,
                       const uint32_t *camera, size_t cameras, struct sample *out)
{
    const struct place_wanted wanted = {camera, cameras, cells_of(b, k)};
    struct incident *i = &out->incident[k];
    i->has_centre = false;
    i->route_points = 0;
    if (!out->known[k] || (wanted.cells.place & 1) != 0)
        return true;
    if (cameras > 0)
        return place_find(s, &wanted, i);
    i->has_centre = s->dim[DIM_PLACE].cells > 1;
    i->centre = first(s, b, DIM_PLACE, k)->value.place;
    return i->has_centre;
}

/* Places for all incidents; the number of the first that has none, or how many there are. */
static unsigned find_places(const struct space *s, const struct box_cells *b,
                            const uint32_t *camera, size_t cameras, struct sample *out)
{
    unsigned k = 0;
    while (k < s->incidents && find_place(s, b, k, camera, cameras, out))
        k++;
    out->facts.cameras = cameras;
    for (size_t i = 0; i < cameras; i++)
        out->facts.camera[i] = bytes_of_text(s->u->cameras.item[camera[i]].name);
    return k;
}

/* ---- what was looked for in vain need not be looked for again */

static bool is_nowhere(const struct space *s, size_t camera_cell, const struct place_cells *cells)
{
    for (unsigned i = 0; i < s->nowheres; i++)
        if (s->nowhere[i].camera_cell == camera_cell &&
            memcmp(&s->nowhere[i].cells, cells, sizeof *cells) == 0)
            return true;
    return false;
}

static void add_nowhere(struct space *s, size_t camera_cell, const struct place_cells *cells)
{
    if (s->nowheres < SPACE_NOWHERES)
        s->nowhere[s->nowheres++] = (struct nowhere){camera_cell, *cells};
}

/* The nearest camera of a class to another one. */
static uint32_t nearest_of(const struct universe *u, uint32_t class, uint32_t to)
{
    uint32_t best = ROW_NONE;
    double metres = 0;
    for (uint32_t i = 0; i < u->cameras.count; i++) {
        const unsigned side = u->classes[class].known[0] ? 0 : 1;
        if (u->class_of[i] != class)
            continue;
        const double m =
            geo_distance_m(universe_camera_place(u, i, side), universe_camera_place(u, to, side));
        if (best == ROW_NONE || m < metres) {
            best = i;
            metres = m;
        }
    }
    return best;
}

/* The i-th camera, of the cell's first class, with the nearest of its others; false when it is of
 * another. */
static bool cameras_from(const struct space *s, const struct cell *c, uint32_t i, uint32_t *camera)
{
    const uint64_t begins =
        c->value.list.count == 1 ? c->signature : space_camera_signature(s, c->value.list.item[0]);
    if (space_camera_signature(s, s->u->class_of[i]) != begins)
        return false;
    camera[0] = i;
    for (size_t k = 1; k < c->value.list.count; k++)
        camera[k] = nearest_of(s->u, c->value.list.item[k], i);
    return true;
}

/* Cameras of the cell's classes, as they come; of any of them where none is measured to. */
static bool try_cameras(struct space *s, const struct box_cells *b, const struct cell *c,
                        struct sample *out)
{
    const bool measured = s->dim[DIM_DISTANCE].atoms + s->dim[DIM_ROUTE].atoms > 0;
    uint32_t camera[SPACE_CAMERAS], tries = 0, misses[REGION_INCIDENTS] = {0};
    for (uint32_t i = 0; i < s->u->cameras.count && (measured || tries == 0); i++) {
        if (!cameras_from(s, c, i, camera))
            continue;
        const unsigned k = find_places(s, b, camera, c->value.list.count, out);
        if (k == s->incidents)
            return true;
        tries++;
        misses[k]++;
    }
    for (unsigned k = 0; k < s->incidents; k++) {
        const struct place_cells cells = cells_of(b, k);
        if (tries > 0 && misses[k] == tries)
            add_nowhere(s, (size_t)(c - s->dim[DIM_CAMERA].cell), &cells);
    }
    return false;
}

static bool try_camera_cell(struct space *s, const struct box_cells *b, const struct cell *c,
                            struct sample *out)
{
    if (c->value.list.count == 0)
        return find_places(s, b, NULL, 0, out) == s->incidents;
    for (unsigned k = 0; k < s->incidents; k++) {
        const struct place_cells cells = cells_of(b, k);
        if (out->known[k] && (cells.place & 1) == 0 &&
            is_nowhere(s, (size_t)(c - s->dim[DIM_CAMERA].cell), &cells))
            return false;
    }
    return try_cameras(s, b, c, out);
}

static bool take_cameras(struct space *s, const struct box_cells *b, struct sample *out)
{
    const struct axis *d = &s->dim[DIM_CAMERA];
    bool several = false; /* of cameras together only some are tried */
    for (unsigned c = 0; c < d->cells; c++) {
        if ((b->cells[DIM_CAMERA] >> c & 1) == 0)
            continue;
        if (try_camera_cell(s, b, &d->cell[c], out))
            return true;
        several = several || d->cell[c].value.list.count > 1;
    }
    s->unproven = s->unproven || several || !places_are_all_tried(s);
    return false;
}

bool sample_make(struct space *s, const struct box_cells *b, struct sample *out)
{
    *out = (struct sample){0};
    take_envelope(s, b, out);
    take_body(s, b, out);
    out->facts.incidents = s->incidents;
    for (unsigned k = 0; k < s->incidents; k++) {
        (void)snprintf(out->id[k], sizeof out->id[k], "%s:00000000-0000-7000-8000-%012x",
                       s->line.from, k + 1);
        out->facts.incident[k] = bytes_of_text(out->id[k]);
        take_incident(s, b, k, out);
    }
    return take_cameras(s, b, out);
}
