/* A party's roots, which are in the set, and its revocation lists, which are beside it. */
#include "cli/party.h"

#include <string.h>

bool party_root(const struct policy *p, const char *party, size_t nth, struct bytes *der)
{
    bool is_crl;
    for (size_t i = 0; policy_certificate(p, i, &is_crl, der); i++)
        if (!is_crl && strcmp(policy_certificate_party(p, i), party) == 0 && nth-- == 0)
            return true;
    *der = bytes_of(NULL, 0);
    return false;
}

static bool is_by_a_root(const struct policy *p, const char *party, struct bytes list,
                         struct crl_facts *out)
{
    struct bytes root;
    bool by_root = false;
    for (size_t i = 0; party_root(p, party, i, &root) && !by_root; i++)
        by_root = crl_facts(list, root, out) == RESULT_OK && out->by_root;
    return by_root || crl_facts(list, root, out) == RESULT_OK;
}

/* The one that ends first tells how long they count. */
bool party_lists(const struct policy *p, const char *party, struct bytes pem, struct crl_facts *out)
{
    struct buf der = BUF_INIT(PARTY_CRL_MAX);
    struct crl_facts one;
    size_t count = 0;
    *out = (struct crl_facts){.begins_us = INT64_MIN, .ends_us = INT64_MAX};
    while (certificate_crl_next_of_pem(&pem, &der) == RESULT_OK &&
           is_by_a_root(p, party, buf_view(&der), &one)) {
        out->begins_us = one.begins_us > out->begins_us ? one.begins_us : out->begins_us;
        out->ends_us = one.ends_us < out->ends_us ? one.ends_us : out->ends_us;
        out->revoked += one.revoked;
        out->by_root |= one.by_root;
        buf_clear(&der);
        count++;
    }
    buf_free(&der);
    return count > 0;
}
