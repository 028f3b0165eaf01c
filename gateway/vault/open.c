/* Opening an item, with the gateway's half from the gateway or, for a while, from the key store. */
#include "vault/state.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "journal/file.h"

#include <fcntl.h>
#include <unistd.h>

#define CONTACT_EVERY (10 * US_PER_S)

struct vault_reader {
    uint64_t record;
    int fd;
    uint64_t at, pieces;
    bool cut_off, over;
    uint8_t *key; /* in locked memory */
    struct buf sealed, context;
};

/* ---- the bytes */

static enum result open_file(struct vault_reader *r, const struct vault *v)
{
    char name[VAULT_ITEM_NAME];
    struct buf head = BUF_INIT(VAULT_ITEM_HEAD);
    uint8_t found[VAULT_ITEM_HEAD];
    size_t n = 0;
    vault_item_name(r->record, name);
    r->fd = openat(v->config.items, name, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0)
        return file_result();
    vault_item_head(r->record, &head);
    enum result result = file_read(r->fd, 0, found, sizeof found, &n);
    if (result == RESULT_OK && !bytes_equal(bytes_of(found, n), buf_view(&head)))
        result = RESULT_DAMAGED;
    r->at = head.n;
    buf_free(&head);
    return result;
}

static enum result begin(struct vault_reader *r, const struct vault *v,
                         const uint8_t half[KEY_BYTES])
{
    const struct vault_entry *e = vault_index_get(v->index, r->record);
    uint8_t own[KEY_BYTES];
    if (e == NULL || e->state == VAULT_NEVER_STORED)
        return RESULT_NOT_FOUND;
    if (e->state != VAULT_KEPT)
        return RESULT_DENIED;
    if (half == NULL && !e->alone)
        return RESULT_MISMATCH;
    TRY(vault_keys_get(v->keys, e->slot, false, own));
    vault_item_key(own, e->alone ? NULL : half, r->key);
    mem_wipe(own, sizeof own);
    r->cut_off = e->cut_off;
    return open_file(r, v);
}

enum result vault_read_begin(struct vault *v, uint64_t record, const uint8_t half[KEY_BYTES],
                             struct vault_reader **out)
{
    struct vault_reader *r = mem_new(sizeof *r);
    *r = (struct vault_reader){.record = record, .fd = -1, .key = secret_new(KEY_BYTES)};
    r->sealed = BUF_INIT(VAULT_PIECE + SEAL_TAG);
    r->context = BUF_INIT(VAULT_CONTEXT);
    enum result result = r->key == NULL ? RESULT_NO_MEMORY : vault_lock(v);
    if (result == RESULT_OK) {
        result = begin(r, v, half);
        vault_unlock(v);
    }
    if (result != RESULT_OK)
        vault_read_end(r);
    else
        *out = r;
    return result;
}

/* A piece's head: RESULT_CLOSED where the file ends, also inside a piece. */
static enum result read_head(struct vault_reader *r, bool *last, uint32_t *length,
                             uint8_t seed[SEAL_SEED])
{
    uint8_t head[VAULT_PIECE_HEAD];
    size_t n = 0;
    TRY(file_read(r->fd, r->at, head, sizeof head, &n));
    if (n < sizeof head)
        return RESULT_CLOSED;
    struct cursor in = cursor_over(bytes_of(head, n));
    TRY(cursor_bool(&in, last));
    TRY(cursor_u32(&in, length));
    TRY(cursor_copy(&in, seed, SEAL_SEED));
    return *length >= SEAL_TAG && *length <= VAULT_PIECE + SEAL_TAG ? RESULT_OK : RESULT_MALFORMED;
}

static enum result read_piece(struct vault_reader *r, struct buf *out)
{
    uint8_t seed[SEAL_SEED];
    uint32_t length;
    bool last;
    size_t n = 0;
    TRY(read_head(r, &last, &length, seed));
    buf_clear(&r->sealed);
    uint8_t *room = buf_extend(&r->sealed, length);
    if (room == NULL)
        return RESULT_MALFORMED;
    TRY(file_read(r->fd, r->at + VAULT_PIECE_HEAD, room, length, &n));
    if (n < length)
        return RESULT_CLOSED;
    const size_t before = out->n;
    uint8_t *plain = buf_extend(out, length - SEAL_TAG);
    if (plain == NULL)
        return RESULT_TOO_LARGE;
    vault_piece_context(r->record, r->pieces++, last, &r->context);
    const enum result opened =
        seal_open_body(r->key, seed, buf_view(&r->context), buf_view(&r->sealed), plain);
    if (opened != RESULT_OK) {
        out->n = before;
        return opened;
    }
    r->at += VAULT_PIECE_HEAD + length;
    r->over = last;
    return RESULT_OK;
}

/* Only what the index says to be cut off may end before its last piece. */
enum result vault_read(struct vault_reader *r, struct buf *out)
{
    if (r->over)
        return RESULT_END;
    enum result result = read_piece(r, out);
    if (result == RESULT_CLOSED && !r->cut_off)
        return RESULT_DAMAGED;
    return result == RESULT_MALFORMED ? RESULT_MISMATCH : result;
}

void vault_read_end(struct vault_reader *r)
{
    if (r == NULL)
        return;
    if (r->fd >= 0)
        (void)close(r->fd);
    secret_free(r->key);
    buf_free(&r->sealed);
    buf_free(&r->context);
    mem_free(r);
}

/* ---- counting */

/* Openings without the gateway that it does not know of yet. */
static uint32_t waiting(const struct vault_index *x, uint64_t record)
{
    uint32_t count = 0;
    for (size_t i = 0; i < x->uses; i++)
        count += x->use[i].record == record;
    return count;
}

enum result vault_used(struct vault *v, uint64_t record, uint32_t left)
{
    TRY(vault_lock(v));
    struct vault_entry *e = vault_index_get(v->index, record);
    enum result r = e == NULL ? RESULT_NOT_FOUND : RESULT_OK;
    if (r == RESULT_OK && e->uses > 0) {
        const uint32_t untold = waiting(v->index, record);
        left = left < e->uses ? left : e->uses;
        e->uses_left = left > untold ? left - untold : 0;
        r = vault_save(v);
    }
    vault_unlock(v);
    return r;
}

enum result vault_contact(struct vault *v)
{
    int64_t now_us = clock_wall_us(&v->config.clock);
    if (now_us >= v->index->contact_us && now_us < v->index->contact_us + CONTACT_EVERY)
        return RESULT_OK;
    TRY(vault_lock(v));
    v->index->contact_us = now_us;
    enum result r = vault_save(v);
    vault_unlock(v);
    return r;
}

/* By the machine's own clock: not by vault_now, which would stand still once that went back. */
bool vault_is_away_too_long(const struct vault *v, const struct vault_entry *e)
{
    return clock_wall_us(&v->config.clock) >= time_after(v->index->contact_us, e->offline_us);
}

/* Then it does not say how long the gateway has been away. Nothing opens by it, and nothing is
 * erased: it may be right again in a moment. */
static bool clock_went_back(const struct vault *v)
{
    return clock_wall_us(&v->config.clock) < v->index->high_water_us;
}

static enum result count_offline(struct vault *v, const struct vault_use *use,
                                 uint8_t half[KEY_BYTES])
{
    struct vault_entry *e = vault_index_get(v->index, use->record);
    if (e == NULL)
        return RESULT_NOT_FOUND;
    if (e->state != VAULT_KEPT || e->offline_us == 0 || e->held_us != 0)
        return RESULT_DENIED;
    if (e->uses > 0 && e->uses_left == 0)
        return RESULT_RANGE;
    if (clock_went_back(v) || vault_is_away_too_long(v, e) ||
        (e->destroy_by_us != 0 && vault_now(v) >= e->destroy_by_us))
        return RESULT_STALE;
    enum result r = e->alone ? RESULT_OK : vault_keys_get(v->keys, e->slot, true, half);
    if (r != RESULT_OK)
        return r == RESULT_NOT_FOUND ? RESULT_STALE : r; /* erased, for it was away too long */
    TRY(vault_index_add_use(v->index, use));
    if (e->uses > 0)
        e->uses_left--;
    return vault_save(v);
}

enum result vault_offline_half(struct vault *v, const struct vault_use *use,
                               uint8_t half[KEY_BYTES])
{
    TRY(vault_lock(v));
    enum result r = count_offline(v, use, half);
    vault_unlock(v);
    if (r != RESULT_OK)
        mem_wipe(half, KEY_BYTES);
    return r;
}

enum result vault_uses_reported(struct vault *v, size_t n)
{
    TRY(vault_lock(v));
    vault_index_drop_uses(v->index, n);
    enum result r = vault_save(v);
    vault_unlock(v);
    return r;
}

static bool has_stale_half(const struct vault *v)
{
    uint8_t half[KEY_BYTES];
    bool found = false;
    for (size_t i = 0; i < v->index->entries && !found; i++) {
        const struct vault_entry *e = v->index->entry[i];
        found = e->state == VAULT_KEPT && e->offline_us > 0 && vault_is_away_too_long(v, e) &&
                vault_keys_get(v->keys, e->slot, true, half) == RESULT_OK;
    }
    mem_wipe(half, sizeof half);
    return found;
}

enum result vault_drop_stale_halves(struct vault *v)
{
    TRY(vault_lock(v));
    enum result r = has_stale_half(v) ? vault_erase_halves(v) : RESULT_OK;
    vault_unlock(v);
    return r;
}
