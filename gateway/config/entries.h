/* What was collected, for printing. Inside config/ only. */
#ifndef FEDGATE_CONFIG_ENTRIES_H
#define FEDGATE_CONFIG_ENTRIES_H

#include "config/diagnose.h"

#include "base/limits.h"

enum { ARGUMENTS = 3, LANGUAGES = 2 };
enum severity { ERROR, WARNING };

/* A place, with its line unless it is too long to help. */
struct shown_place {
    char *file, *line_text; /* line_text NULL: not shown */
    unsigned line, column, length;
};

/* An entry of the legal catalogue; code NULL: none. */
struct shown_law {
    char *code, *file;
    unsigned line;
    enum diagnose_status status;
    char *ground[LANGUAGES], *text[LANGUAGES], *advice[LANGUAGES]; /* advice NULL: none */
};

struct entry {
    enum diagnose_code code;
    struct shown_place at, also;          /* also.file NULL: none */
    char *argument[ARGUMENTS], *first_ko; /* the first one in Korean, or NULL */
    char *nearest, *expected;
    struct shown_law law;
    size_t order;
};

struct diagnose {
    struct entry entry[LIMIT_DIAGNOSTICS];
    size_t entries, errors, warnings;
    bool newest_kept; /* false past the limit: help for it is left out too */
};

/* The rows of messages.def. */
struct message {
    enum severity severity;
    const char *text[LANGUAGES];
};
const struct message *message_of(enum diagnose_code code);

#endif
