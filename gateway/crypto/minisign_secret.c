/* minisign's secret keys: encrypted with what scrypt makes of a password, or not at all. */
#include "base/mem.h"
#include "crypto/base64.h"
#include "crypto/minisign_form.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#include <errno.h>
#include <sodium.h>

enum { SALT = 32, CHECKSUM = 32, SECRET_KEY = crypto_sign_SECRETKEYBYTES };

struct minisign_secret {
    uint8_t id[MINISIGN_ID];
    uint8_t key[SECRET_KEY]; /* the seed, then the public key */
};

/* As it stands in the file; the last three are under the password. */
struct secret_block {
    uint8_t algorithm[2], derivation[2], checksum_algorithm[2];
    uint8_t salt[SALT], operations[8], memory[8];
    uint8_t id[MINISIGN_ID], key[SECRET_KEY], checksum[CHECKSUM];
};

/* What there is of a key while its text is read or written: in locked memory too. */
struct work {
    struct secret_block block;
    uint8_t stream[MINISIGN_ID + SECRET_KEY + CHECKSUM];
    uint8_t checksum[CHECKSUM], public_key[SIGN_PUBLIC], derived[SECRET_KEY];
};

static bool is_encrypted(const struct secret_block *b)
{
    return memcmp(b->derivation, "Sc", 2) == 0;
}

static uint64_t little_endian(const uint8_t b[8])
{
    uint64_t v = 0;
    for (unsigned i = 8; i-- > 0;)
        v = v << 8 | b[i];
    return v;
}

static void put_little_endian(uint64_t v, uint8_t out[8])
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> 8 * i);
}

struct minisign_cost minisign_cost_standard(void)
{
    return (struct minisign_cost){crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE,
                                  crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE};
}

struct minisign_secret *minisign_secret_new(void)
{
    struct minisign_secret *s = secret_new(sizeof *s);
    uint8_t public_key[SIGN_PUBLIC];
    if (s == NULL)
        return NULL;
    random_fill(s->id, sizeof s->id);
    (void)crypto_sign_keypair(public_key, s->key);
    return s;
}

void minisign_secret_free(struct minisign_secret *s)
{
    secret_free(s);
}

/* BLAKE2b over the algorithm and the plain key. */
static void checksum(const struct secret_block *b, uint8_t out[CHECKSUM])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, CHECKSUM);
    (void)crypto_generichash_update(&state, b->algorithm, sizeof b->algorithm);
    (void)crypto_generichash_update(&state, b->id, sizeof b->id);
    (void)crypto_generichash_update(&state, b->key, sizeof b->key);
    (void)crypto_generichash_final(&state, out, CHECKSUM);
    mem_wipe(&state, sizeof state);
}

/* Encrypts, or decrypts: the three last fields lie one behind the other. */
static enum result cover(struct work *w, struct bytes password)
{
    struct secret_block *b = &w->block;
    const struct minisign_cost most = minisign_cost_standard();
    uint64_t operations = little_endian(b->operations), memory = little_endian(b->memory);
    if (operations > most.operations || memory > most.memory)
        return RESULT_TOO_LARGE;
    if (crypto_pwhash_scryptsalsa208sha256(w->stream, sizeof w->stream, (const char *)password.p,
                                           password.n, b->salt, operations, (size_t)memory) != 0)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < MINISIGN_ID; i++)
        b->id[i] ^= w->stream[i];
    for (size_t i = 0; i < SECRET_KEY; i++)
        b->key[i] ^= w->stream[MINISIGN_ID + i];
    for (size_t i = 0; i < CHECKSUM; i++)
        b->checksum[i] ^= w->stream[MINISIGN_ID + SECRET_KEY + i];
    return RESULT_OK;
}

/* ---- reading */

static enum result read_block(struct bytes text, struct secret_block *out)
{
    struct cursor in = cursor_over(text);
    struct bytes comment;
    if (text.n > MINISIGN_FILE_MAX)
        return RESULT_TOO_LARGE;
    TRY(form_comment(&in, FORM_UNTRUSTED, MINISIGN_COMMENT_MAX, &comment));
    TRY(form_block(&in, out, sizeof *out));
    TRY(cursor_done(&in));
    static const uint8_t none[2];
    bool known = memcmp(out->algorithm, "Ed", 2) == 0 &&
                 memcmp(out->checksum_algorithm, "B2", 2) == 0 &&
                 (is_encrypted(out) || memcmp(out->derivation, none, 2) == 0);
    return known ? RESULT_OK : RESULT_MALFORMED;
}

/* Key and checksum belong together; minisign 0.11 leaves the checksum of a plain key empty. The
 * public half must be the seed's, or a signature would give the seed away. */
static bool is_whole(struct work *w, bool was_encrypted)
{
    const struct secret_block *b = &w->block;
    checksum(b, w->checksum);
    bool good = sodium_memcmp(w->checksum, b->checksum, CHECKSUM) == 0 ||
                (!was_encrypted && sodium_is_zero(b->checksum, CHECKSUM) == 1);
    (void)crypto_sign_seed_keypair(w->public_key, w->derived, b->key);
    return good && sodium_memcmp(w->derived, b->key, SECRET_KEY) == 0;
}

static enum result read_into(struct work *w, struct bytes text, struct bytes password,
                             struct minisign_secret *out)
{
    TRY(read_block(text, &w->block));
    bool encrypted = is_encrypted(&w->block);
    if (encrypted)
        TRY(cover(w, password));
    if (!is_whole(w, encrypted))
        return RESULT_MISMATCH;
    memcpy(out->id, w->block.id, sizeof out->id);
    memcpy(out->key, w->block.key, sizeof out->key);
    return RESULT_OK;
}

bool minisign_secret_is_encrypted(struct bytes text)
{
    struct secret_block *b = secret_new(sizeof *b);
    bool encrypted = b != NULL && read_block(text, b) == RESULT_OK && is_encrypted(b);
    secret_free(b);
    return encrypted;
}

enum result minisign_secret_read(struct bytes text, struct bytes password,
                                 struct minisign_secret **out)
{
    struct work *w = secret_new(sizeof *w);
    struct minisign_secret *s = secret_new(sizeof *s);
    enum result r = w == NULL || s == NULL ? RESULT_NO_MEMORY : read_into(w, text, password, s);
    secret_free(w);
    if (r == RESULT_OK)
        *out = s;
    else
        secret_free(s);
    return r;
}

/* ---- writing */

static enum result fill(struct work *w, const struct minisign_secret *s, struct bytes password,
                        const struct minisign_cost *cost)
{
    struct secret_block *b = &w->block;
    memcpy(b->algorithm, "Ed", 2);
    memcpy(b->checksum_algorithm, "B2", 2);
    memcpy(b->id, s->id, sizeof b->id);
    memcpy(b->key, s->key, sizeof b->key);
    if (cost == NULL)
        return RESULT_OK; /* with an empty checksum, as minisign 0.11 has it */
    checksum(b, b->checksum);
    memcpy(b->derivation, "Sc", 2);
    random_fill(b->salt, sizeof b->salt);
    put_little_endian(cost->operations, b->operations);
    put_little_endian(cost->memory, b->memory);
    return cover(w, password);
}

enum result minisign_secret_write(const struct minisign_secret *s, struct bytes password,
                                  const struct minisign_cost *cost, struct buf *out)
{
    struct work *w = secret_new(sizeof *w);
    enum result r = w == NULL ? RESULT_NO_MEMORY : fill(w, s, password, cost);
    if (r == RESULT_OK) {
        buf_text(out, FORM_UNTRUSTED "minisign encrypted secret key\n");
        base64_put(out, bytes_of(&w->block, sizeof w->block));
        buf_text(out, "\n");
        r = buf_status(out);
    }
    secret_free(w);
    return r;
}

void minisign_secret_public(const struct minisign_secret *s, struct minisign_public *out)
{
    memcpy(out->id, s->id, sizeof out->id);
    memcpy(out->key, s->key + SIGN_SEED, sizeof out->key);
}

/* ---- signing */

static void put_comment(const struct minisign_secret *s, const uint8_t signature[SIGN_SIGNATURE],
                        struct bytes trusted, struct buf *out)
{
    struct buf text = BUF_INIT(SIGN_SIGNATURE + MINISIGN_TRUSTED_MAX);
    uint8_t global[SIGN_SIGNATURE];
    buf_put(&text, signature, SIGN_SIGNATURE);
    buf_put(&text, trusted.p, trusted.n);
    (void)crypto_sign_detached(global, NULL, text.p, text.n, s->key);
    buf_text(out, FORM_TRUSTED);
    buf_put(out, trusted.p, trusted.n);
    buf_text(out, "\n");
    base64_put(out, bytes_of(global, sizeof global));
    buf_text(out, "\n");
    buf_free(&text);
}

enum result minisign_sign(const struct minisign_secret *s, struct bytes message, bool legacy,
                          struct bytes trusted, struct buf *out)
{
    uint8_t digest[FORM_DIGEST], block[2 + MINISIGN_ID + SIGN_SIGNATURE] = {'E', 'd'};
    uint8_t *signature = block + 2 + MINISIGN_ID;
    if (!form_is_comment(trusted, MINISIGN_TRUSTED_MAX))
        return RESULT_MALFORMED;
    if (!legacy) {
        block[1] = 'D';
        form_digest(message, digest);
        message = bytes_of(digest, sizeof digest);
    }
    memcpy(block + 2, s->id, MINISIGN_ID);
    (void)crypto_sign_detached(signature, NULL, message.p, message.n, s->key);
    buf_text(out, FORM_UNTRUSTED "signature from minisign secret key\n");
    base64_put(out, bytes_of(block, sizeof block));
    buf_text(out, "\n");
    put_comment(s, signature, trusted, out);
    return buf_status(out);
}
