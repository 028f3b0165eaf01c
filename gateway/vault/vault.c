/* The vault as a whole: making, opening, the lock, the index on disk. */
#include "vault/state.h"

#include "base/mem.h"
#include "journal/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char index_name[] = "index";

/* ---- folders */

static bool same_place(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether `inner` is `outer`, or lies somewhere in it: by going up to the root. RESULT_DENIED. */
static enum result not_inside(int inner, int outer)
{
    struct stat target, here, above;
    int fd = openat(inner, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum result r =
        fd < 0 || fstat(outer, &target) != 0 || fstat(fd, &here) != 0 ? RESULT_IO : RESULT_OK;
    while (r == RESULT_OK && !same_place(&here, &target)) {
        int up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        (void)close(fd);
        fd = up;
        if (fd < 0 || fstat(fd, &above) != 0)
            r = RESULT_IO;
        else if (same_place(&here, &above))
            break; /* the root */
        here = above;
    }
    if (r == RESULT_OK && same_place(&here, &target))
        r = RESULT_DENIED;
    if (fd >= 0)
        (void)close(fd);
    return r;
}

/* One's own, and nobody else's. */
static enum result is_private(int folder)
{
    struct stat s;
    if (fstat(folder, &s) != 0)
        return RESULT_IO;
    return s.st_uid == geteuid() && (s.st_mode & 077) == 0 ? RESULT_OK : RESULT_DENIED;
}

static enum result check_folders(const struct vault_config *config)
{
    TRY(is_private(config->items));
    TRY(is_private(config->keys));
    TRY(not_inside(config->keys, config->items));
    return not_inside(config->items, config->keys);
}

/* ---- the index on disk */

static enum result read_file(int folder, const char *name, struct buf *out)
{
    uint64_t size;
    size_t n = 0;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_result();
    enum result r = file_size(fd, &size);
    uint8_t *room = NULL;
    if (r == RESULT_OK && (room = buf_extend(out, (size_t)size)) == NULL)
        r = RESULT_DAMAGED;
    if (r == RESULT_OK)
        r = file_read(fd, 0, room, (size_t)size, &n);
    (void)close(fd);
    return r == RESULT_OK && n != size ? RESULT_IO : r;
}

/* Each writing puts another file in its place. */
static void remember(struct vault *v)
{
    v->names_persons = v->index->uses > 0;
    v->is_known = fstatat(v->config.items, index_name, &v->known, 0) == 0;
}

static bool is_as_known(const struct vault *v)
{
    struct stat s;
    return v->is_known && fstatat(v->config.items, index_name, &s, 0) == 0 &&
           same_place(&s, &v->known) && s.st_size == v->known.st_size &&
           s.st_mtim.tv_sec == v->known.st_mtim.tv_sec &&
           s.st_mtim.tv_nsec == v->known.st_mtim.tv_nsec;
}

static enum result load_index(struct vault *v)
{
    if (is_as_known(v))
        return RESULT_OK;
    struct buf sealed = BUF_INIT(VAULT_INDEX_MAX + 4096);
    struct vault_index *x = vault_index_new();
    enum result r = read_file(v->config.items, index_name, &sealed);
    if (r == RESULT_OK)
        r = vault_index_unseal(buf_view(&sealed), vault_keys_index_key(v->keys), x);
    if (r == RESULT_OK) {
        vault_index_free(v->index);
        v->index = x;
        remember(v);
    } else {
        vault_index_free(x);
    }
    buf_free(&sealed);
    return r == RESULT_MALFORMED || r == RESULT_END ? RESULT_DAMAGED : r;
}

int64_t vault_now(const struct vault *v)
{
    int64_t now = clock_wall_us(&v->config.clock);
    return now > v->index->high_water_us ? now : v->index->high_water_us;
}

int64_t vault_told_us(const struct vault *v, int64_t us)
{
    int64_t now_us = clock_wall_us(&v->config.clock);
    return us < now_us ? us : now_us;
}

bool vault_clock_is_behind(const struct vault *v)
{
    return time_after(clock_wall_us(&v->config.clock), US_PER_HOUR) <= v->index->high_water_us;
}

enum result vault_set_clock(struct vault *v)
{
    TRY(vault_lock(v));
    v->index->high_water_us = clock_wall_us(&v->config.clock);
    v->index->contact_us = 0;
    enum result r = vault_save(v);
    vault_unlock(v);
    return r;
}

/* Of who has opened what, no free block shall tell. Other indexes name nobody, and one sync less is
 * a quarter of what storing an item takes. */
static enum result replace_index(struct vault *v, struct bytes content)
{
    TRY(file_erase_left(v->config.items, index_name));
    return v->names_persons ? file_replace_erasing(v->config.items, index_name, content)
                            : file_replace(v->config.items, index_name, content);
}

enum result vault_save(struct vault *v)
{
    struct buf sealed = BUF_INIT(VAULT_INDEX_MAX + 4096);
    v->index->serial++;
    v->index->high_water_us = vault_now(v);
    vault_forget_old(v);
    enum result r = vault_index_seal(v->index, vault_keys_index_key(v->keys), &sealed);
    v->is_known = false; /* what could not be written is not what stands there */
    if (r == RESULT_OK)
        r = replace_index(v, buf_view(&sealed));
    if (r == RESULT_OK)
        remember(v);
    buf_free(&sealed);
    return r;
}

enum result vault_lock(struct vault *v)
{
    TRY(vault_keys_lock(v->keys));
    v->locked = true;
    enum result r = load_index(v);
    if (r != RESULT_OK)
        vault_unlock(v);
    return r;
}

void vault_unlock(struct vault *v)
{
    v->locked = false;
    vault_keys_unlock(v->keys);
}

enum result vault_refresh(struct vault *v)
{
    TRY(vault_lock(v));
    vault_unlock(v);
    return RESULT_OK;
}

/* ---- making */

static enum result write_first_index(struct vault *v, const char *origin, const char *unit)
{
    struct vault_index *x = vault_index_new();
    v->index = x;
    if (strlen(origin) >= sizeof x->origin || strlen(unit) >= sizeof x->unit)
        return RESULT_TOO_LARGE;
    memcpy(x->origin, origin, strlen(origin) + 1);
    memcpy(x->unit, unit, strlen(unit) + 1);
    return vault_save(v);
}

/* The key store first: an index without it says nothing, and a key store without an index is begun
 * anew by hand. */
enum result vault_create(const struct vault_config *config, const char *origin, const char *unit)
{
    struct vault v = {.config = *config};
    TRY(check_folders(config));
    if (faccessat(config->items, index_name, F_OK, 0) == 0)
        return RESULT_EXISTS;
    TRY(vault_keys_create(config->keys));
    TRY(vault_keys_open(config->keys, &v.keys));
    enum result r = vault_keys_lock(v.keys);
    if (r == RESULT_OK) {
        r = write_first_index(&v, origin, unit);
        vault_keys_unlock(v.keys);
    }
    vault_index_free(v.index);
    vault_keys_close(v.keys);
    return r;
}

/* ---- opening */

/* Bytes of an item that is not in the index were never acknowledged, or are destroyed. */
static bool is_orphan(const struct vault *v, const char *name)
{
    uint64_t record;
    if (!vault_item_record(name, &record))
        return false;
    const struct vault_entry *e = vault_index_get(v->index, record);
    return e == NULL || (e->state != VAULT_KEPT && e->state != VAULT_RECORDING);
}

static enum result remove_orphans(struct vault *v)
{
    int fd = openat(v->config.items, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (folder == NULL)
        return RESULT_IO;
    const struct dirent *d;
    enum result r = RESULT_OK;
    while (r == RESULT_OK && (d = readdir(folder)) != NULL)
        if (is_orphan(v, d->d_name) && unlinkat(v->config.items, d->d_name, 0) != 0)
            r = RESULT_IO;
    (void)closedir(folder);
    return r;
}

enum result vault_open(const struct vault_config *config, struct vault **out)
{
    TRY(check_folders(config));
    struct vault *v = mem_new(sizeof *v);
    v->config = *config;
    enum result r = vault_keys_open(config->keys, &v->keys);
    if (r == RESULT_OK)
        r = vault_lock(v);
    if (r == RESULT_OK) {
        r = vault_destroy_doomed(v);
        vault_unlock(v);
    }
    if (r != RESULT_OK) {
        vault_close(v);
        return r;
    }
    *out = v;
    return RESULT_OK;
}

/* A recording whose process has ended. */
static enum result end_recordings(struct vault *v)
{
    bool any = false;
    for (size_t i = 0; i < v->index->entries; i++) {
        struct vault_entry *e = v->index->entry[i];
        if (e->state != VAULT_RECORDING)
            continue;
        e->state = VAULT_KEPT;
        e->cut_off = true;
        TRY(vault_item_size(v, e->record, &e->size));
        any = true;
    }
    return any ? vault_save(v) : RESULT_OK;
}

enum result vault_claim(struct vault *v)
{
    if (flock(v->config.items, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? RESULT_EXISTS : RESULT_IO;
    TRY(vault_lock(v));
    enum result r = file_erase_left(v->config.items, index_name);
    if (r == RESULT_OK)
        r = remove_orphans(v);
    if (r == RESULT_OK)
        r = end_recordings(v);
    vault_unlock(v);
    return r;
}

void vault_close(struct vault *v)
{
    if (v == NULL)
        return;
    vault_index_free(v->index);
    vault_keys_close(v->keys);
    mem_free(v);
}

/* ---- looking */

const char *vault_origin(const struct vault *v)
{
    return v->index->origin;
}

const char *vault_unit(const struct vault *v)
{
    return v->index->unit;
}

const struct vault_entry *vault_at(const struct vault *v, size_t i)
{
    return i < v->index->entries ? v->index->entry[i] : NULL;
}

const struct vault_entry *vault_get(const struct vault *v, uint64_t record)
{
    return vault_index_get(v->index, record);
}

const struct vault_use *vault_use_at(const struct vault *v, size_t i)
{
    return i < v->index->uses ? &v->index->use[i] : NULL;
}

bool vault_has_half(const struct vault *v, const struct vault_entry *e)
{
    uint8_t half[KEY_BYTES];
    bool has = vault_keys_get(v->keys, e->slot, false, half) == RESULT_OK;
    mem_wipe(half, sizeof half);
    return has;
}
