#include "audit/note.h"

#include "base/cursor.h"
#include "crypto/base64.h"

#include <inttypes.h>

static const char SIGNATURE_MARK[] = "\xe2\x80\x94 "; /* em dash, space */

enum { KEY_ID = 4, TIME = 8, LINE_MAX = 16384 /* post-quantum signatures take 5,000 bytes */ };

/* ---- keys */

/* Unicode's White_Space characters above ASCII, in UTF-8. */
static const char *const wide_spaces[] = {
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

static bool is_name(struct bytes name)
{
    if (name.n == 0 || !bytes_is_text(name))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] <= ' ' || name.p[i] == '+')
            return false;
        for (size_t k = 0; k < ARRAY_LEN(wide_spaces); k++)
            if (bytes_begins(bytes_of(name.p + i, name.n - i), wide_spaces[k]))
                return false;
    }
    return true;
}

enum result note_key_make(struct hasher *h, struct bytes name, uint8_t type,
                          const uint8_t key[SIGN_PUBLIC], struct note_key *out)
{
    const uint8_t kind[] = {'\n', type};
    struct bytes part[] = {name, bytes_of(kind, sizeof kind), bytes_of(key, SIGN_PUBLIC)};
    uint8_t digest[SHA256_BYTES];
    if (!is_name(name) || name.n > NOTE_NAME_MAX)
        return RESULT_MALFORMED;
    *out = (struct note_key){.type = type};
    memcpy(out->name, name.p, name.n);
    memcpy(out->key, key, SIGN_PUBLIC);
    hasher_sha256(h, part, ARRAY_LEN(part), digest);
    memcpy(out->id, digest, KEY_ID);
    return RESULT_OK;
}

/* The bytes before the next `mark`, which is skipped; RESULT_END when there is none. */
static enum result take_until(struct cursor *c, char mark, struct bytes *out)
{
    const uint8_t *at = c->left == 0 ? NULL : memchr(c->at, mark, c->left);
    struct bytes skipped;
    if (at == NULL)
        return RESULT_END;
    TRY(cursor_take(c, (size_t)(at - c->at), out));
    return cursor_take(c, 1, &skipped);
}

enum result note_key_read(struct hasher *h, struct bytes text, struct note_key *out)
{
    struct cursor c = cursor_over(text);
    struct bytes name, id, key;
    uint8_t said[KEY_ID];
    struct buf raw = BUF_INIT(1 + SIGN_PUBLIC + 3);
    if (take_until(&c, '+', &name) != RESULT_OK || take_until(&c, '+', &id) != RESULT_OK ||
        cursor_take(&c, c.left, &key) != RESULT_OK || !bytes_from_hex(id, said, sizeof said))
        return RESULT_MALFORMED;
    enum result r = RESULT_MALFORMED;
    if (base64_take(key, &raw) == RESULT_OK && raw.n == 1 + SIGN_PUBLIC &&
        (raw.p[0] == NOTE_KEY_ED25519 || raw.p[0] == NOTE_KEY_COSIGNATURE))
        r = note_key_make(h, name, raw.p[0], raw.p + 1, out);
    if (r == RESULT_OK && memcmp(said, out->id, KEY_ID) != 0)
        r = RESULT_MISMATCH;
    buf_free(&raw);
    return r;
}

void note_key_text(const struct note_key *k, struct buf *out)
{
    uint8_t raw[1 + SIGN_PUBLIC] = {k->type};
    char id[2 * KEY_ID + 1];
    memcpy(raw + 1, k->key, SIGN_PUBLIC);
    bytes_to_hex(bytes_of(k->id, KEY_ID), id);
    buf_printf(out, "%s+%s+", k->name, id);
    base64_put(out, bytes_of(raw, sizeof raw));
}

/* ---- notes */

void note_put_signature(const struct note_key *k, const uint8_t signature[SIGN_SIGNATURE],
                        struct buf *note)
{
    uint8_t raw[KEY_ID + SIGN_SIGNATURE];
    memcpy(raw, k->id, KEY_ID);
    memcpy(raw + KEY_ID, signature, SIGN_SIGNATURE);
    buf_printf(note, "%s%s ", SIGNATURE_MARK, k->name);
    base64_put(note, bytes_of(raw, sizeof raw));
    buf_u8(note, '\n');
}

/* Text and signatures are parted by the last empty line. */
static enum result split(struct bytes note, struct bytes *body, struct cursor *signatures)
{
    size_t i = note.n;
    if (!bytes_is_text(note))
        return RESULT_MALFORMED;
    for (size_t k = 0; k < note.n; k++)
        if (note.p[k] < 0x20 && note.p[k] != '\n')
            return RESULT_MALFORMED;
    while (i >= 2 && (note.p[i - 1] != '\n' || note.p[i - 2] != '\n'))
        i--;
    if (i < 2 || i == note.n)
        return RESULT_MALFORMED;
    *body = bytes_of(note.p, i - 1);
    *signatures = cursor_over(bytes_of(note.p + i, note.n - i));
    return RESULT_OK;
}

enum result note_body(struct bytes note, struct bytes *body)
{
    struct cursor signatures;
    return split(note, body, &signatures);
}

/* tlog-cosignature, Ed25519 signed message: the time stands in front of the signature. */
static enum result check_cosignature(const struct note_key *k, struct bytes body, struct cursor c)
{
    struct buf text = BUF_INIT(body.n + 64);
    struct bytes signature;
    uint64_t time;
    TRY(cursor_u64(&c, &time));
    TRY(cursor_take(&c, SIGN_SIGNATURE, &signature));
    if (time > INT64_MAX)
        return RESULT_MISMATCH;
    buf_printf(&text, "cosignature/v1\ntime %" PRIu64 "\n", time);
    buf_put(&text, body.p, body.n);
    enum result r = sign_check(k->key, buf_view(&text), signature.p);
    buf_free(&text);
    return r;
}

/* Of a line that names this key: four bytes of id, and what the key's type puts behind them. */
static enum result check_signature(const struct note_key *k, struct bytes body, struct bytes raw)
{
    struct cursor c = cursor_over(bytes_of(raw.p + KEY_ID, raw.n - KEY_ID));
    if (k->type == NOTE_KEY_COSIGNATURE)
        return c.left == TIME + SIGN_SIGNATURE ? check_cosignature(k, body, c) : RESULT_MISMATCH;
    return c.left == SIGN_SIGNATURE ? sign_check(k->key, body, c.at) : RESULT_MISMATCH;
}

/* RESULT_NOT_FOUND for a line of another key. Both name and id make a key. */
static enum result check_line(const struct note_key *k, struct bytes body, struct bytes line)
{
    struct cursor c = cursor_over(line);
    struct bytes mark, name, text;
    struct buf raw = BUF_INIT(LINE_MAX);
    if (!bytes_begins(line, SIGNATURE_MARK) ||
        cursor_take(&c, sizeof SIGNATURE_MARK - 1, &mark) != RESULT_OK ||
        take_until(&c, ' ', &name) != RESULT_OK || !is_name(name) ||
        cursor_take(&c, c.left, &text) != RESULT_OK)
        return RESULT_MALFORMED;
    enum result r = RESULT_MALFORMED;
    if (base64_take(text, &raw) == RESULT_OK && raw.n > KEY_ID) {
        r = RESULT_NOT_FOUND;
        if (bytes_is(name, k->name) && memcmp(raw.p, k->id, KEY_ID) == 0)
            r = check_signature(k, body, buf_view(&raw));
    }
    buf_free(&raw);
    return r;
}

enum result note_open(struct bytes note, const struct note_key *k, struct bytes *body)
{
    struct cursor signatures;
    size_t lines = 0;
    bool found = false;
    TRY(split(note, body, &signatures));
    while (signatures.left > 0) {
        struct bytes line;
        if (++lines > NOTE_SIGNATURES_MAX || take_until(&signatures, '\n', &line) != RESULT_OK)
            return RESULT_MALFORMED;
        enum result r = check_line(k, *body, line);
        if (r != RESULT_OK && r != RESULT_NOT_FOUND)
            return r;
        found = found || r == RESULT_OK;
    }
    return found ? RESULT_OK : RESULT_NOT_FOUND;
}

/* ---- checkpoints */

void checkpoint_put(const struct checkpoint *c, struct buf *out)
{
    buf_put(out, c->origin.p, c->origin.n);
    buf_printf(out, "\n%" PRIu64 "\n", c->size);
    base64_put(out, bytes_of(c->root.b, TREE_HASH));
    buf_u8(out, '\n');
}

/* Decimal, without leading zeros, below 2^64. */
static bool read_size(struct bytes text, uint64_t *size)
{
    *size = 0;
    if (text.n == 0 || (text.n > 1 && text.p[0] == '0'))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t digit = (uint8_t)(text.p[i] - '0');
        if (digit > 9 || *size > (UINT64_MAX - digit) / 10)
            return false;
        *size = *size * 10 + digit;
    }
    return true;
}

static enum result read_root(struct bytes text, struct tree_hash *root)
{
    struct buf raw = BUF_INIT(TREE_HASH + 3);
    enum result r = base64_take(text, &raw);
    if (r == RESULT_OK && raw.n == TREE_HASH)
        memcpy(root->b, raw.p, TREE_HASH);
    else
        r = RESULT_MALFORMED;
    buf_free(&raw);
    return r;
}

enum result checkpoint_read(struct bytes body, struct checkpoint *out)
{
    struct cursor c = cursor_over(body);
    struct bytes size, root, extension;
    if (take_until(&c, '\n', &out->origin) != RESULT_OK || out->origin.n == 0 ||
        take_until(&c, '\n', &size) != RESULT_OK || !read_size(size, &out->size) ||
        take_until(&c, '\n', &root) != RESULT_OK)
        return RESULT_MALFORMED;
    TRY(read_root(root, &out->root));
    while (c.left > 0)
        if (take_until(&c, '\n', &extension) != RESULT_OK || extension.n == 0)
            return RESULT_MALFORMED;
    return RESULT_OK;
}
