#include "audit/canonical.h"

#include "json/json.h"

#define INTEGER_LIMIT (INT64_C(1) << 53)

void canonical_begin(struct canonical *c, struct buf *out)
{
    *c = (struct canonical){out, out->n, RESULT_OK};
    buf_u8(out, '{');
}

static void put_text(struct canonical *c, struct bytes value)
{
    if (!bytes_is_text(value))
        c->status = RESULT_MALFORMED;
    else
        json_put_text(c->out, value);
}

void canonical_text(struct canonical *c, const char *key, struct bytes value)
{
    if (value.n == 0)
        return;
    json_put_key(c->out, key);
    put_text(c, value);
}

void canonical_texts(struct canonical *c, const char *key, const struct bytes *value, size_t count)
{
    if (count == 0)
        return;
    json_put_key(c->out, key);
    for (size_t i = 0; i < count; i++) {
        buf_u8(c->out, i == 0 ? '[' : ',');
        put_text(c, value[i]);
    }
    buf_u8(c->out, ']');
}

void canonical_integer(struct canonical *c, const char *key, int64_t value)
{
    if (value < 0 || value >= INTEGER_LIMIT)
        c->status = RESULT_RANGE;
    else
        json_put_member_integer(c->out, key, value);
}

void canonical_count(struct canonical *c, const char *key, uint64_t value)
{
    if (value >= (uint64_t)INTEGER_LIMIT)
        c->status = RESULT_RANGE;
    else if (value != 0)
        json_put_member_integer(c->out, key, (int64_t)value);
}

void canonical_item(struct canonical *c, const char *key, size_t number)
{
    if (number == 0)
        json_put_key(c->out, key);
    buf_text(c->out, number == 0 ? "[{" : ",{");
}

void canonical_close(struct canonical *c)
{
    buf_u8(c->out, '}');
}

void canonical_list_end(struct canonical *c, size_t count)
{
    if (count > 0)
        buf_u8(c->out, ']');
}

enum result canonical_end(struct canonical *c, size_t most)
{
    buf_u8(c->out, '}');
    if (c->status == RESULT_OK)
        c->status = buf_status(c->out);
    if (c->status == RESULT_OK && c->out->n - c->before > most)
        c->status = RESULT_TOO_LARGE;
    if (c->status != RESULT_OK)
        c->out->n = c->before;
    return c->status;
}

/* ---- reading */

/* Whether this stands next; it is skipped then. */
static bool take(struct cursor *c, const char *literal, size_t n)
{
    struct bytes next;
    if (c->left < n || memcmp(c->at, literal, n) != 0)
        return false;
    return cursor_take(c, n, &next) == RESULT_OK;
}

/* "key": with a comma before it, unless it is the first. Most that are asked for are not there:
 * their first letter tells. */
static bool take_key(struct cursor *c, const char *key)
{
    struct bytes head;
    size_t at = c->left > 0 && *c->at == ',' ? 2 : 1; /* behind the quote */
    if (c->left <= at || c->at[at] != (uint8_t)key[0])
        return false;
    size_t n = strlen(key);
    struct cursor ahead = *c;
    if (cursor_take(&ahead, at + n + 2, &head) != RESULT_OK || head.p[at - 1] != '"' ||
        memcmp(head.p + at, key, n) != 0 || memcmp(head.p + at + n, "\":", 2) != 0)
        return false;
    *c = ahead;
    return true;
}

/* Appends what a backslash and what follows it stand for; nothing when that is nothing. */
static void take_escape(struct cursor *c, struct buf *out)
{
    static const char letters[] = "\"\\bfnrt", meant[] = "\"\\\b\f\n\r\t";
    uint8_t letter = 0, code[2];
    struct bytes digits;
    if (cursor_u8(c, &letter) != RESULT_OK)
        return;
    const char *found = memchr(letters, letter, sizeof letters - 1);
    if (found != NULL)
        buf_u8(out, (uint8_t)meant[found - letters]);
    else if (letter == 'u' && cursor_take(c, 4, &digits) == RESULT_OK &&
             bytes_from_hex(digits, code, sizeof code))
        buf_u8(out, code[1]);
}

/* A text with escapes in it, behind its opening quote. */
static bool take_escaped(struct cursor *c, struct buf *out, struct bytes *text)
{
    size_t from = out->n;
    uint8_t letter = 0;
    while (cursor_u8(c, &letter) == RESULT_OK && letter != '"') {
        if (letter == '\\')
            take_escape(c, out);
        else
            buf_u8(out, letter);
    }
    *text = bytes_of(out->p + from, out->n - from);
    return letter == '"';
}

/* Nearly all texts of a log are as they stand. */
static bool take_string(struct canonical_reader *r, struct cursor *c, struct bytes *text)
{
    if (!take(c, "\"", 1))
        return false;
    struct cursor plain = *c;
    if (cursor_until(&plain, '"', text) != RESULT_OK)
        return false;
    if (text->n > 0 && memchr(text->p, '\\', text->n) != NULL)
        return take_escaped(c, r->room, text);
    *c = plain;
    return true;
}

enum result canonical_read(struct canonical_reader *r, struct bytes given, size_t most,
                           struct buf *room)
{
    /* What was escaped is shorter than its escapes, and nothing moves what points into it. */
    buf_init(room, 2 * given.n);
    if (given.n > most)
        return RESULT_MALFORMED;
    (void)buf_reserve(room, 2 * given.n);
    buf_put(room, given.p, given.n);
    *r = (struct canonical_reader){cursor_over(buf_view(room)), room};
    (void)take(&r->in, "{", 1);
    return RESULT_OK;
}

struct bytes canonical_take_text(struct canonical_reader *r, const char *key)
{
    struct bytes text;
    struct cursor c = r->in;
    if (!take_key(&c, key) || !take_string(r, &c, &text))
        return bytes_of(NULL, 0);
    r->in = c;
    return text;
}

size_t canonical_take_texts(struct canonical_reader *r, const char *key, struct bytes *out,
                            size_t most)
{
    size_t count = 0;
    struct cursor c = r->in;
    if (!take_key(&c, key) || !take(&c, "[", 1))
        return 0;
    while (count < most && take_string(r, &c, &out[count])) {
        count++;
        (void)take(&c, ",", 1);
    }
    (void)take(&c, "]", 1);
    r->in = c;
    return count;
}

int64_t canonical_take_integer(struct canonical_reader *r, const char *key, bool *there)
{
    int64_t value = 0;
    size_t n = 0;
    struct bytes digits;
    bool found = take_key(&r->in, key);
    while (found && n < r->in.left && r->in.at[n] >= '0' && r->in.at[n] <= '9' &&
           value < INTEGER_LIMIT)
        value = value * 10 + (r->in.at[n++] - '0');
    (void)!cursor_take(&r->in, n, &digits);
    if (there != NULL)
        *there = found;
    return value;
}

bool canonical_take_item(struct canonical_reader *r, const char *key, size_t number)
{
    struct cursor c = r->in;
    bool found = number == 0 ? take_key(&c, key) && take(&c, "[{", 2) : take(&c, ",{", 2);
    if (found)
        r->in = c;
    return found;
}

void canonical_take_close(struct canonical_reader *r)
{
    (void)take(&r->in, "}", 1);
}

void canonical_take_list_end(struct canonical_reader *r, size_t count)
{
    if (count > 0)
        (void)take(&r->in, "]", 1);
}

enum result canonical_same(struct bytes given, enum result written, struct buf *again)
{
    bool same = written == RESULT_OK && bytes_equal(given, buf_view(again));
    buf_free(again);
    return same ? RESULT_OK : RESULT_MALFORMED;
}
