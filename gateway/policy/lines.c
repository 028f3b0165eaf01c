/* Lines of questions, and the grants that answer them. */
#include "policy/checks.h"

static bool has_purpose(const struct policy *p, const struct row_grant *g, const char *purpose,
                        bool joined)
{
    const uint16_t word = policy_word(p, WORD_PURPOSE, bytes_of_text(purpose));
    return word != NO_WORD && (g->purpose == word || (joined && has_bit(g->joins, word)));
}

static bool answers(const struct policy *p, const struct row_grant *g, const struct line_of *line)
{
    return g->service == policy_word(p, WORD_SERVICE, bytes_of_text(line->service)) &&
           has_purpose(p, g, line->purpose, true) &&
           (line->manner != MANNER_WATCH || has_purpose(p, g, line->watcher_purpose, false));
}

bool line_grants_find(struct line_grants *g, struct space *s, unsigned side)
{
    const struct policy *p = s->u->p[side];
    *g = (struct line_grants){.s = s, .side = side};
    if (p == NULL || s->from[side] == POLICY_NONE || s->to[side] == POLICY_NONE)
        return true;
    const struct row_slot *slot =
        policy_slot(p, slot_key(s->line.kind, s->from[side], s->to[side]));
    for (uint32_t i = 0; slot != NULL && i < slot->count; i++) {
        const uint32_t grant = slot_numbers(p, slot)[i];
        if (!answers(p, &p->grants[grant], &s->line))
            continue;
        if (g->count == LINE_GRANTS_MAX)
            return false;
        g->grant[g->count++] = grant;
    }
    return true;
}

void line_grants_free(struct line_grants *g)
{
    for (size_t i = 0; i < g->count; i++)
        region_free(&g->holds[i]);
}

/* ---- lines */

static const char *word_of(const struct policy *p, enum word_class class, uint16_t word)
{
    return policy_text(p, p->words[p->header->word_first[class] + word].name);
}

/* Whether the grant answers for a sender with this purpose. */
static bool takes(const struct row_grant *g, uint16_t purpose)
{
    return g->purpose == purpose || has_bit(g->joins, purpose);
}

static bool same_line(const struct row_grant *g, const struct row_grant *other, uint16_t purpose,
                      bool offers)
{
    return g->service == other->service && takes(other, purpose) &&
           (offers || g->purpose == other->purpose);
}

/* A line is told of by the first of its grants. */
static bool is_first(const struct policy *p, const struct row_slot *slot, uint32_t i,
                     uint16_t purpose, bool offers)
{
    const struct row_grant *g = &p->grants[slot_numbers(p, slot)[i]];
    for (uint32_t k = 0; k < i; k++)
        if (same_line(g, &p->grants[slot_numbers(p, slot)[k]], purpose, offers))
            return false;
    return true;
}

void lines_of_slot(const struct policy *p, const struct row_slot *slot, bool offers, line_fn *each,
                   void *arg)
{
    for (uint32_t i = 0; i < slot->count; i++) {
        const struct row_grant *g = &p->grants[slot_numbers(p, slot)[i]];
        struct line_of line = {.kind = (enum kind_id)g->kind,
                               .manner = g->kind != KIND_VIDEO ? MANNER_MESSAGE
                                         : offers              ? MANNER_OFFER
                                                               : MANNER_WATCH,
                               .from = policy_unit_name(p, g->from),
                               .to = policy_unit_name(p, slot_to(slot)),
                               .service = word_of(p, WORD_SERVICE, g->service),
                               .watcher_purpose = word_of(p, WORD_PURPOSE, g->purpose)};
        for (uint16_t w = 0; w < p->header->words_in[WORD_PURPOSE]; w++) {
            if (!takes(g, w) || !is_first(p, slot, i, w, offers))
                continue;
            line.purpose = word_of(p, WORD_PURPOSE, w);
            each(&line, arg);
        }
    }
}

bool grant_is_narrower(const struct policy *p, uint32_t a, uint32_t b)
{
    while (a > b && a != ROW_NONE)
        a = p->grants[a].narrower_than;
    return a == b;
}
