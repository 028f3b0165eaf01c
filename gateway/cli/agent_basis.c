/* A legal basis from the words of a command line. */
#include "cli/agent_message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <string.h>

static char *text(struct arena *a, const char *from, size_t n)
{
    char *to = arena_take(a, n + 1); /* zeroed */
    if (to != NULL && n > 0)
        memcpy(to, from, n);
    return to;
}

static Fedgate__V1__Evidence *evidence_of(struct arena *a, const char *word)
{
    const char *equals = strchr(word, '=');
    if (equals == NULL || equals == word || equals[1] == '\0') {
        cli_error("--evidence is KIND=VALUE, such as case_number=2026-1102");
        return NULL;
    }
    Fedgate__V1__Evidence *e = arena_take(a, sizeof *e);
    if (e == NULL)
        return NULL;
    fedgate__v1__evidence__init(e);
    e->kind = text(a, word, (size_t)(equals - word));
    e->value = text(a, equals + 1, strlen(equals + 1));
    return e->kind == NULL || e->value == NULL ? NULL : e;
}

Fedgate__V1__LegalBasis *agent_basis(struct arena *a, const char *code,
                                     const struct agent_list *evidence)
{
    Fedgate__V1__LegalBasis *b = arena_take(a, sizeof *b);
    Fedgate__V1__Evidence **list = arena_take(a, AGENT_LIST_MAX * sizeof *list);
    if (b == NULL || list == NULL)
        return NULL;
    fedgate__v1__legal_basis__init(b);
    b->code = text(a, code, strlen(code));
    b->evidence = list;
    for (size_t i = 0; i < evidence->count; i++) {
        list[i] = evidence_of(a, evidence->item[i]);
        if (list[i] == NULL)
            return NULL;
        b->n_evidence++;
    }
    return b->code == NULL ? NULL : b;
}
