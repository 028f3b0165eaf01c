/* What a party is, and what law asks of a basis: for those who read records. */
#include "policy/policy.h"
#include "policy/snapshot.h"

static const char *const roles[ROLE_COUNT] = {
#define ROLE(NAME, word) [ROLE_##NAME] = word,
#include "policy/party_roles.def"
#undef ROLE
};

static const struct row_party *party(const struct policy *p, struct bytes name)
{
    for (size_t i = 0; i < p->parties_count; i++)
        if (bytes_is(name, policy_text(p, p->parties[i].name)))
            return &p->parties[i];
    return NULL;
}

size_t policy_parties(const struct policy *p)
{
    return p->parties_count;
}

const char *policy_party_name(const struct policy *p, size_t party)
{
    return policy_text(p, p->parties[party].name);
}

size_t policy_party_units(const struct policy *p, size_t party)
{
    size_t count = 0;
    for (size_t i = 0; i < p->units_count; i++)
        count += p->units[i].party == party;
    return count;
}

bool policy_party_has_role(const struct policy *p, struct bytes name, const char *role)
{
    const struct row_party *x = party(p, name);
    for (unsigned i = 0; x != NULL && i < ROLE_COUNT; i++)
        if (strcmp(roles[i], role) == 0)
            return (x->roles >> i & 1) != 0;
    return false;
}

bool policy_party_is_public(const struct policy *p, struct bytes name)
{
    const struct row_party *x = party(p, name);
    return x != NULL && x->public_institution != 0;
}

bool policy_basis_publishes(const struct policy *p, struct bytes basis)
{
    uint16_t i = policy_basis(p, basis);
    return i != NO_WORD && p->bases[i].publish != 0;
}
