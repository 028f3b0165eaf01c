#include "ipc/log_road.h"

#include "base/ident.h"
#include "ipc/codec.h"

static enum result code_ask(struct codec *c, struct log_ask *a)
{
    TRY(code_u64(c, &a->ticket));
    TRY(code_u8(c, &a->what));
    TRY(code_text(c, &a->unit, IDENT_UNIT_MAX));
    TRY(code_u64(c, &a->index));
    TRY(code_bytes32(c, &a->text));
    return a->ticket != 0 && a->what >= LOG_CHECKPOINT && a->what <= LOG_COSIGN &&
                   ident_split_unit(a->unit, NULL, NULL) && a->text.n <= LOG_NOTE_MAX
               ? code_end(c)
               : RESULT_MALFORMED;
}

static enum result code_said(struct codec *c, struct log_said *s)
{
    TRY(code_u64(c, &s->ticket));
    TRY(code_u8(c, &s->answer));
    TRY(code_bytes32(c, &s->text));
    TRY(code_bytes32(c, &s->entry));
    return s->answer >= LOG_HERE && s->answer <= LOG_LATER && s->text.n <= LOG_TEXT_MAX &&
                   s->entry.n <= LOG_ENTRY_MAX
               ? code_end(c)
               : RESULT_MALFORMED;
}

/* As in road.c. */
CODEC_PAIR(log, ask)
CODEC_PAIR(log, said)
