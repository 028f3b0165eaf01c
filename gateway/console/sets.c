#include "console/sets.h"

#include "base/limits.h"
#include "base/mem.h"
#include "policy/compile.h"
#include "policy/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what the log has on record */

static bool take_text(struct bytes value, char *out, size_t room)
{
    if (value.n >= room)
        return false;
    memcpy(out, value.p, value.n);
    out[value.n] = '\0';
    return true;
}

bool activated_read(const struct leaf *leaf, struct activated *out)
{
    struct bytes value, rest = leaf->detail;
    *out =
        (struct activated){.index = leaf->index, .serial = leaf->policy, .time_us = leaf->time_us};
    if (leaf->event != AUDIT_POLICY_ACTIVATED || !leaf_detail(&rest, "set", &value) ||
        !take_text(value, out->name, sizeof out->name) || !leaf_detail(&rest, "sha256", &value) ||
        !bytes_from_hex(value, out->sha256, sizeof out->sha256) ||
        !leaf_detail(&rest, "signatures", &value))
        return false;
    out->required = bytes_is(value, "required");
    struct bytes more = rest;
    if (leaf_detail(&more, "officers", &value) &&
        !take_text(value, out->officers, sizeof out->officers))
        return false;
    if (leaf_detail(&rest, "previous", &value))
        for (size_t i = 0; i < value.n && value.p[i] >= '0' && value.p[i] <= '9' && i < 18; i++)
            out->previous = out->previous * 10 + (uint64_t)(value.p[i] - '0');
    return true;
}

/* ---- what is kept */

struct kept_set {
    uint8_t sha256[SHA256_BYTES], set_sha256[SHA256_BYTES];
    uint64_t serial, asked; /* when it was asked for last; 0: the place is free */
    unsigned holders;
    int folder;
    struct manifest files; /* without set.yaml */
    struct buf block;
    struct policy *policy;
};

struct sets {
    int archive;
    uint64_t asks;
    struct kept_set kept[SETS_KEPT];
};

struct sets *sets_new(int archive)
{
    struct sets *s = mem_new(sizeof *s);
    s->archive = archive;
    return s;
}

static void let_go(struct kept_set *k)
{
    if (k->asked == 0)
        return;
    policy_close(k->policy);
    buf_free(&k->block);
    manifest_free(&k->files);
    if (k->folder >= 0)
        (void)close(k->folder);
    *k = (struct kept_set){0};
}

void sets_free(struct sets *s)
{
    for (size_t i = 0; s != NULL && i < SETS_KEPT; i++)
        let_go(&s->kept[i]);
    mem_free(s);
}

const struct policy *kept_policy(const struct kept_set *k)
{
    return k->policy;
}

void sets_release(struct kept_set *k)
{
    if (k != NULL)
        k->holders--;
}

/* ---- files of a copy */

/* Neither a link nor something that reading would wait for. */
static enum result read_file(int folder, const char *path, struct buf *out)
{
    enum { PIECE = 65536 };
    struct stat st;
    ssize_t n = 1;
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? RESULT_NOT_FOUND : RESULT_IO;
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    while (good && n > 0) {
        uint8_t *room = buf_reserve(out, PIECE);
        n = room == NULL ? 0 : read(fd, room, PIECE);
        out->n += n > 0 ? (size_t)n : 0;
        good = n >= 0;
    }
    (void)close(fd);
    return good ? buf_status(out) : RESULT_IO;
}

static void digest_of(struct bytes text, uint8_t out[SHA256_BYTES])
{
    struct hasher *h = hasher_new();
    hasher_sha256(h, &text, 1, out);
    hasher_free(h);
}

const uint8_t *kept_digest(const struct kept_set *k, const char *path)
{
    const struct manifest_file *f = manifest_get(&k->files, path);
    return strcmp(path, "set.yaml") == 0 ? k->set_sha256 : f == NULL ? NULL : f->sha256;
}

const char *kept_path(const struct kept_set *k, size_t i)
{
    return i < k->files.count ? k->files.file[i].path : NULL;
}

/* What is read is what was checked, whoever wrote to the folder meanwhile. */
enum result kept_file(const struct kept_set *k, const char *path, struct buf *out)
{
    const uint8_t *wanted = kept_digest(k, path);
    uint8_t is[SHA256_BYTES];
    if (wanted == NULL)
        return RESULT_NOT_FOUND;
    TRY(read_file(k->folder, path, out));
    digest_of(buf_view(out), is);
    return memcmp(is, wanted, SHA256_BYTES) == 0 ? RESULT_OK : RESULT_MISMATCH;
}

/* ---- opening a copy */

/* Before anything is parsed: the copy has the digest that is on record, as the set was named by it
 * (policy/seal.c). */
static enum set_state check(struct kept_set *k, const struct activated *a)
{
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES);
    char path[SEAL_PATH];
    uint8_t all[SHA256_BYTES];
    if (read_file(k->folder, "set.yaml", &text) != RESULT_OK) {
        buf_free(&text);
        return SET_ABSENT;
    }
    digest_of(buf_view(&text), k->set_sha256);
    buf_free(&text);
    if (manifest_list(k->folder, &k->files, path) != RESULT_OK)
        return SET_CHANGED;
    manifest_digest(&k->files, k->set_sha256, all);
    bool same = memcmp(k->set_sha256, a->sha256, SHA256_BYTES) == 0 ||
                memcmp(all, a->sha256, SHA256_BYTES) == 0;
    return same ? SET_GOOD : SET_CHANGED;
}

/* Its set.yaml is known by its digest, and needs no signature here; where signatures were asked
 * for, each file is compared with the list in it before it is parsed. */
static enum set_state compile(struct kept_set *k, const struct activated *a)
{
    struct seal_trust *trust = mem_new(sizeof *trust);
    struct policy_counts counts;
    seal_trust_know(trust, k->set_sha256);
    struct seal *seal = seal_new(trust, a->required);
    struct diagnose *d = diagnose_new();
    const struct policy_sources sources = {
        .folder = k->folder, .crls = -1, .draft = true, .now_us = a->time_us, .seal = seal};
    enum set_state state = SET_BROKEN;
    if (policy_compile(&sources, d, &k->block, &counts) == RESULT_OK &&
        policy_open(buf_view(&k->block), &k->policy) == RESULT_OK)
        state =
            memcmp(seal_claim(seal)->sha256, a->sha256, SHA256_BYTES) == 0 ? SET_GOOD : SET_CHANGED;
    diagnose_free(d);
    seal_free(seal);
    mem_free(trust);
    return state;
}

static enum set_state open_copy(const struct sets *s, struct kept_set *k, const struct activated *a)
{
    char hex[17], name[64];
    bytes_to_hex(bytes_of(a->sha256, sizeof hex / 2), hex);
    (void)snprintf(name, sizeof name, "%" PRIu64 "-%s", a->serial, hex);
    k->folder = openat(s->archive, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (k->folder < 0)
        return SET_ABSENT;
    enum set_state state = check(k, a);
    return state == SET_GOOD ? compile(k, a) : state;
}

/* ---- */

/* A free place, or the one that was asked for longest ago; NULL when all are held. */
static struct kept_set *place_for(struct sets *s)
{
    struct kept_set *best = NULL;
    for (size_t i = 0; i < SETS_KEPT; i++)
        if (s->kept[i].holders == 0 && (best == NULL || s->kept[i].asked < best->asked))
            best = &s->kept[i];
    return best;
}

static struct kept_set *find(struct sets *s, const struct activated *a)
{
    for (size_t i = 0; i < SETS_KEPT; i++) {
        struct kept_set *k = &s->kept[i];
        if (k->asked != 0 && k->serial == a->serial &&
            memcmp(k->sha256, a->sha256, SHA256_BYTES) == 0)
            return k;
    }
    return NULL;
}

struct kept_set *sets_hold(struct sets *s, const struct activated *a, enum set_state *why)
{
    struct kept_set *k = find(s, a);
    *why = SET_GOOD;
    if (k == NULL && (k = place_for(s)) == NULL) {
        *why = SET_BUSY;
        return NULL;
    }
    if (k->asked == 0 || k->serial != a->serial ||
        memcmp(k->sha256, a->sha256, SHA256_BYTES) != 0) {
        let_go(k);
        *k = (struct kept_set){.serial = a->serial, .asked = 1, .folder = -1, .block = BUF_INIT(0)};
        memcpy(k->sha256, a->sha256, SHA256_BYTES);
        *why = open_copy(s, k, a);
        if (*why != SET_GOOD) {
            let_go(k);
            return NULL;
        }
    }
    k->asked = ++s->asks + 1;
    k->holders++;
    return k;
}
