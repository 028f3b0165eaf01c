#include "ipc/activation.h"

#include "base/ident.h"

static void put_officers(const struct activation_officer *o, size_t count, struct buf *out)
{
    buf_u8(out, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        buf_bytes16(out, o[i].name);
        buf_put(out, o[i].id, ACTIVATION_ID);
        buf_put(out, o[i].key, ACTIVATION_KEY);
    }
}

void activation_put(const struct activation *a, struct buf *out)
{
    buf_bytes16(out, a->set);
    buf_u64(out, a->serial);
    buf_put(out, a->sha256, ACTIVATION_DIGEST);
    buf_bool(out, a->signatures_required);
    put_officers(a->signer, a->signers, out);
    buf_u64(out, a->fallback_serial);
    buf_put(out, a->fallback_sha256, ACTIVATION_DIGEST);
    put_officers(a->next, a->nexts, out);
}

static enum result take_officers(struct cursor *in, struct activation_officer *o, size_t *count)
{
    uint8_t n;
    TRY(cursor_u8(in, &n));
    if (n > ACTIVATION_OFFICERS)
        return RESULT_RANGE;
    for (*count = 0; *count < n; (*count)++) {
        TRY(cursor_bytes16(in, &o[*count].name));
        TRY(cursor_copy(in, o[*count].id, ACTIVATION_ID));
        TRY(cursor_copy(in, o[*count].key, ACTIVATION_KEY));
        if (o[*count].name.n > 0 && !ident_split_unit(o[*count].name, NULL, NULL))
            return RESULT_MALFORMED;
    }
    return RESULT_OK;
}

enum result activation_take(struct cursor *in, struct activation *out)
{
    TRY(cursor_bytes16(in, &out->set));
    TRY(cursor_u64(in, &out->serial));
    TRY(cursor_copy(in, out->sha256, ACTIVATION_DIGEST));
    TRY(cursor_bool(in, &out->signatures_required));
    TRY(take_officers(in, out->signer, &out->signers));
    TRY(cursor_u64(in, &out->fallback_serial));
    TRY(cursor_copy(in, out->fallback_sha256, ACTIVATION_DIGEST));
    TRY(take_officers(in, out->next, &out->nexts));
    TRY(cursor_done(in));
    return out->serial == 0 || !ident_is_word(out->set) ? RESULT_MALFORMED : RESULT_OK;
}
