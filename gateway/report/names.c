#include "report/names.h"

#include "message/reason.h"

static const struct {
    const char *word, *text[2];
} words[] = {
#define W(word, en, ko) {word, {en, ko}},
#include "report/words.def"
#undef W
};

const struct policy *names_set_of(const struct names *n, uint64_t serial)
{
    for (size_t i = 0; i < n->sets; i++)
        if (policy_serial(n->set[i]) == serial)
            return n->set[i];
    return NULL;
}

const struct policy *names_set(const struct names *n, uint64_t serial)
{
    const struct policy *best = names_set_of(n, serial);
    if (best != NULL)
        return best;
    for (size_t i = 0; i < n->sets; i++)
        if (best == NULL || policy_serial(n->set[i]) > policy_serial(best))
            best = n->set[i];
    return best;
}

/* The kinds, fields and origins of the contract are known without a set. */
static bool needs_set(enum policy_name what)
{
    return what != POLICY_NAME_KIND && what != POLICY_NAME_FIELD && what != POLICY_NAME_ORIGIN;
}

void names_put(const struct names *n, uint64_t serial, enum policy_name what, struct bytes word,
               struct buf *out)
{
    const struct policy *p = names_set(n, serial);
    struct buf text = BUF_INIT(4096);
    if (word.n == 0)
        return;
    buf_put(&text, word.p, word.n);
    if (p == NULL && needs_set(what))
        buf_put(out, word.p, word.n);
    else
        policy_put_name(p, what, buf_c(&text), n->korean, out);
    buf_free(&text);
}

void names_put_reason(const struct names *n, struct bytes reason, struct buf *out)
{
    const struct reason_row *row = reason_row(reason_of_word(reason));
    if (row == NULL)
        buf_put(out, reason.p, reason.n);
    else
        buf_text(out, row->text[n->korean]);
}

void names_put_duties(const struct names *n, uint64_t serial, struct bytes clause, struct buf *out)
{
    const struct policy *p = names_set_of(n, serial);
    uint32_t grant = p == NULL ? POLICY_NONE : policy_clause(p, clause);
    const char *duty;
    for (size_t i = 0; grant != POLICY_NONE && (duty = policy_duty(p, grant, i)) != NULL; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : "; ", duty);
}

void names_put_word(const struct names *n, struct bytes word, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (bytes_is(word, words[i].word)) {
            buf_text(out, words[i].text[n->korean]);
            return;
        }
    }
    buf_put(out, word.p, word.n);
}
