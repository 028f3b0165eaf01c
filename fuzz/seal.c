/*
 * The seal of a policy set. The input: flags, then all files of a set as harness `policy` takes
 * them, and behind a line "~~~" what is written when the set is sealed and signed: files again, in
 * place of what was there, an empty one for none. In between this harness lists the files and
 * signs, as the flags say, with keys that are in inventory/keys/: those of two officers, kim and
 * lee, who are trusted, of the police, who acknowledge mou/a.yaml, and of a stranger.
 *
 * A set that may come into force is signed by both officers, or known, and is what was listed.
 */
#include "ask.h"
#include "fuzz.h"

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/init.h"
#include "policy/seal.h"

#include <stdio.h>
#include <unistd.h>

enum {
    ENFORCE = 1,
    LIST = 2,
    KIM = 4,
    LEE = 8,
    STRANGER = 16,
    POLICE = 32,
    KNOWN = 64,
    DRAFT = 128
};

static const struct {
    const char *name, *file, *signature, *over;
    unsigned flag;
} signer[] = {
    {"police/kim", "inventory/keys/kim.pub", "signatures/set.yaml.police.kim.minisig", "set.yaml",
     KIM},
    {"police/lee", "inventory/keys/lee.pub", "signatures/set.yaml.police.lee.minisig", "set.yaml",
     LEE},
    {"", "inventory/keys/police.pub", "signatures/mou/a.yaml.police.minisig", "mou/a.yaml", POLICE},
    {"", "", "signatures/set.yaml.police.no.minisig", "set.yaml", STRANGER}};
enum { OFFICERS = 2, SIGNERS = ARRAY_LEN(signer) };

struct world {
    unsigned flags;
    struct bytes later;
    struct minisign_secret *secret[SIGNERS];
    struct seal_trust trust;
};

/* ---- keys, the same for the whole process */

static void make_keys(struct world *w)
{
    for (size_t i = 0; i < SIGNERS; i++) {
        struct minisign_public key;
        w->secret[i] = minisign_secret_new();
        minisign_secret_public(w->secret[i], &key);
        if (i < OFFICERS)
            HOLDS(seal_trust_add(&w->trust, bytes_of_text(signer[i].name), &key));
    }
}

static void put_keys(const struct world *w, int folder)
{
    for (size_t i = 0; i < SIGNERS; i++) {
        struct minisign_public key;
        struct buf text = BUF_INIT(MINISIGN_FILE_MAX);
        minisign_secret_public(w->secret[i], &key);
        minisign_public_write(&key, bytes_of(NULL, 0), &text);
        if (signer[i].file[0] != '\0')
            fuzz_file_write(folder, signer[i].file, buf_view(&text));
        buf_free(&text);
    }
}

/* ---- between the set's files and the compiler */

static void list(int folder)
{
    struct manifest m = {0};
    char path[SEAL_PATH];
    struct bytes set = fuzz_file_read(folder, "set.yaml");
    struct buf text = BUF_INIT(1 << 20);
    HOLDS(manifest_list(folder, &m, path) == RESULT_OK);
    if (set.p != NULL && manifest_write(&m, set, &text) == RESULT_OK)
        fuzz_file_write(folder, "set.yaml", buf_view(&text));
    manifest_free(&m);
    buf_free(&text);
    mem_free((void *)(uintptr_t)set.p);
}

static void sign(const struct world *w, int folder)
{
    for (size_t i = 0; i < SIGNERS; i++) {
        struct bytes text = fuzz_file_read(folder, signer[i].over);
        struct buf signature = BUF_INIT(MINISIGN_FILE_MAX);
        if ((w->flags & signer[i].flag) != 0 && text.p != NULL) {
            HOLDS(minisign_sign(w->secret[i], text, false, bytes_of_text("t"), &signature) ==
                  RESULT_OK);
            fuzz_file_write(folder, signer[i].signature, buf_view(&signature));
        }
        buf_free(&signature);
        mem_free((void *)(uintptr_t)text.p);
    }
}

static void digest_of_set(int folder, uint8_t out[SHA256_BYTES])
{
    struct bytes set = fuzz_file_read(folder, "set.yaml");
    struct hasher *h = hasher_new();
    hasher_sha256(h, &set, 1, out);
    hasher_free(h);
    mem_free((void *)(uintptr_t)set.p);
}

static void seal_it(void *arg, int folder)
{
    struct world *w = arg;
    uint8_t sha256[SHA256_BYTES];
    put_keys(w, folder);
    if ((w->flags & LIST) != 0)
        list(folder);
    sign(w, folder);
    w->trust.knowns = 0;
    if ((w->flags & KNOWN) != 0) {
        digest_of_set(folder, sha256);
        seal_trust_know(&w->trust, sha256);
    }
    ask_rewrite(folder, w->later);
}

/* ---- what came of it */

static void ask_rows(const struct seal *s)
{
    struct seal_row row;
    for (size_t i = 0; seal_row(s, i, &row); i++)
        HOLDS(bytes_is_text(bytes_of_text(row.file)) && bytes_is_text(bytes_of_text(row.who)) &&
              seal_state_text(row.state, i % 2 == 0) != NULL);
    HOLDS(seal_verdict_word(seal_verdict(s)) != NULL);
}

static void is_good(const struct world *w, const struct seal *s, int folder)
{
    uint8_t said[SHA256_BYTES], is[SHA256_BYTES];
    int to = fuzz_folder_empty("copy");
    const struct manifest *files = seal_files(s, said);
    digest_of_set(folder, is);
    HOLDS(memcmp(said, is, sizeof is) == 0);
    HOLDS(seal_claim(s)->signers >= SEAL_SIGNERS || (w->flags & KNOWN) != 0);
    HOLDS(seal_claim(s)->next.officers >= SEAL_SIGNERS);
    HOLDS(manifest_copy(files, folder, to, said) == RESULT_OK);
    HOLDS(close(to) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "\n~~~\n";
    static struct world w;
    struct buf block = BUF_INIT(16u << 20), said = BUF_INIT(4u << 20);
    struct cursor in = cursor_over(bytes_of(data, size));
    HOLDS(crypto_init() == RESULT_OK);
    if (w.secret[0] == NULL)
        make_keys(&w);
    w.flags = fuzz_byte(&in);
    const uint8_t *at = in.left == 0 ? NULL : memmem(in.at, in.left, mark, sizeof mark - 1);
    struct bytes archive = bytes_of(in.at, at == NULL ? in.left : (size_t)(at - in.at));
    w.later = at == NULL ? bytes_of(NULL, 0)
                         : bytes_of(at + sizeof mark - 1, in.left - archive.n - (sizeof mark - 1));
    bool enforce = (w.flags & ENFORCE) != 0;
    struct seal *s = seal_new(&w.trust, enforce);
    const struct ask_sealing sealing = {s, (w.flags & DRAFT) != 0, seal_it, &w};
    int folder = fuzz_folder_empty("set");
    enum result r = ask_compile_sealed(folder, archive, &sealing, &block, &said);
    ask_rows(s);
    HOLDS(r != RESULT_OK || !enforce || seal_verdict(s) == SEAL_IS_GOOD);
    if (r == RESULT_OK && seal_verdict(s) == SEAL_IS_GOOD)
        is_good(&w, s, folder);
    HOLDS(close(folder) == 0);
    seal_free(s);
    buf_free(&block);
    buf_free(&said);
    return 0;
}
