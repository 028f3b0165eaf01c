/* How what was collected looks: one message after the other, in file order. */
#include "config/entries.h"

#include "base/mem.h"

#include <stdlib.h>

static const char *const nouns[][LANGUAGES] = {
#define NOUN(en, ko) {en, ko},
#include "config/nouns.def"
#undef NOUN
};

const char *diagnose_noun(const char *english, enum diagnose_language language)
{
    for (size_t i = 0; language != DIAGNOSE_ENGLISH && i < ARRAY_LEN(nouns); i++)
        if (strcmp(nouns[i][DIAGNOSE_ENGLISH], english) == 0)
            return nouns[i][language];
    return english;
}

const char *diagnose_status(enum diagnose_status status)
{
    static const char *const text[] = {"read in the Act", "from commentary or a notice",
                                       "our reading, which needs counsel"};
    return text[status];
}

/* What came from a file goes to a terminal: no control characters, and nothing that is no text. */
static void put_shown(struct buf *out, const char *text)
{
    struct bytes rest = bytes_of_text(text);
    while (rest.n > 0) {
        const uint8_t *p = rest.p;
        bool valid = bytes_text_prefix(bytes_of(p, rest.n < 4 ? rest.n : 4)) > 0;
        uint32_t c = bytes_take_character(&rest);
        if (valid && ((c >= 0x20 && c < 0x7f) || c >= 0xa0 || c == '\t'))
            buf_put(out, p, (size_t)(rest.p - p));
        else
            buf_u8(out, '?');
    }
}

/* The argument of "%1", or of "%n1", which is a noun of ours. */
static const char *argument_of(const struct entry *e, char digit, bool noun,
                               enum diagnose_language language)
{
    if (digit == '1' && language == DIAGNOSE_KOREAN && e->first_ko != NULL)
        return e->first_ko;
    const char *a = e->argument[digit - '1'];
    return noun ? diagnose_noun(a, language) : a;
}

static void put_message(struct buf *out, const struct entry *e, enum diagnose_language language)
{
    const char *text = message_of(e->code)->text[language];
    for (; *text != '\0'; text++) {
        const bool noun = text[0] == '%' && text[1] == 'n';
        const char digit = text[0] == '%' ? text[noun ? 2 : 1] : '\0';
        if (digit >= '1' && digit <= '0' + ARGUMENTS) {
            put_shown(out, argument_of(e, digit, noun, language));
            text += noun ? 2 : 1;
        } else {
            buf_u8(out, (uint8_t)*text);
        }
    }
}

/* How many columns of a terminal a character takes (Unicode's East Asian Width, W and F). */
static unsigned width_of(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {{0x1100, 0x115f},  {0x2e80, 0x303e}, {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},
                {0xa960, 0xa97c},  {0xac00, 0xd7a3}, {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff},
                {0x20000, 0x3fffd}};
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (c >= wide[i].first && c <= wide[i].last)
            return 2;
    return 1;
}

/* The line, and below it marks under the word. */
static void put_source(struct buf *out, const struct shown_place *at)
{
    struct bytes rest = bytes_of_text(at->line_text);
    if (rest.n == 0)
        return;
    buf_printf(out, "%5u | ", at->line);
    put_shown(out, at->line_text);
    buf_text(out, "\n      | ");
    for (unsigned column = 1; column < at->column && rest.n > 0; column++) {
        uint32_t c = bytes_take_character(&rest);
        buf_text(out, c == '\t' ? "\t" : width_of(c) == 2 ? "  " : " ");
    }
    buf_u8(out, '^');
    for (unsigned i = 0; i < at->length && rest.n > 0; i++) {
        unsigned width = width_of(bytes_take_character(&rest));
        buf_text(out, i == 0 ? (width == 2 ? "~" : "") : (width == 2 ? "~~" : "~"));
    }
    buf_u8(out, '\n');
}

static void put_place(struct buf *out, const struct shown_place *at)
{
    put_shown(out, at->file);
    if (at->line != 0)
        buf_printf(out, ":%u:%u", at->line, at->column);
}

/* What the law says, in its own words, and where the catalogue has it. */
static void put_law(struct buf *out, const struct shown_law *law, enum diagnose_language language)
{
    static const char *const says[LANGUAGES] = {"the law: ", "법령: "};
    static const char *const to_do[LANGUAGES] = {"what to do: ", "할 일: "};
    buf_printf(out, "      = %s", says[language]);
    put_shown(out, law->ground[language]);
    buf_text(out, ": \"");
    put_shown(out, law->text[language]);
    buf_printf(out, "\" (%s, %s:%u, %s)\n", law->code, law->file, law->line,
               diagnose_noun(diagnose_status(law->status), language));
    if (law->advice[language] == NULL)
        return;
    buf_printf(out, "      = %s", to_do[language]);
    put_shown(out, law->advice[language]);
    buf_u8(out, '\n');
}

static void put_help(struct buf *out, const struct entry *e, enum diagnose_language language)
{
    static const char *const meant[LANGUAGES] = {"did you mean '", "혹시 '"};
    static const char *const meant_end[LANGUAGES] = {"'?\n", "'입니까?\n"};
    static const char *const valid[LANGUAGES] = {"valid here: ", "쓸 수 있는 값: "};
    static const char *const also[LANGUAGES] = {"the other one is here: ", "다른 하나: "};
    if (e->nearest != NULL)
        buf_printf(out, "      = %s%s%s", meant[language], e->nearest, meant_end[language]);
    if (e->expected != NULL && e->expected[0] != '\0')
        buf_printf(out, "      = %s%s\n", valid[language], e->expected);
    if (e->also.file != NULL) {
        buf_printf(out, "      = %s", also[language]);
        put_place(out, &e->also);
        buf_u8(out, '\n');
        put_source(out, &e->also);
    }
    if (e->law.code != NULL)
        put_law(out, &e->law, language);
}

static void put_entry(struct buf *out, const struct entry *e, enum diagnose_language language)
{
    static const char *const severity[2][2] = {{"error", "warning"}, {"오류", "경고"}};
    put_place(out, &e->at);
    buf_printf(out, ": %s: ", severity[language][message_of(e->code)->severity]);
    put_message(out, e, language);
    buf_u8(out, '\n');
    put_source(out, &e->at);
    put_help(out, e, language);
}

static int by_place(const void *a, const void *b)
{
    const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
    int order = strcmp(x->at.file, y->at.file);
    if (order != 0)
        return order;
    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    if (x->at.column != y->at.column)
        return x->at.column < y->at.column ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void put_counts(struct buf *out, const struct diagnose *d, enum diagnose_language language)
{
    const size_t all = d->errors + d->warnings;
    if (language == DIAGNOSE_KOREAN)
        buf_printf(out, "오류 %zu건, 경고 %zu건", d->errors, d->warnings);
    else
        buf_printf(out, "%zu error%s, %zu warning%s", d->errors, plural(d->errors), d->warnings,
                   plural(d->warnings));
    if (all > d->entries)
        buf_printf(out,
                   language == DIAGNOSE_KOREAN ? " (처음 %zu건만 표시)"
                                               : " (the first %zu are shown)",
                   d->entries);
    buf_u8(out, '\n');
}

void diagnose_print(const struct diagnose *d, enum diagnose_language language, struct buf *out)
{
    const struct entry *sorted[LIMIT_DIAGNOSTICS];
    for (size_t i = 0; i < d->entries; i++)
        sorted[i] = &d->entry[i];
    if (d->entries > 0)
        qsort(sorted, d->entries, sizeof sorted[0], by_place);
    for (size_t i = 0; i < d->entries; i++)
        put_entry(out, sorted[i], language);
    if (d->entries > 0)
        put_counts(out, d, language);
}
