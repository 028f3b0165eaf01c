#include "keeper/keeper.h"

#include "audit/note.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "crypto/sign.h"
#include "ipc/keys.h"
#include "keeper/half.h"
#include "keeper/register.h"
#include "keeper/tls_keys.h"

#include <unistd.h>

/* What must not leave: in locked memory. */
struct secrets {
    uint8_t log_key[KEY_BYTES], mac_key[KEY_BYTES], tag_key[KEY_BYTES];
    struct wrapping_secret now, next; /* next: generation 0 unless a rotation is under way */
};

struct keeper {
    struct tls_keys tls, console; /* which share no key */
    struct secrets *secrets;
    struct scopes *scopes;
    char *log_name;
    bool is_loaded; /* the ledger has handed over its scopes */
    int secret_fd;
    uint64_t signed_size;             /* the log never shrinks, */
    uint8_t signed_root[ROAD_DIGEST]; /* and has one root at one size */
};

static enum result read_secret(int fd, struct wrapping_secret *out)
{
    uint8_t sector[SECRET_SECTOR];
    ssize_t n = pread(fd, sector, sizeof sector, 0);
    if (n < 0)
        return RESULT_IO;
    enum result r = n == SECRET_SECTOR ? wrapping_secret_read(sector, out) : RESULT_DAMAGED;
    mem_wipe(sector, sizeof sector);
    return r;
}

static enum result write_secret(int fd, const struct wrapping_secret *s)
{
    uint8_t sector[SECRET_SECTOR];
    wrapping_secret_write(s, sector);
    ssize_t n = pwrite(fd, sector, sizeof sector, 0);
    mem_wipe(sector, sizeof sector);
    return n == SECRET_SECTOR && fsync(fd) == 0 ? RESULT_OK : RESULT_IO;
}

enum result keeper_add_tls_key(struct keeper *k, struct bytes pem)
{
    return tls_keys_add(&k->tls, pem, &k->console);
}

enum result keeper_set_console_key(struct keeper *k, struct bytes pem)
{
    TRY(tls_keys_add(&k->console, pem, &k->tls));
    tls_keys_use_newest(&k->console);
    return RESULT_OK;
}

void keeper_drop_older_console_keys(struct keeper *k)
{
    tls_keys_drop_older(&k->console);
}

void keeper_use_newest_tls_key(struct keeper *k)
{
    tls_keys_use_newest(&k->tls);
}

void keeper_drop_older_tls_keys(struct keeper *k)
{
    tls_keys_drop_older(&k->tls);
}

enum result keeper_new(const struct keeper_config *config, struct keeper **out)
{
    struct keeper *k = mem_new(sizeof *k);
    k->secret_fd = config->secret_fd;
    k->log_name = mem_text(config->log_name, strlen(config->log_name));
    k->scopes = scopes_new();
    k->secrets = secret_new(sizeof *k->secrets);
    enum result r = k->secrets == NULL ? RESULT_NO_MEMORY : RESULT_OK;
    if (r == RESULT_OK)
        r = keeper_add_tls_key(k, config->tls_key_pem);
    keeper_use_newest_tls_key(k);
    if (r == RESULT_OK)
        r = read_secret(k->secret_fd, &k->secrets->now);
    if (r != RESULT_OK) {
        keeper_free(k);
        return r;
    }
    memcpy(k->secrets->log_key, config->log_key, KEY_BYTES);
    mac_derive_key(config->master_key, "journal", k->secrets->mac_key);
    mac_derive_key(config->master_key, "tags", k->secrets->tag_key);
    *out = k;
    return RESULT_OK;
}

void keeper_free(struct keeper *k)
{
    if (k == NULL)
        return;
    scopes_free(k->scopes);
    tls_keys_free(&k->tls);
    tls_keys_free(&k->console);
    secret_free(k->secrets);
    mem_free(k->log_name);
    mem_free(k);
}

void keeper_log_public_key(const uint8_t log_key[KEY_BYTES], uint8_t out[32])
{
    sign_public_of(log_key, out);
}

/* ---- edge */

static enum result edge_keys(struct keeper *k, struct bytes body, struct buf *reply)
{
    if (body.n != 0)
        return RESULT_MALFORMED;
    buf_put(reply, k->secrets->tag_key, KEY_BYTES);
    return RESULT_OK;
}

/* A vault's scope is none that an edge could seal under: its key stays here (half.c). */
static enum result put_scope(struct keeper *k, const struct scope *x, struct buf *reply)
{
    struct keys_scope s = {0};
    if (x != NULL && !x->doomed && !half_is_tuple(x->tuple)) {
        s.id = x->id;
        s.generation = k->secrets->now.generation;
        memcpy(s.key, x->key, ROAD_KEY);
        seal_wrap(k->secrets->now.secret, x->id, x->key, s.wrapped);
    }
    keys_scope_put(&s, reply);
    mem_wipe(&s, sizeof s);
    return RESULT_OK;
}

/* A keeper that was started again knows nothing before the ledger has loaded it: what it does not
 * find then is not gone. Its answer is empty, and the edge asks again later. */
static enum result scope_for(struct keeper *k, struct bytes body, struct buf *reply)
{
    if (body.n != ROAD_DIGEST || half_is_tuple(body.p))
        return RESULT_MALFORMED;
    if (!k->is_loaded)
        return RESULT_OK;
    return put_scope(k, scopes_for(k->scopes, body.p), reply);
}

static enum result scope_get(struct keeper *k, struct bytes body, struct buf *reply)
{
    struct cursor c = cursor_over(body);
    uint64_t id;
    TRY(cursor_u64(&c, &id));
    TRY(cursor_done(&c));
    if (!k->is_loaded)
        return RESULT_OK;
    return put_scope(k, scopes_get(k->scopes, id), reply);
}

/* ---- ledger */

static enum result ledger_keys(struct keeper *k, struct bytes body, struct buf *reply)
{
    struct keys_ledger keys = {.generation = k->secrets->now.generation};
    if (body.n != 0)
        return RESULT_MALFORMED;
    memcpy(keys.mac_key, k->secrets->mac_key, ROAD_KEY);
    sign_public_of(k->secrets->log_key, keys.log_public_key);
    keys_ledger_put(&keys, reply);
    mem_wipe(&keys, sizeof keys);
    return RESULT_OK;
}

/* RESULT_MISMATCH when the slot was not wrapped under the secret in force, or is not the scope that
 * is known by its id. */
static enum result adopt(struct keeper *k, const struct keys_slot *slot)
{
    uint8_t key[KEY_BYTES];
    if (slot->generation != k->secrets->now.generation)
        return RESULT_MISMATCH;
    TRY(seal_unwrap(k->secrets->now.secret, slot->id, slot->wrapped, key));
    const struct scope *x = scopes_add(k->scopes, slot->id, slot->tuple, key);
    enum result r = x == NULL                                         ? RESULT_NO_MEMORY
                    : memcmp(x->tuple, slot->tuple, ROAD_DIGEST) != 0 ? RESULT_MISMATCH
                    : mac_equal(x->key, key, KEY_BYTES) && !x->doomed ? RESULT_OK
                                                                      : RESULT_MISMATCH;
    mem_wipe(key, sizeof key);
    return r;
}

/* As scope_for, for the ledger: it has no use for the key. */
static enum result register_make_scope(struct keeper *k, struct bytes body, struct buf *reply)
{
    if (body.n != ROAD_DIGEST)
        return RESULT_MALFORMED;
    const struct scope *x = scopes_for(k->scopes, body.p);
    if (x == NULL || x->doomed)
        return RESULT_NO_MEMORY;
    struct keys_slot slot = {.id = x->id, .generation = k->secrets->now.generation};
    memcpy(slot.tuple, x->tuple, ROAD_DIGEST);
    seal_wrap(k->secrets->now.secret, x->id, x->key, slot.wrapped);
    keys_slot_put(&slot, reply);
    return RESULT_OK;
}

/* Any number of slots; the answer lists those that cannot be adopted. */
static enum result adopt_all(struct keeper *k, struct bytes body, struct buf *reply)
{
    struct cursor c = cursor_over(body);
    struct keys_slot slot;
    while (c.left > 0) {
        TRY(keys_slot_take(&c, &slot));
        enum result r = adopt(k, &slot);
        if (r == RESULT_MISMATCH)
            buf_u64(reply, slot.id);
        else
            TRY(r);
    }
    return RESULT_OK;
}

static void forget_rotation(struct keeper *k)
{
    mem_wipe(&k->secrets->next, sizeof k->secrets->next);
}

/* All live scopes; the answer lists those that nobody can open any more. */
static enum result scopes_load(struct keeper *k, struct bytes body, struct buf *reply)
{
    scopes_forget_all(k->scopes);
    forget_rotation(k);
    k->is_loaded = false;
    TRY(adopt_all(k, body, reply));
    k->is_loaded = true;
    return RESULT_OK;
}

static enum result take_ids(struct cursor *c,
                            enum result (*each)(struct keeper *k, uint64_t id, struct buf *reply),
                            struct keeper *k, struct buf *reply)
{
    uint32_t count;
    uint64_t id;
    TRY(cursor_u32(c, &count));
    for (uint32_t i = 0; i < count; i++) {
        TRY(cursor_u64(c, &id));
        TRY(each(k, id, reply));
    }
    return RESULT_OK;
}

static enum result doom(struct keeper *k, uint64_t id, struct buf *reply)
{
    struct scope *x = scopes_get(k->scopes, id);
    (void)reply;
    if (x != NULL)
        x->doomed = true;
    return RESULT_OK;
}

/* Before the edge forgets them: else it would be given them again. */
static enum result scopes_doom(struct keeper *k, struct bytes body, struct buf *reply)
{
    struct cursor c = cursor_over(body);
    TRY(take_ids(&c, doom, k, reply));
    return cursor_done(&c);
}

static enum result rewrap(struct keeper *k, uint64_t id, struct buf *reply)
{
    struct scope *x = scopes_get(k->scopes, id);
    struct keys_slot slot = {.id = id, .generation = k->secrets->next.generation};
    if (x == NULL || x->doomed)
        return RESULT_NOT_FOUND; /* the ledger loads its scopes before anything else */
    x->kept_for = slot.generation;
    memcpy(slot.tuple, x->tuple, ROAD_DIGEST);
    seal_wrap(k->secrets->next.secret, id, x->key, slot.wrapped);
    keys_slot_put(&slot, reply);
    return RESULT_OK;
}

/*
 * First step of a destruction: a new secret in memory, and the survivors wrapped under it. The old
 * secret stays in force until the ledger has the new slots on disk; a crash before that destroys
 * nothing.
 */
static enum result scopes_rewrap(struct keeper *k, struct bytes body, struct buf *reply)
{
    struct cursor c = cursor_over(body);
    k->secrets->next.generation = k->secrets->now.generation + 1;
    random_fill(k->secrets->next.secret, KEY_BYTES);
    buf_u64(reply, k->secrets->next.generation);
    enum result r = take_ids(&c, doom, k, reply);
    if (r == RESULT_OK)
        r = take_ids(&c, rewrap, k, reply);
    if (r == RESULT_OK)
        r = cursor_done(&c);
    if (r != RESULT_OK)
        forget_rotation(k); /* what was not answered must not come into force */
    return r;
}

/* Second step: the old secret is overwritten. From here on nobody can open the doomed scopes,
 * whatever disks and backups hold. Scopes that no ledger ever committed go with them. */
static enum result secret_rotate(struct keeper *k, struct bytes body, struct buf *reply)
{
    if (body.n != 0 || k->secrets->next.generation == 0)
        return RESULT_MALFORMED;
    TRY(write_secret(k->secret_fd, &k->secrets->next));
    k->secrets->now = k->secrets->next;
    forget_rotation(k);
    scopes_keep_only(k->scopes, k->secrets->now.generation);
    buf_u64(reply, k->secrets->now.generation);
    return RESULT_OK;
}

/* The keeper writes the text itself, so that its signature can stand under nothing but a checkpoint
 * of this log. */
static enum result checkpoint_sign(struct keeper *k, struct bytes body, struct buf *reply)
{
    struct cursor c = cursor_over(body);
    struct keys_checkpoint asked;
    struct buf text = BUF_INIT(4096);
    uint8_t signature[SIGN_SIGNATURE];
    TRY(keys_checkpoint_take(&c, &asked));
    TRY(cursor_done(&c));
    if (asked.size < k->signed_size || (asked.size == k->signed_size && k->signed_size > 0 &&
                                        memcmp(asked.root, k->signed_root, ROAD_DIGEST) != 0))
        return RESULT_OK; /* an empty answer: refused */
    struct checkpoint checkpoint = {.origin = bytes_of_text(k->log_name), .size = asked.size};
    memcpy(checkpoint.root.b, asked.root, ROAD_DIGEST);
    checkpoint_put(&checkpoint, &text);
    sign_make(k->secrets->log_key, buf_view(&text), signature);
    buf_put(reply, signature, sizeof signature);
    buf_free(&text);
    k->signed_size = asked.size;
    memcpy(k->signed_root, asked.root, ROAD_DIGEST);
    return RESULT_OK;
}

static enum result handle(struct keeper *k, const struct channel_message *m, unsigned *type,
                          struct buf *reply)
{
    switch (m->type) {
    case IPC_EDGE_KEYS: *type = IPC_EDGE_KEYS_ARE; return edge_keys(k, m->body, reply);
    case IPC_TLS_SIGN: *type = IPC_TLS_SIGNED; return tls_keys_sign(&k->tls, m->body, reply);
    case IPC_CONSOLE_SIGN:
        *type = IPC_CONSOLE_SIGNED;
        return tls_keys_sign(&k->console, m->body, reply);
    case IPC_SCOPE_FOR: *type = IPC_SCOPE_IS; return scope_for(k, m->body, reply);
    case IPC_SCOPE_GET: *type = IPC_SCOPE_IS; return scope_get(k, m->body, reply);
    case IPC_LEDGER_KEYS: *type = IPC_LEDGER_KEYS_ARE; return ledger_keys(k, m->body, reply);
    case IPC_SCOPES_LOAD: *type = IPC_SCOPES_LOADED; return scopes_load(k, m->body, reply);
    case IPC_SCOPES_ADOPT: *type = IPC_SCOPES_ADOPTED; return adopt_all(k, m->body, reply);
    case IPC_SCOPES_DOOM: *type = IPC_SCOPES_DOOMED; return scopes_doom(k, m->body, reply);
    case IPC_SCOPES_REWRAP: *type = IPC_SCOPES_REWRAPPED; return scopes_rewrap(k, m->body, reply);
    case IPC_SECRET_ROTATE: *type = IPC_SECRET_ROTATED; return secret_rotate(k, m->body, reply);
    case IPC_REGISTER_MAKE: *type = IPC_REGISTER_IS; return register_make_scope(k, m->body, reply);
    case IPC_REGISTER_OPEN:
        *type = IPC_REGISTER_OPENED;
        return register_open_facts(k->scopes, m->body, reply);
    case IPC_REGISTER_SEAL:
        *type = IPC_REGISTER_SEALED;
        return register_seal_fact(k->scopes, m->body, reply);
    case IPC_CHECKPOINT_SIGN:
        *type = IPC_CHECKPOINT_SIGNED;
        return checkpoint_sign(k, m->body, reply);
    case IPC_HALF_MAKE: *type = IPC_HALF_IS; return half_seal(k->scopes, m->body, reply);
    default: return RESULT_MALFORMED;
    }
}

enum result keeper_handle(struct keeper *k, const struct channel_message *m, unsigned *type,
                          struct buf *reply)
{
    *type = 0;
    TRY(handle(k, m, type, reply));
    return buf_status(reply);
}
