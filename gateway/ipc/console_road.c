#include "ipc/console_road.h"

#include "base/ident.h"
#include "ipc/codec.h"

static enum result code_ask(struct codec *c, struct console_ask *a)
{
    TRY(code_u64(c, &a->ticket));
    TRY(code_bytes16(c, &a->unit));
    TRY(code_bytes32(c, &a->request));
    if (a->ticket == 0 || a->unit.n > IDENT_UNIT_MAX || a->request.n > CONTROL_REQUEST_MAX)
        return RESULT_MALFORMED;
    return code_end(c);
}

static enum result code_said(struct codec *c, struct console_said *s)
{
    TRY(code_u64(c, &s->ticket));
    TRY(code_bytes32(c, &s->answer));
    return s->ticket != 0 && s->answer.n <= CONTROL_ANSWER_MAX ? code_end(c) : RESULT_MALFORMED;
}

/* Texts are the ledger's to judge: who wrote too much hears that, and no page is lost with him. */
static enum result code_view(struct codec *c, struct console_view *v)
{
    struct bytes *const text[] = {&v->unit, &v->page, &v->form, &v->reason};
    TRY(code_u64(c, &v->ticket));
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        TRY(code_bytes16(c, text[i]));
    TRY(code_bool(c, &v->has_record));
    TRY(code_u64(c, &v->record));
    TRY(code_u64(c, &v->from));
    TRY(code_u64(c, &v->to));
    TRY(code_raw(c, v->certificate, CONSOLE_FINGERPRINT));
    return v->ticket != 0 ? code_end(c) : RESULT_MALFORMED;
}

static enum result code_viewed(struct codec *c, struct console_viewed *v)
{
    TRY(code_u64(c, &v->ticket));
    TRY(code_u8(c, &v->code));
    TRY(code_u64(c, &v->index));
    return v->ticket != 0 && v->code < CONTROL_CODES ? code_end(c) : RESULT_MALFORMED;
}

/* As in road.c. */
CODEC_PAIR(console, ask)
CODEC_PAIR(console, said)
CODEC_PAIR(console, view)
CODEC_PAIR(console, viewed)

/* ---- words */

static const char *const pages[] = {
#define PAGE(word) word,
#define FORM(word)
#include "ipc/console_pages.def"
};

static const char *const forms[] = {
#define PAGE(word)
#define FORM(word) word,
#include "ipc/console_pages.def"
};

static bool is_among(const char *const *words, size_t count, struct bytes word)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_is(word, words[i]))
            return true;
    return false;
}

bool console_is_page(struct bytes word)
{
    return is_among(pages, ARRAY_LEN(pages), word);
}

bool console_is_form(struct bytes word)
{
    return is_among(forms, ARRAY_LEN(forms), word);
}
