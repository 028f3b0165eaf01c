#include "vault/keys.h"

#include "base/map.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "journal/file.h"
#include "keeper/key_file.h"
#include "spool/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

_Static_assert(VAULT_FRESH_BYTES == KEYS_SLOT_BYTES + TAG_BYTES, "a fresh slot and its tag");

#define FRESH_BYTES ((uint64_t)VAULT_FRESH_BYTES)

/* What must not leave: in locked memory. */
struct secrets {
    uint8_t index_key[KEY_BYTES], fresh_key[KEY_BYTES];
    struct wrapping_secret now;
};

struct vault_keys {
    int folder, secret_fd, fresh_fd; /* -1: not open */
    struct secrets *secrets;
    struct slots *slots;
    struct map *by_id;   /* struct keys_slot */
    uint64_t fresh_size; /* bytes that were read, or written */
    bool loaded, failed; /* failed: RESULT_IO came; nothing here is sure any more */
};

/* The one beside it has the same number but for the lowest bit. */
static uint64_t id_for(uint64_t slot, bool gateways)
{
    return slot | (gateways ? 1 : 0);
}

/* ---- making */

static enum result write_new(int folder, const char *name, struct bytes content)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? RESULT_EXISTS : file_result();
    enum result r = file_write(fd, 0, content);
    if (r == RESULT_OK)
        r = file_sync(fd);
    if (close(fd) != 0 && r == RESULT_OK)
        r = RESULT_IO;
    return r;
}

static enum result make_index_key(int folder)
{
    struct buf text = BUF_INIT(KEY_FILE_MAX);
    uint8_t key[KEY_BYTES];
    random_fill(key, sizeof key);
    key_file_write("index", key, &text);
    enum result r = write_new(folder, "index.key", buf_view(&text));
    mem_wipe(key, sizeof key);
    buf_free(&text);
    return r;
}

/* The secret last: without it there is no key store. */
enum result vault_keys_create(int folder)
{
    struct wrapping_secret s = {.generation = 1};
    uint8_t sector[SECRET_SECTOR];
    TRY(make_index_key(folder));
    TRY(write_new(folder, "fresh", bytes_of(NULL, 0)));
    random_fill(s.secret, sizeof s.secret);
    wrapping_secret_write(&s, sector);
    enum result r = write_new(folder, "secret", bytes_of(sector, sizeof sector));
    mem_wipe(&s, sizeof s);
    mem_wipe(sector, sizeof sector);
    return r == RESULT_OK ? folder_sync(folder) : r;
}

/* ---- opening */

static struct bytes id_of(const void *item)
{
    return bytes_of(&((const struct keys_slot *)item)->id, sizeof(uint64_t));
}

static enum result read_index_key(struct vault_keys *k)
{
    uint8_t text[KEY_FILE_MAX];
    size_t n = 0;
    int fd = openat(k->folder, "index.key", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_result();
    enum result r = file_read(fd, 0, text, sizeof text, &n);
    (void)close(fd);
    if (r == RESULT_OK &&
        key_file_read(bytes_of(text, n), "index", k->secrets->index_key) != RESULT_OK)
        r = RESULT_DAMAGED;
    mem_wipe(text, sizeof text);
    if (r == RESULT_OK)
        mac_derive_key(k->secrets->index_key, "vault fresh slots", k->secrets->fresh_key);
    return r;
}

static enum result open_files(struct vault_keys *k)
{
    k->secret_fd = openat(k->folder, "secret", O_RDWR | O_CLOEXEC);
    if (k->secret_fd < 0)
        return file_result();
    k->fresh_fd = openat(k->folder, "fresh", O_RDWR | O_CLOEXEC);
    if (k->fresh_fd < 0)
        return errno == ENOENT ? RESULT_DAMAGED : file_result();
    enum result r = read_index_key(k);
    return r == RESULT_NOT_FOUND ? RESULT_DAMAGED : r;
}

enum result vault_keys_open(int folder, struct vault_keys **out)
{
    struct vault_keys *k = mem_new(sizeof *k);
    *k = (struct vault_keys){.folder = folder, .secret_fd = -1, .fresh_fd = -1};
    k->by_id = map_new(id_of);
    k->secrets = secret_new(sizeof *k->secrets);
    enum result r = k->secrets == NULL ? RESULT_NO_MEMORY : open_files(k);
    if (r != RESULT_OK)
        vault_keys_close(k);
    else
        *out = k;
    return r;
}

static void forget_slots(struct vault_keys *k)
{
    size_t at = 0;
    struct keys_slot *s;
    while (map_next(k->by_id, &at) != NULL) {
        s = map_take(k->by_id, &at);
        mem_wipe(s, sizeof *s);
        mem_free(s);
    }
    slots_free(k->slots);
    k->slots = NULL;
    k->fresh_size = 0;
    k->loaded = false;
}

void vault_keys_close(struct vault_keys *k)
{
    if (k == NULL)
        return;
    forget_slots(k);
    map_free(k->by_id);
    if (k->secret_fd >= 0)
        (void)close(k->secret_fd);
    if (k->fresh_fd >= 0)
        (void)close(k->fresh_fd);
    secret_free(k->secrets);
    mem_free(k);
}

const uint8_t *vault_keys_index_key(const struct vault_keys *k)
{
    return k->secrets->index_key;
}

size_t vault_keys_count(const struct vault_keys *k)
{
    return map_count(k->by_id);
}

/* ---- reading */

static void keep_slot(void *arg, const struct keys_slot *slot)
{
    struct vault_keys *k = arg;
    struct keys_slot *s = mem_new(sizeof *s);
    *s = *slot;
    if (!map_add(k->by_id, s))
        mem_free(s); /* a fresh one that a destruction had wrapped already */
}

static void tag_of(struct bytes slot, const uint8_t key[KEY_BYTES], uint8_t tag[TAG_BYTES])
{
    mac_tag(key, slot, tag);
}

enum result vault_fresh_take(struct bytes b, const uint8_t key[KEY_BYTES], struct keys_slot *out)
{
    struct cursor in = cursor_over(b);
    uint8_t tag[TAG_BYTES];
    struct bytes slot, given;
    TRY(cursor_take(&in, KEYS_SLOT_BYTES, &slot));
    TRY(cursor_take(&in, TAG_BYTES, &given));
    tag_of(slot, key, tag);
    if (!mac_equal(tag, given.p, TAG_BYTES))
        return RESULT_MISMATCH;
    in = cursor_over(slot);
    return keys_slot_take(&in, out);
}

/* Zeros over it before it is cut off, as slots.c does. */
static enum result cut_fresh(struct vault_keys *k, uint64_t from, uint64_t size)
{
    if (from == size)
        return RESULT_OK;
    TRY(file_zero(k->fresh_fd, from, size));
    TRY(file_sync(k->fresh_fd));
    if (ftruncate(k->fresh_fd, (off_t)from) != 0)
        return RESULT_IO;
    k->fresh_size = from;
    return file_sync(k->fresh_fd);
}

static bool is_zero(struct bytes b)
{
    return b.p[0] == 0 && memcmp(b.p, b.p + 1, b.n - 1) == 0;
}

/* Whether a crash came between zeros over slots of an older generation and the end of the file:
 * there are zeros where it begins, and nowhere a slot of the generation in force. */
static bool is_half_cut(const struct vault_keys *k, struct bytes all)
{
    struct keys_slot slot;
    bool is_cut = is_zero(bytes_of(all.p, FRESH_BYTES));
    for (uint64_t at = 0; is_cut && all.n - at >= FRESH_BYTES; at += FRESH_BYTES)
        is_cut = vault_fresh_take(bytes_of(all.p + at, FRESH_BYTES), k->secrets->fresh_key,
                                  &slot) != RESULT_OK ||
                 slot.generation != k->secrets->now.generation;
    return is_cut;
}

/*
 * Only what was added last can be torn, and nobody was told of that; anything else that does not
 * hold is damage. Two are added at once at most. Slots of an older generation are what a crash in a
 * destruction left.
 */
static enum result take_fresh(struct vault_keys *k, struct bytes all)
{
    struct cursor in = cursor_over(all);
    struct keys_slot slot;
    uint64_t at = 0;
    for (; in.left > 0; at += FRESH_BYTES) {
        struct bytes one = bytes_of(in.at, in.left < FRESH_BYTES ? in.left : FRESH_BYTES);
        enum result r = vault_fresh_take(one, k->secrets->fresh_key, &slot);
        if (r != RESULT_OK && in.left > 2 * FRESH_BYTES && !(at == 0 && is_half_cut(k, all)))
            return RESULT_DAMAGED;
        if (r != RESULT_OK || slot.generation != k->secrets->now.generation)
            return cut_fresh(k, at, all.n);
        keep_slot(k, &slot);
        (void)!cursor_take(&in, FRESH_BYTES, &one);
    }
    k->fresh_size = at;
    return RESULT_OK;
}

static enum result read_fresh(struct vault_keys *k)
{
    uint64_t size;
    size_t n;
    TRY(file_size(k->fresh_fd, &size));
    if (size > KEYS_SCOPES_MAX * FRESH_BYTES)
        return RESULT_DAMAGED;
    uint8_t *all = mem_new(size + 1);
    enum result r = file_read(k->fresh_fd, 0, all, (size_t)size, &n);
    if (r == RESULT_OK)
        r = take_fresh(k, bytes_of(all, n));
    mem_free(all);
    return r;
}

static enum result read_secret(const struct vault_keys *k, struct wrapping_secret *out)
{
    uint8_t sector[SECRET_SECTOR];
    size_t n;
    TRY(file_read(k->secret_fd, 0, sector, sizeof sector, &n));
    enum result r = n == sizeof sector ? wrapping_secret_read(sector, out) : RESULT_DAMAGED;
    mem_wipe(sector, sizeof sector);
    return r;
}

static enum result load(struct vault_keys *k, const struct wrapping_secret *s)
{
    forget_slots(k);
    k->secrets->now = *s;
    k->slots = slots_new(k->folder, k->secrets->index_key);
    enum result r = slots_read(k->slots, s->generation, keep_slot, k);
    if (r != RESULT_OK && r != RESULT_NOT_FOUND)
        return r;
    TRY(read_fresh(k));
    k->loaded = true;
    return RESULT_OK;
}

/* Read again only what another process changed: a destruction makes another generation, an
 * addition a longer file. */
static enum result load_changes(struct vault_keys *k)
{
    struct wrapping_secret s = {0};
    uint64_t size;
    enum result r = read_secret(k, &s);
    if (r == RESULT_OK)
        r = file_size(k->fresh_fd, &size);
    if (r == RESULT_OK &&
        (!k->loaded || s.generation != k->secrets->now.generation || size != k->fresh_size))
        r = load(k, &s);
    mem_wipe(&s, sizeof s);
    return r;
}

enum result vault_keys_lock(struct vault_keys *k)
{
    if (k->failed)
        return RESULT_IO;
    while (flock(k->secret_fd, LOCK_EX) != 0)
        if (errno != EINTR)
            return RESULT_IO;
    enum result r = load_changes(k);
    if (r != RESULT_OK)
        vault_keys_unlock(k);
    return r;
}

void vault_keys_unlock(struct vault_keys *k)
{
    (void)flock(k->secret_fd, LOCK_UN);
}

/* ---- halves */

static void put_fresh(struct vault_keys *k, const struct keys_slot *slot, struct buf *out)
{
    uint8_t tag[TAG_BYTES];
    size_t from = out->n;
    keys_slot_put(slot, out);
    tag_of(bytes_of(out->p + from, KEYS_SLOT_BYTES), k->secrets->fresh_key, tag);
    buf_put(out, tag, sizeof tag);
}

static void wrap(const struct wrapping_secret *s, uint64_t id, const uint8_t half[KEY_BYTES],
                 struct keys_slot *out)
{
    *out = (struct keys_slot){.id = id, .generation = s->generation};
    seal_wrap(s->secret, id, half, out->wrapped);
}

/* Never used before under this secret: a number stands for one key. */
static uint64_t new_slot(const struct vault_keys *k)
{
    uint64_t slot;
    do {
        random_fill(&slot, sizeof slot);
        slot &= ~(uint64_t)1;
    } while (slot == 0 || map_get(k->by_id, bytes_of(&slot, sizeof slot)) != NULL);
    return slot;
}

static enum result append(struct vault_keys *k, struct bytes added)
{
    enum result r = file_write(k->fresh_fd, k->fresh_size, added);
    if (r == RESULT_OK)
        r = file_sync(k->fresh_fd);
    if (r == RESULT_FULL) /* what is there of it is cut off when it is read again */
        k->loaded = false;
    else
        k->failed = r != RESULT_OK;
    return r;
}

enum result vault_keys_add(struct vault_keys *k, const uint8_t *gateways, uint8_t half[KEY_BYTES],
                           uint64_t *slot)
{
    struct buf added = BUF_INIT(2 * (size_t)VAULT_FRESH_BYTES);
    struct keys_slot own, beside;
    if (map_count(k->by_id) + 2 > KEYS_SCOPES_MAX)
        return RESULT_FULL;
    random_fill(half, KEY_BYTES);
    *slot = new_slot(k);
    wrap(&k->secrets->now, id_for(*slot, false), half, &own);
    put_fresh(k, &own, &added);
    if (gateways != NULL) {
        wrap(&k->secrets->now, id_for(*slot, true), gateways, &beside);
        put_fresh(k, &beside, &added);
    }
    enum result r = append(k, buf_view(&added));
    if (r == RESULT_OK) {
        keep_slot(k, &own);
        if (gateways != NULL)
            keep_slot(k, &beside);
        k->fresh_size += added.n;
    }
    buf_free(&added);
    return r;
}

enum result vault_keys_get(const struct vault_keys *k, uint64_t slot, bool gateways,
                           uint8_t half[KEY_BYTES])
{
    uint64_t id = id_for(slot, gateways);
    const struct keys_slot *s = map_get(k->by_id, bytes_of(&id, sizeof id));
    if (s == NULL)
        return RESULT_NOT_FOUND;
    return seal_unwrap(k->secrets->now.secret, s->id, s->wrapped, half) == RESULT_OK
               ? RESULT_OK
               : RESULT_DAMAGED;
}

/* ---- erasing */

static enum result rewrap(struct vault_keys *k, const struct wrapping_secret *next,
                          bool (*keep)(void *arg, uint64_t slot, bool gateways), void *arg,
                          struct buf *out)
{
    const struct keys_slot *s;
    uint8_t half[KEY_BYTES];
    size_t at;
    MAP_FOREACH (s, k->by_id, at) {
        struct keys_slot again;
        if (!keep(arg, s->id & ~(uint64_t)1, (s->id & 1) != 0))
            continue;
        if (seal_unwrap(k->secrets->now.secret, s->id, s->wrapped, half) != RESULT_OK)
            return RESULT_DAMAGED;
        wrap(next, s->id, half, &again);
        mem_wipe(half, sizeof half);
        keys_slot_put(&again, out);
    }
    return buf_status(out);
}

static enum result overwrite_secret(const struct vault_keys *k, const struct wrapping_secret *s)
{
    uint8_t sector[SECRET_SECTOR];
    wrapping_secret_write(s, sector);
    enum result r = file_write(k->secret_fd, 0, bytes_of(sector, sizeof sector));
    mem_wipe(sector, sizeof sector);
    return r == RESULT_OK && fsync(k->secret_fd) == 0 ? RESULT_OK : RESULT_IO;
}

/* The steps of ledger/destruction.c, in one process: until the secret is overwritten nothing has
 * happened, and from then on nobody opens what was left out. */
static enum result rotate(struct vault_keys *k, const struct wrapping_secret *next,
                          struct bytes survivors)
{
    TRY(slots_write(k->slots, next->generation, survivors));
    k->failed = true; /* unless all of it is done */
    TRY(overwrite_secret(k, next));
    TRY(slots_switch(k->slots));
    TRY(load(k, next)); /* what is fresh is of the old secret: it is zeroed and cut off */
    k->failed = false;
    return RESULT_OK;
}

enum result vault_keys_keep(struct vault_keys *k,
                            bool (*keep)(void *arg, uint64_t slot, bool gateways), void *arg)
{
    struct buf survivors = BUF_INIT((size_t)KEYS_SCOPES_MAX * KEYS_SLOT_BYTES);
    struct wrapping_secret *next = secret_new(sizeof *next);
    if (next == NULL)
        return RESULT_NO_MEMORY;
    next->generation = k->secrets->now.generation + 1;
    random_fill(next->secret, sizeof next->secret);
    enum result r = rewrap(k, next, keep, arg, &survivors);
    if (r == RESULT_OK)
        r = rotate(k, next, buf_view(&survivors));
    buf_free(&survivors);
    secret_free(next);
    return r;
}
