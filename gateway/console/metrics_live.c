/* What the ledger's lists tell. Inside console/ only. */
#include "console/metrics.h"

#include "ipc/channel.h"

#include <inttypes.h>

static const struct bytes none = {NULL, 0};

static enum result take_ledger(struct metric_set *s, struct metrics_sum *sum, struct cursor *items,
                               struct buf *after)
{
    struct live_ledger l;
    (void)sum;
    (void)after;
    TRY(live_ledger_take(items, &l));
    metric_put_one(s, METRIC_DELIVERABLE, l.deliverable);
    metric_put_one(s, METRIC_INCIDENTS, l.incidents);
    metric_put_one(s, METRIC_SUSPENSIONS, l.suspensions);
    metric_put_one(s, METRIC_SCOPES, l.scopes);
    metric_put_one(s, METRIC_POLICY_SERIAL, l.serial);
    metric_put_one(s, METRIC_LOG_ENTRIES, l.entries);
    metric_put_one(s, METRIC_LOG_PUBLISHED, l.published);
    if (l.signed_us != 0)
        metric_put_time(s, METRIC_CHECKPOINT_SIGNED, none, l.signed_us);
    metric_put_one(s, METRIC_CLOCK_HELD, l.clock_is_held);
    metric_put_one(s, METRIC_LOG_FULL, l.log_is_full);
    metric_put_one(s, METRIC_SECOND_DEVICE, l.second_device);
    return RESULT_OK;
}

static enum result take_edge(struct metric_set *s, struct metrics_sum *sum, struct cursor *items,
                             struct buf *after)
{
    struct live_edge e;
    (void)after;
    TRY(live_edge_take(items, &e));
    sum->late += e.serves;
    metric_put_one(s, METRIC_EDGE_DRAINING, e.draining);
    metric_put_time(s, METRIC_EDGE_START, none, e.since_us);
    metric_put_one(s, METRIC_UNDER_WAY, e.under_way);
    metric_put_of(s, METRIC_HANDSHAKES_REFUSED, "address", e.refused_addresses);
    metric_put_of(s, METRIC_HANDSHAKES_REFUSED, "unit", e.refused_units);
    return RESULT_OK;
}

/* No answer of the edge: it is not there. */
static void end_edge(struct metric_set *s, const struct metrics_sum *sum)
{
    metric_put_one(s, METRIC_EDGE_UP, sum->late > 0);
}

static enum result take_role(struct metric_set *s, struct metrics_sum *sum, struct cursor *items,
                             struct buf *after)
{
    struct live_role r;
    (void)sum;
    (void)after;
    TRY(live_role_take(items, &r));
    const char *name = ipc_role_name((enum ipc_role)r.role);
    metric_put_of(s, METRIC_ROLE_UP, name, r.pid != 0);
    metric_put_of(s, METRIC_ROLE_ENDS, name, r.ends);
    if (r.pid != 0)
        metric_put_time(s, METRIC_ROLE_START, bytes_of_text(name), r.since_us);
    return RESULT_OK;
}

static enum result take_unit(struct metric_set *s, struct metrics_sum *sum, struct cursor *items,
                             struct buf *after)
{
    struct live_unit u;
    (void)sum;
    TRY(live_unit_take(items, &u));
    metric_put(s, METRIC_SESSIONS, u.unit, none, u.sessions);
    metric_put(s, METRIC_STREAMS, u.unit, none, u.streams);
    metric_put(s, METRIC_WATCHERS, u.unit, none, u.watchers);
    metric_put(s, METRIC_SUBSCRIBERS, u.unit, none, u.subscribers);
    buf_printf(after, "%" PRIu64, u.number);
    return RESULT_OK;
}

static void put_lanes(struct metric_set *s, const struct live_party *p)
{
    for (unsigned i = 0; i < ROAD_LANES; i++) {
        const struct live_lane *lane = &p->lane[i];
        const struct bytes word = bytes_of_text(road_lane_word(i));
        metric_put(s, METRIC_LANE_WAITING, p->party, word, lane->waiting);
        metric_put(s, METRIC_LANE_UNACKNOWLEDGED, p->party, word, lane->unacknowledged);
        if (lane->oldest_us != 0)
            metric_put_time_of(s, METRIC_LANE_OLDEST, p->party, word, lane->oldest_us);
    }
}

static enum result take_party(struct metric_set *s, struct metrics_sum *sum, struct cursor *items,
                              struct buf *after)
{
    struct live_party p;
    (void)sum;
    TRY(live_party_take(items, &p));
    metric_put(s, METRIC_QUEUE_WAITING, p.party, none, p.waiting);
    metric_put(s, METRIC_QUEUE_UNACKNOWLEDGED, p.party, none, p.unacknowledged);
    put_lanes(s, &p);
    metric_put(s, METRIC_PARTY_SUSPENDED, p.party, none, p.suspended_us != 0);
    buf_put(after, p.party.p, p.party.n);
    return RESULT_OK;
}

static enum result take_case(struct metric_set *s, struct metrics_sum *sum, struct cursor *items,
                             struct buf *after)
{
    struct control_item i;
    (void)s;
    TRY(control_item_take(items, &i));
    sum->late += i.overdue || (i.due_us != 0 && i.due_us <= sum->now_us);
    buf_put(after, i.subject.p, i.subject.n);
    return RESULT_OK;
}

static void end_cases(struct metric_set *s, const struct metrics_sum *sum, const char *kind)
{
    metric_put_of(s, METRIC_CASES, kind, sum->items);
    metric_put_of(s, METRIC_CASES_OVERDUE, kind, sum->late);
}

static void end_approvals(struct metric_set *s, const struct metrics_sum *sum)
{
    end_cases(s, sum, "approval");
}

static void end_quarantine(struct metric_set *s, const struct metrics_sum *sum)
{
    end_cases(s, sum, "quarantine");
}

static void end_emergencies(struct metric_set *s, const struct metrics_sum *sum)
{
    end_cases(s, sum, "emergency");
}

/* Those that are due first come first. */
static enum result take_due(struct metric_set *s, struct metrics_sum *sum, struct cursor *items,
                            struct buf *after)
{
    struct control_item i;
    (void)s;
    TRY(control_item_take(items, &i));
    const bool is_late = i.due_us != 0 && i.due_us <= sum->now_us;
    sum->late += is_late && !i.went_ahead;
    sum->is_enough = !is_late;
    buf_put(after, i.subject.p, i.subject.n);
    return RESULT_OK;
}

static void end_due(struct metric_set *s, const struct metrics_sum *sum)
{
    metric_put_one(s, METRIC_SCOPES_OVERDUE, sum->late);
}

static const struct metrics_list lists[] = {{CONTROL_LEDGER, take_ledger, NULL},
                                            {CONTROL_EDGE, take_edge, end_edge},
                                            {CONTROL_ROLES, take_role, NULL},
                                            {CONTROL_UNITS, take_unit, NULL},
                                            {CONTROL_PARTIES, take_party, NULL},
                                            {ROAD_APPROVAL, take_case, end_approvals},
                                            {ROAD_QUARANTINE, take_case, end_quarantine},
                                            {ROAD_EMERGENCY, take_case, end_emergencies},
                                            {CONTROL_DUE, take_due, end_due}};

const struct metrics_list *metrics_list_at(size_t i)
{
    return i < ARRAY_LEN(lists) ? &lists[i] : NULL;
}
