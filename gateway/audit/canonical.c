#include "audit/canonical.h"

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

enum result canonical_read(struct bytes given, size_t most, struct json **out)
{
    char why[1];
    return given.n > most || json_read(given, out, why, sizeof why) != RESULT_OK ? RESULT_MALFORMED
                                                                                 : RESULT_OK;
}

enum result canonical_same(struct bytes given, enum result written, struct buf *again)
{
    bool same = written == RESULT_OK && bytes_equal(given, buf_view(again));
    buf_free(again);
    return same ? RESULT_OK : RESULT_MALFORMED;
}
