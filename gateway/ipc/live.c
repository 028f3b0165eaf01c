#include "ipc/live.h"

#include "ipc/channel.h"
#include "ipc/codec.h"

static enum result code_ask(struct codec *c, struct live_ask *a)
{
    TRY(code_u64(c, &a->ticket));
    TRY(code_u8(c, &a->what));
    TRY(code_u64(c, &a->after));
    return a->what >= LIVE_EDGE && a->what <= LIVE_STREAMS ? code_end(c) : RESULT_MALFORMED;
}

static enum result code_said(struct codec *c, struct live_said *s)
{
    TRY(code_u64(c, &s->ticket));
    TRY(code_u8(c, &s->what));
    TRY(code_count(c, &s->items, LIVE_ITEMS_MAX));
    return code_bool(c, &s->more);
}

static enum result code_edge(struct codec *c, struct live_edge *e)
{
    TRY(code_bool(c, &e->serves));
    TRY(code_bool(c, &e->draining));
    TRY(code_i64(c, &e->since_us));
    TRY(code_u32(c, &e->sessions));
    TRY(code_u32(c, &e->streams));
    TRY(code_u32(c, &e->watchers));
    TRY(code_u32(c, &e->subscribers));
    TRY(code_u64(c, &e->under_way));
    TRY(code_u64(c, &e->refused_addresses));
    return code_u64(c, &e->refused_units);
}

static enum result code_unit(struct codec *c, struct live_unit *u)
{
    TRY(code_u64(c, &u->number));
    TRY(code_text(c, &u->unit, IDENT_UNIT_MAX));
    TRY(code_u32(c, &u->sessions));
    TRY(code_u32(c, &u->streams));
    TRY(code_u32(c, &u->watchers));
    return code_u32(c, &u->subscribers);
}

static enum result code_session(struct codec *c, struct live_session *s)
{
    TRY(code_u64(c, &s->number));
    TRY(code_text(c, &s->unit, IDENT_UNIT_MAX));
    TRY(code_text(c, &s->address, LIVE_ADDRESS_MAX));
    TRY(code_raw(c, s->certificate, LIVE_DIGEST));
    TRY(code_i64(c, &s->since_us));
    TRY(code_u32(c, &s->streams));
    TRY(code_u32(c, &s->watchers));
    return code_u32(c, &s->subscribers);
}

static enum result code_stream(struct codec *c, struct live_stream *s)
{
    TRY(code_u64(c, &s->index));
    TRY(code_text(c, &s->id, UUID_TEXT));
    TRY(code_text(c, &s->unit, IDENT_UNIT_MAX));
    TRY(code_text(c, &s->clause, LIVE_CLAUSE_MAX));
    TRY(code_text(c, &s->incident, IDENT_INCIDENT_MAX));
    TRY(code_u8(c, &s->status));
    TRY(code_i64(c, &s->since_us));
    TRY(code_u32(c, &s->watchers));
    TRY(code_u64(c, &s->frames));
    return code_u64(c, &s->bytes);
}

static enum result code_lane(struct codec *c, struct live_lane *l)
{
    TRY(code_u64(c, &l->waiting));
    TRY(code_u64(c, &l->unacknowledged));
    return code_i64(c, &l->oldest_us);
}

static enum result code_lanes(struct codec *c, struct live_lane lane[ROAD_LANES])
{
    for (size_t i = 0; i < ROAD_LANES; i++)
        TRY(code_lane(c, &lane[i]));
    return RESULT_OK;
}

static enum result code_ledger(struct codec *c, struct live_ledger *s)
{
    uint64_t *const number[] = {&s->serial,      &s->entries,        &s->published,   &s->incidents,
                                &s->waiting,     &s->unacknowledged, &s->deliverable, &s->cases,
                                &s->suspensions, &s->scopes};
    bool *const flag[] = {&s->second_device, &s->log_is_full, &s->clock_is_held, &s->edge_is_there};
    TRY(code_text(c, &s->set, ROAD_TEXT_MAX));
    for (size_t i = 0; i < ARRAY_LEN(number); i++)
        TRY(code_u64(c, number[i]));
    for (size_t i = 0; i < ARRAY_LEN(flag); i++)
        TRY(code_bool(c, flag[i]));
    TRY(code_lanes(c, s->lane));
    return code_i64(c, &s->signed_us);
}

static enum result code_party(struct codec *c, struct live_party *p)
{
    TRY(code_text(c, &p->party, IDENT_WORD_MAX));
    TRY(code_u32(c, &p->units));
    TRY(code_lanes(c, p->lane));
    TRY(code_u64(c, &p->waiting));
    TRY(code_u64(c, &p->unacknowledged));
    return code_i64(c, &p->suspended_us);
}

static enum result code_incident(struct codec *c, struct live_incident *i)
{
    TRY(code_text(c, &i->id, IDENT_INCIDENT_MAX));
    TRY(code_text(c, &i->type, IDENT_WORD_MAX));
    TRY(code_text(c, &i->owner, IDENT_UNIT_MAX));
    TRY(code_u32(c, &i->participants));
    TRY(code_u32(c, &i->assigned));
    TRY(code_u8(c, &i->status));
    TRY(code_bool(c, &i->emergency));
    TRY(code_i64(c, &i->opened_us));
    return code_i64(c, &i->ended_us);
}

static enum result code_role(struct codec *c, struct live_role *r)
{
    TRY(code_u8(c, &r->role));
    TRY(code_u32(c, &r->pid));
    TRY(code_i64(c, &r->since_us));
    TRY(code_u32(c, &r->ends));
    TRY(code_i64(c, &r->ended_us));
    TRY(code_text(c, &r->end, LIVE_ROLE_MAX));
    TRY(code_text(c, &r->attained, LIVE_ROLE_MAX));
    return r->role < ROLE_ID_COUNT ? RESULT_OK : RESULT_MALFORMED;
}

/* As in road.c. */
CODEC_PAIR(live, ask)
CODEC_PAIR(live, said)
CODEC_PAIR(live, edge)
CODEC_PAIR(live, unit)
CODEC_PAIR(live, session)
CODEC_PAIR(live, stream)
CODEC_PAIR(live, ledger)
CODEC_PAIR(live, party)
CODEC_PAIR(live, incident)
CODEC_PAIR(live, role)

bool live_roles_fit(struct bytes roles, size_t *count)
{
    struct cursor in = cursor_over(roles);
    struct live_role r;
    unsigned seen = 0;
    for (*count = 0; in.left > 0; ++*count) {
        if (live_role_take(&in, &r) != RESULT_OK || (seen >> r.role & 1) != 0)
            return false;
        seen |= 1U << r.role;
    }
    return true;
}

static enum result skip(struct cursor *in, uint8_t what)
{
    struct live_edge edge;
    struct live_unit unit;
    struct live_session session;
    struct live_stream stream;
    switch (what) {
    case LIVE_EDGE: return live_edge_take(in, &edge);
    case LIVE_UNITS: return live_unit_take(in, &unit);
    case LIVE_SESSIONS: return live_session_take(in, &session);
    case LIVE_STREAMS: return live_stream_take(in, &stream);
    default: return RESULT_MALFORMED;
    }
}

bool live_items_fit(struct cursor in, uint8_t what, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (skip(&in, what) != RESULT_OK)
            return false;
    return cursor_done(&in) == RESULT_OK;
}
