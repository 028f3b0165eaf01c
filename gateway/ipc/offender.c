#include "ipc/offender.h"

#include "base/ident.h"
#include "ipc/codec.h"

static const struct {
    const char *word, *meaning[2];
} offences[] = {
#define O(NAME, number, word, en, ko) [number] = {word, {en, ko}},
#include "ipc/offences.def"
#undef O
};

const char *offence_word(unsigned offence)
{
    return offence < ARRAY_LEN(offences) ? offences[offence].word : NULL;
}

const char *offence_meaning(const char *word, bool korean)
{
    for (size_t i = 0; i < ARRAY_LEN(offences); i++)
        if (offences[i].word != NULL && strcmp(offences[i].word, word) == 0)
            return offences[i].meaning[korean];
    return NULL;
}

static enum result code_offender(struct codec *c, struct road_offender *o)
{
    TRY(code_text(c, &o->unit, IDENT_UNIT_MAX));
    TRY(code_u8(c, &o->offence));
    return offence_word(o->offence) != NULL ? code_end(c) : RESULT_MALFORMED;
}

CODEC_PAIR(road, offender)
