/* fedgatectl policy sign: an officer's signature over set.yaml, a party's over its memoranda. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cli/policy_set.h"
#include "policy/seal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 256 };

struct arguments {
    const char *key, *as, *folder, *file;
    bool yes, legacy;
    int password_fd;
};

/* What is signed: paths, and what their digests were when the seal was looked at. */
struct work {
    struct policy_set set;
    struct seal *seal;
    struct minisign_secret *secret;
    struct seal_row file[FILES_MAX];
    size_t files;
};

/* ---- the key */

/* The key that the inventory has under this name. */
static bool key_of(const struct policy *p, const char *as, struct minisign_public *out)
{
    struct policy_officer o;
    struct bytes name = bytes_of_text(as);
    if (policy_party_key(p, name, out))
        return true;
    if (!policy_officer_row(p, policy_officer(p, name), &o) || !o.has_key)
        return false;
    *out = o.key;
    return true;
}

static bool is_ones_own(const struct work *w, const struct arguments *a)
{
    struct minisign_public known, own;
    char id[MINISIGN_ID_TEXT];
    minisign_secret_public(w->secret, &own);
    if (!key_of(w->set.policy, a->as, &known)) {
        cli_error("%s: inventory/parties.yaml has no key of '%s'", a->folder, a->as);
        return false;
    }
    minisign_id_text(own.id, id);
    if (memcmp(&known, &own, sizeof own) == 0)
        return true;
    cli_error("%s: the key %s is not the one that the inventory has for '%s'", a->key, id, a->as);
    return false;
}

/* ---- what to sign */

static bool is_sealed(const struct work *w)
{
    struct seal_row row;
    for (size_t i = 0; seal_row(w->seal, i, &row); i++)
        if (row.state == SEAL_NOT_SEALED || row.state == SEAL_CHANGED || row.state == SEAL_GONE ||
            (row.state == SEAL_EXTRA && strncmp(row.file, "signatures/", 11) != 0)) {
            cli_error("%s: %s %s: seal the set first", w->set.path, row.file,
                      seal_state_text(row.state, false));
            return false;
        }
    return true;
}

/* The memoranda that the party acknowledges and has not signed yet; or the one that is named. */
static bool choose_memoranda(struct work *w, const struct arguments *a)
{
    struct seal_row row;
    bool acknowledges = false;
    for (size_t i = 0; seal_row(w->seal, i, &row); i++) {
        if (strcmp(row.who, a->as) != 0 || (a->file != NULL && strcmp(row.file, a->file) != 0))
            continue;
        acknowledges = true;
        if (w->files < FILES_MAX && (a->file != NULL || row.state != SEAL_SIGNED))
            w->file[w->files++] = row;
    }
    if (!acknowledges)
        cli_error("'%s' acknowledges %s in %s", a->as,
                  a->file == NULL ? "no memorandum" : "no such file", a->folder);
    return acknowledges;
}

static bool choose(struct work *w, const struct arguments *a)
{
    if (strchr(a->as, '/') == NULL)
        return choose_memoranda(w, a);
    if (a->file != NULL && strcmp(a->file, "set.yaml") != 0) {
        cli_error("an officer signs set.yaml; a party signs memoranda");
        return false;
    }
    (void)snprintf(w->file[0].file, SEAL_PATH, "set.yaml");
    w->files = 1;
    return is_sealed(w);
}

/* ---- signing */

static bool digest_is(const struct work *w, const char *file, struct bytes text, char hex[65])
{
    uint8_t is[SHA256_BYTES], set[SHA256_BYTES];
    struct hasher *h = hasher_new();
    const struct manifest *m = seal_files(w->seal, set);
    const struct manifest_file *f = manifest_get(m, file);
    hasher_sha256(h, &text, 1, is);
    hasher_free(h);
    bytes_to_hex(bytes_of(is, sizeof is), hex);
    return memcmp(is, f == NULL ? set : f->sha256, sizeof is) == 0;
}

static bool signature_path(const struct work *w, const struct arguments *a, const char *file,
                           char out[2 * SEAL_PATH])
{
    char name[SEAL_NAME];
    (void)snprintf(name, sizeof name, "%s", a->as);
    char *slash = strchr(name, '/');
    if (slash != NULL)
        *slash = '.';
    (void)mkdirat(w->set.folder, "signatures", 0777);
    (void)mkdirat(w->set.folder, "signatures/mou", 0777);
    return snprintf(out, 2 * SEAL_PATH, "signatures/%s.%s.minisig", file, name) < 2 * SEAL_PATH;
}

static enum result make(const struct work *w, const struct arguments *a, const char *file,
                        struct bytes text, struct buf *out)
{
    const struct clock clock = clock_system();
    const struct seal_claim *c = seal_claim(w->seal);
    struct buf comment = BUF_INIT(MINISIGN_TRUSTED_MAX);
    char now[TIME_TEXT];
    time_text_s(clock_wall_us(&clock), zone_named("Asia/Seoul"), now);
    buf_printf(&comment, "fedgate set=%s serial=%llu file=%s as=%s at=%s", c->set,
               (unsigned long long)c->serial, file, a->as, now);
    enum result r = minisign_sign(w->secret, text, a->legacy, buf_view(&comment), out);
    buf_free(&comment);
    return r;
}

/* Shows one file, asks, and signs it. */
static int sign_file(const struct work *w, const struct arguments *a, const char *file)
{
    struct buf text = BUF_INIT(LIMIT_YAML_BYTES + (1 << 16)), out = BUF_INIT(MINISIGN_FILE_MAX);
    char hex[2 * SHA256_BYTES + 1], path[2 * SEAL_PATH];
    const struct seal_claim *c = seal_claim(w->seal);
    int code = CLI_FAILED;
    if (policy_set_read(&w->set, file, &text)) {
        if (!digest_is(w, file, buf_view(&text), hex)) {
            cli_error("%s changed while it was looked at", file);
        } else {
            (void)printf("%s of set %s, serial %llu: %zu bytes, SHA-256 %s\nsigned as %s\n", file,
                         c->set, (unsigned long long)c->serial, text.n, hex, a->as);
            (void)fflush(stdout);
            if (!a->yes && !cli_confirm("Sign it? (yes/no) "))
                code = CLI_NO;
            else if (make(w, a, file, buf_view(&text), &out) == RESULT_OK &&
                     signature_path(w, a, file, path) &&
                     cli_replace(w->set.folder, path, buf_view(&out)))
                code = CLI_OK;
        }
    }
    if (code == CLI_OK)
        (void)printf("%s/%s\n", a->folder, path);
    buf_free(&text);
    buf_free(&out);
    return code;
}

static int sign(struct work *w, const struct arguments *a)
{
    static const struct seal_trust nobody;
    int code = policy_set_verify(&w->set, &nobody, true, &w->seal);
    if (code != CLI_OK)
        return code;
    if (!choose(w, a))
        return CLI_NO;
    if (w->files == 0)
        (void)printf("'%s' has signed everything that it acknowledges\n", a->as);
    if (w->files > 0 &&
        (cli_secret_key(a->key, a->password_fd, &w->secret) != RESULT_OK || !is_ones_own(w, a)))
        return CLI_FAILED;
    for (size_t i = 0; code == CLI_OK && i < w->files; i++)
        code = sign_file(w, a, w->file[i].file);
    return code;
}

static bool parse(int argc, char **argv, struct arguments *a)
{
    const char *fd = NULL;
    const struct cli_option options[] = {{"key", &a->key, NULL},     {"as", &a->as, NULL},
                                         {"yes", NULL, &a->yes},     {"legacy", NULL, &a->legacy},
                                         {"password-fd", &fd, NULL}, {NULL, NULL, NULL}};
    *a = (struct arguments){0};
    int count = cli_options(options, argc, argv);
    if (count < 0 || !cli_descriptor(fd, &a->password_fd))
        return false;
    if (a->key == NULL || a->as == NULL || strlen(a->as) >= SEAL_NAME || count < 1 || count > 2) {
        cli_error("policy sign needs --key FILE, --as NAME, a folder, and perhaps a file of it");
        return false;
    }
    a->folder = argv[1];
    a->file = count == 2 ? argv[2] : NULL;
    return true;
}

int policy_sign_run(int argc, char **argv)
{
    struct arguments a;
    if (!parse(argc, argv, &a))
        return CLI_USAGE;
    struct work *w = mem_new(sizeof *w);
    int code = policy_set_open(&w->set, a.folder, "en");
    if (code == CLI_OK)
        code = sign(w, &a);
    seal_free(w->seal);
    minisign_secret_free(w->secret);
    policy_set_close(&w->set);
    mem_free(w);
    return code;
}
