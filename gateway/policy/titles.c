#include "policy/titles.h"

static const struct title {
    enum title_class class;
    const char *word, *text[2];
} titles[] = {
#define T(CLASS, word, en, ko) {TITLE_##CLASS, word, {en, ko}},
#include "policy/titles.def"
#undef T
};

static const char *own_title(unsigned class, struct bytes word, bool korean)
{
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        if (titles[i].class == class && bytes_is(word, titles[i].word))
            return titles[i].text[korean];
    return NULL;
}

size_t policy_title_words(unsigned class, const char **words, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(titles) && n < most; i++)
        if (titles[i].class == class)
            words[n++] = titles[i].word;
    return n;
}

static const char *word_title(const struct policy *p, enum word_class class, struct bytes word,
                              bool korean)
{
    uint16_t i = policy_word(p, class, word);
    if (i == NO_WORD)
        return NULL;
    const struct row_word *row = &p->words[p->header->word_first[class] + i];
    return policy_text(p, korean ? row->ko : row->en);
}

static const char *basis_title(const struct policy *p, struct bytes code, bool korean)
{
    uint16_t i = policy_basis(p, code);
    if (i == NO_WORD)
        return NULL;
    return policy_text(p, korean ? p->bases[i].title_ko : p->bases[i].title_en);
}

static const char *party_title(const struct policy *p, struct bytes name, bool korean)
{
    for (size_t i = 0; i < p->parties_count; i++)
        if (bytes_is(name, policy_text(p, p->parties[i].name)))
            return policy_text(p, korean ? p->parties[i].title_ko : p->parties[i].title_en);
    return NULL;
}

const char *policy_title(const struct policy *p, unsigned class, struct bytes word, bool korean)
{
    if (class == TITLE_BASIS)
        return basis_title(p, word, korean);
    if (class == TITLE_PARTY)
        return party_title(p, word, korean);
    if (class >= TITLE_WORD_FIRST)
        return word_title(p, (enum word_class)(class - TITLE_WORD_FIRST), word, korean);
    return own_title(class, word, korean);
}

void policy_put_unit(const struct policy *p, struct bytes unit, bool korean, struct buf *out)
{
    uint32_t i = policy_unit(p, unit);
    if (i == POLICY_NONE) {
        buf_put(out, unit.p, unit.n);
        return;
    }
    if (i == p->header->self) {
        buf_text(out, korean ? "게이트웨이" : "the gateway itself");
        return;
    }
    const struct row_unit *u = &p->units[i];
    const struct row_party *party = &p->parties[u->party];
    buf_printf(out, korean ? "%s %s" : "%s (%s)",
               policy_text(p, korean ? party->title_ko : party->title_en),
               policy_text(p, korean ? u->title_ko : u->title_en));
}
