#include "crypto/minisign.h"

#include "base/mem.h"
#include "crypto/base64.h"
#include "crypto/minisign_form.h"

#include <sodium.h>
#include <stdio.h>

/* ---- lines */

/* Without its end; the last line may have none. */
static enum result take_line(struct cursor *in, struct bytes *line)
{
    const uint8_t *end = in->left == 0 ? NULL : memchr(in->at, '\n', in->left);
    size_t n = end == NULL ? in->left : (size_t)(end - in->at) + 1;
    if (n == 0)
        return RESULT_END;
    TRY(cursor_take(in, n, line));
    if (end != NULL)
        line->n--;
    if (end != NULL && line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    return RESULT_OK;
}

bool form_is_comment(struct bytes comment, size_t most)
{
    for (size_t i = 0; i < comment.n; i++)
        if ((comment.p[i] < ' ' && comment.p[i] != '\t') || comment.p[i] == 0x7f)
            return false;
    return comment.n <= most && bytes_is_text(comment);
}

enum result form_comment(struct cursor *in, const char *begins, size_t most, struct bytes *comment)
{
    struct bytes line;
    TRY(take_line(in, &line));
    if (!bytes_begins(line, begins))
        return RESULT_MALFORMED;
    *comment = bytes_of(line.p + strlen(begins), line.n - strlen(begins));
    if (comment->n > most)
        return RESULT_TOO_LARGE;
    return form_is_comment(*comment, most) ? RESULT_OK : RESULT_MALFORMED;
}

enum result form_block(struct cursor *in, void *out, size_t n)
{
    struct bytes line;
    TRY(take_line(in, &line));
    return base64_take_exactly(line, out, n);
}

/* ---- public keys */

struct public_block {
    uint8_t algorithm[2], id[MINISIGN_ID], key[SIGN_PUBLIC];
};

enum result minisign_public_read(struct bytes text, struct minisign_public *out)
{
    struct cursor in = cursor_over(text);
    struct bytes comment;
    struct public_block block;
    if (text.n > MINISIGN_FILE_MAX)
        return RESULT_TOO_LARGE;
    TRY(form_comment(&in, FORM_UNTRUSTED, MINISIGN_COMMENT_MAX, &comment));
    TRY(form_block(&in, &block, sizeof block));
    TRY(cursor_done(&in));
    if (memcmp(block.algorithm, "Ed", 2) != 0)
        return RESULT_MALFORMED;
    memcpy(out->id, block.id, sizeof out->id);
    memcpy(out->key, block.key, sizeof out->key);
    return RESULT_OK;
}

bool minisign_is_comment(struct bytes comment)
{
    return form_is_comment(comment, MINISIGN_COMMENT_MAX);
}

void minisign_public_write(const struct minisign_public *key, struct bytes comment, struct buf *out)
{
    struct public_block block = {.algorithm = {'E', 'd'}};
    char id[MINISIGN_ID_TEXT];
    memcpy(block.id, key->id, sizeof block.id);
    memcpy(block.key, key->key, sizeof block.key);
    minisign_id_text(key->id, id);
    buf_text(out, FORM_UNTRUSTED);
    if (comment.n > 0)
        buf_put(out, comment.p, comment.n);
    else
        buf_printf(out, "minisign public key %s", id);
    buf_text(out, "\n");
    base64_put(out, bytes_of(&block, sizeof block));
    buf_text(out, "\n");
}

/* minisign takes the id for a little-endian number. */
void minisign_id_text(const uint8_t id[MINISIGN_ID], char out[MINISIGN_ID_TEXT])
{
    for (size_t i = 0; i < MINISIGN_ID; i++)
        (void)snprintf(out + 2 * i, 3, "%02X", id[MINISIGN_ID - 1 - i]);
}

/* ---- signatures */

struct signature_block {
    uint8_t algorithm[2], id[MINISIGN_ID], signature[SIGN_SIGNATURE];
};

enum result minisign_signature_read(struct bytes text, struct minisign_signature *out)
{
    struct cursor in = cursor_over(text);
    struct bytes comment;
    struct signature_block block;
    if (text.n > MINISIGN_FILE_MAX)
        return RESULT_TOO_LARGE;
    TRY(form_comment(&in, FORM_UNTRUSTED, MINISIGN_COMMENT_MAX, &comment));
    TRY(form_block(&in, &block, sizeof block));
    TRY(form_comment(&in, FORM_TRUSTED, MINISIGN_TRUSTED_MAX, &out->trusted));
    TRY(form_block(&in, out->global, sizeof out->global));
    TRY(cursor_done(&in));
    out->prehashed = memcmp(block.algorithm, "ED", 2) == 0;
    if (!out->prehashed && memcmp(block.algorithm, "Ed", 2) != 0)
        return RESULT_MALFORMED;
    memcpy(out->id, block.id, sizeof out->id);
    memcpy(out->signature, block.signature, sizeof out->signature);
    return RESULT_OK;
}

void form_digest(struct bytes message, uint8_t out[FORM_DIGEST])
{
    (void)crypto_generichash(out, FORM_DIGEST, message.p, message.n, NULL, 0);
}

/* The second signature: over the first and the trusted comment. */
enum result minisign_check_comment(const struct minisign_public *key,
                                   const struct minisign_signature *s)
{
    uint8_t text[SIGN_SIGNATURE + MINISIGN_TRUSTED_MAX];
    if (s->trusted.n > MINISIGN_TRUSTED_MAX)
        return RESULT_TOO_LARGE;
    memcpy(text, s->signature, SIGN_SIGNATURE);
    if (s->trusted.n > 0)
        memcpy(text + SIGN_SIGNATURE, s->trusted.p, s->trusted.n);
    return sign_check(key->key, bytes_of(text, SIGN_SIGNATURE + s->trusted.n), s->global);
}

enum result minisign_check(const struct minisign_public *key,
                           const struct minisign_signature *signature, struct bytes message)
{
    uint8_t digest[FORM_DIGEST];
    if (memcmp(key->id, signature->id, MINISIGN_ID) != 0)
        return RESULT_UNKNOWN;
    if (signature->prehashed) {
        form_digest(message, digest);
        message = bytes_of(digest, sizeof digest);
    }
    TRY(sign_check(key->key, message, signature->signature));
    return minisign_check_comment(key, signature);
}

enum result minisign_verify(struct bytes public_text, struct bytes signature_text,
                            struct bytes message, struct bytes *trusted)
{
    struct minisign_public key;
    struct minisign_signature signature;
    TRY(minisign_public_read(public_text, &key));
    TRY(minisign_signature_read(signature_text, &signature));
    TRY(minisign_check(&key, &signature, message));
    if (trusted != NULL)
        *trusted = signature.trusted;
    return RESULT_OK;
}
