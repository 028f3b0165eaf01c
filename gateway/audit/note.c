#include "audit/note.h"

#include "base/cursor.h"
#include "base/mem.h"
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

/* name+id+key: what the id is said to be stands in `said`. */
static enum result parse_key(struct hasher *h, struct bytes text, uint8_t said[KEY_ID],
                             struct note_key *out)
{
    struct cursor c = cursor_over(text);
    struct bytes name, id, key;
    struct buf raw = BUF_INIT(1 + SIGN_PUBLIC + 3);
    if (cursor_until(&c, '+', &name) != RESULT_OK || cursor_until(&c, '+', &id) != RESULT_OK ||
        cursor_take(&c, c.left, &key) != RESULT_OK || !bytes_from_hex(id, said, KEY_ID))
        return RESULT_MALFORMED;
    enum result r = RESULT_MALFORMED;
    if (base64_take(key, &raw) == RESULT_OK && raw.n == 1 + SIGN_PUBLIC &&
        (raw.p[0] == NOTE_KEY_ED25519 || raw.p[0] == NOTE_KEY_COSIGNATURE))
        r = note_key_make(h, name, raw.p[0], raw.p + 1, out);
    buf_free(&raw);
    return r;
}

enum result note_key_read(struct hasher *h, struct bytes text, struct note_key *out)
{
    uint8_t said[KEY_ID];
    enum result r = parse_key(h, text, said, out);
    return r == RESULT_OK && memcmp(said, out->id, KEY_ID) != 0 ? RESULT_MISMATCH : r;
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

static const char SECRET_MARK[] = "PRIVATE+KEY+";

void note_secret_text(const struct note_key *k, const uint8_t seed[SIGN_SEED], struct buf *out)
{
    struct note_key secret = *k; /* the same form, with the seed in the key's place */
    memcpy(secret.key, seed, SIGN_SEED);
    buf_text(out, SECRET_MARK);
    note_key_text(&secret, out);
    mem_wipe(&secret, sizeof secret);
}

enum result note_secret_read(struct hasher *h, struct bytes text, struct note_key *out,
                             uint8_t seed[SIGN_SEED])
{
    size_t n = sizeof SECRET_MARK - 1;
    uint8_t said[KEY_ID], public_key[SIGN_PUBLIC];
    struct note_key secret;
    if (!bytes_begins(text, SECRET_MARK))
        return RESULT_MALFORMED;
    enum result r = parse_key(h, bytes_of(text.p + n, text.n - n), said, &secret);
    if (r == RESULT_OK) {
        memcpy(seed, secret.key, SIGN_SEED);
        sign_public_of(seed, public_key);
        r = note_key_make(h, bytes_of_text(secret.name), secret.type, public_key, out);
    }
    mem_wipe(&secret, sizeof secret);
    return r == RESULT_OK && memcmp(said, out->id, KEY_ID) != 0 ? RESULT_MISMATCH : r;
}

/* ---- notes */

static void put_line(const struct note_key *k, struct bytes behind_id, struct buf *note)
{
    uint8_t raw[KEY_ID + TIME + SIGN_SIGNATURE];
    memcpy(raw, k->id, KEY_ID);
    memcpy(raw + KEY_ID, behind_id.p, behind_id.n);
    buf_printf(note, "%s%s ", SIGNATURE_MARK, k->name);
    base64_put(note, bytes_of(raw, KEY_ID + behind_id.n));
    buf_u8(note, '\n');
}

void note_put_signature(const struct note_key *k, const uint8_t signature[SIGN_SIGNATURE],
                        struct buf *note)
{
    put_line(k, bytes_of(signature, SIGN_SIGNATURE), note);
}

void note_put_cosignature(const struct note_key *k, uint64_t time_s,
                          const uint8_t signature[SIGN_SIGNATURE], struct buf *note)
{
    struct buf raw = BUF_INIT(TIME + SIGN_SIGNATURE);
    buf_u64(&raw, time_s);
    buf_put(&raw, signature, SIGN_SIGNATURE);
    put_line(k, buf_view(&raw), note);
    buf_free(&raw);
}

uint64_t cosignature_time(struct bytes line)
{
    struct cursor c = cursor_over(line);
    struct bytes skipped, text;
    struct buf raw = BUF_INIT(LINE_MAX);
    uint64_t time_s = 0;
    if (cursor_take(&c, sizeof SIGNATURE_MARK - 1, &skipped) == RESULT_OK &&
        cursor_until(&c, ' ', &skipped) == RESULT_OK &&
        cursor_until(&c, '\n', &text) == RESULT_OK && base64_take(text, &raw) == RESULT_OK &&
        raw.n == KEY_ID + TIME + SIGN_SIGNATURE) {
        struct cursor in = cursor_over(bytes_of(raw.p + KEY_ID, TIME));
        (void)!cursor_u64(&in, &time_s);
    }
    buf_free(&raw);
    return time_s;
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

void cosignature_text(struct bytes body, uint64_t time_s, struct buf *out)
{
    buf_printf(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
    buf_put(out, body.p, body.n);
}

static enum result check_cosignature(const struct note_key *k, struct bytes body, struct cursor c)
{
    struct buf text = BUF_INIT(body.n + 64);
    struct bytes signature;
    uint64_t time_s;
    TRY(cursor_u64(&c, &time_s));
    TRY(cursor_take(&c, SIGN_SIGNATURE, &signature));
    if (time_s > INT64_MAX)
        return RESULT_MISMATCH;
    cosignature_text(body, time_s, &text);
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
        cursor_until(&c, ' ', &name) != RESULT_OK || !is_name(name) ||
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

enum result note_find(struct bytes note, const struct note_key *k, struct bytes *body,
                      struct bytes *line)
{
    struct cursor signatures;
    size_t lines = 0;
    bool found = false;
    TRY(split(note, body, &signatures));
    while (signatures.left > 0) {
        struct bytes one;
        if (++lines > NOTE_SIGNATURES_MAX || cursor_until(&signatures, '\n', &one) != RESULT_OK)
            return RESULT_MALFORMED;
        enum result r = check_line(k, *body, one);
        if (r != RESULT_OK && r != RESULT_NOT_FOUND)
            return r;
        if (r == RESULT_OK)
            *line = bytes_of(one.p, one.n + 1);
        found = found || r == RESULT_OK;
    }
    return found ? RESULT_OK : RESULT_NOT_FOUND;
}

enum result note_open(struct bytes note, const struct note_key *k, struct bytes *body)
{
    struct bytes line;
    return note_find(note, k, body, &line);
}

/* ---- checkpoints */

void checkpoint_put(const struct checkpoint *c, struct buf *out)
{
    buf_put(out, c->origin.p, c->origin.n);
    buf_printf(out, "\n%" PRIu64 "\n", c->size);
    base64_put(out, bytes_of(c->root.b, TREE_HASH));
    buf_u8(out, '\n');
}

bool checkpoint_number(struct bytes text, uint64_t *size)
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

enum result checkpoint_hash(struct bytes text, struct tree_hash *root)
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
    if (cursor_until(&c, '\n', &out->origin) != RESULT_OK || out->origin.n == 0 ||
        cursor_until(&c, '\n', &size) != RESULT_OK || !checkpoint_number(size, &out->size) ||
        cursor_until(&c, '\n', &root) != RESULT_OK)
        return RESULT_MALFORMED;
    TRY(checkpoint_hash(root, &out->root));
    while (c.left > 0)
        if (cursor_until(&c, '\n', &extension) != RESULT_OK || extension.n == 0)
            return RESULT_MALFORMED;
    return RESULT_OK;
}

static const char *why_not_opened(enum result r)
{
    switch (r) {
    case RESULT_NOT_FOUND: return "it has no signature of this key";
    case RESULT_MISMATCH: return "the signature of this key is wrong";
    default: return "it is not a signed note (C2SP signed-note)";
    }
}

enum result checkpoint_open(struct bytes note, const struct note_key *log, struct checkpoint *out,
                            const char **fault)
{
    struct bytes body;
    enum result r = note_open(note, log, &body);
    if (r != RESULT_OK) {
        *fault = why_not_opened(r);
        return r;
    }
    *fault = "it is not a checkpoint (C2SP tlog-checkpoint)";
    TRY(checkpoint_read(body, out));
    *fault = "it is the checkpoint of another log";
    return bytes_is(out->origin, log->name) ? RESULT_OK : RESULT_MISMATCH;
}
