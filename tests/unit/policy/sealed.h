/* A set whose officers and parties have keys: sealed and signed in memory, then changed by a test.
 */
#ifndef FEDGATE_TESTS_POLICY_SEALED_H
#define FEDGATE_TESTS_POLICY_SEALED_H

#include "keys.h"
#include "policy/seal.h"

#define KIM   "signatures/set.yaml.police.kim.minisig"
#define LEE   "signatures/set.yaml.police.lee.minisig"
#define PARK  "signatures/set.yaml.police.park.minisig"
#define MOU_A "signatures/mou/a.yaml.police.minisig"
#define MOU_B "signatures/mou/b.yaml.police.minisig"

struct sealed {
    struct set set;
    struct minisign_secret *kim, *lee, *park, *police, *nobody;
    struct seal_trust trust;
};

static inline struct minisign_secret *new_key(struct set *s, const char *file)
{
    struct minisign_secret *secret = minisign_secret_new();
    struct minisign_public key;
    struct buf text = BUF_INIT(4096);
    char path[100];
    minisign_secret_public(secret, &key);
    minisign_public_write(&key, bytes_of(NULL, 0), &text);
    (void)snprintf(path, sizeof path, "inventory/keys/%s", file);
    if (file[0] != '\0')
        set_put(s, path, buf_c(&text));
    buf_free(&text);
    return secret;
}

static inline void trust(struct sealed *s, const char *name, const struct minisign_secret *secret)
{
    struct minisign_public key;
    minisign_secret_public(secret, &key);
    assert_true(seal_trust_add(&s->trust, bytes_of_text(name), &key));
}

/* Signs what `file` holds now. */
static inline void sign(struct sealed *s, const struct minisign_secret *secret, const char *file,
                        const char *signature)
{
    struct buf out = BUF_INIT(MINISIGN_FILE_MAX);
    assert_int_equal(minisign_sign(secret, bytes_of_text(set_file(&s->set, file)->text), false,
                                   bytes_of_text(file), &out),
                     RESULT_OK);
    set_put(&s->set, signature, buf_c(&out));
    buf_free(&out);
}

static inline void digest_of(const char *text, uint8_t out[SHA256_BYTES])
{
    struct hasher *h = hasher_new();
    const struct bytes view = bytes_of_text(text);
    hasher_sha256(h, &view, 1, out);
    hasher_free(h);
}

static inline void seal_it(struct sealed *s)
{
    struct manifest m = {0};
    struct buf text = BUF_INIT(1 << 20);
    for (size_t i = 0; i < s->set.files; i++) {
        const struct set_file *f = &s->set.file[i];
        uint8_t sha256[SHA256_BYTES];
        if (f->text == NULL || strcmp(f->path, SET) == 0 ||
            strncmp(f->path, "signatures/", 11) == 0)
            continue;
        digest_of(f->text, sha256);
        assert_true(manifest_add(&m, f->path, sha256));
    }
    assert_int_equal(manifest_write(&m, bytes_of_text(set_file(&s->set, SET)->text), &text),
                     RESULT_OK);
    set_put(&s->set, SET, buf_c(&text));
    manifest_free(&m);
    buf_free(&text);
}

static inline void sign_all(struct sealed *s)
{
    sign(s, s->kim, SET, KIM);
    sign(s, s->lee, SET, LEE);
    sign(s, s->police, A, MOU_A);
    sign(s, s->police, B, MOU_B);
}

/* Sealed and signed as it must be. */
static inline void sealed_new(struct sealed *s)
{
    *s = (struct sealed){0};
    set_new(&s->set);
    put_officers(&s->set);
    s->kim = new_key(&s->set, "kim.pub");
    s->lee = new_key(&s->set, "lee.pub");
    s->park = new_key(&s->set, "park.pub");
    s->police = new_key(&s->set, "police.pub");
    s->nobody = new_key(&s->set, "");
    trust(s, "police/kim", s->kim);
    trust(s, "police/lee", s->lee);
    seal_it(s);
    sign_all(s);
}

static inline void sealed_compile(struct sealed *s, bool enforce)
{
    s->set.seal = seal_new(&s->trust, enforce);
    set_compile(&s->set);
}

static inline void sealed_free(struct sealed *s)
{
    minisign_secret_free(s->kim);
    minisign_secret_free(s->lee);
    minisign_secret_free(s->park);
    minisign_secret_free(s->police);
    minisign_secret_free(s->nobody);
    seal_free(s->set.seal);
    set_free(&s->set);
}

#endif
