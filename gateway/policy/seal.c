/* The seal's course: set.yaml's signatures before it is parsed, each file's digest before that is,
 * and in the end what the folder has beside them. */
#include "policy/seal.h"

#include "base/limits.h"
#include "base/mem.h"
#include "policy/seal_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* ---- making, asking */

struct seal *seal_new(const struct seal_trust *trust, bool enforce)
{
    struct seal *s = mem_new(sizeof *s);
    s->trust = trust;
    s->enforce = enforce;
    return s;
}

void seal_free(struct seal *s)
{
    if (s == NULL)
        return;
    mem_free(s->row);
    manifest_free(&s->listed);
    manifest_free(&s->there);
    manifest_free(&s->signatures);
    mem_free(s);
}

enum seal_verdict seal_verdict(const struct seal *s)
{
    return s->verdict;
}

const struct seal_claim *seal_claim(const struct seal *s)
{
    return &s->claim;
}

bool seal_row(const struct seal *s, size_t i, struct seal_row *out)
{
    if (i >= s->rows)
        return false;
    *out = s->row[i];
    return true;
}

const struct manifest *seal_files(const struct seal *s, uint8_t set_sha256[SHA256_BYTES])
{
    memcpy(set_sha256, s->set_sha256, SHA256_BYTES);
    return &s->there;
}

/* ---- saying */

void seal_judge(struct seal *s, enum seal_verdict v)
{
    if (v > s->verdict)
        s->verdict = v;
}

static enum diagnose_code code_of(enum seal_state state)
{
    switch (state) {
    case SEAL_NOT_SEALED: return DIAGNOSE_NOT_SEALED;
    case SEAL_CHANGED: return DIAGNOSE_SEAL_CHANGED;
    case SEAL_EXTRA: return DIAGNOSE_SEAL_EXTRA;
    case SEAL_GONE: return DIAGNOSE_SEAL_GONE;
    case SEAL_UNSIGNED: return DIAGNOSE_SIGNATURE_MISSING;
    case SEAL_STALE: return DIAGNOSE_SIGNATURE_STALE;
    case SEAL_FOREIGN: return DIAGNOSE_SIGNATURE_FOREIGN;
    default: return DIAGNOSE_SIGNATURE_FORGED;
    }
}

static void fail(struct compilation *c, const char *file, enum diagnose_code code, const char *a1)
{
    const struct diagnose_place w = {file, {0}, 0, 0, 0};
    diagnose_add(c->reader.d, code, &w, a1, NULL, NULL);
}

void seal_say_if(struct compilation *c, bool wrong, const char *file, const char *who,
                 enum seal_state state)
{
    struct seal *s = c->sources->seal;
    if (s->rows == s->room) {
        s->row = mem_grow_array(s->row, s->room, 2 * s->room + 64, sizeof *s->row);
        s->room = 2 * s->room + 64;
    }
    struct seal_row *row = &s->row[s->rows++];
    (void)snprintf(row->file, sizeof row->file, "%s", file);
    (void)snprintf(row->who, sizeof row->who, "%s", who);
    row->state = state;
    if (wrong && s->enforce && !seal_state_is_good(state))
        fail(c, file, code_of(state), who[0] == '\0' ? NULL : who);
}

void seal_say(struct compilation *c, const char *file, const char *who, enum seal_state state)
{
    seal_say_if(c, true, file, who, state);
}

void seal_say_too_few(struct compilation *c)
{
    const struct seal *s = c->sources->seal;
    char count[24];
    (void)snprintf(count, sizeof count, "%zu", s->claim.signers);
    if (s->enforce)
        fail(c, "set.yaml", s->trust->officers == 0 ? DIAGNOSE_NO_TRUST : DIAGNOSE_SIGNATURES_FEW,
             count);
}

/* ---- before anything is parsed */

static void digest(struct bytes text, uint8_t out[SHA256_BYTES])
{
    struct hasher *h = hasher_new();
    hasher_sha256(h, &text, 1, out);
    hasher_free(h);
}

bool seal_begin(struct compilation *c)
{
    struct seal *s = c->sources->seal;
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES + 2 * 65536);
    if (s == NULL)
        return true;
    bool there = source_bytes(c, c->sources->folder, "set.yaml", LIMIT_YAML_BYTES, &text);
    if (there) {
        digest(buf_view(&text), s->set_sha256);
        seal_check_officers(c, buf_view(&text));
    }
    buf_free(&text);
    return there && (!s->enforce || s->verdict == SEAL_IS_GOOD);
}

/* ---- set.yaml's part */

/* A path as manifest_list finds them. */
static bool is_path(const char *path)
{
    bool good = path[0] != '\0' && strlen(path) < SEAL_PATH && strcmp(path, "set.yaml") != 0 &&
                strncmp(path, "signatures/", strlen("signatures/")) != 0;
    for (const char *part = path; good && part != NULL;) {
        good = part[0] != '.' && part[0] != '/' && part[0] != '\0';
        part = strchr(part, '/');
        part = part == NULL ? NULL : part + 1;
    }
    return good;
}

void seal_read_files(struct reader *r, const struct node *n, void *target)
{
    struct seal *s = ((struct compilation *)target)->sources->seal;
    uint8_t sha256[SHA256_BYTES];
    if (!read_is_map(r, n, "files"))
        return;
    for (size_t i = 0; i < node_count(n); i++) {
        const struct node *key = node_key(n, i), *value = node_value(n, i);
        if (!is_path(node_c(key)))
            read_fail(r, key, DIAGNOSE_NOT_A_PATH, node_c(key), NULL, NULL);
        else if (!bytes_from_hex(node_text(value), sha256, sizeof sha256))
            read_fail(r, value, DIAGNOSE_NOT_A_DIGEST, "files", NULL, NULL);
        else if (s != NULL && !manifest_add(&s->listed, node_c(key), sha256))
            read_fail(r, key, DIAGNOSE_TOO_MANY, "1024", "files", NULL);
    }
    if (s != NULL)
        s->is_listed = true;
}

struct fallback {
    int64_t serial;
    uint8_t sha256[SHA256_BYTES];
};

static void read_fallback_serial(struct reader *r, const struct node *n, void *target)
{
    (void)read_number(r, n, "serial", 1, SERIAL_MAX, &((struct fallback *)target)->serial);
}

static void read_fallback_sha256(struct reader *r, const struct node *n, void *target)
{
    if (!bytes_from_hex(node_text(n), ((struct fallback *)target)->sha256, SHA256_BYTES))
        read_fail(r, n, DIAGNOSE_NOT_A_DIGEST, "sha256", NULL, NULL);
}

void seal_read_fallback(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"serial", true, read_fallback_serial},
                                           {"sha256", true, read_fallback_sha256}};
    struct seal *s = ((struct compilation *)target)->sources->seal;
    struct fallback f = {0};
    size_t before = diagnose_errors(r->d);
    (void)read_map(r, n, "fallback", keys, ARRAY_LEN(keys), &f);
    if (s == NULL || diagnose_errors(r->d) != before)
        return;
    s->claim.fallback_serial = (uint64_t)f.serial;
    memcpy(s->claim.fallback_sha256, f.sha256, SHA256_BYTES);
}

bool seal_is_listed(struct compilation *c)
{
    struct seal *s = c->sources->seal;
    if (s == NULL || s->is_listed)
        return true;
    seal_judge(s, SEAL_IS_STRIPPED);
    seal_say(c, "set.yaml", "", SEAL_NOT_SEALED);
    return !s->enforce;
}

/* ---- file by file */

bool seal_saw(struct compilation *c, int folder, const char *path, struct bytes text)
{
    struct seal *s = c->sources->seal;
    uint8_t is[SHA256_BYTES];
    if (s == NULL || !s->enforce || folder != c->sources->folder)
        return true;
    const struct manifest_file *f = manifest_get(&s->listed, path);
    const uint8_t *wanted = strcmp(path, "set.yaml") == 0 ? s->set_sha256
                            : f != NULL                   ? f->sha256
                                                          : NULL;
    digest(text, is);
    if (wanted != NULL && memcmp(is, wanted, SHA256_BYTES) == 0)
        return true;
    seal_judge(s, SEAL_IS_TAMPERED);
    seal_say(c, path, "", wanted == NULL ? SEAL_EXTRA : SEAL_CHANGED);
    return false;
}

/* ---- in the end */

static bool has_row(const struct seal *s, const char *file)
{
    for (size_t i = 0; i < s->rows; i++)
        if (strcmp(s->row[i].file, file) == 0 && s->row[i].who[0] == '\0')
            return true;
    return false;
}

static void compare(struct compilation *c)
{
    struct seal *s = c->sources->seal;
    for (size_t i = 0; i < s->there.count; i++) {
        const struct manifest_file *is = &s->there.file[i];
        const struct manifest_file *wanted = manifest_get(&s->listed, is->path);
        enum seal_state state = wanted == NULL ? SEAL_EXTRA
                                : memcmp(wanted->sha256, is->sha256, SHA256_BYTES) != 0
                                    ? SEAL_CHANGED
                                    : SEAL_LISTED;
        seal_judge(s, seal_state_verdict(state));
        if (!has_row(s, is->path))
            seal_say(c, is->path, "", state);
    }
    for (size_t i = 0; i < s->listed.count; i++)
        if (manifest_get(&s->there, s->listed.file[i].path) == NULL) {
            seal_judge(s, SEAL_IS_TAMPERED);
            seal_say(c, s->listed.file[i].path, "", SEAL_GONE);
        }
}

/* What lies among the signatures and is none that counts must not look as if it did. */
static void find_strays(struct compilation *c)
{
    struct seal *s = c->sources->seal;
    struct manifest m = {0};
    char path[SEAL_PATH], whole[SEAL_PATH + 16];
    int fd =
        openat(c->sources->folder, "signatures", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    bool listed = manifest_list(fd, &m, path) == RESULT_OK;
    (void)close(fd);
    if (!listed) {
        seal_judge(s, SEAL_IS_TAMPERED);
        seal_say(c, "signatures", "", SEAL_EXTRA);
    }
    for (size_t i = 0; i < m.count; i++)
        if (manifest_get(&s->signatures, m.file[i].path) == NULL) {
            (void)snprintf(whole, sizeof whole, "signatures/%s", m.file[i].path);
            seal_judge(s, SEAL_IS_TAMPERED);
            seal_say(c, whole, "", SEAL_EXTRA);
        }
    manifest_free(&m);
}

/* Two sets are one set when this is equal: set.yaml's own digest, which stands for all files when
 * they are sealed; else one over all of them. */
static void name_by_digest(struct seal *s)
{
    memcpy(s->claim.sha256, s->set_sha256, SHA256_BYTES);
    if (!s->is_listed || s->verdict == SEAL_IS_TAMPERED)
        manifest_digest(&s->there, s->set_sha256, s->claim.sha256);
}

/* Whoever signs the next set. Two of them must be able to. */
static void name_officers(struct compilation *c)
{
    struct seal *s = c->sources->seal;
    for (size_t i = 0; i < builder_count(c, SECTION_SIGNERS); i++) {
        const struct row_signer *row = builder_row(c, SECTION_SIGNERS, i);
        struct minisign_public key;
        memcpy(key.id, row->id, sizeof key.id);
        memcpy(key.key, row->key, sizeof key.key);
        if (row->signs_sets && row->has_key)
            (void)seal_trust_add(&s->claim.next, bytes_of_text(builder_text_at(c, row->name)),
                                 &key);
    }
    if (s->claim.next.officers >= SEAL_SIGNERS)
        return;
    seal_judge(s, SEAL_IS_STRIPPED);
    if (s->enforce)
        fail(c, "set.yaml", DIAGNOSE_NO_NEXT_OFFICERS, NULL);
}

void seal_finish(struct compilation *c)
{
    struct seal *s = c->sources->seal;
    char path[SEAL_PATH];
    if (s == NULL)
        return;
    enum result r = manifest_list(c->sources->folder, &s->there, path);
    if (r != RESULT_OK) {
        seal_judge(s, SEAL_IS_TAMPERED);
        fail(c, path, DIAGNOSE_FILE_UNREADABLE, result_text(r));
        return;
    }
    if (s->is_listed)
        compare(c);
    if (!s->enforce ||
        s->verdict != SEAL_IS_TAMPERED) /* memoranda that were read say what counts */
        find_strays(c);
    name_officers(c);
    name_by_digest(s);
    s->claim.serial = c->header.serial;
    (void)snprintf(s->claim.set, sizeof s->claim.set, "%s", builder_text_at(c, c->header.name));
}
