#include "ipc/register.h"

#include "ipc/codec.h"

static enum result code_scope(struct codec *c, struct register_scope *s)
{
    TRY(code_u64(c, &s->slot.id));
    TRY(code_raw(c, s->slot.tuple, ROAD_DIGEST));
    TRY(code_u64(c, &s->slot.generation));
    TRY(code_raw(c, s->slot.wrapped, ROAD_WRAPPED));
    TRY(code_i64(c, &s->begins_us));
    TRY(code_i64(c, &s->ends_us));
    TRY(code_i64(c, &s->keep_until_us));
    return s->slot.id != 0 && s->begins_us >= 0 && s->ends_us > s->begins_us &&
                   s->keep_until_us >= s->ends_us
               ? RESULT_OK
               : RESULT_MALFORMED;
}

static enum result code_opened(struct codec *c, struct register_opened *o)
{
    TRY(code_u64(c, &o->index));
    TRY(code_u64(c, &o->scope));
    TRY(code_raw(c, o->salt, ROAD_SEED));
    TRY(code_bytes16(c, &o->fact));
    return code_raw(c, o->subjects, ROAD_KEY);
}

static enum result code_plain(struct codec *c, struct register_plain *p)
{
    TRY(code_u64(c, &p->scope));
    TRY(code_bytes16(c, &p->fact));
    return p->scope != 0 && p->fact.n > 0 ? code_end(c) : RESULT_MALFORMED;
}

enum result register_slot_take(struct cursor *in, struct keys_slot *out)
{
    TRY(keys_slot_take(in, out));
    return cursor_done(in);
}

/* As in road.c. */
CODEC_PAIR(register, scope)
CODEC_PAIR(register, opened)
CODEC_PAIR(register, plain)
