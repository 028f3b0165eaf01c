#include "config/entries.h"

#include "base/mem.h"

#include <stdlib.h>

enum { LINE_SHOWN = 300, ARGUMENT_SHOWN = 900, LAW_SHOWN = 2000 };

static const struct message table[DIAGNOSE_COUNT] = {
#define D(name, severity, en, ko) [DIAGNOSE_##name] = {severity, {en, ko}},
#include "config/messages.def"
#undef D
};

const struct message *message_of(enum diagnose_code code)
{
    return &table[code];
}

struct diagnose *diagnose_new(void)
{
    return mem_new(sizeof(struct diagnose));
}

static void free_place(struct shown_place *p)
{
    mem_free(p->file);
    mem_free(p->line_text);
}

static void free_law(struct shown_law *law)
{
    mem_free(law->code);
    mem_free(law->file);
    for (size_t i = 0; i < LANGUAGES; i++) {
        mem_free(law->ground[i]);
        mem_free(law->text[i]);
        mem_free(law->advice[i]);
    }
}

void diagnose_free(struct diagnose *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->entries; i++) {
        struct entry *e = &d->entry[i];
        for (size_t k = 0; k < ARGUMENTS; k++)
            mem_free(e->argument[k]);
        mem_free(e->first_ko);
        free_place(&e->at);
        free_place(&e->also);
        free_law(&e->law);
        mem_free(e->nearest);
        mem_free(e->expected);
    }
    mem_free(d);
}

static char *copy(const char *text)
{
    return text == NULL ? NULL : mem_text(text, strlen(text));
}

/* A word from a file may be as long as the file. */
static char *copy_cut(const char *text, size_t most)
{
    struct bytes shown = bytes_of_text(text);
    if (shown.n <= most)
        return copy(text);
    struct buf out = BUF_INIT(most + 3);
    buf_put(&out, shown.p, bytes_text_prefix(bytes_of(shown.p, most)));
    buf_text(&out, "...");
    char *cut = copy(buf_c(&out));
    buf_free(&out);
    return cut;
}

static char *copy_argument(const char *text)
{
    return copy_cut(text, ARGUMENT_SHOWN);
}

static void copy_both(char *out[LANGUAGES], struct diagnose_both both)
{
    out[DIAGNOSE_ENGLISH] = copy_cut(both.en, LAW_SHOWN);
    out[DIAGNOSE_KOREAN] = copy_cut(both.ko, LAW_SHOWN);
}

static struct bytes line_of(struct bytes source, unsigned line)
{
    const uint8_t *p = source.p, *end = source.p + source.n;
    for (unsigned i = 1; i < line && p < end; i++) {
        const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
        p = nl == NULL ? end : nl + 1;
    }
    const uint8_t *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    end = nl == NULL ? end : nl;
    if (p < end && end[-1] == '\r')
        end--;
    return bytes_of(p, (size_t)(end - p));
}

/* A copy of the line, unless there is none or it is too long to help. */
static char *copy_line(const struct diagnose_place *w)
{
    struct bytes line = w->line == 0 ? bytes_of(NULL, 0) : line_of(w->source, w->line);
    return line.n == 0 || line.n > LINE_SHOWN ? NULL : mem_text(line.p, line.n);
}

static struct shown_place copy_place(const struct diagnose_place *where)
{
    return (struct shown_place){copy(where->file), copy_line(where), where->line, where->column,
                                where->length};
}

/* A new entry, or NULL when enough were kept. */
static struct entry *add(struct diagnose *d, enum diagnose_code code,
                         const struct diagnose_place *where)
{
    if (table[code].severity == ERROR)
        d->errors++;
    else
        d->warnings++;
    d->newest_kept = d->entries < LIMIT_DIAGNOSTICS;
    if (!d->newest_kept)
        return NULL;
    struct entry *e = &d->entry[d->entries];
    *e = (struct entry){.code = code, .at = copy_place(where), .order = d->entries};
    d->entries++;
    return e;
}

void diagnose_add(struct diagnose *d, enum diagnose_code code, const struct diagnose_place *where,
                  const char *a1, const char *a2, const char *a3)
{
    struct entry *e = add(d, code, where);
    if (e == NULL)
        return;
    e->argument[0] = copy_argument(a1);
    e->argument[1] = copy_argument(a2);
    e->argument[2] = copy_argument(a3);
}

void diagnose_add_both(struct diagnose *d, enum diagnose_code code,
                       const struct diagnose_place *where, struct diagnose_both a1, const char *a2)
{
    struct entry *e = add(d, code, where);
    if (e == NULL)
        return;
    e->argument[0] = copy_cut(a1.en, LAW_SHOWN);
    e->first_ko = copy_cut(a1.ko, LAW_SHOWN);
    e->argument[1] = copy_argument(a2);
}

static struct entry *newest(struct diagnose *d)
{
    return d->newest_kept ? &d->entry[d->entries - 1] : NULL;
}

void diagnose_hint(struct diagnose *d, const char *nearest, const char *expected)
{
    struct entry *e = newest(d);
    if (e != NULL && e->nearest == NULL)
        e->nearest = copy(nearest);
    if (e != NULL && e->expected == NULL)
        e->expected = copy(expected);
}

void diagnose_law(struct diagnose *d, const struct diagnose_law *law)
{
    struct entry *e = newest(d);
    if (e == NULL || e->law.code != NULL)
        return;
    e->law = (struct shown_law){
        .code = copy(law->code), .file = copy(law->file), .line = law->line, .status = law->status};
    copy_both(e->law.ground, law->ground);
    copy_both(e->law.text, law->text);
    if (law->advice.en != NULL)
        copy_both(e->law.advice, law->advice);
}

void diagnose_also(struct diagnose *d, const struct diagnose_place *where)
{
    struct entry *e = newest(d);
    if (e != NULL && e->also.file == NULL)
        e->also = copy_place(where);
}

size_t diagnose_errors(const struct diagnose *d)
{
    return d->errors;
}

size_t diagnose_warnings(const struct diagnose *d)
{
    return d->warnings;
}
