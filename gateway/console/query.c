#include "console/query.h"

#include "base/cursor.h"

struct query_raw {
    struct bytes name, value;
};

static struct bytes part_before(struct cursor *c, char mark)
{
    struct bytes part;
    if (cursor_until(c, mark, &part) == RESULT_OK)
        return part;
    return cursor_take(c, c->left, &part) == RESULT_OK ? part : bytes_of(NULL, 0);
}

static enum query_fault decode(struct bytes in, struct buf *out, struct bytes *view)
{
    struct cursor c = cursor_over(in);
    size_t begin = out->n;
    uint8_t b;
    while (cursor_u8(&c, &b) == RESULT_OK) {
        if (b == '%') {
            struct bytes hex;
            if (cursor_take(&c, 2, &hex) != RESULT_OK || !bytes_from_hex(hex, &b, 1))
                return QUERY_BAD_ESCAPE;
        } else if (b == '+') {
            b = ' ';
        }
        buf_u8(out, b);
    }
    *view = bytes_of(out->p + begin, out->n - begin);
    return bytes_is_text(*view) ? QUERY_GOOD : QUERY_NOT_TEXT;
}

static bool has(const struct query *q, struct bytes name)
{
    for (size_t i = 0; i < q->pairs; i++)
        if (bytes_equal(q->pair[i].name, name))
            return true;
    return false;
}

static enum query_fault take_pair(struct bytes pair, struct query *out)
{
    struct cursor c = cursor_over(pair);
    struct query_pair p;
    struct bytes name = part_before(&c, '='), value = bytes_of(c.at, c.left);
    enum query_fault fault = decode(name, &out->text, &p.name);
    if (fault == QUERY_GOOD)
        fault = decode(value, &out->text, &p.value);
    if (fault != QUERY_GOOD || p.value.n == 0)
        return fault;
    if (has(out, p.name))
        return QUERY_TWICE;
    if (out->pairs == QUERY_PAIRS_MAX)
        return QUERY_TOO_MANY;
    out->pair[out->pairs++] = p;
    return QUERY_GOOD;
}

enum query_fault query_read(struct bytes text, struct query *out)
{
    struct cursor c = cursor_over(text);
    enum query_fault fault = QUERY_GOOD;
    *out = (struct query){.text = BUF_INIT(QUERY_BYTES_MAX)};
    if (text.n > QUERY_BYTES_MAX)
        return QUERY_TOO_LONG;
    /* Decoded it is never longer: no view moves while pairs are added. */
    (void)buf_reserve(&out->text, text.n + 1);
    while (c.left > 0 && fault == QUERY_GOOD)
        fault = take_pair(part_before(&c, '&'), out);
    return fault;
}

void query_free(struct query *q)
{
    buf_free(&q->text);
    q->pairs = 0;
}

static struct bytes trim(struct bytes b)
{
    while (b.n > 0 && (b.p[0] == ' ' || b.p[0] == '\t')) {
        b.p++;
        b.n--;
    }
    while (b.n > 0 && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\t'))
        b.n--;
    return b;
}

struct bytes query_get(const struct query *q, const char *name)
{
    for (size_t i = 0; i < q->pairs; i++)
        if (bytes_is(q->pair[i].name, name))
            return trim(q->pair[i].value);
    return bytes_of(NULL, 0);
}

static bool stands_as_it_is(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == '~' || c == '/' || c == ':';
}

void query_escape(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (stands_as_it_is(text.p[i]))
            buf_u8(out, text.p[i]);
        else
            buf_printf(out, "%%%02X", text.p[i]);
}

void query_put(struct buf *out, const char *name, struct bytes value)
{
    if (value.n == 0)
        return;
    bool first = out->n == 0 || memchr(out->p, '?', out->n) == NULL;
    buf_printf(out, "%c%s=", first ? '?' : '&', name);
    query_escape(out, value);
}
