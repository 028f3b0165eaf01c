#include "incident/incident.h"

static bool has_link(enum incident_step step)
{
    return step == INCIDENT_LINK || step == INCIDENT_LINKED;
}

void incident_change_put(const struct incident_change *c, struct buf *out)
{
    buf_u8(out, (uint8_t)c->step);
    buf_bytes16(out, c->id);
    buf_bytes16(out, c->by);
    buf_bytes16(out, c->type);
    buf_bytes16(out, c->place);
    buf_u8(out, (uint8_t)c->participants);
    for (size_t i = 0; i < c->participants; i++)
        buf_bytes16(out, c->participant[i]);
    buf_bytes16(out, c->unit);
    buf_i64(out, c->at_us);
    if (c->step == INCIDENT_EMERGENCY) {
        buf_bytes16(out, c->mou);
        buf_i64(out, c->until_us);
    }
    if (has_link(c->step)) {
        buf_bytes16(out, c->other);
        buf_u8(out, c->link);
    }
    if (c->step == INCIDENT_OPEN && incident_status_of(c) != STATUS_ACTUAL)
        buf_u8(out, c->status);
}

static enum result take_unit(struct cursor *in, bool optional, struct bytes *out)
{
    TRY(cursor_bytes16(in, out));
    if (optional && out->n == 0)
        return RESULT_OK;
    return ident_split_unit(*out, NULL, NULL) ? RESULT_OK : RESULT_MALFORMED;
}

static enum result take_word(struct cursor *in, bool optional, struct bytes *out)
{
    TRY(cursor_bytes16(in, out));
    if (optional && out->n == 0)
        return RESULT_OK;
    return ident_is_word(*out) ? RESULT_OK : RESULT_MALFORMED;
}

static enum result take_incident(struct cursor *in, struct bytes *out)
{
    TRY(cursor_bytes16(in, out));
    return ident_split_incident(*out, NULL, NULL) ? RESULT_OK : RESULT_MALFORMED;
}

static enum result take_link(struct cursor *in, struct bytes *other, uint8_t *kind)
{
    TRY(take_incident(in, other));
    TRY(cursor_u8(in, kind));
    return *kind == INCIDENT_DUPLICATE || *kind == INCIDENT_JOINT ? RESULT_OK : RESULT_MALFORMED;
}

/* Behind the change of a real one stands nothing. */
static enum result take_status(struct cursor *in, struct incident_change *c)
{
    c->status = STATUS_ACTUAL;
    if (in->left == 0)
        return RESULT_OK;
    TRY(cursor_u8(in, &c->status));
    return c->status == STATUS_EXERCISE || c->status == STATUS_TEST ? RESULT_OK : RESULT_MALFORMED;
}

/* What only some steps have. */
static enum result take_rest(struct cursor *in, struct incident_change *c)
{
    if (c->step == INCIDENT_EMERGENCY) {
        TRY(take_word(in, false, &c->mou));
        TRY(cursor_i64(in, &c->until_us));
        return c->until_us > c->at_us ? RESULT_OK : RESULT_MALFORMED;
    }
    if (c->step == INCIDENT_OPEN)
        return take_status(in, c);
    if (!has_link(c->step))
        return RESULT_OK;
    TRY(take_link(in, &c->other, &c->link));
    bool lacks_unit = c->step == INCIDENT_LINK && c->link == INCIDENT_JOINT && c->unit.n == 0;
    return !lacks_unit && !bytes_equal(c->other, c->id) ? RESULT_OK : RESULT_MALFORMED;
}

static bool needs_unit(enum incident_step step)
{
    return step == INCIDENT_ASSIGN || step == INCIDENT_RELEASE || step == INCIDENT_OFFER;
}

enum result incident_change_take(struct cursor *in, struct incident_change *out)
{
    uint8_t step, count;
    *out = (struct incident_change){0};
    TRY(cursor_u8(in, &step));
    if (step < INCIDENT_OPEN || step > INCIDENT_LINKED)
        return RESULT_MALFORMED;
    out->step = (enum incident_step)step;
    TRY(take_incident(in, &out->id));
    TRY(take_unit(in, false, &out->by));
    TRY(take_word(in, true, &out->type));
    TRY(cursor_bytes16(in, &out->place));
    TRY(cursor_u8(in, &count));
    if (count > INCIDENT_PARTICIPANTS_MAX || out->place.n > INCIDENT_PLACE_MAX)
        return RESULT_TOO_LARGE;
    for (; out->participants < count; out->participants++)
        TRY(take_unit(in, false, &out->participant[out->participants]));
    TRY(take_unit(in, !needs_unit(out->step), &out->unit));
    TRY(cursor_i64(in, &out->at_us));
    return out->at_us > 0 ? take_rest(in, out) : RESULT_MALFORMED;
}

static void put_units(struct buf *out, const struct incident_unit *list, size_t count)
{
    buf_u8(out, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        buf_bytes16(out, bytes_of_text(list[i].name));
        buf_bool(out, list[i].open);
    }
}

static enum result take_units(struct cursor *in, struct incident_unit *list, size_t most,
                              size_t *count)
{
    uint8_t n;
    TRY(cursor_u8(in, &n));
    if (n > most)
        return RESULT_TOO_LARGE;
    for (*count = 0; *count < n; (*count)++) {
        struct bytes name;
        TRY(take_unit(in, false, &name));
        memcpy(list[*count].name, name.p, name.n);
        list[*count].name[name.n] = '\0';
        TRY(cursor_bool(in, &list[*count].open));
    }
    return RESULT_OK;
}

static void put_emergencies(struct buf *out, const struct incident *i)
{
    size_t count = 0;
    while (count < INCIDENT_EMERGENCIES_MAX && i->emergency[count].mou[0] != '\0')
        count++;
    buf_u8(out, (uint8_t)count);
    for (size_t k = 0; k < count; k++) {
        buf_bytes16(out, bytes_of_text(i->emergency[k].mou));
        buf_i64(out, i->emergency[k].until_us);
    }
}

static enum result take_emergencies(struct cursor *in, struct incident *i)
{
    uint8_t n;
    TRY(cursor_u8(in, &n));
    if (n > INCIDENT_EMERGENCIES_MAX)
        return RESULT_TOO_LARGE;
    for (size_t k = 0; k < n; k++) {
        struct incident_emergency *e = &i->emergency[k];
        struct bytes mou;
        TRY(take_word(in, false, &mou));
        memcpy(e->mou, mou.p, mou.n);
        TRY(cursor_i64(in, &e->until_us));
        if (e->until_us <= 0)
            return RESULT_MALFORMED;
        for (size_t j = 0; j < k; j++)
            if (strcmp(i->emergency[j].mou, e->mou) == 0)
                return RESULT_MALFORMED;
    }
    return RESULT_OK;
}

static void put_links(struct buf *out, const struct incident *i)
{
    buf_u8(out, (uint8_t)i->links);
    for (size_t k = 0; k < i->links; k++) {
        buf_bytes16(out, bytes_of_text(i->link[k].other));
        buf_u8(out, i->link[k].kind);
    }
}

static enum result take_links(struct cursor *in, struct incident *i)
{
    uint8_t n;
    TRY(cursor_u8(in, &n));
    if (n > INCIDENT_LINKS_MAX)
        return RESULT_TOO_LARGE;
    for (; i->links < n; i->links++) {
        struct incident_link *l = &i->link[i->links];
        struct bytes other;
        TRY(take_link(in, &other, &l->kind));
        memcpy(l->other, other.p, other.n);
        if (bytes_is(other, i->id))
            return RESULT_MALFORMED;
        for (size_t j = 0; j < i->links; j++)
            if (bytes_is(other, i->link[j].other))
                return RESULT_MALFORMED;
    }
    return RESULT_OK;
}

void incident_put(const struct incident *i, struct buf *out)
{
    buf_bytes16(out, bytes_of_text(i->id));
    buf_bytes16(out, bytes_of_text(i->type));
    buf_bytes16(out, bytes_of_text(i->owner));
    buf_bytes16(out, bytes_of_text(i->offered));
    buf_u8(out, i->status); /* where `true` of one that exists stood once, which is a real one */
    buf_bytes16(out, bytes_of(i->place, i->place_bytes));
    buf_i64(out, i->opened_us);
    buf_i64(out, i->ended_us);
    buf_i64(out, i->found_us);
    buf_u64(out, i->generation);
    put_links(out, i);
    put_emergencies(out, i);
    put_units(out, i->participant, i->participants);
    put_units(out, i->assigned, i->assignments);
}

static bool has_name_twice(const struct incident_unit *list, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(list[i].name, list[k].name) == 0)
                return true;
    return false;
}

/* Whether changes could have made it so. */
static bool is_possible(const struct incident *i)
{
    bool any_open = false;
    for (size_t k = 0; k < i->participants; k++)
        any_open = any_open || i->participant[k].open;
    for (size_t k = 0; k < i->assignments; k++)
        if (!i->assigned[k].open)
            return false;
    return i->exists && i->participants > 0 && strcmp(i->owner, i->participant[0].name) == 0 &&
           (i->offered[0] == '\0' || any_open) &&
           !has_name_twice(i->participant, i->participants) &&
           !has_name_twice(i->assigned, i->assignments) && i->opened_us > 0 && i->ended_us >= 0 &&
           i->found_us >= 0 && (i->ended_us == 0) == any_open && i->generation > 0;
}

static enum result take_names(struct cursor *in, struct incident *i)
{
    struct bytes id, type, owner, offered;
    TRY(take_incident(in, &id));
    memcpy(i->id, id.p, id.n);
    TRY(take_word(in, true, &type));
    if (type.n > 0)
        memcpy(i->type, type.p, type.n);
    TRY(take_unit(in, false, &owner));
    memcpy(i->owner, owner.p, owner.n);
    TRY(take_unit(in, true, &offered));
    if (offered.n > 0)
        memcpy(i->offered, offered.p, offered.n);
    return RESULT_OK;
}

enum result incident_take(struct cursor *in, struct incident *out)
{
    struct bytes place;
    *out = (struct incident){0};
    TRY(take_names(in, out));
    TRY(cursor_u8(in, &out->status));
    out->exists = out->status >= STATUS_ACTUAL && out->status <= STATUS_TEST;
    TRY(cursor_bytes16(in, &place));
    if (place.n > INCIDENT_PLACE_MAX)
        return RESULT_TOO_LARGE;
    if (place.n > 0)
        memcpy(out->place, place.p, place.n);
    out->place_bytes = place.n;
    TRY(cursor_i64(in, &out->opened_us));
    TRY(cursor_i64(in, &out->ended_us));
    TRY(cursor_i64(in, &out->found_us));
    TRY(cursor_u64(in, &out->generation));
    TRY(take_links(in, out));
    TRY(take_emergencies(in, out));
    TRY(take_units(in, out->participant, INCIDENT_PARTICIPANTS_MAX, &out->participants));
    TRY(take_units(in, out->assigned, INCIDENT_ASSIGNED_MAX, &out->assignments));
    return is_possible(out) ? RESULT_OK : RESULT_MALFORMED;
}
