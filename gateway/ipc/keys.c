#include "ipc/keys.h"

#include "ipc/codec.h"

static enum result code_scope(struct codec *c, struct keys_scope *s)
{
    TRY(code_u64(c, &s->id));
    TRY(code_raw(c, s->key, ROAD_KEY));
    TRY(code_u64(c, &s->generation));
    return code_raw(c, s->wrapped, ROAD_WRAPPED);
}

static enum result code_ledger(struct codec *c, struct keys_ledger *k)
{
    TRY(code_raw(c, k->mac_key, ROAD_KEY));
    TRY(code_u64(c, &k->generation));
    return code_raw(c, k->log_public_key, ROAD_KEY);
}

static enum result code_slot(struct codec *c, struct keys_slot *s)
{
    TRY(code_u64(c, &s->id));
    TRY(code_raw(c, s->tuple, ROAD_DIGEST));
    TRY(code_u64(c, &s->generation));
    TRY(code_raw(c, s->wrapped, ROAD_WRAPPED));
    return s->id != 0 ? RESULT_OK : RESULT_MALFORMED;
}

static enum result code_checkpoint(struct codec *c, struct keys_checkpoint *k)
{
    TRY(code_u64(c, &k->size));
    return code_raw(c, k->root, ROAD_DIGEST);
}

CODEC_PAIR(keys, scope)
CODEC_PAIR(keys, ledger)
CODEC_PAIR(keys, slot)
CODEC_PAIR(keys, checkpoint)
