#include "service/edge.h"

#include "audit/leaf.h"
#include "base/mem.h"
#include "crypto/secret.h"
#include "service/register.h"

static struct bytes incident_key(const void *item)
{
    return bytes_of_text(((const struct view_incident *)item)->is.id);
}

static struct bytes ticket_key(const void *item)
{
    return bytes_of(&((const struct ticket *)item)->number, sizeof(uint64_t));
}

static enum result ask_tag_key(struct edge *e)
{
    struct buf reply = BUF_INIT(4096);
    enum result r = e->config.ask_keeper(e->config.arg, IPC_EDGE_KEYS, bytes_of(NULL, 0),
                                         IPC_EDGE_KEYS_ARE, &reply);
    if (r == RESULT_OK && reply.n != KEY_BYTES)
        r = RESULT_MALFORMED;
    if (r == RESULT_OK)
        memcpy(e->tag_key, reply.p, KEY_BYTES);
    buf_free(&reply);
    return r;
}

enum result edge_new(const struct edge_config *config, struct policy *policy, struct edge **out)
{
    struct edge *e = mem_new(sizeof *e);
    *e = (struct edge){.config = *config,
                       .arena = arena_new(LIMIT_ARENA),
                       .arena2 = arena_new(LIMIT_ARENA),
                       .hasher = hasher_new(),
                       .tag_key = secret_new(KEY_BYTES),
                       .subjects_key = secret_new(KEY_BYTES),
                       .scopes = scope_cache_new(),
                       .jumps = jumps_new(),
                       .incidents = map_new(incident_key),
                       .standing = standing_new(),
                       .tickets = map_new(ticket_key),
                       .consumers = map_new(consumer_key),
                       .streams = map_new(stream_key),
                       .next_ticket = 1,
                       .next_consumer = 1,
                       .out = BUF_INIT(CHANNEL_MESSAGE_MAX),
                       .suspended = BUF_INIT(CHANNEL_MESSAGE_MAX),
                       .overdue_told = BUF_INIT(CHANNEL_MESSAGE_MAX)};
    TAILQ_INIT(&e->sessions);
    TAILQ_INIT(&e->health);
    drafts_init(&e->drafts);
    publications_init(e);
    refusals_init(e);
    offences_init(e);
    deliveries_init(e);
    e->since_us = edge_now(e);
    enum result r =
        e->tag_key == NULL || e->subjects_key == NULL ? RESULT_NO_MEMORY : ask_tag_key(e);
    if (r != RESULT_OK) {
        edge_free(e);
        return r;
    }
    edge_set_policy(e, policy);
    *out = e;
    return RESULT_OK;
}

static struct ticket *take_ticket(struct edge *e, uint64_t number)
{
    struct ticket *t = map_remove(e->tickets, bytes_of(&number, sizeof number));
    if (t != NULL)
        t->number = 0;
    return t;
}

/* Everything that waits for an answer of the ledger hears that none will come. */
static void lose_tickets(struct edge *e)
{
    struct ticket *t;
    size_t at = 0;
    while ((t = map_next(e->tickets, &at)) != NULL) {
        (void)take_ticket(e, t->number);
        t->lost(t);
        at = 0; /* the map changed */
    }
}

void edge_free(struct edge *e)
{
    if (e == NULL)
        return;
    while (!TAILQ_EMPTY(&e->sessions))
        session_close(TAILQ_FIRST(&e->sessions));
    lose_tickets(e);
    view_clear(e);
    refusals_free(e);
    offences_free(e);
    lanes_book_free(&e->publications);
    lanes_book_free(&e->deliveries);
    map_free(e->incidents);
    standing_free(e->standing);
    map_free(e->tickets);
    map_free(e->consumers);
    map_free(e->streams);
    scope_cache_free(e->scopes);
    jumps_free(e->jumps);
    secret_free(e->tag_key);
    secret_free(e->subjects_key);
    hasher_free(e->hasher);
    arena_free(e->arena);
    arena_free(e->arena2);
    drafts_free(&e->drafts);
    intake_free(e->intake);
    policy_close(e->policy);
    mem_free(e->rate);
    mem_free(e->grants_suspended);
    mem_free(e->units_suspended);
    mem_free(e->units_barred);
    mem_free(e->overdue);
    buf_free(&e->overdue_told);
    buf_free(&e->suspended);
    buf_free(&e->out);
    mem_free(e);
}

int64_t edge_now(const struct edge *e)
{
    if (!e->clock.is_held)
        return clock_wall_us(&e->config.clock);
    return e->clock.held_us + clock_steady_us(&e->config.clock) - e->clock.steady_us;
}

int64_t edge_ahead(const struct edge *e)
{
    const int64_t ahead = clock_wall_us(&e->config.clock) - edge_now(e);
    return e->clock.is_held && ahead > 0 ? ahead : 0;
}

/* Streams are judged by the new time at once. */
static enum result take_clock(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    bool is_held;
    int64_t now_us;
    TRY(cursor_bool(&in, &is_held));
    TRY(cursor_i64(&in, &now_us));
    TRY(cursor_done(&in));
    e->clock.is_held = is_held;
    e->clock.held_us = now_us;
    e->clock.steady_us = clock_steady_us(&e->config.clock);
    stream_judge_all(e);
    return RESULT_OK;
}

const char *edge_origin(const struct edge *e)
{
    return e->config.log_name;
}

const struct policy *edge_policy(const struct edge *e)
{
    return e->policy;
}

void edge_set_policy(struct edge *e, struct policy *policy)
{
    struct session *s, *next;
    struct policy *old = e->policy;
    e->policy = policy;
    edge_count_suspended(e);
    edge_count_overdue(e);
    limits_reset(e);
    for (s = TAILQ_FIRST(&e->sessions); s != NULL; s = next) {
        next = TAILQ_NEXT(s, next);
        if (policy_unit(policy, bytes_of_text(s->name)) == POLICY_NONE)
            e->config.close_session(e->config.arg, s, "the unit is not in the policy set any more");
    }
    if (e->has_ledger)
        stream_judge_all(e);
    sessions_bar(e);
    policy_close(old);
}

/* ---- tickets */

uint64_t edge_ticket(struct edge *e, struct ticket *t)
{
    t->number = e->next_ticket++;
    (void)map_add(e->tickets, t);
    return t->number;
}

void edge_forget_ticket(struct edge *e, struct ticket *t)
{
    if (t->number != 0)
        (void)map_remove(e->tickets, ticket_key(t));
    t->number = 0;
}

void edge_hand_ticket(struct edge *e, struct ticket *from, struct ticket *to)
{
    uint64_t number = from->number;
    edge_forget_ticket(e, from);
    to->number = number;
    (void)map_add(e->tickets, to);
}

void edge_tell(struct edge *e, enum ipc_type type, struct bytes body)
{
    if (e->has_ledger)
        e->config.tell_ledger(e->config.arg, type, body);
}

/* ---- the ledger */

bool edge_is_ready(struct edge *e)
{
    return e->has_ledger && e->view_is_complete && register_is_ready(e);
}

void edge_ledger_came(struct edge *e)
{
    e->has_ledger = true;
    e->view_is_complete = false;
    edge_tell(e, IPC_VIEW, bytes_of(NULL, 0));
}

bool edge_scope_is_gone(const struct edge *e, uint64_t scope)
{
    return !scope_is_known(e, scope);
}

void edge_keeper_came(struct edge *e)
{
    scope_forget_uncommitted(e);
}

/* Everything that waits for an answer is lost; streams and consumers end, since nothing of them can
 * be recorded. */
void edge_ledger_went(struct edge *e)
{
    struct session *s;
    if (e->view_is_complete)
        log_line(e->config.log, LOG_ALARM, "out-of-service", "why=\"the ledger is not there\"");
    e->has_ledger = e->view_is_complete = e->draining = false;
    lose_tickets(e);
    TAILQ_FOREACH (s, &e->sessions, next)
        session_lose_ledger(s);
    view_clear(e);
    standing_clear(e->standing);
    scope_forget_all(e);
    e->register_scope = 0;
    e->register_ready = false;
}

static enum result committed(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_committed c UNSET;
    TRY(road_committed_take(&in, &c));
    struct ticket *t = take_ticket(e, c.ticket);
    if (t != NULL)
        t->committed(t, &c);
    return RESULT_OK;
}

static enum result provision_told(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_provision p;
    TRY(road_provision_take(&in, &p));
    struct ticket *t = take_ticket(e, p.ticket);
    if (t != NULL)
        t->told(t, &p);
    return RESULT_OK;
}

static enum result order_told(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_order_state s;
    TRY(road_order_state_take(&in, &s));
    struct ticket *t = take_ticket(e, s.ticket);
    if (t != NULL)
        t->ordered(t, &s);
    return RESULT_OK;
}

static enum result log_shown(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct log_said s;
    TRY(log_said_take(&in, &s));
    struct ticket *t = take_ticket(e, s.ticket);
    if (t != NULL)
        t->shown(t, &s);
    return RESULT_OK;
}

static enum result half_told(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct half_said s;
    TRY(half_said_take(&in, &s));
    struct ticket *t = take_ticket(e, s.ticket);
    if (t != NULL)
        t->halved(t, &s);
    return RESULT_OK;
}

static enum result recorded(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t number, index;
    TRY(cursor_u64(&in, &number));
    TRY(cursor_u64(&in, &index));
    TRY(cursor_done(&in));
    struct ticket *t = take_ticket(e, number);
    if (t != NULL)
        t->recorded(t, index);
    return RESULT_OK;
}

static enum result view_done(struct edge *e)
{
    struct session *s;
    e->view_is_complete = true;
    log_line(e->config.log, LOG_NOTE, "in-service", "incidents=%zu", map_count(e->incidents));
    TAILQ_FOREACH (s, &e->sessions, next)
        session_record(s);
    return RESULT_OK;
}

static enum result offered(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_deliver d;
    TRY(road_deliver_take(&in, &d));
    delivery_offered(e, &d, body);
    return RESULT_OK;
}

static enum result released(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct road_released r;
    TRY(road_released_take(&in, &r));
    delivery_released(e, &r);
    return RESULT_OK;
}

static enum result consumer_ended(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t consumer;
    uint8_t why;
    TRY(cursor_u64(&in, &consumer));
    TRY(cursor_u8(&in, &why));
    TRY(cursor_done(&in));
    return delivery_consumer_ended(e, consumer, why);
}

static enum result wipe(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t batch, scope;
    TRY(cursor_u64(&in, &batch));
    const struct bytes scopes = bytes_of(in.at, in.left);
    while (in.left > 0) {
        TRY(cursor_u64(&in, &scope));
        scope_forget(e, scope);
    }
    view_forget_places(e, scopes);
    jumps_forget_destroyed(e);
    delivery_forget_destroyed(e);
    e->config.withdraw(e->config.arg);
    buf_clear(&e->out);
    buf_u64(&e->out, batch);
    edge_tell(e, IPC_WIPED, buf_view(&e->out));
    return RESULT_OK;
}

static enum result take(struct edge *e, const struct channel_message *m)
{
    switch (m->type) {
    case IPC_VIEW_INCIDENT: return view_take(e, m->body);
    case IPC_VIEW_STANDING: return standing_take(e->standing, m->body);
    case IPC_VIEW_DONE: return view_done(e);
    case IPC_REGISTER_SCOPE: return register_take_scope(e, m->body);
    case IPC_SUSPENSIONS: return edge_take_suspended(e, m->body);
    case IPC_OVERDUE: return edge_take_overdue(e, m->body);
    case IPC_COMMITTED: return committed(e, m->body);
    case IPC_EVENT_DONE: return recorded(e, m->body);
    case IPC_PROVISION: return provision_told(e, m->body);
    case IPC_ORDER_IS: return order_told(e, m->body);
    case IPC_LOG_SAID: return log_shown(e, m->body);
    case IPC_HALF_SAID: return half_told(e, m->body);
    case IPC_DELIVER: return offered(e, m->body);
    case IPC_RELEASED: return released(e, m->body);
    case IPC_CONSUMER_ENDED: return consumer_ended(e, m->body);
    case IPC_WIPE: return wipe(e, m->body);
    case IPC_CLOCK: return take_clock(e, m->body);
    case IPC_LIVE_ASK: return live_tell(e, m->body);
    case IPC_DRAIN: edge_drain(e); return RESULT_OK;
    case IPC_CUT: return cut_sessions(e, m->body);
    default: return RESULT_MALFORMED;
    }
}

enum result edge_ledger_said(struct edge *e, const struct channel_message *m)
{
    enum result r = take(e, m);
    publications_take_turns(e); /* it may have answered one of them */
    return r;
}

void edge_tick(struct edge *e)
{
    int64_t now_us = edge_now(e);
    stream_tick(e);
    health_tick(e);
    refusals_tick(e);
    offences_tick(e);
    if (now_us - e->pruned_us > US_PER_MINUTE) {
        e->pruned_us = now_us;
        view_prune(e, now_us);
        jumps_prune(e->jumps, now_us);
    }
}
