/*
 * What is wrong in a file that a person wrote: where, the line with the word underlined, what was
 * expected, the nearest valid word. All errors of one run are collected, up to a bound, and printed
 * in file order. Texts stand in messages.def and nouns.def, in English and Korean.
 */
#ifndef FEDGATE_CONFIG_DIAGNOSE_H
#define FEDGATE_CONFIG_DIAGNOSE_H

#include "base/buf.h"

enum diagnose_code {
#define D(name, severity, en, ko) DIAGNOSE_##name,
#include "config/messages.def"
#undef D
    DIAGNOSE_COUNT
};

enum diagnose_language { DIAGNOSE_ENGLISH, DIAGNOSE_KOREAN };

struct diagnose;

/* Where a text stands: line and column count from 1; line 0 means the whole file. */
struct diagnose_place {
    const char *file;              /* lives as long as the collection */
    struct bytes source;           /* the file's text, for showing the line; may be empty */
    unsigned line, column, length; /* column and length count characters */
};

struct diagnose *diagnose_new(void);
void diagnose_free(struct diagnose *d);

/* Adds one; arguments may be NULL from the first unused on. Everything is copied; arguments of more
 * than 900 bytes are cut. Past LIMIT_DIAGNOSTICS only the count grows. */
void diagnose_add(struct diagnose *d, enum diagnose_code code, const struct diagnose_place *where,
                  const char *a1, const char *a2, const char *a3);

/* A text of ours in both languages. */
struct diagnose_both {
    const char *en, *ko;
};

/* The same with one argument in both languages, for texts that a catalogue holds. */
void diagnose_add_both(struct diagnose *d, enum diagnose_code code,
                       const struct diagnose_place *where, struct diagnose_both a1, const char *a2);

/* How well a statement of law is known; diagnose_status has the words, which are nouns. */
enum diagnose_status { DIAGNOSE_TEXT, DIAGNOSE_SECONDARY, DIAGNOSE_INFERENCE };
const char *diagnose_status(enum diagnose_status status);

/* What a law says: an entry of the legal catalogue. */
struct diagnose_law {
    const char *code, *file; /* where the entry stands */
    unsigned line;
    enum diagnose_status status;
    struct diagnose_both ground, text, advice; /* advice.en NULL: none */
};

/* Adds to the newest the law that it rests on; another place that has to do with it, shown with its
 * line. One of each is kept, and copied. */
void diagnose_law(struct diagnose *d, const struct diagnose_law *law);
void diagnose_also(struct diagnose *d, const struct diagnose_place *where);

/* The Korean of a noun of ours (nouns.def), or the same text where it is none. */
const char *diagnose_noun(const char *english, enum diagnose_language language);

/* Adds help to the newest: "did you mean 'x'?" and the valid words, where there are any (NULL and
 * empty views are left out). */
void diagnose_hint(struct diagnose *d, const char *nearest, const char *expected);

size_t diagnose_errors(const struct diagnose *d);
size_t diagnose_warnings(const struct diagnose *d);

/* Appends all of them as text, then one line with the counts when there are any; past the limit it
 * says how many were shown. Control characters are replaced by '?'. */
void diagnose_print(const struct diagnose *d, enum diagnose_language language, struct buf *out);

#endif
