/* Opening: the journal is read again from its beginning, the key file says which keys there still
 * are, and the keeper is given them. */
#include "ledger/acts.h"
#include "ledger/owed.h"
#include "ledger/clocks.h"
#include "ledger/halves.h"
#include "ledger/transparency.h"
#include "ledger/prune.h"
#include "ledger/register.h"
#include "ledger/snapshot.h"
#include "ledger/views.h"

#include "base/mem.h"

#include <stdio.h>

/* ---- making and freeing */

static struct bytes incident_key(const void *item)
{
    return bytes_of_text(((const struct ledger_incident *)item)->is.id);
}

static struct bytes stream_key(const void *item)
{
    return bytes_of(&((const struct ledger_stream *)item)->index, sizeof(uint64_t));
}

static struct bytes duty_key(const void *item)
{
    const struct ledger_duty *d = item;
    return bytes_of(d->key, sizeof d->key);
}

static struct bytes name_key(const void *item)
{
    return bytes_of(&((const struct duty_name *)item)->index, sizeof(uint64_t));
}

static struct bytes case_name(const void *item)
{
    return bytes_of(((const struct ledger_case *)item)->key, CASE_KEY);
}

static void make_state(struct ledger *l)
{
    stored_round_init(&l->messages);
    l->scopes = spool_scopes_new();
    l->queues = spool_queues_new();
    l->successions = successions_new();
    l->seen = seen_new();
    l->incidents = map_new(incident_key);
    l->streams = map_new(stream_key);
    l->standing = standing_new();
    l->duties = map_new(duty_key);
    l->names = map_new(name_key);
    l->cases = map_new(case_name);
    l->acts = acts_new();
    l->owing = owing_new();
    l->halves = halves_new();
}

static struct ledger *new_ledger(const struct ledger_config *config)
{
    struct ledger *l = mem_new(sizeof *l);
    *l = (struct ledger){.config = *config,
                         .hasher = hasher_new(),
                         .in_force = BUF_INIT(8192),
                         .recovering = true,
                         .outbox = BUF_INIT(SIZE_MAX / 2),
                         .record = BUF_INIT(CHANNEL_MESSAGE_MAX),
                         .leaf = BUF_INIT(LEAF_MAX + 64),
                         .scratch = BUF_INIT(CHANNEL_MESSAGE_MAX),
                         .prune = {.text = BUF_INIT(CONTROL_REQUEST_MAX),
                                   .signature = BUF_INIT(CONTROL_REQUEST_MAX)},
                         .answer = BUF_INIT(CHANNEL_MESSAGE_MAX),
                         .publishing = BUF_INIT(CHANNEL_MESSAGE_MAX)};
    l->snapshot.read = l->snapshot.item = BUF_INIT(CHANNEL_MESSAGE_MAX);
    make_state(l);
    return l;
}

static void free_deliveries(struct ledger *l)
{
    size_t at = 0;
    struct spool_scope *x;
    struct heap_entry *e;
    while ((x = spool_scopes_next(l->scopes, &at)) != NULL)
        while (!TAILQ_EMPTY(&x->deliveries))
            ledger_end_delivery(l, TAILQ_FIRST(&x->deliveries), 0);
    while ((e = heap_first(&l->outcomes_due)) != NULL)
        ledger_end_delivery(l, CONTAINER_OF(e, struct delivery, due), 0);
    orders_end_deliveries(l);
}

/* What is left in the round when all else is gone. */
static void free_acts_kept(struct ledger *l)
{
    struct stored *s;
    while ((s = TAILQ_FIRST(&l->messages.turns)) != NULL)
        stored_drop(&l->messages, s);
}

static void free_state(struct ledger *l)
{
    size_t at;
    struct ledger_incident *i;
    struct ledger_stream *s;
    l->snapshot.step = SNAPSHOT_NONE;
    l->ending = true;
    free_deliveries(l);
    duty_free_all(l);
    MAP_FOREACH (i, l->incidents, at)
        mem_free(i);
    MAP_FOREACH (s, l->streams, at)
        mem_free(s);
    map_free(l->incidents);
    map_free(l->streams);
    standing_free(l->standing);
    map_free(l->duties);
    map_free(l->names);
    cases_free(l);
    acts_free(l->acts);
    owing_free(l);
    halves_free(l->halves);
    successions_free(l->successions);
    spool_queues_free(l->queues);
    spool_scopes_free(l->scopes);
    seen_free(l->seen);
    free_acts_kept(l);
    heap_free(&l->outcomes_due);
    heap_free(&l->incidents_over);
    heap_free(&l->duties_due);
    heap_free(&l->duties_over);
}

void ledger_forget(struct ledger *l)
{
    free_state(l);
    make_state(l);
    l->ending = false;
    buf_clear(&l->in_force);
    l->highest_serial = l->leaves = l->register_scope = 0;
    l->high_water_us = l->register_ends_us = 0;
}

void ledger_close(struct ledger *l)
{
    if (l == NULL)
        return;
    free_state(l);
    journal_close(l->journal);
    transparency_free(l->transparency);
    views_free(l->views);
    tiles_close(l->tiles);
    slots_free(l->slots);
    buf_free(&l->in_force);
    hasher_free(l->hasher);
    mem_free(l->destruction.scope);
    buf_free(&l->snapshot.read);
    buf_free(&l->snapshot.item);
    buf_free(&l->outbox);
    buf_free(&l->record);
    buf_free(&l->leaf);
    buf_free(&l->scratch);
    buf_free(&l->answer);
    buf_free(&l->publishing);
    buf_free(&l->prune.text);
    buf_free(&l->prune.signature);
    mem_free(l);
}

/* ---- reading again */

static enum result apply_record(void *arg, const struct journal_record *r)
{
    return snapshot_read(arg, r);
}

static enum result ask_keys(struct ledger *l, uint8_t mac_key[ROAD_KEY])
{
    struct buf reply = BUF_INIT(4096);
    struct keys_ledger keys;
    enum result r = l->config.ask(l->config.arg, IPC_LEDGER_KEYS, bytes_of(NULL, 0),
                                  IPC_LEDGER_KEYS_ARE, &reply);
    struct cursor in = cursor_over(buf_view(&reply));
    if (r == RESULT_OK)
        r = keys_ledger_take(&in, &keys);
    if (r == RESULT_OK)
        r = note_key_make(l->hasher, bytes_of_text(l->config.log_name), NOTE_KEY_ED25519,
                          keys.log_public_key, &l->log_key);
    if (r == RESULT_OK) {
        memcpy(mac_key, keys.mac_key, ROAD_KEY);
        l->generation = keys.generation;
    }
    mem_wipe(&keys, sizeof keys);
    buf_free(&reply);
    return r;
}

static void adopt_slot(void *arg, const struct keys_slot *slot)
{
    struct ledger *l = arg;
    struct spool_scope *x = spool_scopes_get(l->scopes, slot->id);
    if (x != NULL)
        x->slot = *slot;
}

static enum result leaf_started(struct ledger *l)
{
    struct leaf leaf = {.event = AUDIT_GATEWAY_STARTED};
    if (l->config.attained != NULL)
        leaf.detail = bytes_of_text(l->config.attained);
    return ledger_leaf(l, &leaf, NULL);
}

static enum result open_files(struct ledger *l, struct journal_fault *fault)
{
    struct journal_config config = {.folder = l->config.journal_folder,
                                    .segment_bytes = l->config.segment_bytes,
                                    .spares = l->config.spare_segments,
                                    .second_folder = l->config.urgent_folder,
                                    .second_spares = l->config.urgent_segments,
                                    .log = l->config.log,
                                    .aside = l->config.journal_aside};
    enum result r = ask_keys(l, config.mac_key);
    if (r == RESULT_OK)
        r = tiles_open(l->config.audit_folder, &l->tiles, fault->text, sizeof fault->text);
    if (r == RESULT_OK) {
        tiles_write_aside(l->tiles, l->config.log_aside);
        r = prune_resume(l);
        if (r == RESULT_DAMAGED)
            (void)snprintf(fault->text, sizeof fault->text,
                           "pruned: the file is not what was written");
    }
    if (r == RESULT_OK)
        r = journal_open(&config, apply_record, l, &l->journal, fault);
    l->is_over = r == RESULT_OK && journal_is_over(l->journal);
    if (r == RESULT_OK)
        r = snapshot_read_all(l, fault);
    if (r == RESULT_OK && tiles_size(l->tiles) > l->leaves) {
        (void)snprintf(fault->text, sizeof fault->text,
                       "the audit log has entries that the journal does not know");
        r = RESULT_DAMAGED;
    }
    if (r == RESULT_OK) {
        l->slots = slots_new(l->config.key_folder, config.mac_key);
        r = slots_read(l->slots, l->generation, adopt_slot, l);
        if (r == RESULT_NOT_FOUND)
            r = RESULT_OK;
        else if (r == RESULT_DAMAGED)
            (void)snprintf(fault->text, sizeof fault->text, "the key file is damaged");
    }
    mem_wipe(config.mac_key, sizeof config.mac_key);
    return r;
}

enum result ledger_open(const struct ledger_config *config, struct ledger **out,
                        struct journal_fault *fault)
{
    struct ledger *l = new_ledger(config);
    *fault = (struct journal_fault){0};
    enum result r = open_files(l, fault);
    l->recovering = false;
    if (r == RESULT_OK) {
        l->transparency = transparency_new(l);
        l->views = views_new(l);
        clocks_begin(l);
        l->ended_below = l->leaves;
        r = leaf_started(l);
    }
    if (r == RESULT_OK)
        r = ledger_commit(l); /* which looks for room, when the copy at the start had none */
    if (r == RESULT_OK)
        r = events_end_all(l, "restart");
    if (r == RESULT_OK)
        r = destruction_record_lost(l);
    if (r == RESULT_OK)
        r = ledger_keeper_came(l);
    if (r == RESULT_OK)
        r = register_renew(l, ledger_now(l));
    if (r == RESULT_OK)
        r = ledger_commit(l);
    if (r != RESULT_OK) {
        ledger_close(l);
        return r;
    }
    *out = l;
    return RESULT_OK;
}

enum result ledger_keeper_came(struct ledger *l)
{
    struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX), reply = BUF_INIT(CHANNEL_MESSAGE_MAX);
    size_t at = 0;
    const struct spool_scope *x;
    while ((x = spool_scopes_next(l->scopes, &at)) != NULL)
        if (!x->dying)
            keys_slot_put(&x->slot, &body);
    enum result r =
        l->config.ask(l->config.arg, IPC_SCOPES_LOAD, buf_view(&body), IPC_SCOPES_LOADED, &reply);
    if (r == RESULT_OK && reply.n > 0) {
        log_line(l->config.log, LOG_ALARM, "scopes-lost",
                 "count=%zu why=\"the keeper's secret does not open them\"",
                 reply.n / sizeof(uint64_t));
        r = RESULT_DAMAGED;
    }
    buf_free(&body);
    buf_free(&reply);
    return r;
}
