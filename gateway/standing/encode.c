#include "standing/state.h"

static bool has_region(enum standing_step step)
{
    return step == STANDING_ACTIVE || step == STANDING_ENDED;
}

void standing_change_put(const struct standing_change *c, struct buf *out)
{
    buf_u8(out, (uint8_t)c->step);
    buf_bytes16(out, c->by);
    buf_i64(out, c->at_us);
    if (has_region(c->step)) {
        buf_bytes16(out, c->region);
        return;
    }
    buf_put(out, c->consent, STANDING_DIGEST);
    buf_u8(out, (uint8_t)c->purposes);
    for (size_t i = 0; i < c->purposes; i++)
        buf_put(out, c->purpose[i], STANDING_TAG);
}

static enum result take_word(struct cursor *in, struct bytes *out)
{
    TRY(cursor_bytes16(in, out));
    return ident_is_word(*out) ? RESULT_OK : RESULT_MALFORMED;
}

static enum result take_tags(struct cursor *in, uint8_t (*tag)[STANDING_TAG], size_t most,
                             size_t *count)
{
    uint8_t n;
    TRY(cursor_u8(in, &n));
    if (n > most)
        return RESULT_TOO_LARGE;
    for (*count = 0; *count < n; ++*count)
        TRY(cursor_copy(in, tag[*count], STANDING_TAG));
    return RESULT_OK;
}

enum result standing_change_take(struct cursor *in, struct standing_change *out)
{
    uint8_t step;
    *out = (struct standing_change){0};
    TRY(cursor_u8(in, &step));
    if (step < STANDING_ACTIVE || step > STANDING_WITHDRAWN)
        return RESULT_MALFORMED;
    out->step = (enum standing_step)step;
    TRY(cursor_bytes16(in, &out->by));
    TRY(cursor_i64(in, &out->at_us));
    if (!ident_split_unit(out->by, NULL, NULL) || out->at_us <= 0)
        return RESULT_MALFORMED;
    if (has_region(out->step))
        return take_word(in, &out->region);
    TRY(cursor_copy(in, out->consent, STANDING_DIGEST));
    return take_tags(in, out->purpose, STANDING_PURPOSES_MAX, &out->purposes);
}

/* ---- the whole */

enum { ITEM_REGION = 1, ITEM_CONSENT = 2 };

static void put_consent(const struct consent *c, struct buf *out)
{
    buf_u8(out, ITEM_CONSENT);
    buf_put(out, c->digest, STANDING_DIGEST);
    buf_bytes16(out, bytes_of_text(c->party));
    buf_bool(out, c->all_gone);
    buf_u8(out, (uint8_t)c->exceptions);
    for (size_t i = 0; i < c->exceptions; i++)
        buf_put(out, c->exception[i], STANDING_TAG);
}

void standing_each(const struct standing *s, void (*each)(void *arg, struct bytes item), void *arg)
{
    struct buf item = BUF_INIT(4096);
    const struct consent *c;
    size_t at;
    for (size_t i = 0; i < s->regions; i++) {
        buf_clear(&item);
        buf_u8(&item, ITEM_REGION);
        buf_bytes16(&item, bytes_of_text(s->region[i]));
        each(arg, buf_view(&item));
    }
    MAP_FOREACH (c, s->consents, at) {
        buf_clear(&item);
        put_consent(c, &item);
        each(arg, buf_view(&item));
    }
    buf_free(&item);
}

static enum result take_region(struct standing *s, struct cursor *in)
{
    struct standing_change c = {.step = STANDING_ACTIVE};
    TRY(take_word(in, &c.region));
    TRY(cursor_done(in));
    return standing_apply(s, &c) == STANDING_APPLIED ? RESULT_OK : RESULT_MALFORMED;
}

static enum result take_consent(struct standing *s, struct cursor *in)
{
    struct consent c = {.all_gone = false};
    struct bytes party;
    TRY(cursor_copy(in, c.digest, STANDING_DIGEST));
    TRY(take_word(in, &party));
    memcpy(c.party, party.p, party.n);
    TRY(cursor_bool(in, &c.all_gone));
    TRY(take_tags(in, c.exception, STANDING_EXCEPTIONS_MAX, &c.exceptions));
    TRY(cursor_done(in));
    bool stands = !c.all_gone && c.exceptions == 0;
    if (stands || map_get(s->consents, bytes_of(c.digest, STANDING_DIGEST)) != NULL)
        return RESULT_MALFORMED;
    standing_add_consent(s, &c);
    return RESULT_OK;
}

enum result standing_take(struct standing *s, struct bytes item)
{
    struct cursor in = cursor_over(item);
    uint8_t type;
    TRY(cursor_u8(&in, &type));
    switch (type) {
    case ITEM_REGION: return take_region(s, &in);
    case ITEM_CONSENT: return take_consent(s, &in);
    default: return RESULT_MALFORMED;
    }
}
