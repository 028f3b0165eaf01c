/* One clause of a memorandum in its sentences. */
#include "policy/show.h"
#include "policy/tools.h"

static bool is_clause(const struct show_line *l, const char *name)
{
    return l->style == SHOW_ARTICLE && l->name != NULL && strcmp(l->name, name) == 0;
}

/* From its article to the next one, or the next chapter. */
static enum result say_clause(const struct show *s, const char *name,
                              void (*each)(void *arg, const struct policy_sentence *sentence),
                              void *arg)
{
    size_t i = 0;
    while (i < s->count && !is_clause(&s->line[i], name))
        i++;
    if (i == s->count)
        return RESULT_NOT_FOUND;
    do {
        const struct show_line *l = &s->line[i++];
        const struct policy_sentence sentence = {.line = l->line,
                                                 .depth = (unsigned)(l->style - SHOW_ARTICLE),
                                                 .mark = l->mark,
                                                 .text = l->text};
        each(arg, &sentence);
    } while (i < s->count && s->line[i].style > SHOW_ARTICLE);
    return RESULT_OK;
}

enum result policy_show_clause(const struct policy *p, const char *file, struct bytes text,
                               const char *name, bool korean,
                               void (*each)(void *arg, const struct policy_sentence *sentence),
                               void *arg)
{
    struct diagnose *d = diagnose_new();
    struct document *doc = document_read(text, file, d);
    enum result r = RESULT_MALFORMED;
    if (doc != NULL && show_is_memorandum(document_root(doc))) {
        struct show *s = show_new(p, korean);
        show_memorandum(s, document_root(doc));
        r = say_clause(s, name, each, arg);
        show_free(s);
    }
    document_free(doc);
    diagnose_free(d);
    return r;
}
