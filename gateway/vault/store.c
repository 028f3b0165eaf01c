/*
 * Storing. The order on disk: the halves of the key, the bytes with their name, the index. What is
 * not in the index was never acknowledged: its bytes are removed, its half goes with the next
 * destruction.
 */
#include "vault/state.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char magic[8] = "fedgatVI";

enum { VERSION = 1 };

struct vault_writer {
    struct vault *v;
    struct vault_entry entry;
    bool recording;
    int fd;
    uint64_t at, pieces;
    uint8_t *key;     /* in locked memory */
    struct buf plain; /* of the piece that is being filled */
    struct buf sealed, context;
    enum result broken; /* nothing more can be written */
};

/* ---- the form of an item */

void vault_item_name(uint64_t record, char out[VAULT_ITEM_NAME])
{
    (void)snprintf(out, VAULT_ITEM_NAME, "%" PRIu64 ".item", record);
}

bool vault_item_record(const char *name, uint64_t *record)
{
    char again[VAULT_ITEM_NAME];
    if (name[0] < '0' || name[0] > '9')
        return false;
    *record = strtoull(name, NULL, 10);
    vault_item_name(*record, again);
    return strcmp(again, name) == 0;
}

void vault_item_head(uint64_t record, struct buf *out)
{
    buf_put(out, magic, sizeof magic);
    buf_u16(out, VERSION);
    buf_u64(out, record);
}

void vault_piece_context(uint64_t record, uint64_t number, bool last, struct buf *out)
{
    buf_clear(out);
    buf_text(out, "fedgate vault item 1");
    buf_u64(out, record);
    buf_u64(out, number);
    buf_bool(out, last);
}

void vault_item_key(const uint8_t own[KEY_BYTES], const uint8_t gateways[KEY_BYTES],
                    uint8_t key[KEY_BYTES])
{
    const struct bytes part[] = {bytes_of_text(gateways == NULL ? "fedgate vault item key alone 1"
                                                                : "fedgate vault item key 1"),
                                 bytes_of(gateways, gateways == NULL ? 0 : KEY_BYTES)};
    mac_keyed(own, part, ARRAY_LEN(part), key);
}

enum result vault_item_remove(const struct vault *v, uint64_t record)
{
    char name[VAULT_ITEM_NAME];
    vault_item_name(record, name);
    return unlinkat(v->config.items, name, 0) == 0 || errno == ENOENT ? RESULT_OK : RESULT_IO;
}

enum result vault_item_size(const struct vault *v, uint64_t record, uint64_t *size)
{
    char name[VAULT_ITEM_NAME];
    uint8_t head[VAULT_PIECE_HEAD];
    uint64_t at = VAULT_ITEM_HEAD, end;
    size_t n;
    *size = 0;
    vault_item_name(record, name);
    int fd = openat(v->config.items, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RESULT_OK : RESULT_IO;
    enum result r = file_size(fd, &end);
    while (r == RESULT_OK) {
        bool last;
        uint32_t length;
        r = file_read(fd, at, head, sizeof head, &n);
        struct cursor in = cursor_over(bytes_of(head, n));
        if (r != RESULT_OK || cursor_bool(&in, &last) != RESULT_OK ||
            cursor_u32(&in, &length) != RESULT_OK || length < SEAL_TAG ||
            at + VAULT_PIECE_HEAD + length > end)
            break;
        at += VAULT_PIECE_HEAD + length;
        *size += length - SEAL_TAG;
    }
    (void)close(fd);
    return r;
}

/* ---- beginning */

static enum result make_file(struct vault_writer *w)
{
    char name[VAULT_ITEM_NAME];
    struct buf head = BUF_INIT(VAULT_ITEM_HEAD);
    vault_item_name(w->entry.record, name);
    w->fd = openat(w->v->config.items, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (w->fd < 0)
        return file_result();
    vault_item_head(w->entry.record, &head);
    enum result r = file_write(w->fd, 0, buf_view(&head));
    w->at = head.n;
    buf_free(&head);
    return r;
}

/* Under the lock, as the index is. */
static enum result add_entry(struct vault_writer *w, enum vault_state state)
{
    struct vault_entry *e = vault_index_add(w->v->index, w->entry.record);
    if (e == NULL)
        return RESULT_FULL;
    w->entry.state = state;
    *e = w->entry;
    return vault_save(w->v);
}

static enum result begin(struct vault_writer *w, const uint8_t half[KEY_BYTES])
{
    uint8_t own[KEY_BYTES];
    if (vault_index_get(w->v->index, w->entry.record) != NULL)
        return RESULT_EXISTS;
    if (vault_clock_is_behind(w->v))
        return RESULT_RANGE;
    if (w->v->index->entries >= VAULT_ITEMS_MAX)
        return RESULT_FULL;
    w->entry.alone = half == NULL;
    TRY(vault_keys_add(w->v->keys, w->entry.offline_us > 0 ? half : NULL, own, &w->entry.slot));
    vault_item_key(own, half, w->key);
    mem_wipe(own, sizeof own);
    TRY(make_file(w));
    return w->recording ? add_entry(w, VAULT_RECORDING) : RESULT_OK;
}

/* Frees it; the file stays as it is. */
static void free_writer(struct vault_writer *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    secret_free(w->key);
    buf_free(&w->plain);
    buf_free(&w->sealed);
    buf_free(&w->context);
    mem_free(w);
}

static struct vault_writer *new_writer(struct vault *v, const struct vault_entry *entry,
                                       bool recording)
{
    struct vault_writer *w = mem_new(sizeof *w);
    *w = (struct vault_writer){.v = v, .entry = *entry, .recording = recording, .fd = -1};
    w->entry.uses_left = entry->uses;
    w->entry.size = 0;
    w->entry.cut_off = false;
    w->entry.cause = 0;
    w->entry.order[0] = '\0';
    w->entry.destroyed_us = w->entry.reported_us = 0;
    w->plain = BUF_INIT(VAULT_PIECE);
    w->sealed = BUF_INIT(VAULT_PIECE_HEAD + VAULT_PIECE + SEAL_TAG);
    w->context = BUF_INIT(VAULT_CONTEXT);
    w->key = secret_new(KEY_BYTES);
    return w;
}

enum result vault_begin(struct vault *v, const struct vault_entry *entry, bool recording,
                        const uint8_t half[KEY_BYTES], struct vault_writer **out)
{
    struct vault_writer *w = new_writer(v, entry, recording);
    enum result r = w->key == NULL ? RESULT_NO_MEMORY : vault_lock(v);
    if (r == RESULT_OK) {
        r = begin(w, half);
        vault_unlock(v);
    }
    if (r != RESULT_OK)
        free_writer(w);
    else
        *out = w;
    return r;
}

/* ---- writing */

static enum result put_piece(struct vault_writer *w, bool last)
{
    uint8_t seed[SEAL_SEED];
    buf_clear(&w->sealed);
    random_fill(seed, sizeof seed);
    buf_bool(&w->sealed, last);
    buf_u32(&w->sealed, (uint32_t)(w->plain.n + SEAL_TAG));
    buf_put(&w->sealed, seed, sizeof seed);
    uint8_t *room = buf_extend(&w->sealed, w->plain.n + SEAL_TAG);
    if (room == NULL)
        return RESULT_STATE;
    vault_piece_context(w->entry.record, w->pieces++, last, &w->context);
    seal_body(w->key, seed, buf_view(&w->context), buf_view(&w->plain), room);
    buf_clear(&w->plain);
    TRY(file_write(w->fd, w->at, buf_view(&w->sealed)));
    w->at += w->sealed.n;
    return RESULT_OK;
}

enum result vault_write(struct vault_writer *w, struct bytes content)
{
    while (w->broken == RESULT_OK && content.n > 0) {
        size_t n = VAULT_PIECE - w->plain.n;
        n = content.n < n ? content.n : n;
        buf_put(&w->plain, content.p, n);
        w->entry.size += n;
        content = bytes_of(content.p + n, content.n - n);
        if (w->plain.n == VAULT_PIECE)
            w->broken = put_piece(w, false);
    }
    return w->broken;
}

/* ---- ending */

/* A destruction meanwhile has erased the half of what was not in the index yet. */
static enum result add_if_key_is_there(struct vault_writer *w)
{
    uint8_t own[KEY_BYTES];
    enum result r = vault_keys_get(w->v->keys, w->entry.slot, false, own);
    mem_wipe(own, sizeof own);
    return r == RESULT_NOT_FOUND ? RESULT_STALE : r == RESULT_OK ? add_entry(w, VAULT_KEPT) : r;
}

/* One that was doomed meanwhile stays so: a recording is destroyed on order while it runs. */
static enum result end_entry(struct vault_writer *w)
{
    if (!w->recording)
        return add_if_key_is_there(w);
    struct vault_entry *e = vault_index_get(w->v->index, w->entry.record);
    if (e == NULL || e->state != VAULT_RECORDING)
        return RESULT_DENIED;
    e->size = w->entry.size;
    e->state = VAULT_KEPT;
    e->cut_off = w->entry.cut_off;
    return vault_save(w->v);
}

static enum result settle(struct vault_writer *w)
{
    TRY(file_sync(w->fd));
    TRY(folder_sync(w->v->config.items));
    TRY(vault_lock(w->v));
    enum result r = end_entry(w);
    vault_unlock(w->v);
    return r;
}

enum result vault_finish(struct vault_writer *w)
{
    enum result r = w->broken;
    if (r == RESULT_OK)
        r = put_piece(w, true);
    if (r == RESULT_OK)
        r = settle(w);
    /* Behind RESULT_IO the index may name it: whoever claims the vault next sees, and removes it.
     */
    if (r != RESULT_OK && r != RESULT_IO && !w->recording)
        (void)!vault_item_remove(w->v, w->entry.record);
    free_writer(w);
    return r;
}

void vault_abandon(struct vault_writer *w)
{
    if (w == NULL)
        return;
    if (!w->recording) {
        (void)!vault_item_remove(w->v, w->entry.record);
    } else {
        w->entry.cut_off = true;
        if (w->broken == RESULT_OK && put_piece(w, false) == RESULT_OK)
            (void)!settle(w);
    }
    free_writer(w);
}
