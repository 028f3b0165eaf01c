#include "ipc/road.h"

#include "ipc/codec.h"

const char *road_lane_word(unsigned lane)
{
    static const char *const words[ROAD_LANES] = {"urgent", "normal", "bulk"};
    return lane < ROAD_LANES ? words[lane] : "";
}

/* ---- parts */

static enum result code_word(struct codec *c, struct bytes *v)
{
    return code_text(c, v, ROAD_TEXT_MAX);
}

static enum result code_words(struct codec *c, struct bytes *list, size_t *count, size_t most)
{
    TRY(code_count(c, count, most));
    for (size_t i = 0; i < *count; i++)
        TRY(code_word(c, &list[i]));
    return RESULT_OK;
}

static enum result code_envelope(struct codec *c, struct road_envelope *e)
{
    TRY(code_raw(c, e->id.b, UUID_BYTES));
    TRY(code_word(c, &e->source));
    TRY(code_word(c, &e->kind));
    TRY(code_word(c, &e->service));
    TRY(code_word(c, &e->purpose));
    TRY(code_word(c, &e->basis));
    TRY(code_word(c, &e->status));
    TRY(code_words(c, e->incident, &e->incidents, ROAD_INCIDENTS_MAX));
    TRY(code_u8(c, &e->lane));
    TRY(code_u64(c, &e->policy));
    TRY(code_u64(c, &e->size));
    return e->lane < ROAD_LANES ? RESULT_OK : RESULT_MALFORMED;
}

static enum result code_scope(struct codec *c, struct road_scope *s)
{
    TRY(code_u64(c, &s->id));
    TRY(code_raw(c, s->tuple, ROAD_DIGEST));
    TRY(code_word(c, &s->incident));
    TRY(code_text(c, &s->regions, ROAD_REGIONS_MAX));
    TRY(code_bytes16(c, &s->consent));
    TRY(code_text(c, &s->mou, IDENT_WORD_MAX));
    TRY(code_u8(c, &s->starts));
    TRY(code_i64(c, &s->delay_us));
    TRY(code_i64(c, &s->deadline_us));
    TRY(code_u64(c, &s->generation));
    TRY(code_raw(c, s->wrapped, ROAD_WRAPPED));
    bool named = s->incident.n == 0 || ident_split_incident(s->incident, NULL, NULL);
    bool has_regions = (s->starts == 3) == (s->regions.n > 0);
    bool consents = s->consent.n == 0 || s->consent.n == ROAD_CONSENT;
    bool under = s->mou.n == 0 || ident_is_word(s->mou);
    return s->id != 0 && named && consents && under && has_regions && s->starts <= 3 &&
                   s->delay_us >= 0 && s->deadline_us >= 0
               ? RESULT_OK
               : RESULT_MALFORMED;
}

static enum result code_body(struct codec *c, struct road_body *b)
{
    TRY(code_u64(c, &b->scope));
    TRY(code_raw(c, b->seed, ROAD_SEED));
    return code_bytes32(c, &b->sealed);
}

static enum result code_fact(struct codec *c, struct road_fact *f)
{
    TRY(code_bytes16(c, &f->sealed));
    if (f->sealed.n == 0)
        return RESULT_OK;
    TRY(code_u64(c, &f->scope));
    TRY(code_raw(c, f->seed, ROAD_SEED));
    TRY(code_raw(c, f->commitment, ROAD_DIGEST));
    return f->scope != 0 ? RESULT_OK : RESULT_MALFORMED;
}

void road_context(const struct uuid *id, const uint8_t commitment[ROAD_DIGEST], int64_t deadline_us,
                  uint8_t out[ROAD_CONTEXT])
{
    memcpy(out, id->b, UUID_BYTES);
    memcpy(out + UUID_BYTES, commitment, ROAD_DIGEST);
    for (size_t i = 0; i < 8; i++)
        out[UUID_BYTES + ROAD_DIGEST + i] = (uint8_t)((uint64_t)deadline_us >> (8 * (7 - i)));
}

/* ---- cases */

static bool case_fits(const struct road_case *x)
{
    for (size_t i = 0; i < x->parties; i++)
        if (!ident_is_word(x->party[i]))
            return false;
    return x->kind >= ROAD_APPROVAL && x->kind <= ROAD_KEEPING && x->persons >= 1 &&
           x->persons <= ROAD_CASE_PERSONS_MAX && ident_is_word(x->role) && x->parties > 0 &&
           x->due_us >= 0 && x->second_within_us >= 0;
}

static enum result code_case(struct codec *c, struct road_case *x)
{
    TRY(code_u8(c, &x->kind));
    if (x->kind == 0)
        return RESULT_OK;
    TRY(code_u8(c, &x->persons));
    TRY(code_word(c, &x->role));
    TRY(code_words(c, x->party, &x->parties, ROAD_CASE_PARTIES_MAX));
    TRY(code_i64(c, &x->due_us));
    TRY(code_i64(c, &x->second_within_us));
    return case_fits(x) ? RESULT_OK : RESULT_MALFORMED;
}

/* A review, or nothing. */
static enum result code_review(struct codec *c, struct road_case *x)
{
    TRY(code_case(c, x));
    return x->kind == 0 || x->kind == ROAD_EMERGENCY ? RESULT_OK : RESULT_MALFORMED;
}

/* Each case of a recipient is of a kind of its own, which names it. */
static enum result code_cases(struct codec *c, struct road_recipient *r)
{
    unsigned kinds = 0;
    TRY(code_count(c, &r->cases, ROAD_CASES_MAX));
    for (size_t i = 0; i < r->cases; i++) {
        TRY(code_case(c, &r->open[i]));
        unsigned kind = 1u << r->open[i].kind;
        if (r->open[i].kind == 0 || (kinds & kind) != 0)
            return RESULT_MALFORMED;
        kinds |= kind;
    }
    return r->cases == 0 || r->permitted ? RESULT_OK : RESULT_MALFORMED;
}

bool road_is_held(const struct road_recipient *r)
{
    for (size_t i = 0; i < r->cases; i++)
        if (r->open[i].kind == ROAD_APPROVAL || r->open[i].kind == ROAD_QUARANTINE)
            return true;
    return false;
}

enum road_verdict road_verdict_of(const struct road_recipient *r, size_t count)
{
    size_t permitted = 0, held = 0, reserves = 0;
    for (size_t i = 0; i < count; i++) {
        reserves += r[i].reserve;
        held += !r[i].reserve && road_is_held(&r[i]);
        permitted += !r[i].reserve && r[i].permitted && !road_is_held(&r[i]);
    }
    return permitted == count - reserves ? ROAD_ACCEPTED
           : permitted > 0               ? ROAD_PARTLY
           : held > 0                    ? ROAD_HELD
                                         : ROAD_REFUSED;
}

static enum result code_recipient(struct codec *c, struct road_recipient *r)
{
    TRY(code_word(c, &r->unit));
    TRY(code_word(c, &r->reason));
    TRY(code_word(c, &r->clause));
    TRY(code_word(c, &r->failed));
    TRY(code_word(c, &r->flags));
    TRY(code_bool(c, &r->permitted));
    TRY(code_u8(c, &r->body));
    TRY(code_i64(c, &r->deadline_us));
    TRY(code_u8(c, &r->duty));
    TRY(code_bool(c, &r->reserve));
    TRY(code_cases(c, r));
    return r->deadline_us >= 0 ? RESULT_OK : RESULT_MALFORMED;
}

static enum result code_duty(struct codec *c, struct road_duty *d)
{
    TRY(code_i64(c, &d->by_us));
    TRY(code_words(c, d->answer, &d->answers, ROAD_ANSWERS_MAX));
    TRY(code_bool(c, &d->by_ack));
    return d->by_us >= 0 ? RESULT_OK : RESULT_MALFORMED;
}

static enum result code_recipients(struct codec *c, struct road_recipient *list, size_t *count)
{
    TRY(code_count(c, count, ROAD_RECIPIENTS_MAX));
    for (size_t i = 0; i < *count; i++) {
        if (c->in != NULL)
            list[i] = (struct road_recipient){0};
        TRY(code_recipient(c, &list[i]));
    }
    return RESULT_OK;
}

static enum result code_order(struct codec *c, struct road_order *o)
{
    TRY(code_raw(c, o->id.b, UUID_BYTES));
    TRY(code_u8(c, &o->cause));
    TRY(code_i64(c, &o->due_us));
    TRY(code_i64(c, &o->at_us));
    TRY(code_bytes16(c, &o->items));
    return road_items_fit(o->items) && o->items.n > 0 ? RESULT_OK : RESULT_MALFORMED;
}

static enum result code_outcome(struct codec *c, struct road_outcome *o)
{
    TRY(code_raw(c, o->about.b, UUID_BYTES));
    TRY(code_u64(c, &o->about_index));
    TRY(code_word(c, &o->to));
    TRY(code_word(c, &o->reason));
    TRY(code_u8(c, &o->step));
    return code_i64(c, &o->at_us);
}

/* Whoever gets a body is a unit, and so is its sender. gateway/self has no body, since nothing
 * leaves. */
static bool bodies_fit(const struct road_commit *m)
{
    for (size_t i = 0; i < m->recipients; i++) {
        const struct road_recipient *r = &m->recipient[i];
        if (r->permitted && (!ident_split_unit(r->unit, NULL, NULL) ||
                             (r->body >= m->bodies && !bytes_is(r->unit, "gateway/self"))))
            return false;
        /* What persons let go for the others is let go for the one in reserve. */
        if (road_is_held(r) && (r->body >= m->bodies || r->reserve))
            return false;
    }
    return m->bodies == 0 || ident_split_unit(m->envelope.source, NULL, NULL);
}

/* Every duty has somebody who can attend, and one recipient in reserve; nobody is in reserve
 * without one, or stands before one who is not. */
static bool duties_fit(const struct road_commit *m)
{
    uint64_t has_reserve = 0, has_recipient = 0;
    size_t reserves = 0;
    for (size_t i = 0; i < m->recipients; i++) {
        const struct road_recipient *r = &m->recipient[i];
        if (r->duty > m->duties || (r->reserve ? r->duty == 0 : reserves > 0))
            return false;
        uint64_t bit = r->duty == 0 ? 0 : UINT64_C(1) << (r->duty - 1);
        reserves += r->reserve;
        if (r->reserve)
            has_reserve |= bit;
        else if (r->permitted && r->body < m->bodies)
            has_recipient |= bit;
    }
    uint64_t all = (UINT64_C(1) << m->duties) - 1;
    return reserves == m->duties && has_reserve == all && has_recipient == all;
}

/* Which recipients a position supersedes for: those who get it at once. */
static enum result code_succession(struct codec *c, struct road_commit *m)
{
    TRY(code_bytes16(c, &m->succession));
    if (m->succession.n == 0)
        return RESULT_OK;
    for (size_t i = 0; i < m->recipients; i++) {
        struct road_recipient *r = &m->recipient[i];
        TRY(code_bool(c, &r->supersedes));
        if (r->supersedes && (r->reserve || !r->permitted || r->body >= m->bodies))
            return RESULT_MALFORMED;
    }
    return m->succession.n == ROAD_TAG ? RESULT_OK : RESULT_MALFORMED;
}

/* ---- whole messages */

void road_commit_init(struct road_commit *c)
{
    memset(c, 0, offsetof(struct road_commit, recipient));
}

void road_committed_init(struct road_committed *c, uint64_t ticket, enum road_answer answer)
{
    memset(c, 0, offsetof(struct road_committed, recipient));
    c->ticket = ticket;
    c->answer = (uint8_t)answer;
}

static enum result code_commit(struct codec *c, struct road_commit *m)
{
    TRY(code_u64(c, &m->ticket));
    TRY(code_envelope(c, &m->envelope));
    TRY(code_i64(c, &m->at_us));
    TRY(code_u8(c, &m->verdict));
    TRY(code_raw(c, m->commitment, ROAD_DIGEST));
    TRY(code_raw(c, m->content, ROAD_TAG));
    TRY(code_bool(c, &m->remembered));
    TRY(code_recipients(c, m->recipient, &m->recipients));
    TRY(code_count(c, &m->scopes, ROAD_SCOPES_MAX));
    for (size_t i = 0; i < m->scopes; i++)
        TRY(code_scope(c, &m->scope[i]));
    TRY(code_count(c, &m->changes, ROAD_CHANGES_MAX));
    for (size_t i = 0; i < m->changes; i++)
        TRY(code_bytes16(c, &m->change[i]));
    TRY(code_bytes16(c, &m->standing));
    TRY(code_u64(c, &m->change_scope));
    TRY(code_count(c, &m->bodies, ROAD_BODIES_MAX));
    for (size_t i = 0; i < m->bodies; i++)
        TRY(code_body(c, &m->body[i]));
    TRY(code_count(c, &m->duties, ROAD_DUTIES_MAX));
    for (size_t i = 0; i < m->duties; i++)
        TRY(code_duty(c, &m->duty[i]));
    TRY(code_count(c, &m->named, ROAD_NAMES_MAX));
    for (size_t i = 0; i < m->named; i++)
        TRY(code_u64(c, &m->names[i]));
    TRY(code_u8(c, &m->drawn));
    TRY(code_fact(c, &m->fact));
    TRY(code_bytes16(c, &m->settle));
    TRY(code_succession(c, m));
    TRY(code_end(c));
    return bodies_fit(m) && duties_fit(m) && m->drawn <= m->named && m->verdict >= ROAD_ACCEPTED &&
                   m->verdict <= ROAD_HELD
               ? RESULT_OK
               : RESULT_MALFORMED;
}

enum result road_commit_envelope(struct cursor *in, struct road_envelope *out)
{
    struct codec c = {.in = in};
    uint64_t ticket;
    TRY(code_u64(&c, &ticket));
    return code_envelope(&c, out);
}

enum result road_commit_source(struct cursor *in, char out[IDENT_UNIT_MAX + 1])
{
    struct codec c = {.in = in};
    uint64_t ticket;
    struct uuid id;
    struct bytes source;
    TRY(code_u64(&c, &ticket));
    TRY(code_raw(&c, id.b, UUID_BYTES));
    TRY(code_word(&c, &source));
    const size_t n = source.n < IDENT_UNIT_MAX ? source.n : IDENT_UNIT_MAX;
    if (n > 0)
        memcpy(out, source.p, n);
    out[n] = '\0';
    return RESULT_OK;
}

static enum result code_committed(struct codec *c, struct road_committed *m)
{
    TRY(code_u64(c, &m->ticket));
    TRY(code_u8(c, &m->answer));
    TRY(code_u64(c, &m->index));
    TRY(code_u8(c, &m->verdict));
    TRY(code_u64(c, &m->scope));
    TRY(code_raw(c, m->seed, ROAD_SEED));
    TRY(code_raw(c, m->commitment, ROAD_DIGEST));
    TRY(code_recipients(c, m->recipient, &m->recipients));
    TRY(code_end(c));
    return m->answer >= ROAD_ON_DISK && m->answer <= ROAD_MANY_OF_PARTY && m->verdict <= ROAD_HELD
               ? RESULT_OK
               : RESULT_MALFORMED;
}

static enum result code_subscribe(struct codec *c, struct road_subscribe *m)
{
    TRY(code_u64(c, &m->consumer));
    TRY(code_word(c, &m->unit));
    TRY(code_word(c, &m->queue));
    TRY(code_words(c, m->kind, &m->kinds, ROAD_RECIPIENTS_MAX));
    TRY(code_words(c, m->incident, &m->incidents, ROAD_RECIPIENTS_MAX));
    TRY(code_u32(c, &m->most));
    TRY(code_u64(c, &m->most_bytes));
    TRY(code_end(c));
    return ident_split_unit(m->unit, NULL, NULL) && ident_is_word(m->queue) ? RESULT_OK
                                                                            : RESULT_MALFORMED;
}

static enum result code_drawn(struct codec *c, struct road_provision *m)
{
    TRY(code_u64(c, &m->ticket));
    TRY(code_bool(c, &m->found));
    TRY(code_bool(c, &m->onward));
    TRY(code_word(c, &m->source));
    TRY(code_word(c, &m->unit));
    TRY(code_word(c, &m->clause));
    return code_i64(c, &m->deadline_us);
}

static enum result code_provision(struct codec *c, struct road_provision *m)
{
    TRY(code_drawn(c, m));
    return code_end(c);
}

static enum result code_deliver(struct codec *c, struct road_deliver *m)
{
    TRY(code_u64(c, &m->consumer));
    TRY(code_u64(c, &m->entry));
    TRY(code_envelope(c, &m->envelope));
    TRY(code_word(c, &m->unit));
    TRY(code_word(c, &m->clause));
    TRY(code_word(c, &m->flags));
    TRY(code_i64(c, &m->received_us));
    TRY(code_i64(c, &m->deadline_us));
    TRY(code_u64(c, &m->received_index));
    TRY(code_u64(c, &m->refers));
    TRY(code_bool(c, &m->redelivery));
    TRY(code_bool(c, &m->was_released));
    TRY(code_u64(c, &m->released_index));
    TRY(code_raw(c, m->released_digest, ROAD_DIGEST));
    TRY(code_i64(c, &m->sealed_deadline_us));
    TRY(code_raw(c, m->commitment, ROAD_DIGEST));
    TRY(code_drawn(c, &m->drawn));
    TRY(code_i64(c, &m->attend_by_us));
    TRY(code_bool(c, &m->reserve));
    TRY(code_bool(c, &m->approved));
    TRY(code_bool(c, &m->is_outcome));
    TRY(code_bool(c, &m->is_order));
    if (m->is_outcome && m->is_order)
        return RESULT_MALFORMED;
    TRY(m->is_outcome ? code_outcome(c, &m->outcome)
        : m->is_order ? code_order(c, &m->order)
                      : code_body(c, &m->body));
    return code_end(c);
}

static enum result code_owes(struct codec *c, bool *owes, int64_t *within_us, bool *suspends)
{
    TRY(code_bool(c, owes));
    TRY(code_i64(c, within_us));
    TRY(code_bool(c, suspends));
    bool receipt = *within_us > 0;
    return *within_us >= 0 && (*owes || !receipt) && (receipt || !*suspends) ? RESULT_OK
                                                                             : RESULT_MALFORMED;
}

static enum result code_release(struct codec *c, struct road_release *m)
{
    TRY(code_u64(c, &m->consumer));
    TRY(code_u64(c, &m->entry));
    TRY(code_bool(c, &m->permitted));
    TRY(code_bool(c, &m->onward));
    TRY(code_word(c, &m->reason));
    TRY(code_word(c, &m->clause));
    TRY(code_word(c, &m->failed));
    TRY(code_word(c, &m->flags));
    TRY(code_raw(c, m->commitment, ROAD_DIGEST));
    TRY(code_u64(c, &m->size));
    TRY(code_u64(c, &m->policy));
    TRY(code_i64(c, &m->at_us));
    TRY(code_bytes32(c, &m->notice));
    TRY(code_review(c, &m->review));
    TRY(code_fact(c, &m->fact));
    TRY(code_owes(c, &m->owes, &m->receipt_within_us, &m->suspends));
    TRY(code_u32(c, &m->uses));
    return code_end(c);
}

static enum result code_released(struct codec *c, struct road_released *m)
{
    TRY(code_u64(c, &m->consumer));
    TRY(code_u64(c, &m->entry));
    TRY(code_bool(c, &m->again));
    TRY(code_bool(c, &m->go));
    TRY(code_u64(c, &m->index));
    return code_end(c);
}

static enum result code_ack(struct codec *c, struct road_ack *m)
{
    TRY(code_u64(c, &m->consumer));
    TRY(code_u8(c, &m->refuse));
    TRY(code_bool(c, &m->unsent));
    TRY(code_count(c, &m->entries, ROAD_ACKS_MAX));
    for (size_t i = 0; i < m->entries; i++)
        TRY(code_u64(c, &m->entry[i]));
    return code_end(c);
}

static enum result code_event(struct codec *c, struct road_event *m)
{
    TRY(code_u64(c, &m->ticket));
    TRY(code_u8(c, &m->event));
    TRY(code_envelope(c, &m->envelope));
    TRY(code_i64(c, &m->at_us));
    TRY(code_word(c, &m->unit));
    TRY(code_word(c, &m->reason));
    TRY(code_word(c, &m->clause));
    TRY(code_word(c, &m->failed));
    TRY(code_u64(c, &m->refers));
    TRY(code_word(c, &m->detail));
    TRY(code_review(c, &m->review));
    TRY(code_fact(c, &m->fact));
    TRY(code_owes(c, &m->owes, &m->receipt_within_us, &m->suspends));
    TRY(code_u32(c, &m->uses));
    if (m->owes)
        TRY(code_scope(c, &m->terms));
    return code_end(c);
}

CODEC_PAIR(road, case)
CODEC_PAIR(road, envelope)
CODEC_PAIR(road, fact)
CODEC_PAIR_LISTS(road, commit, recipient)
CODEC_PAIR_LISTS(road, committed, recipient)
CODEC_PAIR(road, subscribe)
CODEC_PAIR(road, deliver)
CODEC_PAIR(road, release)
CODEC_PAIR(road, released)
CODEC_PAIR_LISTS(road, ack, entry)
CODEC_PAIR(road, event)
CODEC_PAIR(road, provision)
