#include "console/access.h"

#include "base/ident.h"

bool access_is_of(struct bytes unit, struct bytes party)
{
    struct bytes its;
    return ident_split_unit(unit, &its, NULL) && bytes_equal(its, party);
}

struct bytes access_party(const struct visitor *v)
{
    struct bytes party;
    return v->reads_all || !ident_split_unit(v->unit, &party, NULL) ? bytes_of(NULL, 0) : party;
}

bool access_may_read(const struct visitor *v, const struct leaf *leaf)
{
    struct bytes party;
    if (v->role != POLICY_CONSOLE_AUDITOR && v->role != POLICY_CONSOLE_OFFICER)
        return false;
    if (v->reads_all)
        return true;
    if (!ident_split_unit(v->unit, &party, NULL))
        return false;
    bool own = access_is_of(leaf->source, party);
    for (size_t i = 0; !own && i < leaf->recipients; i++)
        own = access_is_of(leaf->recipient[i].unit, party);
    return own;
}
