/* What is recorded about streams and those who watch them. */
#include "service/register.h"
#include "service/stream.h"

#include "base/mem.h"

/* The key is there while the edge is ready, and what a stream's opening may say was checked: when a
 * fact cannot be made all the same, the leaf still is. */
static void keep_fact(const struct sender *s, const struct stream_event *event, struct buf *room,
                      struct road_fact *out)
{
    if (event->actor == NULL)
        return;
    enum result r = register_stream(s->edge, &s->facts, s->container, event->actor, out, room);
    if (r != RESULT_OK)
        log_line(s->edge->config.log, LOG_ALARM, "register-fact-lost", "unit=%s why=\"%s\"",
                 event->unit, result_text(r));
}

/* What a watcher owes for what it is sent, under the clock that a message of its clause would have
 * had. */
static void put_owed(const struct sender *s, const struct stream_event *event, struct buf *regions,
                     struct road_event *r)
{
    const struct obligations *o = event->owed;
    if (o == NULL)
        return;
    struct scope_wish wish = {.consent = event->consent,
                              .mou = bytes_of_text(o->mou),
                              .starts = o->starts,
                              .delay_us = o->starts == POLICY_STARTS_ARRIVAL ? 0 : o->delay_us,
                              .deadline_us = o->destroy_by_us};
    if (o->starts == POLICY_STARTS_DISASTER_END)
        policy_region_names(s->edge->policy, o->regions, regions);
    wish.regions = buf_view(regions);
    if (event->incident != POLICY_NONE)
        wish.incident = s->facts.incident[event->incident];
    else if (r->envelope.incidents > 0)
        wish.incident = r->envelope.incident[0];
    r->owes = true;
    r->uses = o->uses;
    r->receipt_within_us = o->receipt_within_us;
    r->suspends = o->receipt_within_us > 0 && o->overdue == POLICY_OVERDUE_SUSPEND;
    scope_terms(s->edge, &wish, &r->terms);
}

static void put_event(const struct sender *s, const struct stream_event *event, uint64_t ticket,
                      struct buf *out)
{
    struct edge *e = s->edge;
    const struct facts *f = &s->facts;
    struct buf fact = BUF_INIT(LIMIT_REQUEST), regions = BUF_INIT(ROAD_REGIONS_MAX);
    const char *reason = event->reason == REASON_NONE ? "" : reason_word(event->reason);
    struct road_event r = {
        .ticket = ticket,
        .event = (uint8_t)event->event,
        .envelope = {.source = bytes_of_text(s->session->name),
                     .kind = bytes_of_text("video"),
                     .service = policy_known(e->policy, POLICY_SERVICE, f->service),
                     .purpose = policy_known(e->policy, POLICY_PURPOSE, f->purpose),
                     .basis = policy_known(e->policy, POLICY_BASIS, f->basis),
                     .status = bytes_of_text(status_word(f->status)),
                     .lane = LANE_BULK,
                     .policy = policy_serial(e->policy),
                     .size = s->bytes},
        .at_us = edge_now(e),
        .unit = bytes_of_text(event->unit),
        .reason = bytes_of_text(reason),
        .clause = bytes_of_text(event->clause),
        .failed = bytes_of_text(event->failed),
        .refers = event->refers,
        .detail = bytes_of_text(event->detail)};
    edge_review(e, event->reason, policy_clause(e->policy, r.clause), &r.review);
    (void)uuid_parse(bytes_of_text(s->id), &r.envelope.id);
    view_name_incidents(e, f->incident, f->incidents, &r.envelope);
    keep_fact(s, event, &fact, &r.fact);
    put_owed(s, event, &regions, &r);
    road_event_put(&r, out);
    buf_free(&regions);
    buf_free(&fact);
}

void stream_record(const struct sender *s, const struct stream_event *event, struct ticket *ticket)
{
    struct edge *e = s->edge;
    buf_clear(&e->out);
    put_event(s, event, ticket == NULL ? 0 : edge_ticket(e, ticket), &e->out);
    edge_tell(e, IPC_EVENT, buf_view(&e->out));
}

/* ---- an end before the beginning is on disk */

struct late_end {
    struct ticket ticket;
    struct edge *edge;
    struct buf event; /* encoded, but for the leaf that it refers to */
};

static void free_late(struct ticket *t)
{
    struct late_end *l = CONTAINER_OF(t, struct late_end, ticket);
    buf_free(&l->event);
    mem_free(l);
}

static void beginning_recorded(struct ticket *t, uint64_t index)
{
    struct late_end *l = CONTAINER_OF(t, struct late_end, ticket);
    struct edge *e = l->edge;
    struct cursor in = cursor_over(buf_view(&l->event));
    struct road_event r;
    if (road_event_take(&in, &r) == RESULT_OK) {
        r.refers = index;
        buf_clear(&e->out);
        road_event_put(&r, &e->out);
        edge_tell(e, IPC_EVENT, buf_view(&e->out));
    }
    free_late(t);
}

void stream_record_after(const struct sender *s, const struct stream_event *event,
                         struct ticket *beginning)
{
    if (beginning->number == 0)
        return;
    struct late_end *l = mem_new(sizeof *l);
    *l = (struct late_end){.ticket = {.recorded = beginning_recorded, .lost = free_late},
                           .edge = s->edge,
                           .event = BUF_INIT(LIMIT_REQUEST)};
    put_event(s, event, 0, &l->event);
    edge_hand_ticket(s->edge, beginning, &l->ticket);
}
