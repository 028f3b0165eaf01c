#include "vault/index.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/seal.h"

static const char magic[8] = "fedgatVX";
static const char context[] = "fedgate vault index 1";

enum { VERSION = 3 };

/* ---- in memory */

static struct bytes record_of(const void *item)
{
    return bytes_of(&((const struct vault_entry *)item)->record, sizeof(uint64_t));
}

struct vault_index *vault_index_new(void)
{
    struct vault_index *x = mem_new(sizeof *x);
    x->by_record = map_new(record_of);
    return x;
}

void vault_index_free(struct vault_index *x)
{
    if (x == NULL)
        return;
    for (size_t i = 0; i < x->entries; i++)
        mem_free(x->entry[i]);
    mem_free(x->entry);
    map_free(x->by_record);
    if (x->use != NULL)
        mem_wipe(x->use, x->uses_room * sizeof *x->use);
    mem_free(x->use);
    mem_free(x);
}

struct vault_entry *vault_index_get(const struct vault_index *x, uint64_t record)
{
    return map_get(x->by_record, bytes_of(&record, sizeof record));
}

static size_t doubled(size_t room)
{
    return room == 0 ? 16 : 2 * room;
}

struct vault_entry *vault_index_add(struct vault_index *x, uint64_t record)
{
    if (x->entries == VAULT_ENTRIES_MAX || vault_index_get(x, record) != NULL)
        return NULL;
    if (x->entries == x->room) {
        x->entry = mem_grow_array(x->entry, x->entries, doubled(x->room), sizeof(void *));
        x->room = doubled(x->room);
    }
    struct vault_entry *e = mem_new(sizeof *e);
    e->record = record;
    (void)map_add(x->by_record, e);
    x->entry[x->entries++] = e;
    return e;
}

void vault_index_drop(struct vault_index *x,
                      bool (*goes)(const struct vault_entry *e, int64_t now_us), int64_t now_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < x->entries; i++) {
        struct vault_entry *e = x->entry[i];
        if (goes(e, now_us)) {
            (void)map_remove(x->by_record, record_of(e));
            mem_free(e);
        } else {
            x->entry[kept++] = e;
        }
    }
    x->entries = kept;
}

enum result vault_index_add_use(struct vault_index *x, const struct vault_use *use)
{
    if (x->uses == VAULT_USES_MAX)
        return RESULT_FULL;
    if (x->uses == x->uses_room) {
        struct vault_use *more = mem_new_array(doubled(x->uses_room), sizeof *more);
        if (x->uses > 0) {
            memcpy(more, x->use, x->uses * sizeof *more);
            mem_wipe(x->use, x->uses * sizeof *more);
        }
        mem_free(x->use);
        x->use = more;
        x->uses_room = doubled(x->uses_room);
    }
    x->use[x->uses++] = *use;
    return RESULT_OK;
}

void vault_index_drop_uses(struct vault_index *x, size_t n)
{
    if (n > x->uses)
        n = x->uses;
    if (n == 0)
        return;
    memmove(x->use, x->use + n, (x->uses - n) * sizeof *x->use);
    mem_wipe(x->use + x->uses - n, n * sizeof *x->use);
    x->uses -= n;
}

/* ---- as bytes */

static void put_text(struct buf *out, const char *text)
{
    buf_bytes16(out, bytes_of_text(text));
}

/* Text of at most room - 1 bytes, with a NUL behind it. */
static enum result take_text(struct cursor *in, char *out, size_t room)
{
    struct bytes b;
    TRY(cursor_bytes16(in, &b));
    if (b.n >= room || !bytes_is_text(b))
        return RESULT_MALFORMED;
    if (b.n > 0)
        memcpy(out, b.p, b.n);
    out[b.n] = '\0';
    return RESULT_OK;
}

static void put_entry(const struct vault_entry *e, struct buf *out)
{
    buf_u64(out, e->record);
    put_text(out, e->kind);
    put_text(out, e->provider);
    put_text(out, e->clause);
    buf_i64(out, e->received_us);
    buf_i64(out, e->destroy_by_us);
    buf_u64(out, e->size);
    buf_u32(out, e->uses);
    buf_u32(out, e->uses_left);
    buf_i64(out, e->offline_us);
    buf_bool(out, e->receipt_required);
    buf_bool(out, e->alone);
    buf_bool(out, e->cut_off);
    buf_u8(out, (uint8_t)e->state);
    buf_u8(out, e->cause);
    put_text(out, e->order);
    buf_i64(out, e->destroyed_us);
    buf_i64(out, e->reported_us);
    buf_u64(out, e->slot);
    buf_i64(out, e->held_us);
    put_text(out, e->hold);
}

static enum result take_state(struct cursor *in, enum vault_state *out)
{
    uint8_t state;
    TRY(cursor_u8(in, &state));
    *out = (enum vault_state)state;
    return state >= VAULT_KEPT && state <= VAULT_NEVER_STORED ? RESULT_OK : RESULT_MALFORMED;
}

static enum result take_entry(struct cursor *in, struct vault_index *x)
{
    uint64_t record;
    TRY(cursor_u64(in, &record));
    struct vault_entry *e = vault_index_add(x, record);
    if (e == NULL)
        return RESULT_MALFORMED;
    TRY(take_text(in, e->kind, sizeof e->kind));
    TRY(take_text(in, e->provider, sizeof e->provider));
    TRY(take_text(in, e->clause, sizeof e->clause));
    TRY(cursor_i64(in, &e->received_us));
    TRY(cursor_i64(in, &e->destroy_by_us));
    TRY(cursor_u64(in, &e->size));
    TRY(cursor_u32(in, &e->uses));
    TRY(cursor_u32(in, &e->uses_left));
    TRY(cursor_i64(in, &e->offline_us));
    TRY(cursor_bool(in, &e->receipt_required));
    TRY(cursor_bool(in, &e->alone));
    TRY(cursor_bool(in, &e->cut_off));
    TRY(take_state(in, &e->state));
    TRY(cursor_u8(in, &e->cause));
    TRY(take_text(in, e->order, sizeof e->order));
    TRY(cursor_i64(in, &e->destroyed_us));
    TRY(cursor_i64(in, &e->reported_us));
    TRY(cursor_u64(in, &e->slot));
    TRY(cursor_i64(in, &e->held_us));
    TRY(take_text(in, e->hold, sizeof e->hold));
    return e->offline_us >= 0 && e->uses_left <= e->uses ? RESULT_OK : RESULT_MALFORMED;
}

static void put_use(const struct vault_use *u, struct buf *out)
{
    buf_u64(out, u->record);
    buf_i64(out, u->at_us);
    put_text(out, u->staff);
    put_text(out, u->role);
    put_text(out, u->workstation);
    put_text(out, u->reason);
}

static enum result take_use(struct cursor *in, struct vault_index *x)
{
    struct vault_use u = {0};
    TRY(cursor_u64(in, &u.record));
    TRY(cursor_i64(in, &u.at_us));
    TRY(take_text(in, u.staff, sizeof u.staff));
    TRY(take_text(in, u.role, sizeof u.role));
    TRY(take_text(in, u.workstation, sizeof u.workstation));
    TRY(take_text(in, u.reason, sizeof u.reason));
    return vault_index_add_use(x, &u);
}

void vault_index_put(const struct vault_index *x, struct buf *out)
{
    put_text(out, x->origin);
    put_text(out, x->unit);
    buf_u64(out, x->serial);
    buf_i64(out, x->high_water_us);
    buf_i64(out, x->contact_us);
    buf_u32(out, (uint32_t)x->entries);
    for (size_t i = 0; i < x->entries; i++)
        put_entry(x->entry[i], out);
    buf_u32(out, (uint32_t)x->uses);
    for (size_t i = 0; i < x->uses; i++)
        put_use(&x->use[i], out);
}

enum result vault_index_take(struct bytes plain, struct vault_index *out)
{
    struct cursor in = cursor_over(plain);
    uint32_t count;
    TRY(take_text(&in, out->origin, sizeof out->origin));
    TRY(take_text(&in, out->unit, sizeof out->unit));
    TRY(cursor_u64(&in, &out->serial));
    TRY(cursor_i64(&in, &out->high_water_us));
    TRY(cursor_i64(&in, &out->contact_us));
    TRY(cursor_u32(&in, &count));
    for (uint32_t i = 0; i < count; i++)
        TRY(take_entry(&in, out));
    TRY(cursor_u32(&in, &count));
    for (uint32_t i = 0; i < count; i++)
        TRY(take_use(&in, out));
    return cursor_done(&in);
}

/* ---- sealed */

enum result vault_index_seal(const struct vault_index *x, const uint8_t key[KEY_BYTES],
                             struct buf *out)
{
    struct buf plain = BUF_INIT(VAULT_INDEX_MAX);
    uint8_t seed[SEAL_SEED];
    random_fill(seed, sizeof seed);
    vault_index_put(x, &plain);
    buf_put(out, magic, sizeof magic);
    buf_u16(out, VERSION);
    buf_put(out, seed, sizeof seed);
    enum result r = buf_status(&plain);
    uint8_t *room = r == RESULT_OK ? buf_extend(out, plain.n + SEAL_TAG) : NULL;
    if (room != NULL)
        seal_body(key, seed, bytes_of_text(context), buf_view(&plain), room);
    buf_free(&plain);
    return r == RESULT_OK ? buf_status(out) : r;
}

enum result vault_index_unseal(struct bytes sealed, const uint8_t key[KEY_BYTES],
                               struct vault_index *out)
{
    struct cursor in = cursor_over(sealed);
    struct buf plain = BUF_INIT(VAULT_INDEX_MAX);
    struct bytes got, seed;
    uint16_t version;
    TRY(cursor_take(&in, sizeof magic, &got));
    TRY(cursor_u16(&in, &version));
    if (!bytes_equal(got, bytes_of(magic, sizeof magic)) || version != VERSION)
        return RESULT_MALFORMED;
    TRY(cursor_take(&in, SEAL_SEED, &seed));
    if (in.left < SEAL_TAG)
        return RESULT_END;
    uint8_t *room = buf_extend(&plain, in.left - SEAL_TAG);
    enum result r = room == NULL ? RESULT_TOO_LARGE : RESULT_OK;
    if (r == RESULT_OK)
        r = seal_open_body(key, seed.p, bytes_of_text(context), bytes_of(in.at, in.left), room);
    if (r == RESULT_OK)
        r = vault_index_take(buf_view(&plain), out);
    buf_free(&plain);
    return r;
}
