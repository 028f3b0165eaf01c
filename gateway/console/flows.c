#include "console/flows.h"

struct reading {
    struct flows *out;
    struct bytes party;
    bool refused;
};

/* The number of a name in a list of fixed places; `most` when it does not fit. */
static size_t number_of(char *list, size_t place, size_t *count, size_t most, struct bytes name)
{
    for (size_t i = 0; i < *count; i++)
        if (bytes_is(name, list + i * place))
            return i;
    if (*count == most || name.n >= place)
        return most;
    if (name.n > 0)
        memcpy(list + *count * place, name.p, name.n);
    list[*count * place + name.n] = '\0';
    return (*count)++;
}

static void add(void *arg, const struct search_tally *t)
{
    struct reading *r = arg;
    struct flows *f = r->out;
    if (r->party.n > 0 && !bytes_equal(t->value, r->party) && !bytes_equal(t->second, r->party))
        return;
    struct flow one = {
        .from =
            number_of(f->party[0], sizeof f->party[0], &f->parties, FLOWS_PARTIES_MAX, t->value),
        .to = number_of(f->party[0], sizeof f->party[0], &f->parties, FLOWS_PARTIES_MAX, t->second),
        .service = number_of(f->service[0], sizeof f->service[0], &f->services, FLOWS_SERVICES_MAX,
                             t->third),
        .refused = r->refused,
        .count = t->count,
        .bytes = t->bytes,
        .last = t->last};
    if (f->flows == FLOWS_MAX || one.from == FLOWS_PARTIES_MAX || one.to == FLOWS_PARTIES_MAX ||
        one.service == FLOWS_SERVICES_MAX)
        f->left_out++;
    else
        f->flow[f->flows++] = one;
}

enum result flows_read(struct search *s, int64_t from_us, int64_t until_us, struct bytes party,
                       struct flows *out)
{
    struct reading r = {.out = out, .party = party};
    out->parties = out->services = out->flows = out->left_out = 0;
    TRY(search_count(s, SEARCH_COUNT_FLOW, from_us, until_us, add, &r));
    r.refused = true;
    return search_count(s, SEARCH_COUNT_FLOW_REFUSED, from_us, until_us, add, &r);
}
