/*
 * What officers hold at the gateway, for an order of the Commission or a court, is kept here too:
 * asked for every minute, and again before anything is destroyed at its deadline. What was said
 * last counts while the gateway is away. When it cannot be asked, deadlines wait for it for a few
 * seconds, once: then an item whose hold was never heard of is destroyed.
 */
#include "base/mem.h"
#include "cli/agent/vault_run.h"

#include <string.h>

/* Ticks, of a second. */
enum { ASK_EVERY = 60, FRESH = 5, DEADLINES_WAIT = 10 };

static void ask(struct vault_run *r, uint64_t from);

static void all_is_known(struct vault_run *r)
{
    r->held_age = r->held_waits = 0;
    vault_deadlines(r);
}

static enum result keep(struct vault_run *r, uint64_t from, const struct fedgate_held *held)
{
    struct vault_hold *hold = mem_new_array(held->holds + 1, sizeof *hold);
    for (size_t i = 0; i < held->holds; i++)
        hold[i] = (struct vault_hold){.subject = held->hold[i].subject,
                                      .since_us = held->hold[i].since_us,
                                      .record = held->hold[i].index,
                                      .records = held->hold[i].count};
    enum result result = vault_hold(r->place.vault, from, held->next, hold, held->holds);
    mem_free(hold);
    return result;
}

static void told(void *arg, const struct fedgate_held *held, const struct fedgate_end *end)
{
    struct vault_run *r = arg;
    const uint64_t from = r->held_from;
    r->asking = false;
    if (r->finishing)
        return;
    if (held == NULL && end->status == FEDGATE_UNIMPLEMENTED) /* it tells of no holds */
        all_is_known(r);
    if (held == NULL || strcmp(held->origin, vault_origin(r->place.vault)) != 0 ||
        (held->next != 0 && held->next <= from))
        return; /* asked again in a later tick */
    enum result result = keep(r, from, held);
    if (vault_run_is_full(r, result))
        r->held_waits = 0; /* what was said now must not be forgotten: deadlines go on waiting */
    else if (result != RESULT_OK)
        vault_run_failed(r, result);
    else if (held->next != 0)
        ask(r, held->next);
    else
        all_is_known(r);
}

static const struct fedgate_held_events held_events = {told};

static void ask(struct vault_run *r, uint64_t from)
{
    r->held_from = from;
    r->asking = fedgate_vault_held(r->agent.client, from, &held_events, r) == FEDGATE_OK;
}

void vault_held_tick(struct vault_run *r)
{
    if (!r->agent.connected)
        r->held_age = VAULT_HELD_NEVER;
    else if (r->held_age < VAULT_HELD_NEVER)
        r->held_age++;
    if (r->agent.connected && !r->asking &&
        (r->held_age >= ASK_EVERY || (r->held_age >= FRESH && r->held_waits > 0)))
        ask(r, 0);
}

bool vault_held_is_known(struct vault_run *r)
{
    if (r->held_age < FRESH || r->held_waits == DEADLINES_WAIT)
        return true;
    r->held_waits++;
    return false;
}
