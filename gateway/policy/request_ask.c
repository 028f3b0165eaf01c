/* From a request to a question that can be decided. */
#include "policy/request.h"

#include "base/mem.h"

/* An incident that is closed has no open part. */
static void settle(struct request_incident *i, int64_t now_us)
{
    i->state.opened_us = i->opened.given ? moment_us(&i->opened, now_us) : now_us;
    i->state.ended_us = moment_us(&i->closed, now_us);
    i->state.found_us = moment_us(&i->found, now_us);
    for (size_t k = 0; i->closed.given && k < i->state.participants; k++)
        i->state.participant[k].open = false;
    for (size_t k = 0; k < i->emergencies; k++)
        i->state.emergency[k].until_us = moment_us(&i->emergency_until[k], now_us);
    if (i->emergencies == 0)
        i->state.emergency[0] = (struct incident_emergency){{0}, 0};
}

static void settle_times(struct request *q)
{
    for (size_t i = 0; i < q->incidents; i++)
        settle(&q->incident[i], q->now_us);
    if (q->has_facts)
        return;
    q->facts.created_us = q->now_us;
    q->facts.recorded_us = moment_us(&q->recorded, q->now_us);
    q->facts.destroy_by_us = moment_us(&q->destroy_by, q->now_us);
    q->facts.consent.until_us = moment_us(&q->consent_until, q->now_us);
    if (q->names_incidents)
        return;
    q->facts.incidents = q->incidents;
    for (size_t i = 0; i < q->incidents; i++)
        q->facts.incident[i] = q->incident[i].id;
}

static const struct incident *find(const struct request *q, struct bytes id)
{
    for (size_t i = 0; i < q->incidents; i++)
        if (bytes_equal(q->incident[i].id, id))
            return &q->incident[i].state;
    return NULL;
}

/* ---- suspensions */

static void set_bit(uint64_t *set, uint32_t i)
{
    set[i / 64] |= UINT64_C(1) << (i % 64);
}

static void suspend(const struct policy *p, struct bytes name, struct request_asked *asked)
{
    uint32_t grant = policy_clause(p, name);
    if (grant != POLICY_NONE)
        set_bit(asked->grants_suspended, grant);
    for (uint32_t i = 0; i < policy_units(p); i++)
        if (bytes_is(name, policy_unit_name(p, i)) || bytes_is(name, policy_unit_party(p, i)))
            set_bit(asked->units_suspended, i);
}

static void suspend_all(const struct request *q, struct request_asked *asked)
{
    const struct node *n = q->suspended;
    *asked = (struct request_asked){NULL, NULL};
    if (n == NULL)
        return;
    asked->grants_suspended = mem_new_array(policy_grants(q->p) / 64 + 1, sizeof(uint64_t));
    asked->units_suspended = mem_new_array(policy_units(q->p) / 64 + 1, sizeof(uint64_t));
    if (node_type(n) == NODE_TEXT)
        suspend(q->p, node_text(n), asked);
    for (size_t i = 0; node_type(n) == NODE_LIST && i < node_count(n); i++)
        suspend(q->p, node_text(node_item(n, i)), asked);
}

void request_free(struct request_asked *asked)
{
    mem_free(asked->grants_suspended);
    mem_free(asked->units_suspended);
    *asked = (struct request_asked){NULL, NULL};
}

/* ---- asking */

size_t request_recipients(const struct request *q, uint32_t to[POLICY_REACH_MAX])
{
    if (q->facts.tos == 0)
        return policy_reach(q->p, q->facts.kind, policy_unit(q->p, q->facts.source), to);
    for (size_t i = 0; i < q->facts.tos; i++)
        to[i] = policy_unit(q->p, q->facts.to[i]);
    return q->facts.tos;
}

const struct zone *request_zone(const struct policy *p)
{
    return zone_named(p->header->zone_offset_us == 0 ? "UTC" : "Asia/Seoul");
}

enum reason request_ask(struct request *q, struct policy_question *out, struct request_asked *asked,
                        const char **failed)
{
    const struct incident *known[FACTS_INCIDENT_MAX];
    settle_times(q);
    for (size_t i = 0; i < q->facts.incidents; i++)
        known[i] = find(q, q->facts.incident[i]);
    enum reason r =
        policy_ask(q->p, &q->facts, q->watched ? &q->watcher : NULL, known, q->now_us, out, failed);
    suspend_all(q, asked);
    out->state = (struct policy_state){.regions_active = q->regions_active,
                                       .consent = q->consent,
                                       .grants_suspended = asked->grants_suspended,
                                       .units_suspended = asked->units_suspended};
    return r;
}
