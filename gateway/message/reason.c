#include "message/reason.h"

#include "base/attr.h"

static const struct reason_row rows[] = {
#define X(name, word, number, urgent, retry, en, ko, advice_en, advice_ko)                         \
    {(number),                                                                                     \
     #name,                                                                                        \
     word,                                                                                         \
     REASON_URGENT_##urgent,                                                                       \
     REASON_RETRY_##retry,                                                                         \
     {en, ko},                                                                                     \
     {advice_en, advice_ko}},
#include "message/reasons.def"
#undef X
};

const struct reason_row *reason_row(enum reason r)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].reason == r)
            return &rows[i];
    return NULL;
}

const char *reason_word(enum reason r)
{
    const struct reason_row *row = reason_row(r);
    return row == NULL ? "unknown" : row->word;
}

enum reason reason_of_word(struct bytes word)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (bytes_is(word, rows[i].word))
            return rows[i].reason;
    return REASON_NONE;
}

const struct reason_row *reason_at(size_t i)
{
    return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}
