#include "ipc/half_road.h"

#include "ipc/codec.h"
#include "ipc/control.h"

/* In front of every tuple for vaults. Of the others, which are digests, one in 2^128 begins so. */
static const char mark[16] = "fedgate vault 1";

static enum result code_ask(struct codec *c, struct half_ask *a)
{
    TRY(code_u64(c, &a->ticket));
    TRY(code_u8(c, &a->what));
    TRY(code_text(c, &a->unit, IDENT_UNIT_MAX));
    TRY(code_u64(c, &a->index));
    TRY(code_raw(c, a->reader, HALF_READER));
    TRY(code_i64(c, &a->used_us));
    if (c->in != NULL)
        TRY(road_fact_take(c->in, &a->fact));
    else
        road_fact_put(&a->fact, c->out);
    return a->ticket != 0 && a->what >= HALF_STORE && a->what <= HALF_HELD &&
                   ident_split_unit(a->unit, NULL, NULL) && a->used_us >= 0
               ? code_end(c)
               : RESULT_MALFORMED;
}

static enum result code_said(struct codec *c, struct half_said *s)
{
    TRY(code_u64(c, &s->ticket));
    TRY(code_u8(c, &s->answer));
    TRY(code_bool(c, &s->limited));
    TRY(code_u32(c, &s->left));
    TRY(code_u64(c, &s->entry));
    TRY(code_text(c, &s->clause, ROAD_TEXT_MAX));
    TRY(code_bytes16(c, &s->box));
    TRY(code_bytes32(c, &s->held));
    TRY(code_u64(c, &s->next));
    return s->answer >= HALF_GIVEN && s->answer <= HALF_SUSPENDED &&
                   (s->box.n == 0 || s->box.n == HALF_BOX)
               ? code_end(c)
               : RESULT_MALFORMED;
}

static enum result code_hold(struct codec *c, struct half_hold *h)
{
    TRY(code_text(c, &h->subject, CONTROL_SUBJECT_MAX));
    TRY(code_i64(c, &h->since_us));
    TRY(code_bytes16(c, &h->records));
    return road_items_fit(h->records) ? RESULT_OK : RESULT_MALFORMED;
}

static enum result code_make(struct codec *c, struct half_make *m)
{
    TRY(code_u64(c, &m->scope));
    TRY(code_u64(c, &m->index));
    TRY(code_raw(c, m->reader, HALF_READER));
    return code_end(c);
}

void half_tuple(uint64_t group, uint8_t out[ROAD_DIGEST])
{
    memset(out, 0, ROAD_DIGEST);
    memcpy(out, mark, sizeof mark);
    for (size_t i = 0; i < 8; i++)
        out[sizeof mark + i] = (uint8_t)(group >> (8 * (7 - i)));
}

bool half_is_tuple(const uint8_t tuple[ROAD_DIGEST])
{
    return memcmp(tuple, mark, sizeof mark) == 0;
}

/* As in road.c. */
CODEC_PAIR(half, ask)
CODEC_PAIR(half, said)
CODEC_PAIR(half, make)
CODEC_PAIR(half, hold)
