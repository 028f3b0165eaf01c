/* Receipts of destruction: whose key signs them, and what a clause lets a recipient retain. */
#include "policy/policy.h"
#include "policy/snapshot.h"

bool policy_receipt_key(const struct policy *p, struct bytes unit, struct minisign_public *out)
{
    for (size_t i = 0; i < p->signers_count; i++) {
        const struct row_signer *s = &p->signers[i];
        if (s->role != SIGNER_RECEIPTS || !s->has_key || !bytes_is(unit, policy_text(p, s->name)))
            continue;
        memcpy(out->id, s->id, sizeof out->id);
        memcpy(out->key, s->key, sizeof out->key);
        return true;
    }
    return false;
}

bool policy_may_keep(const struct policy *p, uint32_t grant, struct bytes act)
{
    const uint16_t basis = policy_basis(p, act);
    return grant != POLICY_NONE && basis != NO_WORD && has_bit(p->duties[grant].keep_bases, basis);
}

const char *policy_keep_role(const struct policy *p, uint32_t grant)
{
    const uint8_t role = grant == POLICY_NONE ? NO_ROLE : p->duties[grant].keep_role;
    return role == NO_ROLE ? "" : policy_officer_role(role);
}

static const char *word(const struct policy *p, enum word_class list, uint16_t number)
{
    return policy_text(p, p->words[p->header->word_first[list] + number].name);
}

void policy_grant_words(const struct policy *p, uint32_t grant, struct policy_words *out)
{
    const struct row_grant *g = &p->grants[grant];
    *out = (struct policy_words){.service = word(p, WORD_SERVICE, g->service),
                                 .purpose = word(p, WORD_PURPOSE, g->purpose),
                                 .basis = ""};
    for (uint16_t i = 0; i < p->bases_count; i++)
        if (out->basis[0] == '\0' && has_bit(g->bases, i))
            out->basis = policy_text(p, p->bases[i].code);
}
