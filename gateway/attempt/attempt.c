#include "attempt/attempt.h"

#include "base/mem.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "journal/journal.h"
#include "keeper/key_file.h"
#include "spool/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum record_type {
#define R(NAME, number, writer, meaning) RECORD_##NAME = (number),
#include "ledger/records.def"
#undef R
};

/* Behind a scope's number, its wrapped key stands within so many bytes of a record, whichever. */
enum { REACH = ROAD_REGIONS_MAX + 4096 };

/* What must not leave: in locked memory. */
struct secrets {
    uint8_t master[KEY_BYTES], mac[KEY_BYTES], key[ROAD_BODIES_MAX][KEY_BYTES];
    struct wrapping_secret wrapping;
    uint8_t sector[SECRET_SECTOR];
};

struct trial {
    struct attempt *out;
    struct secrets *secrets;
    struct buf record; /* of the message: its newest record that still has bodies */
    char *fault;
};

static enum result fail(const struct trial *t, const char *where, const char *why, enum result r)
{
    (void)snprintf(t->fault, ATTEMPT_FAULT, "%s: %s", where, why);
    return r;
}

/* ---- the keys' folder */

static enum result read_file(const struct trial *t, int folder, const char *name, uint8_t *to,
                             size_t room, size_t *n)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, to, room);
    if (got < 0) {
        const char *why = strerror(errno);
        if (fd >= 0)
            (void)close(fd);
        return fail(t, name, why, RESULT_IO);
    }
    (void)close(fd);
    *n = (size_t)got;
    return RESULT_OK;
}

static enum result read_keys(struct trial *t, int folder)
{
    struct secrets *s = t->secrets;
    size_t n = 0;
    TRY(read_file(t, folder, "master.key", s->sector, sizeof s->sector, &n));
    if (key_file_read(bytes_of(s->sector, n), "master", s->master) != RESULT_OK)
        return fail(t, "master.key", "it is no master key", RESULT_MALFORMED);
    TRY(read_file(t, folder, "wrapping.secret", s->sector, sizeof s->sector, &n));
    if (n != SECRET_SECTOR || wrapping_secret_read(s->sector, &s->wrapping) != RESULT_OK)
        return fail(t, "wrapping.secret", "it is not whole", RESULT_DAMAGED);
    mac_derive_key(s->master, "journal", s->mac);
    t->out->generation = s->wrapping.generation;
    return RESULT_OK;
}

/* ---- copies, and what may be their keys */

static struct attempt_copy *copy_of(const struct trial *t, uint64_t scope)
{
    for (size_t i = 0; i < t->out->copies; i++)
        if (t->out->copy[i].scope == scope)
            return &t->out->copy[i];
    return NULL;
}

static void add_copy(const struct trial *t, uint64_t scope)
{
    if (copy_of(t, scope) == NULL && t->out->copies < ROAD_BODIES_MAX)
        t->out->copy[t->out->copies++].scope = scope;
}

static void try_wrapped(const struct trial *t, struct attempt_copy *c,
                        const uint8_t wrapped[SEAL_WRAPPED])
{
    uint8_t *key = t->secrets->key[c - t->out->copy];
    c->wrapped++;
    if (!c->has_key)
        c->has_key = seal_unwrap(t->secrets->wrapping.secret, c->scope, wrapped, key) == RESULT_OK;
}

static void try_slot(void *arg, const struct keys_slot *slot)
{
    const struct trial *t = arg;
    struct attempt_copy *c = copy_of(t, slot->id);
    if (c == NULL)
        return;
    c->has_slot = true;
    try_wrapped(t, c, slot->wrapped);
}

/* Whatever the record is: everything behind the number could be the wrapped key, and the AEAD tells
 * whether it is. */
static void try_record(const struct trial *t, struct attempt_copy *c, struct bytes body)
{
    uint8_t number[8];
    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(c->scope >> (8 * (7 - i)));
    for (size_t at = 0; !c->has_key && at + 8 + SEAL_WRAPPED <= body.n; at++) {
        const uint8_t *hit = memmem(body.p + at, body.n - at, number, sizeof number);
        if (hit == NULL)
            return;
        at = (size_t)(hit - body.p);
        for (size_t k = at + 8; k + SEAL_WRAPPED <= body.n && k < at + 8 + REACH; k++)
            try_wrapped(t, c, body.p + k);
    }
}

/* ---- the journal, read twice: for the record, then for what may be keys */

static enum result look_for_record(void *arg, const struct journal_record *r)
{
    struct trial *t = arg;
    struct cursor in = cursor_over(r->body);
    struct road_commit c;
    uint64_t index, refers;
    t->out->records++;
    if ((r->type != RECORD_MESSAGE && r->type != RECORD_KEPT_MESSAGE) ||
        cursor_u64(&in, &index) != RESULT_OK || index != t->out->index ||
        cursor_u64(&in, &refers) != RESULT_OK || road_commit_take(&in, &c) != RESULT_OK)
        return RESULT_OK;
    t->out->found = true;
    for (size_t i = 0; i < c.bodies; i++)
        add_copy(t, c.body[i].scope);
    if (c.bodies > 0) {
        buf_clear(&t->record);
        buf_put(&t->record, r->body.p, r->body.n);
    }
    return RESULT_OK;
}

static enum result look_for_keys(void *arg, const struct journal_record *r)
{
    const struct trial *t = arg;
    for (size_t i = 0; i < t->out->copies; i++)
        try_record(t, &t->out->copy[i], r->body);
    return RESULT_OK;
}

static enum result look(struct trial *t, const struct journal_config *config,
                        enum result (*each)(void *arg, const struct journal_record *r))
{
    struct journal_fault fault;
    enum result r = journal_look(config, each, t, &fault);
    if (r != RESULT_OK)
        (void)snprintf(t->fault, ATTEMPT_FAULT, "journal, segment %lu at %llu: %s",
                       (unsigned long)fault.segment, (unsigned long long)fault.offset, fault.text);
    return r;
}

static enum result try_key_file(struct trial *t, int folder)
{
    struct slots *s = slots_new(folder, t->secrets->mac);
    enum result r = slots_look(s, try_slot, t);
    slots_free(s);
    return r == RESULT_OK ? r : fail(t, "slots", result_text(r), r);
}

/* ---- the body */

static void try_body(const struct trial *t, const struct road_commit *c, const struct road_body *b)
{
    struct attempt_copy *copy = copy_of(t, b->scope);
    if (copy == NULL)
        return;
    copy->bytes = b->sealed.n;
    if (!copy->has_key || b->sealed.n < SEAL_TAG)
        return;
    size_t n = b->sealed.n - SEAL_TAG;
    uint8_t *plain = mem_new(n), context[ROAD_CONTEXT];
    for (size_t k = 0; copy->opened == 0 && k < c->recipients; k++) {
        road_context(&c->envelope.id, c->commitment, c->recipient[k].deadline_us, context);
        if (seal_open_body(t->secrets->key[copy - t->out->copy], b->seed,
                           bytes_of(context, sizeof context), b->sealed, plain) == RESULT_OK)
            copy->opened = n;
    }
    mem_wipe(plain, n);
    mem_free(plain);
}

static void try_bodies(const struct trial *t)
{
    struct cursor in = cursor_over(buf_view(&t->record));
    struct road_commit c;
    uint64_t skipped;
    if (cursor_u64(&in, &skipped) != RESULT_OK || cursor_u64(&in, &skipped) != RESULT_OK ||
        road_commit_take(&in, &c) != RESULT_OK)
        return;
    for (size_t i = 0; i < c.bodies; i++)
        try_body(t, &c, &c.body[i]);
}

/* ---- */

static enum result try_all(struct trial *t, const struct attempt_files *files)
{
    struct journal_config config = {.second_folder = files->urgent};
    TRY(read_keys(t, files->keys));
    memcpy(config.mac_key, t->secrets->mac, KEY_BYTES);
    config.folder = openat(files->data, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (config.folder < 0)
        return fail(t, "journal", strerror(errno), RESULT_IO);
    enum result r = look(t, &config, look_for_record);
    if (r == RESULT_OK)
        r = try_key_file(t, files->data);
    if (r == RESULT_OK)
        r = look(t, &config, look_for_keys);
    if (r == RESULT_OK)
        try_bodies(t);
    mem_wipe(config.mac_key, sizeof config.mac_key);
    (void)close(config.folder);
    return r;
}

enum result attempt_open(const struct attempt_files *files, uint64_t index, const uint64_t *scope,
                         size_t scopes, struct attempt *out, char fault[ATTEMPT_FAULT])
{
    struct trial t = {.out = out,
                      .secrets = secret_new(sizeof *t.secrets),
                      .record = BUF_INIT(SIZE_MAX / 2),
                      .fault = fault};
    *out = (struct attempt){.index = index};
    fault[0] = '\0';
    if (t.secrets == NULL)
        return fail(&t, "memory", "it may not be locked (RLIMIT_MEMLOCK)", RESULT_NO_MEMORY);
    for (size_t i = 0; i < scopes; i++)
        add_copy(&t, scope[i]);
    enum result r = try_all(&t, files);
    secret_free(t.secrets);
    buf_free(&t.record);
    return r;
}

bool attempt_succeeded(const struct attempt *a)
{
    for (size_t i = 0; i < a->copies; i++)
        if (a->copy[i].opened > 0)
            return true;
    return false;
}
