/*
 * Destroying: the index says what is doomed, then the halves are erased, then the bytes go, then
 * the index says that they are destroyed. A crash between two of these steps: vault_open finds what
 * is doomed, and does the rest again; nothing is recorded as destroyed before it is. A full disk
 * keeps nothing from being destroyed, as long as the items and the key store share it.
 */
#include "vault/state.h"

#include "base/mem.h"
#include "journal/file.h"

#include <stdio.h>

#define UNREPORTED_KEPT (400 * US_PER_DAY) /* what no order ever came for */

/* The items whose halves survive, found by their slots. */
struct survivors {
    const struct vault *v;
    struct map *by_slot;
};

static struct bytes slot_of(const void *item)
{
    return bytes_of(&((const struct vault_entry *)item)->slot, sizeof(uint64_t));
}

static bool survives(void *arg, uint64_t slot, bool gateways)
{
    const struct survivors *s = arg;
    const struct vault_entry *e = map_get(s->by_slot, bytes_of(&slot, sizeof slot));
    return e != NULL && !(gateways && vault_is_away_too_long(s->v, e));
}

enum result vault_erase_halves(struct vault *v)
{
    struct survivors s = {v, map_new(slot_of)};
    for (size_t i = 0; i < v->index->entries; i++) {
        struct vault_entry *e = v->index->entry[i];
        if (e->state == VAULT_KEPT || e->state == VAULT_RECORDING)
            (void)map_add(s.by_slot, e);
    }
    enum result r = vault_keys_keep(v->keys, survives, &s);
    map_free(s.by_slot);
    return r;
}

static enum result remove_doomed(const struct vault *v)
{
    for (size_t i = 0; i < v->index->entries; i++)
        if (v->index->entry[i]->state == VAULT_DOOMED)
            TRY(vault_item_remove(v, v->index->entry[i]->record));
    return folder_sync(v->config.items);
}

/* On a full disk the bytes of what is doomed go first, and make the room. Whatever this ends at, it
 * is still to be destroyed then. */
static enum result make_room_for(enum result (*step)(struct vault *v), struct vault *v)
{
    enum result r = step(v);
    if (r != RESULT_FULL)
        return r;
    TRY(remove_doomed(v));
    return step(v);
}

enum result vault_destroy_doomed(struct vault *v)
{
    bool any = false;
    for (size_t i = 0; i < v->index->entries; i++)
        any = any || v->index->entry[i]->state == VAULT_DOOMED;
    if (!any)
        return RESULT_OK;
    TRY(make_room_for(vault_erase_halves, v));
    TRY(remove_doomed(v));
    for (size_t i = 0; i < v->index->entries; i++) {
        struct vault_entry *e = v->index->entry[i];
        if (e->state != VAULT_DOOMED)
            continue;
        e->state = VAULT_DESTROYED;
        e->destroyed_us = vault_now(v);
    }
    return vault_save(v);
}

/* ---- what is asked for */

static void note_order(struct vault_entry *e, const char *order)
{
    (void)snprintf(e->order, sizeof e->order, "%s", order);
    e->reported_us = 0;
}

/* One item of an order, or of a deadline. */
static enum result doom(struct vault *v, uint64_t record, const char *order, uint8_t cause)
{
    struct vault_entry *e = vault_index_get(v->index, record);
    if (e == NULL && order[0] == '\0')
        return RESULT_OK;
    if (e == NULL) {
        e = vault_index_add(v->index, record);
        if (e == NULL)
            return RESULT_FULL;
        e->state = VAULT_NEVER_STORED;
        e->destroyed_us = vault_now(v);
        e->cause = cause;
    }
    if (e->held_us != 0 && order[0] == '\0')
        return RESULT_OK;
    if (e->state == VAULT_KEPT || e->state == VAULT_RECORDING) {
        e->state = VAULT_DOOMED;
        e->cause = cause;
        e->held_us = 0;
    }
    if (order[0] != '\0')
        note_order(e, order);
    return RESULT_OK;
}

static enum result doom_all(struct vault *v, const uint64_t *record, size_t n, const char *order,
                            uint8_t cause)
{
    v->is_known = false; /* until it is written */
    for (size_t i = 0; i < n; i++)
        TRY(doom(v, record[i], order, cause));
    TRY(make_room_for(vault_save, v));
    return vault_destroy_doomed(v);
}

enum result vault_destroy(struct vault *v, const uint64_t *record, size_t n, const char *order,
                          uint8_t cause)
{
    if (n > VAULT_ASK_MAX || strlen(order) > VAULT_WORD_MAX)
        return RESULT_TOO_LARGE;
    TRY(vault_lock(v));
    enum result r = doom_all(v, record, n, order, cause);
    vault_unlock(v);
    return r;
}

/* ---- deadlines */

static bool is_here(const struct vault_entry *e)
{
    return e->state == VAULT_KEPT || e->state == VAULT_RECORDING;
}

static bool has_deadline(const struct vault_entry *e)
{
    return is_here(e) && e->destroy_by_us != 0 && e->held_us == 0;
}

size_t vault_due(const struct vault *v, uint64_t *record, size_t most)
{
    int64_t now_us = vault_now(v);
    size_t count = 0;
    for (size_t i = 0; i < v->index->entries && count < most; i++) {
        const struct vault_entry *e = v->index->entry[i];
        if (has_deadline(e) && e->destroy_by_us <= now_us)
            record[count++] = e->record;
    }
    return count;
}

int64_t vault_next_due(const struct vault *v)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < v->index->entries; i++) {
        const struct vault_entry *e = v->index->entry[i];
        if (has_deadline(e) && e->destroy_by_us < next)
            next = e->destroy_by_us;
    }
    return next;
}

/* ---- what is over */

static bool is_forgotten(const struct vault_entry *e, int64_t now_us)
{
    const bool is_owed = e->receipt_required || e->order[0] != '\0';
    if (is_here(e) || e->state == VAULT_DOOMED || (is_owed && e->reported_us == 0))
        return false;
    return now_us >=
           time_after(e->reported_us != 0 ? e->reported_us : e->destroyed_us, VAULT_REPORTED_KEPT);
}

/* Only once the gateway has accepted something, as it does at no wrong time: an order for what is
 * forgotten is answered with "never stored". */
static bool is_given_up(const struct vault_entry *e, int64_t now_us)
{
    return !is_here(e) && e->state != VAULT_DOOMED && e->reported_us == 0 &&
           now_us >= time_after(e->destroyed_us, UNREPORTED_KEPT);
}

void vault_forget_old(struct vault *v)
{
    vault_index_drop(v->index, is_forgotten, vault_now(v));
}

/* ---- receipts */

enum result vault_reported(struct vault *v, const char *order)
{
    TRY(vault_lock(v));
    for (size_t i = 0; i < v->index->entries; i++) {
        struct vault_entry *e = v->index->entry[i];
        if (e->order[0] != '\0' && strcmp(e->order, order) == 0)
            e->reported_us = vault_now(v);
    }
    vault_index_drop(v->index, is_given_up, vault_now(v));
    enum result r = vault_save(v);
    vault_unlock(v);
    return r;
}
