#include "ledger/live.h"

#include "base/mem.h"
#include "ipc/activation.h"
#include "ledger/acts.h"
#include "ledger/clocks.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what waits in queues, and what consumers have in hand, by lanes: each queue and sender there
 * is looked at once, however much they have */

_Static_assert((int)LANES == (int)ROAD_LANES, "the lanes that are told are those of the queues");

/* Each sender's messages stand in the order in which they came, so that the oldest of a lane is one
 * of those in front. (A position that took the place of an older one is as old as itself.) */
static void count_flow(const struct spool_flow *flow, struct live_lane *lane)
{
    lane->waiting += flow->entries;
    if (flow->first == NULL)
        return;
    const int64_t at_us = flow->first->delivery->stored->at_us;
    if (lane->oldest_us == 0 || at_us < lane->oldest_us)
        lane->oldest_us = at_us;
}

static void count_hand(const struct spool_queue *queue, struct live_lane lane[LANES])
{
    for (size_t i = 0; i < LANES && queue->has_consumer; i++)
        lane[i].unacknowledged += queue->consumer.hand[i];
}

/* Behind all of them: what is in hand does not wait. */
static void sum_lanes(struct live_lane lane[LANES], uint64_t *waiting, uint64_t *unacknowledged)
{
    for (size_t i = 0; i < LANES; i++) {
        lane[i].waiting -= lane[i].unacknowledged;
        *waiting += lane[i].waiting;
        *unacknowledged += lane[i].unacknowledged;
    }
}

/* ---- the ledger itself */

static void count_queues(const struct ledger *l, struct live_ledger *out)
{
    const struct spool_queue *queue;
    struct spool_walk walk = {0};
    struct spool_flow flow;
    size_t at = 0;
    while (spool_flows_next(l->queues, &at, &flow))
        count_flow(&flow, &out->lane[flow.lane]);
    while ((queue = spool_queues_next(l->queues, &walk)) != NULL)
        count_hand(queue, out->lane);
    sum_lanes(out->lane, &out->waiting, &out->unacknowledged);
}

static void put_ledger(const struct ledger *l, struct control_answer *a, struct buf *items)
{
    struct activation set = {0};
    struct cursor in = cursor_over(buf_view(&l->in_force));
    struct live_ledger is = {.entries = l->leaves,
                             .published = l->published_size,
                             .signed_us = l->signed_us,
                             .suspensions = map_count(l->acts->suspensions),
                             .scopes = spool_scopes_count(l->scopes),
                             .deliverable = ledger_deliverable(l),
                             .second_device = l->is_over,
                             .log_is_full = l->log_is_full,
                             .clock_is_held = clocks_are_held(l),
                             .edge_is_there = l->has_edge};
    const struct ledger_incident *i;
    const struct ledger_case *x;
    size_t at;
    if (l->in_force.n > 0 && activation_take(&in, &set) == RESULT_OK) {
        is.set = set.set;
        is.serial = set.serial;
    }
    MAP_FOREACH (i, l->incidents, at)
        is.incidents += incident_is_open(&i->is);
    MAP_FOREACH (x, l->cases, at)
        is.cases += case_is_open(x);
    count_queues(l, &is);
    live_ledger_put(&is, items);
    a->items = 1;
}

/* ---- lists of what has a name */

/* Whether the list goes on behind this name, in the order of names. */
static bool is_behind(const struct control_request *r, const char *name)
{
    const size_t n = strlen(name), least = n < r->after.n ? n : r->after.n;
    const int order = least == 0 ? 0 : memcmp(name, r->after.p, least);
    return order > 0 || (order == 0 && n > r->after.n);
}

/* ---- incidents */

static int by_id(const void *a, const void *b)
{
    return strcmp((*(struct ledger_incident *const *)a)->is.id,
                  (*(struct ledger_incident *const *)b)->is.id);
}

static void put_incident(const struct incident *i, struct buf *out)
{
    const struct live_incident is = {.id = bytes_of_text(i->id),
                                     .type = bytes_of_text(i->type),
                                     .owner = bytes_of_text(i->owner),
                                     .participants = (uint32_t)i->participants,
                                     .assigned = (uint32_t)i->assignments,
                                     .status = i->status,
                                     .emergency = i->emergency[0].mou[0] != '\0',
                                     .opened_us = i->opened_us,
                                     .ended_us = i->ended_us};
    live_incident_put(&is, out);
}

static void list_incidents(const struct ledger *l, const struct control_request *r,
                           struct control_answer *a, struct buf *items)
{
    struct ledger_incident **all = mem_new_array(map_count(l->incidents) + 1, sizeof *all), *i;
    size_t count = 0, at;
    MAP_FOREACH (i, l->incidents, at)
        if (i->is.exists && is_behind(r, i->is.id))
            all[count++] = i;
    qsort(all, count, sizeof(struct ledger_incident *), by_id);
    for (; a->items < count && a->items < CONTROL_ITEMS_MAX; a->items++)
        put_incident(&all[a->items]->is, items);
    a->more = a->items < count;
    mem_free(all);
}

/* ---- parties */

struct party_row {
    struct ledger_party party;
    struct live_lane lane[LANES];
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct party_row *)a)->party.name,
                  ((const struct party_row *)b)->party.name);
}

/* A party's name in front of its unit, against that of a row. */
static int against_name(const void *party, const void *row)
{
    const struct bytes *p = party;
    const char *name = ((const struct party_row *)row)->party.name;
    const int order = strncmp((const char *)p->p, name, p->n);
    return order == 0 && name[p->n] != '\0' ? -1 : order;
}

/* Among rows that are in order; NULL: the set does not have the queue's party any more. */
static struct party_row *row_of(struct party_row *row, size_t rows, const struct spool_queue *queue)
{
    struct bytes party;
    return ident_split_unit(bytes_of_text(queue->unit), &party, NULL)
               ? bsearch(&party, row, rows, sizeof *row, against_name)
               : NULL;
}

static void count_party_queues(const struct ledger *l, struct party_row *row, size_t rows)
{
    const struct spool_queue *queue;
    struct spool_walk walk = {0};
    struct spool_flow flow;
    size_t at = 0;
    struct party_row *x;
    while (spool_flows_next(l->queues, &at, &flow))
        if ((x = row_of(row, rows, flow.queue)) != NULL)
            count_flow(&flow, &x->lane[flow.lane]);
    while ((queue = spool_queues_next(l->queues, &walk)) != NULL)
        if (queue->has_consumer && (x = row_of(row, rows, queue)) != NULL)
            count_hand(queue, x->lane);
}

static void put_party(const struct ledger *l, const struct party_row *row, struct buf *out)
{
    char subject[CONTROL_SUBJECT_MAX + 1];
    (void)snprintf(subject, sizeof subject, "party %s", row->party.name);
    const struct suspension *s = suspension_get(l, bytes_of_text(subject));
    struct live_party is = {.party = bytes_of_text(row->party.name),
                            .units = (uint32_t)row->party.units,
                            .suspended_us = s == NULL ? 0 : s->since_us};
    memcpy(is.lane, row->lane, sizeof is.lane);
    sum_lanes(is.lane, &is.waiting, &is.unacknowledged);
    live_party_put(&is, out);
}

static void list_parties(const struct ledger *l, const struct control_request *r,
                         struct control_answer *a, struct buf *items)
{
    struct ledger_party party;
    size_t count = 0, rows = 0;
    while (l->config.party != NULL && l->config.party(l->config.arg, count, &party))
        count++;
    struct party_row *row = mem_new_array(count + 1, sizeof *row);
    for (size_t i = 0; i < count; i++)
        if (l->config.party(l->config.arg, i, &party) && is_behind(r, party.name))
            row[rows++].party = party;
    qsort(row, rows, sizeof *row, by_name);
    a->more = rows > CONTROL_ITEMS_MAX;
    rows = a->more ? CONTROL_ITEMS_MAX : rows;
    count_party_queues(l, row, rows);
    for (; a->items < rows; a->items++)
        put_party(l, &row[a->items], items);
    mem_free(row);
}

void live_list(const struct ledger *l, const struct control_request *r, struct control_answer *a,
               struct buf *items)
{
    switch (r->list) {
    case CONTROL_LEDGER: put_ledger(l, a, items); break;
    case CONTROL_PARTIES: list_parties(l, r, a, items); break;
    default: list_incidents(l, r, a, items); break;
    }
}

/* ---- what the edge is asked */

/* A number that a list of the edge's goes on behind; nothing is 0. */
static bool number_of(struct bytes text, uint64_t *out)
{
    *out = 0;
    return text.n == 0 || (act_take_number(&text, UINT64_MAX / 2, out) && text.n == 0);
}

bool ledger_control_asks_edge(struct bytes request, struct live_ask *out)
{
    struct cursor in = cursor_over(request);
    struct control_request r;
    if (control_request_take(&in, &r) != RESULT_OK || r.ask != CONTROL_LIST ||
        r.list < CONTROL_EDGE || r.list > CONTROL_STREAMS || !number_of(r.after, &out->after))
        return false;
    out->what = (uint8_t)(r.list - CONTROL_EDGE + LIVE_EDGE);
    return true;
}

_Static_assert(CONTROL_STREAMS - CONTROL_EDGE == LIVE_STREAMS - LIVE_EDGE &&
                   (int)LIVE_ITEMS_MAX <= (int)CONTROL_ITEMS_MAX,
               "the edge's lists, in the same order");

enum result ledger_control_live(struct bytes said, uint64_t *ticket, struct buf *answer)
{
    struct cursor in = cursor_over(said);
    struct live_said head;
    TRY(live_said_take(&in, &head));
    if (!live_items_fit(in, head.what, head.items))
        return RESULT_MALFORMED;
    const struct control_answer a = {.items = head.items, .more = head.more};
    *ticket = head.ticket;
    control_answer_put(&a, answer);
    buf_put(answer, in.at, in.left);
    return RESULT_OK;
}
