#include "incident/incident.h"

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

enum result incident_change_take(struct cursor *in, struct incident_change *out)
{
    uint8_t step, count;
    *out = (struct incident_change){0};
    TRY(cursor_u8(in, &step));
    if (step < INCIDENT_OPEN || step > INCIDENT_EMERGENCY)
        return RESULT_MALFORMED;
    out->step = (enum incident_step)step;
    TRY(cursor_bytes16(in, &out->id));
    if (!ident_split_incident(out->id, NULL, NULL))
        return RESULT_MALFORMED;
    TRY(take_unit(in, false, &out->by));
    TRY(take_word(in, true, &out->type));
    TRY(cursor_bytes16(in, &out->place));
    TRY(cursor_u8(in, &count));
    if (count > INCIDENT_PARTICIPANTS_MAX || out->place.n > INCIDENT_PLACE_MAX)
        return RESULT_TOO_LARGE;
    for (; out->participants < count; out->participants++)
        TRY(take_unit(in, false, &out->participant[out->participants]));
    TRY(take_unit(in, out->step != INCIDENT_ASSIGN && out->step != INCIDENT_RELEASE, &out->unit));
    TRY(cursor_i64(in, &out->at_us));
    if (out->step == INCIDENT_EMERGENCY) {
        TRY(take_word(in, false, &out->mou));
        TRY(cursor_i64(in, &out->until_us));
    }
    bool has_end = out->step != INCIDENT_EMERGENCY || out->until_us > out->at_us;
    return out->at_us > 0 && has_end ? RESULT_OK : RESULT_MALFORMED;
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

void incident_put(const struct incident *i, struct buf *out)
{
    buf_bytes16(out, bytes_of_text(i->id));
    buf_bytes16(out, bytes_of_text(i->type));
    buf_bool(out, i->exists);
    buf_bytes16(out, bytes_of(i->place, i->place_bytes));
    buf_i64(out, i->opened_us);
    buf_i64(out, i->ended_us);
    buf_i64(out, i->found_us);
    buf_u64(out, i->generation);
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
    return i->exists && i->participants > 0 &&
           bytes_is(incident_owner(i), i->participant[0].name) &&
           !has_name_twice(i->participant, i->participants) &&
           !has_name_twice(i->assigned, i->assignments) && i->opened_us > 0 && i->ended_us >= 0 &&
           i->found_us >= 0 && (i->ended_us == 0) == any_open && i->generation > 0;
}

enum result incident_take(struct cursor *in, struct incident *out)
{
    struct bytes id, type, place;
    *out = (struct incident){0};
    TRY(cursor_bytes16(in, &id));
    if (!ident_split_incident(id, NULL, NULL))
        return RESULT_MALFORMED;
    memcpy(out->id, id.p, id.n);
    TRY(take_word(in, true, &type));
    if (type.n > 0)
        memcpy(out->type, type.p, type.n);
    TRY(cursor_bool(in, &out->exists));
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
    TRY(take_emergencies(in, out));
    TRY(take_units(in, out->participant, INCIDENT_PARTICIPANTS_MAX, &out->participants));
    TRY(take_units(in, out->assigned, INCIDENT_ASSIGNED_MAX, &out->assignments));
    return is_possible(out) ? RESULT_OK : RESULT_MALFORMED;
}
